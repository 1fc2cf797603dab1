"""RFM: scores from 1 to 5 for recency, frequency and monetary value, and the eleven usual segments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.customers.schemes.scheme import Group, Scheme, groups_of
from tools.messages import Label, Message, say

if TYPE_CHECKING:
    import ibis

    from tools.customers.histories import Histories

SCORES = 5

# Recency score (row, 1 to 5) × mean of frequency and monetary scores (column, 1 to 5). Every cell lies within the
# ranges that Putler publishes for its eleven segments ("RFM Analysis For Successful Customer Segmentation"). Those
# ranges overlap; here each cell has one segment.
GRID: tuple[tuple[str, ...], ...] = (
    ("lost", "hibernating", "at_risk", "cannot_lose", "cannot_lose"),
    ("hibernating", "hibernating", "at_risk", "at_risk", "at_risk"),
    ("about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"),
    ("promising", "potential_loyalists", "potential_loyalists", "champions", "champions"),
    ("new_customers", "potential_loyalists", "potential_loyalists", "champions", "champions"),
)

_GROUPS = groups_of(
    Group(
        "champions",
        Label("Champions", "冠军客户"),
        Label("Bought lately, buy often, and spend the most.", "最近买过，买得勤，花得也最多。"),
    ),
    Group(
        "loyal",
        Label("Loyal customers", "忠诚客户"),
        Label("Buy often and spend well, if not just lately.", "买得勤、花得多，只是最近不算最活跃。"),
    ),
    Group(
        "potential_loyalists",
        Label("Potential loyalists", "潜力忠诚客户"),
        Label("Bought lately, with some orders and spend behind them.", "最近买过，已有一定的订单和消费。"),
    ),
    Group(
        "new_customers",
        Label("New customers", "新客户"),
        Label("Bought very lately, with few orders and little spend so far.", "刚刚买过，订单和消费都还不多。"),
    ),
    Group(
        "promising",
        Label("Promising", "有希望客户"),
        Label("Bought fairly lately, with few orders and little spend so far.", "不久前买过，订单和消费都还不多。"),
    ),
    Group(
        "need_attention",
        Label("Need attention", "需要关注客户"),
        Label("Middling in recency, frequency and spend.", "最近购买、频次和金额都处在中间。"),
    ),
    Group(
        "about_to_sleep",
        Label("About to sleep", "即将沉睡客户"),
        Label("Have not bought for a while; few orders, little spend.", "有一阵没买，订单少、消费低。"),
    ),
    Group(
        "at_risk",
        Label("At risk", "有流失风险客户"),
        Label("Used to buy often or spend well, but long ago.", "过去买得勤或花得多，但已很久没买。"),
    ),
    Group(
        "cannot_lose",
        Label("Cannot lose them", "不能失去的客户"),
        Label("Were among the best customers, and have been gone the longest.", "曾是最好的客户，如今离开最久。"),
    ),
    Group(
        "hibernating",
        Label("Hibernating", "沉睡客户"),
        Label("Last bought long ago; few orders, little spend.", "很久以前买过，订单少、消费低。"),
    ),
    Group(
        "lost",
        Label("Lost", "已流失客户"),
        Label("Lowest in recency, frequency and spend.", "最近购买、频次和金额都最低。"),
    ),
)


def scores(histories: Histories) -> ibis.Table:
    """customer_id, recency_days, orders, net_sales, and the scores r, f, m (1 to 5; 5 is best), a row a customer.

    A score is the fifth in which the middle of the customers with the same value stands, the mid-rank: with `less`
    customers below and `same` at the value, 1 + ⌊5 · (less + same ÷ 2) ÷ all⌋. Equal values thus score alike, whatever
    the order of the rows, a value shared by most is neither best nor worst, and when all are equal all score 3.
    """
    return scored(histories.summary(), histories)


def scored(summary: ibis.Table, histories: Histories) -> ibis.Table:
    """`summary` (see `Histories.summary`) with recency_days and the scores."""
    import ibis

    table = summary.mutate(
        recency_days=ibis.literal(histories.today).delta(summary.last_order_on, unit="day"),
        # To the cent: sums in another order must not part customers who spent the same.
        net_sales=summary.net_sales.round(2),
    )
    return table.mutate(
        r=_score(table, table.last_order_on), f=_score(table, table.orders), m=_score(table, table.net_sales)
    )


def _score(table: ibis.Table, value: Any) -> Any:
    """A value's score: `less` customers are below it, `up_to` are not above it; one sort of the column gives both."""
    import ibis

    everybody = table.count().over()
    less = ibis.rank().over(order_by=value).cast("int64")  # from 0
    up_to = (ibis.cume_dist().over(order_by=value) * everybody).round().cast("int64")
    return ((less + up_to) * SCORES).__floordiv__(2 * everybody).cast("int64") + 1


def segment(scored_table: ibis.Table) -> Any:
    """The segment's id as an expression over r, f and m; halves of the mean of f and m are rounded up."""
    import ibis

    fm = (scored_table.f + scored_table.m + 1).__floordiv__(2)
    cell = scored_table.r * 10 + fm.cast("int64")
    cells = [(r * 10 + c, id_) for r, row in enumerate(GRID, 1) for c, id_ in enumerate(row, 1)]
    found: dict[str, list[int]] = {}
    for number, id_ in cells:
        found.setdefault(id_, []).append(number)
    return ibis.cases(*((cell.isin(numbers), id_) for id_, numbers in found.items()))


def _assigned(histories: Histories) -> ibis.Table:
    table = scores(histories)
    return table.select("customer_id", group=segment(table))


def _definition(histories: Histories) -> tuple[Message, ...]:
    return (
        say(
            "RFM scores every customer who ever bought from 1 to 5 on days since the last order, orders, and net "
            "sales, all up to {today}: the fifth of the customers in which the value stands.",
            today=histories.today,
        ),
        say("Equal values always score alike."),
        say("Segments follow from the recency score and the mean of the other two (Putler's eleven segments)."),
    )


RFM = Scheme("rfm", Label("RFM segment", "RFM分群"), _GROUPS, _assigned, _definition)
