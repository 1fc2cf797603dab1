"""What people say around a question: "cool. …", "never mind that, …", "different thing: …", "back to Italy, …".

What is said after it is the message. What was said before may be left by it, or an earlier answer taken up again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from bot.understanding.conversation.correcting import as_follow_up, names_only
from bot.understanding.conversation.explaining import metrics_of
from bot.understanding.conversation.recent import PLAYBOOK, Recent
from bot.understanding.interpret import interpret
from bot.understanding.knowledge.dialogue import Page
from bot.understanding.lexicon import CJK, tokens
from bot.understanding.normalise import normalise
from bot.understanding.outcome import Plan
from bot.understanding.reading.draft import World, days
from bot.understanding.scene import cover
from bot.understanding.spans import Span
from tools.answer import ToolCall

MOST = 4  # of them may stand one after another
_END = r"\s*(?:[,.;:!?…–—-]+\s*|\n+)"
_ZH_END = r"[\s，,。.；;：:！!、~…]+"
_HELLO = re.compile(
    r"^\W*(?:(?:hi|hello|hey|good)(?: there| all| team| everyone)?[\s,!.]+)?(?:morning|mornin|afternoon|evening)"
    r"(?: (?:all|team|everyone|everybody|there|bot|folks|guys))?\s*[,.!:\n–—-]+\s*(?=\w)"
)
_SOCIAL = re.compile(
    r"^\W*(?:cool|great|nice(?: one)?|perfect|awesome|thanks(?: a lot| so much| for that)?|thank you|thx|ty|got it"
    r"|good(?: to know)?|alright|all right|interesting|lovely|wow|makes sense|i see|understood|fine|ok(?:ay)?|right"
    r"|sure|hm+|haha+|lol|excellent|brilliant|sweet|neat|amazing|wonderful|no worries|fair enough|noted)"
    rf"(?: (?:thanks|thank you|then|so|that helps))?{_END}(?=\w)"
    r"|^\W*(?:好的?|好吧|好嘞|好滴|行吧?|嗯+|哦+|噢+|收到|明白了?|了解了?|知道了|懂了|不错(?:不错)?"
    rf"|谢谢(?:你|啦|了)?|谢了|多谢|厉害|哈哈+|原来如此|原来这样|这样啊|得嘞|辛苦了|ok(?:ay)?){_ZH_END}(?=\w)"
)
_OPEN = r"^\W*(?:(?:ok(?:ay)?|so|now|right|and|but|well|alright|oh|ah|hm+|um+|no|wait|actually|anyway)[\s,.!]+)*"
_ZH_OPEN = r"^\W*(?:那么?|好的?|行吧?|嗯+|哦+|呃+|哎|我们|咱们?|我|先|就|再|还是|然后|[，,\s])*"
_TOPIC = re.compile(
    rf"{_OPEN}(?:(?:(?:a |an |one )?(?:completely |totally |very |quick )?(?:different|another|other|new|separate"
    r"|unrelated|next) (?:thing|topic|question|subject|matter|q)"
    r"|on (?:another|a different|a separate|an unrelated|a new) (?:note|topic|subject|matter)"
    r"|(?:let's |lets |let me |can we |time to )?(?:chang(?:e|ing)|switch(?:ing)?) (?:the )?(?:topics?|subjects?|gears)"
    r"|(?:a )?change of (?:topic|subject)|(?:let's |lets )?mov(?:e|ing) on"
    r"|something (?:else|different)(?: now| entirely)?"
    rf"|(?:completely |totally )?unrelated|one more thing){_END}|(?:let's |lets )?mov(?:e|ing) on to )(?=\w)"
    rf"|{_ZH_OPEN}(?:换一?[个下]?(?:话题|问题|主题)|[说问聊看]点?(?:别|其他|其它)的|另外?问[个下]?(?:问题|事)?"
    r"|(?:另外?一个|下一个|下个)问题|题外话|不[说聊管看]这个了?|这个放一?放|这个放一边"
    rf"|(?:还有|再问)一?个(?:问题|事)?)[吧了啊]?{_ZH_END}(?=\w)"
)
_ALL = re.compile(r"\ball\b")
# "Conversely, everyone but the UK": what stands behind it says what is meant.
_TURN = re.compile(
    rf"{_OPEN}(?:conversely|vice versa|(?:and )?the (?:other way (?:a)?round|opposite|reverse)"
    r"|minus that(?=\W+(?:i mean\b|every\w+ (?:except|but)\b))"
    rf"|the flip side){_END}(?=\w)"
    rf"|{_ZH_OPEN}(?:反过来(?:说|看|讲)?|反之|相反|换个角度|倒过来(?:说|看)?)的?话?{_ZH_END}(?=\w)"
)
_DROPPED = re.compile(
    rf"{_OPEN}(?:never ?mind(?: about)?(?: (?:all )?(?:of )?(?:that|this|it|those|them|the last (?:one|question|bit)))?"
    r"|(?:forget|scratch|strike|skip|drop|leave)(?: about)? (?:all )?(?:of )?"
    r"(?:that|this|it|the last (?:one|question|bit)))"
    rf"{_END}(?=\w)"
    rf"|{_ZH_OPEN}(?:算了|不用了|没事了?|当我没说|不必了|罢了|忽略刚才的?)[吧啊了]?{_ZH_END}(?=\w)"
)
_DROPPED_THING = re.compile(
    rf"{_OPEN}(?:never ?mind|forget|scratch|skip)(?: about)? (?:the )?(?P<thing>[^,.;:!?]{{2,30}}?){_END}(?=\w)"
    rf"|{_ZH_OPEN}(?:不管|别管|不用管|撇开|抛开)(?P<zh>[^，,。；]{{1,10}}?)了?{_ZH_END}(?=\w)"
)
_BACK = re.compile(
    rf"{_OPEN}(?:(?:let's|lets|can we|could we|i want to|i'd like to) )?"
    r"(?:(?:go|going|get|getting|come|coming|jump|switch) )?(?:back|returning) to "
    r"(?:the |our |my |that )?(?!school|work\b|basics|normal|us\b)(?=\w)"
    rf"|{_ZH_OPEN}(?:(?:看|转|切)?回到|(?:看|说|切|转)回|返回到?|回过头来?看?|回头看)(?:一下|下(?![个周月季半]))?"
    r"(?:(?:刚才|刚刚|之前|前面|上面|最初|一开始)(?:我们?)?(?:[说问聊讲查提看](?:过|到)?)?的?)?(?:那个)?\s*(?=\w)"
    rf"|{_ZH_OPEN}(?:刚才|刚刚|之前|前面|上面)(?:我们?)?[说问聊讲提看](?:到)?的(?:那个)?\s*(?=\w)"
    # 刚才德国那个数再发一下
    rf"|{_ZH_OPEN}(?:刚才|刚刚)(?:的)?(?=[^，,。的]{{1,12}}那个?(?:数字?|值|结果|答案))"
)
# "Just Belgium again, but November": but of what is done again, no word tells it.
_AGAIN = re.compile(
    rf"{_OPEN}(?:the same [^,.;…]{{1,30}}[,.;…]+\s*|same [^,.;…]{{1,30}}[,.;…]+\s*)?(?:i mean(?:t)?,? )?(?:just "
    r"|only |now |the )*"
    r"(?P<thing>(?:top|bottom|best|worst) (?P<count>\d{1,2})|[a-z][\w .'-]{1,30}?) again\b[\s,]*(?:but (?!not\b))?"
)
# "Orders in the UK, no wait, Germany", 上周英国订单，不对，是德国.
_TURNED = (
    re.compile(
        r"^(?P<first>.{6,}?)(?:\s*[,.;–—-]+\s*(?:no,? wait|wait,? no|no,? sorry|sorry,? no|wait|sorry|oops|actually"
        r"|scratch that|no(?=,| i mean))\b[\s,:–—-]*"
        r"|\s(?:no wait|wait no|no sorry|oops|(?=(?:sorry,? |no,? )i mean)(?:sorry|no))[\s,:]+)"
        r"(?:i mean(?:t)?\b|make (?:that|it)\b|rather\b)?[\s,:]*(?P<then>\w.*)$"
    ),
    re.compile(
        r"^(?P<first>.{4,}?)[，,。\s]+(?:哦|啊|噢|呃|额)?(?:不对不对|不对|不是|[说打写搞弄]?错了|不不|等等)[，,。\s]*"
        r"(?:我是说|我要的?是?|应该是|改成|换成|是)(?P<then>.+)$"
    ),
)
# "Orders in the UK, I mean Germany", 上周英国订单，说错了，德国: only a name or a time is said instead.
_RENAMED = (
    re.compile(
        r"^(?P<first>.{6,}?)[\s,;.–-]+(?:oh no|correction|i mean|i meant|no(?=,))[\s,:]+(?:make (?:it|that)\s+)?"
        r"(?P<then>[^,;?!]{2,30}?)(?: rather| instead)?\W*$"
    ),
    re.compile(
        r"^(?P<first>.{4,}?)[，,。；\s]+(?:哦|噢|啊|呃|额)?(?:不对|[说打写搞弄]?错了?|不不|哦不|不是)[，,。！!\s]+"
        r"(?:我?(?:说的是|要的是|要|指))?(?P<then>[^，,；]{1,12})\W*$"
    ),
)
# 不要客单价，要订单数, "skip the AOV, show orders".
_RATHER = re.compile(
    r"^\W*(?:我?不(?:要|看|想看|用看)|别看|别给我)(?P<wrong>[^，,；]{2,10})了?[，,；]\s*(?:我?(?:要|看|想看|改看"
    r"|换成)|给我|改成)(?P<then>[^，,；]{2,12})\W*$"
)
# "1. … 2. …", ①…②…, "a) … b) …", 第一，…；第二，…: the marks of a list, each by its place.
_MARKS = (
    tuple(rf"\(?{n}\s*[)）]\s*" for n in range(1, 7)),
    tuple(rf"{n}\s*(?:[、．:：]|\.(?!\d))\s*" for n in range(1, 7)),
    tuple(rf"{mark}\s*" for mark in "①②③④⑤⑥"),
    tuple(rf"\(?{letter}\s*[)）.]\s*" for letter in "abcdef"),
    tuple(rf"第{n}(?:个(?:问题)?|点|条)?\s*[，,、：:]\s*" for n in "一二三四五六"),
    tuple(rf"{n}\s*、\s*" for n in "一二三四五六"),
    (r"首先[，,、：:]?\s*", r"其次[，,、：:]?\s*", r"(?:最后|再次|然后)[，,、：:]\s*"),
    tuple(rf"{word}(?:ly)?\s*[,:]\s*" for word in ("first", "second", "third", "fourth")),
)
_LEAD = r"^(?P<lead>\W*(?:[^\n:：①1]{1,40}[:：])?\s*)"
# 半年（180天）: said more exactly.
_IN_DAYS = re.compile(
    r"(?:半年|[一两]年|[一二两三四五六\d]{1,2}个?(?:月|季度))\s*[(（]\s*(?:即|也就是)?\s*(?P<days>\d{1,4})(?P<unit>天)\s*[)）]"
    r"|\b(?:half a year|an? (?:year|quarter|month)|\w+ months)\s*\(\s*(?P<days_en>\d{1,4})(?P<unit_en> days)\s*\)",
    re.IGNORECASE,
)
# "The keep calm one": of the products that were asked about.
_ONE_OF = re.compile(
    r"^\W*(?:the |that |i mean(?:t)? the )+(?P<which>[\w' ]{3,40}?) ones?\W*$|^\W*(?P<zh>.{2,40}?)的?那[款个]\W*$"
)
# "Set up an alert: tell me when …", 设个告警：…时通知我: the rest orders it by itself.
_ORDERED = re.compile(
    r"^\W*(?:please |pls |can you |could you )*(?:set up|create|add|make|configure)(?: me| us)? (?:an? )?(?:new )?"
    r"(?:alert|alarm|monitor|notification|warning|rule)\s*[:,;–—-]\s*(?=(?:tell|let|alert|notify|warn|ping|message)\b)"
    r"|^\W*(?:请|麻烦|帮我|帮忙|给我|我想|我要)*(?:设置|设|建|加|开|配置|做)(?:一?[个条]|一下)?(?:新的?)?"
    r"(?:告警|提醒|警报|预警|报警|监控|通知)[：:，,]\s*(?=.*(?:通知|提醒|告诉|告知|叫)我)"
)
_CLAUSE = re.compile(r"[,，.。;；:：?？!！]")
_NO_QUESTION = re.compile(r"^\W*(?:不要|不用|不必|别|没有?|no|not|thanks|thank you|谢谢|bye|再见)\S{0,3}\W*$")


@dataclass(frozen=True)
class Leaning:
    """A message without what stands around it, and what it leans on then."""

    text: str
    previous: ToolCall | None
    page: Page | None
    recent: Recent


def unwrapped(text: str, world: World, previous: ToolCall | None, page: Page | None, recent: Recent) -> Leaning:
    """What is left of a message whose opening only says how it stands to the one before."""
    text = _IN_DAYS.sub(lambda m: "".join(m[name] or "" for name in ("days", "unit", "days_en", "unit_en")), text)
    lean = Leaning(_unnumbered(text), previous, page, recent)
    if (turned := _turned(lean, world) or _one_of(lean, world)) is not None:
        return turned
    for _ in range(MOST):
        found = _without_one(lean, world)
        if found is None:
            break
        lean = found
    return lean


def _without_one(lean: Leaning, world: World) -> Leaning | None:
    folded = normalise(lean.text).folded
    if (found := _TOPIC.match(folded)) is not None:
        rest = _rest(lean.text, found)
        return Leaning(rest, None, None, Recent()) if rest else None
    if (found := _DROPPED.match(folded)) is not None:
        rest = _rest(lean.text, found)
        if rest is None:
            return None
        if _ALL.search(found.group()):
            return Leaning(rest, None, None, Recent())
        return replace(lean, text=rest, recent=replace(lean.recent, offered=(), unread=()))
    if (found := _HELLO.match(folded) or _TURN.match(folded) or _ORDERED.match(folded)) is not None:
        rest = _rest(lean.text, found)
        return replace(lean, text=rest) if rest else None
    if (found := _DROPPED_THING.match(folded)) is not None:
        return _without_thing(lean, found["thing"] or found["zh"], _rest(lean.text, found), world)
    if (found := _BACK.match(folded)) is not None:
        rest = _rest(lean.text, found)
        return _back(lean, rest, world) if rest is not None else None
    if (found := _AGAIN.match(folded)) is not None and (again := _again(lean, found, world)) is not None:
        return again
    if (found := _SOCIAL.match(folded)) is not None:
        rest = _rest(lean.text, found)
        return replace(lean, text=rest) if rest else None
    return None


def _unnumbered(text: str) -> str:
    """A numbered list as clauses: the number of a line is no month, no count and no product's code."""
    for marks in _MARKS:
        first, *others = marks
        if (found := re.match(_LEAD + first, text, re.IGNORECASE)) is None:
            continue
        lines, start = [], found.end()
        for mark in others:
            glued = "" if "、" in mark and "第" not in mark else rf"|(?<=[\u3400-\u9fff]){mark}"  # 8月和2、3月
            after = re.compile(rf"[\s,，;；。.?？]+(?:and\s+|和)?{mark}{glued}", re.IGNORECASE)
            behind = after.search(text, start)
            if behind is None or not re.search(r"[^\W\d]{2}", text[start : behind.start()]):
                break
            lines.append(text[start : behind.start()])
            start = behind.end()
        if lines and re.search(r"[^\W\d]{2}", text[start:]):
            join = "；" if CJK.search(text) else "; "
            return found["lead"] + join.join(line.strip(" ,，;；.。") for line in (*lines, text[start:]))
    return text


