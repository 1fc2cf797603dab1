"""An answer is called wrong, by a 👎 on it or in a word: what is wrong with it is asked and noted for the admins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from telegram import Message, Update
from telegram.ext.filters import MessageFilter

from bot.reviews.complaints import complaint
from bot.reviews.record import LONGEST_NOTE, Reason
from bot.telegram import answering
from bot.telegram.addressing import Place, conversation_of, is_by, question_of, sender
from bot.telegram.handlers import question
from bot.telegram.keyboards import Choice, keyboard
from bot.telegram.reactions import disapproves
from tools.messages import Message as Words
from tools.messages import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.rendering.voice import Voice
    from bot.reply import Reply
    from bot.reviews.record import Review
    from bot.telegram.answered import Noted
    from bot.telegram.desk import Desk
    from bot.telegram.visit import Visit

log = structlog.get_logger(__name__)

ASKED: Mapping[Reason, Words] = {
    "number": say("Wrong number"),
    "period": say("Wrong period"),
    "misunderstood": say("Misunderstood"),
    "other": say("Something else"),
}
THANKS = say("Thank you. It is noted, with how the answer was computed, and an admin looks at it.")


class Complains(MessageFilter):
    """Messages that say only that an answer is wrong."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def filter(self, message: Message) -> bool:
        return complaint(question_of(message, self._desk.identity)) is not None


async def reacted(desk: Desk, update: Update, _context: Any) -> None:
    """A 👎 on an answer asks what is wrong; taken back before anything was said, it is forgotten."""
    change, user = update.message_reaction, sender(update)
    if change is None or user is None:
        return
    member = await desk.stored(desk.access.member, user.id)
    if member is None:
        return
    chat_id, message_id = change.chat.id, change.message_id
    if not disapproves(change):
        await desk.stored(desk.reviews.withdraw, chat_id, message_id, user.id)
        return
    noted = await desk.stored(desk.answered.find, chat_id, message_id)
    if noted is None:
        return
    review = await _begun(desk, noted, chat_id, message_id, user.id)
    if review.reason:
        return
    group = await desk.stored(desk.access.group, chat_id) if chat_id < 0 else None
    voice = desk.voice(member, desk.language(member, group))
    markup = await keyboard(desk, _reasons(review, voice), chat_id, user.id)
    await desk.delivery.text(Place(chat_id, reply_to=message_id), voice.html(_what_is_wrong()), markup)


async def complained(visit: Visit) -> None:
    """ "Wrong", as a reply to an answer or right after one. About no answer that is known, it is read as a question."""
    desk, message = visit.desk, visit.message
    replied = message.reply_to_message
    noted: Noted | None = None
    about = message.message_id
    if replied is not None and is_by(replied, desk.identity):
        about = replied.message_id
        noted = await desk.stored(desk.answered.find, visit.place.chat_id, about, replied.date)
    elif replied is None:
        noted = await desk.stored(desk.answered.last, conversation_of(visit.place, visit.member.id))
    if noted is None or visit.forwarded:
        await question.question(visit)
        return
    review = await _begun(desk, noted, visit.place.chat_id, about, visit.member.id)
    reason = complaint(question_of(message, desk.identity))
    if reason:
        await desk.stored(desk.reviews.give_reason, review.id, reason)
        await visit.reply(THANKS)
    else:
        await visit.reply(_what_is_wrong(), rows=_reasons(review, visit.voice))


async def noted_or_asked(visit: Visit) -> None:
    """Takes a message that a note is waited for as that; answers any other."""
    desk, text = visit.desk, question_of(visit.message, visit.desk.identity)
    review = None
    if text and len(text) <= LONGEST_NOTE and not visit.forwarded:
        review = await desk.stored(desk.reviews.awaited, visit.place.chat_id, visit.member.id)
    if review is None:
        await question.question(visit)
        return
    await desk.stored(desk.reviews.give_note, review.id, text)
    ask = Choice(visit.voice.text(say("It was a question")), {"do": "review_question", "id": review.id, "text": text})
    await visit.reply(THANKS, rows=[[ask]])


async def reason_pressed(visit: Visit, payload: Mapping[str, Any]) -> None:
    """Notes what is wrong. For something else, the next message says it."""
    desk, voice = visit.desk, visit.voice
    reason: Reason = payload["reason"]
    review = await desk.stored(desk.reviews.give_reason, int(payload["id"]), reason)
    if review is None:
        await _edit(visit, say("This is no longer noted."))
    elif reason == "other":
        none = Choice(voice.text(say("Nothing to add")), {"do": "review_no_note", "id": review.id})
        in_words = say("Tell me in your next message what was wrong.")
        if visit.place.is_group:
            in_words = say("Reply to this message and tell me what was wrong.")
        await _edit(visit, in_words, rows=[[none]])
    else:
        await _edit(visit, say("*{reason}.*", reason=ASKED[reason]), THANKS)


async def no_note_pressed(visit: Visit, payload: Mapping[str, Any]) -> None:
    await visit.desk.stored(visit.desk.reviews.give_note, int(payload["id"]), "")
    await _edit(visit, THANKS)


async def question_pressed(visit: Visit, payload: Mapping[str, Any]) -> Reply:
    """What was taken for a note is answered."""
    await visit.desk.stored(visit.desk.reviews.give_note, int(payload["id"]), "")
    return await answering.ask(visit, str(payload["text"]))


async def _begun(desk: Desk, noted: Noted, chat_id: int, message_id: int, user_id: int) -> Review:
    def begin() -> Review:
        shown = noted.shown.to_payload()
        return desk.reviews.begin(chat_id, message_id, user_id, shown=shown, headline=noted.headline)

    review = await desk.stored(begin)
    log.info("answer_disputed", review=review.id, chat_id=chat_id, user_id=user_id)
    return review


def _what_is_wrong() -> Words:
    return say("I am sorry. What is wrong with this answer?")


def _reasons(review: Review, voice: Voice) -> Sequence[Sequence[Choice]]:
    made = [
        Choice(voice.text(label), {"do": "review_reason", "id": review.id, "reason": reason})
        for reason, label in ASKED.items()
    ]
    return [made[:2], made[2:]]


async def _edit(visit: Visit, *texts: Words, rows: Sequence[Sequence[Choice]] = ()) -> None:
    html = "\n\n".join(visit.voice.html(text) for text in texts)
    await visit.desk.delivery.edit(visit.place, visit.message.message_id, html, await visit.buttons(rows))
