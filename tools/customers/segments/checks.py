"""Whether a rule can be meant at all: names that exist, periods that the data covers, parts that go together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.customers.rules import Dated, Did, Has, In, Rule, leaves
from tools.customers.schemes import SCHEMES
from tools.customers.segments.contradictions import contradiction
from tools.customers.segments.words import Words
from tools.errors import InvalidArgument, NotEnoughData
from tools.messages import Label, say
from tools.nearest import nearest
from tools.semantic.known_values import KnownValues
from tools.semantic.query import Engine, Filter
from tools.semantic.wording import plural

if TYPE_CHECKING:
    from tools.semantic.catalog import Dimension
    from tools.semantic.periods import Period
    from tools.tool import Context

SALES = "sales"
MOST_CONDITIONS = 40
ATTRIBUTES: dict[str, Label] = {
    "country": Label("countries of residence", "居住国家"),
    "region": Label("regions of residence", "居住地区"),
    "city": Label("cities of residence", "居住城市"),
    "gender": Label("genders", "性别"),
    "acquisition_channel": Label("acquisition channels", "获客渠道"),
    "email_consent": Label("consent to e-mails", "邮件许可"),
    "sms_consent": Label("consent to text messages", "短信许可"),
}
CONSENTS = ("email_consent", "sms_consent")
YES_OR_NO = ("true", "false")


@dataclass(frozen=True)
class Checks:
    """Checks rules, saved segments replaced, against a store."""

    context: Context

    def check(self, rule: Rule) -> None:
        """Raises InvalidArgument, NotEnoughData or MissingTable."""
        conditions = list(leaves(rule))
        if len(conditions) > MOST_CONDITIONS:
            raise InvalidArgument(say("A rule has at most {most} conditions.", most=MOST_CONDITIONS))
        for leaf in conditions:
            match leaf:
                case Did():
                    self._did(leaf)
                case Dated():
                    self._covered([leaf.period.period])
                case Has():
                    self._has(leaf)
                case In():
                    _group(leaf)
        found = contradiction(rule, self.context.today)
        if found is not None:
            one, other = (Words(self.context).of(part) for part in found)
            raise InvalidArgument(
                say(
                    "Nobody can meet both of these: “{one}” and “{other}”. Did you mean one or the other?",
                    one=one,
                    other=other,
                )
            )

    def _did(self, leaf: Did) -> None:
        if leaf.period is not None:
            self._covered([leaf.period.period])
        for condition in leaf.where:
            self._filter(condition)
        _apart(leaf.where)

    def _covered(self, periods: Iterable[Period]) -> None:
        span = Engine(self.context.warehouse, self.context.catalog, self.context.today).span(SALES)
        if span is None:
            raise NotEnoughData(say("There are no sales up to {today}.", today=self.context.today))
        first, last = span[0].date(), span[1].date()
        for period in periods:
            if period.start > self.context.today:
                raise NotEnoughData(
                    say("{period} lies in the future; figures end on {last}.", period=period, last=last)
                )
            if period.end < first or period.start > last:
                raise NotEnoughData(
                    say(
                        "There are no figures for {period}: the data covers {first} to {last}.",
                        period=period,
                        first=first,
                        last=last,
                    )
                )

    def _filter(self, condition: Filter) -> None:
        catalog = self.context.catalog
        dimension = catalog.dimension(condition.dimension)
        sales = catalog.metric("net_sales")
        allowed = [d for d in catalog.dimensions_of(sales) if d.scheme is None]
        if dimension not in allowed:
            raise InvalidArgument(
                say(
                    "{metric} is not known by {dimension}. It can be split by {choices}.",
                    metric=sales.label.label,
                    dimension=dimension.label.label,
                    choices=tuple(d.label.label for d in allowed if d.grain is None),
                )
            )
        if dimension.is_time:
            return
        known = KnownValues(self.context.warehouse, catalog, self.context.today)
        if not known.any_for(dimension, [sales]):
            raise NotEnoughData(say("The data has no {things}.", things=plural(dimension)))
        if condition.op in ("in", "not_in"):
            for value in known.missing(dimension, [sales], condition.values):
                raise _not_there(dimension, value, known.nearest(dimension, [sales], value))

    def _has(self, leaf: Has) -> None:
        if leaf.attribute in CONSENTS:
            for value in leaf.values:
                if value.casefold() not in YES_OR_NO:
                    raise InvalidArgument(
                        say("{attribute} is true or false, not “{value}”.", attribute=leaf.attribute, value=value)
                    )
        values = self._values_of(leaf.attribute)
        if not values:
            raise NotEnoughData(say("The table of customers has no {attribute}.", attribute=ATTRIBUTES[leaf.attribute]))
        if leaf.attribute in CONSENTS:
            return
        for value in leaf.values:
            if value not in values:
                choices = tuple(nearest(value, sorted(values))) or tuple(sorted(values)[:3])
                raise InvalidArgument(
                    say(
                        "No customer has “{value}” among the {attribute}. Nearest: {choices}.",
                        value=value,
                        attribute=ATTRIBUTES[leaf.attribute],
                        choices=choices,
                    )
                )

    def _values_of(self, attribute: str) -> frozenset[str]:
        """The values that the customers' table has in a column."""
        warehouse = self.context.warehouse

        def read() -> frozenset[str]:
            table = warehouse.table("customers")
            rows, _sql = warehouse.fetch(table.filter(table[attribute].notnull()).select(attribute).distinct())
            return frozenset(str(value) for (value,) in rows)

        return warehouse.remembered(("attribute values", attribute), read)


def _group(leaf: In) -> None:
    scheme = SCHEMES[leaf.scheme]
    for group in leaf.groups:
        if group not in scheme.groups:
            choices = tuple(nearest(group, scheme.groups)) or tuple(scheme.groups)
            raise InvalidArgument(
                say(
                    "{scheme} has no group “{group}”. Nearest: {choices}.",
                    scheme=scheme.title,
                    group=group,
                    choices=choices,
                )
            )


def _not_there(dimension: Dimension, value: str, near: tuple[str, ...]) -> InvalidArgument:
    named = dimension.label.label.inside()
    if not near:
        return InvalidArgument(say("The data has no {dimension} “{value}”.", dimension=named, value=value))
    return InvalidArgument(
        say("The data has no {dimension} “{value}”. Nearest: {choices}.", dimension=named, value=value, choices=near)
    )


def _apart(where: tuple[Filter, ...]) -> None:
    """Refuses filters of one condition that no line can meet."""
    for one in where:
        for other in where:
            if one.dimension != other.dimension or one.op != "in":
                continue
            both = set(one.values) & set(other.values)
            if other.op == "in" and not both:
                raise InvalidArgument(
                    say("No line is of {one} and of {other} at once.", one=one.values, other=other.values)
                )
            if other.op == "not_in" and both == set(one.values):
                raise InvalidArgument(say("{values} cannot be both included and left out.", values=tuple(sorted(both))))
