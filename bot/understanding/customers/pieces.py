"""From spans to the pieces of conditions: quantities with their comparison and unit, periods, values, verbs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import zip_longest
from typing import Any

from bot.understanding.customers.terms import Duration
from bot.understanding.numbers import Number
from bot.understanding.reading.draft import World
from bot.understanding.scene import Scene
from bot.understanding.spans import Span
from tools.customers.rules import Comparison
from tools.semantic.periods import Period, shift

BEFORE: dict[str, Comparison] = {
    "at_least": ">=",
    "at_most": "<=",
    "more_than": ">",
    "less_than": "<",
    "exactly": "=",
}
UNITS = ("orders", "times", "products", "units", "own_currency", "products_doubtful")
MOST_DAYS = 36_500
VERBS = frozenset({"buy", "buy_or_spend", "spend", "orders", "returned"})
TIMES = {"once": 1.0, "twice": 2.0, "thrice": 3.0}
ONE_PERSON = frozenset({"customer", "client", "buyer", "shopper"})
# Read as pieces of their own, in this order where a span has several readings.
WORDS = (
    *("never", "neg", "only", "except", "except_after", "first", "last", "inactive", "one_time", "repeat", "returned"),
    *("returned_times", "returns_value", "return_rate", "gross", "aov", "spend", "products", "orders", "buy"),
    *("buy_or_spend", "units", "times", "net_word", "gone", "customer", "count", "list", "share_of", "or", "but"),
    *("and", "both", "either", "same_goods", "ago", "again", "alltime", "located", "male", "female", "email_consent"),
    *(
        "sms_consent",
        "rfm",
        "lifecycle",
        "tier",
        "cluster",
        "segment_word",
        "by",
        "gender_word",
        "rank_high",
        "rank_low",
        "sort",
        "them",
    ),
)


@dataclass(frozen=True)
class Amount:
    """A number, or a span of them, with how it is compared and what it counts. Both ends are included."""

    op: Comparison | None
    value: float
    high: float | None = None
    unit: str | None = None
    money: bool = False
    percent: bool = False
    duration: Duration | None = None


@dataclass(frozen=True)
class Piece:
    """`kind`: a word's group, or amount, duration, period, value, group, saved, code, dimension, unknown."""

    kind: str
    value: Any
    spans: tuple[int, ...]

    @property
    def first(self) -> int:
        return self.spans[0]


