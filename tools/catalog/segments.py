"""The tool `segments`: who the customers are, by rule, by scheme, saved under a name."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.customers.rules import Measure, Rule
from tools.tool import Args

Split = Literal["country", "region", "city", "gender", "acquisition_channel", "rfm", "lifecycle", "tier", "cluster"]


class SegmentsArgs(Args):
    """Which customers, and what to show of them."""

    rule: Rule | None = Field(None, description="Which customers; None: everybody who ever bought.")
    by: Split | None = Field(None, description="Split by an attribute, or a scheme (rfm, lifecycle, tier, cluster).")
    top: int | None = Field(None, ge=1, le=1000, description="List this many customers.")
    order_by: Measure = Field("net_sales", description="What the list is sorted by.")
    order: Literal["highest", "lowest"] = "highest"
    save_as: str | None = Field(None, description="Save the rule under this name.")
    overlap: tuple[str, str] | None = Field(None, description="Names of two saved segments to compare.")
    list_saved: bool = Field(False, description="List the saved segments.")
    forget: str | None = Field(None, description="Forget the saved segment of this name.")
