"""How far every evaluator is from the truth, and whether any bracket or certificate is ever violated.

Truths are sums of exact integers over all types while these are few, and `tests/oracles.py` in 60 digits
beyond. Every batch of cases has a random generator of its own, seeded by its name and number: neither
the number of processes nor `--only` changes what is drawn.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cmp_to_key
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from mpmath import mp, mpf
from numpy.random import Generator
from scipy import stats

from modecollapse import PrecisionError, Region, RegionBracket, family, js_band, packing, tv_band
from modecollapse.band import Band
from modecollapse.packing import binomial, contour, curve, spectral, types
from modecollapse.packing.common import CommonLetters, common_letters
from modecollapse.packing.many import PackedDivergence
from modecollapse.strategies import REGIMES
from tests import oracles
from tests.benchmarks.accountants.report import between_marks, installed_version, markdown, processor, short

BATCH = 500
DIGITS = 60
DIVERGENCES = ("tv", "js", "kl", "reverse_kl", "hellinger", "chi2", "hockey_stick")


# -- what a case shows ------------------------------------------------------------------------------------


class Finding(NamedTuple):
    """What one case shows.

    `relative` and `absolute` are errors; NaN where none is asked for. `broken` is the input of a promise
    that is not kept, empty where it is.
    """

    relative: float = math.nan
    absolute: float = math.nan
    broken: str = ""


class Refusal(NamedTuple):
    """A PrecisionError: no answer, so no error."""


Judge = Callable[[Generator], Iterable[Finding | Refusal]]


class Stratum(NamedTuple):
    """A kind of input: its name, how it is drawn and judged, and which part of all cases it gets."""

    name: str
    judge: Judge
    share: float


class Subject(NamedTuple):
    """What is measured, what it promises, and on what."""

    name: str
    promise: str
    strata: tuple[Stratum, ...]


class Tally(NamedTuple):
    """The findings of many cases."""

    cases: int = 0
    refused: int = 0
    relative: float = 0.0
    absolute: float = 0.0
    broken: tuple[str, ...] = ()
    seconds: float = 0.0

    def with_one(self, finding: Finding | Refusal) -> Tally:
        """Counting one more."""
        if isinstance(finding, Refusal):
            return self._replace(refused=self.refused + 1)
        return self._replace(
            cases=self.cases + 1,
            relative=float(np.fmax(self.relative, finding.relative)),
            absolute=float(np.fmax(self.absolute, finding.absolute)),
            broken=(*self.broken, finding.broken) if finding.broken else self.broken,
        )

    def __add__(self, other: Tally) -> Tally:  # type: ignore[override]
        return Tally(
            self.cases + other.cases,
            self.refused + other.refused,
            max(self.relative, other.relative),
            max(self.absolute, other.absolute),
            self.broken + other.broken,
            self.seconds + other.seconds,
        )


def compared(value: float, truth: mpf, within: float, least: float, inputs: Any) -> Finding:
    """Errors of a value; relative ones from a least truth on, where one beyond `within` is broken.

    Below, the absolute error may be `within` times that least.
    """
    if mp.isinf(truth) or math.isinf(value):
        return Finding(0.0, 0.0, "" if value == truth else f"{inputs}: {value} for {truth}")
    absolute = float(abs(mpf(value) - truth))
    relative = float(abs(mpf(value) - truth) / abs(truth)) if abs(truth) >= least else math.nan
    kept = not math.isnan(value) and absolute <= within * max(least, float(abs(truth)))
    return Finding(relative, absolute, "" if kept else f"{inputs}: {value!r} for {mp.nstr(truth, 20)}")


def compared_absolutely(value: float, truth: mpf, within: float, inputs: Any) -> Finding:
    """The absolute error alone."""
    return compared(value, truth, within, 1.0, inputs)._replace(relative=math.nan)


def compared_logarithms(value: float, truth: mpf, within: float, inputs: Any) -> Finding:
    """A log overlap, whose error is the relative one of the overlap, from overlaps of 1e-250 on."""
    if truth == 0:
        return Finding(0.0, 0.0, "" if value == -math.inf else f"{inputs}: {value!r} for no overlap")
    logarithm = mp.log(truth)
    error = float(abs(mpf(value) - logarithm))
    if truth < mpf("1e-250"):
        kept = error <= 1e-14 * abs(logarithm)
        return Finding(math.nan, 0.0, "" if kept else f"{inputs}: {value!r} for {mp.nstr(logarithm, 20)}")
    said = f"{inputs}: {value!r} for {mp.nstr(logarithm, 20)}"
    return Finding(error, error * float(truth), "" if error <= within else said)


def held(lower: float, truth: mpf, upper: float, inputs: Any) -> Finding:
    """Whether a truth lies in its bracket."""
    kept = mpf(lower) <= truth <= mpf(upper)
    said = f"{inputs}: {mp.nstr(truth, 25)} outside [{lower!r}, {upper!r}]"
    return Finding(absolute=upper - lower, broken="" if kept else said)


# -- truths -----------------------------------------------------------------------------------------------


def integers(weights: Sequence[float]) -> list[int]:
    """Weights times the power of two that makes all of them integers."""
    ratios = [float(weight).as_integer_ratio() for weight in weights]
    whole = max(denominator for _, denominator in ratios)
    return [numerator * (whole // denominator) for numerator, denominator in ratios]


class Types(NamedTuple):
    """Masses of all types under P^m and Q^m, integers over the same denominator."""

    p: list[int]
    q: list[int]
    whole: int


def exact_types(p: Sequence[float], q: Sequence[float], m: int) -> Types:
    """By letters, one after the other, from the samples that those before have left."""
    p, q = integers(p), integers(q)
    parts = [(m, sum(q) ** m, sum(p) ** m)]
    for a, b in zip(p[:-1], q[:-1], strict=True):
        a_powers, b_powers = ([w**n for n in range(m + 1)] for w in (a, b))
        parts = [
            (rest - n, x * math.comb(rest, n) * a_powers[n], y * math.comb(rest, n) * b_powers[n])
            for rest, x, y in parts
            for n in range(rest + 1)
        ]
    masses = [(x * p[-1] ** rest, y * q[-1] ** rest) for rest, x, y in parts]
    return Types([x for x, _ in masses], [y for _, y in masses], sum(p) ** m * sum(q) ** m)


def exact_overlap(p: Sequence[float], q: Sequence[float], m: int) -> mpf:
    """Σ min(P^m, Q^m)."""
    table = exact_types(p, q, m)
    return mpf(sum(map(min, table.p, table.q))) / table.whole


def exact_hockey_stick(p: Sequence[float], q: Sequence[float], m: int, order: float = 1.0) -> mpf:
    """Σ (P^m − γQ^m)⁺ − (1−γ)⁺."""
    table = exact_types(p, q, m)
    above, below = order.as_integer_ratio()
    gain = sum(max(below * x - above * y, 0) for x, y in zip(table.p, table.q, strict=True))
    return mpf(gain - max(below - above, 0) * table.whole) / (below * table.whole)


def exact_boundary(p: Sequence[float], q: Sequence[float], m: int, at: Sequence[float]) -> list[mpf]:
    """g(x) of (P^m, Q^m): types by falling ratio till their Q-mass is x."""
    table = exact_types(p, q, m)
    falling = cmp_to_key(lambda s, t: t[0] * s[1] - s[0] * t[1])
    letters = sorted(((x, y) for x, y in zip(table.p, table.q, strict=True) if x or y), key=falling)
    heights = []
    for x in at:
        numerator, denominator = float(x).as_integer_ratio()
        room, height = numerator * table.whole, mpf(0)
        for a, b in letters:
            share = mpf(1) if b * denominator <= room else mpf(room) / (b * denominator)
            room, height = max(room - b * denominator, 0), height + share * a
        heights.append(height / table.whole)
    return heights


def _plogp(a: mpf, b: mpf) -> mpf:
    if a == 0:
        return mpf(0)
    return a * mp.log(a / b) if b else mp.inf


TERMS: dict[str, Callable[[mpf, mpf], mpf]] = {
    "js": lambda a, b: (_plogp(a, (a + b) / 2) + _plogp(b, (a + b) / 2)) / 2,
    "kl": _plogp,
    "reverse_kl": lambda a, b: _plogp(b, a),
    "hellinger": lambda a, b: (a + b) / 2 - mp.sqrt(a * b),
    "chi2": lambda a, b: (a - b) ** 2 / b if b else (mp.inf if a else mpf(0)),
}


def exact_divergence(name: str, p: Sequence[float], q: Sequence[float], m: int, order: float = 1.0) -> mpf:
    """The defining sum over types."""
    if name in ("tv", "hockey_stick"):
        return exact_hockey_stick(p, q, m, order)
    table = exact_types(p, q, m)
    letters = ((mpf(x) / table.whole, mpf(y) / table.whole) for x, y in zip(table.p, table.q, strict=True))
    return mp.fsum(TERMS[name](x, y) for x, y in letters)


def tensorised(name: str, single: mpf, m: int) -> mpf:
    """D(P^m‖Q^m) from D(P‖Q)."""
    match name:
        case "kl" | "reverse_kl":
            return m * single
        case "hellinger":
            return 1 - (1 - single) ** m
        case "chi2":
            return (1 + single) ** m - 1
    raise ValueError(f"{name} does not tensorise")


# -- pairs ------------------------------------------------------------------------------------------------


class Pair(NamedTuple):
    """Two pmfs on the same letters."""

    p: list[float]
    q: list[float]

    @property
    def common(self) -> CommonLetters:
        """What packing sees."""
        return common_letters(Region.from_pmfs(*self))


def _pmf(weights: np.ndarray) -> list[float]:
    return (weights / math.fsum(weights)).tolist()


def far(rng: Generator, letters: int) -> Pair:
    """Independent masses down to 1e-9."""
    spread = rng.choice([0.5, 3.0, 9.0])
    p, q = (_pmf(10 ** -rng.uniform(0, spread, letters)) for _ in range(2))
    return Pair(p, q)


def near(rng: Generator, letters: int) -> Pair:
    """Log ratios of .3 down to 1e-12."""
    return tilted(rng, letters, 10 ** -rng.uniform(0.5, 12))


def tilted(rng: Generator, letters: int, size: float) -> Pair:
    """Log ratios of a given size."""
    p = rng.dirichlet(np.ones(letters)) + 1e-6
    return Pair(_pmf(p), _pmf(p * np.exp(size * rng.normal(size=letters))))


def extreme(rng: Generator, letters: int) -> Pair:
    """Independent masses down to 1e-300."""
    p, q = (10 ** -(300 * rng.uniform(0, 1, letters) ** 2) for _ in range(2))
    return Pair(_pmf(p), _pmf(q))


def zeros(rng: Generator, letters: int) -> Pair:
    """Common letters far or near, and letters that only one of the two has, of masses down to 1e-12."""
    p, q = (far if rng.random() < 0.5 else near)(rng, letters)
    only_p, only_q = np.where(rng.random(2) < 0.3, 0.0, 10 ** -rng.uniform(0, 12, 2))
    return Pair(_pmf(np.array([*p, only_p, 0.0])), _pmf(np.array([*q, 0.0, only_q])))


def matched(rng: Generator, letters: int, m: int) -> Pair:
    """Pairs that m samples tell apart, or hardly: log ratios of 1e-3/√m to 5/√m."""
    return tilted(rng, letters, 10 ** rng.uniform(-3, 0.7) / math.sqrt(m))


Draw = Callable[[Generator, int], Pair]
KINDS: dict[str, Draw] = {"far": far, "near": near, "zeros": zeros, "masses to 1e-300": extreme}
SHARES = {"far": 0.3, "near": 0.3, "zeros": 0.3, "masses to 1e-300": 0.11}


def log_uniform(rng: Generator, least: float, most: float) -> int:
    """An integer whose logarithm is uniform."""
    return round(math.exp(rng.uniform(math.log(least), math.log(most))))


# -- evaluators of distance and overlap -------------------------------------------------------------------

Evaluator = Callable[[CommonLetters, int], float]


class Drawn(NamedTuple):
    """A pair, a packing degree, and the overlap of the two products or their distance."""

    pair: Pair
    m: int
    common: CommonLetters
    truth: mpf

    def __str__(self) -> str:
        return f"p={self.pair.p}, q={self.pair.q}, m={self.m}"


def by_types(
    draw: Draw, letters: Sequence[int], most: int, truth: Callable[..., mpf]
) -> Callable[..., Drawn]:
    """Cases of few types."""

    def drawn(rng: Generator) -> Drawn:
        pair = draw(rng, int(rng.choice(letters)))
        m = int(rng.integers(1, most, endpoint=True))
        return Drawn(pair, m, pair.common, truth(*pair, m))

    return drawn


def by_digits(letters: int, degrees: tuple[float, float], truth: Callable[..., mpf]) -> Callable[..., Drawn]:
    """Cases of large m."""

    def drawn(rng: Generator) -> Drawn:
        m = log_uniform(rng, *degrees)
        pair = matched(rng, letters, m)
        return Drawn(pair, m, pair.common, truth(*pair, m))

    return drawn


def distance_of(evaluate: Evaluator, draw: Callable[..., Drawn], within: float = 1e-12) -> Judge:
    """Judge a distance, relative to itself from 1e-12 on."""

    def judge(rng: Generator) -> Iterator[Finding]:
        case = draw(rng)
        yield compared(evaluate(case.common, case.m), case.truth, within, 1e-12, case)

    return judge


def absolute_of(evaluate: Evaluator, draw: Callable[..., Drawn], within: float) -> Judge:
    """Judge a distance by its absolute error."""

    def judge(rng: Generator) -> Iterator[Finding]:
        case = draw(rng)
        yield compared_absolutely(evaluate(case.common, case.m), case.truth, within, case)

    return judge


def overlap_of(evaluate: Evaluator, draw: Callable[..., Drawn], within: float = 1e-12) -> Judge:
    """Judge a log overlap."""

    def judge(rng: Generator) -> Iterator[Finding | Refusal]:
        case = draw(rng)
        try:
            value = evaluate(case.common, case.m)
        except PrecisionError:
            yield Refusal()
            return
        yield compared_logarithms(value, case.truth, within, case)

    return judge


def exact_evaluator(
    name: str,
    judge: Callable[[Callable[..., Drawn]], Judge],
    truths: tuple[Callable[..., mpf], Callable[..., mpf]],
    letters: Sequence[int],
    most: int,
    larger: Iterable[tuple[tuple[float, float], float]],
    promise: str = "1e-12 relative",
) -> Subject:
    """Strata of few types by kind of pair, then of ranges of larger m."""
    few, many = truths
    strata = [
        Stratum(f"{kind}, m ≤ {most}", judge(by_types(draw, letters, most, few)), SHARES[kind])
        for kind, draw in KINDS.items()
    ]
    for degrees, share in larger:
        drawn = by_digits(max(letters), degrees, many)
        strata.append(Stratum(f"m = {short(degrees[0])} … {short(degrees[1])}", judge(drawn), share))
    return Subject(name, promise, tuple(strata))


def one_letter_drawn(is_distance: bool) -> Callable[..., Drawn]:
    """One common letter, m up to 1e15."""

    def drawn(rng: Generator) -> Drawn:
        pair = zeros(rng, 1)
        m = log_uniform(rng, 1, 1e15)
        (p, q) = oracles.exact_pair(*pair)[0]
        with mp.workdps(2 * DIGITS):
            overlap = min(mpf(p.numerator) / p.denominator, mpf(q.numerator) / q.denominator) ** m
            return Drawn(pair, m, pair.common, 1 - overlap if is_distance else overlap)

    return drawn


def three_by_rows(common: CommonLetters, m: int) -> float:
    """The quick evaluator, of three common letters after what rounding merged."""
    return (binomial.quick_total_variation if len(common.p) == 3 else packing.exact_total_variation)(
        common, m
    )


def _beta(run: Evaluator, one: Evaluator) -> Evaluator:
    """Beta masses, unless rounding merged the letters into one."""
    return lambda common, m: one(common, m) if common.has_one_ratio else run(common, m)


BETA_DISTANCE = _beta(binomial.total_variation, packing.exact_total_variation)
BETA_OVERLAP = _beta(binomial.log_overlap, packing.exact_log_overlap)
TYPES_DISTANCE = _beta(types.total_variation, packing.exact_total_variation)
TYPES_OVERLAP = _beta(types.log_overlap, packing.exact_log_overlap)
DISTANCE = exact_hockey_stick, oracles.total_variation
OVERLAP = exact_overlap, oracles.overlap


def certified(rng: Generator) -> Iterator[Finding | Refusal]:
    """The estimate that `packed_tv` returns beyond 10⁶ types, relative to √(1−φ^2m)."""
    m = int(rng.integers(1, 6))
    pair = list(KINDS.values())[rng.integers(3)](rng, int(rng.integers(2, 5)))
    common, truth = pair.common, exact_hockey_stick(*pair, m)
    try:
        value = packing.certified_total_variation(common, m)
    except PrecisionError:
        yield Refusal()
        return
    scale = mpf(spectral.largest_distance(common, m))
    yield compared(float(mpf(value) / scale), truth / scale, 1.01e-6, 1e-12, (pair, m))._replace(
        absolute=float(abs(mpf(value) - truth))
    )


def certified_overlap(rng: Generator) -> Iterator[Finding | Refusal]:
    """The log overlap in its certified form."""
    m = int(rng.integers(1, 6))
    pair = far(rng, int(rng.integers(2, 5)))
    try:
        value = packing.certified_log_overlap(pair.common, m)
    except PrecisionError:
        yield Refusal()
        return
    yield compared_logarithms(value, exact_overlap(*pair, m), 1.01e-6, (pair, m))


def contour_estimate(letters: int, degrees: tuple[int, int]) -> Judge:
    """The contour integral of irregular log ratios."""

    def judge(rng: Generator) -> Iterator[Finding]:
        m = log_uniform(rng, *degrees)
        pair = tilted(rng, letters, rng.uniform(0.3, 3) / math.sqrt(m))
        truth = exact_overlap(*pair, m) if m < 30 else oracles.overlap(*pair, m)
        value = contour.contour_estimate(pair.common, m).value
        yield compared_logarithms(value, truth, math.inf, (pair, m))

    return judge


# -- other evaluators -------------------------------------------------------------------------------------


def pack_boundary(draw: Draw) -> Judge:
    """The boundary of the packed region at random points."""

    def judge(rng: Generator) -> Iterator[Finding]:
        pair, m = draw(rng, int(rng.integers(1, 4))), int(rng.integers(1, 6))
        packed = packing.pack(Region.from_pmfs(*pair), m)
        at = rng.choice([rng.random(4), 10 ** -rng.uniform(0, 12, 4)])
        for x, truth in zip(at, exact_boundary(*pair, m, at), strict=True):
            yield steep(packed, x, truth, 2e-13, (pair, m, x))

    return judge


def boundary(draw: Draw) -> Judge:
    """The boundary of a region at random points."""

    def judge(rng: Generator) -> Iterator[Finding]:
        pair = draw(rng, int(rng.integers(1, 6)))
        region = Region.from_pmfs(*pair)
        at = rng.choice([rng.random(4), 10 ** -rng.uniform(0, 12, 4)])
        for x, truth in zip(at, exact_boundary(*pair, 1, at), strict=True):
            yield steep(region, x, truth, 4e-15, (pair, x))

    return judge


def steep(region: Region, x: float, truth: mpf, within: float, inputs: Any) -> Finding:
    """The distance from (x, g(x)) to the boundary given, along (−1, 1): where it is steep, x errs too."""
    low, high = (float(region.boundary(min(max(x + shift, 0.0), 1.0))) + shift for shift in (-within, within))
    error = float(abs(mpf(float(region.boundary(x))) - truth))
    kept = mpf(low) <= truth <= mpf(high)
    slope = float(region.boundary(min(x + 1e-9, 1.0)) - region.boundary(max(x - 1e-9, 0.0))) / 2e-9
    return Finding(absolute=error / max(1.0, slope), broken="" if kept else f"{inputs}: off by {error:.2e}")


def region_divergence(name: str, draw: Draw) -> Judge:
    """A divergence of one sample."""

    def judge(rng: Generator) -> Iterator[Finding]:
        pair = draw(rng, int(rng.integers(1, 6)))
        order = _order(name, rng, pair)
        truth = exact_divergence(name, *pair, 1, order.get("order", 1.0))
        value = Region.from_pmfs(*pair).divergence(name, **order)
        if order:
            yield compared_absolutely(value, truth, 1e-15 * (1 + order["order"]), (pair, order))
        else:
            yield _as_promised(name, compared(value, truth, 1e-12, _least(name), (name, pair)))

    return judge


def packed_divergence(name: str, draw: Draw) -> Judge:
    """A divergence of m samples."""

    def judge(rng: Generator) -> Iterator[Finding]:
        pair = draw(rng, int(rng.integers(1, 4)))
        order = _order(name, rng, pair)
        if name in ("js", "hockey_stick"):
            m = int(rng.integers(1, 4))
            truth = exact_divergence(name, *pair, m, order.get("order", 1.0))
        else:
            m = log_uniform(rng, 1, 1e6)
            with mp.workdps(2 * DIGITS):
                truth = tensorised(name, exact_divergence(name, *pair, 1), m)
        value = packing.packed_divergence(*pair, m, name, **order)
        if truth > 1e300:
            yield Finding(broken="" if value > 0.99e300 else f"{(name, pair, m)}: {value}")
        elif order:
            yield compared_absolutely(value, truth, 1e-12 * (1 + order["order"]), (pair, m, order))
        else:
            yield _as_promised(name, compared(value, truth, 1e-12, _least(name), (name, pair, m)))

    return judge


def _as_promised(name: str, finding: Finding) -> Finding:
    """Without the absolute error where a divergence has no greatest value."""
    return finding._replace(absolute=math.nan) if name in ("kl", "reverse_kl", "chi2") else finding


def _order(name: str, rng: Generator, pair: Pair) -> dict[str, float]:
    """An order where the hockey stick of a pair is not trivial: between 1 and one of its ratios."""
    if name != "hockey_stick":
        return {}
    ratios = [a / b for a, b in zip(*pair, strict=True) if a > 0 and b > 0]
    return {"order": float(np.clip(rng.choice(ratios), 1e-3, 1e3) ** rng.random())}


def _least(name: str) -> float:
    """Divergences of second order are squares of distances."""
    return 1e-12 if name == "tv" else 1e-24


def at_once(name: str) -> Judge:
    """Many pairs at once, as searches evaluate them."""

    def judge(rng: Generator) -> Iterator[Finding]:
        pairs = [zeros(rng, 2) if rng.random() < 0.5 else near(rng, 4) for _ in range(50)]
        m, order = int(rng.integers(1, 4)), _order(name, rng, pairs[0]).get("order", 1.0)
        p, q = (np.array([pair[side] for pair in pairs]) for side in (0, 1))
        for pair, value in zip(pairs, PackedDivergence(name, m, order).values(p, q), strict=True):
            truth = exact_divergence(name, *pair, m, order)
            yield compared_absolutely(float(value), truth, 1e-13 * (1 + order), (name, order, pair, m))

    return judge


def chernoff(draw: Draw) -> Judge:
    """The Chernoff information against golden sections in 40 digits."""

    def judge(rng: Generator) -> Iterator[Finding]:
        pair = draw(rng, int(rng.integers(2, 5)))
        with mp.workdps(40):
            letters = [
                (mp.log(mpf(a.numerator) / a.denominator), mp.log(mpf(b.numerator) / b.denominator))
                for a, b in oracles.exact_pair(*pair)
                if a and b
            ]
            truth = greatest_exponent(letters)
        yield compared(packing.chernoff_information(*pair), truth, 1e-12, 1e-24, pair)

    return judge


def greatest_exponent(letters: list[tuple[mpf, mpf]]) -> mpf:
    """max over s of −log Σ exp(s log p + (1−s) log q), whose slope is found to vanish, by bisection."""
    low, high = mpf(0), mpf(1)
    for _ in range(70):
        s = (low + high) / 2
        if mp.fsum(mp.exp(s * a + (1 - s) * b) * (a - b) for a, b in letters) > 0:
            high = s
        else:
            low = s
    return max(mpf(0), -mp.log(mp.fsum(mp.exp(low * a + (1 - low) * b) for a, b in letters)))


# -- brackets ---------------------------------------------------------------------------------------------

BRACKET_TERMS = 10**6
"""A limit on letters times nodes; where it stops the evaluator, the bracket it has by then is judged."""


def tv_bracket(draw: Callable[..., Drawn]) -> Judge:
    """`packed_tv_bracket` at widths from 1e-2 to 1e-9 of the distance."""

    def judge(rng: Generator) -> Iterator[Finding]:
        case = draw(rng)
        width = 10 ** -rng.uniform(2, 9) * max(float(case.truth), 1e-9)
        try:
            estimate, bracket = spectral.certified_tv(case.common, case.m, width, BRACKET_TERMS)
        except PrecisionError as error:
            estimate, bracket = error.bracket.lower, error.bracket
        finding = held(bracket.lower, case.truth, bracket.upper, case)
        if not bracket.lower <= estimate <= bracket.upper:
            finding = finding._replace(broken=f"{case}: estimate {estimate!r} outside {bracket}")
        yield finding

    return judge


def log_overlap_bracket(draw: Callable[..., Drawn]) -> Judge:
    """The bracket of the log overlap at widths from 1e-2 to 1e-7; in a refusal, the best one."""

    def judge(rng: Generator) -> Iterator[Finding]:
        case = draw(rng)
        if case.truth == 0:
            return
        try:
            bracket = spectral.log_overlap_bracket(
                case.common, case.m, 10 ** -rng.uniform(2, 7), BRACKET_TERMS
            )
        except PrecisionError as error:
            bracket = error.bracket
        yield held(bracket.lower, mp.log(case.truth), bracket.upper, case)

    return judge


def region_bracket(rng: Generator) -> Iterator[Finding]:
    """The packed region between polygons, against the exact one."""
    letters, m = int(rng.integers(2, 5)), int(rng.integers(2, 16))
    pair = list(KINDS.values())[rng.integers(3)](rng, letters)
    region, width = Region.from_pmfs(*pair), 10 ** -rng.uniform(1, 4)
    common = common_letters(region)
    if common.has_one_ratio:
        return
    exact, bracket = packing.pack(region, m), curve.region_bracket(common, m, width)
    excess = max(RegionBracket(exact, bracket.inner).width, RegionBracket(bracket.outer, exact).width)
    said = f"{(pair, m, width)}: {excess:.2e} outside"
    yield Finding(absolute=bracket.width, broken="" if excess <= 2e-13 else said)


class Continuous(NamedTuple):
    """A pair of laws whose boundary is known."""

    p: Any
    q: Any
    boundary: Callable[[np.ndarray], np.ndarray]


def continuous(rng: Generator) -> Continuous:
    """Normals of equal scale, exponentials, Laplaces as Beta powers, uniforms in steps."""
    match rng.integers(4):
        case 0:
            shift = 10 ** rng.uniform(-3, 0.6)
            return Continuous(
                stats.norm(shift), stats.norm(), lambda x: stats.norm.sf(stats.norm.isf(x) - shift)
            )
        case 1:
            ratio = 10 ** rng.uniform(0.01, 1.5)
            return Continuous(stats.expon(scale=ratio), stats.expon(), lambda x: x ** (1 / ratio))
        case 2:
            power = rng.uniform(1.05, 5)
            return Continuous(stats.beta(power, 1), stats.uniform(), lambda x: 1 - (1 - x) ** power)
        case _:
            scale = rng.uniform(1.1, 6)
            return Continuous(stats.norm(0, scale), stats.norm(), lambda x: _two_sided(x, scale))


def _two_sided(x: np.ndarray, scale: float) -> np.ndarray:
    """Both tails of the normal of the smaller scale."""
    return 2 * stats.norm.sf(stats.norm.isf(x / 2) / scale)


def from_distributions(rng: Generator) -> Iterator[Finding]:
    """Continuous pairs against their boundaries in closed form, and their mirrors."""
    case, width = continuous(rng), 10 ** -rng.uniform(1, 4)
    bracket = Region.from_distributions(case.p, case.q, width=width)
    x = np.concatenate([rng.random(20), 10 ** -rng.uniform(0, 8, 20)])
    truth = case.boundary(x)
    outside = np.maximum(bracket.inner.boundary(x) - truth, truth - bracket.outer.boundary(x))
    for point, excess in zip(x, outside, strict=True):
        said = (
            f"{case.p.dist.name} {case.p.args} {case.p.kwds}, width {width}, x={point}: {excess:.2e} outside"
        )
        yield Finding(absolute=bracket.width, broken="" if excess <= 1e-12 else said)


# -- certificates -----------------------------------------------------------------------------------------

POINTS = 200
"""Members of a class that each band is tried on, of each sort."""


def band_certificate(regime: str, divergences: Sequence[str]) -> Judge:
    """A band against members of its class: finer searches of the extremal families, and random pairs."""

    def judge(rng: Generator) -> Iterator[Finding]:
        drawn = drawn_parameters(rng, regime)
        if drawn is None:
            return
        tau, eps, delta = drawn
        m, name = int(rng.choice([1, 2, 3, 4, 5, 8, 12])), str(rng.choice(divergences))
        condition = {REGIMES[regime].condition: (eps, delta)} if REGIMES[regime].condition else {}
        gap = 1e-4 if name in ("js", "kl", "hellinger", "chi2") else None
        inputs = f"tv_band({tau!r}, {m}, divergence={name!r}, gap={gap}, **{condition})"
        try:
            band = tv_band(tau, m, divergence=name, gap=gap, **condition)
        except PrecisionError:
            yield Refusal()
            return
        yield from judged_band(band, members(rng, regime, tau, eps, delta), PackedDivergence(name, m), inputs)

    return judge


def judged_band(
    band: Band, sorts: Iterable[family.Pair], divergence: PackedDivergence, inputs: str
) -> Iterator[Finding]:
    """Each member's divergence lies in the band, but for gaps and rounding."""
    for p, q in sorts:
        values = divergence.values(p, q)
        slack = (1e-12 + 1e-14 * divergence.m) * np.maximum(1, np.where(np.isfinite(values), values, 1))
        lower, upper = float(band.lower) - float(band.lower_gap), float(band.upper) + float(band.upper_gap)
        with np.errstate(invalid="ignore"):
            outside = (values < lower - slack) | (values > upper + slack)
        for a, b, bad in zip(p, q, outside, strict=True):
            yield Finding(broken=f"{inputs}: {a.tolist()}, {b.tolist()}" if bad else "")


