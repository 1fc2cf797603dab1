"""Many series watched at once: how many false alarms they may make together, and the narrowest cause of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from jobs.alerts.detection.rules import Learned
from jobs.alerts.detection.series import Bools, Floats
from jobs.alerts.detection.verdicts import Verdict

EXPLAINS = 0.6  # of the parent's deviation that a cause has to account for
OVERSHOOT = 1.6  # beyond it, others make up for what the child did
RARE = 0.02  # a child's own rarity that makes it a cause


def budgeted(rule: Learned, series: int, together_per_year: float) -> Learned:
    """The rule with its part of the false alarms that all series may make in a year.

    What is expected of a sum is the sum of what is expected, however the series hang together (Bonferroni): all of them
    make no more than `together_per_year` false alarms, and each no more than its own rule allows.
    """
    return replace(rule, per_year=min(rule.per_year, together_per_year / max(series, 1)))


def accepted(rarities: Floats, share: float) -> Bools:
    """Which of a step's alarms, shape (S,), stand when at most `share` of them may be false.

    Benjamini & Yekutieli (2001), which holds whatever the dependence of the series; NaN: no verdict.
    """
    found = np.asarray(rarities, dtype=np.float64)
    given = np.isfinite(found)
    count = int(given.sum())
    out = np.zeros(found.shape, dtype=bool)
    if not count:
        return out
    ordered = np.sort(found[given])
    rank = np.arange(1, count + 1)
    harmonic = float((1.0 / rank).sum())
    passes = np.flatnonzero(ordered <= share * rank / (count * harmonic))
    if len(passes):
        out[given] = found[given] <= ordered[passes[-1]]
    return out


@dataclass(frozen=True)
class Child:
    """A part of a parent series, by the path of dimensions and values that leads to it, and its verdict."""

    path: tuple[tuple[str, str], ...]
    verdict: Verdict


@dataclass(frozen=True)
class Cause:
    """The narrowest part that accounts for a parent's deviation; `path` () is the parent as a whole.

    `share` is the part of the parent's deviation that lies in it. `merged` are the children whose alarms are the same
    incident.
    """

    path: tuple[tuple[str, str], ...]
    share: float
    merged: tuple[tuple[tuple[str, str], ...], ...]


def narrowest(parent: Verdict, children: Sequence[Child]) -> Cause:
    """One incident of a parent and its children, and where it comes from.

    A child is a cause when it is itself far from usual, on the parent's side, and accounts for most of the parent's
    deviation while being a lesser part of the parent than of the deviation. Of several the one with the longest path
    wins, then the one that is the smallest part of the parent (explanatory power and succinctness: Bhagwan et al.
    2014, Adtributor).
    """
    gap = parent.value - parent.expected
    merged = tuple(
        child.path for child in children if child.verdict.alarm and child.verdict.standing == parent.standing
    )
    if not np.isfinite(gap) or gap == 0:
        return Cause((), 1.0, merged)
    fitting: list[tuple[int, float, float, Child]] = []
    for child in children:
        share = (child.verdict.value - child.verdict.expected) / gap
        part = child.verdict.expected / parent.expected if parent.expected else 0.0
        unusual = child.verdict.alarm or child.verdict.rarity < RARE
        if unusual and EXPLAINS <= share <= OVERSHOOT and part < share:
            fitting.append((-len(child.path), part, share, child))
    if not fitting:
        return Cause((), 1.0, merged)
    _length, _part, share, child = min(fitting, key=lambda one: (one[0], one[1], one[3].path))
    return Cause(child.path, share, merged)
