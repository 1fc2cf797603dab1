"""What of a rule is shown beside its customers: the values that it compares, and who is there for buying nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tools.customers.rules import All, Did, Rule, conditions
from tools.customers.segments.periods import is_nothing

if TYPE_CHECKING:
    from tools.semantic.query import Days

MOST_COMPARED = 2
LISTED = ("orders", "net_sales")
"""Measures that a list of customers shows anyway, in its own period."""
_OF_WHAT_WAS_BOUGHT = ("orders", "net_sales", "gross_sales", "units", "products")


def compared_columns(rule: Rule | None, shown: Days, ever: Days) -> Mapping[str, Did]:
    """Column name → the condition whose value stands in it: at most two, those that the list would not show anyway.

    Whether anything was bought at all needs no column, and the days since an order are told by its date. `shown` is
    the period of the list, `ever` that of conditions without one.
    """
    found: dict[str, Did] = {}
    seen = set()
    for leaf in conditions(rule) if rule is not None else ():
        if not isinstance(leaf, Did) or _is_yes_or_no(leaf):
            continue
        dated = leaf.measure.startswith("days_since")
        if not leaf.where and (dated or (leaf.measure in LISTED and (leaf.period or ever) == shown)):
            continue
        key = (leaf.measure, leaf.period, frozenset(leaf.where))
        if key not in seen and len(found) < MOST_COMPARED:
            seen.add(key)
            found[f"compared_{len(found) + 1}"] = leaf
    return found


def met_by_nothing(rule: Rule | None) -> Did | None:
    """The first condition that whoever bought nothing meets too: less than so much, of what is bought in some time."""
    for leaf in conditions(rule) if rule is not None else ():
        if (
            isinstance(leaf, Did)
            and leaf.measure in _OF_WHAT_WAS_BOUGHT
            and leaf.op in ("<", "<=")
            and (leaf.value > 0 or (leaf.op == "<=" and leaf.value == 0))
            and not is_nothing(leaf)
            and (leaf.period is not None or leaf.where)
        ):
            return leaf
    return None


def buying(rule: Rule, leaf: Did, *, something: bool) -> All:
    """The customers of a rule who bought something, or nothing, in the time and of the things of a condition."""
    bought = Did(
        measure="orders", op=">=" if something else "=", value=float(something), period=leaf.period, where=leaf.where
    )
    parts = rule.all if isinstance(rule, All) else (rule,)
    return All(all=(*parts, bought))


def _is_yes_or_no(leaf: Did) -> bool:
    """Whether it asks only if there is any order, or any return."""
    if leaf.measure not in ("orders", "returned_orders"):
        return False
    return (leaf.op, leaf.value) in ((">=", 1), (">", 0), ("!=", 0), ("<", 1), ("<=", 0), ("=", 0))
