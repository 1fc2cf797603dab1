"""What a monitor's figure is of, and what it is compared with: daily, week over week, for 3 days in a row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.understanding.numbers import ENGLISH, han
from bot.understanding.unasked.sentence import Doubt, Sentence
from tools.messages import say

MOST_STEPS = 30
_N = rf"(?:\d{{1,3}}|{'|'.join(ENGLISH)})"
_HAN = "零一二两三四五六七八九十"
EN_STEPS = re.compile(
    rf"\b(?:for |on |over )?(?:at least |more than |the )?(?P<n>{_N}|"
    r"several)(?: or more)? (?P<consecutive>consecutive |successive |straight )?(?P<unit>day|hour|week|"
    r"month)s?(?P<row> in a row| running| straight| in succession| consecutively| on end|"
    r" one after (?:the other|another))?"
)
ZH_STEPS = re.compile(
    rf"(?:已经?)?(?:连续|持续|连着|接连)(?:超过)?(?P<n>\d{{1,3}}|[{_HAN}]+)(?P<unit>天|日|个?小时|周|个?月)"
    r"(?:都|以上|内)?"
)
A_WEEK = re.compile(
    r"\bfor (?:a|one) (?:whole |full |entire )?week(?: straight| in a row| running)?\b|"
    r"(?:连续|持续)(?:一|1)个?(?:周|星期)(?:都)?"
)
EN_MEAN = re.compile(
    r"\b(?:(?:as )?compared (?:with|to)|vs\.?|versus|against|relative to|than|from|below|above|under|"
    r"of) (?:the |its |their )?(?:(?P<n>\d+|four|last|past)[- ](?P<unit>week|day|month)s?(?:'s?)? (?:average|"
    r"mean)|(?:average|mean)(?: (?:of|over) (?:the )?(?:last|past|previous) (?P<n2>\w+) (?P<unit2>week|day|"
    r"month)s?| of the (?:last|past) (?P<unit3>month))?)\b"
)
ZH_MEAN = re.compile(
    rf"(?:与|和|跟|比|较|相比于?|对比)?(?:过去|最近|前|近)(?P<n>\d+|[{_HAN}]+)(?P<unit>周|天|日|个月|月)"
    r"的?(?:平均值?|均值|日均)(?:相比|比较|"
    r"对比)?|(?:与|和|跟|比|较)(?:平均值?|均值|平均水平)(?:相比)?"
)
SAME_DAY = re.compile(
    r"\b(?:(?:as )?compared (?:with|to)|vs\.?|versus|against|than|relative to|from|over|"
    r"on)? ?(?:the )?same (?:week)?day (?:of )?(?:the )?(?:last|previous|prior) week\b|"
    r"\b(?:(?:compared (?:with|to)|vs\.?|than|on) )?(?:the )?same day (?:a|one) week (?:ago|before|earlier)\b|"
    r"\b(?:than|compared (?:with|to)|vs\.?) the same weekday(?: (?:of )?last week| before)?\b|"
    r"(?:与|和|跟|比|较|相比于?|对比)?上(?:个)?(?:周|星期)(?:同期|同日|同一天|的?同一天|今天)(?:相比|比较|"
    r"对比)?|周同比|同比上周|较上周同日"
)
WEEKLY_CHANGE = re.compile(
    r"\bweek[- ](?:over|on|to|by)[- ]week\b|\bwow\b|\bw/w\b|\b(?:(?:as )?compared (?:with|to)|vs\.?|versus|"
    r"against|than|relative to|from|over|on) (?:the )?(?:last|previous|prior) week(?:'s)?\b|\b(?:than|"
    r"compared (?:with|to)|vs\.?|versus|against|on|from) the week before\b|\bfrom (?:one )?week to (?:the next|week)\b|"
    r"\bin a week\b(?= by)|"
    r"周环比|环比上(?:个)?(?:周|星期)|(?:与|和|跟|比|较|相比于?|对比)(?:上|前)(?:一|个)?(?:周|星期)(?!同|"
    r"的?同)(?:相比|比较|对比)?|每周环比|周对周"
)
DAILY_CHANGE = re.compile(
    r"\bday[- ](?:over|on|to|by)[- ]day\b|\bdod\b|\bd/d\b|\b(?:(?:as )?compared (?:with|to)|vs\.?|versus|"
    r"against|than|relative to|from|over|on) (?:yesterday|the day before|the previous day|the prior day|"
    r"the last day)(?:'s)?\b|\bfrom (?:one )?day to (?:the next|day)\b|\bovernight\b|"
    r"日环比|环比(?:昨天|昨日|前一天|前一日)|(?:与|和|跟|比|较|相比于?|对比)(?:昨天|昨日|前一天|前一日|"
    r"前日|前天)(?:相比|比较|对比)?|每日环比"
)
HOURLY_CHANGE = re.compile(
    r"\bhour[- ](?:over|on|to)[- ]hour\b|\b(?:than|compared (?:with|to)|vs\.?|from) the (?:hour before|"
    r"previous hour|last hour)\b|(?:环比|比|较)(?:上|前)一?个?小时|小时环比"
)
UNSUPPORTED = re.compile(
    r"\b(?:month|quarter|year)[- ](?:over|on|to)[- ](?:month|quarter|year)\b|\b(?:mom|qoq|yoy|m/m|y/y)\b|"
    r"\b(?:(?:compared (?:with|to)|vs\.?|versus|against|than|from|on|over) )(?:the )?(?:same (?:day|week|"
    r"month|time|period) )?(?:of )?(?:last|previous|prior) (?:month|quarter|year)(?:'s)?\b|"
    r"(?:月|季度?|年)环比|环比上(?:个)?(?:月|季度?)|(?:与|和|跟|比|较|同比)(?:上个?月|上个?季度?|去年)"
    r"(?:同期)?(?:相比)?|年同比|去年同期|月同比"
)
VAGUE = re.compile(r"环比|同比")
# 周销售额环比: against the week before, by the grain that is named.
CHAINED = re.compile(r"环比(?!上|前|去)")
EN_GRAINS = {
    "hour": re.compile(
        r"\b(?:hourly|per hour|an hour|by (?:the )?hour|every hour|each hour|in (?:one|an|a single|any) hour)\b|"
        r"每(?:个)?小时|小时级|逐小时|按小时|单小时|时均|每时"
    ),
    "day": re.compile(
        r"\b(?:daily|per day|a day|by (?:the )?day|each day|every day|day's|in (?:one|a|a single|any) day|"
        r"on any day|of (?:a|the) day|single[- ]day|today's)\b|每天的?|每日的?|单日|当天的?|当日的?|一天的?|"
        r"按天|按日|日均|"
        r"(?<![今昨前近几\d一二三四五六七八九十])日(?=\0|净|销|订|退|客|活|转|成|毛|总|新|营|收|gmv|单)"
    ),
    "week": re.compile(
        r"\b(?:weekly|per week|a week|by (?:the )?week|each week|every week|in (?:one|a|a single|any) week|"
        r"7[- ]day|seven[- ]day|rolling week|(?:over|of|in) (?:the last |the past |any )?(?:7|seven) days)\b|每周的?|"
        r"单周|按周|(?<![上本这前每双近])一周的?(?![前后内以])|(?:近|最近|过去)?(?:7|七)(?:天|日)(?:内|的|滚动)?|"
        r"(?<![上本这每双一二三四五六七八九十两\d])周(?=净|销|订|退|客|活|转|成|毛|总|新|营|收|gmv|"
        r"单)"
    ),
    "month": re.compile(
        r"\b(?:monthly|per month|a month|by (?:the )?month|each month|every month|in (?:one|a|a single|any) month|"
        r"30[- ]day|thirty[- ]day|(?:over|of|in) (?:the last |the past |any )?(?:30|thirty) days)\b|"
        r"每个?月的?|单月|按月|"
        r"(?:近|最近|过去)?(?:30|三十)(?:天|日)(?:内|的|滚动)?|(?<![上本这每个\d一二三四五六七八九十])月(?=净|"
        r"销|订|退|客|活|转|成|毛|总|新|营|收|gmv|单)"
    ),
    "longer": re.compile(r"\b(?:quarterly|yearly|annual|per (?:quarter|year))\b|每个?季度|每年|年度|季度"),
}
LEAST = re.compile(
    r"\b(?:and )?(?:ignor(?:e|ing)|not? (?:for )?|without )\s*(?:changes|deviations|differences|moves|"
    r"anything) (?:below|under|of less than|smaller than|less than) (?P<a>[£$€¥]?\s?[\d,.]+k?)\b|(?:忽略|不看|"
    r"不管)?(?:变动|变化|偏差|差异|波动)(?:小于|低于|不到|少于)(?P<b>[\d,.]+万?)(?:的|元)?(?:不提醒|不报|"
    r"忽略|不管|不算|就不用管)?"
)
RATE = re.compile(
    rf"\b(?:(?:with|at|and|accept(?:ing)?|allow(?:ing)?) )*(?:at most |no more than |up to |about )?(?P<n>{_N}|"
    r"a) false alarms? (?:a|per|each|every) (?P<unit>year|quarter|month)\b|(?:误报|虚警)(?:率)?(?:每|"
    rf"一)(?P<zh_unit>年|个?季度|个?月)(?:不超过|最多|至多|大约)?(?P<zh_n>\d+|[{_HAN}]+)次|"
    r"每(?P<zh_unit2>年|个?季度|个?月)(?:不超过|最多|"
    rf"至多)?(?P<zh_n2>\d+|[{_HAN}]+)次误报"
)
TIMES_A_YEAR = {"year": 1, "quarter": 4, "month": 12, "年": 1, "季度": 4, "个季度": 4, "月": 12, "个月": 12}


@dataclass
class Scope:
    """The arguments that were said, and what cannot be done."""

    args: dict[str, Any] = field(default_factory=dict)
    compared: bool = False
    way: Literal["up", "down", ""] = ""  # "30% below the average"
    doubts: list[Doubt] = field(default_factory=list)
    notes: list[Any] = field(default_factory=list)

    def rest(self, rule: str) -> Mapping[str, Any]:
        """The arguments that fit a rule; a comparison makes sense for a change only."""
        return {name: value for name, value in self.args.items() if rule == "change" or name != "against"}


def tidy(args: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments without those that say what goes without saying."""
    usual = {"over": 1, "against": "season before", "grain": "day", "direction": "both", "by": [], "filters": []}
    return {name: value for name, value in args.items() if name not in usual or usual[name] != value}


