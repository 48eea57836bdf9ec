"""Many pairs at once: the public functions of `modecollapse.packing.distances` over arrays of pmfs.

One kernel reads each row as `Region.from_pmfs` would: it checks it, divides by the exact sums, merges letters
of equal ratio and drops those that one law lacks. Rows of at most three common letters never leave it; the
others are left to `choice`, one by one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modecollapse import alignment, validation
from modecollapse.arrays import FloatArray, IntArray, Masses
from modecollapse.brackets import Bracket
from modecollapse.packing import choice
from modecollapse.packing.few_letters import (
    _binary_log_overlap,
    _binary_tv,
    _ternary_log_overlap,
    _ternary_tv,
)
from modecollapse.packing.kernels import kernel
from modecollapse.packing.letters import CommonLetters, common_letters
from modecollapse.region import Region
from modecollapse.tensors import as_array, is_narrow_float

_ROUNDING_OF_SUMS = 8 * 2.0**-52  # sums this near 1 leave the masses as they are, as in Region
_MERGING = 32 * 2.0**-52  # letters whose log ratios differ by less, times their scale, are one, as in Region
_MOST_LISTED = 8  # common letters that are sorted here; merging may leave at most three
_SMALL_OVERLAP = 0.1  # below, an overlap is not taken from the distance

_DONE, _LEFT, _BAD = 0, 1, 2
_ROWS_A_TASK = 1024


def packed_tv(P: Masses, Q: Masses, m: ArrayLike, workers: int = 1) -> float | FloatArray:
    """d_TV(P^m, Q^m) of many pairs.

    Parameters
    ----------
    P, Q : array_like, shape (..., k)
        Targets and generators, letters along the last axis; the other axes broadcast. Two tables of pandas
        are aligned by the names of their columns. Each pmf is divided by its exact sum, which must be within
        1e-9 of 1, or within the rounding of a narrower type, as in `Region.from_pmfs`.
    m : int or array_like of int
        Packing degrees ≥ 1; broadcast against the other axes of P and Q.
    workers : int, default 1
        Threads that share the rows. Kernels release the GIL: they help where there are thousands of rows.

    Returns
    -------
    float or ndarray
        As `modecollapse.packed_tv` of each pair, and as accurate; of the shape that P, Q (without the last
        axis) and m broadcast to.

    Raises
    ------
    ValueError
        If a pmf is invalid, named by its index; if m or the shapes are.

    Examples
    --------
    >>> import modecollapse as mc
    >>> mc.batch.packed_tv([[0.2, 0.8], [0.5, 0.5]], [0, 1], 2).tolist()
    [0.36, 0.75]
    """
    rows, workers = _rows(P, Q, m), _workers(workers)

    def run(part: slice, values: FloatArray, states: NDArray[np.int8]) -> None:
        _packed_rows(rows.p[part], rows.q[part], *rows.tolerances, rows.degrees[part], False, values, states)

    return _evaluate(rows, run, choice.total_variation, workers)


def packed_overlap(
    P: Masses, Q: Masses, m: ArrayLike, log: bool = False, workers: int = 1
) -> float | FloatArray:
    """The overlap O_m = 1 − d_TV(P^m, Q^m) of many pairs, accurate where the distance nears 1.

    Parameters
    ----------
    P, Q, m, workers
        As for `packed_tv`.
    log : bool, default False
        Return log O_m, which does not underflow; −inf where the supports are disjoint.

    Returns
    -------
    float or ndarray
        As `modecollapse.packed_overlap` of each pair.

    Raises
    ------
    ValueError
        As for `packed_tv`.

    Examples
    --------
    >>> import modecollapse as mc
    >>> mc.batch.packed_overlap([0.2, 0.8], [0, 1], [1, 2]).round(12).tolist()
    [0.8, 0.64]
    """
    if not isinstance(log, bool | np.bool_):
        raise ValueError(f"log must be True or False, got {log!r}")
    rows, workers = _rows(P, Q, m), _workers(workers)

    def run(part: slice, values: FloatArray, states: NDArray[np.int8]) -> None:
        _packed_rows(rows.p[part], rows.q[part], *rows.tolerances, rows.degrees[part], True, values, states)

    logarithms = _evaluate(rows, run, choice.log_overlap, workers)
    if log:
        return logarithms
    return math.exp(logarithms) if np.ndim(logarithms) == 0 else np.exp(logarithms)


def total_variation(P: Masses, Q: Masses, workers: int = 1) -> float | FloatArray:
    """d_TV(P, Q) of many pairs: `packed_tv` of one sample.

    Parameters
    ----------
    P, Q, workers
        As for `packed_tv`.

    Returns
    -------
    float or ndarray
        As `Region.total_variation` of each pair.

    Raises
    ------
    ValueError
        As for `packed_tv`.

    Examples
    --------
    >>> import modecollapse as mc
    >>> mc.batch.total_variation([[0.2, 0.8], [0.5, 0.5]], [0, 1]).tolist()
    [0.2, 0.5]
    """
    rows, workers = _rows(P, Q, 1), _workers(workers)

    def run(part: slice, values: FloatArray, states: NDArray[np.int8]) -> None:
        _single_rows(rows.p[part], rows.q[part], *rows.tolerances, values, states)

    return _evaluate(rows, run, choice.total_variation, workers)


def packed_tv_bracket(
    P: Masses, Q: Masses, m: ArrayLike, width: float = 1e-8, workers: int = 1
) -> FloatArray:
    """Certified brackets of d_TV(P^m, Q^m) of many pairs.

    Parameters
    ----------
    P, Q, m, workers
        As for `packed_tv`.
    width : float, default 1e-8
        The greatest distance of the two ends, absolute.

    Returns
    -------
    ndarray, shape (..., 2)
        Lower and upper ends along the last axis; see `modecollapse.packed_tv_bracket`.

    Raises
    ------
    PrecisionError
        If the width cannot be reached for a pair.
    ValueError
        As for `packed_tv`; if the width is invalid.

    Examples
    --------
    >>> import modecollapse as mc
    >>> ends = mc.batch.packed_tv_bracket([[0.2, 0.8], [0.5, 0.5]], [0.3, 0.7], 100)
    >>> bool((ends[:, 1] - ends[:, 0] <= 1e-8).all())
    True
    """
    width = validation.positive("width", width)
    rows = _rows(P, Q, m)

    def bracket(row: int) -> Bracket:
        common = common_letters(rows.region(row))
        return choice.total_variation_bracket(common, int(rows.degrees[row]), width)

    with ThreadPoolExecutor(_workers(workers)) as pool:
        ends = list(pool.map(bracket, range(len(rows.degrees))))
    return np.array(ends).reshape(*rows.shape, 2)


# -- rows -------------------------------------------------------------------------------------------------


class _Rows(NamedTuple):
    """Pairs and degrees, broadcast and flattened."""

    p: FloatArray
    q: FloatArray
    degrees: IntArray
    shape: tuple[int, ...]
    types: tuple[np.dtype[Any], np.dtype[Any]]
    """Types in which P and Q were given; narrow ones round their sums."""

    @property
    def tolerances(self) -> tuple[float, float]:
        """Distances from 1 that the sums of P and Q may have."""
        of_p, of_q = map(validation.mass_tolerance, self.types)
        return of_p, of_q

    def region(self, row: int) -> Region:
        """The region of one pair; refuses its pmfs by their place in the batch."""
        place = ", ".join(str(int(i)) for i in np.unravel_index(row, self.shape))
        index = f"[{place}]" if place else ""
        p, q = (side[row].astype(dtype) for side, dtype in zip((self.p, self.q), self.types, strict=True))
        validation.pmf(f"P{index}", p)
        validation.pmf(f"Q{index}", q)
        return Region.from_pmfs(p, q)


def _rows(P: Masses, Q: Masses, m: ArrayLike) -> _Rows:
    alignment.same_rows(("the rows of P", "the rows of Q", "m"), (_by_row(P), _by_row(Q), m))
    _, (first, second) = alignment.aligned_tables(("P", "Q"), (P, Q))
    p, q, degrees = _pmfs("P", first), _pmfs("Q", second), validation.degrees(m)
    if p.shape[-1] != q.shape[-1]:
        raise ValueError(f"P and Q must have the same letters, got {p.shape[-1]} and {q.shape[-1]}")
    try:
        shape = np.broadcast_shapes(p.shape[:-1], q.shape[:-1], degrees.shape)
    except ValueError:
        raise ValueError(
            f"P, Q without their last axis and m must broadcast, got the shapes {p.shape}, {q.shape} "
            f"and {degrees.shape}"
        ) from None
    rows = (np.ascontiguousarray(np.broadcast_to(v, (*shape, v.shape[-1])), dtype=np.float64) for v in (p, q))
    p_rows, q_rows = (v.reshape(-1, v.shape[-1]) for v in rows)
    flat_degrees = np.ascontiguousarray(np.broadcast_to(degrees, shape)).reshape(-1)
    return _Rows(p_rows, q_rows, flat_degrees, shape, (p.dtype, q.dtype))


def _by_row(values: object) -> object:
    """What has a label a row: many pmfs, and not the letters of one."""
    return values if getattr(values, "ndim", 1) == 2 else None


def _pmfs(name: str, values: object) -> NDArray[Any]:
    """Pmfs along the last axis, in the type given and not yet checked one by one."""
    array = as_array(name, values)
    if array.dtype.kind != "f" and not is_narrow_float(array.dtype):
        array = validation.real_array(name, values)
    if array.ndim == 0 or array.size == 0:
        raise ValueError(f"{name} must be of shape (..., k) with k ≥ 1, got shape {array.shape}")
    return array


def _workers(workers: int) -> int:
    return validation.whole("workers", workers, 1)


def _evaluate(
    rows: _Rows,
    run: Callable[[slice, FloatArray, NDArray[np.int8]], None],
    single: Callable[[CommonLetters, int], float],
    workers: int,
) -> float | FloatArray:
    """The values of all rows: those of the kernel, and the chooser's for rows that it leaves."""
    values = np.empty(len(rows.degrees))
    states = np.empty(len(values), dtype=np.int8)

    def run_part(start: int) -> None:
        part = slice(start, start + _ROWS_A_TASK)
        run(part, values[part], states[part])

    def run_single(row: int) -> None:
        values[row] = single(common_letters(rows.region(row)), int(rows.degrees[row]))

    _each(run_part, range(0, len(values), _ROWS_A_TASK), workers)
    for row in np.flatnonzero(states == _BAD).tolist():
        rows.region(row)  # refuses the first of them
    _each(run_single, np.flatnonzero(states != _DONE).tolist(), workers)
    return values.reshape(rows.shape) if rows.shape else float(values[0])


