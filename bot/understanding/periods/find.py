"""From a text to its period spans."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Literal

from bot.understanding.normalise import normalise
from bot.understanding.periods import (
    ahead,
    calendar,
    chinese,
    chinese_wishes,
    english,
    english_weeks,
    english_wishes,
    numeric,
)
from bot.understanding.periods.combine import combine
from bot.understanding.periods.lexicon import Canonical, canonical
from bot.understanding.periods.node import Node, Rule, Setting
from bot.understanding.periods.settle import settle
from bot.understanding.periods.span import PeriodSpan

if TYPE_CHECKING:
    from tools.semantic.periods import Period

# Periods around today reach into the next year, and the calendar ends with the year 9999.
_LAST_DAY = date(calendar.MAX_YEAR, 12, 31)
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[a-z]")
_DIGIT = re.compile(r"\d")


def find_periods(
    text: str,
    today: date,
    *,
    first_day: date | None = None,
    fiscal_year_start: int = 1,
    dayfirst: bool = True,
    prefer: Literal["past", "future"] = "past",
) -> list[PeriodSpan]:
    """The words of `text` that speak of time, in their order, not overlapping.

    Parameters
    ----------
    text
        As typed, or already normalised; the spans count characters of it.
    today
        The as-of date. A month, quarter, week, date or holiday without its year is the latest that has begun by then,
        and is given whole even while it runs. "This month" ends today.
    first_day
        Where "all time", "until", "before" begin; without it at `date.min`.
    fiscal_year_start
        First month of the fiscal year, which is named after the calendar year that it ends in.
    dayfirst
        How 03/04/2011 is read first.
    prefer
        With "future", units without their year are the next ones that have not ended, and "this month" is whole.

    Never raises on any text. Words that name an impossible date give a span without period, with certainty 0.
    """
    plain = normalise(text)
    s = Setting(
        min(today, _LAST_DAY),
        first_day,
        fiscal_year_start,
        dayfirst,
        future=prefer == "future",
        chinese=bool(_HAN.search(plain.text)),
    )
    source = canonical(plain.text, plain.folded)
    nodes = _without_overlaps(_matches(source.text, s))
    spans: list[PeriodSpan] = []
    for node in combine(nodes, source.text, s):
        span = _span(settle(node, s), source)
        start, end = plain.original_span(span.start, span.end)
        spans.append(replace(span, start=start, end=end))
    return spans


def _matches(text: str, s: Setting) -> list[Node]:
    families: list[tuple[Rule, ...]] = []
    if _DIGIT.search(text):
        families.append(numeric.RULES)
    if _LATIN.search(text):
        families += (english_weeks.RULES, english.RULES, english_wishes.RULES)
    if s.chinese:
        families += (chinese.RULES, chinese_wishes.RULES)
    if s.future:
        families.insert(0, ahead.RULES)
    found: list[Node] = []
    for family in families:
        for rule in family:
            for match in rule.pattern.finditer(text):
                node = rule.build(match, s) if match.end() > match.start() else None
                if node is not None:
                    found.append(replace(node, start=match.start(), end=match.end()))
    return found


def _without_overlaps(nodes: list[Node]) -> list[Node]:
    """The leftmost, of these the longest, of these the first by rule; then what lies right of it."""
    chosen: list[Node] = []
    end = 0
    for node in sorted(nodes, key=lambda n: (n.start, -n.end)):
        if node.start >= end:
            chosen.append(node)
            end = node.end
    return chosen


def _span(node: Node, source: Canonical) -> PeriodSpan:
    period = node.at(0)
    certainty = node.certainty if period is not None or node.kind != "period" else 0.0
    if period is not None and certainty == 0:
        # Impossible as written at first, and moved by a neighbour to where it is possible.
        certainty = 0.3
    start, end = source.starts[node.start], source.ends[node.end - 1]
    if any(start <= left and right <= end for left, right in source.repaired):
        certainty = min(certainty, 0.9)
    alternatives: list[Period] = []
    for other in node.others:
        reading = other(0)
        if reading is not None and reading != period and reading not in alternatives:
            alternatives.append(reading)
    return PeriodSpan(
        start=start,
        end=end,
        period=period,
        kind=node.kind,
        baseline=node.baseline,
        grain=node.grain,
        offset=node.offset,
        ranged=node.ranged and node.kind == "relative_to_previous",
        assumed=node.assumed,
        certainty=round(certainty, 2),
        alternatives=tuple(alternatives),
    )
