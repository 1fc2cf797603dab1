"""Messages that lean on what came before: on a page ("tell me more") or on a figure ("what should we do about it?")."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.understanding.knowledge.frames import BARE
from bot.understanding.knowledge.kinds import Shape
from bot.understanding.knowledge.mixing import nothing_more
from bot.understanding.knowledge.terms import Cues
from bot.understanding.lexicon import CJK
from bot.understanding.outcome import Outcome, Plan
from bot.understanding.reading.draft import TOOL_TITLES, World, days
from bot.understanding.scene import Scene
from bot.understanding.spans import Span
from tools.answer import ToolCall
from tools.customers.schemes import SCHEMES
from tools.messages import Label, say
from tools.semantic.catalog import Catalog
from tools.semantic.periods import unit

# How a figure stands or moved, in words that say which way.
LOW = re.compile(
    r"low|below|only|just|fell|fall|drop|declin|decreas|down|halv|collaps|plung|slump|shrink|weak|poor"
    r"|低|只有|才|仅|不到|不足|不高|降|跌|滑|掉|减|少|腰斩"
)
HIGH = re.compile(r"high|above|rose|ris|increas|grew|grow|jump|spik|doubl|tripl|soar|\bup\b|高|涨|升|增|翻倍|多")
# Calls for advice that say nothing of what is wanted.
VAGUE = re.compile(
    r"\bany (?:ideas?|advice|tips)\b|\bwhat (?:now|next)\b"
    r"|\b(?:suggest|recommend|propose|advise|options|react|respond)\b|建议|对策|办法|应对|处理",
    re.IGNORECASE,
)
# 什么是RFM, which asks for a meaning in so many words.
CALLED = re.compile(r"什么(?:是|叫做?)(?P<zh>.+?)\W*$|\bwhat does (?P<en>.+?) (?:mean|stand for)\b")
# "And ours?", 我们的呢: nothing is named besides.
OWN = re.compile(r"\b(?:ours|mine|our own|for us|in our shop|in our store)\b|我们的?|咱们的?|我的|自己的|本店的?")
# What says only that a question leans on the one before; and the same, of somebody else: "and for new customers?".
LEANING = re.compile(
    r"^\W*(?:(?:and|so|then|what about|how about|那么?|还有|和)\W*)+(?:(?:the|an?)\b\W*)?|(?:呢|呀|啊)?\W*$",
    re.IGNORECASE,
)
LIMITING = re.compile(r"(?:for|in|with|by|on|at|to|when|if)\b|[对给在]", re.IGNORECASE)
SMALL = ("filler", "pronoun", "follow_up", "and", "classifier", "greeting", "thanks", "overview")
SUBJECTS = {
    "churn": Label("Customer churn", "客户流失"),
    "clv": TOOL_TITLES["clv"],
    "cohorts": Label("Customer retention", "客户留存"),
    "recommend": Label("Cross-selling", "交叉销售"),
    "segments": Label("Customer segments", "客户分群"),
    "customer": Label("Customer care", "客户维护"),
    "inventory": Label("Stock", "库存"),
    "inventory:slow": Label("Slow-moving stock", "滞销库存"),
    "inventory:risk": Label("Stock-outs", "缺货"),
    "inventory:reorder": Label("Reordering", "补货"),
    "calendar": Label("Promotions", "大促"),
}

# "And who may churn?" asks for a list, whatever page was read before.
WHO = re.compile(r"\bwho(?:'s|s)?\b|\bwhich customers\b|谁|哪些(?:客户|人|用户)")


@dataclass(frozen=True)
class Page:
    """The playbooks' answer that a conversation last came to: what was asked, and the call for the whole section."""

    question: str
    section: ToolCall | None = None


def wants_more(shape: Shape) -> bool:
    """ "Tell me more", 详细一点: nothing is said besides."""
    return shape.cues.has("more") and not _beside(shape, "more")


def goes_on(shape: Shape) -> bool:
    """ "And for new customers?", 那新客户呢: it leans on a page, and names nothing that a figure would."""
    scene = shape.scene
    spans = scene.spans
    opens = bool(spans) and (spans[0].word("follow_up", "and") or spans[-1].word("follow_up"))
    figured = shape.values() or shape.means() or scene.where(lambda s: s.has("number") or s.has("period"))
    whole = WHO.search(shape.text) and scene.where(lambda s: s.word("churn") or s.has("tool"))
    return opens and not figured and not whole and bool(_content(spans)) and not scene.words("by", "compare", "top")


def shows_ours(shape: Shape) -> bool:
    """ "Show me ours", 看看我们的: what a page explained, as it is with the team."""
    spans = [span for span in shape.scene.spans if not nothing_more(span.text)]
    return bool(OWN.search(shape.text)) and all(span.word(*SMALL) for span in spans)


def asks_on(shape: Shape) -> bool:
    """ "What should we do about it?", 那怎么办: advice on what was answered, and nothing else."""
    return shape.cues.has("remedy", "advice") and not _beside(shape, "remedy", "advice")


