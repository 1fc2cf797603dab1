"""The tool `customer`: figures recounted by hand, masking, the audit row, and customers of every odd kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bot.rendering.forms import file_of
from bot.rendering.reply import plain_text, render, reply_json
from bot.rendering.voice import Voice
from bot.reply import Reply
from tests.conftest import FITTED_ONCE
from tests.unit.customer_store import Line, Person, make_store, measured
from tools.answer import Answer, ToolCall
from tools.catalog.customer import TOOL
from tools.customers.profile import Buying, buying, outreach
from tools.errors import InvalidArgument
from tools.registry import Registry
from tools.runner import MASK, run
from tools.semantic.catalog import Catalog
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse

pytestmark = FITTED_ONCE
TODAY = date(2026, 6, 30)
FORMULA, QUOTED, EMOJI = "=cmd|' /C calc'!A0", "o'neil\"; DROP TABLE order_lines;--", "客户🍵"


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


LINES = [
    *(Line("ann", f"a{n}", days_ago(300 - 30 * n), "tea" if n % 2 else "mug", n + 1, 10.0, hour=9) for n in range(9)),
    Line("ann", "a8", days_ago(60), "o'pot", 1, 25.0, 5.0, hour=9),
    Line("ann", "back", days_ago(20), "tea", 1, 10.0, kind="returned"),
    Line("ann", "later", TODAY + timedelta(days=1), "tea", 99),
    Line("once", "x", days_ago(40)),
    Line("sender", "y", days_ago(40), kind="returned"),
    Line(FORMULA, "f", days_ago(3), quantity=2),
    Line(QUOTED, "q", days_ago(3), quantity=3),
    Line(EMOJI, "e", days_ago(3), quantity=4),
    Line(None, "guest", days_ago(3), quantity=50),
]
PEOPLE = [
    Person("ann", "Germany", "female", True, days_ago(400), "Ann Smith"),
    Person("new", "France", None, False, days_ago(5), "Nina New"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    path = tmp_path_factory.mktemp("profile") / "warehouse.duckdb"
    make_store(path, LINES, PEOPLE).close()
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE campaign_contacts (contact_id VARCHAR, campaign_id VARCHAR, customer_id VARCHAR, "
            "contacted_at TIMESTAMP, channel VARCHAR, opened_at TIMESTAMP, clicked_at TIMESTAMP, "
            "unsubscribed_at TIMESTAMP)"
        )
        connection.executemany(
            "INSERT INTO campaign_contacts VALUES (?, 'k', 'ann', ?, 'email', ?, ?, ?)",
            [
                ("1", days_ago(50), days_ago(49), None, None),
                ("2", days_ago(10), days_ago(9), days_ago(9), None),
                ("3", days_ago(1), TODAY + timedelta(days=2), None, TODAY + timedelta(days=2)),  # not opened yet
                ("4", TODAY + timedelta(days=3), None, None, None),
            ],
        )
        connection.execute(
            "CREATE TABLE coupons (coupon_id VARCHAR, coupon_code VARCHAR, customer_id VARCHAR, issued_at TIMESTAMP, "
            "expires_at TIMESTAMP, redeemed_at TIMESTAMP, order_id VARCHAR, discount DOUBLE)"
        )
        connection.executemany(
            "INSERT INTO coupons VALUES (?, 'c', 'ann', ?, ?, ?, NULL, NULL)",
            [
                ("1", days_ago(90), days_ago(30), days_ago(60)),
                ("2", days_ago(90), days_ago(30), None),
                ("3", days_ago(9), days_ago(-30), None),
                ("4", days_ago(9), None, None),
            ],
        )
    warehouse = Warehouse.at(path)
    yield warehouse
    warehouse.close()


@pytest.fixture
def context(store: Warehouse) -> Context:
    return Context(store, Catalog.load(), TODAY, User("1", "admin"))


def ask(context: Context, customer: str, looks: list[Any] | None = None) -> Answer:
    def audit(_user: User, action: str, details: Any) -> None:
        if looks is not None:
            looks.append((action, dict(details)))

    answer = run(Registry((TOOL,)), context, ToolCall("customer", {"customer": customer}), audit)
    for language in ("en", "zh"):
        reply = Reply("answered", language, answers=(answer,))  # type: ignore[arg-type]
        assert render(reply, Voice(language), charts=False).parts  # type: ignore[arg-type]
        assert reply_json(reply, Voice(language), "q")["text"]  # type: ignore[arg-type]
    return answer


def cells(answer: Answer) -> dict[str, Any]:
    assert answer.table is not None
    (row,) = answer.table.rows
    return dict(zip((column.name for column in answer.table.columns), row, strict=True))


def facts(answer: Answer) -> dict[str, Any]:
    return {fact.name: fact.value for fact in answer.facts}


def text(answer: Answer, language: Any = "en") -> str:
    return plain_text(Reply("answered", language, answers=(answer,)), Voice(language))


def test_the_figures_are_those_counted_by_hand(context: Context) -> None:
    counted = measured([line for line in LINES if line.customer == "ann" and line.on <= TODAY], TODAY)
    answer = ask(context, "ann")
    found = facts(answer)
    for name in (
        "orders",
        "net_sales",
        "gross_sales",
        "units",
        "aov",
        "returns",
        "return_rate",
        "days_since_last_order",
    ):
        assert found[name] == pytest.approx(counted[name]), name
    assert cells(answer)["first_order"] == days_ago(300)
    assert cells(answer)["last_order"] == days_ago(60)
    assert found["usual_gap_days"] == 30
    assert all(dict(fact.where) == {"customer": "ann"} for fact in answer.facts)


def test_the_months_of_the_picture_sum_to_net_sales(context: Context) -> None:
    chart = ask(context, "ann").chart
    assert chart is not None
    assert chart.table is not None
    months = [row[0] for row in chart.table.rows]
    assert months[0] == days_ago(300).replace(day=1)
    assert months[-1] == TODAY.replace(day=1)
    assert len(months) == len(set(months)) == 10
    assert sum(row[1] for row in chart.table.rows) == pytest.approx(facts(ask(context, "ann"))["net_sales"])  # type: ignore[misc]


def test_it_reads_on_a_phone(context: Context) -> None:
    shown = text(ask(context, "ann"))
    assert "Customer ann has ordered 9 times" in shown
    assert "Usually 30 days between orders" in shown
    assert "was due between" in shown
    assert "Buys most: Red mug" in shown
    assert "Sent back goods worth" in shown
    assert "3 campaign messages" in shown
    assert "2 opened, 1 clicked" in shown
    assert "4 coupons: 1 used, 2 still open" in shown
    listed = shown.split("\n\n")[1].splitlines()
    assert all(len(line) <= 36 for line in listed)
    assert any(line.startswith("E-mail consent") and line.endswith("yes") for line in listed)


def test_what_came_later_is_not_seen(context: Context) -> None:
    found = outreach(context, "ann")
    assert (found.messages, found.opened, found.clicked, found.unsubscribed) == (3, 2, 1, None)
    assert facts(ask(context, "ann"))["units"] < 99


def test_every_look_is_written_down_and_names_are_for_admins(context: Context) -> None:
    looks: list[Any] = []
    assert cells(ask(context, "ann", looks))["name"] == "Ann Smith"
    assert [action for action, _details in looks] == ["customer_profile", "personal_data"]
    assert looks[0][1]["customers"] == ["ann"]
    for role in ("viewer", "analyst"):
        looks.clear()
        masked = ask(replace(context, user=User("2", role)), "ann", looks)  # type: ignore[arg-type]
        assert cells(masked)["name"] == MASK
        assert [action for action, _details in looks] == ["customer_profile"]
        reply = Reply("answered", "en", answers=(masked,))
        assert b"Smith" not in file_of(masked, Voice("en"), "csv").content
        assert "Smith" not in str(reply_json(reply, Voice("en")))


def test_models_that_cannot_run_leave_out_their_lines_and_say_so(context: Context) -> None:
    answer = ask(context, "ann")
    assert not {"clv", "churn_probability"} & facts(answer).keys()
    assert any("Too little history for lifetime values" in str(caveat) for caveat in answer.caveats)
    assert len({str(caveat) for caveat in answer.caveats}) == len(answer.caveats)


@pytest.mark.parametrize(
    ("customer", "words"),
    [
        ("once", "has ordered once"),
        ("sender", "has sent back goods worth €10 and has no order"),
        ("new", "has not ordered yet"),
        (FORMULA, "has ordered once"),
        (QUOTED, "has ordered once"),
        (EMOJI, "has ordered once"),
    ],
)
def test_customers_of_every_kind(context: Context, customer: str, words: str) -> None:
    answer = ask(context, customer)
    shown = text(answer).replace(", and has", " and has")
    assert words in shown
    assert customer in shown
    assert answer.subjects == (customer,)
    assert cells(answer)["customer_id"] == customer
    assert text(answer, "zh")


def test_a_formula_stays_text_in_the_file(context: Context) -> None:
    file = file_of(ask(context, FORMULA), Voice("en"), "csv")
    assert not any(cell.lstrip('"').startswith("=") for cell in file.content.decode("utf-8-sig").split(","))


@pytest.mark.parametrize("given", ["annn", "Anna", "an n"])
def test_unknown_customers_get_the_nearest(context: Context, given: str) -> None:
    with pytest.raises(InvalidArgument, match="ann"):
        ask(context, given)


def test_unknown_customers_without_any_alike_are_told_what_ids_look_like(context: Context) -> None:
    with pytest.raises(InvalidArgument, match="look like"):
        ask(context, "1234567890")
    assert ask(context, " ANN ").subjects == ("ann",)


def test_a_store_without_the_table_of_customers(context: Context, tmp_path: Path) -> None:
    path = tmp_path / "bare.duckdb"
    make_store(path, LINES, []).close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("DROP TABLE customers")
    warehouse = Warehouse.at(path)
    answer = ask(replace(context, warehouse=warehouse), "ann")
    assert facts(answer)["orders"] == 9
    assert "name" not in cells(answer)
    warehouse.close()


def test_favourite_days_need_orders_and_a_winner(context: Context) -> None:
    found, _sql = buying(context, "ann")
    assert found.favourite("hour") == (9, 1.0)
    assert Buying(TODAY, found.moments[:3]).favourite("weekday") is None
    assert Buying(TODAY, ()).months(12) == ()


def test_online_retails_busiest_with_all_that_the_models_say(retail_context: Context) -> None:
    answer = ask(retail_context, "14646")
    found = facts(answer)
    assert found["orders"] > 100
    assert found["clv_low"] <= found["clv"] <= found["clv_high"]
    assert 0 <= found["churn_probability"] <= 1
    assert cells(answer)["lifecycle"] == "active"
    assert cells(answer)["rfm"] == "champions"
    assert not answer.caveats
    assert len(answer.lines) <= 8


@pytest.mark.parametrize(("customer", "high"), [("14646", False), ("17850", True)])
def test_reasons_and_what_to_do_are_for_those_at_risk(retail_context: Context, customer: str, high: bool) -> None:
    answer = ask(retail_context, customer)
    assert (facts(answer)["churn_probability"] >= 0.7) is high
    assert (facts(answer)["churn_probability"] < 0.4) is not high
    shown = text(answer)
    assert ("high" if high else "low") in shown.splitlines()[1]
    assert ("Why:" in shown, "What to do:" in shown) == (high, high)
