"""The tool `segments`: who the customers are, by rule, by scheme, saved under a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, Literal

from pydantic import Field, model_validator

from tools.answer import Answer, Cell, Chart, Column, Fact, FollowUp, Provenance, Table, ToolCall
from tools.customers.histories import Histories
from tools.customers.rules import All, Dated, Did, Measure, Rule, conditions, leaves
from tools.customers.schemes import SCHEMES
from tools.customers.segments.checks import ATTRIBUTES
from tools.customers.segments.compared import buying, compared_columns, met_by_nothing
from tools.customers.segments.figures import CONTACTS, Figures, Totals, money
from tools.customers.segments.names import clean_name, key_of
from tools.customers.segments.periods import earlier, last_year, shown_period
from tools.customers.segments.selection import FIRST, LAST, Selection, saved_segments
from tools.customers.segments.words import Words, attribute_labels, named_by, when
from tools.errors import AssistantError, InvalidArgument, NotAllowed, NotEnoughData
from tools.messages import Label, Message, Quantity, Value, say, say_n
from tools.semantic.query import Days, Engine, settled
from tools.semantic.wording import by_label
from tools.tool import Args, Context, Example, Tool

Split = Literal["country", "region", "city", "gender", "acquisition_channel", "rfm", "lifecycle", "tier", "cluster"]
NAME = "segments"
SALES = "sales"
MOST_IN_FILE = 5_000
MOST_GROUPS = 200
MOST_SIZED = 30
MOST_PARTS = 5
UNKNOWN = Label("Unknown", "未知")
_GENDER = Label("Gender", "性别")
_MEASURES: Mapping[Measure, Label] = {
    "orders": Label("Orders", "订单数"),
    "net_sales": Label("Net sales", "净销售额"),
    "gross_sales": Label("Gross sales", "总销售额（退货前）"),
    "units": Label("Units", "销量"),
    "aov": Label("Average order value", "客单价"),
    "products": Label("Products", "商品种类"),
    "returns": Label("Returns", "退货额"),
    "returned_orders": Label("Returned orders", "退货单数"),
    "return_rate": Label("Return rate", "退货率"),
    "days_since_last_order": Label("Days since last order", "距上次购买天数"),
    "days_since_first_order": Label("Days since first order", "距首次购买天数"),
}
_COLUMNS: Mapping[str, Label] = {
    "name": Label("Name", "姓名"),
    "email": Label("E-mail", "邮箱"),
    "phone": Label("Phone", "电话"),
    "country": Label("Country", "国家"),
    FIRST: Label("First order", "首单日期"),
    LAST: Label("Last order", "最近下单"),
}


class SegmentsArgs(Args):
    """Which customers, and what to show of them."""

    rule: Rule | None = Field(None, description="Which customers; None: everybody who ever bought.")
    by: Split | None = Field(None, description="Split by an attribute, or a scheme (rfm, lifecycle, tier, cluster).")
    top: int | None = Field(None, ge=1, le=1000, description="List this many customers.")
    order_by: Measure = Field("net_sales", description="What the list is sorted by.")
    order: Literal["highest", "lowest"] = "highest"
    save_as: str | None = Field(None, description="Save the rule under this name.")
    overlap: tuple[str, str] | None = Field(None, description="Names of two saved segments to compare.")
    list_saved: bool = Field(False, description="List the saved segments.")
    forget: str | None = Field(None, description="Forget the saved segment of this name.")

    @model_validator(mode="after")
    def _one_thing(self) -> SegmentsArgs:
        if sum((self.overlap is not None, self.list_saved, self.forget is not None)) > 1:
            raise ValueError("name one of overlap, list_saved and forget")
        if self.save_as is not None and self.rule is None:
            raise ValueError("only a rule can be saved")
        return self


@dataclass(frozen=True)
class _Asked:
    """The call, and what its answer needs of the store."""

    context: Context
    args: SegmentsArgs
    first: date
    last: datetime

    @cached_property
    def selection(self) -> Selection:
        return Selection(self.context)

    @cached_property
    def rule(self) -> Rule | None:
        """The rule, saved segments replaced by what they stand for."""
        return None if self.args.rule is None else self.selection.expanded(self.args.rule)

    @cached_property
    def ever(self) -> Days:
        return Days(start=self.first, end=self.context.today)

    @cached_property
    def period(self) -> Days:
        """The days over which orders and sales are shown."""
        return shown_period(self.rule, self.first, self.context.today)

    @cached_property
    def tells_its_period(self) -> bool:
        """Whether the period of what is shown is the only one that the rule speaks of."""
        told = set()
        for leaf in conditions(self.rule) if self.rule is not None else ():
            if isinstance(leaf, Dated) or (isinstance(leaf, Did) and not leaf.measure.startswith("days_since")):
                told.add(leaf.period or self.ever)
        return told == {self.period}

    @property
    def is_about_first_orders(self) -> bool:
        """Whether the rule speaks of the first order, and never of the last."""
        said = {
            leaf.event if isinstance(leaf, Dated) else leaf.measure
            for leaf in (conditions(self.rule) if self.rule is not None else ())
            if isinstance(leaf, Dated | Did)
        }
        return bool(said & {"first_order", "days_since_first_order"}) and not said & {
            "last_order",
            "days_since_last_order",
        }

    @cached_property
    def compared(self) -> Mapping[str, Did]:
        """The columns of the values that the rule compares."""
        return compared_columns(self.rule, self.period, self.ever)

    @cached_property
    def figures(self) -> Figures:
        return Figures(self.context, self.period)

    @cached_property
    def currency(self) -> str:
        return self.context.warehouse.settings().currency

    @property
    def everybody(self) -> bool:
        """Whether people who never ordered count too."""
        if self.args.rule is None:
            return self.args.by == "lifecycle"
        return self.selection.counts_everybody(self.args.rule)

    @cached_property
    def before(self) -> tuple[Rule | None, Figures] | None:
        """The same question 30 days earlier; None where it had no meaning then."""
        moved = earlier(self.rule, self.context.today, self.first)
        if moved is None:
            return None
        context = replace(self.context, today=moved.today)
        return moved.rule, Figures(context, last_year(moved.today))

    def money(self, value: float | None) -> Quantity:
        return Quantity(value, self.currency)

    def unit(self, measure: Measure) -> str:
        if measure in ("net_sales", "gross_sales", "returns", "aov"):
            return self.currency
        if measure == "return_rate":
            return "ratio"
        return "days" if measure.startswith("days_since") else "count"


def run(context: Context, args: SegmentsArgs) -> Answer:
    """Answers, saves or forgets. Raises InvalidArgument, NotEnoughData, MissingTable, NotAllowed."""
    if args.save_as is not None or args.forget is not None:
        _may_change(context)
    span = Engine(context.warehouse, context.catalog, context.today).span(SALES)
    if span is None:
        raise NotEnoughData(say("There are no sales up to {today}.", today=context.today))
    asked = _Asked(context, args, span[0].date(), span[1])
    if args.list_saved:
        return _saved_list(asked)
    if args.forget is not None:
        return _forgotten(asked, args.forget)
    if args.overlap is not None:
        return _overlap(asked, *args.overlap)
    if args.rule is not None:
        asked.selection.check(args.rule)
    if args.save_as is not None and args.rule is not None:
        return _saved(asked, args.rule, args.save_as)
    return _split(asked, args.by) if args.by else _listed(asked)


# --- The customers of a rule ------------------------------------------------------------------------------------------


def _listed(asked: _Asked) -> Answer:
    args, figures = asked.args, asked.figures
    found = figures.together(args.rule)
    whole = figures.everyone(known=asked.everybody)
    if not found.customers:
        return _nobody(asked, whole)
    limit = args.top or MOST_IN_FILE
    columns, rows = figures.listed(args.rule, args.order_by, args.order, limit, asked.compared)
    idle = _idle(asked)
    before = asked.before
    was = before[1].size(before[0]) if before and args.rule is not None else None
    caveats = _period_caveats(asked)
    if args.top is None and found.customers > len(rows):
        caveats += (
            say(
                "The list and its file hold the first {shown} of {total}.",
                shown=Quantity(len(rows)),
                total=Quantity(found.customers),
            ),
        )
    return Answer(
        headline=_headline(asked, found.customers),
        lines=(
            *((_share_line(asked, found, whole),) if args.rule is not None else ()),
            # Who never ordered has no sales to speak of.
            *((_sales_line(asked, found, whole),) if found.days_since_last_order is not None else ()),
            *_idle_lines(asked, idle),
            *_trend(found.customers, was),
        ),
        facts=(
            *_facts(asked, found, whole, {}),
            *_as_metric(asked, found),
            *((Fact("customers", idle[1], "count", where={"orders": "0"}),) if idle else ()),
            *_trend_facts(found.customers, was),
        ),
        table=_table(asked, columns, rows, found.customers),
        chart=_list_chart(asked, len(rows)),
        file_name=NAME,
        follow_ups=(*_idle_follow_ups(asked, idle), *_follow_ups(asked)),
        caveats=caveats,
        provenance=_provenance(asked, (*figures.sql, *(before[1].sql if before else ()))),
    )


def _headline(asked: _Asked, customers: int) -> Message:
    rule, count = asked.args.rule, Quantity(customers)
    if rule is None:
        return say_n("{customers} customer has ever bought.", "{customers} customers have ever bought.", customers,
                     customers=count)  # fmt: skip
    words = asked.selection.words(rule)
    if customers == 1:
        # One of several, so that the words need no other form.
        return say("{customers} customer is among those who {rule}.", customers=count, rule=words)
    return say("{customers} customers {rule}.", customers=count, rule=words)


def _share_line(asked: _Asked, found: Totals, whole: Totals) -> Message:
    shown: dict[str, Value] = {
        "share": Quantity(found.customers / whole.customers if whole.customers else None, "ratio"),
        "all": Quantity(whole.customers),
    }
    if asked.everybody:
        return say("That is {share} of all {all} people known, also those who never ordered.", **shown)
    return say("That is {share} of the {all} customers who ever bought.", **shown)


def _sales_line(asked: _Asked, found: Totals, whole: Totals) -> Message:
    shown: dict[str, Value] = {
        "net": asked.money(found.net_sales),
        "each": asked.money(found.net_sales / found.customers),
        "share": Quantity(_share(found, whole), "ratio"),
    }
    shown["when"] = (
        say("since the data begins ({day})", day=asked.first)
        if asked.period == asked.ever
        else when(asked.period, asked.context.today)
    )
    if found.customers == whole.customers or _share(found, whole) is None:
        return say("Their net sales {when}: {net}, {each} each.", **shown)
    return say("Their net sales {when}: {net}, {share} of those to known customers, {each} each.", **shown)


def _share(found: Totals, whole: Totals) -> float | None:
    """A share of sales; it means nothing where they are negative or none, nor where others returned more."""
    share = found.net_sales / whole.net_sales if whole.net_sales > 0 else None
    return None if share is None or not 0 <= share <= 1 else share


def _idle(asked: _Asked) -> tuple[Did, int] | None:
    """How many meet the rule by buying nothing, where it asks for less than so much, and of what."""
    leaf = met_by_nothing(asked.rule)
    if leaf is None or asked.args.rule is None:
        return None
    customers = asked.figures.size(buying(asked.args.rule, leaf, something=False))
    return (leaf, customers) if customers else None


def _idle_lines(asked: _Asked, idle: tuple[Did, int] | None) -> tuple[Message, ...]:
    if idle is None:
        return ()
    leaf, customers = idle
    words = Words(asked.context).bought_nothing(leaf)
    return (say("Of them, {customers} {rule}.", customers=Quantity(customers), rule=words),)


def _idle_follow_ups(asked: _Asked, idle: tuple[Did, int] | None) -> tuple[FollowUp, ...]:
    if idle is None or asked.args.rule is None:
        return ()
    rule = buying(asked.args.rule, idle[0], something=True)
    bought = asked.selection.words(rule.all[-1])
    return (FollowUp(say("Only those who {rule}", rule=bought), ToolCall(NAME, {"rule": _plain(rule)})),)


def _trend(customers: int, was: int | None) -> tuple[Message, ...]:
    if was is None:
        return ()
    if customers == was:
        return (say("As many as 30 days earlier."),)
    return (
        say(
            "{change} against 30 days earlier ({before}).",
            change=Quantity(customers - was, "count", signed=True),
            before=Quantity(was),
        ),
    )


def _trend_facts(customers: int, was: int | None, where: Mapping[str, str] | None = None) -> tuple[Fact, ...]:
    if was is None:
        return ()
    return (
        Fact("customers_before", was, "count", where=where or {}),
        Fact("customers_change", customers - was, "count", where=where or {}),
    )


def _facts(asked: _Asked, found: Totals, whole: Totals, where: Mapping[str, str]) -> tuple[Fact, ...]:
    each = found.net_sales / found.customers if found.customers else None
    share = found.customers / whole.customers if whole.customers else None
    period = asked.period.period
    return (
        Fact("customers", found.customers, "count", where=where),
        Fact("customers_share", share, "ratio", where=where),
        Fact("net_sales", found.net_sales, asked.currency, period, where),
        Fact("net_sales_share", _share(found, whole), "ratio", period, where),
        Fact("net_sales_per_customer", each, asked.currency, period, where),
        Fact("days_since_last_order", found.days_since_last_order, "days", where=where),
    )


def _as_metric(asked: _Asked, found: Totals) -> tuple[Fact, ...]:
    """Who bought in a period is also the metric of that name."""
    rule = asked.args.rule
    if not isinstance(rule, Did) or (rule.measure, rule.op, rule.value) != ("orders", ">=", 1) or rule.period is None:
        return ()
    where = {condition.dimension: ", ".join(condition.values) for condition in rule.where if condition.op == "in"}
    return (Fact("active_customers", found.customers, "count", rule.period.period, where),)


def _table(asked: _Asked, columns: Sequence[str], rows: Sequence[tuple[Any, ...]], total: int) -> Table:
    made = [Column("customer_id", Label("Customer", "客户"))]
    for name in columns[1:]:
        if name in asked.compared:
            made.append(_compared_column(asked, name, asked.compared[name]))
        elif name in _MEASURES:
            made.append(_measure_column(asked, name))  # type: ignore[arg-type]
        elif name == "country":
            made.append(Column(name, _COLUMNS[name], labels=_labels(asked, name, [row[1] for row in rows]), spare=True))
        else:
            spare = name in CONTACTS or name == (LAST if asked.is_about_first_orders else FIRST)
            made.append(Column(name, _COLUMNS[name], personal=name in CONTACTS, spare=spare))
    return Table(tuple(made), tuple(tuple(map(_cell, row, made)) for row in rows), total)


def _measure_column(asked: _Asked, measure: Measure) -> Column:
    """A measure over the period that is shown, which is named unless the rule names it."""
    label: Label | Message = _MEASURES[measure]
    if not asked.tells_its_period and not measure.startswith("days_since"):
        label = _label_over(asked, label, asked.period)
    good: Literal["down", "neutral"] = "down" if "return" in measure else "neutral"
    # Where more is asked than a phone is wide, the rule's own columns and the dates say more than this one.
    also = asked.compared or not asked.tells_its_period
    spare = measure == "orders" and asked.args.order_by != "orders" and bool(also)
    return Column(measure, label, asked.unit(measure), good=good, spare=spare)


def _compared_column(asked: _Asked, name: str, leaf: Did) -> Column:
    """What a condition compares, in its own period and of the things that it is about."""
    label: Label | Message = _MEASURES[leaf.measure]
    for part in Words(asked.context).about(leaf.where):
        label = say("{measure}, {when}", measure=label, when=part)
    if not (asked.tells_its_period or leaf.measure.startswith("days_since")):
        label = _label_over(asked, label, leaf.period or asked.ever)
    return Column(name, label, asked.unit(leaf.measure), good="down" if "return" in leaf.measure else "neutral")


def _label_over(asked: _Asked, measure: Label | Message, period: Days) -> Message:
    """The name of a column of figures over a period, as short as a phone needs it."""
    if period == asked.ever:
        return say("{measure} ever", measure=measure)
    match named_by(period, asked.context.today):
        case "length":
            return say("{measure}, {days}", measure=measure, days=Quantity(period.period.days, "days"))
        case "start":
            return say("{measure} since {day}", measure=measure, day=period.start)
        case _:
            return say("{measure}, {when}", measure=measure, when=period.period)


def _cell(value: Any, column: Column) -> Cell:
    if column.unit not in (None, "ratio") and isinstance(value, float):
        return money(value)
    found: Cell = settled(value) if isinstance(value, float) else value
    return found


def _labels(asked: _Asked, attribute: str, values: Sequence[Any]) -> Mapping[str, Label]:
    return attribute_labels(asked.context, attribute, {str(value) for value in values if value is not None})


def _list_chart(asked: _Asked, rows: int) -> Chart | None:
    """The first of a ranking that was asked for; a long list's picture would say nothing."""
    args = asked.args
    if args.top is None or rows < 2:
        return None
    # A picture is passed on by itself, so that it has to say whom it shows.
    measure = _MEASURES[args.order_by].inside()
    title = (
        say("Customers by {measure}", measure=measure)
        if args.rule is None
        else say("Customers by {measure}: those who {rule}", measure=measure, rule=asked.selection.words(args.rule))
    )
    return Chart("bar", title, "customer_id", (args.order_by,))


