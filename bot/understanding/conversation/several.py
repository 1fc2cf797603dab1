"""A message in its conversation: a choice, a correction, a word on the last answer, or a question or several.

"Revenue and orders last month, and who is about to churn" becomes several calls. The whole is read first; only where it
fails, or where it is one call though two questions are asked, is the message cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.understanding.conversation.against import with_the_rest
from bot.understanding.conversation.asides import past_asides
from bot.understanding.conversation.choosing import chosen, says_enough, says_no, says_yes
from bot.understanding.conversation.correcting import (
    as_follow_up,
    correction,
    instead_of_strange_words,
    names_only,
    same_unit,
)
from bot.understanding.conversation.cutting import Several
from bot.understanding.conversation.explaining import explained, metrics_of
from bot.understanding.conversation.following import followed
from bot.understanding.conversation.gathering import gathered
from bot.understanding.conversation.joining import MOST
from bot.understanding.conversation.pointing import pointed
from bot.understanding.conversation.recent import LISTS, ORDERS, PLAYBOOK, RULED, Offer, Recent, beside, limited_to
from bot.understanding.conversation.referring import CHURN, referred
from bot.understanding.conversation.seams import seams
from bot.understanding.conversation.statements import past_statements
from bot.understanding.conversation.wrapping import unwrapped
from bot.understanding.hostile import is_tampering
from bot.understanding.interpret import interpret
from bot.understanding.knowledge.dialogue import Page
from bot.understanding.normalise import normalise
from bot.understanding.outcome import Clarify, Outcome, Plan
from bot.understanding.reading.draft import World, examples, offer
from bot.understanding.spans import Kind
from tools.answer import FollowUp, ToolCall
from tools.messages import say

NOTHING = Recent()
LIMITING: frozenset[Kind] = frozenset({"value", "period", "number"})
QUOTED = 60  # characters of a message that is named in another
BRIEF = 24  # characters of a message that says no subject of its own
PROFILED = {"churn": "customer", "clv": "clv", "recommend": "recommend", "segments": "customer"}
"""What tells of one customer what these tell of all."""
EACH_OF = re.compile(
    r"\beach (?:of|for)\b|\b(?:for|in|of) each\b|\bseparately\b|\brespectively\b|分别|各自|各(?=的?(?:前|销|top))"
)
OF_RULES = RULED - {"segments"}
THEIRS = re.compile(r"\b(?:them|they|their|these|those)\b|他们|她们|其中|这些|那些|这批|这群|这部分")
ALL_CUSTOMERS = re.compile(
    r"\b(?:customers|who|which|list|all|everyone|people|top)\b|客户们|哪些|名单|谁|所有|全部|列表|大家|多少"
)


def understood(
    text: str,
    world: World,
    previous: ToolCall | None = None,
    page: Page | None = None,
    recent: Recent = NOTHING,
) -> Outcome:
    """The outcome of a message: one call, or as many as it asks for.

    `previous` is the call that follow-ups lean on, `page` the playbooks' answer where the conversation came to one
    last, `recent` what else is known of the last turn. Never raises, whatever the text.
    """
    if is_tampering(normalise(text)):
        return interpret(text, world)  # refused, whatever else it holds or leans on

    def read(part: str) -> Outcome:
        return _as_it_stands(part, world, previous, page, recent)

    return past_statements(text, world, past_asides(text, world, read(text), read), read)


def _as_it_stands(text: str, world: World, previous: ToolCall | None, page: Page | None, recent: Recent) -> Outcome:
    lean = unwrapped(text, world, previous, page, recent)
    text, previous, page, recent = lean.text, lean.previous, lean.page, lean.recent
    if previous is not None and not recent.calls and not recent.asked:
        recent = replace(recent, calls=(previous,))

    def read(part: str, leaning: ToolCall | None = previous) -> Outcome:
        return _read(part, world, leaning, page, recent.calls)

    def afresh(part: str) -> Outcome:
        return interpret(part, world)

    if (choice := _chosen(text, world, previous, recent, read)) is not None:
        return choice
    if (together := gathered(text, world, recent) or with_the_rest(text, world, read)) is not None:
        return together
    named = pointed(text, world, previous, recent)
    if isinstance(named, Clarify):
        fishing = world.sight(text).hostile is not None or world.scene(text).words("personal")
        return afresh(text) if fishing else named  # "her phone number" is refused, whoever is meant
    if named is not None:
        text, previous = named.text, named.previous
    outcome = _of_whom(
        text,
        previous,
        _corrected(text, world, previous, recent, read)
        or explained(text, world, recent, page, read)
        or referred(text, world, previous, recent, afresh)
        or _if_meant(text, _completed(read(text, previous), previous, recent), world, recent),
    )
    outcome = _of_each_apart(text, outcome)
    if named is not None and isinstance(outcome, Plan):
        return replace(outcome, notes=(*named.notes, *outcome.notes))
    return outcome


def _of_each_apart(text: str, outcome: Outcome) -> Outcome:
    """ "The top 3 products of each of Germany and France": a ranking of each, not one of both together."""
    if not isinstance(outcome, Plan) or len(outcome.calls) != 1 or not EACH_OF.search(normalise(text).folded):
        return outcome
    (call,) = outcome.calls
    if call.tool != "metrics" or not call.args.get("top") or len(call.args.get("by", ())) != 1:
        return outcome
    for limit in call.args.get("filters", ()):
        if (
            limit.get("op", "in") == "in"
            and limit["dimension"] not in call.args["by"]
            and 1 < len(limit["values"]) <= MOST
        ):
            others = [f for f in call.args["filters"] if f is not limit]
            each = [[*others, {**limit, "values": [value]}] for value in limit["values"]]
            return replace(outcome, calls=tuple(ToolCall("metrics", {**call.args, "filters": own}) for own in each))
    return outcome


def _if_meant(text: str, outcome: Outcome, world: World, recent: Recent) -> Outcome:
    """After a question that was not understood a fragment may be of it: what else it would lean on is asked, not taken.

    "Net sales in Belgium, B2B only" is refused; "and orders?" is hardly of the answer before that.
    """
    alone = replace(world, has_playbooks=False)
    if not recent.unread or not isinstance(outcome, Plan) or isinstance(interpret(text, alone), Plan):
        return outcome
    if all(call.tool == PLAYBOOK for call in outcome.calls) and not _kinds(text, world) & {"metric", "value"}:
        return outcome
    said = _kinds(text, world)
    words = next((unread for unread in recent.unread if _kinds(unread, world) & LIMITING), recent.unread[0])
    unread = _kinds(words, world)
    if not unread & LIMITING and not (unread & {"metric", "dimension"} and "metric" not in said):
        return outcome  # nothing of it can be meant still
    options = tuple(
        offer(call.args, world) if call.tool == "metrics" else FollowUp(say("{question}", question=text), call)
        for call in outcome.calls
    )
    words = words if len(words) <= QUOTED else f"{words[:QUOTED]}…"
    return Clarify(say("I did not understand “{words}” just now. Do you mean this?", words=words), options[:MOST])


def _another_time_of(unread: str, text: str, world: World) -> bool:
    """Whether only a time is said after a message that had one: it stands for no strange word of it."""
    said = _kinds(text, world)
    if "period" not in said or said & {"metric", "value", "dimension"}:
        return False
    spans = world.scene(unread).spans
    return any(found.period is not None for span in spans for found in span.values("period"))


def _kinds(text: str, world: World) -> set[Kind]:
    return {reading.kind for span in world.scene(text).spans for reading in span.readings}


def _of_whom(text: str, previous: ToolCall | None, outcome: Outcome) -> Outcome:
    return _of_the_group(text, previous, _of_the_customer(text, previous, outcome))


def _of_the_group(text: str, previous: ToolCall | None, outcome: Outcome) -> Outcome:
    """ "Their churn risk" after the customers of a rule is theirs, and not everybody's."""
    rule = previous.args.get("rule") if previous is not None and previous.tool in LISTS else None
    folded = normalise(text).folded
    if not rule or not THEIRS.search(folded):
        return outcome
    if isinstance(outcome, Plan) and len(outcome.calls) == 1 and outcome.calls[0].tool in OF_RULES:
        (call,) = outcome.calls
        own = any(call.args.get(name) for name in ("rule", "customer", "product"))
        return outcome if own else replace(outcome, calls=(ToolCall(call.tool, {**call.args, "rule": rule}),))
    asked = not isinstance(outcome, Plan) or all(call.tool == PLAYBOOK for call in outcome.calls)
    short = len(text) <= BRIEF and CHURN.search(folded) is not None
    return Plan((ToolCall("churn", {"rule": rule}),)) if asked and short else outcome


