"""What stands around the drivers: caveats, how they came about, where to go on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tools.answer import FollowUp, Provenance, ToolCall
from tools.drivers.answers.naming import driver_name
from tools.messages import Message, say
from tools.semantic.answers.around import caveats_of, provenance_of
from tools.semantic.query import Filter
from tools.semantic.wording import by_label

if TYPE_CHECKING:
    from tools.drivers.analysis import Analysis

LOOKED_INTO = 2


def caveats(analysis: Analysis) -> tuple[Message, ...]:
    request = analysis.request
    found = list(caveats_of(request.figures))
    last = request.figures.last
    if analysis.cut_short:
        found.append(say("The last day is not whole: its figures end at {time}.", time=last))
    if analysis.large and not analysis.very_large:
        found.append(
            say(
                "There are so many rows that marketing channels were left out; ask for them by name or for shorter "
                "periods."
            )
        )
    if analysis.very_large:
        found.append(
            say(
                "There are so many rows that marketing channels, and orders against order values, were left out; ask "
                "for them by name or for shorter periods."
            )
        )
    return tuple(found)


def provenance(analysis: Analysis) -> Provenance:
    figures = provenance_of(analysis.request.figures, analysis.sql)
    said = [*figures.definition]
    if analysis.breakdowns:
        said.append(
            say("The parts of a split sum to the change; a split whose parts do not is left out.")
            if analysis.figure.bottom is None
            else say(
                "A part's contribution is a mix effect (it weighs more or less than before) and an effect of its own "
                "figure, both midway between the periods; they sum to the change."
            )
        )
    if analysis.drivers:
        said.append(
            say(
                "Drivers are chosen by how far they moved beyond moving in step with the rest; each is counted without "
                "those above it."
            )
        )
    if analysis.weekdays is not None:
        said.append(
            say(
                "Calendar: more or fewer of each weekday, at what such a day brought on average in the baseline, or, "
                "where that lacks one, in the weeks before."
            )
        )
    if analysis.customers:
        said.append(
            say(
                "New customers bought for the first time ever; back after a pause means bought before, but not in the "
                "baseline."
            )
        )
    if analysis.prices is not None:
        said.append(
            say(
                "Price, volume and mix are of products sold in both periods, midway between the two; mix: more of the "
                "dearer or of the cheaper ones."
            )
        )
    return replace(figures, definition=tuple(said))


def follow_ups(analysis: Analysis) -> tuple[FollowUp, ...]:
    request = analysis.request
    found: list[FollowUp] = []
    taken: set[str] = set()
    for driver in analysis.drivers:
        values = [value for _dimension, value in driver.terms]
        if None in values or driver.step.cut or len(found) == LOOKED_INTO:
            continue
        more = tuple(Filter(dimension=d.id, values=(str(value),)) for d, value in driver.terms)
        filters = (*(f for f in request.args.filters if f.dimension not in {m.dimension for m in more}), *more)
        found.append(
            FollowUp(
                say("Look into {name}", name=driver_name(request, driver, analysis.drivers)),
                request.call(filters=filters, by=()),
            )
        )
        taken |= {d.id for d, _value in driver.terms}
    other = next((one.dimension for one in analysis.breakdowns if one.dimension.id not in taken), None)
    if other is not None and not request.args.by:
        found.append(FollowUp(say("By {dimension}", dimension=by_label(other)), request.call(by=(other.id,), top=10)))
    compared: dict[str, Any] = {
        "metrics": [request.metric.id],
        "period": _days(request.now.start, request.now.end),
        "compare": _days(request.before.start, request.before.end),
    }
    if request.args.filters:
        compared["filters"] = [f.model_dump(mode="json") for f in request.args.filters]
    found.append(FollowUp(say("Only the figures"), ToolCall("metrics", compared)))
    if request.metric.additive and not request.metric.hidden:
        ahead = {"metric": request.metric.id, **({"filters": compared["filters"]} if request.args.filters else {})}
        found.append(FollowUp(say("What comes next?"), ToolCall("forecast", ahead)))
    return tuple(found[:4])


def _days(start: object, end: object) -> dict[str, str]:
    return {"start": str(start), "end": str(end)}