def _nobody(asked: _Asked, whole: Totals) -> Answer:
    rule = asked.args.rule
    lines: list[Message] = []
    if isinstance(rule, All):
        lines += [_part_line(asked, part) for part in rule.all[:MOST_PARTS]]
    elif isinstance(rule, Did) and not rule.where:
        lines += _nearest_value(asked, rule)
    return Answer(
        headline=say("There are no customers who {rule}.", rule=asked.selection.words(rule))
        if rule is not None
        else say("There are no customers yet."),
        lines=tuple(lines),
        facts=_facts(asked, Totals(), whole, {}),
        caveats=_period_caveats(asked),
        provenance=_provenance(asked, tuple(asked.figures.sql)),
    )


def _part_line(asked: _Asked, part: Rule) -> Message:
    """A part by itself: which of them leaves nobody."""
    return say(
        "“{rule}” by itself: {customers}.",
        customers=Quantity(asked.figures.size(part)),
        rule=asked.selection.words(part),
    )


def _nearest_value(asked: _Asked, rule: Did) -> list[Message]:
    """How far anybody gets, where the bar is too high or too low."""
    if rule.op in ("=", "!="):
        return []
    highest = rule.op in (">", ">=")
    value = asked.figures.extreme(rule.measure, rule.period, highest=highest)
    shown: dict[str, Value] = {
        "measure": _MEASURES[rule.measure].inside(),
        "value": Quantity(value, asked.unit(rule.measure)),
    }
    if value is None:
        return []
    if highest:
        return [say("The highest that anybody has: {value} ({measure}).", **shown)]
    return [say("The lowest that anybody has: {value} ({measure}).", **shown)]


