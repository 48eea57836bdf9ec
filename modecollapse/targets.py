"""Benchmark targets with known densities, and generators of known collapse built from them.

A target is a mixture of round Gaussians, which are its modes. A generator is another such mixture. Both can
be sampled exactly, and the law of counts around the modes is known in closed form. So every statement about
samples can be checked against `true_region`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import alignment, validation
from modecollapse.arrays import FloatArray, IntArray
from modecollapse.region import Region
from modecollapse.tensors import plain
from modecollapse.values import Value

FAR = 40.0
"""Standard deviations beyond which a Gaussian has no mass in floating point: exp(−40²/2) < 1e-347."""

RING_VARIANCE = 1e-4
"""Variance of each coordinate within a mode of PacGAN's 2D-ring."""

GRID_VARIANCE = 0.0025
"""Variance of each coordinate within a mode of PacGAN's 2D-grid."""

HALF_SIDE = 4.0
"""Half the side of the square of `random`, that of the 2D-grid."""

RANDOM_SPACING = 0.6
"""Least distance of two modes of `random`: twelve standard deviations."""

MOST_RANDOM_MODES = 60
"""Greatest number of modes that `random` places, so that a free place is drawn in a few tries."""


@dataclass(frozen=True, eq=False, repr=False)
class GaussianMixture(Value):
    """A mixture of Gaussians, each round: the same variance in every direction.

    Parameters
    ----------
    weights : array_like, shape (k,)
        A pmf. A weight of 0 stands for a missing mode.
    means : array_like, shape (k, d)
        Centres of the modes, as rows.
    variances : array_like, shape (k,) or ()
        Positive: the variance of each coordinate within a mode. One number holds for all modes.

    Attributes
    ----------
    weights, means, variances : ndarray, shape (k,), (k, d), (k,)
        Read-only.

    Raises
    ------
    ValueError
        If the weights are not a pmf, a variance is not positive, an entry is not finite, or lengths differ.

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
        given = (self.weights, self.means, self.variances)
        alignment.same_rows(("weights", "means", "variances"), given)
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

    def __repr__(self) -> str:
        return f"<GaussianMixture of {len(self.weights)} modes in {self.dimension} dimensions>"

    @property
    def dimension(self) -> int:
        """The number of coordinates d."""
        return self.means.shape[1]

    @property
    def std(self) -> float:
        """The standard deviation of each coordinate within a mode.

        Raises
        ------
        ValueError
            If the modes differ in variance.
        """
        if np.ptp(self.variances) > 0:
            raise ValueError(
                f"the modes differ in width: variances from {self.variances.min()!s} to "
                f"{self.variances.max()!s}"
            )
        return math.sqrt(self.variances[0])

    def sample(self, size: int, rng: np.random.Generator) -> FloatArray:
        """Draw independent samples.

        Parameters
        ----------
        size : int
            The number n ≥ 0 of samples.
        rng : numpy.random.Generator
            The source of randomness.

        Returns
        -------
        ndarray, shape (n, d)
            Samples as rows.

        Raises
        ------
        ValueError
            If `size` is not an integer ≥ 0, or `rng` not a Generator.
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
        """The logarithm of the density. It is finite where the density underflows.

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
        # a generator: memory does not grow with the number of modes
        terms = (
            math.log(weight)
            - 0.5 * np.sum((rows - mean) ** 2, axis=1) / variance
            - 0.5 * self.dimension * math.log(2 * math.pi * variance)
            for weight, mean, variance in modes
        )
        with np.errstate(over="ignore"):  # −∞ further out than 1e154 standard deviations
            return reduce(np.logaddexp, terms)

    def pdf(self, points: ArrayLike) -> FloatArray:
        """The density, for arguments as in `logpdf`."""
        return np.exp(self.logpdf(points))

    def mode_of(self, points: ArrayLike) -> IntArray:
        """The index of the mode with the nearest centre. Modes of weight 0 count too.

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
        """The masses of balls around centres: the law of `modecollapse.samples.count_modes`.

        Parameters
        ----------
        centres : array_like, shape (k, d)
            Centres of the balls, as rows.
        radius : float
            Positive radius, such that no two balls overlap.

        Returns
        -------
        ndarray, shape (k+1,)
            A pmf, whose last entry is the mass outside all balls. The masses are sums of non-central χ²
            distribution functions, with an absolute error below 1e-12 (measured).

        Raises
        ------
        ValueError
            If the radius is not positive and finite; if balls overlap; or if a sphere passes a mode whose
            distance from the centre is some 1e5 standard deviations or more.

        Examples
        --------
        >>> GaussianMixture([1], [[0, 0]], 0.01).ball_masses([[0, 0], [5, 5]], 0.3).round(4).tolist()
        [0.9889, 0.0, 0.0111]
        """
        from scipy.spatial.distance import cdist, pdist
        from scipy.stats import ncx2

        points, radius = self._rows(centres), validation.positive("radius", radius)
        spacing = pdist(points).min(initial=math.inf)
        if 2 * radius > spacing:
            raise ValueError(f"balls of radius {radius!r} overlap: the nearest centres are {spacing!s} apart")
        distances = cdist(points, self.means)
        stds = np.broadcast_to(np.sqrt(self.variances), distances.shape)
        with np.errstate(over="ignore"):
            depths = (radius - distances) / stds
        # A mode far from the sphere is inside or outside as a whole, since P(χ_d > √d + t) ≤ exp(−t²/2).
        # There scipy may return NaN.
        near = np.abs(depths) < math.sqrt(self.dimension) + FAR
        masses = np.where(depths > 0, 1.0, 0.0)
        x, offsets = (radius / stds[near]) ** 2, (distances[near] / stds[near]) ** 2
        masses[near] = ncx2.cdf(x, self.dimension, offsets)
        if np.isnan(masses).any():
            offset = float(offsets.max()) ** 0.5
            raise ValueError(
                f"radius {radius!r} is too large: a mode is {offset:.3g} standard deviations from a centre"
            )
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
    """PacGAN's 2D-ring: equal Gaussians of variance 1e-4 on the unit circle (arXiv:1712.04086).

    Parameters
    ----------
    modes : int, default 8
        Number of modes, at least 1.

    Raises
    ------
    ValueError
        If `modes` is not an integer ≥ 1.

    Examples
    --------
    >>> ring().means[:3].round(3).tolist()
    [[1.0, 0.0], [0.707, 0.707], [0.0, 1.0]]
    """
    count = validation.whole("modes", modes, 1)
    angles = 2 * math.pi * np.arange(count) / count
    return _equal_modes(np.column_stack([np.cos(angles), np.sin(angles)]), RING_VARIANCE)


