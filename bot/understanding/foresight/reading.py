"""Whether a question is about what is to come, a cause, the calendar or the stock, and the call that answers it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from bot.understanding.customers.terms import EN_DURATION, ZH_DURATION, memberships
from bot.understanding.foresight.causes import Causes
from bot.understanding.foresight.events import Events, names
from bot.understanding.foresight.forecasting import Forecasting
from bot.understanding.foresight.reader import NotMine, Reader
from bot.understanding.foresight.scheduling import Scheduling, completed
from bot.understanding.foresight.scoreboard import Scoreboard
from bot.understanding.foresight.stocking import Stocking, length
from bot.understanding.foresight.terms import Candidate, Prefer, lay_out, own_spans
from bot.understanding.lexicon import tokens
from bot.understanding.outcome import Outcome, Plan
from bot.understanding.periods import find_periods
from bot.understanding.reading.draft import DEFAULT_METRIC, Stop, World
from bot.understanding.scene import Sight, look
from bot.understanding.spans import Reading
from bot.understanding.taught.vocabulary import NOTHING_TAUGHT
from tools.answer import ToolCall
from tools.messages import say
from tools.semantic.periods import Period

TOOLS = frozenset({"forecast", "drivers", "calendar", "inventory"})
# Any of these makes a question worth reading for a topic; without one it is not laid out at all.
SIGNS: dict[str, tuple[str, ...]] = {
    "forecast": ("ask", "will", "sales", "soon", "grow_most", "grow_fastest", "fall_most", "fall_fastest"),
    "scoreboard": ("ask",),
    "drivers": ("why", "split", "credit", "how"),
    "calendar": ("promotion", "holiday", "both", "when"),
    "inventory": ("cover", "risk", "reorder", "slow", "turnover", "classes", "lead"),
}
LOOKING = frozenset({"forecast:ask", "forecast:will", "forecast:sales"})
# Where the question itself may begin, after a story.
SENTENCE = re.compile(
    r"(?<=[a-z]{3})[.!]\s+(?=[A-Z])|[。！？!?]\s*(?=\S)|"
    r"[，,]\s*(?=(?:我?想知道|想问|能不能|能否|请问|麻烦|可以|帮我|"
    r"could you|can you|please|tell me|i need|i'd like|what|how))|"
    r"\band (?=need\b|i need\b|want\b|i want\b|would like\b)",
    re.IGNORECASE,
)
# What a forecast is wanted for, which changes nothing of it: 备货要用，…, "… Planning staff for the warehouse".
PURPOSE = re.compile(
    r"(?:^|(?<=[，,。；;？?！!]))\s*(?:我们?|我这边|团队|仓库|采购|老板)?(?:是)?(?:要|想|需要|准备|打算|在)?(?:为了|用来|用于|给|做|好)?"
    r"(?:备货|补货|进货|采购|订货|排班|排产|备库存|做预算|预算|定目标|做计划|安排人手|排人手|招人)(?:计划|安排)?"
    r"(?:要用|用的?|需要|参考|要参考|做参考|使用)?\s*(?:[，,。；;：:]|$)"
    r"|(?:^|(?<=[.?!;,:–-]))\s*(?:(?:it's|it is|this is|i'm|i am|we're|we are)\s+)?"
    r"(?:(?:for|to|so (?:that )?(?:we|i) can)\s+(?:plan(?:ning)?\s+)?"
    r"|planning\s+)(?:the\s+|our\s+|my\s+)?(?:warehouse\s+|store\s+)?"
    r"(?:stock|staff|staffing|inventory|purchas(?:es|ing)|budget(?:s|ing)?|rota|shifts|buying|capacity)"
    r"(?:\s+(?:planning|levels|purposes))?(?:\s+(?:for|in|at)\s+(?:the\s+|our\s+)?(?:warehouse|store|shop|team))?\s*(?:[,.:;!]|$)",
    re.IGNORECASE,
)
MOST_SENTENCES = 3
"""Of the last so many one is the question."""
BACKWARDS = re.compile(r"(?:next|coming|未来|接下来)\s*-\s*\d")
PAST = ("did", "was", "were", "had", "ran", "做过", "做了", "搞过", "办过", "有过")


class Foresight:
    """One question's reading by these topics, in the order in which they are tried."""

    def __init__(self, sight: Sight, world: World, previous: ToolCall | None) -> None:
        self.sight, self.world = sight, world
        self.previous = previous if previous is not None and previous.tool in TOOLS | {"metrics"} else None
        self.own = own_spans(sight) if world.tools & TOOLS else ()

    def read(self) -> Outcome | None:
        """The outcome; None: no question of these."""
        if not self.world.tools & TOOLS:
            return None
        if BACKWARDS.search(self.sight.folded):
            return None
        if (wanted := self._without_purpose()) is not None:
            return wanted
        found = self._read()
        if found is None or isinstance(found, Plan):
            return found
        return self._last_sentence() or found

    def _without_purpose(self) -> Plan | None:
        """The forecast that is asked for, whatever it is wanted for."""
        text = self.sight.norm.original
        rest = PURPOSE.sub(" ", text).strip() if any(span.word(*LOOKING) for span in self.own) else ""
        if not rest or rest == text.strip():
            return None
        read = Foresight(self._look(rest), self.world, self.previous)._read()
        return read if isinstance(read, Plan) and all(call.tool == "forecast" for call in read.calls) else None

    def _last_sentence(self) -> Plan | None:
        """A question with a story before it, where the story speaks of nothing that the question leaves out."""
        text = self.sight.norm.original
        for match in reversed(list(SENTENCE.finditer(text))[-MOST_SENTENCES:]):
            story, question = text[: match.start()], text[match.end() :]
            told, asked = self._look(story), self._look(question)
            names, times = _kinds(told), _kinds(asked)
            if "value" in names or names - times or not question.strip():
                continue
            read = Foresight(asked, self.world, self.previous)._read()
            if isinstance(read, Plan):
                note = say("I read only “{text}”.", text=question.strip())
                return replace(read, notes=(note, *read.notes))
        return None

    def _as_typed(self) -> Sight:
        """Without taught words: the name of a promotion is kept as it is given."""
        if not self.sight.taught:
            return self.sight
        plain = replace(self.sight.index, taught=NOTHING_TAUGHT)
        return look(self.sight.norm.original, plain, self.world.today, self.world.first_day)

    def _look(self, text: str) -> Sight:
        return look(text, self.sight.index, self.world.today, self.world.first_day)

    def _read(self) -> Outcome | None:
        before = self.previous
        if before is not None and before.tool == "calendar" and before.args.get("action") == "add":
            done = completed(before, self.sight, self.world) if not before.args.get("period") else None
            if done is not None:
                return done
        scheduled = Scheduling(self._as_typed(), self.world).read()
        if scheduled is not None:
            return scheduled
        tries: tuple[tuple[type[Reader], Callable[[], Iterable[Candidate]], Prefer], ...] = (
            (Events, self._names, "past" if self._past() else "future"),
            (Stocking, self._lengths, "past"),
            (Scoreboard, tuple, "past"),
            (Causes, self._groups, "past"),
            (Forecasting, self._horizons, "future" if self._looks_ahead() else "past"),
        )
        for reader, more, prefer in tries:
            found = self._try(reader, more, prefer)
            if found is not None:
                return found
        return None

    def _try(self, reader: type[Reader], more: Callable[[], Iterable[Candidate]], prefer: Prefer) -> Outcome | None:
        if reader.tool not in self.world.tools or not self._worth(reader):
            return None
        if reader is Stocking and any(span.word("drivers:why") for span in self.own):
            return None  # why something ran out, the stock does not tell
        world = self.world
        scene = lay_out(
            self.sight, self.own, reader.topics, more(), today=world.today, first_day=world.first_day, prefer=prefer
        )
        reading = reader(scene, world, self.previous)
        try:
            return reading.read()
        except NotMine:
            return None
        except Stop as stop:
            return stop.outcome

    def _worth(self, reader: type[Reader]) -> bool:
        previous = self.previous
        if previous is not None and (previous.tool == reader.tool or reader in (Causes, Forecasting)):
            return True
        if reader is Forecasting and self._ahead():
            return True
        return any(
            str(reading.value) in {f"{topic}:{sign}" for topic in reader.topics for sign in SIGNS[topic]}
            for span in self.own
            for reading in span.readings
        )

    def _looks_ahead(self) -> bool:
        """Whether a month without its year is the next one: where the words, or the question before, look ahead."""
        if any(str(r.value) in LOOKING for span in self.own for r in span.readings):
            return True
        if self.previous is None or self.previous.tool != "forecast":
            return False
        readings = [r for _start, _end, found in self.sight.candidates for r in found]
        return not any(r.kind == "metric" for r in readings) or any(r.value == "follow_up" for r in readings)

    def _ahead(self) -> bool:
        """Whether a time is named that can only lie ahead."""
        return any(
            reading.value.kind == "period" and reading.value.period is not None and self._is_ahead(reading.value.period)
            for _start, _end, readings in self.sight.candidates
            for reading in readings
            if reading.kind == "period"
        )

    def _is_ahead(self, period: Period) -> bool:
        return period.start > self.world.today

    def _past(self) -> bool:
        words = {token.text for token in tokens(self.sight.folded)}
        return any(word in words or (not word.isascii() and word in self.sight.folded) for word in PAST)

    def _names(self) -> Iterator[Candidate]:
        """Names of the promotions and holidays that everybody keeps."""
        folded = self.sight.folded
        for span in names().spans(folded, tokens(folded)):
            yield span.start, span.end, span.readings

    def _groups(self) -> Iterator[Candidate]:
        """Saved segments and groups of customers that a figure may be limited to."""
        return memberships(self.sight, self.world.saved) if "segments" in self.world.tools else iter(())

    def _lengths(self) -> Iterator[Candidate]:
        """ "10 days", 两周: how long a delivery takes."""
        for pattern in (EN_DURATION, ZH_DURATION):
            for match in pattern.finditer(self.sight.folded):
                found = length(match.group()) if not match["ago"] else None
                if found is not None:
                    yield match.start(), match.end(), (Reading("duration", found),)

    def _horizons(self) -> Iterator[Candidate]:
        """ "A 4-week forecast", 30天的预测: so long from tomorrow on."""
        yield from self._groups()
        after = self.previous is not None and self.previous.tool == "forecast"
        if not after and not any(span.word("forecast:ask") for span in self.own):
            return
        for pattern, ahead in ((EN_DURATION, "next {}"), (ZH_DURATION, "未来{}")):
            for match in pattern.finditer(self.sight.folded):
                text = ahead.format(match.group().replace("-", " "))
                found = find_periods(text, self.world.today, prefer="future") if not match["ago"] else []
                if len(found) == 1 and found[0].period is not None and self._is_ahead(found[0].period):
                    yield match.start(), match.end(), (Reading("duration", found[0].period),)


def _kinds(sight: Sight) -> set[str]:
    """Of what a text speaks: figures, values, times."""
    readings = [r for _start, _end, found in sight.candidates for r in found if not r.corrected]
    return {r.kind for r in readings if r.kind in ("metric", "value", "period")}


def as_figure(call: ToolCall | None) -> ToolCall | None:
    """After a forecast or an explanation, "and last month?" asks for the same figure."""
    if call is None or call.tool not in ("forecast", "drivers") or call.args.get("show") == "scoreboard":
        return call
    by = call.args.get("by")
    args = {
        "metrics": [call.args.get("metric", DEFAULT_METRIC)],
        "by": [by] if isinstance(by, str) else [],
        "filters": list(call.args.get("filters", ())),
        "period": call.args.get("period"),
    }
    return ToolCall("metrics", args)
