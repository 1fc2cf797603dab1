"""The arguments of the tool `forecast`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.semantic.query import Days, Filter
from tools.tool import Args

NAME = "forecast"
Rows = Literal["day", "week", "month"]


class ForecastArgs(Args):
    """Which figure, over which days, by which steps, split or ranked how."""

    show: Literal["forecast", "scoreboard"] = Field(
        "forecast", description="forecast: what is to come; scoreboard: kept forecasts against what came."
    )
    metric: str = Field("net_sales", description="Metric id.")
    period: Days | None = Field(
        None,
        description=(
            "Days to forecast, both included; days of it that are past count as they were. None: the next 28 days."
        ),
    )
    grain: Rows | None = Field(None, description="Rows of the table. None: what suits the period.")
    filters: tuple[Filter, ...] = Field((), description="Conditions on dimensions.")
    by: str | None = Field(None, description="Dimension id to forecast value by value; parts add up to the total.")
    top: int = Field(10, ge=1, le=1000, description="Values shown, with `by`.")
    rank_by: Literal["value", "change", "change_rate"] = Field(
        "value", description="Rank values by what is expected, or by its change against the same days just before."
    )
    order: Literal["highest", "lowest"] = Field("highest", description="Which end of the ranking.")
