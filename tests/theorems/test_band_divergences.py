"""The ranges of other divergences at a fixed total variation: the same hunt, with another measure."""

import math

import numpy as np
import oracles
import pytest
import witnesses
from effort import first_of_each, slow

import modecollapse as mc

CASES = [
    ("all pairs", 0.3, {}, witnesses.EVERYTHING),
    ("collapse", 0.11, {"collapse": (0.02, 0.1)}, witnesses.collapse(0.02, 0.1)),
    ("collapse", 0.12, {"collapse": (0.85, 0.95)}, witnesses.collapse(0.85, 0.95)),
    (
        "side tangents",
        0.11,
        {"no_collapse": (0.2, 0.3), "no_augmentation": (0.2, 0.3)},
        witnesses.neither(0.2, 0.3),
    ),
    (
        "side tangents",
        0.12,
        {"no_collapse": (0.4, 0.5), "no_augmentation": (0.4, 0.5)},
        witnesses.neither(0.4, 0.5),
    ),
    (
        "middle tangents",
        0.2,
        {"no_collapse": (0.08, 0.2), "no_augmentation": (0.08, 0.2)},
        witnesses.neither(0.08, 0.2),
    ),
]
BOUNDED = [("js", 1.0), ("hellinger", 1.0), ("hockey_stick", 1.5), ("hockey_stick", 0.7)]
UNBOUNDED = ["kl", "reverse_kl", "chi2"]

by_case = pytest.mark.parametrize(("regime", "tau", "given_", "condition"), CASES)
by_hunt = pytest.mark.parametrize(
    ("regime", "tau", "given_", "condition"), first_of_each(CASES, lambda regime, *_: regime)
)


def hunted(name, order, tau, condition, m=2):
    return witnesses.hunt(tau, m, condition, oracles.divergences(name, order))


def band_of(name, order, tau, given_, m=2):
    return mc.tv_band(tau, m, divergence=name, order=order, **given_)


@by_hunt
@pytest.mark.parametrize(("name", "order"), [BOUNDED[0], *(slow(*named) for named in BOUNDED[1:])])
def test_no_pair_leaves_the_band_and_some_come_near_its_ends(name, order, regime, tau, given_, condition):
    band = band_of(name, order, tau, given_)
    assert band.regime == regime
    seen = hunted(name, order, tau, condition)
    assert band.lower - band.lower_gap <= seen.least <= band.lower + 3e-4
    assert band.upper - 3e-4 <= seen.greatest <= band.upper + band.upper_gap


@by_hunt
@pytest.mark.parametrize("name", [UNBOUNDED[0], *map(slow, UNBOUNDED[1:])])
def test_no_pair_is_nearer_where_there_is_no_farthest(name, regime, tau, given_, condition):
    band = band_of(name, 1.0, tau, given_)
    seen = witnesses.hunt(tau, 2, condition, witnesses.tempered(name))
    assert band.upper == math.inf
    assert band.upper_gap == 0
    assert band.lower - band.lower_gap <= seen.least <= band.lower + 1e-3 * max(1.0, float(band.lower))


@by_case
@pytest.mark.parametrize(("name", "order"), [*BOUNDED, *((name, 1.0) for name in UNBOUNDED)])
@pytest.mark.parametrize("m", [1, 3])
def test_witnesses_have_tau_and_the_value(name, order, regime, tau, given_, condition, m):
    band = band_of(name, order, tau, given_, m)
    assert band.lower_gap <= 1e-5 * max(1, float(band.lower))
    assert band.upper_gap <= 1e-5
    measure = oracles.divergences(name, order)
    for region, value in ((band.lower_regions, band.lower), (band.upper_regions, band.upper)):
        assert region.total_variation == pytest.approx(tau, abs=1e-12)
        found = float(measure(region.p[None], region.q[None], m)[0])
        assert found == value or found == pytest.approx(float(value), rel=1e-11, abs=1e-12)


@by_case
def test_a_hockey_stick_of_order_1_is_the_total_variation(regime, tau, given_, condition):
    m = [1, 2, 4]
    stick, tv = band_of("hockey_stick", 1.0, tau, given_, m), mc.tv_band(tau, m, **given_)
    np.testing.assert_array_equal(stick.lower, tv.lower)
    np.testing.assert_array_equal(stick.upper, tv.upper)


@pytest.mark.parametrize(
    ("name", "of_single"), [("hellinger", lambda v, m: 1 - (1 - v) ** m), ("kl", np.multiply)]
)
def test_divergences_that_tensorise_have_bands_that_do(name, of_single):
    single, packed = (band_of(name, 1.0, 0.11, {"collapse": (0.02, 0.1)}, m) for m in (1, 7))
    assert packed.lower == pytest.approx(of_single(float(single.lower), 7), abs=1e-7)


@pytest.mark.parametrize("given_", [{}, {"no_collapse": (0.1, 0.2), "no_augmentation": (0.1, 0.2)}], ids=str)
@pytest.mark.parametrize("name", ["js", "kl"])
def test_the_gap_asked_for_is_certified_without_collapse_too(name, given_):
    wide, narrow = (mc.tv_band(0.05, 3, divergence=name, gap=gap, **given_) for gap in (1e-3, 1e-10))
    assert 1e-3 >= wide.lower_gap > 1e-10 + 1e-12 >= narrow.lower_gap > 1e-11
    assert wide.lower - wide.lower_gap <= narrow.lower <= wide.lower + narrow.lower_gap


@pytest.mark.parametrize("name", ["js", "hellinger"])
def test_a_narrower_gap_is_certified_and_agrees(name):
    wide, narrow = (
        mc.tv_band(0.2, 3, no_collapse=(0.08, 0.2), no_augmentation=(0.08, 0.2), divergence=name, gap=gap)
        for gap in (1e-3, 1e-5)
    )
    for band, gap in ((wide, 1e-3), (narrow, 1e-5)):
        assert band.lower_gap <= gap + 1e-12
        assert band.upper_gap <= gap + 1e-12
    assert abs(wide.lower - narrow.lower) <= wide.lower_gap
    assert abs(wide.upper - narrow.upper) <= wide.upper_gap


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"divergence": "wasserstein"}, "'wasserstein'"),
        ({"divergence": "hockey_stick", "order": -1}, "-1"),
        ({"divergence": "hockey_stick", "order": math.inf}, "inf"),
        ({"divergence": "tv", "order": 1.5}, "no order, got 1.5"),
        ({"divergence": "js", "m": 10**6, "collapse": (0.02, 0.1)}, "types"),
    ],
)
def test_refusals_quote_the_value(arguments, message):
    with pytest.raises(ValueError, match=message):
        mc.tv_band(0.11, **{"m": 2, **arguments})


@pytest.mark.parametrize("name", UNBOUNDED)
def test_disjoint_pairs_are_infinitely_far_apart(name):
    band = mc.tv_band(1, 2, divergence=name)
    assert (band.lower, band.upper) == (math.inf, math.inf)
    assert (band.lower_gap, band.upper_gap) == (0, 0)


def test_order_zero_has_nothing_to_tell():
    band = mc.tv_band(0.3, 2, divergence="hockey_stick", order=0)
    assert (float(band.lower), float(band.upper)) == (0.0, 0.0)
