"""The whole section round a passage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.answer import Answer, Citation
from tools.messages import Message, say
from tools.playbooks.access import readable_by
from tools.playbooks.pages import gone, library_of, path_text, recorded, tap, titled, votes
from tools.playbooks.words import has_slides

if TYPE_CHECKING:
    from knowledge.report import Section
    from tools.tool import Context


def whole_section(context: Context, passage: str) -> Answer:
    """The section at full length. Raises InvalidArgument where the passage has left."""
    section = library_of(context).section(passage, readable=readable_by(context.user.role))
    if section is None:
        raise gone()
    recorded(context, lambda record: record.shown(section.document.key))
    return Answer(
        headline=titled(section.document.title),
        lines=_pages(section),
        citations=(
            Citation(
                document=section.document.name,
                section=path_text(section.path),
                page=section.pages[0] if section.pages else None,
                quote=section.text,
                whole=True,
            ),
        ),
        follow_ups=(tap(say("All sections"), document=section.document.name), *votes(passage)),
    )


def _pages(section: Section) -> tuple[Message, ...]:
    """Where a section that spans several pages begins and ends; one page stands with its source."""
    if section.pages is None or section.pages[0] == section.pages[1]:
        return ()
    first, last = section.pages
    if has_slides(section.document.name):
        return (say("Slides {first} to {last}", first=first, last=last),)
    return (say("Pages {first} to {last}", first=first, last=last),)
