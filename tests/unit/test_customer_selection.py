"""Rules select exactly the customers who meet them, recounted in plain Python; what cannot be meant is refused."""

from __future__ import annotations

import operator
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import StaticPool

from bot.rendering.voice import Voice
from tests.unit.customer_store import PRODUCTS, Line, Person, make_store, measured
from tools.customers.rules import Rule
from tools.customers.segments.contradictions import contradiction
from tools.customers.segments.saved import SavedSegments
from tools.customers.segments.selection import Selection
from tools.errors import AssistantError, InvalidArgument, NotEnoughData
from tools.semantic.catalog import Catalog
from tools.state import Base
from tools.tool import Context, User

TODAY = date(2024, 6, 30)
FIRST = date(2024, 1, 1)
COUNTRIES = ("Germany", "France")
MEASURES = tuple(measured([], TODAY))
COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
}
RULE: TypeAdapter[Rule] = TypeAdapter(Rule)
VOICE = Voice("en")


def random_lines() -> list[Line]:
    """A few hundred lines of thirty customers, some of them later than today, some of nobody."""
    dice = random.Random(7)
    lines = []
    for number in range(400):
        customer = dice.choice([f"c{n}" for n in range(30)])
        sold = dice.random() < 0.8
        lines.append(
            Line(
                None if dice.random() < 0.05 else customer,
                f"{'o' if sold else 'r'}{number // 3}-{customer}",
                FIRST + timedelta(days=dice.randrange(200)),
                dice.choice(list(PRODUCTS)),
                dice.randint(1, 5),
                dice.randint(1, 40) / 4,
                dice.choice([0.0, 0.0, 0.25]),
                "sold" if sold else "returned",
                dice.choice(COUNTRIES),
                dice.choice([0, 12, 23]),
            )
        )
    # Somebody who only ever returned, and a customer with a quote and a formula for a name.
    return [
        *lines,
        Line("only'back", "r1", FIRST, kind="returned"),
        Line("=1+1'; --", "q1", FIRST, price=3.0),
    ]


LINES = random_lines()
PEOPLE = [
    *(
        Person(f"c{n}", COUNTRIES[n % 2], ("female", "male", None)[n % 3], (True, False, None)[n % 3])
        for n in range(30)
    ),
    Person("never'1", "Germany", "female", True, FIRST),
    Person("never2", "France", "male", False, TODAY),
    Person("tomorrow", "Germany", "male", True, TODAY + timedelta(days=1)),
]


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    warehouse = make_store(tmp_path_factory.mktemp("selection") / "warehouse.duckdb", LINES, PEOPLE)
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    yield Context(warehouse, Catalog.load(), TODAY, User("1", "admin"), sessionmaker(engine, expire_on_commit=False))
    warehouse.close()
    engine.dispose()


def rule(raw: dict[str, Any]) -> Rule:
    return RULE.validate_python(raw)


# --- The same in plain Python -----------------------------------------------------------------------------------------

VISIBLE = [line for line in LINES if line.customer and line.on <= TODAY]
BUYERS = frozenset(line.customer for line in VISIBLE if line.kind == "sold" and line.customer)
KNOWN = BUYERS | {"never'1", "never2"}
ATTRIBUTES = {person.customer: person for person in PEOPLE}


def meets(raw: dict[str, Any], customer: str) -> bool:
    if "all" in raw:
        return all(meets(part, customer) for part in raw["all"])
    if "any" in raw:
        return any(meets(part, customer) for part in raw["any"])
    if "not" in raw:
        return not meets(raw["not"], customer)
    own = [line for line in VISIBLE if line.customer == customer]
    if "event" in raw:
        sold = [line.on for line in own if line.kind == "sold"]
        day = (min if raw["event"] == "first_order" else max)(sold, default=None)
        return day is not None and within(day, raw["period"])
    if "attribute" in raw:
        value = getattr(ATTRIBUTES.get(customer, Person(customer)), raw["attribute"])
        found = (str(value).lower() if isinstance(value, bool) else value) in raw["values"]
        return found is (raw.get("op", "in") == "in")
    counted = [
        line
        for line in own
        if (raw.get("period") is None or within(line.on, raw["period"]))
        and all(passes(line, condition) for condition in raw.get("where", ()))
    ]
    value = measured(counted, TODAY)[raw["measure"]]
    # Prices are quarters, so sums are exact; rates are given as they were computed.
    return value is not None and COMPARE[raw["op"]](value, raw["value"])


