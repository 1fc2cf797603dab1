"""Names for processes, by which others on the same machine see that one has died."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
from functools import cache
from pathlib import Path

LONGEST = 100
_PLACE = (Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid"))


def process_name() -> str:
    """A new name for this process, for others on the same database and for people to read."""
    tail = f"/{_place() or '-'}/{os.getpid()}/{secrets.token_hex(4)}"
    return socket.gethostname().replace("/", "-")[: LONGEST - len(tail)] + tail


def is_dead(name: str) -> bool:
    """Whether the process of this name ran where this one runs, and is gone.

    False where that cannot be told: on another machine, in another container, since another boot, without /proc. A
    process that took over the number of a dead one passes for it, and then time alone tells.
    """
    _host, _, rest = name.partition("/")
    place, _, rest = rest.partition("/")
    number, _, token = rest.partition("/")
    if not token or not number.isdigit() or place != _place():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


@cache
def _place() -> str | None:
    """Tells one boot of one machine and one space of process numbers from all others; None: they cannot be told."""
    try:
        told = _PLACE[0].read_text().strip() + str(_PLACE[1].readlink())
    except OSError:
        return None
    return hashlib.sha256(told.encode()).hexdigest()[:12]
