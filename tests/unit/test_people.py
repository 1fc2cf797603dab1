"""Whom the bot may tell unasked, with which rights, in which language and timezone."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session, sessionmaker

from bot.settings import Settings
from bot.telegram.access import Access
from bot.telegram.people import OPERATOR, People
from tests.unit.outbox_scenes import Clock

ADMIN, ANALYST, VIEWER, GROUP = 1, 2, 3, -5


@pytest.fixture
def access(state: sessionmaker[Session], clock: Clock) -> Access:
    access = Access(state, clock)
    access.enrol(ADMIN, "Ada", "admin", "en")
    access.enrol(ANALYST, "Lin", "analyst", "zh")
    access.enrol(VIEWER, "Max", "viewer")
    return access


@pytest.fixture
def people(access: Access) -> People:
    return People(access, Settings(_env_file=None, timezone="Europe/Berlin", language="en"))


def test_somebody_is_told_as_they_like_it(access: Access, people: People) -> None:
    access.prefer(ANALYST, timezone="Asia/Shanghai", number_style="full")
    found = people.recipient(ANALYST, None, str(ANALYST))
    assert found is not None
    assert found.way == ("analyst", "zh", "Asia/Shanghai", "full")
    assert (found.user.id, found.user.name, found.chat_id) == (str(ANALYST), "Lin", ANALYST)


def test_what_nobody_chose_is_as_the_settings_say(people: People) -> None:
    found = people.recipient(VIEWER, None, str(VIEWER))
    assert found is not None
    assert found.way == ("viewer", "en", "Europe/Berlin", "compact")


def test_a_subscription_has_a_language_of_its_own(people: People) -> None:
    told = people.recipient(ANALYST, None, str(ANALYST), language="en")
    odd = people.recipient(ANALYST, None, str(ANALYST), language="fr")
    assert (told and told.user.language, odd and odd.user.language) == ("en", "zh")


def test_in_a_private_chat_the_rights_are_the_readers(people: People) -> None:
    found = people.recipient(VIEWER, None, str(ADMIN))
    assert found is not None
    assert (found.user.id, found.user.role) == (str(VIEWER), "viewer")


def test_strangers_the_removed_and_those_who_blocked_the_bot_are_not_told(access: Access, people: People) -> None:
    access.remove(VIEWER)
    access.note_blocked(ANALYST)
    assert [people.recipient(chat, None, str(chat)) for chat in (99, VIEWER, ANALYST)] == [None] * 3
    access.note_seen(ANALYST, "Lin")
    assert people.recipient(ANALYST, None, str(ANALYST)) is not None


@pytest.mark.parametrize(("owner", "role"), [(ADMIN, "analyst"), (ANALYST, "analyst"), (VIEWER, "viewer")])
def test_in_a_group_nobody_counts_for_more_than_an_analyst(
    access: Access, people: People, owner: int, role: str
) -> None:
    access.allow_group(GROUP, "Team", ADMIN)
    access.prefer(owner, timezone="Asia/Tokyo", number_style="full")
    found = people.recipient(GROUP, 7, str(owner))
    assert found is not None
    assert found.way == (role, "en", "Europe/Berlin", "compact")
    assert (found.chat_id, found.topic_id) == (GROUP, 7)


def test_a_group_has_its_own_language(access: Access, people: People) -> None:
    access.allow_group(GROUP, "Team", ADMIN)
    access.set_group_language(GROUP, "zh")
    found = people.recipient(GROUP, None, str(ADMIN))
    assert found is not None
    assert found.user.language == "zh"


def test_a_group_is_told_as_long_as_it_is_allowed_and_the_subscriber_is_there(access: Access, people: People) -> None:
    assert people.recipient(GROUP, None, str(ADMIN)) is None
    access.allow_group(GROUP, "Team", ADMIN)
    assert people.recipient(GROUP, None, str(ANALYST)) is not None
    access.remove(ANALYST)
    assert people.recipient(GROUP, None, str(ANALYST)) is None
    assert people.recipient(GROUP, None, "cli") is None
    assert people.recipient(GROUP, None, OPERATOR) is not None
    access.forbid_group(GROUP)
    assert people.recipient(GROUP, None, OPERATOR) is None
