"""From a question or a pressed button to delivered messages."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import structlog

from bot.rendering.parts import FilePart, PhotoPart
from bot.rendering.reply import render
from bot.reply import Progress as Tell
from bot.reply import Question, Reply
from bot.shown import Shown
from bot.telegram.addressing import conversation_of, is_by
from bot.telegram.answered import UNASKED, Noted
from bot.telegram.desk import LANGUAGES
from bot.telegram.keyboards import choices, keyboard
from bot.telegram.lanes import Cancelled, Stopping
from bot.telegram.progress import Progress
from bot.understanding.dialogue_record import ASIDE
from tools.errors import AssistantError
from tools.messages import Message as Words
from tools.messages import say

if TYPE_CHECKING:
    from datetime import date

    from telegram import InlineKeyboardMarkup, Message

    from bot.rendering.numbers import Language
    from bot.rendering.parts import FileKind, Part
    from bot.telegram.keyboards import Choice
    from bot.telegram.visit import Visit
    from tools.answer import ToolCall

T = TypeVar("T")
log = structlog.get_logger(__name__)

Work = Callable[[Question, Tell], Reply]
"""Blocking work of the assistant: takes the question and whom to tell about progress."""

SLACK_S = 15.0
"""The assistant stops its own queries at the deadline; this much later the bot stops waiting for it."""

LOADING_S = 60.0
"""The first question to the playbooks loads a model, which no deadline interrupts; the bot waits so long for it."""


async def ask(visit: Visit, text: str, *otherwise: str) -> Reply:
    """Answers a question in words, in the language that its words tell. It goes on from the message it replies to.

    `otherwise` are other wordings of it, for when the one before is declined; where all are, the first one's reply is
    given.
    """
    assistant, today = visit.desk.assistant, visit.desk.as_of()
    subject = await _subject(visit)
    ways = await _antecedents(visit, subject)

    def in_some_wording(question: Question, tell: Tell) -> Reply:
        first = reply = assistant.ask(question, tell)
        for wording in otherwise:
            if reply.status != "declined":
                return reply
            reply = assistant.ask(replace(question, text=wording), tell)
        return first if reply.status == "declined" else reply

    def first_understood(question: Question, tell: Tell) -> Reply:
        for about in ways:
            reply = in_some_wording(replace(question, about=about), tell)
            if len(ways) == 1 or reply.status in ("answered", "failed"):
                return reply
        # Said last, so that the dialogue goes on from what is asked back.
        return assistant.ask(replace(question, about=ways[0]), tell)

    reply = await _reply_to(visit, text, first_understood)
    if subject is not None and _of_another_day(reply, subject, today):
        today = subject.shown.today
        shown = replace(subject.shown, question=text, language=reply.language)
        reply = replace(await _computed(visit, shown), form=reply.form)
    await _deliver_reply(visit, reply, text, today)
    return reply


def _of_another_day(reply: Reply, subject: Noted, today: date | None) -> bool:
    """Whether how an older answer was computed, or its rows, are wanted: those of its day, as by the buttons below."""
    return reply.form != "answer" and reply.calls == subject.shown.calls and subject.shown.today != today


async def run(visit: Visit, shown: Shown) -> Reply:
    """Makes the calls that a button carries and answers with what comes of them."""
    reply = await _computed(visit, shown)
    await _deliver_reply(visit, reply, shown.question, shown.today)
    return reply


async def run_quietly(visit: Visit, shown: Shown) -> tuple[Reply, str]:
    """Makes the calls that a button carries, beside the dialogue; what came of it, and that in a few words."""
    assistant, place = visit.desk.assistant, visit.place
    question = Question(
        shown.question,
        visit.user,
        # Not the conversation's own key: the next question follows on what was said, not on this.
        conversation_of(place, visit.member.id) + ASIDE,
        shown.language,
        shown.today,
        visit.chat,
    )
    reply = await _guarded(visit, question, lambda: assistant.run(shown.calls[0], question))
    words = reply.answers[0].headline if reply.answers else reply.message or apology(reply.incident or "")
    return reply, visit.voice.text(words)


async def show_how(visit: Visit, shown: Shown) -> Reply:
    """Sends how an answer was computed; it is computed again, with the rights of whoever asks."""
    reply = replace(await _computed(visit, shown), form="how")
    await _deliver_reply(visit, reply, shown.question, shown.today)
    return reply


async def show_file(visit: Visit, shown: Shown, kind: FileKind) -> Reply:
    """Sends the answer's tables as files, computed again with the rights of whoever asks."""
    reply = replace(await _computed(visit, shown), form=kind)
    await _deliver_reply(visit, reply, shown.question, shown.today)
    return reply


def apology(incident: str) -> Words:
    """What a user reads when something broke; the log holds the trace under the incident's id."""
    return say("Sorry, something went wrong on my side. It is noted under *{incident}*.", incident=incident)


def new_incident() -> str:
    return secrets.token_hex(4)


async def _computed(visit: Visit, shown: Shown) -> Reply:
    assistant = visit.desk.assistant

    def all_calls(question: Question, tell: Tell) -> Reply:
        replies = [assistant.run(call, question, tell) for call in shown.calls]
        for reply in replies:
            if reply.status != "answered":
                return reply
        answers = tuple(answer for reply in replies for answer in reply.answers)
        return replace(replies[-1], calls=shown.calls, answers=answers)

    return await _reply_to(visit, shown.question, all_calls, language=shown.language, today=shown.today)


