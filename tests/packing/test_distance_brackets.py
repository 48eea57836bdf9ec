"""The public bracket; its inside is tested in test_spectral."""

import numpy as np
import oracles
import pytest
from effort import examples
from hypothesis import given
from hypothesis import strategies as st

import modecollapse as mc
from modecollapse.strategies import pairs


@pytest.mark.parametrize("m", [1, 7, 10**3, 10**6])
@pytest.mark.parametrize(
    ("p", "q"),
    [
        ([0.3, 0.7], [0.31, 0.69]),
        ([0.3, 0.5, 0.2], [0.29, 0.5, 0.21]),
        ([0.3, 0.5, 0.2, 0], [0.29, 0.5, 0.2, 0.01]),
        ([1], [1]),
        ([1, 0], [0, 1]),
        ([0.2, 0.8], [0, 1]),
    ],
    ids=str,
)
def test_the_exact_value_lies_in_the_bracket(p, q, m):
    bracket = mc.packed_tv_bracket((p, q), m)
    assert bracket.width <= 1e-8
    rounding = 1e-12 * mc.packed_tv((p, q), m)
    assert bracket.lower - rounding <= mc.packed_tv((p, q), m) <= bracket.upper + rounding


def test_many_letters_are_no_obstacle():
    rng = np.random.default_rng(0)
    fine = rng.dirichlet(np.ones(300), 3)
    p, q = (
        np.outer(w, np.ones(300)) * fine
        for w in (np.array([[0.3, 0.5, 0.2]]).T, np.array([[0.32, 0.5, 0.18]]).T)
    )
    jitter = 1 + 1e-3 * rng.normal(size=p.shape)
    p = p * jitter / (p * jitter).sum()
    bracket = mc.packed_tv_bracket((p.ravel(), q.ravel() / q.sum()), 1000, width=1e-6)
    assert 0 < bracket.width <= 1e-6
    coarse = mc.packed_tv((p.sum(axis=1), q.sum(axis=1) / q.sum()), 1000)
    assert bracket.upper > coarse  # merging letters is a garbling


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((0,), "got 0"), ((2, -1.0), "-1.0"), ((2, float("nan")), "nan"), (([1, 2],), "shape")],
)
def test_refusals_quote_the_value(arguments, message):
    with pytest.raises(ValueError, match=message):
        mc.packed_tv_bracket(([0.3, 0.7], [0.4, 0.6]), *arguments)


@pytest.mark.slow
def test_a_width_below_the_rounding_of_few_types_is_out_of_reach():
    p, q = [0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]
    with pytest.raises(mc.PrecisionError) as refusal:
        mc.packed_tv_bracket((p, q), 4, width=1e-18)
    assert refusal.value.bracket.lower <= oracles.total_variation(p, q, 4) <= refusal.value.bracket.upper


def test_a_width_out_of_reach_carries_the_best_bracket():
    with pytest.raises(mc.PrecisionError) as refusal:
        mc.packed_tv_bracket(([0.3, 0.5, 0.2], [0.30001, 0.5, 0.19999]), 10**9, width=1e-14)
    assert refusal.value.bracket.width < 1e-6


@pytest.mark.parametrize(("m", "q"), [(1, [1, 2, 1e-7]), (1, [1, 1.997, 0.003]), (3, [1, 2, 1e-7])])
def test_few_heavy_types_are_summed(m, q):
    p, q = [1 / 3] * 3, np.array(q) / sum(q)
    bracket = mc.packed_tv_bracket((p, q), m, width=1e-11)
    assert bracket.lower <= float(oracles.total_variation(p, q, m)) <= bracket.upper


@examples(200)
@given(pairs(range(2, 6)), st.integers(1, 6))
def test_the_exact_value_lies_in_the_bracket_of_few_types(pair, m):
    bracket = mc.packed_tv_bracket(pair, m, width=1e-9)
    assert bracket.width <= 1e-9
    exact = oracles.total_variation(*pair, m)
    assert bracket.lower <= float(exact) * (1 + 1e-15)
    assert float(exact) * (1 - 1e-15) <= bracket.upper


# -- the evaluator chosen, or asked for ---------------------------------------------------------------------


def large_pair(letters: int, m: int, effect: float):
    """A pair whose distance at m is near one half times `effect`."""
    rng = np.random.default_rng(letters)
    p = rng.dirichlet(np.ones(letters))
    q = p * np.exp(effect * 1.5 / np.sqrt(m) * rng.normal(size=letters))
    return p, q / q.sum()


