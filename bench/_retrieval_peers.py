"""What a team would build in an afternoon: Chroma through LangChain, and BM25."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from knowledge.document import Passage

# The documents that fit, the best first.
Search = Callable[[str], list[str]]
FETCHED = 60


def chroma_retriever(passages: Sequence[Passage], model: SentenceTransformer) -> Search:
    """`vectorstore.as_retriever` over the same passages, with the same model."""
    from langchain_chroma import Chroma
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings

    class Vectors(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return model.encode(texts, normalize_embeddings=True, show_progress_bar=False).tolist()  # type: ignore[no-any-return]

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    store = Chroma(
        "peer",
        embedding_function=Vectors(),
        persist_directory=tempfile.mkdtemp(),
        collection_metadata={"hnsw:space": "cosine"},
    )
    documents = [Document(f"{one.title}\n{one.text}", metadata={"document": one.document}) for one in passages]
    for start in range(0, len(documents), 500):
        store.add_documents(documents[start : start + 500])
    retriever = store.as_retriever(search_kwargs={"k": min(FETCHED, len(documents))})
    return lambda question: _distinct(found.metadata["document"] for found in retriever.invoke(question))


def bm25(passages: Sequence[Passage]) -> Search:
    """rank_bm25 with jieba's words for Chinese and white space for English."""
    import rjieba
    from rank_bm25 import BM25Okapi

    def words(text: str) -> list[str]:
        return [
            word
            for run in text.lower().split()
            for word in (rjieba.cut(run) if re.search(r"[\u4e00-\u9fff]", run) else [run])
        ]

    index = BM25Okapi([words(f"{one.title}\n{one.text}") for one in passages])

    def search(question: str) -> list[str]:
        scores = index.get_scores(words(question))
        return _distinct(passages[place].document for place in np.argsort(-scores, kind="stable")[:FETCHED])

    return search


def _distinct(names: object) -> list[str]:
    return list(dict.fromkeys(names))  # type: ignore[call-overload, no-any-return]