def drawn_parameters(rng: Generator, regime: str) -> tuple[float, float, float] | None:
    """τ, ε and δ of a regime."""
    d, rest = rng.uniform(0.02, 0.95), rng.random()
    u = 0.0 if regime == "zero-width collapse" else rest * (1 - d) / (3 if regime == "middle tangents" else 2)
    eps = u if rng.random() < 0.5 else 1 - d - u
    distances = REGIMES[regime].within(d, min(eps, 1 - eps - d))
    if distances.is_empty:
        return None
    return distances.at(rng.random()), eps, min(eps + d, 1.0)


def members(rng: Generator, regime: str, tau: float, eps: float, delta: float) -> Iterator[family.Pair]:
    """Arrays of pairs of the class."""
    condition = REGIMES[regime].condition
    if condition == "no_collapse" and regime != "too close to collapse":
        yield from uncollapsed(rng, tau, eps, delta)
        return
    x = (1 - tau) * np.sort(np.append(rng.random(POINTS), [0.0, 1.0]))
    if condition == "collapse":
        yield family.hull(x, np.minimum(x + tau, 1.0), eps, delta)
        yield stacked(collapsing(rng, tau, eps, delta) for _ in range(20))
        return
    yield family.inner(1 - tau - x, tau)
    yield apart(rng, tau, 4, POINTS)


