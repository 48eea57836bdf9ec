"""What merging does to distances: a generator of l points at once, and the law of one point of its.

VirtualGAN joins l independent points of the target to one, trains a generator Q of such merged points against
P^l, and splits what it generates. Splitting is a garbling: who draws one of the l places at random and looks
at the point there turns P^l to P and Q to split Q, the mean of Q's marginals. So for every joint law Q

    R(P, split Q) ⊆ R(P^l, Q),    d_TV(P, split Q) ≤ d_TV(P^l, Q),

and likewise for every f-divergence (docs/theory.md §1, dominance). The other way nothing follows: Q can
collapse in each of its places and split Q be P itself, as in the example of `split_pmf`.
"""

from __future__ import annotations

from functools import reduce

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import validation
from modecollapse.arrays import FloatArray

MOST_AXES, MOST_ENTRIES = 32, 10**8
"""A joint law of more is refused: numpy cannot hold the axes, or memory the entries."""


def merge_pmf(pmf: ArrayLike, degree: int) -> FloatArray:
    """The joint law of independent points, P^l.

    Parameters
    ----------
    pmf : array_like, shape (k,)
        The law P of one point.
    degree : int
        l ≥ 1.

    Returns
    -------
    ndarray, shape (k, …, k)
        With l axes.

    Raises
    ------
    ValueError
        If `pmf` is no pmf, `degree` no integer ≥ 1, or the joint law too large: 32 axes, 1e8 entries at most.

    Examples
    --------
    >>> merge_pmf([0.25, 0.75], 2).tolist()
    [[0.0625, 0.1875], [0.1875, 0.5625]]
    """
    masses, points = validation.pmf("pmf", pmf), validation.whole("degree", degree, 1)
    if points > MOST_AXES or len(masses) ** points > MOST_ENTRIES:
        raise ValueError(
            f"degree must leave {MOST_ENTRIES} entries and {MOST_AXES} axes at most, "
            f"got {degree!r} for {len(masses)} letters"
        )
    joint: FloatArray = reduce(np.multiply.outer, [masses] * points)
    return joint


def split_pmf(joint: ArrayLike) -> FloatArray:
    """The law of one point of split samples: the mean of the marginals.

    Parameters
    ----------
    joint : array_like, shape (k, …, k)
        The law Q of l points together; one axis for each.

    Returns
    -------
    ndarray, shape (k,)

    Raises
    ------
    ValueError
        If the axes differ in length, or the entries are no pmf.

    Examples
    --------
    The first point is always a, the second always b: both places collapse, and split Q is the target.
    The discriminator of merged points still sees the difference.

    >>> from modecollapse import packed_tv
    >>> target, joint = [0.5, 0.5], np.array([[0.0, 1.0], [0.0, 0.0]])
    >>> split_pmf(joint).tolist()
    [0.5, 0.5]
    >>> float(packed_tv((merge_pmf(target, 2).ravel(), joint.ravel()), 1))
    0.75
    """
    law = validation.real_array("joint", joint)
    if law.ndim == 0 or len(set(law.shape)) > 1:
        raise ValueError(f"joint must have axes of one length, one a point, got shape {law.shape}")
    validation.pmf("joint, flattened,", law.ravel())
    marginals = [np.moveaxis(law, place, 0).reshape(len(law), -1).sum(axis=1) for place in range(law.ndim)]
    return np.asarray(np.mean(marginals, axis=0))
