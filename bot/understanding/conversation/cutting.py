"""A message cut into its questions, where it asks for several things; see `several`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.understanding.conversation.explaining import metrics_of
from bot.understanding.conversation.following import followed
from bot.understanding.conversation.joining import (
    MOST,
    Answered,
    absent,
    all_absent,
    aside,
    buyers,
    either,
    not_answered,
    options_of,
    options_of_its_own,
    plainly,
    together,
)
from bot.understanding.conversation.parts import Part, clauses, coordinated, is_social, leans, manner, statement
from bot.understanding.conversation.recent import LISTS, ORDERS, PLAYBOOK, beside, limits_of
from bot.understanding.interpret import interpret
from bot.understanding.knowledge.dialogue import Page
from bot.understanding.outcome import Clarify, Decline, Outcome, Plan
from bot.understanding.reading.draft import World
from bot.understanding.scene import Sight
from tools.answer import ToolCall
from tools.messages import Message, say

MOST_READINGS = 16
SUBJECTS = frozenset({"product", "customer"})
ONE_AT_A_TIME = frozenset({"forecast", "drivers", "recommend", "customer", "cohorts"})


class Several:
    """One message's reading as several questions."""

    def __init__(
        self, sight: Sight, world: World, previous: ToolCall | None, page: Page | None, whole: Outcome
    ) -> None:
        self.sight, self.world, self.previous, self.page, self.whole = sight, world, previous, page, whole
        self.left = MOST_READINGS

    def outcome(self) -> Outcome | None:
        """The outcome of the parts; None where the whole is to stay as it is."""
        if self._refused():
            return None
        if not isinstance(self.whole, Plan) and (each := self._one_by_one()) is not None:
            return each
        parts = clauses(self.sight, self.world, soft=False)
        if isinstance(self.whole, Plan):
            return self._instead(parts)
        return self._cut(parts)

    def _refused(self) -> bool:
        """What is refused as a whole stays so, whatever else is asked beside it."""
        if self.sight.hostile is not None:
            return True
        texts = {r.value for _start, _end, found in self.sight.candidates for r in found if r.kind == "word"}
        return bool(texts & {"tampering", "personal"})

    # --- One question of several figures or products ---------------------------------------------------------------

    def _one_by_one(self) -> Plan | None:
        """ "Forecast revenue and orders": the same question of each, where the tool takes one at a time."""
        for texts in coordinated(self.sight):
            if not 2 <= len(texts) <= MOST:
                continue
            plans = [self._interpret(text, self.previous) for text in texts]
            calls = [plan.calls[0] for plan in plans if isinstance(plan, Plan) and len(plan.calls) == 1]
            single = {call.tool for call in calls} & ONE_AT_A_TIME
            if len(calls) == len(texts) and len({call.tool for call in calls}) == 1 and single:
                return together([plan for plan in plans if isinstance(plan, Plan)])
        return None

    # --- Instead of one call ----------------------------------------------------------------------------------------

    def _instead(self, parts: Sequence[Part]) -> Outcome | None:
        """The parts, where the whole was read as one call though its parts ask for different things."""
        if not isinstance(self.whole, Plan) or len(self.whole.calls) != 1 or self.world.acts(self.whole.calls[0]):
            return None
        people = self.whole.calls[0].tool in LISTS
        if people and len(parts) < 2:
            return None
        if len(parts) < 2 or not self._different(parts):
            parts = clauses(self.sight, self.world, soft=True)
            if any(map(manner, parts)) or not self._own_each(parts):
                return None
        found = self._answers(parts)
        if not 2 <= len(found) <= MOST or any(each.part.counts_only for each in found[1:]):
            return None
        if people and found[0].call is not None and found[0].call.tool in LISTS:
            return None  # "customers who … and who …" are one rule
        unclear = [each for each in found if not isinstance(each.outcome, Plan)]
        if unclear:
            asked = all(each.lacking is not None or either(each.outcome) for each in unclear)
            clear = [each for each in found if each not in unclear]
            return self._half(clear, unclear) if asked and clear else None
        if any(map(self.world.acts, _calls(found))):
            return self._reply(found)
        tools = {each.call.tool for each in found if each.call is not None}
        own = self._own_each(parts) or _by_itself(parts) or _ranked_apart(parts) or self._lost(found)
        figures = tools == {"metrics"} and self._lost(found)  # "orders in Q3, and how many customers bought"
        if len(tools) < 2 and not (figures if people else own):
            return None
        return self._reply(found)

    def _lost(self, found: Sequence[Answered]) -> bool:
        """Whether the one call leaves out a figure that the parts name."""
        kept = (
            {name for call in self.whole.calls for name in metrics_of(call)} if isinstance(self.whole, Plan) else set()
        )
        named = {name for each in found if each.call is not None for name in metrics_of(each.call)}
        return all(each.part.metrics or each.part.asks for each in found) and not named <= kept

    def _different(self, parts: Sequence[Part]) -> bool:
        """Whether what comes first is a question by itself, and not what the rest is said of."""
        first = parts[0]
        if statement(first):
            return False
        call = self.whole.calls[0] if isinstance(self.whole, Plan) else None
        if call is not None and call.tool == PLAYBOOK:
            return first.named
        if call is not None and call.tool in LISTS:
            return first.named or first.asks
        return first.named or first.asks or first.topical or bool(first.scene.words("compare")) or _by_itself(parts)

    def _own_each(self, parts: Sequence[Part]) -> bool:
        """ "Revenue in October and orders in November", "top 5 products and the return rate"."""
        if len(parts) < 2:
            return False
        if all(part.metrics and (part.periods or part.values) for part in parts):
            figures = {part.metrics for part in parts}
            limits = {(part.periods, part.values) for part in parts}
            return len(figures) == len(parts) == len(limits)
        first, *others = parts
        *before, last = parts
        if last.ranks and last.further and all(part.metrics and not part.ranks for part in before):
            return True  # "net sales and orders, and also the top 3 products by units"
        return first.ranks and not first.metrics and all(part.bare and part.metrics for part in others)

    # --- Where the whole was not understood ---------------------------------------------------------------------------

    def _cut(self, parts: Sequence[Part]) -> Outcome | None:
        readings = options_of_its_own(self.whole)
        if len(readings) > 1 and sum(part.telling for part in clauses(self.sight, self.world, soft=True)) < 2:
            return None  # one question, of which it is asked how it is meant
        found = self._answers(parts) if len(parts) > 1 else []
        if not found or not all(isinstance(each.outcome, Plan) for each in found):
            finer = self._finer(parts)
            if len(finer) > 1 and all(isinstance(each.outcome, Plan) for each in finer):
                one_rule = sum(each.call is not None and each.call.tool == "segments" for each in finer) > 1
                return None if _orders(finer) or one_rule else self._reply(finer)
            if not any(isinstance(each.outcome, Plan) for each in found):
                doubtful = either(self.whole) and not all_absent(finer)
                found = [] if _orders(finer) or _of_people(finer) or doubtful else finer
        if len(found) < 2:
            return None
        clear = [each for each in found if isinstance(each.outcome, Plan)]
        if not clear:
            return None
        if len(clear) == len(found):
            return self._reply(found)
        unclear = [each for each in found if not isinstance(each.outcome, Plan)]
        apart = all(each.part.cut or each.part.telling or each.part.strange or absent(each.outcome) for each in unclear)
        if not apart or not all(each.part.telling for each in clear):
            return None
        return self._half(clear, unclear)

    def _finer(self, parts: Sequence[Part]) -> list[Answered]:
        """Parts that fail are cut at their softer seams too, the longest beginning first."""
        atoms = clauses(self.sight, self.world, soft=True)
        found: list[Answered] = []
        for part in parts:
            inside = [atom for atom in atoms if part.start <= atom.start and atom.end <= part.end]
            i = 0
            while i < len(inside):
                for j in range(len(inside), i, -1):
                    piece = inside[i].upto(inside[j - 1], self.sight, self.world)
                    whole_message = i == 0 and j == len(inside) and len(parts) == 1
                    apart = whole_message or self._own_each(inside[i:j])
                    outcome = None if apart else self._part(piece, found)
                    good = isinstance(outcome, Plan) or (
                        outcome is not None and Answered(piece, outcome).lacking is not None
                    )
                    if outcome is not None and (good or j == i + 1):
                        found.append(Answered(piece, outcome))
                        break
                i = j
        return self._shared([each for each in found if not is_social(each.part)])

    # --- Reading parts -----------------------------------------------------------------------------------------------

    def _answers(self, parts: Sequence[Part]) -> list[Answered]:
        found: list[Answered] = []
        for part in parts:
            if not is_social(part):
                found += [Answered(one, self._part(one, found)) for one in self._within(part, parts)]
        return self._shared(found)

    def _within(self, part: Part, parts: Sequence[Part]) -> list[Part]:
        """The parts of a part that asks for different things: "top 5 products and the return rate; also a forecast"."""
        atoms = clauses(self.sight, self.world, soft=True) if len(parts) < MOST else []
        inside = [atom for atom in atoms if part.start <= atom.start and atom.end <= part.end]
        return inside if len(inside) > 1 and self._own_each(inside) else [part]

    def _part(self, part: Part, before: Sequence[Answered]) -> Outcome:
        return self._asked(part, self._read(part, before))

    def _read(self, part: Part, before: Sequence[Answered]) -> Outcome:
        """A part by itself, or on the one before it where it leans."""
        calls = [each.call for each in before if each.call is not None]
        last = calls[-1] if calls else self.previous
        if last is None:
            pending = [each.lacking for each in before if each.lacking is not None]
            last = pending[-1] if pending else None
        if before and last is not None and (counted := buyers(part, last)) is not None:
            return counted
        if last is not None and (leans(part) or part.bare_limits):
            return self._interpret(part.text, last)
        alone = self._interpret(part.text, None if before else self.previous)
        if isinstance(alone, Plan) and self._of_the_same(part, alone, before):
            leaning = self._interpret(part.text, last)
            return leaning if isinstance(leaning, Plan) and _tools(leaning) == _tools(alone) else alone
        if isinstance(alone, Plan) or Answered(part, alone).lacking is not None or last is None or not before:
            return alone
        leaning = self._interpret(part.text, last)
        return leaning if isinstance(leaning, Plan) else alone

    def _of_the_same(self, part: Part, alone: Plan, before: Sequence[Answered]) -> bool:
        """ "Orders last month and the forecast for next month": a forecast of the one figure that was asked for."""
        if alone.calls[0].tool not in ("forecast", "drivers") or part.metrics:
            return False
        calls = [each.call for each in before]
        if any(call is None or call.args.get("by") for call in calls):
            return False
        return len({name for call in calls if call is not None for name in metrics_of(call)}) == 1

    def _asked(self, part: Part, outcome: Outcome) -> Outcome:
        """The playbooks are asked by a part only in so many words."""
        if not isinstance(outcome, Plan) or any(call.tool != PLAYBOOK for call in outcome.calls) or part.asks:
            return outcome
        return self._plain(part)

    def _plain(self, part: Part) -> Outcome:
        return interpret(part.text, replace(self.world, has_playbooks=False))

    def _interpret(self, text: str, previous: ToolCall | None) -> Outcome:
        self.left -= 1
        if self.left < 0:
            return Decline(say("That is too much at once."))
        return followed(text, self.world, previous, self.page, ())

    def _shared(self, found: list[Answered]) -> list[Answered]:
        """A limit or a period that is said once for all parts."""
        found = self._with_subject(self._with_values(found))
        shared = [
            self._with_period(each, found, i) if each.lacking is not None else each for i, each in enumerate(found)
        ]
        placed = [self._with_places(each, found, shared, i) for i, each in enumerate(shared)]
        return [_of_that_time(each, placed[:i]) for i, each in enumerate(placed)]

    def _with_places(self, each: Answered, found: Sequence[Answered], shared: Sequence[Answered], i: int) -> Answered:
        """ "How much did we sell in Germany and how many orders, last month?": the place is of both, as the time is."""
        before = found[i - 1] if i else None
        if before is None or before.lacking is None or not before.part.values or not _plain_figure(each):
            return each
        (first,) = _timed([shared[i - 1]])[:1] or (None,)
        if first is None or each.call is None or (each.part.cut_hard and each.part.sentence):
            return each
        limits = beside([dict(limit) for limit in first.args.get("filters", ())], each.call)
        return replace(each, outcome=Plan((ToolCall("metrics", {**each.call.args, "filters": limits}),)))

    def _with_period(self, each: Answered, found: Sequence[Answered], i: int) -> Answered:
        """The period of the part before, with its places and the like, else the period of the next one."""
        pending = each.lacking
        before, after = (_timed(others) for others in (found[:i][::-1], found[i + 1 :]))
        near = [*before, *after]
        if pending is None or not near:
            return each
        args = {**pending.args, "period": near[0].args["period"]}
        if before and not each.part.scene.words("overall"):
            args["filters"] = beside([dict(limit) for limit in before[0].args.get("filters", ())], pending)
        return replace(each, outcome=Plan((ToolCall("metrics", args),)))

    def _with_subject(self, found: list[Answered]) -> list[Answered]:
        """ "Sales of PAPER CHAIN KIT this year, how many units in November": what was named is spoken of on."""
        first = found[0].call if found else None
        named = [f for f in limits_of(first, self.world) if f["dimension"] in SUBJECTS] if first is not None else []
        if first is None or first.tool != "metrics" or len(named) != 1:
            return found
        return [found[0], *(self._of_subject(each, named) for each in found[1:])]

    def _of_subject(self, each: Answered, named: list[dict[str, Any]]) -> Answered:
        call = each.call
        if call is None or not isinstance(each.outcome, Plan) or call.tool != "metrics":
            return each
        if call.args.get("filters") or call.args.get("by") or each.part.scene.words("overall"):
            return each
        of_it = ToolCall("metrics", {**call.args, "filters": named})
        return replace(each, outcome=replace(each.outcome, calls=(of_it,)))

    def _with_values(self, found: list[Answered]) -> list[Answered]:
        """ "Orders and churn list for Germany", 德国的订单数和流失名单: what is said once is said of all."""
        limited = [i for i, each in enumerate(found) if each.part.values]
        if len(found) < 2 or len(limited) != 1 or any(each.part.cut_hard for each in found[1:]):
            return found
        k = limited[0]
        others = [each for i, each in enumerate(found) if i != k]
        if any(not each.part.bare for each in others):
            return found
        limit = found[k].part.limit(last=k == len(found) - 1)
        if limit is None:
            return found
        result = list(found)
        for i, each in enumerate(found):
            if i == k:
                continue
            outcome = self._interpret(limit.of(each.part.text), None)
            if isinstance(outcome, Plan) or Answered(each.part, outcome).lacking is not None:
                result[i] = Answered(replace(each.part, original=limit.of(each.part.text)), outcome)
        return result

    # --- Replies -----------------------------------------------------------------------------------------------------

    def _reply(self, found: Sequence[Answered]) -> Outcome:
        """All parts as one plan; what acts is not done beside something else."""
        found = [each for i, each in enumerate(found) if not any(_resized(each, later) for later in found[i + 1 :])]
        plans = [each.outcome for each in found if isinstance(each.outcome, Plan)]
        calls = _calls(found)
        if len(calls) > 1 and any(map(self.world.acts, calls)):
            return Clarify(
                say("I answer questions together, but what changes something I do by itself. Which one first?"),
                options_of(found),
            )
        if len(dict.fromkeys(map(str, calls))) > MOST:
            return Clarify(
                say("That is more than {most} things at once. Which one first?", most=MOST), options_of(found)
            )
        return together(plans)

    def _half(self, clear: Sequence[Answered], unclear: Sequence[Answered]) -> Outcome:
        """What was understood is offered, and what was not is named with why.

        What stands plainly apart leaves the rest as it is: that is answered at once.
        """
        if all(map(aside, unclear)) and not any(map(self.world.acts, _calls(clear))):
            plan = together([each.outcome for each in clear if isinstance(each.outcome, Plan)])
            return replace(plan, notes=(*plan.notes, *map(not_answered, unclear)))
        doubt = unclear[0]
        known = tuple(f"“{each.part.original}”" for each in clear)
        missing = tuple(f"“{each.part.original}”" for each in unclear)
        reason: Message = doubt.outcome.message if not isinstance(doubt.outcome, Plan) else say("")
        options = options_of(clear)
        if isinstance(doubt.outcome, Clarify):
            message = say(
                "I understood {known}. About {missing}: {question}", known=known, missing=missing, question=reason
            )
            return Clarify(message, (*options[:2], *doubt.outcome.options)[:MOST], doubt.outcome.pending)
        message = say(
            "I understood {known}, but not {missing}. {reason} Shall I answer what I understood?",
            known=known,
            missing=missing,
            reason=plainly(doubt.outcome),
        )
        return Clarify(message, options)


