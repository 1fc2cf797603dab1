"""The tool `forecast`: what a figure will come to, how sure that is, and how good earlier forecasts were."""

from __future__ import annotations

from tools.answer import Answer
from tools.forecasting.args import NAME, ForecastArgs
from tools.messages import Label
from tools.tool import Context, Cue, Example, Tool


def run(context: Context, args: ForecastArgs) -> Answer:
    """Answers, and keeps the forecast. Raises NotEnoughData, InvalidArgument, MissingTable, TooSlow."""
    from tools.forecasting.answers.parts import by_parts
    from tools.forecasting.answers.request import checked, too_short
    from tools.forecasting.answers.scoreboard import scoreboard
    from tools.forecasting.answers.single import single
    from tools.stats.forecasting.engine import TooShort

    if args.show == "scoreboard":
        return scoreboard(context, args)
    if context.workers is not None:
        context.workers.start()
    request = checked(context, args)
    try:
        return single(request) if args.by is None else by_parts(request)
    except TooShort as error:
        raise too_short(request, error.steps, error.needed) from error


TOOL = Tool(
    name=NAME,
    title=Label("Forecast", "预测"),
    description=(
        "What sums and counts (net sales, orders, units, customers …) will come to in days ahead: expectation, "
        "interval, table by day, week or month, picture with promotions and holidays, and how such forecasts did "
        "before. In total or by value of a dimension, ranked also by change (what takes off or sells out). Also how "
        "good earlier forecasts were."
    ),
    args=ForecastArgs,
    run=run,
    needs=("order_lines",),
    cues=(
        Cue(
            (
                "how good were our forecasts",
                "how good were the forecasts",
                "how accurate were our forecasts",
                "were our forecasts right",
                "forecast accuracy",
                "forecast scoreboard",
            ),
            ("我们的预测准不准", "预测准不准", "预测准确率", "预测准确度", "预测得准不准", "销售预测效果"),
            {"show": "scoreboard"},
        ),
    ),
    examples=(
        Example(
            Label("Forecast net sales for the next 4 weeks", "预测未来4周的销售额"),
            {"period": {"start": "2011-12-10", "end": "2012-01-06"}},
        ),
        Example(
            Label("What will sales be next month?", "下个月的销售额预计是多少？"),
            {"period": {"start": "2012-01-01", "end": "2012-01-31"}},
        ),
        Example(
            Label("Forecast orders in Germany for the next 8 weeks", "预测德国未来8周的订单数"),
            {
                "metric": "orders",
                "period": {"start": "2011-12-10", "end": "2012-02-03"},
                "filters": [{"dimension": "country", "op": "in", "values": ["Germany"]}],
            },
        ),
        Example(
            Label("Forecast net sales by country for the next 4 weeks", "按国家预测未来4周的销售额"),
            {"period": {"start": "2011-12-10", "end": "2012-01-06"}, "by": "country"},
        ),
        Example(
            Label(
                "Which products will take off in the next 4 weeks?",
                "未来4周哪些商品会爆发？",
            ),
            {
                "metric": "units",
                "period": {"start": "2011-12-10", "end": "2012-01-06"},
                "by": "product",
                "rank_by": "change",
            },
        ),
        Example(Label("How good were our forecasts?", "我们的预测准不准？"), {"show": "scoreboard"}),
    ),
)
