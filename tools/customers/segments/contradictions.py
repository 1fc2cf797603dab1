"""Rules that nobody can ever meet, told from those that merely nobody meets today."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Literal, TypeAlias

from tools.customers.rules import All, Comparison, Dated, Did, Has, In, Measure, Not, Rule, negation
from tools.customers.rules import Any as AnyOf
from tools.semantic.query import Days

# Combinations of alternatives looked at; what is beyond them counts as possible.
MOST_BRANCHES = 256
WHOLE: tuple[Measure, ...] = (
    "orders",
    "units",
    "products",
    "returned_orders",
    "days_since_last_order",
    "days_since_first_order",
)
# They only grow with the lines they look at.
GROWING: tuple[Measure, ...] = ("orders", "units", "products", "gross_sales", "returns", "returned_orders")
# There is none of them without an order.
OF_ORDERS: tuple[Measure, ...] = ("orders", "units", "products", "gross_sales")
WITHOUT_MISSING: tuple[Measure, ...] = (*GROWING, "net_sales")
_OPPOSITE: dict[Comparison, Comparison] = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "=": "!=", "!=": "="}
Leaf: TypeAlias = Did | Dated | Has | In
Pair: TypeAlias = tuple[Rule, Rule]


@dataclass(frozen=True)
class _Holds:
    """A condition that must hold, or (`negated`) must not."""

    leaf: Leaf
    negated: bool

    @property
    def rule(self) -> Rule:
        return negation(self.leaf) if self.negated else self.leaf


@dataclass(frozen=True)
class _Range:
    """Values from `low` to `high`; both included where not `open_`."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    def apart_from(self, other: _Range) -> bool:
        return self.below(other) or other.below(self)

    def below(self, other: _Range) -> bool:
        """Whether all of it lies below all of the other."""
        return self.high < other.low or (self.high == other.low and (self.high_open or other.low_open))


def contradiction(rule: Rule, today: date) -> Pair | None:
    """Two parts of the rule that exclude one another, in every way to meet it; None where there are none.

    Of several alternatives all must be impossible; the pair is then that of the first.
    """
    first: Pair | None = None
    for number, branch in enumerate(_branches(rule, negated=False)):
        if number == MOST_BRANCHES:
            return None
        pairs = combinations(branch, 2)
        pair = next(((a, b) for a, b in pairs if _exclude(a, b, today) or _exclude(b, a, today)), None)
        if pair is None:
            return None
        first = first or (pair[0].rule, pair[1].rule)
    return first


def _branches(rule: Rule, *, negated: bool) -> Iterator[tuple[_Holds, ...]]:
    """The ways in which the rule can be met, each a set of conditions that must all hold."""
    match rule:
        case Not(not_=part):
            yield from _branches(part, negated=not negated)
        case All(all=parts) if not negated:
            yield from _together(parts, negated=False)
        case AnyOf(any=parts) if negated:
            yield from _together(parts, negated=True)
        case All(all=parts) | AnyOf(any=parts):
            for part in parts:
                yield from _branches(part, negated=negated)
        case _:
            yield (_Holds(rule, negated),)


def _together(parts: Sequence[Rule], *, negated: bool) -> Iterator[tuple[_Holds, ...]]:
    if not parts:
        yield ()
        return
    for first in _branches(parts[0], negated=negated):
        for rest in _together(parts[1:], negated=negated):
            yield first + rest


def _exclude(one: _Holds, other: _Holds, today: date) -> bool:
    """Whether the two cannot hold together; asked both ways round."""
    match one.leaf, other.leaf:
        case Did() as a, Did() as b:
            if _is_of_days(a) and not one.negated and not _is_of_days(b):
                return all(_day_excludes(day, b, other.negated, today) for day in _days_of(a, today))
            return _measures_exclude(a, one.negated, b, other.negated)
        case Dated() as a, Dated() as b if not one.negated and not other.negated:
            if a.event == b.event:
                return not a.period.period.overlaps(b.period.period)
            return a.event == "first_order" and a.period.start > b.period.end
        case Dated() as a, Dated() as b:
            return one.negated is not other.negated and a == b
        case Dated() as a, Did() as b:
            return not one.negated and _day_excludes(a, b, other.negated, today)
        case Has() as a, Has() as b if a.attribute == b.attribute:
            return _sets_exclude(
                set(a.values), (a.op == "in") is not one.negated, set(b.values), (b.op == "in") is not other.negated
            )
        case In() as a, In() as b if a.scheme == b.scheme:
            return _sets_exclude(set(a.groups), not one.negated, set(b.groups), not other.negated)
        case In(scheme="lifecycle", groups=("prospect",)), Dated():
            return not one.negated and not other.negated
        case In(scheme="lifecycle", groups=("prospect",)), Did() as b:
            return not one.negated and b.measure in OF_ORDERS and _least(b, other.negated) > 0
        case _:
            return False


