"""Whether sentences state the fact that a question wants: an amount of the sort asked for, and of whom it is asked.

A passage may speak of all that a question speaks of and still not say it: "Zara's inventory turnover in days" beside
JD's thirty days. A fact belongs to who is named in its clause, else to who was named last before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from knowledge.language.detection import language_of
from knowledge.language.words import plain
from knowledge.retrieval.extraction import Leaf, Weighing, looked
from knowledge.retrieval.question import Asked, Concept, proper_names
from knowledge.retrieval.records import of_records

Unit = Literal["who", "place", "most", "money", "percent", "time", "times", "date", "count", "any"]

# So much of the unnamed things of a question must stand in the sentence with the fact; and of what is counted.
SPOKEN_OF = 0.5
COUNTED = 0.75

_NUMERAL = "[零〇一二三四五六七八九十百千万亿两半数]"
_SPAN = r"(?:hours?|days?|weeks?|months?|quarters?|years?|minutes?|seconds?)"
_SPAN_ZH = r"(?:天|日|周|星期|个?月|年|个?季度|个?小时|分钟|秒)"
_CLASSIFIER = r"(?:个|名|位|家|人|件|台|份|条|项|种|类|张|页|座|间|辆|笔|单|只|批|套|本|篇|款)"
_FIGURES = (
    r"(?:gmv|valuation|headcount|market cap\w*|rate|revenue|turnover"
    r"|prices?|fees?|sales|costs?|size|number|profit|income|salary"
    r"|margin|budget|return|value|spend|uplift|share|percentage)"
)
# What a question wants, in which unit if it is an amount, the surest first.
_WANTED: tuple[tuple[Unit, re.Pattern[str]], ...] = (
    ("who", re.compile(r"^\W*who(?:se|m)?\b|谁|哪位")),
    (
        "place",
        re.compile(
            r"\bwhere (?:is|was|are|were)\b.*\b(?:headquarter\w*|head office|based|located|seat)\b"
            r"|(?:总部|位于|坐落)\S{0,4}(?:哪|什么地方)"
        ),
    ),
    (
        "date",
        re.compile(
            r"^\W*when (?:did|was|were|has)\b|\b(?:what|which) (?:year|date)\b|哪一?年|哪一?天|何时|什么时候|几月|几号"
        ),
    ),
    (
        "money",
        re.compile(
            r"(?<!by )\bhow much (?:money\b|(?:do|does|did|has|have|will|is|was)\b"
            r"(?!.*\b(?:cut|reduc|lower|sav|rais|increas|improv))"
            r".*\b(?:cost|spend|spent|pay|paid|charge|invest)\b)"
            r"|多少(?:钱|元|块|人民币|美元)|几(?:块|元)钱?|(?:花|投入|耗资|投资)了?多少(?!天|时间|人|个)"
        ),
    ),
    (
        "percent",
        re.compile(
            r"\b(?:what|which) (?:\w+ )?(?:share|percentage|percent|proportion|fraction)\b"
            r"|\bhow many (?:percent|per cent)\b|\bpercentage points?\b"
            r"|百分之几|百分之多少|几?个?百分点|几成|多少成|(?:多大|多少)?的?(?:份额|占比|比例|百分比)"
        ),
    ),
    (
        "times",
        re.compile(r"\bhow (?:often|frequently)\b|\bhow many times\b|[几多少](?:次|倍)|多久.{0,8}一次"),
    ),
    (
        "time",
        re.compile(
            rf"\bhow long\b|\bhow many {_SPAN}\b|\bhow many(?= (?:[\w-]+ ){{1,3}}(?:hours|days|weeks|months|years)\b)"
            rf"|\bin {_SPAN}\W*$|(?:几|多少){_SPAN_ZH}|多久|多长时间|天数"
        ),
    ),
    (
        "count",
        re.compile(rf"\bhow many\b|\bthe number of\b|多少(?:个|名|位|家|人|件|台|份|条|张|页|种)|几{_CLASSIFIER}"),
    ),
    (
        "any",
        re.compile(
            r"\bhow (?:much|large|big|high|low|fast|far|old)\b|多少|多大|多高|多快"
            rf"|\bwhat (?:is|was|were|will)\b.*\b{_FIGURES}\b"
            rf"|\bwhat (?:[\w-]+ ){{0,2}}{_FIGURES} (?:do|does|did|has|had|is|was)\b"
        ),
    ),
)
_COUNTS = re.compile(r"\bhow many\b(?: of)?|\b(?:share|percentage|percent|proportion|fraction|number) of\b")
_COUNTS_ZH = re.compile(rf"(?:多大|多少|几)(?:比例|百分比|{_CLASSIFIER})?的?")
_FOLLOWED = re.compile(r"多少(?!\W*$|的?来自)")
# What has a size and cannot be counted: 多少销售额.
_QUANTITY = re.compile(r"(?:额|费用?|成本|率|价格?|利润|收入|时间|比例?|量|钱|度|值|销售)$")
_BETWEEN = frozenset(("", "有", "是", "为", "的", "达", "达到", "约", "大概", "大约"))
# Advice or a rule is asked for and nothing that was: "how many e-mails should we send".
_ADVISED = re.compile(r"\b(?:should|must|may|shall|ought)\b|应该|应当|该|需要|要|最好|合适")
# What was: of nobody in particular it is asked as of somebody.
_REPORTED = re.compile(
    r"\b(?:did|was|were|had|has|took|sold|bought|made)\b|\bby how much\b|\baverage\b"
    r"|\b(?:what|which) year\b|^\W*what (?:share|percentage|percent|proportion) of\b"
    r"|了(?:多少|几|百分之|多大)|(?:多少|几)[^，,。]*了\W*$|过(?:多少|几)"
    r"|平均(?!多久)|哪一?年|(?:提高|提升|增加|增长|降低|减少|下降|缩短|节省)(?:多少|几)"
)

_NUMBER = re.compile(
    r"(?<![\w.\[])(?P<money>[$£€¥￥]\s?)?"
    r"(?P<digits>\d[\d,]*(?:\.\d+)?(?:\s?[~～–—-]\s?\d+(?:\.\d+)?%?)?"
    rf"|百分之{_NUMERAL}+|{_NUMERAL}+(?=成|分之|次|倍|个|名|位|家|人|元|{_SPAN_ZH}))(?!\d*[\].])"
    r"|\b(?P<words>two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|fifty|half|third|quarter"
    r"|hundreds?|thousands?|millions?|billions?|twice|once|double|triple|daily|weekly|monthly|hourly|yearly)\b"
    r"|(?P<often>每[天日周月年])|(?P<part>一半|大半|多数)"
)
_SCALE = r"\s?(?:多|余)?\s?(?:百|千|万|亿|百万|千万|million|billion|thousand|m\b|k\b|bn\b)?\s?(?:多|余)?\s?"
_FOLLOWING: tuple[tuple[Unit, re.Pattern[str]], ...] = (
    ("percent", re.compile(r"\s?(?:%|percent|per cent|个?百分点|percentage points?|成(?!立|本|为|功|交)|分之)")),
    ("money", re.compile(rf"{_SCALE}(?:元|块|美元|人民币|欧元|英镑|日元|rmb|yuan|dollars?|pounds?|euros?|gbp|usd)")),
    ("times", re.compile(r"\s?(?:次|倍|times\b|-?fold\b)")),
    ("time", re.compile(rf"\s?(?:{_SPAN_ZH}|-?\s?(?:working |business |full |whole )?{_SPAN}\b)")),
)
_OFTEN = frozenset(("twice", "once", "double", "triple", "daily", "weekly", "monthly", "hourly", "yearly"))
_PARTS = frozenset(("half", "third", "quarter"))
# 23%的用户, "81 % of adults": so many of them.
_SHARED = re.compile(r"\s?(?:%|per ?cent)?\s?(?:的|of )(.{2,16})")
# Deeds that are asked of somebody, and how a clause says who did them: it must name somebody beside the deed.
_BY = r"(?:·|[a-z]{3,}|大师|教授|学者|专家|先生|女士|博士|公司|集团)"
_DEEDS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (
        re.compile(r"\b(?:found(?:ed|er)|set up|started|established|created)\b|创办|创立|创建|创始|成立"),
        re.compile(
            rf"创始人|{_BY}.{{0,20}}(?:创办|创立|创建)"
            r"|由.{1,16}(?:创办|创立|创建|成立)"
            r"|\bfound(?:ed by|ers?\b)|\bset up by"
        ),
    ),
    (
        re.compile(
            r"\b(?:propos\w+|came up with|coined|put forward|introduced|invent\w*|devised|conceived"
            r"|formulated|originated)\b|提出|发明|首创|开创"
        ),
        re.compile(
            rf"{_BY}.{{0,20}}(?:提出|发明|首创|开创)|由.{{1,16}}(?:提出|发明|首创|开创)|发明人|提出者"
            r"|\b(?:proposed|coined|introduced|invented|devised|put forward) by\b"
            r"|\b(?!(?:are|is|was|were|be|been|being|and|or|to|we|it|also|then|has|have)\b)"
            r"[a-z]+ (?:proposed|coined|invented|devised)\b"
        ),
    ),
    (
        re.compile(r"\b(?:ceo|chief executive|chair\w*|president)\b|ceo|总裁|董事长|首席执行官|掌门人"),
        re.compile(r"\b(?:ceo|chief executive|chair\w*|president)\b|ceo|总裁|董事长|首席执行官|掌门人"),
    ),
)
_SEAT = re.compile(r"总部|位于|坐落|\b(?:headquarter\w*|head office|based in|located in)\b")
_MOST = re.compile(r"最|\b(?:most|least|best|worst|mainly|mostly)\b|主要|大多|居多|首选")
_YEAR = re.compile(r"(?:19|20)\d{2}$")
_LISTED = re.compile(r"(?m)^\s*(?:\d+[.)、]|[-*•])\s|\[\d[\d,\- ]*\]")
_CLAUSE = re.compile(r"(?:[^，,；;：:]|(?<=\d),(?=\d))+[，,；;：:]?")
_BELONGING = re.compile(r"旗下|子公司|所属|属于|母公司|\b(?:subsidiar\w+|owned by|owns|part of)\b")


@dataclass(frozen=True)
class Sought:
    """The fact that a question wants. Numbers are places among its concepts.

    `named`: of whom; `things`: what else is spoken of; `counted`: what there are so many of, in one word or two.
    `ours`: it is of the team's own business, of which only its own documents tell. `deed`: how a clause says who did
    what is asked, where that is known.
    """

    unit: Unit
    named: tuple[int, ...]
    things: tuple[int, ...]
    counted: tuple[int, ...]
    ours: bool = False
    deed: re.Pattern[str] | None = None


def sought(asked: Asked) -> Sought | None:
    """The fact that a question wants; None where it wants none, or no one's in particular."""
    text = asked.plain
    ours = not any(concept.named and _owns(concept) for concept in asked.concepts) and of_records(text)
    wanted = ((unit, match) for unit, pattern in _WANTED if (match := pattern.search(text)))
    ranked: Unit | None = "most" if ours else None
    unit, match = next(wanted, (ranked, None))
    if unit == "who" and ours:
        unit = ranked
    if unit is None or (_ADVISED.search(text) and not ours) or asked.kinds & {"remedy", "why"}:
        return None
    told = [place for place, concept in enumerate(asked.concepts) if not concept.asks]
    named = tuple(place for place in told if asked.concepts[place].named and _owns(asked.concepts[place]))
    deed = next((says for asks, says in _DEEDS if asks.search(text)), None) if unit == "who" else None
    if not named and not ours and deed is None and not _REPORTED.search(text):
        return None
    asking = match[0] if match is not None and unit not in ("money", "any") else ""
    things = tuple(p for p in told if not asked.concepts[p].named and asked.concepts[p].names[0].text not in asking)
    counted = _counted(asked, things) if unit in ("count", "percent", "any") else ()
    if unit == "any" and counted and _FOLLOWED.search(text) and not _QUANTITY.search(_called(asked, counted[0])):
        unit = "count"
    return Sought(unit, named, things, counted, ours, deed)


