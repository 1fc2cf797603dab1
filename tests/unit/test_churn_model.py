"""Features without a look ahead, probabilities that hold, contributions that add up, and refusals that say why."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.unit.churn_store import FIRST, HORIZON, TODAY, context_of, crowd, store_of
from tests.unit.customer_store import Line, Person
from tools.customers.churn.actions import Consent, actions, choose
from tools.customers.churn.features import behaviour, outcomes
from tools.customers.churn.model import design_of, example_of, forecast
from tools.customers.churn.scores import ChurnScores, churn_scores, past_days
from tools.errors import NotEnoughData
from tools.stats.classification import quality
from tools.stats.logistic import log_odds
from tools.warehouse.connection import Warehouse

DAY = date(2025, 3, 1)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    warehouse = store_of(tmp_path_factory.mktemp("churn") / "warehouse.duckdb", crowd())
    yield warehouse
    warehouse.close()


@pytest.fixture(scope="module")
def scores(crowded: Warehouse) -> ChurnScores:
    return churn_scores(context_of(crowded), HORIZON)


# --- features ---------------------------------------------------------------------------------------------------------

ONE = [
    Line("it's", "1", date(2024, 1, 10), price=10),
    Line("it's", "1", date(2024, 1, 10), "mug", price=5, hour=18),
    Line("it's", "2", date(2024, 1, 30), price=20),
    Line("it's", "3", date(2024, 1, 30), price=1),  # the same day: one order day
    Line("it's", "R", date(2024, 2, 20), price=4, kind="returned"),
    Line("it's", "4", date(2024, 3, 10), "o'pot", price=50, discount=5),
    Line("it's", "5", date(2024, 6, 1), price=7),
    Line(None, "6", date(2024, 3, 11), price=999),
    Line("=late", "7", date(2024, 5, 1), price=3),
    Line("🙂", "8", date(2024, 3, 11), price=3, kind="returned"),
]


def test_features_are_what_a_reader_would_count(tmp_path: Path) -> None:
    warehouse = store_of(tmp_path / "warehouse.duckdb", ONE)
    (then, later), sql = behaviour(warehouse, [date(2024, 3, 20), date(2024, 6, 30)], 90)
    assert then.customer_ids.tolist() == ["it's"]
    assert later.customer_ids.tolist() == ["=late", "it's"]
    assert "order_lines" in sql
    got = {name: float(column[0]) for name, column in then.columns.items()}
    expected = {
        "recency": 10,
        "tenure": 70,
        "orders": 3,
        "gap_mean": 30,
        "gap_sd": 10,
        "gap_max": 40,
        "gap_last": 40,
        "gap_recent": 30,
        "last_value": 45,
        "orders_30": 1,
        "orders_90": 3,
        "orders_365": 3,
        "net_sales": 10 + 5 + 20 + 1 - 4 + 45,
        "gross_sales": 86,
        "discounts": 5,
        "returns": 4,
        "returns_180": 4,
        "products": 3,
        "sales_30": 41,
        "sales_90": 77,
        "sales_before_90": 0,
    }
    assert {name: got[name] for name in expected} == pytest.approx(expected)
    assert math.isnan(float(later["gap_mean"][0]))
    warehouse.close()


def test_nothing_after_the_day_is_seen(crowded: Warehouse, tmp_path: Path) -> None:
    kept = [line for line in crowd() if line.on <= DAY]
    cut = store_of(tmp_path / "warehouse.duckdb", kept)
    both = [behaviour(w, [DAY - timedelta(days=40), DAY], HORIZON)[0] for w in (crowded, cut)]
    for whole, part in zip(*both, strict=True):
        assert whole.customer_ids.tolist() == part.customer_ids.tolist()
        for name in whole.columns:
            assert np.array_equal(whole[name], part[name], equal_nan=True), name
    assert np.array_equal(
        churn_scores(context_of(crowded, DAY), HORIZON).probability,
        churn_scores(context_of(cut, DAY), HORIZON).probability,
    )
    cut.close()


def test_outcomes_are_orders_within_the_horizon_and_no_later(crowded: Warehouse) -> None:
    (snapshot,), _sql = behaviour(crowded, [DAY], HORIZON)
    (after,) = outcomes(crowded, [snapshot], HORIZON)
    end = DAY + timedelta(days=HORIZON)
    bought = {line.customer for line in crowd() if DAY < line.on <= end}
    assert after.ordered.tolist() == [customer in bought for customer in snapshot.customer_ids.tolist()]
    spent = sum(line.worth for line in crowd() if DAY < line.on <= end and line.customer in set(snapshot.customer_ids))
    assert float(after.net_sales.sum()) == pytest.approx(spent)


def test_every_nth_customer_is_a_part_of_all(crowded: Warehouse) -> None:
    ((whole,), _), ((part,), _) = (behaviour(crowded, [DAY], HORIZON, n) for n in (1, 3))
    assert set(part.customer_ids.tolist()) < set(whole.customer_ids.tolist())
    at = [whole.customer_ids.tolist().index(customer) for customer in part.customer_ids.tolist()]
    assert np.array_equal(whole["recency"][at], part["recency"])
    assert 0.25 < len(part) / len(whole) < 0.42


def test_past_days_are_over_and_have_a_history() -> None:
    days = past_days(FIRST, TODAY, HORIZON)
    assert days == sorted(days)
    assert days[-1] == TODAY - timedelta(days=HORIZON)
    assert min(days) >= FIRST + timedelta(days=30)


# --- the model --------------------------------------------------------------------------------------------------------


def test_the_level_is_bgnbds_and_the_chances_hold_on_days_not_seen(crowded: Warehouse) -> None:
    days = past_days(FIRST, DAY, HORIZON)
    taken, _sql = behaviour(crowded, [*days, DAY], HORIZON)
    after = outcomes(crowded, taken, HORIZON)
    examples = [example_of(s, o, HORIZON) for s, o in zip(taken, after, strict=True)]
    target = examples[-1]
    found = forecast("behaviour", target.design, examples[:-1], HORIZON)
    assert float(found.probability.mean()) == pytest.approx(float(target.design.no_order.mean()), abs=0.02)
    judged = quality(target.left, found.probability)
    assert judged.auc is not None
    assert judged.auc > 0.75
    assert judged.calibration_error < 0.08
    alone = forecast("rhythm", target.design, [], HORIZON)
    assert alone.probability == pytest.approx(np.clip(target.design.no_order, 1e-4, 1 - 1e-4), abs=1e-3)
    with pytest.raises(ValueError, match="nothing to learn"):
        forecast("behaviour", target.design, [], HORIZON)


def test_an_example_whose_horizon_is_not_over_teaches_nothing(crowded: Warehouse) -> None:
    days = [DAY - timedelta(days=2 * HORIZON), DAY - timedelta(days=10), DAY]
    taken, _sql = behaviour(crowded, days, HORIZON)
    after = outcomes(crowded, taken, HORIZON)
    examples = [example_of(s, o, HORIZON) for s, o in zip(taken[:2], after[:2], strict=True)]
    target = design_of(taken[-1], HORIZON)
    lied = [examples[0], replace(examples[1], left=1.0 - examples[1].left)]
    both = (forecast("behaviour", target, given, HORIZON) for given in (examples, lied))
    assert np.array_equal(*(found.probability for found in both))


def test_contributions_add_up_to_the_difference_from_the_mean(scores: ChurnScores) -> None:
    whole = np.sum(list(scores.contributions.values()), axis=0)
    z = log_odds(scores.probability)
    listed = ~scores.lapsed
    assert whole - whole[listed].mean() == pytest.approx(z - z[listed].mean(), abs=1e-6)
    assert float(whole[listed].mean()) == pytest.approx(0.0, abs=1e-9)


def test_scores_are_probabilities_and_the_same_again(crowded: Warehouse, scores: ChurnScores, tmp_path: Path) -> None:
    assert ((scores.probability > 0) & (scores.probability < 1)).all()
    assert (scores.expected >= 0).all()
    shuffled = store_of(tmp_path / "warehouse.duckdb", crowd()[::-1])
    again = churn_scores(context_of(shuffled), HORIZON)
    assert again.customer_ids == scores.customer_ids
    assert again.probability == pytest.approx(scores.probability, abs=1e-9)
    shuffled.close()


def test_who_stays_away_is_likelier_to_leave(scores: ChurnScores) -> None:
    snapshot = scores.snapshot
    steady = snapshot["orders"] >= 5
    late = steady & (snapshot["recency"] > 4 * snapshot["gap_mean"])
    on_time = steady & (snapshot["recency"] < snapshot["gap_mean"])
    assert late.sum() > 10
    assert scores.probability[late].mean() > scores.probability[on_time].mean() + 0.4
    assert scores.trial.auc is not None
    assert scores.trial.auc > 0.6


def test_one_customer_is_told_whole(scores: ChurnScores) -> None:
    at = int(np.argmax(np.where(scores.snapshot["orders"] >= 5, scores.probability, 0)))
    risk = scores.of(scores.customer_ids[at])
    assert risk is not None
    assert risk.value_at_risk == pytest.approx(risk.probability * float(scores.expected[at]))
    assert risk.usual_gap_days == pytest.approx(float(scores.snapshot["gap_mean"][at]))
    assert risk.reasons[0].text.startswith("last ordered {days} ago")
    assert scores.of("nobody") is None


def test_reasons_are_true_of_the_customer(scores: ChurnScores) -> None:
    told = 0
    for at in range(len(scores.customer_ids)):
        risk = scores.at(at)
        assert len(risk.reasons) <= 3
        for reason in risk.reasons:
            if reason.text.startswith("last ordered"):
                assert risk.usual_gap_days is not None
                assert risk.days_since_last > risk.usual_gap_days
            if reason.text.startswith("ordered on one day"):
                assert risk.usual_gap_days is None
            told += 1
    assert told > 100


# --- what to do -------------------------------------------------------------------------------------------------------


def test_high_risk_and_high_value_is_for_a_person_and_longer_price_protection() -> None:
    action = choose("high", "high", None)
    assert action.id == "personal_contact"
    assert "price protection" in action.label.en
    assert "价保" in action.label.zh


@pytest.mark.parametrize(
    ("consent", "channel"),
    [
        (None, ""),
        (Consent(None, None), ""),
        (Consent(True, False), "_email"),
        (Consent(False, True), "_sms"),
        (Consent(False, False), "_visit"),
        (Consent(False, None), "_visit"),
    ],
)
def test_no_message_without_consent(consent: Consent | None, channel: str) -> None:
    assert choose("high", "low", consent).id == f"coupon{channel}"
    assert choose("low", "high", consent).id == "nothing"


def test_every_action_has_a_name_in_both_languages() -> None:
    listed = {action.id: action.label for action in actions()}
    for risk in ("high", "medium", "low"):
        for value in ("high", "medium", "low"):
            for consent in (None, Consent(True, True), Consent(False, True), Consent(False, False)):
                action = choose(risk, value, consent)  # type: ignore[arg-type]
                assert listed[action.id] == action.label
    assert all(label.zh for label in listed.values())


# --- too little, and strange stores -----------------------------------------------------------------------------------


def refused(tmp_path: Path, lines: list[Line], today: date = TODAY, horizon: int = HORIZON) -> str:
    warehouse = store_of(tmp_path / "warehouse.duckdb", lines)
    with pytest.raises(NotEnoughData) as error:
        churn_scores(context_of(warehouse, today), horizon)
    warehouse.close()
    return error.value.message.text


def test_a_short_history_says_how_long_it_must_be(tmp_path: Path) -> None:
    lines = [line for line in crowd() if line.on < FIRST + timedelta(days=100)]
    assert "needs at least {needed} of sales" in refused(tmp_path, lines, FIRST + timedelta(days=100))


def test_few_customers_are_refused(tmp_path: Path) -> None:
    assert "needs at least" in refused(tmp_path, crowd(40))


def test_one_customer_is_refused(tmp_path: Path) -> None:
    lines = [Line("K", str(n), FIRST + timedelta(days=9 * n)) for n in range(50)]
    assert "customers had ordered" in refused(tmp_path, lines)


def test_no_customers_at_all_are_refused(tmp_path: Path) -> None:
    assert "no sales to known customers" in refused(tmp_path, [Line(None, "1", FIRST)])


def test_nobody_ordering_again_is_refused(tmp_path: Path) -> None:
    lines = [Line(f"K{n:03}", str(n), FIRST + timedelta(days=n)) for n in range(400)]
    assert "ordered again" in refused(tmp_path, lines)


def test_everybody_staying_is_refused(tmp_path: Path) -> None:
    lines = [
        Line(f"K{n:03}", f"{n}-{k}", FIRST + timedelta(days=k)) for n in range(250) for k in range(n % 30, 486, 30)
    ]
    assert "telling them apart" in refused(tmp_path, lines)


def test_the_same_spend_of_everybody(tmp_path: Path) -> None:
    warehouse = store_of(tmp_path / "warehouse.duckdb", crowd(400, price=10.0))
    found = churn_scores(context_of(warehouse), HORIZON)
    assert np.isfinite(found.value_at_risk).all()
    assert float(found.value_at_risk.sum()) > 0
    warehouse.close()


def test_negative_totals_two_orders_a_day_and_consent(tmp_path: Path) -> None:
    lines = crowd(400)
    people = [Person(f"K{n:04}", email_consent=False) for n in range(0, 400, 2)]
    more = [replace(line, order=f"{line.order}b", hour=20) for line in lines[::5]]
    back = [replace(line, kind="returned", price=500.0) for line in lines[::7]]
    free = [replace(line, price=0.0) for line in lines[::11]]
    warehouse = store_of(tmp_path / "warehouse.duckdb", [*lines, *more, *back, *free], people)
    found = churn_scores(context_of(warehouse), HORIZON)
    assert (found.snapshot["net_sales"] < 0).any()
    assert np.isfinite(found.probability).all()
    assert (found.value_at_risk >= 0).all()
    for at, customer in enumerate(found.customer_ids):
        assert found.at(at).customer_id == customer
        action = found.action(at).id
        assert action == "nothing" or action.endswith("_visit") == (int(customer[1:]) % 2 == 0)
    warehouse.close()
