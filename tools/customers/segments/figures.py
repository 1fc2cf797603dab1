"""What customers of a selection are worth together, group by group, and one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from tools.customers.contacts import CONTACTS
from tools.customers.histories import Histories, beside
from tools.customers.schemes import SCHEMES
from tools.customers.segments.selection import FIRST, LAST, Selection
from tools.semantic.query import settled

if TYPE_CHECKING:
    import ibis

    from tools.customers.rules import Did, Measure, Rule
    from tools.semantic.query import Days
    from tools.tool import Context

PLACED: tuple[Measure, ...] = ("orders", "net_sales")


@dataclass(frozen=True)
class Totals:
    """Customers together: how many, their net sales, and the mean of days since each one's last order."""

    customers: int = 0
    net_sales: float = 0.0
    days_since_last_order: float | None = None


@dataclass
class Figures:
    """Figures of customers in a period, as of the context's today. `sql` gathers the queries that gave them."""

    context: Context
    period: Days
    sql: list[str] = field(default_factory=list)

    @cached_property
    def selection(self) -> Selection:
        return Selection(self.context)

    def together(self, rule: Rule | None) -> Totals:
        """All who meet the rule."""
        people = self._with_figures(self.selection.matching(rule))
        rows = self._fetch(people.aggregate(**_sums(people)))
        return _totals(rows[0])

    def size(self, rule: Rule | None) -> int:
        people = self.selection.matching(rule)
        return int(self._fetch(people.aggregate(customers=people.count()))[0][0])

    def everyone(self, *, known: bool) -> Totals:
        """All who ever bought, or (`known`) also who never did. Net sales are those of every known customer."""

        def read() -> Totals:
            lines = self.selection.measured(["net_sales"], self.period)
            net = self._fetch(lines.aggregate(net=lines.net_sales.sum()))[0][0]
            people = self.selection.everybody() if known else self.selection.matching(None)
            count = self._fetch(people.aggregate(customers=people.count()))[0][0]
            return Totals(int(count), money(net))

        key = ("everyone", known, self.period, self.context.today)
        return self.context.warehouse.remembered(key, read)

    def by(self, split: str, rule: Rule | None) -> Mapping[str | None, Totals]:
        """Group → its customers who meet the rule; None where the group is not known.

        A scheme's groups are made of everybody, whatever the rule.
        """
        grouped = self._grouped(self._counted(split, rule), split)
        figures = self._with_figures(grouped)
        rows = self._fetch(figures.group_by("in_group").aggregate(**_sums(figures)))
        return {None if group is None else str(group): _totals(found) for group, *found in rows}

    def sizes_by(self, split: str, rule: Rule | None) -> Mapping[str | None, int]:
        """As `by`, the sizes alone."""
        grouped = self._grouped(self._counted(split, rule), split)
        rows = self._fetch(grouped.group_by("in_group").aggregate(customers=grouped.count()))
        return {None if group is None else str(group): int(customers) for group, customers in rows}

    def listed(
        self,
        rule: Rule | None,
        measure: Measure,
        order: Literal["highest", "lowest"],
        limit: int,
        compared: Mapping[str, Did] | None = None,
    ) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """Columns and rows of the customers who meet the rule, by the measure; ties by id, without a value last.

        `compared` are columns of what conditions compare, by name.
        """
        import ibis

        compared = compared or {}
        measures = tuple(dict.fromkeys((*PLACED, measure)))
        people = self.selection.matching(rule)
        figures = self.selection.measured(measures, self.period, compared)
        table: Any = beside(people, figures, [*compared, *measures, FIRST, LAST])
        kinds: dict[str, str] = {**{name: leaf.measure for name, leaf in compared.items()}, **{m: m for m in measures}}
        filled = {name: table[name].fill_null(0) for name, kind in kinds.items() if _is_sum(kind)}
        table = table.mutate(**filled)
        known = self.known_attributes(("country", *CONTACTS))
        if known:
            table = beside(table, self.context.warehouse.table("customers"), known)
        # Sums of floats differ in their last digits from run to run; equal ones must not change places.
        key = table[measure].round(4) if table[measure].type().is_floating() else table[measure]
        first = ibis.desc(key, nulls_first=False) if order == "highest" else ibis.asc(key, nulls_first=False)
        columns = ("customer_id", *known, *compared, *measures, FIRST, LAST)
        rows = self._fetch(table.order_by(first, table.customer_id).limit(limit).select(*columns))
        return columns, rows

    def overlap(self, one: Rule, other: Rule) -> tuple[int, int, int]:
        """How many meet both, the one alone, the other alone."""
        import ibis

        first, second = self.selection.matching(one), self.selection.matching(other)
        marked = first.mutate(in_one=ibis.literal(1), in_other=ibis.literal(0)).union(
            second.mutate(in_one=ibis.literal(0), in_other=ibis.literal(1))
        )
        people = marked.group_by("customer_id").aggregate(one=marked.in_one.max(), other=marked.in_other.max())
        rows = self._fetch(
            people.aggregate(
                both=((people.one == 1) & (people.other == 1)).sum(),
                one_alone=((people.one == 1) & (people.other == 0)).sum(),
                other_alone=((people.one == 0) & (people.other == 1)).sum(),
            )
        )
        both, one_alone, other_alone = (int(count or 0) for count in rows[0])
        return both, one_alone, other_alone

    def extreme(self, measure: Measure, period: Days | None, *, highest: bool) -> float | int | None:
        """The highest (lowest) value of a measure that any customer has who ever bought."""
        figures = self.selection.measured([measure], period)
        figures = figures.filter(figures[LAST].notnull())
        column = figures[measure]
        rows = self._fetch(figures.aggregate(value=column.max() if highest else column.min()))
        return settled(rows[0][0])

    def known_attributes(self, names: Sequence[str]) -> tuple[str, ...]:
        """The columns of `customers` that hold anything at all."""
        warehouse = self.context.warehouse
        if not warehouse.has("customers"):
            return ()

        def read() -> tuple[str, ...]:
            table = warehouse.table("customers")
            rows, _sql = warehouse.fetch(table.aggregate(**{name: table[name].count() for name in names}))
            return tuple(name for name, known in zip(names, rows[0], strict=True) if known)

        return warehouse.remembered(("known attributes", tuple(names)), read)

    def _with_figures(self, people: ibis.Table) -> Any:
        figures = self.selection.measured(("net_sales", "days_since_last_order"), self.period)
        return beside(people, figures, ["net_sales", "days_since_last_order"])

    def _counted(self, split: str, rule: Rule | None) -> ibis.Table:
        # Prospects are a stage, though they never bought.
        return self.selection.everybody() if rule is None and split == "lifecycle" else self.selection.matching(rule)

    def _grouped(self, people: ibis.Table, split: str) -> Any:
        """The people with the column in_group."""
        if split in SCHEMES:
            groups = SCHEMES[split].assigned(Histories(self.context.warehouse, self.context.today))
            named: Any = groups.select("customer_id", in_group=groups.group)
        else:
            customers = self.context.warehouse.table("customers")
            named = customers.select("customer_id", in_group=customers[split])
        return beside(people, named, ["in_group"])

    def _fetch(self, expression: ibis.Table) -> list[tuple[Any, ...]]:
        rows, sql = self.context.warehouse.fetch(expression)
        self.sql.append(sql)
        return rows


def _is_sum(measure: str) -> bool:
    return measure not in ("aov", "return_rate") and not measure.startswith("days_since")


def _sums(people: Any) -> dict[str, Any]:
    return {
        "customers": people.count(),
        "total": people.net_sales.sum(),
        # PostgreSQL's mean of whole numbers is a decimal, which is no float.
        "days": people.days_since_last_order.cast("float64").mean(),
    }


def _totals(row: Sequence[Any]) -> Totals:
    customers, net_sales, days = row
    return Totals(int(customers), money(net_sales), settled(days))


def money(value: Any) -> float:
    """An amount without what adding up floats leaves behind; no price is finer than that."""
    return round(float(settled(value) or 0.0), 4) + 0.0
