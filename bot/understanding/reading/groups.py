"""What the figures are split by, and which values they are limited to."""

from __future__ import annotations

import re

from bot.understanding.outcome import Clarify, Decline, not_known
from bot.understanding.reading.draft import (
    Absent,
    Base,
    Stop,
)
from bot.understanding.spans import Span
from bot.understanding.taught.vocabulary import ONE_THING
from tools.answer import FollowUp
from tools.messages import say
from tools.nearest import nearest
from tools.semantic.wording import PLACES

SIDE_BY_SIDE = re.compile(r"分别|各|对比|相比|比较|哪个|哪一个|谁|\b(?:each|separately|compare|versus|vs|which|by)\b")
WEEKDAY_NAMES = {
    name: number
    for number, names in enumerate(
        (
            ("monday", "mon", "周一", "星期一", "礼拜一"),
            ("tuesday", "tue", "周二", "星期二", "礼拜二"),
            ("wednesday", "wed", "周三", "星期三", "礼拜三"),
            ("thursday", "thu", "周四", "星期四", "礼拜四"),
            ("friday", "fri", "周五", "星期五", "礼拜五"),
            ("saturday", "sat", "周六", "星期六", "礼拜六"),
            ("sunday", "sun", "周日", "星期日", "星期天", "礼拜天", "礼拜日", "周天"),
        ),
        start=1,
    )
    for name in names
}
# Where a value is one of several kinds of channel, the one that the figure itself knows first is meant.
CHANNELS = frozenset({"channel", "marketing_channel", "message_channel"})


