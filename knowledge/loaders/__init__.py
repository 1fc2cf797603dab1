"""Files in, documents out: one module a format, and what they share."""

from __future__ import annotations

import importlib
import stat
from pathlib import Path
from typing import Protocol, cast

from knowledge.document import Document
from knowledge.errors import Unreadable
from knowledge.loaders.archives import checked
from knowledge.loaders.draft import Draft
from knowledge.loaders.limits import Limits
from knowledge.loaders.sniffing import found

__all__ = ["SUFFIXES", "Limits", "load"]

# The module that reads a format is imported with the first file of that format.
_FORMATS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".xlsx": "sheets",
    ".csv": "csv_sheet",
    ".tsv": "csv_sheet",
    ".pptx": "slides",
}
SUFFIXES: frozenset[str] = frozenset(_FORMATS)
_ARCHIVES = frozenset({".docx", ".xlsx", ".pptx"})
_BINARY = frozenset({".pdf", *_ARCHIVES})


class _Loader(Protocol):
    def read(self, content: bytes, draft: Draft) -> Document: ...


def load(path: Path, limits: Limits = Limits(), *, name: str | None = None) -> Document:  # noqa: B008
    """Reads a document in this process; `name` is what the user knows it by.

    The file is opened once, and links are followed: which files may be read is for the caller to decide. Nothing that
    a document refers to is fetched, and no formula or script in it runs.

    Raises:
        Unreadable: with the reason why it cannot be learned.
    """
    name = name or path.name
    suffix = Path(name).suffix.lower()
    if suffix not in _FORMATS:
        raise Unreadable(name, "unknown_format", given=suffix, known=" ".join(sorted(SUFFIXES)))
    content = _content(path, name, limits)
    _match(content, suffix, name)
    try:
        if suffix in _ARCHIVES:
            checked(content, name, limits)
        loader = cast("_Loader", importlib.import_module(f"knowledge.loaders.{_FORMATS[suffix]}"))
        return loader.read(content, Draft(name, limits))
    except Unreadable:
        raise
    except MemoryError as error:
        raise Unreadable(name, "too_much_memory", limit=limits.memory_bytes) from error
    except Exception as error:
        # Parsers fail on damaged files in ways of their own; whichever it is, the file cannot be read.
        raise Unreadable(name, "damaged", detail=type(error).__name__) from error


def _content(path: Path, name: str, limits: Limits) -> bytes:
    try:
        # A pipe or a device would never end, or never begin.
        if not stat.S_ISREG(path.stat().st_mode):
            raise Unreadable(name, "missing")
        with path.open("rb") as file:
            content = file.read(limits.bytes + 1)
            size = max(len(content), path.stat().st_size)
    except (OSError, ValueError) as error:
        raise Unreadable(name, "missing", detail=type(error).__name__) from error
    if size > limits.bytes:
        raise Unreadable(name, "too_large", size=size, limit=limits.bytes)
    if not content.strip():
        raise Unreadable(name, "empty")
    return content


def _match(content: bytes, suffix: str, name: str) -> None:
    """Checks that the content is what the name says."""
    kind = found(content)
    if kind == "encrypted" and suffix in _ARCHIVES:
        raise Unreadable(name, "encrypted")
    if suffix in _BINARY:
        if kind == suffix:
            return
        if kind == ".zip" and suffix in _ARCHIVES:
            raise Unreadable(name, "damaged", detail="no office document in the archive")
    elif kind == ".txt" or (kind == ".html" and suffix in (".html", ".htm", ".md", ".markdown")):
        return
    raise Unreadable(name, "wrong_extension", given=suffix, found=kind)
