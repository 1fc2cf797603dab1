"""What is learned: one SQLite file with folders, documents, passages and the vectors that belong to them.

It is the truth. A document is swapped in one transaction, so that a reader sees all of its old passages or all of its
new ones; vectors that are kept elsewhere count only by the ids that stand here.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast
from uuid import uuid4

from knowledge.document import Language, Passage
from knowledge.keys import cited

Origin = Literal["shipped", "team"]
SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS folders (
    path TEXT PRIMARY KEY, origin TEXT NOT NULL, access TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
    key TEXT PRIMARY KEY, folder TEXT NOT NULL, name TEXT NOT NULL, origin TEXT NOT NULL, title TEXT NOT NULL,
    language TEXT NOT NULL, pages INTEGER, pictured INTEGER NOT NULL, kind TEXT NOT NULL, metrics TEXT NOT NULL,
    aliases TEXT NOT NULL, digest TEXT NOT NULL, made_by TEXT NOT NULL, size INTEGER NOT NULL, learned_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS passages (
    id TEXT PRIMARY KEY, document TEXT NOT NULL REFERENCES documents (key) ON DELETE CASCADE, place INTEGER NOT NULL,
    title TEXT NOT NULL, section TEXT NOT NULL, page INTEGER, language TEXT NOT NULL, text TEXT NOT NULL,
    terms TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS passages_in_order ON passages (document, place);
CREATE TABLE IF NOT EXISTS promised (
    key TEXT PRIMARY KEY, digest TEXT NOT NULL, access TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS left_out (key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS vectors (
    role TEXT PRIMARY KEY, name TEXT NOT NULL, model TEXT NOT NULL, recipe TEXT NOT NULL, languages TEXT NOT NULL
) WITHOUT ROWID;
"""
_PASSAGE = "id, document, place, title, section, page, language, text"
_CHUNK = 500
# So many passages may stand before a text begins, each so short: who wrote it, when, and where.
FIRST, SHORT = 6, 300


@dataclass(frozen=True)
class Learned:
    """A document as it is learned.

    `key` is its own for good: where the file is. `name` is what is cited: its path relative to `folder`, the outermost
    folder that was learned. `access` is an opaque label, that of the innermost folder which has one. `digest` is the
    content's, `made_by` names the versions of what read and cut it. `pictured` counts pages that are pictures, which
    were not read. `learned_at` is ISO 8601, in UTC.
    """

    key: str
    name: str
    folder: str
    origin: Origin
    access: str
    title: str
    language: Language
    pages: int | None
    passages: int
    kind: str
    metrics: tuple[str, ...]
    aliases: tuple[str, ...]
    digest: str
    size: int
    learned_at: str
    made_by: str = ""
    pictured: int = 0


@dataclass(frozen=True)
class Entry:
    """A passage as the lexical side knows it; `terms` are apart by spaces."""

    id: str
    document: str
    language: Language
    terms: str


@dataclass(frozen=True)
class Folder:
    """A folder or a single file that was given to learn. `access` None: as the folder round it."""

    path: str
    origin: Origin
    access: str | None


@dataclass(frozen=True)
class Vectors:
    """Where vectors are kept, which model made them from what (a version), and the languages whose meaning it tells."""

    name: str
    model: str
    recipe: str
    languages: frozenset[Language]


