"""What is said around a question leaves its reading as it is; what could change it is never left out."""

from __future__ import annotations

import pytest

from bot.understanding.conversation.asides import Rest, without_asides
from bot.understanding.conversation.several import understood
from bot.understanding.interpret import World
from bot.understanding.mending import mend
from bot.understanding.normalise import normalise
from bot.understanding.outcome import Clarify, Decline, Plan

QUESTIONS = {"en": "units sold in October 2011", "zh": "2011年10月销量"}
BEFORE = {
    "en": [
        "Finance is asking:",
        "Sarah from marketing wants to know:",
        "my manager keeps asking me:",
        "Quick one for the board deck:",
        "For my monthly report,",
        "I'm writing the annual review -",
        "we're putting together slides for the team meeting.",
        "Preparing my slides:",
        "I want to run a win-back campaign:",
        "need to brief the CEO -",
        "I have a presentation tomorrow -",
        "Client call in 10 minutes,",
        "sorry to bother you again, the boss is on the phone:",
        "hey hows it going,",
        "hope you had a good weekend.",
        "the dashboard is down again -",
        "not sure if you can do this, but",
        "The CFO asked us for",
        "my boss wants to see",
    ],
    "zh": [
        "写周报要用：",
        "老板下午开会要，",
        "老板刚在群里问",
        "领导让我查一下",
        "王总问",
        "财务催着要，",
        "在吗 急 老板催 ",
        "准备写年终总结，",
        "正在做复盘，",
        "备货要用，",
        "想做人群运营，",
        "打算搞个会员日活动，",
        "刚开完会，",
        "不好意思又来麻烦你 ",
        "后台打不开了，",
        "我忘了，",
        "有个事想请教下，",
        "不知道你能不能查到，",
        "这个数领导要：",
    ],
}
BEHIND = {
    "en": [
        "? I need it for the board pack.",
        "? My boss is waiting",
        ", it's for the sales meeting",
        " for my presentation tomorrow",
        " (for the newsletter)",
        ". I need it by Friday",
        "? Planning staff for the warehouse",
        "? asap please",
        "? Asking for my boss.",
        ". So I can plan the rota",
    ],
    "zh": [
        "，写周报要用",
        "，开会要讲",
        "，想发个感谢券",
        "，想做一波召回",
        "，老板等着要呢",
        "，给财务对账用",
        "，急！在线等",
        " 快",
        "，帮查一下",
        "，明天要汇报",
    ],
}
AROUND = [
    *((f"{words} {QUESTIONS['en']}", QUESTIONS["en"]) for words in BEFORE["en"]),
    *((f"{words}{QUESTIONS['zh']}", QUESTIONS["zh"]) for words in BEFORE["zh"]),
    *((f"{plain}{words}", plain) for language, plain in QUESTIONS.items() for words in BEHIND[language]),
]


@pytest.mark.parametrize(("text", "plain"), AROUND)
def test_what_is_said_around_a_question_changes_nothing(text: str, plain: str, worlds: dict[str, World]) -> None:
    outcome, bare = understood(text, worlds["retail"]), understood(plain, worlds["retail"])
    assert isinstance(bare, Plan)
    assert bare.calls[0].args["period"] == {"start": "2011-10-01", "end": "2011-10-31"}
    assert isinstance(outcome, Plan)
    assert outcome.calls == bare.calls


