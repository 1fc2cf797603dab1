"""Answers as what the outbox keeps: parts within Telegram's limits, and buttons that do what those below replies do."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, date, datetime
from typing import Any

from bot.pages import Pages
from bot.settings import Settings
from bot.shown import Shown
from jobs.recipients import Recipient
from tools.answer import Answer, Chart, Column, FollowUp, Provenance, Table, ToolCall
from tools.messages import Quantity, say
from tools.tool import User

CALL = ToolCall("digest", {"action": "preview"})
DAYS = tuple((date(2026, 3, day), 100.0 * day) for day in range(1, 9))
TABLE = Table((Column("day", say("Day"), grain="day"), Column("net_sales", say("Net sales"), "GBP")), DAYS, len(DAYS))
TODAY = date(2026, 3, 10)
CHART = Chart("line", say("Net sales"), "day", ("net_sales",))


def written(answer: Answer, language: str = "en", style: str = "compact", **settings: Any) -> dict[str, Any]:
    to = Recipient(5, None, User("5", "analyst", language, timezone="Asia/Shanghai"), style)
    pages = Pages(
        Settings(_env_file=None, timezone="Asia/Shanghai", **settings), lambda: datetime(2026, 3, 9, 20, tzinfo=UTC)
    )
    content = pages.written(CALL, answer, to)
    again: dict[str, Any] = json.loads(json.dumps(content))
    assert again == content
    return again


def test_a_short_answer_with_a_picture_is_one_message() -> None:
    (part,) = written(Answer(say("Net sales fell."), table=TABLE, chart=CHART))["parts"]
    assert b64decode(part["photo"])[:4] == b"\x89PNG"
    assert "<b>Net sales fell.</b>" in part["caption"]


def test_a_long_one_has_its_words_below_the_picture() -> None:
    lines = tuple(say("Line {number}: {words}", number=number, words="word " * 20) for number in range(12))
    picture, text = written(Answer(say("Net sales fell."), lines=lines, table=TABLE, chart=CHART))["parts"]
    assert len(picture["caption"]) <= 1024
    assert "text" in text


def test_hostile_names_stay_words() -> None:
    (part,) = written(Answer(say("{name} fell.", name="<b>&x")))["parts"]
    assert "&lt;b&gt;&amp;x fell." in part["text"]


def test_it_is_written_for_its_reader() -> None:
    at = datetime(2026, 3, 9, 20, tzinfo=UTC)
    amount = Quantity(14_271_210.0, "GBP")
    (compact,) = written(Answer(say("{amount} at {time}", amount=amount, time=at)))["parts"]
    (full,) = written(Answer(say("{amount} at {time}", amount=amount, time=at)), style="full")["parts"]
    assert "14.27M" in compact["text"]
    assert "14,271,210" in full["text"]
    assert "10 Mar 2026" in full["text"]


def test_buttons_carry_the_call_the_language_and_the_day() -> None:
    why = FollowUp(say("{what}", what="Why"), ToolCall("drivers", {"metric": "net_sales"}))
    ask = FollowUp(say("{what}", what="By country"), question="net sales by country")
    content = written(
        Answer(say("Net sales fell."), follow_ups=(why, ask), provenance=Provenance(sql=("SELECT 1",))), "zh"
    )
    by_label = {button["label"]: button["payload"] for row in content["buttons"] for button in row}
    assert by_label["Why"]["do"] == "call"
    shown = Shown.from_payload(by_label["Why"])
    assert shown.calls == (why.call,)
    assert (shown.language, shown.today) == ("zh", TODAY)
    assert by_label["By country"] == {"do": "ask", "text": "net sales by country"}
    how = next(payload for payload in by_label.values() if payload["do"] == "how")
    assert Shown.from_payload(how).calls == (CALL,)


def test_a_reply_leans_on_what_was_sent_and_on_its_first_button() -> None:
    quiet = FollowUp(say("Got it"), ToolCall("incidents", {"action": "acknowledge"}), quiet=True)
    why = FollowUp(say("{what}", what="Why"), ToolCall("drivers", {"metric": "net_sales"}))
    about = Shown.from_payload(written(Answer(say("Net sales fell."), follow_ups=(quiet, why)))["about"])
    assert about == Shown((CALL, ToolCall("drivers", {"metric": "net_sales"})), "Net sales fell.", "en", TODAY)
    alone = Shown.from_payload(written(Answer(say("Net sales fell."), follow_ups=(quiet,)))["about"])
    assert alone.calls == (CALL,)


def test_with_the_stores_last_day_as_today_no_day_is_noted() -> None:
    why = FollowUp(say("Why"), ToolCall("drivers", {"metric": "net_sales"}))
    content = written(Answer(say("Net sales fell."), follow_ups=(why,)), as_of="latest")
    assert Shown.from_payload(content["buttons"][0][0]["payload"]).today is None


def test_what_is_done_in_place_stands_first_where_it_is_named_first() -> None:
    def quiet(label: str) -> FollowUp:
        return FollowUp(say("{label}", label=label), ToolCall("incidents", {"action": "acknowledge"}), quiet=True)

    why = FollowUp(say("Why"), ToolCall("drivers", {"metric": "net_sales"}))
    content = written(Answer(say("Net sales fell."), follow_ups=(quiet("Got it"), quiet("Not now, please"), why)))
    assert [[button["label"] for button in row] for row in content["buttons"]] == [
        ["Got it", "Not now, please"],
        ["Why"],
    ]
    assert [row[0]["payload"]["do"] for row in content["buttons"]] == ["quiet", "call"]
    votes = written(Answer(say("A page."), follow_ups=(why, quiet("👍"), quiet("👎"))))
    assert [[button["label"] for button in row] for row in votes["buttons"]] == [["Why"], ["👍", "👎"]]
