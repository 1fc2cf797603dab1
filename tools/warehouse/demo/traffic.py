"""What visitors do before they buy, or instead: a panel of visitors who agreed to be measured.

A tenth of customers, guests and passers-by are in the panel at scales up to 10, fewer beyond, so that the table stays
bounded; those in it are seen whole, so that rates and paths hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tools.warehouse.demo.behaviour import DAY, uniform
from tools.warehouse.demo.marketing import MEDIA
from tools.warehouse.demo.world import BEFORE, Array, World

if TYPE_CHECKING:
    from tools.warehouse.demo.baskets import Lines, Orders

PANEL = 0.1
PANEL_FULL_UP_TO = 10.0  # scale
BROWSING = 34.0  # sessions without a purchase for each with one, on an ordinary day
KNOWN = 0.22  # share of browsing sessions that are signed in
KINDS = ("impression", "click", "view", "search", "cart", "purchase")
SOURCES = ("organic", "direct", "referral", *(m.name for m in MEDIA))
DEVICES = ("desktop", "mobile", "app")
_IMPRESSION, _CLICK, _VIEW, _SEARCH, _CART, _PURCHASE = range(6)
# What happens in a session without a purchase, and how often.
_PATHS: tuple[tuple[float, tuple[int, ...]], ...] = (
    (0.20, (_IMPRESSION,)),
    (0.20, (_IMPRESSION, _IMPRESSION, _CLICK, _VIEW)),
    (0.20, (_VIEW,)),
    (0.13, (_SEARCH, _IMPRESSION, _CLICK, _VIEW)),
    (0.10, (_VIEW, _VIEW)),
    (0.06, (_SEARCH,)),
    (0.06, (_IMPRESSION, _CLICK, _VIEW, _CART)),
    (0.03, (_VIEW, _CART)),
    (0.02, (_SEARCH, _VIEW, _VIEW, _CART)),
)
_SOURCE_SHARE = (0.22, 0.16, 0.05, 0.19, 0.17, 0.03, 0.05, 0.08, 0.05)
_WEB, _APP = 0, 1
_UNPAID = 3  # the first sources cost nothing


@dataclass(frozen=True)
class Events:
    """Columns over a block's events; `session` counts from 0, `customer` -1 is unknown, `product` -1 none."""

    at: Array
    kind: Array
    session: Array
    customer: Array
    product: Array
    source: Array
    device: Array
    country: Array
    searched: Array  # whether a search term is there
    sessions: int


def panel_share(scale: float) -> float:
    """Share of visitors whose visits are in `events`."""
    return PANEL * min(1.0, PANEL_FULL_UP_TO / scale)


def _draw_source(rng: np.random.Generator, size: int, count: int) -> Array:
    steps = np.cumsum(_SOURCE_SHARE[:count])
    return np.minimum(np.searchsorted(steps / steps[-1], rng.random(size)), count - 1)


@dataclass(frozen=True)
class _Sessions:
    """Columns over sessions, and over what happens in them: `session` counts from 0."""

    customer: Array
    country: Array
    source: Array
    device: Array
    at: Array
    kind: Array
    session: Array
    product: Array


def draw_events(rng: np.random.Generator, world: World, orders: Orders, lines: Lines, share: float) -> Events:
    """The visits of a block's panel: one that ends in each online order, and those that end in nothing."""
    plan = world.plan
    online = (orders.channel == _WEB) | (orders.channel == _APP)
    customers = int(orders.customer.max(initial=-1)) + 1
    measured = uniform(rng, customers + 1) < share
    known = orders.customer >= 0
    in_panel = online & np.where(known, measured[np.maximum(orders.customer, 0)], uniform(rng, len(known)) < share)
    buying = _purchases(rng, world, orders, lines, in_panel)
    browsing = _browsing(rng, world, orders, in_panel & known, np.where(online, share, 0.0))
    first = len(buying.customer)
    at = np.clip(np.concatenate([buying.at, browsing.at]), 0, world.days * DAY - 1)
    kind = np.concatenate([buying.kind, browsing.kind])
    product = np.concatenate([buying.product, browsing.product])
    session = np.concatenate([buying.session, first + browsing.session])
    source = np.concatenate([buying.source, browsing.source])

    day = at // DAY
    lost = (source[session] == SOURCES.index(plan.outage_channel)) & (day >= plan.outage_days.first)
    kept = np.flatnonzero(~(lost & (day <= plan.outage_days.last)))
    kept = kept[np.argsort(at[kept], kind="stable")]
    session, kind, product = session[kept], kind[kept], product[kept]
    return Events(
        at=at[kept],
        kind=kind,
        session=session,
        customer=np.concatenate([buying.customer, browsing.customer])[session],
        product=np.where(kind == _SEARCH, -1, product),
        source=source[session],
        device=np.concatenate([buying.device, browsing.device])[session],
        country=np.concatenate([buying.country, browsing.country])[session],
        searched=np.where(kind == _SEARCH, product, -1),
        sessions=first + len(browsing.customer),
    )


