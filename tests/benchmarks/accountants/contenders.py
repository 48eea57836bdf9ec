"""Us and the privacy accountants: each computes d_TV(P^m, Q^m) from two pmfs.

What is imported is imported inside the functions: an accountant may be missing, and a process that measures
one should not carry the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .cases import FloatArray

Evaluate = Callable[[FloatArray, FloatArray, int, Any], tuple[float, ...]]


@dataclass(frozen=True)
class Contender:
    """One way to compute d_TV(P^m, Q^m).

    Attributes
    ----------
    name : str
    package : str
        The distribution it comes from.
    ends : tuple of str
        What it returns, among "lower", "estimate", "upper"; "estimate" promises no side.
    evaluate : callable
        From p, q, m and a setting to one number an end.
    setting : str
        What the setting is called.
    default : float or None
        The setting that comes with it.
    finer : tuple of float
        Settings of less error at more cost, the cheapest first.
    """

    name: str
    package: str
    ends: tuple[str, ...]
    evaluate: Evaluate
    setting: str = ""
    default: float | None = None
    finer: tuple[float, ...] = ()


# -- ours ------------------------------------------------------------------------------------------------


def packed_tv(p: FloatArray, q: FloatArray, m: int, _: None) -> tuple[float, ...]:
    """The value itself."""
    import modecollapse

    return (modecollapse.packed_tv((p, q), m),)


def packed_tv_bracket(p: FloatArray, q: FloatArray, m: int, width: float) -> tuple[float, ...]:
    """The certified bracket of a width."""
    import modecollapse

    return modecollapse.packed_tv_bracket((p, q), m, width)


# -- dp-accounting ---------------------------------------------------------------------------------------


def dp_accounting_buckets(p: FloatArray, q: FloatArray, m: int, interval: float) -> tuple[float, ...]:
    """Losses rounded down to a grid, and up ("privacy buckets")."""
    return tuple(
        _rounded_distribution(p, q, interval, is_pessimistic, True).self_compose(m).get_delta_for_epsilon(0)
        for is_pessimistic in (False, True)
    )


def dp_accounting_dots(p: FloatArray, q: FloatArray, m: int, interval: float) -> tuple[float, ...]:
    """The least dominating pair with losses on the grid points next to those of the letters.

    The library offers it for its own mechanisms; this hands the divergences of any pair to the same function.
    Letters are sorted once, so that the divergences at all grid points are differences of two running sums.
    """
    from dp_accounting.pld import pld_pmf

    steps = np.log(p / q) / interval
    order = np.argsort(-steps)
    neighbours = np.unique(np.concatenate([np.floor(steps), np.ceil(steps)])).astype(int)
    above = np.searchsorted(-steps[order], -neighbours, side="left")
    p_above, q_above = (np.append(0.0, np.cumsum(law[order]))[above] for law in (p, q))
    divergences = np.maximum(p_above - np.exp(neighbours * interval) * q_above, 0.0)
    one = pld_pmf.create_pmf_pessimistic_connect_dots(interval, neighbours, divergences)
    return (one.self_compose(m).get_delta_for_epsilon(0),)


def _rounded_distribution(
    p: FloatArray, q: FloatArray, interval: float, is_pessimistic: bool, is_symmetric: bool
) -> Any:
    from dp_accounting.pld import privacy_loss_distribution

    return privacy_loss_distribution.from_two_probability_mass_functions(
        dict(enumerate(np.log(q).tolist())),
        dict(enumerate(np.log(p).tolist())),
        pessimistic_estimate=is_pessimistic,
        value_discretization_interval=interval,
        symmetric=is_symmetric,
    )


# -- pld-accounting --------------------------------------------------------------------------------------


def pld_accounting(p: FloatArray, q: FloatArray, m: int, discretization: float) -> tuple[float, ...]:
    """Rounded down, and dots connected; as the library composes, at 1/m of the discretization a sample."""
    from PLD_accounting import (
        DEFAULT_TAIL_TRUNCATION,
        BoundType,
        compose_full_pld,
        rediscretize_dist_by_bound,
    )
    from PLD_accounting.discrete_dist import SparseDiscreteDist
    from PLD_accounting.fft_convolution import fft_self_convolve

    losses, position = np.unique(np.log(p / q), return_inverse=True)
    one = SparseDiscreteDist(x_array=losses, prob_arr=np.bincount(position, p))
    tail = DEFAULT_TAIL_TRUNCATION / 3

    def delta(bound: Any) -> float:
        on_grid = rediscretize_dist_by_bound(
            dist=one, tail_truncation=tail / m, loss_discretization=discretization / m, bound_type=bound
        )
        packed = fft_self_convolve(
            dist=on_grid, num_convolutions=m, tail_truncation=tail, bound_type=bound, use_direct=True
        )
        whole = compose_full_pld(remove_dist=packed, add_dist=None, bound_type=bound)
        return whole.get_delta_for_epsilon(0)

    return delta(BoundType.IS_DOMINATED), delta(BoundType.DOMINATES)


# -- prv-accountant --------------------------------------------------------------------------------------

DELTA_ERROR = 1e-10


def prv_accountant(p: FloatArray, q: FloatArray, m: int, eps_error: float) -> tuple[float, ...]:
    """Cell centres with the mean kept; lower and upper allow for eps_error and DELTA_ERROR."""
    from prv_accountant import PRVAccountant

    accountant = PRVAccountant(_privacy_loss(p, q), eps_error, DELTA_ERROR, max_self_compositions=m)
    return accountant.compute_delta(0.0, [m])


def _privacy_loss(p: FloatArray, q: FloatArray) -> Any:
    """log p/q under P, as the accountant's users define a mechanism: cdf and Rényi divergences."""
    from prv_accountant import PrivacyRandomVariable

    losses = np.log(p / q)
    order = np.argsort(losses)
    heights = np.append(0.0, np.cumsum(p[order]))

    class PrivacyLoss(PrivacyRandomVariable):
        def cdf(self, t: Any) -> Any:
            return heights[np.searchsorted(losses[order], t, side="right")]

        def rdp(self, alpha: float) -> float:
            return float(np.log(p @ np.exp((alpha - 1) * losses)) / (alpha - 1))

    return PrivacyLoss()


