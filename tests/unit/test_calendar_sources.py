"""Which events concern a store: its countries, and whose dates win."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.calendar_store import Planned, calendar_context, with_state
from tools.calendar.calendar import PromotionCalendar
from tools.calendar.events import Event
from tools.calendar.features import POOLED, known_events
from tools.calendar.occurrences import occurrences
from tools.messages import Label
from tools.semantic.periods import Period, split
from tools.tool import Context

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
Make = Callable[..., Context]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Context] = []

    def store(*args: Any, **kwargs: Any) -> Context:
        made.append(calendar_context(tmp_path / f"{len(made)}.duckdb", *args, **kwargs))
        return made[-1]

    yield store
    for context in made:
        context.warehouse.close()


def of(context: Context, occasion: str, period: Period = YEAR, country: str | None = None) -> list[Event]:
    found = PromotionCalendar(context).between(period, country)
    return [event for event in found if event.occasion == occasion]


def places(events: list[Event]) -> set[str | None]:
    return {event.country for event in events}


# --- countries --------------------------------------------------------------------------------------------------------


def test_countries_with_a_twentieth_of_sales_matter_and_the_others_do_not(make: Make) -> None:
    calendar = PromotionCalendar(make({"Germany": 60.0, "China": 35.0, "United States": 5.0, "Japan": 4.9}))
    assert calendar.countries.followed == ("Germany", "China")
    assert calendar.shares() == pytest.approx({"Germany": 60 / 104.9, "China": 35 / 104.9, "United States": 5 / 104.9,
                                               "Japan": 4.9 / 104.9})  # fmt: skip
    assert places(list(calendar.between(YEAR))) == {"Germany", "China"}


def test_the_largest_country_matters_however_small(make: Make) -> None:
    many = {f"Nowhere {number}": 1.0 for number in range(40)} | {"Spain": 1.5}
    assert PromotionCalendar(make(many)).countries.followed == ("Spain",)


def test_sales_of_long_ago_and_of_the_future_do_not_tell_which_countries_matter(make: Make) -> None:
    context = make({"Germany": 1.0}, sold_on=date(2020, 1, 1))
    assert PromotionCalendar(context).countries.followed == ("Germany",)  # there is nothing newer
    assert PromotionCalendar(make({"Germany": 1.0}, sold_on=date(2026, 3, 2))).countries.followed == ()


def test_a_stores_own_spelling_is_the_country(make: Make) -> None:
    context = make({"EIRE": 1.0, "Albion": 1.0})
    assert PromotionCalendar(context).countries.code("EIRE") == "IE"
    assert places(of(context, "mothers-day")) == {"EIRE", "Albion"}
    for name in ("Albion", "UK", "GB", "英国", "united kingdom"):
        assert places(of(context, "mothers-day", country=name)) == {"Albion"}, name


@pytest.mark.parametrize(
    ("currency", "timezone", "home", "occasion"),
    [
        ("CNY", "UTC", "CN", "double-11"),
        ("GBP", "Europe/London", "GB", "boxing-day"),
        ("EUR", "Europe/Berlin", "DE", "german-unity-day-de"),
        ("USD", "America/New_York", "US", "thanksgiving"),
        ("EUR", "UTC", None, "black-friday"),
        ("USD", "Asia/Shanghai", None, "christmas"),
    ],
)
def test_without_countries_currency_and_timezone_tell(
    make: Make, currency: str, timezone: str, home: str | None, occasion: str
) -> None:
    context = make({None: 5.0}, currency=currency, timezone=timezone)
    assert PromotionCalendar(context).countries.home == home
    assert places(of(context, occasion)) == {None}
    if home is None:
        assert not of(context, "618")
        assert not of(context, "thanksgiving")


# --- whose dates win --------------------------------------------------------------------------------------------------

DOUBLE_11 = Planned("2026双11", date(2026, 11, 8), date(2026, 11, 12), "China", "爆发")


def test_imported_days_win_over_shipped_ones_of_that_year_and_country(make: Make) -> None:
    context = make({"China": 1.0, "Singapore": 1.0}, [DOUBLE_11])
    found = of(context, "double-11")
    china = [event for event in found if event.country == "China"]
    assert [(e.starts_on, e.ends_on, e.phase, e.source) for e in china] == [
        (date(2026, 11, 8), date(2026, 11, 12), "burst", "imported")
    ]
    # The plan says where it is run.
    assert not [event for event in found if event.country == "Singapore"]
    assert {event.source for event in of(context, "double-11", Period(date(2025, 1, 1), date(2025, 12, 31)))} == {
        "shipped"
    }


def test_an_event_of_everywhere_wins_in_every_country(make: Make) -> None:
    context = make({"Germany": 1.0, "France": 1.0}, [Planned("Easter 2026", date(2026, 4, 1), date(2026, 4, 6))])
    assert [(event.country, event.source) for event in of(context, "easter")] == [(None, "imported")]
    assert of(context, "easter", country="France") == of(context, "easter")


def test_one_event_under_two_names_wins_over_both(make: Make) -> None:
    named = Planned("Black Friday and Cyber Monday 2026", date(2026, 11, 20), date(2026, 12, 1), "Germany")
    context = make({"Germany": 1.0}, [named])
    assert [event.source for event in of(context, "black-friday")] == ["imported"]
    assert not of(context, "cyber-monday")


def test_another_promotion_beside_a_known_one_leaves_it_alone(make: Make) -> None:
    context = make({"China": 1.0}, [Planned("Double 11 VIP preview", date(2026, 11, 5), date(2026, 11, 6), "China")])
    assert {event.source for event in of(context, "double-11")} == {"shipped"}
    assert len(of(context, "double-11-vip-preview")) == 1


def test_the_teams_own_win_over_imported_ones_at_once(make: Make) -> None:
    context = with_state(make({"China": 1.0}, [DOUBLE_11]))
    calendar = PromotionCalendar(context)
    assert {event.source for event in of(context, "double-11")} == {"imported"}
    assert calendar.team is not None
    kept = calendar.team.add("Double 11", Period(date(2026, 11, 9), date(2026, 11, 11)), kind="promotion",
                             country="China", phase="burst", by="1")  # fmt: skip
    assert kept is not None
    assert [(event.source, event.starts_on) for event in calendar.between(YEAR) if event.occasion == "double-11"] == [
        ("team", date(2026, 11, 9))
    ]
    calendar.team.remove([kept.row])
    assert {event.source for event in of(context, "double-11")} == {"imported"}


def test_imported_countries_are_found_by_any_name_without_sales_there(make: Make) -> None:
    context = make({None: 1.0}, [DOUBLE_11], currency="GBP")
    for name in ("China", "中国", "CN"):
        assert [event.source for event in of(context, "double-11", country=name)] == ["imported"], name
    assert not of(context, "double-11", country="Germany")


def test_rows_that_make_no_sense_are_left_out_and_names_are_made_plain(make: Make) -> None:
    backwards = Planned("Backwards", date(2026, 5, 2), date(2026, 5, 1))
    hostile = Planned(
        "A\u202eB\n<b>{x}</b>", date(2026, 5, 1), date(2026, 5, 2), "Atlantis", "no phase", "Bank holiday"
    )
    context = make({"Germany": 1.0}, [backwards, hostile])
    imported = [event for event in PromotionCalendar(context).between(YEAR) if event.source == "imported"]
    assert [(e.label, e.country, e.phase, e.kind) for e in imported] == [
        (Label("AB <b>{x}</b>"), "Atlantis", None, "holiday")
    ]


def test_between_gives_what_touches_the_period_in_order(make: Make) -> None:
    context = make({"China": 1.0})
    day = date(2026, 11, 3)
    found = PromotionCalendar(context).between(Period(day, day))
    assert [(event.occasion, event.phase) for event in found] == [("double-11", "burst")]
    year = PromotionCalendar(context).between(YEAR)
    assert list(year) == sorted(year, key=lambda event: (event.starts_on, event.ends_on, event.occasion, event.id))
    assert len({event.id for event in year}) == len(year)


@pytest.mark.parametrize("period", [Period(date(1, 1, 1), date(2, 1, 1)), Period(date(9990, 1, 1), date(9999, 12, 31))])
def test_years_beyond_the_tables_have_no_events(make: Make, period: Period) -> None:
    assert PromotionCalendar(make({"China": 1.0})).between(period) == ()


# --- once for reading -------------------------------------------------------------------------------------------------


def test_phases_and_countries_are_one_occurrence(make: Make) -> None:
    context = make({"China": 1.0, "Singapore": 1.0})
    (found,) = [one for one in occurrences(PromotionCalendar(context).between(YEAR)) if one.occasion == "double-11"]
    assert found.whole == Period(date(2026, 10, 21), date(2026, 11, 14))
    assert found.main == (Period(date(2026, 11, 1), date(2026, 11, 3)), Period(date(2026, 11, 10), date(2026, 11, 11)))
    assert found.countries == ("China", "Singapore")


def test_countries_with_other_days_stand_apart(make: Make) -> None:
    context = make({"United Kingdom": 1.0, "United States": 1.0, "Germany": 1.0})
    found = [one for one in occurrences(PromotionCalendar(context).between(YEAR)) if one.occasion == "mothers-day"]
    assert [one.countries for one in found] == [("United Kingdom",), ("Germany", "United States")]


# --- as numbers -------------------------------------------------------------------------------------------------------


def planned(occasion: str, first: date, last: date, country: str | None = None, phase: Any = None) -> Event:
    return Event(
        f"{occasion}{first}{country}", occasion, Label(occasion), "promotion", first, last, country, phase, "team"
    )


def test_rows_are_shares_of_each_units_days() -> None:
    weeks = list(split(Period(date(2026, 3, 30), date(2026, 4, 19)), "week"))
    events = [
        planned("sale", date(2026, 4, 4), date(2026, 4, 8), phase="burst"),
        planned("sale", date(2026, 4, 9), date(2026, 4, 9), phase="refill"),
        planned("fair", date(2026, 4, 6), date(2026, 4, 12), "Germany"),
        planned("fair", date(2026, 4, 6), date(2026, 4, 7), "France"),
        planned("elsewhere", date(2025, 4, 6), date(2025, 4, 7)),
    ]
    rows, names = known_events(events, weeks)
    assert names == ("fair", "sale/burst", "sale/refill")
    assert rows == pytest.approx(np.array([[0, 1, 0], [2 / 7, 3 / 7, 0], [0, 1 / 7, 0]]))
    weighted, _names = known_events(events, weeks, {"Germany": 0.5, "France": 0.25})
    assert weighted[0] == pytest.approx([0, (7 * 0.5 + 2 * 0.25) / 7, 0])
    assert weighted[1:] == pytest.approx(rows[1:])


def test_an_occasion_has_one_row_over_the_years_and_small_holidays_share_one(make: Make) -> None:
    calendar = PromotionCalendar(make({"Germany": 1.0}))
    period = Period(date(2023, 1, 2), date(2026, 1, 4))
    units = list(split(period, "week"))
    rows, names = known_events(calendar.between(period), units)
    assert len(set(names)) == len(names) == len(rows)
    at = names.index("easter")
    on = [unit.start.year for unit, share in zip(units, rows[at], strict=True) if share]
    assert sorted(set(on)) == [2023, 2024, 2025]
    assert POOLED in names
    assert not any("unity" in name for name in names)


def test_nothing_gives_no_rows() -> None:
    assert known_events([], [])[0].shape == (0, 0)
    assert known_events([], [YEAR])[0].shape == (0, 1)


def test_a_moving_holiday_moves_with_its_year(make: Make) -> None:
    calendar = PromotionCalendar(make({"China": 1.0}))
    days = [Period(date(2025, 1, 29), date(2025, 1, 29)), Period(date(2026, 1, 29), date(2026, 1, 29)),
            Period(date(2026, 2, 17), date(2026, 2, 17))]  # fmt: skip
    rows, names = known_events(calendar.between(Period(date(2025, 1, 1), date(2026, 12, 31))), days)
    assert rows[names.index("spring-festival")].tolist() == [1.0, 0.0, 1.0]
