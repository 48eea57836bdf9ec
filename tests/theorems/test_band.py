"""The true ranges: hunted with pairs that know no theorem, and checked at every threshold."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import witnesses
from class_draws import random_class
from effort import examples, first_of_each, slow
from hypothesis import assume, given
from hypothesis import strategies as st
from published import THEOREMS, digits

import modecollapse as mc
from modecollapse import paper
from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems import ends
from modecollapse.theorems.ends import greatest_end
from modecollapse.theorems.greatest.slopes import GreatestRegions
from modecollapse.theorems.greatest.supremum import supremum
from modecollapse.theorems.regimes import THRESHOLD_TOLERANCE

HAIR = 1e-9
ROUNDING = 1e-12
CONDITIONS = {
    "collapse": witnesses.collapse,
    "augmentation": witnesses.augmentation,
    "neither": witnesses.neither,
}


def keywords(name, point):
    """A condition as keyword arguments of tv_band; "neither" is Theorem 5's."""
    return dict.fromkeys(("no_collapse", "no_augmentation") if name == "neither" else (name,), point)


def neither(point):
    return keywords("neither", point)


# regime, its cases (τ, condition); where they stand in the theory
HUNTED = [
    ("all pairs", 0.11, {}),
    ("all pairs", 0.6, {}),
    ("collapse", 0.11, {"collapse": (0.02, 0.1)}),  # inner1 (x > x_R) has the minimum
    ("collapse", 0.3, {"collapse": (0.4, 0.5)}),  # the triangles have it
    (
        "collapse",
        0.10001,
        {"collapse": (0.85, 0.95)},
    ),  # tangent points left of x_L, the case not in the paper
    ("collapse", 0.12, {"collapse": (0.85, 0.95)}),
    ("collapse", 0.2, {"augmentation": (0.02, 0.1)}),
    ("collapse", 0.11, {"augmentation": (0.05, 0.15)}),
    ("too close to collapse", 0.09, neither((0.05, 0.15))),
    ("side tangents", 0.11, neither((0.2, 0.3))),
    ("side tangents", 0.12, neither((0.4, 0.5))),  # side tangents alone; printed as empty
    ("side tangents", 0.32, neither((0.35, 0.65))),  # δ+ε = 1
    ("side tangents", 0.1, neither((0.4, 0.5))),  # τ = δ−ε
    ("middle tangents", 0.11, neither((0.05, 0.1))),
    ("middle tangents", 0.5, neither((0.04, 0.375))),
    ("middle tangents", 0.2, neither((0.85, 0.93))),
    ("zero-width collapse", 0.3, neither((0.0, 0.1))),
    ("zero-width collapse", 0.4, neither((0.8, 1.0))),
]


def condition_of(given_):
    """The hunt's condition for the arguments of tv_band."""
    for name, point in given_.items():
        return CONDITIONS["neither" if len(given_) == 2 else name](*point)
    return witnesses.EVERYTHING


def name_of(value):
    return " ".join(f"{name}{point}" for name, point in value.items()) if isinstance(value, dict) else None


# -- the hunt ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("m", [2, slow(3), slow(5)])
@pytest.mark.parametrize(
    ("regime", "tau", "given_"), first_of_each(HUNTED, lambda regime, *_: regime), ids=name_of
)
def test_no_pair_leaves_the_band_and_some_come_near_its_ends(regime, tau, given_, m):
    band = mc.tv_band(tau, m, **given_)
    assert band.regime == regime
    assert "Theorem" in band.statement
    seen = witnesses.hunt(tau, m, condition_of(given_))
    assert seen.pairs > 10_000
    assert band.lower - band.lower_gap - ROUNDING <= seen.least <= band.lower + 1e-4
    assert band.upper - 1e-4 <= seen.greatest <= band.upper + band.upper_gap + ROUNDING


