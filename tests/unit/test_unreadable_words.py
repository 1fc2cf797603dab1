"""Every reason for which a document cannot be learned is told in both languages, with its figures and a mend."""

from __future__ import annotations

from typing import get_args

import pytest

from bot.rendering.voice import Voice
from knowledge.errors import Reason, Unreadable
from tools.playbooks.words import why

DETAILS: dict[str, dict[str, str | int | float]] = {
    "unknown_format": {"known": ".md .pdf"},
    "wrong_extension": {"given": ".pdf", "found": "HTML"},
    "too_large": {"size": 60 * 1024**2, "limit": 50 * 1024**2},
    "too_many_pages": {"pages": 12_345, "limit": 2000},
    "too_much_text": {"limit": 12_000_000},
    "damaged": {"detail": "/etc/passwd at 0x7f"},
    "too_slow": {"limit": 120.0},
    "too_much_memory": {"limit": 1500 * 1024**2},
}
FIGURES = {
    "unknown_format": [".md", ".pdf"],
    "wrong_extension": [".pdf", "HTML"],
    "too_large": ["60 MB", "50 MB"],
    "too_many_pages": ["12,345", "2,000"],
    "too_slow": ["120"],
    "too_much_memory": ["1,500 MB"],
}


@pytest.mark.parametrize("reason", get_args(Reason))
def test_each_reason_has_words(reason: Reason) -> None:
    told = Voice("en").text(why(Unreadable("a\u202e<b>.pdf", reason, **DETAILS.get(reason, {}))))
    assert told.startswith("“a<b>.pdf”: ")
    assert "{" not in told
    assert "passwd" not in told
    for figure in FIGURES.get(reason, []):
        assert figure in told
    # Also where the reader of the file gave no figures.
    assert Voice("zh").text(why(Unreadable("文件", reason)))
