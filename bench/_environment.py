"""Environments of their own, for peers whose dependencies do not go with the product's."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench._retail import ROOT


def environment(name: str, packages: Sequence[str], *, torch: bool = False) -> Path | None:
    """The Python that has the packages, made once under the temporary folder; None where they cannot be installed."""
    folder = Path(tempfile.gettempdir()) / "marketbot-bench" / name
    python = folder / "bin" / "python"
    if (folder / "ready").exists():
        return python
    print(f"making an environment for {name} …", flush=True)
    uv = str(Path(sys.executable).with_name("uv"))
    commands = [[uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)]]
    if torch:
        commands.append(["sh", str(ROOT / ".ci" / "install-torch"), uv, str(python)])
    commands.append([uv, "pip", "install", "--quiet", "--python", str(python), *packages])
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
        if done.returncode:
            print(f"{name} are left out: {done.stderr.strip().splitlines()[-1]}", flush=True)
            return None
    (folder / "ready").touch()
    return python
