"""The words by which a question is known to be for the playbooks, and where in it they stand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.understanding.lexicon import Lexicon, grammar_of, tokens
from bot.understanding.scene import Sight
from bot.understanding.spans import Reading, Span


@cache
def words() -> Lexicon:
    """The groups of `words.yml`. Nothing is mended here: a slip of the keys is no reason to leave the figures."""
    lexicon = Lexicon()
    for group, by_language in grammar_of(Path(__file__).with_name("words.yml")).items():
        for phrases in by_language.values():
            for phrase in phrases:
                lexicon.add(phrase, Reading("word", group), mendable=False)
    return lexicon


@dataclass(frozen=True)
class Cues:
    """Where a question holds words of these groups."""

    folded: str
    spans: tuple[Span, ...]

    @classmethod
    def of(cls, sight: Sight) -> Cues:
        found = words().spans(sight.folded, tokens(sight.folded))
        return cls(sight.folded, tuple(sorted(found, key=lambda span: (span.start, -span.end))))

    def has(self, *groups: str) -> bool:
        return any(span.word(*groups) for span in self.spans)

    def all(self, group: str) -> list[Span]:
        return [span for span in self.spans if span.word(group)]
