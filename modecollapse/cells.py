"""Partitions of the line into cells, with bounds on the likelihood ratio of a pair in each cell.

The masses of the cells come from the distribution functions, and the bounds from the densities. The
variation of the ratio inside a cell stays unknown. Cells taken as letters give a garbling of the pair.
Cells spread to their bounds give a pair of which the true one is a garbling.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit

from modecollapse import validation
from modecollapse.arrays import FloatArray, IntArray
from modecollapse.densities import Density, Distribution, as_pair, log_density, mass_above, mass_below

HEAVIEST_CELL = 1 / 256
"""Greatest mass of a cell under either distribution. A feature of more mass cannot hide in one cell."""

LIGHTEST_TAIL = 1e-2
"""Mass, as a share of the width, below which a tail is not divided any further."""

MAX_CELLS = 2**20
"""Greatest number of cells of a partition: some 100 MB."""

MAX_EXTREMA = 200
"""Greatest number of local extrema of a log ratio. A rougher ratio is refused."""

MAX_REFUTED = 1000
"""Greatest number of cells whose masses contradict the densities. More mean that pdf and cdf do not match."""

CDF_ACCURACY = 1e-10
"""Difference of masses that the rounding of a cdf explains."""

NEAREST_ZERO = 1e-150
"""Distance from a jump at 0 at which the densities are first evaluated: its square does not underflow."""

STRIDE = 16.0
"""Factor by which each step into an unbounded tail goes further out. Most tails end in a few steps."""

BISECTION_SHARE = 0.75
"""Gap aimed at in a cell, as a share of the width; the tails add the rest."""

EXTREMUM_TOLERANCE = 1e-10
"""Error of the place of an extremum, as a share of its interval: the ratio is flat there."""

LOG_ROUNDING = 4
"""Bound of the error of a logarithm and of their difference, in units of the machine epsilon."""

_EPS = float(np.finfo(np.float64).eps)

BoolArray = NDArray[np.bool_]


class Nodes(NamedTuple):
    """Points on the line in rising order, with the values of both distributions there.

    Attributes
    ----------
    x : ndarray, shape (n,)
        The points.
    p_below, p_above, q_below, q_above : ndarray, shape (n,)
        The distribution functions, and their complements.
    log_ratio : ndarray, shape (n,)
        log(p/q) of the densities; NaN where it is not defined.
    noise : ndarray, shape (n,)
        Bound of the rounding error of `log_ratio`.
    """

    x: FloatArray
    p_below: FloatArray
    p_above: FloatArray
    q_below: FloatArray
    q_above: FloatArray
    log_ratio: FloatArray
    noise: FloatArray


class Cells(NamedTuple):
    """Cells of the line, with their masses and bounds of the log likelihood ratio inside.

    Attributes
    ----------
    left, right : ndarray, shape (n,)
        Ends of the cells.
    p, q : ndarray, shape (n,)
        Masses of the cells under the two distributions.
    low, high : ndarray, shape (n,)
        Bounds of log(p/q) of the densities in each cell; −inf and inf where there is no bound.
    """

    left: FloatArray
    right: FloatArray
    p: FloatArray
    q: FloatArray
    low: FloatArray
    high: FloatArray

    def slack(self) -> tuple[FloatArray, FloatArray]:
        """Distances of the mean ratio from its lower and its upper bound, negative where it lies outside.

        They are measured in mass. Let c and C be the shares r/(1+r) of P at the lower and at the upper
        bound. Then the distances are p(1−c) − qc and qC − p(1−C).
        """
        lower = self.p * expit(-self.low) - self.q * expit(self.low)
        upper = self.q * expit(self.high) - self.p * expit(-self.high)
        return lower, upper

    def gap(self) -> FloatArray:
        """Height, along y − x, of the triangle that spreading a cell adds to the region."""
        lower, upper = (np.maximum(slack, 0.0) for slack in self.slack())
        total = lower + upper
        return 2 * lower * np.divide(upper, total, out=np.zeros_like(total), where=total > 0)

    def spread(self) -> tuple[FloatArray, FloatArray]:
        """The pmfs p and q, with each cell divided into two letters whose ratios are its bounds.

        This is the mean-preserving spread. No ratio within the bounds and with this mean has a larger
        region. A cell stays whole where its mean is at a bound, up to the rounding of the cdf.
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


