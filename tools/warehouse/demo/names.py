"""The store's fixed tables: products, sellers, campaigns, and every value's names in both languages."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.warehouse.demo.contacts import message_campaigns
from tools.warehouse.demo.marketing import MEDIA, campaign_rows

if TYPE_CHECKING:
    from tools.warehouse.demo.world import World

CHANNEL_NAMES = {
    "web": ("网站", ("官网", "网页")),
    "app": ("APP", ("应用", "手机应用")),
    "marketplace": ("平台", ("第三方平台", "电商平台")),
    "store": ("门店", ("线下门店", "实体店")),
}
SOURCE_NAMES = {"organic": "自然流量", "direct": "直接访问", "referral": "推荐引荐", **{m.name: m.zh for m in MEDIA}}
MESSAGE_NAMES = {"email": "邮件", "sms": "短信", "push": "推送"}
DEVICE_NAMES = {"desktop": "电脑", "mobile": "手机", "app": "APP"}


def product_rows(world: World) -> list[dict[str, Any]]:
    products = world.products
    return [
        {
            "product_id": product,
            "name": products.names[at],
            "category": world.categories[products.category[at]],
            "brand": products.brand[at],
            "unit_cost": int(products.cost[at]) / 100,
            "list_price": int(world.price[-1, at]) / 100,
            "seller_id": f"S{products.seller[at] + 1:03d}" if products.seller[at] >= 0 else None,
            "launched_on": world.plan.on(int(products.launched[at])),
        }
        for at, product in enumerate(products.ids)
    ]


def seller_rows(world: World) -> list[dict[str, Any]]:
    return [
        {
            "seller_id": f"S{at + 1:03d}",
            "name": name,
            "country": country,
            "region": region,
            "city": city,
            "joined_on": world.plan.start - timedelta(days=40 + 37 * at % 700),
        }
        for at, (name, country, region, city) in enumerate(world.words.sellers)
    ]


def all_campaign_rows(world: World, scale: float) -> list[dict[str, Any]]:
    plan = world.plan
    messages = [
        {
            "campaign_id": c.key,
            "name": c.name,
            "channel": c.channel,
            "objective": c.objective,
            "starts_on": plan.on(c.first),
            "ends_on": plan.on(c.last),
            "budget": None,
        }
        for c in message_campaigns(plan.start, plan.end)
    ]
    return campaign_rows(world.marketing, plan.start, scale) + messages


def inventory_columns(world: World, on_hand: Any, on_order: Any, lead: Any) -> dict[str, Any]:
    """Columns of `inventory`: every day of every product since its launch; products by position."""
    there = np.arange(world.days)[:, None] >= world.products.launched[None, :]
    day, product = np.nonzero(there)
    return {
        "day": np.datetime64(world.plan.start) + day,
        "product": product,
        "on_hand": on_hand[there],
        "on_order": on_order[there],
        "lead_time_days": lead[product],
    }


def alias_rows(world: World) -> list[dict[str, Any]]:
    """Rows of `value_aliases`; a language marks the value's proper name in it, none marks a synonym."""
    words, products = world.words, world.products
    rows: dict[tuple[str, str, str], str | None] = {}

    def name(dimension: str, value: str, alias: str, language: str | None) -> None:
        rows.setdefault((dimension, value, alias), language)

    def both(dimension: str, value: str, zh: str, also: tuple[str, ...] = ()) -> None:
        name(dimension, value, value, "en")
        name(dimension, value, zh, "zh")
        for other in also:
            name(dimension, value, other, None)

    for at, product in enumerate(products.ids):
        name("product", product, products.names[at], "en")
        name("product", product, products.names_zh[at], "zh")
    for category in words.categories:
        both("category", category.name, category.zh, category.also)
    for brand in words.brands:
        both("brand", brand.name, brand.zh)
    for country in words.countries:
        both("country", country.name, country.zh, country.also)
        for city in country.cities:
            both("region", city.region, city.region_zh)
            both("city", city.name, city.zh)
    for channel, (zh, also) in CHANNEL_NAMES.items():
        both("channel", channel, zh, also)
    for source, zh in SOURCE_NAMES.items():
        both("traffic_channel", source, zh)
        both("acquisition_channel", source, zh)
    for medium in MEDIA:
        both("marketing_channel", medium.name, medium.zh)
    for channel, zh in MESSAGE_NAMES.items():
        both("message_channel", channel, zh)
        both("marketing_channel", channel, zh)
    for device, zh in DEVICE_NAMES.items():
        both("device", device, zh)
    for campaign in (*world.marketing.campaigns, *message_campaigns(world.plan.start, world.plan.end)):
        name("campaign", campaign.key, campaign.name, "en")
        name("campaign", campaign.key, campaign.zh, "zh")
    for trial in world.plan.trials:
        name("experiment", trial.key, trial.name, "en")
        name("experiment", trial.key, trial.zh, "zh")
    return [{"dimension": d, "value": v, "alias": a, "language": language} for (d, v, a), language in rows.items()]
