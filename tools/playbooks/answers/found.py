"""The passage that answers a question, or that nothing does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knowledge.language.detection import language_of
from tools.answer import Answer, Citation
from tools.errors import NothingFound
from tools.messages import Message, say
from tools.playbooks.access import readable_by
from tools.playbooks.pages import dotted, library_of, pages, path_text, recorded, tap, titled, votes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from knowledge.catalogue import Learned
    from knowledge.document import Language
    from knowledge.retrieval.found import Extract, Found, Hit
    from tools.playbooks.record import Record
    from tools.tool import Context

OTHER_PAGES = 2
# A page that answers with less than this probability is near to nothing that was asked.
NEAR = 0.03
# So far behind the best one in its score a page is still worth seeing; and one that shares a figure.
CLOSE, AKIN = 1.0, 2.5
WORDS_ONLY = say("Only words were compared: the index of meaning cannot be used just now.")


def found(context: Context, question: str) -> Answer:
    """Quotes the passage that answers, with its source. Raises NothingFound, which offers the nearest pages."""
    library = library_of(context)
    language = language_of(question)
    result = library.find(question, readable=readable_by(context.user.role), language=language)
    extract = result.extract
    _keep(context, question, language, result)
    if extract is None:
        raise _nothing(result, _others(result.hits, language))
    extracts = (extract, *result.also)
    shown = tuple(one.document for one in extracts)
    others = _others(_related(result, shown), language, *shown)
    return Answer(
        headline=titled(extract.document.title),
        citations=(_citation(extract), *(_citation(one, title=_if_other(one, extract)) for one in extracts[1:])),
        closing=(_see_also(others),) if others else (),
        caveats=(*_other_language(extract, language), *((WORDS_ONLY,) if result.words_only else ())),
        follow_ups=(
            tap(say("Whole section"), passage=extract.passage.id),
            *pages(others),
            *votes(extract.passage.id),
        ),
    )


def _if_other(one: Extract, first: Extract) -> str:
    return one.document.title if one.document.key != first.document.key else ""


def _keep(context: Context, question: str, language: Language, result: Found) -> None:
    """Records the question, and what is shown for it."""
    extract = result.extract

    def keep(record: Record) -> None:
        record.asked(
            question,
            language=language,
            role=context.user.role,
            confidence=result.confidence,
            passage=extract.passage.id if extract else "",
            document=extract.document.key if extract else "",
        )
        for one in (*filter(None, (extract,)), *result.also):
            record.shown(one.document.key)

    recorded(context, keep)


def _citation(extract: Extract, *, title: str = "") -> Citation:
    """`title` where the headline names another document."""
    passage = extract.passage
    return Citation(
        document=extract.document.name,
        section=path_text(passage.section),
        page=passage.page,
        quote=extract.quote,
        title=title,
        passage=f"{path_text((extract.document.title, *passage.section))}\n\n{passage.text}",
        access=extract.document.access,
    )


def _others(hits: Iterable[Hit], language: Language, *shown: Learned) -> tuple[Learned, ...]:
    """The documents of the hits, each once; of a page that ships in both languages, the one in the asker's."""
    found: dict[str, Learned] = {}
    known = {_page(document) for document in shown}
    for document in (hit.document for hit in hits):
        page = _page(document)
        if page not in known and (page not in found or document.language == language):
            found[page] = document
    return tuple(found.values())[:OTHER_PAGES]


def _related(result: Found, shown: Sequence[Learned]) -> Iterator[Hit]:
    """The hits that fit nearly as well as the best one, or that treat a figure of the page that is shown."""
    metrics = {metric for document in shown for metric in document.metrics}
    for hit in result.hits:
        behind = result.hits[0].score - hit.score
        if behind <= CLOSE or (behind <= AKIN and metrics & set(hit.document.metrics)):
            yield hit


def _page(document: Learned) -> str:
    """What a shipped page shares with its other language: its file's name."""
    return document.name.rpartition("/")[2] if document.origin == "shipped" else document.key


def _see_also(documents: Iterable[Learned]) -> Message:
    return say("See also: {titles}", titles=dotted([titled(one.title) for one in documents]))


def _other_language(extract: Extract, language: Language) -> tuple[Message, ...]:
    if extract.passage.language == language:
        return ()
    return (say("The page is in Chinese."),) if extract.passage.language == "zh" else (say("The page is in English."),)


def _nothing(result: Found, nearest: tuple[Learned, ...]) -> NothingFound:
    plainly = say("Nothing in the playbooks answers that.")
    if result.unsaid:
        plainly = say("The playbooks speak of this, but do not state that.")
    if result.words_only:
        plainly = say("{nothing} {why}", nothing=plainly, why=WORDS_ONLY)
    if not nearest or result.confidence < NEAR:
        return NothingFound(plainly)
    return NothingFound(say("{nothing} The nearest pages:", nothing=plainly), pages(nearest), alone=plainly)
