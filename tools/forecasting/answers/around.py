"""What stands around a forecast: what it rests on, how it did before, what lies ahead, caveats, where to go on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tools.answer import Fact, FollowUp, Mark, Provenance, ToolCall
from tools.forecasting.answers.request import Request
from tools.forecasting.history import ONE_DAY
from tools.forecasting.outlook import Counted, Expected
from tools.messages import Label, Message, Quantity, Value, say, say_n
from tools.semantic.answers.naming import filter_text
from tools.semantic.periods import Period
from tools.semantic.wording import by_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.calendar.events import Event
    from tools.forecasting.forecasts import Forecasts
    from tools.stats.forecasting.task import Backtest, SeriesForecast

YEAR = 365
WEEK = 7
FIFTY_TWO_WEEKS = timedelta(weeks=52)
A_YEAR_AT_LEAST, A_YEAR_AT_MOST = timedelta(days=335), timedelta(days=395)
WIDE = 0.8  # of an interval beside its middle
STALE_DAYS = 3
MOST_EVENTS = 3
MOST_MARKS = 8
# The models that say that the season before comes again, at its own level.
SEASON_BEFORE = ("naive", "last_year")
LEAST_SHARE = 0.25
SPLITS = ("country", "category", "channel", "product")


def backtest_line(forecast: SeriesForecast) -> tuple[Message, ...]:
    """How far off such forecasts were, in plain words; where the season before did better, what it counts for now."""
    backtest = forecast.backtest
    if backtest.error is None or not backtest.origins:
        return ()
    shown: dict[str, Value] = {"error": Quantity(backtest.error, "ratio")}
    if backtest.naive_error is None:
        return (
            say_n(
                "In {count} earlier try it was off by {error}.",
                "In {count} earlier tries it was off by {error} on average.",
                backtest.origins,
                **shown,
            ),
        )
    return (
        say_n(
            "In {count} earlier try it was off by {error}; repeating the season before would have been off by {naive}.",
            "In {count} earlier tries it was off by {error} on average; repeating the season before would have been "
            "off by {naive}.",
            backtest.origins,
            **shown,
            naive=Quantity(backtest.naive_error, "ratio"),
        ),
        *_season_counts(forecast),
    )


def _season_counts(forecast: SeriesForecast) -> tuple[Message, ...]:
    backtest, share = forecast.backtest, sum(forecast.weights.get(name, 0.0) for name in SEASON_BEFORE)
    if backtest.error is None or backtest.naive_error is None or backtest.naive_error >= backtest.error:
        return ()
    if share < LEAST_SHARE:
        return ()
    return (say("The season before makes up {share} of this forecast.", share=Quantity(round(share, 2), "ratio")),)


def backtest_facts(backtest: Backtest, period: Period, where: Mapping[str, str]) -> tuple[Fact, ...]:
    named = (
        ("forecast_error", backtest.error),
        ("naive_error", backtest.naive_error),
        ("interval_coverage", backtest.coverage),
    )
    found = tuple(Fact(name, value, "ratio", period, where) for name, value in named if value is not None)
    return (*found, Fact("forecast_tries", backtest.origins, "count", period, where)) if found else ()


def basis_line(forecasts: Forecasts) -> Message:
    """The history that the forecast was learned from."""
    history = forecasts.history
    since = history.since_first(history.total)
    units = history.units[len(history.units) - len(since) :]
    days = (units[-1].end - units[0].start).days + 1
    return say(
        "It rests on {days} of history, {period}.",
        days=Quantity(days, "days"),
        period=Period(units[0].start, units[-1].end),
    )


def events_in(request: Request, period: Period) -> list[Event]:
    """The events ahead in a period, each once, promotions first."""
    ahead = request.outlook.ahead
    inside = [e for e in request.outlook.forecasts.events if e.period.overlaps(period) and e.period.overlaps(ahead)]
    # Of an occasion with phases, the burst is what its name means.
    inside.sort(key=lambda e: (e.kind != "promotion", e.phase not in (None, "burst"), e.starts_on, e.id))
    found: list[Event] = []
    for event in inside:
        names = {event.occasion, event.label.en, event.label.zh or event.label.en}
        if not any(names & {other.occasion, other.label.en, other.label.zh} for other in found):
            found.append(event)
    return found


def events_line(request: Request) -> tuple[Message, ...]:
    """What falls in the days ahead. What it brings is in the figures: one year's is too little to tell it apart."""
    named: list[Value] = []
    for event in sorted(events_in(request, request.outlook.ahead)[:MOST_EVENTS], key=lambda e: (e.starts_on, e.id)):
        if event.starts_on < request.outlook.ahead.start:
            named.append(say("{event} (until {day})", event=event.label, day=event.ends_on))
        else:
            named.append(say("{event} ({day})", event=event.label, day=event.starts_on))
    return (say("In these days: {events}", events=tuple(named)),) if named else ()


