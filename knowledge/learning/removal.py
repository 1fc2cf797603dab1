"""Takes documents out for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from knowledge.catalogue import Catalogue, Learned
from knowledge.errors import AmbiguousName, UnknownDocument
from knowledge.keys import SENT, Places, holds, outermost
from knowledge.learning.growth import remove_vectors
from knowledge.vectors.shelves import Shelves


def remove(catalogue: Catalogue, shelves: Shelves, places: Places, name: str) -> tuple[Learned, ...]:
    """Raises UnknownDocument, AmbiguousName, VectorsUnavailable."""
    known = catalogue.documents()
    folders = [folder.path for folder in catalogue.folders()]
    wanted, folder = _meant(name, known, folders, places)
    leaving = tuple(known[key] for key in wanted)
    ids = [passage.id for key in wanted for passage in catalogue.of_document(key)]
    with catalogue.change():
        for key in wanted:
            catalogue.remove_document(key)
        if folder is not None:
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


def _meant(
    name: str, known: Mapping[str, Learned], folders: Sequence[str], places: Places
) -> tuple[list[str], str | None]:
    """The keys of the documents that are meant, and the folder or file that was learned, where it is meant as a whole.

    A path counts before a name, and a document's name before the end of a folder's path.
    """
    if not name.strip():
        raise UnknownDocument(name)
    paths = {name.rstrip("/"), places.key(Path(name).resolve())}
    for folder in folders:
        if {folder, str(places.path(folder))} & paths:
            return [key for key in known if holds(folder, key)], folder
    for key in known:
        if {key, str(places.path(key))} & paths:
            return [key], None
    named = [key for key, one in known.items() if one.name == name]
    ending = [] if named else [folder for folder in folders if folder.endswith(f"/{_plain(name)}")]
    if len(named) + len(ending) > 1:
        raise AmbiguousName(name, [str(places.path(one)) for one in (*named, *ending)])
    if ending:
        return [key for key in known if holds(ending[0], key)], ending[0]
    if not named:
        raise UnknownDocument(name)
    return named, None


def _plain(name: str) -> str:
    return name.rstrip("/").removeprefix("./")
