"""What an order is worth: the Gamma-Gamma model of monetary value.

Fader & Hardie (2013), The Gamma-Gamma Model of Monetary Value; with Fader, Hardie & Lee (2005), RFM and CLV: Using
Iso-Value Curves for Customer Base Analysis, Journal of Marketing Research 42(4). A customer's orders are gamma around
a mean of their own (shape p); the means differ between customers (q, γ) and do not depend on how often they buy.
Checked against the note's fit of CDNOW and against the package `lifetimes`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from tools.stats.fitting import FitFailed, Vector, dot, maximise

_START = np.log(np.array([2.0, 3.0, 2.0]))


@dataclass(frozen=True)
class GammaGamma:
    """The model's parameters; γ in the currency of the data.

    x: how many orders a mean was taken over; m: that mean, positive. `covariance` (3, 3) is that of the logarithms of
    p, q, γ. `correlation`: of x and m among the customers that were fitted, which the model takes to be zero; None
    where all x are equal. Not of logarithms: the mean of many orders is less skewed than that of few, its logarithm
    higher.
    """

    p: float
    q: float
    gamma: float
    log_likelihood: float = field(default=float("nan"), compare=False)
    customers: int = 0
    covariance: Vector | None = field(default=None, compare=False, repr=False)
    correlation: float | None = field(default=None, compare=False)

    @classmethod
    def fit(cls, orders: ArrayLike, mean_value: ArrayLike) -> GammaGamma:
        """The most likely parameters for customers' x and m, arrays (n,).

        Raises ValueError for x < 1 or m ≤ 0, FitFailed where the values do not vary or no maximum is found.
        """
        x, m = np.asarray(orders, dtype=np.float64), np.asarray(mean_value, dtype=np.float64)
        if x.ndim != 1 or x.shape != m.shape or not len(x):
            raise ValueError("expected two arrays (n,) of at least one customer")
        if not (np.isfinite(x) & np.isfinite(m)).all() or (x < 1).any() or (m <= 0).any():
            raise ValueError("expected x ≥ 1 and m > 0, all finite")
        scale = float(np.median(m))
        if float(np.ptp(m)) <= 1e-9 * scale:
            raise FitFailed("all customers spend the same")
        counts, weight = np.unique(x, return_counts=True)
        likelihood = _Likelihood(x, m / scale, np.log(m / scale), counts, weight.astype(np.float64))
        best = maximise(likelihood, _START)
        if not best.interior:
            raise FitFailed("the spread within customers cannot be told from that between them")
        p, q, gamma = (float(v) for v in np.exp(best.theta))
        value = float(best.value - len(x) * np.log(scale))
        constant = np.ptp(x) == 0
        correlation = None if constant else float(np.corrcoef(x, m)[0, 1])
        return cls(p, q, gamma * scale, value, len(x), best.covariance, correlation)

    @property
    def mean(self) -> float:
        """The mean over all customers, p γ ÷ (q − 1); infinite for q ≤ 1, whose tail has no mean."""
        return self.p * self.gamma / (self.q - 1) if self.q > 1 else float("inf")

    def expected_value(self, x: ArrayLike, m: ArrayLike) -> Vector:
        """E[M | p, q, γ, m, x] = p (γ + x m) ÷ (p x + q − 1), the note's equation (5): an order's mean value.

        The customer's own mean, drawn towards that of all the more, the fewer orders there are. A mean below zero (more
        sent back than bought) counts as zero. x may be 0 (nothing bought yet), where `mean` is finite.
        """
        count = np.asarray(x, dtype=np.float64)
        spent = count * np.maximum(np.asarray(m, dtype=np.float64), 0.0)
        expected: Vector = np.asarray(self.p * (self.gamma + spent) / (self.p * count + self.q - 1))
        return expected

    def sampled(self, draws: int, seed: int) -> tuple[GammaGamma, ...]:
        """Parameters as likely as the data leave them: from the normal approximation on the logarithms.

        Raises ValueError for parameters that were not fitted.
        """
        if self.covariance is None:
            raise ValueError("parameters that were given, not fitted, have no uncertainty")
        rng = np.random.default_rng(seed)
        rows = np.exp(rng.multivariate_normal(np.log([self.p, self.q, self.gamma]), self.covariance, size=draws))
        return tuple(GammaGamma(p, q, gamma) for p, q, gamma in rows.tolist())


@dataclass(frozen=True)
class _Likelihood:
    """Log-likelihood, gradient and Hessian in the logarithms of p, q, γ ÷ scale; what depends on x alone once each."""

    x: Vector
    m: Vector
    log_m: Vector
    counts: Vector
    weight: Vector

    def __call__(self, theta: Vector) -> tuple[float, Vector, Vector]:
        from scipy.special import gammaln, psi, zeta

        p, q, gamma = np.exp(theta)
        x, n = self.x, len(self.x)
        c, weight = self.counts, self.weight
        total = gamma + x * self.m
        log_total, power = np.log(total), p * x + q
        log_share = self.log_m + np.log(x) - log_total

        value = dot(weight, gammaln(p * c + q) - gammaln(p * c)) + n * float(q * np.log(gamma) - gammaln(q))
        value += float(p * dot(x, log_share) - self.log_m.sum() - q * log_total.sum())

        psi_both, psi_own = psi(p * c + q), psi(p * c)
        zeta_both, zeta_own = zeta(2, p * c + q), zeta(2, p * c)
        gradient = np.array(
            [
                dot(weight, c * (psi_both - psi_own)) + dot(x, log_share),
                dot(weight, psi_both) - n * psi(q) + n * np.log(gamma) - log_total.sum(),
                n * q / gamma - (power / total).sum(),
            ]
        )
        p_p = dot(weight, c**2 * (zeta_both - zeta_own))
        p_q = dot(weight, c * zeta_both)
        q_q = dot(weight, zeta_both) - n * zeta(2, q)
        p_g, q_g = -(x / total).sum(), n / gamma - (1 / total).sum()
        g_g = -n * q / gamma**2 + (power / total**2).sum()
        hessian = np.array([[p_p, p_q, p_g], [p_q, q_q, q_g], [p_g, q_g, g_g]])
        natural = np.array([p, q, gamma])
        slope = gradient * natural
        return value, slope, hessian * np.outer(natural, natural) + np.diag(slope)
