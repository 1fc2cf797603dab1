"""What every picture shares: its size, colours and type, the title, the theme, and text that fonts can draw."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.rendering.text import one_line, wrap
from tools.answer import Chart, Provenance
from tools.messages import Message

if TYPE_CHECKING:
    from bot.rendering.voice import Voice

Spec: TypeAlias = "dict[str, Any]"

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
FONTS = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, Helvetica, Arial, sans-serif"
WIDTH, HEIGHT = 800, 480

# Okabe and Ito's colour-blind-safe palette, darkened a little for thin lines on white.
PALETTE = ("#0969B2", "#E08600", "#008F6B", "#C4500A", "#B5659A", "#3E9FD8")
BASELINE = "#A9B1BA"
NEGATIVE = PALETTE[3]
INK, SOFT, GRID = "#1B1F24", "#5B6570", "#E4E8EC"
TITLE_SIZE, SUBTITLE_SIZE, LABEL_SIZE = 27, 20, 20
EM = 0.56  # a column's width in font sizes
PADDING = 20
LEGEND = 40
_UNDRAWABLE = re.compile("[\U00010000-\U0001ffff\u200d\ufe00-\ufe0f\u20e3\ue000-\uf8ff]")


def drawable(text: str, limit: int) -> str:
    """One line without what fonts for pictures lack, such as emoji."""
    return one_line(_UNDRAWABLE.sub("", text), limit)


def framed(title: Spec, layers: list[Spec], height: int | None, body: int = 0) -> Spec:
    """The whole specification. Without a `height` the picture is as high as its title and a body of so many pixels."""
    if height is None:
        height = body + 2 * PADDING + 34 * len(title["text"]) + 26 * len(title.get("subtitle", ())) + 30
    return {
        "$schema": SCHEMA,
        "title": title,
        "width": WIDTH,
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
        "layer": layers,
        "config": theme(),
    }


def titled(chart: Chart, voice: Voice, provenance: Provenance, notes: list[Message]) -> Spec:
    columns = WIDTH - 2 * PADDING
    parts = [*([voice.period(provenance.period)] if provenance.period else [])]
    parts += [voice.text(message) for message in (*provenance.filters, *notes)]
    title: Spec = {"text": wrap(drawable(voice.text(chart.title), 200), int(columns / (TITLE_SIZE * EM)), 2)}
    if parts:
        title["subtitle"] = wrap(drawable(" · ".join(parts), 200), int(columns / (SUBTITLE_SIZE * EM)), 2)
    return title


def theme() -> Spec:
    return {
        "font": FONTS,
        "background": "white",
        "padding": PADDING,
        "view": {"stroke": None},
        "title": {
            "anchor": "start",
            "frame": "bounds",
            "fontSize": TITLE_SIZE,
            "fontWeight": "bold",
            "color": INK,
            "subtitleFontSize": SUBTITLE_SIZE,
            "subtitleColor": SOFT,
            "subtitlePadding": 8,
            "lineHeight": 34,
            "subtitleLineHeight": 26,
            "offset": 22,
        },
        "axis": {
            "labelFontSize": LABEL_SIZE,
            "labelColor": SOFT,
            "gridColor": GRID,
            "gridWidth": 1.2,
        },
        "axisX": {"labelAngle": 0},
        "legend": {
            "labelFontSize": LABEL_SIZE,
            "labelColor": INK,
            "symbolType": "square",
            "symbolSize": 220,
            "labelLimit": 320,
            "columnPadding": 24,
            "offset": 10,
        },
    }
