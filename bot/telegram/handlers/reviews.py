"""`/reviews`: answers that were called wrong, with the plan behind each, for admins to judge and to take away."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bot.rendering.html import escape
from bot.reviews.exam_lines import exam_file
from bot.reviews.record import LONGEST_NOTE, VERDICTS, Verdict
from bot.telegram.handlers.complaints import ASKED
from bot.telegram.keyboards import Choice
from tools.messages import Message as Words
from tools.messages import say, say_n

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.reviews.record import Review
    from bot.telegram.visit import Visit
    from tools.messages import Value

PAGE = 5
SHORT = 200
"""Characters of a question and of a note in the list."""
PLAN_LENGTH = 1200
"""Characters of all calls: with question, note and headline they fit into one message."""


async def reviews(visit: Visit) -> None:
    texts, rows = await _listed(visit, 0)
    await visit.reply(*texts, rows=rows)


async def page_pressed(visit: Visit, payload: Mapping[str, Any]) -> None:
    texts, rows = await _listed(visit, int(payload["page"]))
    await _edit(visit, *texts, rows=rows)


async def review_pressed(visit: Visit, payload: Mapping[str, Any]) -> None:
    """One of them with its plan, and what can be done with it."""
    desk, voice = visit.desk, visit.voice
    review = await desk.stored(desk.reviews.get, int(payload["id"]))
    if review is None:
        await page_pressed(visit, {"page": 0})
        return
    texts = [_summary(review, await _names(visit), LONGEST_NOTE)]
    if review.headline:
        texts.append(say("The answer was: {headline}", headline=review.headline))
    texts.append(
        say("How it was read:")
        if review.shown.calls
        else say("Nothing was computed: the question was declined or asked back.")
    )
    done = Choice(voice.text(say("Done")), {"do": "review_judge", "id": review.id, "verdict": "done"})
    right = Choice(voice.text(say("It was right")), {"do": "review_judge", "id": review.id, "verdict": "right"})
    again = {"do": "call", **review.shown.to_payload()}
    computed = [Choice(voice.text(say("Compute again")), again)] if review.shown.calls else []
    back = Choice(voice.text(say("Back")), {"do": "reviews", "page": 0})
    html = "\n\n".join([*(voice.html(text) for text in texts), *_plan(review)])
    markup = await visit.buttons([[done, *([right] if review.shown.calls else [])], [*computed, back]])
    await desk.delivery.edit(visit.place, visit.message.message_id, html, markup)


async def judge_pressed(visit: Visit, payload: Mapping[str, Any]) -> None:
    desk = visit.desk
    verdict: Verdict = next(each for each in VERDICTS if each == payload["verdict"])
    review = await desk.stored(desk.reviews.judge, int(payload["id"]), verdict, str(visit.member.id))
    if review is not None:
        subject = f"review={review.id} verdict={verdict}"
        await desk.stored(desk.audit.record, visit.member.id, "review_judged", subject)
    await page_pressed(visit, {"page": 0})


async def file_pressed(visit: Visit, _payload: Mapping[str, Any]) -> None:
    """Every review as questions for `marketbot exam`."""
    desk = visit.desk
    await desk.stored(desk.audit.record, visit.member.id, "reviews_exported", "format=jsonl")
    content = await desk.stored(lambda: exam_file(desk.reviews.all()).encode())
    await desk.delivery.file(visit.place, content, "reviews.jsonl")


async def _listed(visit: Visit, page: int) -> tuple[list[Words], Sequence[Sequence[Choice]]]:
    desk, voice = visit.desk, visit.voice
    found, total = await desk.stored(desk.reviews.page, page * PAGE, PAGE)
    file = Choice(voice.text(say("File")), {"do": "reviews_file"})
    if not found:
        return [say("No answer waits for a review.")], [[file]]
    names = await _names(visit)
    head = say_n("*{count} answer to review*, newest first", "*{count} answers to review*, newest first", total)
    numbers = [Choice(f"#{review.id}", {"do": "review", "id": review.id}) for review in found]
    turning = [file]
    if page > 0:
        turning.insert(0, Choice("◀", {"do": "reviews", "page": page - 1}))
    if (page + 1) * PAGE < total:
        turning.append(Choice("▶", {"do": "reviews", "page": page + 1}))
    return [head, *(_summary(review, names) for review in found)], [numbers, turning]


def _plan(review: Review) -> Iterator[str]:
    for call in review.shown.calls:
        args = json.dumps(dict(call.args), ensure_ascii=False, sort_keys=True)
        yield f"<code>{escape(_cut(f'{call.tool} {args}', PLAN_LENGTH // len(review.shown.calls)))}</code>"


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length] + "…"


def _summary(review: Review, names: Mapping[str, str], length: int = SHORT) -> Words:
    values: dict[str, Value] = {
        "id": str(review.id),
        "question": _cut(review.shown.question, length),
        "who": names.get(str(review.user_id)) or str(review.user_id),
        "when": review.at.date(),
        "reason": ASKED.get(review.reason, say("no reason given")),
    }
    if review.note:
        return say("#{id} “{question}”\n{reason}: {note}\n{who}, {when}", note=_cut(review.note, length), **values)
    return say("#{id} “{question}”\n{reason}\n{who}, {when}", **values)


async def _names(visit: Visit) -> Mapping[str, str]:
    return {str(member.id): member.name for member in await visit.desk.stored(visit.desk.access.members)}


async def _edit(visit: Visit, *texts: Words, rows: Sequence[Sequence[Choice]] = ()) -> None:
    html = "\n\n".join(visit.voice.html(text) for text in texts)
    await visit.desk.delivery.edit(visit.place, visit.message.message_id, html, await visit.buttons(rows))