def test_the_hunted_pairs_are_what_they_claim():
    """Total variation τ, and the condition, by the library's own regions; what is not asked for occurs."""
    rng = np.random.default_rng(0)
    tau, (eps, delta) = 0.3, (0.1, 0.35)
    for name, make in CONDITIONS.items():
        p, q, holds = witnesses.members(rng.random((400, witnesses.DIMENSIONS)), tau, make(eps, delta))
        assert 20 < holds.sum() < 400 if name == "neither" else holds.all()
        regions = [mc.Region.from_pmfs(*pair) for pair in zip(p[holds], q[holds], strict=True)]
        assert max(abs(region.total_variation - tau) for region in regions) < 1e-14
        collapsed = [region.has_collapse(eps, delta) for region in regions]
        augmented = [region.has_augmentation(eps, delta) for region in regions]
        assert all(collapsed) if name == "collapse" else not all(collapsed)
        assert all(augmented) if name == "augmentation" else not all(augmented)
        if name == "neither":
            assert not any(collapsed + augmented)
        assert len({len(region.p) for region in regions}) >= 3


# -- published values --------------------------------------------------------------------------------------


def test_theorem_3_is_as_printed():
    row = THEOREMS["theorem_3"]
    band = mc.tv_band(row["tau"], row["m"])
    assert band.lower == digits(row["minimum"])
    assert band.statement == "Theorem 3"
    assert (band.lower, band.upper) == (
        paper.L(row["tau"], 3).value,
        pytest.approx(1 - 0.89**3, abs=ROUNDING),
    )


@pytest.mark.parametrize("row", THEOREMS["theorem_4"], ids=lambda row: row["true"])
def test_theorem_4_is_mended(row):
    band = mc.tv_band(row["tau"], row["m"], collapse=row["point"])
    assert band.lower == digits(row["true"])
    assert band.lower > float(paper.L1(*row["point"], row["tau"], row["m"])) + 1e-3
    assert band.upper == pytest.approx(paper.U(row["tau"], row["m"]).value, abs=ROUNDING)


@pytest.mark.parametrize("row", THEOREMS["theorem_5_upper"], ids=lambda row: row["true"])
def test_theorem_5_upper_end_is_true(row):
    band = mc.tv_band(row["tau"], row["m"], **neither(row["point"]))
    assert band.upper == digits(row["true"])
    assert bool(band.upper_attained) is row["attained"]


@pytest.mark.parametrize("row", THEOREMS["theorem_5_lower"], ids=lambda row: row["true"])
def test_theorem_5_lower_end_is_mended(row):
    assert mc.tv_band(row["tau"], row["m"], **neither(row["point"])).lower == digits(row["true"])


def test_a_class_printed_as_empty_is_not():
    row = THEOREMS["theorem_5_not_empty"]
    (eps, delta), tau = row["point"], row["tau"]
    member = mc.Region.from_pmfs(row["p"], row["q"])
    for x, y in row["boundary"]:
        assert member.boundary(x) == pytest.approx(y, abs=1e-14)
    assert member.total_variation == pytest.approx(tau, abs=1e-15)
    assert not member.has_collapse(eps, delta)
    assert not member.has_augmentation(eps, delta)
    band = mc.tv_band(tau, [2, 3], **neither((eps, delta)))
    assert (mc.packed_tv(member, [2, 3]) == pytest.approx(band.upper, abs=ROUNDING)) is True
    with pytest.raises(ValueError, match="L2 is printed for"):
        paper.L2(eps, delta, tau, 2)


def test_a_class_printed_as_feasible_is_empty():
    """At τ = d/(2u+d) the one candidate touches both points."""
    eps, delta = THEOREMS["theorem_5_empty"]["point"]
    tau = (delta - eps) / (delta + eps)
    candidate = paper.U1(eps, delta, tau, 2).region
    assert candidate.has_collapse(eps, delta)
    assert candidate.has_augmentation(eps, delta)
    with pytest.raises(mc.InfeasibleError):
        mc.tv_band(tau, 2, **neither((eps, delta)))


# -- regimes and thresholds --------------------------------------------------------------------------------

# (u, d) and the regime below d, from d, from d/(1−u), and what is above the last threshold
ORDINARY = (0.05, 0.05)
CROWDED = (0.4, 0.1)  # 3u+d > 1: d/(2u+d) comes before d/(1−u)
MEETING = (0.35, 0.3)  # δ+ε = 1: d/(2u+d) = d
NARROW = (0.0, 0.2)  # u = 0: no side tangents


