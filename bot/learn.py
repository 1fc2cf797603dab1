"""`marketbot learn`: documents in, and in words what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.failure import Failure
from knowledge.errors import Busy, DiskFull, MeaningUnavailable, UnusableModel
from tools.answer import Cell, Column, Table
from tools.messages import Label, Message, say, say_n
from tools.playbooks.access import READERS
from tools.playbooks.answers.listed import LANGUAGES
from tools.playbooks.pages import learned_on, titled
from tools.playbooks.words import megabytes, why

if TYPE_CHECKING:
    from knowledge.catalogue import Learned
    from knowledge.report import LearnReport, Progress, Stage, Step

ACCESS = {"everyone": "viewer", "analysts": "analyst", "admins": "admin"}
NAMED = 10
_SKIPPED = {
    "hidden": say("Left aside, hidden: {names}"),
    "unknown_format": say("Left aside, of a format that cannot be read: {names}"),
    "link": say("Left aside, links that lead out of the folder: {names}"),
}
_ORIGINS = {"team": say("Documents of the team"), "shipped": say("Documents that come with marketbot")}
ALIKE = 60.0
"""Percent of the letters that a name must share with one that is learned, to be offered in its place."""
FARTHER = 20.0
"""Percent by which another may be less like it than the likeliest."""


@contextmanager
def explained() -> Iterator[None]:
    """Turns what may go wrong with the library as a whole into a Failure with its mend."""
    try:
        yield
    except Busy as error:
        holder = f" ({error.holder})" if error.holder else ""
        raise Failure(f"Documents are being learned already{holder}.", "Try again when that is done.") from error
    except DiskFull as error:
        raise Failure(
            f"The disk is full: {_megabytes(error.free)} are free in {error.folder}, and learning needs about "
            f"{_megabytes(error.needed)}. What was learned before is as it was.",
            "Free room there, or name a home folder on another disk with --home or MARKETBOT_HOME.",
        ) from error
    except UnusableModel as error:
        raise Failure(
            f"The embedding model {error.model!r} cannot be used: {error.tried}.",
            "Set MARKETBOT_EMBEDDING_MODEL to a model's folder or name; empty takes the one that comes along.",
        ) from error
    except MeaningUnavailable as error:
        raise Failure(
            f"{str(error)[:1].upper()}{str(error)[1:]}.", "Check MARKETBOT_CHROMA_URL, or run `marketbot doctor`."
        ) from error


def _megabytes(size: int) -> str:
    return f"{megabytes(size).value:,} MB"


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Bars on stderr, so that the report can go to a file; none where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    names: dict[Stage, str] = {
        "waiting": "Waiting for another learner",
        "reading": "Reading documents",
        "embedding": "Indexing passages",
        "reindexing": "Indexing anew",
    }
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, transient=True, console=console, disable=not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def show(step: Step) -> None:
            if step.stage not in tasks:
                tasks[step.stage] = bars.add_task(names[step.stage])
            bars.update(tasks[step.stage], completed=step.done, total=step.total)

        yield show


def told(report: LearnReport) -> Iterator[Message]:
    """What came of it, line by line; the team's documents that are new or changed follow as a table."""
    yield from _counts(report)
    if report.moved_to is not None:
        yield say("Questions now use the embedding model {model}.", model=report.moved_to)
    for folder in report.lost_folders:
        yield say(
            "{folder} is gone or empty as a whole; perhaps it is not mounted. What was learned from it stays. To take "
            "it out: `marketbot learn --remove {folder}`",
            folder=folder,
        )
    if report.unreadable:
        yield say_n("{count} file was not learned:", "{count} files were not learned:", len(report.unreadable))
        yield from (say("  {why}", why=why(error)) for error in report.unreadable)
    for reason, text in _SKIPPED.items():
        names = [one.name for one in report.skipped if one.reason == reason]
        if names:
            yield Message(text.text, {"names": _named(names)})
    for name, keys in report.clashes:
        yield say("{count} documents are called {name}: {keys}", count=len(keys), name=name, keys=_named(keys))
    for document in (*report.added, *report.changed):
        if document.pictured:
            yield say_n(
                "{name}: {count} page is a picture and was not read.",
                "{name}: {count} pages are pictures and were not read.",
                document.pictured,
                name=document.name,
            )


