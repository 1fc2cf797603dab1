"""`marketbot backup`, `restore` and what the doctor says of the night's work."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from bot.bootstrap import now
from bot.migrations import upgrade
from bot.telegram.access import Access
from jobs.maintenance.runs import Runs
from tests.unit.command_line import Run, refused
from tests.unit.test_chores import HEAD, MAPPING
from tools.state import connect


@pytest.fixture
def kept(tmp_path: Path) -> str:
    """A home folder with a state database, in which Ada is an admin."""
    folder = tmp_path / "kept"
    folder.mkdir()
    url = f"sqlite:///{folder / 'state.sqlite3'}"
    upgrade(url)
    state = connect(url)
    Access(state, now).enrol(1001, "Ada", "admin", "en")
    state.kw["bind"].dispose()
    return str(folder)


def the_backup(folder: Path) -> str:
    (file,) = folder.iterdir()
    return str(file)


def test_a_backup_is_written_read_and_brought_back(run: Run, kept: str, tmp_path: Path) -> None:
    made = run("--home", kept, "backup")
    file = the_backup(Path(kept) / "backups")
    assert made.code == 0
    assert made.out == f"{file}: 1 rows, schema 0009.\n"
    assert run("restore", file, "--verify").out == f"{file} is whole: 1 rows, schema 0009.\n"
    again = run("--home", str(tmp_path / "new"), "restore", file)
    assert again.code == 0
    assert "Restored 1 rows" in again.out
    state = connect(f"sqlite:///{tmp_path / 'new' / 'state.sqlite3'}")
    member = Access(state, now).member(1001)
    state.kw["bind"].dispose()
    assert member is not None
    assert member.name == "Ada"


def test_a_state_that_is_there_is_never_written_over(run: Run, kept: str) -> None:
    run("--home", kept, "backup")
    before = (Path(kept) / "state.sqlite3").read_bytes()
    refused(run("--home", kept, "restore", the_backup(Path(kept) / "backups")), 1, "not empty", "Move it away")
    assert (Path(kept) / "state.sqlite3").read_bytes() == before


def test_a_backup_goes_to_the_folder_that_is_named(run: Run, kept: str, tmp_path: Path) -> None:
    assert run("--home", kept, "backup", "--to", str(tmp_path / "elsewhere")).code == 0
    assert not (Path(kept) / "backups").exists()
    assert the_backup(tmp_path / "elsewhere").endswith(".jsonl.gz")
    (tmp_path / "file").write_text("")
    refused(run("--home", kept, "backup", "--to", str(tmp_path / "file")), 1, "cannot be written", "--to")


def test_what_is_no_backup_is_refused_before_anything_is_made(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.gz").write_text("hello")
    for arguments in (("notes.gz",), ("notes.gz", "--verify"), ("none.gz",)):
        refused(run("--home", "new", "restore", *arguments), 1, "cannot be read")
    assert not (tmp_path / "new" / "state.sqlite3").exists()


def test_without_a_state_there_is_nothing_to_back_up(run: Run, tmp_path: Path) -> None:
    refused(run("--home", "none", "backup"), 1, "no state database", "--home")
    assert not (tmp_path / "none").exists()


# --- The doctor ---------------------------------------------------------------------------------------------------


def test_the_doctor_tells_of_chores_that_fail(run: Run, kept: str, demo_path: Path) -> None:
    shutil.copy(demo_path, Path(kept) / "warehouse.duckdb")
    state = connect(f"sqlite:///{Path(kept) / 'state.sqlite3'}")
    runs = Runs(state, lambda: now() - timedelta(hours=3, minutes=1))
    runs.begin("backup")
    runs.end("backup", "OSError: the disk is full", good=False)
    state.kw["bind"].dispose()
    told = run("--home", kept, "doctor")
    assert told.code == 0
    assert "! Backup: failed 3 hours ago, and never went well: OSError: the disk is full." in told.out
    assert "✓ Digests: has not run yet." in told.out


def test_the_doctor_knows_old_backups(run: Run, kept: str) -> None:
    run("--home", kept, "backup")
    folder = Path(kept) / "backups"
    assert f"✓ The newest of 1 backups is {the_backup(folder)}." in run("--home", kept, "doctor").out
    Path(the_backup(folder)).rename(folder / "state-20260101T030000Z.jsonl.gz")
    old = run("--home", kept, "doctor").out
    assert "! The newest of 1 backups is" in old
    assert "marketbot backup" in old


def test_the_doctor_names_those_who_cannot_be_told(
    run: Run, kept: str, monkeypatch: pytest.MonkeyPatch, demo_path: Path
) -> None:
    shutil.copy(demo_path, Path(kept) / "warehouse.duckdb")
    monkeypatch.setenv("MARKETBOT_ALERT_CHAT", "-4711")
    monkeypatch.setenv("MARKETBOT_ON_CALL", "Ada:1001, Ben:1002")
    told = run("--home", kept, "doctor").out
    assert "! MARKETBOT_ALERT_CHAT is -4711, but the bot may not write there." in told
    assert "! Ben (1002) is on call, but is not on the bot's list." in told
    assert "Ada (1001)" not in told


def test_the_doctor_looks_at_what_is_to_be_imported(
    run: Run, kept: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MARKETBOT_IMPORT_SOURCES", f"{tmp_path}/lines*.csv")
    assert "! Nothing is imported by the clock" in run("--home", kept, "doctor").out
    monkeypatch.setenv("MARKETBOT_IMPORT_MAPPING", str(tmp_path / "shop.yml"))
    assert "✗ There is no mapping" in run("--home", kept, "doctor").out
    (tmp_path / "shop.yml").write_text(MAPPING)
    assert "✗ No file fits" in run("--home", kept, "doctor").out
    (tmp_path / "lines1.csv").write_text(HEAD)
    assert "✓ What is imported by the clock is there" in run("--home", kept, "doctor").out
