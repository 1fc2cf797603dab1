"""True sentences about an answer, in many of the forms in which a language model would write them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from babel import Locale

from bot.rendering.dates import DATES
from tools.answer import Answer, Fact, ToolCall
from tools.semantic.catalog import Catalog
from tools.semantic.countries import territory
from tools.semantic.periods import Period

SYMBOLS = {"GBP": "£", "CNY": "¥", "USD": "$"}
ZH_MONEY = {"GBP": "英镑", "CNY": "元", "USD": "美元"}
EN_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
EN_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
HAN = "零一二三四五六七八九"


@dataclass(frozen=True)
class Story:
    """An answer with its question, and the language in which it is spoken of."""

    question: str
    language: str
    call: ToolCall
    answer: Answer
    catalog: Catalog

    @cached_property
    def facts(self) -> list[Fact]:
        """Those that sentences are made of: figures of a metric, told of a period or of values."""
        named = [f for f in self.answer.facts if f.value and self.metric(f) and len(f.where) <= 1]
        return [f for f in named if f.unit in ("count", "units", "ratio", "points", *SYMBOLS)]

    def metric(self, fact: Fact) -> str:
        names = [m for m in self.catalog.metrics if re.fullmatch(rf"{m}(?:_change|_change_rate|_share)?", fact.name)]
        return max(names, key=len, default="")

    @cached_property
    def main(self) -> Period:
        asked = self.call.args["period"]
        return Period(date.fromisoformat(asked["start"]), date.fromisoformat(asked["end"]))


@dataclass(frozen=True)
class Saying:
    """One figure and what it is said to be of; `more` is a second one in the same sentence."""

    value: float
    unit: str
    metric: str
    where: str | None
    period: Period | None
    kind: str  # "level", "change", "share"
    before: Period | None = None  # a change's
    more: Saying | None = None


def sayings(story: Story) -> list[Saying]:
    """What there is to say, one figure at a time."""
    found = []
    periods = [f.period for f in story.facts if f.period]
    before = next((p for p in periods if p != story.main and p.start < story.main.start), None)
    for fact in story.facts:
        kind = "change" if "_change" in fact.name else "share" if fact.name.endswith("_share") else "level"
        where = next(iter(fact.where.values()), None)
        found.append(Saying(float(fact.value or 0), fact.unit, story.metric(fact), where, fact.period, kind, before))
    return found


# --- true ones --------------------------------------------------------------------------------------------------


def truth(story: Story, rng: random.Random) -> str:
    return " ".join(_joined(story, rng)) if story.language == "en" else "".join(_joined(story, rng))


def _joined(story: Story, rng: random.Random) -> Iterator[str]:
    every = sayings(story)
    for _ in range(rng.choice((1, 1, 2))):
        one = rng.choice(every)
        pairs = [o for o in every if o.kind == "level" == one.kind and o.metric == one.metric and o.where != one.where]
        if one.where and rng.random() < 0.3 and (pairs := [o for o in pairs if o.where and o.period == one.period]):
            one = replace(one, more=rng.choice(pairs))
        yield sentence(story, one, rng)


def sentence(story: Story, one: Saying, rng: random.Random) -> str:
    """The saying in words; false where it is not so."""
    return (_english if story.language == "en" else _chinese)(story, one, rng)


def _english(story: Story, one: Saying, rng: random.Random) -> str:
    metric = story.catalog.metrics[one.metric].label.en
    metric = metric if metric[1:2].isupper() else metric.lower()
    be = "were" if metric.endswith("s") else "was"
    number = figure(one, "en", rng)
    place = _place(one.where, "en")
    when = _when(story, one, "en", rng)
    if one.kind == "change":
        up = one.value > 0
        verb = rng.choice(("rose", "increased", "grew") if up else ("fell", "decreased", "dropped"))
        against = f" from {_period(one.before, 'en')}" if one.before and rng.random() < 0.4 else ""
        in_place = f" in {place}" if place else ""
        return rng.choice(
            (
                f"{capital(metric)}{in_place} {verb} {rng.choice(('', 'by '))}{number}{against or when}.",
                f"{capital(metric)}{in_place} {be} {'up' if up else 'down'} {number}{against}.",
                f"{capital(metric)}{in_place} changed by {'+' if up else '-'}{number}{when}.",
            )
        )
    if one.kind == "share":
        return f"{place or 'This'} accounted for {number} of total {metric}{when}."
    if one.more is not None:
        other = figure(one.more, "en", rng)
        second = _place(one.more.where, "en")
        return rng.choice(
            (
                f"{capital(metric)} {be} {number} in {place} and {other} in {second}{when}.",
                f"{place} ({number}) and {second} ({other}) stand out in {metric}{when}.",
                f"{place} had {metric} of {number}, {second} {other}{when}.",
            )
        )
    if place:
        return rng.choice(
            (
                f"{capital(metric)} in {place} {be} {number}{when}.",
                f"{place} had {metric} of {number}{when}.",
                f"{place} reached {number} in {metric}{when}.",
                f"{capital(when.strip())}, {metric} in {place} came to {number}."
                if when
                else f"{place}: {metric} of {number}.",
            )
        )
    return rng.choice(
        (
            f"{capital(metric)} {be} {number}{when}.",
            f"{capital(metric)} came to {number}{when}.",
            f"{capital(when.strip())}, {metric} reached {number}." if when else f"{capital(metric)} stood at {number}.",
            f"Overall, the {metric} figure is {number}{when}.",
            f"The team's {metric}{when} {be} {rng.choice(('about ', 'around ', 'roughly ', ''))}{number}.",
        )
    )


def _chinese(story: Story, one: Saying, rng: random.Random) -> str:
    metric = story.catalog.metrics[one.metric].label.zh
    number = figure(one, "zh", rng)
    place = _place(one.where, "zh")
    when = _when(story, one, "zh", rng)
    of = f"{place}的" if place else ""
    if one.kind == "change":
        up = one.value > 0
        verb = rng.choice(("增长", "上升", "增加") if up else ("下降", "减少", "下滑"))
        against = f"比{_period(one.before, 'zh')}" if one.before and rng.random() < 0.5 else ""
        return rng.choice((f"{when}{of}{metric}{against}{verb}{number}。", f"{of}{metric}{against}{verb}了{number}。"))
    if one.kind == "share":
        return f"{when}{place or ''}占{metric}总额的{number}。"
    if one.more is not None:
        other, second = figure(one.more, "zh", rng), _place(one.more.where, "zh")
        return rng.choice(
            (
                f"{when}{metric}方面，{place}为{number}，{second}为{other}。",
                f"{when}{place}的{metric}是{number}，而{second}是{other}。",
            )
        )
    return rng.choice(
        (
            f"{when}{of}{metric}为{number}。",
            f"{when}{of}{metric}达到{number}。",
            f"{of}{metric}{when and '在' + when}约为{number}。",
            f"从数据看，{when}{of}{metric}是{number}。",
        )
    )


def _place(where: str | None, language: str) -> str:
    if where is None:
        return ""
    code = territory(where)
    if code is not None:
        return str(Locale.parse(language).territories[code])
    return where.replace("_", " ")


def _when(story: Story, one: Saying, language: str, rng: random.Random) -> str:
    """The period; where it is the one that was asked for, it may go without saying."""
    if one.period is None or (one.period == story.main and rng.random() < 0.3):
        return ""
    if language == "zh":
        return DATES["zh"].period(one.period)
    return f" {DATES['en'].period_in(one.period)}"


def _period(period: Period, language: str) -> str:
    return DATES["zh" if language == "zh" else "en"].period(period)


def figure(one: Saying, language: str, rng: random.Random) -> str:
    """A value as people write it, rounded by no more than a fiftieth."""
    value = abs(one.value)
    if one.unit in ("ratio", "points"):
        return _share(value, one.unit, language, rng)
    money = one.unit in SYMBOLS
    ways = [f"{value:,.0f}", f"{value:.0f}"]
    if money or value != int(value):
        ways = [f"{value:,.2f}", *([f"{value:,.0f}"] if value >= 100 else [])]
    for scale, names in (
        ((1e6, (" million", "M", "m")), (1e3, ("K", "k", " thousand")))
        if language == "en"
        else ((1e8, ("亿",)), (1e4, ("万",)))
    ):
        for digits in (1, 2, 3):
            told = round(value / scale, digits)
            if told >= 1 and abs(told * scale - value) <= 0.02 * value:
                ways += [f"{told:.{digits}f}{name}" for name in names]
    if not money and value == int(value) and value < 100_000:
        ways.append(_spelt(int(value)) if language == "en" else _han(int(value)))
    text = rng.choice(ways)
    if not money:
        return text
    if language == "en":
        return f"{SYMBOLS[one.unit]}{text}"
    return f"{text}{ZH_MONEY[one.unit]}"


def _share(value: float, unit: str, language: str, rng: random.Random) -> str:
    percent = value * 100
    digits = next((d for d in (0, 1, 2, 3) if abs(round(percent, d) - percent) <= 0.02 * percent), 3)
    text = f"{percent:.{rng.choice((digits, max(digits, 1), max(digits, 2)))}f}"
    if unit == "points":
        return f"{text} percentage points" if language == "en" else f"{text}个百分点"
    if language == "en":
        return rng.choice((f"{text}%", f"{text} %", f"{text} percent", f"{text} per cent"))
    whole, _, rest = text.partition(".")
    spoken = _han(int(whole)) + ("点" + "".join(HAN[int(c)] for c in rest) if rest else "")
    return rng.choice((f"{text}%", f"{text}％", f"百分之{spoken}"))


def _spelt(n: int) -> str:
    if n < 20:
        return EN_WORDS[n]
    if n < 100:
        return EN_TENS[n // 10] + (f"-{EN_WORDS[n % 10]}" if n % 10 else "")
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if n >= size:
            rest = n % size
            return f"{_spelt(n // size)} {name}" + (f" {'and ' if rest < 100 else ''}{_spelt(rest)}" if rest else "")
    raise AssertionError


def _han(n: int) -> str:
    if n < 10:
        return HAN[n]
    for size, name in ((10_000, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if n >= size:
            rest = n % size
            gap = "零" if rest and rest < size // 10 else ""
            return f"{_han(n // size)}{name}{gap}{_han(rest) if rest else ''}"
    raise AssertionError


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
