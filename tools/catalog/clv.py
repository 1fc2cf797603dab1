"""The tool `clv`: what customers are still worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from tools.answer import Answer, Cell, Chart, Column, Fact, FollowUp, Provenance, Table, ToolCall
from tools.customers.contacts import contacts
from tools.customers.histories import Histories
from tools.customers.lookup import known_customer
from tools.customers.membership import members
from tools.customers.rules import Rule
from tools.customers.schemes import SCHEMES
from tools.customers.segments.selection import Selection
from tools.errors import NotEnoughData
from tools.messages import Label, Message, Quantity, Value, say, say_n
from tools.semantic.periods import Period
from tools.tool import Args, Context, Cue, Example, Tool
from tools.warehouse.profile import time_range
from tools.warehouse.values import labels_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tools.customers.value import Backtest, CustomerValue, LifetimeValues, Range
    from tools.stats.bgnbd import BgNbd

Split = Literal["country", "region", "city", "gender", "acquisition_channel", "rfm", "lifecycle", "tier"]

NAME = "clv"
PARTS = 10
# By so much the orders of frequent customers may differ in worth before it is said.
NOTABLE_PREMIUM = 0.15
# By so much the models may be off when put to the test before it is said beside the figures.
NOTABLE_ERROR = 0.15
ATTRIBUTES: Mapping[str, Label] = {
    "country": Label("Country", "国家"),
    "region": Label("Region", "地区"),
    "city": Label("City", "城市"),
    "gender": Label("Gender", "性别"),
    "acquisition_channel": Label("Acquisition channel", "获客渠道"),
}


class ClvArgs(Args):
    """Whose value, over which horizon, shown how."""

    show: Literal["list", "distribution"] = "list"
    horizon_days: int = Field(365, ge=30, le=1825, description="How far ahead orders count.")
    discount_rate: float = Field(0.1, ge=0, le=1, description="A year's discount on future money, as a fraction.")
    by: Split | None = Field(None, description="Average and total by an attribute or a scheme.")
    rule: Rule | None = Field(None, description="Only these customers.")
    customer: str | None = Field(None, description="Only this customer.")
    top: int = Field(20, ge=1, le=1000)
    order: Literal["highest", "lowest"] = "highest"


@dataclass(frozen=True)
class _Request:
    """The checked call, the values, and which customers are meant (places in the arrays, by value)."""

    context: Context
    args: ClvArgs
    values: LifetimeValues
    places: NDArray[np.intp]  # the most valuable first, ties by id
    trial: Backtest | None
    matched: int  # customers that the rule means, also those who never ordered

    @property
    def currency(self) -> str:
        return self.context.warehouse.settings().currency

    @property
    def period(self) -> Period:
        until = self.values.models.purchases.until
        return Period(until + timedelta(days=1), until + timedelta(days=self.args.horizon_days))

    @cached_property
    def total(self) -> Range:
        import numpy as np

        chosen = np.zeros(len(self.values.ids), dtype=bool)
        chosen[self.places] = True
        return self.values.total(chosen, self.trial.model_error if self.trial else 0.0)

    @cached_property
    def repeat(self) -> int:
        """Customers who ordered on two days or more."""
        return int((self.values.models.purchases.x[self.places] > 0).sum())

    @cached_property
    def active(self) -> float:
        """How many of them are still active."""
        again = self.places[self.values.models.purchases.x[self.places] > 0]
        return float(self.values.p_alive[again].sum())

    @property
    def average(self) -> float:
        return self.total.value / len(self.places)

    @cached_property
    def listed(self) -> NDArray[np.intp]:
        """The places that a list shows."""
        ordered = self.places if self.args.order == "highest" else self.places[::-1]
        return ordered[: self.args.top]

    @property
    def about_list(self) -> bool:
        """Whether the question is for so many customers, more than for all of them together."""
        return bool({"top", "order"} & self.args.model_fields_set) and len(self.listed) < len(self.places)

    @property
    def who(self) -> Message:
        return Selection(self.context).customers_in_words(self.args.rule)

    def money(self, value: float) -> Quantity:
        return Quantity(value, self.currency)


def run(context: Context, args: ClvArgs) -> Answer:
    """Values from both models. Raises NotEnoughData where the history is too short, InvalidArgument."""
    from tools.customers.value import last_backtest, lifetime_values

    if args.customer is not None:
        return _one(context, args, known_customer(context, args.customer))
    selection = Selection(context)
    if args.rule is not None:
        selection.check(args.rule)
    values = lifetime_values(context, args.horizon_days, args.discount_rate)
    places, matched = _chosen(selection, args, values)
    trial = last_backtest(context, values.models.purchases, args.horizon_days)
    request = _Request(context, args, values, places, trial, matched)
    if not len(places):
        return _nobody(request)
    if args.by is not None:
        return _split(request, args.by)
    return _distribution(request) if args.show == "distribution" else _list(request)


def _chosen(selection: Selection, args: ClvArgs, values: LifetimeValues) -> tuple[NDArray[np.intp], int]:
    """The places of the customers meant, the most valuable first, and how many the rule names in all."""
    import numpy as np

    purchases = values.models.purchases
    # Sums of floats differ in their last digits from run to run; what is equal to the cent stays in the ids' order.
    ranked = np.argsort(-np.round(values.value, 2), kind="stable")
    if args.rule is None:
        return ranked, len(ranked)
    ids = selection.ids(args.rule)
    return ranked[purchases.mask(ids)[ranked]], len(ids)


# --- answers ----------------------------------------------------------------------------------------------------------


def _list(request: _Request) -> Answer:
    values = request.values
    listed = [values.at(int(place)) for place in request.listed]
    so_far = _so_far(request.context, [one.customer_id for one in listed])
    people = contacts(request.context, {one.customer_id for one in listed})
    names = {customer: person["name"] for customer, person in people.items() if person.get("name")}
    rows: list[tuple[Cell, ...]] = []
    for one in listed:
        name = (names.get(one.customer_id),) if names else ()
        rows.append((*_cells(one), *so_far[one.customer_id], *name))
    columns = (
        *_columns(request),
        Column("orders", say("Orders so far"), unit="count"),
        Column("net_sales", say("Net sales so far"), unit=request.currency),
        Column("last_order", say("Last order")),
        *((Column("name", say("Name"), personal=True),) if names else ()),
    )
    headline, *lines = _about_the_list(request)
    return Answer(
        headline=headline,
        lines=tuple(lines),
        facts=(
            *_facts(request),
            Fact("customers_listed", len(listed), "count"),
            Fact("clv_listed", _held(request), request.currency, request.period),
            Fact("share_listed", _share(_held(request), request.total.value), "ratio", request.period),
            *(
                fact
                for one in listed
                for fact in (
                    Fact("clv", one.value, request.currency, request.period, {"customer": one.customer_id}),
                    Fact("p_alive", one.p_alive, "ratio", None, {"customer": one.customer_id}),
                )
            ),
        ),
        table=Table(columns, tuple(rows), len(request.places)),
        file_name="customer_value.csv",
        follow_ups=_follow_ups(request),
        caveats=_caveats(request),
        provenance=_provenance(request),
    )


def _held(request: _Request) -> float:
    """What the customers in the list are worth together."""
    return float(request.values.value[request.listed].sum())


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _about_the_list(request: _Request) -> tuple[Message, ...]:
    """The sentences of a list, what was asked for first: so many customers, or all of them together."""
    if not request.about_list:
        return (_headline(request), *_listed_line(request), *_lines(request))
    what: dict[str, Value] = {
        "value": request.money(_held(request)),
        "days": request.args.horizon_days,
        "share": Quantity(_share(_held(request), request.total.value), "ratio"),
        "all": Quantity(len(request.places)),
        "who": request.who if request.args.rule is not None else say("customers"),
    }
    lead = (
        say_n(
            "The most valuable of {all} {who} is worth {value} over the next {days} days, {share} of what all are "
            "worth.",
            "The {count} most valuable of {all} {who} are worth {value} over the next {days} days, {share} of what all "
            "are worth.",
            len(request.listed),
            **what,
        )
        if request.args.order == "highest"
        else say_n(
            "The least valuable of {all} {who} is worth {value} over the next {days} days, {share} of what all are "
            "worth.",
            "The {count} least valuable of {all} {who} are worth {value} over the next {days} days, {share} of what "
            "all are worth.",
            len(request.listed),
            **what,
        )
    )
    return lead, say(
        "All of them: {total} (in 8 of 10 cases {low} to {high}), {average} each on average.",
        total=request.money(request.total.value),
        low=request.money(request.total.low),
        high=request.money(request.total.high),
        average=request.money(request.average),
    )


def _listed_line(request: _Request) -> tuple[Message, ...]:
    if len(request.listed) == len(request.places):
        return ()
    return (
        say_n(
            "The one listed holds {value}, {share} of it.",
            "The {count} listed hold {value}, {share} of it.",
            len(request.listed),
            value=request.money(_held(request)),
            share=Quantity(_share(_held(request), request.total.value), "ratio"),
        ),
    )


def _columns(request: _Request) -> tuple[Column, ...]:
    return (
        Column("customer_id", say("Customer")),
        Column("clv", say("Value"), unit=request.currency),
        Column("clv_low", say("Low"), unit=request.currency),
        Column("clv_high", say("High"), unit=request.currency),
        Column("p_alive", say("Still active"), unit="ratio"),
        Column("expected_orders", say("Expected orders"), unit="number"),
    )


def _cells(one: CustomerValue) -> tuple[Cell, ...]:
    money = (round(amount, 2) for amount in (one.value, one.low, one.high))
    return (one.customer_id, *money, one.p_alive, one.expected_orders)


def _distribution(request: _Request) -> Answer:
    """Tenths of the customers by value, and what each of them holds."""
    value = request.values.value[request.places]
    n, whole = len(value), float(value.sum())
    parts = min(PARTS, n)
    bounds = [part * n // parts for part in range(parts + 1)]
    rows: list[tuple[int, int, float, float | None, float]] = []
    for number, (start, end) in enumerate(pairwise(bounds), 1):
        total = float(value[start:end].sum())
        rows.append((number, end - start, total, total / whole if whole else None, total / (end - start)))
    labels = {str(number): _tenth(number, parts) for number, *_figures in rows}
    first = rows[0]
    columns = (
        Column("part", say("Customers by value"), labels=labels),
        Column("customers", say("Customers"), unit="count"),
        Column("clv", say("Value"), unit=request.currency),
        Column("share", say("Share"), unit="ratio"),
        Column("average", say("Average"), unit=request.currency),
    )
    return Answer(
        headline=say_n(
            "The most valuable customer holds {share} of the future value: {value} of {total}.",
            "The {count} most valuable customers ({part}) hold {share} of the future value: {value} of {total}.",
            bounds[1],
            part=Quantity(bounds[1] / n, "ratio"),
            share=Quantity(first[3], "ratio"),
            value=request.money(first[2]),
            total=request.money(whole),
        ),
        lines=(
            say("Half of it comes from {customers} customers.", customers=Quantity(_half(value))),
            *_lines(request),
        ),
        facts=(
            *_facts(request),
            Fact("clv_half", _half(value), "count"),
            *(
                fact
                for number, customers, total, share, average in rows
                for fact in (
                    Fact("customers", customers, "count", None, {"part": str(number)}),
                    Fact("clv", total, request.currency, request.period, {"part": str(number)}),
                    Fact("share", share, "ratio", None, {"part": str(number)}),
                    Fact("average_clv", average, request.currency, None, {"part": str(number)}),
                )
            ),
        ),
        table=Table(columns, tuple(rows), len(rows)),
        chart=Chart("bar", say("Future value by customers' rank"), "part", ("clv",)),
        file_name="customer_value_distribution.csv",
        follow_ups=_follow_ups(request),
        caveats=_caveats(request),
        provenance=_provenance(request),
    )


def _tenth(number: int, parts: int) -> Label:
    if parts < PARTS:
        return Label(f"No. {number}", f"第{number}名")
    low, high = (number - 1) * 100 // parts, number * 100 // parts
    return Label(f"top {high}%", f"前{high}%") if number == 1 else Label(f"{low}–{high}%", f"{low}–{high}%")


def _half(value: NDArray[np.float64]) -> int:
    """How many of the most valuable hold half of the value."""
    import numpy as np

    return int(np.searchsorted(np.cumsum(value), value.sum() / 2)) + 1


@dataclass(frozen=True)
class _Part:
    group: str | None
    customers: int
    total: float
    expected_orders: float


def _split(request: _Request, by: Split) -> Answer:
    """Totals and averages by an attribute or by the groups of a scheme."""
    context = request.context
    parts = _parts(request, by)
    whole = sum(part.total for part in parts)
    title, labels = _group_names(context, by, [part.group for part in parts if part.group is not None])
    shown = parts if request.args.order == "highest" else parts[::-1]
    rows = tuple(
        (part.group, part.customers, part.total / part.customers, part.total, part.total / whole if whole else None)
        for part in shown[: request.args.top]
    )
    columns = (
        Column(by, title, labels=labels),
        Column("customers", say("Customers"), unit="count"),
        Column("average", say("Average value"), unit=request.currency),
        Column("clv", say("Total value"), unit=request.currency),
        Column("share", say("Share"), unit="ratio"),
    )
    named = [part for part in parts if part.group is not None]
    best = max(named, key=lambda part: part.total / part.customers)
    return Answer(
        headline=_headline(request),
        lines=(
            say(
                "Most in all: {group} with {total}, {share} of it.",
                group=_called(named[0].group, labels),
                total=request.money(named[0].total),
                share=Quantity(named[0].total / whole if whole else None, "ratio"),
            ),
            say_n(
                "Most on average: {group} with {average} for its one customer.",
                "Most on average: {group} with {average} for each of {count} customers.",
                best.customers,
                group=_called(best.group, labels),
                average=request.money(best.total / best.customers),
            ),
            *_lines(request),
        ),
        facts=(
            *_facts(request),
            *(
                fact
                for part in named
                for fact in (
                    Fact("clv", part.total, request.currency, request.period, {by: str(part.group)}),
                    Fact("average_clv", part.total / part.customers, request.currency, None, {by: str(part.group)}),
                    Fact("customers", part.customers, "count", None, {by: str(part.group)}),
                    Fact("expected_orders", part.expected_orders, "number", request.period, {by: str(part.group)}),
                )
            ),
        ),
        table=Table(columns, rows, len(parts)),
        chart=Chart("bar", say("Future value by {by}", by=title.inside()), by, ("clv",)),
        file_name=f"customer_value_by_{by}.csv",
        follow_ups=_follow_ups(request),
        caveats=_caveats(request),
        provenance=_provenance(request),
    )


def _parts(request: _Request, by: Split) -> list[_Part]:
    """The groups by total value; customers in no group come last."""
    values = request.values
    group_of = _groups(request.context, by)
    gathered: dict[str | None, list[int]] = {}
    for place in request.places.tolist():
        gathered.setdefault(group_of.get(values.ids[place]), []).append(place)
    if gathered.keys() <= {None}:
        raise NotEnoughData(say("Nothing is known of these customers' {attribute}.", attribute=_title(by).inside()))
    parts = [
        _Part(group, len(places), float(values.value[places].sum()), float(values.expected_orders[places].sum()))
        for group, places in gathered.items()
    ]
    return sorted(parts, key=lambda part: (part.group is None, -round(part.total, 2), part.group or ""))


def _groups(context: Context, by: Split) -> Mapping[str, str]:
    """Customer → value of the attribute, or group of the scheme; customers without one are left out."""
    if by in SCHEMES:
        return members(context, by)
    table = context.warehouse.table("customers", context.today)
    rows, _sql = context.warehouse.fetch(table.filter(table[by].notnull()).select("customer_id", by))
    return {str(customer): str(value) for customer, value in rows}


def _title(by: Split) -> Label:
    return SCHEMES[by].title if by in SCHEMES else ATTRIBUTES[by]


def _group_names(context: Context, by: Split, groups: list[str]) -> tuple[Label, dict[str, Label]]:
    if by in SCHEMES:
        known = SCHEMES[by].groups
        return SCHEMES[by].title, {group: known[group].label for group in groups if group in known}
    dimension = context.catalog.dimensions.get(by)
    return ATTRIBUTES[by], labels_of(context.warehouse, dimension, groups) if dimension is not None else {}


def _called(group: str | None, labels: Mapping[str, Label]) -> Label | str:
    return labels.get(group or "", group or "")


def _one(context: Context, args: ClvArgs, customer: str) -> Answer:
    from tools.customers.value import lifetime_values

    values = lifetime_values(context, args.horizon_days, args.discount_rate)
    found = values.of(customer)
    if found is None:
        raise NotEnoughData(
            say("Customer {customer} has no orders by {today}; a value is told from orders.",
                customer=customer, today=context.today)
        )  # fmt: skip
    place = values.models.purchases.place[customer]
    _by_value, matched = _chosen(Selection(context), args, values)
    request = _Request(context, args, values, _by_value[_by_value == place], None, matched)
    rank = int((_by_value == place).argmax()) + 1
    where = {"customer": customer}
    orders, net_sales, last = _so_far(context, [customer])[customer]
    columns = (
        *_columns(request),
        Column("order_value", say("Value of an order"), unit=request.currency),
        Column("orders", say("Orders so far"), unit="count"),
        Column("net_sales", say("Net sales so far"), unit=request.currency),
        Column("last_order", say("Last order")),
    )
    row: tuple[Cell, ...] = (*_cells(found), round(found.order_value, 2), orders, net_sales, last)
    return Answer(
        headline=say(
            "Customer {customer} is worth {value} over the next {days} days.",
            customer=customer,
            value=request.money(found.value),
            days=args.horizon_days,
        ),
        lines=(
            say("On average: in 8 of 10 cases nothing will come.")
            if round(found.high, 2) <= 0
            else say(
                "In 8 of 10 cases it will be between {low} and {high}.",
                low=request.money(found.low),
                high=request.money(found.high),
            ),
            say(
                "{orders} orders of {value} each are expected.",
                orders=Quantity(found.expected_orders, "number"),
                value=request.money(found.order_value),
            )
            if found.p_alive is None
            else say(
                "Still active with a chance of {alive}; {orders} orders of {value} each are expected.",
                alive=Quantity(found.p_alive, "ratio"),
                orders=Quantity(found.expected_orders, "number"),
                value=request.money(found.order_value),
            ),
            say("No. {rank} of {customers} customers.", rank=rank, customers=Quantity(matched)),
        ),
        facts=(
            Fact("clv", found.value, request.currency, request.period, where),
            Fact("clv_low", found.low, request.currency, request.period, where),
            Fact("clv_high", found.high, request.currency, request.period, where),
            Fact("expected_orders", found.expected_orders, "number", request.period, where),
            Fact("p_alive", found.p_alive, "ratio", None, where),
            Fact("order_value", found.order_value, request.currency, None, where),
            Fact("rank", rank, "count", None, where),
            Fact("customers", matched, "count"),
            Fact("orders", orders, "count", None, where),
            Fact("net_sales", net_sales, request.currency, None, where),
        ),
        table=Table(columns, (row,), 1, upright=True),
        follow_ups=(
            FollowUp(say("Profile of customer {customer}", customer=customer),
                     ToolCall("customer", {"customer": customer})),
            FollowUp(say("The most valuable customers"), ToolCall(NAME, {"top": 10})),
        ),
        caveats=_caveats(request),
        provenance=_provenance(request),
        subjects=(customer,),
    )  # fmt: skip


def _nobody(request: _Request) -> Answer:
    return Answer(
        headline=say("There are no {who}.", who=request.who)
        if not request.matched
        else say("None of the {who} has ordered yet; a value is told from orders.", who=request.who),
        facts=(Fact("customers", 0, "count"), Fact("clv", 0.0, request.currency, request.period)),
        follow_ups=(FollowUp(say("The most valuable customers"), ToolCall(NAME, {"top": 10})),),
        provenance=_provenance(request),
    )


# --- what the answers share -------------------------------------------------------------------------------------------


def _headline(request: _Request) -> Message:
    """What the customers meant are worth, each on average and together."""
    what: dict[str, Value] = {
        "average": request.money(request.average),
        "total": request.money(request.total.value),
        "days": request.args.horizon_days,
    }
    if request.args.rule is None:
        return say_n(
            "{count} customer is worth {total} over the next {days} days.",
            "{count} customers are worth {average} each on average over the next {days} days, {total} in all.",
            len(request.places),
            **what,
        )
    return say_n(
        "Of the {who} there is {count}, worth {total} over the next {days} days.",
        "The {count} {who} are worth {average} each on average over the next {days} days, {total} in all.",
        len(request.places),
        who=request.who,
        **what,
    )


def _lines(request: _Request) -> tuple[Message, ...]:
    """How sure the total is, and the orders that it rests on."""
    what: dict[str, Value] = {
        "low": request.money(request.total.low),
        "high": request.money(request.total.high),
        "orders": _about(float(request.values.expected_orders[request.places].sum())),
    }
    if not request.repeat:
        return (
            say("In all it will be between {low} and {high} in 8 of 10 cases; {orders} orders are expected.", **what),
        )
    return (
        say(
            "In all it will be between {low} and {high} in 8 of 10 cases; {orders} orders are expected, and about "
            "{alive} of the {repeat} customers who came back are still active.",
            repeat=Quantity(request.repeat),
            alive=_about(request.active),
            **what,
        ),
    )


def _tested(trial: Backtest, money: Callable[[float], Quantity]) -> Message:
    return say(
        "Put to the test on {day}: for the {days} days after it {expected} orders and net sales of {value} were "
        "expected of all customers; {orders} orders and {came} came.",
        day=trial.day,
        days=trial.days,
        expected=_about(trial.expected_orders),
        value=money(trial.expected_value.value),
        orders=Quantity(trial.orders, "count"),
        came=money(trial.value),
    )


def _about(value: float) -> Quantity:
    """A sum of chances: whole, where it is not small."""
    return Quantity(round(value)) if value >= 10 else Quantity(value, "number")


def _facts(request: _Request) -> tuple[Fact, ...]:
    values, total, period, trial = request.values, request.total, request.period, request.trial
    tested = Period(trial.day + timedelta(days=1), trial.day + timedelta(days=trial.days)) if trial else None
    return (
        Fact("clv", total.value, request.currency, period),
        Fact("clv_low", total.low, request.currency, period),
        Fact("clv_high", total.high, request.currency, period),
        Fact("average_clv", request.average, request.currency, period),
        Fact("customers", len(request.places), "count"),
        Fact("expected_orders", float(values.expected_orders[request.places].sum()), "count", period),
        Fact("repeat_customers", request.repeat, "count"),
        Fact("active_customers", request.active, "number"),
        Fact("p_alive", request.active / request.repeat if request.repeat else None, "ratio"),
        *(
            (
                Fact("backtest_expected_orders", trial.expected_orders, "count", tested),
                Fact("backtest_orders", trial.orders, "count", tested),
                Fact("backtest_expected_value", trial.expected_value.value, request.currency, tested),
                Fact("backtest_value", trial.value, request.currency, tested),
            )
            if trial
            else ()
        ),
    )


def _so_far(context: Context, customers: list[str]) -> dict[str, tuple[int, float, date]]:
    """Orders, net sales and the day of the last order by now."""
    summary = Histories(context.warehouse, context.today).summary()
    wanted = summary.filter(summary.customer_id.isin(customers))
    rows, _sql = context.warehouse.fetch(wanted.select("customer_id", "orders", "net_sales", "last_order_on"))
    return {str(customer): (int(orders), float(net or 0.0), last) for customer, orders, net, last in rows}


def _caveats(request: _Request) -> tuple[Message, ...]:
    models, context = request.values.models, request.context
    found: list[Message] = []
    if models.purchases.until < context.today:
        found.append(say("The newest sale is of {day}; time is counted to then.", day=models.purchases.until))
    trial = request.trial
    if trial is not None and abs(off := trial.expected_value.value / trial.value - 1 if trial.value > 0 else 1.0) > (
        NOTABLE_ERROR
    ):
        off_by = Quantity(abs(off), "ratio")
        found.append(
            say("Values may be too high: when last put to the test, {off} more was expected than came.", off=off_by)
            if off > 0
            else say("Values may be too low: when last put to the test, {off} less was expected than came.", off=off_by)
        )
    if trial is None and request.args.customer is None:
        found.append(
            say("The history is too short to put the models to the test; the interval holds chance alone, not the "
                "models' own error.")
        )  # fmt: skip
    if models.orders.weak_prior:
        found.append(
            say("The history hardly shows customers leaving for good, so that the values rest on an assumption about "
                "it and tend to be high.")
        )  # fmt: skip
    premium = models.frequent_premium
    if abs(premium) >= NOTABLE_PREMIUM:
        found.append(
            say(
                "The model takes spending on an order as independent of how often customers order; here the average "
                "order is worth {premium} more than the average customer's.",
                premium=Quantity(premium, "ratio"),
            )
            if premium > 0
            else say(
                "The model takes spending on an order as independent of how often customers order; here the average "
                "order is worth {premium} less than the average customer's.",
                premium=Quantity(-premium, "ratio"),
            )
        )
    if request.matched > len(request.places) and request.args.customer is None:
        found.append(
            say_n(
                "{count} of them never ordered and is left out.",
                "{count} of them never ordered and are left out.",
                request.matched - len(request.places),
            )
        )
    if models.without_value:
        found.append(
            say_n(
                "{count} customer sent back at least as much as they bought; their orders so far count as worth "
                "nothing.",
                "{count} customers sent back at least as much as they bought; their orders so far count as worth "
                "nothing.",
                models.without_value,
            )
        )
    return tuple(found)


def _provenance(request: _Request) -> Provenance:
    context, args, models = request.context, request.args, request.values.models
    orders, spend = models.orders, models.spend

    def number(value: float) -> Quantity:
        return Quantity(value, "score")

    return Provenance(
        definition=(
            say(
                "A customer's value is the net sales to expect within {days} days: the orders to expect (BG/NBD model; "
                "Fader, Hardie & Lee 2005) times what an order is worth (Gamma-Gamma model; Fader & Hardie 2013), "
                "discounted month by month at {rate} a year.",
                days=args.horizon_days,
                rate=Quantity(args.discount_rate, "ratio"),
            ),
            say("An order is a day with orders here. What it is worth is net sales by day with orders, drawn towards "
                "the average the more, the fewer orders a customer has."),
            say("Intervals hold 8 of 10 cases. A customer's is simulated; a total's holds chance, the doubt about the "
                "parameters, and how far the models were off when last put to the test."),
            _chosen_model(orders, models.other),
            *((_tested(request.trial, request.money),) if request.trial else ()),
            say("The models know neither seasons nor plans."),
            say(
                "Fitted to {customers} customers up to {day}, in days: r {r}, α {alpha}, a {a}, b {b}; p {p}, q {q}, "
                "γ {gamma}.",
                customers=Quantity(orders.customers),
                day=models.purchases.until,
                r=number(orders.r),
                alpha=number(orders.alpha),
                a=number(orders.a),
                b=number(orders.b),
                p=number(spend.p),
                q=number(spend.q),
                gamma=number(spend.gamma),
            ),
        ),
        period=request.period,
        filters=(
            *((request.who,) if args.rule is not None else ()),
            say("discounted at {rate} a year", rate=Quantity(args.discount_rate, "ratio")),
        ),
        sql=(models.purchases.sql,),
        tables=("order_lines",),
        as_of=time_range(context.warehouse.table("order_lines", context.today))[1],
    )  # fmt: skip


def _chosen_model(taken: BgNbd, other: BgNbd | None) -> Message:
    """Which of the two models of orders was taken, and why."""
    fit = Quantity(taken.log_likelihood, "number")
    against = Quantity(other.log_likelihood if other else None, "number")
    if taken.leaves_at_once:
        return say(
            "Of two variants the MBG/NBD (Batislam, Denizel & Filiztekin 2007), in which customers may be gone after "
            "one order, fits the histories better than the BG/NBD: log-likelihood {fit} against {other}.",
            fit=fit,
            other=against,
        )
    return say(
        "Of two variants the BG/NBD, in which nobody is gone after one order, fits the histories better than the "
        "MBG/NBD (Batislam, Denizel & Filiztekin 2007): log-likelihood {fit} against {other}.",
        fit=fit,
        other=against,
    )


def _follow_ups(request: _Request) -> tuple[FollowUp, ...]:
    args = request.args
    kept = {name: value for name, value in args.plain().items() if name in ("rule", "horizon_days", "discount_rate")}
    found = []
    if args.show != "list" or args.by is not None:
        found.append(FollowUp(say("The most valuable customers"), ToolCall(NAME, {**kept, "top": 10})))
    if args.show != "distribution" or args.by is not None:
        found.append(FollowUp(say("How is the value spread?"), ToolCall(NAME, {**kept, "show": "distribution"})))
    if args.by != "rfm":
        found.append(FollowUp(say("Value by RFM segment"), ToolCall(NAME, {**kept, "by": "rfm"})))
    if args.by != "country" and len(found) < 3:
        found.append(FollowUp(say("Value by country"), ToolCall(NAME, {**kept, "by": "country"})))
    return tuple(found)


TOOL = Tool(
    name=NAME,
    title=Label("Customer lifetime value", "客户终身价值"),
    description=(
        "What customers are still worth: future orders and net sales over a horizon, discounted, with intervals. Lists "
        "the most or least valuable customers, shows how the value is spread, splits it by country, RFM segment, "
        "lifecycle stage and so on, or tells one customer's."
    ),
    args=ClvArgs,
    run=run,
    needs=("order_lines",),
    cues=(
        Cue(
            (
                "customer lifetime value",
                "lifetime value",
                "customers' lifetime value",
                "clv",
                "ltv",
                "most valuable customers in the future",
                "future value of our customers",
                "what are our customers still worth",
            ),
            ("客户终身价值", "终身价值", "客户生命周期价值", "生命周期价值", "未来价值", "客户未来价值", "CLV", "LTV"),
            {"show": "list"},
        ),
        Cue(
            (
                "clv distribution",
                "distribution of customer lifetime value",
                "how is customer lifetime value distributed",
                "how is the future value spread",
            ),
            ("客户终身价值分布", "终身价值的分布", "客户终身价值如何分布", "未来价值分布"),
            {"show": "distribution"},
        ),
    ),
    examples=(
        Example(
            Label("Which 10 customers have the highest lifetime value?", "终身价值最高的10位客户是谁？"), {"top": 10}
        ),
        Example(
            Label(
                "What is the customer lifetime value over the next 180 days?",
                "未来180天的客户终身价值是多少？",
            ),
            {"horizon_days": 180},
        ),
        Example(
            Label("How is customer lifetime value distributed?", "客户终身价值如何分布？"), {"show": "distribution"}
        ),
        Example(Label("Customer lifetime value by country", "各国的客户终身价值"), {"by": "country"}),
        Example(Label("Average lifetime value by RFM segment", "各RFM分群的平均终身价值"), {"by": "rfm"}),
        Example(
            Label("What is the lifetime value of customer 14646?", "客户14646的终身价值是多少？"), {"customer": "14646"}
        ),
    ),
)
