"""Why a document, or anything, cannot be learned. Told in words by whoever shows it; this package speaks none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

Reason = Literal[
    "missing",  # there is no such file, or it cannot be opened
    "unknown_format",  # nothing here reads this format; `known` names those that are read
    "wrong_extension",  # the content is not what the name says; `given`, `found`
    "too_large",  # `size` and `limit`, in bytes
    "too_many_pages",  # `pages` and `limit`
    "too_much_text",  # `limit`, in characters; what an archive unpacks to counts too
    "encrypted",  # it opens with a password only
    "scanned",  # pages are pictures; there is no text to read
    "empty",  # there is no text in it
    "damaged",  # the parser gives up; `detail`
    "too_slow",  # `limit`, in seconds
    "too_much_memory",  # `limit`, in bytes
]


class Unreadable(Exception):
    """A document that cannot be learned: which (a name as the user knows it), why, and the figures for the words."""

    def __init__(self, name: str, reason: Reason, **details: str | int | float) -> None:
        super().__init__(name, reason, details)
        self.name = name
        self.reason = reason
        self.details = details

    def __reduce__(self) -> tuple[object, ...]:
        # It is raised in the process that parses, and caught in the one that asked.
        return _unreadable, (self.name, self.reason, self.details)


def _unreadable(name: str, reason: Reason, details: dict[str, str | int | float]) -> Unreadable:
    return Unreadable(name, reason, **details)


class MeaningUnavailable(Exception):
    """What is found by meaning cannot be found just now; what is found by words can."""


class UnusableModel(MeaningUnavailable):
    """The embedding model cannot be loaded: its name, and what was tried."""

    def __init__(self, model: str, tried: str) -> None:
        super().__init__(f"the embedding model {model!r} cannot be used: {tried}")
        self.model = model
        self.tried = tried


class VectorsUnavailable(MeaningUnavailable):
    """The vectors cannot be read or written: where they are, and what went wrong."""

    def __init__(self, where: str, detail: str) -> None:
        super().__init__(f"the vectors in {where} cannot be used: {detail}")
        self.where = where
        self.detail = detail


class DiskFull(Exception):
    """There was no room to learn in this folder; what was learned before is as it was. `needed` and `free` in bytes."""

    def __init__(self, folder: Path, *, needed: int, free: int) -> None:
        super().__init__(f"no room left in {folder}: {needed} bytes are needed, {free} are free")
        self.folder = folder
        self.needed = needed
        self.free = free


class UnknownDocument(Exception):
    """No document or folder of this name is learned."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class AmbiguousName(Exception):
    """Several documents, or several folders, have this name; `paths` tell them apart."""

    def __init__(self, name: str, paths: Sequence[str]) -> None:
        super().__init__(name, paths)
        self.name = name
        self.paths = tuple(paths)


class Busy(Exception):
    """Another process or chat is learning; `holder` says which."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder
