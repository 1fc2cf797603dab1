"""What a question about customers asks beside the rule: how many to list, in which order, split by what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from bot.understanding.customers.clauses import Splitter
from bot.understanding.customers.combining import Combining, Wish
from bot.understanding.customers.parts import Unclear
from bot.understanding.customers.pieces import Amount, Cutter, Piece
from bot.understanding.lexicon import CJK
from bot.understanding.reading.draft import World
from bot.understanding.scene import Scene

SPLITS = ("country", "region", "city", "gender", "acquisition_channel")
SCHEMES = ("rfm", "lifecycle", "tier", "cluster")
ORDERS = {
    "spend": "net_sales",
    "gross": "gross_sales",
    "orders": "orders",
    "times": "orders",
    "units": "units",
    "aov": "aov",
    "returns_value": "returns",
    "return_rate": "return_rate",
    "buy_or_spend": "net_sales",
}
MOST_LISTED = 1000
PEOPLE = ("客户", "用户", "人", "customers")  # in "number of customers", 多少人
SPLITTING = ("split", "拆分", "拆开", "分布", "分组", "划分", "拆", "分别", "breakdown", "break down", "distribution")


@dataclass
class Frame:
    """The pieces of a question without those that say how the answer is to be laid out."""

    scene: Scene
    world: World
    choices: Mapping[str, str]
    absorbed: frozenset[int] = frozenset()
    top: int | None = None
    by: str | None = None
    order_by: str | None = None
    order: str | None = None
    pieces: list[Piece] = field(default_factory=list)
    listing: bool = False
    counting: bool = False
    nouns: int = 0
    refers: bool = False

    @property
    def chinese(self) -> bool:
        return bool(CJK.search(self.scene.norm.text))

    def cut(self) -> Frame:
        """Cuts the scene and takes out what is not the rule's."""
        self.pieces = Cutter(self.scene, self.world, self.absorbed).pieces()
        self._of_their_kind()
        self._splits()
        self._ranks()
        self.listing = any(piece.kind == "list" for piece in self.pieces)
        self.counting = any(piece.kind == "count" for piece in self.pieces)
        self.nouns = sum(
            piece.kind == "customer" or (piece.kind == "count" and any(noun in piece.value for noun in PEOPLE))
            for piece in self.pieces
        )
        self.refers = any(piece.kind == "them" for piece in self.pieces)
        self.pieces = [piece for piece in self.pieces if piece.kind != "them"]
        return self

    def without(self, *kinds: str) -> None:
        self.pieces = [piece for piece in self.pieces if piece.kind not in kinds]

    def find(self, *kinds: str) -> list[Piece]:
        return [piece for piece in self.pieces if piece.kind in kinds]

    def take(self, *pieces: Piece) -> None:
        self.pieces = [piece for piece in self.pieces if piece not in pieces]

    def stages(self) -> None:
        """ "New customers", "active customers" beside a forecast are stages; beside a period they are figures."""
        names = {"lifecycle_new": "new", "lifecycle_active": "active"}
        self.pieces = [
            replace(piece, kind="group", value=("lifecycle", names[piece.kind])) if piece.kind in names else piece
            for piece in self.pieces
        ]

    def wish(self) -> Wish:
        """The rule of what is left. Raises Unclear, naming what does not fit, and Ambiguous."""
        splitter = Splitter(self.pieces, [span.text for span in self.scene.spans], chinese=self.chinese)
        clauses = splitter.split()
        if splitter.loose:
            raise Unclear(tuple(i for piece in splitter.loose for i in piece.spans))
        return Combining(self.scene, self.world, self.choices, chinese=self.chinese).rule(clauses)

    def _of_their_kind(self) -> None:
        """ "The UK market", 英国市场: what a value is says nothing more of it."""
        self.take(
            *(
                piece
                for before, piece in pairwise(self.pieces)
                if before.kind == "value"
                and piece.kind == "dimension"
                and piece.first == before.spans[-1] + 1
                and "country" in piece.value
                and any(dimension == "country" for dimension, _value in before.value)
            )
        )

    def _splits(self) -> None:
        pieces = self.pieces
        for i, piece in enumerate(pieces):
            name = self._split_name(piece)
            if name is None:
                continue
            before, after = _at(pieces, i - 1), _at(pieces, i + 1)
            marks = [p for p in (before, after) if p is not None and p.kind == "by"]
            implied = piece.kind == "dimension" and self.scene.spans[piece.first].text.startswith(("各", "每个"))
            if not marks and not implied:
                continue
            if self.by is not None:
                raise Unclear(piece.spans)
            self.by = name
            more = [p for p in pieces if p.value in SPLITTING or (p.kind == "segment_word" and name in SCHEMES)]
            self.take(piece, *marks, *more)
            return self._splits()
        return None

    def _split_name(self, piece: Piece) -> str | None:
        if piece.kind in SCHEMES:
            return piece.kind
        if piece.kind == "gender_word":
            return "gender"
        if piece.kind == "dimension":
            return next((name for name in SPLITS if name in piece.value), None)
        return None

    def _ranks(self) -> None:
        """ "Top 20 by spend", 消费最高的20位: how many, and in which order."""
        pieces = list(self.pieces)
        taken: list[Piece] = []
        for i, piece in enumerate(pieces):
            if piece.kind in ("rank_high", "rank_low"):
                taken.append(piece)
                self.order = "lowest" if piece.kind == "rank_low" else self.order or "highest"
                before = _at(pieces, i - 1)
                if self.chinese and before is not None and before.kind in ORDERS and not self._compared(pieces, i - 1):
                    self.order_by = ORDERS[before.kind]
                    taken.append(before)
                after = _at(pieces, i + 1)
                if (
                    not self.chinese
                    and after is not None
                    and after.kind in ORDERS
                    and not self._compared(pieces, i + 1)
                ):
                    self.order_by = ORDERS[after.kind]
                    taken.append(after)
            elif piece.kind == "number":
                top = self._count(piece)
                if top is not None and self.top is None and self._counts_people(pieces, i):
                    self.top = top
                    taken.append(piece)
            elif piece.kind in ("sort", "by"):
                after = _at(pieces, i + 1)
                if after is not None and after.kind in ORDERS:
                    self.order_by = ORDERS[after.kind]
                    self.order = self.order or "highest"
                    taken += [piece, after]
                elif piece.kind == "sort" and self.order_by is not None:
                    taken.append(piece)
        self.take(*taken)

    def _compared(self, pieces: Sequence[Piece], i: int) -> bool:
        after = _at(pieces, i + 1)
        return after is not None and after.kind == "amount"

    def _counts_people(self, pieces: Sequence[Piece], i: int) -> bool:
        near = [_at(pieces, j) for j in (i - 1, i + 1)]
        return any(p is not None and p.kind in ("rank_high", "rank_low", "customer", "list") for p in near)

    def _count(self, piece: Piece) -> int | None:
        number = next(iter(self.scene.spans[piece.first].values("number")), None)
        if number is None or number.money or number.whole is None or not 0 < number.whole <= MOST_LISTED:
            return None
        return int(number.whole)


def percent(piece: Piece) -> float | None:
    amount = piece.value
    return amount.value if isinstance(amount, Amount) and amount.percent else None


def _at(pieces: Sequence[Piece], i: int) -> Piece | None:
    return pieces[i] if 0 <= i < len(pieces) else None


def listing(frame: Frame) -> dict[str, Any]:
    """The arguments of a list: how many, sorted by what."""
    found: dict[str, Any] = {}
    if frame.top is not None:
        found["top"] = frame.top
    if frame.order_by is not None and frame.order_by != "net_sales":
        found["order_by"] = frame.order_by
    if frame.order == "lowest":
        found["order"] = "lowest"
    return found
