"""What a sentence says its figures are of: the planner's own grammar reads prose as it reads questions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.understanding.periods import find_periods
from bot.understanding.values import OTHER_CURRENCY_NAMES

if TYPE_CHECKING:
    from datetime import date

    from bot.understanding.reading.draft import World
    from bot.understanding.spans import Span
    from bot.understanding.written_figures import Figure
    from tools.answer import Fact
    from tools.semantic.periods import Period

_SENTENCE_ENDS = re.compile(r"[。！？!?；;\n]|\.(?=\s|$)")
# A figure's own words may stand right behind it: “£5 in Germany”, “2,751 orders”, “20笔订单”, “5（德国）”.
_BEHIND = re.compile(
    r"\s*(?:pounds?|dollars?|euros?|yuan|英镑|美元|欧元|元|人民币)?\s*(?:[(（]\s*|的|[个笔件单位次家]{1,2}的?)?"
    r"(?:(?:in|for|during|on|over|from|by|at|of|with|came from|went to|within|were|was)\s+)?(?:the\s+|its\s+)?",
    re.IGNORECASE,
)
_FROM = re.compile(r"(?:from|since)\s+|[从自]", re.IGNORECASE)
_LIST_GAP = re.compile(r"\s*(?:,|，|、|and|和|与|及|or|或)+\s*(?:and\s+)?", re.IGNORECASE)

UP = (
    r"\b(?:rose|rise[sn]?|rising|up|increas\w+|gr[eo]w\w*|growth|gain\w*|climb\w*|jump\w*"
    r"|higher|improv\w+|more than (?:in|the|a))\b"
    r"|增长|增加|上升|上涨|提高|提升|走高|升至|增至|涨|多(?=[了出约]|[\d一二三四五六七八九十])"
)
DOWN = (
    r"\b(?:fell|fall\w*|drop\w*|declin\w+|decreas\w+|down|lower|shr[aiu]nk\w*"
    r"|less than (?:in|the|a)|slid|slip\w*)\b"
    r"|下降|减少|下滑|下跌|降低|走低|降至|减至|跌|少(?=[了约]|[\d一二三四五六七八九十])|缩水"
)
_DIRECTION = re.compile(f"(?P<up>{UP})|(?P<down>{DOWN})", re.IGNORECASE)


@dataclass(frozen=True)
class Mark:
    """Characters of a text that name something: a metric, a value of a dimension, or a period."""

    start: int
    end: int
    kind: str  # "metric", "value", "period"
    meant: tuple[Any, ...]  # metrics; (dimension, value) pairs; periods
    yearless: bool = False  # a period whose year was not said


@dataclass(frozen=True)
class Direction:
    start: int
    end: int
    up: bool


@dataclass(frozen=True)
class Sentence:
    """Part of a text with what is named in it, in order."""

    start: int
    end: int
    marks: tuple[Mark, ...]
    directions: tuple[Direction, ...]

    def of(self, kind: str, *dimensions: str) -> tuple[Mark, ...]:
        return tuple(
            m for m in self.marks if m.kind == kind and (not dimensions or any(d in dimensions for d, _v in m.meant))
        )


def sentences(clean: str, facts: Sequence[Fact], world: World) -> list[Sentence]:
    """The sentences of a text that was `cleaned`."""
    marks = _marks(clean, facts, world)
    ends = [
        match.end()
        for match in _SENTENCE_ENDS.finditer(clean)
        if not any(mark.start < match.start() < mark.end - 1 for mark in marks)
    ]
    found, start = [], 0
    for end in [*ends, len(clean)]:
        if end > start:
            inside = tuple(mark for mark in marks if start <= mark.start < end)
            told = tuple(
                Direction(m.start(), m.end(), m["up"] is not None) for m in _DIRECTION.finditer(clean, start, end)
            )
            found.append(Sentence(start, end, inside, told))
        start = end
    return found


def linked(figure: Figure, named: Sequence[Mark], clean: str, figures: Sequence[Figure]) -> tuple[Mark, ...]:
    """What a figure is of, among the marks of one kind in its sentence: right behind it, or nearest before it.

    Before it may stand a list (“A and B sold 5 each”): all of it. Empty: nothing says so.
    """
    for mark in named:
        if mark.start >= figure.end:
            if _BEHIND.fullmatch(clean, figure.end, mark.start):
                return (mark,)
            break
    before = [mark for mark in named if mark.end <= figure.start]
    if not before:
        return ()
    chosen = [before.pop()]
    while before and _LIST_GAP.fullmatch(clean, before[-1].end, chosen[0].start):
        chosen.insert(0, before.pop())
    # Of a list with a figure behind each name only the nearest counts.
    if any(chosen[0].start < other.start < chosen[-1].start for other in figures):
        chosen = chosen[-1:]
    return tuple(chosen)


def currency_beside(figure: Figure, clean: str) -> frozenset[str] | None:
    """The currencies that a sign or word beside a figure may mean; None where none stands there."""
    before, after = clean[: figure.start][-6:].rstrip(), clean[figure.end :][:12].lstrip()
    found = {
        code
        for code, names in _CURRENCIES
        if any(
            before.endswith(name) for name in names if not name[-1:].isascii() or not name.isalpha() or len(name) > 2
        )
        or any(_begins(after, name) for name in names)
    }
    if "元" in after[:1] and not found:
        return frozenset({"CNY"})
    return frozenset(found) or None


_CURRENCIES: tuple[tuple[str, tuple[str, ...]], ...] = tuple(
    (code, (code, *(name for name in names if name not in ("元", "块", "块钱")), *more))
    for (code, names), more in zip(
        OTHER_CURRENCY_NAMES.items(),
        (("英镑",), ("美元",), ("欧元",), ("RMB", "CN¥"), ("日元", "¥")),
        strict=True,
    )
)


def _begins(text: str, name: str) -> bool:
    return text.startswith(name) and not (name.isascii() and name.isalpha() and text[len(name) :][:1].isalpha())


def _marks(clean: str, facts: Sequence[Fact], world: World) -> list[Mark]:
    scene = world.scene(clean)
    named = list(_literal(clean, facts))
    for span in scene.spans:
        mark = _mark(span, scene.norm.original_span(span.start, span.end), world)
        if mark is not None and not any(one.start < mark.end and mark.start < one.end for one in named):
            named.append(mark)
    return sorted(named, key=lambda mark: mark.start)


def _mark(span: Span, place: tuple[int, int], world: World) -> Mark | None:
    periods = tuple(p.period for p in span.values("period") if p.kind in ("period", "baseline") and p.period)
    if periods and not span.word("overall"):
        begun = _FROM.match(span.text)
        if begun is not None:  # “from May”: since May, or compared with it
            inner = find_periods(span.text[begun.end() :], world.today, first_day=world.first_day)
            periods += tuple(p.period for p in inner if p.period is not None)
        return Mark(*place, "period", periods, any(p.assumed == "year" for p in span.values("period")))
    if span.has("metric"):
        return Mark(*place, "metric", span.values("metric"))
    if span.word("partial_name"):
        return None
    values = (*span.values("value"), *span.values("absent"))
    return Mark(*place, "value", values) if values else None


def _literal(clean: str, facts: Sequence[Fact]) -> Iterator[Mark]:
    """Values of the facts as they are written, the longest first: names of groups, products with digits in them."""
    told = {(dimension, value) for fact in facts for dimension, value in fact.where.items() if len(value) > 1}
    taken: list[tuple[int, int]] = []
    for _dimension, value in sorted(told, key=lambda one: -len(one[1])):
        written = r"[\s_-]+".join(map(re.escape, re.split(r"[\s_-]+", value)))
        for match in re.finditer(rf"(?<![A-Za-z0-9]){written}(?:e?s)?(?![A-Za-z0-9])", clean, re.IGNORECASE):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                taken.append(match.span())
                meant = tuple((d, v) for d, v in sorted(told) if v == value)
                yield Mark(match.start(), match.end(), "value", meant)


def same_period(told: Period, known: Period, today: date, *, yearless: bool) -> bool:
    """Whether a period as it was read is a fact's: also where it runs on to today, or no year was said."""
    if told == known or (told.start == known.start and told.end > known.end == today):
        return True
    return yearless and (told.start.month, told.start.day, told.days) == (
        known.start.month,
        known.start.day,
        known.days,
    )
