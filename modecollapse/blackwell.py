"""What Blackwell's order says of two pairs, by linear and by integer programming: garblings and sets."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import validation
from modecollapse.arrays import FloatArray
from modecollapse.brackets import Bracket
from modecollapse.errors import PrecisionError
from modecollapse.region import TOLERANCE, Region

MAX_CUTS = 200
"""`witness_set` gives up after this many near misses."""


def garbling(r: Region, s: Region) -> FloatArray | None:
    """A channel that turns the pair of r into that of s (Blackwell; Remarks 9 and 10).

    Parameters
    ----------
    r, s : Region

    Returns
    -------
    ndarray, shape (len(r.p), len(s.p)), or None
        A row-stochastic W with ``r.p @ W == s.p`` and ``r.q @ W == s.q`` to within
        1e-9, found by linear programming; None iff s is not contained in r.

    Examples
    --------
    >>> fine = Region.from_pmfs([0.5, 0.5, 0], [0, 0.5, 0.5])
    >>> coarse = Region.from_pmfs([0.5, 0.5], [0.25, 0.75])
    >>> W = garbling(fine, coarse)
    >>> bool(abs(fine.q @ W - coarse.q).max() < 1e-9)
    True
    """
    if not s <= r:
        return None
    from scipy import sparse
    from scipy.optimize import linprog

    rows, columns = len(r.p), len(s.p)
    # p − q in its own scale, so that the solver's tolerance does not blur nearly equal pairs; what is
    # missed of it costs no more than what is missed of p
    scale = r.total_variation or 1.0
    marginals = sparse.kron(np.vstack([r.p, r.difference / scale]), sparse.eye_array(columns))
    row_sums = sparse.kron(sparse.eye_array(rows), np.ones((1, columns)))
    # least total deviation from the marginals: feasible always, zero at a garbling
    slack = sparse.eye_array(2 * columns)
    constraints = sparse.block_array([[marginals, slack, -slack], [row_sums, None, None]])
    solution = linprog(
        np.concatenate([np.zeros(rows * columns), np.tile(np.repeat([1.0, scale], columns), 2)]),
        A_eq=constraints,
        b_eq=np.concatenate([s.p, s.difference / scale, np.ones(rows)]),
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    channel: FloatArray = np.maximum(solution.x[: rows * columns].reshape(rows, columns), 0.0)
    channel = channel / channel.sum(axis=1, keepdims=True)
    return channel


def witness_set(p: ArrayLike, q: ArrayLike, eps: float, delta: float) -> list[int] | None:
    """A set of letters that shows (ε,δ)-mode collapse in the literal sense of Definition 1.

    No randomisation: this is a 0/1 knapsack, solved by integer programming, and can fail where
    `Region.has_collapse` holds.

    Parameters
    ----------
    p, q : array_like, shape (k,)
        Target and generator.
    eps, delta : float
        The set must have P-mass ≥ δ and Q-mass ≤ ε; touching counts, to within 1e-12.

    Returns
    -------
    list of int, or None
        Sorted indices into `p`; None iff no set does.

    Raises
    ------
    PrecisionError
        If more than 200 sets come within 1e-5 of both bounds and fail, before one that holds is found.
    ValueError
        If a pmf is invalid (see `Region.from_pmfs`), or ε or δ lies outside [0, 1].

    Examples
    --------
    >>> witness_set([0.2, 0.8], [0, 1], 0, 0.2)
    [0]
    >>> witness_set([0.11, 0.89], [0, 1], 0.05, 0.12) is None  # though g(.05) = .1545
    True
    """
    p, q = validation.pmf("p", p), validation.pmf("q", q)
    validation.same_length("p and q", p, q)
    eps, delta = validation.probability("eps", eps), validation.probability("delta", delta)
    from scipy.optimize import Bounds, LinearConstraint, milp

    # HiGHS takes 1e-6 for 0, so it searches a little too far; what it finds is checked exactly, and cut
    # off where it fails
    slack = 1e-5
    rows, least = [p, -q], [delta - slack, -eps - slack]
    for _ in range(MAX_CUTS):
        solution = milp(
            q - p,
            constraints=LinearConstraint(np.array(rows), lb=np.array(least)),
            bounds=Bounds(0, 1),
            integrality=np.ones(len(p)),
        )
        if solution.x is None:
            return None
        chosen = np.round(solution.x) == 1
        if math.fsum(q[chosen]) <= eps + TOLERANCE and math.fsum(p[chosen]) >= delta - TOLERANCE:
            return [int(i) for i in np.flatnonzero(chosen)]
        rows.append(np.where(chosen, -1.0, 1.0))
        least.append(1.0 - chosen.sum())
    raise PrecisionError(
        f"{MAX_CUTS} sets come within {slack:g} of eps={eps!r}, delta={delta!r} and fail; whether one holds "
        "is undecided",
        Bracket(0.0, 1.0),
    )
