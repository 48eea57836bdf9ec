"""Callers as they come: pools that fork or spawn, arrays of every make, a bare install."""

import math
import multiprocessing
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction

import numpy as np
import pytest

import modecollapse as mc
from modecollapse.packing import few_letters
from modecollapse.packing.letters import common_letters

P, Q = [0.25, 0.5, 0.25], [0.125, 0.5, 0.375]

POOL = """
import multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor
import modecollapse as mc

def answer(m):
    pair = [0.25, 0.5, 0.25], [0.125, 0.5, 0.375]
    return mc.packed_tv(pair, m), mc.packed_overlap(pair, m, log=True)

if __name__ == "__main__":
    degrees = [1, 7, 500, 10**6]
    expected = list(map(answer, degrees))  # kernels are compiled before the fork
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(sys.argv[1])) as pool:
        print(list(pool.map(answer, degrees)) == expected)
"""


@pytest.mark.parametrize("start", ["fork", "spawn", "forkserver"])
def test_pools_give_the_numbers_of_their_parent(start, tmp_path):
    if start not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {start} here")
    script = tmp_path / "pool.py"
    script.write_text(POOL)
    # in an interpreter of its own: threads of other tests must not be forked
    done = subprocess.run([sys.executable, str(script), start], capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


def precision_error(_):
    mc.packed_tv_bracket(([0.3, 0.5, 0.2], [0.30001, 0.5, 0.19999]), 10**9, width=1e-14)


def test_errors_come_back_from_a_pool_whole():
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        failure = pool.submit(precision_error, None).exception()
    assert isinstance(failure, mc.PrecisionError)
    assert failure.bracket.width < 1e-6
    assert "rounding" in str(failure)


def strided(values):
    return np.repeat(np.asarray(values, dtype=float), 2)[::2]


def reversed_view(values):
    return np.asarray(values[::-1], dtype=float)[::-1]


def read_only(values):
    array = np.array(values, dtype=float)
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    "make",
    [
        tuple,
        np.float32,
        np.float16,
        np.longdouble,
        lambda v: np.array(v, dtype=">f8"),
        lambda v: np.array(v, dtype=">f4"),
        lambda v: np.array(v, dtype="<f8"),
        strided,
        reversed_view,
        read_only,
        lambda v: [Fraction(x) for x in v],
        lambda v: np.array([Fraction(x) for x in v], dtype=object),
        lambda v: memoryview(np.array(v)),
    ],
)
def test_any_array_of_the_same_numbers_gives_the_same_answers(make):
    p, q = make(P), make(Q)
    region = mc.Region.from_pmfs(p, q)
    assert region.p.dtype == np.float64
    assert region.p.dtype.isnative
    assert region == mc.Region.from_pmfs(P, Q)
    assert mc.packed_tv((p, q), 7) == mc.packed_tv((P, Q), 7)
    assert mc.packed_tv_bracket((p, q), 500) == mc.packed_tv_bracket((P, Q), 500)
    assert mc.pack_bracket(region, 500).inner == mc.pack_bracket(mc.Region.from_pmfs(P, Q), 500).inner


@pytest.mark.parametrize(
    "m", [np.int8(7), np.uint64(7), 7.0, np.float32(7), np.array(7, dtype=">i4"), Fraction(7)]
)
def test_any_integer_is_a_degree(m):
    assert mc.packed_tv((P, Q), m) == mc.packed_tv((P, Q), 7)


@pytest.mark.parametrize(
    "pmf", [["0.5", "0.5"], [0.5 + 0j, 0.5], [None, 1], {0.5, 0.25}, "ab", [[0.5], [0.5, 0]]]
)
def test_what_is_no_list_of_numbers_is_refused_with_its_value(pmf):
    with pytest.raises(ValueError, match="p must be"):
        mc.packed_tv((pmf, [0.5, 0.5]), 2)


