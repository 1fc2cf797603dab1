"""The forecasting engine: what it finds, what it must not see, and that its figures mean what they say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.stats.forecasting.accuracy import mase, owa, relative_error, smape
from tools.stats.forecasting.backtest import SEASONAL_SHARE, forecasts_at, origins, seasonal_share
from tools.stats.forecasting.candidates import Roster
from tools.stats.forecasting.engine import TooShort, _history, forecast, needed_steps, split
from tools.stats.forecasting.library import library_forecasts
from tools.stats.forecasting.panel import Panel, aligned, seasons_of
from tools.stats.forecasting.task import Floats, Series, SeriesForecast, Task

WEEK = (7.0, 365.25)


def one(values: Floats, horizon: int, seasons: tuple[float, ...] = WEEK, **more: object) -> SeriesForecast:
    return forecast(Task((Series("a", np.asarray(values, dtype=float)),), horizon, seasons, **more))[0]  # type: ignore[arg-type]


def same(a: SeriesForecast, b: SeriesForecast) -> bool:
    return (
        np.array_equal(a.mean, b.mean)
        and all(np.array_equal(a.intervals[level].low, b.intervals[level].low) for level in (0.8, 0.95))
        and np.array_equal(a.backtest.errors, b.backtest.errors)
        and a.total_intervals == b.total_intervals
        and a.weights == b.weights
    )


class TestFinds:
    def test_a_weekday_pattern(self) -> None:
        pattern = np.array([5, 10, 10, 12, 20, 30, 0.0])
        rng = np.random.default_rng(1)
        days = np.arange(140 + 14)
        values = pattern[days % 7] * rng.normal(1, 0.05, 154)
        made = one(values[:140], 14)
        assert np.allclose(made.mean, pattern[days[140:] % 7], atol=1.5)
        assert made.backtest.step_error is not None
        assert made.backtest.step_error < 0.08

    def test_a_trend(self) -> None:
        rng = np.random.default_rng(2)
        weeks = np.arange(90)
        line = 100 + 3 * weeks
        made = one(line[:80] + rng.normal(0, 2, 80), 8, (52.18,))
        assert np.allclose(made.mean, line[80:88], rtol=0.03)

    def test_the_year_that_was_seen_less_than_twice(self) -> None:
        rng = np.random.default_rng(3)
        weeks = np.arange(104)
        truth = 100 * (1 + 0.6 * np.exp(-(((weeks % 52) - 46) ** 2) / 18))
        made = one((truth * rng.normal(1, 0.04, 104))[:94], 8, (52.18,))
        flat = np.abs(truth[94:102] - truth[85:94].mean()).mean()
        assert np.abs(made.mean - truth[94:102]).mean() < 0.35 * flat

    def test_a_months_days(self) -> None:
        days = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] * 3, dtype=float)
        made = one(days[:25] * 10, 3, (12,), lengths=days[:28])
        assert np.allclose(made.mean, days[25:28] * 10, rtol=1e-6)

    def test_an_event_by_its_name(self) -> None:
        rng = np.random.default_rng(4)
        days, on = np.arange(400 + 28), np.zeros((2, 428))
        on[0, [60, 61, 200, 201, 330, 331, 410]] = 1.0
        on[1, 415] = 1.0
        values = 100 * rng.normal(1, 0.05, 428) * (1 + 1.5 * on[0])
        made = one(values[:400], 28, known=on, known_names=("sale", "never seen"))
        assert made.event_effects["sale"] == pytest.approx(2.5, rel=0.08)
        assert "never seen" not in made.event_effects
        assert made.mean[days[410] - 400] == pytest.approx(250, rel=0.1)
        assert made.mean[15] == pytest.approx(100, rel=0.08)

    def test_a_closed_day(self) -> None:
        rng = np.random.default_rng(5)
        on = np.zeros((1, 500))
        on[0, [100, 300, 495]] = 1.0
        values = 50 * rng.normal(1, 0.05, 500) * (1 - on[0])
        made = one(values[:490], 10, known=on, known_names=("closed",))
        assert made.mean[5] < 5
        assert made.mean[4] == pytest.approx(50, rel=0.08)

    def test_noise_is_no_event(self) -> None:
        rng = np.random.default_rng(6)
        on = (rng.random((6, 228)) < 0.03).astype(float)
        made = one(rng.lognormal(4, 0.5, 200), 28, known=on, known_names=tuple("abcdef"))
        assert all(0.6 < factor < 1.6 for factor in made.event_effects.values())

    def test_what_series_share(self) -> None:
        """Twelve noisy series of one shape: together their year is plainer than each alone."""
        rng = np.random.default_rng(7)
        weeks = np.arange(112)
        shape = 1 + 0.5 * np.sin(2 * np.pi * weeks / 52.18)
        values = rng.poisson(6 * shape, (12, 112)).astype(float)
        made = forecast(Task(tuple(Series(str(i), v[:104]) for i, v in enumerate(values)), 8, (52.18,)))
        together = np.mean([np.abs(m.mean - 6 * shape[104:]).mean() for m in made])
        alone = np.mean([np.abs(one(v[:104], 8, (52.18,)).mean - 6 * shape[104:]).mean() for v in values])
        assert together < alone


class TestSeesNothingLater:
    @pytest.fixture
    def values(self) -> Floats:
        rng = np.random.default_rng(8)
        return np.asarray(rng.gamma(9, 10, (3, 200)))

    def test_an_origin_reads_nothing_after_itself(self, values: Floats) -> None:
        on = np.zeros((1, 214))
        on[0, [20, 80, 150, 195]] = 1.0
        wild = values.copy()
        wild[:, 150:] *= 1000
        made = []
        for known_values in (values, wild):
            task = Task(tuple(Series(str(i), v) for i, v in enumerate(known_values)), 14, WEEK, on, ("sale",))
            made.append(forecasts_at(_history(task), 150, Roster(())))
        for name, before in made[0].models.items():
            assert np.array_equal(before, made[1].models[name], equal_nan=True), name

    def test_earlier_backtests_do_not_know_the_last_steps(self, values: Floats) -> None:
        """An origin whose horizon is over before the change keeps its errors."""
        wild = values[0].copy()
        wild[-14:] *= 50
        calm, stirred = one(values[0], 14), one(wild, 14)
        untouched = [i for i, at in enumerate(origins(200, 14, 15)) if at + 14 <= 186]
        rows = [i for i in untouched if i < calm.backtest.origins]
        assert len(rows) > 5
        assert np.array_equal(calm.backtest.errors[rows], stirred.backtest.errors[rows])

    def test_what_is_known_of_later_events_alone_differs(self, values: Floats) -> None:
        on = np.zeros((1, 214))
        on[0, [20, 80, 150]] = 1.0
        later = on.copy()
        later[0, 205] = 1.0
        a = one(values[0], 14, known=on, known_names=("sale",))
        b = one(values[0], 14, known=later, known_names=("sale",))
        assert np.array_equal(a.backtest.errors, b.backtest.errors)
        assert np.array_equal(np.delete(a.mean, 5), np.delete(b.mean, 5))


class TestIntervals:
    def test_hold_what_they_promise_on_noise(self) -> None:
        rng = np.random.default_rng(9)
        values = 100 + rng.normal(0, 10, (60, 130))
        made = forecast(Task(tuple(Series(str(i), v[:120]) for i, v in enumerate(values)), 10, (7,)))
        for level, least, most in ((0.8, 0.75, 0.86), (0.95, 0.91, 0.99)):
            bands = [m.intervals[level] for m in made]
            inside = [(b.low <= v[120:]) & (v[120:] <= b.high) for b, v in zip(bands, values, strict=True)]
            assert least < np.mean(inside) < most
            sums = [m.total_intervals[level] for m in made]
            held = [low <= v[120:].sum() <= high for (low, high), v in zip(sums, values, strict=True)]
            assert least - 0.1 < np.mean(held) <= most + 0.1
        assert np.mean([m.backtest.coverage for m in made]) == pytest.approx(0.8, abs=0.03)

    def test_a_single_series_is_not_overconfident(self) -> None:
        rng = np.random.default_rng(10)
        inside = []
        for _ in range(25):
            values = rng.lognormal(4, 0.3, 68)
            band = one(values[:60], 8, (52.18,)).intervals[0.8]
            inside.append(((band.low <= values[60:]) & (values[60:] <= band.high)).mean())
        assert 0.72 < np.mean(inside) < 0.9

    def test_the_sum_is_of_the_steps_asked_for(self) -> None:
        rng = np.random.default_rng(11)
        values = rng.gamma(20, 5, 150)
        whole, part = one(values, 20), one(values, 20, asked=(8, 15))
        assert np.array_equal(whole.mean, part.mean)
        assert part.total == pytest.approx(part.mean[8:15].sum())
        assert np.diff(part.total_intervals[0.8])[0] < np.diff(whole.total_intervals[0.8])[0]
        assert part.backtest.error != whole.backtest.error


LINES = st.one_of(
    st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=24, max_size=60),
    st.lists(st.sampled_from([0.0, 0.0, 0.0, 1.0, 2.0]), min_size=24, max_size=60),
    st.lists(st.just(0.0), min_size=24, max_size=30),
    st.lists(st.just(7.5), min_size=24, max_size=30),
)


class TestAnySeries:
    @settings(max_examples=15)
    @given(lines=st.lists(LINES, min_size=1, max_size=4), floor=st.sampled_from([None, 0.0]), horizon=st.integers(1, 9))
    def test_gets_finite_nested_bounds(self, lines: list[list[float]], floor: float | None, horizon: int) -> None:
        task = Task(tuple(Series(str(i), np.array(v)) for i, v in enumerate(lines)), horizon, (7, 365.25), floor=floor)
        made = forecast(task)
        assert [m.id for m in made] == [s.id for s in task.series]
        for m in made:
            inner, outer = m.intervals[0.8], m.intervals[0.95]
            assert m.mean.shape == (horizon,)
            assert np.isfinite([m.mean, inner.low, inner.high, outer.low, outer.high]).all()
            assert (outer.low <= inner.low).all()
            assert (inner.low <= m.mean).all()
            assert (m.mean <= inner.high).all()
            assert (inner.high <= outer.high).all()
            assert m.total == pytest.approx(m.mean.sum())
            assert m.total_intervals[0.95][0] <= m.total_intervals[0.8][0] <= m.total <= m.total_intervals[0.8][1]
            assert floor is None or outer.low.min() >= floor
            assert sum(m.weights.values()) == pytest.approx(1.0, abs=0.05)

    def test_nothing_stays_nothing(self) -> None:
        made = one(np.zeros(60), 7)
        assert (made.mean == 0).all()
        assert made.backtest.error is None

    def test_a_constant_stays(self) -> None:
        made = one(np.full(60, 12.0), 7)
        assert np.allclose(made.mean, 12.0)
        assert np.allclose(made.intervals[0.95].high, 12.0, atol=0.01)

    def test_a_newcomer_beside_old_series(self) -> None:
        rng = np.random.default_rng(12)
        old = rng.gamma(9, 10, (4, 120))
        series = [*(Series(str(i), v) for i, v in enumerate(old)), Series("new", rng.gamma(9, 1, 6))]
        newcomer = forecast(Task(tuple(series), 7, WEEK))[-1]
        assert 2 < newcomer.mean.mean() < 25
        assert newcomer.intervals[0.8].low.min() < newcomer.mean.mean() < newcomer.intervals[0.8].high.max()

    def test_demand_now_and_then(self) -> None:
        rng = np.random.default_rng(13)
        values = np.where(rng.random(300) < 0.1, rng.integers(1, 6, 300), 0).astype(float)
        made = one(values, 28)
        assert made.total == pytest.approx(28 * values.mean(), rel=0.5)

    def test_too_little_history_says_how_much_is_needed(self) -> None:
        with pytest.raises(TooShort) as caught:
            one(np.arange(20.0), 28)
        assert caught.value.needed == needed_steps(28) == 56
        assert one(np.arange(56.0) + 1, 28).backtest.origins > 0

    @pytest.mark.parametrize(
        "task",
        [
            Task((), 3, (7,)),
            Task((Series("a", np.ones(30)),), 0, (7,)),
            Task((Series("a", np.array([1.0, np.nan] * 15)),), 3, (7,)),
            Task((Series("a", np.ones(30)),), 3, (7,), known=np.ones((1, 20)), known_names=("x",)),
            Task((Series("a", np.ones(30)),), 3, (7,), known=np.ones((1, 33)), known_names=()),
            Task((Series("a", np.ones(30)),), 3, (7,), asked=(2, 5)),
        ],
    )
    def test_a_bad_task_is_refused(self, task: Task) -> None:
        with pytest.raises(ValueError, match=r"."):
            forecast(task)


def test_twice_is_the_same_and_order_does_not_matter() -> None:
    rng = np.random.default_rng(14)
    series = tuple(Series(str(i), rng.gamma(4, 10, 150)) for i in range(4))
    first, again = forecast(Task(series, 14, WEEK)), forecast(Task(series, 14, WEEK))
    assert all(same(a, b) for a, b in zip(first, again, strict=True))
    turned = forecast(Task(series[::-1], 14, WEEK))[::-1]
    assert all(np.allclose(a.mean, b.mean) for a, b in zip(first, turned, strict=True))


def test_parts_of_a_task_hold_all_series_in_order() -> None:
    task = Task(tuple(Series(str(i), np.ones(30)) for i in range(7)), 3, (7,))
    assert [s.id for part in split(task, 3) for s in part.series] == [s.id for s in task.series]
    assert len(split(task, 20)) == 7


def test_the_packages_croston_is_what_the_paper_says() -> None:
    """Syntetos & Boylan (2005): 0.95 times mean size by mean interval, both smoothed by 0.1."""
    demand = np.zeros(400)
    demand[::5] = 10.0
    ahead = library_forecasts(Panel(demand[None], 1, 0.0), 3, ("croston",))["croston"]
    assert np.allclose(ahead, 0.95 * 10 / 5, rtol=0.01)


class TestAccuracy:
    def test_naive2_on_the_competitions_weekly_series(self, shared_data: object) -> None:
        """Makridakis, Spiliotis & Assimakopoulos (2020), weekly: sMAPE 9.161, MASE 2.777."""
        from pathlib import Path

        folder = Path(str(shared_data)) / "m4_weekly"
        train, test = (pd.read_parquet(folder / f"m4_weekly_{part}.parquet") for part in ("train", "test"))
        histories = {name: rows.y.to_numpy() for name, rows in train.groupby("unique_id")}
        actual = {name: rows.y.to_numpy() for name, rows in test.groupby("unique_id")}
        naive = {name: np.full(13, y[-1]) for name, y in histories.items()}
        errors = np.mean([smape(actual[name], naive[name]) for name in histories])
        scaled = np.mean([mase(y, actual[name], naive[name]) for name, y in histories.items()])
        assert errors == pytest.approx(9.161, abs=5e-4)
        assert scaled == pytest.approx(2.777, abs=5e-4)
        assert owa(float(errors), float(scaled), 9.161, 2.777) == pytest.approx(1.0, abs=1e-3)

    def test_edges(self) -> None:
        assert smape(np.zeros(3), np.zeros(3)) == 0
        assert smape(np.ones(2), np.zeros(2)) == 200
        assert relative_error(np.zeros(3), np.ones(3)) is None
        assert relative_error(np.array([10.0, np.nan]), np.array([9.0, 1.0])) == pytest.approx(0.1)
        with pytest.raises(ValueError, match="does not move"):
            mase(np.ones(5), np.ones(2), np.ones(2))


def test_seasons_that_history_has_not_seen_are_left_out() -> None:
    assert seasons_of((7, 365.25), 100) == (7, 0.0)
    assert seasons_of((7, 365.25), 400) == (7, 365.25)
    assert seasons_of((52.18,), 60) == (1, 52.18)
    assert seasons_of((12,), 30) == (1, 12.0)
    assert seasons_of((), 30) == (1, 0.0)


def test_leading_zeros_are_no_history() -> None:
    values = aligned([np.array([0.0, 0.0, 3.0, 0.0]), np.array([1.0, 2.0])])
    assert np.array_equal(values, [[np.nan, np.nan, 3, 0], [np.nan, np.nan, 1, 2]], equal_nan=True)


def test_the_season_before_counts_where_its_sums_were_clearly_nearer() -> None:
    signs = np.array([1.0, -1.0, 1.0, -1.0])[:, None, None]
    combined = np.full((4, 3, 5), 10.0) * signs
    season = combined * np.array([0.3, 0.3, 0.3])[None, :, None]
    assert seasonal_share(combined, season).tolist() == [SEASONAL_SHARE] * 3
    assert seasonal_share(season, combined).tolist() == [0.0] * 3
    assert seasonal_share(combined, combined * 0.95).tolist() == [0.0] * 3
    assert seasonal_share(combined[:2], season[:2]).tolist() == [0.0] * 3  # two tries are chance
    one_of_many = combined * np.array([0.7, 1.0, 1.0])[None, :, None]
    assert seasonal_share(combined, one_of_many).tolist() == [0.0] * 3  # its luck beside the others
    errors_cancel = combined * np.array([1.0, -1.0, 1.0, -1.0, 0.0])[None, None, :]
    assert seasonal_share(combined, errors_cancel).tolist() == [SEASONAL_SHARE] * 3


def test_the_season_before_makes_up_a_forecast_that_it_would_have_made_better() -> None:
    rng = np.random.default_rng(7)
    year = np.exp(rng.normal(0.0, 0.6, 52)) * 100  # every week of the year has a level of its own
    values = np.tile(year, 3)[: 52 * 2 + 30] * np.exp(rng.normal(0.0, 0.01, 52 * 2 + 30))
    (made,) = forecast(Task((Series("weeks", values),), 8, (365.25 / 7,)))
    actual = year[(30 + np.arange(8)) % 52]
    assert abs(made.total / actual.sum() - 1) < 0.05
