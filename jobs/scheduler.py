"""When chores run: APScheduler in the one process that holds the lease, with its times kept in the state database.

Each process may run a scheduler; the one that holds the lease acts, and another takes over when it ends or dies. What
comes due in between is made up for: a chore that missed runs, whoever slept, runs once within its grace.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING

import structlog
from apscheduler.executors.pool import BasePoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.exc import SQLAlchemyError

from jobs.threads import DaemonThreads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from apscheduler.job import Job
    from apscheduler.triggers.base import BaseTrigger
    from sqlalchemy import Engine

    from jobs.chore import Chore
    from jobs.lease import Lease
    from jobs.maintenance.runs import Runs

log = structlog.get_logger(__name__)

TABLE = "schedule"
QUICK = 4  # chores side by side


class Scheduler:
    """Belongs to one event loop; chores run in threads of their own, quick ones side by side, slow ones in turn."""

    def __init__(
        self, chores: Sequence[Chore], *, engine: Engine, lease: Lease, runs: Runs, look_every_s: float
    ) -> None:
        """`look_every_s` is how often the lease is renewed, or asked for: a third of the time that it is held for."""
        self._chores = {chore.name: chore for chore in chores}
        if len(self._chores) != len(chores):
            raise ValueError(f"two chores share a name: {sorted(chore.name for chore in chores)}")
        self._engine = engine
        self._lease = lease
        self._runs = runs
        self._look_every_s = look_every_s
        self._scheduler: AsyncIOScheduler | None = None

    @property
    def acting(self) -> bool:
        """Whether this process is the one that acts."""
        return self._scheduler is not None

    def next_runs(self) -> Mapping[str, datetime]:
        """When each chore runs next; empty where another process acts. On the event loop."""
        jobs = self._scheduler.get_jobs() if self._scheduler is not None else []
        return {job.id: job.next_run_time for job in jobs if job.next_run_time is not None}

    async def serve(self, stop: asyncio.Event) -> None:
        """Acts whenever the lease is held, until `stop` is set; then gives it back."""
        try:
            while not stop.is_set():
                held = await asyncio.to_thread(self._hold)
                if held and self._scheduler is None:
                    self._scheduler = self._started()
                    log.info("scheduler_acts", chores=sorted(self._chores))
                elif not held:
                    await self._end()
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), self._look_every_s)
        finally:
            await self._end()
            await asyncio.to_thread(self._give_back)

    def _hold(self) -> bool:
        try:
            return self._lease.take()
        except SQLAlchemyError as error:
            # As long as the lease has not run out nobody else acts.
            log.warning("lease_not_renewed", error=type(error).__name__)
            return self._lease.held

    def _give_back(self) -> None:
        with suppress(SQLAlchemyError):
            self._lease.release()

    def _started(self) -> AsyncIOScheduler:
        scheduler = AsyncIOScheduler(
            jobstores={"default": SQLAlchemyJobStore(engine=self._engine, tablename=TABLE)},
            executors={"quick": _Chores(self._run, QUICK), "slow": _Chores(self._run, 1)},
            timezone="UTC",
        )
        scheduler.start(paused=True)
        for job in scheduler.get_jobs():
            if job.id not in self._chores:
                job.remove()
        for chore in self._chores.values():
            _schedule(scheduler, chore)
        scheduler.resume()
        return scheduler

    async def _end(self) -> None:
        """Nothing new begins; what is at work ends by itself, and is harmless if another process begins it too."""
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is not None:
            scheduler.shutdown(wait=False)
            await asyncio.sleep(0)  # APScheduler ends in a callback of the loop
            log.info("scheduler_rests")

    def _run(self, name: str) -> None:
        """One run, in a thread; never raises."""
        chore = self._chores[name]
        if not self._lease.held:
            return
        words, good = "", False
        try:
            self._runs.begin(name)
            words, good = chore.run(), True
        except Exception as error:
            log.exception("chore_failed", chore=name)
            words = f"{type(error).__name__}: {error}"
        with suppress(SQLAlchemyError):
            self._runs.end(name, words, good=good)


class _Chores(BasePoolExecutor):  # type: ignore[misc]
    """Runs chores by name: what the job store keeps is a name and its times, never work.

    A process that ends does not wait for them. What they do is stored whole or not at all.
    """

    def __init__(self, run: Callable[[str], None], threads: int) -> None:
        super().__init__(DaemonThreads(threads, "chores"))
        self._run = run

    def _do_submit_job(self, job: Job, run_times: Sequence[datetime]) -> None:
        named = SimpleNamespace(
            id=job.id,
            func=self._run,
            args=(job.id,),
            kwargs={},
            misfire_grace_time=job.misfire_grace_time,
            _jobstore_alias=job._jobstore_alias,
        )
        super()._do_submit_job(named, run_times)


def by_name() -> None:
    """What the job store names as each chore's function; the executor puts the chore in its place."""
    raise NotImplementedError("chores are run by the scheduler's own executor")


def _schedule(scheduler: AsyncIOScheduler, chore: Chore) -> None:
    """Keeps the time at which a known chore is due, also where that has passed, unless its trigger is another now."""
    known = scheduler.get_job(chore.name)
    same = known is not None and _told(known.trigger) == _told(chore.trigger)
    due = {"next_run_time": known.next_run_time} if known is not None and same else {}
    scheduler.add_job(
        by_name,
        chore.trigger,
        id=chore.name,
        executor="slow" if chore.slow else "quick",
        coalesce=True,
        max_instances=1,
        misfire_grace_time=int(chore.grace.total_seconds()),
        replace_existing=True,
        **due,
    )


def _told(trigger: BaseTrigger) -> tuple[str, str]:
    return str(trigger), str(getattr(trigger, "timezone", ""))
