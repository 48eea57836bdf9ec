"""The canonical pairs of Theorems 3, 4 and 5, one function each, named as in the paper.

Each returns two arrays (P, Q) of letters along the last axis; parameters broadcast. The paper's α is
1 − τ − x for the tangent point x, where g(x) = x + τ. `region` makes a Region of one such pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from modecollapse.arrays import FloatArray
from modecollapse.region import Region

Pair = tuple[FloatArray, FloatArray]

ROUNDING = 1e-15
"""Letters down to minus this are rounding errors of zero; below it, a parameter is out of range."""


ALPHA_ROUNDING = 1e-12
"""Tangent points this little outside the range of the hexagons are at its end."""


def region(pair: Pair) -> Region:
    """The Region of one pair of a family."""
    return Region.from_pmfs(*pair)


def outer(tau: ArrayLike) -> Pair:
    """The largest region of total variation τ (Theorem 3): P = [τ, 1−τ, 0], Q = [0, 1−τ, τ].

    Examples
    --------
    >>> region(outer(0.25)).vertices.tolist()
    [[0.0, 0.0], [0.0, 0.25], [0.75, 1.0], [1.0, 1.0]]
    """
    tau = np.asarray(tau, dtype=float)
    return _pair([tau, 1 - tau, 0 * tau], [0 * tau, 1 - tau, tau])


def one_sided(tau: ArrayLike) -> Pair:
    """A generator that lacks τ of the target and inflates the rest: P = [τ, 1−τ], Q = [0, 1]."""
    tau = np.asarray(tau, dtype=float)
    return _pair([tau, 1 - tau], [0 * tau, 1 + 0 * tau])


def inner(alpha: ArrayLike, tau: ArrayLike) -> Pair:
    """The triangle (Theorem 3; inner2 of Theorem 4): P = [1−α, α], Q = [1−α−τ, α+τ].

    Its apex is the tangent point (x, x+τ) with x = 1−τ−α, 0 ≤ α ≤ 1−τ.

    Examples
    --------
    >>> region(inner(0.5, 0.25)).vertices.tolist()
    [[0.0, 0.0], [0.25, 0.5], [1.0, 1.0]]
    """
    alpha, tau = np.asarray(alpha, dtype=float), np.asarray(tau, dtype=float)
    return _pair([1 - alpha, alpha], [1 - alpha - tau, alpha + tau])


def inner1(eps: ArrayLike, delta: ArrayLike, alpha: ArrayLike, tau: ArrayLike) -> Pair:
    """Hull of the triangle with a collapse point to its left (Theorem 4).

    P = [δ, 1−α−δ, α], Q = [ε, 1−α−τ−ε, α+τ], for 0 ≤ α ≤ 1 − τδ/(δ−ε).
    """
    eps, delta, alpha, tau = (np.asarray(v, dtype=float) for v in (eps, delta, alpha, tau))
    return _pair([delta, 1 - alpha - delta, alpha], [eps, 1 - alpha - tau - eps, alpha + tau])


def inner0(eps: ArrayLike, delta: ArrayLike, alpha: ArrayLike, tau: ArrayLike) -> Pair:
    """Hull of the triangle with a collapse point to its right: the case Theorem 4 as printed lacks.

    P = [1−α, δ−1+α, 1−δ], Q = [1−α−τ, ε−1+α+τ, 1−ε], for x = 1−τ−α below 1 − τ(1−ε)/(δ−ε).
    """
    eps, delta, alpha, tau = (np.asarray(v, dtype=float) for v in (eps, delta, alpha, tau))
    return _pair([1 - alpha, delta - 1 + alpha, 1 - delta], [1 - alpha - tau, eps - 1 + alpha + tau, 1 - eps])


def hull(x: ArrayLike, y: ArrayLike, eps: ArrayLike, delta: ArrayLike) -> Pair:
    """The hull of a triangle with apex (x, y) and a point (ε, δ): inner, inner1 or inner0, whichever it is.

    Three letters; one of them is empty where a point lies inside the triangle of the other.
    """
    x, y, eps, delta = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (x, y, eps, delta)))
    first = (eps < x) | ((eps == x) & (delta < y))
    x1, y1 = np.where(first, eps, x), np.where(first, delta, y)
    x2, y2 = np.where(first, x, eps), np.where(first, y, delta)
    left_inside = y1 * x2 <= y2 * x1
    x1, y1 = np.where(left_inside, 0.0, x1), np.where(left_inside, 0.0, y1)
    right_inside = (1 - y2) * (1 - x1) >= (1 - y1) * (1 - x2)
    x2, y2 = np.where(right_inside, 1.0, x2), np.where(right_inside, 1.0, y2)
    return _pair([y1, y2 - y1, 1 - y2], [x1, x2 - x1, 1 - x2])


def outer1(eps: ArrayLike, delta: ArrayLike, alpha: ArrayLike, beta: ArrayLike, tau: ArrayLike) -> Pair:
    """The hexagon through both forbidden points, (16) and (17), for δ + ε ≤ 1.

    P = [a, α+τ−a, 1−τ−α−β, β, 0] and Q = [0, α, 1−τ−α−β, β+τ−b, b] with a = (α(δ−ε)−ετ)/(α−ε) and b the
    same of β, for α, β ≥ ετ/(δ−ε) and α+β ≤ 1−τ. The fractions are 0/0 where α = ε, that is at τ = δ−ε
    or ε = 0; their limit δ−ε is taken there.
    """
    eps, delta, alpha, beta, tau = (np.asarray(v, dtype=float) for v in (eps, delta, alpha, beta, tau))
    first, last = _start(alpha, eps, delta, tau), _start(beta, eps, delta, tau)
    middle = 1 - tau - alpha - beta
    zero = 0 * middle
    return _pair(
        [first, alpha + tau - first, middle, beta, zero], [zero, alpha, middle, beta + tau - last, last]
    )


def outer2(eps: ArrayLike, delta: ArrayLike, alpha: ArrayLike, beta: ArrayLike, tau: ArrayLike) -> Pair:
    """The hexagon for δ + ε > 1 (Theorem 5): outer1 with (ε,δ) replaced by (1−δ,1−ε)."""
    return outer1(1 - np.asarray(delta), 1 - np.asarray(eps), alpha, beta, tau)


def outer_left(eps: ArrayLike, delta: ArrayLike, x: ArrayLike, tau: ArrayLike) -> Pair:
    """The largest region that touches (ε,δ) from below and has its tangent point x left of it.

    P = [τ, x, 1−x−τ, 0], Q = [0, x, (1−x−τ)/t, rest] with t = 1−(τ−δ+ε)/(ε−x), 0 ≤ x ≤ 1−τ(1−ε)/(δ−ε) and
    ε ≤ 1−δ: the regions that Theorem 5 as printed lacks (docs/theory.md §5).
    """
    eps, delta, x, tau = (np.asarray(v, dtype=float) for v in (eps, delta, x, tau))
    top = eps + (1 - delta) / _slope(x, eps, delta, tau)
    zero = 0 * top
    return _pair([tau, x, 1 - x - tau, zero], [zero, x, top - x, 1 - top])


def mirror(pair: Pair) -> Pair:
    """The pairs (Q, P)."""
    p, q = pair
    return q[..., ::-1], p[..., ::-1]


def _start(alpha: FloatArray, eps: FloatArray, delta: FloatArray, tau: FloatArray) -> FloatArray:
    """The height at which the line through (α, α+τ) and (ε, δ) meets x = 0; its limit δ−ε where α = ε.

    In the form (δ−ε)(α−a₀)/(α−ε) with a₀ = ετ/(δ−ε), which does not cancel. An α below a₀ by rounding is a₀.
    """
    above = alpha - eps * tau / (delta - eps)
    if (above < -ALPHA_ROUNDING).any():
        raise ValueError(f"alpha and beta must be at least ετ/(δ−ε), got one {-above.min():.3g} below")
    above, gap = np.maximum(above, 0.0), alpha - eps
    return np.where(gap > 0, (delta - eps) * above / np.where(gap > 0, gap, 1.0), delta - eps)


def _slope(x: FloatArray, eps: FloatArray, delta: FloatArray, tau: FloatArray) -> FloatArray:
    """The slope of the line through (x, x+τ) and (ε,δ) for x left of ε; its limit 1 where x = ε, at τ = δ−ε.

    In range it is at least (1−δ)/(1−ε), that of the line to (1, 1). A slope below that by rounding is that.
    """
    above = x - (1 - tau * (1 - eps) / (delta - eps))
    if (above * (delta - eps) > ALPHA_ROUNDING).any():
        raise ValueError(f"x must be at most 1−τ(1−ε)/(δ−ε), got one {above.max():.3g} above")
    gap = eps - x
    fall = np.where(gap > 0, (tau - (delta - eps)) / np.where(gap > 0, gap, 1.0), 0.0)
    return np.maximum(1 - fall, (1 - delta) / (1 - eps))


def _pair(p: list[Any], q: list[Any]) -> Pair:
    letters = np.broadcast_arrays(*p, *q)
    return _letters(letters[: len(p)]), _letters(letters[len(p) :])


def _letters(values: Sequence[FloatArray]) -> FloatArray:
    """Stack letters on a new last axis; differences that came out as −1e−16 are zeros."""
    letters = np.stack(values, axis=-1)
    if (letters < -ROUNDING).any():
        raise ValueError(
            f"parameters out of the family's range: a letter would have mass {letters.min():.3g}"
        )
    return np.maximum(letters, 0.0)
