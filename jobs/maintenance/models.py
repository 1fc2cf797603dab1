"""Fits models in the night and keeps what they say: the morning finds them, and time can judge them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from tools.errors import AssistantError
from tools.forecasting.judging import Judging
from tools.forecasting.record import metrics_kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.tool import Context

log = structlog.get_logger(__name__)

METRICS = ("net_sales", "orders", "units", "active_customers")
"""Of these a forecast is kept each day, for what digests hold against what came."""
HORIZONS = (7, 28)


def train(context: Context) -> str:
    """Keeps today's forecasts of the core figures and this month's predictions of churn; says what was kept.

    What the store has too little of for a model is left out, saying so.
    """
    kept: list[str] = []
    left: list[str] = []

    def tried(name: str, work: Callable[[], object]) -> None:
        try:
            work()
        except AssistantError as error:
            log.info("model_left_out", model=name, why=str(error))
            left.append(name)
        else:
            kept.append(name)

    for metric in METRICS:
        for days in HORIZONS:
            tried(f"{metric} in {days} days", lambda metric=metric, days=days: _forecast(context, metric, days))  # type: ignore[misc]
    tried("churn", lambda: _churn(context))
    return f"{len(kept)} of {len(kept) + len(left)} models" + (f"; left out: {', '.join(left)}" if left else "")


def score(context: Context) -> str:
    """Holds kept forecasts against what came; says for each metric by how much they erred, in the mean."""
    said = []
    for name in metrics_kept(context):
        metric = context.catalog.metrics.get(name)
        if metric is None:
            continue
        found = dict(Judging(context, metric).by_horizon())
        for horizon, one in found.items():
            if one.error is not None:
                within = f"{horizon} days" if horizon else "longer"
                said.append(f"{name}, {within}: {one.error:.1%} off, {one.coverage:.0%} inside, of {one.count}")
    return "; ".join(said) or "no forecast is over yet"


def _forecast(context: Context, metric: str, days: int) -> None:
    from tools.catalog.forecast import TOOL
    from tools.forecasting.history import Past

    whole = Past(context, context.catalog.metrics[metric]).reach.whole
    period = {"start": whole + timedelta(days=1), "end": whole + timedelta(days=days)}
    TOOL.run(context, TOOL.args.model_validate({"metric": metric, "period": period}))


def _churn(context: Context) -> None:
    from tools.customers.churn.record import keep_predictions

    keep_predictions(context)
