"""Telegram's MarkdownV2 dialect → text and entities, with Telegram's error texts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.formatted_text import Entity, link_entity, utf16_length

_RESERVED = frozenset("_*[]()~`>#+-=|{}.!\n")
_ESCAPABLE_MAX = 126
_END_MARKS = {
    "bold": "*",
    "code": "`",
    "text_link": "]",
    "strikethrough": "~",
    "custom_emoji": "]",
    "underline": "__",
    "spoiler": "||",
    "pre": "```",
}
_START_MARKS = {
    "```": "pre",
    "__": "underline",
    "||": "spoiler",
    "![": "custom_emoji",
    "_": "italic",
    "*": "bold",
    "~": "strikethrough",
    "[": "text_link",
    "`": "code",
}
_TITLES = {
    "bold": "Bold",
    "italic": "Italic",
    "code": "Code",
    "pre": "Pre",
    "text_link": "TextUrl",
    "strikethrough": "Strikethrough",
    "underline": "Underline",
    "spoiler": "Spoiler",
    "custom_emoji": "CustomEmoji",
    "blockquote": "BlockQuote",
}


@dataclass
class _OpenSpan:
    type: str
    offset: int
    byte_offset: int
    text_start: int
    argument: str = ""


class _MarkdownParser:
    def __init__(self, markup: str) -> None:
        self._source = markup
        self._at = 0
        self._text: list[str] = []
        self._offset = 0
        self._open: list[_OpenSpan] = []
        self._entities: list[Entity] = []

    def parse(self) -> tuple[str, list[Entity]]:
        while self._at < len(self._source):
            char = self._source[self._at]
            following = self._source[self._at + 1 : self._at + 2]
            if char == "\\" and following and ord(following) <= _ESCAPABLE_MAX:
                self._append(following)
                self._at += 2
            elif char not in ("`" if self._in_monospace else _RESERVED):
                self._append(char)
                self._at += 1
            elif char == "\n":
                self._new_line()
            elif char == ">" and self._at == 0:
                self._begin("blockquote", 1)
            elif not self._ended_here():
                self._start()
        self._end_quote()
        if self._open:
            last = self._open[-1]
            raise _unparsable(f"Can't find end of {_TITLES[last.type]} entity at byte offset {last.byte_offset}")
        return "".join(self._text), self._entities

    @property
    def _in_monospace(self) -> bool:
        return bool(self._open) and self._open[-1].type in ("code", "pre")

    @property
    def _in_quote(self) -> bool:
        return any(span.type == "blockquote" for span in self._open)

    def _append(self, text: str) -> None:
        self._text.append(text)
        self._offset += utf16_length(text)

    def _byte_offset(self) -> int:
        return len(self._source[: self._at].encode("utf-8", "surrogatepass"))

    def _begin(self, kind: str, width: int) -> None:
        self._open.append(_OpenSpan(kind, self._offset, self._byte_offset(), len(self._text)))
        self._at += width

    def _new_line(self) -> None:
        quoted = self._source[self._at + 1 : self._at + 2] == ">"
        if self._in_quote and not quoted:
            self._end_quote()
        self._append("\n")
        self._at += 1
        if quoted and self._in_quote:
            self._at += 1
        elif quoted:
            self._begin("blockquote", 1)

    def _end_quote(self) -> None:
        if not self._in_quote:
            return
        span = self._open[-1]
        expandable = False
        if span.type == "spoiler" and span.offset == self._offset:
            # a quote that ends with || is an expandable one
            self._open.pop()
            span = self._open[-1]
            expandable = True
        if span.type != "blockquote":
            raise _unparsable(f"Can't find end of {_TITLES[span.type]} entity at byte offset {span.byte_offset}")
        self._open.pop()
        if self._offset > span.offset:
            kind = "expandable_blockquote" if expandable else "blockquote"
            self._entities.append(Entity(kind, span.offset, self._offset - span.offset))

    def _ended_here(self) -> bool:
        if not self._open or self._open[-1].type == "blockquote":
            return False
        span = self._open[-1]
        rest = self._source[self._at : self._at + 3]
        if span.type == "italic":
            if not rest.startswith("_") or rest.startswith("__"):
                return False
            width = 1
        elif rest.startswith(_END_MARKS[span.type]):
            width = len(_END_MARKS[span.type])
        else:
            return False
        self._at += width
        self._open.pop()
        self._close(span)
        return True

    def _close(self, span: _OpenSpan) -> None:
        length = self._offset - span.offset
        url = ""
        if span.type in ("text_link", "custom_emoji"):
            if self._source[self._at : self._at + 1] == "(":
                url = self._url("custom emoji URL" if span.type == "custom_emoji" else "URL")
            elif span.type == "custom_emoji":
                raise _unparsable("Custom emoji entity must contain a tg://emoji URL")
            else:
                url = "".join(self._text[span.text_start :])
        if length <= 0:
            return
        if span.type == "text_link":
            link = link_entity(url, span.offset, length)
            if link:
                self._entities.append(link)
        elif span.type == "custom_emoji":
            match = re.fullmatch(r"tg://emoji\?id=(\d+)", url)
            if not match:
                raise _unparsable("Custom emoji URL must have an emoji identifier")
            self._entities.append(Entity("custom_emoji", span.offset, length, match[1]))
        else:
            self._entities.append(Entity(span.type, span.offset, length, span.argument))

    def _url(self, what: str) -> str:
        self._at += 1
        begin = self._byte_offset()
        parts: list[str] = []
        while (char := self._source[self._at : self._at + 1]) != ")":
            if not char:
                raise _unparsable(f"Can't find end of a {what} at byte offset {begin}")
            if char == "\\" and self._source[self._at + 1 : self._at + 2]:
                self._at += 1
                char = self._source[self._at]
            parts.append(char)
            self._at += 1
        self._at += 1
        return "".join(parts)

    def _start(self) -> None:
        rest = self._source[self._at : self._at + 3]
        for mark, kind in _START_MARKS.items():
            if rest.startswith(mark):
                self._begin(kind, len(mark))
                if kind == "pre":
                    self._language()
                return
        raise _unparsable(f"Character '{rest[0]}' is reserved and must be escaped with the preceding '\\'")

    def _language(self) -> None:
        match = re.compile(r"([^\s`]*)(?=\s)").match(self._source, self._at)
        if match and match[1]:
            self._open[-1].argument = match[1]
            self._at = match.end()
        newline = re.compile(r"\r\n|\n\r|\n|\r").match(self._source, self._at)
        if newline:
            self._at = newline.end()


def _unparsable(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")


def parse_markdown_v2(markup: str) -> tuple[str, list[Entity]]:
    """Text and entities of a message in MarkdownV2.

    Raises:
        ApiError: 400 with Telegram's text, e.g. ``Character '.' is reserved and must be escaped…``.
    """
    return _MarkdownParser(markup).parse()