def stating(leaf: Leaf, weighing: Weighing, fact: Sought) -> list[tuple[int, int]]:
    """Where a passage states the fact: the spans of its sentences that do."""
    found = []
    owned = _owned(leaf, weighing, fact)
    for place, (start, end) in enumerate(leaf.spans):
        clauses = zip(_clauses(leaf.passage.text[start:end]), owned[place], strict=True)
        told = any(_tells(plain(clause), weighing, fact) for clause, own in clauses if own)
        if told and _spoken_of(leaf, weighing, fact, place):
            found.append((start, end))
    return found


def _called(asked: Asked, place: int) -> str:
    return asked.concepts[place].names[0].text


def _owns(concept: Concept) -> bool:
    """Whether a fact may be somebody's of this name: not a year's, and not that of a country's people."""
    return _YEAR.match(concept.names[0].text) is None and not concept.names[0].text.endswith("人")


def _counted(asked: Asked, things: Sequence[int]) -> tuple[int, ...]:
    """What is counted: the one or two words right after "how many"; in Chinese that word, or else the one before."""
    text = asked.plain
    names = {place: asked.concepts[place].names[0].text for place in things}
    known = sorted((at, place) for place, name in names.items() if len(name) > 1 and (at := text.find(name)) >= 0)
    if (match := _COUNTS.search(text)) is not None:
        after = [(at, place) for at, place in known if at >= match.end()][:2]
        return tuple(p for at, p in after if at <= after[0][0] + len(names[after[0][1]]) + 1)
    if (match := _COUNTS_ZH.search(text)) is None:
        return ()
    nouns = [(at, place) for at, place in known if asked.concepts[place].weight == 1.0]
    after = [(at, place) for at, place in nouns if at == match.end()]
    before = [(at, p) for at, p in nouns if at < match.start() and text[at + len(names[p]) : match.start()] in _BETWEEN]
    return tuple(place for _at, place in (after or before)[:1])


