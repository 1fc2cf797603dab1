"""Every figure of an answer under a name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tools.answer import Fact
from tools.drivers.answers.tables import rows_shown, values

if TYPE_CHECKING:
    from tools.drivers.analysis import Analysis
    from tools.drivers.contributions import Breakdown, Contribution
    from tools.drivers.whole import Whole

MOST_VALUES = 60  # dimensions of more values have facts for those shown; the file has all


def facts(analysis: Analysis) -> tuple[Fact, ...]:
    """Contributions are `{metric}_change` (of ratios, `{metric}_contribution`), with dimensions' values in `where`."""
    whole = analysis.whole
    found: dict[object, Fact] = {}
    parts = _whole(analysis) if whole is None else (*_whole(analysis), *_of_change(analysis, whole))
    for fact in parts:
        found.setdefault((fact.name, fact.period, tuple(sorted(fact.where.items()))), fact)
    return tuple(found.values())


def _where(analysis: Analysis, **more: str) -> Mapping[str, str]:
    fixed = {f.dimension: ", ".join(f.values) for f in analysis.request.args.filters if f.op == "in"}
    return {**fixed, **more}


def _whole(analysis: Analysis) -> Iterator[Fact]:
    request, figure = analysis.request, analysis.figure
    metric, unit = request.metric, request.figures.unit(request.metric)
    where = _where(analysis)
    whole = analysis.whole
    yield Fact(metric.id, None if whole is None else whole.now, unit, request.now, where)
    yield Fact(metric.id, None if whole is None else whole.before, unit, request.before, where)
    yield Fact(f"{metric.id}_change", None if whole is None else whole.change, request.change_unit, request.now, where)
    if metric.unit != "ratio":
        rate = None if whole is None or whole.before <= 0 else whole.change / whole.before
        yield Fact(f"{metric.id}_change_rate", rate, "ratio", request.now, where)
    if figure.bottom is None:
        return
    for part in figure.metrics:
        before, now = analysis.sides.before[part.id], analysis.sides.now[part.id]
        yield Fact(part.id, now, request.figures.unit(part), request.now, where)
        yield Fact(part.id, before, request.figures.unit(part), request.before, where)
        yield Fact(
            f"{part.id}_change_rate", (now - before) / before if before > 0 else None, "ratio", request.now, where
        )


def _of_change(analysis: Analysis, whole: Whole) -> Iterator[Fact]:
    request = analysis.request
    name = f"{request.metric.id}_{'contribution' if whole.ratio else 'change'}"
    for driver in analysis.drivers:
        terms = {dimension.id: str(value) for dimension, value in driver.terms}
        own = f"{name}_remaining" if driver.step.cut else name
        yield Fact(own, driver.step.change, request.change_unit, request.now, _where(analysis, **terms))
        share = driver.step.change / whole.change
        yield Fact(f"{own}_share", share, "ratio", request.now, _where(analysis, **terms))
    if analysis.drivers:
        yield Fact(f"{name}_all_else", analysis.all_else, request.change_unit, request.now, _where(analysis))
    for breakdown, row in rows_shown(analysis):
        where = _where(analysis, **{breakdown.dimension.id: str(row.value)})
        before, now = values(whole, row.part)
        yield Fact(request.metric.id, now, request.figures.unit(request.metric), request.now, where)
        yield Fact(request.metric.id, before, request.figures.unit(request.metric), request.before, where)
        yield from _contribution(analysis, whole, name, breakdown, row)
    for breakdown in analysis.breakdowns:
        if len(breakdown.contributions) <= MOST_VALUES:
            for row in breakdown.contributions:
                yield from _contribution(analysis, whole, name, breakdown, row)
    yield from _effects(analysis, whole)


def _contribution(
    analysis: Analysis, whole: Whole, name: str, breakdown: Breakdown, row: Contribution
) -> Iterator[Fact]:
    request = analysis.request
    where = _where(analysis, **{breakdown.dimension.id: str(row.value)})
    yield Fact(name, row.change, request.change_unit, request.now, where)
    if whole.ratio:
        yield Fact("rate_effect", whole.rate(row.part), request.change_unit, request.now, where)
        yield Fact("mix_effect", whole.mix(row.part), request.change_unit, request.now, where)


def _effects(analysis: Analysis, whole: Whole) -> Iterator[Fact]:
    request = analysis.request
    unit, where = request.change_unit, _where(analysis)

    def effect(name: str, value: float | None, **more: str) -> Fact:
        return Fact(name, value, unit, request.now, {**where, **more})

    if analysis.weekdays is not None:
        yield effect("calendar_effect", analysis.weekdays.effect)
        rate = analysis.weekdays.comparable_rate(whole.before, whole.now)
        for weekday, usual in enumerate(analysis.weekdays.usual, start=1):
            yield Fact(
                f"{request.metric.id}_per_day", usual, request.unit, request.before, {**where, "weekday": str(weekday)}
            )
        yield Fact(f"{request.metric.id}_comparable_change_rate", rate, "ratio", request.now, where)
    occasion = analysis.occasion
    if occasion is not None:
        period = request.now if occasion.in_period else request.before
        at = {**where, "occasion": occasion.id}
        yield Fact(f"{request.metric.id}_per_day", occasion.brought, request.unit, period, at)
        yield Fact(f"{request.metric.id}_per_like_day", occasion.usual, request.unit, period, at)
        for period, days in ((request.now, occasion.days_now), (request.before, occasion.days_before)):
            yield Fact("occasion_days", days, "days", period, at)
    out = analysis.stock_out
    if out is not None:
        yield Fact("stock_out_days", out.days, "count", out.period, {**where, "product": out.product})
    for standing, group in (analysis.customers or {}).items():
        yield effect(f"{standing}_customers_effect", group.change)
        yield Fact("customers", group.customers, "count", request.now, {**where, "standing": standing})
    if analysis.prices is not None:
        sold = analysis.prices.sold
        yield effect("price_effect", sold.price)
        yield effect("volume_effect", sold.volume)
        yield effect("mix_effect", sold.mix)
        yield effect("new_products_effect", sold.new)
        yield effect("gone_products_effect", sold.gone)
        yield effect("discounts_effect", analysis.prices.discounts)
        yield effect("returns_effect", analysis.prices.returns)
    for factor in analysis.factors:
        yield effect(f"{factor.metric}_effect", factor.effect)
    if whole.ratio and analysis.breakdowns:
        first = analysis.breakdowns[0]
        mix = sum(whole.mix(row.part) for row in first.contributions)
        yield effect("mix_effect", mix, split_by=first.dimension.id)
        yield effect("rate_effect", whole.change - mix, split_by=first.dimension.id)
