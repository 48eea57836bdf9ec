"""Judging generators: positions of packed distances in the theorems' ranges, and measurements by classifiers.

Counts over nearest modes give a region with a confidence band (`modecollapse.samples`). The region predicts
the packed distance at every m. A classifier that is trained on packs, and tested on other packs, measures a
lower bound of the packed distance. On the modes of the points it measures the predicted distance. On the
points themselves it also detects differences within modes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array

from modecollapse.arrays import FloatArray
from modecollapse.gan import digits
from modecollapse.gan.configuration import DIGITS, nearest_modes
from modecollapse.gan.data import resample
from modecollapse.gan.losses import Critic, cross_entropy
from modecollapse.gan.networks import Layer, Parameters, multilayer
from modecollapse.gan.rows import merge
from modecollapse.packing import packed_tv
from modecollapse.region import Region
from modecollapse.samples import ModeCounts, diagnose, from_counts
from modecollapse.theorems.band import tv_band

from .runs import Run

Row = dict[str, Any]
"""A row of a tidy table."""

JUDGE = multilayer(128, 2, 1)
"""The classifier of packs."""

OPTIMISER = optax.adam(1e-3)
"""The optimiser of the classifier."""

ROWS = 200
"""Number of real packs, and of generated packs, in one step of the classifier."""

POINT_WIDTH = 1e-9
"""Width below which a range of packed distances is a point, up to the rounding of its ends."""

COLLAPSE = (0.01, 0.1)
"""The point (ε,δ) of Theorems 4 and 5: a tenth of the target with a hundredth of the generated points."""


class Place(NamedTuple):
    """A packed distance, and the range of the theorem that applies to the pair.

    Attributes
    ----------
    m : int
        Packing degree.
    tv : float
        d_TV(P^m, Q^m) of the region.
    theorem : int
        4 if the region has the collapse, 5 if it has neither the collapse nor the augmentation, else 3.
    lower, upper : float
        Ends of the range of that theorem at the region's d_TV(P, Q), correct in every regime
        (docs/errata.md).
    position : float or None
        Position of `tv` in the range: 0 at its bottom and 1 at its top. None where the range is a point.
    """

    m: int
    tv: float
    theorem: int
    lower: float
    upper: float
    position: float | None


def place(region: Region, m: int, collapse: tuple[float, float] | None = None) -> Place:
    """Position of a packed distance among those of a class of pairs with the same d_TV(P, Q).

    Parameters
    ----------
    region : Region
        Region of the pair.
    m : int
        Packing degree.
    collapse : (eps, delta), optional
        Point that defines the class. If the pair has this mode collapse, the class is that of all pairs
        with it (Theorem 4). If the pair has neither this collapse nor this augmentation, the class is that
        of all such pairs (Theorem 5). Otherwise, and by default, it is that of all pairs (Theorem 3).

    Examples
    --------
    >>> round(place(Region.from_pmfs([0.2, 0.8], [0, 1]), 2).position, 9)
    1.0
    >>> symmetric = Region.from_pmfs([0.55, 0.45], [0.45, 0.55])
    >>> [place(symmetric, 3, point).theorem for point in (None, (0.45, 0.55), (0.05, 0.3))]
    [3, 4, 5]
    """
    tau = region.total_variation
    value = packed_tv(region, m)
    if collapse is not None and region.has_collapse(*collapse):
        theorem, band = 4, tv_band(tau, m, collapse=collapse)
    elif collapse is not None and not region.has_augmentation(*collapse):
        theorem, band = 5, tv_band(tau, m, no_collapse=collapse, no_augmentation=collapse)
    else:
        theorem, band = 3, tv_band(tau, m)
    lower, upper = band.lower, band.upper
    position = (value - lower) / (upper - lower) if upper - lower > POINT_WIDTH else None
    return Place(m, value, theorem, lower, upper, position)


class Measured(NamedTuple):
    """Advantage of a classifier, P(it says real) − Q(it says real), on packs it was not trained on.

    Attributes
    ----------
    advantage : ndarray, shape (t,)
        Advantages in [−1, 1]. The mean of each is at most d_TV(P^m, Q^m).
    error : ndarray, shape (t,)
        Standard errors, from the finite number of packs.
    """

    advantage: FloatArray
    error: FloatArray


def judge(real: FloatArray, generated: FloatArray, m: int, seed: int, steps: int = 1000) -> Measured:
    """Measure packed distances by classifiers, one a trial, all trained together.

    Packs for training are drawn at random from the first half of the points. The other half, divided into
    packs, is for the measurement.

    Parameters
    ----------
    real : ndarray, shape (n, d)
        Real points: coordinates, or modes as indicator vectors.
    generated : ndarray, shape (t, N, d)
        Points of t generators.
    m : int
        Packing degree.
    seed : int
        Seed of the training.
    steps : int
        Number of steps of the training.

    Raises
    ------
    ValueError
        If a half has fewer points than a pack.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> real, generated = rng.normal(0, 1, (4000, 1)), rng.normal(3, 1, (1, 4000, 1))
    >>> measured = judge(real, generated, m=1, seed=0, steps=200)
    >>> bool(abs(measured.advantage[0] - 0.8664) < 4 * measured.error[0] + 0.01)  # 2Φ(3/2) − 1
    True
    """
    if m < 1 or min(len(real), generated.shape[1]) < 2 * m:
        raise ValueError(
            f"m must be at least 1 and leave a pack in each half, got {m!r} for {len(real)} real and "
            f"{generated.shape[1]} generated points"
        )
    halves = [_halves(jnp.asarray(points, dtype=float), m) for points in (real, *generated)]
    (known_real, new_real), others = halves[0], halves[1:]
    known, new = (jnp.stack([half[i] for half in others]) for i in (0, 1))
    keys = jax.random.split(jax.random.key(seed), len(generated))
    shares = jax.vmap(partial(_judge_one, m=m, steps=steps), in_axes=(None, 0, None, 0, 0))(
        known_real, known, new_real, new, keys
    )
    return Measured(*(np.asarray(values, dtype=np.float64) for values in shares))


def _halves(points: Array, m: int) -> tuple[Array, Array]:
    """The points of the first half, and the packs of the second half."""
    middle = len(points) // 2
    packs = (len(points) - middle) // m
    return points[:middle], merge(points[middle : middle + packs * m], m)


@partial(jax.jit, static_argnames=("m", "steps"))
def _judge_one(
    known_real: Array, known: Array, new_real: Array, new: Array, key: Array, m: int, steps: int
) -> tuple[Array, Array]:
    """Advantage and standard error of one classifier."""
    key_start, key_steps = jax.random.split(key)
    network, loss = JUDGE, cross_entropy()
    parameters, _ = network.initialise(key_start, new.shape[1])
    draw_real, draw = resample(known_real), resample(known)

    def step(state: tuple[Parameters, Any], step_key: Array) -> tuple[tuple[Parameters, Any], None]:
        now, optimiser = state
        key_real, key_generated = jax.random.split(step_key)
        packs = merge(draw_real(key_real, ROWS * m), m), merge(draw(key_generated, ROWS * m), m)
        gradient = jax.grad(lambda own: loss.critic(_score(network, own), *packs, step_key))(now)
        updates, optimiser = OPTIMISER.update(gradient, optimiser, now)
        return (optax.apply_updates(now, updates), optimiser), None

    initial = (parameters, OPTIMISER.init(parameters))
    (parameters, _), _ = jax.lax.scan(step, initial, jax.random.split(key_steps, steps))
    passed = [jnp.mean(_score(network, parameters)(packs) > 0) for packs in (new_real, new)]
    spread = [share * (1 - share) / len(packs) for share, packs in zip(passed, (new_real, new), strict=True)]
    return passed[0] - passed[1], jnp.sqrt(spread[0] + spread[1])


def _score(network: Layer, parameters: Parameters) -> Critic:
    """The scores of rows by a network."""
    return lambda rows: network.apply(parameters, rows)[:, 0]


def read(run: Run, degrees: Sequence[int] = (1, 2, 4), seed: int = 0) -> list[Row]:
    """Predicted and measured packed distances of a run's generators, as a tidy table.

    Parameters
    ----------
    run : Run
        A run.
    degrees : sequence of int
        Packing degrees m of the distances. They need not be those of the training.
    seed : int
        Seed of the real points and of the classifiers.

    Returns
    -------
    list of dict
        Rows with "seed" (of the trial), "m", "quantity" and "value". The quantities are:

        * "predicted": the packed distance of the plug-in region;
        * "predicted_lower" and "predicted_upper": its confidence limits at level 0.95;
        * "position": that in the range of Theorem 3;
        * "theorem": the theorem that applies at (0.01, 0.1), see `place`;
        * "theorem_4_position" or "theorem_5_position": the position in its range, omitted where there is
          none;
        * "judged_modes" and "judged_points": measurements on the nearest modes, and on the points;
        * "judged_modes_error" and "judged_points_error": their standard errors.
    """
    law, real = run.configuration.law, _real(run, seed)
    diagnoses = [diagnose(counts, m=degrees) for counts in counted(run, seed)]
    indicators = np.eye(len(law.means))
    modes = indicators[law.mode_of(real)], np.stack([indicators[law.mode_of(rows)] for rows in run.samples])
    rows: list[Row] = []
    for i, m in enumerate(degrees):
        places = [place(diagnosis.region, m, COLLAPSE) for diagnosis in diagnoses]
        on_modes, on_points = judge(*modes, m, seed), judge(real, run.samples, m, seed)
        values: dict[str, Sequence[float | None]] = {
            "predicted": [diagnosis.packed[i].tv for diagnosis in diagnoses],
            "predicted_lower": [diagnosis.packed[i].interval.lower for diagnosis in diagnoses],
            "predicted_upper": [diagnosis.packed[i].interval.upper for diagnosis in diagnoses],
            "position": [diagnosis.packed[i].position for diagnosis in diagnoses],
            "theorem": [at.theorem for at in places],
            "theorem_4_position": [at.position if at.theorem == 4 else None for at in places],
            "theorem_5_position": [at.position if at.theorem == 5 else None for at in places],
            "judged_modes": on_modes.advantage.tolist(),
            "judged_modes_error": on_modes.error.tolist(),
            "judged_points": on_points.advantage.tolist(),
            "judged_points_error": on_points.error.tolist(),
        }
        rows += [
            {"seed": int(trial), "m": m, "quantity": quantity, "value": float(value)}
            for quantity, column in values.items()
            for trial, value in zip(run.seeds, column, strict=True)
            if value is not None
        ]
    return rows


def read_modes(run: Run, degrees: Sequence[int] = (1, 2, 4), seed: int = 0) -> list[Row]:
    """Predicted packed distances of a run of digits, against the known shares of the modes.

    Parameters
    ----------
    run : Run
        A run of digits. The modes are the classes, or tuples of them, as the target's classifier tells them.
    degrees : sequence of int
        Packing degrees m of the distances. They need not be those of the training.
    seed : int
        Seed of the real counts.

    Returns
    -------
    list of dict
        Rows as of `read`, with the quantities "predicted" and "position", and "predicted_real": the packed
        distance of counts that are drawn from the target itself, as many as the generated ones. So much of
        "predicted" is due to the number of points alone.
    """
    configuration = run.configuration
    reference = digits.digits(configuration.data, configuration.side)
    channels = DIGITS[configuration.target]
    law = digits.stack_law(reference.shares, channels)
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for trial, points in zip(run.seeds, run.samples, strict=True):
        classes = reference.classify(points.reshape(len(points) * channels, -1)).reshape(-1, channels)
        generated, real = digits.count_stacks(classes), rng.multinomial(len(points), law)
        region, chance = (from_counts(target=law, generated=counts).region for counts in (generated, real))
        for m in degrees:
            at = place(region, m)
            values = {"predicted": at.tv, "position": at.position, "predicted_real": packed_tv(chance, m)}
            rows += [
                {"seed": int(trial), "m": m, "quantity": quantity, "value": value}
                for quantity, value in values.items()
                if value is not None
            ]
    return rows


def counted(run: Run, seed: int = 0) -> list[ModeCounts]:
    """Counts over nearest modes of each trial's points, and of equally many real points."""
    centres = run.configuration.law.means
    real = nearest_modes(_real(run, seed), centres)
    return [from_counts(real, nearest_modes(points, centres)) for points in run.samples]


def _real(run: Run, seed: int) -> FloatArray:
    return run.configuration.law.sample(run.samples.shape[1], np.random.default_rng(seed))
