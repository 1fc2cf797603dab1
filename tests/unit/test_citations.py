"""The line that says where a quote stands, in the chat and as JSON."""

from __future__ import annotations

from typing import Literal

import pytest

from bot.rendering.citations import cited
from bot.rendering.reply import reply_json
from bot.rendering.voice import Voice
from bot.reply import Reply
from tools.answer import Answer, Citation
from tools.messages import say
from tools.playbooks.words import page_count, size_of


@pytest.mark.parametrize(
    ("language", "document", "place"),
    [
        ("en", "handbook.pdf", "p. 3"),
        ("en", "team/Launch.PPTX", "slide 3"),
        ("zh", "handbook.pdf", "第 3 页"),
        ("en", f"{'a' * 200}.pptx", "slide 3"),
    ],
)
def test_pages_and_slides_are_called_what_they_are(language: Literal["en", "zh"], document: str, place: str) -> None:
    line = cited(Citation(document, "Plan", 3, "The launch is in May."), Voice(language)).splitlines()[-1]
    assert f"Plan, {place} · " in line


def test_counts_of_pages_and_slides() -> None:
    voice = Voice("en")
    assert [voice.text(page_count(name, 3)) for name in ("a.pdf", "a.pptx")] == ["3 pages", "3 slides"]


def test_json_carries_no_character_that_hides_or_turns_text() -> None:
    citation = Citation("odd\nname\u202eGNP.md", "One\u200b\nsection", None, "A quote\u202e of\ntwo lines.")
    reply = Reply("answered", "en", answers=(Answer(headline=say("Odd name"), citations=(citation,)),))
    written = reply_json(reply, Voice("en"), None)["citations"]
    assert written == [
        {"document": "odd nameGNP.md", "section": "One section", "page": None, "quote": "A quote of\ntwo lines."}
    ]


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (1, "1 byte"),
        (47, "47 bytes"),
        (2048, "2 KB"),
        (100 * 1024, "100 KB"),
        (300 * 1024, "300 KB"),
        (5 * 1024**2, "5 MB"),
    ],
)
def test_a_size_is_told_in_the_unit_that_fits_it(size: int, words: str) -> None:
    assert Voice("en").text(size_of(size)) == words
