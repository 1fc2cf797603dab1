"""`marketbot digest` and `marketbot monitor`: previews, alerts that are saved for a chat, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.migrations import upgrade
from bot.telegram.access import Access
from bot.telegram.people import OPERATOR
from jobs.alerts.record import MonitorRow
from tests.unit.command_line import Run, refused
from tools.state import connect

VIEWER, GROUP = 1003, -5001
LATEST = ("--as-of", "latest")


@pytest.fixture
def shop(home: str) -> str:
    """A home with one person on the list, and one group."""
    url = f"sqlite:///{home}/state.sqlite3"
    upgrade(url)
    state = connect(url)
    access = Access(state, lambda: datetime.now(UTC))
    access.enrol(VIEWER, "Max", "viewer", "en")
    access.allow_group(GROUP, "Team", VIEWER)
    state.kw["bind"].dispose()
    return home


def monitors(home: str) -> list[MonitorRow]:
    state = connect(f"sqlite:///{home}/state.sqlite3")
    with state() as session:
        found = session.query(MonitorRow).order_by(MonitorRow.id).all()
    state.kw["bind"].dispose()
    return found


# --- digest -------------------------------------------------------------------------------------------------------


def test_a_digest_is_shown_in_its_language_and_drawn(run: Run, home: str, tmp_path: Path) -> None:
    picture = tmp_path / "digest.png"
    ended = run(
        "--home", home, "digest", *LATEST, "--rhythm", "weekly", "--lang", "zh", "--json", "--picture", str(picture)
    )
    (reply,) = ended.objects
    assert (ended.code, reply["status"], reply["language"]) == (0, "answered", "zh")
    assert reply["calls"] == [{"tool": "digest", "args": {"action": "preview", "rhythm": "weekly"}}]
    assert "净销售额" in reply["text"]
    assert any(fact["name"] == "net_sales" for fact in reply["facts"])
    assert picture.read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--rhythm", "hourly"), ("'hourly'", "daily, weekly, monthly")),
        (("--lang", "fr"), ("'fr'", "en or zh")),
        (("--as-of", "yesterday"), ("'yesterday'", "2011-12-09")),
    ],
)
def test_a_digest_asked_wrongly_is_refused(
    run: Run, home: str, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    refused(run("--home", home, "digest", *arguments), 2, *words)


def test_a_picture_that_cannot_be_written_is_told(run: Run, home: str, tmp_path: Path) -> None:
    refused(run("--home", home, "digest", "--picture", str(tmp_path / "nowhere" / "digest.png")), 2, "nowhere")


# --- monitor ------------------------------------------------------------------------------------------------------


def test_without_alerts_the_way_to_one_is_told(run: Run, home: str) -> None:
    ended = run("--home", home, "monitor")
    assert (ended.code, ended.out.startswith("There are no alerts.")) == (0, True)


def test_an_alert_is_backtested_and_nothing_is_saved(run: Run, shop: str, tmp_path: Path) -> None:
    picture = tmp_path / "watch.png"
    ended = run("--home", shop, "monitor", "add", "return rate above 5%", *LATEST, "--picture", str(picture))
    assert ended.code == 0
    assert "90 days" in ended.out
    assert picture.read_bytes()[:4] == b"\x89PNG"
    assert monitors(shop) == []


def test_alerts_are_saved_listed_backtested_and_removed(run: Run, shop: str) -> None:
    add = ("--home", shop, "monitor", "add")
    assert run(*add, "return rate above 5%", *LATEST, "--save", "--chat", str(VIEWER)).code == 0
    assert run(*add, "日净销售额低于2万", *LATEST, "--lang", "zh", "--save", "--chat", str(GROUP)).code == 0
    first, second = monitors(shop)
    assert (first.chat_id, first.user_id, first.language) == (VIEWER, str(VIEWER), "en")
    assert (second.chat_id, second.user_id, second.language) == (GROUP, OPERATOR, "zh")
    assert (second.definition["metric"], second.definition["rule"]["level"]) == ("net_sales", 20000)
    listed = run("--home", shop, "monitor")
    assert f"Chat {VIEWER}" in listed.out
    assert f"Chat {GROUP}" in listed.out
    assert f"Chat {GROUP}" not in run("--home", shop, "monitor", "--chat", str(VIEWER)).out
    assert "90 days" in run("--home", shop, "monitor", "backtest", str(second.id)).out
    assert run("--home", shop, "monitor", "remove", str(second.id)).code == 0
    assert [row.removed_at is None for row in monitors(shop)] == [True, False]
    refused(run("--home", shop, "monitor", "backtest", str(second.id)), 1, f"no alert {second.id}")


def test_an_alert_is_not_saved_for_a_chat_that_may_not_be_told(run: Run, shop: str) -> None:
    ended = run("--home", shop, "monitor", "add", "return rate above 5%", *LATEST, "--save", "--chat", "99")
    refused(ended, 1, "chat 99", "/invite")
    assert monitors(shop) == []


def test_what_is_no_alert_is_not_taken_for_one(run: Run, shop: str) -> None:
    for words in ("hello there", "net sales last month"):
        ended = run("--home", shop, "monitor", "add", words, *LATEST, "--save", "--chat", str(VIEWER))
        assert ended.code != 0
    assert monitors(shop) == []


def test_saving_needs_a_chat(run: Run, home: str) -> None:
    refused(run("--home", home, "monitor", "add", "return rate above 5%", "--save"), 2, "--chat")
