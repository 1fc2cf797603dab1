"""The truth file: every planted truth, where to look for it, how strong it was made, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tools.warehouse.demo import behaviour, traffic
from tools.warehouse.demo.marketing import MEDIA
from tools.warehouse.demo.planted import Role, Window

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.warehouse.demo.blocks import TrialCount
    from tools.warehouse.demo.world import Array, World

SCHEMA = 1
INTENDED_SHARE = 0.5  # of an experiment's customers that should see the variant
Named = dict[str, Any]
_TRIAL_SUMMARY = {
    (True, True): "The variant converts more customers.",
    (True, False): "The variant converts more customers, and the split is not the intended half.",
    (False, True): "The variant changes nothing.",
    (False, False): "The variant changes nothing, and the split is not the intended half.",
}


def describe(
    world: World,
    *,
    seed: int,
    scale: float,
    owed: Array,
    credited: Array,
    trials: Mapping[str, TrialCount],
    cohort: int,
) -> dict[str, Any]:
    """The truth file as a JSON object; `docs/demo-store.md` documents it. Money in the store's currency."""
    plan = world.plan

    def product(role: Role) -> str:
        return world.products.ids[world.product(role)]

    def period(window: Window) -> dict[str, str]:
        return {"start": plan.on(window.first).isoformat(), "end": plan.on(window.last).isoformat()}

    def since(day: int) -> dict[str, str]:
        return period(Window(day, plan.days - 1))

    whole = period(Window(0, plan.days - 1))
    found: list[dict[str, Any]] = []

    def truth(
        name: tuple[str, str], summary: str, where: Named, parameters: Named, realised: Named | None = None
    ) -> None:
        key, kind = name
        found.append(
            {
                "id": key,
                "kind": kind,
                "summary": summary,
                "where": where,
                "parameters": parameters,
                "realised": realised or {},
            }
        )

    for trial in plan.trials:
        count = trials[trial.key]
        anyway = count.treated_converted_anyway
        truth(
            (f"experiment/{trial.key}", "experiment"),
            _TRIAL_SUMMARY[trial.uplift > 0, trial.treated_share == INTENDED_SHARE],
            {
                "table": "experiments",
                "experiment_id": trial.key,
                "variant": trial.variant,
                "period": period(Window(trial.starts, trial.starts + 27)),
            },
            {
                "added_conversion_of_others": trial.uplift,
                "intended_share": INTENDED_SHARE,
                "treated_share": trial.treated_share,
            },
            {
                "control": count.control,
                "control_converted": count.control_converted,
                "treated": count.treated,
                "treated_converted": count.treated_converted,
                "treated_converted_without_treatment": anyway,
                "true_lift": (count.treated_converted - anyway) / anyway if anyway else None,
            },
        )
    for at, medium in enumerate(MEDIA):
        spend = float(np.sum(np.round(world.marketing.spend[:, at] * scale, 2) * (world.marketing.running[:, at] >= 0)))
        truth(
            (f"channel/{medium.name}", "channel_return"),
            "What a marketing channel's spending truly brings, with carry-over and saturation.",
            {"tables": ["campaign_spend", "order_lines"], "channel": medium.name, "period": whole},
            {
                "adstock_retention": medium.retention,
                "half_saturation": medium.half * scale,
                "strength": float(world.marketing.strength[at]),
                "overcredited_share_of_other_orders": medium.overcredit,
            },
            {
                "spend": round(spend, 2),
                "incremental_sales": int(owed[at]) / 100,
                "true_roas": int(owed[at]) / 100 / spend,
                "credited_sales": int(credited[at]) / 100,
                "credited_roas": int(credited[at]) / 100 / spend,
            },
        )
    for elastic in plan.elastic:
        at = world.product(elastic.role)
        truth(
            (f"elasticity/{product(elastic.role)}", "price_elasticity"),
            "Quantity follows price to the power of the elasticity.",
            {"table": "order_lines", "product_id": product(elastic.role), "period": whole},
            {"elasticity": elastic.elasticity},
            {
                "price_changes": int(np.count_nonzero(np.diff(world.price[:, at]))),
                "lowest_price": int(world.price[:, at].min()) / 100,
                "highest_price": int(world.price[:, at].max()) / 100,
            },
        )
    truth(
        ("stock_out", "stock_out"),
        "A best-seller has no stock and no sales.",
        {
            "tables": ["inventory", "order_lines"],
            "product_id": product(plan.stock_out),
            "period": period(plan.stock_out_days),
        },
        {"usual_share_of_lines": plan.stock_out.share},
    )
    truth(
        ("refund_spike", "refund_spike"),
        "A faulty batch of one product comes back in one week.",
        {
            "table": "order_lines",
            "product_id": product(plan.refund_spike),
            "category": plan.refund_spike.category,
            "period": period(plan.refund_days),
        },
        {"return_probability": plan.refund_probability, "sold_in": period(plan.refund_sold)},
    )
    month = plan.on(plan.churn_days.first)
    truth(
        ("churned_cohort", "churned_cohort"),
        "Customers whom one channel brought in one month almost all left after their first order.",
        {
            "tables": ["customers", "order_lines"],
            "acquisition_channel": plan.churn_channel,
            "month": f"{month:%Y-%m}",
            "period": period(plan.churn_days),
        },
        {"leaves_after_an_order": plan.churn_dropout, "acquisition_factor": plan.churn_acquisition},
        {"customers": cohort},
    )
    for pair in plan.pairs:
        truth(
            (f"pair/{product(pair.first)}+{product(pair.second)}", "bought_together"),
            "The second product joins baskets that hold the first.",
            {
                "table": "order_lines",
                "product_id": product(pair.first),
                "with_product_id": product(pair.second),
                "period": whole,
            },
            {"probability": pair.probability, "least_lift": 5},
        )
    truth(
        ("tracking_outage", "tracking_outage"),
        "A traffic channel's events are missing, while orders go on.",
        {"table": "events", "channel": plan.outage_channel, "period": period(plan.outage_days)},
        {},
    )
    truth(
        ("price_error", "price_error"),
        "A product was sold at a tenth of its price for a day.",
        {
            "table": "order_lines",
            "product_id": product(plan.price_error),
            "period": period(Window(plan.price_error_day, plan.price_error_day)),
        },
        {"price_factor": plan.price_error_factor, "demand_factor": plan.price_error_demand},
    )
    truth(
        ("country_decline", "country_decline"),
        "A country's sales fall because one category does.",
        {
            "table": "order_lines",
            "country": plan.decline_country,
            "category": plan.decline_category,
            "period": since(plan.decline_from),
        },
        {"kept_share_of_lines": plan.decline_keep},
    )
    truth(
        ("growth_product", "growth"),
        "A new product takes off.",
        {"table": "order_lines", "product_id": product(plan.growth), "period": since(plan.growth_launch)},
        {
            "launched_on": plan.on(plan.growth_launch).isoformat(),
            "middle": plan.on(plan.growth_middle).isoformat(),
            "share_of_lines": plan.growth.share,
        },
    )
    truth(
        ("hostile_name", "hostile_name"),
        "A product name full of characters that must be escaped.",
        {"table": "products", "product_id": product(plan.hostile)},
        {"name": world.products.names[world.product(plan.hostile)]},
    )
    return {
        "schema": SCHEMA,
        "store": {
            "seed": seed,
            "scale": scale,
            "start": plan.start.isoformat(),
            "end": plan.end.isoformat(),
            "currency": "CNY",
        },
        "behaviour": {
            "model": "MBG/NBD in operational time, basket sizes gamma",
            "rate_shape": behaviour.RATE_SHAPE,
            "rate_mean": behaviour.RATE_MEAN,
            "drop_a": behaviour.DROP_A,
            "drop_b": behaviour.DROP_B,
            "basket_shape": behaviour.SIZE_SHAPE,
            "guest_share": behaviour.GUEST_SHARE,
        },
        "events": {"panel_share": traffic.panel_share(scale)},
        "truths": found,
    }
