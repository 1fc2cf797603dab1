"""Whatever an answer holds, its messages keep Telegram's limits and balanced HTML."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.html import escape, parsed_length, parsed_text, split_html
from bot.rendering.parts import CAPTION_LIMIT, MESSAGE_LIMIT, TextPart
from bot.rendering.reply import render, reply_json
from bot.rendering.tables import PHONE_WIDTH, monospaced
from bot.rendering.text import fit, one_line, width, wrap
from bot.rendering.voice import Voice
from bot.reply import Form, Reply
from tools.answer import Answer, Chart, Citation, Column, FollowUp, Provenance, Table
from tools.messages import Label, Message, Quantity
from tools.semantic.periods import Period

HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            '<b>&"=1+1',
            "\u202eabc",
            "👩‍👩‍👧‍👦" * 9,
            "德国" * 40,
            "a" * 10_000,
            "\x00\x1b[0m",
            "</pre>",
            "&lt;",
            "*x*",
            "**x** __y__ | a | **b\n# *h*\n- i\n---\n> q [l](u)",
            "\ud800",
        ]
    ),
)
NUMBERS = st.one_of(st.none(), st.integers(-(10**12), 10**12), st.floats(allow_nan=True, allow_infinity=True))
UNITS = st.sampled_from(["GBP", "CNY", "count", "units", "ratio", "points", "days", "score", "factor"])
MESSAGES = st.builds(
    lambda template, text, number, unit: Message(template, {"a": text, "n": Quantity(number, unit)}),
    st.sampled_from(["{a}", "*{a}*: {n}", "{n} < {a} & more", "{a} {a} {a} {a} {a}", "{", "{b}"]),
    HOSTILE,
    NUMBERS,
    UNITS,
)
OTHER_FORMS: tuple[Form, ...] = ("how", "csv", "xlsx")
VOICES = st.sampled_from([Voice("en"), Voice("zh"), Voice("zh", number_style="full")])


@st.composite
def tables(draw: st.DrawFn) -> Table:
    columns = [Column("name", Label(draw(HOSTILE) or "x"))]
    columns += [Column(f"n{i}", Label(draw(HOSTILE) or "x", "名"), draw(UNITS)) for i in range(draw(st.integers(0, 5)))]
    rows = draw(st.lists(st.tuples(HOSTILE, *(NUMBERS for _ in columns[1:])), max_size=20))
    return Table(tuple(columns), tuple(rows), len(rows) + draw(st.integers(0, 3)))


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    table = draw(st.one_of(st.none(), tables()))
    charted = table is not None and len(table.columns) > 1
    return Answer(
        headline=draw(MESSAGES),
        lines=tuple(draw(st.lists(MESSAGES, max_size=5))),
        table=table,
        chart=Chart("bar", draw(MESSAGES), "name", ("n0",)) if charted else None,
        file_name=draw(st.one_of(st.none(), HOSTILE)),
        follow_ups=tuple(FollowUp(message) for message in draw(st.lists(MESSAGES, max_size=4))),
        caveats=tuple(draw(st.lists(MESSAGES, max_size=3))),
        citations=tuple(
            Citation(text, text, 3, text * draw(st.sampled_from([1, 1, 400])), title=text, whole=draw(st.booleans()))
            for text in draw(st.lists(HOSTILE, max_size=3))
        ),
        closing=tuple(draw(st.lists(MESSAGES, max_size=2))),
        provenance=Provenance(
            definition=tuple(draw(st.lists(MESSAGES, max_size=2))),
            period=Period(date(2011, 11, 1), date(2011, 11, 30)),
            filters=tuple(draw(st.lists(MESSAGES, max_size=2))),
            sql=tuple(draw(st.lists(HOSTILE, max_size=2))),
            as_of=datetime(2011, 12, 9, 12, 50, tzinfo=UTC),
        ),
    )


def balanced(html: str) -> bool:
    stack = []
    for slash, name in re.findall(r"<(/?)([a-z]+)[^<>]*>", html):
        if not slash:
            stack.append(name)
        elif not stack or stack.pop() != name:
            return False
    bare = re.sub(r"</?(?:b|i|pre|code|blockquote)(?: [a-z-]+(?:=\"[a-z-]+\")?)?>|&(?:lt|gt|amp|quot);", "", html)
    return not stack and not re.search("[<>&]", bare)


@given(answers(), VOICES)
def test_a_reply_keeps_the_limits(answer: Answer, voice: Voice) -> None:
    reply = Reply("answered", voice.language, answers=(answer, answer))
    rendered = render(reply, voice, charts=False)
    forms = [rendered, *(render(replace(reply, form=form), voice, charts=False) for form in OTHER_FORMS)]
    assert all(each.parts for each in forms)
    for part in (part for each in forms for part in each.parts):
        html = part.html if isinstance(part, TextPart) else part.caption_html
        limit = MESSAGE_LIMIT if isinstance(part, TextPart) else CAPTION_LIMIT
        assert parsed_length(html) <= limit
        assert balanced(html)
        assert parsed_text(html).strip()
        html.encode("utf-8")
    for row in rendered.buttons:
        assert all(button.label.strip() and len(button.label) <= 40 for button in row)
    for form in ("answer", *OTHER_FORMS):
        reply_json(replace(reply, form=form), voice, "q1")


TAGS = st.sampled_from(["b", "i", "pre", "code", 'code class="language-sql"', "blockquote expandable"])
MARKUP = st.recursive(
    st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=80).map(escape),
    lambda inner: st.one_of(
        st.builds(lambda tag, body: f"<{tag}>{body}</{tag.split()[0]}>", TAGS, inner),
        st.lists(inner, max_size=4).map("".join),
        st.lists(inner, max_size=4).map("\n".join),
    ),
    max_leaves=12,
)


@given(MARKUP, st.integers(8, 120))
def test_splitting_keeps_the_text_and_balances_each_chunk(html: str, limit: int) -> None:
    chunks = split_html(html, limit)
    assert all(parsed_length(chunk) <= limit and balanced(chunk) for chunk in chunks)
    assert "".join(parsed_text(chunk) for chunk in chunks) == parsed_text(html)


def test_splitting_prefers_line_ends_outside_elements() -> None:
    html = "one two\n<b>three four</b>\n" + "x" * 10
    assert split_html(html, 20) == ["one two\n<b>three four</b>\n", "x" * 10]
    assert split_html(html, 16) == ["one two\n", "<b>three four</b>\n", "x" * 10]


@given(tables(), VOICES)
def test_a_table_stays_within_a_phone_and_never_cuts_a_number(table: Table, voice: Voice) -> None:
    shown = monospaced(table, voice)
    kept = len(table.columns) - shown.hidden_columns
    assert kept >= 1
    if kept > 1:
        assert all(width(line) <= PHONE_WIDTH for line in shown.text.split("\n"))
    for index, column in enumerate(table.columns[1:kept], 1):
        for row in table.rows[:12]:
            cell = voice.cells([row[index]], column)[0]
            assert "…" not in cell


@given(HOSTILE, st.integers(1, 40), st.integers(1, 3))
def test_cut_text_fits(text: str, columns: int, lines: int) -> None:
    clean = one_line(text)
    assert width(fit(clean, columns)) <= columns
    wrapped = wrap(clean, max(columns, 2), lines)
    assert 1 <= len(wrapped) <= lines
    assert all(width(line) <= max(columns, 2) for line in wrapped)
