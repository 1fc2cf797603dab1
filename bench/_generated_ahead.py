"""Questions about what is to come and why: forecasts, causes, stock, the calendar, the data itself, the playbooks."""

from __future__ import annotations

from datetime import date
from typing import Any

from bench import _generated_words as w
from bench._generated import Family, Word, days

FORECAST = (
    Family("forecast", "forecast",
           ("forecast {m} {p}", "what {m} can we expect {p}?", "predict {m} {p}", "{m} forecast {p}",
            "what do you expect {m} to be {p}?"),
           ("预测{p}的{m}", "{p}{m}预计多少？", "{p}的{m}会是多少？", "预估一下{p}{m}", "{p}{m}预测"),
           lambda m: {"metric": m["m"], "period": m["p"]}, {"m": w.ADDED_UP, "p": w.AHEAD}, each=20),
    Family("forecast in a country", "forecast",
           ("forecast {m} in {c} {p}", "how much {m} will {c} bring {p}?", "expected {m} for {c} {p}"),
           ("预测{c}{p}的{m}", "{c}{p}{m}预计是多少？"),
           lambda m: {"metric": m["m"], "period": m["p"], "filters": [{"dimension": "country", "values": [m["c"]]}]},
           {"m": w.ADDED_UP[:1], "p": w.AHEAD, "c": w.COUNTRIES}, each=10),
    Family("forecast of a category", "forecast",
           ("forecast {k} {m} {p}", "predicted {m} of {k} {p}"),
           ("预测{k}品类{p}的{m}", "{p}{k}的{m}预计多少"),
           lambda m: {"metric": m["m"], "period": m["p"], "filters": [{"dimension": "category", "values": [m["k"]]}]},
           {"m": w.ADDED_UP[:3], "p": w.AHEAD, "k": w.CATEGORIES}),
    Family("forecast split", "forecast",
           ("forecast {m} by {d} {p}", "{m} forecast per {d} {p}"),
           ("按{d}预测{p}的{m}", "预测{p}各{d}的{m}"),
           lambda m: {"metric": m["m"], "period": m["p"], "by": m["d"]},
           {"m": w.ADDED_UP[:3], "p": w.AHEAD, "d": w.SPLITS[:4]}, each=10),
    Family("forecast scoreboard", "forecast",
           ("how accurate have our forecasts been?", "were our forecasts any good?", "forecast accuracy so far"),
           ("之前的预测准吗？", "我们的预测准确率怎么样", "预测效果如何？"),
           lambda _m: {"show": "scoreboard"}, each=3),
)  # fmt: skip
CHANGES = (
    Word(w.OCTOBER, ("last month", "in October"), ("上个月", "10月")),
    Word(days(date(2026, 7, 1), date(2026, 9, 30)), ("last quarter", "in Q3"), ("上季度", "三季度")),
    Word(days(date(2026, 11, 9), date(2026, 11, 15)), ("last week",), ("上周",)),
    Word(days(date(2026, 8, 1), date(2026, 8, 31)), ("in August",), ("8月",)),
)
DRIVEN = tuple(word for word in w.SALES if word.means in {"net_sales", "orders", "aov", "units", "return_rate"})
DRIVERS = (
    Family("drivers", "drivers",
           ("why did {m} drop {p}?", "why did {m} change {p}?", "what drove {m} {p}?",
            "what's behind the change in {m} {p}?", "explain the change in {m} {p}"),
           ("{p}{m}为什么下降？", "{p}{m}为什么变了", "{p}{m}下滑的原因是什么？", "为什么{p}{m}涨了",
            "分析一下{p}{m}变化的原因"),
           lambda m: {"metric": m["m"], "period": m["p"]}, {"m": DRIVEN, "p": CHANGES}, each=18),
    Family("drivers in a country", "drivers",
           ("why did {m} in {c} go down {p}?", "what drove {m} in {c} {p}?"),
           ("{c}{p}{m}为什么下降？", "{p}{c}的{m}为什么跌了"),
           lambda m: {"metric": m["m"], "period": m["p"], "filters": [{"dimension": "country", "values": [m["c"]]}]},
           {"m": DRIVEN, "p": CHANGES, "c": w.COUNTRIES}, each=10),
    Family("drivers against a year ago", "drivers",
           ("why did {m} change {p} compared with a year ago?", "why is {m} down {p} versus last year?"),
           ("{p}{m}同比为什么下降？", "{p}{m}和去年同期比为什么变了？"),
           lambda m: {"metric": m["m"], "period": m["p"], "compare": "year_ago"}, {"m": DRIVEN, "p": CHANGES[:2]},
           each=6),
    Family("drivers by parts", "drivers",
           ("which {d} drove the change in {m} {p}?", "which {d} explain the move in {m} {p}?"),
           ("{p}{m}变化主要来自哪些{d}？", "{p}{m}的变化是哪些{d}带来的"),
           lambda m: {"metric": m["m"], "period": m["p"], "by": [m["d"]]},
           {"m": DRIVEN[:2], "p": CHANGES, "d": w.RANKS[1:4]}),
)  # fmt: skip


