"""The tool `customer`: one customer's profile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

from pydantic import Field

from tools.answer import Answer, Cell, Chart, Column, Fact, FollowUp, Provenance, Table, ToolCall
from tools.customers.lookup import known_customer
from tools.customers.membership import group_of
from tools.customers.profile import Buying, Favourite, Outreach, attributes, buying, favourites, outreach
from tools.customers.schemes import SCHEMES
from tools.errors import AssistantError
from tools.messages import Label, Message, Quantity, Value, say, say_n
from tools.tool import Args, Context, Cue, Example, Tool
from tools.warehouse.profile import time_range
from tools.warehouse.tables import TABLES
from tools.warehouse.values import labels_of, names_of

if TYPE_CHECKING:
    from tools.customers.churn.scores import CustomerRisk
    from tools.customers.offers.recommending import Recommendation
    from tools.customers.value import CustomerValue, LifetimeValues

NAME = "customer"
RISK_DAYS = 90
VALUE_DAYS = 365
DISCOUNT_RATE = 0.1
MONTHS_SHOWN = 24
OFFERS = 3
# A next order that is further off than this is not told as a window.
FURTHEST_DAYS = 730
# Less likely still a customer than this, and no next order is told.
LEAST_ALIVE = 0.05
# A weekday, or an hour, with less of the orders is no habit.
HABIT = 0.4
LEVELS: dict[str, Label] = {
    "high": Label("high", "高"),
    "medium": Label("medium", "中"),
    "low": Label("low", "低"),
}
WEEKDAYS = (
    Label("Mondays", "星期一"),
    Label("Tuesdays", "星期二"),
    Label("Wednesdays", "星期三"),
    Label("Thursdays", "星期四"),
    Label("Fridays", "星期五"),
    Label("Saturdays", "星期六"),
    Label("Sundays", "星期日"),
)
ATTRIBUTES: dict[str, Label] = {
    "name": Label("Name", "姓名"),
    "email": Label("E-mail", "电子邮箱"),
    "phone": Label("Phone", "电话"),
    "gender": Label("Gender", "性别"),
    "birth_year": Label("Year of birth", "出生年份"),
    "country": Label("Country", "国家"),
    "region": Label("Region", "地区"),
    "city": Label("City", "城市"),
    "acquisition_channel": Label("Acquisition channel", "获客渠道"),
    "signed_up_at": Label("Signed up", "注册时间"),
    "email_consent": Label("E-mail consent", "邮件许可"),
    "sms_consent": Label("SMS consent", "短信许可"),
}
_YES_NO = {"True": Label("yes", "是"), "False": Label("no", "否")}
T = TypeVar("T")


class CustomerArgs(Args):
    """Which customer."""

    customer: str = Field(min_length=1, max_length=200, description="The customer's id.")


@dataclass
class _Profile:
    """All that is known of the customer; what a model cannot tell is None and said in `missing`."""

    context: Context
    customer: str
    buying: Buying
    sql: str
    missing: list[Message] = field(default_factory=list)

    @cached_property
    def currency(self) -> str:
        return self.context.warehouse.settings().currency

    def money(self, value: float) -> Quantity:
        return Quantity(value, self.currency)

    @cached_property
    def values(self) -> LifetimeValues | None:
        from tools.customers.value import lifetime_values

        if not self.buying.orders:
            return None
        return self._told(say("value"), lambda: lifetime_values(self.context, VALUE_DAYS, DISCOUNT_RATE))

    @cached_property
    def value(self) -> CustomerValue | None:
        return self.values.of(self.customer) if self.values else None

    @cached_property
    def next_order(self) -> NextOrder | None:
        if self.values is None:
            return None
        models = self.values.models
        place = models.purchases.place[self.customer]
        x, age = models.purchases.x[place], models.purchases.T[place]
        low, high = (float(models.orders.wait_if_alive(chance, x, age)) for chance in (0.25, 0.75))
        return NextOrder(models.purchases.until, low, high)

    @cached_property
    def risk(self) -> CustomerRisk | None:
        from tools.customers.churn.scores import churn_scores

        if not self.buying.orders:
            return None
        scores = self._told(say("risk of leaving"), lambda: churn_scores(self.context, RISK_DAYS))
        return scores.of(self.customer) if scores else None

    @cached_property
    def offers(self) -> tuple[Recommendation, ...]:
        from tools.customers.offers.recommending import for_customer

        found = self._told(say("products to offer"), lambda: for_customer(self.context, self.customer, OFFERS))
        return found or ()

    @cached_property
    def groups(self) -> dict[str, str]:
        """Scheme → the group that the customer is in."""
        found: dict[str, str] = {}
        for name in ("lifecycle", "rfm", "tier"):
            group = self._told(SCHEMES[name].title.inside(), partial(group_of, self.context, name, self.customer))
            if group is not None:
                found[name] = group
        return found

    def _told(self, what: Message | Label, ask: Callable[[], T]) -> T | None:
        """What a model says; None, and a caveat with its reason, where the store does not carry it."""
        try:
            return ask()
        except AssistantError as error:
            self.missing.append(say("Not told: {what}. {reason}", what=what, reason=error.message))
            return None

    @cached_property
    def attributes(self) -> dict[str, Cell]:
        known = attributes(self.context, self.customer)
        return {name: known[name] for name in ATTRIBUTES if name in known}

    @cached_property
    def outreach(self) -> Outreach:
        return outreach(self.context, self.customer)

    def named(self, dimension: str, ids: list[str]) -> dict[str, Label]:
        wanted = self.context.catalog.dimension(dimension)
        return {
            **labels_of(self.context.warehouse, wanted, ids),
            **names_of(self.context.warehouse, wanted, ids),
        }


@dataclass(frozen=True)
class NextOrder:
    """Days after `counted_from` within which the next order comes with 25 and 75 %, if they are a customer still."""

    counted_from: date
    low: float
    high: float


def run(context: Context, args: CustomerArgs) -> Answer:
    """What is known of the customer. Raises InvalidArgument, with the nearest ids, for who is not there."""
    customer = known_customer(context, args.customer)
    found, sql = buying(context, customer)
    profile = _Profile(context, customer, found, sql)
    lines = _lines(profile)
    table = _table(profile)
    return Answer(
        headline=_headline(profile),
        lines=lines,
        facts=_facts(profile),
        table=table,
        chart=_chart(profile),
        file_name="customer_profile.csv",
        follow_ups=_follow_ups(profile),
        caveats=tuple(one for i, one in enumerate(profile.missing) if one not in profile.missing[:i]),
        provenance=_provenance(profile),
        subjects=(customer,),
    )


def _headline(profile: _Profile) -> Message:
    found, customer = profile.buying, profile.customer
    if found.orders:
        return say_n(
            "Customer {customer} has ordered once, on {last}: net sales of {net}.",
            "Customer {customer} has ordered {count} times since {first}: net sales of {net}; the last order was "
            "on {last}.",
            found.orders,
            customer=customer,
            first=found.days[0],
            last=found.days[-1],
            net=profile.money(found.net_sales),
        )
    if found.moments:
        return say(
            "Customer {customer} has sent back goods worth {returns}, and has no order on record.",
            customer=customer,
            returns=profile.money(found.returns),
        )
    return say("Customer {customer} has not ordered yet.", customer=customer)


# --- lines ------------------------------------------------------------------------------------------------------------


def _lines(profile: _Profile) -> tuple[Message, ...]:
    found = [
        *_risk_lines(profile),
        *_value_lines(profile),
        *_rhythm_lines(profile),
        *_favourite_lines(profile),
        *_return_lines(profile),
        *_offer_lines(profile),
        *_outreach_lines(profile),
    ]
    return tuple(found)


def _risk_lines(profile: _Profile) -> list[Message]:
    """How sure it is that they leave; why, and what to do, only of whom there is anything to fear."""
    risk = profile.risk
    if risk is None:
        return []
    lines = [
        say(
            "Risk of no order within {days} days: *{risk}* ({level}), {value} at stake.",
            days=RISK_DAYS,
            risk=_chance(risk.probability),
            level=LEVELS[risk.risk],
            value=profile.money(risk.value_at_risk),
        )
    ]
    if risk.risk == "low":
        return lines
    if risk.reasons:
        lines.append(say("Why: {reasons}.", reasons=tuple(risk.reasons)))
    if risk.to_do is not None:
        lines.append(say("What to do: {action}", action=risk.to_do))
    return lines


def _value_lines(profile: _Profile) -> list[Message]:
    value = profile.value
    if value is None:
        return []
    what: dict[str, Value] = {"value": profile.money(round(value.value, 2)), "days": VALUE_DAYS}
    if round(value.high, 2) <= 0:
        return [say("Worth *{value}* over the next {days} days on average; in 8 of 10 cases nothing comes.", **what)]
    return [
        say(
            "Worth *{value}* over the next {days} days (in 8 of 10 cases {low} to {high}), {orders} orders expected.",
            low=profile.money(round(value.low, 2)),
            high=profile.money(round(value.high, 2)),
            orders=Quantity(round(value.expected_orders, 2), "number"),
            **what,
        )
    ]


def _rhythm_lines(profile: _Profile) -> list[Message]:
    """When the next order is due: by the customer's own rhythm, or by the model where there is none yet."""
    own, coming = profile.buying.rhythm, profile.next_order
    if own is None:
        return [_coming(profile.value, coming)] if coming is not None and profile.value is not None else []
    last = profile.buying.days[-1]
    end = last + timedelta(days=round(own.high))
    what: dict[str, Value] = {
        "usual": Quantity(own.usual, "days"),
        "start": last + timedelta(days=round(own.low)),
        "end": end,
    }
    if end < profile.context.today:
        return [say("Usually {usual} between orders; the next was due between {start} and {end}.", **what)]
    return [say("Usually {usual} between orders; the next is due between {start} and {end}.", **what)]


