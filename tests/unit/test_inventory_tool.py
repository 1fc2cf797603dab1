"""The tool `inventory` on a store whose stock is known to the unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.unit.stock_store import HISTORY_DAYS, TODAY, Good, Store, context_of, daily, steady
from tools.answer import Answer, ToolCall
from tools.catalog.inventory import TOOL, InventoryArgs, run
from tools.errors import InvalidArgument, MissingTable, NotEnoughData
from tools.forecasting.forecasts import forecasts
from tools.registry import discover
from tools.runner import run as run_tool
from tools.semantic.query import Filter
from tools.stock.outlook import outlook
from tools.stock.position import stock
from tools.stock.sales import sales
from tools.tool import Context
from tools.warehouse.connection import Warehouse

HOSTILE = "=1+1\"; DROP TABLE inventory; --🫖'"
GOODS = [
    Good("tea", steady(10), daily(25), name="Green tea"),  # 2.5 days, and 10 until anything comes
    Good("pot", steady(4), daily(400), name="Pot", category="Kitchen", cost=None),
    Good("mug", steady(2), daily(14, 60) | {9: (14, 0), 8: (14, 0), 7: (14, 0)}, category="Kitchen"),
    Good(HOSTILE, steady(1), daily(100), name="<b>*_tea"),
    Good("old", steady(1, 20) + [0] * 100, daily(300), cost=5.0),
    Good("new", [0] * 120, dict.fromkeys(range(5), (50, 0))),
    Good("odd", steady(3), daily(-4), lead=None, cost=None, price=None),
    Good("rare", steady(2), {30: (90, 0)}),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    warehouse = Store(GOODS).make(tmp_path_factory.mktemp("stock") / "warehouse.duckdb")
    yield warehouse
    warehouse.close()


@pytest.fixture
def context(store: Warehouse) -> Context:
    return context_of(store)


def ask(context: Context, **args: Any) -> Answer:
    return run(context, InventoryArgs.model_validate(args))


def only(*products: str) -> dict[str, Any]:
    return {"filters": ({"dimension": "product", "values": products},)}


def fact(answer: Answer, name: str, **where: str) -> Any:
    return next(f.value for f in answer.facts if f.name == name and dict(f.where) == where)


def column(answer: Answer, name: str, *, whole: bool = True) -> dict[str, Any]:
    """A column's cells by product."""
    table = (answer.whole if whole else None) or answer.table
    assert table is not None
    at = [c.name for c in table.columns].index(name)
    return {str(row[0]): row[at] for row in table.rows}


def said(answer: Answer) -> str:
    return " ".join(str(m) for m in (answer.headline, *answer.lines, *answer.caveats))


# --- cover and risk ---------------------------------------------------------------------------------------------------


def test_stock_that_sells_evenly_lasts_as_long_as_by_hand(context: Context) -> None:
    cover = column(ask(context, show="cover"), "days_of_cover")
    assert cover["tea"] == pytest.approx(2.5, abs=0.3)
    assert cover["pot"] == pytest.approx(100, rel=0.05)
    assert cover["mug"] == pytest.approx(7, rel=0.1)
    assert cover[HOSTILE] == pytest.approx(100, rel=0.05)


def test_the_worrying_end_comes_first(context: Context) -> None:
    answer = ask(context, show="cover")
    assert list(column(answer, "days_of_cover"))[:2] == ["odd", "tea"]
    assert list(column(ask(context, show="cover", order="highest"), "days_of_cover"))[-1] == "odd"
    assert fact(answer, "units_in_stock") == 25 + 400 + 14 + 100 + 300 + 90


def test_what_runs_out_before_new_stock_comes_is_at_risk(context: Context) -> None:
    answer = ask(context)
    risk = column(answer, "stock_out_risk")
    assert risk["tea"] == pytest.approx(0.99)
    assert risk["pot"] == 0.01
    # Sixty mugs were seen being ordered six days ago: they are due in four, when six of fourteen are left.
    assert risk["mug"] < 0.3
    assert fact(answer, "products_at_risk") == sum(
        fact(ask(context, **only(p)), "products_at_risk", product=p) for p in risk
    )
    assert column(answer, "runs_out_on")["tea"] == TODAY + timedelta(days=3)
    assert column(answer, "new_stock_on")["mug"] == TODAY + timedelta(days=4)


def test_cover_and_risk_tell_the_same_dates_and_what_they_count(context: Context) -> None:
    cover, risk = ask(context, show="cover"), ask(context)
    for name, header in (("on_hand_until", "On hand until"), ("runs_out_on", "With orders until")):
        assert column(cover, name) == column(risk, name)
        for answer in (cover, risk):
            assert answer.table is not None
            assert [str(c.label) for c in answer.table.columns if c.name == name] == [header]
    assert column(risk, "on_hand_until")["mug"] < column(risk, "runs_out_on")["mug"] - timedelta(days=20)
    assert column(risk, "on_hand_until")["tea"] == column(risk, "runs_out_on")["tea"]


