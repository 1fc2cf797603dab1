"""Learning that fails half way, has no room, or must wait: what is learned stays whole, and so does who reads it."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.document import Language
from knowledge.errors import Busy, DiskFull, VectorsUnavailable
from knowledge.learning.growth import Pace
from knowledge.learning.lock import learning
from knowledge.learning.room import room
from knowledge.library import Library
from knowledge.report import Step
from knowledge.vectors.embedder import Embedder
from tests.unit.test_library import ALL, Shelf, page, shelf
from tests.unit.word_vectors import WordModels, WordVectors

__all__ = ["shelf"]


class Unlucky(WordModels):
    """Models that fail from the passage on that has the word "unlucky", for a reason that may be mended."""

    reason: Exception | None = None

    def get(self, name: str, languages: Collection[Language]) -> Embedder:
        models = self

        class Failing(WordVectors):
            def encode(
                self, texts: Sequence[str], progress: Callable[[int], None] | None = None
            ) -> NDArray[np.float32]:
                if models.reason is not None and any("unlucky" in text for text in texts):
                    raise models.reason
                return super().encode(texts, progress)

        return self._known.setdefault(name, Failing(name, languages))


@pytest.mark.parametrize(("before", "after"), [("admin", "viewer"), ("viewer", "admin")])
def test_a_file_that_is_sent_again_changes_its_text_and_its_readers_in_one_moment(
    shelf: Shelf, tmp_path: Path, before: str, after: str
) -> None:
    models = Unlucky()
    library = shelf.again(embedders=models)
    upload = tmp_path / "upload"
    upload.write_text("# Bonus\n\nThe bonus is ten percent of the salary.\n", encoding="utf-8")
    library.learn_sent(upload, "bonus.md", access=before)

    def seen(by: Library) -> tuple[str, bool]:
        (document,) = by.documents(ALL)
        return document.access, "unlucky" in by.contents(document.key, readable=ALL)[0].text

    reader = shelf.again(embedders=models)
    meanwhile = []
    upload.write_text("# Bonus\n\nThe unlucky year has no bonus.\n", encoding="utf-8")
    models.reason = VectorsUnavailable("http://vectors", "gone")
    with pytest.raises(VectorsUnavailable):
        library.learn_sent(upload, "bonus.md", access=after, progress=lambda _step: meanwhile.append(seen(reader)))
    assert {*meanwhile, seen(reader), seen(library)} == {(before, False)}
    # Whoever learns the file that is in its place by now brings both.
    models.reason = None
    library.learn()
    assert seen(reader) == seen(library) == (after, True)
    library.learn_sent(upload, "bonus.md", access=before)
    assert seen(library) == (before, True)
    library.close()
    reader.close()


def test_readers_that_were_promised_to_another_text_are_not_given_later(shelf: Shelf, tmp_path: Path) -> None:
    models = Unlucky()
    library = shelf.again(embedders=models)
    upload = tmp_path / "upload"
    upload.write_text("# Bonus\n\nThe unlucky year has no bonus.\n", encoding="utf-8")
    models.reason = VectorsUnavailable("http://vectors", "gone")
    with pytest.raises(VectorsUnavailable):
        library.learn_sent(upload, "bonus.md", access="viewer")
    models.reason = None
    library.learn([shelf.home / "documents" / "bonus.md"], access="admin")
    assert [one.access for one in library.documents(ALL)] == ["admin"]
    library.close()


def test_a_full_disk_is_told_and_leaves_the_old_index(shelf: Shelf) -> None:
    models = Unlucky()
    library = shelf.again(embedders=models, pace=Pace(batch=1, keep_after_s=0))
    shelf.write("coupons.md", page("Coupons", "Budget"))
    library.learn([shelf.docs])
    kept = shelf.vectors()
    shelf.write("apart.md", page("Apart", "Unlucky"))
    models.reason = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(DiskFull) as full:
        library.learn()
    assert full.value.folder == shelf.home / "index"
    assert full.value.needed > sum(file.stat().st_size for file in full.value.folder.rglob("*") if file.is_file())
    # Nothing half made takes room, and what was learned answers.
    assert shelf.vectors() == kept
    assert library.find("the rule for budget", readable=ALL).hits[0].document.name == "coupons.md"
    library.close()


def test_vectors_that_a_killed_run_left_behind_leave_before_room_is_needed(shelf: Shelf) -> None:
    shelf.write("coupons.md", page("Coupons", "Budget"))
    shelf.library.learn([shelf.docs])
    (left,) = shelf.vectors()
    shutil.copytree(shelf.home / "index" / left, shelf.home / "index" / "v0123456789ab")
    models = Unlucky()
    models.reason = OSError(errno.ENOSPC, "No space left on device")
    library = shelf.again(embedders=models)
    shelf.write("new.md", page("New", "Unlucky"))
    with pytest.raises(DiskFull):
        library.learn()
    assert shelf.vectors() == [left]
    library.close()


def test_a_full_database_is_a_full_disk(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "small.sqlite3")
    connection.execute("CREATE TABLE texts (text TEXT)")
    connection.execute("PRAGMA max_page_count = 4")
    with pytest.raises(DiskFull), room(tmp_path):
        connection.execute("INSERT INTO texts VALUES (?)", ["word " * 100_000])
    connection.close()
    with pytest.raises(VectorsUnavailable), room(tmp_path):
        raise VectorsUnavailable("http://vectors:8000", "No space left on device")


def test_a_file_that_was_sent_waits_for_another_learner(shelf: Shelf, tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_text(page("Coupons", "Budget"), encoding="utf-8")
    told: list[str] = []
    with ExitStack() as other:
        other.enter_context(learning(shelf.home / "index"))

        def tell(step: Step) -> None:
            told.append(step.stage)
            other.close()

        report = shelf.library.learn_sent(upload, "coupons.md", progress=tell, patience_s=30)
    assert [one.name for one in report.added] == ["coupons.md"]
    assert told[0] == "waiting"
    with learning(shelf.home / "index"), pytest.raises(Busy):
        shelf.library.learn_sent(upload, "coupons.md", patience_s=0.1)


def test_whoever_gives_up_waits_no_longer(shelf: Shelf, tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_text(page("Coupons", "Budget"), encoding="utf-8")

    def give_up(_step: Step) -> None:
        raise KeyboardInterrupt

    with learning(shelf.home / "index"), pytest.raises(KeyboardInterrupt):
        shelf.library.learn_sent(upload, "coupons.md", progress=give_up, patience_s=600)
    shelf.library.learn_sent(upload, "coupons.md")
