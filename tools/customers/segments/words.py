"""Rules in words: what customers did or are, as the end of "customers who …"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Literal

from tools.customers.rules import OPPOSITE, All, Comparison, Dated, Did, Has, In, Measure, Not, Rule
from tools.customers.rules import Any as AnyOf
from tools.customers.schemes import SCHEMES
from tools.customers.segments.periods import has_usual_length, rolls
from tools.messages import Label, Message, Quantity, Value, say, say_n
from tools.semantic.wording import filter_noun, time_labels, with_article
from tools.warehouse.values import labels_of, names_of

if TYPE_CHECKING:
    from datetime import date

    from tools.semantic.query import Days, Filter
    from tools.tool import Context

THINGS = ("product", "category", "brand")
_OFTEN_MISSING: tuple[Measure, ...] = ("aov", "return_rate", "days_since_last_order", "days_since_first_order")
_GENDERS = {
    "female": Label("female", "女"),
    "male": Label("male", "男"),
    "f": Label("female", "女"),
    "m": Label("male", "男"),
}


@dataclass(frozen=True)
class Words:
    """Says rules of a store."""

    context: Context

    def of(self, rule: Rule) -> Message:
        """The rule as what such customers did or are."""
        match rule:
            case All(all=parts) | AnyOf(any=parts) if len(parts) == 1:
                return self.of(parts[0])
            case All(all=parts):
                return self._all(parts)
            case AnyOf(any=parts):
                return reduce(_or, (self._part(part, AnyOf) for part in parts))
            case Not(not_=part):
                return self._not(part)
            case Did():
                return self._did(rule)
            case Dated(event="first_order", period=period):
                return self._when(say("first bought"), period)
            case Dated(period=period):
                return self._when(say("last bought"), period)
            case Has():
                return self._has(rule)
            case In():
                return self._in(rule, negated=False)

    def _part(self, rule: Rule, inside: type[All | AnyOf]) -> Message:
        """A part among others; one that is joined in another way stands in brackets."""
        phrase = self.of(rule)
        joined = isinstance(rule, All | AnyOf) and len(_parts(rule)) > 1
        return say("({phrase})", phrase=phrase) if joined and not isinstance(rule, inside) else phrase

    def _all(self, parts: Sequence[Rule]) -> Message:
        phrases = [self._part(part, All) for part in parts]
        if len(parts) == 2 and _is_negative(parts[1]) and not _is_negative(parts[0]):
            return say("{rule} but {another}", rule=phrases[0], another=phrases[1])
        return reduce(_and, phrases)

    def _not(self, rule: Rule) -> Message:
        match rule:
            case Not(not_=part):
                return self.of(part)
            case All(all=parts) | AnyOf(any=parts) if len(parts) == 1:
                return self._not(parts[0])
            case Did() if rule.measure not in _OFTEN_MISSING:
                return self._did(rule.model_copy(update={"op": OPPOSITE[rule.op]}))
            case Has():
                return self._has(rule.model_copy(update={"op": "in" if rule.op == "not_in" else "not_in"}))
            case In():
                return self._in(rule, negated=True)
            case _:
                return say("are none of those who {rule}", rule=self.of(rule))

    # --- what they are ------------------------------------------------------------------------------------------------

    def _has(self, rule: Has) -> Message:
        if rule.attribute in ("email_consent", "sms_consent"):
            return _consent(rule)
        labels = attribute_labels(self.context, rule.attribute, rule.values)
        values = tuple(labels.get(value, value) for value in rule.values)
        included = rule.op == "in"
        match rule.attribute:
            case "country" | "region" | "city":
                places = _places(values)
                return (
                    say("live in {places}", places=places)
                    if included
                    else say("do not live in {places}", places=places)
                )
            case "gender":
                return say("are {values}", values=values) if included else say("are not {values}", values=values)
            case _:
                return (
                    say("were won through {values}", values=values)
                    if included
                    else say("were not won through {values}", values=values)
                )

    def _in(self, rule: In, *, negated: bool) -> Message:
        if rule.scheme == "saved":
            names = tuple(rule.groups)
            if negated:
                return say("are not in the segment “{names}”", names=names)
            return say("are in the segment “{names}”", names=names)
        shown: dict[str, Value] = {"groups": tuple(group_label(rule.scheme, group) for group in rule.groups)}
        match rule.scheme:
            case "rfm":
                return (
                    say("are not in the RFM segment {groups}", **shown)
                    if negated
                    else say("are in the RFM segment {groups}", **shown)
                )
            case "lifecycle":
                return (
                    say("are not in the lifecycle stage {groups}", **shown)
                    if negated
                    else say("are in the lifecycle stage {groups}", **shown)
                )
            case "tier":
                return (
                    say("are not in the value tier {groups}", **shown)
                    if negated
                    else say("are in the value tier {groups}", **shown)
                )
            case _:
                return (
                    say("are not in cluster {groups}", **shown) if negated else say("are in cluster {groups}", **shown)
                )

    # --- what they did ------------------------------------------------------------------------------------------------

    def _did(self, rule: Did) -> Message:
        things, rest = self._things(rule.where)
        phrase = self._act(rule, things)
        for condition in rest:
            phrase = say("{did} {qualifier}", did=phrase, qualifier=self._qualifier(condition))
        return phrase if rule.period is None else self._when(phrase, rule.period)

    def bought_nothing(self, condition: Did) -> Message:
        """That nothing was bought in the time, and of the things, that a condition is about."""
        nothing = condition.model_copy(update={"measure": "orders", "op": "=", "value": 0.0})
        if nothing.where or nothing.period is None:
            return self._did(nothing)
        return self._when(say("bought nothing"), nothing.period)

    def _when(self, did: Message, period: Days) -> Message:
        match named_by(period, self.context.today):
            case "length":
                return say("{did} in the last {days}", did=did, days=Quantity(period.period.days, "days"))
            case "start":
                return say("{did} since {day}", did=did, day=period.start)
            case _:
                return say("{did} in {period}", did=did, period=period.period)

    def _act(self, rule: Did, things: Value | None) -> Message:
        """What was done, with what: bought Tea; placed at least 5 orders; spent more than £100 net on Tea."""
        if rule.measure == "orders" and (act := _bought(rule, things)) is not None:
            return act
        if rule.measure == "returned_orders" and (act := _returned(rule, things)) is not None:
            return act
        amount = _amount(rule.op, self._quantity(rule))
        count = int(rule.value)
        return _act(rule.measure, amount, count) if things is None else _act_on(rule.measure, amount, count, things)

    def _quantity(self, rule: Did) -> Quantity:
        value = int(rule.value) if rule.value.is_integer() else rule.value
        if rule.measure in ("net_sales", "gross_sales", "returns", "aov"):
            return Quantity(value, self.context.warehouse.settings().currency)
        if rule.measure == "return_rate":
            return Quantity(rule.value, "ratio")
        return Quantity(value, "days" if rule.measure.startswith("days_since") else "number" if value % 1 else "count")

    def about(self, where: Sequence[Filter]) -> tuple[Value, ...]:
        """What lines under these conditions are about, in a few words: the things, the places."""
        catalog = self.context.catalog
        return tuple(filter_noun(catalog.dimension(c.dimension), c, self._values(c)) for c in where)

    def _things(self, where: Sequence[Filter]) -> tuple[Value | None, list[Filter]]:
        """What is bought, where one filter says it, and the other filters."""
        for condition in where:
            if condition.dimension in THINGS and condition.op != "between":
                return self._named_things(condition), [other for other in where if other is not condition]
        return None, list(where)

    def _named_things(self, condition: Filter) -> Value:
        match condition.op:
            case "contains":
                return say("things with “{values}” in the name", values=condition.values)
            case "not_contains":
                return say("things without “{values}” in the name", values=condition.values)
            case "not_in":
                return say("anything other than {values}", values=self._values(condition))
            case _:
                return self._values(condition)

    def _values(self, condition: Filter) -> tuple[Value, ...]:
        dimension = self.context.catalog.dimension(condition.dimension)
        names = names_of(self.context.warehouse, dimension, condition.values)
        labels = (
            time_labels(dimension)
            if dimension.is_time
            else labels_of(self.context.warehouse, dimension, condition.values)
        )
        return tuple(names.get(value) or labels.get(value) or value for value in condition.values)

    def _qualifier(self, condition: Filter) -> Message:
        values = self._values(condition)
        dimension = self.context.catalog.dimension(condition.dimension)
        if condition.op == "in" and dimension.id in ("country", "region", "city"):
            return say("in {places}", places=_places(values))
        if condition.op == "in" and not dimension.is_time:
            return say("through {dimension} {values}", dimension=dimension.label.label.inside(), values=values)
        return say("({filter})", filter=filter_noun(dimension, condition, values))


def named_by(period: Days, today: date) -> Literal["length", "start", "dates"]:
    """How a period is put into words: the last 90 days; since 30 September 2010; May 2011."""
    if not rolls(period, today) or period.period.days == 1:
        return "dates"
    return "length" if has_usual_length(period) else "start"


def when(period: Days, today: date) -> Message:
    """A period as what follows "sales": in the last 90 days; since 30 September 2010; in May 2011."""
    match named_by(period, today):
        case "length":
            return say("in the last {days}", days=Quantity(period.period.days, "days"))
        case "start":
            return say("since {day}", day=period.start)
        case _:
            return say("in {period}", period=period.period)


def attribute_labels(context: Context, attribute: str, values: Iterable[str]) -> Mapping[str, Label]:
    """What the values of a column of `customers` are called, where that differs from how it holds them."""
    if attribute == "gender":
        return {value: _GENDERS[value.casefold()] for value in values if value.casefold() in _GENDERS}
    dimension = context.catalog.dimensions.get(attribute)
    return labels_of(context.warehouse, dimension, values) if dimension else {}


def group_label(scheme: str, group: str) -> Label | str:
    """What a scheme's group is called; a saved segment by its name."""
    found = SCHEMES[scheme].groups.get(group) if scheme in SCHEMES else None
    return group if found is None else found.label