def no_collapse_points(u, d):
    """Both conditions with these u and d."""
    return {(u, u + d), (1 - d - u, 1 - u)}


@pytest.mark.parametrize(
    ("shape", "threshold", "below", "above"),
    [
        (ORDINARY, 0.05, "too close to collapse", "side tangents"),
        (ORDINARY, 0.05 / 0.95, "side tangents", "middle tangents"),
        (ORDINARY, 0.05 / 0.15, "middle tangents", None),
        (CROWDED, 0.1, "too close to collapse", "side tangents"),
        (CROWDED, 0.1 / 0.9, "side tangents", "side tangents"),
        (CROWDED, 0.1 / 0.6, "side tangents", None),
        (MEETING, 0.3, "too close to collapse", "side tangents"),
        (MEETING, 0.3 / 0.65, "side tangents", None),
        (NARROW, 0.2, "too close to collapse", "zero-width collapse"),
        (NARROW, 1.0, "zero-width collapse", None),
    ],
)
def test_regimes_change_at_their_thresholds(shape, threshold, below, above):
    """From a threshold on, and from 1e-12 below it, the upper regime holds."""
    for point in no_collapse_points(*shape):
        for tau in (threshold - HAIR, threshold * (1 - 3 * THRESHOLD_TOLERANCE)):
            assert mc.tv_band(tau, 2, **neither(point)).regime == below
        for tau in (threshold * (1 - THRESHOLD_TOLERANCE / 3), threshold, min(threshold + HAIR, 1)):
            if above is None:
                with pytest.raises(mc.InfeasibleError, match="excludes") as error:
                    mc.tv_band(tau, 2, **neither(point))
                assert repr(tau) in str(error.value)
            else:
                assert mc.tv_band(tau, 2, **neither(point)).regime == above


@pytest.mark.parametrize("point", [(0.3, 0.5), (0.0, 0.25), (0.75, 1.0), (0.0, 1.0)])
def test_collapse_is_feasible_from_its_threshold(point):
    eps, delta = point
    d = delta - eps
    for name in ("collapse", "augmentation"):
        with pytest.raises(mc.InfeasibleError, match=rf"-{name} forces tau ≥ {d:g}"):
            mc.tv_band(d - HAIR, 2, **{name: point})
        for tau in (d * (1 - THRESHOLD_TOLERANCE / 3), d, min(d + HAIR, 1.0)):
            band = mc.tv_band(tau, 2, **{name: point})
            assert band.regime == "collapse"
            assert d - HAIR < band.lower <= band.upper


def test_the_supremum_jumps_where_side_tangents_end():
    threshold = 0.05 / 0.95
    uppers = [mc.tv_band(tau, 2, **neither((0.05, 0.1))).upper for tau in (threshold - HAIR, threshold)]
    assert uppers[0] == pytest.approx(1 - (1 - threshold) ** 2, abs=1e-8)
    assert uppers[1] < uppers[0] - 1e-4


@pytest.mark.parametrize("m", [1, 2, 7])
def test_ends_of_tau(m):
    assert (mc.tv_band(0, m).lower, mc.tv_band(0, m).upper) == (0, 0)
    assert (mc.tv_band(1, m).lower, mc.tv_band(1, m).upper) == (1, 1)
    with pytest.raises(mc.InfeasibleError):
        mc.tv_band(0, m, collapse=(0.1, 0.2))
    band = mc.tv_band(1, m, collapse=(0.1, 0.2))
    assert (band.lower, band.upper) == (1, 1)
    band = mc.tv_band(0, m, **neither((0.1, 0.2)))
    assert (band.lower, band.upper) == (0, 0)
    with pytest.raises(mc.InfeasibleError):
        mc.tv_band(1, m, **neither((0.1, 0.2)))


# -- what a band promises, for random parameters -----------------------------------------------------------


