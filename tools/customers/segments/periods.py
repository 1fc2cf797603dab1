"""Over which days a rule's customers are shown, and the same rule as it was 30 days earlier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tools.customers.rules import All, Dated, Did, In, Not, Rule, conditions, leaves, negation
from tools.customers.rules import Any as AnyOf
from tools.semantic.periods import Grain, unit
from tools.semantic.query import Days

TREND = timedelta(days=30)
YEAR = timedelta(days=364)
_TO_DATE: tuple[Grain, ...] = ("month", "quarter", "year")
# How long a time people name by its length; others that end today are named by the day on which they begin.
_USUAL_DAYS = frozenset(
    (*range(2, 8), 10, 14, 15, 20, 21, 28, 30, 45, 56, 60, 84, 90, 100, 120, 150, 180, 200, 270, 300, 365, 500, 730)
)


@dataclass(frozen=True)
class Earlier:
    """A rule moved back, and the day from which it looks back."""

    rule: Rule | None
    today: date


def last_year(today: date) -> Days:
    """The 365 days that end today."""
    return Days(start=today - YEAR, end=today)


def shown_period(rule: Rule | None, first: date, today: date) -> Days:
    """The days over which a rule's customers are shown, so that their figures agree with what the rule says.

    That is the time in which the rule says that something was done, from the beginning of the earliest period to the
    end of the latest; a condition without a period is about everything since `first`, the day when the data begins,
    and so is what customers who did not buy, or last bought long ago, did before. Else it is the last 365 days.
    """
    ever = Days(start=first, end=today)
    said = [] if rule is None else [leaf for leaf in conditions(rule) if isinstance(leaf, Did | Dated)]
    done = [leaf.period or ever for leaf in said if isinstance(leaf, Did) and _says_what_was_done(leaf)]
    if done:
        return Days(start=min(period.start for period in done), end=max(period.end for period in done))
    if any(isinstance(leaf, Dated) or _is_long_gone(leaf) for leaf in said):
        return ever
    return last_year(today)


def has_usual_length(period: Days) -> bool:
    """Whether people would name it by how many days it has."""
    return period.period.days in _USUAL_DAYS


def earlier(rule: Rule | None, today: date, first: date) -> Earlier | None:
    """The rule as of 30 days before today; None where its periods do not move along or the data begins too late.

    Periods that end today and are not "this month so far" and the like move along. Clusters are made anew on every
    day, so they have no earlier size.
    """
    back = today - TREND
    if back < first:
        return None
    if rule is None:
        return Earlier(None, back)
    for leaf in leaves(rule):
        if isinstance(leaf, In) and leaf.scheme == "cluster":
            return None
        period = leaf.period if isinstance(leaf, Did | Dated) else None
        if period is not None and (not rolls(period, today) or period.start - TREND < first):
            return None
    return Earlier(moved_along(rule, today, back), back)


def moved_along(rule: Rule, then: date, now: date) -> Rule:
    """The rule as it reads on another day: periods that rolled up to the one end on the other."""
    match rule:
        case All(all=parts):
            return All(all=tuple(moved_along(part, then, now) for part in parts))
        case AnyOf(any=parts):
            return AnyOf(any=tuple(moved_along(part, then, now) for part in parts))
        case Not(not_=part):
            return negation(moved_along(part, then, now))
        case Did(period=Days() as period) | Dated(period=period) if rolls(period, then):
            moved = Days(start=period.start + (now - then), end=period.end + (now - then))
            return rule.model_copy(update={"period": moved})
        case _:
            return rule


def rolls(period: Days, today: date) -> bool:
    """Whether it is the days up to today, and not the month, quarter or year so far."""
    return period.end == today and all(period.start != unit(today, grain).start for grain in _TO_DATE)


def is_nothing(leaf: Did) -> bool:
    """Whether it says that there was no order at all."""
    return leaf.measure == "orders" and (leaf.op, leaf.value) in (("=", 0), ("<", 1), ("<=", 0))


def _says_what_was_done(leaf: Did) -> bool:
    return not is_nothing(leaf) and not leaf.measure.startswith("days_since")


def _is_long_gone(leaf: Did) -> bool:
    """Whether such customers have bought nothing of late, so that figures of the last 365 days say little."""
    if is_nothing(leaf):
        return not leaf.where
    return (
        leaf.measure == "days_since_last_order"
        and leaf.op in (">", ">=", "=")
        and leaf.value > YEAR.days
        and not leaf.where
    )
