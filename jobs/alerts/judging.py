"""Verdicts on the series of monitors, many at once: what detection learns of series, it learns of all in one pass."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np

from jobs.alerts.detection.baseline import Baseline, learned
from jobs.alerts.detection.family import budgeted
from jobs.alerts.detection.judging import judged
from jobs.alerts.detection.rules import Learned, Rule
from jobs.alerts.detection.scale import Scale
from jobs.alerts.detection.series import Panel
from jobs.alerts.detection.verdicts import Verdicts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jobs.alerts.detection.series import Bools, Floats, Integers
    from jobs.alerts.watching import Watched


def applied(watched: Watched) -> Rule:
    """The rule that each series is judged by: all of them together make no more false alarms than are accepted."""
    rule = watched.definition.rule
    return budgeted(rule, len(watched.paths), rule.per_year) if isinstance(rule, Learned) else rule


def judged_all(watched: Sequence[Watched]) -> tuple[Verdicts, ...]:
    """Of each monitor's series on all their steps, in the given order; the same as of each by itself."""
    found = {at: judged(one.panel, one.definition.rule) for at, one in enumerate(watched) if not _learns(one)}
    for together in _alike(watched):
        panel = _stacked([watched[at] for at in together])
        baseline = learned(panel)
        ends = np.cumsum([len(watched[at].paths) for at in together])
        rows = {at: np.arange(end - len(watched[at].paths), end) for at, end in zip(together, ends, strict=True)}
        by_rule: dict[Rule, list[int]] = {}
        for at in together:
            by_rule.setdefault(applied(watched[at]), []).append(at)
        for rule, some in by_rule.items():
            chosen = np.concatenate([rows[at] for at in some])
            verdicts = judged(_panel_of(panel, chosen), rule, _baseline_of(baseline, chosen))
            begin = 0
            for at in some:
                found[at] = _verdicts_of(verdicts, slice(begin, begin + len(rows[at])))
                begin += len(rows[at])
    return tuple(found[at] for at in range(len(watched)))


def _learns(watched: Watched) -> bool:
    return isinstance(watched.definition.rule, Learned)


def _alike(watched: Sequence[Watched]) -> list[list[int]]:
    """Those that learn, by the steps that they have in common."""
    found: dict[tuple[object, ...], list[int]] = {}
    for at, one in enumerate(watched):
        if _learns(one):
            found.setdefault((one.panel.grain, one.steps[0], one.steps[-1]), []).append(at)
    return list(found.values())


def _stacked(watched: Sequence[Watched]) -> Panel:
    """Their series as one panel; each follows its own calendar."""
    panels = [one.panel for one in watched]
    calendars: dict[tuple[object, ...], int] = {}
    known: list[Floats] = []
    for one in watched:
        if one.calendar not in calendars:
            calendars[one.calendar] = len(known)
            known.append(_known(one.panel))
    most = max(len(events) for events in known)
    exposed = any(panel.exposure is not None for panel in panels)
    marked = any(panel.normal is not None for panel in panels)
    return Panel(
        values=np.concatenate([panel.values for panel in panels]),
        grain=panels[0].grain,
        partial=np.concatenate([_partial(panel) for panel in panels]),
        known=np.stack([np.pad(events, ((0, most - len(events)), (0, 0))) for events in known]),
        exposure=np.concatenate([_exposure(panel) for panel in panels]) if exposed else None,
        normal=np.concatenate([panel.flags(panel.normal) for panel in panels]) if marked else None,
        calendar=np.repeat([calendars[one.calendar] for one in watched], [len(one.paths) for one in watched]),
    )


def _known(panel: Panel) -> Floats:
    return np.zeros((0, panel.steps)) if panel.known is None else panel.known


def _partial(panel: Panel) -> Bools:
    if panel.partial is None:
        return np.zeros(panel.values.shape, dtype=bool)
    return np.broadcast_to(panel.partial, panel.values.shape)


def _exposure(panel: Panel) -> Floats:
    """Counted on the same at each step is as good as not known on what."""
    return np.ones(panel.values.shape) if panel.exposure is None else panel.exposure


def _panel_of(panel: Panel, rows: Integers) -> Panel:
    """Some of the series; rules look at no event and no exposure any more."""
    return Panel(
        values=panel.values[rows],
        grain=panel.grain,
        partial=None if panel.partial is None else panel.partial[rows],
        normal=None if panel.normal is None else panel.normal[rows],
    )


def _baseline_of(baseline: Baseline, rows: Integers) -> Baseline:
    scale = Scale(**{one.name: getattr(baseline.scale, one.name)[rows] for one in fields(Scale)})
    rest = {one.name: getattr(baseline, one.name)[rows] for one in fields(Baseline) if one.name != "scale"}
    return Baseline(scale=scale, **rest)


def _verdicts_of(verdicts: Verdicts, rows: slice) -> Verdicts:
    return Verdicts(**{one.name: getattr(verdicts, one.name)[rows] for one in fields(Verdicts)})
