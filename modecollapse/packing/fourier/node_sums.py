"""Sums over nodes of Graham and Vaaler's transforms times the characteristic function; see `distance`."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.packing.kernels import kernel

BLOCK = 128
"""Nodes evaluated together, which fills vector registers and stays in the first cache."""

CHUNK = 16
"""Letters summed before asking whether the rest can matter."""

NODE_TERMS = 40
"""What a node costs besides its letters, in letters."""

EPS = float(np.finfo(np.float64).eps)
_ROUND = 1.5 * 2.0**52  # x + _ROUND − _ROUND is x rounded to an integer, for |x| < 2^51


class Wheel(NamedTuple):
    """What the sums over nodes need of the letters; see `_transform_sums`."""

    weights: FloatArray
    rest: FloatArray
    turns: FloatArray
    centre: FloatArray


def wheel_of(weights: FloatArray, log_ratio: FloatArray, m: int, period: float) -> Wheel:
    """Turns per node from the median letter, heaviest letter first; whole turns taken off exactly."""
    centre = float(log_ratio[median(weights)])
    order = np.argsort(-weights, kind="stable")
    turns = (log_ratio[order] - centre) / period
    offset = Fraction(centre / period) * m
    offset -= round(offset)
    weights = weights[order]
    rest = np.cumsum(weights[::-1])[::-1]
    return Wheel(
        weights,
        np.append(rest[::CHUNK], 0.0),
        _halves(turns - np.rint(turns)),
        _halves(np.array([float(offset)]))[:, 0].copy(),
    )


def median(weights: FloatArray) -> int:
    return int(np.searchsorted(np.cumsum(weights), 0.5).clip(0, len(weights) - 1))


def _halves(values: FloatArray) -> FloatArray:
    """Each value as the sum of two of at most 26 significant bits, shape (2, n)."""
    scaled = values * (2.0**27 + 1)
    high = scaled - (scaled - values)
    return np.ascontiguousarray(np.stack([high, values - high]))


@kernel
def _less_sine(x: float) -> float:
    """x − sin x, relative to itself, for 0 ≤ x ≤ 2π."""
    if x > 1.0:
        return x - math.sin(x)
    term = x * x * x / 6.0
    total, j = 0.0, 3.0
    while term > 1e-17 * total:
        total += term
        term *= -x * x / ((j + 1.0) * (j + 2.0))
        j += 2.0
        total += term
        term *= -x * x / ((j + 1.0) * (j + 2.0))
        j += 2.0
    return total


@kernel
def _hyperbolic_sine_less(x: float) -> float:
    """sinh x − x, relative to itself, for x ≥ 0."""
    if x > 1.0:
        return math.sinh(x) - x
    term = x * x * x / 6.0
    total, j = 0.0, 3.0
    while term > 1e-17 * total:
        total += term
        term *= x * x / ((j + 1.0) * (j + 2.0))
        j += 2.0
    return total


@kernel
def _transforms(n: float, count: float, decay: float) -> tuple[float, float]:
    """M̂(n/N) and M̂(n/N) − m̂(n/N) for 0 ≤ n < N and λ = `decay`; both relative to themselves.

    With s = 1 − t: M̂ = (s sinh λ + (λ/2π) sin 2πt) / (2 sinh²(λ/2) + 2 sin² πt), and
    M̂ − m̂ = (2 sinh²(λ/4) + 2 sin²(πt/2)) (2s sinh(λ/2) − (λ/π) sin πt) / (the same).
    """
    t, s = n / count, (count - n) / count
    half = math.sinh(0.5 * decay)
    quarter = math.sinh(0.25 * decay)
    rise = math.sin(0.5 * math.pi * t)
    if t <= 0.5:
        sine = math.sin(math.pi * t)
        top = s * math.sinh(decay) + decay / (2.0 * math.pi) * math.sin(2.0 * math.pi * t)
        excess = 2.0 * s * half - decay / math.pi * sine
    else:  # both numerators vanish like s³ (λ aside): count from the far end
        sine = math.sin(math.pi * s)
        top = s * _hyperbolic_sine_less(decay) + decay / (2.0 * math.pi) * _less_sine(2.0 * math.pi * s)
        excess = 2.0 * s * _hyperbolic_sine_less(0.5 * decay) + decay / math.pi * _less_sine(math.pi * s)
    below = 2.0 * half * half + 2.0 * sine * sine
    return top / below, (2.0 * quarter * quarter + 2.0 * rise * rise) * excess / below


@kernel
def add_letters(
    first: int,
    last: int,
    nodes: FloatArray,
    weights: FloatArray,
    turns: FloatArray,
    chord: FloatArray,
    height: FloatArray,
) -> None:
    """Add Σ w (1 − cos 2πnd) to `chord` and Σ w sin 2πnd to `height`, over letters first…last−1.

    `turns` holds d split into two halves of at most 26 bits, so that nd modulo 1 is formed exactly but
    for one rounding; then sine and cosine of πnd by polynomials on [−½, ½] (within 4e-18), and
    1 − cos and sin of the double angle from them. The inner loop runs over nodes: no sum crosses lanes.
    """
    for i in range(first, last):
        high, low, weight = turns[0, i], turns[1, i], 2.0 * weights[i]
        for j in range(len(nodes)):
            x = nodes[j] * high
            f = (x - ((x + _ROUND) - _ROUND)) + nodes[j] * low
            f = f - ((f + _ROUND) - _ROUND)
            y = f * f
            sine = 7.697826768224191e-07
            sine = -2.1903497074626018e-05 + y * sine
            sine = 0.0004662998161898394 + y * sine
            sine = -0.007370430505916944 + y * sine
            sine = 0.0821458865731029 + y * sine
            sine = -0.5992645293189447 + y * sine
            sine = 2.5501640398773007 + y * sine
            sine = -5.167712780049969 + y * sine
            sine = f * (3.141592653589793 + y * sine)
            cosine = 4.149564353942586e-06
            cosine = -0.00010456655338748738 + y * cosine
            cosine = 0.0019295562724817132 + y * cosine
            cosine = -0.025806888737002202 + y * cosine
            cosine = 0.23533063012953284 + y * cosine
            cosine = -1.335262768843447 + y * cosine
            cosine = 4.058712126416497 + y * cosine
            cosine = -4.934802200544676 + y * cosine
            cosine = 1.0 + y * cosine
            chord[j] += weight * sine * sine
            height[j] += weight * sine * cosine


@kernel
def _sum_block(
    start: int,
    size: int,
    weights: FloatArray,
    rest: FloatArray,
    turns: FloatArray,
    m: float,
    log_scale: float,
    log_negligible: float,
    nodes: FloatArray,
    chord: FloatArray,
    height: FloatArray,
    part: FloatArray,
) -> tuple[int, float]:
    """Fill a block of nodes with 1 − Re ψ₀ and Im ψ₀; stop when |ψ|^m is negligible at all of them.

    Returns the number of letters summed, and the weight of those left out.
    """
    letters, gain = len(weights), _gain(len(weights))
    for j in range(BLOCK):
        nodes[j] = start + j
        chord[j] = height[j] = 0.0
    done, chunks = 0, 0
    while done < letters:
        stop = min(done + CHUNK, letters)
        part[:] = 0.0
        add_letters(done, stop, nodes, weights, turns, part[0], part[1])
        for j in range(BLOCK):
            chord[j] += part[0, j]
            height[j] += part[1, j]
        done = stop
        chunks += 1
        if done < letters:
            seen, most = 1.0 - rest[chunks], 0.0
            for j in range(size):
                most = max(most, (seen - chord[j]) ** 2 + height[j] ** 2)
            bound = math.sqrt(most) + rest[chunks] + 2.0 * gain
            if bound < 1.0 and log_scale + m * math.log(bound) < log_negligible:
                return done, rest[chunks]
    return done, 0.0


@kernel
def _gain(letters: int) -> float:
    """Bound on the roundings in a sum of letters, chunk by chunk."""
    return EPS * (32.0 + 0.5 * (CHUNK + letters / CHUNK))


@kernel
def _power(
    node: float,
    a: float,
    b: float,
    left_out: float,
    gain: float,
    centre: FloatArray,
    m: float,
    log_scale: float,
    log_scale_error: float,
    log_negligible: float,
) -> tuple[float, float, float]:
    """log |z|, arg z and a bound on the error of z = e^{log_scale} ψ^m, with a = 1 − Re ψ₀ and b = Im ψ₀.

    Where |z| is negligible, or its phase is lost, it is given as 0 with error |z|.
    """
    spread = math.sqrt(2.0 * a)
    if left_out > 0.0:
        modulus = math.sqrt((1.0 - left_out - a) ** 2 + b * b) + left_out + 2.0 * gain
        exponent = log_scale + m * math.log(modulus)
    elif a < 0.25:
        shrink = a * a + b * b - 2.0 * a
        modulus = math.sqrt(1.0 + shrink)
        exponent = log_scale + 0.5 * m * math.log1p(shrink)
    else:
        modulus = math.sqrt((1.0 - a) ** 2 + b * b)
        exponent = log_scale + (m * math.log(modulus) if modulus > 0.0 else -np.inf)
    noise = 32.0 * EPS * (1.0 + abs(exponent)) + log_scale_error
    noise += m * gain * spread / modulus if modulus > 0.0 else np.inf
    if noise > 1.0 or exponent < log_negligible:
        if left_out == 0.0 and modulus < 1.0:
            exponent = log_scale + m * math.log(modulus + gain * spread)
        # a number of size e^exponent at most, within the constant part of its error
        slack = math.expm1(min(700.0, 64.0 * EPS * (1.0 + abs(exponent)) + log_scale_error))
        return -np.inf, 0.0, math.exp(exponent) * (1.0 + slack)
    f = node * centre[0]
    f = (f - ((f + _ROUND) - _ROUND)) + node * centre[1]
    phase = m * math.atan2(b, 1.0 - a) + 2.0 * math.pi * (f - ((f + _ROUND) - _ROUND))
    return exponent, phase, math.exp(exponent) * math.expm1(noise)


@kernel
def _transform_sums(
    first: int,
    last: int,
    count: float,
    decay: float,
    weights: FloatArray,
    rest: FloatArray,
    turns: FloatArray,
    centre: FloatArray,
    m: float,
    log_scale: float,
    log_scale_error: float,
    log_negligible: float,
) -> FloatArray:
    """The sums over nodes first ≤ n < last of one bracket, with z = e^{log_scale} ψ(2πn/T)^m.

    Returns Σ M̂ Re(1−z), Σ M̂ Re z, Σ (M̂−m̂) Re z, bounds on the errors of the last two (that of the
    first is that of the second), Σ F̂ Re(1−z) with F̂ the transform of e^{−λ|x|} itself, and the number of
    letters evaluated.

    Where |z| is below e^{log_negligible} the node counts as z = 0 with error |z|; that it is so often
    shows after a few letters, since |ψ| ≤ |partial sum| + remaining weight.

    The letters are turned to a centre L₀, ψ = e^{iθL₀} ψ₀, so that ψ₀ − 1 is small wherever |ψ| is near 1,
    also far out where a lattice comes back. With a = Re(1 − ψ₀), Cauchy gives Σ w|e^{iθ(L−L₀)} − 1| ≤ √(2a);
    ψ₀ is off by at most g√(2a) where g counts the roundings in a sum of k letters, and ψ₀^m relatively by
    m g √(2a)/|ψ₀| more than a constant.
    """
    gain = _gain(len(weights))
    nodes, chord, height = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    part = np.empty((2, BLOCK))
    sums, lost, terms = np.zeros(7), np.zeros(7), np.zeros(7)
    for start in range(first, last, BLOCK):
        size = min(BLOCK, last - start)
        done, left_out = _sum_block(
            start, size, weights, rest, turns, m, log_scale, log_negligible, nodes, chord, height, part
        )
        sums[6] += done * size
        for j in range(size):
            major, excess = _transforms(nodes[j], count, decay)
            angle = 2.0 * math.pi * nodes[j] / count
            plain = 2.0 * decay / (decay * decay + angle * angle)
            exponent, phase, error = _power(
                nodes[j],
                chord[j],
                height[j],
                left_out,
                gain,
                centre,
                m,
                log_scale,
                log_scale_error,
                log_negligible,
            )
            modulus = math.exp(exponent)
            real = modulus * math.cos(phase)
            complement = 2.0 * modulus * math.sin(0.5 * phase) ** 2 - math.expm1(exponent)
            terms[0] = major * complement
            terms[1] = major * real
            terms[2] = excess * real
            terms[3] = major * error
            terms[4] = excess * error
            terms[5] = plain * complement
            for i in range(6):  # Neumaier: millions of nodes must not cost digits
                total = sums[i] + terms[i]
                if abs(sums[i]) >= abs(terms[i]):
                    lost[i] += (sums[i] - total) + terms[i]
                else:
                    lost[i] += (terms[i] - total) + sums[i]
                sums[i] = total
    return sums + lost


@kernel
def _transform_spectra(
    count: int,
    decay: float,
    weights: FloatArray,
    rest: FloatArray,
    turns: FloatArray,
    centre: FloatArray,
    m: float,
    log_negligible: float,
    major: Any,
    minor: Any,
) -> float:
    """Fill `major` and `minor` with M̂(n/N) z and m̂(n/N) z, z = ψ(2πn/T)^m, for 0 ≤ n < N.

    Returns a bound on the errors of Σ M̂ Re z e^{−iθs} over −N < n < N for any s; it bounds that of m̂ too.
    """
    gain = _gain(len(weights))
    nodes, chord, height = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    part = np.empty((2, BLOCK))
    total = 0.0
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        _, left_out = _sum_block(
            start, size, weights, rest, turns, m, 0.0, log_negligible, nodes, chord, height, part
        )
        for j in range(size):
            above, excess = _transforms(nodes[j], float(count), decay)
            exponent, phase, error = _power(
                nodes[j], chord[j], height[j], left_out, gain, centre, m, 0.0, 0.0, log_negligible
            )
            modulus = math.exp(exponent)
            z = complex(modulus * math.cos(phase), modulus * math.sin(phase))
            major[start + j] = above * z
            minor[start + j] = (above - excess) * z
            total += 2.0 * above * error
    return total


def transform_sums(
    wheel: Wheel,
    m: int,
    count: int,
    decay: float,
    log_scale: float,
    log_scale_error: float,
    log_negligible: float,
) -> list[float]:
    """`_transform_sums` over 1 ≤ n < `count`, with the work done in the last place."""
    sums = _transform_sums(
        1, count, float(count), decay, *wheel, float(m), log_scale, log_scale_error, log_negligible
    )
    sums[6] += NODE_TERMS * count
    return sums.tolist()


def transform_spectra(
    wheel: Wheel, m: int, count: int, decay: float, log_negligible: float
) -> tuple[Any, Any, float]:
    """M̂ψ^m and m̂ψ^m at the nodes 0 ≤ n < `count`, and a bound on the error of either's sum."""
    major, minor = np.empty(count, dtype=complex), np.empty(count, dtype=complex)
    error = _transform_spectra(count, decay, *wheel, float(m), log_negligible, major, minor)
    return major, minor, error
