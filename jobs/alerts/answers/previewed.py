"""What a monitor would have said in the last three months, before it is saved, and the taps that set it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from jobs.alerts.answers import pictured
from jobs.alerts.answers.checks import NAME
from jobs.alerts.answers.firings import DAYS, Backtested, backtested
from jobs.alerts.definition_words import filters_told, words
from jobs.alerts.detection.rules import Change, Learned, Missing, Threshold, calmer, sharper
from jobs.alerts.detection.series import DAY, HOUR
from jobs.alerts.watching import leaves
from tools.answer import Answer, Fact, FollowUp, Provenance, ToolCall
from tools.messages import Message, Quantity, Value, say, say_n
from tools.semantic.wording import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jobs.alerts.definition import Definition
    from jobs.alerts.detection.rules import Direction, Rule
    from jobs.alerts.monitors import Monitor, Usual
    from jobs.alerts.watching import Watched
    from tools.tool import Context

CALMEST, SHARPEST = 0.25, 60.0  # false alarms a year that are still offered
MOST_STEPS = 14
STALE_DAYS = 2
SELDOM = 0.5  # of the days without any sale, a figure is better watched over several days


def preview(context: Context, definition: Definition, *, there: Monitor | None = None) -> Answer:
    """Of one that would be added; `there`: the chat's monitor that watches the same already."""
    (found,) = backtested(context, [definition])
    taps: list[FollowUp] = []
    closing: list[Message] = []
    if there is not None:
        closing.append(say("This is watched here already: no. {number}.", number=there.id))
    else:
        closing.append(say("Nothing is saved yet."))
        if may_save(context):
            taps.append(FollowUp(say("✓ Save"), call("add", definition, confirmed=True)))
        else:
            closing.append(unsaved(context))
    taps += [FollowUp(label, call("add", changed)) for label, changed in tuned(definition)]
    if _better_over_days(context, found):
        taps.append(FollowUp(say("Over 7 days"), call("add", replace(definition, over=7))))
    return told(context, found, words(context, definition), tuple(taps), tuple(closing))


def preview_change(context: Context, monitor: Monitor, definition: Definition) -> Answer:
    """Of one that would take the place of a monitor's."""
    (found,) = backtested(context, [definition])
    number = {"monitor": monitor.id}
    taps = [
        FollowUp(say("✓ Save"), call("change", definition, confirmed=True, **number)),
        *(FollowUp(label, call("change", changed, **number)) for label, changed in tuned(definition)),
    ]
    headline = say("No. {number} then: {what}", number=monitor.id, what=words(context, definition, inside=True))
    return told(context, found, headline, tuple(taps), (say("Nothing is changed yet."),))


def backtest_answer(
    context: Context, definition: Definition, monitor: Monitor | None, marks: Sequence[Usual]
) -> Answer:
    """What it would have said, without a question whether to save it."""
    (found,) = backtested(context, [definition], [marks])
    taps: tuple[FollowUp, ...]
    if monitor is None:
        taps = (FollowUp(say("Watch it"), call("add", definition)),)
        return told(context, found, words(context, definition), taps, ())
    taps = tuple(FollowUp(label, call("change", changed, monitor=monitor.id)) for label, changed in tuned(definition))
    headline = say("No. {number}: {what}", number=monitor.id, what=words(context, definition, inside=True))
    return told(context, found, headline, taps, ())


def call(action: str, definition: Definition, **more: Any) -> ToolCall:
    """The tool's call with all of a definition, so that nothing of it is left to what was before."""
    args = definition.to_args()
    # Said also where it is the default: a change of an alert says what it will be, not what differs.
    return ToolCall(NAME, {"action": action, **args, "rule": definition.kind, **more})