def _rest(text: str, found: re.Match[str]) -> str | None:
    """What stands after the opening; None where that is no question either."""
    norm = normalise(text)
    rest = text[norm.original_span(found.end(), len(norm.folded))[0] :].strip()
    return None if not rest or _NO_QUESTION.match(rest.lower()) else rest


# --- Said otherwise ---------------------------------------------------------------------------------------------------


def _turned(lean: Leaning, world: World) -> Leaning | None:
    """A message that corrects itself is a question and its correction."""
    norm = normalise(lean.text)
    chinese = bool(CJK.search(norm.folded))
    if (rather := _RATHER.match(norm.folded)) is not None and lean.previous is not None:
        wrong = {str(name) for span in world.scene(rather["wrong"]).spans for name in span.values("metric")}
        if wrong & set(metrics_of(lean.previous)):
            return replace(lean, text=f"不对，是{lean.text[norm.original_span(*rather.span('then'))[0] :]}")
    found = _TURNED[chinese].match(norm.folded)
    if found is None and (named := _RENAMED[chinese].match(norm.folded)) and names_only(named["then"], world):
        found = named
    if found is None:
        return None
    first, then = (lean.text[slice(*norm.original_span(*found.span(part)))] for part in ("first", "then"))
    outcome = interpret(first, world, lean.previous, lean.page)
    if not isinstance(outcome, Plan) or len(outcome.calls) != 1 or outcome.calls[0].tool == PLAYBOOK:
        return None
    (call,) = outcome.calls
    if not isinstance(interpret(as_follow_up(then), replace(world, has_playbooks=False), call), Plan):
        return None
    mark = "不对，是" if chinese else "no, i meant "
    return Leaning(f"{mark}{then}", call, None, Recent(calls=(call,), earlier=lean.recent.earlier))


