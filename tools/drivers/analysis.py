"""Everything that is known of a change, before it is put into words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from tools.calendar.calendar import PromotionCalendar
from tools.drivers import factors
from tools.drivers.calendar_effects import (
    USUAL_WEEKS,
    Occasion,
    Weekdays,
    occasion,
    weekday_counts,
    weekday_effect,
    weekday_effect_of,
)
from tools.drivers.choosing import Cells, Step, chosen, largest
from tools.drivers.contributions import Breakdown, ranked, sums
from tools.drivers.customers import Group, Standing, by_standing, total
from tools.drivers.dimensions import Figure, Groups, breakdowns, figure_of, meeting, merged, text, useful
from tools.drivers.prices import PriceVolumeMix, Product, price_volume_mix
from tools.drivers.reader import Sides
from tools.drivers.stock_outs import StockOut, product_of, stock_out
from tools.drivers.whole import Whole
from tools.semantic.periods import Period
from tools.semantic.query import Query
from tools.warehouse.bounds import bound

if TYPE_CHECKING:
    import ibis

    from tools.calendar.events import Event
    from tools.drivers.request import Request
    from tools.semantic.catalog import Dimension

PLAIN = {"sales", "traffic"}
MANY_ROWS, VERY_MANY_ROWS = 1_500_000, 3_000_000
SALES = ("net_sales", "gross_sales", "sales_before_returns")
OF_PRICES = ("gross_sales", "units", "discounts", "returns")
OF_CUSTOMERS = (*SALES, "units", "gross_margin", "orders", "active_customers")
TOLERANCE = 1e-9
EVENING = time(20)  # a day whose rows go on until then is whole
CLOSINGS = 28


@dataclass(frozen=True)
class Prices:
    """Price, volume and mix of what was sold, and what discounts and returns took. They sum to the change."""

    sold: PriceVolumeMix
    discounts: float
    returns: float


@dataclass(frozen=True)
class Factor:
    """One factor of a figure, its relative change and what that did to the figure."""

    metric: str
    before: float
    now: float
    effect: float


@dataclass(frozen=True)
class Driver:
    """A chosen step, in the catalog's terms."""

    step: Step
    terms: tuple[tuple[Dimension, str | None], ...]


@dataclass(frozen=True)
class Analysis:
    """`breakdowns`: the most telling dimension first. Empty parts: they do not apply, or do not sum."""

    request: Request
    figure: Figure
    sides: Sides
    whole: Whole | None
    breakdowns: tuple[Breakdown, ...] = ()
    drivers: tuple[Driver, ...] = ()
    weekdays: Weekdays | None = None
    occasion: Occasion | None = None
    stock_out: StockOut | None = None
    customers: Mapping[Standing, Group] | None = None
    prices: Prices | None = None
    factors: tuple[Factor, ...] = ()
    cut_short: bool = False  # the last day's rows end earlier than any of the days before
    large: bool = False  # so many rows that marketing channels were left out to answer in time
    very_large: bool = False  # and orders against their values
    sql: tuple[str, ...] = ()

    @property
    def all_else(self) -> float:
        return 0.0 if self.whole is None else math.fsum((self.whole.change, *(-d.step.change for d in self.drivers)))


def analysed(request: Request) -> Analysis:
    """Reads both periods, split in every way that tells something."""
    figure, both = figure_of(request), request.both
    sides = both.split(figure.metrics, ()).get((), _nothing(figure))
    whole = figure.whole(sides)
    if whole is None or not whole.change:
        return Analysis(request, figure, sides, whole, sql=tuple(both.sql))
    alone = not request.args.by
    single = len(request.args.by) == 1
    count = max((both.count(model) for model in {m.model or "" for m in figure.metrics} & PLAIN), default=0)
    large, very_large = count > MANY_ROWS, count > VERY_MANY_ROWS
    daily = _daily(request, figure, whole)
    by_product = _by_product(request, figure)
    read = {"product": by_product, "country": {} if daily is None else daily.by_country}
    found = ranked(breakdowns(both, figure, whole, useful(request, figure, large=large), read))
    drivers: tuple[Driver, ...] = ()
    if found:
        dimensions, cells = meeting(both, figure, whole, found, large=large)
        choose = largest if single else chosen  # of one dimension alone, the largest are asked for
        drivers = tuple(_driver(step, dimensions, cells) for step in choose(cells, request.args.top, whole.change))
    return Analysis(
        request,
        figure,
        sides,
        whole,
        found,
        drivers,
        _weekdays(request, figure, daily) if daily else None,
        occasion(*request.covered, daily.series, _events(request)) if daily else None,
        stock_out(request, product_of(request) or _first_product(drivers)),
        _customers(request, whole) if alone else None,
        _prices(request, whole, by_product) if alone else None,
        _factors(request, whole) if alone and not very_large else (),
        _cut_short(request),
        large and alone,
        very_large and alone,
        tuple(both.sql),
    )


