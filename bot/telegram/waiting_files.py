"""Documents that were sent and wait for a tap: kept beside the learned ones, for a day, over restarts."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

KEPT = timedelta(days=1)
_FILE = "document"


class WaitingFiles:
    """Blocking. Each file has a folder of its own, named by the number of the update that brought it."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._clock = clock

    def keep(self, number: int, content: bytes) -> Path:
        """Keeps a file under a number, in the place of what may be there from an interrupted attempt."""
        folder = self._folder / str(int(number))
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / _FILE
        unfinished = folder / f"{_FILE}.part"
        unfinished.write_bytes(content)
        unfinished.replace(file)
        return file

    def find(self, number: int) -> Path | None:
        """The file under a number; None where it is gone."""
        file = self._folder / str(int(number)) / _FILE
        return file if file.is_file() else None

    def drop(self, number: int) -> None:
        """Deletes a file; nothing happens where it is gone."""
        shutil.rmtree(self._folder / str(int(number)), ignore_errors=True)

    def purge(self) -> None:
        """Deletes what nobody tapped in time."""
        oldest = (self._clock() - KEPT).timestamp()
        for folder in self._folder.glob("*"):
            if folder.is_dir() and folder.name.isdecimal() and folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)
