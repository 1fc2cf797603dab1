"""Models of meaning: the one that comes along, others by path, the languages they read, and those not there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pytest

from knowledge.catalogue import Catalogue, Vectors
from knowledge.document import Passage
from knowledge.errors import UnusableModel
from knowledge.library import Library
from knowledge.vectors.embedder import Embedder, to_embed
from knowledge.vectors.embedders import Embedders
from knowledge.vectors.probe import SENTENCES

# The model takes seconds to import: all of it happens in one worker.
pytestmark = pytest.mark.xdist_group("embedding")
ALL = frozenset({"viewer"})


def small_model(folder: Path, columns: Collection[int]) -> Path:
    """A model that knows what the sentences of these columns of `SENTENCES` are about, word by word."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    normalizer, splitter = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    topics = np.random.default_rng(1).standard_normal((len(SENTENCES), 48))
    seen: dict[str, list[int]] = defaultdict(list)
    for row, sentences in enumerate(SENTENCES):
        for column, sentence in enumerate(sentences):
            for word, _span in splitter.pre_tokenize_str(normalizer.normalize_str(sentence)):
                seen[word] += [row] if column in columns else []
    words = sorted(seen)
    # A word of every topic tells of none.
    vectors = [topics[rows].sum(0) / len(rows) ** 2 if (rows := seen[word]) else topics.mean(0) for word in words]
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0} | {w: i for i, w in enumerate(words, 1)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, splitter
    weights = np.vstack([topics.mean(0), *vectors]).astype(np.float32)
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=weights)], device="cpu").save(str(folder))
    return folder


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(tmp_path / "catalogue.sqlite3")


def test_the_model_that_comes_along_tells_meaning_in_english() -> None:
    model = Embedders().get("all-MiniLM-L6-v2", {"en"})
    vectors = model.encode(["Win back lapsed customers", "How do we return old buyers?", "Stock of red jackets"])
    assert vectors.shape == (3, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.1
    again = model.encode_question("Win back lapsed customers")
    kept = model.encode_question("Win back lapsed customers")
    assert again is kept
    assert again == pytest.approx(vectors[0], abs=1e-4)


def test_the_order_of_texts_is_kept_and_progress_counts_them() -> None:
    model = Embedders().get("all-MiniLM-L6-v2", {"en"})
    texts = [f"sales of product {i} " * (1 + i % 5) for i in range(7)]
    counted: list[int] = []
    together = model.encode(texts, counted.append)
    assert sum(counted) == len(texts)
    assert model.encode([])[:0].size == 0
    for text, vector in zip(texts[:3], together, strict=False):
        assert model.encode([text])[0] == pytest.approx(vector, abs=1e-4)


@pytest.mark.parametrize(("columns", "languages"), [((0, 1, 2, 3), {"en", "zh"}), ((0, 1), {"en"}), ((2, 3), {"zh"})])
def test_a_model_s_languages_are_found_by_trying(
    tmp_path: Path, catalogue: Catalogue, columns: tuple[int, ...], languages: set[str]
) -> None:
    model = small_model(tmp_path / "model", columns)
    assert Embedders().for_learning(str(model), catalogue).languages == languages


def test_what_was_found_out_about_a_model_is_kept(tmp_path: Path, catalogue: Catalogue) -> None:
    catalogue.use_vectors(Vectors("v1", "/not/loaded", "", frozenset({"zh"})))
    assert Embedders().for_learning("/not/loaded", catalogue).languages == {"zh"}


def test_a_model_that_reads_neither_language_is_refused(tmp_path: Path, catalogue: Catalogue) -> None:
    model = small_model(tmp_path / "model", ())
    with pytest.raises(UnusableModel, match="neither in English nor in Chinese"):
        Embedders().for_learning(str(model), catalogue)


@pytest.mark.parametrize("name", ["/no/such/folder", "./no-such-folder", "nobody/no-such-model-anywhere"])
def test_a_model_that_is_not_there_is_told(name: str) -> None:
    with pytest.raises(UnusableModel) as told:
        Embedder(name, ()).load()
    assert told.value.model == name


def test_a_library_moves_to_a_model_that_reads_both_languages(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "loans.md").write_text("# Loans\n\n" + SENTENCES[9][0])
    (docs / "外套.md").write_text("# 外套\n\n" + SENTENCES[4][2])
    (docs / "戒烟.md").write_text("# 戒烟\n\n" + SENTENCES[7][2])
    model = small_model(tmp_path / "model", (0, 1, 2, 3))
    first = Library(tmp_path / "home" / "index", shipped=None)
    assert first.learn([docs]).embedded == 3
    first.close()
    moved = Library(tmp_path / "home" / "index", shipped=None, model=str(model))
    report = moved.learn()
    assert (report.moved_to, report.embedded) == (str(model), 3)
    state = moved.state()
    assert state is not None
    assert (state.model, state.languages, state.missing) == (str(model), {"en", "zh"}, 0)
    # No word is shared: only meaning leads from one language into the other.
    hits = moved.find("That crimson coat is no longer in stock", readable=ALL).hits
    assert hits[0].document.name == "外套.md"
    moved.close()


def test_passages_of_a_language_that_the_model_does_not_read_get_no_vector() -> None:
    passage = Passage("1", "a.md", 0, "Returns", ("Refunds",), None, "en", "Within seven days.")
    assert to_embed(passage, {"zh"}) is None
    assert to_embed(passage, {"en", "zh"}) == "Returns › Refunds\nWithin seven days."
