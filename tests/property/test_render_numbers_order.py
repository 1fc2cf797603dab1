"""Written numbers keep their order and their differences."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.numbers import Form, Language, NumberStyle, format_quantity, format_together, scales
from bot.rendering.voice import Voice
from tools.messages import Quantity

VALUES = st.one_of(
    st.floats(0, 1e13, allow_nan=False),
    st.integers(0, 10**13),
    st.floats(0, 2),
    st.sampled_from([9999.5, 99999.5, 999999.5]),
)
MANNERS = st.tuples(
    st.sampled_from(["en", "zh"]), st.sampled_from(["compact", "full"]), st.sampled_from(["prose", "cell"])
)
Manner = tuple[Language, NumberStyle, Form]
UNITS = st.sampled_from(["GBP", "count", "ratio", "points", "factor", "score", "days"])


def read(text: str, language: str) -> float:
    """The number that a written figure says."""
    found = re.search(r"[\d,]+(?:\.\d+)?", text)
    assert found, text
    number = float(found[0].replace(",", ""))
    rest = text[found.end() :]
    scale = next((s.size for s in scales(language) if rest.startswith(s.suffix)), 1)
    return 0.0 if text.startswith("<") else number * scale


@given(VALUES, VALUES, MANNERS, UNITS)
def test_a_greater_value_never_reads_as_less(a: float, b: float, manner: Manner, unit: str) -> None:
    low, high = sorted((a, b))
    written = [format_quantity(Quantity(v, unit), *manner) for v in (low, high)]
    assert read(written[0], manner[0]) <= read(written[1], manner[0]), written


@given(VALUES, MANNERS)
def test_a_written_number_is_near_its_value(value: float, manner: Manner) -> None:
    said = read(format_quantity(Quantity(value, "GBP"), *manner), manner[0])
    assert said == pytest.approx(value, rel=0.006, abs=0.005)


@given(st.lists(VALUES, min_size=2, max_size=6), MANNERS, UNITS)
def test_figures_side_by_side_that_differ_look_different(values: list[float], manner: Manner, unit: str) -> None:
    # Beyond six digits of their size a reader sees no difference, nor should one be shown.
    apart = {float(f"{value:.6g}") for value in values if value > 1e-4}
    written = format_together([Quantity(value, unit) for value in apart], *manner)
    assert len(set(written)) == len(apart), written


@given(st.floats(), MANNERS, UNITS, st.booleans())
def test_no_figure_shows_what_is_no_number(value: float, manner: Manner, unit: str, signed: bool) -> None:
    text = format_quantity(Quantity(value, unit, signed), *manner)
    assert not re.search("nan|inf|e[+-]", text, re.IGNORECASE)
    assert not re.fullmatch(r"[-+]\D*0(\.0+)?\D*", text), "zero has no sign"
    assert Voice(manner[0], number_style=manner[1]).value(Quantity(value, unit, signed))
