"""One learner at a time, whichever process it is in."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from knowledge.errors import Busy

LOCK = "learning.lock"
HOLDER = "learning.txt"


@contextmanager
def learning(folder: Path) -> Iterator[None]:
    """Holds the right to change what is in the folder. Raises Busy where another holds it; a crash lets go of it."""
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    holder = folder / HOLDER
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        with suppress(OSError):
            raise Busy(holder.read_text(encoding="utf-8")) from error
        raise Busy("") from error
    try:
        # The lock file itself is left alone: where locks are mandatory, nobody else could read it.
        holder.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()
