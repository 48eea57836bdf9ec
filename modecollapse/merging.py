"""Merged samples (VirtualGAN): the joint law of l points, and the law of one point after splitting.

VirtualGAN merges l independent points of the target into one, and trains a generator Q of merged points
against P^l. Then it splits the generated points. Splitting is a garbling: draw one of the l positions at
random, and keep the point there. It maps P^l to P, and Q to split Q, the mean of the marginals of Q. So for
every joint law Q

    R(P, split Q) ⊆ R(P^l, Q),    d_TV(P, split Q) ≤ d_TV(P^l, Q),

and the same inequality holds for every f-divergence (docs/theory.md §1, dominance). The converse fails:
split Q can be P itself although Q collapses in each position, as in the example of `split_pmf`.
"""

from __future__ import annotations

from functools import reduce

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import validation
from modecollapse.arrays import FloatArray

MOST_AXES = 32
"""Greatest number of axes of a joint law: that of numpy before 2.0."""

MOST_ENTRIES = 10**8
"""Greatest number of entries of a joint law: 800 MB."""


def merge_pmf(pmf: ArrayLike, degree: int) -> FloatArray:
    """The joint law P^l of l independent points.

    Parameters
    ----------
    pmf : array_like, shape (k,)
        The law P of one point.
    degree : int
        The number l ≥ 1 of merged points.

    Returns
    -------
    ndarray, shape (k, …, k)
        Masses of the joint law; it has l axes.

    Raises
    ------
    ValueError
        If `pmf` is not a pmf, if `degree` is not an integer ≥ 1, or if the joint law has more than 32 axes or
        10⁸ entries.

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
    """The law of one point after splitting: the mean of the marginals.

    Parameters
    ----------
    joint : array_like, shape (k, …, k)
        The joint law Q of l points, one axis for each.

    Returns
    -------
    ndarray, shape (k,)
        A pmf.

    Raises
    ------
    ValueError
        If the axes differ in length, or the entries are not a pmf.

    Examples
    --------
    The first point is always a, and the second always b. Both positions collapse, and split Q is the
    target. The discriminator of merged points still detects the difference.

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
    marginals = [np.moveaxis(law, axis, 0).reshape(len(law), -1).sum(axis=1) for axis in range(law.ndim)]
    return np.asarray(np.mean(marginals, axis=0))
