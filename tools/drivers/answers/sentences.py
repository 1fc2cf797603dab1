"""The lines below the headline: at most six, the calendar and the drivers first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tools.drivers.answers.calendar_lines import calendar_line, occasion_line, running_line, stock_out_line
from tools.drivers.answers.driver_lines import another_view, driver_lines, stand_out
from tools.drivers.answers.naming import called, moved
from tools.drivers.choosing import NOISE
from tools.drivers.customers import LABELS
from tools.drivers.stock_outs import product_of
from tools.messages import Label, Message, Quantity, Value, say
from tools.semantic.wording import by_label

if TYPE_CHECKING:
    from tools.drivers.analysis import Analysis
    from tools.drivers.whole import Whole

MOST_LINES = 6
MOST_PARTS = 4  # of a list, before "others"
MATTERS = 0.1  # of the change, from which a mix, or the product behind the prices, is told
TOLD = 0.01  # of the change: smaller parts are "others"

VOLUME = Label("volume", "销量")
PRICE = Label("price", "价格")
MIX = Label("product mix", "商品结构")
NEW = Label("newly sold products", "新上商品")
GONE = Label("products no longer sold", "停售商品")
DISCOUNTS = Label("discounts", "折扣")
RETURNS = Label("returns", "退货")
OTHERS = Label("others", "其他")


def lines(analysis: Analysis) -> tuple[Message, ...]:
    """In order; where they are more than six, those that tell least (with the highest number) give way."""
    whole = analysis.whole
    if whole is None or not whole.change:
        return ()
    stock = stock_out_line(analysis)
    drivers = _ranked(0 if analysis.breakdowns else 5, driver_lines(analysis, whole))
    factors = _ranked(2, _factors(analysis, whole))
    customers = _ranked(2, _customers(analysis, whole))
    middle = [*drivers, *customers, *factors] if stand_out(analysis, whole) else [*factors, *drivers, *customers]
    found = [
        *_ranked(0, running_line(analysis)),
        *_ranked(0, stock),
        *_ranked(1, calendar_line(analysis, whole)),
        # What a product lost while it was out of stock is not laid to an occasion.
        *_ranked(3, [] if stock and product_of(analysis.request) else occasion_line(analysis, whole)),
        *_ranked(1, _terms(analysis, whole)),
        *middle,
        *_ranked(3, _mixes(analysis, whole)),
        *_ranked(4, _prices(analysis, whole)),
        *_ranked(5, another_view(analysis)),
    ]
    kept = sorted(range(len(found)), key=lambda place: (found[place][0], place))[:MOST_LINES]
    return tuple(found[place][1] for place in sorted(kept))


def _ranked(least: int, messages: Sequence[Message]) -> list[tuple[int, Message]]:
    return [(least, message) for message in messages]


# --- ratios -----------------------------------------------------------------------------------------------------------


def _terms(analysis: Analysis, whole: Whole) -> list[Message]:
    """What the numerator and the denominator did."""
    figure, request = analysis.figure, analysis.request
    if figure.bottom is None or not whole.top_before or not whole.bottom_before:
        return []
    return [
        say(
            "{numerator} {top_rate}, to {top}; {denominator} {bottom_rate}, to {bottom}.",
            numerator=figure.top.label.label,
            top_rate=Quantity(whole.top_now / whole.top_before - 1, "ratio", signed=True),
            top=request.figures.quantity(figure.top, whole.top_now),
            denominator=figure.bottom.label.label.inside(),
            bottom_rate=Quantity(whole.bottom_now / whole.bottom_before - 1, "ratio", signed=True),
            bottom=request.figures.quantity(figure.bottom, whole.bottom_now),
        )
    ]


def _mixes(analysis: Analysis, whole: Whole) -> list[Message]:
    """How much of a ratio's change is shifts between groups, where that is some, and how much is in the groups."""
    if not whole.ratio or not analysis.breakdowns:
        return []
    first, request = analysis.breakdowns[0], analysis.request
    mix = sum(whole.mix(one.part) for one in first.contributions)
    if abs(mix) < MATTERS * abs(whole.change):
        return []
    return [
        say(
            "By {dimension}: {rate} from the figures of the groups themselves, {mix} from their mix.",
            dimension=by_label(first.dimension),
            rate=moved(request, whole.change - mix),
            mix=moved(request, mix),
        )
    ]


# --- customers, factors, prices ---------------------------------------------------------------------------------------


def _customers(analysis: Analysis, whole: Whole) -> list[Message]:
    groups = analysis.customers
    if not groups:
        return []
    parts = _listed(analysis, whole, ((LABELS[standing].inside(), group.change) for standing, group in groups.items()))
    return [say("Customers: {parts}.", parts=parts)] if parts else []


def _factors(analysis: Analysis, whole: Whole) -> list[Message]:
    """Orders and what one is worth, and the returns that are left."""
    request, metrics = analysis.request, analysis.request.context.catalog.metrics
    if len(analysis.factors) < 2:
        return []
    first, second = analysis.factors[:2]
    shown: dict[str, Value] = {
        "first": metrics[first.metric].label.label,
        "first_rate": Quantity(first.now / first.before - 1, "ratio", signed=True),
        "first_effect": moved(request, first.effect),
        "second": metrics[second.metric].label.label.inside(),
        "second_rate": Quantity(second.now / second.before - 1, "ratio", signed=True),
        "second_effect": moved(request, second.effect),
    }
    returns = math.fsum(one.effect for one in analysis.factors[2:])
    if abs(returns) >= NOISE * abs(whole.change):
        shown["returns"] = moved(request, returns)
        return [
            say(
                "{first} {first_rate} ({first_effect}), {second} {second_rate} ({second_effect}), returns {returns}.",
                **shown,
            )
        ]
    return [say("{first} {first_rate} ({first_effect}), {second} {second_rate} ({second_effect}).", **shown)]


def _prices(analysis: Analysis, whole: Whole) -> list[Message]:
    prices = analysis.prices
    if prices is None:
        return []
    sold, request = prices.sold, analysis.request
    listed = (
        (VOLUME, sold.volume),
        (PRICE, sold.price),
        (MIX, sold.mix),
        (NEW, sold.new),
        (GONE, sold.gone),
        (DISCOUNTS, prices.discounts),
        (RETURNS, prices.returns),
    )
    must = PRICE if sold.repriced is not None and abs(sold.price) >= MATTERS * abs(whole.change) else None
    parts = _listed(analysis, whole, listed, must)
    if not parts:
        return []
    if must is None:
        return [say("What was sold: {parts}.", parts=parts)]
    product = called(request, request.context.catalog.dimension("product"), sold.repriced)
    return [say("What was sold: {parts}. The price effect is mostly that of {product}.", parts=parts, product=product)]


def _listed(
    analysis: Analysis, whole: Whole, parts: Iterable[tuple[Label, float]], must: Label | None = None
) -> tuple[Value, ...]:
    """“volume +£239K, price +£95K, others -£4K”: the largest first, with what is left of the change."""
    ranked = sorted(parts, key=lambda row: (row[0] is not must, -abs(row[1]), row[0].en))
    ranked = [row for row in ranked if abs(row[1]) >= TOLD * abs(whole.change)] or ranked[:1]
    told = sorted(ranked[:MOST_PARTS], key=lambda row: (-abs(row[1]), row[0].en))
    others = math.fsum((whole.change, *(-effect for _label, effect in told)))
    if abs(others) >= NOISE * abs(whole.change):
        told = [*told, (OTHERS, others)]
    return tuple(say("{part} {effect}", part=label, effect=moved(analysis.request, effect)) for label, effect in told)
