"""`marketbot doctor`: what is wrong with an installation."""

from __future__ import annotations

import typer

from bot.cli.ground import parts_of, quiet


def doctor(context: typer.Context) -> None:
    """Checks settings, data, fonts and connections: what is wrong, and the mend.

    Exits with 1 where something is broken (✗); what merely could be better (!) leaves it at 0.
    """
    from bot.doctor import examine

    marks = {"ok": "✓", "warning": "!", "error": "✗"}
    broken = False
    parts = parts_of(context)
    quiet(parts)
    for finding in examine(parts):
        typer.echo(f"{marks[finding.level]} {finding.what}")
        if finding.mend:
            typer.echo(f"    {finding.mend}")
        broken |= finding.level == "error"
    raise typer.Exit(int(broken))
