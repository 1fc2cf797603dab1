"""Figures by group: rankings, series, shares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tools.answer import Answer, Chart, Fact
from tools.messages import Label, Message, Quantity, Value, say, say_n
from tools.semantic.answers.around import caveats_of, follow_ups_of, provenance_of
from tools.semantic.answers.headlines import group_headline, group_lines
from tools.semantic.answers.naming import name_of, things_of, title_of, unit_name
from tools.semantic.answers.request import MAX_ROWS, Request, Row, groups_of
from tools.semantic.answers.single import change_facts, change_of
from tools.semantic.answers.tables import group_table
from tools.semantic.periods import Period, split, unit
from tools.semantic.query import Filter, Groups, Key, Query, Ranking
from tools.semantic.wording import (
    by_label,
)


def by_groups(request: Request) -> Answer:
    args, main = request.args, request.main
    # One more than is shown tells a tie at the end of the list.
    ranking = Ranking(main.id, args.top + 1, args.order == "highest") if args.top and args.rank_by == "value" else None
    groups, sql = groups_of(request, request.period, having=args.having, ranking=ranking)
    groups, tie = _cut(request, groups) if ranking else (groups, ())
    whole_best = _best_whole(request, groups)
    base: Groups = {}
    if request.baseline:
        keys = tuple(groups) if ranking else None
        if request.grain:
            keys = None
        base, base_sql = groups_of(request, request.baseline, keys=keys)
        sql = (*sql, *base_sql)
        base = _aligned(request, base)
    total: float | int | None = None
    if args.share or not (args.top or args.having or args.average_per):
        if main.additive and not args.share:
            total = math.fsum(values[main.id] or 0 for values in groups.values())
        else:
            whole = request.engine.run(Query((main.id,), (), _outer_filters(request), request.period))
            total = whole.groups.get((), {}).get(main.id)
            sql = (*sql, *whole.sql)
    groups = _known(request, groups)
    rows = _rows(request, groups, base)
    table, shown_rows = group_table(request, rows, base, total if args.share else None)
    if not rows:
        return _nothing(request, sql, tie)
    sum_lines, sum_facts = _together(request, rows, total)
    return Answer(
        headline=group_headline(request, rows, base, total),
        lines=(*sum_lines, *(whole_best.lines or group_lines(request, rows))),
        facts=(*_group_facts(request, rows, base, total), *sum_facts, *whole_best.facts),
        table=table,
        chart=_chart(request, shown_rows),
        file_name="metrics",
        follow_ups=follow_ups_of(request),
        caveats=(
            *tie,
            *_newcomers(request, groups, base),
            *_partial_caveats(request, rows),
            *caveats_of(request, totalled=total is not None),
        ),
        provenance=provenance_of(request, (*sql, *whole_best.sql)),
    )


def _newcomers(request: Request, groups: Groups, base: Groups) -> tuple[Message, ...]:
    """Groups that sold nothing before have no growth in percent, and so stand in no ranking by it."""
    main = request.main
    if request.args.rank_by != "change_rate" or request.args.order != "highest" or main.unit == "ratio":
        return ()
    count = sum((values[main.id] or 0) > 0 >= (base.get(key, {}).get(main.id) or 0) for key, values in groups.items())
    return (say("Not ranked, since there was nothing before: {count}.", count=count),) if count else ()


def _cut(request: Request, groups: Groups) -> tuple[Groups, tuple[Message, ...]]:
    """The groups of the ranking, and whether the first one left out would have the same right to be there."""
    name, top = request.main.id, request.args.top
    sign = -1 if request.args.order == "highest" else 1
    ranked = sorted(groups.items(), key=lambda row: (sign * (row[1][name] or 0), tuple(map(str, row[0]))))
    if request.args.nth and top:
        return _only_nth(request, ranked, top)
    shown, beyond = ranked[:top], ranked[top:]
    if not beyond or beyond[0][1][name] != shown[-1][1][name]:
        return dict(shown), ()
    other, value = name_of(request, beyond[0][0]), request.quantity(request.main, beyond[0][1][name])
    if len(shown) == 1:
        return dict(shown), (say("Not alone: {name} has {value} too.", name=other, value=value),)
    return dict(shown), (say("A tie at the end of the list: {name} has {value} too.", name=other, value=value),)


def _only_nth(request: Request, groups: Sequence[Row], nth: int) -> tuple[Groups, tuple[Message, ...]]:
    """One place of the ranking, and who shares it; nothing where there are not as many."""
    name, ranked = request.main.id, [row for row in groups if None not in row[0]]
    if len(ranked) < nth:
        things = things_of(request)
        only = say_n("There is only {count} {things}.", "There are only {count} {things}.", len(ranked), things=things)
        return {}, (only,)
    key, values = ranked[nth - 1]
    value = request.quantity(request.main, values[name])
    tie = tuple(
        say("Not alone: {name} has {value} too.", name=name_of(request, other), value=value)
        for other, its in (*ranked[max(0, nth - 2) : nth - 1], *ranked[nth : nth + 1])
        if its[name] == values[name]
    )
    return {key: dict(values)}, tie


def _known(request: Request, groups: Groups) -> Groups:
    """Who is not known is nobody's customer, and what has no name wins no ranking."""
    if not request.args.top and "customer" not in request.args.by:
        return groups
    return {key: values for key, values in groups.items() if None not in key}


