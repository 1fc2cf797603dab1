"""Every row read is loaded, a duplicate, or set aside, whatever the file holds."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.import_cases import HEADER, SOURCE, mapping_text, run_import, stored

TEXT = mapping_text(
    source=SOURCE
    + "    duplicates: count_once\n    unreadable_at_most: 1\n"
    + "    set_aside: [{reason: free, when: {column: price, at_most: 0}}]\n"
)
ODD = st.text(st.characters(exclude_characters="\r\x00", codec="utf-8"), max_size=6)
FIELDS = st.tuples(
    st.one_of(st.sampled_from(["1", "2", "C3"]), ODD),
    st.one_of(st.sampled_from(["2024-05-01", "2024-05-02 10:00:00", "31.12.2024"]), ODD),
    st.one_of(st.sampled_from(["A", "B"]), ODD),
    st.one_of(st.sampled_from(["c1", ""]), ODD),
    st.one_of(st.sampled_from(["1", "-2", "0", "1.5"]), ODD),
    st.one_of(st.sampled_from(["1.00", "0", "-3", "x"]), ODD),
)
ROWS = st.lists(st.one_of(FIELDS.map(list), FIELDS.map(list), st.lists(ODD, min_size=2, max_size=8)), max_size=40)


# An import takes a second however few its rows are: a few of many rows.
@settings(max_examples=6)
@given(rows=ROWS)
def test_rows_read_are_duplicates_set_aside_or_loaded(rows: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "lines.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(HEADER.split(","))
            # One row that is always right, so that there is something to import.
            writer.writerows([["1", "2024-05-01", "A", "c1", "1", "1.00"], *rows])
        report = run_import(folder, [file], TEXT)
        with file.open(encoding="utf-8", newline="") as back:
            written = sum(1 for row in csv.reader(back) if row) - 1
        loaded = stored(folder, "SELECT count(*) FROM order_lines")[0][0]
        aside = stored(folder, "SELECT count(*) FROM set_aside")[0][0]
        assert report.rows_read == written
        assert report.rows_loaded == loaded
        assert report.set_aside == aside
        assert report.rows_read == report.duplicates + aside + loaded
        assert sum(reason.rows for reason in report.reasons) == aside
