"""What public holidays are called: the package's English names, which occasion each is, and its Chinese name."""

from __future__ import annotations

import re

_BRACKETS = re.compile(r"\s*\([^)]*\)")
_FOLLOWING = re.compile(
    r"^(?:alternative holiday for|the (?:(?:first|second|third|fourth) )?\w+ (?:preceding|following|of|after)) ",
    re.IGNORECASE,
)
# Days that stand in for another: they belong to the holiday beside them.
_MOVED = re.compile(
    r"^(?:day off|substitute holiday|bridge public holiday|national holiday$|additional (?:special )?)", re.IGNORECASE
)

# Holidays that are one occasion of the shipped calendar, as a pattern of their names.
_SHIPPED = {
    "new-year": r"new year'?s (?:day|eve)|universal fraternization day|day after new year's day|new year holidays",
    "spring-festival": r"(?:.* )?(?:chinese|lunar|korean) new year(?:'s (?:day|eve))?(?: extended holiday)?",
    "mid-autumn": r"(?:.* )?(?:mid-autumn festival|chuseok)",
    "dragon-boat": r"dragon boat festival",
    "easter": r"good friday|easter (?:sunday|monday)|maundy thursday|black saturday|family day",
    "christmas-holidays": (
        r"christmas(?: day| eve)?|second day of christmas|boxing day|saint stephen's day|day of goodwill|"
        r"first weekday after christmas day"
    ),
    "eid-al-fitr": r"eid al-fitr(?: holiday| second day)?",
    "eid-al-adha": r"eid al-adha(?: holiday)?|day of arafah",
    "diwali": r"diwali",
    "thanksgiving": r"thanksgiving day",
    "golden-week": r"showa day|constitution day|greenery day|children's day",
    "national-day": r"national day(?: of the people's republic of china)?",
    "labour-day": (
        r"(?:international |national )?(?:labou?r|may|workers?'?s?'?) day|labor and solidarity day|"
        r"holiday of spring and labor"
    ),
}
_PATTERNS = {key: re.compile(pattern, re.IGNORECASE) for key, pattern in _SHIPPED.items()}
# Where a name means the shipped occasion; elsewhere it is another day.
_ONLY_IN = {"golden-week": {"JP"}, "national-day": {"CN", "HK", "MO"}}
_NOT_IN = {"labour-day": {"US", "CA", "NZ", "JP"}}
# Holidays that many countries keep on one day.
_SHARED = {
    "All Saints' Day",
    "All Souls' Day",
    "Armistice Day",
    "Ascension Day",
    "Assumption Day",
    "Corpus Christi",
    "Epiphany",
    "Immaculate Conception",
    "Islamic New Year",
    "Maundy Thursday",
    "Pentecost",
    "Pentecost Monday",
    "Prophet's Birthday",
    "Tomb-Sweeping Day",
    "Vesak Day",
}
_ONE_NAME = {
    "Anzac Day": "ANZAC Day",
    "Assumption Of Mary Day": "Assumption Day",
    "Prophet Muhammad's Birthday": "Prophet's Birthday",
    "Juneteenth National Independence Day": "Juneteenth",
}
_CHINESE = {
    "ANZAC Day": "澳新军团日",
    "All Saints' Day": "诸圣节",
    "All Souls' Day": "万灵节",
    "Armistice Day": "一战停战纪念日",
    "Ascension Day": "耶稣升天节",
    "Ashura": "阿舒拉节",
    "Assumption Day": "圣母升天节",
    "August Bank Holiday": "八月银行假日",
    "Australia Day": "澳大利亚国庆日",
    "Autumnal Equinox Day": "秋分节",
    "Birthday of HM Yang di-Pertuan Agong": "最高元首诞辰",
    "Buddha's Birthday": "佛诞日",
    "Canada Day": "加拿大国庆日",
    "Children's Day": "儿童节",
    "Columbus Day": "哥伦布日",
    "Coming of Age Day": "成人节",
    "Constitution Day": "宪法日",
    "Corpus Christi": "基督圣体节",
    "Culture Day": "文化节",
    "Double Ninth Festival": "重阳节",
    "Dussehra": "十胜节",
    "Emperor's Birthday": "天皇诞辰",
    "Epiphany": "主显节",
    "Foundation Day": "建国纪念日",
    "Freedom Day": "自由日",
    "German Unity Day": "德国统一日",
    "Hangul Day": "韩文日",
    "Heritage Day": "遗产日",
    "Holi": "洒红节",
    "Hong Kong S.A.R. Establishment Day": "香港特别行政区成立纪念日",
    "Hung Kings' Commemoration Day": "雄王祭祖节",
    "Immaculate Conception": "圣母无染原罪节",
    "Independence Day": "独立日",
    "Independence Movement Day": "三一节",
    "Islamic New Year": "伊斯兰新年",
    "Janmashtami": "黑天神诞辰",
    "June Bank Holiday": "六月银行假日",
    "Juneteenth": "六月节",
    "King's Birthday": "国王诞辰",
    "King's Day": "国王节",
    "Labor Day": "劳动节",
    "Labor Thanksgiving Day": "勤劳感谢日",
    "Labour Day": "劳动节",
    "Late Summer Bank Holiday": "夏末银行假日",
    "Liberation Day": "解放日",
    "Liberation Day/Reunification Day": "南方解放日",
    "Macao S.A.R. Establishment Day": "澳门特别行政区成立纪念日",
    "Mahatma Gandhi's Birthday": "甘地诞辰",
    "Malaysia Day": "马来西亚日",
    "Marine Day": "海之日",
    "Martin Luther King Jr. Day": "马丁·路德·金日",
    "May Bank Holiday": "五月银行假日",
    "May Day": "五一节",
    "Memorial Day": "阵亡将士纪念日",
    "Midsummer Day": "仲夏节",
    "Midsummer Eve": "仲夏节前夕",
    "Mountain Day": "山之日",
    "National Day": "国庆日",
    "National Foundation Day": "开天节",
    "National Heroes Day": "国家英雄日",
    "October Bank Holiday": "十月银行假日",
    "Our Lady of Aparecida": "圣母显灵日",
    "Peace Memorial Day": "和平纪念日",
    "Pentecost": "圣灵降临节",
    "Pentecost Monday": "圣灵降临节星期一",
    "Pesach": "逾越节",
    "Prophet's Birthday": "圣纪节",
    "Queen's Birthday": "女王诞辰",
    "Reformation Day": "宗教改革日",
    "Republic Day": "共和国日",
    "Republic Proclamation Day": "共和国成立日",
    "Respect for the Aged Day": "敬老日",
    "Revolution Day": "革命日",
    "Rosh Hashanah": "犹太新年",
    "Saint Patrick's Day": "圣帕特里克节",
    "Songkran Festival": "泼水节",
    "Sports Day": "体育节",
    "Physical Education Day": "体育节",
    "Spring Bank Holiday": "春季银行假日",
    "Sukkot": "住棚节",
    "Tiradentes' Day": "蒂拉登特斯日",
    "Tomb-Sweeping Day": "清明节",
    "Vernal Equinox Day": "春分节",
    "Vesak Day": "卫塞节",
    "Veterans Day": "退伍军人节",
    "Victory Day": "胜利日",
    "Waitangi Day": "怀唐伊日",
    "Washington's Birthday": "总统日",
    "Women's Day": "妇女节",
    "Yom Kippur": "赎罪日",
    "Youth Day": "青年节",
}


def canonical(name: str) -> str | None:
    """The holiday's name without how its day came to be off; None for a day that only stands in for another."""
    bare = _FOLLOWING.sub("", _BRACKETS.sub("", name))
    return None if _MOVED.search(bare) else _ONE_NAME.get(bare, bare)


def occasion_key(name: str, country: str) -> str:
    """The shipped occasion that a holiday is, else a key of its own: many countries have an Independence Day."""
    for key, pattern in _PATTERNS.items():
        here = country in _ONLY_IN.get(key, {country}) and country not in _NOT_IN.get(key, ())
        if here and pattern.fullmatch(name):
            return key
    slug = re.sub(r"[\W_]+", "-", re.sub(r"['’.]", "", name.casefold())).strip("-")
    return slug if name in _SHARED else f"{slug}-{country.lower()}"


def chinese(name: str) -> str:
    """Empty where it is not known."""
    return _CHINESE.get(name, "")