def _coming(value: CustomerValue, coming: NextOrder) -> Message:
    """The next order, as the model sees it."""
    if value.p_alive is not None and value.p_alive < LEAST_ALIVE:
        return say("No next order expected; still a customer with a chance of {alive}.", alive=_chance(value.p_alive))
    if coming.high > FURTHEST_DAYS:
        return say("The next order may be years off.")
    start, end = (coming.counted_from + timedelta(days=round(days)) for days in (coming.low, coming.high))
    if value.p_alive is None:
        return say("The next order is as likely as not between {start} and {end}.", start=start, end=end)
    return say(
        "The next order is as likely as not between {start} and {end}, if still a customer ({alive}).",
        alive=_chance(value.p_alive),
        start=start,
        end=end,
    )


def _chance(probability: float) -> Quantity:
    """To a tenth of a percent, and never quite sure: no model of people knows more."""
    return Quantity(min(max(round(probability, 3), 0.001), 0.999), "ratio")


def _favourite_lines(profile: _Profile) -> list[Message]:
    lines = []
    products = favourites(profile.context, profile.customer, "product_id")
    if products:
        names = profile.named("product", [product.id for product in products])
        lines.append(say("Buys most: {products}.", products=_with_sales(profile, products[:3], names)))
    categories = favourites(profile.context, profile.customer, "category")
    if categories:
        names = profile.named("category", [category.id for category in categories])
        lines.append(say("Categories: {categories}.", categories=_with_sales(profile, categories[:3], names)))
    weekday, hour = profile.buying.favourite("weekday"), profile.buying.favourite("hour")
    if weekday and weekday[1] >= HABIT:
        lines.append(
            say(
                "Orders most on {weekday} ({share}).", weekday=WEEKDAYS[weekday[0]], share=Quantity(weekday[1], "ratio")
            )
        )
    if hour and hour[1] >= HABIT:
        lines.append(
            say("Orders most at {hour}:00–{hour}:59 ({share}).", hour=str(hour[0]), share=Quantity(hour[1], "ratio"))
        )
    return lines


