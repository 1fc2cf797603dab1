"""Sentences about an answer that are not so, of every kind that a reader might take for true."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bench._sayings import HAN, SYMBOLS, ZH_MONEY, Saying, Story, capital, figure, sayings, sentence
from tools.semantic.periods import Period, shift

APART = 0.08
"""Two values are different figures where they are further apart, whatever is rounded."""
OTHER_SYMBOL = {"GBP": "$", "CNY": "€", "USD": "£"}
ZH_OTHER = {"GBP": "美元", "CNY": "欧元", "USD": "英镑"}


def lie(story: Story, rng: random.Random) -> tuple[str, str]:
    """A kind of lie and a sentence that tells it. It always holds a claim that is not so."""
    every = sayings(story)
    ways = list(LIES)
    while True:
        kind = rng.choice(ways)
        told = LIES[kind](story, every, rng)
        if told is not None:
            true_beside = sentence(story, rng.choice(every), rng)
            gap = " " if story.language == "en" else ""
            return kind, rng.choice((told, f"{true_beside}{gap}{told}", f"{told}{gap}{true_beside}"))


def _far(value: float, others: Sequence[Saying]) -> bool:
    """Whether a value is none of the others, however it is rounded."""
    return all(abs(abs(other.value) - abs(value)) > APART * max(abs(other.value), 1e-9) for other in others)


def _off(story: Story, every: list[Saying], rng: random.Random) -> str | None:
    one = rng.choice(every)
    value = one.value * rng.choice((0.5, 0.8, 0.9, 1.1, 1.25, 1.5, 2.2))
    if one.unit in ("count", "units"):
        value = float(round(value))
    return sentence(story, replace(one, value=value), rng) if _far(value, every) else None


def _slipped(story: Story, every: list[Saying], rng: random.Random) -> str | None:
    one = rng.choice(every)
    value = one.value * rng.choice((10, 0.1, 1000, 0.001, 100))
    if one.unit in ("count", "units") and value != int(value):
        return None
    return sentence(story, replace(one, value=value), rng) if abs(value) > 1e-4 and _far(value, every) else None


def _swapped(story: Story, every: list[Saying], rng: random.Random) -> str | None:
    """Another fact's value."""
    one, other = rng.choice(every), rng.choice(every)
    mine = [e for e in every if (e.metric, e.where, e.period, e.kind) == (one.metric, one.where, one.period, one.kind)]
    if one.unit != other.unit or not _far(other.value, mine) or one.kind != other.kind:
        return None
    if one.kind == "change" and (one.value > 0) != (other.value > 0):
        return None
    return sentence(story, replace(one, value=other.value), rng)


def _other_time(story: Story, every: list[Saying], rng: random.Random) -> str | None:
    one = rng.choice(every)
    if one.period is None or one.kind == "change":
        return None
    moved = Period(shift(one.period.start, "year", -1), shift(one.period.end, "year", -1))
    if rng.random() < 0.5:
        moved = one.period.previous() if one.period.whole() else Period(
            one.period.start - timedelta(days=40), one.period.end - timedelta(days=40)
        )  # fmt: skip
    same = [e for e in every if e.period == moved and (e.metric, e.where, e.kind) == (one.metric, one.where, one.kind)]
    return sentence(story, replace(one, period=moved), rng) if _far(one.value, same) else None


def _turned(story: Story, every: list[Saying], rng: random.Random) -> str | None:
    """A fall told as a rise."""
    changes = [e for e in every if e.kind == "change"]
    return sentence(story, replace(one, value=-one.value), rng) if changes and (one := rng.choice(changes)) else None


def _other_money(story: Story, every: list[Saying], rng: random.Random) -> str | None:
    one = rng.choice(every)
    if one.unit not in SYMBOLS:
        return None
    text = sentence(story, one, rng)
    if story.language == "en":
        return text.replace(SYMBOLS[one.unit], OTHER_SYMBOL[one.unit])
    return text.replace(ZH_MONEY[one.unit], ZH_OTHER[one.unit])


def _other_metric(story: Story, every: list[Saying], rng: random.Random) -> str | None:
    one = rng.choice(every)
    known = {e.metric for e in every}
    names = [
        m for m in ("net_sales", "orders", "returns", "active_customers", "units", "gross_sales") if m not in known
    ]
    if one.kind != "level" or not names:
        return None
    return sentence(story, replace(one, metric=rng.choice(names)), rng)


def _computed(story: Story, every: list[Saying], rng: random.Random) -> str | None:
    """A sum or a difference that nobody computed."""
    one, other = rng.choice(every), rng.choice(every)
    value = one.value + rng.choice((1, -1)) * other.value
    if one.kind != "level" or one.unit != other.unit or one.unit == "ratio" or abs(value) < 1 or not _far(value, every):
        return None
    number = figure(replace(one, value=abs(value)), story.language, rng)
    if story.language == "en":
        return rng.choice(
            (f"Together that is {number}.", f"That is {number} more than the other.", f"The gap is {number}.")
        )
    return rng.choice((f"两者合计{number}。", f"两者相差{number}。"))


def _invented(story: Story, every: list[Saying], rng: random.Random) -> str | None:
    values = [abs(e.value) for e in every]
    if any(abs(v - x) < 0.02 for v in values for x in (0.5, 1 / 3, 2 / 3, 2.0, 3.0, 0.3, 0.9, 0.25, 1.0)):
        return None
    metric = story.catalog.metrics[every[0].metric].label
    if story.language == "en":
        name = metric.en if metric.en[1:2].isupper() else metric.en.lower()
        return rng.choice(
            (
                f"{capital(name)} doubled.",
                f"That is a third of {name}.",
                f"Half of {name} came from one customer.",
                f"{capital(name)} tripled within three weeks.",
                f"Nearly two thirds of {name} are at risk.",
                f"Ninety percent of {name} came from abroad.",
            )
        )
    return rng.choice(
        (
            f"{metric.zh}翻倍。",
            "其中三成来自新客户。",
            f"{metric.zh}的一半来自一位客户。",
            f"约占{metric.zh}的三分之一。",
            f"{metric.zh}打了九折。",
        )
    )


def _disguised(story: Story, every: list[Saying], rng: random.Random) -> str | None:
    """A wrong figure in characters that hide it."""
    levels = [e for e in every if e.kind == "level" and e.unit not in ("ratio", "points")]
    if not levels:
        return None
    one = rng.choice(levels)
    value = float(round(one.value * 1.37 + 7))
    if not _far(value, every):
        return None
    plain = f"{value:.0f}"
    disguised = rng.choice(
        (
            "".join(chr(0xFF10 + int(c)) if c.isdigit() else c for c in plain),
            "\u200b".join(plain),
            "".join(chr(0x0660 + int(c)) if c.isdigit() else c for c in plain),
            "".join(chr(0x1D7CE + int(c)) if c.isdigit() else c for c in plain),
            "".join(HAN[int(c)] for c in plain if c.isdigit()),
        )
    )
    metric = story.catalog.metrics[one.metric].label
    return f"{metric.en} came to {disguised}." if story.language == "en" else f"{metric.zh}为{disguised}。"


LIES = {
    "value off": _off,
    "scale slipped": _slipped,
    "another fact's value": _swapped,
    "another time": _other_time,
    "direction turned": _turned,
    "another currency": _other_money,
    "another metric": _other_metric,
    "sum or difference": _computed,
    "invented part": _invented,
    "in disguise": _disguised,
}
