"""Telegram's HTML dialect → text and entities, with Telegram's error texts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.formatted_text import Entity, link_entity

_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_REFERENCE = re.compile(rb"&(?:#x(?P<hex>[0-9a-fA-F]+)|#(?P<dec>[0-9]+)|(?P<name>[A-Za-z]+));?")
_SPACE = b" \t\r\n\x0b"
_MAX_CODE_POINT = 0x10FFFF
_MAX_REFERENCE_BYTES = 10


@dataclass
class _OpenTag:
    name: str
    offset: int
    text_start: int
    argument: str = ""
    language: str = ""


class _HtmlParser:
    """One pass over the UTF-8 bytes, since Telegram's errors count bytes."""

    def __init__(self, markup: str) -> None:
        self._source = markup.encode("utf-8", "surrogatepass")
        self._at = 0
        self._text: list[str] = []
        self._offset = 0
        self._open: list[_OpenTag] = []
        self._entities: list[Entity] = []

    def parse(self) -> tuple[str, list[Entity]]:
        source = self._source
        while self._at < len(source):
            if source[self._at : self._at + 1] == b"<":
                if source[self._at + 1 : self._at + 2] == b"/":
                    self._end_tag()
                else:
                    self._start_tag()
                continue
            if source[self._at : self._at + 1] == b"&" and (decoded := self._reference(self._at)):
                self._append(decoded[0])
                self._at = decoded[1]
                continue
            stop = min(
                (place for mark in (b"<", b"&") if (place := source.find(mark, self._at + 1)) >= 0), default=len(source)
            )
            self._append(source[self._at : stop].decode("utf-8", "surrogatepass"))
            self._at = stop
        if self._open:
            raise _unparsable(f'Can\'t find end tag corresponding to start tag "{self._open[-1].name}"')
        text = "".join(self._text)
        if any("\ud800" <= char <= "\udfff" for char in text):
            raise _unparsable(
                "Text contains invalid Unicode characters after decoding HTML entities, "
                "check for unmatched surrogate code units"
            )
        return text, self._entities

    def _append(self, text: str) -> None:
        self._text.append(text)
        self._offset += len(text) + sum(char > "\uffff" for char in text)

    def _reference(self, at: int) -> tuple[str, int] | None:
        match = _REFERENCE.match(self._source, at)
        if not match:
            return None
        if match["name"] is not None:
            known = _NAMED.get(match["name"])
            return (known, match.end()) if known else None
        digits = match["hex"] or match["dec"]
        code = int(digits, 16 if match["hex"] else 10) if len(digits) < _MAX_REFERENCE_BYTES else 0
        if not 0 < code < _MAX_CODE_POINT or len(match[0].rstrip(b";")) >= _MAX_REFERENCE_BYTES:
            return None
        return chr(code), match.end()

    def _peek(self) -> bytes:
        return self._source[self._at : self._at + 1]

    def _skip_space(self) -> None:
        while self._peek() and self._peek() in _SPACE:
            self._at += 1

    def _until(self, stops: bytes) -> str:
        start = self._at
        while (char := self._peek()) and char not in stops:
            self._at += 1
        return self._source[start : self._at].decode("utf-8", "replace")

    def _start_tag(self) -> None:
        begin = self._at
        self._at += 1
        name = self._until(_SPACE + b">").lower()
        if not self._peek():
            raise _unparsable(f"Unclosed start tag at byte offset {begin}")
        if name not in _TYPES:
            raise _unparsable(f'Unsupported start tag "{name}" at byte offset {begin}')
        tag = _OpenTag(name, self._offset, len(self._text))
        while True:
            self._skip_space()
            if self._peek() == b">":
                break
            self._attribute(tag, begin)
        self._at += 1
        if name == "span" and tag.argument != "tg-spoiler":
            raise _unparsable(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self._open.append(tag)

    def _attribute(self, tag: _OpenTag, begin: int) -> None:
        name = self._until(_SPACE + b"=>").lower()
        if not name:
            if not self._peek():
                raise _unparsable(f"Unclosed start tag at byte offset {begin}")
            raise _unparsable(f'Empty attribute name in the tag "{tag.name}" at byte offset {begin}')
        self._skip_space()
        if self._peek() != b"=":
            if tag.name == "blockquote" and name == "expandable":
                tag.argument = name
                return
            raise _unparsable(
                f'Expected equal sign in declaration of an attribute of the tag "{tag.name}" at byte offset {begin}'
            )
        self._at += 1
        self._skip_space()
        if not self._peek():
            raise _unparsable(f'Unclosed start tag "{tag.name}" at byte offset {begin}')
        value = self._attribute_value()
        if not self._peek():
            raise _unparsable(f"Unclosed start tag at byte offset {begin}")
        if (tag.name, name) in {("a", "href"), ("span", "class"), ("tg-emoji", "emoji-id")}:
            tag.argument = value
        elif (tag.name, name) == ("blockquote", "expandable"):
            tag.argument = name
        elif (tag.name, name) == ("code", "class") and value.startswith("language-"):
            tag.language = value.removeprefix("language-")

    def _attribute_value(self) -> str:
        quote = self._peek()
        if quote not in (b"'", b'"'):
            begin = self._at
            while (char := self._peek()) and (char.isalnum() or char in b".-"):
                self._at += 1
            if self._peek() and self._peek() not in _SPACE + b">":
                raise _unparsable(f"Unexpected end of name token at byte offset {begin}")
            return self._source[begin : self._at].decode().lower()
        self._at += 1
        parts: list[str] = []
        while (char := self._peek()) and char != quote:
            if char == b"&" and (decoded := self._reference(self._at)):
                parts.append(decoded[0])
                self._at = decoded[1]
                continue
            start = self._at
            self._at += 1
            self._until(quote + b"&")
            parts.append(self._source[start : self._at].decode("utf-8", "replace"))
        self._at += 1
        return "".join(parts)

    def _end_tag(self) -> None:
        begin = self._at
        if not self._open:
            raise _unparsable(f"Unexpected end tag at byte offset {begin}")
        self._at += 2
        name = self._until(_SPACE + b">").lower()
        self._skip_space()
        if self._peek() != b">":
            raise _unparsable(f"Unclosed end tag at byte offset {begin}")
        self._at += 1
        tag = self._open[-1]
        if name and name != tag.name:
            raise _unparsable(f'Unmatched end tag at byte offset {begin}, expected "</{tag.name}>", found "</{name}>"')
        self._open.pop()
        length = self._offset - tag.offset
        if length > 0:
            self._close(tag, length)

    def _close(self, tag: _OpenTag, length: int) -> None:
        kind = _TYPES[tag.name]
        last = self._entities[-1] if self._entities else None
        same_span = last is not None and (last.offset, last.length) == (tag.offset, length)
        if kind == "text_link":
            link = link_entity(tag.argument or "".join(self._text[tag.text_start :]), tag.offset, length)
            if link:
                self._entities.append(link)
        elif kind == "custom_emoji":
            if not tag.argument.isdigit():
                raise bad_request("Invalid custom emoji identifier specified")
            self._entities.append(Entity(kind, tag.offset, length, tag.argument))
        elif kind == "pre" and same_span and last and last.type == "code" and last.argument:
            self._entities[-1] = Entity("pre", tag.offset, length, last.argument)
        elif kind == "code":
            # the language is kept only until an enclosing <pre> takes it
            self._entities.append(Entity("code", tag.offset, length, tag.language))
        elif kind == "blockquote":
            self._entities.append(Entity("expandable_blockquote" if tag.argument else kind, tag.offset, length))
        else:
            self._entities.append(Entity(kind, tag.offset, length))


def _unparsable(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")


def parse_html(markup: str) -> tuple[str, list[Entity]]:
    """Text and entities of a message in HTML.

    Raises:
        ApiError: 400 with Telegram's text, e.g. ``Unsupported start tag "x" at byte offset 5``.
    """
    return _HtmlParser(markup).parse()