def _period_caveats(asked: _Asked) -> tuple[Message, ...]:
    found: list[Message] = []
    if asked.period.start < asked.first:
        found.append(say("The data begins on {day}; nothing before that is in the figure.", day=asked.first))
    if (asked.context.today - asked.last.date()).days > 1:
        found.append(say("The data reaches to {time}; later days are not in the figure.", time=asked.last))
    return tuple(found)


# --- Groups -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Group:
    """A row of a split. `key` None: the group is not known."""

    key: str | None
    found: Totals
    was: int | None

    @property
    def id(self) -> str:
        return self.key or "unknown"


def _split(asked: _Asked, by: Split) -> Answer:
    args, figures = asked.args, asked.figures
    _check_split(asked, by)
    scheme = SCHEMES.get(by)
    found = dict(figures.by(by, args.rule))
    histories = Histories(asked.context.warehouse, asked.context.today)
    meanings = scheme.described(histories) if scheme else {}
    # A cluster of another day is another cluster.
    before = asked.before if by != "cluster" else None
    was = dict(before[1].sizes_by(by, before[0])) if before else {}
    keys: list[str | None] = [key for key in meanings if scheme] if scheme else []
    keys += sorted((k for k in found if k not in keys), key=lambda k: (k is None, -found[k].customers, k or ""))
    groups = [_Group(key, found.get(key, Totals()), was.get(key, 0) if before else None) for key in keys]
    together = Totals(sum(group.found.customers for group in groups), sum(group.found.net_sales for group in groups))
    whole = Totals(together.customers, figures.everyone(known=False).net_sales)
    labels = _group_labels(asked, by, groups)
    facts = [Fact("customers", together.customers, "count")]
    for group in groups[:MOST_GROUPS]:
        where: dict[str, str] = {by: group.id}
        facts += [*_facts(asked, group.found, whole, where), *_trend_facts(group.found.customers, group.was, where)]
    return Answer(
        headline=_split_headline(asked, by, groups, together.customers, labels),
        lines=tuple(
            say("{group}: {meaning}", group=labels[key], meaning=meaning)
            for key, meaning in meanings.items()
            if by == "cluster" and key in found
        ),
        facts=tuple(facts),
        table=_split_table(asked, by, groups, whole, labels),
        chart=_split_chart(asked, by, groups),
        file_name=f"{NAME}_{by}",
        follow_ups=_split_follow_ups(asked, by, groups, labels),
        caveats=_period_caveats(asked),
        provenance=_provenance(
            asked,
            (*figures.sql, *(before[1].sql if before else ())),
            (
                *(scheme.definition(histories) if scheme else ()),
                *(say("{group}: {meaning}", group=labels[key], meaning=meaning) for key, meaning in meanings.items()),
            ),
        ),
    )


