"""What the tool `metrics` says: true names, incomplete units, and refusals where a zero would mislead."""

from __future__ import annotations

from typing import Any

import pytest

from bot.rendering.forms import file_of
from bot.rendering.reply import plain_text, reply_json
from bot.rendering.voice import Voice
from bot.reply import Reply
from tools.answer import Answer
from tools.catalog.metrics import TOOL
from tools.errors import AssistantError, InvalidArgument, NotEnoughData
from tools.tool import Context

NOVEMBER = {"start": "2011-11-01", "end": "2011-11-30"}
OCTOBER = {"start": "2011-10-01", "end": "2011-10-31"}
THIS_YEAR = {"start": "2011-01-01", "end": "2011-12-09"}
EN, ZH = Voice("en"), Voice("zh")


def ask(context: Context, **args: Any) -> Answer:
    return TOOL.run(context, TOOL.args.model_validate({"metrics": ["net_sales"], "period": NOVEMBER, **args}))


def refused(context: Context, **args: Any) -> AssistantError:
    with pytest.raises(AssistantError) as caught:
        ask(context, **args)
    return caught.value


def within(dimension: str, *values: str, op: str = "in") -> dict[str, Any]:
    return {"dimension": dimension, "op": op, "values": list(values)}


def shown(answer: Answer, voice: Voice) -> str:
    return plain_text(Reply("answered", voice.language, answers=(answer,)), voice)


HEADLINES = [
    (
        {"filters": [within("country", "Germany")], "period": {"start": "2011-07-01", "end": "2011-09-30"}},
        "Net sales in Germany, Q3 2011: £48,070",
        "2011年第三季度德国净销售额：4.81万英镑",
    ),
    (
        {"metrics": ["orders"], "filters": [within("country", "Germany", op="not_in")]},
        "Orders outside Germany, November 2011: 2,687",
        "2011年11月除德国外的订单数：2,687",
    ),
    (
        {"metrics": ["orders"], "filters": [within("customer", "14646")]},
        "Orders of customer 14646, November 2011: 12",
        "2011年11月客户14646的订单数：12",
    ),
    ({"average_per": "day"}, "Average net sales per day, November 2011: £47,571", "2011年11月日均净销售额：4.76万英镑"),
    (
        {"metrics": ["units_per_order"]},
        "Units per order, November 2011: 271.5",
        None,
    ),
    (
        {"by": ["product"], "top": 5},
        "Top 5 products by net sales, November 2011: RABBIT NIGHT LIGHT (23084) leads with £34,344",
        "2011年11月净销售额前5的商品：RABBIT NIGHT LIGHT（23084）以3.43万英镑居首",
    ),
    (
        {"metrics": ["aov"], "by": ["country"], "top": 1},
        "Highest average order value by country, November 2011: Japan with £4,230",
        "2011年11月客单价最高的国家：日本（4,230英镑）",
    ),
]


@pytest.mark.parametrize(("args", "en", "zh"), HEADLINES, ids=[en for _, en, _ in HEADLINES])
def test_headlines_read_as_sentences(args: dict[str, Any], en: str, zh: str | None, retail_context: Context) -> None:
    headline = ask(retail_context, **args).headline
    assert EN.text(headline) == en
    assert zh is None or ZH.text(headline) == zh


def test_a_unit_that_is_cut_short_is_named_and_is_no_extreme(retail_context: Context) -> None:
    weeks = ask(retail_context, metrics=["orders"], by=["week"], period=OCTOBER)
    text = shown(weeks, EN)
    assert "lowest: week of 17 Oct 2011 (446)" in text
    assert "Incomplete: week of 26 Sep 2011, with 1–2 Oct 2011 only." in text
    assert "Incomplete: week of 31 Oct 2011" in text
    months = shown(ask(retail_context, metrics=["orders"], by=["month"], period=THIS_YEAR), ZH)
    assert "最低：2011年1月（1,081）" in months
    assert "2011年12月不完整，仅含2011年12月1日至9日的数据。" in months


def test_an_incomplete_month_that_wins_a_ranking_says_so(retail_context: Context) -> None:
    worst = ask(retail_context, metrics=["new_customers"], by=["month"], period=THIS_YEAR, top=1, order="lowest")
    assert EN.text(worst.headline).endswith("December 2011 with 28")
    assert "Lowest whole month: January 2011 (72)" in shown(worst, EN)
    assert "Incomplete: December 2011" in shown(worst, EN)
    assert 72 in [fact.value for fact in worst.facts]


def test_ties_are_one(retail_context: Context) -> None:
    filters = [within("country", "Germany", "France")]
    assert "Both: 64" in shown(ask(retail_context, metrics=["orders"], by=["country"], filters=filters), EN)


def test_early_customers_are_not_all_new(retail_context: Context) -> None:
    first = {"start": "2009-12-01", "end": "2009-12-31"}
    later = {"start": "2010-12-01", "end": "2010-12-31"}
    said = "The data begins on 1 Dec 2009: customers count as new"
    assert said in shown(ask(retail_context, metrics=["new_customers"], period=first), EN)
    assert said in shown(ask(retail_context, metrics=["new_customers"], period=later, compare="year_ago"), EN)
    assert said not in shown(ask(retail_context, metrics=["new_customers"], period=later), EN)
    assert said not in shown(ask(retail_context, metrics=["orders"], period=first), EN)


