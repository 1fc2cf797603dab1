"""Silences of a chat: it is told nothing of a figure, a country and the like, for a while or until somebody ends it."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from jobs.alerts.definition import Definition
from jobs.alerts.definition_words import figure, path_told
from jobs.alerts.incidents.answers.acted import advance, name_of, until_when
from jobs.alerts.incidents.answers.desk import NAME, tap
from jobs.alerts.incidents.events import Ticked
from jobs.alerts.incidents.subject import Matcher
from jobs.alerts.monitors import Monitors
from jobs.alerts.silences import Of, Silences
from jobs.alerts.watching import leaves
from tools.answer import Answer, Fact, FollowUp, ToolCall
from tools.errors import AssistantError, InvalidArgument, NotAllowed
from tools.messages import Message, Value, say, say_n
from tools.semantic.answers.checks import prepared
from tools.semantic.answers.request import MetricsArgs
from tools.semantic.query import Days, Engine, Filter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jobs.alerts.incidents.answers.desk import Desk
    from jobs.alerts.monitors import Monitor
    from jobs.alerts.silences import Place, Silenced

OF_SILENCES = say("While something is silenced, its incidents are kept and nobody is told of them.")
MOST = 20  # that one call may silence
MOST_CHOICES = 6


def silenced(desk: Desk) -> Answer:
    """Raises InvalidArgument where nothing is named or known, NotAllowed for viewers."""
    place = _place(desk, changes=True)
    every, until = _wanted(desk), until_when(desk)
    if until <= desk.context.now:
        raise InvalidArgument(say("{until} is past; choose a later time.", until=until))
    found = _silences(desk).add(place, every, by=name_of(desk), until=until)
    _take_effect(desk)
    concerned = _concerned(desk, every)
    return Answer(
        headline=say("Quiet until {until}: {what}.", until=until, what=tuple(_words(desk, of) for of in every)),
        lines=(
            say_n("{count} alert of this chat is concerned.", "{count} alerts of this chat are concerned.", concerned)
            if concerned
            else say("No alert of this chat is about it now."),
            say("What still fires then is told."),
        ),
        facts=(Fact("silences", len(found), "count"),),
        follow_ups=(*_ends(desk, found), tap(say("All silences"), action="silences")),
        changes=tuple(f"silenced {one.of!r} until {until.isoformat()}" for one in found),
    )


def silences(desk: Desk) -> Answer:
    """What is silenced in the chat, each with a tap that ends it; in the terminal nothing is."""
    found = () if desk.context.chat is None else _silences(desk).of_chat(_place(desk))
    if not found:
        headline = say("No alert is silenced here.")
    else:
        headline = say_n("{count} silence is in force.", "{count} silences are in force.", len(found))
    return Answer(
        headline=headline,
        lines=tuple(
            say("• {what}: until {until}, by {who}", what=_words(desk, one.of), until=one.until, who=one.by)
            for one in found
        ),
        facts=(Fact("silences", len(found), "count"),),
        follow_ups=(*_ends(desk, found), tap(say("Open incidents"))),
        provenance=desk.provenance(OF_SILENCES, None),
    )


def unsilenced(desk: Desk) -> Answer:
    """Ends the one that is meant. Raises InvalidArgument where none or several are, NotAllowed for viewers."""
    place = _place(desk, changes=True)
    meant = _meant(desk, _silences(desk).of_chat(place))
    found = _silences(desk).end(place, [one.id for one in meant])
    _take_effect(desk)
    return Answer(
        headline=say("Told again from now on: {what}.", what=tuple(_words(desk, one.of) for one in found)),
        facts=(Fact("silences", len(_silences(desk).of_chat(place)), "count"),),
        follow_ups=(tap(say("All silences"), action="silences"), tap(say("Open incidents"))),
        changes=tuple(f"ended silence {one.id}" for one in found),
    )


def _place(desk: Desk, *, changes: bool = False) -> Place:
    """Where it holds. Raises InvalidArgument in the terminal, NotAllowed for viewers who would change something."""
    chat = desk.context.chat
    if chat is None:
        raise InvalidArgument(say("Silences belong to a chat: ask me in Telegram."))
    if changes and not desk.context.user.may("analyst"):
        raise NotAllowed(say("Only analysts and admins can silence alerts. You can snooze an incident."))
    return chat.id, chat.topic


def _silences(desk: Desk) -> Silences:
    return Silences(desk.state, lambda: desk.context.now)


def _take_effect(desk: Desk) -> None:
    """The messages of what is open say it at once; of what begins to be told again, too."""
    for one in desk.found("open"):
        if one.watched_still:
            advance(desk, one, Ticked(desk.context.now))


# --- what is meant ----------------------------------------------------------------------------------------------------


def _wanted(desk: Desk) -> tuple[Of, ...]:
    args = desk.args
    if args.incident is not None:
        one = desk.meant()
        if (one.origin.chat_id, one.origin.topic_id) != _place(desk):
            raise InvalidArgument(say("It is of another chat: silence it there, or snooze it here."))
        return (Of(one.kept.id, one.kept.incident.subject.fingerprint),)
    if args.metric is None and not args.filters:
        if args.everything:
            return (Of(),)
        raise InvalidArgument(say("Which alerts shall be quiet?"), _offers(desk))
    _check_filters(desk)
    return tuple(Of(metric=args.metric, where=path) for path in _paths(args.filters))


def _paths(filters: Iterable[Filter]) -> tuple[tuple[tuple[str, str], ...], ...]:
    """One for each combination of the values that are named. Raises InvalidArgument for other conditions."""
    filters = tuple(filters)
    if any(one.op != "in" for one in filters):
        raise InvalidArgument(say("Alerts are silenced for values that are named, such as a country."))
    found = tuple(tuple(sorted(pairs)) for pairs in product(*([(f.dimension, v) for v in f.values] for f in filters)))
    if len(found) > MOST:
        raise InvalidArgument(say("At most {most} values can be silenced at once.", most=MOST))
    return found


def _check_filters(desk: Desk) -> None:
    """Refuses dimensions and values that the data do not have, with the nearest."""
    context, args = desk.context, desk.args
    if not args.filters:
        return
    catalog = context.catalog
    dimensions = [catalog.dimension(one.dimension) for one in args.filters]
    metrics = catalog.visible_metrics if args.metric is None else (catalog.metric(args.metric),)
    tables = context.warehouse.tables()
    metric = next(
        (
            one
            for one in metrics
            if all(dimension in catalog.dimensions_of(one) for dimension in dimensions)
            and tables >= set(catalog.tables_of(one))
        ),
        None,
    )
    if metric is None or any(dimension.is_time for dimension in dimensions):
        raise InvalidArgument(say("No alert can be about this."))
    engine = Engine(context.warehouse, catalog, context.today)
    spans = [engine.span(catalog.base_name(part.model or "")) for part in leaves(context, metric)]
    day = min((span[1].date() for span in spans if span is not None), default=context.today)
    try:
        asked = {"metrics": (metric.id,), "period": Days(start=day, end=day), "filters": args.filters}
        prepared(context, MetricsArgs.model_validate(asked))
    except AssistantError as error:
        near = (
            FollowUp(option.label, ToolCall(NAME, {**args.plain(), "filters": option.call.args.get("filters", [])}))
            for option in error.options
            if option.call is not None
        )
        raise type(error)(error.message, tuple(near)) from error


def _offers(desk: Desk) -> tuple[FollowUp, ...]:
    """The figures that the chat watches, and all."""
    watched = (one.definition.metric for one in _monitors(desk) if one.definition is not None)
    known = [name for name in dict.fromkeys(watched) if name in desk.context.catalog.metrics][:MOST_CHOICES]
    args = desk.args.plain()
    named = (
        FollowUp(
            say("{metric}", metric=desk.context.catalog.metric(name).label.label),
            ToolCall(NAME, {**args, "metric": name}),
        )
        for name in known
    )
    return (*named, FollowUp(say("All alerts"), ToolCall(NAME, {**args, "everything": True})))


def _meant(desk: Desk, every: Sequence[Silenced]) -> tuple[Silenced, ...]:
    args = desk.args
    if not every:
        raise InvalidArgument(say("No alert is silenced here."), (tap(say("Open incidents")),))
    if args.everything:
        return tuple(every)
    found = tuple(one for one in every if _described(desk, one))
    if not found:
        raise InvalidArgument(say("That is not silenced here. What is:"), _ends(desk, every))
    named = args.silence is not None or args.incident is not None or args.metric is not None or args.filters
    if len(found) > 1 and not named:
        raise InvalidArgument(
            say("Which one shall end?"),
            (*_ends(desk, found), tap(say("End all"), action="unsilence", everything=True)),
        )
    return found


def _described(desk: Desk, one: Silenced) -> bool:
    """Whether it is what the call names; a call that names nothing means any."""
    args = desk.args
    if args.silence is not None:
        return one.id == args.silence
    if args.incident is not None:
        return one.of.incident_id == args.incident
    if args.metric not in (None, one.of.metric):
        return False
    return any(set(path) <= set(one.of.where) for path in _paths(args.filters))


def _concerned(desk: Desk, every: Sequence[Of]) -> int:
    """How many alerts of the chat may be about one of these."""
    count = 0
    for monitor in _monitors(desk):
        definition = monitor.definition
        if definition is not None and any(_may_concern(of, monitor.id, definition, desk) for of in every):
            count += 1
    return count


def _may_concern(of: Of, monitor_id: int, definition: Definition, desk: Desk) -> bool:
    met = of.of(definition)
    if isinstance(met, Matcher):
        return all(dimension in definition.by for dimension, _value in met.where)
    kept = None if of.incident_id is None else desk.incidents.get(of.incident_id)
    return kept is not None and kept.monitor_id == monitor_id


def _monitors(desk: Desk) -> tuple[Monitor, ...]:
    chat = desk.context.chat
    return () if chat is None else Monitors(desk.state, lambda: desk.context.now).of_chat(chat)


# --- in words ---------------------------------------------------------------------------------------------------------


def _ends(desk: Desk, some: Sequence[Silenced]) -> tuple[FollowUp, ...]:
    """A tap for each that ends it; a single one needs no name."""
    if len(some) == 1:
        return (tap(say("End it"), action="unsilence", silence=some[0].id),)
    return tuple(
        tap(say("End: {what}", what=_words(desk, one.of)), action="unsilence", silence=one.id)
        for one in some[:MOST_CHOICES]
    )


def _words(desk: Desk, of: Of) -> Value:
    """What is silenced, as readers call it: Net sales in Germany; Germany; All alerts."""
    context = desk.context
    try:
        if of.metric is not None:
            filters = tuple(Filter(dimension=dimension, values=(value,)) for dimension, value in of.where)
            return figure(context, Definition(of.metric, filters=filters))
        if of.where:
            return path_told(context, of.where)
    except InvalidArgument:  # the catalog knows it no longer
        return say("{name}", name=of.metric or ", ".join(value for _dimension, value in of.where))
    return say("All alerts") if of.incident_id is None else _incident(desk, of.incident_id)


def _incident(desk: Desk, number: int) -> Message:
    found = desk.named(number)
    if found is None:
        return say("incident {number}", number=str(number))
    return say("{number}: {figure}", number=str(number), figure=found.figure.title)
