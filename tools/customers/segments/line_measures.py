"""What conditions measure over the order lines of each customer, gathered into one pass over them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import reduce
from typing import TYPE_CHECKING, Any, Literal

from tools.semantic.rows import meets

if TYPE_CHECKING:
    import ibis

    from tools.customers.rules import Did

Combined = Literal["any", "count", "sum", "whole", "min", "max"]


@dataclass(frozen=True)
class _Aggregate:
    """A column of the result: `part` of some lines, and how the parts of a customer are combined.

    What is counted is the values of the column `by` for which there is a line; grouping by them costs an engine no more
    than a set of them for each customer, and the other aggregates are had on the way.
    """

    part: Any
    combined: Combined
    by: str | None


@dataclass
class LineMeasures:
    """Aggregates of order lines that conditions need, each once. `rows` has the columns "by_…" of their filters."""

    rows: Any
    today: date
    names: dict[tuple[Any, ...], str] = field(default_factory=dict)
    aggregates: dict[str, _Aggregate] = field(default_factory=dict)

    def per_customer(self) -> ibis.Table:
        """One row for each customer with a line: customer_id, and a column for each aggregate."""
        wanted = self.aggregates
        by_order = {name: a for name, a in wanted.items() if a.by != "product_id"}
        by_product = {name: a for name, a in wanted.items() if a.by == "product_id"}
        people = self._grouped(by_order, "order_id" if any(a.by == "order_id" for a in wanted.values()) else None)
        if not by_product:
            return people
        products: Any = self._grouped(by_product, "product_id").rename(other_customer="customer_id")
        joined: Any = people
        return joined.left_join(products, joined.customer_id == products.other_customer).drop("other_customer")

    def _grouped(self, wanted: dict[str, _Aggregate], by: str | None) -> Any:
        if by is None:
            # Nothing is counted by orders: the lines are combined at once.
            return self.rows.group_by("customer_id").aggregate(**{name: a.part for name, a in wanted.items()})
        groups = self.rows.group_by("customer_id", by).aggregate(**{name: a.part for name, a in wanted.items()})
        return groups.group_by("customer_id").aggregate(
            **{name: _combine(groups[name], a.combined) for name, a in wanted.items()}
        )

    def orders(self, condition: Did, kind: str = "sold") -> str:
        return self._counted("order_id", condition, kind)

    def products(self, condition: Did) -> str:
        return self._counted("product_id", condition, "sold")

    def any_line(self, condition: Did) -> str:
        return self._need("any", "any", condition, "sold", _is_there)

    def units(self, condition: Did) -> str:
        units = self.rows.quantity
        # PostgreSQL's sum of whole numbers is a decimal.
        return self._need("units", "whole", condition, "sold", lambda m: units.sum(where=m).cast("int64"))

    def gross_sales(self, condition: Did) -> str:
        return self._need("gross", "sum", condition, "sold", lambda m: self.rows.amount.sum(where=m))

    def value(self, condition: Did, kind: str) -> str:
        """What was sold, or returned, after discounts."""
        worth = self.rows.amount - self.rows.discount
        return self._need("value", "sum", condition, kind, lambda m: worth.sum(where=m))

    def net_sales(self, condition: Did) -> str:
        worth = self.rows.amount - self.rows.discount
        signed = (self.rows.kind == "sold").ifelse(worth, -worth)
        return self._need("net", "sum", condition, None, lambda m: signed.sum(where=m))

    def first(self, condition: Did) -> str:
        return self._need("first", "min", condition, "sold", lambda m: self.rows.sold_at.min(where=m))

    def last(self, condition: Did) -> str:
        return self._need("last", "max", condition, "sold", lambda m: self.rows.sold_at.max(where=m))

    def _counted(self, by: str, condition: Did, kind: str) -> str:
        return self._need(by, "count", condition, kind, _is_there)

    def _need(self, name: str, combined: Combined, condition: Did, kind: str | None, make: Callable[[Any], Any]) -> str:
        """The column in which the aggregate will stand."""
        key = (name, kind, condition.period, frozenset(condition.where))
        if key not in self.names:
            self.names[key] = f"m{len(self.names)}"
            by = name if combined == "count" else None
            self.aggregates[self.names[key]] = _Aggregate(make(self._mask(condition, kind)), combined, by)
        return self.names[key]

    def _mask(self, condition: Did, kind: str | None) -> Any:
        """Which lines the condition looks at; None: all of them."""
        masks = [self.rows.kind == kind] if kind else []
        if condition.period is not None:
            masks.append(self.rows.sold_at >= midnight(condition.period.start))
            if condition.period.end < self.today:
                masks.append(self.rows.sold_at < midnight(condition.period.end + timedelta(days=1)))
        masks += [meets(self.rows[f"by_{f.dimension}"], f) for f in condition.where]
        return reduce(lambda a, b: a & b, masks) if masks else None


def midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time())


def _is_there(mask: Any) -> Any:
    return mask.fill_null(False).any()


def _combine(column: Any, combined: Combined) -> Any:
    match combined:
        case "any":
            return column.any()
        case "count":
            return column.ifelse(1, 0).sum().cast("int64")
        case "sum":
            return column.sum()
        case "whole":
            return column.sum().cast("int64")
        case "min":
            return column.min()
        case "max":
            return column.max()
