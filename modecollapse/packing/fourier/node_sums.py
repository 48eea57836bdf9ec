"""Sums over nodes of Graham and Vaaler's transforms times the characteristic function; see `distance`.

Errors are counted as theory §7, "Rounding", explains. The constants of the kernels are in this file, because
a kernel's cache notices changes in its own file only; the others are in `rounding`.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.packing.fourier.gridding import Table, characteristic, grid_for
from modecollapse.packing.kernels import kernel

BLOCK = 128
"""Nodes evaluated together, which fills vector registers and stays in the first cache."""

CHUNK = 16
"""Letters summed before the kernel asks whether the remaining letters can matter."""

NODE_TERMS = 40
"""Cost of a node besides its letters, counted in letters."""

SHARE_OF_REST = 0.7
"""Part that the weight of the letters left out may have in |ψ|, in an estimate of how many must be summed.

A choice of speed: both ways of summing are certified.
"""

MAX_GRIDDED_NODES = 2**20
"""Greatest number of nodes of one fast transform, so that its points keep to `gridding.MAX_POINTS`."""

EPS = float(np.finfo(np.float64).eps)
"""ε = 2⁻⁵², the unit of all allowances for rounding; the unit roundoff u is half of it."""

LETTER_ROUNDING = 32.0
"""Error of ψ₀ relative to √(2a) apart from the sum over letters, in ε.

Weights are off by 12 ε relative. Sine and cosine cost 11 ε of |e^{2πind} − 1|. |ψ₀| and arg ψ₀ cost another
8 ε of √(2a)/|ψ₀|: 31 ε.
"""

NODE_ROUNDING = 56.0
"""Error of a node's term relative to its |z| and to 1 + |log |z||, in ε.

M̂ and M̂ − m̂ are off by 41 ε of M̂ together, or 33 ε of M̂ − m̂ alone; exp costs 2 ε, the phase 2πnmL₀/T 5.3 ε,
sine and cosine 2 ε, the products ε/2: 51 ε. The part that grows with |log |z|| is below 4 ε.
"""

MODULUS_AND_PHASE_ROUNDING = 8.0
"""The part of `LETTER_ROUNDING` that is due to |ψ₀| and arg ψ₀, in ε."""

MODULUS_ROUNDING = 4.0
"""Absolute error of |ψ₀| ≤ 1 from a sum, a root and the sum with its bound, in ε; 2 ε would do."""

SERIES_TAIL = 1e-17
"""Term at which a series stops, relative to its sum: ε/20, far below a rounding of the sum."""

SPLITTER = 2.0**27 + 1
"""Dekker's factor, which cuts 53 bits into two halves of at most 26."""

TO_INTEGER = 1.5 * 2.0**52
"""x + TO_INTEGER − TO_INTEGER is x rounded to an integer, for |x| < 2^51."""

LARGEST_EXPONENT = 700.0
"""Exponents are clamped here, because e^710 overflows."""


class Wheel(NamedTuple):
    """The letters as angles: a letter turns by a fixed fraction of a circle from one node to the next."""

    weights: FloatArray
    """Tilted masses w of the letters, heaviest first, shape (k,)."""
    rest: FloatArray
    """Sum of the weights from each chunk on, shape (chunks + 1,); the last entry is 0."""
    turns: FloatArray
    """(L − L₀)/T modulo 1, split into two halves of at most 26 bits, shape (2, k)."""
    centre: FloatArray
    """mL₀/T modulo 1, split in the same way, shape (2,)."""


class Power(NamedTuple):
    """The power z = e^{log_scale} ψ^m that a node is summed with."""

    m: float
    """Packing degree."""
    log_scale: float
    """Logarithm of the prefactor of ψ^m."""
    log_scale_error: float
    """Bound on the absolute error of `log_scale`."""
    log_negligible: float
    """A node counts as z = 0 with error |z| where log |z| is below this."""


