"""Answers in the terminal as how they were computed, and as files beside where the command was run."""

from __future__ import annotations

import pytest

from bot.failure import Failure
from bot.printing import print_reply, save_files
from bot.rendering.voice import Voice
from bot.reply import Reply
from tests.unit.command_line import Run
from tools.answer import Answer, Column, Provenance, Table
from tools.messages import Label, say

EN = Voice("en")
LONG = Table((Column("country", Label("Country")),), tuple((f"Country {n}",) for n in range(40)), 40)
ANSWER = Answer(say("40 countries"), table=LONG, file_name="countries", provenance=Provenance(sql=("SELECT 1",)))


def test_how_is_printed_without_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_reply(Reply("answered", "en", answers=(ANSWER,), form="how"), EN)
    printed = capsys.readouterr().out
    assert printed.startswith("How this was computed\n40 countries")
    assert "SELECT 1" in printed
    assert "Country 39" not in printed


def test_a_file_is_written_and_none_is_written_over(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path_factory.mktemp("files")
    (folder / "countries.csv").write_text("mine")
    reply = Reply("answered", "en", answers=(ANSWER,), form="csv")
    print_reply(reply, EN)
    for _ in range(2):
        save_files(reply, EN, folder)
    printed = capsys.readouterr().out
    assert "40 rows" in printed
    assert f"Saved as {folder / 'countries (3).csv'}." in printed
    assert (folder / "countries.csv").read_text() == "mine"
    assert (folder / "countries (2).csv").read_bytes() == (folder / "countries (3).csv").read_bytes()
    assert (folder / "countries (2).csv").read_text("utf-8-sig").splitlines()[-1] == "Country 39"
    save_files(Reply("answered", "en", answers=(ANSWER,)), EN, folder)
    assert len(list(folder.iterdir())) == 3


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path_factory: pytest.TempPathFactory) -> None:
    gone = tmp_path_factory.mktemp("files") / "gone"
    with pytest.raises(Failure, match="cannot be written"):
        save_files(Reply("answered", "en", answers=(ANSWER,), form="csv"), EN, gone)


def test_a_question_that_wants_a_file_leaves_one(run: Run, home: str) -> None:
    asked = ("--home", home, "ask", "--as-of", "2026-11-20", "net sales by country last month as a csv file")
    (name,) = run(*asked, "--json").objects[0]["files"]
    ended = run(*asked)
    assert (ended.code, f"Saved as {name}." in ended.out) == (0, True)
