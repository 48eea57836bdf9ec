"""Differential privacy: δ(ε) and ε(δ) of a pair, certified at any number of samples.

P and Q are the outputs of a mechanism on two neighbouring data sets, and m samples are m uses of it. A
guarantee holds for both orders of the two data sets.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import NamedTuple, ParamSpec, overload

import numpy as np

from modecollapse import validation
from modecollapse.arrays import Degree
from modecollapse.brackets import Bracket
from modecollapse.errors import PrecisionError
from modecollapse.packing.tails import packed_hockey_stick_bracket
from modecollapse.region import PairLike, Region, RegionBracket, as_region

DELTA_WIDTH = 1e-6
"""Default width of a δ, relative to itself."""

EPS_WIDTH = 1e-3
"""Default width of an ε, absolute."""

Parameters = ParamSpec("Parameters")

LARGEST_EPS = 700.0
"""An ε above this is refused at m > 1: e^ε would overflow."""

ROUNDING = 1e-9
"""Allowance for the rounding of two ends, relative to the width between them."""

TINIEST = 1e-320
"""A δ below this is taken for it in guesses, so that its logarithm is finite."""

COARSE = 1e-2
"""Relative width of a δ in the first guesses at an ε, and the width of those guesses."""

BESIDE, NEWTON_STEPS = 0.25, 4
"""Distance over which the slope of log δ(ε) is taken, and the most steps of Newton's method with it."""

MOMENTS = np.geomspace(1e-2, 1e3, 60)
"""Exponents t of the moments that bound an ε."""


@overload
def privacy_delta(
    region: RegionBracket, eps: float, m: Degree = 1, width: float = DELTA_WIDTH
) -> Bracket: ...
@overload
def privacy_delta(region: PairLike, eps: float, m: Degree = 1, width: float = DELTA_WIDTH) -> float: ...
def privacy_delta(
    region: PairLike | RegionBracket, eps: float, m: Degree = 1, width: float = DELTA_WIDTH
) -> float | Bracket:
    """The least δ at which m uses of a mechanism are (ε,δ)-differentially private: the greater hockey stick.

    It is the maximum of Σ (P^m − e^ε Q^m)⁺ and Σ (Q^m − e^ε P^m)⁺.

    Parameters
    ----------
    region : Region, pair (p, q), or RegionBracket
        Outputs on two neighbouring data sets. ``RegionBracket(r, r)`` asks for the certified bracket of r.
    eps : float
        ε ≥ 0, and at most 700 for m > 1.
    m : int, default 1
        Number of uses.
    width : float, default 1e-6
        Width of the bracket for m > 1, relative to δ.

    Returns
    -------
    float, or Bracket for two regions
        In [0, 1]. At m = 1 exact to rounding. For m > 1 the middle of a certified bracket of that relative
        width, also where δ is as small as 1e-300.

    Raises
    ------
    PrecisionError
        If the width cannot be certified; see `packed_hockey_stick_bracket`.
    ValueError
        If ε, m or the width is invalid.

    Examples
    --------
    >>> response = [0.75, 0.25], [0.25, 0.75]
    >>> round(privacy_delta(response, 0.5), 6), round(privacy_delta(response, 2, 10), 6)
    (0.33782, 0.776104)
    """
    eps, m = validation.number("eps", eps), validation.degree(m)
    width = validation.positive("width", width)
    if eps < 0:
        raise ValueError(f"eps must be at least 0, got {eps!r}")
    if m > 1 and eps > LARGEST_EPS:
        raise ValueError(f"eps must be at most {LARGEST_EPS:g} for m > 1, got {eps!r}")
    if isinstance(region, RegionBracket):
        return _together([_attempt(_delta, side, eps, m, width) for side in region], min, max)
    return _number(_delta(as_region(region), eps, m, width))


