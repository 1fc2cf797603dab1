"""The tool `segments`: who the customers are, by rule, by scheme, saved under a name."""

from __future__ import annotations

from tools.answer import Answer
from tools.customers.segments.answers.asked import NAME, SALES, Asked, SegmentsArgs
from tools.customers.segments.answers.kept import forget_segment, overlap_of, saved_list, saved_under
from tools.customers.segments.answers.listed import listed_customers
from tools.customers.segments.answers.split import by_groups
from tools.errors import NotAllowed, NotEnoughData
from tools.messages import Label, say
from tools.semantic.query import Engine
from tools.tool import Context, Example, Tool


def run(context: Context, args: SegmentsArgs) -> Answer:
    """Answers, saves or forgets. Raises InvalidArgument, NotEnoughData, MissingTable, NotAllowed."""
    if args.save_as is not None or args.forget is not None:
        _may_change(context)
    span = Engine(context.warehouse, context.catalog, context.today).span(SALES)
    if span is None:
        raise NotEnoughData(say("There are no sales up to {today}.", today=context.today))
    asked = Asked(context, args, span[0].date(), span[1])
    if args.list_saved:
        return saved_list(asked)
    if args.forget is not None:
        return forget_segment(asked, args.forget)
    if args.overlap is not None:
        return overlap_of(asked, *args.overlap)
    if args.rule is not None:
        asked.selection.check(args.rule)
    if args.save_as is not None and args.rule is not None:
        return saved_under(asked, args.rule, args.save_as)
    return by_groups(asked, args.by) if args.by else listed_customers(asked)


def _may_change(context: Context) -> None:
    """The team shares its saved segments: who only asks questions changes none."""
    if not context.user.may("analyst"):
        raise NotAllowed(
            say("Saving and forgetting segments needs the role analyst; yours is {own}.", own=context.user.role)
        )


_YEAR_2010 = {"start": "2010-01-01", "end": "2010-12-31"}
_YEAR_2011 = {"start": "2011-01-01", "end": "2011-12-31"}
_LAST_365_DAYS = {"start": "2010-12-10", "end": "2011-12-09"}
_LAST_90_DAYS = {"start": "2011-09-11", "end": "2011-12-09"}
TOOL = Tool(
    name=NAME,
    title=Label("Customer segments", "客户细分"),
    description=(
        "Which customers, and how many: by any rule on what they did (orders, spend, products, returns, days since the "
        "last order, first order) and who they are; RFM segments, lifecycle stages, value tiers, clusters; sizes, "
        "shares of sales, trend, and the list. Saves a rule under a name, lists saved segments, compares two."
    ),
    args=SegmentsArgs,
    run=run,
    needs=("order_lines",),
    examples=(
        Example(
            Label("How many customers placed at least 5 orders in 2011?", "2011年下单5次及以上的客户有多少？"),
            {"rule": {"measure": "orders", "op": ">=", "value": 5, "period": _YEAR_2011}},
        ),
        Example(
            Label("Customers who have not bought for more than 180 days", "超过180天没有购买的客户"),
            {"rule": {"measure": "days_since_last_order", "op": ">", "value": 180}},
        ),
        Example(Label("Show me the RFM segments", "看一下RFM客户分层"), {"by": "rfm"}),
        Example(
            Label("Customers who bought in 2010 but not in 2011", "2010年买过但2011年没买过的客户"),
            {
                "rule": {
                    "all": [
                        {"measure": "orders", "op": ">=", "value": 1, "period": _YEAR_2010},
                        {"measure": "orders", "op": "=", "value": 0, "period": _YEAR_2011},
                    ]
                }
            },
        ),
        Example(
            Label(
                "Which customers spent over £5,000 net in the last 365 days?", "近365天净消费超过5000英镑的客户有哪些？"
            ),
            {"rule": {"measure": "net_sales", "op": ">", "value": 5000, "period": _LAST_365_DAYS}},
        ),
        Example(
            Label(
                "Customers who placed at least 2 orders in Germany in the last 90 days",
                "近90天在德国下过两单及以上的客户",
            ),
            {
                "rule": {
                    "measure": "orders",
                    "op": ">=",
                    "value": 2,
                    "period": _LAST_90_DAYS,
                    "where": [{"dimension": "country", "values": ["Germany"]}],
                }
            },
        ),
        Example(Label("Customers by lifecycle stage", "客户按生命周期阶段分布"), {"by": "lifecycle"}),
        Example(Label("Show our customers by value tier", "按价值层级看一下客户"), {"by": "tier"}),
    ),
)
