"""Learns documents in child processes that are killed at random moments, and looks at what each left behind.

Run as a program with a folder. Every file says in each of its sections which version it is, so that a document that is
half old and half new would show. Prints one JSON object.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from knowledge.catalogue import Catalogue
from knowledge.learning.growth import Pace
from knowledge.library import CATALOGUE, Library
from knowledge.vectors.shelves import FolderShelves
from tests.unit.word_vectors import WordModels

DOCUMENTS, SECTIONS, KILLS = 8, 6, 10


def main(folder: Path, seed: int) -> None:
    # Imported once, and not in each child.
    import chromadb  # noqa: F401

    import knowledge.learning.learner  # noqa: F401
    from knowledge.language.words import terms

    terms("价格 prices")
    rng = random.Random(seed)
    docs, index = folder / "docs", folder / "index"
    docs.mkdir()
    write(docs, 0)
    started = time.monotonic()
    wait(child(lambda: learn(index, docs)))
    whole = time.monotonic() - started
    seen = {"kills": 0, "finished": 0, "half": [], "odd_vectors": [], "versions": []}
    for version in range(1, KILLS + 1):
        write(docs, version)
        # Every third time the model changes as well, so that a move is killed too.
        model = "wide-1" if version % 6 >= 3 else ""
        one = child(lambda model=model: learn(index, docs, model))
        time.sleep(rng.uniform(0.02, whole * 1.3))
        os.kill(one, signal.SIGKILL)
        killed = wait(one) == -signal.SIGKILL
        seen["kills" if killed else "finished"] += 1
        found = looked(index, folder / f"look{version}.json")
        for key in ("half", "odd_vectors", "versions"):
            seen[key].append(found[key])
    wait(child(lambda: learn(index, docs)))
    seen["last"] = looked(index, folder / "last.json") | {
        "kept": len(list(index.glob("v*"))),
        "lexical": len(list(index.glob("*.npz"))),
    }
    sys.stdout.write(json.dumps(seen))


def looked(index: Path, out: Path) -> dict[str, object]:
    wait(child(lambda: look(index, out)))
    found: dict[str, object] = json.loads(out.read_text())
    return found


def write(docs: Path, version: int) -> None:
    for i in range(DOCUMENTS):
        sections = [
            f"## Section {j}\n\n" + f"This rule of version {version} is number {j} in document {i}. " * 12
            for j in range(SECTIONS)
        ]
        (docs / f"doc{i}.md").write_text(f"# Document {i}\n\n" + "\n\n".join(sections))


def learn(index: Path, docs: Path, model: str = "") -> None:
    pace = Pace(batch=SECTIONS * 2, keep_after_s=0)
    Library(index, model=model, shipped=None, embedders=WordModels(), pace=pace).learn([docs])


def look(index: Path, out: Path) -> None:
    catalogue = Catalogue(index / CATALOGUE)
    versions, half = [], []
    ids = set()
    for key in catalogue.documents():
        texts = [passage.text for passage in catalogue.of_document(key)]
        ids |= {passage.id for passage in catalogue.of_document(key)}
        said = {int(found) for text in texts for found in re.findall(r"version (\d+)", text)}
        numbers = {int(found) for text in texts for found in re.findall(r"number (\d+)", text)}
        versions.append(sorted(said))
        if len(said) != 1 or numbers != set(range(SECTIONS)):
            half.append((Path(key).name, sorted(said), sorted(numbers)))
    active = catalogue.vectors()
    assert active is not None
    have = FolderShelves(index).open(active.name).ids()
    found = {"half": half, "versions": versions, "odd_vectors": len(have ^ ids), "model": active.model}
    out.write_text(json.dumps(found))


def child(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
    except BaseException as error:  # noqa: BLE001 - a fork must not go on as its parent
        sys.stderr.write(repr(error))
        os._exit(1)
    os._exit(0)


def wait(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