def subject(call: ToolCall, catalog: Catalog) -> Label | None:
    """What the answer before was about, in a word or two."""
    args: Mapping[str, Any] = call.args
    metrics = [m for m in (args.get("metrics") or [args.get("metric")]) if m in catalog.metrics]
    if metrics:
        labels = [catalog.metrics[m].label.label for m in metrics[:2]]
        return Label(", ".join(label.en for label in labels), "、".join(label.zh for label in labels))
    rule = args.get("rule") or {}
    scheme = SCHEMES.get(str(rule.get("scheme")))
    groups = [scheme.groups[g].label for g in rule.get("groups", ()) if scheme and g in scheme.groups]
    if call.tool == "segments" and groups:
        return Label(", ".join(g.en for g in groups), "、".join(g.zh for g in groups))
    return SUBJECTS.get(f"{call.tool}:{args.get('show')}") or SUBJECTS.get(call.tool)


def about(subject: Label, text: str) -> str:
    """The question with what it leans on, in its own language."""
    return f"{subject.zh}：{text}" if CJK.search(text) else f"{subject.en}: {text}"


def problem(subject: Label, advice: str, figure: ToolCall, cues: Cues, catalog: Catalog) -> str:
    """ "A drop in repurchase rate: what should we do?": how a figure moved or stands, as it is said or must be meant.

    Pages on what may go wrong are called so; a value, a time or a place in the question would only lead away from them.
    """
    words = [span.text for group in ("moved", "level") for span in cues.all(group)]
    said = {low for text in words for low, way in ((True, LOW), (False, HIGH)) if way.search(text)}
    name = figure.args.get("metric") or figure.args["metrics"][0]
    meant = {"up": True, "down": False}.get(catalog.metrics[name].good)
    low = said.pop() if len(said) == 1 else meant
    if low is None:
        return about(subject, advice)
    vague = VAGUE.search(advice)
    if CJK.search(advice):
        return f"{subject.zh}{'下降' if low else '上升'}：{'怎么办' if vague else advice}"
    return f"A {'drop' if low else 'rise'} in {subject.inside().en}: {'what should we do?' if vague else advice}"


def joined(before: str, text: str) -> str:
    """Two questions as one, for what is looked for."""
    return f"{before.rstrip()} {text}"


def _content(spans: list[Span]) -> list[Span]:
    return [span for span in spans if not span.word(*SMALL)]


def _beside(shape: Shape, *groups: str) -> list[Span]:
    """Words that say something besides the cue words of these groups."""
    covered = [span for group in groups for span in shape.cues.all(group)]
    return [
        span
        for span in _content(shape.scene.spans)
        if not any(cue.start <= span.start and span.end <= cue.end for cue in covered) and not nothing_more(span.text)
    ]


def figure_of(page: Page, world: World) -> ToolCall | None:
    """After "what is the repurchase rate?" of a page, "and last month?" asks for that figure."""
    found = _metrics(page, world)
    return ToolCall("metrics", {"metrics": [found.pop()]}) if len(found) == 1 else None


def again(page: Page, shape: Shape) -> str:
    """ "And the reorder point?" after "what is safety stock?": its meaning is asked for too, else more of the same."""
    text = shape.scene.norm.original.strip()
    thing = LEANING.sub("", text)
    if not _explained(page) or LIMITING.match(thing):
        return joined(page.question, text)
    return f"什么是{thing}？" if CJK.search(text) else f"What is {thing}?"


def ours(page: Page, world: World, answer: Callable[[str], Outcome]) -> Plan | None:
    """What a page explained, as it is with the team: the list of that name, or the figure, of the last month."""
    scene = _scene(page, world)
    for name in (*_explained(page), *(span.text for span in scene.spans if span.has("tool"))):
        listed = answer(name)
        if isinstance(listed, Plan):
            return listed
    figure = figure_of(page, world)
    if figure is None or not _measured(figure, world):
        return None
    period = unit(world.today, "month").previous()
    note = say("No period was named: the figure is that of {period}.", period=period)
    return Plan((replace(figure, args={**figure.args, "period": days(period)}),), (note,))


def _explained(page: Page) -> tuple[str, ...]:
    """What a question to the playbooks asks the meaning of."""
    found = BARE.search(page.question.lower()) or CALLED.search(page.question.lower())
    return tuple(text.strip() for text in found.groupdict().values() if text) if found else ()


def _scene(page: Page, world: World) -> Scene:
    return world.scene(page.question)


def _metrics(page: Page, world: World) -> set[str]:
    """The figures that a question to the playbooks names; customers, products and the like are no figure there."""
    spans = (span for span in _scene(page, world).spans if not span.has("dimension"))
    return {str(name) for span in spans for name in span.values("metric")}


def _measured(figure: ToolCall, world: World) -> bool:
    """Whether the tables of a figure were imported."""
    metric = world.catalog.metrics[figure.args["metrics"][0]]
    return world.tables >= set(world.catalog.tables_of(metric))
