"""Telegram's HTML: escaping, length as Telegram counts it, and splitting that keeps every chunk whole."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.rendering.text import utf16_length

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(r"<(?P<slash>/?)(?P<name>[a-z][a-z0-9-]*)(?P<attributes>[^<>]*)>|(?P<entity>&(?:lt|gt|amp|quot);)")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"'}
# Marks that belong to the character before them; a break between the two would show as rubbish.
_JOINS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u200d\u20d0-\u20f0\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")


def escape(text: str) -> str:
    """Text with `&`, `<` and `>` made harmless."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def parsed_text(html: str) -> str:
    """What is left of `html` once Telegram has parsed its entities."""
    return _TOKEN.sub(lambda match: _ENTITIES.get(match["entity"] or "", ""), html)


def parsed_length(html: str) -> int:
    """Length in UTF-16 code units after parsing, the one that Telegram's limits mean."""
    return utf16_length(parsed_text(html))


@dataclass(frozen=True)
class _Piece:
    """A character with its HTML form, or a tag (`text` empty)."""

    html: str
    text: str = ""
    opens: str | None = None
    closes: bool = False


@dataclass
class _Chunk:
    pieces: list[_Piece] = field(default_factory=list)
    size: int = 0


def _pieces(html: str) -> Iterator[_Piece]:
    position = 0
    for match in _TOKEN.finditer(html):
        yield from (_Piece(character, character) for character in html[position : match.start()])
        if match["entity"]:
            yield _Piece(match[0], _ENTITIES[match[0]])
        elif match["slash"]:
            yield _Piece(match[0], closes=True)
        else:
            yield _Piece(match[0], opens=match["name"])
        position = match.end()
    yield from (_Piece(character, character) for character in html[position:])


def _stack(pieces: list[_Piece], before: list[_Piece]) -> list[_Piece]:
    """The tags open after `pieces`, given those open before."""
    stack = list(before)
    for piece in pieces:
        if piece.opens:
            stack.append(piece)
        elif piece.closes and stack:
            stack.pop()
    return stack


def _break(pieces: list[_Piece], before: list[_Piece]) -> int:
    """Where to break a full chunk: outside every tag if it can be, then after a line, after a space, anywhere.

    A break must leave at least a quarter of the chunk behind it, so that no chunk is a crumb.
    """
    least = len(pieces) // 4
    depth = len(before)
    best: dict[int, int] = {}
    for index, piece in enumerate(pieces):
        if piece.opens:
            depth += 1
        elif piece.closes:
            depth -= 1
        after = index + 1
        if after <= least or not (piece.text or piece.closes):
            continue
        following = pieces[after].text if after < len(pieces) else ""
        if following and (_JOINS.match(following) or piece.text == "\u200d"):
            continue
        if piece.text == "\n":
            best[0 if depth == 0 else 1] = after
        elif piece.text == " ":
            best[2 if depth == 0 else 3] = after
        else:
            best[4] = after
    return best[min(best)] if best else len(pieces)


def split_html(html: str, limit: int) -> list[str]:
    """`html` in chunks of at most `limit` UTF-16 units after parsing, each with balanced tags.

    The chunks' parsed texts joined are the whole's. An element is broken (closed, and opened again in
    the next chunk) only where no break outside one is near.
    """
    if parsed_length(html) <= limit:
        return [html] if html else []
    chunks: list[str] = []
    before: list[_Piece] = []
    chunk = _Chunk()

    def close(upto: int) -> None:
        nonlocal before, chunk
        kept, rest = chunk.pieces[:upto], chunk.pieces[upto:]
        # Closing tags right after the break belong to what they close.
        while rest and rest[0].closes:
            kept.append(rest.pop(0))
        after = _stack(kept, before)
        # A tag that was opened last, with nothing in it yet, opens in the next chunk instead.
        while kept and kept[-1].opens:
            rest.insert(0, kept.pop())
            after.pop()
        chunks.append(
            "".join(tag.html for tag in before)
            + "".join(piece.html for piece in kept)
            + "".join(f"</{tag.opens}>" for tag in reversed(after))
        )
        before = after
        chunk = _Chunk(rest, sum(utf16_length(piece.text) for piece in rest))

    for piece in _pieces(html):
        size = utf16_length(piece.text)
        while chunk.size + size > limit and chunk.size:
            close(_break(chunk.pieces, before))
        chunk.pieces.append(piece)
        chunk.size += size
    if chunk.size:
        close(len(chunk.pieces))
    return chunks
