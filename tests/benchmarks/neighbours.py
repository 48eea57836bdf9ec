"""Other packages' numbers beside those of `curves`: differences, and why.

`python -m tests.benchmarks.neighbours --out docs/neighbours.md` puts the tables between the marks of a page.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from modecollapse import Region, curves
from modecollapse.arrays import FloatArray
from modecollapse.layout import markdown
from tests.benchmarks.accountants.report import between_marks, duration, installed_version, short

PAIRS, LETTERS = 100, 12
PACKAGES = ("scikit-learn", "mauve-text", "dp-accounting", "riskcal")

EQUAL = 1e-12
"""Differences below this are rounding."""


class Comparison(NamedTuple):
    """One quantity of one package: the least and the greatest of theirs − ours, and the reason."""

    quantity: str
    package: str
    least: float
    greatest: float
    why: str


class Mechanism(NamedTuple):
    """Uses of a mechanism, by both libraries."""

    name: str
    uses: int
    delta: float
    ours: Callable[[], Any]
    theirs: Callable[[bool], Any]


def random_pairs() -> Iterator[tuple[FloatArray, FloatArray]]:
    """Pairs of pmfs, near and far, some with letters that one of the two lacks."""
    rng = np.random.default_rng(0)
    for number in range(PAIRS):
        p, q = rng.dirichlet(np.full(LETTERS, 0.3 + number % 5), 2)
        p[: number % 3], q[LETTERS - number % 4 :] = 0, 0
        yield p / p.sum(), q / q.sum()


def compared(
    quantity: str, package: str, why: str, difference: Callable[[FloatArray, FloatArray], Any]
) -> Comparison:
    """The differences over all random pairs."""
    differences = np.concatenate([np.atleast_1d(difference(p, q)).ravel() for p, q in random_pairs()])
    return Comparison(quantity, package, float(differences.min()), float(differences.max()), why)


# -- precision and recall --------------------------------------------------------------------------------


def authors_curve(p: FloatArray, q: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Slopes, precision and recall by the algorithm that Sajjadi et al. (2018) print."""
    slopes = np.tan(np.linspace(1e-10, math.pi / 2 - 1e-10, 1001))
    precision = np.array([np.minimum(slope * p, q).sum() for slope in slopes])
    return slopes, precision, precision / slopes


def precision_and_recall(p: FloatArray, q: FloatArray) -> FloatArray:
    slopes, precision, recall = authors_curve(p, q)
    ours = curves.precision_recall((p, q), slopes)
    return np.concatenate([precision - ours.precision, recall - ours.recall])


def f_scores(p: FloatArray, q: FloatArray) -> FloatArray:
    _, precision, recall = authors_curve(p, q)
    return np.array(
        [
            ((1 + b * b) * precision * recall / (b * b * precision + recall)).max()
            - curves.f_score((p, q), b)
            for b in (8, 1 / 8)
        ]
    )


def sklearn_precision(p: FloatArray, q: FloatArray) -> FloatArray:
    """Precision of scikit-learn is the share of P among what is accepted, a point of the region too."""
    from sklearn.metrics import precision_recall_curve

    ratio = np.divide(p, p + q, out=np.zeros_like(p), where=p + q > 0)
    labels, weights = np.repeat([1, 0], len(p)), np.concatenate([p, q])
    precision, recall, _ = precision_recall_curve(labels, np.tile(ratio, 2), sample_weight=weights)
    x, y = Region.from_pmfs(p, q).vertices[1:].T
    gaps = np.abs(recall[:, None] - y)  # beyond recall 1, corners differ in x alone
    corners = (gaps.min(axis=1) < EQUAL) & (recall > 0) & (recall < 1 - EQUAL)
    return np.asarray((precision - (y / (x + y))[gaps.argmin(axis=1)])[corners])


# -- tests -----------------------------------------------------------------------------------------------


def area_under_roc(p: FloatArray, q: FloatArray) -> float:
    from sklearn.metrics import roc_auc_score

    ratio = np.divide(p, p + q, out=np.zeros_like(p), where=p + q > 0)
    labels, weights = np.repeat([1, 0], len(p)), np.concatenate([p, q])
    return float(roc_auc_score(labels, np.tile(ratio, 2), sample_weight=weights)) - curves.auc((p, q))


def area_of_a_poor_score(p: FloatArray, q: FloatArray) -> float:
    """The letters in the order of their names, as a score, against the hull of its ROC curve."""
    from sklearn.metrics import roc_auc_score, roc_curve

    labels, weights = np.repeat([1, 0], len(p)), np.concatenate([p, q])
    names = np.tile(np.arange(len(p)), 2)
    region = curves.from_roc(*(np.clip(x, 0, 1) for x in roc_curve(labels, names, sample_weight=weights)[:2]))
    return float(roc_auc_score(labels, names, sample_weight=weights)) - curves.auc(region)


# -- frontiers -------------------------------------------------------------------------------------------


