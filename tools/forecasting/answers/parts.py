"""A figure ahead by value of a dimension: the greatest, or what changes most against the days just before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from tools.answer import Answer, Cell, Chart, Column, Fact, Table
from tools.forecasting.answers import around
from tools.forecasting.answers.request import Request
from tools.forecasting.answers.single import LEVEL, expected_facts
from tools.forecasting.forecasts import DAYS_RANKED, MOST_PARTS
from tools.forecasting.outlook import Counted, Expected, Outlook
from tools.forecasting.record import keep
from tools.messages import Label, Message, Quantity, Value, say, say_n
from tools.semantic.answers.naming import code_title, part_labels
from tools.semantic.periods import Period
from tools.semantic.query import Filter
from tools.semantic.wording import by_label, plural
from tools.warehouse.values import names_of

if TYPE_CHECKING:
    from tools.forecasting.forecasts import Forecasts
    from tools.semantic.catalog import Dimension

# Of so many parts and more, the series go by weeks.
MANY = 40
# For a list of the greatest, so many times its length are forecast by themselves.
TIMES = 3
# Shares of the total below which a part's change is chance more often than not.
LEAST_SHARE = 0.0005
MOST_PARTS_KEPT = 20


@dataclass(frozen=True)
class Part:
    """`key` None: all others. `before` is its figure of as many days just before."""

    key: str | None
    expected: Expected
    before: float

    @property
    def change(self) -> float:
        return self.expected.value - self.before

    @property
    def rate(self) -> float | None:
        return self.change / self.before if self.before > 0 else None

    @property
    def beyond_doubt(self) -> bool:
        """Whether the days before lie outside what is likely."""
        low, high = self.expected.bounds[LEVEL]
        return not low <= self.before <= high


@dataclass(frozen=True)
class Split:
    """The parts of a request, those shown first and the others as one."""

    request: Request

    @cached_property
    def by(self) -> str:
        return self.request.args.by or ""

    @cached_property
    def dimension(self) -> Dimension:
        return self.request.context.catalog.dimension(self.by)

    @cached_property
    def outlook(self) -> Outlook:
        args, past = self.request.args, self.request.outlook.past
        recent = past.by_value(self.by, past.recent(DAYS_RANKED))
        ranked = sorted((key for key in recent if key is not None), key=lambda key: (-recent[key], key))
        if args.rank_by == "value" and args.order == "highest":
            ranked = ranked[: max(MANY, TIMES * args.top)]
        ranked = ranked[:MOST_PARTS]
        found = self.request.outlook_of(self.request.period, self.by, wide=len(ranked) > MANY)
        return replace(found, keys=tuple(ranked))

    @property
    def forecasts(self) -> Forecasts:
        return self.outlook.forecasts

    @cached_property
    def total(self) -> Expected:
        """As it is told without parts."""
        return self.request.outlook.expected(self.request.period)

    @cached_property
    def baseline(self) -> Period:
        return around.before(self.request)

    @cached_property
    def before(self) -> Mapping[str | None, float]:
        return self.outlook.past.by_value(self.by, self.baseline)

    @cached_property
    def total_before(self) -> float:
        return self.outlook.past.value(self.baseline)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Every part that was forecast, by its key, made to add up to the total where parts do."""
        period, forecasts = self.request.period, self.forecasts
        over = self.outlook.over
        so_far = self.outlook.past.by_value(self.by, over) if over else {}
        found = {
            key: self.outlook.of(forecast, so_far.get(key, 0.0), period) for key, forecast in forecasts.parts.items()
        }
        if forecasts.adds_up and not isinstance(self.outlook, Counted):
            found = self._adding_up(found, so_far)
        return tuple(Part(key, found[key], self.before.get(key, 0.0)) for key in sorted(found))

    def _adding_up(self, found: Mapping[str, Expected], so_far: Mapping[str | None, float]) -> dict[str, Expected]:
        """The parts and the rest of the total, moved by how uncertain each is."""
        import numpy as np

        from tools.forecasting.reconciling import reconciled

        expected = dict(found)
        rest = self.forecasts.others
        if rest is not None:
            gone = self.total.so_far - sum(so_far.get(key, 0.0) for key in found)
            expected[""] = self.outlook.of(rest, gone, self.request.period)
        if not expected:
            return {}
        spread = np.array([(e.bounds[LEVEL][1] - e.bounds[LEVEL][0]) ** 2 for e in expected.values()])
        rests = np.array([[e.rest] for e in expected.values()])
        floor = None if self.outlook.floor < 0 else 0.0
        _total, moved = reconciled(np.array([self.total.rest]), rests, 0.0, spread, floor)
        return {
            key: _moved(one, float(by), self.outlook.floor)
            for (key, one), by in zip(expected.items(), moved[:, 0] - rests[:, 0], strict=True)
            if key in found
        }

    @cached_property
    def shown(self) -> tuple[Part, ...]:
        args = self.request.args
        sign = -1 if args.order == "highest" else 1
        if args.rank_by == "value":
            ranked = sorted(self.parts, key=lambda part: (sign * part.expected.value, part.key or ""))
        else:
            least = LEAST_SHARE * max(self.total.value, 0.0)
            worth = [part for part in self.parts if max(part.expected.value, part.before) >= least]
            if args.rank_by == "change_rate":
                worth = [part for part in worth if part.before >= least and part.rate is not None]
                ranked = sorted(worth, key=lambda part: (sign * (part.rate or 0.0), part.key or ""))
            else:
                ranked = sorted(worth, key=lambda part: (sign * part.change, part.key or ""))
            # Who asks for rises gets no falls; where nothing rises, the nearest to it shows so.
            ranked = [part for part in ranked if sign * part.change < 0] or ranked[:1]
        return tuple(ranked[: args.top])

    @property
    def others(self) -> Part | None:
        """What the total has beyond the parts shown; None where parts do not add up or nothing is left."""
        if not self.forecasts.adds_up or isinstance(self.outlook, Counted):
            return None
        value = self.total.value - sum(part.expected.value for part in self.shown)
        before = self.total_before - sum(part.before for part in self.shown)
        if max(abs(value), abs(before)) <= 1e-6 * max(1.0, abs(self.total.value)):
            return None
        return Part(None, Expected(self.request.period, value), before)


