"""Which of the store's values the words of a clause name."""

from __future__ import annotations

from typing import Any

from bot.understanding.customers.clauses import Clause
from bot.understanding.customers.parts import Unclear
from bot.understanding.customers.pieces import Piece
from bot.understanding.reading.draft import World
from bot.understanding.scene import Scene
from bot.understanding.taught.vocabulary import ONE_THING

GOODS = ("product", "category", "brand", "channel", "marketing_channel", "campaign")
PLACES = ("region", "city")
MOST_NAMED = 50


class Names:
    """Resolves values; several products under one name are asked about."""

    def __init__(self, scene: Scene, world: World) -> None:
        self.scene, self.world = scene, world

    def goods(self, clause: Clause) -> list[dict[str, Any]]:
        """Conditions on the lines counted: products, categories, channels; one entry a dimension."""
        found: dict[str, list[str]] = {}
        for piece in clause.traits:
            if piece.kind == "value":
                dimension, values = self.resolve(piece, acquired=_acquired(clause))
                if dimension in GOODS:
                    known = found.setdefault(dimension, [])
                    known += [value for value in values if value not in known]
        return [{"dimension": name, "op": "in", "values": values} for name, values in found.items()]

    def countries(self, clause: Clause) -> list[str]:
        found = []
        for piece in clause.traits:
            if piece.kind == "value":
                dimension, values = self.resolve(piece, acquired=_acquired(clause))
                found += values if dimension == "country" else []
        return list(dict.fromkeys(found))

    def attributes(self, clause: Clause) -> dict[str, list[str]]:
        """Region, city, and the channel that a customer came by."""
        found: dict[str, list[str]] = {}
        for piece in clause.traits:
            if piece.kind == "value":
                dimension, values = self.resolve(piece, acquired=_acquired(clause))
                if dimension in (*PLACES, "acquisition_channel", "gender"):
                    found.setdefault(dimension, []).extend(values)
        return found

    def resolve(self, piece: Piece, *, acquired: bool = False) -> tuple[str, list[str]]:
        """The dimension and the values that a piece names. Raises Unclear, or asks which product is meant."""
        readings: list[tuple[str, str]] = list(piece.value)
        dimensions = list(dict.fromkeys(dimension for dimension, _value in readings))
        if acquired and "acquisition_channel" in dimensions:
            dimensions = ["acquisition_channel"]
        usable = [d for d in ("country", *PLACES, "gender", "acquisition_channel", *GOODS) if d in dimensions]
        if "channel" in usable and "acquisition_channel" in usable:
            usable.remove("acquisition_channel" if not acquired else "channel")
        if len(usable) > 1 and {"channel", "marketing_channel"} >= set(usable):
            usable = ["channel"]
        if len(usable) > 1 and {"acquisition_channel", "marketing_channel"} >= set(usable):
            usable = ["acquisition_channel"]
        if len(usable) != 1:
            raise Unclear(piece.spans)
        values = [value for dimension, value in readings if dimension == usable[0]]
        span = self.scene.spans[piece.first]
        if span.word("partial_name"):
            if " " not in span.text.strip() or len(values) > MOST_NAMED:
                raise Unclear(piece.spans)
            if len(values) > 1:
                raise Unclear(piece.spans)
        elif len(values) > 1 and usable[0] == "product" and not span.word(ONE_THING):
            raise Unclear(piece.spans)
        return usable[0], values


def _acquired(clause: Clause) -> bool:
    return clause.head is not None and clause.head.kind == "first"
