"""What to offer whom: a model of who buys what, chosen by a backtest on the store's own baskets.

Four models compete (EASE and BM25, each with and without a trend factor) against what is popular: they learn from what
was known 28 days ago and are judged on what customers bought since. The one with the best nDCG@10 on one half of these
customers is used; the figures shown are those of the other half.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np

from tools.customers.lookup import known_customer
from tools.customers.offers.purchases import RECENT_DAYS, SOLD_DAYS, Purchases, Seen, Trial, day_of, read
from tools.customers.offers.shelf import Shelf, shelf
from tools.errors import NotEnoughData
from tools.messages import Label, Message, Quantity, Value, say
from tools.semantic.periods import unit
from tools.semantic.wording import with_article
from tools.stats.association import lift_low
from tools.stats.recommendation import Bm25, Ease, ItemModel, Ranked, best, judged, likeness, six_digits, trend, varied
from tools.tool import Context
from tools.warehouse.values import labels_of, names_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tools.stats.recommendation import Floats, Indices, Matrix

PLACES = 10
"""Length of the lists that the backtest judges."""
MOST_JUDGED = 3000
LEAST_JUDGED = 40
MOST_AVERAGED = 5000
"""A segment's scores are means over so many of its customers, evenly picked."""
LEAST_TOGETHER = 5
"""A reason names another product only where so many customers bought both."""
LEAST_PEERS = 50
_REBUY = 0.4
"""What a purchase made today adds to a product's score, in units of the model's average best score."""
_POOL = 5
_LEAST_POOL = 50
_CHUNK = 500

ModelName = Literal["ease", "ease_trend", "bm25", "bm25_trend", "popular"]
MODELS: Mapping[ModelName, Label] = {
    "ease": Label("EASE", "EASE"),
    "ease_trend": Label("EASE with trend", "EASE（含趋势）"),
    "bm25": Label("BM25", "BM25"),
    "bm25_trend": Label("BM25 with trend", "BM25（含趋势）"),
    "popular": Label("popularity", "热销排行"),
}


@dataclass(frozen=True)
class Recommendation:
    """A product to offer. `score` orders the offers of one answer; it means nothing across answers."""

    product_id: str
    score: float
    reason: Message


@dataclass(frozen=True)
class Backtest:
    """How the model did on what was bought in the last 28 days, by customers who were not asked when it was chosen.

    `model` and `popular` are judged on products that were new to the customer, `with_rebuys` and `again` (offering
    again what the customer bought most) on all products. None: nobody to judge by.
    """

    model: Ranked | None
    popular: Ranked | None
    with_rebuys: Ranked | None
    again: Ranked | None


@dataclass(frozen=True)
class Variety:
    """What re-ranking did: product categories on the list with and without it, and the relevance that was kept.

    `categories` are None where products have none. `kept` is the list's summed score over that of the best list.
    """

    categories: int | None
    categories_without: int | None
    kept: float


@dataclass(frozen=True)
class Offers:
    """Products to offer, best first, and how they were found.

    `shares` and `lifts` (of a segment) hold, by product, the share of its customers who bought it, and that share
    over everybody's. `out_of_stock` counts products that would stand on the list and are not in stock.
    """

    offered: tuple[Recommendation, ...]
    model: ModelName
    backtest: Backtest
    sql: str
    variety: Variety
    out_of_stock: int
    cold: Message | None = None
    shares: Mapping[str, float] | None = None
    lifts: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Scorer:
    """A fitted model, the factor that its scores are multiplied by, and how large its best scores are on average."""

    name: ModelName
    model: ItemModel | None
    factor: Floats
    scale: float

    def scores(self, rows: Matrix) -> Floats:
        if self.model is None:
            return np.broadcast_to(self.factor, (rows.shape[0], len(self.factor)))
        scores: Floats = self.model.scores(rows) * self.factor
        return scores

    def with_rebuys(self, rows: Matrix, weights: Matrix) -> Floats:
        """Scores in which what the customer bought before, and how recently, counts as well."""
        habit = weights.toarray() * np.float32(_REBUY)
        if self.model is None:
            alone: Floats = habit + self.scores(rows) / max(float(self.factor.max(initial=0)), 1.0)
            return alone
        both: Floats = (self.model.scores(rows) / np.float32(self.scale) + habit) * self.factor
        return both


