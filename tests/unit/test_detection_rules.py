"""Thresholds, changes, missing values; episodes; how rules become calmer and sharper."""

from __future__ import annotations

import numpy as np
import pytest

from jobs.alerts.detection.judging import backtest, judged
from jobs.alerts.detection.rules import Change, Learned, Missing, Rule, Threshold, calmer, sharper
from jobs.alerts.detection.series import Panel
from jobs.alerts.detection.verdicts import Standing, episodes


def standings(rule: Rule, *values: float) -> list[Standing]:
    return [Standing(int(s)) for s in judged(Panel.of(np.array(values)), rule).standing[0]]


def test_a_level_speaks_beyond_it_and_not_at_it() -> None:
    assert standings(Threshold(20, "down"), 20, 19.9, 21) == [Standing.USUAL, Standing.BELOW, Standing.USUAL]
    assert standings(Threshold(0.05, "up"), 0.05, 0.06) == [Standing.USUAL, Standing.ABOVE]


def test_a_level_may_wait_for_two_days() -> None:
    assert standings(Threshold(20, "down", steps=2), 10, 30, 10, 10) == [
        Standing.BRIEF, Standing.USUAL, Standing.BRIEF, Standing.BELOW]  # fmt: skip


def test_a_level_is_silent_on_partial_days_and_without_values() -> None:
    values, partial = np.array([30.0, np.nan, 5.0]), np.array([False, False, True])
    verdicts = judged(Panel.of(values, partial=partial), Threshold(20, "down"))
    assert list(verdicts.standing[0]) == [Standing.USUAL, Standing.NO_VALUE, Standing.PARTIAL]


def test_week_over_week() -> None:
    values = np.tile([10.0, 20, 30, 40, 50, 60, 70], 3)
    values[-1] = 40
    verdicts = judged(Panel.of(values), Change(0.3, "down"))
    assert verdicts.at(0, -1).standing is Standing.BELOW
    assert verdicts.at(0, -1).expected == 70
    assert verdicts.at(0, -1).low == pytest.approx(49)
    assert verdicts.at(0, 3).standing is Standing.LEARNING
    assert not verdicts.alarm[0, :-1].any()
    assert not judged(Panel.of(values), Change(0.3, "up")).alarm.any()


def test_day_over_day_and_against_the_mean() -> None:
    assert standings(Change(0.5, "both", "step before"), 10, 16, 7)[1:] == [Standing.ABOVE, Standing.BELOW]
    assert standings(Change(0.5, "up", "mean of last", last=4), 10, 10, 10, 10, 16)[-1] is Standing.ABOVE


def test_a_change_too_small_in_its_unit_is_left_out() -> None:
    assert standings(Change(0.3, "down", "step before", least=5), 3, 1)[-1] is Standing.SMALL


def test_a_change_from_nothing_is_a_change() -> None:
    assert standings(Change(0.3, "up", "step before"), 0, 5)[-1] is Standing.ABOVE
    assert standings(Change(0.3, "both", "step before"), 0, 0)[-1] is Standing.USUAL


def test_missing_values_are_an_alarm_where_there_should_be_some() -> None:
    values = np.ones(70)
    values[6::7] = np.nan  # never any on that weekday
    values[66] = np.nan
    verdicts = judged(Panel.of(values), Missing())
    assert np.flatnonzero(verdicts.alarm[0]).tolist() == [66]
    assert verdicts.at(0, 69).standing is Standing.NO_VALUE


def test_late_values_are_not_missing_yet() -> None:
    values, partial = np.ones(40), np.zeros(40, dtype=bool)
    values[-1], partial[-1] = np.nan, True
    assert not judged(Panel.of(values, partial=partial), Missing()).alarm.any()


def test_alarms_that_follow_one_another_are_one_episode() -> None:
    values = np.full(40, 30.0)
    values[[5, 6, 8, 20]] = [10, 4, 9, 3]
    found = backtest(Panel.of(values), Threshold(20, "down"), 90).found[0]
    assert [(e.first, e.last) for e in found] == [(5, 8), (20, 20)]
    assert found[0].worst.step == 6
    assert len(backtest(Panel.of(values), Threshold(20, "down"), 25).found[0]) == 1


def test_episodes_up_and_down_are_two() -> None:
    verdicts = judged(Panel.of(np.array([10.0, 30, 5])), Change(0.5, "both", "step before"))
    assert [e.standing for e in episodes(verdicts, 0)] == [Standing.ABOVE, Standing.BELOW]


@pytest.mark.parametrize(
    "rule", [Learned(), Learned(per_year=0.4), Threshold(95, "down"), Change(0.2, "both"), Learned(direction="down")]
)
def test_calmer_speaks_no_more_and_sharper_no_less(rule: Rule) -> None:
    rng = np.random.default_rng(4)
    panel = Panel.of(100 * np.exp(0.1 * rng.standard_t(4, 500)))
    said = [int(judged(panel, r).alarm.sum()) for r in (calmer(calmer(rule)), calmer(rule), rule, sharper(rule))]
    assert said == sorted(said)
    assert said[0] < said[-1]
    assert calmer(rule) != rule != sharper(rule)
