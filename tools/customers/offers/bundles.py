"""Which products share a basket more often than chance would have it: pairs, counted in the engine.

A basket is an order with a sold line, whoever placed it. support = baskets with both ÷ baskets; confidence = baskets
with both ÷ baskets with the first; lift = confidence ÷ share of baskets with the second. Pairs are ranked by the lower
99 % limit of their lift, so that a pair seen a few times by chance does not come first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.errors import InvalidArgument, NotEnoughData
from tools.messages import say, say_n
from tools.nearest import nearest
from tools.stats.association import byar_low
from tools.warehouse.values import names_of

if TYPE_CHECKING:
    import ibis

    from tools.tool import Context

MOST_PRODUCTS = 100
"""Baskets with more different products are left out: they are stock-taking, and their pairs grow with the square."""
LEAST_TOGETHER = 5
LEAST_SUPPORT = 0.001
"""Over all products a pair must be in this share of the baskets, and in 5 baskets at least."""
LEAST_CONFIDENCE = 0.02
"""What goes with one product must be in this share of its baskets, and in 5 baskets at least."""
MOST_PAIRS = 1000


@dataclass(frozen=True)
class Pair:
    """How many baskets hold both products, each of them, and any."""

    product_id: str
    with_id: str
    together: int
    first: int
    second: int
    baskets: int

    @property
    def support(self) -> float:
        return self.together / self.baskets

    @property
    def confidence(self) -> float:
        """Of the baskets with `product_id`, the share that hold `with_id` too."""
        return self.together / self.first

    @property
    def lift(self) -> float:
        return self.together * self.baskets / (self.first * self.second)

    @property
    def lift_low(self) -> float:
        """The lower 99 % limit of the lift."""
        low: float = byar_low(self.together, math.sqrt(self.together))
        return max(low, 0.0) * self.baskets / (self.first * self.second)


@dataclass(frozen=True)
class Bundles:
    """Pairs, strongest first, and what they were counted on.

    `least` is the number of baskets that a pair must be in; `too_large` counts baskets that were left out.
    """

    pairs: tuple[Pair, ...]
    baskets: int
    too_large: int
    least: int
    sql: str


def pairs_with(context: Context, product_id: str) -> Bundles:
    """What shares a basket with a product. At most 1,000 pairs, each with the product first.

    Raises NotEnoughData where it is in fewer than 5 baskets.
    """

    def make() -> Bundles:
        baskets, too_large = _counted(context)
        counts = _baskets_by_product(context)
        first = counts.get(product_id, 0)
        if first < LEAST_TOGETHER:
            raise _too_few(product_id, first)
        least = max(LEAST_TOGETHER, math.ceil(first * LEAST_CONFIDENCE))
        rows, sql = context.warehouse.fetch(_beside(_sold_lines(context), product_id))
        pairs = [
            Pair(product_id, str(other), int(together), first, counts[str(other)], baskets)
            for other, together in rows
            if int(together) >= least
        ]
        pairs.sort(key=lambda pair: (-round(pair.lift_low, 9), pair.with_id))
        return Bundles(tuple(pairs[:MOST_PAIRS]), baskets, too_large, least, sql)

    return context.warehouse.remembered(("bundles", context.today, product_id), make)


def strongest(context: Context) -> Bundles:
    """The pairs of the whole store. At most 1,000, each with the product first that leads to the other more surely."""

    def make() -> Bundles:
        context.progress(say("Counting which products share a basket …"))
        baskets, too_large = _counted(context)
        least = max(LEAST_TOGETHER, math.ceil(baskets * LEAST_SUPPORT))
        ordered, sql = context.warehouse.fetch(_all(context, least, baskets))
        pairs = (Pair(str(a), str(b), int(n), int(m), int(k), baskets) for a, b, n, m, k in ordered)
        return Bundles(tuple(map(_forward, pairs)), baskets, too_large, least, sql)

    return context.warehouse.remembered(("bundles", context.today), make)


def _forward(pair: Pair) -> Pair:
    if pair.first <= pair.second:
        return pair
    return Pair(pair.with_id, pair.product_id, pair.together, pair.second, pair.first, pair.baskets)


# --- expressions ------------------------------------------------------------------------------------------------------


def _lines(context: Context) -> Any:
    """Each product of each order once."""
    return _sold_lines(context).distinct()


def _sold_lines(context: Context) -> Any:
    lines = context.warehouse.table("order_lines", context.today)
    return lines.filter((lines.kind == "sold") & lines.product_id.notnull()).select("order_id", "product_id")


def _baskets(lines: Any, *, at_least: int = 1) -> Any:
    """Those lines whose baskets are not too large, and hold so many products at least."""
    sizes = lines.group_by("order_id").aggregate(size=lines.count())
    fits = sizes.filter(sizes["size"].between(at_least, MOST_PRODUCTS))
    return lines.inner_join(fits, "order_id").select("order_id", "product_id")


def _counted(context: Context) -> tuple[int, int]:
    """Baskets that count, and those that are too large."""

    def make() -> tuple[int, int]:
        lines = _lines(context)
        sizes = lines.group_by("order_id").aggregate(size=lines.count())
        fits = sizes["size"] <= MOST_PRODUCTS
        (found,), _sql = context.warehouse.fetch(
            sizes.aggregate(baskets=sizes.count(where=fits), large=sizes.count(where=~fits))
        )
        return int(found[0]), int(found[1])

    return context.warehouse.remembered(("baskets", context.today), make)


def _baskets_by_product(context: Context) -> Mapping[str, int]:
    """How many baskets hold each product."""

    def make() -> Mapping[str, int]:
        rows = _baskets(_lines(context))
        found, _sql = context.warehouse.fetch(rows.group_by("product_id").aggregate(n=rows.count()))
        return {str(product): int(baskets) for product, baskets in found}

    return context.warehouse.remembered(("baskets by product", context.today), make)


def _beside(lines: Any, product_id: str) -> ibis.Table:
    """How many baskets with a product hold each other one."""
    own = lines.filter(lines.product_id == product_id).select("order_id").distinct()
    rows = _baskets(lines.inner_join(own, "order_id").select("order_id", "product_id").distinct())
    beside = rows.filter(rows.product_id != product_id)
    return beside.group_by("product_id").aggregate(together=beside.count())


def _all(context: Context, least: int, baskets: int) -> ibis.Table:
    lines = _lines(context)
    rows = _baskets(lines)
    counts = rows.group_by("product_id").aggregate(n=rows.count())
    counts = counts.filter(counts.n >= least)
    several = _baskets(lines, at_least=2)
    often = several.inner_join(counts, "product_id").select("order_id", "product_id")
    other = often.view()
    both = often.inner_join(other, [often.order_id == other.order_id, often.product_id < other.product_id]).select(
        a=often.product_id, b=other.product_id
    )
    pairs = both.group_by("a", "b").aggregate(together=both.count())
    pairs = pairs.filter(pairs.together >= least)
    firsts = counts.select(a="product_id", first="n")
    seconds = counts.select(b="product_id", second="n")
    joined = pairs.inner_join(firsts, "a").inner_join(seconds, "b")
    by_chance = joined["first"].cast("float64") * joined["second"].cast("float64") / float(baskets)
    ranked = joined.mutate(low=_low(joined.together, 1 / by_chance))
    ranked = ranked.order_by(ranked.low.desc(), ranked.a, ranked.b).limit(MOST_PAIRS)
    return ranked.select("a", "b", "together", "first", "second")


def _low(together: Any, factor: Any) -> Any:
    """The lower limit of the lift, to nine digits: engines differ in the last ones."""
    count = together.cast("float64")
    return (byar_low(count, count.sqrt()) * factor).round(9)


def _too_few(product_id: str, baskets: int) -> NotEnoughData:
    if baskets:
        return NotEnoughData(
            say_n(
                "Product {product} is in {count} basket only; {least} are needed to say what goes with it.",
                "Product {product} is in {count} baskets only; {least} are needed to say what goes with it.",
                baskets,
                product=product_id,
                least=LEAST_TOGETHER,
            )
        )
    return NotEnoughData(
        say(
            "Product {product} was sold in no basket of {most} products or less.",
            product=product_id,
            most=MOST_PRODUCTS,
        )
    )


def known_product(context: Context, given: str) -> str:
    """The id of a product that was sold by today, from its id or its name; the case of letters may differ.

    Raises InvalidArgument that names the nearest.
    """
    wanted = given.strip().casefold()
    ids = _sold(context)
    if given in ids:
        return given
    names = names_of(context.warehouse, context.catalog.dimension("product"), ids)
    called = {code: (label.en.casefold(), label.zh.casefold()) for code, label in names.items()}
    for found in (
        [code for code in ids if code.casefold() == wanted],
        [code for code in ids if wanted in called.get(code, ())],
    ):
        if len(found) == 1:
            return found[0]
    choices = tuple(nearest(given, [*ids, *(label.en for label in names.values())]))
    if choices:
        raise InvalidArgument(
            say("No product “{given}” was ever sold. Nearest: {choices}.", given=given, choices=choices)
        )
    raise InvalidArgument(say("No product “{given}” was ever sold.", given=given))


def _sold(context: Context) -> tuple[str, ...]:
    def make() -> tuple[str, ...]:
        found = _lines(context).select("product_id").distinct()
        return tuple(sorted(str(product) for (product,) in context.warehouse.fetch(found)[0]))

    return context.warehouse.remembered(("products sold", context.today), make)
