"""The BG/NBD model: the published fit, the paper's formulas against integrals and simulation, extremes, refusals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.special import beta as beta_function

from tests.unit.cdnow import histories
from tools.stats.bgnbd import BgNbd
from tools.stats.fitting import FitFailed

PAPER = BgNbd(0.243, 4.414, 0.793, 2.426)
MODELS = (BgNbd(0.8, 6.0, 0.7, 2.5), BgNbd(0.9, 7.0, 0.9, 2.5, leaves_at_once=True))
Column = NDArray[np.float64]


def simulated(model: BgNbd, customers: int, ahead: float, seed: int) -> tuple[Column, Column, Column, Column]:
    """x, t_x, T of made-up customers at ages of 20 to 40, and how often each bought in the time `ahead` after it."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(model.r, 1 / model.alpha, customers)
    leaving = rng.beta(model.a, model.b, customers)
    age = rng.integers(20, 41, customers).astype(float)
    rows = []
    for own_rate, own_leaving, own_age in zip(rate, leaving, age, strict=True):
        time, x, t_x, later = 0.0, 0, 0.0, 0
        while not (x == time == 0 and model.leaves_at_once and rng.random() < own_leaving):
            time += rng.exponential(1 / own_rate) if own_rate > 1e-12 else np.inf
            if time > own_age + ahead:
                break
            if time <= own_age:
                x, t_x = x + 1, time
            else:
                later += 1
            if rng.random() < own_leaving:
                break
        rows.append((x, t_x, own_age, later))
    x_, t_x_, age_, later_ = np.array(rows, dtype=np.float64).T
    return x_, t_x_, age_, later_


def test_the_papers_fit_of_cdnow(shared_data: Path) -> None:
    x, t_x, age, _mean = histories(shared_data / "cdnow" / "cdnow_sample.parquet")
    model = BgNbd.fit(x, t_x, age)
    assert len(x) == model.customers == 2357
    assert [round(v, 3) for v in (model.r, model.alpha, model.a, model.b)] == [0.243, 4.414, 0.793, 2.426]
    assert round(model.log_likelihood, 1) == -9582.4
    assert not model.weak_prior


def test_the_papers_customer() -> None:
    # Fader, Hardie & Lee (2005): the customer of id 1, x = 2, t_x = 30.43, T = 38.86, bought 1.226 times in 39 weeks.
    assert float(PAPER.expected_purchases(39, 2, 30.43, 38.86)) == pytest.approx(1.226, abs=5e-4)


def test_the_unit_of_time_does_not_matter() -> None:
    x, t_x, age, _later = simulated(PAPER, 1500, 0, seed=1)
    weeks, days = BgNbd.fit(x, t_x, age), BgNbd.fit(x, t_x * 7, age * 7)
    assert [days.r, days.alpha, days.a, days.b] == pytest.approx([weeks.r, weeks.alpha * 7, weeks.a, weeks.b], rel=1e-6)
    assert days.log_likelihood == pytest.approx(weeks.log_likelihood - x.sum() * np.log(7))
    assert days.expected_purchases(70, x, t_x * 7, age * 7) == pytest.approx(weeks.expected_purchases(10, x, t_x, age))


@pytest.mark.parametrize("true", MODELS)
def test_parameters_come_back_from_simulated_customers(true: BgNbd) -> None:
    x, t_x, age, _later = simulated(true, 8000, 0, seed=2)
    model = BgNbd.fit(x, t_x, age, leaves_at_once=true.leaves_at_once)
    assert model.log_likelihood > BgNbd.fit(x, t_x, age, leaves_at_once=not true.leaves_at_once).log_likelihood
    assert model.covariance is not None
    off = np.log([model.r / true.r, model.alpha / true.alpha, model.a / true.a, model.b / true.b])
    assert (np.abs(off) < 3.5 * np.sqrt(np.diag(model.covariance))).all()


