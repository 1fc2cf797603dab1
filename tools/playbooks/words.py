"""In words: sizes and pages of documents, why one cannot be learned, and what would work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from tools.messages import Message, Quantity, say, say_n

if TYPE_CHECKING:
    from knowledge.errors import Reason, Unreadable

KILOBYTE = 1024
MEGABYTE = 1024**2
_Details = Mapping[str, str | int | float]


def megabytes(size: float) -> Quantity:
    """A size in bytes as a number of megabytes."""
    return Quantity(round(size / MEGABYTE, 1), "number")


def size_of(size: float) -> Message:
    """A size in bytes, in the unit that fits it."""
    if size < KILOBYTE:
        return say_n("{count} byte", "{count} bytes", int(size))
    if size < MEGABYTE:
        return say("{size} KB", size=Quantity(round(size / KILOBYTE), "number"))
    return say("{size} MB", size=megabytes(size))


def has_slides(name: str) -> bool:
    """Whether the pages of the document of this name are slides."""
    return name.lower().endswith(".pptx")


def page_count(name: str, pages: int) -> Message:
    """How many pages or slides the document of this name has."""
    if has_slides(name):
        return say_n("{count} slide", "{count} slides", pages)
    return say_n("{count} page", "{count} pages", pages)


def why(error: Unreadable) -> Message:
    """What is wrong with a document, with the figures, and the mend. What a parser said stays in the log."""
    return say("“{name}”: {reason}", name=error.name, reason=_REASONS[error.reason](error.details))


def _missing(_: _Details) -> Message:
    return say("there is no such file, or it cannot be opened.")


def _unknown_format(details: _Details) -> Message:
    known = tuple(str(details["known"]).replace(",", " ").split()) if details.get("known") else ()
    if not known:
        return say("files of this kind cannot be read. Save it as PDF, DOCX or text.")
    return say("files of this kind cannot be read. What can be: {known}.", known=known)


def _wrong_extension(details: _Details) -> Message:
    given, found = str(details.get("given", "")), str(details.get("found", ""))
    if not found:
        return say("its content is not what its name says. Open it, and save it anew under the right kind.")
    return say(
        "it is called {given}, but its content is {found}. Give it the right ending, or save it anew as {given}.",
        given=given,
        found=found,
    )


def _too_large(details: _Details) -> Message:
    if "limit" not in details:
        return say("it is too large. Split it, or leave out its pictures.")
    return say(
        "it has {size}, and {limit} are the limit. Split it, or leave out its pictures.",
        size=size_of(_number(details, "size")),
        limit=size_of(_number(details, "limit")),
    )


def _too_many_pages(details: _Details) -> Message:
    return say(
        "it has {pages} pages, and {limit} are the limit. Split it into parts.",
        pages=int(_number(details, "pages")),
        limit=int(_number(details, "limit")),
    )


def _too_much_text(details: _Details) -> Message:
    return say(
        "it holds more than {limit} characters of text, unpacked. Split it into parts.",
        limit=int(_number(details, "limit")),
    )


def _encrypted(_: _Details) -> Message:
    return say("it opens with a password only. Save it without one.")


def _scanned(_: _Details) -> Message:
    return say("its pages are pictures, with no text to read. Run text recognition (OCR) over it first.")


def _empty(_: _Details) -> Message:
    return say("there is no text in it.")


def _damaged(_: _Details) -> Message:
    return say("it is damaged and cannot be read. Open it, and save it anew.")


def _too_slow(details: _Details) -> Message:
    return say_n(
        "reading it took longer than {count} second and was stopped. Split it into parts.",
        "reading it took longer than {count} seconds and was stopped. Split it into parts.",
        int(_number(details, "limit")),
    )


def _too_much_memory(details: _Details) -> Message:
    return say(
        "reading it needs more than {limit} MB of memory and was stopped. Split it into parts.",
        limit=megabytes(_number(details, "limit")),
    )


def _number(details: _Details, name: str) -> float:
    return float(cast("str | float", details.get(name, 0)))


_REASONS: Mapping[Reason, Callable[[_Details], Message]] = {
    "missing": _missing,
    "unknown_format": _unknown_format,
    "wrong_extension": _wrong_extension,
    "too_large": _too_large,
    "too_many_pages": _too_many_pages,
    "too_much_text": _too_much_text,
    "encrypted": _encrypted,
    "scanned": _scanned,
    "empty": _empty,
    "damaged": _damaged,
    "too_slow": _too_slow,
    "too_much_memory": _too_much_memory,
}