def _one_of(lean: Leaning, world: World) -> Leaning | None:
    """ "The keep calm one", after "31 products have “hot water bottle” in their name": the question with both."""
    found = _ONE_OF.match(normalise(lean.text).folded)
    if found is None or not lean.recent.unread:
        return None
    sight = world.sight(lean.recent.unread[0])
    partial = [span for span in cover(sight, sight.candidates).spans if span.word("partial_name")]
    if len(partial) != 1:
        return None
    name = f"{partial[0].text} {found['which'] or found['zh']}"
    products = world.index.products_named(token.text for token in tokens(name))
    if not products:
        return None
    one = next(iter(products)) if len(products) == 1 else name
    plain = sight.norm.text
    return replace(lean, text=f"{plain[: partial[0].start]} {one} {plain[partial[0].end :]}".strip())


# --- Something that is left out ---------------------------------------------------------------------------------------


def _without_thing(lean: Leaning, thing: str, rest: str | None, world: World) -> Leaning | None:
    """ "Never mind the UK, what is the return rate": what was limited to it no longer is."""
    spans = _telling(thing, world)
    if rest is None or not spans or any(span.unknown or span.word("partial_name") for span in spans):
        return None
    named = {value for span in spans for value in span.values("value")}

    def lifted(call: ToolCall) -> ToolCall:
        filters = [f for f in call.args.get("filters", ()) if not {(f["dimension"], v) for v in f["values"]} & named]
        kept = {name: value for name, value in call.args.items() if name != "filters"}
        return ToolCall(call.tool, {**kept, **({"filters": filters} if filters else {})})

    previous = lifted(lean.previous) if lean.previous is not None else None
    recent = replace(lean.recent, calls=tuple(map(lifted, lean.recent.calls)), offered=(), unread=())
    return Leaning(rest, previous, lean.page, recent)


