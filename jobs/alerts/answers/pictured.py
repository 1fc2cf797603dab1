"""The picture of a backtest, and the list of when it would have spoken."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from jobs.alerts.definition_words import figure, path_told
from jobs.alerts.detection.rules import Change, Learned, Missing, Threshold
from jobs.alerts.detection.verdicts import Standing
from jobs.alerts.watching import single_country
from tools.answer import Cell, Chart, Column, Mark, Table
from tools.calendar.calendar import PromotionCalendar
from tools.messages import Label, Message, Quantity, Value, say
from tools.semantic.periods import Period

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from jobs.alerts.answers.firings import Backtested, Firing
    from jobs.alerts.definition import Definition
    from tools.tool import Context

MOST_LISTED = 10
HOURS_DRAWN = 21 * 24
MOST_MARKS = 6
BAND = ("low", "high")


def chart(context: Context, found: Backtested) -> Chart | None:
    """The series of the worst firing, or the metric as a whole. None where there is too little to draw."""
    watched, row = found.watched, found.worst
    if isinstance(watched.definition.rule, Missing):
        return None
    hours = watched.definition.grain == "hour"
    since = max(found.since, len(watched.wall) - HOURS_DRAWN) if hours else found.since
    verdicts = found.verdicts
    steps = range(since, len(watched.wall))
    figures = (verdicts.value, verdicts.expected, verdicts.low, verdicts.high)
    rows: list[tuple[Cell, ...]] = [(_x(found, step), *(_cell(part[row, step]) for part in figures)) for step in steps]
    # What is not over yet would look like a fall.
    while rows and (rows[-1][1] is None or _partial(found, since + len(rows) - 1)):
        rows.pop()
    if sum(cells[1] is not None for cells in rows) < 2:
        return None
    unit = watched.unit
    if isinstance(watched.definition.rule, Learned):
        # Where there is no figure (the store is closed), nothing is expected either.
        rows = [cells if cells[1] is not None else (cells[0], None, None, None, None) for cells in rows]
    columns = (
        Column("time", Label("Time", "时间")) if hours else Column("day", Label("Day", "日期"), grain="day"),
        Column("value", Label("Value", "实际值"), unit),
        Column("expected", _expected(watched.definition), unit),
        Column("low", Label("Lower limit", "下限"), unit),
        Column("high", Label("Upper limit", "上限"), unit),
    )
    named = figure(context, watched.definition)
    path = watched.paths[row]
    return Chart(
        "watch",
        say("{figure}, {part}", figure=named, part=path_told(context, path)) if path else say("{figure}", figure=named),
        columns[0].name,
        ("value", "expected"),
        table=Table(columns, tuple(rows), len(rows)),
        bands=(BAND,),
        marks=_marks(context, watched.definition, found.period),
        alarms=frozenset(_x(found, step) for step in steps if verdicts.alarm[row, step]),
    )


def table(context: Context, found: Backtested) -> Table | None:
    """A row for each time it would have spoken, the latest first."""
    if not found.firings:
        return None
    watched = found.watched
    hours, split = watched.definition.grain == "hour", bool(watched.definition.by)
    missing = isinstance(watched.definition.rule, Missing)
    limit = _limit(watched.definition, watched.unit)
    columns = [
        Column("since", Label("Since", "开始")),
        Column(
            "length",
            Label("Alarm hours", "报警小时数") if hours else Label("Alarm days", "报警天数"),
            "count",
            spare=True,
        ),
        *([Column("part", Label("Where", "范围"))] if split else []),
        *([] if missing else [Column("value", Label("Value", "数值"), watched.unit), limit]),
    ]
    rows: list[tuple[Cell, ...]] = []
    for firing in sorted(found.firings, key=lambda one: -one.first):
        cells: list[Cell] = [_x(found, firing.first), firing.alarms]
        if split:
            where = firing.subject.where
            cells.append(say("{part}", part=path_told(context, where)) if where else say("in total"))
        if not missing:
            cells += [_cell(firing.worst.value), _cell(against(watched.definition, firing))]
        rows.append(tuple(cells))
    return Table(tuple(columns), tuple(rows[:MOST_LISTED]), len(rows))


def against(definition: Definition, firing: Firing) -> float:
    """What the value of a firing is told beside: the level, what it was compared with, or what was expected."""
    if isinstance(definition.rule, Threshold):
        return definition.rule.level
    return firing.worst.expected


def _limit(definition: Definition, unit: str) -> Column:
    if isinstance(definition.rule, Threshold):
        return Column("against", Label("Limit", "界限"), unit, spare=True)
    return Column("against", _expected(definition), unit)


def _expected(definition: Definition) -> Label:
    return Label("Compared with", "对比值") if isinstance(definition.rule, Change) else Label("Expected", "预期值")


def _x(found: Backtested, step: int) -> Cell:
    moment = found.moment(step)
    return moment if found.watched.definition.grain == "hour" else moment.date()


def _partial(found: Backtested, step: int) -> bool:
    return bool(found.verdicts.standing[found.worst, step] == Standing.PARTIAL)


def _cell(value: float) -> Cell:
    return float(f"{value:.12g}") if math.isfinite(value) else None


def _marks(context: Context, definition: Definition, period: Period) -> tuple[Mark, ...]:
    """The promotions of these days, those of one name and year as one."""
    stretches: dict[tuple[str, int], tuple[date, date, Label]] = {}
    for event in PromotionCalendar(context).between(period, single_country(definition)):
        if event.kind != "promotion":
            continue
        key = (event.occasion, event.starts_on.year)
        first, last, _label = stretches.get(key, (event.starts_on, event.ends_on, event.label))
        stretches[key] = (min(first, event.starts_on), max(last, event.ends_on), event.label)
    found = sorted(stretches.values(), key=lambda one: one[:2])[-MOST_MARKS:]
    return tuple(Mark(max(first, period.start), min(last, period.end), label) for first, last, label in found)


def firing_line(context: Context, found: Backtested) -> Message | None:
    """The latest firing in words, with the figure beside what it was measured by."""
    if not found.firings or isinstance(found.watched.definition.rule, Missing):
        return None
    watched = found.watched
    last = max(found.firings, key=lambda one: one.first)
    values: dict[str, Value] = {
        "day": found.moment(last.worst.step) if watched.definition.grain == "hour" else _day(found, last),
        "value": Quantity(_number(last.worst.value), watched.unit),
        "against": Quantity(_number(against(watched.definition, last)), watched.unit),
    }
    where = last.subject.where
    told = _at_worst(watched.definition, values) if last.last > last.first else _once(watched.definition, values)
    if last.last > last.first and watched.definition.grain == "day":
        days = Period(found.moment(last.first).date(), found.moment(last.last).date())
        told = say("The last one from {first} to {last}, {told}", first=days.start, last=days.end, told=told)
    return say("{part}: {told}", part=path_told(context, where), told=told) if where else told


def _once(definition: Definition, values: Mapping[str, Value]) -> Message:
    if isinstance(definition.rule, Threshold):
        return say("Last on {day}: {value}, the limit is {against}", **values)
    if isinstance(definition.rule, Change):
        return say("Last on {day}: {value} after {against}", **values)
    return say("Last on {day}: {value}, {against} expected", **values)


def _at_worst(definition: Definition, values: Mapping[str, Value]) -> Message:
    """Of the step that is farthest out."""
    if isinstance(definition.rule, Threshold):
        return say("at worst {value} on {day}, the limit is {against}", **values)
    if isinstance(definition.rule, Change):
        return say("at worst {value} after {against} on {day}", **values)
    return say("at worst {value} on {day}, {against} expected", **values)


def _day(found: Backtested, firing: Firing) -> Period:
    day = found.moment(firing.worst.step).date()
    return Period(day, day)


def _number(value: float) -> float | None:
    return float(f"{value:.12g}") if math.isfinite(value) else None
