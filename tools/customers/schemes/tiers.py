"""Value tiers: the top 5 % of customers by net sales of the last year, the next 15 %, the next 30 %, the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tools.customers.histories import net_amount
from tools.customers.schemes.scheme import Group, Scheme, groups_of
from tools.messages import Label, Message, Quantity, Value, say
from tools.semantic.periods import Period

if TYPE_CHECKING:
    import ibis

    from tools.customers.histories import Histories

WINDOW_DAYS = 365
# Tier → the share of the customers with sales that it and those above it hold, in per cent.
CUTS: tuple[tuple[str, int], ...] = (("top", 5), ("high", 20), ("middle", 50))
LOWEST = "low"

_GROUPS = groups_of(
    Group("top", Label("Top value", "顶级客户"), Label("The 5 % who spend the most.", "消费最高的5%。")),
    Group("high", Label("High value", "高价值客户"), Label("The next 15 % by spend.", "消费其次的15%。")),
    Group("middle", Label("Middle value", "中等价值客户"), Label("The next 30 % by spend.", "消费再次的30%。")),
    Group(
        "low",
        Label("Low value", "低价值客户"),
        Label("Everybody else, and who spent nothing net.", "其余客户，以及净消费为零或负的客户。"),
    ),
)


@dataclass(frozen=True)
class TierSize:
    """How many customers a tier has, the net sales they brought, and the least that one of them spent."""

    customers: int
    net_sales: float
    least: float


def window(histories: Histories) -> Period:
    """The days that count: the last 365."""
    return Period(histories.today - timedelta(days=WINDOW_DAYS - 1), histories.today)


def spend(histories: Histories) -> ibis.Table:
    """customer_id and net_sales of the last 365 days, for everybody who ever bought."""
    lines = histories.lines()
    sold = lines.kind == "sold"
    recent = lines.sold_at.cast("date") >= window(histories).start
    net = net_amount(lines)
    table = lines.group_by("customer_id").aggregate(bought=sold.any(), net_sales=net.sum(where=recent).fill_null(0.0))
    # To the cent: sums in another order must not part customers who spent the same.
    return table.filter(table.bought).select("customer_id", net_sales=table.net_sales.round(2))


def _assigned(histories: Histories) -> ibis.Table:
    table = _tiered(histories)
    return table.select("customer_id", "group")


def _tiered(histories: Histories) -> ibis.Table:
    """`spend` with the column group. A tier holds a value or not: customers with equal sales are never parted.

    The middle of those with the same sales decides: (more + same ÷ 2) ÷ all with sales.
    """
    import ibis

    table = spend(histories)
    table = table.mutate(spends=table.net_sales > 0)
    more = ibis.rank().over(group_by=table.spends, order_by=table.net_sales.desc()).cast("int64")
    same = table.count().over(group_by=[table.spends, table.net_sales])
    spenders = table.count().over(group_by=table.spends)
    table = table.mutate(standing=(2 * more + same) * 100, all_of_them=2 * spenders)
    branches: list[tuple[Any, str]] = [(~table.spends, LOWEST)]
    branches += [(table.standing <= table.all_of_them * percent, tier) for tier, percent in CUTS]
    return table.select("customer_id", "net_sales", group=ibis.cases(*branches, else_=LOWEST))


def sizes(histories: Histories) -> dict[str, TierSize]:
    """Each tier that has customers, the highest first."""

    def read() -> dict[str, TierSize]:
        table = _tiered(histories)
        rows, _sql = histories.warehouse.fetch(
            table.group_by("group").aggregate(
                customers=table.count(), net_sales=table.net_sales.sum(), least=table.net_sales.min()
            )
        )
        found = {str(tier): TierSize(int(n), float(total), float(least)) for tier, n, total, least in rows}
        return {tier: found[tier] for tier in _GROUPS if tier in found}

    return histories.warehouse.remembered(("tier sizes", histories.today), read)


def _definition(histories: Histories) -> tuple[Message, ...]:
    currency = histories.warehouse.settings().currency
    found = sizes(histories)
    total = sum(size.net_sales for size in found.values())
    parts: list[Message] = [
        say(
            "Value tiers by net sales in {period}: the top 5 % of the customers with sales, the next 15 %, the next "
            "30 %, and the rest; customers with equal sales share a tier.",
            period=window(histories),
        )
    ]
    for tier, size in found.items():
        shown: dict[str, Value] = {
            "tier": _GROUPS[tier].label,
            "customers": Quantity(size.customers),
            "share": Quantity(size.net_sales / total if total > 0 else None, "ratio"),
        }
        if tier == LOWEST:
            parts.append(say("{tier}: {customers} customers, who bring {share} of net sales.", **shown))
        else:
            least = Quantity(size.least, currency)
            parts.append(
                say(
                    "{tier}: from {least}; {customers} customers, who bring {share} of net sales.", least=least, **shown
                )
            )
    return tuple(parts)


TIER = Scheme("tier", Label("Value tier", "价值等级"), _GROUPS, _assigned, _definition)
