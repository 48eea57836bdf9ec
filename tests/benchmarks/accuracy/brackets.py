"""Brackets: is the truth ever outside?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from mpmath import mp
from numpy.random import Generator
from scipy import stats

from modecollapse import PrecisionError, Region, RegionBracket, packing
from modecollapse.packing.fourier import distance, dots, hockey_sticks, overlap
from modecollapse.packing.letters import CommonLetters, common_letters
from tests import oracles

from .cases import KINDS, Draw, Drawn, by_digits, by_types, far, near, zeros
from .findings import Finding, Judge, Stratum, Subject, held

BRACKET_TERMS = 10**6
"""A limit on letters times nodes; where it stops the evaluator, the bracket it has by then is judged."""


def tv_bracket(draw: Callable[..., Drawn]) -> Judge:
    """`packed_tv_bracket` at widths from 1e-2 to 1e-9 of the distance."""

    def judge(rng: Generator) -> Iterator[Finding]:
        case = draw(rng)
        width = 10 ** -rng.uniform(2, 9) * max(float(case.truth), 1e-9)
        try:
            estimate, bracket = distance.certified_tv(case.common, case.m, width, BRACKET_TERMS)
        except PrecisionError as error:
            estimate, bracket = error.bracket.lower, error.bracket
        finding = held(bracket.lower, case.truth, bracket.upper, case)
        if not bracket.lower <= estimate <= bracket.upper:
            finding = finding._replace(broken=f"{case}: estimate {estimate!r} outside {bracket}")
        yield finding

    return judge


def refined(common: CommonLetters, letters: int, rng: Generator) -> CommonLetters:
    """The same pair with its letters split into many of equal ratios, which a Region would merge again."""
    own = len(common.p)
    of = np.sort(np.append(np.arange(own), rng.integers(0, own, size=letters - own)))
    parts = rng.uniform(0.1, 1, size=letters)
    parts /= np.bincount(of, weights=parts)[of]
    split = common.p[of] * parts, common.q[of] * parts, common.log_ratio[of]
    return CommonLetters(*split, common.log_p_share, common.log_q_share)


def many_letters(draw: Callable[..., Drawn]) -> Callable[..., Drawn]:
    """The cases of `draw`, as 160 to 600 letters: those are summed by one fast transform."""

    def drawn(rng: Generator) -> Drawn:
        case = draw(rng)
        return case._replace(common=refined(case.common, int(rng.integers(160, 600)), rng))

    return drawn


def hockey_stick_bracket(draw: Draw) -> Judge:
    """Hockey sticks on a lattice, at orders out to the greatest ratio; in a refusal, the best bracket."""

    def judge(rng: Generator) -> Iterator[Finding]:
        pair, m = draw(rng, int(rng.integers(2, 5))), int(rng.integers(1, 9))
        common = pair.common
        if len(common.p) == 0:
            return
        log_order = rng.uniform(0, 1) * min(max(m * float(common.log_ratio[0]), 0.0), 300.0)
        order, width = math.exp(log_order), 10 ** -rng.uniform(2, 5)
        truth = oracles.divergence("hockey_stick", *pair, order, m)
        try:
            bracket = dots.hockey_stick_bracket(common, m, math.log(order), width, True)
        except PrecisionError as error:
            bracket = error.bracket
        yield held(bracket.lower, truth, bracket.upper, (pair, m, order, width))

    return judge


def log_overlap_bracket(draw: Callable[..., Drawn]) -> Judge:
    """The bracket of the log overlap at widths from 1e-2 to 1e-7; in a refusal, the best one."""

    def judge(rng: Generator) -> Iterator[Finding]:
        case = draw(rng)
        if case.truth == 0:
            return
        try:
            bracket = overlap.log_overlap_bracket(
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
    exact, bracket = packing.pack(region, m), hockey_sticks.region_bracket(common, m, width)
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
    bracket = RegionBracket.from_distributions(case.p, case.q, width=width)
    x = np.concatenate([rng.random(20), 10 ** -rng.uniform(0, 8, 20)])
    truth = case.boundary(x)
    outside = np.maximum(bracket.inner.boundary(x) - truth, truth - bracket.outer.boundary(x))
    for point, excess in zip(x, outside, strict=True):
        said = (
            f"{case.p.dist.name} {case.p.args} {case.p.kwds}, width {width}, x={point}: {excess:.2e} outside"
        )
        yield Finding(absolute=bracket.width, broken="" if excess <= 1e-12 else said)


def subjects() -> Iterator[Subject]:
    """What returns two ends."""
    near_types = by_types(near, [2, 3, 4], 5, oracles.total_variation)
    strata = (
        Stratum("far, m ≤ 5", tv_bracket(by_types(far, [2, 3, 4], 5, oracles.total_variation)), 0.4),
        Stratum("near, m ≤ 5", tv_bracket(near_types), 0.4),
        Stratum("zeros, m ≤ 5", tv_bracket(by_types(zeros, [2, 3], 5, oracles.total_variation)), 0.25),
        Stratum(
            "2 letters, m = 10 … 1e6", tv_bracket(by_digits(2, (10, 1e6), oracles.total_variation)), 0.02
        ),
        Stratum(
            "3 letters, m = 10 … 100", tv_bracket(by_digits(3, (10, 100), oracles.total_variation)), 0.005
        ),
    )
    yield Subject("packed_tv_bracket", "holds", strata)
    strata = (
        Stratum(
            "far, m ≤ 5", tv_bracket(many_letters(by_types(far, [2, 3, 4], 5, oracles.total_variation))), 0.1
        ),
        Stratum("near, m ≤ 5", tv_bracket(many_letters(near_types)), 0.1),
        Stratum(
            "2 ratios, m = 10 … 1e6",
            tv_bracket(many_letters(by_digits(2, (10, 1e6), oracles.total_variation))),
            0.02,
        ),
    )
    yield Subject("packed_tv_bracket, 160 to 600 letters", "holds", strata)
    strata = tuple(
        Stratum(f"{name}, m ≤ 8", hockey_stick_bracket(draw), 0.1)
        for name, draw in (("far", far), ("near", near), ("zeros", zeros))
    )
    yield Subject("packed_hockey_stick_bracket", "holds", strata)
    strata = (
        Stratum("far, m ≤ 5", log_overlap_bracket(by_types(far, [2, 3, 4], 5, oracles.overlap)), 0.015),
        Stratum("near, m ≤ 5", log_overlap_bracket(by_types(near, [2, 3, 4], 5, oracles.overlap)), 0.01),
        Stratum("zeros, m ≤ 5", log_overlap_bracket(by_types(zeros, [2, 3], 5, oracles.overlap)), 0.01),
        Stratum(
            "2 letters, m = 10 … 1e6", log_overlap_bracket(by_digits(2, (10, 1e6), oracles.overlap)), 0.02
        ),
    )
    yield Subject("log_overlap_bracket", "holds", strata)
    yield Subject("pack_bracket", "holds", (Stratum("far, near, zeros, m = 2 … 15", region_bracket, 0.015),))
    yield Subject(
        "RegionBracket.from_distributions",
        "holds",
        (Stratum("normals, exponentials, powers", from_distributions, 0.01),),
    )