def _stock(kind: str, args: dict[str, Any], en: tuple[str, ...], zh: tuple[str, ...]) -> Family:
    return Family(f"stock {kind}", "inventory", en, zh, lambda _m: args, each=5)


STOCK = (
    _stock("risk", {}, ("which products are about to run out?", "what is going to sell out soon?",
                        "any stock-out risks?", "which items might go out of stock?"),
           ("哪些商品快断货了？", "什么东西马上要卖完了", "有没有缺货风险", "哪些商品可能会缺货？")),
    _stock("cover", {"show": "cover"}, ("how many days of stock do we have left?",
                                        "how long will our inventory last?", "show days of cover"),
           ("库存还够卖多少天？", "我们的货还能卖多久", "看下库存可售天数")),
    _stock("reorder", {"show": "reorder"}, ("what do we need to reorder?", "which products should we restock?",
                                            "what should we order from suppliers?"),
           ("该补哪些货？", "哪些商品需要补货？", "给我一份补货建议")),
    _stock("slow", {"show": "slow"}, ("which products are not selling?", "show me slow movers",
                                      "where is our dead stock?"),
           ("哪些商品卖不动？", "滞销商品有哪些", "有哪些积压库存？")),
    _stock("turnover", {"show": "turnover"}, ("how fast is our inventory turning?",
                                              "how quickly does our stock turn over?"),
           ("库存周转怎么样？", "库存周转快不快")),
    _stock("classes", {"show": "classes"}, ("ABC analysis of our products", "ABC classification of products please",
                                            "run an ABC analysis"),
           ("商品ABC分析", "做个ABC分类", "给商品做ABC分析")),
    Family("stock in a category", "inventory",
           ("which {k} products are about to run out?", "stock-out risk in {k}"),
           ("{k}品类哪些商品快断货了？", "{k}有哪些商品可能缺货"),
           lambda m: {"filters": [{"dimension": "category", "values": [m["k"]]}]}, {"k": w.CATEGORIES}),
    Family("stock service level", "inventory",
           ("what should we reorder at a service level of {x}?", "reorder list with {x} service level"),
           ("按{x}的服务水平，该补什么货？", "服务水平{x}时的补货清单"),
           lambda m: {"show": "reorder", "service_level": m["x"]},
           {"x": (Word(0.9, ("90%",), ("90%",)), Word(0.99, ("99%",), ("99%",)), Word(0.98, ("98%",), ("98%",)))},
           each=5),
)  # fmt: skip
EVENTS = (Word("Double 11", ("Double 11",), ("双11", "双十一")), Word("Black Friday", ("Black Friday",),
                                                                  ("黑色星期五", "黑五")),
          Word("618", ("618",), ("618",)))  # fmt: skip
