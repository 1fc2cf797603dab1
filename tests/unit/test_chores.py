"""What is done by the clock: when, with what, and without holding up anything."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import bot.migrations.tables  # noqa: F401 - so that every table is made
from bot.health_words import CHORES
from bot.settings import Settings
from bot.upkeep import source_of, timetable
from jobs.alerts.incidents.policy import Policy
from jobs.chores import chores
from jobs.cron import cron, interval
from jobs.maintenance.backups import verified
from jobs.maintenance.imports import import_again, matching
from jobs.maintenance.runs import Runs
from jobs.outbox.outbox import Outbox
from jobs.recipients import Ground, Recipient
from jobs.threads import DaemonThreads
from tests.unit.outbox_scenes import Clock
from tools.errors import ImportFailed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from sqlalchemy.orm import Session, sessionmaker

    from jobs.chore import Chore
    from tools.answer import Answer, ToolCall
    from tools.tool import Context, User

LONDON = "Europe/London"


class Nobody:
    def recipient(
        self, chat_id: int, topic_id: int | None, user_id: str, *, language: str | None = None
    ) -> Recipient | None:
        return None

    def written(self, call: ToolCall, answer: Answer, to: Recipient) -> Mapping[str, Any]:
        raise AssertionError("there is nobody to write to")


def no_context(_user: User) -> Context:
    raise AssertionError("nothing here is computed")


def made(state: sessionmaker[Session], clock: Clock, settings: Settings) -> Mapping[str, Chore]:
    ground = Ground(state, clock, Outbox(state, clock), no_context, Nobody(), Nobody(), Policy(), {})
    found = chores(ground, timetable(settings), lambda: no_context(None))  # type: ignore[arg-type]
    return {chore.name: chore for chore in found}


def settings(home: Path, **given: Any) -> Settings:
    return Settings(_env_file=None, home=home, **given)


# --- When -------------------------------------------------------------------------------------------------------


def test_times_are_local_and_keep_to_the_wall_clock() -> None:
    trigger = cron("30 3 * * *", LONDON)
    before, after = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC)
    assert trigger.get_next_fire_time(None, before).astimezone(UTC) == datetime(2026, 3, 29, 2, 30, tzinfo=UTC)
    assert trigger.get_next_fire_time(None, after).astimezone(UTC) == datetime(2026, 3, 30, 2, 30, tzinfo=UTC)
    assert interval(cron("*/10 * * * *"), before) == timedelta(minutes=10)


def test_weekdays_are_names_and_mean_what_they_say() -> None:
    sunday = cron("0 4 * * sun").get_next_fire_time(None, datetime(2026, 11, 20, tzinfo=UTC))
    assert sunday.date().isoformat() == "2026-11-22"


@pytest.mark.parametrize(
    "written", ["", "at three", "0 4 * *", "61 * * * *", "0 4 * * 1", "0 4 * * someday", "0 4 1 * mon", "0 4 * * mon-5"]
)
def test_what_is_no_time_is_named_with_an_example(written: str) -> None:
    with pytest.raises(ValueError, match="as in") as refusal:
        cron(written)
    assert repr(written) in str(refusal.value)


@pytest.mark.parametrize("name", ["check_at", "import_at", "train_at", "backup_at"])
def test_a_setting_that_is_no_time_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="'0 25 \\* \\* \\*' is no time"):
        settings(tmp_path, **{name: "0 25 * * *"})


# --- What -------------------------------------------------------------------------------------------------------


def test_settings_say_which_chores_there_are(state: sessionmaker[Session], clock: Clock, tmp_path: Path) -> None:
    always = {"digests", "alerts by day", "alerts by hour", "incidents", "clean-up"}
    nightly = {"training", "forecast scores", "backup"}
    assert set(made(state, clock, settings(tmp_path))) == always | nightly
    off = settings(tmp_path, train_at="never", backup_at="never")
    assert set(made(state, clock, off)) == always
    fed = settings(tmp_path, import_mapping=tmp_path / "shop.yml", import_sources="a.csv, b/*.csv ,")
    assert set(made(state, clock, fed)) == always | nightly | {"import"} == set(CHORES)
    source = source_of(fed)
    assert source is not None
    assert source.given == ("a.csv", "b/*.csv")
    assert source_of(settings(tmp_path, import_mapping=tmp_path / "shop.yml")) is None
    assert source_of(fed.model_copy(update={"warehouse_url": "postgres://reader@db/shop"})) is None


def test_what_takes_long_is_apart(state: sessionmaker[Session], clock: Clock, tmp_path: Path) -> None:
    slow = {name for name, chore in made(state, clock, settings(tmp_path)).items() if chore.slow}
    assert slow == {"training", "forecast scores", "backup"}


def test_a_quiet_product_has_nothing_to_do(state: sessionmaker[Session], clock: Clock, tmp_path: Path) -> None:
    found = made(state, clock, settings(tmp_path))
    assert found["digests"].run() == "nothing was due"
    assert found["clean-up"].run() == "nothing to delete"
    assert "0 open" in found["incidents"].run()


def test_a_backup_goes_where_the_settings_say(tmp_path: Path, clock: Clock) -> None:
    from bot.migrations import upgrade
    from tools.state import connect

    url = f"sqlite:///{tmp_path / 'state.sqlite3'}"
    upgrade(url)
    state = connect(url)
    Runs(state, clock).begin("import")
    elsewhere = tmp_path / "elsewhere"
    words = made(state, clock, settings(tmp_path, backup_folder=elsewhere, backups_kept=1))["backup"].run()
    (file,) = elsewhere.iterdir()
    assert words == f"{file.name}: {verified(file).rows:,} rows"
    state.kw["bind"].dispose()


# --- Importing ----------------------------------------------------------------------------------------------------

MAPPING = """
store: Corner shop
currency: EUR
timezone: Europe/Berlin
sources:
  lines:
    files: "lines*.csv"
    columns: {order: id, day: date, product: id, quantity: integer, price: number}