def _nothing(figure: Figure) -> Sides:
    zero = dict.fromkeys((m.id for m in figure.metrics), 0.0)
    return Sides(dict(zero), dict(zero))


def _driver(step: Step, dimensions: tuple[Dimension, ...], cells: Cells) -> Driver:
    return Driver(step, tuple((dimensions[d], cells.values[d][value]) for d, value in step.terms))


# --- the calendar -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Daily:
    """The figure by day, of each country and (None) of all; and its sides by country."""

    series: Mapping[str | None, Mapping[date, float]]
    by_country: Groups


def _daily(request: Request, figure: Figure, whole: Whole) -> Daily | None:
    """None where days do not sum to the whole, as those of customers who come again."""
    if figure.bottom is not None or not figure.metric.empty_is_zero:
        return None
    catalog = request.context.catalog
    country = catalog.dimension("country")
    known = country in catalog.dimensions_of(figure.metric) and request.figures.known.any_for(country, [figure.metric])
    dimensions = [catalog.dimension("day"), *([country] if known else [])]
    groups = request.both.split(figure.metrics, dimensions)
    if not sums(whole, [figure.part(sides) for sides in groups.values()]):
        return None
    series: dict[str | None, dict[date, float]] = {None: {}}
    for (day, *places), sides in groups.items():
        # A day lies in one of the two periods, so that its other side is zero.
        amount = sides.before[figure.top.id] + sides.now[figure.top.id]
        series[None][day] = series[None].get(day, 0.0) + amount
        for place in places:
            if place is not None:
                series.setdefault(place, {})[day] = amount
    return Daily(series, merged((key[1:], sides) for key, sides in groups.items()) if known else {})


