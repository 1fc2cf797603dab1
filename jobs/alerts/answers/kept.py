"""The monitors that a chat has: listed, changed, paused and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from jobs.alerts.answers import previewed
from jobs.alerts.answers.checks import NAME, definition_of
from jobs.alerts.definition_words import words
from jobs.alerts.incidents.withdrawing import withdraw
from jobs.alerts.monitors import Monitor, Monitors
from jobs.outbox.outbox import Outbox
from tools.answer import Answer, Cell, Column, Fact, FollowUp, Provenance, Table, ToolCall
from tools.errors import InvalidArgument, NotAllowed
from tools.messages import Label, Message, Quantity, Value, say, say_n
from tools.semantic.query import Engine

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from jobs.alerts.definition import Definition
    from jobs.catalog.monitor import MonitorArgs
    from tools.tool import Chat, Context

MOST_CHOICES = 6
MOST_LINES = 12  # that are told one a line; more are a table
FEW = 3  # so many are paused and removed by buttons of their own
STATES: dict[str, Label] = {
    "watching": Label("watching", "监控中"),
    "firing": Label("⚠ firing", "⚠ 报警中"),
    "paused": Label("paused", "已暂停"),
    "trouble": Label("cannot be checked", "无法检查"),
}
_NOT_WHAT = ("action", "monitor", "confirmed")
_NAMES = {"action", "metric", "filters"}


def tap(label: Message, action: str, number: int | None = None, **more: Any) -> FollowUp:
    args = {"action": action} if number is None else {"action": action, "monitor": number}
    return FollowUp(label, ToolCall(NAME, {**args, **more}))


def monitors_of(context: Context) -> Monitors:
    """Raises InvalidArgument where nothing is kept."""
    if context.state is None:
        raise InvalidArgument(say("Alerts cannot be kept here: there is no state database."))
    return Monitors(context.state, lambda: context.now)


def saving(context: Context) -> tuple[Monitors, Chat]:
    """The store and the chat, for who may change what is told there. Raises InvalidArgument, NotAllowed."""
    if context.chat is None:
        raise InvalidArgument(previewed.unsaved(context))
    monitors = monitors_of(context)
    if not context.chat.governed:
        raise NotAllowed(previewed.unsaved(context))
    return monitors, context.chat


def when_told(definition: Definition) -> Message:
    """What will happen, after it was saved."""
    if definition.grain == "hour":
        return say("It is looked at each hour, once the hour's data are there. You are told here.")
    return say("It is looked at each day, once the day's data are there. You are told here.")


# --- which one --------------------------------------------------------------------------------------------------------


def meant(context: Context, args: MonitorArgs) -> tuple[Monitor, Definition]:
    """The chat's monitor that a call means: by number, by metric and filters, or the only one.

    Raises InvalidArgument, with the choices, where none or several are meant.
    """
    if context.chat is None:
        raise InvalidArgument(say("Alerts belong to a chat, and there is none here: ask in Telegram."))
    every = monitors_of(context).of_chat(context.chat)
    if not every:
        raise InvalidArgument(
            say("No alerts are set up in this chat."), (tap(say("Watch the core figures"), "defaults"),)
        )
    if args.monitor is not None:
        found = [one for one in every if one.id == args.monitor]
    else:
        found = [one for one in every if _described(one, args)]
    if not found:
        which = (
            say("This chat has no such alert. Which one?")
            if args.monitor is None
            else say("This chat has no alert no. {number}. Which one?", number=args.monitor)
        )
        raise InvalidArgument(which, _choices(context, every, args))
    if len(found) > 1:
        raise InvalidArgument(
            say("Which one? There are {count}.", count=Quantity(len(found))), _choices(context, found, args)
        )
    monitor = found[0]
    if monitor.definition is None:
        raise InvalidArgument(
            say(
                "No. {number} was kept by another version and cannot be read. Remove it and add it anew.",
                number=monitor.id,
            ),
            (tap(say("Remove the alert"), "remove", monitor.id),),
        )
    return monitor, monitor.definition


def described(context: Context, args: MonitorArgs) -> bool:
    """Whether a call that names a metric, and no more than filters besides, means what the chat has by that."""
    if context.chat is None or context.state is None or not args.plain().keys() <= _NAMES:
        return False
    return any(_described(one, args) for one in monitors_of(context).of_chat(context.chat))


def _described(one: Monitor, args: MonitorArgs) -> bool:
    """Whether a call's metric and filters are the monitor's; a call that names none means any."""
    if args.metric is None:
        return True
    if one.definition is None or one.definition.metric != args.metric:
        return False
    return not args.filters or set(args.filters) == set(one.definition.filters)


def _choices(context: Context, some: tuple[Monitor, ...] | list[Monitor], args: MonitorArgs) -> tuple[FollowUp, ...]:
    rest = {name: value for name, value in args.plain().items() if name not in ("metric", "filters")}
    return tuple(
        FollowUp(
            say("No. {number}: {what}", number=one.id, what=_what(context, one)),
            ToolCall(NAME, {**rest, "monitor": one.id}),
        )
        for one in some[:MOST_CHOICES]
    )


def _what(context: Context, one: Monitor) -> Message:
    """What it watches; one that this version, or this store, has no words for is told by its number alone."""
    if one.definition is None:
        return say("not readable")
    try:
        return words(context, one.definition, inside=True)
    except InvalidArgument:
        return say("not readable")


# --- listing ----------------------------------------------------------------------------------------------------------


def listed(context: Context) -> Answer:
    """The chat's monitors with their state."""
    span = Engine(context.warehouse, context.catalog, context.today).span("sales")
    told = say("An alert looks at a figure each day or hour, and is told of here when it goes wrong.")
    made = Provenance((told,), tables=("order_lines",), as_of=None if span is None else span[1])
    none = (Fact("monitors", 0, "count"),)
    offers = (tap(say("Watch the core figures"), "defaults"),)
    if context.chat is None:
        return Answer(
            headline=say("Alerts belong to a chat, and there is none here: ask in Telegram."),
            lines=(say("What an alert would do can be looked at here all the same."),),
            facts=none,
            follow_ups=offers,
            provenance=made,
        )
    monitors = monitors_of(context)
    every = monitors.of_chat(context.chat)
    if not every:
        return Answer(
            headline=say("No alerts are set up in this chat."),
            facts=none,
            follow_ups=offers,
            provenance=made,
        )
    firing = monitors.firing([one.id for one in every])
    rows: list[tuple[Cell, ...]] = [
        (one.id, say("{what}", what=_what(context, one)), _state(one, firing), one.checked_at) for one in every
    ]
    columns = (
        Column("number", Label("No.", "编号")),
        Column("what", Label("What", "内容")),
        Column("state", Label("State", "状态"), labels=STATES),
        Column("checked", Label("Last looked at", "上次检查"), spare=True),
    )
    few = len(every) <= MOST_LINES
    return Answer(
        headline=say_n("{count} alert is set up in this chat.", "{count} alerts are set up in this chat.", len(every)),
        lines=tuple(_line(context, one, firing) for one in every) if few else (),
        facts=(Fact("monitors", len(every), "count"), Fact("firing", len(firing), "count")),
        table=None if few else Table(columns, tuple(rows), len(rows)),
        file_name=None if few else "alerts",
        follow_ups=(*_taps(every), *offers),
        provenance=made,
    )