def _of_the_customer(text: str, previous: ToolCall | None, outcome: Outcome) -> Outcome:
    """ "Likely to churn?" after one customer's figures is of that customer, and not of all."""
    named = () if previous is None or len(text) > BRIEF else limited_to("customer", previous)
    folded = normalise(text).folded
    if len(named) != 1 or ALL_CUSTOMERS.search(folded):
        return outcome
    if isinstance(outcome, Plan):
        call, *others = outcome.calls
        if others or call.args or call.tool not in PROFILED:
            return outcome
        return replace(outcome, calls=(ToolCall(PROFILED[call.tool], {"customer": named[0]}),))
    return Plan((ToolCall("customer", {"customer": named[0]}),)) if CHURN.search(folded) else outcome


def _completed(outcome: Outcome, pending: ToolCall | None, recent: Recent) -> Outcome:
    """ "What about Germany?" asked which figure: "sales last month" is that of Germany."""
    if not recent.asked or recent.calls or pending is None or pending.tool != "metrics" or pending.args.get("metrics"):
        return outcome
    if not pending.args.get("filters") or not isinstance(outcome, Plan) or len(outcome.calls) != 1:
        return outcome
    (call,) = outcome.calls
    if call.tool != "metrics":
        return outcome
    args = {**call.args, "filters": beside([dict(limit) for limit in pending.args["filters"]], call)}
    return replace(outcome, calls=(ToolCall("metrics", args),))


