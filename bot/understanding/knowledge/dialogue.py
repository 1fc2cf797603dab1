"""Messages that lean on what came before: on a page ("tell me more") or on a figure ("what should we do about it?")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.understanding.knowledge.kinds import Shape
from bot.understanding.knowledge.mixing import nothing_more
from bot.understanding.knowledge.terms import Cues
from bot.understanding.lexicon import CJK
from bot.understanding.reading.draft import TOOL_TITLES, World
from bot.understanding.scene import look
from bot.understanding.spans import Span
from tools.answer import ToolCall
from tools.customers.schemes import SCHEMES
from tools.messages import Label
from tools.semantic.catalog import Catalog

# How a figure stands, in words that say which way.
LOW = re.compile(r"low|below|only|just|低|只有|才|仅|不到|不足|不高")
HIGH_OR_LOW = re.compile(rf"high|above|高|{LOW.pattern}")
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
    figured = shape.values() or scene.where(lambda s: s.has("number") or s.has("period"))
    return opens and not figured and bool(_content(spans)) and not scene.words("by", "compare", "top")


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
    """ "Repurchase rate is low: what should we do?": the value in words, as it is said or as it must be meant."""
    said = {"low" if LOW.search(span.text) else "high" for span in cues.all("level") if HIGH_OR_LOW.search(span.text)}
    meant = {"up": "low", "down": "high"}.get(catalog.metrics[figure.args["metrics"][0]].good)
    level = said.pop() if len(said) == 1 else meant
    if level is None:
        return about(subject, advice)
    return about(Label(f"{subject.en} is {level}", f"{subject.zh}{'低' if level == 'low' else '高'}"), advice)


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
    sight = look(page.question, world.index, world.today, world.first_day)
    found = {str(r.value) for _start, _end, readings in sight.candidates for r in readings if r.kind == "metric"}
    return ToolCall("metrics", {"metrics": [found.pop()]}) if len(found) == 1 else None