def _line(context: Context, one: Monitor, firing: frozenset[int]) -> Message:
    state = STATES[_state(one, firing)]
    shown: dict[str, Value] = {"number": one.id, "what": _what(context, one), "state": state}
    if one.trouble and one.paused_at is None:
        return say("No. {number}: {what} ({state}: {reason})", **shown, reason=one.trouble)
    return say("No. {number}: {what} ({state})", **shown)


def _state(one: Monitor, firing: frozenset[int]) -> str:
    if one.paused_at is not None:
        return "paused"
    if one.trouble:
        return "trouble"
    return "firing" if one.id in firing else "watching"


def _taps(every: tuple[Monitor, ...]) -> list[FollowUp]:
    """To look at, pause and remove a few by their numbers; of many they are asked for by number."""
    if len(every) > FEW:
        return [tap(say("Pause one"), "pause"), tap(say("Remove one"), "remove")]
    found = []
    for one in every:
        found.append(tap(say("Look at no. {number}", number=one.id), "backtest", one.id))
        if one.paused_at is None:
            found.append(tap(say("Pause no. {number}", number=one.id), "pause", one.id))
        else:
            found.append(tap(say("Resume no. {number}", number=one.id), "resume", one.id))
        found.append(tap(say("Remove no. {number}", number=one.id), "remove", one.id))
    return found


# --- changing ---------------------------------------------------------------------------------------------------------