def _check_split(asked: _Asked, by: Split) -> None:
    if by in SCHEMES:
        return
    if not asked.context.warehouse.has("customers") or not asked.figures.known_attributes((by,)):
        usable = asked.figures.known_attributes(tuple(ATTRIBUTES))
        choices = tuple(ATTRIBUTES[name] for name in usable if "consent" not in name)
        schemes = tuple(scheme.title for scheme in SCHEMES.values())
        raise NotEnoughData(
            say(
                "The table of customers has no {attribute}; they can be split by {choices}.",
                attribute=ATTRIBUTES[by],
                choices=(*choices, *schemes),
            )
        )


def _group_labels(asked: _Asked, by: Split, groups: Sequence[_Group]) -> dict[str, Label]:
    if by in SCHEMES:
        named = {key: group.label for key, group in SCHEMES[by].groups.items()}
    else:
        values = [group.key for group in groups if group.key is not None]
        named = {**{value: Label(value) for value in values}, **_labels(asked, by, values)}
    return {**named, "unknown": UNKNOWN} if any(group.key is None for group in groups) else dict(named)


def _title_of(asked: _Asked, by: Split) -> Label:
    if by in SCHEMES:
        return SCHEMES[by].title
    dimension = asked.context.catalog.dimensions.get(by)
    return dimension.label.label if dimension else _GENDER


