"""How much of a document is read before it is refused."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """`bytes` of the file, `pages` of a PDF or slides, `characters` of text, `seconds` and `memory_bytes` of reading.

    `seconds` is checked between pages where a document is read in this process; in a process of its own
    (`knowledge.loaders.isolated`) it holds to the second, and `memory_bytes` is the process's address space.
    """

    bytes: int = 50 * 1024 * 1024
    pages: int = 2_000
    characters: int = 12_000_000
    seconds: float = 120.0
    memory_bytes: int = 1_500 * 1024 * 1024
