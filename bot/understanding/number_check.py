"""The number check: prose may only tell figures that stand in its sources.

A figure agrees with a source that is written in another way (1.4M, 140万, 1,400,000), and with one that it rounds to
the digits shown. Signs and units are not compared: “fell by 5 %” agrees with −5 %, and 30 days with 30 weeks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from bot.understanding.written_figures import Amount, cleaned, figures
from tools.answer import Fact

FURTHEST_ROUNDING = 0.05
"""A rounded figure is within a twentieth of the true one: 12.4 % may be told as 12 %, 1.6 not as 2."""


def unsupported(prose: str, sources: Iterable[str], facts: Iterable[Fact] = ()) -> tuple[str, ...]:
    """The figures of `prose` that stand neither in the texts of `sources` nor among `facts`, as they are written.

    Facts count with their value, the days of their period, and what they are for.
    """
    known = sorted({*_told(sources), *_computed(facts)})
    return tuple(
        figure.text
        for figure in figures(cleaned(prose))
        if not figure.loose and not any(all(_agrees(amount, known) for amount in way) for way in figure.ways)
    )


def _told(sources: Iterable[str]) -> Iterator[float]:
    for source in sources:
        for figure in figures(cleaned(source)):
            yield from (amount.value for way in figure.ways for amount in way)


def _computed(facts: Iterable[Fact]) -> Iterator[float]:
    for fact in facts:
        if fact.value is not None and math.isfinite(fact.value):
            yield abs(float(fact.value))
        if fact.period is not None:
            for day in (fact.period.start, fact.period.end):
                yield from (float(day.year), float(day.month), float(day.day))
        yield from _told(fact.where.values())


def _agrees(amount: Amount, known: Iterable[float]) -> bool:
    return any(tells(amount, value) for value in known)


def tells(amount: Amount, value: float) -> bool:
    """Whether a written amount is this value, to the digits that it shows."""
    if math.isclose(amount.value, value, rel_tol=1e-9):
        return True
    away = abs(amount.value - value)
    return 0 < away <= min(amount.step / 2 * (1 + 1e-9), FURTHEST_ROUNDING * value)
