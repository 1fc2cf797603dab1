"""Questions from templates crossed with paraphrases, values and periods, each with the one plan that is right.

The plans are put together here, from dates and ids,
without asking the planner. The same seed gives the same questions.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

Lang = Literal["en", "zh"]
LANGUAGES: tuple[Lang, ...] = ("en", "zh")
TODAY = date(2026, 11, 20)
SEED = 20261120
TRIES = 60
SLOT = re.compile(r"\{(\w+)\}")
POLITE_EN = ("", "", "", "", "", "hi, ", "quick one: ", "pls ", "could you tell me: ", "hey - ")
POLITE_ZH = ("", "", "", "", "", "请问", "帮我看下", "麻烦看一下", "你好，", "想了解一下")


@dataclass(frozen=True)
class Word:
    """What a slot may be filled with: what it means, and how people put it in each language."""

    means: Any
    en: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()

    def said(self, language: Lang) -> tuple[str, ...]:
        return self.en if language == "en" else self.zh


Words = Sequence[Word]
Meant = Mapping[str, Any]


@dataclass(frozen=True)
class Family:
    """One thing that can be asked, the ways to ask it, and its arguments from what the slots mean.

    A slot whose name ends in a digit draws from the words of its name without the digit, another one each time.
    `each`: how many questions a language gets. `polite` False: the text is asked as it stands. `same`: another call
    that says the same, as a count of customers does that may be a figure or a rule.
    """

    kind: str
    tool: str
    en: tuple[str, ...]
    zh: tuple[str, ...]
    args: Callable[[Meant], dict[str, Any]]
    slots: Mapping[str, Words] = field(default_factory=dict)
    each: int = 8
    polite: bool = True
    same: Callable[[Meant], tuple[str, dict[str, Any]]] | None = None


@dataclass(frozen=True)
class Case:
    """A question with its gold plan, and another one that says the same."""

    text: str
    language: Lang
    kind: str
    tool: str
    args: dict[str, Any]
    same: tuple[str, dict[str, Any]] | None = None


def days(start: date, end: date) -> dict[str, str]:
    return {"start": start.isoformat(), "end": end.isoformat()}


def cases(families: Sequence[Family], seed: int = SEED) -> list[Case]:
    """The questions of all families; no text twice."""
    found: dict[str, Case] = {}
    for family, language in itertools.product(families, LANGUAGES):
        draw = random.Random(f"{seed} {family.kind} {language}")  # noqa: S311 - the same questions each time
        for case in itertools.islice(_fresh(family, language, draw, found), family.each):
            found[case.text] = case
    return list(found.values())


def _fresh(family: Family, language: Lang, draw: random.Random, found: Mapping[str, Case]) -> Iterator[Case]:
    """Questions that are not there yet, from one template after the other."""
    templates = list(family.en if language == "en" else family.zh)
    draw.shuffle(templates)
    for template in itertools.islice(itertools.cycle(templates), TRIES):
        case = _filled(family, template, language, draw)
        if case.text not in found:
            yield case


def _filled(family: Family, template: str, language: Lang, draw: random.Random) -> Case:
    texts: dict[str, str] = {}
    means: dict[str, Any] = {}
    for slot in SLOT.findall(template):
        taken = [means[name] for name in means if name.rstrip("0123456789") == slot.rstrip("0123456789")]
        words = [w for w in family.slots[slot.rstrip("0123456789")] if w.said(language) and w.means not in taken]
        word = draw.choice(words)
        means[slot], texts[slot] = word.means, draw.choice(word.said(language))
    text = template.format(**texts)
    if family.polite:
        text = _as_typed(text, language, draw)
    args = {"question": text} if family.tool == "playbook" else family.args(means)
    return Case(text, language, family.kind, family.tool, args, family.same(means) if family.same else None)


def _as_typed(text: str, language: Lang, draw: random.Random) -> str:
    """A greeting now and then, capitals and question marks as people leave them."""
    if language == "zh":
        return draw.choice(POLITE_ZH) + draw.choice((text, text, text.rstrip("？。")))
    opening = draw.choice(POLITE_EN)
    text = draw.choice((text, text, text.rstrip("?."), text.lower()))
    return opening + text if opening else text[0].upper() + text[1:] if draw.random() < 0.5 else text
