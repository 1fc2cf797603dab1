"""The customers of a rule: how many, what they are worth, and who they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from tools.answer import Answer, Chart, Column, Fact, FollowUp, Table, ToolCall
from tools.customers.contacts import CONTACTS
from tools.customers.rules import All, Did, Measure, Rule
from tools.customers.segments.answers.asked import (
    MEASURES,
    NAME,
    Asked,
    facts_of,
    follow_ups_of,
    period_caveats,
    plain_rule,
    provenance_of,
    share_of,
    shown_cell,
    trend_facts,
    trend_lines,
    value_labels,
)
from tools.customers.segments.compared import buying, met_by_nothing
from tools.customers.segments.figures import Totals
from tools.customers.segments.selection import FIRST, LAST
from tools.customers.segments.words import Words, named_by, when
from tools.messages import Label, Message, Quantity, Value, say, say_n
from tools.semantic.query import Days

MOST_IN_FILE = 5_000
MOST_PARTS = 5
_COLUMNS: Mapping[str, Label] = {
    **CONTACTS,
    "country": Label("Country", "国家"),
    FIRST: Label("First order", "首单日期"),
    LAST: Label("Last order", "最近下单"),
}


def listed_customers(asked: Asked) -> Answer:
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
    caveats = period_caveats(asked)
    if args.top is None and found.customers > len(rows):
        caveats += (
            say(
                "The list and its file hold the first {shown} of {total}.",
                shown=Quantity(len(rows)),
                total=Quantity(found.customers),
            ),
        )
    return Answer(
        headline=headline_of(asked, found.customers),
        lines=(
            *((share_line(asked, found, whole),) if args.rule is not None else ()),
            # Who never ordered has no sales to speak of.
            *((_sales_line(asked, found, whole),) if found.days_since_last_order is not None else ()),
            *_idle_lines(asked, idle),
            *trend_lines(found.customers, was),
        ),
        facts=(
            *facts_of(asked, found, whole, {}),
            *_as_metric(asked, found),
            *((Fact("customers", idle[1], "count", where={"orders": "0"}),) if idle else ()),
            *trend_facts(found.customers, was),
        ),
        table=_table(asked, columns, rows, found.customers),
        chart=_list_chart(asked, len(rows)),
        file_name=NAME,
        follow_ups=(*_idle_follow_ups(asked, idle), *follow_ups_of(asked)),
        caveats=caveats,
        provenance=provenance_of(asked, (*figures.sql, *(before[1].sql if before else ()))),
    )


def headline_of(asked: Asked, customers: int) -> Message:
    rule, count = asked.args.rule, Quantity(customers)
    if rule is None:
        return say_n("{customers} customer has ever bought.", "{customers} customers have ever bought.", customers,
                     customers=count)  # fmt: skip
    words = asked.selection.words(rule)
    if customers == 1:
        # One of several, so that the words need no other form.
        return say("{customers} customer is among those who {rule}.", customers=count, rule=words)
    return say("{customers} customers {rule}.", customers=count, rule=words)


def share_line(asked: Asked, found: Totals, whole: Totals) -> Message:
    shown: dict[str, Value] = {
        "share": Quantity(found.customers / whole.customers if whole.customers else None, "ratio"),
        "all": Quantity(whole.customers),
    }
    if asked.everybody:
        return say("That is {share} of all {all} people known, also those who never ordered.", **shown)
    return say("That is {share} of the {all} customers who ever bought.", **shown)


def _sales_line(asked: Asked, found: Totals, whole: Totals) -> Message:
    shown: dict[str, Value] = {
        "net": asked.money(found.net_sales),
        "each": asked.money(found.net_sales / found.customers),
        "share": Quantity(share_of(found, whole), "ratio"),
    }
    shown["when"] = (
        say("since the data begins ({day})", day=asked.first)
        if asked.period == asked.ever
        else when(asked.period, asked.context.today)
    )
    if found.customers == whole.customers or share_of(found, whole) is None:
        return say("Their net sales {when}: {net}, {each} each.", **shown)
    return say("Their net sales {when}: {net}, {share} of those to known customers, {each} each.", **shown)


def _idle(asked: Asked) -> tuple[Did, int] | None:
    """How many meet the rule by buying nothing, where it asks for less than so much, and of what."""
    leaf = met_by_nothing(asked.rule)
    if leaf is None or asked.args.rule is None:
        return None
    customers = asked.figures.size(buying(asked.args.rule, leaf, something=False))
    return (leaf, customers) if customers else None


def _idle_lines(asked: Asked, idle: tuple[Did, int] | None) -> tuple[Message, ...]:
    if idle is None:
        return ()
    leaf, customers = idle
    words = Words(asked.context).bought_nothing(leaf)
    return (say("Of them, {customers} {rule}.", customers=Quantity(customers), rule=words),)


def _idle_follow_ups(asked: Asked, idle: tuple[Did, int] | None) -> tuple[FollowUp, ...]:
    if idle is None or asked.args.rule is None:
        return ()
    rule = buying(asked.args.rule, idle[0], something=True)
    bought = asked.selection.words(rule.all[-1])
    return (FollowUp(say("Only those who {rule}", rule=bought), ToolCall(NAME, {"rule": plain_rule(rule)})),)


def _as_metric(asked: Asked, found: Totals) -> tuple[Fact, ...]:
    """Who bought in a period is also the metric of that name."""
    rule = asked.args.rule
    if not isinstance(rule, Did) or (rule.measure, rule.op, rule.value) != ("orders", ">=", 1) or rule.period is None:
        return ()
    where = {condition.dimension: ", ".join(condition.values) for condition in rule.where if condition.op == "in"}
    return (Fact("active_customers", found.customers, "count", rule.period.period, where),)


def _table(asked: Asked, columns: Sequence[str], rows: Sequence[tuple[Any, ...]], total: int) -> Table:
    made = [Column("customer_id", Label("Customer", "客户"))]
    for name in columns[1:]:
        if name in asked.compared:
            made.append(_compared_column(asked, name, asked.compared[name]))
        elif name in MEASURES:
            made.append(measure_column(asked, name))  # type: ignore[arg-type]
        elif name == "country":
            called = value_labels(asked, name, [row[1] for row in rows])
            made.append(Column(name, _COLUMNS[name], labels=called, spare=True))
        else:
            spare = name in CONTACTS or name == (LAST if asked.is_about_first_orders else FIRST)
            made.append(Column(name, _COLUMNS[name], personal=name in CONTACTS, spare=spare))
    return Table(tuple(made), tuple(tuple(map(shown_cell, row, made)) for row in rows), total)


def measure_column(asked: Asked, measure: Measure) -> Column:
    """A measure over the period that is shown, which is named unless the rule names it."""
    label: Label | Message = MEASURES[measure]
    if not asked.tells_its_period and not measure.startswith("days_since"):
        label = _label_over(asked, label, asked.period)
    good: Literal["down", "neutral"] = "down" if "return" in measure else "neutral"
    # Where more is asked than a phone is wide, the rule's own columns and the dates say more than this one.
    also = asked.compared or not asked.tells_its_period
    spare = measure == "orders" and asked.args.order_by != "orders" and bool(also)
    return Column(measure, label, asked.unit(measure), good=good, spare=spare)


def _compared_column(asked: Asked, name: str, leaf: Did) -> Column:
    """What a condition compares, in its own period and of the things that it is about."""
    label: Label | Message = MEASURES[leaf.measure]
    for part in Words(asked.context).about(leaf.where):
        label = say("{measure}, {when}", measure=label, when=part)
    if not (asked.tells_its_period or leaf.measure.startswith("days_since")):
        label = _label_over(asked, label, leaf.period or asked.ever)
    return Column(name, label, asked.unit(leaf.measure), good="down" if "return" in leaf.measure else "neutral")


def _label_over(asked: Asked, measure: Label | Message, period: Days) -> Message:
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


def _list_chart(asked: Asked, rows: int) -> Chart | None:
    """The first of a ranking that was asked for; a long list's picture would say nothing."""
    args = asked.args
    if args.top is None or rows < 2:
        return None
    # A picture is passed on by itself, so that it has to say whom it shows.
    measure = MEASURES[args.order_by].inside()
    title = (
        say("Customers by {measure}", measure=measure)
        if args.rule is None
        else say("Customers by {measure}: those who {rule}", measure=measure, rule=asked.selection.words(args.rule))
    )
    return Chart("bar", title, "customer_id", (args.order_by,))


def _nobody(asked: Asked, whole: Totals) -> Answer:
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
        facts=facts_of(asked, Totals(), whole, {}),
        caveats=period_caveats(asked),
        provenance=provenance_of(asked, tuple(asked.figures.sql)),
    )


def _part_line(asked: Asked, part: Rule) -> Message:
    """A part by itself: which of them leaves nobody."""
    return say(
        "“{rule}” by itself: {customers}.",
        customers=Quantity(asked.figures.size(part)),
        rule=asked.selection.words(part),
    )


def _nearest_value(asked: Asked, rule: Did) -> list[Message]:
    """How far anybody gets, where the bar is too high or too low."""
    if rule.op in ("=", "!="):
        return []
    highest = rule.op in (">", ">=")
    value = asked.figures.extreme(rule.measure, rule.period, highest=highest)
    shown: dict[str, Value] = {
        "measure": MEASURES[rule.measure].inside(),
        "value": Quantity(value, asked.unit(rule.measure)),
    }
    if value is None:
        return []
    if highest:
        return [say("The highest that anybody has: {value} ({measure}).", **shown)]
    return [say("The lowest that anybody has: {value} ({measure}).", **shown)]
