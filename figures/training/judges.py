"""Reading generators: where their packed distance stands in the theorems' ranges, and what a judge measures.

Counts over nearest modes give a region with its confidence (`modecollapse.samples`), and the region predicts
the packed distance at every m. A classifier trained on packs, and tried on packs it has not seen, measures it
from below: on the modes of the points, what was predicted; on the points themselves, also what modes cannot
show.
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
from modecollapse.gan.configuration import nearest_modes
from modecollapse.gan.data import resample
from modecollapse.gan.losses import cross_entropy
from modecollapse.gan.networks import Layer, Parameters, multilayer
from modecollapse.gan.rows import merge
from modecollapse.packing import packed_tv
from modecollapse.region import Region
from modecollapse.samples import ModeCounts, diagnose, from_counts
from modecollapse.theorems.band import tv_band

from .runs import Run

Row = dict[str, Any]
"""A line of a tidy table."""

JUDGE = multilayer(128, 2, 1)
"""The classifier of packs."""

OPTIMISER = optax.adam(1e-3)
ROWS = 200
"""Packs of each kind in one step of the classifier."""

COLLAPSE = (0.01, 0.1)
"""The (ε,δ) that decides between Theorems 4 and 5: a tenth of the target gets a hundredth of the points."""


class Place(NamedTuple):
    """A packed distance, and the range of the theorem that speaks of the pair.

    Attributes
    ----------
    m : int
    tv : float
        d_TV(P^m, Q^m) of the region.
    theorem : int
        4 if the region has the collapse asked about, 5 if it has neither it nor augmentation, else 3.
    lower, upper : float
        The theorem's range at the region's d_TV(P, Q), true in every regime (docs/errata.md).
    position : float
        0 at the bottom of the range and 1 at its top; None where the range is a point.
    """

    m: int
    tv: float
    theorem: int
    lower: float
    upper: float
    position: float | None


def place(region: Region, m: int, collapse: tuple[float, float] | None = None) -> Place:
    """Where a region's packed distance stands among those of all pairs like it.

    Parameters
    ----------
    region : Region
    m : int
        Packing degree.
    collapse : (eps, delta), optional
        Pairs like it have this mode collapse if it has (Theorem 4), or neither this collapse nor this
        augmentation if it has neither (Theorem 5). Without, or if it has the augmentation alone, they share
        d_TV(P, Q) only (Theorem 3).

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
        theorem, band = 5, tv_band(tau, m, no_collapse=collapse)
    else:
        theorem, band = 3, tv_band(tau, m)
    lower, upper = band.lower, band.upper
    # a range this narrow is a point, up to the rounding of its ends
    position = (value - lower) / (upper - lower) if upper - lower > 1e-9 else None
    return Place(m, value, theorem, lower, upper, position)


class Measured(NamedTuple):
    """A judge's advantage P(it says real) − Q(it says real) on packs it has not seen.

    Attributes
    ----------
    advantage : ndarray, shape (t,)
        Unbiased for this judge, whose mean is at most d_TV(P^m, Q^m).
    error : ndarray, shape (t,)
        Its standard error, from the finite number of packs.
    """

    advantage: FloatArray
    error: FloatArray


