"""From a rule to the customers who meet it: one expression in the engine, one pass over the order lines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any

from tools.customers.histories import Histories, beside
from tools.customers.rules import All, Comparison, Dated, Did, Has, In, Measure, Not, Rule, leaves, negation
from tools.customers.rules import Any as AnyOf
from tools.customers.schemes import SCHEMES
from tools.customers.segments.checks import Checks
from tools.customers.segments.line_measures import LineMeasures, midnight
from tools.customers.segments.words import Words
from tools.errors import InvalidArgument
from tools.messages import say
from tools.semantic.query import Members
from tools.semantic.rows import join_paths, paths_of, times_of

if TYPE_CHECKING:
    import ibis

    from tools.customers.segments.saved import SavedSegments
    from tools.messages import Message
    from tools.semantic.query import Days, Filter
    from tools.tool import Context

SALES = "sales"
FIRST, LAST = "first_order_on", "last_order_on"
LOOKED_AT = ("customer_id", "order_id", "product_id", "kind", "sold_at", "quantity", "amount", "discount")
COUNTS = ("orders", "units", "products", "returned_orders")
# Sums of floats differ in their last digits with the order of adding; no price is finer than these.
MONEY_STEP = 1e-6
RATE_STEP = 1e-9


@dataclass(frozen=True)
class Selection:
    """The customers who meet a rule, as of the context's today.

    Counted are customers who ever bought. A rule that asks for people who never ordered, or for nothing but
    attributes, counts everybody known (`counts_everybody`). "Not" is the complement within who is counted.
    """

    context: Context

    def matching(self, rule: Rule | None) -> ibis.Table:
        """One row for each customer who meets the rule (None: who ever bought), with the one column customer_id."""
        whole = None if rule is None else self.expanded(rule)
        if whole is None:
            lines = self._histories.lines()
            return lines.filter(lines.kind == "sold").select("customer_id").distinct()
        return _Compiled(self, whole).matching()

    def ids(self, rule: Rule | None) -> frozenset[str]:
        """The ids of the customers who meet the rule."""
        whole = None if rule is None else self.expanded(rule)

        def read() -> frozenset[str]:
            rows, _sql = self.context.warehouse.fetch(self.matching(whole))
            return frozenset(str(customer) for (customer,) in rows)

        return self.context.warehouse.remembered(("customers", whole, self.context.today), read)

    def measured(
        self, measures: Iterable[Measure], period: Days | None, compared: Mapping[str, Did] | None = None
    ) -> ibis.Table:
        """One row for each customer with a line: customer_id, the measures in the period, first_ and last_order_on.

        "days_since_…" and the two dates look at everything up to today; they are missing without an order. `compared`
        adds columns by name: what these conditions compare, in their own periods and under their own filters.
        """
        named: dict[str, Did] = {
            str(measure): Did(measure=measure, op="!=", value=-1, period=_period_for(measure, period), where=())
            for measure in measures
        }
        for name, leaf in (compared or {}).items():
            # No comparison that could be answered without the value.
            named[name] = leaf.model_copy(update={"op": "!=", "value": -1.0})
        filters = [f for leaf in named.values() for f in leaf.where]
        lines = LineMeasures(filtered_lines(self.context, filters), self.context.today)
        columns = {name: _measured(lines, condition) for name, condition in named.items()}
        first, last = lines.first(EVER), lines.last(EVER)
        people = lines.per_customer()
        days = {name: people[moment].cast("date") for name, moment in ((FIRST, first), (LAST, last))}
        found = {
            name: _days_between(people[columns[name][0]].cast("date"), self.context.today)
            if condition.measure.startswith("days_since")
            else _value(condition.measure, [people[column] for column in columns[name]])
            for name, condition in named.items()
        }
        return people.select("customer_id", **found, **days)

    def check(self, rule: Rule) -> None:
        """Raises InvalidArgument, NotEnoughData or MissingTable where the rule cannot be meant.

        Parts that contradict one another are named both; names that the store does not have, with the nearest ones.
        """
        Checks(self.context).check(self.expanded(rule))

    def words(self, rule: Rule) -> Message:
        """The rule as what such customers did or are, to follow "customers who …" or "1,019 customers …".

        "placed at least 5 orders in 2011", "bought in 2010 but did not buy in 2011"; in Chinese it stands before
        的客户.
        """
        return Words(self.context).of(rule)

    def customers_in_words(self, rule: Rule | None) -> Message:
        """The rule as a noun: "customers who placed at least 5 orders in 2011"; 2011年下单至少5次的客户."""
        return say("all customers") if rule is None else say("customers who {rule}", rule=self.words(rule))

    def expanded(self, rule: Rule) -> Rule:
        """The rule with saved segments replaced by what they stand for.

        Raises InvalidArgument where a saved segment does not exist, or contains itself.
        """
        if not any(isinstance(leaf, In) and leaf.scheme == "saved" for leaf in leaves(rule)):
            return rule
        return _expanded(rule, saved_segments(self.context), self.context.today, ())

    def members(self, condition: Filter) -> Members:
        """The customers whom a filter on a saved segment or a scheme's groups means.

        Raises InvalidArgument where there is no such segment or group, or the operator is not one of lists.
        """
        rule = self.membership(condition)
        whole = self.expanded(rule)
        return Members((whole, self.context.today), lambda: self.matching(whole))

    def membership(self, condition: Filter) -> Rule:
        """A filter on a saved segment or a scheme's groups as a rule, checked; "not in" is the filter's affair."""
        dimension = self.context.catalog.dimension(condition.dimension)
        if condition.op not in ("in", "not_in"):
            raise InvalidArgument(
                say("A {dimension} can be asked for by name only.", dimension=dimension.label.label.inside())
            )
        rule = In.model_validate({"scheme": dimension.scheme, "groups": condition.values})
        self.check(rule)
        return rule

    def saved_names(self, rule: Rule) -> frozenset[str]:
        """The keys of the saved segments that the rule stands on, through one another too."""
        if not any(isinstance(leaf, In) and leaf.scheme == "saved" for leaf in leaves(rule)):
            return frozenset()
        saved, found, waiting = saved_segments(self.context), set[str](), [rule]
        while waiting:
            for leaf in leaves(waiting.pop()):
                for name in leaf.groups if isinstance(leaf, In) and leaf.scheme == "saved" else ():
                    segment = saved.get(name)
                    if segment.key not in found:
                        found.add(segment.key)
                        waiting.append(segment.rule)
        return frozenset(found)

    def counts_everybody(self, rule: Rule | None) -> bool:
        """Whether people who never ordered are counted too."""
        return rule is not None and _asks_for_everybody(self.expanded(rule))

    def everybody(self) -> ibis.Table:
        """customer_id of everybody known by today: prospects, and those who ever bought."""
        return SCHEMES["lifecycle"].assigned(self._histories).select("customer_id")

    @cached_property
    def _histories(self) -> Histories:
        return Histories(self.context.warehouse, self.context.today)


def saved_segments(context: Context) -> SavedSegments:
    """The team's saved segments. Raises InvalidArgument where nothing can be saved."""
    # Here, since SQLAlchemy takes a while to load and most questions need no state.
    from tools.customers.segments.saved import SavedSegments

    return SavedSegments.of(context)


