"""`marketbot learn`, what the doctor says of documents, and that figures load nothing of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.rendering.text import width
from knowledge.library import Library
from tests.unit.command_line import Run, refused
from tests.unit.word_vectors import WordModels

HEAVY = ("torch", "sentence_transformers", "chromadb", "pypdfium2", "docx", "pptx", "bs4")


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which a folder and what is shipped are learned, by a model that takes no time to load."""
    folder = tmp_path_factory.mktemp("learned")
    docs = folder / "docs"
    (docs / "board").mkdir(parents=True)
    (docs / "coupons.md").write_text("# Coupon rules\n\n" + "One coupon for each order, and never two. " * 5)
    (docs / "board" / "pay.md").write_text("# Bonus plan\n\n" + "The bonus is paid in March each year. " * 5)
    library = Library(folder / "home" / "index", embedders=WordModels())
    library.learn([docs])
    library.close()
    return folder


@pytest.fixture
def at(learned: Path, tmp_path: Path) -> tuple[str, Path]:
    """A home of the test's own with what is learned, and the folder of documents, which all tests share."""
    shutil.copytree(learned / "home", tmp_path / "home")
    return str(tmp_path / "home"), learned / "docs"


def test_what_is_learned_is_listed_whole(run: Run, at: tuple[str, Path]) -> None:
    ended = run("--home", at[0], "learn", "--list")
    assert ended.code == 0
    assert "board/pay.md" in ended.out
    assert "Coupon rules" in ended.out
    shipped = ended.out.partition("Documents that come with marketbot")[2]
    assert shipped.count("  English  ") >= 30
    assert shipped.count("  Chinese  ") >= 30


def test_looking_again_finds_nothing_changed(run: Run, at: tuple[str, Path]) -> None:
    ended = run("--home", at[0], "learn")
    assert ended.code == 0
    assert "2 documents of the team are learned: 0 new, 0 changed, 2 as they were." in ended.out


def test_a_folder_s_readers_are_set_and_shown(run: Run, at: tuple[str, Path]) -> None:
    ended = run("--home", at[0], "learn", str(at[1] / "board"), "--for", "admins")
    assert ended.code == 0
    assert "board/pay.md" in ended.out
    assert "admins only" in ended.out
    library = Library(Path(at[0]) / "index")
    assert "board/pay.md" not in {one.name for one in library.documents({"viewer", "analyst"})}
    library.close()


def test_a_document_is_removed_by_its_name(run: Run, at: tuple[str, Path]) -> None:
    refused(run("--home", at[0], "learn", "--remove", "coupon.md"), 2, "'coupon.md'", "Nearest: coupons.md.\n")
    refused(run("--home", at[0], "learn", "--remove", "zzz.md"), 2, "'zzz.md'", "marketbot learn --list")
    assert "coupons.md is no longer learned." in run("--home", at[0], "learn", "--remove", "coupons.md").out
    assert " coupons.md" not in run("--home", at[0], "learn", "--list").out


