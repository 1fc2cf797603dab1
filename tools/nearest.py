"""The nearest valid choice, for every error that names one."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(given: str, choices: Iterable[str], *, limit: int = 3, cutoff: float = 60.0) -> list[str]:
    """Up to `limit` choices that look most like `given`, best first (rapidfuzz's weighted ratio, 0–100)."""
    from rapidfuzz import fuzz, process, utils

    found = process.extract(
        given, list(choices), scorer=fuzz.WRatio, processor=utils.default_process, limit=limit, score_cutoff=cutoff
    )
    return [choice for choice, _score, _index in found]