def _each(run: Callable[[int], None], items: Sequence[int], workers: int) -> None:
    """Run over the items, in threads if there is more than one."""
    if workers == 1 or len(items) < 2:
        for item in items:
            run(item)
        return
    with ThreadPoolExecutor(min(workers, len(items))) as pool:
        for _ in pool.map(run, items):
            pass


# -- the reading of a row, as Region and CommonLetters read it --------------------------------------------


@kernel
def _sum_beyond_one(values: FloatArray) -> float:
    """Σ values − 1, the errors of additions added at the end: exact to 1e-31. NaN where one is no mass."""
    total, errors = -1.0, 0.0
    for value in values:
        if not 0.0 <= value <= 2.0:
            return math.nan
        raised = total + value
        part = raised - total
        errors += (total - (raised - part)) + (value - part)
        total = raised
    return total + errors


@kernel
def _difference(p: float, q: float, p_beyond: float, q_beyond: float) -> float:
    """p/(1+p_beyond) − q/(1+q_beyond), without first rounding either quotient."""
    return (p - q) - (p * (p_beyond / (1.0 + p_beyond)) - q * (q_beyond / (1.0 + q_beyond)))


@kernel
def _normalised(mass: float, beyond: float) -> float:
    return mass if abs(beyond) <= _ROUNDING_OF_SUMS else mass / (1.0 + beyond)


