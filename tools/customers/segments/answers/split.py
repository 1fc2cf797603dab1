"""Customers by group: how many are in each, and what each brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.answer import Answer, Cell, Chart, Column, Fact, FollowUp, Table, ToolCall
from tools.customers.histories import Histories
from tools.customers.schemes import SCHEMES
from tools.customers.segments.answers.asked import (
    MEASURES,
    NAME,
    UNKNOWN,
    Asked,
    Split,
    by_follow_up,
    facts_of,
    period_caveats,
    plain_rule,
    provenance_of,
    share_of,
    split_label,
    title_of,
    trend_facts,
    value_labels,
)
from tools.customers.segments.answers.listed import measure_column
from tools.customers.segments.checks import ATTRIBUTES
from tools.customers.segments.figures import Totals
from tools.errors import NotEnoughData
from tools.messages import Label, Message, Quantity, Value, say

MOST_GROUPS = 200


@dataclass(frozen=True)
class _Group:
    """A row of a split. `key` None: the group is not known."""

    key: str | None
    found: Totals
    was: int | None

    @property
    def id(self) -> str:
        return self.key or "unknown"


def by_groups(asked: Asked, by: Split) -> Answer:
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
        facts += [*facts_of(asked, group.found, whole, where), *trend_facts(group.found.customers, group.was, where)]
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
        caveats=period_caveats(asked),
        provenance=provenance_of(
            asked,
            (*figures.sql, *(before[1].sql if before else ())),
            (
                *(scheme.definition(histories) if scheme else ()),
                *(say("{group}: {meaning}", group=labels[key], meaning=meaning) for key, meaning in meanings.items()),
            ),
        ),
    )


def _check_split(asked: Asked, by: Split) -> None:
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


def _group_labels(asked: Asked, by: Split, groups: Sequence[_Group]) -> dict[str, Label]:
    if by in SCHEMES:
        named = {key: group.label for key, group in SCHEMES[by].groups.items()}
    else:
        values = [group.key for group in groups if group.key is not None]
        named = {**{value: Label(value) for value in values}, **value_labels(asked, by, values)}
    return {**named, "unknown": UNKNOWN} if any(group.key is None for group in groups) else dict(named)


def _split_headline(
    asked: Asked, by: Split, groups: Sequence[_Group], customers: int, labels: Mapping[str, Label]
) -> Message:
    rule = asked.args.rule
    shown: dict[str, Value] = {
        "customers": Quantity(customers),
        "split": split_label(asked, by),
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
    asked: Asked, by: Split, groups: Sequence[_Group], whole: Totals, labels: Mapping[str, Label]
) -> Table:
    compared = any(group.was is not None for group in groups)
    meanings = {key: group.meaning for key, group in SCHEMES[by].groups.items()} if by in SCHEMES else {}
    columns = [
        Column(by, title_of(asked, by), labels=labels),
        Column("customers", Label("Customers", "客户数"), "count"),
        Column("customers_share", Label("Share", "占比"), "ratio"),
        measure_column(asked, "net_sales")
        if asked.args.rule is not None
        else Column("net_sales", MEASURES["net_sales"], asked.currency),
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
            share_of(found, whole),
        ]
        if compared:
            row.append(found.customers - (group.was or 0))
        row.append(found.days_since_last_order)
        if meanings and by != "cluster":
            row.append(group.key)
        rows.append(tuple(row))
    return Table(tuple(columns), tuple(rows), len(groups))


def _split_chart(asked: Asked, by: Split, groups: Sequence[_Group]) -> Chart | None:
    if sum(group.found.customers > 0 for group in groups) < 2:
        return None
    split, rule = split_label(asked, by), asked.args.rule
    title = (
        say("Customers by {split}", split=split)
        if rule is None
        else say("Customers by {split}: those who {rule}", split=split, rule=asked.selection.words(rule))
    )
    return Chart("bar", title, by, ("customers",))


def _split_follow_ups(
    asked: Asked, by: Split, groups: Sequence[_Group], labels: Mapping[str, Label]
) -> tuple[FollowUp, ...]:
    """The largest groups one by one, and the customers another way."""
    found: list[FollowUp] = []
    rule = asked.args.rule
    largest = sorted((g for g in groups if g.key and g.found.customers), key=lambda g: -g.found.customers)[:2]
    for group in largest:
        condition: dict[str, Any] = (
            {"scheme": by, "groups": [group.key]} if by in SCHEMES else {"attribute": by, "values": [group.key]}
        )
        part = condition if rule is None else {"all": [plain_rule(rule), condition]}
        found.append(FollowUp(say("Who is in {group}?", group=labels[group.id]), ToolCall(NAME, {"rule": part})))
    other: Split = "lifecycle" if by == "rfm" else "rfm"
    found.append(by_follow_up(asked, other))
    return tuple(found)