@pytest.mark.parametrize("true", MODELS)
def test_what_comes_is_what_was_expected(true: BgNbd) -> None:
    x, t_x, age, later = simulated(true, 10_000, 26, seed=3)
    expected, silent = true.expected_purchases(26, x, t_x, age), true.no_purchase(26, x, t_x, age)
    for low, high in ((0, 0), (1, 1), (2, 4), (5, 99)):
        group = (x >= low) & (x <= high)
        error = later[group].std() / np.sqrt(group.sum())
        assert later[group].mean() == pytest.approx(expected[group].mean(), abs=4 * error)
        rate = (later[group] == 0).mean()
        assert rate == pytest.approx(silent[group].mean(), abs=4 * np.sqrt(rate * (1 - rate) / group.sum()))
    # Calibrated: of those given a chance of silence of about 10 %, 20 % … so many are silent.
    for decile in range(10):
        group = (silent >= decile / 10) & (silent < (decile + 1) / 10)
        if group.sum() > 200:
            assert (later[group] == 0).mean() == pytest.approx(silent[group].mean(), abs=4 * 0.5 / np.sqrt(group.sum()))


@pytest.mark.parametrize("model", MODELS)
def test_draws_of_purchases_have_the_mean_and_the_silence_of_the_formulas(model: BgNbd) -> None:
    x, t_x, age = np.array([0.0, 1.0, 4.0, 30.0]), np.array([0.0, 10.0, 30.0, 38.0]), np.full(4, 40.0)
    drawn = model.simulated(26, x, t_x, age, count=40_000, rng=np.random.default_rng(7))
    error = drawn.std(axis=1) / 200
    assert (np.abs(drawn.mean(axis=1) - model.expected_purchases(26, x, t_x, age)) < 4 * error).all()
    assert (drawn == 0).mean(axis=1) == pytest.approx(model.no_purchase(26, x, t_x, age), abs=0.01)


def test_the_wait_for_the_next_purchase_is_as_likely_as_said() -> None:
    for chance in (0.25, 0.5, 0.75):
        wait = PAPER.wait_if_alive(chance, [0, 3], [39, 39])
        # Alive for sure: the last purchase was just now, or there was none after which to leave.
        silent = PAPER.no_purchase(wait, [0, 3], [0, 39], [39, 39])
        alive = PAPER.p_alive([0, 3], [0, 39], [39, 39])
        assert (1 - silent) / alive == pytest.approx([chance, chance])


@pytest.mark.parametrize("a", [0.01, 0.5, 1 - 1e-9, 1.0, 1 + 1e-6, 1.2, 40.0])
@pytest.mark.parametrize("x", [0, 1, 7, 120])
@pytest.mark.parametrize(("age", "ahead"), [(1, 3), (300, 365), (2, 1825)])
def test_the_expectation_is_the_integral(a: float, x: int, age: float, ahead: float) -> None:
    model = BgNbd(0.7, 30.0, a, 3.5)

    def buys(p: float) -> float:
        """E[(1 − e^(−λpt)) ÷ p] over the rate λ, at a chance p of leaving, of beta density (a, b + x)."""
        return float(-np.expm1(-(model.r + x) * np.log1p(p * ahead / (model.alpha + age))) / p)

    power = min(a, 1.0)  # p = v^(1/power) takes the pole of the density at 0 away

    def over(v: float) -> float:
        p = max(v ** (1 / power), 1e-300)
        return float(buys(p) * p ** (a - power) * (1 - p) ** (model.b + x - 1) / power)

    cuts = [(q / 40) ** power for q in (1, 4, 10)]
    integral = quad(over, 0, 1, points=cuts, limit=500, epsabs=0, epsrel=1e-10)[0] / beta_function(a, model.b + x)
    assert float(model.expected_if_alive(ahead, x, age)) == pytest.approx(integral, rel=1e-6)


