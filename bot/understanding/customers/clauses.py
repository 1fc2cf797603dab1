"""Pieces grouped into clauses: each says one thing of a customer, and how it joins what went before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bot.understanding.customers.pieces import Amount, Piece

# What a clause is about. "orders" and the like stand here where no number has taken them as its unit.
HEADS = frozenset(
    {
        *("buy", "buy_or_spend", "spend", "gross", "aov", "units", "orders", "products", "returned", "returned_times"),
        *("returns_value", "return_rate", "first", "last", "inactive", "gone", "one_time", "repeat", "times"),
    }
)
MEASURES = frozenset({"spend", "gross", "aov", "units", "orders", "products", "returns_value", "return_rate"})
LISTED = frozenset({"value", "period", "group", "saved"})
TRAITS = frozenset({"value", "group", "saved", "male", "female", "email_consent", "sms_consent"})
PERSONS = frozenset({"个", "位", "名"})
FLAGS = frozenset({"both", "either", "ago", "alltime", "again", "net_word", "same_goods"})
ASKING = frozenset({"count", "list"})
ASIDE = frozenset({*ASKING, "customer"})
COMMAS = frozenset({",", "，", ";", "；"})
Join = Literal["and", "or", "but"]


@dataclass
class Clause:
    """One predicate with what belongs to it. `joined` is the word between values or periods that are listed."""

    join: Join = "and"
    neg: Literal["not", "never", "except"] | None = None
    head: Piece | None = None
    only: Piece | None = None
    amount: Piece | None = None
    periods: list[Piece] = field(default_factory=list)
    traits: list[Piece] = field(default_factory=list)
    joined: set[str] = field(default_factory=set)
    both: bool = False
    either: bool = False
    ago: bool = False
    alltime: bool = False
    again: bool = False
    same_goods: bool = False
    net: bool = False
    order: list[Piece] = field(default_factory=list)
    loose: list[Piece] = field(default_factory=list)
    by_noun: bool = False

    @property
    def content(self) -> bool:
        return bool(self.amount or self.periods or self.traits)

    @property
    def empty(self) -> bool:
        return not (self.content or self.head or self.neg or self.only)


class Splitter:
    """Goes through the pieces once and decides where a new clause begins."""

    def __init__(self, pieces: Sequence[Piece], texts: Sequence[str], *, chinese: bool) -> None:
        self.pieces = pieces
        self.texts = texts
        self.chinese = chinese
        self.clauses: list[Clause] = [Clause()]
        self.loose: list[Piece] = []  # pieces that no clause can take
        self.nouns = 0
        self.asked: list[Piece] = []
        self.listing = False
        self._pending: Join | None = None
        self._steps: dict[str, Callable[[int, Piece], None]] = {
            **dict.fromkeys(("and", "or", "but"), self._join),
            **dict.fromkeys(ASKING, self._ask),
            **dict.fromkeys(("neg", "never", "except"), self._negation),
            "customer": self._noun,
            "except_after": self._left_out,
            "only": self._only,
            "amount": self._amount,
            "period": self._period,
        }

    @property
    def current(self) -> Clause:
        return self.clauses[-1]

    def split(self) -> list[Clause]:
        for i, piece in enumerate(self.pieces):
            self._take(i, piece)
        return [clause for clause in self.clauses if not clause.empty or clause.loose]

    def _take(self, i: int, piece: Piece) -> None:
        kind = piece.kind
        if kind in HEADS:
            self._head(i, piece)
        elif kind in TRAITS:
            self._trait(i, piece)
        elif kind in FLAGS:
            self._flag(piece)
        elif kind in self._steps:
            self._steps[kind](i, piece)
        elif kind != "located":
            self.loose.append(piece)

    def _ask(self, i: int, piece: Piece) -> None:
        self.asked.append(piece)
        if (self.current.head or self.current.amount) and self._says_more(i):
            self._pending = self._pending or "and"

    def _left_out(self, _i: int, _piece: Piece) -> None:
        self.current.neg = self.current.neg or "except"
        self._pending = "and"

    def _only(self, _i: int, piece: Piece) -> None:
        if self._pending or (self.current.head and self.current.content):
            self._new()
        self.current.only = piece
        self.current.order.append(piece)

    def _flag(self, piece: Piece) -> None:
        if self._pending and piece.kind in ("alltime", "again", "both", "either"):
            self._new()
        setattr(self.current, "net" if piece.kind == "net_word" else piece.kind, True)

    def _new(self) -> Clause:
        join, self._pending = self._pending or "and", None
        if self.current.empty:
            self.current.join = join
            return self.current
        self.clauses.append(Clause(join=join))
        return self.current

    def _join(self, i: int, piece: Piece) -> None:
        kind = piece.kind
        before, after = self._at(i - 1), self._at(i + 1)
        if self._opening() and self.pieces[i].value in (",", "，"):
            return
        if (
            before is not None
            and after is not None
            and kind != "but"
            and before.kind == after.kind
            and before.kind in LISTED
            and _alike(before, after)
            and not self._begins_anew(i + 1)
        ):
            self.current.joined.add(kind)
            return
        if kind == "or" or self._pending is None or (kind == "but" and self._pending != "or"):
            self._pending = "or" if kind == "or" else "but" if kind == "but" else "and"

    def _opening(self) -> bool:
        """ "In 2011, …": the clause so far is a time that what follows happens in."""
        current = self.current
        return bool(current.periods) and not (
            current.head or current.amount or current.traits or current.neg or current.only
        )

    def _begins_anew(self, i: int) -> bool:
        """Whether the period at `i` belongs to a verb after it, the clause so far having its own."""
        if not self.chinese or self.pieces[i].kind != "period" or self.current.head is None:
            return False
        return self._verb_follows(i)

    def _verb_follows(self, i: int) -> bool:
        for piece in self.pieces[i + 1 :]:
            if piece.kind in HEADS:
                return True
            if piece.kind not in ("neg", "never", "only", "value", "both", "again", "alltime"):
                return False
        return False

    def _at(self, i: int) -> Piece | None:
        return self.pieces[i] if 0 <= i < len(self.pieces) else None

    def _noun(self, i: int, piece: Piece) -> None:
        before, after = self._at(i - 1), self._at(i + 1)
        self.nouns += 1
        amount = self.current.amount
        if (
            before is not None
            and before is amount
            and isinstance(amount.value, Amount)
            and _bare(amount.value)
            and (
                self.current.head is None
                or self.current.head.kind not in {*MEASURES, "buy_or_spend"}
                or (self.chinese and piece.first > before.spans[-1] + 1 and self.texts[before.spans[-1] + 1] in PERSONS)
            )
        ):
            self.loose.append(before)  # "5 customers" counts customers, which no condition does
        if not self.current.empty and not self._opening():
            if self.current.head is None and self.current.neg in ("not", "never") and not self.current.content:
                return  # "no customers who …"
            if (
                self.current.head is not None
                and self.current.head.kind in ("first", "last")
                and not self.current.content
            ):
                return  # "new customers in 2011"
            self.current.by_noun = True
            if (after is None or after.kind not in ("and", "or", "but")) and self._says_more(i):
                self._pending = self._pending or "and"

    def _says_more(self, i: int) -> bool:
        """Whether a condition of its own follows, rather than the time or place of this one."""
        more = {*HEADS, "neg", "never", "only", "amount", "except"}
        return self.current.head is None or any(piece.kind in more for piece in self.pieces[i + 1 :])

    def _negation(self, _i: int, piece: Piece) -> None:
        kind = piece.kind
        current = self.current
        if piece.value in ("nothing", "none", "neither") and current.head and not current.content and not self._pending:
            current.neg = "not"  # "bought nothing"
            current.order.append(piece)
            return
        if self._pending or current.head or current.neg or self._settled() or self._counted():
            self._new()
        self.current.neg = {"neg": "not", "never": "never"}.get(kind, "except")  # type: ignore[assignment]
        self.current.again = self.current.again or piece.value.endswith(("again", "back")) or "再" in piece.value
        self.current.order.append(piece)

    def _counted(self) -> bool:
        """An amount stands by itself, except for 超过180天 before 没有购买."""
        amount = self.current.amount
        return amount is not None and not (isinstance(amount.value, Amount) and amount.value.duration)

    def _settled(self) -> bool:
        """Traits stand by themselves; a period or "but" waits for its verb."""
        return bool(self.current.traits) and not self.current.periods and self.current.neg is None and not self.chinese

    def _head(self, i: int, piece: Piece) -> None:
        current = self.current
        if self._pending:
            current = self._new()
        if current.neg == "except" and current.content:
            current = self._new()
        if current.head is not None:
            previous = self._at(i - 1)
            adjacent = previous is not None and previous is current.order[-1] if current.order else False
            if piece.kind in ("buy", "buy_or_spend", "orders") and current.head.kind in ("first", "last") and adjacent:
                return
            late = piece.value == "for the first time" and not current.amount
            plain = piece.kind in ("one_time", "repeat") and not current.content
            if current.head.kind == "buy" and (late or plain):
                current.head = piece
                current.order.append(piece)
                return
            buying = current.head.kind in ("buy", "buy_or_spend") and (adjacent or not current.content)
            if buying and (piece.kind in MEASURES or piece.kind == "buy"):
                if piece.kind in MEASURES and piece.kind != "orders":
                    current.head = piece
                current.order.append(piece)
                return
            if piece.kind in ("buy", "buy_or_spend") and current.head.kind in ("one_time", "repeat"):
                return
            current = self._new()
        current.head = piece
        current.both = current.both or piece.value.startswith("同时")
        current.order.append(piece)

    def _amount(self, _i: int, piece: Piece) -> None:
        current = self.current
        dated = current.head is not None and current.head.kind in ("first", "last") and bool(current.periods)
        if self._pending or dated or current.amount is not None or (current.neg == "except" and current.content):
            current = self._new()
        current.amount = piece
        current.order.append(piece)

    def _period(self, i: int, piece: Piece) -> None:
        current = self.current
        done = current.neg == "except" and current.content
        again = bool(current.periods) and not current.joined and bool(current.head or current.amount)
        if self._pending == "and" and self._time_behind(i):
            self._pending = None
        if self._pending or again or done or self._verb_of_its_own(i):
            current = self._new()
        current.periods.append(piece)
        current.order.append(piece)

    def _time_behind(self, i: int) -> bool:
        """ "Who ordered twice, 2010, how many", 买过两次的客户，2010年，有多少人: the time of what stands before."""
        if self.current.periods or not (self.current.head or self.current.amount):
            return False
        apart = self.pieces[i - 1].value in COMMAS or (self.chinese and self.pieces[i - 1].kind == "customer")
        return apart and all(p.kind in ASIDE or p.value in COMMAS for p in self.pieces[i + 1 :])

    def _trait(self, i: int, piece: Piece) -> None:
        current = self.current
        said = current.head is not None
        if piece.kind == "value":
            apart = said and (current.by_noun or self._verb_of_its_own(i))
        else:
            apart = current.head is not None and current.head.kind not in ("one_time", "repeat")
        if self._pending or apart:
            current = self._new()
        current.traits.append(piece)
        current.order.append(piece)

    def _verb_of_its_own(self, i: int) -> bool:
        """Whether, in Chinese, what stands at `i` opens the next condition: its verb comes after it."""
        return self.chinese and self.current.head is not None and self.current.content and self._verb_follows(i)


def _alike(a: Piece, b: Piece) -> bool:
    """Values of one dimension, groups of one scheme: things that can be listed side by side."""
    if a.kind == "value":
        return bool({d for d, _v in a.value} & {d for d, _v in b.value})
    if a.kind == "group":
        return bool(a.value[0] == b.value[0])
    return True


def _bare(amount: Amount) -> bool:
    return amount.unit is None and not amount.money and not amount.percent and amount.duration is None
