"""The tool `calendar`: what is on when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, ClassVar

from bot.understanding.foresight.reader import NotMine, Reader, period_of
from bot.understanding.lexicon import CJK, Lexicon, tokens
from bot.understanding.normalise import normalise
from bot.understanding.outcome import Outcome
from bot.understanding.reading.draft import days
from bot.understanding.spans import Reading
from bot.understanding.taught.vocabulary import ONE_THING
from tools.messages import Label, Message, say
from tools.semantic.periods import Period, unit


@cache
def names() -> Lexicon:
    """The names of the shipped promotions and holidays; a reading's value is the occasion's label."""
    from tools.calendar.shipped import OCCASIONS  # only questions about occasions need them

    lexicon = Lexicon()
    for occasion in OCCASIONS:
        for name in (occasion.label.en, occasion.label.zh, *occasion.names):
            if len(normalise(name).folded) > 2 or CJK.search(name):
                lexicon.add(name, Reading("group", occasion.label), mendable=False)
    return lexicon


class Events(Reader):
    """Lists of events, and the dates of one."""

    tool: ClassVar[str] = "calendar"
    topics: ClassVar[tuple[str, ...]] = ("calendar",)

    def read(self) -> Outcome | None:
        scene = self.scene
        self.kind: str | None = None
        self.country: str | None = None
        self.name: str | None = None
        after = self.before is not None and self.before.tool == self.tool
        listed = self.has("calendar:promotion", "calendar:holiday", "calendar:both")
        event = self._named()
        dated = self.has("calendar:when") and (event is not None or listed)
        if not (dated or listed or after) or scene.where(lambda s: s.has("metric") and not self._is_event_word(s)):
            return None
        if event is not None:
            self.name = event
        elif dated and not listed:
            return None
        self._year_mark()
        self._kinds()
        self._places()
        self._period()
        leaning = scene.words("follow_up", "only") and event is None
        if not (dated or listed) or (after and leaning):
            self._lean(listed=listed)
        self.own()
        scene.use(*scene.words("calendar:when", "calendar:ahead", "calendar:promotion", "calendar:holiday"))
        scene.use(*scene.words("highest", "pronoun", "top", "compare", "rank") if dated else ())
        self.explained(sure=dated and event is not None)
        return self.finish(self.args())

    def _is_event_word(self, span: Any) -> bool:
        return bool(span.word("calendar:promotion", "calendar:holiday", "calendar:both"))

    def _named(self) -> str | None:
        """The event that is spoken of, by its English label."""
        found = self.scene.where(lambda s: s.has("group"))
        labels: list[Label] = [label for i in found for label in self.scene.spans[i].values("group")]
        labels += self._in_periods()
        if not labels:
            return None
        self.scene.use(*found)
        return labels[0].en

    def _in_periods(self) -> list[Label]:
        """ "Black Friday last year" is read as one period: the event is in its words."""
        texts = [self.scene.spans[i].text for i, _span in self.spoken("period")]
        return [
            label for text in texts for found in names().spans(text, tokens(text)) for label in found.values("group")
        ]

    def _kinds(self) -> None:
        promotion, holiday = self.has("calendar:promotion"), self.has("calendar:holiday")
        if self.name is None and promotion != holiday and not self.has("calendar:both"):
            self.kind = "promotion" if promotion else "holiday"

    def _places(self) -> None:
        for i, span in enumerate(self.scene.spans):
            for dimension, value in (*span.values("value"), *span.values("absent")):
                if dimension == "country" and not span.word(ONE_THING):
                    self.country = value
                    self.scene.use(i)
        for i in self.scene.where(lambda s: s.has("dimension", "country") or s.has("dimension", "campaign")):
            self.scene.use(i)

    def _period(self) -> None:
        found = []
        for i, span in self.spoken("period"):
            self.scene.use(i)
            if span.period is not None:
                found.append((self.scene.spans[i].text, span.period))
        if self.name is not None:
            found += self._bare_years()
            years = [p for text, p in found if p.whole() == "year" or self._year_said(text)]
            self.plan.period = unit(years[0].start, "year") if years else None
            return
        periods = sorted({period for _text, period in found})
        if periods:
            first, last, today = periods[0].start, max(p.end for p in periods), self.world.today
            if first <= today < last and self.has("calendar:ahead"):
                first = today  # "what is left this year"
            self.plan.period = Period(first, last)

    def _bare_years(self) -> list[tuple[str, Period]]:
        """ "Chinese New Year 2027": a year to come is no period of the records."""
        found = []
        for i in self.scene.where(lambda s: bool(re.fullmatch(r"20\d\d", s.text))):
            self.scene.use(i)
            found.append((self.scene.spans[i].text, unit(date(int(self.scene.spans[i].text), 1, 1), "year")))
        return found

    def _year_mark(self) -> None:
        """双十一2012年: the 年 after a year that was read with the event."""
        for i in self.scene.where(lambda s: s.text == "年"):
            if i and self.scene.spans[i - 1].text[-1:].isdigit():
                self.scene.use(i)

    def _year_said(self, text: str) -> bool:
        return bool(re.search(r"(?:19|20)\d\d|\byear\b|[今明去前后]年", text))

    def _lean(self, *, listed: bool) -> None:
        """ "And in Germany?" after a list."""
        args = self.before.args if self.before is not None else {}
        if args.get("action", "list") != "list" or not (self.plan.period or self.country or listed):
            raise NotMine
        if not listed:
            self.kind, self.name = args.get("kind"), args.get("name")
        self.country = self.country or args.get("country")
        if self.plan.period is None and args.get("period"):
            self.plan.period = period_of(args["period"])
        self.scene.use(*self.scene.words("pronoun"))

    def args(self, period: Period | None = None) -> dict[str, Any]:
        found: dict[str, Any] = {"action": "list"}
        when = period or self.plan.period
        if when is not None:
            found["period"] = days(when)
        for key in ("name", "kind", "country"):
            if getattr(self, key) is not None:
                found[key] = getattr(self, key)
        return found

    def label(self, args: Mapping[str, Any]) -> Message:  # noqa: ARG002
        return say("Promotions and holidays to come")