@pytest.mark.parametrize("show", ["cover", "risk"])
def test_of_one_product_both_dates_are_told_in_words(context: Context, show: str) -> None:
    whole = ask(context, show="cover")
    alone, together = (column(whole, name)["mug"] for name in ("on_hand_until", "runs_out_on"))
    text = said(ask(context, show=show, **only("mug")))
    assert f"{alone}, orders on the way not counted" in text
    assert f"With the deliveries due before then it lasts until {together}" in text
    assert "No delivery is due before then" in said(ask(context, show=show, **only("tea")))


def test_lists_say_in_words_what_their_dates_count(context: Context) -> None:
    kitchen = {"filters": ({"dimension": "category", "values": ("Kitchen",)},)}
    assert "orders on the way not counted; the shortest, mug" in said(ask(context, show="cover", **kitchen))
    only_tea = {"filters": ({"dimension": "product", "values": ("tea", "pot")},)}
    assert "orders on the way counted" in said(ask(context, **only_tea))


def test_chances_are_whole_per_cents_and_never_none_at_all(context: Context) -> None:
    answer = ask(context)
    chances = [*column(answer, "stock_out_risk").values(), *column(ask(context, show="reorder"), "late_risk").values()]
    assert all(0.01 <= chance <= 0.99 and chance == round(chance, 2) for chance in chances)
    assert str(ask(context, **only("pot")).headline).endswith("is below 0.01.")


def test_beyond_a_year_no_days_are_told(tmp_path: Path) -> None:
    goods = [Good("ample", steady(1), daily(2000)), Good("tea", steady(10), daily(25))]
    warehouse = Store(goods).make(tmp_path / "ample.duckdb")
    context = context_of(warehouse)
    answer = ask(context, show="cover")
    assert column(answer, "days_of_cover")["ample"] is None
    assert str(column(answer, "on_hand_until")["ample"]) == "> 1 year"
    assert "last for more than a year" in said(ask(context, show="cover", **only("ample")))
    warehouse.close()


def test_the_most_worrying_are_likely_and_soon_and_dear(tmp_path: Path) -> None:
    """All but the last are almost sure; of those that are out on one day the dearest comes first."""
    goods = [
        Good("cheap", steady(10), daily(25), price=1.0),
        Good("dear", steady(10), daily(25), price=100.0),
        Good("later", steady(10), daily(60), price=999.0),
        Good("ample", steady(10), daily(900), price=999.0),
    ]
    warehouse = Store(goods).make(tmp_path / "worries.duckdb")
    answer = ask(context_of(warehouse))
    assert list(column(answer, "stock_out_risk")) == ["dear", "cheap", "later", "ample"]
    assert "most urgent: dear" in said(answer)
    assert next(iter(column(ask(context_of(warehouse), order="lowest"), "stock_out_risk"))) == "ample"
    warehouse.close()


def test_a_longer_lead_time_is_a_greater_risk(context: Context) -> None:
    short, long = (column(ask(context, lead_time_days=days), "stock_out_risk") for days in (1, 60))
    assert short["tea"] < 0.05
    assert all(long[p] >= short[p] for p in short)
    assert long[HOSTILE] < long["tea"]


def test_a_service_level_says_which_risk_counts(context: Context) -> None:
    counts = [fact(ask(context, service_level=level), "products_at_risk") for level in (0.6, 0.95, 0.999)]
    assert counts == sorted(counts)


# --- reorders ---------------------------------------------------------------------------------------------------------


def test_what_is_ordered_fills_up_to_the_service_level(context: Context) -> None:
    answer = ask(context, show="reorder")
    order = column(answer, "reorder_quantity")
    up_to, on_hand, on_order = (column(answer, name) for name in ("order_up_to", "on_hand", "on_order"))
    assert order["tea"] == up_to["tea"] - 25
    assert up_to["tea"] > 10 * (10 + 7)
    assert all(order[p] == max(up_to[p] - on_hand[p] - on_order[p], 0) for p in order if p != "rare")
    assert "pot" not in order
    assert fact(answer, "reorder_quantity") == sum(order.values())
    assert next(iter(order)) in ("tea", "odd")


def test_a_higher_service_level_orders_more(context: Context) -> None:
    low, high = (fact(ask(context, show="reorder", service_level=level), "reorder_quantity") for level in (0.8, 0.99))
    assert high > low


def test_orders_are_valued_at_cost_and_say_where_not(context: Context) -> None:
    answer = ask(context, show="reorder")
    order, cost = column(answer, "reorder_quantity"), column(answer, "cost")
    assert cost["tea"] == pytest.approx(order["tea"] * 4)
    assert cost["odd"] is None
    assert "neither a cost nor a price" in said(answer)


