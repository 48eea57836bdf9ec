"""f-divergences of a pair, and Rényi's, by name.

Each f-divergence is a sum over letters of a function of (p, q, p − q). The third argument keeps the sums
accurate where p and q nearly agree. A Rényi divergence is a rising function of such a sum, so it too grows
with the region. Values are in nats where a logarithm is involved.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np

from modecollapse import validation
from modecollapse.arrays import FloatArray

DivergenceName: TypeAlias = Literal[
    "tv", "js", "kl", "reverse_kl", "hellinger", "chi2", "hockey_stick", "renyi"
]
"""The names of the divergences, as `divergence` explains them."""

SMALL = 1.0
"""Log ratios below this have e^x − 1 − x summed as a series."""

LINEAR = -0.5, 1.0
"""Values of Σ p^α q^{1−α} − 1 between which its logarithm is taken by log1p."""


def total_variation(p: FloatArray, q: FloatArray, difference: FloatArray) -> FloatArray:
    """(p − q)⁺, summing to d_TV."""
    return np.maximum(difference, 0.0)


def jensen_shannon(p: FloatArray, q: FloatArray, difference: FloatArray) -> FloatArray:
    """½ p log(2p/(p+q)) + ½ q log(2q/(p+q)); 0 where both vanish."""
    total = np.where(p + q > 0, p + q, 1.0)
    x = difference / total
    near = np.abs(x) < 0.5
    inner = np.where(near, x, 0.0)
    # (1+x) log(1+x) + (1−x) log(1−x), first where the two halves nearly cancel
    close = np.log1p(-inner * inner) + 2 * inner * np.arctanh(inner)
    far = _xlogy(p, 2 * p / total) + _xlogy(q, 2 * q / total)
    return np.where(near, total / 4 * close, far / 2)


def kullback_leibler(p: FloatArray, q: FloatArray, difference: FloatArray) -> FloatArray:
    """p log(p/q) − (p − q), summing to KL(P‖Q); infinite where Q lacks a letter."""
    total = p + q
    r = difference / total
    near = np.abs(r) < 0.2
    inner = np.where(near, r, 0.0)
    # with p/q = (1+r)/(1−r): q [2(1+r) artanh r − 2r]/(1−r), and p + q = 2q/(1−r)
    close = total * (artanh_minus(inner) + inner * np.arctanh(inner))
    with np.errstate(divide="ignore"):
        far = _xlogy(p, p) - _xlogy(p, q) - difference
    return np.where(near, close, far)


def reverse_kullback_leibler(p: FloatArray, q: FloatArray, difference: FloatArray) -> FloatArray:
    """q log(q/p) − (q − p), summing to KL(Q‖P); infinite where P lacks a letter."""
    return kullback_leibler(q, p, -difference)


def squared_hellinger(p: FloatArray, q: FloatArray, difference: FloatArray) -> FloatArray:
    """½ (√p − √q)², summing to 1 − Σ √(pq)."""
    return 0.5 * (difference / (np.sqrt(p) + np.sqrt(q))) ** 2


def chi_squared(p: FloatArray, q: FloatArray, difference: FloatArray) -> FloatArray:
    """(p − q)²/q; infinite where Q lacks a letter."""
    with np.errstate(divide="ignore", over="ignore"):
        return difference * (difference / q)


def hockey_stick(p: FloatArray, q: FloatArray, difference: FloatArray, order: float = 1.0) -> FloatArray:
    """(p − γq)⁺ for an order γ ≥ 1, and (γq − p)⁺ below: both sum to Σ (p − γq)⁺ − (1−γ)⁺."""
    gain = difference - (order - 1) * q
    return np.maximum(gain if order >= 1 else -gain, 0.0)


def power(p: FloatArray, q: FloatArray, difference: FloatArray, order: float) -> FloatArray:
    """Terms, none negative, of (Σ p^α q^{1−α} − 1)/(α − 1) for a finite order α ≥ 0 other than 1.

    With x = log(p/q) and S(x) = e^x − 1 − x, the term of a letter that both have is

        q (e^{αx} − 1 − α (e^x − 1))/(α − 1) = q (S(αx) − α S(x))/(α − 1),

    that of a letter without P-mass q, and that of one without Q-mass αp/(1−α), or infinite for α > 1.
    """
    common = (p > 0) & (q > 0)
    x = _common_log_ratio(p, q, difference)
    small = np.abs(x) < SMALL
    y = np.where(small, x, 0.0)
    with np.errstate(over="ignore"):
        if 0.5 < order < 2:  # S(αx) and αS(x) may nearly cancel
            close = _power_series(y, order)
            far = p * np.expm1((order - 1) * x) / (order - 1) - difference
        else:
            close = (exp_less(order * y) - order * exp_less(y)) / (order - 1)
            far = (q * np.expm1(order * x) - order * difference) / (order - 1)
        alone = order * p / (1 - order) if order < 1 else np.where(p > 0, np.inf, 0.0)
        return np.where(common, np.where(small, q * close, far), np.where(p > 0, alone, q))


def renyi(p: FloatArray, q: FloatArray, difference: FloatArray, order: float) -> FloatArray:
    """Rényi's divergence log(Σ p^α q^{1−α})/(α − 1) of an order α ≥ 0, over the last axis.

    Order 1 is KL(P‖Q), order ∞ the largest log(p/q) where P has mass, and order 0 −log Q(p > 0): the limits.
    """
    if order == 1:
        absent = (p == 0) & (q == 0)
        p, q = np.where(absent, 1.0, p), np.where(absent, 1.0, q)  # equal letters add nothing
        return np.asarray(kullback_leibler(p, q, difference).sum(axis=-1))
    common = (p > 0) & (q > 0)
    lacking = ((p > 0) & (q == 0)).any(
        axis=-1
    )  # then orders above 1 are infinite, and those below go without
    log_ratio = _common_log_ratio(p, q, difference)
    if math.isinf(order):
        return np.where(lacking, np.inf, np.where(common, log_ratio, -np.inf).max(axis=-1))
    excess = (order - 1) * power(p, q, difference, order).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        near = np.log1p(excess)
        exponent = np.where(
            common, np.log(q) + order * log_ratio, -np.inf
        )  # log Σ q e^{αx}, from its largest
        top = exponent.max(axis=-1)
        far = np.where(
            np.isfinite(top), top + np.log(np.exp(exponent - top[..., None]).sum(axis=-1)), -np.inf
        )
        far = np.where(lacking & (order > 1), np.inf, far)
    linear = (excess > LINEAR[0]) & (excess < LINEAR[1])
    return np.asarray(np.where(linear, near, far) / (order - 1))


DIVERGENCES: dict[DivergenceName, Callable[..., FloatArray]] = {
    "tv": total_variation,
    "js": jensen_shannon,
    "kl": kullback_leibler,
    "reverse_kl": reverse_kullback_leibler,
    "hellinger": squared_hellinger,
    "chi2": chi_squared,
    "hockey_stick": hockey_stick,
}
"""The f-divergences by name: each maps letters (p, q, p − q) to the terms of its sum."""

GREATEST: dict[DivergenceName, float] = {
    "tv": 1.0,
    "js": math.log(2),
    "hellinger": 1.0,
    "hockey_stick": 1.0,
}
"""The values at disjoint supports, where they are finite: no pair has a greater one.

