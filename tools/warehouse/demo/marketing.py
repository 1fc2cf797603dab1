"""Advertising: campaigns, what is spent on them each day, and what that spending truly brings.

Spending x works through an adstock, A(d) = x(d) + retention · A(d - 1), and saturates: the intensity of orders is
multiplied by 1 + Σ strength · A / (A + half). Figures are those of scale 1; money is scaled when it is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.warehouse.demo.seasons import occasions

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Net sales of a day without advertising at scale 1, CNY: what strengths are measured against.
BASE_DAY = 30_000.0


@dataclass(frozen=True)
class Medium:
    """`day` CNY a day at scale 1, `roas` the return aimed at, `overcredit` the share of other orders it claims."""

    name: str
    zh: str
    day: float
    retention: float
    half: float
    roas: float
    overcredit: float
    cpm: float
    ctr: float


MEDIA = (
    Medium("search", "搜索广告", 1900.0, 0.15, 2600.0, 3.2, 0.05, 38.0, 0.035),
    Medium("social", "社交媒体", 1650.0, 0.45, 4200.0, 2.1, 0.02, 24.0, 0.012),
    Medium("email", "邮件", 160.0, 0.10, 260.0, 8.0, 0.03, 12.0, 0.022),
    Medium("affiliate", "联盟推广", 620.0, 0.25, 1100.0, 1.6, 0.05, 30.0, 0.02),
    Medium("display", "展示广告", 800.0, 0.65, 3200.0, 0.6, 0.01, 9.0, 0.004),
    Medium("influencer", "达人合作", 900.0, 0.60, 3600.0, 1.2, 0.01, 32.0, 0.01),
)


@dataclass(frozen=True)
class Campaign:
    key: str
    name: str
    zh: str
    channel: str
    objective: str
    first: int
    last: int
    budget: float


@dataclass(frozen=True)
class Marketing:
    """Arrays over the store's days and the media above; `before` more days precede those with that length."""

    campaigns: tuple[Campaign, ...]
    running: Ints  # (days, media): position of the running campaign, -1 where there is none
    spend: Floats  # (days, media), CNY at scale 1
    impressions: Ints  # (days, media), at scale 1
    clicks: Ints
    strength: Floats  # (media,)
    multiplier: Floats  # (before + days,)
    share: Floats  # (before + days, media): cumulative probability that an order is owed to a medium
    activity: Floats  # (before + days, media): spend against its mean


def adstock(spend: Floats, retention: float) -> Floats:
    """Geometric carry-over, A(d) = x(d) + retention · A(d - 1) (Broadbent 1979)."""
    carried = np.empty_like(spend)
    level = 0.0
    for at, value in enumerate(spend):
        level = value + retention * level
        carried[at] = level
    return carried


