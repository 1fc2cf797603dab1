"""The message that tells of an incident: what, how far off, since when, why, and what to do. It fits a caption."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import structlog

from jobs.alerts.detection.rules import Change, Threshold
from jobs.alerts.detection.verdicts import ALARMS, Standing
from jobs.alerts.figure import Figure
from jobs.alerts.incidents.events import Kind
from jobs.alerts.incidents.incident import ENDS, State
from jobs.alerts.incidents.incident import Change as Entry
from jobs.alerts.incidents.words import told as standing_of
from jobs.alerts.reasons import Reasons, reasons, remedy, why
from tools.answer import Answer, Chart, Column, Fact, FollowUp, Provenance, Table, ToolCall
from tools.errors import AssistantError
from tools.messages import Label, Message, Quantity, Value, say, say_n

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from jobs.alerts.definition import Definition
    from jobs.alerts.detection.verdicts import Verdicts
    from jobs.alerts.incidents.store import Kept
    from jobs.alerts.monitors import Usual
    from jobs.alerts.watching import Watched
    from tools.answer import Cell
    from tools.tool import Context

log = structlog.get_logger(__name__)

PICTURED = {"day": 56, "hour": 168}  # steps: eight weeks of days, one of hours
BAND = ("low", "high")


def told(
    context: Context,
    kept: Kept,
    definition: Definition,
    now: datetime,
    *,
    kind: Kind | None = None,
    picture: Chart | None = None,
) -> Answer:
    """As it stands at `now`. `kind` is why a message of its own is sent; None: what was sent is written anew."""
    incident = kept.incident
    figure = Figure(context, definition, incident.finding.where)
    period = figure.period(incident.last)
    fires = incident.open
    found = reasons(figure, period, incident.finding.side) if fires else Reasons()
    advice = remedy(figure, incident.finding.side) if fires else None
    since = []
    if not fires and not _marked(kept):
        since.append(say("It was {off}", off=off(figure, kept)))
    if incident.first < incident.last:
        since.append(_off_since(figure, kept))
    return Answer(
        headline=headline(figure, kept, kind),
        lines=(standing_of(incident, now, context.user.timezone), *since, *found.lines),
        facts=(*facts(figure, kept), *found.facts),
        chart=picture,
        follow_ups=(
            *actions(kept),
            *([FollowUp(say("Why?"), why(figure, period))] if fires and not _missing(kept) else []),
            *([FollowUp(say("What to do"), ToolCall("playbook", {"document": advice.document}))] if advice else []),
            FollowUp(say("History"), call(kept, "show")),
        ),
        citations=() if advice is None else (advice.citation,),
        provenance=provenance(figure),
    )


# --- what happened ----------------------------------------------------------------------------------------------------


def headline(figure: Figure, kept: Kept, kind: Kind | None = None) -> Message:
    """With a mark that knows what is good, and why it is told once more."""
    incident, what = kept.incident, deviation(figure, kept)
    if incident.state is State.RESOLVED:
        if _marked(kept):
            return say("☑️ No anomaly: {what}", what=what)
        if incident.withdrawn:
            return say("☑️ No longer watched: {figure}", figure=figure.title)
        return say("✅ Back to usual: {figure}", figure=figure.title)
    mark = _mark(figure, incident.finding.side)
    match kind:
        case Kind.UPDATED:
            return say("{mark} Further off than told before: {what}", mark=mark, what=what)
        case Kind.RENEWED:
            return say("{mark} Still so: {what}", mark=mark, what=what)
        case Kind.ESCALATED:
            return say("🚨 Nobody has acknowledged it: {what}", what=what)
        case _:
            return say("{mark} {what}", mark=mark, what=what)


def deviation(figure: Figure, kept: Kept) -> Message:
    """“Net sales in Germany: €8.2K on 20 Nov 2026, 38% below the usual €13.2K”."""
    return say("{figure}: {off}", figure=figure.title, off=off(figure, kept))


def off(figure: Figure, kept: Kept) -> Message:
    """How far off the last bad step was."""
    incident = kept.incident
    finding = incident.finding
    when = _when(figure, incident.last)
    if finding.value is None:
        return say("no figure {when}", when=when)
    shown: dict[str, Value] = {"value": figure.amount(finding.value), "when": when, "than": _than(figure, kept)}
    if finding.window == 1:
        return say("{value} {when}, {than}", **shown)
    shown["length"] = _length(figure, finding.window)
    if finding.side is Standing.BELOW:
        return say("low over {length} together; {value} {when}, {than}", **shown)
    return say("high over {length} together; {value} {when}, {than}", **shown)


def _off_since(figure: Figure, kept: Kept) -> Message:
    """On which steps it was off, the first and the last."""
    first, last = _when(figure, kept.incident.first), _when(figure, kept.incident.last)
    if kept.incident.open:
        return say("First off {first}", first=first)
    return say("Off first {first}, last {last}", first=first, last=last)


def _than(figure: Figure, kept: Kept) -> Message:
    """What it is held against, and the gap to it."""
    finding, rule = kept.incident.finding, figure.definition.rule
    below = finding.side is Standing.BELOW
    if isinstance(rule, Threshold):
        level = Quantity(rule.level, figure.unit)
        return (
            say("below the limit of {level}", level=level) if below else say("above the limit of {level}", level=level)
        )
    value, expected = finding.value, finding.expected
    if value is None or expected is None:
        return say("outside of what is usual")
    shown: dict[str, Value] = {"gap": _gap(figure, value, expected), "base": _base(figure, rule, expected)}
    if value < expected:
        return say("{gap} below {base}", **shown)
    return say("{gap} above {base}", **shown)


def _base(figure: Figure, rule: object, expected: float) -> Message:
    amount, hourly = figure.amount(expected), figure.definition.grain == "hour"
    if not isinstance(rule, Change):
        return say("the usual {expected}", expected=amount)
    if rule.against == "mean of last":
        return say("the mean of {expected}", expected=amount)
    if rule.against == "step before":
        return (
            say("the {expected} of the hour before", expected=amount)
            if hourly
            else say("the {expected} of the day before", expected=amount)
        )
    if figure.definition.over > 1:
        return say("the {expected} of the days before", expected=amount)
    return say("the {expected} of the week before", expected=amount)


def _gap(figure: Figure, value: float, expected: float) -> Quantity:
    if figure.unit == "ratio":
        return Quantity(abs(value - expected), "points")
    if expected > 0:
        return Quantity(round(abs(value - expected) / expected, 2), "ratio")
    return figure.amount(abs(value - expected))


def _when(figure: Figure, step: datetime) -> Message:
    if figure.definition.grain == "hour":
        return say("at {time}", time=figure.wall(step))
    return say("in {period}", period=figure.period(step))


def _length(figure: Figure, steps: int) -> Message:
    if figure.definition.grain == "hour":
        return say_n("{count} hour", "{count} hours", steps)
    return say("{length}", length=Quantity(steps, "days"))


def _mark(figure: Figure, side: Standing) -> str:
    good = figure.metric.good
    if side is Standing.ABOVE and good == "up":
        return "📈"
    if side is Standing.BELOW and good == "down":
        return "📉"
    return "⚠️"


def _marked(kept: Kept) -> bool:
    """Whether somebody called it usual, and that was the last word."""
    end = kept.incident.latest(*ENDS)
    return not kept.incident.open and end is not None and end.change is Entry.MARKED_USUAL


def _missing(kept: Kept) -> bool:
    return kept.incident.finding.side is Standing.MISSING


def facts(figure: Figure, kept: Kept) -> tuple[Fact, ...]:
    incident, metric, fixed = kept.incident, figure.metric.id, figure.fixed()
    finding, period = incident.finding, figure.period(incident.last)
    found = [Fact(metric, finding.value, figure.unit, period, fixed)]
    if isinstance(figure.definition.rule, Threshold):
        found.append(Fact(f"{metric}_limit", figure.definition.rule.level, figure.unit, period, fixed))
    elif finding.value is not None and finding.expected is not None:
        gap = _gap(figure, finding.value, finding.expected)
        found.append(Fact(f"{metric}_expected", finding.expected, figure.unit, period, fixed))
        found.append(Fact(f"{metric}_gap", gap.value, gap.unit, period, fixed))
    if finding.window > 1:
        found.append(Fact("window", finding.window, "days" if figure.definition.grain == "day" else "count", period))
    return tuple(found)


def provenance(figure: Figure) -> Provenance:
    metric, catalog = figure.metric, figure.context.catalog
    return Provenance(
        definition=(say("{metric}: {definition}", metric=metric.label.label, definition=metric.definition.label),),
        tables=catalog.tables_of(metric),
        as_of=figure.as_of,
    )


# --- buttons ----------------------------------------------------------------------------------------------------------


def call(kept: Kept, action: str, **more: Any) -> ToolCall:
    return ToolCall("incidents", {"action": action, "incident": kept.id, **more})


def actions(kept: Kept) -> tuple[FollowUp, ...]:
    """What can be done with it as it stands, acknowledged where it was tapped."""
    incident = kept.incident
    found: list[FollowUp] = []
    if incident.fires:
        if incident.state is not State.ACKNOWLEDGED:
            found.append(FollowUp(say("Acknowledge"), call(kept, "acknowledge"), quiet=True))
        found.append(FollowUp(say("Snooze 1 h"), call(kept, "snooze", until="hour"), quiet=True))
        found.append(FollowUp(say("Until tomorrow"), call(kept, "snooze", until="tomorrow"), quiet=True))
    if not incident.withdrawn and (incident.settled is None or incident.settled < incident.last):
        found.append(FollowUp(say("Not an anomaly"), call(kept, "not_an_anomaly"), quiet=True))
    return tuple(found)


# --- picture ----------------------------------------------------------------------------------------------------------


def pictured(context: Context, kept: Kept, definition: Definition, marks: Sequence[Usual]) -> Chart | None:
    """The series' last weeks with what was usual and its alarms; None where they cannot be read."""
    from jobs.alerts.judging import judged_all
    from jobs.alerts.watching import watched

    try:
        found = watched(context, definition, marks)
        (verdicts,) = judged_all([found])
    except AssistantError as nothing:
        log.info("no_picture_of_an_incident", incident=kept.id, why=str(nothing.message))
        return None
    return chart(context, kept, found, verdicts)