def _act(measure: Measure, amount: Message, count: int) -> Message:
    match measure:
        case "orders":
            return say_n("placed {amount} order", "placed {amount} orders", count, amount=amount)
        case "net_sales":
            return say("spent {amount} net", amount=amount)
        case "gross_sales":
            return say("spent {amount} before returns", amount=amount)
        case "units":
            return say_n("bought {amount} unit", "bought {amount} units", count, amount=amount)
        case "aov":
            return say("spent {amount} per order", amount=amount)
        case "products":
            return say_n(
                "bought {amount} different product", "bought {amount} different products", count, amount=amount
            )
        case "returns":
            return say("returned goods worth {amount}", amount=amount)
        case "returned_orders":
            return say_n("returned goods {amount} time", "returned goods {amount} times", count, amount=amount)
        case "return_rate":
            return say("returned {amount} of what they spent", amount=amount)
        case "days_since_last_order":
            return say("last bought {amount} ago", amount=amount)
        case "days_since_first_order":
            return say("first bought {amount} ago", amount=amount)


def _act_on(measure: Measure, amount: Message, count: int, things: Value) -> Message:
    shown: dict[str, Value] = {"amount": amount, "things": things}
    match measure:
        case "orders":
            return say_n("placed {amount} order with {things}", "placed {amount} orders with {things}", count, **shown)
        case "net_sales":
            return say("spent {amount} net on {things}", **shown)
        case "gross_sales":
            return say("spent {amount} before returns on {things}", **shown)
        case "units":
            return say_n("bought {amount} unit of {things}", "bought {amount} units of {things}", count, **shown)
        case "aov":
            return say("spent {amount} per order on {things}", **shown)
        case "products":
            return say_n(
                "bought {amount} different product of {things}",
                "bought {amount} different products of {things}",
                count,
                **shown,
            )
        case "returns":
            return say("returned {things} worth {amount}", **shown)
        case "returned_orders":
            return say_n("returned {things} {amount} time", "returned {things} {amount} times", count, **shown)
        case "return_rate":
            return say("returned {amount} of what they spent on {things}", **shown)
        case "days_since_last_order":
            return say("last bought {things} {amount} ago", **shown)
        case "days_since_first_order":
            return say("first bought {things} {amount} ago", **shown)


