"""Where vectors are kept: in folders of this machine, or on a Chroma server.

Chroma's files are not safe when two processes use them at once, nor when one dies while it writes them. So a folder of
vectors that questions use is never written to: what is new goes into a copy, the catalogue names the copy when it is
whole, and then the old folder goes. A server looks after its own files, so there the new vectors are added first and
the old ones removed last; those that no passage has are not counted meanwhile.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import urlsplit
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from knowledge.errors import VectorsUnavailable
from knowledge.vectors.index import HNSW, Index, Opened, explained

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection as ChromaCollection
    from chromadb.config import Settings

COLLECTION = "passages"
CONNECT_S = 3.0
ANSWER_S = 20.0


class Draft(Protocol):
    """Vectors being changed. `name` is what the catalogue is to name once `close` is through."""

    name: str

    def ids(self) -> frozenset[str]: ...
    def add(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None: ...
    def remove(self, ids: Sequence[str]) -> None: ...
    def close(self) -> None: ...
    def named(self) -> None:
        """To be called when the catalogue names it."""

    def discard(self) -> None:
        """To be called instead of `close` where it is given up."""


class Shelves(Protocol):
    where: str

    def knows(self, name: str) -> bool:
        """Whether a name can be one of these shelves'."""

    def open(self, name: str) -> Index:
        """To ask; nothing is opened before the first question."""

    def draft(self, of: str | None) -> Draft:
        """To change the vectors of that name; None: to begin new ones."""

    def tidy(self, keep: Collection[str]) -> None:
        """Removes all but those of these names."""


class FolderShelves:
    """Vectors under a folder, each name a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.where = str(folder)
        self._folder = folder

    def knows(self, name: str) -> bool:
        return re.fullmatch(r"v[0-9a-f]{12}", name) is not None

    def open(self, name: str) -> Index:
        return _index_in(self._folder / name, create=False)

    def draft(self, of: str | None) -> Draft:
        self._folder.mkdir(parents=True, exist_ok=True)
        # Never a name that was there before: Chroma would take the folder for the one that it knew.
        name = f"v{uuid4().hex[:12]}"
        target = self._folder / name
        if of is not None:
            try:
                shutil.copytree(self._folder / of, target)
            except OSError as error:
                shutil.rmtree(target, ignore_errors=True)
                raise VectorsUnavailable(self.where, str(error)) from error
        return _Copy(target, _index_in(target, create=True))

    def tidy(self, keep: Collection[str]) -> None:
        for name in self._names():
            if name not in keep:
                shutil.rmtree(self._folder / name, ignore_errors=True)

    def _names(self) -> list[str]:
        return [path.name for path in self._folder.glob("v*") if self.knows(path.name)]


class _Copy:
    """A folder that no question uses yet, so that it may be changed in any order."""

    def __init__(self, folder: Path, index: Index) -> None:
        self.name = folder.name
        self._folder = folder
        self._index = index

    def ids(self) -> frozenset[str]:
        return self._index.ids()

    def add(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        self._index.add(ids, vectors)

    def remove(self, ids: Sequence[str]) -> None:
        self._index.remove(ids)

    def close(self) -> None:
        # Those who open the folder later are to have nothing to write.
        self._index.settle()
        self._index.close()

    def named(self) -> None:
        """Nothing is left to do."""

    def discard(self) -> None:
        with suppress(VectorsUnavailable):
            self._index.close()
        # On a disk that is full, this is what makes room again.
        shutil.rmtree(self._folder, ignore_errors=True)


class ServerShelves:
    """Vectors on a Chroma server, each name a collection whose name begins with `prefix`."""

    def __init__(self, url: str, prefix: str) -> None:
        self.where = url
        self._prefix = prefix

    def knows(self, name: str) -> bool:
        return name.startswith(f"{self._prefix}-v")

    def open(self, name: str) -> Index:
        return Index(self.where, lambda: self._connected(name, create=False))

    def draft(self, of: str | None) -> Draft:
        if of is None:
            of = f"{self._prefix}-v{uuid4().hex[:12]}"
        name = of
        index = Index(self.where, lambda: self._connected(name, create=True))
        # A server that is not there is told before the model is set to work.
        len(index)
        return _InPlace(name, index)

    def tidy(self, keep: Collection[str]) -> None:
        with self._session() as client:
            for one in client.list_collections():
                if self.knows(one.name) and one.name not in keep:
                    client.delete_collection(one.name)

    def _connected(self, name: str, *, create: bool) -> Opened:
        with ExitStack() as stack:
            client = stack.enter_context(self._session())
            collection = _collection(client, name, create=create)
            return Opened(collection, client.get_max_batch_size(), stack.pop_all().close)

    @contextmanager
    def _session(self) -> Iterator[Client]:
        import chromadb
        import httpx

        address = urlsplit(self.where)
        with explained(self.where):
            # Chroma's client waits for ever, and no setting says otherwise; a server that is not there is found out
            # first.
            httpx.get(f"{self.where.rstrip('/')}/api/v2/heartbeat", timeout=CONNECT_S).raise_for_status()
            made = chromadb.HttpClient(
                address.hostname or "",
                address.port or (443 if address.scheme == "https" else 80),
                ssl=address.scheme == "https",
                settings=_settings("chromadb.api.fastapi.FastAPI"),
            )
            with ExitStack() as stack:
                client = cast("Client", made)
                stack.callback(client.close)
                # Neither does it close its connections, nor those of the client within it.
                parts: tuple[Any, ...] = (client, client._admin_client)
                for part in parts:
                    session = part._server._session
                    session.timeout = httpx.Timeout(ANSWER_S)
                    stack.enter_context(closing(session))
                yield client


class _InPlace:
    """A collection that questions may be using: what is to go stays until the catalogue no longer names it."""

    def __init__(self, name: str, index: Index) -> None:
        self.name = name
        self._index = index
        self._leaving: list[str] = []

    def ids(self) -> frozenset[str]:
        return self._index.ids()

    def add(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        self._index.add(ids, vectors)

    def remove(self, ids: Sequence[str]) -> None:
        self._leaving += ids

    def close(self) -> None:
        # The server has written everything down already.
        self._index.close()

    def named(self) -> None:
        self._index.remove(self._leaving)
        self._index.close()

    def discard(self) -> None:
        with suppress(VectorsUnavailable):
            self._index.close()


def _settings(api: str, folder: Path | None = None) -> Settings:
    from chromadb.config import Settings

    # Chroma would read `.env` in the working folder, which is ours.
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        chroma_api_impl=api,
        anonymized_telemetry=False,
        allow_reset=False,
    )
    if folder is not None:
        settings.is_persistent = True
        settings.persist_directory = str(folder)
    return settings


def _index_in(folder: Path, *, create: bool) -> Index:
    def connect() -> Opened:
        import chromadb

        if not create and not folder.is_dir():
            raise VectorsUnavailable(str(folder), "there is no such folder")
        client = chromadb.PersistentClient(folder, settings=_settings("chromadb.api.rust.RustBindingsAPI", folder))
        own = cast("Client", client)
        return Opened(_collection(own, COLLECTION, create=create), own.get_max_batch_size(), own.close)

    return Index(str(folder), connect)


def _collection(client: Client, name: str, *, create: bool) -> ChromaCollection:
    if create:
        return client.get_or_create_collection(name, configuration={"hnsw": HNSW.copy()}, embedding_function=None)
    return client.get_collection(name, embedding_function=None)
