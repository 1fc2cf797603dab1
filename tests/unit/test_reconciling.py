"""Parts that add up to their total: at every step, never below zero, as weighted least squares has it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tools.forecasting.reconciling import reconciled

FIGURES = st.floats(0, 1e6, allow_nan=False)


def projected(total: np.ndarray, parts: np.ndarray, total_variance: float, variances: np.ndarray) -> np.ndarray:
    """Equation 3 of Wickramasuriya et al. (2019) for one level below the total: S (S'W⁻¹S)⁻¹ S'W⁻¹ ŷ."""
    summing = np.vstack([np.ones(len(parts)), np.eye(len(parts))])
    weights = np.diag(1 / np.array([total_variance, *variances]))
    inverse = np.linalg.inv(summing.T @ weights @ summing)
    return summing @ inverse @ summing.T @ weights @ np.vstack([total, parts])


def test_it_is_the_projection_of_the_paper() -> None:
    draws = np.random.default_rng(3)
    parts = draws.uniform(50, 100, (5, 4))
    total = parts.sum(axis=0) + draws.normal(0, 10, 4)
    variances = draws.uniform(1, 5, 5)
    expected = projected(total, parts, 3.0, variances)
    new_total, new_parts = reconciled(total, parts, 3.0, variances)
    assert new_total == pytest.approx(expected[0])
    assert new_parts == pytest.approx(expected[1:])


@given(
    total=arrays(np.float64, 3, elements=FIGURES),
    parts=arrays(np.float64, (4, 3), elements=FIGURES),
    total_variance=st.floats(0, 1e6),
    variances=arrays(np.float64, 4, elements=st.floats(0, 1e9)),
)
def test_parts_add_up_and_none_is_negative(
    total: np.ndarray, parts: np.ndarray, total_variance: float, variances: np.ndarray
) -> None:
    new_total, new_parts = reconciled(total, parts, total_variance, variances)
    assert new_parts.sum(axis=0) == pytest.approx(new_total, rel=1e-9, abs=1e-6)
    assert (new_parts >= -1e-9).all()
    if total_variance == 0:
        assert new_total == pytest.approx(total, rel=1e-9, abs=1e-6), "what is sure stays as it is"


def test_what_adds_up_already_stays() -> None:
    parts = np.array([[1.0, 2.0], [3.0, 4.0]])
    total, same = reconciled(parts.sum(axis=0), parts, 1.0, np.array([2.0, 3.0]))
    assert total == pytest.approx(parts.sum(axis=0))
    assert same == pytest.approx(parts)


def test_the_less_sure_a_part_the_more_it_gives_way() -> None:
    _total, parts = reconciled(np.array([120.0]), np.array([[50.0], [50.0]]), 0.0, np.array([1.0, 9.0]))
    assert parts[:, 0] == pytest.approx([52.0, 68.0])


def test_a_margin_may_be_negative() -> None:
    _total, parts = reconciled(np.array([-10.0]), np.array([[5.0], [-5.0]]), 0.0, np.array([1.0, 1.0]), floor=None)
    assert parts[:, 0] == pytest.approx([0.0, -10.0])