@overload
def privacy_epsilon(
    region: RegionBracket, delta: float, m: Degree = 1, width: float = EPS_WIDTH
) -> Bracket: ...
@overload
def privacy_epsilon(region: PairLike, delta: float, m: Degree = 1, width: float = EPS_WIDTH) -> float: ...
def privacy_epsilon(
    region: PairLike | RegionBracket, delta: float, m: Degree = 1, width: float = EPS_WIDTH
) -> float | Bracket:
    """The least ε ≥ 0 at which m uses of a mechanism are (ε,δ)-differentially private.

    Parameters
    ----------
    region : Region, pair (p, q), or RegionBracket
        Outputs on two neighbouring data sets. ``RegionBracket(r, r)`` asks for the certified bracket of r.
    delta : float
        δ in [0, 1].
    m : int, default 1
        Number of uses.
    width : float, default 1e-3
        Width of the bracket for m > 1, absolute.

    Returns
    -------
    float, or Bracket for two regions
        In [0, ∞]: infinite where one law has more than δ where the other has nothing. At m = 1, and at δ = 0,
        exact to rounding. Else the middle of a certified bracket.

    Raises
    ------
    PrecisionError
        If the width cannot be certified, or if ε is above 700. It carries the best bracket.
    ValueError
        If δ, m or the width is invalid.

    Examples
    --------
    >>> response = [0.75, 0.25], [0.25, 0.75]
    >>> round(privacy_epsilon(response, 0.1), 6), round(privacy_epsilon(response, 1e-6, 10), 2)
    (0.955511, 10.99)
    """
    delta, m = validation.probability("delta", delta), validation.degree(m)
    width = validation.positive("width", width)
    if isinstance(region, RegionBracket):
        return _epsilon_between(region, delta, m, width)
    return _number(_epsilon(as_region(region), delta, m, width))


def _number(bracket: Bracket) -> float:
    """The middle of a bracket, which may be two infinite ends."""
    return bracket.lower if bracket.lower == bracket.upper else bracket.middle


def _delta(region: Region, eps: float, m: int, width: float) -> Bracket:
    """The bracket of δ(ε)."""
    return _together(
        [_attempt(_delta_one_way, side, eps, m, width) for side in _both_orders(region)], max, max
    )


class _Attempt(NamedTuple):
    """The bracket that a function finds, and why it is wider than asked for if it is."""

    bracket: Bracket
    fault: PrecisionError | None