def read_scope(sentence: Sentence) -> Scope:
    scope = Scope()
    _rate(sentence, scope)
    _compared(sentence, scope)
    _steps(sentence, scope)
    _grain(sentence, scope)
    if scope.args.get("grain") == "hour" and scope.args.get("over", 1) != 1:
        scope.doubts.append(
            Doubt(say("By the hour, a figure is of that hour alone. Which one do you mean?"), _grains())
        )
    return scope


def _grains() -> tuple[tuple[Any, dict[str, Any]], ...]:
    return ((say("Each hour"), {"grain": "hour", "over": 1}), (say("Seven days"), {"grain": "day", "over": 7}))


def _rate(sentence: Sentence, scope: Scope) -> None:
    match = sentence.take(RATE)
    if match is None:
        return
    number = _number(match["n"] or match["zh_n"] or match["zh_n2"])
    unit = match["unit"] or match["zh_unit"] or match["zh_unit2"]
    if number:
        scope.args["per_year"] = float(number * TIMES_A_YEAR[unit])


def _compared(sentence: Sentence, scope: Scope) -> None:
    match = sentence.take(EN_MEAN) or sentence.take(ZH_MEAN)
    if match is not None:
        scope.compared = True
        scope.args["against"] = "mean of last"
        side = match.group().split()[0]
        scope.way = "down" if side in ("below", "under") else "up" if side == "above" else ""
        groups = {name: text for name, text in match.groupdict().items() if text}
        number = groups.get("n") or groups.get("n2")
        unit = groups.get("unit") or groups.get("unit2") or ("month" if groups.get("unit3") else None)
        if unit is not None and not _four_weeks(number, unit):
            scope.doubts.append(
                Doubt(
                    say("A mean is of the last 28 days. Shall I compare with that?"),
                    ((say("The mean of the last 28 days"), {"against": "mean of last"}),),
                )
            )
        return
    for pattern, args in (
        (SAME_DAY, {"against": "season before", "over": 1}),
        (HOURLY_CHANGE, {"against": "step before", "grain": "hour"}),
        (WEEKLY_CHANGE, {"against": "season before", "over": 7}),
        (DAILY_CHANGE, {"against": "step before", "over": 1}),
    ):
        if sentence.take(pattern) is not None:
            scope.compared = True
            scope.args |= args
            return
    chained = (("week", {"against": "season before", "over": 7}), ("day", {"against": "step before", "over": 1}))
    for grain, args in chained:
        if EN_GRAINS[grain].search(sentence.rest) and sentence.take(CHAINED) is not None:
            scope.compared = True
            scope.args |= args
            return
    match = sentence.take(UNSUPPORTED) or sentence.take(VAGUE)
    if match is None:
        return
    scope.compared = True
    message = say("I compare with the day before, last week, or the mean of 28 days. Which one?")
    scope.doubts.append(
        Doubt(
            message,
            (
                *_weekly(),
                (say("With the same day of last week"), {"against": "season before", "over": 1}),
                (say("With the day before"), {"against": "step before", "over": 1}),
            ),
        )
    )


