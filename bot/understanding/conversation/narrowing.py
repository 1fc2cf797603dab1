"""Follow-ups on what an answer is limited to: another bound, a place left out, the figure itself and not its share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.understanding.conversation import follow_words as words
from bot.understanding.conversation.change import says_nothing
from bot.understanding.conversation.recent import RULED
from bot.understanding.conversation.retiming import Retiming
from bot.understanding.conversation.rules import excluding, leaving_out, without_country
from bot.understanding.interpret import interpret
from bot.understanding.numbers import Number
from bot.understanding.outcome import Clarify, Outcome, Plan
from bot.understanding.reading.draft import OPS, days
from bot.understanding.spans import Span
from tools.answer import FollowUp, ToolCall
from tools.messages import say

MONEY = frozenset({"gross_sales", "returns", "net_sales"})
SIGNS = frozenset({">", ">=", "<", "<="})
FILTERED = frozenset({"metrics", "forecast", "drivers", "inventory"})
# What a Chinese measure word after a number counts.
COUNTED = {"单": "orders", "笔": "orders", "件": "units"}


@dataclass(frozen=True)
class Bound:
    """Spans `start` to `end` (exclusive) say that a figure is above or below a number."""

    op: str
    number: Number
    metric: str | None
    start: int
    end: int


class Narrowing(Retiming):
    """What changes of the limits of the call before."""

    @property
    def _compared(self) -> bool:
        return bool(self.args.get("compare") or self.args.get("average_per"))

    # --- Another bound -----------------------------------------------------------------------------------------------

    def _another_bound(self) -> Plan | None:
        """ "Over 100?", 超过50单的, after "which countries had over 50 orders": of the same groups."""
        conditions = [dict(condition) for condition in self.args.get("having", ())]
        by = list(self.args.get("by", ()))
        if self.tool != "metrics" or not by or "customer" in by or len(conditions) > 1:
            return None
        figures = list(self.args["metrics"])
        if not conditions and (len(figures) != 1 or self.args.get("top")):
            return None
        bound = self._bound()
        if bound is None:
            return None
        name = bound.metric or (conditions[0]["metric"] if conditions else figures[0])
        if not self._fits(bound.number, name):
            return None
        plan = self._rest(bound)
        if plan is None:
            return None
        (call,) = plan.calls
        having = [{"metric": name, "op": bound.op, "value": bound.number.value}]
        metrics = list(call.args["metrics"])
        args = {**call.args, "having": having, "metrics": [*metrics, *([name] if name not in metrics else [])]}
        return Plan((ToolCall("metrics", args),), plan.notes)

    def _bound(self) -> Bound | None:
        """The one bound of the message, with the figure that stands beside it."""
        scene = self.scene
        numbers = scene.where(lambda s: s.has("number") and not self._year(s))
        signs = scene.words(*OPS)
        if len(numbers) != 1 or len(signs) > 1:
            return None
        i = numbers[0]
        number: Number = scene.spans[i].values("number")[0]
        start, end = i, i + 1
        op = None
        if signs:
            if signs[0] > i or any(not scene.spans[j].word("filler") for j in range(signs[0] + 1, i)):
                return None
            op = next(OPS[name] for name in OPS if scene.spans[signs[0]].word(name))
            start = signs[0]
        elif i and scene.spans[i - 1].word("at_least_after", "at_most_after"):  # "and under 1500?"
            op = ">" if scene.spans[i - 1].word("at_least_after") else "<"
            start = i - 1
        metric = None
        while end < len(scene.spans):
            span = scene.spans[end]
            if span.word("at_least_after", "at_most_after"):
                op = ">=" if span.word("at_least_after") else "<="
            elif span.text in COUNTED:
                metric = COUNTED[span.text]
            elif span.has("metric") and not span.has("dimension"):
                metric = str(span.values("metric")[0])
            elif not span.word("classifier"):
                break
            end += 1
        before = scene.before(start)
        if metric is None and before is not None and scene.spans[before].has("metric"):
            metric, start = str(scene.spans[before].values("metric")[0]), before
        made = words.MADE.match(self.folded)
        at_once = made is not None and not self.folded[made.end() : scene.spans[i].start].strip()
        if op is None and at_once and self.args.get("having") and not self.args.get("top"):
            op, start = str(self.args["having"][0]["op"]), 0  # "make it 60", of at least 30
        return Bound(op, number, metric, start, end) if op is not None else None

    def _year(self, span: Span) -> bool:
        """Whether a number is a time that the data may reach: 2011, but not 2000."""
        first = self.world.first_day
        periods = [p.period for p in span.values("period")]
        return any(p is None or first is None or p.end >= first for p in periods)

    def _fits(self, number: Number, name: str) -> bool:
        """Whether a number can be one of this figure: no money of orders, no 6 of a rate."""
        metric = self.world.catalog.metrics.get(name)
        if metric is None or (number.money and metric.unit != "currency"):
            return False
        return number.percent == (metric.unit == "ratio")

    def _rest(self, bound: Bound) -> Plan | None:
        """What the message says beside the bound: another time or place, or nothing."""
        scene = self.scene
        others = [*scene.spans[: bound.start], *scene.spans[bound.end :]]
        if any(s.unknown or s.has("metric") or s.has("dimension") or s.word("top", "partial_name") for s in others):
            return None
        if all(says_nothing(s) for s in others):
            return Plan((self.previous,))
        spans, norm = scene.spans, scene.norm
        text = f"{norm.text[: spans[bound.start].start]} {norm.text[spans[bound.end - 1].end :]}"
        outcome = interpret(text, self.world, self.previous)
        if not isinstance(outcome, Plan) or len(outcome.calls) != 1 or outcome.calls[0].tool != "metrics":
            return None
        return outcome if list(outcome.calls[0].args.get("by", ())) == list(self.args.get("by", ())) else None

    def _another_of_its_kind(self) -> Plan | None:
        return self._another_customer() or self._another_amount() or self._same_comparison()

    def _another_amount(self) -> Plan | None:
        """ "More than 120?", "and 365?", of customers who last bought more than 90 days ago."""
        rule, scene = dict(self.args.get("rule") or {}), self.scene
        if self.tool != "segments" or not isinstance(rule.get("value"), int | float) or rule.get("op") not in SIGNS:
            return None
        numbers = scene.where(lambda s: s.has("number") and not self._year(s))
        signs = scene.words(*OPS, "at_least_after", "at_most_after")
        if len(numbers) != 1 or len(signs) > 1:
            return None
        said = (*numbers, *signs)
        if any(not says_nothing(s) for i, s in enumerate(scene.spans) if i not in said):
            return None
        number: Number = scene.spans[numbers[0]].values("number")[0]
        if number.percent or number.money or (self.args.get("top") and not signs):
            return None
        op = rule["op"]
        for i in signs:
            behind = {"at_least_after": ">=", "at_most_after": "<="}
            op = next(sign for name, sign in {**OPS, **behind}.items() if scene.spans[i].word(name))
        return self._again({"rule": {**rule, "op": op, "value": number.value}})

    def _another_customer(self) -> Plan | None:
        """ "How about 14911", after what another customer bought."""
        found, known = words.CODE.match(self.folded), self.world.index.customers
        code = (found["code"] or found["zh"]) if found is not None else None
        if code is None or known is None or code not in known:
            return None
        if self.tool == "customer" and self.args.get("customer"):
            return self._again({"customer": code})
        limits = [dict(limit) for limit in self.args.get("filters", ())]
        for limit in limits:
            if limit["dimension"] == "customer" and limit.get("op", "in") == "in" and len(limit["values"]) == 1:
                limit["values"] = [code]
                return self._again({"filters": limits})
        return None

    def _same_comparison(self) -> Plan | None:
        """ "Same comparison for Portugal": of what was compared before."""
        found = words.SAME_COMPARISON.search(self.folded)
        if found is None or self.tool != "metrics" or not self.args.get("compare"):
            return None
        rest = f"{self.folded[: found.start()]} {self.folded[found.end() :]}".strip()
        spans = self.world.scene(rest).spans
        if not any(s.has("value") or s.has("metric") for s in spans) or any(s.has("period") for s in spans):
            return None
        outcome = interpret(rest, replace(self.world, has_playbooks=False), self.previous)
        if not isinstance(outcome, Plan) or any(not call.args.get("compare") for call in outcome.calls):
            return None
        return outcome

    def _all_places(self) -> Plan | None:
        """ "All countries again": of the same products and the like."""
        found = words.ALL_PLACES.search(self.folded)
        rest = f"{self.folded[: found.start()]} {self.folded[found.end() :]}" if found is not None else ""
        limits = [dict(limit) for limit in self.args.get("filters", ())]
        kept = [limit for limit in limits if limit["dimension"] != "country"]
        if found is None or self.tool not in FILTERED or kept == limits or "country" in self.args.get("by", ()):
            return None
        return self._again({"filters": kept}) if all(map(says_nothing, self.world.scene(rest).spans)) else None

    def _in_money(self) -> Plan | None:
        """ "And in pounds?", of a rate: the money that it is a share of money in."""
        spans, names = self.scene.spans, list(self.args.get("metrics", ()))
        said = any(s.word("own_currency") for s in spans)
        if not said or len(names) != 1 or self.args.get("compare") or self.args.get("having"):
            return None
        ratio = self.world.catalog.metrics[names[0]].ratio
        part = self.world.catalog.metrics.get(ratio.numerator) if ratio is not None else None
        rate = self.world.catalog.metrics[names[0]].unit == "ratio"
        if part is None or not rate or part.unit != "currency" or part not in self.world.catalog.visible_metrics:
            return None
        others = [s for s in spans if not s.word("own_currency") and not says_nothing(s)]
        return None if others else self._again({"metrics": [part.id]})

    def _any(self) -> Outcome | None:
        """ "Any country", 不限国家: the rest is asked of all of them."""
        found = words.ANY.search(self.folded)
        if found is None or self.tool != "metrics":
            return None
        spans = self.world.scene(found["what"] or found["zh"]).spans
        dimensions = {str(name) for span in spans for name in span.values("dimension")}
        limits = [dict(limit) for limit in self.args.get("filters", ())]
        if not dimensions or self.scene.words(*OPS) or self.scene.where(lambda s: s.has("number")):
            return None
        changes = {
            "filters": [limit for limit in limits if limit["dimension"] not in dimensions],
            "by": [name for name in self.args.get("by", ()) if name not in dimensions],
        }
        previous = self._again(changes).calls[0]
        rest = f"{self.folded[: found.start()]} {self.folded[found.end() :]}".strip()
        if all(says_nothing(span) for span in self.world.scene(rest).spans):
            return self._again(changes)
        outcome = interpret(rest, replace(self.world, has_playbooks=False), previous)
        if not isinstance(outcome, Plan) or any(
            limit["dimension"] in dimensions for call in outcome.calls for limit in call.args.get("filters", ())
        ):
            return None
        return outcome

    # --- The figure itself -------------------------------------------------------------------------------------------

    def _after_returns(self) -> Plan | None:
        """ "How much is left after the returns?", of gross sales."""
        named = set(self.args.get("metrics", ()))
        plain = not self._compared and not self.args.get("share") and not self.args.get("having")
        if not named or not named <= MONEY or not plain or not words.AFTER_RETURNS.match(self.folded):
            return None
        return self._again({"metrics": ["net_sales"]})

    def _no_share(self) -> Plan | None:
        """ "Just the plain sales figure", 不要占比，直接给销售额: after a share."""
        if not self.args.get("share") or not words.NO_SHARE.search(self.folded):
            return None
        rest = words.NO_SHARE.sub(" ", self.folded)
        spans = self.world.scene(rest).spans
        named = [str(s.values("metric")[0]) for s in spans if s.has("metric") and not s.has("dimension")]
        if any(not says_nothing(s) and not s.has("metric") for s in spans) or len(named) > 1:
            return None
        return self._again({"share": False, **({"metrics": named} if named else {})})

    def _net_of_it(self) -> Plan | None:
        """ "And net?", of gross sales."""
        found, named = words.NET_OF_IT.match(self.folded), list(self.args.get("metrics", ()))
        if found is None or len(named) != 1 or not set(named) <= MONEY or self.args.get("having"):
            return None
        said = found["kind"] or found["zh"]
        return self._again({"metrics": ["net_sales" if said.startswith(("net", "净")) else "gross_sales"]})

    def _rate_of_it(self) -> Plan | None:
        """ "What share of gross sales is that?", of returns: their rate."""
        plain = self.args.get("metrics") == ["returns"] and not self.args.get("having") and not self.args.get("share")
        return self._again({"metrics": ["return_rate"]}) if plain and words.SHARE_OF_GROSS.match(self.folded) else None

    def _ranked_by(self) -> Plan | None:
        """ "Rank by revenue instead", 改按销售额排: the same groups, in the order of another figure."""
        found, by = words.RANKED_BY.match(self.folded), list(self.args.get("by", ()))
        if found is None or len(by) != 1 or self.world.catalog.dimensions[by[0]].grain is not None:
            return None
        spans = self.world.scene(found["what"] or found["zh"]).spans
        named = [str(s.values("metric")[0]) for s in spans if s.has("metric") and not s.has("dimension")]
        if len(named) != 1 or any(not says_nothing(s) and not s.has("metric") for s in spans):
            return None
        metric = self.world.catalog.metrics.get(named[0])
        if metric is None or metric not in self.world.catalog.visible_metrics or self.args.get("share"):
            return None
        return self._again({"metrics": named})

    # --- Left out ----------------------------------------------------------------------------------------------------

    def _left_out(self) -> Outcome | None:
        """ "Drop Ireland", 爱尔兰不要了, 不看英国了，看全部."""
        found = next((match for match in (frame.match(self.folded) for frame in words.LEFT_OUT) if match), None)
        if found is None or self.tool not in FILTERED | RULED:
            return None
        named = self._only_values(found["what"])
        if named is None:
            return self._no_gap(found["what"])
        dimension, values = named
        whole = bool(found["all"])
        if self.tool in RULED:
            return self._of_others(dimension, values, whole=whole)
        limits = [dict(limit) for limit in self.args.get("filters", ())]
        own = next((limit for limit in limits if limit["dimension"] == dimension), None)
        others = [limit for limit in limits if limit is not own]
        without = {"dimension": dimension, "op": "not_in", "values": values}
        if whole:
            return self._again({"filters": others})
        if own is None:
            return self._again({"filters": [*limits, without]})
        if own.get("op", "in") == "not_in":
            without["values"] = list(dict.fromkeys([*own["values"], *values]))
            return self._again({"filters": [*others, without]})
        left = [value for value in own["values"] if value not in values]
        if len(left) == len(own["values"]):
            return None
        if not left and words.SURELY_WITHOUT.match(self.folded):
            return self._again({"filters": [*others, without]})
        if not left:
            return self._all_or_without([*others, without], others, values)
        by = [name for name in self.args.get("by", ()) if name != dimension or len(left) > 1]
        return self._again({"filters": [*others, {**own, "values": left}], "by": by})

    def _lifted(self) -> Plan | None:
        """ "Now drop the country filter", 去掉德国的限制: without that limit, or without any where none is named."""
        found = next((match for match in (frame.match(self.folded) for frame in words.LIFTED) if match), None)
        if found is None or self.tool not in FILTERED | RULED:
            return None
        what = " ".join(filter(None, (found["what"], found.groupdict().get("on")))).strip()
        spans = [s for s in self.world.scene(what).spans if not says_nothing(s)] if what else []
        dimensions = {str(d) for s in spans for d in (*s.values("dimension"), *(d for d, _v in s.values("value")))}
        values = {str(v) for s in spans for _d, v in s.values("value")}
        if any(not (s.has("value") or s.has("dimension")) for s in spans):
            return None
        if self.tool in RULED:
            return self._of_everywhere() if dimensions <= {"country"} else None
        kept = [
            dict(limit)
            for limit in self.args.get("filters", ())
            if spans and (limit["dimension"] not in dimensions or (values and not values & set(limit["values"])))
        ]
        return self._again({"filters": kept}) if kept != list(self.args.get("filters", ())) else None

    def _of_everywhere(self) -> Plan | None:
        """The customers of any country."""
        if self.args.get("rule") is None:
            return None
        rule = without_country(self.args["rule"])
        args = {name: value for name, value in self.args.items() if name != "rule"}
        return Plan((ToolCall(self.tool, {**args, **({"rule": rule} if rule else {})}),))

    def _no_gap(self, text: str) -> Clarify | Plan | None:
        """ "Drop January" of January to May; from the midst of a time nothing is left out, so it is asked."""
        spans = self.world.scene(text).spans
        timed = [s for s in spans if any(p.kind == "period" for p in s.values("period"))]
        if not timed or self.tool not in FILTERED or any(s not in timed and not says_nothing(s) for s in spans):
            return None
        gone = [p.period for s in timed for p in s.values("period") if p.period is not None]
        left = self._rest_of(gone[0]) if len(gone) == 1 and self.tool == "metrics" and not self._compared else None
        if left is not None:
            return self._again({"period": days(left)})
        return Clarify(say("I cannot leave days out of a period. Which days shall count?"))

    def _back_in(self) -> Plan | None:
        """ "Put the UK back in", 把英国加回来: of those that were left out."""
        found = next((match for match in (frame.match(self.folded) for frame in words.BACK_IN) if match), None)
        named = self._only_values(found["what"]) if found is not None else None
        if named is None or self.tool not in FILTERED:
            return None
        dimension, values = named
        limits = []
        for limit in self.args.get("filters", ()):
            left = [value for value in limit["values"] if value not in values]
            if limit["dimension"] != dimension or limit.get("op", "in") != "not_in":
                limits.append(dict(limit))
            elif left:
                limits.append({**limit, "values": left})
        return self._again({"filters": limits}) if limits != list(self.args.get("filters", ())) else None

    def _only_values(self, text: str) -> tuple[str, list[str]] | None:
        """The values of one dimension that a text names; None where it says anything else."""
        spans = self.world.scene(text).spans
        named = [s for s in spans if s.has("value") and not s.word("partial_name")]
        if not named or any(s not in named and not says_nothing(s) and not s.has("dimension") for s in spans):
            return None
        dimensions = set.intersection(*({d for d, _v in s.values("value")} for s in named))
        if len(dimensions) != 1:
            return None
        dimension = dimensions.pop()
        values = [next(v for d, v in s.values("value") if d == dimension) for s in named]
        return dimension, list(dict.fromkeys(values))

    def _all_or_without(
        self, without: list[dict[str, Any]], everything: list[dict[str, Any]], values: Sequence[str]
    ) -> Clarify:
        """ "Drop Germany" of Germany's figures: those of all, or of all others?"""
        options = tuple(
            FollowUp(label, ToolCall(self.tool, {**self.args, "filters": filters}))
            for label, filters in (
                (say("All together"), everything),
                (say("Without {values}", values=tuple(values)), without),
            )
        )
        return Clarify(say("With or without {values}?", values=tuple(values)), options)

    def _cohorts_of(self) -> Plan | None:
        """ "For the UK only", 英国的呢, of cohorts: of customers there."""
        named = self._only_values(self.folded) if self.tool == "cohorts" else None
        if named is None or named[0] != "country" or self.scene.words("exclude", "exclude_after"):
            return None
        there = {"attribute": "country", "values": named[1]}
        kept = without_country(self.args["rule"]) if self.args.get("rule") is not None else None
        return self._again({"rule": there if kept is None else {"all": [kept, there]}})

    def _of_others(self, dimension: str, values: Sequence[str], *, whole: bool) -> Plan | None:
        """Customers of other countries."""
        if dimension != "country" or whole or self.args.get("customer") or self.args.get("product"):
            return None
        rule = self.args.get("rule")
        fewer = leaving_out(rule, values) if rule is not None else None
        return self._again({"rule": fewer or excluding(rule, values)})
