"""A question laid out as spans, and which of them a reading has used: what is left over must be harmless."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Literal

from bot.understanding.hostile import is_personal, is_tampering, personal_spans
from bot.understanding.lexicon import CJK, tokens
from bot.understanding.mending import mend
from bot.understanding.normalise import Normalised, normalise
from bot.understanding.numbers import CHINESE, Number, find_numbers
from bot.understanding.periods import PeriodSpan, find_periods
from bot.understanding.periphrases import periphrases
from bot.understanding.spans import Kind, Reading, Span, best_cover
from bot.understanding.taught.vocabulary import Use
from bot.understanding.values import CODE, ValueIndex
from bot.understanding.written_words import ORDINALS
from tools.semantic.periods import Period

# Words that add nothing of their own: left over, they change no answer.
HARMLESS = frozenset(
    {
        "filler",
        "sold",
        "overall",
        "whole_year",
        "ordering",
        "breakdown",
        "own_currency",
        "and",
        "by",
        "which",
        "which_many",
        "how_many",
        "rank",
        "follow_up",
        "greeting",
        "thanks",
        "classifier",
        "only",
        "combined",
    }
)
# Before US in a text all in capitals, these say who is to be told.
TELLING_VERBS = frozenset({"SHOW", "TELL", "GIVE", "GET", "SEND", "LET", "HELP", "BRING", "FETCH"})
# "Best regards, Anna": how a message ends.
SIGNATURE = re.compile(
    r"\b(?:(?:best|kind|warm|with kind|many) )?(?:regards|wishes|thanks|cheers),\s*[a-z]+(?: [a-z]+)?\W*$"
)
RESTATED = re.compile(r"\s*\(\s*(?P<days>\d{1,4})\s*(?:天|日|days?)\s*\)")  # 近一周（7天）
SMALL_US = re.compile(r"\b(?:the|in) (?P<us>us)\b")
# "What was the September figure again?": asked once more; "who bought again" is another matter.
RECALLED = re.compile(
    r"^(?:(?!\b(?:who|customers?|buyers?|clients?|people|users?|shoppers?)\b).)*\bwhat (?:was|were|is|are)\b"
    r"(?:(?!\b(?:who|customers?|buyers?|clients?|people|users?|shoppers?)\b).)*"
    r"\b(?:figures?|numbers?|values?|sales|revenue|aov|rate|total|amount|that|it|january|february|march|april|may"
    r"|june|july"
    r"|august|september|october|november|december|month|week|year|quarter) (?P<again>again)\W*$"
)
ONLY = re.compile(r"^\W*(?:那|就|再|请|都)*(?P<only>限定?)(?![时量购价额定制于期号流度界款版品商在])(?=\w)")  # 限英国
_NTH_EN = rf"{'|'.join(word for word, nth in ORDINALS.items() if nth > 1)}|(?:[2-9]|[1-9]\d)(?:st|nd|rd|th)"
# "The second best product", "ranked third", 排第二的商品, 第二高: one place of a ranking, which 第二季度 is not.
NTH = re.compile(
    rf"\b(?P<en_place>(?P<en>{_NTH_EN}))(?=[ -](?:best|top|highest|most|largest|biggest|strongest|busiest"
    r"|worst|lowest|least|smallest|fewest|weakest|poorest)\b)"
    rf"|\b(?P<placed_place>(?:rank(?:ed|s)?|comes?|came|placed) (?:in )?(?P<placed>{_NTH_EN})(?: place)?)\b"
    r"|(?P<zh_place>(?:排名?在?)?第(?P<zh>[二三四五六七八九十2-9])[名位]?)"
    r"(?:(?P<highest>[高多大好]的?)|(?P<lowest>[低少差小]的?)|(?<=[名位])(?!次|单|天)|(?=的)|(?<=排第.)|(?<=排名第.)|(?<=倒数第.))"
)
WISE = re.compile(r"(?<=[a-z]{3})[- ]wise\b")  # "how did we do, revenue-wise?"
# Units that are shipped are those that are sold; of orders that were shipped nothing is known.
SENT_OUT = re.compile(r"\b(?:ship(?:ped)?|dispatch(?:ed)?|moved|shifted|went|send|sent)(?: out)?\b(?! back)")
PIECES = re.compile(r"\b(?:units|pieces|items)\b")
SO_MANY_LANDS = re.compile(r"(?P<count>[两二三四五六七])国(?![家际庆内外产人王])")  # 德国、法国、荷兰三国
BIG_CUSTOMERS = re.compile(r"(?P<big>大|主要|重要)(?:的)?(?=客户|买家)(?=.*(?:前|top|排|最))")
ABBREVIATED = re.compile(r"(?<=\bavg)\.|(?<=\bord)\.|(?<=\bval)\.|(?<=\brev)\.|(?<=\bqty)\.|(?<=\btot)\.")
LONGEST_NAME = 12  # words of a product's name
WORD = re.compile(r"[^\W_]", re.UNICODE)
LATIN_RUN = re.compile(r"[a-z0-9](?:[a-z0-9_.&'@-]*[a-z0-9])?|[^\W_]+", re.IGNORECASE)


@dataclass
class Scene:
    """The spans in text order. `used` are indices that the reading has taken account of."""

    norm: Normalised
    spans: list[Span]
    used: set[int] = field(default_factory=set)

    def original(self, span: Span) -> str:
        start, end = self.norm.original_span(span.start, span.end)
        return self.norm.original[start:end]

    def where(self, test: Callable[[Span], bool]) -> list[int]:
        return [i for i, span in enumerate(self.spans) if test(span)]

    def words(self, *names: str) -> list[int]:
        return self.where(lambda span: span.word(*names))

    def use(self, *indices: int) -> None:
        self.used.update(indices)

    def before(self, i: int, *, skip: tuple[str, ...] = ("filler",)) -> int | None:
        """The nearest span before `i` that says something."""
        for j in range(i - 1, -1, -1):
            if not self.spans[j].word(*skip):
                return j
        return None

    def after(self, i: int, *, skip: tuple[str, ...] = ("filler",)) -> int | None:
        for j in range(i + 1, len(self.spans)):
            if not self.spans[j].word(*skip):
                return j
        return None

    def separated(self, i: int, j: int) -> bool:
        """Whether "and", a comma or the like stands right before span `j`, after span `i`."""
        between = self.norm.folded[self.spans[i].end : self.spans[j].start]
        if j == i + 1 and any(mark in between for mark in ",，、;；/&+\n"):
            return True
        for k in range(j - 1, i, -1):
            span = self.spans[k]
            if span.word("and", "compare", "follow_up") or span.text in {",", "，", ";", "；", "/", "&", "+", "、"}:
                return True
            if not span.word("filler", "how_many", "by", "highest", "lowest", "classifier", "share", "average"):
                return False
        return False

    def left_over(self) -> list[Span]:
        """Spans that no part of the reading explains."""
        found = []
        for i, span in enumerate(self.spans):
            if i in self.used or span.word(*HARMLESS - {"classifier"}):
                continue
            if span.word("classifier") and self._counts(i):
                continue
            found.append(span)
        return found

    def _counts(self, i: int) -> bool:
        """A measure word is grammar only where something is counted or pointed at before it."""
        previous = self.spans[i - 1] if i else None
        return previous is not None and (
            previous.has("number")
            or previous.word("how_many", "which", "which_many", "by", "top", "classifier", "highest", "lowest")
        )

    @property
    def corrections(self) -> list[tuple[str, str]]:
        """Words as typed, and what they were taken for."""
        found = list(self.norm.mended)
        for span in self.spans:
            for reading in span.readings:
                if reading.corrected:
                    found.append((self.original(span), reading.corrected))
                    break
        return found


@dataclass(frozen=True)
class Sight:
    """A question in plain form with every reading that the words of figures and the store's values give it.

    `hostile`: it tries to steer the bot or to reach its database ("tampering"), or fishes for personal data in disguise
    ("personal"); the latter in plain words are readings like others. `taught` are the team's own words in it.
    """

    norm: Normalised
    folded: str
    index: ValueIndex
    candidates: tuple[tuple[int, int, tuple[Reading, ...]], ...]
    hostile: Literal["tampering", "personal"] | None = None
    taught: tuple[Use, ...] = ()


@lru_cache(maxsize=128)  # one message is looked at by several topics, whole and in parts
def look(text: str, index: ValueIndex, today: date, first_day: date | None) -> Sight:
    """Normalises a question and gathers its readings; never fails, whatever the text."""
    typed = normalise(text)
    read, taught = index.taught.read(typed, index.lexicon)
    norm = mend(read, index.lexicon, lambda meant, apart: _explained(meant, index, today, first_day, apart=apart))
    folded = ABBREVIATED.sub(" ", norm.folded.replace("non-", "non "))  # of one length, so that places stay
    folded = WISE.sub(" " * len("-wise"), folded)
    hostile: Literal["tampering", "personal"] | None = "tampering" if is_tampering(typed) else None
    if hostile is None and is_personal(typed):
        hostile = "personal"
    return Sight(norm, folded, index, tuple(_candidates(norm, folded, index, today, first_day)), hostile, taught)


def _explained(text: str, index: ValueIndex, today: date, first_day: date | None, *, apart: bool) -> bool:
    """Whether every word of a text has a reading, one of them of a figure, a group, a value or a time.

    Without `apart`, only one reading of them all will do: "guideline" is no line of guides.
    """
    norm = normalise(text)
    found = list(_candidates(norm, norm.folded, index, today, first_day))
    scene = cover(Sight(norm, norm.folded, index, tuple(found)), found)
    told: tuple[Kind, ...] = ("metric", "dimension", "value", "period")
    spans = [span for span in scene.spans if not any(r.corrected for r in span.readings)]
    return (
        len(spans) == len(scene.spans)
        and (apart or len(spans) == 1)
        and not any(s.unknown or s.word("partial_name") for s in spans)
        and any(s.has(kind) for s in spans for kind in told)
    )


def cover(
    sight: Sight, found: Iterable[tuple[int, int, tuple[Reading, ...]]], telling: frozenset[str] = frozenset()
) -> Scene:
    """The scene that explains most of the question with the readings found; `telling` marks need a reading too."""
    merged: dict[tuple[int, int], list[Reading]] = {}
    for start, end, readings in found:
        known = merged.setdefault((start, end), [])
        known += [reading for reading in readings if reading not in known]
    folded = sight.folded
    candidates = [Span(start, end, folded[start:end], tuple(readings)) for (start, end), readings in merged.items()]
    # A percent sign may be part of a figure's name: "margin %".
    gaps = [c not in telling and c != "%" and not WORD.match(c) for c in folded]
    chosen = best_cover(len(folded), candidates, gaps)
    spans = sorted([*chosen, *_unknown(folded, chosen)], key=lambda span: span.start)
    return Scene(sight.norm, _with_product_names(spans, sight.index))


def _candidates(
    norm: Normalised, folded: str, index: ValueIndex, today: date, first_day: date | None
) -> Iterator[tuple[int, int, tuple[Reading, ...]]]:
    for span in index.lexicon.spans(folded, tokens(folded)):
        yield span.start, span.end, span.readings
    yield from index.taught.candidates(folded)
    for span in index.lexicon.heard(folded):
        yield span.start, span.end, span.readings
    for match in SIGNATURE.finditer(folded):
        yield match.start(), match.end(), (Reading("word", "filler"),)
    yield from _in_their_place(folded)
    for start, end in personal_spans(folded):
        yield start, end, (Reading("word", "personal"),)
    for start, end, metric in periphrases(folded):
        yield start, end, (Reading("metric", metric),)
    for period in find_periods(norm.text, today, first_day=first_day):
        yield period.start, possessive(folded, period.end), (Reading("period", period),)
        again = RESTATED.match(folded, period.end)
        if again is not None and period.period is not None and int(again["days"]) == period.period.days:
            yield again.start(), again.end(), (Reading("word", "filler"),)
    for start, end, number in find_numbers(folded):
        yield start, end, (Reading("number", number),)
    shouted = not any(c.islower() for c in norm.text) and len(LATIN_RUN.findall(norm.text)) > 2
    for match in CODE.finditer(norm.text):
        if match.group() in index.capitals and not (shouted and _is_small_word(norm.text, match, index)):
            yield match.start(), match.end(), (index.capitals[match.group()],)
    for match in re.finditer(r"(?<![a-z0-9])[a-z0-9](?:[a-z0-9_.-]*[a-z0-9])?(?![a-z0-9])", folded):
        for value in index.codes.get(match.group(), ()):
            yield match.start(), match.end(), (Reading("value", value),)
    for match in SMALL_US.finditer(folded):
        if "US" in index.capitals:
            yield match.start("us"), match.end("us"), (index.capitals["US"],)
    yield from _glued_tops(folded)
    yield from _bare_years(folded, today, first_day)


def _in_their_place(folded: str) -> Iterator[tuple[int, int, tuple[Reading, ...]]]:
    """Words that say what they say only where they stand."""
    for match in RECALLED.finditer(folded):
        yield *match.span("again"), (Reading("word", "filler"),)
    for match in ONLY.finditer(folded):
        yield *match.span("only"), (Reading("word", "only"),)
    for match in SENT_OUT.finditer(folded) if PIECES.search(folded) else ():
        yield *match.span(), (Reading("word", "sold"),)
    for match in SO_MANY_LANDS.finditer(folded):
        yield *match.span(), (Reading("number", Number(float(CHINESE[match["count"]]))),)
    for match in BIG_CUSTOMERS.finditer(folded):
        yield *match.span("big"), (Reading("word", "filler"),)
    for match in NTH.finditer(folded):
        name = "zh" if match["zh"] else "en" if match["en"] else "placed"
        nth = ORDINALS.get(match[name]) or CHINESE.get(match[name]) or int("".join(filter(str.isdigit, match[name])))
        yield *match.span(f"{name}_place"), (Reading("number", Number(float(nth))), Reading("word", "nth"))
        for end in ("highest", "lowest"):
            if match[end]:
                yield *match.span(end), (Reading("word", end),)


def _is_small_word(text: str, code: re.Match[str], index: ValueIndex) -> bool:
    """Whether a code is a plain word in a text all in capitals: SHOW US; but not SALES IN US, US SALES."""
    if not index.lexicon.knows(code.group().lower()):
        return False
    before = text[: code.start()].split()
    return code.group() != "US" or (bool(before) and before[-1] in TELLING_VERBS)


def possessive(folded: str, end: int) -> int:
    """Where a period that ends at `end` really ends: "this year's" with its ending."""
    return end + 2 if folded[end : end + 2] == "'s" else end


def _glued_tops(folded: str) -> Iterator[tuple[int, int, tuple[Reading, ...]]]:
    """ "Top3的商品", "top10商品": the word and its number without a space."""
    for match in re.finditer(r"(?<![a-z])(top)(\d{1,3})(?!\d)", folded):
        yield match.start(1), match.end(1), (Reading("word", "top"),)
        yield match.start(2), match.end(2), (Reading("number", Number(float(match[2]))),)


def _bare_years(folded: str, today: date, first_day: date | None) -> Iterator[tuple[int, int, tuple[Reading, ...]]]:
    """ "compare 2010 and 2011 orders": a year of the data may stand before a noun, where a number could too."""
    if first_day is None:
        return
    for match in re.finditer(r"(?<![\w.,/-])(?:19|20)\d\d(?![\w/-]|[.,]\d)", folded):
        year = int(match.group())
        if first_day.year <= year <= today.year:
            span = PeriodSpan(match.start(), match.end(), Period(date(year, 1, 1), date(year, 12, 31)), certainty=0.8)
            yield match.start(), match.end(), (Reading("period", span),)


def _unknown(folded: str, cover: list[Span]) -> Iterator[Span]:
    """What stands between the spans: whole Latin words, runs of Chinese characters; punctuation is nothing."""
    place = 0
    for span in [*cover, Span(len(folded), len(folded), "", ())]:
        gap = folded[place : span.start]
        for match in LATIN_RUN.finditer(gap):
            at = place + match.start()
            if match.group() == "s" and at and folded[at - 1] == "'":
                continue  # last week's
            for start, end in _split_scripts(match.group()):
                yield Span(at + start, at + end, match.group()[start:end], (Reading("unknown", None),))
        place = max(place, span.end)


def _split_scripts(run: str) -> Iterator[tuple[int, int]]:
    start = 0
    for i in range(1, len(run) + 1):
        if i == len(run) or bool(CJK.match(run[i])) != bool(CJK.match(run[i - 1])):
            yield start, i
            start = i


def _with_product_names(spans: list[Span], index: ValueIndex) -> list[Span]:
    """Unknown words that together stand in products' names become readings of those products."""
    result: list[Span] = []
    i = 0
    while i < len(spans):
        if not spans[i].unknown or not index.products_named(_words(spans[i])):
            result.append(spans[i])
            i += 1
            continue
        j = i
        run: list[int] = [i]
        while j + 1 < min(len(spans), i + LONGEST_NAME) and (
            spans[j + 1].unknown or spans[j + 1].has("number") or _plain_filler(spans[j + 1])
        ):
            j += 1
            if spans[j].unknown or spans[j].has("number"):
                run = list(range(i, j + 1))
        said = [_words(span) for span in spans[i : run[-1] + 1]]
        for end in (k for k in reversed(run) if spans[k].unknown or spans[k].has("number")):
            words = [word for own in said[: end + 1 - i] for word in own]
            telling = any(len(word) > 3 for word in words)  # "net" or "set" alone names nothing
            products = index.products_named(words) if telling else set()
            if products:
                break
        if not products:
            result.append(spans[i])
            i += 1
            continue
        first, last = spans[i], spans[end]
        products = {index.spellings.get(product, product) for product in products}
        readings = tuple(Reading("value", ("product", product)) for product in sorted(products))
        text = " ".join(words)
        result.append(Span(first.start, last.end, text, (*readings, Reading("word", "partial_name"))))
        i = end + 1
    return result


def _words(span: Span) -> list[str]:
    return [token.text for token in tokens(span.text) if WORD.match(token.text)]


def _plain_filler(span: Span) -> bool:
    return span.word("filler") and span.text.isascii() and span.text.isalpha()
