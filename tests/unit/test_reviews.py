"""Complaints about answers: what is one, how they are kept, and what an exam makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from bot.exam import flaw, judge
from bot.reviews.complaints import complaint
from bot.reviews.exam_lines import exam_file, exam_line
from bot.reviews.record import KEPT, NOTE_AWAITED, Reviews
from tests.unit.command_line import Run, refused
from tests.unit.outbox_scenes import Clock
from tools.state import connect

CALL = ["metrics", {"metrics": ["orders"], "period": {"start": "2026-10-01", "end": "2026-10-31"}}]
SHOWN = {"calls": [CALL], "question": "orders last month", "language": "en", "today": "2026-11-20"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Wrong!", ""),
        ("that's wrong", ""),
        ("no, this is not correct.", ""),
        ("that can't be right", ""),
        ("👎🏽", ""),
        ("不对吧？", ""),
        ("这个答案有误", ""),
        ("the number is wrong", "number"),
        ("these figures are off", "number"),
        ("这个数不对", "number"),
        ("金额对不上", "number"),
        ("wrong month", "period"),
        ("时间不对", "period"),
        ("that's not what I asked", "misunderstood"),
        ("答非所问", "misunderstood"),
        ("你理解错了", "misunderstood"),
        ("no, orders", None),
        ("no, I meant orders", None),
        ("wrong, I meant the number of orders", None),
        ("不对，我要订单数", None),
        ("what went wrong last month?", None),
        ("return rate is wrong in Germany", None),
        ("错误率", None),
        ("不", None),
        ("no", None),
        ("", None),
    ],
)
def test_a_mere_complaint_is_told_from_a_correction(text: str, reason: str | None) -> None:
    assert complaint(text) == reason


def test_a_complaint_is_kept_once_with_its_reason_and_note(state: sessionmaker[Session], clock: Clock) -> None:
    reviews = Reviews(state, clock)
    first = reviews.begin(1, 10, 7, shown=SHOWN, headline="Orders: 5")
    assert reviews.begin(1, 10, 7, shown=SHOWN, headline="Orders: 5") == first
    other = reviews.begin(1, 10, 8, shown=SHOWN, headline="Orders: 5")
    assert other.id != first.id, "another person's"
    assert reviews.awaited(1, 7) is None
    reviews.give_reason(first.id, "other")
    awaited = reviews.awaited(1, 7)
    assert awaited is not None
    assert awaited.id == first.id
    assert reviews.awaited(2, 7) is None, "another chat"
    clock.forward(seconds=NOTE_AWAITED.total_seconds())
    assert reviews.awaited(1, 7) is None, "too late"
    kept = reviews.give_note(first.id, "x" * 5000)
    assert kept is not None
    assert (kept.reason, len(kept.note)) == ("other", 1000)


def test_what_was_judged_is_open_again_when_it_is_disputed_again(state: sessionmaker[Session], clock: Clock) -> None:
    reviews = Reviews(state, clock)
    review = reviews.begin(1, 10, 7, shown=SHOWN, headline="")
    reviews.judge(review.id, "done", "1")
    assert reviews.page(0, 5) == ((), 0)
    reviews.begin(1, 10, 7, shown=SHOWN, headline="")
    assert [each.id for each in reviews.page(0, 5)[0]] == [review.id]
    reviews.give_reason(review.id, "number")
    reviews.withdraw(1, 10, 7)
    assert reviews.get(review.id) is not None, "a reason was given"
    clock.forward(days=KEPT.days + 1)
    reviews.purge()
    assert reviews.all() == ()


def test_an_exported_line_is_judged_once_what_to_expect_is_known(state: sessionmaker[Session], clock: Clock) -> None:
    reviews = Reviews(state, clock)
    review = reviews.begin(1, 10, 7, shown=SHOWN, headline="Orders: 5")
    assert flaw(exam_line(review)) is None
    assert exam_line(review)["expect"] is None
    right = reviews.judge(review.id, "right", "1")
    assert right is not None
    line = exam_line(right)
    assert (flaw(line), line["as_of"], line["lang"]) == (None, "2026-11-20", "en")
    calls = [{"tool": CALL[0], "args": {**CALL[1], "by": []}}]  # type: ignore[dict-item]
    assert judge(line["expect"], {"status": "answered", "calls": calls}) == ("right", "")
    others: list[dict[str, Any]] = [{"tool": "metrics", "args": {"metrics": ["units"]}}]
    assert judge(line["expect"], {"status": "answered", "calls": others})[0] == "wrong"


EXPECTED = {"status": "answered", "tool": ["metrics"]}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"kind": ""}, "'kind'"),
        ({"lang": "de"}, "expected en or zh"),
        ({"expect": []}, "expected an object"),
        ({"expect": {"tool": ["metrics"]}}, "no 'status'"),
        ({"expect": {"status": "answerd"}}, "one of answered"),
        ({"expect": {"status": "answered", "fact": []}}, "has 'fact'; it may have status, tool"),
        ({"expect": {"status": "answered", "facts": [{"name": "orders"}]}}, "expected a list such as"),
        ({"expect": {"status": "answered", "facts": [{"name": "orders", "value": "5"}]}}, "expected a list such as"),
        ({"expect": {"status": "answered", "calls": [{"tool": "metrics"}]}}, "expected a list such as"),
        ({"expect": {"status": "answered", "ranking": "UK"}}, "a list of values"),
        ({"expect": {"status": "answered", "citation": {"document": "a"}}}, '"words"'),
    ],
)
def test_a_malformed_line_is_refused_by_name(run: Run, tmp_path: Path, changes: dict[str, Any], why: str) -> None:
    good = {"id": "own-1", "kind": "own", "lang": "en", "question": "orders last month", "expect": EXPECTED}
    file = tmp_path / "own.jsonl"
    file.write_text(json.dumps({**good, **changes}), encoding="utf-8")
    refused(run("exam", str(file)), 2, "own.jsonl", "own-1", why)


def test_lines_of_one_id_and_a_file_without_expectations_are_refused(run: Run, tmp_path: Path) -> None:
    line = {"id": "a", "kind": "own", "lang": "en", "question": "orders last month", "expect": EXPECTED}
    file = tmp_path / "own.jsonl"
    file.write_text(f"{json.dumps(line)}\n{json.dumps(line)}\n", encoding="utf-8")
    refused(run("exam", str(file)), 2, "'a'", "more than one line")
    file.write_text(json.dumps({**line, "expect": None}), encoding="utf-8")
    refused(run("exam", str(file)), 2, "no question with an “expect”")


def test_teaching_and_reviewing_in_the_terminal(run: Run, home: str, tmp_path: Path) -> None:
    refused(run("--home", home, "teach"), 2, "--list")
    taught = run("--home", home, "teach", "“flagship markets” means country=Germany, France")
    assert (taught.code, taught.err) == (0, "")
    assert "“flagship markets” means country = Germany and France" in taught.out
    refused(run("--home", home, "teach", "foo means email"), 1, "more than one thing", "marketing_channel=email")
    assert "flagship markets" in run("--home", home, "teach", "--list").out
    (answer,) = run(
        "--home", home, "ask", "--json", "--as-of", "2026-11-20", "orders in flagship markets last month"
    ).objects
    assert answer["calls"][0]["args"]["filters"][0]["values"] == ["Germany", "France"]
    assert "no longer taught" in run("--home", home, "teach", "--revoke", "1").out
    refused(run("--home", home, "teach", "--revoke", "1"), 2, "number 1")

    state = connect(f"sqlite:///{Path(home) / 'state.sqlite3'}")
    review = Reviews(state, Clock()).begin(1, 10, 7, shown=SHOWN, headline="Orders: 5")
    state.kw["bind"].dispose()
    assert "orders last month" in run("--home", home, "reviews").out
    file = tmp_path / "own.jsonl"
    assert "left to fill in" in run("--home", home, "reviews", "--export", str(file)).out
    assert file.read_text("utf-8") == exam_file([review])
    refused(run("--home", home, "exam", str(file)), 2, "no question with an “expect”")
    assert run("--home", home, "reviews", "--right", "1").code == 0
    refused(run("--home", home, "reviews", "--done", "9"), 2, "number 9")
    run("--home", home, "reviews", "--export", str(file))
    assert "1/1 right" in run("--home", home, "exam", str(file)).out