@st.composite
def cases(draw) -> tuple[float, str, tuple[float, float]]:
    """(τ, condition, its point), feasible, in every regime."""
    name = draw(st.sampled_from(list(CONDITIONS)))
    eps = draw(st.sampled_from([0.0, 0.05, 0.4, 0.85]) | st.integers(0, 95).map(lambda n: n / 100))
    delta = draw(st.integers(round(100 * eps) + 3, 100)) / 100
    d, u = delta - eps, min(eps, 1 - delta)
    share = draw(st.sampled_from([0.0, 0.5]) | st.floats(0.05, 0.95))
    if name != "neither":
        return d + share * (1 - d), name, (eps, delta)
    # one of the regimes: below d, up to d/(1−u), up to d/(2u+d)
    side, middle = d / (1 - u), d / (2 * u + d)
    ranges = (
        [(0.5 * d, d)]
        + ([(d, side)] if u else [])
        + ([(max(d, side), middle)] if middle > side + 1e-6 else [])
    )
    low, high = draw(st.sampled_from(ranges))
    assume(high < 1)
    tau = low + share * (high - low)
    assume(tau - d > 0.1 * tau**2 or low != max(d, side))  # α−ε does not cancel
    return tau, name, (eps, delta)


@examples(60)
@given(cases(), st.integers(1, 5))
def test_witnesses_have_tau_meet_the_condition_and_reach_the_value(case, m):
    tau, name, (eps, delta) = case
    band = mc.tv_band(tau, m, **keywords(name, (eps, delta)))
    for value, region, attained in (
        (band.lower, band.lower_regions, band.lower_attained),
        (band.upper, band.upper_regions, band.upper_attained),
    ):
        assert region.total_variation == pytest.approx(tau, abs=2e-12)
        assert mc.packed_tv(region, m) == pytest.approx(float(value), abs=1e-11)
        if attained:
            assert region in band.pairs
        if name != "neither":
            assert attained
            assert (
                region.has_collapse(eps, delta) if name == "collapse" else region.has_augmentation(eps, delta)
            )
        elif attained:
            assert not region.has_collapse(eps, delta)
            assert not region.has_augmentation(eps, delta)
        else:
            # a limit of the class: it touches at least one point; u = 0: it may go beyond
            excess = [region.boundary(x) - y for x, y in ((eps, delta), (1 - delta, 1 - eps))]
            assert max(excess) > -1e-9
            assert max(excess) < 1e-9 or band.regime == "zero-width collapse" or tau - (delta - eps) < 1e-9


@examples(40)
@given(cases(), st.integers(1, 5))
def test_bands_lie_in_that_of_theorem_3_and_rise_with_m(case, m):
    tau, name, point = case
    band = mc.tv_band(tau, [m, m + 1], **keywords(name, point))
    full = mc.tv_band(tau, [m, m + 1])
    assert (full.lower <= band.lower + ROUNDING).all()
    assert (band.lower <= band.upper + band.upper_gap + ROUNDING).all()
    assert (band.upper <= full.upper + 1e-11).all()
    assert np.diff(band.lower)[0] >= -band.lower_gap[1] - ROUNDING
    assert np.diff(band.upper)[0] >= -band.upper_gap[0] - ROUNDING


@examples(40)
@given(cases(), st.integers(2, 5))
def test_mirrored_conditions_have_the_same_band(case, m):
    """(ε,δ) → (1−δ,1−ε) leaves the class of Theorem 5 alone and turns augmentation into collapse."""
    tau, name, (eps, delta) = case
    other = {"collapse": "augmentation", "augmentation": "collapse"}.get(name, name)
    band = mc.tv_band(tau, m, **keywords(name, (eps, delta)))
    mirrored = mc.tv_band(tau, m, **keywords(other, (1 - delta, 1 - eps)))
    assert band.regime == mirrored.regime
    assert mirrored.lower == pytest.approx(float(band.lower), abs=2e-9)
    assert mirrored.upper == pytest.approx(float(band.upper), abs=2e-9)
    assert mirrored.lower_attained == band.lower_attained
    assert mirrored.upper_attained == band.upper_attained


