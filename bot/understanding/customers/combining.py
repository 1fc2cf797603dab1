"""Clauses put together as one rule: what is said once for all of them is spread over them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from bot.understanding.customers.clauses import Clause
from bot.understanding.customers.conditions import BUYING, MONEY, Conditions
from bot.understanding.customers.parts import Ambiguous, Node, Part, Unclear, did, every, has
from bot.understanding.reading.draft import World
from bot.understanding.scene import Scene
from tools.messages import say
from tools.semantic.periods import Period

# "Whose first order was in May", 首单在5月 speak of an order of theirs: of customers, not of a figure of new ones.
RELATED = re.compile(
    r"\bwhose\b|\bwas\b|\bfirst(?:[- ]ever)? (?:order|purchase|invoice|transaction|buy)s?\b"
    r"|(?:首单|首购|第一[单笔]|首笔订单)(?!客户|客群|用户|顾客|的?新客)"
    r"|(?:首次|第一次|初次)(?:购买|下单|消费|成交|购物|交易|光顾|买|订单)(?:的?(?:时间|日期)|(?:是|发生|落)?在|是|发生于)"
)


# What follows was done after what stands before.
ORDERED = re.compile(
    r"\bafterwards\b|\bsubsequently\b|\band then\b|\bthen (?:came|bought|ordered)\b|\blater\b|随后|然后|之后又|后来又"
)
BEFORE_THAT = re.compile(r"(?:the )?(?:previous|prior|preceding) \d|之前|此前")
NOTHING = frozenset(
    {"nothing", "none", "什么都没", "什么也没", "啥都没", "啥也没", "not a single", "not one"}
) | frozenset({"一单都没", "一单都没有", "一单没", "一单也没", "一次都没", "一次也没"})


@dataclass(frozen=True)
class Wish:
    """The rule that was read; a `plain` one says no more than a figure's filters could."""

    rule: dict[str, Any] | None
    plain: bool


@dataclass
class _Said:
    clause: Clause
    parts: list[Part | Node]

    @property
    def leaves(self) -> list[Part]:
        return [leaf for part in self.parts for leaf in every(part)]


