"""A backup of the state database, restored, is the state database."""

from __future__ import annotations

import gzip
import threading
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from sqlalchemy import create_engine, inspect, select, text

from bot.migrations import config, upgrade
from bot.migrations.tables import metadata
from bot.telegram.access import Access
from bot.telegram.audit import AuditLog
from jobs.digests.subscriptions import SubscriptionRow
from jobs.maintenance.backups import BadBackup, back_up, backups, restore, verified
from tools.state import connect
from tools.tool import User

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

NOON = datetime(2026, 3, 1, 12, 0, 0, 250, UTC)
HOSTILE = '“; DROP TABLE users; -- 你好 \n{"end": 3}'


def to(url: str, revision: str) -> None:
    command.upgrade(config(url), revision)


def made(url: str) -> Engine:
    """A migrated database with people, an audit line and a subscription."""
    upgrade(url)
    state = connect(url)
    access = Access(state, lambda: NOON)
    access.ensure_first_admin(1001)
    access.enrol(2**40, HOSTILE, "viewer", "zh")
    AuditLog(state, lambda: NOON).looked(User("1001", "admin"), "personal_data", {"rows": 3, "who": HOSTILE})
    with state.begin() as session:
        session.add(
            SubscriptionRow(
                chat_id=-(2**40), user_id="1001", language="zh", definition={"at": "09:00", "名": [1.5, None]},
                told=date(2026, 2, 28), next_at=NOON, created_at=NOON,
            )
        )  # fmt: skip
    engine: Engine = state.kw["bind"]
    return engine


def held(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in metadata().sorted_tables
        }


def check_restored(engine: Engine, folder: Path, url: str) -> None:
    """Backs up, restores into the empty database at `url`, and compares."""
    one = back_up(engine, folder / "backups", lambda: NOON)
    assert one == verified(one.path)
    assert restore(one.path, url, to) == one
    state = connect(url)
    there: Engine = state.kw["bind"]
    assert held(there) == held(engine)
    with state.begin() as session:  # ids go on where they ended
        row = SubscriptionRow(
            chat_id=1, user_id="1", language="en", definition={}, told=date(2026, 1, 1), created_at=NOON
        )
        session.add(row)
    assert row.id == 2
    again = back_up(there, folder / "again", lambda: NOON)
    assert again.rows == one.rows + 1
    there.dispose()


def test_what_is_restored_is_what_was_there(tmp_path: Path) -> None:
    engine = made(f"sqlite:///{tmp_path / 'state.sqlite3'}")
    check_restored(engine, tmp_path, f"sqlite:///{tmp_path / 'restored.sqlite3'}")
    (path,) = backups(tmp_path / "backups")
    assert path.name == "state-20260301T120000Z.jsonl.gz"
    assert path.stat().st_mode & 0o077 == 0


def test_an_older_schema_is_restored_and_brought_up_to_date(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.sqlite3'}"
    to(url, "0005")
    state = connect(url)
    with state.begin() as session:
        session.execute(
            text("INSERT INTO users (id, name, role, active, added_at) VALUES (7, 'Ada', 'admin', 1, '2025-01-01')")
        )
    old = back_up(state.kw["bind"], tmp_path / "backups", lambda: NOON)
    assert old.revision == "0005"
    new = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    restore(old.path, new, to)
    restored = connect(new)
    member = Access(restored, lambda: NOON).member(7)
    assert member is not None
    assert member.name == "Ada"
    assert inspect(restored.kw["bind"]).has_table("subscriptions")


def test_a_backup_is_of_one_moment_while_others_write(tmp_path: Path) -> None:
    engine = made(f"sqlite:///{tmp_path / 'state.sqlite3'}")
    state = connect(str(engine.url))
    stop = threading.Event()

    def write() -> None:
        n = 0
        while not stop.is_set():
            n += 1
            with state.begin() as session:  # two rows at once: a backup has both or none
                for table in ("contents", "runs"):
                    sql = {
                        "contents": "INSERT INTO contents VALUES (:n, '', '{}', '2026-01-01')",
                        "runs": "INSERT INTO runs (chore, started_at, words) VALUES (:n, '2026-01-01', '')",
                    }[table]
                    session.execute(text(sql), {"n": str(n)})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for i in range(5):
            one = back_up(engine, tmp_path / "backups", lambda i=i: NOON + timedelta(seconds=i))  # type: ignore[misc]
            counts = {"contents": 0, "runs": 0}
            with gzip.open(one.path, "rt") as file:
                table = ""
                for line in file:
                    if line.startswith('{"table"'):
                        table = line.split('"')[3]
                    elif line.startswith("[") and table in counts:
                        counts[table] += 1
            assert counts["contents"] == counts["runs"]
    finally:
        stop.set()
        writer.join()


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    engine = made(f"sqlite:///{tmp_path / 'state.sqlite3'}")
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    for day in range(4):
        back_up(engine, folder, lambda day=day: NOON + timedelta(days=day), keep=2)  # type: ignore[misc]
    assert [path.name[6:14] for path in backups(folder)] == ["20260304", "20260303"]
    assert (folder / "notes.txt").exists()


def test_nothing_is_written_over(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'state.sqlite3'}"
    engine = made(url)
    one = back_up(engine, tmp_path / "backups", lambda: NOON)
    before = held(engine)
    with pytest.raises(BadBackup, match="not empty"):
        restore(one.path, url, to)
    assert held(engine) == before


@pytest.mark.parametrize("damage", ["cut", "flipped", "changed", "other", "text"])
def test_a_damaged_backup_is_refused_before_anything_is_made(tmp_path: Path, damage: str) -> None:
    engine = made(f"sqlite:///{tmp_path / 'state.sqlite3'}")
    path = back_up(engine, tmp_path / "backups", lambda: NOON).path
    content = path.read_bytes()
    lines = gzip.decompress(content).decode().splitlines(keepends=True)
    path.write_bytes(
        {
            "cut": content[: len(content) // 2],
            "flipped": content[:200] + bytes([content[200] ^ 255]) + content[201:],
            # Not made smaller, so that only the checksum tells.
            "changed": gzip.compress("".join(lines).encode(), 0).replace(b"admin", b"adnim"),
            "other": gzip.compress(b'{"something": "else"}\n'),
            "text": gzip.compress("".join(lines[:-2]).encode()),
        }[damage]
    )
    new = tmp_path / "new.sqlite3"
    with pytest.raises(BadBackup):
        restore(path, f"sqlite:///{new}", to)
    assert not new.exists()


def test_a_backup_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    with pytest.raises(Exception, match="alembic_version"):
        back_up(engine, tmp_path / "backups", lambda: NOON)
    assert list((tmp_path / "backups").iterdir()) == []
