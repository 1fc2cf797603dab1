"""Chinese wishes about time: buckets, comparisons, recurrences, and ranges counted from the one spoken of before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from bot.understanding.periods.chinese import DAY, GRAINS, NUMERAL, WEEK, WEEKDAY, WEEKDAY_END, chinese, grain_of
from bot.understanding.periods.node import Build, Node, Rule, Setting, nowhere
from bot.understanding.periods.numbers import CHINESE_NUMBER, chinese_number
from bot.understanding.periods.readings import against, baseline, previous_by, wish

if TYPE_CHECKING:
    import re

    from tools.semantic.periods import Grain

_BUCKET = r"个?(?:自然)?(?P<unit>天|日|周|星期|礼拜|月份|月|季度|季|年度|年)"
_THAN = "(?:(?<![占价配])比起?|较之?|相较于?|相比于?|对比)"
_WITH = "(?:与|和|跟|同|对比)"
_COMPARED = "(?:相比较?|比较|对比|比起来|比)"
_PREVIOUS = (
    r"(?:(?P<which>上一?|前一)个?(?P<unit>周|星期|礼拜|月|季度|季)(?![一二三四五六日天末初底])|"
    r"(?P<word>去年|上年|上一年|前一年|昨天|昨日|前一天|前一日))"
)
# 比去年11月 names a period, no baseline.
_NO_PART = (
    r"(?!\s*的?\s*(?:\d|[一二三四五六七八九十首](?:月|季|十)|[上下]半|第|双|春节|国庆|元旦|q\d|h\d|[上中下]旬|全年|同|"
    r"[初末底尾]))"
)


def _wish(m: re.Match[str], _: Setting) -> Node | None:
    return wish(grain_of(m["unit"]))


def _soft_wish(m: re.Match[str], _: Setting) -> Node | None:
    return wish(grain_of(m["unit"]), 0.6)


def _daily(_: re.Match[str], __: Setting) -> Node | None:
    return wish("day")


def _each(grain: Grain) -> Build:
    return lambda _, __: Node(nowhere, kind="each", grain=grain)


def _baseline(which: Literal["previous_period", "year_ago"]) -> Build:
    return lambda _, __: baseline(which)


def _over(m: re.Match[str], _: Setting) -> Node | None:
    grain = grain_of(m["unit"])
    return baseline("year_ago" if m["which"] == "同" or grain == "year" else "previous_period", grain)


def _same_days_of_unit(m: re.Match[str], _: Setting) -> Node | None:
    """上周同期: of a single day beside it, the day a week before; else as many days of the unit before."""
    grain = grain_of(m["unit"])
    return replace(baseline("previous_period", grain), offset=-1, same_day=grain)


def _against(m: re.Match[str], s: Setting) -> Node | None:
    word = m["word"]
    if word is None:
        return against(s, grain_of(m["unit"]), counted=m["which"][0] == "上")
    if word[-1] == "年":
        return against(s, "year", counted=word[0] != "前")
    return against(s, "day", counted=word[0] == "昨")


def _before(m: re.Match[str], _: Setting) -> Node | None:
    n = chinese_number(m["n"] or "一")
    if n is None:
        return None
    grain, after = GRAINS[m["unit"]], "后" in m["which"] or "下" in m["which"]
    node = previous_by(grain, n if after else -n)
    # 最近30天和再往前30天: counted from those.
    return node if after else replace(node, counted=(grain, n), before=True)


def _the_same(m: re.Match[str], _: Setting) -> Node | None:
    return previous_by(grain_of(m["unit"]), 0)


def _next(m: re.Match[str], _: Setting) -> Node | None:
    return previous_by(grain_of(m["unit"]), 1)


RULES: tuple[Rule, ...] = (
    # Buckets.
    chinese(rf"每一?{_BUCKET}(?!末)", _wish),
    chinese(
        rf"[按分逐以依](?:照)?(?:每|各)?{_BUCKET}度?(?:为?(?:单位|粒度|维度))?(?![几一二三四五六日天末初底期])",
        _wish,
    ),
    chinese(rf"(?<![{NUMERAL}])(?P<unit>日|周|月)度(?!假|过)", _wish),
    chinese(rf"(?<![{NUMERAL}第个上下本这每各按分前后近单首末q/-])(?P<unit>季度)(?![初末底])", _soft_wish),
    chinese(rf"(?<![{NUMERAL}年上下本去今前后每各按分政计])(?P<unit>年度)", _soft_wish),
    chinese(rf"各{_BUCKET}[度份]?", _wish),
    chinese(r"历(?P<unit>年|月|日)(?![来史])", _wish),
    chinese(r"天天", _daily),
    chinese(r"一个?(?P<unit>天|日|周|星期|月|季度|年)一个?(?P=unit)", _wish),
    # Recurrences.
    chinese(rf"每个?{WEEK}{WEEKDAY}{WEEKDAY_END}", _each("week")),
    chinese(rf"每个?月的?{DAY}\s*[日号]", _each("month")),
    # Comparisons.
    chinese(r"(?P<unit>日|天|周|月|季度?|年)度?(?P<which>[环同])比", _over),
    chinese(
        r"环比(?!\d|q[1-4]|第?[一二三四]季|[一二三四五六七八九十]+月|[上去]上|去年)(?:上个?(?:月|周|季度?)(?!份?的?同)|上一?期)?",
        _baseline("previous_period"),
    ),
    chinese(
        r"同比(?!\d|[一二三四五六七八九十]+月|前年|去年的?(?:\d|[一二三四五六七八九十]+月|第|上半|下半|q))(?:去年同期|去年|上年同期|上年)?",
        _baseline("year_ago"),
    ),
    chinese(
        rf"(?:(?:{_THAN}|{_WITH}|于)\s*)?(?:去年|上年|上一年|前一年|一年前|往年)的?同(?:期|月|季度?|周|一?时期|一?时间|日)(?:的?\s*{_COMPARED})?",
        _baseline("year_ago"),
    ),
    chinese(rf"(?:{_THAN}同期|{_WITH}同期的?{_COMPARED})", _baseline("year_ago")),
    chinese(
        rf"(?:(?:{_THAN}|{_WITH})\s*)?(?:上个?|前一个?)(?P<unit>月|周|季度)的?同期(?:的?\s*{_COMPARED})?",
        _same_days_of_unit,
    ),
    chinese(rf"{_THAN}\s*{_PREVIOUS}{_NO_PART}[份度]?(?:相比|来说|而言)?", _against),
    chinese(rf"{_WITH}\s*{_PREVIOUS}[份度]?的?\s*{_COMPARED}", _against),
    chinese(
        rf"(?:{_THAN}|{_WITH})\s*(?:上一?期|前一?期|上一?个?周期)(?:的?\s*{_COMPARED})?", _baseline("previous_period")
    ),
    # Counted from the range spoken of before.
    chinese(rf"(?P<which>[之此]前)的?(?P<n>[1一])个?(?P<unit>天|日|周|星期|礼拜|月|季度|年)(?![{NUMERAL}])", _before),
    chinese(
        rf"(?P<which>再?往?前|再上|再早|再之前|再?往?后|再下)(?P<n>[1一])个?(?P<unit>天|日|周|星期|礼拜|月|季度|年)(?![{NUMERAL}])",
        _before,
    ),
    chinese(
        rf"(?P<which>再往?前(?:推|数|翻|倒)?|再上|再早|(?:在?那|此|再)之前的?|再往?后(?:推|数)?|再下)(?P<n>{CHINESE_NUMBER})?个?(?P<unit>天|日|周|星期|礼拜|月|季度|年)",
        _before,
    ),
    chinese(
        r"(?<![\u3400-\u9fff\w])那一?个?(?P<unit>天|日|周|星期|礼拜|月|季度|年)(?![之以]?[前后]|些|么|[一二三四五六日天末初底])",
        _the_same,
    ),
    chinese(rf"(?<![{NUMERAL}几多每首单再至到])次(?P<unit>日|月|周|年)(?![均活])", _next),
)
