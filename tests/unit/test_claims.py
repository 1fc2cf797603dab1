"""What a model says of an answer is believed only where one fact bears out each figure and what it is said to be of."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date

import pytest

from bench._lies import LIES, lie
from bench._sayings import Story, truth
from bot.reply import Question
from bot.understanding.assistant import MarketAssistant
from bot.understanding.hosted.claims import Stated, unproven
from bot.understanding.reading.draft import World
from bot.understanding.worlds import Worlds
from tests.conftest import DEMO_END
from tools.answer import Fact, ToolCall
from tools.semantic.catalog import Catalog
from tools.semantic.periods import Period
from tools.tool import User

NOW = Period(date(2026, 10, 1), date(2026, 10, 31))
BEFORE = Period(date(2026, 9, 1), date(2026, 9, 30))
GROWN = (
    Fact("net_sales", 1_427_121.25, "CNY", NOW),
    Fact("net_sales", 1_061_697.93, "CNY", BEFORE),
    Fact("net_sales_change", 365_423.32, "CNY", NOW),
    Fact("net_sales_change_rate", 0.34419, "ratio", NOW),
)
BY_COUNTRY = (
    Fact("net_sales", 300_000.0, "CNY", NOW, {"country": "Germany"}),
    Fact("net_sales_share", 0.3, "ratio", NOW, {"country": "Germany"}),
    Fact("net_sales", 200_000.0, "CNY", NOW, {"country": "Japan"}),
    Fact("orders", 1524, "count", NOW, {"country": "Japan"}),
)
RATE = (
    Fact("return_rate", 0.043, "ratio", NOW),
    Fact("return_rate", 0.048, "ratio", BEFORE),
    Fact("return_rate_change", -0.005, "points", NOW),
)
CALL = ToolCall(
    "metrics",
    {
        "metrics": ["net_sales"],
        "period": {"start": "2026-10-01", "end": "2026-10-31"},
        "compare": {"start": "2026-09-01", "end": "2026-09-30"},
        "top": 5,
    },
)
TRIES = 120
QUESTIONS = (
    ("net sales last month compared with the month before", "en"),
    ("top 5 countries by net sales last month", "en"),
    ("orders by month this year", "en"),
    ("orders and aov last month", "en"),
    ("上个月各渠道净销售额同比", "zh"),
    ("上季度退货率，与前一季度相比", "zh"),
)


@pytest.fixture(scope="module")
def world(demo_assistant: MarketAssistant) -> World:
    return Worlds(demo_assistant.contexts, demo_assistant.registry).of(User("1", "admin"), DEMO_END)


def wrong(text: str, facts: Sequence[Fact], world: World) -> tuple[str, ...]:
    return unproven(text, Stated((CALL,), facts, world))


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (GROWN, "Net sales were ¥1.43M in October 2026, up 34.4% from ¥1.06M in September."),
        (GROWN, "Net sales rose from ¥1.06 million in September to ¥1.43 million in October."),
        (GROWN, "Up by +¥365,423 (34 %), net sales reached 1,427,121 yuan last month."),
        (GROWN, "2026年10月净销售额为142.7万元，比9月的106.2万元增长34.4%。"),
        (GROWN, "净销售额增加了36.5万元，增幅百分之三十四。"),
        (GROWN, "净销售额为142.7万元，比9月多36.5万元。"),
        (GROWN, "Net sales grew."),
        (BY_COUNTRY, "Germany leads with net sales of ¥300,000, which is 30% of the total; Japan follows with ¥200K."),
        (BY_COUNTRY, "Of the top 5, net sales were ¥300K in Germany and ¥200K in Japan."),
        (BY_COUNTRY, "日本的订单数为一千五百二十四，净销售额为20万元。"),
        (BY_COUNTRY, "Japan had one thousand five hundred and twenty-four orders."),
        (RATE, "The return rate fell by 0.5 percentage points to 4.3%, from 4.8% in September."),
        (RATE, "退货率下降0.5个百分点，为4.3%。"),
    ],
)
def test_what_the_facts_say_is_believed(facts: tuple[Fact, ...], text: str, world: World) -> None:
    assert wrong(text, facts, world) == ()


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (GROWN, "Net sales were ¥1.06M."),
        (GROWN, "Net sales rose from ¥1.43M in September to ¥1.06M in October."),
        (GROWN, "Net sales fell 34.4% to ¥1.43M."),
        (GROWN, "Net sales fell."),
        (GROWN, "Net sales rose to 34.4%."),
        (GROWN, "Net sales were ¥1.43M in October 2025."),
        (GROWN, "Net sales were ¥1.43M last week."),
        (GROWN, "Orders were 1.43M."),
        (GROWN, "Net sales were $1.43M."),
        (GROWN, "Net sales were ¥1.43B."),
        (GROWN, "Net sales in Germany were ¥1.43M."),
        (GROWN, "Net sales rose 34.4 percentage points."),
        (GROWN, "Net sales doubled."),
        (GROWN, "Net sales were ¥1.43M, ¥2.49M with September."),
        (GROWN, "净销售额为142.7亿元。"),
        (GROWN, "净销售额下降34.4%。"),
        (GROWN, "净销售额为142.7万元，比9月少36.5万元。"),
        (GROWN, "9月净销售额为142.7万元。"),
        (GROWN, "净销售额增长三成半。"),
        (BY_COUNTRY, "Net sales were ¥200K in Germany and ¥300K in Japan."),
        (BY_COUNTRY, "Net sales came to ¥300K."),
        (BY_COUNTRY, "Net sales in Germany rose by 30%."),
        (BY_COUNTRY, "Japan accounted for 30% of net sales."),
        (BY_COUNTRY, "Brazil had net sales of ¥300K."),
        (BY_COUNTRY, "Together, Germany and Japan had net sales of ¥500K."),
        (BY_COUNTRY, "Germany had 1,524 orders."),
        (BY_COUNTRY, "日本的净销售额为30万元。"),
        (BY_COUNTRY, "In Japan 1,524 customers bought for ¥200K."),
        (RATE, "The return rate rose by 0.5 percentage points."),
        (RATE, "The return rate fell by 0.5%."),
        (RATE, "The return rate fell by 4.3% to 4.8%."),
    ],
)
def test_what_they_do_not_say_is_not(facts: tuple[Fact, ...], text: str, world: World) -> None:
    assert wrong(text, facts, world) != ()


@pytest.fixture(scope="module")
def stories(demo_assistant: MarketAssistant, catalog: Catalog) -> list[Story]:
    found = []
    for question, language in QUESTIONS:
        reply = demo_assistant.ask(Question(question, User("1", "admin"), question, language))
        found.append(Story(question, language, reply.calls[0], reply.answers[0], catalog))
    return found


def test_no_lie_about_real_answers_is_believed(stories: list[Story], world: World) -> None:
    rng = random.Random(20)
    kinds = set()
    for story in rng.choices(stories, k=TRIES):
        kind, text = lie(story, rng)
        kinds.add(kind)
        assert unproven(text, Stated((story.call,), story.answer.facts, world)), (kind, story.question, text)
    assert kinds == LIES.keys()


def test_hardly_a_true_sentence_about_them_is_lost(stories: list[Story], world: World) -> None:
    rng = random.Random(21)
    told = [(story, truth(story, rng)) for story in rng.choices(stories, k=TRIES)]
    lost = [text for story, text in told if unproven(text, Stated((story.call,), story.answer.facts, world))]
    assert len(lost) <= 0.02 * TRIES, lost