def _weekdays(request: Request, figure: Figure, daily: Daily) -> Weekdays | None:
    """At the baseline's own averages; of periods without some weekdays, at those of the weeks before both."""
    before, now = request.covered
    if all(a == b for a, b in weekday_counts(before, now)):
        return None
    found = weekday_effect(before, now, daily.series[None])
    if found is not None:
        return found
    until = min(before.start, now.start) - timedelta(days=1)
    weeks = min(USUAL_WEEKS, ((until - request.figures.first.date()).days + 1) // 7)
    if weeks < 1:
        return None
    usual = Period(until - timedelta(days=weeks * 7 - 1), until)
    result = request.both.reader.run(Query((figure.top.id,), ("day",), request.args.filters, usual))
    request.both.sql.update(dict.fromkeys(result.sql))
    series = {key[0]: float(amounts[figure.top.id] or 0) for key, amounts in result.groups.items()}
    return weekday_effect_of(before, now, usual, series)


def _cut_short(request: Request) -> bool:
    """Whether the last day of the data ends before the other days of the periods do: a shop may close at five."""
    last = request.figures.last
    if request.now.end != last.date() or last.time() >= EVENING:
        return False

    def closing() -> ibis.Table:
        lines = request.both.reader.visible("order_lines")
        lines = lines.filter(lines.sold_at >= bound("start"))
        return lines.group_by(day=lines.sold_at.date()).aggregate(closed=lines.sold_at.max())

    closed = sorted(row[1] for row in request.both.fetch(("closing",), closing))
    others = [moment.time() for moment in closed[:-1]][-CLOSINGS:]
    return not others or last.time() < min(others)


def _first_product(drivers: tuple[Driver, ...]) -> str | None:
    if not drivers:
        return None
    return next((value for dimension, value in drivers[0].terms if dimension.id == "product"), None)


def _events(request: Request) -> tuple[Event, ...]:
    """Occasions of the country that is filtered for, or of everywhere and of the countries that matter."""
    country = next((f.values[0] for f in request.args.filters if f.dimension == "country" and len(f.values) == 1), None)
    calendar = PromotionCalendar(request.context)
    events = [event for period in request.covered for event in calendar.between(period, country)]
    return tuple(dict.fromkeys(events))


# --- customers, prices, factors ---------------------------------------------------------------------------------------


def _customers(request: Request, whole: Whole) -> Mapping[Standing, Group] | None:
    if request.metric.id not in OF_CUSTOMERS:
        return None
    groups = by_standing(request.both, request.metric)
    before, now = total(groups)
    if not (_same(before, whole.top_before) and _same(now, whole.top_now)) or set(groups) == {"unknown"}:
        return None
    return groups


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= TOLERANCE * max(abs(a), abs(b), 1e-3)


def _by_product(request: Request, figure: Figure) -> Groups:
    """Sales by product, with what prices and volumes are made of, read at once. Empty where no prices are told."""
    if request.metric.id not in SALES or request.args.by:
        return {}
    catalog = request.context.catalog
    metrics = dict.fromkeys([*figure.metrics, *(catalog.metrics[name] for name in OF_PRICES)])
    return request.both.split(tuple(metrics), [catalog.dimension("product")])


def _prices(request: Request, whole: Whole, groups: Groups) -> Prices | None:
    if not groups:
        return None
    sold = price_volume_mix(
        Product(s.before["gross_sales"], s.now["gross_sales"], s.before["units"], s.now["units"], text(key[0]))
        for key, s in groups.items()
    )
    discounts = math.fsum(s.before["discounts"] - s.now["discounts"] for s in groups.values())
    returns = math.fsum(s.before["returns"] - s.now["returns"] for s in groups.values())
    found = Prices(
        sold,
        0.0 if request.metric.id == "gross_sales" else discounts,
        returns if request.metric.id == "net_sales" else 0.0,
    )
    explained = math.fsum((sold.change, found.discounts, found.returns))
    size = max(abs(whole.top_before), abs(whole.top_now))
    return found if abs(explained - whole.change) <= TOLERANCE * size else None


def _factors(request: Request, whole: Whole) -> tuple[Factor, ...]:
    """Orders × order value, less returns; customers × orders per customer × order value where all are known."""
    metric, catalog = request.metric.id, request.context.catalog
    if metric not in ("net_sales", "sales_before_returns", "aov"):
        return ()
    names = ("sales_before_returns", "orders", "returns", "units")
    sides = request.both.split([catalog.metrics[name] for name in names], ()).get(())
    if sides is None or not all(side["orders"] and side["units"] for side in (sides.before, sides.now)):
        return ()
    both = (sides.before, sides.now)
    if metric == "aov":
        first = [(s["units"] / s["orders"], s["sales_before_returns"] / s["units"]) for s in both]
        return _named(("units_per_order", "average_price"), first[0], first[1])
    pairs = [(s["orders"], s["sales_before_returns"] / s["orders"]) for s in both]
    found = _named(("orders", "aov"), pairs[0], pairs[1])
    if found and metric == "net_sales" and (sides.before["returns"] or sides.now["returns"]):
        returns = [s["returns"] for s in both]
        found = (*found, Factor("returns", returns[0], returns[1], returns[0] - returns[1]))
    explained = math.fsum(one.effect for one in found)
    size = max(abs(whole.top_before), abs(whole.top_now))
    return found if abs(explained - whole.change) <= TOLERANCE * size else ()


def _named(names: tuple[str, ...], before: tuple[float, ...], now: tuple[float, ...]) -> tuple[Factor, ...]:
    found = factors.effects(before, now)
    if found is None:
        return ()
    return tuple(Factor(*row) for row in zip(names, before, now, found, strict=True))
