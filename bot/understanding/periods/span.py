"""What the period grammar finds in a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tools.semantic.periods import Grain, Period

SpanKind = Literal["period", "baseline", "grain", "each", "relative_to_previous"]
Baseline = Literal["previous_period", "year_ago"]
Assumption = Literal[
    "year",  # the year was not said: the latest that has begun (or, with prefer="future", the next that has not ended)
    "month",  # the month was not said ("the 5th")
    "rolling",  # "last 3 months": 3 months back from today, today included
    "complete_units",  # "previous 3 months", or "last 3 quarters": whole calendar units, the current one left out
    "day_order",  # 03/04/2011
    "fiscal_year",  # fiscal words with a fiscal year that does not begin in January
    "extent",  # a word whose limits are custom: "early November", "first week of May", "Easter"
    "reading",  # words with two readings: "Nov 11", "last Monday", "from March"
]


@dataclass(frozen=True)
class PeriodSpan:
    """Characters `start` to `end` (exclusive) of a text that speak of time.

    kind
        "period": a time range, in `period`.
        "baseline": a wish to compare (`baseline`), such as "vs last year", 环比. `period` is the range it
        names counted from today, if it names one; `grain` the unit it names ("vs last month": month).
        "grain": a wish for buckets of `grain`, such as "by month", 每天.
        "each": a recurrence, such as "every Monday", 每周一; `grain` is its cycle.
        "relative_to_previous": a range counted from the one spoken of before, such as "the week before":
        `offset` units of `grain`; where it is `ranged`, all of these units ("the 7 days before that").
    period
        None where the words name no range, and for impossible dates (30 February), which have certainty 0.
    assumed
        What had to be assumed, if anything.
    certainty
        1.0 plain; 0.9 a repaired typo, or a unit still running; 0.6 to 0.8 the usual reading of several; 0.5 and
        less: ask before relying on it. `alternatives` holds the other readings.
    """

    start: int
    end: int
    period: Period | None
    kind: SpanKind = "period"
    baseline: Baseline | None = None
    grain: Grain | None = None
    offset: int = 0
    ranged: bool = False
    assumed: Assumption | None = None
    certainty: float = 1.0
    alternatives: tuple[Period, ...] = ()
