"""Hockey sticks of (P^m, Q^m) at one order, with digits where they are tiny, from letters put on a lattice.

With s = log γ and a tilt t ≥ 1 let w be the law proportional to p^t q^{1−t} on the common letters, Z the sum
of p^t q^{1−t}, L = log(p/q), and S the sum of m independent L under w. Then

    Σ (P^m − γQ^m)⁺ = A E f(S − s),  A = Z^m e^{−(t−1)s},  f(x) = e^{−(t−1)x} (1 − e^{−x}) for x > 0, else 0.

The tilt that makes E S = s moves the tail to the middle, so E f is no tiny number. Two pairs with all log
ratios on the lattice h·integers bracket it.

*Above*: a letter with jh ≤ L ≤ (j+1)h is split into letters with the ratios e^{jh} and e^{(j+1)h} and the
same sums of masses. The pair is a garbling of the new one ("connect the dots").

*Below*: a letter is sent to jh or to (j+1)h at random, to the second with the probability (L − jh)/h. That is
a garbling, whose masses p̃, q̃ at jh have a ratio near e^{jh}. The test that accepts where the sum of the
lattice points exceeds s has the power P̃^m − γQ̃^m, which is at most the hockey stick. The sum of the points is
off S by errors of mean 0, and the test loses their square.

Both differ from the truth to second order in h. A convolution power of each of three laws on the lattice is a
Fourier transform, a power and a transform back. The sums are known modulo a period; Chernoff's inequality
bounds what is beyond.

Rounding is counted in units of A. A relative error of all weights of a law costs m times as much. An error d
of each log ratio costs m d, for P^m(S > s) ≤ A. A transform of length N errs by c = `TRANSFORM_ROUNDING`
log₂ N of its result in the 2-norm. So the power of a law w is off by at most (m(c + `POWER_ROUNDING`) + c)
‖w‖₂ in the 2-norm, since ‖w^{*m}‖₂ ≤ ‖w‖₂, and its mean of f by ‖f‖₂ times this.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.brackets import Bracket
from modecollapse.errors import PrecisionError
from modecollapse.packing.fourier.gridding import TRANSFORM_ROUNDING
from modecollapse.packing.fourier.tilted_pair import TiltedPair, log_tail, rises, tail_exponents
from modecollapse.packing.kernels import kernel
from modecollapse.packing.letters import CommonLetters
from modecollapse.packing.summation import total

EPS = float(np.finfo(np.float64).eps)
"""ε = 2⁻⁵², the unit of all allowances for rounding."""

FIRST_POINTS, MAX_POINTS = 2**12, 2**22
"""Points of a period in the first attempt, and at most: 34 MB an array, of which some ten are held."""

MAX_SPAN = 2**23
"""Greatest number of lattice steps from the least to the greatest log ratio."""

GROWTH = 4
"""Factor from one number of points to the next, or 2 where that should do: the gap falls with the square."""

AIM = 0.8
"""Share of the width asked for that twice the points aim at."""

PATIENCE = 2**14
"""Points from which on a step that narrows a bracket little ends the search."""

STALLED, SPARE_GROWTH = 0.5, 4.0
"""A search ends when a step leaves this share of the width, or when even so many times the points would."""

FARTHEST = 40.0
"""Longest half period tried, in deviations of S plus steps of its farthest letter."""

SHARE_OF_TAILS = 1e-6
"""Probability beyond a period, relative to the width, in the first attempt.

A choice: what is beyond is counted.
"""

LARGEST_EXPONENT = 600.0
"""Greatest logarithm of a tilted weight relative to another, so that none overflows."""

MOST_STEPS = 200
"""Limit on the steps of the search for the tilt, which takes about ten."""

PLACE = 1e-6
"""Error of the tilt relative to its size. A choice: any tilt gives a bracket."""

LETTER_ROUNDING = 64 * EPS
"""Relative error of a tilted weight on the lattice, apart from that of exponents and log ratios.

Masses 12 ε with their common factor, exp and expm1 8 ε, products and quotients 4 ε; the rest is reserve.
"""

EXPONENT_ROUNDING = 4 * EPS
"""Relative error of an exponent log q + tL, for each of its two terms; also of h j and of L − hj."""

POWER_ROUNDING = 32 * EPS
"""Error of the m-th power of a number of modulus at most 1, relative to m.

