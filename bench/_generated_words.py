"""The words that the generated questions are filled with: figures, places, goods and times as marketers say them."""

from __future__ import annotations

from datetime import date

from bench._generated import Word, days

# --- Figures ----------------------------------------------------------------------------------------------------------

SALES = (
    Word("net_sales", ("revenue", "net sales", "sales"), ("销售额", "营收", "净销售额")),
    Word("orders", ("orders", "number of orders", "order count"), ("订单数", "单量", "订单量")),
    Word("units", ("units sold", "number of items sold"), ("销量", "销售件数")),
    Word("gross_sales", ("GMV", "gross sales"), ("GMV", "gmv")),
    Word("aov", ("AOV", "average order value", "average basket"), ("客单价", "平均客单价")),
    Word("gross_margin", ("gross profit", "gross margin"), ("毛利", "毛利额")),
    Word("gross_margin_rate", ("margin %", "gross margin rate"), ("毛利率",)),
    Word("return_rate", ("return rate", "refund rate"), ("退货率", "退款率")),
    Word("returns", ("refunds", "value of returns"), ("退款金额", "退货额")),
    Word("discounts", ("discounts given", "total discounts"), ("折扣额", "优惠金额")),
    Word("new_customers", ("new customers", "first-time buyers"), ("新客数", "新增客户数", "拉新人数")),
    Word("active_customers", ("active customers", "number of buyers"), ("活跃客户数", "购买人数")),
    Word("repurchase_rate", ("repeat purchase rate", "repurchase rate"), ("复购率", "回购率")),
    Word("sales_per_customer", ("revenue per customer", "ARPU"), ("人均消费", "人均消费额")),
)
MARKETING = (
    Word("sessions", ("sessions", "site visits"), ("访问量", "访问次数")),
    Word("conversion_rate", ("conversion rate", "CVR"), ("转化率", "CVR")),
    Word("cart_rate", ("add-to-cart rate",), ("加购率",)),
    Word("ad_spend", ("ad spend", "advertising spend", "media spend"), ("广告花费", "投放花费", "广告费用")),
    Word("roas", ("ROAS", "return on ad spend"), ("ROAS", "广告投产比")),
    Word("click_through_rate", ("CTR", "click-through rate"), ("点击率", "CTR")),
    Word("cost_per_click", ("CPC", "cost per click"), ("CPC", "单次点击成本")),
    Word("customer_acquisition_cost", ("CAC", "customer acquisition cost"), ("获客成本", "CAC")),
    Word("open_rate", ("open rate",), ("打开率",)),
    Word("unsubscribe_rate", ("unsubscribe rate", "opt-out rate"), ("退订率",)),
    Word("redemption_rate", ("coupon redemption rate",), ("优惠券核销率", "券核销率")),
    Word("coupons_issued", ("coupons issued", "number of coupons issued"), ("发券量", "优惠券发放量")),
    Word("review_score", ("average rating", "review score"), ("平均评分", "评价得分")),
    Word("negative_review_rate", ("share of negative reviews", "bad review rate"), ("差评率",)),
    Word("stock_out_rate", ("stock-out rate", "out-of-stock rate"), ("缺货率",)),
)
FIGURES = SALES + MARKETING
ADDED_UP = tuple(word for word in SALES if word.means in {"net_sales", "orders", "units", "gross_sales"})
AMOUNTS = tuple(word for word in SALES if word.means in {"net_sales", "gross_sales"})
RANKED = tuple(word for word in SALES if word.means in {"net_sales", "orders", "units", "gross_margin"})
RATES = tuple(
    w for w in FIGURES if w.means in {"return_rate", "conversion_rate", "gross_margin_rate", "unsubscribe_rate"}
)

# --- Values of the store ----------------------------------------------------------------------------------------------

