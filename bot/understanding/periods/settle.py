"""The year that words leave unsaid."""

from __future__ import annotations

from dataclasses import replace

from bot.understanding.periods.node import Node, Setting, always


def settle(node: Node, s: Setting) -> Node:
    """`node` with its year: the latest in which it has begun, or, looking ahead, the next in which it has not ended.

    A unit still running is given whole, with the one a year before as the other reading. Of a range without a year
    the last unit must have begun too. Where no year of the last eight has such a day, the result has no period.
    """
    if not node.open_year:
        return node
    tried = range(s.today.year, s.today.year + 9) if s.future else range(s.today.year + 1, s.today.year - 9, -1)
    year = next((year for year in tried if _fits(node, year, s)), None)
    if year is None:
        return replace(node, at=always(None), open_year=False, certainty=0.0, others=())
    period = node.at(year)
    readings = [other(year) for other in node.others]
    certainty = min(node.certainty, node.open_certainty)
    if period is not None and not s.future and period.days > 1 and period.end > s.today:
        readings.append(node.at(year - 1))
        certainty = min(certainty, 0.9)
    return replace(
        node,
        at=always(period),
        open_year=False,
        others=tuple(always(reading) for reading in readings if reading is not None),
        certainty=certainty,
        assumed=node.assumed or "year",
    )


def _fits(node: Node, year: int, s: Setting) -> bool:
    period = node.at(year)
    if period is None:
        return False
    if s.future:
        return period.end >= s.today
    begun = node.tail(year) if node.tail is not None else period
    return begun is not None and begun.start <= s.today
