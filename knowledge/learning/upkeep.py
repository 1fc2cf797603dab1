"""Keeps vectors in step with the catalogue: mends what is missing, and moves to another model beside the old one."""

from __future__ import annotations

import time
from collections.abc import Iterator

from knowledge.catalogue import Catalogue
from knowledge.document import Passage
from knowledge.learning.growth import Growth, Pace, tidy
from knowledge.learning.recipe import embedded_by
from knowledge.report import Progress
from knowledge.vectors.embedder import Embedder
from knowledge.vectors.shelves import Shelves


def mend(catalogue: Catalogue, growth: Growth, pace: Pace) -> None:
    """Makes vectors that are missing, and removes those that no passage has."""
    lacking = growth.lacking(list(_passages(catalogue)))
    growth.expect(len(lacking))
    _embed(growth, lacking, pace)
    with growth.shown(growth.orphans()):
        catalogue.call_whole(True)


def move(catalogue: Catalogue, shelves: Shelves, embedder: Embedder, progress: Progress, pace: Pace) -> int | None:
    """Makes all vectors again where they were made by another model, and switches when all are there.

    Until then questions go on with the old ones. What was made before a crash is kept. Returns how many passages were
    embedded; None: there was no need to.
    """
    active, building = catalogue.vectors("active"), catalogue.vectors("building")
    wanted = (embedder.name, embedded_by())
    if building is not None and (building.model, building.recipe) != wanted:
        catalogue.use_vectors(None, "building")
    if active is None or (active.model, active.recipe) == wanted:
        if building is not None:
            catalogue.use_vectors(None, "building")
            tidy(catalogue, shelves)
        return None
    with Growth(catalogue, shelves, embedder, progress, role="building", stage="reindexing") as growth:
        lacking = growth.lacking(list(_passages(catalogue)))
        growth.expect(len(lacking))
        _embed(growth, lacking, pace)
        with growth.shown(growth.orphans()):
            pass
    with catalogue.change():
        catalogue.use_vectors(catalogue.vectors("building"), "active")
        catalogue.use_vectors(None, "building")
    tidy(catalogue, shelves)
    return growth.embedded


def _embed(growth: Growth, lacking: list[Passage], pace: Pace) -> None:
    """Embeds passages, those of like length together, and keeps what is done every few seconds."""
    lacking = sorted(lacking, key=lambda passage: len(passage.text))
    kept = time.monotonic()
    for start in range(0, len(lacking), pace.batch):
        growth.embed(lacking[start : start + pace.batch])
        if time.monotonic() - kept > pace.keep_after_s:
            with growth.shown():
                pass
            kept = time.monotonic()


def _passages(catalogue: Catalogue) -> Iterator[Passage]:
    for key in catalogue.documents():
        yield from catalogue.of_document(key)
