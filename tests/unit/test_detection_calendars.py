"""Events of the calendar: each series follows its own, and none is learned before the level is."""

from __future__ import annotations

import numpy as np

from jobs.alerts.detection.baseline import learned
from jobs.alerts.detection.judging import judged
from jobs.alerts.detection.rules import Learned
from jobs.alerts.detection.series import DAY, Floats, Panel
from jobs.alerts.detection.verdicts import Standing

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


def test_a_closed_day_stays_closed_whatever_an_event_does_to_open_ones() -> None:
    values, known = sales(20_000.0), event(100, 200, 300, 401, days=7)
    values[known > 0] *= 2.0
    values[6::7] = 0.0
    verdicts = judged(Panel.of(values, known=known[None, :]), Learned())
    days = np.arange(401, 408)
    closed = days % 7 == 6
    assert not verdicts.alarm[0, days].any()
    assert (verdicts.expected[0, days[closed]] < 0.02 * 20_000.0).all()
    assert (np.abs(verdicts.expected[0, days[~closed]] / values[days[~closed]] - 1) < 0.3).all()


def test_days_that_are_closed_anyway_do_not_tell_what_an_event_does() -> None:
    values = sales(20_000.0)
    values[5::7] = values[6::7] = 0.0
    known = event(103, 201, 299, 397, days=4)  # the first two of its days are closed
    values[known > 0] *= 2.5
    expected = judged(Panel.of(values, known=known[None, :]), Learned()).expected[0]
    open_days = slice(399, 401)
    assert (np.abs(expected[open_days] / values[open_days] - 1) < 0.2).all()


def test_an_event_is_not_met_on_a_closed_day() -> None:
    values = sales(20_000.0)
    values[5::7] = values[6::7] = 0.0
    for first, standing in ((215, Standing.EVENT), (212, Standing.BELOW)):
        known = np.maximum(event(first, days=2), event(399, days=2))[None, :]
        now = values.copy()
        now[399:401] = 0.0
        verdicts = judged(Panel.of(now, known=known), Learned())
        assert verdicts.at(0, 399).standing is standing, f"first on weekday {first % 7}"