def _by_label(asked: _Asked, by: Split) -> Label:
    dimension = asked.context.catalog.dimensions.get(by)
    return by_label(dimension) if dimension else _title_of(asked, by).inside()


def _split_headline(
    asked: _Asked, by: Split, groups: Sequence[_Group], customers: int, labels: Mapping[str, Label]
) -> Message:
    rule = asked.args.rule
    shown: dict[str, Value] = {
        "customers": Quantity(customers),
        "split": _by_label(asked, by),
        "who": say("people known")
        if asked.everybody and rule is None
        else say("customers who ever bought")
        if rule is None
        else asked.selection.customers_in_words(rule),
    }
    if not customers:
        return say("There are no {who}.", **shown)
    largest = max(groups, key=lambda group: group.found.customers)
    shown |= {
        "group": labels[largest.id],
        "share": Quantity(largest.found.customers / customers, "ratio"),
    }
    return say("{customers} {who}, by {split}: the largest group is {group} ({share}).", **shown)


def _split_table(
    asked: _Asked, by: Split, groups: Sequence[_Group], whole: Totals, labels: Mapping[str, Label]
) -> Table:
    compared = any(group.was is not None for group in groups)
    meanings = {key: group.meaning for key, group in SCHEMES[by].groups.items()} if by in SCHEMES else {}
    columns = [
        Column(by, _title_of(asked, by), labels=labels),
        Column("customers", Label("Customers", "客户数"), "count"),
        Column("customers_share", Label("Share", "占比"), "ratio"),
        _measure_column(asked, "net_sales")
        if asked.args.rule is not None
        else Column("net_sales", _MEASURES["net_sales"], asked.currency),
        Column("net_sales_share", Label("Share of sales", "销售占比"), "ratio"),
    ]
    if compared:
        columns.append(
            Column("customers_change", Label("Change in 30 days", "30天变化"), "count", signed=True, spare=True)
        )
    columns.append(
        Column(
            "days_since_last_order", Label("Average days since last order", "平均距上次购买天数"), "days", spare=True
        )
    )
    if meanings and by != "cluster":
        columns.append(Column("meaning", Label("Meaning", "含义"), labels=meanings, spare=True))
    rows: list[tuple[Cell, ...]] = []
    for group in groups[:MOST_GROUPS]:
        found = group.found
        row: list[Cell] = [
            group.id,
            found.customers,
            found.customers / whole.customers if whole.customers else None,
            found.net_sales,
            _share(found, whole),
        ]
        if compared:
            row.append(found.customers - (group.was or 0))
        row.append(found.days_since_last_order)
        if meanings and by != "cluster":
            row.append(group.key)
        rows.append(tuple(row))
    return Table(tuple(columns), tuple(rows), len(groups))


