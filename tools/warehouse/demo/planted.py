"""The truths that the demo store holds: which, where, how strong. Everything is relative to the last day.

Days are numbered from the first day of the store (0) to its last (`days` - 1). Products are named by
category and position, as every category has the same number of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

PRODUCTS_PER_CATEGORY = 40


@dataclass(frozen=True)
class Window:
    """Days from `first` to `last`, both included."""

    first: int
    last: int

    def __contains__(self, day: object) -> bool:
        return isinstance(day, int) and self.first <= day <= self.last


@dataclass(frozen=True)
class Role:
    """A product with a part to play; `share` of all order lines that it starts from."""

    category: str
    position: int
    share: float


@dataclass(frozen=True)
class Elastic:
    """A product whose quantity follows price^elasticity."""

    role: Role
    elasticity: float


@dataclass(frozen=True)
class Pair:
    """`second` joins a basket that holds `first` with this probability."""

    first: Role
    second: Role
    probability: float


@dataclass(frozen=True)
class Trial:
    """An experiment: who ordered in the 180 days before `starts` is assigned within 14 days, then watched for 14.

    Treated customers who would not have ordered do so with probability `uplift`; `treated_share` of customers really
    get treated, where half is intended.
    """

    key: str
    name: str
    zh: str
    variant: str
    starts: int
    uplift: float
    treated_share: float = 0.5


@dataclass(frozen=True)
class Plan:
    """Every planted truth of one store."""

    start: date
    end: date
    stock_out: Role
    stock_out_days: Window
    refund_spike: Role
    refund_sold: Window
    refund_days: Window
    refund_probability: float
    growth: Role
    growth_launch: int
    growth_middle: int
    price_error: Role
    price_error_day: int
    price_error_factor: float
    price_error_demand: float
    decline_country: str
    decline_category: str
    decline_from: int
    decline_keep: float
    churn_channel: str
    churn_days: Window
    churn_dropout: float
    churn_acquisition: float
    outage_channel: str
    outage_days: Window
    hostile: Role
    elastic: tuple[Elastic, ...]
    pairs: tuple[Pair, ...]
    trials: tuple[Trial, ...]

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def on(self, day: int) -> date:
        return self.start + timedelta(days=day)


def first_day(end: date) -> date:
    """The day after the same day 30 months before `end`."""
    months = end.year * 12 + end.month - 1 - 30
    year, month = divmod(months, 12)
    day = end.day
    while True:  # the 31st of a month that has fewer days
        try:
            return date(year, month + 1, day) + timedelta(days=1)
        except ValueError:
            day -= 1


def make_plan(end: date) -> Plan:
    """Where every truth lies for a store that ends on `end`."""
    start = first_day(end)
    last = (end - start).days

    # The last complete calendar quarter: "last quarter" as asked on the last day.
    quarter = date(end.year, (end.month - 1) // 3 * 3 + 1, 1)
    before = quarter - timedelta(days=1)
    last_quarter = date(before.year, (before.month - 1) // 3 * 3 + 1, 1)

    # A whole calendar month, about nine months back.
    months = end.year * 12 + end.month - 1 - 9
    cohort = date(months // 12, months % 12 + 1, 1)
    cohort_end = date((months + 1) // 12, (months + 1) % 12 + 1, 1) - timedelta(days=1)

    # A whole week, Monday to Sunday, about six weeks back.
    monday = end - timedelta(days=end.weekday() + 42)
    spike = (monday - start).days

    def elastic(category: str, elasticity: float) -> Elastic:
        return Elastic(Role(category, 2, 0.011), elasticity)

    return Plan(
        start=start,
        end=end,
        stock_out=Role("Home", 0, 0.026),
        stock_out_days=Window(last - 27, last - 18),
        refund_spike=Role("Electronics", 0, 0.028),
        refund_sold=Window(spike - 20, spike),
        refund_days=Window(spike, spike + 6),
        refund_probability=0.85,
        growth=Role("Beauty", 0, 0.03),
        growth_launch=last - 250,
        growth_middle=last - 60,
        price_error=Role("Kitchen", 1, 0.012),
        price_error_day=last - 75,
        price_error_factor=0.1,
        price_error_demand=6.0,
        decline_country="Germany",
        decline_category="Electronics",
        decline_from=(last_quarter - start).days,
        decline_keep=0.12,
        churn_channel="influencer",
        churn_days=Window((cohort - start).days, (cohort_end - start).days),
        churn_dropout=0.97,
        churn_acquisition=5.0,
        outage_channel="search",
        outage_days=Window(last - 33, last - 32),
        hostile=Role("Kitchen", 5, 0.012),
        elastic=(
            elastic("Beauty", -0.6),
            elastic("Food", -0.9),
            elastic("Apparel", -1.2),
            elastic("Sports", -1.5),
            elastic("Stationery", -1.8),
            elastic("Pets", -2.1),
            elastic("Baby", -2.5),
            elastic("Home", -3.0),
        ),
        pairs=(
            Pair(Role("Kitchen", 3, 0.010), Role("Food", 3, 0.005), 0.35),
            Pair(Role("Beauty", 3, 0.011), Role("Beauty", 4, 0.005), 0.32),
            Pair(Role("Electronics", 3, 0.010), Role("Electronics", 4, 0.005), 0.38),
            Pair(Role("Baby", 3, 0.008), Role("Baby", 4, 0.004), 0.40),
            Pair(Role("Sports", 3, 0.008), Role("Apparel", 3, 0.004), 0.30),
            Pair(Role("Stationery", 3, 0.008), Role("Stationery", 4, 0.004), 0.36),
            Pair(Role("Pets", 3, 0.007), Role("Pets", 4, 0.003), 0.34),
        ),
        trials=(
            Trial("one-page-checkout", "One-page checkout", "单页结账", "one-page", last - 75, 0.06),
            Trial("green-button", "Green buy button", "绿色购买按钮", "green", last - 150, 0.0),
            Trial("reordered-menu", "Reordered menu", "菜单重排", "reordered", last - 225, 0.0, 0.56),
        ),
    )
