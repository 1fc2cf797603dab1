"""One learner at a time, whichever process it is in."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.errors import Busy

if TYPE_CHECKING:
    from filelock import BaseFileLock

LOCK = "learning.lock"
HOLDER = "learning.txt"
LOOK_EVERY_S = 0.5


@contextmanager
def learning(folder: Path, *, patience_s: float = 0.0, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Holds the right to change what is in the folder; a crash lets go of it.

    While another holds it, `waiting` is called again and again, and may raise to give up. Raises Busy where it is still
    held after `patience_s` seconds.
    """
    from filelock import FileLock

    folder.mkdir(parents=True, exist_ok=True)
    holder = folder / HOLDER
    lock = FileLock(folder / LOCK)
    _acquire(lock, holder, patience_s, waiting)
    try:
        # The lock file itself is left alone: where locks are mandatory, nobody else could read it.
        holder.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _acquire(lock: BaseFileLock, holder: Path, patience_s: float, waiting: Callable[[], None]) -> None:
    from filelock import Timeout

    ends_at = time.monotonic() + patience_s
    look_for = 0.0
    while True:
        try:
            lock.acquire(timeout=look_for)
        except Timeout as error:
            left = ends_at - time.monotonic()
            if left <= 0:
                with suppress(OSError):
                    raise Busy(holder.read_text(encoding="utf-8")) from error
                raise Busy("") from error
            waiting()
            look_for = min(LOOK_EVERY_S, left)
        else:
            return
