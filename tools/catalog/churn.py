"""The tool `churn`: who is leaving, how sure, why, what it costs, and what to do."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.customers.rules import Rule
from tools.tool import Args


class ChurnArgs(Args):
    """Whose risk, over which horizon, shown how."""

    show: Literal["list", "summary", "scoreboard"] = Field(
        "list",
        description="list: who; summary: counts and money by risk; scoreboard: predictions against what came.",
    )
    horizon_days: int = Field(90, ge=7, le=365, description="Leaving means no order in so many days.")
    rule: Rule | None = Field(None, description="Only these customers.")
    min_probability: float | None = Field(None, ge=0, le=1, description="Only those at least so likely to leave.")
    top: int = Field(20, ge=1, le=1000)
    order_by: Literal["probability", "value_at_risk"] = "probability"
