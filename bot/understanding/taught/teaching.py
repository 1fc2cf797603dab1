"""Teaching: what was said is read and shown back, then kept; what was taught is listed and revoked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.understanding.taught.checking import checked
from bot.understanding.taught.entries import SEGMENT, called, is_there
from bot.understanding.taught.meanings import meanings
from bot.understanding.taught.record import TaughtWords
from bot.understanding.taught.sentence import said

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.contexts import Contexts
    from bot.understanding.reading.draft import World
    from bot.understanding.taught.record import Meaning, TaughtWord
    from bot.understanding.worlds import Worlds
    from tools.messages import Message
    from tools.tool import User


@dataclass(frozen=True)
class Proposal:
    """A word as it was understood. Of several meanings one is to be chosen; `called` are their names, in order."""

    word: str
    meanings: tuple[Meaning, ...]
    called: tuple[Message, ...]
    warnings: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Listed:
    """A taught word, what its meaning is called, and whether it can still be read."""

    taught: TaughtWord
    called: Message
    there: bool


@dataclass(frozen=True)
class Teaching:
    """Blocking; thread-safe. `worlds` gives what words are checked against."""

    contexts: Contexts
    worlds: Worlds
    state: Callable[[], Session]
    clock: Callable[[], datetime]

    def proposed(self, sentence: str, user: User) -> Proposal:
        """Reads a teaching sentence. Raises InvalidArgument, saying what would work."""
        pair = said(sentence)
        world = self._world(user)
        word = checked(pair.word, world)
        found = meanings(pair.meaning, world)
        names = tuple(called(meaning, world.index, world.catalog) for meaning in found)
        return Proposal(word.word, found, names, word.warnings)

    def teach(self, word: str, meaning: Meaning, user: User) -> Listed:
        """Keeps a word that was proposed. Raises InvalidArgument where it can no longer be taught like this."""
        world = self._world(user)
        known = checked(word, world)
        kept = self._words.teach(known.word, known.key, meaning, by=user.id, at=self.clock())
        return self._listed(kept, world)

    def all(self, user: User) -> tuple[Listed, ...]:
        """Every word that is taught, in the order in which they were."""
        world = self._world(user)
        return tuple(self._listed(word, world) for word in self._words.all())

    def revoke(self, number: int) -> TaughtWord | None:
        """Forgets a word, and gives what it was; None where there is none of this number."""
        return self._words.revoke(number)

    @property
    def _words(self) -> TaughtWords:
        return TaughtWords(self.state)

    def _world(self, user: User) -> World:
        return self.worlds.of(user, self.contexts.today())

    def _listed(self, word: TaughtWord, world: World) -> Listed:
        meaning = word.meaning
        there = is_there(meaning, world.index, world.catalog)
        if meaning.kind == "values" and meaning.name == SEGMENT:
            there = meaning.values[0] in world.saved
        return Listed(word, called(meaning, world.index, world.catalog), there)
