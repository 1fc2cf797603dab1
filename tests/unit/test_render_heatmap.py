"""Heat maps: every figure in its cell, what is not over drawn hollow, nothing that does not exist."""

from __future__ import annotations

import json
import warnings
from datetime import date
from typing import Any

import pytest

from bot.rendering.charts.heatmap import MAX_HEAT_ROWS, RAMP
from bot.rendering.charts.spec import chart_spec
from bot.rendering.voice import Voice
from tools.answer import Cell, Chart, Column, Table
from tools.messages import Label, say
from tools.semantic.periods import shift

EN, ZH = Voice("en"), Voice("zh")
COHORT = Column("cohort", Label("First order", "首单时间"), grain="month", labels={"all": Label("Average", "平均")})
SIZE = Column("size", Label("Won", "新客数"), "count")
TITLE = say("{value}", value=Label("Retention", "留存率"))


def offsets(count: int, unit: str = "ratio") -> tuple[Column, ...]:
    return tuple(Column(str(n), Label(f"+{n}", f"+{n}"), unit) for n in range(1, count + 1))


def made(cells: list[list[float | None]], unit: str = "ratio", **chart: Any) -> tuple[Chart, Table]:
    """A heat map of months from January 2011 on, with an average row at the end."""
    columns = (COHORT, SIZE, *offsets(len(cells[0]), unit))
    rows: list[tuple[Cell, ...]] = [
        (shift(date(2011, 1, 1), "month", n), 100 + n, *line) for n, line in enumerate(cells[:-1])
    ]
    rows.append(("all", 1000, *cells[-1]))
    names = tuple(column.name for column in columns[2:])
    return Chart("heatmap", TITLE, "cohort", names, **{"beside": "size", **chart}), Table(
        columns, tuple(rows), len(rows)
    )


CASES = {
    "triangle": made(
        [[0.2, 0.3, 0.11], [0.25, 0.1, None], [0.4, None, None], [0.24, 0.2, 0.11]],
        partial=frozenset({(date(2011, 2, 1), "2"), (date(2011, 1, 1), "3")}),
    ),
    "money with losses": made([[1e6, -250.0], [3.5e4, None], [5e5, -250.0]], "GBP"),
    "all the same": made([[0.0, 0.0], [0.0, 0.0]]),
    "wide and long": made([[((r * 7 + c * 3) % 50) / 100 for c in range(12)] for r in range(30)]),
    "one cell": made([[0.5], [0.5]]),
}


def drawn(case: str, voice: Voice = EN) -> dict[str, Any]:
    spec = chart_spec(*CASES[case], voice)
    assert spec is not None
    return spec


def boxes(spec: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = spec["layer"][0]["data"]["values"]
    return found


def written(spec: dict[str, Any]) -> list[str]:
    return [value["text"] for layer in spec["layer"][1:] for value in layer["data"]["values"]]


@pytest.mark.parametrize("voice", [EN, ZH], ids=["en", "zh"])
@pytest.mark.parametrize("case", CASES)
def test_specs_are_valid_vega_lite(case: str, voice: Voice) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import altair as alt

    alt.LayerChart.from_dict(json.loads(json.dumps(drawn(case, voice))))


@pytest.mark.parametrize("case", CASES)
def test_pictures_are_drawn_at_the_width_of_the_others(case: str) -> None:
    from bot.rendering.pictures import draw

    png = draw(drawn(case, ZH))
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20]) == 1600


def test_each_figure_stands_in_a_cell_and_empty_ones_have_none() -> None:
    spec = drawn("triangle")
    assert [box["text"] for box in boxes(spec)] == ["20%", "30%", "11%", "25%", "10%", "40%", "24%", "20%", "11%"]
    assert {"Jan 2011", "Average", "+1", "100", "1,000"} <= set(written(spec))
    assert {"2011年1月", "平均"} <= set(written(drawn("triangle", ZH)))


def test_what_is_not_over_is_hollow_said_and_sets_no_colour() -> None:
    spec = drawn("triangle")
    hollow = [box for box in boxes(spec) if box["fill"] == "#FFFFFF"]
    assert [box["text"] for box in hollow] == ["11%", "10%"]
    assert all(box["stroke"] != "transparent" for box in hollow)
    assert "incomplete" in " ".join(spec["title"]["subtitle"])
    assert "subtitle" not in drawn("all the same")["title"]


def test_more_is_darker() -> None:
    values = sorted(float(box["text"].rstrip("%")) for box in boxes(drawn("triangle")) if box["fill"] != "#FFFFFF")
    by_value = {float(box["text"].rstrip("%")): box["fill"] for box in boxes(drawn("triangle"))}
    assert by_value[values[-1]] == RAMP[-1]
    reds = [int(by_value[value][1:3], 16) for value in values if by_value[value] != "#FFFFFF"]
    assert reds == sorted(reds, reverse=True)


def test_figures_fit_their_cells() -> None:
    for case in CASES:
        spec = drawn(case)
        text = spec["layer"][1]
        for box in boxes(spec):
            assert len(box["text"]) * text["mark"]["fontSize"] * 0.56 <= box["x2"] - box["x"] + 2


def test_the_oldest_rows_of_many_are_left_to_the_table_and_said() -> None:
    spec = drawn("wide and long")
    assert len({box["y"] for box in boxes(spec)}) == MAX_HEAT_ROWS
    assert "last 24 of 30" in " ".join(spec["title"]["subtitle"])
    assert "Average" in written(spec)
    assert "Jan 2011" not in written(spec)


def test_nothing_to_draw_is_none() -> None:
    assert chart_spec(*made([[None], [None]]), EN) is None
    chart, table = CASES["one cell"]
    assert chart_spec(Chart("heatmap", TITLE, "cohort", ("9",)), table, EN) is None
    assert chart_spec(Chart("heatmap", TITLE, "cohort", chart.y, beside="absent"), table, EN) is None
