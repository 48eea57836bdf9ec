"""The public bracket; its inside is tested in test_spectral."""

import numpy as np
import pytest

import modecollapse as mc


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
    bracket = mc.packed_tv_bracket(p, q, m)
    assert bracket.width <= 1e-8
    rounding = 1e-12 * mc.packed_tv(p, q, m)
    assert bracket.lower - rounding <= mc.packed_tv(p, q, m) <= bracket.upper + rounding


def test_many_letters_are_no_obstacle():
    rng = np.random.default_rng(0)
    fine = rng.dirichlet(np.ones(300), 3)
    p, q = (
        np.outer(w, np.ones(300)) * fine
        for w in (np.array([[0.3, 0.5, 0.2]]).T, np.array([[0.32, 0.5, 0.18]]).T)
    )
    jitter = 1 + 1e-3 * rng.normal(size=p.shape)
    p = p * jitter / (p * jitter).sum()
    bracket = mc.packed_tv_bracket(p.ravel(), q.ravel() / q.sum(), 1000, width=1e-6)
    assert 0 < bracket.width <= 1e-6
    coarse = mc.packed_tv(p.sum(axis=1), q.sum(axis=1) / q.sum(), 1000)
    assert bracket.upper > coarse  # merging letters is a garbling


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((0,), "got 0"), ((2, -1.0), "-1.0"), ((2, float("nan")), "nan"), (([1, 2],), "shape")],
)
def test_refusals_quote_the_value(arguments, message):
    with pytest.raises(ValueError, match=message):
        mc.packed_tv_bracket([0.3, 0.7], [0.4, 0.6], *arguments)


def test_a_width_out_of_reach_carries_the_best_bracket():
    with pytest.raises(mc.PrecisionError) as refusal:
        mc.packed_tv_bracket([0.3, 0.5, 0.2], [0.30001, 0.5, 0.19999], 10**9, width=1e-14)
    assert refusal.value.bracket.width < 1e-6
