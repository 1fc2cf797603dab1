"""How the product is: what `/health`, `marketbot doctor`, `/healthz` and `/metrics` show, each in its own way.

All of it stands in the state database and the store, so any process can tell it, also while the bot is not running.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, get_args

import structlog
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from bot.reply import Status
from jobs.alerts.incidents.store import Incidents
from jobs.alerts.monitors import Monitors
from jobs.cron import interval
from jobs.digests.subscriptions import SubscriptionCounts, Subscriptions
from jobs.lease import LeaseRow
from jobs.maintenance.runs import Run, Runs
from jobs.outbox.outbox import Outbox

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from jobs.chore import Chore
    from jobs.outbox.record import Counts
    from tools.warehouse.connection import Warehouse

log = structlog.get_logger(__name__)

SCHEDULER = "scheduler"
"""The lease of the process that runs the chores."""
SCHEDULE = "schedule"


@dataclass(frozen=True)
class ChoreHealth:
    """`run` None: it has not run yet. `next_at` None: nobody has planned it yet. `every`: between two runs."""

    name: str
    run: Run | None
    next_at: datetime | None
    every: timedelta | None


@dataclass(frozen=True)
class StoreHealth:
    """The last day that the store has figures of, and when they were imported; None where it does not say."""

    last_day: date | None
    imported_at: datetime | None


@dataclass(frozen=True)
class StateHealth:
    """`holder` names the process that runs the chores; None: there is none."""

    outbox: Counts
    holder: str | None
    chores: tuple[ChoreHealth, ...]
    digests: SubscriptionCounts
    monitors: int
    incidents_open: int


@dataclass(frozen=True)
class ProcessHealth:
    """The bot's process: since when it is up, the questions it answered by how they ended, whether it runs chores."""

    since: datetime
    replies: Mapping[str, int]
    acting: bool


@dataclass(frozen=True)
class Health:
    """`store`, `state` None: it cannot be read. `process` None: told from outside of the bot."""

    at: datetime
    today: date
    store: StoreHealth | None
    state: StateHealth | None
    process: ProcessHealth | None


class Tally:
    """Counts replies by how they ended, since the process began. Thread-safe."""

    def __init__(self, since: datetime) -> None:
        self.since = since
        self._lock = threading.Lock()
        self._replies: Counter[str] = Counter(dict.fromkeys(get_args(Status), 0))

    def add(self, status: str) -> None:
        with self._lock:
            self._replies[status] += 1

    @property
    def replies(self) -> Mapping[str, int]:
        with self._lock:
            return dict(self._replies)


class Vitals:
    """Examines. Blocking, thread-safe; never raises for what is broken, which is what it is to tell."""

    def __init__(
        self,
        *,
        warehouse: Warehouse,
        state: sessionmaker[Session],
        clock: Callable[[], datetime],
        today: Callable[[], date],
        chores: Sequence[Chore],
    ) -> None:
        self._warehouse = warehouse
        self._state = state
        self._clock = clock
        self._today = today
        self._chores = chores

    def examined(self, process: ProcessHealth | None = None) -> Health:
        now = self._clock()
        return Health(now, self._today(), self._store(), self._read_state(now), process)

    def _store(self) -> StoreHealth | None:
        try:
            told = self._warehouse.raw_settings()
            last, imported = told.get("last_day"), told.get("imported_at")
            return StoreHealth(date.fromisoformat(last) if last else None, _instant(imported) if imported else None)
        except Exception as error:  # noqa: BLE001 - every engine has errors of its own
            log.info("store_not_readable", error=type(error).__name__)
            return None

    def _read_state(self, now: datetime) -> StateHealth | None:
        try:
            with self._state() as session:
                return StateHealth(
                    outbox=Outbox(self._state, self._clock).counts(),
                    holder=session.scalar(
                        select(LeaseRow.owner).where(LeaseRow.name == SCHEDULER, LeaseRow.held_until > now)
                    ),
                    chores=self._chores_now(now, _planned(session)),
                    digests=Subscriptions(self._state, self._clock).counts(),
                    monitors=Monitors(self._state, self._clock).count(),
                    incidents_open=len(Incidents(self._state, self._clock).listing("open")),
                )
        except SQLAlchemyError as error:
            log.info("state_not_readable", error=type(error).__name__)
            return None

    def _chores_now(self, now: datetime, planned: Mapping[str, datetime]) -> tuple[ChoreHealth, ...]:
        runs = {run.chore: run for run in Runs(self._state, self._clock).all()}
        return tuple(
            ChoreHealth(each.name, runs.get(each.name), planned.get(each.name), interval(each.trigger, now))
            for each in self._chores
        )


def _instant(written: str) -> datetime:
    at = datetime.fromisoformat(written)
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _planned(session: Session) -> Mapping[str, datetime]:
    """When each chore is due next, as APScheduler keeps it; it makes its table when it first acts."""
    if not inspect(session.connection()).has_table(SCHEDULE):
        return {}
    rows = session.execute(text("SELECT id, next_run_time FROM schedule WHERE next_run_time IS NOT NULL"))
    return {str(name): datetime.fromtimestamp(float(at), UTC) for name, at in rows}
