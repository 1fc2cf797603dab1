"""From a Reply to what the chat shows, and to the JSON of the command line.

A Rendered is a row of parts in the order to send them; buttons stand under the last. Every part keeps
Telegram's limits (4,096 UTF-16 units of text, 1,024 of caption, counted after parsing) and is never blank.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import takewhile
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from bot.rendering.charts.spec import chart_spec
from bot.rendering.citations import cited
from bot.rendering.forms import caveats, file_name, file_of, footer, how_computed, is_explained
from bot.rendering.html import escape, parsed_length, parsed_text, split_html
from bot.rendering.parts import CAPTION_LIMIT, FilePart, PhotoPart, TextPart, texts
from bot.rendering.tables import MAX_ROWS, Monospaced, monospaced, side_by_side, upright
from bot.rendering.text import one_line, width, without_hidden
from tools.answer import Answer, Cell, FollowUp, Table
from tools.messages import Message, say, say_n
from tools.semantic.periods import Period

if TYPE_CHECKING:
    from bot.rendering.parts import FileKind, Part
    from bot.rendering.voice import Voice
    from bot.reply import Form, Reply

_BUTTON_LIMIT = 40
_MAX_LINES = 12
# One picture for each answer up to here; more would flood the chat.
_MAX_CHARTS = 3
_QUOTE = re.compile(r"<blockquote[^>]*>(.*?)</blockquote>", re.DOTALL)

NO_TABLE = say("There is no table here that could be sent as a file.")

ButtonAction: TypeAlias = "FollowUp | Literal['how', 'file_csv', 'file_xlsx']"


@dataclass(frozen=True)
class Button:
    """A label and what a tap does; handlers turn the action into a callback token."""

    label: str
    action: ButtonAction


@dataclass(frozen=True)
class Rendered:
    """Parts in order (at least one), and rows of buttons for the last part."""

    parts: tuple[Part, ...]
    buttons: tuple[tuple[Button, ...], ...] = ()


def render(reply: Reply, voice: Voice, *, charts: bool = True, files: bool = True) -> Rendered:
    """What the chat shows for a reply. Without `charts` nothing is drawn, and tables stand in for pictures.

    Without `files` no table is attached to what the message says. Drawing takes 0.1 to 0.5 s a picture, and a file
    some 10 ms for each thousand rows; the rest about a millisecond. Call off the event loop.
    """
    if reply.status != "answered" or not reply.answers:
        text = "\n\n".join(filter(None, [_message(reply, voice), _incident(reply, voice)]))
        return Rendered(tuple(texts(text)), _rows(_options(reply.options, voice)))
    parts: list[Part] = []
    whole: list[Answer] = []
    drawn = 0
    worded = next((answer for answer in reply.answers if answer.citations), reply.answers[0] if reply.answers else None)
    for answer in reply.answers:
        formed = _in_form(answer, reply.form, voice)
        parts += formed
        if formed:
            continue
        told = answer if reply.form == "answer" else replace(answer, caveats=(*answer.caveats, NO_TABLE))
        spec = (
            chart_spec(answer.chart, pictured, _drawing(voice), answer.provenance)
            if (charts and drawn < _MAX_CHARTS and answer.chart and (pictured := _pictured_table(answer)))
            else None
        )
        drawn += spec is not None
        prose = reply.prose if answer is worded else None
        parts += _answer_parts(told, voice, spec, prose, files=files)
        whole.append(told)
    return Rendered(tuple(parts), _buttons(replace(reply, answers=tuple(whole)), voice) if whole else ())


def _in_form(answer: Answer, form: Form, voice: Voice) -> list[Part]:
    """The answer in a form that was asked for; nothing where it is to be shown as it is, or has no such form."""
    if form == "how":
        return [*how_computed(answer, voice)]
    if form == "answer" or not _fills_a_file(answer):
        return []
    return [file_of(answer, voice, form, alone=True)]


def reply_json(reply: Reply, voice: Voice, question_id: str | None = None) -> dict[str, Any]:
    """The reply as `marketbot ask --json` prints it. Nothing is drawn; numbers that are not finite become null."""
    answers = reply.answers
    table = next((answer.table for answer in answers if answer.table is not None), None)
    spec = next(
        (
            found
            for answer in answers
            if reply.form == "answer" and answer.chart and (pictured := _pictured_table(answer))
            if (found := chart_spec(answer.chart, pictured, voice, answer.provenance))
        ),
        None,
    )
    follow_ups = [*reply.options, *(follow for answer in answers for follow in answer.follow_ups)]
    return {
        "id": question_id,
        "status": reply.status,
        "language": reply.language,
        "calls": [{"tool": call.tool, "args": _plain(call.args)} for call in reply.calls],
        "text": plain_text(reply, voice),
        "facts": [
            {
                "name": fact.name,
                "value": _plain(fact.value),
                "unit": fact.unit,
                "period": _plain(fact.period),
                "where": _plain(fact.where),
            }
            for answer in answers
            for fact in answer.facts
        ],
        "table": None
        if table is None
        else {
            "columns": [column.name for column in table.columns],
            "rows": [_plain_row(row, voice) for row in table.rows],
            "total_rows": table.total_rows,
        },
        "chart": spec,
        "files": _files(reply),
        "citations": [
            {
                "document": one_line(c.document),
                "section": one_line(c.section),
                "page": c.page,
                "quote": without_hidden(c.quote),
            }
            for answer in answers
            for c in answer.citations
        ],
        "follow_ups": list(dict.fromkeys(voice.text(follow.label) for follow in follow_ups)),
        "caveats": list(dict.fromkeys(voice.text(caveat) for answer in answers for caveat in answer.caveats)),
        "provenance": _provenance(answers, voice),
        "elapsed_ms": {name: round(value, 1) for name, value in reply.elapsed_ms.items()},
    }


def plain_text(reply: Reply, voice: Voice) -> str:
    """What the user reads, without pictures, buttons and markup."""
    rendered = render(reply, voice, charts=False, files=False)
    shown = [parsed_text(_quotes_indented(part.html)) for part in rendered.parts if isinstance(part, TextPart)]
    if reply.form not in ("answer", "how"):
        files = (part for part in rendered.parts if isinstance(part, FilePart))
        shown += [f"{parsed_text(file.caption_html)}\n📎 {file.name}" for file in files]
    if reply.status != "answered":
        shown += [f"• {voice.text(option.label)}" for option in reply.options]
    return "\n".join(text.strip() for text in shown)


def _quotes_indented(html: str) -> str:
    return _QUOTE.sub(lambda quote: "\n".join(f"  {line}".rstrip() for line in quote[1].split("\n")), html)


# --- an answer --------------------------------------------------------------------------------------------------------


def _answer_parts(
    answer: Answer, voice: Voice, spec: dict[str, Any] | None, prose: str | None, *, files: bool
) -> list[Part]:
    told = [answer.headline, *answer.lines]
    head = [f"<b>{voice.html(answer.headline, beside=told, bold=False)}</b>"]
    head += [voice.html(line, beside=told) for line in answer.lines[:_MAX_LINES]]
    lead = "\n".join(line for line in head if parsed_text(line).strip())
    shown, grid = _table(answer, voice, pictured=spec is not None)
    quotes = "\n\n".join(cited(citation, voice) for citation in answer.citations)
    tail = "\n".join(
        [
            *(voice.html(line) for line in answer.closing),
            *caveats(answer, voice),
            *footer(answer, voice),
        ]
    )
    summary = voice.html(say("*In short, as a language model words it:* {prose}", prose=prose)) if prose else ""
    told_first = (lead, grid, summary, quotes, tail) if quotes else (summary, lead, grid, tail)
    blocks = [block for block in told_first if block]
    file = _attached(answer, voice, shown) if files else []
    if spec is None:
        return [*texts("\n\n".join(blocks)), *file]
    return [*_pictured(spec, blocks, lead), *file]


def _pictured(spec: dict[str, Any], blocks: list[str], lead: str) -> list[Part]:
    # Here, so that the JSON of the command line and the tests of text start without it.
    from bot.rendering.pictures import draw

    png = draw(spec)
    whole = "\n\n".join(blocks)
    if parsed_length(whole) <= CAPTION_LIMIT:
        return [PhotoPart(png, whole, spec)]
    first, *rest = split_html(lead, CAPTION_LIMIT) or [""]
    remaining = "\n\n".join([*rest, *(block for block in blocks if block is not lead)])
    return [PhotoPart(png, first, spec), *texts(remaining)]


def _table(answer: Answer, voice: Voice, *, pictured: bool) -> tuple[Monospaced | None, str]:
    """The table as text and as HTML. A picture of a long series stands in for it."""
    table = answer.table
    if table is None or not table.rows or not table.columns:
        return None, ""
    if table.upright and len(table.rows) == 1:
        shown = upright(table, voice)
        return shown, f"<pre>{escape(shown.text)}</pre>" if shown.text else ""
    if len(table.rows) == 1 == table.total_rows and answer.facts:
        # One row of figures: the headline and the lines say it.
        return None, ""
    if pictured and answer.chart is not None and answer.chart.kind == "sparklines":
        # The picture is the table.
        return Monospaced("", 0, 0), ""
    own = answer.chart is not None and answer.chart.table is not None
    if pictured and not own and len(table.rows) > MAX_ROWS and any(column.grain for column in table.columns):
        return Monospaced("", table.total_rows, 0), ""
    chart = answer.chart
    if chart and chart.table is None and chart.series and len(chart.y) == 1:
        table = side_by_side(table, chart.x, chart.series, chart.y[0])
    shown = monospaced(table, voice)
    html = f"<pre>{escape(shown.text)}</pre>"
    rows = say_n("… {count} more row in the file", "… {count} more rows in the file", shown.hidden_rows)
    if table.total_rows > len(table.rows) and answer.whole is None:
        # The file holds what the table holds, which is not all.
        rows = say_n("… {count} more row", "… {count} more rows", shown.hidden_rows)
    more = [
        voice.html(rows) if shown.hidden_rows else "",
        voice.html(
            say_n("… {count} more column in the file", "… {count} more columns in the file", shown.hidden_columns)
        )
        if shown.hidden_columns
        else "",
    ]
    return shown, "\n".join(filter(None, [html, *more]))


def _pictured_table(answer: Answer) -> Table | None:
    return (answer.chart.table if answer.chart else None) or answer.table


def _attached(answer: Answer, voice: Voice, shown: Monospaced | None) -> list[Part]:
    """The file that a tool names, where the message could not show the whole table."""
    if not answer.file_name or answer.table is None or shown is None:
        return []
    if not shown.hidden_rows and not shown.hidden_columns and answer.whole is None:
        return []
    return [file_of(answer, voice, _kind(answer))]


def _files(reply: Reply) -> list[str]:
    """Names of the files that come with the answers, or are what was asked for."""
    if reply.form == "how":
        return []
    if reply.form == "answer":
        return [file_name(answer, _kind(answer)) for answer in reply.answers if answer.file_name and answer.table]
    return [file_name(answer, reply.form) for answer in reply.answers if _fills_a_file(answer)]


def _has_rows(answer: Answer) -> bool:
    return answer.table is not None and bool(answer.table.rows)


def _fills_a_file(answer: Answer) -> bool:
    """Whether there are rows, or one of figures that the chat says in words."""
    return _has_rows(answer) or (answer.whole is not None and bool(answer.whole.rows))


def _kind(answer: Answer) -> FileKind:
    return "xlsx" if (answer.file_name or "").lower().endswith(".xlsx") else "csv"


# --- other replies ----------------------------------------------------------------------------------------------------


def _message(reply: Reply, voice: Voice) -> str:
    if reply.message is not None:
        html = voice.html(reply.message)
        if parsed_text(html).strip():
            return html
    if reply.status == "clarify":
        return voice.html(say("Which one do you mean?"))
    if reply.status == "failed":
        return voice.html(say("Sorry, something went wrong here. It has been noted."))
    return voice.html(say("Sorry, I cannot answer that."))


def _incident(reply: Reply, voice: Voice) -> str:
    if not reply.incident:
        return ""
    return f"<i>{voice.html(say('Incident {id}', id=one_line(reply.incident, 64)))}</i>"


# --- buttons ----------------------------------------------------------------------------------------------------------


def _buttons(reply: Reply, voice: Voice) -> tuple[tuple[Button, ...], ...]:
    follow_ups = [*reply.options, *(follow for answer in reply.answers for follow in answer.follow_ups)]
    first = list(takewhile(lambda follow: follow.quiet, follow_ups))
    loud = (follow for follow in follow_ups if not follow.quiet)
    quiet = (follow for follow in follow_ups[len(first) :] if follow.quiet)
    rows = [row for group in (first, loud, quiet) for row in _rows(_options(group, voice))]
    last: list[Button] = []
    if any(is_explained(answer) for answer in reply.answers):
        last.append(Button(voice.text(say("How computed")), "how"))
    if any(_has_rows(answer) for answer in reply.answers):
        last += [Button(voice.text(say("CSV file")), "file_csv"), Button(voice.text(say("Excel file")), "file_xlsx")]
    return (*rows, tuple(last)) if last else tuple(rows)


def _options(follow_ups: Iterable[FollowUp], voice: Voice) -> list[Button]:
    buttons = {one_line(voice.text(follow.label), _BUTTON_LIMIT): follow for follow in follow_ups}
    return [Button(label, follow) for label, follow in buttons.items() if label]


def _rows(buttons: list[Button]) -> tuple[tuple[Button, ...], ...]:
    """Two buttons a row where both are short, else one."""
    rows: list[tuple[Button, ...]] = []
    for button in buttons:
        if rows and len(rows[-1]) == 1 and width(rows[-1][0].label) <= 18 and width(button.label) <= 18:
            rows[-1] = (rows[-1][0], button)
        else:
            rows.append((button,))
    return tuple(rows)


# --- plumbing ---------------------------------------------------------------------------------------------------------


def _drawing(voice: Voice) -> Voice:
    """The voice for pictures: English where no font has Chinese."""
    if voice.language == "en":
        return voice
    from bot.rendering.fonts import cjk_font

    return voice if cjk_font() else replace(voice, language="en")


def _provenance(answers: tuple[Answer, ...], voice: Voice) -> dict[str, Any]:
    definitions = dict.fromkeys(voice.text(text) for answer in answers for text in answer.provenance.definition)
    as_of = [answer.provenance.as_of for answer in answers if answer.provenance.as_of]
    return {
        "definition": "\n".join(definitions),
        "sql": ";\n\n".join(sql for answer in answers for sql in answer.provenance.sql),
        "as_of": max(as_of).isoformat() if as_of else None,
    }


def _plain_row(row: tuple[Cell, ...], voice: Voice) -> list[Any]:
    return [voice.text(cell) if isinstance(cell, Message) else _plain(cell) for cell in row]


def _plain(value: Any) -> Any:
    """A value as JSON has it: ISO dates, null for what is not finite."""
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real | Decimal):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Period):
        return {"start": value.start.isoformat(), "end": value.end.isoformat()}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value)