def test_an_empty_dimension_is_declined_with_those_that_have_values(retail_context: Context) -> None:
    error = refused(retail_context, by=["category"])
    assert isinstance(error, NotEnoughData)
    assert EN.text(error.message) == "The data has no categories; it can be split by country, product and customer."
    assert ZH.text(error.message) == "数据中没有品类信息；可以按国家、商品和客户查看。"
    calls = [option.call for option in error.options]
    assert [call.args["by"] for call in calls if call] == [["country"], ["product"], ["customer"]]
    assert isinstance(refused(retail_context, filters=[within("brand", "Acme")]), NotEnoughData)


def test_a_value_that_does_not_exist_is_no_zero(retail_context: Context) -> None:
    error = refused(retail_context, metrics=["orders"], filters=[within("customer", "99999")])
    assert isinstance(error, NotEnoughData)
    assert EN.text(error.message).startswith("The data has no customer “99999”")
    code = refused(retail_context, filters=[within("product", "85123Z")])
    assert "Nearest: " in EN.text(code.message)
    assert code.options
    assert code.options[0].call is not None


def test_a_value_that_exists_may_be_zero(retail_context: Context) -> None:
    day = {"start": "2011-11-30", "end": "2011-11-30"}
    answer = ask(retail_context, metrics=["orders"], filters=[within("country", "Bahrain")], period=day)
    assert answer.facts[0].value == 0
    left_out = ask(retail_context, filters=[within("country", "Atlantis", op="not_in")])
    assert left_out.facts[0].value == ask(retail_context).facts[0].value


def test_what_is_asked_for_and_left_out_at_once_is_refused(retail_context: Context) -> None:
    both = [within("country", "Germany"), within("country", "Germany", op="not_in")]
    assert isinstance(refused(retail_context, filters=both), InvalidArgument)


def test_a_ratio_is_not_divided_by_days(retail_context: Context) -> None:
    error = refused(retail_context, metrics=["aov"], average_per="day")
    assert isinstance(error, InvalidArgument)
    assert error.options[0].call is not None
    assert "average_per" not in error.options[0].call.args


def test_missing_columns_are_said_in_plain_words(retail_context: Context) -> None:
    error = refused(retail_context, metrics=["gross_margin"])
    assert EN.text(error.message) == "Gross margin needs unit costs, which the data does not have."
    assert ZH.text(error.message) == "无法计算毛利：数据中没有单位成本。"
    assert "The data holds no discounts at all." in shown(ask(retail_context, metrics=["discount_share"]), EN)


def test_people_see_names_and_json_keeps_codes(retail_context: Context) -> None:
    ireland = ask(retail_context, by=["country"], filters=[within("country", "EIRE", "France")])
    assert "Ireland" in shown(ireland, EN)
    assert "爱尔兰" in shown(ireland, ZH)
    reply = Reply("answered", "zh", answers=(ireland,))
    assert {row[0] for row in reply_json(reply, ZH)["table"]["rows"]} == {"EIRE", "France"}
    assert "爱尔兰" in file_of(ireland, ZH, "csv").content.decode()
    days = ask(retail_context, by=["weekday"])
    assert "星期六" in shown(days, ZH)
    assert "Saturday          £0" in shown(days, EN)


def test_a_comparison_keeps_its_rate_of_change_on_a_phone(retail_context: Context) -> None:
    answer = ask(retail_context, by=["country"], compare="previous_period")
    for voice, head, rate in ((EN, "Change", "+43.6%"), (ZH, "变化率", "+43.6%")):
        text = shown(answer, voice)
        assert head in text
        assert rate in text
        assert "more column" not in text
    one = ask(retail_context, compare="previous_period")
    assert one.table is not None
    assert "─" not in shown(one, EN), "a table of one row is noise"
    assert "Orders" in str(one.table.columns[0].labels) or "net_sales" in one.table.columns[0].labels


def test_a_column_has_one_scale(retail_context: Context) -> None:
    lines = shown(ask(retail_context, by=["country"]), ZH).splitlines()
    figures = [line.split()[-1] for line in lines if "£" in line]
    assert len(figures) >= 12
    assert not any("万" in figure for figure in figures)
    assert "£1,258,905" in figures[0]


def test_a_tie_at_the_end_of_a_top_list_is_told(retail_context: Context) -> None:
    """14606 and 15311 both have 82 orders: which of them stands fifth is chance, so the other is named."""
    by_customer = {"metrics": ["orders"], "by": ["customer"], "period": THIS_YEAR}
    five, four = (ask(retail_context, **by_customer, top=top) for top in (5, 4))
    assert five.table is not None
    assert len(five.table.rows) == 5
    assert "A tie at the end of the list: 15311 has 82 too." in shown(five, EN)
    assert "tie" not in shown(four, EN)


