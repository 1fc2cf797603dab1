"""Takes documents out for good."""

from __future__ import annotations

from knowledge.catalogue import Catalogue, Learned
from knowledge.errors import UnknownDocument
from knowledge.keys import SENT, Places, holds, outermost
from knowledge.learning.growth import remove_vectors
from knowledge.vectors.shelves import Shelves


def remove(catalogue: Catalogue, shelves: Shelves, places: Places, name: str) -> tuple[Learned, ...]:
    """Raises UnknownDocument, VectorsUnavailable."""
    known = catalogue.documents()
    folders = [folder.path for folder in catalogue.folders()]
    whole = [path for path in folders if name.rstrip("/") in (path, str(places.path(path)))]
    wanted = [key for key, one in known.items() if name in (key, one.name, str(places.path(key)))]
    if whole and whole[0] not in known:
        wanted = [key for key in known if holds(whole[0], key)]
    if not wanted and not whole:
        raise UnknownDocument(name)
    leaving = tuple(known[key] for key in wanted)
    ids = [passage.id for key in wanted for passage in catalogue.of_document(key)]
    with catalogue.change():
        for key in wanted:
            catalogue.remove_document(key)
        for folder in whole:
            for inside in [path for path in folders if holds(folder, path)]:
                catalogue.remove_folder(inside)
        still = [folder.path for folder in catalogue.folders()]
        # With its folder still learned, a document would come back with the next look into it.
        catalogue.leave_out(key for key in wanted if outermost(key, still) is not None and not holds(SENT, key))
    for key in wanted:
        if holds(SENT, key):
            places.path(key).unlink(missing_ok=True)
            catalogue.remove_folder(key)
    remove_vectors(catalogue, shelves, ids)
    return leaving
