"""Acquisition cohorts: who first bought in the same calendar unit, and what they did in the units after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from tools.customers.histories import Histories
from tools.customers.segments.selection import Selection, filtered_lines
from tools.semantic.periods import Period, shift, split, unit
from tools.semantic.rows import meets, truncate

if TYPE_CHECKING:
    import ibis

    from tools.customers.rules import Rule
    from tools.semantic.query import Filter
    from tools.tool import Context

CohortGrain = Literal["week", "month", "quarter"]
Attribute = Literal["acquisition_channel", "country", "region", "city", "gender"]
Measured = Literal["retention", "customers", "net_sales", "net_sales_per_customer"]
# A store may be closed for so many days; after more without a sale the data is held to end earlier.
CLOSED_AT_MOST = timedelta(days=7)


@dataclass(frozen=True)
class Activity:
    """What a cohort did in one unit: customers with an order, and net sales of the unit, returns taken off."""

    customers: int = 0
    net_sales: float = 0.0


@dataclass(frozen=True)
class Cohort:
    """Customers whose first order fell in the unit that begins on `start`; `activity` by the unit's first day."""

    start: date
    size: int
    activity: Mapping[date, Activity]


@dataclass(frozen=True)
class Followed:
    """Cohorts from the oldest to the newest, and up to which day they could be followed."""

    grain: CohortGrain
    cohorts: tuple[Cohort, ...]
    through: date

    def unit_of(self, cohort: Cohort, offset: int) -> Period:
        """The calendar unit `offset` units after the one in which the cohort first bought."""
        return unit(shift(cohort.start, "month" if self.grain != "week" else "week", offset * self._step), self.grain)

    @property
    def _step(self) -> int:
        return 3 if self.grain == "quarter" else 1

    def begun(self, cohort: Cohort, offset: int) -> bool:
        return self.unit_of(cohort, offset).start <= self.through

    def over(self, cohort: Cohort, offset: int) -> bool:
        """Whether the unit is complete, so that its figures will not grow."""
        return self.unit_of(cohort, offset).end <= self.through

    def activity(self, cohort: Cohort, offset: int) -> Activity:
        return cohort.activity.get(self.unit_of(cohort, offset).start, Activity())

    def value(self, cohort: Cohort, offset: int, measure: Measured) -> float | int | None:
        """The measure in a unit that has begun; None before it has, or for a cohort of nobody."""
        if not cohort.size or not self.begun(cohort, offset):
            return None
        return measured(self.activity(cohort, offset), cohort.size, measure)

    def together(self, offset: int, measure: Measured) -> float | None:
        """The measure over all cohorts for which the unit is over: shares of all their customers, sums a cohort."""
        done = [c for c in self.cohorts if c.size and self.over(c, offset)]
        if not done:
            return None
        customers = sum(self.activity(c, offset).customers for c in done)
        net_sales = sum(self.activity(c, offset).net_sales for c in done)
        size = sum(c.size for c in done)
        match measure:
            case "retention":
                return customers / size
            case "net_sales_per_customer":
                return net_sales / size
            case "customers":
                return customers / len(done)
            case "net_sales":
                return net_sales / len(done)


def measured(activity: Activity, size: int, measure: Measured) -> float | int:
    match measure:
        case "retention":
            return activity.customers / size
        case "customers":
            return activity.customers
        case "net_sales":
            return activity.net_sales
        case "net_sales_per_customer":
            return activity.net_sales / size


