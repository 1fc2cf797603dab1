"""Which version of the product read and cut a document, and which made text for the model of it."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parents[1]
PARTS = (
    "document.py",
    "learning/chunker.py",
    "language/detection.py",
    "language/sentences.py",
    "language/words.py",
    "language/terminology.py",
    "language/glossary.yml",
)
TOLD = tuple(f"language/{name}" for name in ("meaning.py", "glossary.py", "terminology.py", "glossary.yml"))
# What `embedder.to_embed` makes of a passage is part of its vector: a change there takes another number here.
TO_EMBED = 2


@cache
def embedded_by() -> str:
    """A digest of what decides which text the model is given: after a change there, all passages are embedded again."""
    digest = sha256(str(TO_EMBED).encode())
    for name in TOLD:
        digest.update((HERE / name).read_bytes())
    return digest.hexdigest()[:16]


@cache
def made_by() -> str:
    """A digest of the code that reads and cuts documents: after a change there, all are read again."""
    digest = sha256()
    for file in (*(HERE / name for name in PARTS), *sorted((HERE / "loaders").glob("*.py"))):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
