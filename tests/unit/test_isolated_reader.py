"""Reading in a process of its own: the same documents, and no harm from a parser that breaks down."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.document import Document
from knowledge.errors import Unreadable
from knowledge.loaders import Limits, load
from knowledge.loaders.isolated import Reader
from tests.unit import made_documents as made

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as one:
        yield one


def test_a_document_is_the_same_as_when_read_here(reader: Reader, tmp_path: Path) -> None:
    made.word(tmp_path / "a.docx")
    made.slides(tmp_path / "b.pptx")
    (tmp_path / "c.md").write_text("---\ntitle: 计划\nmetrics: [orders]\naliases: [a, b]\n---\n\n正文。\n")
    for name in ("a.docx", "b.pptx", "c.md"):
        assert reader.read(tmp_path / name, f"team/{name}") == load(tmp_path / name, name=f"team/{name}")


def test_why_a_document_cannot_be_read_comes_back(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_text("not a PDF")
    with pytest.raises(Unreadable) as refused:
        reader.read(tmp_path / "a.pdf", "docs/a.pdf")
    assert (refused.value.name, refused.value.reason) == ("docs/a.pdf", "wrong_extension")
    assert refused.value.details == {"given": ".pdf", "found": ".txt"}


def test_many_threads_share_one_reader(reader: Reader, tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"{number}.txt").write_text(f"This is text number {number}.")
    found: dict[int, Document] = {}

    def read(number: int) -> None:
        found[number] = reader.read(tmp_path / f"{number}.txt", f"{number}.txt")

    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {number: one.blocks[0].text for number, one in found.items()} == {
        number: f"This is text number {number}." for number in range(8)
    }


class Breaking(Reader):
    """A reader whose child runs `code` before each document."""

    def __init__(self, code: str, limits: Limits) -> None:
        super().__init__(limits)
        self.start = f"{self.start}".replace(
            "serve()",
            "from knowledge import loaders; real = loaders.load\n"
            f"def load(path, limits, *, name):\n    if 'bad' in name:\n        {code}\n"
            "    return real(path, limits, name=name)\n"
            "loaders.load = load; serve()",
        )


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import os; os._exit(3)", "damaged"),
        ("import ctypes; ctypes.string_at(0)", "damaged"),
        ("print('noise', flush=True); import os; os.abort()", "damaged"),
        ("while True: pass", "too_slow"),
        ("b = bytearray(3 * 1024 ** 3)", "too_much_memory"),
    ],
    ids=["exit", "segfault", "abort", "endless", "memory"],
)
def test_a_parser_that_breaks_down_harms_only_its_document(tmp_path: Path, code: str, reason: str) -> None:
    (tmp_path / "a.txt").write_text("Some text that is read.")
    limits = Limits(seconds=0.5, memory_bytes=1024**3)
    with Breaking(code, limits) as reader:
        with pytest.raises(Unreadable) as refused:
            reader.read(tmp_path / "a.txt", "bad.txt")
        assert (refused.value.name, refused.value.reason) == ("bad.txt", reason)
        assert reader.read(tmp_path / "a.txt", "good.txt").blocks[0].text == "Some text that is read."


def test_it_works_from_a_script_that_guards_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Some text that is read.")
    script = (
        "from pathlib import Path\nfrom knowledge.loaders.isolated import Reader\n"
        f"with Reader() as reader:\n    print(reader.read(Path({str(tmp_path / 'a.txt')!r}), 'a.txt').blocks[0].text)\n"
    )
    told = subprocess.run([sys.executable, "-"], input=script, cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout == "Some text that is read.\n"
    assert not told.stderr
