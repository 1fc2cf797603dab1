"""Replies as parts with buttons, and as the JSON of the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime

from bot.rendering.html import parsed_length
from bot.rendering.parts import CAPTION_LIMIT, FilePart, PhotoPart, TextPart
from bot.rendering.reply import render, reply_json
from bot.rendering.voice import Voice
from bot.reply import Reply
from tools.answer import Answer, Chart, Citation, Column, Fact, FollowUp, Provenance, Table, ToolCall
from tools.messages import Label, Message, Quantity, say
from tools.semantic.periods import Period, shift

EN = Voice("en")
SEPTEMBER = Period(date(2011, 9, 1), date(2011, 9, 30))
MONTHS = Table(
    (Column("month", Label("Month"), grain="month"), Column("net_sales", Label("Net sales"), "GBP")),
    tuple((shift(date(2009, 12, 1), "month", n), 1000.0 * n) for n in range(24)),
    24,
)
COUNTRIES = Table(
    (Column("country", Label("Country")), Column("net_sales", Label("Net sales"), "GBP")),
    tuple((f"A country called {n}", 1e6 - n) for n in range(9)),
    9,
)


def answer(table: Table, kind: str = "line", lines: int = 1, file_name: str | None = None) -> Answer:
    return Answer(
        headline=Message("Net sales: {value}", {"value": Quantity(5.0, "GBP")}),
        lines=(Message("A line of {n} words.", {"n": 5}),) * lines,
        facts=(Fact("net_sales", 5.0, "GBP", SEPTEMBER, {"country": "Germany"}), Fact("aov", float("nan"), "GBP")),
        table=table,
        chart=Chart("line" if kind == "line" else "bar", Message("Title"), table.columns[0].name, ("net_sales",)),
        file_name=file_name,
        follow_ups=(
            FollowUp(Message("By week")),
            FollowUp(Message("By week")),
            FollowUp(Message("By {d}", {"d": "x"})),
        ),
        caveats=(Message("Mind the gap."),),
        citations=(Citation("a.pdf", "1", 2, "quote"),),
        provenance=Provenance(
            definition=(Message("Net sales is net."),),
            period=SEPTEMBER,
            sql=("SELECT 1", "SELECT 2"),
            as_of=datetime(2011, 12, 9, 12, 50),
        ),
    )


def test_a_short_answer_is_one_picture_with_everything_in_its_caption() -> None:
    rendered = render(Reply("answered", "en", answers=(answer(COUNTRIES, "bar"),)), EN)
    (part,) = rendered.parts
    assert isinstance(part, PhotoPart)
    assert part.png.startswith(b"\x89PNG")
    assert "<pre>" in part.caption_html
    assert parsed_length(part.caption_html) <= CAPTION_LIMIT
    assert [[button.label for button in row] for row in rendered.buttons] == [
        ["By week", "By x"],
        ["How computed", "CSV file", "Excel file"],
    ]
    assert [button.action for button in rendered.buttons[-1]] == ["how", "file_csv", "file_xlsx"]


def test_what_a_caption_cannot_hold_follows_as_text() -> None:
    rendered = render(Reply("answered", "en", answers=(answer(COUNTRIES, "bar", lines=60),)), EN)
    assert [type(part) for part in rendered.parts] == [PhotoPart] or isinstance(rendered.parts[1], TextPart)
    long = Message("word " * 300)
    crowded = Answer(long, lines=(long,), table=COUNTRIES, chart=answer(COUNTRIES, "bar").chart)
    first, *rest = render(Reply("answered", "en", answers=(crowded,)), EN).parts
    assert isinstance(first, PhotoPart)
    assert parsed_length(first.caption_html) <= CAPTION_LIMIT
    assert any(isinstance(part, TextPart) and "<pre>" in part.html for part in rest)


def test_a_long_series_is_pictured_and_its_table_left_to_the_file() -> None:
    rendered = render(Reply("answered", "en", answers=(answer(MONTHS, file_name="months.xlsx"),)), EN)
    photo, file = rendered.parts
    assert isinstance(photo, PhotoPart)
    assert "<pre>" not in photo.caption_html
    assert isinstance(file, FilePart)
    assert (file.name, file.content[:2]) == ("months.xlsx", b"PK")
    without = render(Reply("answered", "en", answers=(answer(MONTHS),)), EN, charts=False)
    assert "… 12 more rows in the file" in without.parts[0].html  # type: ignore[union-attr]


def test_a_file_that_was_asked_for_says_what_it_is() -> None:
    ranked = answer(COUNTRIES, "bar", file_name="../a.xlsx")
    rendered = render(Reply("answered", "en", answers=(ranked, answer(MONTHS)), form="csv"), EN)
    file, months = rendered.parts
    assert isinstance(file, FilePart)
    assert isinstance(months, FilePart)
    assert (file.name, months.name, rendered.buttons) == ("a.csv", "table.csv", ())
    assert file.content.startswith("\ufeffCountry,Net sales".encode())
    caption = file.caption_html.split("\n")
    assert caption[:3] == ["<b>Net sales: £5</b>", "9 rows", "⚠️ <i>Mind the gap.</i>"]
    assert "Sep" in caption[3]
    assert parsed_length(file.caption_html) <= CAPTION_LIMIT
    (book,) = render(Reply("answered", "en", answers=(ranked,), form="xlsx"), EN).parts
    assert isinstance(book, FilePart)
    assert (book.name, book.content[:2]) == ("a.xlsx", b"PK")


def test_without_a_table_the_answer_itself_says_so() -> None:
    alone = replace(answer(COUNTRIES), table=None, chart=None)
    rendered = render(Reply("answered", "en", answers=(alone,), form="xlsx"), EN)
    (part,) = rendered.parts
    assert isinstance(part, TextPart)
    assert "Net sales: £5" in part.html
    assert "There is no table here that could be sent as a file." in part.html
    assert [button.label for button in rendered.buttons[-1]] == ["How computed"]
    beside = render(Reply("answered", "en", answers=(answer(COUNTRIES), alone), form="xlsx"), EN, charts=False)
    assert [type(part) for part in beside.parts] == [FilePart, TextPart]


def test_how_it_was_computed_names_each_answer_and_what_was_assumed() -> None:
    quoted = Answer(Message("A page"), citations=(Citation("a.pdf", "1", 2, "quote", title="Coupons"),))
    parts = render(Reply("answered", "en", answers=(answer(COUNTRIES), quoted), form="how"), EN)
    first, second = (part.html for part in parts.parts if isinstance(part, TextPart))
    for told in ("<i>Net sales: £5</i>", "Net sales is net.", "Mind the gap.", "SELECT 2", "September 2011"):
        assert told in first
    assert "these are the words of Coupons" in second
    assert parts.buttons == ()
    refused = Reply("declined", "en", message=say("No."), form="how")
    assert render(refused, EN).parts == (TextPart("No."),)


def test_json_of_a_form_is_what_the_user_reads() -> None:
    reply = Reply("answered", "en", answers=(answer(COUNTRIES, "bar", file_name="a.csv"),))
    file = reply_json(replace(reply, form="xlsx"), EN)
    assert (file["files"], file["chart"], len(file["table"]["rows"])) == (["a.xlsx"], None, 9)
    assert file["text"].endswith("📎 a.xlsx")
    assert "9 rows" in file["text"]
    how = reply_json(replace(reply, form="how"), EN)
    assert (how["files"], how["chart"]) == ([], None)
    assert "SELECT 1" in how["text"]
    assert how["facts"] == file["facts"] == reply_json(reply, EN)["facts"]


def test_series_stand_side_by_side() -> None:
    columns = (*MONTHS.columns[:1], Column("country", Label("Country")), MONTHS.columns[1])
    rows = tuple((m, c, v) for m, v in MONTHS.rows[:3] for c in ("Germany", "France") if not (c == "France" and v == 0))
    wide = Answer(
        Message("x"),
        table=Table(columns, rows, len(rows)),
        chart=Chart("line", Message("x"), "month", ("net_sales",), "country"),
    )
    text = render(Reply("answered", "en", answers=(wide,)), EN, charts=False).parts[0].html  # type: ignore[union-attr]
    assert "Month     Germany  France" in text
    assert "Dec 2009       £0       –" in text


def test_replies_that_are_no_answers() -> None:
    asked = render(Reply("clarify", "en", message=Message("Which?"), options=(FollowUp(Message("This <one>")),)), EN)
    assert asked.parts == (TextPart("Which?"),)
    assert asked.buttons[0][0].label == "This <one>"
    broken = render(Reply("failed", "zh", incident="<x>"), Voice("zh"))
    assert broken.parts[0].html.endswith("<i>事件编号 &lt;x&gt;</i>")  # type: ignore[union-attr]
    assert render(Reply("declined", "en", message=say("")), EN).parts[0].html  # type: ignore[union-attr]


def test_json_keeps_the_contract() -> None:
    reply = Reply(
        "answered",
        "en",
        calls=(ToolCall("metrics", {"period": {"start": date(2011, 9, 1)}, "metrics": ("net_sales",)}),),
        answers=(answer(COUNTRIES, "bar", file_name="x.csv"), answer(MONTHS)),
        elapsed_ms={"total": 55.04},
    )
    printed = json.loads(json.dumps(reply_json(reply, EN, "q1"), allow_nan=False))
    assert list(printed) == [
        *("id", "status", "language", "calls", "text", "facts", "table", "chart", "files", "citations", "follow_ups"),
        *("caveats", "provenance", "elapsed_ms"),
    ]
    assert printed["calls"] == [
        {"tool": "metrics", "args": {"period": {"start": "2011-09-01"}, "metrics": ["net_sales"]}}
    ]
    assert len(printed["facts"]) == 4
    assert printed["facts"][0] == {
        "name": "net_sales",
        "value": 5.0,
        "unit": "GBP",
        "period": {"start": "2011-09-01", "end": "2011-09-30"},
        "where": {"country": "Germany"},
    }
    assert printed["facts"][1]["value"] is None
    assert printed["table"]["columns"] == ["country", "net_sales"]
    assert (len(printed["table"]["rows"]), printed["table"]["total_rows"]) == (9, 9)
    assert printed["chart"]["$schema"].endswith("v6.json")
    assert printed["files"] == ["x.csv"]
    assert printed["follow_ups"] == ["By week", "By x"]
    assert printed["provenance"] == {
        "definition": "Net sales is net.",
        "sql": "SELECT 1;\n\nSELECT 2;\n\nSELECT 1;\n\nSELECT 2",
        "as_of": "2011-12-09T12:50:00",
    }
    assert "<b>" not in printed["text"]
    assert printed["elapsed_ms"] == {"total": 55.0}


def test_rendering_loads_nothing_heavy() -> None:
    code = (
        "import sys, bot.rendering.reply\n"
        "print([m for m in ('altair', 'pandas', 'vl_convert', 'openpyxl', 'ibis') if m in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "[]"
