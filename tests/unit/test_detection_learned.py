"""A learned baseline speaks of what is out of the usual, and keeps quiet about the rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jobs.alerts.detection.judging import backtest, judged
from jobs.alerts.detection.rules import Learned
from jobs.alerts.detection.series import HOUR, Floats, Panel
from jobs.alerts.detection.verdicts import Standing, Verdicts, episodes

DAYS = 500
WEEK = np.array([1.0, 1.0, 1.1, 1.2, 1.3, 0.8, 0.5])
NORMAL = Learned()


def sales(seed: int = 1, days: int = DAYS, noise: float = 0.08, level: float = 20_000.0) -> Floats:
    rng = np.random.default_rng(seed)
    return level * WEEK[np.arange(days) % 7] * np.exp(rng.normal(0, noise, days))


@pytest.mark.parametrize(("factor", "standing"), [(0.5, Standing.BELOW), (1.8, Standing.ABOVE)])
def test_a_day_far_from_usual_is_an_alarm_with_its_direction(factor: float, standing: Standing) -> None:
    values = sales()
    values[-1] *= factor
    verdict = judged(Panel.of(values), NORMAL).at(0, -1)
    assert verdict.standing is standing
    assert verdict.alarm
    assert verdict.expected == pytest.approx(values[-1] / factor, rel=0.25)
    assert (verdict.value < verdict.low) if factor < 1 else (verdict.value > verdict.high)
    assert verdict.rarity < 0.001


def test_a_weekday_that_is_always_low_is_no_alarm_and_a_usual_value_on_it_is() -> None:
    values = sales()
    values[5::7] *= 0.02
    usual = judged(Panel.of(values), NORMAL)
    assert not usual.alarm[0, -60:][(np.arange(DAYS)[-60:] % 7) == 5].any()
    day = DAYS - 1 - (DAYS - 1 - 5) % 7
    values[day] = 20_000
    assert judged(Panel.of(values), NORMAL).at(0, day).standing is Standing.ABOVE


def test_direction_is_kept_to() -> None:
    values = sales()
    values[-1] *= 0.4
    assert judged(Panel.of(values), Learned(direction="down")).at(0, -1).alarm
    assert not judged(Panel.of(values), Learned(direction="up")).at(0, -1).alarm


def test_an_anomaly_neither_drags_the_level_nor_widens_the_band() -> None:
    clean, hit = sales(), sales()
    hit[-40:-30] = 0.0
    hit[-25] *= 12
    before, after = (judged(Panel.of(values), NORMAL).at(0, -1) for values in (clean, hit))
    assert after.expected == pytest.approx(before.expected, rel=0.05)
    assert after.high - after.low < 1.4 * (before.high - before.low)


def test_small_deviations_that_go_on_are_found_together() -> None:
    values = sales(noise=0.15)
    values[-14:] *= 0.75
    found = backtest(Panel.of(values), NORMAL, 14).found[0]
    assert any(episode.standing is Standing.BELOW for episode in found)
    verdict = found[-1].worst
    assert verdict.window > 1
    assert verdict.value > verdict.low, "no day of them is out of its own band"


def test_a_level_that_lasts_is_adopted() -> None:
    values = sales()
    values[-60:] *= 2.0
    verdicts = judged(Panel.of(values), NORMAL)
    assert verdicts.alarm[0, -60:-50].all()
    assert not verdicts.alarm[0, -40:].any()
    assert verdicts.at(0, -1).expected == pytest.approx(2 * WEEK[(DAYS - 1) % 7] * 20_000, rel=0.2)


def test_partial_and_empty_steps_never_speak() -> None:
    values = sales()
    values[-1] *= 0.3
    values[-3] = np.nan
    partial = np.zeros(DAYS, dtype=bool)
    partial[-1] = True
    verdicts = judged(Panel.of(values, partial=partial), NORMAL)
    assert verdicts.at(0, -1).standing is Standing.PARTIAL
    assert verdicts.at(0, -3).standing is Standing.NO_VALUE
    assert not verdicts.alarm[0, -3:].any()


def test_partial_steps_are_not_learned() -> None:
    values, partial = sales(), np.zeros(DAYS, dtype=bool)
    spoilt = values.copy()
    partial[100:500:9] = True
    spoilt[partial] *= 0.1
    one, other = (judged(Panel.of(v, partial=partial), NORMAL) for v in (values, spoilt))
    np.testing.assert_array_equal(one.expected, other.expected)


def test_too_little_history_is_said() -> None:
    verdicts = judged(Panel.of(sales(days=20)), NORMAL)
    assert (verdicts.standing == Standing.LEARNING).all()


def _promoted(values: Floats, *starts: int, lift: float = 2.0) -> tuple[Floats, Floats]:
    known, out = np.zeros((1, len(values))), values.copy()
    for start in starts:
        known[0, start : start + 3] = 1.0
        out[start : start + 3] *= lift
    return out, known


def test_a_promotion_of_the_calendar_is_expected_the_next_time() -> None:
    values, known = _promoted(sales(), 150, 300, 450)
    with_calendar = judged(Panel.of(values, known=known), NORMAL)
    assert not with_calendar.alarm[0, 450:453].any()
    assert with_calendar.at(0, 450).expected == pytest.approx(values[450], rel=0.25)
    assert judged(Panel.of(values), NORMAL).alarm[0, 450:453].all()


def test_a_promotion_never_met_is_excused_and_said() -> None:
    values, known = _promoted(sales(), 450)
    verdicts = judged(Panel.of(values, known=known), NORMAL)
    assert set(verdicts.standing[0, 450:453]) == {Standing.EVENT}
    assert not verdicts.alarm[0, 440:470].any()


def test_a_known_promotion_that_fails_is_an_alarm() -> None:
    values, known = _promoted(sales(), 100, 200, 300, 450)
    values[450:453] = 2_000
    assert judged(Panel.of(values, known=known), NORMAL).alarm[0, 450:453].any()


def test_an_event_that_goes_on_is_the_usual_after_two_weeks() -> None:
    values, known = sales(), np.zeros((1, DAYS))
    known[0, 300:360] = 1.0
    values[300:360] *= 1.6
    # Eighty days have a chance alarm now and then; what the event does would be one at any rate.
    verdicts = judged(Panel.of(values, known=known), Learned(1.0))
    assert not verdicts.alarm[0, 300:380].any()
    values[340] *= 0.3
    assert judged(Panel.of(values, known=known), NORMAL).at(0, 340).alarm


def test_a_gap_too_small_to_matter_is_left_out() -> None:
    values = sales(noise=0.002)
    values[-1] *= 1.03
    panel = Panel.of(values)
    assert judged(panel, NORMAL).at(0, -1).standing is Standing.SMALL
    assert judged(panel, Learned(least_share=0.01)).at(0, -1).standing is Standing.ABOVE
    assert judged(panel, Learned(least_share=0.01, least=5_000)).at(0, -1).standing is Standing.SMALL


def test_persistence_waits_for_as_many_steps() -> None:
    values = sales(seed=2)
    values[-2:] *= 0.4
    verdicts = judged(Panel.of(values), Learned(steps=2))
    assert verdicts.at(0, -3).standing is Standing.USUAL
    assert [verdicts.at(0, -2).standing, verdicts.at(0, -1).standing] == [Standing.BRIEF, Standing.BELOW]


def test_what_a_person_calls_usual_is_no_alarm_again() -> None:
    values = sales()
    values[400] *= 1.9
    values[480] *= 1.7
    assert judged(Panel.of(values), NORMAL).at(0, 480).alarm
    normal = np.zeros((1, DAYS), dtype=bool)
    normal[0, 400] = True
    verdicts = judged(replace(Panel.of(values), normal=normal), NORMAL)
    assert verdicts.at(0, 400).standing is Standing.KNOWN_USUAL
    assert not verdicts.at(0, 480).alarm
    values[480] *= 3
    assert judged(replace(Panel.of(values), normal=normal), NORMAL).at(0, 480).alarm, "a larger one still speaks"


def test_what_a_person_confirms_is_learned_no_more_than_what_is_partial() -> None:
    values, marked = sales(noise=0.15), np.zeros((1, DAYS), dtype=bool)
    values[-30:-20] *= 0.75
    marked[0, -30:-20] = True
    panel = Panel.of(values)
    confirmed, partial, unmarked = (
        judged(one, NORMAL).at(0, -1)
        for one in (replace(panel, confirmed=marked), replace(panel, partial=marked), panel)
    )
    assert confirmed.expected == partial.expected
    assert confirmed.expected != unmarked.expected


def test_a_ratio_counted_on_few_has_a_wider_band() -> None:
    rng = np.random.default_rng(3)
    visits = np.full((1, DAYS), 5_000.0)
    visits[0, -1] = 50
    rate = rng.binomial(5_000, 0.03, (1, DAYS)) / 5_000
    rate[0, -1] = 0.06
    assert judged(Panel(rate), NORMAL).at(0, -1).alarm
    assert not judged(Panel(rate, exposure=visits), NORMAL).at(0, -1).alarm


def test_series_of_few_sales_stay_quiet() -> None:
    counts = np.random.default_rng(5).poisson(0.3, (40, DAYS)).astype(float)
    verdicts = judged(Panel(counts), NORMAL)
    quarters = (DAYS - 60) / 91.3
    assert sum(len(episodes(verdicts, i, 60)) for i in range(40)) / 40 / quarters < 1.0


@pytest.mark.parametrize("noise", ["poisson", "lognormal", "heavy"])
def test_false_alarms_are_about_as_many_as_stated(noise: str) -> None:
    rng = np.random.default_rng(11)
    series, days = 40, 600
    mean = np.exp(rng.normal(5, 1, (series, 1))) * WEEK[np.arange(days) % 7]
    values = {
        "poisson": lambda: rng.poisson(mean).astype(float),
        "lognormal": lambda: mean * np.exp(rng.normal(0, 0.2, mean.shape)),
        "heavy": lambda: mean * np.exp(0.1 * rng.standard_t(3, mean.shape)),
    }[noise]()
    verdicts = judged(Panel(values), NORMAL)
    years = series * (days - 60) / 365.25
    stated = sum(len(episodes(verdicts, i, 60)) for i in range(series)) / years
    assert 1.0 < stated < 2 * NORMAL.per_year


def test_hours_know_the_hour_of_the_week() -> None:
    rng = np.random.default_rng(2)
    hours = np.arange(24 * 7 * 10)
    day = 1 + np.sin(2 * np.pi * hours / 24)
    mean = 200 * (0.2 + day) * np.where(hours // 24 % 7 >= 5, 0.4, 1.0)
    values = rng.poisson(mean).astype(float)
    verdicts = judged(Panel.of(values, HOUR), NORMAL)
    assert len(episodes(verdicts, 0, 24 * 7 * 6)) <= 2
    values[-9:-3] = 0
    assert judged(Panel.of(values, HOUR), NORMAL).alarm[0, -9:-3].any()


def test_values_that_jump_about_at_the_beginning_overflow_nothing() -> None:
    values = np.full(40, 103.0)
    values[[1, 5]] = 2.9e8, 3.7e8
    verdicts = judged(Panel.of(values), Learned())
    told = np.isfinite(verdicts.expected)
    assert told.any()
    assert np.isfinite(verdicts.high[told]).all()


def test_a_season_that_comes_again_is_expected() -> None:
    steps, first = np.arange(860), 218
    season = 1 + 0.9 * np.exp(-(((steps - first + 182) % 364 - 182) ** 2) / (2 * 9**2))
    alarm = judged(Panel.of(sales(days=860) * season), NORMAL).alarm[0]
    at_first, again = (alarm[peak - 25 : peak + 45].sum() for peak in (first, first + 364))
    assert at_first > 20
    assert again < at_first / 5


def test_a_move_of_last_year_makes_the_same_time_less_certain_and_no_other() -> None:
    values, moved = sales(days=800), 300
    quiet = judged(Panel.of(values), NORMAL)
    values[moved:] *= 1.5
    wider = _width(judged(Panel.of(values), NORMAL)) / _width(quiet)
    a_year_on = moved + 364
    assert wider[a_year_on : a_year_on + 28].max() > 1.4
    assert wider[a_year_on + 60 :].max() < 1.2


def _width(verdicts: Verdicts) -> Floats:
    return (verdicts.high[0] - verdicts.low[0]) / verdicts.expected[0]


def test_sales_are_never_expected_below_zero() -> None:
    values, known = sales(days=400), np.zeros((1, 400))
    closed = np.arange(400) % 7 == 5
    for first in (110, 250, 380):
        known[0, first : first + 10] = 1.0
        values[first : first + 10] = 0.0
    values[closed] = 0.0
    verdicts = judged(Panel.of(values, known=known), NORMAL)
    assert (verdicts.expected[0, 28:] >= 0).all()
    assert not verdicts.alarm[0, 380:390].any()
