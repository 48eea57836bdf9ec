"""Hockey sticks of the product pair (P^m, Q^m) between two certain ends, also where they are tiny."""

from __future__ import annotations

from modecollapse import validation
from modecollapse.arrays import Degree
from modecollapse.brackets import Bracket
from modecollapse.divergence import validate_divergence
from modecollapse.errors import PrecisionError
from modecollapse.packing import choice
from modecollapse.packing.letters import common_letters
from modecollapse.region import PairLike, Region, RegionBracket, as_region

SHARE_OF_SUMS = 0.25
"""Part of the width that each end of a bracket of regions may add to the distance of the two regions."""


def packed_hockey_stick_bracket(
    pair: PairLike | RegionBracket, m: Degree, order: float, width: float = 1e-6, relative: bool = False
) -> Bracket:
    """A certified bracket of the hockey stick of (P^m, Q^m) at one order, for any alphabet.

    H(γ) = Σ (P^m − γQ^m)⁺ − (1−γ)⁺ is the δ of (ε, δ)-privacy at ε = log γ. Letters are put on a lattice of
    log ratios, once so that the region grows and once so that it shrinks, and the law of their sum is tilted
    to the order (docs/theory.md §7). So a δ of 1e-12 has as many digits as one of a half.

    Parameters
    ----------
    pair : Region, pair (p, q) of array_like, or RegionBracket
        Target and generator; see `packed_tv`. For continuous distributions take the bracket of
        `RegionBracket.from_ratio_cells`.
    m : int
        Packing degree ≥ 1.
    order : float
        γ ≥ 0.
    width : float, default 1e-6
        The greatest distance of the two ends.
    relative : bool, default False
        Whether the width is relative: ``upper − lower ≤ width · lower``.

    Returns
    -------
    Bracket
        ``lower`` ≤ H(γ) ≤ ``upper``; rounding is accounted for.

    Raises
    ------
    PrecisionError
        If the width cannot be reached: because of rounding, about 1e-12 m relative, because more than 4
        million points of the lattice would be needed, or because the regions of a bracket are too far apart.
        It carries the best bracket.
    ValueError
        If the pair, m, the order or the width is invalid.

    Examples
    --------
    >>> import math
    >>> response = [0.75, 0.25], [0.25, 0.75]     # randomised response, ε = log 3
    >>> lower, upper = packed_hockey_stick_bracket(response, 100, math.exp(90), 1e-3, relative=True)
    >>> lower < upper < 1.001 * lower
    True
    """
    m, width = validation.degree(m), validation.positive("width", width)
    validate_divergence("hockey_stick", order)
    if not isinstance(pair, RegionBracket):
        region = as_region(pair, "packed_hockey_stick_bracket((p, q), m, order)")
        return _bracket(region, m, float(order), width, relative)
    ends = [_bracket(region, m, float(order), SHARE_OF_SUMS * width, relative) for region in pair]
    bracket = Bracket(ends[0].lower, ends[1].upper)
    if bracket.width > (width * bracket.lower if relative else width):
        raise PrecisionError(
            f"the two regions have hockey sticks {bracket.width:.1e} apart, more than the width {width:g} "
            "that was asked for; take a finer bracket of regions",
            bracket,
        )
    return bracket


def _bracket(region: Region, m: int, order: float, width: float, relative: bool) -> Bracket:
    """The bracket for a Region; orders below 1 are those above 1 of the mirror image."""
    if order == 0:
        return Bracket(0.0, 0.0)
    if order < 1:  # Σ (γQ^m − P^m)⁺ = γ Σ (Q^m − P^m/γ)⁺
        within = width if relative else width / order
        lower, upper = _bracket(region.mirror(), m, 1 / order, within, relative)
        return Bracket(order * lower, order * upper)
    return choice.hockey_stick_bracket(common_letters(region), m, order, width, relative)