COUNTRIES = (
    Word("Germany", ("Germany",), ("德国",)),
    Word("United Kingdom", ("the UK", "Britain"), ("英国",)),
    Word("United States", ("the US", "the States"), ("美国",)),
    Word("Japan", ("Japan",), ("日本",)),
    Word("France", ("France",), ("法国",)),
    Word("Singapore", ("Singapore",), ("新加坡",)),
    Word("Australia", ("Australia",), ("澳大利亚", "澳洲")),
    Word("Canada", ("Canada",), ("加拿大",)),
    Word("Malaysia", ("Malaysia",), ("马来西亚",)),
)
CITIES = (
    Word("Shanghai", ("Shanghai",), ("上海",)),
    Word("London", ("London",), ("伦敦",)),
    Word("Beijing", ("Beijing",), ("北京",)),
    Word("Paris", ("Paris",), ("巴黎",)),
    Word("Hangzhou", ("Hangzhou",), ("杭州",)),
    Word("Tokyo", ("Tokyo",), ("东京",)),
)
CATEGORIES = (
    Word("Beauty", ("beauty",), ("美妆",)),
    Word("Electronics", ("electronics",), ("数码", "电子产品")),
    Word("Apparel", ("apparel", "clothing"), ("服装", "服饰")),
    Word("Kitchen", ("kitchen",), ("厨房用品",)),
    Word("Stationery", ("stationery",), ("文具",)),
    Word("Pets", ("pet supplies",), ("宠物用品",)),
)
BRANDS = (
    Word("Lumora", ("Lumora",), ("Lumora",)),
    Word("Paperfox", ("Paperfox",), ("Paperfox",)),
    Word("Voltera", ("Voltera",), ("Voltera",)),
    Word("Trailborn", ("Trailborn",), ("Trailborn",)),
)
CHANNELS = (
    Word("app", ("in the app", "through the app"), ("APP渠道", "APP端")),
    Word("web", ("on the web", "via the web channel"), ("官网", "网站渠道")),
    Word("marketplace", ("on the marketplace", "via marketplace"), ("平台渠道", "第三方平台")),
    Word("store", ("in the stores", "in store"), ("门店", "线下门店")),
)
PRODUCTS = (
    Word("HOM-002", ("Velvet table lamp", "HOM-002"), ("丝绒台灯", "HOM-002")),
    Word("HOM-004", ("Linen wall clock", "HOM-004"), ("亚麻挂钟", "HOM-004")),
    Word("HOM-005", ("Rattan scented candle", "HOM-005"), ("藤编香薰蜡烛", "HOM-005")),
)
CUSTOMERS = tuple(Word(code, (code,), (code,)) for code in ("C0001604", "C0000221", "C0004376", "C0001734", "C0003548"))
SPLITS = (
    Word("country", ("country", "market"), ("国家",)),
    Word("category", ("category", "product category"), ("品类", "类目")),
    Word("brand", ("brand",), ("品牌",)),
    Word("channel", ("sales channel",), ("销售渠道",)),
    Word("city", ("city",), ("城市",)),
)
RANKS = (
    Word("product", ("products",), ("商品", "产品")),
    Word("country", ("countries", "markets"), ("国家",)),
    Word("category", ("categories",), ("品类", "类目")),
    Word("brand", ("brands",), ("品牌",)),
    Word("city", ("cities",), ("城市",)),
)
ONES = (
    Word("product", ("product",), ("商品", "产品")),
    Word("country", ("country",), ("国家",)),
    Word("category", ("category",), ("品类",)),
    Word("brand", ("brand",), ("品牌",)),
)
STEPS = (
    Word("day", ("day",), ("天", "日")),
    Word("week", ("week",), ("周",)),
    Word("month", ("month",), ("月",)),
)
PER = (
    Word("day", ("daily",), ("日均", "平均每天的")),
    Word("month", ("monthly",), ("月均", "平均每月的")),
    Word("week", ("weekly",), ("周均", "平均每周的")),
)
SMALL = (
    Word(3, ("3", "three"), ("3", "三")),
    Word(5, ("5", "five"), ("5", "五")),
    Word(10, ("10", "ten"), ("10", "十")),
)

# --- Times, as of Friday 20 November 2026 -----------------------------------------------------------------------------


def _days(*numbers: int) -> dict[str, str]:
    """From year, month and day to year, month and day."""
    return days(date(*numbers[:3]), date(*numbers[3:]))


