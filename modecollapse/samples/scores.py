"""Samples seen through a score: any classifier, discriminator or density ratio, high where P is likely.

A score is a garbling. The tests {score > t} are some of all tests, so the hull of the score's ROC curve lies
inside the region of the pair. The two are equal for the likelihood ratio (Neyman and Pearson). A good score
certifies collapse, and a poor one certifies little. No score certifies that there is no collapse.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import validation
from modecollapse.arrays import BoolArray, FloatArray, IntArray
from modecollapse.region import Region, RegionBracket
from modecollapse.samples import chance
from modecollapse.samples.confidence import (
    hull_region,
    level_set_bracket,
    level_set_limits,
)
from modecollapse.samples.laws import Unit, View
from modecollapse.values import Value

Score = Callable[[FloatArray], ArrayLike]
Fit = Callable[[FloatArray, IntArray], Score]

PERMUTATIONS = 100
"""Number of random permutations that `ScoreCounts.noise_floor` averages over."""

LEAST_PERMUTATIONS = 10
"""Number of permutations however many samples there are."""

FEW_SCORES = 20
"""Scores from which on two different values are no chance: they are labels."""

PERMUTED_SAMPLES = 2 * 10**8
"""Greatest number of samples permuted in all, up to the least number of permutations: a few seconds.