def _expanded(rule: Rule, saved: SavedSegments, today: date, inside: tuple[str, ...]) -> Rule:
    match rule:
        case All(all=parts):
            return All(all=tuple(_expanded(part, saved, today, inside) for part in parts))
        case AnyOf(any=parts):
            return AnyOf(any=tuple(_expanded(part, saved, today, inside) for part in parts))
        case Not(not_=part):
            return negation(_expanded(part, saved, today, inside))
        case In(scheme="saved", groups=names):
            found: list[Rule] = []
            for name in names:
                segment = saved.get(name)
                if segment.key in inside:
                    raise InvalidArgument(say("The segment “{name}” contains itself.", name=segment.name))
                found.append(_expanded(segment.rule_on(today), saved, today, (*inside, segment.key)))
            return found[0] if len(found) == 1 else AnyOf(any=tuple(found))
        case _:
            return rule


def _asks_for_everybody(rule: Rule) -> bool:
    return all(isinstance(leaf, Has) for leaf in leaves(rule)) or _asks_for_who_never_ordered(rule, negated=False)


def _asks_for_who_never_ordered(rule: Rule, *, negated: bool) -> bool:
    match rule:
        case All(all=parts) | AnyOf(any=parts):
            return any(_asks_for_who_never_ordered(part, negated=negated) for part in parts)
        case Not(not_=part):
            return _asks_for_who_never_ordered(part, negated=not negated)
        case Did(measure="orders", period=None, where=()):
            meets_it = [compared(orders, rule.op, rule.value) is not negated for orders in (0, 1, 10**12)]
            return meets_it == [True, False, False]
        case In(scheme="lifecycle", groups=groups):
            return "prospect" in groups and not negated
        case _:
            return False


