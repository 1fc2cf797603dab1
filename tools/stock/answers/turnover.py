"""How often stock was sold and replaced, by category or product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from tools.answer import Answer, Cell, Chart, Column, Fact, FollowUp, Table, ToolCall
from tools.errors import NotEnoughData
from tools.messages import Label, Message, Quantity, Value, say
from tools.semantic.catalog import Dimension
from tools.semantic.periods import Period
from tools.semantic.query import Engine, Query
from tools.stock.answers.around import provenance, stock_caveats
from tools.stock.answers.request import NAME, Request
from tools.warehouse.values import labels_of, names_of

YEAR_DAYS = 365
FEWEST_DAYS = 28
METRICS = ("inventory_turnover", "units", "average_stock")
Values = Mapping[str, float | int | None]


@dataclass(frozen=True)
class _Turnover:
    """Catalog metrics over `period`: all together, and by value of `by`, in the order to show."""

    period: Period
    by: Dimension
    together: Values
    rows: tuple[tuple[str, Values], ...]
    sql: tuple[str, ...]

    def days(self, values: Values) -> float | None:
        """How long a unit stays in stock on average."""
        turns = values["inventory_turnover"]
        return self.period.days / turns if turns else None


def turnover(request: Request) -> Answer:
    args = request.args
    found = _turnover(request)
    shown = found.rows[: args.top]
    labels, codes = _names(request, found)
    whole = _table(request, found, labels, codes)
    table = Table(whole.columns, whole.rows[: args.top], len(found.rows))
    return Answer(
        headline=_headline(request, found),
        lines=_lines(found, labels),
        facts=(
            *_facts(request, found, found.together, {}),
            *(
                fact
                for key, values in (shown if len(found.rows) > 1 else ())
                for fact in _facts(request, found, values, {found.by.id: key})
            ),
        ),
        table=table if len(found.rows) > 1 else None,
        whole=whole if len(whole.rows) > len(table.rows) else None,
        chart=_chart(found, table),
        file_name="inventory_turnover",
        follow_ups=_follow_ups(request, found, labels),
        caveats=(*stock_caveats(request), *_short(found)),
        provenance=provenance(request, _definition(request), found.period, found.sql),
    )


def _turnover(request: Request) -> _Turnover:
    context, args = request.context, request.args
    engine = Engine(context.warehouse, context.catalog, context.today)
    period = _period(request, engine)
    together = engine.run(Query(METRICS, (), args.filters, period))
    by = _dimension(request)
    split = engine.run(Query(METRICS, (by.id,), args.filters, period))
    # What has no stock has nothing to turn over.
    rows = [
        (str(key), values) for (key,), values in split.groups.items() if key is not None and values["average_stock"]
    ]
    highest = args.order == "highest"
    rows.sort(key=lambda row: ((-1 if highest else 1) * (row[1]["inventory_turnover"] or 0.0), row[0]))
    return _Turnover(period, by, together.groups.get((), {}), tuple(rows), (*together.sql, *split.sql))


def _period(request: Request, engine: Engine) -> Period:
    """The last 365 days, or what sales and counts cover of them."""
    today = request.context.today
    starts, ends = [today - timedelta(days=YEAR_DAYS - 1)], [today]
    for model in ("sales", "stock"):
        span = engine.span(model)
        if span is None:
            raise NotEnoughData(say("Nothing has been sold by {day}, so there is no demand.", day=today))
        starts.append(span[0].date())
        ends.append(span[1].date())
    start, end = max(starts), min(ends)
    if (end - start).days + 1 < FEWEST_DAYS:
        raise NotEnoughData(
            say(
                "Turnover needs {days} of sales and stock counts; from {start} to {end} it is too short.",
                days=Quantity(FEWEST_DAYS, "days"),
                start=start,
                end=max(start, end),
            )
        )
    return Period(start, end)


def _dimension(request: Request) -> Dimension:
    """Categories, unless one of them, or products, are asked for, or there is none."""
    catalog, stock = request.context.catalog, request.stock
    filtered = {f.dimension for f in request.args.filters}
    several = len({stock.categories[at] for at in request.places.tolist()} - {None}) > 1
    return catalog.dimension("category" if several and "product" not in filtered else "product")


def _names(request: Request, found: _Turnover) -> tuple[Mapping[str, Label], bool]:
    """What the rows are called, and whether these are names of codes."""
    keys = [key for key, _values in found.rows]
    if found.by.names:
        return names_of(request.context.warehouse, found.by, keys), True
    return labels_of(request.context.warehouse, found.by, keys), False


def _called(labels: Mapping[str, Label], key: str, *, codes: bool) -> Value:
    if key not in labels:
        return key
    return say("{name} ({code})", name=labels[key], code=key) if codes else labels[key]


def _headline(request: Request, found: _Turnover) -> Message:
    turns, days = found.together["inventory_turnover"], found.days(found.together)
    if turns is None or days is None:
        return say("Nothing was sold in {period}, so stock did not turn over.", period=found.period)
    shown: dict[str, Value] = {
        "turns": Quantity(turns, "factor"),
        "days": Quantity(round(days), "days"),
        "period": found.period,
    }
    words = request.filter_words()
    if words:
        return say("{what}: stock turned over {turns} in {period}; a unit stays {days}.", **shown, what=words)
    return say("Stock turned over {turns} in {period}; a unit stays {days} on average.", **shown)


def _lines(found: _Turnover, labels: Mapping[str, Label]) -> tuple[Message, ...]:
    lines = [
        say(
            "{units} units sold against {stock} in stock on average.",
            units=Quantity(found.together["units"], "units"),
            stock=Quantity(round(float(found.together["average_stock"] or 0)), "units"),
        )
    ]
    if len(found.rows) > 1:
        by_turns = sorted(found.rows, key=lambda row: (row[1]["inventory_turnover"] or 0.0, row[0]))
        (slow, of_slow), (fast, of_fast) = by_turns[0], by_turns[-1]
        codes = found.by.names is not None
        lines.append(
            say(
                "Slowest: {slow} ({slow_turns}); fastest: {fast} ({fast_turns}).",
                slow=_called(labels, slow, codes=codes),
                slow_turns=Quantity(of_slow["inventory_turnover"], "factor"),
                fast=_called(labels, fast, codes=codes),
                fast_turns=Quantity(of_fast["inventory_turnover"], "factor"),
            )
        )
    return tuple(lines)


def _facts(request: Request, found: _Turnover, values: Values, where: Mapping[str, str]) -> tuple[Fact, ...]:
    at = {**request.filter_where, **where}
    return (
        Fact("inventory_turnover", values["inventory_turnover"], "factor", found.period, at),
        Fact("units", values["units"], "units", found.period, at),
        Fact("average_stock", values["average_stock"], "units", found.period, at),
        Fact("days_of_inventory", found.days(values), "days", found.period, at),
    )


def _table(request: Request, found: _Turnover, labels: Mapping[str, Label], codes: bool) -> Table:
    catalog = request.context.catalog
    if codes:
        shown = {label.en: label for label in labels.values()}
        named: tuple[Column, ...] = (
            Column("product", Label("Product code", "商品编码"), spare=bool(labels)),
            Column("product_name", found.by.label.label, labels=shown),
        )
    else:
        named = (Column(found.by.id, found.by.label.label, labels=labels),)
    columns = (
        *named,
        Column("inventory_turnover", catalog.metric("inventory_turnover").label.label, unit="factor", good="up"),
        Column("days_of_inventory", say("Days in stock"), unit="days", good="down"),
        Column("units", catalog.metric("units").label.label, unit="units"),
        Column("average_stock", catalog.metric("average_stock").label.label, unit="units"),
    )
    rows: list[tuple[Cell, ...]] = []
    for key, values in found.rows:
        days = found.days(values)
        name = labels[key].en if key in labels else None
        rows.append(
            (
                *((key, name) if codes else (key,)),
                values["inventory_turnover"],
                None if days is None else round(days, 1),
                values["units"],
                values["average_stock"],
            )
        )
    return Table(columns, tuple(rows), len(rows))


def _chart(found: _Turnover, table: Table) -> Chart | None:
    if len(table.rows) < 2:
        return None
    named = "product_name" if found.by.names else found.by.id
    title = say("Inventory turnover by {dimension}", dimension=found.by.label.label.inside())
    return Chart("bar", title, named, ("inventory_turnover",))


def _follow_ups(request: Request, found: _Turnover, labels: Mapping[str, Label]) -> tuple[FollowUp, ...]:
    offers = [FollowUp(say("What hardly sells?"), request.call("slow"))]
    if found.by.id == "category" and found.rows:
        slowest = min(found.rows, key=lambda row: (row[1]["inventory_turnover"] or 0.0, row[0]))[0]
        into = [*(f.model_dump() for f in request.args.filters), {"dimension": "category", "values": [slowest]}]
        offers.append(
            FollowUp(
                say("Products of {category}", category=_called(labels, slowest, codes=False)),
                ToolCall(NAME, {"show": "turnover", "filters": into}),
            )
        )
    by_month = {
        "metrics": ["inventory_turnover"],
        "period": {"start": found.period.start.isoformat(), "end": found.period.end.isoformat()},
        "by": ["month"],
        **({"filters": [f.model_dump() for f in request.args.filters]} if request.args.filters else {}),
    }
    offers.append(FollowUp(say("By {dimension}", dimension=Label("month", "月")), ToolCall("metrics", by_month)))
    return tuple(offers)


def _short(found: _Turnover) -> tuple[Message, ...]:
    if found.period.days >= YEAR_DAYS:
        return ()
    return (
        say(
            "Sales and stock counts cover {days} only: over a year stock would turn over more often.",
            days=Quantity(found.period.days, "days"),
        ),
    )


def _definition(request: Request) -> tuple[Message, ...]:
    catalog = request.context.catalog
    return (
        *(
            say(
                "{metric}: {definition}",
                metric=catalog.metric(name).label.label,
                definition=catalog.metric(name).definition.label,
            )
            for name in METRICS
        ),
        say("Days in stock: days of the period ÷ inventory turnover."),
    )
