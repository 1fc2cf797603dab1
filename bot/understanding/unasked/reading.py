"""Whether a sentence asks for something to be sent or watched, and the call that does it."""

from __future__ import annotations

import re

from bot.understanding.outcome import Outcome
from bot.understanding.reading.draft import World
from bot.understanding.scene import Sight
from bot.understanding.unasked.digesting import Digesting
from bot.understanding.unasked.happening import Happening
from bot.understanding.unasked.watching import Watching
from tools.answer import ToolCall

TOOLS = frozenset({"digest", "monitor", "incidents"})
LONGEST = 300  # characters of an order; all else is read by others
NOISE = re.compile(r"[\W_]{12}")  # no order holds so many signs in a row
# Without one of these, no sentence is read a second time.
GATE = re.compile(
    r"^(?=.*\b(?:get|receive|have)\b)(?=.*\b(?:every|each|daily|weekly|monthly)\b)|digest|report|summar|updat|overview|brief|recap|newsletter|kpi|subscri|send|push|deliver|e-?mail|\bpost\b"
    r"|alert|alarm|monitor|watch|warn|notif|\btell\b|let (?:me|us) know|remind|inform|\bping\b|flag|eye|"
    r"heads?[- ]?up|message"
    r"|\bknow\b|hear|look(?:ing)? out|incident|anomal|wrong|unusual|firing|broken|\bfire\b|\back|snooze|false|mtt[ar]"
    r"|respon|react|resol|acknowl|i'm on|i'll|on it\b|normal|expected|not now|fired|mute|silenc|hush|shout|supervis"
    r"|跟我说|和我说|[喊叫](?:我|一?声)|@我|\bdrop (?:me|us)\b|\bmail\b|"
    r"[报摘订推发预警提醒通监盯异误认响通静]|屏蔽|告诉|告知|关注|留意|看住|看着|处理|正常|确认|有问题|什么问题|"
    r"不对劲|不正常|跟进|负责|明天再|稍后|小时后"
)


class Unasked:
    """One sentence's reading about digests, monitors and incidents."""

    def __init__(self, sight: Sight, world: World, previous: ToolCall | None) -> None:
        self.sight, self.world = sight, world
        self.previous = previous if previous is not None and previous.tool in TOOLS else None

    def possible(self) -> bool:
        """Whether it is worth reading at all."""
        folded = self.sight.folded
        if not self.world.tools & TOOLS or len(folded) > LONGEST or NOISE.search(folded):
            return False
        return self.previous is not None or GATE.search(folded) is not None

    def read(self) -> Outcome | None:
        """The outcome; None: the sentence is about something else."""
        if not self.possible():
            return None
        for tool, reading in (("incidents", Happening), ("digest", Digesting), ("monitor", Watching)):
            if tool not in self.world.tools:
                continue
            found = reading(self.sight, self.world, self.previous).read()
            if found is not None:
                return found
        return None
