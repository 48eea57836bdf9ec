"""Bands: is a member of the class ever outside?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.random import Generator

from modecollapse import PrecisionError, Region, jensen_shannon_band, tv_band
from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems import families
from modecollapse.theorems.band import ScalarBand
from modecollapse.theorems.regimes import REGIMES

from .cases import far
from .findings import Finding, Judge, Refusal, Stratum, Subject

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
        condition = dict.fromkeys(REGIMES[regime].conditions, (eps, delta))
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
    band: ScalarBand, sorts: Iterable[families.Pair], divergence: PackedDivergence, inputs: str
) -> Iterator[Finding]:
    """Each member's divergence lies in the band, but for gaps and rounding."""
    for p, q in sorts:
        values = divergence.values(p, q)
        slack = (1e-12 + 1e-14 * divergence.m) * np.maximum(1, np.where(np.isfinite(values), values, 1))
        lower, upper = band.lower - band.lower_gap, band.upper + band.upper_gap
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


def members(rng: Generator, regime: str, tau: float, eps: float, delta: float) -> Iterator[families.Pair]:
    """Arrays of pairs of the class."""
    conditions = REGIMES[regime].conditions
    if "no_collapse" in conditions and regime != "too close to collapse":
        yield from uncollapsed(rng, tau, eps, delta)
        return
    x = (1 - tau) * np.sort(np.append(rng.random(POINTS), [0.0, 1.0]))
    if "collapse" in conditions:
        yield families.hull(x, np.minimum(x + tau, 1.0), eps, delta)
        yield stacked(collapsing(rng, tau, eps, delta) for _ in range(20))
        return
    yield families.inner(1 - tau - x, tau)
    yield apart(rng, tau, 4, POINTS)


def apart(rng: Generator, tau: float, letters: int, count: int) -> families.Pair:
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
    below = Region.from_pmfs(*far(rng, 3)) & families.region(families.outer(tau))
    point = Region.from_vertices([(0, 0), (eps, delta), (1, 1)])
    return below | point | families.region(families.inner(max(1 - tau - x, 0.0), tau))


def stacked(regions: Iterable[Region]) -> families.Pair:
    """Regions as arrays of letters, filled with empty ones."""
    pairs = [region.pair for region in regions]
    most = max(len(p) for p, _ in pairs)
    p, q = (np.array([np.pad(pair[side], (0, most - len(pair[side]))) for pair in pairs]) for side in (0, 1))
    return p, q


def uncollapsed(rng: Generator, tau: float, eps: float, delta: float) -> Iterator[families.Pair]:
    """Extremal regions next to those of the class, and random ones in it."""
    d, u = delta - eps, min(eps, 1 - delta)
    triangles = []
    low, high = u * tau / d, 1 - tau - u * tau / d
    if low < high:
        triangles.append(rng.uniform(low, high, POINTS))
        shares = rng.dirichlet(np.ones(3), POINTS) * (high - low)
        if u > 0:
            yield families.outer1(u, u + d, low + shares[:, 0], low + shares[:, 1], tau)
    side = 1 - tau * (1 - u) / d
    if u > 0 and side > 0:
        x = rng.uniform(0, side, POINTS)
        triangles += [x, 1 - tau - x]
        yield families.outer_left(u, u + d, x, tau)
        yield families.mirror(families.outer_left(u, u + d, x, tau))
    for x in triangles:
        yield families.inner(1 - tau - x, tau)
    p, q = apart(rng, tau, 4, 20)
    chosen = triangles[rng.integers(len(triangles))][:20]
    a, b = families.inner(1 - tau - chosen, tau)
    share = rng.random((20, 1))
    mixed = [Region.from_pmfs(*pair) for pair in zip(_joined(p, a, share), _joined(q, b, share), strict=True)]
    inside = [r for r in mixed if not (r.has_collapse(eps, delta) or r.has_augmentation(eps, delta))]
    inside = [r for r in inside if abs(r.total_variation - tau) < 1e-14]
    if inside:
        yield stacked(inside)


def _joined(first: np.ndarray, second: np.ndarray, share: np.ndarray) -> np.ndarray:
    """The laws of a coin and a letter: the coin says from which of the two."""
    return np.hstack([share * first, (1 - share) * second])


def jensen_shannon_certificate(rng: Generator) -> Iterator[Finding]:
    """The search over pairs of two letters with the same Jensen–Shannon divergence."""
    c, m = rng.uniform(0.01, 0.68), int(rng.integers(2, 7))
    band, (p, q) = jensen_shannon_band(c, m), two_letters_at(rng, c)
    yield from judged_band(band, [(p, q)], PackedDivergence("js", m), f"jensen_shannon_band({c!r}, {m})")


def two_letters_at(rng: Generator, c: float) -> families.Pair:
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


def _binary(y: np.ndarray, x: np.ndarray) -> families.Pair:
    return np.stack([y, 1 - y], axis=-1), np.stack([x, 1 - x], axis=-1)


def subjects() -> Iterator[Subject]:
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
    yield Subject("jensen_shannon_band", "holds", (Stratum("m = 2 … 6", jensen_shannon_certificate, 0.0003),))
