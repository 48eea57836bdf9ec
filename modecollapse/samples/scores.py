"""Samples seen through a score: any classifier, discriminator or density ratio, high where P is likely.

A score is a garbling. The tests {score > t} are some of all tests, so the hull of the score's ROC curve lies
inside the region of the pair, with equality for the likelihood ratio (Neyman and Pearson). A good score
certifies collapse; a poor one certifies little; none certifies that there is no collapse.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import validation
from modecollapse.arrays import FloatArray, IntArray
from modecollapse.region import Region, RegionBracket
from modecollapse.samples.confidence import (
    averaged_limits,
    hull_region,
    level_set_bracket,
    level_set_limits,
)

Score = Callable[[FloatArray], ArrayLike]
Fit = Callable[[FloatArray, IntArray], Score]

PERMUTATIONS, LEAST_PERMUTATIONS = 100, 10
"""Deals of the pooled samples over which `ScoreCounts.noise_floor` is averaged, unless samples are many."""

DEALT = 2 * 10**8
"""Samples dealt in all before deals become fewer: from two million on, when the floor is below 1e-3."""


@dataclass(frozen=True, eq=False)
class ScoreCounts:
    """How often each value of a score occurs among real and among generated samples.

    Make one with `from_scores` or `cross_fit`.

    Attributes
    ----------
    values : ndarray, shape (k,)
        The different scores, falling.
    real, generated : ndarray of int, shape (k,)
        Counts of each.
    folds : int
        How many scores were pooled, each fitted without the fold it was applied to; 1 for one fixed score.
    """

    values: FloatArray
    real: IntArray
    generated: IntArray
    folds: int = 1

    @property
    def sizes(self) -> tuple[int, int]:
        """How many samples are real, how many generated."""
        return int(self.real.sum()), int(self.generated.sum())

    @property
    def region(self) -> Region:
        """The plug-in region, the hull of the empirical ROC curve. It overstates; see `noise_floor`."""
        n_real, n_generated = self.sizes
        above_real, above_generated = self._above()
        return hull_region(np.column_stack([above_generated / n_generated, above_real / n_real]))

    def band(self, level: float = 0.95) -> RegionBracket:
        """An inner and an outer region with the hull of the score's true ROC curve between them.

        Parameters
        ----------
        level : float, default 0.95
            The probability, over both samples, that the statement holds is at least this.

        Returns
        -------
        RegionBracket
            ``inner`` lies inside the region of the pair itself too; ``outer`` is about the score alone.

        Notes
        -----
        Bounds on both cdfs (Massart; Clopper–Pearson at order statistics) joined by a union bound; see
        `modecollapse.samples.confidence`. The score must have been fixed before it saw these samples;
        after `cross_fit` the band is about the average ROC curve over folds.

        Examples
        --------
        >>> rng = np.random.default_rng(1)
        >>> band = from_scores(rng.normal(1, 1, 2000), rng.normal(0, 1, 2000)).band()
        >>> [round(end, 2) for end in band.divergence("tv")]  # the true one is 0.383
        [0.31, 0.46]
        """
        alpha = (1 - validation.level(level)) / 2
        limits = [
            level_set_limits(above, size, alpha)
            if self.folds == 1
            else averaged_limits(above, size, self.folds, alpha)
            for above, size in zip(self._above(), self.sizes, strict=True)
        ]
        return level_set_bracket(*limits)

    def noise_floor(self, seed: int = 0) -> float:
        """The mean total variation of the plug-in region if both samples came from one law.

        Parameters
        ----------
        seed : int, default 0
            Of the 100 deals of the pooled scores into two lots of the given sizes that are averaged; fewer,
            but 10 at least, from two million scores on.

        Examples
        --------
        >>> scores = np.arange(200.0)
        >>> round(from_scores(scores[::2], scores[1::2]).noise_floor(), 2)
        0.07
        """
        rng = np.random.default_rng(seed)
        n_real, n_generated = self.sizes
        ends = np.cumsum(self.real + self.generated)
        is_real = np.arange(n_real + n_generated) < n_real
        distances = []
        for _ in range(min(PERMUTATIONS, max(LEAST_PERMUTATIONS, DEALT // len(is_real)))):
            above = np.cumsum(rng.permutation(is_real))[ends - 1]
            distances.append(float((above / n_real - (ends - above) / n_generated).max()))
        return float(np.mean(distances))

    def _above(self) -> tuple[IntArray, IntArray]:
        """Counts of each level set {score > t}, from the empty one to the whole."""
        real, generated = (np.append(0, np.cumsum(counts)) for counts in (self.real, self.generated))
        return real, generated


def from_scores(real_scores: ArrayLike, generated_scores: ArrayLike) -> ScoreCounts:
    """Scores of real and of generated samples.

    Parameters
    ----------
    real_scores, generated_scores : array_like, shape (n,) and (N,)
        Higher means more like real data; only their order matters. Infinite scores (log-ratios) are fine.

    Raises
    ------
    ValueError
        If a list is empty or holds NaN; the rows are quoted.

    Examples
    --------
    >>> from_scores([0.9, 0.8, 0.8, 0.3], [0.8, 0.3, 0.2, 0.1]).region.vertices.tolist()
    [[0.0, 0.0], [0.0, 0.25], [0.25, 0.75], [0.5, 1.0], [1.0, 1.0]]
    """
    real = validation.scores("real_scores", real_scores)
    generated = validation.scores("generated_scores", generated_scores)
    return _tally(real, generated, folds=1)


def _tally(real: FloatArray, generated: FloatArray, folds: int) -> ScoreCounts:
    values = np.unique(np.concatenate([real, generated]))
    falling = values[::-1].copy()
    real_counts, generated_counts = (_counts_of(values, lot)[::-1].copy() for lot in (real, generated))
    for array in (falling, real_counts, generated_counts):
        array.flags.writeable = False
    return ScoreCounts(falling, real_counts, generated_counts, folds)


def _counts_of(values: FloatArray, scores: FloatArray) -> IntArray:
    """How often each of the rising values, among which all scores are, occurs."""
    ends = np.searchsorted(np.sort(scores), values, side="right")
    return np.diff(ends, prepend=0).astype(np.int64)


def cross_fit(
    real: ArrayLike, generated: ArrayLike, fit: Fit, *, folds: int = 2, seed: int = 0
) -> ScoreCounts:
    """Scores from a classifier that never saw the samples it scores, when the same data must serve for both.

    Each fold is scored by a function fitted on the others. Scoring the samples a classifier was trained on
    shows its memory, not a difference of the laws.

    Parameters
    ----------
    real, generated : array_like, shape (n, d) and (N, d)
        Features as rows.
    fit : callable
        ``fit(features, labels)`` returns a function of features that gives one score a row; labels are
        1 for real and 0 for generated. Scores of different folds are pooled, so they should mean the same:
        probabilities or log-odds do.
    folds : int, default 2
        At least 2, at most as many as there are real, and generated, samples. More folds train on more
        data, but widen the band, whose radius grows with √folds.
    seed : int, default 0
        Of the split.

    Returns
    -------
    ScoreCounts
        Folds have equal sizes; the few samples left over serve for training only.

    Notes
    -----
    The pooled ROC curve estimates an average of the folds' curves. That average belongs to the test that
    first draws a fold (each with the same probability under P and Q), then scores: a garbling, so its
    region lies inside that of the pair.

    Raises
    ------
    ValueError
        If the folds do not fit the samples, or a score function returns NaN or the wrong number of scores.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> def by_mean(features, labels):
    ...     direction = features[labels == 1].mean(axis=0) - features[labels == 0].mean(axis=0)
    ...     return lambda rows: rows @ direction
    >>> scores = cross_fit(rng.normal(0, 1, (300, 5)), rng.normal(0, 1, (300, 5)), by_mean)
    >>> scores.sizes, scores.folds
    ((300, 300), 2)
    """
    tables = validation.table("real", real), validation.table("generated", generated)
    validation.same_width("real and generated", *tables)
    smallest = min(map(len, tables))
    folds = validation.whole("folds", folds, 2)
    if folds > smallest:
        raise ValueError(f"folds must be from 2 to {smallest}, the smaller sample's size, got {folds!r}")
    rng = np.random.default_rng(seed)
    fold_of = [_deal(len(rows), folds, rng) for rows in tables]
    scored: tuple[list[FloatArray], list[FloatArray]] = ([], [])
    for fold in range(folds):
        training = [rows[fold_ids != fold] for rows, fold_ids in zip(tables, fold_of, strict=True)]
        score = fit(np.vstack(training), np.repeat(np.array([1, 0]), [len(rows) for rows in training]))
        for rows, fold_ids, scores in zip(tables, fold_of, scored, strict=True):
            scores.append(_scores_of(score, rows[fold_ids == fold]))
    return _tally(np.concatenate(scored[0]), np.concatenate(scored[1]), folds)


def _deal(size: int, folds: int, rng: np.random.Generator) -> IntArray:
    """A fold for each of `size` samples, equally many each; −1 for those left over."""
    equal = size // folds
    dealt = np.append(np.repeat(np.arange(folds), equal), np.full(size - equal * folds, -1))
    return rng.permutation(dealt)


def _scores_of(score: Score, rows: FloatArray) -> FloatArray:
    values = validation.scores("the scores of a fold", score(rows))
    if len(values) != len(rows):
        raise ValueError(
            f"the score function must give one score a row, got {len(values)} for {len(rows)} rows"
        )
    return values