def partitions(p: Distribution, q: Distribution, width: float, breaks: ArrayLike = ()) -> Iterator[Cells]:
    """Ever finer partitions for a pair of continuous distributions.

    They end at `MAX_CELLS` cells, or where no cell can be divided between floating-point numbers.

    Parameters
    ----------
    p, q : distributions
        Arguments of `RegionBracket.from_distributions`.
    width : float
        Half of the greatest gap that a cell of the first partition may have. It halves with each partition.
    breaks : array_like
        Points where a density jumps, besides the ends of the supports.

    Yields
    ------
    Cells
        Partitions of the line, each finer than the one before.

    Raises
    ------
    ValueError
        If an input is invalid, or the masses contradict the densities.
    """
    pair = as_pair(p, q)
    nodes = _first_nodes(pair, breaks, LIGHTEST_TAIL * width)
    extrema: list[float] = []
    target = BISECTION_SHARE * width
    while True:
        division = _divide(pair, nodes, extrema, partial(_has_gap, widest=2 * target))
        if division.is_full:
            yield division.cells
            return
        nodes, extrema = division.nodes, division.extrema
        yield _coalesce(nodes, division.cells, 2 * target)
        if division.is_stuck:
            return
        target /= 2


def ratio_cells(
    p: Distribution, q: Distribution, step: float, lightest: float, breaks: ArrayLike = ()
) -> tuple[Cells, bool]:
    """A partition into cells in which log(p/q) varies by at most a step, wherever there is mass.

    Parameters
    ----------
    p, q : distributions
        Arguments of `RegionBracket.from_distributions`.
    step : float
        Greatest difference of the bounds of log(p/q) in a cell.
    lightest : float
        Cells of no more mass than this, under both, may have any bounds.
    breaks : array_like
        Points where a density jumps, besides the ends of the supports.

    Returns
    -------
    cells : Cells
    is_full : bool
        Whether the limit of `MAX_CELLS` cells left some of them wider than the step.

    Raises
    ------
    ValueError
        If an input is invalid, or the masses contradict the densities.
    """
    pair = as_pair(p, q)
    nodes = _first_nodes(pair, breaks, lightest)
    division = _divide(pair, nodes, [], partial(_varies, most=step, lightest=lightest))
    return division.cells, division.is_full


class _Division(NamedTuple):
    """Nodes that were divided until no cell that can be divided needs it."""

    nodes: Nodes
    cells: Cells
    extrema: list[float]
    """Local extrema of the log ratio found so far; they are nodes."""
    is_full: bool
    """Whether `MAX_CELLS` stopped it."""
    is_stuck: bool
    """Whether some cell needs it and lies between neighbouring floating-point numbers."""


def _divide(
    pair: tuple[Density, Density],
    nodes: Nodes,
    extrema: list[float],
    needs_it: Callable[[Cells], BoolArray],
) -> _Division:
    """Halve cells that need it or whose masses contradict their bounds; cut at the extrema of the ratio."""
    extrema = list(extrema)
    while True:
        cells = _cells(nodes)
        middle = _middle(cells)
        divisible = (middle > cells.left) & (middle < cells.right)
        refuted = _refuted(cells, divisible)
        wide = needs_it(cells)
        new_extrema = _new_extrema(pair, nodes, extrema)
        extrema += new_extrema
        points = np.concatenate([new_extrema, middle[(refuted | wide) & divisible]])
        is_full = len(cells.p) + len(points) > MAX_CELLS
        if is_full or not len(points):
            return _Division(nodes, cells, extrema, is_full, bool(wide.any()))
        nodes = _insert(pair, nodes, points)


def _has_gap(cells: Cells, widest: float) -> BoolArray:
    """Which cells add a triangle higher than `widest` to the region."""
    return np.asarray(cells.gap() > widest)


