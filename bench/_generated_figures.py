"""Questions for figures: plain, limited, split, ranked, compared, followed over time."""

from __future__ import annotations

from typing import Any

from bench import _generated_words as w
from bench._generated import Family, Meant

TOOL = "metrics"


def _in(dimension: str, *values: str, op: str = "in") -> dict[str, Any]:
    return {"dimension": dimension, "op": op, "values": list(values)}


def _plain(m: Meant) -> dict[str, Any]:
    return {"metrics": [m["m"]], "period": m["p"]}


def _of(metric: str) -> Any:
    return lambda m: {"metrics": [metric], "period": m["p"]}


def _spoken(name: str, metric: str, en: tuple[str, ...], zh: tuple[str, ...], same: Any = None) -> Family:
    """A figure that is asked for by what people did rather than by its name."""
    return Family(f"figure {name}", TOOL, en, zh, _of(metric), {"p": w.TIMES}, each=5, same=same)


FIGURES = (
    Family(
        "figure",
        TOOL,
        (
            "what's our {m} {p}?",
            "{m} {p}",
            "show me {m} {p}",
            "how did {m} look {p}?",
            "give me the {m} {p}",
            "I need {m} {p}",
            "what was the {m} {p}?",
            "{p}: {m}?",
            "can you pull {m} {p}?",
        ),
        (
            "{p}的{m}是多少？",
            "{p}{m}",
            "{p}{m}多少",
            "看一下{p}的{m}",
            "{m}{p}怎么样？",
            "我要{p}的{m}",
            "{p}咱们的{m}有多少？",
            "查一下{p}{m}",
        ),
        _plain,
        {"m": w.FIGURES, "p": w.TIMES},
        each=48,
    ),
    Family(
        "figure of a bare period",
        TOOL,
        ("{q} {m}", "{q}'s {m}", "{m} for {q}", "{m}, {q}"),
        ("{q}{m}情况", "{q}的{m}数据", "{m}，{q}"),
        lambda m: {"metrics": [m["m"]], "period": m["q"]},
        {"m": w.FIGURES, "q": w.BARE},
        each=16,
    ),
    _spoken(
        "sold for",
        "net_sales",
        ("how much did we sell {p}?", "how much money did we make {p}?", "what did we turn over {p}?"),
        ("{p}卖了多少钱？", "{p}一共卖了多少钱", "{p}营业额多少"),
    ),
    _spoken(
        "orders",
        "orders",
        ("how many orders did we get {p}?", "how many orders came in {p}?", "how many orders were placed {p}?"),
        ("{p}有多少订单？", "{p}成交了多少单？", "{p}来了多少单"),
    ),
    _spoken(
        "pieces",
        "units",
        ("how many units did we sell {p}?", "how many items did we sell {p}?", "how many pieces were sold {p}?"),
        ("{p}卖了多少件？", "{p}卖出去多少件商品？", "{p}一共卖了几件"),
    ),
    _spoken(
        "newcomers",
        "new_customers",
        (
            "how many new customers did we win {p}?",
            "how many new customers did we acquire {p}?",
            "how many people bought from us for the first time {p}?",
        ),
        ("{p}新增了多少客户？", "{p}来了多少新客户？", "{p}拉了多少新客"),
        lambda m: ("segments", {"rule": {"event": "first_order", "period": m["p"]}}),
    ),
    _spoken(
        "buyers",
        "active_customers",
        (
            "how many customers bought something {p}?",
            "how many people ordered {p}?",
            "how many customers did we have {p}?",
        ),
        ("{p}有多少客户下单？", "{p}有多少人买过东西？", "{p}多少人下单了"),
        lambda m: ("segments", {"rule": {"measure": "orders", "op": ">=", "value": 1, "period": m["p"]}}),
    ),
    _spoken(
        "spend",
        "ad_spend",
        ("how much did we spend on ads {p}?", "what did we spend on advertising {p}?"),
        ("{p}广告花了多少钱？", "{p}投放花了多少", "{p}打广告花了多少钱？"),
    ),
    _spoken(
        "refunded",
        "returns",
        ("how much did we refund {p}?", "how much money did we give back in refunds {p}?"),
        ("{p}退款退了多少钱？", "{p}退了多少钱？"),
    ),
    Family(
        "two figures",
        TOOL,
        ("{m} and {m2} {p}", "show me {m} and {m2} {p}", "what were {m} and {m2} {p}?", "{m} plus {m2} {p} please"),
        ("{p}的{m}和{m2}", "{p}{m}、{m2}分别是多少？", "看看{p}{m}跟{m2}"),
        lambda m: {"metrics": [m["m"], m["m2"]], "period": m["p"]},
        {"m": w.SALES, "p": w.TIMES},
        each=14,
    ),
)
LIMITED = (
    Family(
        "in a country",
        TOOL,
        (
            "{m} in {c} {p}",
            "how is {c} doing on {m} {p}?",
            "{c} {m} {p}",
            "what was {m} for {c} {p}?",
            "{p}, what's {m} in {c}?",
        ),
        ("{c}{p}的{m}", "{p}{c}{m}多少？", "{p}{c}市场的{m}", "{c}的{m}，{p}"),
        lambda m: _plain(m) | {"filters": [_in("country", m["c"])]},
        {"m": w.SALES, "p": w.TIMES, "c": w.COUNTRIES},
        each=20,
    ),
    Family(
        "in two countries",
        TOOL,
        ("{m} in {c} and {c2} together {p}", "{m} {p}, {c} and {c2} combined"),
        ("{c}和{c2}{p}合计{m}", "{p}{c}加{c2}一共的{m}"),
        lambda m: _plain(m) | {"filters": [_in("country", m["c"], m["c2"])]},
        {"m": w.ADDED_UP, "p": w.TIMES, "c": w.COUNTRIES},
    ),
    Family(
        "without a country",
        TOOL,
        ("{m} excluding {c} {p}", "{m} {p} without {c}", "{m} outside {c} {p}"),
        ("{p}除了{c}以外的{m}", "{p}不含{c}的{m}", "剔除{c}，{p}{m}多少？"),
        lambda m: _plain(m) | {"filters": [_in("country", m["c"], op="not_in")]},
        {"m": w.SALES, "p": w.TIMES, "c": w.COUNTRIES},
    ),
    Family(
        "of a category",
        TOOL,
        ("{m} of {k} {p}", "{k} {m} {p}", "{p}: {m} for the {k} category", "what's {m} in {k} {p}?"),
        ("{p}{k}品类的{m}", "{k}类目{p}{m}", "{k}{p}的{m}是多少"),
        lambda m: _plain(m) | {"filters": [_in("category", m["k"])]},
        {"m": w.SALES[:8], "p": w.TIMES, "k": w.CATEGORIES},
        each=14,
    ),
    Family(
        "of a brand",
        TOOL,
        ("{m} of {b} {p}", "{b} {m} {p}", "how much {m} did {b} bring {p}?"),
        ("{p}{b}的{m}", "{b}品牌{p}{m}", "{b}{p}{m}怎么样"),
        lambda m: _plain(m) | {"filters": [_in("brand", m["b"])]},
        {"m": w.ADDED_UP[:1], "p": w.TIMES, "b": w.BRANDS},
    ),
    Family(
        "of a product",
        TOOL,
        ("{m} of {g} {p}", "{m} for {g} {p}", "{p}, {m} for {g}?"),
        ("{g}{p}的{m}", "{p}{g}{m}多少"),
        lambda m: _plain(m) | {"filters": [_in("product", m["g"])]},
        {"m": w.ADDED_UP, "p": w.TIMES, "g": w.PRODUCTS},
    ),
    Family(
        "through a channel",
        TOOL,
        ("{m} {h} {p}", "{p} {m} {h}", "what was {m} {h} {p}?"),
        ("{p}{h}的{m}", "{h}{p}{m}是多少？"),
        lambda m: _plain(m) | {"filters": [_in("channel", m["h"])]},
        {"m": w.ADDED_UP, "p": w.TIMES, "h": w.CHANNELS},
    ),
    Family(
        "of a category in a country",
        TOOL,
        ("{k} {m} in {c} {p}", "{m} of {k} in {c} {p}", "how much {k} {m} did {c} do {p}?"),
        ("{p}{c}{k}的{m}", "{c}{p}{k}品类{m}", "{k}在{c}{p}的{m}"),
        lambda m: _plain(m) | {"filters": [_in("category", m["k"]), _in("country", m["c"])]},
        {"m": w.AMOUNTS, "p": w.TIMES, "k": w.CATEGORIES, "c": w.COUNTRIES},
    ),
    Family(
        "in a city",
        TOOL,
        ("{m} in {t} {p}", "{t}: {m} {p}"),
        ("{t}{p}{m}", "{p}{t}的{m}有多少？"),
        lambda m: _plain(m) | {"filters": [_in("city", m["t"])]},
        {"m": w.SALES[:4], "p": w.TIMES, "t": w.CITIES},
    ),
)
SPLIT = (
    Family(
        "split",
        TOOL,
        (
            "{m} by {d} {p}",
            "break down {m} by {d} {p}",
            "{p}: {m} per {d}",
            "show {m} {p} split by {d}",
            "{m} for each {d} {p}",
        ),
        ("{p}各{d}的{m}", "按{d}看{p}的{m}", "{p}{m}按{d}拆一下", "{p}{m}分{d}看"),
        lambda m: _plain(m) | {"by": [m["d"]]},
        {"m": w.SALES[:10], "p": w.TIMES, "d": w.SPLITS},
        each=22,
    ),
    Family(
        "shares",
        TOOL,
        ("what share of {m} comes from each {d} {p}?", "{m} share by {d} {p}", "{d} mix of {m} {p}"),
        ("{p}各{d}{m}占比", "{p}各{d}的{m}占比是多少？", "{p}{m}的{d}占比"),
        lambda m: _plain(m) | {"by": [m["d"]], "share": True},
        {"m": w.ADDED_UP[:2], "p": w.TIMES, "d": w.SPLITS},
    ),
    Family(
        "over time",
        TOOL,
        ("{m} by {s} {p}", "{m} per {s} {p}", "plot {m} {s} by {s} {p}", "{m} trend {p} by {s}"),
        ("{p}每{s}的{m}", "按{s}看{p}的{m}", "{p}{m}按{s}的趋势"),
        lambda m: _plain(m) | {"by": [m["s"]]},
        {"m": w.SALES[:8], "p": w.WEEKS, "s": w.STEPS},
        each=18,
    ),
    Family(
        "average of a step",
        TOOL,
        ("average {v} {m} {p}", "{p} average {v} {m}", "mean {v} {m} {p}"),
        ("{p}{v}{m}", "{p}的{v}{m}是多少？"),
        lambda m: _plain(m) | {"average_per": m["v"]},
        {"m": w.ADDED_UP, "p": w.LONG, "v": w.PER},
    ),
)
RANKED = (
    Family(
        "top",
        TOOL,
        (
            "top {n} {r} by {m} {p}",
            "which {n} {r} had the highest {m} {p}?",
            "the {n} best {r} by {m} {p}",
            "give me the top {n} {r} {p} in terms of {m}",
            "{n} {r} with the most {m} {p}",
        ),
        ("{p}{m}前{n}的{r}", "{p}{m}最高的{n}个{r}", "{p}{m}top{n}{r}", "{p}{m}排名前{n}的{r}有哪些？"),
        lambda m: _plain(m) | {"by": [m["r"]], "top": m["n"]},
        {"m": w.RANKED, "p": w.TIMES, "r": w.RANKS, "n": w.SMALL},
        each=20,
    ),
    Family(
        "bottom",
        TOOL,
        ("bottom {n} {r} by {m} {p}", "the {n} {r} with the lowest {m} {p}", "worst {n} {r} by {m} {p}"),
        ("{p}{m}最低的{n}个{r}", "{p}{m}倒数{n}名的{r}", "{p}{m}垫底的{n}个{r}"),
        lambda m: _plain(m) | {"by": [m["r"]], "top": m["n"], "order": "lowest"},
        {"m": w.RANKED, "p": w.TIMES, "r": w.RANKS, "n": w.SMALL},
        each=12,
    ),
    Family(
        "the best one",
        TOOL,
        (
            "which {o} had the highest {m} {p}?",
            "what was our best {o} by {m} {p}?",
            "which {o} brought in the most {m} {p}?",
        ),
        ("{p}哪个{o}的{m}最高？", "{p}{m}最高的{o}是哪个？", "{p}{m}最多的是哪个{o}"),
        lambda m: _plain(m) | {"by": [m["o"]], "top": 1},
        {"m": w.RANKED, "p": w.TIMES, "o": w.ONES},
        each=12,
    ),
    Family(
        "top in a country",
        TOOL,
        ("top {n} {r} in {c} by {m} {p}", "in {c}, which {n} {r} made the most {m} {p}?"),
        ("{p}{c}{m}最高的{n}个{r}", "{c}{p}{m}前{n}的{r}"),
        lambda m: _plain(m) | {"by": [m["r"]], "top": m["n"], "filters": [_in("country", m["c"])]},
        {
            "m": w.RANKED,
            "p": w.TIMES,
            "r": tuple(x for x in w.RANKS if x.means != "country"),
            "n": w.SMALL,
            "c": w.COUNTRIES,
        },
    ),
    Family(
        "above a figure",
        TOOL,
        (
            "which {r} made more than 10,000 in {m} {p}?",
            "{r} with {m} above 10k {p}",
            "{r} where {m} was over 10000 {p}",
        ),
        ("{p}{m}超过1万的{r}", "{p}哪些{r}{m}大于10000？", "{p}{m}高于一万的{r}有哪些"),
        lambda m: _plain(m) | {"by": [m["r"]], "having": [{"metric": m["m"], "op": ">", "value": 10000}]},
        {"m": w.AMOUNTS, "p": w.TIMES, "r": w.RANKS},
    ),
    Family(
        "below a figure",
        TOOL,
        ("which {r} had fewer than 200 orders {p}?", "{r} with less than 200 orders {p}", "{r} below 200 orders {p}"),
        ("{p}订单数不到200的{r}", "{p}哪些{r}订单量低于200？", "{p}单量少于两百的{r}"),
        lambda m: {
            "metrics": ["orders"],
            "period": m["p"],
            "by": [m["r"]],
            "having": [{"metric": "orders", "op": "<", "value": 200}],
        },
        {"p": w.TIMES, "r": w.RANKS},
    ),
)
COMPARED = (
    Family(
        "compared",
        TOOL,
        ("{m} {a}", "{m}: {a}", "compare {m} {a}", "how does {m} look, {a}?"),
        ("{m}{a}", "{a}，{m}怎么样？", "看下{m}{a}"),
        lambda m: {"metrics": [m["m"]], "period": m["a"][0], "compare": m["a"][1]},
        {"m": w.SALES, "a": w.AGAINST},
        each=20,
    ),
    Family(
        "compared in a country",
        TOOL,
        ("{m} in {c} {a}", "{c} {m}, {a}"),
        ("{c}{m}{a}", "{a}，{c}的{m}"),
        lambda m: {"metrics": [m["m"]], "period": m["a"][0], "compare": m["a"][1], "filters": [_in("country", m["c"])]},
        {"m": w.SALES[:6], "a": w.AGAINST, "c": w.COUNTRIES},
    ),
    Family(
        "compared by parts",
        TOOL,
        ("{m} by {d} {a}", "compare {m} by {d} {a}"),
        ("各{d}{m}{a}", "按{d}看{m}，{a}"),
        lambda m: {"metrics": [m["m"]], "period": m["a"][0], "compare": m["a"][1], "by": [m["d"]]},
        {"m": w.SALES[:6], "a": w.AGAINST, "d": w.SPLITS},
    ),
)
FAMILIES = (*FIGURES, *LIMITED, *SPLIT, *RANKED, *COMPARED)