def apart(rng: Generator, tau: float, letters: int, count: int) -> family.Pair:
    """Random pairs of total variation τ: (1−τ)c + τa and (1−τ)c + τb, a and b of disjoint supports."""
    shared = rng.dirichlet(np.full(letters, 0.7), count)
    first = rng.random((count, letters)) < 0.5
    first[:, 0], first[:, 1] = True, False
    weights = rng.exponential(size=(count, letters)) ** rng.choice([0.2, 1, 4], (count, 1))
    a, b = (np.where(side, weights, 0.0) for side in (first, ~first))
    a, b = (side / side.sum(axis=1, keepdims=True) for side in (a, b))
    return (1 - tau) * shared + tau * a, (1 - tau) * shared + tau * b


def collapsing(rng: Generator, tau: float, eps: float, delta: float) -> Region:
    """A region of total variation τ with collapse: a triangle, the point, any region below the tangent."""
    x = (1 - tau) * rng.random()
    below = Region.from_pmfs(*far(rng, 3)) & family.region(family.outer(tau))
    point = Region.from_vertices([(0, 0), (eps, delta), (1, 1)])
    return below | point | family.region(family.inner(max(1 - tau - x, 0.0), tau))


def stacked(regions: Iterable[Region]) -> family.Pair:
    """Regions as arrays of letters, filled with empty ones."""
    pairs = [region.pair for region in regions]
    most = max(len(p) for p, _ in pairs)
    p, q = (np.array([np.pad(pair[side], (0, most - len(pair[side]))) for pair in pairs]) for side in (0, 1))
    return p, q


