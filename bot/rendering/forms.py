"""What is shown of an answer beside itself: how it was computed, and its table as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.rendering.html import escape, parsed_text, split_html
from bot.rendering.parts import CAPTION_LIMIT, FilePart, TextPart, texts
from bot.rendering.text import without_hidden
from tools.answer import Answer, Table
from tools.messages import say, say_n

if TYPE_CHECKING:
    from bot.rendering.parts import FileKind
    from bot.rendering.voice import Voice
    from tools.messages import Message


def is_explained(answer: Answer) -> bool:
    """Whether there is anything to tell of how it was computed."""
    made = answer.provenance
    return bool(made.definition or made.sql or made.tables)


def how_computed(answer: Answer, voice: Voice) -> tuple[TextPart, ...]:
    """How an answer came about: what it answers, definition, period, filters, tables, as-of, and the SQL."""
    made = answer.provenance
    blocks: list[str] = [f"<b>{voice.html(say('How this was computed'))}</b>"]
    if parsed_text(headline := _headline(answer, voice)).strip():
        blocks[0] += f"\n<i>{headline}</i>"
    if not is_explained(answer):
        blocks.append(voice.html(_not_computed(answer)))
    blocks += [voice.html(message) for message in made.definition]
    facts: list[str] = []
    if made.period:
        facts.append(voice.html(say("*Period:* {period}", period=made.period)))
    if made.filters:
        # One by one: a list would join what reads as sentences of their own.
        facts.append(voice.html(say("*Filters:* {filters}", filters=tuple(made.filters))))
    if made.tables:
        facts.append(voice.html(say("*Tables:* {tables}", tables=tuple(made.tables))))
    if made.as_of:
        facts.append(voice.html(say("*Data up to:* {time}", time=made.as_of)))
    facts += caveats(answer, voice)
    if facts:
        blocks.append("\n".join(facts))
    blocks += [
        f'<pre><code class="language-sql">{escape(without_hidden(sql).strip())}</code></pre>'
        for sql in made.sql
        if without_hidden(sql).strip()
    ]
    return tuple(texts("\n\n".join(blocks), limit=None))


def caveats(answer: Answer, voice: Voice) -> list[str]:
    return [f"⚠️ <i>{voice.html(caveat)}</i>" for caveat in answer.caveats]


def footer(answer: Answer, voice: Voice) -> list[str]:
    """The line that says which days, which filters, and up to when the data go; none where nothing is to be said."""
    made = answer.provenance
    parts = [voice.html(say("{period}", period=made.period))] if made.period else []
    parts += [voice.html(message, bold=False) for message in made.filters]
    if made.as_of:
        parts.append(voice.html(say("data to {time}", time=made.as_of)))
    parts = [part for part in parts if parsed_text(part).strip()]
    return [f"<i>{' · '.join(parts)}</i>"] if parts else []


def file_of(answer: Answer, voice: Voice, kind: FileKind, *, alone: bool = False) -> FilePart:
    """An answer's table. `alone`: nothing stands above it, so that its caption says what it is."""
    # Here, since openpyxl takes 0.2 s to load and most replies need no file.
    from bot.rendering.files import to_csv, to_xlsx

    table: Table = answer.whole or answer.table or Table((), (), 0)
    content = to_csv(table, voice) if kind == "csv" else to_xlsx(table, voice)
    rows = len(table.rows)
    caption = voice.html(say_n("{count} row", "{count} rows", rows))
    if table.total_rows > rows:
        caption = voice.html(say("First {shown} of {total} rows", shown=rows, total=table.total_rows))
    if alone:
        lines = [f"<b>{_headline(answer, voice)}</b>", caption, *caveats(answer, voice), *footer(answer, voice)]
        caption = split_html("\n".join(lines), CAPTION_LIMIT)[0]
    return FilePart(content, file_name(answer, kind), caption)


def file_name(answer: Answer, kind: FileKind) -> str:
    from bot.rendering.files import safe_file_name

    return safe_file_name(answer.file_name or "table", kind)


def _headline(answer: Answer, voice: Voice) -> str:
    return voice.html(answer.headline, bold=False)


def _not_computed(answer: Answer) -> Message:
    if not answer.citations:
        return say("There was nothing to compute.")
    documents = tuple(dict.fromkeys(citation.title or citation.document for citation in answer.citations))
    return say("Nothing was computed: these are the words of {documents}.", documents=documents)