def _outer_filters(request: Request) -> tuple[Filter, ...]:
    """For shares: the whole is what stands outside the groups, so their own dimension is not filtered."""
    if not request.args.share:
        return request.args.filters
    return tuple(f for f in request.args.filters if f.dimension not in request.args.by)


def _nothing(request: Request, sql: tuple[str, ...], why: tuple[Message, ...] = ()) -> Answer:
    facts = (
        (Fact(request.main.id, 0, request.unit(request.main), request.period),)
        if request.main.empty_is_zero and not request.args.having and not request.args.nth
        else ()
    )
    return Answer(
        headline=say("Nothing in {period} meets this.", period=request.period),
        facts=facts,
        caveats=(*why, *caveats_of(request)),
        provenance=provenance_of(request, sql),
    )


def _rows(request: Request, groups: Groups, base: Groups) -> list[Row]:
    """Groups in the order to show: time forwards, weekdays and hours in theirs, others by the main metric."""
    args, main = request.args, request.main
    sign = -1 if args.order == "highest" else 1
    if request.grain and not args.top:
        return _filled(request, groups)
    rows: list[Row] = list(groups.items())
    if args.rank_by != "value":
        keys = dict.fromkeys([*groups, *base])
        zero: dict[str, float | int | None] = {m.id: 0 if m.empty_is_zero else None for m in request.metrics}
        relative = args.rank_by == "change_rate" and main.unit != "ratio"
        changes = [
            (
                key,
                groups.get(key, zero),
                change_of(groups.get(key, zero)[main.id], base.get(key, zero)[main.id])[relative],
            )
            for key in keys
        ]
        ranked = sorted((c for c in changes if c[2] is not None), key=lambda c: (sign * (c[2] or 0), str(c[0])))
        first = args.top - 1 if args.nth and args.top else 0
        return [(key, values) for key, values, _change_ in ranked[first : args.top]]
    if any(d.time_part for d in request.dimensions) and not args.top:
        if args.by == ("weekday",) and not args.having and request.covered.days >= 7:
            empty: dict[str, float | int | None] = {m.id: 0 if m.empty_is_zero else None for m in request.metrics}
            return [((day,), groups.get((day,), empty)) for day in range(1, 8)]
        return sorted(rows, key=lambda row: row[0])
    return sorted(
        rows, key=lambda row: (row[1][main.id] is None, sign * (row[1][main.id] or 0), tuple(str(c) for c in row[0]))
    )


