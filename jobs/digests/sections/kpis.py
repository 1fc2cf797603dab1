"""The key figures: a picture with a small line for each, a table of the same, and what else moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.digests.comparisons import step_of
from jobs.digests.digesting import days
from jobs.digests.figures import share_of
from jobs.digests.section import Part, Section
from jobs.digests.wording import NEITHER, arrowed, change_of, mark
from tools.answer import Cell, Chart, Column, Fact, FollowUp, Table
from tools.messages import Label, Message, say
from tools.semantic.periods import Period
from tools.semantic.wording import by_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jobs.digests.digesting import Digesting
    from jobs.digests.figures import Figure
    from jobs.digests.wanted import RhythmName

MOST_MOVED = 4
ASKED_WHY = 2  # figures beside the main one
TITLES: Mapping[RhythmName, Message] = {
    "daily": say("Daily digest"),
    "weekly": say("Weekly digest"),
    "monthly": say("Monthly digest"),
}


def run(digesting: Digesting) -> Part:
    others = [figure for figure in digesting.figures.all[1:] if mark(figure) != NEITHER]
    return Part(
        lines=_moved(others),
        facts=tuple(fact for figure in digesting.figures.all for fact in _facts(digesting, figure)),
        table=_table(digesting),
        chart=_chart(digesting),
        follow_ups=_follow_ups(digesting, others),
        caveats=_caveats(digesting),
        moved=any(figure.moved for figure in digesting.figures.all),
    )


def _moved(others: list[Figure]) -> tuple[Message, ...]:
    if not others:
        return ()
    parts = tuple(
        say(
            "{mark} {metric} {change}",
            mark=mark(figure),
            metric=figure.metric.label.label.inside(),
            change=change_of(figure, figure.before[0]),
        )
        for figure in others[:MOST_MOVED]
    )
    return (say("*Also moved:* {parts}", parts=parts),)


def _facts(digesting: Digesting, figure: Figure) -> list[Fact]:
    metric, told, where = figure.metric, digesting.told, digesting.where
    found = [Fact(metric.id, figure.now, figure.unit, told, where)]
    for baseline, before in zip(digesting.figures.baselines, figure.before, strict=True):
        found.append(Fact(metric.id, before, figure.unit, baseline.period, where))
        change = None if figure.now is None or before is None else figure.now - before
        against = {**where, "against": f"{baseline.period.start}/{baseline.period.end}"}
        unit = "points" if metric.unit == "ratio" else figure.unit
        found.append(Fact(f"{metric.id}_change", change, unit, told, against))
        if metric.unit != "ratio":
            rate = None if change is None or before is None else share_of(change, before)
            found.append(Fact(f"{metric.id}_change_rate", rate, "ratio", told, against))
    return found


def _table(digesting: Digesting) -> Table:
    """For readers of text; the picture says the same."""
    figures = digesting.figures
    columns = [
        Column("metric", Label("Metric", "指标"), labels={f.metric.id: f.metric.label.label for f in figures.all}),
        Column("value", Label("Value", "数值")),
    ]
    # The last gives way first where width is short.
    columns += [Column(one.name, one.short, spare=one is figures.baselines[-1]) for one in figures.baselines]
    rows: list[tuple[Cell, ...]] = []
    for figure in figures.all:
        changes = [arrowed(change_of(figure, before)) for before in figure.before]
        value = say("{value}", value=figure.quantity(figure.now))
        rows.append((figure.metric.id, value, *changes))
    return Table(tuple(columns), tuple(rows), len(rows))


def _chart(digesting: Digesting) -> Chart:
    """A line for each figure over the last steps; the value told and its changes stand in the last row."""
    figures, told = digesting.figures, digesting.told
    grain, _count = step_of(told)
    dimension = digesting.context.catalog.dimension(grain)
    columns = [Column(grain, dimension.label.label, grain=grain)]
    besides: list[tuple[str, ...]] = [tuple(f"{figure.metric.id}_now" for figure in figures.all)]
    besides += [tuple(f"{figure.metric.id}_{one.name}" for figure in figures.all) for one in figures.baselines]
    last: list[Cell] = []
    for figure in figures.all:
        metric = figure.metric
        columns.append(Column(metric.id, metric.label.label, figure.shown_unit, good=metric.good))
    for figure in figures.all:
        metric = figure.metric
        columns.append(Column(f"{metric.id}_now", metric.label.label, figure.shown_unit))
        last.append(figure.now)
        for baseline, before in zip(figures.baselines, figure.before, strict=True):
            change = change_of(figure, before)
            name = f"{metric.id}_{baseline.name}"
            columns.append(Column(name, baseline.label, change.unit, signed=True, good=metric.good))
            last.append(change.value)
    nothing: tuple[Cell, ...] = (None,) * len(last)
    rows: list[tuple[Cell, ...]] = []
    for place, step in enumerate(figures.steps):
        values = [figure.steps[place] for figure in figures.all]
        rows.append((step.start, *values, *(tuple(last) if step is figures.steps[-1] else nothing)))
    return Chart(
        "sparklines",
        TITLES[digesting.occasion.rhythm],
        grain,
        tuple(figure.metric.id for figure in figures.all),
        besides=tuple(besides),
        table=Table(tuple(columns), tuple(rows), len(rows)),
    )


def _follow_ups(digesting: Digesting, others: list[Figure]) -> tuple[FollowUp, ...]:
    found: list[FollowUp] = []
    main, figures = digesting.main, digesting.figures
    if main.now is not None and main.before[0] is not None:
        found.append(FollowUp(_why(main), digesting.drivers_call(main.metric)))
    found += [FollowUp(_why(figure), digesting.drivers_call(figure.metric)) for figure in others[:ASKED_WHY]]
    grain, _count = step_of(digesting.told)
    seen = [step for step in figures.steps if step.start >= main.reach.first]
    if len(seen) > 1:
        period = days(Period(seen[0].start, seen[-1].end))
        call = digesting.call("metrics", metrics=[main.metric.id], by=[grain], period=period)
        label = by_label(digesting.context.catalog.dimension(grain))
        found.append(FollowUp(say("{metric} by {grain}", metric=main.metric.label.label, grain=label), call))
    return tuple(found)


def _why(figure: Figure) -> Message:
    before = figure.before[0]
    shown = figure.metric.label.label.inside()
    if figure.now is None or before is None or figure.now == before:
        return say("Why: {metric}", metric=shown)
    return say("Why {metric} ▲", metric=shown) if figure.now > before else say("Why {metric} ▼", metric=shown)


def _caveats(digesting: Digesting) -> tuple[Message, ...]:
    """Where the data begin too late for a comparison, it is said rather than shown as a fall to nothing."""
    main = digesting.main
    lacking = [one for one in digesting.figures.baselines if one.period.start < main.reach.first]
    if not lacking:
        return ()
    return (
        say(
            "The data begins on {day}: nothing to compare with in {period}.",
            day=main.reach.first,
            period=lacking[0].period,
        ),
    )


SECTION = Section("kpis", Label("Key figures", "核心指标"), 10, run)