class Combining:
    """From clauses to a rule. Raises Unclear and Ambiguous."""

    def __init__(self, scene: Scene, world: World, choices: Mapping[str, str], *, chinese: bool) -> None:
        self.conditions = Conditions(scene, world, choices, chinese=chinese)
        self.choices = choices
        self.chinese = chinese
        self.with_none: list[Clause] = []

    def rule(self, clauses: Sequence[Clause]) -> Wish:
        said: list[_Said] = []
        previous: Clause | None = None
        self._in_order(clauses)
        self._shared_period(clauses)
        for clause in clauses:
            self._fill(clause, previous)
            said.append(_Said(clause, self.conditions.read(clause, previous)))
            if clause.head or clause.amount or (clause.periods and previous is None):
                previous = clause
        self._again(clauses)
        self._spread_periods(said)
        self._none_at_all(said)
        _some_at_least([one for one in said if one.clause not in self.with_none])
        country, away = self._place(said)
        tree = self._joined(said)
        tree = self._in_country(tree, country, away)
        if tree is None:
            return Wish(None, plain=True)
        return Wish(tree.rule(), _plain(tree, clauses, self.conditions.scene.norm.folded))

    def _fill(self, clause: Clause, previous: Clause | None) -> None:
        """An elliptic clause takes the goods, or the period, of the one before it: "bought X in 2011 but not Y"."""
        if clause.same_goods:
            self._same_goods(clause, previous)
            return
        if previous is None or clause.head is not None or clause.amount is not None or clause.neg is None:
            return
        goods = self.conditions.names.goods(clause)
        if clause.periods and not goods and not any(piece.value in NOTHING for piece in clause.order):
            clause.traits += [
                piece
                for piece in previous.traits
                if piece.kind == "value" and piece not in clause.traits and self._is_goods(piece)
            ]
        elif goods and not clause.periods and clause.neg == "not":
            clause.periods = list(previous.periods)

    def _shared_period(self, clauses: Sequence[Clause]) -> None:
        """ "Bought X but no Y last month": the time of the elliptic clause is that of the verb which it borrows."""
        for before, clause in pairwise(clauses):
            elliptic = clause.head is None and clause.amount is None and clause.neg == "not"
            if elliptic and before.head is not None and not before.periods and self.conditions.names.goods(clause):
                before.periods = list(clause.periods)

    def _same_goods(self, clause: Clause, previous: Clause | None) -> None:
        """ "… but bought it in 2010": the product named before."""
        named = (
            [piece for piece in previous.traits if piece.kind == "value" and self._is_goods(piece)] if previous else []
        )
        if len(named) != 1 or self.conditions.names.goods(clause):
            raise Unclear(sure=True)
        clause.traits += named

    def _is_goods(self, piece: Any) -> bool:
        dimension, _values = self.conditions.names.resolve(piece)
        return dimension not in ("country", "region", "city", "gender", "acquisition_channel")

    def _again(self, clauses: Sequence[Clause]) -> None:
        """ "Bought again" needs something that it comes after."""
        if any(clause.again for clause in clauses) and len(clauses) == 1 and not clauses[0].neg:
            raise Unclear

    def _in_order(self, clauses: Sequence[Clause]) -> None:
        """ "Bought X and then Y": no condition knows what came first, unless periods say it."""
        periods = [piece for clause in clauses for piece in clause.periods]
        if len(periods) > 1:
            for piece in periods:
                if BEFORE_THAT.match(self.conditions.scene.spans[piece.first].text):
                    raise Unclear(piece.spans, sure=True)  # before today, or before the other period?
        last = clauses[-1] if clauses else None
        if last is None or len(clauses) < 2 or last.neg is not None or last.periods:
            return
        if clauses[-2].head is not None and clauses[-2].head.kind == "first" and _once_more(last):
            return  # whatever is bought, the first order came before it
        if ORDERED.search(self.conditions.scene.norm.folded):
            raise Unclear(sure=True)

    # --- When -------------------------------------------------------------------------------------------------

    def _spread_periods(self, said: list[_Said]) -> None:
        """A period said once: at the front or at the very end it holds for all, in the middle it is asked about."""
        acting = [one for one in said if any(leaf.kind == "did" for leaf in one.leaves)]
        self._of_the_only_order(acting)
        open_ones = [one for one in acting if any(leaf.takes_period for leaf in one.leaves)]
        owners = [one for one in acting if len(one.clause.periods) == 1 and one.leaves[0].period is not None]
        if not open_ones or not owners:
            return
        if len(acting) == len(open_ones) + len(owners) and len({_start(o) for o in owners}) == 1:
            owner = owners[0]
            if _leads(owner.clause) and acting[0] is owner and not _closed(owner, open_ones):
                self._give(open_ones, owner)
                return
            if acting[-1] is owner:
                if not owner.leaves[0].absence and owner.clause.join != "but":
                    self._give(open_ones, owner)
                return
        if acting[-1] in owners and all(acting.index(one) < acting.index(owners[0]) for one in open_ones):
            return
        if all(leaf.settled or not leaf.takes_period for one in open_ones for leaf in one.leaves):
            return
        self._ask_when(open_ones, owners)

    def _of_the_only_order(self, acting: list[_Said]) -> None:
        """ "Bought only once in 2011 and spent less than £100": on that one order."""
        for one, following in pairwise(acting):
            once = len(one.leaves) == 1 and one.leaves[0].fields == did("orders", "=", 1).fields
            spent = all(leaf.fields.get("measure") in MONEY.values() for leaf in following.leaves)
            if once and one.leaves[0].period is not None and spent and following.clause.join == "and":
                self._give([following], one)

    def _ask_when(self, open_ones: list[_Said], owners: list[_Said]) -> None:
        period = owners[0].leaves[0].period
        chosen = self.choices.get("when")
        if chosen is None:
            assert period is not None  # noqa: S101 -- owners have one
            raise Ambiguous(
                "when",
                say("Does {period} hold for all conditions, or only for the one beside it?", period=period),
                {"all": say("All within {period}", period=period), "one": say("Only the one beside it")},
            )
        if chosen == "all":
            self._give(open_ones, owners[0])

    def _give(self, said: list[_Said], owner: _Said) -> None:
        period: Period | None = owner.leaves[0].period
        for one in said:
            for leaf in one.leaves:
                if leaf.takes_period:
                    leaf.period = period

    def _none_at_all(self, said: list[_Said]) -> None:
        """ "Spent £3000 in 2010 but less than £500 in 2011": are those meant too who bought nothing then?"""
        for one in said:
            if one.clause.join != "but" or one.clause.head is not None or not one.leaves:
                continue
            (leaf, *others) = one.leaves
            if others or leaf.period is None or not leaf.absence or leaf.fields["measure"] not in MONEY.values():
                continue
            chosen = self.choices.get("none")
            if chosen is None:
                raise Ambiguous(
                    "none",
                    say("With those who bought nothing in {period}, or without them?", period=leaf.period),
                    {"with": say("With them"), "without": say("Without them")},
                )
            if chosen == "with":
                self.with_none.append(one.clause)

    # --- Where ------------------------------------------------------------------------------------------------

    def _place(self, said: list[_Said]) -> tuple[list[str], bool]:
        """The country that holds for the whole question, and whether it is left out. Others stay with their clause."""
        groups: list[tuple[_Said, list[str]]] = []
        for one in said:
            countries = self.conditions.names.countries(one.clause)
            if countries:
                groups.append((one, countries))
        if not groups:
            return [], False
        one, countries = groups[0]
        negated = one.clause.neg is not None and not one.leaves and not one.clause.amount
        both = one.clause.both and len(countries) > 1
        alone = len(groups) == 1 and not both and (negated or one.clause.neg in (None, "except") or self._recent(one))
        if alone:
            return countries, negated or one.clause.neg == "except"
        for one, countries in groups:
            acts = [leaf for leaf in one.leaves if leaf.kind == "did"]
            if not acts:
                negated = one.clause.neg is not None
                one.parts.append(has("country", countries, "not_in" if negated else "in"))
            elif one.clause.both and len(countries) > 1 and one.clause.neg is None and one.clause.amount is None:
                one.parts = [Node("all", [_somewhere(acts[0], country) for country in countries])]
            else:
                if len(countries) > 1 and "or" not in one.clause.joined:
                    raise Unclear
                for leaf in acts:
                    leaf.limits = [*leaf.limits, _country(countries)]
        return [], False

    def _recent(self, one: _Said) -> bool:
        """ "Germans who have not bought for 90 days": the country says who, the rest when."""
        return any(leaf.counts_days for leaf in one.leaves) or bool(one.clause.periods)

    def _in_country(self, tree: Part | Node | None, countries: list[str], away: bool) -> Part | Node | None:
        """Orders are counted in the country; who did nothing there at all is no customer of it."""
        if not countries:
            return tree
        op = "not_in" if away else "in"
        if tree is None:
            return has("country", countries, op)
        leaves = list(every(tree))
        acts = [leaf for leaf in leaves if leaf.kind == "did"]
        for leaf in acts:
            leaf.limits = [_country(countries, op), *leaf.limits]
        if not acts:
            return Node("all", [has("country", countries, op), tree])
        every_one = all(leaf.kind == "did" and not leaf.absence and not leaf.negated for leaf in leaves)
        certain = every_one or (
            isinstance(tree, Node)
            and tree.op == "all"
            and any(isinstance(p, Part) and p in acts and not p.absence for p in tree.parts)
        )
        if certain:
            return tree
        return Node("all", [Part("did", dict(did("orders", ">=", 1).fields), limits=[_country(countries, op)]), tree])

    # --- And, or ----------------------------------------------------------------------------------------------

    def _joined(self, said: list[_Said]) -> Part | Node | None:
        acting = [one for one in said if one.parts]
        if not acting:
            return None
        traits = [one for one in acting if one.clause.by_noun and one.clause.head is None and one.clause.amount is None]
        main = [one for one in acting if one not in traits] or acting
        traits = [one for one in traits if one not in main]
        joins = {one.clause.join for one in main[1:]}
        if "or" in joins and joins != {"or"}:
            raise Unclear
        parts = [_together(one.parts) for one in main]
        whole: Part | Node = parts[0] if len(parts) == 1 else Node("any" if "or" in joins else "all", parts)
        if not traits:
            return whole
        return Node("all", [*(_together(one.parts) for one in traits), whole])


