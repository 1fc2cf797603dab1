"""Questions about the team's own rules and offers, which only its documents know: "Do we ship to Iceland?"."""

from __future__ import annotations

import re

from bot.understanding.knowledge.frames import ASKING, COUNTING
from bot.understanding.knowledge.kinds import Shape
from bot.understanding.knowledge.others import elsewhere, near, other_work
from bot.understanding.outcome import Decline, Outcome
from bot.understanding.reading.draft import World

# So much that figures do not know, in Chinese characters or pairs of them for English words: with words of a rule, and
# without them.
RULED = 1
PLAIN = 3
_PEOPLE = r"(?:we|you|i|one|customers?|clients?|buyers?|shoppers?|members?|staff|employees?|guests?|people)"
# What a rule limits, and who decides it.
RULE = re.compile(
    rf"^\W*(?:(?:so|and|ok|okay|hi|hey|please)\W+)*(?:do|does|can|may|must) (?:\w+ )?{_PEOPLE}\b"
    r"|^\W*(?:is|are) there\b"
    r"|\bwithin how many\b"
    r"|\bhow (?:many|much|long|often|far|soon|late)\b.*\b(?:may|must|can|allowed|entitled|at most)\b"
    r"|\bwho (?:approves|decides|signs|handles|is responsible|is in charge|may|must|can)\b"
    r"|\bwe (?:accept|take|ship|deliver|allow|offer|charge|pay|grant|permit|carry)\b"
    r"|\b(?:policy|deadline|limit|warranty|guarantee|budget|allowance|surcharge|opening hours|threshold)\b"
    r"|可以|可否|允许|能不能|能否|是否|有没有|吗\W*$|最多|最少|最重|最大|最长|谁(?:来)?(?:审批|批准|负责|决定|签字|可以|能)"
    r"|几(?:天|日|小时)|多少(?:天|公斤|千克)|(?:政策|规定|期限|上限|限额|额度|预算|保修|质保|运费|门槛|营业时间|有效期)"
)
# A term that is set to others, though customers are spoken of.
TERM = re.compile(r"\bwithin how many days (?:may|can|must)\b|几天(?:之?内|以内).{0,3}(?:可以|能|必须)")
# 会涨吗, "do we have enough stock": a forecast.
AHEAD = re.compile(r"^\W*(?:还|再)?会(?!员)|\benough\b|够吗|够不够|足够")
# 我们的NPS是多少: a figure of ours that the data does not hold.
POSSESSED = re.compile(r"\bwhat(?:'s|s| is| are| was| were) (?:our|my)\b|我们的?(?:.{1,8})(?:是多少|怎么样|如何)")


def about_rules(shape: Shape, outcome: Outcome, world: World) -> bool:
    """Whether something of the team is asked that is no figure, and figures do not know the words."""
    term = bool(TERM.search(shape.text))
    if other_work(shape) or near(shape, world) or not ASKING.search(shape.text) or (elsewhere(shape) and not term):
        return False
    ruled = term or bool(RULE.search(shape.text))
    if not ruled and (not isinstance(outcome, Decline) or POSSESSED.search(shape.text) or COUNTING.search(shape.text)):
        return False
    if _figured(shape, world) or (not ruled and (shape.ranks() or shape.scene.where(lambda s: s.has("number")))):
        return False
    if shape.metrics() and (not ruled or shape.values() or _missing(shape, world)):
        return False
    return term or shape.strangeness() + 2 * len(_absent(shape)) >= (RULED if ruled else PLAIN)


def _figured(shape: Shape, world: World) -> bool:
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
