"""Where sentences end, in English and in Chinese.

A line is never part of two sentences and a sentence never of two lines: loaders mend wrapped lines, so that a line
break in a block is the end of a list item or of a table's row. Nothing is lost: what stands between two
sentences is white space only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.document import Language
from knowledge.language.detection import HAN

_CLOSERS = "\"'”’」』）)】》〉］\\]"
_OPENERS = "\"'“‘「『（(【《〈［\\["
# A full stop and all that closes with it: quotes, brackets, and the numbers of notes.
_END = re.compile(rf"(?P<mark>[。！？!?．]+|\.+|…+)(?P<close>(?:[{_CLOSERS}]|\[\d[\d,\- ]*\])*)")
_NOTE = re.compile(r"\s?\[\d[\d,\- –]*\]")
_LEADING_NUMBER = re.compile(r"^\s*[(（]?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,4})$")
_INITIALS = re.compile(r"^(?:[A-Za-z]\.)*[A-Za-z]$")
_BRAND = re.compile(r"[a-z]{1,2}[A-Z]")  # iPhone, eBay
_WORD = re.compile(r"[A-Za-z']+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Never the end of a sentence.
_TITLES = _words("dr mr mrs ms prof rev sgt capt lt st messrs vs e.g i.e eg ie cf viz approx ca resp incl excl esp")
# The end of a sentence unless a number follows.
_NUMBERED = _words(
    """no nos fig figs eq eqs sec secs ch chap vol p pp tab ref refs art para pt par app ex
    jan feb mar apr jun jul aug sep sept oct nov dec"""
)
# The end of a sentence when the next word often begins one.
_OPEN = _words("inc ltd co corp llc plc bros u.s u.k u.n e.u a.m p.m ph.d al etc jr sr dept gov sen")
_STARTERS = _words(
    """the a an it its this that these those in on at by for from to of we our you your they their he his she her
    i if when while where who what why how but and or so as after before because since although though however
    moreover then there here no not each every all some many most more both one two with without under over
    during once only use do let"""
)


def sentences(text: str, language: Language) -> tuple[str, ...]:
    """The sentences of a text, in order, each as it stands there, without the white space around it."""
    return tuple(text[start:end] for start, end in spans(text, language))


def spans(text: str, language: Language) -> list[tuple[int, int]]:
    """Where the sentences of a text begin and end; between them is white space only."""
    found = []
    start = 0
    for whole in text.splitlines(keepends=True):
        line = whole.rstrip()
        begin = _skip_space(line, 0)
        for stop in _stops(line, begin, language):
            found.append((start + begin, start + stop))
            begin = _skip_space(line, stop)
        if begin < len(line):
            found.append((start + begin, start + len(line)))
        start += len(whole)
    return found


def _skip_space(line: str, at: int) -> int:
    while at < len(line) and line[at].isspace():
        at += 1
    return at


def _stops(line: str, begin: int, language: Language) -> Iterator[int]:
    for match in _END.finditer(line, begin):
        stop = match.end()
        note = _NOTE.match(line, stop)
        if note and match["mark"][0] != "…":
            stop = note.end()
        if begin < stop < len(line) and _ends(line, begin, match, stop, language):
            yield stop
            begin = stop


def _ends(line: str, begin: int, match: re.Match[str], stop: int, language: Language) -> bool:
    mark, closed = match["mark"], bool(match["close"])
    after_space = line[stop].isspace()
    next_begins = _skip_space(line, stop)
    following = line[next_begins]
    if mark[0] in "。！？．":
        return _chinese_end(mark, closed, following, after_space)
    if mark[0] == "…":
        return closed and after_space
    han_before = match.start() > begin and _is_han(line[match.start() - 1])
    if han_before and (mark != "." or _is_han(following)):
        return _chinese_end("！" if mark[0] in "!?" else "。", closed, following, after_space)
    if (
        not after_space
        or following in ",;:，；：、)）"
        or (following.islower() and not _BRAND.match(line, next_begins))
    ):
        return False
    return mark != "." or not _abbreviated(
        line[max(begin, match.start() - 100) : match.start()], line[next_begins : stop + 24], language
    )


def _chinese_end(mark: str, closed: bool, following: str, after_space: bool) -> bool:
    if following in "，、；：,;:)）":
        return False
    if closed and mark[-1] in "！？":
        # “怎么删除？”等: a question that is quoted within a sentence.
        return after_space or following in _OPENERS
    return True


def _abbreviated(before: str, after: str, language: Language) -> bool:
    """Whether a full stop that follows `before` belongs to an abbreviation or a number, not to the sentence."""
    if len(before) < 20 and _LEADING_NUMBER.match(before):
        return True
    before_stop = before.rsplit(None, 1)[-1].lstrip('(["“‘（') if before.strip() else ""
    bare = before_stop.lower()
    if bare in _TITLES:
        return True
    if bare in _NUMBERED:
        return after[:1].isdigit()
    word = _WORD.match(after)
    begins = word is not None and word.group().lower() in _STARTERS
    if bare in _OPEN:
        return not begins and not _is_han(after[:1])
    if _INITIALS.match(before_stop) and before_stop.isupper() and before_stop != "I":
        # "J. Smith", "U.S. Census", but "in the U.S. The".
        return not begins and language == "en"
    return False


def _is_han(character: str) -> bool:
    return bool(character) and re.match(f"[{HAN}]", character) is not None