def within(day: date, period: dict[str, str]) -> bool:
    return date.fromisoformat(period["start"]) <= day <= date.fromisoformat(period["end"])


def passes(line: Line, condition: dict[str, Any]) -> bool:
    value = {"country": line.country, "product": line.product, "category": PRODUCTS[line.product][1]}
    found = value[condition["dimension"]] in condition["values"]
    return found is (condition.get("op", "in") == "in")


periods = st.tuples(st.integers(0, 180), st.integers(0, 90)).map(
    lambda days: {
        "start": str(FIRST + timedelta(days=days[0])),
        "end": str(FIRST + timedelta(days=days[0] + days[1])),
    }
)
filters = st.one_of(
    st.builds(
        lambda values, op: {"dimension": "country", "op": op, "values": values},
        st.lists(st.sampled_from(COUNTRIES), min_size=1, max_size=1),
        st.sampled_from(["in", "not_in"]),
    ),
    st.builds(
        lambda values: {"dimension": "product", "values": values},
        st.lists(st.sampled_from(list(PRODUCTS)), min_size=1, max_size=2, unique=True),
    ),
    st.just({"dimension": "category", "values": ["Kitchen"]}),
)


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    measure = draw(st.sampled_from(MEASURES))
    value: float = draw(st.integers(0, 8))
    if measure in ("net_sales", "gross_sales", "returns", "aov"):
        value = draw(st.integers(-80, 400)) / 4
    elif measure == "return_rate":
        value = draw(st.sampled_from([0.0, 0.1, 0.5, 1.0]))
    elif measure.startswith("days_since"):
        value = draw(st.integers(0, 180))
    found: dict[str, Any] = {"measure": measure, "op": draw(st.sampled_from(list(COMPARE))), "value": value}
    if not measure.startswith("days_since") and draw(st.booleans()):
        found["period"] = draw(periods)
    if draw(st.booleans()):
        found["where"] = [draw(filters)]
    return found


leaf_rules = st.one_of(
    conditions(),
    conditions(),
    st.builds(
        lambda event, period: {"event": event, "period": period},
        st.sampled_from(["first_order", "last_order"]),
        periods,
    ),
    st.sampled_from(
        [
            {"attribute": "country", "values": ["Germany"]},
            {"attribute": "gender", "op": "not_in", "values": ["female"]},
            {"attribute": "email_consent", "values": ["true"]},
        ]
    ),
)
trees = st.recursive(
    leaf_rules,
    lambda parts: st.one_of(
        st.lists(parts, min_size=1, max_size=3).map(lambda found: {"all": found}),
        st.lists(parts, min_size=1, max_size=3).map(lambda found: {"any": found}),
        parts.map(lambda found: {"not": found}),
    ),
    max_leaves=5,
)


@given(trees)
def test_a_rule_selects_whom_a_recount_selects(context: Context, raw: dict[str, Any]) -> None:
    selection = Selection(context)
    counted = KNOWN if selection.counts_everybody(rule(raw)) else BUYERS
    assert selection.ids(rule(raw)) == {customer for customer in counted if meets(raw, customer)}


@settings(max_examples=12)  # six queries each, of rules that the recount above judges one by one
@given(trees, trees)
def test_sets_add_up(context: Context, one: dict[str, Any], other: dict[str, Any]) -> None:
    bought = {"measure": "orders", "op": ">=", "value": 1, "period": {"start": str(FIRST), "end": str(TODAY)}}
    selection = Selection(context)

    def ids(raw: dict[str, Any]) -> frozenset[str]:
        # Among who ever bought, so that all are counted among the same.
        return selection.ids(rule({"all": [raw, bought]}))

    first, second, rest = ids(one), ids(other), ids({"not": one})
    assert rest == BUYERS - first
    assert ids({"all": [one, other]}) == first & second
    assert ids({"any": [one, other]}) == first | second
    assert ids({"not": {"not": one}}) == first
    assert len(first) + len(rest) == len(BUYERS)


