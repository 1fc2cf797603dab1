"""When customers first or last ordered, and for how long they have not."""

from __future__ import annotations

from dataclasses import replace

from bot.understanding.customers.clauses import Clause
from bot.understanding.customers.parts import Node, Part, Unclear, dated, did
from bot.understanding.customers.pieces import Amount, days_back, last_days
from bot.understanding.customers.spreading import Spreading


class Recency(Spreading):
    """Conditions on the first order, the last order, and the days since."""

    def _bought_lately(self, clause: Clause, amount: Amount) -> Part | Node:
        """ "Not bought for more than 180 days", "bought within 30 days", "… less than 30 days ago"."""
        duration = amount.duration
        assert duration is not None  # noqa: S101 -- the caller has looked
        count = days_back(self.world, duration)
        if clause.periods or clause.only:
            raise Unclear(self._spans(clause))
        if clause.neg:
            if amount.op in ("<", "="):
                raise Unclear(clause.amount.spans if clause.amount else ())
            return self._spread(clause, *self._away(amount))
        if amount.op in ("<", "<="):
            return self._spread(clause, did("days_since_last_order", amount.op, count))
        at = clause.amount.first if clause.amount else 0
        before = self.scene.before(at)
        if amount.op is None and not duration.ago and before is not None and self.scene.spans[at - 1].word("within"):
            return self._spread(clause, did("orders", ">=", 1, period=last_days(self.world, duration)))
        raise Unclear(clause.amount.spans if clause.amount else ())

    def _away(self, amount: Amount) -> list[Part]:
        """How long ago the last order was: "90天以上", "90 to 180 days"."""
        assert amount.duration is not None  # noqa: S101 -- the caller has looked
        if amount.high is None:
            return [did("days_since_last_order", amount.op or ">=", days_back(self.world, amount.duration))]
        ends = [days_back(self.world, replace(amount.duration, count=end)) for end in (amount.value, amount.high)]
        if ends[0] > ends[1]:
            raise Unclear
        return [did("days_since_last_order", ">=", ends[0]), did("days_since_last_order", "<=", ends[1])]

    def _event(self, clause: Clause, head: str) -> Part | Node | None:
        """The first, or the last, order ever: when it was, or how long ago."""
        amount = self._amount(clause)
        negated = clause.neg in ("not", "never")
        if clause.only or self.names.goods(clause) or clause.alltime:
            raise Unclear(self._spans(clause))
        if amount is not None:
            return self._event_ago(clause, head, amount, negated=negated)
        if not clause.periods:
            if head == "first" and "acquisition_channel" in self.names.attributes(clause):
                return None  # "acquired through search" says how, not when
            raise Unclear(self._spans(clause))
        parts: list[Part | Node] = [dated(f"{head}_order", self._period(piece)) for piece in clause.periods]
        for part in parts:
            assert isinstance(part, Part)  # noqa: S101
            part.negated = negated
        if len(parts) > 1 and "or" not in clause.joined:
            raise Unclear(self._spans(clause))
        return parts[0] if len(parts) == 1 else Node("all" if negated else "any", parts)

    def _event_ago(self, clause: Clause, head: str, amount: Amount, *, negated: bool) -> Part | Node:
        if amount.duration is None or clause.periods or negated or amount.high is not None:
            raise Unclear(self._spans(clause))
        measure = f"days_since_{head}_order"
        count = days_back(self.world, amount.duration)
        at = clause.amount.first if clause.amount else 0
        if amount.op is not None:
            return did(measure, amount.op, count)
        if clause.ago or amount.duration.ago:
            if not self.chinese:  # "last bought 90 days ago": on that very day, or before?
                raise Unclear(clause.amount.spans if clause.amount else ())
            return did(measure, ">=", count)
        if at and self.scene.spans[at - 1].word("within"):
            return dated(f"{head}_order", last_days(self.world, amount.duration))
        raise Unclear(self._spans(clause))

    def _absent(self, clause: Clause) -> Part | Node:
        """ "Inactive for 60 days", "dormant since June"."""
        amount = self._amount(clause)
        if clause.only or (clause.neg and clause.head and clause.head.value == "inactive"):
            raise Unclear(self._spans(clause))
        if amount is not None:
            if amount.duration is None or clause.periods or amount.op in ("<", "<=", "="):
                raise Unclear(self._spans(clause))
            return self._spread(clause, *self._away(amount))
        if not clause.periods:
            raise Unclear(self._spans(clause))
        return self._spread(clause, did("orders", "=", 0))
