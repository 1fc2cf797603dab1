"""Which customers are meant, as a tree of conditions: what a question in plain words becomes, and what is saved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tools.semantic.query import Days, Filter

Measure = Literal[
    "orders",
    "net_sales",
    "gross_sales",
    "units",
    "aov",
    "products",
    "returns",
    "returned_orders",
    "return_rate",
    "days_since_last_order",
    "days_since_first_order",
]
Comparison = Literal[">", ">=", "<", "<=", "=", "!="]
Scheme = Literal["rfm", "lifecycle", "tier", "cluster", "saved"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Did(_Part):
    """What a customer did: a measure over the customer's own lines in a period and under filters, compared.

    "Bought tea in May" is orders ≥ 1 with a filter and a period, "did not" is orders = 0. Without `period`: everything
    up to today. Money is in the store's currency, rates are fractions. `days_since_…` count from the last (first) day
    with an order under the filters to today and take no period; who never ordered has none, and meets no comparison.
    """

    measure: Measure
    op: Comparison
    value: float = Field(allow_inf_nan=False)
    period: Days | None = None
    where: tuple[Filter, ...] = Field((), description="Conditions on the lines counted, e.g. country or product.")

    @model_validator(mode="after")
    def _no_period_of_days(self) -> Did:
        if self.period is not None and self.measure.startswith("days_since"):
            raise ValueError(f"{self.measure} counts up to today and takes no period")
        return self


class Dated(_Part):
    """The first, or the last, order ever falls in a period."""

    event: Literal["first_order", "last_order"]
    period: Days


class Has(_Part):
    """Something that the team knows of the customer: a column of `customers`."""

    attribute: Literal["country", "region", "city", "gender", "acquisition_channel", "email_consent", "sms_consent"]
    op: Literal["in", "not_in"] = "in"
    values: Annotated[tuple[str, ...], Field(min_length=1)] = Field(description="Consent is 'true' or 'false'.")


class In(_Part):
    """Belongs to one of these groups of a scheme: RFM segments, lifecycle stages, value tiers, saved segments."""

    scheme: Scheme
    groups: Annotated[tuple[str, ...], Field(min_length=1)]


class All(_Part):
    """Every part holds."""

    all: Annotated[tuple[Rule, ...], Field(min_length=1)]


class Any(_Part):
    """At least one part holds."""

    any: Annotated[tuple[Rule, ...], Field(min_length=1)]


class Not(_Part):
    """The part does not hold."""

    not_: Rule = Field(alias="not")

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )


Rule: TypeAlias = Did | Dated | Has | In | All | Any | Not
for _model in (All, Any, Not):
    _model.model_rebuild()


def leaves(rule: Rule) -> Iterator[Did | Dated | Has | In]:
    """The conditions of a rule, from left to right."""
    match rule:
        case All(all=parts) | Any(any=parts):
            for part in parts:
                yield from leaves(part)
        case Not(not_=part):
            yield from leaves(part)
        case _:
            yield rule


OPPOSITE: dict[Comparison, Comparison] = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "=": "!=", "!=": "="}


def conditions(rule: Rule, *, negated: bool = False) -> Iterator[Did | Dated | Has | In]:
    """As `leaves`, a comparison under "not" as the opposite one."""
    match rule:
        case All(all=parts) | Any(any=parts):
            for part in parts:
                yield from conditions(part, negated=negated)
        case Not(not_=part):
            yield from conditions(part, negated=not negated)
        case Did() if negated:
            yield rule.model_copy(update={"op": OPPOSITE[rule.op]})
        case _:
            yield rule


def negation(rule: Rule) -> Not:
    """The rule that whoever does not meet this one meets."""
    return Not.model_validate({"not": rule})
