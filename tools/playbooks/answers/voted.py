"""A reader's vote on a passage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tools.answer import Answer
from tools.errors import NotEnoughData
from tools.messages import say
from tools.playbooks.access import readable_by
from tools.playbooks.pages import gone, library_of
from tools.playbooks.record import Record

if TYPE_CHECKING:
    from tools.tool import Context


def voted(context: Context, passage: str, vote: Literal["up", "down"]) -> Answer:
    """Keeps the vote. Raises InvalidArgument where the passage has left, NotEnoughData where nothing can be kept."""
    if library_of(context).section(passage, readable=readable_by(context.user.role)) is None:
        raise gone()
    if context.state is None:
        raise NotEnoughData(say("Votes cannot be kept here: there is no state database."))
    Record(context.state).vote(context.user.id, passage, vote)
    if vote == "up":
        return Answer(headline=say("Thank you, noted as helpful."))
    return Answer(headline=say("Thank you, noted. It is listed for whoever writes the playbooks."))