def uncollapsed(rng: Generator, tau: float, eps: float, delta: float) -> Iterator[family.Pair]:
    """Extremal regions next to those of the class, and random ones in it."""
    d, u = delta - eps, min(eps, 1 - delta)
    triangles = []
    low, high = u * tau / d, 1 - tau - u * tau / d
    if low < high:
        triangles.append(rng.uniform(low, high, POINTS))
        shares = rng.dirichlet(np.ones(3), POINTS) * (high - low)
        if u > 0:
            yield family.outer1(u, u + d, low + shares[:, 0], low + shares[:, 1], tau)
    side = 1 - tau * (1 - u) / d
    if u > 0 and side > 0:
        x = rng.uniform(0, side, POINTS)
        triangles += [x, 1 - tau - x]
        yield family.outer_left(u, u + d, x, tau)
        yield family.mirror(family.outer_left(u, u + d, x, tau))
    for x in triangles:
        yield family.inner(1 - tau - x, tau)
    p, q = apart(rng, tau, 4, 20)
    chosen = triangles[rng.integers(len(triangles))][:20]
    a, b = family.inner(1 - tau - chosen, tau)
    share = rng.random((20, 1))
    mixed = [Region.from_pmfs(*pair) for pair in zip(_joined(p, a, share), _joined(q, b, share), strict=True)]
    inside = [r for r in mixed if not (r.has_collapse(eps, delta) or r.has_augmentation(eps, delta))]
    inside = [r for r in inside if abs(r.total_variation - tau) < 1e-14]
    if inside:
        yield stacked(inside)


