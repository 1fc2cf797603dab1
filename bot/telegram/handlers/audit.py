"""`/audit`: who looked at personal data and who changed whose access, newest first; all of it as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.rendering.files import to_csv
from bot.rendering.html import escape
from bot.telegram.keyboards import Choice
from tools.answer import Column, Table
from tools.messages import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.telegram.audit import Entry
    from bot.telegram.visit import Visit

PAGE = 20
SUBJECT_LENGTH = 120


async def audit(visit: Visit) -> None:
    await _send_page(visit, None)


async def older_pressed(visit: Visit, payload: Mapping[str, Any]) -> None:
    await _send_page(visit, int(payload["before"]))


async def file_pressed(visit: Visit, _payload: Mapping[str, Any]) -> None:
    """The whole log as CSV; taking it away is itself an entry."""
    desk = visit.desk
    await desk.stored(desk.audit.record, visit.member.id, "audit_exported", "format=csv")
    content = await desk.stored(lambda: to_csv(_table(tuple(desk.audit.entries())), visit.voice))
    await desk.delivery.file(visit.place, content, "audit.csv")


async def _send_page(visit: Visit, before: int | None) -> None:
    voice, desk = visit.voice, visit.desk
    entries = await desk.stored(desk.audit.page, PAGE + 1, before)
    shown = entries[:PAGE]
    if not shown:
        await visit.reply(say("The audit log is empty."))
        return
    names = {str(member.id): member.name for member in await desk.stored(desk.access.members)}
    lines = [_line(visit, entry, names) for entry in shown]
    buttons = [Choice(voice.text(say("File")), {"do": "audit_file"})]
    if len(entries) > PAGE:
        buttons.insert(0, Choice(voice.text(say("Older")), {"do": "audit", "before": shown[-1].id}))
    await visit.answer("\n".join([voice.html(say("*Audit log*, newest first")), *lines]), rows=[buttons])


def _line(visit: Visit, entry: Entry, names: Mapping[str, str]) -> str:
    subject = entry.subject if len(entry.subject) <= SUBJECT_LENGTH else entry.subject[:SUBJECT_LENGTH] + "…"
    who = names.get(entry.user_id) or entry.user_id
    when = visit.voice.value(entry.at)
    return f"{escape(when)} · {escape(who[:40])} · <code>{escape(entry.action)}</code> {escape(subject)}"


def _table(entries: Sequence[Entry]) -> Table:
    columns = (
        Column("at", say("Time (UTC)")),
        Column("user_id", say("Telegram id")),
        Column("action", say("Action")),
        Column("subject", say("Subject")),
    )
    rows = tuple((entry.at.isoformat(), entry.user_id, entry.action, entry.subject) for entry in entries)
    return Table(columns, rows, len(rows))
