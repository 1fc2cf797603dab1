"""Why figures moved, through the tool: planted causes, sums, the calendar, and what cannot be answered."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.rendering.reply import render
from bot.rendering.voice import Voice
from bot.reply import Reply
from tests.conftest import DEMO_END
from tools.answer import Answer, ToolCall
from tools.errors import InvalidArgument, NotEnoughData
from tools.registry import discover
from tools.runner import run
from tools.semantic.catalog import Catalog
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse

Q3 = ("2026-07-01", "2026-09-30")
# Several tests look at one answer from different sides.
ANSWERS: dict[tuple[str, date, str], Answer] = {}
OCTOBER, NOVEMBER = ("2011-10-01", "2011-10-31"), ("2011-11-01", "2011-11-30")


def days(pair: tuple[str, str]) -> dict[str, str]:
    return {"start": pair[0], "end": pair[1]}


def ask(context: Context, period: tuple[str, str], **args: Any) -> Answer:
    args = {
        name: days(value) if name == "compare" and isinstance(value, tuple) else value for name, value in args.items()
    }
    filters = [{"dimension": name, "values": [value]} for name, value in args.pop("only", {}).items()]
    call = ToolCall("drivers", {"period": days(period), "filters": filters, **args})
    place = (context.warehouse.url, context.today, repr(call))
    if place not in ANSWERS:
        ANSWERS[place] = run(discover(), context, call, lambda *_: None)
    return ANSWERS[place]


def facts(answer: Answer, name: str, **where: str) -> list[float]:
    return [float(f.value) for f in answer.facts if f.name == name and dict(f.where) == where and f.value is not None]


def first_driver(answer: Answer) -> str:
    """The first step of the picture, as it is written."""
    assert answer.chart is not None
    assert answer.chart.table is not None
    return Voice("en").text(answer.chart.table.rows[1][0])  # type: ignore[arg-type]


def text(answer: Answer, language: str = "en") -> str:
    voice = Voice("zh" if language == "zh" else "en")
    return "\n".join(voice.text(message) for message in (answer.headline, *answer.lines, *answer.caveats))


def said(answer: Answer) -> list[str]:
    return [Voice("en").text(line) for line in answer.lines]


def amounts(line: str) -> list[float]:
    """The signed amounts of money, or numbers, in a line."""
    return [
        float(found.replace(",", "").replace("£", ""))
        for found in re.findall(r"[+-]£?[\d,]+(?:\.\d+)?(?![\d.,]*[%\d])", line)
    ]


# --- planted causes ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole_demo(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Iterator[Context]:
    """The demo store at its usual size, for causes that a tenth of it hides."""
    from tools.warehouse.demo import make_demo_store

    path = tmp_path_factory.mktemp("whole_demo") / "warehouse.duckdb"
    make_demo_store(path, scale=1.0, end=DEMO_END)
    warehouse = Warehouse.at(path)
    yield Context(warehouse, catalog, DEMO_END, User("1", "admin"))
    warehouse.close()


SMALL_CAUSES: tuple[tuple[str, tuple[str, str], dict[str, Any]], ...] = (
    ("Electronics", Q3, {"only": {"country": "Germany"}}),
    ("Electronics", Q3, {"only": {"country": "Germany"}, "compare": "year_ago"}),
    ("ELE-001", ("2026-10-05", "2026-10-11"), {"metric": "returns"}),
    ("ELE-001", ("2026-10-05", "2026-10-11"), {"metric": "return_rate"}),
    ("ELE-001", ("2026-10-05", "2026-10-11"), {"only": {"category": "Electronics"}}),
    ("KIT-002", ("2026-09-06", "2026-09-06"), {"metric": "average_price", "only": {"category": "Kitchen"}}),
    ("influencer", ("2026-02-01", "2026-02-28"), {"metric": "new_customers"}),
)


@pytest.mark.parametrize(("cause", "period", "args"), SMALL_CAUSES, ids=lambda x: str(x)[:40])
def test_a_planted_cause_is_named_first(
    cause: str, period: tuple[str, str], args: dict[str, Any], demo_context: Context
) -> None:
    assert cause in first_driver(ask(demo_context, period, **args))


@pytest.mark.xdist_group("whole_demo")
@pytest.mark.parametrize(
    ("cause", "period", "args"),
    [
        ("Germany × Electronics", Q3, {}),
        ("HOM-001", ("2026-10-24", "2026-11-02"), {"metric": "units", "only": {"category": "Home"}}),
        (
            "BEA-001",
            ("2026-10-01", "2026-10-31"),
            {"metric": "units", "only": {"category": "Beauty"}, "compare": "year_ago"},
        ),
        ("KIT-002", ("2026-09-06", "2026-09-06"), {"metric": "average_price", "only": {"category": "Kitchen"}}),
        ("ELE-001", ("2026-10-05", "2026-10-11"), {"metric": "return_rate"}),
        ("influencer", ("2026-02-01", "2026-02-28"), {"metric": "new_customers"}),
    ],
    ids=lambda x: str(x)[:40],
)  # fmt: skip
def test_a_planted_cause_is_named_first_in_the_whole_store(
    cause: str, period: tuple[str, str], args: dict[str, Any], whole_demo: Context
) -> None:
    assert cause in first_driver(ask(whole_demo, period, **args))


@pytest.mark.xdist_group("whole_demo")
def test_a_pair_is_a_fact_and_can_be_looked_into(whole_demo: Context) -> None:
    answer = ask(whole_demo, Q3)
    (change,) = facts(answer, "net_sales_change", country="Germany", category="Electronics")
    assert change < 0
    inside = answer.follow_ups[0].call
    assert inside is not None
    again = run(discover(), whole_demo, inside, lambda *_: None)
    assert facts(again, "net_sales_change", country="Germany", category="Electronics") == [pytest.approx(change)]


# --- sums -------------------------------------------------------------------------------------------------------------


def test_the_figures_are_those_of_metrics(retail_context: Context) -> None:
    answer = ask(retail_context, NOVEMBER, compare=OCTOBER)
    call = ToolCall("metrics", {"metrics": ["net_sales"], "period": days(NOVEMBER), "compare": days(OCTOBER)})
    wanted = run(discover(), retail_context, call, lambda *_: None)
    for name in ("net_sales", "net_sales_change", "net_sales_change_rate"):
        assert facts(answer, name) == pytest.approx(facts(wanted, name))


@pytest.mark.parametrize(
    ("period", "compare", "said", "begins"),
    [
        (NOVEMBER, OCTOBER, "fall", "It did not fall. Net sales rose"),
        (NOVEMBER, OCTOBER, "rise", "Net sales rose"),
        (OCTOBER, NOVEMBER, "rise", "It did not rise. Net sales fell"),
        (OCTOBER, NOVEMBER, None, "Net sales fell"),
    ],
)
def test_what_the_question_takes_for_granted_is_checked_first(
    retail_context: Context, period: tuple[str, str], compare: tuple[str, str], said: str | None, begins: str
) -> None:
    answer = ask(retail_context, period, compare=compare, said=said)
    assert Voice("en").text(answer.headline).startswith(begins)
    assert all("said" not in option.call.args for option in answer.follow_ups if option.call is not None)


def test_facts_of_a_dimension_sum_to_the_change(retail_context: Context) -> None:
    answer = ask(retail_context, NOVEMBER)
    (change,) = facts(answer, "net_sales_change")
    by_country = [f.value for f in answer.facts if f.name == "net_sales_change" and set(f.where) == {"country"}]
    assert math.fsum(float(value or 0) for value in by_country) == pytest.approx(change, rel=1e-9)
    uk = facts(answer, "net_sales_change", country="United Kingdom")
    assert uk[0] / change > 0.9
    names = [
        f"{part}_effect" for part in ("price", "volume", "mix", "new_products", "gone_products", "discounts", "returns")
    ]
    assert math.fsum(facts(answer, name)[0] for name in names) == pytest.approx(change, rel=1e-9)
    assert sum(facts(answer, n)[0] for n in ("orders_effect", "aov_effect", "returns_effect")) == pytest.approx(change)
    people = [f.value for f in answer.facts if f.name.endswith("_customers_effect")]
    assert math.fsum(float(value or 0) for value in people) == pytest.approx(change, rel=1e-9)


def test_the_picture_goes_from_the_baseline_to_the_period(demo_context: Context) -> None:
    for metric in ("net_sales", "return_rate", "orders"):
        chart = ask(demo_context, Q3, metric=metric).chart
        assert chart is not None
        assert chart.table is not None
        amounts = [float(row[1]) for row in chart.table.rows]  # type: ignore[arg-type]
        assert math.fsum(amounts[:-1]) == pytest.approx(amounts[-1], rel=1e-9)


def test_a_ratio_names_its_terms_and_tells_mix_from_rate(demo_context: Context) -> None:
    answer = ask(demo_context, Q3, metric="aov")
    (change,) = facts(answer, "aov_change")
    first = next(f for f in answer.facts if f.name == "rate_effect" and "split_by" in f.where)
    mix = facts(answer, "mix_effect", **first.where)[0]
    assert float(first.value or 0) + mix == pytest.approx(change)
    assert facts(answer, "units_per_order_effect")[0] + facts(answer, "average_price_effect")[0] == pytest.approx(
        change
    )
    assert "Sales before returns" in text(answer)
    assert "orders" in text(answer)


def test_orders_are_split_only_where_their_parts_sum(demo_context: Context) -> None:
    """An order has one country and one channel, but lines of several categories."""
    whole = ask(demo_context, Q3, metric="orders")
    split_by = {name for f in whole.facts if f.name == "orders_change" for name in f.where}
    assert {"country", "channel"} <= split_by
    assert not {"category", "product", "brand"} & split_by


# --- the calendar -----------------------------------------------------------------------------------------------------


def test_a_month_that_is_not_over_is_compared_with_as_many_days(retail_context: Context) -> None:
    answer = ask(retail_context, ("2011-12-01", "2011-12-31"))
    assert "is not over" in text(answer)
    assert answer.facts[0].period == answer.provenance.period
    assert [str(f.period.end) for f in answer.facts[:2] if f.period] == ["2011-12-09", "2011-11-09"]
    assert "12:50" in text(answer)


def test_unequal_lengths_are_said_first(retail_context: Context) -> None:
    answer = ask(retail_context, ("2011-11-01", "2011-11-10"), compare=OCTOBER)
    assert said(answer)[0].startswith("Calendar first: 10 days against 31 days")
    (effect,) = facts(answer, "calendar_effect")
    assert effect < 0


def test_nothing_later_than_today_is_seen(demo_context: Context) -> None:
    """As of a day in September, the quarter so far is what it was then."""
    then = replace(demo_context, today=date(2026, 9, 10))
    answer = ask(then, Q3)
    seen = ask(demo_context, ("2026-07-01", "2026-09-10"), compare=("2026-04-01", "2026-06-11"))
    assert facts(answer, "net_sales") == facts(seen, "net_sales")
    assert facts(answer, "net_sales_change") == facts(seen, "net_sales_change")


# --- what is asked for ------------------------------------------------------------------------------------------------


def test_only_the_dimension_that_is_asked_for(retail_context: Context) -> None:
    answer = ask(retail_context, NOVEMBER, by=["country"], top=8)
    assert answer.table is not None
    assert len(answer.table.rows) == 8
    assert not facts(answer, "price_effect")
    assert {name for f in answer.facts if f.name.endswith("_change") for name in f.where} == {"country"}


def test_one_dimension_is_told_by_size_the_greatest_in_the_direction_first(retail_context: Context) -> None:
    answer = ask(retail_context, NOVEMBER, by=["country"])
    (line,) = [line for line in said(answer) if line.startswith("By country")]
    places = [line.index(name) for name in ("United Kingdom", "Ireland", "Japan", "against it Netherlands", "all else")]
    assert places == sorted(places)
    (change,) = facts(answer, "net_sales_change")
    assert sum(amounts(line)) == pytest.approx(change, abs=3)


# --- what is said -----------------------------------------------------------------------------------------------------

RETAIL_CALLS: tuple[tuple[tuple[str, str], dict[str, Any]], ...] = (
    (NOVEMBER, {"compare": OCTOBER}),
    (OCTOBER, {}),
    (("2011-07-01", "2011-07-31"), {}),
    (NOVEMBER, {"compare": "year_ago", "only": {"country": "Germany"}}),
    (("2011-07-01", "2011-09-30"), {"only": {"country": "Germany"}}),
)


@pytest.mark.parametrize(("period", "args"), RETAIL_CALLS, ids=str)
def test_an_answer_is_short_and_its_lines_sum(
    period: tuple[str, str], args: dict[str, Any], retail_context: Context
) -> None:
    answer = ask(retail_context, period, **args)
    (change,) = facts(answer, "net_sales_change", **args.get("only", {}))
    found = said(answer)
    assert len(found) <= 6
    for line in found:
        if line.startswith(("Customers:", "What was sold:", "Orders", "Large movements cancel")):
            assert sum(amounts(line)) == pytest.approx(change, rel=0.011), line
    drivers = [line for line in found if line.startswith(("Standing out", "Against it"))]
    if drivers:
        assert sum(sum(amounts(line)) for line in drivers) == pytest.approx(change, rel=0.011)
        assert amounts(drivers[0])[0] * change > 0
    assert not any("other than above" in line or "without it" in line for line in found)


def test_an_occasion_is_not_blamed_for_a_season(retail_context: Context) -> None:
    for period, args in RETAIL_CALLS:
        assert "Halloween" not in text(ask(retail_context, period, **args))


def test_where_no_value_stands_out_orders_and_their_value_come_first(retail_context: Context) -> None:
    found = said(ask(retail_context, NOVEMBER, compare="year_ago", only={"country": "Germany"}))
    places = [n for n, line in enumerate(found) if line.startswith(("Orders", "Standing out"))]
    assert found[places[0]].startswith("Orders")


def test_a_value_in_a_sentence_is_the_value_of_the_table(retail_context: Context) -> None:
    """The United Kingdom is told with the product that the picture tells before it."""
    answer = ask(retail_context, OCTOBER, metric="return_rate")
    (line,) = [line for line in said(answer) if line.startswith("Standing out")]
    (contribution,) = facts(answer, "return_rate_contribution", country="United Kingdom")
    assert f"United Kingdom +{100 * contribution:.1f} pp" in line


def test_a_sunday_is_set_against_a_monday(retail_context: Context) -> None:
    answer = ask(retail_context, ("2011-12-05", "2011-12-05"), compare=("2011-12-04", "2011-12-04"))
    assert said(answer)[0].startswith("Calendar first: a Sunday brings about £25,801, a Monday £59,441")


def test_other_weekdays_are_said_as_such_and_not_as_a_day_more(retail_context: Context) -> None:
    first = said(ask(retail_context, OCTOBER))[0]
    assert "other weekdays (5 Saturdays against 4" in first
    assert "31 days" not in first


def test_a_shop_that_closes_at_five_has_a_whole_last_day(retail_context: Context) -> None:
    then = replace(retail_context, today=date(2011, 10, 31))
    assert "not whole" not in text(ask(then, OCTOBER))


def test_shares_are_left_out_where_movements_cancel(retail_context: Context) -> None:
    answer = ask(retail_context, ("2011-07-01", "2011-09-30"), only={"country": "Germany"})
    assert "cancel each other" in text(answer)
    assert answer.table is not None
    assert "share" not in {column.name for column in answer.table.columns}


@pytest.mark.xdist_group("whole_demo")
def test_days_out_of_stock_are_said_first(whole_demo: Context) -> None:
    answer = ask(whole_demo, ("2026-10-01", "2026-10-31"), metric="units", only={"product": "HOM-001"})
    assert re.match(r".*HOM-001.* was out of stock on \d of 31 days in October 2026", said(answer)[0])
    assert "Double 11" not in text(answer)
    driver = ask(whole_demo, ("2026-10-24", "2026-11-02"), metric="units", only={"category": "Home"})
    assert "HOM-001) was out of stock on 10 of 10 days" in said(driver)[0]
    then = replace(whole_demo, today=date(2026, 10, 20))
    assert "out of stock" not in text(
        ask(then, ("2026-10-01", "2026-10-31"), metric="units", only={"product": "HOM-001"})
    )


@pytest.mark.xdist_group("whole_demo")
def test_the_product_behind_a_price_effect_is_named(whole_demo: Context) -> None:
    answer = ask(whole_demo, ("2026-09-06", "2026-09-06"))
    assert re.search(r"The price effect is mostly that of .*KIT-002", text(answer))


@pytest.mark.xdist_group("whole_demo")
def test_a_promotion_is_told_as_a_plain_fact(whole_demo: Context) -> None:
    found = text(ask(whole_demo, ("2025-11-01", "2025-11-30")))
    assert re.search(
        r"Double 11.*: CN¥[\d,]+ a day against CN¥[\d,]+ on like weekdays. None of it in October 2025", found
    )


@pytest.mark.xdist_group("whole_demo")
def test_large_movements_that_cancel_are_told(whole_demo: Context) -> None:
    """A best-seller runs out while all else sells more."""
    answer = ask(whole_demo, ("2026-10-24", "2026-11-02"), metric="units", only={"category": "Home"})
    assert "cancel each other" in text(answer)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("metric", ["net_sales", "return_rate", "orders", "review_score", "roas", "stock_out_rate"])
def test_every_kind_of_figure_is_put_into_words(metric: str, language: str, demo_context: Context) -> None:
    answer = ask(demo_context, Q3, metric=metric)
    voice = Voice("zh" if language == "zh" else "en")
    call = ToolCall("drivers", {"metric": metric, "period": days(Q3)})
    assert render(Reply("answered", language, calls=(call,), answers=(answer,)), voice).parts
    assert answer.headline


def test_a_mean_that_has_no_parts_says_so(demo_context: Context) -> None:
    assert "parts that add up" in text(ask(demo_context, Q3, metric="review_score"))


def test_nothing_on_either_side_moves_nothing(retail_context: Context) -> None:
    answer = ask(retail_context, NOVEMBER, metric="returns", only={"country": "Lithuania"})
    assert "nothing moved" in text(answer)
    assert facts(answer, "returns_change", country="Lithuania") == [0]
    assert answer.chart is None


def test_a_ratio_without_a_denominator_has_no_change(retail_context: Context) -> None:
    answer = ask(retail_context, NOVEMBER, metric="aov", only={"country": "Lithuania"})
    assert "no figure in either period" in text(answer)


# --- what cannot be answered ------------------------------------------------------------------------------------------


def test_a_baseline_before_the_data_is_refused_with_what_works(retail_context: Context) -> None:
    with pytest.raises(NotEnoughData, match="the data covers") as refused:
        ask(retail_context, ("2009-12-01", "2009-12-31"))
    (option,) = refused.value.options
    assert option.call is not None
    assert option.call.tool == "drivers"
    assert run(discover(), retail_context, option.call, lambda *_: None).facts


def test_a_baseline_partly_before_the_data_is_said(retail_context: Context) -> None:
    answer = ask(retail_context, ("2010-01-01", "2010-01-31"), compare=("2009-11-15", "2009-12-15"))
    assert "The data begins on" in text(answer)


def test_periods_that_overlap_are_refused(retail_context: Context) -> None:
    with pytest.raises(InvalidArgument, match="overlap"):
        ask(retail_context, NOVEMBER, compare=("2011-10-15", "2011-11-15"))


@pytest.mark.parametrize("name", ["week", "segment", "traffic_channel"])
def test_dimensions_that_do_not_split_a_change_are_refused(name: str, retail_context: Context) -> None:
    with pytest.raises(InvalidArgument, match="cannot be split by"):
        ask(retail_context, NOVEMBER, by=[name])


def test_an_unknown_metric_names_the_nearest(retail_context: Context) -> None:
    with pytest.raises(InvalidArgument, match="net_sales"):
        ask(retail_context, NOVEMBER, metric="net_sale")


def test_an_unknown_value_names_the_nearest_and_asks_again(retail_context: Context) -> None:
    with pytest.raises(NotEnoughData, match="Germany") as refused:
        ask(retail_context, NOVEMBER, only={"country": "Germny"})
    assert all(option.call is not None and option.call.tool == "drivers" for option in refused.value.options)
