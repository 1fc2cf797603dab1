"""Health for machines, on this machine alone: `/healthz` for a supervisor, `/metrics` for Prometheus.

Nothing personal is in it: no names, no ids, no chats, and none of the words that chores leave behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.health_words import checks
from bot.loopback import OwnMachineOnly, served

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.health import Health, ProcessHealth, StateHealth

REFUSAL = "Health is told on this machine only."


def health_page(examined: Callable[[], Health], port: int) -> AbstractAsyncContextManager[int]:
    """Serves on 127.0.0.1 and the running event loop; gives the port. Raises OSError: the port is taken.

    `examined` is called for each request, in a thread.
    """
    return served(application(examined), port)


def application(examined: Callable[[], Health]) -> Starlette:
    async def healthz(_request: Request) -> Response:
        found = list(checks(await asyncio.to_thread(examined)))
        good = all(check.level != "error" for check in found)
        told = {"ok": good, "checks": {check.name: check.level for check in found}}
        return JSONResponse(told, 200 if good else 503)

    async def metrics(_request: Request) -> Response:
        text = await asyncio.to_thread(exposition, examined)
        return Response(text, headers={"content-type": CONTENT_TYPE_LATEST})

    return Starlette(
        routes=[Route("/healthz", healthz), Route("/metrics", metrics)],
        middleware=[Middleware(OwnMachineOnly, refusal=REFUSAL)],
    )


def exposition(examined: Callable[[], Health]) -> bytes:
    """The figures in Prometheus's text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(examined()))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, health: Health) -> None:
        self._health = health

    def collect(self) -> Iterator[Metric]:
        """What cannot be told is left out, except for whether the state database is reached."""
        health = self._health
        yield _gauge("state_reachable", "Whether the state database can be read.", float(health.state is not None))
        if health.store is not None and health.store.last_day is not None:
            last = datetime.combine(health.store.last_day, time(), UTC).timestamp()
            yield _gauge("data_last_day_timestamp_seconds", "Midnight UTC of the last day of the figures.", last)
        if health.state is not None:
            yield from _of_state(health, health.state)
        if health.process is not None:
            yield from _of_process(health.process)


def _of_state(health: Health, state: StateHealth) -> Iterator[Metric]:
    counts, oldest = state.outbox, state.outbox.oldest_due
    age = 0.0 if oldest is None else max(0.0, (health.at - oldest).total_seconds())
    yield _gauge("outbox_waiting", "Pushes that are owed.", counts.waiting)
    yield _gauge("outbox_due", "Pushes whose time has come.", counts.due)
    yield _gauge("outbox_oldest_due_seconds", "How long the oldest due push has been due.", age)
    yield _gauge("outbox_given_up", "Pushes of the last 40 days that could not be delivered.", counts.given_up)
    yield _gauge("outbox_delivered", "Pushes of the last 40 days that were delivered.", counts.delivered)
    yield _gauge("outbox_expired", "Pushes of the last 40 days that came too late to be sent.", counts.expired)
    yield _gauge("incidents_open", "Incidents that fire, acknowledged or not.", state.incidents_open)
    yield _gauge("digests_active", "Digests that are subscribed to and not paused.", state.digests.active)
    yield _gauge("monitors_active", "Figures that are watched.", state.monitors)
    well = GaugeMetricFamily(
        "marketbot_chore_last_success_timestamp_seconds", "When a chore last went well.", labels=["chore"]
    )
    failing = GaugeMetricFamily("marketbot_chore_failing", "Whether a chore failed or hangs.", labels=["chore"])
    levels = {check.chore: check.level for check in checks(health)}
    for chore in state.chores:
        if chore.run is not None and chore.run.good_at is not None:
            well.add_metric([chore.name], chore.run.good_at.timestamp())
        failing.add_metric([chore.name], float(levels[chore.name] != "ok"))
    yield well
    yield failing


def _of_process(process: ProcessHealth) -> Iterator[Metric]:
    yield _gauge("scheduler_acting", "Whether this process is the one that runs the chores.", float(process.acting))
    yield _gauge("start_timestamp_seconds", "When this process began.", process.since.timestamp())
    questions = CounterMetricFamily(
        "marketbot_questions", "Questions of this process, by how they ended.", labels=["status"]
    )
    for status, count in sorted(process.replies.items()):
        questions.add_metric([status], count)
    yield questions


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"marketbot_{name}", what, value=value)
