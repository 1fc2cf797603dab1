"""What a heading looks like where a format does not say so: by its number, or by its name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.language.detection import HAN

_CHINESE_NUMERALS = "一二三四五六七八九十百零〇"
_CHINESE_VALUES = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}

_DOTTED = re.compile(r"(?P<number>\d{1,2}(?:[.．]\d{1,2}){1,4})[.．、]?\s*(?=\D)(?P<name>\S.*)")
_PLAIN = re.compile(rf"(?P<number>\d{{1,2}})(?:[.．、]\s*|\s{{1,4}}(?=[A-Z{HAN}]))(?=\D)(?P<name>\S.*)")
_CHAPTER = re.compile(rf"第(?P<number>[{_CHINESE_NUMERALS}\d]{{1,4}})(?P<unit>[编篇部章节条])[:：]?\s*(?P<name>.*)")
_ENGLISH_CHAPTER = re.compile(
    r"(?P<unit>Chapter|Part|Section|Appendix)\s+(?P<number>\d{1,2}|[A-Z]|[IVX]{1,5})\b[.:]?\s*(?P<name>.*)"
)
_CHINESE = re.compile(rf"(?P<number>[{_CHINESE_NUMERALS}]{{1,3}})[、.．]\s*(?P<name>\S.*)")
_BRACKETED = re.compile(rf"[（(](?P<number>[{_CHINESE_NUMERALS}]{{1,3}}|\d{{1,2}})[)）][、.]?\s*(?P<name>\S.*)")
_ROMAN = re.compile(r"(?P<number>[IVX]{1,5})\.\s+(?P<name>[A-Z].*)")

_BEGINS = re.compile(rf"[\d第（(CPSAIVX{_CHINESE_NUMERALS}]")

_REFERENCES = re.compile(
    r"(?:references?(?: list)?|bibliography|works cited|literature cited|"
    r"参考文献|引用文献|主要参考文献|注释与参考文献)[:：]?",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:abstract|summary|key ?words?|introduction|conclusions?|acknowledge?ments?|appendix|background|methods?|"
    r"results|discussion|摘要|内容摘要|提要|关键词|关键字|引言|前言|绪论|导言|序言|结语|结论|结束语|小结|致谢|附录|"
    r"作者简介|基金项目|目录|contents|table of contents)[:：]?",
    re.IGNORECASE,
)
_WITH_TEXT = re.compile(
    r"[【\[]?(?P<name>摘\s*要|内容摘要|关\s*键\s*词|关键字|Abstract|Key ?words?)[】\]]?\s*[:：]\s*(?P<text>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_SOURCES = re.compile(r"sources?|further reading|来源|资料来源|出处|延伸阅读", re.IGNORECASE)
_LONGEST_NAME = 60
_KEYWORDS = re.compile(r"关键词|关键字|key ?words?", re.IGNORECASE)
_LEADING_NUMBER = re.compile(r"^(?:\d{1,2}(?:[.．]\d{1,2})*[.．、]?|[（(]?[一二三四五六七八九十]{1,3}[)）、.])\s*")
_BETWEEN_HAN = re.compile(f"(?<=[{HAN}])[ \u3000]+(?=[{HAN}])")
_QUESTION = re.compile(
    r"(?:how|what|when|where|why|who|which|can|could|should|do|does|is|are|will|may|must)\b|.*(?:怎么|如何|什么|为何|吗$|哪些|哪个|是否)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Numbering:
    """The number of a heading: how it is written, and its parts ("2.1" is dotted, (2, 1))."""

    style: str
    parts: tuple[int, ...]


def numbering(line: str) -> Numbering | None:
    """The number that a line begins with, if a name follows that could be a heading's."""
    if not _BEGINS.match(line):
        return None
    for style, pattern in (
        ("dotted", _DOTTED),
        ("plain", _PLAIN),
        ("chapter", _CHAPTER),
        ("chapter", _ENGLISH_CHAPTER),
        ("chinese", _CHINESE),
        ("bracketed", _BRACKETED),
        ("roman", _ROMAN),
    ):
        match = pattern.fullmatch(line)
        if match is None:
            continue
        written = match["number"]
        if style == "dotted":
            parts = tuple(int(part) for part in re.split("[.．]", written))
            return Numbering(f"dotted {len(parts)}", parts)
        if style == "plain":
            return Numbering("dotted 1", (int(written),))
        if style == "chapter":
            return Numbering(f"chapter {match['unit']}", (_value(written),))
        own = "bracketed digits" if style == "bracketed" and written.isdigit() else style
        return Numbering(own, (_value(written),))
    return None


def is_named(line: str) -> bool:
    """Whether a line is a heading by its name alone: Abstract, 关键词, 3 Conclusions, 参考文献."""
    if len(line) > _LONGEST_NAME:
        return False
    bare = plain_name(line)
    return bool(_NAMED.fullmatch(bare) or _REFERENCES.fullmatch(bare))


def is_references(heading: str) -> bool:
    """Whether what stands below this heading is a list of what was cited."""
    return len(heading) <= _LONGEST_NAME and _REFERENCES.fullmatch(plain_name(heading)) is not None


def is_sources(heading: str) -> bool:
    """Whether this heading may stand above a document's sources; what tells is that it is the last."""
    return _SOURCES.fullmatch(plain_name(heading)) is not None


def is_keywords(heading: str) -> bool:
    """Whether this heading stands above the keywords of an article."""
    return _KEYWORDS.fullmatch(plain_name(heading)) is not None


def is_question(heading: str) -> bool:
    """Whether a heading asks something, so that even a few words below it are its answer."""
    bare = _LEADING_NUMBER.sub("", heading).strip()
    return bare.endswith(("?", "？")) or _QUESTION.match(bare) is not None


def plain_name(heading: str) -> str:
    """A heading without its number, brackets and the spaces that spread out a short Chinese word."""
    return close_up(_LEADING_NUMBER.sub("", heading).strip(" 　*_【】[]")).strip()


def close_up(heading: str) -> str:
    """A name that is spread out, "摘  要", as "摘要"; other headings keep their spaces."""
    closed = _BETWEEN_HAN.sub("", heading)
    bare = _LEADING_NUMBER.sub("", closed).strip()
    return closed if _NAMED.fullmatch(bare) or _REFERENCES.fullmatch(bare) else heading


def heading_and_text(line: str) -> tuple[str, str] | None:
    """ "摘要：随着……" as the heading and the text that begins on its line."""
    match = _WITH_TEXT.match(line)
    return (close_up(match["name"]), match["text"]) if match else None


def _value(written: str) -> int:
    if written.isdigit():
        return int(written)
    if written.isascii():
        return _roman(written) if set(written) <= set("IVX") else ord(written) - ord("A") + 1
    total, current = 0, 0
    for character in written:
        if character == "十":
            total, current = total + (current or 1) * 10, 0
        elif character == "百":
            total, current = total + (current or 1) * 100, 0
        else:
            current = _CHINESE_VALUES[character]
    return total + current


def _roman(written: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10}[character] for character in written]
    return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))
