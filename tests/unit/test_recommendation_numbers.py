"""Recommendation's numerics against their definitions and against figures worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse, stats
from threadpoolctl import threadpool_limits

from tools.stats.association import Z99, byar_low, lift_low
from tools.stats.recommendation import Bm25, Ease, ItemModel, best, judged, likeness, trend, varied

RNG = np.random.default_rng(4)
BOUGHT = sparse.csr_matrix((RNG.random((80, 12)) < 0.3) * RNG.random((80, 12)), dtype=np.float32)
ALL = np.arange(12)


def ridge_without_itself(x: NDArray[np.float64], regularisation: float) -> NDArray[np.float64]:
    """Each product predicted from the others by ridge regression: what EASE's closed form is a short cut for."""
    weights = np.zeros((x.shape[1], x.shape[1]))
    for product in range(x.shape[1]):
        others = [p for p in range(x.shape[1]) if p != product]
        rest = x[:, others]
        gram = rest.T @ rest + regularisation * np.eye(len(others))
        weights[others, product] = np.linalg.solve(gram, rest.T @ x[:, product])
    return weights


def test_ease_is_ridge_regression_on_the_other_products() -> None:
    model = Ease(regularisation=2.0).fit(BOUGHT, ALL)
    assert model.weights_ == pytest.approx(ridge_without_itself(BOUGHT.toarray().astype(np.float64), 2.0), abs=2e-5)


def test_ease_takes_part_with_the_products_of_the_greatest_sums() -> None:
    model = Ease(regularisation=2.0, most=5).fit(BOUGHT, np.array([0, 2, 3, 5, 7, 8, 11]))
    sums = np.asarray(BOUGHT.sum(axis=0)).ravel()
    expected = sorted(sorted([0, 2, 3, 5, 7, 8, 11], key=lambda p: -sums[p])[:5])
    assert model.products_.tolist() == expected
    assert set(np.flatnonzero(model.scores(BOUGHT).sum(axis=0))) <= set(expected)


def test_nothing_offered_gives_no_scores() -> None:
    assert not Ease().fit(BOUGHT, np.zeros(0, np.intp)).scores(BOUGHT).any()
    assert not Bm25().fit(BOUGHT, np.zeros(0, np.intp)).scores(BOUGHT).any()


