"""Questions about customers: who they are, who leaves, what they are worth, whether they stay, what to offer them."""

from __future__ import annotations

from datetime import date
from typing import Any

from bench import _generated_words as w
from bench._generated import Family, Meant, Word, days

COUNTS = (Word(2, ("2", "two"), ("2", "两")), Word(3, ("3", "three"), ("3", "三")), Word(5, ("5", "five"), ("5", "五")))
MONEY = (Word(500, ("500", "¥500"), ("500", "500元", "五百块")), Word(1000, ("1,000", "1k"), ("1000", "一千",
                                                                                          "1000元")),
         Word(20000, ("20,000", "20k"), ("2万", "20000", "两万元")))  # fmt: skip
SPELLS = (
    Word(30, ("30 days",), ("30天", "三十天")),
    Word(90, ("90 days",), ("90天",)),
    Word(180, ("180 days",), ("180天", "一百八十天")),
)
TOPS = (Word(20, ("20",), ("20",)), Word(50, ("50",), ("50", "五十")), Word(100, ("100",), ("100", "一百")))
HORIZONS = (Word(30, ("30 days",), ("30天",)), Word(60, ("60 days",), ("60天",)), Word(180, ("180 days",), ("180天",)))
CHANCES = (Word(0.7, ("70%", "0.7"), ("70%",)), Word(0.8, ("80%",), ("80%", "八成")), Word(0.5, ("50%",), ("50%",)))
TRAITS = (Word("country", ("country",), ("国家",)), Word("city", ("city",), ("城市",)), Word("gender", ("gender",),
                                                                                         ("性别",)),
          Word("acquisition_channel", ("acquisition channel",), ("获客渠道",)))  # fmt: skip
SCHEMES = (Word("rfm", ("RFM segment", "RFM group"), ("RFM分层", "RFM")), Word("lifecycle", ("lifecycle stage",),
                                                                             ("生命周期", "生命周期阶段")),
           Word("tier", ("value tier",), ("价值层级",)))  # fmt: skip
GROUPS = (
    Word(("rfm", "champions"), ("champions",), ("冠军客户", "重要价值客户")),
    Word(("lifecycle", "lapsed"), ("lapsed customers",), ("已流失客户", "流失客户")),
    Word(("lifecycle", "silent"), ("silent customers",), ("沉默客户",)),
    Word(("tier", "high"), ("high value customers",), ("高价值客户",)),
)
FIRSTS = (
    Word(w.OCTOBER, ("in October", "last month"), ("上个月", "10月")),
    Word(days(date(2026, 7, 1), date(2026, 9, 30)), ("in Q3", "last quarter"), ("三季度", "上季度")),
    Word(days(date(2025, 1, 1), date(2025, 12, 31)), ("last year", "in 2025"), ("去年", "2025年")),
)
YEARS = (days(date(2025, 1, 1), date(2025, 12, 31)), w.THIS_YEAR)
RANGES = tuple(word for word in w.TIMES if not any(t in word.en for t in ("yesterday", "today", "on 5 October")))


def did(measure: str, op: str, value: float, period: dict[str, str] | None = None, **where: str) -> dict[str, Any]:
    rule: dict[str, Any] = {"measure": measure, "op": op, "value": value}
    if period is not None:
        rule["period"] = period
    if where:
        rule["where"] = [{"dimension": d, "values": [value]} for d, value in where.items()]
    return rule


def _group(m: Meant) -> dict[str, Any]:
    return {"rule": {"scheme": m["g"][0], "groups": [m["g"][1]]}}


def _segments(
    kind: str, en: tuple[str, ...], zh: tuple[str, ...], args: Any, each: int = 8, *, same: Any = None, **slots: Any
) -> Family:
    return Family(f"segments {kind}", "segments", en, zh, args, slots, each, same=same)