A hockey stick of order γ < 1 reaches γ only, which its terms (γq − p)⁺ cannot exceed.
"""


NAMES: tuple[DivergenceName, ...] = (*DIVERGENCES, "renyi")
"""All names."""


def divergence(
    p: FloatArray, q: FloatArray, difference: FloatArray, name: DivergenceName, order: float = 1.0
) -> float:
    """A divergence D(P‖Q) from letters.

    Parameters
    ----------
    p, q, difference : ndarray, shape (n,)
        Masses of the letters and p − q, as a Region holds them.
    name : {"tv", "js", "kl", "reverse_kl", "hellinger", "chi2", "hockey_stick", "renyi"}
        Total variation, Jensen–Shannon, KL(P‖Q), KL(Q‖P), squared Hellinger 1 − Σ√(pq),
        χ² = Σ(p−q)²/q, the hockey-stick divergence Σ(p−γq)⁺ − (1−γ)⁺, and Rényi's divergence
        log(Σ p^α q^{1−α})/(α−1).
    order : float, default 1
        The order γ ≥ 0 of the hockey stick, or α ≥ 0 of Rényi's divergence: 1 is KL, ``inf`` the maximum of
        log(p/q), 0 is −log Q(p > 0). The other divergences have no order.

    Returns
    -------
    float
        In nats where a logarithm is involved; ``inf`` where the divergence is infinite. The error is a few
        units of rounding relative to the value (1e-14 measured). For hockey sticks of order other than 1 it
        is 1e-16 times (1 + order) absolute, and for Rényi's divergence of tiny masses 1e-16 |log p| more.

    Raises
    ------
    ValueError
        If the name is unknown, the order negative, or an order other than 1 given for a divergence that
        has none.

    Examples
    --------
    >>> p, q = np.array([0.5, 0.5]), np.array([0.25, 0.75])
    >>> divergence(p, q, p - q, "chi2")
    0.3333333333333333
    """
    validate_divergence(name, order)
    if name == "renyi":
        return max(float(renyi(p, q, difference, float(order))), 0.0)
    if name == "hockey_stick":
        terms = hockey_stick(p, q, difference, float(order))
    else:
        terms = DIVERGENCES[name](p, q, difference)
    # masses that sum to 1 but for rounding must not show a divergence above its greatest
    return min(math.fsum(terms), GREATEST.get(name, math.inf))


def validate_divergence(name: str, order: float) -> None:
    """Refuse an unknown name, a bad order, and an order for a divergence that has none."""
    validation.one_of("divergence", name, NAMES)
    if name == "renyi" and order == math.inf:
        return
    if validation.number("order", order) < 0:
        raise ValueError(f"order must be a finite number ≥ 0, got {order!r}")
    if name not in ("hockey_stick", "renyi") and order != 1:
        raise ValueError(f"divergence {name!r} takes no order, got {order!r}")


def _xlogy(x: FloatArray, y: FloatArray) -> FloatArray:
    """x log y, 0 where x = 0 (scipy.special has it too, at the cost of importing scipy with Region)."""
    return x * np.log(np.where(x > 0, y, 1.0))


def log_likelihood_ratio(p: FloatArray, q: FloatArray, difference: FloatArray) -> FloatArray:
    """log(p/q), accurate relative to itself near p = q; ±inf where one of the two vanishes."""
    with np.errstate(divide="ignore", over="ignore"):
        near = np.abs(difference) < 0.5 * q
        shift = np.divide(difference, q, out=np.zeros_like(q), where=near)
        return np.where(near, np.log1p(shift), np.log(p) - np.log(q))


def _common_log_ratio(p: FloatArray, q: FloatArray, difference: FloatArray) -> FloatArray:
    """log(p/q) of the letters that both have, and 0 of the others."""
    common = (p > 0) & (q > 0)
    p, q, difference = (np.where(common, v, other) for v, other in ((p, 1.0), (q, 1.0), (difference, 0.0)))
    return log_likelihood_ratio(p, q, difference)


def exp_less(x: FloatArray) -> FloatArray:
    """S(x) = e^x − 1 − x, accurate relative to itself."""
    small = np.abs(x) < SMALL
    y = np.where(small, x, 0.0)
    total = np.zeros_like(x)
    for j in range(19, 1, -1):
        total = (total * y + 1) / j
    with np.errstate(over="ignore"):
        return np.where(small, total * y * y, np.expm1(x) - x)


def _power_series(x: FloatArray, order: float) -> FloatArray:
    """(S(αx) − αS(x))/(α − 1) = Σ_{j≥2} α (1 + α + … + α^{j−2}) x^j/j!, for |x| < 1 and α < 2."""
    factors = [order]
    for _ in range(3, 30):
        factors.append(order + order * factors[-1])
    total = np.zeros_like(x)
    for j in range(29, 1, -1):
        total = factors[j - 2] / math.factorial(j) + total * x
    return total * x * x


def artanh_minus(r: FloatArray) -> FloatArray:
    """artanh(r) − r for |r| < 0.2, by its series."""
    square = r * r
    value = np.zeros_like(r)
    for power in range(23, 1, -2):
        value = square * (1 / power + value)
    return r * value
