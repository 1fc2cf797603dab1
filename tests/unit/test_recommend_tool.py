"""What the tool `recommend` offers, to whom, and what it says beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.rendering.reply import render
from bot.rendering.voice import Voice
from bot.reply import Reply
from tests.conftest import FITTED_ONCE
from tests.unit.basket_store import TODAY, Basket, Shop, two_tastes
from tools.answer import Answer, ToolCall
from tools.catalog.recommend import TOOL
from tools.customers.offers.recommending import for_customer, learned, offers_for
from tools.errors import AssistantError, InvalidArgument, NotEnoughData
from tools.registry import Registry
from tools.runner import run
from tools.tool import Context

pytestmark = FITTED_ONCE
TASTES = tuple(two_tastes())


def asked(context: Context, **args: Any) -> Answer:
    return run(Registry((TOOL,)), context, ToolCall("recommend", args), lambda *_: None)


def products(answer: Answer) -> list[str]:
    assert answer.table is not None
    return [str(row[0]) for row in answer.table.rows]


def shown(answer: Answer, language: str = "en") -> str:
    parts = render(Reply("answered", language, answers=(answer,)), Voice("zh" if language == "zh" else "en"),
                   charts=False).parts  # fmt: skip
    return "\n".join(getattr(part, "html", "") for part in parts)


@pytest.fixture
def tastes(tmp_path: Path) -> Context:
    return Shop(TASTES).context(tmp_path)


def test_the_one_product_of_their_kind_that_they_lack_comes_first(tastes: Context) -> None:
    for number in (0, 1, 6, 13):
        kind = "tea" if number % 2 else "tool"
        first = for_customer(tastes, f"c{number:03}", 3)[0]
        assert first.product_id == f"{kind}{number // 2 % 6}"
        assert f"customers of Name of {kind}" in str(first.reason)


def test_what_they_bought_is_offered_only_when_asked_for(tastes: Context) -> None:
    only_new = asked(tastes, customer="c001", top=10)
    assert products(only_new) == ["tea0"]
    assert "has not bought yet" in shown(only_new)
    assert only_new.table is not None
    assert "customers of Name of tea" in str(only_new.table.rows[0][-1])
    with_rebuys = asked(tastes, customer="c001", top=10, rebuys=True)
    assert {"tea1", "tea2", "tea3", "tea4", "tea5"} <= set(products(with_rebuys))
    assert "bought before, last in June 2024" in shown(with_rebuys)


def test_what_is_out_of_stock_is_left_out_and_said(tmp_path: Path) -> None:
    context = Shop(TASTES, stock={"tea0": 0, "tea1": 4}).context(tmp_path)
    with pytest.raises(NotEnoughData, match="nothing that is sold and in stock"):
        asked(context, customer="c001")
    answer = asked(context, customer="c001", rebuys=True)
    assert "tea0" not in products(answer)
    assert any("out of stock" in str(caveat) for caveat in answer.caveats)
    assert answer.table is not None
    assert dict(zip(products(answer), (row[3] for row in answer.table.rows), strict=True))["tea1"] == 4


def test_a_product_that_nobody_buys_any_more_is_never_offered(tmp_path: Path) -> None:
    old = tuple(Basket(f"c{n:03}", ("tea1", "old tea"), days_ago=100) for n in range(1, 60, 4))
    context = Shop((*TASTES, *old)).context(tmp_path)
    answer = asked(context, customer="c003", top=100)
    assert "old tea" not in products(answer)
    assert any("nobody bought for 90 days" in str(caveat) for caveat in answer.caveats)


def test_a_customer_without_orders_gets_what_is_popular_where_they_live(tmp_path: Path) -> None:
    french = tuple(Basket(f"f{n:03}", ("wine", "tea1")[: 1 + n % 2]) for n in range(70))
    known = {f"f{n:03}": ("France", "male" if n < 10 else "female") for n in range(70)}
    new = {"new fr": ("France", "female"), "new m": ("France", "male"), "new at": ("Austria", "female")}
    context = Shop((*TASTES, *french), customers={**known, **new}).context(tmp_path)
    same = asked(context, customer="new fr", top=1)
    assert products(same) == ["wine"]
    assert "same gender buy in France" in shown(same)
    assert "bought by 60 such customers in the last 90 days" in shown(same)
    country = asked(context, customer="new m", top=1)  # only ten men: too few to speak for the others
    assert "popular in France: bought by 70 customers there" in shown(country)
    everybody = asked(context, customer="new at", top=1)
    assert "popular with everybody" in shown(everybody)


def test_one_order_is_enough_for_the_model(tmp_path: Path) -> None:
    context = Shop((*TASTES, Basket("one", ("tea2",)))).context(tmp_path)
    assert {one.product_id[:3] for one in for_customer(context, "one", 3)} == {"tea"}


def test_diversity_gives_up_relevance_for_categories_and_says_so(demo_context: Context) -> None:
    customers = learned(demo_context).purchases.customers[:400:40]
    spread = {0.0: 0, 0.3: 0, 0.8: 0}
    kept = dict.fromkeys(spread, 0.0)
    for customer in customers:
        for diversity in spread:
            offers = offers_for(demo_context, customer, 8, diversity)
            spread[diversity] += offers.variety.categories or 0
            kept[diversity] += offers.variety.kept
    assert spread[0.0] < spread[0.3] <= spread[0.8]
    assert kept[0.0] == len(customers) > kept[0.3] >= kept[0.8]
    answer = asked(demo_context, customer=customers[0], diversity=0.8)
    assert "Mixed on purpose" in shown(answer)
    assert "Mixed on purpose" not in shown(asked(demo_context, customer=customers[0], diversity=0))


def test_the_model_beats_popularity_on_baskets_it_has_not_seen(retail_context: Context) -> None:
    backtest = learned(retail_context).backtest
    assert backtest.model is not None
    assert backtest.popular is not None
    assert backtest.model.ndcg > 1.5 * backtest.popular.ndcg
    assert backtest.model.hit_rate > 1.2 * backtest.popular.hit_rate
    assert backtest.with_rebuys is not None
    assert backtest.again is not None
    assert backtest.with_rebuys.ndcg > backtest.again.ndcg
    answer = asked(retail_context, customer=learned(retail_context).purchases.customers[0])
    rates = {fact.where["by"]: fact.value for fact in answer.facts if fact.name == "hit_rate"}
    assert rates == {"model": backtest.model.hit_rate, "popularity": backtest.popular.hit_rate}
    assert any("Backtest" in str(message) for message in answer.provenance.definition)


def test_a_segment_is_offered_what_it_buys_more_than_others(tastes: Context) -> None:
    rule = {"measure": "orders", "op": ">=", "value": 1,
            "where": [{"dimension": "product", "values": ["tea1"]}]}  # fmt: skip
    answer = asked(tastes, rule=rule, top=4, diversity=0)
    assert {product[:3] for product in products(answer)} == {"tea"}
    lifts = {fact.where["product"]: fact.value for fact in answer.facts if fact.name == "lift"}
    assert all(lift == pytest.approx(0.8 / (25 / 60)) for lift in lifts.values())
    assert next(fact.value for fact in answer.facts if fact.name == "customers") == 25
    assert answer.chart is not None
    with pytest.raises(AssistantError):
        asked(tastes, rule={"measure": "orders", "op": ">", "value": 10_000})


def test_what_goes_with_a_product_has_its_figures_as_facts(demo_context: Context) -> None:
    answer = asked(demo_context, product="KIT-004", top=3)
    where = {"product": "KIT-004", "with": "FOO-004"}
    facts = {fact.name: fact.value for fact in answer.facts if fact.where == where}
    assert products(answer)[0] == "FOO-004"
    assert facts["lift"] > 5
    assert 0 < facts["support"] < facts["confidence"] < 1
    assert answer.chart is not None


@pytest.mark.parametrize("args", [{"product": "KIT-004"}, {}])
def test_pairs_stand_in_the_order_of_what_is_shown(demo_context: Context, args: dict[str, str]) -> None:
    answer = asked(demo_context, **args)
    assert answer.table is not None
    place = [column.name for column in answer.table.columns].index("lift_low")
    shown = [row[place] for row in answer.table.rows]
    assert shown == sorted(shown, reverse=True)
    assert answer.headline.values["low"].value == shown[0]  # type: ignore[union-attr]
    if answer.chart is not None:
        assert answer.chart.y == ("lift_low",)


def test_nothing_later_than_today_is_seen(tmp_path: Path) -> None:
    """Asked as of a day, the store that goes on and the one that ends there answer alike."""
    day = TODAY - timedelta(days=14)
    (tmp_path / "whole").mkdir()
    (tmp_path / "cut").mkdir()
    whole = Shop(TASTES).context(tmp_path / "whole", day)
    cut = Shop(tuple(basket for basket in TASTES if basket.days_ago >= 14)).context(tmp_path / "cut", day)
    for customer in ("c001", "c004"):
        assert for_customer(whole, customer, 5) == for_customer(cut, customer, 5)
    assert learned(whole).backtest == learned(cut).backtest


def test_it_answers_alike_every_time(demo_path: Path, demo_context: Context) -> None:
    from tools.warehouse.connection import Warehouse

    fresh = Warehouse.at(demo_path)
    try:
        again = replace(demo_context, warehouse=fresh)
        for customer in learned(demo_context).purchases.customers[:300:60]:
            one, other = for_customer(demo_context, customer, 10), for_customer(again, customer, 10)
            assert [offer.product_id for offer in one] == [offer.product_id for offer in other]
    finally:
        fresh.close()


def test_what_is_not_known_or_too_little_is_said(tastes: Context) -> None:
    with pytest.raises(InvalidArgument, match="Nearest: c00"):
        asked(tastes, customer="c0001")
    with pytest.raises(InvalidArgument, match="no customer"):
        asked(tastes, customer="'; DROP TABLE order_lines; --")
    with pytest.raises(InvalidArgument, match="Nearest: Name of tea0"):
        asked(tastes, product="tea")
    with pytest.raises(InvalidArgument, match="not several"):
        asked(tastes, product="tea1", customer="c001")
    with pytest.raises(InvalidArgument, match="name the customer"):
        asked(tastes, rebuys=True)
    with pytest.raises(AssistantError, match="nothing to recommend"):
        asked(replace(tastes, today=date(2030, 1, 1)), customer="c001")


@pytest.mark.parametrize("baskets", [1, 3], ids=["one basket", "three baskets"])
def test_a_store_with_hardly_any_baskets_does_not_break(tmp_path: Path, baskets: int) -> None:
    context = Shop((Basket("a", ("x", "y")),) * baskets).context(tmp_path)
    with pytest.raises(NotEnoughData):
        asked(context)
    with pytest.raises(NotEnoughData):
        asked(context, product="x")
    with pytest.raises(NotEnoughData):
        asked(context, customer="a")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_names_are_data_in_both_languages(tmp_path: Path, language: str) -> None:
    hostile = tuple(replace(basket, products=tuple(f"<b>{p}&'" for p in basket.products)) for basket in TASTES)
    context = Shop(hostile).context(tmp_path)
    text = shown(asked(context, customer="c001"), language)
    assert "&lt;b&gt;tea0&amp;" in text


def test_every_example_is_of_the_tool() -> None:
    for example in TOOL.examples:
        TOOL.args.model_validate(example.args)