def _filled(request: Request, groups: Groups) -> list[Row]:
    """Every calendar unit of the period that the data reaches, also those without a row."""
    at = next(i for i, d in enumerate(request.dimensions) if d.grain)
    grain = request.grain or "day"
    # A condition on the groups leaves gaps on purpose.
    units = (
        sorted({key[at] for key in groups}) if request.args.having else [u.start for u in split(request.covered, grain)]
    )
    others: list[Any] = [None]
    if len(request.dimensions) == 2:
        totals: dict[Any, float] = {}
        for key, values in groups.items():
            totals[key[1 - at]] = totals.get(key[1 - at], 0) + (values[request.main.id] or 0)
        others = sorted(totals, key=lambda name: (-totals[name], str(name)))
    empty: dict[str, float | int | None] = {m.id: 0 if m.empty_is_zero else None for m in request.metrics}
    rows: list[Row] = []
    for start in units:
        for other in others:
            cell: Key = (start,) if len(request.dimensions) == 1 else (start, other) if at == 0 else (other, start)
            if cell in groups or not request.args.having:
                rows.append((cell, groups.get(cell, empty)))
    return rows


def _aligned(request: Request, base: Groups) -> Groups:
    """A baseline's k-th week or month stands beside the period's k-th one."""
    if not request.grain or request.baseline is None:
        return base
    at = next(i for i, d in enumerate(request.dimensions) if d.grain)
    pairs = zip(split(request.baseline, request.grain), split(request.period, request.grain), strict=False)
    moved = {before.start: now.start for before, now in pairs}
    return {
        tuple(moved[cell] if i == at else cell for i, cell in enumerate(key)): values
        for key, values in base.items()
        if key[at] in moved
    }


@dataclass(frozen=True)
class _BestWhole:
    """The place of a ranking over time among whole calendar units, where one that is cut short changes it."""

    lines: tuple[Message, ...] = ()
    facts: tuple[Fact, ...] = ()
    sql: tuple[str, ...] = ()


def _best_whole(request: Request, groups: Groups) -> _BestWhole:
    args, main, grain = request.args, request.main, request.grain
    if not (args.top == 1 or args.nth) or args.rank_by != "value" or grain is None or len(request.dimensions) > 1:
        return _BestWhole()
    starts = [u.start for u in split(request.covered, grain)] if args.nth else [start for (start,) in groups]
    if not any(isinstance(start, date) and request.is_partial(start, grain) for start in starts):
        return _BestWhole()
    every, sql = groups_of(request, request.period, having=args.having)
    whole = [
        (start, values[main.id])
        for (start,), values in every.items()
        if not request.is_partial(start, grain) and values[main.id] is not None
    ]
    sign = -1 if args.order == "highest" else 1
    whole.sort(key=lambda row: (sign * (row[1] or 0), row[0]))
    place = args.top or 1
    if len(whole) < place or (args.nth and (whole[place - 1][0],) in groups):
        return _BestWhole()
    start, value = whole[place - 1]
    shown: dict[str, Value] = {
        "grain": Label(grain, request.dimensions[0].label.zh),
        "things": things_of(request),
        "place": str(place),
        "name": unit_name(start, grain),
        "value": request.quantity(main, value),
    }
    line = _whole_line(args.order == "highest", nth=args.nth, shown=shown)
    where = {f.dimension: ", ".join(f.values) for f in args.filters if f.op == "in"}
    return _BestWhole((line,), (Fact(main.id, value, request.unit(main), unit(start, grain), where),), sql)


def _whole_line(highest: bool, *, nth: bool, shown: dict[str, Value]) -> Message:
    if nth and highest:
        return say("Of whole {things} only, number {place}: {name} ({value})", **shown)
    if nth:
        return say("Of whole {things} only, number {place} from the bottom: {name} ({value})", **shown)
    if highest:
        return say("Highest whole {grain}: {name} ({value})", **shown)
    return say("Lowest whole {grain}: {name} ({value})", **shown)