@given(trees)
def test_what_is_called_a_contradiction_has_nobody(context: Context, raw: dict[str, Any]) -> None:
    if contradiction(rule(raw), TODAY) is not None:
        assert not {customer for customer in KNOWN if meets(raw, customer)}


@given(trees)
def test_every_rule_has_words_in_both_languages(context: Context, raw: dict[str, Any]) -> None:
    words = Selection(context).customers_in_words(rule(raw))
    for language in ("en", "zh"):
        text = Voice(language).text(words)
        assert text
        assert "{" not in text


# --- Who is counted ---------------------------------------------------------------------------------------------------


def test_without_a_rule_it_is_who_ever_bought(context: Context) -> None:
    assert Selection(context).ids(None) == BUYERS


@pytest.mark.parametrize(
    ("raw", "everybody"),
    [
        ({"measure": "orders", "op": "=", "value": 0}, True),
        ({"measure": "orders", "op": "<", "value": 1}, True),
        ({"not": {"measure": "orders", "op": ">=", "value": 1}}, True),
        ({"scheme": "lifecycle", "groups": ["prospect"]}, True),
        ({"attribute": "email_consent", "values": ["true"]}, True),
        ({"measure": "orders", "op": "<", "value": 2}, False),
        ({"measure": "orders", "op": "=", "value": 0, "period": {"start": "2024-05-01", "end": "2024-06-30"}}, False),
        ({"all": [{"attribute": "gender", "values": ["male"]}, {"measure": "units", "op": "<", "value": 9}]}, False),
    ],
)
def test_people_who_never_ordered_count_only_where_they_are_asked_for(
    context: Context, raw: dict[str, Any], everybody: bool
) -> None:
    assert Selection(context).counts_everybody(rule(raw)) is everybody


def test_who_never_ordered_is_known_by_today(context: Context) -> None:
    found = Selection(context).ids(rule({"measure": "orders", "op": "=", "value": 0}))
    assert found == {"never'1", "never2"}
    earlier = replace(context, today=date(2024, 6, 29))
    assert Selection(earlier).ids(rule({"measure": "orders", "op": "=", "value": 0})) >= {"never'1"}
    assert "never2" not in Selection(earlier).ids(rule({"measure": "orders", "op": "=", "value": 0}))


def test_nothing_later_than_today_is_seen(context: Context) -> None:
    earlier = replace(context, today=FIRST + timedelta(days=20))
    seen = {line.customer for line in LINES if line.on <= earlier.today and line.kind == "sold"} - {None}
    assert Selection(earlier).ids(None) == seen


def test_money_that_adds_up_to_the_bound_meets_it(tmp_path: Any) -> None:
    lines = [Line("c", f"o{n}", FIRST, price=0.1) for n in range(10)]
    warehouse = make_store(tmp_path / "w.duckdb", lines, [])
    selection = Selection(Context(warehouse, Catalog.load(), TODAY, User("1", "admin")))
    for op, found in ((">=", True), ("<=", True), ("=", True), (">", False), ("<", False), ("!=", False)):
        assert bool(selection.ids(rule({"measure": "net_sales", "op": op, "value": 1.0}))) is found
    warehouse.close()


# --- What cannot be meant ---------------------------------------------------------------------------------------------

MAY = {"start": "2024-05-01", "end": "2024-05-31"}
JUNE = {"start": "2024-06-01", "end": "2024-06-30"}
SPRING = {"start": "2024-03-01", "end": "2024-05-31"}


def did(measure: str, op: str, value: float, **more: Any) -> dict[str, Any]:
    return {"measure": measure, "op": op, "value": value, **more}


TEA = [{"dimension": "product", "values": ["tea"]}]


