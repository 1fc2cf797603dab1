"""Words of a document in the chat: a quote with its source below, so that nobody takes them for the bot's own.

A document's text is data. It is cleaned and escaped; of its marks (headings, bold, lists, tables) only what Telegram
has inside a quote becomes formatting, and the rest becomes plain text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.rendering.html import escape, parsed_length, split_html
from bot.rendering.text import one_line, without_hidden
from tools.messages import say
from tools.playbooks.words import has_slides

if TYPE_CHECKING:
    from bot.rendering.voice import Voice
    from tools.answer import Citation
    from tools.messages import Message

QUOTE_SHOWN = 900
WHOLE_SHOWN = 14_000
OPEN_QUOTE = 300
"""A longer quote is folded; one tap shows the rest of it."""
_NAME_SHOWN = 120
_BULLET = "• "

_RULE = re.compile(r"^[ \t]*([-*_=])(?:[ \t]*\1){2,}[ \t]*$")
_HEADING = re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+(.+?)[ \t]*#*$")
_ITEM = re.compile(r"^([ \t]*)[-*+•·▪●◦][ \t]+(?=\S)")
_QUOTED = re.compile(r"^[ \t]*(?:&gt;[ \t]?)+")
_TABLE_ROW = re.compile(r"^[ \t]*\|(.+)\|[ \t]*$")
_TABLE_LINE = re.compile(r"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)+\|?[ \t]*$")
_IMAGE = re.compile(r"!\[([^\]\n]*)\]\([^()\n]*\)")
_LINK = re.compile(r"(?<!!)\[([^\]\n]+)\]\(([^()\s]+)\)")
_CODE = re.compile(r"`+([^`\n]+)`+")
_BOLD = re.compile(r"(?<![0-9A-Za-z*])(\*{2,3})(?=[^\s*])((?:[^\n*]|\*(?!\*))+?)(?<=[^\s*])\1(?!\*)")
_UNDERLINED = re.compile(r"(?<!\w)__(?=[^\s_])([^\n]+?)(?<=[^\s_])__(?!\w)")
_ITALIC = re.compile(r"(?<![0-9A-Za-z*\\])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![0-9A-Za-z*])")
_BLANK = re.compile(r"\n{3,}")


def cited(citation: Citation, voice: Voice) -> str:
    """A citation as Telegram HTML: the quote, and a line that says where it stands."""
    source = _source(citation, voice)
    limit = WHOLE_SHOWN if citation.whole else QUOTE_SHOWN
    quote = _cut(formatted(citation.quote[: 4 * limit]), limit, more=len(citation.quote) > 4 * limit)
    if not quote:
        return source
    folded = not citation.whole and parsed_length(quote) > OPEN_QUOTE
    tag = "blockquote expandable" if folded else "blockquote"
    return f"<{tag}>{quote}</blockquote>\n{source}" if source else f"<{tag}>{quote}</blockquote>"


def formatted(text: str) -> str:
    """A document's text as HTML that may stand in a quote: its marks as bold, bullets and plain words."""
    lines = (_line(line.rstrip()) for line in escape(without_hidden(text)).split("\n"))
    return _BLANK.sub("\n\n", "\n".join(line for line in lines if line is not None)).strip()


def _line(line: str) -> str | None:
    """One line; None where it is only a mark."""
    if _RULE.match(line) or _TABLE_LINE.match(line):
        return None
    line = _QUOTED.sub("", line)
    if heading := _HEADING.match(line):
        return f"<b>{_inline(heading[1], bold=False)}</b>"
    if row := _TABLE_ROW.match(line):
        return " · ".join(cell for cell in (_inline(cell.strip()) for cell in row[1].split("|")) if cell)
    return _inline(_ITEM.sub(lambda mark: mark[1].replace("\t", "  ") + _BULLET, line))


def _inline(text: str, *, bold: bool = True) -> str:
    text = _LINK.sub(_linked, _IMAGE.sub(r"\1", text))
    text = _CODE.sub(r"\1", text)
    text = _UNDERLINED.sub(r"**\1**", text)
    text = _BOLD.sub(r"<b>\2</b>" if bold else r"\2", text)
    return _ITALIC.sub(r"<i>\1</i>", text)


def _linked(link: re.Match[str]) -> str:
    """The words and where they lead, so that no link leads elsewhere than it says."""
    return link[1] if link[1] == link[2] or link[2].startswith("#") else f"{link[1]} ({link[2]})"


def _cut(html: str, limit: int, *, more: bool) -> str:
    if parsed_length(html) <= limit and not more:
        return html
    return split_html(html, limit - 1)[0].rstrip() + "…" if html else ""


def _page(document: str, page: str) -> Message:
    return say("slide {page}", page=page) if has_slides(document) else say("p. {page}", page=page)


def _source(citation: Citation, voice: Voice) -> str:
    path = " › ".join(filter(None, (one_line(citation.title, _NAME_SHOWN), one_line(citation.section, _NAME_SHOWN))))
    where = [path] if path else []
    name = one_line(citation.document, _NAME_SHOWN)
    if citation.page is not None:
        where.append(voice.text(_page(citation.document, str(citation.page))))
    told = " · ".join(filter(None, [", ".join(where), name]))
    return f"— <i>{escape(told)}</i>" if told else ""
