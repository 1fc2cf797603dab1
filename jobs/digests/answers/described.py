"""Digests in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.digests.clocks import local
from jobs.digests.definition import rhythm_name
from jobs.digests.schedule_words import held_back, when
from jobs.digests.sections import discovered
from tools.customers.segments.words import group_label
from tools.messages import Label, Message, Value, say
from tools.semantic.periods import Period
from tools.semantic.wording import filter_noun, time_labels
from tools.warehouse.values import labels_of, names_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from jobs.digests.definition import Definition
    from jobs.digests.subscriptions import Subscription
    from jobs.digests.timing import Schedule
    from tools.semantic.catalog import Dimension
    from tools.semantic.query import Filter
    from tools.tool import Chat, Context

NAMES = {
    "daily": Label("Daily digest", "日报"),
    "weekly": Label("Weekly digest", "周报"),
    "monthly": Label("Monthly digest", "月报"),
}
LANGUAGES = {"en": Label("English", "英文"), "zh": Label("Chinese", "中文")}
REASONS = {
    "not allowed": say("paused by me: I may not write here any more, or the subscriber may not ask me any more"),
    "unreadable": say("paused by me: what was saved cannot be read any more; end it and subscribe again"),
    "unreachable": say("paused by me: my messages could not be delivered"),
}


def name_of(definition: Definition) -> Label:
    """Daily digest; Weekly digest; Monthly digest."""
    return NAMES[rhythm_name(definition.schedule.rhythm)]


def place_of(chat: Chat | None) -> Message:
    """Within a sentence."""
    if chat is None or not chat.group:
        return say("this chat")
    return say("this group") if chat.topic is None else say("this topic")


def moment(schedule: Schedule, at: datetime) -> tuple[Period, str]:
    """The day, told with its weekday, and the time that the subscriber's wall clock shows."""
    wall = local(at, schedule.zone)
    return Period(wall.date(), wall.date()), f"{wall:%H:%M}"


def titled(context: Context, definition: Definition) -> Message:
    """Weekly digest, only Germany: Mondays at 08:30 (Europe/London)."""
    named = name_of(definition)
    if not definition.wanted.filters:
        return say("{name}: {when}", name=named, when=when(definition.schedule))
    only = filter_words(context, definition.wanted.filters)
    return say("{name}, only {filters}: {when}", name=named, filters=only, when=when(definition.schedule))


def contents(context: Context, definition: Definition) -> tuple[Message, ...]:
    """A sentence for each thing that is not as usual: what it holds, and when it waits or stays away."""
    wanted = definition.wanted
    said: list[Message] = []
    if wanted.filters:
        said.append(say("Only {filters}.", filters=filter_words(context, wanted.filters)))
    if wanted.metrics:
        metrics = tuple(context.catalog.metric(name).label.label.inside() for name in wanted.metrics)
        said.append(say("Its figures: {metrics}.", metrics=metrics))
    if wanted.sections:
        titles = tuple(discovered()[name].title.inside() for name in wanted.sections)
        said.append(say("Its parts: {sections}.", sections=titles))
    if wanted.only_when_moved:
        said.append(say("Nothing is sent when nothing moved beyond what is usual."))
    return (*said, *held_back(definition.schedule))


def line_of(context: Context, one: Subscription) -> Message:
    """A subscription in a list, with its number and its next digest."""
    number = str(one.id)
    if one.definition is None:
        return say("*{number}* · {state}", number=number, state=REASONS["unreadable"])
    title = titled(context, one.definition)
    if one.next_at is None:
        return say("*{number}* · {title} · {state}", number=number, title=title, state=state_of(one))
    day, at = moment(one.definition.schedule, one.next_at)
    return say("*{number}* · {title} · next on {day} at {time}", number=number, title=title, day=day, time=at)


def state_of(one: Subscription) -> Message:
    """Why it is paused."""
    return REASONS.get(one.reason) or say("paused")


def filter_words(context: Context, filters: Iterable[Filter]) -> tuple[Message, ...]:
    """Germany; without France; customers in the segment champions."""
    found = []
    for condition in filters:
        dimension = context.catalog.dimension(condition.dimension)
        values = [_value(context, dimension, value) for value in condition.values]
        found.append(filter_noun(dimension, condition, values))
    return tuple(found)


def _value(context: Context, dimension: Dimension, value: str) -> Value:
    if dimension.scheme is not None:
        return group_label(dimension.scheme, value)
    if dimension.is_time:
        return time_labels(dimension).get(value, value)
    if dimension.names is not None:
        name = names_of(context.warehouse, dimension, [value]).get(value)
        return say("{name} ({code})", name=name, code=value) if name else value
    return labels_of(context.warehouse, dimension, [value]).get(value, value)
