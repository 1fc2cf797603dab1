"""A question to the tool `segments`, and what every answer to it has in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, Literal

from pydantic import Field, model_validator

from tools.answer import Cell, Column, Fact, FollowUp, Provenance, ToolCall
from tools.customers.rules import Dated, Did, Measure, Rule, conditions, leaves
from tools.customers.schemes import SCHEMES
from tools.customers.segments.compared import compared_columns
from tools.customers.segments.figures import Figures, Totals, money
from tools.customers.segments.names import key_of
from tools.customers.segments.periods import earlier, last_year, shown_period
from tools.customers.segments.selection import Selection, saved_segments
from tools.customers.segments.words import attribute_labels
from tools.messages import Label, Message, Quantity, say
from tools.semantic.query import Days, settled
from tools.semantic.wording import by_label
from tools.tool import Args, Context

Split = Literal["country", "region", "city", "gender", "acquisition_channel", "rfm", "lifecycle", "tier", "cluster"]
NAME = "segments"
SALES = "sales"
UNKNOWN = Label("Unknown", "未知")
_GENDER = Label("Gender", "性别")
MEASURES: Mapping[Measure, Label] = {
    "orders": Label("Orders", "订单数"),
    "net_sales": Label("Net sales", "净销售额"),
    "gross_sales": Label("Gross sales", "总销售额（退货前）"),
    "units": Label("Units", "销量"),
    "aov": Label("Average order value", "客单价"),
    "products": Label("Products", "商品种类"),
    "returns": Label("Returns", "退货额"),
    "returned_orders": Label("Returned orders", "退货单数"),
    "return_rate": Label("Return rate", "退货率"),
    "days_since_last_order": Label("Days since last order", "距上次购买天数"),
    "days_since_first_order": Label("Days since first order", "距首次购买天数"),
}


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

    @model_validator(mode="after")
    def _one_thing(self) -> SegmentsArgs:
        if sum((self.overlap is not None, self.list_saved, self.forget is not None)) > 1:
            raise ValueError("name one of overlap, list_saved and forget")
        if self.save_as is not None and self.rule is None:
            raise ValueError("only a rule can be saved")
        return self

    @property
    def acts(self) -> bool:
        return self.save_as is not None or self.forget is not None


@dataclass(frozen=True)
class Asked:
    """The call, and what its answer needs of the store."""

    context: Context
    args: SegmentsArgs
    first: date
    last: datetime

    @cached_property
    def selection(self) -> Selection:
        return Selection(self.context)

    @cached_property
    def rule(self) -> Rule | None:
        """The rule, saved segments replaced by what they stand for."""
        return None if self.args.rule is None else self.selection.expanded(self.args.rule)

    @cached_property
    def ever(self) -> Days:
        return Days(start=self.first, end=self.context.today)

    @cached_property
    def period(self) -> Days:
        """The days over which orders and sales are shown."""
        return shown_period(self.rule, self.first, self.context.today)

    @cached_property
    def tells_its_period(self) -> bool:
        """Whether the period of what is shown is the only one that the rule speaks of."""
        told = set()
        for leaf in conditions(self.rule) if self.rule is not None else ():
            if isinstance(leaf, Dated) or (isinstance(leaf, Did) and not leaf.measure.startswith("days_since")):
                told.add(leaf.period or self.ever)
        return told == {self.period}

    @property
    def is_about_first_orders(self) -> bool:
        """Whether the rule speaks of the first order, and never of the last."""
        said = {
            leaf.event if isinstance(leaf, Dated) else leaf.measure
            for leaf in (conditions(self.rule) if self.rule is not None else ())
            if isinstance(leaf, Dated | Did)
        }
        return bool(said & {"first_order", "days_since_first_order"}) and not said & {
            "last_order",
            "days_since_last_order",
        }

    @cached_property
    def compared(self) -> Mapping[str, Did]:
        """The columns of the values that the rule compares."""
        return compared_columns(self.rule, self.period, self.ever)

    @cached_property
    def figures(self) -> Figures:
        return Figures(self.context, self.period)

    @cached_property
    def currency(self) -> str:
        return self.context.warehouse.settings().currency

    @property
    def everybody(self) -> bool:
        """Whether people who never ordered count too."""
        if self.args.rule is None:
            return self.args.by == "lifecycle"
        return self.selection.counts_everybody(self.args.rule)

    @cached_property
    def before(self) -> tuple[Rule | None, Figures] | None:
        """The same question 30 days earlier; None where it had no meaning then."""
        moved = earlier(self.rule, self.context.today, self.first)
        if moved is None:
            return None
        context = replace(self.context, today=moved.today)
        return moved.rule, Figures(context, last_year(moved.today))

    def money(self, value: float | None) -> Quantity:
        return Quantity(value, self.currency)

    def unit(self, measure: Measure) -> str:
        if measure in ("net_sales", "gross_sales", "returns", "aov"):
            return self.currency
        if measure == "return_rate":
            return "ratio"
        return "days" if measure.startswith("days_since") else "count"


def share_of(found: Totals, whole: Totals) -> float | None:
    """A share of sales; it means nothing where they are negative or none, nor where others returned more."""
    share = found.net_sales / whole.net_sales if whole.net_sales > 0 else None
    return None if share is None or not 0 <= share <= 1 else share


def trend_lines(customers: int, was: int | None) -> tuple[Message, ...]:
    if was is None:
        return ()
    if customers == was:
        return (say("As many as 30 days earlier."),)
    return (
        say(
            "{change} against 30 days earlier ({before}).",
            change=Quantity(customers - was, "count", signed=True),
            before=Quantity(was),
        ),
    )


def trend_facts(customers: int, was: int | None, where: Mapping[str, str] | None = None) -> tuple[Fact, ...]:
    if was is None:
        return ()
    return (
        Fact("customers_before", was, "count", where=where or {}),
        Fact("customers_change", customers - was, "count", where=where or {}),
    )


def facts_of(asked: Asked, found: Totals, whole: Totals, where: Mapping[str, str]) -> tuple[Fact, ...]:
    each = found.net_sales / found.customers if found.customers else None
    share = found.customers / whole.customers if whole.customers else None
    period = asked.period.period
    return (
        Fact("customers", found.customers, "count", where=where),
        Fact("customers_share", share, "ratio", where=where),
        Fact("net_sales", found.net_sales, asked.currency, period, where),
        Fact("net_sales_share", share_of(found, whole), "ratio", period, where),
        Fact("net_sales_per_customer", each, asked.currency, period, where),
        Fact("days_since_last_order", found.days_since_last_order, "days", where=where),
    )


def shown_cell(value: Any, column: Column) -> Cell:
    if column.unit not in (None, "ratio") and isinstance(value, float):
        return money(value)
    found: Cell = settled(value) if isinstance(value, float) else value
    return found


def value_labels(asked: Asked, attribute: str, values: Sequence[Any]) -> Mapping[str, Label]:
    return attribute_labels(asked.context, attribute, {str(value) for value in values if value is not None})


def period_caveats(asked: Asked) -> tuple[Message, ...]:
    found: list[Message] = []
    if asked.period.start < asked.first:
        found.append(say("The data begins on {day}; nothing before that is in the figure.", day=asked.first))
    if (asked.context.today - asked.last.date()).days > 1:
        found.append(say("The data reaches to {time}; later days are not in the figure.", time=asked.last))
    return tuple(found)


def title_of(asked: Asked, by: Split) -> Label:
    if by in SCHEMES:
        return SCHEMES[by].title
    dimension = asked.context.catalog.dimensions.get(by)
    return dimension.label.label if dimension else _GENDER


def split_label(asked: Asked, by: Split) -> Label:
    dimension = asked.context.catalog.dimensions.get(by)
    return by_label(dimension) if dimension else title_of(asked, by).inside()


def provenance_of(asked: Asked, sql: tuple[str, ...], more: tuple[Message, ...] = ()) -> Provenance:
    rule = asked.args.rule
    catalog = asked.context.catalog
    counted = (
        say("Counted is everybody known, also who never ordered.")
        if asked.everybody
        else say("Counted are customers who ever bought; sales without a customer count nowhere.")
    )
    # No filter of its own: the headline says the rule, and the footer would say it again.
    who = None if rule is None else asked.selection.customers_in_words(rule)
    measures = dict.fromkeys(["orders", "net_sales", *_measures_of(rule)])
    defined = [catalog.metrics[name] for name in measures if name in catalog.metrics]
    tables = ["order_lines"]
    if asked.context.warehouse.has("customers"):
        tables.append("customers")
    return Provenance(
        definition=(
            *((say("{name}: {who}", name=Label("Who", "客户范围"), who=who),) if who is not None else ()),
            counted,
            *(say("{metric}: {definition}", metric=m.label.label, definition=m.definition.label) for m in defined),
            *more,
        ),
        period=asked.period.period,
        sql=sql,
        tables=tuple(tables),
        as_of=asked.last,
    )


def _measures_of(rule: Rule | None) -> list[str]:
    return [] if rule is None else [leaf.measure for leaf in leaves(rule) if isinstance(leaf, Did)]


def plain_rule(rule: Rule) -> dict[str, Any]:
    return rule.model_dump(mode="json", exclude_defaults=True)


def _call(asked: Asked, tool: str, **more: Any) -> ToolCall:
    rule = asked.args.rule
    return ToolCall(tool, {**({} if rule is None else {"rule": plain_rule(rule)}), **more})


def by_follow_up(asked: Asked, by: Split) -> FollowUp:
    return FollowUp(say("By {dimension}", dimension=split_label(asked, by)), _call(asked, NAME, by=by))


def follow_ups_of(asked: Asked) -> tuple[FollowUp, ...]:
    """Where they live, how they fall into RFM segments, who of them is leaving, and a name for them."""
    found: list[FollowUp] = []
    if asked.figures.known_attributes(("country",)):
        found.append(by_follow_up(asked, "country"))
    found.append(by_follow_up(asked, "rfm"))
    found.append(FollowUp(say("Who of them is leaving?"), _call(asked, "churn")))
    if asked.args.rule is not None and asked.args.save_as is None and _may_save(asked.context):
        name = _free_name(asked)
        found.append(FollowUp(say("Save as “{name}”", name=name), _call(asked, NAME, save_as=name)))
    return tuple(found)


def _may_save(context: Context) -> bool:
    return context.state is not None and context.user.may("analyst")


def _free_name(asked: Asked) -> str:
    """A name that no saved segment has yet."""
    word = Label("Segment", "细分").in_language(asked.context.user.language)
    taken = {segment.key for segment in saved_segments(asked.context).all()}
    return next(name for number in range(1, len(taken) + 2) if key_of(name := f"{word} {number}") not in taken)