def by_parts(request: Request) -> Answer:
    """Raises TooShort, TooSlow."""
    split = Split(request)
    shown, others = split.shown, split.others if request.args.rank_by == "value" else None
    keep(request, split.total, ())
    for part in shown[:MOST_PARTS_KEPT]:
        keep(request, part.expected, (), (Filter(dimension=split.by, values=(part.key or "",)),))
    table = _table(split, shown, others)
    return Answer(
        headline=_headline(split),
        lines=_lines(split),
        facts=_facts(split),
        table=table,
        chart=_chart(split, _table(split, shown, None)) if len(shown) > 1 else None,
        file_name="forecast",
        follow_ups=around.follow_ups(request),
        caveats=(*_caveats(split), *around.caveats(request, split.total)),
        provenance=around.provenance(request, split.forecasts.history.sql),
    )


def _moved(expected: Expected, by: float, floor: float) -> Expected:
    """The figure moved, and its bounds with it."""
    value = expected.value + by
    lowest = expected.so_far + floor
    bounds = {
        level: (min(max(low + by, lowest), value), max(high + by, value))
        for level, (low, high) in expected.bounds.items()
    }
    return replace(expected, value=value, bounds=bounds)


def _headline(split: Split) -> Message:
    request, shown = split.request, split.shown
    low, high = split.total.bounds[LEVEL]
    values: dict[str, Value] = {
        "metric": request.title,
        "inside": request.title_inside,
        "dimension": by_label(split.dimension),
        "period": request.period,
        "total": request.quantity(split.total.value),
        "low": request.quantity(low),
        "high": request.quantity(high),
        "level": Quantity(LEVEL, "ratio"),
    }
    if not shown:
        return say("{metric}, {period}: about {total} expected ({level} likely: {low} to {high})", **values)
    first = shown[0]
    values |= {"name": request.value_name(first.key or ""), "value": request.quantity(first.expected.value)}
    if request.args.rank_by == "value":
        if not split.forecasts.adds_up or isinstance(split.outlook, Counted):
            return say("{metric} by {dimension}, {period}: {name} with about {value} expected", **values)
        if request.args.order == "lowest":
            return say(
                "{metric} by {dimension}, {period}: about {total} expected ({level} likely: {low} to {high}); {name} "
                "comes last with about {value}",
                **values,
            )
        return say(
            "{metric} by {dimension}, {period}: about {total} expected ({level} likely: {low} to {high}); {name} leads "
            "with about {value}",
            **values,
        )
    values["change"] = request.quantity(first.change, signed=True)
    if request.args.order == "highest":
        if first.change <= 0:
            return say(
                "No {dimension} is expected to rise in {inside}, {period}, against {before}",
                **values,
                before=split.baseline,
            )
        return say(
            "Largest rise in {inside} by {dimension}, {period}: {name}, about {value} expected ({change} on {before})",
            **values,
            before=split.baseline,
        )
    if first.change >= 0:
        return say(
            "No {dimension} is expected to fall in {inside}, {period}, against {before}",
            **values,
            before=split.baseline,
        )
    return say(
        "Largest fall in {inside} by {dimension}, {period}: {name}, about {value} expected ({change} on {before})",
        **values,
        before=split.baseline,
    )


