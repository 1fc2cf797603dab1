"""How metrics, dimensions, filters and averages are called inside sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.messages import Label, Message, Value, say, say_n

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.semantic.catalog import Dimension
    from tools.semantic.periods import Grain
    from tools.semantic.query import Filter

PLACES = ("country", "region", "city")
# Countries that English gives an article.
_WITH_ARTICLE = {
    *("UK", "US", "USA", "UAE", "EU", "United Kingdom", "United States", "Netherlands", "Philippines", "Bahamas"),
    *("Czech Republic", "Channel Islands", "European Community", "United Arab Emirates"),
}
_BY_GRAIN: dict[str, Label] = {
    "day": Label("day", "日"),
    "week": Label("week", "周"),
    "month": Label("month", "月"),
    "quarter": Label("quarter", "季度"),
    "year": Label("year", "年"),
}
WEEKDAYS = (
    Label("Monday", "星期一"),
    Label("Tuesday", "星期二"),
    Label("Wednesday", "星期三"),
    Label("Thursday", "星期四"),
    Label("Friday", "星期五"),
    Label("Saturday", "星期六"),
    Label("Sunday", "星期日"),
)
_PLURALS = {"hour": "hours of the day"}
# What a column holds, for readers who never see a table's columns.
_MEANINGS: dict[str, Label] = {
    "order_lines.cost": Label("unit costs", "单位成本"),
    "order_lines.discount": Label("discounts", "折扣"),
}


def by_label(dimension: Dimension) -> Label:
    """The dimension after "by": by sales channel, 按销售渠道; by month, 按月."""
    return _BY_GRAIN.get(dimension.grain or "") or dimension.label.label.inside()


def time_labels(dimension: Dimension) -> Mapping[str, Label]:
    """What weekdays and hours are called: "1" is Monday."""
    if dimension.time_part == "weekday":
        return {str(number): label for number, label in enumerate(WEEKDAYS, start=1)}
    if dimension.time_part == "hour":
        return {str(hour): Label(f"{hour:02d}:00") for hour in range(24)}
    return {}


def plural(dimension: Dimension) -> Label:
    """More than one of a dimension's values: countries, 国家."""
    named = dimension.label.label.inside()
    english = _PLURALS.get(dimension.id, named.en)
    if dimension.id not in _PLURALS:
        ends_in_y = english.endswith("y") and english[-2:-1] not in "aeou"
        english = english[:-1] + "ies" if ends_in_y else english + "s"
    return Label(english, named.zh)


def average(metric: Label, grain: Grain) -> Message:
    """A metric per calendar unit."""
    inside = metric.inside()
    match grain:
        case "day":
            return say("Average {metric} per day", metric=inside)
        case "week":
            return say("Average {metric} per week", metric=inside)
        case "month":
            return say("Average {metric} per month", metric=inside)
        case "quarter":
            return say("Average {metric} per quarter", metric=inside)
        case "year":
            return say("Average {metric} per year", metric=inside)


def average_inside(metric: Label, grain: Grain) -> Message:
    """The same within a sentence."""
    inside = metric.inside()
    match grain:
        case "day":
            return say("average {metric} per day", metric=inside)
        case "week":
            return say("average {metric} per week", metric=inside)
        case "month":
            return say("average {metric} per month", metric=inside)
        case "quarter":
            return say("average {metric} per quarter", metric=inside)
        case "year":
            return say("average {metric} per year", metric=inside)


def filter_noun(dimension: Dimension, condition: Filter, values: Sequence[Value]) -> Message:
    """A filter on its own, as in a footer: Germany; without Germany; customer 14646."""
    shown: dict[str, Value] = {"dimension": dimension.label.label.inside(), "values": tuple(values)}
    if dimension.scheme is not None:
        return _belonging(condition, shown)
    match condition.op:
        case "in":
            if dimension.id == "customer":
                return say_n("customer {values}", "customers {values}", len(values), **shown)
            return say("{values}", **shown)
        case "not_in":
            return say("without {values}", **shown)
        case "contains":
            return say("{dimension} with “{values}” in the name", **shown)
        case "not_contains":
            return say("{dimension} without “{values}” in the name", **shown)
        case "between":
            return say("{dimension} {low} to {high}", **shown, low=values[0], high=values[1])


def filter_phrase(dimension: Dimension, condition: Filter, values: Sequence[Value]) -> Message:
    """A filter after a metric's name: (net sales) in Germany; outside Germany; of customer 14646."""
    things = plural(dimension)
    if dimension.scheme is not None:
        belonging = _belonging(condition, {"dimension": dimension.label.label.inside(), "values": tuple(values)})
        return say("of {who}", who=belonging)
    if condition.op in ("in", "not_in") and dimension.id in PLACES:
        places = tuple(map(with_article, values))
        return say("in {values}", values=places) if condition.op == "in" else say("outside {values}", values=places)
    match condition.op:
        case "in" if dimension.id == "customer":
            return say_n("of customer {values}", "of customers {values}", len(values), values=tuple(values))
        case "in" if dimension.id == "weekday":
            return say("on {values}", values=tuple(values))
        case "in":
            return say("for {values}", values=tuple(values))
        case "not_in":
            return say("leaving out {values}", values=tuple(values))
        case "contains":
            return say("for {things} with “{values}” in the name", things=things, values=tuple(values))
        case "not_contains":
            return say("for {things} without “{values}” in the name", things=things, values=tuple(values))
        case "between":
            return say(
                "for {dimension} {low} to {high}",
                dimension=dimension.label.label.inside(),
                low=values[0],
                high=values[1],
            )


def _belonging(condition: Filter, shown: dict[str, Value]) -> Message:
    if condition.op == "in":
        return say("customers in the {dimension} {values}", **shown)
    return say("customers outside the {dimension} {values}", **shown)


def joined(phrases: Sequence[Value]) -> Value:
    """Phrases one after the other: in Germany for RABBIT NIGHT LIGHT."""
    whole = phrases[0]
    for phrase in phrases[1:]:
        whole = say("{phrase} {following}", phrase=whole, following=phrase)
    return whole


def column_meaning(path: str) -> Label:
    """What the column `table.column` holds, in plain words."""
    return _MEANINGS.get(path) or Label(path.partition(".")[2].replace("_", " "))


def with_article(value: Value) -> Value:
    """A country as it stands within an English sentence: the UK."""
    if isinstance(value, Label) and value.en in _WITH_ARTICLE:
        return Label(f"the {value.en}", value.zh)
    if isinstance(value, str) and value in _WITH_ARTICLE:
        return Label(f"the {value}", value)
    return value
