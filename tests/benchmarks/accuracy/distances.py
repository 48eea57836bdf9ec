"""Evaluators of packed total variation and overlap."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import numpy as np
from mpmath import mp, mpf
from numpy.random import Generator

from modecollapse import PrecisionError
from modecollapse.packing import choice, enumeration, few_letters
from modecollapse.packing.fourier import contour, distance
from modecollapse.packing.letters import CommonLetters
from tests import oracles
from tests.benchmarks.accountants.report import short

from .cases import KINDS, SHARES, Drawn, by_digits, by_types, far, log_uniform, tilted, zeros
from .findings import (
    Finding,
    Judge,
    Refusal,
    Stratum,
    Subject,
    compared,
    compared_absolutely,
    compared_logarithms,
)

Evaluator = Callable[[CommonLetters, int], float]


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
    truth: Callable[..., mpf],
    letters: Sequence[int],
    most: int,
    larger: Iterable[tuple[tuple[float, float], float]],
    promise: str = "1e-12 relative",
) -> Subject:
    """Strata of few types by kind of pair, then of ranges of larger m."""
    strata = [
        Stratum(f"{kind}, m ≤ {most}", judge(by_types(draw, letters, most, truth)), SHARES[kind])
        for kind, draw in KINDS.items()
    ]
    for degrees, share in larger:
        drawn = by_digits(max(letters), degrees, truth)
        strata.append(Stratum(f"m = {short(degrees[0])} … {short(degrees[1])}", judge(drawn), share))
    return Subject(name, promise, tuple(strata))


def one_letter_drawn(is_distance: bool) -> Callable[..., Drawn]:
    """One common letter, m up to 1e15."""

    def drawn(rng: Generator) -> Drawn:
        pair = zeros(rng, 1)
        m = log_uniform(rng, 1, 1e15)
        (p, q) = oracles.exact_pair(*pair)[0]
        with mp.workdps(2 * oracles.GUARD_DIGITS):
            overlap = min(mpf(p.numerator) / p.denominator, mpf(q.numerator) / q.denominator) ** m
            return Drawn(pair, m, pair.common, 1 - overlap if is_distance else overlap)

    return drawn


def three_by_rows(common: CommonLetters, m: int) -> float:
    """The evaluator of searches, of three common letters after what rounding merged."""
    p, q, log_ratio, log_p, log_q = common
    if len(p) != 3:
        return choice.exact_total_variation(common, m)
    shares = np.array([log_p]), np.array([log_q])
    return float(few_letters.ternary_powers(p[None], q[None], *shares, log_ratio[None], m)[0])


def _beta(run: Evaluator, one: Evaluator) -> Evaluator:
    """Beta masses, unless rounding merged the letters into one."""
    return lambda common, m: one(common, m) if common.has_one_ratio else run(common, m)


BETA_DISTANCE = _beta(few_letters.total_variation, choice.exact_total_variation)
BETA_OVERLAP = _beta(few_letters.log_overlap, choice.exact_log_overlap)
TYPES_DISTANCE = _beta(enumeration.total_variation, choice.exact_total_variation)
TYPES_OVERLAP = _beta(enumeration.log_overlap, choice.exact_log_overlap)


def certified(rng: Generator) -> Iterator[Finding | Refusal]:
    """The estimate that `packed_tv` returns beyond 10⁶ types, relative to √(1−φ^2m)."""
    m = int(rng.integers(1, 6))
    pair = list(KINDS.values())[rng.integers(3)](rng, int(rng.integers(2, 5)))
    common, truth = pair.common, oracles.total_variation(*pair, m)
    try:
        value = choice.certified_total_variation(common, m)
    except PrecisionError:
        yield Refusal()
        return
    error = abs(mpf(value) - truth)
    of_scale = compared_absolutely(
        float(error / distance.largest_distance(common, m)), mpf(0), 1e-6, (pair, m)
    )
    yield of_scale._replace(relative=of_scale.absolute, absolute=float(error))


def certified_overlap(rng: Generator) -> Iterator[Finding | Refusal]:
    """The log overlap in its certified form."""
    m = int(rng.integers(1, 6))
    pair = far(rng, int(rng.integers(2, 5)))
    try:
        value = choice.certified_log_overlap(pair.common, m)
    except PrecisionError:
        yield Refusal()
        return
    yield compared_logarithms(value, oracles.overlap(*pair, m), 1.01e-6, (pair, m))


def contour_estimate(letters: int, degrees: tuple[int, int]) -> Judge:
    """The contour integral of irregular log ratios."""

    def judge(rng: Generator) -> Iterator[Finding]:
        m = log_uniform(rng, *degrees)
        pair = tilted(rng, letters, rng.uniform(0.3, 3) / math.sqrt(m))
        truth = oracles.overlap(*pair, m)
        value = contour.contour_estimate(pair.common, m).value
        yield compared_logarithms(value, truth, math.inf, (pair, m))

    return judge


def subjects() -> Iterator[Subject]:
    """What returns a distance or an overlap."""
    yield Subject(
        "one common letter, distance",
        "1e-12 relative",
        (Stratum("zeros, m = 1 … 1e15", distance_of(choice.total_variation, one_letter_drawn(True)), 1.1),),
    )
    yield Subject(
        "one common letter, overlap",
        "1e-12 relative",
        (Stratum("zeros, m = 1 … 1e15", overlap_of(choice.log_overlap, one_letter_drawn(False)), 1.1),),
    )
    two, three = [((10, 1e3), 0.05), ((1e3, 1e6), 0.01)], [((10, 100), 0.005), ((100, 1e4), 0.0005)]
    for name, judged, by_beta, by_list, truth in (
        ("distance", distance_of, BETA_DISTANCE, TYPES_DISTANCE, oracles.total_variation),
        ("overlap", overlap_of, BETA_OVERLAP, TYPES_OVERLAP, oracles.overlap),
    ):
        beta, listed = partial(judged, by_beta), partial(judged, by_list)
        yield exact_evaluator(f"two letters, {name}", beta, truth, [2], 12, two)
        yield exact_evaluator(f"three letters, {name}", beta, truth, [3], 6, three)
        yield exact_evaluator(f"enumeration, {name}", listed, truth, [2, 3, 4], 4, [((10, 60), 0.0003)])
    quick = partial(absolute_of, three_by_rows, within=1e-13)
    yield exact_evaluator(
        "three letters, quick distance", quick, oracles.total_variation, [3], 6, three, "about 1e-14 absolute"
    )
    yield Subject(
        "certified distance",
        "1e-10 to 1e-6 of √(1−φ²ᵐ)",
        (Stratum("far, near, zeros, m ≤ 5", certified, 0.1),),
    )
    yield Subject(
        "certified overlap", "1e-10 to 1e-6 relative", (Stratum("far, m ≤ 5", certified_overlap, 0.05),)
    )
    yield Subject(
        "contour, overlap",
        "none proved",
        (
            Stratum("3 letters, m = 1 … 12", contour_estimate(3, (1, 12)), 0.02),
            Stratum("3 letters, m = 12 … 200", contour_estimate(3, (12, 200)), 0.02),
            Stratum("8 letters, m = 4 … 7", contour_estimate(8, (4, 7)), 0.01),
        ),
    )