@dataclass(frozen=True)
class Learned:
    """All that offers are made from, as of a day."""

    purchases: Purchases
    matrix: Matrix
    weights: Matrix
    ages: Matrix
    scorer: Scorer
    backtest: Backtest
    sql: str

    def row_of(self, customer_id: str) -> int | None:
        return _place(self.purchases.customers, customer_id)


def learned(context: Context) -> Learned:
    """The store's model as of today, remembered with the store. Raises NotEnoughData where nothing is sold."""

    def make() -> Learned:
        context.progress(say("Learning from the baskets what is bought together …"))
        return _learn(read(context.warehouse, context.today), context.today)

    return context.warehouse.remembered(("recommending", context.today), make)


def for_customer(context: Context, customer_id: str, top: int, diversity: float = 0.3) -> tuple[Recommendation, ...]:
    """At most `top` products that are new to a customer, in stock and on sale, best first.

    Raises InvalidArgument for an unknown customer, NotEnoughData where nothing is sold.
    """
    return offers_for(context, customer_id, top, diversity).offered


def offers_for(context: Context, customer_id: str, top: int, diversity: float, *, rebuys: bool = False) -> Offers:
    """What to offer one customer; with `rebuys` also what they bought before. Raises as `for_customer` does."""
    customer_id = known_customer(context, customer_id)
    known = learned(context)
    stock = shelf(context)
    row = known.row_of(customer_id)
    barred = np.zeros(len(known.purchases.products), dtype=bool)
    scores = np.zeros(len(known.purchases.products), np.float32)
    if row is not None:
        bought = known.matrix[row]
        if rebuys:
            scores = known.scorer.with_rebuys(bought, known.weights[row])[0]
        else:
            scores = np.array(known.scorer.scores(bought)[0])
            barred[bought.indices] = True
        if known.scorer.model is not None and not rebuys and not known.scorer.model.scores(bought).any():
            row = None  # nothing of what they bought says anything of what is sold now
    if row is not None and known.scorer.model is not None:
        found = _listed(known, stock, np.where(barred, 0, scores), top, diversity)
        reasons = _reasons(context, known, row, found.places)
        return found.offers(known, known.scorer.name, reasons)
    peers = _peers(context, known, customer_id)
    found = _listed(known, stock, np.where(barred, 0, peers.counts), top, diversity)
    reasons = [peers.reason(place) for place in found.places]
    return found.offers(known, "popular", reasons, cold=peers.why)


def offers_for_segment(context: Context, customer_ids: frozenset[str], top: int, diversity: float) -> Offers:
    """What to offer the customers of a segment: what they would buy next by the model, and more than others.

    A product's relevance is the mean of its scores over the segment's customers who do not have it, times the lower
    limit of its lift among them (at least 1). Raises NotEnoughData where nothing is sold.
    """
    known = learned(context)
    stock = shelf(context)
    rows = np.array(sorted(row for c in customer_ids if (row := known.row_of(c)) is not None), dtype=np.intp)
    everybody = len(known.purchases.customers)
    buyers = known.purchases.buyers()
    within = np.asarray((known.matrix[rows] != 0).sum(axis=0), dtype=np.float64).ravel()
    expected = buyers * len(rows) / everybody
    lifts = np.divide(within, expected, out=np.zeros_like(within), where=expected > 0)
    low = lift_low(within, expected)
    picked = rows[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), MOST_AVERAGED)).astype(np.intp))]
    total = np.zeros(len(buyers))
    for start in range(0, len(picked), _CHUNK):
        part = known.matrix[picked[start : start + _CHUNK]]
        scores = np.array(known.scorer.scores(part), dtype=np.float64)
        scores[part.nonzero()] = 0
        total += scores.sum(axis=0)
    cold = None
    name = known.scorer.name
    if not total.any():
        total, name = known.purchases.buyers(SOLD_DAYS), "popular"
        cold = say("These customers bought nothing that is still sold, so this is what is popular with everybody.")
    relevance = (total / max(len(picked), 1) * np.maximum(low, 1)).astype(np.float32)
    found = _listed(known, stock, relevance, top, diversity)
    reasons = [
        say("{lift} as common among them as among everybody", lift=Quantity(float(lifts[place]), "factor"))
        if low[place] > 1 and within[place] >= LEAST_TOGETHER
        else _popular(int(known.purchases.buyers(RECENT_DAYS)[place]))
        for place in found.places
    ]
    ids = [known.purchases.products[place] for place in found.places]
    return found.offers(
        known, name, reasons, cold=cold,
        shares={i: float(within[p] / max(len(rows), 1)) for i, p in zip(ids, found.places, strict=True)},
        lifts={i: float(lifts[p]) for i, p in zip(ids, found.places, strict=True)},
    )  # fmt: skip


