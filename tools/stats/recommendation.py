"""Recommendation from who bought what: item models on sparse matrices, ranking measures, and re-ranking for variety.

A matrix has customers as rows and products as columns; its cells are weights of purchases (0: never bought). Models
are linear in a customer's row, so a new customer needs no new fit, and every score is a sum over products bought.
Results are the same on every number of threads, and ties go to the product that stands first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float32]
    Indices: TypeAlias = NDArray[np.intp]
Matrix: TypeAlias = Any  # scipy.sparse.csr_matrix of 32-bit floats; scipy ships no types

_LEAST = 1e-9


class ItemModel(Protocol):
    """What a customer's purchases say of every product."""

    def fit(self, matrix: Matrix, offered: Indices) -> ItemModel:
        """Learns from (customers × products) weights; only the products `offered` will get scores."""

    def scores(self, rows: Matrix) -> Floats:
        """Scores (rows × products), zero or more; zero where nothing speaks for a product."""

    def contributions(self, row: Matrix, product: int) -> tuple[Indices, Floats]:
        """The products of one customer's row that speak for `product`, and how much of its score each gives."""


class Ease:
    """EASE^R: the linear item model with the least squared error and no product predicting itself, in closed form.

    With G = XᵀX + λI and P = G⁻¹, the weights are B = −P / diag(P), diagonal zero. One inversion of (products ×
    products), so only the `most` products with the greatest column sums take part; cost grows with their cube.

    Source: H. Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019.

    Parameters
    ----------
    regularisation : λ, in squared weights.
    most : products that take part; 2,000 take about 0.7 s on one core and 16 MB.
    """

    def __init__(self, regularisation: float = 300.0, most: int = 2000) -> None:
        self.regularisation = regularisation
        self.most = most

    def fit(self, matrix: Matrix, offered: Indices) -> Ease:
        """Learns `products_` (columns that take part, ascending) and `weights_` among them."""
        from scipy.linalg import lapack
        from threadpoolctl import threadpool_limits

        sums = np.asarray(matrix.sum(axis=0), dtype=np.float64).ravel()[offered]
        self.products_: Indices = np.sort(offered[np.argsort(-sums, kind="stable")[: self.most]])
        self.columns_ = matrix.shape[1]
        if not len(self.products_):
            self.weights_: Floats = np.zeros((0, 0), np.float32)
            return self
        part = matrix[:, self.products_]
        gram = np.asfortranarray((part.T @ part).toarray(), dtype=np.float32)
        gram[np.diag_indices_from(gram)] += np.float32(self.regularisation)
        with threadpool_limits(1, "blas"):  # sums in another order differ in their last digits
            factor, failed = lapack.spotrf(gram, overwrite_a=1)
            inverse, unsolved = lapack.spotri(factor, overwrite_c=1)
        if failed or unsolved:
            raise ArithmeticError(f"XᵀX + {self.regularisation}·I is not positive definite")
        inverse = np.triu(inverse) + np.triu(inverse, 1).T
        weights = inverse / -np.diag(inverse)
        np.fill_diagonal(weights, 0)
        self.weights_ = np.ascontiguousarray(weights, dtype=np.float32)
        return self

    def scores(self, rows: Matrix) -> Floats:
        found = np.zeros((rows.shape[0], self.columns_), np.float32)
        found[:, self.products_] = rows[:, self.products_] @ self.weights_
        return np.maximum(found, 0, out=found)

    def contributions(self, row: Matrix, product: int) -> tuple[Indices, Floats]:
        place = int(np.searchsorted(self.products_, product))
        if place == len(self.products_) or self.products_[place] != product:
            return np.zeros(0, np.intp), np.zeros(0, np.float32)
        part = row[:, self.products_].tocsr()
        return self.products_[part.indices], part.data * self.weights_[part.indices, place]


class Bm25:
    """Item–item similarity of BM25-weighted purchases (`implicit`): each product's nearest neighbours.

    A product is a document and its customers are the terms: customers who buy nearly everything weigh little, and so
    does one more purchase of a product by the same customer, or of one that nearly everybody buys. Memory grows with
    `neighbours` × products, so any catalog fits.

    Source: S. Robertson, H. Zaragoza, "The probabilistic relevance framework: BM25 and beyond", 2009; the similarity
    is implicit's (B. Frederickson), the inner product of two products' weighted customers.
    """

    def __init__(self, neighbours: int = 200, saturation: float = 1.2, length: float = 0.75) -> None:
        self.neighbours = neighbours
        self.saturation = saturation
        self.length = length

    def fit(self, matrix: Matrix, offered: Indices) -> Bm25:
        """Learns `similarity_` (products × products, sparse; columns that are not offered are empty)."""
        from implicit.nearest_neighbours import ItemItemRecommender, bm25_weight
        from scipy import sparse

        weighted = bm25_weight(matrix.T, K1=self.saturation, B=self.length).T.tocsr()
        near = ItemItemRecommender(K=self.neighbours, num_threads=1)
        near.fit(weighted, show_progress=False)
        keep = np.zeros(matrix.shape[1], np.float32)
        keep[offered] = 1
        similarity = near.similarity.astype(np.float32)
        similarity.setdiag(0)
        self.similarity_ = (similarity @ sparse.diags(keep)).tocsr()
        self.similarity_.eliminate_zeros()
        return self

    def scores(self, rows: Matrix) -> Floats:
        found: Floats = (rows @ self.similarity_).toarray().astype(np.float32)
        return found

    def contributions(self, row: Matrix, product: int) -> tuple[Indices, Floats]:
        bought = row.tocsr()
        column = self.similarity_[bought.indices, product].toarray().ravel()
        return bought.indices.astype(np.intp), bought.data * column


