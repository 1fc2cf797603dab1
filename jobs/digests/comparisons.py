"""What the days of a digest are held against, and when a figure moved beyond what is usual."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from tools.messages import Label, Message, Value, say
from tools.semantic.periods import Grain, Period, shift, split, unit
from tools.semantic.wording import WEEKDAYS

WEEK = 7
YEAR = timedelta(days=364)  # 52 weeks: the same weekdays
USUAL = 8  # like periods before, in which what is usual shows
FEWEST_USUAL = 4
LEAST_MOVED = 0.1  # of the figure before
SPREADS = 2 * 1.4826  # two standard deviations, by the median absolute one
CHANCE = 2.0
STEPS: dict[Grain, int] = {"day": 28, "week": 26, "month": 13}


@dataclass(frozen=True)
class Baseline:
    """Days that a figure is held against: what its column is called, also where width is dear, and the days within a
    sentence.
    """

    name: str
    period: Period
    label: Label
    short: Label
    phrase: Message


def step_of(told: Period) -> tuple[Grain, int]:
    """(grain, n) in which a period is followed: whole weeks and months as such, all else by the day."""
    whole = told.whole_units()
    if whole is None or whole[0] == "day":
        return "day", told.days
    if whole[0] == "week":
        return whole
    return "month", sum(1 for _ in split(told, "month"))


def baselines(told: Period) -> tuple[Baseline, ...]:
    """Of a day: the same weekday last week, the day before, and the weekday 52 weeks ago; of days between whole weeks:
    the same weekdays; of weeks and months: those before, and a year ago. The first is what headlines compare with.
    """
    grain, count = step_of(told)
    if grain == "day":
        ago = Period(told.start - YEAR, told.end - YEAR)
        week = _back(told, grain, _distance(told))
        found = [Baseline("week", week, Label("vs last week", "较上周"), Label("Week", "上周"), _week_before(told))]
        if told.days == 1:
            before = told.previous()
            label, short = Label("vs day before", "较前日"), Label("Day", "前日")
            found.append(Baseline("day", before, label, short, say("the day before")))
    else:
        ago, before = told.year_ago(), told.previous()
        label, short, phrase = _before(grain)
        if count > 1:
            label, short, phrase = Label("vs before", "较前期"), Label("Before", "前期"), say("{period}", period=before)
        found = [Baseline("before", before, label, short, phrase)]
    label, short = Label("vs last year", "较去年"), Label("Year", "去年")
    return (*found, Baseline("year", ago, label, short, say("{period}", period=ago)))


def _before(grain: Grain) -> tuple[Label, Label, Message]:
    if grain == "week":
        return Label("vs week before", "较上周"), Label("Week", "上周"), say("the week before")
    return Label("vs month before", "较上月"), Label("Month", "上月"), say("the month before")


def like_before(told: Period) -> tuple[Period, ...]:
    """The eight like periods before: the same weekdays, weeks, or months. The nearest first."""
    grain, count = step_of(told)
    each = _distance(told) if grain == "day" else count
    return tuple(_back(told, grain, each * n) for n in range(1, USUAL + 1))


def steps(told: Period) -> tuple[Period, ...]:
    """The days, weeks or months of the small picture, to the end of the period."""
    grain, _count = step_of(told)
    last = unit(told.end, grain)
    first = unit(shift(last.start, grain, 1 - STEPS[grain]), grain)
    return tuple(split(Period(first.start, last.end), grain))


def differs(now: float | None, before: float | None, usual: Sequence[float], *, counted: bool = False) -> bool:
    """Whether a figure differs from another by more than a tenth of it, and by more than two usual deviations (median
    absolute, as a standard one) of the like periods before, where there are four of them or more. What is `counted`
    also by more than two deviations of chance, so that a handful stays quiet (Poisson).
    """
    if now is None or before is None or math.isclose(now, before, rel_tol=1e-9, abs_tol=1e-12):
        return False
    spread = 0.0
    if len(usual) >= FEWEST_USUAL:
        middle = median(usual)
        spread = SPREADS * median(abs(value - middle) for value in usual)
    if counted:
        spread = max(spread, CHANCE * math.sqrt(abs(now) + abs(before)))
    return abs(now - before) > max(LEAST_MOVED * abs(before), spread)


def moved(now: float | None, before: float | None, usual: Sequence[float], *, counted: bool = False) -> bool:
    """Whether a figure differs from the like period before, and from the median of them where there are four or more:
    what is back to the usual after a great day is no news.
    """
    if not differs(now, before, usual, counted=counted):
        return False
    return len(usual) < FEWEST_USUAL or differs(now, median(usual), usual, counted=counted)


def _distance(told: Period) -> int:
    """Whole weeks, in days, so that like weekdays meet."""
    return WEEK * math.ceil(told.days / WEEK)


def _back(told: Period, grain: Grain, count: int) -> Period:
    if grain != "month":
        days = timedelta(days=count if grain == "day" else WEEK * count)
        return Period(told.start - days, told.end - days)
    start = shift(told.start, "month", -count)
    return Period(start, unit(shift(unit(told.end, "month").start, "month", -count), "month").end)


def _week_before(told: Period) -> Message:
    if told.days == 1:
        weekday: Value = WEEKDAYS[told.start.weekday()]
        return say("the {weekday} before", weekday=weekday)
    if told.days <= WEEK:
        return say("the same days a week before")
    return say("{period}", period=_back(told, "day", _distance(told)))
