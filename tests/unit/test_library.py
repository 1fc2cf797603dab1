"""What is learned, what is left alone, what leaves, and who may read it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.errors import AmbiguousName, Busy, UnknownDocument, Unreadable, VectorsUnavailable
from knowledge.learning.lock import learning
from knowledge.library import Library
from tests.unit.word_vectors import WordModels

ALL = frozenset({"viewer", "analyst", "admin"})


class Shelf:
    """A library over a folder of documents, without those that come with the product."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.docs = folder / "playbooks"
        self.docs.mkdir()
        self.models = WordModels()
        self.library = self.again()

    def again(self, **made_with: object) -> Library:
        settings = {"embedders": self.models, "shipped": None} | made_with
        return Library(self.home / "index", **settings)  # type: ignore[arg-type]

    def write(self, name: str, text: str) -> Path:
        file = self.docs / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def names(self, library: Library | None = None) -> list[str]:
        return [one.name for one in (library or self.library).documents(ALL)]

    def vectors(self) -> list[str]:
        return sorted(path.name for path in (self.home / "index").glob("v*"))


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    made.library.close()


def page(topic: str, *sections: str) -> str:
    parts = [f"# {topic}", f"What we do about {topic.lower()}, and why it matters to the whole team."]
    for section in sections:
        body = f"The rule for {section.lower()} is written here in full. " * 8
        parts += [f"## {section}", body]
    return "\n\n".join(parts) + "\n"


def test_nothing_is_opened_and_no_folder_made_before_something_is_learned(shelf: Shelf) -> None:
    assert shelf.library.documents(ALL) == ()
    assert shelf.library.find("coupons", readable=ALL).hits == ()
    assert shelf.library.likely("coupons", readable=ALL) == 0
    assert shelf.library.state() is None
    assert not shelf.home.exists()


def test_a_second_run_reads_and_embeds_only_what_changed(shelf: Shelf) -> None:
    shelf.write("coupons.md", page("Coupons", "Budget", "Fatigue"))
    shelf.write("returns.md", page("Returns", "Refunds"))
    first = shelf.library.learn([shelf.docs])
    assert [one.name for one in first.added] == ["coupons.md", "returns.md"]
    assert first.embedded == shelf.models.encoded == sum(one.passages for one in first.added)

    again = shelf.library.learn()
    assert (again.added, again.changed, len(again.unchanged), again.embedded) == ((), (), 2, 0)

    shelf.write("coupons.md", page("Coupons", "Budget", "Fatigue", "Stacking"))
    third = shelf.library.learn()
    assert [one.name for one in third.changed] == ["coupons.md"]
    # The sections that stayed as they were keep their vectors.
    assert third.embedded == 1
    state = shelf.library.state()
    assert state is not None
    assert (state.missing, state.outdated) == (0, 0)


def test_documents_may_be_found_by_words_first_and_by_meaning_later(shelf: Shelf) -> None:
    shelf.write("coupons.md", page("Coupons", "Budget", "Fatigue"))
    report = shelf.library.learn([shelf.docs], embed=False)
    assert (len(report.added), report.embedded, shelf.models.encoded) == (1, 0, 0)
    assert shelf.library.find("the rule for fatigue", readable=ALL).hits
    assert not shelf.library.is_embedded()
    assert not shelf.vectors()
    assert shelf.library.learn().embedded == report.added[0].passages
    assert shelf.library.is_embedded()


def test_a_file_that_is_gone_leaves_and_its_vectors_with_it(shelf: Shelf) -> None:
    shelf.write("coupons.md", page("Coupons", "Budget"))
    gone = shelf.write("returns.md", page("Returns", "Refunds"))
    shelf.library.learn([shelf.docs])
    gone.unlink()
    report = shelf.library.learn()
    assert [one.name for one in report.removed] == ["returns.md"]
    assert shelf.names() == ["coupons.md"]
    hits = shelf.library.find("rule for refunds", readable=ALL).hits
    assert {hit.document.name for hit in hits} <= {"coupons.md"}
    assert len(shelf.vectors()) == 1