def _bought(rule: Did, things: Value | None) -> Message | None:
    """Whether there was an order at all, which has plainer words."""
    if (rule.op, rule.value) in ((">=", 1), (">", 0), ("!=", 0)):
        return say("bought") if things is None else say("bought {things}", things=things)
    if (rule.op, rule.value) in (("<", 1), ("<=", 0), ("=", 0)):
        if things is not None:
            return say("did not buy {things}", things=things)
        return say("never ordered") if rule.period is None and not rule.where else say("did not buy")
    return None


def _returned(rule: Did, things: Value | None) -> Message | None:
    if (rule.op, rule.value) in ((">=", 1), (">", 0), ("!=", 0)):
        return say("returned something") if things is None else say("returned {things}", things=things)
    if (rule.op, rule.value) in (("<", 1), ("<=", 0), ("=", 0)):
        return say("returned nothing") if things is None else say("did not return {things}", things=things)
    return None


def _amount(op: Comparison, quantity: Quantity) -> Message:
    match op:
        case ">=":
            return say("at least {amount}", amount=quantity)
        case ">":
            return say("more than {amount}", amount=quantity)
        case "<" if quantity.unit == "count":
            return say("fewer than {amount}", amount=quantity)
        case "<":
            return say("less than {amount}", amount=quantity)
        case "<=":
            return say("at most {amount}", amount=quantity)
        case "=":
            return say("exactly {amount}", amount=quantity)
        case "!=":
            return say("other than {amount}", amount=quantity)


def _consent(rule: Has) -> Message:
    wanted = {value.casefold() == "true" for value in rule.values}
    agreed = (wanted == {True}) == (rule.op == "in")
    if len(wanted) > 1:
        return (
            say("said yes or no to being written to")
            if rule.op == "in"
            else say("never said whether they may be written to")
        )
    if rule.attribute == "email_consent":
        return say("agreed to e-mails") if agreed else say("have not agreed to e-mails")
    return say("agreed to text messages") if agreed else say("have not agreed to text messages")


def _places(values: Sequence[Value]) -> tuple[Value, ...]:
    return tuple(map(with_article, values))


def _parts(rule: All | AnyOf) -> tuple[Rule, ...]:
    return rule.all if isinstance(rule, All) else rule.any


def _is_negative(rule: Rule) -> bool:
    match rule:
        case Did(measure="orders" | "returned_orders", op=op, value=value):
            return (op, value) in (("<", 1), ("<=", 0), ("=", 0))
        case Not(not_=part):
            return not _is_negative(part)
        case Has(op=op):
            return op == "not_in"
        case _:
            return False


def _and(one: Message, other: Message) -> Message:
    return say("{rule} and {another}", rule=one, another=other)


def _or(one: Message, other: Message) -> Message:
    return say("{rule} or {another}", rule=one, another=other)