# --- learning ---------------------------------------------------------------------------------------------------------


def _learn(seen: Seen, today: date) -> Learned:
    now = seen.now
    sold = now.sold()
    if not len(sold):
        raise NotEnoughData(
            say("No known customer bought anything in the {days} days up to {today}, so there is nothing to recommend.",
                days=SOLD_DAYS, today=today)
        )  # fmt: skip
    name, backtest = _backtest(seen.trial)
    matrix = now.matrix()
    model = None if name == "popular" else _new_model(name).fit(matrix, sold)
    return Learned(now, matrix, now.weights(), now.ages(), _scorer(name, model, now, matrix), backtest, seen.sql)


def _new_model(name: ModelName) -> ItemModel:
    return Ease() if name.startswith("ease") else Bm25()


def _scorer(name: ModelName, model: ItemModel | None, known: Purchases, matrix: Matrix) -> Scorer:
    if model is None:
        recent = known.buyers(RECENT_DAYS)
        counts = recent if recent.any() else known.buyers(SOLD_DAYS)
        return Scorer(name, None, counts.astype(np.float32), 1.0)
    factor = np.ones(len(known.products), np.float32)
    if name.endswith("_trend"):
        factor = trend(known.buyers(RECENT_DAYS), known.buyers())
    some = np.unique(np.linspace(0, len(known.customers) - 1, 500).astype(np.intp))
    highest = model.scores(matrix[some]).max(axis=1)
    scale = float(np.mean(highest[highest > 0])) if highest.any() else 1.0
    return Scorer(name, model, factor, float(six_digits(np.array([scale], np.float32))[0]))


def _backtest(trial: Trial) -> tuple[ModelName, Backtest]:
    """The model that did best on half of the customers, and how it did on the others."""
    before = trial.before
    matrix, weights = before.matrix(), before.weights()
    sold = before.sold()
    bought = trial.after
    new = bought - bought.multiply(matrix != 0)
    new.eliminate_zeros()
    came = np.flatnonzero((_sizes(new) > 0) & (_sizes(matrix) > 0))
    came = came[np.unique(np.linspace(0, max(len(came) - 1, 0), min(len(came), MOST_JUDGED)).astype(np.intp))]
    if len(came) < LEAST_JUDGED or not len(sold):
        return "ease_trend", Backtest(None, None, None, None)
    choosing, judging = came[::2], came[1::2]
    fitted = {kind: _new_model(kind).fit(matrix, sold) for kind in ("ease", "bm25")}
    rivals = [_scorer(name, fitted.get(name.split("_")[0]), before, matrix) for name in MODELS]
    figures = [_ndcg(judged(_lists(rival, matrix, choosing), new[choosing])) for rival in rivals]
    chosen = rivals[int(np.argmax(np.round(figures, 6)))]
    popular = rivals[-1]
    habit = Scorer("popular", None, popular.factor, 1.0)
    return chosen.name, Backtest(
        judged(_lists(chosen, matrix, judging), new[judging]),
        judged(_lists(popular, matrix, judging), new[judging]),
        judged(_lists(chosen, matrix, judging, weights), bought[judging]),
        judged(_lists(habit, matrix, judging, weights * 1000), bought[judging]),
    )


def _lists(scorer: Scorer, matrix: Matrix, rows: Indices, weights: Matrix | None = None) -> Indices:
    """The ten best products for each of these customers; with `weights` also what they bought before."""
    found = []
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        if weights is None:
            found.append(best(scorer.scores(matrix[part]), PLACES, matrix[part]))
        else:
            found.append(best(scorer.with_rebuys(matrix[part], weights[part]), PLACES))
    return np.concatenate(found)


