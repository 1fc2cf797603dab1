"""Finds the passages that answer a question, by words and by meaning, in either language."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import structlog

from knowledge.document import Language, Passage
from knowledge.errors import MeaningUnavailable
from knowledge.language.detection import language_of
from knowledge.language.meaning import embedded_languages, in_model_language
from knowledge.retrieval.answering import THRESHOLD, UNMEASURED, WHETHER, WHICH, Evidence, Fit, evidence
from knowledge.retrieval.extraction import Window, opened, quoted, weigh, windows
from knowledge.retrieval.found import Extract, Found, Hit
from knowledge.retrieval.lexical import Floats, Lexical, View, Weighted
from knowledge.retrieval.naming import authors, limited
from knowledge.retrieval.question import Asked, asked, of_learned
from knowledge.retrieval.sorts import purpose
from knowledge.retrieval.stating import sought, stating

if TYPE_CHECKING:
    from knowledge.catalogue import Catalogue, Learned
    from knowledge.language.glossary import Glossary
    from knowledge.vectors.embedder import Embedder
    from knowledge.vectors.index import Index

__all__ = ["Extract", "Found", "Hit", "Retriever"]

_log = structlog.get_logger(__name__)

LEXICAL_FILE = "lexical.npz"
# How much the meaning counts beside the words, and where question or passage is told by its gloss. A question's gloss
# counts in full where the glossary knows so much of it, and less where it knows less.
MEANING_SHARE = 0.6
GLOSSED_SHARE = 0.5
WELL_KNOWN = 0.6
NEAREST = 100
# So many of the passages that fit best are read closely.
READ = 16
READ_QUICKLY = 5
# What the team wrote comes first where both answer: so much in the logarithm of the odds.
TEAM_BONUS = 1.4
# And the asker's own language comes first.
LANGUAGE_COST = 0.7
# In a list of pages, fitting as a whole counts for so much more than for what is quoted.
LISTED_WEIGHT = 16.0
# A second passage is quoted as well that is so little behind the first, in the logarithm of the odds; and a third.
ALSO = (2.0, 1.5)
# Of one document that the question names, more of what it says is quoted: what it proposes stands in several sections.
ALSO_OF_ONE = (4.5, 4.5)
ASIDES = frozenset({"What to look at in the bot", "可以问机器人", "在机器人里看什么"})


@dataclass(frozen=True)
class Reading:
    """A passage that was read closely. `states`: the fact that is asked for, if one is."""

    passage: Passage
    document: Learned
    window: Window
    evidence: Evidence
    purpose: float
    states: bool

    @property
    def bonus(self) -> float:
        """For being the team's own, in the asker's language, and below a heading of what was asked for."""
        team = TEAM_BONUS if self.document.origin == "team" else 0.0
        return team - LANGUAGE_COST * self.evidence.across + self.purpose

    @property
    def score(self) -> float:
        """How well it answers."""
        return WHICH.logit(self.evidence) + self.bonus

    @property
    def standing(self) -> float:
        """How high it stands in a list of what there is on the subject: fitting as a whole counts for more there."""
        fits = WHICH.coefficients.fused
        return self.score + LISTED_WEIGHT * (self.evidence.fused + self.bonus / fits)


@dataclass(frozen=True)
class _Search:
    """A question among the passages that may be read: how well each fits, (n,), and the cosines that are known.

    `limited`: it is asked of documents that it names.
    """

    asked: Asked
    documents: Mapping[str, Learned]
    view: View
    fused: Floats
    cosines: Mapping[int, float]
    languages: Collection[Language]
    limited: bool = False

    def fit(self, at: int, language: Language) -> Fit:
        """How a passage in this language fits; `languages` are the model's own."""
        known = self.cosines.values()
        cosine, usual = (self.cosines.get(at, min(known)), sum(known) / len(known)) if known else UNMEASURED
        glossed = bool(known) and not {language, language_of(self.asked.text)} <= set(self.languages)
        return Fit(cosine, usual, glossed, float(self.fused[at]))


