"""How often customers come back, and whether they still do: the BG/NBD model, and its sister MBG/NBD.

Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD Model, Marketing
Science 24(2). While alive, a customer buys at a rate of their own (gamma across customers: r, α); after each purchase
they leave for good with a chance of their own (beta across customers: a, b).

In the BG/NBD nobody leaves before a second purchase. In the MBG/NBD customers may leave right after the first:
Batislam, Denizel & Filiztekin (2007), Empirical validation and comparison of models for customer base analysis,
International Journal of Research in Marketing 24(3). Its formulas are the BG/NBD's with one purchase more survived.

Checked against the paper's fit of CDNOW (table 2) and, both, against the package `lifetimes`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tools.stats.fitting import FitFailed, Vector, dot, maximise, normal_prior

Integers: TypeAlias = NDArray[np.int64]

# r, α over the median age, a, b: where the search begins, and the centre of the weak prior.
_START = np.log(np.array([0.5, 0.5, 0.5, 2.0]))
_PRIOR_DEVIATION = 2.0
# The closed form of the expectation divides by a − 1; nearer to 1 than this it is read off on both sides.
_NEAR_ONE = 1e-5


@dataclass(frozen=True)
class BgNbd:
    """The model's parameters. Times have one unit throughout, days or weeks: that of the data it was fitted to.

    x: repeat purchases (those after the first), t_x: when the last was, T: how long ago the first was, both counted
    from the first purchase; t: how far ahead. Arrays of one shape, or numbers, which are spread over it.

    `leaves_at_once`: customers may leave right after the first purchase (MBG/NBD).
    `covariance` (4, 4) is that of the logarithms of r, α, a, b. `weak_prior`: the likelihood alone had no maximum (for
    instance because nobody seems to have left), and a weak prior (normal, standard deviation 2 on the logarithms)
    holds the parameters where it is flat.
    """

    r: float
    alpha: float
    a: float
    b: float
    leaves_at_once: bool = False
    log_likelihood: float = field(default=float("nan"), compare=False)
    customers: int = 0
    covariance: Vector | None = field(default=None, compare=False, repr=False)
    weak_prior: bool = False

    @classmethod
    def fit(cls, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, *, leaves_at_once: bool = False) -> BgNbd:
        """The most likely parameters for customers' x, t_x and T, arrays (n,).

        Raises ValueError for histories that cannot be (t_x after T, x negative), FitFailed where nobody bought again
        or no maximum is found.
        """
        likelihood = _Likelihood.of(frequency, recency, age, leaves_at_once=leaves_at_once)
        if not likelihood.repeats:
            raise FitFailed("nobody bought again")
        weak_prior = False
        try:
            best = maximise(likelihood, _START)
            weak_prior = not best.interior
        except FitFailed:
            weak_prior = True
        if weak_prior:
            best = maximise(normal_prior(likelihood, _START, _PRIOR_DEVIATION), _START)
        value = likelihood(best.theta)[0]
        r, alpha, a, b = (float(v) for v in np.exp(best.theta))
        # In the data's own unit the density of each repeat purchase is smaller by the scale.
        value = float(value - likelihood.repeats * np.log(likelihood.scale))
        return cls(
            r,
            alpha * likelihood.scale,
            a,
            b,
            leaves_at_once,
            value,
            likelihood.customers,
            best.covariance,
            weak_prior,
        )

    @property
    def _survived(self) -> int:
        """Purchases survived by who is alive, besides the repeat purchases."""
        return int(self.leaves_at_once)

    def p_alive(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Vector:  # noqa: N803 - the paper's names
        """The chance that a customer still buys; in the BG/NBD 1 for who bought once: it knows no leaving by then."""
        from scipy.special import expit

        count, last, age = _arrays(x, t_x, T)
        # 1 ÷ (1 + odds of having left at the last purchase), odds in logarithms: powers of x overflow.
        odds = (
            np.log(self.a)
            - np.log(self.b + np.maximum(count + self._survived, 1.0) - 1.0)
            + (self.r + count) * (np.log(self.alpha + age) - np.log(self.alpha + last))
        )
        alive: Vector = np.where(count + self._survived > 0, expit(-odds), 1.0)
        return alive

    def no_purchase(self, t: ArrayLike, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Vector:  # noqa: N803
        """P(X(t) = 0 | x, t_x, T): the chance of not a single purchase within t.

        Exact: who is alive stays so until the next purchase, and its rate is gamma (r + x, α + T).
        """
        count, _last, age = _arrays(x, t_x, T)
        waits = np.exp(-(self.r + count) * np.log1p(np.asarray(t, dtype=np.float64) / (self.alpha + age)))
        alive = self.p_alive(x, t_x, T)
        silent: Vector = 1.0 - alive * (1.0 - waits)
        return silent

    def wait_if_alive(self, chance: float, x: ArrayLike, T: ArrayLike) -> Vector:  # noqa: N803
        """Within what time the next purchase comes with this chance (0 to 1), if the customer is alive.

        The purchase's waiting time is Lomax: P(longer than t) = ((α+T) ÷ (α+T+t))^(r+x). Infinite where a float ends.
        """
        count, age = _arrays(x, T)
        with np.errstate(over="ignore"):
            wait: Vector = (self.alpha + age) * np.expm1(-np.log1p(-chance) / (self.r + count))
        return wait

    def expected_purchases(self, t: ArrayLike, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Vector:  # noqa: N803
        """E[X(t) | x, t_x, T]: purchases to expect within t, the paper's equation (10)."""
        return self.p_alive(x, t_x, T) * self.expected_if_alive(t, x, T)

    def expected_if_alive(self, t: ArrayLike, x: ArrayLike, T: ArrayLike) -> Vector:  # noqa: N803
        """E[X(t)] of customers who are alive; does not depend on when they last bought."""
        ahead, count, age = np.broadcast_arrays(*_arrays(t, x, T))
        if abs(self.a - 1) >= _NEAR_ONE:
            return self._closed_form(self.a, ahead, count, age)
        low, high = (self._closed_form(1 + side, ahead, count, age) for side in (-_NEAR_ONE, _NEAR_ONE))
        weight = (self.a - 1 + _NEAR_ONE) / (2 * _NEAR_ONE)
        between: Vector = low + (high - low) * weight
        return between

    def simulated(
        self,
        t: float,
        x: Vector,
        t_x: Vector,
        T: Vector,  # noqa: N803
        *,
        count: int,
        rng: np.random.Generator,
    ) -> Vector:
        """`count` draws of each customer's purchases within t, (n, count); x, t_x, T are arrays (n,)."""
        shape = (len(x), count)
        rate = rng.gamma(self.r + x[:, None], 1 / (self.alpha + T[:, None]), shape)
        # Where hardly anybody leaves, a chance of 0 is drawn; the waiting time for it must stay a number.
        leaving = np.maximum(rng.beta(self.a, self.b + self._survived + x[:, None], shape), 1e-12)
        bought = np.minimum(rng.poisson(rate * t), rng.geometric(leaving))
        alive = rng.random(shape) < self.p_alive(x, t_x, T)[:, None]
        purchases: Vector = np.where(alive, bought, 0).astype(np.float64)
        return purchases

    def sampled(self, draws: int, seed: int) -> tuple[BgNbd, ...]:
        """Parameters as likely as the data leave them: from the normal approximation on the logarithms.

        Raises ValueError for parameters that were not fitted.
        """
        if self.covariance is None:
            raise ValueError("parameters that were given, not fitted, have no uncertainty")
        centre = np.log([self.r, self.alpha, self.a, self.b])
        rng = np.random.default_rng(seed)
        rows = np.exp(rng.multivariate_normal(centre, self.covariance, size=draws))
        return tuple(BgNbd(r, alpha, a, b, self.leaves_at_once) for r, alpha, a, b in rows.tolist())

    def _closed_form(self, a: float, t: Vector, x: Vector, T: Vector) -> Vector:  # noqa: N803
        """(a+b+x−1) ÷ (a−1) × [1 − (1−z)^(a−1) ₂F₁(a+b−1−r, a−1; a+b+x−1; z)], z = t ÷ (α+T+t).

        The paper's expression after Euler's transformation: x stands only below, so that neither the power nor the
        series grows with it. Where the function overflows all the same (z next to 1), the integral is taken.
        """
        from scipy.special import hyp2f1

        b = self.b + self._survived
        below = a + b + x - 1.0
        below = np.where(np.abs(below) < 1e-9, 1e-9, below)
        z = t / (self.alpha + T + t)
        with np.errstate(over="ignore", invalid="ignore"):
            power = np.exp(-(a - 1.0) * np.log1p(t / (self.alpha + T)))
            series = hyp2f1(a + b - 1.0 - self.r, a - 1.0, below, z)
            expected: Vector = np.atleast_1d(below / (a - 1.0) * (1.0 - power * series))
        lost = ~np.isfinite(expected)
        if lost.any():
            steps, power_, beta = (np.atleast_1d(v)[lost] for v in (t / (self.alpha + T), self.r + x, b + x))
            expected[lost] = _integral(a, beta, steps, power_)
        return expected.reshape(below.shape)


