"""Theorems 3, 4 and 5 exactly as printed (PacGAN, arXiv:1712.04086v3, Section 4).

Each function is one of the paper's formulas on the paper's own parameter range, and refuses the rest.
Some printed statements are not the truth; the docstrings say where.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from modecollapse import validation
from modecollapse.errors import InfeasibleError
from modecollapse.packing.measures import PackedDivergence
from modecollapse.region import Region
from modecollapse.theorems import families, triangles
from modecollapse.theorems.boundaries import ABOVE, RISE, X
from modecollapse.theorems.classes import PairClass
from modecollapse.theorems.greatest.slopes import GreatestRegions
from modecollapse.theorems.greatest.supremum import supremum
from modecollapse.theorems.least import least_between
from modecollapse.theorems.regimes import THRESHOLD_TOLERANCE, collapse_is_possible
from modecollapse.values import Value

GAP = 1e-9
"""Certified distance of a searched optimum (L1, U1, U2) from the true one."""


@dataclass(frozen=True, eq=False)
class Optimum(Value):
    """The value of a printed formula, its arguments, and a pair that attains it.

    `modecollapse.plotting.draw_region` draws the `region` of the pair.

    Attributes
    ----------
    value : float
    alpha, beta : float or None
        The optimal parameters where the formula has them.
    region : Region
        The witness: its packed total variation is `value`.
    """

    value: float
    alpha: float | None
    beta: float | None
    region: Region

    def __float__(self) -> float:
        return self.value


def L(tau: float, m: int) -> Optimum:
    """Least d_TV(P^m, Q^m) over all pairs with d_TV(P, Q) = τ (Theorem 3); true as printed.

    Parameters
    ----------
    tau : float
        Total variation, 0 ≤ τ ≤ 1.
    m : int
        Packing degree ≥ 1.

    Returns
    -------
    Optimum
        ``alpha`` is the paper's α. Exact to rounding: a finite search over breakpoints, no grid.

    Raises
    ------
    ValueError
        If τ lies outside [0, 1] or m is not a positive integer.

    Examples
    --------
    >>> from modecollapse import paper
    >>> round(float(paper.L(0.11, 3)), 8)
    0.14633316
    """
    tau, m = validation.probability("tau", tau), validation.degree(m)
    return _least_triangle(tau, m, 0.0, 1 - tau)


def U(tau: float, m: int) -> Optimum:
    """Greatest d_TV(P^m, Q^m) over all pairs with d_TV(P, Q) = τ: 1 − (1−τ)^m (Theorem 3); true as printed.

    Also the maximum of Theorem 4. Parameters and errors as for `L`; exact to rounding.

    Examples
    --------
    >>> from modecollapse import paper
    >>> round(float(paper.U(0.11, 10)), 6)
    0.688183
    """
    tau, m = validation.probability("tau", tau), validation.degree(m)
    return Optimum(triangles.greatest_distance(tau, m), None, None, families.region(families.outer(tau)))


def L1(eps: float, delta: float, tau: float, m: int) -> Optimum:
    """Least d_TV(P^m, Q^m) over pairs with d_TV = τ and (ε,δ)-mode collapse, as printed in (9) (Theorem 4).

    Parameters
    ----------
    eps, delta : float
        0 ≤ ε < δ ≤ 1.
    tau : float
        δ − ε ≤ τ ≤ 1.
    m : int
        Packing degree ≥ 1.

    Returns
    -------
    Optimum
        The smaller of the inner1 and inner2 minima, within 1e-9 of the true minimum of the printed formula
        (certified); the inner2 part is exact.

    Raises
    ------
    InfeasibleError
        If τ < δ − ε, where no pair collapses.
    ValueError
        If a parameter is invalid.

    Notes
    -----
    Not always the truth: a third family (`families.inner0`) is missing, and inner2 is taken over triangles
    that do not collapse. The formula is exact where τ ≥ (δ−ε)/(1−ε), which covers the paper's plots, and
    can be too small below: (ε,δ,τ,m) = (.85,.95,.10,2) gives .10 for a true .18. For τ > (δ−ε)/δ the lower
    end of the printed range of inner2 is negative; the range is taken from α = 0 then.

    Examples
    --------
    >>> from modecollapse import paper
    >>> round(float(paper.L1(0.02, 0.1, 0.11, 5)), 5)
    0.31931
    """
    eps, delta = validation.collapse_point("(eps, delta)", (eps, delta))
    tau, m = validation.probability("tau", tau), validation.degree(m)
    gap = delta - eps
    if not collapse_is_possible(tau, eps, delta):
        raise InfeasibleError(
            f"Theorem 4 needs tau ≥ delta − eps = {gap:.12g} (collapse alone forces that), got tau={tau!r}"
        )
    right = eps * tau / gap
    triangle = _least_triangle(tau, m, 0.0, min(right, 1 - tau))
    if right < 1 - tau and m > 1:
        collapsing = PairClass(tau, collapse=(eps, delta))
        hull = least_between(collapsing, PackedDivergence("tv", m), right, 1 - tau, GAP)
        if hull.value < triangle.value:
            return Optimum(hull.value, 1 - tau - hull.point[0], None, hull.region)
    return triangle


def L2(eps: float, delta: float, tau: float, m: int) -> Optimum:
    """Least d_TV(P^m, Q^m) without (ε,δ)-collapse or augmentation, δ+ε ≤ 1, as printed (Theorem 5).

    Parameters
    ----------
    eps, delta : float
        0 ≤ ε < δ ≤ 1 with δ + ε ≤ 1.
    tau : float
        δ−ε ≤ τ ≤ (δ−ε)/(δ+ε).
    m : int
        Packing degree ≥ 1.

    Returns
    -------
    Optimum
        Exact to rounding: a finite search over breakpoints.

    Raises
    ------
    ValueError
        Outside the printed range, which the message names.

    Notes
    -----
    Not always the truth: tangent points beside the two forbidden points are missing, so the printed value
    can be too large for odd m: (.4,.5,.1,3) gives .148 for a true infimum of .13308. An infimum, not always
    a minimum.

    Examples
    --------
    >>> from modecollapse import paper
    >>> round(float(paper.L2(0.4, 0.5, 0.1, 3)), 6)
    0.148
    """
    return _middle_minimum(*_no_collapse_range("L2", eps, delta, tau, m))


def L3(eps: float, delta: float, tau: float, m: int) -> Optimum:
    """`L2` for δ + ε > 1 and δ−ε ≤ τ ≤ (δ−ε)/(2−δ−ε): (ε,δ) becomes (1−δ,1−ε) (Theorem 5, as printed).

    Examples
    --------
    >>> from modecollapse import paper
    >>> float(paper.L3(0.9, 0.96, 0.08, 4)) == float(paper.L2(1 - 0.96, 1 - 0.9, 0.08, 4))
    True
    """
    return _middle_minimum(*_no_collapse_range("L3", eps, delta, tau, m))


def U1(eps: float, delta: float, tau: float, m: int) -> Optimum:
    """Greatest d_TV(P^m, Q^m) without (ε,δ)-collapse or augmentation, δ+ε ≤ 1, as printed in (15).

    Parameters and errors as for `L2`.

    Returns
    -------
    Optimum
        The maximum over the hexagons (16), (17) in both α and β, within 1e-9 (certified). At τ = δ−ε
        and at ε = 0 the hexagons reach the full region, and the value is 1 − (1−τ)^m.

    Raises
    ------
    PrecisionError
        If the certificate cannot be had; it carries the best bracket.

    Notes
    -----
    Not always the truth: too small for δ−ε < τ < (δ−ε)/(1−ε), where (.2,.3,.11,2) gives .20163 for a true
    .20790; and never attained for m ≥ 2, since the optimal hexagon touches both forbidden points.

    Examples
    --------
    >>> from modecollapse import paper
    >>> round(float(paper.U1(0.05, 0.1, 0.11, 5)), 5)
    0.34916
    """
    return _hexagon_maximum(*_no_collapse_range("U1", eps, delta, tau, m))


def U2(eps: float, delta: float, tau: float, m: int) -> Optimum:
    """`U1` for δ + ε > 1 and δ−ε ≤ τ ≤ (δ−ε)/(2−δ−ε), as printed in (19): (ε,δ) becomes (1−δ,1−ε).

    Examples
    --------
    >>> from modecollapse import paper
    >>> round(float(paper.U2(0.9, 0.95, 0.11, 5)), 5)
    0.34916
    """
    return _hexagon_maximum(*_no_collapse_range("U2", eps, delta, tau, m))


def _no_collapse_range(name: str, eps: Any, delta: Any, tau: Any, m: Any) -> tuple[float, float, float, int]:
    """The parameters in the form δ + ε ≤ 1, τ ≥ δ−ε, if they lie in the printed range of one formula."""
    eps, delta = validation.collapse_point("(eps, delta)", (eps, delta))
    tau, m = validation.probability("tau", tau), validation.degree(m)
    below = name in ("L2", "U1")
    if below != (eps + delta <= 1 + THRESHOLD_TOLERANCE):
        other = {"L2": "L3", "L3": "L2", "U1": "U2", "U2": "U1"}[name]
        sign = "≤" if below else ">"
        raise ValueError(
            f"{name} is printed for delta + eps {sign} 1, got eps={eps!r}, delta={delta!r}; use {other}"
        )
    gap = delta - eps
    total, formula = (delta + eps, "delta+eps") if below else (2 - delta - eps, "2-delta-eps")
    if not gap - THRESHOLD_TOLERANCE <= tau <= gap / total + THRESHOLD_TOLERANCE:
        raise ValueError(
            f"{name} is printed for delta-eps ≤ tau ≤ (delta-eps)/({formula}), "
            f"here {gap:.12g} ≤ tau ≤ {gap / total:.12g}, got tau={tau!r}"
        )
    tau = min(max(tau, gap), gap / total)
    return (eps, delta, tau, m) if below else (1 - delta, 1 - eps, tau, m)


def _middle_minimum(eps: float, delta: float, tau: float, m: int) -> Optimum:
    low = eps * tau / (delta - eps)
    return _least_triangle(tau, m, low, max(low, 1 - tau - low))


def _hexagon_maximum(eps: float, delta: float, tau: float, m: int) -> Optimum:
    if eps == 0 or abs(tau - (delta - eps)) <= THRESHOLD_TOLERANCE:
        # the hexagon at the least α, β is the full region: 0/0 in print
        return U(tau, m)
    divergence = PackedDivergence("tv", m)
    alpha = beta = eps * tau / (delta - eps)
    pairs = PairClass(tau, no_collapse=(eps, delta), no_augmentation=(eps, delta))
    between = [x for x in pairs.tangents if eps < (x.low + x.high) / 2 < 1 - delta]
    if between:  # else τ is its greatest, which leaves one hexagon
        found = supremum(GreatestRegions(pairs, between), divergence, GAP)
        if not found.is_exact:
            raise found.precision_error()
        touching = found.boundary[found.boundary[:, RISE] >= tau - THRESHOLD_TOLERANCE]
        alpha, beta = max(alpha, touching[:, X].min()), max(beta, touching[:, ABOVE].min())
        beta = min(beta, 1 - tau - alpha)
    pair = families.outer1(eps, delta, alpha, beta, tau)
    return Optimum(float(divergence.values(*pair)), float(alpha), float(beta), families.region(pair))


def _least_triangle(tau: float, m: int, low: float, high: float) -> Optimum:
    """The least triangle with a tangent point x between two, and the paper's α = 1 − τ − x."""
    value, x = triangles.triangle_minimum(tau, m, low, high)
    return Optimum(value, 1 - tau - x, None, families.region(families.inner(1 - tau - x, tau)))
