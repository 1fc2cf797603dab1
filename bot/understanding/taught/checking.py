"""Whether a word may be taught: not one that means something already, nor one that stands in everybody's questions."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.understanding.customers.terms import memberships
from bot.understanding.customers.terms import words as customer_words
from bot.understanding.foresight.terms import words as foresight_words
from bot.understanding.lexicon import CJK, tokens
from bot.understanding.normalise import normalise
from bot.understanding.scene import cover, look
from bot.understanding.taught.entries import called
from bot.understanding.taught.record import LONGEST_WORD, Meaning
from bot.understanding.taught.vocabulary import NOTHING_TAUGHT, is_letter, key_of
from tools.errors import InvalidArgument
from tools.messages import Message, say, say_n

if TYPE_CHECKING:
    from bot.understanding.reading.draft import World
    from bot.understanding.spans import Span

# Letters and digits of any script, and what names are written with.
GOOD = re.compile(r"[\w &.'+/#-]+")
LEAST, MOST_WORDS = 2, 8
"""Letters or characters, and words between spaces."""


@dataclass(frozen=True)
class Checked:
    """A word that may be taught: as it is shown, as it is compared, and what its teacher should know."""

    word: str
    key: str
    warnings: tuple[Message, ...] = ()


OF_NOBODY = frozenset({"known_as"})
"""What names customers without saying which: a team may say it."""


def checked(typed: str, world: World) -> Checked:
    """Raises InvalidArgument, saying why the word cannot be taught and what it means now."""
    word = " ".join(normalise(typed).original.split())
    plain = normalise(word).text
    _well_formed(word, plain)
    key = key_of(word)
    taught = next((e for e in world.index.taught.entries.values() if key_of(e.taught.word) == key), None)
    if taught is not None:
        raise InvalidArgument(
            say(
                "“{word}” is taught already: it means {meaning}. Revoke it with /taught first.",
                word=word,
                meaning=taught.means,
            )
        )
    plain_index = replace(world.index, taught=NOTHING_TAUGHT)
    sight = look(word, plain_index, world.today, world.first_day)
    scene = cover(sight, (*sight.candidates, *memberships(sight, world.saved)))
    if sight.hostile is not None or scene.words("tampering", "personal"):
        raise InvalidArgument(say("“{word}” stands in what I refuse, so it cannot be taught.", word=word))
    spans = scene.spans
    if len(spans) == 1 and not spans[0].unknown and not spans[0].word("partial_name"):
        raise InvalidArgument(
            say("“{word}” means something already: {meaning}.", word=word, meaning=_meaning_now(spans[0], world))
        )
    readings = (*customer_words().readings(plain), *foresight_words().readings(plain))
    if any(reading.value not in OF_NOBODY for reading in readings) or _is_common(plain, world):
        raise InvalidArgument(
            say("“{word}” is a word of many questions, so it cannot be taught. Use a longer one.", word=word)
        )
    return Checked(word, key, tuple(_warnings(word, spans, world)))


def _well_formed(word: str, plain: str) -> None:
    if not 1 <= len(plain) <= LONGEST_WORD or len(word) > LONGEST_WORD or len(tokens(plain.lower())) > LONGEST_WORD:
        raise InvalidArgument(say("A taught word has up to {longest} characters.", longest=LONGEST_WORD))
    if not GOOD.fullmatch(plain) or any(is_letter(ord(character)) for character in plain):
        raise InvalidArgument(
            say("“{word}” cannot be taught: a word has letters, digits, spaces, and & . ' + / # -.", word=word)
        )
    if not any(character.isalpha() for character in plain):
        raise InvalidArgument(say("“{word}” has no letters; a number stays a number.", word=word))
    if sum(character.isalnum() for character in plain) < LEAST:
        raise InvalidArgument(say("“{word}” is too short: it would be found in other words.", word=word))
    if not CJK.search(plain) and len(plain.split()) > MOST_WORDS:
        raise InvalidArgument(say("A taught word is a name of up to {most} words, not a sentence.", most=MOST_WORDS))


def _is_common(plain: str, world: World) -> bool:
    """One word that questions are made of, though it says nothing by itself."""
    words = tokens(plain.lower())
    known = len(words) == 1 and world.index.lexicon.knows(words[0].stem)
    return known and not world.index.products_named([words[0].text])


def _warnings(word: str, spans: list[Span], world: World) -> list[Message]:
    """What the word would change: a phrase that is read without it, names that hold it."""
    found = []
    if not any(span.unknown or span.word("partial_name") for span in spans):
        found.append(say("“{word}” can be read in a question now; from then on it means only this.", word=word))
    products = world.index.products_named(token.text for token in tokens(word.lower()))
    if products:
        found.append(
            say_n(
                "“{word}” stands in the name of {count} product; a question that means it is better asked by its code.",
                "“{word}” stands in the names of {count} products; questions that mean these are better asked by code.",
                len(products),
                word=word,
            )
        )
    return found


def _meaning_now(span: Span, world: World) -> Message:
    for reading in span.readings:
        if reading.kind in ("metric", "dimension"):
            return called(Meaning(reading.kind, reading.value), world.index, world.catalog)
        if reading.kind == "value":
            dimension, value = reading.value
            return called(Meaning("values", dimension, (value,)), world.index, world.catalog)
    if span.has("period"):
        return say("a time")
    if span.has("number"):
        return say("a number")
    if span.has("absent"):
        return say("a country")
    return say("a word that questions are made of")