class Cutter:
    """Cuts a scene into pieces, from left to right. Fillers leave none."""

    def __init__(self, scene: Scene, world: World, absorbed: frozenset[int] = frozenset()) -> None:
        self.scene = scene
        self.world = world
        self.absorbed = absorbed

    def pieces(self) -> list[Piece]:
        return _gathered(self._cut())

    def _cut(self) -> list[Piece]:
        found: list[Piece] = []
        i = 0
        spans = self.scene.spans
        while i < len(spans):
            if i in self.absorbed:
                i += 1
                continue
            amount = self._amount(i)
            if amount is not None:
                found.append(amount)
                i = amount.spans[-1] + 1
                continue
            piece = self._single(i, found)
            if piece is not None:
                found.append(piece)
            i += 1
        return found

    # --- Quantities -------------------------------------------------------------------------------------------

    def _amount(self, i: int) -> Piece | None:
        """A quantity that begins at span `i`: "at least 5 orders", "5次及以上", "£100 to £200", "180天"."""
        spans = self.scene.spans
        used = [i]
        op: Comparison | None = None
        j = i
        if self._ranging(i):
            j += 1
        else:
            name = self._comparing(j)
            while name is not None:
                op = BEFORE[name]
                used.append(j)
                j = self._next(j)
                name = self._comparing(j)
        low = self._size(j, compared=op is not None)
        if low is None or (op is None and self._labelled(j)):
            return None
        used.append(j)
        size, duration, money, percent = low
        j += 1
        if self._said_twice(j):
            used.append(j)
            j += 1
        high: float | None = None
        following = self._next(j - 1)
        dashed = following < len(spans) and self._dash(j - 1, following)
        if op is None and following < len(spans) and (dashed or spans[following].word("range_to")):
            second = following if dashed else self._next(following)
            upper = self._size(second, compared=True)
            alike = upper is not None and (upper[1] is None or duration is None or upper[1].grain == duration.grain)
            if upper is not None and alike and not self._own_condition(second):
                used += [following, second]
                high, j = upper[0], second + 1
                money, percent = money or upper[2], percent or upper[3]
                duration = upper[1] or duration
                if upper[1] is None and low[1] is not None:
                    return None  # "90 days to 5"
        if self._ranging(i) and high is None:
            return None
        if op is None and high is None and self._bare_value(used[-1]):
            return None
        unit, op, more = self._unit_and_after(j, op, counted=duration is None)
        used += more
        if unit is None and self._alone(j - 1):
            unit = "times" if not self.scene.spans[j - 1].word("single") else "orders"
        if unit == "own_currency":
            unit, money = None, True
        if duration is None and not (unit or money or percent or op or high) and not self._alone(used[-1]):
            return None
        return Piece("amount", Amount(op, size, high, unit, money, percent, duration), tuple(sorted(set(used))))

    def _said_twice(self, j: int) -> bool:
        """2次到4次, "3 orders to 5 orders": the unit stands at `j` and again after the upper number."""
        spans = self.scene.spans
        if j + 3 >= len(spans) or not spans[j + 1].word("range_to") or spans[j + 1].word("and"):
            return False
        unit = next((name for name in UNITS if spans[j].word(name)), None)
        return unit is not None and spans[j + 3].word(unit) and self._size(j + 2, compared=True) is not None

    def _dash(self, i: int, j: int) -> bool:
        """ "3-5": the dash between two numbers is no word."""
        return self.scene.norm.folded[self.scene.spans[i].end : self.scene.spans[j].start].strip() in set("-–—~～")

    def _ranging(self, i: int) -> bool:
        span = self.scene.spans[i]
        return span.word("between") and self._size(i + 1, compared=True) is not None

    def _comparing(self, j: int) -> str | None:
        if j >= len(self.scene.spans):
            return None
        span = self.scene.spans[j]
        name = next((name for name in BEFORE if span.word(name)), None)
        if name is None:
            return None
        following = self._next(j)
        if span.text in ("最多", "最少") and following > j + 1:
            return None  # 最多的3个客户 ranks
        if self._size(following, compared=True) is not None or self._comparing(following) is not None:
            return name
        return None

    def _next(self, j: int) -> int:
        """The span after `j` that says something; a plain article or the like says nothing."""
        k = j + 1
        while k < len(self.scene.spans) and self._plain(self.scene.spans[k]):
            k += 1
        return k

    def _plain(self, span: Span) -> bool:
        return span.word("filler") and not span.word("within", "range_to", "between", "and")

    def _size(self, j: int, *, compared: bool) -> tuple[float, Duration | None, bool, bool] | None:
        if j >= len(self.scene.spans):
            return None
        span = self.scene.spans[j]
        if self._negative(span):
            return None
        for duration in span.values("duration"):
            if duration.count <= 0:
                return None
            if duration.ago or compared or not span.has("period"):
                return duration.count, duration, False, False
        for name, value in TIMES.items():
            if span.word(name):
                return value, None, False, False
        if span.word("single"):
            ranks = self._next(j) < len(self.scene.spans) and self.scene.spans[self._next(j)].word(
                "rank_high", "rank_low"
            )
            return None if ranks else (1.0, None, False, False)  # "our single biggest customer" counts no orders
        number: Number | None = next(iter(span.values("number")), None)
        if number is None or (span.has("period") and not self._counts(j)):
            return None
        return number.value, None, number.money, number.percent

    def _negative(self, span: Span) -> bool:
        """ "-3": no customer has ordered less than nothing; 3-5 and A-3 are no such numbers."""
        before = self.scene.norm.folded[: span.start].rstrip("£$€¥ ")
        return span.has("number") and before.endswith(("-", "−", "负")) and not before[:-1][-1:].isalnum()

    def _counts(self, j: int) -> bool:
        """Whether a year-like number counts something: a unit or money stands after it."""
        following = self._next(j)
        return following < len(self.scene.spans) and self.scene.spans[following].word(*UNITS)

    def _own_condition(self, j: int) -> bool:
        """ "2 and 3 orders"? no range without "between": "5 orders and 3 returns" is two conditions."""
        previous = self.scene.spans[j - 1]
        return previous.word("and") and not previous.word("filler") and not self._between_before(j)

    def _between_before(self, j: int) -> bool:
        return any(self.scene.spans[k].word("between") for k in range(max(0, j - 5), j))

    def _bare_value(self, j: int) -> bool:
        """A code of a product, or a period, with no unit after it is no quantity."""
        span = self.scene.spans[j]
        if any(duration.ago for duration in span.values("duration")):
            return False
        return (span.has("value") or span.has("period")) and not self._counts(j)

    def _alone(self, j: int) -> bool:
        return self.scene.spans[j].word(*TIMES, "single")

    def _unit_and_after(
        self, j: int, op: Comparison | None, *, counted: bool
    ) -> tuple[str | None, Comparison | None, list[int]]:
        """What is counted and "or more", in either order."""
        unit: str | None = None
        used: list[int] = []
        spans = self.scene.spans
        for _ in range(4):
            k = j
            while (
                k < len(spans) and spans[k].word("filler") and spans[k].text in ("of", "的", "个", "worth of", "的不同")
            ):
                k += 1
            if k >= len(spans):
                break
            span = spans[k]
            found = next((name for name in UNITS if span.word(name)), None) if counted else None
            if found is not None and (unit is None or (unit == "times" and found == "orders")):
                unit = found
            elif span.word("at_least_after") and op in (None, ">="):
                op = ">="
            elif span.word("at_most_after") and op in (None, "<="):
                op = "<="
            elif (
                op is None and span.word("at_least") and not self._comparing(k) and span.text in ("minimum", "at least")
            ):
                op = ">="
            else:
                break
            used += range(j, k + 1)
            j = k + 1
        return unit, op, used

    # --- Single spans -----------------------------------------------------------------------------------------

    def _single(self, i: int, before: list[Piece]) -> Piece | None:
        span = self.scene.spans[i]
        if span.text == "no" and self.scene.norm.folded[span.end : span.end + 1] == ".":
            return None  # "customer no. 17841"
        for kind in ("saved", "group"):
            if span.has(kind) and not (kind == "group" and span.word("inactive") and self._lasting(i + 1)):
                return Piece(kind, span.values(kind)[0], (i,))
        code = self._customer(i, before)
        if code is not None:
            return Piece("code", code, (i,))
        for found in span.values("period"):
            if found.kind == "period" and found.period == Period(self.world.first_day or date.min, self.world.today):
                return Piece("alltime", span.text, (i,))
            return Piece(found.kind, found, (i,))
        if span.has("value"):
            return Piece("value", tuple(dict.fromkeys(span.values("value"))), (i,))
        if span.has("absent"):
            return Piece("absent", span.values("absent")[0], (i,))
        for name in WORDS:
            if span.word(name):
                return Piece(name, span.text, (i,))
        if span.has("dimension"):
            return Piece("dimension", span.values("dimension"), (i,))
        if span.word("filler", "within", "own_currency", "greeting", "thanks"):
            return None
        word = next((r.value for r in span.readings if r.kind == "word"), None)
        if word is not None:
            return Piece(str(word), span.text, (i,))
        return Piece("number" if span.has("number") else "unknown", span.text, (i,))

    def _lasting(self, i: int) -> bool:
        """ "Silent for over 90 days": a duration follows, and no stage is meant."""
        amount = self._amount(i) if i < len(self.scene.spans) else None
        return amount is not None and amount.value.duration is not None

    def _customer(self, i: int, before: list[Piece]) -> str | None:
        """A customer's id: right after the word, or a number that is one and no product's code."""
        span = self.scene.spans[i]
        text = self.scene.original(span)
        known = self.world.index.customers
        labelled = self._labelled(i)
        if known is not None and text not in known and text.upper() in known:
            text = text.upper()
        if known is not None and text in known and (labelled or not (span.has("value") or span.has("period"))):
            return text
        if labelled and span.text.isdigit() and not span.has("period") and before:
            return text
        return None

    def _labelled(self, i: int) -> bool:
        """Whether the word "customer" says that what follows is an id."""
        spans = self.scene.spans
        if i == 0 or not (spans[i].text.isdigit() or spans[i].unknown):
            return False
        if spans[i].text.isdigit() and len(spans[i].text) < 4:
            return self._one_person(i)
        return spans[i - 1].word("customer") or (
            i > 1 and spans[i - 1].word("id_word") and spans[i - 2].word("customer")
        )

    def _one_person(self, i: int) -> bool:
        """ "Customer 5", 客户7的: one by a short id; "customers 5", 客户5个 count."""
        spans = self.scene.spans
        if spans[i - 1].text in ONE_PERSON:
            return True
        after = self.scene.norm.folded[spans[i].end :].lstrip()
        return spans[i - 1].text in ("客户", "顾客", "用户", "买家") and (not after or after[0] in "的，。？?,.")


