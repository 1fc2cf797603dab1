"""Contributions as a table, and the chosen ones as a waterfall."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tools.answer import Cell, Chart, Column, Table
from tools.drivers.answers.naming import driver_name, names, share_of, title
from tools.drivers.choosing import NOISE
from tools.messages import Label, Message, say

if TYPE_CHECKING:
    from tools.drivers.analysis import Analysis
    from tools.drivers.contributions import Breakdown, Contribution
    from tools.drivers.whole import Part, Whole

DIMENSIONS_SHOWN = 3
ROWS_EACH = 4
MOST_IN_FILE = 20_000
LEFT_OVER = 1e-9
CANCELS = 1 / 3  # of the movements together: of a smaller change, shares say nothing
# Of dimensions that say much the same, the first is shown.
KIN = {"country": "place", "region": "place", "city": "place", "category": "range", "brand": "range"}


def shown_breakdowns(analysis: Analysis) -> tuple[Breakdown, ...]:
    """The most telling dimensions, one of each kind."""
    if analysis.request.args.by:
        return analysis.breakdowns
    kinds: dict[str, Breakdown] = {}
    for one in analysis.breakdowns:
        kinds.setdefault(KIN.get(one.dimension.id, one.dimension.id), one)
    return tuple(kinds.values())[:DIMENSIONS_SHOWN]


def rows_shown(analysis: Analysis) -> list[tuple[Breakdown, Contribution]]:
    each = max(ROWS_EACH, analysis.request.args.top) if analysis.request.args.by else ROWS_EACH
    found = []
    for one in shown_breakdowns(analysis):
        least = NOISE * abs(one.contributions[0].change)
        found += [(one, row) for row in one.contributions[:each] if abs(row.change) >= least]
    return found


def tables(analysis: Analysis) -> tuple[Table | None, Table | None]:
    """What is shown, and all values of all dimensions for the file where that is more."""
    whole = analysis.whole
    if whole is None or not analysis.breakdowns:
        return None, None
    shown = rows_shown(analysis)
    every = [(one, row) for one in analysis.breakdowns for row in one.contributions]
    shares = not cancels(analysis, whole)
    columns = _columns(analysis, whole, shares=shares)
    table = Table(columns, _rows(analysis, whole, shown, shares=shares), len(shown))
    if len(every) == len(shown):
        return table, None
    return table, Table(columns, _rows(analysis, whole, every[:MOST_IN_FILE], shares=shares), len(every))


def _columns(analysis: Analysis, whole: Whole, *, shares: bool) -> tuple[Column, ...]:
    request = analysis.request
    metric = request.metric
    columns = [
        Column("dimension", Label("Split by", "维度"), spare=len(shown_breakdowns(analysis)) == 1),
        Column("value", Label("Value", "取值")),
        Column("before", say("{period}", period=request.before), request.unit, spare=True),
        Column("now", say("{period}", period=request.now), request.unit, spare=True),
    ]
    if whole.ratio:
        columns += [
            Column("change", Label("Contribution", "贡献"), request.change_unit, signed=True, good=metric.good),
            Column("rate_effect", Label("Of its own figure", "自身变化"), request.change_unit, signed=True, spare=True),
            Column("mix_effect", Label("Of mix", "结构变化"), request.change_unit, signed=True, spare=True),
        ]
    else:
        columns.append(Column("change", Label("Change", "变化"), request.change_unit, signed=True, good=metric.good))
    if shares:
        columns.append(Column("share", Label("Share of change", "占变化"), "ratio"))
    return tuple(columns)


def cancels(analysis: Analysis, whole: Whole) -> bool:
    """Whether the change is what large movements against each other leave over."""
    movements = math.fsum((*(abs(one.step.change) for one in analysis.drivers), abs(analysis.all_else)))
    by_dimension: dict[str, float] = {}
    for one, row in rows_shown(analysis):
        by_dimension[one.dimension.id] = by_dimension.get(one.dimension.id, 0.0) + abs(row.change)
    return abs(whole.change) < CANCELS * max(movements, *by_dimension.values(), 0.0)


def _rows(
    analysis: Analysis, whole: Whole, listed: Sequence[tuple[Breakdown, Contribution]], *, shares: bool
) -> tuple[tuple[Cell, ...], ...]:
    held: dict[str, list[str | None]] = {}
    dimensions = {one.dimension.id: one.dimension for one, _row in listed}
    for one, row in listed:
        held.setdefault(one.dimension.id, []).append(row.value)
    named = {name: names(analysis.request, dimensions[name], known) for name, known in held.items()}
    rows = []
    for one, row in listed:
        name = named[one.dimension.id][row.value]
        before, now = values(whole, row.part)
        cells: list[Cell] = [
            say("{dimension}", dimension=one.dimension.label.label),
            name if isinstance(name, str | Message) else say("{value}", value=name),
            before,
            now,
            row.change,
        ]
        if whole.ratio:
            cells += [whole.rate(row.part), whole.mix(row.part)]
        if shares:
            cells.append(share_of(row.change, whole.change).value)
        rows.append(tuple(cells))
    return tuple(rows)


def values(whole: Whole, part: Part) -> tuple[float | None, float | None]:
    """The part's own figure in the baseline and now; None where it has none."""
    if not whole.ratio:
        return part.top_before, part.top_now
    return (
        part.top_before / part.bottom_before if part.bottom_before else None,
        part.top_now / part.bottom_now if part.bottom_now else None,
    )


def waterfall(analysis: Analysis) -> Chart | None:
    """From the baseline's figure over the drivers and all else to the figure now."""
    request, whole = analysis.request, analysis.whole
    if whole is None or not analysis.drivers:
        return None
    rows: list[tuple[Cell, ...]] = [(say("{period}", period=request.before), whole.before)]
    rows += [(driver_name(request, driver, analysis.drivers), driver.step.change) for driver in analysis.drivers]
    if abs(analysis.all_else) > LEFT_OVER * max(abs(whole.before), abs(whole.now)):
        rows.append((say("All else"), analysis.all_else))
    rows.append((say("{period}", period=request.now), whole.now))
    columns = (
        Column("step", say("Step")),
        Column(request.metric.id, request.metric.label.label, request.unit, good=request.metric.good),
    )
    heading = say("{metric}: what moved it", metric=title(request))
    return Chart("waterfall", heading, "step", (request.metric.id,), table=Table(columns, tuple(rows), len(rows)))
