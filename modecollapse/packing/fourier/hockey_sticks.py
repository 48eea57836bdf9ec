"""The region of (P^m, Q^m) from its hockey-stick curve, for any alphabet at any m.

The curve H(γ) = Σ (P^m − γQ^m)⁺ is the support function of the region: convex, with a breakpoint at the
likelihood ratio of each letter, where its slope rises by the letter's Q-mass. So a convex curve *is* a
region. A curve above H belongs to a larger region, and a curve below H to a smaller one.

With the sums of `distance`, but a phase e^{−iθs} for the order γ = e^s, one transform ψ^m gives brackets of

    H(e^s) = 1 − e^{s/2} φ^m E K(S−s) + (coth(T/4) − 1)(P^m + γQ^m)/2 − r,
    0 ≤ r ≤ (P^m(S−s > T) + γQ^m(S−s < −T)) (e^{−T/2} + e^{−T})/(1 − e^{−T/2}),

at all orders of a grid by one fast Fourier transform. Between two orders a convex curve lies below its chord
and above the extensions of the neighbouring chords.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.brackets import Bracket
from modecollapse.errors import PrecisionError
from modecollapse.hull import upper_hull
from modecollapse.packing.fourier.gridding import TRANSFORM_ROUNDING
from modecollapse.packing.fourier.node_sums import Power, Wheel, transform_spectra, work
from modecollapse.packing.fourier.rounding import (
    LOG_ROUNDING,
    ORDER_ROUNDING,
    SHARE_OF_IMAGES,
)
from modecollapse.packing.fourier.tilted_pair import TiltedPair, image_of_mass_beyond
from modecollapse.packing.letters import CommonLetters
from modecollapse.region import Region, RegionBracket

MAX_TERMS = 10**9
"""Letters × nodes, beyond which a width is refused (1 to 2 seconds)."""

MAX_NODES = 2**20
"""Limit on memory: a node takes about 40 doubles."""

FIRST_NODES = 2**10
"""Nodes of the first attempt. Powers of two, so that scaling by them is exact."""

FIRST_ORDERS, MAX_ORDERS = 2**6, 2**18
"""Orders that the first region is drawn from, and the most that any is."""

CANDIDATES = np.geomspace(1e-3, 1, 60)
"""Reaches and periods tried, relative to the longest."""

SPARE_PERIOD = 1.01
"""Least period relative to the reach, so that some period is left beyond every order."""


def region_bracket(common: CommonLetters, m: int, width: float) -> RegionBracket:
    """Two regions, at most `width` apart in Lévy distance, with that of (P^m, Q^m) between them.

    Raises
    ------
    PrecisionError
        With the bracket of the distances of the best two regions, if `width` is out of reach.
    """
    curves = _Curves(TiltedPair(common, m), width)
    count = FIRST_NODES
    samples = curves.on(count)
    while samples.gap > width / 2:
        if work(len(common.p), 2 * count) > MAX_TERMS or 2 * count > MAX_NODES:
            break
        count *= 2
        samples = curves.on(count)
    bracket = _narrowest(samples, width)
    if bracket.width <= width:
        return bracket
    raise PrecisionError(
        f"{count} nodes give regions {bracket.width:.1e} apart, more than the width {width:.1e} asked for; "
        f"the limits are {MAX_NODES} nodes, {MAX_TERMS:.0e} letters times nodes and {MAX_ORDERS} orders",
        Bracket(bracket.inner.total_variation, bracket.outer.total_variation),
    )


class _Samples(NamedTuple):
    """Brackets of H at rising orders e^s, and the shares, which give the ends of H."""

    log_orders: FloatArray
    lower: FloatArray
    upper: FloatArray
    shares: tuple[float, float]
    """P^m and Q^m of the common letters."""

    @property
    def gap(self) -> float:
        """Smallest Lévy distance that two regions drawn from these brackets can have."""
        return float(((self.upper - self.lower) / (1 + np.exp(self.log_orders))).max())

    def thinned(self, orders: int) -> _Samples:
        """About `orders` of the orders, evenly spaced around γ = 1, and both ends."""
        middle = len(self.log_orders) // 2
        step = max(1, len(self.log_orders) // orders)
        kept = np.union1d(np.arange(middle % step, len(self.log_orders), step), [0, len(self.log_orders) - 1])
        return _Samples(self.log_orders[kept], self.lower[kept], self.upper[kept], self.shares)


@dataclass(frozen=True)
class _Curves:
    """Brackets of the hockey-stick curve by number of nodes."""

    pair: TiltedPair
    width: float

    @cached_property
    def target(self) -> float:
        """Budget for the orders beyond the reach, and for mass beyond the period."""
        return min(self.width, 1.0) * SHARE_OF_IMAGES

    @cached_property
    def reach(self) -> float:
        """The greatest |s| of the grid; orders beyond it matter less than the target, or meet no mass."""
        worthless = -math.log(self.target)
        candidates = np.append(CANDIDATES * worthless, worthless)
        met = np.exp(self.pair.log_mass_beyond(candidates))
        return float(candidates[np.argmax((met <= self.target) | (candidates == worthless))])

    @cached_property
    def period(self) -> float:
        """The shortest T beyond the reach past which mass is negligible."""
        longest = 2 * math.log(8 / self.target)
        candidates = np.append(CANDIDATES * longest, longest)
        fine = self._beyond(candidates) <= self.target
        return max(float(candidates[np.argmax(fine | (candidates == longest))]), SPARE_PERIOD * self.reach)

    def _beyond(self, periods: FloatArray) -> FloatArray:
        """Bound on r/(1+γ) at all orders within reach."""
        mass = np.ones(len(periods))
        inside = periods > self.reach
        mass[inside] = np.minimum(1.0, np.exp(self.pair.log_mass_beyond(periods[inside] - self.reach)))
        return mass * image_of_mass_beyond(periods)

    @cached_property
    def wheel(self) -> Wheel:
        return self.pair.wheel(self.period)

    def on(self, count: int) -> _Samples:
        """The curve on a grid of orders, from `count` nodes."""
        pair, period = self.pair, self.period
        decay = period / (2 * count)
        log_negligible = math.log(self.target / 4) - pair.log_middle[0]
        major, minor, error = transform_spectra(
            self.wheel, count, decay, Power(float(pair.m), 0.0, 0.0, log_negligible)
        )
        points = 4 * count  # twice as fine as the nodes resolve
        grid = period / points
        most = min(math.ceil(self.reach / grid), points // 2 - 1)
        at = np.arange(-most, most + 1)
        log_orders = at.astype(float) * grid
        above, below = (_at_orders(values, points)[at] / count for values in (major, minor))
        # theory §7, "Rounding": errors of the nodes, of the Fourier transform and of the logarithms
        size = math.sqrt(2 * float(np.vdot(major, major).real) * points) / count
        error = error / count + TRANSFORM_ROUNDING * math.log2(points) * size + pair.shift_error(period)
        middle, middle_error = pair.log_middle
        scale = np.exp(middle + log_orders / 2)
        log_p, log_q = pair.log_shares
        shares = math.exp(log_p), math.exp(log_q)
        orders = np.exp(log_orders)
        known = (1 / math.tanh(period / 4) - 1) / 2 * (shares[0] + orders * shares[1])
        slack = scale * (error + np.abs(above) * (middle_error + LOG_ROUNDING)) + known * pair.share_error
        slack += ORDER_ROUNDING * (1 + orders)
        beyond = float(self._beyond(np.array([period]))[0]) * (1 + orders)
        floor = np.maximum(1 - shares[0], 1 - orders * shares[1])
        return _Samples(
            log_orders,
            np.maximum(1 + known - scale * above - slack - beyond, floor),
            np.clip(1 + known - scale * below + slack, floor, 1.0),
            shares,
        )


def _at_orders(spectrum: FloatArray, points: int) -> FloatArray:
    """Return Σ c_n e^{−2πinj/L} over −N < n < N for 0 ≤ j < L, where c_{−n} is the conjugate of c_n."""
    return np.fft.irfft(spectrum.conj(), n=points) * points


def _narrowest(samples: _Samples, width: float) -> RegionBracket:
    """Regions from as few orders as reach the width, or else from the most that there are."""
    orders = FIRST_ORDERS
    while True:
        some = samples.thinned(orders)
        bracket = RegionBracket(_inner(some), _outer(some))
        if bracket.width <= width or orders >= min(len(samples.log_orders), MAX_ORDERS):
            return bracket
        orders *= 4


def _outer(samples: _Samples) -> Region:
    """Region above the curve: it connects the upper ends, for H is convex and never rises."""
    orders = np.append(0.0, np.exp(samples.log_orders))
    return _region_of(orders, np.append(1.0, np.minimum.accumulate(samples.upper)))


def _inner(samples: _Samples) -> Region:
    """Region below the curve: it extends neighbouring chords, within the possible slopes and ends of H."""
    orders = np.append(0.0, np.exp(samples.log_orders))
    lower, upper = np.append(1.0, samples.lower), np.append(1.0, samples.upper)
    share_p, share_q = samples.shares
    steps = np.diff(orders)
    # least slope of H after each order, and greatest slope before it
    after = np.append(-share_q, np.maximum((lower[1:] - upper[:-1]) / steps, -share_q))
    before = np.append(np.minimum((upper[2:] - lower[1:-1]) / steps[1:], 0.0), 0.0)
    bend = before - after[:-1]
    along = np.divide(before * steps - np.diff(lower), bend, out=np.zeros_like(bend), where=bend > 0).clip(
        0.0, steps
    )
    crossing = orders[:-1] + along
    value = np.minimum(lower[:-1] + after[:-1] * along, lower[1:] - before * (steps - along))
    lost = lower[-1] - (1 - share_p)  # H ends at 1 − P
    end = orders[-1] + lost / -after[-1] if lost > 0 else orders[-1]
    at = np.append(np.column_stack([orders[:-1], crossing]).ravel(), [orders[-1], end])
    height = np.append(np.column_stack([lower[:-1], value]).ravel(), [lower[-1], 1 - share_p])
    return _region_of(at, height)


def _region_of(orders: FloatArray, heights: FloatArray) -> Region:
    """Region whose hockey-stick curve is the lower convex hull of the points, constant after the last one."""
    hull = upper_hull(np.column_stack([orders, -heights]))
    orders, heights = hull[:, 0], -hull[:, 1]
    slopes = np.concatenate([[-1.0], np.diff(heights) / np.diff(orders), [0.0]])
    q = np.diff(np.maximum.accumulate(slopes))  # rounding bends the hull where orders are close
    only_p = heights[-1]
    return Region._from_letters(
        np.append(orders * q, only_p), np.append(q, 0.0), np.append((orders - 1) * q, only_p)
    )
