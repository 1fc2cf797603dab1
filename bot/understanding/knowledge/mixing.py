"""A figure told, and advice asked for: "our repurchase rate is 22 %, what should we do?" is two calls."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bot.understanding.foresight.causes import Causes
from bot.understanding.foresight.reader import NotMine
from bot.understanding.foresight.reading import Foresight
from bot.understanding.foresight.terms import Candidate, lay_out, own_spans
from bot.understanding.knowledge.terms import Cues
from bot.understanding.outcome import Outcome, Plan
from bot.understanding.reading.draft import Stop, World, days
from bot.understanding.scene import Scene, Sight
from bot.understanding.spans import Reading
from tools.answer import ToolCall
from tools.messages import say
from tools.semantic.periods import unit

VALUE = re.compile(r"\s*(?:\bby |\bto )?[£$€¥]?\d[\d.,]*\s*[%％]")
BREAKS = " ,，;；.。:：-—–?？"
# Between what is told and the advice that is asked for.
LINKED = re.compile(
    r"(?:[\s,，;；.。?？]|\b(?:and|but|so|then|please|tell me|say|also)\b"
    r"|并且|并|以及|然后|还有|再|告诉我|说说|讲讲|那么?|应?该|要|(?:对于?|针对)?(?:每一?个?|各个?)(?:分?群|组|分组|层|类|段)?|分别|各自|我们)+$",
    re.IGNORECASE,
)
# A list is asked for, 显示.
SHOWN = re.compile(
    r"^\W*(?:please |can you )?(?:show|list|display|give)\b|显示|列出|列一下|看看|看一下|看下|查看|展示|给出",
    re.IGNORECASE,
)
# "And how to treat them": advice on what was listed or told before.
TREATED = re.compile(
    r"\bhow (?:to|(?:do|should|can|could|shall) (?:we|i|you)) (?:best )?(?:\w+ ){1,3}?(?:of |with |for |to )?"
    r"(?:them|it|these|those|this|that|each|each (?:group|segment|one|of them))\W*$"
)
# What may follow the words that ask for advice.
AFTERTHOUGHT = frozenset(
    [
        *("about", "it", "this", "that", "these", "those", "them", "now", "next", "then", "we", "i", "us", "here"),
        *("with", "against", "to", "do", "say", *"呢啊呀才好吗它这个了那些他们"),
        *("each", "of", "group", "groups", "segment", "segments", "first", "one", *"先每组群的是什么"),
    ]
)


def told_before(cues: Cues, sight: Sight) -> tuple[str, str] | None:
    """What a question tells or asks before it asks for advice, and how it asks for that; None where it does neither."""
    treated = TREATED.search(sight.folded)
    starts = [span.start for span in cues.all("remedy") if nothing_more(sight.folded[span.end :])]
    for place in (*starts, *([treated.start()] if treated else ())):
        start, end = sight.norm.original_span(0, place)
        told = LINKED.sub("", sight.norm.original[start:end]).strip(BREAKS)
        return (told, sight.norm.original[end:].strip()) if told else None
    return None


def shown(told: str, answer: Callable[[str], Outcome]) -> Plan | None:
    """The figure of a period, or the list, that is asked for before advice is; None where that is neither."""
    outcome = answer(told)
    if not isinstance(outcome, Plan) or len(outcome.calls) != 1:
        return None
    measured = outcome.calls[0].tool == "metrics" and not outcome.calls[0].args.get("by")
    return outcome if measured or SHOWN.search(told) else None


def without_values(text: str) -> str:
    """The text without the shares and amounts that it states."""
    return VALUE.sub("", text)


def nothing_more(text: str) -> bool:
    """ "About it now": words that add nothing to a call for advice."""
    words = text.split() if text.isascii() else list(text)
    return all(word.strip("?!.,;，。？！；~ ") in AFTERTHOUGHT | {""} for word in words)


def figure(told: str, world: World) -> Plan | None:
    """The figure that is spoken of, as it stands in the data, or why it moved; None where that cannot be told."""
    sight = world.sight(told)
    cues = Cues.of(sight)
    own = own_spans(sight)
    if cues.has("supposed"):
        return None
    if any(span.word("drivers:why") for span in own) and "drivers" in world.tools:
        read = Foresight(sight, world, None).read()
        return read if isinstance(read, Plan) else None
    scene = lay_out(sight, own, ("drivers",), _told(cues), today=world.today, first_day=world.first_day, prefer="past")
    if not _tells(cues, scene):
        return None
    try:
        read = Told(scene, world, moved=cues.has("moved")).read()
    except (NotMine, Stop):
        return None
    return read if isinstance(read, Plan) else None


def _told(cues: Cues) -> list[Candidate]:
    """Words of how a figure moved or stands, as words that say nothing new."""
    return [
        (span.start, span.end, (Reading("word", "drivers:told"),)) for span in cues.spans if span.word("moved", "level")
    ]


def _tells(cues: Cues, scene: Scene) -> bool:
    """Whether something is said to be so: it moved, has a value, or is high or low with us."""
    if cues.has("moved"):
        return True
    ours = cues.has("own") or bool(scene.where(lambda s: s.has("period") or s.has("value")))
    limited = bool(scene.words("more_than", "at_least", "less_than", "at_most"))
    valued = scene.where(lambda s: any(n.percent or n.money for n in s.values("number")))
    return (bool(valued) and (ours or not limited)) or (ours and cues.has("level"))


class Told(Causes):
    """A figure that is spoken of, read by the steps that read changes."""

    def __init__(self, scene: Scene, world: World, *, moved: bool) -> None:
        super().__init__(scene, world, None)
        self.moved = moved

    def _asked(self) -> bool:
        return True

    def read(self) -> Outcome | None:
        return super().read() if self.scene.where(lambda s: s.has("metric")) else None

    def _period_needed(self) -> None:
        if self.plan.period is None:
            self.plan.period = unit(self.world.today, "month").previous()
            self.plan.notes.append(say("No period was named: the figure is that of {period}.", period=self.plan.period))

    def finish(self, args: Any) -> Outcome:
        period = self._clip(self.plan.period or unit(self.world.today, "month").previous())
        asked: dict[str, Any] = {"metrics": [args["metric"]], "period": args["period"]}
        if "compare" in args:
            asked["compare"] = args["compare"]
        elif self.moved:
            asked["compare"] = days(self._before(period))
        if args.get("filters"):
            asked["filters"] = args["filters"]
        return Plan((ToolCall("metrics", asked),), tuple(self.plan.notes))
