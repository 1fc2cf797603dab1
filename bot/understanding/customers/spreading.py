"""A condition in each of the periods, and of the goods, that its clause names; how many, and compared how."""

from __future__ import annotations

from collections.abc import Mapping

from bot.understanding.customers.clauses import Clause
from bot.understanding.customers.naming import Names
from bot.understanding.customers.parts import Ambiguous, Node, Part, Unclear, did, every
from bot.understanding.customers.pieces import Amount, Piece
from bot.understanding.reading.draft import World
from bot.understanding.scene import Scene
from tools.customers.rules import Comparison
from tools.messages import Quantity, say
from tools.semantic.periods import Period

COUNTED = {"orders": "orders", "times": "orders", "units": "units", "products": "products"}


class Spreading:
    """What every reading of a clause leans on; `choices` are answers to what had two readings."""

    def __init__(self, scene: Scene, world: World, choices: Mapping[str, str], *, chinese: bool) -> None:
        self.scene, self.world, self.choices, self.chinese = scene, world, choices, chinese
        self.names = Names(scene, world)

    def _amount(self, clause: Clause) -> Amount | None:
        return clause.amount.value if clause.amount is not None else None

    def _spans(self, clause: Clause) -> tuple[int, ...]:
        return tuple(i for piece in clause.order for i in piece.spans)

    def _compared(self, clause: Clause, measure: str) -> Node | Part:
        amount = self._amount(clause)
        assert amount is not None  # noqa: S101 -- every caller has looked
        op = self._op(clause, amount)
        bare = amount.op is None and amount.high is None and clause.only is None
        if bare and amount.unit == "times" and not (amount.value == 1 and not self.chinese):
            chosen = self.choices.get("count")
            if chosen is None:
                number = Quantity(int(amount.value))
                raise Ambiguous(
                    "count",
                    say("Exactly {count}, or at least {count}?", count=number),
                    {"=": say("Exactly {count}", count=number), ">=": say("At least {count}", count=number)},
                )
            op = "=" if chosen == "=" else ">="
        if self.chinese and amount.value == 1 and op == ">=" and self._over_one(clause):
            raise Unclear(clause.amount.spans if clause.amount else (), sure=True)
        parts = self._ranged(measure, amount, op)
        return parts[0] if len(parts) == 1 else Node("all", list(parts))

    def _over_one(self, clause: Clause) -> bool:
        """一次以上: once or more, which every customer did, or more than once?"""
        spans = [self.scene.spans[i] for i in clause.amount.spans] if clause.amount is not None else []
        after = [span.text for span in spans if span.word("at_least_after")]
        return after in (["以上"], ["以上的"]) and not any(span.word("at_least") for span in spans)

    def _op(self, clause: Clause, amount: Amount) -> Comparison:
        if clause.only is not None and amount.op is not None and amount.op not in ("<", "<=", "="):
            raise Unclear(clause.only.spans)
        bare = amount.money or amount.percent or amount.unit is None
        if amount.op is None and amount.high is None and bare and clause.only is None:
            raise Unclear(clause.amount.spans if clause.amount else ())
        return amount.op or "="

    def _ranged(self, measure: str, amount: Amount, op: Comparison) -> list[Part]:
        if amount.high is None:
            return [did(measure, op, amount.value)]
        if amount.high < amount.value:
            raise Unclear
        return [did(measure, ">=", amount.value), did(measure, "<=", amount.high)]

    def _spread(self, clause: Clause, *parts: Part | Node) -> Part | Node:
        """The condition in each of the periods and of the goods that the clause names."""
        leaves = [leaf for part in parts for leaf in every(part)]
        for leaf in leaves:
            leaf.settled = leaf.settled or clause.alltime
        tree: Part | Node = parts[0] if len(parts) == 1 else Node("all", list(parts))
        tree = self._for_goods(clause, tree)
        if not clause.periods or leaves[0].counts_days:
            if clause.periods:
                raise Unclear(self._spans(clause))
            return tree
        if clause.alltime and clause.head is None:
            raise Unclear(self._spans(clause))
        return self._for_periods(clause, tree)

    def _for_periods(self, clause: Clause, tree: Part | Node) -> Part | Node:
        periods = [self._period(piece) for piece in clause.periods]
        if len(periods) == 1:
            return _within(tree, periods[0])
        joined = clause.joined
        counted = clause.amount is not None
        absent = all(leaf.absence for leaf in every(tree))
        if "or" in joined or clause.either:
            if counted or clause.both:
                raise Unclear(self._spans(clause))
            return Node("all" if absent else "any", [_within(tree, period) for period in periods])
        if (counted and not clause.both) or not joined:
            raise Unclear(self._spans(clause))
        if self.chinese and not clause.both and not absent:
            chosen = self.choices.get("periods")
            if chosen is None:
                raise Ambiguous(
                    "periods",
                    say("In each of these periods, or in any of them?"),
                    {"all": say("In each of them"), "any": say("In any of them")},
                )
            return Node("any" if chosen == "any" else "all", [_within(tree, period) for period in periods])
        return Node("all", [_within(tree, period) for period in periods])

    def _for_goods(self, clause: Clause, tree: Part | Node) -> Part | Node:
        goods = self.names.goods(clause)
        if not goods:
            return tree
        listed = [limit for limit in goods if len(limit["values"]) > 1]
        absent = all(leaf.absence for leaf in every(tree))
        if listed and not ("or" in clause.joined or clause.either):
            if clause.amount is not None or len(goods) > 1 or (absent and not clause.both):
                raise Unclear(self._spans(clause))
            limit = listed[0]
            return Node("all", [_limited(tree, {**limit, "values": [value]}) for value in limit["values"]])
        if listed and clause.both and absent:
            raise Unclear(self._spans(clause))
        for limit in goods:
            tree = _limited(tree, limit)
        return tree

    def _period(self, piece: Piece) -> Period:
        """The period of a piece. Raises Unclear for the future and for none.

        It stays whole where it still runs: a saved rule that ends today would move along with the days.
        """
        found = piece.value
        period: Period | None = found.period
        if period is None or found.certainty <= 0.5 or period.start > self.world.today:
            raise Unclear(piece.spans)
        return period


def _within(tree: Part | Node, period: Period) -> Part | Node:
    if isinstance(tree, Node):
        return Node(tree.op, [_within(part, period) for part in tree.parts])
    return Part(tree.kind, tree.fields, period, tree.limits, tree.settled, tree.negated)


def _limited(tree: Part | Node, limit: dict[str, object]) -> Part | Node:
    if isinstance(tree, Node):
        return Node(tree.op, [_limited(part, limit) for part in tree.parts])
    return Part(tree.kind, tree.fields, tree.period, [*tree.limits, limit], tree.settled, tree.negated)