def _ndcg(ranked: Ranked | None) -> float:
    return 0.0 if ranked is None else ranked.ndcg


def _sizes(matrix: Matrix) -> NDArray[np.int64]:
    sizes: NDArray[np.int64] = np.diff(matrix.tocsr().indptr)
    return sizes


# --- lists ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _List:
    """Places of the products on a list, their scores, and what it took to make it."""

    places: list[int]
    scores: list[float]
    variety: Variety
    out_of_stock: int

    def offers(
        self,
        known: Learned,
        model: ModelName,
        reasons: Sequence[Message],
        *,
        cold: Message | None = None,
        shares: Mapping[str, float] | None = None,
        lifts: Mapping[str, float] | None = None,
    ) -> Offers:
        offered = tuple(
            Recommendation(known.purchases.products[place], score, reason)
            for place, score, reason in zip(self.places, self.scores, reasons, strict=True)
        )
        return Offers(offered, model, known.backtest, known.sql, self.variety, self.out_of_stock, cold, shares, lifts)


def _listed(known: Learned, stock: Shelf, scores: NDArray[np.float32], top: int, diversity: float) -> _List:
    """The products with the best scores that are sold and in stock, mixed by `diversity`."""
    products = known.purchases.products
    sold = np.zeros(len(products), dtype=bool)
    sold[known.purchases.sold()] = True
    empty = np.array([stock.is_out(product) for product in products], dtype=bool)
    wanted = np.where(sold, scores, 0).astype(np.float32)[None, :]
    would = best(wanted, top)[0]
    missing = int(np.sum(empty[would[would >= 0]]))
    pool = best(np.where(empty[None, :], 0, wanted), max(_POOL * top, _LEAST_POOL))[0]
    pool = pool[pool >= 0]
    relevance = six_digits(wanted[0, pool])
    categories = [stock.category(products[place]) for place in pool]
    alike = likeness(known.matrix, pool)
    if any(category is not None for category in categories):
        same = np.array([[a is not None and a == b for b in categories] for a in categories], dtype=np.float64)
        alike = (alike + same.reshape(alike.shape)) / 2
    order = varied(relevance, alike, top, diversity)
    best_sum = float(relevance[: len(order)].sum())
    return _List(
        [int(pool[i]) for i in order],
        [float(relevance[i]) for i in order],
        Variety(
            _distinct([categories[i] for i in order]),
            _distinct(categories[: len(order)]),
            float(relevance[order].sum()) / best_sum if best_sum else 1.0,
        ),
        missing,
    )


def _distinct(categories: Sequence[str | None]) -> int | None:
    found = {category for category in categories if category is not None}
    return len(found) or None


# --- reasons ----------------------------------------------------------------------------------------------------------


def _reasons(context: Context, known: Learned, row: int, places: Sequence[int]) -> list[Message]:
    """Why each product: the one that speaks for it most among those that the customer bought, or that it sells."""
    model = known.scorer.model
    bought = known.matrix[row]
    ages = {int(i): int(a) - 1 for i, a in zip(known.ages[row].indices, known.ages[row].data, strict=True)}
    speaking: list[int | None] = []
    for place in places:
        sources, parts = (np.zeros(0, np.intp), np.zeros(0)) if model is None else model.contributions(bought, place)
        order = np.lexsort((sources, -np.round(parts, 6)))
        first = next((int(sources[i]) for i in order if parts[i] > 0 and int(sources[i]) != place), None)
        speaking.append(first)
    recent = known.purchases.buyers(RECENT_DAYS)
    ids = known.purchases.products
    names = names_of(
        context.warehouse, context.catalog.dimension("product"), [ids[p] for p in speaking if p is not None]
    )
    reasons = []
    for place, source in zip(places, speaking, strict=True):
        if place in ages:
            month = unit(day_of(context.today, ages[place]), "month")
            reasons.append(say("bought before, last in {month}", month=month))
        elif source is not None and _together(known.matrix, source, place) >= LEAST_TOGETHER:
            reasons.append(
                say(
                    "often bought by customers of {product}, which this customer bought in {month}",
                    product=names.get(ids[source], ids[source]),
                    month=unit(day_of(context.today, ages[source]), "month"),
                )
            )
        else:
            reasons.append(_popular(int(recent[place])))
    return reasons


