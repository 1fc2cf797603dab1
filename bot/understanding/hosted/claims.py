"""Whether what a model says of an answer is so: each figure must be a fact, of what the sentence says that it is of.

Stricter than the number check, which asks only whether a figure stands in the sources at all: among a hundred facts
many a wrong figure would. Here a figure's kind (money, share, count, days), its metric, its value of a dimension, its
period and its direction must be those of one fact. What cannot be told is taken for wrong.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot.understanding.hosted.told import Mark, Sentence, currency_beside, linked, same_period, sentences
from bot.understanding.number_check import tells
from bot.understanding.written_figures import Amount, Figure, cleaned, figures
from tools.semantic.periods import Period

if TYPE_CHECKING:
    from bot.understanding.reading.draft import World
    from tools.answer import Fact, ToolCall

_POINTS = re.compile(r"point|pp\b|百分点|基点|bps|basis", re.IGNORECASE)
_TIMES = re.compile(r"\s*(?:x\b|×|times\b|-?fold\b|倍)", re.IGNORECASE)
_DAYS = re.compile(r"[\s-]*(?:days?\b|天|日(?!元))", re.IGNORECASE)
_OTHER_UNIT = re.compile(
    r"[\s-]*(?:weeks?|months?|quarters?|years?|hours?|minutes?)\b|\s*个?(?:星期|周|月|季度|年|小时|分钟)", re.IGNORECASE
)
_TOP = re.compile(r"(?:\b(?:top|first|largest|biggest|best|last|lowest|highest|bottom)|前|后)\s*$", re.IGNORECASE)
_ABOUT = r"(?:约|大约|近|about|around|nearly|roughly)?\s*[£$€¥]?\s*$"
_BY = re.compile(
    r"(?:\bby|增长|上升|上涨|下降|减少|下滑|下跌|增加|提高|提升|降低|涨|跌|升|降)了?\s*" + _ABOUT, re.IGNORECASE
)
_TO = re.compile(r"(?:\bto|\bat|至|到|为)\s*" + _ABOUT, re.IGNORECASE)
_GROWTH = re.compile(r"\bchang|\bgrowth|变化|变动|同比|环比|增速|增幅|降幅|涨幅|跌幅", re.IGNORECASE)
_SHARE = re.compile(
    r"\bshare|\bof (?:all|the total|total|the whole|customers|the)|\baccount|\bmade up|\bmakes? up|\bcontribut"
    r"|\brepresent|占|份额|比重|比例",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"\b(?:from|against|versus|vs|compared (?:with|to)|before|previous|prior|earlier|year ago|last year)\b"
    r"|此前|之前|上期|去年同期|上年|前一|相比|对比|(?<![占环同对])比(?![率重例])|(?<!比)较",
    re.IGNORECASE,
)
_SIGN = re.compile(r"(?P<sign>[+＋]|[-−–])\s*[£$€¥]?$")
_WHOLE_PART = 1.0


@dataclass(frozen=True)
class Stated:
    """What a reply computed, and the world in which its words are read."""

    calls: Sequence[ToolCall]
    facts: Sequence[Fact]
    world: World

    @cached_property
    def periods(self) -> frozenset[Period]:
        """The days that the reply is about."""
        today = self.world.today
        told = {fact.period for fact in self.facts if fact.period is not None}
        for call in self.calls:
            told |= {found for name in ("period", "compare") if (found := _period(call.args.get(name))) is not None}
        return frozenset({*told, Period(today, today)})

    @cached_property
    def baselines(self) -> frozenset[Period]:
        """What was compared with."""
        return frozenset(fact.period for fact in self.facts if fact.period not in (None, self.main)) - {None}

    @cached_property
    def main(self) -> Period | None:
        """The period that was asked for."""
        for call in self.calls:
            if (asked := _period(call.args.get("period"))) is not None:
                return asked
        return next((fact.period for fact in self.facts if fact.period is not None), None)

    @cached_property
    def common(self) -> frozenset[tuple[str, str]]:
        """What all facts are limited to: the call's own filters."""
        wheres = [frozenset(fact.where.items()) for fact in self.facts]
        return frozenset.intersection(*wheres) if wheres else frozenset()

    @cached_property
    def metrics(self) -> frozenset[str]:
        return frozenset(self.metric(fact) for fact in self.facts)

    def metric(self, fact: Fact) -> str:
        """The metric that a fact is a figure of; its own name where the catalog has none."""
        known = [m for m in self.world.catalog.metrics if fact.name == m or fact.name.startswith(f"{m}_")]
        return max(known, key=len, default=fact.name)


def unproven(prose: str, stated: Stated) -> tuple[str, ...]:
    """The figures, dates and directions of `prose` that no fact of the reply bears out, as they are written."""
    clean = cleaned(prose)
    found = figures(clean)
    wrong: list[str] = []
    spoken_of: tuple[Mark, ...] = ()
    for sentence in sentences(clean, stated.facts, stated.world):
        inside = [figure for figure in found if sentence.start <= figure.start < sentence.end]
        check = _Check(clean, sentence, inside, stated, spoken_of)
        spoken_of = sentence.of("metric")[-1:] or spoken_of
        wrong += [*check.periods(), *(figure.text for figure in inside if not check.holds(figure)), *check.directions()]
    return tuple(wrong)


