"""Which of the two languages a text is written in."""

from __future__ import annotations

import re

from knowledge.document import Language

HAN = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# What stands in a Chinese line without a space beside it: characters, their punctuation, and full-width forms.
WIDE = HAN + "\u2014\u2018-\u201d\u2026\u3000-\u303f\u3040-\u30ff\u3100-\u312f\uff00-\uffef"

_HAN = re.compile(f"[{HAN}]")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]{2,}")
_SAMPLE = 20_000


def language_of(text: str) -> Language:
    """Chinese when it has more Chinese characters than words in Latin letters, English otherwise.

    A Chinese sentence full of English names ("亚马逊 Kindle 的 RFM 分层") is Chinese; an English one that quotes
    a Chinese term is English. Of a long text the beginning is looked at.
    """
    if text.isascii():
        return "en"
    sample = text[:_SAMPLE]
    return "zh" if len(_HAN.findall(sample)) > len(_LATIN_WORD.findall(sample)) else "en"


def weight(text: str) -> float:
    """The length of a text in words, the same for both languages: two Chinese characters count as a word.

    What has no spaces (an address, a run of symbols) counts a word for every ten characters.
    """
    han = 0 if text.isascii() else len(_HAN.findall(text))
    return han / 2 + max(len(_LATIN_WORD.findall(text)), (len(text) - han) / 10)