def tuned(definition: Definition) -> list[tuple[Message, Definition]]:
    """Neighbours: calmer, sharper, and on which side it speaks."""
    rule = definition.rule
    found: list[tuple[Message, Definition]] = []
    for label, neighbour in ((say("Calmer"), calmer(rule)), (say("Sharper"), sharper(rule))):
        changed = definition.with_rule(neighbour)
        if changed.rule != rule and _offered(changed.rule):
            found.append((label, changed))
    if isinstance(rule, Learned | Change):
        sides: tuple[tuple[Message, Direction], ...] = (
            (say("Only falls"), "down"),
            (say("Only rises"), "up"),
            (say("Both ways"), "both"),
        )
        found += [(label, definition.with_rule(_on(rule, side))) for label, side in sides if side != rule.direction]
    return found


def _on(rule: Learned | Change, side: Direction) -> Rule:
    return replace(rule, direction=side)


def _offered(rule: Rule) -> bool:
    match rule:
        case Learned():
            return CALMEST <= rule.per_year <= SHARPEST
        case Change():
            return 0.01 <= rule.share <= 10
        case _:
            return rule.steps <= MOST_STEPS


def may_save(context: Context) -> bool:
    return context.chat is not None and context.chat.governed and context.state is not None


def unsaved(context: Context) -> Message:
    """Why it cannot be saved from here."""
    if context.chat is None:
        return say("Alerts are sent to a chat: ask for it in Telegram to have it saved.")
    if context.state is None:
        return say("Alerts cannot be kept here: there is no state database.")
    return say("Only an admin of this group decides on its alerts.")


# --- the answer -------------------------------------------------------------------------------------------------------


def told(
    context: Context, found: Backtested, what: Message, taps: tuple[FollowUp, ...], closing: tuple[Message, ...]
) -> Answer:
    watched = found.watched
    metric = context.catalog.metric(watched.definition.metric)
    lines = [line for line in (_in_all(found), pictured.firing_line(context, found)) if line is not None]
    series = len(watched.paths)
    facts = [
        Fact("firings", len(found.firings), "count", found.period),
        Fact("alarming_steps", found.alarming, "count", found.period),
        Fact("judged_days", found.judged_days, "days", found.period),
        Fact("watched_series", series, "count"),
    ]
    rule = watched.definition.rule
    if isinstance(rule, Learned):
        lines.append(_rate(rule, series))
        facts.append(Fact("false_alarms_a_year", rule.per_year, "number"))
    if watched.definition.by:
        lines += _split_lines(context, watched)
    for firing in found.firings:
        value = firing.worst.value
        if math.isfinite(value):
            days = watched.period(firing.worst.step)
            facts.append(Fact(metric.id, value, watched.unit, days, dict(firing.subject.where)))
    return Answer(
        headline=_headline(found, what),
        lines=(*lines, *closing),
        facts=tuple(facts),
        table=pictured.table(context, found),
        chart=pictured.chart(context, found),
        file_name="alert",
        follow_ups=taps,
        caveats=_caveats(context, found),
        provenance=Provenance(
            definition=(
                say("{metric}: {definition}", metric=metric.label.label, definition=metric.definition.label),
                _method(rule),
            ),
            period=found.period,
            filters=filters_told(context, watched.definition),
            sql=watched.sql,
            tables=context.catalog.tables_of(metric),
            as_of=watched.last,
        ),
    )


def _headline(found: Backtested, what: Message) -> Message:
    count, days = len(found.firings), found.judged_days
    shown: dict[str, Value] = {"what": what}
    if not days:
        return say("{what}: there is too little history to say how often it would have fired.", **shown)
    if found.still_learning:
        shown["days"] = days
        if not count:
            return say("{what}: would not have fired on the {days} days that could be judged.", **shown)
        return say_n(
            "{what}: would have fired once on the {days} days that could be judged.",
            "{what}: would have fired {count} times on the {days} days that could be judged.",
            count,
            **shown,
        )
    if not count:
        return say("{what}: would not have fired in the last {days} days.", **shown, days=DAYS)
    return say_n(
        "{what}: would have fired once in the last {days} days.",
        "{what}: would have fired {count} times in the last {days} days.",
        count,
        **shown,
        days=DAYS,
    )


