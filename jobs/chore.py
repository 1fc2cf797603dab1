"""What is done unasked, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apscheduler.triggers.base import BaseTrigger

GRACE = timedelta(hours=6)
"""Later than this, a run that was slept through is not made up for; the next one comes in its time."""


@dataclass(frozen=True)
class Chore:
    """A piece of work under a name.

    Parameters
    ----------
    trigger : when, as APScheduler's triggers say it.
    run : blocking; says in a few English words what came of it, for the record. What it raises is recorded too.
    grace : how late a missed run is still made up for. Several missed runs are one.
    slow : takes minutes, and has a thread of its own, so that digests and alerts never wait for it.
    """

    name: str
    trigger: BaseTrigger
    run: Callable[[], str]
    grace: timedelta = GRACE
    slow: bool = False
