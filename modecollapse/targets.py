"""Benchmark targets with known densities, and generators of known collapse built from them.

A target is a mixture of round Gaussians, its modes. A generator is another such mixture, so both can be
sampled exactly, and the law of what is counted around the modes is known in closed form: every statement
about samples can be checked against `true_region`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import validation
from modecollapse.arrays import FloatArray, IntArray
from modecollapse.region import Region

FAR = 40.0
"""A Gaussian has less than the smallest float beyond so many standard deviations."""


@dataclass(frozen=True, eq=False)
class GaussianMixture:
    """A mixture of Gaussians, each round: the same variance in every direction.

    Parameters
    ----------
    weights : array_like, shape (k,)
        A pmf; zeros keep the place of a mode that is not there.
    means : array_like, shape (k, d)
        Centres of the modes, as rows.
    variances : array_like, shape (k,) or ()
        Positive: the variance of each coordinate within a mode, one number for all modes or one for each.

    Attributes
    ----------
    weights, means, variances : ndarray, shape (k,), (k, d), (k,)
        Read-only.

    Raises
    ------
    ValueError
        If the weights are no pmf, a variance is not positive, an entry is not finite or lengths differ.

    Examples
    --------
    >>> pair = GaussianMixture([0.25, 0.75], [[-1, 0], [1, 0]], 0.01)
    >>> pair.sample(1000, np.random.default_rng(0)).shape
    (1000, 2)
    """

    weights: FloatArray
    means: FloatArray
    variances: FloatArray

    def __post_init__(self) -> None:
        weights, means = validation.pmf("weights", self.weights), validation.table("means", self.means)
        variances = validation.real_array("variances", self.variances)
        if len(means) != len(weights) or variances.shape not in ((), weights.shape):
            raise ValueError(
                "weights, means and variances must speak of the same modes, got "
                f"{len(weights)}, {len(means)} and shape {variances.shape}"
            )
        if not (variances > 0).all():
            raise ValueError(f"variances must be positive, got {variances.min()!s}")
        fields = weights / math.fsum(weights), means.copy(), np.resize(variances, weights.shape)
        for name, array in zip(("weights", "means", "variances"), fields, strict=True):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @property
    def dimension(self) -> int:
        """The number of coordinates d."""
        return self.means.shape[1]

    @property
    def std(self) -> float:
        """The standard deviation of each coordinate, where it is the same in all modes; else a ValueError."""
        if np.ptp(self.variances) > 0:
            raise ValueError(
                f"the modes differ in width: variances from {self.variances.min()!s} to "
                f"{self.variances.max()!s}"
            )
        return math.sqrt(self.variances[0])

    def sample(self, size: int, rng: np.random.Generator) -> FloatArray:
        """Independent samples.

        Parameters
        ----------
        size : int
            n ≥ 0.
        rng : numpy.random.Generator

        Returns
        -------
        ndarray, shape (n, d)

        Raises
        ------
        ValueError
            If the size is no integer ≥ 0, or `rng` no Generator.
        """
        count = validation.whole("size", size, 0)
        if not isinstance(rng, np.random.Generator):
            raise ValueError(
                f"rng must be a numpy.random.Generator, got {rng!r}; default_rng(seed) makes one"
            )
        mode = rng.choice(len(self.weights), size=count, p=self.weights)
        noise = rng.standard_normal((count, self.dimension))
        return self.means[mode] + np.sqrt(self.variances[mode])[:, np.newaxis] * noise

    def logpdf(self, points: ArrayLike) -> FloatArray:
        """The logarithm of the density, finite far out too.

        Parameters
        ----------
        points : array_like, shape (n, d)

        Returns
        -------
        ndarray, shape (n,)

        Examples
        --------
        >>> GaussianMixture([1], [[0.0]], 1).logpdf([0.0, 100.0]).round(4).tolist()
        [-0.9189, -5000.9189]
        """
        rows = self._rows(points)
        present = self.weights > 0
        modes = zip(self.weights[present], self.means[present], self.variances[present], strict=True)
        # one by one, so that memory does not grow with the modes
        terms = (
            math.log(weight)
            - 0.5 * np.sum((rows - mean) ** 2, axis=1) / variance
            - 0.5 * self.dimension * math.log(2 * math.pi * variance)
            for weight, mean, variance in modes
        )
        with np.errstate(over="ignore"):  # −∞ further out than 1e154 standard deviations
            return reduce(np.logaddexp, terms)

    def pdf(self, points: ArrayLike) -> FloatArray:
        """The density; arguments as for `logpdf`."""
        return np.exp(self.logpdf(points))

    def mode_of(self, points: ArrayLike) -> IntArray:
        """The index of the mode whose centre is nearest, of weight 0 included.

        Parameters
        ----------
        points : array_like, shape (n, d)

        Returns
        -------
        ndarray of int, shape (n,)

        Examples
        --------
        >>> ring().mode_of([[1, 0], [0, 1], [-1, -0.1]]).tolist()
        [0, 2, 4]
        """
        from scipy.spatial import KDTree

        return np.asarray(KDTree(self.means).query(self._rows(points))[1], dtype=np.int64)

    def ball_masses(self, centres: ArrayLike, radius: float) -> FloatArray:
        """The law of what `modecollapse.samples.count_modes` counts: the masses of balls around centres.

        Parameters
        ----------
        centres : array_like, shape (k, d)
        radius : float
            Positive, and such that no two balls overlap.

        Returns
        -------
        ndarray, shape (k+1,)
            A pmf; the last entry is the mass outside all balls. Sums of non-central χ² distribution
            functions, exact to 1e-12 absolute (measured).

        Raises
        ------
        ValueError
            If the radius is not positive and finite, or balls overlap; if a surface passes a mode which is
            some 1e5 standard deviations or more away from the centre.

        Examples
        --------
        >>> GaussianMixture([1], [[0, 0]], 0.01).ball_masses([[0, 0], [5, 5]], 0.3).round(4).tolist()
        [0.9889, 0.0, 0.0111]
        """
        from scipy.spatial.distance import cdist, pdist
        from scipy.stats import ncx2

        places, radius = self._rows(centres), validation.positive("radius", radius)
        apart = pdist(places).min(initial=math.inf)
        if 2 * radius > apart:
            raise ValueError(f"balls of radius {radius!r} overlap: the nearest centres are {apart!s} apart")
        distances = cdist(places, self.means)
        stds = np.broadcast_to(np.sqrt(self.variances), distances.shape)
        with np.errstate(over="ignore"):
            depths = (radius - distances) / stds
        # far from a surface all or nothing is inside, since P(χ_d > √d + t) ≤ exp(−t²/2); there scipy has NaN
        near = np.abs(depths) < math.sqrt(self.dimension) + FAR
        masses = np.where(depths > 0, 1.0, 0.0)
        x, offsets = (radius / stds[near]) ** 2, (distances[near] / stds[near]) ** 2
        masses[near] = ncx2.cdf(x, self.dimension, offsets)
        if np.isnan(masses).any():
            away = float(offsets.max()) ** 0.5
            raise ValueError(f"radius {radius!r} is too large where a mode is {away:.3g} of its widths away")
        inside = masses @ self.weights
        outside = max(1 - math.fsum(inside), 0.0)  # rounding may leave it below 0
        return np.append(inside, outside)

    def _rows(self, points: ArrayLike) -> FloatArray:
        rows = validation.table("points", points)
        if rows.shape[1] != self.dimension:
            raise ValueError(f"points must have {self.dimension} coordinates, got {rows.shape[1]}")
        return rows


# -- targets -------------------------------------------------------------------------------------------


def ring(modes: int = 8) -> GaussianMixture:
    """Equal Gaussians of variance 1e-4 on the unit circle: PacGAN's 2D-ring (arXiv:1712.04086).

    Examples
    --------
    >>> ring().means[:3].round(3).tolist()
    [[1.0, 0.0], [0.707, 0.707], [0.0, 1.0]]
    """
    count = validation.whole("modes", modes, 1)
    angles = 2 * math.pi * np.arange(count) / count
    return _equal_modes(np.column_stack([np.cos(angles), np.sin(angles)]), 1e-4)


def grid(side: int = 5) -> GaussianMixture:
    """Equal Gaussians of variance 0.0025 on a square of spacing 2: PacGAN's 2D-grid (arXiv:1712.04086).

    Examples
    --------
    >>> grid().means[[0, 1, -1]].tolist()
    [[-4.0, -4.0], [-4.0, -2.0], [4.0, 4.0]]
    """
    return _equal_modes(_lattice(side, 2), 0.0025)


def cube(side: int = 3) -> GaussianMixture:
    """Equal Gaussians of variance 0.0025 on a cube of spacing 2: the grid, in three dimensions.

    Examples
    --------
    >>> cube().means[[0, -1]].tolist(), len(cube().weights)
    ([[-2.0, -2.0, -2.0], [2.0, 2.0, 2.0]], 27)
    """
    return _equal_modes(_lattice(side, 3), 0.0025)


def random(seed: int, modes: int = 25) -> GaussianMixture:
    """Gaussians of variance 0.0025 with random weights at random places in the square [−4, 4]².

    Parameters
    ----------
    seed : int
        The same seed gives the same target.
    modes : int, default 25
        Up to 60. Places are uniform but for those nearer to an earlier one than 0.6, twelve standard
        deviations, which are drawn again; weights are uniform on the simplex.

    Examples
    --------
    >>> target = random(seed=0)
    >>> target.means.shape, float(target.weights.sum().round(12))
    ((25, 2), 1.0)
    """
    count = validation.whole("modes", modes, 1)
    if count > 60:
        raise ValueError(f"modes must be from 1 to 60, got {modes!r}")
    rng = np.random.default_rng(seed)
    places = rng.uniform(-4, 4, (1, 2))
    while len(places) < count:
        place = rng.uniform(-4, 4, 2)
        if np.linalg.norm(places - place, axis=1).min() >= 0.6:
            places = np.vstack([places, place])
    return GaussianMixture(rng.dirichlet(np.ones(count)), places, np.array(0.0025))


def _equal_modes(means: FloatArray, variance: float) -> GaussianMixture:
    return GaussianMixture(np.full(len(means), 1 / len(means)), means, np.array(variance))


def _lattice(side: int, dimension: int) -> FloatArray:
    """Points of spacing 2 around the origin, the last coordinate running fastest."""
    ticks = 2.0 * np.arange(validation.whole("side", side, 1)) - (side - 1)
    return np.stack(np.meshgrid(*[ticks] * dimension, indexing="ij"), axis=-1).reshape(-1, dimension)


# -- generators ----------------------------------------------------------------------------------------


def drop_modes(target: GaussianMixture, modes: Iterable[int]) -> GaussianMixture:
    """The target without some of its modes; the others share the mass in proportion.

    Raises
    ------
    ValueError
        If no mass remains, or there is no such mode.

    Examples
    --------
    >>> generator = drop_modes(ring(4), [1, 2])
    >>> generator.weights.tolist()
    [0.5, 0.0, 0.0, 0.5]
    """
    if not isinstance(modes, Iterable):
        raise ValueError(f"modes must be a list of them, got {modes!r}; write [{modes!r}] for one")
    weights = target.weights.copy()
    for mode in modes:
        weights[_index(target, mode)] = 0.0
    if not weights.any():
        raise ValueError("the modes kept must have mass, got none")
    return reweight_modes(target, weights / weights.sum())


def reweight_modes(target: GaussianMixture, weights: ArrayLike) -> GaussianMixture:
    """The target with other weights.

    Examples
    --------
    >>> reweight_modes(ring(4), [0.4, 0.3, 0.2, 0.1]).weights.tolist()
    [0.4, 0.3, 0.2, 0.1]
    """
    return GaussianMixture(np.asarray(weights), target.means, target.variances)


def shrink_mode(target: GaussianMixture, mode: int, factor: float) -> GaussianMixture:
    """The target with the width of one mode multiplied by a factor: collapse within a mode.

    Counts of nearest modes cannot see it; balls of three standard deviations see a little; a score sees all.

    Raises
    ------
    ValueError
        If the factor is not positive, or there is no such mode.

    Examples
    --------
    >>> shrink_mode(ring(4), 2, 0.5).variances.tolist()
    [0.0001, 0.0001, 2.5e-05, 0.0001]
    """
    width = validation.positive("factor", factor)
    variances = target.variances.copy()
    variances[_index(target, mode)] *= width * width
    return GaussianMixture(target.weights, target.means, variances)


def mixed(first: GaussianMixture, second: GaussianMixture, share: float) -> GaussianMixture:
    """Samples of `second` with probability `share`, of `first` otherwise: the components of both, listed.

    Examples
    --------
    >>> mixed(ring(2), drop_modes(ring(2), [0]), 0.5).weights.tolist()
    [0.25, 0.25, 0.0, 0.5]
    """
    share = validation.probability("share", share)
    if first.dimension != second.dimension:
        raise ValueError(
            f"first and second must have the same dimension, got {first.dimension} and {second.dimension}"
        )
    return GaussianMixture(
        np.concatenate([(1 - share) * first.weights, share * second.weights]),
        np.vstack([first.means, second.means]),
        np.concatenate([first.variances, second.variances]),
    )


def true_region(target: GaussianMixture, generator: GaussianMixture, radius: float) -> Region:
    """The region of the law of counts around the target's modes: what `from_centres` estimates.

    Parameters
    ----------
    target, generator : GaussianMixture
        P and Q, in the same dimension.
    radius : float
        Of the balls around the target's means, which must not overlap; ``3 * target.std`` is usual.

    Returns
    -------
    Region
        Of the exact pmfs of the modes and of the off-mode bin, `GaussianMixture.ball_masses`.

    Notes
    -----
    Counting is a garbling, so this lies inside R(P, Q). If the generator differs from the target in weights
    only, R(P, Q) lies in turn inside ``Region.from_pmfs(target.weights, generator.weights)``, since samples
    are a garbling of the labels of their modes; for modes far apart these two are the same but for rounding.

    Examples
    --------
    >>> target = grid()
    >>> region = true_region(target, drop_modes(target, [0, 1, 2, 3, 4]), 3 * target.std)
    >>> round(region.boundary(0), 4)  # a fifth of the mass is lost; balls hold 0.9889 of it
    0.1978
    """
    p, q = (law.ball_masses(target.means, radius) for law in (target, generator))
    return Region.from_pmfs(p, q)


def _index(target: GaussianMixture, mode: int) -> int:
    if not (isinstance(mode, Integral) and 0 <= mode < len(target.weights)):
        raise ValueError(f"there are modes 0 to {len(target.weights) - 1}, got {mode!r}")
    return mode