def _with_sales(profile: _Profile, found: tuple[Favourite, ...], names: dict[str, Label]) -> tuple[Message, ...]:
    return tuple(
        say("{thing} ({net})", thing=names.get(one.id, one.id), net=profile.money(one.net_sales)) for one in found
    )


def _return_lines(profile: _Profile) -> list[Message]:
    found = profile.buying
    if not found.returns or not found.orders:
        return []
    return [
        say_n(
            "Sent back goods worth {returns} ({rate} of gross sales) once.",
            "Sent back goods worth {returns} ({rate} of gross sales), {count} times.",
            found.returned_orders,
            returns=profile.money(found.returns),
            rate=Quantity(found.returns / found.gross_sales if found.gross_sales else None, "ratio"),
        )
    ]


def _offer_lines(profile: _Profile) -> list[Message]:
    offers = profile.offers
    if not offers:
        return []
    names = profile.named("product", [offer.product_id for offer in offers])
    return [say("To offer: {offers}.", offers=tuple(names.get(offer.product_id, offer.product_id) for offer in offers))]


def _outreach_lines(profile: _Profile) -> list[Message]:
    """One line: messages, and coupons."""
    found, told = profile.outreach, []
    if found.messages and found.last_message is not None:
        told.append(
            say_n(
                "One campaign message, on {last}: {opened} opened, {clicked} clicked.",
                "{count} campaign messages, the last on {last}: {opened} opened, {clicked} clicked.",
                found.messages,
                last=found.last_message.date(),
                opened=Quantity(found.opened),
                clicked=Quantity(found.clicked),
            )
        )
    if found.unsubscribed is not None:
        told.append(say("Opted out of messages on {day}.", day=found.unsubscribed.date()))
    if found.coupons:
        told.append(
            say_n(
                "One coupon: {redeemed} used, {open} still open.",
                "{count} coupons: {redeemed} used, {open} still open.",
                found.coupons,
                redeemed=Quantity(found.redeemed),
                open=Quantity(found.open_coupons),
            )
        )
    if not told:
        return []
    line = told[0]
    for one in told[1:]:
        line = say("{sentence} {following}", sentence=line, following=one)
    return [line]


