"""An independent look at classes of pairs: brute force over apexes and slopes, and a hunt that knows neither.

Nothing here imports `modecollapse`. A boundary is a list of corners from (0, 0) to (1, 1).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import oracles
from scipy.optimize import differential_evolution, minimize

Array = np.ndarray
Corners = list[tuple[float, float]]

SHY = 1e-9
"""How far below a forbidden point the members stay."""

NEVER = 10.0
"""The cost of what is no member: more than any total variation."""


class Conditions(NamedTuple):
    """A class: low ≤ max g(x) − γx ≤ high, g above some points and below others, and below a ceiling."""

    low: float
    high: float
    slope: float = 1.0
    reached: tuple[tuple[float, float], ...] = ()
    forbidden: tuple[tuple[float, float], ...] = ()
    ceiling: tuple[tuple[float, float], ...] = ((0.0, 0.0), (0.0, 1.0), (1.0, 1.0))

    @property
    def free(self) -> bool:
        """Whether A itself has a distance that is allowed: then no tangent point is needed."""
        return max(y - self.slope * x for x, y in hull(list(self.reached))) >= self.low - 1e-12

    def tangent_points(self, h: float) -> tuple[float, float]:
        """Least and greatest x at which the line of height h lies in the ceiling; (1, 0) if there is none."""
        over = [y - self.slope * x - h for x, y in self.ceiling]
        inside = [x for (x, _), excess in zip(self.ceiling, over, strict=True) if excess >= -1e-12]
        for i in range(len(over) - 1):
            if over[i] * over[i + 1] < 0:
                (x0, _), (x1, _) = self.ceiling[i : i + 2]
                inside.append(x0 + over[i] / (over[i] - over[i + 1]) * (x1 - x0))
        return min(inside, default=1.0), max(inside, default=0.0)

    def avoids(self, corners: Corners) -> bool:
        return all(height(corners, u) <= w - SHY for u, w in self.forbidden)

    def below_ceiling(self, x: float, y: float) -> bool:
        return y <= height(list(self.ceiling), x) + 1e-12 and y <= 1 + 1e-12


def hull(points: Corners) -> Corners:
    """The least concave boundary above points, (0, 0) and (1, 1)."""
    chain: Corners = []
    for x, y in sorted([(0.0, 0.0), (1.0, 1.0), *points]):
        while len(chain) > 1:
            (x0, y0), (x1, y1) = chain[-2:]
            if (x1 - x0) * (y - y0) < (y1 - y0) * (x - x0):
                break
            chain.pop()
        chain.append((x, y))
    return chain


def height(corners: Corners, x: float) -> float:
    start = max(i for i, corner in enumerate(corners) if corner[0] == 0)
    xs, ys = zip(*corners[start:], strict=True)
    return float(np.interp(x, xs, ys))


def cut(corners: Corners, point: tuple[float, float], slope: float) -> Corners:
    """What of a region lies below the line of a slope through a point."""
    over = [y - point[1] - slope * (x - point[0]) for x, y in corners]
    over[0], over[-1] = min(over[0], 0.0), min(over[-1], 0.0)  # (0, 0) and (1, 1) stay, whatever the rounding
    kept: Corners = []
    for i, (x, y) in enumerate(corners):
        if over[i] <= 0:
            kept.append((x, y))
        if i + 1 < len(corners) and over[i] * over[i + 1] < 0:
            share = over[i] / (over[i] - over[i + 1])
            x1, y1 = corners[i + 1]
            kept.append((x + share * (x1 - x), y + share * (y1 - y)))
    return kept


def mixed(first: Corners, second: Corners, share: float) -> Corners:
    """The boundary (1−λ)g + λg′."""
    xs = sorted({x for x, _ in first} | {x for x, _ in second})
    points = [(x, (1 - share) * height(first, x) + share * height(second, x)) for x in xs]
    return [(0.0, 0.0), *points]


def distances(boundaries: list[Corners], m: int) -> Array:
    """TV_m of each boundary, by the textbook sum over types."""
    longest = max(map(len, boundaries))
    steps = [np.diff(np.array([*b, *[b[-1]] * (longest - len(b))]), axis=0) for b in boundaries]
    letters = np.maximum(np.array(steps), 0)
    return oracles.total_variations(letters[..., 1], letters[..., 0], m)


# -- brute force over apexes and slopes ---------------------------------------------------------------------


def least_and_greatest(conditions: Conditions, m: int, seed: int = 0) -> tuple[float, float]:
    """Range of TV_m over the least regions of random apexes, and the greatest of random slopes above them."""
    rng = np.random.default_rng(seed)
    k = len(conditions.forbidden)
    first, last = conditions.tangent_points(conditions.low)
    cap = cut(list(conditions.ceiling), (0.0, conditions.high), conditions.slope)

    def least(place: Array) -> Corners | None:
        if conditions.free:
            region = hull(list(conditions.reached))
        else:
            x = first + place[0] * (last - first)
            apex = x, min(conditions.slope * x + conditions.low, 1.0)
            if not conditions.below_ceiling(*apex):
                return None
            region = hull([*conditions.reached, apex])
        return region if conditions.avoids(region) else None

    def greatest(place: Array) -> Corners | None:
        base = least(place)
        if base is None:
            return None
        region = cap
        for (u, w), share in zip(conditions.forbidden, place[1:], strict=True):
            left = [(w - y) / (u - x) for x, y in base if x < u]
            right = [(y - w) / (x - u) for x, y in base if x > u]
            low, high = max(right, default=0.0), min(left, default=1e9)
            region = cut(
                region, (u, w), low ** (1 - share) * high**share if low > 0 else share * min(high, 1e3)
            )
        return region

    low = _zoom(least, m, 1, -1.0, rng)
    high = _zoom(greatest, m, 1 + k, 1.0, rng)
    return low, high


def _zoom(
    build: Callable[[Array], Corners | None], m: int, dimensions: int, sign: float, rng: Array
) -> float:
    """The extreme value of a family over the unit cube: random places, then ever nearer to the best three."""

    def values(places: Array) -> Array:
        regions = [build(place) for place in places]
        known = [i for i, region in enumerate(regions) if region is not None]
        result = np.full(len(places), -np.inf)
        if known:
            result[known] = sign * distances([regions[i] for i in known], m)
        return result

    places = rng.random((400 * dimensions, dimensions))
    places[: 100 * dimensions, 1:] = np.round(places[: 100 * dimensions, 1:])
    found = values(places)
    best = -np.inf
    for start in np.argsort(-found)[:3]:
        centre, value, width = places[start], found[start], 0.1
        for _ in range(28):
            near = np.clip(centre + width * rng.uniform(-1, 1, (24, dimensions)), 0, 1)
            near_values = values(near)
            if near_values.max() > value:
                centre, value = near[near_values.argmax()], near_values.max()
            width *= 0.65
        best = max(best, value)
    return float(sign * best)


# -- the hunt -----------------------------------------------------------------------------------------------

POINTS = 3
"""Points, or lines, that make a member besides what it must contain."""


STRATA = 4
"""Parts of the range of tangent points in which the hunt starts: the value has many local extremes."""


def member(z: Array, conditions: Conditions, by_lines: bool) -> Corners | None:
    """The member that a point of the unit cube stands for, or None where it stands for none.

    A region is spanned by points, or cut out by lines. It is then lowered towards what it must contain, as
    far as the forbidden points demand.
    """
    h = conditions.low + z[1] * (conditions.high - conditions.low)
    cap = cut(list(conditions.ceiling), (0.0, h), conditions.slope)
    base = hull(list(conditions.reached))
    if not conditions.free:
        first, last = conditions.tangent_points(h)
        x = first + z[0] * (last - first)
        apex = x, min(conditions.slope * x + h, 1.0)
        if not conditions.below_ceiling(*apex):
            return None
        base = hull([*conditions.reached, apex])
    if not conditions.avoids(base) or any(not conditions.below_ceiling(x, y) for x, y in base):
        return None
    region = _by_lines(z[2:], base, cap) if by_lines else _by_points(z[2:], base, cap)
    excess = [
        (height(region, u) - w + SHY) / (height(region, u) - height(base, u))
        for u, w in conditions.forbidden
        if height(region, u) > w - SHY
    ]
    return mixed(region, base, max(excess)) if excess else region


def _by_points(z: Array, base: Corners, cap: Corners) -> Corners:
    x, share = np.clip(1.2 * z[:POINTS] - 0.1, 0, 1), np.clip(1.4 * z[POINTS : 2 * POINTS] - 0.4, 0, 1)
    points = [
        (a, height(base, a) + b * (height(cap, a) - height(base, a)))
        for a, b in zip(x.tolist(), share.tolist(), strict=True)
    ]
    return hull([*base, *points])


def _by_lines(z: Array, base: Corners, cap: Corners) -> Corners:
    region = cap
    for line in range(POINTS):
        slope = float(np.tan(np.pi / 2 * np.clip(z[line], 1e-6, 1 - 1e-6)))
        lowest = max(y - slope * x for x, y in base)
        highest = max(y - slope * x for x, y in region)
        region = cut(region, (0.0, lowest + (highest - lowest) * z[POINTS + line]), slope)
    return region


def hunt(conditions: Conditions, m: int, sign: float, seed: int = 0) -> tuple[float, list[float]]:
    """The greatest (sign 1) or least (sign −1) TV_m met, and all that were met."""
    met: list[float] = []

    def cost(z: Array) -> Array:
        rows = np.clip(z.reshape(2 + 2 * POINTS, -1).T, 0, 1)
        regions = [member(row, conditions, by_lines=sign > 0) for row in rows]
        costs = np.full(len(rows), NEVER)
        known = [i for i, region in enumerate(regions) if region is not None]
        if known:
            values = distances([regions[i] for i in known], m)
            met.extend(values.tolist())
            costs[known] = -sign * values
        return costs if z.ndim == 2 else costs[0]

    def evolved(low: Array, high: Array, generations: int) -> Array:
        return differential_evolution(
            cost,
            np.column_stack([low, high]),
            maxiter=generations,
            popsize=5,
            tol=0,
            polish=False,
            seed=np.random.default_rng(seed),  # `rng` only since scipy 1.15
            vectorized=True,
            updating="deferred",
        )

    found = []
    for stratum in range(STRATA):
        low, high = np.zeros(2 + 2 * POINTS), np.ones(2 + 2 * POINTS)
        low[0], high[0] = stratum / STRATA, (stratum + 1) / STRATA
        found.append(evolved(low, high, 40))
    for width in (0.2, 0.05, 0.015, 0.004):
        keen = sorted(found, key=lambda result: result.fun)[:2]
        found = keen + [evolved(np.maximum(z.x - width, 0), np.minimum(z.x + width, 1), 30) for z in keen]
    best = min(found, key=lambda result: result.fun)
    minimize(cost, best.x, method="Nelder-Mead", options={"maxfev": 500})
    return (max(met) if sign > 0 else min(met)), met
