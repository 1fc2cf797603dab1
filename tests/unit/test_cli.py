"""The command line: what it prints, where to, and how it exits."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.unit.command_line import Run, refused
from tools.tool import ROLES

COMMANDS = ("demo", "run", "import", "learn", "ask", "digest", "monitor", "exam", "doctor", "backup", "restore")


# --- Help and wrong use ---------------------------------------------------------------------------------------


def test_help_names_every_command_and_cuts_no_line(run: Run) -> None:
    ended = run("--help")
    assert ended.code == 0
    assert all(f"  {command} " in ended.out for command in COMMANDS)
    assert "..." not in ended.out.partition("Commands:")[2]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_even_where_a_setting_is_wrong(
    run: Run, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARKETBOT_WORKERS", "0")
    ended = run(command, "--help")
    assert ended.code == 0
    assert f"Usage: marketbot {command}" in ended.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("frob",), "frob"),
        (("ask", "--frob"), "--frob"),
        (("ask",), "marketbot ask"),
        (("ask", "sales", "--batch", "file.jsonl"), "--batch"),
        (("ask", "sales", "--as-of", "tomorrow"), "2011-12-09"),
        (("ask", "sales", "--as-of", "2011-13-09"), "2011-13-09"),
        (("ask", "sales", "--lang", "de"), "en or zh"),
        (("ask", "--batch", "none.jsonl"), "none.jsonl"),
        (("exam", "none.jsonl"), "none.jsonl"),
        (("import", "none.yml"), "FILE"),
        (("demo", "--port", "99999"), "65535"),
        (("demo", "--scale", "-1"), "0.01"),
        (("run",), "MARKETBOT_TELEGRAM_TOKEN"),
    ],
)
def test_wrong_use_is_named_and_exits_with_two(run: Run, arguments: tuple[str, ...], words: str) -> None:
    refused(run(*arguments), 2, words)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nope", "line 2: not JSON"),
        ('["question"]', 'expected an object with a "question"'),
        ('{"question": "sales", "as_of": "soon"}', "'soon'"),
        ('{"question": "sales", "as_of": 20110101}', "20110101"),
    ],
)
def test_a_wrong_line_of_a_batch_is_named_before_anything_is_asked(
    run: Run, home: str, tmp_path: Path, line: str, words: str
) -> None:
    batch = tmp_path / "batch.jsonl"
    batch.write_text(f'{{"question": "net sales last month"}}\n{line}\n', encoding="utf-8")
    refused(run("--home", home, "ask", "--batch", str(batch)), 2, "batch.jsonl", "line 2", words)


def test_a_batch_that_is_not_utf8_is_refused(run: Run, tmp_path: Path) -> None:
    batch = tmp_path / "batch.jsonl"
    batch.write_bytes('{"question": "销售额"}'.encode("gbk"))
    refused(run("ask", "--batch", str(batch)), 2, "UTF-8")


def test_an_exam_question_without_its_answer_is_named(run: Run, tmp_path: Path) -> None:
    exam = tmp_path / "exam.jsonl"
    exam.write_text('{"id": "q7", "kind": "metric", "lang": "en", "question": "sales"}', encoding="utf-8")
    refused(run("exam", str(exam)), 2, "'q7'", "'expect'")


# --- Settings ---------------------------------------------------------------------------------------------------


def test_every_wrong_setting_is_named_with_what_was_given(run: Run, tmp_path: Path) -> None:
    lines = ("WORKERS=0", "AS_OF=soon", "TIMEZONE=Mars/Olympus", "FIRST_ADMIN=me")
    (tmp_path / ".env").write_text("\n".join(f"MARKETBOT_{line}" for line in lines), encoding="utf-8")
    ended = run("doctor")
    refused(ended, 2, ".env.example", "Europe/London")
    for line in lines:
        name, given = line.split("=")
        assert f"MARKETBOT_{name} was '{given}'" in ended.err


# --- The store --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [("ask", "sales"), ("ask", "sales", "--json")])
def test_without_a_store_the_way_to_one_is_told(run: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    refused(run("--home", str(tmp_path / "none"), *arguments), 1, "marketbot import", "marketbot demo")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("command", [("ask", "sales"), ("demo", "--port", "0")])
def test_a_broken_store_is_told_with_a_mend(run: Run, home: str, command: tuple[str, ...]) -> None:
    file = Path(home) / "warehouse.duckdb"
    file.write_bytes(file.read_bytes()[:5000])
    refused(run("--home", home, *command), 1, "warehouse.duckdb", "backup")


def test_a_broken_state_database_is_told_with_a_mend(run: Run, home: str) -> None:
    (Path(home) / "state.sqlite3").write_text("this is no database")
    refused(run("--home", home, "demo", "--port", "0"), 1, "state.sqlite3", "backup")


@pytest.mark.parametrize("command", [("demo", "--port", "0"), ("import", "map.yml", "lines.csv")])
def test_a_home_that_is_a_file_is_told(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "taken").write_text("")
    mapping = (
        "store: Shop\ncurrency: EUR\ntimezone: UTC\nsources: {lines: {columns: {n: integer}}}\n"
        "tables: {order_lines: {from: lines, columns: {order_id: o, sold_at: {column: d, type: date}, product_id: p,"
        " quantity: n, unit_price: n}}}\n"
    )
    (tmp_path / "map.yml").write_text(mapping)
    (tmp_path / "lines.csv").write_text("o,d,p,n\n1,2024-01-01,a,1\n")
    ended = run("--home", str(tmp_path / "taken"), *command)
    assert ended.code == 1
    assert "Traceback" not in ended.err


def test_a_taken_port_is_told_with_a_mend(run: Run, home: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused(run("--home", home, "demo", "--port", port), 1, port, "--port")


def test_a_database_address_does_not_show_its_password(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARKETBOT_WAREHOUSE_URL", "nosuch://reader:hunter2@127.0.0.1/shop")
    for command in (("ask", "sales"), ("doctor",)):
        ended = run(*command)
        assert ended.code == 1
        assert "hunter2" not in ended.out + ended.err
        assert "MARKETBOT_WAREHOUSE_URL" in ended.out + ended.err


# --- Asking -----------------------------------------------------------------------------------------------------


def test_an_answer_is_printed_in_the_questions_language(run: Run, home: str) -> None:
    asked = ("--home", home, "ask", "--as-of", "2026-11-20")
    english, chinese = run(*asked, "net sales last month"), run(*asked, "上个月的净销售额")
    assert (english.code, chinese.code) == (0, 0)
    assert "October 2026" in english.out
    assert "2026年10月" in chinese.out
    assert "2026年10月" in run(*asked, "--lang", "zh", "net sales last month").out


def test_what_cannot_be_answered_is_declined_and_no_error(run: Run, home: str) -> None:
    ended = run("--home", home, "ask", "who is the president", "--json")
    assert ended.code == 0
    assert [one["status"] for one in ended.objects] == ["declined"]


def test_a_batch_answers_in_order_and_keeps_sessions_apart(run: Run, home: str, tmp_path: Path) -> None:
    """Lines with a session are one conversation; a line without one remembers nothing."""
    lines: list[dict[str, Any]] = [
        {"id": "a", "question": "net sales in Germany last month", "session": "one"},
        {"id": 7, "question": "orders last month", "as_of": "2026-09-30"},
        {"id": "b", "question": "and in France?", "session": "one"},
        {"question": "and in France?"},
        {"id": "c", "question": "and in France?", "session": ""},
    ]
    batch = tmp_path / "batch.jsonl"
    batch.write_text("\n\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    ended = run("--home", home, "ask", "--batch", str(batch), "--as-of", "2026-11-20")
    a, seven, b, alone, c = ended.objects
    assert [one["id"] for one in (a, seven, b, alone, c)] == ["a", 7, "b", "7", "c"]
    assert a["facts"][0]["where"] == {"country": "Germany"}
    assert seven["facts"][0]["period"] == {"start": "2026-08-01", "end": "2026-08-31"}
    assert b["facts"][0]["where"] == {"country": "France"}
    assert alone["status"] != "answered"
    assert c["status"] != "answered"


def test_many_lines_without_a_session_remember_nothing_of_one_another(run: Run, home: str, tmp_path: Path) -> None:
    batch = tmp_path / "batch.jsonl"
    batch.write_text('{"question": "net sales in Germany last month"}\n{"question": "and in France?"}\n' * 20)
    ended = run("--home", home, "ask", "--batch", str(batch), "--as-of", "2026-11-20")
    assert [one["status"] == "answered" for one in ended.objects] == [True, False] * 20


def test_a_table_too_long_for_a_message_is_printed_whole(run: Run, home: str) -> None:
    ended = run("--home", home, "ask", "top 30 products by net sales last month", "--as-of", "2026-11-20", "--json")
    names = [row[0] for row in ended.objects[0]["table"]["rows"]]
    assert len(names) == 30
    printed = run("--home", home, "ask", "top 30 products by net sales last month", "--as-of", "2026-11-20")
    assert all(name in printed.out for name in names)


# --- Scoring and the doctor -------------------------------------------------------------------------------------


def test_an_exam_prints_the_score_and_with_an_option_what_was_wrong(run: Run, home: str, tmp_path: Path) -> None:
    right = {"id": "1", "kind": "decline", "lang": "en", "question": "who is the president"}
    wrong = {"id": "2", "kind": "metric", "lang": "zh", "question": "上个月的净销售额", "as_of": "2026-11-20"}
    answered = {"status": "answered", "facts": [{"name": "net_sales", "value": 1.0, "rel": 0.001}]}
    lines = [{**right, "expect": {"status": "declined"}}, {**wrong, "expect": answered}]
    exam = tmp_path / "exam.jsonl"
    exam.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    ended = run("--home", home, "exam", str(exam), "--show-wrong")
    assert ended.code == 0
    assert "1/2 right (50.0%), 1 wrong, 0 missed" in ended.out
    assert "wrong  2 [metric/zh] 上个月的净销售额" in ended.out


def test_the_doctor_is_content_with_a_fresh_store(run: Run, home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARKETBOT_AS_OF", "latest")
    ended = run("--home", home, "doctor")
    assert ended.code == 0
    assert "✗" not in ended.out
    assert "15 tables" in ended.out


def test_the_doctor_finds_old_data(run: Run, home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARKETBOT_AS_OF", "2027-03-01")
    ended = run("--home", home, "doctor")
    assert ended.code == 0
    assert "! The data ends on 2026-11-20, 101 days before 2027-03-01" in ended.out


def test_the_doctor_goes_on_after_what_is_broken(run: Run, home: str) -> None:
    (Path(home) / "warehouse.duckdb").write_text("broken")
    (Path(home) / "state.sqlite3").write_text("broken")
    ended = run("--home", home, "doctor")
    assert ended.code == 1
    assert "✗ The store cannot be used" in ended.out
    assert "✗ The state database cannot be used" in ended.out
    assert "Telegram" in ended.out


def test_the_doctor_never_tells_the_token(run: Run, home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    token = "123456:" + ROLES[0] * 6
    monkeypatch.setenv("MARKETBOT_TELEGRAM_TOKEN", token)
    monkeypatch.setenv("MARKETBOT_TELEGRAM_API_URL", "http://127.0.0.1:9")
    ended = run("--home", home, "doctor")
    assert ended.code == 1
    assert "✗ Telegram cannot be reached" in ended.out
    assert token not in ended.out + ended.err


def test_the_doctor_looks_and_makes_nothing(run: Run, tmp_path: Path) -> None:
    assert run("--home", str(tmp_path / "none"), "doctor").code == 1
    assert not (tmp_path / "none").exists()


# --- Importing --------------------------------------------------------------------------------------------------

MAPPING = """
store: Corner shop
currency: EUR
timezone: Europe/Berlin
sources:
  lines:
    files: "lines*.csv"
    columns: {order: id, day: date, quantity: integer, price: number}
