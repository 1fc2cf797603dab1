"""Words that point at one thing of the last answer: "the first one", 第二名, "its", "there", 这个客户.

They are replaced by the name of what they point at, before the message is read: so it is read like one that names the
thing itself. What points at nothing is asked back about: without it, the figure would be of everything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias, cast

from bot.understanding.conversation.recent import LISTS, Listed, Recent, limited_to
from bot.understanding.foresight.reader import period_of
from bot.understanding.interpret import COUNTS
from bot.understanding.lexicon import BY_CHANGE, CJK
from bot.understanding.normalise import Normalised, normalise
from bot.understanding.outcome import Clarify
from bot.understanding.reading.draft import World
from bot.understanding.spans import Span
from tools.answer import ToolCall
from tools.messages import Label, Message, Value, say
from tools.semantic.periods import Grain, Period, unit
from tools.semantic.wording import PLACES

NOUNS = {
    "product": ("product", "item", "sku", "article", "商品", "产品", "单品", "品", "货", "款"),
    "customer": ("customer", "client", "buyer", "guy", "person", "shopper", "客户", "用户", "顾客", "买家", "人"),
    "country": ("country", "market", "place", "国家", "市场", "地区"),
}
RANKS = {
    word: n
    for n, words in enumerate(
        (
            ("first", "1st", "top", "number one", "no 1", "一", "1"),
            ("second", "2nd", "number two", "no 2", "runner-up", "二", "2"),
            ("third", "3rd", "number three", "no 3", "三", "3"),
            ("fourth", "4th", "number four", "no 4", "四", "4"),
            ("fifth", "5th", "number five", "no 5", "五", "5"),
            ("sixth", "6th", "六", "6"),
            ("seventh", "7th", "七", "7"),
            ("eighth", "8th", "八", "8"),
            ("ninth", "9th", "九", "9"),
            ("tenth", "10th", "十", "10"),
        ),
        1,
    )
    for word in words
}
LAST = frozenset({"last", "bottom", "最后", "倒数第一"})
_NOUN_EN = "|".join(noun for nouns in NOUNS.values() for noun in nouns if noun.isascii())
_NOUN_ZH = "|".join(
    sorted((noun for nouns in NOUNS.values() for noun in nouns if not noun.isascii()), key=len, reverse=True)
)
_WORD = "|".join(sorted((re.escape(word) for word in (*RANKS, *LAST) if word.isascii() and word[0].isalpha()), key=len))
_DIGITS = r"(?:[1-9]|10)(?:st|nd|rd|th)"
ROW_EN = re.compile(
    rf"\b(?:the |that |this |our )?(?P<rank>{_DIGITS}|{_WORD})"
    r"(?: (?:one|listed|ranked)(?: there)?| of (?:these|those|them)"
    rf"| (?P<noun>{_NOUN_EN}))\b|(?:\b(?:number|no\.?|rank) ?|#)(?P<number>[1-9]|10)\b"
    r"(?! ?(?:%|days|weeks|months|orders|units))"
    rf"|\bthe (?P<alone>{_DIGITS}|first|second|third|fourth|fifth)(?=\W*$| (?:in|on) (?:the|that|your) list\b)"
)
ROW_ZH = re.compile(
    r"(?:排|排名|排在)?(?:第(?P<rank>[一二三四五六七八九十]|10|[1-9])|(?P<last>最后)一|(?P<top>榜首))"
    rf"(?:个|名|位|款|家)?(?:的(?=那))?(?:那[个名位款家])?(?P<noun>{_NOUN_ZH})?"
    r"(?!季|周|星期|礼拜|个?月|天|年|次|期|批|单|笔|半)"
)
_COUNTED_ZH = re.compile(r"[个名位款家]|榜首")
IT_EN = re.compile(
    r"\b(?:this|that|the same) (?:product|item|sku|article)\b"
    r"|(?<=\bof )it\b|(?<=\bwith )it\b|(?<=\bfor )it\b|(?<=\bbuy )it\b|(?<=\bbought )it\b|(?<=\bsell )it\b"
    r"|(?<=\bsold )it\b|\bits\b(?! (?:own|the)\b)"
)
THEM_EN = re.compile(
    r"\b(?:of |for |from |by |to |in )?(?:these|those)(?: \d+| two| three| four| five)? "
    r"(?:products|items|skus|customers|clients|buyers|countries|markets|ones)\b"
    r"|\b(?:of|for|from|by) (?:them|these|those)\b|\btheir\b"
)
THEM_ZH = re.compile(
    r"[它他她]们(?:各自|分别|里面?|当中|之中|中)?的?|(?:其中|这里面|这里头|这当中)的?(?=哪|谁)|(?:这|那)(?:些|几个|几款|[二两三四五]个)(?:商品|产品|单品|品|国家|市场|客户)?(?:里面?|当中|之中|中)?的?"
)
MOST_NAMED = 10
PEOPLE = re.compile(r"\b(?:customers|clients|buyers|shoppers|people)\b|客户|用户|顾客")  # in "number of customers" too
SEAM = re.compile(r"[?!.;,，。？！；]|\b(?:and|then|but)\b|[和并]")
IT_ZH = re.compile(
    r"(?:这|那|该)(?:个|款|件|种)?(?:商品|产品|单品|品(?!类|牌)|东西|货(?!币|运))|(?:这|那)款(?!式)|它(?!们)|此商品|该款"
)
WHO_EN = re.compile(
    r"\b(?:this|that|the same) (?:customer|client|buyer|guy|person|shopper)\b|\b(?:him|her)\b"
    r"|(?<=\bof )them\b|(?<=\bfrom )them\b|(?<=\bby )them\b|(?<=\bfor )them\b|(?<=\bto )them\b|(?<=\boffer )them\b"
    r"|(?<=\bdid )they\b|(?<=\bhave )they\b|\btheir\b|\bhis\b"
)
WHO_ZH = re.compile(r"(?:这|那|该)(?:个|位|名)?(?:客户|用户|顾客|买家)(?!群|们)|(?<![a-z])ta(?![a-z])|[他她](?!们)")
THERE_EN = re.compile(
    r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )(?<!\bout )(?<!\bhi )(?<!\bhey )(?<!\bhello )\bthere\b"
    r"(?! (?:is|are|was|were|any|anything|been|will|has|have)\b)(?!')|\bthat (?:country|market)\b"
)
THERE_ZH = re.compile(r"(?:那里|那边|那儿|当地|该国|该市场|(?:这|那)个(?:国家|市场))")
SAME_EN = re.compile(
    r"\b(?:in |for |over |during )?(?:the )?(?:exact )?same (?:period|dates|time ?frame|time period|time span)\b"
)
SAME_ZH = re.compile(r"(?<![年月周季])(?:在)?(?:同一时期|同一?时间段?|同期)(?!相?比|对比|增)")
# "That month", 当年: of the time that was spoken of, before or in the same message.
UNIT_EN = re.compile(
    r"\b(?:(?:in|for|over|during|on) )?(?:(?:the )?whole (?:of )?|all of )?that (?:same |very |whole )?"
    r"(?P<unit>day|week|month|quarter|year)\b(?!'|s\b| (?:before|after))|(?<=\bof )that (?P<of>month|quarter|year)\b"
)
UNIT_ZH = re.compile(
    r"(?:那一?个?整?个?|当)(?P<unit>年|月|周(?!年)|星期|季度|季(?!度))(?![前后初末底]|均|以)|(?:那一?|当)(?P<day>天)(?![前后])"
)
UNITS_ZH: dict[str, Grain] = {
    "年": "year",
    "月": "month",
    "周": "week",
    "星期": "week",
    "季度": "quarter",
    "季": "quarter",
}
ONE_ROW = frozenset({"by", "top", "nth", "order", "rank_by", "having", "share", "compare"})


Meant: TypeAlias = tuple[str, str, bool] | Clarify
"""A dimension, its value, and whether it was a row of a list; or that nobody can tell."""
_Kinds: TypeAlias = tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Meant | None]], ...]


@dataclass(frozen=True)
class Pointed:
    """A message with names in the place of what pointed; `previous` is what it leans on then."""

    text: str
    previous: ToolCall | None
    notes: tuple[Message, ...]


def pointed(text: str, world: World, previous: ToolCall | None, recent: Recent) -> Pointed | Clarify | None:
    """What a message points at; None where nothing in it points. Clarify where it cannot be told at what."""
    norm = normalise(text)
    return _Pointing(norm, world, previous, recent).result()


class _Pointing:
    def __init__(self, norm: Normalised, world: World, previous: ToolCall | None, recent: Recent) -> None:
        self.norm, self.world, self.previous, self.recent = norm, world, previous, recent
        self.chinese = bool(CJK.search(norm.folded))

    def result(self) -> Pointed | Clarify | None:
        found = self._found()
        if not found:
            return self._them()
        names: list[tuple[int, int, str, Message | None]] = []
        rows = False
        for start, end, what in found:
            if isinstance(what, Clarify):
                return what
            dimension, value, is_row = what
            name = value if dimension == "" else self._named(dimension, value)
            if name is None:
                return _which(self.norm.text[start:end])
            rows = rows or is_row
            names.append((start, end, name, self._said(start, end, dimension, value)))
        text, place = "", 0
        for start, end, name, _said in names:
            text = _beside(text + self.norm.text[place:start], name)
            place = end
        text = _beside(text, self.norm.text[place:])
        notes = tuple(dict.fromkeys(said for *_place, said in names if said is not None))
        return Pointed(text, _of_one(self.previous) if rows else self.previous, notes)

    def _found(self) -> list[tuple[int, int, Meant]]:
        """Places that point, in order, with what is meant: dimension, value, and whether it was a row of a list."""
        rows: _Kinds = ((ROW_ZH if self.chinese else ROW_EN, self._row),)
        pronouns: _Kinds = (
            (IT_ZH if self.chinese else IT_EN, lambda m: self._one(("product", *PLACES), m)),
            (WHO_ZH if self.chinese else WHO_EN, lambda m: self._one(("customer",), m)),
            (THERE_ZH if self.chinese else THERE_EN, lambda m: self._one(PLACES, m)),
        )
        times: _Kinds = (
            (SAME_ZH if self.chinese else SAME_EN, lambda _m: self._same_period()),
            (UNIT_ZH if self.chinese else UNIT_EN, self._that_unit),
        )

        def places(kinds: _Kinds) -> Iterator[tuple[int, int, Meant]]:
            for pattern, meant in kinds:
                for match in pattern.finditer(self.norm.folded):
                    if (what := meant(match)) is not None:
                        yield match.start(), match.end(), what

        # "The second one, its returns by month": what a row is named in the message, its pronouns mean.
        found = [*(list(places(rows)) or places(pronouns)), *places(times)]
        return sorted(found, key=lambda place: place[0])

    # --- All rows of a list -------------------------------------------------------------------------------------------

    def _them(self) -> Pointed | Clarify | None:
        """ "Their return rate" after a ranking: of each of its rows."""
        match = (THEM_ZH if self.chinese else THEM_EN).search(self.norm.folded)
        lists = self.recent.lists
        if match is None or self.previous is None or self.previous.tool != "metrics" or len(lists) != 1:
            return None
        (listed,) = lists
        dimension = self.world.catalog.dimensions.get(listed.dimension)
        ranked = any(span.word(*BY_CHANGE, "highest", "lowest") for span in self._spans)
        if dimension is None or not self.previous.args.get("by") or not (self._figures() or ranked):
            return None
        if len(listed.values) > MOST_NAMED:
            count = len(listed.values)
            return Clarify(say("The list before has {count} rows. Which one do you mean?", count=count))
        names = [self._named(listed.dimension, value) for value in listed.values]
        if None in names:
            return None
        text = self.norm.text
        rest = text[: match.start()] + " " + text[match.end() :]
        label = dimension.label.label
        if self.chinese:
            told = f"{'、'.join(map(str, names))}{rest.strip()}，按{label.zh}"
        else:
            told = f"{rest.strip(' ?.!')} {', '.join(map(str, names))} by {label.inside().en}"
        return Pointed(told, _of_one(self.previous), (say("Of those listed before."),))

    @cached_property
    def _spans(self) -> list[Span]:
        return self.world.scene(self.norm.original).spans

    def _figures(self) -> set[str]:
        return {name for span in self._spans for name in span.values("metric")[:1]}

    # --- Rows of a list -----------------------------------------------------------------------------------------------

    def _row(self, match: re.Match[str]) -> tuple[str, str, bool] | Clarify | None:
        listed = self._list(match["noun"])
        if listed is None:
            return None
        if self.chinese and not (_COUNTED_ZH.search(match.group()) or match["noun"]):
            return None
        rank = self._rank(match, len(listed.values))
        if rank is None:
            return None
        if rank > len(listed.values):
            count = len(listed.values)
            return Clarify(say("The list before has {count} rows. Which one do you mean?", count=count))
        return listed.dimension, listed.values[rank - 1], True

    def _rank(self, match: re.Match[str], count: int) -> int | None:
        groups = match.groupdict()
        if groups.get("top"):
            return 1
        if groups.get("last"):
            return count
        word = groups.get("rank") or groups.get("number") or groups.get("alone") or ""
        if word in LAST:
            return count
        return RANKS.get(word)

    def _list(self, noun: str | None) -> Listed | None:
        """The list of the last answer that such a thing stands in; None where there is none, or more than one."""
        lists = [
            listed
            for listed in self.recent.lists
            if noun is None or noun in NOUNS.get(listed.dimension, (noun,)) or noun in ("place", "item", "款", "人")
        ]
        return lists[0] if len(lists) == 1 else None

    # --- One thing ----------------------------------------------------------------------------------------------------

    def _one(self, dimensions: tuple[str, ...], match: re.Match[str]) -> tuple[str, str, bool] | Clarify | None:
        if self._inside(dimensions, match.start()):
            return None
        for dimension in dimensions:
            values = self._values(dimension)
            if len(values) == 1:
                return dimension, values[0], values == self._only_row(dimension)
        if dimensions == ("customer",) and self._bought():
            return Clarify(
                say("What these customers bought I can tell once they are saved, for example with “call this VIP”.")
            )
        return None if self._may_be_else(dimensions, match) else _which(match.group())

    def _bought(self) -> bool:
        """Whether a figure is asked of the customers whom a rule describes; how many they are, other readings tell."""
        if self.previous is None or self.previous.tool not in LISTS:
            return False
        named = self._figures()
        return bool(named) and not named & COUNTS

    def _inside(self, dimensions: tuple[str, ...], start: int) -> bool:
        """Whether the same message names before what is meant: "orders last month? Why did they fall?"."""
        before = [span for span in self._spans if span.end <= start]
        if any(span.has("value") or span.has("dimension") for span in before):
            return True
        if dimensions == ("customer",) and any(span.text in (self.world.index.customers or ()) for span in before):
            return True
        if dimensions == PLACES:
            return False
        people = any(
            span.word("customer") or span.has("group") or span.has("saved") or PEOPLE.search(span.text)
            for span in before
        )
        figures = any(span.has("metric") for span in before)
        return people or (figures and SEAM.search(self.norm.folded[:start]) is not None)

    def _may_be_else(self, dimensions: tuple[str, ...], match: re.Match[str]) -> bool:
        """Whether the words may mean something that other readings know: the figure itself, the customers of a rule."""
        if "product" in dimensions:
            figure = match.group() in ("it", "its", "它") and not self._figures()
            return figure and not any(len(each.values) > 1 for each in self.recent.lists)
        if dimensions == ("customer",):
            return self.previous is not None and match.group() not in ("ta", "this customer", "that customer")
        return self.previous is None

    def _values(self, dimension: str) -> tuple[str, ...]:
        """What the last answer was of: its conditions, else the only row of its list."""
        call = self.previous
        if call is None:
            return ()
        return limited_to(dimension, call) or self._only_row(dimension) or self._of_rule(call, dimension)

    def _of_rule(self, call: ToolCall, dimension: str) -> tuple[str, ...]:
        rule = call.args.get("rule")
        if dimension in PLACES and isinstance(rule, dict):
            rules = rule.get("all", [rule])
            for one in rules:
                if one.get("attribute") == dimension and one.get("op", "in") == "in":
                    return tuple(map(str, one["values"]))
        return ()

    def _only_row(self, dimension: str) -> tuple[str, ...]:
        lists = [listed for listed in self.recent.lists if listed.dimension == dimension and len(listed.values) == 1]
        return lists[0].values if len(lists) == 1 else ()

    # --- Times ----------------------------------------------------------------------------------------------------

    def _same_period(self) -> tuple[str, str, bool] | None:
        span = self.previous.args.get("period") if self.previous is not None else None
        if not span:
            return None
        period = period_of(span)
        start, last = period.start.isoformat(), period.end.isoformat()
        return "", f"{start}至{last}" if self.chinese else f"from {start} to {last}", False

    def _that_unit(self, match: re.Match[str]) -> tuple[str, str, bool] | Clarify | None:
        """The one calendar unit that the time spoken of lies in; None where it is longer, or none was spoken of."""
        groups = match.groupdict()
        word = groups.get("unit") or groups.get("of") or groups.get("day") or ""
        grain = UNITS_ZH.get(word, "day" if word == "天" else word)
        named = self._named_before(match.start())
        call = self.previous
        if not named and call is not None and call.args.get("period"):
            if call.tool == "metrics" and call.args.get("compare"):
                return Clarify(say("Which {unit} do you mean?", unit=Label(grain, word)))
            named = [period_of(call.args["period"])]
        inside = {unit(period.start, cast("Grain", grain)) for period in named}
        if len(inside) != 1 or not all(whole.contains(period) for whole in inside for period in named):
            return None
        whole = inside.pop()
        start, last = whole.start.isoformat(), whole.end.isoformat()
        if grain == "year":
            return "", f"{whole.start.year}年" if self.chinese else f"{whole.start.year}", False
        if self.chinese:
            return "", start if whole.days == 1 else f"{start}至{last}", False
        lead = "" if groups.get("of") else "on " if whole.days == 1 else "from "
        return "", f"{lead}{start}" if whole.days == 1 else f"{lead}{start} to {last}", False

    def _named_before(self, start: int) -> list[Period]:
        """The times that the same message names before; "the last three months of that year" names none."""
        spans = [
            span for span in self._spans if self.norm.folded[span.end : start].strip() not in ("", "of", "in", "的")
        ]
        found = [p for span in spans if span.end <= start for p in span.values("period") if p.kind == "period"]
        return [period.period for period in found if period.period is not None]

    # --- Names ----------------------------------------------------------------------------------------------------

    def _named(self, dimension: str, value: str) -> str | None:
        """How a value is written so that it is read as itself; None where it is not."""
        if dimension == "customer":
            return f"客户{value}" if self.chinese else f"customer {value}"
        sight = self.world.sight(value)
        whole = {r.value for start, end, found in sight.candidates if (start, end) == (0, len(value)) for r in found}
        if (dimension, value) not in whole:
            return None
        return f"in {value}" if dimension in PLACES and not self.chinese else value

    def _shown(self, dimension: str, value: str) -> Value:
        known = self.world.catalog.dimensions.get(dimension)
        return self.world.index.called(known, value) if known is not None else value

    def _said(self, start: int, end: int, dimension: str, value: str) -> Message | None:
        if not dimension:
            return None
        typed = self.norm.original[slice(*self.norm.original_span(start, end))]
        return say("Read “{typed}” as {meant}.", typed=typed, meant=self._shown(dimension, value))


def _beside(text: str, more: str) -> str:
    """One text after the other, with a blank where their letters would run into one another: 它11月."""
    glued = text[-1:].isascii() and text[-1:].isalnum() and more[:1].isascii() and more[:1].isalnum()
    return f"{text} {more}" if glued else text + more


def _of_one(call: ToolCall | None) -> ToolCall | None:
    """A figure without its split: what a row of it is asked about."""
    if call is None or call.tool != "metrics":
        return call
    return replace(call, args={name: value for name, value in call.args.items() if name not in ONE_ROW})


def _which(words: str) -> Clarify:
    return Clarify(say("Whom or what do you mean by “{words}”? Write the name or the code.", words=words))
