"""Which of two is more: "who had more orders, Spain or France?", 德国和法国谁的客单价高, 三季度比二季度多卖了多少件.

Words of degree say nothing of another time where values or times are named beside each other: without them the message
asks for the figures of both, which is what tells.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from bot.understanding.foresight.reader import period_of
from bot.understanding.interpret import interpret
from bot.understanding.lexicon import CJK
from bot.understanding.normalise import normalise
from bot.understanding.outcome import Clarify, Outcome, Plan
from bot.understanding.reading.draft import World, days
from bot.understanding.scene import Scene
from tools.answer import FollowUp, ToolCall
from tools.messages import say
from tools.semantic.periods import Period, unit

PERIOD = "period"
_DEGREE = (
    r"(?:more|fewer|less|higher|lower|bigger|smaller|larger|greater|better|worse|stronger|weaker"
    r"|(?:the )?(?:most|least|fewest|highest|lowest|biggest|smallest|largest|greatest|best|worst|strongest))"
)
# What asks which of them it is, or sets one against the other.
_ASKED_EN = re.compile(r"\b(?:who|which|what|or|than|versus|vs)\b")
_MORE_EN = re.compile(
    rf"\bthe {_DEGREE} (?:market|country|product|seller|one|of the two)\b|(?<=is |as |re )ahead\b(?! of)|"
    rf"\b(?:(?:the|any|a|much|even|by how much) )?{_DEGREE}\b(?: (?:of it|of them))?"
    r"(?! (?:countr(?:y|ies)|markets?|products?|items?|places?|details?|data|rows?|results?|months?|weeks?|days?)\b)"
)
_MORE_CUSTOMERS_EN = re.compile(
    rf"(?<!how many )\b(?:the )?{_DEGREE}"
    r"(?= (?:(?:new|active|returning|repeat) )?(?:customers|clients|buyers|shoppers)\b)"
)
_WHO = re.compile(r"\bwho\b")
_NOUNS_EN = {
    **dict.fromkeys(("countr", "market"), "country"),
    **dict.fromkeys(("product", "item", "sku"), "product"),
    **dict.fromkeys(("customer", "client", "buyer"), "customer"),
    **dict.fromkeys(("month", "week", "quarter", "year", "day"), PERIOD),
}
_WHICH_EN = re.compile(rf"\b(?:which|what|whose)(?: of (?:the|our)(?: two)?)? (?P<noun>{'|'.join(_NOUNS_EN)})")
_WHICH_TIME = re.compile(r"\b(?:which|what) (?:of the (?:two )?)?(?:months?|weeks?|quarters?|years?|days?)\b")
_EITHER_EN = re.compile(
    r"\b(?:up or down|down or up|better or worse|worse or better|higher or lower|lower or higher|more or less)"
    r" (?:on|from|over|than|against|versus|vs\.?|compared (?:to|with)) ",
    re.IGNORECASE,
)
_LAST_YEAR_EN = re.compile(
    r"\b(?P<against>on|from|over|than|against|versus|vs\.?|compared (?:to|with)) last year,?"
    r" (?P<part>(?:in|for|during) (?:q[1-4]|[a-z]+))(?=\W*$)",
    re.IGNORECASE,
)
_NEXT_ZH = re.compile(r"^\W*接下来(?:我们|咱们|我)?(?:想)?再?(?=[看查问说换聊])")
_AHEAD_ZH = re.compile(
    r"(?P<open>^|[\s，,。；;：:]|预测(?:一下|下)?|预估(?:一下|下)?|估计(?:一下|下)?|看(?:看|一下)?)(?:后面|往后|今后)(?:的)?"
    r"(?=[\d一二两三四五六七八九十]+个?(?:周|天|月|星期|季度))"
)
_SPENT_EN = re.compile(rf"\b(?:spend|spends|spent) (?:the )?{_DEGREE}\b")
_SPACES = re.compile(r" {2,}")
_BEAT_EN = re.compile(
    r"\b(?:outsell|outsold|outselling|outperform(?:ed)?|overtake|overtook|beat|surpass(?:ed)?|exceed(?:ed)?"
    r"|(?:how far |far |well )(?:ahead of|behind)|ahead of|(?:above or below|below or above))\b"
)
_NOUNS = {
    **dict.fromkeys(("国家", "市场", "地区"), "country"),
    **dict.fromkeys(("商品", "产品", "单品"), "product"),
    "客户": "customer",
    **dict.fromkeys(("月份", "月", "季度", "年份", "年", "周", "天"), PERIOD),
}
_WHICH_ZH = (
    r"(?:到底|究竟)?是?(?:谁|哪一?(?:(?:个|家|边|方|国|款|种|件)的?)?(?P<noun>"
    + "|".join(_NOUNS)
    + r")?(?<!哪)(?<!哪一))"
)
_END_ZH = r"(?:一些|一点|些|点)?(?:呢|啊|呀|吗|么|的)*(?=$|[\s，,。；;？?！!]|还是|[和跟与])"
_MORE_ZH = re.compile(
    rf"{_WHICH_ZH}(?:的)?(?P<of>[^\s，,。；;？?！!谁哪]{{0,10}}?)(?:更|最|比较|要|还)?(?:[多高少低大小好差强弱]+|领先|靠前|胜出|占优){_END_ZH}"
    r"|(?:谁|孰)(?:[多高大]谁[少低小]|高孰低|多孰少)"
)
# 德国订单比法国多吗, 德国订单有没有法国高: asked, and not told before 为什么.
_THAN_ZH = re.compile(
    r"(?<!对)(?P<sure>是不是|是否)?(?:(?P<there>有没有?)|比|较|有)(?P<whom>.{1,12}?)(?:要|会|还|也)?(?:更|还)?(?<![多最至减缩变])"
    r"(?P<ask>[多高少低大小好差])(?:一些|一点|些|点|很多|得多)?了?(?:不(?P=ask)|[吗么没]|(?=[?？])|(?(sure)|(?(there)|(?!))))"
    r"(?:呢|啊|呀)*(?=\W*$|[，,。？?])"
)
# 德国不如法国吗: less is said by the word itself.
_NOT_AS_ZH = re.compile(
    r"(?P<sure>是不是|是否|有没有)?(?:不[如及]|超过|赶上|高于|低于|多于|少于)(?P<whom>\d{1,2}月|[^\d]{1,12}?)[高多好大]?了?"
    r"(?(sure)[吗么]?|[吗么没])(?:呢|啊)?(?=\W*$)"
)
# By how many pieces: what is counted is the figure.
_BY_HOW_MANY_ZH = re.compile(
    r"(?P<degree>多|少)(?P<sold>卖|售|销售|销|出|下|成交|买)?(?:出|掉)?(?:了)?(?:多少|几)(?P<unit>件|个?单|笔|个?订单|[个位]?客户|块?钱|[个位名人])"
)
_COUNTED = {"件": "销量", "单": "订单数", "笔": "订单数", "户": "客户数", "钱": "销售额"}
_AGAINST_ZH = re.compile(r"(?<!对)比|较|相[比较差]|差")
_SELLING_ZH = re.compile(r"^(?:卖|售|销售)(?:得|的|出|出去|掉|了)*(?:的)?")


def plainly(text: str) -> str:
    """ "Up or down on last year in November": November's, against last year; 后面两周: the next two."""
    text = _NEXT_ZH.sub("再", _AHEAD_ZH.sub(r"\g<open>未来", text))
    return _LAST_YEAR_EN.sub(r"\g<part> \g<against> last year", _EITHER_EN.sub("compared with ", text))


