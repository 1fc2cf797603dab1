"""Names of files from strangers' machines: safe on any system, and still telling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.file_names import safe_name, shown_name


@pytest.mark.parametrize(
    ("given", "safe", "shown"),
    [
        ("../../etc/passwd", "passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini", "boot.ini"),
        ("..", "document", ".."),
        ("/", "document", "document"),
        (None, "document", "document"),
        ("", "document", "document"),
        (".bashrc", "bashrc", ".bashrc"),
        ("CON.txt", "document_CON.txt", "CON.txt"),
        ("aux.tar.pdf", "document_aux.tar.pdf", "aux.tar.pdf"),
        ("cod\u202efdp.exe", "codfdp.exe", "codfdp.exe"),
        ("a\x00b\nc.md", "ab c.md", "ab c.md"),
        ('win<>:"|?*.PDF', "win_______.pdf", 'win<>:"|?*.PDF'),
        ("促销 手册（终稿）.docx", "促销 手册（终稿）.docx", "促销 手册（终稿）.docx"),
        ("v1.2 final", "v1.2 final", "v1.2 final"),
        ("plan. .md", "plan.md", "plan. .md"),
    ],
)
def test_names(given: str | None, safe: str, shown: str) -> None:
    assert safe_name(given) == safe
    assert shown_name(given) == shown


@pytest.mark.parametrize("given", ["a" * 300 + ".pdf", "促" * 300 + ".pdf", "😀" * 300 + ".pdf"])
def test_a_long_name_keeps_its_ending(given: str) -> None:
    name = safe_name(given)
    assert name.endswith(".pdf")
    assert len(name.encode()) <= 160
    assert len(shown_name(given)) <= 120


@given(st.text(max_size=400))
def test_any_name_becomes_a_safe_one(given: str) -> None:
    name = safe_name(given)
    assert name
    assert not name.startswith(".")
    assert not set(name) & set('/\\:*?"<>|\x00\n')
    assert len(name.encode()) <= 200
    assert safe_name(name) == name