# --- slow movers, turnover, classes -----------------------------------------------------------------------------------


def test_slow_movers_are_what_lasts_for_half_a_year(context: Context) -> None:
    answer = ask(context, show="slow")
    assert column(answer, "stock_value") == {"old": 1500.0}
    assert column(answer, "months_of_stock") == {"old": None}
    assert fact(answer, "stock_value", stock="slow") == 1500
    assert fact(answer, "products_without_sales") == 1
    assert "1 product came less than" in said(answer).replace("{count}", "1")


def test_the_money_in_all_stock_is_told_beside_that_in_slow_movers(context: Context) -> None:
    answer = ask(context, show="slow")
    at_cost, at_price = 25 * 4 + 14 * 4 + 100 * 4 + 300 * 5 + 50 * 4 + 90 * 4, 400 * 10
    assert fact(answer, "stock_value") == at_cost + at_price
    assert f"of the {at_cost + at_price:.1f} in all stock" in said(answer)
    one = ask(context, show="slow", **only("tea"))
    assert "its stock is worth 100.0" in said(one)
    none = ask(context, show="slow", **only("tea", "pot"))
    assert "all stock is worth 4100.0" in said(none)


def test_turnover_is_the_catalogs_metric(context: Context) -> None:
    answer = ask(context, show="turnover")
    period = next(f.period for f in answer.facts if f.name == "inventory_turnover")
    assert period is not None
    args = {"metrics": ["inventory_turnover"], "period": {"start": period.start, "end": period.end}}
    metrics = discover().get_tool("metrics")
    alone = metrics.run(context, metrics.args.model_validate(args))
    by = metrics.run(context, metrics.args.model_validate({**args, "by": ["category"]}))
    assert fact(answer, "inventory_turnover") == fact(alone, "inventory_turnover")
    for name in ("Drinks", "Kitchen"):
        assert fact(answer, "inventory_turnover", category=name) == fact(by, "inventory_turnover", category=name)
    assert "cover {days} only" in " ".join(m.text for m in answer.caveats)


def test_turnover_of_a_category_goes_by_product(context: Context) -> None:
    answer = ask(context, show="turnover", filters=({"dimension": "category", "values": ("Kitchen",)},))
    turns = column(answer, "inventory_turnover")
    assert list(turns) == ["pot", "mug"]
    assert turns["pot"] == pytest.approx(4 * HISTORY_DAYS / 400)


def test_classes_are_a_place_among_all_products(context: Context) -> None:
    whole, one = ask(context, show="classes"), ask(context, show="classes", **only("pot"))
    letters = column(whole, "abc")
    assert letters["tea"] == "A"
    assert letters["old"] == "C"
    assert column(one, "abc", whole=False)["pot"] == letters["pot"]
    assert column(whole, "xyz")["tea"] == "X"
    nine = [fact(whole, "products", abc=a, xyz=x) for a in "ABC" for x in "XYZ"]
    unknown = sum(cell is None for cell in column(whole, "xyz").values())
    assert sum(nine) + unknown == fact(whole, "products") == len(GOODS)
    assert whole.chart is not None
    assert whole.chart.kind == "heatmap"


# --- what is said -----------------------------------------------------------------------------------------------------


def test_doubtful_counts_are_said(context: Context) -> None:
    texts = {m.text for m in ask(context).caveats}
    assert any("last counted more than" in text for text in texts)
    assert any("stock below zero" in text for text in texts)
    assert any("no lead time of its own" in text for text in texts)
    assert any("too new to judge" in text for text in texts)
    assert any("since its last count" in text for text in texts)
    assert column(ask(context), "on_hand")["odd"] == 0


def test_what_was_sold_since_an_old_count_is_taken_off(context: Context) -> None:
    """Ninety were counted thirty days ago and two sold a day since: thirty are left, for fifteen days."""
    answer = ask(context, show="cover", **only("rare"))
    assert fact(answer, "days_of_cover", product="rare") == pytest.approx(15, rel=0.1)
    assert any("Stock was last counted on" in m.text for m in answer.caveats)


def test_a_product_too_new_is_refused_by_name(context: Context) -> None:
    with pytest.raises(NotEnoughData, match="too new to judge"):
        ask(context, **only("new"))


def test_hostile_ids_are_just_ids(context: Context) -> None:
    for show in ("risk", "cover", "reorder", "slow", "turnover", "classes"):
        answer = ask(context, show=show, **only(HOSTILE))
        assert all(f.where.get("product", HOSTILE) == HOSTILE for f in answer.facts)
        assert HOSTILE in str(answer.headline) or show == "turnover"