def _lines(split: Split) -> tuple[Message, ...]:
    request = split.request
    found: list[Message] = []
    if request.args.rank_by == "value":
        before = request.rounded(split.total_before)
        if before > 0:
            rate = (request.rounded(split.total.value) - before) / before
            found.append(
                say(
                    "In total {rate} against {period} ({before})",
                    rate=Quantity(rate, "ratio", signed=True),
                    period=split.baseline,
                    before=request.quantity(before),
                )
            )
    elif split.shown:
        sure = sum(part.beyond_doubt for part in split.shown)
        found.append(
            say_n(
                "{count} of the {all} changes more than is uncertain ({level} likely).",
                "{count} of the {all} change more than is uncertain ({level} likely).",
                sure,
                all=len(split.shown),
                level=Quantity(LEVEL, "ratio"),
            )
        )
    found += around.backtest_line(request.outlook.forecasts.total)
    return (*found, *around.events_line(request))


def _facts(split: Split) -> tuple[Fact, ...]:
    request = split.request
    name, unit, period = request.metric.id, request.unit, request.period
    facts: list[Fact] = []
    for part in split.shown:
        where = {split.by: part.key or ""}
        place = {**request.where, **where}
        facts += expected_facts(request, part.expected, where)
        facts.append(Fact(name, request.rounded(part.before), unit, split.baseline, place))
        facts.append(Fact(f"{name}_change", request.rounded(part.change), unit, period, place))
        facts.append(Fact(f"{name}_change_rate", part.rate, "ratio", period, place))
    total = expected_facts(request, split.total)
    before = Fact(name, request.rounded(split.total_before), unit, split.baseline, request.where)
    tested = around.backtest_facts(request.outlook.forecasts.total.backtest, request.outlook.ahead, request.where)
    parts_first = request.args.rank_by != "value"
    return (*facts, *total, before, *tested) if parts_first else (*total, before, *facts, *tested)


def _table(split: Split, shown: Sequence[Part], others: Part | None) -> Table:
    request, dimension = split.request, split.dimension
    name, unit, good = request.metric.id, request.unit, request.metric.good
    keys = [part.key or "" for part in shown]
    names = names_of(request.context.warehouse, dimension, keys) if dimension.names else {}
    columns = [
        Column(
            dimension.id,
            code_title(dimension),
            labels=part_labels(split.request.named, dimension, keys),
            spare=dimension.names is not None,
        )
    ]
    if dimension.names:
        labels = {label.en: label for label in names.values()}
        columns.append(Column(f"{dimension.id}_name", dimension.label.label, labels=labels))
    columns += [
        Column(name, Label("Expected", "预计"), unit, good=good),
        Column(f"{name}_baseline", say("{period}", period=split.baseline), unit, spare=True),
        Column(f"{name}_low_80", Label("Low", "下限"), unit, spare=True),
        Column(f"{name}_high_80", Label("High", "上限"), unit, spare=True),
        Column(f"{name}_change", Label("Change", "变化"), unit, signed=True, good=good),
        Column(f"{name}_change_rate", Label("Change %", "变化率"), "ratio", signed=True, good=good),
    ]
    rows: list[tuple[Cell, ...]] = []
    for part in (*shown, *((others,) if others else ())):
        key: Cell = say("All others") if part.key is None else part.key
        called: list[Cell] = [key]
        if dimension.names:
            label = names.get(part.key or "")
            called = [None, key] if part.key is None else [key, label.en if label else None]
        low, high = part.expected.bounds.get(LEVEL, (None, None))
        rows.append(
            (
                *called,
                request.rounded(part.expected.value),
                request.rounded(part.before),
                None if low is None else request.rounded(low),
                None if high is None else request.rounded(high),
                request.rounded(part.change),
                part.rate,
            )
        )
    return Table(tuple(columns), tuple(rows), len(rows))


def _chart(split: Split, table: Table) -> Chart:
    request, dimension = split.request, split.dimension
    label = f"{dimension.id}_name" if dimension.names else dimension.id
    if request.args.rank_by == "value":
        title = say("{metric} by {dimension}, forecast", metric=request.title, dimension=by_label(dimension))
        return Chart("bar", title, label, (request.metric.id,), table=table)
    title = say(
        "Expected change of {metric} by {dimension}", metric=request.title_inside, dimension=by_label(dimension)
    )
    return Chart("bar", title, label, (f"{request.metric.id}_change",), table=table)


def _caveats(split: Split) -> tuple[Message, ...]:
    forecasts, things = split.forecasts, plural(split.dimension)
    found: list[Message] = []
    if forecasts.too_short:
        found.append(
            say_n(
                "{count} of the {things} has too short a history for a forecast of its own.",
                "{count} of the {things} have too short a history for a forecast of their own.",
                forecasts.too_short,
                things=things,
            )
        )
    if split.request.args.rank_by != "value" and len(split.outlook.keys or ()) >= MOST_PARTS:
        found.append(
            say(
                "Looked at are the {count} {things} with the greatest figures in {period}.",
                count=MOST_PARTS,
                things=things,
                period=split.outlook.past.recent(DAYS_RANKED),
            )
        )
    if not forecasts.adds_up:
        found.append(say("The rows do not add up to the total: some orders or customers count in several of them."))
    return tuple(found)
