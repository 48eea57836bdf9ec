"""Witnesses of an order: garblings by cuts, and collapsed sets by integer programming."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from modecollapse import validation
from modecollapse.arrays import BoolArray, FloatArray
from modecollapse.brackets import Bracket
from modecollapse.errors import PrecisionError
from modecollapse.region import TOLERANCE, PairLike, Region, as_region

MAX_CUTS = 200
"""`witness_set` gives up after this many near misses."""

SOLVER_TOLERANCE = 1e-6
"""HiGHS takes numbers below this for 0, absolutely, in rows whose largest entries are near 1."""

NEAR_MISS = 10 * SOLVER_TOLERANCE
"""The solver is asked for sets that miss a bound by this much, so that none that holds escapes it."""


def garbling(r: Region, s: Region) -> FloatArray | None:
    """A channel that turns the pair of r into that of s (Blackwell; Remarks 9 and 10).

    The region r is cut along the line through each edge of s (docs/theory.md §1).

    Parameters
    ----------
    r, s : Region

    Returns
    -------
    ndarray, shape (len(r.p), len(s.p)), or None
        A row-stochastic W with ``r.p @ W == s.p`` and ``r.q @ W == s.q``, up to rounding: 3e-15 was the
        largest error of 6000 random garblings. Where s leaves r by up to 1e-12, which counts as touching,
        W is off by as much. None if and only if s is not contained in r.

    Raises
    ------
    ValueError
        If r or s is no Region.

    Examples
    --------
    >>> fine = Region.from_pmfs([0.5, 0.5, 0], [0, 0.5, 0.5])
    >>> coarse = Region.from_pmfs([0.5, 0.5], [0.25, 0.75])
    >>> W = garbling(fine, coarse)
    >>> bool(abs(fine.q @ W - coarse.q).max() < 1e-9)
    True
    """
    for name, region in (("r", r), ("s", s)):
        validation.instance(name, region, Region, "write Region.from_pmfs(p, q)")
    if not s <= r:
        return None
    letters = _Letters(r.q, r.difference, list(np.eye(len(r.q))))
    x, height = _from_zero(s.q), _from_zero(s.difference)
    for edge in range(len(s.q)):
        letters = _cut(letters, (x[edge], height[edge]), (s.q[edge], s.difference[edge]))
    return np.array(letters.shares).T @ _overlaps(_places(letters.q, letters.difference), 2 * x + height)


class _Letters(NamedTuple):
    """The letters of a garbled region in order, and the shares of the original letters in each."""

    q: FloatArray
    difference: FloatArray
    shares: list[FloatArray]


def _cut(letters: _Letters, start: tuple[float, float], edge: tuple[float, float]) -> _Letters:
    """Replace what lies above a line by a chord: split the letters at both its ends, merge those between.

    The line runs through `start` along `edge`. Points are (x, y − x), so that near pairs keep their digits.
    """
    x, height = _from_zero(letters.q), _from_zero(letters.difference)
    excess = (height - start[1]) * edge[0] - (x - start[0]) * edge[1]
    excess[[0, -1]] = np.minimum(excess[[0, -1]], 0.0)  # both corners lie on the line or below it
    above = np.flatnonzero(excess > 0)
    if not len(above):
        return letters
    left, right = above[0] - 1, above[-1]  # the letters that the line crosses
    kept = -excess[left] / (excess[left + 1] - excess[left])
    taken = excess[right] / (excess[right] - excess[right + 1])

    def spliced(values: list[Any]) -> list[Any]:
        first, last = values[left], values[right]
        merged = (1 - kept) * first + sum(values[left + 1 : right]) + taken * last
        return [*values[:left], kept * first, merged, (1 - taken) * last, *values[right + 1 :]]

    q, difference = (np.array(spliced(list(values))) for values in letters[:2])
    return _Letters(q, difference, spliced(letters.shares))


def _from_zero(values: FloatArray) -> FloatArray:
    """The partial sums, beginning with 0."""
    return np.append(0.0, np.cumsum(values))


def _places(q: FloatArray, difference: FloatArray) -> FloatArray:
    """x + y at each corner of the boundary, from 0 to 2."""
    return 2 * _from_zero(q) + _from_zero(difference)


def _overlaps(of: FloatArray, by: FloatArray) -> FloatArray:
    """The share of each interval between two corners of the first boundary that lies in each of the second.

    The two boundaries agree but for rounding, so that only slivers lie in two.
    """
    low, high = of[:-1, None], of[1:, None]
    ends = by.copy()
    ends[0], ends[-1] = -np.inf, np.inf
    shared = np.maximum(np.minimum(high, ends[1:]) - np.maximum(low, ends[:-1]), 0.0)
    empty = high <= low
    shared[empty[:, 0]] = (low <= ends[1:])[empty[:, 0]] & (low >= ends[:-1])[empty[:, 0]]
    return shared / shared.sum(axis=1, keepdims=True)


def witness_set(pair: PairLike, eps: float, delta: float) -> list[int] | None:
    """A set of letters that shows (ε,δ)-mode collapse in the literal sense of Definition 1.

    Nothing is randomised. This is a 0/1 knapsack, solved by integer programming, and it can fail where
    `Region.has_collapse` holds.

    Parameters
    ----------
    pair : Region or pair (p, q) of array_like, shape (k,)
        Target and generator.
    eps, delta : float
        The set must have P-mass ≥ δ and Q-mass ≤ ε; touching counts, to within 1e-12.

    Returns
    -------
    list of int, or None
        Sorted indices: into `p` for a pair, into the letters of a Region. None if and only if there is no
        such set.

    Raises
    ------
    PrecisionError
        If more than 200 sets come within 1e-5 of both bounds and fail, before one that holds is found. The
        distance is relative to ε for the Q-mass, and to δ for the P-mass.
    ValueError
        If a pmf is invalid (see `Region.from_pmfs`), or ε or δ lies outside [0, 1].

    Examples
    --------
    >>> witness_set(([0.2, 0.8], [0, 1]), 0, 0.2)
    [0]
    >>> witness_set(([0.11, 0.89], [0, 1]), 0.05, 0.12) is None  # though g(.05) = .1545
    True
    """
    region = as_region(pair, "witness_set((p, q), eps, delta)")
    eps, delta = validation.probability("eps", eps), validation.probability("delta", delta)
    if not region.has_collapse(eps, delta):  # not even with one letter split
        return None
    p, q = region.pair if isinstance(pair, Region) else validation.pmfs(*pair)
    # letters without P-mass only cost, and letters with Q-mass above ε cannot be in the set
    useful = np.flatnonzero((p > 0) & (q <= eps + TOLERANCE))
    free, costly = useful[q[useful] == 0], useful[q[useful] > 0]
    missing = delta - math.fsum(p[free])
    if missing <= TOLERANCE:
        return [int(i) for i in free]
    chosen = _knapsack(p[costly], q[costly], eps, missing)
    return None if chosen is None else sorted(int(i) for i in (*free, *costly[chosen]))


def _knapsack(p: FloatArray, q: FloatArray, eps: float, delta: float) -> BoolArray | None:
    """Flags of letters with P-mass ≥ δ and Q-mass ≤ ε together, both to within 1e-12; None if there are none.

    Each row is divided by its bound, since the solver's tolerance is absolute. The solver searches a little
    too far. The sets that it finds are checked exactly, and cut off where they fail.
    """
    budget, goal = eps + TOLERANCE, delta - TOLERANCE

    def holds(chosen: BoolArray) -> bool:
        return math.fsum(q[chosen]) <= budget and math.fsum(p[chosen]) >= goal

    greedy = _by_ratio(p, q, budget)
    if holds(greedy):
        return greedy
    if math.fsum(p) < goal:
        return None
    from scipy.optimize import Bounds, LinearConstraint, milp

    gain, cost = np.minimum(p / goal, 1.0), q / budget
    rows, least = [gain, -cost], [1 - NEAR_MISS, -1 - NEAR_MISS]
    for _ in range(MAX_CUTS):
        solution = milp(
            cost - gain,
            constraints=LinearConstraint(np.array(rows), lb=np.array(least)),
            bounds=Bounds(0, 1),
            integrality=np.ones(len(p)),
            options={"mip_rel_gap": math.inf},  # any set will do
        )
        if solution.x is None:
            return None
        chosen: BoolArray = np.round(solution.x) == 1
        if holds(chosen):
            return chosen
        rows.append(np.where(chosen, -1.0, 1.0))
        least.append(1.0 - chosen.sum())
    raise PrecisionError(
        f"{MAX_CUTS} sets come within {NEAR_MISS:g}, relative, of Q-mass {eps!r} and P-mass {delta!r}, and "
        "fail; whether one holds is undecided",
        Bracket(0.0, 1.0),
    )


def _by_ratio(p: FloatArray, q: FloatArray, budget: float) -> BoolArray:
    """Flags of letters in order of falling p/q, each taken if it still fits the budget of Q-mass."""
    chosen = np.zeros(len(p), dtype=np.bool_)
    spent = 0.0
    for letter in np.argsort(q / p, kind="stable"):
        if spent + q[letter] <= budget:
            chosen[letter] = True
            spent += q[letter]
    return chosen