class NodeSums(NamedTuple):
    """Sums over the nodes first ≤ n < last, with the transforms of `distance` taken at n/N.

    The error of `complement` is at most `major_error`, and that of `major` too. Besides, every sum of
    positive terms is rounded relative to itself, which `rounding.SUM_ROUNDING` covers.
    """

    complement: float
    """Σ M̂ Re(1−z), which raises the distance. Its terms are not negative."""
    major: float
    """Σ M̂ Re z: the sum of the majorant."""
    excess: float
    """Σ (M̂−m̂) Re z: the sum of the majorant less that of the minorant."""
    major_error: float
    """Bound on the error that the errors of z cause in Σ M̂ Re z."""
    excess_error: float
    """Bound on the error that the errors of z cause in Σ (M̂−m̂) Re z."""
    plain_complement: float
    """Σ F̂ Re(1−z), where F̂ is the transform of e^{−λ|x|} itself. It serves the estimate."""
    terms: float
    """Work done: letters evaluated at nodes."""


class Node(NamedTuple):
    """The power z at a node."""

    exponent: float
    """log |z|, or −∞ where z counts as 0."""
    phase: float
    """arg z."""
    error: float
    """Bound on the error of z."""


class _Buffers(NamedTuple):
    """Scratch space for a block of nodes."""

    nodes: FloatArray
    """Node numbers n, shape (BLOCK,)."""
    chord: FloatArray
    """1 − Re ψ₀ at each node."""
    height: FloatArray
    """Im ψ₀ at each node."""
    part: FloatArray
    """The part of `chord` and `height` that one chunk of letters adds, shape (2, BLOCK)."""


def wheel_of(weights: FloatArray, log_ratio: FloatArray, m: int, period: float) -> Wheel:
    """Letters as turns per node, measured from the median letter; whole turns are taken off exactly."""
    centre = float(log_ratio[median(weights)])
    order = np.argsort(-weights, kind="stable")
    turns = (log_ratio[order] - centre) / period
    offset = Fraction(centre / period) * m
    offset -= round(offset)
    weights = weights[order]
    # chunk by chunk, as the kernel adds letters: CHUNK + k/CHUNK roundings, not k
    chunks = np.add.reduceat(weights, np.arange(0, len(weights), CHUNK))
    return Wheel(
        weights,
        np.append(np.cumsum(chunks[::-1])[::-1], 0.0),
        halves(turns - np.rint(turns)),
        halves(np.array([float(offset)]))[:, 0].copy(),
    )


def median(weights: FloatArray) -> int:
    """Index of the weighted median of letters in order."""
    return int(np.searchsorted(np.cumsum(weights), 0.5).clip(0, len(weights) - 1))


def halves(values: FloatArray) -> FloatArray:
    """Each value as the sum of two of at most 26 significant bits, shape (2, n)."""
    scaled = values * SPLITTER
    high = scaled - (scaled - values)
    return np.ascontiguousarray(np.stack([high, values - high]))


@kernel
def _less_sine(x: float) -> float:
    """Return x − sin x, accurate relative to itself, for 0 ≤ x ≤ 2π."""
    if x > 1.0:
        return x - math.sin(x)
    term = x * x * x / 6.0
    total, j = 0.0, 3.0
    while term > SERIES_TAIL * total:
        total += term
        term *= -x * x / ((j + 1.0) * (j + 2.0))
        j += 2.0
        total += term
        term *= -x * x / ((j + 1.0) * (j + 2.0))
        j += 2.0
    return total


@kernel
def _hyperbolic_sine_less(x: float) -> float:
    """Return sinh x − x, accurate relative to itself, for x ≥ 0."""
    if x > 1.0:
        return math.sinh(x) - x
    term = x * x * x / 6.0
    total, j = 0.0, 3.0
    while term > SERIES_TAIL * total:
        total += term
        term *= x * x / ((j + 1.0) * (j + 2.0))
        j += 2.0
    return total


