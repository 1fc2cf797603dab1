"""Many series: how many false alarms they make together, and where one incident comes from."""

from __future__ import annotations

import numpy as np
import pytest

from jobs.alerts.detection.family import Child, accepted, budgeted, narrowest
from jobs.alerts.detection.judging import judged
from jobs.alerts.detection.rules import Learned
from jobs.alerts.detection.series import Floats, Panel
from jobs.alerts.detection.verdicts import Verdict, episodes


def test_a_family_shares_its_false_alarms() -> None:
    assert budgeted(Learned(4.0), 100, 50.0).per_year == pytest.approx(0.5)
    assert budgeted(Learned(4.0), 2, 50.0).per_year == 4.0


def test_the_stated_rate_of_a_family_holds() -> None:
    rng = np.random.default_rng(21)
    series, days, stated = 100, 500, 24.0
    values = rng.poisson(80, (series, days)).astype(float)
    verdicts = judged(Panel(values), budgeted(Learned(), series, stated))
    made = sum(len(episodes(verdicts, i, 60)) for i in range(series)) / ((days - 60) / 365.25)
    assert made < stated


def test_false_discoveries_are_held_to_their_share() -> None:
    rng = np.random.default_rng(0)
    rarities = rng.uniform(size=300)
    rarities[:20] = 1e-7
    kept = accepted(rarities, 0.1)
    assert kept[:20].all()
    assert kept[20:].sum() <= 2
    assert not accepted(rng.uniform(size=300), 0.1).any()


def test_series_without_a_verdict_count_for_nothing() -> None:
    assert accepted(np.array([1e-6, np.nan, np.nan]), 0.05).tolist() == [True, False, False]
    assert not accepted(np.full(3, np.nan), 0.05).any()


def last_verdicts(values: Floats) -> list[Verdict]:
    verdicts = judged(Panel(values), Learned())
    return [verdicts.at(i, -1) for i in range(len(values))]


@pytest.fixture
def countries() -> Floats:
    return np.random.default_rng(6).poisson(np.array([[4000], [900], [600], [250]]), (4, 400)).astype(float)


PATHS = [(("country", name),) for name in ("UK", "Germany", "France", "Spain")]


def cause_of(countries: Floats, *more: tuple[tuple[tuple[str, str], ...], Floats]) -> object:
    parent, *verdicts = last_verdicts(np.vstack((countries.sum(axis=0), countries, *(v for _path, v in more))))
    paths = [*PATHS, *(path for path, _values in more)]
    return narrowest(parent, [Child(path, v) for path, v in zip(paths, verdicts, strict=True)])


def test_the_child_that_fell_is_named(countries: Floats) -> None:
    countries[1, -1] *= 0.3
    cause = cause_of(countries)
    assert cause.path == PATHS[1]
    assert cause.share == pytest.approx(1.0, abs=0.3)
    assert cause.merged == (PATHS[1],)


def test_what_fell_everywhere_has_no_narrower_cause_and_is_one_incident(countries: Floats) -> None:
    countries[:, -1] *= 0.5
    cause = cause_of(countries)
    assert cause.path == ()
    assert set(cause.merged) == set(PATHS)


def test_the_narrower_of_two_that_explain_it_wins(countries: Floats) -> None:
    rng = np.random.default_rng(7)
    toys = rng.binomial(countries[1].astype(int), 0.5).astype(float)
    lost = toys[-1] * 0.9
    toys[-1] -= lost
    countries[1, -1] -= lost
    path = (("country", "Germany"), ("category", "Toys"))
    assert cause_of(countries, (path, toys)).path == path


def test_a_child_that_rose_does_not_explain_a_fall(countries: Floats) -> None:
    countries[0, -1] *= 0.7
    countries[1, -1] *= 1.5
    cause = cause_of(countries)
    assert cause.path == PATHS[0]
    assert PATHS[1] not in cause.merged
