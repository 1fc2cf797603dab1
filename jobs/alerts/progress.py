"""How far a monitor was judged, and what has to be judged now. What two processes may do at once is settled here."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import select, update

from jobs.alerts.definition import Definition, Unreadable
from jobs.alerts.detection.verdicts import Standing
from jobs.alerts.incidents.following import Judged
from jobs.alerts.record import MonitorRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from jobs.alerts.definition import StepGrain
    from jobs.alerts.detection.verdicts import Verdicts
    from jobs.alerts.watching import Watched

LOOKED_BACK: Mapping[StepGrain, int] = {"day": 14, "hour": 72}
"""Steps, up to the newest, that are judged after a standstill, and again when their figures changed."""
SAME = 1e-9  # sums of the same rows differ by less, in whatever order they are added up


@dataclass(frozen=True)
class Progress:
    """As kept with the monitor; `seen` are the values of the last steps by when they begin, as they were judged.

    `definition` is what it watches now.
    """

    checked: datetime | None
    checked_at: datetime | None
    seen: Mapping[str, float | None]
    definition: Definition


@dataclass(frozen=True)
class Due:
    """The steps to be judged, oldest first, and how far the monitor has come with them."""

    steps: tuple[Judged, ...]
    checked: datetime | None
    seen: Mapping[str, float | None]


def progress_of(session: Session, monitors: Collection[int]) -> Mapping[int, Progress]:
    """By the monitors' numbers; those that were removed or paused meanwhile, or cannot be read, are left out."""
    rows = session.scalars(
        select(MonitorRow).where(
            MonitorRow.id.in_(monitors), MonitorRow.removed_at.is_(None), MonitorRow.paused_at.is_(None)
        )
    )
    found = {}
    for row in rows:
        with suppress(Unreadable):
            found[row.id] = Progress(row.checked, row.checked_at, row.seen, Definition.from_json(row.definition))
    return found


def come(session: Session, monitor_id: int, before: Progress, due: Due, now: datetime) -> bool:
    """Keeps how far it has come; False where somebody else checked or changed the monitor meanwhile."""
    moved = session.execute(
        update(MonitorRow)
        .where(
            MonitorRow.id == monitor_id,
            MonitorRow.removed_at.is_(None),
            MonitorRow.paused_at.is_(None),
            MonitorRow.checked.is_not_distinct_from(before.checked),
            MonitorRow.checked_at.is_not_distinct_from(before.checked_at),
        )
        .values(checked=due.checked, checked_at=now, seen=dict(due.seen), trouble="")
        .returning(MonitorRow.id)
        .execution_options(synchronize_session=False)
    )
    return moved.first() is not None


def due(watched: Watched, verdicts: Verdicts, before: Progress) -> Due:
    """What is new since the last check, and what came late; of a new monitor, the newest step alone.

    A step that is still running, or whose data are not all there, waits.
    """
    whole = np.flatnonzero(verdicts.standing[0] != Standing.PARTIAL)
    if not len(whole):
        return Due((), before.checked, before.seen if before.checked is not None else {})
    newest = int(whole[-1])
    if before.checked is None:
        only = _judged(watched, verdicts, newest, fresh=True)
        return Due((only,), only.step, {only.step.isoformat(): _value(watched, newest)})
    back = range(max(newest + 1 - LOOKED_BACK[watched.definition.grain], 0), newest + 1)
    values = {watched.steps[at].isoformat(): _value(watched, at) for at in back}
    fresh = [at for at in back if _is_fresh(watched, at, values, before, before.checked)]
    again = range(fresh[0], newest + 1) if fresh else ()
    marks = frozenset(fresh)
    steps = tuple(_judged(watched, verdicts, at, fresh=at in marks) for at in again)
    judged = {*before.seen} | {one.step.isoformat() for one in steps}
    seen = {step: value for step, value in values.items() if step in judged}
    return Due(steps, max(before.checked, watched.steps[newest]), seen)


def _judged(watched: Watched, verdicts: Verdicts, at: int, *, fresh: bool) -> Judged:
    return Judged(watched.steps[at], watched.children(verdicts, at), fresh)


def _is_fresh(
    watched: Watched, at: int, values: Mapping[str, float | None], before: Progress, checked: datetime
) -> bool:
    step = watched.steps[at].isoformat()
    if watched.steps[at] > checked:
        return True
    return step in before.seen and _differ(before.seen[step], values[step])


def _value(watched: Watched, at: int) -> float | None:
    """The metric as a whole; None where it has none, or not all of it."""
    value = float(watched.panel.values[0, at])
    partial = watched.panel.partial
    late = partial is not None and bool(partial[(0, at) if partial.ndim > 1 else at])
    return value if math.isfinite(value) and not late else None


def _differ(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is not other
    return not math.isclose(one, other, rel_tol=SAME, abs_tol=SAME)
