"""The monitors that come with the product: core figures, learned, within one number of false alarms together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.alerts.definition import Definition
from jobs.alerts.detection.family import budgeted
from jobs.alerts.detection.rules import Learned, Missing
from tools.errors import AssistantError

if TYPE_CHECKING:
    from jobs.alerts.detection.rules import Direction
    from tools.tool import Context

TOGETHER_PER_YEAR = 12.0
"""False alarms that all of the learned ones together may make in a year: one a month."""
LEARNED: tuple[tuple[str, Direction], ...] = (
    ("net_sales", "both"),
    ("orders", "both"),
    ("aov", "both"),
    ("return_rate", "up"),
    ("active_customers", "both"),
    ("sessions", "both"),
    ("conversion_rate", "both"),
)
MISSING = ("orders", "sessions")


def shipped(context: Context) -> tuple[tuple[str, Definition], ...]:
    """(name, definition) of those whose tables the store has."""
    learned = [(metric, side) for metric, side in LEARNED if _there(context, metric)]
    rule = budgeted(Learned(), len(learned), TOGETHER_PER_YEAR)
    per_year = float(f"{rule.per_year:.2g}")
    found = [(metric, Definition(metric, rule=Learned(per_year, side))) for metric, side in learned]
    missing = [metric for metric in MISSING if _there(context, metric)]
    return (*found, *((f"{metric} missing", Definition(metric, rule=Missing())) for metric in missing))


def _there(context: Context, metric: str) -> bool:
    catalog = context.catalog
    try:
        for table in catalog.tables_of(catalog.metric(metric)):
            context.warehouse.table(table)
    except AssistantError:
        return False
    return True
