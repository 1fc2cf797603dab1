"""Reviews: who writes one, what score, and in which words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tools.warehouse.demo.behaviour import DAY, uniform

if TYPE_CHECKING:
    from tools.warehouse.demo.baskets import Lines, Orders
    from tools.warehouse.demo.world import Array, World

SHARE = 0.075
VARIANTS = 36
LANGUAGES = ("en", "zh")
_MOOD = {1: "bad", 2: "bad", 3: "fair", 4: "good", 5: "good"}


@dataclass(frozen=True)
class Opinions:
    """Columns over reviews; `text` is a position in `review_texts`."""

    line: Array
    at: Array
    score: Array
    language: Array
    text: Array


def review_texts(world: World) -> list[str]:
    """Every text that can be written, ordered by language, score, category and variant."""
    texts = []
    for language in LANGUAGES:
        words = world.words.reviews[language]
        gap = "" if language == "zh" else " "
        for score in range(1, 6):
            mood = _MOOD[score]
            for category in world.categories:
                openings, closings = words["opening"][score], words["closing"][mood]
                remarks = [*words["aspect"][category][mood] * 2, *words["aspect"]["all"][mood]]
                for variant in range(VARIANTS):
                    opening = openings[variant % len(openings)]
                    remark = remarks[variant // 2 % len(remarks)]
                    closing = closings[variant // 3 % len(closings)]
                    texts.append(gap.join(part for part in (opening, remark, closing) if part))
    return texts


def draw_opinions(rng: np.random.Generator, world: World, orders: Orders, lines: Lines, returned: Array) -> Opinions:
    """Reviews of sold lines, `returned` telling which came back: those please less and are written about more."""
    came_back = np.zeros(len(lines.order), dtype=bool)
    came_back[returned] = True
    line = np.flatnonzero(uniform(rng, len(came_back)) < SHARE * np.where(came_back, 2.0, 1.0))
    at = lines.at[line] + ((4 + rng.gamma(2.0, 4.0, len(line))) * DAY).astype(np.int64)
    within = at < world.days * DAY
    line, at = line[within], at[within]
    product = lines.product[line]
    mean = world.products.quality[product] - np.where(came_back[line], 1.9, 0.0)
    # Skewed like real stars: mostly five, a few ones, little in between.
    raw = np.where(
        rng.random(len(line)) < 0.07, 1 + 1.2 * rng.random(len(line)), mean + rng.normal(0.25, 0.8, len(line))
    )
    score = np.clip(np.round(raw), 1, 5).astype(np.int64)
    country = orders.country[lines.order[line]]
    zone = world.zone[country]
    chinese = (zone == 0) | ((zone == 3) & (uniform(rng, len(line)) < 0.4))
    language = chinese.astype(np.int64)
    category = world.products.category[product]
    kinds = len(world.categories)
    text = ((language * 5 + score - 1) * kinds + category) * VARIANTS + rng.integers(0, VARIANTS, len(line))
    return Opinions(line, at, score, language, text)
