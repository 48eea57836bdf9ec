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
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.neighbors import KNeighborsClassifier

from modecollapse.samples import copy_test, cross_fit, diagnose, from_features, from_labels

SPLITS = 10
COMPONENTS = 20
CELLS = 20
"""Cells of our evidence, and clusters of PRD, which its authors recommend."""

Rows = NDArray[np.float64]


class Data(NamedTuple):
    """One split: features of the reference, of the training set and of fresh digits; classes of both."""

    reference: Rows
    training: Rows
    training_classes: NDArray[np.int64]
    fresh: Rows
    classes: NDArray[np.int64]
    rng: np.random.Generator


class Finding(NamedTuple):
    """The ends of the interval of total variation that evidence of one kind gives, and its verdict."""

    lower: float
    upper: float
    words: str


def split(seed: int) -> Data:
    """A random split into thirds."""
    digits, rng = load_digits(), np.random.default_rng(seed)
    features = PCA(COMPONENTS, whiten=True, random_state=0).fit_transform(digits.data)
    first, second, third = np.array_split(rng.permutation(len(features)), 3)
    classes = digits.target
    return Data(features[first], features[second], classes[second], features[third], classes[third], rng)


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
    """F 8 and F 1/8 of precision and recall for distributions (Sajjadi et al., 2018), after their recipe."""
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
        "PRD F 8": recall,
        "PRD F 1/8": precision,
        "MAUVE": float(score.mauve),
        "Fréchet": frechet(real, generated),
    }


def quadratic(features: Rows, labels: Rows) -> Callable[[Rows], Rows]:
    """A classifier of real against generated rows that sees means and covariances."""
    model = QuadraticDiscriminantAnalysis(solver="eigen", shrinkage="auto").fit(features, labels)
    return lambda rows: model.decision_function(rows)


def ours(data: Data, generated: Rows, seed: int) -> dict[str, Finding]:
    """Three kinds of evidence: cells of features, the classes of a classifier, a score for real rows."""
    by_class = KNeighborsClassifier(5).fit(data.training, data.training_classes)
    labels = (by_class.predict(rows) for rows in (data.reference, generated))
    evidence = {
        "cells": from_features(data.reference, generated, cells=CELLS, seed=seed),
        "classes": from_labels(*labels, modes=range(10)),
        "score": cross_fit(data.reference, generated, quadratic, seed=seed),
    }
    findings = {}
    for kind, one in evidence.items():
        found = diagnose(one, m=1, seed=seed)
        words = ", ".join(word for word in found.verdict.words if word != "laws differ")
        findings[kind] = Finding(found.tv_interval.lower, found.tv_interval.upper, words)
    return findings


def copied(data: Data, generated: Rows, seed: int) -> float | None:
    """The certified share of copies of training rows; None where the test does not reject."""
    test = copy_test(data.training, data.reference, generated, seed=seed)
    return test.share if test.p_value <= 0.05 else None


def print_others() -> None:
    """The table of the other metrics: bold where each value lies beyond all those of good generators."""
    values: dict[str, list[dict[str, float]]] = {name: [] for name in GENERATORS}
    for data in map(split, range(SPLITS)):
        for name, generate in GENERATORS.items():
            values[name].append(others(data.reference, generate(data)))
    metrics = list(values["good"][0])
    print("| generator |", " | ".join(metrics), "|")
    print("|---|" + "---|" * len(metrics))
    for name, rows in values.items():
        cells = []
        for metric in metrics:
            here, good = (np.array([row[metric] for row in one]) for one in (rows, values["good"]))
            text = f"{here.mean():.2f} ± {here.std(ddof=1):.2f}"
            apart = here.min() > good.max() or here.max() < good.min()
            cells.append(f"**{text}**" if apart else text)
        print(f"| {name} |", " | ".join(cells), "|")


def print_ours() -> None:
    """The table of our evidence."""
    found: dict[str, list[dict[str, Finding]]] = {name: [] for name in GENERATORS}
    copies: dict[str, list[float | None]] = {name: [] for name in GENERATORS}
    for seed, data in enumerate(map(split, range(SPLITS))):
        for name, generate in GENERATORS.items():
            generated = generate(data)
            found[name].append(ours(data, generated, seed))
            copies[name].append(copied(data, generated, seed))
    kinds = list(found["good"][0])
    print("| generator |", " | ".join(f"{kind}: TV | verdicts" for kind in kinds), "| copies |")
    print("|---|" + "---|---|" * len(kinds) + "---|")
    for name, rows in found.items():
        cells = []
        for kind in kinds:
            ends = np.mean([row[kind][:2] for row in rows], axis=0)
            words = [row[kind].words for row in rows]
            counted = sorted(((words.count(word), word) for word in set(words)), reverse=True)
            cells.append(f"[{ends[0]:.2f}, {ends[1]:.2f}]")
            cells.append("; ".join(f"{times} × {word}" for times, word in counted))
        shares = [share for share in copies[name] if share is not None]
        text = f"{len(shares)} × at least {min(shares):.2f}" if shares else "0"
        print(f"| {name} |", " | ".join(cells), f"| {text} |")


def main() -> None:
    """Print both tables."""
    print_others()
    print()
    print_ours()


if __name__ == "__main__":
    main()
