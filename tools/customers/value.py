"""What customers are still worth: orders to expect times what an order is worth (Gamma-Gamma), discounted.

The orders are told by the BG/NBD or the MBG/NBD model, whichever makes the histories more likely: both have four
parameters, and differ in whether customers may be gone after a single order.

An order here is a day with orders: the models know purchases at different times only. Its worth is the customer's net
sales, so that what is sent back, or taken off, lowers it, spread over the days with orders, the first one included.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tools.customers.histories import Histories, net_amount
from tools.errors import NotEnoughData
from tools.messages import Quantity, say, say_n
from tools.stats.bgnbd import BgNbd
from tools.stats.fitting import FitFailed, Vector
from tools.stats.gamma_gamma import GammaGamma

if TYPE_CHECKING:
    from tools.tool import Context

LEAST_REPEAT_CUSTOMERS = 100
LEAST_GAPS = 3
# Longer without any sale, and time is counted to the last one: the figures are old, the customers are not all gone.
STALE_AFTER_DAYS = 7
LEVEL = 0.8  # of intervals
FUTURES = 2000  # simulated for a customer
PARAMETER_DRAWS = 100
MOST_SAMPLED = 4000  # customers, for the spread of a total
MONTH = 365 / 12
SEED = 20050401

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Range:
    """A figure, and where it falls in `LEVEL` of all cases."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class CustomerValue:
    """One customer's prospects within the horizon; money in the store's currency.

    `low` and `high` hold what will come in `LEVEL` of all cases: chance of a single customer, not of the model.
    `p_alive` is None where the model cannot tell.
    """

    customer_id: str
    p_alive: float | None
    expected_orders: float
    order_value: float
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Purchases:
    """One place in each array for each customer with an order by `until`, in the order of the ids; times in days.

    x: days with orders after the first; t_x: the last of them, T: `until`, both counted from the first; net: net sales.
    """

    until: date
    ids: tuple[str, ...]
    x: Vector
    t_x: Vector
    T: Vector
    net: Vector
    sql: str = ""

    @classmethod
    def read(cls, histories: Histories) -> Purchases:
        """Raises NotEnoughData where nobody has bought."""
        lines = histories.lines()
        sold = lines.kind == "sold"
        # Through customers and days: counting distinct days at once takes the engine several times as long.
        days = lines.group_by(lines.customer_id, day=lines.sold_at.date()).aggregate(
            sold=sold.any(),
            net=net_amount(lines).sum(),
        )
        table = days.group_by("customer_id").aggregate(
            first=days.day.min(where=days.sold),
            last=days.day.max(where=days.sold),
            days=days.sold.ifelse(1, 0).sum(),
            net=days.net.sum(),
        )
        wanted = table.filter(table.days > 0).order_by("customer_id")
        found = wanted.to_pyarrow()
        if not found.num_rows:
            raise NotEnoughData(say("There are no sales to known customers up to {today}.", today=histories.today))
        first, last = (
            found[name].cast("date32").cast("int32").to_numpy().astype(np.float64) for name in ("first", "last")
        )
        newest = date(1970, 1, 1) + timedelta(days=int(last.max()))
        until = histories.today if (histories.today - newest).days <= STALE_AFTER_DAYS else newest
        return cls(
            until,
            tuple(found["customer_id"].to_pylist()),
            found["days"].to_numpy().astype(np.float64) - 1,
            last - first,
            float((until - date(1970, 1, 1)).days) - first,
            # Whole cents: what was bought and sent back leaves no trace, which would have a logarithm.
            np.round(np.nan_to_num(found["net"].to_numpy().astype(np.float64)), 2),
            str(histories.warehouse.backend.compile(wanted)),
        )

    @property
    def mean_value(self) -> Vector:
        """Net sales for each day with orders; negative where more was sent back than bought."""
        return self.net / (self.x + 1)

    @cached_property
    def place(self) -> dict[str, int]:
        return {customer: place for place, customer in enumerate(self.ids)}

    def mask(self, ids: Iterable[str]) -> Mask:
        """Which places belong to these customers; ids that never bought are passed over."""
        chosen = np.zeros(len(self.ids), dtype=bool)
        chosen[[self.place[customer] for customer in ids if customer in self.place]] = True
        return chosen

    @property
    def usual_gap(self) -> float | None:
        """The median, over customers who came back, of their mean days between orders; None where nobody did."""
        again = self.x > 0
        return float(np.median(self.t_x[again] / self.x[again])) if again.any() else None

    def check(self) -> None:
        """Raises NotEnoughData, saying what is missing, where the history is too short or too thin for the models."""
        repeat = int((self.x > 0).sum())
        if repeat < LEAST_REPEAT_CUSTOMERS:
            raise NotEnoughData(
                say_n(
                    "Too little history for lifetime values: {count} customer ordered on two days or more, "
                    "{needed} are needed.",
                    "Too little history for lifetime values: {count} customers ordered on two days or more, "
                    "{needed} are needed.",
                    repeat,
                    needed=Quantity(LEAST_REPEAT_CUSTOMERS),
                )
            )
        gap, span = self.usual_gap or 0.0, float(self.T.max())
        if span < LEAST_GAPS * gap:
            raise NotEnoughData(
                say(
                    "Too little history for lifetime values: it spans {span}, and customers usually wait {gap} between "
                    "orders; at least {needed} are needed.",
                    span=Quantity(round(span), "days"),
                    gap=Quantity(round(gap), "days"),
                    needed=Quantity(round(LEAST_GAPS * gap), "days"),
                )
            )


