"""How probable it is that what was found answers the question."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import NamedTuple

from knowledge.retrieval.extraction import Leaf, Text, Weighing, Window
from knowledge.retrieval.lexical import View
from knowledge.retrieval.question import Asked


class Evidence(NamedTuple):
    """What speaks for and against a passage as an answer.

    Shares of the question, each part weighed by how much it tells: `coverage`, what the passage with its headings
    speaks of; `window`, what its best run of sentences does; `single`, what the best of these does alone; `missing`,
    names and years that are not there; `unheard`, words that no passage knows; `rarest`, what is most missed.

    `pairs`: the share of the question's pairs of characters that are there. `sorts`: whether the sentences are of the
    sort that was asked for, -1 to 1. `meaning`: the cosine of question and passage; `contrast`: by how much it is above
    the mean of the nearest ones; `glossed`: 1 where either was told to the model by its gloss. `across`: 1 where the
    languages differ. `summary`: 1 for an abstract or a conclusion, which says in short what others say in full.
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


@dataclass(frozen=True)
class Meaning:
    """What the vectors say of a passage: the cosine with the question; the mean of those of the nearest passages; and
    whether the question or the passage was told to the model by its gloss.
    """

    cosine: float
    usual: float
    glossed: bool


@dataclass(frozen=True)
class Weights:
    """Coefficients of the evidence, in its order, for the logarithm of the odds."""

    coefficients: tuple[float, ...]
    intercept: float

    def logit(self, evidence: Evidence) -> float:
        return self.intercept + sum(c * v for c, v in zip(self.coefficients, evidence, strict=True))

    def probability(self, evidence: Evidence) -> float:
        return 1 / (1 + math.exp(-self.logit(evidence)))


# Fitted by `python -m bench._answering` on the half of the labelled questions that is for tuning: logistic regression
# with an L2 penalty, each coefficient held to the sign that its meaning demands.
# Which of several passages answers.
WHICH = Weights((1.0, 1.7, 2.0, -1.7, 0.0, -1.4, 0.4, 0.3, 0.6, 1.7, 0.4, 0.0, -2.1), -3.0)
# Whether the best of them does.
WHETHER = Weights((2.3, 0.8, 1.4, -3.1, 0.0, -2.1, 0.8, 0.4, 2.7, 0.9, -0.1, 0.0, 0.0), -2.7)
# About what passages that answer have: where no vectors tell, the words alone judge.
UNMEASURED = Meaning(0.5, 0.35, glossed=False)
# Below this nothing is said to answer.
THRESHOLD = 0.5
_SUMMARY = re.compile(
    r"^[\W\d_]*(?:[一二三四五六七八九十]+、)?\s*(?:摘\s*要|abstract|summary|引\s*言|前\s*言|绪\s*论|introduction|结\s*[语论]|结束语|总结|conclusions?"
    r"|关键词|key\s?words)\W*$",
    re.IGNORECASE,
)


def evidence(leaf: Leaf, window: Window, weighing: Weighing, view: View, meaning: Meaning) -> Evidence:
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
        meaning=meaning.cosine,
        contrast=meaning.cosine - meaning.usual,
        glossed=float(meaning.glossed),
        across=float(passage.language != asked.language),
        summary=float(bool(passage.section) and _SUMMARY.match(passage.section[-1]) is not None),
    )


def _pairs(asked: Asked, view: View, held: Text) -> float:
    weighted = [(term, view.rarity(view.holding(term))) for term, _ in asked.pairs]
    total = sum(weight for _, weight in weighted)
    return sum(weight for term, weight in weighted if held.holds(term)) / total if total else 0.5