@pytest.mark.parametrize("how", ["gone", "empty"])
def test_a_folder_that_is_gone_as_a_whole_is_not_wiped(shelf: Shelf, how: str) -> None:
    shelf.write("coupons.md", page("Coupons", "Budget"))
    shelf.library.learn([shelf.docs])
    shutil.rmtree(shelf.docs)
    if how == "empty":
        shelf.docs.mkdir()
    report = shelf.library.learn()
    assert report.lost_folders == (str(shelf.docs),)
    assert report.removed == ()
    assert shelf.names() == ["coupons.md"]


def test_one_bad_file_stops_no_other(shelf: Shelf) -> None:
    shelf.write("good.md", page("Coupons", "Budget"))
    shelf.write("empty.md", "")
    (shelf.docs / "fake.pdf").write_bytes(b"GIF89a not a PDF at all")
    (shelf.docs / "closed.md").write_text("secret")
    (shelf.docs / "closed.md").chmod(0)
    report = shelf.library.learn([shelf.docs])
    assert [one.name for one in report.added][-1] == "good.md"
    reasons = {error.name: error.reason for error in report.unreadable}
    assert reasons["empty.md"] == "empty"
    assert reasons["fake.pdf"] == "wrong_extension"
    if os.geteuid():
        assert reasons["closed.md"] == "missing"


def test_a_document_that_cannot_be_read_any_more_keeps_what_it_was(shelf: Shelf) -> None:
    shelf.write("coupons.md", page("Coupons", "Budget"))
    shelf.library.learn([shelf.docs])
    shelf.write("coupons.md", "")
    report = shelf.library.learn()
    assert [(error.name, error.reason) for error in report.unreadable] == [("coupons.md", "empty")]
    assert shelf.names() == ["coupons.md"]


def test_what_is_hidden_foreign_or_leads_out_is_named(shelf: Shelf, tmp_path: Path) -> None:
    shelf.write("good.md", page("Coupons", "Budget"))
    shelf.write(".draft.md", "hidden")
    shelf.write(".git/config.md", "hidden")
    shelf.write("film.mp4", "no text")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("# Secret\n\nNot for this folder.")
    (shelf.docs / "link.md").symlink_to(outside / "secret.md")
    (shelf.docs / "folder").symlink_to(outside)
    (shelf.docs / "round").symlink_to(shelf.docs)
    report = shelf.library.learn([shelf.docs])
    assert shelf.names() == ["good.md"]
    assert {(one.name, one.reason) for one in report.skipped} == {
        (".draft.md", "hidden"),
        (".git", "hidden"),
        ("film.mp4", "unknown_format"),
        ("folder", "link"),
        ("link.md", "link"),
    }


def test_access_is_that_of_the_innermost_folder_and_needs_no_new_vectors(shelf: Shelf) -> None:
    shelf.write("open.md", page("Coupons", "Budget"))
    shelf.write("board/pay.md", page("Salaries", "Bonus"))
    shelf.write("board/draft/plan.md", page("Plans", "Targets"))
    shelf.library.learn([shelf.docs], access="analyst")
    report = shelf.library.learn([shelf.docs / "board"], access="admin")
    assert report.embedded == 0
    shelf.library.learn([shelf.docs / "board" / "draft"], access="viewer")
    access = {one.name: one.access for one in shelf.library.documents(ALL)}
    assert access == {"board/draft/plan.md": "viewer", "board/pay.md": "admin", "open.md": "analyst"}
    asked = shelf.library.find("the rule for bonus", readable={"viewer", "analyst"})
    assert "board/pay.md" not in {hit.document.name for hit in asked.hits}
    pay = next(one for one in shelf.library.documents(ALL) if one.name == "board/pay.md")
    passage = shelf.library.contents(pay.key, readable=ALL)[0]
    assert shelf.library.section(passage.id, readable=ALL) is not None
    assert shelf.library.section(passage.id, readable={"viewer"}) is None
    assert shelf.library.contents(pay.key, readable={"viewer"}) == ()


def test_names_follow_the_outermost_folder_and_clashes_are_told(shelf: Shelf, tmp_path: Path) -> None:
    file = shelf.write("sales/coupons.md", page("Coupons", "Budget"))
    shelf.library.learn([file])
    assert shelf.names() == ["coupons.md"]
    report = shelf.library.learn([shelf.docs])
    assert shelf.names() == ["sales/coupons.md"]
    assert report.embedded == 0
    other = tmp_path / "other" / "sales" / "coupons.md"
    other.parent.mkdir(parents=True)
    other.write_text(page("Vouchers", "Budget"))
    report = shelf.library.learn([tmp_path / "other"])
    assert report.clashes == (("sales/coupons.md", tuple(sorted((str(file), str(other))))),)