def _campaigns(start: date, end: date) -> list[Campaign]:
    """A campaign for each quarter and medium (month for e-mail), and one for each great sale."""
    found: list[Campaign] = []

    def day(value: date) -> int:
        return (value - start).days

    months = [
        date(year, month, 1)
        for year in range(start.year, end.year + 1)
        for month in range(1, 13)
        if (year, month) >= (start.year, start.month) and date(year, month, 1) <= end
    ]
    quarters = sorted({date(m.year, (m.month - 1) // 3 * 3 + 1, 1) for m in months})
    for medium in MEDIA:
        for begins in months if medium.name == "email" else quarters:
            length = 1 if medium.name == "email" else 3
            following = begins.year * 12 + begins.month - 1 + length
            finishes = date(following // 12, following % 12 + 1, 1) - timedelta(days=1)
            if medium.name == "email":
                tag = f"{begins:%Y-%m}"
                name, zh, objective = f"Newsletter {tag}", f"{begins.year}年{begins.month}月邮件通讯", "retention"
            else:
                tag = f"{begins.year}-Q{(begins.month - 1) // 3 + 1}"
                name = f"{medium.name.capitalize()} always-on {tag.replace('-', ' ')}"
                zh = f"{medium.zh}常规投放 {begins.year}年第{(begins.month - 1) // 3 + 1}季度"
                objective = {
                    "search": "conversion",
                    "affiliate": "conversion",
                    "display": "awareness",
                    "influencer": "awareness",
                }.get(medium.name, "acquisition")
            found.append(
                Campaign(f"{medium.name}-{tag}", name, zh, medium.name, objective, day(begins), day(finishes), 0.0)
            )
        for occasion in (o for year in range(start.year, end.year + 1) for o in occasions(year)):
            great = occasion.key.rsplit("-", 1)[0] in ("618", "double-11", "black-friday", "christmas")
            if great and day(occasion.starts_on) >= 0 and occasion.starts_on <= end:
                found.append(
                    Campaign(
                        f"{medium.name}-{occasion.key}",
                        f"{occasion.name} {medium.name}",
                        f"{occasion.zh}{medium.zh}",
                        medium.name,
                        "conversion",
                        day(occasion.starts_on),
                        day(occasion.ends_on),
                        0.0,
                    )
                )
    return found


def make_marketing(rng: np.random.Generator, start: date, end: date, before: int) -> Marketing:
    """The plan of spending from `before` days ahead of `start` to `end`, and what it does."""
    days = (end - start).days + 1
    total = before + days
    campaigns = _campaigns(start, end)
    running = np.full((days, len(MEDIA)), -1, dtype=np.int64)
    push = np.ones(total)
    names = [m.name for m in MEDIA]
    for at, campaign in enumerate(campaigns):  # a sale's campaign comes after the ordinary one and takes its days
        a, b = max(campaign.first, 0), min(campaign.last, days - 1)
        running[a : b + 1, names.index(campaign.channel)] = at
        if "always-on" not in campaign.name and campaign.channel == "search":
            push[before + a : before + b + 1] = 1.35
    weeks = total // 7 + 2
    spend = np.zeros((total, len(MEDIA)))
    for m, medium in enumerate(MEDIA):
        flight = (
            rng.gamma(4.0, 0.25, weeks)
            if medium.name != "influencer"
            else rng.gamma(2.0, 0.9, weeks) * (rng.random(weeks) < 0.6)
        )
        if medium.name in ("display", "affiliate"):
            flight *= rng.random(weeks) < 0.8
        daily = np.repeat(flight, 7)[:total] * rng.uniform(0.9, 1.1, total) * push
        spend[:, m] = np.round(medium.day * daily / daily.mean(), 2)
    strength = np.zeros(len(MEDIA))
    effect = np.zeros((total, len(MEDIA)))
    for m, medium in enumerate(MEDIA):
        carried = adstock(spend[:, m], medium.retention)
        saturated = carried / (carried + medium.half)
        strength[m] = medium.roas * spend[:, m].mean() / (BASE_DAY * saturated.mean())
        effect[:, m] = strength[m] * saturated
    multiplier = 1 + effect.sum(axis=1)
    visible = spend[before:]
    cpm = np.array([m.cpm for m in MEDIA])
    ctr = np.array([m.ctr for m in MEDIA])
    impressions = np.round(visible / cpm * 1000 * rng.uniform(0.85, 1.15, visible.shape)).astype(np.int64)
    clicks = np.round(impressions * ctr * rng.uniform(0.8, 1.2, visible.shape)).astype(np.int64)
    budgets = np.zeros(len(campaigns))
    for m in range(len(MEDIA)):
        on = running[:, m] >= 0
        np.add.at(budgets, running[on, m], visible[on, m])
    return Marketing(
        campaigns=tuple(
            Campaign(c.key, c.name, c.zh, c.channel, c.objective, c.first, c.last, round(budgets[at] * 1.05, -2))
            for at, c in enumerate(campaigns)
        ),
        running=running,
        spend=visible,
        impressions=impressions,
        clicks=clicks,
        strength=strength,
        multiplier=multiplier,
        share=np.cumsum(effect, axis=1) / multiplier[:, None],
        activity=spend / spend.mean(axis=0),
    )


def spend_rows(marketing: Marketing, start: date, scale: float) -> list[dict[str, Any]]:
    """Rows of `campaign_spend`: a running campaign's days with spending."""
    rows: list[dict[str, Any]] = []
    for day, m in zip(*np.nonzero((marketing.running >= 0) & (marketing.spend > 0)), strict=True):
        campaign = marketing.campaigns[marketing.running[day, m]]
        rows.append(
            {
                "day": start + timedelta(days=int(day)),
                "campaign_id": campaign.key,
                "channel": campaign.channel,
                "spend": round(float(marketing.spend[day, m]) * scale, 2),
                "impressions": round(int(marketing.impressions[day, m]) * scale),
                "clicks": round(int(marketing.clicks[day, m]) * scale),
            }
        )
    return rows


def campaign_rows(marketing: Marketing, start: date, scale: float) -> list[dict[str, Any]]:
    """Rows of `campaigns`; those of text messages and pushes stand in `contacts`."""
    return [
        {
            "campaign_id": c.key,
            "name": c.name,
            "channel": c.channel,
            "objective": c.objective,
            "starts_on": start + timedelta(days=c.first),
            "ends_on": start + timedelta(days=c.last),
            "budget": round(c.budget * scale, 2),
        }
        for c in marketing.campaigns
    ]
