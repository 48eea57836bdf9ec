"""Random classes of pairs, and random members of a class."""

from __future__ import annotations

import numpy as np

import modecollapse as mc
from modecollapse.theorems import boundaries
from modecollapse.theorems.classes import PairClass
from modecollapse.theorems.greatest.members import mean
from modecollapse.theorems.greatest.slopes import GreatestRegions


def random_class(rng, forbidden: int | None = None) -> PairClass:
    """A class with a member: a random region, with points below it required and points above it forbidden."""
    p, q = rng.dirichlet(np.ones(4), 2)
    inside = mc.Region.from_pmfs(p, q)
    conditions: dict = {}
    if rng.random() < 0.6:
        x = rng.random()
        share = rng.uniform(0.2, 0.95)
        conditions["collapse"] = (x, x + share * (inside.boundary(x) - x))
    points = []
    for _ in range(int(rng.integers(0, 3)) if forbidden is None else forbidden):
        x = rng.uniform(0.02, 0.95)
        points.append((x, inside.boundary(x) + rng.uniform(0.02, 0.5) * (1 - inside.boundary(x))))
    half = int(rng.integers(0, len(points) + 1))
    conditions["no_collapse"] = points[:half]
    conditions["no_augmentation"] = [(1 - y, 1 - x) for x, y in points[half:]]
    if rng.random() < 0.4:
        conditions["within"] = inside | mc.Region.from_pmfs(*rng.dirichlet(np.ones(3), 2))
    if rng.random() < 0.25:
        gamma = float(rng.choice([0.5, 2.0, 3.0]))
        return PairClass(
            hockey_stick=(gamma, float(np.maximum(inside.p - gamma * inside.q, 0).sum())), **conditions
        )
    tau = inside.total_variation
    choice = rng.random()
    if choice < 0.15:
        return PairClass(**conditions)
    return PairClass(tau=(0.8 * tau, min(1.2 * tau, 1)) if choice < 0.35 else tau, **conditions)


def random_members(pairs: PairClass, rng, count: int) -> list[mc.Region]:
    """Regions between a least and a greatest region of the class."""
    regions = GreatestRegions(pairs) if pairs.mattering else None
    found = []
    for _ in range(count):
        if pairs.required_touches:
            least = pairs.required
        else:
            interval = pairs.tangents[rng.integers(len(pairs.tangents))]
            x = interval.low + rng.uniform(0.01, 0.99) * (interval.high - interval.low)
            least = pairs.least_regions(np.array([x]))[0]
        greatest = pairs.greatest
        if regions is not None:
            greatest = regions.boundary(regions.above(least, rng.random(len(pairs.mattering))))
        found.append(boundaries.region(mean(greatest, least, rng.random() ** 2 + 1e-4)))
    return found