def _joined(first: np.ndarray, second: np.ndarray, share: np.ndarray) -> np.ndarray:
    """The laws of a coin and a letter: the coin says from which of the two."""
    return np.hstack([share * first, (1 - share) * second])


def js_band_certificate(rng: Generator) -> Iterator[Finding]:
    """The search over pairs of two letters with the same Jensen–Shannon divergence."""
    c, m = rng.uniform(0.01, 0.68), int(rng.integers(2, 7))
    band, (p, q) = js_band(c, m, gap=1e-4), two_letters_at(rng, c)
    yield from judged_band(band, [(p, q)], PackedDivergence("js", m), f"js_band({c!r}, {m}, gap=1e-4)")


def two_letters_at(rng: Generator, c: float) -> family.Pair:
    """Pairs of two letters with a given Jensen–Shannon divergence, by bisection."""
    x = rng.random(POINTS)
    low, high = x.copy(), np.ones(POINTS)
    single = PackedDivergence("js", 1)
    for _ in range(60):
        y = (low + high) / 2
        below = single.values(*_binary(y, x)) < c
        low, high = np.where(below, y, low), np.where(below, high, y)
    met = np.abs(single.values(*_binary(low, x)) - c) < 1e-13
    return _binary(low[met], x[met])


def _binary(y: np.ndarray, x: np.ndarray) -> family.Pair:
    return np.stack([y, 1 - y], axis=-1), np.stack([x, 1 - x], axis=-1)


