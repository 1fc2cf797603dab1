"""What every answer from the playbooks shares: the library, who may read what, names, and buttons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

import structlog

from tools.answer import FollowUp, ToolCall
from tools.errors import InvalidArgument, NotEnoughData
from tools.messages import Message, say
from tools.playbooks.access import readable_by
from tools.playbooks.record import Record

if TYPE_CHECKING:
    from knowledge.catalogue import Learned
    from knowledge.library import Library
    from tools.tool import Context

log = structlog.get_logger(__name__)
PATH = " › "
LONGEST_TITLE = 120


def library_of(context: Context) -> Library:
    """The documents. Raises NotEnoughData where the reader can read none."""
    if context.knowledge is None or not context.knowledge.documents(readable_by(context.user.role)):
        raise NotEnoughData(
            say(
                "There are no playbooks to look in yet. Whoever runs me adds documents with `marketbot learn PATH`, "
                "and an admin can send them to me in a private chat."
            )
        )
    return context.knowledge


def gone() -> InvalidArgument:
    """For a passage or document that is not there, or not for this reader: the two are told alike."""
    return InvalidArgument(say("This page is no longer among the playbooks. Please ask again."))


def tap(label: Message, *, quiet: bool = False, **args: str) -> FollowUp:
    return FollowUp(label, ToolCall("playbook", args), quiet=quiet)


def votes(passage: str) -> tuple[FollowUp, FollowUp]:
    """The buttons that say whether a passage helped."""
    return (
        tap(say("👍"), quiet=True, passage=passage, vote="up"),
        tap(say("👎"), quiet=True, passage=passage, vote="down"),
    )


def pages(documents: Iterable[Learned]) -> tuple[FollowUp, ...]:
    """A button for each document."""
    return tuple(tap(titled(one.title), document=one.name) for one in documents)


def titled(title: str) -> Message:
    """A document's title; some files have a whole paragraph for one."""
    return say("{title}", title=title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…")


def path_text(path: tuple[str, ...]) -> str:
    """A path of headings in one line."""
    return PATH.join(path)


def dotted(parts: Sequence[Message]) -> Message:
    """Short facts in one line."""
    if len(parts) == 1:
        return parts[0]
    return say("{first} · {rest}", first=parts[0], rest=dotted(parts[1:]))


def learned_on(document: Learned) -> date:
    return datetime.fromisoformat(document.learned_at).date()


def recorded(context: Context, keep: Callable[[Record], None]) -> None:
    """Keeps what there is to keep. A page is shown also where the state database cannot be written."""
    if context.state is None:
        return
    from sqlalchemy.exc import SQLAlchemyError

    try:
        keep(Record(context.state))
    except SQLAlchemyError as error:
        log.warning("playbook_use_not_kept", error=type(error).__name__)
