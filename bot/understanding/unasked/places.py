"""Time zones, languages and countries of holidays, as people name them: London time · 北京时间 · in Chinese."""

from __future__ import annotations

import re
from functools import cache
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global

from bot.understanding.unasked.sentence import Doubt, Sentence
from tools.messages import say
from tools.semantic.countries import territory

# Zones of short and usual names. CST is both Chinese and American, so it is asked back.
SHORT = {
    **dict.fromkeys(("utc", "gmt", "zulu", "协调世界时", "格林威治", "格林尼治"), "UTC"),
    **dict.fromkeys(("bst", "uk", "british", "英国"), "Europe/London"),
    **dict.fromkeys(("cet", "cest", "central european", "german", "germany", "德国", "欧洲中部"), "Europe/Berlin"),
    **dict.fromkeys(("est", "edt", "et", "eastern", "us eastern", "美东", "美国东部"), "America/New_York"),
    **dict.fromkeys(("pst", "pdt", "pt", "pacific", "us pacific", "美西", "美国西部"), "America/Los_Angeles"),
    **dict.fromkeys(
        ("beijing", "peking", "china", "chinese", "北京", "中国", "上海", "深圳", "东八区"), "Asia/Shanghai"
    ),
    **dict.fromkeys(("jst", "tokyo", "东京"), "Asia/Tokyo"),
}
UNSURE = {"cst": ("Asia/Shanghai", "America/Chicago"), "ist": ("Asia/Kolkata", "Europe/Dublin")}
NAMED = re.compile(
    r"\b(?:in |of |by )?(?P<zone>(?:africa|america|asia|australia|europe|pacific|atlantic|"
    r"indian)/[a-z_/]+)(?: time(?: ?zone)?)?\b"
)
ABBREVIATED = re.compile(
    r"(?<![a-z])(?:in )?(?P<zone>utc|gmt|cet|cest|bst|est|edt|pst|pdt|et|pt|jst|cst|"
    r"ist)(?:[ ]?time(?: ?zone)?)?(?![a-z+])(?!\s*[+-]\s*\d)"
)
OFFSET = re.compile(r"(?<![a-z])(?:utc|gmt)\s*[+-]\s*\d{1,2}(?::\d{2})?")
EN_TIME = re.compile(r"\b(?:in |on )?(?:the )?(?P<zone>[a-z]+(?: [a-z]+)?)(?: local)? time(?: ?zone)?\b")
ZH_TIME = re.compile(r"(?:按照?|用|以)?(?P<zone>[\u4e00-\u9fff]{2,6}?)(?:当地)?(?:时间|时区)")
LOCAL = re.compile(
    r"\b(?:my|our|local|the) (?:local )?time(?: ?zone)?\b|(?:按|用)?(?:我的|本地|当地|我们的)(?:时间|时区)"
)
NO_ZONE = frozenset(
    {
        "any",
        "some",
        "the",
        "this",
        "that",
        "same",
        "every",
        "each",
        "what",
        "first",
        "all",
        "day",
        "one",
        "of",
        "response",
        "next",
        "last",
    }
)
CHINESE = re.compile(
    r"\b(?:(?:in|to|into|written in) (?:simplified )?chinese|chinese (?:version|language)|in mandarin)\b|(?:用|"
    r"以|要|改成|换成|发)?(?:简体)?中文(?:版的?|发送|发|写|的|语言)?|汉语"
)
ENGLISH = re.compile(
    r"\b(?:(?:in|to|into|written in) english|english (?:version|language))\b|(?:用|以|要|改成|换成|"
    r"发)?英(?:文|语)(?:版的?|"
    r"发送|发|写|的)?"
)
OTHER_LANGUAGE = re.compile(
    r"\bin (?P<name>german|french|spanish|italian|japanese|korean|portuguese|dutch|russian|arabic)\b|(?:用|"
    r"以)?(?P<zh>德文|德语|法文|法语|日文|日语|韩文|韩语|西班牙语)(?:版|发|写)?"
)


def time_zone(sentence: Sentence) -> tuple[str | None, Doubt | None]:
    """The IANA name of the zone that is named, taken from the sentence; or what is unclear about it."""
    if sentence.take(LOCAL) is not None:
        return None, None
    if OFFSET.search(sentence.rest):
        return None, Doubt(say("Name the timezone by a city, please, for example: London time."))
    match = sentence.take(NAMED)
    if match is not None:
        known = {zone.lower(): zone for zone in available_timezones()}
        zone = known.get(match["zone"])
        return zone, None if zone else _unknown(match["zone"])
    match = sentence.take(ABBREVIATED)
    if match is not None:
        name = match["zone"]
        if name in UNSURE:
            choices = tuple((say("{zone}", zone=zone), {"timezone": zone}) for zone in UNSURE[name])
            return None, Doubt(say("“{name}” stands for several timezones. Which one?", name=name.upper()), choices)
        return SHORT[name], None
    for pattern in (EN_TIME, ZH_TIME):
        for found in pattern.finditer(sentence.rest):
            for start in _starts(found["zone"]):
                zone = _zone(found["zone"][start:])
                name = found["zone"][start:]
                if zone is None and territory(name) is None:
                    continue
                sentence.drop(found.start("zone") + start, found.end())
                return zone, None if zone else Doubt(
                    say("{place} has several timezones. Name a city, for example: London time.", place=name)
                )
    return None, None


def language(sentence: Sentence) -> tuple[str | None, Doubt | None]:
    if sentence.take(CHINESE) is not None:
        return "zh", None
    if sentence.take(ENGLISH) is not None:
        return "en", None
    match = sentence.take(OTHER_LANGUAGE)
    if match is None:
        return None, None
    choices = ((say("In English"), {"language": "en"}), (say("In Chinese"), {"language": "zh"}))
    return None, Doubt(say("Digests are written in English or in Chinese. Which one?"), choices)


def country_code(name: str) -> str | None:
    """The ISO code of a country's name, in either language."""
    return territory(name.strip()) or {"english": "GB", "中国法定": "CN", "法定": None}.get(name.strip())


def _starts(name: str) -> list[int]:
    """Where the zone's name may begin in the words before “time”: "8:30 london time", 早上八点伦敦时间."""
    if name.isascii():
        return [0, *(m.end() for m in re.finditer(" ", name))]
    return list(range(len(name) - 1))


def _zone(name: str) -> str | None:
    if name in NO_ZONE:
        return None
    return SHORT.get(name) or _cities().get(name) or _of_country(name)


def _of_country(name: str) -> str | None:
    code = territory(name)
    zones = get_global("territory_zones").get(code, []) if code else []
    return zones[0] if len(zones) == 1 else None


@cache
def _cities() -> dict[str, str]:
    """Cities that zones are called after, in English and Chinese."""
    zones = available_timezones()
    found = {zone.rpartition("/")[2].replace("_", " ").lower(): zone for zone in sorted(zones) if "/" in zone}
    for code in ("en", "zh"):
        for zone, names in Locale.parse(code).time_zones.items():
            city = names.get("city")
            if city and zone in zones:
                found[str(city).lower()] = zone
    return found


def _unknown(name: str) -> Doubt:
    return Doubt(say("I do not know the timezone “{name}”. Name a city, for example: London time.", name=name))
