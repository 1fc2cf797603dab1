"""What the tool `segments` answers on a small store, and how saved segments are used and refused."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import StaticPool

from bot.rendering.forms import file_of
from bot.rendering.reply import plain_text, reply_json
from bot.rendering.voice import Voice
from bot.reply import Reply
from tests.unit.customer_store import Line, Person, make_store
from tools.answer import Answer, ToolCall
from tools.customers.segments.saved import SavedSegmentRow
from tools.errors import InvalidArgument, NotAllowed, NotEnoughData
from tools.registry import discover
from tools.runner import MASK, run
from tools.semantic.catalog import Catalog
from tools.state import Base
from tools.tool import Context, User

TODAY = date(2024, 6, 30)
MAY = {"start": "2024-05-01", "end": "2024-05-31"}
JUNE = {"start": "2024-06-01", "end": "2024-06-30"}
LAST_30_DAYS = {"start": "2024-06-01", "end": "2024-06-30"}
LAST_20_DAYS = {"start": "2024-06-11", "end": "2024-06-30"}
EN, ZH = Voice("en"), Voice("zh")
CATALOG, TOOLS = Catalog.load(), discover()
LINES = [
    Line("ann", "1", date(2024, 1, 10), price=100.0),
    Line("ann", "2", date(2024, 5, 20), price=50.0, discount=5.0),
    Line("ann", "3", date(2024, 6, 20), "mug", price=25.0),
    Line("bob", "4", date(2024, 5, 2), "mug", 2, 20.0, country="France"),
    Line("bob", "5", date(2024, 5, 9), price=90.0, kind="returned", country="France"),
    Line("o'hara", "6", date(2024, 6, 25), price=30.0),
    Line("=2+3", "7", date(2024, 2, 1), price=10.0),
    Line(None, "8", date(2024, 6, 1), price=500.0),
    Line("late", "9", date(2024, 7, 1), price=500.0),
]
PEOPLE = [
    Person("ann", "Germany", "female", True, name="Ann Apple"),
    Person("bob", "France", "male", False, name="Bob Berg"),
    Person("o'hara", "Germany", "female", None, name="Scarlett"),
    Person("=2+3", None, None, None),
    Person("never", "Germany", "male", True, date(2024, 3, 1), name="Nora"),
]


def opened(path: Path, lines: list[Line], people: list[Person]) -> Iterator[Context]:
    warehouse = make_store(path / "warehouse.duckdb", lines, people)
    yield Context(warehouse, CATALOG, TODAY, User("1", "admin"))
    warehouse.close()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    yield from opened(tmp_path_factory.mktemp("segments"), LINES, PEOPLE)


@pytest.fixture
def context(store: Context) -> Iterator[Context]:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine, [Base.metadata.tables[SavedSegmentRow.__tablename__]])
    yield replace(store, state=sessionmaker(engine, expire_on_commit=False))
    engine.dispose()


def ask(context: Context, tool: str = "segments", **args: Any) -> Answer:
    return run(TOOLS, context, ToolCall(tool, args), lambda *_: None)


def did(measure: str, op: str, value: float, **more: Any) -> dict[str, Any]:
    return {"measure": measure, "op": op, "value": value, **more}


def fact(answer: Answer, name: str, **where: str) -> Any:
    found = [f.value for f in answer.facts if f.name == name and dict(f.where) == where]
    assert len(found) == 1, (name, where, answer.facts)
    return found[0]


def shown(answer: Answer, voice: Voice = EN) -> str:
    return plain_text(Reply("answered", voice.language, answers=(answer,)), voice)


# --- By rule ----------------------------------------------------------------------------------------------------------


def test_the_size_its_share_and_their_sales(context: Context) -> None:
    answer = ask(context, rule=did("orders", ">=", 1, period=MAY))
    assert EN.text(answer.headline) == "2 customers bought in May 2024."
    assert answer.facts[0].name == "customers"
    assert fact(answer, "customers") == 2
    assert fact(answer, "customers_share") == 0.5
    # Ann 50 − 5; Bob 40 − 90 returned.
    assert fact(answer, "net_sales") == -5.0
    assert fact(answer, "net_sales_per_customer") == -2.5
    assert fact(answer, "net_sales_share") is None
    assert next(f.period for f in answer.facts if f.name == "net_sales") == answer.provenance.period
    assert answer.table is not None
    assert [column.name for column in answer.table.columns] == [
        *("customer_id", "country", "name", "orders", "net_sales", "first_order_on", "last_order_on"),
    ]
    assert answer.table.rows == (
        ("ann", "Germany", "Ann Apple", 1, 45.0, date(2024, 1, 10), date(2024, 6, 20)),
        ("bob", "France", "Bob Berg", 1, -50.0, date(2024, 5, 2), date(2024, 5, 2)),
    )
    assert answer.provenance.sql
    assert "EUR" not in shown(answer)


def names(answer: Answer) -> dict[str, str]:
    """Column → what it is called."""
    assert answer.table is not None
    return {column.name: EN.header(column) for column in answer.table.columns}


def test_columns_are_of_the_time_that_the_rule_speaks_of(context: Context) -> None:
    twice = ask(context, rule=did("orders", ">=", 2))
    assert twice.table is not None
    assert twice.table.rows[0][:5] == ("ann", "Germany", "Ann Apple", 3, 170.0)
    assert names(twice)["orders"] == "Orders"
    assert "since the data begins (10 Jan 2024)" in shown(twice)
    gone = ask(context, rule=did("orders", "=", 0, period=JUNE))
    assert names(gone)["net_sales"] == "Net sales ever"
    assert fact(gone, "net_sales") == -40.0
    lately = ask(context, rule=did("days_since_last_order", "<", 30))
    assert names(lately)["net_sales"] == "Net sales, 365 days"


def test_what_each_condition_compares_has_a_column(context: Context) -> None:
    mugs = did("units", ">=", 1, where=[{"dimension": "product", "values": ["mug"]}], period=MAY)
    answer = ask(context, rule={"any": [mugs, did("aov", ">", 50)]})
    assert names(answer)["compared_1"] == "Units, Red mug, May 2024"
    assert names(answer)["compared_2"] == "Average order value ever"
    assert answer.table is not None
    assert {row[0]: row[3:5] for row in answer.table.rows} == {
        "ann": (0, pytest.approx(170 / 3)),
        "bob": (2, 40.0),
    }


def test_who_meets_it_by_buying_nothing_is_told(context: Context) -> None:
    answer = ask(context, rule=did("net_sales", "<", 20, period=JUNE))
    assert fact(answer, "customers") == 2
    assert fact(answer, "customers", orders="0") == 2
    answer = ask(context, rule=did("orders", "<=", 1, period=MAY))
    assert "Of them, 2 bought nothing in May 2024." in shown(answer)
    follow_up = answer.follow_ups[0]
    assert EN.text(follow_up.label) == "Only those who bought in May 2024"
    assert follow_up.call is not None
    limited = run(TOOLS, context, follow_up.call, lambda *_: None)
    assert fact(limited, "customers") == 2
    assert "bought nothing" not in shown(limited)
    tea = [{"dimension": "product", "values": ["tea"]}]
    assert "Of them, 1 did not buy Green tea." in shown(ask(context, rule=did("units", "<", 2, where=tea)))


def test_a_share_of_sales_above_all_of_them_is_left_out(context: Context) -> None:
    # Bob has returned what the others' share would have to make up for.
    answer = ask(context, rule=did("net_sales", ">", 0))
    assert fact(answer, "net_sales") == 210.0
    assert fact(answer, "net_sales_share") is None
    assert "to known customers" not in shown(answer)
    assert "%" not in shown(answer).split("Their net sales")[1].split("\n")[0]


def test_the_rule_is_said_once(context: Context) -> None:
    text = shown(ask(context, rule=did("orders", ">=", 2)))
    assert text.count("placed at least 2 orders") == 1


def test_names_are_for_admins(context: Context) -> None:
    viewer = replace(context, user=User("2", "viewer"))
    table = ask(viewer, rule=did("orders", ">=", 1, period=MAY)).table
    assert table is not None
    assert [row[2] for row in table.rows] == [MASK, MASK]


@pytest.mark.parametrize(
    ("order_by", "order", "ids"),
    [
        ("net_sales", "highest", ["ann", "o'hara", "=2+3", "bob"]),
        ("net_sales", "lowest", ["bob", "=2+3", "o'hara", "ann"]),
        ("days_since_last_order", "highest", ["=2+3", "bob", "ann", "o'hara"]),
        ("orders", "highest", ["ann", "=2+3", "bob", "o'hara"]),
        ("return_rate", "highest", ["bob", "=2+3", "ann", "o'hara"]),
    ],
)
def test_the_list_is_in_the_order_asked_for(context: Context, order_by: str, order: str, ids: list[str]) -> None:
    answer = ask(context, order_by=order_by, order=order, top=10)
    assert answer.table is not None
    assert [row[0] for row in answer.table.rows] == ids
    assert answer.table.total_rows == 4
    assert answer.chart is not None
    assert answer.chart.y == (order_by,)


def test_a_short_list_says_how_many_there_are(context: Context) -> None:
    answer = ask(context, rule=did("net_sales", "<", 1000), top=1)
    assert answer.table is not None
    assert (len(answer.table.rows), answer.table.total_rows) == (1, 4)
    assert fact(answer, "customers") == 4


def test_the_file_runs_no_formula(context: Context) -> None:
    assert "'=2+3" in file_of(ask(context), EN, "csv").content.decode("utf-8")


def test_a_rolling_rule_is_compared_with_30_days_earlier(context: Context) -> None:
    answer = ask(context, rule=did("orders", ">=", 1, period=LAST_20_DAYS))
    assert fact(answer, "customers") == 2
    # 12 to 31 May: Ann alone.
    assert fact(answer, "customers_before") == 1
    assert fact(answer, "customers_change") == 1
    assert "+1 against 30 days earlier (1)." in shown(answer)


@pytest.mark.parametrize("period", [MAY, LAST_30_DAYS])
def test_a_fixed_period_has_no_trend(context: Context, period: dict[str, str]) -> None:
    # The last 30 days of June are June, the month so far.
    answer = ask(context, rule=did("orders", ">=", 1, period=period))
    assert "customers_before" not in {f.name for f in answer.facts}


def test_one_customer_reads_right(context: Context) -> None:
    answer = ask(context, rule={"attribute": "country", "values": ["France"]})
    assert EN.text(answer.headline) == "1 customer is among those who live in France."
    assert "people known" in shown(answer)


def test_nobody_is_said_and_why(context: Context) -> None:
    answer = ask(context, rule=did("orders", ">=", 50))
    assert EN.text(answer.headline) == "There are no customers who placed at least 50 orders."
    assert fact(answer, "customers") == 0
    assert answer.table is None
    assert "3 (orders)" in shown(answer)
    german_buyer = {"all": [{"attribute": "country", "values": ["France"]}, did("orders", ">=", 2)]}
    assert "“placed at least 2 orders” by itself: 1." in shown(ask(context, rule=german_buyer))


def test_nothing_without_orders_counts_unless_asked_for(context: Context) -> None:
    assert fact(ask(context, rule=did("orders", "<", 2)), "customers") == 3
    answer = ask(context, rule=did("orders", "=", 0))
    assert fact(answer, "customers") == 1
    assert answer.table is not None
    assert answer.table.rows[0] == ("never", "Germany", "Nora", 0, 0.0, None, None)
    assert json_rows(answer) == [["never", "Germany", "Nora", 0, 0.0, None, None]]


def json_rows(answer: Answer) -> Any:
    return reply_json(Reply("answered", "en", answers=(answer,)), EN)["table"]["rows"]


def test_follow_ups_are_calls_that_work(context: Context) -> None:
    answer = ask(context, rule=did("orders", ">=", 1, where=[{"dimension": "country", "values": ["Germany"]}]))
    calls = [f.call for f in answer.follow_ups if f.call is not None]
    assert {call.tool for call in calls} == {"segments", "churn"}
    for call in calls:
        if call.tool == "segments":
            assert fact_of_all(run(TOOLS, context, call, lambda *_: None)) == 3


def fact_of_all(answer: Answer) -> Any:
    return fact(answer, "customers")


# --- By group ---------------------------------------------------------------------------------------------------------


def test_groups_of_an_attribute(context: Context) -> None:
    answer = ask(context, by="country")
    assert fact(answer, "customers") == 4
    assert fact(answer, "customers", country="Germany") == 2
    assert fact(answer, "net_sales", country="Germany") == 200.0
    assert fact(answer, "customers_share", country="France") == 0.25
    assert fact(answer, "customers_change", country="Germany") == 1
    assert fact(answer, "days_since_last_order", country="Germany") == 7.5
    assert answer.table is not None
    assert [row[0] for row in answer.table.rows] == ["Germany", "France", "unknown"]
    assert "Unknown" in shown(answer)
    assert "未知" in shown(answer, ZH)


@pytest.mark.parametrize("by", ["rfm", "lifecycle", "tier"])
def test_groups_of_a_scheme_are_all_there_and_add_up(context: Context, by: str) -> None:
    answer = ask(context, by=by)
    assert answer.table is not None
    assert len(answer.table.rows) == {"rfm": 11, "lifecycle": 5, "tier": 4}[by]
    sizes = [f.value for f in answer.facts if f.name == "customers" and f.where]
    assert sum(size or 0 for size in sizes) == fact(answer, "customers") == (5 if by == "lifecycle" else 4)


def test_a_rule_limits_the_groups(context: Context) -> None:
    answer = ask(context, by="lifecycle", rule={"attribute": "country", "values": ["Germany"]})
    assert fact(answer, "customers") == 3
    assert fact(answer, "customers", lifecycle="prospect") == 1


def test_clusters_need_more_customers(context: Context) -> None:
    with pytest.raises(NotEnoughData):
        ask(context, by="cluster")


def test_what_the_customers_table_lacks_is_said(context: Context) -> None:
    with pytest.raises(NotEnoughData, match="no regions of residence") as raised:
        ask(context, by="region")
    assert "genders" in EN.text(raised.value.message)


# --- Saved segments ---------------------------------------------------------------------------------------------------

GERMAN_BUYERS = {"all": [{"attribute": "country", "values": ["Germany"]}, did("orders", ">=", 1)]}


def test_saving_using_and_forgetting(context: Context) -> None:
    answer = ask(context, rule=GERMAN_BUYERS, save_as="VIP-DE")
    assert "Saved as “VIP-DE”" in shown(answer)
    assert answer.table is None
    assert "2 customers live in Germany and bought." in shown(answer)
    assert fact(answer, "customers") == 2
    saved = {"scheme": "saved", "groups": ["vip-de"]}
    assert fact(ask(context, rule=saved), "customers") == 2
    assert fact(ask(context, by="gender", rule=saved), "customers", gender="female") == 2
    replaced = ask(context, rule=did("orders", ">=", 1, period=MAY), save_as="vip-de")
    assert "replaced" in shown(replaced)
    assert fact(ask(context, rule=saved), "net_sales") is not None
    listed = ask(context, list_saved=True)
    assert fact(listed, "segments") == 1
    assert fact(listed, "customers", segment="vip-de") == 2
    assert "customers who bought in May 2024" in shown(listed)
    gone = ask(context, forget="VIP-DE")
    assert "forgotten" in shown(gone)
    with pytest.raises(InvalidArgument, match="none has been saved"):
        ask(context, rule=saved)
    assert fact(ask(context, list_saved=True), "segments") == 0


def test_who_only_asks_questions_neither_saves_nor_forgets(context: Context) -> None:
    viewer = replace(context, user=User("2", "viewer"))
    with pytest.raises(NotAllowed):
        ask(viewer, rule=GERMAN_BUYERS, save_as="mine")
    ask(context, rule=GERMAN_BUYERS, save_as="mine")
    with pytest.raises(NotAllowed):
        ask(viewer, forget="mine")
    assert ask(viewer, list_saved=True).table is not None
    assert not any(f.call and "save_as" in f.call.args for f in ask(viewer, rule=GERMAN_BUYERS).follow_ups)


def test_a_segment_cannot_be_saved_onto_itself(context: Context) -> None:
    ask(context, rule=GERMAN_BUYERS, save_as="one")
    ask(context, rule={"not": {"scheme": "saved", "groups": ["one"]}}, save_as="two")
    with pytest.raises(InvalidArgument, match="contains itself"):
        ask(context, rule={"scheme": "saved", "groups": ["two"]}, save_as="ONE")


def test_the_overlap_of_two_segments(context: Context) -> None:
    ask(context, rule={"attribute": "gender", "values": ["female"]}, save_as="women")
    ask(context, rule=did("orders", ">=", 1, period=MAY), save_as="in May")
    answer = ask(context, overlap=["Women", "in may"])
    assert fact(answer, "customers") == fact(answer, "customers_both") == 1
    assert fact(answer, "customers", segment="women") == 2
    assert fact(answer, "customers_only", segment="women") == 1
    assert fact(answer, "customers_only", segment="in May") == 1
    assert fact(answer, "customers_either") == 3
    assert fact(answer, "jaccard") == pytest.approx(1 / 3)
    call = answer.follow_ups[0].call
    assert call is not None
    assert fact(run(TOOLS, context, call, lambda *_: None), "customers") == 1
    with pytest.raises(InvalidArgument, match="two different"):
        ask(context, overlap=["women", "WOMEN"])


@pytest.mark.parametrize(
    "args",
    [
        {"save_as": "x"},
        {"overlap": ["a", "b"], "list_saved": True},
        {"rule": {"measure": "orders", "op": ">=", "value": 1, "period": {"start": "2024-06-02", "end": "2024-06-01"}}},
        {"top": 0},
        {"rule": {"all": []}},
    ],
)
def test_what_makes_no_sense_is_refused(context: Context, args: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        ask(context, **args)


def test_without_state_it_answers_but_saves_nothing(context: Context) -> None:
    stateless = replace(context, state=None)
    assert fact(ask(stateless, rule=GERMAN_BUYERS), "customers") == 2
    for args in ({"rule": GERMAN_BUYERS, "save_as": "x"}, {"list_saved": True}, {"forget": "x"}):
        with pytest.raises(InvalidArgument, match="no state database"):
            ask(stateless, **args)


def metrics(context: Context, name: str, *filters: dict[str, Any], **more: Any) -> Answer:
    period = {"start": "2024-01-01", "end": "2024-06-30"}
    return ask(context, "metrics", metrics=[name], period=period, filters=list(filters), **more)


def test_figures_are_limited_to_a_saved_segment(context: Context) -> None:
    ask(context, rule=GERMAN_BUYERS, save_as="VIP-DE")
    within = {"dimension": "segment", "values": ["VIP-DE"]}
    without = {"dimension": "segment", "op": "not_in", "values": ["VIP-DE"]}
    answer = metrics(context, "net_sales", within)
    assert fact(answer, "net_sales", segment="VIP-DE") == 200.0
    assert "VIP-DE" in EN.text(answer.headline)
    # Sales without a customer are outside every segment.
    assert fact(metrics(context, "net_sales", without), "net_sales") == 460.0
    assert fact(metrics(context, "net_sales"), "net_sales") == 660.0
    assert fact(metrics(context, "active_customers", within), "active_customers", segment="VIP-DE") == 2
    assert fact(metrics(context, "new_customers", within), "new_customers", segment="VIP-DE") == 2
    by_month = metrics(context, "orders", within, by=["month"])
    assert sum(f.value or 0 for f in by_month.facts if f.period and f.period.days < 40) == 4
    lapsed = metrics(context, "net_sales", {"dimension": "lifecycle", "values": ["new", "active"]})
    assert fact(lapsed, "net_sales", lifecycle="new, active") is not None


def test_a_segment_that_changes_changes_the_figure(context: Context) -> None:
    within = {"dimension": "segment", "values": ["mine"]}
    ask(context, rule=GERMAN_BUYERS, save_as="mine")
    assert fact(metrics(context, "net_sales", within), "net_sales", segment="mine") == 200.0
    ask(context, rule={"attribute": "country", "values": ["France"]}, save_as="mine")
    assert fact(metrics(context, "net_sales", within), "net_sales", segment="mine") == -50.0
    earlier = replace(context, today=date(2024, 5, 5))
    assert fact(metrics(earlier, "net_sales", within), "net_sales", segment="mine") == 40.0


@pytest.mark.parametrize(
    ("filters", "more", "text"),
    [
        ([{"dimension": "segment", "values": ["nobody's"]}], {}, "no saved segment"),
        ([{"dimension": "rfm", "values": ["champion"]}], {}, "champions"),
        ([{"dimension": "segment", "op": "contains", "values": ["V"]}], {}, "by name only"),
        ([], {"by": ["segment"]}, "not split by it"),
    ],
)
def test_figures_of_segments_that_cannot_be_meant(
    context: Context, filters: list[dict[str, Any]], more: dict[str, Any], text: str
) -> None:
    with pytest.raises(InvalidArgument, match=text):
        metrics(context, "net_sales", *filters, **more)


# --- Odd stores -------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["one", "same", "negative", "nobody"])
def odd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Context]:
    lines = {
        "one": [Line("only", "1", TODAY)],
        "same": [Line(f"c{n}", str(n), TODAY - timedelta(days=40), price=9.5) for n in range(20)],
        "negative": [
            line
            for n in range(6)
            for line in (
                Line(f"c{n}", f"{n}", TODAY, price=1.0),
                Line(f"c{n}", f"r{n}", TODAY, price=50.0, kind="returned"),
            )
        ],
        "nobody": [Line(None, "1", TODAY)],
    }[request.param]
    yield from opened(tmp_path, lines, [])


@pytest.mark.parametrize(
    "args",
    [
        {},
        {"rule": did("net_sales", "<", 100)},
        {"rule": did("net_sales", ">", 100)},
        {"rule": {"attribute": "country", "values": ["Germany"]}},
        {"by": "rfm"},
        {"by": "lifecycle"},
        {"by": "tier"},
        {"by": "country"},
        {"by": "rfm", "rule": did("days_since_last_order", ">", 500)},
        {"top": 3, "order_by": "return_rate"},
    ],
)
def test_odd_stores_get_clear_answers(odd: Context, args: dict[str, Any]) -> None:
    with contextlib.suppress(NotEnoughData):
        answer = ask(odd, **args)
        assert_it_reads(answer)


def assert_it_reads(answer: Answer) -> None:
    assert answer.facts[0].name == "customers"
    assert isinstance(answer.facts[0].value, int)
    for voice in (EN, ZH):
        assert shown(answer, voice)
        assert "nan" not in shown(answer, voice).casefold()
