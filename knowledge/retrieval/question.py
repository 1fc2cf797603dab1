"""What a question asks: the things it speaks of, what else they are called, and what sort of answer would do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from knowledge.document import Language
from knowledge.language.detection import language_of
from knowledge.language.glossary import Glossary, Mention
from knowledge.language.words import STOP, Token, plain, tagged, tokens
from knowledge.retrieval.lexical import Weighted
from knowledge.retrieval.sorts import Kind, asked_for

# A pair of characters that is no word says less than a word; so does a word that only asks, or tells of a deed.
PAIR = 0.35
ASKING = 0.25
DEED = 0.6
# How surely another name means the thing that was asked about.
SYNONYM = 0.7
TRANSLATED = 1.0
LATER_NAME = 0.9

_DOCUMENTS = (
    r"(?:documents?|papers?|playbooks?|files?|materials?|knowledge base|docs|articles?|texts?|literature|library"
    r"|stud(?:y|ies)|research)"
)
_KEPT = r"(?:(?:team'?s?|own|learned|uploaded|internal|reference|research|academic|saved|shared) )*"
_THE_DOCUMENTS = (
    rf"(?:any of |all of |all )?(?:our|the|your|these|this|my) {_KEPT}{_DOCUMENTS}"
    r"(?: (?:in|of|from) (?:our|the|your) (?:own )?(?:library|knowledge base|collection|folder|files))?"
    r"(?: (?:that )?(?:we|i|you)(?:'ve| have)? (?:uploaded|learned|learnt|loaded|added|shared|saved|have|hold|keep))?"
)
_PAPERS = r"(?:文档|资料|论文|文献|文章|手册|知识库|材料|文件)库?"
_OURS = r"(?:我们|咱们|你们|本公司|公司|团队)?(?:自己)?(?:上传|学过|学习过|收集|保存)?的?(?:这几篇|这些|那些|几篇)?"
_INSIDE = r"(?:里面|里头|里|中|上|内)"
_TOLD = r"(?:提到|提及|记载|介绍|讨论|谈到|涉及|说|写|讲|显示|认为|指出|所述)"
# Whose word is asked for, at the front or the end: it is no part of what is asked.
_CONSULTED = re.compile(
    r"\b(?:(?:is |are |was |were )?(?:named|mentioned|listed|cited|described|given|discussed|reported) )?"
    r"(?:according to|based on|going by|judging by|as (?:stated|described|written|explained) in|in|from|within|per|by"
    r"|see|check|consult|search|look (?:it )?up in) "
    rf"{_THE_DOCUMENTS}\b\s*[,，:]?"
    rf"|\b(?:what|how) (?:do|does|did) {_THE_DOCUMENTS} (?:say|tell us|state|write|report|mention)\b(?: (?:about|on))?"
    rf"|\b(?:do|does) {_THE_DOCUMENTS} (?:say|tell us|state|mention|explain|name|list|discuss|cover)\b"
    r"(?: any(?:thing)?)?(?: (?:about|on))?"
    rf"|^\W*{_THE_DOCUMENTS}\s*[:：]"
    rf"|(?:根据|按照|依据|据|在)?{_OURS}{_PAPERS}{_INSIDE}?{_TOLD}?(?:的(?:{_PAPERS}(?=怎么|如何|是怎么|是如何))?|，|,|：|:)"
    rf"|^\W*(?:根据|按照|依据|依照|据|按|从|在|查一?下|查查|翻一?下)?{_OURS}{_PAPERS}"
    rf"(?:{_INSIDE}的?(?:(?:论文|文献|文章|资料){_INSIDE}?)?(?:有没有|有)?{_TOLD}?[过到]?"
    rf"|(?:有没有|有)?{_TOLD}[过到]?|来?看(?=[，,])|来说|(?=怎么|如何|是怎么|是如何))[，,:：]?"
    rf"|[，,。（(]\s*(?:请|麻烦)?(?:根据|按照|依据|据|按|参考|查一?下|查查)?{_OURS}{_PAPERS}(?:{_INSIDE}|的)?"
    rf"(?:有没有|有|是|怎么|查一?下)*{_TOLD}?(?:[过到的了]|说法|记载|数)*(?:吗|么|没有|没)?[)）?？!！。\s]*$"
)
_FRAMES = re.compile(
    _CONSULTED.pattern + r"|\b(?:please )?(?:tell me|explain to me|can you tell me|could you tell me|do you know)\b"
    r"|请问|请告诉我|告诉我|你知道|麻烦问一下|想问一下"
)
# Papers are what the team had learned, and no page that ships with the product.
_LEARNED = re.compile(
    rf"\b(?:our|the|these|your) {_KEPT}(?:papers|literature|articles|studies)\b|\buploaded\b|论文|文献|上传的"
)
# "The four Vs", 4个V: as they are written, 4V.
_LETTERED = re.compile(
    r"\b(?P<en>[Tt]hree|[Ff]our|[Ff]ive|[Ss]ix|[Ss]even|[3-7])[ -]?(?P<letter>[VPC](?='?s\b)|[vpc](?='s\b|s of\b))'?s\b"
    r"|(?P<zh>[三四五六七3-7])个\s?(?P<letter_zh>[vpcVPC])(?![A-Za-z])"
)
_COUNTED_AS = {
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    **dict(zip("三四五六七", "34567", strict=True)),
}
_ASKING_ENGLISH = """
    what which who whom whose when where why how mani much often long far can could should may might must shall need ani
    some pleas tell explain describ give show list mention accord document paper playbook file say said there about get
    make take go one also use through do each per call now current everi
    see find name anyth someth
