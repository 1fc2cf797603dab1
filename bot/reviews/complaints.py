"""Messages that say no more than that an answer is wrong: “wrong”, 这个数不对.

A correction says more, and is a question.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.reviews.record import Reason

_LED = r"(?:(?:no|nope|sorry|hm+)\s*,?\s*)?"
_IT = rf"{_LED}(?:(?:i think )?(?:that|this|it|the answer|your answer))?(?:'?s| is| was| looks?| seems?)?\s*"
_VERY = r"(?:just |simply |completely |totally |clearly |plain )?"
_ZH_IT = r"(?:你?(?:这个|这些|这|那个|那|上面|刚才)?的?(?:答案|回答|结果)?的?)?"
_ZH_NOT = r"(?:是)?(?:不对|错了?的?|有误|不正确|不准确?|不太对|好像不对|有问题|对不上)(?:吧|啊|呀|哦)?"
_ENDING = r"[\s.!?,。！？，~…]*"

_NUMBERS = r"(?:numbers?|figures?|values?|amounts?|totals?)"
_NUMBER = (
    rf"{_IT}{_VERY}(?:the )?wrong {_NUMBERS}"
    rf"|{_IT}(?:the |that |this |these |those |your )?{_NUMBERS} (?:is|are|looks?|seems?) {_VERY}"
    rf"(?:wrong|incorrect|off|not right|not correct)"
    rf"|{_ZH_IT}(?:数字|数据|数值|数|金额|数额|总数){_ZH_NOT}|算错了|数错了"
)
_PERIOD = (
    rf"{_IT}{_VERY}(?:the )?wrong (?:period|dates?|days?|weeks?|months?|quarters?|years?|time(?: ?frame| range)?)"
    rf"|(?:the )?(?:period|dates?|time ?frame|time range) (?:is|are) {_VERY}(?:wrong|incorrect|not right)"
    rf"|{_ZH_IT}(?:时间段|时间|日期|期间|周期|月份|年份){_ZH_NOT}"
)
_MISUNDERSTOOD = (
    rf"{_LED}you (?:have )?(?:misunderstood(?: me| that| it| the question)?|got (?:me|that|it) wrong)|misunderstood"
    rf"|{_LED}(?:that'?s|that is|this is|it'?s)? ?not what i (?:asked|meant|wanted|was asking)(?: for)?"
    r"|答非所问|你?(?:理解|搞|弄)错了(?:我的意思|问题)?|这?不是我要?问的|你?没有?(?:理解|看懂|听懂)(?:我的意思|问题)?"
)
_WRONG = (
    rf"{_IT}{_VERY}(?:wrong|incorrect|not right|not correct|isn'?t right|isn'?t correct|false|a mistake)"
    r"|(?:bad|wrong) answer"
    rf"|(?:that|this|it) (?:can'?t|cannot) be (?:right|correct|true)|👎[\U0001f3fb-\U0001f3ff]?|{_ZH_IT}{_ZH_NOT}"
)


def _of(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\s*(?:{pattern}){_ENDING}", re.IGNORECASE)


PATTERNS: Mapping[Reason, re.Pattern[str]] = {
    "number": _of(_NUMBER),
    "period": _of(_PERIOD),
    "misunderstood": _of(_MISUNDERSTOOD),
    "": _of(_WRONG),
}


def complaint(text: str) -> Reason | None:
    """What a message complains of, "" where it does not say; None: it is no mere complaint."""
    return next((reason for reason, pattern in PATTERNS.items() if pattern.fullmatch(text)), None)