def test_filters_that_stock_does_not_know_are_refused(context: Context) -> None:
    with pytest.raises(InvalidArgument, match="category, brand") as refused:
        ask(context, filters=(Filter(dimension="country", values=("Germany",)),))
    assert refused.value.options
    with pytest.raises(NotEnoughData, match="Nearest") as unknown:
        ask(context, filters=(Filter(dimension="category", values=("Drink",)),))
    assert unknown.value.options[0].call == ToolCall(
        "inventory", {"filters": [{"dimension": "category", "op": "in", "values": ["Drinks"]}]}
    )


@pytest.mark.parametrize("show", ["risk", "cover", "reorder", "slow", "turnover", "classes"])
def test_follow_ups_are_calls_that_can_be_made(context: Context, show: str) -> None:
    answer = ask(context, show=show)
    tools = discover()
    assert 2 <= len(answer.follow_ups) <= 4
    for offer in answer.follow_ups:
        assert offer.call is not None
        args = tools.get_tool(offer.call.tool).args.model_validate(offer.call.args)
        if offer.call.tool == "inventory":
            assert run(context, args).headline


@pytest.mark.parametrize("show", ["risk", "cover", "reorder", "slow", "turnover", "classes"])
def test_every_show_is_a_phones(context: Context, show: str) -> None:
    answer = ask(context, show=show, top=3)
    assert answer.table is not None
    assert len(answer.lines) <= 4
    assert sum(not c.spare for c in answer.table.columns) <= 6
    assert len(answer.table.rows) <= 3
    if answer.whole is not None:
        assert answer.whole.columns == answer.table.columns
        assert answer.whole.rows[:3] == answer.table.rows
        assert len(answer.whole.rows) == answer.table.total_rows


def test_without_stock_counts_the_table_is_asked_for(tmp_path: Path) -> None:
    warehouse = Store(GOODS[:2], counted=False).make(tmp_path / "uncounted.duckdb")
    with pytest.raises(MissingTable, match="inventory"):
        run_tool(discover(), context_of(warehouse), ToolCall("inventory", {}), lambda *_: None)
    warehouse.close()


def test_nothing_is_judged_before_there_is_anything(context: Context) -> None:
    with pytest.raises(NotEnoughData):
        ask(replace(context, today=TODAY - timedelta(days=5000)))


def test_the_future_changes_nothing(store: Warehouse, tmp_path: Path) -> None:
    """A wild future: sales a hundred times as high, shelves empty, other lead times."""
    later = [
        replace(good, sold=[1000] * 40, counts=dict.fromkeys(range(1, 41), (0, 9999)), lead=99)
        for good in GOODS
        if good.product != "new"
    ]
    wild = Store(GOODS, later=later).make(tmp_path / "wild.duckdb")
    for show in ("risk", "cover", "reorder", "slow", "turnover", "classes"):
        ours, theirs = (ask(context_of(w), show=show) for w in (store, wild))
        assert ours.facts == theirs.facts
        assert ours.table == theirs.table
        assert ours.headline == theirs.headline
    wild.close()


def test_categories_share_the_stores_days_by_their_weeks(tmp_path: Path) -> None:
    """One of two categories grows week by week; what they sell ahead is what the store sells, and it gains on it."""
    grows = [4 + day // 10 for day in range(HISTORY_DAYS)]
    goods = [
        Good("tea", grows, daily(500), category="Drinks"),
        Good("mug", steady(10), daily(500), category="Kitchen"),
    ]
    warehouse = Store(goods).make(tmp_path / "weeks.duckdb")
    context = context_of(warehouse)
    counted = stock(context)
    sold = sales(context, counted)
    assert sold is not None
    found = outlook(context, sold, 28)
    store = forecasts(context, "units", grain="day", steps=28)
    assert found.forecast
    assert found.daily.sum(axis=0) == pytest.approx(store.total.mean)
    drinks, kitchen = (found.daily[sold.groups.index(name)].sum() for name in ("Drinks", "Kitchen"))
    assert drinks / kitchen > sum(grows[-56:]) / 560
    warehouse.close()


def test_a_history_too_short_for_a_forecast_says_so(tmp_path: Path) -> None:
    young = [Good("tea", steady(10, 20), daily(60, days=20)), Good("mug", steady(3, 20), daily(90, days=20))]
    warehouse = Store(young).make(tmp_path / "young.duckdb")
    answer = ask(context_of(warehouse), show="cover")
    cover = column(answer, "days_of_cover")
    assert cover["tea"] == pytest.approx(6, rel=0.1)
    assert cover["mug"] == pytest.approx(30, rel=0.1)
    warehouse.close()


def test_examples_ask_for_what_they_show() -> None:
    for example in TOOL.examples:
        InventoryArgs.model_validate(example.args)
