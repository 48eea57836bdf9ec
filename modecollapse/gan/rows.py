"""Joining and parting rows: packing for the discriminator, merging and splitting for the generator.

Packing (PacGAN, arXiv:1712.04086 §2) and merging (VirtualGAN) are one reshape, of m or l independent rows
into one. They differ in who sees it: packed rows only the discriminator, merged rows the generator too. What
splitting does to total variation is in `modecollapse.merging`.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from jax import Array

Rows = TypeVar("Rows", Array, np.ndarray)


def merge(rows: Rows, degree: int) -> Rows:
    """Every `degree` rows in a row, shape (n, d) to (n/degree, degree·d).

    Parameters
    ----------
    rows : array, shape (n, d)
        Points as rows.
    degree : int
        At least 1; n must be a multiple of it.

    Raises
    ------
    ValueError
        If `degree` does not divide n.

    Examples
    --------
    >>> merge(np.array([[1, 2], [3, 4], [5, 6], [7, 8]]), 2).tolist()
    [[1, 2, 3, 4], [5, 6, 7, 8]]
    """
    n, width = rows.shape
    if degree < 1 or n % degree:
        raise ValueError(f"degree must be a divisor of the {n} rows, at least 1, got {degree!r}")
    return rows.reshape(n // degree, degree * width)


def split(rows: Rows, degree: int) -> Rows:
    """Each row in `degree` rows, shape (n, degree·d) to (n·degree, d): undoes `merge`.

    Parameters
    ----------
    rows : array, shape (n, degree·d)
        Merged points.
    degree : int
        At least 1; the width must be a multiple of it.

    Raises
    ------
    ValueError
        If `degree` does not divide the rows' width.

    Examples
    --------
    >>> split(np.array([[1, 2, 3, 4], [5, 6, 7, 8]]), 2).tolist()
    [[1, 2], [3, 4], [5, 6], [7, 8]]
    """
    n, width = rows.shape
    if degree < 1 or width % degree:
        raise ValueError(f"degree must be a divisor of the width {width}, at least 1, got {degree!r}")
    return rows.reshape(n * degree, width // degree)
