"""Times that lean on one another in a question, and those that do not fit together and are asked back."""

from __future__ import annotations

import pytest

from bot.reply import Question
from bot.understanding.assistant import MarketAssistant
from tests.conftest import RETAIL_DAY
from tools.tool import User

# Question, and the periods that are offered, in their order.
ASKED = [
    ("combined net sales of March and June 2011", ["2011-03-01", "2011-06-01"]),
    ("3月和6月合计订单数", ["2011-03-01", "2011-06-01"]),
    ("orders in January, March and June 2011", ["2011-01-01", "2011-01-01", "2011-03-01", "2011-06-01"]),
    ("2011年1月、3月和6月的订单数", ["2011-01-01", "2011-01-01", "2011-03-01", "2011-06-01"]),
    ("orders by country in January, February and March 2011", ["2011-01-01", "2011-02-01", "2011-03-01"]),
    ("net sales for the past month vs November", ["2011-11-10", "2011-11-10"]),
    ("orders in the last 30 days vs last 7 days", ["2011-11-03", "2011-12-03"]),
    ("9月12日至20日这两周的订单数", ["2011-09-12", "2011-11-26"]),
    ("9月第一周（5日至11日）的订单数", ["2011-09-01", "2011-09-05"]),
    ("截至9月底，去年的净销售额", ["2009-12-01", "2010-01-01", "2010-01-01"]),
    ("截至上周末，本周的订单数", ["2009-12-01", "2011-12-05"]),
]


@pytest.mark.parametrize(("text", "starts"), ASKED, ids=[text for text, _starts in ASKED])
def test_asks_back(text: str, starts: list[str], retail_assistant: MarketAssistant) -> None:
    reply = retail_assistant.ask(Question(text, User("1", "admin"), f"asked:{text}", today=RETAIL_DAY))
    assert reply.status == "clarify", reply.message
    calls = [option.call for option in reply.options]
    assert [call.args["period"]["start"] for call in calls if call is not None] == starts


def test_only_a_part_is_one_of_the_year_spoken_of(retail_assistant: MarketAssistant) -> None:
    for asked, narrowed in (("monthly units in 2010", "only Q4"), ("2010年各月销量", "只要四季度那三个月")):
        user = User("1", "admin")
        for text in (asked, narrowed):
            reply = retail_assistant.ask(Question(text, user, f"part:{asked}", today=RETAIL_DAY))
        assert reply.status == "answered", reply.message
        assert reply.calls[0].args["period"] == {"start": "2010-10-01", "end": "2010-12-31"}


@pytest.mark.parametrize(
    ("text", "period", "compare"),
    [
        ("why did yesterday's sales fall against the same day last week", "2011-12-08", "2011-12-01"),
        ("为什么前天卖得比上周同一天好", "2011-12-07", "2011-11-30"),
        ("为什么最近7天的销售额比之前7天低", "2011-12-03", "2011-11-26"),
        ("为什么截至昨天本月的订单比上月同期少", "2011-12-01", "2011-11-01"),
    ],
)
def test_causes_are_sought_between_the_same_times(
    text: str, period: str, compare: str, retail_assistant: MarketAssistant
) -> None:
    reply = retail_assistant.ask(Question(text, User("1", "admin"), f"why:{text}", today=RETAIL_DAY))
    assert [call.tool for call in reply.calls] == ["drivers"], reply.message
    args = reply.calls[0].args
    assert (args["period"]["start"], args["compare"]["start"]) == (period, compare)


@pytest.mark.parametrize("text", ["month-on-month growth of net sales in H1 2011", "2011年上半年每月销售额增长率"])
def test_growth_by_month_is_not_shown_as_the_figures_themselves(text: str, retail_assistant: MarketAssistant) -> None:
    reply = retail_assistant.ask(Question(text, User("1", "admin"), f"growth:{text}", today=RETAIL_DAY))
    assert reply.status == "clarify", reply.message