def test_extremes_stay_finite_and_ordered() -> None:
    x = np.array([0, 1, 10, 1000, 5000], dtype=float)
    for model in (
        BgNbd(0.01, 0.05, 0.002, 2900.0),
        BgNbd(50.0, 3000.0, 140.0, 0.02),
        BgNbd(0.3, 0.1, 110.0, 12.0),
        BgNbd(0.8, 70.0, 1e-6, 6.7),
        BgNbd(0.8, 70.0, 0.5, 0.5),  # a + b = 1: the paper's expression divides by 0 at x = 0
    ):
        age = np.full(5, 3000.0)
        alive = model.p_alive(x, np.minimum(age, 2990.0 * (x > 0)), age)
        assert ((alive >= 0) & (alive <= 1)).all()
        assert alive[0] == 1
        days = [1.0, 30.0, 365.0, 1825.0]
        expected = np.array([model.expected_if_alive(t, x, age) for t in days])
        assert np.isfinite(expected).all()
        assert (expected >= 0).all()
        assert (np.diff(expected, axis=0) >= 0).all()
        silent = np.array([model.no_purchase(t, x, age * (x > 0), age) for t in days])
        assert ((silent >= 0) & (silent <= 1)).all()
        # No more than if nobody ever left, and no less than the chance of a purchase at all.
        for t, row, none in zip(days, expected, silent, strict=True):
            assert (row <= (model.r + x) / (model.alpha + age) * t * (1 + 1e-9)).all()
            assert (model.p_alive(x, age * (x > 0), age) * row >= (1 - none) * (1 - 1e-6)).all()


def test_who_never_leaves_is_told_by_a_weak_prior() -> None:
    rng = np.random.default_rng(4)
    rate = rng.gamma(2.0, 1 / 20, 800)
    x = rng.poisson(rate * 100)
    t_x = np.where(x > 0, 100 * rng.beta(np.maximum(x, 1), 1), 0.0)  # the last of x uniform times
    model = BgNbd.fit(x, t_x, np.full(800, 100.0))
    assert model.weak_prior
    assert float(np.average(model.p_alive(x, t_x, 100.0), weights=x)) > 0.97
    assert model.expected_purchases(50, x, t_x, 100.0).sum() == pytest.approx(rate.sum() * 50, rel=0.08)


def test_one_day_of_history_and_few_customers_are_fitted_or_refused() -> None:
    with pytest.raises(FitFailed, match="nobody"):
        BgNbd.fit([0, 0, 0], [0, 0, 0], [10, 20, 30])
    assert BgNbd.fit([0, 1, 2], [0, 5, 9], [10, 20, 30]).weak_prior
    assert BgNbd.fit([3], [3], [3]).weak_prior


@pytest.mark.parametrize(
    ("x", "t_x", "age"),
    [
        ([1], [5], [4]),
        ([-1], [0], [4]),
        ([0], [2], [4]),
        ([1], [float("nan")], [4]),
        ([], [], []),
        ([[1]], [[1]], [[2]]),
    ],
)
def test_histories_that_cannot_be_are_refused(x: list[float], t_x: list[float], age: list[float]) -> None:
    with pytest.raises(ValueError, match=r"expected|must be"):
        BgNbd.fit(x, t_x, age)


def test_equal_rows_count_as_often_as_they_occur() -> None:
    x, t_x, age, _later = simulated(PAPER, 600, 0, seed=5)
    t_x = np.round(t_x)
    once, order = BgNbd.fit(x, t_x, age), np.random.default_rng(0).permutation(600)
    again = BgNbd.fit(x[order], t_x[order], age[order])
    assert [again.r, again.alpha, again.a, again.b] == pytest.approx([once.r, once.alpha, once.a, once.b], rel=1e-8)
    twice = BgNbd.fit(np.tile(x, 2), np.tile(t_x, 2), np.tile(age, 2))
    assert twice.log_likelihood == pytest.approx(2 * once.log_likelihood)


def test_draws_of_the_parameters_repeat_and_scatter_as_the_covariance_says() -> None:
    x, t_x, age, _later = simulated(PAPER, 2000, 0, seed=6)
    model = BgNbd.fit(x, t_x, age)
    draws = model.sampled(4000, seed=1)
    assert draws[:5] == model.sampled(4000, seed=1)[:5]
    assert model.covariance is not None
    logs = np.log([[d.r, d.alpha, d.a, d.b] for d in draws])
    assert logs.std(axis=0) == pytest.approx(np.sqrt(np.diag(model.covariance)), rel=0.06)
    with pytest.raises(ValueError, match="not fitted"):
        PAPER.sampled(10, seed=1)
