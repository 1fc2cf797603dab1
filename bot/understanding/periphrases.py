"""Figures that are asked for in a phrase instead of by a name: "how much did we refund", 一共退了多少钱, 出了几单."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SHARE = r"(?:%|(?:what |which )?(?:share|percentage|proportion|fraction|part|portion|percent)|how many percent)"
_PEOPLE = r"(?:customers|buyers|shoppers|clients|people|purchasers)"
_BACK = r"(?:came|come) back(?: to (?:buy|order|shop))?|returned to (?:buy|order|shop)"
_BOUGHT = rf"(?:(?:have |had )?(?:bought|ordered|purchased|shopped)|buy|order|placed (?:an )?orders?|{_BACK})"
_TWICE = (
    r"(?:again|at least (?:twice|two times|2 times|2x)|twice or more|(?:two|2)(?: times)? or more(?: times)?"
    r"|more than (?:once|one time)|multiple times|repeatedly|a second time|for (?:a|the) second (?:order|time|purchase)"
    r"|(?:two|2|twice)\+? (?:or more )?(?:times|orders))"
)
_SECOND_ORDER = (
    r"(?:placed|made|had|have|with|who had)(?: at least)? (?:a second|two or more|2 or more|at least two|at least 2"
    r"|more than one|multiple|repeat|2\+|several) (?:orders?|purchases?)"
)
_WITHIN = r"(?: (?:with)?in (?:the|that|this) (?:same )?(?:year|month|quarter|week|period|time))?"
_ZH_TWICE = r"(?:(?:两|二|2)次(?:及以上|以上|或以上|及更多|或更多|或两次以上)?|不止一次|多次|一次以上|超过一次)"
_ZH_BOUGHT = r"(?:下单|购买|买|消费|成交|复购)(?:了|过)?"
_ZH_PEOPLE = r"(?:活跃)?(?:客户|用户|顾客|买家|人)"
_ZH_SHARE = r"(?:占比|比例|占多少|占了多少|占百分之几|占几成|的?百分比|比重)"
_ZH_WHAT_SHARE = r"(?:多大比例|百分之几|百分之多少|多少比例|几成|多大一?部分)"

_GAVE_BACK = r"(?:refund(?:ed)?|(?:give|gave|given|pay|paid|hand|handed) back)"
_GIVEN_BACK_TO = (
    r"(?: (?:to|for|in|on|as) (?:our )?(?:returned (?:items|goods|products|orders)|returns|refunds|customers|clients"
    r"|buyers|people))*"
)
_REFUNDED = (
    r"\bhow much(?: money| cash| value)?(?: did| have| has| had)?(?: we| people| customers)?(?: have)?(?: to)? "
    rf"{_GAVE_BACK}{_GIVEN_BACK_TO}(?![\w-])"
    rf"|\bhow much (?:money |cash )?was {_GAVE_BACK}{_GIVEN_BACK_TO}(?![\w-])"
)
_ZH_MONEY = r"(?:多少|几多|好多)(?:钱|金额|款)"
_ZH_REFUNDED = (
    rf"(?:退货|退款|退)(?:一共|总共|共|总计|合计|全部|到底)?(?:退|赔)(?:掉|回|出|了)*{_ZH_MONEY}"
    rf"|(?:一共|总共|共)?退(?:掉|回|出)?了?{_ZH_MONEY}(?:的货)?"
)
_SHARE_RETURNED = (
    rf"{_SHARE} of (?:the |our |all )?(?:gross |total )?(?:sales|revenue|turnover|takings|what we (?:sold|sell))"
    r"(?: value)? (?:(?:was|were|is|are|got|gets|has been|have been|came|comes|went|that (?:was|were|came)) )?"
    r"(?:returned|refunded|sent back|given back|back(?: as returns)?)\b"
)
_ZH_SHARE_RETURNED = (
    r"(?:销售额|毛销售额|总销售额|卖出去?的(?:货|东西)?|成交额)(?:里|中|当中|里面|里头)?(?:有)?"
    rf"{_ZH_WHAT_SHARE}的?(?:是|被|又被)?(?:退货|退款|退掉|退了?回?来?|退回)的?了?"
)
_SHARE_AGAIN = (
    rf"{_SHARE} of (?:the |our |all |my )*(?:active |buying |paying )?{_PEOPLE}(?: (?:who|that))? (?:{_BOUGHT}"
    rf"(?: (?:from us|with us))? {_TWICE}|{_SECOND_ORDER}|reorder(?:ed)?|repurchased|re-?bought){_WITHIN}"
)
_ZH_SHARE_AGAIN = (
    rf"(?:至少)?{_ZH_BOUGHT}(?:至少)?{_ZH_TWICE}的{_ZH_PEOPLE}的?(?:有多大|有多少)?{_ZH_SHARE}"
    rf"|{_ZH_TWICE}{_ZH_BOUGHT}的{_ZH_PEOPLE}的?{_ZH_SHARE}"
    rf"|(?:有)?(?:多大|多少|几成|百分之几|百分之多少)(?:比例)?的{_ZH_PEOPLE}(?:会|又)?"
    rf"(?:(?:至少)?{_ZH_BOUGHT}(?:至少)?{_ZH_TWICE}|回来复购|复购了?|回购了?)"
)
_WENT_OUT = (
    r"\bhow many (?:items|units|pieces) (?:we|they|customers) (?:have |had )?(?:sold|bought|shipped|shifted|moved)\b"
)
_ZH_WENT_OUT = (
    r"(?:出货|发货|出|发|走|销|卖|售|动)(?:出去?|掉)?了?(?:多少|几)(?:件|个|份|箱)(?:货|商品|产品|东西)?"
    r"(?![\u3400-\u9fff]*(?:订单|客户|国家|品类))"
)
_ZH_ORDERS = (
    r"(?:进|来|接|成|出|做|走|跑|产生|成交|进账)(?:到|来)?了?(?:多少|几|好多)(?:单|笔|张单|张订单|个订单)"
    r"(?:生意|交易|订单)?(?!价|品|件)"
)
# "What did France bring in during September?"
_BROUGHT_IN = (
    r"\b(?:what|how much)(?: money| cash| dough)? (?:did|do|does|has|have|had) [\w ]{2,30}? (?P<said>(?:bring|take"
    r"|brought|took|taken|rake|pull) in|turn(?:ed)? over|earn(?:ed)?)\b"
)
# "Month-to-date gross", "what did we take in December, net?"
_ALONE = r"(?=\)?\W*$| (?:for|in|on|from|last|this|yesterday|today|by|q[1-4]|20\d\d)\b)"

_PHRASES = (
    ("returns", _REFUNDED),
    ("returns", r"\bwhat (?:did|do|have|has) (?:our |the )?(?:returns|refunds)(?: have)? cost(?: us)?\b"),
    ("returns", _ZH_REFUNDED),
    ("return_rate", _SHARE_RETURNED),
    ("return_rate", _ZH_SHARE_RETURNED),
    ("repurchase_rate", _SHARE_AGAIN),
    ("repurchase_rate", _ZH_SHARE_AGAIN),
    ("units", _WENT_OUT),
    ("units", _ZH_WENT_OUT),
    ("orders", _ZH_ORDERS),
    ("aov", r"客单(?=$|[\s，。,.？?]|做到|是多|有多|多少|怎么|的?情况|水平)"),
    ("net_sales", r"(?P<said>花(?:得|钱|的|费|钱花得)?)(?=最[多少高低])"),
    ("net_sales", r"^(?!.*(?:我们|咱|公司|店|广告|采购|进货)).*?(?P<said>买了?(?:多少|几多|好多)钱)"),
    ("net_sales", _BROUGHT_IN),
    ("net_sales", r"\bin net terms\b"),
    ("gross_sales", r"\bin gross terms\b"),
    ("net_sales", rf"(?P<said>\bnet){_ALONE}"),
    ("gross_sales", rf"(?P<said>\bgross){_ALONE}"),
)
_PATTERNS = tuple((metric, re.compile(pattern)) for metric, pattern in _PHRASES)


def periphrases(folded: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and metric of every such phrase."""
    for metric, pattern in _PATTERNS:
        for match in pattern.finditer(folded):
            start, end = match.span("said") if "said" in pattern.groupindex else match.span()
            yield start, end, metric
