"""The theorems' extreme values by brute force: their families with the letters as printed, on dense grids.

Nothing here imports `modecollapse`. A pair is a row of each array, letters along the last axis.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from oracles import total_variations

Array = np.ndarray
Pairs = tuple[Array, Array]


# -- extremes of a function of one or two numbers -----------------------------------------------------------


def least_on_interval(f: Callable[[Array], Array], low: float, high: float, points: int = 2001) -> float:
    """Least value of f over [low, high]: a dense grid, then ever denser ones about its five best points."""
    x = np.linspace(low, high, points)
    y = f(x)
    best = float(y.min())
    step = (high - low) / (points - 1)
    for start in x[np.argsort(y)[:5]]:
        centre, width = start, step
        for _ in range(12):
            near = np.clip(centre + width * np.linspace(-1, 1, 17), low, high)
            values = f(near)
            centre, width = near[values.argmin()], width / 4
            best = min(best, float(values.min()))
    return best


def greatest_on_triangle(
    f: Callable[[Array, Array], Array], corner: float, total: float, points: int = 121
) -> float:
    """Greatest value of f(a, b) over a, b ≥ corner, a+b ≤ total: a grid, then denser ones about its best."""
    span = max(total - 2 * corner, 0.0)

    def value(s: Array, t: Array) -> Array:
        s, t = np.clip(s, 0, span), np.clip(t, 0, 1)
        return f(corner + s * t, np.minimum(corner + s * (1 - t), total - corner - s * t))

    s, t = (grid.ravel() for grid in np.meshgrid(np.linspace(0, span, points), np.linspace(0, 1, points)))
    y = value(s, t)
    best = float(y.max())
    for start in np.argsort(-y)[:8]:
        centre, width = np.array([s[start], t[start]]), np.array([span, 1.0]) / (points - 1)
        for _ in range(14):
            offsets = np.stack(np.meshgrid(*[np.linspace(-1, 1, 9)] * 2), axis=-1).reshape(-1, 2)
            near = np.clip(centre + width * offsets, [0, 0], [span, 1])
            values = value(*near.T)
            centre, width = near[values.argmax()], width / 2.5
            best = max(best, float(values.max()))
    return best


# -- the theorems' families, letters as printed -------------------------------------------------------------


def triangle(x: Array, tau: float) -> Pairs:
    """The pair with the one tangent point (x, x+τ)."""
    x = np.asarray(x, dtype=float)
    return _rows(x + tau, 1 - x - tau), _rows(x, 1 - x)


def triangle_with_point(x: Array, tau: float, eps: float, delta: float) -> Pairs:
    """Hull of the triangles of apex (x, x+τ) and a point outside them, all on one side of it."""
    x = np.asarray(x, dtype=float)
    if (x.min() + x.max()) / 2 >= eps:
        return _rows(delta, x + tau - delta, 1 - x - tau), _rows(eps, x - eps, 1 - x)
    return _rows(x + tau, delta - x - tau, 1 - delta), _rows(x, eps - x, 1 - eps)


def hexagon(alpha: Array, beta: Array, eps: float, delta: float, tau: float) -> Pairs:
    """(16) and (17)."""
    rise = tau - (delta - eps)
    s, t = rise / (alpha - eps), rise / (beta - eps)
    middle = np.maximum(1 - tau - alpha - beta, 0)
    first, last = np.maximum(tau - alpha * s, 0), np.maximum(tau - beta * t, 0)
    return (
        _rows(first, alpha * (1 + s), middle, beta, 0),
        _rows(0, alpha, middle, beta * (1 + t), last),
    )


def _rows(*letters: Array | float) -> Array:
    return np.maximum(np.stack(np.broadcast_arrays(*letters), axis=-1), 0.0)


def least_triangle(tau: float, m: int, low: float, high: float) -> float:
    """Least packed distance over triangles with low ≤ x ≤ high."""
    return least_on_interval(lambda x: total_variations(*triangle(x, tau), m), low, high)


def least_with_point(tau: float, m: int, eps: float, delta: float, low: float, high: float) -> float:
    """Least packed distance over hulls of triangles, low ≤ x ≤ high, with a point outside them."""
    return least_on_interval(
        lambda x: total_variations(*triangle_with_point(x, tau, eps, delta), m), low, high, points=501
    )


def greatest_hexagon(tau: float, m: int, eps: float, delta: float) -> float:
    """Greatest packed distance over the hexagons, for δ+ε ≤ 1 and δ−ε < τ ≤ (δ−ε)/(δ+ε)."""
    corner = eps * tau / (delta - eps)
    return greatest_on_triangle(
        lambda a, b: total_variations(*hexagon(a, b, eps, delta, tau), m), corner, 1 - tau, points=81
    )
