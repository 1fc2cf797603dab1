"""The tool `recommend`: what to offer to whom, and what goes with what."""

from __future__ import annotations

from pydantic import Field, model_validator

from tools.customers.rules import Rule
from tools.tool import Args


class RecommendArgs(Args):
    """For a customer, for the customers of a rule, for a product; without any of them: the strongest pairs."""

    customer: str | None = None
    rule: Rule | None = None
    product: str | None = Field(None, description="What goes with this product.")
    top: int = Field(10, ge=1, le=100)
    diversity: float = Field(0.3, ge=0, le=1, description="0: relevance alone; 1: as mixed as can be.")

    @model_validator(mode="after")
    def _one_target(self) -> RecommendArgs:
        if sum(target is not None for target in (self.customer, self.rule, self.product)) > 1:
            raise ValueError("name a customer, a rule or a product, not several")
        return self
