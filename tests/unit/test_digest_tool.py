"""What the tool `digest` answers: nothing is saved without a tap, and a tap twice changes nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import update

import bot.migrations.tables  # noqa: F401 - a digest looks at more tables than its own
from bot.rendering.reply import plain_text
from bot.rendering.voice import Voice
from bot.reply import Reply
from jobs.digests.subscriptions import MOST_IN_A_CHAT, SubscriptionRow, Subscriptions
from tests.unit.outbox_scenes import State
from tools.answer import Answer, FollowUp, ToolCall
from tools.errors import AssistantError, InvalidArgument, NotAllowed, NotEnoughData
from tools.registry import discover
from tools.runner import run
from tools.semantic.catalog import Catalog
from tools.tool import Chat, Context, User
from tools.warehouse.connection import Warehouse
from tools.warehouse.demo import make_demo_store

END = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)  # half past five in the afternoon in Shanghai
BRIEF: dict[str, Any] = {"metrics": ["conversion_rate"], "sections": ["freshness"]}  # composed quickly
WEEKLY: dict[str, Any] = {"action": "subscribe", "rhythm": "weekly", "weekdays": [0], "at": "08:30", **BRIEF}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    path = tmp_path_factory.mktemp("digests") / "warehouse.duckdb"
    make_demo_store(path, scale=0.02, end=END)
    warehouse = Warehouse.at(path)
    yield Context(warehouse, Catalog.load(), END, User("7", "viewer", "en", "Ann", "Asia/Shanghai"))
    warehouse.close()


@pytest.fixture
def context(store: Context, state: State) -> Context:
    return replace(store, state=state, chat=Chat(5), now=NOW)


class Log:
    """What the audit was told."""

    def __init__(self) -> None:
        self.changes: list[str] = []

    def __call__(self, _user: User, _action: str, details: Any) -> None:
        self.changes.append(details["what"])


def ask(context: Context, log: Log | None = None, **args: Any) -> Answer:
    return run(discover(), context, ToolCall("digest", args), log or Log())


def find(taps: tuple[FollowUp, ...], label: str) -> ToolCall:
    (call,) = [one.call for one in taps if label in Voice("en").text(one.label)]
    assert call is not None
    return call


def tapped(context: Context, answer: Answer, label: str, log: Log | None = None) -> Answer:
    return run(discover(), context, find(answer.follow_ups, label), log or Log())


def text(answer: Answer, language: str = "en") -> str:
    voice = Voice("zh" if language == "zh" else "en", "Asia/Shanghai")
    return plain_text(Reply("answered", language, answers=(answer,)), voice)


def kept(context: Context) -> list[dict[str, Any]]:
    """The definitions of the chat, as the database has them."""
    assert context.state is not None
    assert context.chat is not None
    found = Subscriptions(context.state, lambda: context.now).of_chat(context.chat.id, context.chat.topic)
    return [{} if one.definition is None else one.definition.plain() for one in found]


# --- subscribing --------------------------------------------------------------------------------------------------


def test_it_says_what_comes_when_and_saves_nothing(context: Context) -> None:
    answer = ask(context, **WEEKLY)
    said = text(answer)
    assert "Weekly digest in English to this chat, Mondays at 08:30 (Asia/Shanghai): shall I send it?" in said
    assert "The first comes on Mon, 23 Nov 2026 at 08:30." in said
    assert "Its figures: conversion rate." in said
    assert "Nothing is saved yet." in said
    assert "in the week of 9 Nov 2026" in said  # the digest itself
    assert answer.facts or answer.provenance.sql
    assert answer.changes == ()
    assert kept(context) == []


def test_a_tap_saves_it_and_a_second_tap_changes_nothing(context: Context) -> None:
    log = Log()
    preview = ask(context, log, **WEEKLY)
    first = tapped(context, preview, "Yes, send it", log)
    assert "Done. Weekly digest: Mondays at 08:30 (Asia/Shanghai)." in text(first)
    assert "The next one comes on Mon, 23 Nov 2026 at 08:30." in text(first)
    second = tapped(context, preview, "Yes, send it", log)
    assert "You have this already." in text(second)
    (one,) = kept(context)
    assert (one["rhythm"], one["at"], one["timezone"]) == (
        {"name": "weekly", "weekdays": [0]},
        "08:30",
        "Asia/Shanghai",
    )
    assert one["wanted"]["metrics"] == ["conversion_rate"]
    assert log.changes == ["subscribed chat 5 to digest 1: Weekly digest: Mondays at 08:30 (Asia/Shanghai)"]
    # There is nothing about it to be computed again, which would save it again.
    assert first.provenance.definition == ()
    assert first.table is None


def test_the_same_wish_again_is_recognised_before_it_is_saved(context: Context) -> None:
    tapped(context, ask(context, **WEEKLY), "Yes, send it")
    assert "You have this already." in text(ask(context, **WEEKLY))


def test_buttons_carry_the_whole_digest(context: Context) -> None:
    filters = [{"dimension": "country", "op": "in", "values": ["Germany"]}]
    wish = {**WEEKLY, "metrics": ["orders"]}
    answer = ask(context, **wish, filters=filters, quiet=["22:00", "08:00"], days_off="weekends", language="zh")
    calls = [one.call for one in answer.follow_ups if one.call is not None]
    assert len(calls) == len(answer.follow_ups)
    for call in calls:
        assert call.args["action"] == "subscribe"
        assert call.args["filters"] == filters
        assert call.args["quiet"] == ["22:00", "08:00"]
        assert call.args["days_off"] == "weekends"
        assert call.args["language"] == "zh"
    assert [call.args["confirmed"] for call in calls if "confirmed" in call.args] == [True]
    # Other times and rhythms are looked at first, too.
    daily = tapped(context, answer, "Daily instead")
    assert "Daily digest in Chinese to this chat, every day at 08:30" in text(daily)
    assert kept(context) == []


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({}, "every day at 09:00 (Asia/Shanghai)"),
        ({"weekdays": [0, 4]}, "Mondays and Fridays at 09:00"),
        ({"rhythm": "weekly"}, "Mondays at 09:00"),
        ({"rhythm": "monthly"}, "on the 1st of each month at 09:00"),
        ({"day": 31, "at": "18:05"}, "on the last day of each month at 18:05"),
        ({"timezone": "Europe/London"}, "every day at 09:00 (Europe/London)"),
        ({"days_off": "both"}, "On weekends and public holidays (China) it waits"),
        ({"days_off": "both", "country": "Germany"}, "public holidays (Germany)"),
        ({"days_off": "weekends"}, "On weekends it waits for the next working day."),
        ({"quiet": ["22:00", "07:00"]}, "Quiet from 22:00 to 07:00"),
        ({"only_when_moved": True}, "Nothing is sent when nothing moved"),
        ({"metrics": ["orders"], "filters": [{"dimension": "country", "values": ["Germany"]}]}, "Only Germany."),
        # Nine in Auckland is the evening before in Shanghai.
        ({"timezone": "Pacific/Auckland", "at": "04:00"}, "it tells of the last one that is. From 05:00 on"),
    ],
)
def test_what_was_left_open_and_what_was_said(context: Context, args: dict[str, Any], expected: str) -> None:
    assert expected in text(ask(context, action="subscribe", **{**BRIEF, **args}))


@pytest.mark.parametrize(
    ("args", "error", "said", "option"),
    [
        ({"timezone": "Asia/Shangai"}, InvalidArgument, "Asia/Shanghai", "Asia/Shanghai"),
        ({"country": "Germny", "days_off": "both"}, InvalidArgument, "no public holidays of “Germny”", "Germany"),
        ({"timezone": "UTC", "days_off": "both"}, InvalidArgument, "public holidays of which country", None),
        ({"metrics": ["net_sale"]}, InvalidArgument, "net_sales", None),
        ({"sections": ["kpi"]}, InvalidArgument, "kpis", None),
        ({"filters": [{"dimension": "contry", "values": ["x"]}]}, InvalidArgument, "country", None),
        ({"filters": [{"dimension": "country", "values": ["Germny"]}]}, NotEnoughData, "Germany", "Germany"),
        ({"rhythm": "weekly", "weekdays": [7]}, InvalidArgument, "at least one weekday", None),
        ({"rhythm": "daily", "weekdays": [1]}, InvalidArgument, "Weekdays are for a weekly digest", "Weekly instead"),
        ({"rhythm": "weekly", "day": 3}, InvalidArgument, "for a monthly digest", "Monthly instead"),
        ({"quiet": ["08:00", "08:00"]}, InvalidArgument, "differ", None),
        ({"at": "25:00"}, InvalidArgument, "25:00", None),
    ],
)
def test_what_is_not_known_is_said_with_the_nearest(
    context: Context, args: dict[str, Any], error: type[AssistantError], said: str, option: str | None
) -> None:
    with pytest.raises(error) as raised:
        ask(context, action="subscribe", **({} if "filters" in args else BRIEF) | args)
    assert said in Voice("en").text(raised.value.message)
    if option is not None:
        # A tap on it mends the wish, and leads back to it.
        mended = run(discover(), context, find(raised.value.options, option), Log())
        assert "shall I send it?" in text(mended)


def test_a_chat_can_have_only_so_many(context: Context) -> None:
    for minute in range(MOST_IN_A_CHAT):
        ask(context, action="subscribe", at=f"10:{minute:02}", confirmed=True)
    with pytest.raises(InvalidArgument, match="it can have no more") as raised:
        ask(context, **WEEKLY, confirmed=True)
    assert "20 digests are sent to this chat." in text(tapped_option(context, raised.value))


def tapped_option(context: Context, error: AssistantError) -> Answer:
    (option,) = error.options
    assert option.call is not None
    return run(discover(), context, option.call, Log())


# --- who may, and where -------------------------------------------------------------------------------------------


def test_only_who_governs_a_group_decides_for_it(context: Context) -> None:
    governed = replace(context, chat=Chat(-9, 3, group=True, governed=True))
    others = replace(governed, chat=Chat(-9, 3, group=True, governed=False))
    with pytest.raises(NotAllowed, match="Only admins decide"):
        ask(others, **WEEKLY)
    with pytest.raises(NotAllowed, match="Only admins decide"):
        ask(others, **WEEKLY, confirmed=True)
    preview = ask(governed, **WEEKLY)
    assert "to this topic" in text(preview)
    tapped(governed, preview, "Yes, send it")
    assert len(kept(governed)) == 1
    assert "1 digest is sent to this topic." in text(ask(others, action="list"))
    assert "next one comes on" in text(ask(others, action="list", subscription=1))
    for action in ("pause", "resume", "change", "end"):
        with pytest.raises(NotAllowed, match="Only admins decide"):
            ask(others, action=action, subscription=1, confirmed=True)
    assert "Conversion rate" in text(ask(others, action="preview", subscription=1))


def test_one_chat_sees_nothing_of_another(context: Context) -> None:
    tapped(context, ask(context, **WEEKLY), "Yes, send it")
    other = replace(context, chat=Chat(6))
    for action in ("preview", "change", "pause", "resume", "list"):
        with pytest.raises(InvalidArgument, match="There is no digest 1 in this chat"):
            ask(other, action=action, subscription=1)
    assert "Digest 1 is not sent to this chat." in text(ask(other, action="end", subscription=1, confirmed=True))
    assert len(kept(context)) == 1


def test_a_terminal_shows_it_and_saves_nothing(context: Context) -> None:
    terminal = replace(context, chat=None)
    preview = ask(terminal, **WEEKLY)
    assert "Digests are sent by Telegram" in text(preview)
    with pytest.raises(InvalidArgument, match="Digests are sent by Telegram"):
        tapped(terminal, preview, "Yes, send it")
    assert "No digest is sent to this chat yet." in text(ask(terminal, action="list"))
    with pytest.raises(InvalidArgument, match="no state database"):
        ask(replace(context, state=None), **WEEKLY, confirmed=True)


# --- those that are there -----------------------------------------------------------------------------------------


def test_without_any_the_usual_ones_are_offered(context: Context) -> None:
    answer = ask(context, action="list")
    assert "No digest is sent to this chat yet." in text(answer)
    assert [one.call.args["rhythm"] for one in answer.follow_ups if one.call] == ["daily", "weekly", "monthly"]
    with pytest.raises(InvalidArgument, match="No digest is sent to this chat yet") as raised:
        ask(context, action="pause")
    assert raised.value.options == answer.follow_ups


def test_the_only_one_needs_no_number(context: Context) -> None:
    log = Log()
    ask(context, log, **WEEKLY, confirmed=True)
    paused = ask(context, log, action="pause")
    assert "Paused: Weekly digest: Mondays at 08:30 (Asia/Shanghai)." in text(paused)
    ask(context, log, action="pause")
    assert "paused" in text(ask(context, action="list"))
    active = tapped(context, paused, "Resume", log)
    assert "The next one comes on Mon, 23 Nov 2026 at 08:30." in text(active)
    tapped(context, paused, "Resume", log)
    assert [change.partition(" ")[0] for change in log.changes] == ["subscribed", "paused", "resumed"]


def test_of_several_it_asks_which_one(context: Context) -> None:
    ask(context, **WEEKLY, confirmed=True)
    ask(context, action="subscribe", rhythm="monthly", confirmed=True)
    answer = ask(context, action="pause")
    assert "Which one? There are 2." in text(answer)
    assert "Paused: Monthly digest" in text(tapped(context, answer, "Monthly digest"))
    # Only one is left that could be paused, or resumed.
    assert "Paused: Weekly digest" in text(ask(context, action="pause"))
    with pytest.raises(InvalidArgument, match="No digest is active here"):
        ask(context, action="pause")
    assert "It is active: Monthly digest" in text(ask(context, action="resume", rhythm="monthly"))


def test_the_list_has_the_buttons_of_each(context: Context) -> None:
    ask(context, **WEEKLY, confirmed=True)
    assert "Conversion rate" in text(tapped(context, ask(context, action="list"), "Show it now"))
    ask(context, action="subscribe", rhythm="monthly", confirmed=True)
    assert "Paused: Monthly digest" in text(tapped(context, ask(context, action="list"), "Pause 2"))
    ask(context, action="subscribe", at="18:00", confirmed=True)
    listed = ask(context, action="list")
    assert "3 digests are sent to this chat." in text(listed)
    assert "next on Fri, 20 Nov 2026 at 18:00" in text(listed)
    opened = tapped(context, listed, "3 · Daily digest")
    assert "End this digest? Daily digest" in text(tapped(context, opened, "End"))


def test_a_change_is_shown_first_and_keeps_the_rest(context: Context) -> None:
    log = Log()
    ask(context, log, **WEEKLY, quiet=["22:00", "07:00"], confirmed=True)
    asked_back = ask(context, action="change")
    assert "What is to be changed? Weekly digest" in text(asked_back)
    preview = tapped(context, asked_back, "At 18:00")
    assert "Change it to this? Weekly digest: Mondays at 18:00 (Asia/Shanghai)" in text(preview)
    assert kept(context)[0]["at"] == "08:30"
    changed = tapped(context, preview, "Yes, change it", log)
    assert "Changed: Weekly digest: Mondays at 18:00" in text(changed)
    tapped(context, preview, "Yes, change it", log)
    (one,) = kept(context)
    assert (one["at"], one["quiet"], one["wanted"]["metrics"]) == ("18:00", ["22:00", "07:00"], ["conversion_rate"])
    assert len(log.changes) == 2
    ask(context, action="change", quiet="none", weekdays=[1], only_when_moved=True, confirmed=True)
    (one,) = kept(context)
    assert (one["quiet"], one["rhythm"]["weekdays"], one["wanted"]["only_when_moved"]) == (None, [1], True)
    ask(context, action="change", rhythm="daily", only_when_moved=False, language="zh", confirmed=True)
    (one,) = kept(context)
    assert (one["rhythm"], one["wanted"]["only_when_moved"]) == ({"name": "daily"}, False)


def test_a_change_makes_no_twin(context: Context) -> None:
    ask(context, **WEEKLY, confirmed=True)
    ask(context, **{**WEEKLY, "at": "18:00"}, confirmed=True)
    assert "You have this already." in text(ask(context, action="change", subscription=2, at="08:30", confirmed=True))
    assert [one["at"] for one in kept(context)] == ["08:30", "18:00"]


def test_it_ends_after_a_question(context: Context) -> None:
    log = Log()
    ask(context, log, **WEEKLY, confirmed=True)
    question = ask(context, log, action="end")
    assert "End this digest?" in text(question)
    assert len(kept(context)) == 1
    ended = tapped(context, question, "Yes, end it", log)
    assert "Ended: Weekly digest" in text(ended)
    assert "Digest 1 is not sent to this chat." in text(tapped(context, question, "Yes, end it", log))
    assert kept(context) == []
    assert [change.partition(" ")[0] for change in log.changes] == ["subscribed", "ended"]
    again = tapped(context, ended, "Subscribe again")
    assert "Weekly digest in English to this chat, Mondays at 08:30 (Asia/Shanghai): shall I send it?" in text(again)


def test_one_that_cannot_be_read_is_listed_and_can_be_ended(context: Context, state: State) -> None:
    ask(context, **WEEKLY, confirmed=True)
    with state.begin() as session:
        session.execute(update(SubscriptionRow).values(definition={}))
    listed = ask(context, action="list")
    assert "cannot be read any more" in text(listed)
    with pytest.raises(InvalidArgument, match="cannot be read any more"):
        ask(context, action="resume")
    with pytest.raises(InvalidArgument, match="cannot be read any more"):
        ask(context, action="preview")
    tapped(context, tapped(context, listed, "End"), "Yes, end it")
    assert kept(context) == []


# --- looking at one -----------------------------------------------------------------------------------------------


def test_a_preview_tells_of_the_last_whole_period(context: Context) -> None:
    assert "Thu, 19 Nov 2026" in text(ask(context, action="preview", **BRIEF))
    assert "9–15 Nov" in text(ask(context, action="preview", rhythm="weekly", **BRIEF))
    assert "in October 2026" in text(ask(context, action="preview", rhythm="monthly", **BRIEF))
    # On Mondays and Fridays: on Friday of Monday to Thursday.
    assert "16–19 Nov" in text(ask(context, action="preview", weekdays=[0, 4], **BRIEF))
    days = {"start": "2026-11-14", "end": "2026-11-15"}
    assert "14–15 Nov 2026" in text(ask(context, action="preview", period=days, **BRIEF))


def test_a_preview_shows_what_the_chat_has(context: Context) -> None:
    ask(context, **WEEKLY, confirmed=True)
    assert "9–15 Nov" in text(ask(context, action="preview"))
    assert "Thu, 19 Nov 2026" in text(ask(context, action="preview", rhythm="daily", **BRIEF))


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ({"start": "2026-11-20", "end": "2026-11-20"}, "is not"),
        ({"start": "2026-11-20", "end": "9999-12-31"}, "is not"),
        ({"start": "0001-01-01", "end": "2026-11-19"}, "a year at most"),
        ({"start": "0001-01-01", "end": "0001-01-02"}, "nothing"),
    ],
)
def test_days_that_no_digest_tells_of(context: Context, period: dict[str, str], said: str) -> None:
    with pytest.raises(AssistantError) as raised:
        ask(context, action="preview", period=period, **BRIEF)
    assert said in Voice("en").text(raised.value.message)


def test_what_can_be_had_by_itself_is_offered(context: Context) -> None:
    preview = ask(context, action="preview", rhythm="weekly", **BRIEF)
    assert "Weekly digest in English to this chat" in text(tapped(context, preview, "Have it sent"))
