"""By which dimensions a figure's change is split, and each one's parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.drivers.contributions import Breakdown, breakdown
from tools.drivers.interactions import cells_of, cells_of_one, fitting
from tools.drivers.reader import BothPeriods, Sides
from tools.drivers.whole import Part, Whole
from tools.semantic.known_values import KnownValues

if TYPE_CHECKING:
    from tools.drivers.choosing import Cells
    from tools.drivers.request import Request
    from tools.semantic.catalog import Dimension, Metric
    from tools.semantic.query import Key

# Looked into where asked for; otherwise the coarser one, if the store has it, says enough.
COARSER = {"city": "region", "campaign": "marketing_channel"}
LEFT_OUT = ("customer",)
DISTANT = ("marketing_channel", "campaign")
MEETING = 3  # so many dimensions meet in cells
ROLLED_UP = "products"
MOST_PRODUCTS = 100_000

Groups = Mapping["Key", Sides]


@dataclass(frozen=True)
class Figure:
    """The metric as sums: itself, or the numerator and the denominator of a ratio."""

    metric: Metric
    top: Metric
    bottom: Metric | None

    @property
    def metrics(self) -> tuple[Metric, ...]:
        return (self.top,) if self.bottom is None else tuple(dict.fromkeys((self.top, self.bottom)))

    @property
    def additive(self) -> bool:
        return all(metric.additive for metric in self.metrics)

    def part(self, sides: Sides) -> Part:
        if self.bottom is None:
            return Part(sides.before[self.top.id], sides.now[self.top.id])
        names = self.top.id, self.bottom.id
        return Part(*(side[name] for name in names for side in (sides.before, sides.now)))

    def whole(self, sides: Sides) -> Whole | None:
        """None where a ratio's denominator is zero on one side: there is no figure to compare."""
        part = self.part(sides)
        if self.bottom is not None and not (part.bottom_before and part.bottom_now):
            return None
        return Whole(part.top_before, part.top_now, part.bottom_before, part.bottom_now, ratio=self.bottom is not None)


def figure_of(request: Request) -> Figure:
    metric, metrics = request.metric, request.context.catalog.metrics
    if metric.ratio is None:
        return Figure(metric, metric, None)
    return Figure(metric, metrics[metric.ratio.numerator], metrics[metric.ratio.denominator])


def useful(request: Request, figure: Figure, *, large: bool) -> tuple[Dimension, ...]:
    """Dimensions that have values and are not fixed by the filters; those asked for, if any.

    Where there are very many rows, what is reached through the orders takes too long unless it is asked for.
    """
    catalog = request.context.catalog
    if request.args.by:
        return tuple(catalog.dimension(name) for name in dict.fromkeys(request.args.by))
    fixed = {f.dimension for f in request.args.filters if f.op == "in" and len(f.values) == 1}
    known = KnownValues(request.context.warehouse, catalog, request.context.today)
    found = {
        d.id: d
        for d in catalog.dimensions_of(figure.metric)
        if not d.is_time and d.id not in fixed and d.id not in LEFT_OUT and known.any_for(d, figure.metrics)
    }
    return tuple(d for d in found.values() if COARSER.get(d.id) not in found and not (large and d.id in DISTANT))


def breakdowns(
    both: BothPeriods,
    figure: Figure,
    whole: Whole,
    dimensions: Sequence[Dimension],
    read: Mapping[str, Groups],
) -> tuple[Breakdown, ...]:
    """Each dimension whose parts sum to the change: one pass over the rows for each that is not `read` yet (by its id),
    and one for all that are attributes of products.
    """
    found = []
    by_product = read.get("product", {})
    for dimension in dimensions:
        if of_products(both, figure, dimension):
            by_product = by_product or both.split(figure.metrics, [both.reader.catalog.dimension("product")])
            groups = _rolled_up(both, dimension, by_product)
        else:
            groups = read.get(dimension.id) or both.split(figure.metrics, [dimension])
        parts = {text(key[0]): figure.part(sides) for key, sides in groups.items()}
        one = breakdown(dimension, whole, parts)
        if one is not None:
            found.append(one)
    return tuple(found)