class Groups(Base):
    """What the figures are split by, and which values they are limited to."""

    def _dimensions(self) -> None:
        scene, plan = self.scene, self.plan
        allowed = self._allowed()
        for i in scene.where(lambda s: s.has("dimension")):
            if i in scene.used:
                continue
            names = scene.spans[i].values("dimension")
            if self._is_label(i, names):
                scene.use(i)
                continue
            fitting = [name for name in names if name in allowed] or list(names)
            name = self._there(fitting)
            self._not_counted(i, name)
            if self._only_a_noun(i, name):
                scene.use(i)
                continue
            if not self._has_values(name):
                scene.use(i)
                raise Absent(
                    Decline(
                        say(
                            "The data does not tell {dimension} apart.",
                            dimension=self.catalog.dimensions[name].label.label.inside(),
                        ),
                        self._groups(),
                    )
                )
            scene.use(i)
            if name not in plan.by:
                plan.by.append(name)
        for i in scene.where(lambda s: any(p.kind == "grain" for p in s.values("period"))):
            if i in scene.used:
                continue
            grain = next(p.grain for p in scene.spans[i].values("period") if p.kind == "grain")
            scene.use(i)
            if grain and grain not in plan.by:
                plan.by.append(grain)

    def _not_counted(self, i: int, name: str) -> None:
        """ "How many countries": values are not counted, except customers, which a metric does."""
        following = self.scene.spans[i + 1].text if i + 1 < len(self.scene.spans) else ""
        if not self._is_how_many(i) and following not in {"数量", "个数", "数"}:
            return
        if name == "product":
            options = tuple(self._question_option(self.catalog.metrics[m]) for m in ("distinct_products", "units"))
            raise Stop(Clarify(say("Do you mean different products, or units?"), options))
        if name != "customer":
            dimension = self.catalog.dimensions[name].label.label.inside()
            raise Stop(
                Decline(
                    say("I cannot count {dimension} yet, but I can list what each brought.", dimension=dimension),
                    self._groups(),
                )
            )

    def _only_a_noun(self, i: int, name: str) -> bool:
        """ "法国客户的客单价", "多少件商品": customers buy, products are sold: no split is meant."""
        scene = self.scene
        if name not in ("customer", "product") or self.plan.ranked or not self.plan.metrics:
            return False
        joined = scene.before(i, skip=("filler", "classifier", "and"))
        if joined is not None and set(scene.spans[joined].values("dimension")) & set(self.plan.by):
            return False
        splitting = ("by", "which", "which_many", "top", "rank", "rank_ascending", "breakdown", "highest", "lowest")
        before, after = scene.before(i, skip=("filler", "classifier")), scene.after(i)
        if any(j is not None and scene.spans[j].word(*splitting) for j in (before, after)):
            return False
        return not self.plan.having and not scene.words("rank", "rank_ascending", "breakdown", "which_many")

    def _is_label(self, i: int, names: tuple[str, ...]) -> bool:
        """ "country Germany", "Home category", "国家：德国": the dimension's name beside one of its values."""
        scene = self.scene
        previous = scene.spans[i - 1] if i else None
        if self._labels_a_value(i):
            return True
        grains = {self.catalog.dimensions[name].grain for name in names} - {None}
        following = scene.after(i)
        if following is not None and grains & {
            p.period.whole() for p in scene.spans[following].values("period") if p.period
        }:
            return True  # "the month of October"
        if previous is not None and previous.word("by", "which", "which_many", "top", "how_many"):
            return False
        after = scene.after(i)
        if after is not None and (
            any(d in names for d, _v in scene.spans[after].values("value")) or self._labels_a_value(i)
        ):
            return True
        before = scene.before(i, skip=("filler", "classifier"))
        if before is not None and self.plan.ranked and before in self._excluded():
            return False  # "which 5 non-UK countries"
        return (
            before is not None and before == i - 1 and any(d in names for d, _v in scene.spans[before].values("value"))
        )

    def _values(self) -> None:
        scene = self.scene
        allowed = self._allowed()
        excluded = self._excluded()
        chosen: dict[tuple[str, str], list[str]] = {}
        strange = bool(scene.where(lambda s: s.unknown))
        for i in scene.where(lambda s: s.has("absent")):
            if scene.spans[i].has("value"):
                continue
            name = str(scene.spans[i].values("absent")[0][1])
            raise Stop(
                Decline(
                    say(
                        "There are no figures for {value}: the data has no sales there.",
                        value=scene.original(scene.spans[i]) or name,
                    ),
                    self._examples(),
                )
            )
        for i, span in enumerate(scene.spans):
            if i in scene.used:
                continue
            if span.word("partial_name") and (strange or not self.plan.metrics):
                continue  # beside words that mean nothing here, a likeness with a product's name is chance
            named = self._one_thing(span) or self._customer_code(i) or self._value(i, allowed)
            if named is None:
                continue
            dimension, *texts = named
            self._side_by_side(i, dimension)
            scene.use(i)
            op = "not_in" if i in excluded else "in"
            values = chosen.setdefault((dimension, op), [])
            if len(texts) > 1 and not values:
                self.plan.one_thing.add(dimension)
            else:
                self.plan.one_thing.discard(dimension)
            values += [text for text in texts if text not in values]
        for (dimension, op), values in chosen.items():
            if op == "in" and set(values) & set(chosen.get((dimension, "not_in"), ())):
                raise Stop(
                    Clarify(
                        say("I cannot give a part and everything but that part in one figure. Which one first?"),
                        self._examples(),
                    )
                )
        for (dimension, op), values in chosen.items():
            self.plan.filters.append({"dimension": dimension, "op": op, "values": values})
        self._said_again()
        self._counted_again()
        self._weekdays()

    def _said_again(self) -> None:
        """What a value or its exclusion says already: "X 这个商品", "export markets, without the UK"."""
        scene = self.scene
        for i in scene.words("pronoun"):
            thing = next(iter(scene.spans[i + 1 : i + 2]), None)
            named = {dimension for dimension, _value in scene.spans[i - 1].values("value")} if i else set()
            if thing is not None and (same := named & set(thing.values("dimension"))):
                scene.use(i, i + 1)
                self.plan.by = [name for name in self.plan.by if name not in same]
        left_out = {f["dimension"] for f in self.plan.filters if f["op"] == "not_in"}
        if left_out & set(PLACES):
            scene.use(*scene.words("elsewhere"))
        if len(self.plan.by) > 1:  # 英国以外的市场，按月: all of them together
            for i in scene.words("exclude_after"):
                following = scene.after(i)
                if following is not None:
                    own = left_out & set(scene.spans[following].values("dimension"))
                    self.plan.by = [name for name in self.plan.by if name not in own]

    def _counted_again(self) -> None:
        """ "Spain and Portugal, both countries", 22423和22720两个品: how many were named, and of what."""
        scene = self.scene
        for limit in self.plan.filters:
            dimension, count = limit["dimension"], len(limit["values"])
            named = [i for i, s in enumerate(scene.spans) if any(own == dimension for own, _value in s.values("value"))]
            if count < 2 or not named:
                continue
            i = scene.after(named[-1], skip=("filler", "pronoun", "follow_up"))
            number = self._number(i)
            if i is None or number is None or number.whole != count or i in scene.used:
                continue
            thing = scene.after(i, skip=("filler", "classifier"))
            scene.use(*range(named[-1] + 1, thing if thing is not None else i + 1))
            if thing is not None and scene.spans[thing].has("dimension", dimension):
                scene.use(thing)
                if not SIDE_BY_SIDE.search(scene.norm.folded):
                    self.plan.by = [name for name in self.plan.by if name != dimension]

    def _one_thing(self, span: Span) -> tuple[str, ...] | None:
        """A taught word for several values: their dimension, and all of them."""
        if not span.word(ONE_THING):
            return None
        readings = span.values("value")
        return (readings[0][0], *(value for _dimension, value in readings))

    def _side_by_side(self, i: int, dimension: str) -> None:
        """Two values of one kind with nothing between them are one name that was not read as a whole."""
        scene = self.scene
        if i == 0 or not any(d == dimension for d, _v in scene.spans[i - 1].values("value")):
            return
        if not scene.separated(i - 1, i):
            text = f"{scene.original(scene.spans[i - 1])} {scene.original(scene.spans[i])}"
            raise Stop(Decline(not_known([text]), self._examples()))

    def _customer_code(self, i: int) -> tuple[str, str] | None:
        """A number right after the word "customer" is a customer's id, if there is such a customer."""
        scene = self.scene
        span = scene.spans[i]
        number = self._number(i)
        if number is None or number.whole is None or number.money or not span.text.isdigit() or i == 0:
            return None
        labelled = "customer" in scene.spans[i - 1].values("dimension") or self._after_label(i)
        if not labelled and not self._is_another_customer(i):
            return None
        code = span.text
        known = self.world.index.customers
        if known is not None and code not in known:
            raise Stop(
                Decline(
                    say(
                        "There is no customer {code}. Nearest: {choices}.",
                        code=code,
                        choices=tuple(nearest(code, sorted(known), cutoff=0)),
                    ),
                    self._examples(),
                )
            )
        self._ids.add(i)
        return ("customer", code)

    def _is_another_customer(self, i: int) -> bool:
        """ "customers 14646, 14911 and 12415": joined to a number that was read as one."""
        scene = self.scene
        return any(j in self._ids and scene.separated(j, i) for j in (i - 1, i - 2))

    def _after_label(self, i: int) -> bool:
        """ "customer no. 17841", "customer id 17841", 编号17841的客户."""
        scene = self.scene
        if not i or scene.spans[i - 1].text not in {"no .", "no.", "number", "id", "#", "编号"}:
            return False
        after = scene.after(i)
        beside = ([i - 2] if i > 1 else []) + ([after] if after is not None else [])
        return any("customer" in scene.spans[j].values("dimension") for j in beside)

    def _value(self, i: int, allowed: set[str]) -> tuple[str, str] | None:
        scene = self.scene
        span = scene.spans[i]
        readings: list[tuple[str, str]] = list(dict.fromkeys(span.values("value")))
        if not readings:
            return None
        fitting = [r for r in readings if r[0] in allowed] or readings
        near = [scene.spans[j].values("dimension") for j in (i - 1, i + 1) if 0 <= j < len(scene.spans)]
        labelled = [r for r in fitting if any(r[0] in names for names in near)]
        fitting = labelled or fitting
        dimensions = list(dict.fromkeys(r[0] for r in fitting))
        if len(fitting) == 1:
            value = fitting[0]
            if span.word("partial_name") and not self.world.index.is_told(span.text, value[1]):
                self._ask_product(span, fitting)
            if span.word("partial_name"):
                name = self.world.index.names.get(value[1], value[1])
                self.plan.notes.append(
                    say("Read “{text}” as {name} ({code}).", text=scene.original(span), name=name, code=value[1])
                )
            return value
        if dimensions == ["product"]:
            self._ask_product(span, fitting)
        native = [d for d in self.catalog.dimensions if d in dimensions]
        if len({d for d, _ in fitting}) == len(fitting) and CHANNELS & set(native):
            return next(r for r in fitting if r[0] == native[0])
        raise Stop(
            Clarify(
                say("“{text}” can mean more than one thing. Which one?", text=scene.original(span)),
                tuple(
                    FollowUp(
                        say("{dimension} {value}", dimension=self.catalog.dimension(d).label.label.inside(), value=v),
                        self._call_with({"dimension": d, "op": "in", "values": [v]}),
                    )
                    for d, v in fitting[:4]
                ),
            )
        )

    def _ask_product(self, span: Span, fitting: list[tuple[str, str]]) -> None:
        """Several products bear the words: offer the first few and all of them together."""
        codes = [code for _d, code in fitting]
        text = self.scene.original(span)
        options = [
            FollowUp(
                say("{name} ({code})", name=self.world.index.names.get(code, code), code=code),
                self._call_with({"dimension": "product", "op": "in", "values": [code]}),
            )
            for code in codes[:3]
        ]
        if len(codes) <= 50:
            together = FollowUp(
                say("All {count} together", count=len(codes)),
                self._call_with({"dimension": "product", "op": "in", "values": codes}),
            )
            options.append(together)
        if len(codes) == 1:
            raise Stop(Clarify(say("Do you mean this product?"), tuple(options[:1])))
        raise Stop(
            Clarify(
                say("{count} products have “{text}” in their name. Which one?", count=len(codes), text=text),
                tuple(options),
            )
        )

    def _excluded(self) -> set[int]:
        """Values that an excluding word stands before (or, in Chinese, after)."""
        scene = self.scene
        found: set[int] = set()
        for i in scene.words("exclude"):
            reached = False
            for j in range(i + 1, len(scene.spans)):
                span = scene.spans[j]
                if span.has("value") or span.has("absent"):
                    found.add(j)
                    reached = True
                elif not self._within_exclusion(span, reached=reached):
                    break
            if reached:
                scene.use(i)
        ends = [i for i in scene.words("exclusion_end") if i - 1 in found]
        scene.use(*ends)  # 剔除英国后
        for i in scene.words("exclude_after"):
            before = scene.before(i, skip=("filler", "and"))
            while before is not None and scene.spans[before].has("value"):
                found.add(before)
                scene.use(i)
                before = scene.before(before, skip=("filler", "and"))
        return found

    def _within_exclusion(self, span: Span, *, reached: bool) -> bool:
        """What may stand between an excluding word and its values, and between those."""
        if span.word("filler"):
            return not reached or span.text in ("the", "、", ",", "，", "/")
        return span.word("and", "only", "exclude_after") or span.has("dimension")

    def _weekdays(self) -> None:
        scene = self.scene
        days: list[str] = []
        for i in scene.words("weekend"):
            scene.use(i)
            days += ["6", "7"]
        for i in scene.words("weekdays_only"):
            scene.use(i)
            days += ["1", "2", "3", "4", "5"]
        for i in scene.where(lambda s: any(p.kind == "each" for p in s.values("period"))):
            text = scene.spans[i].text
            named = [
                str(number)
                for name, number in WEEKDAY_NAMES.items()
                if len(name) > 3 or not name.isascii()
                if name in text
            ]
            if named:
                scene.use(i)
                days += named
        if days:
            self.plan.filters.append({"dimension": "weekday", "op": "in", "values": sorted(set(days))})