def judge(real: FloatArray, generated: FloatArray, m: int, seed: int, steps: int = 1000) -> Measured:
    """Measure packed distances by classifiers, one a trial, all trained together.

    The first half of the points is for training, in packs drawn at random; the other half, in packs of its
    own, for the measurement.

    Parameters
    ----------
    real : ndarray, shape (n, d)
        Real points: coordinates, or modes as indicator vectors.
    generated : ndarray, shape (t, N, d)
        Points of t generators.
    m : int
        Packing degree.
    seed : int
    steps : int
        Of training.

    Raises
    ------
    ValueError
        If a half holds no pack.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> real, generated = rng.normal(0, 1, (4000, 1)), rng.normal(3, 1, (1, 4000, 1))
    >>> found = judge(real, generated, m=1, seed=0, steps=200)
    >>> bool(abs(found.advantage[0] - 0.8664) < 4 * found.error[0] + 0.01)  # 2Φ(3/2) − 1
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
    middle = len(points) // 2
    packs = (len(points) - middle) // m
    return points[:middle], merge(points[middle : middle + packs * m], m)


@partial(jax.jit, static_argnames=("m", "steps"))
def _judge_one(
    known_real: Array, known: Array, new_real: Array, new: Array, key: Array, m: int, steps: int
) -> tuple[Array, Array]:
    key_start, key_steps = jax.random.split(key)
    network, loss = JUDGE, cross_entropy()
    parameters, _ = network.initialise(key_start, new.shape[1])
    draw_real, draw = resample(known_real), resample(known)

    def step(state: tuple[Parameters, Any], step_key: Array) -> tuple[tuple[Parameters, Any], None]:
        now, optimiser = state
        key_real, key_generated = jax.random.split(step_key)
        lots = merge(draw_real(key_real, ROWS * m), m), merge(draw(key_generated, ROWS * m), m)
        gradient = jax.grad(lambda own: loss.critic(_score(network, own), *lots, step_key))(now)
        updates, optimiser = OPTIMISER.update(gradient, optimiser, now)
        return (optax.apply_updates(now, updates), optimiser), None

    begun = (parameters, OPTIMISER.init(parameters))
    (parameters, _), _ = jax.lax.scan(step, begun, jax.random.split(key_steps, steps))
    passed = [jnp.mean(_score(network, parameters)(packs) > 0) for packs in (new_real, new)]
    spread = [share * (1 - share) / len(packs) for share, packs in zip(passed, (new_real, new), strict=True)]
    return passed[0] - passed[1], jnp.sqrt(spread[0] + spread[1])


def _score(network: Layer, parameters: Parameters) -> Any:
    return lambda rows: network.apply(parameters, rows)[:, 0]


def read(run: Run, degrees: Sequence[int] = (1, 2, 4), seed: int = 0) -> list[Row]:
    """Everything about the packed distances of a run's generators, tidily.

    Parameters
    ----------
    run : Run
    degrees : sequence of int
        Packing degrees m to read at, whatever the generators were trained with.
    seed : int
        Of the real points and of the judges.

    Returns
    -------
    list of dict
        Rows "seed" (the trial's), "m", "quantity", "value". Quantities: "predicted", the packed distance of
        the counted region; "predicted_lower" and "predicted_upper", its limits at level 0.95; "position" in
        the range of Theorem 3; "theorem" at (0.01, 0.1), and "theorem_4_position" or "theorem_5_position" in
        its range, see `place`; "judged_modes" and "judged_points", what judges measure on the nearest modes
        and on the points, and their standard errors "judged_modes_error" and "judged_points_error".
        Positions that there are not are left out.
    """
    law, real = run.configuration.law, _real(run, seed)
    diagnoses = [diagnose(found, m=degrees) for found in counted(run, seed)]
    indicators = np.eye(len(law.means))
    modes = indicators[law.mode_of(real)], np.stack([indicators[law.mode_of(rows)] for rows in run.samples])
    rows: list[Row] = []
    for i, m in enumerate(degrees):
        places = [place(found.region, m, COLLAPSE) for found in diagnoses]
        on_modes, on_points = judge(*modes, m, seed), judge(real, run.samples, m, seed)
        values: dict[str, Sequence[float | None]] = {
            "predicted": [found.packed[i].tv for found in diagnoses],
            "predicted_lower": [found.packed[i].interval.lower for found in diagnoses],
            "predicted_upper": [found.packed[i].interval.upper for found in diagnoses],
            "position": [found.packed[i].position for found in diagnoses],
            "theorem": [found.theorem for found in places],
            "theorem_4_position": [found.position if found.theorem == 4 else None for found in places],
            "theorem_5_position": [found.position if found.theorem == 5 else None for found in places],
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


def counted(run: Run, seed: int = 0) -> list[ModeCounts]:
    """Each trial's points by their nearest modes, against as many real ones drawn with the seed.

    Their `region` and `band` are what the counts say of (P, Q).
    """
    centres = run.configuration.law.means
    real = nearest_modes(_real(run, seed), centres)
    return [from_counts(real, nearest_modes(points, centres)) for points in run.samples]


def _real(run: Run, seed: int) -> FloatArray:
    return run.configuration.law.sample(run.samples.shape[1], np.random.default_rng(seed))
