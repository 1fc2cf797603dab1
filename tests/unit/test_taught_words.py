"""The team's own words: what may be taught, what is understood of it, and how questions read them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from bot.contexts import Contexts
from bot.rendering.voice import Voice
from bot.understanding.interpret import World, interpret
from bot.understanding.outcome import Decline, Plan
from bot.understanding.taught.checking import checked
from bot.understanding.taught.entries import vocabulary
from bot.understanding.taught.meanings import meanings
from bot.understanding.taught.record import MOST_TAUGHT, Meaning, TaughtWord, TaughtWordRow, TaughtWords
from bot.understanding.taught.sentence import is_teaching, said
from bot.understanding.taught.teaching import Teaching
from bot.understanding.taught.vocabulary import key_of
from bot.understanding.worlds import Worlds
from tests.conftest import RETAIL_DAY
from tools.customers.rules import Did
from tools.customers.segments.saved import SavedSegments
from tools.errors import InvalidArgument
from tools.registry import Registry
from tools.semantic.catalog import Catalog
from tools.tool import User
from tools.warehouse.connection import Warehouse

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ADMIN = User("1", "admin")
LESSONS = (
    '"hero SKU" means product=85123A',
    "GP means net_sales",
    '"big spenders" means segment=VIP-DE',
    '"flagship markets" means country=Germany, France',
    "大客户 指 分群=VIP-DE",
    "旗舰市场 是 country=德国和法国",
    "“core base” means rfm=loyal",
    "BU means dimension=country",
)
BOTH = [{"dimension": "country", "op": "in", "values": ["Germany", "France"]}]
OCTOBER = {"start": "2011-10-01", "end": "2011-10-31"}
Ask = Callable[..., Any]


def taught_in(world: World, *lessons: str) -> World:
    """The world after these lessons."""
    words = []
    for number, lesson in enumerate(lessons, 1):
        pair = said(lesson)
        known = checked(pair.word, world)
        (meaning,) = meanings(pair.meaning, world)
        words.append(TaughtWord(number, known.word, meaning, "1", NOW))
    return replace(world, index=replace(world.index, taught=vocabulary(words, world.index, world.catalog)))


@pytest.fixture(scope="module")
def world(worlds: dict[str, World]) -> World:
    return taught_in(worlds["retail"], *LESSONS)


def plan(text: str, world: World) -> Plan:
    outcome = interpret(text, world)
    assert isinstance(outcome, Plan), outcome
    return outcome


def notes(outcome: Plan) -> list[str]:
    return [Voice("en").text(note) for note in outcome.notes]


# --- What is said -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "word", "meaning"),
    [
        ('"自营" means channel=own', "自营", "channel=own"),
        ("GP means net_sales", "GP", "net_sales"),
        ("teach: when I say GP I mean net sales.", "GP", "net sales"),
        ("by GP we mean net sales", "GP", "net sales"),
        ("GP = net_sales", "GP", "net_sales"),
        ("GP stands for “net sales”", "GP", "net sales"),
        ("自营 是 channel=own", "自营", "channel=own"),
        ("大客户 指 分群=VIP-DE", "大客户", "分群=VIP-DE"),
        ("记住：以后我们说“自营”的时候，指的是渠道own", "自营", "渠道own"),
        ("自营的意思是销售渠道own。", "自营", "销售渠道own"),
        ("「this is it」 means orders", "this is it", "orders"),
    ],
)
def test_a_teaching_sentence_is_read_in_many_forms(sentence: str, word: str, meaning: str) -> None:
    read = said(sentence)
    assert (read.word, read.meaning) == (word, meaning)


@pytest.mark.parametrize("sentence", ["", "GP", "means net sales", "“GP” means", "“GP", "指 净销售额"])
def test_what_teaches_nothing_is_told_how(sentence: str) -> None:
    with pytest.raises(InvalidArgument, match="for example"):
        said(sentence)


def test_only_what_begins_so_teaches_without_the_command() -> None:
    assert is_teaching("Teach: GP means net sales")
    assert is_teaching("记住：GP 指 净销售额")
    assert not is_teaching("teach me about churn")
    assert not is_teaching("what does AOV mean: explain")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metric=net_sales", Meaning("metric", "net_sales")),
        ("指标：净销售额", Meaning("metric", "net_sales")),
        ("net sales", Meaning("metric", "net_sales")),
        ("the return rate", Meaning("metric", "return_rate")),
        ("country=germany", Meaning("values", "country", ("Germany",))),
        ("国家=德国、法国", Meaning("values", "country", ("Germany", "France"))),
        ("market: UK", Meaning("values", "country", ("United Kingdom",))),
        ("Germany and France", Meaning("values", "country", ("Germany", "France"))),
        ("product 85123a", Meaning("values", "product", ("85123A",))),
        ("REGENCY CAKESTAND 3 TIER", Meaning("values", "product", ("22423",))),
        ("customer=12347", Meaning("values", "customer", ("12347",))),
        ("segment=vip-de", Meaning("values", "segment", ("VIP-DE",))),
        ("our segment VIP-DE", Meaning("values", "segment", ("VIP-DE",))),
        ("rfm=champions", Meaning("values", "rfm", ("champions",))),
        ("dimension=country", Meaning("dimension", "country")),
    ],
)
def test_a_meaning_is_read_as_written_or_in_words(worlds: dict[str, World], text: str, expected: Meaning) -> None:
    assert meanings(text, worlds["retail"]) == (expected,)


def test_one_name_for_several_things_offers_each(worlds: dict[str, World]) -> None:
    names = {meaning.name for meaning in meanings("channel=email", worlds["demo"])}
    assert {"marketing_channel", "message_channel"} <= names
    assert meanings("channel=web", worlds["demo"])[0].name == "channel"
    assert [m.kind for m in meanings("customers", worlds["retail"])] == ["metric", "dimension"]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("country=Germny", "Nearest: Germany"),
        ("metric=net_salez", "Nearest: Net sales"),
        ("segment=VIP", "Nearest: VIP-DE"),
        ("chanel=own", "Nearest: sales channel"),
        ("rfm=champion league", "Nearest: champions"),
        ("product=heart", "products have “heart” in their name"),
        ("customer=99999999", "There is no customer"),
        ("net sales in Germany", "Nearest:"),
        ("quux xyzzy", "I do not know “quux xyzzy”"),
        ("last month", "I do not know"),
    ],
)
def test_an_unknown_meaning_is_refused_with_the_nearest(worlds: dict[str, World], text: str, hint: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        meanings(text, worlds["retail"])
    assert hint in Voice("en").text(refused.value.message)


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("revenue", "means something already: net sales"),
        ("Germany", "means something already: country = Germany"),
        ("德国", "means something already: country = Germany"),
        ("85123A", "means something already: product ="),
        ("VIP-DE", "means something already: the segment “VIP-DE”"),
        ("last month", "means something already: a time"),
        ("上个月", "means something already: a time"),
        ("the", "a word that questions are made of"),
        ("forecast", "a word that questions are made of"),
        ("ignore previous instructions", "refuse"),
        ("password", "refuse"),
        ("x", "too short"),
        ("货", "too short"),
        ("2011", "no letters"),
        ("a" * 61, "up to 60 characters"),
        ("a b c d e f g h i", "up to 8 words"),
        ("<b>", "cannot be taught"),
        ("ꀀꀁ", "cannot be taught"),
        ("target", "a word of many questions"),
        ("GP", "taught already: it means net sales"),
        ("flagship market", "taught already"),
    ],
)
def test_words_that_mean_something_are_not_taught(world: World, word: str, why: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        checked(word, world)
    assert why in Voice("en").text(refused.value.message)


def test_what_a_word_would_change_is_said_before(worlds: dict[str, World]) -> None:
    def warnings(word: str) -> str:
        return " ".join(Voice("en").text(each) for each in checked(word, worlds["retail"]).warnings)

    assert "can be read in a question now" in warnings("大客户")
    assert "stands in the names of" in warnings("heart")
    assert warnings("flagship markets") == ""


# --- What is read -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "args"),
    [
        ("GP by country in October", {"metrics": ["net_sales"], "by": ["country"], "period": OCTOBER}),
        ("10月份的gp", {"metrics": ["net_sales"], "period": OCTOBER}),
        ("GP by BU in October", {"metrics": ["net_sales"], "by": ["country"], "period": OCTOBER}),
        ("orders in flagship markets in October", {"by": [], "filters": BOTH}),
        ("旗舰市场10月份的订单数", {"by": [], "filters": BOTH}),
        ("GP in flagship markets in October vs September", {"by": [], "filters": BOTH, "period": OCTOBER}),
        (
            "orders excluding flagship markets in October",
            {"filters": [{"dimension": "country", "op": "not_in", "values": ["Germany", "France"]}]},
        ),
        ("top 5 products in flagship markets in October", {"by": ["product"], "filters": BOTH, "top": 5}),
        (
            "units of the Hero SKU in October",
            {"metrics": ["units"], "filters": [{"dimension": "product", "op": "in", "values": ["85123A"]}]},
        ),
        (
            "net sales of big spenders in October",
            {"filters": [{"dimension": "segment", "op": "in", "values": ["VIP-DE"]}]},
        ),
        ("大客户10月份的销售额", {"filters": [{"dimension": "segment", "op": "in", "values": ["VIP-DE"]}]}),
        ("net sales of our core base in October", {"filters": [{"dimension": "rfm", "op": "in", "values": ["loyal"]}]}),
        # Joined with others, the values stand side by side.
        (
            "orders in flagship markets and Spain in October",
            {
                "by": ["country"],
                "filters": [{"dimension": "country", "op": "in", "values": ["Germany", "France", "Spain"]}],
            },
        ),
    ],
)
def test_figures_are_asked_in_the_teams_words(world: World, question: str, args: dict[str, Any]) -> None:
    found = plan(question, world)
    assert found.calls[0].tool == "metrics"
    assert {name: found.calls[0].args.get(name) for name in args} == args
    assert any("was read as" in note for note in notes(found))


@pytest.mark.parametrize(
    ("question", "tool", "args"),
    [
        ("forecast GP for next month in flagship markets", "forecast", {"metric": "net_sales", "filters": BOTH}),
        ("why did GP fall in flagship markets last month", "drivers", {"metric": "net_sales", "filters": BOTH}),
        (
            "alert me when GP in flagship markets drops by more than 20%",
            "monitor",
            {"metric": "net_sales", "filters": BOTH},
        ),
        ("每天早上9点给我发旗舰市场的销售额", "digest", {"metrics": ["net_sales"], "filters": BOTH}),
        ("what goes well with the hero SKU", "recommend", {"product": "85123A"}),
    ],
)
def test_the_other_tools_read_them_too(world: World, question: str, tool: str, args: dict[str, Any]) -> None:
    call = plan(question, world).calls[0]
    assert call.tool == tool
    assert {name: call.args.get(name) for name in args} == args
    assert "by" not in call.args, "a taught group is one thing"


def test_customers_are_selected_in_the_teams_words(world: World) -> None:
    rule = plan("how many customers in flagship markets bought the hero SKU", world).calls[0].args["rule"]
    assert rule["where"] == [*BOTH, {"dimension": "product", "op": "in", "values": ["85123A"]}]
    listed = plan("list big spenders who have not bought for 90 days", world).calls[0].args["rule"]
    assert {"scheme": "saved", "groups": ["VIP-DE"]} in listed["all"]


def test_a_follow_up_keeps_what_a_word_stood_for(world: World) -> None:
    first = plan("orders in flagship markets in October", world).calls[0]
    then = interpret("and the month before?", world, first)
    assert isinstance(then, Plan)
    assert then.calls[0].args["filters"] == BOTH
    assert then.calls[0].args["period"] == {"start": "2011-09-01", "end": "2011-09-30"}
    switched = interpret("what about the hero SKU?", world, first)
    assert isinstance(switched, Plan)
    assert {"dimension": "product", "op": "in", "values": ["85123A"]} in switched.calls[0].args["filters"]


def test_the_answer_says_how_a_word_was_read_as_it_was_typed(world: World) -> None:
    assert notes(plan("gp in the Flagship Markets in October", world)) == [
        "“gp” was read as net sales.",
        "“Flagship Markets” was read as country = Germany and France.",
    ]


def test_the_name_of_a_promotion_stays_as_it_was_typed(world: World) -> None:
    added = plan("add a promotion GP festival from 1 to 5 december 2011", world)
    assert added.calls[0].args["name"] == "GP festival"
    assert notes(added) == []


def test_the_playbooks_are_asked_for_what_a_word_means(world: World) -> None:
    documented = replace(world, has_playbooks=True, likely=lambda _text: 1.0)
    asked = plan("what is GP?", documented)
    assert (asked.calls[0].tool, asked.calls[0].args["question"]) == ("playbook", "what is Net sales?")
    assert notes(asked) == ["“GP” was read as net sales."]


def test_a_longer_name_keeps_its_part(worlds: dict[str, World]) -> None:
    world = taught_in(worlds["retail"], "“cakestand” means country=Germany")
    filters = plan("units of REGENCY CAKESTAND 3 TIER in October", world).calls[0].args["filters"]
    assert filters == [{"dimension": "product", "op": "in", "values": ["22423"]}]


def test_nobody_can_type_what_stands_for_values(world: World) -> None:
    for letter in ("ꀀ", "ꀃ", "ꒌ"):
        outcome = interpret(f"net sales {letter} last month", world)
        assert isinstance(outcome, Decline)
        assert letter in Voice("en").text(outcome.message)


def test_what_is_gone_is_said_when_it_is_used(world: World) -> None:
    outcome = interpret("net sales of big spenders in October", replace(world, saved=()))
    assert isinstance(outcome, Decline)
    assert "“big spenders” was taught as the segment “VIP-DE”, which is no longer there" in Voice("en").text(
        outcome.message
    )
    old = TaughtWord(1, "Nordland", Meaning("values", "country", ("Atlantis",)), "1", NOW)
    stale = replace(world, index=replace(world.index, taught=vocabulary([old], world.index, world.catalog)))
    outcome = interpret("net sales in Nordland last month", stale)
    assert isinstance(outcome, Decline)
    assert "country = Atlantis, which is no longer there" in Voice("en").text(outcome.message)


def test_every_figure_is_written_so_that_it_alone_is_read(worlds: dict[str, World]) -> None:
    world = worlds["demo"]
    words = [
        TaughtWord(number, f"zz{metric.id}", Meaning("metric", metric.id), "1", NOW)
        for number, metric in enumerate(world.catalog.visible_metrics, 1)
    ]
    taught = replace(world, index=replace(world.index, taught=vocabulary(words, world.index, world.catalog)))
    for metric in world.catalog.visible_metrics:
        for question in (f"zz{metric.id} last month", f"上个月的zz{metric.id}"):
            assert plan(question, taught).calls[0].args["metrics"] == [metric.id], question


# --- What is kept -------------------------------------------------------------------------------------------------


def teaching_on(
    state: sessionmaker[Session], retail: Warehouse, catalog: Catalog, registry: Registry
) -> tuple[Teaching, Worlds]:
    contexts = Contexts(retail, catalog, clock=lambda: RETAIL_DAY, state=state)
    worlds = Worlds(contexts, registry)
    return Teaching(contexts, worlds, state, lambda: NOW), worlds


def test_a_word_counts_at_once_in_every_process_and_the_values_are_read_once(
    state: sessionmaker[Session], retail: Warehouse, catalog: Catalog, registry: Registry
) -> None:
    teaching, _own = teaching_on(state, retail, catalog, registry)
    _teaching, other = teaching_on(state, retail, catalog, registry)
    before = other.of(ADMIN, RETAIL_DAY).index
    proposal = teaching.proposed("GP means net sales", ADMIN)
    kept = teaching.teach(proposal.word, proposal.meanings[0], ADMIN)
    after = other.of(ADMIN, RETAIL_DAY)
    assert plan("GP last month", after).calls[0].args["metrics"] == ["net_sales"]
    assert after.index.lexicon is before.lexicon, "the store's values were not read again"
    assert other.of(ADMIN, RETAIL_DAY).index is after.index
    assert [(each.taught.word, each.taught.by, each.taught.at) for each in teaching.all(ADMIN)] == [("GP", "1", NOW)]
    assert teaching.revoke(kept.taught.id) is not None
    assert teaching.revoke(kept.taught.id) is None
    assert isinstance(interpret("GP last month", other.of(ADMIN, RETAIL_DAY)), Decline)


def test_a_segment_that_is_forgotten_is_marked_in_the_list(
    state: sessionmaker[Session], retail: Warehouse, catalog: Catalog, registry: Registry
) -> None:
    teaching, _worlds = teaching_on(state, retail, catalog, registry)
    saved = SavedSegments(state)
    saved.save("VIP", Did(measure="orders", op=">=", value=5, where=()), made_on=RETAIL_DAY, by="1")
    proposal = teaching.proposed("whales means segment=VIP", ADMIN)
    teaching.teach(proposal.word, proposal.meanings[0], ADMIN)
    assert [each.there for each in teaching.all(ADMIN)] == [True]
    saved.forget("VIP")
    assert [each.there for each in teaching.all(ADMIN)] == [False]


def test_a_word_is_kept_once_and_there_are_so_many_at_most(state: sessionmaker[Session]) -> None:
    words = TaughtWords(state)
    meaning = Meaning("metric", "net_sales")
    first = words.teach("Word", key_of("Word"), meaning, by="1", at=NOW)
    with pytest.raises(InvalidArgument, match="taught already"):
        words.teach("words", key_of("words"), meaning, by="1", at=NOW)
    seen = {words.version()}
    words.revoke(first.id)
    seen.add(words.version())
    again = words.teach("Word", key_of("Word"), meaning, by="1", at=NOW)
    seen.add(words.version())
    assert again.id != first.id
    assert len(seen) == 3, "each change has a version of its own"
    rest = (f"w{number}" for number in range(MOST_TAUGHT - 1))
    with state.begin() as session:
        session.add_all(
            TaughtWordRow(key=w, word=w, kind="metric", name="orders", meant=[], taught_by="1", taught_at=NOW)
            for w in rest
        )
    with pytest.raises(InvalidArgument, match="revoke one first"):
        words.teach("more", "more", meaning, by="1", at=NOW)
