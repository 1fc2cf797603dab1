"""Mix and rate, price × volume × mix, factors, the calendar, and the choice of drivers, on cases worked by hand."""

from __future__ import annotations

import math
from datetime import date, timedelta
from itertools import product

import numpy as np
import pytest

from tools.calendar.events import Event, Phase
from tools.drivers import factors
from tools.drivers.calendar_effects import occasion, weekday_effect, weekday_effect_of
from tools.drivers.choosing import Cells, chosen, largest
from tools.drivers.contributions import breakdown, ranked
from tools.drivers.prices import Product, price_volume_mix
from tools.drivers.whole import Part, Whole
from tools.messages import Label
from tools.semantic.catalog import Catalog
from tools.semantic.periods import Period

CATALOG = Catalog.load()
COUNTRY, CATEGORY = CATALOG.dimension("country"), CATALOG.dimension("category")


# --- ratios -----------------------------------------------------------------------------------------------------------


def test_a_shift_between_groups_is_mix_and_no_rate() -> None:
    """Two groups that convert at 10 % and 2 % as ever; the good one's share of visits goes from 50 % to 25 %."""
    good, poor = Part(50, 25, 500, 250), Part(10, 15, 500, 750)
    whole = Whole(60, 40, 1000, 1000, ratio=True)
    assert whole.change == pytest.approx(-0.02)
    assert whole.rate(good) == pytest.approx(0)
    assert whole.rate(poor) == pytest.approx(0)
    # ([r] − M) Δw, with M = (0.06 + 0.04) / 2
    assert whole.mix(good) == pytest.approx((0.10 - 0.05) * -0.25)
    assert whole.mix(poor) == pytest.approx((0.02 - 0.05) * 0.25)


def test_a_change_within_groups_is_rate_and_no_mix() -> None:
    one, other = Part(50, 75, 500, 500), Part(10, 10, 500, 500)
    whole = Whole(60, 85, 1000, 1000, ratio=True)
    assert whole.mix(one) == whole.mix(other) == 0
    assert whole.rate(one) == pytest.approx(0.5 * 0.05)
    assert whole.rate(other) == pytest.approx(0)


def test_a_group_that_came_is_all_mix_and_one_without_a_denominator_all_rate() -> None:
    came = Part(0, 20, 0, 100)
    whole = Whole(100, 140, 1000, 1100, ratio=True)
    assert whole.rate(came) == pytest.approx(0)
    assert whole.mix(came) == pytest.approx(float(whole.contribution(came)))
    returns_alone = Part(0, 20, 0, 0)
    assert whole.mix(returns_alone) == 0
    assert whole.rate(returns_alone) == pytest.approx(20 / 1100)


# --- products of factors ----------------------------------------------------------------------------------------------


def test_factors_share_a_change_by_logarithms() -> None:
    """Orders double and order value stays: all of it is orders. Both double: half each of the logarithm's weight."""
    assert factors.effects((10, 5), (20, 5)) == pytest.approx((50, 0))
    assert factors.effects((10, 5), (20, 10)) == pytest.approx((75, 75))
    weight = (120 - 100) / math.log(1.2)
    assert factors.effects((10, 10), (15, 8)) == pytest.approx((weight * math.log(1.5), weight * math.log(0.8)))


def test_factors_that_are_not_positive_are_not_taken_apart() -> None:
    assert factors.effects((0, 5), (3, 5)) is None


def test_the_logarithmic_mean_of_near_numbers_keeps_its_digits() -> None:
    assert factors.log_mean(100, 100 + 1e-9) == pytest.approx(100 + 5e-10, rel=1e-15)
    assert factors.log_mean(1, math.e) == pytest.approx(math.e - 1)


# --- prices -----------------------------------------------------------------------------------------------------------


def test_price_volume_and_mix_one_at_a_time() -> None:
    dearer = price_volume_mix([Product(100, 120, 10, 10)])
    assert (dearer.price, dearer.volume, dearer.mix) == pytest.approx((20, 0, 0))
    more = price_volume_mix([Product(100, 200, 10, 20), Product(30, 60, 10, 20)])
    assert (more.price, more.volume, more.mix) == pytest.approx((0, 130, 0))
    shifted = price_volume_mix([Product(100, 150, 10, 15), Product(30, 15, 10, 5)])
    assert (shifted.price, shifted.volume, shifted.mix) == pytest.approx((0, 0, 35))


def test_products_that_came_or_went_are_parts_of_their_own() -> None:
    found = price_volume_mix([Product(0, 70, 0, 7), Product(40, 0, 4, 0), Product(10, 10, 1, 1)])
    assert (found.new, found.gone, found.price, found.volume, found.mix) == pytest.approx((70, -40, 0, 0, 0))


