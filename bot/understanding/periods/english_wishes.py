"""English wishes about time: buckets, comparisons, recurrences, and ranges counted from the one spoken of before."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.understanding.periods.english import LEFT, LETTER, LONG_UNIT, RIGHT, UNIT, D, M, W, grain_of, rule
from bot.understanding.periods.node import Build, Node, Rule, Setting, nowhere
from bot.understanding.periods.readings import against, baseline, previous_by, wish

if TYPE_CHECKING:
    from tools.semantic.periods import Grain

_ADVERBS: dict[str, Grain] = {
    "daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter", "yearly": "year", "annually": "year",
    "annual": "year",
}  # fmt: skip
_OVER: dict[str, Grain] = {"d": "day", "w": "week", "m": "month", "q": "quarter"}
_CHANGED = (
    "(?:up|down|changed?|changes|changing|growth|grow|grew|grown|increased?|decreased?|declined?|rise|rose|fall|fell|drop|dropped|"
    "differ|difference|different|improved?|better|worse|higher|lower)"
)
_COMPARED = (
    r"(?:(?:compare[ds]?|comparing|comparison|relative)\s+(?:with|to|against)|as against|vs\.?|versus|against|than|"
    rf"{_CHANGED}\s+(?:from|over|on|versus))(?:\s+(?:that of|those of|in|the one))*\s+(?:the\s+|our\s+)?"
)
# "vs last year's Q3" names a period, no baseline.
_NO_PART = rf"(?!\s*(?:'s|,|of|in)?\s*(?:the\s+)?(?:{M}{RIGHT}|q[1-4]|h[12]|{D}(?:st|nd|rd|th)|christmas|{W}))"
_SAME = r"(?:the )?(?:same|corresponding|equivalent) (?:periods?|time|months?|quarters?|weeks?|days?)"


def _bucket(m: re.Match[str], _: Setting) -> Node | None:
    return wish(grain_of(m["unit"]))


def _adverb(m: re.Match[str], _: Setting) -> Node | None:
    return wish(_ADVERBS[m["word"]], 0.8 if m["word"] == "annual" else 1.0)


def _daily(_: re.Match[str], __: Setting) -> Node | None:
    return wish("day")


def _each(grain: Grain) -> Build:
    return lambda _, __: Node(nowhere, kind="each", grain=grain)


def _year_ago(_: re.Match[str], __: Setting) -> Node | None:
    return baseline("year_ago")


def _previous_period(_: re.Match[str], __: Setting) -> Node | None:
    return baseline("previous_period")


def _unit_over_unit(m: re.Match[str], _: Setting) -> Node | None:
    grain = grain_of(m["unit"])
    return baseline("year_ago" if grain == "year" else "previous_period", grain)


def _over(m: re.Match[str], _: Setting) -> Node | None:
    letter = m["letter"]
    return baseline("year_ago", "year") if letter == "y" else baseline("previous_period", _OVER[letter])


def _against(m: re.Match[str], s: Setting) -> Node | None:
    if m["yesterday"]:
        return against(s, "day", counted=True)
    return against(s, grain_of(m["unit"]), counted=m["which"] == "last")


def _compare_with(m: re.Match[str], s: Setting) -> Node | None:
    """ "Compare November with last year": the verb stands earlier."""
    if not re.search(rf"{LEFT}(?:compar|contrast|measure|match|benchmark)\w*{RIGHT}[^.?!;]*$", m.string[: m.start()]):
        return None
    return against(s, grain_of(m["unit"]), counted=m["which"] == "last")


def _against_many(m: re.Match[str], _: Setting) -> Node | None:
    """ "Vs previous 30 days": of 30 days, the period before; of others, a time of its own (`leaning.py`)."""
    before = m.groupdict().get("which") != "last"
    return replace(baseline("previous_period"), counted=(grain_of(m["unit"]), int(m["n"])), before=before)


def _against_before(m: re.Match[str], s: Setting) -> Node | None:
    return against(s, grain_of(m["unit"]), counted=False)


def _before(m: re.Match[str], _: Setting) -> Node | None:
    number = m.groupdict().get("n") or "1"
    n = int(number) if number.isdigit() else 1
    return previous_by(grain_of(m["unit"]), -n if m["way"] in ("before", "earlier", "before that") else n)


def _range_before(m: re.Match[str], _: Setting) -> Node | None:
    n = int(m["n"])
    node = previous_by(grain_of(m["unit"]), n if m["way"] in ("after", "following") else -n)
    return replace(node, ranged=True)


def _the_same(m: re.Match[str], _: Setting) -> Node | None:
    return previous_by(grain_of(m["unit"]), 0)


def _following(m: re.Match[str], _: Setting) -> Node | None:
    return previous_by(grain_of(m["unit"]), 1)


RULES: tuple[Rule, ...] = (
    # Buckets.
    rule(
        r"(?:by|per|each|every|for each|for every|(?:broken|split) (?:down )?(?:by|into)|grouped by|aggregated by)\s+"
        rf"(?:the\s+)?(?:calendar\s+)?{UNIT}s?(?! of (?:the )?(?:week|month|year))(?![\s-]+end)",
        _bucket,
    ),
    rule(rf"{UNIT}[\s-]by[\s-](?P=unit)", _bucket),
    rule(r"(?:on an? )?(?P<word>daily|weekly|monthly|quarterly|yearly|annually|annual)(?: basis)?", _adverb),
    rule(r"(?:every (?:morning|evening|night)|by date)", _daily),
    # Recurrences.
    rule(rf"(?:(?:every|each)\s+{W}s?(?: morning| evening)?|on {W}s)", _each("week")),
    rule(
        rf"(?:every|each) month on the {D}(?:st|nd|rd|th)|on the {D}(?:st|nd|rd|th) of (?:every|each) month",
        _each("month"),
    ),
    # Comparisons.
    rule(rf"(?:the\s+)?{UNIT}[\s-](?:over|on)[\s-](?P=unit)", _unit_over_unit),
    rule(r"(?P<letter>[dwmqy])(?:o(?P=letter)|/(?P=letter)|-o-(?P=letter))", _over),
    rule(rf"(?:{_COMPARED})?{_SAME}(?: of| in)?(?: the)? (?:last|previous) year", _year_ago),
    rule(rf"(?:{_COMPARED})?{_SAME}(?: a| 1|, 1)? year (?:ago|earlier|before)", _year_ago),
    rule(rf"{_COMPARED}(?:a|1) year (?:ago|earlier|before)", _year_ago),
    rule(rf"{_COMPARED}(?:previous|last|earlier) (?:period|1)", _previous_period),
    rule(
        rf"{_COMPARED}(?:(?P<which>last|previous) (?:calendar )?{LONG_UNIT}|(?P<yesterday>yesterday)){_NO_PART}",
        _against,
    ),
    rule(rf"{_COMPARED}{UNIT} (?:before|earlier)(?: that)?(?! (?:last|yesterday))", _against_before),
    rule(
        rf"(?:with|to|against)\s+(?:the\s+)?(?P<which>last|previous) (?:calendar )?{LONG_UNIT}{_NO_PART}",
        _compare_with,
    ),
    rule(rf"{_COMPARED}(?P<which>last|previous)\s+(?P<n>\d{{1,4}})[\s-]*{UNIT}s?", _against_many),
    rule(rf"{_COMPARED}(?P<n>\d{{1,4}})[\s-]*{UNIT}s? (?:before|earlier|previous)(?: that)?", _against_many),
    rule(rf"(?:{_COMPARED})?(?:last|previous)(?: year's)? (?:ytd|mtd|qtd|wtd)", _year_ago),
    # Counted from the range spoken of before.
    rule(
        rf"(?:the |a )?{UNIT} (?P<way>before|after)(?: that| this| it)?"
        rf"(?=\s*(?:$|[^\s{LETTER}]|(?:and|in|for){RIGHT}))",
        _before,
    ),
    rule(rf"(?P<n>\d{{1,3}}|an?) {UNIT}s? (?P<way>earlier|later|before that|after that)", _before),
    rule(
        rf"the (?P<n>[1-9]\d{{0,2}}) {UNIT}s? (?P<way>before|prior|preceding|after|following)(?: to)?"
        r"(?: that| this| it| these)?"
        rf"(?=\s*(?:$|[^\s{LETTER}]|(?:and|in|for){RIGHT}))",
        _range_before,
    ),
    rule(rf"the following {UNIT}", _following),
    rule(rf"(?:(?:on|in|for|during|of) )?that (?:same |very |whole )?{UNIT}(?!\s+(?:before|after))", _the_same),
)