def _split_chart(asked: _Asked, by: Split, groups: Sequence[_Group]) -> Chart | None:
    if sum(group.found.customers > 0 for group in groups) < 2:
        return None
    split, rule = _by_label(asked, by), asked.args.rule
    title = (
        say("Customers by {split}", split=split)
        if rule is None
        else say("Customers by {split}: those who {rule}", split=split, rule=asked.selection.words(rule))
    )
    return Chart("bar", title, by, ("customers",))


def _split_follow_ups(
    asked: _Asked, by: Split, groups: Sequence[_Group], labels: Mapping[str, Label]
) -> tuple[FollowUp, ...]:
    """The largest groups one by one, and the customers another way."""
    found: list[FollowUp] = []
    rule = asked.args.rule
    largest = sorted((g for g in groups if g.key and g.found.customers), key=lambda g: -g.found.customers)[:2]
    for group in largest:
        condition: dict[str, Any] = (
            {"scheme": by, "groups": [group.key]} if by in SCHEMES else {"attribute": by, "values": [group.key]}
        )
        part = condition if rule is None else {"all": [_plain(rule), condition]}
        found.append(FollowUp(say("Who is in {group}?", group=labels[group.id]), ToolCall(NAME, {"rule": part})))
    other: Split = "lifecycle" if by == "rfm" else "rfm"
    found.append(_by_follow_up(asked, other))
    return tuple(found)


# --- Saved segments ---------------------------------------------------------------------------------------------------


def _may_change(context: Context) -> None:
    """The team shares its saved segments: who only asks questions changes none."""
    if not context.user.may("analyst"):
        raise NotAllowed(
            say("Saving and forgetting segments needs the role analyst; yours is {own}.", own=context.user.role)
        )


def _saved(asked: _Asked, rule: Rule, given: str) -> Answer:
    """Saves the rule, and says how many it holds now; who they are has its own button."""
    name = clean_name(given)
    _refuse_itself(asked, rule, name)
    # Counted first: a rule that cannot be counted is not saved.
    found, whole = asked.figures.together(rule), asked.figures.everyone(known=asked.everybody)
    replaced = saved_segments(asked.context).save(name, rule, made_on=asked.context.today, by=asked.context.user.id)
    itself = {"rule": {"scheme": "saved", "groups": [name]}}
    share = found.customers / whole.customers if whole.customers else None
    return Answer(
        headline=say("Saved as “{name}”; what had this name before is replaced.", name=name)
        if replaced
        else say("Saved as “{name}”: use the name in later questions.", name=name),
        lines=(
            *((_headline(asked, found.customers), _share_line(asked, found, whole)) if found.customers
              else (say("There are no customers who {rule}.", rule=asked.selection.words(rule)),)),
            say("It is counted anew whenever it is used; periods that end today move along."),
        ),
        facts=(Fact("customers", found.customers, "count"), Fact("customers_share", share, "ratio")),
        follow_ups=(
            FollowUp(say("Who is in {group}?", group=name), ToolCall(NAME, itself)),
            FollowUp(say("By {dimension}", dimension=_by_label(asked, "rfm")), ToolCall(NAME, {**itself, "by": "rfm"})),
            FollowUp(say("Saved segments"), ToolCall(NAME, {"list_saved": True})),
        ),
        provenance=replace(_provenance(asked, tuple(asked.figures.sql)), period=None),
    )  # fmt: skip


def _refuse_itself(asked: _Asked, rule: Rule, name: str) -> None:
    """Refuses a rule that stands on the segment whose name it is to take."""
    if key_of(name) in asked.selection.saved_names(rule):
        raise InvalidArgument(say("The segment “{name}” contains itself.", name=name))


def _forgotten(asked: _Asked, name: str) -> Answer:
    gone = saved_segments(asked.context).forget(name)
    return Answer(
        headline=say("The segment “{name}” is forgotten.", name=gone.name),
        lines=(say("It held {who}.", who=asked.selection.customers_in_words(gone.rule_on(asked.context.today))),),
        follow_ups=(
            FollowUp(
                say("Save it again"),
                ToolCall(NAME, {"rule": _plain(gone.rule_on(asked.context.today)), "save_as": gone.name}),
            ),
            FollowUp(say("Saved segments"), ToolCall(NAME, {"list_saved": True})),
        ),
    )


