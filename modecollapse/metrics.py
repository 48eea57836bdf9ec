"""The metrics by which the literature measures mode collapse, each with its source.

All of them are functions of counts or distances. They show less than the region of the pair, since counting
is a garbling (docs/theory.md §1, dominance). P is the target and Q the generator. Divergences are in nats.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import alignment, validation
from modecollapse.arrays import FloatArray, Masses
from modecollapse.brackets import Bracket, Estimate
from modecollapse.divergence import DivergenceName
from modecollapse.region import Region
from modecollapse.samples.clusters import count_modes

HIGH_QUALITY = 3.0
"""Greatest distance of a sample of high quality from its nearest mode, in standard deviations (VEEGAN)."""


# -- modes ---------------------------------------------------------------------------------------------


def modes_found(samples: ArrayLike, centres: ArrayLike, std: float) -> int:
    """The number of modes with at least one sample of high quality.

    Parameters
    ----------
    samples : array_like, shape (n, d)
        Generated points as rows.
    centres : array_like, shape (k, d)
        The modes.
    std : float
        Positive: standard deviation of each coordinate within a mode. A sample is of high quality if its
        Euclidean distance from its nearest centre is at most 3 standard deviations.

    Returns
    -------
    int
        A number from 0 to k. It never falls as samples are added, so compare equal numbers of samples only.

    Raises
    ------
    ValueError
        As for `modecollapse.samples.count_modes`.

    References
    ----------
    Srivastava et al., "VEEGAN", NeurIPS 2017; Lin et al., "PacGAN", arXiv:1712.04086, the synthetic data.

    Examples
    --------
    >>> modes_found([[0.1, 0], [0.2, 0], [5, 5]], centres=[[0, 0], [1, 1]], std=0.1)
    1
    """
    return int(np.count_nonzero(count_modes(samples, centres, _high_quality_radius(std))[:-1]))


def high_quality_share(samples: ArrayLike, centres: ArrayLike, std: float) -> float:
    """The share of samples within 3 standard deviations of their nearest mode.

    Parameters
    ----------
    samples, centres, std
        As for `modes_found`.

    Returns
    -------
    float
        A share in [0, 1]. For samples of the target itself it is near P(χ²_d ≤ 9), which is 0.9973, 0.9889
        and 0.9707 for dimensions d = 1, 2 and 3. A share of 1 is too good: it shows that the generator is
        too narrow.

    References
    ----------
    Srivastava et al., "VEEGAN", NeurIPS 2017; Lin et al., "PacGAN", arXiv:1712.04086, the synthetic data.

    Examples
    --------
    >>> high_quality_share([[0.1, 0], [0.2, 0], [5, 5], [1, 1]], centres=[[0, 0], [1, 1]], std=0.1)
    0.75
    """
    counts = count_modes(samples, centres, _high_quality_radius(std))
    return float(counts[:-1].sum() / counts.sum())


def _high_quality_radius(std: float) -> float:
    return HIGH_QUALITY * validation.positive("std", std)


def divergence_over_modes(
    target: Masses, generated_counts: Masses, name: DivergenceName, pseudocount: float = 0.0
) -> float:
    """A divergence between the target's masses of the modes and a generator's counts of them.

    Parameters
    ----------
    target : array_like, shape (k,), or mapping of label to float
        Masses of the modes under the target P, a pmf. Counts of real samples may be used, divided by their
        sum.
    generated_counts : array_like of int, shape (k,), or mapping of label to int
        Numbers of generated samples in the modes, aligned with the target by label where both have labels.
        PacGAN gives each sample to its nearest mode: that is `count_modes` with radius ``inf``, without its
        last entry. To tell samples of low quality apart, add an off-mode bin to both arguments.
    name : str
        "reverse_kl" for KL(Q‖P), the "reverse KL over the modes" of PacGAN. "kl" for KL(P‖Q), which is
        sensitive to missing modes. "js", or another name that `Region.divergence` knows.
    pseudocount : float, default 0
        Added to the generated count of every mode (Lidstone's rule; 1 is Laplace's, 1/2 Jeffreys'), so that
        Q(i) = (count + pseudocount)/(n + k·pseudocount). The target is not smoothed.

    Returns
    -------
    float
        The divergence in nats, at least 0. Without smoothing "kl" is ``inf`` as soon as one mode of the
        target is missing, and "reverse_kl" as soon as a sample is in a mode that the target lacks. The
        divergence overstates on average (Jensen). For Q = P the bias is approximately (k−1)/(2n) for
        "reverse_kl" and (k−1)/(8n) for "js".

    Raises
    ------
    ValueError
        If the target is no pmf, a count is negative or fractional, lengths differ, the name is unknown, or
        the pseudocount is negative or not finite.

    References
    ----------
    Lin et al., "PacGAN", arXiv:1712.04086 (reverse KL); Lin, "Divergence measures based on the Shannon
    entropy", IEEE Trans. Inf. Theory 37, 1991 (Jensen–Shannon).

    Examples
    --------
    >>> target, counts = [0.25] * 4, [50, 50, 0, 0]
    >>> round(divergence_over_modes(target, counts, "reverse_kl"), 12)  # log 2: half of the modes
    0.69314718056
    >>> divergence_over_modes(target, counts, "kl")
    inf
    >>> round(divergence_over_modes(target, counts, "kl", pseudocount=1), 3)
    1.292
    """
    names = ("target", "generated_counts")
    _, (masses, of_generator) = alignment.aligned(names, (target, generated_counts))
    p, counts = validation.pmf(names[0], masses), validation.counts(names[1], of_generator)
    if len(p) != len(counts):
        raise ValueError(
            f"target and generated_counts must speak of the same modes, got {len(p)} and {len(counts)}"
        )
    smoothing = validation.number("pseudocount", pseudocount)
    if smoothing < 0:
        raise ValueError(f"pseudocount must be at least 0, got {pseudocount!r}")
    weights = counts + smoothing
    weights /= weights.max()  # or their sum might overflow
    return Region.from_pmfs(p, weights / weights.sum()).divergence(name)


def entropy(counts: ArrayLike) -> float:
    """The entropy of the shares of the modes among generated samples, −Σ Q(i) log Q(i).

    The reverse KL is a cross-entropy less this: KL(Q‖P) = −Σ Q(i) log P(i) − H(Q). So a generator that drops
    modes keeps a small reverse KL at a small entropy. For k equal modes the cross-entropy is log k whatever Q
    is, and the reverse KL is log k − H(Q).

    Parameters
    ----------
    counts : array_like of int, shape (k,)
        Numbers of generated samples in the modes.

    Returns
    -------
    float
        The entropy in nats, from 0, of one mode alone, to log k. It understates on average, by approximately
        (k−1)/(2n) for n samples.

    Raises
    ------
    ValueError
        If a count is negative or fractional, or none is positive.

    Examples
    --------
    >>> round(entropy([50, 50, 0, 0]), 12)  # log 2
    0.69314718056
    """
    shares = validation.counts("counts", counts)
    shares = shares[shares > 0] / shares.sum()
    return float(max(-(shares * np.log(shares)).sum(), 0.0))


# -- words ---------------------------------------------------------------------------------------------


def distinct_n(
    texts: Sequence[str | Sequence[Hashable]], n: int = 1, *, batch_size: int = 1, level: float = 0.95
) -> Estimate:
    """The mean share of distinct n-grams in a batch of texts, with a confidence interval.

    Parameters
    ----------
    texts : sequence
        Independent texts, such as answers of a language model. A string is divided into words at white space;
        otherwise a text is a sequence of tokens of any kind that can be hashed. Join the answers of one call.
    n : int, default 1
        The length of an n-gram, at least 1.
    batch_size : int, default 1
        Texts whose n-grams are counted together. 1 shows repetition within a text. More show repetition among
        texts: the share falls as the batch grows, so compare equal batches. A last batch that is not full is
        omitted.
    level : float, default 0.95
        Strictly between 0 and 1.

    Returns
    -------
    Estimate
        The mean over batches. The interval holds for the mean over all batches that the model could make.
        One minus the estimate is the share of repeated n-grams. A batch too short for an n-gram repeats
        nothing: its share is 1.

    Raises
    ------
    ValueError
        If there is no full batch, or an argument is out of range.

    References
    ----------
    Li et al., "A diversity-promoting objective function for neural conversation models", NAACL 2016.

    Examples
    --------
    >>> answers = ["the cat sat", "the cat ran", "no no no no"] * 40
    >>> within, among = distinct_n(answers), distinct_n(answers, batch_size=3)
    >>> round(within.value, 3), round(among.value, 3)
    (0.75, 0.5)
    >>> [round(end, 2) for end in within.interval]
    [0.64, 0.85]
    """
    from modecollapse.samples.units import least_mean

    length, size = validation.whole("n", n, 1), validation.whole("batch_size", batch_size, 1)
    alpha = 1 - validation.level(level)
    _refuse_one_text("texts", texts)
    grams = [_n_grams(text, length) for text in texts]
    batches = [grams[start : start + size] for start in range(0, len(grams) - size + 1, size)]
    if not batches:
        raise ValueError(f"texts must fill a batch of {size}, got {len(grams)} texts")
    shares = np.array([_distinct_share(batch) for batch in batches])
    ones = np.ones(len(shares))
    lower = least_mean(shares, ones, alpha / 2)
    return Estimate(float(shares.mean()), Bracket(lower, 1 - least_mean(1 - shares, ones, alpha / 2)))


def repetition(samples: ArrayLike | Sequence[object], *, level: float = 0.95) -> Estimate:
    """The probability that two independent samples are equal, with a confidence interval.

    Parameters
    ----------
    samples : sequence
        Independent answers, or labels of any kind that can be hashed; at least 2.
    level : float, default 0.95
        Strictly between 0 and 1.

    Returns
    -------
    Estimate
        The share of equal pairs among all pairs, which has no bias. The interval is Clopper and Pearson's for
        pairs of neighbours, which are independent. It is widened to hold the estimate.

    Raises
    ------
    ValueError
        If there are fewer than 2 samples, or the level is out of range.

    Examples
    --------
    >>> answers = np.random.default_rng(0).choice(["owl", "cat"], 400, p=[0.75, 0.25])
    >>> found = repetition(answers.tolist())
    >>> found.interval.lower < found.value < found.interval.upper  # the truth is 0.625
    True
    """
    from modecollapse.samples.confidence import proportion_interval

    _refuse_one_text("samples", samples)
    entries = validation.hashables("samples", samples)
    alpha = 1 - validation.level(level)
    if len(entries) < 2:
        raise ValueError(f"samples must be at least 2, got {len(entries)}")
    counts, size = Counter(entries), len(entries)
    value = sum(count * (count - 1) for count in counts.values()) / (size * (size - 1))
    pairs = list(zip(entries[::2], entries[1::2], strict=False))
    limits = proportion_interval(sum(one == other for one, other in pairs), len(pairs), alpha)
    lower, upper = float(limits.lower), float(limits.upper)
    return Estimate(value, Bracket(min(lower, value), max(upper, value)))


def _refuse_one_text(name: str, texts: object) -> None:
    """A string is a sequence too, of letters: hardly what is meant."""
    if isinstance(texts, str):
        raise ValueError(f"{name} must be a list of texts, got the one text {validation.quoted(texts)}")


def _n_grams(text: str | Sequence[Hashable], n: int) -> list[tuple[Hashable, ...]]:
    if not isinstance(text, Iterable):
        raise ValueError(f"a text must be a string or a sequence of tokens, got {text!r}")
    tokens = text.split() if isinstance(text, str) else validation.hashables("a text", text)
    return list(zip(*(tokens[start:] for start in range(n)), strict=False))


def _distinct_share(batch: list[list[tuple[Hashable, ...]]]) -> float:
    together = [gram for grams in batch for gram in grams]
    return len(set(together)) / len(together) if together else 1.0


# -- space ---------------------------------------------------------------------------------------------


def divergence_over_cells(
    real: ArrayLike, generated: ArrayLike, lines: Sequence[ArrayLike], name: DivergenceName = "js"
) -> float:
    """A divergence between the histograms of two samples over rectangular cells.

    Parameters
    ----------
    real, generated : array_like, shape (n, d) and (N, d)
        Points as rows; a plain list of numbers is n points on a line.
    lines : sequence of d array_like
        Rising cuts along each coordinate. A point on a cut belongs to the cell above it. The outermost
        cells are unbounded, so that every point is counted.
    name : str, default "js"
        A name that `Region.divergence` knows.

    Returns
    -------
    float
        The divergence in nats. In the limit of many samples it is a lower bound of the divergence of the
        two laws (data processing). For few samples it overstates: for two samples of one law that fill c
        cells, the mean "js" is approximately (c−1)(1/n + 1/N)/8.

    Raises
    ------
    ValueError
        If rows are ragged, not finite or of different lengths; if `lines` has not one rising list of cuts for
        each coordinate; or if the name is unknown.

    References
    ----------
    Lin, "Divergence measures based on the Shannon entropy", IEEE Trans. Inf. Theory 37, 1991.

    Examples
    --------
    >>> round(divergence_over_cells([0.1, 0.2, 0.7, 0.8], [0.6, 0.7, 0.8, 0.9], [[0.5]]), 6)  # (½, ½), (0, 1)
    0.215762
    """
    points, others = validation.tables(("real", "generated"), real, generated)
    if not isinstance(lines, Sequence | np.ndarray):
        raise ValueError(f"lines must be one list of cuts a coordinate, got {lines!r}")
    cuts = [_rising(f"lines[{axis}]", values) for axis, values in enumerate(lines)]
    if len(cuts) != points.shape[1]:
        raise ValueError(
            f"lines must be one list of cuts a coordinate, got {len(cuts)} for {points.shape[1]} coordinates"
        )
    # all cells may be too many for memory: at each coordinate those with a point are numbered afresh
    owner = np.zeros(len(points) + len(others), dtype=np.int64)
    for at, column in zip(cuts, np.vstack([points, others]).T, strict=True):
        cell = owner * (len(at) + 1) + np.searchsorted(at, column, side="right")
        owner = np.unique(cell, return_inverse=True)[1]
    masses = [
        np.bincount(part, minlength=owner.max() + 1) / len(part)
        for part in (owner[: len(points)], owner[len(points) :])
    ]
    return Region.from_pmfs(*masses).divergence(name)


def wasserstein_1d(real: ArrayLike, generated: ArrayLike) -> float:
    """The Wasserstein-1 (earth mover's) distance between two samples on a line.

    Parameters
    ----------
    real, generated : array_like, shape (n,) and (N,)
        Points on a line.

    Returns
    -------
    float
        ∫|F − G| of the empirical distribution functions, in the unit of the samples. Unlike a divergence it
        depends on the distance of a lost mode from the others. Computed by
        `scipy.stats.wasserstein_distance`.

    Raises
    ------
    ValueError
        If the samples are not finite numbers on a line.

    References
    ----------
    Arjovsky, Chintala and Bottou, "Wasserstein GAN", ICML 2017; Vallender, "Calculation of the Wasserstein
    distance between probability distributions on the line", Theory Probab. Appl. 18, 1974.

    Examples
    --------
    >>> wasserstein_1d([0, 0, 4, 4], [0, 0, 0, 0])  # half of the mass, over a distance of 4
    2.0
    """
    points, others = validation.table("real", real), validation.table("generated", generated)
    for name, rows in (("real", points), ("generated", others)):
        if rows.shape[1] != 1:
            raise ValueError(f"{name} must be points on a line, got rows of {rows.shape[1]} numbers")
    from scipy.stats import wasserstein_distance

    return float(wasserstein_distance(points[:, 0], others[:, 0]))


def _rising(name: str, values: ArrayLike) -> FloatArray:
    """The values as an array, once they are checked to rise."""
    cuts = validation.real_array(name, values)
    if cuts.ndim != 1 or not (np.diff(cuts) > 0).all():
        raise ValueError(f"{name} must be a rising list of numbers, got {values!r}")
    return cuts
