"""What changes of a monitor that was shown last: calmer · only when it falls · make it 25,000 · per country."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.understanding.outcome import Clarify, Outcome
from bot.understanding.reading.draft import Stop, World
from bot.understanding.scene import cover
from bot.understanding.unasked.conditions import Said, Told, number, one_side, rule, said, unusual
from bot.understanding.unasked.figure import Figure, label
from bot.understanding.unasked.frames import CALMER, CHANGING, SHARPER, SMALL
from bot.understanding.unasked.outcomes import asked, planned
from bot.understanding.unasked.scope import LEAST, least_of, read_scope
from bot.understanding.unasked.sentence import Doubt, Sentence
from tools.answer import ToolCall
from tools.errors import AssistantError
from tools.messages import say

TOOL = "monitor"
OTHER_SIDE = re.compile(
    r"^\W*(?:(?:no|actually|sorry|i mean|i meant|rather|make it|make that|should be)\b[\s,]*)+(?:(?P<up>above|"
    r"over|higher)|"
    r"(?P<down>below|under|lower))(?: (?:it|that|the level))?(?: instead| please)?\W*$|"
    r"^\W*(?:不|不对|其实|应该|改成|改为|我是说|我说的?|是|[,，、\s])+(?:(?P<zh_up>高于|超过|大于)|(?P<zh_down>低于|小于|跌破))"
    r"(?:才对|吧|了|时)?\W*$"
)
# "Only for the UK", 只盯英国: the same watch of fewer; "everywhere", 不限国家: of all.
FEWER = re.compile(
    r"^\W*(?:(?:那|就|请|改|[,，])*(?:只|仅|单独?|就|改)(?:需要?)?(?:盯|看|监控|监测|关注|针对|要|提醒|报|限)(?:着|住)?"
    r"|(?:(?:and|ok|now|but|please)\W+)*(?:only|just)\b)"
)
FEWER_END = re.compile(r"(?:就行|就好|就可以|就够|即可|only|will do|is enough)(?:了|吧)?\W*$")
EVERYWHERE = re.compile(
    r"^\W*(?:(?:and|ok|now|but|please|make it|make that|watch|for|in|actually|rather)\W+)*(?:everywhere|worldwide"
    r"|overall|all (?:the )?(?:countries|markets)|any country|every country|the whole (?:store|shop))"
    r"(?: instead| please)?\W*$|"
    r"^\W*(?:那|就|请|还是|改|成|为|看|盯|监控)*(?:全部|整体|全站|全国|所有|不限|不分|各个?)(?:的)?(?:国家|市场|地区)?"
    r"(?:都看|都算|都盯|一起|的)?(?:吧|呢)?\W*$"
)
SHOWN = ("add", "change", "backtest")


class Tuning:
    """One message's reading as a change of the monitor before; None where it is none."""

    def __init__(self, sentence: Sentence, world: World, before: ToolCall) -> None:
        self.sentence, self.world, self.before = sentence, world, before

    def read(self) -> Outcome | None:
        before = {name: value for name, value in self.before.args.items() if name != "confirmed"}
        metric = before.get("metric")
        if before.get("action") not in SHOWN or metric not in self.world.catalog.metrics or self._asks_anew():
            return None
        if self.before.args.get("confirmed") and before["action"] == "add":
            before["action"] = "change"
        return self._stepped(before) or self._turned_over(before) or self._everywhere(before) or self._changed(before)

    def _asks_anew(self) -> bool:
        """ "Gross sales of all countries last quarter": a figure of a time of its own."""
        scene = cover(self.sentence.sight, self.sentence.sight.candidates)
        past = scene.where(
            lambda s: any(
                p.kind == "period" and p.period is not None and p.period.whole() in ("month", "quarter", "year")
                for p in s.values("period")
            )
        )
        numbers = scene.where(lambda s: s.has("number") and not s.has("period"))
        return bool(past and scene.where(lambda s: s.has("metric")) and not numbers and not scene.words("compare"))

    def _everywhere(self, before: dict[str, Any]) -> Outcome | None:
        """ "Everywhere", 不限国家: of all countries."""
        if not before.get("filters") or EVERYWHERE.search(self.sentence.text) is None:
            return None
        kept = [limit for limit in before["filters"] if limit["dimension"] != "country"]
        return planned({**before, "filters": kept}) if len(kept) < len(before["filters"]) else None

    def _turned_over(self, before: dict[str, Any]) -> Outcome | None:
        """ "Actually above": the same level, from the other side."""
        match = OTHER_SIDE.search(self.sentence.text)
        if match is None or before.get("rule") != "threshold" or "level" not in before:
            return None
        return planned({**before, "direction": "up" if match["up"] or match["zh_up"] else "down"})

    def _stepped(self, before: dict[str, Any]) -> Outcome | None:
        """ "Calmer", 更敏感一点: one step along, as the buttons do it."""
        sentence = self.sentence
        calmer, sharper = sentence.take(CALMER), None
        while calmer is not None and sentence.take(CALMER):
            pass
        if calmer is None:
            sharper = sentence.take(SHARPER)
        if calmer is None and sharper is None:
            return None
        for pattern in CHANGING:
            sentence.take(pattern)
        if sentence.scene(SMALL).left_over():
            return None
        return planned(stepped(before, calmer=calmer is not None))

    def _changed(self, before: dict[str, Any]) -> Outcome | None:
        sentence = self.sentence
        for pattern in (*CHANGING, FEWER, FEWER_END):
            sentence.take(pattern)
        scope = read_scope(sentence)
        least = least_of(sentence.take(LEAST))
        side = one_side(sentence)
        condition = said(sentence) or number(sentence)
        learned = unusual(sentence) if condition is None else None
        figure = Figure(sentence.scene(SMALL), self.world, {})
        try:
            figure.read()
        except Stop:
            return None  # a question of its own
        if figure.left():
            return None
        new = figure.args()
        metric = self.world.catalog.metrics[new.get("metric", before["metric"])]
        found = {**before, **new}
        if condition is None and not self._may_move(before, metric.id):
            pending = {name: value for name, value in found.items() if name != "level"}
            message = say("Which level shall {metric} have?", metric=metric.label.label)
            return Clarify(message, pending=ToolCall(TOOL, pending))
        told = self._told(condition, before, [metric.id]) if condition is not None else None
        if told is not None:
            if told.doubt is not None:
                return asked(told.doubt, found)
            found = {**found, **told.args}
        kind = found.get("rule", "learned")
        if scope.doubts:
            return asked(scope.doubts[0], found)
        found |= scope.rest(kind)
        way = side or (learned.args.get("direction") if learned is not None else None)
        if way is not None:
            if kind == "threshold" and way != found.get("direction"):
                choices = tuple(
                    (label(TOOL, {**found, "direction": w}, self.world), {"direction": w}) for w in ("down", "up")
                )
                return asked(Doubt(say("Above the level, or below it?"), choices), found)
            found["direction"] = way
        if least is not None:
            found["least"] = least
        if found == before:
            return None
        return planned(found, (*figure.notes(), *(told.notes if told is not None else ())))

    def _may_move(self, before: Mapping[str, Any], metric: str) -> bool:
        """Whether the rule fits another figure: a level is one figure's."""
        return before.get("rule") != "threshold" or before["metric"] == metric or "level" not in before

    def _told(self, condition: Said, before: Mapping[str, Any], metrics: Sequence[str]) -> Told:
        if condition.op or condition.verb:
            return rule(condition, self.world.catalog.metrics[metrics[0]])
        return turned(condition, metrics, self.world, before)