def chart(context: Context, kept: Kept, found: Watched, verdicts: Verdicts) -> Chart:
    """Of the incident's own series; of the metric as a whole where it is not watched any more."""
    where = frozenset(kept.incident.finding.where)
    row = next((row for row, path in enumerate(found.paths) if frozenset(path) == where), 0)
    definition, own = found.definition, frozenset(found.paths[row]) == where
    figure = Figure(context, definition, found.paths[row])
    daily = definition.grain == "day"
    steps = range(max(len(found.steps) - PICTURED[definition.grain], 0), len(found.steps))
    cells: list[tuple[Cell, ...]] = []
    alarms: set[Cell] = set()
    for step in steps:
        one = verdicts.at(row, step)
        begin: Cell = found.wall[step].date() if daily else found.wall[step]
        value = None if one.standing is Standing.PARTIAL else one.value
        cells.append((begin, *(_cell(amount) for amount in (value, one.expected, one.low, one.high))))
        if one.standing in ALARMS or (own and found.steps[step] == kept.incident.last):
            alarms.add(begin)
    unit = found.unit
    columns = (
        Column("step", Label("Day", "日期") if daily else Label("Hour", "小时"), grain="day" if daily else None),
        Column("value", figure.metric.label.label, unit),
        Column("expected", Label("Usual", "通常"), unit),
        Column("low", Label("Low", "下限"), unit),
        Column("high", Label("High", "上限"), unit),
    )
    return Chart(
        "watch",
        say("{figure}", figure=figure.title),
        "step",
        ("value", "expected"),
        table=Table(columns, tuple(cells), len(cells)),
        bands=(BAND,),
        alarms=frozenset(alarms),
    )


def _cell(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