The angle is off by 4 ε of at most π, its product with m by ε/2 of the same, the logarithm by 4 ε.
"""

SMALLEST_EXPONENT = -745.0
"""The exponential of less is no positive number."""

VALUE_ROUNDING = 16 * EPS
"""Relative error of f and of the sums and products around it."""

SMALLEST_LOG, LEAST = -690.0, 1e-299
"""A hockey stick is at most A. Where log A is below the first number, it is below the second."""

TINY = 5e-324
"""The least positive number: bound on an underflow."""


def hockey_stick_bracket(
    common: CommonLetters, m: int, log_order: float, width: float, relative: bool
) -> Bracket:
    """Two numbers with Σ (P^m − γQ^m)⁺ between them, the sum over common sequences and those of P alone.

    Parameters
    ----------
    common : CommonLetters
        Any number of letters.
    m : int
        Packing degree.
    log_order : float
        log γ ≥ 0.
    width : float
        Greatest difference of the ends: relative to the lower one if `relative`, else absolute.

    Raises
    ------
    PrecisionError
        With the best bracket, if `MAX_POINTS` points do not reach the width or rounding forbids it.
    """
    alone = -math.expm1(m * common.log_p_share)
    alone_error = 16 * EPS * alone
    if common.has_one_ratio:
        part = _one_ratio(common, m, log_order)
        return Bracket(max(alone - alone_error, 0.0) + part.lower, min(alone + alone_error + part.upper, 1.0))
    best = Bracket(max(alone - alone_error, 0.0), 1.0)
    tail = _Tail(TiltedPair(common, m), log_order)
    if tail.is_beyond:
        return Bracket(best.lower, alone + alone_error)
    if tail.log_unit < SMALLEST_LOG:
        best = Bracket(best.lower, alone + alone_error + LEAST)
        if relative and best.lower == 0:
            raise PrecisionError(f"numbers below {LEAST:g} have no digits left", best)
        return best
    points, allowed, before = FIRST_POINTS, SHARE_OF_TAILS * min(width, 1.0), math.inf
    while points <= MAX_POINTS:
        part = tail.on(points, allowed)
        lower = max(best.lower, alone - alone_error + part.lower)
        upper = min(best.upper, alone + alone_error + part.upper)
        best = Bracket(lower, max(upper, lower))
        goal = width * best.lower if relative else width
        if best.width <= goal:
            return best
        # the lower end may still be far off: the true goal is known to be at most this
        most = width * best.upper if relative else width
        if points >= PATIENCE and _is_hopeless(best.width, before, most, MAX_POINTS / points):
            break
        growth = 2 if best.width <= 2**2 * AIM * most else GROWTH
        points, allowed, before = growth * points, allowed / growth**2, best.width
    raise PrecisionError(
        f"{min(points, MAX_POINTS)} points of a lattice give a bracket {best.width:.1e} wide, and "
        f"{MAX_POINTS} do not give the width asked for, {width:.1e}{' of the lower end' if relative else ''}",
        best,
    )


def _is_hopeless(width: float, before: float, goal: float, growth: float) -> bool:
    """Whether `growth` times the points will not do: the width falls with their square, or has stalled."""
    return width > STALLED * before or width > goal * (SPARE_GROWTH * growth) ** 2


def _one_ratio(common: CommonLetters, m: int, log_order: float) -> Bracket:
    """(P^m − γQ^m)⁺ where all common letters have one ratio."""
    if len(common.p) == 0:
        return Bracket(0.0, 0.0)
    log_p, log_q = m * common.log_p_share, m * common.log_q_share + log_order
    value = max(math.exp(log_p) * -math.expm1(log_q - log_p), 0.0) if log_q < log_p else 0.0
    slack = 32 * EPS * (1 + abs(log_p) + abs(log_q)) * math.exp(log_p)
    return Bracket(max(value - slack, 0.0), value + slack)


@dataclass(frozen=True)
class _Tail:
    """Brackets of the part of common sequences by number of points."""

    pair: TiltedPair
    log_order: float

    @property
    def is_beyond(self) -> bool:
        """Whether no common sequence has a ratio above γ, whatever was rounded."""
        log_ratio = self.pair.common.log_ratio
        slack = self.pair.m * (float(self.pair.log_ratio_error[0]) + 4 * EPS * abs(float(log_ratio[0])))
        return self.log_order > self.pair.m * float(log_ratio[0]) + slack

    @cached_property
    def tilt(self) -> float:
        """t ≥ 1 with E S = s, where there is one; 1 if E S ≥ s there already."""
        common, goal = self.pair.common, self.log_order / self.pair.m
        span = float(common.log_ratio[0] - common.log_ratio[-1])
        return float(_tilt(np.log(common.q), common.log_ratio, goal, 1 + LARGEST_EXPONENT / span))

    @cached_property
    def log_sum(self) -> float:
        """log Z."""
        exponents = self._exponents
        top = float(exponents.max())
        return top + math.log(total(np.exp(exponents - top)))

    @cached_property
    def log_unit(self) -> float:
        """log A."""
        return self.pair.m * self.log_sum - (self.tilt - 1) * self.log_order

    @cached_property
    def _exponents(self) -> FloatArray:
        common = self.pair.common
        return np.log(common.q) + self.tilt * common.log_ratio

    @cached_property
    def weights(self) -> FloatArray:
        """w, the tilted law of a letter."""
        return np.exp(self._exponents - self.log_sum)

    @cached_property
    def mean(self) -> float:
        """E L."""
        return float(self.weights @ self.pair.common.log_ratio)

    @cached_property
    def rounding(self) -> float:
        """Bound on the error of A E f in units of A, apart from that of the transforms."""
        common, t, s = self.pair.common, self.tilt, self.log_order
        sizes = np.abs(np.log(common.q)) + t * np.abs(common.log_ratio)
        letters = LETTER_ROUNDING + float(self.weights @ (EXPONENT_ROUNDING * sizes))
        # an error of L counts in the tilted weight and in S
        moved = self.pair.log_ratio_error + EXPONENT_ROUNDING * np.abs(common.log_ratio)
        letters += (1 + t) * float(self.weights @ moved)
        whole = abs(self.pair.m * self.log_sum) + (t - 1) * s
        return math.expm1(min(self.pair.m * letters, 1.0)) + EXPONENT_ROUNDING * (whole + 2 * s)

    def on(self, points: int, allowed: float) -> Bracket:
        """The bracket from a period of so many points, long enough that at most `allowed` lies beyond it."""
        m, t, s = self.pair.m, self.tilt, self.log_order
        period = self._period(allowed)
        step = period / points
        log_ratio = self.pair.common.log_ratio
        lowest = math.floor(float(log_ratio[-1]) / step)
        span = math.floor(float(log_ratio[0]) / step) + 2 - lowest
        if span > MAX_SPAN:
            return Bracket(0.0, 1.0)
        laws, most = _lattice_laws(self.weights, log_ratio, step, lowest, span, t)
        sums = [total(law) for law in laws]
        if m * math.log(max(sums)) > LARGEST_EXPONENT:
            return Bracket(0.0, 1.0)
        # the sums x − s of lattice points in a period around the mean, and their places in it
        first = math.floor((m * self.mean - period / 2) / step)
        indices = first + np.arange(points)
        x = indices * step - s
        above = int(np.searchsorted(x, 0.0, side="right"))  # f is 0 up to here
        x, places = x[above:], indices[above:] % points
        fall = np.exp(-(t - 1) * x)
        steps = np.arange(lowest, lowest + span, dtype=np.float64) * step
        means = []
        for law, mass, values in zip(
            laws, sums, (fall * -np.expm1(-x), fall, fall * np.exp(-x)), strict=True
        ):
            power, error = _convolution_power(law / mass, lowest, points, m)
            mean = total(values * power[places])
            slack = error * math.sqrt(float(values @ values))
            slack += VALUE_ROUNDING * (1 + abs(mean)) * float(values.max(initial=0.0))
            slack += self._beyond(law / mass, steps, period / 2 - step)
            unit = math.exp(m * math.log(mass))
            means.append(Bracket(unit * (mean - slack), unit * (mean + slack)))
        split, accepted_p, accepted_q = means
        # the letters; the additions in a point; the places of the sums, where slopes are at most t
        rounding = self.rounding + m * most * EPS + 4 * EPS * (1 + t) * (abs(first) + points) * step
        rounding *= max(1.0, *(end.upper for end in means))
        scale = math.exp(self.log_unit)
        lower = scale * (accepted_p.lower - accepted_q.upper - 2 * rounding)
        upper = scale * (split.upper + rounding)
        return Bracket(max(lower * (1 - 8 * EPS) - TINY, 0.0), upper * (1 + 8 * EPS) + TINY)

    def _period(self, allowed: float) -> float:
        """A period around the mean of S beyond which the tilted law has at most the allowed probability."""
        values = self.pair.common.log_ratio - self.mean
        size = math.sqrt(self.pair.m * float(self.weights @ values**2))
        levels = np.geomspace(size, FARTHEST * (size + float(np.abs(values).max())), 200)
        within = self._tails(self.weights, values, levels) <= allowed
        return 2 * float(levels[np.argmax(within)] if within.any() else levels[-1])

    def _beyond(self, mass: FloatArray, values: FloatArray, level: float) -> float:
        """Bound on the probability that a sum of m values is further than `level` from m times the mean."""
        kept = mass > 0
        shifted = values[kept] - self.mean
        return float(self._tails(mass[kept], shifted, np.array([level]))[0])

    def _tails(self, mass: FloatArray, values: FloatArray, levels: FloatArray) -> FloatArray:
        size = math.sqrt(self.pair.m * float(mass @ values**2))
        exponents = tail_exponents(size, float(np.abs(values).max()))
        both = []
        for side in (values, -values):
            error = 4 * EPS * (np.abs(values) + abs(self.mean))
            logs = self.pair.m * np.log1p(rises(exponents, mass, side, error))
            both.append(log_tail(exponents, logs, levels))
        return np.asarray(np.minimum(np.exp(np.logaddexp(*both)) * (1 + 1e-9), 1.0))


def _convolution_power(law: FloatArray, lowest: int, points: int, m: int) -> tuple[FloatArray, float]:
    """The law of the sum of m steps modulo `points`, and a bound on its error in the 2-norm."""
    wrapped = np.zeros(points)
    places = (lowest + np.arange(len(law))) % points
    np.add.at(wrapped, places, law)
    transform = np.fft.rfft(wrapped)
    size = np.abs(transform)
    kept = size > math.exp(SMALLEST_EXPONENT / m)  # few are: the others' powers are below all numbers
    angle = (m * np.angle(transform[kept])) % (2 * math.pi)
    power = np.zeros_like(transform)
    power[kept] = np.exp(m * np.log(size[kept])) * (np.cos(angle) + 1j * np.sin(angle))
    norm = math.sqrt(float(wrapped @ wrapped))
    rounding = TRANSFORM_ROUNDING * math.log2(points)
    largest = rounding * math.sqrt(points) * norm + POWER_ROUNDING
    error = (m * (rounding + POWER_ROUNDING) * math.exp(min(m * largest, 700.0)) + 2 * rounding) * norm
    return np.fft.irfft(power, n=points), error


@kernel
def _lattice_laws(
    weights: FloatArray, log_ratio: FloatArray, step: float, lowest: int, span: int, tilt: float
) -> tuple[FloatArray, float]:
    """Three tilted laws on the steps lowest, lowest + 1, …, shape (3, span), and the most letters in a step.

    The split pair; then p̃ e^{(t−1)jh} and q̃ e^{tjh} of the pair that is sent to the lattice at random.
    """
    laws, letters = np.zeros((3, span)), np.zeros(span)
    for i in range(len(weights)):
        below = math.floor(log_ratio[i] / step)
        u = min(max(log_ratio[i] - below * step, 0.0), step)
        j, share = int(below) - lowest, u / step
        down, up = math.exp((1.0 - tilt) * u), math.exp((tilt - 1.0) * (step - u))
        letters[j] += 1.0
        letters[j + 1] += 1.0
        # q (e^h − e^u)/(e^h − 1) and q (e^u − 1)/(e^h − 1), times e^{tL} at the lattice
        laws[0, j] += weights[i] * down * math.expm1(step - u) / math.expm1(step)
        laws[0, j + 1] += weights[i] * up * math.exp(step - u) * math.expm1(u) / math.expm1(step)
        laws[1, j] += weights[i] * down * (1.0 - share)
        laws[1, j + 1] += weights[i] * up * share
        laws[2, j] += weights[i] * down * math.exp(-u) * (1.0 - share)
        laws[2, j + 1] += weights[i] * up * math.exp(step - u) * share
    return laws, letters.max()


@kernel
def _tilt(log_q: FloatArray, log_ratio: FloatArray, goal: float, largest: float) -> float:
    """The t in [1, largest] where the mean log ratio under q e^{tL} is the goal, or the nearest end."""
    low, high, t = 1.0, largest, 1.0
    for _ in range(MOST_STEPS):
        top = -np.inf
        for i in range(len(log_q)):
            top = max(top, log_q[i] + t * log_ratio[i])
        mass = first = second = 0.0
        for i in range(len(log_q)):
            weight = math.exp(log_q[i] + t * log_ratio[i] - top)
            mass += weight
            first += weight * log_ratio[i]
            second += weight * log_ratio[i] * log_ratio[i]
        mean = first / mass
        variance = second / mass - mean * mean
        if mean >= goal:
            if t == 1.0:
                return t
            high = t
        else:
            low = t
        newton = t + (goal - mean) / variance if variance > 0.0 else -1.0
        if not low < newton < high:
            newton = 0.5 * (low + high)
        if abs(newton - t) < PLACE * t or high - low < PLACE * t:
            return newton
        t = newton
    return t
