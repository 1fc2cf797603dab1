"""A table and a Chart as a Vega-Lite specification: plain dictionaries, one house theme, sizes for a phone.

All words, numbers and dates in the picture are written by the reader's Voice beforehand, so a spec
needs no locale where it is drawn. Drawing is in `pictures`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.rendering.charts.bars import bar_layers, bar_step, column_layers
from bot.rendering.charts.forecasts import forecast_spec
from bot.rendering.charts.frame import HEIGHT, LEGEND, Spec, framed, titled
from bot.rendering.charts.heatmap import heat_spec
from bot.rendering.charts.lines import line_layers
from bot.rendering.charts.reading import has_short_labels, read_table, unit_of
from bot.rendering.charts.sparklines import sparklines_spec
from bot.rendering.charts.watches import watch_spec
from bot.rendering.charts.waterfalls import waterfall_spec
from tools.answer import Chart, Provenance, Table
from tools.messages import say

if TYPE_CHECKING:
    from bot.rendering.voice import Voice

# Kinds that read the table in a way of their own.
_OF_THEIR_OWN = {
    "heatmap": heat_spec,
    "forecast": forecast_spec,
    "waterfall": waterfall_spec,
    "watch": watch_spec,
    "sparklines": sparklines_spec,
}


def chart_spec(chart: Chart, table: Table, voice: Voice, provenance: Provenance | None = None) -> Spec | None:
    """The chart as a Vega-Lite specification; None where the table holds nothing to draw.

    Bars beyond the first 12 (31 where x is time) and series beyond the 6 greatest are left to the table, and
    the subtitle says so. A period that the answer's period or as-of day cuts short is dashed and hollow.
    """
    columns = {column.name: index for index, column in enumerate(table.columns)}
    bounds = [name for pair in chart.bands for name in pair]
    besides = [name for group in chart.besides for name in group]
    needed = (chart.x, *chart.y, *bounds, *besides, *filter(None, [chart.series, chart.beside]))
    if not table.rows or any(name not in columns for name in needed):
        return None
    provenance = provenance or Provenance()
    own = _OF_THEIR_OWN.get(chart.kind)
    if own is not None:
        return own(chart, table, columns, voice, provenance)
    axis, tracks, notes = read_table(chart, table, columns, voice, provenance)
    if not any(value is not None for track in tracks for value in track.values):
        return None
    unit_ = unit_of(table.columns[columns[chart.y[0]]])
    height: int | None = HEIGHT
    if chart.kind == "line":
        body = line_layers(axis, tracks, unit_, voice)
    elif axis.in_order or has_short_labels(axis):
        body = column_layers(axis, tracks, unit_, voice)
    else:
        body, height = bar_layers(axis, tracks, voice), None
    if axis.partial:
        notes.append(say("hollow: incomplete period"))
    title = titled(chart, voice, provenance, notes)
    if chart.kind == "bar" and len(tracks) > 1 and height is not None:
        height += LEGEND
    return framed(title, body, height, len(axis.labels) * bar_step(axis, tracks) + (LEGEND if len(tracks) > 1 else 0))
