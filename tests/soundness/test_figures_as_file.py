"""Figures that the chat says in words, as a file: one row with their days and what they are limited to."""

from __future__ import annotations

import csv
import io

import pytest

from bot.rendering.parts import FilePart
from bot.rendering.reply import render, reply_json
from bot.rendering.voice import Voice
from bot.reply import Reply
from tests.soundness.test_metrics_text import OCTOBER, ask, within
from tools.answer import Answer
from tools.tool import Context

EN, ZH = Voice("en"), Voice("zh")


def rows(answer: Answer, voice: Voice) -> list[list[str]]:
    reply = Reply("answered", voice.language, answers=(answer,), form="csv")
    (part,) = render(reply, voice).parts
    assert isinstance(part, FilePart)
    assert reply_json(reply, voice)["files"] == [part.name]
    return list(csv.reader(io.StringIO(part.content.decode("utf-8-sig"))))


def test_a_single_figure_is_a_row_with_its_days_and_places(retail_context: Context) -> None:
    answer = ask(retail_context, metrics=["orders", "aov"], filters=[within("country", "EIRE")])
    head, row = rows(answer, EN)
    assert head == ["From", "To", "Country", "Orders", "Average order value"]
    assert row[:3] == ["2011-11-01", "2011-11-30", "Ireland"]
    told = {fact.name: fact.value for fact in answer.facts}
    assert [float(cell) for cell in row[3:]] == pytest.approx([told["orders"], told["aov"]])
    assert rows(answer, ZH)[0][:3] == ["开始日期", "结束日期", "国家"]


def test_its_baseline_and_its_share_stand_beside_it(retail_context: Context) -> None:
    compared = ask(retail_context, metrics=["orders", "aov"], compare=OCTOBER)
    head, row = rows(compared, EN)
    before = next(
        f.value for f in compared.facts if f.name == "orders" and str(f.period) != str(compared.facts[0].period)
    )
    assert head[2:4] == ["Orders", "Orders, October 2011"]
    assert float(row[3]) == before
    shared = ask(retail_context, filters=[within("country", "Germany", op="not_in")], share=True)
    head, row = rows(shared, EN)
    assert head[-1] == "Share"
    assert row[2] == "All but Germany"
    assert float(row[-1]) == pytest.approx(next(f.value for f in shared.facts if f.name == "net_sales_share"))


def test_the_chat_shows_no_table_for_it(retail_context: Context) -> None:
    rendered = render(Reply("answered", "en", answers=(ask(retail_context),)), EN)
    assert len(rendered.parts) == 1
    assert not isinstance(rendered.parts[0], FilePart)
    assert "CSV file" not in [button.label for row in rendered.buttons for button in row]