def _together(parts: list[Part | Node]) -> Part | Node:
    return parts[0] if len(parts) == 1 else Node("all", parts)


def _some_at_least(said: list[_Said]) -> None:
    """ "Spent less than £100 in 2011" is said of who bought then; who bought nothing is meant by "did not"."""
    for one in said:
        if one.clause.neg is not None:
            continue
        for leaf in list(one.leaves):
            few = leaf.kind == "did" and leaf.fields["op"] in ("<", "<=") and not leaf.counts_days
            if not few or not (leaf.period or leaf.limits) or leaf.fields["value"] <= (leaf.fields["op"] == "<"):
                continue
            if any(
                other.kind == "did" and other.fields["op"] in (">", ">=") for other in one.leaves if other is not leaf
            ):
                continue
            bought = did("orders", ">=", 1)
            bought.period, bought.limits = leaf.period, list(leaf.limits)
            if any(other.ordered and _alike(other, bought) for each in said for other in each.leaves):
                continue  # "only one order in 2011, of less than £100"
            one.parts = [Node("all", [bought, *one.parts])]
            break


def _alike(one: Part, other: Part) -> bool:
    return one.period == other.period and one.limits == other.limits


def _once_more(clause: Clause) -> bool:
    """ "… and then bought again", 之后又复购过."""
    if clause.amount is not None or clause.head is None:
        return False
    return clause.head.kind == "repeat" or (clause.again and clause.head.kind in BUYING)


