"""Follow-ups that no topic's own reading takes: another number of rows, another order, a chart, the next product.

The topics read first; this is asked where they do not understand, or where they would begin anew.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, ClassVar

from bot.understanding.conversation import follow_words as words
from bot.understanding.conversation.change import people, says_nothing
from bot.understanding.conversation.comparing import half_compared, plainly, which_is_more
from bot.understanding.conversation.correcting import same_unit
from bot.understanding.conversation.narrowing import Narrowing
from bot.understanding.conversation.recent import LISTS, PLAYBOOK, RULED, again
from bot.understanding.conversation.referring import at_risk
from bot.understanding.conversation.rules import excluding
from bot.understanding.customers.topic import days_ahead
from bot.understanding.foresight.reader import period_of
from bot.understanding.interpret import World, interpret
from bot.understanding.knowledge.dialogue import Page
from bot.understanding.outcome import Clarify, Decline, Outcome, Plan
from bot.understanding.reading.draft import MOST_FIGURES, OPS, days
from bot.understanding.reading.shapes import trend_grain
from tools.answer import FollowUp, ToolCall
from tools.messages import Message, say
from tools.semantic.periods import Grain, Period

JOINING = frozenset({"add", "also", "plus", "include", "too", "加", "加上", "添加", "补上", "也", "同时", "一并"})
KEEPING = frozenset({"留", "保留", "剩", "留下", "keep"})
FEW = frozenset({"new_customers", "returning_customers", "repeat_customers"})
RANKED = frozenset({"metrics", "forecast", "segments", "churn", "clv", "recommend", "inventory", "drivers"})


def followed(
    text: str, world: World, previous: ToolCall | None, page: Page | None, calls: tuple[ToolCall, ...] = ()
) -> Outcome:
    """The outcome of one question; `calls` are all of the last answer, where it had several."""
    text = plainly(words.MORE_OR_LESS.sub(r"\g<open>和\g<what>比\g<end>", text))
    several = tuple(call for call in calls if call.tool != PLAYBOOK)
    if len(several) > 1 and (each := _of_each(text, world, several)) is not None:
        return each
    if (compared := which_is_more(text, world, previous)) is not None:
        return compared
    follow = Following(text, world, previous) if previous is not None else None
    if follow is not None and (found := follow.first()) is not None:
        return found
    if page is None and follow is not None and follow.tool in ("metrics", "drivers") and words.WHY.match(follow.folded):
        world = replace(world, has_playbooks=False)  # "how come?" is asked of the figure
    outcome = half_compared(text, interpret(text, world, previous, page), world, previous)
    if follow is None:
        return outcome
    if not isinstance(outcome, Plan):
        return follow.last() or outcome
    if page is None and all(call.tool == PLAYBOOK for call in outcome.calls):
        # A fragment after a figure is no question to the playbooks.
        return follow.last() or (
            interpret(text, replace(world, has_playbooks=False), previous) if follow.fragment else outcome
        )
    return outcome


def _of_each(text: str, world: World, calls: tuple[ToolCall, ...]) -> Plan | None:
    """ "And in France?" after an answer in parts is asked of every part that can tell; a whole question of none."""
    if isinstance(interpret(text, world), Plan):
        return None
    found: list[ToolCall] = []
    notes: list[Message] = []
    for call in calls:
        outcome = followed(text, world, call, None)
        if isinstance(outcome, Plan) and all(
            one.tool == call.tool or words.WHY.match(text.lower()) for one in outcome.calls
        ):
            found += [one for one in outcome.calls if one not in found]
            notes += [note for note in outcome.notes if note not in notes]
    return Plan(tuple(found), tuple(notes)) if found else None


class Following(Narrowing):
    """One message's reading as a change of the call before."""

    # --- Before the topics -------------------------------------------------------------------------------------------

    def first(self) -> Outcome | None:
        """What a topic would begin anew with, or take for less than it says."""
        if not self.possible:
            return None
        if (
            others := self._lifted() or self._left_out() or self._back_in() or self._any() or self._all_places()
        ) is not None:
            return others
        if (other := self._another_time() or self._another_of_its_kind()) is not None:
            return other
        if words.DRAWN.search(self.folded) and (drawn := self._chart()) is not None:
            return drawn  # a line, which elsewhere is a product
        if self.tool == "metrics":
            return at_risk(self.folded, self.world, self.previous) or self._of_figures()
        if self.tool in ("forecast", "drivers") and (
            words.OVERALL.match(self.folded) or words.EVERYWHERE.match(self.folded)
        ):
            return self._again({"filters": []}) if self.args.get("filters") else None
        if self.tool == "recommend":
            return self._next_one()
        if self.tool == "customer" and words.LEAVE.match(self.folded):
            return Plan((self.previous,))  # a profile tells it
        if self.tool == "segments" and words.BUYS.search(self.folded):
            return self._bought()
        return None

    def _of_figures(self) -> Outcome | None:
        if words.NEW.match(self.folded):
            return self._new_customers()
        if self.args["metrics"][:1] == ["active_customers"] and (kind := words.NEW_OF_THEM.match(self.folded)):
            new = kind["new"] == "new" or kind["zh"] == "新"
            return self._again({"metrics": ["new_customers" if new else "returning_customers"]})
        if self.args["metrics"][:1] == ["new_customers"] and words.ACTIVE.match(self.folded):
            return self._again({"metrics": ["active_customers"]})
        if (
            narrower := self._another_bound()
            or self._no_share()
            or self._after_returns()
            or self._net_of_it()
            or self._rate_of_it()
            or self._ranked_by()
            or self._in_money()
        ) is not None:
            return narrower
        if words.OVERALL.match(self.folded) and self.args.get("filters"):
            return self._again({"filters": []})
        if self.args.get("top") and words.ROW.search(self.folded) and not words.ONLY_ROW.match(self.folded):
            return self._which_row()
        if (
            (self.args.get("top") == 1 or self.args.get("nth"))
            and words.ITS.search(self.folded)
            and (self.scene.where(lambda s: s.has("metric")) or words.DEALS.search(self.folded))
        ):
            return self._which_row()
        if any(m in FEW for m in list(self.args.get("metrics", ()))[:1]) and words.THEY.search(self.folded):
            return self._of_them()
        if words.ALSO.search(self.folded):
            return self._one_more()
        if words.SAME_IN.match(self.folded):
            return self._same_in_a_year()
        return None

    def _same_in_a_year(self) -> Plan | None:
        """ "Same for 2010" after September 2011: September 2010."""
        then = same_unit(re.sub(r"^\D+", "", self.folded), self.previous, self.previous)
        period = self.args.get("period")
        return Plan((then,)) if period and period_of(period).whole() != "year" else None

    def _which_row(self) -> Clarify:
        dimension = self.world.catalog.dimension(self.args["by"][0]).label.label.inside()
        return Clarify(say("Which {dimension} do you mean? Write the name or the code.", dimension=dimension))

    def _of_them(self) -> Outcome | None:
        """ "What did they spend?" of new customers: no figure is of them alone."""
        scene = self.scene
        named = [m for s in scene.spans if not s.has("dimension") for m in s.values("metric")[:1]]
        counted = self.world.catalog.metrics[self.args["metrics"][0]].label.label.inside()
        if not named or named[0] in FEW:
            return None
        label = self.world.catalog.metrics[named[0]].label.label
        everybody = {**self.args, "metrics": [named[0]]}
        of_all = say("{metric}, {period}", metric=label, period=period_of(self.args["period"]))
        return Decline(
            say("I cannot give {metric} of {customers} alone. Of all I can:", metric=label, customers=counted),
            (FollowUp(of_all, ToolCall("metrics", everybody)),),
        )

    def _bought(self) -> Decline:
        rule = self.args.get("rule")
        offer = FollowUp(say("What to offer them"), ToolCall("recommend", {"rule": rule}))
        return Decline(
            say("What these customers bought I can tell once they are saved, for example with “call this VIP”."),
            (offer,) if rule is not None and "recommend" in self.world.tools else (),
        )

    def _one_more(self) -> Plan | None:
        """ "Also AOV", 再加上客单价: beside what was shown."""
        scene = self.scene
        if (wider := self._one_more_place()) is not None:
            return wider
        named = [i for i, s in enumerate(scene.spans) if s.has("metric") and not s.has("dimension")]
        others = [
            s for i, s in enumerate(scene.spans) if i not in named and not says_nothing(s) and s.text not in JOINING
        ]
        if not named or others:
            return None
        before = list(self.args.get("metrics", ()))
        added = [str(scene.spans[i].values("metric")[0]) for i in named]
        both = [*before, *(name for name in added if name not in before)]
        return self._again({"metrics": both}) if before and len(both) <= MOST_FIGURES else None

    def _one_more_place(self) -> Plan | None:
        """ "Add Spain" to Germany and France: each by itself."""
        scene = self.scene
        valued = [s for s in scene.spans if s.has("value")]
        others = [s for s in scene.spans if s not in valued and not says_nothing(s) and s.text not in JOINING]
        limits = [dict(f) for f in self.args.get("filters", ())]
        if not valued or others:
            return None
        for limit in limits:
            added = [v for s in valued for d, v in s.values("value") if d == limit["dimension"]]
            if limit.get("op", "in") == "in" and len(added) == len(valued):
                limit["values"] = list(dict.fromkeys([*limit["values"], *added]))
                by = [*self.args.get("by", ())]
                by = by if limit["dimension"] in by or len(by) > 1 else [*by, limit["dimension"]]
                return self._again({"filters": limits, "by": by})
        return None

    def _new_customers(self) -> Outcome | None:
        """Sales of new customers are no figure; how many there were is, and so are those who count as new today."""
        metrics = [m for m in self.args.get("metrics", ()) if m in self.world.catalog.metrics]
        if not metrics or not self.args.get("period"):
            return None
        if metrics[0] in ("active_customers", "new_customers", "returning_customers"):
            return self._again({"metrics": ["new_customers"]})
        period = period_of(self.args["period"])
        label = self.world.catalog.metrics[metrics[0]].label.label
        kept = [dict(f) for f in self.args.get("filters", ()) if f["dimension"] != "lifecycle"]
        stage = {"dimension": "lifecycle", "op": "in", "values": ["new"]}
        count = {"metrics": ["new_customers"], "period": self.args["period"], "filters": kept}
        return Clarify(
            say("How is “new” meant?"),
            (
                FollowUp(
                    say("{metric} of customers who count as new today, {period}", metric=label, period=period),
                    ToolCall("metrics", {**self.args, "filters": [*kept, stage]}),
                ),
                FollowUp(say("How many customers were new in {period}", period=period), ToolCall("metrics", count)),
            ),
        )

    # --- After the topics --------------------------------------------------------------------------------------------

    def last(self) -> Outcome | None:
        """A change that no topic has read; None where it is none."""
        if not self.possible:
            return None
        for change in self.CHANGES:
            found = change(self)
            if found is not None:
                return found
        return None

    def _why(self) -> Outcome | None:
        """Why these customers, why such a forecast: by what it was computed."""
        if self.tool in (*LISTS, "forecast", "inventory") and words.WHY.match(self.folded):
            return Plan(
                (again(self.previous, self.world) or self.previous,),
                (say("This is what it was computed from."),),
                form="how",
            )
        return None

    def _chart(self) -> Outcome | None:
        found = words.CHART.match(self.folded)
        if found is None:
            return None
        table = (found["what"] or "").startswith("table") or (found["zh"] or "").startswith("表")
        by = list(self.args.get("by", ()))
        changes: dict[str, Any] = {}
        notes: list[Message] = []
        if self.tool == "metrics" and not by and not table and self.args.get("period"):
            by = [trend_grain(period_of(self.args["period"]))]
            changes, notes = {"by": by}, [say("A chart shows it step by step.")]
        kind = found["kind"] or found["bare"] or found["zh_kind"]
        figures = self.tool == "metrics"
        timed = figures and any(self.world.catalog.dimensions[name].grain for name in by) and not self.args.get("top")
        if kind and (not figures or kind not in (words.LINES if timed else words.BARS)):
            notes.append(
                say("What runs over time is drawn as a line, other figures as bars; I cannot draw it otherwise.")
            )
        return self._again(changes, *notes)

    def _order(self) -> Outcome | None:
        if not words.SORTING.match(self.folded) or not (
            self.args.get("by") or self.tool in ("segments", "clv", "inventory")
        ):
            return None
        if self.tool not in ("metrics", "forecast", "segments", "clv", "inventory"):
            return None
        before = self.args.get("order") or "highest"
        if words.UP.search(self.folded):
            order = "lowest"
        elif words.DOWN.search(self.folded):
            order = "highest"
        elif words.TURNED.search(self.folded) and (self.tool != "segments" or self.args.get("top")):
            order = "lowest" if before == "highest" else "highest"
        else:
            return None
        more = {"top": self.args.get("top") or 20} if self.tool == "segments" else {}
        return self._again({"order": order, **more})

    def _top(self) -> Outcome | None:
        """ "Top 5", 前5个, "just 3": another number of rows."""
        scene = self.scene
        numbers = [i for i, s in enumerate(scene.spans) if s.has("number") and not s.has("period")]
        others = [
            s
            for i, s in enumerate(scene.spans)
            if i not in numbers
            and not says_nothing(s)
            and not s.word("top", "highest")
            and not people(s)
            and s.text not in KEEPING
        ]
        if len(numbers) != 1 or others or self.tool not in RANKED or scene.words(*OPS, "at_least_after"):
            return None
        number = scene.spans[numbers[0]].values("number")[0]
        if number.whole is None or number.money or number.percent or not 1 <= number.whole <= 100:
            return None
        if self.tool in ("metrics", "forecast") and not self.args.get("by"):
            return None
        return self._again({"top": int(number.whole)})

    def _risk_order(self) -> Outcome | None:
        if self.tool != "churn" or self.args.get("show", "list") != "list":
            return None
        if words.BY_VALUE.search(self.folded):
            return self._again({"order_by": "value_at_risk"})
        return self._again({"order_by": "probability"}) if words.BY_CHANCE.search(self.folded) else None

    def _risk_span(self) -> Outcome | None:
        """ "In the next 60 days", 有多少: over another horizon, or counted."""
        if self.tool != "churn":
            return None
        scene = self.scene
        ahead = [(s.text, p.period) for s in scene.spans for p in s.values("period") if p.kind == "period" and p.period]
        others = [s for s in scene.spans if not says_nothing(s) and not s.has("period") and not people(s)]
        if others:
            return None
        if len(ahead) == 1 and ahead[0][1].start > self.world.today:
            return self._again({"horizon_days": max(7, min(365, days_ahead(ahead[0][0], ahead[0][1].days)))})
        if not ahead and scene.words("how_many"):
            kept = {name: value for name, value in self.args.items() if name not in ("top", "order_by")}
            return Plan((ToolCall("churn", {**kept, "show": "summary"}),))
        return None

    def _cohorts(self) -> Outcome | None:
        if self.tool != "cohorts":
            return None
        scene = self.scene
        grains = {p.grain for s in scene.spans for p in s.values("period") if p.kind == "grain"}
        grains |= {self.world.catalog.dimensions[d].grain for s in scene.spans for d in s.values("dimension")} - {None}
        periods = [p.period for s in scene.spans for p in s.values("period") if p.kind == "period" and p.period]
        others = [s for s in scene.spans if not says_nothing(s) and not s.has("period") and not s.has("dimension")]
        if len(grains) == 1 and not periods and not others and grains <= {"week", "month", "quarter"}:
            return self._again({"grain": grains.pop()})
        if len(periods) == 1 and not grains and not others and periods[0].start <= self.world.today:
            end = min(periods[0].end, self.world.today)
            return self._again({"period": days(Period(periods[0].start, end))})
        if periods or grains or any(s.unknown or s.has("value") for s in others):
            return None
        measure = next((name for name, named in words.MEASURES if named.search(self.folded)), None)
        return self._again({"measure": measure}) if measure is not None and others else None

    def _next_one(self) -> Outcome | None:
        """ "And 22197?", 那12348呢: the same of another product or customer."""
        name = next((n for n in ("customer", "product") if self.args.get(n)), None)
        if self.tool not in ("customer", "recommend", "clv") or name is None:
            return None
        scene = self.scene
        codes = [s for s in scene.spans if s.has("value") or s.has("number")]
        others = [s for s in scene.spans if s not in codes and not says_nothing(s) and not s.has("dimension", name)]
        if len(codes) != 1 or others:
            return None
        if name == "product":
            products = [v for d, v in codes[0].values("value") if d == "product"]
            return self._again({"product": products[0]}) if len(products) == 1 else None
        code = codes[0].text.strip()
        known = self.world.index.customers
        return self._again({"customer": code}) if known is None or code in known else None

    def _offers(self) -> Outcome | None:
        """ "What should we offer them?": of the customer, or of those whom the rule describes."""
        if "recommend" not in self.world.tools or self.tool not in LISTS or not words.OFFER.search(self.folded):
            return None
        if self.args.get("customer"):
            return Plan((ToolCall("recommend", {"customer": self.args["customer"]}),))
        rule = self.args.get("rule")
        if rule is None:
            return None
        notes = (say("Offers are for all whom the rule describes, not for the list alone."),)
        return Plan((ToolCall("recommend", {"rule": rule}),), notes if self.args.get("top") else ())

    def _everywhere(self) -> Outcome | None:
        if not words.EVERYWHERE.match(self.folded):
            return None
        if self.args.get("rule") is not None:
            return self._of_everywhere()
        if self.args.get("filters") and self.tool in ("forecast", "drivers", "inventory", "metrics"):
            return self._again({"filters": []})
        return None

    def _except(self) -> Outcome | None:
        """ "Exclude Germany" of customers: of those of other countries."""
        scene = self.scene
        if self.tool not in RULED or not scene.words("exclude", "exclude_after"):
            return None
        values = [v for s in scene.spans for d, v in s.values("value") if d == "country"]
        others = [
            s
            for s in scene.spans
            if not s.has("value") and not says_nothing(s) and not s.word("exclude", "exclude_after") and not people(s)
        ]
        if not values or others or self.args.get("customer") or self.args.get("product"):
            return None
        return self._again({"rule": excluding(self.args.get("rule"), values)})

    def _average(self) -> Outcome | None:
        """ "Average per day", 日均呢."""
        scene = self.scene
        if self.tool != "metrics":
            return None
        grains: tuple[Grain, ...] = ("day", "week", "month", "quarter", "year")
        found: list[Grain] = [grain for grain in grains if scene.words(f"average_per:{grain}")]
        if not found and scene.words("average"):
            found = [p.grain for s in scene.spans for p in s.values("period") if p.kind == "grain" and p.grain]
            by = self.args.get("by", ())  # "just the average", of days
            found = found or [grain for grain in grains if list(by) == [grain]]
        others = [
            s
            for s in scene.spans
            if not says_nothing(s)
            and not s.word("average", *(f"average_per:{grain}" for grain in grains))
            and not any(p.kind == "grain" for p in s.values("period"))
        ]
        additive = all(self.world.catalog.metrics[m].ratio is None for m in self.args.get("metrics", ()))
        return self._again({"average_per": found[0], "by": []}) if len(found) == 1 and not others and additive else None

    CHANGES: ClassVar = (
        _why,
        _chart,
        _order,
        _top,
        _risk_order,
        _risk_span,
        _next_one,
        _cohorts,
        Narrowing._cohorts_of,
        _offers,
        _everywhere,
        _except,
        _average,
    )
