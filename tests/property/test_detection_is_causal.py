"""Whatever the series: what comes later changes no verdict, and a series is judged alike alone and among others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jobs.alerts.detection.judging import judged
from jobs.alerts.detection.rules import Change, Learned, Missing, Rule, Threshold
from jobs.alerts.detection.series import DAY, Floats, Panel
from jobs.alerts.detection.verdicts import ALARMS, Standing, Verdicts

RULES: tuple[Rule, ...] = (Learned(26.0), Change(0.3, "both"), Threshold(10, "up", 2), Missing())
# A year that is over within the steps at hand is remembered as a long one is.
GRAINS = (DAY, replace(DAY, year=35))
FIELDS = ("expected", "low", "high", "score", "limit", "rarity", "window", "standing")

value = st.one_of(
    st.integers(0, 40).map(float), st.floats(-1e6, 1e9), st.just(float("nan")), st.just(0.0), st.floats(0, 1e-3)
)
events = arrays(np.float64, (2, 90), elements=st.sampled_from([0.0, 0.0, 0.0, 1.0, 0.5]))


@st.composite
def panels(draw: st.DrawFn) -> Panel:
    series = draw(st.integers(1, 3))
    steps = draw(st.integers(30, 90))
    values = draw(arrays(np.float64, (series, steps), elements=value, fill=st.integers(90, 110).map(float)))
    marks = arrays(np.bool_, (series, steps), elements=st.booleans(), fill=st.just(False))
    return Panel(
        values,
        draw(st.sampled_from(GRAINS)),
        partial=draw(marks),
        known=draw(events)[:, :steps],
        normal=draw(marks),
        confirmed=draw(marks),
    )


def cut(panel: Panel, rows: slice, steps: slice) -> Panel:
    def part(array: Floats | None) -> Floats | None:
        return None if array is None else array[rows, steps]

    known = None if panel.known is None else panel.known[:, steps]
    flags = (part(array) for array in (panel.partial, panel.normal, panel.confirmed))
    partial, normal, confirmed = flags
    return Panel(panel.values[rows, steps], panel.grain, partial, known, None, normal, confirmed)


def same(one: Verdicts, other: Verdicts) -> None:
    for name in FIELDS:
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-9, atol=1e-9, err_msg=name)


@settings(max_examples=25)
@given(panels(), st.sampled_from(RULES), st.integers(1, 90))
def test_later_steps_change_no_verdict(panel: Panel, rule: Rule, until: int) -> None:
    whole = judged(panel, rule)
    early = judged(cut(panel, slice(None), slice(0, until)), rule)
    for name in FIELDS:
        np.testing.assert_allclose(
            getattr(whole, name)[:, :until], getattr(early, name), rtol=1e-9, atol=1e-9, err_msg=name
        )


@settings(max_examples=25)
@given(panels(), st.sampled_from(RULES))
def test_a_series_is_judged_alike_alone_and_among_others(panel: Panel, rule: Rule) -> None:
    together = judged(panel, rule)
    alone = judged(cut(panel, slice(0, 1), slice(None)), rule)
    for name in FIELDS:
        np.testing.assert_allclose(getattr(together, name)[:1], getattr(alone, name), rtol=1e-9, atol=1e-9)


@settings(max_examples=25)
@given(panels(), st.sampled_from(RULES))
def test_partial_steps_and_empty_ones_never_speak_of_their_value(panel: Panel, rule: Rule) -> None:
    verdicts = judged(panel, rule)
    assert panel.partial is not None
    assert not verdicts.alarm[panel.partial].any()
    if not isinstance(rule, Missing):
        assert not verdicts.alarm[~np.isfinite(panel.values)].any()


@settings(max_examples=25)
@given(panels())
def test_the_band_holds_what_is_expected(panel: Panel) -> None:
    verdicts = judged(panel, Learned())
    told = verdicts.standing != Standing.LEARNING
    told &= np.isfinite(verdicts.expected)
    low, expected, high = (figures[told] for figures in (verdicts.low, verdicts.expected, verdicts.high))
    assert (low <= expected + 1e-9).all()
    assert (expected <= high + 1e-9).all()
    judged_ones = np.isin(verdicts.standing, (Standing.USUAL, *ALARMS))
    assert np.isfinite(verdicts.expected[judged_ones]).all()
