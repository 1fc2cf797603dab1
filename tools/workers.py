"""Processes in which models are fitted: beside the bot, by a deadline, and killed when it passes."""

from __future__ import annotations

import importlib
import math
import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from typing import TYPE_CHECKING, Any, TypeVar

from tools.errors import TooSlow
from tools.messages import say

if TYPE_CHECKING:
    from pebble import ProcessPool

T = TypeVar("T")
R = TypeVar("R")
MOST_PROCESSES = 2
GLANCE_S = 0.25
HEAVY = ("tools.stats.forecasting.engine", "statsforecast.models")


class WorkerDied(RuntimeError):
    """A process ended in the middle of a task: by a crash, for its memory, or because it was closed."""


class Workers:
    """Up to two processes, made at first use and kept for the next: what a task imports, it imports once.

    Thread-safe; runs of several threads take turns. Functions and tasks are pickled: functions of a module, no lambdas.
    """

    def __init__(self, most: int = MOST_PROCESSES, *, ready: Sequence[str] = HEAVY) -> None:
        """`ready` are the modules that a process imports before its first task."""
        self._most = most
        self._ready = tuple(ready)
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None
        self._running: set[Future[Any]] = set()

    def run(
        self,
        function: Callable[[T], R],
        tasks: Sequence[T],
        *,
        deadline_s: float = math.inf,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[R]:
        """What the function makes of each task, in the order of the tasks.

        `progress` is told how many of how many are done. Raises what a task raised first, TooSlow after the deadline,
        WorkerDied where a process crashed or was closed. Processes at tasks that are no longer wanted are killed.
        """
        pool = self._open()
        waiting = deque(enumerate(tasks))
        running: dict[Future[R], int] = {}
        found: dict[int, R] = {}
        until = time.monotonic() + deadline_s
        try:
            while waiting or running:
                # No more than there are processes, so that another run's tasks come in between.
                while waiting and len(running) < self._most:
                    place, task = waiting.popleft()
                    running[self._scheduled(pool, function, task)] = place
                left = until - time.monotonic()
                if left <= 0:
                    raise _too_slow(deadline_s)
                done, _rest = wait(running, timeout=min(left, GLANCE_S), return_when=FIRST_COMPLETED)
                # Who waits is not told of what was cancelled.
                done |= {future for future in running if future.cancelled()}
                for future in sorted(done, key=running.__getitem__):
                    found[running.pop(future)] = _result(future)
                    if progress is not None:
                        progress(len(found), len(tasks))
        finally:
            for future in running:
                future.cancel()
        return [found[place] for place in range(len(tasks))]

    def start(self) -> None:
        """Starts the processes, and does not wait: they import what models need while the caller reads its data."""
        pool = self._open()
        for _ in range(self._most):
            self._scheduled(pool, _nothing, None)

    def warm_up(self) -> None:
        """Starts the processes and waits until they are ready."""
        self.run(_nothing, [None] * self._most)

    def close(self) -> None:
        """Ends the processes. A later run makes new ones."""
        with self._lock:
            pool, self._pool = self._pool, None
            running = list(self._running)
        for future in running:
            future.cancel()
        if pool is not None:
            pool.stop()
            pool.join()

    def _scheduled(self, pool: ProcessPool, function: Callable[[T], R], task: T) -> Future[R]:
        future = pool.schedule(function, args=(task,))
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        return future

    def _open(self) -> ProcessPool:
        from pebble import ProcessPool

        with self._lock:
            if self._pool is None or not self._pool.active:
                # Spawned, not forked: the bot has threads, and a fork copies their locks as they stand.
                spawn = multiprocessing.get_context("spawn")
                self._pool = ProcessPool(self._most, context=spawn, initializer=_prepare, initargs=[self._ready])
            return self._pool


def run_tasks(
    workers: Workers | None,
    function: Callable[[T], R],
    tasks: Sequence[T],
    *,
    deadline_s: float = math.inf,
    progress: Callable[[int, int], None] | None = None,
) -> list[R]:
    """As `Workers.run`; without workers in this process, where the deadline holds between tasks only."""
    if workers is not None:
        return workers.run(function, tasks, deadline_s=deadline_s, progress=progress)
    until = time.monotonic() + deadline_s
    found: list[R] = []
    for task in tasks:
        if time.monotonic() > until:
            raise _too_slow(deadline_s)
        found.append(function(task))
        if progress is not None:
            progress(len(found), len(tasks))
    return found


def _prepare(modules: Sequence[str]) -> None:
    """What each process does first. They share the cores among them, which libraries read when they are imported."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    for name in modules:
        importlib.import_module(name)


def _nothing(_task: None) -> None:
    """A task that shows that a process is there."""


def _result(future: Future[R]) -> R:
    from pebble import ProcessExpired

    try:
        return future.result()
    except (CancelledError, ProcessExpired) as error:
        raise WorkerDied("a process that fits models has ended") from error


def _too_slow(deadline_s: float) -> TooSlow:
    return TooSlow(
        say(
            "This took longer than {seconds} seconds and was stopped. Try a shorter period or fewer groups.",
            seconds=max(1, round(deadline_s)),
        )
    )
