"""What the readings of the single tools have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from bot.understanding.customers.frame import Frame
from bot.understanding.customers.parts import Unclear
from bot.understanding.customers.pieces import Amount
from bot.understanding.customers.saving import Named
from bot.understanding.customers.terms import Duration
from bot.understanding.outcome import Decline, Outcome, Plan
from bot.understanding.reading.draft import TOOL_TITLES, World
from bot.understanding.scene import Scene
from tools.answer import ToolCall
from tools.messages import Message, say

Read = tuple[Outcome, bool] | None
MEANING = re.compile(r"\W*(?:what(?:'s| is| are| does)|define|explain|meaning of|how (?:is|are|do))\b")
OWNED = re.compile(
    r"\b(?:our|my|the|of|for|by|in|good|accurate|reliable|at|customers?|often|bought|sold|frequently|goes?|distributed)\b|\d"
)
CALLED = re.compile(r"分为|分成哪|什么意思|是什么[?？]?$|什么是|定义|含义|according to|文档|手册")
AHEAD = re.compile(r"[\d一二三四五六七八九十百]+天(?:以|之)?内")  # 60天内: of what is to come
DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 90, "year": 365}


class Topic:
    """One tool's reading. `read` gives None where the question is not its own, and raises Unclear where it is but

    cannot be read.
    """

    tool: ClassVar[str] = "segments"

    def __init__(self, scene: Scene, world: World, choices: Mapping[str, str], named: Named) -> None:
        self.scene, self.world, self.choices, self.named = scene, world, choices, named

    def read(self) -> Read:
        raise NotImplementedError

    def defines(self) -> bool:
        """ "What is RFM?" asks for the meaning of the word."""
        text = self.scene.norm.folded
        return bool(CALLED.search(text)) or (bool(MEANING.match(text)) and not OWNED.search(text))

    def has(self, *groups: str) -> bool:
        return bool(self.scene.words(*groups))

    def frame(self, *groups: str) -> Frame:
        """The pieces without the words of these groups, which are the topic's own."""
        own = frozenset(
            i
            for i in self.scene.words(*groups)
            if not any(self.scene.spans[i].has(kind) for kind in ("value", "saved", "period"))
        )
        frame = Frame(self.scene, self.world, self.choices, own).cut()
        frame.top = frame.top or self.named.top
        return frame

    def call(self, args: Mapping[str, Any], *, plain: bool = False, notes: Sequence[Message] = ()) -> Read:
        """The tool's call, or that the tool is not there."""
        if self.tool not in self.world.tools:
            title = TOOL_TITLES[self.tool]
            return Decline(say("I cannot do {tool} yet. I can compute, compare and rank figures.", tool=title)), False
        if self.named.top is not None and args.get("top") != self.named.top:
            raise Unclear(sure=True)  # a list was asked for, and of another length or none
        if self.named.name is not None:
            if self.tool != "segments":
                raise Unclear
            args = {**args, "save_as": self.named.name}
            plain = False
        return Plan(
            (ToolCall(self.tool, dict(args)),), (*self.named.notes, *notes, *self._corrected(), *self._named())
        ), plain

    def _corrected(self) -> Iterator[Message]:
        for typed, meant in self.scene.corrections:
            yield say("Read “{typed}” as “{meant}”.", typed=typed, meant=meant)

    def _named(self) -> Iterator[Message]:
        """Which product a part of its name was read as."""
        for span in self.scene.spans:
            codes = [code for dimension, code in span.values("value") if dimension == "product"]
            if span.word("partial_name") and len(codes) == 1:
                name = self.world.index.names.get(codes[0], codes[0])
                yield say("Read “{text}” as {name} ({code}).", text=self.scene.original(span), name=name, code=codes[0])

    def horizon(self, frame: Frame) -> int | None:
        """How many days ahead: "in the next 60 days", 未来三个月, "within 60 days". Takes the words."""
        for piece in frame.find("period"):
            period = piece.value.period
            text = self.scene.spans[piece.first].text
            if period is not None and period.end == self.world.today and AHEAD.fullmatch(text):
                frame.take(piece)
                return int(period.days)
            if period is not None and period.start > self.world.today:
                at = frame.pieces.index(piece)
                over = frame.pieces[at - 1] if at else piece
                frame.take(piece, *((over,) if over.value in ("over", "from") else ()))
                return days_ahead(text, period.days)
        for piece in frame.find("amount"):
            amount: Amount = piece.value
            if amount.duration is not None and not amount.duration.ago and amount.op is None and amount.high is None:
                frame.take(piece)  # "within 60 days", "12-month", 60天内
                return _span_days(amount.duration)
        return None


def _span_days(duration: Duration) -> int:
    if duration.grain == "month" and duration.count % 12 == 0:
        return round(365 * duration.count / 12)
    return round(DAYS[duration.grain] * duration.count) if duration.count != 0.5 else DAYS["month"] * 6


def days_ahead(text: str, days: int) -> int:
    """Days as said; months and years in round numbers, so that "next 3 months" is 90 days whatever the month."""
    for grain, length in (("quarter", 90), ("季", 90), ("month", 30), ("月", 30), ("year", 365), ("年", 365)):
        if grain in text and "半" not in text and "half" not in text:
            return (
                max(1, round(days / (365 / 12 if length == 30 else length))) * length if length != 30 else _months(days)
            )
    return 180 if "半" in text or "half" in text else days


def _months(days: int) -> int:
    months = max(1, round(days / 30.4))
    return 365 * months // 12 if months % 12 == 0 else 30 * months