def _integral(a: float, b: Vector, s: Vector, k: Vector) -> Vector:
    """E[(1 − (1 + p s)^−k) ÷ p] over p ~ beta (a, b); arrays (n,).

    By the trapezoid rule in the logit of p, where the integrand is smooth and, once the line through its ends (p = 0
    and 1) is taken off, falls off at both sides at least as fast as e^−|u|.
    """
    from scipy.special import betaln

    found = np.empty(len(b))
    for i in range(0, len(b), 1024):
        beta, step, power = (v[i : i + 1024, None] for v in (b, s, k))
        middle = np.log((a + 1) / (beta + 1))
        width = 12 * np.sqrt(1 / (a + 1) + 1 / (beta + 1)) + 1
        low, high = middle - width - 40 / (a + 1), middle + width + 40 / (beta + 1)
        u = low + (high - low) * np.linspace(0, 1, 1024)
        log_p, log_q = -np.logaddexp(0, -u), -np.logaddexp(0, u)
        p = np.exp(log_p)
        at_0, at_1 = power * step, -np.expm1(-power * np.log1p(step))
        curve = -np.expm1(-power * np.log1p(p * step)) / p - at_0 * np.exp(log_q) - at_1 * p
        area = (curve * np.exp(a * log_p + beta * log_q - betaln(a, beta))).sum(axis=1) * (u[:, 1] - u[:, 0])
        found[i : i + 1024] = area + ((at_0 * beta + at_1 * a) / (a + beta))[:, 0]
    return found


