"""The tool `quality`: from a stored report, and without one."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.unit.import_cases import ROWS, SOURCE, mapping_text, run_import, write_csv
from tools.answer import Answer
from tools.catalog.quality import TOOL
from tools.errors import NotEnoughData
from tools.tool import Context, User
from tools.warehouse.connection import Warehouse
from tools.warehouse.profile import Gap, closed_weekdays, gaps

RULE = SOURCE + "    set_aside: [{reason: {en: a gift, zh: 赠品}, when: {column: price, at_most: 0}}]\n"


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quality")
    rows = [*ROWS, "3,2024-05-06,B,c2,1,0", "4,2024-05-06,B,c2,1,1", "5,2024-05-20,B,c2,1,1"]
    run_import(folder, [write_csv(folder, rows)], mapping_text(source=RULE))
    return folder / "store.duckdb"


@pytest.fixture
def store(imported: Path, tmp_path: Path) -> Path:
    return shutil.copy(imported, tmp_path / "store.duckdb")


def ask(store: Path, about: str, today: date = date(2024, 5, 31), language: str = "en") -> Answer:
    context = Context(Warehouse.at(store), None, today, User("1", "viewer", language))  # type: ignore[arg-type]
    return TOOL.run(context, TOOL.args.model_validate({"about": about}))


def facts(answer: Answer) -> dict[tuple[Any, ...], float | int | None]:
    return {(f.name, *f.where.values()): f.value for f in answer.facts}


def test_overview(store: Path) -> None:
    answer = ask(store, "overview")
    assert facts(answer) == {
        ("rows_read",): 6, ("rows_distinct",): 6, ("rows_loaded",): 5, ("duplicates",): 0, ("set_aside",): 1,
    }  # fmt: skip
    assert answer.table is not None
    assert answer.table.rows == (("lines", 6, 5, 0, 1),)
    assert answer.caveats == ()


def test_reasons_are_told_in_the_readers_language(store: Path) -> None:
    answer = ask(store, "set_aside", language="zh")
    assert facts(answer) == {("set_aside",): 1, ("set_aside", "lines", "赠品"): 1}
    assert ask(store, "set_aside").table.rows[0][0] == "a gift"  # type: ignore[union-attr]


def test_gaps_and_freshness_see_nothing_after_the_day(store: Path) -> None:
    assert facts(ask(store, "gaps"))["gap_days",] == 16
    early = ask(store, "gaps", date(2024, 5, 6))
    assert early.table is not None
    assert early.table.rows == ((date(2024, 5, 3), date(2024, 5, 5), 3),)
    assert facts(ask(store, "freshness", date(2024, 5, 7)))["days_since_last_sale",] == 1
    assert ask(store, "freshness", date(2024, 5, 7)).caveats == ()
    assert ask(store, "freshness").caveats
    assert ask(store, "overview", date(2024, 5, 7)).caveats
    with pytest.raises(NotEnoughData):
        ask(store, "freshness", date(2020, 1, 1))


def test_missing_customers(store: Path) -> None:
    found = facts(ask(store, "missing"))
    assert found["missing", "order_lines", "customer_id"] == 2
    assert found["missing_share", "order_lines", "customer_id"] == pytest.approx(0.4)


def test_a_store_without_a_report_still_answers(store: Path) -> None:
    with duckdb.connect(str(store)) as connection:
        connection.execute("DROP TABLE import_reports")
        connection.execute("DROP TABLE set_aside")
    assert facts(ask(store, "overview", date(2024, 5, 6)))["rows", "order_lines"] == 4
    assert ask(store, "overview").caveats
    with pytest.raises(NotEnoughData):
        ask(store, "set_aside")


@pytest.mark.parametrize("example", TOOL.examples, ids=lambda e: e.question.en)
def test_examples_are_valid_arguments(example: Any) -> None:
    assert TOOL.args.model_validate(example.args)
    assert example.question.zh


def test_a_closing_day_is_no_gap() -> None:
    days = [date.fromordinal(n) for n in range(date(2024, 1, 1).toordinal(), date(2024, 3, 31).toordinal() + 1)]
    open_days = [d for d in days if d.weekday() != 5]
    assert closed_weekdays(open_days) == (5,)
    assert gaps(open_days, (5,)) == ()
    # Friday to Monday without sales, a Saturday among them: three days are missing.
    holes = [d for d in open_days if not date(2024, 2, 9) <= d <= date(2024, 2, 12)]
    assert gaps(holes, (5,)) == (Gap(date(2024, 2, 9), date(2024, 2, 12), 3),)
    # Two whole weeks.
    holes = [d for d in open_days if not date(2024, 2, 5) <= d <= date(2024, 2, 18)]
    assert gaps(holes, (5,)) == (Gap(date(2024, 2, 5), date(2024, 2, 18), 12),)
