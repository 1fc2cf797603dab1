"""The picture of a forecast: enough history to judge it by, what is expected, how sure that is, and events."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tools.answer import Cell, Chart, Column, Table
from tools.forecasting.answers.around import marks
from tools.forecasting.answers.request import Request
from tools.forecasting.history import ONE_DAY
from tools.forecasting.outlook import Counted, Expected
from tools.messages import Label, say
from tools.semantic.periods import Period, shift, unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.forecasting.args import Rows

# At least so many rows of history, and so many times the forecast's.
LEAST = {"day": 60, "week": 26, "month": 18}
TIMES = 3
BANDS = (("low_80", "high_80"), ("low_95", "high_95"))


def chart(request: Request, grain: Rows, rows: Sequence[Expected]) -> Chart | None:
    """None where there are too few steps for a line."""
    whole_rows = [row for row in rows if row.period.days >= _length(row.period.start, grain)]
    ahead = [*_gap(request, grain), *(row for row in whole_rows if row.bounds)]
    ahead = [row for row in ahead if row.period.end > request.outlook.whole]
    if not ahead:
        return None
    count = max(LEAST[grain], TIMES * len(ahead))
    past = _past(request, grain, ahead[0].period.start, count)
    if len(past) < 2:
        return None
    cells: list[tuple[Cell, ...]] = [(start, value, None, None, None, None, None) for start, value in past]
    start, value = past[-1]
    cells[-1] = (start, value, *([value] * 5))  # where the two lines meet
    for row in ahead:
        low_80, high_80 = row.bounds[0.8]
        low_95, high_95 = row.bounds[0.95]
        told = (row.value, low_80, high_80, low_95, high_95)
        cells.append((row.period.start, None, *(request.rounded(figure) for figure in told)))
    unit_ = request.unit
    columns = (
        Column(grain, request.context.catalog.dimension(grain).label.label, grain=grain),
        Column("actual", Label("Actual", "实际"), unit_),
        Column("expected", Label("Expected", "预计"), unit_),
        *(Column(name, Label(name)) for pair in BANDS for name in pair),
    )
    columns = tuple(Column(c.name, c.label, unit_ if c.grain is None else None, grain=c.grain) for c in columns)
    return Chart(
        "forecast",
        say("{metric}, forecast", metric=request.title),
        grain,
        ("actual", "expected"),
        table=Table(columns, tuple(cells), len(cells)),
        bands=BANDS,
        marks=marks(request, Period(past[0][0], ahead[-1].period.end)),
    )


def _length(start: date, grain: Rows) -> int:
    return {"day": 1, "week": 7}.get(grain) or unit(start, "month").days


def _gap(request: Request, grain: Rows) -> list[Expected]:
    """Whole units between the end of the data and the days asked for, where there are any."""
    outlook = request.outlook
    if isinstance(outlook, Counted):
        return []
    found: list[Expected] = []
    start = request.period.start
    while True:
        before = unit(start - ONE_DAY, "month") if grain == "month" else _back(start, _length(start, grain))
        if before.start <= outlook.whole and not (grain == "month" and before.end > outlook.whole):
            return list(reversed(found))
        if before.end > outlook.period.end:
            return []
        found.append(outlook.expected(before))
        start = before.start


def _back(start: date, days: int) -> Period:
    return Period(start - timedelta(days=days), start - ONE_DAY)


def _past(request: Request, grain: Rows, ahead: date, count: int) -> list[tuple[date, float]]:
    """The last whole units up to the end of the data, oldest first; weeks end where the weeks ahead begin."""
    outlook = request.outlook
    first = outlook.past.reach.first
    found: list[tuple[date, float]] = []
    end = min(outlook.whole, ahead - ONE_DAY)
    if grain == "month" and unit(end, "month").end > end:
        end = unit(end, "month").start - ONE_DAY
    while len(found) < count:
        start = shift(end + ONE_DAY, "month", -1) if grain == "month" else end - timedelta(days=_length(end, grain) - 1)
        if start < first:
            break
        value = outlook.known(Period(start, end))
        if value is None:
            break
        found.append((start, request.rounded(value)))
        end = start - ONE_DAY
    return list(reversed(found))