@kernel
def _transforms(n: float, count: float, decay: float) -> tuple[float, float]:
    """Return M̂(n/N) and M̂(n/N) − m̂(n/N) for 0 ≤ n < N and λ = `decay`, accurate relative to themselves.

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

    `turns` holds d split into two halves of at most 26 bits, so n·d modulo 1 is exact but for one
    rounding. Polynomials on [−½, ½], truncated within 4e-18, give sine and cosine of πnd. The double
    angle follows from them. The inner loop runs over nodes, so no sum crosses lanes of a vector register.
    """
    for i in range(first, last):
        high, low, weight = turns[0, i], turns[1, i], 2.0 * weights[i]
        for j in range(len(nodes)):
            # f = nd modulo 1, in [−½, ½]
            x = nodes[j] * high
            f = (x - ((x + TO_INTEGER) - TO_INTEGER)) + nodes[j] * low
            f = f - ((f + TO_INTEGER) - TO_INTEGER)
            y = f * f
            # sin πf and cos πf, by Horner's rule in f²
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
            # 1 − cos 2πf = 2 sin² πf and sin 2πf = 2 sin πf cos πf
            chord[j] += weight * sine * sine
            height[j] += weight * sine * cosine


@kernel
def _add_chunk(first: int, last: int, wheel: Wheel, buffers: _Buffers) -> None:
    """Add the letters first…last−1 to a block of nodes, after adding them among themselves."""
    nodes, chord, height, part = buffers
    part[:] = 0.0
    add_letters(first, last, nodes, wheel.weights, wheel.turns, part[0], part[1])
    for j in range(BLOCK):
        chord[j] += part[0, j]
        height[j] += part[1, j]


@kernel
def _sum_letters(letters: int, wheel: Wheel, buffers: _Buffers) -> None:
    """Fill a block of nodes with 1 − Re ψ₀ and Im ψ₀."""
    buffers.chord[:] = 0.0
    buffers.height[:] = 0.0
    for first in range(0, letters, CHUNK):
        _add_chunk(first, min(first + CHUNK, letters), wheel, buffers)


@kernel
def _sum_block(start: int, size: int, wheel: Wheel, power: Power, buffers: _Buffers) -> tuple[int, float]:
    """Fill a block of nodes with 1 − Re ψ₀ and Im ψ₀; stop when |ψ|^m is negligible at all of them.

    Returns the number of letters summed, and the weight of the letters omitted.
    """
    nodes, chord, height, _ = buffers
    rest = wheel.rest
    letters, gain = len(wheel.weights), _gain(len(wheel.weights))
    for j in range(BLOCK):
        nodes[j] = start + j
        chord[j] = height[j] = 0.0
    summed, chunks = 0, 0
    while summed < letters:
        stop = min(summed + CHUNK, letters)
        _add_chunk(summed, stop, wheel, buffers)
        summed = stop
        chunks += 1
        if summed < letters:
            # |ψ| ≤ |Σ over letters seen| + Σ of the other weights, and the roundings of both
            seen, largest = 1.0 - rest[chunks], 0.0
            for j in range(size):
                largest = max(largest, (seen - chord[j]) ** 2 + height[j] ** 2)
            bound = math.sqrt(largest) + rest[chunks] + 2.0 * gain
            if bound < 1.0 and power.log_scale + power.m * math.log(bound) < power.log_negligible:
                return summed, rest[chunks]
    return summed, 0.0


@kernel
def _gain(letters: int) -> float:
    """Bound g on the error of ψ₀, relative to √(2a): the letters' own, and one rounding a sum."""
    return EPS * (LETTER_ROUNDING + 0.5 * (CHUNK + letters / CHUNK))