def _counts(report: LearnReport) -> Iterator[Message]:
    team = [one for one in report.learned if one.origin == "team"]
    if team:
        yield say_n(
            "{count} document of the team is learned: {added} new, {changed} changed, {unchanged} as it was.",
            "{count} documents of the team are learned: {added} new, {changed} changed, {unchanged} as they were.",
            len(team),
            added=sum(one.origin == "team" for one in report.added),
            changed=sum(one.origin == "team" for one in report.changed),
            unchanged=sum(one.origin == "team" for one in report.unchanged),
        )
    shipped = sum(one.origin == "shipped" for one in (*report.added, *report.changed))
    if shipped:
        yield say_n(
            "{count} document that comes with marketbot was learned along.",
            "{count} documents that come with marketbot were learned along.",
            shipped,
        )
    if report.removed:
        yield say_n("{count} document left:", "{count} documents left:", len(report.removed))
        yield say("  {names}", names=_named([one.name for one in report.removed]))
    if not (team or shipped or report.removed or report.unreadable):
        yield say("Nothing has changed.")


def _named(names: Sequence[str]) -> str | Message:
    shown = ", ".join(names[:NAMED])
    more = len(names) - NAMED
    return shown if more <= 0 else say_n("{names} and {count} more", "{names} and {count} more", more, names=shown)


def alike(name: str, known: Iterable[str]) -> list[str]:
    """Up to three of the names or paths that one may have been meant by, the likeliest first.

    Letter by letter: word by word, any two names with one ending would be alike.
    """
    from rapidfuzz import fuzz

    def likeness(one: str) -> float:
        return max(fuzz.ratio(name.casefold(), part.casefold()) for part in (one, one.rpartition("/")[2]))

    likely = sorted(((likeness(one), one) for one in known), key=lambda pair: -pair[0])
    return [one for score, one in likely if score >= max(ALIKE, likely[0][0] - FARTHER)][:3]


def as_tables(documents: Sequence[Learned]) -> Iterator[tuple[Message, Table]]:
    """What is learned, a document a row: the team's own, then what comes along, each under its title."""
    for origin, title in _ORIGINS.items():
        own = [one for one in documents if one.origin == origin]
        if own:
            yield title, as_table(own)


def as_table(documents: Sequence[Learned]) -> Table:
    """Documents of one origin. Pages are left out where none has any, and what is the same of all that comes along."""
    team = any(one.origin == "team" for one in documents)
    columns: list[tuple[Column, list[Cell]]] = [
        (Column("document", Label("Document", "文档")), [one.name for one in documents]),
        (Column("title", Label("Title", "标题")), [titled(one.title) for one in documents]),
        (Column("language", Label("Language", "语言"), labels=LANGUAGES), [one.language for one in documents]),
    ]
    if any(one.pages is not None for one in documents):
        columns.append((Column("pages", Label("Pages", "页数"), "count"), [one.pages for one in documents]))
    columns.append((Column("passages", Label("Passages", "段落"), "count"), [one.passages for one in documents]))
    if team or any(one.access != ACCESS["everyone"] for one in documents):
        readers: list[Cell] = [READERS.get(one.access, one.access) for one in documents]
        columns.append((Column("readers", Label("Readers", "谁能看")), readers))
    if team:
        columns.append((Column("learned", Label("Learned", "学习日期")), [learned_on(one) for one in documents]))
    rows = tuple(zip(*(cells for _column, cells in columns), strict=True))
    return Table(tuple(column for column, _cells in columns), rows, len(documents))