def compared(value: float, op: Comparison, other: float) -> bool:
    """`value op other` for plain numbers."""
    return {
        ">": value > other,
        ">=": value >= other,
        "<": value < other,
        "<=": value <= other,
        "=": value == other,
        "!=": value != other,
    }[op]


EVER = Did(measure="orders", op=">=", value=1, where=())
"""Who ever bought."""


@dataclass(frozen=True)
class _Compiled:
    """A rule, saved segments replaced, on its way to an expression."""

    selection: Selection
    rule: Rule

    def matching(self) -> ibis.Table:
        everybody = _asks_for_everybody(self.rule)
        conditions = [leaf for leaf in leaves(self.rule) if isinstance(leaf, Did | Dated)]
        people = self._people(conditions, everybody=everybody)
        return people.filter(self._meets(self.rule, people)).select("customer_id")

    @cached_property
    def _lines(self) -> LineMeasures:
        today = self.selection.context.today
        filters = [f for leaf in leaves(self.rule) if isinstance(leaf, Did) for f in leaf.where]
        return LineMeasures(filtered_lines(self.selection.context, filters), today)

    def _people(self, conditions: Iterable[Did | Dated], *, everybody: bool) -> Any:
        """One row for each person counted, with what the conditions look at."""
        context, histories = self.selection.context, Histories(self.selection.context.warehouse, self._lines.today)
        lines = self._lines
        for condition in conditions:
            _measured(lines, condition)
        if everybody:
            people: Any = self.selection.everybody()
            if conditions:
                people = beside(people, lines.per_customer(), list(lines.aggregates))
        else:
            bought = lines.any_line(EVER)
            people = lines.per_customer()
            people = people.filter(people[bought])
        attributes = sorted({leaf.attribute for leaf in leaves(self.rule) if isinstance(leaf, Has)})
        if attributes:
            table = context.warehouse.table("customers", context.today)
            people = beside(people, table, attributes, prefix="has_")
        for scheme in sorted({leaf.scheme for leaf in leaves(self.rule) if isinstance(leaf, In)}):
            people = beside(people, SCHEMES[scheme].assigned(histories), ["group"], prefix=f"in_{scheme}_")
        return people

    def _meets(self, rule: Rule, people: Any) -> Any:
        """Whether each person meets the rule: true or false, never unknown."""
        match rule:
            case All(all=parts):
                return reduce(lambda a, b: a & b, (self._meets(part, people) for part in parts))
            case AnyOf(any=parts):
                return reduce(lambda a, b: a | b, (self._meets(part, people) for part in parts))
            case Not(not_=part):
                return ~self._meets(part, people)
            case Did():
                return self._did(rule, people)
            case Dated(period=period):
                moment = people[_measured(self._lines, rule)[0]]
                within = (moment >= midnight(period.start)) & (moment < midnight(period.end + timedelta(days=1)))
                return within.fill_null(False)
            case Has():
                return _has(people[f"has_{rule.attribute}"], rule)
            case In(scheme=scheme, groups=groups):
                return people[f"in_{scheme}_group"].isin(groups).fill_null(False)

    def _did(self, rule: Did, people: Any) -> Any:
        columns = [people[name] for name in _measured(self._lines, rule)]
        if rule.measure.startswith("days_since"):
            return _days_since(columns[0], rule.op, rule.value, self._lines.today).fill_null(False)
        if rule.measure == "orders" and columns[0].type().is_boolean():
            bought = columns[0].fill_null(False)
            return bought if compared(1, rule.op, rule.value) else ~bought
        step = 0 if rule.measure in COUNTS else RATE_STEP if rule.measure == "return_rate" else MONEY_STEP
        return _compare(_value(rule.measure, columns), rule.op, rule.value, step).fill_null(False)


