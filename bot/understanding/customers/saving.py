"""Names that are given to a segment: "call this VIP-DE", 存为VIP-DE."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.understanding.customers.around import around
from bot.understanding.reading.draft import World
from bot.understanding.scene import Sight
from tools.messages import Message

QUOTES = "\"'“”‘’「」『』《》"
STOPS = ",，。;；!！?？"
LEAD = r"(?:^|[\s,，;；.。:：]|(?<=[\u3400-\u9fff]))"
NOUN = r"(?:segment|group|list|set|customers|rule|people|result|one)"
THIS = rf"(?:(?:this|it|them|these|that|those)(?:\s+{NOUN})?|the\s+{NOUN})"
THEN = r"(?:(?:and|then|please|now)\s+)*"
END = r"\s*[.!。！]*$"


def _name(group: str) -> str:
    return rf"[{QUOTES}]?(?P<{group}>[^\s{QUOTES}{STOPS}][^{QUOTES}{STOPS}]{{0,59}}?)[{QUOTES}]?"


ENGLISH = re.compile(
    rf"{LEAD}{THEN}(?:call|name|label)\s+{THIS}\s+{_name('name')}{END}"
    rf"|{LEAD}{THEN}(?:save|store|keep|remember|call|name)\s+(?:{THIS}\s+)?(?:as|under the name(?: of)?|under)\s+"
    rf"{_name('name2')}{END}",
    re.IGNORECASE,
)
CHINESE = re.compile(
    LEAD + r"(?:请|并|然后|再|就|帮我)*(?:把|将)?(?:它|他们|这个|这些|这批|该|这群)?"
    r"(?:分群|人群|客户|客群|名单|结果|群体|细分|人)*"
    r"(?:保存为|保存成|另存为|存为|存成|命名为|取名为|取名|起名为|叫做|叫作|叫它|叫|保存到|称为|记为)\s*[:：]?\s*"
    + _name("name")
    + r"\s*(?:吧|。|！|!|的分群)?$"
)
LONGEST = 60


@dataclass(frozen=True)
class Named:
    """The question without the words around it; `name` is what to save it as, `top` how many to list;

    `titled`: a title said that a list follows.
    """

    sight: Sight
    name: str | None = None
    top: int | None = None
    titled: bool = False
    notes: tuple[Message, ...] = ()


def named(sight: Sight, world: World) -> Named:
    """Splits off a name that is given at the end of a question, a title before it and how many are to be listed."""
    alone = _named(sight, world)
    said = around(alone.sight, world)
    if said.text == alone.sight.norm.original:
        return alone
    return Named(world.sight(said.text), alone.name, said.top, said.titled, said.notes)


def _named(sight: Sight, world: World) -> Named:
    text = sight.norm.original
    match = ENGLISH.search(text) or CHINESE.search(text)
    if match is None:
        return Named(sight)
    groups = match.groupdict()
    name = (groups.get("name") or groups.get("name2") or "").strip()
    if not name or len(name) > LONGEST:
        return Named(sight)
    rest = world.sight(text[: match.start()])
    return Named(rest, name)
