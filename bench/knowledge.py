"""`marketbot learn` against the bare model on the same texts, and questions to 50,000 passages.

Indexing: Cranfield abstracts as Markdown files. `learn` reads, cuts, embeds, and writes words and vectors; the bare
model only encodes the very texts that `learn` embeds. Both use one loaded model and take turns.

Questions: passages are put together at random from sentences of Cranfield (English, four in five) and CMRC 2018
(Chinese). Encoding all of them would take an hour, so each English one gets the vector of a real abstract, moved by
noise of half its length. Their questions are asked once each, in a process of its own, so that none is remembered;
the time is that of the whole search with the question's own embedding, after the model and the index are loaded.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from bench._child import run_child

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from knowledge.document import Language, Passage

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
ABSTRACTS, A_FILE, ROUNDS = 360, 20, 2
PASSAGES, CHINESE_SHARE, A_DOCUMENT, SENTENCES = 50_000, 0.2, 50, 5
REAL_VECTORS = 256
ASKING = """
import json, sys, time
from pathlib import Path
from knowledge.library import Library
library = Library(Path(sys.argv[1]), shipped=None)
questions = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
readable = {"viewer"}
started = time.perf_counter()
library.find("Which way does the load turn the wing?", readable=readable)
first = time.perf_counter() - started
times = {}
for language, texts in questions.items():
    library.find(texts[0] + "?", readable=readable)
    for text in texts:
        started = time.perf_counter()
        found = library.find(text, readable=readable)
        times.setdefault(language, []).append((time.perf_counter() - started) * 1000)
        assert found.hits