@dataclass(frozen=True)
class Models:
    """The models, fitted to the customers' purchases. `other` is the model of orders that was not taken."""

    purchases: Purchases
    orders: BgNbd
    other: BgNbd | None
    spend: GammaGamma
    without_value: int  # customers whose net sales are not positive: outside the fit, and entered with 0 an order

    @classmethod
    def fit(cls, purchases: Purchases) -> Models:
        """Raises NotEnoughData where the history does not carry the models."""
        purchases.check()
        positive = purchases.net > 0
        fits = [fit for at_once in (False, True) if (fit := _orders(purchases, leaves_at_once=at_once)) is not None]
        if not fits:
            raise NotEnoughData(say("The purchase histories do not carry a model of how often customers come back."))
        orders, *others = sorted(fits, key=lambda fit: (fit.weak_prior, -fit.log_likelihood))
        try:
            spend = GammaGamma.fit(purchases.x[positive] + 1, purchases.mean_value[positive])
        except (FitFailed, ValueError) as error:
            raise NotEnoughData(
                say("The customers' spending does not vary enough to model what an order is worth.")
            ) from error
        return cls(purchases, orders, others[0] if others else None, spend, int((~positive).sum()))

    @property
    def tells_alive(self) -> Mask:
        """Of whom the model can tell whether they are still alive: in the BG/NBD, of nobody who bought once."""
        return (self.purchases.x > 0) | self.orders.leaves_at_once

    @cached_property
    def p_alive(self) -> Vector:
        p = self.purchases
        return self.orders.p_alive(p.x, p.t_x, p.T)

    @property
    def frequent_premium(self) -> float:
        """How much more than the average customer's order the average order is worth.

        Zero where, as the Gamma-Gamma model takes it, spending on an order does not hang on how often customers order.
        """
        positive = self.purchases.net > 0
        orders, mean = self.purchases.x[positive] + 1, self.purchases.mean_value[positive]
        return float((orders * mean).sum() / orders.sum() / mean.mean() - 1)

    @cached_property
    def order_value(self) -> Vector:
        """What an order of each customer is worth."""
        return self.spend.expected_value(self.purchases.x + 1, self.purchases.mean_value)

    @cached_property
    def pairs(self) -> tuple[Vector, Vector, NDArray[np.intp]]:
        """The distinct x and T, and which each customer has: what is expected of the living hangs on no more."""
        p = self.purchases
        x, place_x = np.unique(p.x, return_inverse=True)
        age, place_age = np.unique(p.T, return_inverse=True)
        keys, place = np.unique(place_x * len(age) + place_age, return_inverse=True)
        return x[keys // len(age)], age[keys % len(age)], place

    def expected_orders(self, days: float) -> Vector:
        """Days with orders that each customer will have within `days`."""
        x, age, place = self.pairs
        return self.p_alive * self.orders.expected_if_alive(days, x, age)[place]

    def discounted_orders(self, days: int, rate: float) -> Vector:
        """As `expected_orders`, those of each month discounted from its end by a yearly `rate`."""
        x, age, place = self.pairs
        total, before, end = np.zeros(len(x)), np.zeros(len(x)), 0.0
        while end < days:
            end = min(end + MONTH, float(days))
            by_then = self.orders.expected_if_alive(end, x, age)
            total += (by_then - before) * (1 + rate) ** (-end / 365)
            before = by_then
        return self.p_alive * total[place]


@dataclass(frozen=True)
class LifetimeValues:
    """Every customer's prospects, arrays in the order of `models.purchases.ids`."""

    models: Models
    horizon_days: int
    discount_rate: float
    expected_orders: Vector
    value: Vector
    _made: dict[int, CustomerValue] = field(default_factory=dict, compare=False, repr=False)

    @property
    def ids(self) -> tuple[str, ...]:
        return self.models.purchases.ids

    @property
    def p_alive(self) -> Vector:
        return self.models.p_alive

    @property
    def mean_discount(self) -> Vector:
        """What a unit of money still counts, on average over each customer's future orders."""
        whole = self.expected_orders * self.models.order_value
        return np.divide(self.value, whole, out=np.ones_like(whole), where=whole > 0)

    def of(self, customer_id: str) -> CustomerValue | None:
        """One customer's prospects; None for who never bought."""
        place = self.models.purchases.place.get(customer_id)
        return None if place is None else self.at(place)

    def at(self, place: int) -> CustomerValue:
        found = self._made.get(place)
        if found is None:
            futures = self.futures(np.array([place]), FUTURES)[0]
            low, high = np.quantile(futures, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
            found = self._made[place] = CustomerValue(
                self.ids[place],
                float(self.p_alive[place]) if self.models.tells_alive[place] else None,
                float(self.expected_orders[place]),
                float(self.models.order_value[place]),
                float(self.value[place]),
                float(low),
                float(high),
            )
        return found

    def futures(self, places: NDArray[np.intp], count: int) -> Vector:
        """`count` simulated values of each of these customers, (n, count): the same numbers for the same arguments."""
        purchases, spend = self.models.purchases, self.models.spend
        rng = np.random.default_rng(SEED)
        x, t_x, age = purchases.x[places], purchases.t_x[places], purchases.T[places]
        bought = self.models.orders.simulated(self.horizon_days, x, t_x, age, count=count, rng=rng)
        known = spend.p * (x + 1)
        own = np.maximum(purchases.mean_value[places], 0.0) * (x + 1)
        scale = rng.gamma((spend.q + known)[:, None], 1 / (spend.gamma + own)[:, None], bought.shape)
        spent = rng.gamma(np.maximum(spend.p * bought, 1e-300), 1 / scale)
        futures: Vector = np.where(bought > 0, spent, 0.0) * self.mean_discount[places, None]
        return futures

    def total(self, chosen: Mask | None = None, model_error: float = 0.0) -> Range:
        """The value of all customers, or of those chosen, with its interval.

        Sources of doubt: the parameters (draws from their normal approximation), what chance does to the customers at
        given parameters (simulated), and that the model may be wrong: `model_error` is a standard deviation of the
        logarithm of the total. Above `MOST_SAMPLED` customers the first two are told from a sample.
        """
        places = np.arange(len(self.ids)) if chosen is None else np.flatnonzero(chosen)
        total = float(self.value[places].sum())
        if not len(places):
            return Range(0.0, 0.0, 0.0)
        ordered = places[np.argsort(-self.value[places], kind="stable")]
        sample = ordered[np.linspace(0, len(ordered) - 1, min(len(ordered), MOST_SAMPLED)).astype(np.intp)]
        drawn = self._totals_over_parameters(sample) / max(float(self.value[sample].sum()), 1e-300) * total
        chance = np.sqrt(self.futures(sample, PARAMETER_DRAWS).var(axis=1).sum() * len(places) / len(sample))
        rng = np.random.default_rng(SEED)
        # Each set of parameters several times, so that the ends of the interval rest on more than a few draws.
        drawn = np.repeat(drawn, 20)
        shaken = drawn * np.exp(rng.normal(0.0, model_error, len(drawn))) + rng.normal(0.0, chance, len(drawn))
        low, high = np.quantile(shaken, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return Range(total, max(float(low), 0.0), float(high))

    def _totals_over_parameters(self, places: NDArray[np.intp]) -> Vector:
        """The value of these customers under each of `PARAMETER_DRAWS` sets of parameters."""
        purchases, discount = self.models.purchases, self.mean_discount[places]
        x, t_x, age = purchases.x[places], purchases.t_x[places], purchases.T[places]
        pairs, place = np.unique(np.stack([x, age]), axis=1, return_inverse=True)
        place = place.reshape(-1)
        mean = purchases.mean_value[places]
        totals = [
            float(
                (
                    orders.p_alive(x, t_x, age)
                    * orders.expected_if_alive(self.horizon_days, pairs[0], pairs[1])[place]
                    * spend.expected_value(x + 1, mean)
                    * discount
                ).sum()
            )
            for orders, spend in zip(
                self.models.orders.sampled(PARAMETER_DRAWS, SEED),
                self.models.spend.sampled(PARAMETER_DRAWS, SEED),
                strict=True,
            )
        ]
        return np.array(totals)


@dataclass(frozen=True)
class Backtest:
    """The models as they would have been on a day, against what came in the `days` after it."""

    day: date
    days: int
    customers: int
    expected_orders: float
    orders: int
    expected_value: Range
    value: float
    mean_error: float  # of a customer's orders, absolute
    naive_error: float  # the same, had each customer gone on at their own past rate
    inside: float  # share of customers whose value fell into their interval
    expected: Vector = field(compare=False, repr=False)
    came: Vector = field(compare=False, repr=False)

    @property
    def model_error(self) -> float:
        """How far off the total value was, as the logarithm of a factor: what one trial says of the next."""
        return float(abs(np.log(max(self.value, 1e-9) / self.expected_value.value))) if self.value > 0 else 1.0


def _orders(purchases: Purchases, *, leaves_at_once: bool) -> BgNbd | None:
    try:
        return BgNbd.fit(purchases.x, purchases.t_x, purchases.T, leaves_at_once=leaves_at_once)
    except FitFailed:
        return None


def lifetime_values(context: Context, horizon_days: int = 365, discount_rate: float = 0.1) -> LifetimeValues:
    """What every customer who ever bought is worth over the horizon; remembered for the store, today and arguments.

    `discount_rate` is a year's. Raises NotEnoughData where the history does not carry the models.
    """

    def make() -> LifetimeValues:
        models = _fitted(context, context.today)
        value = models.discounted_orders(horizon_days, discount_rate) * models.order_value
        return LifetimeValues(models, horizon_days, discount_rate, models.expected_orders(horizon_days), value)

    return context.warehouse.remembered(("lifetime_values", context.today, horizon_days, discount_rate), make)


def backtest(context: Context, day: date, days: int) -> Backtest:
    """Fits to what was known on `day` and compares with the `days` after it, without discount.

    Raises NotEnoughData where the history by then does not carry the models.
    """
    if day + timedelta(days=days) > context.today:
        raise ValueError(f"the {days} days after {day} are not over by {context.today}")

    def make() -> Backtest:
        models = _fitted(context, day)
        values = LifetimeValues(
            models,
            days,
            0.0,
            models.expected_orders(days),
            models.discounted_orders(days, 0.0) * models.order_value,
        )
        before, after = models.purchases, _came(context, day, days)
        came = np.array([after.get(customer, (0, 0.0)) for customer in before.ids], dtype=np.float64)
        orders, value = came[:, 0], came[:, 1]
        naive = (before.x + 1) / np.maximum(before.T, 1.0) * days
        # Evenly picked where there are many: a share of thousands is as good as one of millions.
        places = np.linspace(0, len(value) - 1, min(len(value), MOST_SAMPLED)).astype(np.intp)
        low, high = np.quantile(values.futures(places, 200), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=1)
        return Backtest(
            day,
            days,
            len(value),
            float(values.expected_orders.sum()),
            int(orders.sum()),
            values.total(),
            float(value.sum()),
            float(np.abs(orders - values.expected_orders).mean()),
            float(np.abs(orders - naive).mean()),
            float(((value[places] >= low) & (value[places] <= high)).mean()),
            values.expected_orders,
            orders,
        )

    return context.warehouse.remembered(("lifetime_values backtest", day, days), make)


def last_backtest(context: Context, purchases: Purchases, horizon_days: int) -> Backtest | None:
    """The trial over the last days up to today: as many as the horizon, at most a third of the history.

    None where the history before them does not carry the models.
    """
    days = min(horizon_days, int(purchases.T.max()) // 3)
    try:
        return backtest(context, purchases.until - timedelta(days=days), days)
    except NotEnoughData:
        return None


def _fitted(context: Context, day: date) -> Models:
    def make() -> Models:
        purchases = Purchases.read(Histories(context.warehouse, day))
        context.progress(
            say(
                "Working out what customers are worth, from {customers} purchase histories…",
                customers=Quantity(len(purchases.ids)),
            )
        )
        return Models.fit(purchases)

    return context.warehouse.remembered(("lifetime_values models", day), make)


def _came(context: Context, day: date, days: int) -> dict[str, tuple[int, float]]:
    """Days with orders and net sales of each customer in the `days` after `day`."""
    lines = Histories(context.warehouse, day + timedelta(days=days)).lines()
    lines = lines.filter(lines.sold_at.date() > day)
    sold = lines.kind == "sold"
    table = lines.group_by("customer_id").aggregate(
        days=lines.sold_at.date().nunique(where=sold),
        net=net_amount(lines).sum(),
    )
    rows, _sql = context.warehouse.fetch(table)
    return {str(customer): (int(count), float(net)) for customer, count, net in rows}
