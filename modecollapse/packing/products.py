"""Products of different pairs: P₁^m₁ ⊗ P₂^m₂ ⊗ … against Q₁^m₁ ⊗ Q₂^m₂ ⊗ …"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from modecollapse import validation
from modecollapse.arrays import Degree, Degrees
from modecollapse.brackets import Bracket
from modecollapse.packing import choice
from modecollapse.packing.distances import Method, packed_tv, packed_tv_bracket
from modecollapse.packing.letters import Factor, common_letters
from modecollapse.region import PairLike, Region, as_region

PRODUCTS: dict[str, Callable[[Sequence[Factor]], float]] = {
    "auto": choice.product_total_variation,
    "exact": choice.exact_product,
    "certified": choice.certified_product,
}


def product_tv(pairs: Sequence[PairLike], m: Degree | Degrees = 1, method: Method = "auto") -> float:
    """d_TV(⊗ Pᵢ^mᵢ, ⊗ Qᵢ^mᵢ): how well independent samples of several different pairs tell the P from the Q.

    Parameters
    ----------
    pairs : sequence of Region or pair (p, q)
        The factors, at least one; see `packed_tv`. Their alphabets may differ.
    m : int or sequence of int, default 1
        Samples of each factor, ≥ 1: one number for all factors, or one for each.
    method : {"auto", "exact", "certified"}, default "auto"
        "exact": all types of two halves of the factors. "certified": an estimate inside the bracket of
        `product_tv_bracket`. "auto": exact while either half has at most 2·10⁵ types, as for 34 different
        coins, else certified. (The exact distance is #P-hard in general.) Equal factors are counted together,
        and a product of equal factors is `packed_tv`.

    Returns
    -------
    float
        In [0, 1].

        Exact: rounding is the only error, 1e-12 relative to the distance.

        Certified: the proven bracket is 1e-10 √(1−φ²) wide with φ = Π (Σ√(pᵢqᵢ))^mᵢ, or the narrowest
        affordable, 1e-6 of the same at most.

    Raises
    ------
    ValueError
        If a pair, m or the method is invalid; if "exact" is asked for where a half has more than 10⁷ types.
    PrecisionError
        If a certified estimate would be worse than that; it carries the best bracket.

    See Also
    --------
    packed_tv : the product of equal pairs.

    Examples
    --------
    >>> import modecollapse as mc
    >>> coins = [([0.2, 0.8], [0.1, 0.9]), ([0.3, 0.7], [0.4, 0.6])]
    >>> round(mc.product_tv(coins), 12)
    0.12
    >>> round(mc.product_tv(coins, [3, 5]), 12)
    0.2609232

    Two samples in either order, as a relativistic discriminator sees them:

    >>> r = mc.Region.from_pmfs([0.2, 0.8], [0, 1])
    >>> round(mc.product_tv([r, r.mirror()]), 12)
    0.2
    """
    regions, degrees = _distinct(pairs, m, "product_tv([(p1, q1), (p2, q2)], m)")
    evaluate = PRODUCTS[validation.one_of("method", method, PRODUCTS)]
    if len(regions) == 1:
        return packed_tv(regions[0], degrees[0], method)
    return evaluate(_factors(regions, degrees))


def product_tv_bracket(pairs: Sequence[PairLike], m: Degree | Degrees = 1, width: float = 1e-8) -> Bracket:
    """A certified bracket of d_TV(⊗ Pᵢ^mᵢ, ⊗ Qᵢ^mᵢ), for any number of different pairs.

    The sums of `packed_tv_bracket` with the product of the characteristic functions of the factors in place
    of a power (docs/theory.md §7). Where half of the factors have at most 1000 types, these are summed.

    Parameters
    ----------
    pairs : sequence of Region or pair (p, q)
        The factors; see `product_tv`.
    m : int or sequence of int, default 1
        Samples of each factor; see `product_tv`.
    width : float, default 1e-8
        The greatest distance of the two ends, absolute.

    Returns
    -------
    Bracket
        ``lower`` ≤ d_TV ≤ ``upper``; rounding is accounted for.

    Raises
    ------
    PrecisionError
        If the width cannot be reached; it carries the best bracket and says what the rest would cost.
    ValueError
        If a pair, m or the width is invalid.

    Examples
    --------
    >>> import modecollapse as mc
    >>> heads = [0.5 + i / 10_000 for i in range(100)]
    >>> coins = [([h, 1 - h], [h + 0.01, 0.99 - h]) for h in heads]
    >>> lower, upper = mc.product_tv_bracket(coins)
    >>> lower < mc.product_tv(coins) < upper < lower + 1e-8
    True
    """
    regions, degrees = _distinct(pairs, m, "product_tv_bracket([(p1, q1), (p2, q2)], m)")
    width = validation.positive("width", width)
    if len(regions) == 1:
        return packed_tv_bracket(regions[0], degrees[0], width)
    return choice.product_bracket(_factors(regions, degrees), width)


def _distinct(
    pairs: Sequence[PairLike], m: Degree | Degrees, spelling: str
) -> tuple[list[Region], list[int]]:
    """The different factors, and the number of samples of each; of those with P = Q one at most is kept."""
    if isinstance(pairs, Region) or not hasattr(pairs, "__len__") or len(pairs) == 0:
        raise ValueError(
            f"expected a list of at least one Region or pair (p, q), got {pairs!r}; write {spelling}"
        )
    regions = [as_region(pair, spelling) for pair in pairs]
    degrees = validation.degrees(m)
    if degrees.shape not in ((), (len(regions),)):
        raise ValueError(
            f"m must be one number, or one for each of the {len(regions)} pairs, got shape {degrees.shape}"
        )
    counted: dict[tuple[bytes, ...], tuple[Region, int]] = {}
    for region, degree in zip(regions, np.broadcast_to(degrees, len(regions)).tolist(), strict=True):
        letters = region.p.tobytes(), region.q.tobytes(), region.difference.tobytes()
        counted[letters] = region, degree + counted.get(letters, (region, 0))[1]
    telling = [entry for entry in counted.values() if entry[0].difference.any()]
    distinct = telling or list(counted.values())[:1]
    return [region for region, _ in distinct], [validation.degree(degree) for _, degree in distinct]


def _factors(regions: Sequence[Region], degrees: Sequence[int]) -> list[Factor]:
    """The common letters of each factor with its number of samples; one factor without any settles all."""
    letters = map(common_letters, regions)
    factors = [Factor(common, degree) for common, degree in zip(letters, degrees, strict=True)]
    return [factor for factor in factors if len(factor.common.p) == 0][:1] or factors
