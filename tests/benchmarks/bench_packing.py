"""How the evaluators grow with m; run on demand with `pytest tests/benchmarks/bench_packing.py`.

Medians of one call of `packed_tv` in microseconds, measured on two shared cores:

=========  ===========  =============  =======================  ============
m          two letters  three letters  three letters (overlap)  four letters
=========  ===========  =============  =======================  ============
10                  53             51                                     54
30                                                                        81
10²                 54             96                       66          2205
300                                                                    58462
10³                              1057
10⁴                 54             80                       82
10⁵                               133
10⁶                 53            282                      289
10⁹                 56
=========  ===========  =============  =======================  ============

Two letters cost the same at any m. Three take O(√m) rows: by recurrence where the answer is above .1,
which this pair reaches between m = 10³ and 10⁴; below, by types up to m = 314 and then by a Beta mass
a row (10⁴ would take 2.9 ms that way, 10⁶ 23 ms). Four are enumerated, C(m+3, 3) types: m³. Of each
call some 45 µs go to checking the pair. Importing the package after numpy takes 1.01 times as long as
importing numpy alone.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

import modecollapse as mc

TWO = ([0.3, 0.7], [0.301, 0.699])
THREE = ([0.2, 0.3, 0.5], [0.201, 0.3, 0.499])
FOUR = ([0.1, 0.2, 0.3, 0.4], [0.12, 0.2, 0.29, 0.39])


def bench(benchmark, evaluate, pair, m):
    evaluate(pair, 2)
    evaluate(pair, m)  # compiles, whichever evaluator m calls for
    benchmark(evaluate, pair, m)


@pytest.mark.benchmark(group="two letters")
@pytest.mark.parametrize("m", [10, 10**2, 10**4, 10**6, 10**9])
def test_two_letters(benchmark, m):
    bench(benchmark, mc.packed_tv, TWO, m)


@pytest.mark.benchmark(group="three letters")
@pytest.mark.parametrize("m", [10, 10**2, 10**3, 10**4, 10**5, 10**6])
def test_three_letters(benchmark, m):
    bench(benchmark, mc.packed_tv, THREE, m)


@pytest.mark.benchmark(group="three letters, overlap")
@pytest.mark.parametrize("m", [10**2, 10**4, 10**6])
def test_three_letters_overlap(benchmark, m):
    bench(benchmark, mc.packed_overlap, THREE, m)


@pytest.mark.benchmark(group="types of four letters")
@pytest.mark.parametrize("m", [10, 30, 100, 300])
def test_types_of_four_letters(benchmark, m):
    bench(benchmark, mc.packed_tv, FOUR, m)


def import_time(module: str) -> float:
    """Seconds to import a module in a new interpreter, as the best of several."""
    code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, check=True) for _ in range(9)]
    return min(float(run.stdout) for run in runs)


def test_importing_costs_little_more_than_numpy(capsys):
    ratio = import_time("numpy, modecollapse") / import_time("numpy")
    with capsys.disabled():
        print(f"\nimport of modecollapse after numpy: {ratio:.3f} of numpy alone")
    assert ratio < 1.5
