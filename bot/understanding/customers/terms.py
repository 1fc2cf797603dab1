"""A question about customers laid out as spans: this package's own words, the store's values, periods and numbers.

The grammar of figures is left out on purpose: there "bought" and "only" are fillers, here they decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.understanding.lexicon import Lexicon, grammar_of, tokens
from bot.understanding.numbers import ENGLISH, han
from bot.understanding.scene import Scene, Sight, cover
from bot.understanding.spans import Reading
from bot.understanding.taught.vocabulary import ONE_THING
from tools.customers.schemes import SCHEMES
from tools.semantic.periods import Grain

# Of the words of figures, these mean the same here.
SHARED = frozenset({"own_currency", "other_currency", "greeting", "thanks", ONE_THING})
# Names of groups that mean something else without the scheme's name beside them.
COMMON_NAMES = frozenset(
    {
        *("new", "active", "new customers", "at risk", "lost", "新客户", "活跃客户", "流失客户", "已流失客户"),
        "有流失风险客户",
    }
)
MARKS = frozenset("+=≥≤<>,，、;；&")  # punctuation that says something
KINDS = frozenset({"value", "absent", "period", "number", "dimension"})

PEOPLE = re.compile(r"customer|champion|客户|用户|顾客")
EN_GRAINS: dict[str, Grain] = {"day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year"}
ZH_GRAINS: dict[str, Grain] = {
    **dict.fromkeys(("天", "日"), "day"),
    **dict.fromkeys(("周", "星期", "礼拜"), "week"),
    **dict.fromkeys(("个月", "个自然月"), "month"),
    **dict.fromkeys(("个季度", "季度"), "quarter"),
    "年": "year",
}
INCLUDED = re.compile(r"\((?:含|包含|包括)\d{0,6}[个次单件]?\)|\(inclusive\)")  # 5次以上(含5次)
# 连续180天没下单: a time without orders has no gaps.
RUNNING = re.compile(
    r"连续(?=(?:超过|至少)?[\d一二两三四五六七八九十百半]+(?:天|日|周|个月|个季度|年)(?:及?以上)?(?:都|均|一直)?[没未不无])"
)
EXISTS = re.compile(r"有没有(?=哪|什么|客户|用户|顾客|买家|人|谁)")  # 有没有哪些客户…: whether there are such
# The three questions of RFM said in full: a scheme, as its name is.
_R_EN = r"(?:recency|how recently(?: they (?:buy|bought|order(?:ed)?))?)"
_F_EN = r"(?:(?:purchase |order )?frequency|how (?:often|frequently)(?: they (?:buy|bought|order(?:ed)?))?)"
_M_EN = (
    r"(?:monetary(?: value| amount)?|money|(?:total )?spend(?:ing)?|value|amount(?: spent)?"
    r"|how much(?: money)?(?: they (?:spend|spent|buy))?)"
)
_R_ZH = (
    r"(?:(?:最近|近)一次(?:购买|消费|下单|交易)(?:的?(?:时间|日期))?|最近(?:购买|消费|下单)(?:时间|日期)?"
    r"|近度|购买时间|消费时间|r)"
)
_F_ZH = r"(?:(?:购买|消费|下单|交易)?的?(?:频率|频次|次数)|频度|f)"
_M_ZH = r"(?:(?:累计)?(?:购买|消费|交易)?的?(?:总?金额|总?额)|花费|m)"
RFM_SPELT = re.compile(
    rf"\b{_R_EN}(?:,? and |, ?| ?/ ?| ){_F_EN}(?:,? and |, ?| ?/ ?| ){_M_EN}\b"
    rf"|{_R_ZH}[、,，/和与及]{_F_ZH}[、,，/和与及以]{{1,2}}{_M_ZH}(?:这?[三3]个(?:维度|指标|方面|角度))?"
)
EN_DURATION = re.compile(
    rf"(?<![\w.])(?P<n>\d+|an?|one|half an?|half-a|{'|'.join(ENGLISH)})\+?[ -](?P<full>full |whole |calendar )?"
    r"(?P<unit>day|week|month|quarter|year|fortnight)s?(?P<half> and a half)?(?P<ago> ago)?(?!\w)"
)
ZH_DURATION = re.compile(
    r"(?P<n>\d+|[一二两三四五六七八九十百]+|半)(?:个多)?(?P<unit>天|日|周|星期|礼拜|个月|个季度|季度|年)(?P<half>半)?(?P<ago>以前|之前|前)?"
)


@dataclass(frozen=True)
class Duration:
    """So many calendar units: "180 days", 半年."""

    count: float
    grain: Grain
    ago: bool = False


@cache
def words() -> Lexicon:
    """The words of `words.yml` and the names of the schemes' groups, as readings of kind "word"."""
    lexicon = Lexicon()
    for group, by_language in grammar_of(Path(__file__).with_name("words.yml")).items():
        for phrases in by_language.values():
            for phrase in phrases:
                lexicon.add(phrase, Reading("word", group), mendable=group in ("customer", "churn"))
    for scheme, group, phrase in group_names():
        lexicon.add(phrase, Reading("group", (scheme, group)), mendable=False)
    return lexicon


