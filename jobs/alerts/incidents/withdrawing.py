"""What becomes of open incidents whose alert was removed, or watches something else by now: they end, untold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.alerts.incidents.events import Update, Withdrawn
from jobs.alerts.incidents.policy import Policy
from jobs.alerts.incidents.pushes import Pushes
from jobs.alerts.incidents.store import Incidents

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from jobs.alerts.incidents.events import Action
    from jobs.alerts.incidents.store import Kept
    from jobs.outbox.outbox import Outbox


def withdraw(
    state: Callable[[], Session],
    clock: Callable[[], datetime],
    outbox: Outbox,
    *,
    monitor_id: int | None = None,
    by: str | None = None,
) -> int:
    """Ends those of one monitor, or of all, and has their messages written anew; how many there were."""
    now = clock()

    def carry_out(session: Session, kept: Kept, actions: tuple[Action, ...]) -> None:
        if any(isinstance(action, Update) for action in actions):
            Pushes(outbox, session, now).updates(kept)

    incidents = Incidents(state, clock)
    found = incidents.left_over(monitor_id)
    for kept in found:
        incidents.advance(kept.id, Withdrawn(now, by), Policy(), carry_out)
    return len(found)