def grid(side: int = 5) -> GaussianMixture:
    """PacGAN's 2D-grid: equal Gaussians of variance 0.0025, 2 apart in a square (arXiv:1712.04086).

    Parameters
    ----------
    side : int, default 5
        Number of modes along a side, at least 1.

    Raises
    ------
    ValueError
        If `side` is not an integer ≥ 1.

    Examples
    --------
    >>> grid().means[[0, 1, -1]].tolist()
    [[-4.0, -4.0], [-4.0, -2.0], [4.0, 4.0]]
    """
    return _equal_modes(_lattice(side, 2), GRID_VARIANCE)


def cube(side: int = 3) -> GaussianMixture:
    """The 2D-grid in three dimensions: equal Gaussians of variance 0.0025, 2 apart in a cube.

    Its edge has `side` modes. Arguments and errors are those of `grid`.

    Examples
    --------
    >>> cube().means[[0, -1]].tolist(), len(cube().weights)
    ([[-2.0, -2.0, -2.0], [2.0, 2.0, 2.0]], 27)
    """
    return _equal_modes(_lattice(side, 3), GRID_VARIANCE)


def random(seed: int, modes: int = 25) -> GaussianMixture:
    """Gaussians of variance 0.0025 with random weights and random centres in the square [−4, 4]².

    Parameters
    ----------
    seed : int
        Seed of the draws. The same seed gives the same target.
    modes : int, default 25
        Number of modes, from 1 to 60.

    Raises
    ------
    ValueError
        If `modes` is not an integer from 1 to 60.

    Notes
    -----
    Centres are uniform in the square. A centre less than 0.6, twelve standard deviations, from an earlier
    one is drawn again. Weights are uniform on the simplex.

    Examples
    --------
    >>> target = random(seed=0)
    >>> target.means.shape, float(target.weights.sum().round(12))
    ((25, 2), 1.0)
    """
    count = validation.whole("modes", modes, 1)
    if count > MOST_RANDOM_MODES:
        raise ValueError(f"modes must be from 1 to {MOST_RANDOM_MODES}, got {modes!r}")
    rng = np.random.default_rng(seed)
    centres = rng.uniform(-HALF_SIDE, HALF_SIDE, (1, 2))
    while len(centres) < count:
        centre = rng.uniform(-HALF_SIDE, HALF_SIDE, 2)
        if np.linalg.norm(centres - centre, axis=1).min() >= RANDOM_SPACING:
            centres = np.vstack([centres, centre])
    return GaussianMixture(rng.dirichlet(np.ones(count)), centres, np.array(GRID_VARIANCE))


