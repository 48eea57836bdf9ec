"""The least packing degree at which P and Q are told apart as well as asked."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import overload

import numpy as np

from modecollapse import validation
from modecollapse.brackets import Bracket
from modecollapse.errors import InfeasibleError, PrecisionError
from modecollapse.packing import chernoff, choice, few_letters
from modecollapse.packing.letters import CommonLetters, common_letters
from modecollapse.packing.regions import pack, pack_bracket
from modecollapse.region import PairLike, Region, as_region

TOUCHING = 1e-11
"""Relative difference that counts as touching, as of the distance 1 − 0.8² from 0.36."""

PROMISED = 2e-12
"""Bound on the relative error of exact evaluators, twice what `packed_tv` and `packed_overlap` promise."""

MASS_ROUNDING = 64 * choice.EPS
"""Relative error of a tail or an overlap that the rounding of single masses causes, by √m.

Masses are off by ε. A count is then off by ε√m of its standard deviation, and log tails that are not below
10⁻³⁰⁰ change by at most 38 a standard deviation.
"""

SHARE_ROUNDING = 64 * choice.EPS
"""Error of the logarithm of a power of a share, relative to itself: four times that of `fourier.rounding`."""

BOUND_ROUNDING = 1e-9
"""Reserve of the bounds that a search starts from, relative to them and far above their rounding."""

WIDTHS = (1e-2, 1e-4, 1e-6, 1e-8, 1e-10)
"""Relative widths of the brackets that decide, one after the other until one does."""

LEVY_WIDTHS = (1e-3, 1e-5, 1e-7)
"""Widths of brackets of regions, likewise."""

HEIGHT_ROUNDING = 1e-14
"""Rounding of the heights of a bracket of regions."""


@overload
def least_degree(pair: PairLike, alpha: float, beta: float) -> int: ...
@overload
def least_degree(pair: PairLike, *, tv: float) -> int: ...
def least_degree(
    pair: PairLike, alpha: float | None = None, beta: float | None = None, *, tv: float | None = None
) -> int:
    """The least m at which m samples tell P from Q as well as asked.

    A test of m samples takes them for P or for Q, and may toss a coin. ``least_degree(pair, alpha, beta)`` is
    the least m at which some test takes samples of Q for P with chance at most α, and samples of P for Q with
    chance at most β: the least m with g_m(α) ≥ 1 − β, where g_m is the boundary of the packed region.
    ``least_degree(pair, tv=t)`` is the least m with d_TV(P^m, Q^m) ≥ t.

    Parameters
    ----------
    pair : Region or pair (p, q) of array_like, shape (k,)
        Target and generator; see `packed_tv`.
    alpha, beta : float
        The greatest chances of the two errors, in [0, 1].
    tv : float
        The distance to reach, in [0, 1]; instead of `alpha` and `beta`.

    Returns
    -------
    int
        What is asked holds at every larger m too. No answer is a guess: m is known to suffice, and m − 1 not
        to, by a bracket or by an exact value with a reserve for its rounding. Touching counts: α, β, t and
        1 − t are taken to 1e-11 relative, so that decimals mean what they say.

    Raises
    ------
    InfeasibleError
        If no m will do: P = Q, or an error of 0 is asked for without letters that rule one law out.
    PrecisionError
        If rounding or cost leaves two answers; it carries the bracket of m.
    ValueError
        If an argument is invalid, or more than 10¹⁵ samples are needed.

    Notes
    -----
    The search starts between two bounds. With φ = Σ√(pq) and the Chernoff information C,

        1 − √(1−φ^{2m}) ≤ O_m ≤ e^{−mC},

    and a pair with O_m ≤ min(α, β) has a test that keeps to both; one with O_m > α + β has none.

    Examples
    --------
    How many tosses identify a coin that shows heads with chance .3 or .7, with errors of 5 % at most?

    >>> import modecollapse as mc
    >>> mc.least_degree(([0.3, 0.7], [0.7, 0.3]), 0.05, 0.05)
    17
    >>> mc.least_degree(([0.2, 0.8], [0, 1]), tv=0.9)
    11
    """
    region = as_region(pair, "least_degree((p, q), alpha, beta)")
    common = common_letters(region)
    question: _Question
    if tv is not None:
        if alpha is not None or beta is not None:
            raise ValueError(
                f"give either alpha and beta or tv, got alpha={alpha!r}, beta={beta!r}, tv={tv!r}"
            )
        question = _Distance(region, common, validation.probability("tv", tv))
    else:
        if alpha is None or beta is None:
            raise ValueError(
                f"give either alpha and beta or tv, got alpha={alpha!r}, beta={beta!r}, tv={tv!r}"
            )
        question = _Errors(
            region, common, validation.probability("alpha", alpha), validation.probability("beta", beta)
        )
    if question.is_trivial or len(common.p) == 0:
        return 1
    return _least(question)


@dataclass(frozen=True)
class _Question(ABC):
    """What is asked of (P^m, Q^m): a number that rises with m is to reach a threshold."""

    region: Region
    common: CommonLetters

    @property
    @abstractmethod
    def asked(self) -> str:
        """The question in the words of the caller, for a refusal."""

    @property
    @abstractmethod
    def is_trivial(self) -> bool:
        """Whether any pair does it without a sample."""

    @property
    @abstractmethod
    def threshold(self) -> float:
        """What the number is to reach."""

    @abstractmethod
    def brackets(self, m: int) -> Iterator[Bracket]:
        """Ever narrower brackets of the number."""

    @abstractmethod
    def bounds(self) -> tuple[float, float]:
        """Real numbers with the least degree between them, but for rounding.

        Raises
        ------
        InfeasibleError
            If there is none.
        """

    def answer(self, m: int) -> bool | None:
        """Whether m samples suffice; None if no bracket tells."""
        for bracket in self.brackets(m):
            if bracket.lower >= self.threshold:
                return True
            if bracket.upper < self.threshold:
                return False
        return None

    def _refuse_equal_laws(self) -> float:
        """The Chernoff information, if it is positive."""
        information = chernoff.chernoff_information(self.common)
        if not information > 0:
            raise InfeasibleError(
                f"P and Q are the same law, so no number of samples tells them apart, got {self.asked}"
            )
        return information

    def _least_with_overlap(self, overlap: float) -> float:
        """A bound from below on the degrees with O_m ≤ overlap, from 1 − √(1 − φ^2m) ≤ O_m."""
        return math.log(overlap * (2 - overlap)) / (2 * chernoff.log_affinity_at(self.common, 0.5))


@dataclass(frozen=True)
class _Distance(_Question):
    """d_TV(P^m, Q^m) ≥ tv: the number is the distance, or −log O_m where tv is large."""

    tv: float

    @property
    def asked(self) -> str:
        return f"tv={self.tv!r}"

    @property
    def is_trivial(self) -> bool:
        return self.tv == 0

    @property
    def is_large(self) -> bool:
        return self.tv > 0.5

    @property
    def threshold(self) -> float:
        if self.is_large:
            return -math.log((1 - self.tv) * (1 + TOUCHING))
        return self.tv * (1 - TOUCHING)

    def bounds(self) -> tuple[float, float]:
        information = self._refuse_equal_laws()
        if self.tv == 1:
            raise InfeasibleError(
                "tv=1 is reached by laws without a common letter alone, and these have some"
            )
        return self._least_with_overlap(1 - self.tv), -math.log1p(-self.tv) / information

    def brackets(self, m: int) -> Iterator[Bracket]:
        common = self.common
        if choice.is_exact_cheap(common, m):
            if self.is_large:
                value = -choice.exact_log_overlap(common, m)
                slack = _tail_rounding(common, m) + 8 * choice.EPS * value
            else:
                value = choice.exact_total_variation(common, m)
                slack = PROMISED * value
            yield Bracket(value - slack, value + slack)
            return
        for width in WIDTHS:
            try:
                if self.is_large:
                    lower, upper = choice.log_overlap_bracket(common, m, width)
                    yield Bracket(-upper, -lower)
                else:
                    yield choice.total_variation_bracket(common, m, width * self.tv)
            except PrecisionError as error:
                lower, upper = error.bracket
                yield Bracket(-upper, -lower) if self.is_large else error.bracket
                return


@dataclass(frozen=True)
class _Errors(_Question):
    """1 − g_m(α) ≤ β: the number is −log(1 − g_m(α))."""

    alpha: float
    beta: float

    @property
    def asked(self) -> str:
        return f"alpha={self.alpha!r}, beta={self.beta!r}"

    @property
    def is_trivial(self) -> bool:
        return self.alpha + self.beta >= 1

    @property
    def threshold(self) -> float:
        return _minus_log(self.beta * (1 + TOUCHING))

    def bounds(self) -> tuple[float, float]:
        information = self._refuse_equal_laws()
        lesser, greater = sorted((self.alpha, self.beta))
        if lesser > 0:
            return self._least_with_overlap(self.alpha + self.beta), -math.log(lesser) / information
        name, log_share = (
            ("alpha", self.common.log_p_share) if self.alpha == 0 else ("beta", self.common.log_q_share)
        )
        if greater == 0 or log_share == 0:
            raise InfeasibleError(
                f"{name}=0 asks for letters that one law lacks; those that Q lacks have P-mass "
                f"{0.0 - math.expm1(self.common.log_p_share):g}, those that P lacks have Q-mass "
                f"{0.0 - math.expm1(self.common.log_q_share):g}"
            )
        return math.log(greater) / log_share, math.log(greater) / log_share

    def brackets(self, m: int) -> Iterator[Bracket]:
        alpha = self.alpha * (1 + TOUCHING)
        common = self.common
        if common.has_one_ratio or len(common.p) == 2:
            evaluate = few_letters.trade_off if len(common.p) == 2 else _one_type
            slack = _tail_rounding(common, m)
            yield _around(lambda level: evaluate(common, m, level), alpha, slack)
        elif choice.is_enumeration_cheap(common, m):
            packed = pack(self.region, m)
            slack = choice.enumeration_rounding(common, m)
            yield _around(lambda level: _trade_off(packed, level), alpha, slack)
        else:
            for width in LEVY_WIDTHS:
                try:
                    inner, outer = pack_bracket(self.region, m, width)
                except PrecisionError:
                    return
                upper, lower = (_trade_off(region, alpha) for region in (inner, outer))
                yield Bracket(
                    _minus_log(upper + HEIGHT_ROUNDING), _minus_log(max(lower - HEIGHT_ROUNDING, 0.0))
                )


def _least(question: _Question) -> int:
    """The least degree, by bisection."""
    lower, upper = question.bounds()
    if lower > validation.LARGEST_DEGREE * (1 + BOUND_ROUNDING):
        raise ValueError(
            f"{question.asked} needs at least {lower:.3g} samples, more than the "
            f"{validation.LARGEST_DEGREE:.0e} allowed"
        )
    answers: dict[int, bool | None] = {}

    def answer(m: int) -> bool | None:
        if m not in answers:
            answers[m] = question.answer(m)
        return answers[m]

    below = max(math.ceil(lower * (1 - BOUND_ROUNDING)) - 1, 0)
    enough = max(math.ceil(min(upper * (1 + BOUND_ROUNDING), validation.LARGEST_DEGREE)), below + 1)
    if upper > validation.LARGEST_DEGREE and answer(enough) is not True:
        raise PrecisionError(
            f"{enough:.0e} samples, the most allowed, may not be enough; {upper:.3g} are",
            Bracket(below + 1, upper),
        )
    first = _bisect(lambda m: answer(m) is True, below, enough)
    if first == below + 1 or answer(first - 1) is False:
        return first
    least = _bisect(lambda m: answer(m) is not False, below, first)
    if least < first:
        raise PrecisionError(
            f"the least degree is one of {least} to {first}, and no affordable bracket tells which",
            Bracket(least, first),
        )
    return first


def _bisect(holds: Callable[[int], bool], below: int, enough: int) -> int:
    """The least m at which a property holds that holds from there on, above `below` and at most `enough`."""
    while enough - below > 1:
        middle = (below + enough) // 2
        if holds(middle):
            enough = middle
        else:
            below = middle
    return enough


def _around(trade_off: Callable[[float], float], alpha: float, slack: float) -> Bracket:
    """The bracket of −log f(α) for a falling f that is off by `slack`, as is what it takes for α."""
    upper, lower = trade_off(alpha * (1 - slack)) * (1 + slack), trade_off(alpha * (1 + slack)) * (1 - slack)
    return Bracket(_minus_log(upper), _minus_log(lower))


def _tail_rounding(common: CommonLetters, m: int) -> float:
    """Bound on the relative error of a tail or an overlap of few letters."""
    shares = m * abs(common.log_p_share + common.log_q_share)
    counts = 0.0 if common.has_one_ratio else MASS_ROUNDING * math.sqrt(m)
    return PROMISED + counts + SHARE_ROUNDING * shares


def _one_type(common: CommonLetters, m: int, alpha: float) -> float:
    """1 − g(α) where all common letters have one ratio."""
    share = math.exp(m * common.log_q_share)
    return math.exp(m * common.log_p_share) * (1 - alpha / share) if alpha < share else 0.0


def _trade_off(region: Region, alpha: float) -> float:
    """1 − g(α), relative to itself."""
    p, q = region.pair
    whole = int(np.searchsorted(np.cumsum(q), alpha, side="right"))
    if whole >= len(q):
        return 0.0
    share = (alpha - math.fsum(q[:whole])) / q[whole]
    return math.fsum(p[whole + 1 :]) + float(p[whole]) * min(max(1.0 - share, 0.0), 1.0)


def _minus_log(x: float) -> float:
    return -math.log(x) if x > 0 else math.inf
