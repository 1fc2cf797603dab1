"""Documents that an admin sends: fetched, read, shown as they would be learned, and learned with a tap."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import structlog
from telegram.error import BadRequest, NetworkError

from bot.rendering.parts import TextPart
from bot.rendering.reply import render
from bot.reply import Reply
from bot.telegram.file_names import safe_name, shown_name
from bot.telegram.keyboards import Choice
from bot.telegram.progress import Progress
from knowledge.errors import Busy, DiskFull, MeaningUnavailable, Unreadable
from tools.answer import FollowUp
from tools.messages import Message as Words
from tools.messages import say
from tools.playbooks.learning import learned, previewed, progress
from tools.playbooks.words import megabytes, size_of, why

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from telegram import Document

    from bot.telegram.visit import Visit
    from knowledge.library import Library
    from knowledge.report import LearnReport, Preview, Step
    from tools.answer import Answer

log = structlog.get_logger(__name__)

TELEGRAM_LIMIT = 20 * 1024**2
"""Bytes that Telegram lets a bot fetch."""
ATTEMPTS = 3
PAUSE_S = 1.0
PATIENCE_S = 600.0
"""How long a document waits for another process that learns, as the demo does after its first start."""
READERS: Mapping[str, Words] = {
    "viewer": say("Learn it: everyone"),
    "analyst": say("Learn it: analysts"),
    "admin": say("Learn it: admins"),
}


class NotFetched(Exception):
    """Telegram did not give the file; the words say why and what works."""

    def __init__(self, words: Words) -> None:
        super().__init__(str(words))
        self.words = words


class _GivenUp(Exception):
    """Nobody waits for what is being learned any more."""


async def document(visit: Visit) -> None:
    """Shows an admin what learning the document would bring; nothing is learned yet."""
    library, sent = visit.desk.library, visit.message.document
    if not visit.member.may("admin"):
        await visit.reply(say("I take documents from admins only. Please ask me in words."))
    elif visit.place.is_group:
        await visit.reply(say("Please send me documents in our private chat."))
    elif library is None or sent is None:
        await visit.reply(say("I cannot take documents here. Please ask me in words."))
    elif not visit.already_sent:
        await _preview(visit, library, sent)


async def learn_pressed(visit: Visit, payload: Mapping[str, Any]) -> None:
    """Learns a document that was shown, for the readers who were chosen."""
    library, number, name = visit.desk.library, int(payload["file"]), str(payload["name"])
    if visit.already_sent:
        # The answer was delivered, and the bot stopped before it had cleared up.
        await _finished(visit, number)
        return
    file = await asyncio.to_thread(visit.desk.waiting_files.find, number)
    if library is None or file is None:
        await _gone(visit)
        return
    try:
        report = await _learn(visit, library, file, name, str(payload["access"]))
    except Unreadable as error:
        await visit.reply(why(error))
        await _finished(visit, number)
        return
    except (Busy, DiskFull, MeaningUnavailable) as error:
        log.warning("document_not_learned", error=str(error))
        await _ask_again(visit, _why_not_now(error), number, name)
        return
    subject = f"document={name} access={payload['access']}"
    await visit.desk.stored(visit.desk.audit.record, visit.member.id, "document_learned", subject)
    await _show(visit, learned(report, name, str(payload["access"])))
    await _finished(visit, number)


def _why_not_now(error: Busy | DiskFull | MeaningUnavailable) -> Words:
    if isinstance(error, Busy):
        return say("Another process is still learning documents. Please tap again when it is done.")
    if isinstance(error, DiskFull):
        return say(
            "My disk is full, so nothing was learned: {free} are free, and about {needed} are needed. Please tell "
            "whoever runs me, and tap again when there is room.",
            free=size_of(error.free),
            needed=size_of(error.needed),
        )
    return say(
        "The index cannot be written just now, so nothing was learned. Whoever runs me sees why with "
        "`marketbot doctor`. Please tap again later."
    )


async def _ask_again(visit: Visit, words: Words, number: int, name: str) -> None:
    """Says why not, with the buttons anew: a button counts once."""
    await visit.desk.delivery.edit_keyboard(visit.place, visit.message.message_id, None)
    await visit.answer(visit.voice.html(words), rows=_choices(visit, number, name, name))
    await visit.desk.stored(visit.desk.inbox.sent, visit.update_id, 1)


async def discard_pressed(visit: Visit, payload: Mapping[str, Any]) -> None:
    """Forgets a document that was shown."""
    await asyncio.to_thread(visit.desk.waiting_files.drop, int(payload["file"]))
    text = visit.voice.html(say("Discarded: “{name}”. Nothing was learned.", name=str(payload["name"])))
    await visit.desk.delivery.edit(visit.place, visit.message.message_id, text)


async def _preview(visit: Visit, library: Library, sent: Document) -> None:
    desk, number = visit.desk, visit.update_id
    shown, name = shown_name(sent.file_name), safe_name(sent.file_name)
    try:
        async with _progress(visit):
            content = await _fetched(sent)
            file = await asyncio.to_thread(desk.waiting_files.keep, number, content)
            preview = await _previewed(visit, library, file, name)
    except NotFetched as error:
        await visit.reply(error.words)
        return
    except Unreadable as error:
        await asyncio.to_thread(desk.waiting_files.drop, number)
        log.info("document_unreadable", reason=error.reason, size=len(content))
        await visit.reply(why(Unreadable(shown, error.reason, **error.details)))
        return
    await _show(visit, previewed(preview, shown, len(content)), _choices(visit, number, preview.name, shown))


def _choices(visit: Visit, number: int, name: str, shown: str) -> list[list[Choice]]:
    """What can be done with the waiting file of that number, which would be learned as `name`."""
    voice = visit.voice
    learn = [
        Choice(voice.text(label), {"do": "learn", "file": number, "name": name, "access": access})
        for access, label in READERS.items()
    ]
    discard = Choice(voice.text(say("Discard")), {"do": "discard", "file": number, "name": shown})
    return [learn[:1], learn[1:], [discard]]


async def _fetched(sent: Document) -> bytes:
    """The file's content. Raises NotFetched."""
    too_large = say(
        "This document has {size} MB; I can take {limit} MB. Split it, or have it learned with `marketbot learn`.",
        size=megabytes(sent.file_size or 0),
        limit=megabytes(TELEGRAM_LIMIT),
    )
    if (sent.file_size or 0) > TELEGRAM_LIMIT:
        raise NotFetched(too_large)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            file = await sent.get_file()
            content = bytes(await file.download_as_bytearray())
            break
        except BadRequest as error:
            log.info("document_refused", error=str(error))
            raise NotFetched(
                too_large
                if "too big" in str(error).lower()
                else say("Telegram does not give me this document. Please send it again.")
            ) from error
        except NetworkError as error:
            log.info("document_not_fetched", attempt=attempt, error=str(error))
            if attempt == ATTEMPTS:
                raise NotFetched(say("I could not fetch this document. Please send it again.")) from error
            await asyncio.sleep(PAUSE_S * attempt)
    if len(content) > TELEGRAM_LIMIT:
        raise NotFetched(too_large)
    return content


