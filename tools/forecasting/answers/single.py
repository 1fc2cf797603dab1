"""One figure ahead: what it will come to, beside what it was, row by row, and as a picture."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import timedelta

from tools.answer import Answer, Cell, Column, Fact, Table
from tools.forecasting.answers import around
from tools.forecasting.answers.pictures import chart
from tools.forecasting.answers.request import Request, check_certain
from tools.forecasting.history import Step
from tools.forecasting.outlook import Counted, Expected
from tools.forecasting.record import keep
from tools.forecasting.summed import WEEK
from tools.messages import Label, Message, Quantity, Value, say
from tools.semantic.periods import Period
from tools.semantic.periods import unit as unit_of

LEVEL = 0.8


def single(request: Request) -> Answer:
    """Raises TooShort, TooSlow."""
    expected = request.outlook.expected(request.period)
    check_certain(request)
    rows = _rows(request)
    keep(request, expected, rows)
    compared, facts = _compared(request, expected)
    forecasts = request.outlook.forecasts
    tested = request.outlook.ahead
    return Answer(
        headline=_headline(request, expected),
        lines=(
            *compared,
            *around.backtest_line(forecasts.total),
            *around.events_line(request),
            around.basis_line(forecasts),
        ),
        facts=(
            *expected_facts(request, expected),
            *facts,
            *around.backtest_facts(forecasts.total.backtest, tested, request.where),
        ),
        table=_table(request, rows) if len(rows) > 1 else None,
        chart=chart(request, request.grain, rows or [expected]),
        file_name="forecast",
        follow_ups=around.follow_ups(request),
        caveats=(*_short_row(request, rows), *around.caveats(request, expected)),
        provenance=around.provenance(request, forecasts.history.sql),
    )


def cut(period: Period, grain: str) -> list[Period]:
    """The period in days, weeks or calendar months.

    So many weeks begin with the first day; those of months and of other stretches on Mondays, and their first and last
    may be short.
    """
    of_months = (unit_of(period.start, "month").start, unit_of(period.end, "month").end) == (period.start, period.end)
    on_mondays = of_months or period.days % WEEK != 0
    found: list[Period] = []
    start = period.start
    while start <= period.end:
        if grain == "month":
            end = unit_of(start, "month").end
        elif grain == "week" and on_mondays:
            end = unit_of(start, "week").end
        else:
            end = start + timedelta(days=0 if grain == "day" else WEEK - 1)
        found.append(Period(start, min(end, period.end)))
        start = found[-1].end + timedelta(days=1)
    return found


def _rows(request: Request) -> list[Expected]:
    """What each unit of the period comes to; none where the period is one of them, or too little is known for them."""
    from tools.stats.forecasting.engine import TooShort

    outlook = request.outlook
    periods = cut(request.period, request.grain)
    if not isinstance(outlook, Counted):
        return [outlook.expected(period) for period in periods]
    lengths: dict[str, Step] = {"day": 1, "week": WEEK, "month": "month"}
    of_rows = Counted(
        request.context, request.metric, request.period, request.args.filters, unit=lengths[request.grain]
    )
    # A count of fewer days is no part of one of more, so a row that is cut short would stand among others unlike it.
    periods = [period for period in periods if _whole(period, request.grain)]
    if len(periods) < 2:
        return []
    try:
        return [of_rows.expected(period) for period in periods]
    except TooShort:
        return []


def _whole(period: Period, grain: str) -> bool:
    if grain == "month":
        return period == unit_of(period.start, "month")
    return grain == "day" or period.days == WEEK


def _short_row(request: Request, rows: Sequence[Expected]) -> tuple[Message, ...]:
    """Rows of weeks and of months may begin and end with a few days."""
    if request.grain == "day":
        return ()
    short = [row.period for row in rows if not _whole(row.period, request.grain)]
    if len(rows) < 2 or not short:
        return ()
    return (say("Rows of fewer days than the others: {periods}.", periods=tuple(short)),)


def expected_facts(request: Request, expected: Expected, where: dict[str, str] | None = None) -> tuple[Fact, ...]:
    """The point first; then its bounds, and what of it is over and what is to come."""
    name, unit = request.metric.id, request.unit
    place = {**request.where, **(where or {})}
    found = [Fact(name, request.rounded(expected.value), unit, expected.period, place)]
    for level, (low, high) in sorted(expected.bounds.items()):
        percent = round(level * 100)
        found += [
            Fact(f"{name}_low_{percent}", request.rounded(low), unit, expected.period, place),
            Fact(f"{name}_high_{percent}", request.rounded(high), unit, expected.period, place),
        ]
    over = request.outlook.over_in(expected.period)
    if over is not None:
        found.append(Fact(name, request.rounded(expected.so_far), unit, over, place))
        if not isinstance(request.outlook, Counted):
            found.append(Fact(name, request.rounded(expected.rest), unit, request.outlook.ahead, place))
    return tuple(found)


def _headline(request: Request, expected: Expected) -> Message:
    low, high = expected.bounds[LEVEL]
    shown: dict[str, Value] = {
        "metric": request.title,
        "period": request.period,
        "value": request.quantity(expected.value),
        "low": request.quantity(low),
        "high": request.quantity(high),
        "level": Quantity(LEVEL, "ratio"),
    }
    over = request.outlook.over
    if over is None:
        return say("{metric}, {period}: about {value} expected ({level} likely: {low} to {high})", **shown)
    shown |= {"so_far": request.quantity(expected.so_far), "day": over.end}
    if isinstance(request.outlook, Counted):
        return say(
            "{metric}, {period}: about {value} expected ({level} likely: {low} to {high}); {so_far} up to {day}",
            **shown,
        )
    return say(
        "{metric}, {period}: about {value} expected ({level} likely: {low} to {high}): {so_far} up to {day} and about "
        "{rest} to come",
        **shown,
        rest=request.quantity(expected.rest),
    )


def _compared(request: Request, expected: Expected) -> tuple[tuple[Message, ...], tuple[Fact, ...]]:
    """Beside the same days a year earlier and as many just before; the change is against the first that is known."""
    lines: list[Message] = []
    facts: list[Fact] = []
    name, unit = request.metric.id, request.unit
    for baseline in (around.year_before(request, request.period), around.before(request)):
        known = request.outlook.known(baseline)
        if known is None:
            continue
        before = request.rounded(known)
        shown: dict[str, Value] = {"period": baseline, "before": request.quantity(before)}
        facts.append(Fact(name, before, unit, baseline, request.where))
        if lines or before <= 0:
            lines.append(say("Before, {period}: {before}", **shown))
            continue
        change = request.rounded(expected.value) - before
        facts.append(Fact(f"{name}_change", request.rounded(change), unit, request.period, request.where))
        facts.append(Fact(f"{name}_change_rate", change / before, "ratio", request.period, request.where))
        shown["rate"] = Quantity(change / before, "ratio", signed=True)
        lines.append(say("{rate} against {period} ({before})", **shown))
    return tuple(lines), tuple(facts)


def rough(value: float, greatest: float) -> float:
    """A bound to three digits of the greatest: more would pretend to know."""
    digits = 2 - math.floor(math.log10(greatest)) if greatest > 0 else 0
    return round(value, digits)


def _table(request: Request, rows: Sequence[Expected]) -> Table:
    grain, name, unit = request.grain, request.metric.id, request.unit
    years = [request.outlook.known(around.year_before(request, row.period)) for row in rows]
    first = Column(grain, request.context.catalog.dimension(grain).label.label, grain=grain)
    columns: list[tuple[Column, list[Cell]]] = [(first, [row.period.start for row in rows])]

    def add(column: str, label: Label, figures: Iterable[float | None], *, spare: bool = False) -> None:
        told: list[Cell] = [None if figure is None else request.rounded(figure) for figure in figures]
        columns.append((Column(column, label, unit, spare=spare), told))

    highest = max((row.bounds[0.95][1] for row in rows if row.bounds), default=0.0)

    def bound(level: float, side: int) -> Iterable[float | None]:
        return (rough(row.bounds[level][side], highest) if row.bounds else None for row in rows)

    if request.outlook.over is not None and not isinstance(request.outlook, Counted):
        so_far = (row.so_far if request.outlook.over_in(row.period) else None for row in rows)
        add(f"{name}_so_far", Label("So far", "已发生"), so_far, spare=True)
    add(name, Label("Expected", "预计"), (row.value for row in rows))
    # A phone has room for the first of these and the last.
    if any(year is not None for year in years):
        add(f"{name}_year_ago", Label("Year ago", "去年同期"), years, spare=True)
    add(f"{name}_low_95", Label("95% low", "95%下限"), bound(0.95, 0), spare=True)
    add(f"{name}_high_95", Label("95% high", "95%上限"), bound(0.95, 1), spare=True)
    add(f"{name}_low_80", Label("Low", "下限"), bound(0.8, 0))
    add(f"{name}_high_80", Label("High", "上限"), bound(0.8, 1))
    cells = tuple(zip(*(told for _column, told in columns), strict=True))
    return Table(tuple(column for column, _told in columns), cells, len(cells))
