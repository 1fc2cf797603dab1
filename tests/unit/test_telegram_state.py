"""Access, invitations, groups, button tokens, the inbox and the audit log, on a real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from bot.migrations import upgrade
from bot.telegram.access import Access, LastAdmin
from bot.telegram.audit import AuditLog
from bot.telegram.inbox import Inbox
from bot.telegram.tokens import Tokens
from tools.state import connect
from tools.tool import User

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session, sessionmaker


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2024, 5, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **lapse: float) -> None:
        self.now += timedelta(**lapse)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[sessionmaker[Session]]:
    url = f"sqlite:///{tmp_path / 'state.sqlite3'}"
    upgrade(url)
    sessions = connect(url)
    yield sessions
    sessions.kw["bind"].dispose()


@pytest.fixture
def access(state: sessionmaker[Session], clock: Clock) -> Access:
    made = Access(state, clock)
    made.ensure_first_admin(1)
    return made


def test_nobody_is_a_member_until_let_in(access: Access) -> None:
    assert access.member(2) is None
    token = access.invite("analyst", created_by=1)
    member = access.redeem(token, 2, "Ada", "zh")
    assert member is not None
    assert (member.role, member.language, member.name) == ("analyst", "zh", "Ada")
    assert access.member(2) == member


def test_an_invitation_works_once(access: Access) -> None:
    token = access.invite("viewer", created_by=1)
    with ThreadPoolExecutor(4) as pool:
        members = list(pool.map(lambda user: access.redeem(token, user, "", None), range(10, 18)))
    assert sum(member is not None for member in members) == 1


def test_an_invitation_expires(access: Access, clock: Clock) -> None:
    token = access.invite("viewer", created_by=1)
    clock.pass_(hours=48)
    assert access.redeem(token, 2, "", None) is None


def test_the_token_itself_is_not_stored(access: Access, state: sessionmaker[Session]) -> None:
    token = access.invite("viewer", created_by=1)
    with state() as session:
        assert token not in str(session.execute(text("SELECT * FROM invites")).all())


def test_an_invitation_never_lowers_a_role(access: Access) -> None:
    member = access.redeem(access.invite("viewer", created_by=1), 1, "", None)
    assert member is not None
    assert member.role == "admin"


def test_the_removed_are_strangers_until_invited_again_in_the_new_role(access: Access) -> None:
    access.redeem(access.invite("admin", created_by=1), 2, "", None)
    access.remove(2)
    assert access.member(2) is None
    member = access.redeem(access.invite("viewer", created_by=1), 2, "", None)
    assert member is not None
    assert member.role == "viewer"


def test_the_last_admin_stays(access: Access) -> None:
    with pytest.raises(LastAdmin):
        access.remove(1)
    with pytest.raises(LastAdmin):
        access.set_role(1, "viewer")
    access.redeem(access.invite("admin", created_by=1), 2, "", None)
    access.set_role(1, "viewer")
    member = access.member(1)
    assert member is not None
    assert member.role == "viewer"


def test_the_first_admin_of_the_settings_does_not_come_back_after_demotion(access: Access) -> None:
    access.redeem(access.invite("admin", created_by=1), 2, "", None)
    access.remove(1)
    access.ensure_first_admin(1)
    assert access.member(1) is None


def test_an_admin_counts_for_an_analyst_in_a_group(access: Access) -> None:
    admin = access.member(1)
    assert admin is not None
    assert admin.as_user("en", "UTC", in_group=True).role == "analyst"
    assert admin.as_user("en", "UTC", in_group=False).role == "admin"


def test_preferences_are_kept_one_by_one(access: Access) -> None:
    access.prefer(1, language="zh")
    member = access.prefer(1, timezone="Asia/Shanghai", number_style="full")
    assert member is not None
    assert (member.language, member.timezone, member.number_style) == ("zh", "Asia/Shanghai", "full")


def test_blocking_is_remembered_until_the_user_writes_again(access: Access) -> None:
    access.note_blocked(1)
    member = access.member(1)
    assert member is not None
    assert member.blocked
    access.note_seen(1, "Bo")
    member = access.member(1)
    assert member is not None
    assert (member.blocked, member.name) == (False, "Bo")


def test_a_group_keeps_its_permission_and_language_when_it_moves(access: Access) -> None:
    access.allow_group(-5, "Marketing", 1)
    access.set_group_language(-5, "zh")
    access.migrate_group(-5, -1005)
    old, new = access.group(-5), access.group(-1005)
    assert old is not None
    assert new is not None
    assert (old.allowed, new.allowed, new.language, new.title) == (False, True, "zh", "Marketing")


def test_a_group_that_was_not_allowed_does_not_become_so_by_moving(access: Access) -> None:
    access.allow_group(-5, "Marketing", 1)
    access.forbid_group(-5)
    access.migrate_group(-5, -1005)
    assert access.group(-1005) is None


def test_tokens_are_short_bound_and_expire(state: sessionmaker[Session], clock: Clock) -> None:
    tokens = Tokens(state, clock)
    own, anyone = tokens.issue([{"do": "a"}], 7, 1)[0], tokens.issue([{"do": "b", "名": "值"}], 7)[0]
    assert len(own.encode()) <= 64
    assert tokens.find(own, 7, 1).payload == {"do": "a"}
    assert tokens.find(own, 7, 2).verdict == "foreign"
    assert tokens.find(own, 8, 1).verdict == "foreign"
    assert Tokens(state, clock).find(anyone, 7, 2).payload == {"do": "b", "名": "值"}
    assert tokens.find("never-issued", 7, 1).verdict == "expired"
    clock.pass_(days=7)
    assert tokens.find(own, 7, 1).verdict == "expired"
    tokens.purge()
    with state() as session:
        assert session.scalar(text("SELECT count(*) FROM tokens")) == 0


def test_a_press_is_claimed_once_by_one_update(state: sessionmaker[Session], clock: Clock) -> None:
    tokens = Tokens(state, clock)
    token = tokens.issue([{}], 7)[0]
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda update_id: tokens.claim(token, update_id), range(8))) == 1
    winner = next(update_id for update_id in range(8) if tokens.claim(token, update_id))
    assert tokens.claim(token, winner)
    clock.pass_(seconds=61)
    assert tokens.claim(token, 99)
    assert not tokens.claim(token, 100)
    tokens.release(token)
    assert tokens.claim(token, 101)


def test_the_inbox_takes_an_update_once_and_forgets_its_text(state: sessionmaker[Session], clock: Clock) -> None:
    inbox = Inbox(state, clock)
    assert inbox.take(5, {"text": "who bought"})
    assert not inbox.take(5, {"text": "who bought"})
    assert [taken.payload for taken in inbox.waiting()] == [{"text": "who bought"}]
    inbox.answered(5)
    assert inbox.waiting() == ()
    assert not inbox.take(5, {"text": "who bought"})
    with state() as session:
        assert "who bought" not in str(session.execute(text("SELECT * FROM inbox")).all())
    assert inbox.take(5, {"text": "another message under the same number"})
    clock.pass_(days=4)
    inbox.answered(5)
    clock.pass_(days=3, seconds=1)
    inbox.purge()
    with state() as session:
        assert session.scalar(text("SELECT count(*) FROM inbox")) == 0


def test_the_inbox_keeps_order_attempts_and_what_was_sent(state: sessionmaker[Session], clock: Clock) -> None:
    inbox = Inbox(state, clock)
    for update_id in (9, 3, 6):
        inbox.take(update_id, {"n": update_id})
    assert inbox.begin(3) == 0
    inbox.sent(3, 2)
    assert inbox.begin(3) == 2
    assert [(taken.update_id, taken.attempts) for taken in inbox.waiting()] == [(9, 0), (3, 2), (6, 0)]


def test_the_audit_log_pages_backwards(state: sessionmaker[Session], clock: Clock) -> None:
    audit = AuditLog(state, clock)
    for number in range(5):
        audit.record(1, "looked", f"customer {number}")
        clock.pass_(minutes=1)
    newest = audit.page(2)
    assert [entry.subject for entry in newest] == ["customer 4", "customer 3"]
    assert [entry.subject for entry in audit.page(9, newest[-1].id)] == ["customer 2", "customer 1", "customer 0"]
    assert [entry.subject for entry in audit.entries()] == [f"customer {number}" for number in range(5)]
    assert newest[0].at == datetime(2024, 5, 1, 12, 4, tzinfo=UTC)


def test_a_look_at_personal_data_names_what_was_looked_at(state: sessionmaker[Session], clock: Clock) -> None:
    audit = AuditLog(state, clock)
    audit.looked(User("1", "admin"), "personal_data", {"tool": "segments", "rows": 12})
    entry = audit.page(1)[0]
    assert (entry.user_id, entry.action, entry.subject) == ("1", "personal_data", "tool=segments rows=12")
