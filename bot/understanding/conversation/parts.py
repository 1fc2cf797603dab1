"""The parts of a message that may ask for several things, and what each of them names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from bot.understanding.conversation.seams import Seam, begins_a_question, seams
from bot.understanding.lexicon import CJK, RANKING
from bot.understanding.reading.draft import World
from bot.understanding.scene import Scene, Sight, cover
from bot.understanding.spans import Span

SMALL = ("filler", "follow_up", "and", "classifier", "only", "pronoun", "greeting", "thanks", "compare")
TOPICS = ("forecast", "drivers", "segments", "churn", "cohorts", "clv", "recommend", "playbook", "digest", "monitor")
_ASKS = re.compile(
    r"\s*(?:(?:and|so|then|also|please|hi|hello|hey)[\s,!]+)*(?:who|whom|which|what|what's|whats"
    r"|how|why|where|when|show|list|give|tell)\b"
    r"|.*(?:多少|谁|哪|什么|几|吗|怎么|如何)"
)
_LEANS = re.compile(
    r"\s*(?:(?:and|but|so|then)\s+(?!(?:the|how|what|which|who)\b(?! about))|what about|how about"
    r"|why\b|the same|same\b)|.*呢\W*$|\s*(?:那么?|为什么|为何|为啥)"
)
_REFERS = re.compile(
    r"\b(?:it|its|they|them|their|those|these|that|this|he|she|him|her)\b(?! (?:month|week|year"
    r"|quarter|day))|他们|她们|它们?|其中|这些|那些|这个(?!月|季|周)|他|她"
)
# What happened is told, not asked: "sales fell last month, why?"
_TOLD = re.compile(
    r"\b(?:fell|dropped|rose|grew|went (?:up|down)|declined|increased|decreased|jumped|plunged"
    r"|is (?:up|down|low|high|falling|rising)|are (?:up|down|falling|rising)"
    r"|has (?:fallen|dropped|risen|grown)|have (?:fallen|dropped|risen|grown))\b|(?:下降|下滑"
    r"|上升|上涨|增长|下跌|跌|涨|增加|减少|降|升)了"
)
_MANNER = re.compile(
    r"\W*(?:按照?|以|就|从)[^，,]{1,8}?(?:来?算|来?看|来说|计算?|来?排|统计|口径)?\W*$"
    r"|\W*(?:by|in terms of|measured (?:by|in)|based on|going by|judging by)\b[^,]{1,24}$"
)
_ENUMERATED = re.compile(r"^\s*(?:\(?\d{1,2}[).、）](?!\d)|[①②③④]|[-*•])\s*")
_LIMIT = re.compile(r"(?:^|\s)(?:in|for|of|from|at|on|only)\s+(?:the\s+)?$")


@dataclass(frozen=True)
class Limit:
    """What a message says once for all of its parts."""

    words: str

    def of(self, text: str) -> str:
        if CJK.search(text):
            return f"{self.words}的{text}"
        return f"{text.rstrip(' ?.!')} for {self.words}"


@dataclass(frozen=True)
class Part:
    """Characters `start` to `end` of the folded message; `seam` is what stands before it."""

    start: int
    end: int
    original: str
    scene: Scene
    seam: Seam | None

    @property
    def text(self) -> str:
        return self.original

    @property
    def folded(self) -> str:
        return self.scene.norm.folded

    @property
    def cut(self) -> bool:
        return self.seam is None or self.seam.cuts

    @property
    def cut_hard(self) -> bool:
        """Whether it is a sentence or a clause of its own, which shares no limits."""
        return self.seam is not None and (self.seam.hard or (self.seam.comma and self.seam.head))

    @property
    def sentence(self) -> bool:
        """Whether a sentence ended before it."""
        return self.seam is not None and self.seam.hard

    @property
    def further(self) -> bool:
        """Whether it is added as something else: "and also the top 3 products", 还有销量前3的商品."""
        if self.seam is None or not (self.seam.hard or self.seam.comma):
            return False
        begins = re.match(r"(?:the )?(?:top|best|bottom|worst|most|highest|lowest|which)\b", self.folded)
        return begins is not None or bool(CJK.search(self.folded))

    @cached_property
    def metrics(self) -> frozenset[str]:
        spans = (s for s in self.scene.spans if s.has("metric") and not s.has("dimension"))
        return frozenset(str(name) for span in spans for name in span.values("metric")[:1])

    @cached_property
    def periods(self) -> tuple[str, ...]:
        return tuple(s.text for s in self.scene.spans if any(p.kind == "period" for p in s.values("period")))

    @cached_property
    def values(self) -> tuple[str, ...]:
        return tuple(s.text for s in self.scene.spans if s.has("value") and not s.word("partial_name"))

    @property
    def groups(self) -> bool:
        """Whether it names what to rank or split by."""
        return bool(self.scene.where(lambda s: s.has("dimension")))

    @property
    def ranks(self) -> bool:
        return bool(self.scene.words(*RANKING))

    @property
    def topical(self) -> bool:
        """Whether another tool's work is spoken of."""
        return begins_a_question(self.folded) or bool(
            self.scene.where(lambda s: any(s.has("cue", topic) for topic in TOPICS) or s.has("tool"))
        )

    @property
    def asks(self) -> bool:
        return _ASKS.match(self.folded) is not None

    @property
    def named(self) -> bool:
        return bool(self.metrics) and not self.scene.where(lambda s: s.has("cue"))

    @property
    def telling(self) -> bool:
        """Whether it names something to answer."""
        return bool(self.metrics or self.asks or self.topical or self.ranks)

    @property
    def strange(self) -> bool:
        """ "The weather tomorrow": words that are not known, in a time of their own."""
        return bool(self.periods) and bool(self.scene.where(lambda s: s.unknown))

    @property
    def counts_only(self) -> bool:
        """ "Top 20", 前20个: it says how many, and nothing of what."""
        said = [s for s in self.scene.spans if not s.word(*SMALL)]
        return bool(said) and all(s.word(*RANKING) or s.has("number") for s in said)

    @property
    def bare(self) -> bool:
        return not self.periods and not self.values

    @property
    def bare_limits(self) -> bool:
        """ "In France the month before": where and when, and nothing else."""
        said = [s for s in self.scene.spans if not s.word(*SMALL)]
        return bool(said) and all(_limits(span) for span in said)

    def limit(self, *, last: bool) -> Limit | None:
        """The values at its end (its beginning, where it is the first part): what may be said of all parts."""
        spans = self.scene.spans
        valued = [i for i, s in enumerate(spans) if s.has("value")]
        chinese = bool(CJK.search(self.folded))
        first, final = valued[0], valued[-1]
        if chinese:
            ahead = spans[:first]
            if last or any(s.has("metric") or s.has("cue") or s.has("tool") for s in ahead):
                return None
        else:
            behind = spans[final + 1 :]
            if not last or any(not _limits(s) and not s.word(*SMALL) for s in behind):
                return None
            if not _LIMIT.search(self.folded[: spans[first].start]):
                return None
        words = self.scene.norm.original_span(spans[first].start, spans[final].end)
        return Limit(self.scene.norm.original[words[0] : words[1]])

    def upto(self, other: Part, sight: Sight, world: World) -> Part:
        """From the beginning of this part to the end of another."""
        return self if other is self else _part(sight, world, self.start, other.end, self.seam)