# -- riskcal ---------------------------------------------------------------------------------------------

CURVE_POINTS = 10_001


def riskcal(p: FloatArray, q: FloatArray, m: int, interval: float) -> tuple[float, ...]:
    """The greatest 1 − α − β on its trade-off curve, from a pessimistic distribution of dp-accounting.

    Its "advantage" is not a method of its own: it is what dp-accounting returns.
    """
    from riskcal import analysis

    alpha = np.linspace(0, 1, CURVE_POINTS) ** 2  # denser towards 0, where the optimum of a far pair is
    packed = _rounded_distribution(p, q, interval, True, False).self_compose(m)
    return (float((1 - alpha - analysis.get_beta_from_pld(packed, alpha=alpha)).max()),)


INTERVALS = (1e-5, 1e-6, 1e-7, 1e-8, 1e-9)

CONTENDERS = [
    Contender("packed_tv", "modecollapse", ("estimate",), packed_tv),
    Contender("packed_tv_bracket", "modecollapse", ("lower", "upper"), packed_tv_bracket, "width", 1e-8),
    Contender(
        "dp-accounting, buckets",
        "dp-accounting",
        ("lower", "upper"),
        dp_accounting_buckets,
        "value_discretization_interval",
        1e-4,
        INTERVALS,
    ),
    Contender(
        "dp-accounting, connect the dots",
        "dp-accounting",
        ("upper",),
        dp_accounting_dots,
        "discretization",
        1e-4,
        INTERVALS,
    ),
    Contender(
        "pld-accounting",
        "PLD_accounting",
        ("lower", "upper"),
        pld_accounting,
        "loss_discretization",
        1e-2,
        (1e-3, 1e-4, 1e-5, 1e-6),
    ),
    Contender(
        "prv-accountant",
        "prv-accountant",
        ("lower", "estimate", "upper"),
        prv_accountant,
        "eps_error",
        1e-1,
        (1e-2, 1e-3, 1e-4, 1e-5, 1e-6),
    ),
    Contender(
        "riskcal, curve", "riskcal", ("estimate",), riskcal, "value_discretization_interval", 1e-4, INTERVALS
    ),
]

BY_NAME = {contender.name: contender for contender in CONTENDERS}