@kernel
def _power(
    node: float, a: float, b: float, left_out: float, slack: float, centre: FloatArray, power: Power
) -> Node:
    """Return z = e^{log_scale} ψ^m at a node from a = 1 − Re ψ₀ and b = Im ψ₀.

    `slack` bounds the error of ψ₀. Where |z| is negligible, or its phase is lost, z is given as 0 with error
    |z|.
    """
    m, log_scale, log_scale_error, log_negligible = power
    # |ψ₀| and log |z|; near 1 from |ψ₀|² − 1, which holds more digits
    if left_out > 0.0:
        modulus = math.sqrt((1.0 - left_out - a) ** 2 + b * b) + left_out + slack
        exponent = log_scale + m * math.log(modulus)
    elif a < 0.25:
        shrink = a * a + b * b - 2.0 * a
        modulus = math.sqrt(1.0 + shrink)
        exponent = log_scale + 0.5 * m * math.log1p(shrink)
    else:
        modulus = math.sqrt((1.0 - a) ** 2 + b * b)
        exponent = log_scale + (m * math.log(modulus) if modulus > 0.0 else -np.inf)
    # relative error of z: constant part, prefactor, and m times that of ψ₀
    noise = NODE_ROUNDING * EPS * (1.0 + abs(exponent)) + log_scale_error
    noise += m * slack / modulus if modulus > 0.0 else np.inf
    if noise > 1.0 or exponent < log_negligible:
        if left_out == 0.0:
            modulus = min(1.0, modulus + slack + MODULUS_ROUNDING * EPS)
            exponent = log_scale + m * math.log(modulus)
        # z counts as 0: its error is e^exponent, with the constant part of the error of a power
        noise = NODE_ROUNDING * EPS * (1.0 + abs(exponent)) + log_scale_error
        noise = math.expm1(min(LARGEST_EXPONENT, noise))
        return Node(-np.inf, 0.0, math.exp(exponent) * (1.0 + noise))
    # arg z = m (arg ψ₀ + 2πn L₀/T), the second modulo a turn
    f = node * centre[0]
    f = (f - ((f + TO_INTEGER) - TO_INTEGER)) + node * centre[1]
    phase = m * math.atan2(b, 1.0 - a) + 2.0 * math.pi * (f - ((f + TO_INTEGER) - TO_INTEGER))
    return Node(exponent, phase, math.exp(exponent) * math.expm1(noise))


@kernel
def _buffers() -> _Buffers:
    """Scratch space for `_sum_block`."""
    return _Buffers(np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK), np.empty((2, BLOCK)))


@kernel
def _slack(a: float, left_out: float, gain: float) -> float:
    """Bound on the error of ψ₀ at a node whose letters were summed one by one.

    The letters are turned to a centre L₀, ψ = e^{iθL₀} ψ₀, so that ψ₀ − 1 is small wherever |ψ| is near 1,
    also far out where a lattice comes back. With a = Re(1 − ψ₀), Cauchy gives Σ w|e^{iθ(L−L₀)} − 1| ≤ √(2a),
    and it is at most 2. So ψ₀ is off by at most g√(2a), and ψ₀^m relatively by m g √(2a)/|ψ₀| more than a
    constant (theory §7).
    """
    return 2.0 * gain if left_out > 0.0 else gain * math.sqrt(2.0 * a)


@kernel
def add_node(sums: Any, count: float, decay: float, node: float, z: Node) -> None:
    """Add the terms of a node to the sums, shape (2, 6): totals, and what their additions lost."""
    # the transforms M̂, M̂ − m̂ and F̂ at n/N
    major, excess = _transforms(node, count, decay)
    angle = 2.0 * math.pi * node / count
    plain = 2.0 * decay / (decay * decay + angle * angle)
    # Re z, and Re(1 − z) = 2|z| sin²(arg z/2) + (1 − |z|) without cancellation
    modulus = math.exp(z.exponent)
    real = modulus * math.cos(z.phase)
    complement = 2.0 * modulus * math.sin(0.5 * z.phase) ** 2 - math.expm1(z.exponent)
    terms = (
        major * complement,
        major * real,
        excess * real,
        major * z.error,
        excess * z.error,
        plain * complement,
    )
    # Neumaier's compensated sum: millions of nodes must not cost digits
    for i in range(6):
        before, term = sums[0, i], terms[i]
        total = before + term
        sums[1, i] += (before - total) + term if abs(before) >= abs(term) else (term - total) + before
        sums[0, i] = total