def _attempt(
    of: Callable[Parameters, Bracket], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> _Attempt:
    try:
        return _Attempt(of(*args, **kwargs), None)
    except PrecisionError as error:
        return _Attempt(error.bracket, error)


def _together(
    attempts: Sequence[_Attempt],
    lower: Callable[[Iterable[float]], float],
    upper: Callable[[Iterable[float]], float],
) -> Bracket:
    """The brackets of several regions as one.

    A bracket that is wider than asked for is of one region alone. So it is raised again with those of the
    others.
    """
    ends = [each.bracket for each in attempts]
    together = Bracket(lower(each.lower for each in ends), upper(each.upper for each in ends))
    for each in attempts:
        if each.fault:
            raise PrecisionError(str(each.fault), together)
    return together


def _both_orders(region: Region) -> tuple[Region, ...]:
    """The region and its mirror image, or the region alone if it is its own."""
    mirror = region.mirror()
    is_symmetric = np.array_equal(region.p, mirror.p) and np.array_equal(region.q, mirror.q)
    return (region,) if is_symmetric else (region, mirror)


def _delta_one_way(region: Region, eps: float, m: int, width: float) -> Bracket:
    if m == 1:
        exact = excess(region, eps)
        return Bracket(exact, exact)
    if eps >= m * _greatest_loss(region):
        never = _never_private(region, m)
        return Bracket(never, never)
    return packed_hockey_stick_bracket(region, m, math.exp(eps), width, relative=True)


def excess(region: Region, eps: float) -> float:
    """Σ (p − e^ε q)⁺, relative to itself where it is small."""
    return min(math.fsum(region.p * -np.expm1(np.minimum(eps - region.log_ratio, 0.0))), 1.0)


def _greatest_loss(region: Region) -> float:
    """The greatest finite log(p/q)."""
    common = (region.p > 0) & (region.q > 0)
    return float(region.log_ratio[common].max(initial=0.0))


def _never_private(region: Region, m: int) -> float:
    """P^m of the sequences that Q^m lacks: δ(ε) of all large ε."""
    lost = min(math.fsum(region.p[region.q == 0]), 1.0)
    return -math.expm1(m * math.log1p(-lost)) if lost < 1 else 1.0


def _epsilon_between(regions: RegionBracket, delta: float, m: int, width: float) -> Bracket:
    """Ends of ε(δ) that hold for all regions between two: the lower of the inner, the upper of the outer.

    The two agree closely as a rule. So the lower end of the outer region is tried for the inner one first.
    """
    inner, outer = regions
    try:
        lower, upper = _epsilon(outer, delta, m, width)
    except PrecisionError:
        return _together([_attempt(_epsilon, side, delta, m, width) for side in regions], min, max)
    if (
        0 < lower < upper
        and max(_compared(side, lower, m, delta, width / 4).lower for side in _both_orders(inner)) > delta
    ):
        return Bracket(lower, upper)
    try:
        least = _epsilon(inner, delta, m, width).lower
    except PrecisionError as error:
        raise PrecisionError(str(error), Bracket(min(error.bracket.lower, lower), upper)) from None
    return Bracket(min(least, lower), upper)


def _epsilon(region: Region, delta: float, m: int, width: float) -> Bracket:
    """The bracket of ε(δ)."""
    sides = _both_orders(region)
    if max(_never_private(side, m) for side in sides) > delta:
        return Bracket(math.inf, math.inf)
    if delta == 0:
        most = m * max(map(_greatest_loss, sides))
        return Bracket(most, most)
    if m == 1:
        exact = max(_epsilon_of_one(side, delta) for side in sides)
        return Bracket(exact, exact)
    # one order mostly decides, and the other is then private at its upper end
    leading, *others = sorted(sides, key=lambda side: _moment_bound(side, delta, m), reverse=True)
    first = _attempt(_epsilon_one_way, leading, delta, m, width)
    most = first.bracket.upper
    rivals = [
        side
        for side in others
        if most > LARGEST_EPS or _compared(side, most, m, delta, width / 4).upper > delta
    ]
    return _together(
        [first, *(_attempt(_epsilon_one_way, side, delta, m, width) for side in rivals)], max, max
    )


def _epsilon_one_way(region: Region, delta: float, m: int, width: float) -> Bracket:
    @cache
    def bracket(eps: float, share: float) -> Bracket:
        return _compared(region, eps, m, delta, share)

    return _around_root(bracket, delta, _moment_bound(region, delta, m), width)


def _compared(region: Region, eps: float, m: int, delta: float, share: float) -> Bracket:
    """The bracket of δ(ε) one way: coarse if that tells it from δ, else of the relative width `share`.

    A bracket that is wider than asked for is still a bracket: far in the tail it mostly tells all the same.
    """
    for width in (COARSE, share) if share < COARSE else (share,):
        try:
            ends = _delta_one_way(region, eps, m, width)
        except PrecisionError as error:
            ends = error.bracket
        if ends.lower > delta or ends.upper <= delta:
            break
    return ends


def _moment_bound(region: Region, delta: float, m: int) -> float:
    """An ε with δ(ε) ≤ δ: on the common letters (p − e^ε q)⁺ ≤ p (p/q)^t e^{−tε} for every t ≥ 0."""
    common = (region.p > 0) & (region.q > 0)
    room = delta - _never_private(region, m)
    most = m * _greatest_loss(region)
    if room <= 0 or most == 0:
        return most
    log_p, ratio = np.log(region.p[common]), region.log_ratio[common]
    exponents = log_p + np.multiply.outer(MOMENTS, ratio)
    top = exponents.max(axis=1)
    moments = top + np.log(np.exp(exponents - top[:, None]).sum(axis=1))
    return max(min(most, float(((m * moments - math.log(room)) / MOMENTS).min())), 0.0)


def _epsilon_of_one(region: Region, delta: float) -> float:
    """Least ε ≥ 0 with Σ (p − e^ε q)⁺ ≤ δ, on the piece of the letters that count there."""
    if excess(region, 0.0) <= delta:
        return 0.0
    # H is linear in e^ε between the ratios of letters; at the ratio of letter j the letters before it count
    low, high = int((region.q == 0).sum()), len(region.q)
    ratios = region.log_ratio
    while high - low > 1:
        middle = (low + high) // 2
        if ratios[middle] > 0 and excess(region, float(ratios[middle])) <= delta:
            low = middle
        else:
            high = middle
    counted = slice(0, high)
    rise = math.fsum([*region.difference[counted], -delta])
    return math.log1p(rise / math.fsum(region.q[counted]))


def _around_root(
    bracket: Callable[[float, float], Bracket], delta: float, most: float, width: float
) -> Bracket:
    """Two ends, `width` apart, with δ(ε) certainly above δ at the lower and not above it at the upper."""
    high = min(most, LARGEST_EPS)
    if bracket(0.0, COARSE).upper <= delta:
        return Bracket(0.0, 0.0)
    if most > high and (ends := bracket(high, COARSE)).upper > delta:
        is_above = ends.lower > delta
        raise PrecisionError(
            f"ε {'is' if is_above else 'may be'} above {high:g} at delta={delta!r}, where e^ε overflows",
            Bracket(high if is_above else 0.0, most),
        )
    known = Bracket(0.0, most)
    guess, slope = _coarse_root(partial(_with_share, bracket, COARSE), delta, high)
    # an ε off by `width` changes δ by about slope · width of itself
    for share in (min(slope * width / 8, COARSE) or width / 8, width / 800):
        fine = partial(_with_share, bracket, share)
        # δ(ε) has corners, where Newton's steps go astray
        for find in (
            partial(_newton, fine, delta, high, width / 8, guess, slope),
            partial(_root, fine, delta, high, width / 8),
        ):
            eps = find()
            ends = Bracket(max(eps - width / 2, 0.0), min(eps + width / 2, most))
            if ends.lower == 0 or fine(ends.lower).lower > delta:
                known = Bracket(max(ends.lower, known.lower), known.upper)
            if ends.upper == most or fine(ends.upper).upper <= delta:
                known = Bracket(known.lower, min(ends.upper, known.upper))
            if known.width <= width * (1 + ROUNDING):
                return known
    raise PrecisionError(
        f"ε is only known to lie in [{known.lower!r}, {known.upper!r}] at delta={delta!r}; "
        f"ask for a wider width than {width:g}",
        known,
    )


def _with_share(bracket: Callable[[float, float], Bracket], share: float, eps: float) -> Bracket:
    return bracket(eps, share)


def _coarse_root(coarse: Callable[[float], Bracket], delta: float, high: float) -> tuple[float, float]:
    """A first guess at the root of log δ(ε) − log δ, and the rate at which log δ(ε) falls there."""
    guess = _root(coarse, delta, high, COARSE)
    beside = min(guess + BESIDE, high)
    fall = _log_excess(coarse, delta, guess) - _log_excess(coarse, delta, beside)
    return guess, max(fall / (beside - guess), 0.0) if beside > guess else 0.0


def _newton(
    fine: Callable[[float], Bracket],
    delta: float,
    high: float,
    tolerance: float,
    guess: float,
    slope: float,
) -> float:
    """An ε near the root of log δ(ε) − log δ, by Newton's steps from a guess with one slope."""
    for _ in range(NEWTON_STEPS if slope > 0 else 0):
        step = _log_excess(fine, delta, guess) / slope
        guess += step
        if abs(step) < tolerance:
            break
    return min(max(guess, 0.0), high)


def _root(bracket: Callable[[float], Bracket], delta: float, high: float, tolerance: float) -> float:
    """The root of log δ(ε) − log δ between 0 and `high`, from the middles of brackets."""
    from scipy.optimize import brentq  # slow to import

    level = partial(_log_excess, bracket, delta)
    if level(0.0) <= 0:
        return 0.0
    return high if level(high) >= 0 else float(brentq(level, 0.0, high, xtol=tolerance))


def _log_excess(bracket: Callable[[float], Bracket], delta: float, eps: float) -> float:
    """The logarithm of δ(ε)/δ, from the middle of a bracket."""
    return math.log(max(bracket(max(eps, 0.0)).middle, TINIEST) / delta)
