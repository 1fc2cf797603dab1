"""Cohorts: every cell against a recount in pandas, what is not over, and cohorts that stand out."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.conftest import DEMO_END, RETAIL_DAY
from tests.unit.purchases import Person, Purchase, make_store
from tools.answer import Answer, Cell
from tools.catalog.cohorts import TOOL, CohortsArgs, run
from tools.customers.rules import Has
from tools.errors import InvalidArgument, NotEnoughData
from tools.semantic.catalog import Catalog
from tools.semantic.query import Days, Filter
from tools.stats.proportions import benjamini_hochberg, lower_than_others
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse

Key = tuple[str, str, str]


def facts(answer: Answer) -> dict[Key, float]:
    """(name, cohort, offset) → value."""
    return {
        (f.name, f.where["cohort"], f.where.get("offset", "")): f.value for f in answer.facts if f.value is not None
    }


def text(answer: Answer) -> str:
    return "\n".join(map(str, (answer.headline, *answer.lines, *answer.caveats)))


def rows(answer: Answer) -> dict[Cell, tuple[Cell, ...]]:
    assert answer.table is not None
    return {row[0]: row[1:] for row in answer.table.rows}


def retail_cells(warehouse: Warehouse, freq: str) -> tuple[pd.Series[int], pd.DataFrame]:
    """Sizes by cohort, and customers and net sales by cohort and offset, read without any of the code under test."""
    lines = warehouse.backend.con.execute(
        'SELECT customer_id AS customer, sold_at AS "at", kind, amount - discount AS worth FROM order_lines '
        "WHERE customer_id IS NOT NULL AND sold_at < '2011-12-10'"
    ).df()
    sold = lines[lines.kind == "sold"]
    first = sold.groupby("customer")["at"].min().rename("first")
    lines = lines.join(first, on="customer", how="inner")
    lines = lines[lines["at"] >= lines["first"]]
    lines["cohort"] = lines["first"].dt.to_period(freq)
    lines["offset"] = lines["at"].dt.to_period(freq).astype("int64") - lines["cohort"].astype("int64")
    lines["net"] = lines.worth.where(lines.kind == "sold", -lines.worth)
    keys = ["cohort", "offset"]
    cells = pd.DataFrame(
        {
            "customers": lines[lines.kind == "sold"].groupby(keys).customer.nunique(),
            "net_sales": lines.groupby(keys).net.sum(),
        }
    ).fillna(0)
    return first.dt.to_period(freq).value_counts(), cells


@pytest.mark.parametrize(("grain", "freq"), [("month", "M"), ("quarter", "Q"), ("week", "W-SUN")])
def test_every_cell_equals_a_recount_in_pandas(retail_context: Context, grain: str, freq: str) -> None:
    sizes, cells = retail_cells(retail_context.warehouse, freq)
    period = Days(start=date(2011, 1, 1), end=RETAIL_DAY)
    seen = 0
    for measure in ("retention", "customers", "net_sales", "net_sales_per_customer"):
        answer = run(retail_context, CohortsArgs.model_validate({"grain": grain, "measure": measure, "period": period}))
        for fact in answer.facts:
            if fact.where["cohort"] == "all" or fact.period is None:
                continue
            if "offset" not in fact.where:
                assert fact.value == sizes.get(pd.Period(fact.period.start, freq), 0)
                continue
            offset = int(fact.where["offset"])
            cohort = pd.Period(fact.period.start, freq) - offset
            size = sizes[cohort]
            cell = cells.loc[(cohort, offset)] if (cohort, offset) in cells.index else {"customers": 0, "net_sales": 0}
            expected = {
                "customers": cell["customers"],
                "retention": cell["customers"] / size,
                "net_sales": cell["net_sales"],
                "net_sales_per_customer": cell["net_sales"] / size,
            }[measure]
            assert fact.value == pytest.approx(expected, abs=1e-6)
            assert fact.period.end <= RETAIL_DAY, "a unit that is not over is no fact"
            seen += 1
    assert seen > 20


def test_averages_weigh_customers_and_leave_out_what_is_not_over(retail_context: Context) -> None:
    found = facts(run(retail_context, CohortsArgs()))
    cohorts = [f"2011-{month:02}" for month in range(1, 11)]
    came = sum(found["retention", c, "1"] * found["customers", c, ""] for c in cohorts)
    won = sum(found["customers", c, ""] for c in cohorts)
    assert found["retention", "all", "1"] == pytest.approx(came / won)
    assert ("retention", "2011-11", "1") not in found


def test_what_has_not_begun_is_empty_and_what_runs_is_marked(retail_context: Context) -> None:
    answer = run(retail_context, CohortsArgs())
    table = rows(answer)
    assert answer.chart is not None
    assert answer.chart.kind == "heatmap"
    for month in range(1, 13):
        cells = table[date(2011, month, 1)][1:]
        begun = 13 - month
        assert all(cell is not None for cell in cells[:begun])
        assert all(cell is None for cell in cells[begun:])
        if month < 12:
            assert (date(2011, month, 1), str(12 - month)) in answer.chart.partial
            assert (date(2011, month, 1), str(11 - month)) not in answer.chart.partial
    assert "not over" in text(answer)


def test_customers_from_before_the_data_are_said(retail_context: Context, demo_context: Context) -> None:
    first = retail_context.warehouse.backend.con.execute(
        "SELECT min(sold_at)::DATE FROM order_lines WHERE customer_id IS NOT NULL"
    ).fetchone()[0]
    early = Days(start=first, end=first + timedelta(days=100))
    assert "The data begins on" in text(run(retail_context, CohortsArgs(period=early)))
    assert "The data begins on" not in text(run(demo_context, CohortsArgs()))


def test_the_first_cohorts_are_in_no_average_and_no_extreme(retail_context: Context) -> None:
    whole = CohortsArgs(grain="quarter", period=Days(start=date(2009, 12, 1), end=RETAIL_DAY))
    answer = run(retail_context, whole)
    found = facts(answer)
    quarters = ["2010-Q2", "2010-Q3", "2010-Q4", "2011-Q1", "2011-Q2"]
    came = sum(found["retention", q, "1"] * found["customers", q, ""] for q in quarters)
    won = sum(found["customers", q, ""] for q in quarters)
    assert found["retention", "all", "1"] == pytest.approx(came / won)
    assert found["retention", "2009-Q4", "1"] > found["retention", "2010-Q3", "1"]
    values = answer.headline.values
    assert values["highest"].value == max(found["retention", q, "1"] for q in quarters)  # type: ignore[union-attr]
    assert values["lowest"].value == min(found["retention", q, "1"] for q in quarters)  # type: ignore[union-attr]
    assert [str(period.start) for period in answer.lines[0].values["cohorts"]] == [  # type: ignore[union-attr]
        *("2009-10-01", "2010-01-01"),
    ]
    # The quarter after the third of 2011 runs still, and stands above the highest in the table.
    assert "2011-10-01" in str(answer.lines[1].values["period"].start)  # type: ignore[union-attr]


def test_conditions_limit_what_counts_after_the_first_order(tmp_path: Path, catalog: Catalog) -> None:
    bought = [
        Purchase("a", date(2024, 1, 5), country="Germany"),
        Purchase("a", date(2024, 2, 5), country="France"),
        Purchase("b", date(2024, 1, 9), country="Germany"),
        Purchase("b", date(2024, 2, 9), country="Germany"),
        Purchase("c", date(2024, 2, 1), country="Germany"),
        Purchase("", date(2024, 6, 30), country="Germany"),
        # Came back before anything was sold: not of the cohort's doing.
        Purchase("b", date(2024, 1, 2), 7.0, "returned"),
    ]
    store = make_store(tmp_path / "s.duckdb", bought, [Person("a", channel="web"), Person("b", channel="shop")])
    context = Context(store, catalog, date(2024, 6, 30), User("1", "viewer"))
    period = Days(start=date(2024, 1, 1), end=date(2024, 2, 29))
    everything = facts(run(context, CohortsArgs(period=period)))
    assert everything["customers", "2024-01", ""] == 2
    assert everything["retention", "2024-01", "1"] == 1.0
    germany = Filter(dimension="country", values=("Germany",))
    limited = facts(run(context, CohortsArgs(period=period, where=(germany,))))
    assert limited["customers", "2024-01", ""] == 2
    assert limited["retention", "2024-01", "1"] == 0.5
    web = facts(run(context, CohortsArgs(period=period, rule=Has(attribute="acquisition_channel", values=("web",)))))
    assert web["customers", "2024-01", ""] == 1
    worth = facts(run(context, CohortsArgs(period=period, measure="net_sales")))
    assert worth["net_sales", "2024-01", "0"] == 20.0


@pytest.mark.parametrize(
    ("args", "error", "words"),
    [
        ({"period": {"start": "2031-01-01", "end": "2031-03-01"}}, NotEnoughData, "covers"),
        ({"period": {"start": "2001-01-01", "end": "2001-03-01"}}, NotEnoughData, "covers"),
        ({"by": "acquisition_channel"}, NotEnoughData, "acquisition channel"),
        ({"where": [{"dimension": "country", "values": ["Germny"]}]}, (NotEnoughData, InvalidArgument), "German"),
    ],
)
def test_what_cannot_be_answered_is_said(
    retail_context: Context, args: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        run(retail_context, CohortsArgs.model_validate(args))


def test_an_empty_store_says_so(tmp_path: Path, catalog: Catalog) -> None:
    context = Context(make_store(tmp_path / "s.duckdb", []), catalog, date(2024, 6, 30), User("1", "viewer"))
    with pytest.raises(NotEnoughData, match="no sales of known customers"):
        run(context, CohortsArgs())


def test_one_customer_is_a_cohort(tmp_path: Path, catalog: Catalog) -> None:
    store = make_store(tmp_path / "s.duckdb", [Purchase("o\"'; --", date(2024, 6, 3), 5.0)])
    context = Context(store, catalog, date(2024, 6, 5), User("1", "viewer"))
    answer = run(context, CohortsArgs())
    assert "no full month" in text(answer)
    assert facts(answer)["customers", "2024-06", ""] == 1


@pytest.fixture(scope="session")
def planted(demo_path: Path) -> dict[str, Any]:
    truths = json.loads((demo_path.parent / "truth.json").read_text())["truths"]
    (found,) = (t["where"] for t in truths if t["kind"] == "churned_cohort")
    where: dict[str, Any] = found
    return where


@pytest.fixture(scope="session")
def whole_demo(stores: Path, catalog: Catalog) -> Context:
    """A demo store in which the planted cohort has a few dozen customers."""
    from tests.conftest import _made_once
    from tools.warehouse.demo import make_demo_store

    def make(target: Path) -> None:
        make_demo_store(target, scale=0.4, end=DEMO_END)

    return Context(Warehouse.at(_made_once(stores, "demo_cohorts", make)), catalog, DEMO_END, User("1", "viewer"))


def test_the_lost_cohort_lies_far_below_its_neighbours(whole_demo: Context, planted: dict[str, Any]) -> None:
    channel = Has(attribute="acquisition_channel", values=(planted["acquisition_channel"],))
    found = facts(run(whole_demo, CohortsArgs(rule=channel, measure="customers")))
    later = {o: found["customers", planted["month"], str(o)] for o in (1, 2, 3)}
    assert sum(later.values()) <= 0.1 * found["customers", planted["month"], ""]
    others = [c for name, c, o in found if name == "customers" and o == "3" and c not in (planted["month"], "all")]
    assert others
    came = sum(found["customers", c, str(o)] for c in others for o in (1, 2, 3))
    won = sum(found["customers", c, ""] for c in others)
    assert came / won > 4 * sum(later.values()) / found["customers", planted["month"], ""]


@pytest.mark.parametrize("args", [{}, {"by": "acquisition_channel"}], ids=["all", "by channel"])
def test_the_lost_cohort_is_found(whole_demo: Context, planted: dict[str, Any], args: dict[str, Any]) -> None:
    answer = run(whole_demo, CohortsArgs.model_validate(args))
    told = [
        m
        for m in (answer.headline, *answer.lines)
        if m.text.startswith("Unusually low") and str(m.values.get("value", "")) != ""
    ]
    assert told, text(answer)
    values = told[0].values
    assert getattr(values["value"], "en", "") == planted["acquisition_channel"]
    assert values["cohort"].start.isoformat()[:7] == planted["month"]  # type: ignore[union-attr]
    assert len(told) == 1, "no other cohort is blamed"


def test_by_channel_parts_sum_to_the_whole(demo_context: Context) -> None:
    whole = facts(run(demo_context, CohortsArgs(measure="customers")))
    parts = run(demo_context, CohortsArgs(measure="customers", by="acquisition_channel"))
    summed: dict[str, float] = {}
    for fact in parts.facts:
        if fact.where.get("offset") == "1" and fact.where["cohort"] != "all":
            summed[fact.where["cohort"]] = summed.get(fact.where["cohort"], 0) + (fact.value or 0)
    assert summed == {c: v for (name, c, o), v in whole.items() if o == "1" and c != "all"}


def test_the_same_answer_as_of_a_day_before(retail_context: Context, catalog: Catalog) -> None:
    """Cells that were over in June say in December what they said then."""
    then = facts(run(Context(retail_context.warehouse, catalog, date(2011, 6, 30), retail_context.user), CohortsArgs()))
    now = facts(run(retail_context, CohortsArgs(period=Days(start=date(2010, 7, 1), end=RETAIL_DAY))))
    shared = {key for key in then.keys() & now.keys() if key[1] != "all"}
    assert len(shared) > 20
    assert all(then[key] == pytest.approx(now[key]) for key in shared)


def test_examples_are_valid() -> None:
    for example in TOOL.examples:
        assert CohortsArgs.model_validate(example.args)


def test_proportions_equal_scipy() -> None:
    from scipy.stats import chi2_contingency, false_discovery_control

    for came, won, all_came, all_won in ((5, 100, 120, 800), (40, 100, 120, 800), (15, 100, 120, 800)):
        p = lower_than_others(came, won, all_came, all_won)
        square = chi2_contingency(
            [[came, won - came], [all_came - came, all_won - won - all_came + came]], correction=False
        )
        low = came / won < (all_came - came) / (all_won - won)
        assert p == pytest.approx(square.pvalue / 2 if low else 1 - square.pvalue / 2)
    assert lower_than_others(0, 10, 12, 800) is None
    values = [0.01, 0.04, 0.03, 0.005, 0.9]
    assert benjamini_hochberg(values) == pytest.approx(list(false_discovery_control(values)))
    assert benjamini_hochberg([]) == []
