"""Which calls a message of the bot answered: found again for a month, told from others of its number, forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker
from telegram import Chat, Message

from bot.shown import Shown
from bot.telegram.answered import UNASKED, Answered, AnsweredRow, Noted
from tests.unit.outbox_scenes import START, Clock
from tools.answer import ToolCall

ADA, MAX, GROUP = 5, 6, -7


def noted(name: str, conversation: str = f"{ADA}:0:{ADA}") -> Noted:
    call = ToolCall("metrics", {"metrics": [name]})
    return Noted(Shown((call,), name, "en", START.date()), f"{name}: 5", conversation)


def message(number: int, chat_id: int = ADA, at: datetime = START) -> Message:
    return Message(number, at, Chat(chat_id, Chat.PRIVATE if chat_id > 0 else Chat.GROUP))


@pytest.fixture
def answered(state: sessionmaker[Session], clock: Clock) -> Answered:
    return Answered(state, clock)


def test_a_message_and_the_question_it_answers_lead_to_its_calls(answered: Answered) -> None:
    orders, sales = noted("orders"), noted("net_sales")
    answered.note(message(11), orders, asked_in=10)
    answered.note(message(12), orders, asked_in=10)
    answered.note(message(14), sales, asked_in=13)
    assert answered.find(ADA, 12, START) == orders
    assert answered.find(ADA, 14) == sales
    assert answered.find_answer(ADA, 10, START - timedelta(seconds=1)) == orders
    assert answered.find_answer(ADA, 11, START) is None
    assert answered.find(MAX, 11, START) is None
    assert orders.user_id == ADA
    assert noted("orders", UNASKED).user_id is None


def test_another_message_of_its_number_is_told_apart(answered: Answered) -> None:
    answered.note(message(11), noted("orders"), asked_in=10)
    later = START + timedelta(days=2)
    assert answered.find(ADA, 11, later) is None
    assert answered.find_answer(ADA, 10, later) is None


def test_the_last_of_a_dialogue_is_known_as_long_as_the_dialogue(answered: Answered, clock: Clock) -> None:
    here, there = f"{GROUP}:0:{ADA}", f"{GROUP}:0:{MAX}"
    answered.note(message(1, GROUP), noted("orders", here))
    answered.note(message(2, GROUP), noted("net_sales", here))
    answered.note(message(3, GROUP), noted("units", there))
    assert answered.last(here) == noted("net_sales", here)
    clock.forward(hours=24)
    assert answered.last(here) is None
    assert answered.find(GROUP, 2, START) == noted("net_sales", here)


def test_after_a_month_it_is_forgotten_and_then_deleted(
    answered: Answered, clock: Clock, state: sessionmaker[Session]
) -> None:
    answered.note(message(1), noted("orders"))
    clock.forward(days=20)
    answered.note(message(2, at=clock()), noted("units"))
    clock.forward(days=10)
    assert answered.find(ADA, 1, START) is None
    answered.purge()
    with state() as session:
        assert [row.message_id for row in session.query(AnsweredRow)] == [2]


def test_who_is_removed_and_a_group_that_moved_leave_nothing(answered: Answered) -> None:
    answered.note(message(1), noted("orders"))
    answered.note(message(2), noted("digest", UNASKED))
    answered.note(message(3, GROUP), noted("orders", f"{GROUP}:0:{ADA}"))
    answered.note(message(4, GROUP), noted("orders", f"{GROUP}:0:1{ADA}"))
    answered.note(message(5, MAX), noted("orders", f"{MAX}:0:{MAX}"))
    answered.forget_user(ADA)
    assert [answered.find(*place) is None for place in ((ADA, 1), (ADA, 2), (GROUP, 3))] == [True, True, True]
    assert answered.find(GROUP, 4) is not None
    answered.forget_chat(GROUP)
    assert answered.find(GROUP, 4) is None
    assert answered.find(MAX, 5) is not None


def test_without_its_table_nothing_is_known_and_nothing_breaks(
    answered: Answered, state: sessionmaker[Session]
) -> None:
    with state.begin() as session:
        session.execute(text("DROP TABLE answered_messages"))
    answered.note(message(1), noted("orders"))
    assert answered.find(ADA, 1) is None
    assert answered.last(f"{ADA}:0:{ADA}") is None


def test_times_are_telegrams_own(answered: Answered) -> None:
    sent = datetime(2026, 11, 20, 9, 0, 7, tzinfo=UTC)
    answered.note(message(1, at=sent), noted("orders"), asked_in=9)
    assert answered.find_answer(ADA, 9, sent) is not None
    assert answered.find_answer(ADA, 9, sent + timedelta(seconds=1)) is None