tables:
  order_lines:
    from: lines
    columns: {order_id: order, sold_at: day, product_id: product, quantity: quantity, unit_price: price}
"""


def test_an_import_prints_its_report_and_its_answers_come_from_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "shop.yml").write_text(MAPPING)
    (tmp_path / "lines.csv").write_text("order,day,product,quantity,price\n1,2024-03-01,A,2,1.50\n2,2024-03-02,B,1,4\n")
    ended = run("--home", "shop", "import", "shop.yml", "lines.csv")
    assert ended.code == 0
    assert "Corner shop" in ended.out or "2" in ended.out
    asked = run("--home", "shop", "ask", "net sales in March 2024", "--as-of", "latest", "--json").objects[0]
    assert asked["facts"][0]["value"] == 7.0


@pytest.mark.parametrize(
    ("mapping", "lines", "words"),
    [
        (None, "order,day,product,quantity,price\n", "There is no mapping"),
        ("store: [", "order,day,product,quantity,price\n", "shop.yml"),
        (MAPPING, None, "lines.csv"),
        (MAPPING, "order,day,product,quantity\n1,2024-03-01,A,2\n", "price"),
        (MAPPING, "order,day,product,quantity,price\n1,2024-03-01,A,two,1\n", "two"),
    ],
)
def test_an_import_that_fails_tells_why_and_makes_no_store(
    run: Run, tmp_path: Path, mapping: str | None, lines: str | None, words: str
) -> None:
    if mapping is not None:
        (tmp_path / "shop.yml").write_text(mapping)
    if lines is not None:
        (tmp_path / "lines.csv").write_text(lines)
    ended = run("--home", "shop", "import", "shop.yml", "lines.csv")
    assert ended.code == 1
    assert words in ended.err
    assert "Traceback" not in ended.err
    assert not (tmp_path / "shop" / "warehouse.duckdb").exists()
