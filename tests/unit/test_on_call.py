"""Who is on call, as the settings write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot.on_call import policy_of, read_hours, read_people, read_steps
from bot.settings import Settings


def settings(**given: Any) -> Settings:
    return Settings(_env_file=None, **given)


def test_nobody_on_call_is_nobody_told() -> None:
    policy = policy_of(settings())
    assert (policy.escalation, policy.rota) == ((), None)


def test_people_take_a_week_each_and_the_next_in_turn_is_told_after_them() -> None:
    policy = policy_of(settings(on_call="Ann:1001, Ben:1002", timezone="Europe/London", on_call_handover="10:30"))
    first, second = policy.escalation
    assert [first.after, second.after] == [timedelta(minutes=15), timedelta(minutes=30)]
    monday = datetime(2026, 1, 5, 10, 30, tzinfo=UTC)
    assert (policy.reached(first, monday), policy.reached(second, monday)) == (("Ann",), ("Ben",))
    assert policy.reached(first, monday + timedelta(weeks=1, minutes=-1)) == ("Ann",)
    assert policy.reached(first, monday + timedelta(weeks=1)) == ("Ben",)


def test_outside_the_hours_nobody_is_told() -> None:
    policy = policy_of(settings(on_call="Ann:1001", on_call_hours="mon-fri 09:00-18:00, sat 10:00 - 14:00"))
    (first, _second) = policy.escalation

    def told(*instant: int) -> bool:
        return bool(policy.reached(first, datetime(2026, 1, *instant, tzinfo=UTC)))

    assert [told(9, 17, 59), told(9, 18), told(10, 13), told(10, 15), told(11, 12)] == [True, False, True, False, False]


def test_days_may_run_over_the_weekend_and_be_left_out() -> None:
    (weekend,) = read_hours("Fri-Mon 18:00-09:00")
    assert weekend.weekdays == {4, 5, 6, 0}
    (always,) = read_hours("00:00-00:00")
    assert always.weekdays == set(range(7))


def test_people_are_names_and_chats() -> None:
    assert dict(read_people(" Ann Lee : 1001 ,李明:1002,")) == {"Ann Lee": 1001, "李明": 1002}
    assert dict(read_people("")) == {}


def test_steps_are_minutes_that_grow() -> None:
    assert read_steps("5,60") == (timedelta(minutes=5), timedelta(hours=1))


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("on_call", "Ann", "'Ann' is no person on call; write a name and a Telegram user id, as in Ann:1001"),
        ("on_call", "Ann:1001, Ann:1002", "'Ann' is on call twice"),
        ("on_call", ":1001", "is no person on call"),
        ("on_call", "Ann:-5", "is no person on call"),
        ("on_call_handover", "9", "'9' is no time of day; write it as in 09:00"),
        ("on_call_handover", "24:00", "is no time of day"),
        ("on_call_hours", "mon-fri", "'mon-fri' are no hours; write them as in mon-fri 09:00-18:00"),
        ("on_call_hours", "mo 09:00-18:00", "are no hours"),
        ("on_call_hours", "abc 09:00-18:00", "'abc' are no weekdays; they are mon, tue"),
        ("on_call_hours", "mon 09:00-25:00", "is no time of day"),
        ("escalate_after_minutes", "soon", "'soon' are no minutes; write whole numbers, as in 15, 30"),
        ("escalate_after_minutes", "30, 15", "must grow from step to step"),
        ("escalate_after_minutes", "0", "must grow from step to step"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_was_expected(name: str, given: str, expected: str) -> None:
    with pytest.raises(ValidationError) as told:
        settings(**{name: given})
    assert expected in str(told.value)
    assert name in str(told.value)