def _saved_list(asked: _Asked) -> Answer:
    saved = saved_segments(asked.context).all()
    if not saved:
        return Answer(
            headline=say("No segment has been saved yet."),
            lines=(say("Ask for customers and add: save them as, and a name."),),
            facts=(Fact("segments", 0, "count"),),
        )
    sizes = {segment.name: _size(asked, segment.rule_on(asked.context.today)) for segment in saved[:MOST_SIZED]}
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (segment.name, sizes.get(segment.name), segment.saved_at) for segment in saved
    )
    return Answer(
        headline=say_n("{count} saved segment", "{count} saved segments", len(saved)),
        lines=tuple(
            say(
                "{name}: {who}",
                name=segment.name,
                who=asked.selection.customers_in_words(segment.rule_on(asked.context.today)),
            )
            for segment in saved[:10]
        ),
        facts=(
            Fact("segments", len(saved), "count"),
            *(Fact("customers", size, "count", where={"segment": name}) for name, size in sizes.items()),
        ),
        table=Table(
            (
                Column("segment", Label("Segment", "细分")),
                Column("customers", Label("Customers", "客户数"), "count"),
                Column("saved_at", Label("Saved", "保存时间"), spare=True),
            ),
            rows,
            len(rows),
        ),
        file_name="saved_segments",
        follow_ups=tuple(
            FollowUp(
                say("Who is in {group}?", group=segment.name),
                ToolCall(NAME, {"rule": {"scheme": "saved", "groups": [segment.name]}}),
            )
            for segment in saved[:3]
        ),
        provenance=_provenance(asked, tuple(asked.figures.sql)),
    )


def _size(asked: _Asked, rule: Rule) -> int | None:
    """How many there are now; None where the rule has no meaning any more."""
    try:
        asked.selection.check(rule)
        return asked.figures.size(rule)
    except AssistantError:
        return None


def _overlap(asked: _Asked, one: str, other: str) -> Answer:
    saved = saved_segments(asked.context)
    first, second = saved.get(one), saved.get(other)
    if first.key == second.key:
        raise InvalidArgument(say("Name two different segments; both are “{name}”.", name=first.name))
    rules = (first.rule_on(asked.context.today), second.rule_on(asked.context.today))
    for rule in rules:
        asked.selection.check(rule)
    both, first_alone, second_alone = asked.figures.overlap(*rules)
    either = both + first_alone + second_alone
    sizes = {first.name: both + first_alone, second.name: both + second_alone}
    alone = {first.name: first_alone, second.name: second_alone}
    jaccard = both / either if either else None
    names: dict[str, Value] = {"one": first.name, "other": second.name}
    in_both = All.model_validate({"all": [{"scheme": "saved", "groups": [name]} for name in (first.name, second.name)]})
    return Answer(
        headline=say("{both} customers are in both “{one}” and “{other}”.", both=Quantity(both), **names),
        lines=(
            say(
                "That is {share} of “{one}” ({size}) and {other_share} of “{other}” ({other_size}).",
                **names,
                share=Quantity(both / sizes[first.name] if sizes[first.name] else None, "ratio"),
                size=Quantity(sizes[first.name]),
                other_share=Quantity(both / sizes[second.name] if sizes[second.name] else None, "ratio"),
                other_size=Quantity(sizes[second.name]),
            ),
            say(
                "{either} are in either; likeness (Jaccard): {jaccard}.",
                either=Quantity(either),
                jaccard=Quantity(jaccard, "ratio"),
            ),
        ),
        facts=(
            Fact("customers", both, "count"),
            *(Fact("customers", size, "count", where={"segment": name}) for name, size in sizes.items()),
            Fact("customers_both", both, "count"),
            Fact("customers_either", either, "count"),
            *(Fact("customers_only", size, "count", where={"segment": name}) for name, size in alone.items()),
            Fact("jaccard", jaccard, "ratio"),
        ),
        table=Table(
            (
                Column("segment", Label("Segment", "细分")),
                Column("customers", Label("Customers", "客户数"), "count"),
                Column("customers_only", Label("In no other", "仅在其中"), "count"),
            ),
            tuple((name, sizes[name], alone[name]) for name in sizes),
            len(sizes),
        ),
        chart=Chart("bar", say("Customers by segment"), "segment", ("customers", "customers_only")),
        file_name="overlap",
        follow_ups=(FollowUp(say("Who is in both?"), ToolCall(NAME, {"rule": _plain(in_both)})),),
        provenance=_provenance(
            asked,
            tuple(asked.figures.sql),
            (
                say("Jaccard: customers in both, divided by customers in either."),
                *(
                    say("{name}: {who}", name=segment.name, who=asked.selection.customers_in_words(rule))
                    for segment, rule in zip((first, second), rules, strict=True)
                ),
            ),
        ),
    )


# --- How it came about ------------------------------------------------------------------------------------------------


