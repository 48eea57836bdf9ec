"""Fewer corners for pictures: a boundary with many, thinned to the pixels that it visits."""

from __future__ import annotations

import numpy as np

from modecollapse.arrays import FloatArray


def thinned(corners: FloatArray) -> FloatArray:
    """The first corner of each pixel that a boundary visits, and its end.

    Parameters
    ----------
    corners : ndarray, shape (n, 2)
        In pixels, in order along the boundary, which rises or falls in each coordinate.

    Returns
    -------
    ndarray, shape (k, 2)
        Some of the corners, exact, so that a concave boundary stays concave. In a picture of w by h pixels
        there are at most w + h + 2.

    Notes
    -----
    A corner left out lies in the same pixel as one that is kept, so that it is less than a pixel away in
    each coordinate. The line drawn is as near to the boundary.

    Examples
    --------
    >>> thinned(np.array([[0.2, 0.1], [0.4, 0.7], [0.9, 0.8], [1.5, 0.9], [1.6, 0.95]])).tolist()
    [[0.2, 0.1], [1.5, 0.9], [1.6, 0.95]]
    """
    enters = (np.diff(np.floor(corners), axis=0) != 0).any(axis=1)
    kept = np.concatenate([[True], enters])
    kept[-1] = True
    return corners[kept]
