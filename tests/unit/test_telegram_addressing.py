"""Whether a message is meant for the bot, and what of it is the question."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from telegram import Chat, ForumTopicCreated, Message, MessageEntity, Update, User

from bot.telegram.addressing import Identity, command_of, invite_of, is_for_bot, lane_of, question_of, sender

BOT = Identity(99, "MarketBot")
ENTITY = re.compile(r"(?P<command>/\w+(@\w+)?)|(?P<mention>@\w+)")
NOW = datetime(2024, 5, 1, tzinfo=UTC)


def message(text: str, *, chat_id: int = -5, user: User | None = None, reply_to: Message | None = None) -> Message:
    entities = tuple(
        MessageEntity(
            MessageEntity.BOT_COMMAND if found["command"] else MessageEntity.MENTION,
            len(text[: found.start()].encode("utf-16-le")) // 2,
            len(found[0]),
        )
        for found in ENTITY.finditer(text)
    )
    chat = Chat(chat_id, Chat.PRIVATE if chat_id > 0 else Chat.SUPERGROUP)
    return Message(
        1, NOW, chat, from_user=user or User(7, "U", False), text=text, entities=entities, reply_to_message=reply_to
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("sales?", False),
        ("@marketbot sales?", True),
        ("what of @MARKETBOT sales", True),
        ("@marketbot2 sales", False),
        ("/ask sales", True),
        ("/ask@marketbot sales", True),
        ("/ask@otherbot sales", False),
        ("/weather", False),
        ("/weather@marketbot", True),
    ],
)
def test_in_a_group_the_bot_must_be_addressed(text: str, meant: bool) -> None:
    assert is_for_bot(message(text), BOT) is meant


def test_in_private_everything_is_for_the_bot() -> None:
    assert is_for_bot(message("sales?", chat_id=7), BOT)


def test_a_reply_to_the_bot_is_for_the_bot() -> None:
    by_bot = message("42", user=User(99, "Bot", True))
    assert is_for_bot(message("and returns?", reply_to=by_bot), BOT)
    assert not is_for_bot(message("and returns?", reply_to=message("43")), BOT)


def test_the_message_that_opened_a_topic_is_no_reply() -> None:
    opening = Message(
        1,
        NOW,
        Chat(-5, Chat.SUPERGROUP),
        from_user=User(99, "Bot", True),
        forum_topic_created=ForumTopicCreated("Sales", 1),
    )
    assert not is_for_bot(message("chatting", reply_to=opening), BOT)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("@MarketBot: sales?", "sales?"),
        ("@marketbot，上月销售额", "上月销售额"),
        ("🙂 sales, @marketbot", "🙂 sales"),
        ("/ask  sales  in\nMay", "sales in May"),
        ("/ask@marketbot sales", "sales"),
        ("/ask", ""),
        ("@marketbot", ""),
        ("@marketbot @ada sales", "@ada sales"),
    ],
)
def test_the_question_is_what_remains(text: str, question: str) -> None:
    assert question_of(message(text), BOT) == question


def test_commands_and_invitations() -> None:
    assert command_of(message("/Start@marketbot x")) == "start"
    assert command_of(message("see /start")) is None
    assert invite_of(message("/start inv_abc-_1", chat_id=7)) == "abc-_1"
    assert invite_of(message("/start hello", chat_id=7)) is None
    assert invite_of(message("inv_abc", chat_id=7)) is None


def test_cancel_has_no_lane_and_bots_have_no_place() -> None:
    assert lane_of(Update(1, message("/cancel"))) is None
    assert lane_of(Update(1, message("/ask x"))) is not None
    assert sender(Update(1, message("x", user=User(5, "B", True)))) is None