@examples(30)
@given(st.floats(0.05, 0.9), st.floats(0.05, 0.9), st.floats(0, 1), st.floats(0, 1), st.integers(2, 5))
def test_stronger_collapse_narrows_the_band(eps, share, less_eps, less_delta, m):
    """(ε,δ)-collapse implies (ε′,δ′)-collapse for ε′ ≥ ε, δ′ ≤ δ."""
    delta = eps + share * (1 - eps)
    weaker = (eps + less_eps * 0.5 * (delta - eps), delta - less_delta * 0.4 * (delta - eps))
    tau = delta - eps + 0.3 * (1 - delta + eps)
    strong = mc.tv_band(tau, m, collapse=(eps, delta))
    weak = mc.tv_band(tau, m, collapse=weaker)
    assert weak.lower <= strong.lower + strong.lower_gap + ROUNDING


@pytest.mark.parametrize("m", [2, 3, 5])
@pytest.mark.parametrize("tau", [0.08, 0.11, 0.2])
def test_a_weaker_ban_widens_the_band(tau, m):
    """Banning (ε,δ)-collapse for a smaller ε or greater δ bans less."""
    chain = [
        mc.tv_band(tau, m, **neither((eps, delta)))
        for eps, delta in ((0.06, 0.1), (0.03, 0.1), (0.03, 0.14), (0.01, 0.14))
    ]
    for narrow, wide in pairwise(chain):
        assert wide.lower <= narrow.lower + ROUNDING
        assert narrow.upper <= wide.upper + wide.upper_gap + ROUNDING


@given(st.floats(0, 1), st.integers(2, 30))
def test_one_sample_shows_tau_and_more_show_more(tau, m):
    one, more = mc.tv_band(tau, 1), mc.tv_band(tau, m)
    assert one.lower == pytest.approx(tau, abs=ROUNDING)
    assert one.upper == pytest.approx(tau, abs=ROUNDING)
    assert tau - ROUNDING <= more.lower <= more.upper + ROUNDING


@pytest.mark.parametrize(
    ("tau", "name", "point"),
    [(0.11, "collapse", (0.02, 0.1)), (0.11, "neither", (0.05, 0.1)), (0.11, "neither", (0.2, 0.3))],
)
def test_where_the_print_is_right_the_band_is_the_print(tau, name, point):
    band = mc.tv_band(tau, range(1, 7), **keywords(name, point))
    for m, lower, upper in zip(band.m, band.lower, band.upper, strict=True):
        if name == "collapse":
            assert lower == pytest.approx(paper.L1(*point, tau, m).value, abs=2e-9)
            assert upper == pytest.approx(paper.U(tau, m).value, abs=ROUNDING)
        else:
            if m % 2 == 0 or point == (0.05, 0.1):
                assert lower == pytest.approx(paper.L2(*point, tau, m).value, abs=ROUNDING)
            if point == (0.05, 0.1):
                assert upper == pytest.approx(paper.U1(*point, tau, m).value, abs=2e-9)


@pytest.mark.parametrize(
    ("tau", "m", "point"),
    [
        (0.41, 44, (0.3, 0.7)),  # the hexagons have no middle letter, and m calls for three
        (0.2, 2, (1e-13, 0.2 + 1e-13)),  # τ = δ−ε, and δ−ε and d/(1−u) within the tolerance
    ],
)
def test_middle_tangents_where_little_is_left(tau, m, point):
    band = mc.tv_band(tau, m, **neither(point))
    assert tau - 1e-11 <= band.lower <= band.upper <= 1 - (1 - tau) ** m + 1e-11


def test_a_subnormal_eps_is_as_good_as_none():
    band = mc.tv_band(0.5, 2, collapse=(1e-309, 0.4))
    assert band.lower == pytest.approx(float(mc.tv_band(0.5, 2, collapse=(0.0, 0.4)).lower), abs=2e-9)


def extreme_parameters(rng):
    """(τ, (ε, δ)) with tiny widths and gaps, at thresholds and next to 1."""
    tiny = 10.0 ** rng.uniform(-12, -1, 2)
    eps = rng.choice([0.0, tiny[0], rng.uniform(), 0.5, 1 - tiny[0]])
    delta = min(1.0, eps + rng.choice([tiny[1], rng.uniform(0, 1 - eps), 1 - eps, max(1 - 2 * eps, tiny[1])]))
    d, u = delta - eps, min(eps, 1 - delta)
    threshold = rng.choice([d, d / (1 - u), d / (2 * u + d), 1.0])
    tau = rng.choice([threshold, threshold * (1 + rng.choice([-1, 1]) * tiny[0]), 1 - tiny[1], rng.uniform()])
    return float(min(max(tau, 0), 1)), (float(eps), float(delta))


