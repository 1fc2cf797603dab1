"""Which figures of a text the number check sees, and which it finds in the sources."""

from __future__ import annotations

from datetime import date

import pytest

from bot.understanding.number_check import unsupported
from tools.answer import Fact
from tools.semantic.periods import Period

SOURCE = (
    "In 2025 we wrote to 1,427,122 customers after 60 days; 12.4 % came back, 30–40 % of them within two weeks. "
    "Pay half, or take 20% off. Do it on 11 November, at most twice a month. A third of them never answer. "
    "1.5 million visits."
)


@pytest.mark.parametrize(
    "prose",
    [
        "1,427,122",
        "1427122, １４２７１２２",
        "1.43 million, or 1.427M",
        "142.7万，或143万",
        "12.4%, about 12 percent",
        "百分之十二点四",
        "sixty days",
        "六十天",
        "30% to 40%",
        "三到四成",
        "三成至四成，两周内",
        "within 2 weeks",
        "在11月11日",
        "十一月十一日，每月两次",
        "50%",
        "一半",
        "八折",
        "三分之一",
        "1/3",
        "150万次访问",
        "1.5m visits",
        "二〇二五年",
        "One of them is first; write once, on a Monday. 周五最好，统一安排，一定要快，零售业十分重要，第三方除外。",
        "First, this. Second, that.\n1. One step\n2. Another\n3. The last",
        "第一，写信。第二，等待。第三，停止。",
        "hundreds of customers, 上百家门店",
    ],
)
def test_what_the_source_says_in_another_way_is_supported(prose: str) -> None:
    assert unsupported(prose, [SOURCE]) == ()


@pytest.mark.parametrize(
    ("prose", "wrong"),
    [
        ("after 90 days", ["90"]),
        ("after ninety-five days", ["ninety-five"]),
        ("九十天", ["九十"]),
        ("九十五天后", ["九十五"]),
        ("二十五点五天", ["二十五点五"]),
        ("60% came back", ["60%"]),
        ("12 customers", ["12"]),
        ("12.9 %", ["12.9 %"]),
        ("13%", ["13%"]),
        ("1.5M customers and 1.6M visits", ["1.6M"]),
        ("1.4 billion", ["1.4 billion"]),
        ("14亿", ["14亿"]),
        ("七成", ["七成"]),
        ("九折", ["九折"]),
        ("three times as many", ["three"]),
        ("wait one week", ["one"]),
        ("等一周", ["一"]),
        ("two thirds of customers", ["two thirds"]),
        ("sales doubled, then tripled", ["tripled"]),
        ("in March 2024", ["March", "2024"]),
        ("9０ days", ["90"]),
        ("9\u200b0 days", ["90"]),
        ("𝟗𝟎 days", ["90"]),
        ("٩٠ days", ["٩٠"]),
        ("⑨ days", ["9"]),
        ("9️⃣0️⃣ days", ["90"]),
        ("⁹⁰ days", ["90"]),
        ("¾", ["3⁄4"]),
        ("on the ninth day, 第九天", ["ninth", "九"]),
        ("Q7 and GA9", ["7", "9"]),
    ],
)
def test_what_the_source_does_not_say_is_named(prose: str, wrong: list[str]) -> None:
    assert list(unsupported(prose, [SOURCE])) == wrong


FACTS = [
    Fact("net_sales", 1_427_122.4, "GBP", Period(date(2011, 11, 1), date(2011, 11, 30)), {"country": "Area 51"}),
    Fact("change", -0.0534, "ratio"),
    Fact("aov", None, "GBP"),
    Fact("interval", float("nan"), "days"),
]


@pytest.mark.parametrize(
    "prose",
    [
        "£1,427,122 in November 2011, until the 30th",
        "£1.43M, 5.3 % less, in Area 51",
        "142.71万英镑，下降5.34%",
        "a fall of 5.3 percentage points",
    ],
)
def test_facts_count_with_value_days_and_place(prose: str) -> None:
    assert unsupported(prose, [], FACTS) == ()


@pytest.mark.parametrize("prose", ["£2M", "£1,427,123", "6 %", "0.06", "2012", "£1.5M"])
def test_what_is_no_fact_is_named(prose: str) -> None:
    assert unsupported(prose, [], FACTS) != ()


@pytest.mark.parametrize(
    "piece", ["9", "亿", "一亿", "百分之", "1/", "1,", "hundred ", "one and ", "twenty-", "万1", "1亿", "九.", "٣"]
)
def test_a_long_run_is_read_without_breaking(piece: str) -> None:
    text = piece * (4000 // len(piece))
    assert len(unsupported(text, ["nothing"])) <= len(text)
