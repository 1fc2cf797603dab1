"""Incidents in a list: what is off, since when, and how it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.alerts.incidents.answers.desk import tap
from jobs.alerts.incidents.incident import State
from jobs.alerts.incidents.words import told
from jobs.alerts.telling import facts
from tools.answer import Answer, Column, Fact, FollowUp, Table
from tools.messages import Label, Message, say, say_n

if TYPE_CHECKING:
    from jobs.alerts.incidents.answers.desk import Desk, Seen
    from tools.semantic.periods import Period

OF_ALERTS = say("An incident is a stretch in which a watched figure is off; it is over when it is usual again.")
SAID = 3  # in words; the table has all
LISTED = 50
STATES = {
    State.PENDING: Label("pending", "待定"),
    State.FIRING: Label("firing", "异常中"),
    State.ACKNOWLEDGED: Label("acknowledged", "已确认"),
    State.RESOLVED: Label("resolved", "已解决"),
}
COLUMNS = (
    Column("incident", Label("No.", "编号")),
    Column("figure", Label("Figure", "指标")),
    Column("first", Label("Since", "开始"), grain="day"),
    Column("state", Label("State", "状态")),
)


def listed(desk: Desk) -> Answer:
    args = desk.args
    period = None if args.period is None else args.period.period
    found = desk.found(args.which, metric=args.metric, period=period)
    if not found:
        return _none(desk, period)
    return Answer(
        headline=_counted(desk, len(found)),
        lines=tuple(_line(desk, one) for one in found[:SAID]),
        facts=(
            Fact("incidents", len(found), "count", period),
            *(fact for one in found[:SAID] for fact in facts(one.figure, one.kept)),
        ),
        table=_table(found),
        file_name="incidents",
        follow_ups=tuple(_look(one) for one in found[:SAID]) + _others(desk),
        provenance=desk.provenance(OF_ALERTS, period),
    )


def _counted(desk: Desk, count: int) -> Message:
    match desk.args.which:
        case "open":
            return say_n("{count} incident is open", "{count} incidents are open", count)
        case "resolved":
            return say_n("{count} past incident", "{count} past incidents", count)
        case "all":
            return say_n("{count} incident", "{count} incidents", count)


def _line(desk: Desk, one: Seen) -> Message:
    standing = told(one.kept.incident, desk.context.now, desk.timezone)
    return say("*{number}* {what}. {standing}.", number=str(one.kept.id), what=one.what, standing=standing)


def _look(one: Seen) -> FollowUp:
    label = say("{number}: {figure}", number=str(one.kept.id), figure=one.figure.title)
    return tap(label, action="show", incident=one.kept.id)


def _table(found: tuple[Seen, ...]) -> Table:
    rows = tuple(
        (
            str(one.kept.id),
            say("{figure}", figure=one.figure.title),
            one.figure.wall(one.kept.incident.first).date(),
            say("{state}", state=STATES[one.kept.incident.state]),
        )
        for one in found[:LISTED]
    )
    return Table(COLUMNS, rows, len(found))


def _none(desk: Desk, period: Period | None) -> Answer:
    """Says so, with the last one that there was."""
    last = desk.found("all", metric=desk.args.metric)[:1]
    lines = tuple(say("The last one: {line}", line=_line(desk, one)) for one in last)
    headline = {
        "open": say("No incident is open."),
        "resolved": say("There was no incident that is over."),
        "all": say("There was no incident."),
    }[desk.args.which]
    return Answer(
        headline=headline,
        lines=lines,
        facts=(
            Fact("incidents", 0, "count", period),
            *(fact for one in last for fact in facts(one.figure, one.kept)),
        ),
        follow_ups=tuple(_look(one) for one in last) + _others(desk),
        provenance=desk.provenance(OF_ALERTS, period),
    )


def _others(desk: Desk) -> tuple[FollowUp, ...]:
    if desk.args.which != "open":
        return (tap(say("Open incidents")),)
    return (tap(say("Past incidents"), which="resolved"), tap(say("How quickly?"), action="times"))