# -- all subjects -----------------------------------------------------------------------------------------


def _by_kind(judge: Callable[[Draw], Judge], share: float = 1.0) -> tuple[Stratum, ...]:
    return tuple(Stratum(kind, judge(draw), share * SHARES[kind]) for kind, draw in KINDS.items())


def evaluators() -> Iterator[Subject]:
    """What returns a number."""
    yield Subject(
        "one common letter, distance",
        "1e-12 relative",
        (Stratum("zeros, m = 1 … 1e15", distance_of(packing.total_variation, one_letter_drawn(True)), 1.1),),
    )
    yield Subject(
        "one common letter, overlap",
        "1e-12 relative",
        (Stratum("zeros, m = 1 … 1e15", overlap_of(packing.log_overlap, one_letter_drawn(False)), 1.1),),
    )
    two, three = [((10, 1e3), 0.05), ((1e3, 1e6), 0.01)], [((10, 100), 0.005), ((100, 1e4), 0.0005)]
    for name, judge, truths in (
        ("distance", lambda run, draw: distance_of(run, draw), DISTANCE),
        ("overlap", lambda run, draw: overlap_of(run, draw), OVERLAP),
    ):
        beta = BETA_DISTANCE if name == "distance" else BETA_OVERLAP
        listed = TYPES_DISTANCE if name == "distance" else TYPES_OVERLAP

        def by_beta(draw: Callable[..., Drawn], judge: Any = judge, run: Evaluator = beta) -> Judge:
            return judge(run, draw)

        def by_list(draw: Callable[..., Drawn], judge: Any = judge, run: Evaluator = listed) -> Judge:
            return judge(run, draw)

        yield exact_evaluator(f"two letters, {name}", by_beta, truths, [2], 12, two)
        yield exact_evaluator(f"three letters, {name}", by_beta, truths, [3], 6, three)
        yield exact_evaluator(f"enumeration, {name}", by_list, truths, [2, 3, 4], 4, [((10, 60), 0.0003)])

    def quick(draw: Callable[..., Drawn]) -> Judge:
        return absolute_of(three_by_rows, draw, 1e-13)

    yield exact_evaluator(
        "three letters, quick distance", quick, DISTANCE, [3], 6, three, "about 1e-14 absolute"
    )
    yield Subject(
        "certified distance",
        "1e-10 to 1e-6 of √(1−φ²ᵐ)",
        (Stratum("far, near, zeros, m ≤ 5", certified, 0.02),),
    )
    yield Subject(
        "certified overlap", "1e-10 to 1e-6 relative", (Stratum("far, m ≤ 5", certified_overlap, 0.005),)
    )
    yield Subject(
        "contour, overlap",
        "none proved",
        (
            Stratum("3 letters, m = 1 … 12", contour_estimate(3, (1, 12)), 0.002),
            Stratum("3 letters, m = 12 … 200", contour_estimate(3, (12, 200)), 0.002),
            Stratum("8 letters, m = 4 … 7", contour_estimate(8, (4, 7)), 0.001),
        ),
    )
    yield Subject("pack, boundary", "about 1e-13 in each coordinate", _by_kind(pack_boundary, 0.25))
    yield Subject("Region, boundary", "some units of rounding", _by_kind(boundary, 0.25))
    for name in DIVERGENCES:
        promise = "1e-15·(1+order) absolute" if name == "hockey_stick" else "1e-12 relative"
        yield Subject(
            f"Region.divergence, {name}",
            promise,
            _by_kind(lambda draw, name=name: region_divergence(name, draw)),
        )
    for name in DIVERGENCES[1:]:  # the first is the distance
        promise = "1e-12·(1+order) absolute" if name == "hockey_stick" else "1e-12 relative"
        share = 1.0 if name in ("js", "hockey_stick") else 0.2  # the others follow from one sample
        yield Subject(
            f"packed_divergence, {name}",
            promise,
            _by_kind(lambda draw, name=name: packed_divergence(name, draw), share),
        )
    for name in ("tv", "hockey_stick", "js"):
        yield Subject(
            f"many at once, {name}",
            "about 1e-14 absolute",
            (Stratum("near, zeros, m ≤ 3", at_once(name), 0.022),),
        )
    yield Subject("Chernoff information", "about 1e-15 relative", _by_kind(chernoff, 0.05))