def _equal_modes(means: FloatArray, variance: float) -> GaussianMixture:
    return GaussianMixture(np.full(len(means), 1 / len(means)), means, np.array(variance))


def _lattice(side: int, dimension: int) -> FloatArray:
    """Points 2 apart in a square or cube around the origin. The last coordinate runs fastest."""
    ticks = 2.0 * np.arange(validation.whole("side", side, 1)) - (side - 1)
    return np.stack(np.meshgrid(*[ticks] * dimension, indexing="ij"), axis=-1).reshape(-1, dimension)


# -- generators ----------------------------------------------------------------------------------------


def drop_modes(target: GaussianMixture, modes: Iterable[int]) -> GaussianMixture:
    """The target without some of its modes. The other weights are divided by their sum.

    Parameters
    ----------
    target : GaussianMixture
        The target, with modes 0, …, k−1.
    modes : iterable of int
        The modes to drop.

    Returns
    -------
    GaussianMixture
        A generator with k modes, of which the dropped ones have weight 0.

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
        raise ValueError(f"modes must be a list of modes, got {modes!r}; write [{modes!r}] for one mode")
    weights = target.weights.copy()
    for mode in modes:
        weights[_index(target, mode)] = 0.0
    if not weights.any():
        raise ValueError("the modes kept must have mass, got none")
    return reweight_modes(target, weights / weights.sum())


def reweight_modes(target: GaussianMixture, weights: ArrayLike) -> GaussianMixture:
    """The target with other weights.

    Parameters
    ----------
    target : GaussianMixture
        The target, with k modes.
    weights : array_like, shape (k,)
        A pmf.

    Raises
    ------
    ValueError
        If the weights are not a pmf, or not one for each mode.

    Examples
    --------
    >>> reweight_modes(ring(4), [0.4, 0.3, 0.2, 0.1]).weights.tolist()
    [0.4, 0.3, 0.2, 0.1]
    """
    return GaussianMixture(np.asarray(weights), target.means, target.variances)


def shrink_mode(target: GaussianMixture, mode: int, factor: float) -> GaussianMixture:
    """The target with the standard deviation of one mode multiplied by a factor: collapse within a mode.

    Counts of nearest modes do not detect it. Balls of three standard deviations detect a little. A score
    detects all of it.

    Parameters
    ----------
    target : GaussianMixture
        The target, with modes 0, …, k−1.
    mode : int
        The mode to shrink.
    factor : float
        Positive; below 1 the mode shrinks.

    Raises
    ------
    ValueError
        If the factor is not positive, or there is no such mode.

    Examples
    --------
    >>> shrink_mode(ring(4), 2, 0.5).variances.tolist()
    [0.0001, 0.0001, 2.5e-05, 0.0001]
    """
    ratio = validation.positive("factor", factor)
    variances = target.variances.copy()
    variances[_index(target, mode)] *= ratio * ratio
    return GaussianMixture(target.weights, target.means, variances)


def mixed(first: GaussianMixture, second: GaussianMixture, share: float) -> GaussianMixture:
    """The mixture (1−share)·first + share·second, with the modes of both.

    Parameters
    ----------
    first, second : GaussianMixture
        Laws of the same dimension.
    share : float
        Weight of `second`, in [0, 1].

    Raises
    ------
    ValueError
        If the dimensions differ, or `share` is not in [0, 1].

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
    """The region of the laws of counts around the target's modes, which `from_centres` estimates.

    Parameters
    ----------
    target, generator : GaussianMixture
        P and Q, in the same dimension.
    radius : float
        Positive radius of the balls around the target's means, which must not overlap; ``3 * target.std`` is
        usual.

    Returns
    -------
    Region
        The region of the exact pmfs over the modes and the off-mode bin; see `GaussianMixture.ball_masses`.

    Raises
    ------
    ValueError
        If dimensions differ, or as in `GaussianMixture.ball_masses`.

    Notes
    -----
    Counting is a garbling, so this region lies inside R(P, Q). Suppose the generator differs from the
    target in weights only. Then samples are a garbling of the labels of their modes, so that R(P, Q) lies
    inside ``Region.from_pmfs(target.weights, generator.weights)``. For modes far apart these two regions
    are equal up to rounding.

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
    """The mode, once it is checked to be one of the target's."""
    mode = plain(mode)
    if not (isinstance(mode, Integral) and 0 <= mode < len(target.weights)):
        raise ValueError(f"there are modes 0 to {len(target.weights) - 1}, got {mode!r}")
    return mode