def _gathered(pieces: list[Piece]) -> list[Piece]:
    """Brings a comparison to its number over a verb: 至少下单5次, "at least ordered 5 times"."""
    found = [p for p, after in zip_longest(pieces, pieces[1:]) if not _over(p, after)]
    if any(piece.kind == "period" for piece in found):
        # "New customers in 2011": who first bought then.
        found = [replace(piece, kind="first") if piece.kind == "lifecycle_new" else piece for piece in found]
    for i, piece in enumerate(found[:-2]):
        verb, amount = found[i + 1], found[i + 2]
        if piece.kind not in BEFORE or verb.kind not in VERBS or amount.kind != "amount":
            continue
        op = BEFORE[piece.kind]
        if amount.value.op not in (None, op) or amount.value.high is not None:
            continue
        whole = Piece("amount", replace(amount.value, op=op), (*piece.spans, *amount.spans))
        found[i + 2] = whole
        found[i] = verb
        found[i + 1] = whole
        del found[i + 2]
        break
    return found


def _over(piece: Piece, after: Piece | None) -> bool:
    """ "Over the past year" compares nothing."""
    return piece.value == "over" and after is not None and after.kind == "period"


def days_back(world: World, duration: Duration) -> int:
    """How many days a duration is, counted back from today on the calendar: six months back from 9 December, 183."""
    if duration.grain in ("day", "week"):
        return min(MOST_DAYS, round(duration.count * (7 if duration.grain == "week" else 1)))
    months = min(MOST_DAYS / 31, {"month": 1, "quarter": 3, "year": 12}[duration.grain] * duration.count)
    start = shift(world.today, "month", -int(months))
    return (world.today - start).days + (15 if months % 1 else 0)


def last_days(world: World, duration: Duration) -> Period:
    """The last so many days, today included; longer units as the period grammar counts them."""
    return Period(world.today - timedelta(days=days_back(world, duration) - 1), world.today)
