"""A monitor in one sentence: "Net sales below £20,000 in a day"; 单日净销售额低于£20,000."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.alerts.detection.rules import Change, Learned, Missing, Threshold
from jobs.alerts.watching import unit_of
from tools.customers.segments.words import group_label
from tools.messages import Message, Quantity, Value, say
from tools.semantic.wording import by_label, filter_noun, filter_phrase, joined, time_labels
from tools.warehouse.values import labels_of, names_of

if TYPE_CHECKING:
    from jobs.alerts.definition import Definition
    from jobs.alerts.incidents.subject import Path
    from tools.semantic.catalog import Dimension
    from tools.semantic.query import Filter
    from tools.tool import Context


def words(context: Context, definition: Definition, *, inside: bool = False) -> Message:
    """What is watched and when it speaks; `inside` a sentence it begins in lower case."""
    told = _rule(context, definition, figure(context, definition, inside=inside))
    if definition.rule.steps > 1:
        row: dict[str, Value] = {"told": told, "steps": definition.rule.steps}
        by_hours = definition.grain == "hour"
        told = say("{told}, {steps} hours in a row", **row) if by_hours else say("{told}, {steps} days in a row", **row)
    least = getattr(definition.rule, "least", 0.0)
    if least:
        unit = unit_of(context, context.catalog.metric(definition.metric))
        told = say("{told}, by at least {least}", told=told, least=Quantity(least, unit))
    if definition.by:
        things = tuple(by_label(context.catalog.dimension(name)) for name in definition.by)
        told = say("{told}; also by {dimensions}", told=told, dimensions=things)
    return told


def figure(context: Context, definition: Definition, *, inside: bool = False) -> Value:
    """The metric with its filters: net sales in Germany."""
    label = context.catalog.metric(definition.metric).label.label
    named: Value = label.inside() if inside else label
    if not definition.filters:
        return named
    return say("{metric} {where}", metric=named, where=joined([_phrase(context, one) for one in definition.filters]))


def filters_told(context: Context, definition: Definition) -> tuple[Message, ...]:
    """Each filter on its own, as in a footer."""
    catalog = context.catalog
    return tuple(
        filter_noun(catalog.dimension(one.dimension), one, _values(context, one)) for one in definition.filters
    )


def path_told(context: Context, path: Path) -> Value:
    """The values of a series, as readers call them: Germany; Germany and Web."""
    catalog = context.catalog
    named = tuple(value_told(context, catalog.dimension(name), value) for name, value in path)
    return named[0] if len(named) == 1 else named


def value_told(context: Context, dimension: Dimension, value: str) -> Value:
    """A dimension's value as readers call it."""
    if dimension.scheme:
        return group_label(dimension.scheme, value)
    if dimension.is_time:
        return time_labels(dimension).get(value, value)
    if dimension.names:
        name = names_of(context.warehouse, dimension, [value]).get(value)
        return say("{name} ({code})", name=name, code=value) if name else value
    return labels_of(context.warehouse, dimension, [value]).get(value, value)


def _phrase(context: Context, one: Filter) -> Message:
    return filter_phrase(context.catalog.dimension(one.dimension), one, _values(context, one))


def _values(context: Context, one: Filter) -> list[Value]:
    dimension = context.catalog.dimension(one.dimension)
    return [value_told(context, dimension, value) for value in one.values]


def _rule(context: Context, definition: Definition, named: Value) -> Message:
    window = _window(definition)
    match definition.rule:
        case Threshold() as rule:
            unit = unit_of(context, context.catalog.metric(definition.metric))
            shown: dict[str, Value] = {"figure": named, "window": window, "level": Quantity(rule.level, unit)}
            if rule.direction == "up":
                return say("{figure} above {level} {window}", **shown)
            return say("{figure} below {level} {window}", **shown)
        case Change() as rule:
            shown = {
                "figure": named,
                "window": window,
                "share": Quantity(rule.share, "ratio"),
                "before": _before(definition, rule),
            }
            if rule.direction == "both":
                return say("{figure} {window} up or down by more than {share} against {before}", **shown)
            if rule.direction == "up":
                return say("{figure} {window} up by more than {share} against {before}", **shown)
            return say("{figure} {window} down by more than {share} against {before}", **shown)
        case Learned() as rule:
            shown = {"figure": named, "window": window}
            if rule.direction == "both":
                return say("{figure} unusually high or low {window}", **shown)
            if rule.direction == "up":
                return say("{figure} unusually high {window}", **shown)
            return say("{figure} unusually low {window}", **shown)
        case Missing():
            return say("{figure}: no data {window}", figure=named, window=window)


def _window(definition: Definition) -> Message:
    """How long a step is, after the figure."""
    if definition.grain == "hour":
        return say("in an hour")
    if definition.over == 1:
        return say("in a day")
    return say("over {days} days", days=definition.over)


def _before(definition: Definition, rule: Change) -> Message:
    if definition.grain == "hour":
        match rule.against:
            case "step before":
                return say("the hour before")
            case "season before":
                return say("the same hour of last week")
            case "mean of last":
                return say("the mean of the last 7 days' hours")
    match rule.against:
        case "mean of last" if definition.over > 1:
            return say("the mean of the last {days} such days", days=rule.last)
        case "mean of last":
            return say("the mean of the last {days} days", days=rule.last)
        case _ if definition.over > 1:
            return say("the {days} days before", days=definition.over)
        case "step before":
            return say("the day before")
        case _:
            return say("the same day of last week")
