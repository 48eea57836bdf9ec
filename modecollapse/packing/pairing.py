"""Pairing, as relativistic discriminators do it: a real and a generated sample, in either order."""

from __future__ import annotations

import math

import numpy as np

from modecollapse.region import PairLike, as_region


def pairing_tv(pair: PairLike) -> float:
    """d_TV(P⊗Q, Q⊗P): how well a discriminator tells which of two samples is real and which generated.

    It is 2·AUC − 1, where AUC is the area under the boundary of the region: twice the area between the
    boundary and the diagonal (docs/pairing.md). At total variation τ it lies in [τ, 2τ−τ²], as d_TV(P², Q²)
    does.

    Parameters
    ----------
    pair : Region or pair (p, q) of array_like, shape (k,)
        Target and generator; see `packed_tv`.

    Returns
    -------
    float
        In [0, 1]; the relative error is about 1e-15.

    Raises
    ------
    ValueError
        If the pair is invalid.

    Examples
    --------
    >>> import modecollapse as mc
    >>> dropped = mc.Region.from_pmfs([0.2, 0.8], [0, 1])
    >>> round(mc.pairing_tv(dropped), 12), round(mc.packed_tv(dropped, 2), 12)
    (0.2, 0.36)
    """
    region = as_region(pair, "pairing_tv((p, q))")
    # a letter of masses p, q after corner (X, Y) adds the triangle Yq − Xp, that is (Y−X)q − X(p−q)
    rise = np.append(0.0, np.cumsum(region.difference)[:-1])
    x = np.append(0.0, np.cumsum(region.q)[:-1])
    return min(math.fsum(rise * region.q - x * region.difference), 1.0)
