"""The tool `customer`: one customer's profile."""

from __future__ import annotations

from pydantic import Field

from tools.tool import Args


class CustomerArgs(Args):
    """Which customer."""

    customer: str = Field(min_length=1, max_length=200, description="The customer's id.")
