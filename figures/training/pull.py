"""How far matching pulls a perfect generator: pairs of points of different modes, by the number of modes.

The N modes and the N generated points are drawn from the same law. Matched pairs of different modes pull a
point off its mode although the generator is perfect. Chance puts unequal numbers of both into a Gaussian, so
that every matching has such pairs. Of K Gaussians of equal weight their mean share is at least
√((K − 1)/(πN)) for large N.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import jax
import numpy as np
from scipy.stats import binom

from modecollapse.arrays import FloatArray
from modecollapse.gan.configuration import LAWS, MATCHINGS
from modecollapse.layout import markdown

from .study import Study
from .tables import Row, cell

NUMBERS = (8, 32, 100, 500, 1000)
"""Numbers N of modes."""

TARGETS = ("ring", "grid")


def shares(target: str, matching: str, n: int, seeds: Sequence[int]) -> FloatArray:
    """Shares of the matched pairs that are of different modes, one a seed.

    Parameters
    ----------
    target : str
        Name of a mixture.
    matching : str
        "greedy" or "optimal".
    n : int
        Number of modes, and of generated points.
    seeds : sequence of int
        Seeds of both draws.

    Examples
    --------
    >>> greedy, optimal = (shares("ring", name, 100, range(3)).mean() for name in ("greedy", "optimal"))
    >>> bool(0 < optimal < greedy < 0.6)
    True
    """
    law, match = LAWS[target](), jax.jit(MATCHINGS[matching])
    apart = []
    for seed in seeds:
        real, generated = law.sample(2 * n, np.random.default_rng(seed)).reshape(2, n, -1)
        matched = np.asarray(match(real.astype(np.float32), generated.astype(np.float32)))
        apart.append(np.mean(law.mode_of(real) != law.mode_of(generated)[matched]))
    return np.array(apart)


def least_share(target: str, n: int) -> float:
    """The least mean share of pairs of different modes, over all matchings.

    A Gaussian with X of the modes and Y of the points has at least |X − Y| pairs too few on one side. So the
    share is at least half of the sum of |X − Y|/n. X and Y are independent and binomial.

    Parameters
    ----------
    target : str
        Name of a mixture.
    n : int
        Number of modes, and of generated points.

    Examples
    --------
    >>> round(least_share("ring", 100), 3)
    0.149
    >>> round((7 / (np.pi * 100)) ** 0.5, 3)  # √((K − 1)/(πN))
    0.149
    """
    numbers = np.arange(n + 1)
    apart = np.abs(numbers[:, np.newaxis] - numbers)
    masses = binom.pmf(numbers, n, LAWS[target]().weights[:, np.newaxis])
    return float(np.einsum("ki,ij,kj->", masses, apart, masses) / (2 * n))


def _run(seeds: Sequence[int], folder: Path, data: str) -> list[Row]:
    return [
        {"target": target, "matching": matching, "modes": n, "seed": int(seed), "value": float(share)}
        for target in TARGETS
        for matching in MATCHINGS
        for n in NUMBERS
        for seed, share in zip(seeds, shares(target, matching, n, seeds), strict=True)
    ]


def _table(rows: list[Row]) -> str:
    lines = []
    for target in TARGETS:
        lines.append(
            [target, "any, at least", *(cell(np.array([least_share(target, n)]), 3) for n in NUMBERS)]
        )
        for matching in MATCHINGS:
            mine = [row for row in rows if (row["target"], row["matching"]) == (target, matching)]
            values = [np.array([row["value"] for row in mine if row["modes"] == n]) for n in NUMBERS]
            lines.append([target, matching, *(cell(each, 3) for each in values)])
    return markdown(["target", "matching", *(f"N = {n}" for n in NUMBERS)], lines)


PULL = Study(_run, _table, lambda rows: rows, {})
