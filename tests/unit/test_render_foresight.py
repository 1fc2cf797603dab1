"""Pictures of forecasts and of what moved a figure: everything is drawn, in its place, in the reader's words."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from bot.rendering.charts.spec import chart_spec
from bot.rendering.pictures import draw
from bot.rendering.voice import Voice
from tools.answer import Cell, Chart, Column, Mark, Table
from tools.messages import Label, say

VOICES = {"en": Voice("en"), "zh": Voice("zh")}
FIRST = date(2011, 11, 5)  # a Saturday: weeks of a forecast begin when it does
COLUMNS = (
    Column("week", Label("Week", "周"), grain="week"),
    Column("actual", Label("Actual", "实际"), "GBP"),
    Column("expected", Label("Expected", "预测"), "GBP"),
    *(Column(name, Label(name), "GBP") for name in ("low_80", "high_80", "low_95", "high_95")),
)
CHART = Chart(
    "forecast",
    say("{value}", value=Label("Net sales", "净销售额")),
    "week",
    ("actual", "expected"),
    bands=(("low_80", "high_80"), ("low_95", "high_95")),
    marks=(
        Mark(date(2011, 11, 25), date(2011, 11, 28), Label("Black Friday", "黑色星期五")),
        Mark(date(2012, 3, 1), date(2012, 3, 2), Label("Far away", "很远")),
    ),
)


def forecast_table() -> Table:
    rows: list[tuple[Cell, ...]] = []
    for n in range(8):
        day, value = FIRST + timedelta(weeks=n), 1000.0 + 10 * n
        if n < 4:
            rows.append((day, value, *((value,) * 5 if n == 3 else (None,) * 5)))
        else:
            rows.append((day, None, value, value - n, value + n, value - 2 * n, value + 2 * n))
    return Table(COLUMNS, tuple(rows), len(rows))


def waterfall_table(*amounts: float) -> Table:
    columns = (
        Column("step", Label("Step", "步骤")),
        Column("amount", Label("Net sales", "净销售额"), "GBP", good="up"),
    )
    return Table(columns, tuple((f"step {n}", amount) for n, amount in enumerate(amounts)), len(amounts))


WATERFALL = Chart("waterfall", CHART.title, "step", ("amount",))


def spec_of(chart: Chart, table: Table, language: str = "en") -> dict[str, Any]:
    spec = chart_spec(chart, table, VOICES[language])
    assert spec is not None
    return spec


def layers(spec: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [layer for layer in spec["layer"] if layer["mark"]["type"] == kind]


@pytest.mark.parametrize("language", VOICES)
def test_both_pictures_are_drawn(language: str) -> None:
    for chart, table in ((CHART, forecast_table()), (WATERFALL, waterfall_table(1000, 250, -50, 1200))):
        assert draw(spec_of(chart, table, language)).startswith(b"\x89PNG")


def test_a_forecast_joins_its_history_and_keeps_every_week() -> None:
    was, expected = (layer["data"]["values"] for layer in layers(spec_of(CHART, forecast_table()), "line"))
    assert [row["y"] for row in was] == [1000, 1010, 1020, 1030, None, None, None, None]
    assert [row["y"] for row in expected] == [None, None, None, 1030, 1040, 1050, 1060, 1070]


def test_the_narrower_band_lies_upon_the_wider_one() -> None:
    wide, narrow = layers(spec_of(CHART, forecast_table()), "area")
    assert narrow["mark"]["opacity"] > wide["mark"]["opacity"]
    last = [layer["data"]["values"][-1] for layer in (wide, narrow)]
    assert [(row["low"], row["high"]) for row in last] == [(1056, 1084), (1063, 1077)]


@pytest.mark.parametrize(("language", "name"), [("en", "Black Friday"), ("zh", "黑色星期五")])
def test_events_are_named_where_they_fall(language: str, name: str) -> None:
    spec = spec_of(CHART, forecast_table(), language)
    (shade,) = layers(spec, "rect")[0]["data"]["values"]
    # 25 November is the last day of the third week: its share of a place ends where the week does.
    assert shade["x"] == pytest.approx(2 + 6 / 7 - 0.5)
    assert shade["x2"] == pytest.approx(3 + 3 / 7 - 0.5)
    text = json.dumps(spec, ensure_ascii=False)
    assert name in text
    assert "Far away" not in text
    assert "很远" not in text


def test_steps_of_a_waterfall_follow_one_another() -> None:
    bars = [
        layer["data"]["values"][0] for layer in layers(spec_of(WATERFALL, waterfall_table(100, 250, -50, 300)), "bar")
    ]
    assert [(bar["a"], bar["b"]) for bar in bars] == [(0, 100), (100, 350), (350, 300), (0, 300)]
    assert [bar["text"] for bar in bars] == ["£100", "+£250", "-£50", "£300"]


def test_a_cut_waterfall_says_so() -> None:
    spec = spec_of(WATERFALL, waterfall_table(1000, 40, -20, 1020))
    assert "bars do not begin at zero" in json.dumps(spec["title"])
    first = layers(spec, "bar")[0]
    assert first["data"]["values"][0]["a"] > 0
    assert first["mark"]["color"]["gradient"] == "linear"


def test_a_fall_of_what_should_fall_is_good() -> None:
    table = waterfall_table(100, -20, 80)
    columns = (table.columns[0], Column("amount", Label("Returns", "退货额"), "GBP", good="down"))
    bars = layers(spec_of(WATERFALL, Table(columns, table.rows, 3)), "bar")
    worse = layers(spec_of(WATERFALL, table), "bar")
    assert bars[1]["mark"]["color"] != worse[1]["mark"]["color"]


def test_a_waterfall_without_a_figure_is_not_drawn() -> None:
    table = Table(waterfall_table(1, 2).columns, (("a", 1.0), ("b", None), ("c", 3.0)), 3)
    assert chart_spec(WATERFALL, table, VOICES["en"]) is None