# --- An earlier answer ------------------------------------------------------------------------------------------------


def _back(lean: Leaning, rest: str, world: World) -> Leaning:
    """ "Back to Italy, October": what was answered of Italy, where something was."""
    clause = _CLAUSE.split(rest, maxsplit=1)[0]
    spans = _telling(clause, world)
    untimed = [span for span in spans if not any(p.kind == "period" for p in span.values("period"))]
    for wanted in (spans, untimed):
        for call in lean.recent.earlier:
            if wanted and call.tool != PLAYBOOK and all(_fits(span, call, world) for span in wanted):
                return Leaning(rest, call, None, Recent(calls=(call,), earlier=lean.recent.earlier))
    return replace(lean, text=rest, page=None, recent=replace(lean.recent, offered=(), unread=()))


def _again(lean: Leaning, found: re.Match[str], world: World) -> Leaning | None:
    rest = _rest(lean.text, found) or ""
    if found["count"]:
        order = "lowest" if found["thing"].startswith(("bottom", "worst")) else "highest"
        for call in lean.recent.earlier:
            if call.args.get("top") == int(found["count"]) and call.args.get("order", "highest") == order:
                return Leaning(rest, call, None, Recent(calls=(call,), earlier=lean.recent.earlier)) if rest else None
        return None
    spans = _telling(found["thing"], world)
    if not spans or not all(span.has("value") for span in spans):
        return None
    return _back(lean, f"{found['thing']}, {rest}".strip(" ,"), world)