def changed(context: Context, args: MonitorArgs) -> Answer:
    """Another rule, or other figures, in a monitor's place."""
    from jobs.catalog.monitor import MonitorArgs

    given = {name: value for name, value in args.model_dump(mode="json").items() if name in args.model_fields_set}
    what = {name: value for name, value in given.items() if name not in _NOT_WHAT}
    # Filters name the one that has them; where none has, they are what shall change.
    named = args.monitor is not None or _one_has(context, args)
    monitor, before = meant(context, args if named else args.model_copy(update={"filters": ()}))
    # A rule that is named is meant as a whole; else what is said is changed in the rule that is there.
    base = {"metric": before.metric} if "rule" in what else before.to_args()
    whole = MonitorArgs.model_validate({"action": "change", **base, **what})
    definition = definition_of(context, whole)
    if definition == before and not args.confirmed:
        raise InvalidArgument(
            say(
                "What shall change in no. {number}: {what}?",
                number=monitor.id,
                what=words(context, before, inside=True),
            ),
            tuple(
                FollowUp(label, previewed.call("change", other, monitor=monitor.id))
                for label, other in previewed.tuned(before)
            ),
        )
    if not args.confirmed:
        return previewed.preview_change(context, monitor, definition)
    monitors, _chat = saving(context)
    monitors.change(monitor.id, definition)
    _end_incidents(context, monitor.id)
    return _done(
        say("Changed, no. {number}: {what}.", number=monitor.id, what=words(context, definition, inside=True)),
        monitor.id,
        f"changed alert {monitor.id} to {definition.to_json()}" if definition != before else "",
    )


def _one_has(context: Context, args: MonitorArgs) -> bool:
    every = () if context.chat is None else monitors_of(context).of_chat(context.chat)
    return bool(args.filters) and any(_described(one, args) for one in every)


def paused(context: Context, args: MonitorArgs) -> Answer:
    monitor, definition = meant(context, args)
    monitors, _chat = saving(context)
    monitors.pause(monitor.id)
    return _done(
        say("Paused, no. {number}: {what}.", number=monitor.id, what=words(context, definition, inside=True)),
        monitor.id,
        f"paused alert {monitor.id}" if monitor.paused_at is None else "",
        tap(say("Resume it"), "resume", monitor.id),
    )


def resumed(context: Context, args: MonitorArgs) -> Answer:
    monitor, definition = meant(context, args)
    monitors, _chat = saving(context)
    if monitor.paused_at is not None:
        monitors.resume(monitor.id)
    return _done(
        say("Watched again, no. {number}: {what}.", number=monitor.id, what=words(context, definition, inside=True)),
        monitor.id,
        f"resumed alert {monitor.id}" if monitor.paused_at is not None else "",
        tap(say("Pause it"), "pause", monitor.id),
    )


def removed(context: Context, args: MonitorArgs) -> Answer:
    monitors, chat = saving(context)
    if args.confirmed and args.monitor is not None:
        there = any(one.id == args.monitor for one in monitors.of_chat(chat))
        if there:
            monitors.remove(args.monitor)
            _end_incidents(context, args.monitor)
        return Answer(
            headline=say("Removed: no. {number}.", number=args.monitor),
            facts=(Fact("monitors", len(monitors.of_chat(chat)), "count"),),
            follow_ups=(tap(say("All alerts here"), "list"),),
            changes=(f"removed alert {args.monitor}",) if there else (),
        )
    monitor = _removable(context, args, monitors, chat)
    return Answer(
        headline=say("Remove no. {number}: {what}?", number=monitor.id, what=_what(context, monitor)),
        lines=(say("Nothing is removed yet."),),
        facts=(Fact("monitors", len(monitors.of_chat(chat)), "count"),),
        follow_ups=(
            tap(say("Yes, remove it"), "remove", monitor.id, confirmed=True),
            *(() if monitor.paused_at else (tap(say("Only pause it"), "pause", monitor.id),)),
        ),
    )


def _end_incidents(context: Context, number: int) -> None:
    """What was open of figures that are not watched any more ends, and its messages say so."""
    if context.state is None:
        return
    state, user = cast("sessionmaker[Session]", context.state), context.user
    outbox = Outbox(state, lambda: context.now)
    withdraw(state, lambda: context.now, outbox, monitor_id=number, by=user.name or user.id)


def _removable(context: Context, args: MonitorArgs, monitors: Monitors, chat: Chat) -> Monitor:
    """As `meant`, and also one that cannot be read."""
    named = [one for one in monitors.of_chat(chat) if one.id == args.monitor]
    return named[0] if named else meant(context, args)[0]


def _done(headline: Message, number: int, change: str, *taps: FollowUp) -> Answer:
    """Without a definition or a table: there is nothing about it to be computed again, which would do it again."""
    return Answer(
        headline=headline,
        facts=(Fact("monitor", number, "count"),),
        follow_ups=(*taps, tap(say("All alerts here"), "list")),
        changes=(change,) if change else (),
    )