def _limits(span: Span) -> bool:
    return span.has("value") or any(
        p.kind in ("period", "relative_to_previous", "baseline") for p in span.values("period")
    )


def clauses(sight: Sight, world: World, *, soft: bool) -> list[Part]:
    """The parts between the seams; not `soft`: only those where a question of its own begins."""
    chosen = [seam for seam in seams(sight) if soft or seam.cuts]
    starts = [0, *(seam.end for seam in chosen)]
    ends = [*(seam.start for seam in chosen), len(sight.folded)]
    befores = [None, *chosen]
    found = [
        _part(sight, world, start, end, seam)
        for start, end, seam in zip(starts, ends, befores, strict=True)
        if sight.folded[start:end].strip(" ,，、;；?？!！.。")
    ]
    return [part for part in found if part.scene.spans]


def _part(sight: Sight, world: World, start: int, end: int, seam: Seam | None) -> Part:
    first, last = sight.norm.original_span(start, end)
    original = _ENUMERATED.sub("", sight.norm.original[first:last]).strip(" ,，、;；")
    own = world.sight(original)
    return Part(start, end, original, cover(own, own.candidates), seam)


def leans(part: Part) -> bool:
    """Whether a part cannot stand without the one before it."""
    return bool(_LEANS.match(part.folded) or _REFERS.search(part.folded))


def statement(part: Part) -> bool:
    """ "Sales fell last month": what is told before a question, and asks for nothing."""
    return bool(_TOLD.search(part.folded)) and not part.asks


def manner(part: Part) -> bool:
    """ "By units, …", 按件数算: how the rest is meant."""
    return bool(_MANNER.match(part.folded))


def is_social(part: Part) -> bool:
    """A greeting, thanks, or words that say nothing."""
    return all(span.word("greeting", "thanks", "filler", "follow_up", "and", "classifier") for span in part.scene.spans)


def coordinated(sight: Sight) -> Iterator[tuple[str, ...]]:
    """The message with one of several figures, or of several codes, at a time: "forecast revenue and orders"."""
    scene = cover(sight, sight.candidates)
    for test in (_is_figure, _is_code):
        run: list[int] = []
        places = scene.where(test)
        for i, j in pairwise(places):
            between = scene.spans[i + 1 : j]
            joined = scene.separated(i, j) and all(s.word("and", "filler") for s in between)
            run = [*(run or [i]), j] if joined else run
        if len(run) < 2:
            continue
        start, end = scene.spans[run[0]].start, scene.spans[run[-1]].end
        texts = []
        for i in run:
            span = scene.spans[i]
            whole = sight.norm.folded[:start] + sight.norm.folded[span.start : span.end] + sight.norm.folded[end:]
            texts.append(whole)
        yield tuple(texts)


def _is_figure(span: Span) -> bool:
    return span.has("metric") and not span.has("dimension")


def _is_code(span: Span) -> bool:
    code = any(dimension == "product" for dimension, _value in span.values("value")) and not span.word("partial_name")
    return code or (span.has("number") and span.text.isdigit() and len(span.text) >= 4 and not span.has("period"))
