"""One Gaussian fitted to two modes: each divergence misses something else.

The target P is the mixture 0.6 N(−2, 0.6²) + 0.4 N(2, 0.6²); Q is the Gaussian nearest to it. (a) Forward
KL, KL(P‖Q), matches mean and variance: Q covers both modes. (b) Jensen–Shannon has a minimum that covers
and one, dotted, that seeks; here the first is lower, at 0.155 nats against 0.164. (c) Reverse KL, KL(Q‖P),
seeks the heavier mode and loses the other. Below, the regions of the pairs (P, Q), computed to within 10⁻⁴:
a set with 2% of the mass of Q has little of P if Q covers, and the whole lost mode if Q seeks.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.integrate import trapezoid
from scipy.optimize import minimize
from scipy.stats import norm

from modecollapse import Region, RegionBracket
from modecollapse.arrays import FloatArray
from modecollapse.densities import log_density, mixture
from modecollapse.plotting import draw_region

from .parts import style

WEIGHTS = (0.6, 0.4)
CENTRES = (-2.0, 2.0)
STD = 0.6

EPS = 0.02
"""The ε at which the collapse is evaluated."""

NODES = np.linspace(-20.0, 20.0, 4001)
"""Nodes of the trapezoidal rule: exact to rounding for these integrands, analytic and 0 at both ends."""


class Gaussian(NamedTuple):
    """A Gaussian, by mean and standard deviation."""

    mean: float
    std: float

    def log_density(self) -> FloatArray:
        """The logarithm of the density at the nodes."""
        return np.asarray(norm.logpdf(NODES, self.mean, self.std))

    @property
    def density(self) -> FloatArray:
        """The density at the nodes, as it is drawn."""
        return np.exp(self.log_density())


class Fit(NamedTuple):
    """A Gaussian, its divergence from the target, and the region of the two."""

    q: Gaussian
    divergence: float
    region: Region


class Data(NamedTuple):
    """The best fit by each divergence, and the second minimum of the Jensen–Shannon divergence."""

    forward_kl: Fit
    jensen_shannon: Fit
    runner_up: Fit
    reverse_kl: Fit

    @property
    def x(self) -> FloatArray:
        """The points of the grid."""
        return NODES

    @property
    def target(self) -> FloatArray:
        """Density of the target at the points of the grid."""
        return np.exp(LOG_TARGET)


LogDensity = FloatArray
Divergence = Callable[[LogDensity, LogDensity], float]

TARGET = mixture(WEIGHTS, [norm(centre, STD) for centre in CENTRES])
LOG_TARGET = log_density(TARGET, NODES)


def kl(log_p: LogDensity, log_q: LogDensity) -> float:
    """KL(P‖Q) of densities at the nodes."""
    return float(trapezoid(np.exp(log_p) * (log_p - log_q), NODES))


def reverse_kl(log_p: LogDensity, log_q: LogDensity) -> float:
    """KL(Q‖P) of densities at the nodes."""
    return kl(log_q, log_p)


def jensen_shannon(log_p: LogDensity, log_q: LogDensity) -> float:
    """The mean KL divergence from the half-and-half mixture."""
    middle = np.logaddexp(log_p, log_q) - math.log(2)
    return (kl(log_p, middle) + kl(log_q, middle)) / 2


def matched() -> Gaussian:
    """The Gaussian with the target's mean and variance, which has the least forward KL."""
    mean = float(np.dot(WEIGHTS, CENTRES))
    return Gaussian(mean, math.sqrt(STD**2 + np.dot(WEIGHTS, np.square(CENTRES)) - mean**2))


def minima(divergence: Divergence) -> list[tuple[float, Gaussian]]:
    """Local minima of a divergence, least first, from starts at each mode and at the matched Gaussian."""

    def objective(parameters: FloatArray) -> float:
        mean, log_std = parameters
        return divergence(LOG_TARGET, Gaussian(mean, math.exp(log_std)).log_density())

    starts = [matched(), *(Gaussian(centre, STD) for centre in CENTRES)]
    searches = [
        minimize(
            objective,
            (q.mean, math.log(q.std)),
            method="Nelder-Mead",
            options={"xatol": 1e-6, "fatol": 1e-10},
        )
        for q in starts
    ]
    ends = [(float(s.fun), Gaussian(float(s.x[0]), math.exp(s.x[1]))) for s in searches]
    return sorted(ends)


def fitted(divergence: float, q: Gaussian) -> Fit:
    """A fit with its region, the inner one of the bracket."""
    return Fit(q, divergence, RegionBracket.from_distributions(TARGET, norm(q.mean, q.std)).inner)


def compute() -> Data:
    """Forward KL in closed form, the others by the best of several searches."""
    best, second, *_ = minima(jensen_shannon)
    return Data(
        forward_kl=fitted(kl(LOG_TARGET, matched().log_density()), matched()),
        jensen_shannon=fitted(*best),
        runner_up=fitted(*second),
        reverse_kl=fitted(*minima(reverse_kl)[0]),
    )


COVERS: dict[str, Any] = {"color": style.SPREAD}
SEEKS: dict[str, Any] = {"color": style.COLLAPSE, "linestyle": style.DASHED}
SECOND: dict[str, Any] = {"color": style.COLLAPSE, "linestyle": (0, (1, 1.5)), "linewidth": 1}


@style.styled
def draw(data: Data) -> Figure:
    """A column for each divergence: the densities, and the region below."""
    figure = Figure(figsize=(style.PAGE, 3.9))
    above, below = figure.subplots(2, 3, sharex="row", sharey="row", height_ratios=[0.55, 1])
    headings = ("forward KL covers", "Jensen–Shannon wavers", "reverse KL seeks a mode")
    best = (data.forward_kl, data.jensen_shannon, data.reverse_kl)
    for i, (fit, look) in enumerate(zip(best, (COVERS, COVERS, SEEKS), strict=True)):
        _draw_target(above[i])
        _draw_fit(above[i], fit, look, f"Q, {fit.divergence:.3f} nats")
        style.title(above[i], "abc"[i], headings[i])
        draw_region(below[i], fit.region, **look)
        _read_collapse(below[i], fit)
        below[i].label_outer()
    _draw_fit(above[1], data.runner_up, SECOND, f"{data.runner_up.divergence:.3f} nats")
    draw_region(below[1], data.runner_up.region, fill_alpha=0, **SECOND)
    above[0].set_ylabel("density")
    return figure


def _draw_target(ax: Axes) -> None:
    ax.fill_between(NODES, np.exp(LOG_TARGET), color="0.85", linewidth=0)
    ax.text(2.95, 0.17, "P")
    ax.set(xlim=(-5.5, 5.5), ylim=(0, 0.85), xticks=[-4, -2, 0, 2, 4], yticks=[0, 0.3, 0.6])


def _draw_fit(ax: Axes, fit: Fit, look: dict[str, Any], name: str) -> None:
    density = fit.q.density
    ax.plot(NODES, density, **look)
    peak = (fit.q.mean, float(density.max()))
    ax.annotate(name, peak, (0, 8), textcoords="offset points", color=look["color"])


def _read_collapse(ax: Axes, fit: Fit) -> None:
    delta = fit.region.boundary(EPS)
    ax.plot([EPS], [delta], "o", color=style.INK, zorder=4, clip_on=False)
    style.point_out(ax, f"δ = {delta:.2f}\nat ε = {EPS:g}", (EPS, delta), (0.5, 0.2))