def test_columns_and_facts_keep_their_names(retail_context: Context) -> None:
    """Files, the command line and later calls know them by these names."""
    answer = ask(retail_context, by=["product"], top=3, compare=OCTOBER)
    assert answer.table is not None
    assert [column.name for column in answer.table.columns] == [
        *("product", "product_name", "net_sales", "net_sales_baseline", "net_sales_change", "net_sales_change_rate"),
    ]
    single = ask(retail_context, compare=OCTOBER)
    assert {fact.name for fact in single.facts} >= {"net_sales", "net_sales_change", "net_sales_change_rate"}


def test_growth_is_ranked_by_the_amount_or_in_percent(retail_context: Context) -> None:
    november, october = (
        {row[0]: row[1] for row in rows(retail_context, by=["country"], period=month)} for month in (NOVEMBER, OCTOBER)
    )
    by_country = {"by": ["country"], "compare": OCTOBER, "top": 5}
    moved = [(c, november.get(c, 0), october.get(c, 0)) for c in {*november, *october}]
    for order, sign in (("highest", -1), ("lowest", 1)):
        amounts = sorted(moved, key=lambda row: (sign * (row[1] - row[2]), row[0]))[:5]
        rates = sorted((row for row in moved if row[2] > 0), key=lambda row: (sign * row[1] / row[2], row[0]))[:5]
        for rank_by, expected in (("change", amounts), ("change_rate", rates)):
            found = rows(retail_context, **by_country, rank_by=rank_by, order=order)
            assert [row[0] for row in found] == [country for country, *_ in expected]


def rows(context: Context, **args: Any) -> tuple[tuple[Any, ...], ...]:
    table = ask(context, **args).table
    assert table is not None
    return table.rows


def test_what_grew_says_from_where_to_where_and_who_is_left_out(retail_context: Context) -> None:
    answer = ask(retail_context, by=["country"], rank_by="change_rate", top=3)
    assert "Japan, from £1,948 to £8,460" in shown(answer, EN)
    assert "Not ranked, since there was nothing before: " in shown(answer, EN)
    assert "日本，由1,948英镑升至8,460英镑" in shown(answer, ZH)


@pytest.mark.parametrize("place", [1, 2, 3, 7])
@pytest.mark.parametrize(
    "ranked",
    [
        {"by": ["country"]},
        {"by": ["customer"], "metrics": ["units"]},
        {"by": ["country"], "order": "lowest"},
        {"by": ["month"], "period": THIS_YEAR},
        {"by": ["country"], "compare": OCTOBER, "rank_by": "change"},
        {"by": ["country"], "compare": OCTOBER, "rank_by": "change_rate", "order": "lowest"},
    ],
    ids=str,
)
def test_one_place_is_the_last_of_as_many(retail_context: Context, ranked: dict[str, Any], place: int) -> None:
    several = rows(retail_context, **ranked, top=place)
    assert len(several) == place
    assert rows(retail_context, **ranked, top=place, nth=True) == several[-1:]


def test_one_place_is_told_by_its_number(retail_context: Context) -> None:
    second = ask(retail_context, metrics=["orders"], by=["country"], top=2, nth=True)
    assert "Number 2 of the countries by orders, November 2011: " in shown(second, EN)
    assert "2011年11月订单数排第2的国家：" in shown(second, ZH)
    last = ask(retail_context, metrics=["orders"], by=["country"], top=2, nth=True, order="lowest")
    assert "Number 2 from the bottom of the countries by orders, " in shown(last, EN)
    grown = ask(retail_context, by=["country"], rank_by="change_rate", top=2, nth=True)
    assert "Number 2: Fastest growth of net sales by country, " in shown(grown, EN)


def test_who_shares_a_place_is_named_whether_before_or_behind(retail_context: Context) -> None:
    """14606 and 15311 both have 82 orders, the fifth and the sixth of the list."""
    by_customer = {"metrics": ["orders"], "by": ["customer"], "period": THIS_YEAR, "nth": True}
    told = [shown(ask(retail_context, **by_customer, top=top), EN) for top in (4, 5, 6)]
    assert ["Not alone: " in text for text in told] == [False, True, True]


def test_a_place_that_is_not_there_is_no_figure(retail_context: Context) -> None:
    answer = ask(retail_context, metrics=["orders"], by=["country"], top=400, nth=True)
    assert answer.facts == ()
    assert "There are only " in shown(answer, EN)


def test_of_a_month_cut_short_the_place_among_whole_ones_is_told_too(retail_context: Context) -> None:
    """Of 2011, nine days of December had the lowest sales, April and February come next."""
    answer = ask(retail_context, by=["month"], period=THIS_YEAR, top=2, nth=True, order="lowest")
    assert "April 2011 with £482,039" in shown(answer, EN)
    assert "Of whole months only, number 2 from the bottom: February 2011 (£499,448)" in shown(answer, EN)
    best = ask(retail_context, by=["month"], period=THIS_YEAR, top=2, nth=True)
    assert "whole" not in shown(best, EN)


def test_a_place_without_its_number_is_refused() -> None:
    with pytest.raises(ValueError, match="needs its number"):
        TOOL.args.model_validate({"metrics": ["orders"], "by": ["country"], "period": NOVEMBER, "nth": True})