@pytest.mark.parametrize("seed", range(60))
def test_extreme_parameters_are_answered_or_refused(seed):
    """A band within Theorem 3's, with certificates as asked; or an error that says what excludes what."""
    rng = np.random.default_rng([2, seed])
    tau, point = extreme_parameters(rng)
    m = int(rng.choice([1, 2, 3, 10, 30]))
    full = mc.tv_band(tau, m)
    for name in CONDITIONS:
        try:
            band = mc.tv_band(tau, m, gap=1e-6, **keywords(name, point))
        except mc.InfeasibleError:
            continue
        slack = m * THRESHOLD_TOLERANCE + ROUNDING  # τ counts as d when it is 1e-12 below
        assert full.lower - slack <= band.lower <= band.upper + band.upper_gap + ROUNDING
        assert band.upper <= full.upper + slack
        assert 0 <= band.lower_gap <= 1e-6 + ROUNDING
        assert 0 <= band.upper_gap <= 1e-6 + ROUNDING
        assert band.lower_regions.total_variation == pytest.approx(tau, abs=2e-12)
        assert band.upper_regions.total_variation == pytest.approx(tau, abs=2e-12)


def edge_class(rng):
    """τ and conditions next to thresholds, to 0 and to 1, from 1e-15 to .1 away."""

    def tiny():
        return 10.0 ** rng.uniform(-15, -1)

    d = rng.choice([tiny(), rng.random(), 1 - tiny()])
    eps = min(rng.choice([0.0, tiny(), rng.random() * (1 - d), 1 - d, max(1 - d - tiny(), 0)]), 1 - d)
    delta = min(eps + d, 1.0)
    d, u = max(delta - eps, 1e-16), min(eps, 1 - delta)
    threshold = rng.choice([d, d / max(1 - u, 1e-9), d / (2 * u + d), 1])
    near = threshold * (1 + rng.choice([-1, 1]) * tiny())
    tau = min(max(rng.choice([threshold, near, 1 - tiny(), rng.random(), tiny()]), 0.0), 1.0)
    return float(tau), (float(eps), float(delta))


