"""Whose purchases moved a figure: new, kept, lost and returned customers, and sales without a known customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from typing import TYPE_CHECKING, Literal, get_args

from tools.drivers.reader import NOW, BothPeriods
from tools.messages import Label
from tools.semantic.query import settled
from tools.warehouse.bounds import bound

if TYPE_CHECKING:
    import ibis

    from tools.semantic.catalog import Metric

Standing = Literal["new", "kept", "back", "lost", "earlier", "unknown"]
STANDINGS: tuple[Standing, ...] = get_args(Standing)
LABELS: dict[Standing, Label] = {
    "new": Label("New customers", "新客户"),
    "kept": Label("Bought in both periods", "两期均购买"),
    "back": Label("Back after a pause", "回流客户"),
    "lost": Label("Did not buy again", "未再购买"),
    "earlier": Label("Returns of earlier purchases only", "仅退回此前所购"),
    "unknown": Label("No known customer", "无客户信息"),
}


@dataclass(frozen=True)
class Group:
    """How many customers, and what their lines were worth on both sides."""

    customers: int
    before: float
    now: float

    @property
    def change(self) -> float:
        return self.now - self.before


def by_standing(both: BothPeriods, metric: Metric) -> dict[Standing, Group]:
    """The groups that have any line, which sum to the whole where the metric sums over customers.

    New: bought now, and never before the period began, whatever it was. Kept: bought on both sides. Back: bought now
    and earlier, but not in the baseline. Lost: bought in the baseline and not now. Earlier: bought on neither side,
    there are only returns. Filters limit what counts as a purchase on either side, not what counts as a first one.
    """
    rows = both.fetch(("customers", metric.id), partial(_expression, both, metric))
    found = {str(row[0]): Group(int(row[1]), float(settled(row[2]) or 0), float(settled(row[3]) or 0)) for row in rows}
    return {standing: found[standing] for standing in STANDINGS if standing in found}


def _expression(both: BothPeriods, metric: Metric) -> ibis.Table:
    import ibis

    rows = both.rows("sales", {"customer_id", "kind"}, [metric], ())
    rows = rows.mutate(bought=(rows.kind == "sold").ifelse(1, 0))
    keys = {NOW: rows[NOW], "customer_id": rows.customer_id}
    sides = both.reader.measured(rows, keys, [metric], bought=rows.bought.sum())
    people = sides.group_by("customer_id").aggregate(
        before=sides[metric.id].sum(where=~sides[NOW]),
        now=sides[metric.id].sum(where=sides[NOW]),
        bought_before=sides.bought.sum(where=~sides[NOW]).fill_null(0) > 0,
        bought_now=sides.bought.sum(where=sides[NOW]).fill_null(0) > 0,
    )
    arrived = people.filter(people.bought_now & ~people.bought_before).select(came=people.customer_id)
    lines = both.reader.visible("order_lines")
    begin = bound("cut" if both.before.start < both.now.start else "start")
    lines = lines.filter((lines.kind == "sold") & (lines.sold_at < begin) & lines.customer_id.notnull())
    known = (
        lines.semi_join(arrived, lines.customer_id == arrived.came).select(bought_earlier=lines.customer_id).distinct()
    )
    people = people.left_join(known, people.customer_id == known.bought_earlier)
    cases: Sequence[tuple[Standing, ibis.Value]] = (
        ("unknown", people.customer_id.isnull()),
        ("kept", people.bought_now & people.bought_before),
        ("lost", people.bought_before),
        ("earlier", ~people.bought_now),
        ("back", people.bought_earlier.notnull()),
    )
    standing = reduce(lambda rest, case: ibis.ifelse(case[1], case[0], rest), reversed(cases), ibis.literal("new"))
    return people.group_by(standing=standing).aggregate(
        customers=people.customer_id.count(), before=people.before.sum(), now=people.now.sum()
    )


def total(groups: Mapping[Standing, Group]) -> tuple[float, float]:
    """Both sides of all groups together."""
    import math

    return math.fsum(g.before for g in groups.values()), math.fsum(g.now for g in groups.values())
