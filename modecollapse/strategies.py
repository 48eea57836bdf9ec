"""Hypothesis strategies for property tests: pmfs, pairs, regions, parameters of theorems, garblings.

They need `hypothesis`. The rest of the library accepts every value they draw. Examples shrink towards few
letters, equal weights and simple fractions. Zeros, ties, disjoint supports, probabilities near 1e-300 and
pairs that differ by 1e-12 are all likely.

A number of letters or a packing degree may be an int, a range or a strategy of ints.

Examples
--------
>>> from hypothesis import given
>>> @given(regions(), regions())
... def test_a_meet_lies_below_and_a_join_above(r, s):
...     assert r & s <= r <= r | s
>>> test_a_meet_lies_below_and_a_join_above()
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from modecollapse import validation
from modecollapse.arrays import FloatArray
from modecollapse.region import Region
from modecollapse.theorems.regimes import REGIMES, Distances, shape

Drawn = TypeVar("Drawn")

Pmf = list[float]
Count = int | range | SearchStrategy[int]
Number = float | SearchStrategy[float]

LETTERS = range(1, 6)
"""Default number of letters."""

DEGREES = range(1, 7)
"""Default packing degrees."""

LEAST_WEIGHT = 1e-300
"""The least positive weight of a letter, before its pmf is normalised."""


class Draw(Protocol):
    """The function by which a composite strategy draws from others."""

    def __call__(self, strategy: SearchStrategy[Drawn], /) -> Drawn:
        """A value of the strategy."""


class Pair(NamedTuple):
    """A target and a generator on the same letters."""

    p: Pmf
    q: Pmf


class TheoremParameters(NamedTuple):
    """Parameters of Theorems 3 to 5, and the regime of `tv_band` they belong to.

    Attributes
    ----------
    tau, eps, delta : float
        The total variation τ in [0, 1], and the point (ε,δ) with 0 ≤ ε < δ ≤ 1.
    m : int
        The packing degree.
    regime : str
        One of `regimes.REGIMES`.
    """

    tau: float
    eps: float
    delta: float
    m: int
    regime: str

    @property
    def condition(self) -> dict[str, tuple[float, float]]:
        """The condition on the pairs, as keyword arguments of `tv_band`.

        Examples
        --------
        >>> TheoremParameters(0.5, 0.25, 0.5, 2, "collapse").condition
        {'collapse': (0.25, 0.5)}
        """
        return dict.fromkeys(REGIMES[self.regime].conditions, (self.eps, self.delta))


# -- weights -----------------------------------------------------------------------------------------

# Each branch makes equally many choices, since Hypothesis takes the shortest sequence for the simplest.
_RARE = st.integers(1, 300).map(lambda n: 10.0**-n) | st.floats(LEAST_WEIGHT, 1.0)
_POSITIVE = st.integers(1, 6).map(float) | _RARE
_WEIGHTS = st.sampled_from((1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 0.0)) | st.sampled_from((1.0, 0.0)) | _RARE
_DISTANCES = st.sampled_from((0.5, 1.0, 0.0)) | st.integers(1, 16).map(lambda n: 10.0**-n) | st.floats(0, 1)
_SHARES = (
    st.sampled_from((0.5, 0.0, 1.0))
    | st.integers(1, 99).map(lambda n: n / 100)
    | st.integers(3, 9).map(lambda n: 10.0**-n)
    | st.floats(0.001, 0.999)
)


def _normalised(weights: Sequence[float]) -> Pmf:
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def _lists(weights: SearchStrategy[float], size: int) -> SearchStrategy[list[float]]:
    return st.lists(weights, min_size=size, max_size=size)


def _counts(name: str, values: Count, least: int = 1) -> SearchStrategy[int]:
    """Integers of at least `least`. A range is truncated to them, and a strategy filtered."""
    if isinstance(values, SearchStrategy):
        return values.filter(lambda value: value >= least)
    try:
        choices = values if isinstance(values, range) else [operator.index(values)]
    except TypeError:
        raise ValueError(
            f"{name} must be a whole number, a range or a strategy of them, got {values!r}"
        ) from None
    if not choices or min(choices) < 1 or max(choices) < least:
        raise ValueError(f"{name} must be at least {least} here, got {values!r}")
    return st.sampled_from([choice for choice in choices if choice >= least])


# -- pmfs, pairs, regions ----------------------------------------------------------------------------


def pmfs(k: Count = LETTERS, *, zeros: bool | None = None) -> SearchStrategy[Pmf]:
    """Strategy for lists of k probabilities, down to 1e-300 and below.

    Parameters
    ----------
    k : int, range or strategy of int, default range(1, 6)
        The number of letters.
    zeros : bool, optional
        Whether some letter has probability 0. By default some pmfs have such a letter, and some have none.

    Returns
    -------
    SearchStrategy of list of float
        Lists that sum to 1 within rounding. They shrink to equal probabilities, such as [0.5, 0.5].

    Raises
    ------
    ValueError
        If k is not positive, or too small for a letter of probability 0.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(pmfs(2), lambda pmf: True)
    [0.5, 0.5]
    >>> find(pmfs(3, zeros=True), lambda pmf: True)
    [0.0, 0.5, 0.5]
    """
    return _counts("k", k, least=2 if zeros else 1).flatmap(lambda n: _pmf(n, zeros))


def _pmf(letters: int, zeros: bool | None) -> SearchStrategy[Pmf]:
    """Strategy for pmfs with this number of letters; see `pmfs`."""
    if zeros is None:
        return _lists(_WEIGHTS, letters).filter(any).map(_normalised)
    if not zeros:
        return _lists(_POSITIVE, letters).map(_normalised)
    others = _lists(_WEIGHTS, letters - 1).filter(any)
    return st.builds(_with_zero, others, st.integers(0, letters - 1)).map(_normalised)


def _with_zero(weights: list[float], at: int) -> list[float]:
    return [*weights[:at], 0.0, *weights[at:]]


def pairs(
    k: Count = LETTERS,
    *,
    tau: Number | None = None,
    zeros: bool | None = None,
    near: float | None = None,
) -> SearchStrategy[Pair]:
    """Strategy for pairs of pmfs on the same k letters.

    Parameters
    ----------
    k : int, range or strategy of int, default range(1, 6)
        The number of letters. A letter may have probability 0 under both pmfs.
    tau : float or strategy of float, optional
        The total variation, in [0, 1]. By default any.
    zeros : bool, optional
        Whether some letter has probability 0 under P or Q. By default some pairs have such a letter, and some
        have none.
    near : float, optional
        Greatest total variation, in [0, 1]. Most pairs are much nearer, down to 1e-12 of it.

    Returns
    -------
    SearchStrategy of Pair
        Named tuples (p, q) of lists. With `tau`, the total variation differs from it by at most 1e-15.

    Raises
    ------
    ValueError
        If a parameter is out of range, both `tau` and `near` are given, or the demands exclude each
        other: a single letter allows neither a zero nor a distance, and total variation 1 needs zeros.

    Notes
    -----
    Every pair at total variation τ is (1−τ)c + τa, (1−τ)c + τb with pmfs a, b of disjoint supports. The
    strategy draws a, b and c.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(pairs(2, tau=0.5), lambda pair: True)
    Pair(p=[0.75, 0.25], q=[0.25, 0.75])
    >>> find(pairs(zeros=True), lambda pair: pair.p != pair.q)
    Pair(p=[0.0, 1.0], q=[0.5, 0.5])
    """
    if tau is not None and near is not None:
        raise ValueError(f"give tau or near, not both, got tau={tau!r} and near={near!r}")
    if tau is not None:
        fixed = not isinstance(tau, SearchStrategy)
        least = 1 if fixed and tau == 0 and not zeros else 2
        return _pairs_apart(_counts("k", k, least), _distances(tau, zeros), zeros)
    letters = _counts("k", k, least=2 if zeros else 1)
    if near is not None:
        bound = validation.probability("near", near)
        distances = st.integers(0, 12).map(lambda n: bound / 2 * 10.0**-n) | st.floats(0, bound)
        return _pairs_apart(letters, _distances(distances, zeros), zeros).filter(
            lambda pair: _region(pair).total_variation <= bound
        )
    return letters.flatmap(lambda n: _independent(n, zeros)) | _pairs_apart(
        letters, _distances(_DISTANCES, zeros), zeros
    )


def _distances(tau: Number, zeros: bool | None) -> SearchStrategy[float]:
    """Strategy for total variations in [0, 1], below 1 where no letter may have probability 0."""
    if isinstance(tau, SearchStrategy):
        checked = tau.map(lambda value: validation.probability("tau", value))
        return checked.filter(lambda value: value < 1) if zeros is False else checked
    distance = validation.probability("tau", tau)
    if zeros is False and distance == 1:
        raise ValueError(f"total variation 1 needs zeros, got tau={tau!r} with zeros=False")
    return st.just(distance)


def _independent(letters: int, zeros: bool | None) -> SearchStrategy[Pair]:
    """Strategy for pairs of pmfs that are drawn independently."""
    constrained = _pmf(letters, zeros)
    if not zeros:
        return st.builds(Pair, constrained, constrained)
    free = _pmf(letters, None)
    return st.builds(Pair, constrained, free) | st.builds(Pair, free, constrained)


@st.composite
def _pairs_apart(
    draw: Draw,
    letters: SearchStrategy[int],
    distances: SearchStrategy[float],
    zeros: bool | None,
) -> Pair:
    """Strategy for pairs at the distances drawn. On a single letter the distance is 0."""
    n = draw(letters)
    tau = draw(distances) if n > 1 else 0.0
    shared = draw(_pmf(n, zeros))
    if n == 1:
        return Pair(shared, list(shared))
    gains = draw(_disjoint(n))
    p, q = ([(1 - tau) * c + tau * a for c, a in zip(shared, gain, strict=True)] for gain in gains)
    return Pair(p, q)


@st.composite
def _disjoint(draw: Draw, letters: int) -> Pair:
    """Strategy for two pmfs of disjoint supports, which need not cover all letters."""
    sides = draw(st.lists(st.sampled_from((0, 1, -1)), min_size=letters, max_size=letters))
    first = draw(st.integers(0, letters - 1))
    last = (first + 1 + draw(st.integers(0, letters - 2))) % letters
    sides[first], sides[last] = 1, -1
    weights = draw(_lists(_POSITIVE, letters))
    p, q = (
        _normalised([weight if side == own else 0.0 for weight, side in zip(weights, sides, strict=True)])
        for own in (1, -1)
    )
    return Pair(p, q)


def _region(pair: Pair) -> Region:
    return Region.from_pmfs(*pair)


def regions(
    k: Count = LETTERS,
    *,
    tau: Number | None = None,
    zeros: bool | None = None,
    near: float | None = None,
) -> SearchStrategy[Region]:
    """Strategy for regions of at most k letters. A region joins letters of equal ratio.

    Parameters
    ----------
    k, tau, zeros, near
        Arguments of `pairs`, for the pair whose region is drawn.

    Returns
    -------
    SearchStrategy of Region
        Regions of pairs.

    Raises
    ------
    ValueError
        As for `pairs`.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(regions(), lambda region: region.total_variation > 0.9)
    <Region p=[1, 0] q=[0, 1]>
    """
    return pairs(k, tau=tau, zeros=zeros, near=near).map(_region)


# -- parameters of the theorems ----------------------------------------------------------------------


def theorem_parameters(
    feasible: bool = True, *, regime: str | None = None, m: Count = DEGREES
) -> SearchStrategy[TheoremParameters]:
    """Strategy for parameters of Theorems 3 to 5, by default with a class of pairs that is not empty.

    Parameters
    ----------
    feasible : bool, default True
        Whether the class of pairs is not empty. Where it is empty, `tv_band` raises InfeasibleError.
    regime : str, optional
        One of `regimes.REGIMES`. By default any. Infeasible parameters lie beyond the last threshold of their
        regime; "all pairs" and "too close to collapse" have none.
    m : int, range or strategy of int, default range(1, 7)
        Packing degrees.

    Returns
    -------
    SearchStrategy of TheoremParameters
        Each of ε, 1−δ and δ−ε is 0 or above 3e-13. τ is often at a threshold, or 2e-12 from it.

    Raises
    ------
    ValueError
        If the regime is unknown, or no parameters are infeasible in it.

    Examples
    --------
    >>> from hypothesis import find
    >>> import modecollapse as mc
    >>> simplest = find(theorem_parameters(regime="collapse", m=2), lambda parameters: True)
    >>> simplest
    TheoremParameters(tau=0.75, eps=0.25, delta=0.75, m=2, regime='collapse')
    >>> mc.tv_band(simplest.tau, simplest.m, **simplest.condition).regime
    'collapse'
    """
    ranges = {name: entry.within if feasible else entry.beyond for name, entry in REGIMES.items()}
    possible = {name: distances for name, distances in ranges.items() if distances}
    if regime is not None and regime not in possible:
        kind = "a regime" if feasible else "a regime with infeasible parameters"
        raise ValueError(f"regime must be {kind}, one of {list(possible)}, got {regime!r}")
    degrees = _counts("m", m)
    return st.sampled_from(list(possible) if regime is None else [regime]).flatmap(
        lambda name: _parameters(name, feasible, possible[name], degrees)
    )


@st.composite
def _parameters(
    draw: Draw,
    regime: str,
    feasible: bool,
    distances_for: Callable[[float, float], Distances],
    degrees: SearchStrategy[int],
) -> TheoremParameters:
    """Strategy for parameters of one regime."""
    eps, delta = draw(_points(regime, feasible))
    distances = distances_for(*shape(eps, delta))
    assume(not distances.is_empty)
    return TheoremParameters(distances.at(draw(_SHARES)), eps, delta, draw(degrees), regime)


@st.composite
def _points(draw: Draw, regime: str, feasible: bool) -> tuple[float, float]:
    """Strategy for points (ε,δ), most of them in the regime.

    It draws d = δ−ε first, and then u = min(ε, 1−δ) from the rest 1−d.
    """
    d = draw(_SHARES.filter(lambda share: share > 0))
    rest, share = 1 - d, draw(_SHARES)
    third = rest / 3  # the u at which d/(1−u) = d/(2u+d)
    if regime == "zero-width collapse":
        u = 0.0
    elif regime == "middle tangents":
        u = share * third
    elif regime == "side tangents" and not feasible:
        u = third + share * (rest / 2 - third)
    elif regime == "side tangents":
        u = share * rest / 2
    else:
        u = share * rest
    eps = draw(st.sampled_from((u, rest - u)))
    return eps, min(eps + d, 1.0)


# -- garblings ---------------------------------------------------------------------------------------


def garblings(k: Count = LETTERS, l: Count = LETTERS) -> SearchStrategy[FloatArray]:  # noqa: E741
    """Strategy for row-stochastic matrices: channels that garble k letters into l.

    Parameters
    ----------
    k, l : int, range or strategy of int, default range(1, 6)
        The number of rows, and the number of columns.

    Returns
    -------
    SearchStrategy of ndarray, shape (k, l)
        Permutations (where k = l), maps of letters to letters, and channels that randomise. They shrink to
        the identity where k = l, and otherwise to the map of all letters to the first.

    Raises
    ------
    ValueError
        If k or l is not positive.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(garblings(2, 2), lambda W: True).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    >>> find(garblings(2, 3), lambda W: True).tolist()
    [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    """
    return st.tuples(_counts("k", k), _counts("l", l)).flatmap(lambda shape: _garbling(*shape))


def _garbling(rows: int, columns: int) -> SearchStrategy[FloatArray]:
    """Strategy for row-stochastic matrices of this shape."""
    letter_maps = st.lists(st.integers(0, columns - 1), min_size=rows, max_size=rows)
    if rows == columns:
        letter_maps = st.permutations(range(columns)) | letter_maps
    channels = st.lists(_pmf(columns, None), min_size=rows, max_size=rows).map(np.array)
    return letter_maps.map(lambda targets: np.eye(columns)[targets]) | channels