# --- table, picture, facts --------------------------------------------------------------------------------------------


def _table(profile: _Profile) -> Table:
    """One row, a column for each thing known that the lines do not say already."""
    found = profile.buying
    known: list[tuple[Column, Cell]] = [(Column("customer_id", say("Customer")), profile.customer)]
    for scheme, group in profile.groups.items():
        label = SCHEMES[scheme].groups[group].label if group in SCHEMES[scheme].groups else Label(group)
        known.append((Column(scheme, SCHEMES[scheme].title, labels={group: label}), group))
    if found.days:
        known += [
            (Column("first_order", say("First order")), found.days[0]),
            (Column("last_order", say("Last order")), found.days[-1]),
            (Column("orders", say("Orders"), unit="count"), found.orders),
        ]
    if found.moments:
        known.append((Column("net_sales", say("Net sales"), unit=profile.currency), round(found.net_sales, 2)))
    if found.orders:
        known.append((Column("aov", say("AOV"), unit=profile.currency), round(_aov(found), 2)))
    if profile.value:
        known.append((Column("p_alive", say("Still active"), unit="ratio"), profile.value.p_alive))
    return _record([*known, *_attribute_cells(profile)])


def _record(known: list[tuple[Column, Cell]]) -> Table:
    return Table(tuple(column for column, _cell in known), (tuple(cell for _column, cell in known),), 1, upright=True)


def _attribute_cells(profile: _Profile) -> list[tuple[Column, Cell]]:
    also_personal = profile.context.warehouse.settings().personal
    cells: list[tuple[Column, Cell]] = []
    for name, value in profile.attributes.items():
        personal = TABLES["customers"].column(name).personal or f"customers.{name}" in also_personal
        labels: dict[str, Label] = {}
        if isinstance(value, bool):
            labels = _YES_NO
        elif name == "country":
            labels = profile.named("country", [str(value)])
        # A year is no quantity: as text it keeps its digits together.
        shown = str(value) if name == "birth_year" else value
        cells.append((Column(name, ATTRIBUTES[name], personal=personal, labels=labels), shown))
    return cells


def _aov(found: Buying) -> float:
    return (found.gross_sales - found.discounts) / found.orders


def _chart(profile: _Profile) -> Chart | None:
    months = profile.buying.months(MONTHS_SHOWN)
    if len(months) < 2:
        return None
    columns = (
        Column("month", say("Month"), grain="month"),
        Column("net_sales", say("Net sales"), unit=profile.currency),
    )
    title = say("Net sales of customer {customer} by month", customer=profile.customer)
    return Chart("bar", title, "month", ("net_sales",), table=Table(columns, months, len(months)))


