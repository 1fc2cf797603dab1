"""The tool `metrics`: any figure of the catalog, split, filtered, compared, ranked or followed over time."""

from __future__ import annotations

from tools.answer import Answer
from tools.messages import Label
from tools.semantic.answers.checks import prepared
from tools.semantic.answers.grouped import by_groups
from tools.semantic.answers.request import MetricsArgs
from tools.semantic.answers.single import single_figure
from tools.tool import Context, Example, Tool


def run(context: Context, args: MetricsArgs) -> Answer:
    """Computes the metrics. Raises NotEnoughData outside the data, MissingTable, InvalidArgument."""
    request = prepared(context, args)
    if not request.dimensions:
        return single_figure(request)
    return by_groups(request)


NOVEMBER = {"start": "2011-11-01", "end": "2011-11-30"}


TOOL = Tool(
    name="metrics",
    title=Label("Figures", "指标"),
    description=(
        "Computes business metrics (net sales, orders, AOV, customers, rates …) for a period: one figure, split by "
        "dimensions, filtered, compared with another period, ranked, or as a series over time."
    ),
    args=MetricsArgs,
    run=run,
    needs=("order_lines",),
    examples=(
        Example(
            Label("What were net sales in November 2011?", "2011年11月的净销售额是多少？"),
            {"metrics": ["net_sales"], "period": NOVEMBER},
        ),
        Example(
            Label("Top 5 products by revenue last month", "上个月销售额最高的5个商品"),
            {"metrics": ["net_sales"], "by": ["product"], "period": NOVEMBER, "top": 5},
        ),
        Example(
            Label("Return rate last month compared with the month before", "上个月的退货率，环比"),
            {
                "metrics": ["return_rate"],
                "period": NOVEMBER,
                "compare": {"start": "2011-10-01", "end": "2011-10-31"},
            },
        ),
        Example(
            Label("Monthly orders this year", "今年每月的订单数"),
            {"metrics": ["orders"], "by": ["month"], "period": {"start": "2011-01-01", "end": "2011-12-09"}},
        ),
    ),
)
