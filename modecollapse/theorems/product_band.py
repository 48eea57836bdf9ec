"""Theorem 3 for different pairs: the range of the distance of products with given total variations.

The least regions of each factor are triangles of apex (x, x+τ), as in Theorem 3. For a fixed test of the
product the power P(T) − Q(T) is linear in the x of each factor. So over a box of apexes it is least at a
corner, and the distance, the greatest power, is at least that of any one test (docs/theory.md §3).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from modecollapse import notebook, validation
from modecollapse.arrays import FloatArray
from modecollapse.brackets import Bracket
from modecollapse.errors import PrecisionError
from modecollapse.region import Region
from modecollapse.svg import bracket_svg
from modecollapse.theorems import families
from modecollapse.theorems.band import validate_gap
from modecollapse.theorems.covers import Cells
from modecollapse.values import Value

MOST_FACTORS = 10
"""Products of more factors are refused: each box costs 2^k outcomes at 2^k corners."""

MOST_NUMBERS = 2**24
"""The search gives up when its boxes need more numbers at once, 128 MB."""

ROUNDING = 1e-14
"""Allowance for the rounding of sums over 2^k outcomes."""


@dataclass(frozen=True, eq=False, repr=False)
class ProductBand(Value):
    """The range of d_TV(⊗Pᵢ, ⊗Qᵢ) over all pairs with d_TV(Pᵢ, Qᵢ) = τᵢ.

    `modecollapse.plotting.draw_region` draws each factor at either end.

    Attributes
    ----------
    taus : tuple of float
        The distances of the factors.
    lower, upper : float
        The least and the greatest distance; both are attained.
    lower_gap, upper_gap : float
        Certificates: the true ends are within these of `lower` and `upper`.
    lower_regions, upper_regions : tuple of Region
        Factors whose products have the two distances.
    """

    taus: tuple[float, ...]
    lower: float
    upper: float
    lower_gap: float
    upper_gap: float
    lower_regions: tuple[Region, ...]
    upper_regions: tuple[Region, ...]

    def to_dict(self) -> dict[str, float | list[float]]:
        """The distances of the factors, and the ends with their gaps."""
        ends = {name: getattr(self, name) for name in ("lower", "lower_gap", "upper", "upper_gap")}
        return {"taus": [*self.taus], **ends}

    def _repr_html_(self) -> str:
        """The ends, the pairs that attain them and a picture of these, for notebooks."""
        rows = [("least distance", f"{self.lower:.6g}"), ("greatest distance", f"{self.upper:.6g}")]
        rows.append(("gap", f"{max(self.lower_gap, self.upper_gap):.1e}"))
        factors = [
            (f"{tau:.6g}", repr(least), repr(greatest))
            for tau, least, greatest in zip(self.taus, self.lower_regions, self.upper_regions, strict=True)
        ]
        header = ("τ of the factor", "at the least distance", "at the greatest")
        picture = bracket_svg(
            [region.vertices for region in self.lower_regions],
            [region.vertices for region in self.upper_regions],
            (self.lower, self.upper),
            "Factors of the product at its least distance, and dashed at its greatest",
        )
        return notebook.beside(notebook.table(rows), notebook.table(factors, header), picture)

    def __repr__(self) -> str:
        return f"<ProductBand [{self.lower:.6g}, {self.upper:.6g}] of {len(self.taus)} factors>"


def product_band(taus: Sequence[float], *, gap: float = 1e-4) -> ProductBand:
    """The range of d_TV(P₁⊗…⊗P_k, Q₁⊗…⊗Q_k) over all pairs with d_TV(Pᵢ, Qᵢ) = τᵢ.

    The greatest is 1 − Π(1−τᵢ). The least is found by a certified search over one parameter a factor. Where
    all τᵢ are equal it was that of Theorem 3 in all cases tried.

    Parameters
    ----------
    taus : sequence of float
        The distances τᵢ of one to ten factors, each in [0, 1].
    gap : float, default 1e-4
        Certified width of the lower end, at least 1e-12. Four different factors take a second for 1e-5.

    Returns
    -------
    ProductBand

    Raises
    ------
    PrecisionError
        If `gap` cannot be certified; it carries the best bracket of the least distance.
    ValueError
        If a τ lies outside [0, 1], or there are none or more than ten.

    Examples
    --------
    >>> import modecollapse as mc
    >>> mc.product_band([0.11, 0.11, 0.11], gap=1e-6)
    <ProductBand [0.146333, 0.295031] of 3 factors>
    >>> mc.product_band([0.1, 0.3])  # the second factor decides alone
    <ProductBand [0.3, 0.37] of 2 factors>
    """
    tau = validation.probabilities("taus", taus)
    if tau.ndim != 1 or not 1 <= tau.size <= MOST_FACTORS:
        raise ValueError(f"taus must be a list of 1 to {MOST_FACTORS} numbers, got shape {tau.shape}")
    validate_gap(gap)
    order = np.argsort(tau, kind="stable")
    found, x = _least(tau[order], gap)
    apexes = np.empty_like(x)
    apexes[order] = x
    least, greatest = families.inner(1 - tau - apexes, tau), families.one_sided(tau)
    with np.errstate(divide="ignore"):
        upper = float(-np.expm1(np.log1p(-tau).sum())) if len(tau) > 1 else float(tau[0])
    upper = max(upper, found.upper)
    return ProductBand(
        tuple(tau.tolist()),
        found.upper,
        upper,
        found.width + ROUNDING,
        ROUNDING,
        *(tuple(Region.from_pmfs(p, q) for p, q in zip(*pair, strict=True)) for pair in (least, greatest)),
    )


def _least(tau: FloatArray, gap: float) -> tuple[Bracket, FloatArray]:
    """A bracket of the least distance, for rising τᵢ, and apexes that have its upper end.

    Factors of equal τ can change places, so their apexes are taken to rise.
    """
    boxes = Cells(np.zeros((1, len(tau))), (1 - tau)[None])
    best, best_x, certain = math.inf, boxes.low[0], math.inf
    while len(boxes.low):
        middle = (boxes.low + boxes.high) / 2
        values = _distances(middle, tau)
        if values.min() < best:
            best, best_x = float(values.min()), middle[values.argmin()]
        bounds = _bounds(boxes, tau)
        keep = bounds < best - gap
        certain = float(bounds[~keep].min(initial=certain))
        if keep.sum() * 4 ** len(tau) > MOST_NUMBERS:
            bracket = Bracket(min(certain, float(bounds.min())), best)
            raise PrecisionError(
                f"the least distance is only known to lie in [{bracket.lower:.12g}, {bracket.upper:.12g}]; "
                f"ask for a wider gap than {gap:g}",
                bracket,
            )
        boxes = _halves(boxes.only(keep), tau)
    return Bracket(min(certain, best), best), best_x


def _halves(boxes: Cells, tau: FloatArray) -> Cells:
    """Both halves of each box along its longest side, less those in which equal factors cannot rise."""
    rows, axis = np.arange(len(boxes.low)), (boxes.high - boxes.low).argmax(axis=1)
    low, high = boxes.low.copy(), boxes.high.copy()
    low[rows, axis] = high[rows, axis] = ((boxes.low + boxes.high) / 2)[rows, axis]
    both = Cells(np.concatenate([boxes.low, low]), np.concatenate([high, boxes.high]))
    equal = tau[:-1] == tau[1:]
    return both.only(((both.low[:, :-1] <= both.high[:, 1:]) | ~equal).all(axis=1))


def _bounds(boxes: Cells, tau: FloatArray) -> FloatArray:
    """The least power over each box of the test that is best in its middle, or of that of the last factor."""
    middle = (boxes.low + boxes.high) / 2
    tests = (_difference(middle, tau) > 0).astype(float)
    ends = [_letters(end, tau) for end in (boxes.low, boxes.high)]
    powers = [_at_corners(tests, np.stack(side, axis=2)) for side in zip(*ends, strict=True)]
    return np.maximum((powers[0] - powers[1]).min(axis=1), tau[-1])


def _at_corners(tests: FloatArray, letters: FloatArray) -> FloatArray:
    """The masses of tests of the product at all corners of boxes, shape (N, 2^k).

    `letters` has the masses of both letters of each factor at both ends of its interval, shape (N, k, 2, 2).
    One factor after another is summed over.
    """
    masses = tests
    for factor in range(letters.shape[1]):
        masses = masses.reshape(len(tests), 2, -1)
        masses = np.einsum("nce,ner->nrc", letters[:, factor], masses)
    return masses.reshape(len(tests), -1)


def _distances(x: FloatArray, tau: FloatArray) -> FloatArray:
    return np.asarray(np.maximum(_difference(x, tau), 0.0).sum(axis=1))


def _difference(x: FloatArray, tau: FloatArray) -> FloatArray:
    """P − Q of all outcomes of the products of triangles of apex x, shape (N, 2^k)."""
    p, q = (_product(side) for side in _letters(x, tau))
    return p - q


def _letters(x: FloatArray, tau: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The masses of both letters of each triangle, shape (N, k, 2)."""
    return np.stack([x + tau, np.maximum(1 - x - tau, 0.0)], axis=-1), np.stack([x, 1 - x], axis=-1)


def _product(letters: FloatArray) -> FloatArray:
    masses = np.ones((len(letters), 1))
    for factor in range(letters.shape[1]):
        masses = (masses[:, :, None] * letters[:, factor, None, :]).reshape(len(letters), -1)
    return masses
