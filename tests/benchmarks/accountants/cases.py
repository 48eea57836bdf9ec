"""The pairs and packing degrees that every contender is given."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

FloatArray = NDArray[np.float64]

EFFECTS = {"near": 1e-3, "nearest": 3e-5}
"""Standard deviations of the log likelihood ratio of one sample; the other pairs, "far", are at d_TV = .1."""

FAR_DISTANCE = 0.1


class Case(NamedTuple):
    """So many samples of a pair with so many letters."""

    letters: int
    distance: str
    m: int


LETTERS = (2, 3, 5, 20, 1000)
DEGREES = {"far": (2, 10, 100, 1000), "near": (10, 10**3, 10**5), "nearest": (10**6, 10**9)}
"""Up to where far pairs are told apart for certain and beyond where the accountants go."""

CASES = [
    Case(letters, distance, m)
    for distance, degrees in DEGREES.items()
    for letters in LETTERS
    for m in degrees
] + [Case(100_000, "far", 10), Case(100_000, "far", 1000)]

TUNED_CASES = [
    Case(letters, distance, m)
    for distance, degrees in (("far", (10, 100)), ("near", (10**3, 10**5)))
    for letters in (3, 1000)
    for m in degrees
]


def pair(letters: int, distance: str) -> tuple[FloatArray, FloatArray]:
    """P and Q ∝ P exp(c · scores), off every lattice from three letters on; c sets the distance."""
    p, scores = _shape(letters)
    if distance == "far":
        c = brentq(lambda c: _total_variation(p, _tilted(p, c * scores)) - FAR_DISTANCE, 0, 10, xtol=1e-12)
    else:
        c = EFFECTS[distance] / _deviation(p, scores)
    return p, _tilted(p, c * scores)


def _shape(letters: int) -> tuple[FloatArray, FloatArray]:
    if letters == 2:
        return np.array([0.3, 0.7]), np.array([1.0, 0.0])
    if letters == 3:
        return np.array([0.2, 0.3, 0.5]), np.array([1.0, -0.3, 2.137])
    rng = np.random.default_rng(letters)
    return rng.dirichlet(np.ones(letters)), rng.normal(size=letters)


def _tilted(p: FloatArray, exponents: FloatArray) -> FloatArray:
    q = p * np.exp(exponents)
    return q / q.sum()


def _total_variation(p: FloatArray, q: FloatArray) -> float:
    return 0.5 * float(np.abs(p - q).sum())


def _deviation(p: FloatArray, scores: FloatArray) -> float:
    return math.sqrt(p @ scores**2 - (p @ scores) ** 2)