@dataclass(frozen=True)
class _Likelihood:
    """Log-likelihood, gradient and Hessian in the logarithms of r, α ÷ scale, a, b.

    Equal rows are counted once; what depends on x alone, or (for those who cannot have left) on T alone, once for
    each value. `survived` is 1 for the MBG/NBD, else 0.
    """

    survived: int
    scale: float
    customers: int
    repeats: float
    counts: Vector  # distinct x, and how many customers have each
    counts_weight: Vector
    single_age: Vector  # distinct T of who bought once, and cannot have left
    single_weight: Vector
    x: Vector  # distinct (x, t_x, T) of the others
    last: Vector
    age: Vector
    weight: Vector

    @classmethod
    def of(
        cls, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, *, leaves_at_once: bool = False
    ) -> _Likelihood:
        x, last, ages = np.broadcast_arrays(*_arrays(frequency, recency, age))
        if x.ndim != 1 or not len(x):
            raise ValueError("expected arrays (n,) of at least one customer")
        if not (np.isfinite(x) & np.isfinite(last) & np.isfinite(ages)).all():
            raise ValueError("x, t_x and T must be finite")
        if (x < 0).any() or (last < 0).any() or (last > ages).any() or (last[x == 0] != 0).any():
            raise ValueError("expected x ≥ 0 and 0 ≤ t_x ≤ T, with t_x = 0 for who bought once")
        scale = float(np.median(ages)) or float(ages.max()) or 1.0
        counts, counts_weight = np.unique(x, return_counts=True)
        again = x + leaves_at_once > 0
        single_age, single_weight = np.unique(ages[~again], return_counts=True)
        rows, weight = _distinct(x[again], last[again], ages[again])
        return cls(
            int(leaves_at_once),
            scale,
            len(x),
            float(x.sum()),
            counts,
            counts_weight.astype(np.float64),
            single_age / scale,
            single_weight.astype(np.float64),
            rows[0],
            rows[1] / scale,
            rows[2] / scale,
            weight,
        )

    def __call__(self, theta: Vector) -> tuple[float, Vector, Vector]:
        from scipy.special import expit, gammaln, psi, zeta

        with np.errstate(over="ignore"):
            r, alpha, a, b = np.exp(theta)
        n, weight = self.customers, self.weight
        value, gradient, hessian = 0.0, np.zeros(4), np.zeros((4, 4))

        # Γ(r+x) α^r ÷ Γ(r) × Γ(a+b) Γ(b+x) ÷ (Γ(b) Γ(a+b+x)): of x alone.
        x, w = self.counts, self.counts_weight
        y = x + self.survived
        value += dot(w, gammaln(r + x) + gammaln(b + y) - gammaln(a + b + y))
        value += n * float(gammaln(a + b) - gammaln(r) - gammaln(b) + r * np.log(alpha))
        rx, bx, abx = (dot(w, psi(count)) for count in (r + x, b + y, a + b + y))
        gradient += (rx - n * psi(r) + n * np.log(alpha), n * r / alpha, 0, 0)
        gradient[2] += n * psi(a + b) - abx
        gradient[3] += n * psi(a + b) - abx + bx - n * psi(b)
        rx, bx, abx = (dot(w, zeta(2, count)) for count in (r + x, b + y, a + b + y))
        both = n * zeta(2, a + b) - abx
        hessian[0, 0] += rx - n * zeta(2, r)
        hessian[0, 1] += n / alpha
        hessian[1, 1] -= n * r / alpha**2
        hessian[2, 2] += both
        hessian[2, 3] += both
        hessian[3, 3] += both + bx - n * zeta(2, b)

        # (α+T)^−r for who cannot have left.
        old, w = alpha + self.single_age, self.single_weight
        value -= r * dot(w, np.log(old))
        gradient[:2] -= (dot(w, np.log(old)), r * dot(w, 1 / old))
        hessian[0, 1] -= dot(w, 1 / old)
        hessian[1, 1] += r * dot(w, old**-2)

        # Stayed, (α+T)^−(r+x), or left after the last purchase, a ÷ (b+x−1) (α+t_x)^−(r+x).
        x = self.x
        old, last, power, below = alpha + self.age, alpha + self.last, r + x, b + x + self.survived - 1
        log_old, log_last = np.log(old), np.log(last)
        stayed = -power * log_old
        odds = np.log(a) - np.log(below) - power * log_last - stayed
        left = expit(odds)
        value += dot(weight, stayed + np.logaddexp(0.0, odds))
        away = np.stack([log_old - log_last, power * (1 / old - 1 / last), np.full_like(x, 1 / a), -1 / below])
        mixed = weight * left
        gradient[0] -= dot(weight, log_old)
        gradient[1] -= dot(weight, power / old)
        gradient += np.einsum("ij,j->i", away, mixed)
        hessian += np.einsum("ij,kj->ik", away * (mixed * (1 - left)), away)
        hessian[0, 1] -= dot(weight, 1 / old) - dot(mixed, 1 / old - 1 / last)
        hessian[1, 1] += dot(weight, power * old**-2) + dot(mixed, power * (last**-2 - old**-2))
        hessian[2, 2] -= float(mixed.sum()) / a**2
        hessian[3, 3] += dot(mixed, below**-2)

        hessian[1, 0], hessian[3, 2] = hessian[0, 1], hessian[2, 3]
        natural = np.array([r, alpha, a, b])
        slope = gradient * natural
        return value, slope, hessian * np.outer(natural, natural) + np.diag(slope)


def _distinct(*columns: Vector) -> tuple[tuple[Vector, ...], Vector]:
    """The distinct rows of columns (n,), and how often each occurs."""
    key: Integers = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        values, place = np.unique(column, return_inverse=True)
        key = np.unique(key * max(len(values), 1) + place, return_inverse=True)[1]
    _values, first, weight = np.unique(key, return_index=True, return_counts=True)
    return tuple(column[first] for column in columns), weight.astype(np.float64)


def _arrays(*values: ArrayLike) -> tuple[Vector, ...]:
    return tuple(np.asarray(value, dtype=np.float64) for value in values)
