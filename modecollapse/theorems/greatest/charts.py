"""Coordinates on the slopes of a class inside compiled searches.

A box has k+1 axes: t, where the members touch ℓ, and for each line the share of the way from the least to the
greatest place of its scale, both at t. A line through a point e below ℓ that is steeper than ℓ, or less
steep, meets ℓ at a reach ρ from the point, σ = ±e/ρ. Its place is log ρ if it is steeper, else log s/(γ−s),
which is log ρ of the mirrored line but for a constant. The place of lines that may be both is log s.

A box is a row of numbers: the lower ends of its axes, the upper ends, and for each line the least place on
its scale, the greatest, the scale, and whether t narrows them: 1 where the line through (t, γt+h) binds the
least slope, −1 where it binds the greatest, 0 where neither. Reach it binds from above in any case.
"""

from __future__ import annotations

import math

from modecollapse.arrays import FloatArray
from modecollapse.packing.kernels import kernel_in_place

ABOVE, BELOW, EITHER = 1.0, -1.0, 0.0
"""The scales: of reach for lines steeper than ℓ, of reach for lines less steep, and of slope for others."""

FREEDOM = 1e-9
"""Places closer than this are not worth a box of their own."""


@kernel_in_place
def place_of_reach(reach: float, excess: float, gamma: float, scale: float) -> float:
    """The place of a line that is not on the scale of slope."""
    if scale == ABOVE:
        return math.log(reach)
    rest = gamma * reach / excess - 1.0
    return math.log(rest) if rest > 0.0 else -math.inf


@kernel_in_place
def place_of_slope(slope: float) -> float:
    """The place of a line on the scale of slope; −inf for slopes not above 0."""
    return math.log(slope) if slope > 0.0 else -math.inf


@kernel_in_place
def sigma_at(place: float, excess: float, gamma: float, scale: float) -> float:
    """The σ of the slope γ+σ at a place on a scale."""
    if scale == ABOVE:
        return excess * math.exp(-place)
    if scale == BELOW:
        return -gamma / (1.0 + math.exp(place))
    return math.exp(place) - gamma


@kernel_in_place
def forced(t: float, u: float, excess: float, gamma: float, scale: float) -> float:
    """The place of the line through a forbidden point and the point of ℓ at t."""
    if scale != EITHER:
        return place_of_reach(abs(t - u), excess, gamma, scale)
    if excess == 0.0:
        return math.log(gamma)
    return math.inf if t == u else place_of_slope(gamma + excess / (t - u))


@kernel_in_place
def ends_of_way(
    box: FloatArray, i: int, k: int, t: float, u: float, excess: float, gamma: float
) -> tuple[float, float]:
    """The least and greatest place of line i at t."""
    line = box[2 * k + 2 :]
    low, high, scale, binding = line[i], line[k + i], line[2 * k + i], line[3 * k + i]
    if binding != 0.0:
        place = forced(t, u, excess, gamma, scale)
        if scale == EITHER and binding > 0.0:
            low = max(low, place)
        else:
            high = min(high, place)
    return min(low, high), max(low, high)  # equal at ends of X, but for rounding


@kernel_in_place
def sigma_in(
    box: FloatArray, i: int, k: int, t: float, share: float, u: float, excess: float, gamma: float
) -> float:
    """σ of line i at t and a share of its way."""
    scale, binding = box[2 * k + 2 + 2 * k + i], box[2 * k + 2 + 3 * k + i]
    low, high = ends_of_way(box, i, k, t, u, excess, gamma)
    if share == 1.0 and scale != EITHER and binding != 0.0 and high < box[2 * k + 2 + k + i]:
        return (
            scale * excess / abs(t - u)
        )  # it meets the others that are forced so in one point, without rounding
    place = high if share == 1.0 else low + share * (high - low)
    return sigma_at(place, excess, gamma, scale)


@kernel_in_place
def _reach_along(box: FloatArray, i: int, k: int, t: float, u: float, excess: float, gamma: float) -> float:
    """How far the reach of line i goes along its own axis at t."""
    first = sigma_in(box, i, k, t, box[1 + i], u, excess, gamma)
    last = sigma_in(box, i, k, t, box[k + 2 + i], u, excess, gamma)
    return abs(excess / last - excess / first)