def which_is_more(text: str, world: World, previous: ToolCall | None) -> Plan | None:
    """The figures of all that are held against one another; None: the message holds nothing so."""
    for plain, noun in _without_degree(normalise(text).folded):
        beside = _side_by_side(world.scene(plain), world)
        if beside is None or noun not in ("", beside) or _of_people_there(world.scene(text), beside):
            continue  # "Germany and France, which product …": another thing is asked for
        outcome = interpret(plain, world, previous)
        if isinstance(outcome, Plan) and _tells(outcome, beside):
            return outcome
    return None


def half_compared(text: str, outcome: Outcome, world: World, previous: ToolCall | None) -> Outcome:
    """ "Are sales higher than in October?": what is held against October is asked; October is not what is asked for."""
    scene = world.scene(text)
    named = {p.period for span in scene.spans for p in span.values("period") if p.kind == "period"}
    against = (scene.after(i) for i in scene.words("compare", "more_than", "less_than"))
    if len(named) != 1 or not any(j is not None and scene.spans[j].has("period") for j in against):
        return outcome
    if not isinstance(outcome, Plan) or len(outcome.calls) != 1 or outcome.calls[0].tool != "metrics":
        return outcome
    args = outcome.calls[0].args
    baseline = named.pop()
    grain = baseline.whole() if baseline is not None else None
    if baseline is None or args["period"] != days(baseline) or not args.get("compare"):
        return outcome
    before = previous.args.get("period") if previous is not None else None
    choices = [period_of(before)] if before else []
    if grain is not None:
        running = unit(world.today, grain)
        choices += [running.previous(), Period(running.start, world.today)]
    later = [period for period in dict.fromkeys(choices) if period.start > baseline.end]
    options = tuple(
        FollowUp(
            say("{period} against {baseline}", period=period, baseline=baseline),
            ToolCall("metrics", {**args, "period": days(period), "compare": days(baseline)}),
        )
        for period in later
    )
    return Clarify(say("Which time shall I hold against {period}?", period=baseline), options)