MONTHS = (
    Word(days(date(2026, 12, 1), date(2026, 12, 31)), ("next month", "in December"), ("下个月", "12月")),
    Word(days(date(2027, 1, 1), date(2027, 1, 31)), ("in January", "in January 2027"), ("明年1月", "2027年1月")),
    Word(w.OCTOBER, ("last month", "in October 2026"), ("上个月", "2026年10月")),
)
CALENDAR = (
    Family("calendar when", "calendar",
           ("when is {e}?", "what date is {e}?", "when does {e} start?"), ("{e}是哪天？", "{e}什么时候？",
                                                                           "{e}是几号"),
           lambda m: {"name": m["e"]}, {"e": EVENTS}),
    Family("calendar promotions", "calendar",
           ("which promotions are there {p}?", "what promotions do we have {p}?", "promotions {p}"),
           ("{p}有哪些促销活动？", "{p}有什么大促", "{p}都有哪些大促？"),
           lambda m: {"kind": "promotion", "period": m["p"]}, {"p": MONTHS}),
    Family("calendar holidays", "calendar",
           ("which holidays are there in {c} {p}?", "public holidays {p} in {c}"),
           ("{p}{c}有哪些节假日？", "{c}{p}有什么节日"),
           lambda m: {"kind": "holiday", "country": m["c"], "period": m["p"]}, {"p": MONTHS, "c": w.COUNTRIES[:6]}),
    Family("calendar ahead", "calendar",
           ("what promotions are coming up?", "any promotions coming up soon?", "upcoming promotions"),
           ("接下来有什么大促？", "最近有哪些大促要来了", "后面有哪些促销"),
           lambda _m: {"kind": "promotion"}, each=3),
)  # fmt: skip


def _data(about: str, en: tuple[str, ...], zh: tuple[str, ...]) -> Family:
    return Family(f"data {about}", "quality", en, zh, lambda _m: {"about": about}, each=4)


DATA = (
    _data("overview", ("can I trust these numbers?", "how clean is our data?", "is our data any good?",
                       "data quality check please"),
          ("数据靠谱吗？", "数据质量如何", "这些数据能信吗？", "检查一下数据质量")),
    _data("set_aside", ("which rows were left out of the import?", "why were some rows rejected on import?"),
          ("导入的时候哪些数据被剔除了？", "哪些行没导进来，为什么？")),
    _data("gaps", ("are there days without data?", "do we have any gaps in the data?", "which days are missing?"),
          ("有没有哪天缺数据？", "数据有断档吗", "哪几天没有数据？")),
    _data("freshness", ("how up to date are the numbers?", "when was the data last refreshed?",
                        "what's the latest date in the data?"),
          ("数据更新到哪天了？", "最新的数据是哪天的", "数据是什么时候的？")),
    _data("missing", ("how many order lines lack a customer?", "how many orders have no customer attached?"),
          ("多少订单没有客户信息？", "缺失客户的订单行有多少")),
)  # fmt: skip
TOPICS = (
    Word("", ("coupons",), ("优惠券",)),
    Word("", ("win-back e-mails",), ("召回邮件",)),
    Word("", ("holdout groups",), ("留白组",)),
    Word("", ("A/B tests",), ("A/B测试",)),
    Word("", ("loyalty programmes",), ("会员体系",)),
)
TERMS = (
    Word("", ("a holdout group",), ("留白组",)),
    Word("", ("coupon fatigue",), ("优惠券疲劳",)),
    Word("", ("last-click attribution",), ("末次点击归因",)),
    Word("", ("RFM",), ("RFM模型",)),
)
PLAYBOOKS = (
    Family("playbook", "playbook",
           ("what does our playbook say about {t}?", "According to our documents, what works for {t}?",
            "is there any guidance on {t} in the playbooks?"),
           ("手册里关于{t}是怎么说的？", "知识库里有没有{t}的内容？", "文档里对{t}有什么建议？"),
           dict, {"t": TOPICS}, each=10, polite=False),
    Family("playbook term", "playbook",
           ("what is {s}?", "can you explain what {s} is?", "what does {s} mean?"), ("什么是{s}？", "{s}是什么意思？",
                                                                                     "解释一下{s}"),
           dict, {"s": TERMS}, each=8, polite=False),
    Family("playbook how", "playbook",
           ("how should we win back lapsed customers?", "how do we design a good coupon?",
            "how long should an A/B test run?", "how do we wake up silent customers?"),
           ("怎么召回流失客户？", "优惠券应该怎么设计？", "A/B测试一般跑多久？", "怎么唤醒沉默用户？"),
           dict, each=4, polite=False),
)  # fmt: skip
FAMILIES = (*FORECAST, *DRIVERS, *STOCK, *CALENDAR, *DATA, *PLAYBOOKS)
