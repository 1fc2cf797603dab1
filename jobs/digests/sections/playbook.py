"""Which page of the team's documents says what to do, where something is off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from jobs.digests.section import Part, Section
from jobs.digests.wording import BAD, mark
from tools.answer import FollowUp, ToolCall
from tools.messages import Label, say
from tools.playbooks.access import readable_by

if TYPE_CHECKING:
    from jobs.digests.digesting import Digesting
    from knowledge.catalogue import Learned

log = structlog.get_logger(__name__)
KIND = "incident"


def run(digesting: Digesting) -> Part | None:
    """The page that says it is about the figure which fell; the most off first. No model is loaded for it."""
    library = digesting.context.knowledge
    if library is None:
        return None
    off = _off(digesting)
    if not off:
        return None
    user = digesting.context.user
    try:
        pages = library.documents(readable_by(user.role))
    except Exception:  # whatever broke among the documents, figures need none of it
        log.exception("playbooks not read")
        return None
    pages = tuple(sorted((p for p in pages if p.kind == KIND), key=lambda p: (p.language != user.language, p.name)))
    page = next((found for name in off if (found := _about(name, pages)) is not None), None)
    if page is None:
        return None
    return Part(
        lines=(say("*Playbook:* “{title}”", title=page.title),),
        follow_ups=(FollowUp(say("Open the playbook"), ToolCall("playbook", {"document": page.name})),),
    )


def _about(metric: str, pages: tuple[Learned, ...]) -> Learned | None:
    """A page whose first figure it is, else one that names it."""
    return next((p for p in pages if p.metrics[:1] == (metric,)), next((p for p in pages if metric in p.metrics), None))


def _off(digesting: Digesting) -> list[str]:
    """The figures that moved to the worse beyond what is usual, the main one first."""
    if digesting.stale:
        return []
    return [figure.metric.id for figure in digesting.figures.all if mark(figure) == BAD]


SECTION = Section("playbook", Label("Playbook", "应对手册"), 70, run)