@pytest.mark.parametrize(("letters", "m"), [(3, 40), (4, 30), (8, 8), (40, 3), (5, 60)])
@pytest.mark.parametrize("effect", [1.0, 1e-6])
def test_a_certified_estimate_is_the_exact_value_to_1e_10(letters, m, effect):
    pair = large_pair(letters, m, effect)
    exact = mc.packed_tv(pair, m, method="exact")
    assert mc.packed_tv(pair, m, method="certified") == pytest.approx(exact, rel=2e-10)
    certified = mc.packed_overlap(pair, m, log=True, method="certified")
    assert certified == pytest.approx(mc.packed_overlap(pair, m, log=True, method="exact"), abs=1e-10)


@pytest.mark.parametrize(("letters", "m"), [(4, 10**5), (5, 124), (20, 10), (1000, 7), (1000, 10**9)])
@pytest.mark.parametrize("effect", [1.0, 1e-3])
def test_where_types_are_too_many_the_estimate_is_chosen(letters, m, effect):
    pair = large_pair(letters, m, effect)
    distance = mc.packed_tv(pair, m)
    assert distance == mc.packed_tv(pair, m, method="certified")
    bracket = mc.packed_tv_bracket(pair, m, width=1e-8 * distance)
    assert bracket.lower <= distance <= bracket.upper
    assert mc.packed_overlap(pair, m) == pytest.approx(1 - distance, abs=2e-10)


def test_where_types_are_cheap_the_exact_value_is_chosen():
    pair = large_pair(4, 50, 1.0)
    assert mc.packed_tv(pair, 50) == mc.packed_tv(pair, 50, method="exact")
    assert mc.packed_overlap(pair, 50) == mc.packed_overlap(pair, 50, method="exact")


@pytest.mark.parametrize("effect", [1.0, 1e-3])
def test_both_evaluators_meet_where_the_choice_changes(effect):
    pair = large_pair(4, 179, effect)
    last, first = mc.packed_tv(pair, [179, 180])
    exact = mc.packed_tv(pair, [179, 180], method="exact")
    assert (last, first) == (exact[0], pytest.approx(exact[1], rel=2e-10))
    assert first != exact[1]


def test_a_distance_that_rounding_hides_is_refused_with_its_bracket():
    p, q = large_pair(5, 10**15, 1e-6)
    with pytest.raises(mc.PrecisionError) as refusal:
        mc.packed_tv((p, q), 10**15)
    assert refusal.value.bracket.lower < refusal.value.bracket.upper


def test_an_overlap_far_below_its_affinity_is_left_to_the_contour():
    p, q = large_pair(20, 1, 1.0)
    q = q**2 / sum(q**2)
    with pytest.raises(mc.PrecisionError, match="contour") as refusal:
        mc.packed_overlap((p, q), 2000, log=True)
    estimate = mc.packed_overlap((p, q), 2000, log=True, method="contour")
    assert refusal.value.bracket.lower < estimate < refusal.value.bracket.upper


@pytest.mark.parametrize("m", [1, 5, 30])
def test_the_contour_estimates_the_overlap_of_many_letters(m):
    pair = large_pair(5, m, 0.7)
    exact = mc.packed_overlap(pair, m, method="exact")
    assert mc.packed_overlap(pair, m, method="contour") == pytest.approx(exact, rel=1e-3 if m == 1 else 1e-5)


@pytest.mark.parametrize("ask", [mc.packed_tv, mc.packed_overlap])
def test_an_unknown_method_is_refused(ask):
    with pytest.raises(ValueError, match=r"'auto', 'exact', 'certified'.*got 'fast'"):
        ask(([0.3, 0.7], [0.4, 0.6]), 2, method="fast")


def test_one_letter_and_disjoint_supports_need_no_method():
    for method in ("auto", "exact", "certified"):
        assert mc.packed_tv(([1], [1]), 7, method=method) == 0
        assert mc.packed_tv(([1, 0], [0, 1]), 7, method=method) == 1
        assert mc.packed_tv(([0.2, 0.8], [0, 1]), 2, method=method) == pytest.approx(0.36, rel=1e-15)
        assert mc.packed_overlap(([1, 0], [0, 1]), 7, log=True, method=method) == -np.inf
