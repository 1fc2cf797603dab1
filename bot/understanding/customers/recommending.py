"""The tool `recommend`: what to offer to whom, and what goes with what."""

from __future__ import annotations

from typing import Any, ClassVar

from bot.understanding.customers.frame import Frame
from bot.understanding.customers.naming import Names
from bot.understanding.customers.parts import Unclear
from bot.understanding.customers.pieces import Piece
from bot.understanding.customers.segments import frame_rule
from bot.understanding.customers.topic import Read, Topic

OWN = ("recommend", "together", "offer_word", "should_we", "likely", "product_word", "id_word", "diverse", "list")
MOST = 100
VAGUE = frozenset(
    {
        *("together", "together with", "alongside", "match", "matches", "matching", "fits", "combine", "combined with"),
        *("一起", "组合", "搭", "配", "搭配", "关联", "连带", "同时买", "complement", "pairs", "也买", "还买"),
    }
)
VERBS = frozenset({"buy", "buy_or_spend", "orders"})


class Recommending(Topic):
    """For a customer, for the customers of a rule, for a product, or the strongest pairs."""

    tool: ClassVar[str] = "recommend"

    def read(self) -> Read:
        together = self.has("together")
        if not together and not self.has("recommend"):
            return None
        frame = self.frame(*OWN)
        args: dict[str, Any] = {}
        if self.has("diverse"):
            args["diversity"] = 0.7
        self._top(frame, args)
        frame.without("and") if together else None
        codes, products = frame.find("code"), self._products(frame)
        rest = [
            p
            for p in frame.pieces
            if p.kind not in ("customer", "count", "list") and p not in products and p not in codes
        ]
        buying = bool(rest) and all(p.kind in VERBS for p in rest)
        if len(codes) == 1 and not products and not rest:
            return self.call({"customer": codes[0].value, **args})
        if len(products) == 1 and not codes and (not rest or (together and buying)):
            dimension, values = Names(self.scene, self.world).resolve(products[0])
            if dimension == "product" and len(values) == 1:
                return self.call({"product": values[0], **args})
        if codes:
            raise Unclear(codes[0].spans)
        if frame.by is not None or frame.order is not None:
            raise Unclear
        frame.without("list", "count")
        rule = frame_rule(frame) if not (together and buying and not products) else None
        if rule is None and not self._pairs():
            raise Unclear(tuple(self.scene.words("recommend")))
        if rule is not None and together:
            raise Unclear(tuple(self.scene.words("together")))
        return self.call({**({"rule": rule} if rule is not None else {}), **args})

    def _pairs(self) -> bool:
        """Whether the words ask for what sells together, with no product named."""
        return any(self.scene.spans[i].text not in VAGUE for i in self.scene.words("together"))

    def _top(self, frame: Frame, args: dict[str, Any]) -> None:
        """ "Recommend 5 products", "top 10 pairs": a number that counts what is offered."""
        if frame.top is not None:
            args["top"] = min(frame.top, MOST)
            frame.order = None
        for piece in frame.find("number"):
            number = next(iter(self.scene.spans[piece.first].values("number")), None)
            if number is not None and number.whole and 0 < number.whole <= MOST and "top" not in args:
                args["top"] = int(number.whole)
                frame.take(piece)
        for piece in frame.find("amount"):
            if (
                piece.value.op is None
                and piece.value.high is None
                and piece.value.unit in ("products", "units", "products_doubtful")
            ):
                args["top"] = min(int(piece.value.value), MOST)
                frame.take(piece)
        frame.without("rank_high")

    def _products(self, frame: Frame) -> list[Piece]:
        return [piece for piece in frame.find("value") if any(d == "product" for d, _v in piece.value)]
