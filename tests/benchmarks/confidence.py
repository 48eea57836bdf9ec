"""How often confidence bands hold, and how tight they are: ``python -m tests.benchmarks.confidence [runs]``.

It prints the table of docs/diagnose.md in Markdown. 1000 runs take some two minutes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from modecollapse import Region, RegionBracket
from modecollapse.samples import from_counts, from_scores
from modecollapse.samples.confidence import hull_region, largest_proportion, least_proportion

LEVEL, ALPHA = 0.95, 0.05

AT = (0.01, 0.05)
"""The ε at which δ is listed."""


class Case(NamedTuple):
    """Equally likely modes, some of which are lost."""

    modes: int
    size: int
    lost: int
    known: bool = False

    @property
    def name(self) -> str:
        kind = ", known target" if self.known else ""
        return f"{self.modes} modes, {self.lost} lost, n = {self.size}{kind}"

    @property
    def pair(self) -> tuple[np.ndarray, np.ndarray]:
        left = np.append(np.zeros(self.lost), np.ones(self.modes - self.lost))
        return np.full(self.modes, 1 / self.modes), left / left.sum()

    @property
    def truth(self) -> Region:
        return Region.from_pmfs(*self.pair)

    def band(self, rng: np.random.Generator, seed: int) -> RegionBracket:
        p, q = self.pair
        generated = rng.multinomial(self.size, q)
        counts = (
            from_counts(target=p, generated=generated)
            if self.known
            else from_counts(rng.multinomial(self.size, p), generated)
        )
        return counts.confidence_band(LEVEL, seed)

    def oracle(self, rng: np.random.Generator, seed: int) -> Region:
        """The lower region of one who knows which modes are lost."""
        share = self.lost / self.modes
        if self.known:
            return hull_region(np.array([[largest_proportion(0, self.size, ALPHA), share]]))
        real = rng.binomial(self.size, share)
        point = [largest_proportion(0, self.size, ALPHA / 2), least_proportion(real, self.size, ALPHA / 2)]
        return hull_region(np.array([point]))


CASES = [
    Case(8, 100, 2),
    Case(8, 2000, 2),
    Case(25, 300, 5),
    Case(25, 2000, 5),
    Case(25, 2000, 3),
    Case(25, 2000, 0),
    Case(100, 10_000, 20),
    Case(1000, 10_000, 300),
    Case(1000, 26_000, 300),
    Case(10_000, 100_000, 2000),
    Case(24, 100, 19, known=True),
    Case(24, 400, 19, known=True),
    Case(44, 100, 37, known=True),
]


def lower_ends(region: Region) -> list[float]:
    return [region.total_variation, *map(region.boundary, AT)]


def row(case: Case, runs: int) -> str:
    runs = max(1, runs // 25) if case.modes >= 10_000 else runs
    rng, truth = np.random.default_rng(1), case.truth
    drawn = [case.band(rng, seed) for seed in range(runs)]
    held = [band.inner <= truth <= band.outer for band in drawn]
    cells = [
        case.name,
        _ends(lower_ends(truth)),
        _ends(np.mean([lower_ends(band.inner) for band in drawn], axis=0)),
        _ends(np.mean([lower_ends(case.oracle(rng, seed)) for seed in range(runs)], axis=0))
        if case.lost
        else "",
        _ends(np.mean([band.outer.total_variation for band in drawn])),
        _ends(np.mean(held)),
    ]
    return "| " + " | ".join(cells) + " |"


def _ends(values: object) -> str:
    return " / ".join(f"{value:.3f}".removeprefix("0") for value in np.ravel(values))


def hard_cases() -> dict[str, Callable[[np.random.Generator, int], tuple[RegionBracket, Region]]]:
    """Pairs on which the bounds are nearly reached, or samples are few."""

    def counts(size: int, p: list[float], q: list[float], known: bool = False):
        def drawn(rng: np.random.Generator, seed: int) -> tuple[RegionBracket, Region]:
            generated = rng.multinomial(size, q)
            evidence = (
                from_counts(target=p, generated=generated)
                if known
                else from_counts(rng.multinomial(size, p), generated)
            )
            return evidence.confidence_band(LEVEL, seed), Region.from_pmfs(p, q)

        return drawn

    def scores(rng: np.random.Generator, seed: int) -> tuple[RegionBracket, Region]:
        real, generated = rng.choice(3, 60, p=[0.2, 0.3, 0.5]), rng.choice(3, 80, p=[0.5, 0.3, 0.2])
        evidence = from_scores(real.astype(float), generated.astype(float))
        return evidence.confidence_band(LEVEL, seed), Region.from_pmfs([0.5, 0.3, 0.2], [0.2, 0.3, 0.5])

    one_in_a_thousand = [0.001] * 1000
    return {
        "2 modes, .5 and .4, n = 10": counts(10, [0.5, 0.5], [0.4, 0.6]),
        "2 modes, .5 and .4, n = 400": counts(400, [0.5, 0.5], [0.4, 0.6]),
        "2 modes, .5 and .4, n = 400, known target": counts(400, [0.5, 0.5], [0.4, 0.6], known=True),
        "5 modes, 1 lost, n = 15": counts(15, [0.2] * 5, [0.0] + [0.25] * 4),
        "1000 equal modes, n = 500": counts(500, one_in_a_thousand, one_in_a_thousand),
        "1000 equal modes, n = 500, known target": counts(
            500, one_in_a_thousand, one_in_a_thousand, known=True
        ),
        "scores of 3 values, n = 60 and 80": scores,
    }


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print("| case | true | certified | oracle | upper end | held |\n|---|---|---|---|---|---|")
    for case in CASES:
        print(row(case, runs), flush=True)
    print("\n| hard case | held |\n|---|---|")
    for name, draw in hard_cases().items():
        rng = np.random.default_rng(2)
        drawn = [draw(rng, seed) for seed in range(runs)]
        held = np.mean([band.inner <= truth <= band.outer for band, truth in drawn])
        print(f"| {name} | {_ends(held)} |", flush=True)


if __name__ == "__main__":
    main()
