"""The tool `segments`: rules, schemes, and segments saved under a name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from bot.understanding.customers.around import as_the_rule_says
from bot.understanding.customers.asking import Back
from bot.understanding.customers.clauses import HEADS, MEASURES
from bot.understanding.customers.frame import PEOPLE, SCHEMES, Frame, listing
from bot.understanding.customers.parts import Ambiguous, Unclear
from bot.understanding.customers.topic import Read, Topic
from bot.understanding.outcome import Clarify, Plan
from tools.answer import FollowUp, ToolCall
from tools.messages import Label, Message, say

LISTED = 20
GOODS = frozenset({"product", "category"})
HOW_TO = re.compile(r"\bhow (?:to|do|does|can|should|could|would|might)\b|(?:怎么|如何|怎样)(?!样|分布|的)")
EVERY = re.compile(
    r"\bin every\b|\bevery single\b|months? in a row|consecutive"
    r"|\b(?:who|that|which|with)\b.*\b(?:every|each|per) (?:day|week|month|quarter|year)\b"
)
OF_THE_TOP = re.compile(
    r"(?:前|top ?)\d+ ?(?:名|位|个|大)?.{0,8}(?:中|里|当中|里面|之中).{0,12}(?:多少|几)"
    r"|\b(?:of|among|amongst) (?:our |the |my )?(?:top|best|biggest|largest) \d+"
)
# "Customers who bought …" asks for the customers; "how many customers bought …" is a figure.
WHO_THEY_ARE = re.compile(
    r"^\W*(?:(?:please|list|show|show me|give me|find|which|the|our|all|of) )*(?:customers|clients|buyers|shoppers)\b"
    r".*\b(?:who|that)\b"
)
WHICH_ONES = re.compile(
    r"^\W*which (?:of our )?(?:[\w-]+ ){0,2}(?:customers|clients|buyers|shoppers)\b"
    r"|哪些\w{0,4}?(?:客户|用户|顾客|买家|人)|哪几[个位](?:客户|用户|顾客|人)"
)
TITLED = re.compile(r"\W*[^:,.?!]{2,30}:")
DOING = frozenset({"buy", "buy_or_spend", "spend", "returned", "first", "last", "inactive"})
# Groups of those who stay away, whose names people also use for a rule of their own.
DORMANT = frozenset({("rfm", "hibernating"), ("rfm", "lost"), ("lifecycle", "silent"), ("lifecycle", "lapsed")})
SCHEME_TITLES = {
    "rfm": Label("RFM segments", "RFM分群"),
    "lifecycle": Label("Lifecycle stages", "生命周期阶段"),
    "tier": Label("Value tiers", "价值等级"),
    "cluster": Label("Clusters", "聚类"),
}
EXPLICIT_LIST = frozenset(
    {
        *("list", "list of", "a list of", "list out", "export", "download", "as a file", "as excel", "csv", "file"),
        *(
            "spreadsheet",
            "in excel",
            "pull",
            "pull up",
            "名单",
            "列出",
            "列一下",
            "列出来",
            "导出",
            "清单",
            "列表",
            "拉出",
        ),
        *("拉一份", "下载", "导一份", "导出名单"),
    }
)


class Kept(Topic):
    """Saved segments: which there are, what two share, forgetting one."""

    def read(self) -> Read:
        if self.has("saved_word") and not self.scene.where(lambda s: s.has("saved")):
            frame = self.frame("saved_word", "list", "count", "customer", "and")
            if not frame.pieces and frame.by is None:
                return self.call({"list_saved": True})
            return None
        saved = [span.values("saved")[0] for span in self.scene.spans if span.has("saved")]
        if self.has("forget") and len(saved) == 1:
            frame = self.frame("forget", "segment_word", "saved_word", "customer", "list")
            if [piece.kind for piece in frame.pieces] == ["saved"]:
                return self.call({"forget": saved[0]})
            return None
        if self.has("overlap") and len(saved) == 2:
            frame = self.frame(
                "overlap", "segment_word", "saved_word", "customer", "and", "count", "both", "list", "by"
            )
            if [piece.kind for piece in frame.pieces] == ["saved", "saved"]:
                return self.call({"overlap": list(saved)})
        return None


class Groups(Topic):
    """Schemes: RFM, lifecycle, tiers, clusters, for all customers or for those of a rule."""

    def read(self) -> Read:
        named = [scheme for scheme in SCHEMES if self.has(scheme)]
        if not named:
            return self._unnamed()
        single = self._one_group(named)
        if self.has("task") and HOW_TO.search(self.scene.norm.folded):
            raise Unclear  # "how do I put customers into RFM groups"
        own = ("segment_word", "distribution", "looks", "task", *named)
        frame = self.frame(*own)
        if single is not None:
            frame = self.frame(*own, *single[1])
            rule = frame_rule(frame)
            condition: dict[str, Any] = {"scheme": single[0], "groups": [single[2]]}
            return self.call({"rule": condition if rule is None else {"all": [condition, rule]}, **listing(frame)})
        if len(named) > 1 or any(p.kind == "group" for p in frame.pieces):
            if len(named) == 1:  # "how many RFM champions": the group, not the scheme
                wish = frame.wish()
                if wish.rule is not None:
                    return self.call({"rule": wish.rule, **listing(frame)})
            raise Unclear
        if frame.by is not None and frame.by != named[0]:
            raise Unclear
        frame.without("share_of", "by", "list", "count", "sort", "dimension" if not frame.chinese else "")
        if not any(p.kind == "amount" for p in frame.pieces):
            spends = [p for p in frame.pieces if p.kind in ("spend", "buy_or_spend", "gross")]
            frame.take(*spends)  # the answer of a scheme holds each group's sales
        rule = frame_rule(frame)
        args: dict[str, Any] = {"by": named[0]}
        if rule is not None:
            args["rule"] = rule
        return self.call({**args, **listing(frame)})

    def _one_group(self, named: list[str]) -> tuple[str, tuple[str, ...], str] | None:
        """ "Active customers" beside "lifecycle stage", "at risk" beside "RFM": names that mean more elsewhere."""
        for scheme, word, group in (
            ("lifecycle", "lifecycle_new", "new"),
            ("lifecycle", "lifecycle_active", "active"),
            ("rfm", "risk_group", "at_risk"),
            ("rfm", "lost_group", "lost"),
            ("lifecycle", "lost_group", "lapsed"),
        ):
            if scheme in named and self.has(word):
                return scheme, (word,), group
        return None

    def _unnamed(self) -> Read:
        """ "Segment our customers": by which scheme is asked."""
        if not self.has("segment_word") or self.scene.where(lambda s: s.has("group") or s.has("saved")):
            return None
        frame = self.frame("segment_word", "customer", "list", "by", "count", "share_of")
        if frame.pieces or frame.by:
            return None
        options = tuple(
            FollowUp(say("{scheme}", scheme=title), ToolCall("segments", {"by": scheme}))
            for scheme, title in SCHEME_TITLES.items()
        )
        raise Back(Clarify(say("Which grouping of customers would you like?"), options))


class Rules(Topic):
    """Customers by a rule."""

    def read(self) -> Read:
        frame = self.frame()
        if self._another_subject(frame):
            return None
        if self._counts_deeds(frame):
            return None
        self._whole_population(frame)
        notes = self._in_their_own_words(frame)
        groups = frame.find("group", "saved")
        if groups and groups[0] is frame.pieces[0] and TITLED.match(self.scene.norm.folded):
            raise Unclear(groups[0].spans, sure=True)  # "lapsed, 90 days: …" explains a word of their own
        if not (frame.nouns or groups or self.named.titled or self._verb(frame)):
            return None
        segment_words = frame.find("segment_word")
        if groups:
            frame.take(*segment_words)
        if frame.by is not None and frame.nouns and not self._limited(frame):
            return self.call({"by": frame.by})
        wish = frame.wish()
        if wish.rule is None:
            return None
        plain = wish.plain
        if not (frame.nouns or groups or self.named.titled) and plain:
            return None
        if plain and (frame.order or frame.top) and self.named.top is None:
            return None  # a ranking of a figure
        args: dict[str, Any] = {"rule": wish.rule, **self._list(frame)}
        asked = any(self.scene.spans[i].text in EXPLICIT_LIST for i in self.scene.words("list"))
        if asked and frame.top is None:
            args["top"] = LISTED
        if frame.by is not None:
            args["by"] = frame.by
        counted = plain and frame.counting and not asked and frame.by is None
        if _of_goods(wish.rule):
            plain = False
        elif counted and self.named.name is None and self.named.top is None:
            figure = self._figure(wish.rule)
            if figure is not None:
                return Plan((figure,), (*notes, *self._corrected(), *self._named())), True
        text = self.scene.norm.folded
        listed = not frame.counting and bool(WHO_THEY_ARE.match(text) or WHICH_ONES.search(text))
        listed = listed or self.named.top is not None
        return self.call(args, plain=plain and not asked and not listed and frame.by is None, notes=notes)

    def _figure(self, rule: Mapping[str, Any]) -> ToolCall | None:
        """Who bought at all, or for the first time, in a time and at most in a place: active or new customers."""
        leaves = [leaf for leaf in _leaves(rule) if "all" not in leaf]
        places = [leaf for leaf in leaves if leaf.get("attribute") == "country"]
        told = [leaf for leaf in leaves if "period" in leaf and not _compares(leaf)]
        if len(told) != 1 or len(told) + len(places) != len(leaves) or "metrics" not in self.world.tools:
            return None
        where = [{"dimension": "country", "op": leaf.get("op", "in"), "values": leaf["values"]} for leaf in places]
        where += told[0].get("where", ())
        span = told[0]["period"]
        args: dict[str, Any] = {
            "metrics": ["new_customers" if "event" in told[0] else "active_customers"],
            "period": {**span, "end": min(span["end"], self.world.today.isoformat())},
        }
        return ToolCall("metrics", {**args, "filters": where} if where else args)

    def _in_their_own_words(self, frame: Frame) -> tuple[Message, ...]:
        """超过一年没下单的沉睡客户: the rule says who sleeps, and the segment of that name is not meant beside it."""
        named = [piece for piece in frame.find("group", "known_as") if piece.kind != "group" or piece.value in DORMANT]
        if len(named) != 1 or self.has("rfm", "lifecycle") or frame.find("group", "saved", "known_as") != named:
            return ()
        at = frame.pieces.index(named[0])
        beside = frame.pieces[max(0, at - 1) : at + 2]
        if any(piece.kind in ("and", "or", "but", "neg", "never", "except", "only", "both") for piece in beside):
            return ()
        others = [piece for piece in frame.pieces if piece is not named[0]]
        try:
            rule = replace(frame, pieces=others).wish().rule
        except (Unclear, Ambiguous):
            return ()
        explains = _away if named[0].kind == "group" else _compares
        if rule is None or not any(map(explains, _leaves(rule))) or frame.find("repeat"):
            return ()
        frame.pieces, frame.nouns = others, frame.nouns + 1
        return (as_the_rule_says(self.scene.original(self.scene.spans[named[0].first])),)

    def _limited(self, frame: Frame) -> bool:
        """Whether more than all customers and how to split them is spoken of."""
        said = [piece for piece in frame.pieces if piece.kind not in ("customer", "count", "list", "segment_word")]
        return bool(said) or frame.top is not None or frame.order is not None

    def _list(self, frame: Frame) -> dict[str, Any]:
        """How the list is sorted; "the best" without a measure says nothing."""
        if frame.order and frame.top is None:
            if frame.order_by is None:
                raise Unclear(tuple(self.scene.words("rank_high", "rank_low")))
            frame.top = LISTED
        return listing(frame)

    def _whole_population(self, frame: Frame) -> None:
        """ "How many of our top 100 …", 前100名中有多少, shares of a group: of whom something is asked is no list."""
        periods = frame.find("period")
        ranked = tuple(self.scene.words("rank_high", "rank_low"))
        if frame.by is not None or frame.find("dimension"):
            return
        if frame.nouns and ((frame.top is not None and frame.counting) or OF_THE_TOP.search(self.scene.norm.folded)):
            raise Unclear(ranked, sure=True)
        if frame.find("share_of") and len(periods) > 1:
            raise Unclear(tuple(i for piece in frame.find("share_of") for i in piece.spans), sure=True)

    def _counts_deeds(self, frame: Frame) -> bool:
        """ "How many orders did champions place" counts orders: a figure."""
        return any(
            a.kind == "count"
            and b.kind in (*MEASURES, "times", "spend")
            and not any(noun in a.value for noun in PEOPLE)
            for a, b in pairwise(frame.pieces)
        )

    def _another_subject(self, frame: Frame) -> bool:
        """Whether the question is about days, products or the like, not about customers."""
        found = frame.find("grain", "baseline", "each", "relative_to_previous")
        if found and frame.nouns and (frame.find("both") or EVERY.search(self.scene.norm.folded)):
            raise Unclear(tuple(i for piece in found for i in piece.spans), sure=True)  # "in every month", 每个月都买
        return bool(found)

    def _verb(self, frame: Frame) -> bool:
        return any(
            piece.kind in DOING
            and (piece.kind != "buy" or not piece.value.startswith(("order", "purchase")) or _past(piece.value))
            for piece in frame.pieces
            if piece.kind in HEADS
        )


def frame_rule(frame: Frame) -> dict[str, Any] | None:
    """The rule of what is left of a frame, None where nothing is."""
    if not [piece for piece in frame.pieces if piece.kind not in ("customer", "and", "count", "list")]:
        return None
    return frame.wish().rule


def _leaves(rule: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in ("all", "any"):
        for part in rule.get(name, ()):
            yield from _leaves(part)
    yield rule


def _of_goods(rule: Mapping[str, Any]) -> bool:
    """Whether a condition is on what was bought."""
    return any(limit["dimension"] in GOODS for leaf in _leaves(rule) for limit in leaf.get("where", ()))


def _away(leaf: Mapping[str, Any]) -> bool:
    """Whether a condition says that nothing was bought for some time."""
    if leaf.get("measure") == "days_since_last_order":
        return leaf["op"] in (">", ">=")
    return leaf.get("measure") == "orders" and leaf["op"] == "=" and leaf["value"] == 0


def _compares(leaf: Mapping[str, Any]) -> bool:
    """Whether a condition says more than that somebody bought at all."""
    return "measure" in leaf and (leaf["measure"], leaf["op"], leaf["value"]) != ("orders", ">=", 1)


def _past(text: str) -> bool:
    return text.endswith("ed")