def brackets() -> Iterator[Subject]:
    """What returns two ends."""
    near_types = by_types(near, [2, 3, 4], 5, exact_hockey_stick)
    strata = (
        Stratum("far, m ≤ 5", tv_bracket(by_types(far, [2, 3, 4], 5, exact_hockey_stick)), 0.4),
        Stratum("near, m ≤ 5", tv_bracket(near_types), 0.4),
        Stratum("zeros, m ≤ 5", tv_bracket(by_types(zeros, [2, 3], 5, exact_hockey_stick)), 0.25),
        Stratum(
            "2 letters, m = 10 … 1e6", tv_bracket(by_digits(2, (10, 1e6), oracles.total_variation)), 0.02
        ),
        Stratum(
            "3 letters, m = 10 … 100", tv_bracket(by_digits(3, (10, 100), oracles.total_variation)), 0.005
        ),
    )
    yield Subject("packed_tv_bracket", "holds", strata)
    strata = (
        Stratum("far, m ≤ 5", log_overlap_bracket(by_types(far, [2, 3, 4], 5, exact_overlap)), 0.015),
        Stratum("near, m ≤ 5", log_overlap_bracket(by_types(near, [2, 3, 4], 5, exact_overlap)), 0.01),
        Stratum("zeros, m ≤ 5", log_overlap_bracket(by_types(zeros, [2, 3], 5, exact_overlap)), 0.01),
        Stratum(
            "2 letters, m = 10 … 1e6", log_overlap_bracket(by_digits(2, (10, 1e6), oracles.overlap)), 0.02
        ),
    )
    yield Subject("log_overlap_bracket", "holds", strata)
    yield Subject("pack_bracket", "holds", (Stratum("far, near, zeros, m = 2 … 15", region_bracket, 0.015),))
    yield Subject(
        "Region.from_distributions",
        "holds",
        (Stratum("normals, exponentials, powers", from_distributions, 0.01),),
    )


