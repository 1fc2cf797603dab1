"""What a tool gives back: figures, a table, a picture, and how they came about. No formatting, no language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from tools.messages import Label, Message
from tools.semantic.periods import Grain, Period

Cell = str | int | float | bool | date | datetime | Message | None


@dataclass(frozen=True)
class Fact:
    """A figure that a tool computed; the only source of numbers in a reply.

    `value` None: the figure is not defined there (0 ÷ 0). `unit` as in `Quantity`. `where` holds the
    dimension values that the figure is for.
    """

    name: str
    value: float | int | None
    unit: str
    period: Period | None = None
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    """A table's column. `unit` (as in `Quantity`) for numbers; None for text, ids and dates.

    `grain` marks a column of period starts. `personal` columns are masked below the role `admin`.
    `labels` say how cells are shown where that differs from what they hold (EIRE: Ireland, 爱尔兰).
    A `spare` column is left out first where width is short: another column says the same.
    """

    name: str
    label: Label | Message
    unit: str | None = None
    grain: Grain | None = None
    personal: bool = False
    signed: bool = False
    good: Literal["up", "down", "neutral"] = "neutral"
    labels: Mapping[str, Label] = field(default_factory=dict)
    spare: bool = False


@dataclass(frozen=True)
class Table:
    """Rows as the tool ordered them. `total_rows` counts also those beyond `rows`. A cell that is a message is text.

    `upright` shows the one row as a list, a column a line: what is known of one person or thing.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total_rows: int
    upright: bool = False


@dataclass(frozen=True)
class Mark:
    """Days that a picture names: a promotion or a holiday, both ends included."""

    start: date
    end: date
    label: Label


@dataclass(frozen=True)
class Chart:
    """A picture of the answer's table: which column on which axis. Rendering makes it Vega-Lite.

    `y` are columns of one unit; `series` a text column that splits the lines or bars. A heat map has a row for each
    `x` and a column for each of `y`; `beside` is a column written next to the rows' names, and `partial` are the cells,
    as (x, y), of units that are not over. `table` is the picture's own, where it does not show the answer's; it has no
    personal columns.

    A forecast has time on `x`, the history and the expectation as its two `y`, a pair (low, high) of columns for each
    of `bands`, the narrower first, and `marks`. A waterfall has steps of `y` between the first row and the last, which
    are whole amounts.

    A watch has time on `x`, the value and what was expected as its two `y`, the pair (low, high) of what is usual
    as its one band, each of them empty (None) where a rule has none, and marks the `alarms`, which are values of `x`.
    Sparklines have time on `x` and a small line for each of `y`, each of a unit of its own. Beside the lines stands
    what the last row holds in the columns of each of `besides`, which are in the order of `y`.
    """

    kind: Literal["line", "bar", "heatmap", "forecast", "waterfall", "watch", "sparklines"]
    title: Message
    x: str
    y: tuple[str, ...]
    series: str | None = None
    beside: str | None = None
    partial: frozenset[tuple[Cell, str]] = frozenset()
    table: Table | None = None
    bands: tuple[tuple[str, str], ...] = ()
    marks: tuple[Mark, ...] = ()
    alarms: frozenset[Cell] = frozenset()
    besides: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class ToolCall:
    """A tool and its arguments, as JSON-ready values."""

    tool: str
    args: Mapping[str, Any]


@dataclass(frozen=True)
class FollowUp:
    """One tap: a label and either the call it makes or the question it asks.

    A `quiet` one is acknowledged where it was tapped: its answer is no message, and no part of the dialogue. A `sample`
    shows what can be asked; it is no reading of what was said.
    """

    label: Message
    call: ToolCall | None = None
    question: str | None = None
    quiet: bool = False
    sample: bool = False


@dataclass(frozen=True)
class Citation:
    """Words of a document, as they stand there.

    `document` is the file's name, `section` the path of headings, `title` the document's own where the answer does
    not say it already. `whole`: the quote is what was asked for, and is shown at full length. `passage` is the text
    that the quote was taken from, under its headings, where the answer may also be written from it. `access` is the
    label of who may read the document; empty: not known.
    """

    document: str
    section: str
    page: int | None
    quote: str
    title: str = ""
    whole: bool = False
    passage: str = ""
    access: str = ""


@dataclass(frozen=True)
class Provenance:
    """How the answer came about. `as_of` is the time of the newest row that could be seen."""

    definition: tuple[Message, ...] = ()
    period: Period | None = None
    filters: tuple[Message, ...] = ()
    sql: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    as_of: datetime | None = None


@dataclass(frozen=True)
class Answer:
    """A tool's whole answer. `headline` is one sentence; `lines` at most a few more, `closing` those below the quotes.

    `subjects` are ids of the people whom the answer is about one by one; each look at them is written down. `whole`
    is what the file holds where `table` is only the head of it, with the same columns, or where there is none: figures
    that the chat says in words. `changes` say what the call changed for the whole team; each is written down.
    """

    headline: Message
    lines: tuple[Message, ...] = ()
    facts: tuple[Fact, ...] = ()
    table: Table | None = None
    chart: Chart | None = None
    file_name: str | None = None
    follow_ups: tuple[FollowUp, ...] = ()
    caveats: tuple[Message, ...] = ()
    citations: tuple[Citation, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)
    subjects: tuple[str, ...] = ()
    whole: Table | None = None
    changes: tuple[str, ...] = ()
    closing: tuple[Message, ...] = ()