def _partial_caveats(request: Request, rows: Sequence[Row]) -> tuple[Message, ...]:
    """Says which calendar units of the answer the period or the data cuts short."""
    grain = request.grain
    if grain is None or request.args.average_per:
        return ()
    at = next(i for i, d in enumerate(request.dimensions) if d.grain)
    starts = sorted({key[at] for key, _values in rows if isinstance(key[at], date)})
    found: list[Message] = []
    for whole in (unit(start, grain) for start in starts if request.is_partial(start, grain)):
        part = Period(max(whole.start, request.covered.start), min(whole.end, request.covered.end))
        found.append(say("Incomplete: {unit}, with {part} only.", unit=unit_name(whole.start, grain), part=part))
    return tuple(found)


def _group_facts(request: Request, rows: Sequence[Row], base: Groups, total: float | int | None) -> tuple[Fact, ...]:
    facts: list[Fact] = []
    zero: dict[str, float | int | None] = {m.id: 0 if m.empty_is_zero else None for m in request.metrics}
    fixed = {f.dimension: ", ".join(f.values) for f in request.args.filters if f.op == "in"}
    for key, values in rows[:MAX_ROWS]:
        where = dict(fixed)
        period, before_period = request.period, request.baseline
        for dimension, cell in zip(request.dimensions, key, strict=True):
            if dimension.grain and isinstance(cell, date):
                whole = unit(cell, dimension.grain)
                period = Period(max(whole.start, period.start), min(whole.end, period.end))
            else:
                where[dimension.id] = str(cell)
        for metric in request.metrics:
            facts.append(Fact(metric.id, values[metric.id], request.unit(metric), period, where))
            if before_period and not request.grain:
                before = base.get(key, zero)[metric.id]
                facts.append(Fact(metric.id, before, request.unit(metric), before_period, where))
                facts += change_facts(request, metric, values[metric.id], before, where)
        if request.args.share:
            value = values[request.main.id]
            share = value / total if value is not None and total else None
            facts.append(Fact(f"{request.main.id}_share", share, "ratio", period, where))
    if total is not None:
        outer = {f.dimension: ", ".join(f.values) for f in _outer_filters(request) if f.op == "in"}
        facts.append(Fact(request.main.id, total, request.unit(request.main), request.period, outer))
    return tuple(facts)


def _together(
    request: Request, rows: Sequence[Row], total: float | int | None
) -> tuple[tuple[Message, ...], tuple[Fact, ...]]:
    """The part of the whole that some groups have together: "the share of the top 10"."""
    main, args = request.main, request.args
    if not (args.share and total and main.additive and len(rows) > 1 and (args.top or args.having or args.filters)):
        return (), ()
    value = math.fsum(values[main.id] or 0 for _key, values in rows)
    share = value / total
    line = say(
        "Together {value}: {share} of {total} in all",
        value=request.quantity(main, value),
        share=Quantity(share, "ratio"),
        total=request.quantity(main, total),
    )
    unit_ = request.unit(main)
    return (line,), (
        Fact(main.id, value, unit_, request.period),
        Fact(f"{main.id}_share", share, "ratio", request.period),
    )


def _chart(request: Request, rows: int) -> Chart | None:
    """A line over time, bars otherwise; nothing where a single value is the answer."""
    if rows < 2 or len(request.dimensions) > 2:
        return None
    main = request.main
    same_unit = tuple(m.id for m in request.metrics if request.unit(m) == request.unit(main))
    y: tuple[str, ...] = (main.id, f"{main.id}_baseline") if request.baseline else same_unit
    title = say(
        "{metric} by {dimension}",
        metric=title_of(request, main),
        dimension=tuple(by_label(d) for d in request.dimensions),
    )
    time = next((d for d in request.dimensions if d.grain), None)
    other = next((d for d in request.dimensions if d is not time), None)
    if time is not None and not request.args.top:
        return Chart("line", title, time.id, y if other is None else (main.id,), other.id if other else None)
    first = request.dimensions[0]
    label = f"{first.id}_name" if first.names else first.id
    if len(request.dimensions) == 2:
        return Chart("bar", title, label, (main.id,), request.dimensions[1].id)
    return Chart("bar", title, label, y)