def _read(
    text: str, world: World, previous: ToolCall | None, page: Page | None, calls: tuple[ToolCall, ...]
) -> Outcome:
    whole = followed(text, world, previous, page, calls)
    sight = world.sight(text)
    cut = Several(sight, world, previous, page, whole).outcome() if seams(sight) else None
    return cut or whole


def _chosen(
    text: str, world: World, previous: ToolCall | None, recent: Recent, read: Callable[[str], Outcome]
) -> Outcome | None:
    """The option of the last question back that is typed, or that none is wanted."""
    if says_enough(text):
        return _another_time(world)
    if not recent.offered:
        return None
    numbered = previous is None or previous.tool not in ORDERS or bool(recent.calls)
    option = chosen(text, recent.offered, numbered=numbered, samples=True)
    if option is None and not recent.samples:
        loosely = chosen(text, recent.offered, numbered=numbered) or _of_that_name(text, world, recent.offered)
        # A question of its own chooses nothing.
        if loosely is not None and (says_yes(text) or not isinstance(interpret(text, world), Plan)):
            option = loosely
    if option is not None:
        return Plan((option.call,)) if option.call is not None else read(option.question or text)
    if says_no(text):
        return _another_time(world)
    if says_yes(text) and not recent.samples:
        options = tuple(
            FollowUp(say("{question}", question=offer.labels[0]), offer.call, offer.question)
            for offer in recent.offered[:MOST]
        )
        return Clarify(say("Which one?"), options)
    return None


def _another_time(world: World) -> Clarify:
    message = say("All right. What would you like to know instead? For example:")
    return Clarify(message, examples(world.today), afresh=True)


def _of_that_name(text: str, world: World, offered: Sequence[Offer]) -> Offer | None:
    """The one option whose figure or value is named, by whatever name it goes: "by revenue", a product's full name."""
    spans = [s for s in world.scene(text).spans if not s.word("filler", "by", "only", "follow_up")]
    if len(spans) != 1 or not (spans[0].has("metric") or spans[0].has("value")):
        return None
    named = {str(name) for name in spans[0].values("metric")} | {str(value) for _d, value in spans[0].values("value")}
    fits = [offer for offer in offered if offer.call is not None and named & _names(offer.call)]
    return fits[0] if len(fits) == 1 else None


def _names(call: ToolCall) -> set[str]:
    """The figures and the single values that a call is of."""
    values = (limit["values"] for limit in call.args.get("filters", ()) if len(limit["values"]) == 1)
    return {*metrics_of(call), *(str(value) for (value,) in values)}


def _corrected(
    text: str, world: World, previous: ToolCall | None, recent: Recent, read: Callable[..., Outcome]
) -> Outcome | None:
    """ "No, I meant orders": what is said instead, of the question that was answered or refused."""
    found = correction(text)
    if found is None:
        if not recent.unread or not names_only(text, world) or _another_time_of(recent.unread[0], text, world):
            return None
        meant = text
    elif not found.text:
        return Clarify(say("What did you mean? Say it in other words, for example:"), examples(world.today))
    else:
        meant = found.text
    if recent.unread:
        whole = instead_of_strange_words(recent.unread[0], meant, world)
        outcome = read(whole) if whole is not None else None
        if isinstance(outcome, Plan):
            return outcome
        if found is None:
            return None
    if previous is None:
        return read(meant) if found is not None else None
    leaning = read(as_follow_up(meant), previous)
    if not isinstance(leaning, Plan):
        return read(meant, previous)
    return replace(leaning, calls=tuple(same_unit(meant, previous, call) for call in leaning.calls))
