"""Tables as text: CSV and TSV, in any encoding, with the usual separators."""

from __future__ import annotations

import csv
import io

from knowledge.document import Document
from knowledge.loaders.clean import clean
from knowledge.loaders.draft import Draft
from knowledge.loaders.encoding import decoded
from knowledge.loaders.grids import read_grid

_SAMPLE = 16 * 1024
_LONGEST_FIELD = 1_000_000


def read(content: bytes, draft: Draft) -> Document:
    text = clean(decoded(content))
    csv.field_size_limit(_LONGEST_FIELD)
    rows = csv.reader(io.StringIO(text), delimiter=_separator(text[:_SAMPLE]))
    read_grid(rows, draft, level=1)
    return draft.document(titled_by_heading=False)


def _separator(sample: str) -> str:
    """The separator that parts the lines into the same number of cells, more than one."""
    lines = [line for line in sample.splitlines()[:20] if line.strip()]
    if sample.count("\n") >= 20:
        lines = lines[:-1]
    best, most = ",", 0.0
    for separator in (",", "\t", ";", "|"):
        counts = [len(row) for row in csv.reader(lines, delimiter=separator)]
        usual = max(set(counts), key=counts.count, default=1)
        if usual > 1 and counts.count(usual) / len(counts) * usual**0.1 > most:
            best, most = separator, counts.count(usual) / len(counts) * usual**0.1
    return best