It takes effect from two million samples on, where the floor is below 1e-3.
"""


@dataclass(frozen=True, eq=False, repr=False)
class ScoreCounts(Value):
    """Counts of each value of a score among real and among generated samples.

    Make one with `from_scores`.

    `modecollapse.plotting.draw_region` draws its `region` and its `confidence_band()`.

    Attributes
    ----------
    values : ndarray, shape (k,)
        The different scores, falling.
    real, generated : ndarray of int, shape (k,)
        Counts of each value, read-only.
    """

    values: FloatArray
    real: IntArray
    generated: IntArray

    view: ClassVar[View] = "score"
    units: ClassVar[tuple[Unit, Unit]] = ("samples", "samples")

    def __repr__(self) -> str:
        real, generated = self.sizes
        values = f"{len(self.values)} values of the {self.view}"
        return f"<{type(self).__name__} at {values}: {real} real, {generated} generated samples>"

    def _repr_svg_(self) -> str:
        """The plug-in region, for notebooks."""
        return self.region._repr_svg_()

    def to_dict(self) -> dict[str, list[float] | list[int]]:
        """The different scores, falling, and the numbers of real and of generated samples that have them.

        Examples
        --------
        >>> from_scores([0.5, 0.25, 0.5], [0.25]).to_dict()
        {'values': [0.5, 0.25], 'real': [2, 1], 'generated': [0, 1]}
        """
        return {name: getattr(self, name).tolist() for name in ("values", "real", "generated")}

    @property
    def sizes(self) -> tuple[int, int]:
        """The number of real samples, and the number of generated samples."""
        return int(self.real.sum()), int(self.generated.sum())

    @property
    def region(self) -> Region:
        """The plug-in region: the hull of the empirical ROC curve.

        It overstates collapse; see `noise_floor`.
        """
        n_real, n_generated = self.sizes
        above_real, above_generated = self._above()
        return hull_region(np.column_stack([above_generated / n_generated, above_real / n_real]))

    def confidence_band(self, level: float = 0.95, seed: int = 0) -> RegionBracket:
        """A confidence band of the hull of the score's true ROC curve: an inner and an outer region.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level, strictly between 0 and 1.
        seed : int, default 0
            Not used, for nothing is drawn: bands of counts have one.

        Returns
        -------
        RegionBracket
            ``inner`` ⊆ hull of the ROC curve ⊆ ``outer``, with at least this probability. ``inner`` also lies
            inside the region of the pair itself; ``outer`` speaks of the score alone.

        Raises
        ------
        ValueError
            If `level` is not strictly between 0 and 1.

        Notes
        -----
        A union bound joins bounds on both distribution functions (Massart; Clopper–Pearson at order
        statistics); see `modecollapse.samples.confidence`. The score must be fixed without looking at these
        samples.

        Examples
        --------
        >>> rng = np.random.default_rng(1)
        >>> band = from_scores(rng.normal(1, 1, 2000), rng.normal(0, 1, 2000)).confidence_band()
        >>> [round(end, 2) for end in band.divergence("tv")]  # the true one is 0.383
        [0.31, 0.46]
        """
        return self._bracket((1 - validation.level(level)) / 2)

    def certain_delta(self, eps: float, delta: float, level: float, seed: int) -> float:
        """The greatest δ′ with (ε,δ′)-collapse for certain; see `certify`.

        It uses the lower limits of one law and the upper limits of the other alone, so that each has twice
        the error probability that `confidence_band` gives it.
        """
        return self._bracket(1 - level).inner.boundary(eps)

    def _bracket(self, alpha: float) -> RegionBracket:
        """The bracket from limits of each law at α, one half below and one half above."""
        return level_set_bracket(
            *(
                level_set_limits(above, size, alpha)
                for above, size in zip(self._above(), self.sizes, strict=True)
            )
        )

    def noise_floor(self, seed: int = 0) -> float:
        """The mean total variation of the plug-in region if both samples came from one law.

        Parameters
        ----------
        seed : int, default 0
            Seed of the random permutations.

        Returns
        -------
        float
            The mean over 100 random divisions of the pooled scores into two groups of these sizes. From two
            million scores on the divisions are fewer, but at least 10.

        Examples
        --------
        >>> scores = np.arange(200.0)
        >>> round(from_scores(scores[::2], scores[1::2]).noise_floor(), 2)
        0.07
        """
        return float(np.mean(self._distances_of_deals(seed)))

    def equality_p_value(self, seed: int = 0) -> float:
        """The p-value of a permutation test of P = Q, by the greatest difference of the scores' laws.

        The difference counts in both directions (Kolmogorov and Smirnov): scores that are higher for
        generated samples certify nothing in `confidence_band`, but they do differ.

        Parameters
        ----------
        seed : int, default 0
            Seed of the permutations.

        Returns
        -------
        float
            If the scores have one law, it is at most a with probability at most a, for every a. There are 999
            permutations, fewer from 500 scores on, but at least 99.

        Examples
        --------
        >>> rng = np.random.default_rng(0)
        >>> from_scores(rng.normal(0, 1, 250), rng.normal(1, 1, 250)).equality_p_value()
        0.001
        """
        return chance.scores_p_value(*self._pooled(), validation.whole("seed", seed, 0))

    def _distances_of_deals(self, seed: int) -> FloatArray:
        """Total variations of the plug-in regions of random divisions of the pooled scores."""
        rng = np.random.default_rng(seed)
        n_real, n_generated = self.sizes
        is_real, ends = np.arange(n_real + n_generated) < n_real, self._pooled()[1]
        distances = []
        for _ in range(min(PERMUTATIONS, max(LEAST_PERMUTATIONS, PERMUTED_SAMPLES // len(is_real)))):
            above = np.cumsum(rng.permutation(is_real))[ends - 1]
            distances.append(float((above / n_real - (ends - above) / n_generated).max()))
        return np.array(distances)

    def _pooled(self) -> tuple[BoolArray, IntArray]:
        """Whether each pooled score is real, from the greatest down, and where each value ends."""
        marks = np.tile([True, False], len(self.values))
        is_real = np.repeat(marks, np.column_stack([self.real, self.generated]).ravel())
        return is_real, np.cumsum(self.real + self.generated)

    def _above(self) -> tuple[IntArray, IntArray]:
        """Counts of each level set {score > t} in both samples, from the empty set to the full one."""
        real, generated = (np.append(0, np.cumsum(counts)) for counts in (self.real, self.generated))
        return real, generated


@dataclass(frozen=True, eq=False, repr=False)
class LogRatioCounts(ScoreCounts):
    """Counts of the log likelihood ratio itself, where both densities are known.

    Make one with `from_log_ratios`. The ratio is a sufficient statistic, so that both regions of the
    confidence band are about the pair (P, Q) itself.

    `modecollapse.plotting.draw_region` draws its `region` and its `confidence_band()`.

    Attributes
    ----------
    values : ndarray, shape (k,)
        The different values of log p − log q + constant, falling.
    real, generated : ndarray of int, shape (k,)
        Counts of each value, read-only.
    """

    view: ClassVar[View] = "likelihood ratio"

    @property
    def effective_sample_size(self) -> float:
        """The number of real samples that the generated ones are worth if they are weighted by p/q.

        It is (Σw)²/Σw² over the generated samples. A small one warns that few samples have most of the
        weight. **A large one is no proof**: weights are blind to what the generator never makes. It is 0
        where all weights are.

        Examples
        --------
        >>> from_log_ratios([0.0], [0.0, 0.0, 0.0, -9.0]).effective_sample_size > 2.99
        True
        """
        return _effective_size(self.values, self.generated)


class WeightedRatios(NamedTuple):
    """Result of `weigh`. Printed, it says what these samples cannot show.

    Attributes
    ----------
    size : int
        The number N of generated samples.
    effective_size : float
        (Σw)²/Σw² ≤ N for the weights w = p/q: so many samples of the target they are worth.
    """

    size: int
    effective_size: float

    def __str__(self) -> str:
        return (
            f"Effective sample size {self.effective_size:.4g} of {self.size}. Generated samples alone are "
            "blind to what the generator never makes: a high number does not show that no mode is missing. "
            "Give real samples too, to from_log_ratios."
        )


def weigh(log_ratios: ArrayLike) -> WeightedRatios:
    """What generated samples alone say of a known pair of densities: their effective sample size.

    **They are blind to missing mass.** A generator that makes one of two equal modes perfectly has equal
    weights, and so the highest effective size. Nothing of the region follows from it.

    Parameters
    ----------
    log_ratios : array_like, shape (N,)
        log p − log q at generated samples, up to a constant. −inf stands for p = 0.

    Returns
    -------
    WeightedRatios

    Raises
    ------
    ValueError
        If the list is empty, or has NaN or +inf: q = 0 is impossible at a generated sample.

    Examples
    --------
    >>> print(weigh([0.0, 0.0, 0.0, 0.0]))
    Effective sample size 4 of 4. Generated samples alone are blind to what the generator never makes: a high
    number does not show that no mode is missing. Give real samples too, to from_log_ratios.
    """
    values = validation.scores("log_ratios", log_ratios)
    _refuse_impossible("log_ratios", values, np.inf, "q")
    falling = np.sort(values)[::-1]
    return WeightedRatios(len(values), _effective_size(falling, np.ones(len(values), dtype=np.int64)))


def _effective_size(falling: FloatArray, counts: IntArray) -> float:
    """(Σw)²/Σw² for counts of weights with these logarithms, which fall."""
    ratios, counts = falling[counts > 0], counts[counts > 0]
    if ratios[0] == -np.inf:  # no sample lies where the target has mass
        return 0.0
    weights = np.exp(ratios - ratios[0])  # a sample of Q has q > 0, so that none is +∞
    return float((counts @ weights) ** 2 / (counts @ weights**2))


def _refuse_impossible(name: str, values: FloatArray, impossible: float, law: str) -> None:
    if (values == impossible).any():
        where = int(np.argmax(values == impossible))
        raise ValueError(
            f"{name}: the log ratio {impossible!r} at row {where} means {law} = 0 at a sample of its own law"
        )


@dataclass(frozen=True, eq=False, repr=False)
class FoldedScores(Value):
    """Scores in folds, each by a function that was fitted on the other folds.

    Make one with `cross_fit`.

    `modecollapse.plotting.draw_region` draws its `region` and its `confidence_band()`.

    Attributes
    ----------
    folds : tuple of ScoreCounts
        Counts of the scores of each fold. Scores of different folds are never compared.

    Notes
    -----
    Given the other folds, the score of a fold is fixed. So each of K folds has a confidence band at α/K, and
    all of them hold together. The region of the pair contains the ROC curve of every fold. So it contains the
    hull of all curves, which is what the band is about.
    """

    folds: tuple[ScoreCounts, ...]

    view: ClassVar[View] = "score"
    units: ClassVar[tuple[Unit, Unit]] = ("samples", "samples")

    def __repr__(self) -> str:
        real, generated = self.sizes
        return f"<FoldedScores in {len(self.folds)} folds: {real} real, {generated} generated samples>"

    def to_dict(self) -> dict[str, list[dict[str, list[float] | list[int]]]]:
        """The folds, each as `ScoreCounts.to_dict` has it."""
        return {"folds": [fold.to_dict() for fold in self.folds]}

    @property
    def sizes(self) -> tuple[int, int]:
        """The number of real samples, and the number of generated samples."""
        real, generated = (sum(sizes) for sizes in zip(*(fold.sizes for fold in self.folds), strict=True))
        return real, generated

    @property
    def region(self) -> Region:
        """The plug-in region: the hull of the empirical ROC curves of all folds.

        It overstates collapse; see `noise_floor`.
        """
        return _join(fold.region for fold in self.folds)

    def confidence_band(self, level: float = 0.95, seed: int = 0) -> RegionBracket:
        """A confidence band of the hull of the true ROC curves of all folds.

        Parameters
        ----------
        level, seed
            As for `ScoreCounts.confidence_band`.

        Returns
        -------
        RegionBracket
            ``inner`` ⊆ hull of all ROC curves ⊆ ``outer``, with at least this probability. ``inner`` also
            lies inside the region of the pair itself; ``outer`` speaks of the scores alone.
        """
        bands = [fold.confidence_band(self._level_of_each(level)) for fold in self.folds]
        return RegionBracket(_join(band.inner for band in bands), _join(band.outer for band in bands))

    def certain_delta(self, eps: float, delta: float, level: float, seed: int) -> float:
        """The greatest δ′ with (ε,δ′)-collapse for certain; see `certify`."""
        each = self._level_of_each(level)
        return _join(fold._bracket(1 - each).inner for fold in self.folds).boundary(eps)

    def _level_of_each(self, level: float) -> float:
        return 1 - (1 - validation.level(level)) / len(self.folds)

    def noise_floor(self, seed: int = 0) -> float:
        """The mean total variation of the plug-in region if both samples came from one law.

        The scores of each fold are permuted; see `ScoreCounts.noise_floor`.
        """
        # the total variation of a hull of curves is the greatest of the curves
        distances = [fold._distances_of_deals(seed + i) for i, fold in enumerate(self.folds)]
        fewest = min(map(len, distances))
        return float(np.mean(np.max([some[:fewest] for some in distances], axis=0)))

    def equality_p_value(self, seed: int = 0) -> float:
        """The p-value of a permutation test of P = Q: K times the least of the K folds (Bonferroni)."""
        least = min(fold.equality_p_value(seed) for fold in self.folds)
        return min(1.0, len(self.folds) * least)


def _join(regions: Iterable[Region]) -> Region:
    return reduce(or_, regions)


def from_scores(real_scores: ArrayLike, generated_scores: ArrayLike) -> ScoreCounts:
    """Evidence from one score a sample.

    Parameters
    ----------
    real_scores, generated_scores : array_like, shape (n,) and (N,)
        Higher scores mean more like real data. Only their order matters. Infinite scores (log-ratios) are
        accepted.

    Raises
    ------
    ValueError
        If a list is empty or has NaN. The message quotes the rows.

    Warns
    -----
    UserWarning
        If 20 scores or more are all alike, or are 0 and 1 only, as a classifier's decisions are.

    Examples
    --------
    >>> from_scores([0.9, 0.8, 0.8, 0.3], [0.8, 0.3, 0.2, 0.1]).region.vertices.tolist()
    [[0.0, 0.0], [0.0, 0.25], [0.25, 0.75], [0.5, 1.0], [1.0, 1.0]]
    """
    real = validation.scores("real_scores", real_scores)
    generated = validation.scores("generated_scores", generated_scores)
    counts = _tally(real, generated)
    if len(real) + len(generated) >= FEW_SCORES:
        _warn_of_labels(counts.values)
    return counts


def _warn_of_labels(values: FloatArray) -> None:
    """Warn of scores that say less than a classifier knows: equal ones, or its decisions 0 and 1."""
    if len(values) == 1:
        said = f"all scores are {values[0]:g}: they tell nothing apart"
    elif set(values.tolist()) == {0.0, 1.0}:
        said = (
            "the scores are 0 or 1 only, as labels are: give probabilities or log ratios, or too little is "
            "certified"
        )
    else:
        return
    warnings.warn(said, stacklevel=3)


def from_log_ratios(real: ArrayLike, generated: ArrayLike) -> LogRatioCounts:
    """Evidence from the log likelihood ratio, where both densities are known.

    Such pairs are a normalising flow and its target, a Boltzmann generator, or a language model and its base.

    Parameters
    ----------
    real, generated : array_like, shape (n,) and (N,)
        log p − log q at real samples, and at generated samples. Either density may lack its normalising
        constant: this only shifts all values. −inf stands for p = 0, and at real samples inf for q = 0.

    Returns
    -------
    LogRatioCounts
        Both regions of its confidence band are about the pair itself, and not about a score alone.

    Raises
    ------
    ValueError
        If a list is empty, has NaN, or has a value that its own samples cannot have: p = 0 at a real sample,
        or q = 0 at a generated one.

    Notes
    -----
    Samples of both kinds are needed. From generated samples alone the weights p/q say nothing about what the
    generator never makes; see `weigh`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> real, generated = rng.normal(1, 1, 3000), rng.normal(0, 1, 3000)
    >>> ratios = from_log_ratios(real - 0.5, generated - 0.5)  # log of N(1, 1) over N(0, 1) at x is x − ½
    >>> [round(end, 2) for end in ratios.confidence_band().divergence("tv")]  # the true one is 0.383
    [0.3, 0.42]
    """
    values = validation.scores("real", real), validation.scores("generated", generated)
    for name, own, impossible, law in (
        ("real", values[0], -np.inf, "p"),
        ("generated", values[1], np.inf, "q"),
    ):
        _refuse_impossible(name, own, impossible, law)
    counts = _tally(*values)
    return LogRatioCounts(counts.values, counts.real, counts.generated)


def _tally(real: FloatArray, generated: FloatArray) -> ScoreCounts:
    values = np.unique(np.concatenate([real, generated]))
    falling = values[::-1].copy()
    real_counts, generated_counts = (_counts_of(values, scores)[::-1].copy() for scores in (real, generated))
    for array in (falling, real_counts, generated_counts):
        array.flags.writeable = False
    return ScoreCounts(falling, real_counts, generated_counts)


def _counts_of(values: FloatArray, scores: FloatArray) -> IntArray:
    """Counts of the scores equal to each of `values`. The values rise, and every score is one of them."""
    ends = np.searchsorted(np.sort(scores), values, side="right")
    return np.diff(ends, prepend=0).astype(np.int64)


def cross_fit(
    real: ArrayLike, generated: ArrayLike, fit: Fit, *, folds: int = 2, seed: int = 0
) -> FoldedScores:
    """Evidence from a classifier, where the same data must train it and be scored.

    Each fold is scored by a function fitted on the other folds. The scores of a classifier on its own
    training samples show its memory, not a difference of the laws.

    Parameters
    ----------
    real, generated : array_like, shape (n, d) and (N, d)
        Features as rows.
    fit : callable
        ``fit(features, labels)`` returns a function of features that gives one score a row. Labels are 1 for
        real and 0 for generated. Scores of different folds are never compared.
    folds : int, default 2
        At least 2, at most the size of the smaller sample. More folds train on more data, but fewer scores
        then bound each curve.
    seed : int, default 0
        Seed of the split.

    Returns
    -------
    FoldedScores
        Folds have equal sizes. The fewer than `folds` samples left over are used for training only.

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
    >>> scores.sizes, len(scores.folds)
    ((300, 300), 2)
    """
    tables = validation.tables(("real", "generated"), real, generated)
    smallest = min(map(len, tables))
    folds = validation.whole("folds", folds, 2)
    if folds > smallest:
        raise ValueError(f"folds must be from 2 to {smallest}, the smaller sample's size, got {folds!r}")
    if not callable(fit):
        raise ValueError(f"fit must be a function that returns a score, got {validation.quoted(fit)}")
    rng = np.random.default_rng(seed)
    fold_of = [_random_folds(len(rows), folds, rng) for rows in tables]
    scored = []
    for fold in range(folds):
        training = [rows[fold_ids != fold] for rows, fold_ids in zip(tables, fold_of, strict=True)]
        score = fit(np.vstack(training), np.repeat(np.array([1, 0]), [len(rows) for rows in training]))
        if not callable(score):
            raise ValueError(
                f"fit must return a function of rows, their score, got {validation.quoted(score)}"
            )
        scored.append(
            _tally(
                *(
                    _scores_of(score, rows[fold_ids == fold])
                    for rows, fold_ids in zip(tables, fold_of, strict=True)
                )
            )
        )
    return FoldedScores(tuple(scored))


def _random_folds(size: int, folds: int, rng: np.random.Generator) -> IntArray:
    """The fold of each of `size` samples, in random order; −1 for those left over."""
    fold_size = size // folds
    in_order = np.append(np.repeat(np.arange(folds), fold_size), np.full(size - fold_size * folds, -1))
    return rng.permutation(in_order)


def _scores_of(score: Score, rows: FloatArray) -> FloatArray:
    values = validation.scores("the scores of a fold", score(rows))
    if len(values) != len(rows):
        raise ValueError(
            f"the score function must give one score a row, got {len(values)} for {len(rows)} rows"
        )
    return values
