"""What figures, groups and filters are called in an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from tools.customers.segments.words import group_label
from tools.messages import Label, Message, Value, say
from tools.semantic.answers.request import Request
from tools.semantic.catalog import Dimension, Metric
from tools.semantic.periods import Grain, unit
from tools.semantic.query import Filter, Key
from tools.semantic.wording import (
    average,
    average_inside,
    by_label,
    filter_noun,
    filter_phrase,
    joined,
    plural,
    time_labels,
)
from tools.warehouse.values import labels_of, names_of


def title_of(request: Request, metric: Metric) -> Label | Message:
    """How the figure is called at the start of a sentence."""
    per = request.args.average_per
    return metric.label.label if per is None else average(metric.label.label, per)


def title_inside(request: Request) -> Value:
    """How the main figure is called within a sentence, with its filters."""
    main, per = request.main.label.label, request.args.average_per
    named: Value = main.inside() if per is None else average_inside(main, per)
    return say("{metric} {where}", metric=named, where=where_phrase(request)) if request.args.filters else named


def code_title(dimension: Dimension) -> Label:
    """The head of a dimension's column; where names stand beside it, it holds their codes."""
    named = dimension.label.label
    return named if dimension.names is None else Label(f"{named.en} code", f"{named.zh}编码")


def column_titles(request: Request, metric: Metric) -> tuple[Label | Message, Label | Message]:
    """The heads of a metric's column and of its baseline's: of one metric, the two periods."""
    title = title_of(request, metric)
    if request.baseline is None:
        return title, title
    before = say("{period}", period=request.baseline)
    if len(request.metrics) > 1:
        return title, say("{metric}, {period}", metric=title, period=request.baseline)
    # Over time, rows of two periods stand side by side, so the period itself says which.
    return say("{period}", period=request.period), before


def name_of(request: Request, key: Key) -> Value:
    """How a group is called in a sentence."""
    shown: list[Value] = []
    for dimension, cell in zip(request.dimensions, key, strict=True):
        if cell is None:
            shown.append(Label("unknown", "未知"))
        elif dimension.grain:
            shown.append(unit_name(cell, dimension.grain))
        else:
            shown.append(value_name(request, dimension, str(cell)))
    return shown[0] if len(shown) == 1 else tuple(shown)


def unit_name(start: date, grain: Grain) -> Value:
    """A calendar unit in a sentence; a week by its Monday only."""
    return say("week of {day}", day=start) if grain == "week" else unit(start, grain)


def part_labels(request: Request, dimension: Dimension, cells: Sequence[str]) -> Mapping[str, Label]:
    if dimension.is_time:
        return time_labels(dimension)
    if dimension.names:
        return {}
    return labels_of(request.context.warehouse, dimension, cells)


def value_name(request: Request, dimension: Dimension, value: str) -> Value:
    """How a dimension's value is called in a sentence."""
    if dimension.scheme:
        return group_label(dimension.scheme, value)
    if dimension.names:
        name = names_of(request.context.warehouse, dimension, [value]).get(value)
        return say("{name} ({code})", name=name, code=value) if name else value
    return part_labels(request, dimension, [value]).get(value, value)


def things_of(request: Request) -> Value:
    """What the groups are: products; pairs of country and product."""
    if len(request.dimensions) == 1:
        return plural(request.dimensions[0])
    return say("pairs of {dimensions}", dimensions=tuple(by_label(d) for d in request.dimensions))


def where_phrase(request: Request) -> Value:
    """The filters as they follow a metric's name."""
    catalog = request.context.catalog
    phrases: list[Value] = []
    for condition in request.args.filters:
        dimension = catalog.dimension(condition.dimension)
        values = [value_name(request, dimension, value) for value in condition.values]
        phrases.append(filter_phrase(dimension, condition, values))
    return joined(phrases)


def filter_text(request: Request, condition: Filter) -> Message:
    dimension = request.context.catalog.dimension(condition.dimension)
    return filter_noun(dimension, condition, [value_name(request, dimension, value) for value in condition.values])
