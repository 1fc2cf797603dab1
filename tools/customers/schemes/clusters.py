"""Clusters: customers of like behaviour, by k-means on robustly scaled features, each described in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from itertools import combinations
from typing import TYPE_CHECKING, Any

from tools.customers.histories import every_nth
from tools.customers.schemes.scheme import Group, Scheme, groups_of
from tools.errors import NotEnoughData
from tools.messages import Label, Message, Quantity, say

if TYPE_CHECKING:
    import ibis
    import numpy as np
    import numpy.typing as npt

    from tools.customers.histories import Histories

    Floats = npt.NDArray[np.float64]

FEWEST_CUSTOMERS = 50
FIT_ON = 6_000
SILHOUETTE_ON = 2_000
COUNTS = range(3, 9)
SEEDS = (0, 1, 2, 3)
STABLE = 0.9
# Scaled features end here: one wholesaler must not be a cluster.
FARTHEST = 4.0
# Medians apart by this much of the spread (half the middle half of all customers) are worth a word.
TELLING = 0.5
MOST_WORDS = 3

_GROUPS = groups_of(
    *(
        Group(
            str(n),
            Label(f"Cluster {n}", f"第{n}类客户"),
            Label(
                "Customers of like behaviour; the lower its number, the more a customer of it is worth.",
                "行为相近的客户；编号越小，人均价值越高。",
            ),
        )
        for n in range(1, max(COUNTS) + 1)
    )
)


@dataclass(frozen=True)
class Feature:
    """A column of behaviour. Skewed ones are compared on a log scale; `more` and `fewer` say how a cluster differs."""

    column: str
    unit: str
    skewed: bool
    words: Callable[[Quantity, Quantity], Message]


FEATURES: tuple[Feature, ...] = (
    Feature(
        "recency_days",
        "days",
        True,
        lambda own, everybody: say("last order {own} ago (everybody: {everybody})", own=own, everybody=everybody),
    ),
    Feature(
        "orders",
        "number",
        True,
        lambda own, everybody: say("{own} orders (everybody: {everybody})", own=own, everybody=everybody),
    ),
    Feature(
        "net_sales",
        "money",
        True,
        lambda own, everybody: say("net sales {own} (everybody: {everybody})", own=own, everybody=everybody),
    ),
    Feature(
        "aov",
        "money",
        True,
        lambda own, everybody: say("{own} an order (everybody: {everybody})", own=own, everybody=everybody),
    ),
    Feature(
        "products",
        "number",
        True,
        lambda own, everybody: say("{own} different products (everybody: {everybody})", own=own, everybody=everybody),
    ),
    Feature(
        "gap_days",
        "days",
        True,
        lambda own, everybody: say("{own} between orders (everybody: {everybody})", own=own, everybody=everybody),
    ),
    Feature(
        "return_rate",
        "ratio",
        False,
        lambda own, everybody: say("{own} of sales returned (everybody: {everybody})", own=own, everybody=everybody),
    ),
)


@dataclass(frozen=True)
class Clustering:
    """A fit: where each cluster's middle lies in scaled features, the most valuable cluster first.

    `silhouette` is the mean over a fixed sample (−1 to 1), `stability` the lowest adjusted Rand index between the fits
    from different seeds. `medians` are unscaled, one row a cluster; `overall` are everybody's (NaN: none has it).
    """

    middle: tuple[float, ...]
    spread: tuple[float, ...]
    centres: tuple[tuple[float, ...], ...]
    medians: tuple[tuple[float, ...], ...]
    overall: tuple[float, ...]
    silhouette: float
    stability: float
    customers: int
    fitted_on: int

    @property
    def count(self) -> int:
        return len(self.centres)

    @property
    def stable(self) -> bool:
        return self.stability >= STABLE


def behaviour(histories: Histories, among: ibis.Table | None = None) -> ibis.Table:
    """customer_id and the features of everybody who ever bought, or of those `among` them; one pass over the lines.

    gap_days is missing after a single order day.
    """
    import ibis

    lines = histories.lines()
    if among is not None:
        lines = lines.semi_join(among, "customer_id")
    sold = lines.kind == "sold"
    worth = lines.amount - lines.discount
    table = lines.group_by("customer_id").aggregate(
        first=lines.sold_at.min(where=sold).cast("date"),
        last=lines.sold_at.max(where=sold).cast("date"),
        orders=lines.order_id.nunique(where=sold),
        products=lines.product_id.nunique(where=sold),
        gross=lines.amount.sum(where=sold),
        paid=worth.sum(where=sold),
        returns=worth.sum(where=~sold).fill_null(0.0),
    )
    table = table.filter(table["last"].notnull())
    lifetime = table["last"].delta(table["first"], unit="day").cast("float64")
    return table.select(
        "customer_id",
        recency_days=ibis.literal(histories.today).delta(table["last"], unit="day").cast("float64"),
        orders=table.orders.cast("float64"),
        net_sales=table.paid - table.returns,
        aov=table.paid / table.orders,
        products=table.products.cast("float64"),
        gap_days=ibis.ifelse(lifetime > 0, lifetime / (table.orders - 1).nullif(0), None),
        return_rate=ibis.least(table.returns / table.gross.nullif(0.0), 1.0).fill_null(0.0),
    )


def clustering(histories: Histories) -> Clustering:
    """The fit as of the histories' day. Raises NotEnoughData below 50 customers, or where all behave alike."""
    return histories.warehouse.remembered(("clusters", histories.today), lambda: _fit(histories))