class Retriever:
    """Answers from what a catalogue holds. Reads from several threads at once are safe.

    The lexical side is kept in a file in `folder`, and made again when the catalogue has changed. Neither the index nor
    the model of meaning is touched before a question needs it.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        index: Index,
        embedder: Embedder,
        glossary: Glossary,
        folder: Path,
    ) -> None:
        self._catalogue = catalogue
        self._index = index
        self._embedder = embedder
        self._glossary = glossary
        self._lexical = Lexical(folder / LEXICAL_FILE)
        self._authors: tuple[int, list[tuple[str, Collection[str]]]] | None = None

    def prepare(self) -> None:
        """Makes the lexical file for the catalogue as it is now, so that the next question need not wait for it."""
        self._lexical.view(self._catalogue, self._catalogue.documents())

    def find(
        self, question: str, *, readable: Collection[str], language: Language | None = None, limit: int = 10
    ) -> Found:
        """The readable passages that fit best; `language` is the asker's, told from the question if None."""
        read, search, meant = self._weighed(question, readable, language, limit)
        listed = sorted(read, key=lambda one: (-one.standing, one.passage.id))
        hits = tuple(Hit(one.passage, one.document, one.standing) for one in listed[:limit])
        behind = ALSO_OF_ONE if search.limited else ALSO
        extract, sure, also = _answer([one for one in read if one.states], behind)
        unsaid = extract is None and _answer(read, behind)[0] is not None
        return Found(hits, extract, sure, also, words_only=not meant, unsaid=unsaid)

    def readings(self, question: str, *, readable: Collection[str]) -> list[Reading]:
        """What `find` goes by: the passages that it read closely, the best first, with what speaks for each."""
        return self._weighed(question, readable, None, READ)[0]

    def likely(self, question: str, *, readable: Collection[str]) -> float:
        """How probable it is that anything readable answers, 0 to 1, from words alone: no model is loaded."""
        what, documents, view, _limited = self._asked(question, readable, None)
        scores = _scaled(view.best(_groups(what)))
        read = self._read(_best(scores, READ_QUICKLY), _Search(what, documents, view, scores, {}, ()))
        return max((WHETHER.probability(one.evidence) for one in read), default=0.0)

    def _weighed(
        self, question: str, readable: Collection[str], language: Language | None, limit: int
    ) -> tuple[list[Reading], _Search, bool]:
        """The passages that fit best, the best first, in what search, and whether the meaning could be asked for."""
        what, documents, view, limited = self._asked(question, readable, language)
        fused, cosines, meant = self._fused(what, view)
        search = _Search(what, documents, view, fused, cosines, self._embedder.languages, limited=limited)
        read = self._read(_best(fused, max(READ, limit)), search)
        return sorted(read, key=lambda one: (-one.score, one.passage.id)), search, meant

    def _asked(
        self, question: str, readable: Collection[str], language: Language | None
    ) -> tuple[Asked, dict[str, Learned], View, bool]:
        """A question among the documents that it is asked of: those that it names, the team's where it asks the
        papers, else all that may be read; and whether it names any.
        """
        titles = {key: one.title for key, one in self._catalogue.documents().items() if one.access in readable}
        rest, keys = limited(question, self._written(titles), titles)
        what = asked(rest, self._glossary, language or language_of(question))
        documents = self._readable(readable, what.language)
        named = {key: documents[key] for key in keys if key in documents}
        learned = {k: one for k, one in documents.items() if one.origin == "team"} if of_learned(question) else {}
        view = self._lexical.view(self._catalogue, named or documents)  # how rare a word is, all documents tell
        return what, named or learned or documents, view, bool(named)

    def _readable(self, readable: Collection[str], language: Language) -> dict[str, Learned]:
        """The documents that may be read; of a shipped one that is there in both languages, the asker's."""
        documents = {key: one for key, one in self._catalogue.documents().items() if one.access in readable}
        own = {_page(one) for one in documents.values() if one.origin == "shipped" and one.language == language}
        return {
            key: one
            for key, one in documents.items()
            if one.origin != "shipped" or one.language == language or _page(one) not in own
        }

    def _written(self, keys: Collection[str]) -> list[tuple[str, Collection[str]]]:
        """Who wrote these documents, by their keys."""
        generation = self._catalogue.generation
        if self._authors is None or self._authors[0] != generation:
            found = ((key, authors(text)) for key, text in self._catalogue.openings())
            self._authors = generation, [(key, names) for key, names in found if names]
        return [(key, names) for key, names in self._authors[1] if key in keys]

    def _fused(self, what: Asked, view: View) -> tuple[Floats, dict[int, float], bool]:
        """How well each passage fits, (n,), 0 to 1; the cosines that are known, by the passage's place; and whether
        the meaning could be asked for.
        """
        words = _scaled(view.best(_groups(what)))
        try:
            cosines = self._cosines(what, view)
        except MeaningUnavailable as error:
            _log.warning("knowledge.words_only", reason=str(error))
            return words, {}, False
        best = max(cosines.values(), default=0.0)
        if best <= 0:
            return words, cosines, True
        languages = self._embedder.languages
        own = language_of(what.text) in languages
        share = np.where(view.written_in(languages) & own, MEANING_SHARE, GLOSSED_SHARE).astype(np.float32)
        if not own:
            share *= min(1.0, what.known / WELL_KNOWN)
        # Of the rest nothing is known but that they are further than the nearest ones.
        meaning = np.full(len(words), max(min(cosines.values()), 0.0) / best, np.float32)
        for at, cosine in cosines.items():
            meaning[at] = max(cosine, 0.0) / best
        has_vector = view.written_in(embedded_languages(languages))
        return np.where(has_vector, (1 - share) * words + share * meaning, words), cosines, True

    def _cosines(self, what: Asked, view: View) -> dict[int, float]:
        languages = self._embedder.languages
        text = in_model_language(what.text, language_of(what.text), languages, self._glossary)
        if text is None:
            return {}
        vector = self._embedder.encode_question(text)
        wanted = NEAREST
        while True:
            found = self._index.query(vector, wanted)
            mine = {at: cosine for one, cosine in found if (at := view.place(one)) is not None}
            if len(mine) >= min(NEAREST, view.size) or len(found) < wanted:
                return mine
            wanted *= 4

    def _read(self, order: Sequence[int], search: _Search) -> list[Reading]:
        """Those of these passages that hold a sentence, read closely, in no order."""
        weighing = weigh(search.asked, search.view)
        fact = sought(search.asked)
        places = {search.view.ids[at]: at for at in order}
        read = []
        for passage in self._catalogue.passages(list(places)):
            document = search.documents.get(passage.document)
            if document is None or _is_aside(passage, document):
                continue
            leaf = opened(passage)
            near = weighing.within(leaf.whole)
            found = windows(leaf, near)
            if not found:
                continue
            at = places[passage.id]
            proof = evidence(leaf, found[0], near, search.view, search.fit(at, passage.language))
            aim = purpose(leaf.heading, search.asked.kinds, proof.promised)
            told = fact is not None and (document.origin == "team" or not fact.ours)
            said = stating(leaf, near, fact) if told and fact is not None else []
            best = next((one for one in found if _holds(one, said)), found[0])
            read.append(Reading(passage, document, best, proof, aim, states=fact is None or bool(said)))
        return read


