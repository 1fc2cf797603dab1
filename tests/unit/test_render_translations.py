"""Every source string in the code has a complete Chinese translation."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from bot.locales import DOMAIN, po_path
from bot.locales.extraction import Computed, SourceString, is_translated, scan, strings_in, update

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def scanned() -> tuple[list[SourceString], list[Computed]]:
    return scan(ROOT)


def test_every_text_is_a_literal(scanned: tuple[list[SourceString], list[Computed]]) -> None:
    strings, computed = scanned
    assert len(strings) > 1000
    assert [f"{call.file}:{call.line}" for call in computed] == []


def test_every_text_is_translated_with_the_same_placeholders(
    scanned: tuple[list[SourceString], list[Computed]],
) -> None:
    with po_path("zh").open("rb") as lines:
        catalog = read_po(lines, locale="zh", domain=DOMAIN)
    missing = {
        str(string.id)
        for string in scanned[0]
        if string.text and ((found := catalog.get(string.id)) is None or not is_translated(found))
    }
    assert missing == set(), "run `python -m bot.locales` and translate what it lists"


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ('say("a {b}" " c", b=1)', [SourceString("a {b} c", None, "x.py", 2)]),
        ('say("a" if x else "b")', [SourceString("a", None, "x.py", 2), SourceString("b", None, "x.py", 2)]),
        ('say_n("{count} a", "{count} b", 2)', [SourceString("{count} a", "{count} b", "x.py", 2)]),
        ("say(f'a {b}')", [Computed("say", "x.py", 2)]),
        ("say(text)", [Computed("say", "x.py", 2)]),
    ],
)
def test_extraction(call: str, found: list[SourceString | Computed]) -> None:
    assert list(strings_in(f"from tools.messages import say, say_n\n{call}", "x.py")) == found


def test_another_say_is_none_of_ours() -> None:
    assert list(strings_in("from rich import say\nsay(f'{x}')", "x.py")) == []


def test_update_adds_what_is_new_and_keeps_what_is_known(tmp_path: Path) -> None:
    for package in ("bot", "jobs", "tools", "knowledge"):
        (tmp_path / package).mkdir()
    (tmp_path / "bot" / "x.py").write_text('from tools.messages import say\nsay("new {a}")\nsay("known")\n')
    po = po_path("zh", tmp_path)
    po.parent.mkdir(parents=True)
    po.write_text('msgid "known"\nmsgstr "已知"\n\nmsgid "old"\nmsgstr "旧"\n', encoding="utf-8")
    assert update(tmp_path, tmp_path) == {"zh": ["new {a}"]}
    written = po.read_text(encoding="utf-8")
    assert 'msgid "known"\nmsgstr "已知"' in written
    assert '#~ msgid "old"' in written
