"""Messages sent to customers, and coupons that nobody used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from tools.warehouse.demo.behaviour import DAY, Crowd, uniform
from tools.warehouse.demo.marketing import Campaign, Marketing
from tools.warehouse.demo.seasons import occasions

if TYPE_CHECKING:
    from tools.warehouse.demo.world import Array, World

MESSAGE_CHANNELS = ("email", "sms", "push")
_SHARE = (0.22, 0.2, 0.2)  # of those who may be written to, at each sending
_OPEN = (0.23, 0.0, 0.07)
_CLICK = (0.13, 0.045, 0.3)  # of those who opened; of all for text messages, which report no opening
_LEAVE = (0.0022, 0.007, 0.001)  # of all
EMAIL_CONSENT, SMS_CONSENT = 0.64, 0.4
COUPON_MEMBER, COUPON_KEEP_DAYS = 0.9, 30


@dataclass(frozen=True)
class Sending:
    """One message to many; `campaign` is its id."""

    campaign: str
    channel: int
    day: int


@dataclass(frozen=True)
class Contacts:
    """Columns over messages; -1 where something never happened. Consent is what is left of it on the last day."""

    sending: Array
    customer: Array
    at: Array
    opened: Array
    clicked: Array
    left: Array
    email_consent: Array
    sms_consent: Array


@dataclass(frozen=True)
class SpareCoupons:
    """Columns over coupons that were not used."""

    customer: Array
    kind: Array
    issued: Array


def message_campaigns(start: date, end: date) -> list[Campaign]:
    """Campaigns by text message and push, for the great sales; they carry no advertising spend."""
    found = []
    for occasion in (o for year in range(start.year, end.year + 1) for o in occasions(year)):
        name = occasion.key.rsplit("-", 1)[0]
        if name in ("618", "double-11", "black-friday", "christmas") and start <= occasion.starts_on <= end:
            first, last = (occasion.starts_on - start).days, (occasion.ends_on - start).days
            for channel, zh in (("sms", "短信"), ("push", "推送")):
                found.append(
                    Campaign(
                        f"{channel}-{occasion.key}",
                        f"{occasion.name} {channel}",
                        f"{occasion.zh}{zh}",
                        channel,
                        "retention",
                        first,
                        last,
                        0.0,
                    )
                )
    return found


def sendings(marketing: Marketing, start: date, end: date) -> tuple[Sending, ...]:
    """All sendings in time order: a newsletter in each month, and one message a channel for a great sale."""
    days = (end - start).days + 1
    found = []
    for campaign in (*marketing.campaigns, *message_campaigns(start, end)):
        if campaign.channel in MESSAGE_CHANNELS:
            day = max(campaign.first, 0) + (9 if campaign.name.startswith("Newsletter") else 2)
            if 0 <= day < days and (start + timedelta(days=day)) <= end:
                found.append(Sending(campaign.key, MESSAGE_CHANNELS.index(campaign.channel), day))
    return tuple(sorted(found, key=lambda s: (s.day, s.campaign)))


def draw_contacts(rng: np.random.Generator, world: World, crowd: Crowd, plan: tuple[Sending, ...]) -> Contacts:
    """Messages to a block's customers, none after one opted out of that channel."""
    size = len(crowd.country)
    allowed = np.stack([uniform(rng, size) < EMAIL_CONSENT, uniform(rng, size) < SMS_CONSENT, uniform(rng, size) < 0.5])
    # A sending goes to those it is drawn for; whoever opted out earlier is taken out afterwards.
    sent: list[Array] = []
    customer: list[Array] = []
    for position, sending in enumerate(plan):
        known = int(np.searchsorted(crowd.joined, sending.day * DAY))  # customers are in the order they joined
        chosen = np.flatnonzero(allowed[sending.channel, :known] & (uniform(rng, known) < _SHARE[sending.channel]))
        sent.append(np.full(len(chosen), position))
        customer.append(chosen)
    number, who = np.concatenate([*sent, []]).astype(np.int64), np.concatenate([*customer, []]).astype(np.int64)
    channel = np.array([s.channel for s in plan], dtype=np.int64)[number]
    day = np.array([s.day for s in plan], dtype=np.int64)[number]
    leaves = uniform(rng, len(number)) < np.array(_LEAVE)[channel]
    first_leave = np.full((len(MESSAGE_CHANNELS), size), np.iinfo(np.int64).max)
    np.minimum.at(first_leave, (channel[leaves], who[leaves]), number[leaves])
    kept = np.flatnonzero(number <= first_leave[channel, who])
    number, who, channel, leaves = number[kept], who[kept], channel[kept], leaves[kept]
    last = world.days * DAY - 1
    at = day[kept] * DAY + 9 * 3600 + rng.integers(0, 2 * 3600, len(number))
    opened = (uniform(rng, len(number)) < np.array(_OPEN)[channel]) | (leaves & (channel != 1))
    opened_at = at + 60 + (rng.exponential(6 * 3600, len(number))).astype(np.int64)
    base = np.where(channel == 1, at, opened_at)
    clicked = (opened | (channel == 1)) & (uniform(rng, len(number)) < np.array(_CLICK)[channel])
    clicked_at = base + 5 + rng.integers(0, 120, len(number))
    left_at = base + 30 + rng.integers(0, 300, len(number))
    stayed = np.iinfo(np.int64).max
    return Contacts(
        sending=number,
        customer=who,
        at=at,
        opened=np.where(opened & (opened_at <= last), opened_at, -1),
        clicked=np.where(clicked & (clicked_at <= last), clicked_at, -1),
        left=np.where(leaves & (left_at <= last), left_at, -1),
        email_consent=allowed[0] & (first_leave[0] == stayed),
        sms_consent=allowed[1] & (first_leave[1] == stayed),
    )


def draw_spare_coupons(rng: np.random.Generator, world: World, crowd: Crowd, welcomed: Array) -> SpareCoupons:
    """A welcome coupon for every new customer who did not use it, and members' coupons now and then."""
    last = world.days * DAY - 1
    welcome = np.flatnonzero(~welcomed & (crowd.joined >= 0))
    since = np.maximum(crowd.joined, 0)
    number = rng.poisson(COUPON_MEMBER * (1 - since / (last + 1)) * 2.5)
    member = np.repeat(np.arange(len(since)), number)
    issued = since[member] + (rng.random(len(member)) * (last - since[member])).astype(np.int64)
    return SpareCoupons(
        customer=np.concatenate([welcome, member]),
        kind=np.concatenate([np.zeros(len(welcome), dtype=np.int64), np.where(uniform(rng, len(member)) < 0.6, 2, 3)]),
        issued=np.concatenate([crowd.joined[welcome], issued]),
    )
