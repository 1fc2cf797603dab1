"""How a library is: what it holds, and what is wrong with it."""

from __future__ import annotations

from knowledge.catalogue import Catalogue, Vectors
from knowledge.errors import VectorsUnavailable
from knowledge.language.meaning import embedded_languages
from knowledge.learning.recipe import made_by
from knowledge.report import State
from knowledge.vectors.shelves import Shelves


def state_of(catalogue: Catalogue, shelves: Shelves, set_model: str) -> State:
    """Looks at the vectors, but loads no model."""
    documents = catalogue.documents().values()
    active = catalogue.vectors()
    missing: int | None = 0
    unreachable = ""
    try:
        missing = _missing(catalogue, shelves, active)
    except VectorsUnavailable as error:
        missing, unreachable = None, str(error)
    return State(
        documents=len(documents),
        passages=catalogue.passage_count(),
        shipped=sum(document.origin == "shipped" for document in documents),
        model=None if active is None else active.model,
        set_model=set_model,
        languages=frozenset() if active is None else active.languages,
        missing=missing,
        unreachable=unreachable,
        outdated=sum(document.made_by != made_by() for document in documents),
        reindexing=catalogue.vectors("building") is not None,
    )


def _missing(catalogue: Catalogue, shelves: Shelves, active: Vectors | None) -> int:
    if active is None:
        return 0
    languages = embedded_languages(active.languages)
    wanted = {entry.id for entry in catalogue.entries() if entry.language in languages}
    index = shelves.open(active.name)
    try:
        return len(wanted - index.ids())
    finally:
        index.close()
