"""Specifications of pictures: valid Vega-Lite, in the reader's words, with nothing hidden."""

from __future__ import annotations

import json
import warnings
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bot.rendering.charts.reading import MAX_BARS
from bot.rendering.charts.spec import chart_spec
from bot.rendering.voice import Voice
from tools.answer import Cell, Chart, Column, Provenance, Table
from tools.messages import Label, say
from tools.semantic.periods import Period, shift

EN, ZH = Voice("en"), Voice("zh")
MONTH = Column("month", Label("Month", "月份"), grain="month")
SALES = Column("net_sales", Label("Net sales", "净销售额"), "GBP")
BEFORE = Column("before", Label("Year ago", "去年同期"), "GBP")
NAME = Column("name", Label("Product", "商品"))
LINE = Chart("line", say("{value}", value="Net sales"), "month", ("net_sales",))
BARS = Chart("bar", say("{value}", value="Products"), "name", ("net_sales",))


def table(columns: tuple[Column, ...], rows: list[tuple[Cell, ...]]) -> Table:
    return Table(columns, tuple(rows), len(rows))


def months(count: int) -> list[date]:
    return [shift(date(2010, 12, 1), "month", n) for n in range(count)]


def drawn(spec: dict[str, Any] | None) -> dict[str, Any]:
    assert spec is not None
    return spec


def texts(spec: dict[str, Any]) -> str:
    return json.dumps(spec, ensure_ascii=False)


CASES = {
    "line": (LINE, table((MONTH, SALES), [(m, 1000.0 * n) for n, m in enumerate(months(13))])),
    "compare": (
        Chart("line", LINE.title, "month", ("net_sales", "before")),
        table((MONTH, SALES, BEFORE), [(m, 1000.0 * n, 900.0 * n) for n, m in enumerate(months(13))]),
    ),
    "bars": (BARS, table((NAME, SALES), [(f"product {n}", 1e5 - n) for n in range(30)])),
    "columns": (
        Chart("bar", LINE.title, "month", ("net_sales",)),
        table((MONTH, SALES), [(m, 5.0) for m in months(3)]),
    ),
    "grouped": (
        Chart("bar", LINE.title, "name", ("net_sales", "before")),
        table((NAME, SALES, BEFORE), [("a long product name", 5.0, -3.0), ("another", None, 2.0)]),
    ),
    "series": (
        Chart("line", LINE.title, "month", ("net_sales",), "name"),
        table((MONTH, NAME, SALES), [(m, f"series {n}", 100.0 * n) for n in range(9) for m in months(4)]),
    ),
    "one point": (LINE, table((MONTH, SALES), [(months(1)[0], 3.0)])),
    "zeros": (LINE, table((MONTH, SALES), [(m, 0.0) for m in months(5)])),
    "negative": (LINE, table((MONTH, SALES), [(m, -5.0 + n) for n, m in enumerate(months(9))])),
}


@pytest.mark.parametrize("voice", [EN, ZH], ids=["en", "zh"])
@pytest.mark.parametrize("case", CASES)
def test_specs_are_valid_vega_lite(case: str, voice: Voice) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import altair as alt

    spec = drawn(chart_spec(*CASES[case], voice))
    assert alt.SCHEMA_URL.split("/")[-1].startswith("v6")
    alt.LayerChart.from_dict(json.loads(json.dumps(spec)))


@pytest.mark.parametrize("case", CASES)
def test_pictures_are_drawn(case: str) -> None:
    from bot.rendering.pictures import draw

    png = draw(drawn(chart_spec(*CASES[case], ZH)))
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20]) == 1600


def test_words_are_the_readers() -> None:
    assert "£1.2万" in texts(drawn(chart_spec(*CASES["line"], ZH)))
    assert "£12K" in texts(drawn(chart_spec(*CASES["line"], EN)))


def test_too_many_bars_are_left_to_the_table_and_said() -> None:
    spec = drawn(chart_spec(*CASES["bars"], EN))
    assert len(spec["layer"][0]["data"]["values"]) == MAX_BARS
    assert "first 12 of 30" in " ".join(spec["title"]["subtitle"])


def test_missing_is_no_zero_and_missing_months_show() -> None:
    rows: list[tuple[Cell, ...]] = [(months(4)[0], 5.0), (months(4)[1], None), (months(4)[3], 7.0)]
    spec = drawn(chart_spec(LINE, table((MONTH, SALES), rows), EN))
    assert [row["y"] for row in spec["layer"][0]["data"]["values"]] == [5.0, None, None, 7.0]


def test_a_period_cut_short_is_hollow_and_said() -> None:
    provenance = Provenance(
        period=Period(date(2010, 12, 1), date(2011, 12, 9)),
        as_of=datetime(2011, 12, 9, 12, 50),
    )
    spec = drawn(chart_spec(*CASES["line"], EN, provenance))
    dashed = [layer for layer in spec["layer"] if "strokeDash" in layer["mark"]]
    assert [row["x"] for row in dashed[0]["data"]["values"]] == [11, 12]
    assert "incomplete" in spec["title"]["subtitle"][0]


def test_a_hostile_name_is_inert_in_expressions() -> None:
    name = '"]); alert(1) //\u2028<b>&\\'
    spec = drawn(chart_spec(BARS, table((NAME, SALES), [(name, 5.0), ("an ordinary name", 4.0)]), EN))
    expression = spec["layer"][0]["encoding"]["y"]["axis"]["labelExpr"]
    names, rest = json.JSONDecoder().raw_decode(expression)
    assert expression[rest:] == "[datum.value]"
    assert "alert(1)" in "".join(names[0])


def test_nothing_to_draw_is_none() -> None:
    assert chart_spec(LINE, table((MONTH, SALES), []), EN) is None
    assert chart_spec(LINE, table((MONTH, SALES), [(months(1)[0], None)]), EN) is None
    assert chart_spec(LINE, table((MONTH, SALES), [(months(1)[0], float("nan"))]), EN) is None
    assert chart_spec(BARS, table((MONTH, SALES), [(months(1)[0], 1.0)]), EN) is None


def test_sixty_days_keep_their_gaps() -> None:
    day = Column("day", Label("Day"), grain="day")
    rows: list[tuple[Cell, ...]] = [
        (date(2011, 10, 11) + timedelta(n), None if n in (20, 21) else 100.0 + n) for n in range(60)
    ]
    spec = drawn(chart_spec(Chart("line", LINE.title, "day", ("net_sales",)), table((day, SALES), rows), EN))
    assert sum(row["y"] is None for row in spec["layer"][0]["data"]["values"]) == 2


def test_a_row_named_by_a_message_has_a_bar() -> None:
    rows: list[tuple[Cell, ...]] = [("France", 5.0), (say("All others"), 3.0)]
    spec = drawn(chart_spec(BARS, table((NAME, SALES), rows), ZH))
    assert "France" in texts(spec)
    assert len(spec["layer"][0]["data"]["values"]) == 2
