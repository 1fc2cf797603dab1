"""Web pages: what a reader sees of them, without menus, scripts and what is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree, html

from knowledge.document import Document
from knowledge.language.detection import WIDE
from knowledge.loaders.draft import Draft, Text
from knowledge.loaders.encoding import decoded
from knowledge.loaders.tables import rows_as_text


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DROPPED = _words(
    """script style noscript template svg math iframe object embed applet canvas audio video nav footer button select
    input textarea datalist dialog head"""
)
_BLOCKS = _words(
    """address article aside blockquote body center details div dd dl dt fieldset figcaption figure form header hr html
    legend li main menu ol p pre section summary table tbody td tfoot th thead tr ul caption"""
)
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6, "summary": 5}
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])", re.IGNORECASE
)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_BREAK_IN_CHINESE = re.compile(f"(?<=[{WIDE}])[ \t\r\f]*\n[ \t\r\n\f]*(?=[{WIDE}])")
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_MAIN = 200


def read(content: bytes, draft: Draft) -> Document:
    root = html.document_fromstring(_text(content), parser=_parser())
    named = " ".join(root.findtext("head/title", "").split())
    mains = [element for element in root.iter("main") if len(" ".join(element.itertext())) >= _MAIN]
    _Reader(draft).read(mains[0] if len(mains) == 1 else root)
    if not any(isinstance(item, Text) for item in draft.items):
        return draft.document()
    first_level = [item for item in draft.items if not isinstance(item, Text) and item.level == 1]
    if len(first_level) != 1 and named:
        draft.title = named
    return draft.document()


def read_fragment(content: str, draft: Draft) -> None:
    """A piece of HTML, as it stands within Markdown."""
    if content.strip():
        _Reader(draft).read(html.document_fromstring(f"<html><body>{content}</body></html>", parser=_parser()))


def _parser() -> html.HTMLParser:
    return html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)


def _text(content: bytes) -> str:
    declared = _CHARSET.search(content[:4096])
    if declared:
        name = declared[1].decode("ascii", "replace").lower()
        name = "gb18030" if name in ("gb2312", "gbk") else name
        try:
            return content.decode(name)
        except (LookupError, UnicodeDecodeError):
            pass  # pages say one thing and hold another; then the bytes decide
    return decoded(content)


class _Reader:
    """Walks the tree without recursion, so that depth harms nothing."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._words: list[str] = []
        self._lists: list[list[int]] = []
        self._items: list[str] = []
        self._term = ""
        self._verbatim = 0

    def read(self, root: etree._Element) -> None:
        walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        for event, element in walk:
            tag = element.tag
            if event == "start":
                if not isinstance(tag, str) or tag in _DROPPED or _hidden(element):
                    walk.skip_subtree()
                    continue
                if tag == "table" and _is_of_values(element):
                    self._flush()
                    self._draft.text(_table(element))
                    walk.skip_subtree()
                    continue
                self._start(tag, element)
            elif event == "end":
                skipped = not isinstance(tag, str) or tag in _DROPPED or _hidden(element)
                if not skipped and not (tag == "table" and _is_of_values(element)):
                    self._end(tag)
            if event != "start" and element is not root:
                self._words.append(self._flowing(element.tail))
        self._flush()

    def _start(self, tag: str, element: etree._Element) -> None:
        if tag in _BLOCKS or tag in _HEADINGS:
            self._flush()
        if tag in ("ul", "ol", "menu"):
            self._lists.append([_number(element.get("start"))] if tag == "ol" else [])
        elif tag == "li" and self._lists:
            count = self._lists[-1]
            self._items.append(f"{count[0]}. " if count else "- ")
            if count:
                count[0] += 1
        elif tag == "br":
            self._words.append("\n")
        elif tag == "pre":
            self._verbatim += 1
        self._words.append(self._flowing(element.text))

    def _end(self, tag: str) -> None:
        if tag in _HEADINGS and not self._lists:
            self._draft.heading("".join(self._words), _HEADINGS[tag])
            self._words = []
        elif tag == "dt":
            self._term = self._taken()
        elif tag in _BLOCKS or tag in _HEADINGS:
            self._flush()
        if tag == "pre":
            self._verbatim -= 1
        if tag in ("ul", "ol", "menu") and self._lists:
            self._lists.pop()
            if not self._lists:
                self._draft.text("\n".join(item for item in self._items if item.strip(" -")))
                self._items = []

    def _flowing(self, text: str | None) -> str:
        """A piece of text as a browser shows it: its line ends are spaces, and nothing between Chinese characters."""
        if not text or self._verbatim:
            return text or ""
        return _SPACE.sub(" ", _BREAK_IN_CHINESE.sub("", text))

    def _taken(self) -> str:
        text = "".join(self._words)
        self._words = []
        return text.strip()

    def _flush(self) -> None:
        text = self._taken()
        if not text:
            return
        if self._lists and self._items:
            self._items[-1] += (" " if not self._items[-1].endswith(" ") else "") + " ".join(text.split())
            return
        if self._term:
            text, self._term = f"{' '.join(self._term.split())}: {text}", ""
        self._draft.text(text)


def _number(written: str | None) -> int:
    return int(written) if written and written.isdigit() and len(written) < 6 else 1


def _hidden(element: etree._Element) -> bool:
    get = element.get
    if get("hidden") is not None or get("aria-hidden") == "true" or get("role") in ("navigation", "search"):
        return True
    style = get("style")
    return bool(style and _HIDDEN_STYLE.search(style))


def _is_of_values(table: etree._Element) -> bool:
    """Whether a table holds values; one that holds a page's layout is read as what it holds."""
    if table.get("role") in ("presentation", "none") or next(table.iterdescendants("table"), None) is not None:
        return False
    return not any(isinstance(one.tag, str) and one.tag in _HEADINGS for one in table.iterdescendants())


def _table(table: etree._Element) -> str:
    rows: list[list[str]] = []
    named = False
    carried: dict[int, tuple[int, str]] = {}
    for row in table.iterdescendants("tr"):
        if _hidden(row):
            continue
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        if not rows and cells:
            named = all(cell.tag == "th" for cell in cells)
        rows.append(list(_row(cells, carried)))
    caption = table.findtext("caption") or ""
    text = rows_as_text(rows, header=True if named else None)
    return f"{' '.join(caption.split())}\n{text}".strip()


def _row(cells: list[etree._Element], carried: dict[int, tuple[int, str]]) -> Iterator[str]:
    """The cells of a row, with those of rows above that reach down into it."""
    column = 0
    waiting = list(cells)
    while waiting or column in carried:
        if column in carried:
            rows_left, text = carried.pop(column)
            if rows_left > 1:
                carried[column] = (rows_left - 1, text)
            yield text
            column += 1
            continue
        cell = waiting.pop(0)
        text = "" if _hidden(cell) else _cell(cell)
        wide, high = min(_number(cell.get("colspan")), 50), min(_number(cell.get("rowspan")), 1000)
        for at in range(wide):
            if high > 1:
                carried[column] = (high - 1, text)
            yield text if at == 0 else ""
            column += 1


def _cell(cell: etree._Element) -> str:
    words = []
    walk = etree.iterwalk(cell, events=("start", "end"))
    for event, element in walk:
        if event == "start" and (not isinstance(element.tag, str) or element.tag in _DROPPED or _hidden(element)):
            walk.skip_subtree()
        elif event == "start":
            words.append((" " if element.tag in _BLOCKS or element.tag == "br" else "") + (element.text or ""))
        if event == "end" and element is not cell:
            words.append(element.tail or "")
    return _SPACE.sub(" ", "".join(words)).strip()