def turned(condition: Said, metrics: Sequence[str], world: World, before: Mapping[str, Any] | None = None) -> Told:
    """A number alone, as the level or the share of a rule that is there: "make it 25,000", 改成3%."""
    value = condition.amount
    kind = before.get("rule", "learned") if before is not None else None
    unit = world.catalog.metrics[metrics[0]].unit if metrics else None
    unclear = Told(
        {},
        doubt=Doubt(
            say("What shall “{text}” be? Say for example: below 20,000, or by more than 30%.", text=condition.text)
        ),
    )
    if value.or_else is not None or value.points:
        return unclear
    if kind == "change" and value.percent and value.value > 0:
        return Told({"share": value.value})
    if kind == "threshold" or (kind is None and unit is not None):
        if (unit == "ratio") != value.percent or (value.symbol and unit != "currency"):
            return unclear
        return Told({"level": value.value})
    return unclear


def stepped(args: Mapping[str, Any], *, calmer: bool) -> dict[str, Any]:
    """The arguments with the rule one step calmer, or sharper."""
    from jobs.alerts.definition import Definition
    from jobs.alerts.detection import rules
    from jobs.catalog.monitor import MonitorArgs

    try:
        definition = Definition.from_args(MonitorArgs.model_validate(dict(args)))
    except (ValueError, AssistantError):
        return {**args, "action": "backtest"}
    step = rules.calmer if calmer else rules.sharper
    kept = {name: value for name, value in args.items() if name in ("action", "monitor")}
    return {**kept, **definition.with_rule(step(definition.rule)).to_args()}