@kernel_in_place
def speeds(
    box: FloatArray,
    i: int,
    k: int,
    axis: int,
    low: float,
    high: float,
    u: float,
    excess: float,
    gamma: float,
) -> tuple[float, float, bool]:
    """Bounds on the derivatives of the slope of line i along an axis, where σ runs from low to high.

    They are for a coordinate that runs from 0 to 1 through the box. On the scales of reach it is linear in ρ
    along the line's own axis, and along t where the line follows t: then σ = ±e/ρ has σ″ = 2σ′²/σ, and the
    last value says so.
    """
    scale, binding = box[2 * k + 2 + 2 * k + i], box[2 * k + 2 + 3 * k + i]
    t_low, t_high = box[0], box[k + 1]
    sigma = max(abs(low), abs(high))
    if axis == i + 1:
        if scale != EITHER:
            # ρ goes farthest at the t that leaves the line the longest way
            way = max(
                _reach_along(box, i, k, t_low, u, excess, gamma),
                _reach_along(box, i, k, t_high, u, excess, gamma),
            )
            pace = way * sigma / excess  # ρ'/ρ
            return sigma * pace, 2.0 * sigma * pace * pace, True
        first = ends_of_way(box, i, k, t_low, u, excess, gamma)
        last = ends_of_way(box, i, k, t_high, u, excess, gamma)
        pace = max(first[1] - first[0], last[1] - last[0]) * (box[k + 1 + axis] - box[axis])
        return (gamma + high) * pace, (gamma + high) * pace * pace, False
    if axis != 0 or binding == 0.0:
        return 0.0, 0.0, True
    middle = forced(0.5 * (t_low + t_high), u, excess, gamma, scale)
    line = box[2 * k + 2 :]
    rises = scale == EITHER and binding > 0.0
    if (rises and middle <= line[i]) or (not rises and middle >= line[k + i]):
        return 0.0, 0.0, True
    weight = 1.0 - box[1 + i] if rises else box[k + 2 + i]
    width = t_high - t_low
    near = min(abs(t_low - u), abs(t_high - u))
    if scale != EITHER and box[1 + i] == 1.0:
        pace = width / near
        return sigma * pace, 2.0 * sigma * pace * pace, True
    if scale == ABOVE:
        pace = weight * width / near
        return sigma * pace, sigma * (pace * pace + pace * width / near), False
    if scale == BELOW:
        rate, pace = gamma / (gamma * near - excess) * width, 0.0
        pace = weight * rate
        speed = max((gamma + low) * -low, (gamma + high) * -high) / gamma
        if low < -0.5 * gamma < high:
            speed = 0.25 * gamma
        return speed * pace, speed * (pace * pace + pace * rate), False
    if excess == 0.0:
        return 0.0, 0.0, True
    least = gamma + min(excess / (t_low - u), excess / (t_high - u))
    rate = abs(excess) / (least * near * near) * width
    pace = weight * rate
    return (gamma + high) * pace, (gamma + high) * (pace * pace + pace * (2.0 * width / near + rate)), False


@kernel_in_place
def free_line(box: FloatArray, axis: int, k: int, us: FloatArray, excesses: FloatArray, gamma: float) -> int:
    """A line that need not follow t to the end of its places, for a cut along an axis; −1 for none."""
    if not box[k + 1] > box[0]:
        return -1
    line = box[2 * k + 2 :]
    for i in range(k):
        if (axis == 0 or axis == i + 1) and line[2 * k + i] != EITHER and line[3 * k + i] != 0.0:
            place = clear_place(box, i, k, us[i], excesses[i], gamma)
            is_whole = box[1 + i] == 0.0 and box[k + 2 + i] == 1.0
            if is_whole and line[i] < place - FREEDOM and place + FREEDOM < line[k + i]:
                return i
    return -1


@kernel_in_place
def clear_place(box: FloatArray, i: int, k: int, u: float, excess: float, gamma: float) -> float:
    """The place at which line i stays clear of ℓ at every t of the box."""
    reach = min(abs(box[0] - u), abs(box[k + 1] - u))
    return place_of_reach(reach, excess, gamma, box[2 * k + 2 + 2 * k + i])


@kernel_in_place
def cut(
    box: FloatArray,
    second: bool,
    axis: int,
    free: int,
    k: int,
    us: FloatArray,
    excesses: FloatArray,
    gamma: float,
    into: FloatArray,
) -> None:
    """One of two parts of a box, halved along an axis or cut where a `free` line is clear of ℓ at every t."""
    for i in range(6 * k + 2):
        into[i] = box[i]
    if free < 0:
        into[axis if second else k + 1 + axis] = 0.5 * (box[axis] + box[k + 1 + axis])
        return
    line = into[2 * k + 2 :]
    place = clear_place(box, free, k, us[free], excesses[free], gamma)
    line[free if second else k + free] = place
    if not second:
        line[3 * k + free] = 0.0
