"""Holds what is learned against the files there are: what is new, what has changed, what is gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from knowledge.catalogue import Catalogue, Folder, Learned
from knowledge.errors import Unreadable
from knowledge.keys import SHIPPED, Places, cited, holds, outermost
from knowledge.learning.folders import scan
from knowledge.learning.recipe import made_by
from knowledge.loaders import SUFFIXES, Limits
from knowledge.report import Skipped


@dataclass(frozen=True)
class Task:
    """A file to be read, for it is new or has changed."""

    key: str
    path: Path
    folder: Folder
    digest: str
    size: int

    @property
    def name(self) -> str:
        return cited(self.key, self.folder.path)


@dataclass
class Survey:
    """`renamed` are documents whose outermost folder is another now. The rest is as in `LearnReport`."""

    tasks: list[Task] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    renamed: list[tuple[str, Folder]] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    lost_folders: list[str] = field(default_factory=list)


def survey(catalogue: Catalogue, places: Places, limits: Limits, within: Sequence[str] | None) -> Survey:
    """Looks through all folders that are learned, or only through what is `within` these keys; nothing is changed."""
    found = Survey()
    known = catalogue.documents()
    folders = {folder.path: folder for folder in catalogue.folders()}
    left_out = catalogue.left_out()
    for root in _roots(folders) if within is None else within:
        learned = [key for key in known if holds(root, key)]
        path = places.path(root)
        here = scan(path, places, SUFFIXES)
        if root not in places.own:
            found.skipped += here.skipped
        files = {key: file for key, file in here.files.items() if key not in left_out}
        if not here.files and learned and (root not in learned or not path.parent.is_dir()):
            # A folder that is empty or gone as a whole is more likely one that is not mounted than one cleared out.
            found.lost_folders.append(str(path))
            continue
        found.gone += [key for key in learned if key not in files]
        for key, file in files.items():
            outer = outermost(key, folders)
            if outer is not None:
                _look_at(found, key, file, folders[outer], known=known.get(key), limits=limits)
    return found


def clashes(catalogue: Catalogue) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Names that more than one document has, with their keys."""
    keys = defaultdict(list)
    for document in catalogue.documents().values():
        keys[document.name].append(document.key)
    return tuple((name, tuple(sharing)) for name, sharing in keys.items() if len(sharing) > 1)


def _roots(folders: Sequence[str] | dict[str, Folder]) -> list[str]:
    """The folders that no other holds."""
    return [path for path in folders if outermost(path, list(folders)) == path]


def _look_at(found: Survey, key: str, file: Path, folder: Folder, *, known: Learned | None, limits: Limits) -> None:
    try:
        size = file.stat().st_size
        # What is too large is refused when it is read, and need not be gone through before.
        task = Task(key, file, folder, digest_of(file) if size <= limits.bytes else "", size)
    except OSError as error:
        found.unreadable.append(Unreadable(cited(key, folder.path), "missing", detail=error.strerror or ""))
        return
    if known is None or known.digest != task.digest or known.made_by != made_by():
        found.tasks.append(task)
        return
    found.unchanged.append(key)
    if (known.name, known.folder, known.origin) != (task.name, folder.path, folder.origin):
        found.renamed.append((key, folder))


def digest_of(path: Path) -> str:
    """Of a file's content. Raises OSError."""
    digest = sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def up_to_date(catalogue: Catalogue, places: Places, limits: Limits) -> bool:
    """Whether the documents that come with the product are learned as they are now."""
    if all(folder.path != SHIPPED for folder in catalogue.folders()):
        return False
    found = survey(catalogue, places, limits, [SHIPPED])
    return not (found.tasks or found.gone or found.unreadable)
