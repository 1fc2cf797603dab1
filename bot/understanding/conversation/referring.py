"""Words that point at the last answer and ask for something else of it: an alert, a digest, its customers' risk."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bot.understanding.conversation.explaining import metrics_of
from bot.understanding.conversation.recent import Recent, beside, limits_of
from bot.understanding.foresight.reader import period_of
from bot.understanding.lexicon import CJK
from bot.understanding.normalise import normalise
from bot.understanding.outcome import Clarify, Decline, Outcome, Plan
from bot.understanding.reading.draft import World, examples
from tools.answer import FollowUp, ToolCall
from tools.messages import say

_FIGURES = frozenset({"metrics", "drivers", "forecast"})
_IT = re.compile(
    r"\b(?:it|this|that|they|these|those|them)(?: (?:figure|number|metric|one|value)s?)?\b(?! (?:month"
    r"|week|year|quarter|day|morning|evening)\b)"
)
_IT_ZH = re.compile(r"这个(?:指标|数字?|值|数据)?(?!月|季|周|星期)|该指标|它们?|这些(?:指标|数字?|数据)?|此指标")
_WATCH = re.compile(
    r"\b(?:alert|alarm|notify|warn|ping|flag|watch|monitor|keep (?:an )?eye|let (?:me|us) know (?:when"
    r"|if|once)|tell (?:me|us) (?:when|if|once))\b"
    r"|提醒|预警|告警|报警|通知我|监控|盯|留意"
)
# Words that order a watch only beside a bound: "shout if it goes below 40", 低于35%就喊我.
_CALL = re.compile(
    r"\b(?:shout|holler|message me|text me|heads?[- ]?up|drop me)\b|(?:喊|叫|告诉|告知|call)(?:我|我们|一?声)"
    r"|(?:跟|和)我说|说一声"
)
_BOUND = re.compile(
    r"\b(?:above|over|below|under|less than|more than|exceeds?|pass(?:es)?|hits?|reach(?:es)?|drops?|falls?|rises?"
    r"|dips?|goes|gets)\b.*\d|(?:超过|高于|大于|低于|小于|少于|不到|跌破|跌到|掉到|降到|涨到|达到|突破).*?\d"
)
_RHYTHM = re.compile(
    r"\b(?:every|each)\b|\b(?:daily|weekly|monthly|regularly)\b|每天|每日|每周|每星期|每月|每个月"
    r"|每早|天天|定期|定时|每逢"
)
_SEND = re.compile(
    r"\b(?:send|mail|e-?mail|post|deliver|give|push|get|want|have|report|show|repeat|do)\b|发|推送|推|给我|报"
)
_WORDS_OF_SENDING = re.compile(
    r"\b(?:digest|summary|kpis?|overview|newsletter|briefing|recap)\b|日报|周报|月报|简报|摘要|汇总"
)
CHURN = re.compile(r"churn|leav(?:e|ing)|at risk|attrition|流失")
_THEM = re.compile(
    r"\b(?:them|they|these|those|of them|these customers|those customers)\b|他们|她们|它们|其中|这些|那些|这批|这群"
)
_FORECAST = re.compile(
    r"^\W*(?:(?:please|can you|could you|now|and|then|so|ok|also)\W+)*(?:forecast|predict|project"
    r"|extrapolate) (?:it|that|this|them|these|those)(?: (?:for|over) .+)?(?: please)?\W*$"
    r"|^\W*(?:请|帮我|那|再)*预测(?:一下|下)?(?:它们?|这个|那个|他们)?(?:吧|呢)?\W*$|^\W*(?:把)?(?:它|这个)预测一下\W*$"
)


def referred(
    text: str, world: World, previous: ToolCall | None, recent: Recent, read: Callable[[str], Outcome]
) -> Outcome | None:
    """The outcome where a message points at the last answer in one of these ways; None: it does not.

    `read` reads a question as if nothing had been said before.
    """
    folded = normalise(text).folded
    return (
        _watched(text, folded, world, previous, read)
        or _sent(text, folded, world, previous, read)
        or _without_antecedent(folded, world, previous, recent)
    )


# --- Alerts ----------------------------------------------------------------------


def _watched(
    text: str, folded: str, world: World, previous: ToolCall | None, read: Callable[[str], Outcome]
) -> Outcome | None:
    """ "Alert me when it falls below 20,000": of the figure that was answered, with its limits."""
    ordered = _WATCH.search(folded) or (_CALL.search(folded) and _BOUND.search(folded))
    if "monitor" not in world.tools or not ordered or _names_a_figure(text, world):
        return None
    pointed = bool(_IT.search(folded) or _IT_ZH.search(folded))
    figures = metrics_of(previous) if previous is not None and previous.tool in _FIGURES else ()
    if previous is None:
        if not pointed:
            return None
        return Clarify(say("Which figure shall I watch? For example:"), _watchable(("net_sales", "orders"), [], world))
    if not figures:
        return None
    if len(figures) > 1:
        return Clarify(say("Which figure shall I watch?"), _watchable(figures, limits_of(previous, world), world))
    outcome = read(_with_name(text, figures[0], world))
    if not isinstance(outcome, Plan) or outcome.calls[0].tool != "monitor":
        return outcome if not isinstance(outcome, Plan) else None
    call = outcome.calls[0]
    if call.args.get("action") != "add":
        return None
    kept = beside(limits_of(previous, world), call)
    args = {**call.args, **({"filters": kept} if kept else {})}
    return Plan((ToolCall("monitor", args),), outcome.notes)


def _with_name(text: str, metric: str, world: World) -> str:
    """The sentence with the figure's name in the pronoun's place, else at its beginning."""
    label = world.catalog.metrics[metric].label.label
    norm = normalise(text)
    chinese = bool(CJK.search(norm.folded))
    name = label.zh if chinese else label.inside().en
    found = (_IT_ZH if chinese else _IT).search(norm.folded)
    if found is not None:
        rest = re.sub(r"^'(?:s|re)\b", " is", norm.text[found.end() :])
        return norm.text[: found.start()] + name + rest
    if chinese:
        return f"{name}{norm.text}"
    when = re.search(r"\b(?:when|if|once|as soon as|whenever)\b", norm.folded)
    if when is not None:
        return f"{norm.text[: when.end()]} {name} {norm.text[when.end() :]}"
    return f"{norm.text} {name}"


def _watchable(figures: tuple[str, ...], limits: list[dict[str, Any]], world: World) -> tuple[FollowUp, ...]:
    return tuple(
        FollowUp(
            say("{metric}", metric=world.catalog.metrics[name].label.label),
            ToolCall("monitor", {"action": "add", "metric": name, **({"filters": limits} if limits else {})}),
        )
        for name in figures[:4]
    )


def _names_a_figure(text: str, world: World) -> bool:
    return bool(world.scene(text).where(lambda s: s.has("metric")))


# --- Digests ----------------------------------------------------------------------


def _sent(
    text: str, folded: str, world: World, previous: ToolCall | None, read: Callable[[str], Outcome]
) -> Outcome | None:
    """ "Send me that every morning": a digest of the figures that were answered."""
    if "digest" not in world.tools or not (_RHYTHM.search(folded) and _SEND.search(folded)):
        return None
    if _WORDS_OF_SENDING.search(folded) or _WATCH.search(folded) or _names_a_figure(text, world):
        return None
    pointed = bool(_IT.search(folded) or _IT_ZH.search(folded) or re.search(r"\bthe same\b", folded))
    chinese = bool(CJK.search(folded))
    if not pointed and not (chinese and previous is not None):
        return None
    outcome = read(_as_digest(text, chinese=chinese))
    if not isinstance(outcome, Plan) or outcome.calls[0].tool != "digest":
        return None
    call = outcome.calls[0]
    if call.args.get("action") != "subscribe":
        return None
    whole = FollowUp(say("The key figures, as a digest"), call)
    if previous is None:
        return Clarify(say("What shall I send? Ask for it first, or take the digest of the key figures."), (whole,))
    if previous.tool in ("digest", "monitor", "incidents"):
        return None
    figures = metrics_of(previous) if previous.tool in _FIGURES else ()
    if not figures:
        return Decline(say("What I send regularly is a digest of figures; lists I give on request."), (whole,))
    kept = beside(limits_of(previous, world), call)
    args = {**call.args, "metrics": list(figures), **({"filters": kept} if kept else {})}
    notes = () if not previous.args.get("by") else (say("A digest tells each figure as a whole, without the split."),)
    return Plan((ToolCall("digest", args),), (*outcome.notes, *notes))


def _as_digest(text: str, *, chinese: bool) -> str:
    norm = normalise(text)
    found = (_IT_ZH if chinese else _IT).search(norm.folded)
    if found is not None:
        word = (
            "日报"
            if chinese and not re.search(r"每周|每月|每星期|每个月", norm.folded)
            else "简报"
            if chinese
            else "the digest"
        )
        return norm.text[: found.start()] + word + norm.text[found.end() :]
    return norm.text


# --- Customers of a figure ----------------------------------------------------------------------


def at_risk(folded: str, world: World, previous: ToolCall) -> Outcome | None:
    """ "What about churn for them", 他们会流失吗: of the customers whom a figure was of."""
    if previous.tool != "metrics" or "churn" not in world.tools:
        return None
    if not (CHURN.search(folded) and _THEM.search(folded)):
        return None
    args = previous.args
    limits = limits_of(previous, world)
    groups = [f for f in args.get("filters", ()) if f["dimension"] in world.catalog.memberships]
    named = [f for f in limits if f["dimension"] == "customer"]
    if named or not args.get("period"):
        return None
    bought: dict[str, Any] = {"measure": "orders", "op": ">=", "value": 1, "period": dict(args["period"])}
    where = [f for f in limits if f["dimension"] not in ("weekday", "hour")]
    if where:
        bought["where"] = where
    rules: list[dict[str, Any]] = [bought]
    for group in groups:
        scheme = "saved" if group["dimension"] == "segment" else group["dimension"]
        inside = {"scheme": scheme, "groups": list(group["values"])}
        rules.append(inside if group.get("op", "in") == "in" else {"not": inside})
    rule = rules[0] if len(rules) == 1 else {"all": rules}
    show = {"show": "summary"} if re.search(r"how many|多少|几[个位]|rate|率", folded) else {}
    call = ToolCall("churn", {"rule": rule, **show})
    if args.get("top") and "customer" in args.get("by", ()):
        return Clarify(
            say("I rate the risk of groups that a rule describes, not of the top {count}. Do you mean this?",
                count=int(args["top"])),
            (FollowUp(say("The risk of all who bought in {period}", period=period_of(args["period"])), call),),
        )  # fmt: skip
    return Plan((call,), (say("Whoever bought in {period} is looked at.", period=period_of(args["period"])),))


# --- Nothing to point at ----------------------------------------------------------------------


def _without_antecedent(folded: str, world: World, previous: ToolCall | None, recent: Recent) -> Outcome | None:
    if previous is not None or recent.calls:
        return None
    if _FORECAST.match(folded):
        return Clarify(say("What do you mean by that? Ask for a figure first, for example:"), examples(world.today))
    return None
