"""f-divergences of a pair, by name.

Each is a sum over letters of a function of (p, q, p − q). The third argument keeps the sums accurate
where p and q nearly agree. Values are in nats where a logarithm is involved.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np

from modecollapse import validation
from modecollapse.arrays import FloatArray

DivergenceName: TypeAlias = Literal["tv", "js", "kl", "reverse_kl", "hellinger", "chi2", "hockey_stick"]
"""The names of the f-divergences, as `f_divergence` explains them."""


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


def f_divergence(
    p: FloatArray, q: FloatArray, difference: FloatArray, name: DivergenceName, order: float = 1.0
) -> float:
    """An f-divergence D(P‖Q) from letters.

    Parameters
    ----------
    p, q, difference : ndarray, shape (n,)
        Masses of the letters and p − q, as a Region holds them.
    name : {"tv", "js", "kl", "reverse_kl", "hellinger", "chi2", "hockey_stick"}
        Total variation, Jensen–Shannon, KL(P‖Q), KL(Q‖P), squared Hellinger 1 − Σ√(pq),
        χ² = Σ(p−q)²/q, and the hockey-stick divergence Σ(p−γq)⁺ − (1−γ)⁺.
    order : float, default 1
        The order γ ≥ 0 of the hockey stick. The other divergences have no order.

    Returns
    -------
    float
        In nats where a logarithm is involved; ``inf`` where the divergence is infinite. The error is a few
        units of rounding relative to the value (1e-14 measured). For hockey sticks of order other than 1 it
        is 1e-16 times (1 + order) absolute.

    Raises
    ------
    ValueError
        If the name is unknown, the order negative, or an order other than 1 given for a divergence that
        has none.

    Examples
    --------
    >>> p, q = np.array([0.5, 0.5]), np.array([0.25, 0.75])
    >>> f_divergence(p, q, p - q, "chi2")
    0.3333333333333333
    """
    validate_divergence(name, order)
    if name == "hockey_stick":
        terms = hockey_stick(p, q, difference, float(order))
    else:
        terms = DIVERGENCES[name](p, q, difference)
    # masses that sum to 1 but for rounding must not show a divergence above its greatest
    return min(math.fsum(terms), GREATEST.get(name, math.inf))


def validate_divergence(name: str, order: float) -> None:
    """Refuse an unknown name, a bad order, and an order for anything but a hockey stick."""
    if not isinstance(name, str) or name not in DIVERGENCES:
        raise ValueError(f"unknown divergence {name!r}; choose one of {', '.join(DIVERGENCES)}")
    if validation.number("order", order) < 0:
        raise ValueError(f"order must be a finite number ≥ 0, got {order!r}")
    if name != "hockey_stick" and order != 1:
        raise ValueError(f"divergence {name!r} takes no order, got {order!r}")


def _xlogy(x: FloatArray, y: FloatArray) -> FloatArray:
    """x log y, 0 where x = 0 (scipy.special has it too, at the cost of importing scipy with Region)."""
    return x * np.log(np.where(x > 0, y, 1.0))


def artanh_minus(r: FloatArray) -> FloatArray:
    """artanh(r) − r for |r| < 0.2, by its series."""
    square = r * r
    value = np.zeros_like(r)
    for power in range(23, 1, -2):
        value = square * (1 / power + value)
    return r * value