@dataclass(frozen=True)
class Study:
    """Whom to follow: first orders in `period` (whole units), customers under `rule`, later lines under `where`."""

    context: Context
    grain: CohortGrain
    period: Period
    where: tuple[Filter, ...] = ()
    rule: Rule | None = None

    def follow(self, through: date) -> tuple[Followed, tuple[str, ...]]:
        """All customers' cohorts, and the SQL."""
        found, sql = self._read(None, through)
        starts = [part.start for part in split(self.period, self.grain)]
        return found.get(None) or _followed(self.grain, through, starts, {}, {}), sql

    def follow_by(self, attribute: Attribute, through: date) -> tuple[dict[str, Followed], tuple[str, ...]]:
        """The cohorts of each value of something known of customers; those of whom it is not known are left out."""
        found, sql = self._read(attribute, through)
        return {value: followed for value, followed in found.items() if value is not None}, sql

    def _read(self, attribute: Attribute | None, through: date) -> tuple[dict[str | None, Followed], tuple[str, ...]]:
        won = self._won(attribute)
        fetch = self.context.warehouse.fetch
        sizes, sizes_sql = fetch(won.group_by("value", "cohort").aggregate(customers=won.count()))
        activity, activity_sql = fetch(self._activity(won))
        starts = [part.start for part in split(self.period, self.grain)]
        by_size: dict[str | None, dict[date, int]] = {}
        for value, start, customers in sizes:
            by_size.setdefault(value, {})[start] = int(customers)
        did: dict[str | None, dict[date, dict[date, Activity]]] = {}
        for value, start, within, customers, net_sales in activity:
            cell = Activity(int(customers), round(float(net_sales or 0.0), 6))
            did.setdefault(value, {}).setdefault(start, {})[within] = cell
        found = {
            value: _followed(self.grain, through, starts, own, did.get(value, {})) for value, own in by_size.items()
        }
        return found, (sizes_sql, activity_sql)

    def _won(self, attribute: Attribute | None) -> ibis.Table:
        """customer_id, first_at, cohort (first day of the unit) and value, a row a customer won in the period."""
        import ibis

        context = self.context
        lines = Histories(context.warehouse, context.today).lines()
        sold = lines.filter(lines.kind == "sold")
        first = sold.group_by("customer_id").aggregate(first_at=sold.sold_at.min())
        end = datetime.combine(self.period.end + timedelta(days=1), datetime.min.time())
        start = datetime.combine(self.period.start, datetime.min.time())
        first = first.filter(first.first_at >= start, first.first_at < end)
        if self.rule is not None:
            first = first.semi_join(Selection(context).matching(self.rule), "customer_id")
        value = ibis.null("string")
        if attribute is not None:
            known = context.warehouse.table("customers", context.today)
            slim = known.select(known_customer=known.customer_id, known_value=known[attribute])
            first = first.left_join(slim, first.customer_id == slim.known_customer)
            value = first.known_value
        return first.select("customer_id", "first_at", value=value, cohort=truncate(first.first_at, self.grain))

    def _activity(self, won: ibis.Table) -> ibis.Table:
        """value, cohort, unit, customers with an order in it, and its net sales."""
        lines = filtered_lines(self.context, self.where)
        for condition in self.where:
            lines = lines.filter(meets(lines[f"by_{condition.dimension}"], condition))
        joined = lines.select("customer_id", "sold_at", "kind", "amount", "discount").join(won, "customer_id")
        joined = joined.filter(joined.sold_at >= joined.first_at)
        joined = joined.mutate(unit=truncate(joined.sold_at, self.grain))
        sold = joined.kind == "sold"
        worth = joined.amount - joined.discount
        return joined.group_by("value", "cohort", "unit").aggregate(
            customers=joined.customer_id.nunique(where=sold), net_sales=sold.ifelse(worth, -worth).sum()
        )


def _followed(
    grain: CohortGrain,
    through: date,
    starts: Iterable[date],
    sizes: Mapping[date, int],
    activity: Mapping[date, Mapping[date, Activity]],
) -> Followed:
    cohorts = tuple(Cohort(start, sizes.get(start, 0), activity.get(start, {})) for start in starts)
    return Followed(grain, cohorts, through)


def covered(first: date, last: date, today: date) -> Period:
    """The days that the data covers: to today, unless it ended more than a week ago."""
    return Period(first, today if today - last <= CLOSED_AT_MOST else last)