def _four_weeks(number: str | None, unit: str) -> bool:
    if unit == "month" and number in (None, "last", "past"):
        return True
    count = _number(number) if number else None
    return count is not None and count * {"week": 7, "day": 1, "周": 7, "天": 1, "日": 1}.get(unit, 0) == 28


def _steps(sentence: Sentence, scope: Scope) -> None:
    if sentence.take(A_WEEK) is not None:
        scope.args["steps"] = 7
        return
    for match in [*ZH_STEPS.finditer(sentence.rest), *EN_STEPS.finditer(sentence.rest)]:
        english = match.re is EN_STEPS
        if english and not (match["consecutive"] or match["row"] or match.group().startswith("for ")):
            continue
        steps, unit = _number(match["n"]), match["unit"]
        sentence.drop(*match.span())
        by_hour = unit in ("hour", "小时", "个小时")
        if by_hour:
            scope.args["grain"] = "hour"
        if steps is None or not 1 <= steps <= MOST_STEPS or unit not in ("day", "天", "日", "hour", "小时", "个小时"):
            scope.doubts.append(
                Doubt(
                    say("In a row, I count up to {most} days or hours. How many?", most=MOST_STEPS),
                    tuple((say("{count} days in a row", count=n), {"steps": n}) for n in (2, 3, 7)),
                )
            )
            return
        scope.args["steps"] = steps
        return


