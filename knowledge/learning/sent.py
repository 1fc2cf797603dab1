"""Documents that came one by one: safe names, and putting a file in its place at once."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from pathlib import Path

LONGEST_NAME = 120


def plain_name(name: str) -> str:
    """A file name without any path in it: no folders, no control characters, nothing hidden, not too long."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    kept = re.sub(r'[<>:"|?*]', "_", kept).lstrip(". ").rstrip(" .")
    stem, dot, suffix = kept.rpartition(".")
    if not dot:
        stem, suffix = kept, ""
    room = LONGEST_NAME - len(dot) - len(suffix)
    while len(stem.encode()) > room:
        stem = stem[:-1]
    return f"{stem or 'document'}{dot}{suffix}"


def put_in_place(file: Path, target: Path) -> None:
    """Copies a file; its place holds the old one or the new one, whole, at every moment."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.parent / f".{target.name}.{os.getpid()}"
    try:
        shutil.copyfile(file, beside)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
