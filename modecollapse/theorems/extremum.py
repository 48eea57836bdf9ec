"""An extreme value over a class of pairs, with its certificate and its witness."""

from __future__ import annotations

from dataclasses import dataclass

from modecollapse.region import Region
from modecollapse.values import Value

ROUNDING = 2e-13
"""Allowance for the rounding of the evaluators, relative for values above 1, in every certified gap.

The half-planes of three letters err most: 1e-14 up to m = 10⁶ and 2e-13 at m = 10⁹. A sum over types errs by
at most 1e-13; docs/accuracy.md has what was measured. The rounding of a parameter to 2⁻⁵³ moves a value by at
most 2m(1+γ)2⁻⁵³, which is as much at m = 10³; beyond, the allowance covers the evaluators alone.
"""


@dataclass(frozen=True, eq=False)
class Extremum(Value):
    """An extreme value over a class of pairs, with its certificate and its witness.

    `modecollapse.plotting.draw_region` draws the `region` of the witness.

    Attributes
    ----------
    value : float
    gap : float
        The true extreme value is within `gap` of `value`.
    region : Region
        The witness: its packed divergence is the value.
    point : tuple of float
        The parameters of the witness in the family that was searched; empty where it is known.
    attained : bool
        Whether the witness belongs to the class. Where it does not, regions of the class tend to it.
    """

    value: float
    gap: float
    region: Region
    point: tuple[float, ...] = ()
    attained: bool = True
