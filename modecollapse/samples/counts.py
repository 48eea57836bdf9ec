"""Samples counted over modes: evidence about the region of a pair.

Counting is a garbling: the mode of a sample is a function of the sample. So the region of the counted pair
lies inside the region of the pair itself (docs/theory.md §1, dominance). A collapse over modes is a
collapse of the pair. The converse fails, since two laws can agree on all modes and differ within them.
Counts certify collapse, never its absence.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar, TypeAlias, TypeVar, cast, overload

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import alignment, notebook, validation
from modecollapse.arrays import BoolArray, FloatArray, IntArray, Masses
from modecollapse.region import Region, RegionBracket
from modecollapse.samples import bands, chance
from modecollapse.samples.confidence import MassBox
from modecollapse.samples.laws import Known, Law, Sampled, Unit, View
from modecollapse.samples.missing import are_short
from modecollapse.values import Value

Array = TypeVar("Array", FloatArray, IntArray)

Columns: TypeAlias = dict[str, list[str] | list[int] | list[float]]
"""What `to_dict` of counts holds."""

SHOWN_MODES = 10
"""Greatest number of modes that a notebook shows."""

OFF_MODE = "off mode"
"""Name of the bin for samples that belong to no mode."""


class CountEvidence(Value, ABC):
    """What counts over modes say of a pair: the part that `ModeCounts` and `TargetCounts` share.

    `modecollapse.plotting.draw_region` draws its `region` and its `confidence_band()`.

    Attributes
    ----------
    names : tuple of str
        The modes.
    generated : ndarray of int, shape (k,)
        Counts of generated samples, read-only.
    """

    names: tuple[str, ...]
    generated: IntArray

    view: ClassVar[View] = "modes"

    @property
    def units(self) -> tuple[Unit, Unit]:
        """What was drawn independently of the target, and of the generator."""
        return "samples", "samples"

    @property
    @abstractmethod
    def target_law(self) -> Law:
        """What is known of the target over the modes."""

    def __repr__(self) -> str:
        (real, generated), (real_units, units), modes = self.sizes, self.units, len(self.names)
        target = "a known target" if real is None else f"{real} real"
        if real is not None and real_units != units:
            target += f" {real_units}"
        name, plural = type(self).__name__, "s" * (modes != 1)
        return f"<{name} over {modes} mode{plural}: {target}, {generated} generated {units}>"

    def _repr_html_(self) -> str:
        """The first modes, and the plug-in region, for notebooks."""
        target, generated = self.target_law.shares, self.generator_law.shares
        modes = zip(self.names, target.tolist(), self.generated.tolist(), generated.tolist(), strict=True)
        rows = [
            (name, f"{share:.3g}", count, f"{made:.3g}")
            for name, share, count, made in islice(modes, SHOWN_MODES)
        ]
        table = notebook.table(rows, ("mode", "real share", "generated", "generated share"))
        more = len(self.names) - len(rows)
        note = notebook.words(f"{more} more modes") if more else ""
        return notebook.beside(f"<div>{table}{note}</div>", self.region._repr_svg_())

    @property
    def generator_law(self) -> Law:
        """What is known of the generator over the modes."""
        return Sampled(self.generated)

    @property
    @abstractmethod
    def sizes(self) -> tuple[int | None, int]:
        """The number of real samples, None for a known target, and the number of generated samples."""

    @property
    def region(self) -> Region:
        """The plug-in region: that of the empirical pair.

        It overstates collapse on average; see `noise_floor`.
        """
        return bands.plug_in(self.target_law, self.generator_law)

    def boxes(self, level: float = 0.95) -> tuple[MassBox, MassBox]:
        """Limits of all real and of all generated masses, which hold together with `confidence_band`."""
        return bands.mass_boxes(self.target_law, self.generator_law, 1 - validation.level(level))

    def short_modes(self, level: float = 0.95) -> tuple[BoolArray, BoolArray]:
        """The modes that are missing, and those that are spurious.

        A mode is missing if its generated mass is certainly less than a tenth of its real mass, and spurious
        if its real mass is certainly less than a tenth of its generated mass. All of it holds together with
        `confidence_band` and `boxes` at the same level.

        Returns
        -------
        missing, spurious : ndarray of bool, shape (k,)
        """
        p, q, alpha = self.target_law, self.generator_law, 1 - validation.level(level)
        p_box, q_box = bands.mass_boxes(p, q, alpha)
        each = bands.MISSING_SHARE * alpha / 2
        return are_short(p, q, p_box, q_box, each), are_short(q, p, q_box, p_box, each)

    def confidence_band(self, level: float = 0.95, seed: int = 0) -> RegionBracket:
        """A confidence band of the region of the counted pair: an inner and an outer region around it.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level, strictly between 0 and 1: the least probability, over both samples, that the
            band contains the region.
        seed : int, default 0
            Seed of the division of the samples into folds. The inner region depends on it. Fix it before
            you look: the best of several seeds does not have the level.

        Returns
        -------
        RegionBracket
            ``inner`` ⊆ R(counted pair) ⊆ ``outer``. Since counting is a garbling, ``inner`` also lies inside
            the region of the pair itself. ``outer`` says nothing about that region. The plug-in `region`
            always lies between the two.

        Raises
        ------
        ValueError
            If `level` is not strictly between 0 and 1, or `seed` is not an integer ≥ 0.

        Notes
        -----
        Three bounds share the error probability: sets of modes that one part of the samples proposes and the
        rest bounds, half-planes by McDiarmid's inequality, and Clopper–Pearson intervals of all modes; see
        docs/diagnose.md for the proof. The samples must be independent. The modes must be fixed without
        looking at these samples.

        Examples
        --------
        >>> band = from_counts([500, 500], [800, 200]).confidence_band()
        >>> [round(end, 3) for end in band.divergence("tv")]
        [0.22, 0.373]
        """
        alpha, seed = 1 - validation.level(level), validation.whole("seed", seed, 0)
        return bands.counts_band(self.target_law, self.generator_law, alpha, seed)

    def certain_delta(self, eps: float, delta: float, level: float, seed: int) -> float:
        """The greatest δ′ with (ε,δ′)-collapse for certain, sought near δ; see `certify`."""
        slopes = bands.slopes_at(eps, delta)
        certain = bands.cross_fitted(self.target_law, self.generator_law, 1 - level, seed, slopes)
        return (certain & self.region).boundary(eps)

    @abstractmethod
    def to_dict(self) -> Columns:
        """The modes and what was counted, as lists that JSON can represent."""

    @abstractmethod
    def noise_floor(self) -> float:
        """The mean total variation of the plug-in region if the generator were perfect."""

    @abstractmethod
    def equality_p_value(self, seed: int = 0) -> float | None:
        """The p-value of a test of P = Q over the modes; None where there is no such test."""


@dataclass(frozen=True, eq=False, repr=False)
class ModeCounts(CountEvidence):
    """Counts of real and of generated samples over the same modes.

    Make one with `from_counts`, `from_labels`, `from_centres` or `from_features`. Counts of different samples
    over the same modes add: ``a + b``.

    `modecollapse.plotting.draw_region` draws its `region` and its `confidence_band()`.

    Attributes
    ----------
    names : tuple of str
        The modes.
    real, generated : ndarray of int, shape (k,)
        Counts, read-only.
    """

    names: tuple[str, ...]
    real: IntArray
    generated: IntArray

    @property
    def target_law(self) -> Law:
        """What is known of the target over the modes: samples."""
        return Sampled(self.real)

    @property
    def sizes(self) -> tuple[int, int]:
        """The number of real samples, and the number of generated samples."""
        return int(self.real.sum()), int(self.generated.sum())

    def __add__(self, other: ModeCounts) -> ModeCounts:
        """Counts of all samples of both: as if they had been counted together."""
        if not isinstance(other, ModeCounts):
            return NotImplemented
        _refuse_other_modes(self.names, other.names)
        return from_counts(self.real + other.real, self.generated + other.generated, self.names)

    def to_dict(self) -> Columns:
        """The modes and both lists of counts: what `from_counts` takes.

        Examples
        --------
        >>> counts = from_counts([3, 1], [4, 0], names=["cat", "dog"])
        >>> counts.to_dict()
        {'names': ['cat', 'dog'], 'real': [3, 1], 'generated': [4, 0]}
        >>> from_counts(**counts.to_dict()) == counts
        True
        """
        return {
            "names": list(self.names),
            "real": self.real.tolist(),
            "generated": self.generated.tolist(),
        }

    def noise_floor(self) -> float:
        """The mean total variation of the plug-in region if both samples came from one law.

        The plug-in region overstates: its mean total variation is at least the true one (Jensen). The noise
        floor is that mean for two samples of one law.

        Returns
        -------
        float
            The exact mean of the permutation test: over all ways to divide the pooled samples into two
            groups of these sizes. No permutation is drawn. Beyond 10⁹ samples scipy before 1.17 loses
            digits: the relative error is 2e-5 at 10¹² samples.

        Examples
        --------
        >>> round(from_counts([10] * 10, [10] * 10).noise_floor(), 3)
        0.167
        """
        return chance.mean_distance_of_deals(self.real + self.generated, *self.sizes)

    def equality_p_value(self, seed: int = 0) -> float:
        """The p-value of a permutation test of P = Q over the modes.

        The test finds differences that are spread over many modes, where `confidence_band` is blind. It says
        that the laws differ, not by how much.

        Parameters
        ----------
        seed : int, default 0
            Seed of the permutations.

        Returns
        -------
        float
            If P = Q over the modes, it is at most a with probability at most a, for every a. The statistic is
            χ² of the two lists of counts. There are 999 permutations, fewer from 500 modes on, but at least
            99. So it is at least .001, or .01 for very many modes. Beyond 10⁸ samples the test is of a random
            part of them.

        Examples
        --------
        >>> from_counts([500, 500], [450, 550]).equality_p_value() < 0.05
        True
        >>> from_counts([500, 500], [490, 510]).equality_p_value() < 0.05
        False
        """
        return chance.permutation_p_value(self.real, self.generated, validation.whole("seed", seed, 0))


@dataclass(frozen=True, eq=False, repr=False)
class TargetCounts(CountEvidence):
    """Counts of generated samples over modes whose masses under the target are known.

    Make one with `from_counts(target=…, generated=…)`. Counts of different samples with one target add.

    `modecollapse.plotting.draw_region` draws its `region` and its `confidence_band()`.

    Attributes
    ----------
    names : tuple of str
        The modes.
    target : ndarray, shape (k,)
        Masses of the modes under the target, read-only.
    generated : ndarray of int, shape (k,)
        Counts, read-only.
    """

    names: tuple[str, ...]
    target: FloatArray
    generated: IntArray

    @property
    def target_law(self) -> Law:
        """What is known of the target over the modes: everything."""
        return Known(self.target)

    @property
    def sizes(self) -> tuple[None, int]:
        """None, for the target is not sampled, and the number of generated samples."""
        return None, int(self.generated.sum())

    def __add__(self, other: TargetCounts) -> TargetCounts:
        """Counts of all samples of both: as if they had been counted together."""
        if not isinstance(other, TargetCounts):
            return NotImplemented
        _refuse_other_modes(self.names, other.names)
        if not np.array_equal(self.target, other.target):
            raise ValueError("only counts with the same target add, but these two targets differ")
        return from_counts(target=self.target, generated=self.generated + other.generated, names=self.names)

    def to_dict(self) -> Columns:
        """The modes, the masses of the target and the counts: what `from_counts` takes.

        Examples
        --------
        >>> from_counts(target=[0.5, 0.5], generated=[4, 0], names=["cat", "dog"]).to_dict()
        {'names': ['cat', 'dog'], 'target': [0.5, 0.5], 'generated': [4, 0]}
        """
        return {
            "names": list(self.names),
            "target": self.target.tolist(),
            "generated": self.generated.tolist(),
        }

    def noise_floor(self) -> float:
        """The mean total variation of the plug-in region if the generator's law were the target, exactly.

        Examples
        --------
        >>> round(from_counts(target=[0.5, 0.5], generated=[3, 1]).noise_floor(), 4)  # E|Bin(4, ½) − 2|/4
        0.1875
        """
        return chance.mean_distance_of_samples(self.target, self.sizes[1])

    def equality_p_value(self, seed: int = 0) -> float:
        """The p-value of a Monte Carlo test of Q = P over the modes, by Pearson's χ².

        Parameters
        ----------
        seed : int, default 0
            Seed of the random samples of the target.

        Returns
        -------
        float
            If Q = P over the modes, it is at most a with probability at most a, for every a.

        Examples
        --------
        >>> from_counts(target=[0.5, 0.5], generated=[400, 600]).equality_p_value()
        0.001
        """
        return chance.target_p_value(self.target, self.generated, validation.whole("seed", seed, 0))


def _refuse_other_modes(names: tuple[str, ...], others: tuple[str, ...]) -> None:
    if names != others:
        differing = sorted(set(names) ^ set(others)) or list(others)
        raise ValueError(f"only counts over the same modes in the same order add, see {differing[0]!r}")


@overload
def from_counts(real: Masses, generated: Masses, names: Iterable[object] | None = None) -> ModeCounts: ...
@overload
def from_counts(
    *, target: Masses, generated: Masses, names: Iterable[object] | None = None
) -> TargetCounts: ...
def from_counts(
    real: Masses | None = None,
    generated: Masses | None = None,
    names: Iterable[object] | None = None,
    *,
    target: Masses | None = None,
) -> ModeCounts | TargetCounts:
    """Evidence from counts over the same modes.

    Parameters
    ----------
    real, generated : array_like of int, shape (k,), or mapping of label to int
        Non-negative integers. Their sum is at most 2**53. Two Series of pandas, as `value_counts` gives
        them, or two mappings are aligned by label. A label that only one of them has counts 0 in the other.
    names : iterable, optional
        k different names. Default: the labels, or "mode 0", "mode 1", … where there are none.
    target : array_like, shape (k,), or mapping of label to float, optional
        In place of `real`: the masses of the modes under the target, where they are known, such as equal
        ones. They are divided by their sum, which must be within 1e-9 of 1.

    Returns
    -------
    ModeCounts or TargetCounts
        The latter for a known target.

    Raises
    ------
    ValueError
        If a count is negative, fractional or not finite; if a sum is 0; if lengths differ; if names repeat;
        if a name has a lone surrogate, which no file can hold; if the target is no pmf; if not exactly one
        of `real` and `target` is given; or if only one of the lists has labels, or they have none in common.

    Examples
    --------
    >>> counts = from_counts([30, 30, 40], [50, 50, 0], names=["cat", "dog", "owl"])
    >>> counts.region.vertices.round(12).tolist()
    [[0.0, 0.0], [0.0, 0.4], [1.0, 1.0]]
    >>> from_counts({"cat": 30, "owl": 70}, {"owl": 50}).region.total_variation  # no cat was generated
    0.3
    >>> answers = from_counts(target=[0.25] * 4, generated=[60, 40, 0, 0])  # 100 answers, 4 right ones
    >>> answers.region.total_variation
    0.5
    """
    if generated is None or (real is None) == (target is None):
        raise ValueError("give real counts or a target, and generated counts: (real, generated) or target=")
    first_name, first = ("real", real) if target is None else ("target", target)
    labels, (of_target, of_generator) = alignment.aligned((first_name, "generated"), (first, generated))
    if labels is not None:
        if names is not None:
            raise ValueError("the modes already have names, the labels of the counts; leave out names")
        names = labels
    generated_counts = _frozen(validation.counts("generated", of_generator))
    if target is None:
        real_counts = _frozen(validation.counts("real", of_target))
        return ModeCounts(_names(names, "real", real_counts, generated_counts), real_counts, generated_counts)
    masses = validation.pmf("target", of_target)
    target_masses = _frozen(masses / masses.sum())
    return TargetCounts(_names(names, "target", masses, generated_counts), target_masses, generated_counts)


def _names(
    names: Iterable[object] | None, first_name: str, first: FloatArray | IntArray, generated: IntArray
) -> tuple[str, ...]:
    """The names of the modes, once both lists are about as many."""
    if len(first) != len(generated):
        raise ValueError(
            f"{first_name} and generated must be about the same modes, "
            f"got {len(first)} and {len(generated)} of them"
        )
    return validation.names(numbered(len(first)) if names is None else names, len(first))


def _frozen(array: Array) -> Array:
    array.flags.writeable = False
    return array


def numbered(modes: int) -> list[str]:
    """Default names of modes."""
    return [f"mode {i}" for i in range(modes)]


@overload
def from_labels(
    real: ArrayLike, generated: ArrayLike, modes: Sequence[object] | None = None
) -> ModeCounts: ...
@overload
def from_labels(*, target: Mapping[object, float], generated: ArrayLike) -> TargetCounts: ...
def from_labels(
    real: ArrayLike | None = None,
    generated: ArrayLike | None = None,
    modes: Sequence[object] | None = None,
    *,
    target: Mapping[object, float] | None = None,
) -> ModeCounts | TargetCounts:
    """Evidence from one label a sample, such as a classifier's, or an answer of a language model.

    Parameters
    ----------
    real, generated : array_like of str or int, shape (n,) and (N,)
        One label a sample; 3, 3.0 and "3" are the same label.
    modes : sequence, optional
        The labels that are modes; every other label is counted as "off mode". By default all labels seen in
        either sample are modes, in their order. The guarantee of `ModeCounts.confidence_band` is for modes
        fixed beforehand: name them if some may have been seen in neither sample.
    target : mapping of label to float, optional
        In place of `real`: the known probabilities of the right labels, whose sum is 1. A `pandas.Series`
        with an index of labels will do. Every other label is counted as "off mode", which has no target mass.

    Returns
    -------
    ModeCounts or TargetCounts
        The latter for a known target.

    Raises
    ------
    ValueError
        If a list is empty, a label is neither a string nor an integer, or the target is no pmf; or if not
        exactly one of `real` and `target` is given. The message quotes the rows.

    Examples
    --------
    >>> counts = from_labels(["cat", "dog", "owl"], ["dog", "dog"])
    >>> counts.names, counts.generated.tolist()
    (('cat', 'dog', 'owl'), [0, 2, 0])
    >>> answers = from_labels(target={"cat": 0.5, "dog": 0.5}, generated=["dog", "dog", "fog"])
    >>> answers.names, answers.generated.tolist()
    (('cat', 'dog', 'off mode'), [0, 2, 1])
    """
    if generated is None or (real is None) == (target is None):
        raise ValueError("give real labels or a target, and generated labels: (real, generated) or target=")
    in_generated = Counter(validation.labels("generated", generated))
    if target is not None:
        order, (masses,) = alignment.aligned(("target",), (target,))
        if not order:
            raise ValueError(
                "target must give each label its probability, as in {'cat': 0.5, 'dog': 0.5}, "
                f"got {validation.quoted(target)}"
            )
        names = validation.labels("target", order)
        masses, counts = np.append(validation.pmf("target", masses), 0.0), _tallied(in_generated, names)
        return from_counts(target=masses, generated=counts, names=[*names, OFF_MODE])
    in_real = Counter(validation.labels("real", cast(ArrayLike, real)))
    if modes is None:
        names = sorted(in_real.keys() | in_generated.keys(), key=_natural)
        return from_counts([in_real[name] for name in names], [in_generated[name] for name in names], names)
    names = validation.labels("modes", modes)
    return from_counts(_tallied(in_real, names), _tallied(in_generated, names), [*names, OFF_MODE])


def _tallied(labels: Counter[str], names: list[str]) -> list[int]:
    """The counts of some labels, and of all others together."""
    counts = [labels[name] for name in names]
    return [*counts, labels.total() - sum(labels[name] for name in set(names))]


def _natural(label: str) -> tuple[int, int, str]:
    """Sorting key that puts integers first, by value, and words after them, by letter."""
    is_integer = label.removeprefix("-").isdecimal()
    return (0, int(label), label) if is_integer else (1, 0, label)