def marks(request: Request, start: Period) -> tuple[Mark, ...]:
    """Events for the picture: those ahead that matter most, and the same ones in the history that it shows."""
    ahead = events_in(request, request.outlook.ahead)[:MOST_EVENTS]
    occasions = {event.occasion for event in ahead}
    stretches: dict[tuple[str, int], tuple[Period, Label]] = {}
    for event in request.outlook.forecasts.events:
        if event.occasion not in occasions or not event.period.overlaps(start):
            continue
        key = (event.occasion, event.starts_on.year)
        known = stretches.get(key)
        whole = event.period
        if known is not None:
            whole = Period(min(known[0].start, whole.start), max(known[0].end, whole.end))
        stretches[key] = (whole, event.label)
    found = sorted((Mark(p.start, p.end, label) for p, label in stretches.values()), key=lambda m: (m.start, m.end))
    return tuple(found[-MOST_MARKS:])


def caveats(request: Request, expected: Expected) -> tuple[Message, ...]:
    """Why to take it with care."""
    outlook = request.outlook
    forecasts, reach = outlook.forecasts, outlook.past.reach
    found: list[Message] = []
    length = (reach.whole - reach.first).days + 1
    if (request.context.today - reach.last.date()).days >= STALE_DAYS:
        found.append(
            say(
                "The data end on {day}; everything after that is a forecast, as if nothing had changed since.",
                day=reach.last.date(),
            )
        )
    elif reach.whole < reach.last.date():
        found.append(
            say(
                "{day} is not over in the data (last row {time}), so it is forecast too.",
                day=reach.last.date(),
                time=reach.last,
            )
        )
    if length < YEAR + outlook.days_ahead:
        found.append(
            say("There is less than a year of data before these days, so the season of the year is not known.")
        )
    low, high = expected.bounds.get(0.8, (expected.value, expected.value))
    backtest = forecasts.total.backtest
    if expected.rest > 0 and (high - low) > WIDE * expected.rest:
        found.append(say("This is very uncertain: the history goes up and down a lot for so far ahead."))
    if not backtest.origins:
        found.append(say("There is too little history to try the method on earlier days."))
    if isinstance(outlook, Counted) and request.period.days > 1:
        found.append(
            say(
                "{metric}: counted anew for each period, so the rows do not add up to the whole.",
                metric=request.metric.label.label,
            )
        )
    if request.metric.id == "new_customers":
        found.append(say("The first months of the data are left out: everybody looks new in them."))
    return tuple(found)


def provenance(request: Request, sql: Sequence[str]) -> Provenance:
    outlook = request.outlook
    forecasts, metric = outlook.forecasts, request.metric
    definition: list[Message] = [
        say("{metric}: {definition}", metric=metric.label.label, definition=metric.definition.label),
        basis_line(forecasts),
        _method(forecasts.total),
        say(
            "An interval of {level} is meant to hold in that share of cases; it is as wide as the errors of earlier "
            "tries were.",
            level=Quantity(0.8, "ratio"),
        ),
    ]
    if forecasts.parts and forecasts.adds_up:
        definition.append(say("Parts are forecast by themselves and then made to add up to the total."))
    return Provenance(
        definition=tuple(definition),
        period=request.period,
        filters=tuple(filter_text(request.named, f) for f in request.args.filters),
        sql=tuple(dict.fromkeys(sql)),
        tables=request.context.catalog.tables_of(metric),
        as_of=outlook.past.reach.last,
    )