@pytest.mark.parametrize(
    "parts",
    [
        [did("orders", ">=", 1, period=MAY), did("orders", "=", 0, period=MAY)],
        [did("orders", ">=", 1, period=MAY), {"not": did("orders", ">=", 1, period=MAY)}],
        [did("orders", ">=", 5), did("orders", "<=", 2)],
        [did("orders", ">", 2), did("orders", "<", 3)],
        [did("orders", "=", 0, period=SPRING), did("orders", ">=", 1, period=MAY, where=TEA)],
        [did("orders", "=", 0, period=MAY), did("net_sales", ">", 10, period=MAY)],
        [did("aov", ">", 50), did("aov", "<", 40)],
        [did("days_since_last_order", ">", 60), did("orders", ">=", 1, period=JUNE), did("units", ">", 1)],
        [did("days_since_last_order", "<", 10), {"event": "last_order", "period": MAY}],
        [{"event": "first_order", "period": MAY}, {"event": "first_order", "period": JUNE}],
        [{"event": "first_order", "period": JUNE}, {"event": "last_order", "period": MAY}],
        [{"event": "first_order", "period": JUNE}, did("orders", ">=", 1, period=MAY)],
        [{"attribute": "country", "values": ["Germany"]}, {"attribute": "country", "values": ["France"]}],
        [{"attribute": "country", "values": ["Germany"]}, {"not": {"attribute": "country", "values": ["Germany"]}}],
        [{"scheme": "rfm", "groups": ["champions"]}, {"scheme": "rfm", "groups": ["lost"]}],
        [{"scheme": "lifecycle", "groups": ["prospect"]}, did("orders", ">=", 2)],
        [{"any": [did("orders", ">=", 9), did("orders", ">=", 7)]}, did("orders", "<", 3)],
    ],
)
def test_contradictions_are_named(context: Context, parts: list[dict[str, Any]]) -> None:
    with pytest.raises(InvalidArgument, match="Nobody can meet both"):
        Selection(context).check(rule({"all": parts}))


@pytest.mark.parametrize(
    "raw",
    [
        {"all": [did("orders", ">=", 1, period=MAY), did("orders", "=", 0, period=JUNE)]},
        {"all": [did("orders", ">=", 1, where=TEA), did("orders", "=", 0, period=JUNE)]},
        {"all": [did("orders", ">=", 2), did("orders", "<", 3)]},
        {"any": [did("orders", ">=", 5), did("orders", "<=", 2)]},
        {"all": [{"not": did("aov", ">", 50)}, {"not": did("aov", "<=", 50)}]},
        did("net_sales", "<", -5),
        {"all": [did("net_sales", "<", 0, period=MAY), did("orders", "=", 0, period=MAY)]},
    ],
)
def test_what_somebody_might_do_is_no_contradiction(context: Context, raw: dict[str, Any]) -> None:
    Selection(context).check(rule(raw))


def checked_ids(context: Context, found: Rule) -> frozenset[str]:
    selection = Selection(context)
    selection.check(found)
    return selection.ids(found)


@pytest.mark.parametrize(
    ("raw", "error", "text"),
    [
        (did("orders", ">=", 1, where=[{"dimension": "country", "values": ["Germny"]}]), InvalidArgument, "Germany"),
        (did("orders", ">=", 1, where=[{"dimension": "cuntry", "values": ["x"]}]), InvalidArgument, "country"),
        (did("orders", ">=", 1, where=[{"dimension": "device", "values": ["app"]}]), InvalidArgument, "not known by"),
        (did("orders", ">=", 1, where=[{"dimension": "brand", "values": ["x"]}]), NotEnoughData, "no brands"),
        (did("orders", ">=", 1, where=[{"dimension": "segment", "values": ["x"]}]), InvalidArgument, "not known by"),
        (
            did("orders", ">=", 1, where=[{"dimension": "hour", "values": ["noon"]}]),
            InvalidArgument,
            "does not fit",
        ),
        (
            did("orders", ">=", 1, where=[*TEA, {"dimension": "product", "op": "not_in", "values": ["tea"]}]),
            InvalidArgument,
            "both included and left out",
        ),
        (did("orders", ">=", 1, period={"start": "2020-01-01", "end": "2020-12-31"}), NotEnoughData, "covers"),
        (did("orders", ">=", 1, period={"start": "2025-01-01", "end": "2025-12-31"}), NotEnoughData, "future"),
        ({"event": "first_order", "period": {"start": "2025-01-01", "end": "2025-12-31"}}, NotEnoughData, "future"),
        ({"attribute": "gender", "values": ["femal"]}, InvalidArgument, "female"),
        ({"attribute": "region", "values": ["Bavaria"]}, NotEnoughData, "no regions"),
        ({"attribute": "email_consent", "values": ["maybe"]}, InvalidArgument, "true or false"),
        ({"scheme": "rfm", "groups": ["champion"]}, InvalidArgument, "champions"),
        ({"scheme": "saved", "groups": ["Nobody"]}, InvalidArgument, "none has been saved"),
        ({"any": [did("orders", ">=", n + 1) for n in range(41)]}, InvalidArgument, "at most"),
    ],
)
def test_what_the_store_does_not_have_is_said(
    context: Context, raw: dict[str, Any], error: type[AssistantError], text: str
) -> None:
    with pytest.raises(error) as raised:
        checked_ids(context, rule(raw))
    assert text in VOICE.text(raised.value.message)


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_only_numbers_can_be_compared_with(value: float) -> None:
    with pytest.raises(ValidationError):
        rule(did("orders", ">=", value))