SEGMENTS = (
    _segments("orders", ("how many customers placed at least {n} orders {p}?",
                         "customers with {n} or more orders {p}", "who ordered at least {n} times {p}?"),
              ("{p}下过至少{n}单的客户", "{p}下单{n}次及以上的客户有多少？", "{p}购买不少于{n}次的客户有哪些"),
              lambda m: {"rule": did("orders", ">=", m["n"], m["p"])}, 12, n=COUNTS, p=RANGES),
    _segments("spend", ("which customers spent more than {x} {p}?", "customers who spent over {x} {p}",
                        "how many customers spent above {x} {p}?"),
              ("{p}消费超过{x}的客户", "{p}花了超过{x}的客户有多少", "{p}消费金额大于{x}的客户有哪些？"),
              lambda m: {"rule": did("net_sales", ">", m["x"], m["p"])}, 12, x=MONEY, p=RANGES),
    _segments("spend at least", ("customers who spent at least {x} {p}", "how many customers spent {x} or more {p}?"),
              ("{p}花了{x}以上的客户有多少", "{p}消费不低于{x}的客户"),
              lambda m: {"rule": did("net_sales", ">=", m["x"], m["p"])}, 6, x=MONEY, p=RANGES),
    _segments("quiet", ("customers who haven't bought for more than {d}", "who has not ordered in over {d}?",
                        "customers inactive for more than {d}",
                        "how many customers have been gone for more than {d}?"),
              ("超过{d}没下单的客户", "有多少客户超过{d}没来买东西了？", "哪些客户超过{d}没有消费了"),
              lambda m: {"rule": did("days_since_last_order", ">", m["d"])}, d=SPELLS),
    _segments("left", ("customers who bought in 2025 but not in 2026", "who bought last year but not this year?",
                       "how many customers ordered last year and not this year?"),
              ("去年买过今年没买的客户", "2025年下过单但2026年没下单的客户有多少", "去年有购买今年没有购买的客户"),
              lambda _m: {"rule": {"all": [did("orders", ">=", 1, YEARS[0]), did("orders", "=", 0, YEARS[1])]}}, 6),
    _segments("goods", ("customers who bought {k} {p}", "how many customers purchased {k} {p}?",
                        "who bought anything from {k} {p}?"),
              ("{p}买过{k}的客户", "{p}有多少客户购买了{k}品类？", "{p}哪些客户买了{k}"),
              lambda m: {"rule": did("orders", ">=", 1, m["p"], category=m["k"])}, k=w.CATEGORIES, p=RANGES,
              same=lambda m: ("metrics", {"metrics": ["active_customers"], "period": m["p"],
                                          "filters": [{"dimension": "category", "values": [m["k"]]}]})),
    _segments("never", ("customers who never bought {k}", "how many of our customers have never bought {k}?"),
              ("从没买过{k}的客户", "有多少客户从来没买过{k}？"),
              lambda m: {"rule": did("orders", "=", 0, category=m["k"])}, 6, k=w.CATEGORIES),
    _segments("one not other", ("customers who bought {k} but not {k2} {p}", "who bought {k} but no {k2} {p}?"),
              ("{p}买了{k}但没买{k2}的客户", "{p}买过{k}没买过{k2}的客户有多少？"),
              lambda m: {"rule": {"all": [did("orders", ">=", 1, m["p"], category=m["k"]),
                                          did("orders", "=", 0, m["p"], category=m["k2"])]}},
                                          k=w.CATEGORIES, p=RANGES),
    _segments("first order", ("customers whose first order was {f}",
                              "how many customers placed their first order {f}?"),
              ("首单在{f}的客户", "首次购买在{f}的客户有多少？"),
              lambda m: {"rule": {"event": "first_order", "period": m["f"]}}, 6, f=FIRSTS,
              same=lambda m: ("metrics", {"metrics": ["new_customers"], "period": m["f"]})),
    _segments("split", ("split our customers by {s}", "show the customer base by {s}", "customers by {s}",
                        "how do customers break down by {s}?"),
              ("客户按{s}分布", "按{s}看客户构成", "把客户按{s}拆开看看"),
              lambda m: {"by": m["s"]}, 12, s=(*SCHEMES, *TRAITS)),
    _segments("group", ("who are our {g}?", "how many {g} do we have?"), ("{g}有哪些？", "我们有多少{g}？"), _group,
              g=GROUPS),
    _segments("in a country", ("customers in {c} who placed at least {n} orders {p}",
                               "which customers from {c} ordered {n} or more times {p}?"),
              ("{p}下单{n}次及以上的{c}客户", "{c}客户中{p}至少下了{n}单的有哪些？"),
              lambda m: {"rule": did("orders", ">=", m["n"], m["p"], country=m["c"])},
              6, c=w.COUNTRIES, n=COUNTS, p=RANGES),
)  # fmt: skip
CHURN = (
    Family("churn", "churn",
           ("who is about to churn?", "which customers are we about to lose?", "customers at risk of leaving",
            "which customers are most likely to leave us?",
            "list the customers at churn risk"),
           ("哪些客户快流失了？", "谁最可能流失？", "有流失风险的客户名单", "哪些客户要流失了",
            "列出最可能流失的客户"),
           lambda _m: {}, each=5),
    Family("churn top", "churn",
           ("top {n} customers most likely to churn", "the {n} customers most at risk of churning",
            "give me the {n} customers likeliest to leave"),
           ("最可能流失的{n}位客户", "流失风险最高的{n}个客户", "流失概率前{n}的客户"),
           lambda m: {"top": m["n"]}, {"n": TOPS}),
    Family("churn horizon", "churn",
           ("who will churn in the next {d}?", "which customers are likely to leave within the next {d}?",
            "customers unlikely to order again in the next {d}"),
           ("未来{d}哪些客户会流失？", "未来{d}最可能流失的客户", "接下来{d}不会再下单的客户可能有哪些"),
           lambda m: {"horizon_days": m["d"]}, {"d": HORIZONS}),
    Family("churn chance", "churn",
           ("customers with a churn risk above {x}", "customers with a churn probability of {x} or more",
            "who has at least {x} chance of churning?"),
           ("流失概率在{x}以上的客户", "流失概率不低于{x}的客户有哪些"),
           lambda m: {"min_probability": m["x"]}, {"x": CHANCES}, each=6),
    Family("churn in a country", "churn",
           ("which customers in {c} are about to churn?", "customers at risk of churning in {c}"),
           ("{c}哪些客户快流失了？", "{c}最可能流失的客户"),
           lambda m: {"rule": {"attribute": "country", "values": [m["c"]]}}, {"c": w.COUNTRIES}, each=6),
    Family("churn money", "churn",
           ("which customers at churn risk have the most money at stake?", "churn risk list sorted by value at risk",
            "at-risk customers ranked by value at risk"),
           ("流失风险客户中涉及金额最大的是谁？", "按风险金额排序的流失客户名单", "流失风险客户按涉及金额排名"),
           lambda _m: {"order_by": "value_at_risk"}, each=3),
    Family("churn summary", "churn",
           ("how many customers are at risk of churning?", "how many customers are likely to churn?",
            "how many customers may we lose?"),
           ("有多少客户有流失风险？", "预计会流失多少客户？", "快流失的客户有多少"),
           lambda _m: {"show": "summary"}, each=3),
    Family("churn scoreboard", "churn",
           ("how accurate were our churn predictions?", "were the churn predictions right?",
            "how good is our churn prediction?"),
           ("流失预测准不准？", "之前的流失预测准确吗", "流失预测的准确率如何"),
           lambda _m: {"show": "scoreboard"}, each=3),
)  # fmt: skip
WORTH = (
    Family("clv top", "clv",
           ("top {n} customers by lifetime value", "the {n} customers with the highest CLV",
            "which {n} customers have the highest LTV?"),
           ("终身价值最高的{n}个客户", "LTV前{n}的客户", "CLV排名前{n}的客户是谁？"),
           lambda m: {"top": m["n"]}, {"n": (*w.SMALL, TOPS[1])}),
    Family("clv split", "clv",
           ("lifetime value by {s}", "average customer lifetime value per {s}", "CLV by {s}"),
           ("各{s}的客户终身价值", "按{s}看LTV", "不同{s}的平均客户终身价值"),
           lambda m: {"by": m["s"]}, {"s": (*SCHEMES, *TRAITS)}),
    Family("clv horizon", "clv",
           ("customer lifetime value over the next {d}", "what is CLV for the next {d}?"),
           ("未来{d}的客户终身价值", "未来{d}的LTV是多少？"),
           lambda m: {"horizon_days": m["d"]}, {"d": HORIZONS}, each=5),
    Family("clv of one", "clv",
           ("what is customer {u} worth over their lifetime?", "lifetime value of customer {u}", "LTV of {u}"),
           ("客户{u}的终身价值", "{u}的LTV是多少"),
           lambda m: {"customer": m["u"]}, {"u": w.CUSTOMERS}, each=6),
    Family("clv distribution", "clv",
           ("how is lifetime value distributed?", "distribution of customer lifetime value",
            "show the LTV distribution"),
           ("客户终身价值的分布", "LTV分布是怎样的？", "看下客户终身价值分布情况"),
           lambda _m: {"show": "distribution"}, each=3),
)  # fmt: skip
STAYING = (
    Family("cohorts", "cohorts",
           ("show me cohort retention", "monthly retention cohorts", "how well do monthly cohorts stick?",
            "retention by monthly cohort"),
           ("看下同期群留存", "月度留存同期群", "每个月新客的留存情况", "按月的同期群留存率"),
           lambda _m: {}, each=4),
    Family("cohorts grain", "cohorts",
           ("{g} cohort retention", "retention by {g} cohort", "show {g} cohorts"),
           ("{g}同期群留存", "按{g}看同期群留存率"),
           lambda m: {"grain": m["g"]}, {"g": (Word("week", ("weekly",), ("周度",)), Word("quarter", ("quarterly",),
                                                                                        ("季度",)))}, each=5),
    Family("cohorts money", "cohorts",
           ("net sales by monthly cohort", "how much revenue did each monthly cohort bring in?",
            "revenue by acquisition cohort"),
           ("各月度同期群的销售额", "每个月度同期群贡献了多少营收？"),
           lambda _m: {"measure": "net_sales"}, each=3),
    Family("cohorts won", "cohorts",
           ("retention of customers acquired {f}", "how well did we retain the customers won {f}?"),
           ("{f}获得的新客留存如何？", "{f}新客户的留存情况"),
           lambda m: {"period": m["f"]}, {"f": FIRSTS}, each=6),
    Family("cohorts split", "cohorts",
           ("cohort retention by acquisition channel", "retention by acquisition channel"),
           ("各获客渠道的同期群留存", "按获客渠道看留存"),
           lambda _m: {"by": "acquisition_channel"}, each=2),
)  # fmt: skip
ONE = (
    Family("customer", "customer",
           ("tell me about customer {u}", "who is {u}?", "profile of customer {u}", "pull up customer {u}",
            "what do we know about {u}?"),
           ("查一下客户{u}", "客户{u}的画像", "{u}是谁？", "介绍下客户{u}", "看看{u}的客户档案"),
           lambda m: {"customer": m["u"]}, {"u": w.CUSTOMERS}, each=10),
)  # fmt: skip
OFFERS = (
    Family("offers customer", "recommend",
           ("what should we recommend to customer {u}?", "product recommendations for {u}",
            "what could we offer {u}?"),
           ("给客户{u}推荐什么？", "给{u}推荐商品", "应该向客户{u}推荐哪些商品？"),
           lambda m: {"customer": m["u"]}, {"u": w.CUSTOMERS}),
    Family("offers customer top", "recommend",
           ("recommend {n} products for customer {u}", "{n} products to offer {u}"),
           ("给客户{u}推荐{n}个商品", "推荐{n}款商品给客户{u}"),
           lambda m: {"customer": m["u"], "top": m["n"]}, {"u": w.CUSTOMERS, "n": w.SMALL[:2]}, each=6),
    Family("offers product", "recommend",
           ("what goes well with {g}?", "what do people buy together with {g}?", "what is often bought with {g}?"),
           ("{g}适合搭配什么卖？", "买{g}的人还会买什么？", "{g}经常和什么一起买"),
           lambda m: {"product": m["g"]}, {"g": w.PRODUCTS}),
    Family("offers pairs", "recommend",
           ("which products are often bought together?", "what gets bought together most?",
            "product pairs that sell together"),
           ("哪些商品经常一起被买？", "经常一起购买的商品有哪些", "看看商品搭配购买情况"),
           lambda _m: {}, each=3),
    Family("offers a country", "recommend",
           ("what should we offer customers in {c}?", "which products should we recommend to customers in {c}?"),
           ("给{c}的客户推荐什么商品？", "应该向{c}客户推荐什么？"),
           lambda m: {"rule": {"attribute": "country", "values": [m["c"]]}}, {"c": w.COUNTRIES}, each=6),
)  # fmt: skip
FAMILIES = (*SEGMENTS, *CHURN, *WORTH, *STAYING, *ONE, *OFFERS)