def _method(forecast: SeriesForecast) -> Message:
    models = tuple(
        say("{model} {share}", model=name, share=Quantity(weight, "ratio"))
        for name, weight in sorted(forecast.weights.items(), key=lambda one: (-one[1], one[0]))
        if weight >= 0.005
    )
    return say("A mix of models, weighted by how well each did on earlier days: {models}.", models=models)


def before(request: Request) -> Period:
    """As many whole days just before what is forecast; of a period that has begun, the one before it."""
    if request.outlook.over is not None:
        return request.period.previous()
    whole = request.outlook.whole
    return Period(whole - timedelta(days=request.period.days - 1), whole)


def year_before(request: Request, period: Period) -> Period:
    """The same months a year earlier; of a few days the same of the promotion that they are about; else of the week."""
    whole = period.whole_units()
    if whole is not None and whole[0] in ("month", "quarter", "year"):
        return period.year_ago()
    back = _since_last(request, period) if period.days < WEEK else None
    return Period(period.start - (back or FIFTY_TWO_WEEKS), period.end - (back or FIFTY_TWO_WEEKS))


def _since_last(request: Request, period: Period) -> timedelta | None:
    """How long ago the promotion was that has its main days in the period; None where there is none."""
    bursts = [e for e in request.outlook.forecasts.events if e.kind == "promotion" and e.phase in (None, "burst")]
    for event in bursts:
        if not event.period.overlaps(period):
            continue
        # Of an occasion with several bursts, the one that was at the same place in it.
        gaps = [
            event.ends_on - e.ends_on for e in bursts if e.occasion == event.occasion and e.country == event.country
        ]
        years = [gap for gap in gaps if A_YEAR_AT_LEAST <= gap <= A_YEAR_AT_MOST]
        if years:
            return min(years, key=lambda gap: abs(gap - timedelta(days=YEAR)))
    return None


def follow_ups(request: Request) -> tuple[FollowUp, ...]:
    args, catalog = request.args, request.context.catalog
    found: list[FollowUp] = []
    if args.by is None:
        filtered = {f.dimension for f in args.filters}
        for name in SPLITS:
            dimension = catalog.dimension(name)
            usable = dimension in catalog.dimensions_of(request.metric) and name not in filtered
            if usable and request.named.known.any_for(dimension, [request.metric]):
                found.append(FollowUp(say("By {dimension}", dimension=by_label(dimension)), request.call(by=name)))
                break
        finer = {"month": "week", "week": "day"}.get(request.grain)
        if finer is not None and request.period.days <= 200:
            label = by_label(catalog.dimension(finer))
            found.append(FollowUp(say("By {dimension}", dimension=label), request.call(grain=finer)))
    else:
        found.append(FollowUp(say("In total"), request.call(by=None, rank_by="value", order="highest")))
        if args.rank_by == "value":
            found.append(FollowUp(say("What rises most?"), request.call(rank_by="change")))
    moved = why_moved(request)
    if moved is not None:
        found.append(moved)
    found.append(FollowUp(say("How good were the forecasts?"), ToolCall("forecast", _scoreboard(request))))
    return tuple(found[:4])


def why_moved(request: Request) -> FollowUp | None:
    """Why the last whole days differ from those before them."""
    whole = request.outlook.whole
    last = Period(whole - timedelta(days=request.period.days - 1), whole)
    earlier = Period(last.start - timedelta(days=last.days), last.start - ONE_DAY)
    if earlier.start < request.outlook.past.reach.first or last.days < 7:
        return None
    args = {
        "metric": request.metric.id,
        "period": _days(last),
        "compare": _days(earlier),
        "filters": request.args.model_dump(mode="json")["filters"],
    }
    return FollowUp(
        say("Why did it move, {period}?", period=last), ToolCall("drivers", {k: v for k, v in args.items() if v})
    )


def _days(period: Period) -> dict[str, str]:
    return {"start": period.start.isoformat(), "end": period.end.isoformat()}


def _scoreboard(request: Request) -> dict[str, object]:
    kept = {name: value for name, value in request.args.plain().items() if name in ("metric", "filters")}
    return {"show": "scoreboard", **kept}