def _sets_exclude(one: set[str], one_in: bool, other: set[str], other_in: bool) -> bool:
    if one_in and other_in:
        return not one & other
    return one_in and not other_in and one <= other


def _measures_exclude(a: Did, a_not: bool, b: Did, b_not: bool) -> bool:
    if a == b and a_not is not b_not:
        return True
    if a.measure == b.measure and _within(a, b) and _within(b, a):
        if a.measure not in WITHOUT_MISSING and a_not and b_not:
            return False  # whoever has none of it meets both
        for one in _ranges(a, a_not):
            for other in _ranges(b, b_not):
                if not one.apart_from(other):
                    return False
        return True
    if not _within(a, b):
        return False
    # What is counted for `a` is counted for `b` too.
    most = max(found.high for found in _ranges(b, b_not))
    if a.measure == b.measure and a.measure in GROWING:
        return _least(a, a_not) > most
    # Without an order there are no units, no sales …
    return b.measure == "orders" and most < 1 and a.measure in (*OF_ORDERS, "net_sales") and _least(a, a_not) > 0


def _day_excludes(dated: Dated, did: Did, did_not: bool, today: date) -> bool:
    """Whether the day of the first or last order leaves no room for what was done."""
    start, end = dated.period.start, min(dated.period.end, today)
    if did.measure in ("days_since_last_order", "days_since_first_order"):
        if did.where or did_not or did.measure.removeprefix("days_since_") != dated.event:
            return False
        days = _Range((today - end).days, (today - start).days)
        return all(days.apart_from(found) for found in _ranges(did, did_not))
    if did.measure not in OF_ORDERS:
        return False
    if _least(did, did_not) > 0:
        if did.period is None:
            return False
        return did.period.end < start if dated.event == "first_order" else did.period.start > end
    nothing = max(found.high for found in _ranges(did, did_not)) < 1 and did.measure == "orders" and not did.where
    return nothing and (did.period is None or (did.period.start <= start and end <= did.period.end))


def _is_of_days(did: Did) -> bool:
    return did.measure.startswith("days_since") and not did.where


def _days_of(did: Did, today: date) -> Iterator[Dated]:
    """On which days the first or last order fell, so many days ago."""
    for found in _ranges(did, False):
        if found.low > found.high:
            continue
        furthest = (today - date.min).days
        end = today - timedelta(days=int(min(found.low, furthest)))
        start = today - timedelta(days=int(min(found.high, furthest)))
        event: Literal["first_order", "last_order"] = "last_order" if "last" in did.measure else "first_order"
        yield Dated(event=event, period=Days(start=start, end=end))


def _within(a: Did, b: Did) -> bool:
    """Whether every line that `a` looks at is one that `b` looks at."""
    if not set(b.where) <= set(a.where):
        return False
    return b.period is None or (a.period is not None and b.period.period.contains(a.period.period))


def _least(did: Did, negated: bool) -> float:
    """The least value that meets the condition."""
    found = min(_ranges(did, negated), key=lambda r: (r.low, r.low_open))
    return math.nextafter(found.low, math.inf) if found.low_open else found.low


def _ranges(did: Did, negated: bool) -> tuple[_Range, ...]:
    """The values that meet the condition: one range, or two for "other than"."""
    op = _OPPOSITE[did.op] if negated else did.op
    least = -math.inf if did.measure == "net_sales" else 0.0
    value = did.value
    if did.measure in WHOLE:
        below, above = math.ceil(value) - 1, math.floor(value) + 1
        exact = (_Range(value, value),) if value.is_integer() else ()
        found: dict[Comparison, tuple[_Range, ...]] = {
            ">": (_Range(above),),
            ">=": (_Range(math.ceil(value)),),
            "<": (_Range(least, below),),
            "<=": (_Range(least, math.floor(value)),),
            "=": exact,
            "!=": (_Range(least, below), _Range(above)),
        }
    else:
        found = {
            ">": (_Range(value, low_open=True),),
            ">=": (_Range(value),),
            "<": (_Range(least, value, high_open=True),),
            "<=": (_Range(least, value),),
            "=": (_Range(value, value),),
            "!=": (_Range(least, value, high_open=True), _Range(value, low_open=True)),
        }
    # Nothing is below the least; an empty range is apart from every other.
    kept = tuple(
        _Range(max(r.low, least), r.high, r.low_open and r.low >= least, r.high_open)
        for r in found[op]
        if r.high >= least
    )
    return kept or (_Range(math.inf, -math.inf),)
