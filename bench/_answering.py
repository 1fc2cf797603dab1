"""Fits the weights in `knowledge/retrieval/answering.py` on the half of the labelled questions that is for tuning.

Run it as `python -m bench._answering`; it prints the weights, and what they find and decline on the other half. An L2
penalty holds the coefficients down; one whose sign would go against what the evidence means is held at zero.

Which passage answers: conditional logit over the passages that were read for a question; those whose quote holds the
words of the answer share the probability. Whether one does: logistic regression on the best of each question, by
whether there is an answer at all; both sorts weigh alike.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench._judged import Question, cmrc, together
from bench.retrieval import READABLE, Learnt, learn
from knowledge.retrieval.answering import Evidence
from knowledge.retrieval.extraction import quoted
from knowledge.retrieval.retriever import Reading, Retriever
from knowledge.vectors.embedders import Embedders

FOR = frozenset(
    ("coverage", "window", "single", "pairs", "sorts", "meaning", "contrast", "heading", "promised", "fused")
)
AGAINST = frozenset(("missing", "unheard", "rarest", "across", "summary"))
PENALTY = 1.0
EVERY = 7  # of CMRC's questions, and at less weight: an encyclopaedia is not what teams write
ENCYCLOPAEDIA = 0.3

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A question, what was read for it, (n, evidence), which of these answer, (n,), and the team's bonus, (n,)."""

    name: str
    question: Question
    evidence: Floats
    right: NDArray[np.bool_]
    bonus: Floats
    there: bool

    @property
    def weight(self) -> float:
        return ENCYCLOPAEDIA if self.name == "CMRC 2018" else 1.0

    def order(self, which: Floats) -> NDArray[np.int64]:
        return np.argsort(-(self.evidence @ which + self.bonus), kind="stable")


def main() -> None:
    models = Embedders()
    cases: list[Case] = []
    for judged in (together(), cmrc()):
        if judged is not None:
            with tempfile.TemporaryDirectory() as folder:
                learnt = learn(judged, Path(folder), models)
                cases += _cases(learnt)
                learnt.close()
    tuned = [case for case in cases if case.question.tune]
    which = _which([case for case in tuned if case.right.any()])
    whether = _whether(tuned, which)
    print(_written("WHICH", which, 0.0))
    print(_written("WHETHER", whether[:-1], whether[-1]))
    threshold = _strict(tuned, which, whether)
    print(f"at most 3 % of what is found is declined below {threshold:.2f}")
    for name in dict.fromkeys(case.name for case in cases):
        for half, tune in (("tuned on", True), ("held out", False)):
            chosen = [case for case in cases if case.name == name and case.question.tune is tune]
            if chosen:
                print(f"{name}, {half}: {_held(chosen, which, whether, threshold)}")


def _cases(learnt: Learnt) -> Iterator[Case]:
    judged = learnt.judged
    retriever = learnt.retriever()
    encyclopaedia = judged.name == "CMRC 2018"
    for question in judged.questions[:: EVERY if encyclopaedia else 1]:
        yield from _case(learnt, question, retriever, there=bool(question.right))
        if encyclopaedia:
            gone = {key for key in learnt.catalogue.documents() if learnt.name(key) in question.right}
            yield from _case(learnt, question, learnt.retriever(gone), there=False)


def _case(learnt: Learnt, question: Question, retriever: Retriever, *, there: bool) -> Iterator[Case]:
    read = retriever.readings(question.text, readable=READABLE)
    if not read:
        return
    yield Case(
        learnt.judged.name,
        question,
        np.array([one.evidence for one in read], np.float64),
        np.array([there and _answers(learnt, one, question) for one in read]),
        np.array([one.bonus for one in read]),
        there,
    )


def _answers(learnt: Learnt, one: Reading, question: Question) -> bool:
    start, end = quoted(one.passage, one.window)
    quote = one.passage.text[start:end].lower()
    held = not question.words or any(word.lower() in quote for word in question.words)
    return learnt.name(one.document.key) in question.right and held


