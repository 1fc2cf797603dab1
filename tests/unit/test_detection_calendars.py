"""Events of the calendar: each series follows its own, and none is learned before the level is."""

from __future__ import annotations

import numpy as np

from jobs.alerts.detection.baseline import learned
from jobs.alerts.detection.judging import judged
from jobs.alerts.detection.rules import Learned
from jobs.alerts.detection.series import DAY, Floats, Panel

STEPS = 420
DRAWS = np.random.default_rng(4)


def sales(level: float) -> Floats:
    weekdays = np.tile([1.0, 1.1, 1.2, 1.3, 1.5, 0.7, 0.5], STEPS // 7)
    return level * weekdays * DRAWS.normal(1.0, 0.05, STEPS)


def event(*begins: int, days: int = 3) -> Floats:
    known = np.zeros(STEPS)
    for begin in begins:
        known[begin : begin + days] = 1.0
    return known


def test_an_event_in_the_first_steps_teaches_nothing() -> None:
    """Its days are usual ones; seen from no level at all they would look like a rise beyond measure."""
    values = sales(30_000.0)
    known = event(2, 366)[None, :]
    verdicts = judged(Panel.of(values, known=known), Learned())
    again = slice(366, 369)
    assert not verdicts.alarm[0, 360:372].any()
    assert (np.abs(verdicts.expected[0, again] / values[again] - 1) < 0.3).all()


def test_each_series_follows_its_own_calendar_as_if_alone() -> None:
    first, second = sales(100.0), sales(5_000.0)
    first[[60, 61, 62, 300, 301, 302]] *= 2.0
    second[[100, 101, 102, 340, 341, 342]] *= 3.0
    calendars = np.stack((np.stack((event(60, 300), event(200))), np.stack((event(100, 340), np.zeros(STEPS)))))
    together = Panel(np.stack((first, second)), DAY, known=calendars, calendar=np.array([0, 1]))
    both = learned(together)
    for row, (values, known) in enumerate(zip((first, second), calendars, strict=True)):
        alone = learned(Panel.of(values, known=known))
        for name in ("expected", "unit", "up", "down"):
            np.testing.assert_allclose(getattr(both, name)[row], getattr(alone, name)[0], rtol=1e-9, atol=1e-12)
        np.testing.assert_array_equal(both.excused[row], alone.excused[0])
    alarms = judged(together, Learned()).alarm
    assert not alarms[0, 300:303].any()
    assert not alarms[1, 340:343].any()
