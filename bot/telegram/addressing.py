"""Who an update is from, where it belongs, and whether it is meant for the bot."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Chat, Message, MessageEntity, MessageOriginUser, Update, User

from bot.telegram.lanes import LaneKey
from bot.telegram.menus import COMMANDS

INVITE_PREFIX = "inv_"


@dataclass(frozen=True)
class Place:
    """Where an answer goes: the chat, its topic, and the message that it quotes."""

    chat_id: int
    topic_id: int | None = None
    reply_to: int | None = None

    @property
    def is_group(self) -> bool:
        return self.chat_id < 0


@dataclass(frozen=True)
class Identity:
    """The bot's own id and username, as Telegram knows them."""

    id: int
    username: str


def sender(update: Update) -> User | None:
    """The person behind an update; None for bots, channels and anonymous admins."""
    user = update.effective_user
    return None if user is None or user.is_bot else user


def topic_of(message: Message) -> int | None:
    return message.message_thread_id if message.is_topic_message else None


def place_of(message: Message, *, quoting: bool = False) -> Place:
    """Where to answer a message; groups always see which message is answered."""
    quoted = quoting or message.chat.type != Chat.PRIVATE
    return Place(message.chat.id, topic_of(message), message.message_id if quoted else None)


def lane_of(update: Update) -> tuple[LaneKey, int] | None:
    """The lane and the user of an update; None for what needs no order: `/cancel` above all, which must overtake."""
    user, message = sender(update), update.effective_message
    if user is None or not isinstance(message, Message) or command_of(message) == "cancel":
        return None
    return LaneKey(message.chat.id, topic_of(message)), user.id


def conversation_of(place: Place, user_id: int) -> str:
    """Keys the dialogue: a chat, a topic in it, and a user in that."""
    return f"{place.chat_id}:{place.topic_id or 0}:{user_id}"


def command_of(message: Message) -> str | None:
    """The command that a message begins with, without slash and bot name."""
    entities = message.entities
    if not entities or entities[0].type != MessageEntity.BOT_COMMAND or entities[0].offset != 0:
        return None
    return message.parse_entity(entities[0])[1:].partition("@")[0].lower()


def invite_of(message: Message) -> str | None:
    """The token of an invite link that was followed."""
    words = (message.text or "").split()
    if command_of(message) != "start" or len(words) < 2 or not words[1].startswith(INVITE_PREFIX):
        return None
    return words[1].removeprefix(INVITE_PREFIX)


def is_for_bot(message: Message, bot: Identity) -> bool:
    """In a private chat always; in a group when the bot is commanded, mentioned or replied to."""
    if message.chat.type == Chat.PRIVATE:
        return True
    command = command_of(message)
    if command is not None:
        to = message.parse_entity(message.entities[0]).partition("@")[2]
        return to.lower() == bot.username.lower() if to else command in COMMANDS
    replied = message.reply_to_message
    # In a topic every message formally replies to the one that opened the topic.
    if replied is not None and replied.forum_topic_created is None and is_by(replied, bot):
        return True
    return bool(_mentions(message, bot))


def is_forwarded(message: Message) -> bool:
    """Whether the text is somebody else's: what people forward of their own stays their own."""
    origin, by = message.forward_origin, message.from_user
    if origin is None:
        return False
    return not isinstance(origin, MessageOriginUser) or by is None or origin.sender_user.id != by.id


def question_of(message: Message, bot: Identity) -> str:
    """The words for the assistant: without a leading command and without the bot's name."""
    text = message.text or ""
    if command_of(message) is not None:
        text = text.partition(" ")[2] if " " in text else ""
    for name in _mentions(message, bot):
        text = text.replace(name, " ")
    return " ".join(text.split()).strip(" ,:\uff0c\uff1a")


def _mentions(message: Message, bot: Identity) -> set[str]:
    """The spellings by which the message names the bot."""
    found = message.parse_entities([MessageEntity.MENTION]) | message.parse_caption_entities([MessageEntity.MENTION])
    return {text for text in found.values() if text.lower() == f"@{bot.username.lower()}"}


def is_by(message: Message, bot: Identity) -> bool:
    return message.from_user is not None and message.from_user.id == bot.id
