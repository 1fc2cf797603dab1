"""What comes before the drivers: as far as the period goes, days out of stock, and the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.drivers.answers.naming import at_start, called, level, moved
from tools.messages import Label, Message, Quantity, Value, say
from tools.semantic.periods import Period

if TYPE_CHECKING:
    from tools.drivers.analysis import Analysis
    from tools.drivers.calendar_effects import Weekdays
    from tools.drivers.whole import Whole

MATTERS_OF_CHANGE, MATTERS_OF_FIGURE = 0.1, 0.05  # from such a share on, a calendar effect is said
WEEKDAYS_SAID = 2
DAYS = (
    Label("Monday", "周一"),
    Label("Tuesday", "周二"),
    Label("Wednesday", "周三"),
    Label("Thursday", "周四"),
    Label("Friday", "周五"),
    Label("Saturday", "周六"),
    Label("Sunday", "周日"),
)
WEEKDAYS = tuple(Label(f"{day.en}s", day.zh) for day in DAYS)


def running_line(analysis: Analysis) -> list[Message]:
    request = analysis.request
    if not request.running:
        return []
    asked = request.args.period.period
    return [
        say(
            "{asked} is not over: {period} is compared with {baseline}.",
            asked=asked,
            period=request.now,
            baseline=request.before,
        )
    ]


def stock_out_line(analysis: Analysis) -> list[Message]:
    request, found = analysis.request, analysis.stock_out
    if found is None:
        return []
    shown: dict[str, Value] = {
        "product": at_start(request, request.context.catalog.dimension("product"), found.product),
        "days": Quantity(found.days),
        "all": Quantity(found.of_days),
        "period": found.period,
        "fewer": Quantity(found.other_days),
        "other": found.other,
    }
    if not found.other_days:
        return [say("{product} was out of stock on {days} of {all} days in {period}.", **shown)]
    return [say("{product} was out of stock on {days} of {all} days in {period}, against {fewer} in {other}.", **shown)]


def calendar_line(analysis: Analysis, whole: Whole) -> list[Message]:
    request, weekdays = analysis.request, analysis.weekdays
    if weekdays is None or not _matters(weekdays.effect, whole):
        return []
    rate = weekdays.comparable_rate(whole.before, whole.now)
    if rate is None:
        return []
    before, now = weekdays.days
    shown: dict[str, Value] = {
        "effect": moved(request, weekdays.effect),
        "rate": Quantity(rate, "ratio", signed=True),
        "metric": request.metric.label.label.inside(),
    }
    if before == now == 1:
        return [_single(analysis, weekdays, shown)]
    if weekdays.by_length:
        shown |= {"now": Quantity(now, "days"), "before": Quantity(before, "days")}
        return [
            say(
                "Calendar first: {now} against {before} account for {effect}; on like days, {metric} moved {rate}.",
                **shown,
            )
        ]
    shown["days"] = tuple(_counted(weekdays, weekday) for weekday in weekdays.moved[:WEEKDAYS_SAID])
    return [
        say(
            "Calendar first: other weekdays ({days}) account for {effect}; on like days, {metric} moved {rate}.",
            **shown,
        )
    ]


def _counted(weekdays: Weekdays, weekday: int) -> Message:
    """“5 Saturdays against 4”."""
    before, now = weekdays.counts[weekday]
    name = (DAYS if now == 1 else WEEKDAYS)[weekday]
    return say("{now} {weekdays} against {before}", now=now, weekdays=name, before=before)


def _single(analysis: Analysis, weekdays: Weekdays, shown: dict[str, Value]) -> Message:
    """A Sunday against a Monday: what either usually brings."""
    request = analysis.request
    first, second = request.before.start.weekday(), request.now.start.weekday()
    return say(
        "Calendar first: a {first} brings about {first_usual}, a {second} {second_usual}; beyond that, {metric} moved "
        "{rate}.",
        first=DAYS[first],
        first_usual=level(request, weekdays.usual[first]),
        second=DAYS[second],
        second_usual=level(request, weekdays.usual[second]),
        **shown,
    )


def _matters(effect: float, whole: Whole) -> bool:
    return abs(effect) >= MATTERS_OF_CHANGE * abs(whole.change) or abs(effect) >= MATTERS_OF_FIGURE * abs(whole.before)


def occasion_line(analysis: Analysis, whole: Whole) -> list[Message]:
    """A plain fact: what its days brought, and what like days did."""
    request, one = analysis.request, analysis.occasion
    if one is None or not _matters(one.beyond, whole):
        return []
    country = request.context.catalog.dimension("country")
    places = tuple(called(request, country, name) for name in one.countries)
    shown: dict[str, Value] = {
        "occasion": say("{occasion} in {countries}", occasion=one.label, countries=places) if places else one.label,
        "brought": level(request, one.brought),
        "usual": level(request, one.usual),
    }
    here, there = (request.now, request.before) if one.in_period else (request.before, request.now)
    if min(one.days_now, one.days_before):
        return [
            say(
                "{occasion}: {more} in {period}, {fewer} in {other}, with {brought} a day against {usual} on like "
                "weekdays.",
                more=Quantity(max(one.days_now, one.days_before), "days"),
                period=here,
                fewer=Quantity(min(one.days_now, one.days_before), "days"),
                other=there,
                **shown,
            )
        ]
    return [
        say(
            "{occasion}, {days}: {brought} a day against {usual} on like weekdays. None of it in {other}.",
            days=Period(one.days[0], one.days[-1]),
            other=there,
            **shown,
        )
    ]
