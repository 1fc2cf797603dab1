"""What the styles of a Word document say about a paragraph: heading, title, list, table of contents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from docx.oxml.ns import qn
from lxml import etree

_HEADING = re.compile(r"(?:heading|标题|überschrift|titre)\s*(\d)", re.IGNORECASE)
_TITLE = re.compile(r"title|标题|题目", re.IGNORECASE)
_CONTENTS = re.compile(r"toc\b|toc \d|目录", re.IGNORECASE)
_LIST = re.compile(r"list\b|列表|列出段落", re.IGNORECASE)
_STYLE, _NAME, _BASED, _VALUE = qn("w:style"), qn("w:name"), qn("w:basedOn"), qn("w:val")
_PROPERTIES, _OWN_STYLE, _OUTLINE, _NUMBERED = qn("w:pPr"), qn("w:pStyle"), qn("w:outlineLvl"), qn("w:numPr")
_BODY_LEVEL = 9
_MOST_STEPS = 10


@dataclass(frozen=True)
class _Style:
    name: str
    based_on: str
    outline: int | None


class Styles:
    """The styles of one document, read once."""

    def __init__(self, root: etree._Element) -> None:
        self._styles = {style.get(qn("w:styleId"), ""): _read(style) for style in root.iter(_STYLE)}

    def level(self, paragraph: etree._Element) -> int | None:
        """The level of a heading, 0 for the document's title, None for text."""
        for style in self._chain(paragraph):
            match = _HEADING.match(style.name)
            if match:
                return max(1, int(match[1]))
            if _TITLE.fullmatch(style.name):
                return 0
            if style.outline is not None:
                return style.outline + 1 if style.outline < _BODY_LEVEL else None
        own = _outline(paragraph)
        return own + 1 if own is not None and own < _BODY_LEVEL else None

    def is_contents(self, paragraph: etree._Element) -> bool:
        """Whether a paragraph is of the table of contents."""
        return any(_CONTENTS.match(style.name) for style in self._chain(paragraph))

    def is_listed(self, paragraph: etree._Element) -> bool:
        if paragraph.find(f"{_PROPERTIES}/{_NUMBERED}") is not None:
            return True
        return any(_LIST.match(style.name) for style in self._chain(paragraph))

    def _chain(self, paragraph: etree._Element) -> Iterator[_Style]:
        """The paragraph's style and those that it builds on."""
        own = paragraph.find(f"{_PROPERTIES}/{_OWN_STYLE}")
        name = own.get(_VALUE, "") if own is not None else ""
        for _ in range(_MOST_STEPS):
            style = self._styles.get(name)
            if style is None:
                return
            yield style
            name = style.based_on


def _read(style: etree._Element) -> _Style:
    name, base = style.find(_NAME), style.find(_BASED)
    return _Style(
        name=name.get(_VALUE, "") if name is not None else "",
        based_on=base.get(_VALUE, "") if base is not None else "",
        outline=_outline(style),
    )


def _outline(element: etree._Element) -> int | None:
    outline = element.find(f"{_PROPERTIES}/{_OUTLINE}")
    written = outline.get(_VALUE, "") if outline is not None else ""
    return int(written) if written.isdigit() else None
