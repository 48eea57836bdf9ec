"""Evaluators of products of different pairs, of the errors of the best tests, and of Rényi's divergences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from mpmath import mpf
from numpy.random import Generator

from modecollapse import PrecisionError, Region
from modecollapse.packing import few_letters, halves
from modecollapse.packing.fourier import products
from modecollapse.packing.letters import Factor
from tests import oracles

from .cases import KINDS, SHARES, Draw, far, near, zeros
from .findings import Finding, Judge, Stratum, Subject, compared, held

BRACKET_TERMS = 10**6
"""A limit on letters times nodes; where it stops the evaluator, the bracket it has by then is judged."""

ORDERS = (0.0, 1e-3, 0.25, 0.5, 0.9, 1.0, 1.1, 2.0, 10.0, 1e3, float("inf"))
"""Orders of Rényi's divergence, between which others are drawn."""


class Product(NamedTuple):
    """Factors, and the distance of their products."""

    factors: list[Factor]
    truth: mpf
    said: str


def drawn_product(draw: Draw, rng: Generator) -> Product:
    """Two or three factors of at most two letters that both have, and at most two samples of each."""
    drawn = [(draw(rng, int(rng.integers(1, 3))), int(rng.integers(1, 3))) for _ in range(rng.integers(2, 4))]
    truth = oracles.as_mpf(oracles.distance_of_product([(*pair, m) for pair, m in drawn]))
    return Product([Factor(pair.common, m) for pair, m in drawn], truth, str(drawn))


def by_halves(draw: Draw) -> Judge:
    """The exact distance of a product, relative to itself from 1e-12 on."""

    def judge(rng: Generator) -> Iterator[Finding]:
        case = drawn_product(draw, rng)
        yield compared(halves.total_variation(case.factors), case.truth, 1e-12, 1e-12, case.said)

    return judge


def bracket(draw: Draw) -> Judge:
    """The bracket from characteristic functions at widths from 1e-2 to 1e-9 of the distance."""

    def judge(rng: Generator) -> Iterator[Finding]:
        case = drawn_product(draw, rng)
        if all(factor.common.has_one_ratio for factor in case.factors):
            return
        width = 10 ** -rng.uniform(2, 9) * max(float(case.truth), 1e-9)
        try:
            estimate, ends = products.certified_tv(case.factors, width, BRACKET_TERMS)
        except PrecisionError as error:
            estimate, ends = error.bracket.lower, error.bracket
        finding = held(ends.lower, case.truth, ends.upper, case.said)
        if not ends.lower <= estimate <= ends.upper:
            finding = finding._replace(broken=f"{case.said}: estimate {estimate!r} outside {ends}")
        yield finding

    return judge


def trade_off(draw: Draw) -> Judge:
    """The second error of the best test of at most 12 samples, relative to itself."""

    def judge(rng: Generator) -> Iterator[Finding]:
        pair, m, alpha = draw(rng, 2), int(rng.integers(1, 13)), float(10 ** -rng.uniform(0, 12))
        if pair.common.has_one_ratio:
            return
        truth = 1 - oracles.packed_boundary(*pair, m, alpha)
        value = few_letters.trade_off(pair.common, m, alpha)
        yield compared(value, oracles.as_mpf(truth), 1e-12, 1e-250, (pair, m, alpha))

    return judge


def renyi(draw: Draw) -> Judge:
    """Rényi's divergence of any order, relative to itself."""

    def judge(rng: Generator) -> Iterator[Finding]:
        pair, order = draw(rng, int(rng.integers(1, 6))), float(rng.choice(ORDERS))
        if rng.random() < 0.5 and np.isfinite(order):
            order *= float(rng.uniform(0.5, 2))
        truth = oracles.divergence("renyi", *pair, order)
        value = Region.from_pmfs(*pair).divergence("renyi", order=order)
        yield compared(value, truth, 1e-12, 1e-24, (pair, order))._replace(absolute=float("nan"))

    return judge


def by_kind(judge: Callable[[Draw], Judge], kinds: dict[str, Draw] = KINDS) -> tuple[Stratum, ...]:
    """A stratum for each kind of pair."""
    return tuple(Stratum(kind, judge(draw), SHARES[kind]) for kind, draw in kinds.items())


def subjects() -> Iterator[Subject]:
    """What returns a number."""
    yield Subject("product of pairs, distance", "1e-12 relative", by_kind(by_halves))
    yield Subject("two letters, error of the best test", "1e-12 relative", by_kind(trade_off))
    yield Subject("Region.divergence, renyi", "1e-12 relative", by_kind(renyi))


def brackets() -> Iterator[Subject]:
    """What returns two ends."""
    strata = tuple(Stratum(draw.__name__, bracket(draw), 0.34) for draw in (far, near, zeros))
    yield Subject("product_tv_bracket", "holds", strata)