def _varies(cells: Cells, most: float, lightest: float) -> BoolArray:
    """Which cells have more mass than `lightest`, and bounds of the log ratio further apart than `most`."""
    with np.errstate(invalid="ignore"):
        return np.asarray(
            (cells.high - cells.low > most) & (np.maximum(cells.p, cells.q) > lightest), dtype=np.bool_
        )


def _first_nodes(pair: tuple[Density, Density], breaks: ArrayLike, lightest: float) -> Nodes:
    """Nodes between which no cell is heavy, and one more in each cell."""
    nodes = _spread_masses(pair, _start(pair, _marks(*pair, breaks)), lightest)
    return _insert(pair, nodes, _probes(nodes.x))


def _marks(p: Density, q: Density, breaks: ArrayLike) -> FloatArray:
    """The points at which the ratio may jump. Nothing is assumed about it there."""
    jumps = np.concatenate([np.asarray(law.breaks, dtype=np.float64) for law in (p, q)])
    return np.unique([*p.support, *q.support, *jumps, *validation.real_array("breaks", breaks)])


def _start(pair: tuple[Density, Density], marks: FloatArray) -> Nodes:
    """Nodes at the marks, and beside them, where the ratio is evaluated."""
    finite = marks[np.isfinite(marks)]
    beside = np.concatenate([_beside(finite, -np.inf), _beside(finite, np.inf)])
    beside = np.setdiff1d(beside[(beside > marks[0]) & (beside < marks[-1])], marks)
    nodes = _in_order(_evaluate(pair, marks), _evaluate(pair, beside))
    return nodes._replace(log_ratio=np.where(np.isin(nodes.x, marks), np.nan, nodes.log_ratio))


def _beside(marks: FloatArray, direction: float) -> FloatArray:
    """The next float in a direction; next to 0, one whose square and reciprocal are finite and positive."""
    return np.where(marks == 0, np.sign(direction) * NEAREST_ZERO, np.nextafter(marks, direction))


def _spread_masses(pair: tuple[Density, Density], nodes: Nodes, lightest: float) -> Nodes:
    """Halve cells until each has at most `HEAVIEST_CELL`, and at most half of the mass from it to its end."""
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
    """One more point in each bounded cell, at uneven shares: no periodic ratio then looks constant."""
    x = x[np.isfinite(x)]
    share = np.arange(len(x) - 1) * math.sqrt(0.5) % 1
    return np.clip((1 - share) * x[:-1] + share * x[1:], x[:-1], x[1:])


def _cells(nodes: Nodes) -> Cells:
    """The cells between neighbouring nodes.

    The ratio is taken as monotone inside, bounded by its end values.
    """
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
    """Masses of the cells, as differences of the smaller tail."""
    masses = np.where(below[1:] <= above[:-1], np.diff(below), -np.diff(above))
    if not (masses >= -CDF_ACCURACY).all():
        where = int(np.argmin(masses))
        raise ValueError(
            f"the cdf of {name} must rise, got the mass {masses[where]!s} between {x[where]!s} "
            f"and {x[where + 1]!s}"
        )
    return np.maximum(masses, 0.0)


def _coalesce(nodes: Nodes, cells: Cells, widest: float) -> Cells:
    """Join neighbouring cells while no gap exceeds `widest`.

    The search for extrema leaves more than needed.
    """
    begin, idle = 0, 0
    while idle < 2:  # pairs from even cells, then pairs from odd cells, until neither can be joined
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
    """Cells that join runs of neighbours. The runs begin at `starts`, the first at 0."""
    return Cells(
        cells.left[starts],
        cells.right[np.append(starts[1:], len(cells.p)) - 1],
        np.add.reduceat(cells.p, starts),
        np.add.reduceat(cells.q, starts),
        np.minimum.reduceat(cells.low, starts),
        np.maximum.reduceat(cells.high, starts),
    )


