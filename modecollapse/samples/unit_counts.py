"""Counts of samples that are no independent equals: in groups, or with weights.

A group counts as one sample, with the shares of its samples. So intervals hold however its samples depend on
each other: answers of one call, frames of one video, patches of one image.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import validation
from modecollapse.arrays import FloatArray, IntArray
from modecollapse.samples import chance, units
from modecollapse.samples.counts import (
    OFF_MODE,
    Columns,
    CountEvidence,
    ModeCounts,
    TargetCounts,
    from_labels,
)
from modecollapse.samples.laws import Known, Law, Sampled, Unit
from modecollapse.samples.units import Units


@dataclass(frozen=True, eq=False, repr=False)
class UnitCounts(CountEvidence):
    """Evidence from groups of samples, or from weighted samples, over modes.

    Make one with `from_groups` or `from_weights`.

    `modecollapse.plotting.draw_region` draws its `region` and its `confidence_band()`.

    Attributes
    ----------
    names : tuple of str
        The modes.
    real : ndarray of int, shape (k,), or None
        Numbers of real samples in the modes; None for a known target.
    generated : ndarray of int, shape (k,)
        Numbers of generated samples in the modes.
    p, q : Law
        What is known of the target, and of the generator.
    drawn : (str, str)
        What was drawn independently of each law: "samples", "weighted samples" or "groups".
    """

    names: tuple[str, ...]
    real: IntArray | None
    generated: IntArray
    p: Law
    q: Law
    drawn: tuple[Unit, Unit]

    @property
    def units(self) -> tuple[Unit, Unit]:
        """What was drawn independently of the target, and of the generator."""
        return self.drawn

    def to_dict(self) -> Columns:
        """The modes, the numbers of samples in them, and the shares that their weights or groups give."""
        sampled: Columns = {} if self.real is None else {"real": self.real.tolist()}
        return {
            "names": list(self.names),
            **sampled,
            "generated": self.generated.tolist(),
            "real_shares": self.p.shares.tolist(),
            "generated_shares": self.q.shares.tolist(),
        }

    @property
    def target_law(self) -> Law:
        """What is known of the target over the modes."""
        return self.p

    @property
    def generator_law(self) -> Law:
        """What is known of the generator over the modes."""
        return self.q

    @property
    def sizes(self) -> tuple[int | None, int]:
        """The numbers of independent real and generated units; None for a known target."""
        return None if isinstance(self.p, Known) else int(self.p.size), int(self.q.size)

    def noise_floor(self) -> float:
        """The total variation of the plug-in region if the laws agreed, on average and approximately.

        Shares are taken to vary normally, with the variances that the units show.
        """
        deviations = np.sqrt(self.p.variances + self.q.variances)
        return float(0.5 * np.sqrt(2 / np.pi) * deviations.sum())

    def equality_p_value(self, seed: int = 0) -> float | None:
        """The p-value of a permutation test of P = Q over the modes, for two laws known from groups.

        Whole groups are exchanged. None where this is not possible: for weighted samples, and for a known
        target.

        Parameters
        ----------
        seed : int, default 0
            Seed of the permutations.
        """
        if self.drawn != ("groups", "groups"):
            return None
        assert isinstance(self.p, Units)
        assert isinstance(self.q, Units)
        return chance.units_p_value(self.p, self.q, validation.whole("seed", seed, 0))


def from_groups(
    real: ArrayLike | None = None,
    generated: ArrayLike | None = None,
    real_groups: Sequence[Hashable] | None = None,
    generated_groups: Sequence[Hashable] | None = None,
    modes: Sequence[object] | None = None,
    *,
    target: Mapping[object, float] | None = None,
) -> UnitCounts:
    """Evidence from labels in groups, whose samples may depend on each other in any way.

    Intervals then hold for groups: P is the law of a random sample of a random group, and the same for Q.
    Groups must be independent of each other.

    Parameters
    ----------
    real, generated, modes, target
        As for `from_labels`.
    real_groups, generated_groups : sequence, shape (n,) and (N,), optional
        The group of each sample: anything that can be hashed, such as the number of a call or the name of a
        video. Without groups the samples of this side are independent.

    Returns
    -------
    UnitCounts
        Limits adapt to the data. Where the samples of a group hardly depend on each other they are nearly as
        narrow as for independent samples; where they repeat each other, as for one sample a group.

    Raises
    ------
    ValueError
        As for `from_labels`; if no groups are given; or if there is not one group a sample.

    Examples
    --------
    >>> answers = ["owl", "owl", "cat", "dog", "dog", "cat"]  # of three calls
    >>> calls = [1, 1, 2, 2, 3, 3]
    >>> target = {"cat": 0.5, "dog": 0.5}
    >>> counts = from_groups(target=target, generated=answers, generated_groups=calls)
    >>> counts.sizes, counts.q.shares.round(3).tolist()
    ((None, 3), [0.333, 0.333, 0.333])
    """
    if real_groups is None and generated_groups is None:
        raise ValueError("give real_groups, generated_groups, or both; without groups use from_labels")

    def law(name: str, labels: IntArray, groups: Sequence[Hashable], modes: int) -> Units:
        given = validation.hashables(name, groups)
        _refuse_other_length(name, len(given), len(labels))
        return units.grouped(labels, given, modes)

    return _evidence(
        _labelled(real, generated, modes, target), real_groups, generated_groups, law, "groups", "groups"
    )


def from_weights(
    real: ArrayLike | None = None,
    generated: ArrayLike | None = None,
    real_weights: ArrayLike | None = None,
    generated_weights: ArrayLike | None = None,
    modes: Sequence[object] | None = None,
    *,
    greatest_weight: float,
    target: Mapping[object, float] | None = None,
) -> UnitCounts:
    """Evidence from labels of weighted samples, whose weights have a known bound.

    A weight makes up for a law that was sampled in place of the one that is meant. It is proportional to
    the ratio of their densities. The effective number of samples (Σw)²/Σw² is ``p.effective_size``.

    Parameters
    ----------
    real, generated, modes, target
        As for `from_labels`.
    real_weights, generated_weights : array_like, shape (n,) and (N,), optional
        Weights ≥ 0, up to a factor. Without weights the samples of this side count equally.
    greatest_weight : float
        The greatest weight that any sample could have, whether it was seen or not. **The greatest weight seen
        is no bound**: a rare sample of great weight would change everything. If there is no bound, no number
        of samples bounds a mass. Then the weights should be cut off, and what is said is about the law that
        the cut weights make.

    Returns
    -------
    UnitCounts

    Raises
    ------
    ValueError
        As for `from_labels`; if no weights are given, or not one a sample; if a weight is negative or above
        the bound; or if all weights are 0.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> real = rng.integers(0, 2, 4000)  # mode 1 was sampled four times as often as it should be
    >>> generated = (rng.random(4000) < 0.2).astype(int)
    >>> weights = np.where(real == 1, 1.0, 4.0)
    >>> counts = from_weights(real, generated, weights, greatest_weight=4)
    >>> counts.p.shares.round(2).tolist()
    [0.8, 0.2]
    >>> [round(end, 2) for end in counts.confidence_band().divergence("tv")]
    [0.0, 0.04]
    """
    if real_weights is None and generated_weights is None:
        raise ValueError("give real_weights, generated_weights, or both; without weights use from_labels")
    bound = validation.positive("greatest_weight", greatest_weight)

    def law(name: str, labels: IntArray, weights: ArrayLike, modes: int) -> Units:
        values = validation.real_array(name, weights)
        if values.ndim != 1:
            raise ValueError(f"{name} must be a list of numbers, one a sample, got shape {values.shape}")
        _refuse_other_length(name, len(values), len(labels))
        bad = (values < 0) | (values > bound)
        if bad.any():
            where = int(np.argmax(bad))
            raise ValueError(
                f"{name} must be from 0 to greatest_weight = {bound:g}, "
                f"got {float(values[where])!r} at {where}"
            )
        if not values.any():
            raise ValueError(f"{name} must have a positive entry, got zeros only")
        return units.weighted(labels, values, bound, modes)

    return _evidence(
        _labelled(real, generated, modes, target),
        real_weights,
        generated_weights,
        law,
        "weights",
        "weighted samples",
    )


class _Labelled(NamedTuple):
    """The modes, and the mode of each sample; the masses of a known target in place of real samples."""

    names: tuple[str, ...]
    real: IntArray | None
    target: FloatArray | None
    generated: IntArray


def _labelled(
    real: ArrayLike | None,
    generated: ArrayLike | None,
    modes: Sequence[object] | None,
    target: Mapping[object, float] | None,
) -> _Labelled:
    """The modes and labels that `from_labels` would count."""
    counted: ModeCounts | TargetCounts = cast(Any, from_labels)(real, generated, modes, target=target)
    number = {name: i for i, name in enumerate(counted.names)}
    off = number.get(OFF_MODE, -1)

    def numbered(name: str, labels: ArrayLike) -> IntArray:
        return np.array([number.get(label, off) for label in validation.labels(name, labels)])

    return _Labelled(
        counted.names,
        None if real is None else numbered("real", real),
        counted.target if isinstance(counted, TargetCounts) else None,
        numbered("generated", cast(ArrayLike, generated)),
    )


def _evidence(
    labelled: _Labelled,
    of_real: Any,
    of_generated: Any,
    law: Callable[[str, IntArray, Any, int], Units],
    kind: str,
    unit: Unit,
) -> UnitCounts:
    """Evidence from the laws of both sides, of which at least one is made by `law`."""
    k = len(labelled.names)

    def side(name: str, labels: IntArray, given: Any) -> tuple[IntArray, Law, Unit]:
        counts = np.bincount(labels, minlength=k)
        if given is None:
            return counts, Sampled(counts), "samples"
        return counts, law(f"{name}_{kind}", labels, given, k), unit

    generated, q, q_unit = side("generated", labelled.generated, of_generated)
    if labelled.real is not None:
        real, p, p_unit = side("real", labelled.real, of_real)
        return UnitCounts(labelled.names, real, generated, p, q, (p_unit, q_unit))
    if of_real is not None:
        raise ValueError(f"real_{kind} must be left out: a known target has no samples")
    return UnitCounts(
        labelled.names, None, generated, Known(cast(FloatArray, labelled.target)), q, ("samples", q_unit)
    )


def _refuse_other_length(name: str, given: int, samples: int) -> None:
    if given != samples:
        raise ValueError(f"{name} must have one entry for each of the {samples} samples, got {given}")


def one_per_group(groups: Sequence[Hashable], seed: int = 0) -> IntArray:
    """One random sample of each group: independent samples, for evidence of any kind.

    Parameters
    ----------
    groups : sequence, shape (n,)
        The group of each sample; groups are independent of each other.
    seed : int, default 0
        Seed of the choice. Fix it before you look.

    Returns
    -------
    ndarray of int, shape (number of groups,)
        Rows, in the order in which the groups first occur. These samples are independent, and each has the
        law of a random sample of a random group.

    Examples
    --------
    >>> videos = ["a", "a", "a", "b", "c", "c"]
    >>> rows = one_per_group(videos)
    >>> [videos[row] for row in rows]
    ['a', 'b', 'c']
    """
    given = validation.hashables("groups", groups)
    if not given:
        raise ValueError("groups must name the group of at least one sample, got none")
    rng = np.random.default_rng(validation.whole("seed", seed, 0))
    members: dict[Hashable, list[int]] = {}
    for row, group in enumerate(given):
        members.setdefault(group, []).append(row)
    return np.array([rows[rng.integers(len(rows))] for rows in members.values()])