def mauve_curve(p: FloatArray, q: FloatArray) -> FloatArray:
    from mauve.compute_mauve import get_divergence_curve_for_multinomials

    weights = np.linspace(1e-6, 1 - 1e-6, 25)
    theirs = get_divergence_curve_for_multinomials(p, q, weights, 5)[1:-1]
    missed, spurious = curves.frontier((p, q), weights)
    return np.asarray(theirs - np.exp(-5 * np.column_stack([spurious, missed])))


def mauve_area(p: FloatArray, q: FloatArray) -> float:
    """As `compute_mauve` does after its clustering: 25 mixtures, and the mean of two trapezoid sums."""
    from mauve.compute_mauve import get_divergence_curve_for_multinomials
    from sklearn.metrics import auc

    x, y = get_divergence_curve_for_multinomials(p, q, np.linspace(1e-6, 1 - 1e-6, 25), 5).T
    one, other = np.argsort(x), np.argsort(y)
    return float(auc(x[one], y[one]) + auc(y[other], x[other])) / 2 - curves.mauve((p, q))


def frontier_integral(p: FloatArray, q: FloatArray) -> float:
    from mauve.compute_mauve import get_fronter_integral

    return float(get_fronter_integral(p, q)) - curves.frontier_integral((p, q))


# -- privacy ---------------------------------------------------------------------------------------------


