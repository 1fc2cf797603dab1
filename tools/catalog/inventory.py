"""The tool `inventory`: days of cover, risk of running out, reorders, slow movers, turnover, ABC and XYZ classes."""

from __future__ import annotations

from tools.answer import Answer
from tools.messages import Label
from tools.stock.answers.request import NAME, InventoryArgs
from tools.tool import Context, Cue, Example, Tool

__all__ = ["TOOL", "InventoryArgs"]


def run(context: Context, args: InventoryArgs) -> Answer:
    """Raises NotEnoughData, InvalidArgument, MissingTable."""
    from tools.stock.answers.classes import classes
    from tools.stock.answers.cover import cover
    from tools.stock.answers.reorder import reorders
    from tools.stock.answers.request import prepared
    from tools.stock.answers.risk import risk
    from tools.stock.answers.slow import slow
    from tools.stock.answers.turnover import turnover

    show = {
        "cover": cover,
        "risk": risk,
        "reorder": reorders,
        "slow": slow,
        "turnover": turnover,
        "classes": classes,
    }
    return show[args.show](prepared(context, args))


TOOL = Tool(
    name=NAME,
    title=Label("Inventory", "库存"),
    description=(
        "Stock against expected demand: which products may run out before new stock arrives and when, how many days "
        "the stock lasts, what to reorder and how much for a wanted service level, slow movers and the money tied up "
        "in them, inventory turnover, and ABC/XYZ classes."
    ),
    args=InventoryArgs,
    run=run,
    needs=("inventory", "order_lines"),
    cues=(
        Cue(
            (
                "stock-out risk",
                "stockout risk",
                "which products will sell out",
                "which products will run out",
                "which products are about to run out",
                "which products may run out of stock",
            ),
            ("缺货风险", "断货风险", "哪些商品会卖断货", "哪些商品会断货", "哪些商品快断货了", "哪些商品可能缺货"),
            {"show": "risk"},
        ),
        Cue(
            (
                "days of cover",
                "days of stock",
                "stock cover",
                "how long will our stock last",
                "how long does stock last",
            ),
            ("库存可售天数", "库存还能卖多少天", "库存能卖多久", "可售天数"),
            {"show": "cover"},
        ),
        Cue(
            (
                "what should we reorder",
                "what to reorder",
                "reorder list",
                "reorder quantities",
                "which products to restock",
            ),
            ("该补货了", "需要补货", "补货清单", "补货建议", "该补什么货"),
            {"show": "reorder"},
        ),
        Cue(
            ("slow movers", "slow-moving products", "dead stock", "cash tied up in stock"),
            ("滞销品", "滞销商品", "滞销库存", "呆滞库存"),
            {"show": "slow"},
        ),
        Cue(
            ("turnover of stock by category", "how fast does our stock turn over", "days of inventory"),
            ("库存周转天数", "库存周转得多快", "库存周转情况"),
            {"show": "turnover"},
        ),
        Cue(
            ("abc analysis", "abc xyz analysis", "abc/xyz classes", "abc classes", "xyz classes"),
            ("abc分析", "abc-xyz分析", "abc xyz分析", "abc分类", "xyz分类"),
            {"show": "classes"},
        ),
    ),
    examples=(
        Example(Label("Which products will sell out?", "哪些商品会卖断货？"), {}),
        Example(Label("How many days of stock do we have?", "我们的库存还能卖多少天？"), {"show": "cover"}),
        Example(Label("What should we reorder?", "我们该补什么货？"), {"show": "reorder"}),
        Example(
            Label("What should we reorder with a service level of 99%?", "按99%的服务水平，我们该补什么货？"),
            {"show": "reorder", "service_level": 0.99},
        ),
        Example(Label("Which products are slow movers?", "哪些商品是滞销品？"), {"show": "slow"}),
        Example(Label("How fast does our stock turn over?", "我们的库存周转得多快？"), {"show": "turnover"}),
        Example(Label("Show me the ABC analysis of our products", "看看商品的ABC分析"), {"show": "classes"}),
    ),
)