def filtered_lines(context: Context, filters: Iterable[Filter]) -> Any:
    """The visible order lines of known customers, with a column "by_…" for each dimension of the filters."""
    histories = Histories(context.warehouse, context.today)
    catalog = context.catalog
    dimensions = list(dict.fromkeys(catalog.dimension(f.dimension) for f in filters))
    rows, columns = join_paths(
        catalog.models[SALES],
        histories.lines(),
        paths_of(SALES, dimensions),
        lambda name: context.warehouse.table(name, context.today),
    )
    # Wide rows would be carried along where an engine keeps them between two passes.
    return rows.select(*LOOKED_AT, **columns, **times_of(rows.sold_at, dimensions))


def _measured(lines: LineMeasures, leaf: Did | Dated) -> tuple[str, ...]:
    """The columns that hold what the condition compares."""
    if isinstance(leaf, Dated):
        return (lines.first(EVER) if leaf.event == "first_order" else lines.last(EVER),)
    match leaf.measure:
        case "orders" if compared(1, leaf.op, leaf.value) == compared(10**12, leaf.op, leaf.value) and compared(
            0, leaf.op, leaf.value
        ) != compared(1, leaf.op, leaf.value):
            # Whether there is any order at all costs less than how many there are.
            return (lines.any_line(leaf),)
        case "orders":
            return (lines.orders(leaf),)
        case "returned_orders":
            return (lines.orders(leaf, "returned"),)
        case "products":
            return (lines.products(leaf),)
        case "units":
            return (lines.units(leaf),)
        case "net_sales":
            return (lines.net_sales(leaf),)
        case "gross_sales":
            return (lines.gross_sales(leaf),)
        case "returns":
            return (lines.value(leaf, "returned"),)
        case "aov":
            return (lines.value(leaf, "sold"), lines.orders(leaf))
        case "return_rate":
            return (lines.value(leaf, "returned"), lines.gross_sales(leaf))
        case "days_since_last_order":
            return (lines.last(leaf),)
        case "days_since_first_order":
            return (lines.first(leaf),)


def _value(measure: Measure, columns: Sequence[Any]) -> Any:
    """The measure; sums and counts over no line are 0, ratios are missing."""
    if measure in ("aov", "return_rate"):
        top, bottom = columns
        return top.fill_null(0.0) / bottom.nullif(0)
    return columns[0].fill_null(0 if measure in COUNTS else 0.0)


def _compare(column: Any, op: Comparison, value: float, step: float) -> Any:
    """`column op value`, where differences below `step` are none."""
    if op in ("=", "!="):
        equal = (column - value).abs() <= step if step else column == value
        return equal if op == "=" else ~equal
    edge = {">": value + step, ">=": value - step, "<": value - step, "<=": value + step}[op]
    return {">": column > edge, ">=": column >= edge, "<": column < edge, "<=": column <= edge}[op]


def _period_for(measure: Measure, period: Days | None) -> Days | None:
    return None if measure.startswith("days_since") else period


def _days_between(day: Any, today: date) -> Any:
    import ibis

    return ibis.literal(today).delta(day, unit="day")


def _days_since(moment: Any, op: Comparison, value: float, today: date) -> Any:
    """Calendar days from a moment to today, compared: as a comparison of moments with midnights."""

    def at_least(days: float) -> Any:
        return moment < _midnight_before(today, math.ceil(days) - 1)

    match op:
        case ">=":
            return at_least(value)
        case ">":
            return at_least(math.floor(value) + 1)
        case "<":
            return ~at_least(value)
        case "<=":
            return ~at_least(math.floor(value) + 1)
        case "=":
            return at_least(value) & ~at_least(math.floor(value) + 1)
        case "!=":
            return ~at_least(value) | at_least(math.floor(value) + 1)


def _midnight_before(today: date, days: int) -> datetime:
    """The midnight at which the day so many days before today begins, within what a calendar holds."""
    furthest = (today - date.min).days
    return midnight(today - timedelta(days=max(min(days, furthest), -36_500)))


def _has(column: Any, rule: Has) -> Any:
    values: list[Any] = list(rule.values)
    if column.type().is_boolean():
        values = [value.casefold() == "true" for value in rule.values]
    found = column.isin(values).fill_null(False)
    return found if rule.op == "in" else ~found
