"""Small multiples of key figures, and pictures of what is watched."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bot.rendering.charts.frame import NEGATIVE, PALETTE
from bot.rendering.charts.spec import chart_spec
from bot.rendering.parts import PhotoPart, TextPart
from bot.rendering.reply import render
from bot.rendering.voice import Voice
from bot.reply import Reply
from tools.answer import Answer, Cell, Chart, Column, Table
from tools.messages import Label, say

EN, ZH = Voice("en"), Voice("zh")
GREEN, RED = PALETTE[2], NEGATIVE
DAYS = [date(2026, 10, 24) + timedelta(days=n) for n in range(28)]


def spec_of(chart: Chart, voice: Voice = EN) -> dict[str, Any]:
    assert chart.table is not None
    spec = chart_spec(chart, chart.table, voice)
    assert spec is not None
    return spec


def rows_of(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for layer in spec["layer"] for row in layer["data"]["values"]]


def written(spec: dict[str, Any]) -> dict[str, str]:
    """Texts in the picture, with their colours."""
    return {row["text"]: row["color"] for row in rows_of(spec) if "text" in row}


# --- Small multiples --------------------------------------------------------------------------------------------------

SALES = [40_000.0 + 100 * n for n in range(28)]
RATE: list[Cell] = [0.05 if n % 2 else None for n in range(28)]


def small(change: float | None, points: float, *, name: str = "Net sales", sales: list[float] | None = None) -> Chart:
    columns = (
        Column("day", Label("Day", "日"), grain="day"),
        Column("net_sales", Label(name, "净销售额"), "GBP", good="up"),
        Column("return_rate", Label("Return rate", "退货率"), "ratio", good="down"),
        Column("net_sales_now", Label(name), "GBP"),
        Column("return_rate_now", Label("Return rate"), "ratio"),
        Column("net_sales_week", Label("vs last week", "较上周"), "ratio", signed=True, good="up"),
        Column("return_rate_week", Label("vs last week", "较上周"), "points", signed=True, good="down"),
    )
    rows: list[tuple[Cell, ...]] = [
        (day, amount, rate, None, None, None, None)
        for day, amount, rate in zip(DAYS, sales or SALES, RATE, strict=True)
    ]
    rows[-1] = (*rows[-1][:3], 120_000.0, 0.05, change, points)
    return Chart(
        "sparklines",
        say("Daily digest"),
        "day",
        ("net_sales", "return_rate"),
        besides=(("net_sales_now", "return_rate_now"), ("net_sales_week", "return_rate_week")),
        table=Table(columns, tuple(rows), len(rows)),
    )


def test_the_arrow_says_which_way_and_the_colour_whether_that_is_good() -> None:
    texts = written(spec_of(small(0.183, 0.0124)))
    assert texts["▲ 18%"] == GREEN
    assert texts["▲ 1.2 pt"] == RED
    texts = written(spec_of(small(-0.183, -0.0124)))
    assert texts["▼ 18%"] == RED
    assert texts["▼ 1.2 pt"] == GREEN


def test_the_value_is_what_is_told_not_the_lines_last_point() -> None:
    assert "£120K" in written(spec_of(small(0.1, 0.0)))
    assert "£12万" in written(spec_of(small(0.1, 0.0), ZH))
    assert "较上周" in written(spec_of(small(0.1, 0.0), ZH))


def test_nothing_to_compare_with_is_a_dash_and_no_fall() -> None:
    texts = written(spec_of(small(None, 0.0)))
    assert "–" in texts
    assert not any("100%" in text for text in texts)


def test_highest_and_lowest_are_named_but_not_of_a_flat_line() -> None:
    texts = written(spec_of(small(0.1, 0.0)))
    assert {"£40K", "£42.7K"} <= texts.keys()
    flat = written(spec_of(small(0.1, 0.0, sales=[7.0] * 28)))
    assert "£7" not in flat


def test_rows_do_not_overlap_and_stay_within_the_picture() -> None:
    spec = spec_of(small(0.1, 0.01))
    lines = [layer["data"]["values"] for layer in spec["layer"] if layer["mark"]["type"] == "line"]
    heights = [{row["y"] for row in line if row["y"] is not None} for line in lines]
    assert max(heights[0]) < min(heights[-1])
    assert all(0 <= row["x"] <= spec["width"] for line in lines for row in line)
    low, high = spec["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert all(high <= y <= low for ys in heights for y in ys)


def test_what_is_missing_is_a_gap_over_which_the_line_is_faint() -> None:
    spec = spec_of(small(0.1, 0.0))
    lines = [layer for layer in spec["layer"] if layer["mark"]["type"] == "line"]
    assert len(lines) == 3
    assert {len(line["data"]["values"]) for line in lines} == {28, 14}


def test_hostile_names_are_cut_and_inert() -> None:
    texts = written(spec_of(small(0.1, 0.0, name="<b>\U0001f600 datum.x " + "y" * 100)))
    named = next(text for text in texts if text.startswith("<b> datum.x"))
    assert len(named) <= 20


def test_without_any_figure_there_is_no_picture() -> None:
    chart = small(0.1, 0.0)
    assert chart.table is not None
    empty = tuple((row[0], *(None,) * 6) for row in chart.table.rows)
    assert chart_spec(chart, replace(chart.table, rows=empty), EN) is None


def test_the_picture_stands_for_the_table_and_the_table_for_the_picture() -> None:
    table = Table(
        (Column("metric", Label("Metric")), Column("value", Label("Value"), "GBP")), (("a", 1.5), ("b", 2.5)), 2
    )
    reply = Reply("answered", "en", answers=(Answer(say("Sales"), table=table, chart=small(0.1, 0.0), file_name="d"),))
    (photo,) = render(reply, EN).parts
    assert isinstance(photo, PhotoPart)
    assert photo.png.startswith(b"\x89PNG")
    assert "<pre>" not in photo.caption_html
    (text,) = render(reply, EN, charts=False).parts
    assert isinstance(text, TextPart)
    assert "£2.5" in text.html


def test_figures_of_units_of_their_own_align_right_and_are_never_cut() -> None:
    from bot.rendering.tables import monospaced
    from tools.messages import Quantity

    rows = [(f"a long name of a figure {n}", say("{value}", value=Quantity(10.0**n, "GBP"))) for n in range(2, 7)]
    shown = monospaced(Table((Column("n", Label("Name")), Column("v", Label("Value"))), tuple(rows), 5), EN).text
    ends = [line.split()[-1] for line in shown.splitlines()[2:]]
    assert ends == ["£100", "£1,000", "£10,000", "£100,000", "£1,000,000"]
    assert len({len(line) for line in shown.splitlines()[2:]}) == 1


# --- What is watched --------------------------------------------------------------------------------------------------


def watch(
    values: Sequence[float | None],
    *,
    expected: float | None = None,
    low: float | None = None,
    high: float | None = None,
    alarms: frozenset[Cell] = frozenset(),
    times: list[Cell] | None = None,
) -> Chart:
    grain = None if times else "day"
    columns = (
        Column("at", Label("Day", "日"), grain=grain),  # type: ignore[arg-type]
        Column("net_sales", Label("Net sales", "净销售额"), "GBP"),
        Column("expected", Label("Expected", "预计"), "GBP"),
        Column("low", Label("Low", "下限"), "GBP"),
        Column("high", Label("High", "上限"), "GBP"),
    )
    rows = [(at, value, expected, low, high) for at, value in zip(times or DAYS, values, strict=False)]
    return Chart(
        "watch",
        say("{value}", value="Net sales"),
        "at",
        ("net_sales", "expected"),
        bands=(("low", "high"),),
        alarms=alarms,
        table=Table(columns, tuple(rows), len(rows)),
    )


def marks(spec: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [layer for layer in spec["layer"] if layer["mark"]["type"] == kind]


def test_a_range_is_shaded_the_expectation_dashed_and_alarms_ringed() -> None:
    values = [100.0] * 27 + [40.0]
    spec = spec_of(watch(values, expected=100.0, low=80.0, high=120.0, alarms=frozenset({DAYS[-1]})))
    (band,) = marks(spec, "area")
    assert (band["data"]["values"][0]["low"], band["data"]["values"][0]["high"]) == (80, 120)
    assert sum("strokeDash" in line["mark"] for line in marks(spec, "line")) == 1
    rings = [layer for layer in marks(spec, "point") if layer["mark"].get("color") == RED]
    assert [row["x"] for layer in rings for row in layer["data"]["values"]] == [27]
    assert "marked: alarms" in " ".join(spec["title"]["subtitle"])


def test_a_limit_on_one_side_is_a_line_and_in_sight() -> None:
    spec = spec_of(watch([100.0 + n for n in range(28)], low=60.0))
    assert marks(spec, "area") == []
    (limit,) = [line for line in marks(spec, "line") if line["mark"].get("color") == RED]
    assert {row["y"] for row in limit["data"]["values"]} == {60}
    assert limit["encoding"]["y"]["scale"]["domain"][0] <= 60
    assert "dashed: the limit" in " ".join(spec["title"]["subtitle"])


def test_without_an_expectation_there_is_no_line_and_no_legend_of_it() -> None:
    spec = spec_of(watch([100.0 + n for n in range(28)], low=60.0))
    assert "Expected" not in json.dumps(spec)


def test_a_missing_step_that_alarms_is_marked_at_the_foot() -> None:
    spec = spec_of(watch([100.0] * 26 + [None, 100.0], alarms=frozenset({DAYS[26]})))
    (cross,) = [layer for layer in marks(spec, "point") if layer["mark"].get("shape") == "cross"]
    assert [(row["x"], row["y"]) for row in cross["data"]["values"]] == [(26, 0.0)]


def test_hours_are_told_by_the_clock_with_their_day() -> None:
    times: list[Cell] = [datetime(2026, 11, 18, 22) + timedelta(hours=n) for n in range(6)]
    for voice, day in ((EN, "19 Nov"), (ZH, "11/19")):
        spec = spec_of(watch([5.0, 4.0, 3.0, 2.0, 1.0, 2.0], times=times), voice)
        shown = spec["layer"][0]["encoding"]["x"]["axis"]["labelExpr"]
        assert "22:00" in shown
        assert day in shown


def test_a_watch_is_drawn() -> None:
    from bot.rendering.pictures import draw

    spec = spec_of(watch([100.0] * 28, expected=100.0, low=80.0, high=120.0, alarms=frozenset({DAYS[3]})), ZH)
    assert draw(spec).startswith(b"\x89PNG")


def test_a_limit_far_off_does_not_press_the_line_flat() -> None:
    spec = spec_of(watch([100.0 + n for n in range(28)], low=1.0, high=1e6))
    assert marks(spec, "area")[0]["encoding"]["y"]["scale"]["domain"][1] < 1_000


def test_nothing_watched_is_no_picture() -> None:
    chart = watch([None] * 28)
    assert chart.table is not None
    assert chart_spec(chart, chart.table, EN) is None


@pytest.mark.parametrize(
    "chart",
    [small(0.1, 0.01), watch([100.0] * 28, expected=100.0, low=80.0, high=120.0)],
    ids=["small", "watch"],
)
def test_specs_are_valid_vega_lite(chart: Chart) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import altair as alt

    alt.LayerChart.from_dict(json.loads(json.dumps(spec_of(chart))))
