"""The tool `cohorts`: retention and revenue by when customers first bought."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.customers.rules import Rule
from tools.semantic.query import Days, Filter
from tools.tool import Args


class CohortsArgs(Args):
    """Which cohorts, and what is followed."""

    grain: Literal["week", "month", "quarter"] = "month"
    measure: Literal["retention", "customers", "net_sales", "net_sales_per_customer"] = "retention"
    period: Days | None = Field(None, description="When the cohorts first bought; None: the last twelve units.")
    where: tuple[Filter, ...] = Field((), description="Conditions on the lines counted after the first order.")
    rule: Rule | None = Field(None, description="Only these customers.")