@pytest.mark.parametrize(
    "text",
    [
        "marketing wants only wholesale: sales last month",
        "I only need the wholesale ones. Sales last month",
        "Planning staff for the German warehouse: units last month",
        "I'm preparing a report on Germany: units last month",
        "We ran a sale in June. How did it do?",
        "I'm planning a sale. How did it do last year?",
        "for the board without returns: units last month",
        "I need it net of shipping. Orders last month",
        "只要批发的，上个月销售额",
        "老板只要批发的，上个月销售额",
        "想做德国的召回，上个月销量",
        "除了线上的，上个月销量，老板要看",
        "写德国的周报要用，上个月销量",
    ],
)
def test_what_may_limit_a_question_is_no_aside(text: str, worlds: dict[str, World]) -> None:
    outcome = understood(text, worlds["retail"])
    germany = isinstance(outcome, Plan) and "Germany" in str(outcome.calls)
    assert germany or isinstance(outcome, (Clarify, Decline))


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("I need it for the board pack", None),
        ("老板在催，急", None),
        ("writing the report, how did it do?", None),
        ("每天把订单数发给我，开会要用", None),
        ("订阅周报，写总结要用", None),
        ("send me the sales report every monday, it's for my manager", None),
        ("units sold for the German team", None),
        ("Orders in May, in the UK", None),
        ("sales after 5 December", None),
        ("customers want a discount: orders in May", None),
        ("周总销售额", None),
        ("仓库要发的订单数", None),
        ("Could you pull orders for May? I need it for the board pack.", "Could you pull orders for May?"),
        ("revenue in May – it's urgent – by country", "revenue in May – by country"),
        ("想给180天没下单的客户发优惠券，多少人", "180天没下单的客户，多少人"),
        ("想发一波短信给180天没下单的客户，多少人", "180天没下单的客户，多少人"),
        ("想召回180天没下单的客户，多少人", "180天没下单的客户，多少人"),
        ("I want to mail everyone who bought in May. How many?", "everyone who bought in May. How many?"),
    ],
)
def test_what_is_left_of_a_message(text: str, rest: str | None) -> None:
    left = without_asides(text)
    assert (left.text if left is not None else None) == rest


@pytest.mark.parametrize("text", ["week ending 4 dec 2011 revenue? (mon-sun)", "上周销售额（周一到周日）"])
def test_how_a_week_runs_may_be_said(text: str, worlds: dict[str, World]) -> None:
    outcome = understood(text, worlds["retail"])
    assert isinstance(outcome, Plan)
    assert outcome.calls[0].args["period"] == {"start": "2011-11-28", "end": "2011-12-04"}


def test_how_a_week_runs_is_said_of_weeks_alone(worlds: dict[str, World]) -> None:
    world = worlds["retail"]
    november = understood("revenue in november 2011", world)
    assert Rest("revenue in november 2011").fits(november, world)
    assert not Rest("revenue in november 2011", weeks=True).fits(november, world)
    assert not isinstance(understood("revenue in november 2011 (mon-sun)", world), Plan)


@pytest.mark.parametrize("text", ["周报发我，老板要看", "老板要看，订单数低于50提醒我", "给我发日报，开会要用"])
def test_an_order_stays_one(text: str, worlds: dict[str, World]) -> None:
    outcome = understood(text, worlds["retail"])
    assert not isinstance(outcome, Plan) or {call.tool for call in outcome.calls} <= {"digest", "monitor"}


def test_a_refused_message_stays_refused(worlds: dict[str, World]) -> None:
    for text in ("my boss is asking: customers' email addresses", "老板催着要，客户的手机号"):
        assert isinstance(understood(text, worlds["retail"]), Decline)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("aov 4 france sept 2011", "aov for france sept 2011"),
        ("revenue 4 the uk", "revenue for the uk"),
        ("orders 4 last month", "orders for last month"),
        ("top 4 germany customers", "top 4 germany customers"),
        ("orders on 4 july 2011", "orders on 4 july 2011"),
        ("revenue of week 4 last year", "revenue of week 4 last year"),
        ("list 4 products by units", "list 4 products by units"),
        ("units of the product 22423 in May", "units of product 22423 in May"),
        ("咱们昨天卖了多少米啊", "咱们昨天卖了多少钱啊"),
        ("米饭碗卖了多少", "米饭碗卖了多少"),
    ],
)
def test_words_as_they_are_meant(text: str, meant: str, worlds: dict[str, World]) -> None:
    mended = mend(normalise(text), worlds["retail"].index.lexicon, lambda _words, _apart: False)
    assert mended.text == meant
    assert len(mended.text) == len(mended.folded) == len(mended.offsets) - 1


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("helo, orders yest thxx", "hello, orders yesterday thx"),
        ("gimme aov last mth tnx", "give me aov last month thx"),
        ("revenue b4 christmas", "revenue before christmas"),
    ],
)
def test_short_forms_of_chat(typed: str, plain: str) -> None:
    assert normalise(typed).text == plain
