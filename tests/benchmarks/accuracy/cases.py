"""What is tried: pairs of pmfs, far, near, with zeros, with masses down to 1e-300, and their products."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from mpmath import mpf
from numpy.random import Generator

from modecollapse import Region
from modecollapse.packing.letters import CommonLetters, common_letters


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