@kernel
def _log_ratio(p: float, q: float, difference: float) -> float:
    """log(p/q) of a letter that both have, accurate relative to itself near p = q."""
    return math.log1p(difference / q) if abs(difference) < 0.5 * q else math.log(p) - math.log(q)


@kernel
def _log_share(kept: float, dropped: float) -> float:
    """log(kept / all), through whichever part is the smaller."""
    if dropped < 0.5:
        return math.log1p(-dropped / (kept + dropped))
    return math.log(kept) if kept > 0.0 else -math.inf


@kernel
def _distance_of_one(p: FloatArray, q: FloatArray, p_beyond: float, q_beyond: float) -> float:
    """Σ (p − q)⁺, every letter counted."""
    total, lost = 0.0, 0.0
    for i in range(len(p)):
        term = max(_difference(p[i], q[i], p_beyond, q_beyond), 0.0) - lost
        raised = total + term
        lost = (raised - total) - term
        total = raised
    return total


@kernel
def _read_common(
    p: FloatArray,
    q: FloatArray,
    p_beyond: float,
    q_beyond: float,
    kept_p: FloatArray,
    kept_q: FloatArray,
    kept_difference: FloatArray,
    kept_ratio: FloatArray,
) -> tuple[int, float, float]:
    """Fill in the common letters by falling ratio, merged; their number and the log shares of P and Q.

    The number is _MOST_LISTED + 1 where too many letters are common to be sorted here.
    """
    count = 0
    p_kept, q_kept, p_dropped, q_dropped, scale = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(len(p)):
        difference = _difference(p[i], q[i], p_beyond, q_beyond)
        scale += max(difference, 0.0)
        mass_p, mass_q = _normalised(p[i], p_beyond), _normalised(q[i], q_beyond)
        if not (mass_p > 0.0 and mass_q > 0.0):
            p_dropped += mass_p
            q_dropped += mass_q
            continue
        if count == _MOST_LISTED:
            return _MOST_LISTED + 1, 0.0, 0.0
        p_kept += mass_p
        q_kept += mass_q
        # insert behind all letters of the same ratio or a larger one
        ratio = _log_ratio(mass_p, mass_q, difference)
        at = count
        while at > 0 and kept_ratio[at - 1] < ratio:
            kept_ratio[at], kept_difference[at] = kept_ratio[at - 1], kept_difference[at - 1]
            kept_p[at], kept_q[at] = kept_p[at - 1], kept_q[at - 1]
            at -= 1
        kept_ratio[at], kept_difference[at], kept_p[at], kept_q[at] = ratio, difference, mass_p, mass_q
        count += 1
    merged = _merge(count, scale, kept_p, kept_q, kept_difference, kept_ratio)
    return merged, _log_share(p_kept, p_dropped), _log_share(q_kept, q_dropped)