def _of_people_there(scene: Scene, beside: str) -> bool:
    """ "Who bought the most in Germany or France?": the customers there are meant."""
    first = next((i for i, span in enumerate(scene.spans) if beside in {d for d, _v in span.values("value")}), 0)
    return first > 0 and scene.spans[first - 1].text in ("in", "from") and _WHO.search(scene.norm.folded) is not None


def _tells(outcome: Plan, beside: str) -> bool:
    """Whether the answer shows each of the values, or both times, and nothing else against them."""
    if len(outcome.calls) != 1 or outcome.calls[0].tool != "metrics":
        return False
    args = outcome.calls[0].args
    if args.get("top") or args.get("rank_by", "value") != "value":
        return False
    if beside == PERIOD:
        return isinstance(args.get("compare"), dict) and not args.get("by")
    listed = [limit.get("op", "in") for limit in args.get("filters", ()) if limit["dimension"] == beside]
    return list(args.get("by", ())) == [beside] and not args.get("compare") and listed == ["in"]


def _side_by_side(scene: Scene, world: World) -> str | None:
    """The one dimension of which several values stand in a message, PERIOD for two times; None where neither."""
    customers = world.index.customers or ()
    numbers = [s for s in scene.spans if s.has("number") and not s.has("value") and not s.has("period")]
    if any(span.text not in customers for span in numbers):
        return None
    times = {(p.kind, p.period) for span in scene.spans for p in span.values("period") if p.kind != "grain"}
    named = [period for kind, period in times if kind == "period"]
    if any(kind not in ("period", "baseline") for kind, _period in times):
        return None
    counts = Counter(d for span in scene.spans for d in dict.fromkeys(d for d, _value in span.values("value")))
    several = [dimension for dimension, count in counts.items() if count > 1]
    several += ["customer"] if len(numbers) > 1 else []
    if several:
        against = (scene.after(i) for i in scene.words("compare", "more_than", "less_than"))
        if any(j is not None and scene.spans[j].has("period") for j in against):
            return None  # "more than last month": against that time
        return several[0] if len(several) == 1 and len(named) == len(times) < 2 else None
    return PERIOD if len(named) == 2 else None


def _without_degree(folded: str) -> Iterator[tuple[str, str]]:
    """The message without its words of degree, where they set something against something; and what "which" is of."""
    if not CJK.search(folded):
        asked = _SPENT_EN.sub("more net sales", _BEAT_EN.sub(" more or ", folded))
        if not _ASKED_EN.search(asked) or not _MORE_EN.search(asked):
            return
        what = _WHICH_EN.search(asked)
        noun = _NOUNS_EN[what["noun"]] if what is not None else ""
        for told in (asked, _MORE_CUSTOMERS_EN.sub("how many", asked)):
            plain = _WHICH_TIME.sub(" ", _MORE_EN.sub(" ", told))
            yield _SPACES.sub(" ", _WHO.sub("which", plain)), noun
        return
    if _AGAINST_ZH.search(folded):
        for unit in (lambda m: _COUNTED.get(m["unit"][-1], ""), lambda _m: ""):
            if (counted := _BY_HOW_MANY_ZH.sub(unit, folded, count=1)) != folded:
                yield counted, ""
    if (which := _MORE_ZH.search(folded)) is not None:
        of, noun = which["of"] or "", _NOUNS.get(which["noun"] or "", "")
        for left in (of, _SELLING_ZH.sub("", of) or "卖了多少"):
            yield f"{folded[: which.start()]} {left}{folded[which.end() :]}", noun
    for pattern in (_THAN_ZH, _NOT_AS_ZH):
        if (plain := pattern.sub(r"比\g<whom>", folded, count=1)) != folded:
            yield plain, ""
