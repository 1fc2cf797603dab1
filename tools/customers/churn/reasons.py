"""Why a customer may be leaving, in words: what adds to the log odds, told by figures that a reader can check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from tools.customers.churn.model import Theme, returned_share
from tools.messages import Message, Quantity, say, say_n

if TYPE_CHECKING:
    from tools.customers.churn.features import Snapshot
    from tools.stats.logistic import Vector

MOST_REASONS = 3
# Less than this in log odds, or than this share of all that speaks for leaving, is not worth a word.
LEAST_CONTRIBUTION = 0.1
LEAST_SHARE = 0.1
LATE = 1.0  # × the usual gap
SMALLER = 0.25
RETURNED = 0.05
FEW_MESSAGES = 2
LONG_UNSEEN = 30
FEW_PRODUCTS = 3


def reasons_of(snapshot: Snapshot, contributions: Mapping[Theme, Vector], at: int) -> tuple[Message, ...]:
    """The weightiest reasons of the customer at a place, none that speaks for staying or cannot be told truly."""
    towards = {theme: float(parts[at]) for theme, parts in contributions.items() if parts[at] > 0}
    whole = sum(towards.values())
    found: list[Message] = []
    for theme in sorted(towards, key=lambda one: (-towards[one], one)):
        if towards[theme] < max(LEAST_CONTRIBUTION, LEAST_SHARE * whole) or len(found) == MOST_REASONS:
            break
        message = _WORDS[theme](_Figures(snapshot, at))
        if message is not None:
            found.append(message)
    return tuple(found)


class _Figures:
    """One customer's row of a snapshot; what the store does not have is NaN."""

    def __init__(self, snapshot: Snapshot, at: int) -> None:
        self._snapshot = snapshot
        self._at = at

    def __getitem__(self, name: str) -> float:
        return float(self._snapshot[name][self._at]) if name in self._snapshot else float("nan")

    @property
    def returned(self) -> float:
        return float(returned_share(self._snapshot)[self._at])


def _days(value: float) -> Quantity:
    return Quantity(round(value), "days")


def _rhythm(one: _Figures) -> Message | None:
    recency, gap = one["recency"], one["gap_mean"]
    if np.isnan(gap):
        return say("ordered on one day only, {days} ago", days=_days(recency))
    if recency > LATE * gap:
        return say("last ordered {days} ago (usually every {gap})", days=_days(recency), gap=_days(gap))
    return say("orders seldom: every {gap} on average", gap=_days(gap)) if gap >= 30 else None


def _frequency(one: _Figures) -> Message | None:
    recent, before = one["orders_90"], one["orders_180"] - one["orders_90"]
    if recent < before:
        return say(
            "orders in the last 90 days: {recent}, in the 90 before: {before}",
            recent=Quantity(int(recent)),
            before=Quantity(int(before)),
        )
    return None  # who ordered in neither is told of by the rhythm


def _spend(one: _Figures) -> Message | None:
    recent, before = one["sales_90"], one["sales_before_90"]
    if before > 0 and recent < before * (1 - SMALLER):
        if recent <= 0:
            return say("no net sales in the last 90 days, after some in the 90 before")
        return say(
            "spent {share} less in the last 90 days than in the 90 before", share=Quantity(1 - recent / before, "ratio")
        )
    usual = one["gross_sales"] / one["orders"]
    if one["orders"] > 1 and usual > 0 and one["last_value"] < usual * (1 - SMALLER):
        return say(
            "the last order was {share} smaller than usual", share=Quantity(1 - one["last_value"] / usual, "ratio")
        )
    return None


def _value(one: _Figures) -> Message | None:
    return say("has spent little so far") if one["orders"] <= 2 else None


def _returns(one: _Figures) -> Message | None:
    share = one.returned
    return say("returned {share} of what was bought", share=Quantity(share, "ratio")) if share >= RETURNED else None


def _variety(one: _Figures) -> Message | None:
    products = int(one["products"])
    if products > FEW_PRODUCTS:
        return None
    return say_n("has bought {count} product only", "has bought {count} different products only", products)


def _season(one: _Figures) -> Message | None:
    if one["tenure"] >= 365 and one["orders_year_ago"] == 0:
        return say("placed no order in this season a year ago")
    return None


def _messages(one: _Figures) -> Message | None:
    if one["unsubscribed"] > 0:
        return say("opted out of messages")
    if one["messages"] >= FEW_MESSAGES and one["opened"] == 0:
        return say_n(
            "opened none of {count} message in the last half year",
            "opened none of {count} messages in the last half year",
            int(one["messages"]),
        )
    return None


def _visits(one: _Figures) -> Message | None:
    unseen = one["days_since_visit"]
    return say("has not visited the shop for {days}", days=_days(unseen)) if unseen > LONG_UNSEEN else None


def _coupons(one: _Figures) -> Message | None:
    if one["coupons"] >= 1 and one["coupons_used"] == 0:
        return say_n(
            "used none of {count} coupon in the last half year",
            "used none of {count} coupons in the last half year",
            int(one["coupons"]),
        )
    return None


def _complaints(one: _Figures) -> Message | None:
    bad = one["complaints"]
    if not bad > 0:
        return None
    return say_n(
        "wrote {count} bad review in the last half year", "wrote {count} bad reviews in the last half year", int(bad)
    )


_WORDS: Mapping[Theme, Callable[[_Figures], Message | None]] = {
    "rhythm": _rhythm,
    "frequency": _frequency,
    "spend": _spend,
    "value": _value,
    "returns": _returns,
    "variety": _variety,
    "season": _season,
    "messages": _messages,
    "visits": _visits,
    "coupons": _coupons,
    "complaints": _complaints,
}