def test_the_product_that_makes_most_of_the_price_effect_is_named() -> None:
    one = price_volume_mix([Product(100, 50, 10, 10, "pan"), Product(100, 104, 10, 10, "pot")])
    assert one.repriced == "pan"
    many = price_volume_mix([Product(100, 90, 10, 10, name) for name in "abc"])
    assert many.repriced is None
    assert price_volume_mix([]).repriced is None


# --- dimensions -------------------------------------------------------------------------------------------------------


def test_parts_that_do_not_sum_are_no_breakdown() -> None:
    whole = Whole(100, 110)
    assert breakdown(COUNTRY, whole, {"a": Part(60, 60), "b": Part(40, 50)}) is not None
    assert breakdown(COUNTRY, whole, {"a": Part(60, 60), "b": Part(40, 50.001)}) is None
    assert breakdown(COUNTRY, whole, {"a": Part(100, 110)}) is None


def test_the_dimension_in_which_the_change_is_concentrated_comes_first() -> None:
    whole = Whole(400, 300)
    in_one = breakdown(CATEGORY, whole, {"a": Part(100, 0), **{v: Part(100, 100) for v in "bcd"}})
    in_all = breakdown(COUNTRY, whole, {v: Part(100, 75) for v in "wxyz"})
    assert in_one is not None
    assert in_all is not None
    assert [one.dimension.id for one in ranked([in_all, in_one])] == ["category", "country"]
    assert in_all.strength == pytest.approx(0)


# --- choosing ---------------------------------------------------------------------------------------------------------


def cells(before: np.ndarray, now: np.ndarray) -> Cells:
    """Cells of a table: a row for each value of the first dimension, a column for each of the second."""
    rows, columns = before.shape
    codes = np.array(list(product(range(rows), range(columns))), dtype=np.intp)
    a, b = before.ravel().astype(float), now.ravel().astype(float)
    names = tuple(tuple(f"{letter}{n}" for n in range(size)) for letter, size in (("r", rows), ("c", columns)))
    return Cells(names, codes, b - a, a, (a + b) / (a + b).sum())


def test_a_pair_takes_the_place_of_both_its_values() -> None:
    before = np.full((6, 6), 100.0)
    now = before * 1.05
    now[2, 3] = 10
    steps = chosen(cells(before, now), 5, float((now - before).sum()))
    assert steps[0].terms == ((0, 2), (1, 3))
    assert steps[0].change == pytest.approx(-90)


def test_a_value_that_fell_everywhere_is_named_alone() -> None:
    before = np.full((6, 6), 100.0)
    now = before.copy()
    now[:, 4] = 40
    (step,) = chosen(cells(before, now), 5, -360)
    assert step.terms == ((1, 4),)
    assert not step.cut


def test_of_a_single_dimension_the_largest_are_named() -> None:
    """In step or not: the second and the third value moved most."""
    change = np.array([1.0, -30.0, -20.0, 5.0, 0.01])
    base = np.array([10.0, 300.0, 20.0, 50.0, 10.0])
    table = Cells((("a", "b", "c", "d", "e"),), np.arange(5, dtype=np.intp)[:, None], change, base, base / base.sum())
    assert [step.terms[0][1] for step in largest(table, 3, -43.99)] == [1, 2, 3]
    assert [step.terms[0][1] for step in largest(table, 9, -43.99)] == [1, 2, 3, 0]  # the last is noise


def test_nothing_is_counted_twice() -> None:
    rng = np.random.default_rng(7)
    before = rng.uniform(50, 150, (8, 9))
    now = before * rng.uniform(0.5, 1.5, (8, 9))
    change = float((now - before).sum())
    table = cells(before, now)
    steps = chosen(table, 8, change)
    held = np.zeros(len(table.change), dtype=bool)
    for step in steps:
        group = np.ones(len(held), dtype=bool)
        for dimension, value in step.terms:
            group &= table.codes[:, dimension] == value
        assert step.change == pytest.approx(table.change[group & ~held].sum())
        assert step.cut == bool((group & held).any())
        held |= group


def test_two_movements_that_cancel_are_both_found() -> None:
    before = np.full((5, 5), 100.0)
    now = before.copy()
    now[0, :] += 60
    now[:, 1] -= 60
    steps = chosen(cells(before, now), 2, 0.0)
    assert {step.terms for step in steps} == {((0, 0),), ((1, 1),)}


# --- the calendar -----------------------------------------------------------------------------------------------------


def test_an_extra_sunday_is_worth_the_baselines_sundays() -> None:
    """February 2026 has four of each weekday, March five Sundays, Mondays and Tuesdays."""
    february, march = Period(date(2026, 2, 1), date(2026, 2, 28)), Period(date(2026, 3, 1), date(2026, 3, 31))
    daily = {february.start + timedelta(days=n): 10.0 * (n % 7 + 1) for n in range(28)}  # Sunday 10, Monday 20 …
    effect = weekday_effect(february, march, daily)
    assert effect is not None
    assert effect.effect == pytest.approx(10 + 20 + 30)
    assert effect.comparable_rate(sum(daily.values()), sum(daily.values()) + 60) == pytest.approx(0)