tables:
  order_lines:
    from: lines
    columns: {order_id: order, sold_at: day, product_id: product, quantity: quantity, unit_price: price}
"""
HEAD = "order,day,product,quantity,price\n"


def test_an_import_takes_what_is_new_and_keeps_the_store_where_it_fails(tmp_path: Path, clock: Clock) -> None:
    mapping, store = tmp_path / "shop.yml", tmp_path / "warehouse.duckdb"
    mapping.write_text(MAPPING)
    (tmp_path / "lines1.csv").write_text(HEAD + "1,2024-03-01,A,2,1.50\n")
    sources = [f"{tmp_path}/lines*.csv"]
    assert import_again(mapping, sources, store, clock) == "1 rows loaded of 1"
    assert import_again(mapping, sources, store, clock) == "nothing new"
    (tmp_path / "lines2.csv").write_text(HEAD + "2,2024-03-02,B,1,4\n")
    assert import_again(mapping, sources, store, clock) == "2 rows loaded of 2"
    before = store.read_bytes()
    (tmp_path / "lines3.csv").write_text("order,day\n3,2024-03-03\n")
    with pytest.raises(ImportFailed):
        import_again(mapping, sources, store, clock)
    assert store.read_bytes() == before


def test_patterns_are_files_by_now(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "notes.txt"):
        (tmp_path / name).write_text("")
    (tmp_path / "odd[1].csv").write_text("")
    found = matching([f"{tmp_path}/?.csv", "postgres://db/shop?x=*", f"{tmp_path}/odd[1].csv"])
    assert found == [f"{tmp_path}/a.csv", f"{tmp_path}/b.csv", "postgres://db/shop?x=*", f"{tmp_path}/odd[1].csv"]
    with pytest.raises(ImportFailed, match="No file fits"):
        matching([f"{tmp_path}/*.parquet"])


# --- Threads --------------------------------------------------------------------------------------------------------


def test_threads_work_side_by_side_and_take_nothing_after_their_end() -> None:
    threads = DaemonThreads(2, "test")
    both = threading.Barrier(2, timeout=5)
    first, second = threads.submit(both.wait), threads.submit(both.wait)
    assert {first.result(5), second.result(5)} == {0, 1}
    broken = threads.submit(lambda: 1 / 0)
    assert isinstance(broken.exception(5), ZeroDivisionError)
    gate = threading.Event()
    busy = [threads.submit(gate.wait, 5) for _ in range(2)]
    waiting = threads.submit(lambda: "never")
    time.sleep(0.05)
    threads.shutdown(wait=False, cancel_futures=True)
    assert waiting.cancelled()
    gate.set()
    assert [each.result(5) for each in busy] == [True, True]
    with pytest.raises(RuntimeError):
        threads.submit(lambda: None)
