"""How probable it is that what was found answers the question."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import NamedTuple

from knowledge.document import Passage
from knowledge.retrieval.extraction import Leaf, Text, Weighing, Window, together
from knowledge.retrieval.lexical import View
from knowledge.retrieval.question import Asked
from knowledge.retrieval.sorts import promised


class Evidence(NamedTuple):
    """What speaks for and against a passage as an answer.

    Shares of the question, each part weighed by how much it tells: `coverage`, what the passage with its headings
    speaks of; `window`, what its best run of sentences does; `single`, what the best of these does alone; `missing`,
    names and years that are not there; `unheard`, words that no passage knows; `rarest`, what is most missed.

    `pairs`: the share of the question's pairs of characters that are there. `sorts`: whether the sentences are of the
    sort that was asked for, -1 to 1. `meaning`: the cosine of question and passage; `contrast`: by how much it is above
    the mean of the nearest ones; `glossed`: 1 where either was told to the model by its gloss. `across`: 1 where the
    languages differ. `summary`: 1 for an abstract or a conclusion, which says in short what others say in full.

    `heading`: the share that title and heading alone speak of. `promised`: whether the heading is meant for such a
    question, -1 to 1. `fused`: how well the passage fits by words and by meaning, beside the best that was found.
    """

    coverage: float
    window: float
    single: float
    missing: float
    unheard: float
    rarest: float
    pairs: float
    sorts: float
    meaning: float
    contrast: float
    glossed: float
    across: float
    summary: float
    heading: float
    promised: float
    fused: float


@dataclass(frozen=True)
class Fit:
    """What the search says of a passage: its cosine with the question, and the mean of those of the nearest passages;
    whether question or passage was told to the model by its gloss; and how well it fits by words and meaning together.
    """

    cosine: float
    usual: float
    glossed: bool
    fused: float


@dataclass(frozen=True)
class Weights:
    """Coefficients of the evidence, in its order, for the logarithm of the odds."""

    coefficients: Evidence
    intercept: float

    def logit(self, evidence: Evidence) -> float:
        return self.intercept + sum(c * v for c, v in zip(self.coefficients, evidence, strict=True))

    def probability(self, evidence: Evidence) -> float:
        return 1 / (1 + math.exp(-self.logit(evidence)))


# Fitted by `python -m bench._answering` on the half of the labelled questions that is for tuning, with an L2 penalty,
# each coefficient held to the sign that its meaning demands.
# Which of several passages answers.
WHICH = Weights(
    Evidence(
        coverage=3.31,
        window=1.95,
        single=2.42,
        missing=-0.45,
        unheard=-0.17,
        rarest=-0.46,
        pairs=1.85,
        sorts=0.19,
        meaning=2.07,
        contrast=2.07,
        glossed=0.10,
        across=-0.36,
        summary=-1.39,
        heading=1.49,
        promised=0.31,
        fused=4.56,
    ),
    0.0,
)
# Whether the best of them does.
WHETHER = Weights(
    Evidence(
        coverage=1.97,
        window=1.42,
        single=1.65,
        missing=-4.12,
        unheard=-1.87,
        rarest=-3.18,
        pairs=0.0,
        sorts=0.13,
        meaning=3.38,
        contrast=1.29,
        glossed=0.08,
        across=-0.42,
        summary=0.0,
        heading=1.89,
        promised=0.27,
        fused=0.71,
    ),
    -3.49,
)
# About what passages that answer have of `cosine` and `usual`: where no vectors tell, the words alone judge.
UNMEASURED = (0.5, 0.35)
# Below this nothing is said to answer.
THRESHOLD = 0.3
_SUMMARY = re.compile(
    r"^[\W\d_]*(?:[一二三四五六七八九十]+、)?\s*(?:摘\s*要|abstract|summary|引\s*言|前\s*言|绪\s*论|introduction|结\s*[语论]|结束语|总结|conclusions?"
    r"|关键词|key\s?words)\W*$",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[。！？!?]|\.(?:\s|$)")


def evidence(leaf: Leaf, window: Window, weighing: Weighing, view: View, fit: Fit) -> Evidence:
    """What speaks for a passage with its best sentences."""
    asked, passage = weighing.asked, leaf.passage
    matches = weighing.matches(leaf.whole)
    total = sum(weighing.importance) or 1.0
    lost = [w * (1 - min(1.0, m)) for w, m in zip(weighing.importance, matches, strict=True)]
    named = [one for one, concept in zip(lost, asked.concepts, strict=True) if concept.named]
    strange = [
        one
        for one, concept, unheard in zip(lost, asked.concepts, weighing.unheard, strict=True)
        if unheard and not concept.named
    ]
    return Evidence(
        coverage=weighing.coverage(matches),
        window=window.coverage,
        single=window.single,
        missing=sum(named) / total,
        unheard=sum(strange) / total,
        rarest=max(lost, default=0.0) / total,
        pairs=_pairs(asked, view, leaf.whole),
        sorts=window.sorts,
        meaning=fit.cosine,
        contrast=fit.cosine - fit.usual,
        glossed=float(fit.glossed),
        across=float(passage.language != asked.language),
        summary=float(_tells_in_short(passage)),
        heading=weighing.coverage(weighing.matches(together((leaf.title, leaf.section)))),
        promised=promised(leaf.heading, asked.kinds, asked.plain),
        fused=fit.fused,
    )


def _tells_in_short(passage: Passage) -> bool:
    """Whether it is an abstract or a conclusion; or what stands above the first heading and says nothing."""
    if passage.section:
        return _SUMMARY.match(passage.section[-1]) is not None
    return passage.place == 0 and _SENTENCE.search(passage.text) is None


def _pairs(asked: Asked, view: View, held: Text) -> float:
    weighted = [(term, view.rarity(view.holding(term))) for term, _ in asked.pairs]
    total = sum(weight for _, weight in weighted)
    return sum(weight for term, weight in weighted if held.holds(term)) / total if total else 0.5
