"""Fits the weights in `knowledge/retrieval/answering.py` on the half of the labelled questions that is for tuning.

Run it as `python -m bench._answering`; it prints the weights, and what they decline on the other half. Logistic
regression with an L2 penalty. A coefficient whose sign would go against what the evidence means is held at zero.

Which passage answers: of each question, those read closely that hold the words of the answer against the five best of
the others. Whether one does: the best of each question, by whether there is an answer at all; both sorts weigh alike.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench._judged import Question, cmrc, papers, playbooks
from bench.retrieval import READABLE, Learnt, learn
from knowledge.retrieval.answering import Evidence
from knowledge.retrieval.extraction import quoted
from knowledge.retrieval.retriever import FUSED_WEIGHT, Reading
from knowledge.vectors.embedders import Embedders

FOR = ("coverage", "window", "single", "pairs", "sorts", "meaning", "contrast")
AGAINST = ("missing", "unheard", "rarest", "across", "summary")
PENALTY = 1.0
OTHERS = 5
EVERY = 6  # of CMRC's questions, so that the encyclopaedia does not outweigh the rest

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A question, what was read for it, and which of these answer; `there`: whether anything does."""

    name: str
    question: Question
    read: Sequence[Reading]
    right: Sequence[bool]
    there: bool


def main() -> None:
    models = Embedders()
    cases: list[Case] = []
    for judged in (papers(), cmrc(), *playbooks()):
        if judged is not None:
            with tempfile.TemporaryDirectory() as folder:
                learnt = learn(judged, Path(folder), models)
                cases += _cases(learnt)
                learnt.close()
    tuned = [case for case in cases if case.question.tune and case.read]
    which = _which(tuned)
    whether = _whether(tuned, which)
    print("WHICH  ", _written(which))
    print("WHETHER", _written(whether))
    for name in dict.fromkeys(case.name for case in cases):
        held = [case for case in cases if case.name == name and not case.question.tune and case.read]
        scores = np.array([_best(case, which).evidence for case in held]) @ whether[:-1] + whether[-1]
        there = np.array([case.there for case in held])
        strict = np.quantile(scores[there], 0.03)
        print(f"{name}: at 3 % false declines {np.mean(scores[~there] < strict):.3f} of {(~there).sum()} declined")


def _cases(learnt: Learnt) -> Iterator[Case]:
    judged = learnt.judged
    retriever = learnt.retriever()
    questions = judged.questions[::EVERY] if judged.name == "CMRC 2018" else judged.questions
    for question in questions:
        read = retriever.readings(question.text, readable=READABLE)
        right = [_answers(learnt, one, question) for one in read]
        yield Case(judged.name, question, read, right, bool(question.right))
        if judged.name == "CMRC 2018":
            gone = {key for key in learnt.catalogue.documents() if learnt.name(key) in question.right}
            read = learnt.retriever(gone).readings(question.text, readable=READABLE)
            yield Case(judged.name, question, read, [False] * len(read), there=False)


def _answers(learnt: Learnt, one: Reading, question: Question) -> bool:
    start, end = quoted(one.passage, one.window)
    quote = one.passage.text[start:end].lower()
    return learnt.name(one.document.key) in question.right and any(word.lower() in quote for word in question.words)


def _which(cases: Sequence[Case]) -> Floats:
    rows, right, weights = [], [], []
    for case in cases:
        answers = [one.evidence for one, yes in zip(case.read, case.right, strict=True) if yes]
        others = [one.evidence for one, yes in zip(case.read, case.right, strict=True) if not yes][:OTHERS]
        for group, yes in ((answers, True), (others, False)):
            rows += group
            right += [yes] * len(group)
            weights += [1 / len(group)] * len(group)
    return _fitted(np.array(rows), np.array(right, float), np.array(weights))


def _whether(cases: Sequence[Case], which: Floats) -> Floats:
    rows = np.array([_best(case, which).evidence for case in cases])
    there = np.array([case.there for case in cases], float)
    weights = np.where(there == 1, 0.5 / there.sum(), 0.5 / (1 - there).sum()) * len(there)
    return _fitted(rows, there, weights)


def _best(case: Case, which: Floats) -> Reading:
    return max(case.read, key=lambda one: float(np.dot(which[:-1], one.evidence)) + FUSED_WEIGHT * one.fused)


def _fitted(rows: Floats, right: Floats, weights: Floats) -> Floats:
    """The coefficients, and the intercept at the end."""
    from scipy.optimize import minimize

    rows = np.c_[rows, np.ones(len(rows))]

    def loss(given: Floats) -> tuple[float, Floats]:
        p = 1 / (1 + np.exp(-rows @ given))
        said = weights * (right * np.log(p + 1e-9) + (1 - right) * np.log(1 - p + 1e-9))
        slope = rows.T @ (weights * (p - right))
        slope[:-1] += PENALTY * given[:-1]
        return float(PENALTY / 2 * (given[:-1] ** 2).sum() - said.sum()), slope

    bounds = [(0 if name in FOR else None, 0 if name in AGAINST else None) for name in Evidence._fields]
    found = minimize(loss, np.zeros(rows.shape[1]), jac=True, bounds=[*bounds, (None, None)], method="L-BFGS-B")
    return np.asarray(found.x, np.float64)


def _written(weights: Floats) -> str:
    return f"Weights(({', '.join(f'{one:.1f}' for one in weights[:-1])}), {weights[-1]:.1f})"


if __name__ == "__main__":
    main()