def test_other_weekdays_are_told_by_those_that_explain_most() -> None:
    """October 2011 has five Saturdays, on which the shop is closed, and four Thursdays, its best days."""
    september, october = Period(date(2011, 9, 1), date(2011, 9, 30)), Period(date(2011, 10, 1), date(2011, 10, 31))
    daily = {september.start + timedelta(days=n): [90.0, 50, 0, 30, 40, 50, 50][n % 7] for n in range(30)}
    found = weekday_effect(september, october, daily)
    assert found is not None
    saturdays, thursdays = 5, 3
    assert [found.counts[day] for day in (saturdays, thursdays)] == [(4, 5), (5, 4)]
    assert found.effect < 0
    assert not found.by_length
    assert set(found.moved[:2]) == {saturdays, thursdays}


def test_a_sunday_and_a_monday_are_what_the_weeks_before_say() -> None:
    sunday, monday = (Period(day, day) for day in (date(2011, 12, 4), date(2011, 12, 5)))
    weeks = Period(date(2011, 10, 9), date(2011, 12, 3))
    daily = {weeks.start + timedelta(days=n): 10.0 if n % 7 == 0 else 30.0 for n in range(56)}
    assert weekday_effect(sunday, monday, {}) is None
    found = weekday_effect_of(sunday, monday, weeks, daily)
    assert found is not None
    assert (found.usual[6], found.usual[0], found.effect) == pytest.approx((10, 30, 20))
    assert weekday_effect_of(sunday, monday, Period(date(2011, 11, 20), date(2011, 12, 3)), daily) is None


def event(name: str, start: date, end: date, phase: Phase | None = None, country: str | None = None) -> Event:
    return Event(name, name, Label(name), "promotion", start, end, country, phase, "shipped")


OCTOBER, NOVEMBER = Period(date(2026, 10, 1), date(2026, 10, 31)), Period(date(2026, 11, 1), date(2026, 11, 30))


def two_months(amount: float = 100.0) -> dict[date, float]:
    return {OCTOBER.start + timedelta(days=n): amount + n % 2 for n in range(61)}


def test_a_promotion_in_one_period_is_told_with_what_its_days_brought() -> None:
    daily = two_months()
    for day in (10, 11):
        daily[date(2026, 11, day)] = 500
    promotion = event("double-11", date(2026, 11, 10), date(2026, 11, 11))
    found = occasion(OCTOBER, NOVEMBER, {None: daily}, [promotion])
    assert found is not None
    assert found.in_period
    assert found.days == (date(2026, 11, 10), date(2026, 11, 11))
    assert (found.brought, found.usual) == pytest.approx((500, 100.5), abs=1)
    assert occasion(OCTOBER, NOVEMBER, {None: dict.fromkeys(daily, 100.0)}, [promotion]) is None


def test_a_season_that_grows_is_not_laid_to_an_occasion() -> None:
    """The days of Halloween are as the days before, and far below the Christmas season after them."""
    daily = {day: 100.0 if day < date(2026, 11, 5) else 200.0 for day in two_months()}
    halloween = event("halloween", date(2026, 10, 25), date(2026, 10, 31))
    assert occasion(OCTOBER, NOVEMBER, {None: daily}, [halloween]) is None


def test_a_stretch_of_weeks_is_a_season_and_not_told() -> None:
    daily = {day: amount + 300 * (day.day > 10 and day.month == 10) for day, amount in two_months().items()}
    season = event("back-to-school", date(2026, 10, 11), date(2026, 10, 31))
    assert occasion(OCTOBER, NOVEMBER, {None: daily}, [season]) is None


def test_the_same_occasion_a_year_earlier_is_none_in_one_period_only() -> None:
    a_year_ago = Period(date(2025, 11, 1), date(2025, 11, 30))
    daily = two_months() | dict.fromkeys((a_year_ago.start + timedelta(days=n) for n in range(30)), 100.0)
    daily[date(2025, 11, 11)] = daily[date(2026, 11, 11)] = 500.0
    both = [event("double-11", date(year, 11, 11), date(year, 11, 11)) for year in (2025, 2026)]
    assert occasion(a_year_ago, NOVEMBER, {None: daily}, both) is None


def test_a_countrys_holiday_is_looked_for_in_its_own_figures() -> None:
    china = two_months()
    for day in range(1, 8):
        china[date(2026, 10, day)] = 20
    everywhere = {day: value + 1000 * (day.day % 2) for day, value in china.items()}
    golden_week = event("national-day", date(2026, 10, 1), date(2026, 10, 7), country="China")
    found = occasion(OCTOBER, NOVEMBER, {None: everywhere, "China": china}, [golden_week])
    assert found is not None
    assert not found.in_period
    assert found.countries == ("China",)
    assert found.beyond == pytest.approx(-7 * 80, rel=0.05)
