"""Recall of planted anomalies at one false alarm in a series and quarter."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from bench._alerts_peers import METHODS, Floats, Method, ours
from bench._alerts_series import JUDGED, KINDS, SIZES, Daily, daily_series, halves, with_anomalies, with_promotions
from jobs.alerts.detection.judging import backtest, judged
from jobs.alerts.detection.rules import Learned
from jobs.alerts.detection.series import Panel

PER_QUARTER = 1.0
QUARTERS = JUDGED / 91
DRAWS = range(1, 11)
PARTIAL_DAYS = 26
SERIES = 500
PAUSE = 2  # days without an alarm that do not end an episode


@dataclass
class Found:
    hits: dict[tuple[str, str], list[bool]] = field(default_factory=dict)
    delays: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    false_alarms: float = 0.0
    promotions: int = 0
    promotion_days: int = 0
    seconds: float = 0.0


def compare(*, full: bool, methods: Iterable[str] = tuple(METHODS)) -> dict[str, Found]:
    _tuning, reporting = halves(daily_series())
    if not full:
        reporting = reporting[::2]
    return {name: _measured(METHODS[name], reporting) for name in methods}


def _measured(method: Method, reporting: Sequence[Daily]) -> Found:
    started = time.perf_counter()
    found = Found()
    untouched = [method(one) for one in reporting]
    # Each series has its own, so that no method spends its false alarms on the few series that it fits worst.
    thresholds = [_threshold(scores) for scores in untouched]
    alarms = [_episodes(scores, own) for scores, own in zip(untouched, thresholds, strict=True)]
    found.false_alarms = float(np.mean(alarms)) / QUARTERS
    for size in SIZES:
        for one, own, before in zip(reporting, thresholds, untouched, strict=True):
            made = with_anomalies(one, size)
            # What the untouched series gives as well is no merit.
            scores = np.where(np.abs(before) > own, 0.0, method(made))
            for planted in made.planted:
                inside = scores[planted.first - made.since : planted.last + 1 - made.since]
                hit = np.flatnonzero((inside if planted.upward else -inside) > own)
                found.hits.setdefault((planted.kind, size), []).append(bool(len(hit)))
                if len(hit):
                    found.delays.setdefault((planted.kind, size), []).append(int(hit[0]))
    for one, own in zip(reporting, thresholds, strict=True):
        days = _on_promotions(method, one, 0)
        found.promotions += int((days > own).sum())
        found.promotion_days += len(days)
    found.seconds = time.perf_counter() - started
    return found


def _on_promotions(method: Method, one: Daily, draw: int) -> Floats:
    """How far off the days of planted promotions are."""
    made = with_promotions(one, draw)
    return np.asarray(np.abs(method(made)[np.array(made.promotions) - made.since]))


def _threshold(scores: Floats) -> float:
    """The least one at which an untouched series has one episode in a quarter."""
    low, high = 0.0, float(np.abs(scores).max()) + 1
    for _ in range(50):
        middle = (low + high) / 2
        rate = _episodes(scores, middle) / QUARTERS
        low, high = (middle, high) if rate > PER_QUARTER else (low, middle)
    return high


def _episodes(scores: Floats, threshold: float) -> int:
    out = np.flatnonzero(np.abs(scores) > threshold)
    return int(len(out) and 1 + (np.diff(out) > PAUSE + 1).sum())


def told(results: dict[str, Found]) -> None:
    for size in SIZES:
        print(f"\n{size:8}" + "".join(f"{kind:>18}" for kind in KINDS) + "               all")
        for name, found in results.items():
            hits = [found.hits[kind, size] for kind in KINDS]
            delays = [found.delays.get((kind, size), []) for kind in KINDS]
            cells = [_cell(h, d) for h, d in zip(hits, delays, strict=True)]
            every = _cell([x for h in hits for x in h], [x for d in delays for x in d])
            print(f"  {name:22}"[:24] + "".join(f"{cell:>18}" for cell in (*cells, every)))
    print(f"\n{'':24}{'false alarms a quarter':>24}{'alarms on promotion days':>28}{'seconds':>10}")
    for name, found in results.items():
        promotions = f"{found.promotions} of {found.promotion_days}"
        print(f"  {name:22}{found.false_alarms:24.2f}{promotions:>28}{found.seconds:10.0f}")


def _cell(hits: Sequence[bool], delays: Sequence[int]) -> str:
    delay = f"{np.mean(delays):.1f} d" if delays else "–"
    return f"{np.mean(hits):.0%} ({delay})"


def tell_own(*, full: bool) -> None:
    """What only ours promises: its stated rate, silence on promotions and on partial days, and its pace."""
    _tuning, reporting = halves(daily_series())
    reporting = reporting if full else reporting[::2]
    rule, rng = Learned(), np.random.default_rng(1)
    made, partial_days, partial_alarms = 0, 0, 0
    promotions: list[bool] = []
    for one in reporting:
        own = _threshold(ours(one))
        promotions += [bool(far > own) for draw in DRAWS for far in _on_promotions(ours, one, draw)]
        made += len(backtest(Panel.of(one.values, known=one.known), rule, JUDGED).found[0])
        values, partial = one.values.copy(), np.zeros(len(one.values), dtype=bool)
        partial[rng.choice(np.arange(one.since, len(values)), PARTIAL_DAYS, replace=False)] = True
        values[partial] *= rng.uniform(0.1, 0.8, PARTIAL_DAYS)
        verdicts = judged(Panel.of(values, partial=partial, known=one.known), rule)
        partial_days += PARTIAL_DAYS
        partial_alarms += int(verdicts.alarm[0, partial].sum())
    quarters = len(reporting) * QUARTERS
    print(f"\n  ours, as it is set (stated: {rule.per_year / 4:.1f} a quarter): {made / quarters:.2f} alarms a quarter")
    print(f"  alarms on days of promotions, drawn {len(DRAWS)} times more: {sum(promotions)} of {len(promotions)}")
    print(f"  alarms on partial days: {partial_alarms} of {partial_days}")
    many = Panel(rng.poisson(50, (SERIES, 730)).astype(float))
    for what, panel in ((f"{SERIES} series of two years", many), ("one", Panel(many.values[:1]))):
        started = time.process_time()
        backtest(panel, rule, 90)
        print(f"  {what}, judged and backtested over 90 days: {time.process_time() - started:.2f} s of one core")
