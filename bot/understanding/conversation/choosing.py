"""A choice that is typed instead of tapped: "the second one", 第二个, "yes", the option's own words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.understanding.conversation.recent import Offer
from bot.understanding.lexicon import CJK
from bot.understanding.normalise import normalise

_ORDINALS = {
    1: ("first", "1st", "one", "1", "former", "top", "a", "一", "1"),
    2: ("second", "2nd", "two", "2", "latter", "b", "二", "两", "2"),
    3: ("third", "3rd", "three", "3", "c", "三", "3"),
    4: ("fourth", "4th", "four", "4", "d", "四", "4"),
}
_COUNTED = {word: count for count, words in _ORDINALS.items() for word in words}
_EN = re.compile(
    r"^\W*(?:(?:ok|okay|yes|yeah|please|let's|i'd like|i want|i mean|i meant|go (?:for|with)"
    r"|take|pick|choose|give me|make it|show me|um|well)\W+)*"
    r"(?:the |option |number |no\.? ?|# ?|choice |answer )*"
    r"(?P<n>first|second|third|fourth|1st|2nd|3rd|4th|former|latter|last|one|two|three|four|[1-4]|[abcd])"
    r"(?: (?:one|option|choice|of them|button))?(?:,? (?:please|pls|thanks))?\W*$"
)
_ZH = re.compile(
    r"^\W*(?:那就|就|我?选择?|要|我要|用|看|好的?|是|那|请|给我)*\W*(?:第(?P<n>[一二三四1-4])(?:个"
    r"|项|种|条|款)?|选项(?P<n2>[一二三四1-4])|(?P<n3>前者|后者|最后一?个|头一个))"
    r"(?:选项)?(?:吧|呢|啊|的|谢谢)?\W*$"
)
_BARE = re.compile(r"^\W*(?P<n>[1-4])\W*$")
_YES = re.compile(
    r"^\W*(?:yes|yeah|yep|yup|ya|sure|right|correct|exactly|precisely|indeed|ok|okay|fine|go ahead"
    r"|do (?:it|that)|that's (?:it|right|the one|what i (?:meant|want))"
    r"|that one|this one|please do|sounds good|of course|absolutely|y|是的?|对的?|对对|没错|好的?"
    r"|好呀|好啊|可以|行|嗯+|要的?|就是(?:这个|它|这样)|就(?:这个|它)"
    r"|确认|当然|正是|是这个|没问题)(?:\W+(?:please|thanks|thank you|that one|that|it is|的|吧"
    r"|谢谢|就这个|就是这个))*\W*$"
)
_NO = re.compile(
    r"^\W*(?:no|nope|nah|none|neither|none of (?:them|these|those|the above)|not (?:that|these"
    r"|those|any of (?:them|these))|never ?mind|forget it|cancel|skip it|no thanks"
    r"|都?不(?:是|要|对|用)(?:了|的|这些|这个)?|不用了|算了|取消|没有|都不要|没事了?|不必了)\W*$"
)
_SMALL_EN = frozenset(
    ["the", "a", "an", "by", "in", "of", "for", "please", "one", "ones", "option", "i", "mean", "meant", "want",
     "would", "like", "to", "see", "show", "me", "it", "s"]
)  # fmt: skip
_SMALL_ZH = re.compile(r"按|我要|我想要|我想看|要|看|的|吧|呢|就|选|是|那个|这个|请|给我")
LEAST = 2  # characters that a choice by its words needs


_ENOUGH = re.compile(
    r"^\W*(?:(?:ok|oh|no|please)\W+)*(?:never ?mind|forget (?:it|about it)|cancel(?: that)?|skip (?:it"
    r"|that)|no thanks|no thank you|算了(?:[吧，, ]*不(?:要|看|用|查)了?)?"
    r"|取消|不用了|不必了|没事了?|当我没说)(?:吧|了|谢谢)?\W*$"
)


def says_enough(text: str) -> bool:
    """ "Never mind", 算了."""
    return _ENOUGH.match(normalise(text).folded) is not None


def says_yes(text: str) -> bool:
    return _YES.match(normalise(text).folded) is not None


def says_no(text: str) -> bool:
    return _NO.match(normalise(text).folded) is not None


def chosen(text: str, offered: Sequence[Offer], *, numbered: bool, samples: bool = False) -> Offer | None:
    """The option that is meant, None where none is, or more than one may be.

    `numbered`: a bare number is a place in the list, and no value that was asked for. `samples`: the options are only
    examples, of which a few words name none.
    """
    folded = normalise(text).folded
    place = _place(folded, len(offered), numbered=numbered)
    if place is not None:
        return offered[place - 1] if 1 <= place <= len(offered) else None
    if says_yes(text):
        return offered[0] if len(offered) == 1 and not samples else None
    return _by_words(folded, offered, exactly=samples)


def _place(folded: str, count: int, *, numbered: bool) -> int | None:
    found = _EN.match(folded) or _ZH.match(folded)
    if found is None or (_BARE.match(folded) and not numbered):
        return None
    word = next(text for text in found.groups() if text)
    if word in ("last", "latter", "后者") or word.startswith("最后"):
        return count
    if word in ("前者", "头一个"):
        return 1
    if word in "abcd" and "option" not in folded and len(folded.strip()) > 1:
        return None
    return _COUNTED[word]


def _by_words(folded: str, offered: Sequence[Offer], *, exactly: bool) -> Offer | None:
    """The one option that all the words stand in."""
    chinese = bool(CJK.search(folded))
    exact = [offer for offer in offered if any(_plain(folded) == _plain(label) for label in offer.labels)]
    if len(exact) == 1 or exactly:
        return exact[0] if len(exact) == 1 else None
    if chinese:
        said = re.sub(r"\W+", "", _SMALL_ZH.sub("", folded))
        fits = [
            o for o in offered if len(said) >= LEAST and any(said in re.sub(r"\W+", "", _plain(x)) for x in o.labels)
        ]
    else:
        words = set(re.findall(r"[a-z0-9]+", folded)) - _SMALL_EN
        fits = [
            o for o in offered if words and any(words <= set(re.findall(r"[a-z0-9]+", _plain(x))) for x in o.labels)
        ]
    return fits[0] if len(fits) == 1 else None


def _plain(text: str) -> str:
    return normalise(text).folded.strip(" ?？!！.。,，")
