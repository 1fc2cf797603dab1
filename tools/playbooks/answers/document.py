"""A document by its name: how it begins, and its sections as buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.answer import Answer, Citation, FollowUp
from tools.errors import InvalidArgument
from tools.messages import Message, say, say_n
from tools.nearest import nearest
from tools.playbooks.access import readable_by
from tools.playbooks.answers.listed import LANGUAGES
from tools.playbooks.pages import dotted, gone, learned_on, library_of, pages, path_text, recorded, tap, titled
from tools.playbooks.words import page_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from knowledge.catalogue import Learned
    from knowledge.document import Passage
    from tools.tool import Context

SECTIONS_OFFERED = 12
NEAREST = 3


def whole_document(context: Context, name: str) -> Answer:
    """How the document begins, with buttons for its sections. Raises InvalidArgument with the nearest titles."""
    library, readable = library_of(context), readable_by(context.user.role)
    document = _named(name, library.documents(readable))
    passages = library.contents(document.key, readable=readable)
    if not passages:
        raise gone()
    recorded(context, lambda record: record.shown(document.key))
    sections = _sections(passages)
    opening = sections[0][1]
    return Answer(
        headline=titled(document.title),
        lines=(_about(document, len(sections)),),
        citations=(
            Citation(
                document=document.name,
                section=path_text(opening[0].section),
                page=opening[0].page,
                quote="\n\n".join(passage.text for passage in opening),
                whole=len(sections) == 1,
            ),
        ),
        follow_ups=tuple(_button(path, own[0]) for path, own in sections[:SECTIONS_OFFERED])
        if len(sections) > 1
        else (),
    )


def _named(name: str, documents: Sequence[Learned]) -> Learned:
    """The document whose cited name, file name, title or other name this is."""
    wanted = name.strip().casefold()
    for names in (_cited, _file_name, _titles):
        for one in documents:
            if wanted in names(one):
                return one
    by_title = {one.title: one for one in reversed(documents)}
    close = [by_title[title] for title in nearest(name, by_title, limit=NEAREST)]
    if not close:
        raise InvalidArgument(say("The playbooks have no page “{name}”.", name=name))
    raise InvalidArgument(say("The playbooks have no page “{name}”. The nearest:", name=name), pages(close))


def _cited(document: Learned) -> tuple[str, ...]:
    return (document.name.casefold(),)


def _file_name(document: Learned) -> tuple[str, ...]:
    last = document.name.rpartition("/")[2].casefold()
    return (last, last.rpartition(".")[0])


def _titles(document: Learned) -> tuple[str, ...]:
    return tuple(one.casefold() for one in (document.title, *document.aliases))


def _sections(passages: Sequence[Passage]) -> list[tuple[tuple[str, ...], list[Passage]]]:
    """Passages under the same headings together, in reading order."""
    found: dict[tuple[str, ...], list[Passage]] = {}
    for passage in passages:
        found.setdefault(passage.section, []).append(passage)
    return list(found.items())


def _about(document: Learned, sections: int) -> Message:
    parts: list[Message] = [say("{language}", language=LANGUAGES[document.language])]
    if document.pages is not None:
        parts.append(page_count(document.name, document.pages))
    parts.append(say_n("{count} section", "{count} sections", sections))
    if document.origin == "team":
        parts.append(say("learned {day}", day=learned_on(document)))
    return dotted(parts)


def _button(path: tuple[str, ...], first: Passage) -> FollowUp:
    label = say("{heading}", heading=path[-1]) if path else say("Beginning")
    return tap(label, passage=first.id)