OCTOBER = _days(2026, 10, 1, 2026, 10, 31)
THIS_YEAR = _days(2026, 1, 1, 2026, 11, 20)
# Named as "the sales of …" as well as "… sales": fits after "for" and "in".
WHOLE = (
    Word(OCTOBER, ("last month",), ("上个月", "上月")),
    Word(_days(2026, 9, 1, 2026, 9, 30), ("the month before last",), ("上上个月", "上上月")),
    Word(_days(2026, 11, 9, 2026, 11, 15), ("last week",), ("上周", "上个星期")),
    Word(_days(2026, 7, 1, 2026, 9, 30), ("last quarter",), ("上季度", "上个季度")),
    Word(_days(2025, 1, 1, 2025, 12, 31), ("last year", "2025"), ("去年", "2025年")),
    Word(_days(2026, 8, 1, 2026, 8, 31), ("August", "August this year", "Aug 2026"), ("8月", "今年8月份", "2026年8月")),
    Word(_days(2026, 3, 1, 2026, 3, 31), ("March 2026", "March"), ("2026年3月", "今年三月")),
    Word(_days(2026, 4, 1, 2026, 6, 30), ("Q2", "Q2 2026", "the second quarter"), ("二季度", "2026年第二季度", "Q2")),
    Word(_days(2025, 10, 1, 2025, 12, 31), ("Q4 2025", "Q4 last year"), ("2025年四季度", "去年Q4", "去年第四季度")),
    Word(_days(2026, 1, 1, 2026, 6, 30), ("the first half of 2026", "H1 2026"), ("2026年上半年", "今年上半年")),
)
RUNNING = (
    Word(
        _days(2026, 11, 1, 2026, 11, 20),
        ("so far this month", "month to date", "this month"),
        ("本月至今", "这个月", "本月"),
    ),
    Word(_days(2026, 11, 16, 2026, 11, 20), ("this week", "so far this week"), ("本周", "这周")),
    Word(THIS_YEAR, ("this year", "so far this year", "year to date", "YTD"), ("今年", "今年以来", "今年到现在")),
    Word(_days(2026, 10, 1, 2026, 11, 20), ("this quarter", "quarter to date"), ("本季度", "本季度至今")),
    Word(
        _days(2026, 11, 14, 2026, 11, 20),
        ("over the past 7 days", "in the last 7 days"),
        ("近7天", "过去七天", "最近7天"),
    ),
    Word(_days(2026, 10, 22, 2026, 11, 20), ("in the last 30 days", "over the past 30 days"), ("近30天", "最近三十天")),
    Word(_days(2026, 8, 23, 2026, 11, 20), ("in the past 90 days",), ("近90天", "过去90天")),
    Word(_days(2026, 11, 7, 2026, 11, 20), ("in the past two weeks",), ("最近两周", "过去两周")),
    Word(_days(2026, 11, 19, 2026, 11, 19), ("yesterday",), ("昨天", "昨日")),
    Word(_days(2026, 11, 20, 2026, 11, 20), ("today",), ("今天", "今日")),
    Word(_days(2026, 11, 14, 2026, 11, 15), ("last weekend",), ("上周末",)),
    Word(_days(2026, 9, 1, 2026, 11, 20), ("since September",), ("9月以来",)),
    Word(_days(2026, 6, 1, 2026, 8, 31), ("from June to August", "between June and August"), ("6月到8月", "6至8月")),
    Word(_days(2026, 9, 1, 2026, 9, 15), ("from 1 to 15 September",), ("9月1日到15日", "9月1号至9月15号")),
    Word(_days(2026, 10, 5, 2026, 10, 5), ("on 5 October", "on October 5th"), ("10月5日", "10月5号")),
)
BARE = tuple(word for word in WHOLE if word.en[0].startswith(("last", "the month")))
TIMES = RUNNING + tuple(
    Word(word.means, tuple(t if t.startswith(("last", "the month")) else f"in {t}" for t in word.en), word.zh)
    for word in WHOLE
)


def _length(word: Word) -> int:
    return (date.fromisoformat(word.means["end"]) - date.fromisoformat(word.means["start"])).days + 1


LONG = tuple(word for word in TIMES if _length(word) > 85)
WEEKS = tuple(word for word in TIMES if _length(word) > 26)
# (the period, what it is compared with)
AGAINST = (
    Word(
        (OCTOBER, _days(2026, 9, 1, 2026, 9, 30)),
        ("last month versus the month before", "last month compared with the previous month", "October vs September"),
        ("上个月和上上个月对比", "10月对比9月", "10月与9月相比"),
    ),
    Word(
        (OCTOBER, _days(2025, 10, 1, 2025, 10, 31)),
        ("last month vs the same month last year", "October 2026 vs October 2025", "last month year over year"),
        ("上个月同比", "今年10月和去年10月对比", "上月与去年同期相比"),
    ),
    Word(
        (_days(2026, 7, 1, 2026, 9, 30), _days(2026, 4, 1, 2026, 6, 30)),
        ("last quarter vs the quarter before", "Q3 vs Q2", "Q3 compared to Q2"),
        ("上季度环比", "三季度对比二季度", "Q3对比Q2"),
    ),
    Word(
        (_days(2026, 11, 9, 2026, 11, 15), _days(2026, 11, 2, 2026, 11, 8)),
        ("last week vs the week before", "last week compared to the week before"),
        ("上周和上上周对比", "上周环比"),
    ),
    Word(
        (THIS_YEAR, _days(2025, 1, 1, 2025, 11, 20)),
        ("this year so far vs the same period last year", "year to date vs last year"),
        ("今年以来同比", "今年至今与去年同期对比"),
    ),
)
AHEAD = (
    Word(_days(2026, 12, 1, 2026, 12, 31), ("next month", "in December"), ("下个月", "12月")),
    Word(_days(2026, 11, 23, 2026, 11, 29), ("next week",), ("下周", "下个星期")),
    Word(
        _days(2026, 11, 21, 2026, 12, 20),
        ("over the next 30 days", "in the coming 30 days"),
        ("未来30天", "接下来30天"),
    ),
    Word(_days(2026, 11, 21, 2027, 1, 15), ("over the next 8 weeks",), ("未来8周", "未来八周")),
    Word(_days(2027, 1, 1, 2027, 3, 31), ("next quarter", "in Q1 2027"), ("下季度", "明年一季度")),
    Word(
        _days(2026, 11, 21, 2026, 12, 4), ("over the next two weeks", "for the next 14 days"), ("未来两周", "未来14天")
    ),
)
