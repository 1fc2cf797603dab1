"""Events as numbers are shares of each unit's days, whatever the events are."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tools.calendar.events import Event
from tools.calendar.features import known_events
from tools.messages import Label
from tools.semantic.periods import Period, split

DAYS = st.dates(date(2025, 1, 1), date(2026, 12, 31))
COUNTRIES = ("Germany", "France", "China", None)


@st.composite
def events(draw: st.DrawFn) -> Event:
    first = draw(DAYS)
    last = first + timedelta(days=draw(st.integers(0, 80)))
    occasion = draw(st.sampled_from(("618", "easter", "spring-sale", "marine-day-jp")))
    return Event(
        f"{draw(st.integers())}",
        occasion,
        Label(occasion),
        "promotion",
        first,
        last,
        draw(st.sampled_from(COUNTRIES)),
        draw(st.sampled_from(("warm-up", "burst", "refill", "extension", None))),
        draw(st.sampled_from(("shipped", "imported", "team"))),
    )


@given(
    st.lists(events(), max_size=12),
    DAYS,
    st.integers(0, 300),
    st.sampled_from(("day", "week", "month")),
    st.booleans(),
)
def test_rows_are_between_nothing_and_all_and_add_up(
    found: list[Event], start: date, length: int, grain: str, weighted: bool
) -> None:
    whole = Period(start, start + timedelta(days=length))
    units = list(split(whole, grain))  # type: ignore[arg-type]
    shares = {"Germany": 0.5, "France": 0.3, "China": 0.2} if weighted else None
    rows, names = known_events(found, units, shares)
    assert rows.shape == (len(names), len(units))
    assert list(names) == sorted(set(names))
    assert np.all((rows >= 0) & (rows <= 1))
    assert np.all(rows.any(axis=1))
    # Units of another length hold the same days.
    days = [Period(day, day) for unit in units for day in (unit.start + timedelta(n) for n in range(unit.days))]
    by_day, same_names = known_events(found, days, shares)
    assert same_names == names
    lengths = np.array([unit.days for unit in units])
    np.testing.assert_allclose(rows @ lengths, by_day.sum(axis=1), atol=1e-9)
    again, _names = known_events(found[::-1], units, shares)
    np.testing.assert_array_equal(rows, again)


@given(st.lists(events(), max_size=12))
def test_weighting_never_makes_more_of_a_day(found: list[Event]) -> None:
    units = list(split(Period(date(2025, 1, 1), date(2026, 12, 31)), "week"))
    plain, names = known_events(found, units)
    weighted, kept = known_events(found, units, {"Germany": 0.6, "France": 0.4})
    for name, row in zip(kept, weighted, strict=True):
        assert np.all(row <= plain[names.index(name)] + 1e-9)
