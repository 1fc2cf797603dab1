"""One clause as conditions on a customer."""

from __future__ import annotations

from datetime import timedelta

from bot.understanding.customers.clauses import Clause
from bot.understanding.customers.parts import Ambiguous, Node, Part, Unclear, dated, did, has, inside
from bot.understanding.customers.pieces import Amount, Piece
from bot.understanding.customers.recency import Recency
from bot.understanding.customers.spreading import COUNTED
from tools.customers.rules import Comparison
from tools.messages import say
from tools.semantic.periods import Period

INVERSE: dict[Comparison, Comparison] = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "=": "!=", "!=": "="}
MONEY = {"spend": "net_sales", "gross": "gross_sales", "aov": "aov", "returns_value": "returns"}
BUYING = frozenset({"buy", "buy_or_spend", "orders", "times"})


class Conditions(Recency):
    """Reads clauses one by one."""

    def read(self, clause: Clause, previous: Clause | None) -> list[Part | Node]:
        """The conditions of a clause. Raises Unclear, Ambiguous."""
        found: list[Part | Node] = self._traits(clause)
        says_more = (
            clause.head or clause.amount or clause.periods or self.names.goods(clause) or (clause.neg and clause.again)
        )
        if clause.only and not says_more:
            raise Unclear(clause.only.spans)
        if not says_more:
            if clause.neg and not clause.traits:
                raise Unclear
            return found
        body = self._body(clause, previous)
        if body is not None:
            found.append(body)
        return found

    # --- Who somebody is --------------------------------------------------------------------------------------

    def _traits(self, clause: Clause) -> list[Part | Node]:
        alone = clause.head is None and clause.amount is None and not clause.periods
        negated = clause.neg is not None and (alone or clause.neg == "except")
        found: list[Part | Node] = []
        groups: dict[str, list[str]] = {}
        for piece in clause.traits:
            if piece.kind in ("male", "female"):
                found.append(has("gender", [piece.kind], "not_in" if negated else "in"))
            elif piece.kind in ("email_consent", "sms_consent"):
                refused = clause.neg is not None and clause.head is None
                found.append(has(piece.kind, ["true"], "not_in" if refused else "in"))
            elif piece.kind == "group":
                groups.setdefault(piece.value[0], []).append(piece.value[1])
            elif piece.kind == "saved":
                groups.setdefault("saved", []).append(piece.value)
        saved = groups.get("saved", [])
        if len(saved) > 1 and "or" not in clause.joined and not negated:
            found += [inside("saved", [name]) for name in dict.fromkeys(groups.pop("saved"))]
        for scheme, names in groups.items():
            found.append(inside(scheme, list(dict.fromkeys(names)), negated=negated))
        for attribute, values in self.names.attributes(clause).items():
            found.append(has(attribute, values, "not_in" if negated else "in"))
        return found

    # --- What somebody did ------------------------------------------------------------------------------------

    def _body(self, clause: Clause, previous: Clause | None) -> Part | Node | None:
        head = clause.head.kind if clause.head else self._inherited(clause, previous)
        if clause.neg == "except" and clause.head is not None:
            clause.neg = "not"
        if head in ("first", "last"):
            return self._event(clause, head)
        if head == "inactive":
            return self._absent(clause)
        if head == "gone":
            if not clause.periods or clause.neg or clause.amount:
                raise Unclear(self._spans(clause))
            return self._spread(clause, did("orders", "=", 0))
        amount = self._amount(clause)
        if clause.net and head not in MONEY and not (amount is not None and amount.money):
            raise Unclear(self._spans(clause), sure=True)  # orders and units are counted as they were bought
        if head in ("one_time", "repeat"):
            return self._once_or_again(clause, previous, head)
        if head in ("returned", "returned_times"):
            return self._returned(clause)
        if head in MONEY or head == "return_rate":
            return self._measured(clause, head)
        if self._nothing_else(clause):
            return self._only(clause)
        if head in ("units", "products"):
            if clause.amount is None or clause.neg:
                raise Unclear(self._spans(clause))
            return self._spread(clause, self._compared(clause, head))
        if head in BUYING:
            return self._bought(clause, previous, head)
        raise Unclear(self._spans(clause))

    def _once_or_again(self, clause: Clause, previous: Clause | None, head: str) -> Part | Node:
        amount = self._amount(clause)
        if head == "repeat" and clause.neg == "not" and amount is not None and amount.duration is not None:
            return self._bought_lately(clause, amount)  # 超过180天没复购
        new = previous is not None and previous.head is not None and previous.head.kind == "first" and not previous.neg
        if (
            head == "repeat"
            and new
            and clause.neg
            and not (clause.amount or clause.periods or self.names.goods(clause))
        ):
            part = did("orders", "=", 1)  # 首购后没有复购: the first order is the only one
            part.settled = True
            return part
        if clause.amount or clause.neg:
            raise Unclear(self._spans(clause))
        if head == "repeat" and previous is not None and previous.head and previous.head.kind == "first":
            return self._after_the_first(clause, previous)
        return self._spread(clause, did("orders", "=", 1) if head == "one_time" else did("orders", ">=", 2))

    def _inherited(self, clause: Clause, previous: Clause | None) -> str:
        """The verb that an elliptic clause leaves out: "… but not in 2011", "… and £500"."""
        amount = self._amount(clause)
        if amount is not None and amount.duration is None:
            if amount.unit in COUNTED:
                if previous is not None and previous.head and previous.head.kind.startswith("returned"):
                    raise Unclear(self._spans(clause))
                return "buy"
            if amount.money and clause.net:
                return "spend"
            if amount.money and previous is not None and previous.head and previous.head.kind in MONEY:
                return previous.head.kind
            same = self._same_again(clause, amount, previous)
            if same is not None:
                return same
            raise Unclear(self._spans(clause))
        if clause.again and clause.periods:
            return "buy"  # "… and came back in 2011"
        if previous is None or previous.head is None:
            raise Unclear(self._spans(clause))
        if previous.head.kind in ("first", "last", *BUYING) and (previous.head.kind in BUYING or clause.neg):
            if previous.amount is not None and not self._none(clause):
                raise Unclear(self._spans(clause))
            return "buy"
        raise Unclear(self._spans(clause))

    def _same_again(self, clause: Clause, amount: Amount, previous: Clause | None) -> str | None:
        """ "Spent more than 3000 in 2010 but less than 500 in 2011": the same in another time, its unit left out."""
        before = self._amount(previous) if previous is not None else None
        if previous is None or previous.head is None or before is None or previous.head.kind not in MONEY:
            return None
        if not clause.periods or not previous.periods or before.unit or before.percent or before.duration:
            return None
        plain = amount.op is not None and amount.unit is None and not amount.percent
        return previous.head.kind if plain else None

    def _none(self, clause: Clause) -> bool:
        return any(p.kind in ("neg", "never") and p.value in ("none", "nothing", "no", "zero") for p in clause.order)

    def _bought(self, clause: Clause, previous: Clause | None, head: str) -> Part | Node:
        amount = self._amount(clause)
        if amount is not None and amount.duration is not None:
            return self._bought_lately(clause, amount)
        if clause.neg:
            return self._not_bought(clause, previous, amount)
        if amount is None:
            if clause.only:
                return self._only(clause)
            if clause.head and clause.head.kind in ("orders", "times") and not clause.periods:
                raise Unclear(self._spans(clause))
            if clause.again and previous is not None and previous.head and previous.head.kind == "first":
                return self._after_the_first(clause, previous)
            if clause.again and not clause.periods and not self.names.goods(clause):
                return self._since(clause, previous, did("orders", ">=", 1))
            return self._spread(clause, did("orders", ">=", 1))
        if clause.only and amount.op is None and self._only_when(clause):
            raise Unclear(self._spans(clause))
        if amount.money and clause.head and _of_one_order(clause.head):
            raise Unclear(self._spans(clause))  # "orders over £1000": of one order, or of all?
        if amount.money or (head == "buy_or_spend" and amount.unit is None and not amount.percent):
            return self._spread(clause, *self._ranged("net_sales", amount, self._op(clause, amount)))
        unit = "orders" if amount.unit is None and head == "orders" and clause.head else amount.unit
        if unit not in COUNTED or amount.percent:
            raise Unclear(clause.amount.spans if clause.amount else ())
        return self._spread(clause, self._compared(clause, COUNTED[unit]))

    def _not_bought(self, clause: Clause, previous: Clause | None, amount: Amount | None) -> Part | Node:
        if clause.only:
            raise Unclear(clause.only.spans)
        if amount is not None and not self._denied(clause):
            raise Unclear(self._spans(clause))
        if amount is not None:
            if amount.op is None or amount.high is not None or amount.unit not in COUNTED or clause.neg == "never":
                if clause.neg == "never" and amount.op in (">", ">=") and amount.unit in COUNTED:
                    return self._spread(clause, did(COUNTED[amount.unit], INVERSE[amount.op], amount.value))
                raise Unclear(self._spans(clause))
            return self._spread(clause, did(COUNTED[amount.unit], INVERSE[amount.op], amount.value))
        if clause.both and not self.chinese:
            raise Unclear(self._spans(clause))
        if not clause.periods and not self.names.goods(clause):
            return self._since(clause, previous, did("orders", "=", 0))
        part = did("orders", "=", 0)
        part.settled = clause.neg == "never" and clause.head is None
        return self._spread(clause, part)

    def _denied(self, clause: Clause) -> bool:
        """Whether "not" stands right before the verb or the number, so that it denies just that."""
        at = next((i for i, piece in enumerate(clause.order) if piece.kind in ("neg", "never")), None)
        return at is not None and at + 1 < len(clause.order) and clause.order[at + 1].kind in (*BUYING, "amount")

    def _after_the_first(self, clause: Clause, first: Clause) -> Part | Node:
        """ "First bought in Q4 2010 and bought again in 2011", 之后又复购过: an order beside the first one."""
        if first.neg or len(first.periods) != 1 or len(clause.periods) > 1 or self.names.goods(clause):
            raise Unclear(self._spans(clause), sure=True)
        if not clause.periods:
            part = did("orders", ">=", 2)
            part.settled = True
            return part
        began, then = self._period(first.periods[0]), self._period(clause.periods[0])
        if then.start > began.end:
            return self._spread(clause, did("orders", ">=", 1))
        if then.start <= began.start and began.end <= then.end:
            return self._spread(clause, did("orders", ">=", 2))  # the first one is among them
        raise Unclear(self._spans(clause), sure=True)

    def _since(self, clause: Clause, previous: Clause | None, part: Part) -> Part | Node:
        """ "… in 2010 but not since": after the period before."""
        if not clause.again or previous is None or len(previous.periods) != 1:
            raise Unclear(self._spans(clause))
        before = self._period(previous.periods[0])
        if before.end >= self.world.today:
            raise Unclear(self._spans(clause))
        part.period = Period(before.end + timedelta(days=1), self.world.today)
        return part

    def _only(self, clause: Clause) -> Part | Node:
        """ "Only bought in 2010": the first and the last order fall there. "Only bought 22197": nothing else."""
        goods = self.names.goods(clause)
        before = self.scene.before(clause.only.first) if clause.only is not None else None
        if before is not None and self.scene.spans[before].has("value") and clause.periods and not self.chinese:
            raise Unclear(clause.only.spans if clause.only else (), sure=True)  # "in Germany only in 2011"
        if len(clause.periods) == 1 and not goods:
            period = self._period(clause.periods[0])
            return Node("all", [dated("first_order", period), dated("last_order", period)])
        if len(goods) == 1 and len(goods[0]["values"]) == 1 and goods[0]["dimension"] == "product":
            when = self._period(clause.periods[0]) if clause.periods else None
            return Node("all", [self._spread(clause, did("orders", ">=", 1)), did("products", "=", 1, period=when)])
        raise Unclear(self._spans(clause))

    def _nothing_else(self, clause: Clause) -> bool:
        """只买过22423这一种商品: one product, and that one. Any other number of products beside one's name is odd."""
        amount = self._amount(clause)
        if amount is None or amount.unit != "products":
            return False
        if not any(goods["dimension"] == "product" for goods in self.names.goods(clause)):
            return False
        if not clause.only or amount.value != 1 or amount.op not in (None, "=") or amount.high is not None:
            raise Unclear(self._spans(clause), sure=True)
        return True

    def _only_when(self, clause: Clause) -> bool:
        """Whether "only" stands before the period rather than before the verb or the number."""
        if clause.only is None or clause.only not in clause.order:
            return False
        following = clause.order.index(clause.only) + 1
        return following < len(clause.order) and clause.order[following].kind in ("period", "value")

    def _returned(self, clause: Clause) -> Part | Node:
        amount = self._amount(clause)
        if clause.only:
            raise Unclear(clause.only.spans)
        if amount is None:
            self._sent_back(clause)
            part = did("returned_orders", "=", 0) if clause.neg else did("returned_orders", ">=", 1)
            part.settled = clause.neg == "never"
            return self._spread(clause, part)
        if clause.neg or amount.duration is not None or amount.unit not in (None, "times", "orders"):
            raise Unclear(self._spans(clause))
        if amount.money:
            return self._spread(clause, *self._ranged("returns", amount, self._op(clause, amount)))
        if amount.percent:
            return self._spread(clause, *self._ranged("return_rate", amount, self._op(clause, amount)))
        if amount.unit is None and (clause.head is None or clause.head.value not in ("returns", "return")):
            raise Unclear(self._spans(clause))  # "more than 3 returns" are so many times
        if amount.unit is None and amount.op is None:
            raise Unclear(self._spans(clause))
        return self._spread(clause, self._compared(clause, "returned_orders"))

    def _sent_back(self, clause: Clause) -> None:
        """ "Customers who returned": with goods to send back, or to buy again?"""
        if clause.neg or clause.head is None or clause.head.value not in ("returned", "returning", "return"):
            return
        if self.choices.get("returned") is None:
            raise Ambiguous(
                "returned",
                say("Did they send goods back, or come back to buy again?"),
                {"goods": say("Sent goods back")},
            )

    def _measured(self, clause: Clause, head: str) -> Part | Node:
        """Spend, baskets, returns in money; a rate in percent."""
        amount = self._amount(clause)
        if amount is None or amount.duration is not None or clause.neg in ("never", "except"):
            raise Unclear(self._spans(clause))
        if head == "spend" and amount.unit in ("times", "orders"):
            return self._spread(clause, self._compared(clause, "orders"))
        wrong_unit = amount.unit is not None or amount.percent != (head == "return_rate")
        if wrong_unit or (head == "return_rate" and amount.money):
            raise Unclear(clause.amount.spans if clause.amount else ())
        if clause.net and (head != "spend" or self._said_gross(clause)):
            raise Unclear(self._spans(clause), sure=True)
        op = self._op(clause, amount)
        if clause.neg:
            if amount.op is None or amount.high is not None:
                raise Unclear(self._spans(clause))
            op = INVERSE[amount.op]
        measure = "gross_sales" if head == "spend" and self._said_gross(clause) else MONEY.get(head, "return_rate")
        return self._spread(clause, *self._ranged(measure, amount, op))

    def _said_gross(self, clause: Clause) -> bool:
        return any(piece.kind == "gross" for piece in clause.order)


def _of_one_order(head: Piece) -> bool:
    return head.kind == "orders" or "order" in str(head.value) or "单" in str(head.value)