def test_a_bare_install_gives_all_public_names():
    """Without matplotlib, Hypothesis, scikit-learn and what else the extras bring."""
    code = """
import sys
for name in ("matplotlib", "hypothesis", "sklearn", "tqdm", "distributed", "mpmath", "jax"):
    sys.modules[name] = None
from modecollapse import *
print(packed_tv(([0.2, 0.8], [0, 1]), 2), Region.from_pmfs([1], [1])._repr_svg_()[:4])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["0.36", "<svg"]


HUGE = 10**400


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mc.packed_tv((P, Q), 2, method=[]), r"method must be one of .*got \[\]"),
        (lambda: mc.packed_overlap((P, Q), 2, method=None), "method must be one of .*got None"),
        (lambda: mc.packed_overlap((P, Q), 2, log=[1, 2]), r"log must be True or False, got \[1, 2\]"),
        (lambda: mc.packed_tv_bracket((P, Q), 2, width="0.5"), "width must be .*'0.5'"),
        (
            lambda: mc.packed_tv_bracket((P, Q), 2, width=()),
            r"width must be a single number, got shape \(0,\)",
        ),
        (lambda: mc.pack_bracket(mc.Region.from_pmfs(P, Q), 2, width=None), "width must be .*None"),
        (lambda: mc.tv_band(0.2, 2, gap=()), r"gap must be a single number, got shape \(0,\)"),
        (lambda: mc.tv_band(0.2, 2, gap=HUGE), "gap must be real numbers, got 1000"),
        (
            lambda: mc.jensen_shannon_band(0.2, 2, gap=[1e-6, 1e-6]),
            r"gap must be a single number, got shape \(2,\)",
        ),
        (
            lambda: mc.packed_divergence((P, Q), 2, "hockey_stick", order=HUGE),
            "order must be real numbers, got 1000",
        ),
        (lambda: mc.packed_divergence((P, Q), 2, np.zeros(2, dtype="i4,i4")), "divergence must be one of"),
        (
            lambda: mc.Region.from_pmfs(P, Q).divergence(np.zeros(2, dtype="i4,i4")),
            "divergence must be one of",
        ),
        (lambda: mc.samples.from_scores([1, 2], [HUGE]), "generated_scores must be real numbers"),
        (lambda: mc.pack(None, 2), r"expected a Region or two pmfs.*got None; write pack\(\(p, q\), m\)"),
        (lambda: mc.pack_bracket(P, 2), r"expected a Region.*\[0.*write pack_bracket\(\(p, q\), m\)"),
    ],
)
def test_what_is_not_understood_is_refused_by_value(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_thresholds_do_not_round_past_an_integer():
    p, q = [1, 9.288120164782648e-62], [1, 3.881593817743581e-24]
    assert (
        mc.packed_tv((p, q), 12)
        == mc.packed_tv((q, p), 12)
        == pytest.approx(12 * 3.881593817743581e-24, rel=1e-12)
    )
    assert mc.packed_tv(([2.0959e-22, 1], [3.2625e-22, 1]), 6) == pytest.approx(6 * 1.1666e-22, rel=1e-10)


@pytest.mark.parametrize("m", [3, 6, 10, 400, 10**6])
@pytest.mark.parametrize("rare", [[(4e-116, 3e-15), (2e-248, 1e-91)], [(7e-132, 1e-120), (8e-215, 3e-20)]])
def test_thresholds_of_three_letters_do_not_round_past_an_integer(rare, m):
    (p2, q2), (p3, q3) = rare
    p, q = [1, p2, p3], [1, q2, q3]
    common = common_letters(mc.Region.from_pmfs(p, q))
    moved = -math.expm1(m * math.log1p(-(q2 + q3)))  # only sequences of the first letter alone have more of P
    assert few_letters.total_variation(common, m) == pytest.approx(moved, rel=1e-14, abs=0)
    for first, second in ((p, q), (q, p)):
        assert mc.packed_tv((first, second), m) == pytest.approx(moved, rel=1e-14, abs=0)
