"""What is found, what is quoted, and what is declined, over a handful of documents."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from knowledge.catalogue import Catalogue
from tests.unit.retrieval_fakes import EVERYONE, Meaning, NoVectors, Vectors, learn, passage, retriever

STOCK = (
    "电商平台可以实时监控库存。智能供应链管理系统使得京东的库存周转天数从原来的 30 天缩短到 20 天，运营成本降低了 15%。"
    "该策略需要数据的支持。"
)
STAGES = (
    "该理论将用户与平台互动的过程划分为若干阶段，包括潜在用户、新用户、活跃用户、沉默用户与流失用户。"
    "客户生命周期管理是精准营销的基础。"
)
COUPONS = "Send a coupon to lapsed customers only after a reminder. A coupon that everybody gets teaches waiting."
RATE = "The repurchase rate is the share of active customers with two or more orders. It says nothing of margin."
FILLER = ("仓库每天早上开门。", "The warehouse opens at eight.", "员工食堂在一楼。", "Parking is free on weekends.")


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite3")
    for name, text in (("stock.md", STOCK), ("stages.md", STAGES), ("coupons.md", COUPONS), ("rate.md", RATE)):
        learn(catalogue, name, passage(text, document=f"/viewer-team/{name}"))
    for place, text in enumerate(FILLER):
        learn(catalogue, f"filler{place}.md", passage(text, document=f"/viewer-team/filler{place}.md"))
    yield catalogue
    catalogue.close()


@pytest.mark.parametrize(
    ("question", "document", "words"),
    [
        ("京东的库存周转天数缩短到多少天？", "stock.md", "20 天"),
        ("How many inventory turnover days does JD have?", "stock.md", "20 天"),
        ("用户生命周期分为哪几个阶段？", "stages.md", "沉默用户"),
        ("What is the repurchase rate?", "rate.md", "two or more orders"),
        ("什么是复购率", "rate.md", "two or more orders"),
    ],
)
def test_the_sentence_that_answers_is_quoted_in_either_language(
    catalogue: Catalogue, tmp_path: Path, question: str, document: str, words: str
) -> None:
    found = retriever(catalogue, tmp_path).find(question, readable=EVERYONE)
    assert found.extract is not None
    assert found.extract.document.name == document
    assert words in found.extract.quote
    assert found.extract.quote in found.extract.passage.text
    assert found.hits[0].passage == found.extract.passage


@pytest.mark.parametrize(
    "question",
    [
        "拼多多的库存周转天数是多少天？",
        "What is Walmart's staff turnover?",
        "how do I bake bread",
        "量子计算机的原理是什么？",
        "😀",
        "",
    ],
)
def test_what_nothing_answers_is_declined(catalogue: Catalogue, tmp_path: Path, question: str) -> None:
    found = retriever(catalogue, tmp_path).find(question, readable=EVERYONE)
    assert found.extract is None


def test_likely_tells_the_two_apart_without_the_model(catalogue: Catalogue, tmp_path: Path) -> None:
    meaning = Meaning({"stock": ["inventory"]})
    found = retriever(catalogue, tmp_path, meaning, NoVectors())
    assert found.likely("京东的库存周转天数缩短到多少天？", readable=EVERYONE) > 0.6
    assert found.likely("量子计算机的原理是什么？", readable=EVERYONE) < 0.3
    assert meaning.asked == []


def test_the_meaning_finds_what_words_do_not(catalogue: Catalogue, tmp_path: Path) -> None:
    meaning = Meaning({"voucher": ["coupon", "money off"], "stock": ["warehouse", "inventory"]})
    passages = catalogue.passages([entry.id for entry in catalogue.entries()])
    index = Vectors([one.id for one in passages], meaning.encode([one.text for one in passages]))
    found = retriever(catalogue, tmp_path, meaning, index, terms=()).find("who deserves money off", readable=EVERYONE)
    assert found.hits[0].document.name == "coupons.md"
    assert not found.words_only


def test_without_vectors_words_still_find_and_it_is_said(catalogue: Catalogue, tmp_path: Path) -> None:
    found = retriever(catalogue, tmp_path, Meaning({"x": ["x"]}), NoVectors()).find(
        "What is the repurchase rate?", readable=EVERYONE
    )
    assert found.words_only
    assert found.extract is not None
    assert found.extract.document.name == "rate.md"


def test_what_may_not_be_read_changes_nothing(tmp_path: Path) -> None:
    """A library with secret documents answers as one without them, in every number."""
    open_ = Catalogue(tmp_path / "open.sqlite3")
    mixed = Catalogue(tmp_path / "mixed.sqlite3")
    for catalogue in (open_, mixed):
        for name, text in (("a.md", STOCK), ("b.md", COUPONS), ("c.md", RATE)):
            learn(catalogue, name, passage(text, document=f"/viewer-team/{name}"))
    for name, text in (("s.md", "京东的库存周转天数是 7 天，库存很低。"), ("t.md", "coupon coupon JD inventory")):
        learn(mixed, name, passage(text, document=f"/admin-team/{name}"), access="admin")
    meaning = Meaning({"stock": ["inventory", "库存"], "voucher": ["coupon"]}, frozenset({"en", "zh"}))

    def answers(catalogue: Catalogue, folder: Path) -> object:
        passages = catalogue.passages([entry.id for entry in catalogue.entries()])
        index = Vectors([one.id for one in passages], meaning.encode([one.text for one in passages]))
        searched = retriever(catalogue, folder, meaning, index)
        return [
            (
                [(hit.passage.id, hit.score) for hit in found.hits],
                found.confidence,
                found.extract and found.extract.quote,
                searched.likely(question, readable=EVERYONE),
            )
            for question in ("京东的库存周转天数是多少天？", "When do we send a coupon?", "inventory at JD")
            for found in [searched.find(question, readable=EVERYONE)]
        ]

    assert answers(mixed, tmp_path / "m") == answers(open_, tmp_path / "o")
    everything = retriever(mixed, tmp_path / "a").find("京东的库存周转天数是多少天？", readable={"viewer", "admin"})
    assert {hit.document.access for hit in everything.hits} == {"viewer", "admin"}
    open_.close()
    mixed.close()


def test_the_teams_own_document_comes_before_a_shipped_one_that_says_the_same(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite3")
    learn(catalogue, "a.md", passage(RATE, document="/viewer-shipped/a.md"), origin="shipped")
    learn(catalogue, "z.md", passage(RATE + " We count it by month.", document="/viewer-team/z.md"))
    for place, text in enumerate(FILLER):
        learn(catalogue, f"filler{place}.md", passage(text, document=f"/viewer-team/filler{place}.md"))
    found = retriever(catalogue, tmp_path).find("What is the repurchase rate?", readable=EVERYONE)
    assert [hit.document.origin for hit in found.hits[:2]] == ["team", "shipped"]
    # But not where only the shipped one answers.
    found = retriever(catalogue, tmp_path).find("How is a repurchase rate counted by month?", readable=EVERYONE)
    assert found.hits[0].document.name == "z.md"
    catalogue.close()


def test_the_askers_language_wins_where_both_say_it(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite3")
    learn(catalogue, "en.md", passage(RATE, document="/viewer-team/en.md"))
    chinese = "复购率是有两单以上的活跃客户的占比。它与毛利无关。"
    learn(catalogue, "zh.md", passage(chinese, document="/viewer-team/zh.md"))
    for place, text in enumerate(FILLER):
        learn(catalogue, f"filler{place}.md", passage(text, document=f"/viewer-team/filler{place}.md"))
    searched = retriever(catalogue, tmp_path)
    assert searched.find("What is the repurchase rate?", readable=EVERYONE).hits[0].document.name == "en.md"
    assert searched.find("什么是复购率？", readable=EVERYONE).hits[0].document.name == "zh.md"
    catalogue.close()


def test_the_same_question_has_the_same_answer_from_many_threads(catalogue: Catalogue, tmp_path: Path) -> None:
    searched = retriever(catalogue, tmp_path)
    first = searched.find("京东的库存周转天数缩短到多少天？", readable=EVERYONE)
    with ThreadPoolExecutor(4) as pool:
        rest = pool.map(lambda _: searched.find("京东的库存周转天数缩短到多少天？", readable=EVERYONE), range(12))
    assert all(one == first for one in rest)


def test_an_empty_library_finds_nothing(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite3")
    searched = retriever(catalogue, tmp_path)
    assert searched.find("What is the repurchase rate?", readable=EVERYONE).hits == ()
    assert searched.likely("What is the repurchase rate?", readable=EVERYONE) == 0.0
    catalogue.close()


def test_a_lead_in_brings_its_list(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite3")
    text = (
        "A win-back with a coupon has these steps:\n- Choose who is worth it.\n- Say what has changed.\n- Give a date."
    )
    learn(catalogue, "steps.md", passage(text, document="/viewer-team/steps.md"))
    for place, filler in enumerate(FILLER):
        learn(catalogue, f"filler{place}.md", passage(filler, document=f"/viewer-team/filler{place}.md"))
    found = retriever(catalogue, tmp_path).find("Which steps does a win-back coupon have?", readable=EVERYONE)
    assert found.extract is not None
    assert "Give a date." in found.extract.quote
    catalogue.close()


def test_part_of_a_proper_name_is_not_the_name(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite3")
    learn(catalogue, "world.md", passage("这是世界领先的研究公司，赢得了很多客户。", document="/viewer-team/world.md"))
    for place, filler in enumerate(FILLER):
        learn(catalogue, f"filler{place}.md", passage(filler, document=f"/viewer-team/filler{place}.md"))
    assert retriever(catalogue, tmp_path).find("世界杯谁赢了", readable=EVERYONE).extract is None
    catalogue.close()


def test_what_may_be_meant_as_well_is_quoted_too(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite3")
    texts = ("A coupon goes out in the first week.", "A coupon goes out after a complaint.")
    passages = [passage(text, document="/viewer-team/c.md", place=at) for at, text in enumerate(texts)]
    learn(catalogue, "c.md", *passages)
    for place, filler in enumerate(FILLER):
        learn(catalogue, f"filler{place}.md", passage(filler, document=f"/viewer-team/filler{place}.md"))
    found = retriever(catalogue, tmp_path).find("When does a coupon go out?", readable=EVERYONE)
    assert found.extract is not None
    assert {one.quote for one in (found.extract, *found.also)} == set(texts)
    # But nothing beside what fits far better than the rest.
    found = retriever(catalogue, tmp_path).find("Does a coupon go out after a complaint?", readable=EVERYONE)
    assert found.extract is not None
    assert found.extract.quote == texts[1]
    catalogue.close()