def _answer(read: list[Reading], behind: Sequence[float]) -> tuple[Extract | None, float, tuple[Extract, ...]]:
    """What answers, how probable that is, and what may answer as well."""
    if not read:
        return None, 0.0, ()
    sure = WHETHER.probability(read[0].evidence)
    if sure < THRESHOLD:
        return None, sure, ()
    first, *rest = read
    also = [one for one, least in zip(rest, behind, strict=False) if first.score - one.score <= least]
    return _extract(first), sure, tuple(map(_extract, also))


def _extract(one: Reading) -> Extract:
    start, end = quoted(one.passage, one.window)
    return Extract(one.passage, one.document, one.passage.text[start:end])


def _holds(window: Window, said: Sequence[tuple[int, int]]) -> bool:
    return any(window.start <= start and end <= window.end for start, end in said)


def _is_aside(passage: Passage, document: Learned) -> bool:
    """Whether it only tells which figures to ask for: the last words of many of our own pages, and no answer."""
    return document.origin == "shipped" and bool(passage.section) and passage.section[-1] in ASIDES


def _page(document: Learned) -> str:
    """What a document that ships in two languages is called in both."""
    return document.name.rpartition("/")[2]


def _best(scores: Floats, count: int) -> list[int]:
    """The places of the best ones, the best first; of equals the earlier."""
    if count < len(scores):
        least = np.partition(scores, -count)[-count]
        places = np.flatnonzero(scores >= max(least, np.finfo(np.float32).tiny))
    else:
        places = np.flatnonzero(scores > 0)
    return [int(at) for at in places[np.argsort(-scores[places], kind="stable")[:count]]]


def _groups(what: Asked) -> Iterator[tuple[Weighted, ...]]:
    for concept in what.concepts:
        yield tuple(
            tuple((term, weight * name.factor * concept.weight) for term, weight in name.terms)
            for name in concept.names
        )
    for pair in what.pairs:
        yield ((pair,),)


def _scaled(scores: Floats) -> Floats:
    """Scores as parts of the best one."""
    best = float(scores.max(initial=0.0))
    return scores / best if best > 0 else scores