json.dump({"first": first, "times": times}, sys.stdout)
"""


def main() -> None:
    if not (SHARED / "cranfield").is_dir() or not (SHARED / "cmrc2018").is_dir():
        print(f"skipped: no cranfield and cmrc2018 in {SHARED}", flush=True)
        return
    abstracts = [" ".join(text.split()) for text in _column("cranfield/docs.parquet", "text") if text.strip()]
    with tempfile.TemporaryDirectory() as folder:
        _indexing(Path(folder), abstracts[:ABSTRACTS])
        _asking(Path(folder), abstracts)


def _indexing(folder: Path, abstracts: Sequence[str]) -> None:
    from knowledge.catalogue import Catalogue
    from knowledge.library import CATALOGUE, Library
    from knowledge.vectors.embedder import to_embed
    from knowledge.vectors.embedders import DEFAULT_LANGUAGES, Embedders

    files = folder / "files"
    files.mkdir()
    for start in range(0, len(abstracts), A_FILE):
        parts = [f"## Report {start + i}\n\n{text}" for i, text in enumerate(abstracts[start : start + A_FILE])]
        (files / f"reports-{start:04}.md").write_text(f"# Reports from {start}\n\n" + "\n\n".join(parts))
    models = Embedders()
    model = models.get("all-MiniLM-L6-v2", DEFAULT_LANGUAGES).load()
    learned: list[float] = []
    bare: list[float] = []
    for turn in range(ROUNDS + 1):
        home = folder / f"turn{turn}"
        library = Library(home / "index", shipped=None, embedders=models)
        started = time.perf_counter()
        report = library.learn([files])
        seconds = time.perf_counter() - started
        library.close()
        catalogue = Catalogue(home / "index" / CATALOGUE)
        passages = [one for key in catalogue.documents() for one in catalogue.of_document(key)]
        catalogue.close()
        texts = [text for one in passages if (text := to_embed(one, DEFAULT_LANGUAGES)) is not None]
        assert len(texts) == report.embedded
        started = time.perf_counter()
        model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
        if turn:  # the first one warms up
            learned.append(report.embedded / seconds)
            bare.append(len(texts) / (time.perf_counter() - started))
    ours, theirs = statistics.median(learned), statistics.median(bare)
    print(f"{len(texts)} passages{'':14}learn  bare encode    ratio    aim", flush=True)
    print(f"{'passages / s':27}{ours:6.1f} {theirs:12.1f} {ours / theirs:8.2f}    ≥ 0.9", flush=True)


def _asking(folder: Path, abstracts: Sequence[str]) -> None:
    home = folder / "large"
    started = time.perf_counter()
    count = _large(home, abstracts)
    made = time.perf_counter() - started
    questions = {
        "English": [" ".join(text.split()) for text in _column("cranfield/queries.parquet", "query")],
        "Chinese": _column("cmrc2018/questions.parquet", "question")[:150],
    }
    asked = folder / "questions.json"
    asked.write_text(json.dumps(questions, ensure_ascii=False), encoding="utf-8")
    finished = run_child([sys.executable, "-c", ASKING, str(home), str(asked)])
    measured = json.loads(finished.output)
    print(f"\n{count:,} passages, made in {made:.0f} s      p50      p95    aim", flush=True)
    for language, times in measured["times"].items():
        p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        print(f"{f'{language} questions, ms ({len(times)})':34}{p50:6.1f} {p95:8.1f}    p95 ≤ 80", flush=True)
    print(f"{'first question, s':34}{measured['first']:6.1f}", flush=True)
    print(f"{'peak memory, MiB':34}{finished.peak_mb:6.0f}             ≤ 1229", flush=True)


def _large(home: Path, abstracts: Sequence[str]) -> int:
    """A library of `PASSAGES` passages, as `learn` would have left it."""
    import numpy as np

    from knowledge.catalogue import Catalogue, Learned, Vectors
    from knowledge.language.words import analysed
    from knowledge.learning.recipe import embedded_by
    from knowledge.library import CATALOGUE
    from knowledge.vectors.embedders import DEFAULT_LANGUAGES, Embedders
    from knowledge.vectors.shelves import FolderShelves

    rng = np.random.default_rng(5)
    model = Embedders().get("all-MiniLM-L6-v2", DEFAULT_LANGUAGES)
    real = model.encode(abstracts[:REAL_VECTORS])
    catalogue = Catalogue(home / CATALOGUE)
    draft = FolderShelves(home).draft(None)
    for key, language, passages in _documents(abstracts):
        learned = Learned(
            key=key,
            name=key,
            folder="/made",
            origin="team",
            access="",
            title=key,
            language=language,
            pages=None,
            passages=len(passages),
            kind="",
            metrics=(),
            aliases=(),
            digest=key,
            size=0,
            learned_at="2026-01-01T00:00:00+00:00",
        )
        catalogue.put_document(learned, [(one, analysed(one, ())) for one in passages])
        if language in DEFAULT_LANGUAGES:
            draft.add([one.id for one in passages], _moved(real, len(passages), rng))
    draft.close()
    catalogue.use_vectors(Vectors(draft.name, model.name, embedded_by(), DEFAULT_LANGUAGES))
    count = catalogue.passage_count()
    catalogue.close()
    return count


def _documents(abstracts: Sequence[str]) -> Iterator[tuple[str, Language, list[Passage]]]:
    from knowledge.document import Passage

    rng = Random(5)  # noqa: S311 - texts are made up, nothing is kept secret
    english = [f"{part.strip()}." for text in abstracts for part in text.split(" . ") if len(part) > 40]
    chinese = [
        f"{part}。" for text in _column("cmrc2018/paragraphs.parquet", "context") for part in text.split("。") if part
    ]
    for number in range(PASSAGES // A_DOCUMENT):
        language: Language = "zh" if number < PASSAGES // A_DOCUMENT * CHINESE_SHARE else "en"
        key, sentences = f"document-{number:04}", chinese if language == "zh" else english
        yield (
            key,
            language,
            [
                Passage(
                    id=f"{key}-{place}",
                    document=key,
                    place=place,
                    title=key,
                    section=(f"Section {place}",),
                    page=None,
                    language=language,
                    text=("" if language == "zh" else " ").join(rng.choices(sentences, k=SENTENCES)),
                )
                for place in range(A_DOCUMENT)
            ],
        )


def _moved(real: NDArray[np.float32], count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    import numpy as np

    base = real[rng.integers(len(real), size=count)]
    noise = rng.standard_normal(base.shape).astype(np.float32)
    moved = base + 0.5 * noise / np.linalg.norm(noise, axis=1, keepdims=True)
    return moved / np.linalg.norm(moved, axis=1, keepdims=True)


def _column(file: str, name: str) -> list[str]:
    import pyarrow.parquet as pq

    return [str(value) for value in pq.read_table(SHARED / file, columns=[name])[name].to_pylist()]


if __name__ == "__main__":
    main()
