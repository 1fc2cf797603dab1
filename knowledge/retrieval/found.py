"""What a search gives back: passages in the order of how well they fit, and the sentences that answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.document import Passage

if TYPE_CHECKING:
    from knowledge.catalogue import Learned


@dataclass(frozen=True)
class Hit:
    """A passage that was found. Scores compare within one search only."""

    passage: Passage
    document: Learned
    score: float


@dataclass(frozen=True)
class Extract:
    """The sentences of a passage that answer, word for word."""

    passage: Passage
    document: Learned
    quote: str


@dataclass(frozen=True)
class Found:
    """What was found for a question, the best first.

    `extract` is None where nothing answers; `hits` are then the nearest there are. `confidence` is the probability that
    the extract answers, 0 to 1. `also` are extracts of other passages that may be meant as well. `unsaid`: a fact is
    asked for of what the hits do speak of, but they do not state it.
    """

    hits: tuple[Hit, ...]
    extract: Extract | None
    confidence: float
    also: tuple[Extract, ...] = ()
    words_only: bool = False
    unsaid: bool = False
