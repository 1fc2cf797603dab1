"""A place beside all the others: "UK vs the rest of the world", 英国和其他国家, "Germany and non-Germany"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from bot.understanding.outcome import Outcome, Plan
from bot.understanding.reading.draft import World
from tools.answer import ToolCall

PLACES = ("country", "region")
_JOINED = (
    r"\s*(?:,|，|、|/|&|\bvs\b\.?|\bversus\b|\band\b|\bagainst\b|\bcompared (?:to|with)\b"
    r"|对比|相比|和|与|跟|同|及|以及|比)"
)
_OTHERS = (
    r"(?:rest(?: of (?:the )?world\b|(?! of\b))|others|(?:all )?other (?:countries|markets|regions|places)"
    r"|everywhere else|everyone else|elsewhere|abroad|overseas|international(?: markets)?|export(?: markets)?|row"
    r"|(?:所有|全部)?的?其[他它余]的?(?:国家|市场|地区|地方)|其[他它余](?:的)?(?=$|[\s，,？?。]|对比|比较|相比)"
    r"|海外(?:市场|国家)?|国外(?:市场)?|境外)"
)
_LINKS = r"(?:\s|(?:in|for|of|from|the)\b|在){0,9}"
_COMPARED = re.compile(
    r"\b(?:compare|comparison of|comparing)\b|(?:的)?(?:对比|比较|相比|比一比)(?:一下|如何|怎么样|情况)?|比一下"
)


def with_the_rest(text: str, world: World, read: Callable[[str], Outcome]) -> Plan | None:
    """The figures of the place and of all but it; None: the message does not ask for both."""
    scene = world.scene(text)
    folded = scene.norm.folded
    for span in scene.spans:
        if not any(dimension in PLACES for dimension, _value in span.values("value")):
            continue
        same = rf"(?:non[- ]?|非){re.escape(span.text)}"
        rest = re.compile(rf"{_JOINED}{_LINKS}(?:{same}|{_OTHERS})(?![a-z])").match(folded, span.end)
        if rest is None:
            continue
        start, end = scene.norm.original_span(rest.start(), rest.end())
        outcome = read(_COMPARED.sub(" ", f"{text[:start]} {text[end:]}"))
        return _both(outcome) if isinstance(outcome, Plan) else None
    return None


def _both(plan: Plan) -> Plan | None:
    if len(plan.calls) != 1 or plan.calls[0].tool != "metrics":
        return None
    args = plan.calls[0].args
    limits = args.get("filters", ())
    places = [f for f in limits if f["dimension"] in PLACES]
    if len(places) != 1 or places[0].get("op", "in") != "in":
        return None
    (place,) = places
    by = [name for name in args.get("by", ()) if name != place["dimension"]]
    kept = {name: value for name, value in args.items() if name not in ("by", "share")} | ({"by": by} if by else {})
    others = [{**f, "op": "not_in"} if f is place else f for f in limits]
    return replace(plan, calls=(ToolCall("metrics", kept), ToolCall("metrics", {**kept, "filters": others})))