def _which(cases: Sequence[Case]) -> Floats:
    def loss(given: Floats) -> tuple[float, Floats]:
        total, slope = PENALTY / 2 * float(given @ given), PENALTY * given
        for case in cases:
            scores = case.evidence @ given + case.bonus
            odds = np.exp(scores - scores.max())
            right = odds * case.right
            total -= case.weight * float(np.log(right.sum() / odds.sum()))
            slope = slope - case.weight * (case.evidence.T @ (right / right.sum() - odds / odds.sum()))
        return total, slope

    return _least(loss, [_bounds(name) for name in Evidence._fields])


def _whether(cases: Sequence[Case], which: Floats) -> Floats:
    rows = _rows(cases, which)
    there = np.array([case.there for case in cases], float)
    weights = np.array([case.weight for case in cases])
    weights *= np.where(there == 1, 0.5 / (weights * there).sum(), 0.5 / (weights * (1 - there)).sum()) * len(cases)

    def loss(given: Floats) -> tuple[float, Floats]:
        p = 1 / (1 + np.exp(-rows @ given))
        said = weights * (there * np.log(p + 1e-9) + (1 - there) * np.log(1 - p + 1e-9))
        slope = rows.T @ (weights * (p - there))
        slope[:-1] += PENALTY * given[:-1]
        return float(PENALTY / 2 * (given[:-1] ** 2).sum() - said.sum()), slope

    return _least(loss, [*(_bounds(name) for name in Evidence._fields), (None, None)])


def _rows(cases: Sequence[Case], which: Floats) -> Floats:
    """The evidence of the best passage of each question, and a one."""
    return np.array([[*case.evidence[case.order(which)[0]], 1.0] for case in cases])


def _least(
    loss: Callable[[Floats], tuple[float, Floats]], bounds: Sequence[tuple[float | None, float | None]]
) -> Floats:
    from scipy.optimize import minimize

    found = minimize(loss, np.zeros(len(bounds)), jac=True, bounds=bounds, method="L-BFGS-B")
    return np.asarray(found.x, np.float64)


def _bounds(name: str) -> tuple[float | None, float | None]:
    return (0 if name in FOR else None, 0 if name in AGAINST else None)


def _strict(cases: Sequence[Case], which: Floats, whether: Floats) -> float:
    """The probability below which 3 % are of what was found among the best three, the encyclopaedia left out."""
    found = [c for c in cases if c.weight == 1.0 and c.there and c.right[c.order(which)[:3]].any()]
    return float(np.quantile(_probabilities(found, which, whether), 0.03))


def _probabilities(cases: Sequence[Case], which: Floats, whether: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-_rows(cases, which) @ whether)), np.float64)


def _held(cases: Sequence[Case], which: Floats, whether: Floats, threshold: float) -> str:
    there = [case for case in cases if case.there]
    nothing = [case for case in cases if not case.there]
    places = [np.flatnonzero(case.right[case.order(which)]) for case in there]
    first, second, third = (np.mean([place.size > 0 and place[0] < n for place in places]) for n in (1, 2, 3))
    found = [case for case, place in zip(there, places, strict=True) if place.size > 0 and place[0] < 3]
    lost = np.mean(_probabilities(found, which, whether) < threshold)
    declined = np.mean(_probabilities(nothing, which, whether) < threshold)
    return (
        f"{len(there)} answerable, quoted first {first:.3f}, in two {second:.3f}, in three {third:.3f}, "
        f"of these declined {lost:.3f}; {len(nothing)} unanswerable, declined {declined:.3f}"
    )


def _written(name: str, coefficients: Floats, intercept: float) -> str:
    """Weights as `answering.py` has them, to be pasted there."""
    named = zip(Evidence._fields, coefficients, strict=True)
    fields = "".join(f"        {field}={one:z.2f},\n" for field, one in named)
    return f"{name} = Weights(\n    Evidence(\n{fields}    ),\n    {intercept:z.2f},\n)"


if __name__ == "__main__":
    main()