def _clauses(text: str) -> list[str]:
    return _CLAUSE.findall(text) or [text]


def _tells(clause: str, weighing: Weighing, fact: Sought) -> bool:
    """Whether a clause in plain form holds an amount of the sort that is asked for."""
    if fact.unit == "who":
        return fact.deed is None or fact.deed.search(clause) is not None
    if fact.unit in ("most", "place"):
        return (_MOST if fact.unit == "most" else _SEAT).search(clause) is not None
    amounts = list(_amounts(_LISTED.sub(" ", clause)))
    if fact.unit == "any":
        return any(unit != "date" for unit, _after in amounts)
    if fact.unit == "count" and fact.counted:
        shares = (after for unit, after in amounts if unit == "percent")
        whose = (found[1] for after in shares if (found := _SHARED.match(after)))
        if any(weighing.matches(looked(one))[i] for one in whose for i in fact.counted):
            return True
    wanted = {"times": ("times", "time")}.get(fact.unit, (fact.unit,))
    return any(unit in wanted for unit, _after in amounts)


def _amounts(clause: str) -> Iterator[tuple[Unit, str]]:
    """The amounts in a clause: in what unit, and what follows the number."""
    for match in _NUMBER.finditer(clause):
        after = clause[match.end() :]
        for unit in _units(match, after):
            yield unit, after