def _provenance(asked: _Asked, sql: tuple[str, ...], more: tuple[Message, ...] = ()) -> Provenance:
    rule = asked.args.rule
    catalog = asked.context.catalog
    counted = (
        say("Counted is everybody known, also who never ordered.")
        if asked.everybody
        else say("Counted are customers who ever bought; sales without a customer count nowhere.")
    )
    # No filter of its own: the headline says the rule, and the footer would say it again.
    who = None if rule is None else asked.selection.customers_in_words(rule)
    measures = dict.fromkeys(["orders", "net_sales", *_measures_of(rule)])
    defined = [catalog.metrics[name] for name in measures if name in catalog.metrics]
    tables = ["order_lines"]
    if asked.context.warehouse.has("customers"):
        tables.append("customers")
    return Provenance(
        definition=(
            *((say("{name}: {who}", name=Label("Who", "客户范围"), who=who),) if who is not None else ()),
            counted,
            *(say("{metric}: {definition}", metric=m.label.label, definition=m.definition.label) for m in defined),
            *more,
        ),
        period=asked.period.period,
        sql=sql,
        tables=tuple(tables),
        as_of=asked.last,
    )


def _measures_of(rule: Rule | None) -> list[str]:
    return [] if rule is None else [leaf.measure for leaf in leaves(rule) if isinstance(leaf, Did)]


def _plain(rule: Rule) -> dict[str, Any]:
    return rule.model_dump(mode="json", exclude_defaults=True)


def _call(asked: _Asked, tool: str, **more: Any) -> ToolCall:
    rule = asked.args.rule
    return ToolCall(tool, {**({} if rule is None else {"rule": _plain(rule)}), **more})


def _by_follow_up(asked: _Asked, by: Split) -> FollowUp:
    return FollowUp(say("By {dimension}", dimension=_by_label(asked, by)), _call(asked, NAME, by=by))


def _follow_ups(asked: _Asked) -> tuple[FollowUp, ...]:
    """Where they live, how they fall into RFM segments, who of them is leaving, and a name for them."""
    found: list[FollowUp] = []
    if asked.figures.known_attributes(("country",)):
        found.append(_by_follow_up(asked, "country"))
    found.append(_by_follow_up(asked, "rfm"))
    found.append(FollowUp(say("Who of them is leaving?"), _call(asked, "churn")))
    if asked.args.rule is not None and asked.args.save_as is None and _may_save(asked.context):
        name = _free_name(asked)
        found.append(FollowUp(say("Save as “{name}”", name=name), _call(asked, NAME, save_as=name)))
    return tuple(found)


def _may_save(context: Context) -> bool:
    return context.state is not None and context.user.may("analyst")


def _free_name(asked: _Asked) -> str:
    """A name that no saved segment has yet."""
    word = Label("Segment", "细分").in_language(asked.context.user.language)
    taken = {segment.key for segment in saved_segments(asked.context).all()}
    return next(name for number in range(1, len(taken) + 2) if key_of(name := f"{word} {number}") not in taken)


_YEAR_2010 = {"start": "2010-01-01", "end": "2010-12-31"}
_YEAR_2011 = {"start": "2011-01-01", "end": "2011-12-31"}
_LAST_365_DAYS = {"start": "2010-12-10", "end": "2011-12-09"}
_LAST_90_DAYS = {"start": "2011-09-11", "end": "2011-12-09"}

TOOL = Tool(
    name=NAME,
    title=Label("Customer segments", "客户细分"),
    description=(
        "Which customers, and how many: by any rule on what they did (orders, spend, products, returns, days since the "
        "last order, first order) and who they are; RFM segments, lifecycle stages, value tiers, clusters; sizes, "
        "shares of sales, trend, and the list. Saves a rule under a name, lists saved segments, compares two."
    ),
    args=SegmentsArgs,
    run=run,
    needs=("order_lines",),
    examples=(
        Example(
            Label("How many customers placed at least 5 orders in 2011?", "2011年下单5次及以上的客户有多少？"),
            {"rule": {"measure": "orders", "op": ">=", "value": 5, "period": _YEAR_2011}},
        ),
        Example(
            Label("Customers who have not bought for more than 180 days", "超过180天没有购买的客户"),
            {"rule": {"measure": "days_since_last_order", "op": ">", "value": 180}},
        ),
        Example(Label("Show me the RFM segments", "看一下RFM客户分层"), {"by": "rfm"}),
        Example(
            Label("Customers who bought in 2010 but not in 2011", "2010年买过但2011年没买过的客户"),
            {
                "rule": {
                    "all": [
                        {"measure": "orders", "op": ">=", "value": 1, "period": _YEAR_2010},
                        {"measure": "orders", "op": "=", "value": 0, "period": _YEAR_2011},
                    ]
                }
            },
        ),
        Example(
            Label(
                "Which customers spent over £5,000 net in the last 365 days?", "近365天净消费超过5000英镑的客户有哪些？"
            ),
            {"rule": {"measure": "net_sales", "op": ">", "value": 5000, "period": _LAST_365_DAYS}},
        ),
        Example(
            Label(
                "Customers who placed at least 2 orders in Germany in the last 90 days",
                "近90天在德国下过两单及以上的客户",
            ),
            {
                "rule": {
                    "measure": "orders",
                    "op": ">=",
                    "value": 2,
                    "period": _LAST_90_DAYS,
                    "where": [{"dimension": "country", "values": ["Germany"]}],
                }
            },
        ),
        Example(Label("Customers by lifecycle stage", "客户按生命周期阶段分布"), {"by": "lifecycle"}),
        Example(Label("Show our customers by value tier", "按价值层级看一下客户"), {"by": "tier"}),
    ),
)