def full(p: FloatArray, q: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The pair with letters that both laws have: accountants take no others from pmfs."""
    return tuple((law + 1e-3) / (law + 1e-3).sum() for law in (p, q))  # type: ignore[return-value]


def loss_distribution(p: FloatArray, q: FloatArray) -> Any:
    from dp_accounting.pld import privacy_loss_distribution

    return privacy_loss_distribution.from_two_probability_mass_functions(
        dict(enumerate(np.log(q).tolist())), dict(enumerate(np.log(p).tolist())), symmetric=False
    )


def delta_of_one_use(p: FloatArray, q: FloatArray) -> FloatArray:
    p, q = full(p, q)
    loss = loss_distribution(p, q)
    return np.array(
        [loss.get_delta_for_epsilon(eps) - curves.privacy_delta((p, q), eps) for eps in (0.0, 0.5, 1.0, 2.0)]
    )


def trade_off_of_losses(p: FloatArray, q: FloatArray) -> FloatArray:
    """The curve of riskcal is about both orders: compared for a pair that is its own mirror image."""
    from riskcal import analysis

    p, _ = full(p, q)
    alpha = np.linspace(0, 1, 41)
    loss = loss_distribution(p, p[::-1].copy())
    return np.asarray(analysis.get_beta_from_pld(loss, alpha=alpha) - curves.trade_off((p, p[::-1]), alpha))


def trade_off_of_gaussians(p: FloatArray, q: FloatArray) -> FloatArray:
    from dp_accounting.pld import privacy_loss_distribution
    from riskcal import analysis
    from scipy import stats

    sigma, alpha = 0.5 + 3 * float(p[-1]), np.linspace(0, 1, 41)
    theirs = analysis.get_beta_from_pld(privacy_loss_distribution.from_gaussian_mechanism(sigma), alpha=alpha)
    ours = curves.trade_off(curves.gaussian_mechanism(sigma), alpha)
    exact = stats.norm.cdf(stats.norm.ppf(1 - alpha) - 1 / sigma)
    assert (ours.lower <= exact + EQUAL).all()
    assert (exact <= ours.upper + EQUAL).all()
    return np.asarray(theirs - exact)


def trade_off_of_a_guarantee(p: FloatArray, q: FloatArray) -> FloatArray:
    from riskcal import analysis

    alpha, eps, delta = np.linspace(0, 1, 41), 5 * float(p[0]), float(q[-1])
    theirs = analysis.get_beta_from_adp(eps, delta, alpha)
    return np.asarray(theirs - curves.trade_off(curves.from_privacy(eps, delta), alpha))


def risk_of_losses(p: FloatArray, q: FloatArray) -> FloatArray:
    from riskcal import analysis

    p, _ = full(p, q)
    priors = np.array([0.5, 0.6, 0.8, 0.95])
    theirs = analysis.get_bayes_risk_from_pld(loss_distribution(p, p[::-1].copy()), priors)
    return np.asarray(theirs - curves.bayes_risk((p, p[::-1]), 1 - priors))


GRID = "losses are rounded to a grid of 1e-4, to the safe side"

COMPARISONS = [
    (
        "precision and recall at 1001 slopes",
        "PRD's algorithm",
        "equal",
        precision_and_recall,
    ),
    (
        "F-scores, b = 8 and 1/8",
        "PRD's algorithm",
        "the greatest of 1001 points; ours is at the ratio of a letter",
        f_scores,
    ),
    (
        "precision and recall of a classifier",
        "scikit-learn",
        "equal to y/(x + y) and y at the corners (x, y) of the region; not the precision of PRD",
        sklearn_precision,
    ),
    ("area under the ROC curve of the likelihood ratio", "scikit-learn", "equal", area_under_roc),
    (
        "area under the ROC curve of any other score",
        "scikit-learn",
        "ours is that of the hull: tests may be mixed at random",
        area_of_a_poor_score,
    ),
    ("curve of MAUVE at 25 mixtures", "mauve-text", "equal", mauve_curve),
    (
        "MAUVE",
        "mauve-text",
        "25 mixtures and trapezoids; ours is the integral",
        mauve_area,
    ),
    (
        "frontier integral",
        "mauve-text",
        "equal; letters with |p − q| ≤ 1e-8 are left out there",
        frontier_integral,
    ),
    ("δ of one use", "dp-accounting", GRID, delta_of_one_use),
    ("trade-off function of an (ε,δ)-guarantee", "riskcal", "equal", trade_off_of_a_guarantee),
    (
        "trade-off function of one use of a discrete mechanism",
        "riskcal",
        "a step function: it does not mix tests at random between two corners, and takes the next corner",
        trade_off_of_losses,
    ),
    (
        "trade-off function of one use of the Gaussian mechanism",
        "riskcal",
        "losses are rounded to a grid of 1e-4; compared with the closed form, which our bracket holds",
        trade_off_of_gaussians,
    ),
    ("Bayes risk of one use", "riskcal", GRID, risk_of_losses),
]


def mechanisms() -> Iterator[Mechanism]:
    """Mechanisms that both libraries know."""
    from dp_accounting.pld import privacy_loss_distribution as losses

    for sigma, share, uses, delta in (
        (1.0, 0.2, 10, 1e-5),
        (2.0, 0.1, 200, 1e-5),
        (1.0, 0.01, 1000, 1e-6),
        (0.8, 0.125, 1000, 1e-6),
        (1.1, 256 / 60000, 14062, 1e-5),
    ):
        yield Mechanism(
            f"Gaussian, σ = {sigma:g}, share {share:.3g}",
            uses,
            delta,
            lambda sigma=sigma, share=share: curves.subsampled(curves.gaussian_mechanism(sigma), share),
            lambda is_upper, sigma=sigma, share=share: losses.from_gaussian_mechanism(
                sigma, sampling_prob=share, pessimistic_estimate=is_upper, use_connect_dots=is_upper
            ),
        )
    yield Mechanism(
        "Laplace, b = 2",
        100,
        1e-6,
        lambda: curves.laplace_mechanism(2.0),
        lambda is_upper: losses.from_laplace_mechanism(
            2.0, pessimistic_estimate=is_upper, use_connect_dots=is_upper
        ),
    )
    yield Mechanism(
        "randomised response, truth .75",
        100,
        1e-6,
        lambda: curves.randomised_response(0.75),
        lambda is_upper: losses.from_randomized_response(0.5, 2, pessimistic_estimate=is_upper),
    )


def accounted(mechanism: Mechanism) -> list[str]:
    """A row: both ends of ε of either library, and the time of each."""
    from modecollapse import RegionBracket

    start = time.perf_counter()
    regions = mechanism.ours()
    regions = regions if isinstance(regions, RegionBracket) else RegionBracket(regions, regions)
    low, high = curves.privacy_epsilon(regions, mechanism.delta, mechanism.uses)
    middle = time.perf_counter()
    ends = [
        mechanism.theirs(is_upper).self_compose(mechanism.uses).get_epsilon_for_delta(mechanism.delta)
        for is_upper in (False, True)
    ]
    end = time.perf_counter()
    return [
        mechanism.name,
        str(mechanism.uses),
        f"{mechanism.delta:g}",
        f"{low:.4f} – {high:.4f}",
        duration(middle - start),
        f"{ends[0]:.4f} – {ends[1]:.4f}",
        duration(end - middle),
    ]


def size(difference: float) -> str:
    """A difference to one digit with its sign; 0 for rounding."""
    return "0" if abs(difference) < EQUAL else ("+" if difference > 0 else "−") + short(abs(difference))


def tables() -> Iterator[str]:
    """The paragraphs."""
    versions = ", ".join(f"{package} {installed_version(package)}" for package in PACKAGES)
    yield (
        f"Compared with {versions}. “0” is a difference below {EQUAL:g}, which is rounding. Times are of one "
        "call on two busy cores."
    )
    rows = [compared(quantity, package, why, f) for quantity, package, why, f in COMPARISONS]
    yield markdown(
        ["quantity", "package", "theirs − ours", "why"],
        [[row.quantity, row.package, f"{size(row.least)} … {size(row.greatest)}", row.why] for row in rows],
    )
    yield markdown(
        ["mechanism", "uses", "δ", "ε, ours", "time", "ε, dp-accounting", "time"],
        [accounted(mechanism) for mechanism in mechanisms()],
    )


def main() -> None:
    """Compare, and show the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.neighbours", description=__doc__)
    parser.add_argument("--out", type=Path, help="a document with the two marks to put the tables between")
    options = parser.parse_args()
    text = "\n\n".join(tables())
    if options.out:
        options.out.write_text(between_marks(options.out.read_text(encoding="utf-8"), text), encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
