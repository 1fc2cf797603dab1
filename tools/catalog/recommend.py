"""The tool `recommend`: what to offer to whom, and what goes with what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from tools.answer import Answer, Cell, Chart, Column, Fact, FollowUp, Provenance, Table, ToolCall
from tools.customers.lookup import known_customer
from tools.customers.rules import Rule
from tools.customers.segments.selection import Selection
from tools.errors import NotEnoughData
from tools.messages import Label, Message, Quantity, Value, say, say_n
from tools.tool import Args, Context, Cue, Example, Tool
from tools.warehouse.profile import time_range
from tools.warehouse.values import names_of

if TYPE_CHECKING:
    from tools.customers.offers.bundles import Bundles, Pair
    from tools.customers.offers.recommending import Offers
    from tools.customers.offers.shelf import Shelf

NAME = "recommend"
NAMED = 3
"""Products that the headline names."""


class RecommendArgs(Args):
    """For a customer, for the customers of a rule, for a product; without any of them: the strongest pairs."""

    customer: str | None = Field(None, description="What to offer this customer.")
    rule: Rule | None = Field(None, description="What to offer the customers who meet this.")
    product: str | None = Field(None, description="What goes with this product.")
    top: int = Field(10, ge=1, le=100)
    diversity: float = Field(0.3, ge=0, le=1, description="For customers. 0: relevance alone; 1: as mixed as can be.")
    rebuys: bool = Field(False, description="For one customer: also what they bought before.")

    @model_validator(mode="after")
    def _one_target(self) -> RecommendArgs:
        if sum(target is not None for target in (self.customer, self.rule, self.product)) > 1:
            raise ValueError("name a customer, a rule or a product, not several")
        if self.rebuys and self.customer is None:
            raise ValueError("what was bought before is of one customer: name the customer")
        return self


def run(context: Context, args: RecommendArgs) -> Answer:
    """What to offer, or what goes together. Raises InvalidArgument for what is unknown, NotEnoughData."""
    if args.customer is not None:
        return _for_customer(context, args, known_customer(context, args.customer))
    if args.rule is not None:
        return _for_segment(context, args, args.rule)
    if args.product is not None:
        return _for_product(context, args, args.product)
    return _pairs(context, args)


# --- people -----------------------------------------------------------------------------------------------------------


def _for_customer(context: Context, args: RecommendArgs, customer: str) -> Answer:
    from tools.customers.offers.recommending import offers_for

    offers = offers_for(context, customer, args.top, args.diversity, rebuys=args.rebuys)
    if not offers.offered:
        raise NotEnoughData(say("There is nothing to offer customer {customer}: nothing that is sold and in stock "
                                "goes with what they bought.", customer=customer))  # fmt: skip
    shown = _Shown.of(context, [one.product_id for one in offers.offered])
    scope = say("Products that the customer bought before are among them.") if args.rebuys else say(
        "Only products that the customer has not bought yet."
    )  # fmt: skip
    return Answer(
        headline=say("To offer customer {customer}: {products}.", customer=customer, products=shown.first()),
        lines=(*_reasons(offers, shown), *_mixed(offers, args)),
        facts=_facts(offers, {"customer": customer}),
        table=_table(offers, shown),
        file_name="recommendations",
        follow_ups=(
            FollowUp(
                say("What goes with {product}?", product=shown.name(offers.offered[0].product_id)),
                ToolCall(NAME, {"product": offers.offered[0].product_id}),
            ),
            FollowUp(say("Only new products"), ToolCall(NAME, {"customer": customer}))
            if args.rebuys
            else FollowUp(say("Also what they bought before"), ToolCall(NAME, {"customer": customer, "rebuys": True})),
            FollowUp(say("Profile of customer {customer}", customer=customer),
                     ToolCall("customer", {"customer": customer})),
        ),
        caveats=(*((offers.cold,) if offers.cold else ()), scope, *_left_out(offers.out_of_stock, shown.shelf)),
        provenance=_provenance(context, offers, args, shown.shelf),
        subjects=(customer,),
    )  # fmt: skip


def _for_segment(context: Context, args: RecommendArgs, rule: Rule) -> Answer:
    from tools.customers.offers.recommending import MOST_AVERAGED, offers_for_segment

    selection = Selection(context)
    selection.check(rule)
    ids = selection.ids(rule)
    who = selection.customers_in_words(rule)
    if not ids:
        raise NotEnoughData(say("There are no {who}, so there is nobody to offer anything.", who=who))
    offers = offers_for_segment(context, ids, args.top, args.diversity)
    if not offers.offered:
        raise NotEnoughData(say("There is nothing to offer the {who}.", who=who))
    shown = _Shown.of(context, [one.product_id for one in offers.offered])
    shares, lifts = offers.shares or {}, offers.lifts or {}
    extra: tuple[tuple[Column, Mapping[str, float]], ...] = (
        (Column("lift", say("Lift against everybody"), unit="factor"), lifts),
        (Column("share", say("Bought it already"), unit="ratio"), shares),
    )
    distinct = any(lift > 0 for lift in lifts.values())
    return Answer(
        headline=say("To offer the {customers} {who}: {products}.", customers=Quantity(len(ids)), who=who,
                     products=shown.first()),
        lines=(*_reasons(offers, shown), *_mixed(offers, args)),
        facts=(
            Fact("customers", len(ids), "count"),
            *_facts(offers, {}),
            *(Fact("lift", lift, "factor", where={"product": product}) for product, lift in lifts.items()),
            *(Fact("share_of_customers", share, "ratio", where={"product": p}) for p, share in shares.items()),
        ),
        table=_table(offers, shown, extra),
        chart=Chart("bar", say("How much more common these products are among them than among everybody"),
                    "name", ("lift",))
        if distinct and not shown.twice
        else None,
        file_name="recommendations",
        follow_ups=(
            FollowUp(
                say("What goes with {product}?", product=shown.name(offers.offered[0].product_id)),
                ToolCall(NAME, {"product": offers.offered[0].product_id}),
            ),
        ),
        caveats=(
            *((offers.cold,) if offers.cold else ()),
            say("Each customer is to be offered only what they have not bought; the list is for all of them together."),
            *((say("Scores are means over {customers} of these customers, evenly picked.",
                   customers=Quantity(MOST_AVERAGED)),) if len(ids) > MOST_AVERAGED else ()),
            *_left_out(offers.out_of_stock, shown.shelf),
        ),
        provenance=_provenance(context, offers, args, shown.shelf, more=(
            say("Relevance is the mean score over the customers who do not have the product, times the lower 99 % "
                "limit of its lift among them (at least 1). Lift: the share of these customers who bought the "
                "product ÷ that share of everybody."),
        ), filters=(selection.words(rule),)),
    )  # fmt: skip


def _reasons(offers: Offers, shown: _Shown) -> Iterable[Message]:
    return (
        say("{product}: {reason}.", product=shown.name(one.product_id), reason=one.reason)
        for one in offers.offered[:NAMED]
    )


def _mixed(offers: Offers, args: RecommendArgs) -> tuple[Message, ...]:
    """What the diversity did to the list, where it did anything."""
    variety = offers.variety
    if not args.diversity or variety.kept >= 1:
        return ()
    kept = Quantity(variety.kept, "ratio")
    if variety.categories is None or variety.categories_without is None:
        return (say("Mixed on purpose (diversity {diversity}): {kept} of the relevance is kept.",
                    diversity=Quantity(args.diversity, "score"), kept=kept),)  # fmt: skip
    return (
        say("Mixed on purpose (diversity {diversity}): {categories} product categories instead of {before}, with "
            "{kept} of the relevance kept.", diversity=Quantity(args.diversity, "score"),
            categories=Quantity(variety.categories), before=Quantity(variety.categories_without), kept=kept),
    )  # fmt: skip


def _facts(offers: Offers, where: Mapping[str, str]) -> tuple[Fact, ...]:
    best = max(one.score for one in offers.offered)
    variety, backtest = offers.variety, offers.backtest
    facts = [
        Fact("products", len(offers.offered), "count", where=where),
        *(
            Fact("relevance", one.score / best, "ratio", where={**where, "product": one.product_id})
            for one in offers.offered
        ),
        Fact("relevance_kept", variety.kept, "ratio", where=where),
    ]
    if variety.categories is not None:
        facts.append(Fact("categories", variety.categories, "count", where=where))
    for name, ranked in (("model", backtest.model), ("popularity", backtest.popular)):
        if ranked is not None:
            facts.append(Fact("hit_rate", ranked.hit_rate, "ratio", where={"by": name}))
            facts.append(Fact("ndcg", ranked.ndcg, "score", where={"by": name}))
    return tuple(facts)


def _table(offers: Offers, shown: _Shown, extra: Sequence[tuple[Column, Mapping[str, float]]] = ()) -> Table:
    best = max(one.score for one in offers.offered)
    ids = [one.product_id for one in offers.offered]
    rows: list[tuple[Cell, ...]] = [
        (
            one.product_id,
            shown.cell(one.product_id),
            one.score / best,
            *(values.get(one.product_id) for _column, values in extra),
            *shown.shelf_cells(one.product_id),
            one.reason,
        )
        for one in offers.offered
    ]
    columns = (
        Column("product_id", say("Product"), spare=bool(shown.names)),
        shown.column("name", say("Name"), ids),
        Column("relevance", say("Relevance"), unit="ratio"),
        *(column for column, _values in extra),
        *shown.shelf_columns(),
        Column("reason", say("Why")),
    )
    return Table(columns, tuple(rows), len(rows))


def _provenance(
    context: Context,
    offers: Offers,
    args: RecommendArgs,
    shelf: Shelf,
    *,
    more: tuple[Message, ...] = (),
    filters: tuple[Message, ...] = (),
) -> Provenance:
    tables = ("order_lines", "products", "customers", "inventory")
    return Provenance(
        definition=(
            *_model_in_words(offers),
            *more,
            *_backtest_in_words(offers, rebuys=args.rebuys),
            say("Maximal marginal relevance (Carbonell and Goldstein 1998): each place goes to the product with the "
                "greatest (1 − d) × relevance − d × likeness to those above it; d is {diversity}. Likeness is the "
                "cosine of two products' buyers, averaged with whether they share a category where products have one.",
                diversity=Quantity(args.diversity, "score")),
            say("Left out: products that nobody bought for {days} days, and those whose last stock count is 0.",
                days=_days()),
            say("Price is what a unit cost on average in the last {days} days.", days=_days()),
        ),
        filters=filters,
        sql=(offers.sql, *shelf.sql),
        tables=tuple(name for name in tables if context.warehouse.has(name)),
        as_of=time_range(context.warehouse.table("order_lines", context.today))[1],
    )  # fmt: skip


def _days() -> int:
    from tools.customers.offers.purchases import SOLD_DAYS

    return SOLD_DAYS


def _model_in_words(offers: Offers) -> tuple[Message, ...]:
    from tools.customers.offers.purchases import HALF_LIFE_DAYS, RECENT_DAYS

    if offers.model == "popular":
        return (say("Products by how many customers bought them lately."),)
    purchases = say("orders of each product by each customer, which count half after {days} days", days=HALF_LIFE_DAYS)
    if offers.model.startswith("ease"):
        model = say("Model: EASE (Steck 2019), a linear model of which products the same customers buy, learnt from "
                    "{purchases}.", purchases=purchases)  # fmt: skip
    else:
        model = say("Model: likeness of products by BM25-weighted customers (Robertson and Zaragoza 2009), learnt "
                    "from {purchases}.", purchases=purchases)  # fmt: skip
    if not offers.model.endswith("_trend"):
        return (model,)
    return (
        model,
        say("Scores are multiplied by the trend: the share of a product's buyers who bought it in the last {days} "
            "days ÷ that share over all products.", days=RECENT_DAYS),
    )  # fmt: skip


def _backtest_in_words(offers: Offers, *, rebuys: bool) -> tuple[Message, ...]:
    from tools.customers.offers.purchases import RECENT_DAYS

    backtest = offers.backtest
    model, other = (
        (backtest.with_rebuys, backtest.again) if rebuys else (backtest.model, backtest.popular)
    )  # fmt: skip
    if model is None or other is None:
        return (say("Not backtested: too few customers came back in the last {days} days.", days=RECENT_DAYS),)
    shown: dict[str, Value] = {
        "customers": Quantity(model.customers),
        "days": RECENT_DAYS,
        "hits": Quantity(model.hit_rate, "ratio"),
        "other_hits": Quantity(other.hit_rate, "ratio"),
        "ndcg": Quantity(model.ndcg, "score"),
        "other_ndcg": Quantity(other.ndcg, "score"),
    }
    chosen = say("The model was chosen on other customers than these, among EASE, BM25, both with the trend, and "
                 "popularity.")  # fmt: skip
    if rebuys:
        return (
            say("Backtest: of {customers} customers who bought in the last {days} days, {hits} bought one of the ten "
                "products that the model names from what was known before ({other_hits} with what they bought most "
                "so far); nDCG@10 {ndcg} against {other_ndcg}.", **shown),
            chosen,
        )  # fmt: skip
    return (
        say("Backtest: of {customers} customers who bought something new to them in the last {days} days, {hits} "
            "bought one of the ten products that the model names from what was known before ({other_hits} by "
            "popularity); nDCG@10 {ndcg} against {other_ndcg}.", **shown),
        chosen,
    )  # fmt: skip


# --- products ---------------------------------------------------------------------------------------------------------


def _for_product(context: Context, args: RecommendArgs, given: str) -> Answer:
    from tools.customers.offers.bundles import known_product, pairs_with
    from tools.customers.offers.shelf import shelf

    product = known_product(context, given)
    found = pairs_with(context, product)
    stock = shelf(context)
    pairs = [pair for pair in found.pairs if stock.is_sold(pair.with_id) and pair.lift_low > 1]
    here = [pair for pair in pairs if not stock.is_out(pair.with_id)][: args.top]
    out = sum(stock.is_out(pair.with_id) for pair in pairs[: args.top])
    gone = [pair for pair in found.pairs[:NAMED] if not stock.is_sold(pair.with_id) and pair.lift_low > 1]
    shown = _Shown.of(context, [product, *(pair.with_id for pair in (*here, *gone))])
    if not here:
        raise NotEnoughData(
            say("Nothing that is sold and in stock goes with {product} more often than chance would have it.",
                product=shown.name(product))
        )  # fmt: skip
    first = here[0]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            pair.with_id, shown.cell(pair.with_id), pair.lift_low, pair.lift, pair.confidence, pair.support,
            pair.together, *shown.shelf_cells(pair.with_id),
        )
        for pair in here
    )  # fmt: skip
    return Answer(
        headline=say(
            "With {product} goes {other}: {confidence} of the baskets with it hold both, at least {low} as many as by "
            "chance ({lift} as counted).",
            product=shown.name(product),
            other=shown.name(first.with_id),
            confidence=Quantity(first.confidence, "ratio"),
            low=Quantity(first.lift_low, "factor"),
            lift=Quantity(first.lift, "factor"),
        ),
        lines=(say_n("It is in {count} basket of {baskets}.", "It is in {count} baskets of {baskets}.", first.first,
                     baskets=Quantity(found.baskets)),),
        facts=_pair_facts((*here, *gone)),
        table=Table(
            (
                Column("product_id", say("Product"), spare=bool(shown.names)),
                shown.column("name", say("Name"), [pair.with_id for pair in here]),
                *_figures(),
                *shown.shelf_columns(),
            ),
            rows,
            len(rows),
        ),
        chart=Chart("bar", say("What goes with {product}: at least so many times as often as by chance",
                               product=shown.name(product)), "name", ("lift_low",))
        if len(here) > 1 and not shown.twice
        else None,
        file_name="goes_with",
        follow_ups=(
            FollowUp(say("What goes with {product}?", product=shown.name(first.with_id)),
                     ToolCall(NAME, {"product": first.with_id})),
            FollowUp(say("The strongest pairs"), ToolCall(NAME, {})),
        ),
        caveats=(
            *(
                say("{product} goes with it too ({lift}), but nobody has bought it for {days} days.",
                    product=shown.name(pair.with_id), lift=Quantity(pair.lift, "factor"), days=_days())
                for pair in gone
            ),
            *_left_out(out, stock, count_gone=not gone),
        ),
        provenance=_pair_provenance(context, found, stock),
    )  # fmt: skip


def _pairs(context: Context, args: RecommendArgs) -> Answer:
    from tools.customers.offers.bundles import strongest
    from tools.customers.offers.shelf import shelf

    found = strongest(context)
    stock = shelf(context)

    def out(pair: Pair) -> bool:
        return stock.is_out(pair.product_id) or stock.is_out(pair.with_id)

    pairs = [
        pair
        for pair in found.pairs
        if stock.is_sold(pair.product_id) and stock.is_sold(pair.with_id) and pair.lift_low > 1
    ]
    here = [pair for pair in pairs if not out(pair)][: args.top]
    if not here:
        raise NotEnoughData(
            say("No two products share {least} baskets or more, and more often than chance would have it.",
                least=found.least)
        )  # fmt: skip
    ids = [pair.product_id for pair in here]
    others = [pair.with_id for pair in here]
    shown = _Shown.of(context, [*ids, *others])
    first = here[0]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            pair.product_id, shown.cell(pair.product_id), pair.with_id, shown.cell(pair.with_id), pair.lift_low,
            pair.lift, pair.confidence, pair.support, pair.together,
        )
        for pair in here
    )  # fmt: skip
    return Answer(
        headline=say(
            "The strongest pair is {product} and {other}: at least {low} as often in one basket as chance would give "
            "({lift} as counted).",
            product=shown.name(first.product_id),
            other=shown.name(first.with_id),
            low=Quantity(first.lift_low, "factor"),
            lift=Quantity(first.lift, "factor"),
        ),
        lines=(
            say("{confidence} of the baskets with {product} hold {other} too.",
                confidence=Quantity(first.confidence, "ratio"), product=shown.name(first.product_id),
                other=shown.name(first.with_id)),
        ),
        facts=_pair_facts(here),
        table=Table(
            (
                Column("product_id", say("Product"), spare=True),
                shown.column("name", say("Name"), ids),
                Column("with_product_id", say("With product"), spare=True),
                shown.column("with_name", say("With"), others),
                *_figures(),
            ),
            rows,
            len(rows),
        ),
        file_name="pairs",
        follow_ups=(
            FollowUp(say("What goes with {product}?", product=shown.name(first.product_id)),
                     ToolCall(NAME, {"product": first.product_id})),
        ),
        caveats=_left_out(sum(map(out, pairs[: args.top])), stock),
        provenance=_pair_provenance(context, found, stock),
    )  # fmt: skip


def _figures() -> tuple[Column, ...]:
    return (
        Column("lift_low", say("Lift at least"), unit="factor"),
        Column("lift", say("Lift"), unit="factor", spare=True),
        Column("confidence", say("Conf."), unit="ratio"),
        Column("support", say("Support"), unit="ratio"),
        Column("baskets", say("Baskets with both"), unit="count"),
    )


def _pair_facts(pairs: Sequence[Pair]) -> tuple[Fact, ...]:
    facts: list[Fact] = []
    for pair in pairs:
        where = {"product": pair.product_id, "with": pair.with_id}
        facts += [
            Fact("lift", pair.lift, "factor", where=where),
            Fact("lift_low", pair.lift_low, "factor", where=where),
            Fact("confidence", pair.confidence, "ratio", where=where),
            Fact("support", pair.support, "ratio", where=where),
            Fact("baskets", pair.together, "count", where=where),
        ]
    return tuple(facts)


def _pair_provenance(context: Context, found: Bundles, shelf: Shelf) -> Provenance:
    from tools.customers.offers.bundles import MOST_PRODUCTS

    large = (
        (say_n("{count} basket with more than {most} different products is left out.",
               "{count} baskets with more than {most} different products are left out.", found.too_large,
               most=MOST_PRODUCTS),) if found.too_large else ()
    )  # fmt: skip
    return Provenance(
        definition=(
            say("Association of pairs (Agrawal and Srikant 1994) in {baskets} baskets. Support: baskets with both ÷ "
                "baskets. Confidence: baskets with both ÷ baskets with the first. Lift: confidence ÷ share of "
                "baskets with the second.", baskets=Quantity(found.baskets)),
            say("A basket is an order up to today, also of unknown customers."),
            *large,
            say("Shown are pairs in at least {least} baskets whose lift is above 1 at its lower 99 % limit (Byar); "
                "they are ordered by that limit (“at least”), so that a pair seen a few times by chance does not come "
                "first.",
                least=found.least),
            say("Left out: products that nobody bought for {days} days, and those whose last stock count is 0.",
                days=_days()),
        ),
        sql=(found.sql, *shelf.sql),
        tables=tuple(n for n in ("order_lines", "products", "inventory") if context.warehouse.has(n)),
        as_of=time_range(context.warehouse.table("order_lines", context.today))[1],
    )  # fmt: skip


# --- products in a table ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Shown:
    """How products are written: their names, and what the shelf says of them."""

    ids: tuple[str, ...]
    names: Mapping[str, Label]
    shelf: Shelf
    currency: str

    @classmethod
    def of(cls, context: Context, ids: Sequence[str]) -> _Shown:
        from tools.customers.offers.shelf import shelf

        names = names_of(context.warehouse, context.catalog.dimension("product"), ids)
        return cls(tuple(dict.fromkeys(ids)), names, shelf(context), context.warehouse.settings().currency)

    @property
    def twice(self) -> bool:
        """Whether two of the products have the same name."""
        return len({self.cell(product) for product in self.ids}) < len(self.ids)

    def name(self, product: str) -> Value:
        return self.names.get(product, product)

    def first(self) -> tuple[Value, ...]:
        return tuple(self.name(product) for product in self.ids[:NAMED])

    def cell(self, product: str) -> str:
        named = self.names.get(product)
        return named.en if named else product

    def column(self, name: str, label: Message, products: Sequence[str]) -> Column:
        labels = {self.cell(p): self.names[p] for p in products if p in self.names and self.names[p].zh}
        return Column(name, label, labels=labels)

    def shelf_columns(self) -> tuple[Column, ...]:
        stock = (Column("stock", say("In stock"), unit="units"),) if self.shelf.stock is not None else ()
        return (*stock, Column("price", say("Price"), unit=self.currency))

    def shelf_cells(self, product: str) -> tuple[Cell, ...]:
        price = self.shelf.prices.get(product)
        return (price,) if self.shelf.stock is None else (self.shelf.stock.get(product), price)


def _left_out(out_of_stock: int, shelf: Shelf, *, count_gone: bool = True) -> tuple[Message, ...]:
    found: list[Message] = []
    if out_of_stock:
        found.append(say_n("{count} product that is out of stock was left out.",
                           "{count} products that are out of stock were left out.", out_of_stock))  # fmt: skip
    gone = shelf.known - len(shelf.prices)
    if gone and count_gone:
        found.append(
            say_n("{count} product that nobody bought for {days} days counts as no longer sold.",
                  "{count} products that nobody bought for {days} days count as no longer sold.", gone, days=_days())
        )  # fmt: skip
    return tuple(found)


TOOL = Tool(
    name=NAME,
    title=Label("Recommendations", "商品推荐"),
    description=(
        "What to offer a customer or a segment (a model chosen by a backtest on the store's own baskets, mixed "
        "against the information cocoon, with reasons), what goes with a product, and which products are bought "
        "together (support, confidence, lift). Never what is out of stock or no longer sold."
    ),
    args=RecommendArgs,
    run=run,
    needs=("order_lines",),
    cues=(
        Cue(
            (
                "recommend",
                "recommendations",
                "what should we offer",
                "what should i offer",
                "what can we offer",
                "what to offer",
                "products to offer",
                "what could we sell",
                "cross-sell",
                "cross sell",
                "what would they like",
            ),
            ("推荐", "推荐什么", "推荐哪些商品", "应该推荐什么", "推荐什么商品", "可以推荐什么", "交叉销售"),
        ),
        Cue(
            (
                "what goes with",
                "what goes well with",
                "bought together with",
                "often bought with",
                "frequently bought together",
                "which products are bought together",
                "bought together",
                "strongest pairs",
                "product pairs",
                "bundles",
                "basket analysis",
                "market basket analysis",
            ),
            (
                "和什么搭配",
                "搭配",
                "一起买",
                "一起购买",
                "同时购买",
                "经常一起购买",
                "哪些商品经常一起购买",
                "关联商品",
                "关联分析",
                "购物篮分析",
                "捆绑销售",
                "组合销售",
            ),
        ),
    ),
    examples=(
        Example(Label("What goes with 22197?", "22197适合和什么商品搭配？"), {"product": "22197"}),
        Example(Label("Which products are often bought together?", "哪些商品经常一起购买？"), {}),
        Example(Label("Recommend products for customer 12748.", "给客户12748推荐商品。"), {"customer": "12748"}),
        Example(
            Label("Show the 5 strongest product pairs.", "列出关联最强的5对商品。"),
            {"top": 5},
        ),
        Example(
            Label("What should we offer customers in Germany?", "应该给德国的客户推荐什么？"),
            {"rule": {"attribute": "country", "values": ["Germany"]}},
        ),
        Example(
            Label("Recommend 5 products for customer 14646.", "给客户14646推荐5个商品。"),
            {"customer": "14646", "top": 5},
        ),
    ),
)