@pytest.mark.parametrize("seed", [*range(60), *(slow(seed) for seed in range(60, 600))])
def test_witnesses_at_the_edges_have_the_value_and_belong_where_it_is_attained(seed):
    rng = np.random.default_rng([5, seed])
    m, name = int(rng.choice([1, 2, 3, 7])), str(rng.choice(["tv", "hellinger", "kl", "js"]))
    tau, point = edge_class(rng)
    if not point[0] < point[1]:
        return
    for words in ((), ("collapse",), ("no_collapse",), ("no_collapse", "no_augmentation")):
        pairs = mc.PairClass(tau, **dict.fromkeys(words, point))
        if pairs.is_empty:
            continue
        end = ends.least_end(pairs, PackedDivergence(name, m), 1e-6)
        assert not end.attained or end.region in pairs
        value = float(mc.packed_divergence(end.region, m, name))
        assert value == pytest.approx(end.value, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("m", [10**6, 10**7, slow(10**8), slow(10**9)])
@pytest.mark.parametrize("reach", [0.02, 0.5, 2.0])
def test_any_degree_is_certified(m, reach):
    """At large m the least triangle is the centre's, where the central limit has TV = erf(τ√(m/2))."""
    tau = reach / math.sqrt(m)
    band = mc.tv_band(tau, m)
    assert band.lower == pytest.approx(math.erf(reach / math.sqrt(2)), rel=3 / m + 1e-13)
    assert band.lower_gap <= 1e-9 + ROUNDING


# -- shapes and refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize("condition", [{}, {"collapse": (0.02, 0.1)}, neither((0.05, 0.1))], ids=name_of)
def test_every_array_has_the_shape_of_m(condition):
    table = mc.tv_band(0.11, [[1, 2, 3], [3, 2, 1]], **condition)
    scalar = mc.tv_band(0.11, 3, **condition)
    for field in ("m", "lower", "upper", "lower_gap", "upper_gap", "lower_attained", "upper_attained"):
        values = getattr(table, field)
        assert values.shape == (2, 3)
        assert (values == values[::-1, ::-1]).all()
        assert isinstance(
            getattr(scalar, field), int if field == "m" else bool if "attained" in field else float
        )
        assert getattr(scalar, field) == values[0, 2]
    assert table.upper_regions.shape == (2, 3)
    assert isinstance(scalar.upper_regions, mc.Region)
    assert table.upper_regions[0, 2] == scalar.upper_regions
    assert table.lower_regions[1, 0] == scalar.lower_regions


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"gap": 0}, "gap must be"),
        ({"gap": 1e-13}, "gap must be"),
        ({"gap": float("nan")}, "gap must be"),
        ({"collapse": (0.1, 0.2), "no_collapse": (0.1, 0.2)}, "reaches the forbidden point"),
        ({"collapse": 0.1}, "collapse must be a pair"),
        ({"tau": (0.1, 0.2)}, r"tau must be a single number, got \(0.1, 0.2\); for an interval"),
        ({"tau": None}, "tau must be a single number, got None; .* any distance, write band"),
        (neither((0.1, 0.2, 0.3)), "no_collapse must be a pair"),
        ({"augmentation": (0.2, 0.2)}, "eps must be smaller than delta"),
        ({"collapse": (-0.1, 0.2)}, "eps"),
        ({"tau": 1.2}, "tau must lie in"),
        ({"m": 0}, "m must be integers"),
        ({"m": [1, 2.5]}, "m must be integers"),
    ],
    ids=str,
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        mc.tv_band(**{"tau": 0.3, "m": 2, **arguments})


@pytest.mark.parametrize("gap", [1e-4, 1e-7, 1e-11])
@pytest.mark.parametrize(
    ("tau", "condition"),
    [(0.12, {"collapse": (0.85, 0.95)}), (0.11, neither((0.05, 0.1)))],
    ids=name_of,
)
def test_the_gap_asked_for_is_certified(tau, condition, gap):
    asked = mc.tv_band(tau, [2, 3, 4], gap=gap, **condition)
    fine = mc.tv_band(tau, [2, 3, 4], gap=1e-11, **condition)
    for gaps in (asked.lower_gap, asked.upper_gap):
        assert (gaps <= gap + ROUNDING).all()
    assert (abs(asked.lower - fine.lower) <= asked.lower_gap + fine.lower_gap).all()
    assert (abs(asked.upper - fine.upper) <= asked.upper_gap + fine.upper_gap).all()


@pytest.mark.parametrize("name", ["tv", "js"])
@pytest.mark.parametrize("seed", [*range(12), *(slow(seed) for seed in range(12, 80))])
def test_up_to_three_forbidden_points_are_solved_to_the_default_gap(seed, name):
    rng = np.random.default_rng(seed)
    pairs = random_class(rng, forbidden=int(rng.integers(2, 4)))
    found = mc.band(pairs, int(rng.integers(2, 8)), divergence=name)
    assert found.upper_gap <= (1e-8 if name == "tv" else 1e-5) + 1e-12


def test_with_four_forbidden_points_the_gap_says_how_far_the_search_came():
    chain = [(0.1, 0.42), (0.25, 0.6), (0.4, 0.74), (0.6, 0.88)]
    pairs = mc.PairClass((0.2, 0.4), no_collapse=chain)
    assert len(pairs.mattering) == 4
    rough = supremum(GreatestRegions(pairs), PackedDivergence("tv", 4), 1e-8, most_steps=1e5)
    found = greatest_end(pairs, PackedDivergence("tv", 4), None)
    assert not rough.is_exact
    assert rough.value <= found.value + 1e-15
    assert found.value + found.gap <= rough.value + rough.gap
    with pytest.raises(mc.PrecisionError, match="supremum is only known"):
        raise rough.precision_error()
