"""Stock against demand: distributions, shares, deliveries, classes, beside what can be worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tools.stock.classes import abc, variation, xyz
from tools.stock.demand import Demand, stock_out_risk
from tools.stock.outlook import Outlook
from tools.stock.policy import Sums, reorder
from tools.stock.position import Deliveries, Order, Stock
from tools.stock.shares import Shares, fit_shares

TODAY = date(2026, 6, 30)


def _sums(mean: float, variance: float) -> Sums:
    return Sums(np.array([mean]), np.array([variance]))


# --- enough stock -----------------------------------------------------------------------------------------------------


def test_of_normal_demand_the_safety_stock_is_the_textbooks() -> None:
    """z · σ · √L: 400 ± 40 a day, nine days, 97.5 % (Silver, Pyke and Thomas, §6.7)."""
    daily, deviation, lead, review = 400.0, 40.0, 9, 7
    over_lead = _sums(daily * lead, deviation**2 * lead)
    over_both = _sums(daily * (lead + review), deviation**2 * (lead + review))
    found = reorder(over_lead, over_both, np.array([3000.0]), 0.975)
    assert found.safety[0] == pytest.approx(1.959964 * deviation * lead**0.5, rel=0.02)
    assert found.point[0] == pytest.approx(daily * lead + 1.959964 * deviation * lead**0.5, rel=0.001)
    up_to = daily * (lead + review) + 1.959964 * deviation * (lead + review) ** 0.5
    assert found.quantity[0] == pytest.approx(up_to - 3000, rel=0.01)


def test_what_is_there_is_not_ordered() -> None:
    found = reorder(_sums(10, 12), _sums(17, 20), np.array([500.0]), 0.95)
    assert found.quantity[0] == 0


def test_counts_are_those_of_the_distributions() -> None:
    poisson, lumpy = _sums(3.2, 3.2), _sums(3.2, 9.6)
    size, p = 3.2**2 / (9.6 - 3.2), 3.2 / 9.6
    for stock in range(12):
        assert poisson.exceeds(np.array([stock]))[0] == pytest.approx(stats.poisson.sf(stock, 3.2))
        assert lumpy.exceeds(np.array([stock]))[0] == pytest.approx(stats.nbinom.sf(stock, size, p))
    assert lumpy.quantile(0.95)[0] == stats.nbinom.ppf(0.95, size, p)


def test_the_edges_of_demand_and_stock() -> None:
    nothing, something = _sums(0.0, 0.0), _sums(2.0, 3.0)
    assert nothing.exceeds(np.array([0.0]))[0] == 0
    assert nothing.quantile(0.99)[0] == 0
    assert something.exceeds(np.array([-1.0]))[0] == 1


@given(
    st.floats(0.01, 5000),
    st.floats(0, 10),
    st.floats(0.51, 0.995),
)
def test_a_quantile_is_the_least_that_is_enough(mean: float, lumpiness: float, level: float) -> None:
    sums = _sums(mean, mean * (1 + lumpiness))
    q = sums.quantile(level)
    assert sums.exceeds(q)[0] <= 1 - level + 1e-9
    if q[0] > 0:
        assert sums.exceeds(q - 1)[0] >= 1 - level - 1e-9


# --- shares -----------------------------------------------------------------------------------------------------------


def test_days_out_of_stock_are_no_days_without_demand() -> None:
    rng = np.random.default_rng(1)
    pace = rng.poisson(400, (1, 280)).astype(float)
    units = rng.poisson(pace * np.array([[0.05], [0.05]])).astype(float)
    units[1, 200:260] = 0
    seen = np.ones_like(units, dtype=bool)
    blind = fit_shares(units, np.repeat(pace, 2, axis=0), seen)
    seen[1, 200:260] = False
    told = fit_shares(units, np.repeat(pace, 2, axis=0), seen)
    assert told.share[0] == pytest.approx(0.05, rel=0.1)
    assert told.share[1] == pytest.approx(0.05, rel=0.1)
    assert blind.share[1] < 0.04


def test_lumpy_orders_are_seen_as_such() -> None:
    rng = np.random.default_rng(2)
    pace = np.full((40, 364), 100.0)
    single = rng.poisson(3, pace.shape).astype(float)
    packs = (4 * rng.poisson(0.75, pace.shape)).astype(np.float64)
    seen = np.ones(pace.shape, dtype=bool)
    assert np.median(fit_shares(single, pace, seen).dispersion) == pytest.approx(1, abs=0.25)
    assert np.median(fit_shares(packs, pace, seen).dispersion) == pytest.approx(4, rel=0.25)


def test_a_product_that_takes_off_is_followed() -> None:
    rng = np.random.default_rng(3)
    pace = np.full((30, 364), 500.0)
    share = np.full((30, 364), 0.01)
    share[0] = np.where(np.arange(364) < 300, 0.002, 0.02)
    units = rng.poisson(pace * share).astype(float)
    found = fit_shares(units, pace, np.ones(pace.shape, dtype=bool))
    assert found.share[0] == pytest.approx(0.02, rel=0.2)
    assert found.share[1:] == pytest.approx(np.full(29, 0.01), rel=0.3)


def test_four_weeks_ahead_stay_below_their_quantiles_as_often_as_they_say() -> None:
    rng = np.random.default_rng(4)
    n, days = 300, 364 + 28
    pace = np.full((n, days), 300.0)
    drift = np.cumsum(rng.normal(0, 0.02, (n, days)), axis=1)
    share = 10 ** rng.uniform(-3.5, -1.5, (n, 1)) * np.exp(drift)
    units = rng.negative_binomial(pace * share, 0.5).astype(np.float64)
    past, seen = slice(0, 364), np.ones((n, 364), dtype=bool)
    found = fit_shares(units[:, past], pace[:, past], seen)
    mean = found.share * pace[:, 364:].sum(axis=1)
    sums = Sums(mean, found.dispersion * mean + found.drift**2 * mean**2)
    sold = units[:, 364:].sum(axis=1)
    for level in (0.8, 0.9, 0.95):
        assert float((sold <= sums.quantile(level)).mean()) == pytest.approx(level, abs=0.04)


# --- the days ahead ---------------------------------------------------------------------------------------------------


def _outlook(daily: list[float], beyond: float) -> Outlook:
    return Outlook(TODAY + timedelta(days=1), np.array([daily]), np.array([beyond]), np.zeros(1), forecast=True)


def _demand(outlook: Outlook, share: float, *, sold_since: float = 0.0, skipped: float = 0.0) -> Demand:
    return Demand(
        outlook=outlook,
        shares=Shares(np.array([share]), np.ones(1), 0.0),
        group=np.zeros(1, dtype=np.intp),
        judged=np.ones(1, dtype=bool),
        sold_since=np.array([sold_since]),
        skipped=np.array([skipped]),
        passed=0.0,
    )


def test_the_forecast_is_walked_day_by_day() -> None:
    """Two a day, and a promotion of ten a day from the third: twenty units last 3.6 days."""
    demand = _demand(_outlook([2, 2, 10, 10, 2, 2], 2), 1.0)
    assert demand.lasts(np.array([20.0]))[0] == pytest.approx(3.6)
    assert demand.lasts(np.array([4.0]))[0] == pytest.approx(2)
    assert demand.lasts(np.array([28.0 + 6]))[0] == pytest.approx(6 + 3)
    assert demand.lasts(np.array([0.0]))[0] == 0
    assert demand.lasts_together(np.array([20.0]), np.array([0])) == pytest.approx(3.6)


def test_what_was_sold_since_the_count_is_gone() -> None:
    demand = _demand(_outlook([2.0] * 10, 2), 1.0, sold_since=6)
    assert demand.lasts(np.array([20.0]))[0] == pytest.approx(7)


@given(st.lists(st.floats(0, 50), min_size=1, max_size=30), st.floats(0.1, 20), st.floats(0, 500))
def test_days_and_units_are_each_others_inverse(daily: list[float], beyond: float, units: float) -> None:
    outlook = _outlook(daily, beyond)
    group = np.zeros(1, dtype=np.intp)
    days = outlook.days_until(group, np.array([units]))
    assert outlook.pace(group, days)[0] == pytest.approx(units, abs=1e-6)


def test_what_nobody_wants_lasts_for_ever() -> None:
    assert np.isinf(_demand(_outlook([2.0] * 10, 2), 0.0).lasts(np.array([5.0]))[0])


def test_a_delivery_too_late_does_not_help() -> None:
    """Ten a day and thirty in stock: a delivery on the second day is in time, one on the eighth is not."""
    demand, stock, lead = _demand(_outlook([10.0] * 20, 10), 1.0), np.array([30.0]), np.array([10.0])
    early, late = (Deliveries(np.array([[due]]), np.array([[500.0]])) for due in (2.0, 8.0))
    assert stock_out_risk(demand, stock, early, lead)[0] < 0.05
    assert stock_out_risk(demand, stock, late, lead)[0] > 0.99
    assert demand.lasts_with(stock, late)[0] == pytest.approx(3)
    assert demand.lasts_with(stock, early)[0] == pytest.approx(53)


# --- deliveries -------------------------------------------------------------------------------------------------------


def _stock(on_order: float, orders: tuple[Order, ...], counted_ago: int = 0) -> Stock:
    one = np.array([10.0])
    counted = np.array([TODAY - timedelta(days=counted_ago)], dtype="datetime64[D]")
    return Stock(TODAY, ("tea",), one, np.array([on_order]), one, counted, counted, one, one, (None,), orders, ())


def test_a_delivery_is_due_its_lead_time_after_its_order() -> None:
    seen = Order(0, TODAY - timedelta(days=4), 30.0)
    found = _stock(30, (seen,)).deliveries(np.array([10.0]))
    assert (found.due.tolist(), found.units.tolist()) == ([[6.0]], [[30.0]])
    assert _stock(30, (seen,)).deliveries(np.array([21.0])).due.tolist() == [[17.0]]


def test_of_what_is_overdue_or_never_seen_the_day_is_not_known() -> None:
    overdue = Order(0, TODAY - timedelta(days=12), 30.0)
    assert _stock(30, (overdue,)).deliveries(np.array([10.0])).due.tolist() == [[5.0]]
    assert _stock(30, ()).deliveries(np.array([10.0])).due.tolist() == [[5.0]]
    assert _stock(float("nan"), ()).deliveries(np.array([10.0])).due.shape == (1, 0)


def test_what_came_after_the_count_is_there() -> None:
    order = Order(0, TODAY - timedelta(days=12), 30.0)
    assert _stock(30, (order,), counted_ago=5).deliveries(np.array([10.0])).due.tolist() == [[0.0]]


# --- classes ----------------------------------------------------------------------------------------------------------


def test_classes_by_value_stop_at_their_limits() -> None:
    assert abc(np.array([50.0, 30.0, 10.0, 5.0, 4.0, 1.0, 0.0, -3.0])).tolist() == list("AABBCCCC")
    assert abc(np.array([79.0, 2.0, 19.0])).tolist() == ["A", "C", "A"]
    assert abc(np.zeros(2)).tolist() == ["C", "C"]


def test_classes_by_steadiness() -> None:
    weeks = {"even": [7.0] * 52, "wavy": [2.0, 12.0] * 26, "rare": [0.0] * 51 + [30.0], "new": [7.0] * 52}
    units = np.repeat(np.array(list(weeks.values())) / 7, 7, axis=1)
    seen = np.ones(units.shape, dtype=bool)
    seen[3, : 46 * 7] = False
    found = variation(units, seen)
    for at, name in enumerate(("even", "wavy", "rare")):
        by_hand = np.std(weeks[name], ddof=1) / np.mean(weeks[name])
        assert found[at] == pytest.approx(by_hand)
    assert xyz(found).tolist() == ["X", "Y", "Z", ""]


def test_weeks_out_of_stock_do_not_make_a_product_erratic() -> None:
    units = np.full((2, 364), 3.0)
    units[:, 100:160] = 0
    seen = np.ones(units.shape, dtype=bool)
    seen[1, 100:160] = False
    found = variation(units, seen)
    assert found[0] > 0.3
    assert found[1] == pytest.approx(0)
