"""The canonical tables: every tool reads these and nothing else, whatever the team's own sources look like.

Times are naive timestamps in the store's timezone; money is in the store's currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["string", "int64", "float64", "bool", "date", "timestamp"]


@dataclass(frozen=True)
class ColumnSpec:
    name: str
    kind: Kind
    meaning: str
    required: bool = False
    personal: bool = False


@dataclass(frozen=True)
class TableSpec:
    """`time` is the column that decides whether a row is visible as of a day (None: always visible)."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[ColumnSpec, ...]
    time: str | None = None
    optional: bool = True

    def column(self, name: str) -> ColumnSpec:
        return next(column for column in self.columns if column.name == name)


def _column(name: str, kind: Kind, meaning: str, *, required: bool = False, personal: bool = False) -> ColumnSpec:
    return ColumnSpec(name, kind, meaning, required, personal)


c = _column
TABLES: dict[str, TableSpec] = {
    table.name: table
    for table in (
        TableSpec(
            "customers",
            "One row for each known customer.",
            ("customer_id",),
            (
                c("customer_id", "string", "The team's own id.", required=True),
                c("name", "string", "Full name.", personal=True),
                c("email", "string", "E-mail address.", personal=True),
                c("phone", "string", "Telephone number.", personal=True),
                c("gender", "string", "As the customer gave it."),
                c("birth_year", "int64", "Year of birth.", personal=True),
                c("country", "string", "Country of residence."),
                c("region", "string", "Region, state or province."),
                c("city", "string", "City."),
                c("acquisition_channel", "string", "Where the customer came from."),
                c("signed_up_at", "timestamp", "When the account was opened."),
                c("email_consent", "bool", "May be written to by e-mail."),
                c("sms_consent", "bool", "May be written to by text message."),
            ),
            optional=False,
        ),
        TableSpec(
            "products",
            "One row for each product sold.",
            ("product_id",),
            (
                c("product_id", "string", "Stock code.", required=True),
                c("name", "string", "Name as the team writes it."),
                c("category", "string", "Category."),
                c("brand", "string", "Brand."),
                c("unit_cost", "float64", "What one unit costs the team."),
                c("list_price", "float64", "Price before discounts."),
                c("seller_id", "string", "Seller, on a marketplace."),
                c("launched_on", "date", "First day on sale."),
            ),
            optional=False,
        ),
        TableSpec(
            "orders",
            "One row for each order (invoice, basket), returns' documents included.",
            ("order_id",),
            (
                c("order_id", "string", "Order or invoice number.", required=True),
                c("ordered_at", "timestamp", "When it was placed.", required=True),
                c("customer_id", "string", "Who placed it; missing when unknown."),
                c("country", "string", "Country delivered to."),
                c("region", "string", "Region delivered to."),
                c("city", "string", "City delivered to."),
                c("channel", "string", "Sales channel, e.g. web, app, store."),
                c("campaign_id", "string", "Campaign that the order is credited to."),
                c("coupon_code", "string", "Coupon used."),
                c("shipping_fee", "float64", "Delivery charged; no part of sales."),
                c("status", "string", "Status in the source system."),
            ),
            time="ordered_at",
            optional=False,
        ),
        TableSpec(
            "order_lines",
            "One row for each line sold or returned. It carries its order's place and channel: sales need no join.",
            ("line_id",),
            (
                c("line_id", "string", "Unique within the store.", required=True),
                c("order_id", "string", "The order it belongs to.", required=True),
                c("sold_at", "timestamp", "When it was sold, or came back.", required=True),
                c("kind", "string", "'sold' or 'returned'.", required=True),
                c("product_id", "string", "The product.", required=True),
                c("customer_id", "string", "The customer; missing when unknown."),
                c("country", "string", "Country delivered to."),
                c("region", "string", "Region delivered to."),
                c("city", "string", "City delivered to."),
                c("channel", "string", "Sales channel."),
                c("quantity", "int64", "Units, positive for both kinds.", required=True),
                c("unit_price", "float64", "Price of one unit before discounts.", required=True),
                c("amount", "float64", "quantity × unit_price, positive for both kinds.", required=True),
                c("discount", "float64", "Taken off the line, zero or more.", required=True),
                c("cost", "float64", "quantity × unit cost at the time."),
            ),
            time="sold_at",
            optional=False,
        ),
        TableSpec(
            "inventory",
            "Stock of a product at the end of a day.",
            ("day", "product_id"),
            (
                c("day", "date", "The day.", required=True),
                c("product_id", "string", "The product.", required=True),
                c("on_hand", "int64", "Units in stock.", required=True),
                c("on_order", "int64", "Units ordered and not yet there."),
                c("lead_time_days", "int64", "Days from ordering to arrival."),
            ),
            time="day",
        ),
        TableSpec(
            "campaigns",
            "One row for each campaign.",
            ("campaign_id",),
            (
                c("campaign_id", "string", "Id.", required=True),
                c("name", "string", "Name."),
                c("channel", "string", "Marketing channel, e.g. search, social, email."),
                c("objective", "string", "What it is for."),
                c("starts_on", "date", "First day."),
                c("ends_on", "date", "Last day."),
                c("budget", "float64", "Planned spend."),
            ),
            time="starts_on",
        ),
        TableSpec(
            "campaign_spend",
            "Advertising spend and delivery of a campaign on a day.",
            ("day", "campaign_id"),
            (
                c("day", "date", "The day.", required=True),
                c("campaign_id", "string", "The campaign.", required=True),
                c("channel", "string", "Marketing channel."),
                c("spend", "float64", "Money spent.", required=True),
                c("impressions", "int64", "Times shown."),
                c("clicks", "int64", "Times clicked."),
            ),
            time="day",
        ),
        TableSpec(
            "campaign_contacts",
            "One row for each message sent to a customer.",
            ("contact_id",),
            (
                c("contact_id", "string", "Id.", required=True),
                c("campaign_id", "string", "The campaign.", required=True),
                c("customer_id", "string", "The customer.", required=True),
                c("contacted_at", "timestamp", "When it was sent.", required=True),
                c("channel", "string", "email, sms, push or phone."),
                c("opened_at", "timestamp", "When it was opened."),
                c("clicked_at", "timestamp", "When a link in it was clicked."),
                c("unsubscribed_at", "timestamp", "When the customer opted out through it."),
            ),
            time="contacted_at",
        ),
        TableSpec(
            "coupons",
            "One row for each coupon given to a customer.",
            ("coupon_id",),
            (
                c("coupon_id", "string", "Id of this coupon.", required=True),
                c("coupon_code", "string", "Code that many coupons may share."),
                c("customer_id", "string", "Who got it."),
                c("issued_at", "timestamp", "When it was given.", required=True),
                c("expires_at", "timestamp", "When it ends."),
                c("redeemed_at", "timestamp", "When it was used."),
                c("order_id", "string", "The order it was used on."),
                c("discount", "float64", "Money taken off."),
            ),
            time="issued_at",
        ),
        TableSpec(
            "events",
            "What visitors did on the shop's pages and apps.",
            ("event_id",),
            (
                c("event_id", "string", "Id.", required=True),
                c("occurred_at", "timestamp", "When.", required=True),
                c("kind", "string", "impression, click, view, search, cart or purchase.", required=True),
                c("session_id", "string", "The visit."),
                c("customer_id", "string", "The customer, when known."),
                c("product_id", "string", "The product, where one is meant."),
                c("channel", "string", "Where the visit came from."),
                c("device", "string", "desktop, mobile or app."),
                c("country", "string", "Country of the visitor."),
                c("search_term", "string", "What was searched for."),
            ),
            time="occurred_at",
        ),
        TableSpec(
            "reviews",
            "One row for each product review.",
            ("review_id",),
            (
                c("review_id", "string", "Id.", required=True),
                c("reviewed_at", "timestamp", "When it was written.", required=True),
                c("product_id", "string", "The product."),
                c("order_id", "string", "The order."),
                c("customer_id", "string", "Who wrote it."),
                c("score", "int64", "1 (worst) to 5 (best).", required=True),
                c("text", "string", "What was written.", personal=True),
                c("language", "string", "Language of the text."),
            ),
            time="reviewed_at",
        ),
        TableSpec(
            "sellers",
            "One row for each seller of a marketplace.",
            ("seller_id",),
            (
                c("seller_id", "string", "Id.", required=True),
                c("name", "string", "Name."),
                c("country", "string", "Country."),
                c("region", "string", "Region."),
                c("city", "string", "City."),
                c("joined_on", "date", "First day on the marketplace."),
            ),
        ),
        TableSpec(
            "experiments",
            "One row for each customer put into a variant of an experiment.",
            ("experiment_id", "customer_id"),
            (
                c("experiment_id", "string", "The experiment.", required=True),
                c("name", "string", "Its name."),
                c("customer_id", "string", "The customer.", required=True),
                c("variant", "string", "Variant, 'control' for the baseline.", required=True),
                c("assigned_at", "timestamp", "When the customer was put there.", required=True),
                c("converted_at", "timestamp", "When the customer did what the experiment hopes for."),
                c("value", "float64", "What it was worth."),
            ),
            time="assigned_at",
        ),
        TableSpec(
            "calendar",
            "Promotions and holidays.",
            ("event_id",),
            (
                c("event_id", "string", "Id.", required=True),
                c("name", "string", "Name.", required=True),
                c("kind", "string", "promotion or holiday.", required=True),
                c("starts_on", "date", "First day.", required=True),
                c("ends_on", "date", "Last day.", required=True),
                c("country", "string", "Where; missing means everywhere."),
                c("phase", "string", "warm-up, burst, refill or extension."),
            ),
        ),
        TableSpec(
            "value_aliases",
            "Other names of a dimension's values, in any language: 'EIRE' is also Ireland and 爱尔兰.",
            ("dimension", "value", "alias"),
            (
                c("dimension", "string", "The dimension, e.g. country.", required=True),
                c("value", "string", "The value as the tables hold it.", required=True),
                c("alias", "string", "Another name.", required=True),
                c("language", "string", "'en' or 'zh' where the alias is the value's name in that language."),
            ),
        ),
    )
}
del c
