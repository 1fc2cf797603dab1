"""How long one piece of work keeps the processor busy, whatever else the machine does."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

TRIES = 5


def least_seconds(work: Callable[[], object], enough: float) -> float:
    """The least processor time of a few tries, in seconds; no more are made once one is below `enough`.

    Only for limits that are part of what is promised, such as that no text keeps understanding busy. Without the
    collector: what a test process holds in memory is none of the work's.
    """
    least = float("inf")
    collecting = gc.isenabled()
    gc.disable()
    try:
        for _ in range(TRIES):
            started = time.process_time()
            work()
            least = min(least, time.process_time() - started)
            if least < enough:
                break
    finally:
        if collecting:
            gc.enable()
    return least
