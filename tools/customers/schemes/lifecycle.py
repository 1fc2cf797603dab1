"""Lifecycle stages (prospect, new, active, silent, lapsed), with thresholds from the customers' own rhythm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tools.customers.schemes.scheme import Group, Scheme, groups_of
from tools.messages import Label, Message, Quantity, say

if TYPE_CHECKING:
    import ibis

    from tools.customers.histories import Histories

# So much of the returns to buy again come within the threshold.
ACTIVE_SHARE, SILENT_SHARE = 0.80, 0.95
# Fewer gaps than this say little about the far end of their distribution.
FEWEST_GAPS = 100
DEFAULT_ACTIVE_DAYS, DEFAULT_SILENT_DAYS = 90, 180
SHORTEST_ACTIVE_DAYS = 14
LONGEST_FOLLOW_UP_DAYS = 730

_GROUPS = groups_of(
    Group(
        "prospect",
        Label("Prospect", "潜在客户"),
        Label("Known to the team, and has never ordered.", "已登记，但从未下单。"),
    ),
    Group(
        "new",
        Label("New", "新客户"),
        Label("One order only, and within the usual time to the next.", "只下过一单，且仍在通常的复购间隔内。"),
    ),
    Group(
        "active",
        Label("Active", "活跃客户"),
        Label(
            "Ordered more than once, and the last time within the usual time to the next.",
            "下过多单，且最近一单仍在通常的复购间隔内。",
        ),
    ),
    Group(
        "silent",
        Label("Silent", "沉默客户"),
        Label(
            "Away for longer than usual, but some still return after such a time.",
            "超过通常间隔未购买，但仍有人会回来。",
        ),
    ),
    Group(
        "lapsed",
        Label("Lapsed", "流失客户"),
        Label("Away for so long that hardly anybody returns.", "离开太久，极少有人再回来。"),
    ),
)


@dataclass(frozen=True)
class Rhythm:
    """Up to `active_days` since the last order a customer is new or active, up to `silent_days` silent, then lapsed.

    `gaps` is how many times between two order days it is learned from, each within `follow_up_days`; 0 where there are
    too few and the defaults stand in.
    """

    active_days: int
    silent_days: int
    gaps: int = 0
    follow_up_days: int = 0


def rhythm(histories: Histories) -> Rhythm:
    """The thresholds as of the histories' day, from the days between a customer's successive order days.

    Gaps that are still open are censored, and of those that began lately only the short ones can have ended: taken as
    they come, gaps look shorter than they are. Every order day is therefore followed for the same time, half of the
    history (two years at most): gaps count that began at least so long ago and ended within it.
    """
    return histories.warehouse.remembered(("rhythm", histories.today), lambda: learned(histories))


def learned(histories: Histories) -> Rhythm:
    """`rhythm`, worked out anew."""
    lines = histories.lines()
    sold = lines.filter(lines.kind == "sold")
    rows, _sql = histories.warehouse.fetch(sold.aggregate(first=sold.sold_at.min()))
    first = rows[0][0]
    default = Rhythm(DEFAULT_ACTIVE_DAYS, DEFAULT_SILENT_DAYS)
    if first is None:
        return default
    follow_up = min(((histories.today - first.date()).days + 1) // 2, LONGEST_FOLLOW_UP_DAYS)
    rows, _sql = histories.warehouse.fetch(_gap_lengths(sold, histories, follow_up))
    counts = {int(days): int(n) for days, n in rows}
    total = sum(counts.values())
    if total < FEWEST_GAPS:
        return default
    active = max(_quantile(counts, ACTIVE_SHARE), SHORTEST_ACTIVE_DAYS)
    silent = max(_quantile(counts, SILENT_SHARE), 2 * active)
    return Rhythm(active, silent, total, follow_up)


def _gap_lengths(sold: ibis.Table, histories: Histories, follow_up: int) -> ibis.Table:
    """How many gaps there are of each length in days."""
    days = sold.select("customer_id", day=sold.sold_at.cast("date")).distinct()
    nexts = days.mutate(following=days.day.lead().over(group_by="customer_id", order_by="day"))
    ended = nexts.filter(nexts.day <= histories.today - timedelta(days=follow_up), nexts.following.notnull())
    gaps = ended.select(gap=ended.following.delta(ended.day, unit="day"))
    counted = gaps.group_by("gap").aggregate(n=gaps.count())
    return counted.filter(counted.gap <= follow_up)


def _quantile(counts: dict[int, int], share: float) -> int:
    """The shortest gap that so great a share of all gaps does not exceed."""
    total, reached = sum(counts.values()), 0
    for days in sorted(counts):
        reached += counts[days]
        if reached >= share * total:
            return days
    return max(counts)


def stage(summary: ibis.Table, histories: Histories) -> Any:
    """The stage of who has bought, as an expression over first_order_on, last_order_on and orders."""
    import ibis

    found = rhythm(histories)
    since_active = histories.today - timedelta(days=found.active_days)
    since_silent = histories.today - timedelta(days=found.silent_days)
    return ibis.cases(
        ((summary.last_order_on >= since_active) & (summary.orders == 1), "new"),
        (summary.last_order_on >= since_active, "active"),
        (summary.last_order_on >= since_silent, "silent"),
        else_="lapsed",
    )


def _assigned(histories: Histories) -> ibis.Table:
    summary = histories.summary()
    buyers = summary.select("customer_id", group=stage(summary, histories))
    known = _prospects(histories)
    return buyers if known is None else buyers.union(known)


def _prospects(histories: Histories) -> ibis.Table | None:
    """Who is known and has never ordered.

    An account counts from the day it was opened. Where that day is not recorded, it counts if nothing at all was ever
    sold to it or returned by it: a customer known from orders only must not be seen before the first of them.
    """
    import ibis

    warehouse = histories.warehouse
    if not warehouse.has("customers"):
        return None
    customers = warehouse.table("customers")
    end = datetime.combine(histories.today + timedelta(days=1), datetime.min.time())
    bought = histories.lines().select("customer_id")
    ever = warehouse.table("order_lines")
    ever = ever.filter(ever.customer_id.notnull()).select("customer_id")
    dated = customers.filter(customers.signed_up_at < end).anti_join(bought, "customer_id")
    undated = customers.filter(customers.signed_up_at.isnull()).anti_join(ever, "customer_id")
    together = dated.select("customer_id").union(undated.select("customer_id"))
    return together.mutate(group=ibis.literal("prospect"))


def _definition(histories: Histories) -> tuple[Message, ...]:
    found = rhythm(histories)
    active, silent = Quantity(found.active_days, "days"), Quantity(found.silent_days, "days")
    parts = [
        say(
            "New or active: last order at most {active} ago (new: only one order). Silent: at most {silent} ago. "
            "Lapsed: longer ago. Prospects are known and never ordered.",
            active=active,
            silent=silent,
        )
    ]
    if not found.gaps:
        parts.append(
            say(
                "There are fewer than {fewest} repeat purchases to learn the rhythm from, so these are the usual "
                "thresholds.",
                fewest=Quantity(FEWEST_GAPS),
            )
        )
        return tuple(parts)
    parts.append(
        say(
            "The thresholds come from {gaps} times between two order days of the same customer: {most} are no longer "
            "than the first threshold, {nearly_all} no longer than the second (at least {shortest}, and at least twice "
            "the first).",
            gaps=Quantity(found.gaps),
            most=Quantity(ACTIVE_SHARE, "ratio"),
            nearly_all=Quantity(SILENT_SHARE, "ratio"),
            shortest=Quantity(SHORTEST_ACTIVE_DAYS, "days"),
        )
    )
    parts.append(
        say(
            "Only order days at least {follow_up} ago are followed, each for that long, so that long gaps had time to "
            "end; customers who stayed away longer are in none of them.",
            follow_up=Quantity(found.follow_up_days, "days"),
        )
    )
    return tuple(parts)


LIFECYCLE = Scheme("lifecycle", Label("Lifecycle stage", "生命周期阶段"), _GROUPS, _assigned, _definition)
