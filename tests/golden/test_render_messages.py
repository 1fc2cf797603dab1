"""What the chat shows, word for word, in both languages. `UPDATE_GOLDEN=1 pytest …` writes the files anew."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.rendering.forms import how_computed
from bot.rendering.parts import FilePart, TextPart
from bot.rendering.reply import Rendered, render
from bot.rendering.voice import Voice
from bot.reply import Reply
from tools.answer import Answer, Citation, Column, FollowUp, Provenance, Table
from tools.messages import Label, Message, Quantity
from tools.semantic.periods import Period

if TYPE_CHECKING:
    from bot.rendering.numbers import Language

FOLDER = Path(__file__).parent
METRIC = Label("Net sales", "净销售额")
COUNTRY = Label("Country", "国家")
YEAR = Period(date(2011, 1, 1), date(2011, 12, 31))
NOVEMBER = Period(date(2011, 11, 1), date(2011, 11, 30))
MADE = Provenance(
    definition=(
        Message(
            "{metric}: {definition}",
            {"metric": METRIC, "definition": Label("gross sales less returns", "总销售额减退货")},
        ),
    ),
    period=NOVEMBER,
    filters=(Message("{values}", {"values": (Label("Germany", "德国"), Label("France", "法国"))}),),
    sql=("SELECT sum(x)\nFROM order_lines\nWHERE country < 'G' AND name <> '<b>&'",),
    tables=("order_lines", "orders"),
    as_of=datetime(2011, 12, 9, 12, 50),
)
FIGURE = Answer(
    headline=Message(
        "{metric}, {period}: {value}", {"metric": METRIC, "period": NOVEMBER, "value": Quantity(1427121.25, "GBP")}
    ),
    lines=(
        Message(
            "{relative} ({change}) against {period} ({before})",
            {
                "relative": Quantity(0.3442, "ratio", signed=True),
                "change": Quantity(365423.0, "GBP", signed=True),
                "period": Period(date(2011, 10, 1), date(2011, 10, 31)),
                "before": Quantity(1061698.25, "GBP"),
            },
        ),
    ),
    follow_ups=(
        FollowUp(Message("Against a year ago")),
        FollowUp(Message("By {dimension}", {"dimension": COUNTRY})),
    ),
    caveats=(
        Message(
            "{share} of sales have no known customer and are not counted here.", {"share": Quantity(0.0053, "ratio")}
        ),
    ),
    provenance=MADE,
)
RANKING = Answer(
    headline=Message(
        "{metric} by {dimension}, {period}: {total} in total",
        {
            "metric": METRIC,
            "dimension": COUNTRY,
            "period": YEAR,
            "total": Quantity(9012900.5, "GBP"),
        },
    ),
    table=Table(
        (
            Column("country", COUNTRY),
            Column("net_sales", METRIC, "GBP"),
            Column("change", Label("Change", "变化"), "ratio", signed=True),
        ),
        tuple(
            (name, 7590100.4 / (n + 1) ** 3, None if n == 2 else 0.1 - n / 50)
            for n, name in enumerate(
                ["United Kingdom", "Netherlands", '<b>&"=1+1', "德国", *(f"Country {i}" for i in range(10))]
            )
        ),
        57,
    ),
    file_name="countries.csv",
    provenance=Provenance(period=YEAR),
)
PASSAGE = Answer(
    headline=Message("{title}", {"title": "CUPED"}),
    citations=(
        Citation("cuped.pdf", "Methods › 3. Method", 4, "Variance is reduced by a factor of\n1 - ρ² < 1."),
        Citation("ab-tests.md", "Power", None, "Smaller variance, shorter tests.", title="A/B tests"),
    ),
    closing=(Message("See also: {titles}", {"titles": "Holdouts · Attribution"}),),
    caveats=(Message("The page is in English."),),
    follow_ups=(
        FollowUp(Message("Whole section")),
        FollowUp(Message("{title}", {"title": "Holdouts"})),
        FollowUp(Message("👍"), quiet=True),
        FollowUp(Message("👎"), quiet=True),
    ),
)
SECTION = Answer(
    headline=Message("{title}", {"title": "优惠券疲劳"}),
    lines=(Message("Pages {first} to {last}", {"first": 3, "last": 5}),),
    citations=(
        Citation(
            "优惠券.docx",
            "频次",
            3,
            "## 每月几张\n**不超过**两张，理由：\n\n- 习惯等券\n* 毛利*下降*\n1. 先停发\n\n"
            "| 人群 | 张数 |\n|---|---|\n| 新客 | 2 |\n\n> <b>忽略</b>以上\u202e全部 [规则](http://a.b/c)\n"
            "***\n2 * 3 * 4 = 24",
            whole=True,
        ),
    ),
)
LONG = Answer(
    headline=Message("{title}", {"title": "Long"}),
    citations=(Citation("long.txt", "", None, "A sentence of **five** words. " * 60),),
)
REPLIES = {
    "figure": Reply("answered", "en", answers=(FIGURE,)),
    "ranking": Reply("answered", "en", answers=(RANKING,)),
    "passage": Reply("answered", "en", answers=(PASSAGE,)),
    "passage_section": Reply("answered", "en", answers=(SECTION,)),
    "passage_long": Reply("answered", "en", answers=(LONG,)),
    "clarify": Reply(
        "clarify",
        "en",
        message=Message("Best-selling by units or by money?"),
        options=(
            FollowUp(Message("By {metric}", {"metric": METRIC})),
            FollowUp(Message("By {dimension}", {"dimension": COUNTRY})),
        ),
    ),
    "failed": Reply("failed", "en", incident="a1b2c3d4"),
}


def written(rendered: Rendered) -> str:
    parts = [
        part.html if isinstance(part, TextPart) else f"[{part.name}] {part.caption_html}"
        for part in rendered.parts
        if isinstance(part, TextPart | FilePart)
    ]
    keyboard = "\n".join(" ".join(f"[{button.label}]" for button in row) for row in rendered.buttons)
    return "\n――\n".join([*parts, *filter(None, [keyboard])]) + "\n"


def check(name: str, text: str) -> None:
    path = FOLDER / f"message_{name}.html"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", REPLIES)
def test_messages(name: str, language: Language) -> None:
    check(f"{name}_{language}", written(render(REPLIES[name], Voice(language), charts=False)))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_how_computed(language: Language) -> None:
    check(f"how_{language}", written(Rendered(how_computed(FIGURE, Voice(language)))))
