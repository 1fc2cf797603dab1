"""The tool `clv`: what customers are still worth."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.customers.rules import Rule
from tools.tool import Args

Split = Literal["country", "region", "city", "gender", "acquisition_channel", "rfm", "lifecycle", "tier"]


class ClvArgs(Args):
    """Whose value, over which horizon, shown how."""

    show: Literal["list", "distribution"] = "list"
    horizon_days: int = Field(365, ge=30, le=1825, description="How far ahead orders count.")
    discount_rate: float = Field(0.1, ge=0, le=1, description="A year's discount on future money, as a fraction.")
    by: Split | None = Field(None, description="Average and total by an attribute or a scheme.")
    rule: Rule | None = Field(None, description="Only these customers.")
    customer: str | None = Field(None, description="Only this customer.")
    top: int = Field(20, ge=1, le=1000)
    order: Literal["highest", "lowest"] = "highest"
