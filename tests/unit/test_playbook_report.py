"""What to write next: questions alike are one wish, votes are weighed, and what nobody was shown is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, cast

from bot.rendering.voice import Voice
from tests.unit.playbook_library import FakeLibrary, learned, passage, playbook_state
from tools.playbooks.record import Asked, Record
from tools.playbooks.report import grouped, to_write

if TYPE_CHECKING:
    from knowledge.library import Library

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PAGE = learned("returns.md", "Returns", team=True)
NEW = learned("new.md", "New here", team=True)
SHIPPED = learned("en/rfm.md", "RFM")


def asked(text: str, days_ago: int = 0) -> Asked:
    return Asked(text, "en", NOON - timedelta(days=days_ago))


def test_questions_alike_are_one_wish_in_the_words_of_the_newest() -> None:
    wanted = grouped(
        [
            asked("How do we run a referral programme?", 3),
            asked("how to run referral programmes", 1),
            asked("裂变拉新怎么做", 2),
            asked("怎么做裂变拉新活动？"),
            asked("Who won the cup?", 5),
            asked("?!"),
        ]
    )
    assert [(one.question, one.count, one.last.day) for one in wanted] == [
        ("怎么做裂变拉新活动？", 2, 20),
        ("how to run referral programmes", 2, 19),
        ("?!", 1, 20),
        ("Who won the cup?", 1, 15),
    ]


def test_many_questions_are_grouped_in_time() -> None:
    assert len(grouped([asked(f"word{number} thing{number}") for number in range(3000)])) == 3000


def test_the_report_says_what_to_write() -> None:
    state = playbook_state()
    library = cast("Library", FakeLibrary([(PAGE, [passage(PAGE, "a", ("Fees",))]), (NEW, []), (SHIPPED, [])]))
    record = Record(state, lambda: NOON)
    record.asked("What about gift cards?", language="en", role="viewer", confidence=0.2)
    record.asked("Returns?", language="en", role="viewer", confidence=0.9, passage="returns.md-0", document=PAGE.key)
    record.shown(PAGE.key)
    for user, vote in (("1", "down"), ("2", "down"), ("3", "up")):
        record.vote(user, "returns.md-0", cast("Literal['up', 'down']", vote))
    record.vote("1", "rewritten-since", "down")
    report = to_write(library, state, lambda: NOON)
    voice = Voice("en")
    assert [voice.text(message) for message in report.messages()] == [
        "2 questions to the playbooks in 90 days, 1 answered.",
        "1 shipped page was never shown.",
    ]
    assert [(voice.text(title), table.rows) for title, table in report.as_tables()] == [
        ("Asked and not found", (("What about gift cards?", 1, NOON.date()),)),
        ("Voted down", (("Returns", "Fees", "returns.md", 2, 1),)),
        ("Documents never shown", (("New here", "new.md", datetime(2026, 11, 3, tzinfo=UTC).date()),)),
    ]


def test_a_report_on_nothing_says_so() -> None:
    report = to_write(cast("Library", FakeLibrary()), playbook_state(), lambda: NOON)
    assert [Voice("en").text(message) for message in report.messages()] == [
        "0 questions to the playbooks in 90 days, 0 answered.",
        "No passage was voted down.",
    ]
    assert report.as_tables() == ()


def test_many_and_long_questions_stay_a_short_list() -> None:
    state = playbook_state()
    record = Record(state, lambda: NOON)
    for number in range(53):
        record.asked(f"word{number} thing{number}", language="en", role="viewer", confidence=0)
    for _ in range(2):
        record.asked("How do we ship umbrellas abroad? " * 9, language="en", role="viewer", confidence=0)
    report = to_write(cast("Library", FakeLibrary()), state, lambda: NOON)
    ((_title, table),) = report.as_tables()
    assert len(table.rows) == 50
    longest = str(table.rows[0][0])
    assert (len(longest), longest[-1]) == (120, "…")
    assert "4 more questions were asked and not found; the most frequent are listed." in [
        Voice("en").text(message) for message in report.messages()
    ]