@pytest.mark.parametrize("model", [Ease(2.0), Bm25(neighbours=12)], ids=["ease", "bm25"])
def test_a_score_is_the_sum_of_its_contributions(model: ItemModel) -> None:
    model.fit(BOUGHT, ALL)
    row = BOUGHT[7]
    for product in range(12):
        sources, parts = model.contributions(row, product)
        assert set(sources) <= set(row.indices)
        assert model.scores(row)[0, product] == pytest.approx(max(float(parts.sum()), 0), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("make", [Ease, Bm25], ids=["ease", "bm25"])
def test_every_run_and_every_number_of_threads_gives_the_same(make: type[ItemModel]) -> None:
    lists = []
    for threads in (1, 2, 2):
        with threadpool_limits(threads):
            lists.append(make().fit(BOUGHT, ALL).scores(BOUGHT))
    assert np.array_equal(lists[0], lists[1])
    assert np.array_equal(lists[1], lists[2])


def test_bm25_is_the_inner_product_of_weighted_customers() -> None:
    counts = np.array([[2.0, 1, 0, 0, 0], [0, 1, 1, 0, 0], [1, 0, 0, 4, 0], [0, 0, 3, 0, 1], [1, 1, 1, 0, 0]])
    model = Bm25(neighbours=5).fit(sparse.csr_matrix(counts, dtype=np.float32), np.arange(5))
    idf = np.log(5) - np.log1p((counts > 0).sum(axis=1))
    length = 0.25 + 0.75 * counts.sum(axis=0) / counts.sum(axis=0).mean()
    weighted = counts * 2.2 / (1.2 * length[None, :] + counts) * idf[:, None]
    expected = weighted.T @ weighted
    np.fill_diagonal(expected, 0)
    assert model.similarity_.toarray() == pytest.approx(expected, rel=1e-5)


def test_top_lists_bar_what_is_known_and_break_ties_by_place() -> None:
    scores = np.array([[0.5, 0.9, 0.5, 0.0, 0.9], [0.0, 0.0, 0.1, 0.0, 0.0]], np.float32)
    assert best(scores, 3).tolist() == [[1, 4, 0], [2, -1, -1]]
    barred = sparse.csr_matrix(np.array([[0, 1, 0, 0, 0], [0, 0, 1, 0, 0]]))
    assert best(scores, 9, barred).tolist() == [[4, 0, 2, -1, -1], [-1, -1, -1, -1, -1]]
    nearly = np.array([[0.3000001, 0.3, 0.30000007]], np.float32)
    assert best(nearly, 2).tolist() == [[0, 1]]


def test_measures_by_hand() -> None:
    """Two customers who bought something: hits on places 1 and 3 of three bought; none of one bought."""
    lists = np.array([[4, 0, 2], [0, 1, 2], [3, -1, -1]])
    truth = sparse.csr_matrix(np.array([[0, 1, 1, 0, 1], [0, 0, 0, 0, 0], [1, 0, 0, 0, 0]], np.float32))
    found = judged(lists, truth)
    assert found is not None
    perfect = 1 + 1 / math.log2(3) + 1 / 2
    assert found.customers == 2
    assert found.ndcg == pytest.approx((1 + 1 / 2) / perfect / 2)
    assert (found.hit_rate, found.precision, found.recall) == pytest.approx((1 / 2, 2 / 3 / 2, 2 / 3 / 2))
    assert judged(lists, sparse.csr_matrix((3, 5))) is None


def test_the_trend_is_around_one_and_shrinks() -> None:
    factor = trend(np.array([10.0, 0.0, 1.0]), np.array([50.0, 50.0, 1.0]), strength=10)
    share = 11 / 101
    assert factor == pytest.approx([(10 + 10 * share) / 60 / share, 10 / 60, (1 + 10 * share) / 11 / share], rel=1e-5)
    assert trend(np.zeros(2), np.array([3.0, 4.0])).tolist() == [1, 1]


def test_likeness_is_the_cosine_of_the_buyers() -> None:
    matrix = sparse.csr_matrix(np.array([[3.0, 1, 0], [0, 2, 0], [1, 0, 0], [5, 1, 1]], np.float32))
    alike = likeness(matrix, np.array([0, 1, 2]))
    assert alike[0, 1] == pytest.approx(2 / 3)
    assert alike[0, 2] == pytest.approx(1 / math.sqrt(3))
    assert np.diag(alike) == pytest.approx([1, 1, 1])


def test_variety_by_hand() -> None:
    """The second best is the best's twin: with d = 0.5 the third, which is like nothing, comes before it."""
    relevance = np.array([1.0, 0.9, 0.5])
    alike = np.array([[1.0, 1, 0], [1, 1, 0], [0, 0, 1]])
    assert varied(relevance, alike, 3, 0.0) == [0, 1, 2]
    assert varied(relevance, alike, 3, 0.5) == [0, 2, 1]
    assert varied(relevance, alike, 2, 1.0) == [0, 2]


@given(st.lists(st.floats(0, 5), max_size=12), st.integers(0, 15), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_variety_takes_each_once(relevance: list[float], top: int, diversity: float, seed: int) -> None:
    n = len(relevance)
    alike = np.random.default_rng(seed).random((n, n))
    taken = varied(np.array(relevance), (alike + alike.T) / 2, top, diversity)
    assert len(taken) == len(set(taken)) == min(top, n)
    assert set(taken) <= set(range(n))


def test_the_limit_of_a_count_is_close_to_the_exact_one() -> None:
    """Half a χ² quantile with twice as many degrees of freedom is the exact limit (Garwood 1936)."""
    for count in (10, 20, 100, 1000):
        exact = stats.chi2.ppf(stats.norm.sf(Z99), 2 * count) / 2
        assert byar_low(count, math.sqrt(count)) == pytest.approx(exact, rel=0.01)
    assert lift_low(np.array([0.0, 20.0, 3.0]), np.array([1.0, 10.0, 0.0])).tolist() == [
        0,
        pytest.approx(byar_low(20, math.sqrt(20)) / 10),
        0,
    ]
