"""How good earlier forecasts were: those that were kept, or else tries on earlier days."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from typing import TYPE_CHECKING

from tools.answer import Answer, Cell, Column, Fact, FollowUp, Provenance, Table, ToolCall
from tools.forecasting.answers import around
from tools.forecasting.answers.request import Request, checked, too_short
from tools.forecasting.answers.single import rough
from tools.forecasting.args import NAME, ForecastArgs
from tools.forecasting.judging import Judged, Judging, Score, score
from tools.forecasting.record import metrics_kept
from tools.messages import Label, Message, Quantity, Value, say, say_n
from tools.semantic.answers.naming import filter_text, value_name
from tools.semantic.periods import Period

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.tool import Context

MOST_ROWS = 20
INTERVAL = Quantity(0.8, "ratio")


def scoreboard(context: Context, args: ForecastArgs) -> Answer:
    """Raises NotEnoughData where nothing was kept and there is too little history to try the method."""
    request = checked(context, ForecastArgs.model_validate({"metric": args.metric, "filters": args.filters}))
    judging = Judging(context, request.metric, request.args.filters)
    return _kept(request, judging) if judging.judged else _tried(request, judging)


# --- Kept forecasts -------------------------------------------------------------------------------------------


def _kept(request: Request, judging: Judging) -> Answer:
    judged = judging.judged
    whole, rows = score(judged), score(judging.steps)
    missed = next((one for one in judged if one.over and not one.inside), None)
    lines, facts = _drift(request, judging, missed) if missed is not None else ((), ())
    return Answer(
        headline=_headline(request, whole, rows),
        lines=(*_bias(whole), *_horizons(judging), *lines),
        facts=(*_facts(request, whole, rows), *facts),
        table=_table(request, judged),
        file_name="forecasts",
        follow_ups=_follow_ups(request, missed),
        caveats=_caveats(judged),
        provenance=_provenance(request),
    )


def _headline(request: Request, whole: Score, rows: Score) -> Message:
    shown: dict[str, Value] = {
        "metric": request.title_inside,
        "error": Quantity(whole.error, "ratio"),
        "level": INTERVAL,
        "coverage": Quantity(rows.coverage, "ratio"),
    }
    return say_n(
        "{count} forecast of {metric} can be judged: it was off by {error}; {coverage} of its rows lay within the "
        "{level} interval",
        "{count} forecasts of {metric} can be judged: off by {error} on average; {coverage} of their rows lay within "
        "the {level} interval",
        whole.count,
        **shown,
    )


def _bias(whole: Score) -> tuple[Message, ...]:
    if whole.bias is None or abs(whole.bias) < 0.005:
        return ()
    if whole.bias > 0:
        return (say("In all they were too high by {bias}.", bias=Quantity(whole.bias, "ratio")),)
    return (say("In all they were too low by {bias}.", bias=Quantity(-whole.bias, "ratio")),)


def _horizons(judging: Judging) -> tuple[Message, ...]:
    """The error by how far ahead a row was."""
    found = [(upper, one) for upper, one in judging.by_horizon() if one.error is not None]
    if len(found) < 2:
        return ()
    phrases: list[Value] = [
        say("{error} beyond that", error=Quantity(one.error, "ratio"))
        if upper is None
        else say("{error} up to {days} ahead", error=Quantity(one.error, "ratio"), days=Quantity(upper, "days"))
        for upper, one in found
    ]
    return (say("Rows by themselves were off by {errors}.", errors=tuple(phrases)),)


def _facts(request: Request, whole: Score, rows: Score) -> tuple[Fact, ...]:
    where = request.where
    return (
        Fact("forecasts_judged", whole.count, "count", None, where),
        Fact("forecast_error", whole.error, "ratio", None, where),
        Fact("forecast_bias", whole.bias, "ratio", None, where),
        Fact("interval_coverage", rows.coverage, "ratio", None, where),
    )


def _drift(request: Request, judging: Judging, missed: Judged) -> tuple[tuple[Message, ...], tuple[Fact, ...]]:
    """The newest forecast that missed its interval, and what may have thrown it off."""
    causes = judging.causes(missed)
    period, name, unit = missed.told.period, request.metric.id, request.unit
    where = {f.dimension: ", ".join(f.values) for f in missed.kept.filters if f.op == "in"}
    lines: list[Message] = [
        say(
            "{what}, {period}, came out at {actual}, outside {low} to {high}.",
            what=_named(request, missed),
            period=period,
            actual=request.quantity(missed.actual),
            low=request.quantity(missed.told.low_80),
            high=request.quantity(missed.told.high_80),
        )
    ]
    facts = [Fact(name, request.rounded(missed.actual), unit, period, where)]
    if causes.day is not None:
        day, figure, usual = causes.day
        lines.append(
            say(
                "One day stands out: {day} with {figure}, where {usual} is usual.",
                day=day,
                figure=request.quantity(figure),
                usual=request.quantity(usual),
            )
        )
        facts.append(Fact(name, request.rounded(figure), unit, Period(day, day), where))
    if causes.part is not None:
        part = causes.part
        dimension = request.context.catalog.dimension(part.dimension)
        lines.append(
            say(
                "It shows most in {value}: {actual}, at its usual share it would be {usual}.",
                value=value_name(request.named, dimension, part.value),
                actual=request.quantity(part.actual),
                usual=request.quantity(part.usual),
            )
        )
        facts.append(Fact(name, request.rounded(part.actual), unit, period, {**where, part.dimension: part.value}))
    if causes.events:
        named = tuple(say("{event} ({day})", event=e.label, day=e.starts_on) for e in causes.events)
        lines.append(say("In these days: {events}", events=named))
    return tuple(lines), tuple(facts)


def _table(request: Request, judged: Sequence[Judged]) -> Table:
    name, unit = request.metric.id, request.unit
    filtered = any(one.kept.filters for one in judged)
    columns = [
        Column("period", Label("Period", "时间段")),
        Column("made_on", Label("Made on", "预测日"), spare=True),
        *([Column("filters", Label("For", "范围"))] if filtered else []),
        Column("expected", Label("Expected", "预计"), unit),
        Column("low_80", Label("Low", "下限"), unit, spare=True),
        Column("high_80", Label("High", "上限"), unit, spare=True),
        Column(name, Label("Actual", "实际"), unit),
        Column("error_rate", Label("Off by", "偏差"), "ratio", signed=True),
    ]
    greatest = max(one.told.expected for one in judged)
    rows: list[tuple[Cell, ...]] = []
    for one in judged[:MOST_ROWS]:
        told = one.told
        rows.append(
            (
                say("{period}", period=told.period),
                one.kept.made_on,
                *([_filters(request, one)] if filtered else []),
                *(rough(figure, greatest) for figure in (told.expected, told.low_80, told.high_80)),
                request.rounded(one.actual),
                one.rate,
            )
        )
    return Table(tuple(columns), tuple(rows), len(judged))


def _named(request: Request, judged: Judged) -> Value:
    """The metric and what it was limited to."""
    label = request.metric.label.label
    return (
        say("{metric} ({filters})", metric=label, filters=_filters(request, judged)) if judged.kept.filters else label
    )


def _filters(request: Request, judged: Judged) -> Message:
    texts = [filter_text(request.named, condition) for condition in judged.kept.filters]
    if not texts:
        return say("All")
    return reduce(lambda one, other: say("{phrase} {following}", phrase=one, following=other), texts)


def _caveats(judged: Sequence[Judged]) -> tuple[Message, ...]:
    if all(one.over for one in judged):
        return ()
    return (say("Of forecasts that are not over yet, only the rows that are over are judged."),)


def _follow_ups(request: Request, missed: Judged | None) -> tuple[FollowUp, ...]:
    found: list[FollowUp] = []
    if missed is not None:
        period, end = missed.told.period, missed.kept.data_end
        before = Period(end - timedelta(days=period.days - 1), end)
        args = {
            "metric": request.metric.id,
            "period": _days(period),
            "compare": _days(before),
            "filters": [f.model_dump(mode="json") for f in missed.kept.filters],
        }
        call = ToolCall("drivers", {name: value for name, value in args.items() if value})
        found.append(FollowUp(say("Why did it move, {period}?", period=period), call))
    found.append(FollowUp(say("Forecast {metric}", metric=request.metric.label.label.inside()), request.call()))
    for metric in metrics_kept(request.context):
        if metric != request.metric.id and metric in request.context.catalog.metrics:
            label = request.context.catalog.metrics[metric].label.label.inside()
            call = ToolCall(NAME, {"show": "scoreboard", "metric": metric})
            found.append(FollowUp(say("How good were those of {metric}?", metric=label), call))
    return tuple(found[:4])


def _days(period: Period) -> dict[str, str]:
    return {"start": period.start.isoformat(), "end": period.end.isoformat()}


def _provenance(request: Request) -> Provenance:
    metric = request.metric
    return Provenance(
        definition=(
            say("{metric}: {definition}", metric=metric.label.label, definition=metric.definition.label),
            say(
                "Off by: the sum of absolute differences between what came and what was expected, as a share of what "
                "came."
            ),
            say("Every forecast that is asked for is kept as it was told, once a day, and never changed."),
        ),
        filters=tuple(filter_text(request.named, f) for f in request.args.filters),
        tables=request.context.catalog.tables_of(metric),
        as_of=request.outlook.past.reach.last,
    )


# --- Tries on earlier days ------------------------------------------------------------------------------------


def _tried(request: Request, judging: Judging) -> Answer:
    """No kept forecast is over: what the method would have said earlier, knowing nothing later."""
    from tools.stats.forecasting.engine import TooShort

    try:
        backtest = request.outlook.forecasts.total.backtest
    except TooShort as error:
        raise too_short(request, error.steps, error.needed) from error
    ahead = Quantity(request.period.days, "days")
    lines: list[Message] = []
    if backtest.coverage is not None:
        lines.append(
            say(
                "{coverage} of the rows lay within the {level} interval.",
                coverage=Quantity(backtest.coverage, "ratio"),
                level=INTERVAL,
            )
        )
    if judging.kept:
        first = min(judging.kept, key=lambda kept: kept.whole.period.end).whole.period
        lines.append(
            say_n(
                "{count} forecast is kept; the first that can be judged is that of {period}.",
                "{count} forecasts are kept; the first that can be judged is that of {period}.",
                len(judging.kept),
                period=first,
            )
        )
    else:
        lines.append(say("From now on every forecast that is asked for is kept and held against what comes."))
    return Answer(
        headline=_tries(request, ahead),
        lines=tuple(lines),
        facts=around.backtest_facts(backtest, request.period, request.where),
        file_name="forecasts",
        follow_ups=_follow_ups(request, None),
        provenance=_provenance(request),
    )


def _tries(request: Request, ahead: Quantity) -> Message:
    backtest = request.outlook.forecasts.total.backtest
    if backtest.error is None or backtest.naive_error is None:
        return say(
            "No kept forecast of {metric} is over yet, and there is too little history to try any.",
            metric=request.title_inside,
        )
    return say(
        "No kept forecast of {metric} is over yet. In {count} tries on earlier days, {ahead} ahead, the method was off "
        "by {error} on average; repeating the season before would have been off by {naive}",
        metric=request.title_inside,
        count=backtest.origins,
        ahead=ahead,
        error=Quantity(backtest.error, "ratio"),
        naive=Quantity(backtest.naive_error, "ratio"),
    )
