"""What is told of one customer, or of customers by name, is what the other tools say of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.conftest import FITTED_ONCE
from tools.answer import Answer, ToolCall
from tools.customers.profile import buying
from tools.customers.value import lifetime_values
from tools.registry import discover
from tools.runner import run
from tools.tool import Context

pytestmark = FITTED_ONCE
ALL_TIME = {"start": "2009-12-01", "end": "2011-12-09"}
# The busiest, one with many returns, one who sent back more than they bought, one order only.
CUSTOMERS = ("14646", "12748", "14911", "12346", "12350")


def ask(context: Context, tool: str, **args: Any) -> Answer:
    return run(discover(), context, ToolCall(tool, args), lambda *_: None)


@pytest.mark.parametrize("customer", CUSTOMERS)
def test_a_customers_own_lines_give_the_figures_of_the_metrics(retail_context: Context, customer: str) -> None:
    metrics = ask(
        retail_context,
        "metrics",
        metrics=["orders", "net_sales", "gross_sales", "returns", "units", "aov"],
        period=ALL_TIME,
        filters=[{"dimension": "customer", "values": [customer]}],
    )
    told = {fact.name: fact.value for fact in metrics.facts}
    found, _sql = buying(retail_context, customer)
    assert found.orders == told["orders"]
    assert found.units == told["units"]
    for name in ("net_sales", "gross_sales", "returns"):
        assert getattr(found, name) == pytest.approx(told[name], abs=0.005), name
    assert (found.gross_sales - found.discounts) / found.orders == pytest.approx(told["aov"])
    assert sum(net for _month, net in found.months(1000)) == pytest.approx(told["net_sales"], abs=0.005)


def test_nobody_who_cannot_be_told_is_called_active(retail_context: Context) -> None:
    """In the BG/NBD, who ordered once is alive for sure, however long ago: that was shown as 100 %."""
    values = lifetime_values(retail_context)
    assert not values.models.orders.leaves_at_once
    once = np.flatnonzero(values.models.purchases.x == 0)
    assert values.at(int(once[0])).p_alive is None
    answer = ask(retail_context, "clv", top=1000, order="lowest")
    told = {fact.name: fact.value for fact in answer.facts if not fact.where}
    assert told["active_customers"] <= told["repeat_customers"] < told["customers"]  # type: ignore[operator]


def test_what_was_bought_and_sent_back_is_no_spending(retail_context: Context) -> None:
    """Sums of floats end in 1e-13 where they cancel; taken for spending, they bent the whole model of spending."""
    models = lifetime_values(retail_context).models
    positive = models.purchases.net[models.purchases.net > 0]
    assert positive.min() >= 0.01 - 1e-9
    assert models.spend.customers == len(positive)


def test_the_split_by_country_adds_up(retail_context: Context) -> None:
    whole, split = ask(retail_context, "clv"), ask(retail_context, "clv", by="country", top=1000)
    total = next(fact.value for fact in whole.facts if fact.name == "clv" and not fact.where)
    assert split.table is not None
    assert sum(float(str(row[3])) for row in split.table.rows) == pytest.approx(total)
    assert next(fact.value for fact in split.facts if fact.name == "clv" and not fact.where) == pytest.approx(total)
