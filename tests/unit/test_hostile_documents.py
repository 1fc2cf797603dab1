"""Files that are not what they say, or that mean harm: each is refused with its reason, or read without harm."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.errors import Unreadable
from knowledge.loaders import SUFFIXES, Limits, load
from tests.unit import made_documents as made
from tests.unit.made_documents import Typeset, pdf

TYPES = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def _refused(folder: Path, name: str, content: bytes, limits: Limits = Limits()) -> Unreadable:  # noqa: B008
    file = folder / "file"
    file.write_bytes(content)
    with pytest.raises(Unreadable) as refused:
        load(file, limits, name=name)
    assert refused.value.name == name
    return refused.value


def _texts_or_reason(file: Path) -> list[str]:
    """What is read of a file, or why it is not; any other end is a failure."""
    try:
        return [block.text for block in load(file).blocks]
    except Unreadable as refused:
        return [refused.reason]


def test_content_that_is_not_what_the_name_says(tmp_path: Path) -> None:
    page = pdf([[Typeset("Some text on a page of this document.")]])
    made.word(tmp_path / "a.docx")
    word = (tmp_path / "a.docx").read_bytes()
    picture = b"\x89PNG\r\n\x1a\n" + bytes(100)
    for name, content, found in [
        ("a.docx", page, ".pdf"),
        ("a.pdf", word, ".docx"),
        ("a.xlsx", word, ".docx"),
        ("a.txt", page, ".pdf"),
        ("a.md", word, ".docx"),
        ("a.html", picture, ".png"),
        ("a.csv", bytes(range(256)) * 20, ""),
        ("a.txt", b"<!DOCTYPE html><html><body>Hello</body></html>", ".html"),
        ("a.docx", b"plain text", ".txt"),
    ]:
        error = _refused(tmp_path, name, content)
        assert (error.reason, error.details) == ("wrong_extension", {"given": name[1:], "found": found}), name


def test_formats_that_are_not_read(tmp_path: Path) -> None:
    error = _refused(tmp_path, "old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    assert error.reason == "unknown_format"
    assert str(error.details["known"]).split() == sorted(SUFFIXES)


def test_files_without_text(tmp_path: Path) -> None:
    assert _refused(tmp_path, "a.txt", b"").reason == "empty"
    assert _refused(tmp_path, "a.md", b" \n\n ").reason == "empty"
    assert _refused(tmp_path, "a.html", b"<html><script>alert(1)</script></html>").reason == "empty"
    assert _refused(tmp_path, "a.pdf", pdf([[], []])).reason == "empty"
    made.workbook(tmp_path / "a.xlsx", {"Sheet": []})
    assert _refused(tmp_path, "a.xlsx", (tmp_path / "a.xlsx").read_bytes()).reason == "empty"


def test_missing_files_folders_and_pipes(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "folder.txt").mkdir()
    for file in (tmp_path / "none.txt", tmp_path / "folder.txt", tmp_path / "pipe.txt", Path("/dev/zero")):
        with pytest.raises(Unreadable) as refused:
            load(file, name="a.txt")
        assert refused.value.reason == "missing"


def test_scanned_and_encrypted_pdfs(tmp_path: Path) -> None:
    error = _refused(tmp_path, "scan.pdf", pdf([[], []], pictured=[1, 2]))
    assert (error.reason, error.details) == ("scanned", {"pages": 2})
    locked = pypdf.PdfWriter(clone_from=io.BytesIO(pdf([[Typeset("A secret plan for the next year.")]])))
    locked.encrypt("open sesame")
    written = io.BytesIO()
    locked.write(written)
    assert _refused(tmp_path, "locked.pdf", written.getvalue()).reason == "encrypted"


def test_encrypted_office_files(tmp_path: Path) -> None:
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    assert _refused(tmp_path, "plan.docx", content).reason == "encrypted"


def test_limits(tmp_path: Path) -> None:
    pages = pdf([[Typeset(f"Page {page}")] for page in range(50)])
    assert _refused(tmp_path, "a.pdf", pages, Limits(pages=20)).details == {"pages": 50, "limit": 20}
    error = _refused(tmp_path, "a.txt", b"a" * 2000, Limits(bytes=1000))
    assert (error.reason, error.details) == ("too_large", {"size": 2000, "limit": 1000})
    assert _refused(tmp_path, "a.md", b"word " * 5000, Limits(characters=1000)).reason == "too_much_text"
    assert _refused(tmp_path, "a.pdf", pages, Limits(seconds=0.0)).reason == "too_slow"


def test_zip_bombs(tmp_path: Path) -> None:
    declared = made.archive({"[Content_Types].xml": TYPES, "word/document.xml": bytes(6_000_000)})
    assert _refused(tmp_path, "a.docx", declared, Limits(characters=100_000)).reason == "too_much_text"
    lying = bytearray(made.archive({"[Content_Types].xml": TYPES, "xl/workbook.xml": bytes(6_000_000)}))
    # The sizes in the list of contents say 100 bytes.
    size = (6_000_000).to_bytes(4, "little")
    while (at := lying.find(size)) >= 0:
        lying[at : at + 4] = (100).to_bytes(4, "little")
    assert _refused(tmp_path, "a.xlsx", bytes(lying), Limits(characters=100_000)).reason in {
        "too_much_text",
        "damaged",
    }
    many = made.archive({"ppt/x": b"", **{f"ppt/{number}": b"" for number in range(21_000)}})
    assert _refused(tmp_path, "a.pptx", many).reason == "too_much_text"


def test_a_sheet_with_two_cells_a_world_apart(tmp_path: Path) -> None:
    made.workbook(tmp_path / "a.xlsx", {"Sheet": [["here"]]})
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    far = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>there</t></is></c></row></sheetData>'
    parts[sheet] = parts[sheet].replace(b"</sheetData>", far)
    assert _refused(tmp_path, "a.xlsx", made.archive(parts)).reason == "too_much_text"


def _with_part(source: Path, part: str, change: Callable[[bytes], bytes]) -> bytes:
    with zipfile.ZipFile(source) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    parts[part] = change(parts[part])
    return made.archive(parts)


def test_entities_are_neither_expanded_nor_fetched(tmp_path: Path) -> None:
    made.word(tmp_path / "a.docx")
    (tmp_path / "secret").write_text("the secret")
    entities = (
        '<!DOCTYPE x [<!ENTITY a "lol lol lol lol lol lol lol lol">'
        + "".join(f'<!ENTITY {name} "{f"&{before};" * 20}">' for before, name in zip("abcdefg", "bcdefgh", strict=True))
        + f'<!ENTITY file SYSTEM "file://{tmp_path}/secret">]>'
    )
    body = "&h;&file;"

    def hostile(xml: bytes) -> bytes:
        head, rest = xml.split(b"?>", 1)
        return head + b"?>" + entities.encode() + rest.replace(b"Write on day 30.", body.encode(), 1)

    (tmp_path / "b.docx").write_bytes(_with_part(tmp_path / "a.docx", "word/document.xml", hostile))
    text = " ".join(_texts_or_reason(tmp_path / "b.docx"))
    assert "secret" not in text
    assert len(text) < 2000


def test_deep_nesting_is_no_trouble(tmp_path: Path) -> None:
    deep = 50_000
    for name, content in [
        ("a.html", "<p>before</p>" + "<div>" * deep + "deep" + "</div>" * deep),
        ("a.html", "<p>before</p>" + "<ul><li>" * deep + "deep"),
        ("a.html", "<p>before</p>" + "<table><tr><td>" * 3000 + "deep"),
        ("a.md", "before\n\n" + ">" * 5000 + " deep"),
        ("a.md", "before\n\n" + "[" * 5000 + "](x)"),
        ("a.md", "before\n\n" + "\n".join(" " * at + "- x" for at in range(500))),
    ]:
        (tmp_path / name).write_text(content)
        document = load(tmp_path / name, Limits(seconds=20))
        assert document.blocks[0].text == "before"


def test_a_name_with_tricks_is_only_a_name(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Some text of a plan.")
    for name in ("../../etc/passwd.txt", "..\\..\\boot.txt", "/etc/shadow.txt", "a\x00b.txt", "\u202egpj.txt"):
        document = load(tmp_path / "a.txt", name=name)
        assert document.blocks[0].text == "Some text of a plan."
        assert not set("/\\\x00\u202e") & set(document.title)


@pytest.mark.parametrize("suffix", [".docx", ".pptx", ".xlsx", ".pdf"])
def test_a_file_cut_short_or_with_bytes_turned_is_refused_or_read(tmp_path: Path, suffix: str) -> None:
    whole = tmp_path / f"whole{suffix}"
    if suffix == ".pdf":
        whole.write_bytes(pdf([[Typeset("A page with some text on it.")]] * 3))
    elif suffix == ".xlsx":
        made.workbook(whole, {"Sheet": [["a", "b"], ["c", "d"]]})
    else:
        (made.word if suffix == ".docx" else made.slides)(whole)
    content = whole.read_bytes()
    broken = tmp_path / f"broken{suffix}"
    for at in range(40, len(content), len(content) // 15):
        for spoiled in (
            content[:at],
            content[:at] + bytes(byte ^ 0x55 for byte in content[at : at + 8]) + content[at + 8 :],
        ):
            broken.write_bytes(spoiled)
            assert _texts_or_reason(broken)


@given(st.binary(max_size=400), st.sampled_from(sorted(SUFFIXES)))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes, suffix: str) -> None:
    file = tmp_path_factory.getbasetemp() / f"any{suffix}"
    file.write_bytes(content)
    assert all(_texts_or_reason(file))


@given(st.text(max_size=400), st.sampled_from([".md", ".txt", ".html", ".csv"]))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str, suffix: str) -> None:
    file = tmp_path_factory.getbasetemp() / f"text{suffix}"
    file.write_text(text, encoding="utf-8", errors="ignore")
    read = _texts_or_reason(file)
    assert all(read)
    assert not set("\x00\u202e\u200b") & set("".join(read))
    assert "damaged" not in read