async def _reply_to(
    visit: Visit, text: str, work: Work, *, language: str | None = None, today: date | None = None
) -> Reply:
    desk, place = visit.desk, visit.place
    conversation = conversation_of(place, visit.member.id)
    question = Question(text, visit.user, conversation, language, today, visit.chat, forwarded=visit.forwarded)
    began = time.monotonic()
    # A draft's number must not be 0, which an update's number never is.
    progress = Progress(desk.bot, place, visit.voice, draft_id=visit.update_id, drafts=desk.drafts)
    async with progress:
        reply = await _guarded(visit, question, lambda: work(question, progress.tell))
    if desk.upkeep is not None:
        desk.upkeep.tally.add(reply.status)
    log.info(
        "replied",
        update_id=visit.update_id,
        chat_id=place.chat_id,
        user_id=visit.member.id,
        status=reply.status,
        tools=[call.tool for call in reply.calls],
        length=len(text),
        elapsed_ms=round(1000 * (time.monotonic() - began)),
        incident=reply.incident,
    )
    return reply


async def _guarded(visit: Visit, question: Question, work: Callable[[], Reply]) -> Reply:
    """The reply, or one that says what went wrong. `Cancelled` and `Stopping` pass through."""
    language = question.language or visit.language
    try:
        reply = await _in_worker(visit, work)
    except (Cancelled, Stopping):
        raise
    except TimeoutError:
        log.warning("assistant_hangs", update_id=visit.update_id)
        return Reply("failed", language, message=say("This took too long, and I stopped waiting for it."))
    except AssistantError as error:
        return Reply("declined", language, message=error.message, options=error.options)
    except Exception:
        incident = new_incident()
        log.exception("assistant_failed", update_id=visit.update_id, incident=incident)
        return Reply("failed", language, incident=incident)
    return reply


async def _in_worker(visit: Visit, work: Callable[[], Reply]) -> Reply:
    """Runs in a worker thread; the time limit counts from when a thread was free. Raises `TimeoutError`."""
    loop = asyncio.get_running_loop()
    begun: asyncio.Future[None] = loop.create_future()

    def note_begun() -> None:
        if not begun.done():
            begun.set_result(None)

    def in_thread() -> Reply:
        loop.call_soon_threadsafe(note_begun)
        return work()

    future = loop.run_in_executor(visit.desk.workers, in_thread)
    try:
        await visit.turn.race(begun)
        async with asyncio.timeout(max(visit.desk.settings.question_deadline_s, LOADING_S) + SLACK_S):
            return await visit.turn.race(future)
    finally:
        future.cancel()


async def _off_loop(visit: Visit, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(visit.desk.workers, work)


async def _deliver_reply(visit: Visit, reply: Reply, text: str, today: date | None) -> None:
    voice = visit.desk.voice(visit.member, _language(visit, reply))
    rendered = await _off_loop(visit, lambda: render(reply, voice))
    shown = Shown(reply.calls, text, reply.language, today)
    headline = reply.answers[0].headline if reply.answers else reply.message
    noted = Noted(
        shown if reply.pending is None else replace(shown, calls=(reply.pending,)),
        voice.text(headline) if headline is not None else "",
        conversation_of(visit.place, visit.member.id),
    )
    await _deliver(visit, rendered.parts, choices(rendered.buttons, shown, voice), noted)


async def _deliver(visit: Visit, parts: Sequence[Part], rows: Sequence[Sequence[Choice]], noted: Noted) -> None:
    """Sends the parts in order, buttons under the last, without those that an earlier start of the bot sent.

    Each is noted as what it shows, so that it can be replied to.
    """
    desk = visit.desk
    asked_in = None if visit.pressed else visit.message.message_id
    for number, part in enumerate(parts, 1):
        if number <= visit.already_sent:
            continue
        markup = await keyboard(desk, rows, visit.place.chat_id) if number == len(parts) else None
        message = await _send(visit, part, markup)
        await desk.stored(desk.inbox.sent, visit.update_id, number)
        await desk.stored(desk.answered.note, message, noted, asked_in)


async def _send(visit: Visit, part: Part, markup: InlineKeyboardMarkup | None) -> Message:
    delivery, place = visit.desk.delivery, visit.place
    if isinstance(part, PhotoPart):
        return await delivery.photo(place, part.png, part.caption_html, markup)
    if isinstance(part, FilePart):
        return await delivery.file(place, part.content, part.name, part.caption_html, markup)
    return await delivery.text(place, part.html, markup)


async def _subject(visit: Visit) -> Noted | None:
    """What the message above a pressed button shows, or the message replied to, or else the answer to that."""
    answered, message = visit.desk.answered, visit.message
    about = message if visit.pressed else message.reply_to_message
    if about is None:
        return None
    find = answered.find if is_by(about, visit.desk.identity) else answered.find_answer
    return await visit.desk.stored(find, message.chat.id, about.message_id, about.date)


async def _antecedents(visit: Visit, subject: Noted | None) -> list[tuple[ToolCall, ...]]:
    """What a message with this subject may lean on, the likeliest first; nothing: on the dialogue, as it stands."""
    calls = subject.shown.calls if subject is not None else ()
    if subject is None or not calls:
        return [()]
    if subject.conversation == UNASKED:
        return [(call,) for call in calls]
    last = await visit.desk.stored(visit.desk.answered.last, conversation_of(visit.place, visit.member.id))
    return [() if last is not None and last.shown.calls == calls else calls]


def _language(visit: Visit, reply: Reply) -> Language:
    return next((language for language in LANGUAGES if language == reply.language), visit.language)
