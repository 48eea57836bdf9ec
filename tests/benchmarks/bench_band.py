"""What the certified bands cost; run on demand with `pytest tests/benchmarks/bench_band.py`.

docs/performance.md has the times, and `greatest_survey` those at random parameters.
"""

from __future__ import annotations

import pytest

import modecollapse as mc

CONDITIONS = {
    "Theorem 3": (0.11, {}),
    "Theorem 4": (0.11, {"collapse": (0.02, 0.1)}),
    "Theorem 4, missing branch": (0.12, {"collapse": (0.85, 0.95)}),
    "Theorem 5, side tangents": (0.11, {"no_collapse": (0.2, 0.3), "no_augmentation": (0.2, 0.3)}),
    "Theorem 5, middle tangents": (0.11, {"no_collapse": (0.05, 0.1), "no_augmentation": (0.05, 0.1)}),
}


def bench(benchmark, m, tau, condition, rounds=5, **options):
    mc.tv_band(tau, m, **condition, **options)  # compiles, whichever evaluators are called for
    benchmark.pedantic(mc.tv_band, (tau, m), {**condition, **options}, rounds=rounds)


@pytest.mark.benchmark(group="m = 1 to 10, gap 1e-9")
@pytest.mark.parametrize("theorem", CONDITIONS)
def test_ten_degrees(benchmark, theorem):
    bench(benchmark, range(1, 11), *CONDITIONS[theorem], gap=1e-9)


@pytest.mark.benchmark(group="collapse at large m, gap 1e-9")
@pytest.mark.parametrize("m", [30, 100, 300, 1000, 10000])
def test_collapse_at_large_degree(benchmark, m):
    bench(benchmark, m, *CONDITIONS["Theorem 4"], rounds=2, gap=1e-9)


@pytest.mark.benchmark(group="middle tangents at one m, gap 1e-9")
@pytest.mark.parametrize("m", [6, 10, 20])
@pytest.mark.parametrize(("tau", "point"), [(0.11, (0.05, 0.1)), (0.5, (0.04, 0.375))], ids=str)
def test_middle_tangents_at_one_degree(benchmark, tau, point, m):
    bench(benchmark, m, tau, {"no_collapse": point, "no_augmentation": point}, rounds=3)
