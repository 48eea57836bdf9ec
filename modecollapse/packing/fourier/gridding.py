"""The characteristic function at all nodes at once, by B-splines and one fast Fourier transform.

A letter that turns by d of a circle a node has e^{2πind} at the node n. Put L points on the circle, and let
x = Ld. Let B be the B-spline of even order w, the w-fold convolution of the indicator of [−½, ½]. Its Fourier
transform is B̂(θ) = (sin(θ/2)/(θ/2))^w. By Poisson summation, with θ = 2πn/L,

    Σ_j B(j − x) e^{iθj} = Σ_l B̂(θ + 2πl) e^{i(θ + 2πl)x} = B̂(θ) e^{iθx} (1 + aliases),

    |aliases| ≤ Σ_{l≠0} |θ/(θ + 2πl)|^w ≤ 2ζ(w) (ρ/(1−ρ))^w for |n| ≤ ρL, ρ ≤ ½,

because sin(θ/2 + πl) = ± sin(θ/2), and (1−ρ)/(|l|−ρ) ≤ 1/|l|. So letters are spread over w points each, one
transform of length L gives all nodes, and B̂ is divided out. The splines are positive numbers from a
recurrence without differences. So every rounding is relative to its term, and the error at all nodes has one
bound: see `characteristic`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.packing.kernels import kernel

EPS = float(np.finfo(np.float64).eps)
"""ε = 2⁻⁵², the unit of all allowances for rounding; the unit roundoff u is half of it."""

ALIASES = 4 * EPS
"""Greatest weight of the aliases: the order w of the splines is the least that keeps to it."""

LEAST_ORDER = 4
"""Least order w of the splines."""

ALIAS_SERIES = 2.2
"""Bound on 2ζ(w), the weight of all aliases relative to that of the greatest: 2ζ(4) = 2.165."""

LEAST_OVERSAMPLING, MOST_OVERSAMPLING = 3.5, 128.0
"""L/N, a choice of speed.

The division by B̂ multiplies the rounding of the last node by (πρ/sin πρ)^w. That is 250
at ρ = 1/3.5 and grows with ρ. At the other end, more points would not lower the order.
"""

MAX_POINTS = 2**23
"""Limit on memory: a point takes three doubles, 200 MB in all."""

TRANSFORM_ROUNDING = 8 * EPS
"""Error of a fast Fourier transform in the 2-norm, relative to the result and to log₂ L.

Higham (2002, Theorem 24.2): u + 4√2 u with twiddle factors within u; 8 ε leaves them 10 u.
"""

WEIGHT_ROUNDING = 16 * EPS
"""Error of ψ₀ from that of the weights, 12 ε, and of a position x on the circle: 2πρ times u a letter."""

POINT_COST, SPLINE_COST = 30.0, 0.7
"""Cost of a point of the transform, and of a step of the recurrence, in letters evaluated at a node.

Both were measured. No proof rests on them.
"""

RAISING_ROUNDING = 6 * EPS
"""Error of 1/B̂ for each unit of w: numpy's sine 4 ε, the angle and the quotient ε, the power 4 ε in all."""


class Grid(NamedTuple):
    """A circle of points for N nodes."""

    points: int
    """L, a power of two, so that x = Ld is exact."""
    order: int
    """w, even."""
    cost: float
    """Cost of the characteristic function, in letters evaluated at a node."""


class Table(NamedTuple):
    """ψ₀ at the nodes 0 ≤ n < N."""

    chord: FloatArray
    """1 − Re ψ₀."""
    height: FloatArray
    """Im ψ₀."""
    error: FloatArray
    """Bound on the absolute error of ψ₀."""


def grid_for(letters: int, count: int) -> Grid:
    """The cheapest grid for so many letters at `count` nodes: more points need splines of lower order."""
    grids = []
    points = 2 ** math.ceil(math.log2(LEAST_OVERSAMPLING * count))
    while points <= min(MOST_OVERSAMPLING * count, MAX_POINTS):
        share = count / points
        order = 2 * math.ceil(0.5 * math.log(ALIASES / ALIAS_SERIES) / math.log(share / (1 - share)))
        cost = POINT_COST * points + SPLINE_COST * letters * order * order
        grids.append(Grid(points, max(order, LEAST_ORDER), cost))
        points *= 2
    return min(grids, key=lambda grid: grid.cost)


def characteristic(weights: FloatArray, turns: FloatArray, count: int) -> Table:
    """Return ψ₀ = Σ w e^{2πind} at the nodes 0 ≤ n < `count`, with a bound on its error.

    Parameters
    ----------
    weights : ndarray, shape (k,)
        Masses w that sum to 1.
    turns : ndarray, shape (2, k)
        The turns d in [−½, ½], each as the sum of two numbers.
    count : int
        Number of nodes N ≥ 2.

    Returns
    -------
    Table
        The error has four parts. The weights, and the positions on the circle. The splines: 4w roundings
        each, and sums of n_j of them in the point j. The transform: its error in the 2-norm bounds that at
        every node. The aliases. The second and the third are raised by 1/B̂ = (πρ/sin πρ)^w.
    """
    grid = grid_for(len(weights), count)
    points, letters = spread(weights, turns, grid.points, grid.order)
    added, squares = _added(points, letters, grid.order)
    roundings = 0.5 * EPS * (added + 4 * grid.order + 4)
    transform = np.fft.rfft(points)[:count]
    roundings += TRANSFORM_ROUNDING * math.log2(grid.points) * math.sqrt(grid.points * squares)
    share = np.arange(1, count) / grid.points
    raised = np.append(1.0, (math.pi * share / np.sin(math.pi * share)) ** grid.order)
    values = transform * raised
    aliases = ALIAS_SERIES * (share[-1] / (1 - share[-1])) ** grid.order
    error = roundings * raised + (aliases + RAISING_ROUNDING * grid.order + WEIGHT_ROUNDING)
    return Table(1 - values.real, -values.imag, error)


@kernel
def _added(points: FloatArray, letters: FloatArray, order: int) -> tuple[float, float]:
    """Σ n x and Σ x² over the points, where n numbers were added up in a point of value x.

    `letters` counts the splines that begin at each point.
    """
    added = squares = around = 0.0
    for j in range(1 - order, 0):
        around += letters[j]
    for j in range(len(points)):
        around += letters[j]
        added += around * points[j]
        squares += points[j] * points[j]
        around -= letters[j - order + 1]
    return added, squares


@kernel
def spread(weights: FloatArray, turns: FloatArray, points: int, order: int) -> tuple[FloatArray, FloatArray]:
    """Add w B(j − x) to the points j around each x = Ld, and count the splines that begin at each point.

    The w values of a spline are those of the recurrence of de Boor for uniform knots, sums of positive terms.
    """
    values, letters, spline = np.zeros(points), np.zeros(points), np.empty(order)
    mask = points - 1
    for i in range(len(weights)):
        x = turns[0, i] * points + turns[1, i] * points
        below = math.floor(x)
        t = x - below
        # degree by degree; the first value stands at the leftmost point
        spline[0] = weights[i]
        for degree in range(1, order):
            carried = 0.0
            for r in range(degree):
                part = spline[r] / degree
                spline[r] = carried + (r + 1.0 - t) * part
                carried = (t + (degree - 1.0 - r)) * part
            spline[degree] = carried
        first = int(below) + 1 - order // 2
        letters[first & mask] += 1.0
        for r in range(order):
            values[(first + r) & mask] += spline[r]
    return values, letters
