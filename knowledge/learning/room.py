"""Room on the disk: what goes wrong for want of it is told as that, whoever meets it first."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from knowledge.errors import DiskFull, VectorsUnavailable

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_SAID = ("no space left on device", "disk is full", "disk full", "disk quota exceeded")
_SPARE = 32 * 1024**2
"""Bytes for what is new, beside the copy of the index."""
_LEAST = 2 * 1024**2
"""Bytes beyond a copy of the index without which nothing can be learned."""


@contextmanager
def room(folder: Path) -> Iterator[None]:
    """Raises DiskFull for what fails inside because there is no room left for an index in this folder."""
    try:
        yield
    except Exception as error:
        size, free = _size(folder), _free(folder)
        if not _says_so(error) and not (_of_files(error) and free < size + _LEAST):
            raise
        raise DiskFull(folder, needed=size + _SPARE, free=free) from error


def _says_so(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        # SQLite and the copying of folders tell it in words only.
        if _of_files(error) or isinstance(error, sqlite3.Error | shutil.Error):
            said = str(error).casefold()
            if any(words in said for words in _SAID):
                return True
        error = error.__cause__
    return False


def _of_files(error: BaseException) -> bool:
    """Whether it is of vectors on this disk, of which Chroma often does not say why; a server has its own."""
    return isinstance(error, VectorsUnavailable) and "://" not in error.where


def _size(folder: Path) -> int:
    """Bytes of all that is in a folder; changing an index takes a copy of it."""
    size = 0
    for file in folder.rglob("*"):
        # A question may be putting a file of its own in the place of another.
        with suppress(OSError):
            size += file.stat().st_size if file.is_file() else 0
    return size


def _free(folder: Path) -> int:
    there = next(one for one in (folder, *folder.parents) if one.exists())
    return shutil.disk_usage(there).free
