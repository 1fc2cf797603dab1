"""Questions for what was counted, ranked or timed in the team's own business: general practice states none of it."""

from __future__ import annotations

import re

_WHO = (
    r"(?:(?:our|the|most) )?"
    r"(?:customers?|people|shoppers?|visitors?|users?|buyers?|subscribers?|clients?|members?|staff)"
)
_MOST = (
    r"(?:most|least|fewest|best|worst|cheapest"
    r"|(?:bigg|larg|small|fast|slow|high|low|busi|old|new|young|long|short|strong|weak)est)"
)
_DONE = r"(?:used|visited|viewed|clicked|ordered|opened|redeemed|bought|sold|popular|chosen|requested|common)"
_DID = r"(?:worked|performed|did|sold|closed|converted|brought|won|earned|delivered|complained|packed)"
_DOES = r"(?:sells?|buys?|orders?|closes?|brings?|earns?|gets?|complains?|ships?)"
_HOW_LONG = r"(?:cost|time|delay|rating|age|size|score|length|duration)s?"
_ENGLISH = (
    rf"\b(?:which|what|who)\b.*\b{_DONE} (?:the )?(?:most|least)\b|\b(?:which|what|who)\b.* (?:most|least) {_DONE}\b",
    rf"\b(?:which|what|whose)\b [\w -]+\b{_DID}\b.*\b{_MOST}\b|\bwho {_DID}\b.*\b{_MOST}\b",
    rf"\bwhich [\w -]+ {_DOES} .*{_MOST}\b",
    r"\b(?:which|what|who)\b.*\b(?:got|gets|had|has|have)\b.*\b(?:most|fewest|least) \w+",
    (
        rf"\b(?:which|who)\b(?: [\w-]+){{0,3}} (?:is|are|was|were) (?:our |the )?{_MOST}\b"
        r"(?! (?:way|time|practice|for|to)\b)"
    ),
    rf"\bwhat(?:'s| is| are| was| were) (?:our|my) (?:[\w-]+ )*?(?:{_MOST}|rate|number|share|score|average|total)\b",
    (
        rf"\b(?:which|what|when|how long|how often)\b(?: [\w-]+){{0,2}} (?:do|does|did) {_WHO} "
        r".*\b(?:our|on average|to order|prefer)\b"
    ),
    r"\b(?:which|what)\b(?: [\w-]+){1,2} (?:do|did) we \w+ (?:the )?(?:most|least)\b",
    r"\bhow (?:many|much)\b.*\b(?:do|did|have) we (?:have|got|get|own|employ|receive|lose)\b(?! to\b)",
    r"\bhow (?:many|much|old)\b.*\b(?:does|do|are|is) our\b",
    r"\bhow (?:many|much|old)\b.*\b(?:in (?:our|the) (?:team|warehouse|office|shop)|on average)\b",
    r"\bhow many \w+ (?:opened|clicked|called|complained|visited|watched|unsubscribed|signed up|works?|worked)\b",
    r"\bwhat (?:is|was) the (?:average )?(?:age|gender|rating) of our\b",
    rf"^\W*(?:what(?:'s| is| was| are) )?(?:the )?average (?:[\w-]+ ){{1,3}}{_HOW_LONG}\b",
)
_WHICH = r"(?:哪(?:一?[个种张家位款些类条场支天篇]|里|儿)?|谁|什么(?!时候))"
_MANY = r"(?:多少|几)(?:个|人|位|名|张|条|次|家|件|台|单|封|份|笔|种)?"
_SOMEBODY = r"(?:客户|用户|访客|顾客|买家|会员)"
_CHINESE = (
    rf"{_WHICH}.{{0,14}}最(?:多|少|高|低|快|慢|大|小|便宜|贵|常)|最(?:多|少|高|低|贵|便宜)的.{{0,6}}[是有]?{_WHICH}",
    r"哪一?[个张家位条场篇].{0,14}最(?:好|差|有效|受欢迎)",
    rf"平均.{{0,10}}(?:多少|几|多大|多长|多高|多久)|平均每.{{1,8}}的|(?:有|收到|来了|用了){_MANY}|[率数量分]是?多少\W*$|了{_MANY}",
    rf"{_SOMEBODY}.{{0,8}}(?:用|搜|看|选|来自)的?(?:是|都)?(?:什么|哪)",
)
_RECORDED = re.compile("|".join((*_ENGLISH, *_CHINESE)))
# What asks for duty, leave, custom or a reckoning instead.
_ELSE = re.compile(
    r"\b(?:should|must|may|can|could|shall|ought|needs?|too|typical(?:ly)?|usual(?:ly)?|normal|good|healthy)\b"
    r"|\b(?:allowed|means?|if|why|there)\b"
    r"|\bhow (?:do|does|to) (?:we|i|you)\b"
    r"|该|需要|要|合适|正常|合理|算|可以|能|才|至少|一般|通常|大概|如何|怎么|怎样|办法|方法|策略|为什么|如果|吗"
    r"|分(?:为|成|几)|包括|\d\s?[%％成]|\d{3,}个"
)
_HANDED = re.compile(
    r"^\W*(?:(?:please|can you|could you|now) )*(?:print|export|dump|output|download)\b"
    r"|^\W*(?:请|帮我|给我)*(?:打印|导出|输出|下载)(?!文件)|^\W*[把将].+(?:打印|导出|输出|下载)"
)


def of_records(text: str) -> bool:
    """Whether a question in lower case asks for what the team's own records would tell.

    Whose they are is not looked at: who names another asks for the other's.
    """
    return _ELSE.search(text) is None and _RECORDED.search(text) is not None


def wants_records(text: str) -> bool:
    """ "Print the database schema": whether the records themselves are to be handed over."""
    return _ELSE.search(text) is None and _HANDED.search(text) is not None
