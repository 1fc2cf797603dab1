"""Runs commands as the shell would, and tells how they ended."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.cli import main
from bot.settings import Settings

Run = Callable[..., "Ended"]


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Run]:
    """Runs a command in an empty folder, without settings. Commands set up the log, which is put back."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"MARKETBOT_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def run(*arguments: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        written = capsys.readouterr()
        return Ended(int(ended.value.code or 0), written.out, written.err)

    yield run
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def home(demo_path: Path, tmp_path: Path) -> str:
    """A home folder with the demo store."""
    folder = tmp_path / "shop"
    folder.mkdir()
    shutil.copy(demo_path, folder / "warehouse.duckdb")
    return str(folder)


def refused(ended: Ended, code: int, *words: str) -> None:
    """Ended with a message on stderr, without a trace and without anything on stdout."""
    assert (ended.code, ended.out) == (code, "")
    assert "Traceback" not in ended.err
    for word in words:
        assert word in ended.err