@kernel
def _merge(
    count: int,
    scale: float,
    kept_p: FloatArray,
    kept_q: FloatArray,
    kept_difference: FloatArray,
    kept_ratio: FloatArray,
) -> int:
    """Merge runs of letters whose ratios equal that of their first; the number of letters left."""
    merged = 0
    first = 0.0
    for i in range(count):
        if merged > 0 and first - kept_ratio[i] <= _MERGING * (scale + abs(first)):
            kept_p[merged - 1] += kept_p[i]
            kept_q[merged - 1] += kept_q[i]
            kept_difference[merged - 1] += kept_difference[i]
            continue
        first = kept_ratio[i]
        kept_p[merged], kept_q[merged] = kept_p[i], kept_q[i]
        kept_difference[merged] = kept_difference[i]
        merged += 1
    for i in range(merged):
        kept_ratio[i] = _log_ratio(kept_p[i], kept_q[i], kept_difference[i])
    return merged


@kernel
def _distance_of(
    count: int, p: FloatArray, q: FloatArray, ratio: FloatArray, log_p: float, log_q: float, m: int
) -> float:
    """d_TV(P^m, Q^m) for at most three common letters."""
    if count < 2 or ratio[0] == ratio[count - 1]:
        return 0.0 - math.expm1(m * min(log_p, log_q))
    if log_p < log_q:  # the letters of (Q, P)
        p, q, ratio = q[:count][::-1].copy(), p[:count][::-1].copy(), -ratio[:count][::-1]
        log_p, log_q = log_q, log_p
    if count == 2:
        return min(_binary_tv(p[0], p[1], q[0], q[1], ratio[0], ratio[1], log_p, log_q, m), 1.0)
    return min(_ternary_tv(p[:3], q[:3], ratio[:3], log_p, log_q, m), 1.0)


