"""`/teach` and `/taught`: the team's own words. What was understood is shown before it is kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from telegram.ext.filters import MessageFilter

from bot.telegram.addressing import question_of
from bot.telegram.keyboards import Choice
from bot.understanding.taught.record import Kind, Meaning
from bot.understanding.taught.sentence import is_teaching
from tools.errors import AssistantError
from tools.messages import Message as Words
from tools.messages import say, say_n

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from telegram import Message

    from bot.telegram.desk import Desk
    from bot.telegram.visit import Visit
    from bot.understanding.taught.teaching import Listed, Teaching
    from tools.messages import Value

T = TypeVar("T")
PAGE = 10
NOT_HERE = say("Words cannot be taught here.")


class Teaches(MessageFilter):
    """Messages that teach without the command: “teach: …”, 记住：…."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def filter(self, message: Message) -> bool:
        return is_teaching(question_of(message, self._desk.identity))


async def teach(visit: Visit) -> None:
    """Shows how a word was understood, with a button for each meaning that it can have."""
    teaching, text = visit.desk.teaching, question_of(visit.message, visit.desk.identity)
    if teaching is None:
        await visit.reply(NOT_HERE)
        return
    try:
        proposal = await _off_loop(visit, lambda: teaching.proposed(text, visit.user))
    except AssistantError as error:
        await visit.reply(error.message)
        return
    voice = visit.voice
    cancel = Choice(voice.text(say("Cancel")), {"do": "teach_cancel", "word": proposal.word})
    payloads = [{"do": "teach", "word": proposal.word, "meaning": _plain(each)} for each in proposal.meanings]
    if len(payloads) == 1:
        message = say(
            "*{word}* will mean *{meaning}*. Shall I keep that?", word=proposal.word, meaning=proposal.called[0]
        )
        rows = [[Choice(voice.text(say("Save")), payloads[0]), cancel]]
    else:
        message = say("What shall *{word}* mean?", word=proposal.word)
        pairs = zip(proposal.called, payloads, strict=True)
        rows = [*([Choice(voice.text(called), payload)] for called, payload in pairs), [cancel]]
    await visit.reply(message, *proposal.warnings, rows=rows)


async def save_pressed(visit: Visit, payload: Mapping[str, Any]) -> None:
    """Keeps the word, unless somebody was faster."""
    teaching = visit.desk.teaching
    if teaching is None:
        return
    meaning = _meaning(payload["meaning"])
    try:
        kept = await _off_loop(visit, lambda: teaching.teach(str(payload["word"]), meaning, visit.user))
    except AssistantError as error:
        await _edit(visit, error.message)
        return
    subject = f"word={kept.taught.word} {meaning.kind}={meaning.name} {', '.join(meaning.values)}".strip()
    await visit.desk.stored(visit.desk.audit.record, visit.member.id, "word_taught", subject)
    await _edit(
        visit,
        say(
            "From now on *{word}* means *{meaning}*, in everybody's questions. /taught lists all words.",
            word=kept.taught.word,
            meaning=kept.called,
        ),
    )


async def cancel_pressed(visit: Visit, payload: Mapping[str, Any]) -> None:
    await _edit(visit, say("Nothing was taught about “{word}”.", word=str(payload["word"])))


async def taught(visit: Visit) -> None:
    """The words, the newest first."""
    found = await _listed(visit, 0)
    await visit.reply(*found[0], rows=found[1])


async def page_pressed(visit: Visit, payload: Mapping[str, Any]) -> None:
    texts, rows = await _listed(visit, int(payload["page"]))
    await _edit(visit, *texts, rows=rows)


async def word_pressed(visit: Visit, payload: Mapping[str, Any]) -> None:
    """One word, with the button that revokes it."""
    words = await _words(visit)
    word = next((each for each in words if each.taught.id == payload["id"]), None)
    if word is None:
        await page_pressed(visit, {"page": 0})
        return
    voice, names = visit.voice, await _names(visit)
    revoke = Choice(voice.text(say("Revoke")), {"do": "revoke", "id": word.taught.id})
    back = Choice(voice.text(say("Back")), {"do": "taught", "page": 0})
    await _edit(visit, _line(word, names), rows=[[revoke], [back]])


async def revoke_pressed(visit: Visit, payload: Mapping[str, Any]) -> None:
    teaching, desk = visit.desk.teaching, visit.desk
    if teaching is None:
        return
    gone = await desk.stored(teaching.revoke, int(payload["id"]))
    if gone is not None:
        await desk.stored(desk.audit.record, visit.member.id, "word_revoked", f"word={gone.word}")
    texts, rows = await _listed(visit, 0)
    told = [say("“{word}” is no longer taught.", word=gone.word)] if gone is not None else []
    await _edit(visit, *told, *texts, rows=rows)


async def _listed(visit: Visit, page: int) -> tuple[list[Words], Sequence[Sequence[Choice]]]:
    words = list(reversed(await _words(visit)))
    if not words:
        return [say("No words have been taught yet. For example: /teach “GP” means net sales")], []
    names = await _names(visit)
    shown = words[page * PAGE : (page + 1) * PAGE]
    head = say_n(
        "*{count} taught word.* Tap it to revoke it.", "*{count} taught words.* Tap one to revoke it.", len(words)
    )
    rows = [[Choice(word.taught.word, {"do": "taught_word", "id": word.taught.id})] for word in shown]
    turning = []
    if page > 0:
        turning.append(Choice("◀", {"do": "taught", "page": page - 1}))
    if (page + 1) * PAGE < len(words):
        turning.append(Choice("▶", {"do": "taught", "page": page + 1}))
    return [head, *(_line(word, names) for word in shown)], [*rows, turning]


def _line(word: Listed, names: Mapping[str, str]) -> Words:
    taught = word.taught
    values: dict[str, Value] = {
        "word": taught.word,
        "meaning": word.called,
        "who": names.get(taught.by) or taught.by,
        "when": taught.at.date(),
    }
    if word.there:
        return say("“{word}” means {meaning} ({who}, {when})", **values)
    return say("“{word}” means {meaning}, which is no longer there ({who}, {when})", **values)


async def _words(visit: Visit) -> tuple[Listed, ...]:
    teaching: Teaching | None = visit.desk.teaching
    return () if teaching is None else await _off_loop(visit, lambda: teaching.all(visit.user))


async def _names(visit: Visit) -> Mapping[str, str]:
    return {str(member.id): member.name for member in await visit.desk.stored(visit.desk.access.members)}


async def _edit(visit: Visit, *texts: Words, rows: Sequence[Sequence[Choice]] = ()) -> None:
    html = "\n\n".join(visit.voice.html(text) for text in texts)
    await visit.desk.delivery.edit(visit.place, visit.message.message_id, html, await visit.buttons(rows))


async def _off_loop(visit: Visit, work: Callable[[], T]) -> T:
    """Among the questions: the first look at a store takes seconds."""
    return await asyncio.get_running_loop().run_in_executor(visit.desk.workers, work)


def _plain(meaning: Meaning) -> Mapping[str, Any]:
    return {"kind": meaning.kind, "name": meaning.name, "values": list(meaning.values)}


def _meaning(plain: Mapping[str, Any]) -> Meaning:
    kind: Kind = plain["kind"]
    return Meaning(kind, str(plain["name"]), tuple(map(str, plain["values"])))
