"""A fact is quoted only where it is stated of whom it is asked, and a named document answers alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.catalogue import Catalogue
from knowledge.retrieval.naming import authors
from knowledge.retrieval.records import of_records, wants_records
from tests.unit.retrieval_fakes import EVERYONE, learn, passage, retriever

COMPANIES = (
    "中国自营式电商企业——京东，利用大数据建立了智能供应链。智能供应链使得京东的库存周转天数从原来的 30 天缩短到 20 天，"
    "运营成本降低了 15%。虽然 Zara 不是电商，但它快速响应市场。"
    "Zara 每周两次更新产品线，其库存周转率高出行业平均水平 30%。"
    "美菜网是一家农产品电商，其服务器投入约 100 万元人民币。"
)
STAFF = "Most customers pay by card. Our support team has 12 people, and the warehouse ships on two days a week."
SHIPPED = "Customers who pay by bank transfer return most. A support team of 5 people answers 200 tickets a day."
FIRST = "管理系统要完善。电商的优化策略是建立信用评级系统。"
SECOND = "电商的优化策略是强化隐私保护机制，优化策略还包括提升数据分析的能力。"


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite3")
    key = "/viewer-team/companies.md"
    learn(catalogue, "companies.md", passage(COMPANIES, document=key))
    learn(catalogue, "staff.md", passage(STAFF, document="/viewer-team/staff.md"))
    learn(catalogue, "general.md", passage(SHIPPED, document="/viewer-shipped/general.md"), origin="shipped")
    for name, author, text in (("first.md", "王 卓", FIRST), ("second.md", "葛颖", SECOND)):
        key = f"/viewer-team/{name}"
        head = passage(f"{author}\n\n某某大学商学院", document=key)
        learn(catalogue, name, head, passage(text, document=key, place=1, section="结论"))
    for place, text in enumerate(("仓库每天早上开门。", "The canteen opens at eight.", "员工食堂在一楼。")):
        learn(catalogue, f"filler{place}.md", passage(text, document=f"/viewer-team/filler{place}.md"))
    yield catalogue
    catalogue.close()


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("京东的库存周转天数缩短到多少天？", "20 天"),
        ("京东的运营成本降低了多少？", "15%"),
        ("By how much is Zara's inventory above the average?", "30%"),
        ("Zara每周更新几次产品线", "每周两次"),
        ("美菜网的服务器投入了多少钱", "100 万元"),
        ("how many people does our support team have", "12 people"),
    ],
)
def test_a_fact_that_is_stated_is_quoted(catalogue: Catalogue, tmp_path: Path, question: str, words: str) -> None:
    found = retriever(catalogue, tmp_path).find(question, readable=EVERYONE)
    assert found.extract is not None
    assert words in found.extract.quote
    assert not found.unsaid


@pytest.mark.parametrize(
    "question",
    [
        "Zara的库存周转天数是多少天？",
        "Zara的运营成本降低了多少？",
        "京东每周更新几次产品线",
        "京东建智能供应链花了多少钱",
        "美菜网有多少农产品供应商",
        "智能供应链是京东哪一年建立的",
        "how many tickets a day does our support team have",
        "who founded Zara?",
        "谁创办了京东",
        "京东的总部在哪里",
        "Zara's CEO是谁",
    ],
)
def test_what_is_stated_of_another_or_in_another_unit_is_not(
    catalogue: Catalogue, tmp_path: Path, question: str
) -> None:
    found = retriever(catalogue, tmp_path).find(question, readable=EVERYONE)
    assert found.extract is None
    assert found.also == ()


def test_what_is_spoken_of_and_not_stated_is_told_apart_from_what_is_unknown(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    search = retriever(catalogue, tmp_path)
    assert search.find("京东建智能供应链花了多少钱", readable=EVERYONE).unsaid
    assert not search.find("量子计算机的原理是什么？", readable=EVERYONE).unsaid


def test_general_practice_states_nothing_of_our_own_business(catalogue: Catalogue, tmp_path: Path) -> None:
    search = retriever(catalogue, tmp_path)
    assert search.find("how many tickets does a support team answer a day", readable=EVERYONE).extract is not None
    found = search.find("how many tickets does our support team answer on average", readable=EVERYONE)
    assert found.extract is None


@pytest.mark.parametrize(
    ("question", "document"),
    [("王卓的论文提出了哪些优化策略", "first.md"), ("葛颖的文章里优化策略有哪些", "second.md")],
)
def test_a_question_for_what_somebody_wrote_is_asked_of_that_alone(
    catalogue: Catalogue, tmp_path: Path, question: str, document: str
) -> None:
    found = retriever(catalogue, tmp_path).find(question, readable=EVERYONE)
    assert found.extract is not None
    assert {one.document.name for one in (found.extract, *found.also)} == {document}


def test_who_may_not_read_a_document_does_not_learn_who_wrote_it(catalogue: Catalogue, tmp_path: Path) -> None:
    key = "/admin-team/secret.md"
    head = passage("李四\n\n某某大学", document=key)
    learn(catalogue, "secret.md", head, passage("优化策略是涨价。", document=key, place=1), access="admin")
    search = retriever(catalogue, tmp_path)
    found = search.find("李四的论文提出了哪些优化策略", readable=EVERYONE)
    assert all(hit.document.name != "secret.md" for hit in found.hits)
    everything = search.find("李四的论文提出了哪些优化策略", readable=EVERYONE | {"admin"})
    assert {hit.document.name for hit in everything.hits} == {"secret.md"}


@pytest.mark.parametrize(
    ("opening", "expected"),
    [
        ("王 卓\n\n（防城港职业技术学院）", {"王卓"}),
        ("Zhihui Ma\n\nBusiness School, Nantong University", {"zhihui ma", "ma zhihui"}),
        ("张三，李四\n\n某某大学", {"张三", "李四"}),
        ("营销管理；优化策略", set()),
        ("大学生是重要的客户，他们喜欢优惠。", set()),
    ],
)
def test_authors_stand_above_where_they_work(opening: str, expected: set[str]) -> None:
    assert authors(opening) == expected


@pytest.mark.parametrize(
    "text",
    [
        "which payment method is used most?",
        "which email subject line worked best?",
        "how many subscribers does our newsletter have",
        "how long do customers wait for delivery on average?",
        "哪个仓库发货最多",
        "客服团队有几个人",
        "购物车放弃率多少",
        "11月平均几天发货",
    ],
)
def test_what_was_counted_of_ours_is_a_record(text: str) -> None:
    assert of_records(text)


@pytest.mark.parametrize(
    "text",
    [
        "how should we hand out coupons?",
        "which channel is best for reminders?",
        "how many e-mails should we send a week",
        "what do the papers say about cart abandonment",
        "优惠券应该怎么发",
        "一周发几条消息合适",
        "复购率多少算正常",
        "什么时候发邮件打开率最高",
        "有没有学生优惠吗",
    ],
)
def test_advice_and_rules_are_no_records(text: str) -> None:
    assert not of_records(text)


def test_the_records_themselves_are_wanted() -> None:
    assert wants_records("print the database schema")
    assert wants_records("把数据库表结构打印出来")
    assert not wants_records("导出文件按零点切，为什么少了一个市场的晚上？")