"""
_ASKING_CHINESE = """
    什么 哪 哪些 哪个 哪几 哪几个 几个 几 多少 谁 如何 怎么 怎样 怎么样 怎么办 为什么 为何 何时 什么时候 时候 哪里
    哪儿 哪种 哪年 哪一年 请 请问 根据 文档 资料 论文 文章 手册 我们 我 你 可以 应该 应 能 能否 是否 有没有 需要 有
    告诉 一下 介绍 说明 到底 做 里 中 上 说 提到 内容 方面 具体 主要 一个 一种 吗 才 会 要 该 这些 那些 他 她 它 分别
    现在 目前 几种 几天 几分 多久 多大 多长 多高 多快 什么样 样 用 用来 用到 到 叫 哪位 使用 哪天 哪天算
    指 是指 指的是 指的 定义 含义 意思 算
"""
_ASKING = frozenset([*_ASKING_ENGLISH.split(), *_ASKING_CHINESE.split()])
_NO_NAME = """
    i monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december english chinese
"""
_BEFORE_A_THING = re.compile(r"(?:\b(?:the|an?|which|what|our|my|your|their|its|of|many|much|any|this|that)|'s) $")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
# What a Chinese question begins with, up to "的": whose figure is asked for.
_OWNER = re.compile(r"([\u4e00-\u9fff]{2,5})的")
_LATIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[.&'-][A-Za-z0-9]+)*")


@dataclass(frozen=True)
class Name:
    """What a thing may be called, in plain form.

    `terms` are what to search for. A text speaks of it that holds the name as it is written (Chinese) or the term
    `whole`; one that holds some of the `parts` does in part. `factor`: how surely the name means the thing.
    """

    text: str
    terms: Weighted
    parts: tuple[str, ...]
    whole: str
    factor: float


@dataclass(frozen=True)
class Concept:
    """A thing that a question speaks of.

    `names`: the asker's own word first, then others of either language. `weight` is 1, less for deeds and qualities,
    which are paraphrased more often than things, and for words that only ask (`asks`). `named`: a company, a product,
    a place or a year, which nothing else can stand for.
    """

    names: tuple[Name, ...]
    weight: float
    named: bool
    asks: bool


@dataclass(frozen=True)
class Asked:
    """A question as it is understood. `text` is it without phrases such as "according to our documents"."""

    text: str
    language: Language
    concepts: tuple[Concept, ...]
    pairs: Weighted
    kinds: frozenset[Kind]

    @cached_property
    def plain(self) -> str:
        """Its text in plain form."""
        return plain(self.text)

    @property
    def known(self) -> float:
        """The share of what it speaks of that the glossary knows, 0 to 1."""
        told = [concept for concept in self.concepts if not concept.asks]
        total = sum(concept.weight for concept in told) + sum(weight for _, weight in self.pairs) / 2
        return sum(concept.weight for concept in told if len(concept.names) > 1) / total if total else 0.0


def asked(question: str, glossary: Glossary, language: Language | None = None) -> Asked:
    """Reads a question; `language` is that of the asker, told from the text if None."""
    written = unicodedata.normalize("NFKC", question).replace("\u2019", "'")
    written = _LETTERED.sub(_lettered, written)
    text = plain(written)
    if len(text) == len(written):
        kept = _unframed(text)
        written, text = "".join(written[a:b] for a, b in kept), "".join(text[a:b] for a, b in kept)
    else:
        written = text
    found = list(tokens(text))
    runs = _runs(text)
    mentions = [one for one in glossary.mentions(text) if not _half_a_word(one, runs)]
    own = language_of(written)
    concepts = tuple(_concepts(written, text, found, mentions, own, runs=runs))
    pairs = {token.term: PAIR for token in found if token.script == "pair" and _apart(token, mentions)}
    return Asked(
        text=written.strip(),
        language=language or own,
        concepts=concepts,
        pairs=tuple(pairs.items()),
        kinds=asked_for(text, names_somebody=any(concept.named for concept in concepts)),
    )


@lru_cache(maxsize=1 << 14)
def named_by(name: str, factor: float) -> Name:
    """A name as the glossary writes it."""
    text = plain(name)
    return _name(text, list(tokens(text)), factor)


def consults(text: str) -> bool:
    """Whether a question in plain form says that documents are to be asked."""
    return _CONSULTED.search(text) is not None


def of_learned(question: str) -> bool:
    """Whether a question is asked of papers and the like, which the team had learned."""
    return consults(plain(question)) and _LEARNED.search(plain(question)) is not None


def _lettered(match: re.Match[str]) -> str:
    count = (match["en"] or match["zh"]).lower()
    return _COUNTED_AS.get(count, count) + (match["letter"] or match["letter_zh"]).upper()


def _unframed(text: str) -> list[tuple[int, int]]:
    """The spans of a text that are not mere framing; the whole where nothing else would remain."""
    spans = []
    at = 0
    for match in _FRAMES.finditer(text):
        spans.append((at, match.start()))
        at = match.end()
    spans.append((at, len(text)))
    return spans if sum(b - a for a, b in spans) >= 4 else [(0, len(text))]


def _concepts(
    written: str,
    text: str,
    found: Sequence[Token],
    mentions: Sequence[Mention],
    own: Language,
    *,
    runs: Sequence[tuple[int, int]],
) -> Iterator[Concept]:
    names = _names_in(written, own)
    for mention in mentions:
        inside = [token for token in found if mention.start <= token.start and token.end <= mention.end]
        yield _mentioned(text[mention.start : mention.end], mention, inside, own)
    loose = [token for token in found if token.script != "pair" and token.term not in STOP and _apart(token, mentions)]
    for group in _overlapping(loose, [*names, *runs]):
        start, end = group[0].start, max(token.end for token in group)
        # "Our return rate is 8 %, what should we do?": the asker's own figure is not what to look for.
        asks = all(token.term in _ASKING or token.term.endswith("%") for token in group)
        named = not asks and any(a < end and start < b for a, b in names)
        weight = ASKING if asks else 1.0 if named else _telling(text[start:end], text[:start])
        yield Concept((_name(text[start:end], group, 1.0),), weight, named, asks)


def _mentioned(text: str, mention: Mention, inside: Sequence[Token], own: Language) -> Concept:
    itself = _name(text, inside, 1.0)
    if itself.terms and all(term in _ASKING for term, weight in itself.terms if weight == 1.0):
        return Concept((itself,), ASKING, named=False, asks=True)
    names = [itself]
    for called, factor in ((mention.names(own), SYNONYM), (mention.zh if own == "en" else mention.en, TRANSLATED)):
        names += [named_by(name, factor * (LATER_NAME if place else 1.0)) for place, name in enumerate(called)]
    # "冷启动" is no synonym of "冷启动问题" but the same, said in short.
    names = [replace(name, factor=max(name.factor, LATER_NAME)) if name.text in text else name for name in names]
    if any(c.isdigit() for c in itself.text):  # 4V is written so; its other names are but near
        names = [n if n.text == itself.text else replace(n, factor=min(n.factor, SYNONYM)) for n in names]
    different: dict[str, Name] = {}
    for name in names:
        if name.terms:
            different.setdefault(name.text, name)
    named = _is_name(mention)
    return Concept(tuple(different.values()), 1.0 if named else _telling(mention.zh[0], ""), named, asks=False)


def _runs(text: str) -> list[tuple[int, int]]:
    """The spans of neighbouring Chinese characters that each stand alone as jieba cuts them, and tell something: words
    that it does not know.
    """
    runs: list[tuple[int, int]] = []
    at = 0
    for word, tag in tagged(text):
        if len(word) == 1 and "\u4e00" <= word <= "\u9fff" and tag[0] in "nvam" and word not in _ASKING | STOP:
            begun = runs.pop()[0] if runs and runs[-1][1] == at else at
            runs.append((begun, at + 1))
        at += len(word)
    return [(start, end) for start, end in runs if end - start > 1]


def _half_a_word(mention: Mention, runs: Sequence[tuple[int, int]]) -> bool:
    """Whether it is a single character of a run: "年" in "年假"."""
    return mention.end - mention.start == 1 and any(start <= mention.start < end for start, end in runs)


def _name(text: str, found: Sequence[Token], factor: float) -> Name:
    kept: dict[str, float] = {}
    words: list[Token] = []
    whole = ""
    for token in found:
        if token.term in STOP:
            continue
        kept[token.term] = max(kept.get(token.term, 0.0), PAIR if token.script == "pair" else 1.0)
        if token.script == "han" and token.end - token.start == len(text):
            whole = token.term
        elif token.script != "pair" and (token.script != "han" or token.end - token.start > 1):
            words.append(token)
    first, *rest = dict.fromkeys(token.term for token in words) or ("",)
    if rest and first == "".join(rest):
        # A compound such as "win-back" comes first, its parts follow.
        return Name(text.strip(), tuple(kept.items()), tuple(rest), first, factor)
    # Characters that are in no part, as the last one of "数据湖", count with their neighbours.
    bare = {place for token in found for place in range(token.start, token.end) if token.script in ("han", "pair")}
    bare -= {place for token in words for place in range(token.start, token.end)}
    joints = (token for token in found if token.script == "pair" and (token.start in bare or token.end - 1 in bare))
    parts = dict.fromkeys(token.term for token in (*words, *joints))
    return Name(text.strip(), tuple(kept.items()), tuple(parts), whole, factor)


def _telling(text: str, before: str) -> float:
    """How much a word tells: less where jieba takes it for a deed, a quality or a number, and where an English word
    does not follow one that things follow.
    """
    if text.isascii():
        return 1.0 if _BEFORE_A_THING.search(before) else DEED
    return _telling_chinese(text)


@lru_cache(maxsize=1 << 14)
def _telling_chinese(text: str) -> float:
    tags = [tag for word, tag in tagged(text) if word not in STOP]
    return DEED if tags and tags[-1][0] in "vadmqrpcuf" and tags[-1] not in ("vn", "an") else 1.0


def _apart(token: Token, mentions: Sequence[Mention]) -> bool:
    covered = sum(max(0, min(token.end, m.end) - max(token.start, m.start)) for m in mentions)
    return covered < token.end - token.start


def _overlapping(found: Sequence[Token], names: Sequence[tuple[int, int]]) -> Iterator[list[Token]]:
    """Words in groups: those that share characters are readings of one compound, and those of a name are one."""
    group: list[Token] = []
    end = -1
    for token in sorted(found, key=lambda token: (token.start, -token.end)):
        if group and token.start >= end:
            yield group
            group = []
            end = -1
        group.append(token)
        end = max(end, token.end, *(b for a, b in names if a <= token.start and token.end <= b))
    if group:
        yield group


def _is_name(mention: Mention) -> bool:
    """Whether the glossary writes all that the term is called in English as names, each word with a capital (eBay).

    "RFM" is none, for it is also called by words of its own.
    """
    words = [word for name in mention.en for word in name.split()]
    return all(
        (word[:2] != word[:2].lower() or word[0].isdigit()) and word.lower() not in _NO_NAME.split() for word in words
    )


def _names_in(written: str, own: Language) -> list[tuple[int, int]]:
    """Where names and years stand."""
    found = [*(match.span() for match in _YEAR.finditer(written)), *_latin_names(written, own)]
    owner = _OWNER.match(written)
    if owner and [tag[0] for _, tag in tagged(owner[1])] in (["n"], ["x"]):
        found.append(owner.span(1))
    return [*found, *_chinese_names(written, ("ns", "nt", "nz", "nr"))]


def proper_names(written: str, own: Language) -> Iterator[str]:
    """The companies, people and products that a text names, in plain form."""
    for start, end in (*_latin_names(written, own), *_chinese_names(written, ("nt", "nz", "nr"))):
        yield plain(written[start:end])


def _latin_names(written: str, own: Language) -> Iterator[tuple[int, int]]:
    for match in _LATIN_NAME.finditer(written):
        word = match.group()
        begins = not written[: match.start()].strip(" \"'“‘《(")
        capital = word[0].isupper() and (not begins or not word[1:].islower())
        capital = capital or (word[:1].islower() and any(c.isupper() for c in word))  # eBay
        if (capital and word.lower() not in _NO_NAME.split()) or (own == "zh" and len(word) > 1):
            yield match.span()


def _chinese_names(written: str, kinds: Collection[str]) -> Iterator[tuple[int, int]]:
    """Names by what jieba takes them for: of a place (ns), an institution (nt), something else (nz), a person (nr)."""
    at = 0
    for word, tag in tagged(written):
        # What jieba takes for a person's name of two characters is mostly none; nor is what it puts together of words.
        sure = {"nz": not _put_together(word), "nr": len(word) > 2}.get(tag[:2], True) if tag[:2] in kinds else False
        if sure:
            yield at, at + len(word)
        at += len(word)


def _put_together(word: str) -> bool:
    """Whether each character of a Chinese word is in a shorter word of it, as in "聊天记录"."""
    shorter = [t for t in tokens(word) if t.script == "han" and 1 < t.end - t.start < len(word)]
    return {place for token in shorter for place in range(token.start, token.end)} >= set(range(len(word)))