def _telling(text: str, world: World) -> list[Span]:
    quiet = ("filler", "and", "by", "follow_up", "classifier", "pronoun", "which", "how_many", "breakdown")
    return [
        span
        for span in world.scene(text).spans
        if not span.word(*quiet) or any(span.has(kind) for kind in ("metric", "value", "period", "dimension"))
    ]


def _fits(span: Span, call: ToolCall, world: World) -> bool:
    """Whether an earlier call is of what a word names."""
    args = call.args
    split = {*args.get("by", ()), args.get("grain")}
    grains = {world.catalog.dimensions[name].grain for name in split if name in world.catalog.dimensions} | split
    if span.has("metric"):
        return bool({str(name) for name in span.values("metric")} & set(metrics_of(call))) or _by_name(span, call)
    if span.has("value"):
        return any(value in _values(args) for _dimension, value in span.values("value"))
    if span.has("period"):
        return any(
            (p.kind == "grain" and p.grain in grains) or (p.period is not None and days(p.period) == args.get("period"))
            for p in span.values("period")
        )
    if span.has("dimension"):
        return any(name in split for name in span.values("dimension"))
    return _by_name(span, call)


def _by_name(span: Span, call: ToolCall) -> bool:
    return span.has("cue", call.tool) or any(tool == call.tool for tool, _args in span.values("tool"))


def _values(args: Any) -> Iterable[Any]:
    """Every plain value of a call's arguments."""
    if isinstance(args, dict):
        return [value for one in args.values() for value in _values(one)]
    if isinstance(args, (list, tuple)):
        return [value for one in args for value in _values(one)]
    return [args]
