"""What each model would have said at earlier moments, and now.

At every origin all is learned anew from what was known then: the sizes of the series, the effects of events, the shape
of the year, the pooled autoregressions and each model's parameters; the weights of the models come from origins whose
outcome was known by then. Nothing is carried back. What was chosen once, for all stores, is the list of models and the
constants in these modules.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.stats.forecasting.candidates import Roster, candidate_forecasts, expected_losses, seasonal_naive, shares
from tools.stats.forecasting.combine import OWN, model_weights
from tools.stats.forecasting.events import Effects, learned_effects
from tools.stats.forecasting.panel import Panel, seasons_of, sizes
from tools.stats.forecasting.task import Bools, Floats

MOST_WEIGHT = 0.5
FEWEST = 3
CLEARLY_BETTER = 0.8
SEASONAL_SHARE = 0.5
BURN_IN = 3  # origins by whose outcome the weights of the next are first learned
LEAST_SEEN = 4  # steps a series must have shown before an origin counts for it


@dataclass(frozen=True)
class History:
    """All series, shape (S, T), NaN before they start, per day where steps differ in length; with what is known ahead.

    `known`, shape (K, T + h), None: no events. `lengths`, shape (T + h,), mean one.
    """

    values: Floats
    known: Floats | None
    lengths: Floats
    seasons: tuple[float, ...]
    horizon: int
    floor: float | None


@dataclass(frozen=True)
class Moment:
    """Forecasts made before step `at`, in the units of the series: by model and of the seasonal naive, shape (S, h)."""

    at: int
    models: dict[str, Floats]
    naive: Floats
    sizes: Floats
    effects: Effects | None


def origins(steps: int, horizon: int, most: int) -> list[int]:
    """Earlier moments to look at, latest first, half a horizon apart, after a third of history at the least."""
    earliest = max(5, steps // 3)
    return list(range(steps - horizon, earliest - 1, -max(1, horizon // 2)))[:most]


def forecasts_at(history: History, at: int, roster: Roster) -> Moment:
    """Reads nothing of the series at or after step `at`."""
    horizon = history.horizon
    values = history.values[:, :at]
    short, year = seasons_of(history.seasons, at)
    effects = None
    plain = values
    factors = np.ones((len(values), horizon))
    if history.known is not None and len(history.known):
        effects = learned_effects(values, history.known[:, : at + horizon], short)
        plain = effects.taken_out(values)
        factors = effects.factors[:, at:]
    size = sizes(plain, round(year) if year else 12 * short)
    panel = Panel(plain / size[:, None], short, year)
    back = size[:, None] * factors * history.lengths[at : at + horizon]
    lowest = -np.inf if history.floor is None else history.floor
    enough = (np.isfinite(values).sum(axis=1) >= LEAST_SEEN)[:, None]
    models = {}
    for name, forecast in candidate_forecasts(panel, horizon, roster).items():
        models[name] = np.maximum(forecast * back, lowest)
        if name != "naive":
            models[name] = np.where(enough, models[name], np.nan)
    naive = Panel(values / size[:, None], short, year)
    return Moment(
        at,
        models,
        np.maximum(seasonal_naive(naive, horizon) * size[:, None] * history.lengths[at : at + horizon], lowest),
        size,
        effects,
    )


@dataclass(frozen=True)
class Rolled:
    """Now and at J origins, latest first: forecasts of the combination, shape (J, S, h), and errors.

    The earliest origins only serve the weights of the later ones and are left out of all three. `errors` and
    `naive_errors` are actual less forecast, NaN where a series had hardly begun or where most of what now makes its
    forecast could not yet speak (the year's shape in its first year). `mean`, shape (S, h), and `weights`, shape (C,
    S) of `names`, are of now.
    """

    mean: Floats
    names: tuple[str, ...]
    weights: Floats
    forecasts: Floats
    errors: Floats
    naive_errors: Floats
    sizes: Floats
    now: Moment


def rolled(history: History, roster: Roster, most: int) -> Rolled:
    """The combination at every origin, by weights that were known then, and now."""
    count, steps = history.values.shape
    horizon = history.horizon
    moments = [forecasts_at(history, at, roster) for at in (steps, *origins(steps, horizon, most))]
    names = tuple(dict.fromkeys(name for moment in moments for name in moment.models))
    nothing = np.full((count, horizon), np.nan)
    made = np.stack([np.stack([moment.models.get(name, nothing) for moment in moments]) for name in names])
    times = np.array([moment.at for moment in moments])
    seasons = np.array([seasons_of(history.seasons, moment.at) for moment in moments], dtype=float)
    actual = np.stack([nothing, *(_actual(history, moment.at) for moment in moments[1:])])
    errors = actual[None] - made
    expected, voices = expected_losses(names), shares(names)
    combined: list[Floats] = []
    alone: list[Floats] = []  # the errors of the models' combination by itself
    weights = np.zeros((len(names), count))
    naive_at = names.index("naive")
    for j in range(len(moments) - 1, -1, -1):
        known = times[j + 1 :, None] + np.arange(1, horizon + 1) <= times[j]
        usable = np.isfinite(made[:, j]).all(axis=2)
        scaled = errors[:, j + 1 :] / moments[j].sizes[:, None]
        weights = model_weights(scaled, known, usable, expected, voices)
        said = np.einsum("cs,csh->sh", weights, np.nan_to_num(made[:, j]))
        over = (times[j + 1 :] + horizon <= times[j]) & (seasons[j + 1 :] == seasons[j]).all(axis=1)
        share = seasonal_share(np.stack(alone[::-1])[over] if alone else errors[0, :0], errors[naive_at, j + 1 :][over])
        alone.append(actual[j] - said)
        weights = weights * (1.0 - share)
        weights[naive_at] += share
        combined.append(np.einsum("cs,csh->sh", weights, np.nan_to_num(made[:, j])))
    actual[~_comparable(made, weights)] = np.nan
    forecasts = np.stack(combined[::-1])
    naive = np.stack([moment.naive for moment in moments])
    judged = slice(1, len(moments) - min(BURN_IN, (len(moments) - 1) // 3))
    return Rolled(
        forecasts[0],
        names,
        weights,
        forecasts[judged],
        actual[judged] - forecasts[judged],
        actual[judged] - naive[judged],
        np.stack([moment.sizes for moment in moments])[judged],
        moments[0],
    )


def seasonal_share(combined: Floats, naive: Floats) -> Floats:
    """What the season before counts beside the combination, shape (S,), from both's errors, shape (J, S, h).

    The combination is weighed by single steps, of which many are noise; sums tell whether it adds anything to what the
    season before says of the level. A series' own record is drawn to that of all, as in `model_weights`.
    """
    seen = (np.isfinite(combined) & np.isfinite(naive)).all(axis=2)
    ours, season = (np.where(seen, np.abs(np.nan_to_num(e).sum(axis=2)), 0.0).sum(axis=0) for e in (combined, naive))
    tries = seen.sum(axis=0)
    enough = tries >= FEWEST
    if not enough.any():
        return np.zeros(len(tries))
    better = np.where(enough, np.log((season + 1e-9) / (ours + 1e-9)), 0.0)
    together = better[enough].mean()
    score = (better * tries + OWN * together) / (tries + OWN)
    return np.where(enough & (score < np.log(CLEARLY_BETTER)), SEASONAL_SHARE, 0.0)


def _comparable(made: Floats, weights: Floats) -> Bools:
    """At which moments, shape (J, S), most of the weight of now could speak; all, where that leaves too few."""
    spoke = np.isfinite(made).all(axis=3)
    comparable = np.einsum("cjs,cs->js", spoke.astype(float), weights) >= MOST_WEIGHT
    return np.asarray(comparable | (comparable.sum(axis=0) <= FEWEST))


def _actual(history: History, at: int) -> Floats:
    """Outcome in the series' units, NaN for a series that had hardly begun."""
    seen = np.isfinite(history.values[:, :at]).sum(axis=1) >= LEAST_SEEN
    outcome = history.values[:, at : at + history.horizon] * history.lengths[at : at + history.horizon]
    return np.where(seen[:, None], outcome, np.nan)
