"""Evaluators of regions, divergences and the Chernoff information."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from mpmath import mp, mpf
from numpy.random import Generator

from modecollapse import Region, packing
from modecollapse.packing.measures import PackedDivergence
from tests import oracles

from .cases import KINDS, SHARES, Draw, Pair, log_uniform, near, zeros
from .findings import Finding, Judge, Stratum, Subject, compared, compared_absolutely


def pack_boundary(draw: Draw) -> Judge:
    """The boundary of the packed region at random points."""

    def judge(rng: Generator) -> Iterator[Finding]:
        pair, m = draw(rng, int(rng.integers(1, 4))), int(rng.integers(1, 6))
        packed = packing.pack(Region.from_pmfs(*pair), m)
        at = rng.choice([rng.random(4), 10 ** -rng.uniform(0, 12, 4)])
        for x in at:
            yield steep(packed, x, oracles.packed_boundary(*pair, m, x), 2e-13, (pair, m, x))

    return judge


def boundary(draw: Draw) -> Judge:
    """The boundary of a region at random points."""

    def judge(rng: Generator) -> Iterator[Finding]:
        pair = draw(rng, int(rng.integers(1, 6)))
        region = Region.from_pmfs(*pair)
        at = rng.choice([rng.random(4), 10 ** -rng.uniform(0, 12, 4)])
        for x in at:
            yield steep(region, x, oracles.packed_boundary(*pair, 1, x), 4e-15, (pair, x))

    return judge


def steep(region: Region, x: float, exact: Fraction, within: float, inputs: Any) -> Finding:
    """The distance from (x, g(x)) to the boundary given, along (−1, 1): where it is steep, x errs too."""
    truth = oracles.as_mpf(exact)
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
        truth = oracles.divergence(name, *pair, **order)
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
            truth = oracles.divergence(name, *pair, **order, m=m)
        else:
            m = log_uniform(rng, 1, 1e6)
            with mp.workdps(2 * oracles.GUARD_DIGITS):
                truth = oracles.tensorised(name, oracles.divergence(name, *pair), m)
        value = packing.packed_divergence(pair, m, name, **order)
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
            truth = oracles.divergence(name, *pair, order, m)
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
        yield compared(packing.chernoff_information(pair), truth, 1e-12, 1e-24, pair)

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


def by_kind(judge: Callable[[Draw], Judge], share: float = 1.0) -> tuple[Stratum, ...]:
    """A stratum for each kind of pair."""
    return tuple(Stratum(kind, judge(draw), share * SHARES[kind]) for kind, draw in KINDS.items())


def subjects() -> Iterator[Subject]:
    """What returns a number that is not a distance or an overlap."""
    yield Subject("pack, boundary", "about 1e-13 in each coordinate", by_kind(pack_boundary, 0.25))
    yield Subject("Region, boundary", "some units of rounding", by_kind(boundary, 0.25))
    for name in oracles.DIVERGENCES:
        promise = "1e-15·(1+order) absolute" if name == "hockey_stick" else "1e-12 relative"
        yield Subject(
            f"Region.divergence, {name}",
            promise,
            by_kind(lambda draw, name=name: region_divergence(name, draw)),
        )
    for name in oracles.DIVERGENCES[1:]:  # the first is the distance
        promise = "1e-12·(1+order) absolute" if name == "hockey_stick" else "1e-12 relative"
        yield Subject(
            f"packed_divergence, {name}",
            promise,
            by_kind(lambda draw, name=name: packed_divergence(name, draw)),
        )
    for name in ("tv", "hockey_stick", "js"):
        yield Subject(
            f"many at once, {name}",
            "about 1e-14 absolute",
            (Stratum("near, zeros, m ≤ 3", at_once(name), 0.022),),
        )
    yield Subject("Chernoff information", "about 1e-15 relative", by_kind(chernoff))
