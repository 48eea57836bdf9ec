"""Certified brackets against m; run on demand with `pytest tests/benchmarks/bench_spectral.py`.

Medians of one call of `tv_bracket` in milliseconds, to the absolute width at the head of the column
(reached, and at most 1.1 times wider than needed), for pairs at distance about ½; two shared cores:

=====  ======  ======  =======  ======  ======  =======
m      three letters            a thousand letters
-----  -----------------------  -----------------------
width  1e-6    1e-8    1e-10    1e-6    1e-8    1e-10
=====  ======  ======  =======  ======  ======  =======
2                                 4.0    17.1    350
10                                3.3    22.3    280
10²       0.7     1.8      4.0    1.9     4.4     43.8
10³       0.9     2.3      7.7    1.8     3.3     26.7
10⁴       0.9     2.5     11.4    1.8     3.4     28.5
10⁵       0.9     4.6     57.3    1.9     3.6     30.9
10⁶       0.9     2.4     23.4    1.8     3.6     31.6
10⁹       0.9     2.4  refused    1.9     3.6  refused
=====  ======  ======  =======  ======  ======  =======

The cost does not grow with m: it falls at first, for a characteristic function raised to a high power
is settled by a few letters at most nodes. What limits it is the number of nodes, 1/√width where S is
spread out (1e5 nodes for 1e-8, 1e6 for 1e-10) and 1/width where S has an atom at 0. At m = 10⁹ some
2e-10 is set aside for rounding, so 1e-10 is refused with a bracket 4e-10 wide.

At distance 6e-7, a thousand letters, relative widths of 1e-4 and 1e-6 take 1.5 to 2.0 and 2.0 to 4.5 ms
for m from 10 to 10⁵. The contour estimate takes 5.2 ms at m = 10, else 1.2 ms.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from modecollapse.errors import PrecisionError
from modecollapse.packing.fourier import distance
from modecollapse.packing.fourier.contour import contour_estimate
from modecollapse.packing.letters import CommonLetters, common_letters
from modecollapse.region import Region

DEGREES = [10**2, 10**3, 10**4, 10**5, 10**6, 10**9]
WIDTHS = [1e-6, 1e-8, 1e-10]


def far_pair(letters: int, m: int) -> CommonLetters:
    """A pair whose distance stays near one half whatever m: log ratios fall like 1/√m."""
    rng = np.random.default_rng(letters)
    p = rng.dirichlet(np.ones(letters)) if letters > 3 else np.array([0.2, 0.3, 0.5])
    scores = rng.normal(size=letters) if letters > 3 else np.array([1.0, -0.3, 2.137])
    q = p * np.exp(1.5 / math.sqrt(m) * scores)
    return common_letters(Region.from_pmfs(p, q / q.sum()))


def near_pair(letters: int, m: int) -> CommonLetters:
    """A pair whose distance is about 1e-6."""
    return far_pair(letters, int(m * 1e12))


def bench(benchmark, evaluate, common, m, *options):
    evaluate(far_pair(3, 10), 10)  # compiles
    try:
        result = benchmark(evaluate, common, m, *options)
    except PrecisionError as error:
        pytest.skip(str(error))
    benchmark.extra_info["result"] = list(result)


@pytest.mark.benchmark(group="three letters")
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("m", DEGREES)
def test_three_letters(benchmark, m, width):
    bench(benchmark, distance.tv_bracket, far_pair(3, m), m, width)


@pytest.mark.benchmark(group="a thousand letters")
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("m", [2, 10, *DEGREES])
def test_a_thousand_letters(benchmark, m, width):
    bench(benchmark, distance.tv_bracket, far_pair(1000, m), m, width)


@pytest.mark.benchmark(group="a thousand letters, distance 1e-6, relative widths")
@pytest.mark.parametrize("width", [1e-4, 1e-6])
@pytest.mark.parametrize("m", [10, 10**3, 10**5])
def test_near_pairs(benchmark, m, width):
    bench(benchmark, distance.tv_bracket, near_pair(1000, m), m, 1e-6 * width)


@pytest.mark.benchmark(group="contour estimate, a thousand letters")
@pytest.mark.parametrize("m", [10, 10**3, 10**5, 10**9])
def test_contour_estimate(benchmark, m):
    bench(benchmark, contour_estimate, far_pair(1000, m), m)
