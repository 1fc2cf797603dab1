"""`python -m bot.locales`: brings the catalogs up to date with the code and lists what lacks a translation."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console

from bot.locales.extraction import scan, update


def main() -> int:
    """Exit status 1 while a string lacks a translation or cannot be read from the code."""
    console = Console()
    root = Path(__file__).parents[2]
    missing = update(root)
    computed = scan(root)[1]
    for call in computed:
        console.print(f"{call.file}:{call.line}: {call.marker}() needs a literal string", markup=False, highlight=False)
    for language, texts in missing.items():
        console.print(f"{language}: {len(texts)} without a translation", highlight=False)
        for text in texts:
            console.print(f"  {text}", markup=False, highlight=False)
    return 1 if computed or any(missing.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