def certificates() -> Iterator[Subject]:
    """What carries a gap."""
    for regime in REGIMES:
        yield Subject(
            f"tv_band, {regime}", "holds", (Stratum("tv, m ≤ 12", band_certificate(regime, ["tv"]), 0.006),)
        )
    others = ["js", "kl", "hellinger", "chi2"]
    for regime in ("all pairs", "collapse", "side tangents"):
        yield Subject(
            f"tv_band, {regime}",
            "holds",
            (Stratum("js, kl, hellinger, chi2", band_certificate(regime, others), 0.001),),
        )
    yield Subject("js_band", "holds", (Stratum("m = 2 … 6", js_band_certificate, 0.0003),))


SECTIONS = {"evaluator": evaluators, "bracket": brackets, "certificate": certificates}


# -- running ----------------------------------------------------------------------------------------------


class Batch(NamedTuple):
    """Some cases of one stratum."""

    section: str
    subject: int
    stratum: int
    number: int
    draws: int
    seed: int


def run(batch: Batch) -> Tally:
    """The tally of a batch."""
    start = time.perf_counter()
    subject = list(SECTIONS[batch.section]())[batch.subject]
    stratum = subject.strata[batch.stratum]
    name = zlib.crc32(f"{subject.name}/{stratum.name}".encode())
    rng = np.random.default_rng([batch.seed, name, batch.number])
    tally = Tally()
    with mp.workdps(DIGITS):
        for _ in range(batch.draws):
            for finding in stratum.judge(rng):
                tally = tally.with_one(finding)
    return tally._replace(seconds=time.perf_counter() - start)


def batches(cases: int, seed: int, words: Sequence[str]) -> list[Batch]:
    """All that is to be done, in turns: all strata advance alike."""
    ordered = []
    for section, subjects in SECTIONS.items():
        for i, subject in enumerate(subjects()):
            if words and not any(word in f"{section} {subject.name}" for word in words):
                continue
            for j, stratum in enumerate(subject.strata):
                draws = max(1, round(cases * stratum.share))
                size = max(1, min(BATCH, draws // 20))
                for number, first in enumerate(range(0, draws, size)):
                    batch = Batch(section, i, j, number, min(size, draws - first), seed)
                    ordered.append((first / draws, batch))
    return [batch for _, batch in sorted(ordered, key=lambda pair: pair[0])]


def measured(
    todo: Sequence[Batch], jobs: int, minutes: float = math.inf
) -> dict[tuple[str, int, int], Tally]:
    """Tallies by section, subject and stratum of what is done in time, with lines of progress."""
    tallies: dict[tuple[str, int, int], Tally] = {}
    start = time.monotonic()
    pool = ProcessPoolExecutor(jobs)
    for done, (batch, tally) in enumerate(zip(todo, pool.map(run, todo), strict=True), 1):
        key = batch.section, batch.subject, batch.stratum
        tallies[key] = tallies.get(key, Tally()) + tally
        for broken in tally.broken[:3]:
            print("broken:", key, broken, file=sys.stderr, flush=True)
        elapsed = (time.monotonic() - start) / 60
        if done % max(1, len(todo) // 50) == 0:
            print(f"{done} of {len(todo)} batches in {elapsed:.1f} minutes", file=sys.stderr, flush=True)
        if elapsed > minutes:
            break
    pool.shutdown(cancel_futures=True)
    return tallies


# -- report -----------------------------------------------------------------------------------------------


def report(tallies: dict[tuple[str, int, int], Tally]) -> str:
    """A table for each section."""
    tables = []
    for section, heads in {
        "evaluator": [
            "evaluator",
            "promise",
            "cases",
            "refused",
            "worst relative",
            "worst absolute",
            "beyond",
        ],
        "bracket": ["bracket", "input", "cases", "refused", "widest", "violations"],
        "certificate": ["certificate", "input", "pairs tried", "refused", "violations"],
    }.items():
        rows = [row(section, key, tally) for key, tally in tallies.items() if key[0] == section]
        if rows:
            tables.append(markdown(heads, rows))
    return "\n\n".join(tables)


def row(section: str, key: tuple[str, int, int], tally: Tally) -> list[str]:
    """A line of the table of a section."""
    subject = list(SECTIONS[section]())[key[1]]
    stratum = subject.strata[key[2]]
    counts = [f"{tally.cases:,}", f"{tally.refused:,}" if tally.refused else ""]
    broken = str(len(tally.broken))
    if section == "evaluator":
        errors = [short(error) if error else "–" for error in (tally.relative, tally.absolute)]
        return [f"{subject.name}: {stratum.name}", subject.promise, *counts, *errors, broken]
    widest = [short(tally.absolute)] if section == "bracket" else []
    return [subject.name, stratum.name, *counts, *widest, broken]


def environment(seed: int, tallies: Iterable[Tally], seconds: float, jobs: int) -> str:
    """What it ran on, and for how long."""
    versions = ", ".join(f"{package} {installed_version(package)}" for package in PACKAGES)
    all_cases = sum(tally.cases for tally in tallies)
    return (
        f"{all_cases:,} cases, seed {seed}, in {seconds:.0f} s with {jobs} processes on {os.cpu_count()} "
        f"cores of {processor()}; Python {platform.python_version()}, {versions}."
    )


PACKAGES = ("numpy", "scipy", "numba", "mpmath")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.accuracy", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000, help="for a whole share (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="%(default)s")
    parser.add_argument("--jobs", type=int, default=1, help="processes (%(default)s)")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="WORD", help="subjects with one of the words"
    )
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop with what is done by then")
    parser.add_argument("--out", type=Path, help="a document with two marks to put the tables between")
    return parser


def main() -> None:
    """Measure, and show the tables."""
    options = parser().parse_args()
    start = time.perf_counter()
    todo = batches(options.cases, options.seed, options.only)
    tallies = measured(todo, options.jobs, options.minutes)
    seconds = time.perf_counter() - start
    text = environment(options.seed, tallies.values(), seconds, options.jobs) + "\n\n" + report(tallies)
    if options.out:
        options.out.write_text(between_marks(options.out.read_text(), text))
    else:
        print(text)


if __name__ == "__main__":
    main()
