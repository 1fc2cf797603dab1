"""What kind of question to the playbooks it is, from its words alone."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.understanding.foresight.events import names
from bot.understanding.knowledge.frames import (
    ADVICE,
    APART,
    ASKER,
    BARE,
    FILED,
    HOW,
    MEANING,
    PLURAL,
    POINTED,
    SEEING,
    YEAR,
)
from bot.understanding.knowledge.terms import Cues
from bot.understanding.lexicon import CJK, RANKING, tokens
from bot.understanding.scene import Scene
from bot.understanding.spans import Kind, Reading, Span
from knowledge.retrieval.question import consults

# Words that only figures use: with them "what is …" asks for a value.
ORDERING = (*RANKING, "growth", "share", "compare", "trend", "overview", "average", "by")
LITTLE = ("filler", "classifier")
KNOWN: tuple[Kind, ...] = ("metric", "tool", "group")
# So many characters may stand between "according to" and "the report"; marks, numbers and customers may not.
NEARBY = 24
BETWEEN = re.compile(r"[,，;；?？!！\d]|客户|用户|顾客|会员|customer")
# Groups of customers, which pages speak of too.
GROUPS = frozenset({"rfm", "lifecycle", "tier", "cluster"})
# Before the name of a place or a channel, which would limit a figure.
PLACING = frozenset({"in", "on", "from", "via", "through", "of", "to", "with", "for", "the", "by", "and", "or", "&"})


def named(cues: Cues) -> bool:
    """Asked of the documents by name: "what does the playbook say", 根据我们的文档."""
    if cues.has("documents") or FILED.search(cues.folded) or consults(cues.folded):
        return True
    return any(_consulted(cues, source) for source in cues.all("sources"))


def _consulted(cues: Cues, source: Span) -> bool:
    """Whether a word like "report" names what is read: "according to the report", "the report says", 资料里说."""
    for word in cues.all("consult"):
        between = cues.folded[word.end : source.start] if word.end <= source.start else None
        if between is not None and len(between) <= NEARBY and not BETWEEN.search(between):
            return True
    for word in cues.all("speaks"):
        between = cues.folded[source.end : word.start] if source.end <= word.start else None
        if between is not None and (not between.strip() or (between.isascii() and len(between) <= 2)):
            return True
    return False


class Shape:
    """The question's own words beside the readings that figures have for them."""

    def __init__(self, cues: Cues, scene: Scene) -> None:
        self.cues, self.scene = cues, scene
        self.text = cues.folded

    # --- What it holds ------------------------------------------------------------------------------------------

    def periods(self) -> list[Span]:
        """Times, but for promotions and holidays, which come every year."""
        return [
            s
            for s in self.scene.spans
            if any(p.kind in ("period", "baseline") for p in s.values("period")) and not _yearly(s.text)
        ]

    def values(self) -> list[Span]:
        """Countries, products and the like of the store; a part of a name or a misspelt one is only a guess."""
        return [
            s for s in self.scene.spans if not s.word("partial_name") and any(_of_the_store(s, r) for r in s.readings)
        ]

    def foreign(self) -> list[Span]:
        """Words that figures do not know, or only guess at."""
        return [
            s for s in self.scene.spans if s.unknown or s.word("partial_name") or all(r.corrected for r in s.readings)
        ]

    def strangeness(self) -> int:
        """How much figures do not know: characters of Chinese, two for an English word."""
        return sum(weight(span.text) for span in self.foreign())

    def metrics(self) -> list[Span]:
        return [s for s in self.scene.spans if s.has("metric")]

    def known(self) -> list[Span]:
        """Figures, groups and the work of tools: what marketing speaks of."""
        return [s for s in self.scene.spans if any(map(s.has, KNOWN)) or (s.has("cue") and not self._asking_cue(s))]

    def topics(self) -> list[Span]:
        """Words that name what is spoken of, whoever explains them."""
        told = [s for s in self.foreign() if weight(s.text) >= 2]
        return [*self.known(), *(s for s in self.scene.spans if s.has("dimension") or s.has("value")), *told]

    def names_nothing(self) -> bool:
        """ "The second one please", 那是升了还是降了: all words but those of figures only point, count or order."""
        if self.known():
            return False
        pointing = {place for span in self.cues.all("pointing") for place in range(span.start, span.end)}
        left = (place for span in self.foreign() for place in range(span.start, span.end) if place not in pointing)
        return not any(self.text[place].isalnum() for place in left)

    def _asking_cue(self, span: Span) -> bool:
        return span.has("cue", "drivers") or span.has("cue", "playbook")

    def compounds(self) -> bool:
        """ "Return window": a word that figures do not know says which side of a figure is meant."""
        ends = {span.end for span in self.metrics()}
        return any(
            span.unknown and any(0 <= span.start - end <= 1 and not self.text[end : span.start].strip() for end in ends)
            for span in self.scene.spans
        )

    def ranks(self) -> bool:
        """ "Which product has the highest margin": groups of the store in an order."""
        grouped = self.scene.where(lambda s: s.has("dimension"))
        return bool(grouped) and bool(self.scene.words(*ORDERING[:9], "by"))

    def actors(self) -> bool:
        """Whether somebody else is spoken of: a name with its own things, or one that does something."""
        if self.cues.has("actors"):
            return True
        return any(self._named_actor(span) for span in self.foreign())

    def _named_actor(self, span: Span) -> bool:
        text = self.scene.norm.text
        if text[span.end : span.end + 2] == "'s":
            return True
        before = text[: span.start].split()
        return text[span.start].isupper() and bool(before) and before[-1].lower() not in PLACING

    @property
    def own(self) -> bool:
        """Whether the team itself is spoken of, other than by who asks: "should we", "how do I"."""
        asking = [s for s in self.cues.spans if s.word("advice", "counsel", "remedy", "why")]
        frames = [(found.start(), found.end()) for frame in (ADVICE, ASKER) for found in frame.finditer(self.text)]
        stretches = [*((s.start, s.end) for s in asking), *frames]
        return not all(
            any(start <= span.start and span.end <= end for start, end in stretches) for span in self.cues.all("own")
        )

    # --- Meanings -----------------------------------------------------------------------------------------------

    def means(self) -> bool:
        """A meaning is asked for in so many words, and of nothing that lies in a time or a place."""
        if not MEANING.search(self.text) or self.periods() or self.values() or self.of_both():
            return False
        return not (self.own and self.scene.words(*ORDERING[:9]))

    def of_both(self) -> bool:
        """ "新老客户的销售额有什么区别": one figure of two groups is compared."""
        found = APART.search(self.text)
        return found is not None and any(
            s.end == found.start() and self.text[s.start - 1 : s.start] == "的" for s in self.metrics()
        )

    def bare(self) -> bool:
        """ "What is ROAS": a thing by itself, without an article, an owner, a time or an order."""
        found = BARE.search(self.text)
        if found is None or self.own or self.periods() or self.values() or self.scene.words(*ORDERING):
            return False
        gap = next((text for text in _groups(found.groupdict()) if text), "")
        if not gap or POINTED.match(gap) or self._numbered():
            return False
        return not (PLURAL.search(self.text) and self._only_metrics(gap))

    def single(self) -> bool:
        """One thing and nothing besides: then its meaning is asked for even where a list of that name can be had."""
        found = BARE.search(self.text)
        gap = next((text for text in _groups(found.groupdict()) if text), "") if found else ""
        start = self.text.rfind(gap)
        inside = [s for s in self.scene.spans if start <= s.start < start + len(gap) and not s.word(*LITTLE)]
        return len(inside) == 1

    def concept(self) -> bool:
        """A notion of several words that lists and figures are named after: "safety stock"."""
        found = BARE.search(self.text)
        gap = next((text for text in _groups(found.groupdict()) if text), "") if found else ""
        start = self.text.rfind(gap)
        return any(s.start == start and s.end == start + len(gap) for s in self.cues.all("concepts"))

    def _numbered(self) -> bool:
        """A number that is no part of a name: 4V, A/B, 618."""
        return any(s.has("number") and s.text.isdigit() and len(s.text) > 3 for s in self.scene.spans)

    def _only_metrics(self, gap: str) -> bool:
        start = self.text.rfind(gap)
        inside = [s for s in self.scene.spans if s.start >= start and not s.word(*LITTLE)]
        return bool(inside) and all(s.has("metric") for s in inside)

    # --- Advice -------------------------------------------------------------------------------------------------

    def advises(self) -> bool:
        """Advice is asked for in words that ask for nothing else."""
        if SEEING.search(self.text):
            return False
        return self.cues.has("advice") or bool(ADVICE.search(self.text))

    def counsels(self) -> bool:
        """Words that may ask for advice or for how things are, where nobody's own figures are meant."""
        return not SEEING.search(self.text) and (self.cues.has("counsel") or bool(HOW.search(self.text)))


def _of_the_store(span: Span, reading: Reading) -> bool:
    """Groups of customers are spoken of everywhere, and so is a product's name of one plain word."""
    if reading.kind != "value" or reading.corrected or reading.value[0] in GROUPS:
        return False
    return not (reading.value[0] == "product" and span.text.isascii() and span.text.isalpha())


def _yearly(text: str) -> bool:
    """Whether a time is a promotion or a holiday of no year: "Double 11", 双十一前."""
    return next(names().spans(text, tokens(text)), None) is not None and not YEAR.search(text)


def _groups(found: Mapping[str, str | None]) -> list[str]:
    return [text.strip() for text in found.values() if text]


def weight(text: str) -> int:
    """A Chinese character counts as one, an English word as two."""
    return sum(1 for c in text if CJK.match(c)) or 2