def _facts(profile: _Profile) -> tuple[Fact, ...]:
    found, money = profile.buying, profile.currency
    where = {"customer": profile.customer}
    facts = [
        Fact("orders", found.orders, "count", None, where),
        Fact("net_sales", round(found.net_sales, 4), money, None, where),
        Fact("gross_sales", round(found.gross_sales, 4), money, None, where),
        Fact("returns", round(found.returns, 4), money, None, where),
        Fact("return_rate", found.returns / found.gross_sales if found.gross_sales else None, "ratio", None, where),
        Fact("units", found.units, "units", None, where),
        Fact("aov", _aov(found) if found.orders else None, money, None, where),
    ]
    if found.days_since_last is not None:
        facts.append(Fact("days_since_last_order", found.days_since_last, "days", None, where))
    if found.rhythm:
        facts.append(Fact("usual_gap_days", found.rhythm.usual, "days", None, where))
    if profile.value:
        value = profile.value
        facts += [
            Fact("p_alive", value.p_alive, "ratio", None, where),
            Fact("clv", value.value, money, None, where),
            Fact("clv_low", value.low, money, None, where),
            Fact("clv_high", value.high, money, None, where),
            Fact("expected_orders", value.expected_orders, "number", None, where),
        ]
    if profile.risk:
        facts += [
            Fact("churn_probability", profile.risk.probability, "ratio", None, where),
            Fact("value_at_risk", profile.risk.value_at_risk, money, None, where),
        ]
    if profile.outreach.messages is not None:
        facts.append(Fact("messages", profile.outreach.messages, "count", None, where))
    if profile.outreach.coupons is not None:
        facts.append(Fact("coupons", profile.outreach.coupons, "count", None, where))
    return tuple(facts)


def _provenance(profile: _Profile) -> Provenance:
    context = profile.context
    definition = [
        say("The customer's own order lines up to {today}. The usual gap is the median of the days between days with "
            "orders; the next is due within the middle half of these gaps.", today=context.today),
        say("Net sales are gross sales less discounts and returns; AOV is gross sales less discounts, by order."),
    ]  # fmt: skip
    if profile.value:
        definition.append(
            say("Value, activity and the next order are from the BG/NBD and Gamma-Gamma models (Fader, Hardie & Lee "
                "2005; Fader & Hardie 2013), discounted at {rate} a year.", rate=Quantity(DISCOUNT_RATE, "ratio"))
        )  # fmt: skip
    if profile.risk:
        definition.append(say("The risk is the chance of not a single order within {days} days.", days=RISK_DAYS))
    tables = (
        "order_lines",
        *(name for name in ("customers", "campaign_contacts", "coupons") if context.warehouse.has(name)),
    )
    return Provenance(
        definition=tuple(definition),
        filters=(say_n("customer {values}", "customers {values}", 1, values=(profile.customer,)),),
        sql=(profile.sql,),
        tables=tables,
        as_of=time_range(context.warehouse.table("order_lines", context.today))[1],
    )


def _follow_ups(profile: _Profile) -> tuple[FollowUp, ...]:
    customer = profile.customer
    found = []
    if profile.offers:
        found.append(
            FollowUp(
                say("What to offer to {customer}?", customer=customer), ToolCall("recommend", {"customer": customer})
            )
        )
    if profile.value:
        found.append(
            FollowUp(say("What is {customer} worth?", customer=customer), ToolCall("clv", {"customer": customer}))
        )
    return tuple(found)  # fmt: skip


TOOL = Tool(
    name=NAME,
    title=Label("Customer profile", "客户档案"),
    description=(
        "One customer's profile: since when, orders, net sales, rhythm, next order expected, lifecycle stage and "
        "segments, risk of leaving with reasons and what to do, lifetime value, favourite products, returns, products "
        "to offer, campaign messages, contacts and consent."
    ),
    args=CustomerArgs,
    run=run,
    needs=("order_lines",),
    cues=(
        Cue(
            (
                "customer profile",
                "profile of customer",
                "tell me about customer",
                "show me customer",
                "everything about customer",
                "who is customer",
                "what do we know about customer",
            ),
            ("客户档案", "客户画像", "客户详情", "介绍一下客户", "查看客户", "客户的情况"),
        ),
    ),
    examples=(
        Example(Label("Show me the profile of customer 14646", "查看客户14646的档案"), {"customer": "14646"}),
        Example(Label("Tell me about customer 12347", "介绍一下客户12347"), {"customer": "12347"}),
        Example(Label("What do we know about customer 12748?", "客户12748是什么情况？"), {"customer": "12748"}),
        Example(Label("Who is customer 17850?", "客户17850是谁？"), {"customer": "17850"}),
    ),
)