def _middle(cells: Cells) -> FloatArray:
    """The points at which cells are divided: halfway among floating-point numbers, or a stride into a tail.

    Halfway is the mean for ends of one size, and near the geometric mean for ends of different sizes. It
    reaches any number in at most 64 steps, so that the narrowest feature can be resolved.
    """
    left, right = _rank(cells.left), _rank(cells.right)
    halfway = _unrank((left >> 1) + (right >> 1) + (left & right & 1))
    inner = np.where(np.isinf(cells.right), cells.left, -cells.right)
    with np.errstate(over="ignore"):
        stride = np.where(inner < 0, 0.0, np.maximum(STRIDE * inner, 1.0))
    return np.where(np.isinf(cells.right), stride, np.where(np.isinf(cells.left), -stride, halfway))


def _rank(x: FloatArray) -> IntArray:
    """The ranks of floats: consecutive floats have consecutive ranks, and 0 has rank 0."""
    bits = (x + 0.0).view(np.int64)  # −0 becomes 0
    return np.where(bits < 0, np.iinfo(np.int64).min - bits, bits)


def _unrank(rank: IntArray) -> FloatArray:
    """The floats of these ranks."""
    bits = np.where(rank < 0, np.iinfo(np.int64).min - rank, rank)
    return bits.view(np.float64) + 0.0


def _evaluate(pair: tuple[Density, Density], x: FloatArray) -> Nodes:
    """Nodes at the points x."""
    p, q = pair
    log_ratio, noise = _log_ratio(pair, x)
    return Nodes(x, mass_below(p, x), mass_above(p, x), mass_below(q, x), mass_above(q, x), log_ratio, noise)


def _log_ratio(pair: tuple[Density, Density], x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """log(p/q), which is NaN where both densities vanish, and a bound of its rounding error."""
    logs = np.stack([log_density(density, x) for density in pair])
    sizes = np.where(np.isfinite(logs), np.abs(logs), 0.0)
    with np.errstate(invalid="ignore", over="ignore"):
        return logs[0] - logs[1], LOG_ROUNDING * _EPS * (1 + sizes.sum(axis=0))


def _insert(pair: tuple[Density, Density], nodes: Nodes, points: FloatArray) -> Nodes:
    """The nodes, together with new ones at the points."""
    return _in_order(nodes, _evaluate(pair, np.setdiff1d(points, nodes.x)))


def _in_order(first: Nodes, second: Nodes) -> Nodes:
    """The nodes of both, in rising order."""
    order = np.argsort(np.concatenate([first.x, second.x]))
    return Nodes(*(np.concatenate(values)[order] for values in zip(first, second, strict=True)))


def _refuted(cells: Cells, divisible: BoolArray) -> BoolArray:
    """Which cells have a mean ratio outside their bounds. There the ratio is not monotone."""
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
    """Local extrema of the log ratio: one for each turn of its values at the nodes without a known one."""
    with np.errstate(invalid="ignore"):
        steps = np.diff(nodes.log_ratio)
        sign = np.where(np.abs(steps) > nodes.noise[:-1] + nodes.noise[1:], np.sign(steps), 0.0)
    sign[~np.isfinite(steps)] = np.nan  # a jump is no turn
    moves = np.flatnonzero(sign != 0)
    turns = np.flatnonzero(sign[moves[:-1]] * sign[moves[1:]] < 0)
    first, last = moves[turns], moves[turns + 1]
    left, right = nodes.x[first], nodes.x[last + 1]
    is_known = np.searchsorted(np.sort(known), right, side="right") > np.searchsorted(np.sort(known), left)
    if len(known) + int((~is_known).sum()) > MAX_EXTREMA:
        raise ValueError(
            f"the density ratio turns more than {MAX_EXTREMA} times, once near {left[~is_known][0]!s}; it is "
            "too rough to be bounded from its values, but from_pmfs takes the masses of any cells"
        )
    return [
        _extremum(pair, sense, ends)
        for sense, *ends in zip(sign[first[~is_known]], left[~is_known], right[~is_known], strict=True)
    ]


def _extremum(pair: tuple[Density, Density], sense: float, ends: list[float]) -> float:
    """The point between two ends at which sense × log ratio is greatest."""
    minimum = minimize_scalar(
        lambda x: -sense * float(_log_ratio(pair, np.array([x]))[0][0]),
        bounds=ends,
        method="bounded",
        options={"xatol": EXTREMUM_TOLERANCE * (ends[1] - ends[0])},
    )
    return float(minimum.x)
