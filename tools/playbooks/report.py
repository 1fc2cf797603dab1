"""What to write next: what was asked and not found, what did not help, and what nobody was shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from knowledge.language.words import terms
from tools.answer import Column, Table
from tools.messages import Label, Message, say, say_n
from tools.playbooks.pages import learned_on, path_text
from tools.playbooks.record import KEPT_QUESTIONS, Asked, Record
from tools.tool import ROLES

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from knowledge.catalogue import Learned
    from knowledge.library import Library

ALIKE = 0.5
"""Two questions are alike when they share so much of their terms (Dice)."""
MOST_GROUPS = 50
MOST_LISTED = 100
LONGEST_LISTED = 120
"""Characters of a question in the list; longer ones end with an ellipsis."""
ACCESS = frozenset(ROLES)


@dataclass(frozen=True)
class Wanted:
    """Questions alike that found nothing: one of them in words, how many there were, and the last day."""

    question: str
    count: int
    last: date


@dataclass(frozen=True)
class Unhelpful:
    """A passage that readers found unhelpful, with the votes for and against it."""

    title: str
    section: str
    document: str
    up: int
    down: int


@dataclass(frozen=True)
class ToWrite:
    """`unused` are the team's documents of which nothing was ever shown; `unused_shipped` counts shipped ones.

    `wanted_more` counts the wishes that are not listed in `wanted`, for there are too many.
    """

    asked: int
    answered: int
    wanted: tuple[Wanted, ...]
    wanted_more: int
    unhelpful: tuple[Unhelpful, ...]
    unused: tuple[Learned, ...]
    unused_shipped: int

    def messages(self) -> tuple[Message, ...]:
        """The report's head, line by line."""
        head = say_n(
            "{count} question to the playbooks in {days} days, {answered} answered.",
            "{count} questions to the playbooks in {days} days, {answered} answered.",
            self.asked,
            days=KEPT_QUESTIONS.days,
            answered=self.answered,
        )
        lines = [head]
        if self.asked and not self.wanted:
            lines.append(say("Every question found a page."))
        if self.wanted_more:
            lines.append(
                say_n(
                    "{count} more question was asked and not found; the most frequent are listed.",
                    "{count} more questions were asked and not found; the most frequent are listed.",
                    self.wanted_more,
                )
            )
        if not self.unhelpful:
            lines.append(say("No passage was voted down."))
        if self.unused_shipped:
            lines.append(
                say_n(
                    "{count} shipped page was never shown.",
                    "{count} shipped pages were never shown.",
                    self.unused_shipped,
                )
            )
        return tuple(lines)

    def as_tables(self) -> tuple[tuple[Message, Table], ...]:
        """A titled table for each part that has rows."""
        tables = (
            (say("Asked and not found"), _wanted_table(self.wanted)),
            (say("Voted down"), _unhelpful_table(self.unhelpful)),
            (say("Documents never shown"), _unused_table(self.unused)),
        )
        return tuple((title, table) for title, table in tables if table.rows)


def to_write(
    library: Library, state: Callable[[], Session], clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> ToWrite:
    """The report on a library, as an admin may read it."""
    record = Record(state, clock)
    documents = library.documents(ACCESS)
    unused = record.never_shown([one.key for one in documents])
    asked, answered = record.counted()
    wanted = grouped(record.unanswered())
    return ToWrite(
        asked=asked,
        answered=answered,
        wanted=wanted[:MOST_GROUPS],
        wanted_more=len(wanted[MOST_GROUPS:]),
        unhelpful=tuple(_unhelpful(library, record)),
        unused=tuple(one for one in documents if one.key in unused and one.origin == "team"),
        unused_shipped=sum(one.key in unused and one.origin == "shipped" for one in documents),
    )


def grouped(questions: Sequence[Asked]) -> tuple[Wanted, ...]:
    """Questions that share most of their terms, as one: the newest speaks for its group; the largest group first."""
    groups: list[tuple[frozenset[str], list[Asked]]] = []
    for question in sorted(questions, key=lambda one: one.asked_at, reverse=True):
        words = frozenset(terms(question.text)) or frozenset((question.text,))
        for known, own in groups:
            if 2 * len(words & known) >= ALIKE * (len(words) + len(known)) and words & known:
                own.append(question)
                break
        else:
            groups.append((words, [question]))
    wanted = (Wanted(own[0].text, len(own), own[0].asked_at.date()) for _words, own in groups)
    return tuple(sorted(wanted, key=lambda one: (one.count, one.last), reverse=True))


def _unhelpful(library: Library, record: Record) -> Iterable[Unhelpful]:
    listed = 0
    for votes in record.voted_down():
        section = library.section(votes.passage, readable=ACCESS)
        # What was rewritten since has new passages, and a clean slate.
        if section is None:
            continue
        yield Unhelpful(section.document.title, path_text(section.path), section.document.name, votes.up, votes.down)
        listed += 1
        if listed == MOST_LISTED:
            return


def _wanted_table(wanted: Sequence[Wanted]) -> Table:
    columns = (
        Column("question", Label("Question", "问题")),
        Column("times", Label("Times", "次数"), "count"),
        Column("last", Label("Last asked", "最近一次")),
    )
    return Table(columns, tuple((_shortened(one.question), one.count, one.last) for one in wanted), len(wanted))


def _shortened(question: str) -> str:
    return question if len(question) <= LONGEST_LISTED else f"{question[: LONGEST_LISTED - 1].rstrip()}…"


def _unhelpful_table(unhelpful: Sequence[Unhelpful]) -> Table:
    columns = (
        Column("title", Label("Title", "标题")),
        Column("section", Label("Section", "章节")),
        Column("document", Label("Document", "文档")),
        Column("down", Label("👎", "👎"), "count"),
        Column("up", Label("👍", "👍"), "count"),
    )
    rows = tuple((one.title, one.section, one.document, one.down, one.up) for one in unhelpful)
    return Table(columns, rows, len(rows))


def _unused_table(documents: Sequence[Learned]) -> Table:
    columns = (
        Column("title", Label("Title", "标题")),
        Column("document", Label("Document", "文档")),
        Column("learned", Label("Learned", "学习日期")),
    )
    rows = tuple((one.title, one.name, learned_on(one)) for one in sorted(documents, key=lambda one: one.learned_at))
    return Table(columns, rows, len(rows))
