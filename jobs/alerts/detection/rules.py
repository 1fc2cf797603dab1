"""What a monitor may ask for. Rules are values: they compare, hash and say nothing of stores or words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Direction = Literal["up", "down", "both"]
Against = Literal["step before", "season before", "mean of last"]

# False alarms in a year and series that a learned rule may make, from calm to sharp.
LADDER = (1.0, 2.0, 4.0, 12.0, 26.0)
MILDER = 1.25  # a changed threshold of a relative change
NEARER = 0.05  # by which a level is moved where it already speaks at once


@dataclass(frozen=True)
class Threshold:
    """Speaks when a value lies above, or below, a level for `steps` steps in a row."""

    level: float
    direction: Literal["up", "down"]
    steps: int = 1


@dataclass(frozen=True)
class Change:
    """Speaks when a value differs by more than a `share` (0.3 is 30 %) of what it is compared with.

    That is the step before, the same step of the longest season before (last week's weekday, or hour), or the mean of
    the last `last` steps. Differences below `least`, in the value's own unit, are too small to tell.
    """

    share: float
    direction: Direction
    against: Against = "season before"
    last: int = 28
    least: float = 0.0
    steps: int = 1


@dataclass(frozen=True)
class Learned:
    """Speaks when a value lies outside what the series itself makes usual.

    `per_year`: false alarms in a year and series that are accepted. A deviation speaks from `least_share` of the
    series' usual value, and from `least` in its own unit, for `steps` steps in a row.
    """

    per_year: float = 4.0
    direction: Direction = "both"
    least_share: float = 0.05
    least: float = 0.0
    steps: int = 1


@dataclass(frozen=True)
class Missing:
    """Speaks when steps that usually have a value have had none for `steps` steps in a row."""

    steps: int = 1


Rule = Threshold | Change | Learned | Missing


def calmer(rule: Rule) -> Rule:
    """The same rule, speaking less often."""
    match rule:
        case Learned():
            fewer = [rate for rate in LADDER if rate < rule.per_year]
            return replace(rule, per_year=fewer[-1] if fewer else rule.per_year / 2)
        case Change():
            return replace(rule, share=rule.share * MILDER)
        case Threshold() | Missing():
            return replace(rule, steps=rule.steps + 1)


def sharper(rule: Rule) -> Rule:
    """The same rule, speaking more often; one of missing values that speaks at once stays as it is."""
    match rule:
        case Learned():
            more = [rate for rate in LADDER if rate > rule.per_year]
            return replace(rule, per_year=more[0] if more else rule.per_year * 2)
        case Change():
            return replace(rule, share=rule.share / MILDER)
        case Threshold() if rule.steps == 1:
            nearer = NEARER * abs(rule.level)
            return replace(rule, level=rule.level - nearer if rule.direction == "up" else rule.level + nearer)
        case Threshold() | Missing():
            return replace(rule, steps=max(rule.steps - 1, 1))
