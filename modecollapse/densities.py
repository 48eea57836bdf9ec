"""Continuous distributions on the line, given by their density and distribution function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import solve_triangular
from scipy.special import logsumexp

from modecollapse import alignment, validation
from modecollapse.arrays import FloatArray
from modecollapse.validation import MASS_TOLERANCE

Curve: TypeAlias = Callable[[FloatArray], ArrayLike]
"""A function of points on the line, evaluated on arrays."""


class Distribution(Protocol):
    """A continuous distribution: a frozen one of scipy.stats, or another object with these two methods.

    Its methods ``support``, ``sf`` or ``ccdf``, and ``logpdf`` are used if it has them.
    """

    @property
    def pdf(self) -> Curve:
        """The density."""

    @property
    def cdf(self) -> Curve:
        """The distribution function."""


@dataclass(frozen=True)
class Density:
    """A continuous distribution on the line, given by its density and distribution function.

    Frozen distributions of scipy.stats need no `Density`; every function here accepts them.

    Attributes
    ----------
    pdf, cdf : callable
        Functions of an array, called inside the support only. `cdf` is the integral of `pdf`.
    support : (float, float), default (-inf, inf)
        Ends of the interval outside which the density vanishes. ``cdf`` rises from 0 to 1 between them.
    sf : callable, optional
        The survival function 1 − cdf. Without it upper tails lose relative accuracy.
    logpdf : callable, optional
        Logarithm of `pdf`. Without it tails end where `pdf` underflows.
    breaks : sequence of float, optional
        Points inside the support where the density jumps.

    Examples
    --------
    >>> from modecollapse import RegionBracket
    >>> rising = Density(pdf=lambda x: 2 * x, cdf=lambda x: x * x, support=(0, 1))
    >>> flat = Density(pdf=lambda x: 1 + 0 * x, cdf=lambda x: x, support=(0, 1))
    >>> low, high = RegionBracket.from_distributions(rising, flat).divergence("tv")
    >>> low <= 0.25 <= high < low + 2e-4
    True
    """

    pdf: Curve
    cdf: Curve
    support: tuple[float, float] = (-np.inf, np.inf)
    sf: Curve | None = None
    logpdf: Curve | None = None
    breaks: Sequence[float] = ()


def mixture(
    weights: ArrayLike | Mapping[str, float], components: Sequence[Distribution] | Mapping[str, Distribution]
) -> Density:
    """The mixture of distributions with the given weights.

    Parameters
    ----------
    weights : array_like, shape (k,), or mapping of label to number
        Non-negative numbers that sum to 1 within 1e-9.
    components : sequence of k distributions, or mapping of label to distribution
        Frozen distributions of scipy.stats, `Density` objects or mixtures, as for
        `RegionBracket.from_distributions`. Two mappings are aligned by label; two Series of pandas must have
        the same labels in the same order.

    Returns
    -------
    Density
        Its breaks are those of the components and the ends of their supports.

    Raises
    ------
    ValueError
        If the weights are not a pmf, if their number or their labels differ from those of the components, or
        if a component is not a continuous distribution.

    Examples
    --------
    >>> from scipy import stats
    >>> two_modes = mixture([0.25, 0.75], [stats.norm(-3), stats.norm(3)])
    >>> float(two_modes.cdf(np.array([0.0]))[0].round(4))
    0.2507
    """
    weights, components = _side_by_side(weights, components)
    shares = validation.pmf("weights", weights)
    shares = shares / shares.sum()
    if len(shares) != len(components):
        raise ValueError(f"there must be one weight a component, got {len(shares)} for {len(components)}")
    parts = [as_density(f"components[{i}]", part) for i, part in enumerate(components)]
    shares, parts = shares[shares > 0], [part for part, share in zip(parts, shares, strict=True) if share > 0]

    def logpdf(x: FloatArray) -> FloatArray:
        weighted = [log + log_density(part, x) for log, part in zip(np.log(shares), parts, strict=True)]
        return np.asarray(logsumexp(weighted, axis=0))

    return Density(
        pdf=lambda x: np.exp(logpdf(x)),
        cdf=lambda x: shares @ np.array([mass_below(part, x) for part in parts]),
        support=(min(part.support[0] for part in parts), max(part.support[1] for part in parts)),
        sf=lambda x: shares @ np.array([mass_above(part, x) for part in parts]),
        logpdf=logpdf,
        breaks=tuple(point for part in parts for point in (*part.support, *part.breaks)),
    )


def _side_by_side(
    weights: ArrayLike | Mapping[str, float], components: Sequence[Distribution] | Mapping[str, Distribution]
) -> tuple[ArrayLike, Sequence[Distribution]]:
    """The weights, and the components in their order."""
    if not isinstance(weights, Mapping) and not isinstance(components, Mapping):
        alignment.same_rows(("weights", "components"), (weights, components))
        return weights, components
    if not isinstance(weights, Mapping) or not isinstance(components, Mapping):
        labelled, other = (
            ("weights", "components") if isinstance(weights, Mapping) else ("components", "weights")
        )
        raise ValueError(
            f"{labelled} has labels, but {other} has none; give both as mappings, or both without labels"
        )
    alone = sorted(map(repr, weights.keys() ^ components.keys()))
    if alone:
        raise ValueError(
            f"weights and components must have the same labels, but one lacks {', '.join(alone)}"
        )
    return list(weights.values()), [components[label] for label in weights]


def as_density(name: str, distribution: Distribution) -> Density:
    """The `Density` of a continuous distribution of scipy.stats, old or new style, or of a similar object."""
    if isinstance(distribution, Density):
        density = distribution
    else:
        if _has_atoms(distribution):
            raise ValueError(
                f"{name} must be continuous, got {distribution!r}; use from_pmfs for a discrete pair"
            )
        if _is_multivariate(distribution):
            raise ValueError(
                f"{name} must be a distribution on the line, got {type(distribution).__name__}; of laws on "
                "vectors only two multivariate normals with one covariance have a region in closed form"
            )
        if not (
            callable(getattr(distribution, "pdf", None)) and callable(getattr(distribution, "cdf", None))
        ):
            raise ValueError(
                f"{name} must be a frozen continuous scipy.stats distribution, a Density, or another object "
                f"with methods pdf and cdf, got {distribution!r}"
            )
        support = getattr(distribution, "support", None)
        density = Density(
            pdf=distribution.pdf,
            cdf=distribution.cdf,
            support=support() if callable(support) else (-np.inf, np.inf),
            sf=getattr(distribution, "sf", getattr(distribution, "ccdf", None)),
            logpdf=getattr(distribution, "logpdf", None),
        )
    _check_ends(name, density)
    return density


def as_pair(p: Distribution, q: Distribution) -> tuple[Density, Density]:
    """Two continuous distributions on the line with the region of p and q.

    Two multivariate normals of scipy.stats with one covariance Σ and means apart by v become N(d, 1) and
    N(0, 1), d² = v'Σ⁻¹v: their log likelihood ratio is normal, with variance d² under both.
    """
    if not (_is_multivariate(p) and _is_multivariate(q)):
        return as_density("p", p), as_density("q", q)
    from scipy import stats

    apart = _mahalanobis(p, q)
    return as_density("p", stats.norm(apart)), as_density("q", stats.norm(0))


def _is_multivariate(distribution: object) -> bool:
    """Whether an object is a law of scipy.stats on vectors or matrices, frozen or not."""
    return type(distribution).__module__ == "scipy.stats._multivariate"


def _mahalanobis(p: Any, q: Any) -> float:
    """√(v'Σ⁻¹v) for two multivariate normals with means apart by v and one covariance Σ."""
    for name, law in (("p", p), ("q", q)):
        if type(law).__name__ != "multivariate_normal_frozen":
            raise ValueError(
                f"{name} must be a frozen multivariate normal, for no other law on vectors has a region in "
                f"closed form here, got {type(law).__name__}; use samples, or log ratios of them"
            )
    if p.dim != q.dim:
        raise ValueError(f"p and q must have the same dimension, got {p.dim} and {q.dim}")
    if not np.array_equal(p.cov, q.cov):
        raise ValueError(
            f"two multivariate normals must have one covariance, got {_matrix(p.cov)} and {_matrix(q.cov)}; "
            "for different ones use samples.from_log_ratios"
        )
    try:
        root = np.linalg.cholesky(p.cov)
    except np.linalg.LinAlgError:
        raise ValueError(f"the covariance must have full rank, got {_matrix(p.cov)}") from None
    return float(np.linalg.norm(solve_triangular(root, p.mean - q.mean, lower=True)))


def _matrix(values: FloatArray) -> str:
    """The first rows of a matrix on one line."""
    with np.printoptions(threshold=9, edgeitems=2, precision=4):
        return " ".join(str(values).split())


def mass_below(density: Density, x: FloatArray) -> FloatArray:
    """The distribution function on the whole line."""
    return _inside(density, density.cdf, x, 0.0, 1.0)


def mass_above(density: Density, x: FloatArray) -> FloatArray:
    """One minus the distribution function, on the whole line."""
    if density.sf is None:
        return 1 - mass_below(density, x)
    return _inside(density, density.sf, x, 1.0, 0.0)


def log_density(density: Density, x: FloatArray) -> FloatArray:
    """The logarithm of the density; −inf outside the support."""
    if density.logpdf is not None:
        return _inside(density, density.logpdf, x, -np.inf, -np.inf)
    heights = _inside(density, density.pdf, x, 0.0, 0.0)
    if (heights < 0).any():
        where = int(np.argmax(heights < 0))
        raise ValueError(f"a pdf must not be negative, got pdf({x[where]!s}) = {heights[where]!s}")
    with np.errstate(divide="ignore"):
        return np.log(heights)


def _inside(density: Density, curve: Curve, x: FloatArray, before: float, after: float) -> FloatArray:
    """The values of a function inside the support, and constants before and after it."""
    x = np.asarray(x, dtype=np.float64)
    first, last = density.support
    inside = (x >= first) & (x <= last)
    values = np.where(x < first, before, after)
    with np.errstate(all="ignore"):  # where a tail overflows, infinity is the limit
        values[inside] = curve(x[inside])
    return values


def _has_atoms(distribution: Any) -> bool:
    """Whether an object is a discrete distribution of scipy.stats, old or new style."""
    if not hasattr(distribution, "pmf"):
        return False
    return not hasattr(distribution, "icdf") or bool(np.any(distribution.pmf(distribution.icdf(0.5)) > 0))


def _check_ends(name: str, density: Density) -> None:
    """Check that the support is an interval, and that the cdf rises from 0 to 1 on it."""
    if np.shape(density.support) != (2,) or not density.support[0] < density.support[1]:
        raise ValueError(
            f"the support of {name} must be an interval (a, b) with a < b, got {density.support!r}"
        )
    for end, limit in zip(density.support, (0.0, 1.0), strict=True):
        for label, curve, value in (("cdf", mass_below, limit), ("sf", mass_above, 1 - limit)):
            mass = float(curve(density, np.array([end], dtype=np.float64))[0])
            if not abs(mass - value) <= MASS_TOLERANCE:
                raise ValueError(f"{label} of {name} must be {value:g} at {end!s}, got {mass!r}")
