"""What a rule makes of matched words, before neighbours have been read together."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from tools.semantic.periods import Grain, Period

if TYPE_CHECKING:
    from bot.understanding.periods.span import Assumption, Baseline, SpanKind

InYear = Callable[[int], Period | None]
InContainer = Callable[[Period], Period | None]


@dataclass(frozen=True)
class Setting:
    """What a text is read against."""

    today: date
    first_day: date | None
    fiscal_year_start: int
    dayfirst: bool
    future: bool
    chinese: bool

    @property
    def beginning(self) -> date:
        """Where "all time" starts."""
        return self.first_day if self.first_day is not None and self.first_day <= self.today else date.min


@dataclass(frozen=True)
class Node:
    """Words read so far.

    at
        The period in a given year; the same for every year once the year is settled.
    open_year
        The year is not said yet.
    year
        The year that these words name, where they name a year and nothing smaller ("2011", 去年).
    named_year
        A year said in so many digits stands in these words.
    unit_at, year_side
        For a unit whose year was said: the unit in any year, and on which side of it the year stood.
    part, part_other, part_certainty, part_only
        What these words take of a longer period beside them ("last week of", 上旬), by another reading, and how surely;
        whether they mean nothing alone.
    container
        The whole period that parts are taken of, where `at` is cut at today (本月: 本月25号).
    tail
        What must have begun in the year that is chosen, if not the period itself: the last unit of a range, the whole
        that "the rest of" speaks of.
    part_ahead
        What `part` takes lies ahead of today.
    ranged
        From one end to another: a "from" before it adds nothing.
    bare
        A day of an unsaid month, or a weekday of an unsaid week: a neighbour may say which (`part` finds it there).
    open_certainty
        How sure these words are while their year is not said.
    counted
        So many units counted back from today ("last 7 days").
    before
        They may be counted back from a neighbour as well (前7天 beside 最近7天).
    until
        Reaches from the beginning of the records to a day that may be the limit of a neighbour (截至昨天).
    same_day
        The day that a neighbour names, so many of these units back: one (上周同一天).
    soft
        Means "all time" only where the text names no other range ("overall sales in 2011").
    weak
        Only a reading if a neighbour confirms it (a bare 2011 that may be a quantity; "the year").
    """

    at: InYear
    start: int = 0
    end: int = 0
    open_year: bool = False
    year: int | None = None
    named_year: bool = False
    unit_at: InYear | None = None
    year_side: Literal["left", "right"] | None = None
    part: InContainer | None = None
    part_other: InContainer | None = None
    part_certainty: float | None = None
    part_only: bool = False
    part_ahead: bool = False
    container: Period | None = None
    tail: InYear | None = None
    ranged: bool = False
    open_certainty: float = 1.0
    bare: Grain | None = None
    weak: bool = False
    soft: bool = False
    counted: tuple[Grain, int] | None = None
    before: bool = False
    until: bool = False
    same_day: Grain | None = None
    others: tuple[InYear, ...] = ()
    certainty: float = 1.0
    assumed: Assumption | None = None
    kind: SpanKind = "period"
    baseline: Baseline | None = None
    grain: Grain | None = None
    offset: int = 0

    @property
    def plain(self) -> bool:
        """A time range that can stand in ranges and lists."""
        return self.kind == "period" and not self.part_only

    def doubt(self, certainty: float) -> Node:
        return replace(self, certainty=min(self.certainty, certainty))


Build = Callable[["re.Match[str]", Setting], Node | None]


@dataclass(frozen=True)
class Rule:
    """A pattern over the canonical text, and what its match means."""

    source: str
    build: Build

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Compiled when first needed: all of them together take a tenth of a second."""
        return re.compile(self.source)


def nowhere(_: int) -> Period | None:
    return None


def always(period: Period | None) -> InYear:
    return lambda _: period


def fixed(
    period: Period | None, *others: Period | None, certainty: float = 1.0, assumed: Assumption | None = None
) -> Node:
    """A node whose dates are settled. No period: words that name an impossible one."""
    return Node(
        always(period),
        certainty=certainty if period is not None else 0.0,
        assumed=assumed,
        others=tuple(always(other) for other in others if other is not None and other != period),
    )


def open_unit(at: InYear, *others: InYear, certainty: float = 1.0, assumed: Assumption | None = None) -> Node:
    """A node whose year is to come from a neighbour or from today."""
    return Node(at, open_year=True, others=others, certainty=certainty, assumed=assumed)


def in_year(unit: Node, year: int, side: Literal["left", "right"], *, named: bool = True) -> Node:
    """`unit` with its year said, which also ends such doubts as come from not saying it."""
    period = unit.at(year)
    doubted = unit.open_certainty < 1
    return replace(
        unit,
        at=always(period),
        open_year=False,
        unit_at=unit.at,
        year_side=side,
        named_year=named,
        others=() if doubted else tuple(always(other(year)) for other in unit.others),
        assumed=None if doubted else unit.assumed,
        certainty=unit.certainty if period is not None else 0.0,
        weak=False,
    )
