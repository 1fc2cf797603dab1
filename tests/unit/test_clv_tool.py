"""The tool `clv`: its figures add up, nothing later is seen, and histories that carry no model are refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.rendering.reply import plain_text, render
from bot.rendering.voice import Voice
from bot.reply import Reply
from tests.unit.purchases import Person, Purchase, make_store
from tools.answer import Answer, ToolCall
from tools.catalog.clv import TOOL
from tools.customers.value import Purchases, backtest, lifetime_values
from tools.errors import InvalidArgument, NotEnoughData
from tools.messages import Quantity
from tools.registry import Registry
from tools.runner import MASK, run
from tools.semantic.catalog import Catalog
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse

TODAY = date(2026, 6, 30)
ODD_IDS = ("o'neil", "=cmd|' /C calc'!A0", '"quoted"', "客户🍵", "robert'); DROP TABLE order_lines;--")


def made_up(customers: int = 240, seed: int = 3) -> list[Purchase]:
    """Two years of customers who come and leave as the model says; some with ids that no query should trip over."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(customers):
        name = ODD_IDS[number] if number < len(ODD_IDS) else f"c{number:04d}"
        day = TODAY - timedelta(days=int(rng.integers(60, 730)))
        rate, leaving, mean = rng.gamma(0.9, 1 / 40), rng.beta(0.8, 3.0), 2000 / rng.gamma(4.0, 20)
        country = "France" if number % 4 == 0 else "Germany"
        while day <= TODAY:
            found.append(Purchase(name, day, round(float(rng.gamma(4.0, mean / 4)), 2) + 0.01, country=country))
            if rng.random() < leaving:
                break
            day += timedelta(days=1 + int(min(rng.exponential(1 / rate), 5000)))
    return found


@pytest.fixture(scope="module")
def lines() -> list[Purchase]:
    everything = made_up()
    everything += [
        # Bought and sent back whole; sent back more than bought; only ever sent back.
        *(Purchase("even", TODAY - timedelta(days=90), 40.0, kind) for kind in ("sold", "returned")),
        Purchase("minus", TODAY - timedelta(days=200), 10.0),
        Purchase("minus", TODAY - timedelta(days=190), 400.0, "returned"),
        Purchase("never", TODAY - timedelta(days=50), 30.0, "returned"),
    ]
    return everything


