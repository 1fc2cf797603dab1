"""A question laid out for one topic: the topic's own words beside those of figures, and periods that may lie ahead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from bot.understanding.lexicon import CUES, Lexicon, grammar_of, tokens
from bot.understanding.periods import find_periods
from bot.understanding.scene import Scene, Sight, cover, possessive
from bot.understanding.spans import Reading, Span

Prefer = Literal["past", "future"]
Candidate = tuple[int, int, tuple[Reading, ...]]
OWN_CUES = frozenset(CUES) & {"forecast", "drivers"}
# The parts of each topic whose misspelt words are mended: those that say what is asked for.
MENDED = frozenset(
    {
        *("forecast:ask", "drivers:why", "calendar:promotion", "calendar:holiday", "inventory:reorder"),
        *("inventory:risk", "inventory:classes", "scoreboard:of"),
    }
)


@cache
def words() -> Lexicon:
    """The own words of every topic, as `topic:part`."""
    lexicon = Lexicon()
    for group, by_language in grammar_of(Path(__file__).with_name("words.yml")).items():
        for phrases in by_language.values():
            for phrase in phrases:
                lexicon.add(phrase, Reading("word", group), mendable=group in MENDED)
    return lexicon


def own_spans(sight: Sight) -> tuple[Span, ...]:
    """Where the words of any topic stand. A word that figures know is never taken for a misspelt one of these."""
    known = sight.index.lexicon
    return tuple(
        span
        for span in words().spans(sight.folded, tokens(sight.folded))
        if not any(r.corrected for r in span.readings)
        or not any(known.knows(token.stem) and not words().knows(token.stem) for token in tokens(span.text))
    )


def lay_out(
    sight: Sight,
    own: Iterable[Span],
    topics: tuple[str, ...],
    more: Iterable[Candidate],
    *,
    today: date,
    first_day: date | None,
    prefer: Prefer,
) -> Scene:
    """The scene of a question about these topics; `more` are readings that only they give."""
    candidates: list[Candidate] = list(more)
    for start, end, readings in sight.candidates:
        kept = tuple(r for r in readings if _kept(r, prefer))
        if kept:
            candidates.append((start, end, kept))
    if prefer == "future":
        candidates += _ahead(sight, today, first_day)
    for span in own:
        mine = tuple(r for r in span.readings if str(r.value).partition(":")[0] in topics)
        if mine:
            candidates.append((span.start, span.end, mine))
    return cover(sight, candidates)


def _kept(reading: Reading, prefer: Prefer) -> bool:
    if reading.kind == "tool" or (reading.kind == "cue" and reading.value in OWN_CUES):
        return False
    return not (prefer == "future" and reading.kind == "period")


def _ahead(sight: Sight, today: date, first_day: date | None) -> Iterator[Candidate]:
    for period in find_periods(sight.norm.text, today, first_day=first_day, prefer="future"):
        yield period.start, possessive(sight.folded, period.end), (Reading("period", period),)
