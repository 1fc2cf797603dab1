"""RFM and lifecycle of every customer together, from one pass over the order lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.customers.schemes.lifecycle import stage
from tools.customers.schemes.rfm import scored, segment

if TYPE_CHECKING:
    import ibis

    from tools.customers.histories import Histories


def standing(histories: Histories) -> ibis.Table:
    """The columns of `rfm.scores`, with `rfm` (segment) and `lifecycle` (stage), for everybody who ever bought."""
    table = scored(histories.summary(), histories)
    return table.mutate(rfm=segment(table), lifecycle=stage(table, histories))