def _grain(sentence: Sentence, scope: Scope) -> None:
    if sentence.take(EN_GRAINS["hour"]) is not None:
        scope.args["grain"] = "hour"
    if sentence.take(EN_GRAINS["longer"]) is not None:
        scope.doubts.append(Doubt(say("A monitor looks at a day, 7 days or 30 days. Which one?"), _spans()))
    for name, over in (("week", 7), ("month", 30), ("day", 1)):
        if sentence.take(EN_GRAINS[name]) is None:
            continue
        if name == "day" and (scope.args.get("over") == 7 or scope.args.get("grain") == "hour"):
            continue
        if name == "month":
            scope.notes.append(say("A month is taken as the last 30 days."))
        if scope.args.get("against") == "step before" and over > 1:
            scope.doubts.append(Doubt(say("I compare several days with as many before. Do you mean this?"), _weekly()))
        scope.args["over"] = over
        if name != "day":
            break


def _weekly() -> tuple[tuple[Any, dict[str, Any]], ...]:
    return ((say("Week over week"), {"over": 7, "against": "season before"}),)


def _spans() -> tuple[tuple[Any, dict[str, Any]], ...]:
    return tuple((say("{count} days", count=n), {"over": n}) for n in (7, 30))


def _number(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    if text in ("a", "an"):
        return 1
    return ENGLISH.get(text) if text.isascii() else han(text)


def least_of(match: re.Match[str] | None) -> float | None:
    """The amount that LEAST found, in the figure's unit."""
    if match is None:
        return None
    digits = (match["a"] or match["b"]).strip("£$€¥ ").replace(",", "")
    scale = 1e4 if digits.endswith("万") else 1e3 if digits.endswith("k") else 1.0
    return float(digits.rstrip("万k")) * scale
