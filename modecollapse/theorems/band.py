"""The range of D(P^m‖Q^m) over a class of pairs, with witnesses and certified gaps.

Theorems 3, 4 and 5 are three instances (docs/theory.md §§3–5, 9). Where the paper's theorems hold, `paper`
gives the same numbers. Where they do not, this module is right and the printed formulas are not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar, overload

import numpy as np

from modecollapse import notebook, validation
from modecollapse.arrays import BoolArray, Degree, Degrees, FloatArray, IntArray, RegionArray
from modecollapse.divergence import DivergenceName, validate_divergence
from modecollapse.errors import InfeasibleError
from modecollapse.packing.measures import PackedDivergence
from modecollapse.region import Region
from modecollapse.svg import range_svg
from modecollapse.table import DIGITS, Table
from modecollapse.theorems import certificate as certificates
from modecollapse.theorems import regimes
from modecollapse.theorems.classes import SPELLING, PairClass, Points
from modecollapse.theorems.ends import greatest_end, least_end
from modecollapse.theorems.extremum import Extremum
from modecollapse.theorems.greatest.members import Members
from modecollapse.values import Value

if TYPE_CHECKING:
    from pandas import DataFrame

Column: TypeAlias = list[int] | list[float] | list[bool]
"""A column of a band: an entry for each m."""

ENDS = ("lower", "upper")

END_NAMES = {"lower": ("inf", "min"), "upper": ("sup", "max")}
"""The name of each end of a range: where it is only approached, and where a pair of the class attains it."""


def end_name(end: str, attained: bool) -> str:
    """“min” or “inf” for the lower end of a range, “max” or “sup” for the upper.

    Examples
    --------
    >>> end_name("lower", True), end_name("upper", False)
    ('min', 'sup')
    """
    return END_NAMES[end][attained]


DegreesT = TypeVar("DegreesT")
ValuesT = TypeVar("ValuesT")
FlagsT = TypeVar("FlagsT")
RegionsT = TypeVar("RegionsT")


@dataclass(frozen=True, eq=False, repr=False)
class Band(Value, Generic[DegreesT, ValuesT, FlagsT, RegionsT]):
    """The range of a packed divergence over a class of pairs, for one m or for many.

    `modecollapse.plotting.draw_band` draws it. For one m every attribute is a single value (`ScalarBand`);
    for many it is an array of the shape of m (`ArrayBand`).

    Attributes
    ----------
    m : int or ndarray of int
        Packing degrees, as asked for.
    lower, upper : float or ndarray
        Infimum and supremum; ``lower <= upper`` always.
    lower_gap, upper_gap : float or ndarray
        Certificates, which include rounding: the true infimum is within lower_gap of lower, the true
        supremum within upper_gap of upper.
    lower_attained, upper_attained : bool or ndarray of bool
        Whether the witness belongs to the class. Where it does not, the value is approached along regions
        of the class that tend to the witness. A member that only comes close to a supremum is no witness of
        it, however wide the gap. Values that agree to rounding are one value. Where an end rounds to the
        greatest value that any pair has, overlaps tell members apart up to m = 1000; beyond, the flags of
        such an end say nothing.
    lower_regions, upper_regions : Region or ndarray of Region
        Witnesses: their packed divergence is the value. Their total variation is τ where that is
        fixed.
    regime : str
        The case of the parameters, by name; empty for a class of pairs that is no case of Theorems 3–5.
    statement : str
        The theorem on which the range rests.
    pairs : PairClass, optional
        The class; None for a range that is not over a `PairClass`.
    divergence : str
        What is measured, by the name that `Region.divergence` gives it.
    """

    m: DegreesT
    lower: ValuesT
    upper: ValuesT
    lower_gap: ValuesT
    upper_gap: ValuesT
    lower_attained: FlagsT
    upper_attained: FlagsT
    lower_regions: RegionsT
    upper_regions: RegionsT
    regime: str
    statement: str
    pairs: PairClass | None = None
    divergence: DivergenceName = "tv"

    def __repr__(self) -> str:
        name = self.regime or "a class of pairs"
        if np.ndim(self.m) == 0:  # type: ignore[arg-type]
            lower, upper = self._named_ends(6)
            return f"<Band [{lower[0]}, {upper[0]}] at m = {self.m}, {name}>"
        count = np.size(self.m)  # type: ignore[arg-type]
        return f"<Band of {count} {'degree' if count == 1 else 'degrees'}, {name}>"

    def certificate(self) -> str:
        """The range as a file that `modecollapse verify` proves again, in exact arithmetic.

        Returns
        -------
        str
            JSON: the class, m, both ends with their gaps, and a member within the gap of each. See
            docs/certificates.md.

        Raises
        ------
        ValueError
            If the band is of many m (a certificate is about one), of another divergence than the total
            variation, over no `PairClass`, or of a class with more than two forbidden points that matter.

        Examples
        --------
        >>> import modecollapse as mc
        >>> print(mc.tv_band(0.25, 2).certificate()[:75])
        {
          "format": "modecollapse certificate 1",
          "class": {
            "tau": "0.25"
        """
        m, pairs = self.m, self.pairs
        if not isinstance(m, int):
            raise ValueError(f"a certificate is about one packing degree, got a band at {np.size(m)}")  # type: ignore[arg-type]
        if self.divergence != "tv" or pairs is None:
            raise ValueError(
                f"a certificate is about the total variation of a class of pairs, got {self.divergence!r}"
                + (" over no class" if pairs is None else "")
            )
        lower = certificates.End(self.lower, self.lower_gap, self.lower_regions)  # type: ignore[arg-type]
        upper = certificates.End(self.upper, self.upper_gap, self.upper_regions)  # type: ignore[arg-type]
        return certificates.certificate(pairs, m, lower, upper)

    def _repr_html_(self) -> str:
        """The table, and a picture where all ends are finite, for notebooks."""
        table, columns = self.table()._repr_html_(), self.to_dict()
        rows = sorted(zip(columns["m"], columns["lower"], columns["upper"], strict=True))
        if not rows or not np.isfinite(columns["upper"]).all():
            return table
        name = "total variation" if self.divergence == "tv" else self.divergence.replace("_", " ")
        m, lower, upper = zip(*rows, strict=True)
        return notebook.beside(table, range_svg(m, lower, upper, name))

    def to_frame(self) -> DataFrame:
        """The columns of `to_dict` as a `pandas.DataFrame`; ImportError if pandas is not installed."""
        return Table(self.to_dict()).to_frame()  # type: ignore[arg-type]

    def to_latex(self) -> str:
        """The `table` in LaTeX, with the rules of booktabs."""
        return self.table().to_latex()

    def to_dict(self) -> dict[str, Column]:
        """The degrees, the ends, their gaps and whether they are attained: columns with an entry for each m.

        Examples
        --------
        >>> import modecollapse as mc
        >>> found = mc.tv_band(0.11, [1, 2]).to_dict()
        >>> list(found)
        ['m', 'lower', 'lower_gap', 'lower_attained', 'upper', 'upper_gap', 'upper_attained']
        >>> found["upper_attained"]
        [True, True]
        """
        names = ["m", *(f"{end}{what}" for end in ENDS for what in ("", "_gap", "_attained"))]
        return {name: np.ravel(getattr(self, name)).tolist() for name in names}

    def table(self) -> Table:
        """The band for readers, a row for each m: each end under its name, and the wider of the two gaps.

        An end that is attained is a “min” or a “max”. One that is only approached is an “inf” or a “sup”.

        Examples
        --------
        >>> import modecollapse as mc
        >>> pairs = mc.PairClass(0.11, no_collapse=(0, 0.1), no_augmentation=(0, 0.1))
        >>> print(mc.band(pairs, [1, 2]).table().text())
        m     lower       upper      gap
        1  min 0.11    max 0.11  2.0e-13
        2  min 0.11  sup 0.2079  2.0e-13
        """
        lower, upper = self._named_ends(DIGITS)
        columns = self.to_dict()
        gaps = map(max, columns["lower_gap"], columns["upper_gap"])
        cells = columns["m"], lower, upper, [f"{gap:.1e}" for gap in gaps]
        return Table(dict(zip(("m", "lower", "upper", "gap"), map(np.array, cells), strict=True)))

    def _named_ends(self, digits: int) -> tuple[list[str], list[str]]:
        """The ends at each m as text: name and value."""
        columns = self.to_dict()
        lower, upper = (
            [
                f"{end_name(end, bool(attained))} {'∞' if value == np.inf else f'{value:.{digits}g}'}"
                for attained, value in zip(columns[f"{end}_attained"], columns[end], strict=True)
            ]
            for end in ENDS
        )
        return lower, upper


ScalarBand: TypeAlias = Band[int, float, bool, Region]
"""The band at one packing degree."""

ArrayBand: TypeAlias = Band[IntArray, FloatArray, BoolArray, RegionArray]
"""The band at many packing degrees."""


@dataclass(frozen=True)
class Case:
    """A regime: its name, its statement, its two ends as functions of the divergence, and its class."""

    regime: str
    statement: str
    lower: Callable[[PackedDivergence], Extremum]
    upper: Callable[[PackedDivergence], Extremum]
    pairs: PairClass | None = None


@overload
def band(
    pairs: PairClass,
    m: Degree,
    *,
    divergence: DivergenceName = "tv",
    order: float = 1.0,
    gap: float | None = None,
) -> ScalarBand: ...
@overload
def band(
    pairs: PairClass,
    m: Degrees,
    *,
    divergence: DivergenceName = "tv",
    order: float = 1.0,
    gap: float | None = None,
) -> ArrayBand: ...
@overload
def band(
    pairs: PairClass,
    m: Degree | Degrees,
    *,
    divergence: DivergenceName = "tv",
    order: float = 1.0,
    gap: float | None = None,
) -> ScalarBand | ArrayBand: ...
def band(
    pairs: PairClass,
    m: Degree | Degrees,
    *,
    divergence: DivergenceName = "tv",
    order: float = 1.0,
    gap: float | None = None,
) -> ScalarBand | ArrayBand:
    """The range of D(P^m‖Q^m) over a class of pairs.

    Parameters
    ----------
    pairs : PairClass
        The class: conditions on the region of (P, Q).
    m : int or array_like of int
        Packing degrees ≥ 1, any shape.
    divergence : str, default "tv"
        What to measure between P^m and Q^m: any name known to `Region.divergence`.
    order : float, default 1
        The order γ ≥ 0 for "hockey_stick".
    gap : float, optional
        Certified width of the searched ends, at least 1e-12, relative for values above 1. By default, for
        total variation and hockey sticks, 1e-9 in one parameter (lower ends, and upper ends with one
        forbidden point that matters) and 1e-8 in more; for other divergences 1e-8 and 1e-5. With four
        such points or more the default is sought and not promised: the gap says how far the search came.
        Closed forms and the total variations of least triangles up to m = 10⁷ are exact but for rounding.

    Returns
    -------
    Band
        Of numbers for one m (`ScalarBand`), of arrays of the shape of `m` for many (`ArrayBand`).

    Raises
    ------
    InfeasibleError
        If no pair meets the conditions; the message says which exclude each other.
    PrecisionError
        If `gap` cannot be certified; it carries the best bracket.
    ValueError
        If a parameter is invalid, or m is too large for the divergence.

    Examples
    --------
    >>> import modecollapse as mc
    >>> pairs = mc.PairClass(tau=0.18, no_collapse=(0.5, 0.6))
    >>> mc.band(pairs, 3)
    <Band [inf 0.355752, max 0.448632] at m = 3, a class of pairs>
    >>> mc.band(pairs, [1, 3]).lower.round(6).tolist()
    [0.18, 0.355752]
    """
    validation.instance("pairs", pairs, PairClass, SPELLING)
    degrees = validation.degrees(m)
    validate_divergence(divergence, order)
    validate_gap(gap)
    if pairs.why_empty is not None:
        raise InfeasibleError(pairs.why_empty)
    measures = [PackedDivergence(divergence, int(degree), float(order)) for degree in degrees.ravel()]
    members = Members(pairs)
    case = Case(
        pairs.regime or "",
        _STATEMENTS[pairs.regime],
        lambda divergence: least_end(pairs, divergence, gap),
        lambda divergence: greatest_end(pairs, divergence, gap, members),
        pairs,
    )
    return tabulate(degrees, measures, case)


@overload
def tv_band(
    tau: float,
    m: Degree,
    *,
    collapse: Points = None,
    augmentation: Points = None,
    no_collapse: Points = None,
    no_augmentation: Points = None,
    divergence: DivergenceName = "tv",
    order: float = 1.0,
    gap: float | None = None,
) -> ScalarBand: ...
@overload
def tv_band(
    tau: float,
    m: Degrees,
    *,
    collapse: Points = None,
    augmentation: Points = None,
    no_collapse: Points = None,
    no_augmentation: Points = None,
    divergence: DivergenceName = "tv",
    order: float = 1.0,
    gap: float | None = None,
) -> ArrayBand: ...
@overload
def tv_band(
    tau: float,
    m: Degree | Degrees,
    *,
    collapse: Points = None,
    augmentation: Points = None,
    no_collapse: Points = None,
    no_augmentation: Points = None,
    divergence: DivergenceName = "tv",
    order: float = 1.0,
    gap: float | None = None,
) -> ScalarBand | ArrayBand: ...
def tv_band(
    tau: float,
    m: Degree | Degrees,
    *,
    collapse: Points = None,
    augmentation: Points = None,
    no_collapse: Points = None,
    no_augmentation: Points = None,
    divergence: DivergenceName = "tv",
    order: float = 1.0,
    gap: float | None = None,
) -> ScalarBand | ArrayBand:
    """The range of D(P^m‖Q^m) over the pairs with d_TV(P, Q) = τ that collapse, or do not, at given points.

    It is the short form of ``band(PairClass(tau, collapse=…, …), m, …)``.

    Parameters
    ----------
    tau : float
        0 ≤ τ ≤ 1.
    m : int or array_like of int
        Packing degrees ≥ 1, any shape.
    collapse, augmentation : (eps, delta) or list of such, optional
        Points of (ε,δ)-mode collapse and augmentation that every pair has, 0 ≤ ε < δ ≤ 1. A single point is
        Theorem 4.
    no_collapse, no_augmentation : (eps, delta) or list of such, optional
        Points that no pair has. Theorem 5 gives one point to both.
    divergence, order, gap
        As for `band`.

    Returns
    -------
    Band
        Of numbers for one m (`ScalarBand`), of arrays of the shape of `m` for many (`ArrayBand`). At m = 1
        both ends of the total variation are τ, exactly.

    Raises
    ------
    InfeasibleError, PrecisionError, ValueError
        As for `band` and `PairClass`.

    Examples
    --------
    >>> import modecollapse as mc
    >>> band = mc.tv_band(0.11, [1, 2, 5], collapse=(0.02, 0.1))
    >>> band.lower.round(5).tolist(), band.upper.round(5).tolist()
    ([0.11, 0.16249, 0.31931], [0.11, 0.2079, 0.44159])
    >>> mc.tv_band(0.11, [1, 2], divergence="js").upper.round(5).tolist()
    [0.07625, 0.14411]
    >>> mc.tv_band(0.11, 2)
    <Band [min 0.11, max 0.2079] at m = 2, all pairs>
    """
    if tau is None or np.ndim(tau) > 0:
        raise ValueError(
            f"tau must be a single number, got {tau!r}; for an interval, or for any distance, write "
            "band(PairClass((low, high), …), m) or band(PairClass(…), m)"
        )
    pairs = PairClass(
        validation.probability("tau", tau),
        collapse=collapse,
        augmentation=augmentation,
        no_collapse=no_collapse,
        no_augmentation=no_augmentation,
    )
    return band(pairs, m, divergence=divergence, order=order, gap=gap)


_STATEMENTS = {
    regimes.ALL_PAIRS: "Theorem 3",
    regimes.COLLAPSE: (
        "Theorem 4, with the hulls of a collapse point right of the tangent point added (docs/theory.md §4)"
    ),
    regimes.TOO_CLOSE: "τ < δ−ε excludes collapse and augmentation: Theorem 3",
    regimes.SIDE: "Theorem 5 with tangent points beside the forbidden points added (docs/theory.md §5)",
    regimes.MIDDLE: "Theorem 5, as a supremum (docs/theory.md §5)",
    regimes.ZERO_WIDTH: (
        "Theorem 5 at ε = 0 or δ = 1: the full region is approached, never reached (docs/theory.md §5)"
    ),
    None: "least and greatest regions of a class of pairs (docs/theory.md §9)",
}
"""The statements on which the ranges rest, by the paper's name of the case, if it has one."""


def validate_gap(gap: float | None) -> None:
    """Refuse a gap that no double-precision search can certify."""
    if gap is not None and validation.number("gap", gap) < 1e-12:
        raise ValueError(f"gap must be at least 1e-12, got {gap!r}")


def tabulate(m: IntArray, measures: list[PackedDivergence], case: Case) -> ScalarBand | ArrayBand:
    """The band of a case, one m a measure: of numbers where m has no axes, else of arrays."""
    ends = [_in_order(case.lower(divergence), case.upper(divergence)) for divergence in measures]
    if m.ndim == 0:
        ((lower, upper),) = ends
        return Band(
            int(m),
            lower.value,
            upper.value,
            lower.gap,
            upper.gap,
            lower.attained,
            upper.attained,
            lower.region,
            upper.region,
            case.regime,
            case.statement,
            case.pairs,
            measures[0].name,
        )
    lowers, uppers = [lower for lower, _ in ends], [upper for _, upper in ends]
    return Band(
        m,
        np.array([end.value for end in lowers]).reshape(m.shape),
        np.array([end.value for end in uppers]).reshape(m.shape),
        np.array([end.gap for end in lowers]).reshape(m.shape),
        np.array([end.gap for end in uppers]).reshape(m.shape),
        np.array([end.attained for end in lowers]).reshape(m.shape),
        np.array([end.attained for end in uppers]).reshape(m.shape),
        _regions(lowers, m.shape),
        _regions(uppers, m.shape),
        case.regime,
        case.statement,
        case.pairs,
        measures[0].name if measures else "tv",
    )


def _in_order(lower: Extremum, upper: Extremum) -> tuple[Extremum, Extremum]:
    """The two ends with lower ≤ upper.

    Where both are one number, computed in two ways, rounding can put them the wrong way round. The lower end
    then takes the value of the upper, and its certificate pays for the step.
    """
    excess = lower.value - upper.value
    if excess > 0:
        lower = replace(lower, value=upper.value, gap=lower.gap + excess)
    return lower, upper


def _regions(ends: list[Extremum], shape: tuple[int, ...]) -> RegionArray:
    regions = np.empty(len(ends), dtype=object)
    regions[:] = [end.region for end in ends]
    return regions.reshape(shape)