def group_names() -> Iterator[tuple[str, str, str]]:
    """Scheme, group and a phrase for it; the same group may come again."""
    named = grammar_of(Path(__file__).with_name("groups.yml"))
    for key, by_language in named.items():
        scheme, _, group = key.partition(":")
        for phrases in by_language.values():
            for phrase in phrases:
                yield scheme, group, phrase
    for scheme_id in ("rfm", "lifecycle", "tier"):
        for known in SCHEMES[scheme_id].groups.values():
            for name in (known.label.en, known.label.zh):
                if name.lower() not in COMMON_NAMES:
                    yield scheme_id, known.id, name


def memberships(sight: Sight, saved: Iterable[str]) -> Iterator[tuple[int, int, tuple[Reading, ...]]]:
    """Saved segments and groups of customers as values that figures may be limited to: "net sales of VIP-DE"."""
    for start, end, readings in _saved(sight.folded, saved):
        yield start, end, (Reading("value", ("segment", readings[0].value)),)
    for span in words().spans(sight.folded, tokens(sight.folded)):
        for scheme, group in span.values("group"):
            if PEOPLE.search(span.text):
                yield span.start, span.end, (Reading("value", (scheme, group)),)


def consents(sight: Sight) -> Iterator[tuple[int, int]]:
    """Where a question speaks of consent to messages."""
    for span in words().spans(sight.folded, tokens(sight.folded)):
        if span.word("email_consent", "sms_consent"):
            yield span.start, span.end


def _saved(folded: str, saved: Iterable[str]) -> Iterator[tuple[int, int, tuple[Reading, ...]]]:
    for name in saved:
        for match in re.finditer(rf"(?<![a-z0-9_]){re.escape(name.lower())}(?![a-z0-9_])", folded):
            yield match.start(), match.end(), (Reading("saved", name),)


def lay_out(sight: Sight, saved: Iterable[str], *, by_name: bool = False) -> Scene:
    """The scene of a question about customers; `saved` are names of saved segments.

    `by_name`: with the tools' own phrases, which otherwise would hide the words that they are made of.
    """
    kinds = KINDS | {"tool"} if by_name else KINDS
    folded = sight.folded
    candidates: list[tuple[int, int, tuple[Reading, ...]]] = []
    for start, end, readings in sight.candidates:
        kept = tuple(r for r in readings if r.kind in kinds or (r.kind == "word" and r.value in SHARED))
        kept = tuple(r for r in kept if not _foreign(r))
        if kept:
            candidates.append((start, end, kept))
    lexicon = words()
    candidates += [(s.start, s.end, s.readings) for s in lexicon.spans(folded, tokens(folded))]
    candidates += _durations(folded)
    candidates += [(m.start(), m.end(), (Reading("word", "filler"),)) for m in INCLUDED.finditer(folded)]
    for says_nothing in (EXISTS, RUNNING):
        candidates += [(m.start(), m.end(), (Reading("word", "filler"),)) for m in says_nothing.finditer(folded)]
    candidates += [(m.start(), m.end(), (Reading("word", "rfm"),)) for m in RFM_SPELT.finditer(folded)]
    candidates += _saved(folded, saved)
    return cover(sight, candidates, telling=MARKS)


def _foreign(reading: Reading) -> bool:
    """What only questions about figures mean: splits by customer, comparisons such as "than a year ago"."""
    if reading.kind == "dimension":
        return reading.value in ("customer", "product")
    return reading.kind == "period" and reading.value.kind == "baseline"


def _durations(folded: str) -> Iterator[tuple[int, int, tuple[Reading, ...]]]:
    for match in EN_DURATION.finditer(folded):
        text = match["n"]
        count = 0.5 if text.startswith("half") else 1.0 if text in ("a", "an") else _number(text)
        grain = EN_GRAINS.get(match["unit"], "week")
        if match["unit"] == "fortnight":
            count *= 2
        yield from _read(match, count, grain)
    for match in ZH_DURATION.finditer(folded):
        text, grain = match["n"], ZH_GRAINS[match["unit"]]
        count = 0.5 if text == "半" else float(text) if text.isdigit() else float(han(text) or 0)
        if not count or (grain == "year" and count > 100) or (text == "半" and grain not in ("year", "month", "day")):
            continue
        yield from _read(match, count, grain)


def _read(match: re.Match[str], count: float, grain: Grain) -> Iterator[tuple[int, int, tuple[Reading, ...]]]:
    """The duration alone, and with the "ago" after it."""
    count += 0.5 * bool(match["half"])
    if match["ago"]:
        yield match.start(), match.end(), (Reading("duration", Duration(count, grain, ago=True)),)
    yield (
        match.start(),
        match.start("ago") if match["ago"] else match.end(),
        (Reading("duration", Duration(count, grain)),),
    )


def _number(text: str) -> float:
    return float(text) if text.isdigit() else float(ENGLISH[text])