def _in_all(found: Backtested) -> Message | None:
    """How much of the time it would have been off, where one firing is more than one alarm: it may last for weeks."""
    count = found.alarming
    if count <= len(found.firings):
        return None
    if found.watched.definition.grain == "hour":
        return say("It would have been off in {count} hours in all.", count=Quantity(count))
    return say("It would have been off on {count} days in all.", count=Quantity(count))


def _rate(rule: Learned, series: int) -> Message:
    rate = Quantity(rule.per_year, "number" if rule.per_year % 1 else "count")
    if series > 1:
        return say("It is set to about {rate} false alarms a year, all series together.", rate=rate)
    return say("It is set to about {rate} false alarms a year.", rate=rate)


def _split_lines(context: Context, watched: Watched) -> list[Message]:
    by = [context.catalog.dimension(name) for name in watched.definition.by]
    shown: dict[str, Value] = {"count": Quantity(len(watched.paths) - 1), "things": plural(by[0])}
    if len(by) > 1:
        shown["things"] = say("{things} and their pairs", things=tuple(map(plural, by)))
    found = [say("Watched: the total and {count} {things}.", **shown)]
    if watched.cut:
        found[0] = say("Watched: the total and the {count} largest {things}.", **shown)
    if watched.rare:
        found.append(
            say_n(
                "{count} more comes too rarely to be judged by itself; it counts in the total.",
                "{count} more come too rarely to be judged by themselves; they count in the total.",
                watched.rare,
            )
        )
    return found


def _caveats(context: Context, found: Backtested) -> tuple[Message, ...]:
    watched = found.watched
    caveats: list[Message] = []
    if not found.judged_days:
        grain = HOUR if watched.definition.grain == "hour" else DAY
        needed = grain.warm // 24 if watched.definition.grain == "hour" else grain.warm
        caveats.append(say("What is usual is known after {days} days of data.", days=needed))
    if _has_closed_days(found):
        caveats.append(say("Days on which the store is always closed are left out."))
    unfinished = found.unfinished_day
    if unfinished is not None:
        caveats.append(say("{day} is not complete in the data yet and is not judged.", day=unfinished))
    if (context.today - watched.last.date()).days >= STALE_DAYS:
        caveats.append(say("The data reach to {time}; later days are not judged.", time=watched.last))
    if _seldom(found):
        caveats.append(say("On most days there is nothing to count; over 7 days it is judged better."))
    return tuple(caveats)


def _has_closed_days(found: Backtested) -> bool:
    """Whether a sum or count has no figure on some of the days within the data."""
    watched = found.watched
    if watched.panel.exposure is not None or isinstance(watched.definition.rule, Missing):
        return False
    if watched.definition.grain == "hour":
        return False
    inside = [watched.first < moment <= watched.last for moment in watched.wall[found.since :]]
    return bool((~np.isfinite(watched.panel.values[0, found.since :]) & np.array(inside)).any())


def _seldom(found: Backtested) -> bool:
    watched = found.watched
    if not isinstance(watched.definition.rule, Learned) or watched.definition.grain == "hour":
        return False
    values = watched.panel.values[0, found.since :]
    known = values[np.isfinite(values)]
    return watched.definition.over == 1 and len(known) > 0 and float((known == 0).mean()) > SELDOM


def _better_over_days(context: Context, found: Backtested) -> bool:
    """Whether single days hold too little, and several of them can be added up."""
    definition = found.watched.definition
    parts = leaves(context, context.catalog.metric(definition.metric))
    thin = definition.grain == "day" and definition.over == 1 and (found.watched.rare > 0 or _seldom(found))
    return thin and all(part.adds_over_time for part in parts)


def _method(rule: Rule) -> Message:
    """How the rule judges, for those who ask how it was computed."""
    match rule:
        case Threshold():
            return say("Each figure is compared with the limit.")
        case Change():
            return say("Each figure is compared with the one named; what has none before it is not judged.")
        case Missing():
            return say("Told when there is no row at a time that usually has one, once the data may be expected.")
        case Learned():
            return say(
                "What is usual is learned from the figure's own past: weekday, season, events of the calendar; each "
                "day is judged by what was known before it."
            )
