"""The text of a file's bytes, whatever its encoding."""

from __future__ import annotations

import codecs
import re

from knowledge.language.detection import WIDE, language_of

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 64 * 1024
_UTF16_SAMPLE = 4096
_USUAL = re.compile(f"[\t\n\r -~\u00a0-\u024f{WIDE}]")
# What Chinese offices save as; asked before one-byte encodings, in which any bytes are letters.
_CHINESE = ("gb18030", "big5")
_COMMON = frozenset(
    "的一是在不了有和人这中大為来上个国我以要他时來们用生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多"
)
_COMMON_SHARE = 0.04
_LETTERS = "àáâãäåæçèéêëìíîïñòóôõöøùúûüÿßœÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜŸŒ"
_WORD = f"[A-Za-z{_LETTERS}]"
# What Western text has none of: other characters, three such letters in a row, marks inside a word, õ but in "õe".
_NOT_WESTERN = re.compile(
    rf"[^\x00-\x7f{_LETTERS}\u00a0¡¿ªº«»“”‘’„–—…•·€£¥¢§¶©®™°±µ²³½¼¾×÷´¨†‰]"
    rf"|[{_LETTERS}]{{3}}|(?<={_WORD})[^\x00-\x7f{_LETTERS}’–—·\u00a0®™]+(?={_WORD})|[õÕ](?![eE])"
)
_MOST_ACCENTED = 0.25
"""Share of the letters; the small alphabets of other one-byte encodings have nearly all of theirs up there."""
_FEW_ACCENTED = 2
_EVERYDAY = range(0xB0, 0xD8)
"""First bytes of the 3,755 everyday characters in GB 2312."""
_EVERYDAY_SHARE = 0.9


def decoded(content: bytes) -> str:
    """The text of `content`: by its mark, as UTF-8, Chinese or Western European, or as charset-normalizer finds."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    zeros = b"\x00" in content[:_SAMPLE]
    if not zeros:
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.start > _SAMPLE:
                return content.decode("utf-8", "replace")
    return _by_its_letters(content, zeros)


def _by_its_letters(content: bytes, zeros: bool) -> str:
    encoding = utf16_without_mark(content)
    if encoding is None and not zeros:
        encoding = _chinese_encoding(content)
    if encoding is None and not zeros and _is_western(content[:_SAMPLE]):
        encoding = "cp1252"
    if encoding is None:
        from charset_normalizer import from_bytes

        best = from_bytes(content[:_SAMPLE]).best()
        encoding = best.encoding if best else "utf-8"
    return content.decode(encoding, "replace")


def utf16_without_mark(content: bytes) -> str | None:
    """The one of the two UTF-16 encodings in which nearly all of the bytes are letters, digits and their marks."""
    head = content[:_UTF16_SAMPLE]
    if len(head) < 4 or len(content) % 2:
        return None
    for encoding in ("utf-16-le", "utf-16-be"):
        text = head[: len(head) // 2 * 2].decode(encoding, "replace")
        usual = len(_USUAL.findall(text))
        common = sum(letter in _COMMON or letter in " etaoin," for letter in text)
        if usual >= 0.97 * len(text) and common >= _COMMON_SHARE * len(text):
            return encoding
    return None


def _chinese_encoding(content: bytes) -> str | None:
    for encoding in _CHINESE:
        text = content[:_SAMPLE].decode(encoding, "ignore")
        letters = [character for character in text if character > "\x7f"]
        if language_of(text) == "zh" and sum(letter in _COMMON for letter in letters) >= _COMMON_SHARE * len(letters):
            return encoding
    return "gb18030" if _is_everyday_chinese(content[:_SAMPLE]) else None


def _is_everyday_chinese(sample: bytes) -> bool:
    """Whether all is GB 2312, and nearly all of it everyday characters: a few words need not hold the commonest."""
    try:
        text = codecs.getincrementaldecoder("gb2312")().decode(sample)
    except UnicodeDecodeError:
        return False
    letters = [character.encode("gb2312")[0] for character in text if character > "\x7f"]
    return sum(first in _EVERYDAY for first in letters) >= _EVERYDAY_SHARE * len(letters) > 0


def _is_western(sample: bytes) -> bool:
    """Whether it reads as English, French, German, … in Windows-1252. A few accents are too little for statistics."""
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    letters = sum(character.isalpha() for character in text)
    accented = sum(character.isalpha() and character > "\x7f" for character in text)
    return _NOT_WESTERN.search(text) is None and accented <= max(_MOST_ACCENTED * letters, _FEW_ACCENTED)