@kernel
def _sums_by_letters(
    first: int, last: int, count: float, decay: float, wheel: Wheel, power: Power
) -> tuple[FloatArray, float]:
    """The sums of `NodeSums` over the nodes first ≤ n < last, and the number of letters evaluated.

    Many nodes have |z| below e^{log_negligible}. A few letters show it, because |ψ| is at most the
    modulus of a partial sum and the weight of the other letters.
    """
    gain, buffers = _gain(len(wheel.weights)), _buffers()
    nodes, chord, height, _ = buffers
    sums, work = np.zeros((2, 6)), 0
    for start in range(first, last, BLOCK):
        size = min(BLOCK, last - start)
        summed, left_out = _sum_block(start, size, wheel, power, buffers)
        work += summed * size
        for j in range(size):
            slack = _slack(chord[j], left_out, gain)
            z = _power(nodes[j], chord[j], height[j], left_out, slack, wheel.centre, power)
            add_node(sums, count, decay, nodes[j], z)
    return sums[0] + sums[1], float(work)


@kernel
def _sums_by_table(
    count: float,
    decay: float,
    chord: FloatArray,
    height: FloatArray,
    error: FloatArray,
    centre: FloatArray,
    power: Power,
) -> FloatArray:
    """The sums of `NodeSums` over the nodes 1 ≤ n < N, where ψ₀ is known at all nodes within `error`."""
    sums = np.zeros((2, 6))
    for n in range(1, len(chord)):
        z = _power(float(n), chord[n], height[n], 0.0, error[n], centre, power)
        add_node(sums, count, decay, float(n), z)
    return sums[0] + sums[1]


@kernel
def _fill_node(
    major: Any,
    minor: Any,
    n: int,
    decay: float,
    a: float,
    b: float,
    left_out: float,
    slack: float,
    centre: FloatArray,
    power: Power,
) -> float:
    """Set M̂z and m̂z at a node. Returns the error of M̂z, counted twice, for n and −n."""
    above, excess = _transforms(float(n), float(len(major)), decay)
    exponent, phase, error = _power(float(n), a, b, left_out, slack, centre, power)
    modulus = math.exp(exponent)
    z = complex(modulus * math.cos(phase), modulus * math.sin(phase))
    major[n] = above * z
    minor[n] = (above - excess) * z
    return 2.0 * above * error


@kernel
def _spectra_by_letters(decay: float, wheel: Wheel, power: Power, major: Any, minor: Any) -> float:
    """Fill `major` and `minor` with M̂(n/N) z and m̂(n/N) z for 0 ≤ n < N, z = e^{log_scale} ψ(2πn/T)^m.

    Returns a bound on the error of Σ M̂ Re z e^{−iθs} over −N < n < N for any s. It also bounds the
    error of the sum with m̂.
    """
    gain, buffers = _gain(len(wheel.weights)), _buffers()
    _, chord, height, _ = buffers
    total = 0.0
    for start in range(0, len(major), BLOCK):
        size = min(BLOCK, len(major) - start)
        _, left_out = _sum_block(start, size, wheel, power, buffers)
        for j in range(size):
            slack = _slack(chord[j], left_out, gain)
            total += _fill_node(
                major, minor, start + j, decay, chord[j], height[j], left_out, slack, wheel.centre, power
            )
    return total


@kernel
def _spectra_by_table(
    decay: float,
    chord: FloatArray,
    height: FloatArray,
    error: FloatArray,
    centre: FloatArray,
    power: Power,
    major: Any,
    minor: Any,
) -> float:
    """As `_spectra_by_letters`, where ψ₀ is known at all nodes within `error`."""
    total = 0.0
    for n in range(len(major)):
        total += _fill_node(major, minor, n, decay, chord[n], height[n], 0.0, error[n], centre, power)
    return total


