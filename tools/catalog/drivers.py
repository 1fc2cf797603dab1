"""The tool `drivers`: why a figure moved between two periods."""

from __future__ import annotations

from tools.answer import Answer
from tools.drivers.request import NAME, DriversArgs
from tools.messages import Label
from tools.tool import Context, Cue, Example, Tool


def run(context: Context, args: DriversArgs) -> Answer:
    """Takes the change apart. Raises NotEnoughData outside the data, MissingTable, InvalidArgument."""
    from tools.drivers.analysis import analysed
    from tools.drivers.answers.answer import answer
    from tools.drivers.request import prepared

    return answer(analysed(prepared(context, args)))


NOVEMBER = {"start": "2011-11-01", "end": "2011-11-30"}
OCTOBER = {"start": "2011-10-01", "end": "2011-10-31"}
GERMANY = {"dimension": "country", "values": ["Germany"]}

TOOL = Tool(
    name=NAME,
    title=Label("Drivers", "变动原因"),
    description=(
        "Why a figure moved between two periods: the few values, or pairs of values, of country, category, product, "
        "channel … that explain most of the change, calendar effects, new against lost customers, price, volume and "
        "mix; for ratios, mix and rate effects. All parts sum to the change."
    ),
    args=DriversArgs,
    run=run,
    needs=("order_lines",),
    cues=(
        Cue(
            (
                "what drove",
                "what is behind",
                "what's behind",
                "drivers of",
                "what caused",
                "what explains",
                "root cause of",
            ),
            ("是什么原因", "什么原因导致", "主要原因是什么", "变动原因", "归因分析", "驱动因素"),
        ),
    ),
    examples=(
        Example(
            Label("Why did sales rise in November compared with October?", "为什么11月的销售额比10月高？"),
            {"period": NOVEMBER, "compare": OCTOBER, "said": "rise"},
        ),
        Example(
            Label("What drove the change in orders last month?", "上个月订单数变化的主要原因是什么？"),
            {"metric": "orders", "period": NOVEMBER},
        ),
        Example(
            Label("Why did sales in Germany change in November?", "德国11月的销售额为什么变化？"),
            {"period": NOVEMBER, "filters": [GERMANY]},
        ),
        Example(
            Label(
                "Why did the return rate change in November compared with a year ago?", "11月的退货率为什么同比变化？"
            ),
            {"metric": "return_rate", "period": NOVEMBER, "compare": "year_ago"},
        ),
        Example(
            Label(
                "Which countries drove the change in net sales last month?", "上个月净销售额的变化主要来自哪些国家？"
            ),
            {"period": NOVEMBER, "by": ["country"]},
        ),
        Example(
            Label("Why did the average order value fall last month?", "上个月客单价为什么下降？"),
            {"metric": "aov", "period": NOVEMBER, "said": "fall"},
        ),
    ),
)