async def _previewed(visit: Visit, library: Library, file: Path, name: str) -> Preview:
    work = asyncio.get_running_loop().run_in_executor(visit.desk.workers, library.preview, file, name)
    return await visit.turn.race(work)


async def _learn(visit: Visit, library: Library, file: Path, name: str, access: str) -> LearnReport:
    """Learns in the one thread for it, so that a second document waits for the first."""
    given_up = threading.Event()
    async with _progress(visit) as shown:

        def tell(step: Step) -> None:
            if given_up.is_set():
                raise _GivenUp
            shown.tell(progress(step))

        def work() -> LearnReport:
            return library.learn_sent(file, name, access=access, progress=tell, patience_s=PATIENCE_S)

        try:
            return await visit.turn.race(asyncio.get_running_loop().run_in_executor(visit.desk.learning, work))
        finally:
            given_up.set()


def _progress(visit: Visit) -> Progress:
    desk = visit.desk
    return Progress(desk.bot, visit.place, visit.voice, draft_id=visit.update_id, drafts=desk.drafts)


async def _show(visit: Visit, answer: Answer, rows: Sequence[Sequence[Choice]] = ()) -> None:
    """Sends an answer that no question brought, with these buttons or with its own."""
    voice = visit.voice
    reply = Reply("answered", visit.language, answers=(answer,))
    rendered = await asyncio.to_thread(render, reply, voice, charts=False)
    own = [
        [_choice(visit, button.label, button.action) for button in row if isinstance(button.action, FollowUp)]
        for row in rendered.buttons
    ]
    parts = [part.html for part in rendered.parts if isinstance(part, TextPart)]
    for part in parts[:-1]:
        await visit.answer(part)
    await visit.answer(parts[-1], rows=rows or own)
    await visit.desk.stored(visit.desk.inbox.sent, visit.update_id, 1)


def _choice(visit: Visit, label: str, action: FollowUp) -> Choice:
    call = action.call
    calls = [[call.tool, dict(call.args)]] if call else []
    payload = {"do": "call", "calls": calls, "question": label, "language": visit.language, "today": None}
    return Choice(label, payload)


async def _finished(visit: Visit, number: int) -> None:
    """Clears up: the file, and the buttons below its preview."""
    await asyncio.to_thread(visit.desk.waiting_files.drop, number)
    await visit.desk.delivery.edit_keyboard(visit.place, visit.message.message_id, None)


async def _gone(visit: Visit) -> None:
    await visit.desk.delivery.edit_keyboard(visit.place, visit.message.message_id, None)
    await visit.reply(
        say(
            "This document is no longer here: it was learned or discarded, or it waited for longer than a day. "
            "Please send it again if it is wanted."
        )
    )
