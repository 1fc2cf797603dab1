"""Maximum likelihood for models with a handful of parameters and analytic derivatives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float64]
Evaluate: TypeAlias = Callable[[Vector], tuple[float, Vector, Vector]]

MOST_STEPS = 100
LONGEST_STEP = 2.0
FURTHEST = 10.0  # from the start, on the logarithm's scale: beyond it is the edge
# Twice the log-likelihood that is still to be gained: far below what any figure shows.
TOLERANCE = 1e-10
# On the scale of the logarithm; a parameter less certain than this is anything from a twentieth to twenty times.
MOST_UNCERTAIN = 3.0


class FitFailed(Exception):
    """The data cannot tell the parameters of the model; the text says why."""


def dot(one: Vector, other: Vector) -> float:
    """Σ one × other of arrays (n,), on this thread: BLAS shares ten thousand numbers out, at many times the cost."""
    return float(np.einsum("i,i->", one, other))


@dataclass(frozen=True)
class Maximum:
    """Where the log-likelihood is greatest. `information` is minus its Hessian there, (k, k)."""

    theta: Vector
    value: float
    information: Vector

    @property
    def interior(self) -> bool:
        """Whether every direction is held by the data, rather than the likelihood running on to the edge."""
        return bool(np.linalg.eigvalsh(self.information)[0] > MOST_UNCERTAIN**-2)

    @property
    def covariance(self) -> Vector:
        """Of the estimates, (k, k), by the normal approximation at the maximum."""
        inverse = np.linalg.inv(self.information).astype(np.float64)
        symmetric: Vector = (inverse + inverse.T) / 2
        return symmetric


def maximise(evaluate: Evaluate, start: Vector) -> Maximum:
    """Newton's method with steps cut short where the surface is not concave.

    `evaluate` gives value, gradient (k,) and Hessian (k, k). Raises FitFailed where it does not converge, or runs to
    the edge: further than `FURTHEST` from the start.
    """
    theta = np.asarray(start, dtype=np.float64)
    value, gradient, hessian = evaluate(theta)
    for _step in range(MOST_STEPS):
        curvature, axes = np.linalg.eigh(-hessian)
        # Uphill along every axis, also where the surface bends the wrong way.
        step = axes @ ((axes.T @ gradient) / np.maximum(np.abs(curvature), 1e-9))
        if curvature[0] > 0 and float(gradient @ step) < TOLERANCE:
            return Maximum(theta, value, -hessian)
        step *= min(1.0, LONGEST_STEP / float(np.linalg.norm(step)))
        for _halving in range(40):
            tried = evaluate(theta + step)
            if np.isfinite(tried[0]) and tried[0] >= value - 1e-13 * abs(value):
                break
            step /= 2
        else:
            raise FitFailed("no step uphill is left, and the slope is not zero")
        theta = np.asarray(theta + step, dtype=np.float64)
        value, gradient, hessian = tried
        if np.abs(theta - start).max() > FURTHEST:
            raise FitFailed("the likelihood goes on rising to the edge")
    raise FitFailed(f"no maximum within {MOST_STEPS} steps")


def normal_prior(evaluate: Evaluate, centre: Vector, deviation: float) -> Evaluate:
    """The same surface with independent normal priors added, (k,) means and one standard deviation."""

    def with_prior(theta: Vector) -> tuple[float, Vector, Vector]:
        value, gradient, hessian = evaluate(theta)
        away = (theta - centre) / deviation**2
        return (
            value - 0.5 * float(away @ (theta - centre)),
            gradient - away,
            hessian - np.eye(len(centre)) / deviation**2,
        )

    return with_prior