@kernel
def _log_overlap_of(
    count: int, p: FloatArray, q: FloatArray, ratio: FloatArray, log_p: float, log_q: float, m: int
) -> float:
    """log Σ min(P^m, Q^m) for at most three common letters."""
    if count < 2 or ratio[0] == ratio[count - 1]:
        return m * min(log_p, log_q)
    if count == 2:
        return min(_binary_log_overlap(p[0], p[1], q[0], q[1], ratio[0], ratio[1], log_p, log_q, m), 0.0)
    distance = _distance_of(count, p, q, ratio, log_p, log_q, m)
    if distance < 1.0 - _SMALL_OVERLAP:
        return math.log1p(-distance)
    return min(_ternary_log_overlap(p[:3], q[:3], ratio[:3], log_p, log_q, m), 0.0)


@kernel
def _packed_rows(
    p: FloatArray,
    q: FloatArray,
    p_tolerance: float,
    q_tolerance: float,
    degrees: IntArray,
    is_overlap: bool,
    values: FloatArray,
    states: NDArray[np.int8],
) -> None:
    """The distance or the log overlap of (P^m, Q^m) for each row of at most three common letters."""
    kept_p, kept_q = np.empty(_MOST_LISTED), np.empty(_MOST_LISTED)
    difference, ratio = np.empty(_MOST_LISTED), np.empty(_MOST_LISTED)
    for row in range(len(p)):
        p_beyond, q_beyond = _sum_beyond_one(p[row]), _sum_beyond_one(q[row])
        if not (abs(p_beyond) <= p_tolerance and abs(q_beyond) <= q_tolerance):
            states[row] = _BAD
            continue
        count, log_p, log_q = _read_common(
            p[row], q[row], p_beyond, q_beyond, kept_p, kept_q, difference, ratio
        )
        if count > 3:
            states[row] = _LEFT
            continue
        states[row] = _DONE
        if is_overlap:
            values[row] = _log_overlap_of(count, kept_p, kept_q, ratio, log_p, log_q, degrees[row])
        else:
            values[row] = _distance_of(count, kept_p, kept_q, ratio, log_p, log_q, degrees[row])


@kernel
def _single_rows(
    p: FloatArray,
    q: FloatArray,
    p_tolerance: float,
    q_tolerance: float,
    values: FloatArray,
    states: NDArray[np.int8],
) -> None:
    """d_TV(P, Q) of each row."""
    for row in range(len(p)):
        p_beyond, q_beyond = _sum_beyond_one(p[row]), _sum_beyond_one(q[row])
        is_pair = abs(p_beyond) <= p_tolerance and abs(q_beyond) <= q_tolerance
        states[row] = _DONE if is_pair else _BAD
        if is_pair:
            values[row] = min(_distance_of_one(p[row], q[row], p_beyond, q_beyond), 1.0)