@kernel
def _replace_doubtful(
    wheel: Wheel, power: Power, chord: FloatArray, height: FloatArray, error: FloatArray
) -> float:
    """Sum letter by letter at the nodes of a table where the error of z exceeds what is negligible.

    Returns the number of letters evaluated.
    """
    gain, buffers = _gain(len(wheel.weights)), _buffers()
    nodes, direct_chord, direct_height, _ = buffers
    letters, count, size, work = len(wheel.weights), len(chord), 0, 0
    for n in range(count):
        _, _, doubt = _power(float(n), chord[n], height[n], 0.0, error[n], wheel.centre, power)
        if doubt > math.exp(power.log_negligible):
            nodes[size] = n
            size += 1
        if size == BLOCK or (n == count - 1 and size > 0):
            for j in range(size, BLOCK):
                nodes[j] = 0.0
            _sum_letters(letters, wheel, buffers)
            for j in range(size):
                at = int(nodes[j])
                chord[at], height[at] = direct_chord[j], direct_height[j]
                error[at] = _slack(direct_chord[j], 0.0, gain)
            work += letters * size
            size = 0
    return float(work)


def transform_sums(wheel: Wheel, count: int, decay: float, power: Power) -> NodeSums:
    """Sum over 1 ≤ n < `count`; `terms` includes the cost of the nodes themselves."""
    if not is_gridded(wheel, count, power):
        sums, work = _sums_by_letters(1, count, float(count), decay, wheel, power)
    else:
        table, work = _table(wheel, count, power)
        sums = _sums_by_table(float(count), decay, *table, wheel.centre, power)
    return NodeSums._make([*sums.tolist(), work + NODE_TERMS * count])


def transform_spectra(wheel: Wheel, count: int, decay: float, power: Power) -> tuple[Any, Any, float]:
    """M̂z and m̂z at the nodes 0 ≤ n < `count`, and a bound on the error of the sum of either."""
    major, minor = np.empty(count, dtype=complex), np.empty(count, dtype=complex)
    if not is_gridded(wheel, count, power):
        error = _spectra_by_letters(decay, wheel, power, major, minor)
    else:
        table, _ = _table(wheel, count, power)
        error = _spectra_by_table(decay, *table, wheel.centre, power, major, minor)
    return major, minor, error


def is_gridded(wheel: Wheel, count: int, power: Power) -> bool:
    """Whether one fast transform is quicker than summing, at each node, letters until |z| is negligible.

    At large m the heaviest letters show that, since |ψ| need not be much less than 1.
    """
    if count > MAX_GRIDDED_NODES:
        return False
    least = math.exp(min((power.log_negligible - power.log_scale) / power.m, 0.0))
    chunks = int(np.count_nonzero(wheel.rest > SHARE_OF_REST * least))
    needed = min(CHUNK * (chunks + 1), len(wheel.weights))
    return bool(needed * count > grid_for(len(wheel.weights), count).cost)


def work(letters: int, count: int) -> float:
    """Cost of the sums over `count` nodes before it is known which nodes matter, in letters × nodes."""
    each = float(letters * count)
    if count <= MAX_GRIDDED_NODES:
        each = min(each, grid_for(letters, count).cost)
    return each + NODE_TERMS * count


def _table(wheel: Wheel, count: int, power: Power) -> tuple[Table, float]:
    """ψ₀ at the nodes 0 ≤ n < `count` by one fast transform, summed again where that is too coarse."""
    table = characteristic(wheel.weights, wheel.turns, count)
    # the errors of |ψ₀| and arg ψ₀ are part of LETTER_ROUNDING
    table.error[:] += MODULUS_AND_PHASE_ROUNDING * EPS * np.sqrt(2 * np.maximum(table.chord, 0.0))
    summed = _replace_doubtful(wheel, power, *table)
    return table, grid_for(len(wheel.weights), count).cost + summed
