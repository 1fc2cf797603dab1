"""The messages that a reply becomes. Each keeps Telegram's limits, counted after parsing, and is never blank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from bot.rendering.html import parsed_length, parsed_text, split_html

MESSAGE_LIMIT = 4096
CAPTION_LIMIT = 1024
LONGEST_TEXT = 4 * MESSAGE_LIMIT

FileKind = Literal["csv", "xlsx"]


@dataclass(frozen=True)
class TextPart:
    """A message of Telegram HTML."""

    html: str


@dataclass(frozen=True)
class PhotoPart:
    """A picture; `spec` is the Vega-Lite specification it was drawn from."""

    png: bytes
    caption_html: str
    spec: dict[str, Any]


@dataclass(frozen=True)
class FilePart:
    """A document; `name` is safe for any file system."""

    content: bytes
    name: str
    caption_html: str


Part: TypeAlias = TextPart | PhotoPart | FilePart


def texts(html: str, limit: int | None = LONGEST_TEXT) -> list[TextPart]:
    """`html` as messages; beyond `limit` UTF-16 units it ends with an ellipsis."""
    if limit is not None and parsed_length(html) > limit:
        html = split_html(html, limit - 1)[0] + "…"
    return [TextPart(chunk) for chunk in split_html(html, MESSAGE_LIMIT) if parsed_text(chunk).strip()]
