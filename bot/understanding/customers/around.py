"""What is said around a question about customers: a title before it, and after it how many are to be listed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.understanding.customers.frame import MOST_LISTED
from bot.understanding.customers.terms import words
from bot.understanding.lexicon import tokens
from bot.understanding.numbers import ENGLISH, han
from bot.understanding.reading.draft import World
from bot.understanding.scene import Sight
from tools.messages import Message, say

TITLE = re.compile(r"^\W*(?P<title>[^\s:：,，.?!。？！\d][^:：,，.?!。？！\d]{1,29})[:：]\s*(?=\S)")
# Words that a list may be called by; any other word of customers, and any figure, place or time, says something.
CALLED = frozenset(
    {"filler", "list", "segment_word", "customer", "by_value", "win_back", "and", "inactive", "known_as"}
)
TELLING = frozenset({"value", "absent", "period", "number", "metric", "dimension", "tool", "cue"})

_N = rf"(?P<n>\d{{1,4}}|{'|'.join(ENGLISH)})"
_PEOPLE = r"(?:names?|customers|clients|buyers|people|accounts|rows|of (?:them|those|these))"
_GIVE = (
    r"(?:(?:give|show|list|send|name|tell)(?: me| us)?|i(?:'d)? (?:only |just )?(?:need|want|like)"
    r"|limit (?:it|the list|this) to|make it)"
)
_JUST = r"(?:please|just|only|simply|and|but|the|a|max(?:imum)?|at most|no more than|up to)"
_ENOUGH = r"(?:only|please|max(?:imum)?|(?:will|would) do|(?:is|are) (?:enough|fine)|at most)"
# After a sentence's end any of these words is enough; after a comma, where a condition may follow, it takes more.
ENGLISH_COUNT = re.compile(
    rf"(?:[?.!;]\s*(?=.*[a-z])|,\s*(?=.*(?:\b(?:top|first|give|show|list|send|name|need|want|limit)\b|{_PEOPLE}\W*$)))"
    rf"(?:{_JUST} )*(?:{_GIVE} )?(?:{_JUST} )*(?:(?:top|first) )?{_N}(?: {_PEOPLE})?(?: {_ENOUGH})*\W*$"
)
CHINESE_COUNT = re.compile(
    r"(?:[,，。?？!！;；]\s*(?:请|就|先|帮我|麻烦|我|只|仅|最多)*(?:(?:要|看|取|给我?|来|列出?|显示|展示|挑|选)(?:一下|下|个)?)*"
    r"(?=前|top|\d+\s*[个位名家]|[一二两三四五六七八九十]+[个位名家])|(?<=风险|名单|预警|概率|可能|客户|用户)(?=前|top))"
    r"(?:前|top)?\s*(?P<n>\d{1,4}|[一二两三四五六七八九十百]+)\s*[个位名家条]?(?:客户|用户|人|名字)?(?:就行|就够|就好|即可|吧|了|可以)*\W*$"
)

RANKED = re.compile(
    r"\b(?:most|highest|best|biggest|largest|fewest|lowest)\b"
    r"(?! (?:likely|probabl[ey]|at[ -]risk|valuable|loyal|endangered))"
    r"|(?<!风险)(?<!概率)(?<!评分)(?<!可能性)最(?:多|高|大|少|低)(?!的?可能|的?概率|的?风险)"
)


@dataclass(frozen=True)
class Around:
    """The question by itself; `top` is how many are to be listed."""

    text: str
    top: int | None = None
    titled: bool = False
    notes: tuple[Message, ...] = ()


def around(sight: Sight, world: World) -> Around:
    """Splits off a title and a count."""
    text, folded = sight.norm.original, sight.folded
    start, end, top = 0, len(folded), None
    notes: tuple[Message, ...] = ()
    title = TITLE.match(folded)
    if title is not None and (group := _called(title["title"], world)) is not None:
        start = title.end()
        notes = _own_words(sight, title) if group else ()
    count = ENGLISH_COUNT.search(folded, start) or CHINESE_COUNT.search(folded, start)
    if count is not None and RANKED.search(folded, start, count.start()):
        count = None  # "who bought the most units? top 3": of a figure
    if count is not None and (number := _number(count["n"])) and folded[start : count.start()].strip():
        end, top = count.start(), number
    if not start and top is None:
        return Around(text)
    first, last = sight.norm.original_span(start, end)
    return Around(text[first:last], top, bool(start), notes)


def _own_words(sight: Sight, title: re.Match[str]) -> tuple[Message, ...]:
    first, last = sight.norm.original_span(*title.span("title"))
    return (as_the_rule_says(sight.norm.original[first:last].strip()),)


def as_the_rule_says(word: str) -> Message:
    """The note on a group's name that a rule beside it explains."""
    return say("“{word}” means here what your rule says, not the segment of that name.", word=word)


def _called(title: str, world: World) -> bool | None:
    """Whether a title is a group's name too; None where it is no mere title."""
    spans = list(words().spans(title, tokens(title)))
    if not all(span.word(*CALLED) or span.has("group") for span in spans):
        return None
    for start, end, found in world.sight(title).candidates:
        own = any(span.start <= start and end <= span.end for span in spans)  # "customers" is a figure's word too
        if not own and any(reading.kind in TELLING for reading in found):
            return None
    return any(span.has("group") for span in spans)


def _number(text: str) -> int | None:
    value = int(text) if text.isdigit() else int(ENGLISH[text]) if text in ENGLISH else int(han(text) or 0)
    return value if 0 < value <= MOST_LISTED else None