def _units(match: re.Match[str], after: str) -> Iterator[Unit]:
    number = match[0]
    if match["often"] or number in _OFTEN:
        yield "times"
    elif match["part"] or number in _PARTS or number.startswith("百分之") or number.endswith("%"):
        yield "percent"
    elif match["money"]:
        yield "money"
    elif _YEAR.match(number) and not re.match(r"\s?[%个名位家]", after):
        yield "date"
    elif number != "一" or not re.match(_CLASSIFIER, after):  # "一家" says no more than "a"
        counted: Unit = "count"
        unit = next((unit for unit, pattern in _FOLLOWING if pattern.match(after)), counted)
        yield unit
        if unit == "time" and re.match(r"\s?[月日]", after):
            yield "date"


def _spoken_of(leaf: Leaf, weighing: Weighing, fact: Sought, place: int) -> bool:
    """Whether a sentence speaks of what is asked, what is counted above all."""
    matches = weighing.matches(leaf.sentences[place])
    across = leaf.passage.language != weighing.asked.language
    concepts = weighing.asked.concepts
    things = [i for i in fact.things if not across or len(concepts[i].names) > 1]
    counted = [matches[i] for i in fact.counted if i in things]
    if counted and max(counted) < COUNTED:
        return False
    if weighing.asked.language == "zh":  # of English words it is not known which are nouns
        things = [i for i in things if concepts[i].weight == 1.0] or things
    total = sum(weighing.importance[i] for i in things)
    return not total or sum(weighing.importance[i] * matches[i] for i in things) >= SPOKEN_OF * total


def _owned(leaf: Leaf, weighing: Weighing, fact: Sought) -> list[list[bool]]:
    """Of each clause of each sentence, whether what it tells is told of who is named in the question."""
    texts = [leaf.passage.text[start:end] for start, end in leaf.spans]
    if not fact.named:
        return [[True] * len(_clauses(text)) for text in texts]
    kin = {name for text in texts if _BELONGING.search(text) for name in _in(text) if _holds(text, weighing, fact)}
    if _all(weighing.matches(leaf.title), fact):
        return [[True] * len(_clauses(text)) for text in texts]
    own = _all(weighing.matches(leaf.section), fact)
    owned = []
    for text in texts:
        each = []
        for clause in _clauses(text):
            matches = weighing.matches(looked(clause))
            if any(matches[i] > 0 for i in fact.named):
                own = _holds(text, weighing, fact)
            elif strangers := _in(clause):
                own = bool(strangers & kin)
            each.append(own)
        owned.append(each)
    return owned


def _all(matches: Sequence[float], fact: Sought) -> bool:
    return all(matches[i] > 0 for i in fact.named)


def _holds(text: str, weighing: Weighing, fact: Sought) -> bool:
    return _all(weighing.matches(looked(text)), fact)


def _in(text: str) -> frozenset[str]:
    """Companies, people and products that a text names."""
    return frozenset(proper_names(text, language_of(text)))
