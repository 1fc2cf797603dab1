"""What an alarm says: how far off, why, and what to do; in both languages, on one caption."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.rendering.html import parsed_length, parsed_text
from bot.rendering.parts import CAPTION_LIMIT
from bot.rendering.reply import render
from bot.rendering.voice import Voice
from bot.reply import Reply
from jobs.alerts.definition import Definition
from jobs.alerts.detection.rules import Change, Learned, Missing, Rule, Threshold
from jobs.alerts.detection.verdicts import Standing
from jobs.alerts.incidents.events import (
    Acknowledged,
    Event,
    Finding,
    Kind,
    MarkedUsual,
    Observed,
    Outcome,
    Snoozed,
)
from jobs.alerts.incidents.lifecycle import advance, opened
from jobs.alerts.incidents.policy import Policy
from jobs.alerts.incidents.store import Kept
from jobs.alerts.incidents.subject import Path, Subject
from jobs.alerts.telling import told
from tests.unit.alert_scenes import CATALOG, FRIDAY, SALES, SUBSCRIBER, Alerts, make_store, words
from tools.answer import ToolCall
from tools.tool import Context, User

if TYPE_CHECKING:
    from pathlib import Path as File

    from sqlalchemy.orm import Session, sessionmaker

    from knowledge.library import Library
    from tests.unit.outbox_scenes import Clock

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
STEP = datetime(2026, 9, 16, tzinfo=UTC)
NOW = STEP + DAY + 9 * HOUR
GERMANY = (("country", "Germany"),)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Context:
    warehouse = make_store(tmp_path_factory.mktemp("shop") / "warehouse.duckdb")
    return Context(warehouse, CATALOG, date(2026, 9, 17), User("1", "analyst"))


def kept_of(definition: Definition, finding: Finding, *events: Event) -> Kept:
    subject = Subject("1", definition.metric, finding.where)
    incident, _actions = opened(subject, Observed(NOW, STEP, Outcome.BAD, finding), Policy())
    for event in events:
        incident, _actions = advance(incident, event, Policy())
    return Kept(12, 1, incident, 1)


def low(value: float, expected: float | None, where: Path = (), window: int = 1) -> Finding:
    return Finding(Standing.BELOW, 1.5, value, expected, where, (where,), window)


def good(days: int) -> Observed:
    return Observed(NOW + days * DAY, STEP + days * DAY, Outcome.GOOD)


RECOVERED = (good(1), good(2))


def head(context: Context, definition: Definition, kept: Kept, kind: Kind | None = None) -> str:
    return words(told(context, kept, definition, NOW + HOUR, kind=kind).headline)


def test_says_what_how_far_off_and_when(shop: Context) -> None:
    definition = Definition("net_sales", by=("country",))
    kept = kept_of(definition, low(8200, 13200, GERMANY))
    answer = told(shop, kept, definition, NOW)
    assert words(answer.headline) == "⚠️ Net sales in Germany: €8,200 on Wed, 16 Sep 2026, 38% below the usual €13,200"
    assert words(answer.lines[0]) == "Firing since 09:00, nobody has acknowledged it"
    known = {fact.name: fact.value for fact in answer.facts[:3]}
    assert known == {"net_sales": 8200, "net_sales_expected": 13200, "net_sales_gap": 0.38}
    assert answer.facts[0].where == {"country": "Germany"}


@pytest.mark.parametrize(
    ("rule", "over", "finding", "end"),
    [
        (Threshold(50, "down"), 1, low(40, None), "40 on Wed, 16 Sep 2026, below the limit of 50"),
        (Threshold(50, "up"), 1, Finding(Standing.ABOVE, 1, 60), "60 on Wed, 16 Sep 2026, above the limit of 50"),
        (Change(0.3, "down"), 1, low(40, 80), "40 on Wed, 16 Sep 2026, 50% below the 80 of the week before"),
        (Change(0.3, "down"), 7, low(40, 80), "40 from 10 to 16 Sep 2026, 50% below the 80 of the days before"),
        (Change(0.3, "both", "step before"), 1, low(40, 80), "50% below the 80 of the day before"),
        (Change(0.3, "both", "mean of last"), 1, low(40, 80), "50% below the mean of 80"),
        (
            Learned(),
            1,
            low(40, 80, window=7),
            "low over 7 days together; 40 on Wed, 16 Sep 2026, 50% below the usual 80",
        ),
        (Missing(), 1, Finding(Standing.MISSING, 1), "Orders: no figure on Wed, 16 Sep 2026"),
    ],
)
def test_says_what_it_is_held_against(shop: Context, rule: Rule, over: int, finding: Finding, end: str) -> None:
    definition = Definition("orders", over=7 if over == 7 else 1, rule=rule)
    assert head(shop, definition, kept_of(definition, finding)).endswith(end)


def test_shares_differ_by_points(shop: Context) -> None:
    definition = Definition("return_rate", rule=Learned())
    kept = kept_of(definition, Finding(Standing.ABOVE, 2, 0.09, 0.05))
    assert head(shop, definition, kept).endswith("9% on Wed, 16 Sep 2026, 4 pp above the usual 5%")


def test_the_mark_knows_what_is_good(shop: Context) -> None:
    up = Finding(Standing.ABOVE, 2, 90, 60)
    for metric, mark in (("orders", "📈"), ("returns", "⚠️")):
        definition = Definition(metric)
        assert head(shop, definition, kept_of(definition, up)).startswith(mark)
    definition = Definition("returns")
    assert head(shop, definition, kept_of(definition, low(10, 60))).startswith("📉")


def test_says_why_it_is_told_once_more_and_how_it_ended(shop: Context) -> None:
    definition = Definition("orders")
    kept = kept_of(definition, low(40, 80))
    assert head(shop, definition, kept, Kind.UPDATED).startswith("⚠️ Further off than told before: Orders: 40")
    assert head(shop, definition, kept, Kind.RENEWED).startswith("⚠️ Still so: Orders: 40")
    assert head(shop, definition, kept, Kind.ESCALATED).startswith("🚨 Nobody has acknowledged it: Orders: 40")
    over = told(shop, kept_of(definition, low(40, 80), *RECOVERED), definition, NOW + 2 * DAY)
    assert words(over.headline) == "✅ Back to usual: Orders"
    assert "It was 40 on Wed, 16 Sep 2026, 50% below the usual 80" in words(*over.lines)
    usual = kept_of(definition, low(40, 80), MarkedUsual(NOW, "Ann"))
    assert head(shop, definition, usual).startswith("☑️ No anomaly: Orders: 40")


def test_buttons_are_what_can_be_done_with_it_now(shop: Context) -> None:
    definition = Definition("orders")

    def buttons(*events: Event) -> list[str]:
        answer = told(shop, kept_of(definition, low(40, 80), *events), definition, NOW + HOUR)
        assert all(
            follow.quiet == (follow.call is not None and follow.call.args.get("action") not in (None, "show"))
            for follow in answer.follow_ups
        )
        return [words(follow.label) for follow in answer.follow_ups]

    first = ["Acknowledge", "Snooze 1 h", "Until tomorrow", "Not an anomaly", "Why?", "History"]
    assert buttons() == first
    assert buttons(Snoozed(NOW, "Ann", NOW + HOUR)) == first
    assert buttons(Acknowledged(NOW, "Ann")) == first[1:]
    assert buttons(*RECOVERED) == ["Not an anomaly", "History"]
    assert buttons(MarkedUsual(NOW, "Ann")) == ["History"]


def test_the_page_on_what_to_do_is_the_readers_own(shop: Context, playbooks: Library) -> None:
    definition = Definition("orders")
    for language in ("en", "zh"):
        user = replace(shop.user, language=language)
        context = replace(shop, knowledge=playbooks, user=user)
        answer = told(context, kept_of(definition, low(40, 80)), definition, NOW)
        (citation,) = answer.citations
        assert citation.document == f"{language}/incident-orders-drop.md"
        assert ToolCall("playbook", {"document": citation.document}) in [follow.call for follow in answer.follow_ups]
        late = told(context, kept_of(definition, Finding(Standing.MISSING, 1)), definition, NOW)
        assert late.citations[0].document == f"{language}/incident-data-late.md"
        assert told(context, kept_of(definition, Finding(Standing.ABOVE, 1, 9, 2)), definition, NOW).citations == ()
        assert told(context, kept_of(definition, low(40, 80), *RECOVERED), definition, NOW).citations == ()


def test_an_alarm_goes_out_where_the_playbooks_cannot_be_read(shop: Context) -> None:
    class Broken:
        def documents(self, readable: object) -> object:
            raise OSError("the disk is gone")

    definition = Definition("orders")
    context = replace(shop, knowledge=Broken())  # type: ignore[arg-type]
    assert told(context, kept_of(definition, low(40, 80)), definition, NOW).citations == ()


def test_drivers_are_told_only_where_the_figure_moved_that_way(
    state: sessionmaker[Session], clock: Clock, tmp_path: File
) -> None:
    alerts = Alerts(state, clock, make_store(tmp_path / "warehouse.duckdb", {(FRIDAY, "Germany"): 0.2}))
    alerts.watch(replace(SALES, rule=Threshold(1500, "down")))
    alerts.morning_after(FRIDAY)
    kept, definition = alerts.only(), Definition("net_sales", rule=Threshold(1500, "down"))
    context = alerts.context(alerts.people.recipient(SUBSCRIBER, None, "11").user)  # type: ignore[union-attr]
    answer = told(context, kept, definition, clock())
    (line,) = [words(line) for line in answer.lines if "Germany" in words(line)]
    assert line.startswith("Against Fri, 11 Sep 2026: ")
    risen = Kept(1, 1, replace(kept.incident, finding=replace(kept.incident.finding, side=Standing.ABOVE)), 1)
    assert "Germany" not in words(*told(context, risen, definition, clock()).lines)


LONGEST = [
    ("net_sales", (("product", ""),)),
    ("net_sales", ()),
    ("return_rate", (("country", "Germany"),)),
]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("metric", "where"), LONGEST)
def test_it_fits_a_caption(demo_context: Context, playbooks: Library, metric: str, where: Path, language: str) -> None:
    if where and where[0][0] == "product":
        rows, _sql = demo_context.warehouse.fetch(demo_context.warehouse.table("products"))
        longest = max(rows, key=lambda row: max(len(str(cell)) for cell in row))
        where = (("product", str(longest[0])),)
    user = replace(demo_context.user, language=language, name="A" * 60)
    context = replace(demo_context, knowledge=playbooks, user=user)
    definition = Definition(metric, rule=Learned())
    snoozed = Snoozed(NOW, "Somebody with a rather long name", NOW + DAY)
    side = Standing.ABOVE if metric == "return_rate" else Standing.BELOW
    kept = kept_of(definition, Finding(side, 3, 123456.78, 345678.9, where, (where,), 14), snoozed)
    answer = told(context, kept, definition, NOW + HOUR, kind=Kind.UPDATED)
    (part,) = render(Reply("answered", language, answers=(answer,)), Voice(language)).parts  # type: ignore[arg-type]
    html = getattr(part, "html", "")
    assert answer.citations
    assert 200 < parsed_length(html) <= CAPTION_LIMIT
    assert "{" not in parsed_text(html)


def test_the_picture_marks_the_alarm(state: sessionmaker[Session], clock: Clock, tmp_path: File) -> None:
    alerts = Alerts(state, clock, make_store(tmp_path / "warehouse.duckdb", {(FRIDAY, None): 0.4}))
    alerts.watch()
    alerts.days(FRIDAY - DAY, FRIDAY)
    content = alerts.content({"incident": 1, "kind": "new"})
    (part,) = content["parts"]
    assert set(part) == {"photo", "caption"}
    assert "text" in alerts.content({"update": 1})["parts"][0]
    answer = alerts.ask(action="show")
    assert answer.chart is not None
    assert answer.chart.alarms == {FRIDAY}
    assert answer.chart.table is not None
    days = [row[0] for row in answer.chart.table.rows]
    assert days[-1] == clock().date()
    assert len(days) == 56
    assert answer.chart.table.rows[-1][1] is None  # today is not over
