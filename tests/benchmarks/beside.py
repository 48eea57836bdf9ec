"""Samples of digits beside other metrics: what each sees of six generators whose faults are known.

Run from the repository root, with the dependency group `bench` and the extra `samples`:

    python -m tests.benchmarks.beside

It prints the tables of docs/beside.md. The data are scikit-learn's 1797 digits, as 20 principal components
of variance 1. Each of SPLITS random splits gives a third to the reference, a third to a training set, and a
third to the generators. The other metrics have no intervals: their spread is that over the splits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import mauve
import numpy as np
from numpy.typing import NDArray
from prdc import compute_prdc
from scipy.linalg import sqrtm
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from modecollapse.samples import copy_test, diagnose, from_features

SPLITS = 10
COMPONENTS = 20
CELLS = 20
"""Cells of our evidence, and clusters of PRD, which its authors recommend."""

Rows = NDArray[np.float64]


class Data(NamedTuple):
    """One split: features of the reference, of the training set, and of fresh digits with their classes."""

    reference: Rows
    training: Rows
    fresh: Rows
    classes: NDArray[np.int64]
    rng: np.random.Generator


def split(seed: int) -> Data:
    """A random split into thirds."""
    digits, rng = load_digits(), np.random.default_rng(seed)
    features = PCA(COMPONENTS, whiten=True, random_state=0).fit_transform(digits.data)
    first, second, third = np.array_split(rng.permutation(len(features)), 3)
    return Data(features[first], features[second], features[third], digits.target[third], rng)


def kept(data: Data, shares: dict[int, float]) -> Rows:
    """Fresh digits, of some classes only a share."""
    shares_of_rows = np.array([shares.get(int(digit), 1.0) for digit in data.classes])
    return data.fresh[data.rng.random(len(data.fresh)) < shares_of_rows]


def shrunken(data: Data) -> Rows:
    """Fresh digits, moved half way to the mean of their class."""
    means = np.array([data.fresh[data.classes == digit].mean(axis=0) for digit in range(10)])
    return 0.5 * data.fresh + 0.5 * means[data.classes]


GENERATORS: dict[str, Callable[[Data], Rows]] = {
    "good": lambda data: data.fresh,
    "two classes dropped": lambda data: kept(data, {3: 0, 8: 0}),
    "one class at 10%": lambda data: kept(data, {3: 0.1}),
    "memorised": lambda data: data.training[data.rng.integers(len(data.training), size=len(data.fresh))],
    "noisy": lambda data: data.fresh + data.rng.normal(0, 0.5, data.fresh.shape),
    "shrunken": shrunken,
}


def frechet(real: Rows, generated: Rows) -> float:
    """The Fréchet distance of two normal laws with these means and covariances: FID, in other features."""
    covariances = np.cov(real.T), np.cov(generated.T)
    root = sqrtm(covariances[0] @ covariances[1]).real
    shift = real.mean(axis=0) - generated.mean(axis=0)
    return float(shift @ shift + np.trace(covariances[0] + covariances[1] - 2 * root))


def prd(real: Rows, generated: Rows, beta: float = 8.0, angles: int = 1001) -> tuple[float, float]:
    """F₈ and F₁⸝₈ of precision and recall for distributions (Sajjadi et al., 2018), after their recipe."""
    labels = KMeans(CELLS, n_init=3, random_state=0).fit_predict(np.vstack([generated, real]))
    q, p = (
        np.bincount(part, minlength=CELLS) / len(part)
        for part in (labels[: len(generated)], labels[len(generated) :])
    )
    slopes = np.tan(np.linspace(1e-6, np.pi / 2 - 1e-6, angles))[:, np.newaxis]
    precision = np.minimum(slopes * p, q).sum(axis=1)
    recall = precision / slopes[:, 0]

    def best(weight: float) -> float:
        scores = (1 + weight**2) * precision * recall / (weight**2 * precision + recall)
        return float(np.nanmax(scores))

    return best(beta), best(1 / beta)


def others(real: Rows, generated: Rows) -> dict[str, float]:
    """The values of metrics without intervals."""
    nearest = compute_prdc(real, generated, nearest_k=5)
    recall, precision = prd(real, generated)
    score = mauve.compute_mauve(
        p_features=real, q_features=generated, num_buckets=CELLS, seed=0, verbose=False
    )
    return {
        **{name: float(nearest[name]) for name in ("precision", "recall", "density", "coverage")},
        "PRD F₈": recall,
        "PRD F₁⸝₈": precision,
        "MAUVE": float(score.mauve),
        "Fréchet": frechet(real, generated),
    }


def ours(data: Data, generated: Rows, seed: int) -> tuple[float, float, str, str]:
    """The interval of the total variation, the verdict and the finding of the test for copies."""
    found = diagnose(from_features(data.reference, generated, cells=CELLS, seed=seed), m=1)
    copies = copy_test(data.training, data.reference, generated, seed=seed)
    words = ", ".join(word for word in found.verdict.words if word != "laws differ")
    share = f"{100 * copies.share:.0f}% of rows" if copies.p_value <= 0.05 else ""
    return found.tv_interval.lower, found.tv_interval.upper, words, share


def main() -> None:
    """Print both tables."""
    values: dict[str, list[dict[str, float]]] = {name: [] for name in GENERATORS}
    found: dict[str, list[tuple[float, float, str, str]]] = {name: [] for name in GENERATORS}
    for seed in range(SPLITS):
        data = split(seed)
        for name, generate in GENERATORS.items():
            generated = generate(data)
            values[name].append(others(data.reference, generated))
            found[name].append(ours(data, generated, seed))
    metrics = list(values["good"][0])
    print("| generator |", " | ".join(metrics), "|")
    print("|---|", "---|" * len(metrics))
    for name, rows in values.items():
        cells = []
        for metric in metrics:
            here, good = (np.array([row[metric] for row in one]) for one in (rows, values["good"]))
            text = f"{here.mean():.2f} ± {here.std(ddof=1):.2f}"
            # seen in all splits: every value lies beyond every value of the good generator
            apart = here.min() > good.max() or here.max() < good.min()
            cells.append(f"**{text}**" if apart else text)
        print(f"| {name} |", " | ".join(cells), "|")
    print("\n| generator | total variation, mean ends | verdicts | copies |\n|---|---|---|---|")
    for name, rows in found.items():
        low, high = (np.mean([row[i] for row in rows]) for i in (0, 1))
        verdicts, copies = (
            "; ".join(f"{texts.count(text)} × {text or 'none'}" for text in sorted(set(texts)))
            for texts in ([row[i] for row in rows] for i in (2, 3))
        )
        print(f"| {name} | [{low:.2f}, {high:.2f}] | {verdicts} | {copies} |")


if __name__ == "__main__":
    main()
