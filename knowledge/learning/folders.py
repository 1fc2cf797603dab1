"""Which files there are to learn: a folder and those inside it, without what is hidden or leads out of it."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.keys import Places
from knowledge.report import Skipped


@dataclass
class Scan:
    """`files` by their keys."""

    files: dict[str, Path] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)


def scan(path: Path, places: Places, suffixes: Collection[str]) -> Scan:
    """The files at or under a path, which is absolute with links followed. Whoever names a file means it."""
    found = Scan()
    if path.is_file():
        found.files[places.key(path)] = path
        return found
    for folder, inner, files in os.walk(path, followlinks=False):
        here = Path(folder)
        linked = [name for name in inner if (here / name).is_symlink()]
        for name in sorted((*inner, *files)):
            file = here / name
            shown = file.relative_to(path).as_posix()
            if name.startswith((".", "~$")):
                found.skipped.append(Skipped(shown, "hidden"))
            elif file.is_symlink() and not file.resolve().is_relative_to(path):
                found.skipped.append(Skipped(shown, "link"))
            elif name in inner or file.is_symlink():
                # What a link inside the folder leads to is found where it is.
                continue
            elif file.suffix.lower() not in suffixes:
                found.skipped.append(Skipped(shown, "unknown_format"))
            elif file.is_file():
                found.files[places.key(file)] = file
        inner[:] = sorted(name for name in inner if not name.startswith(".") and name not in linked)
    return found
