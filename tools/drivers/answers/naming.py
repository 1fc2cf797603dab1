"""What drivers, periods and amounts are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from tools.messages import Label, Message, Quantity, Value, say
from tools.semantic.answers.naming import value_name, where_phrase
from tools.warehouse.values import labels_of, names_of

if TYPE_CHECKING:
    from tools.drivers.analysis import Driver
    from tools.drivers.request import Request
    from tools.semantic.catalog import Dimension

# Their values say by themselves what they are.
PLAIN = ("country", "region", "city", "category", "brand", "product", "campaign")
COUNTED = ("count", "units")
NAMED = 2


def title(request: Request) -> Label | Message:
    """The figure at the start of a sentence, with its filters."""
    named = request.metric.label.label
    if not request.args.filters:
        return named
    return say("{metric} {where}", metric=named, where=where_phrase(request.figures))


def amount(request: Request, value: float) -> Quantity:
    return Quantity(value, request.unit)


def moved(request: Request, change: float) -> Quantity:
    """A change, with its sign; of what is counted, a whole one."""
    return Quantity(round(change) if request.change_unit in COUNTED else change, request.change_unit, signed=True)


def level(request: Request, value: float) -> Quantity:
    """What a day brings on average; of what is counted, a whole number."""
    return Quantity(round(value) if request.unit in COUNTED else value, request.unit)


def share_of(part: float, whole: float) -> Quantity:
    """A share with at most three digits, the same in words and in the table."""
    share = part / whole
    return Quantity(round(share, 3 if abs(share) < 1 else 2), "ratio")


def called(request: Request, dimension: Dimension, value: str | None) -> Value:
    """A value of a dimension in a sentence."""
    if value is None:
        return say("{dimension} not known", dimension=dimension.label.label.inside())
    return value_name(request.figures, dimension, value)


def distinct(request: Request, dimension: Dimension, value: str | None) -> Value:
    """The same where values of several dimensions stand side by side: “search” is named with what it is a value of."""
    named = at_start(request, dimension, value)
    if value is None or dimension.id in PLAIN:
        return named
    return say("{value} ({dimension})", value=named, dimension=dimension.label.label.inside())


def at_start(request: Request, dimension: Dimension, value: str | None) -> Value:
    """The same where a sentence or a row begins with it."""
    if value is None:
        return say("{dimension} not known", dimension=dimension.label.label)
    return called(request, dimension, value)


def driver_name(request: Request, driver: Driver, drivers: Sequence[Driver]) -> Message:
    """Germany; Germany × Electronics; search, without Pro laptop stand, which is one of the drivers before it."""
    name = plain_name(request, driver)
    others = tuple(plain_name(request, drivers[place]) for place in driver.step.without)
    if not others:
        return name
    if len(others) > NAMED:
        return say("{name}, without those before it", name=name)
    return say("{name}, without {others}", name=name, others=others)


def plain_name(request: Request, driver: Driver) -> Message:
    """The same with all that belongs to it."""
    names = [distinct(request, dimension, value) for dimension, value in driver.terms]
    if len(names) == 1:
        return say("{value}", value=names[0])
    return say("{first} × {second}", first=names[0], second=names[1])


def names(request: Request, dimension: Dimension, values: Iterable[str | None]) -> Mapping[str | None, Value]:
    """Many values of a dimension as rows begin with them: named in one go."""
    listed = list(values)
    known = [value for value in listed if value is not None]
    warehouse = request.context.warehouse
    found: dict[str | None, Value] = {None: at_start(request, dimension, None)}
    if dimension.names is None:
        labels = labels_of(warehouse, dimension, known)
        return found | {value: labels.get(value, value) for value in known}
    labels = names_of(warehouse, dimension, known)
    for value in known:
        found[value] = say("{name} ({code})", name=labels[value], code=value) if value in labels else value
    return found