def _purchases(rng: np.random.Generator, world: World, orders: Orders, lines: Lines, in_panel: Array) -> _Sessions:
    """How a buyer came, then each line seen, put in the cart and bought at the order's own time."""
    bought = np.flatnonzero(in_panel)
    count = len(bought)
    campaign = orders.campaign[bought]
    paid = np.array([*(SOURCES.index(c.channel) for c in world.marketing.campaigns), 0])[campaign]
    place = np.full(len(orders.at), -1)
    place[bought] = np.arange(count)
    seen = np.flatnonzero(in_panel[lines.order])
    session, done, product = place[lines.order[seen]], lines.at[seen], lines.product[seen]
    length = 240 + rng.integers(0, 900, count)
    begun = orders.at[bought] - length
    opening = np.where(uniform(rng, count) < 0.35, _SEARCH, _IMPRESSION)
    clicked = np.flatnonzero(opening == _IMPRESSION)
    entry = product[np.searchsorted(session, np.arange(count))]
    view_at = done - (length[session] * (0.45 + 0.4 * uniform(rng, len(seen)))).astype(np.int64)
    cart_at = done - (length[session] * (0.1 + 0.3 * uniform(rng, len(seen)))).astype(np.int64)
    each = [np.full(len(seen), kind) for kind in (_VIEW, _CART, _PURCHASE)]
    return _Sessions(
        customer=orders.customer[bought],
        country=orders.country[bought],
        source=np.where(campaign >= 0, paid, _draw_source(rng, count, _UNPAID)),
        device=np.where(orders.channel[bought] == _APP, 2, np.where(uniform(rng, count) < 0.65, 1, 0)),
        at=np.concatenate([begun, begun[clicked] + 15, view_at, cart_at, done]),
        kind=np.concatenate([opening, np.full(len(clicked), _CLICK), *each]),
        session=np.concatenate([np.arange(count), clicked, session, session, session]),
        product=np.concatenate([entry, entry[clicked], product, product, product]),
    )


def _browsing(rng: np.random.Generator, world: World, orders: Orders, measured: Array, share: Array) -> _Sessions:
    """Sessions without a purchase, more on days when people look around than on those when they come to buy.

    `measured` tells which orders' customers are signed in and in the panel, `share` how much of other traffic is.
    """
    day = orders.at // DAY
    pace = np.diff(world.clock, axis=1, prepend=0.0)
    curiosity = (world.traffic / pace)[world.zone[orders.country], day + BEFORE]
    passers = np.repeat(np.arange(len(day)), rng.poisson(share * BROWSING * (1 - KNOWN) * curiosity))
    members = np.repeat(np.arange(len(day)), rng.poisson(np.where(measured, BROWSING * KNOWN * curiosity, 0.0)))
    shift = np.where(uniform(rng, len(members)) < 0.5, 0, rng.integers(-14, 8, len(members)))
    near = np.concatenate([passers, members])
    count = len(near)
    on = np.clip(np.concatenate([day[passers], day[members] + shift]), 0, world.days - 1)
    country = orders.country[near]
    hour = world.hours[country, rng.integers(0, 1024, count, dtype=np.int32)]
    begun = on * DAY + hour * 3600 + rng.integers(0, 3600, count)
    lucky = uniform(rng, count)
    product = np.searchsorted(world.product_steps, on + 1 - rng.random(count)) - on * len(world.products.ids)
    path = np.minimum(np.searchsorted(np.cumsum([p for p, _ in _PATHS]), rng.random(count)), len(_PATHS) - 1)
    steps = np.array([len(p) for _, p in _PATHS])
    flat = np.array([k for _, p in _PATHS for k in p])
    begins = np.cumsum(steps) - steps
    session = np.repeat(np.arange(count), steps[path])
    place = np.arange(len(session)) - np.repeat(np.cumsum(steps[path]) - steps[path], steps[path])
    return _Sessions(
        customer=np.concatenate([np.full(len(passers), -1), orders.customer[members]]),
        country=country,
        source=_draw_source(rng, count, len(SOURCES)),
        device=np.where(lucky < 0.36, 2, np.where(lucky < 0.78, 1, 0)),
        at=begun[session] + place * rng.integers(8, 90, len(session)),
        kind=flat[begins[path[session]] + place],
        session=session,
        product=product[session],
    )