def meeting(
    both: BothPeriods, figure: Figure, whole: Whole, ranked: Sequence[Breakdown], *, large: bool
) -> tuple[tuple[Dimension, ...], Cells]:
    """The cells in which the most telling dimensions meet, and which these are; at least the values of the first."""
    alone = ((ranked[0].dimension,), cells_of_one(ranked[0]))
    attributes = [one.dimension for one in ranked if of_products(both, figure, one.dimension)]
    others = [one for one in ranked if one.dimension not in attributes][: MEETING - large - bool(attributes)]
    product = both.reader.catalog.dimension("product")
    sizes = [len(one.contributions) for one in others]
    if attributes:
        sizes.insert(0, max(len(one.contributions) for one in ranked if one.dimension in attributes))
    others = others[: max(0, fitting(sizes) - bool(attributes))]
    if len(others) + len(attributes) < 2:
        return alone
    groups = both.split(figure.metrics, [*(one.dimension for one in others), *([product] if attributes else [])])
    parts = {tuple(map(text, key)): figure.part(sides) for key, sides in groups.items()}
    further = [_attribute(both, dimension) for dimension in attributes]
    cells = cells_of(whole, parts, len(others), further)
    if cells is None:
        return alone
    return (*(one.dimension for one in others), *attributes), cells


def _rolled_up(both: BothPeriods, dimension: Dimension, groups: Groups) -> Groups:
    """Groups by product as groups by an attribute of products."""
    attribute = _attribute(both, dimension)
    return merged(((attribute(key[0]),), sides) for key, sides in groups.items())


def merged(groups: Iterable[tuple[Key, Sides]]) -> dict[Key, Sides]:
    """Groups of equal keys together."""
    found: dict[Key, Sides] = {}
    for key, sides in groups:
        _add(found, key, sides)
    return found


def _add(found: dict[Key, Sides], key: Key, sides: Sides) -> None:
    there = found.get(key)
    if there is None:
        found[key] = Sides(dict(sides.before), dict(sides.now))
        return
    for mine, theirs in ((there.before, sides.before), (there.now, sides.now)):
        for name, amount in theirs.items():
            mine[name] += amount


def of_products(both: BothPeriods, figure: Figure, dimension: Dimension) -> bool:
    """Whether the figure by this dimension follows from the figure by product."""
    catalog = both.reader.catalog
    bases = {catalog.base_name(m.model or "") for m in figure.metrics}
    by_product = catalog.dimension("product").columns
    if not figure.additive or any(by_product.get(base) != "product_id" for base in bases):
        return False
    columns = {dimension.columns.get(base, "") for base in bases}
    if len(columns) != 1:
        return False
    column = columns.pop()
    return column == "product_id" or (column.startswith(f"{ROLLED_UP}.") and _few_products(both))


def _few_products(both: BothPeriods) -> bool:
    warehouse = both.reader.warehouse

    def count() -> int:
        rows, _sql = warehouse.fetch(warehouse.table(ROLLED_UP).count().as_table())
        return int(rows[0][0])

    return warehouse.has(ROLLED_UP) and warehouse.remembered(("count", ROLLED_UP), count) <= MOST_PRODUCTS


def _attribute(both: BothPeriods, dimension: Dimension) -> Callable[[str | None], str | None]:
    """From a product to its value of the dimension."""
    column = next(c for c in dimension.columns.values() if c == "product_id" or c.startswith(f"{ROLLED_UP}."))
    if column == "product_id":
        return lambda product: product
    name, warehouse = column.partition(".")[2], both.reader.warehouse

    def read() -> dict[str | None, str | None]:
        rows, _sql = warehouse.fetch(warehouse.table(ROLLED_UP).select("product_id", name))
        return dict(rows)

    return warehouse.remembered(("attribute", name), read).get


def text(value: object) -> str | None:
    return None if value is None else str(value)
