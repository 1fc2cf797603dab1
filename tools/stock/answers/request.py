"""A call of the tool `inventory`, checked, with everything that answering it shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from tools.answer import Cell, Column, FollowUp, ToolCall
from tools.errors import InvalidArgument, NotEnoughData
from tools.messages import Label, Message, Quantity, Value, say
from tools.semantic.known_values import KnownValues
from tools.semantic.periods import Period
from tools.semantic.query import Engine, Filter, Query
from tools.semantic.wording import filter_noun
from tools.tool import Args, Context
from tools.warehouse.values import labels_of, names_of

if TYPE_CHECKING:
    from datetime import date

    import numpy as np
    from numpy.typing import NDArray

    from tools.semantic.catalog import Dimension
    from tools.stock.demand import Demand
    from tools.stock.position import Floats, Stock
    from tools.stock.sales import Sales

NAME = "inventory"
LEAST_HORIZON, MOST_HORIZON, HORIZON_STEP = 56, 112, 28
HISTORY_BY_HORIZON = 3
MOST_IN_FILE = 50_000
Show = Literal["cover", "risk", "reorder", "slow", "turnover", "classes"]


class InventoryArgs(Args):
    """What to tell of the stock."""

    show: Show = Field(
        "risk",
        description=(
            "cover: days that the stock lasts; risk: chance to run out before a new delivery; reorder: what to order; "
            "slow: what hardly sells, and the money in it; turnover; classes: ABC by value, XYZ by steadiness."
        ),
    )
    filters: tuple[Filter, ...] = Field((), description="Conditions on product, category or brand.")
    lead_time_days: int | None = Field(None, ge=1, le=365, description="None: each product's own, else 14.")
    service_level: float = Field(0.95, gt=0.5, lt=1, description="Wanted chance not to run out during the lead time.")
    order: Literal["highest", "lowest"] | None = Field(None, description="Which end first. None: the worrying one.")
    top: int = Field(10, ge=1, le=1000)


@dataclass(frozen=True)
class Request:
    """The checked call, the stock, and which products are meant: places in the stock's arrays, in the order of ids."""

    context: Context
    args: InventoryArgs
    stock: Stock
    places: NDArray[np.intp]

    @cached_property
    def currency(self) -> str:
        return self.context.warehouse.settings().currency

    @cached_property
    def product(self) -> Dimension:
        return self.context.catalog.dimension("product")

    @cached_property
    def sales(self) -> Sales:
        """Raises NotEnoughData where nothing was ever sold."""
        from tools.stock.sales import sales

        found = sales(self.context, self.stock)
        if found is None:
            raise NotEnoughData(say("Nothing has been sold by {day}, so there is no demand.", day=self.context.today))
        return found

    @cached_property
    def lead(self) -> Floats:
        return self.stock.lead(self.args.lead_time_days)

    @cached_property
    def whole_until(self) -> date:
        """The last day whose sales are whole."""
        from tools.forecasting.history import Past

        return min(Past(self.context, self.context.catalog.metric("units")).reach.whole, self.sales.last)

    @cached_property
    def demand(self) -> Demand:
        from tools.stock.demand import demand
        from tools.stock.policy import REVIEW_DAYS

        longest = int(self.lead.max()) + REVIEW_DAYS
        wanted = -(-longest // HORIZON_STEP) * HORIZON_STEP
        possible = (self.context.today - self.sales.first_day).days // HISTORY_BY_HORIZON
        days = max(min(max(wanted, LEAST_HORIZON), MOST_HORIZON, possible), 1)
        return demand(self.context, self.stock, self.sales, days)

    @cached_property
    def judged(self) -> NDArray[np.intp]:
        """Those of the products of which demand can be told. Raises NotEnoughData where there are none."""
        found = self.places[self.demand.judged[self.places]]
        if len(found):
            return found
        from tools.stock.demand import FEWEST_DAYS

        if len(self.places) == 1:
            raise NotEnoughData(
                say(
                    "{product} is too new to judge: that takes a first sale and {days} in stock.",
                    product=self.name(int(self.places[0])),
                    days=Quantity(FEWEST_DAYS, "days"),
                )
            )
        raise NotEnoughData(
            say(
                "These {count} products are too new to judge: that takes a first sale and {days} in stock.",
                count=Quantity(len(self.places)),
                days=Quantity(FEWEST_DAYS, "days"),
            )
        )

    # --- how things are called ----------------------------------------------------------------------------------------

    def name(self, place: int) -> Value:
        """A product in a sentence."""
        code = self.stock.ids[place]
        named = names_of(self.context.warehouse, self.product, [code]).get(code)
        return say("{name} ({code})", name=named, code=code) if named else code

    def money(self, value: float) -> Quantity:
        return Quantity(value, self.currency)

    def where(self, place: int) -> Mapping[str, str]:
        return {"product": self.stock.ids[place]}

    @cached_property
    def filter_where(self) -> Mapping[str, str]:
        """What the figures of all the products are for."""
        return {f.dimension: ", ".join(f.values) for f in self.args.filters if f.op == "in"}

    def filter_words(self) -> tuple[Message, ...]:
        found: list[Message] = []
        for condition in self.args.filters:
            dimension = self.context.catalog.dimension(condition.dimension)
            values: list[Value]
            if dimension.names:
                values = [self.named(dimension, value) for value in condition.values]
            else:
                labels = labels_of(self.context.warehouse, dimension, condition.values)
                values = [labels.get(value, value) for value in condition.values]
            found.append(filter_noun(dimension, condition, values))
        return tuple(found)

    def named(self, dimension: Dimension, value: str) -> Value:
        name = names_of(self.context.warehouse, dimension, [value]).get(value)
        return say("{name} ({code})", name=name, code=value) if name else value

    def product_columns(self, places: Sequence[int]) -> tuple[Column, ...]:
        """The two columns of a product: its code, which gives way to its name."""
        names = self._names(places)
        shown = {label.en: label for label in names.values()}
        return (
            Column("product", Label("Product code", "商品编码"), spare=bool(names)),
            Column("product_name", self.product.label.label, labels=shown),
        )

    def product_cells(self, places: Sequence[int]) -> list[tuple[Cell, Cell]]:
        names = self._names(places)
        found: list[tuple[Cell, Cell]] = []
        for place in places:
            code = self.stock.ids[place]
            found.append((code, names[code].en if code in names else None))
        return found

    def chart_axis(self, places: Sequence[int]) -> str:
        """The column that names products in a picture: their code where not all of them have a name."""
        return "product_name" if len(self._names(places)) == len(places) else "product"

    def _names(self, places: Sequence[int]) -> Mapping[str, Label]:
        return names_of(self.context.warehouse, self.product, [self.stock.ids[place] for place in places])

    # --- where to go on -----------------------------------------------------------------------------------------------

    def call(self, show: Show, **changes: Any) -> ToolCall:
        """The same products, shown otherwise."""
        kept = ("filters", "lead_time_days", "service_level")
        args = {name: value for name, value in self.args.plain().items() if name in kept}
        return ToolCall(NAME, {**({} if show == "risk" else {"show": show}), **args, **changes})

    def forecast_of(self, place: int) -> FollowUp:
        call = ToolCall(
            "forecast",
            {"metric": "units", "filters": [{"dimension": "product", "values": [self.stock.ids[place]]}]},
        )
        return FollowUp(say("Forecast of {product}", product=self.name(place)), call)


def prepared(context: Context, args: InventoryArgs) -> Request:
    """Raises NotEnoughData where no stock was counted, or none of these products; InvalidArgument for other filters."""
    import numpy as np

    from tools.stock.position import stock

    found = stock(context)
    if not found.ids:
        raise NotEnoughData(say("No stock was counted by {day}.", day=context.today))
    if not args.filters:
        return Request(context, args, found, np.arange(len(found.ids)))
    _check(context, args)
    period = Period(found.first_counted.min().astype(object), context.today)
    engine = Engine(context.warehouse, context.catalog, context.today)
    groups = engine.run(Query(("stock_days",), ("product",), args.filters, period)).groups
    places = sorted(found.place[str(key)] for (key,) in groups if str(key) in found.place)
    if not places:
        raise NotEnoughData(say("No product with a stock count meets this."))
    return Request(context, args, found, np.array(places, dtype=np.intp))


def _check(context: Context, args: InventoryArgs) -> None:
    """Refuses what stock is not known by, and values of which no stock was ever counted."""
    catalog = context.catalog
    metric = catalog.metric("average_stock")
    allowed = [d for d in catalog.dimensions_of(metric) if not d.is_time]
    known = KnownValues(context.warehouse, catalog, context.today)
    for condition in args.filters:
        dimension = catalog.dimension(condition.dimension)
        if dimension not in allowed:
            raise InvalidArgument(
                say(
                    "Stock is not known by {dimension}. It can be limited by {choices}.",
                    dimension=dimension.label.label.inside(),
                    choices=tuple(d.label.label.inside() for d in allowed),
                ),
                (FollowUp(say("All products"), ToolCall(NAME, args.model_copy(update={"filters": ()}).plain())),),
            )
        missing = known.missing(dimension, (metric,), condition.values) if condition.op == "in" else []
        if missing:
            raise _not_counted(context, args, dimension, condition, missing[0])


def _not_counted(
    context: Context, args: InventoryArgs, dimension: Dimension, condition: Filter, value: str
) -> NotEnoughData:
    """No stock of this; offers what looks most like it."""
    metric = context.catalog.metric("average_stock")
    near = KnownValues(context.warehouse, context.catalog, context.today).nearest(dimension, (metric,), value)
    shown: dict[str, Value] = {"dimension": dimension.label.label.inside(), "value": value}
    if not near:
        return NotEnoughData(say("No stock is counted of the {dimension} “{value}”.", **shown))
    labels = labels_of(context.warehouse, dimension, near)
    names = names_of(context.warehouse, dimension, near)
    options: list[FollowUp] = []
    choices: list[Value] = []
    for other in near:
        values = tuple(other if one == value else one for one in condition.values)
        filters = tuple(f.model_copy(update={"values": values}) if f == condition else f for f in args.filters)
        choices.append(
            say("{name} ({code})", name=names[other], code=other) if other in names else labels.get(other, other)
        )
        options.append(
            FollowUp(
                say("{value}", value=choices[-1]), ToolCall(NAME, args.model_copy(update={"filters": filters}).plain())
            )
        )
    return NotEnoughData(
        say("No stock is counted of the {dimension} “{value}”. Nearest: {choices}.", **shown, choices=tuple(choices)),
        tuple(options),
    )