def _fit(histories: Histories) -> Clustering:
    import numpy as np
    from threadpoolctl import threadpool_limits

    lines = histories.lines()
    buyers = lines.filter(lines.kind == "sold").select("customer_id").distinct()
    total = int(histories.warehouse.fetch(buyers.aggregate(n=buyers.count()))[0][0][0])
    if total < FEWEST_CUSTOMERS:
        raise NotEnoughData(
            say(
                "Clusters need at least {fewest} customers who bought; there are {customers}.",
                fewest=Quantity(FEWEST_CUSTOMERS),
                customers=Quantity(total),
            )
        )
    sample = behaviour(histories, every_nth(buyers, -(-total // FIT_ON)) if total > FIT_ON else None)
    rows = histories.warehouse.fetch(sample.order_by("customer_id"))[0]
    values = np.array([[np.nan if cell is None else float(cell) for cell in row[1:]] for row in rows])
    # One thread: the same sums in the same order everywhere, and no waiting for cores that others use.
    with threadpool_limits(1):
        fit = _clustered(values, total)
    if fit.fitted_on == total:
        return fit
    # The sample's order of value need not be everybody's.
    everybody = _nearest(behaviour(histories), fit)
    worth = histories.warehouse.fetch(everybody.group_by("group").aggregate(worth=everybody.net_sales.mean()))[0]
    order = sorted(range(fit.count), key=lambda n: (-dict(worth).get(str(n + 1), 0.0), n))
    return replace(fit, centres=tuple(fit.centres[n] for n in order), medians=tuple(fit.medians[n] for n in order))


def _clustered(values: Floats, total: int) -> Clustering:
    """Fits on `values` (customers × features, NaN where there is none)."""
    import numpy as np
    from sklearn.metrics import adjusted_rand_score, silhouette_score

    shaped = _shape(values)
    middle = np.nan_to_num(np.array(_medians(shaped)))
    spread = _spread(shaped)
    scaled = np.clip(np.nan_to_num((shaped - middle) / spread), -FARTHEST, FARTHEST)
    different = len(np.unique(scaled, axis=0))
    if different <= max(COUNTS):
        raise NotEnoughData(say("The customers behave too much alike to tell clusters apart."))
    fits = {count: _k_means(scaled, count, SEEDS[0]) for count in COUNTS}
    chosen = np.random.default_rng(SEEDS[0]).permutation(len(scaled))[:SILHOUETTE_ON]
    silhouettes = {
        count: float(silhouette_score(scaled[chosen], fit.labels_[chosen]))
        for count, fit in fits.items()
        if len(np.unique(fit.labels_[chosen])) > 1
    }
    stabilities: dict[int, float] = {}
    ranked = sorted(silhouettes, key=lambda count: (-silhouettes[count], count))
    for count in ranked:
        others = [fits[count], *(_k_means(scaled, count, seed) for seed in SEEDS[1:])]
        stabilities[count] = min(float(adjusted_rand_score(a.labels_, b.labels_)) for a, b in combinations(others, 2))
        if stabilities[count] >= STABLE:
            break
    # None that is stable: the one that comes nearest to it.
    best = max(stabilities, key=lambda count: (stabilities[count] >= STABLE, stabilities[count]))
    labels, centres = fits[best].labels_, fits[best].cluster_centers_
    worth = [float(values[labels == n, _column("net_sales")].mean()) for n in range(len(centres))]
    order = sorted(range(len(centres)), key=lambda n: (-worth[n], n))
    return Clustering(
        middle=tuple(map(float, middle)),
        spread=tuple(map(float, spread)),
        centres=tuple(tuple(float(x) for x in centres[n]) for n in order),
        medians=tuple(_medians(values[labels == n]) for n in order),
        overall=_medians(values),
        silhouette=silhouettes[best],
        stability=stabilities[best],
        customers=total,
        fitted_on=len(values),
    )


def _k_means(scaled: Floats, count: int, seed: int) -> Any:
    from sklearn.cluster import KMeans

    return KMeans(n_clusters=count, n_init=10, random_state=seed).fit(scaled)


def _column(name: str) -> int:
    return next(index for index, feature in enumerate(FEATURES) if feature.column == name)


def _shape(values: Floats) -> Floats:
    """Skewed features on a log scale that also takes negative values: sign(x) · ln(1 + |x|)."""
    import numpy as np

    skewed = np.array([feature.skewed for feature in FEATURES])
    return np.where(skewed, np.sign(values) * np.log1p(np.abs(values)), values)


def _spread(shaped: Floats) -> Floats:
    """Half the distance between the quartiles; the standard deviation where most customers are alike."""
    import numpy as np

    found = np.ones(shaped.shape[1])
    for index, column in enumerate(shaped.T):
        present = column[~np.isnan(column)]
        if present.size:
            low, high = np.quantile(present, [0.25, 0.75])
            wide = float(high - low) / 2 or float(present.std())
            found[index] = wide if wide > 1e-9 else 1.0
    return found


def _medians(values: Floats) -> tuple[float, ...]:
    import numpy as np

    present = [column[~np.isnan(column)] for column in values.T]
    return tuple(float(np.median(column)) if column.size else float("nan") for column in present)


def _assigned(histories: Histories) -> ibis.Table:
    return _nearest(behaviour(histories), clustering(histories)).select("customer_id", "group")


def _nearest(table: ibis.Table, fit: Clustering) -> ibis.Table:
    """customer_id, net_sales, and the nearest centre as group, worked out in the engine."""
    import ibis

    net_sales = table.net_sales
    scaled: dict[str, Any] = {}
    for index, feature in enumerate(FEATURES):
        value = table[feature.column]
        if feature.skewed:
            value = value.sign() * (value.abs() + 1).ln()
        value = (value - fit.middle[index]) / fit.spread[index]
        scaled[feature.column] = ibis.least(ibis.greatest(value.fill_null(0.0), -FARTHEST), FARTHEST)
    table = table.select("customer_id", worth=net_sales, **scaled)
    distances = {
        f"to_{n}": reduce(
            lambda a, b: a + b,
            [(table[f.column] - x) * (table[f.column] - x) for f, x in zip(FEATURES, centre, strict=True)],
        )
        for n, centre in enumerate(fit.centres, 1)
    }
    table = table.select("customer_id", "worth", **distances)
    nearest = ibis.least(*(table[name] for name in distances))
    branches = [(table[name] == nearest, name.removeprefix("to_")) for name in distances]
    return table.select("customer_id", net_sales=table.worth, group=ibis.cases(*branches))


def _found(histories: Histories) -> Mapping[str, Message]:
    fit = clustering(histories)
    currency = histories.warehouse.settings().currency
    return {str(n): _words(fit, medians, currency) for n, medians in enumerate(fit.medians, 1)}


def _words(fit: Clustering, medians: tuple[float, ...], currency: str) -> Message:
    """What sets a cluster apart: the features whose median lies farthest from everybody's, in scaled units."""
    import numpy as np

    own, everybody = (_shape(np.array([row]))[0] for row in (medians, fit.overall))
    apart = np.abs(np.nan_to_num((own - everybody) / np.array(fit.spread)))
    farthest = [int(index) for index in np.argsort(-apart, kind="stable") if apart[index] >= TELLING][:MOST_WORDS]
    if not farthest:
        return say("Much like everybody.")
    parts: list[Message] = []
    for index in farthest:
        feature = FEATURES[index]
        unit = currency if feature.unit == "money" else feature.unit
        parts.append(feature.words(Quantity(medians[index], unit), Quantity(fit.overall[index], unit)))
    return say("Typically {traits}.", traits=tuple(parts))


def _definition(histories: Histories) -> tuple[Message, ...]:
    fit = clustering(histories)
    parts = [
        say(
            "Clusters are k-means on days since the last order, orders, net sales, sales an order, products, days "
            "between orders and return rate, on log scales where skewed, scaled by median and quartiles.",
        ),
        say(
            "Of three to eight clusters, {count} have the best mean silhouette ({silhouette}) among those that come "
            "out alike from any start (adjusted Rand index {stability}).",
            count=Quantity(fit.count),
            silhouette=Quantity(fit.silhouette, "score"),
            stability=Quantity(fit.stability, "score"),
        )
        if fit.stable
        else say(
            "No number of clusters from three to eight comes out alike from every start (adjusted Rand index "
            "{stability}): take these {count} as a sketch.",
            count=Quantity(fit.count),
            stability=Quantity(fit.stability, "score"),
        ),
        say("Cluster 1 has the greatest net sales a customer, the last one the least."),
    ]
    if fit.fitted_on < fit.customers:
        parts.append(
            say(
                "Learned from {sample} of {customers} customers; all were then assigned.",
                sample=Quantity(fit.fitted_on),
                customers=Quantity(fit.customers),
            )
        )
    return tuple(parts)


CLUSTER = Scheme("cluster", Label("Cluster", "聚类"), _GROUPS, _assigned, _definition, _found)
