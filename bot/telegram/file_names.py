"""Names of files that people send: made safe for any file system, and still telling."""

from __future__ import annotations

import re
import unicodedata

from bot.rendering.text import one_line

SHOWN = 120
LONGEST_STEM = 100
"""Bytes in UTF-8; file systems take 255 for the whole name."""
LONGEST_SUFFIX = 10
_FORBIDDEN = re.compile(r'[:*?"<>|/\\\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|clock\$|com[0-9¹²³]|lpt[0-9¹²³])$")


def shown_name(given: str | None) -> str:
    """The name as it is shown: one clean line, without folders and without marks that hide or turn text around."""
    last = re.split(r"[/\\]", one_line(given or "", 1000))[-1]
    return one_line(last, SHOWN) or "document"


def safe_name(given: str | None) -> str:
    """A name without folders, hidden marks, reserved words or leading dots, of bounded length, with its ending."""
    cleaned = unicodedata.normalize("NFC", one_line(given or "", 1000).removesuffix("…"))
    last = _FORBIDDEN.sub("_", re.split(r"[/\\]", cleaned)[-1]).strip(" ._")
    stem, dot, suffix = last.rpartition(".")
    if not dot or len(suffix) > LONGEST_SUFFIX or not suffix.isalnum() or not suffix.isascii():
        stem, suffix = last, ""
    stem = stem.encode()[:LONGEST_STEM].decode(errors="ignore").strip(" .")
    # Windows refuses the reserved words whatever follows the first dot.
    if not stem or _RESERVED.match(stem.split(".")[0].strip()):
        stem = f"document_{stem}".strip("_")
    return f"{stem}.{suffix.lower()}" if suffix else stem
