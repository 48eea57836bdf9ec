"""The mode-collapse region of a pair (P, Q): an immutable value, and the algebra of such values.

A polygonal region *is* a discrete pair. The edges of its upper boundary, from (0, 0) to (1, 1), are
the letters of the smallest pair with that region: an edge (Δx, Δy) is a letter with Q-mass Δx and
P-mass Δy, and its slope is the likelihood ratio. Everything here goes back and forth along that
bijection.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modecollapse import alignment, validation
from modecollapse.arrays import BoolArray, FloatArray, IntArray, Masses, Number, Numbers
from modecollapse.brackets import Bracket
from modecollapse.divergence import DivergenceName, divergence, log_likelihood_ratio
from modecollapse.errors import PrecisionError
from modecollapse.hull import upper_hull

if TYPE_CHECKING:
    from modecollapse.densities import Distribution

TOLERANCE = 1e-12
"""Points closer than this (in each coordinate) count as touching; see `Region`."""

COORDINATES = ("eps", "delta"), ("x", "y")
"""Names that the columns of a table of vertices may have."""

_EPS = float(np.finfo(np.float64).eps)

_MEET_ROUNDING = 8 * _EPS
"""Relative rounding of the difference of two heights that are both interpolated."""

_SUM_ROUNDING = 8 * _EPS
"""Masses whose sum is this close to 1 are pmfs but for rounding: they are kept as they are."""

_MERGED_ROUNDING = 32 * _EPS
"""Log ratios this close, relative to total variation + size, are equal; see the Notes of `Region`."""


@dataclass(frozen=True, eq=False, repr=False, init=False)
class Region:
    """The region between the diagonal and the boundary g(x) = sup{P(φ) : Q(φ) ≤ x}.

    Make one with `from_pmfs`, `from_vertices`, `from_densities` or `from_letters`. The fields are read-only.
    `modecollapse.plotting` has `draw_region`, and `draw_regions` and `draw_packed_tv` for packs.

    Attributes
    ----------
    p, q : ndarray, shape (n,)
        Masses of the letters under the target P and the generator Q, in order of falling likelihood
        ratio: letters that Q lacks first, letters that P lacks last.
    difference : ndarray, shape (n,)
        p − q, accurate relative to itself even where p and q nearly agree.

    Notes
    -----
    A pmf means its weights divided by their exact sum. Weights that sum to 1 up to rounding are kept as they
    are, and the evaluators divide. Letters that neither P nor Q has are dropped, and letters of equal ratio
    are merged. Two ratios are *equal* where their logarithms differ by at most 32 units of rounding (7e-15)
    times (total variation + size of the logarithm): merging never costs a nearly equal pair its relative
    accuracy.

    Comparisons (`==`, `<=`, `has_collapse`, `has_augmentation`) take points within `TOLERANCE` = 1e-12
    of each other as touching, in each coordinate. Because equality has a tolerance, a Region has no hash.

    Examples
    --------
    >>> import modecollapse as mc
    >>> r = mc.Region.from_pmfs([0.2, 0.8], [0, 1])
    >>> r.vertices.tolist()
    [[0.0, 0.0], [0.0, 0.2], [1.0, 1.0]]
    >>> r.has_collapse(0, 0.2)
    True
    """

    p: FloatArray
    q: FloatArray
    difference: FloatArray

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, *_: object, **__: object) -> None:
        raise TypeError(
            "Region(…) checks nothing and is closed; use Region.from_pmfs, Region.from_vertices, "
            "Region.from_densities or Region.from_letters"
        )

    def __reduce__(self) -> Any:
        # numpy forgets the read-only flag when it pickles
        return Region._frozen, (self.p, self.q, self.difference)

    @classmethod
    def from_pmfs(cls, p: Masses, q: Masses) -> Region:
        """The region of two pmfs on the same letters.

        Parameters
        ----------
        p, q : array_like, shape (k,), or mapping of label to float
            Target and generator: lists, arrays or tensors of any library that hands them to numpy. Two
            Series of pandas, or two mappings, are aligned by label. A label that only one of them has gets
            mass 0 in the other. Each is divided by its exact sum, which must be within 1e-9 of 1, or within
            the rounding of its type: 1e-5 for float32, 1e-2 for float16, 3e-2 for bfloat16.

        Returns
        -------
        Region

        Raises
        ------
        ValueError
            If a pmf is empty, has a negative, NaN or infinite entry, a sum further from 1 than that,
            or a length other than its partner's; if only one has labels, or they have none in common.

        Examples
        --------
        >>> Region.from_pmfs([1, 0], [0.5, 0.5]).total_variation
        0.5
        >>> Region.from_pmfs({"cat": 0.5, "dog": 0.5}, {"dog": 1.0}).total_variation
        0.5
        """
        return cls._from_weights(*validation.pmfs(p, q))

    @classmethod
    def from_counts(cls, real: Masses, generated: Masses) -> Region:
        """The plug-in region of two samples: that of their shares of the letters.

        It overstates collapse on average. `samples.from_counts` gives it a confidence band.

        Parameters
        ----------
        real, generated : array_like of int, shape (k,), or mapping of label to int
            How often each letter occurs in each sample. Two Series of pandas, such as those of
            ``value_counts``, or two mappings, are aligned by label. A label that only one of them has was
            seen 0 times in the other.

        Raises
        ------
        ValueError
            If a count is negative or no whole number, a sum is 0 or above 2**53, or lengths differ; if only
            one has labels, or they have none in common.

        Examples
        --------
        >>> Region.from_counts([3, 1], [1, 1]).total_variation
        0.25
        >>> Region.from_counts({"cat": 3, "dog": 1}, {"dog": 4}).has_collapse(0.0, 0.75)
        True
        """
        _, (first, second) = alignment.aligned(("real", "generated"), (real, generated))
        a, b = validation.counts("real", first), validation.counts("generated", second)
        validation.same_length("real and generated", a, b)
        n, m = int(a.sum()), int(b.sum())
        # differences of shares in whole numbers, which lose no digit where the shares are close
        differences = [(x * m - y * n) / (n * m) for x, y in zip(a.tolist(), b.tolist(), strict=True)]
        return cls._from_weights(a / n, b / m, np.array(differences))

    @classmethod
    def from_vertices(cls, vertices: ArrayLike) -> Region:
        """The region whose upper boundary runs through the given vertices.

        Parameters
        ----------
        vertices : array_like, shape (n+1, 2)
            Points (x, y) from (0, 0) to (1, 1), along which both coordinates never fall and the slope
            never rises (by more than 1e-12 in y). A table that names its columns must call them x and y, or
            eps and delta, in any order.

        Raises
        ------
        ValueError
            If the columns have other names, or the points do not describe a concave boundary; the offending
            vertex is quoted.

        Examples
        --------
        >>> r = Region.from_vertices([(0, 0), (0.1, 0.5), (1, 1)])
        >>> r.p.tolist(), r.q.tolist()
        ([0.5, 0.5], [0.1, 0.9])
        """
        named = alignment.in_named_columns("vertices", vertices, *COORDINATES)
        points = validation.real_array("vertices", named)
        if points.ndim != 2 or points.shape[1] != 2 or len(points) < 2:
            raise ValueError(f"vertices must have shape (n+1, 2) with n ≥ 1, got {points.shape}")
        for index, corner in ((0, (0.0, 0.0)), (-1, (1.0, 1.0))):
            if tuple(points[index]) != corner:
                raise ValueError(
                    f"vertices must run from (0, 0) to (1, 1), got {_point(points[index])} for {corner}"
                )
        steps = np.diff(points, axis=0)
        if (steps < 0).any():
            where = int(np.argmax((steps < 0).any(axis=1)))
            raise ValueError(
                f"vertices must not go back: {_point(points[where])} is followed by "
                f"{_point(points[where + 1])}"
            )
        hull = upper_hull(points)
        left_edge = hull[:, 0].searchsorted(0.0, side="right") - 1  # its vertical part is no dent
        depth = np.interp(points[:, 0], hull[left_edge:, 0], hull[left_edge:, 1]) - points[:, 1]
        dented = (depth > TOLERANCE) & (points[:, 0] > 0)
        if dented.any():
            where = int(np.argmax(dented))
            raise ValueError(
                f"the boundary must be concave, but vertex {_point(points[where])} lies below the "
                "hull of the others; use the hull, or from_pmfs for letters in any order"
            )
        return cls._from_weights(steps[:, 1], steps[:, 0])

    @classmethod
    def from_densities(cls, edges: ArrayLike, p_heights: ArrayLike, q_heights: ArrayLike) -> Region:
        """The region of two piecewise constant densities.

        Parameters
        ----------
        edges : array_like, shape (k+1,)
            Strictly increasing ends of the cells.
        p_heights, q_heights : array_like, shape (k,)
            Heights of the two densities on the cells; each must integrate to 1 within 1e-9.

        Raises
        ------
        ValueError
            If the edges do not increase, or the cell masses are not a pair of pmfs.

        Examples
        --------
        >>> r = Region.from_densities([0, 0.5, 1], [1, 1], [0.6, 1.4])
        >>> round(r.total_variation, 12)
        0.2
        """
        alignment.same_rows(("p_heights", "q_heights"), (p_heights, q_heights))
        edges = validation.real_array("edges", edges)
        if edges.ndim != 1 or len(edges) < 2:
            raise ValueError(f"edges must list at least two numbers, got shape {edges.shape}")
        widths = np.diff(edges)
        if (widths <= 0).any():
            where = int(np.argmax(widths <= 0))
            raise ValueError(f"edges must increase, got {edges[where]} followed by {edges[where + 1]}")
        masses = []
        for name, values in (("p_heights", p_heights), ("q_heights", q_heights)):
            heights = validation.real_array(name, values)
            if heights.shape != widths.shape:
                raise ValueError(
                    f"{name} must have one height a cell, got shape {heights.shape} for {len(widths)} cells"
                )
            masses.append(validation.pmf(f"{name} times cell widths", heights * widths))
        return cls._from_weights(*masses)

    @classmethod
    def from_letters(cls, p: Masses, q: Masses, difference: Masses) -> Region:
        """The region of letters whose p − q is known better than p and q show it.

        Parameters
        ----------
        p, q : array_like, shape (k,), or mapping of label to float
            Target and generator; see `from_pmfs`.
        difference : array_like, shape (k,), or mapping of label to float
            p − q of each letter. It must agree with the masses as far as their sums agree with 1.

        Returns
        -------
        Region

        Raises
        ------
        ValueError
            If p or q is no pmf, if the lengths differ, or if a difference is not that of its masses.

        Examples
        --------
        >>> Region.from_letters([0.5, 0.5], [0.5, 0.5], [1e-20, -1e-20]).total_variation
        1e-20
        """
        names = ("p", "q", "difference")
        _, (p, q, difference) = alignment.aligned(names, (p, q, difference))  # type: ignore[assignment]
        p, q = validation.pmfs(p, q)
        difference = validation.real_array("difference", difference)
        if difference.shape != p.shape:
            raise ValueError(
                f"difference must have one entry a letter, got shape {difference.shape} for {len(p)} letters"
            )
        wrong = np.abs(difference - (p - q)) > validation.MASS_TOLERANCE * np.maximum(p, q)
        if wrong.any():
            where = int(np.argmax(wrong))
            raise ValueError(
                f"difference must be p − q, got {float(difference[where])!r} at index {where}, "
                f"where p − q is {float(p[where] - q[where])!r}"
            )
        if max(abs(_sum_less_one(p)), abs(_sum_less_one(q))) > _SUM_ROUNDING:
            return cls._from_weights(p, q, difference)
        return cls._from_letters(p, q, difference)

    @classmethod
    def _from_weights(cls, p: FloatArray, q: FloatArray, difference: FloatArray | None = None) -> Region:
        """Normalise, sort by likelihood ratio and merge; `difference` is p − q where that is known better."""
        p_off, q_off = _sum_less_one(p), _sum_less_one(q)
        p_shift, q_shift = p_off / (1 + p_off), q_off / (1 + q_off)
        # p/(1+p_off) − q/(1+q_off), without first rounding either quotient
        difference = (p - q if difference is None else difference) - (p * p_shift - q * q_shift)
        p, q = (w if abs(off) <= _SUM_ROUNDING else w / (1 + off) for w, off in ((p, p_off), (q, q_off)))
        return cls._from_letters(p, q, difference)

    @classmethod
    def _from_letters(cls, p: FloatArray, q: FloatArray, difference: FloatArray) -> Region:
        """The region of letters that are known to be in order: for evaluators, which make millions of them.

        Parameters
        ----------
        p, q, difference : ndarray, shape (k,)
            Non-negative masses that sum to 1 up to rounding, and p − q.
        """
        present = (p > 0) | (q > 0)
        p, q, difference = p[present], q[present], difference[present]
        log_ratio = log_likelihood_ratio(p, q, difference)
        order = np.argsort(-log_ratio, kind="stable")
        scale = float(difference[difference > 0].sum())
        starts = _group_starts(log_ratio[order], scale)
        if len(starts) == 1:
            return cls._frozen(np.ones(1), np.ones(1), np.zeros(1))
        return cls._frozen(*(np.add.reduceat(values[order], starts) for values in (p, q, difference)))

    @classmethod
    def _frozen(cls, *letters: FloatArray) -> Region:
        region = cls.__new__(cls)
        for name, values in zip(("p", "q", "difference"), letters, strict=True):
            copy = np.array(values)
            copy.flags.writeable = False
            object.__setattr__(region, name, copy)
        return region

    # -- the two views -------------------------------------------------------------------------------

    @property
    def pair(self) -> tuple[FloatArray, FloatArray]:
        """The letters as a pair of pmfs, (p, q)."""
        return self.p, self.q

    @cached_property
    def vertices(self) -> FloatArray:
        """Corners of the upper boundary from (0, 0) to (1, 1), shape (n+1, 2), read-only."""
        steps = np.column_stack([self.q, self.p])
        points = np.vstack([np.zeros(2), np.cumsum(steps, axis=0)])
        points = np.minimum(points, 1.0)
        points[-1] = 1.0
        # letters that P lacks lie on the top edge, where rounding of the sum must not show
        points[1 + int(np.flatnonzero(self.p > 0)[-1]) :, 1] = 1.0
        points.flags.writeable = False
        return points

    @cached_property
    def log_ratio(self) -> FloatArray:
        """log(p/q) of each letter, falling; ±inf where one of the two vanishes."""
        values = log_likelihood_ratio(self.p, self.q, self.difference)
        values.flags.writeable = False
        return values

    # -- reading the boundary -------------------------------------------------------------------------

    @overload
    def boundary(self, eps: Number) -> float: ...
    @overload
    def boundary(self, eps: Numbers) -> FloatArray: ...
    def boundary(self, eps: Number | Numbers) -> float | FloatArray:
        """g(ε), the largest P-mass a randomised set of Q-mass at most ε can have.

        Parameters
        ----------
        eps : float or array_like
            Values in [0, 1], any shape.

        Returns
        -------
        float or ndarray of the shape of `eps`
            In [0, 1]; the error is a few units of rounding.

        Raises
        ------
        ValueError
            If an ε lies outside [0, 1].

        Examples
        --------
        >>> round(Region.from_pmfs([0.11, 0.89], [0, 1]).boundary(0.05), 12)
        0.1545
        """
        height = self._height(validation.probabilities("eps", eps))
        return float(height) if np.ndim(height) == 0 else height

    def _height(self, x: FloatArray) -> FloatArray:
        corners = self.vertices[1:] if self.q[0] == 0 else self.vertices
        return np.interp(x, corners[:, 0], corners[:, 1])

    def has_collapse(self, eps: float, delta: float) -> bool:
        """Whether Q has (ε,δ)-mode collapse against P: g(ε) ≥ δ (Definition 1, randomised sets).

        Touching counts, to within 1e-12.

        Raises
        ------
        ValueError
            If ε or δ lies outside [0, 1].
        """
        eps, delta = validation.probability("eps", eps), validation.probability("delta", delta)
        return bool(self._reaches(np.array([[eps, delta]]))[0])

    def has_augmentation(self, eps: float, delta: float) -> bool:
        """Whether Q has (ε,δ)-mode augmentation against P: g(1−δ) ≥ 1−ε (Definition 2).

        Touching counts, to within 1e-12.

        Raises
        ------
        ValueError
            If ε or δ lies outside [0, 1].
        """
        eps, delta = validation.probability("eps", eps), validation.probability("delta", delta)
        return self.has_collapse(1 - delta, 1 - eps)

    def _reaches(self, points: FloatArray) -> BoolArray:
        """Tell for each point whether it lies below the boundary, or within TOLERANCE of it."""
        reached: BoolArray = points[:, 1] <= self._height(points[:, 0] + TOLERANCE) + TOLERANCE
        return reached

    @property
    def total_variation(self) -> float:
        """d_TV(P, Q) = max g(x) − x (Remark 7), exact to 1e-15 relative to itself down to 1e-16."""
        return min(math.fsum(self.difference[self.difference > 0]), 1.0)

    def divergence(self, name: DivergenceName, order: float = 1.0) -> float:
        """A divergence D(P‖Q) of the pair, by name.

        Parameters
        ----------
        name : {"tv", "js", "kl", "reverse_kl", "hellinger", "chi2", "hockey_stick", "renyi"}
            Total variation, Jensen–Shannon, KL(P‖Q), KL(Q‖P), squared Hellinger 1 − Σ√(pq),
            χ² = Σ(p−q)²/q, the hockey-stick divergence Σ(p−γq)⁺ − (1−γ)⁺, and Rényi's divergence
            log(Σ p^α q^{1−α})/(α−1).
        order : float, default 1
            The order γ ≥ 0 of the hockey stick, or α ≥ 0 of Rényi's divergence: 1 is KL(P‖Q), ``inf`` the
            largest log(p/q), 0 is −log Q(p > 0). The other divergences have no order.

        Returns
        -------
        float
            In nats where a logarithm is involved; ``inf`` where the divergence is infinite. The error is a
            few units of rounding; see `modecollapse.divergence.divergence`.

        Raises
        ------
        ValueError
            If the name is unknown, the order negative, or an order other than 1 given for a divergence
            that has none.

        Examples
        --------
        >>> r = Region.from_pmfs([0.5, 0.5, 0], [0, 0.5, 0.5])
        >>> round(r.divergence("js"), 12), r.divergence("hockey_stick", order=2)
        (0.34657359028, 0.5)
        >>> r.mirror().divergence("renyi", order=0)
        0.6931471805599453
        """
        return divergence(self.p, self.q, self.difference, name, order)

    # -- the algebra of regions -----------------------------------------------------------------------

    def __le__(self, other: Region) -> bool:
        """Dominance: R ⊆ R′, to within 1e-12; then the smaller is a garbling of the larger (Remark 9)."""
        if not isinstance(other, Region):
            return NotImplemented
        # g − g′ is convex between the vertices of g, so its maximum is at one of them
        return bool(other._reaches(self.vertices).all())

    def __ge__(self, other: Region) -> bool:
        if not isinstance(other, Region):
            return NotImplemented
        return other <= self

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Region):
            return NotImplemented
        return self <= other and other <= self

    def __and__(self, other: Region) -> Region:
        """Meet: the intersection, whose boundary is the lower of the two."""
        if not isinstance(other, Region):
            return NotImplemented
        x = np.union1d(self.vertices[:, 0], other.vertices[:, 0])
        mine, theirs = self._boundary_points(x), other._boundary_points(x)
        gap = mine[:, 1] - theirs[:, 1]
        # where they meet but for rounding they do not cross: a crossing would take the place of a corner
        gap[np.abs(gap) <= _MEET_ROUNDING * max(mine[:, 1].max(), theirs[:, 1].max())] = 0.0
        left = np.flatnonzero(gap[:-1] * gap[1:] < 0)
        share = (gap[left] / (gap[left] - gap[left + 1]))[:, None]
        crossings = mine[left] + share * (mine[left + 1] - mine[left])
        points = np.vstack([np.where(gap[:, None] < 0, mine, theirs), crossings])
        points = points[np.argsort(points[:, 0], kind="stable")]
        return Region._from_hull(np.vstack([np.zeros((1, 3)), points]))

    def __or__(self, other: Region) -> Region:
        """Join: the smallest region that holds both, the hull of their union."""
        if not isinstance(other, Region):
            return NotImplemented
        points = np.vstack([self._corners, other._corners])
        return Region._from_hull(points[np.lexsort((points[:, 1], points[:, 0]))])

    @cached_property
    def _corners(self) -> FloatArray:
        """Corners (x, y) as rows x, y − x, y: heights above the diagonal keep the digits of near pairs."""
        rise = np.append(0.0, np.cumsum(self.difference))
        rise[-1] = 0.0
        x, y = self.vertices.T
        return np.column_stack([x, rise, y])

    def _boundary_points(self, x: FloatArray) -> FloatArray:
        """Points of the boundary as rows like those of `_corners`."""
        corners = self._corners[1:] if self.q[0] == 0 else self._corners
        return np.column_stack([x, *(np.interp(x, corners[:, 0], corners[:, i]) for i in (1, 2))])

    @classmethod
    def _from_hull(cls, points: FloatArray) -> Region:
        """The region under the concave hull of rows x, y − x, y sorted by x, then y − x."""
        q, difference, p = np.diff(upper_hull(points), axis=0).T
        return cls._from_letters(np.maximum(p, 0.0), q, difference)

    def mirror(self) -> Region:
        """The region of (Q, P): the mirror image in the antidiagonal, (x, y) → (1−y, 1−x)."""
        return Region._frozen(self.q[::-1], self.p[::-1], -self.difference[::-1])

    def __repr__(self) -> str:
        if len(self.p) <= 6:
            return f"<Region p={_letters(self.p)} q={_letters(self.q)}>"
        return f"<Region of {len(self.p)} letters, total variation {self.total_variation:.6g}>"

    def to_dict(self) -> dict[str, list[float]]:
        """The masses of the letters under P and Q, as lists.

        Examples
        --------
        >>> Region.from_pmfs([0.2, 0.8], [0, 1]).to_dict()
        {'p': [0.2, 0.8], 'q': [0.0, 1.0]}
        """
        return {"p": self.p.tolist(), "q": self.q.tolist()}

    def _repr_svg_(self) -> str:
        """The picture that notebooks show."""
        from modecollapse.svg import region_svg

        return region_svg(self.vertices, self.total_variation)


class RegionBracket(NamedTuple):
    """Two regions with the true one between them: ``inner`` ⊆ R ⊆ ``outer``.

    They bracket whatever grows with the region: every f-divergence, packed or not (docs/theory.md §1).
    `modecollapse.plotting.draw_region` draws both.

    Attributes
    ----------
    inner, outer : Region

    Examples
    --------
    >>> inner = Region.from_pmfs([0.6, 0.4], [0.4, 0.6])
    >>> round(RegionBracket(inner, Region.from_pmfs([0.7, 0.3], [0.3, 0.7])).width, 12)
    0.1
    """

    inner: Region
    outer: Region

    @classmethod
    def from_distributions(
        cls, p: Distribution, q: Distribution, width: float = 1e-4, breaks: ArrayLike = ()
    ) -> RegionBracket:
        """Two regions with that of a pair of continuous distributions between them.

        The line is cut into cells, which are finer where the likelihood ratio varies. The masses of the cells
        are the letters of the inner region, a garbling of the pair. For the outer region each cell is split
        into two letters with the least and the greatest ratio in the cell (docs/theory.md §1).

        Parameters
        ----------
        p, q : distributions
            Frozen continuous distributions of scipy.stats of either style, a `Density` or `mixture` of
            `modecollapse.densities`, or any objects with methods ``pdf`` and ``cdf``. Two multivariate
            normals with one covariance are reduced to the line in closed form.
        width : float, default 1e-4
            The greatest Lévy distance of the two regions, absolute; see `RegionBracket`. The number of
            letters grows with 1/√width: some hundreds by default, some 10⁴ at 1e-8.
        breaks : array_like, optional
            Points where a density jumps, apart from the ends of the supports and the breaks of a Density.

        Returns
        -------
        RegionBracket
            The inner region is certain, up to the accuracy of the cdf. The outer region rests on two
            assumptions: the densities are continuous between the breaks, and their log ratio is monotone
            between nodes. Cells hold at most 1/256 of either mass, extrema are located from the values at
            the ends of cells, and nothing is assumed about unbounded end cells. Where the mean ratio of a
            cell lies outside its bounds by 1e-10, an extremum has been missed, and the cell is halved.

        Raises
        ------
        PrecisionError
            If 2²⁰ cells do not reach the width, or floats are too coarse; it carries the bracket of the
            total variation.
        ValueError
            If an input is not a continuous distribution or the width not positive, if the masses contradict
            the densities, or if the ratio has more than 200 extrema.

        Examples
        --------
        >>> from scipy import stats
        >>> bracket = RegionBracket.from_distributions(stats.norm(1), stats.norm(0))
        >>> power = stats.norm.cdf(stats.norm.ppf(0.05) + 1)
        >>> bool(bracket.inner.boundary(0.05) < power < bracket.outer.boundary(0.05))
        True
        """
        from modecollapse.cells import partitions

        width = validation.positive("width", width)
        for cells in partitions(p, q, width, breaks):
            bracket = cls(Region.from_pmfs(cells.p, cells.q), Region.from_pmfs(*cells.spread()))
            if bracket.width <= width:
                return bracket
        raise PrecisionError(
            f"a width of {width:g} cannot be reached; {len(cells.p)} cells give {bracket.width:.3g}",
            bracket.divergence("tv"),
        )

    @classmethod
    def from_ratio_cells(
        cls,
        p: Distribution,
        q: Distribution,
        step: float = 1e-3,
        lightest: float = 1e-25,
        breaks: ArrayLike = (),
    ) -> RegionBracket:
        """Two regions around that of two continuous distributions, near each other in the tails too.

        As `from_distributions`, with cells in which the log likelihood ratio varies by at most a step. The
        Lévy distance says little about a hockey stick of 1e-12. With steps the two regions agree relative to
        it: for packs of m the two hockey sticks differ by about m (t · step)²/8 of themselves, where t is the
        order of the Rényi divergence that bounds them best (docs/theory.md §7).

        Parameters
        ----------
        p, q : distributions
            As for `from_distributions`.
        step : float, default 1e-3
            Greatest difference of log(p/q) within a cell.
        lightest : float, default 1e-25
            Mass, under both, of cells that need no bound. m times it should be far below the hockey stick.
        breaks : array_like, optional
            Points where a density jumps, apart from the ends of the supports and the breaks of a Density.

        Returns
        -------
        RegionBracket
            On the same assumptions as `from_distributions`.

        Raises
        ------
        PrecisionError
            If 2²⁰ cells leave steps that are longer; it carries the bracket of the total variation.
        ValueError
            As for `from_distributions`; if a step or a mass is not positive.

        Examples
        --------
        >>> from scipy import stats
        >>> bracket = RegionBracket.from_ratio_cells(stats.norm(1), stats.norm(0), step=1e-2)
        >>> low, high = bracket.divergence("hockey_stick", 1000)
        >>> exact = stats.norm.sf(math.log(1000) - 0.5) - 1000 * stats.norm.sf(math.log(1000) + 0.5)
        >>> bool(low < exact < high < 1.0001 * low)
        True
        """
        from modecollapse.cells import ratio_cells

        step, lightest = validation.positive("step", step), validation.positive("lightest", lightest)
        cells, is_full = ratio_cells(p, q, step, lightest, breaks)
        bracket = cls(Region.from_pmfs(cells.p, cells.q), Region.from_pmfs(*cells.spread()))
        if is_full:
            raise PrecisionError(
                f"steps of {step:g} need more than {len(cells.p)} cells", bracket.divergence("tv")
            )
        return bracket

    @property
    def width(self) -> float:
        """The Lévy distance of the two: the least s with g_outer(x) ≤ g_inner(x + s) + s for all x.

        It treats P and Q alike, and bounds the difference of the two total variations by 2s.
        """
        # x + y along the diagonal, y − x above it
        inner, outer = ((r.vertices.sum(axis=1), np.append(0.0, np.cumsum(r.difference))) for r in self)
        # outer − inner is convex between the vertices of outer, so its maximum is at one of them
        return max(0.0, float((outer[1] - np.interp(outer[0], *inner)).max()) / 2)

    def divergence(self, name: DivergenceName, order: float = 1.0) -> Bracket:
        """The bracket of an f-divergence.

        Parameters
        ----------
        name : str
        order : float, default 1
            As for `Region.divergence`.

        Returns
        -------
        Bracket

        Raises
        ------
        ValueError
            As for `Region.divergence`.

        Examples
        --------
        >>> inner = Region.from_pmfs([0.75, 0.25], [0.25, 0.75])
        >>> RegionBracket(inner, Region.from_pmfs([1, 0], [0, 1])).divergence("tv")
        Bracket(lower=0.5, upper=1.0)
        """
        lower, upper = (region.divergence(name, order) for region in self)
        return Bracket(min(lower, upper), upper)  # two nearly equal regions may round the wrong way

    def to_dict(self) -> dict[str, dict[str, list[float]]]:
        """Both regions, each as `Region.to_dict` has it."""
        return {"inner": self.inner.to_dict(), "outer": self.outer.to_dict()}

    def _repr_html_(self) -> str:
        """Some numbers and a picture, for notebooks."""
        from modecollapse import notebook
        from modecollapse.svg import bracket_svg

        ends = self.divergence("tv")
        rows = [
            ("", *("inner", "outer")),
            ("letters", *(len(region.p) for region in self)),
            ("total variation", *(f"{end:.6g}" for end in ends)),
            ("Jensen–Shannon", *(f"{end:.6g}" for end in self.divergence("js"))),
            ("Lévy distance", f"{self.width:.3g}"),
        ]
        title = "Two regions with the true one between them"
        picture = bracket_svg([self.inner.vertices], [self.outer.vertices], ends, title)
        return notebook.beside(notebook.table(rows), picture)


PairLike: TypeAlias = (
    Region | tuple[Masses, Masses] | Sequence[Sequence[float] | FloatArray] | NDArray[np.floating[Any]]
)
"""A Region, or two pmfs: a tuple, a list, or an array of shape (2, k). Pmfs with labels are aligned."""


def as_region(pair: PairLike, spelling: str = "Region.from_pmfs(p, q)") -> Region:
    """The Region that every evaluator works on: the one given, or that of two pmfs.

    Parameters
    ----------
    pair : Region or pair (p, q)
        A Region is returned as it is: what it knows is not computed again.
    spelling : str
        How the caller is to be called. It ends the error message.

    Returns
    -------
    Region

    Raises
    ------
    ValueError
        If it is neither a Region nor two pmfs; see `Region.from_pmfs` for the pmfs.

    Examples
    --------
    >>> as_region(([0.2, 0.8], [0, 1])) == Region.from_pmfs([0.2, 0.8], [0, 1])
    True
    >>> as_region([0.2, 0.8], "packed_tv((p, q), m)")
    Traceback (most recent call last):
        ...
    ValueError: expected a Region or two pmfs (p, q), got [0.2, 0.8]; write packed_tv((p, q), m)
    """
    if isinstance(pair, Region):
        return pair
    try:
        p, q = pair
    except (TypeError, ValueError):
        p = q = 0.0
    if _is_one_number(p) and _is_one_number(q):
        raise ValueError(
            f"expected a Region or two pmfs (p, q), got {validation.quoted(pair)}; write {spelling}"
        )
    return Region.from_pmfs(p, q)


def _is_one_number(value: object) -> bool:
    """Whether a value has no length, as a number, or as an array or tensor without axes."""
    return isinstance(value, str) or not hasattr(value, "__len__") or getattr(value, "ndim", 1) == 0


def _sum_less_one(masses: FloatArray) -> float:
    """Σ masses − 1, rounded once."""
    return math.fsum([*masses.tolist(), -1.0])


def _group_starts(log_ratio: FloatArray, scale: float) -> IntArray:
    """The indices where a run of equal ratios begins, in a falling list of log ratios.

    A run holds the ratios that equal its first. A ratio that lies more than twice the tolerance below its
    predecessor differs from every earlier ratio. So only the others are compared with the first of their run.
    """
    distinct = np.flatnonzero(np.append(True, log_ratio[1:] != log_ratio[:-1]))
    values = log_ratio[distinct]
    linked = values[:-1] - values[1:] <= 2 * _MERGED_ROUNDING * (scale + np.abs(values[:-1]))
    linked &= np.isfinite(values[:-1])
    begins = np.append(True, ~linked)
    first = float(values[0])
    for index in np.flatnonzero(linked).tolist():
        if begins[index]:
            first = float(values[index])
        begins[index + 1] = first - float(values[index + 1]) > _MERGED_ROUNDING * (scale + abs(first))
    return distinct[begins]


def _point(values: FloatArray) -> str:
    return f"({values[0]!s}, {values[1]!s})"


def _letters(values: FloatArray) -> str:
    return "[" + ", ".join(f"{v:.6g}" for v in values) + "]"