def test_a_folder_is_removed_as_it_was_learned(run: Run, at: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(at[1].parent)
    refused(run("--home", at[0], "learn", "--remove", "doks"), 2, f"Nearest: {at[1]}.")
    ended = run("--home", at[0], "learn", "--remove", "docs")
    assert ended.out.splitlines() == ["board/pay.md is no longer learned.", "coupons.md is no longer learned."]


def test_a_name_of_two_documents_is_asked_back(run: Run, at: tuple[str, Path], tmp_path: Path) -> None:
    other = tmp_path / "other" / "coupons.md"
    other.parent.mkdir()
    other.write_text("# Vouchers\n\nA voucher is worth ten pounds and never more.\n")
    library = Library(Path(at[0]) / "index", embedders=WordModels())
    library.learn([other])
    library.close()
    refused(
        run("--home", at[0], "learn", "--remove", "coupons.md"), 2, "2 are called 'coupons.md'.", str(other), str(at[1])
    )


def test_what_is_learned_fits_a_terminal(run: Run, at: tuple[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "long"
    folder.mkdir()
    name = "n" * 200 + ".md"
    (folder / name).write_text(f"# {'Title of many words ' * 30}\n\nA page with a very long name and title.\n")
    (folder / "文档名称非常非常长的一份活动手册和退货政策说明以及其他.md").write_text("# 手册\n\n满200减30。")
    library = Library(Path(at[0]) / "index", embedders=WordModels())
    library.learn([folder])
    library.close()
    ended = run("--home", at[0], "learn", "--list")
    assert max(width(line) for line in ended.out.splitlines()) <= 100
    assert ended.out.count("n" * 20) >= 9
    again = run("--home", at[0], "learn", str(folder), "--for", "admins")
    assert max(width(line) for line in again.out.splitlines() if not line.startswith("2 documents")) <= 100
    assert again.out.count("admins only") == 2


def test_nothing_that_can_be_learned_exits_with_one(run: Run, at: tuple[str, Path], tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "empty.md").write_text("")
    (bad / "film.mp4").write_text("")
    ended = run("--home", at[0], "learn", str(bad))
    assert ended.code == 1
    assert "“empty.md”: there is no text in it." in ended.out
    assert "film.mp4" in ended.out
    ended = run("--home", at[0], "learn", str(tmp_path / "none"))
    assert ended.code == 1
    assert "there is no such file" in ended.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("docs", "--for", "nobody"), "'nobody'"),
        (("--for", "admins"), "--for"),
        (("docs", "--list"), "one of them"),
        (("--list", "--report"), "one of them"),
    ],
)
def test_wrong_use_is_named(run: Run, arguments: tuple[str, ...], words: str) -> None:
    refused(run("learn", *arguments), 2, words)


def test_a_model_that_is_not_there_is_told_with_a_mend(
    run: Run, at: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARKETBOT_EMBEDDING_MODEL", "/no/such/model")
    refused(run("--home", at[0], "learn"), 1, "/no/such/model", "there is no such folder", "MARKETBOT_EMBEDDING_MODEL")
    ended = run("--home", at[0], "doctor")
    assert "! MARKETBOT_EMBEDDING_MODEL is /no/such/model" in ended.out


def test_a_server_that_is_not_there_is_told_with_a_mend(
    run: Run, at: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARKETBOT_CHROMA_URL", "http://127.0.0.1:9")
    refused(run("--home", at[0], "learn"), 1, "http://127.0.0.1:9", "MARKETBOT_CHROMA_URL")
    ended = run("--home", at[0], "doctor")
    assert ended.code == 1
    assert "✗ What is found by meaning cannot be reached" in ended.out


def test_an_address_of_no_server_is_a_wrong_setting(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARKETBOT_CHROMA_URL", "chroma:8000")
    refused(run("learn", "--list"), 2, "MARKETBOT_CHROMA_URL", "chroma:8000")


def test_the_doctor_counts_documents_and_misses_vectors(run: Run, at: tuple[str, Path], tmp_path: Path) -> None:
    assert "! No documents are learned" in run("--home", str(tmp_path / "fresh"), "doctor").out
    ended = run("--home", at[0], "doctor")
    assert "marketbot's own; they have" in ended.out
    assert "all-MiniLM-L6-v2, which reads English" in ended.out
    for folder in (Path(at[0]) / "index").glob("v*"):
        shutil.rmtree(folder)
    assert "✗ What is found by meaning cannot be reached" in run("--home", at[0], "doctor").out


def test_a_figure_loads_nothing_that_documents_need(home: str, learned: Path) -> None:
    shutil.copytree(learned / "home" / "index", Path(home) / "index")
    program = (
        "import sys; from bot.cli import main\n"
        "try: main(sys.argv[1:])\n"
        f"finally: print('loaded:', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    command = [sys.executable, "-c", program, "--home", home, "ask", "net sales in October 2026"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert "loaded: []" in ended.stdout
    assert "October 2026" in ended.stdout
