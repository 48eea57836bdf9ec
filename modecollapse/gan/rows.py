"""Merging and splitting rows: PacGAN's packing, and VirtualGAN's merged samples.

Packing (PacGAN, arXiv:1712.04086 §2) and merging (VirtualGAN) are the same reshape of independent rows into
one. Only the discriminator receives packed rows. The generator emits merged rows itself.
`modecollapse.merging` says how splitting changes total variation.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from jax import Array

Rows = TypeVar("Rows", Array, np.ndarray)


def merge(rows: Rows, degree: int) -> Rows:
    """Join every `degree` consecutive rows into one, shape (n, d) to (n/degree, degree·d).

    Parameters
    ----------
    rows : array, shape (n, d)
        Points as rows.
    degree : int
        Number of rows to join: at least 1, a divisor of n.

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
    """Divide each row into `degree` rows, shape (n, degree·d) to (n·degree, d): the inverse of `merge`.

    Parameters
    ----------
    rows : array, shape (n, degree·d)
        Merged points.
    degree : int
        Number of rows from each row: at least 1, a divisor of the width.

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