def _together(matrix: Matrix, one: int, other: int) -> int:
    pair = matrix[:, [one, other]]
    return int(np.sum(np.diff(pair.tocsr().indptr) == 2))


def _popular(buyers: int) -> Message:
    return say("bought by {customers} customers in the last {days} days", customers=Quantity(buyers), days=RECENT_DAYS)


# --- customers of whom nothing is known -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Peers:
    """How many customers like this one bought each product in the last 90 days, and who they are."""

    counts: NDArray[np.float32]
    why: Message
    where: Value | None
    same_gender: bool = False

    def reason(self, place: int) -> Message:
        buyers = Quantity(int(self.counts[place]))
        if self.same_gender:
            return say("bought by {customers} such customers in the last {days} days", customers=buyers, days=SOLD_DAYS)
        if self.where is None:
            return say("bought by {customers} customers in the last {days} days", customers=buyers, days=SOLD_DAYS)
        return say("popular in {country}: bought by {customers} customers there in the last {days} days",
                   country=self.where, customers=buyers, days=SOLD_DAYS)  # fmt: skip


def _peers(context: Context, known: Learned, customer_id: str) -> _Peers:
    """The customer's smallest group of at least 50 recent buyers: same country and gender, same country, everybody."""
    everybody = known.purchases.buyers(SOLD_DAYS).astype(np.float32)
    own = _attributes(context, customer_id)
    country = own.get("country")
    if country is not None:
        shown: Value = labels_of(context.warehouse, context.catalog.dimension("country"), [country]).get(
            country, country
        )
        shown = with_article(shown)
        for wanted in (own, {"country": country}) if len(own) > 1 else (own,):
            counts, people = _bought_by(context, known, wanted)
            if people < LEAST_PEERS:
                continue
            why = (
                say("Too little is known of this customer, so this is what customers of the same gender buy in "
                    "{country}.", country=shown)
                if len(wanted) > 1
                else say("Too little is known of this customer, so this is what is popular in {country}.",
                         country=shown)
            )  # fmt: skip
            return _Peers(counts, why, shown, same_gender=len(wanted) > 1)
    if known.scorer.model is None:
        why = say("On this store's own baskets no model did better than popularity, so this is what is popular.")
    else:
        why = say("Too little is known of this customer, so this is what is popular with everybody.")
    return _Peers(everybody, why, None)


def _attributes(context: Context, customer_id: str) -> dict[str, str]:
    if not context.warehouse.has("customers"):
        return {}
    people = context.warehouse.table("customers")
    columns = [name for name in ("country", "gender") if name in people.columns]
    rows, _sql = context.warehouse.fetch(people.filter(people.customer_id == customer_id).select(columns).limit(1))
    return {name: str(value) for name, value in zip(columns, rows[0], strict=True) if value is not None} if rows else {}


def _bought_by(context: Context, known: Learned, wanted: Mapping[str, str]) -> tuple[NDArray[np.float32], int]:
    """Customers with these attributes who bought each product in the last 90 days, and how many there are."""
    people = context.warehouse.table("customers")
    for name, value in wanted.items():
        people = people.filter(people[name] == value)
    rows, _sql = context.warehouse.fetch(people.select("customer_id"))
    places = [place for (customer,) in rows if (place := known.row_of(str(customer))) is not None]
    ages = known.ages[sorted(places)]
    ages.data = (ages.data <= SOLD_DAYS).astype(np.float32)
    counts: NDArray[np.float32] = np.asarray(ages.sum(axis=0), dtype=np.float32).ravel()
    return counts, int(np.sum(np.asarray(ages.sum(axis=1)).ravel() > 0))


def _place(ids: Sequence[str], wanted: str) -> int | None:
    """Where an id stands among ids in order."""
    from bisect import bisect_left

    place = bisect_left(ids, wanted)
    return place if place < len(ids) and ids[place] == wanted else None
