"""Over which days a rule's customers are shown, and the same rule as it was 30 days earlier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tools.customers.rules import All, Dated, Did, In, Not, Rule, leaves, negation
from tools.customers.rules import Any as AnyOf
from tools.semantic.periods import Grain, unit
from tools.semantic.query import Days

TREND = timedelta(days=30)
YEAR = timedelta(days=364)
_TO_DATE: tuple[Grain, ...] = ("month", "quarter", "year")


@dataclass(frozen=True)
class Earlier:
    """A rule moved back, and the day from which it looks back."""

    rule: Rule | None
    today: date


def last_year(today: date) -> Days:
    """The 365 days that end today."""
    return Days(start=today - YEAR, end=today)


def shown_period(rule: Rule | None, today: date) -> Days:
    """The rule's period where it has one in which something was done; else the last 365 days."""
    done = {
        leaf.period
        for leaf in (leaves(rule) if rule is not None else ())
        if isinstance(leaf, Did) and leaf.period is not None and not _is_nothing(leaf)
    }
    return done.pop() if len(done) == 1 else last_year(today)


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


def _is_nothing(leaf: Did) -> bool:
    return leaf.measure == "orders" and (leaf.op, leaf.value) in (("=", 0), ("<", 1), ("<=", 0))
