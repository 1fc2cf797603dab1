"""Markdown: headings, paragraphs, lists, tables, code; marks of emphasis and links are taken off."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.document import Document
from knowledge.loaders.clean import clean
from knowledge.loaders.draft import Draft, Heading, Text
from knowledge.loaders.encoding import decoded
from knowledge.loaders.front_matter import split_front_matter
from knowledge.loaders.furniture import is_furniture
from knowledge.loaders.lines import Joiner, Line, columns, goes_on
from knowledge.loaders.tables import rows_as_text

_LONGEST_PARAGRAPH = 20_000
_TAG = re.compile(r"<[^>]*>")


def read(content: bytes, draft: Draft) -> Document:
    return read_text(clean(decoded(content)), draft)


def read_text(text: str, draft: Draft, *, mended: bool = False) -> Document:
    """The document; `mended`: it was made from pages, so that their furniture and their breaks are in it."""
    head, body = split_front_matter(text)
    draft.title = head.title
    parser = MarkdownIt("commonmark").enable("table")
    _Reader(draft).read(parser.parse(body))
    if mended:
        draft.items = _mended(draft.items)
    document = draft.document()
    return replace(document, kind=head.kind, metrics=head.metrics, aliases=head.aliases)


class _Reader:
    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._lists: list[list[int]] = []
        self._items: list[str] = []
        self._marker = ""
        self._table: list[list[str]] = []

    def read(self, tokens: Sequence[Token]) -> None:
        level = 0
        for token in tokens:
            kind = token.type
            if kind == "heading_open":
                level = int(token.tag[1])
            elif kind == "heading_close":
                level = 0
            elif kind == "inline":
                self._inline(token, level)
            elif kind in ("fence", "code_block"):
                self._text(token.content)
            elif kind == "html_block":
                self._html(token.content)
            elif kind in ("bullet_list_open", "ordered_list_open"):
                self._lists.append([int(token.attrs.get("start", 1))] if kind[0] == "o" else [])
            elif kind in ("bullet_list_close", "ordered_list_close"):
                self._lists.pop()
                if not self._lists:
                    self._draft.text("\n".join(self._items))
                    self._items = []
            elif kind == "list_item_open":
                self._marker = self._next_marker()
            elif kind == "tr_open":
                self._table.append([])
            elif kind == "table_close":
                self._text(rows_as_text(self._table, header=True))
                self._table = []

    def _next_marker(self) -> str:
        count = self._lists[-1]
        if not count:
            return "- "
        count[0] += 1
        return f"{count[0] - 1}. "

    def _inline(self, token: Token, level: int) -> None:
        text = _plain(token.children or ())
        if level:
            if self._lists:
                self._text(text)
            else:
                self._draft.heading(text, level)
        elif self._table:
            self._table[-1].append(" ".join(text.split()))
        else:
            self._text(text)

    def _text(self, text: str) -> None:
        """A text; within a list it belongs to the item that is open."""
        if not self._lists:
            self._draft.text(text)
        elif self._marker:
            self._items.append(self._marker + text)
            self._marker = ""
        elif self._items and text:
            self._items[-1] += " " + text

    def _html(self, content: str) -> None:
        from knowledge.loaders.html import read_fragment

        if self._lists:
            self._text(" ".join(html.unescape(_TAG.sub(" ", content)).split()))
        else:
            read_fragment(content, self._draft)


def _plain(children: Sequence[Token]) -> str:
    """The text of a line's tokens without their marks."""
    lines = [""]
    for token in children:
        if token.type in ("text", "code_inline"):
            lines[-1] += token.content
        elif token.type == "image":
            lines[-1] += _plain(token.children or ())
        elif token.type == "softbreak":
            lines.append("")
        elif token.type == "hardbreak" or (token.type == "html_inline" and token.content[:3].lower() == "<br"):
            lines[-1] += "\n"
    # A hard break ends its line with one; within the others a softer one is the end of a wrapped line.
    pieces: list[list[str]] = [[]]
    for line in lines:
        pieces[-1].append(line)
        if line.endswith("\n"):
            pieces.append([])
    joiner = Joiner(())
    return "".join(joiner.join(piece) for piece in pieces)


def _mended(items: Sequence[Heading | Text]) -> list[Heading | Text]:
    """Without what pages carry beside their text, and with the paragraphs whole that a page break has parted."""
    kept: list[Heading | Text] = []
    joiner = Joiner(_line(item.text) for item in items)
    for item in items:
        if isinstance(item, Heading):
            kept.append(item)
            continue
        text = "\n".join(line for line in item.text.split("\n") if not is_furniture(line))
        last = kept[-1] if kept else None
        if isinstance(last, Text) and text and _is_parted(last.text, text):
            kept[-1] = Text(joiner.join([last.text, text]), last.page)
        elif text:
            kept.append(Text(text, item.page))
    return kept


def _is_parted(one: str, other: str) -> bool:
    """Whether two paragraphs are one that a page break has parted."""
    if len(one) > _LONGEST_PARAGRAPH or "\n" in one or "\n" in other:
        return False
    return goes_on(_line(one), _line(other), True)


def _line(text: str) -> Line:
    return Line(text, None, 0, columns(text), gap=True)