def trend(recent: NDArray[np.float64], ever: NDArray[np.float64], strength: float = 10.0) -> Floats:
    """How much each product sells now against how much it ever sold, as a factor around 1.

    The share of a product's buyers who bought it recently, divided by that share over all products; shrunk to 1 as if
    `strength` more buyers had behaved like the average. All ones where nobody bought recently.
    """
    share = recent.sum() / max(ever.sum(), 1.0)
    if share <= 0:
        return np.ones(len(ever), np.float32)
    factor: Floats = ((recent + strength * share) / (ever + strength) / share).astype(np.float32)
    return factor


def best(scores: Floats, top: int, barred: Matrix | None = None) -> Indices:
    """The `top` products of each row (rows × top), best first, −1 where a row has no more with a score above 0.

    Nothing is taken that `barred` (rows × products, sparse) holds. Scores count to six digits; ties go to the lower
    column.
    """
    ranked = np.array(scores, dtype=np.float32)
    if barred is not None:
        ranked[barred.nonzero()] = 0
    top = min(top, ranked.shape[1])
    found = np.full((len(ranked), top), -1, np.intp)
    if top == 0 or not len(ranked):
        return found
    limits = -np.partition(-ranked, top - 1, axis=1)[:, top - 1]
    for number, (row, limit) in enumerate(zip(ranked, limits, strict=True)):
        places = np.flatnonzero((row >= limit * (1 - 1e-5)) & (row > 0))
        chosen = places[np.argsort(-six_digits(row[places]), kind="stable")[:top]]
        found[number, : len(chosen)] = chosen
    return found


def six_digits(values: Floats) -> NDArray[np.float64]:
    """Numbers above 0, rounded so far that what another order of adding changes is gone."""
    wide = values.astype(np.float64)
    scale = 10.0 ** (5 - np.floor(np.log10(np.maximum(wide, 1e-30))))
    rounded: NDArray[np.float64] = np.rint(wide * scale) / scale
    return rounded


@dataclass(frozen=True)
class Ranked:
    """How good top lists are, as means over customers who bought anything to find. All between 0 and 1.

    ndcg : the discounted gain of hits (1 / log₂(rank + 1)) over that of a perfect list.
    hit_rate : share of customers with at least one hit.
    precision : hits over places.  recall : hits over products bought.
    """

    customers: int
    ndcg: float
    hit_rate: float
    precision: float
    recall: float


def judged(lists: Indices, truth: Matrix) -> Ranked | None:
    """Top lists (customers × k, −1 for empty places) against what was bought (sparse); None where nothing was.

    Source of nDCG: K. Järvelin, J. Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002, with a gain
    of 1, as `ndcg_at_k` of recommenders-team/recommenders has it.
    """
    bought = np.asarray((truth != 0).sum(axis=1)).ravel()
    rows = np.flatnonzero(bought)
    k = lists.shape[1]
    if not len(rows) or not k:
        return None
    hits = np.zeros((len(rows), k))
    for start in range(0, len(rows), 1000):
        part = rows[start : start + 1000]
        there = truth[part].toarray() != 0
        hits[start : start + len(part)] = np.take_along_axis(there, np.maximum(lists[part], 0), 1) & (lists[part] >= 0)
    gain = 1 / np.log2(np.arange(2, k + 2))
    perfect = np.cumsum(gain)[np.minimum(bought[rows], k) - 1]
    found = hits.sum(axis=1)
    return Ranked(
        len(rows),
        float(np.mean(hits @ gain / perfect)),
        float(np.mean(found > 0)),
        float(np.mean(found / k)),
        float(np.mean(found / bought[rows])),
    )


def likeness(matrix: Matrix, products: Indices) -> NDArray[np.float64]:
    """Cosine of who bought each of `products` (n × n, between 0 and 1), from any weights."""
    part = matrix[:, products].tocsr().astype(np.float64)
    part.data[:] = 1
    both = (part.T @ part).toarray()
    sizes = np.sqrt(np.maximum(np.diag(both), _LEAST))
    found: NDArray[np.float64] = np.round(both / sizes[:, None] / sizes[None, :], 9)
    return found


def varied(relevance: NDArray[np.float64], alike: NDArray[np.float64], top: int, diversity: float) -> list[int]:
    """Up to `top` places in an order that trades relevance for variety: maximal marginal relevance.

    Takes, again and again, the candidate with the greatest (1 − d) · relevance − d · (greatest likeness to what is
    taken), relevance as a share of the greatest. At d = 0 that is the order by relevance; ties go to the lower place.

    Source: J. Carbonell, J. Goldstein, "The use of MMR, diversity-based reranking for reordering documents and
    producing summaries", SIGIR 1998.
    """
    share = np.asarray(relevance, dtype=np.float64) / max(float(np.max(relevance, initial=0.0)), _LEAST)
    nearest = np.zeros(len(share))
    open_ = np.ones(len(share), dtype=bool)
    taken: list[int] = []
    while len(taken) < min(top, len(share)):
        value = np.where(open_, np.round((1 - diversity) * share - diversity * nearest, 9), -np.inf)
        place = int(np.argmax(value))
        taken.append(place)
        open_[place] = False
        nearest = np.maximum(nearest, alike[place])
    return taken
