"""Sentences about digests: send one, show one, list, change, pause, resume, end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.understanding.outcome import Clarify, Outcome, Plan
from bot.understanding.reading.draft import Stop, World, days
from bot.understanding.scene import Sight
from bot.understanding.unasked.clock import quiet_hours, time_of_day
from bot.understanding.unasked.digest_words import (
    ALONE,
    ALSO_NOUN,
    CHANGE_WORDS,
    DAY_OF,
    EN_CHANGE,
    EN_END,
    EN_LIST,
    EN_NOUN,
    EN_PAUSE,
    EN_RESUME,
    EN_SEND,
    EN_SHOW,
    ENDED,
    GETTING,
    HOW,
    MEANING,
    MORE,
    MOVED,
    NOW,
    NUMBER,
    OF_BEFORE,
    OF_MAILINGS,
    OF_NOW,
    OUT_OF_SCOPE,
    REAL,
    REFUSED_SPAN,
    RHYTHM_OF,
    SMALL,
    STANDING,
    STILL,
    STRONG_SEND,
    ZH_CHANGE,
    ZH_END,
    ZH_ENDED,
    ZH_LIST,
    ZH_NOUN,
    ZH_PAUSE,
    ZH_RESUME,
    ZH_RHYTHM,
    ZH_SEND,
    ZH_SHOW,
)
from bot.understanding.unasked.figure import Figures, option
from bot.understanding.unasked.places import language, time_zone
from bot.understanding.unasked.rhythms import month_day, read_rhythm
from bot.understanding.unasked.sentence import Doubt, Sentence
from tools.answer import FollowUp, ToolCall
from tools.messages import say
from tools.semantic.periods import Grain, shift, unit

TOOL = "digest"
GRAINS: dict[str, Grain] = {"daily": "day", "weekly": "week", "monthly": "month"}
WHEN = frozenset({"at", "weekdays", "day", "days_off", "quiet", "only_when_moved"})  # of one that is sent


class Digesting:
    """One sentence's reading about digests; `read` gives None where it is about something else."""

    def __init__(self, sight: Sight, world: World, previous: ToolCall | None) -> None:
        self.sight, self.world = sight, world
        self.previous = previous if previous is not None and previous.tool == TOOL else None
        self.sentence = Sentence(sight)
        self.doubts: list[Doubt] = []

    def read(self) -> Outcome | None:
        text = self.sentence.text
        if EN_LIST.match(text) or ZH_LIST.match(text):
            return self._plan({"action": "list"})
        if MEANING.match(text):
            return None
        if ALONE.match(text):
            return self._plan({"action": "end"})
        number = self.sentence.take(NUMBER) if self._speaks() else None
        noun = self._noun() or ({"noun": True} if number is not None else {})
        if not noun and self.previous is None and not (STRONG_SEND.search(text) or GETTING.search(text)):
            return None
        action = self._managed(noun)
        if action is not None:
            return self._finish(action, noun, number)
        if not noun and self.previous is not None:
            found = self._goes_on(self.previous)
            if found is not None:
                return found
            self.sentence, self.doubts = Sentence(self.sight), []
        return self._sent(noun)

    # --- Which digest, and what is to be done with it ----------------------------------------------------------------

    def _speaks(self) -> bool:
        return self.previous is not None or bool(
            EN_NOUN.search(self.sentence.text) or ZH_NOUN.search(self.sentence.text)
        )

    def _noun(self) -> dict[str, Any]:
        """The digest that is named, with what its name says of the rhythm; {} where none is."""
        matches = [match for pattern in (EN_NOUN, ZH_NOUN) for match in self.sentence.take_all(pattern)]
        if not matches:
            return {}
        found: dict[str, Any] = {"noun": True}
        for match in matches:
            when = match.groupdict().get("when")
            found["named"] = found.get("named") or REAL.search(match.group()) is not None
            if not when:
                continue
            rhythm = RHYTHM_OF.get(when) or next(name for part, name in ZH_RHYTHM if part in when)
            if found.get("rhythm") not in (None, rhythm):
                found["other"] = rhythm
                continue
            found["rhythm"] = rhythm
            if when in ("evening", "nightly", "晚报", "end of day", "end-of-day"):
                found["part"] = "evening"
            if when in DAY_OF:
                found["weekdays"] = [DAY_OF[when]]
        return found

    def _managed(self, noun: Mapping[str, Any]) -> str | None:
        """The action on a digest that is there, or on the one shown before."""
        sentence = self.sentence
        if not noun and self.previous is None:
            return None
        for action, patterns in (
            ("resume", (EN_RESUME, ZH_RESUME)),
            ("pause", (EN_PAUSE, ZH_PAUSE)),
            ("end", (ZH_ENDED, EN_END, ZH_END)),
        ):
            for pattern in patterns:
                match = pattern.search(sentence.rest)
                if match is None or (action == "end" and _leaves_out(sentence.rest, match)):
                    continue
                sentence.drop(*match.span())
                sentence.take(MORE)
                return action
        return None

    def _finish(self, action: str, noun: Mapping[str, Any], number: re.Match[str] | None) -> Outcome | None:
        args: dict[str, Any] = {"action": action}
        self._numbered(args, number)
        if noun.get("rhythm"):
            args["rhythm"] = noun["rhythm"]
        if REFUSED_SPAN.search(self.sentence.rest) and action == "pause":
            return Clarify(
                say("A digest is paused until you resume it; I do not count days. Shall I pause it?"),
                (FollowUp(say("Pause it"), ToolCall(TOOL, args)),),
            )
        rhythm = read_rhythm(self.sentence)
        if rhythm.name and not noun.get("rhythm"):
            args["rhythm"] = rhythm.name
        time_of_day(self.sentence)
        return self._read_rest(args, sure=bool(noun))

    def _numbered(self, args: dict[str, Any], number: re.Match[str] | None) -> None:
        if number is not None:
            args["subscription"] = int(next(text for text in number.groups() if text))

    # --- One to be sent, or to be shown ------------------------------------------------------------------------------

    def _sent(self, noun: Mapping[str, Any]) -> Outcome | None:
        sentence = self.sentence
        if OUT_OF_SCOPE.search(sentence.text) and not (noun and HOW.search(sentence.text)):
            return None
        if OF_MAILINGS.search(sentence.text):
            return None
        how = noun and HOW.search(sentence.text)
        if how:
            sentence.take(HOW)
        changing = (EN_CHANGE.search(sentence.rest) or ZH_CHANGE.search(sentence.rest)) if noun else None
        if changing is not None:
            sentence.drop(*changing.span())
        now = sentence.take(NOW) if noun else None
        args = self._schedule(noun.get("part", ""), noun.get("rhythm"))
        timed = "at" in args or self.timed
        if changing is not None:
            return self._changed(noun, args)
        self._take_before(args.get("rhythm") or noun.get("rhythm") or "daily")
        action = self._wanted(noun, now, args, timed=timed)
        if action is None:
            return None
        for pattern in (EN_SEND, ZH_SEND, EN_SHOW, ZH_SHOW):
            sentence.take_all(pattern)
        if not noun:
            sentence.take(ALSO_NOUN)
        self._named(noun, noun.get("rhythm") or self._of_now(now), args)
        if action == "subscribe":
            args.setdefault("rhythm", "daily")
        told = action == "preview" and bool(noun.get("named"))
        return self._read_rest({"action": action, **args}, sure=bool(noun), how=bool(how), dated=told)

    def _wanted(self, noun: Mapping[str, Any], now: Any, args: Mapping[str, Any], *, timed: bool) -> str | None:
        """Whether a digest is to be shown, sent or changed; None where it is none."""
        sentence = self.sentence
        sending = sentence.has(EN_SEND) or sentence.has(ZH_SEND)
        showing = sentence.has(EN_SHOW) or sentence.has(ZH_SHOW)
        ordered = self.recurs and (
            STRONG_SEND.search(sentence.text) is not None or (timed and GETTING.search(sentence.text) is not None)
        )
        if not noun and not ordered:
            return None
        if not timed and ((now is not None and not self.recurs) or (showing and not ordered)):
            return "preview"
        if timed or self.recurs or (sending and noun.get("rhythm")):
            told = now is None or (ENDED.search(now.group()) and self._of_now(now) == args.get("rhythm"))
            return "subscribe" if told else None
        if {"days_off", "quiet", "only_when_moved"} & args.keys():
            return "change" if STANDING.search(sentence.text) else "subscribe"
        return "preview"

    def _named(self, noun: Mapping[str, Any], rhythm: str | None, args: dict[str, Any]) -> None:
        """What the digest's name says of the rhythm, beside what was said of the days."""
        if noun.get("other"):
            self.doubts.append(Doubt(say("One digest at a time, please. Which one first?"), _rhythms(noun)))
        if rhythm and args.setdefault("rhythm", rhythm) != rhythm:
            by_days = rhythm == "daily" and args["rhythm"] == "weekly" and args.get("weekdays")
            if not by_days:  # 每周一发日报: how often it comes is what was said of the days
                choices = tuple((_often(each), {"rhythm": each}) for each in (args["rhythm"], rhythm))
                self.doubts.append(Doubt(say("How often shall it come?"), choices))
        if noun.get("weekdays"):
            args.setdefault("weekdays", noun["weekdays"])

    def _schedule(self, part: str = "", known: str | None = None) -> dict[str, Any]:
        """Everything that is said of when, how often and in which language. Doubts are gathered."""
        sentence = self.sentence
        args: dict[str, Any] = {}
        quiet, doubt = quiet_hours(sentence)
        self._doubt(doubt)
        if quiet is not None:
            args["quiet"] = quiet
        if sentence.take(STILL) is not None:
            args["only_when_moved"] = False
        elif sentence.take(MOVED) is not None:
            args["only_when_moved"] = True
        for name, read in (("language", language), ("timezone", time_zone)):
            value, doubt = read(sentence)
            self._doubt(doubt)
            if value is not None:
                args[name] = value
        rhythm = read_rhythm(sentence, known)
        told = time_of_day(sentence, rhythm.part or part)
        if told.at is not None:
            args["at"] = told.at
        self.doubts += rhythm.doubts
        self._doubt(told.doubt)
        self.recurs, self.timed = rhythm.recurs, told.at is not None or told.doubt is not None
        return {**args, **rhythm.args()}

    def _doubt(self, doubt: Doubt | None) -> None:
        if doubt is not None:
            self.doubts.append(doubt)

    def _of_now(self, now: re.Match[str] | None) -> str | None:
        if now is None:
            return None
        return next((name for words, name in OF_NOW if any(word in now.group() for word in words)), None)

    def _take_before(self, rhythm: str) -> None:
        """ "Every morning the previous day's figures": of which days a digest tells in any case."""
        for pattern, name in OF_BEFORE:
            if name == rhythm and (self.recurs or self.timed):
                self.sentence.take(pattern)

    # --- Changes -----------------------------------------------------------------------------------------------------

    def _changed(self, noun: Mapping[str, Any], args: dict[str, Any]) -> Outcome | None:
        sentence = self.sentence
        for pattern in (EN_CHANGE, ZH_CHANGE, EN_SEND, ZH_SEND):
            sentence.take_all(pattern)
        sentence.take_all(CHANGE_WORDS)
        day = month_day(sentence) if "day" not in args else None
        if day is not None:
            args["day"] = day
        target = noun.get("other") or args.get("rhythm")
        rhythm = target or noun.get("rhythm")
        if rhythm:
            args["rhythm"] = rhythm
        return self._read_rest({"action": "change", **args}, sure=True)

    def _goes_on(self, before: ToolCall) -> Outcome | None:
        """ "At 8 instead", 改成每周: what changes of the digest that was shown or subscribed last."""
        args = self._schedule()
        sentence = self.sentence
        for pattern in (EN_CHANGE, ZH_CHANGE, EN_SEND, ZH_SEND, CHANGE_WORDS):
            sentence.take_all(pattern)
        kept = {name: value for name, value in before.args.items() if name != "confirmed"}
        done = bool(before.args.get("confirmed")) or kept.get("action") == "list"
        figures = self._figures(args)
        if isinstance(figures, Figures):
            args = figures.args()
        if not isinstance(figures, Figures) or figures.left() or not args:
            return None
        if done:
            kept = {"action": "change", **({"subscription": kept["subscription"]} if "subscription" in kept else {})}
        elif kept.get("action") not in ("preview", "subscribe", "change"):
            return None
        if kept.get("action") == "preview" and WHEN & args.keys():
            kept = {"rhythm": "daily", **kept, "action": "subscribe"}
        if "rhythm" in args and args["rhythm"] != kept.get("rhythm"):
            kept = {name: value for name, value in kept.items() if name not in ("weekdays", "day")}
        merged = {**kept, **args}
        return self._asked(merged) or self._plan(merged, figures)

    # --- Ending ------------------------------------------------------------------------------------------------------

    def _figures(self, args: dict[str, Any], *, dated: bool = False) -> Figures | Outcome:
        figures = Figures(self.sentence.scene(SMALL), self.world, args)
        try:
            period = figures.dated() if dated else None
            figures.read()
        except Stop as stop:
            return stop.outcome
        if period is not None:
            figures.call["period"] = days(period)
            figures.call.setdefault("rhythm", {1: "daily", 7: "weekly"}.get(period.days, "monthly"))
        return figures

    def _read_rest(self, args: dict[str, Any], *, sure: bool, how: bool = False, dated: bool = False) -> Outcome | None:
        figures = self._figures(args, dated=dated)
        if not isinstance(figures, Figures):
            return figures if sure else None
        left = figures.left()
        timely = [span for span in left if any(p.kind == "period" and p.period for p in span.values("period"))]
        running = False
        if len(timely) == 1 and args.get("action") == "subscribe" and self.recurs:
            grain = GRAINS[args["rhythm"]]
            told, now = unit(shift(self.world.today, grain, -1), grain), unit(self.world.today, grain)
            said = {p.period for p in timely[0].values("period")}
            running = any(p.start == now.start and self.world.today <= p.end <= now.end for p in said if p is not None)
            if running or told in said:
                left = [span for span in left if span not in timely]
                timely = []
        split = [name for name in figures.plan.by if name]
        if (left or split) and (not sure or timely or (split and args.get("action") == "preview")):
            return None  # the sales of a month in a weekly report are figures
        call = figures.args()
        if call.get("action") == "preview" and call.get("rhythm") == "daily":
            del call["rhythm"]  # goes without saying
        asked = self._asked(call)
        if asked is not None:
            return asked
        if running and not left and not split:
            return Clarify(
                say(
                    "A digest tells of days that are over: each time of the day, week or month before. "
                    "Shall I set it up so?"
                ),
                (option(TOOL, call, self.world),),
            )
        if left or split:
            words = tuple(dict.fromkeys(f"“{figures.scene.original(span)}”" for span in left))[:4]
            groups = tuple(self.world.catalog.dimensions[name].label.label.inside() for name in split)
            message = (
                say("A digest cannot do this: {words}. Shall I leave it out?", words=words)
                if words
                else say("A digest is not split by {groups}. Shall I leave that out?", groups=groups)
            )
            return Clarify(message, (option(TOOL, call, self.world),))
        if how:
            return Clarify(
                say("Just say it, for example:"), (option(TOOL, {**call, "action": "subscribe"}, self.world),)
            )
        return self._plan(call, figures)

    def _asked(self, args: Mapping[str, Any]) -> Clarify | None:
        if not self.doubts:
            return None
        doubt = self.doubts[0]
        options = tuple(FollowUp(label, ToolCall(TOOL, _switched(args, changes))) for label, changes in doubt.choices)
        return Clarify(doubt.message, options, ToolCall(TOOL, dict(args)))

    def _plan(self, args: Mapping[str, Any], figures: Figures | None = None) -> Plan:
        return Plan((ToolCall(TOOL, dict(args)),), figures.notes() if figures is not None else ())


def _leaves_out(text: str, match: re.Match[str]) -> bool:
    """ "Not on weekends", 节假日不发 leave days out; they end nothing."""
    near = text[max(0, match.start() - 8) : match.end() + 24]
    return bool(
        re.search(r"weekend|holiday|nothing|quiet|周末|节假日|假日|假期|变化|变动|波动|异动|打扰|\d点|\d:", near)
    )


def _switched(args: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    dropped = ("weekdays", "day") if changes.get("rhythm", args.get("rhythm")) != args.get("rhythm") else ()
    return {**{name: value for name, value in args.items() if name not in dropped}, **changes}


def _often(name: str) -> Any:
    return {"daily": say("Every day"), "weekly": say("Every week"), "monthly": say("Every month")}[name]


def _rhythms(noun: Mapping[str, Any]) -> tuple[tuple[Any, dict[str, Any]], ...]:
    return tuple((_often(name), {"rhythm": name}) for name in (noun["rhythm"], noun["other"]))
