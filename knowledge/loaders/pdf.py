"""PDF: text with its pages, wrapped lines joined, headings by the outline, by the size of letters or by number."""

from __future__ import annotations

import re

import pypdfium2 as pdfium
from pypdfium2 import raw

from knowledge.document import Document
from knowledge.errors import Unreadable
from knowledge.loaders.clean import clean
from knowledge.loaders.draft import Draft
from knowledge.loaders.furniture import without_furniture
from knowledge.loaders.lines import Line
from knowledge.loaders.pdf_headings import marked_headings
from knowledge.loaders.pdf_lines import lines_of_page
from knowledge.loaders.prose import Prose, first_is_title

_LITTLE = 16
_NO_TITLE = re.compile(r"microsoft word|\.(?:docx?|pptx?|xlsx?|indd|tex|pdf)\b|^untitled|^无标题|^\W*$", re.IGNORECASE)


def read(content: bytes, draft: Draft) -> Document:
    document = _opened(content, draft)
    try:
        pages = len(document)
        if pages > draft.limits.pages:
            raise Unreadable(draft.name, "too_many_pages", pages=pages, limit=draft.limits.pages)
        lines, pictured = _lines(document, draft)
        if pictured and not lines:
            raise Unreadable(draft.name, "scanned", pages=pages)
        own = without_furniture(lines)
        marked = marked_headings(document, own)
        if not marked.title:
            draft.title = _own_title(document)
            if not draft.title and first_is_title(own):
                marked.title = frozenset({0})
        Prose(own, draft).read(marked)
        return draft.document(pages=pages, pictured_pages=pictured, titled_by_heading=False)
    finally:
        document.close()


def _opened(content: bytes, draft: Draft) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        if raw.FPDF_GetLastError() == raw.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            raise Unreadable(draft.name, "encrypted") from error
        raise


def _lines(document: pdfium.PdfDocument, draft: Draft) -> tuple[list[Line], list[int]]:
    lines: list[Line] = []
    pictured = []
    for number in range(1, len(document) + 1):
        page = document[number - 1]
        try:
            own = lines_of_page(page, number)
            length = sum(len(line.text) for line in own)
            draft.check(length)
            if length < _LITTLE and _holds_picture(page):
                pictured.append(number)
            lines.extend(own)
        finally:
            page.close()
    return lines, pictured


def _holds_picture(page: pdfium.PdfPage) -> bool:
    kinds = [raw.FPDF_PAGEOBJ_IMAGE]
    return next(page.get_objects(filter=kinds, max_depth=3), None) is not None


def _own_title(document: pdfium.PdfDocument) -> str:
    title = " ".join(clean(document.get_metadata_value("Title") or "").split())
    return "" if _NO_TITLE.search(title) or len(title) > 200 else title
