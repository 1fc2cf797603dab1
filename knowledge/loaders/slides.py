"""Slides: each is a page, its title a heading; lists, tables and the speaker's notes are read too."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.shapes.base import BaseShape
from pptx.shapes.group import GroupShape
from pptx.slide import Slide
from pptx.text.text import TextFrame

from knowledge.document import Document
from knowledge.errors import Unreadable
from knowledge.loaders.draft import Draft, Heading
from knowledge.loaders.tables import rows_as_text

_DEEPEST_GROUP = 20
_FURNITURE = frozenset({"DATE", "FOOTER", "SLIDE_NUMBER"})


def read(content: bytes, draft: Draft) -> Document:
    slides = list(Presentation(io.BytesIO(content)).slides)
    if len(slides) > draft.limits.pages:
        raise Unreadable(draft.name, "too_many_pages", pages=len(slides), limit=draft.limits.pages)
    pictured = []
    for page, slide in enumerate(slides, 1):
        draft.close()
        before = len(draft.items)
        pictures = _read_slide(slide, page, draft)
        if len(draft.items) == before and pictures:
            pictured.append(page)
    texts = [item for item in draft.items if item.text]
    if pictured and not texts:
        raise Unreadable(draft.name, "scanned", pages=len(slides))
    if texts and texts[0].page == 1 and isinstance(texts[0], Heading):
        draft.title = texts[0].text
    return draft.document(pages=len(slides), pictured_pages=pictured, titled_by_heading=False)


def _read_slide(slide: Slide, page: int, draft: Draft) -> bool:
    """Reads a slide into the draft; whether a picture stands on it."""
    title = slide.shapes.title
    if title is not None and title.text_frame.text.strip():
        draft.heading(title.text_frame.text, 1, page)
    pictures = False
    for shape in sorted(_leaves(slide.shapes), key=lambda shape: (shape.top or 0, shape.left or 0)):
        if title is not None and shape.shape_id == title.shape_id:
            continue
        pictures = pictures or shape.shape_type == MSO_SHAPE_TYPE.PICTURE
        _read_shape(shape, page, draft)
    if slide.has_notes_slide:
        notes = slide.notes_slide.notes_text_frame
        if notes is not None:
            for paragraph in notes.text.splitlines():
                draft.text(paragraph, page)
    return pictures


def _leaves(shapes: Iterable[BaseShape], depth: int = 0) -> Iterator[BaseShape]:
    for shape in shapes:
        if isinstance(shape, GroupShape):
            if depth < _DEEPEST_GROUP:
                yield from _leaves(shape.shapes, depth + 1)
        else:
            yield shape


def _read_shape(shape: BaseShape, page: int, draft: Draft) -> None:
    if shape.is_placeholder and shape.placeholder_format.type.name in _FURNITURE:
        return
    if getattr(shape, "has_table", False):
        rows = [[cell.text for cell in row.cells] for row in shape.table.rows]  # type: ignore[attr-defined]
        draft.text(rows_as_text(rows), page)
    elif shape.has_text_frame:
        draft.text(_listed(shape.text_frame), page)  # type: ignore[attr-defined]


def _listed(frame: TextFrame) -> str:
    """The text of a shape: a sentence as it is, several as the list that they are on a slide."""
    lines = [" ".join(paragraph.text.split()) for paragraph in frame.paragraphs]
    lines = [line for line in lines if line]
    return "\n".join(f"- {line}" for line in lines) if len(lines) > 1 else "".join(lines)
