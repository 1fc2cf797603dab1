"""Questions of which figures know too little: about the team's rules and offers, or about anything else.

Whether a page answers them is for the playbooks to tell; here it is told only that no figure is asked for.
"""

from __future__ import annotations

import re

from bot.understanding.knowledge.frames import ASKING, NEAR, OURS
from bot.understanding.knowledge.kinds import Shape, weight
from bot.understanding.knowledge.others import BESIDE_A_FIGURE, elsewhere, near, other_work
from bot.understanding.reading.draft import World

_PEOPLE = r"(?:we|you|i|one|customers?|clients?|buyers?|shoppers?|members?|staff|employees?|guests?|people)"
# What a rule limits, and who decides it.
RULE = re.compile(
    rf"^\W*(?:(?:so|and|ok|okay|hi|hey|please)\W+)*(?:do|does|can|may|must) (?:\w+ )?{_PEOPLE}\b"
    r"|^\W*(?:is|are) there\b"
    r"|\bwithin how many\b"
    r"|\bhow (?:many|much|long|often|far|soon|late)\b.*(?<!in )(?<!for )(?<!of )(?<!since )"
    r"\b(?:may|must|can|allowed|entitled|at most)\b"
    r"|\bwho (?:approves|decides|signs|handles|is responsible|is in charge|may|must|can)\b"
    r"|\bwe (?:accept|take|ship|deliver|allow|offer|charge|pay|grant|permit|carry)\b"
    r"|\b(?:policy|deadline|limit|warranty|guarantee|budget|allowance|surcharge|opening hours|threshold)\b"
    r"|可以|可否|允许|能不能|能否|是否|有没有|吗\W*$|最多|最少|最重|最大|最长|谁(?:来)?(?:审批|批准|负责|决定|签字|可以|能)"
    r"|几(?:天|日|小时)|多少(?:天|公斤|千克)|(?:政策|规定|期限|上限|限额|额度|预算|保修|质保|运费|门槛|营业时间|有效期)"
)
# A term that is set to others, though customers are spoken of.
TERM = re.compile(r"\bwithin how many days (?:may|can|must)\b|几天(?:之?内|以内).{0,3}(?:可以|能|必须)")
# "Of customers", 客户的: of these among the words of who wants to be handed something, it may be a group's own thing.
POSSESSIVE = re.compile(r"^of\b|的$")
# After "birthday" or "e-mail" these still name what is known of a person.
RECORDS = re.compile(
    r"(?:dates?|lists?|details?|contacts?|info|information|records?|fields?|columns?|data|books?|numbers?|accounts?|"
    r"ids?|login|please|export|dump|csv|excel)\b|信息|日期|列表|账号|号|资料|数据|明细|记录|字段|清单|是|有|导|发|给"
)
# Among the words that ask for something personal, these say whose it is.
PEOPLE = re.compile(r"\b(?:customer|client|buyer|shopper|user|member)s?\b|客户|顾客|用户|买家|会员")
# How a figure is.
STANDING = re.compile(r"^\W*how(?:'s|s| is| are| was| were| did| do| does)\b")
# 会涨吗, "do we have enough stock": a forecast.
AHEAD = re.compile(r"^\W*(?:还|再)?会(?!员)|\benough\b|够吗|够不够|足够")
# 我们的NPS是多少, "how many followers do we have": what has a value or a number, though the data does not hold it.
POSSESSED = re.compile(
    r"\bwhat(?:'s|s| is| are| was| were) (?:our|my) [\w&-]+(?: (?:score|rate|ratio|price|value|index|share))?\W*$"
    r"|\bhow (?:many|much) [^,;.]+ (?:do|did|have) we (?:have|got|get|own)\b"
    r"|我们的?(?:[^的，,。]{1,8})(?:是多少|怎么样|如何)|(?:我们|咱们).{0,8}有多少"
)


def about_rules(shape: Shape, world: World) -> bool:
    """Whether a rule or an offer is asked for beside the name of a figure: "what is our return window?"."""
    term = bool(TERM.search(shape.text))
    if other_work(shape) or near(shape, world) or _moving(shape, world) or not ASKING.search(shape.text):
        return False
    if elsewhere(shape) and not term:
        return False
    ruled = term or bool(RULE.search(shape.text))
    if not ruled and (not shape.compounds() or STANDING.search(shape.text) or shape.ranks() or _numbered(shape)):
        return False
    if shape.metrics() and (shape.values() or _missing(shape, world)):
        return False
    return term or _strange(shape) > 0


def unread(shape: Shape, world: World) -> bool:
    """Whether something is spoken of that no figure, list or tool knows, and nothing that they know."""
    if other_work(shape) or shape.metrics() or shape.known() or _moving(shape, world):
        return False
    strange = _strange(shape)
    if (shape.ranks() or OURS.search(shape.text)) and strange < BESIDE_A_FIGURE[1]:
        return False
    if POSSESSED.search(shape.text) and not RULE.search(shape.text):
        return False
    if (near(shape, world) or NEAR.search(shape.text)) and not RULE.search(shape.text):
        return False
    return strange > 0 and not shape.scene.words("sold", "selling", "selling_worst")


def about_no_person(shape: Shape) -> bool:
    """ "The birthday gift", "may customers change their e-mail address": whether what is named belongs to nobody."""
    if any(not POSSESSIVE.search(span.text) for span in shape.cues.all("handing")):
        return False
    if RULE.search(shape.text):
        return True
    spans = shape.scene.spans
    if any(span.word("personal") and PEOPLE.search(span.text) for span in spans):
        return False
    after = {span.start: span for span in spans if span.unknown and not RECORDS.match(span.text)}
    places = [span.end for span in spans if span.word("personal")]
    return all(any(at in after and not shape.text[end:at].strip() for at in (end, end + 1)) for end in places)


def _strange(shape: Shape) -> int:
    """How much figures do not know, places without sales among it."""
    told = sum(weight(span.text) for span in shape.foreign() if span.text != "about")
    return told + 2 * len(_absent(shape))


def _numbered(shape: Shape) -> bool:
    return bool(shape.scene.where(lambda s: s.has("number")))


def _moving(shape: Shape, world: World) -> bool:
    """Whether a change, its reasons, a conversion or a saved segment is spoken of: figures and lists, though unread."""
    scene = shape.scene
    moving = scene.words("other_currency", "growth", "trend", "compare") or AHEAD.search(shape.text)
    return bool(moving) or shape.cues.has("why") or any(name.lower() in shape.text for name in world.saved)


def _absent(shape: Shape) -> list[int]:
    """Countries that the store has no sales in."""
    return shape.scene.where(lambda s: s.has("absent") and not s.has("value"))


def _missing(shape: Shape, world: World) -> bool:
    """Whether a figure is spoken of whose table was never imported: that is what must be said."""
    names = {name for span in shape.metrics() for name in span.values("metric")}
    metrics = [world.catalog.metrics[name] for name in names if name in world.catalog.metrics]
    return any(not world.tables >= set(world.catalog.tables_of(metric)) for metric in metrics)
