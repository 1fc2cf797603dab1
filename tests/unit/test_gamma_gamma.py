"""The Gamma-Gamma model: the published fit, simulated customers, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.unit.cdnow import histories
from tools.stats.fitting import FitFailed
from tools.stats.gamma_gamma import GammaGamma


def test_the_notes_fit_of_cdnow(shared_data: Path) -> None:
    x, _t_x, _age, mean = histories(shared_data / "cdnow" / "cdnow_sample.parquet")
    again = x > 0
    model = GammaGamma.fit(x[again], mean[again])
    assert model.customers == 946
    assert (round(model.p, 2), round(model.q, 2), round(model.gamma, 2)) == (6.25, 3.74, 15.44)
    assert model.mean == pytest.approx(35.17, abs=0.01)
    assert model.correlation is not None
    assert model.correlation == pytest.approx(0.114, abs=5e-4)


def test_parameters_come_back_from_simulated_customers() -> None:
    true = GammaGamma(5.0, 4.0, 20.0)
    rng = np.random.default_rng(1)
    x = rng.geometric(0.3, 6000).astype(float)
    own = rng.gamma(true.q, 1 / true.gamma, 6000)
    mean = rng.gamma(true.p * x, 1 / own) / x
    model = GammaGamma.fit(x, mean)
    assert model.covariance is not None
    off = np.log([model.p / true.p, model.q / true.q, model.gamma / true.gamma])
    assert (np.abs(off) < 3.5 * np.sqrt(np.diag(model.covariance))).all()
    # What customers go on to spend: unbiased among the high and among the low.
    later = rng.gamma(true.p, 1 / own)
    expected = true.expected_value(x, mean)
    for group in (expected < np.quantile(expected, 0.2), expected > np.quantile(expected, 0.8)):
        error = later[group].std() / np.sqrt(group.sum())
        assert later[group].mean() == pytest.approx(expected[group].mean(), abs=4 * error)


def test_the_unit_of_money_does_not_matter() -> None:
    rng = np.random.default_rng(2)
    x = rng.geometric(0.4, 800).astype(float)
    mean = rng.gamma(5 * x, 1 / rng.gamma(4, 1 / 20, 800)) / x
    cents, euros = GammaGamma.fit(x, mean * 100), GammaGamma.fit(x, mean)
    assert [cents.p, cents.q, cents.gamma] == pytest.approx([euros.p, euros.q, euros.gamma * 100], rel=1e-6)


def test_own_means_are_drawn_towards_all_the_more_the_fewer_orders() -> None:
    model = GammaGamma(6.25, 3.74, 15.44)
    few, many = model.expected_value([1, 100], [100, 100])
    assert model.mean < few < many < 100
    assert float(model.expected_value(0, 0)) == pytest.approx(model.mean)
    assert float(model.expected_value(3, -50.0)) == float(model.expected_value(3, 0.0)) > 0


def test_what_cannot_be_told_is_refused() -> None:
    with pytest.raises(FitFailed, match="spend the same"):
        GammaGamma.fit([1, 2, 3], [10, 10, 10])
    with pytest.raises(FitFailed, match=r"edge|told"):
        GammaGamma.fit([1, 1], [10, 11])
    for x, mean in (([0], [1]), ([1], [0]), ([1], [float("inf")]), ([], []), ([1, 2], [3])):
        with pytest.raises(ValueError, match="expected"):
            GammaGamma.fit(x, mean)
    with pytest.raises(ValueError, match="not fitted"):
        GammaGamma(1, 2, 3).sampled(3, seed=1)
