"""BM25 in arrays, and the file that keeps it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge.catalogue import Catalogue, Entry
from knowledge.language.words import analysed
from knowledge.retrieval.lexical import K1, B, Lexical, View, build, load, save
from tests.unit.retrieval_fakes import learn, passage

TEXTS = (
    "coupons and more coupons for lapsed customers",
    "coupons for new customers",
    "inventory of the warehouse",
)


def entries() -> list[Entry]:
    return [Entry(f"p{i}", f"d{i}", "en", analysed(passage(text, title="x"), ())) for i, text in enumerate(TEXTS)]


def whole() -> View:
    arrays = build(entries())
    return View(arrays, np.ones(len(arrays.ids), np.bool_))


def test_the_score_is_that_of_the_formula() -> None:
    scores = whole().best([[(("coupon", 1.0),)]])
    lengths = np.array([len(entry.terms.split("\n")[3].split()) for entry in entries()])
    norm = K1 * (1 - B + B * lengths / lengths.mean())
    rarity = np.log1p((3 - 2 + 0.5) / (2 + 0.5))
    assert scores == pytest.approx(rarity * (K1 + 1) * np.array([2, 1, 0]) / (np.array([2, 1, 0]) + norm), rel=1e-5)


def test_the_best_name_of_a_group_counts_once() -> None:
    view = whole()
    coupon, inventory = (("coupon", 1.0),), (("inventori", 1.0),)
    assert view.best([[coupon, inventory]]).tolist() == pytest.approx(
        np.maximum(view.best([[coupon]]), view.best([[inventory]])).tolist()
    )


def test_what_may_not_be_read_is_not_felt() -> None:
    arrays = build(entries())
    alone = View(build(entries()[:2]), np.ones(2, np.bool_))
    hidden = View(arrays, np.array([True, True, False]))
    query = [[(("coupon", 1.0),)], [(("custom", 1.0),)], [(("inventori", 1.0),)]]
    assert hidden.best(query)[:2].tolist() == alone.best(query).tolist()
    assert hidden.best(query)[2] == 0
    assert hidden.place("p2") is None


def test_a_saved_file_is_the_same_and_only_for_its_stamp(tmp_path: Path) -> None:
    file = tmp_path / "lexical.npz"
    arrays = build(entries())
    save(arrays, file, "now")
    kept = load(file, "now")
    assert kept is not None
    assert kept.ids == arrays.ids
    assert kept.vocabulary == arrays.vocabulary
    assert kept.counts.tolist() == arrays.counts.tolist()
    assert load(file, "later") is None
    assert [path.name for path in tmp_path.iterdir()] == ["lexical.npz"]


@pytest.mark.parametrize("kept", [0, 90, 900])
def test_a_file_that_was_cut_off_is_made_again(tmp_path: Path, kept: int) -> None:
    file = tmp_path / "lexical.npz"
    save(build(entries()), file, "now")
    file.write_bytes(file.read_bytes()[:kept])
    assert load(file, "now") is None


def test_no_passages_give_no_scores() -> None:
    arrays = build([])
    assert View(arrays, np.zeros(0, np.bool_)).best([[(("coupon", 1.0),)]]).tolist() == []


def test_a_change_of_the_catalogue_is_seen(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite3")
    lexical = Lexical(tmp_path / "lexical.npz")
    learn(catalogue, "a.md", passage("coupons for all", document="a"))
    assert lexical.view(catalogue, catalogue.documents()).holding("coupon") == 1
    learn(catalogue, "b.md", passage("more coupons", document="b"))
    assert lexical.view(catalogue, catalogue.documents()).holding("coupon") == 2
    # Another process finds the file and need not count again.
    assert Lexical(tmp_path / "lexical.npz").view(catalogue, catalogue.documents()).holding("coupon") == 2
    catalogue.close()
