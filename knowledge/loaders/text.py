"""Plain text: wrapped or not, with or without headings; Markdown that goes by the name of text."""

from __future__ import annotations

import re

from knowledge.document import Document
from knowledge.loaders.clean import clean
from knowledge.loaders.draft import Draft
from knowledge.loaders.encoding import decoded
from knowledge.loaders.lines import of_text, with_right
from knowledge.loaders.prose import mend

_MARKDOWN_HEADING = re.compile(r"^#{1,6} +\S", re.MULTILINE)


def read(content: bytes, draft: Draft) -> Document:
    text = clean(decoded(content))
    if len(_MARKDOWN_HEADING.findall(text)) >= 2:
        from knowledge.loaders.markdown import read_text

        return read_text(text, draft, mended=True)
    pages = text.split("\f")
    paged = len(pages) > 1
    lines = [line for page, own in enumerate(pages, 1) for line in of_text(own, page if paged else None)]
    mend(with_right(lines), draft)
    return draft.document(pages=len(pages) if paged else None)