@dataclass(frozen=True)
class _Check:
    clean: str
    sentence: Sentence
    figures: Sequence[Figure]
    stated: Stated
    spoken_of: tuple[Mark, ...]  # the metric that was named last before this sentence

    def periods(self) -> list[str]:
        """Periods that the reply is not about."""
        return [
            self.clean[mark.start : mark.end]
            for mark in self.sentence.of("period")
            if not self._is_number(mark)
            and not any(self._named(mark, known) for known in self.stated.periods)
            and not self._length(mark)
        ]

    def directions(self) -> list[str]:
        """Words of rise and fall that all the changes known of it contradict."""
        told = self.sentence.directions
        if not told or len({one.up for one in told}) > 1:
            return []
        metrics, values = self.sentence.of("metric"), self.sentence.of("value")
        changes = [
            fact.value
            for fact in self.stated.facts
            if _changes(fact) and fact.value and self._of_metric(fact, metrics) and self._of_values(fact, values)
        ]
        if changes and all((value > 0) != told[0].up for value in changes):
            return [self.clean[told[0].start : told[0].end]]
        return []

    def holds(self, figure: Figure) -> bool:
        """Whether some fact is this figure."""
        if figure.loose or self._within(figure, "value") or self._within(figure, "metric"):
            return True
        if self._within(figure, "period"):
            return True  # seen with its period
        if self._asked_top(figure):
            return True
        candidates = [fact for fact in self.stated.facts if self._may_be(figure, fact)]
        return any(all(self._is(amount, figure, candidates) for amount in way) for way in figure.ways)

    def _is(self, amount: Amount, figure: Figure, candidates: Iterable[Fact]) -> bool:
        if self._days(figure) and any(amount.value == period.days for period in self.stated.periods):
            return True
        return any(
            tells(amount, abs(float(fact.value)))
            for fact in candidates
            if fact.value is not None and math.isfinite(fact.value) and self._of_kind(figure, amount, fact)
        )

    # --- what a figure is of ------------------------------------------------------------------------------

    def _may_be(self, figure: Figure, fact: Fact) -> bool:
        metrics = linked(figure, self.sentence.of("metric"), self.clean, self.figures) or self.spoken_of
        return (
            self._of_metric(fact, metrics)
            and self._of_values(fact, self._values(figure))
            and self._of_period(figure, fact)
            and self._of_direction(figure, fact)
        )

    def _values(self, figure: Figure) -> tuple[Mark, ...]:
        """Marks that tell whose the figure is, of each dimension by itself."""
        marks = self.sentence.of("value")
        dimensions = {dimension for mark in marks for dimension, _value in mark.meant}
        return tuple(
            mark
            for dimension in sorted(dimensions)
            for mark in linked(figure, self.sentence.of("value", dimension), self.clean, self.figures)
        )

    def _of_metric(self, fact: Fact, marks: Sequence[Mark]) -> bool:
        own = self.stated.metric(fact)
        if not marks:
            return len(self.stated.metrics) == 1
        if any(own in mark.meant for mark in marks):
            return True
        # Facts that the catalog has no metric for go by the words of their names: “customers_lapsed”.
        words = set(re.findall(r"[a-z]+", self.clean[marks[-1].start : marks[-1].end].lower()))
        return own not in self.stated.world.catalog.metrics and bool(words & set(own.split("_")))

    def _of_values(self, fact: Fact, marks: Sequence[Mark]) -> bool:
        free = {item for item in fact.where.items() if item not in self.stated.common}
        if not marks:
            return not free
        told = {pair for mark in marks for pair in mark.meant}
        named = {dimension for dimension, _value in told}
        if any(dimension not in named for dimension, _value in free):
            return False
        return all(any(fact.where.get(d) == v for d, v in mark.meant) for mark in marks) or (
            len(marks) > 1 and any(any(fact.where.get(d) == v for d, v in mark.meant) for mark in marks)
        )

    def _of_period(self, figure: Figure, fact: Fact) -> bool:
        if fact.period is None:
            return True
        marks = linked(figure, self.sentence.of("period"), self.clean, self.figures)
        if _changes(fact) and marks:
            # A change is told of its period, or against the one before.
            told = self.sentence.of("period")
            return any(self._named(mark, fact.period) or self._is_baseline(mark) for mark in told)
        if marks:
            return any(self._named(mark, fact.period) or self._length(mark) for mark in marks)
        if len({one.period for one in self.stated.facts}) == 1:
            return True
        later = [mark for mark in self.sentence.of("period") if mark.start >= figure.end]
        if later and not _BEFORE.search(self.clean, figure.end, later[0].start):
            # “5 in Germany and 7 in France in May”: what stands last is said of both.
            return self._named(later[0], fact.period)
        earlier = self._left(figure)
        if _BEFORE.search(earlier):
            return fact.period != self.stated.main
        return fact.period == self.stated.main

    def _of_direction(self, figure: Figure, fact: Fact) -> bool:
        """Changes need their direction, and levels are no changes: “rose by 5 %” is no share of 5 %."""
        if fact.value is None:
            return False
        near, behind = self._left(figure), self.clean[figure.end :][:12]
        signed = _SIGN.search(self.clean[: figure.start])
        told = [one for one in self.sentence.directions if one.end <= figure.start] or [
            one for one in self.sentence.directions if one.start >= figure.end
        ]
        if not _changes(fact):
            if _share(fact):
                return bool(_SHARE.search(self.clean[self.sentence.start : self.sentence.end]))
            return (
                not _BY.search(near)
                and not (signed and fact.value > 0 and signed["sign"] not in "+＋")
                and not (told and told[0].start >= figure.end and behind.lstrip()[:3] in ("up ", "hig", "low", "dow"))
            )
        if _TO.search(near) and not re.search(r"\bat\s*$", near):
            return False
        if signed:
            return (signed["sign"] in "+＋") == (fact.value > 0)
        if told:
            nearest = told[-1] if told[-1].end <= figure.start else told[0]
            return nearest.up == (fact.value > 0)
        whole = self.clean[self.sentence.start : self.sentence.end]
        return fact.value > 0 and bool(_GROWTH.search(whole))

    # --- what kind of figure it is ------------------------------------------------------------------------

    def _of_kind(self, figure: Figure, amount: Amount, fact: Fact) -> bool:
        unit, after = fact.unit, self.clean[figure.end :]
        if _POINTS.search(figure.text):
            return unit == "points"
        if figure.factor < _WHOLE_PART or (amount.value < _WHOLE_PART and not figure.text[:1].isdigit()):
            return unit == "ratio" or (unit == "points" and "%" not in figure.text)
        money = currency_beside(figure, self.clean)
        if money is not None:
            return unit in money
        if unit in ("ratio", "points"):
            # “Doubled” is a change by the whole.
            return False
        if _TIMES.match(after) or re.search(r"doubl|tripl|twice|thrice|翻|倍", figure.text, re.IGNORECASE):
            return unit == "factor"
        if _DAYS.match(after):
            return unit == "days"
        if _OTHER_UNIT.match(after):
            return False
        if unit.isupper() and len(unit) == 3:
            return bool(linked(figure, self.sentence.of("metric"), self.clean, self.figures) or self.spoken_of)
        return unit != "days"

    def _days(self, figure: Figure) -> bool:
        return _DAYS.match(self.clean, figure.end) is not None and figure.factor == _WHOLE_PART

    def _asked_top(self, figure: Figure) -> bool:
        """ "The top 5" where so many were asked for."""
        return _TOP.search(self._left(figure)) is not None and any(
            way[0].value == call.args.get("top") for way in figure.ways for call in self.stated.calls if len(way) == 1
        )

    # --- places -------------------------------------------------------------------------------------------

    def _left(self, figure: Figure) -> str:
        """The words between a figure and the one before it, or the beginning of its sentence."""
        start = max([self.sentence.start, *(other.end for other in self.figures if other.end <= figure.start)])
        return self.clean[start : figure.start]

    def _within(self, figure: Figure, kind: str) -> bool:
        return any(mark.start <= figure.start and figure.end <= mark.end for mark in self.sentence.of(kind))

    def _named(self, mark: Mark, known: Period) -> bool:
        """Whether a mark names this period, or an end of one that is no calendar unit."""
        today = self.stated.world.today
        return any(
            same_period(told, known, today, yearless=mark.yearless)
            or (known.whole() is None and told.days == 1 and told.start in (known.start, known.end))
            for told in mark.meant
        )

    def _is_number(self, mark: Mark) -> bool:
        """Whether a span that could be a time is part of a number in words."""
        return any(
            figure.start <= mark.start and mark.end <= figure.end and mark.end - mark.start < figure.end - figure.start
            for figure in self.figures
        )

    def _is_baseline(self, mark: Mark) -> bool:
        return any(self._named(mark, known) for known in self.stated.baselines)

    def _length(self, mark: Mark) -> bool:
        """Whether a span such as “the next 90 days” is as long as the reply's own."""
        text = self.clean[mark.start : mark.end]
        lengths = {way[0].value for figure in figures(text) for way in figure.ways}
        return re.search(r"days?|天", text) is not None and any(
            period.days in lengths for period in self.stated.periods
        )


def _changes(fact: Fact) -> bool:
    return "_change" in fact.name or fact.name.endswith("_all_else") or fact.name == "change"


def _share(fact: Fact) -> bool:
    return fact.name.endswith("_share") and not _changes(fact)


def _period(value: Any) -> Period | None:
    """A period of a call's arguments."""
    from datetime import date

    if not isinstance(value, dict) or not {"start", "end"} <= value.keys():
        return None
    return Period(date.fromisoformat(value["start"]), date.fromisoformat(value["end"]))
