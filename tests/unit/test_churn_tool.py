"""The tool `churn`: lists, sums, scoreboard; kept predictions; privacy; both languages."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from bot.migrations import upgrade
from bot.rendering.forms import file_of
from bot.rendering.reply import plain_text, reply_json
from bot.rendering.voice import Voice
from bot.reply import Reply
from tests.unit.churn_store import HORIZON, TODAY, context_of, crowd, store_of
from tests.unit.customer_store import Line, Person
from tools.answer import Answer, ToolCall
from tools.customers.churn.record import ChurnPredictionRow, ChurnRoundRow, keep_predictions
from tools.customers.churn.scores import HIGH_RISK, churn_scores
from tools.messages import Message, Quantity
from tools.registry import discover
from tools.runner import MASK, run
from tools.state import connect
from tools.tool import Context
from tools.warehouse.connection import Warehouse

MARCH = date(2025, 2, 27)
ODD = "O'Neil; DROP TABLE order_lines --"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    lines = [*crowd(), *(Line(ODD, f"odd{n}", TODAY - timedelta(days=100 + 9 * n), price=300) for n in range(9))]
    people = [Person(f"K{n:04}", country="Germany" if n % 3 else "France", name=f"Person {n}") for n in range(500)]
    made = store_of(tmp_path_factory.mktemp("churn") / "warehouse.duckdb", lines, people)
    yield made
    made.close()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[sessionmaker[Session]]:
    url = f"sqlite:///{tmp_path / 'state.sqlite3'}"
    upgrade(url)
    sessions = connect(url)
    yield sessions
    sessions.kw["bind"].dispose()


def asked(context: Context, audits: list[Any] | None = None, **args: Any) -> Answer:
    def audit(*what: Any) -> None:
        if audits is not None:
            audits.append(what)

    return run(discover(), context, ToolCall("churn", {"horizon_days": HORIZON, **args}), audit, deadline_s=120)


def facts(answer: Answer) -> dict[str, float | int | None]:
    return {fact.name: fact.value for fact in answer.facts if not fact.where}


def shown(answer: Answer, name: str) -> list[Any]:
    assert answer.table is not None
    at = [column.name for column in answer.table.columns].index(name)
    return [row[at] for row in answer.table.rows]


def test_the_list_is_of_the_likeliest_who_have_not_lapsed(warehouse: Warehouse) -> None:
    answer = asked(context_of(warehouse), top=15)
    scores = churn_scores(context_of(warehouse), HORIZON)
    probabilities = shown(answer, "probability")
    assert len(probabilities) == 15
    assert probabilities == sorted(probabilities, reverse=True)
    listed = ~scores.lapsed
    assert probabilities[0] == pytest.approx(scores.probability[listed].max())
    assert not any(scores.lapsed[scores.place[customer]] for customer in shown(answer, "customer_id"))
    assert answer.table is not None
    assert answer.whole is not None
    assert answer.table.total_rows == len(answer.whole.rows) == int(listed.sum())
    assert answer.whole.rows[:15] == answer.table.rows
    found = facts(answer)
    at_risk = listed & (scores.probability >= HIGH_RISK)
    assert found["customers"] == int(at_risk.sum())
    assert found["value_at_risk"] == pytest.approx(float(scores.value_at_risk[at_risk].sum()))
    assert found["value_at_risk_listed"] == pytest.approx(sum(shown(answer, "value_at_risk")), abs=0.5 * 15)
    assert found["customers_lapsed"] == int(scores.lapsed.sum())
    assert found["auc"] == pytest.approx(scores.trial.auc)
    assert found["brier"] == pytest.approx(scores.trial.brier)


def test_the_headline_says_how_many_are_at_high_risk_and_what_is_at_stake(warehouse: Warehouse) -> None:
    for order in ("probability", "value_at_risk"):
        answer = asked(context_of(warehouse), order_by=order, top=15)
        assert answer.headline.values["count"] == facts(answer)["customers"]
        assert answer.headline.values["value"] == Quantity(facts(answer)["value_at_risk"], "EUR")
        listed = answer.lines[0].values
        assert (listed["count"], listed["value"]) == (15, Quantity(facts(answer)["value_at_risk_listed"], "EUR"))
    assert "Whom to save first" in str(asked(context_of(warehouse)).follow_ups[0].label)


def test_when_all_are_listed_it_says_so_and_how_many_are_at_high_risk(warehouse: Warehouse) -> None:
    rule = {"attribute": "country", "values": ["France"]}
    answer = asked(context_of(warehouse), rule=rule, top=1000)
    high = [p for p in shown(answer, "probability") if p >= HIGH_RISK]
    assert 0 < len(high) < len(shown(answer, "probability"))
    assert answer.headline.values["count"] == len(high)
    assert str(answer.lines[0]).startswith(f"All {len(shown(answer, 'probability'))} are listed by probability")
    first = shown(answer, "customer_id")[0]
    only = {"measure": "orders", "op": ">=", "value": 1, "where": [{"dimension": "customer", "values": [first]}]}
    alone = asked(context_of(warehouse), rule=only)
    assert shown(alone, "customer_id") == [first]
    (told,) = [fact.value for fact in alone.facts if fact.name == "churn_probability"]
    assert alone.headline.values["probability"] == Quantity(told, "ratio")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_on_a_phone_the_list_says_what_to_do(warehouse: Warehouse, language: Any) -> None:
    answer = asked(context_of(warehouse), top=5)
    table = plain_text(Reply("answered", language, answers=(answer,)), Voice(language)).split("\n\n")[1]
    assert ("Coupon" if language == "en" else "发优惠券") in table
    assert {"en": "Risk", "zh": "流失概率"}[language] in table.splitlines()[1 if language == "en" else 0]


def test_by_value_and_from_a_probability_on(warehouse: Warehouse) -> None:
    by_value = asked(context_of(warehouse), order_by="value_at_risk", top=50)
    values = shown(by_value, "value_at_risk")
    assert values == sorted(values, reverse=True)
    sure = asked(context_of(warehouse), min_probability=0.8, top=1000)
    assert all(p >= 0.8 for p in shown(sure, "probability"))
    assert facts(sure)["customers"] == len(shown(sure, "probability"))
    none = asked(context_of(warehouse), min_probability=1.0)
    assert none.table is None
    assert facts(none)["customers"] == 0


def test_a_rule_says_whom(warehouse: Warehouse) -> None:
    rules = [{"attribute": "country", "values": [country]} for country in ("Germany", "France")]
    parts = [asked(context_of(warehouse), rule=rule, top=1000) for rule in rules]
    everybody = asked(context_of(warehouse), top=1000)
    ids = [set(shown(part, "customer_id")) for part in parts]
    assert not ids[0] & ids[1]
    assert ids[0] | ids[1] == set(shown(everybody, "customer_id")) - {ODD}
    assert facts(parts[0])["customers_lapsed"] < facts(everybody)["customers_lapsed"]  # type: ignore[operator]
    lapsed = asked(context_of(warehouse), rule={"scheme": "lifecycle", "groups": ["lapsed"]}, top=1000)
    assert len(shown(lapsed, "customer_id")) == facts(everybody)["customers_lapsed"]
    nobody = asked(context_of(warehouse), rule={"measure": "orders", "op": ">", "value": 9999})
    assert "No customers match" in str(nobody.headline)


def test_the_sums_by_risk_add_up(warehouse: Warehouse) -> None:
    answer = asked(context_of(warehouse), show="summary")
    assert sum(shown(answer, "customers")) == facts(answer)["customers_not_lapsed"]
    assert sum(shown(answer, "share")) == pytest.approx(1)
    assert sum(shown(answer, "value_at_risk")) == pytest.approx(facts(answer)["value_at_risk"])
    where = {fact.where["risk"]: fact.value for fact in answer.facts if fact.name == "customers" and fact.where}
    assert list(where) == shown(answer, "risk") == ["high", "medium", "low"]
    listed = asked(context_of(warehouse))
    assert where["high"] == facts(listed)["customers"]
    assert answer.chart is not None


def test_without_kept_predictions_the_scoreboard_is_a_backtest(warehouse: Warehouse) -> None:
    answer = asked(context_of(warehouse), show="scoreboard")
    assert str(answer.headline).startswith("Backtest")
    assert any("backtest" in str(caveat) for caveat in answer.caveats)
    assert sum(shown(answer, "customers")) == facts(answer)["customers"]
    left = sum(n * share for n, share in zip(shown(answer, "customers"), shown(answer, "actual"), strict=True))
    assert left == pytest.approx(facts(answer)["left"])
    assert answer.chart is not None
    assert answer.chart.kind == "line"


def test_kept_predictions_are_judged_when_their_time_is_over(
    warehouse: Warehouse, state: sessionmaker[Session]
) -> None:
    then = replace(context_of(warehouse, MARCH), state=state)
    assert keep_predictions(then, HORIZON)
    assert not keep_predictions(then, HORIZON)
    assert not keep_predictions(replace(then, today=MARCH + timedelta(days=1)), HORIZON)
    early = asked(then, show="scoreboard")
    assert str(early.headline).startswith("Backtest")
    now = replace(context_of(warehouse), state=state)
    answer = asked(now, show="scoreboard")
    assert str(answer.headline).startswith("The predictions of")
    assert answer.caveats == ()
    scores = churn_scores(then, HORIZON)
    listed = np.flatnonzero(~scores.lapsed)
    bought = {line.customer for line in crowd() if MARCH < line.on <= MARCH + timedelta(days=HORIZON)}
    left = [scores.customer_ids[at] not in bought for at in listed]
    assert facts(answer)["customers"] == len(listed)
    assert facts(answer)["left"] == sum(left)
    assert facts(answer)["brier"] == pytest.approx(float(np.mean((scores.probability[listed] - left) ** 2)))
    with state() as session:
        assert session.scalar(select(func.count()).select_from(ChurnRoundRow)) == 2  # this question kept April's
        kept = session.scalars(select(ChurnPredictionRow.customer_id)).all()
    assert ODD in kept


def test_nothing_is_kept_without_a_state_database(warehouse: Warehouse) -> None:
    assert not keep_predictions(context_of(warehouse), HORIZON)


def test_names_are_for_admins_in_table_and_file(warehouse: Warehouse) -> None:
    audits: list[Any] = []
    masked = asked(context_of(warehouse), audits, top=3)
    assert set(shown(masked, "name")) <= {MASK, None}
    assert masked.whole is not None
    assert {row[-1] for row in masked.whole.rows} <= {MASK, None}
    assert audits == []
    clear = asked(context_of(warehouse, role="admin"), audits, top=3)
    assert clear.whole is not None
    assert any(str(name).startswith("Person") for name in shown(clear, "name"))
    assert [what[1:] for what in audits] == [("personal_data", {"tool": "churn", "rows": len(clear.whole.rows)})]


@pytest.mark.parametrize(("language", "reason", "action"), [("en", "ago", "coupon"), ("zh", "", "优惠券")])
def test_reasons_and_actions_read_in_both_languages(
    warehouse: Warehouse, language: str, reason: str, action: str
) -> None:
    answer = asked(context_of(warehouse), top=20)
    call = ToolCall("churn", {"horizon_days": HORIZON})
    reply = Reply("answered", language, calls=(call,), answers=(answer,))
    voice = Voice(language)  # type: ignore[arg-type]
    cells = [cell for cell in shown(answer, "reason") if cell is not None]
    assert cells
    assert all(isinstance(cell, Message) for cell in cells)
    told = {voice.text(cell) for cell in cells}
    whole = reply_json(reply, voice)
    at = whole["table"]["columns"].index("reason")
    assert {row[at] for row in whole["table"]["rows"]} - {None} == told
    assert plain_text(reply, voice)
    comma, sheet = file_of(answer, voice, "csv"), file_of(answer, voice, "xlsx")
    rows = list(csv.reader(io.StringIO(comma.content.decode("utf-8-sig"))))
    assert answer.whole is not None
    assert len(rows) == len(answer.whole.rows) + 1
    assert {row[at] for row in rows[1:21]} - {""} == told
    assert any(action in row[at + 1] for row in rows[1:])
    assert all("Message(" not in cell and "{" not in cell for row in rows for cell in row)
    book = load_workbook(io.BytesIO(sheet.content), read_only=True).active
    assert book is not None
    read = list(book.iter_rows(min_row=2, max_row=21, values_only=True))
    assert {row[at] for row in read} - {None} == told
    assert any(reason in text for text in told)
