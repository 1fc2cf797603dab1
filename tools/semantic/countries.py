"""Countries by every name that people give them, in English and Chinese."""

from __future__ import annotations

import re
from functools import cache

from babel import Locale

from tools.messages import Label

# Names that neither ISO nor Babel gives, by ISO 3166 code.
OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "GB": ("UK", "U.K.", "Great Britain", "Britain", "British", "大不列颠", "不列颠"),
    "US": ("USA", "U.S.", "U.S.A.", "United States of America", "America", "American", "the States", "美利坚"),
    "IE": ("Eire", "Republic of Ireland", "Irish"),
    "DE": ("German", "Deutschland"),
    "FR": ("French",),
    "NL": ("Holland", "Dutch", "The Netherlands", "Nederland"),
    "AE": ("UAE", "U.A.E.", "Emirates", "阿联酋"),
    "ZA": ("RSA", "South African"),
    "CZ": ("Czech Republic", "Czech", "捷克共和国"),
    "KR": ("Korea", "South Korea", "Korean", "韩国", "南韩"),
    "HK": ("Hong Kong", "香港"),
    "MO": ("Macau", "Macao", "澳门"),
    "TW": ("Taiwan", "台湾"),
    "AU": ("Australian", "澳洲"),
    "NZ": ("New Zealand",),
    "ES": ("Spanish",),
    "IT": ("Italian",),
    "PT": ("Portuguese",),
    "CH": ("Swiss",),
    "BE": ("Belgian",),
    "AT": ("Austrian",),
    "DK": ("Danish",),
    "SE": ("Swedish",),
    "NO": ("Norwegian",),
    "FI": ("Finnish",),
    "PL": ("Polish",),
    "GR": ("Greek",),
    "JP": ("Japanese",),
    "CN": ("Chinese", "Mainland China", "PRC", "中国大陆"),
    "SG": ("Singaporean", "新加坡"),
    "CA": ("Canadian",),
    "BR": ("Brazilian",),
    "IL": ("Israeli",),
    "IS": ("Icelandic",),
    "RU": ("Russian",),
    "IN": ("Indian",),
    "TR": ("Turkey", "Turkish"),
}


@cache
def territories() -> dict[str, tuple[str, ...]]:
    """ISO 3166 code → names in English and Chinese (Babel's CLDR tables, and the trade's other names)."""
    english, chinese = Locale.parse("en").territories, Locale.parse("zh").territories
    found: dict[str, tuple[str, ...]] = {}
    for code, name in english.items():
        if len(code) != 2 or not code.isalpha() or code in ("EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"):
            continue
        plain = re.sub(r"\s*\(.*?\)", "", str(name)).replace("&", "and")
        zh = str(chinese.get(code, "")).removesuffix("特别行政区")
        names = {str(name), plain, zh, zh.removeprefix("中国") if zh != "中国" else zh, *OTHER_NAMES.get(code, ())}
        found[code] = tuple(sorted(n for n in names if n))
    return found


@cache
def _codes() -> dict[str, str]:
    return {name.casefold(): code for code, names in territories().items() for name in names}


def territory(value: str) -> str | None:
    """The ISO 3166 code of a country by any of its names, else None."""
    return _codes().get(value.casefold()) or (value if value in territories() else None)


def country_label(value: str) -> Label | None:
    """A country's name in both languages as CLDR has it; None for what is no country."""
    code = territory(value)
    if code is None:
        return None
    chinese = str(Locale.parse("zh").territories.get(code, "")).removeprefix("中国") if code != "CN" else "中国"
    return Label(str(Locale.parse("en").territories[code]), chinese.removesuffix("特别行政区"))
