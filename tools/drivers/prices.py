"""Price × volume × mix over products, with returns, discounts, and products that came or went as parts of their own."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST = 0.5


@dataclass(frozen=True)
class Product:
    """What a product sold: amounts before discounts, and units, in the baseline and now."""

    gross_before: float
    gross_now: float
    units_before: float
    units_now: float
    id: str | None = None


@dataclass(frozen=True)
class PriceVolumeMix:
    """Sums to the change of gross sales. `new` were not sold in the baseline, `gone` are not sold now."""

    price: float
    volume: float
    mix: float
    new: float
    gone: float
    repriced: str | None = None  # the product whose price makes most of `price`

    @property
    def change(self) -> float:
        return math.fsum((self.price, self.volume, self.mix, self.new, self.gone))


def price_volume_mix(products: Iterable[Product]) -> PriceVolumeMix:
    """The parts of the change of gross sales.

    For products sold on both sides, with means over the two periods in brackets, Δ(p q) = [q] Δp + [p] Δq: the first is
    price; with q = s · Q, a product's share of all units, the second is [p] [s] ΔQ (volume: as many more of everything)
    and [p] [Q] Δs (mix: more of the dear ones). The midpoint prefers neither period and leaves nothing over.
    """
    everything = list(products)
    both = [one for one in everything if one.units_before > 0 and one.units_now > 0]
    came = [one for one in everything if one.units_before <= 0]
    went = [one for one in everything if one.units_before > 0 >= one.units_now]
    units_before, units_now = math.fsum(p.units_before for p in both), math.fsum(p.units_now for p in both)
    price, volume, mix = [], [], []
    for one in both:
        price_before, price_now = one.gross_before / one.units_before, one.gross_now / one.units_now
        share_before, share_now = one.units_before / units_before, one.units_now / units_now
        middle = (price_before + price_now) / 2
        price.append((one.units_before + one.units_now) / 2 * (price_now - price_before))
        volume.append(middle * (share_before + share_now) / 2 * (units_now - units_before))
        mix.append(middle * (units_before + units_now) / 2 * (share_now - share_before))
    return PriceVolumeMix(
        math.fsum(price),
        math.fsum(volume),
        math.fsum(mix),
        math.fsum(p.gross_now - p.gross_before for p in came),
        math.fsum(p.gross_now - p.gross_before for p in went),
        _most_of([one.id for one in both], price),
    )


def _most_of(products: Sequence[str | None], effects: Sequence[float]) -> str | None:
    """The product with the greatest effect, where it makes most of all effects together, and few work against it."""
    effect, product = max(zip(effects, products, strict=True), key=lambda row: abs(row[0]), default=(0.0, None))
    makes_most = abs(effect) > MOST * math.fsum(map(abs, effects)) and effect * math.fsum(effects) > 0
    return product if makes_most else None
