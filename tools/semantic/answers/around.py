"""What stands around figures: caveats, how they came about, where to go on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tools.answer import FollowUp, Provenance, ToolCall
from tools.messages import Message, Quantity, say
from tools.semantic.answers.naming import filter_text
from tools.semantic.answers.request import MetricsArgs, Request, covered_days, units_in
from tools.semantic.periods import Grain, Period
from tools.semantic.query import Days, Query
from tools.semantic.wording import (
    by_label,
    plural,
)

# So long after the data begins, customers who bought before it still turn up as new ones.
NEW_AT_FIRST = timedelta(days=90)


def caveats_of(request: Request, *, totalled: bool = False) -> tuple[Message, ...]:
    found: list[Message] = []
    whole = (request.period, *((request.baseline,) if request.baseline else ()))
    if any(period.start < request.first.date() for period in whole):
        found.append(say("The data begins on {day}; nothing before that is in the figure.", day=request.first.date()))
    if request.period.end > request.last.date():
        # An unfinished period is the usual case, so it says how far it has come.
        found.append(say("The data reaches to {time}; later days are not in the figure.", time=request.last))
    if request.baseline:
        now, before = request.covered.days, covered_days(request.baseline, request.first, request.last).days
        if abs(now - before) > 0.2 * max(now, before):
            found.append(say("The periods are of different length: {now} and {before} days.", now=now, before=before))
    parts = {part.id for part in request.parts()}
    if "new_customers" in parts and any(p.start < request.first.date() + NEW_AT_FIRST for p in whole):
        found.append(
            say(
                "The data begins on {day}: customers count as new at their first purchase since then, so the "
                "first months look too high.",
                day=request.first.date(),
            )
        )
    if parts & {"active_customers", "new_customers", "returning_customers", "repeat_customers"}:
        found += _unknown_customers(request)
    elif "customer" in request.args.by and totalled:
        found += _unknown_customers(request, listed=True)
    if "discounts" in parts and not _has_discounts(request):
        found.append(say("The data holds no discounts at all."))
    return tuple(found)


def _has_discounts(request: Request) -> bool:
    everything = Query(("discounts",), (), (), Period(request.first.date(), request.last.date()))
    return bool(request.engine.run(everything).groups.get((), {}).get("discounts"))


def _unknown_customers(request: Request, *, listed: bool = False) -> list[Message]:
    """Customer figures leave out sales without a customer: how much that is, where it matters."""
    query = Query(("sales_before_returns", "sales_of_known_customers"), (), request.args.filters, request.period)
    values = request.engine.run(query).groups.get((), {})
    sales, known = values.get("sales_before_returns") or 0, values.get("sales_of_known_customers") or 0
    if not sales or known / sales > 0.99:
        return []
    if listed:
        return [
            say(
                "{share} of sales have no known customer: they are in the total, but in no row.",
                share=Quantity(1 - known / sales, "ratio"),
            )
        ]
    return [
        say(
            "{share} of sales have no known customer and are not counted here.",
            share=Quantity(1 - known / sales, "ratio"),
        )
    ]


def provenance_of(request: Request, sql: tuple[str, ...]) -> Provenance:
    catalog = request.context.catalog
    definition = [
        say("{metric}: {definition}", metric=m.label.label, definition=m.definition.label) for m in request.metrics
    ]
    if request.args.average_per:
        covered = units_in(request.covered, request.args.average_per)
        grain = plural(catalog.dimension(request.args.average_per))
        definition.append(
            say(
                "Divided by {units} {grain}.",
                units=Quantity(covered, "number" if covered % 1 else "count"),
                grain=grain,
            )
        )
    if request.baseline:
        definition.append(say("Compared with {period}.", period=request.baseline))
    return Provenance(
        definition=tuple(definition),
        period=request.period,
        filters=tuple(filter_text(request, f) for f in request.args.filters),
        sql=sql,
        tables=tuple(dict.fromkeys(t for m in request.metrics for t in catalog.tables_of(m))),
        as_of=request.last,
    )


def plain_args(args: MetricsArgs) -> dict[str, Any]:
    """The call as JSON, without what stands at its default."""
    return args.model_dump(mode="json", exclude_defaults=True)


def follow_ups_of(request: Request) -> tuple[FollowUp, ...]:
    """The next questions a marketer asks: over time, by the first useful dimension, against last year."""
    args, catalog = request.args, request.context.catalog
    found: list[FollowUp] = []

    def offer(label: Message, **changes: Any) -> None:
        found.append(FollowUp(label, ToolCall("metrics", plain_args(args.model_copy(update=changes)))))

    if args.compare is None and not args.average_per:
        year_ago = request.covered.year_ago() if request.period.end > request.last.date() else request.period.year_ago()
        if year_ago.start >= request.first.date():
            offer(say("Against a year ago"), compare=Days(start=year_ago.start, end=year_ago.end))
    if not args.by:
        grain = _fitting_grain(request.period)
        if grain:
            offer(say("By {dimension}", dimension=by_label(catalog.dimension(grain))), by=(grain,), share=False)
        filtered = {f.dimension for f in args.filters}
        for name in ("country", "category", "channel", "product"):
            dimension = catalog.dimension(name)
            usable = all(dimension in catalog.dimensions_of(metric) for metric in request.metrics)
            if usable and name not in filtered and request.known.any_for(dimension, request.metrics):
                offer(
                    say("By {dimension}", dimension=by_label(dimension)), by=(name,), top=10, compare=None, share=False
                )
                break
    elif request.grain is None and request.baseline is None:
        previous = request.period.previous()
        if previous.end >= request.first.date():
            offer(say("Against {period}", period=previous), compare=Days(start=previous.start, end=previous.end))
    return tuple(found[:3])


def _fitting_grain(period: Period) -> Grain | None:
    """A grain that cuts the period into a readable number of steps."""
    for grain, longest in (("day", 45), ("week", 130), ("month", 1200)):
        if period.days <= longest:
            return grain if period.days > 1 else None  # type: ignore[return-value]
    return "year"
