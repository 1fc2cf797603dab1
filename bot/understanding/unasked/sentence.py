"""A sentence from which stretches are taken one by one, as they are read; what is left is read as figures are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bot.understanding.scene import Scene, Sight, cover
from bot.understanding.spans import Reading
from tools.messages import Message

MASK = "\0"
TAKEN = "unasked"
# An order's own words are never a misspelt figure: "sending" is no "spending".
ORDER = re.compile(
    r"(?:send|push|post|deliver|mail|e-?mail|messag|shar|watch|monitor|alert|warn|tell|remind|notif|report|start|stop|"
    r"drop|summar|digest|updat)(?:e?s|ing|ed|e|y|ies)?"
)
LEFT = re.compile(rf"[^{MASK}]+")
POLITE = (
    r"(?:(?:please|pls|plz|kindly|can you|could you|would you|will you|can we|can i|could i|may i|"
    r"i want you to|i want to|"
    r"i'd like you to|i'd like to|i would like to|i would like you to|we want to|we'd like to|i need you to|"
    r"i need to|"
    r"let's|let us|help me(?: to)?|just|also|and|now|then|hi|hello|hey|ok|okay|so|from now on)\b[\s,:!]*)*"
)
ZH_POLITE = (
    r"(?:请|麻烦你?|帮我们?|帮忙|给我们|给我|替我|你?能不能|能否|可以|可不可以|我想要?|我要|我们要|我们想|"
    r"我需要|想|你好|您好|以后|今后|从现在起|从今天起|[,，、:\s])*"
)
# How soon somebody is to be told; alerts come at once in any case.
AT_ONCE = (
    r"(?:immediately|instantly|instantaneously|right away|straight ?away|straight off|right off|at once|asap|"
    r"as soon as possible|without delay|promptly|urgently|in real[- ]time|as soon as it happens|on the spot)"
)
ZH_AT_ONCE = r"(?:马上|立即|立刻|立马|即刻|即时|实时|及时|第一时间|尽快|赶紧|赶快|火速)"
ENDING = (
    r"(?:(?:please|pls|thanks|thank you|for me|for us|now|谢谢|谢了|吧|吗|呢|了|啊|呀|哦|哈|哟|嘛|一下|一声|好吗|"
    r"可以吗|行吗|好不好)|"
    r"[\s.!?,。！？…~])*$"
)


@dataclass(frozen=True)
class Doubt:
    """Something that was said and may mean several things, or none: what is asked back, and the ways to go on.

    `choices` are labels with the arguments that they would change.
    """

    message: Message
    choices: tuple[tuple[Message, Mapping[str, Any]], ...] = ()


class Sentence:
    """The folded text; what was taken of it is masked, place by place."""

    def __init__(self, sight: Sight) -> None:
        self.sight = sight
        self.rest = sight.folded
        self._taken: list[tuple[int, int]] = []

    @property
    def text(self) -> str:
        """All of it, lower-cased."""
        return self.sight.folded

    def copy(self) -> Sentence:
        """The same, as far as it was read; what is taken of one is not taken of the other."""
        other = Sentence(self.sight)
        other.rest, other._taken = self.rest, list(self._taken)
        return other

    def has(self, pattern: re.Pattern[str]) -> bool:
        return pattern.search(self.rest) is not None

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """The first match in what is left, which is then taken."""
        match = pattern.search(self.rest)
        if match is not None:
            self.drop(*match.span())
        return match

    def take_all(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        """Every match in what is left, but those within a name: 发 in 发饰."""
        found = [match for match in pattern.finditer(self.rest) if match.group() and not self._names(*match.span())]
        for match in found:
            self.drop(*match.span())
        return found

    def _names(self, start: int, end: int) -> bool:
        return any(
            first <= start and end <= last and last - first > end - start
            for first, last, readings in self.sight.candidates
            if any(r.kind in ("metric", "value", "dimension") and not r.corrected for r in readings)
        )

    @cached_property
    def _countries(self) -> frozenset[tuple[int, int]]:
        """ "Orders from the US": no word for whom to tell."""
        return frozenset(
            (start, end)
            for start, end, readings in self.sight.candidates
            if any(r.kind == "value" and r.value[0] == "country" and not r.corrected for r in readings)
        )

    def drop(self, start: int, end: int) -> None:
        """Takes what is left between two places."""
        self._taken += [(start + run.start(), start + run.end()) for run in LEFT.finditer(self.rest[start:end])]
        self.rest = self.rest[:start] + MASK * (end - start) + self.rest[end:]

    def scene(self, small: re.Pattern[str] | None = None) -> Scene:
        """What is left, laid out by the words of figures; what was taken counts as explained, and so does what `small`
        matches where it is no part of a name.
        """
        free = (
            (start, end, tuple(r for r in readings if r.kind not in ("tool", "cue") and not (r.corrected and ordering)))
            for start, end, readings in self.sight.candidates
            if MASK not in self.rest[start:end]
            for ordering in (ORDER.fullmatch(self.rest[start:end]) is not None,)
        )
        taken = ((start, end, (Reading("word", TAKEN),)) for start, end in self._taken)
        own = small.finditer(self.rest) if small is not None else ()
        words = (
            (match.start(), match.end(), (Reading("word", TAKEN),))
            for match in own
            if match.group() and match.span() not in self._countries
        )
        scene = cover(self.sight, [*(each for each in free if each[2]), *taken, *words])
        scene.use(*scene.words(TAKEN))
        return scene