# --- Words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "english", "chinese"),
    [
        (did("orders", ">=", 5, period=MAY), "placed at least 5 orders in May 2024", "2024年5月下单至少5次"),
        (did("orders", ">", 1), "placed more than 1 order", "下单超过1次"),
        (did("orders", "=", 1), "placed exactly 1 order", "下单正好1次"),
        (did("orders", "=", 0), "never ordered", "从未下单"),
        (did("orders", "=", 0, period=MAY), "did not buy in May 2024", "2024年5月没有购买"),
        (
            {"all": [did("orders", ">=", 1, period=MAY), did("orders", "=", 0, period=SPRING)]},
            "bought in May 2024 but did not buy in Mar–May 2024",
            "2024年5月购买过，但2024年3月至5月没有购买",
        ),
        (
            did("orders", ">=", 2, where=TEA, period={"start": "2024-04-02", "end": "2024-06-30"}),
            "placed at least 2 orders with Green tea in the last 90 days",
            "近90天购买Green tea至少2次",
        ),
        (
            did("orders", ">=", 2, where=[{"dimension": "country", "values": ["Germany"]}], period=MAY),
            "placed at least 2 orders in Germany in May 2024",
            "2024年5月在德国下单至少2次",
        ),
        (did("net_sales", ">", 5000), "spent more than €5,000 net", "净消费超过5,000欧元"),
        (did("days_since_last_order", ">", 180), "last bought more than 180 days ago", "最近一次购买距今超过180天"),
        (did("return_rate", ">=", 0.2), "returned at least 20% of what they spent", "退货率至少20%"),
        ({"attribute": "country", "values": ["Germany"]}, "live in Germany", "居住在德国"),
        ({"attribute": "email_consent", "values": ["false"]}, "have not agreed to e-mails", "未同意接收邮件"),
        ({"scheme": "saved", "groups": ["VIP"]}, "are in the segment “VIP”", "属于细分“VIP”"),
        ({"event": "first_order", "period": MAY}, "first bought in May 2024", "2024年5月首次购买"),
        (
            {"any": [did("orders", ">=", 5), {"all": [did("units", ">", 9), did("returns", "=", 0)]}]},
            "placed at least 5 orders or (bought more than 9 units and returned goods worth exactly €0)",
            "下单至少5次，或（购买超过9件，且退货额正好0欧元）",
        ),
    ],
)
def test_rules_read_naturally(context: Context, raw: dict[str, Any], english: str, chinese: str) -> None:
    words = Selection(context).words(rule(raw))
    assert (Voice("en").text(words), Voice("zh").text(words)) == (english, chinese)


# --- Saved segments ---------------------------------------------------------------------------------------------------


@pytest.fixture
def saved(context: Context) -> Iterator[SavedSegments]:
    segments = SavedSegments.of(context)
    yield segments
    for segment in segments.all():
        segments.forget(segment.name)