def _tools(plan: Plan) -> list[str]:
    return [call.tool for call in plan.calls]


def _calls(found: Sequence[Answered]) -> list[ToolCall]:
    return [call for each in found if isinstance(each.outcome, Plan) for call in each.outcome.calls]


def _resized(each: Answered, later: Answered) -> bool:
    """ "The best sellers of November, only three please": the later part says how many of the same ranking."""
    if each.call is None or later.call is None or not each.call.args.get("by") or later.part.metrics:
        return False
    (first, second) = ({**call.args, "top": None} for call in (each.call, later.call))
    return each.call.tool == later.call.tool == "metrics" and first == second


def _of_that_time(each: Answered, before: Sequence[Answered]) -> Answered:
    """ "Orders in the UK last month and the return rate overall": of all places in that month, not of all time."""
    scene = each.part.scene
    spans = [scene.spans[i] for i in scene.words("overall")]
    timed = _timed(before[::-1])
    if not timed or len(each.part.periods) != len([s for s in spans if s.has("period")]) or not spans:
        return each
    if each.call is None or each.call.tool != "metrics":
        return each
    args = {**each.call.args, "period": timed[0].args["period"]}
    return replace(each, outcome=Plan((ToolCall("metrics", args),)))


def _plain_figure(each: Answered) -> bool:
    """Whether a part is of one time, and names no place and the like."""
    call = each.call
    alone = isinstance(each.outcome, Plan) and len(each.outcome.calls) == 1
    return alone and call is not None and call.tool == "metrics" and not each.part.values and bool(each.part.periods)


def _timed(found: Sequence[Answered]) -> list[ToolCall]:
    """The figures that have a period."""
    return [call for call in _calls(found) if call.tool in ("metrics", "drivers") and call.args.get("period")]


def _orders(found: Sequence[Answered]) -> bool:
    """Whether something is to be sent or watched: its sentence is cut at no mere "and"."""
    return any(call.tool in ORDERS for call in _calls(found))


def _of_people(found: Sequence[Answered]) -> bool:
    """Whether customers are described: half a description is of others."""
    return any(each.call is not None and each.call.tool in LISTS for each in found)


def _ranked_apart(parts: Sequence[Part]) -> bool:
    """ "Compare sales of Q2 and Q3, and give me the top 3 countries of Q3": a figure, and a ranking of its own time."""
    first, *others = parts
    if first.ranks or not (first.metrics and first.periods):
        return False
    return bool(others) and all(part.ranks and part.periods and part.groups and part.cut for part in others)


def _by_itself(parts: Sequence[Part]) -> bool:
    """ "Net sales in Germany last month? In France the month before?": the second sentence is a question of its own."""
    return any(part.sentence and part.bare_limits and part.periods and part.values for part in parts[1:])
