"""How often confidence bands hold, and how tight they are: ``python -m tests.benchmarks.confidence [runs]``.

It prints the tables of docs/diagnose.md in Markdown. 1000 runs take some two minutes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from modecollapse import Region, RegionBracket
from modecollapse.samples import (
    ModeCounts,
    ScoreCounts,
    diagnose,
    from_counts,
    from_groups,
    from_labels,
    from_scores,
    one_per_group,
)
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
    Case(8, 1000, 2),
    Case(8, 2000, 2),
    Case(8, 10_000, 2),
    Case(8, 100_000, 2),
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


def of_groups(
    rng: np.random.Generator, pmf: np.ndarray, groups: int, stick: float
) -> tuple[np.ndarray, np.ndarray]:
    """Ten samples a group; each repeats the favourite of its group with some probability."""
    favourites, fresh = rng.choice(len(pmf), (groups, 1), p=pmf), rng.choice(len(pmf), (groups, 10), p=pmf)
    labels = np.where(rng.random(fresh.shape) < stick, favourites, fresh)
    return labels.ravel(), np.repeat(np.arange(groups), 10)


def grouped_row(stick: float, runs: int) -> str:
    """How often bands hold with groups, by one sample of each, and as if all samples were independent."""
    case, groups, rng = Case(5, 0, 1), 200, np.random.default_rng(3)
    modes, kinds = range(case.modes), ([], [], [])
    for seed in range(runs):
        (real, of_real), (made, of_made) = (of_groups(rng, pmf, groups, stick) for pmf in case.pair)
        some, others = one_per_group(of_real, seed), one_per_group(of_made, seed)
        evidence = (
            from_groups(real, made, of_real, of_made, modes),
            from_labels(real[some], made[others], modes),
            from_labels(real, made, modes),
        )
        for bands, one in zip(kinds, evidence, strict=True):
            bands.append(one.confidence_band(LEVEL, seed))
    cells = [f"{stick:g}"]
    for bands in kinds:
        held = np.mean([band.inner <= case.truth <= band.outer for band in bands])
        ends = np.mean([[*band.divergence("tv")] for band in bands], axis=0)
        cells.append(f"{_ends(ends)}, {_ends(held)}")
    return "| " + " | ".join(cells) + " |"


def false_alarms(runs: int) -> str:
    """How often a diagnosis finds a difference between samples of one law, by band and tests of modes, or by
    the permutation test.
    """
    rng, alarms = np.random.default_rng(4), np.zeros((2, 4), dtype=int)
    for seed in range(runs):
        for kind, modes in enumerate((10, 100, 1000)):
            pmf = np.full(modes, 1 / modes)
            alarms[:, kind] += _alarms(from_counts(*rng.multinomial(2000, pmf, 2)), seed)
        alarms[:, 3] += _alarms(from_scores(rng.normal(size=2000), rng.normal(size=2000)), seed)
    rows = (
        f"| {name} | {' | '.join(map(str, counts))} |"
        for name, counts in zip(("intervals and tests of modes", "permutation test"), alarms, strict=True)
    )
    head = "| alarms by | 10 modes | 100 modes | 1000 modes | scores |\n|---|---|---|---|---|\n"
    return head + "\n".join(rows)


def _alarms(evidence: ModeCounts | ScoreCounts, seed: int) -> tuple[bool, bool]:
    found = diagnose(evidence, LEVEL, m=1, seed=seed).verdict
    differs = "laws differ" in found.words
    return differs and not found.by_test_alone, found.p_value <= ALPHA


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
    print("\n| repeats | with groups | one of each | without groups |\n|---|---|---|---|")
    for stick in (0.0, 0.3, 1.0):
        print(grouped_row(stick, runs), flush=True)
    print(f"\nFalse alarms in {max(1, runs // 5)} good generators:\n\n{false_alarms(max(1, runs // 5))}")


if __name__ == "__main__":
    main()