def test_a_document_that_was_taken_out_stays_out_until_it_is_named(shelf: Shelf) -> None:
    file = shelf.write("coupons.md", page("Coupons", "Budget"))
    shelf.write("returns.md", page("Returns", "Refunds"))
    shelf.library.learn([shelf.docs])
    for unknown in ("coupon.md", "", " "):
        with pytest.raises(UnknownDocument):
            shelf.library.remove(unknown)
    assert [one.name for one in shelf.library.remove("coupons.md")] == ["coupons.md"]
    shelf.library.learn([shelf.docs / "returns.md"])
    shelf.library.learn()
    assert shelf.names() == ["returns.md"]
    shelf.library.learn([file])
    assert shelf.names() == ["coupons.md", "returns.md"]
    assert [one.name for one in shelf.library.remove(str(shelf.docs))] == ["coupons.md", "returns.md"]
    shelf.library.learn()
    assert shelf.names() == []


def test_a_file_that_was_sent_is_kept_learned_and_replaced(shelf: Shelf, tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_text(page("Coupons", "Budget"), encoding="utf-8")
    preview = shelf.library.preview(upload, "../../etc/Coupons.md")
    assert (preview.name, preview.title, preview.replaces) == ("Coupons.md", "Coupons", None)
    assert not shelf.home.exists()
    shelf.library.learn_sent(upload, "../../etc/Coupons.md", access="admin")
    (document,) = shelf.library.documents(ALL)
    assert (document.name, document.access) == ("Coupons.md", "admin")
    assert (shelf.home / "documents" / "Coupons.md").is_file()

    upload.write_text(page("Coupons", "Budget", "Stacking"), encoding="utf-8")
    preview = shelf.library.preview(upload, "Coupons.md")
    assert preview.replaces == document
    assert [one.passages for one in shelf.library.learn_sent(upload, "Coupons.md").changed] == [len(preview.passages)]
    upload.write_text("", encoding="utf-8")
    with pytest.raises(Unreadable):
        shelf.library.learn_sent(upload, "Coupons.md")
    assert len(shelf.library.documents(ALL)) == 1
    shelf.library.remove("Coupons.md")
    assert not (shelf.home / "documents" / "Coupons.md").exists()


def test_a_folder_is_removed_by_the_end_of_its_path_or_from_where_one_stands(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.write("coupons.md", page("Coupons", "Budget"))
    for name in ("playbooks", "./playbooks/", str(shelf.docs)):
        shelf.library.learn([shelf.docs])
        assert [one.name for one in shelf.library.remove(name)] == ["coupons.md"]
        assert shelf.library.folders() == ()
    shelf.library.learn([shelf.docs])
    monkeypatch.chdir(shelf.docs)
    assert [one.name for one in shelf.library.remove(".")] == ["coupons.md"]
    monkeypatch.chdir(tmp_path)
    shelf.library.learn([shelf.docs])
    shelf.library.remove("playbooks/coupons.md")
    shelf.library.learn()
    assert shelf.names() == []


def test_a_name_that_several_have_removes_none_of_them(shelf: Shelf, tmp_path: Path) -> None:
    shelf.write("coupons.md", page("Coupons", "Budget"))
    other = tmp_path / "other" / "playbooks"
    other.mkdir(parents=True)
    (other / "coupons.md").write_text(page("Vouchers", "Budget"))
    shelf.library.learn([shelf.docs, other])
    for name, ends in (("coupons.md", "/coupons.md"), ("playbooks", "")):
        expected = sorted([f"{shelf.docs}{ends}", f"{other}{ends}"])
        with pytest.raises(AmbiguousName) as several:
            shelf.library.remove(name if name != "playbooks" else "playbooks/")
        assert sorted(several.value.paths) == expected
    assert len(shelf.names()) == 2
    shelf.library.remove(str(other / "coupons.md"))
    assert shelf.names() == ["coupons.md"]


def test_a_home_that_moved_needs_nothing_read_again(shelf: Shelf, tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_text(page("Coupons", "Budget"), encoding="utf-8")
    shelf.library.learn_sent(upload, "coupons.md")
    shelf.library.close()
    shelf.home = shelf.home.rename(tmp_path / "elsewhere")
    moved = shelf.again()
    report = moved.learn()
    assert (len(report.unchanged), report.embedded) == (1, 0)
    moved.close()


def test_one_learner_at_a_time(shelf: Shelf) -> None:
    shelf.write("coupons.md", page("Coupons", "Budget"))
    with learning(shelf.home / "index"), pytest.raises(Busy, match=f"process {os.getpid()}"):
        shelf.library.learn([shelf.docs])
    shelf.library.learn([shelf.docs])
    assert shelf.names() == ["coupons.md"]


def test_another_process_s_learning_is_seen(shelf: Shelf) -> None:
    shelf.write("coupons.md", page("Coupons", "Budget"))
    shelf.library.learn([shelf.docs])
    reader = shelf.again()
    assert shelf.names(reader) == ["coupons.md"]
    assert reader.find("the rule for budget", readable=ALL).hits
    shelf.write("returns.md", page("Returns", "Refunds"))
    shelf.library.learn()
    assert "returns.md" in {hit.document.name for hit in reader.find("rule for refunds", readable=ALL).hits}
    reader.close()


def test_another_model_is_made_beside_the_old_one(shelf: Shelf) -> None:
    shelf.write("coupons.md", page("Coupons", "Budget", "Fatigue"))
    shelf.write("退货.md", "# 退货\n\n## 退款\n\n" + "顾客退货后七天内必须退款。" * 10)
    shelf.library.learn([shelf.docs])
    state = shelf.library.state()
    assert state is not None
    assert (state.model, state.languages) == ("all-MiniLM-L6-v2", {"en"})

    wide = shelf.again(model="wide-1")
    before = wide.state()
    assert before is not None
    assert (before.model, before.set_model) == ("all-MiniLM-L6-v2", "wide-1")
    assert wide.find("the rule for fatigue", readable=ALL).hits
    report = wide.learn()
    after = wide.state()
    assert after is not None
    assert (report.moved_to, after.model, after.missing) == ("wide-1", "wide-1", 0)
    assert after.languages == {"en", "zh"}
    assert report.changed == ()
    # A reader that was open all the time asks in the new model's space from now on.
    assert shelf.library.find("the rule for fatigue", readable=ALL).hits
    assert len(shelf.vectors()) == 1
    wide.close()


def test_a_file_that_is_sent_moves_no_model(shelf: Shelf, tmp_path: Path) -> None:
    shelf.write("coupons.md", page("Coupons", "Budget"))
    shelf.library.learn([shelf.docs])
    upload = tmp_path / "upload"
    upload.write_text(page("Returns", "Refunds"), encoding="utf-8")
    wide = shelf.again(model="wide-1")
    assert wide.learn_sent(upload, "returns.md").moved_to is None
    state = wide.state()
    assert state is not None
    assert (state.model, state.missing) == ("all-MiniLM-L6-v2", 0)
    wide.close()


@pytest.mark.parametrize("harm", ["gone", "broken"])
def test_vectors_that_are_lost_or_broken_are_made_again(shelf: Shelf, harm: str) -> None:
    shelf.write("coupons.md", page("Coupons", "Budget", "Fatigue"))
    shelf.library.learn([shelf.docs])
    shelf.library.close()
    (name,) = shelf.vectors()
    kept = shelf.home / "index" / name
    if harm == "gone":
        shutil.rmtree(kept)
    else:
        (kept / "chroma.sqlite3").write_bytes(b"no database")
    library = shelf.again()
    state = library.state()
    assert state is not None
    assert state.missing is None
    assert state.unreachable
    assert library.find("the rule for fatigue", readable=ALL).hits
    library.learn()
    state = library.state()
    assert state is not None
    assert state.missing == 0
    library.close()


def test_a_server_that_is_not_there_is_named(shelf: Shelf) -> None:
    shelf.write("coupons.md", page("Coupons", "Budget"))
    library = shelf.again(chroma_url="http://127.0.0.1:9")
    with pytest.raises(VectorsUnavailable, match=r"127\.0\.0\.1:9"):
        library.learn([shelf.docs])
    library.close()