@pytest.fixture(scope="module")
def store(lines: list[Purchase], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    people = [Person("c0010", channel="email"), Person("c0011", channel="search"), Person("=cmd|' /C calc'!A0")]
    warehouse = make_store(tmp_path_factory.mktemp("clv") / "warehouse.duckdb", lines, people)
    yield warehouse
    warehouse.close()


@pytest.fixture(scope="module")
def context(store: Warehouse) -> Context:
    return Context(store, Catalog.load(), TODAY, User("1", "admin"))


def ask(context: Context, **args: Any) -> Answer:
    answer = run(Registry((TOOL,)), context, ToolCall("clv", args), lambda *_: None)
    for language in ("en", "zh"):
        assert render(Reply("answered", language, answers=(answer,)), Voice(language), charts=False).parts  # type: ignore[arg-type]
    return answer


def value_of(answer: Answer, name: str, **where: str) -> float:
    (value,) = (fact.value for fact in answer.facts if fact.name == name and dict(fact.where) == where)
    assert value is not None
    return float(value)


def test_the_list_ranks_by_value_and_the_total_is_the_sum(context: Context) -> None:
    answer = ask(context, top=1000)
    assert answer.table is not None
    values = [row[1] for row in answer.table.rows]
    assert values == sorted(values, reverse=True)  # type: ignore[type-var]
    assert answer.table.total_rows == len(answer.table.rows) == value_of(answer, "customers")
    assert value_of(answer, "clv") == pytest.approx(sum(values), abs=0.01 * len(values))  # type: ignore[arg-type]
    assert value_of(answer, "clv_low") < value_of(answer, "clv") < value_of(answer, "clv_high")
    for _id, value, low, high, alive, expected, *_rest in answer.table.rows:
        assert 0 <= low <= high  # type: ignore[operator]
        assert value >= 0  # type: ignore[operator]
        assert alive is None or 0 <= alive <= 1  # type: ignore[operator]
        assert expected >= 0  # type: ignore[operator]


def test_lowest_is_the_other_end(context: Context) -> None:
    highest, lowest = ask(context, top=1000), ask(context, top=3, order="lowest")
    assert highest.table is not None
    assert lowest.table is not None
    assert lowest.table.rows == highest.table.rows[-1:-4:-1]


def test_tenths_hold_everybody_and_everything(context: Context) -> None:
    answer = ask(context, show="distribution")
    assert answer.table is not None
    assert answer.chart is not None
    assert sum(row[1] for row in answer.table.rows) == value_of(answer, "customers")  # type: ignore[misc]
    assert sum(row[2] for row in answer.table.rows) == pytest.approx(value_of(answer, "clv"))  # type: ignore[misc]
    assert sum(row[3] for row in answer.table.rows) == pytest.approx(1)  # type: ignore[misc]
    half = int(value_of(answer, "clv_half"))
    values = sorted((row[1] for row in ask(context, top=1000).table.rows), reverse=True)  # type: ignore[union-attr, type-var]
    assert sum(values[: half - 1]) < sum(values) / 2 < sum(values[:half]) + 0.01 * len(values)  # type: ignore[arg-type]


@pytest.mark.parametrize("by", ["lifecycle", "rfm", "tier"])
def test_groups_add_up_to_the_total(context: Context, by: str) -> None:
    answer = ask(context, by=by)
    assert answer.table is not None
    assert sum(row[1] for row in answer.table.rows) == value_of(answer, "customers")  # type: ignore[misc]
    assert sum(row[3] for row in answer.table.rows) == pytest.approx(value_of(answer, "clv"))  # type: ignore[misc]


def test_customers_without_the_attribute_are_a_group_without_a_name(context: Context) -> None:
    answer = ask(context, by="acquisition_channel")
    assert answer.table is not None
    assert {row[0] for row in answer.table.rows} == {"email", "search", None}
    assert sum(row[3] for row in answer.table.rows) == pytest.approx(value_of(answer, "clv"))  # type: ignore[misc]
    with pytest.raises(NotEnoughData, match="gender"):
        ask(context, by="gender")


def test_one_customer_is_worth_what_the_list_says(context: Context) -> None:
    listed = ask(context, top=1000)
    assert listed.table is not None
    for customer in ("c0042", *ODD_IDS):
        row = next(row for row in listed.table.rows if row[0] == customer)
        answer = ask(context, customer=customer)
        assert answer.subjects == (customer,)
        assert value_of(answer, "clv", customer=customer) == pytest.approx(row[1], abs=0.006)
        assert value_of(answer, "rank", customer=customer) == listed.table.rows.index(row) + 1


def test_who_sent_back_at_least_what_they_bought_counts_for_little(context: Context) -> None:
    values = lifetime_values(context)
    for customer in ("even", "minus"):
        found = values.of(customer)
        assert found is not None
        assert found.value >= 0
        assert found.order_value < values.models.spend.mean
    assert values.of("never") is None
    assert values.of("nobody") is None
    assert any("sent back" in str(caveat) for caveat in ask(context).caveats)
    with pytest.raises(NotEnoughData, match="no orders"):
        ask(context, customer="never")


def test_an_unknown_customer_gets_the_nearest(context: Context) -> None:
    with pytest.raises(InvalidArgument, match="c0042"):
        ask(context, customer="c00422")
    assert ask(context, customer=" C0042 ").subjects == ("c0042",)


def test_a_rule_limits_all_figures(context: Context) -> None:
    rule = {"measure": "net_sales", "op": ">", "value": 300.0}
    few, everybody = ask(context, rule=rule, top=1000), ask(context, top=1000)
    assert few.table is not None
    assert everybody.table is not None
    kept = {row[0] for row in everybody.table.rows if row[7] > 300}  # type: ignore[operator]
    assert {row[0] for row in few.table.rows} == kept
    assert value_of(few, "customers") == len(kept) > 10
    nobody = ask(context, rule={"measure": "net_sales", "op": ">", "value": 1e9})
    assert value_of(nobody, "customers") == 0


def test_a_longer_horizon_is_worth_more_and_a_discount_takes_off(context: Context) -> None:
    by_days = [value_of(ask(context, horizon_days=days), "clv") for days in (30, 180, 365, 1825)]
    assert by_days == sorted(by_days)
    plain, dear = (value_of(ask(context, discount_rate=rate), "clv") for rate in (0.0, 1.0))
    assert plain / 2 < dear < value_of(ask(context), "clv") < plain
    values = lifetime_values(context, 365, 0.0)
    assert values.value == pytest.approx(values.expected_orders * values.models.order_value)


def test_the_same_question_has_the_same_answer(lines: list[Purchase], context: Context, tmp_path: Path) -> None:
    shuffled = [lines[i] for i in np.random.default_rng(0).permutation(len(lines))]
    other = make_store(tmp_path / "again.duckdb", shuffled)
    again = lifetime_values(replace(context, warehouse=other))
    first = lifetime_values(context)
    assert again.ids == first.ids
    assert again.value == pytest.approx(first.value, rel=1e-9)
    assert again.total() == first.total()
    other.close()


def test_nothing_later_is_seen(lines: list[Purchase], context: Context, tmp_path: Path) -> None:
    day = TODAY - timedelta(days=120)
    cut = make_store(tmp_path / "cut.duckdb", [line for line in lines if line.day <= day])
    then = replace(context, today=day)
    assert ask(then, top=1000).table == ask(replace(then, warehouse=cut), top=1000).table
    cut.close()


def test_the_backtest_is_told_from_the_day_alone(lines: list[Purchase], context: Context) -> None:
    day, days = TODAY - timedelta(days=180), 180
    found = backtest(context, day, days)
    bought = {line.customer for line in lines if line.day <= day and line.kind == "sold"}
    later = {(line.customer, line.day) for line in lines if line.day > day and line.kind == "sold"}
    assert found.customers == len(bought)
    assert found.orders == sum(customer in bought for customer, _day in later)
    assert found.expected_orders == pytest.approx(found.orders, rel=0.25)
    assert found.inside > 0.8
    assert found.mean_error < found.naive_error
    with pytest.raises(ValueError, match="not over"):
        backtest(context, TODAY, 30)


def test_intervals_of_customers_hold_what_the_model_draws(context: Context) -> None:
    """What is simulated has the mean that the formulas give."""
    values = lifetime_values(context, 365, 0.0)
    places = np.argsort(-values.value)[:60]
    drawn = values.futures(places, 4000)
    error = drawn.std(axis=1) / np.sqrt(4000)
    assert (np.abs(drawn.mean(axis=1) - values.value[places]) < 5 * error).mean() > 0.95
    assert drawn.mean(axis=1).sum() == pytest.approx(values.value[places].sum(), rel=0.02)


@pytest.mark.parametrize(
    ("purchases", "words"),
    [
        ([], "no sales"),
        ([Purchase(None, TODAY)], "no sales to known customers"),
        ([Purchase("one", TODAY)], "0 customers"),
        ([Purchase(f"c{n}", TODAY - timedelta(days=d)) for n in range(50) for d in (1, 9)], "50 customers"),
        (
            [Purchase(f"c{n}", TODAY - timedelta(days=d), 5.0 + n) for n in range(150) for d in (0, 9)],
            "spans 9 days|at least",
        ),
        (
            [
                Purchase(f"c{n}", TODAY - timedelta(days=d), 20.0)
                for n in range(150)
                for d in range(n % 5, 200 + n, 9 + n % 7)
            ],
            "does not vary",
        ),
        ([Purchase(f"c{n}", TODAY, 5.0, "returned") for n in range(150)], "no sales"),
    ],
)
def test_too_little_history_is_refused(purchases: list[Purchase], words: str, tmp_path: Path) -> None:
    store = make_store(tmp_path / "small.duckdb", purchases)
    with pytest.raises(NotEnoughData, match=words):
        ask(Context(store, Catalog.load(), TODAY, User("1", "admin")))
    store.close()


def test_old_figures_count_time_to_their_end(context: Context) -> None:
    late = replace(context, today=TODAY + timedelta(days=400))
    assert Purchases.read(_histories(late)).until <= TODAY
    answer = ask(late)
    assert any("newest sale" in str(caveat) for caveat in answer.caveats)
    assert value_of(answer, "clv") == pytest.approx(value_of(ask(context), "clv"), rel=0.05)


def _histories(context: Context) -> Any:
    from tools.customers.histories import Histories

    return Histories(context.warehouse, context.today)


def test_names_are_for_admins(context: Context, lines: list[Purchase], tmp_path: Path) -> None:
    import duckdb

    store = make_store(tmp_path / "named.duckdb", lines, [Person("c0042")])
    store.close()
    with duckdb.connect(str(tmp_path / "named.duckdb")) as connection:
        connection.execute("UPDATE customers SET name = 'Ann Smith' WHERE customer_id = 'c0042'")
    warehouse = Warehouse.at(tmp_path / "named.duckdb")
    for role, name in (("admin", "Ann Smith"), ("analyst", MASK)):
        asked = ask(replace(context, warehouse=warehouse, user=User("1", role)), top=1000)  # type: ignore[arg-type]
        assert asked.table is not None
        assert next(row[-1] for row in asked.table.rows if row[0] == "c0042") == name
    warehouse.close()


def test_the_text_says_horizon_interval_and_discount(context: Context) -> None:
    text = plain_text(Reply("answered", "en", answers=(ask(context, horizon_days=180),)), Voice("en"))
    assert "over the next 180 days" in text
    assert "in 8 of 10 cases" in text
    assert "discounted at 10% a year" in text
    assert "Put to the test on" not in text


def test_the_trial_is_told_with_how_it_was_computed_and_warns_only_where_it_went_wrong(context: Context) -> None:
    warned = set()
    for back, days in ((0, 30), (120, 30), (200, 30)):
        answer = ask(replace(context, today=TODAY - timedelta(days=back)), horizon_days=days)
        assert any("Put to the test on" in str(part) for part in answer.provenance.definition)
        off = value_of(answer, "backtest_expected_value") / value_of(answer, "backtest_value") - 1
        said = [str(caveat) for caveat in answer.caveats if "Values may be too" in str(caveat)]
        assert [("high" if off > 0 else "low") in caveat for caveat in said] == [True] * (abs(off) > 0.15)
        warned.add((bool(said), off > 0))
    assert warned == {(False, True), (True, True), (True, False)}


def test_a_groups_headline_is_its_average_and_total(context: Context) -> None:
    rule = {"measure": "orders", "op": ">", "value": 1}
    for args in ({"rule": rule}, {"by": "rfm"}, {"rule": rule, "by": "rfm"}, {}):
        answer = ask(context, **args)
        told = answer.headline.values
        assert "each on average" in str(answer.headline)
        assert told["total"] == Quantity(value_of(answer, "clv"), "EUR")
        assert told["average"] == Quantity(value_of(answer, "average_clv"), "EUR")
        assert value_of(answer, "average_clv") * value_of(answer, "customers") == pytest.approx(value_of(answer, "clv"))


@pytest.mark.parametrize(("order", "word"), [("highest", "most"), ("lowest", "least")])
def test_the_headline_of_so_many_is_about_them(context: Context, order: str, word: str) -> None:
    answer = ask(context, top=10, order=order)
    assert answer.table is not None
    held = sum(row[1] for row in answer.table.rows)  # type: ignore[misc]
    assert f"10 {word} valuable of" in plain_text(Reply("answered", "en", answers=(answer,)), Voice("en"))
    assert value_of(answer, "clv_listed") == pytest.approx(held, abs=0.06)
    assert value_of(answer, "share_listed") == pytest.approx(value_of(answer, "clv_listed") / value_of(answer, "clv"))
    assert answer.headline.values["value"] == Quantity(value_of(answer, "clv_listed"), "EUR")
    assert len(answer.lines) == 1


def test_traces_of_what_was_sent_back_are_no_spending(lines: list[Purchase], context: Context, tmp_path: Path) -> None:
    """0.1 + 0.2 − 0.3 is not zero, and a discount may leave half a cent: both have a logarithm."""
    day = TODAY - timedelta(days=300)
    gone = [f"z{n:02}" for n in range(40)]
    traces = [Purchase(c, day, worth, kind) for c in gone for worth, kind in _TRACE]
    store = make_store(tmp_path / "traces.duckdb", [*lines, *traces])
    with_them, without = lifetime_values(replace(context, warehouse=store)), lifetime_values(context)
    assert with_them.models.without_value == without.models.without_value + len(gone)
    assert with_them.models.spend == without.models.spend
    assert all(with_them.models.purchases.net[with_them.models.purchases.place[c]] == 0 for c in gone)
    store.close()


_TRACE = ((0.1, "sold"), (0.2, "sold"), (0.3, "returned"), (0.004, "sold"))


def test_online_retail_backtest(retail_context: Context) -> None:
    """Told on 30 June 2011 for the 160 days after it; the model knows no seasons, and autumn is the store's best."""
    found = backtest(retail_context, date(2011, 6, 30), 160)
    assert found.expected_orders == pytest.approx(found.orders, rel=0.1)
    assert found.value == pytest.approx(found.expected_value.value, rel=0.3)
    assert np.corrcoef(found.expected, found.came)[0, 1] > 0.8
    assert found.mean_error < 0.6 * found.naive_error
    assert found.inside >= 0.8