def _start(one: _Said) -> tuple[object, object]:
    period = one.leaves[0].period
    return (period.start, period.end) if period else (None, None)


def _leads(clause: Clause) -> bool:
    """Whether the period stands before the verb and the number: it opens the question."""
    kinds = [piece.kind for piece in clause.order if piece.kind not in ("neg", "never", "only", "value", "except")]
    return bool(kinds) and kinds[0] == "period" and len(kinds) > 1


def _closed(owner: _Said, others: list[_Said]) -> bool:
    """ "In 2010 bought, but …": what is set against it has a time of its own."""
    return any(one.clause.join == "but" and not any(leaf.absence for leaf in one.leaves) for one in others) and bool(
        owner
    )


def _country(countries: list[str], op: str = "in") -> dict[str, Any]:
    return {"dimension": "country", "op": op, "values": countries}


def _somewhere(part: Part, country: str) -> Part:
    return Part(part.kind, part.fields, part.period, [*part.limits, _country([country])], part.settled, part.negated)


def _plain(tree: Part | Node, clauses: Sequence[Clause], text: str) -> bool:
    """Whether a figure with filters says the same: who bought (something, somewhere, in a period), who was new."""
    leaves = list(every(tree))
    if any(clause.only or clause.neg for clause in clauses):
        return False
    acts = [leaf for leaf in leaves if leaf.kind in ("did", "dated")]
    if len(acts) > 1 or any(leaf.kind == "in" or leaf.negated for leaf in leaves):
        return False
    if any(leaf.kind == "has" and leaf.fields["attribute"] != "country" for leaf in leaves):
        return False
    if any(c.head is not None and c.head.kind == "first" for c in clauses) and RELATED.search(text):
        return False
    repeat = any(clause.head is not None and clause.head.kind == "repeat" for clause in clauses)
    return all(
        leaf.bought or repeat or (leaf.kind == "dated" and leaf.fields["event"] == "first_order") for leaf in acts
    )
