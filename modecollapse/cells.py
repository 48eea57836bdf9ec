"""From a pair of continuous distributions on the line to cells, each with bounds on the likelihood ratio.

The masses of the cells come from the distribution functions, the bounds from the densities. What a cell
hides is how the ratio varies inside it: cells taken as letters give a garbling of the pair, and cells
spread to their bounds give a pair of which the true one is a garbling.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit

from modecollapse import validation
from modecollapse.arrays import FloatArray, IntArray
from modecollapse.densities import Density, as_density, log_density, mass_above, mass_below

HEAVIEST_CELL = 1 / 256
"""No cell holds more than this under either distribution, so that no heavier feature can hide."""

LIGHTEST_TAIL = 1e-2
"""Tails are followed until less than this share of the width lies beyond, halving at every cell."""

MAX_CELLS = 2**20
"""No partition is refined beyond this many cells."""

MAX_EXTREMA = 200
"""A log ratio that turns more often than this is refused."""

MAX_REFUTED = 1000
"""More cells than this that contradict the densities at once mean that pdf and cdf do not belong together."""

CDF_ACCURACY = 1e-10
"""Masses that disagree by less than this are put down to the rounding of the cdf."""

NEAREST_ZERO = 1e-150
"""How close to a jump at 0 the densities are first read."""

STRIDE = 16.0
"""How much further out each step into an unbounded tail goes; the tails of most laws end in a few."""

_EPS = float(np.finfo(np.float64).eps)

BoolArray = NDArray[np.bool_]


class Nodes(NamedTuple):
    """Points on the line in rising order, and what is known there.

    Attributes
    ----------
    x : ndarray, shape (n,)
    p_below, p_above, q_below, q_above : ndarray, shape (n,)
        The distribution functions and their complements.
    log_ratio, noise : ndarray, shape (n,)
        log(p/q) of the densities and how far rounding may have moved it; NaN where it has no one value.
    """

    x: FloatArray
    p_below: FloatArray
    p_above: FloatArray
    q_below: FloatArray
    q_above: FloatArray
    log_ratio: FloatArray
    noise: FloatArray


class Cells(NamedTuple):
    """Cells of the line, their masses, and bounds on the log likelihood ratio inside.

    Attributes
    ----------
    left, right : ndarray, shape (n,)
        Ends of the cells.
    p, q : ndarray, shape (n,)
        Masses under the two distributions.
    low, high : ndarray, shape (n,)
        Bounds of log(p/q) of the densities, −inf and inf where nothing is known.
    """

    left: FloatArray
    right: FloatArray
    p: FloatArray
    q: FloatArray
    low: FloatArray
    high: FloatArray

    def slack(self) -> tuple[FloatArray, FloatArray]:
        """How far the mean ratio lies from its lower and upper bound; negative where it lies outside.

        In mass: p(1−c) − qc and qC − p(1−C) for the shares c = r/(1+r) of P at the bounds.
        """
        lower = self.p * expit(-self.low) - self.q * expit(self.low)
        upper = self.q * expit(self.high) - self.p * expit(-self.high)
        return lower, upper

    def gap(self) -> FloatArray:
        """Height of the triangle that spreading a cell adds to the region, along y − x."""
        lower, upper = (np.maximum(slack, 0.0) for slack in self.slack())
        total = lower + upper
        return 2 * lower * np.divide(upper, total, out=np.zeros_like(total), where=total > 0)

    def spread(self) -> tuple[FloatArray, FloatArray]:
        """The pmfs p and q with each cell split into two letters, whose ratios are its bounds.

        This is the mean-preserving spread: no ratio within the bounds and with this mean has a larger
        region. A cell whose mean is at a bound, up to the rounding of the cdf, stays whole.
        """
        lower, upper = self.slack()
        whole = (lower <= 0) | (upper <= 0)
        high_share = np.divide(lower, lower + upper, out=np.ones_like(lower), where=~whole)
        total = self.p + self.q
        letters = []
        for mass, sign in ((self.p, 1), (self.q, -1)):
            at_high = np.where(whole, mass, total * high_share * expit(sign * self.high))
            at_low = np.where(whole, 0.0, total * (1 - high_share) * expit(sign * self.low))
            letters.append(np.concatenate([at_high, at_low]))
        return letters[0], letters[1]


def partitions(p: Any, q: Any, width: float, breaks: ArrayLike = ()) -> Iterator[Cells]:
    """Ever finer cells for a pair of continuous distributions, until the cost or the floats end them.

    Parameters
    ----------
    p, q : distributions
        As for `RegionBracket.from_distributions`.
    width : float
        Every cell of the first partition has a gap of at most twice this.
    breaks : array_like
        Points where a density jumps, besides the ends of the supports.

    Yields
    ------
    Cells

    Raises
    ------
    ValueError
        If an input is invalid, or the masses contradict the densities.
    """
    pair = as_density("p", p), as_density("q", q)
    marks = _marks(*pair, breaks)
    nodes = _spread_masses(pair, _start(pair, marks), LIGHTEST_TAIL * width)
    nodes = _insert(pair, nodes, _probes(nodes.x))
    extrema: list[float] = []
    target = 0.75 * width  # for a cell; the tails add a little
    while True:
        cells = _cells(nodes)
        middle = _middle(cells)
        divisible = (middle > cells.left) & (middle < cells.right)
        refuted = _refuted(cells, divisible)
        wide = cells.gap() > 2 * target
        found = _new_extrema(pair, nodes, extrema)
        extrema += found
        points = np.concatenate([found, middle[(refuted | wide) & divisible]])
        if len(cells.p) + len(points) > MAX_CELLS:
            yield cells
            return
        if len(points):
            nodes = _insert(pair, nodes, points)
            continue
        yield _coalesce(nodes, cells, 2 * target)
        if wide.any():
            return
        target /= 2


def _marks(p: Density, q: Density, breaks: ArrayLike) -> FloatArray:
    """Where the ratio may jump: nothing is assumed about it at these points."""
    jumps = np.concatenate([np.asarray(law.breaks, dtype=np.float64) for law in (p, q)])
    return np.unique([*p.support, *q.support, *jumps, *validation.real_array("breaks", breaks)])


def _start(pair: tuple[Density, Density], marks: FloatArray) -> Nodes:
    """The marks, and points right next to them where the ratio is read."""
    finite = marks[np.isfinite(marks)]
    beside = np.concatenate([_beside(finite, -np.inf), _beside(finite, np.inf)])
    beside = np.setdiff1d(beside[(beside > marks[0]) & (beside < marks[-1])], marks)
    nodes = _merge(_evaluate(pair, marks), _evaluate(pair, beside))
    return nodes._replace(log_ratio=np.where(np.isin(nodes.x, marks), np.nan, nodes.log_ratio))


def _beside(marks: FloatArray, direction: float) -> FloatArray:
    """The next float, but next to 0 one whose square and reciprocal do not overflow."""
    return np.where(marks == 0, np.sign(direction) * NEAREST_ZERO, np.nextafter(marks, direction))


def _spread_masses(pair: tuple[Density, Density], nodes: Nodes, lightest: float) -> Nodes:
    """Halve cells until none is heavy: each at most HEAVIEST_CELL, and half of what is left in its tail."""
    while True:
        cells = _cells(nodes)
        middle = _middle(cells)
        heavy = np.zeros(len(middle), dtype=np.bool_)
        for mass, below, above in (
            (cells.p, nodes.p_below, nodes.p_above),
            (cells.q, nodes.q_below, nodes.q_above),
        ):
            tail = np.minimum(below[1:], above[:-1])
            heavy |= mass > np.maximum(np.minimum(HEAVIEST_CELL, tail / 2), lightest)
        heavy &= (middle > cells.left) & (middle < cells.right)
        if not heavy.any():
            return nodes
        nodes = _insert(pair, nodes, middle[heavy])


def _probes(x: FloatArray) -> FloatArray:
    """One more point in each bounded cell, at uneven places, lest a periodic ratio look constant."""
    x = x[np.isfinite(x)]
    share = np.arange(len(x) - 1) * math.sqrt(0.5) % 1
    return np.clip((1 - share) * x[:-1] + share * x[1:], x[:-1], x[1:])


def _cells(nodes: Nodes) -> Cells:
    """The cells between neighbouring nodes; the ratio is monotone inside, and bounded by its end values."""
    ends = np.stack([nodes.log_ratio[:-1], nodes.log_ratio[1:]])
    noise = np.stack([nodes.noise[:-1], nodes.noise[1:]])
    low, high = (ends - noise).min(axis=0), (ends + noise).max(axis=0)
    return Cells(
        nodes.x[:-1],
        nodes.x[1:],
        _masses("p", nodes.x, nodes.p_below, nodes.p_above),
        _masses("q", nodes.x, nodes.q_below, nodes.q_above),
        np.where(np.isnan(low), -np.inf, low),
        np.where(np.isnan(high), np.inf, high),
    )


def _masses(name: str, x: FloatArray, below: FloatArray, above: FloatArray) -> FloatArray:
    """Masses of the cells, from whichever tail is the lighter."""
    masses = np.where(below[1:] <= above[:-1], np.diff(below), -np.diff(above))
    if not (masses >= -CDF_ACCURACY).all():
        where = int(np.argmin(masses))
        raise ValueError(
            f"the cdf of {name} must rise, got the mass {masses[where]!s} between {x[where]!s} "
            f"and {x[where + 1]!s}"
        )
    return np.maximum(masses, 0.0)


def _coalesce(nodes: Nodes, cells: Cells, widest: float) -> Cells:
    """Join neighbouring cells while no gap exceeds `widest`: extrema need more nodes than bounds do."""
    begin, idle = 0, 0
    while idle < 2:  # pairs that begin at even places, then at odd places, until neither gives way
        first = np.arange(begin, len(cells.p) - 1, 2)
        second = first + 1
        gaps = _joined(cells, np.delete(np.arange(len(cells.p)), second)).gap()
        fits = gaps[np.arange(len(first)) + begin] <= widest
        for bound in (cells.low, cells.high):
            fits &= (bound[first] == bound[second]) | (np.isfinite(bound[first]) & np.isfinite(bound[second]))
        cells = _joined(cells, np.delete(np.arange(len(cells.p)), second[fits]))
        begin, idle = 1 - begin, 0 if fits.any() else idle + 1
    kept = nodes.x.searchsorted(np.append(cells.left, cells.right[-1]))
    x, p_below, p_above, q_below, q_above, *_ = (values[kept] for values in nodes)
    return cells._replace(p=_masses("p", x, p_below, p_above), q=_masses("q", x, q_below, q_above))


def _joined(cells: Cells, starts: IntArray) -> Cells:
    """Runs of cells, each as one cell; they begin at the given places, the first at 0."""
    return Cells(
        cells.left[starts],
        cells.right[np.append(starts[1:], len(cells.p)) - 1],
        np.add.reduceat(cells.p, starts),
        np.add.reduceat(cells.q, starts),
        np.minimum.reduceat(cells.low, starts),
        np.maximum.reduceat(cells.high, starts),
    )


def _middle(cells: Cells) -> FloatArray:
    """Where to halve cells: halfway in the order of floating-point numbers, or a stride into a tail.

    Between ends of one size halfway is the mean, between ends of different size rather the geometric mean;
    any number is reached in at most 64 steps, however narrow the feature there.
    """
    left, right = _rank(cells.left), _rank(cells.right)
    halfway = _unrank((left >> 1) + (right >> 1) + (left & right & 1))
    inner = np.where(np.isinf(cells.right), cells.left, -cells.right)
    with np.errstate(over="ignore"):
        stride = np.where(inner < 0, 0.0, np.maximum(STRIDE * inner, 1.0))
    return np.where(np.isinf(cells.right), stride, np.where(np.isinf(cells.left), -stride, halfway))


def _rank(x: FloatArray) -> IntArray:
    """Numbers consecutive floats consecutively, 0 as 0."""
    bits = (x + 0.0).view(np.int64)  # −0 becomes 0
    return np.where(bits < 0, np.iinfo(np.int64).min - bits, bits)


def _unrank(rank: IntArray) -> FloatArray:
    """The float of this rank."""
    bits = np.where(rank < 0, np.iinfo(np.int64).min - rank, rank)
    return bits.view(np.float64) + 0.0


def _evaluate(pair: tuple[Density, Density], x: FloatArray) -> Nodes:
    p, q = pair
    log_ratio, noise = _log_ratio(pair, x)
    return Nodes(x, mass_below(p, x), mass_above(p, x), mass_below(q, x), mass_above(q, x), log_ratio, noise)


def _log_ratio(pair: tuple[Density, Density], x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """log(p/q), NaN where both vanish, and a bound of its rounding error."""
    logs = np.stack([log_density(density, x) for density in pair])
    sizes = np.where(np.isfinite(logs), np.abs(logs), 0.0)
    with np.errstate(invalid="ignore", over="ignore"):
        return logs[0] - logs[1], 4 * _EPS * (1 + sizes.sum(axis=0))


def _insert(pair: tuple[Density, Density], nodes: Nodes, points: FloatArray) -> Nodes:
    return _merge(nodes, _evaluate(pair, np.setdiff1d(points, nodes.x)))


def _merge(first: Nodes, second: Nodes) -> Nodes:
    order = np.argsort(np.concatenate([first.x, second.x]))
    return Nodes(*(np.concatenate(values)[order] for values in zip(first, second, strict=True)))


def _refuted(cells: Cells, divisible: BoolArray) -> BoolArray:
    """Cells whose mean ratio lies outside the bounds, so that the ratio cannot be monotone inside."""
    excess = -np.minimum(*cells.slack())
    refuted = excess > CDF_ACCURACY
    if refuted.sum() > MAX_REFUTED or (refuted & ~divisible).any():
        where = int(np.argmax(np.where(refuted & ~divisible, np.inf, excess)))
        left, right, p, q, low, high = (values[where] for values in cells)
        raise ValueError(
            f"the cdfs give the interval ({left!s}, {right!s}) the masses {p:.3g} and {q:.3g}, but the "
            f"densities put log(p/q) there between {low:.6g} and {high:.6g}; does each pdf belong to its cdf?"
        )
    return refuted


def _new_extrema(pair: tuple[Density, Density], nodes: Nodes, known: list[float]) -> list[float]:
    """Local extrema of the log ratio, one for each turn of its values at the nodes that has none yet."""
    with np.errstate(invalid="ignore"):
        steps = np.diff(nodes.log_ratio)
        sign = np.where(np.abs(steps) > nodes.noise[:-1] + nodes.noise[1:], np.sign(steps), 0.0)
    sign[~np.isfinite(steps)] = np.nan  # no turn is sought across a jump
    moves = np.flatnonzero(sign != 0)
    turns = np.flatnonzero(sign[moves[:-1]] * sign[moves[1:]] < 0)
    first, last = moves[turns], moves[turns + 1]
    left, right = nodes.x[first], nodes.x[last + 1]
    has = np.searchsorted(np.sort(known), right, side="right") > np.searchsorted(np.sort(known), left)
    if len(known) + int((~has).sum()) > MAX_EXTREMA:
        raise ValueError(
            f"the density ratio turns more than {MAX_EXTREMA} times, once near {left[~has][0]!s}; it is too "
            "rough to be bounded from its values, but from_pmfs takes the masses of any cells"
        )
    return [
        _extremum(pair, sense, ends)
        for sense, *ends in zip(sign[first[~has]], left[~has], right[~has], strict=True)
    ]


def _extremum(pair: tuple[Density, Density], sense: float, ends: list[float]) -> float:
    """Where sense × log ratio is greatest between two points."""
    found = minimize_scalar(
        lambda x: -sense * float(_log_ratio(pair, np.array([x]))[0][0]),
        bounds=ends,
        method="bounded",
        options={"xatol": 1e-10 * (ends[1] - ends[0])},
    )
    return float(found.x)
