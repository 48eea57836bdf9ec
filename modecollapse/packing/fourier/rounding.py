"""Allowances for rounding, each with a name, a unit and a reason; theory §7, "Rounding", has the proofs.

The unit is ε = 2⁻⁵², twice the unit roundoff u = 2⁻⁵³. The model: sums, products, quotients and square roots
are off by u relative. Functions of the scalar library are off by 2 ε, and numpy's vector loops by 4 ε.
`math.fsum` and `packing.summation` are off by u. Constants of compiled kernels live in the kernel's own file,
because its cache notices changes in that file only.
"""

from __future__ import annotations

from modecollapse.packing.fourier.node_sums import EPS

SHARE_ROUNDING = 16 * EPS
"""Relative error of m log(share of the common letters).

The share is a quotient of masses: at most 8 ε (1 − share) from the masses and 2 ε from the arithmetic. The
logarithm magnifies this at most 1.45-fold and adds 2 ε, the product with m adds ε/2: below 14 ε.
"""

NEAR_LOG_ROUNDING = 6 * EPS
"""Relative error of log(p/q) formed as log1p((p−q)/q) with |p−q| < q/2.

A difference, a quotient and a rescaled q cost 2 ε, which log1p magnifies at most 1.45-fold; log1p adds 2 ε.
"""

NEAR_LOG_FLOOR = 8 * EPS**2
"""Absolute error of log1p((p−q)/q): p−q is corrected by p times a sum's distance from 1, at most 8 ε."""

FAR_LOG_ROUNDING = 2 * EPS
"""Error of log p, relative to itself, in log p − log q."""

COMMON_FACTOR = 1.5
"""Largest effect of a factor common to all q on log1p((p−q)/q): x/((1+x) log1p x) ≤ 1.45 for |x| ≤ ½."""

FAR_RATIO = 0.49
"""Ratios further than this from 1 may have been formed as log p − log q; the change is at ½."""

CENTRE_ROUNDING = 2 * EPS
"""Error of a turn, relative to |L| + 2|L₀| over T.

The difference L − L₀ and its quotient by T cost 2 u (|L| + |L₀|), the quotient L₀/T costs u |L₀|: half of
this. The other half covers λ = T/2N, which is rounded once.
"""

AFFINITY_ROUNDING = 16 * EPS
"""Relative error of Σ√(p̂q̂).

Normalised masses are off by 9 ε, so products of their roots by 10.5 ε; fsum adds u.
"""

LOG_ROUNDING = 4 * EPS
"""Error of a logarithm, and of at most three sums and products after it, relative to all that is summed."""

STEP_ROUNDING = 8 * EPS
"""Error of √p̂ (1 − √(q̂/p̂)), relative to itself: √p̂ 5 ε, expm1 2 ε, a product."""

RESULT_ROUNDING = 4 * EPS
"""Relative error of an end of a bracket from affinities: expm1, a root and a product cost 3.5 ε."""

CHERNOFF_ROUNDING = 1e-11
"""Relative error of the Chernoff bound: Σ p^s q^{1−s} − 1 is a sum of k terms of one sign.

Deliberately generous: each term is off by at most 32 ε and numpy adds pairwise, about 1e-14 in all.
"""

TAIL_MARGIN = 1e-9
"""Raises the logarithm of a bound on a tail.

The bound is a difference of exponents up to 10⁶ wherever it matters, so two roundings stay below 5e-10.
"""

SUM_ROUNDING = 64 * EPS
"""Relative error of a sum of positive terms over nodes, and of the terms around it.

Transforms 25 ε, Re(1−z) 8 ε, Neumaier's sum ε, prefactors and the sums of the parts 8 ε: below 42 ε.
"""

LATTICE_LETTER_ROUNDING = 40 * EPS
"""Error of ψ₀ on a lattice, relative to √(2a), apart from the sum over letters.

Weights 12 ε, sines and cosines from a table 9 ε, |ψ₀| and arg ψ₀ by numpy's loops 14 ε: 35 ε.
"""

LATTICE_NODE_ROUNDING = 32 * EPS
"""Error of z on a lattice, relative to |z| (1 + |log |z||): exp 4 ε, phase 11 ε, sine 4 ε; log1p 5 ε."""

BOUND_MARGIN = 1.01
"""Raises a bound on errors.

It covers the roundings of the bound itself, 1e-11 for 10⁶ letters, and the products of two relative errors.
"""

ORDER_ROUNDING = 16 * EPS
"""Error of an end of a hockey stick, relative to 1 + γ: four sums of terms up to 1 + γ, exp, and γ = e^s."""

SHARE_OF_IMAGES = 1 / 32
"""Part of a width that images beyond a period may cost. A choice: no proof rests on it."""

SHARE_OF_NEGLIGIBLE = 1 / 64
"""Part of a width that nodes taken for 0 may cost. A choice: what they do cost is counted."""