class Catalogue:
    """Blocking and thread-safe; other processes may read while one writes.

    `everyone` is the access label of what no folder restricts.
    """

    def __init__(self, file: Path, *, everyone: str = "viewer") -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._everyone = everyone
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(file, timeout=30, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(SCHEMA)
        self._documents: tuple[int, Mapping[str, Learned]] = (-1, {})

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    # --- Reading ----------------------------------------------------------------------------------------------

    @property
    def generation(self) -> int:
        """Grows with every change."""
        return int(self._fact("generation") or 0)

    @property
    def home(self) -> str:
        """A name of this catalogue's own, for what is kept on a server beside others' vectors."""
        kept = self._fact("home")
        if kept is None:
            with self.change():
                kept = self._fact("home") or uuid4().hex[:12]
                self._keep("home", kept)
        return kept

    def documents(self) -> Mapping[str, Learned]:
        """All documents by key, in the order of their names."""
        with self._lock:
            generation = self.generation
            if self._documents[0] != generation:
                self._documents = (generation, self._read_documents())
            return self._documents[1]

    def passages(self, ids: Sequence[str]) -> list[Passage]:
        """In the order given; what has left is left out."""
        found: dict[str, Passage] = {}
        for start in range(0, len(ids), _CHUNK):
            part = list(ids[start : start + _CHUNK])
            marks = ",".join("?" * len(part))
            rows = self._rows(f"SELECT {_PASSAGE} FROM passages WHERE id IN ({marks})", part)  # noqa: S608 - marks only
            found |= {row[0]: _passage(row) for row in rows}
        return [found[one] for one in ids if one in found]

    def of_document(self, key: str) -> tuple[Passage, ...]:
        """In reading order."""
        rows = self._rows(f"SELECT {_PASSAGE} FROM passages WHERE document = ? ORDER BY place", [key])  # noqa: S608
        return tuple(_passage(row) for row in rows)

    def openings(self) -> list[tuple[str, str]]:
        """What stands at the beginning of the team's documents and is short: their keys, and texts that may name who
        wrote them.
        """
        return self._rows(
            "SELECT document, text FROM documents CROSS JOIN passages ON document = key "  # in this order, by the index
            "WHERE place < ? AND length(text) < ? AND origin = 'team' ORDER BY document, place",
            (FIRST, SHORT),
        )

    def entries(self) -> Iterator[Entry]:
        """All passages, ordered by document and place."""
        rows = self._rows("SELECT id, document, language, terms FROM passages ORDER BY document, place")
        return (Entry(*row) for row in rows)

    def passage_ids(self) -> frozenset[str]:
        return frozenset(row[0] for row in self._rows("SELECT id FROM passages"))

    def passage_count(self) -> int:
        return int(self._rows("SELECT COUNT(*) FROM passages")[0][0])

    def folders(self) -> tuple[Folder, ...]:
        """Ordered by path, so that a folder stands before those inside it."""
        return tuple(Folder(*row) for row in self._rows("SELECT path, origin, access FROM folders ORDER BY path"))

    def vectors(self, role: Literal["active", "building"] = "active") -> Vectors | None:
        """Those that questions use, or those that a change of model has begun to make."""
        rows = self._rows("SELECT name, model, recipe, languages FROM vectors WHERE role = ?", [role])
        return Vectors(rows[0][0], rows[0][1], rows[0][2], _languages(rows[0][3])) if rows else None

    @property
    def whole(self) -> bool:
        """Whether every passage has the vector that it should have, as far as learning knows."""
        return self._fact("whole") == "yes"

    def left_out(self) -> frozenset[str]:
        """Keys of documents that were taken out and are not learned again with their folder."""
        return frozenset(row[0] for row in self._rows("SELECT key FROM left_out"))

    # --- Changing ---------------------------------------------------------------------------------------------

    @contextmanager
    def change(self) -> Iterator[None]:
        """One transaction, which moves the generation on; nothing of it is seen before it ends."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._keep("generation", str(self.generation + 1))
                self._connection.execute("COMMIT")
            except BaseException:
                # Where the disk is full, SQLite may have done so itself.
                with suppress(sqlite3.OperationalError):
                    self._connection.execute("ROLLBACK")
                raise

    def put_folder(self, folder: Folder) -> None:
        """Adds a folder, or changes its access; that counts more than what was promised before."""
        with self.change():
            self._connection.execute("DELETE FROM promised WHERE key = ?", [folder.path])
            self._connection.execute(
                "INSERT OR REPLACE INTO folders VALUES (?, ?, ?)", [folder.path, folder.origin, folder.access]
            )

    def promise_access(self, key: str, digest: str, access: str) -> None:
        """Says what access a document gets in the transaction in which its content with this digest is put.

        Until then, and where another content comes, it keeps what it has: nobody reads an old text by a new access, nor
        a new one by the old.
        """
        with self.change():
            self._connection.execute("INSERT OR REPLACE INTO promised VALUES (?, ?, ?)", [key, digest, access])

    def keep_promise(self, document: Learned) -> None:
        """Gives a document the access that was promised for its content."""
        with self.change():
            for digest, access in self._rows("SELECT digest, access FROM promised WHERE key = ?", [document.key]):
                if digest == document.digest:
                    self.put_folder(Folder(document.key, document.origin, access))

    def remove_folder(self, path: str) -> None:
        with self.change():
            self._connection.execute("DELETE FROM folders WHERE path = ?", [path])
            self._connection.execute("DELETE FROM promised WHERE key = ?", [path])

    def put_document(self, document: Learned, passages: Iterable[tuple[Passage, str]]) -> None:
        """Puts a document in the place of the one with its key; each passage comes with its terms."""
        with self.change():
            self._connection.execute("DELETE FROM documents WHERE key = ?", [document.key])
            self._connection.execute(
                f"INSERT INTO documents VALUES ({','.join('?' * 15)})",  # noqa: S608 - marks only
                [
                    document.key,
                    document.folder,
                    document.name,
                    document.origin,
                    document.title,
                    document.language,
                    document.pages,
                    document.pictured,
                    document.kind,
                    json.dumps(document.metrics),
                    json.dumps(document.aliases),
                    document.digest,
                    document.made_by,
                    document.size,
                    document.learned_at,
                ],
            )
            self._connection.executemany(
                "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    [p.id, document.key, p.place, p.title, json.dumps(p.section), p.page, p.language, p.text, terms]
                    for p, terms in passages
                ),
            )
            self.keep_promise(document)

    def rename_document(self, key: str, folder: Folder) -> None:
        """Gives a document another outermost folder, and with it the name that is cited."""
        with self.change():
            self._connection.execute(
                "UPDATE documents SET folder = ?, name = ?, origin = ? WHERE key = ?",
                [folder.path, cited(key, folder.path), folder.origin, key],
            )

    def remove_document(self, key: str) -> None:
        with self.change():
            self._connection.execute("DELETE FROM documents WHERE key = ?", [key])

    def use_vectors(self, vectors: Vectors | None, role: Literal["active", "building"] = "active") -> None:
        """Says which vectors have the role from now on; None: none has."""
        with self.change():
            self._connection.execute("DELETE FROM vectors WHERE role = ?", [role])
            if vectors is not None:
                languages = " ".join(sorted(vectors.languages))
                self._connection.execute(
                    "INSERT INTO vectors VALUES (?, ?, ?, ?, ?)",
                    [role, vectors.name, vectors.model, vectors.recipe, languages],
                )

    def call_whole(self, whole: bool) -> None:
        with self.change():
            self._keep("whole", "yes" if whole else "no")

    def leave_out(self, keys: Iterable[str], *, back: bool = False) -> None:
        """Remembers documents as taken out; `back` forgets that."""
        statement = "DELETE FROM left_out WHERE key = ?" if back else "INSERT OR IGNORE INTO left_out VALUES (?)"
        with self.change():
            self._connection.executemany(statement, ([key] for key in keys))

    # --- Inside -----------------------------------------------------------------------------------------------

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(sql, list(values)).fetchall()

    def _fact(self, name: str) -> str | None:
        rows = self._rows("SELECT value FROM facts WHERE name = ?", [name])
        return rows[0][0] if rows else None

    def _keep(self, name: str, value: str) -> None:
        self._connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [name, value])

    def _read_documents(self) -> dict[str, Learned]:
        access = {folder.path: folder.access for folder in self.folders() if folder.access is not None}
        rows = self._rows(
            "SELECT key, name, folder, origin, title, language, pages, "
            "(SELECT COUNT(*) FROM passages WHERE document = documents.key), kind, metrics, aliases, digest, size, "
            "learned_at, made_by, pictured FROM documents ORDER BY name, key"
        )
        return {row[0]: _learned(row, self._access(row[0], access)) for row in rows}

    def _access(self, key: str, access: Mapping[str, str]) -> str:
        """The label of the innermost folder that has one."""
        path = key
        while path:
            if path in access:
                return access[path]
            path = path.rpartition("/")[0]
        return access.get("/", self._everyone)


def _learned(row: tuple[Any, ...], access: str) -> Learned:
    key, name, folder, origin, title, language, pages, count, kind, metrics, aliases, digest, size, at, by, pictured = (
        row
    )
    return Learned(
        key=key,
        name=name,
        folder=folder,
        origin=origin,
        access=access,
        title=title,
        language=language,
        pages=pages,
        passages=count,
        kind=kind,
        metrics=tuple(json.loads(metrics)),
        aliases=tuple(json.loads(aliases)),
        digest=digest,
        size=size,
        learned_at=at,
        made_by=by,
        pictured=pictured,
    )


def _passage(row: tuple[Any, ...]) -> Passage:
    one, document, place, title, section, page, language, text = row
    return Passage(one, document, place, title, tuple(json.loads(section)), page, language, text)


def _languages(text: str) -> frozenset[Language]:
    return frozenset(cast("list[Language]", text.split()))