def test_a_saved_segment_is_found_by_name_without_case_or_width(context: Context, saved: SavedSegments) -> None:
    frequent = rule(did("orders", ">=", 5))
    assert saved.save("  VIP-DE  ", frequent, made_on=TODAY, by="1") is False
    assert saved.save("vip-de", frequent, made_on=TODAY, by="2") is True
    assert [(s.name, s.saved_by) for s in saved.all()] == [("vip-de", "2")]
    assert saved.get("ＶＩＰ-de").rule == frequent
    assert saved.get("VIP-DE").saved_at.tzinfo is not None
    found = rule({"scheme": "saved", "groups": ["Vip-De"]})
    assert Selection(context).ids(found) == Selection(context).ids(frequent)
    with pytest.raises(InvalidArgument, match="vip-de"):
        saved.get("vip-d")


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a/b", "=1+1", "a\nb\x00", "--", "'; DROP TABLE x"])
def test_what_is_no_name_is_refused(saved: SavedSegments, name: str) -> None:
    with pytest.raises(InvalidArgument, match="is no name"):
        saved.save(name, rule(did("orders", ">=", 5)), made_on=TODAY, by="1")


@pytest.mark.parametrize("name", ["高价值客户", "R&D 2.0", "été_1", "Straße"])
def test_names_of_any_script_are_kept(saved: SavedSegments, name: str) -> None:
    saved.save(name, rule({"not": did("orders", ">=", 5)}), made_on=TODAY, by="1")
    assert saved.get(name.upper()).name == name
    assert saved.get(name).rule == rule({"not": did("orders", ">=", 5)})


def test_periods_that_end_today_move_along(saved: SavedSegments) -> None:
    last_30_days = {"start": str(TODAY - timedelta(days=28)), "end": str(TODAY)}
    whole = {"all": [did("orders", ">=", 1, period=last_30_days), did("orders", "=", 0, period=MAY)]}
    saved.save("recent", rule(whole), made_on=TODAY, by="1")
    later = TODAY + timedelta(days=10)
    moved = {"start": str(later - timedelta(days=28)), "end": str(later)}
    assert saved.get("recent").rule_on(later) == rule(
        {"all": [did("orders", ">=", 1, period=moved), did("orders", "=", 0, period=MAY)]}
    )


def test_segments_that_contain_one_another_are_refused(context: Context, saved: SavedSegments) -> None:
    saved.save("one", rule({"scheme": "saved", "groups": ["two"]}), made_on=TODAY, by="1")
    saved.save("two", rule({"not": {"scheme": "saved", "groups": ["one"]}}), made_on=TODAY, by="1")
    with pytest.raises(InvalidArgument, match="contains itself"):
        Selection(context).ids(rule({"scheme": "saved", "groups": ["one"]}))


def test_contradictions_are_seen_through_names(context: Context, saved: SavedSegments) -> None:
    saved.save("frequent", rule(did("orders", ">=", 5)), made_on=TODAY, by="1")
    with pytest.raises(InvalidArgument, match="Nobody can meet both"):
        Selection(context).check(rule({"all": [{"scheme": "saved", "groups": ["frequent"]}, did("orders", "<", 5)]}))


def test_without_a_state_database_nothing_is_saved(context: Context) -> None:
    with pytest.raises(InvalidArgument, match="cannot be saved here"):
        SavedSegments.of(replace(context, state=None))


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("2024-06-24", "bought in the last 7 days"),
        ("2024-06-23", "bought since 23 Jun 2024"),
        ("2024-05-02", "bought in the last 60 days"),
        ("2023-07-02", "bought in the last 365 days"),
        ("2023-03-15", "bought since 15 Mar 2023"),
        # The month, the quarter and the year so far have names of their own.
        ("2024-04-01", "bought in Q2 2024"),
        ("2024-06-30", "bought on Sun, 30 Jun 2024"),
    ],
)
def test_a_time_until_today_is_named_by_its_length_or_by_its_first_day(
    context: Context, start: str, words: str
) -> None:
    period = {"start": start, "end": "2024-06-30"}
    found = Voice("en").text(Selection(context).words(rule(did("orders", ">=", 1, period=period))))
    assert found == words
