"""Word documents: headings by style, paragraphs, lists, tables, footnotes; not what is deleted or hidden."""

from __future__ import annotations

import io
from collections.abc import Iterator

import docx
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from lxml import etree

from knowledge.document import Document
from knowledge.language.detection import weight
from knowledge.loaders.docx_styles import Styles
from knowledge.loaders.draft import Draft
from knowledge.loaders.headings import is_named
from knowledge.loaders.tables import rows_as_text

_PARAGRAPH, _TABLE, _ROW, _CELL, _BOX = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc"), qn("w:txbxContent")
_RUN, _TEXT, _TAB, _BREAK = qn("w:r"), qn("w:t"), qn("w:tab"), qn("w:br")
_SPAN, _MERGED, _VALUE, _ID = qn("w:gridSpan"), qn("w:vMerge"), qn("w:val"), qn("w:id")
_VANISH, _BOLD = f"{qn('w:rPr')}/{qn('w:vanish')}", f"{qn('w:rPr')}/{qn('w:b')}"
_NOTES = {qn("w:footnoteReference"): "footnotes", qn("w:endnoteReference"): "endnotes"}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_UNSEEN = frozenset({_FALLBACK, *map(qn, ("w:del", "w:moveFrom", "w:txbxContent", "w:instrText", "w:delText"))})
# What holds paragraphs without being one: content controls, and what was inserted with changes tracked.
_HOLDERS = frozenset(map(qn, ("w:sdt", "w:sdtContent", "w:customXml", "w:smartTag", "w:ins", "w:moveTo")))
_NO_HEADING = frozenset("。；;，,、.!！:：…")
_LONGEST_HEADING = 20
_WIDEST_CELL = 60


def read(content: bytes, draft: Draft) -> Document:
    _Reader(docx.Document(io.BytesIO(content)), draft).read()
    return draft.document()


class _Reader:
    def __init__(self, document: WordDocument, draft: Draft) -> None:
        self._body = document.element.body
        self._styles = Styles(document.styles.element)
        self._notes = _notes(document)
        self._draft = draft
        self._items: list[str] = []
        self._styled = any(self._styles.level(one) for one in self._body.iter(_PARAGRAPH))

    def read(self) -> None:
        for element in _inner(self._body):
            if element.tag == _TABLE:
                self._flush()
                self._draft.text(rows_as_text(list(_rows(element))))
            else:
                self._paragraph(element)
        self._flush()

    def _paragraph(self, element: etree._Element) -> None:
        text = _text(element).strip()
        if text and not self._styles.is_contents(element):
            self._written(element, text)
        for beside in self._beside(element):
            self._flush()
            self._draft.text(beside)

    def _written(self, element: etree._Element, text: str) -> None:
        level = self._styles.level(element)
        if level is None and self._styles.is_listed(element):
            self._items.append(f"- {' '.join(text.split())}")
            return
        self._flush()
        if level == 0 and not self._draft.title:
            self._draft.title = " ".join(text.split())
        elif level:
            self._draft.heading(text, level)
        elif not self._styled and _looks_like_heading(element, text):
            self._draft.heading(text, None)
        else:
            self._draft.text(text)

    def _beside(self, element: etree._Element) -> Iterator[str]:
        """The notes that a paragraph refers to, and the text boxes that are tied to it."""
        for reference in element.iter(*_NOTES):
            yield self._notes.get((_NOTES[reference.tag], reference.get(_ID, "")), "")
        for box in element.iter(_BOX):
            if next(box.iterancestors(_FALLBACK), None) is None:
                yield from (_text(inner) for inner in box.iter(_PARAGRAPH))

    def _flush(self) -> None:
        if self._items:
            self._draft.text("\n".join(self._items))
            self._items = []


def _inner(element: etree._Element) -> Iterator[etree._Element]:
    """The paragraphs and tables of a body, in order."""
    waiting = list(reversed(element))
    while waiting:
        child = waiting.pop()
        if child.tag in (_PARAGRAPH, _TABLE):
            yield child
        elif child.tag in _HOLDERS:
            waiting.extend(reversed(child))


def _text(element: etree._Element) -> str:
    """What a reader sees of a paragraph: inserted text too, but not what is deleted, hidden or an instruction."""
    words: list[str] = []
    walk = etree.iterwalk(element, events=("start",))
    for _, child in walk:
        if child.tag in _UNSEEN or (child.tag == _RUN and _is_on(child, _VANISH)):
            walk.skip_subtree()
        elif child.tag == _TEXT:
            words.append(child.text or "")
        elif child.tag == _TAB:
            words.append(" ")
        elif child.tag == _BREAK:
            words.append("\n")
    return "".join(words)


def _is_on(run: etree._Element, which: str) -> bool:
    found = run.find(which)
    return found is not None and found.get(_VALUE, "true") not in ("0", "false", "off")


def _looks_like_heading(element: etree._Element, text: str) -> bool:
    """Whether a paragraph in a document without heading styles is meant as one: short, and all bold or named."""
    if weight(text) > _LONGEST_HEADING or text[-1] in _NO_HEADING:
        return False
    runs = [run for run in element.iter(_RUN) if _text(run).strip()]
    return is_named(text) or (bool(runs) and all(_is_on(run, _BOLD) for run in runs))


def _rows(table: etree._Element) -> Iterator[list[str]]:
    """The texts of a table's cells. A cell that reaches over rows is read in each, one over columns in the first."""
    above: list[str] = []
    for row in table.iterchildren(_ROW):
        texts: list[str] = []
        for cell in row.iterchildren(_CELL):
            merged, span = cell.find(f".//{_MERGED}"), cell.find(f".//{_SPAN}")
            goes_on = merged is not None and merged.get(_VALUE) != "restart"
            place = len(texts)
            if goes_on:
                texts.append(above[place] if place < len(above) else "")
            else:
                texts.append(" ".join(filter(None, (_text(inner).strip() for inner in cell.iter(_PARAGRAPH)))))
            wide = span.get(_VALUE, "1") if span is not None else "1"
            texts.extend([""] * (min(int(wide), _WIDEST_CELL) - 1 if wide.isdigit() else 0))
        above = texts
        yield texts


def _notes(document: WordDocument) -> dict[tuple[str, str], str]:
    """Footnotes and endnotes by kind and number."""
    notes = {}
    for relation in document.part.rels.values():
        kind = relation.reltype.rpartition("/")[2]
        if kind not in _NOTES.values() or relation.is_external:
            continue
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        for note in etree.fromstring(relation.target_part.blob, parser):
            text = " ".join(_text(paragraph) for paragraph in note.iter(_PARAGRAPH)).strip()
            if text and note.get(qn("w:type")) is None:
                notes[kind, note.get(_ID, "")] = text
    return notes
