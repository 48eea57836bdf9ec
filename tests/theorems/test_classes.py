"""Classes of pairs: their conditions, why they are empty, and the range of packed divergences over them.

Values come from the theory notes (tests/reference/classes.toml), from `tv_band` on the classes of Theorems
3, 4 and 5, from a brute force over apexes and slopes, and from a hunt that knows of neither.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import class_witnesses
import numpy as np
import pytest
from class_draws import random_class, random_members
from class_witnesses import Conditions
from effort import examples, slow
from hypothesis import example, given
from hypothesis import strategies as st

import modecollapse as mc
from modecollapse.theorems import regimes
from modecollapse.theorems.band import band
from modecollapse.theorems.classes import PairClass

REFERENCE = tomllib.loads(
    (Path(__file__).parents[1] / "reference" / "classes.toml").read_text(encoding="utf-8")
)
AGREED = 1e-7

seeds = st.integers(0, 10**6)


def class_of(row) -> PairClass:
    conditions = {key: value for key, value in row.items() if key not in ("name", "tv", "js")}
    if "within" in conditions:
        conditions["within"] = mc.Region.from_vertices(REFERENCE["regions"][conditions["within"]])
    return PairClass(**conditions)


def conditions_of(pairs: PairClass) -> Conditions:
    reached = [*pairs.collapse, *((1 - d, 1 - e) for e, d in pairs.augmentation)]
    forbidden = [*pairs.no_collapse, *((1 - d, 1 - e) for e, d in pairs.no_augmentation)]
    ceiling = mc.Region.from_pmfs([1, 0], [0, 1]) if pairs.within is None else pairs.within
    gamma = 1.0 if pairs.hockey_stick is None else pairs.hockey_stick[0]
    tau = (0.0, 1.0) if pairs.tau is None else pairs.tau
    low, high = (
        (pairs.hockey_stick[1],) * 2 if pairs.hockey_stick else tau if isinstance(tau, tuple) else (tau, tau)
    )
    forced = max(y - gamma * x for x, y in class_witnesses.hull(reached))
    return Conditions(
        max(low, forced),
        high,
        gamma,
        tuple(reached),
        tuple(forbidden),
        tuple(map(tuple, ceiling.vertices.tolist())),
    )


# -- values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", REFERENCE["class"], ids=lambda row: row["name"])
def test_the_classes_of_the_theory_have_its_ranges(row):
    for divergence in ("tv", "js"):
        for case in row.get(divergence, ()):
            tolerance = AGREED if len(case["lower"]) > 8 else 1e-6
            gap = 1e-6 if divergence == "js" else None
            found = band(class_of(row), case["m"], divergence=divergence, gap=gap)
            tolerance = max(tolerance, 0 if gap is None else gap)
            assert found.lower == pytest.approx(float(case["lower"]), abs=tolerance)
            assert found.upper == pytest.approx(float(case["upper"]), abs=tolerance)


def test_touching_and_containing_is_not_enough():
    """Where T13 touches ℓ last, each least region contains the forbidden point, so no member is near."""
    row = next(row for row in REFERENCE["class"] if row["name"] == "T13")
    pairs = class_of(row)
    ((x, y),) = pairs.no_collapse
    touching = 1 - row["tau"]  # (touching, 1) is the last corner of B on ℓ
    slope = (1 - y) / (touching - x)
    below = mc.Region.from_vertices([(0, 0), (0, y - slope * x), (touching, 1), (1, 1)])
    obvious = pairs.within & below
    assert obvious.total_variation == pytest.approx(row["tau"], abs=1e-12)
    assert mc.packed_tv(obvious, 3) == pytest.approx(0.370262, abs=1e-6)
    assert band(pairs, 3).upper < 0.2444


@pytest.mark.parametrize("seed", [*range(12), *(slow(seed) for seed in range(12, 100))])
def test_brute_force_over_apexes_and_slopes_agrees(seed):
    rng = np.random.default_rng(seed)
    pairs, m = random_class(rng), int(rng.integers(2, 4))
    found = band(pairs, m, gap=1e-6)
    low, high = class_witnesses.least_and_greatest(conditions_of(pairs), m, seed)
    assert found.lower - found.lower_gap - 1e-8 <= low <= found.lower + 1e-4
    assert found.upper - 1e-4 <= high <= found.upper + found.upper_gap + 1e-8


@pytest.mark.parametrize("seed", [*range(3), *(slow(seed) for seed in range(3, 40))])
def test_a_hunt_that_knows_no_theorem_never_leaves_a_band_and_reaches_both_ends(seed):
    rng = np.random.default_rng(1000 + seed)
    pairs, m = random_class(rng), 2 + seed % 2
    found = band(pairs, m, gap=1e-6)
    for sign, end in ((-1.0, found.lower), (1.0, found.upper)):
        extreme, met = class_witnesses.hunt(conditions_of(pairs), m, sign, seed)
        assert found.lower - found.lower_gap - 1e-8 <= min(met)
        assert max(met) <= found.upper + found.upper_gap + 1e-8
        assert extreme == pytest.approx(end, abs=1e-4)


@given(seed=seeds)
@examples(60)
def test_random_members_belong_and_lie_in_the_band(seed):
    rng = np.random.default_rng(seed)
    pairs, m = random_class(rng), int(rng.integers(1, 5))
    name, order = [("tv", 1.0), ("js", 1.0), ("hockey_stick", 2.0), ("kl", 1.0)][rng.integers(4)]
    found = band(pairs, m, divergence=name, order=order, gap=1e-3)
    parameters = {"order": order} if name == "hockey_stick" else {}
    for region in random_members(pairs, rng, 8):
        assert region in pairs
        value = mc.packed_divergence(region, m, name, **parameters)
        assert found.lower - found.lower_gap - 1e-12 <= value <= found.upper + found.upper_gap + 1e-12


@given(seed=seeds)
@examples(40)
def test_witnesses_have_the_value_and_belong_where_it_is_attained(seed):
    rng = np.random.default_rng(seed)
    pairs, m = random_class(rng), int(rng.integers(1, 5))
    name, order = [("tv", 1.0), ("hellinger", 1.0), ("hockey_stick", 0.5), ("reverse_kl", 1.0)][
        rng.integers(4)
    ]
    found = band(pairs, m, divergence=name, order=order, gap=1e-3)
    parameters = {"order": order} if name == "hockey_stick" else {}
    for region, value, attained in (
        (found.lower_regions, found.lower, found.lower_attained),
        (found.upper_regions, found.upper, found.upper_attained),
    ):
        assert mc.packed_divergence(region, m, name, **parameters) == pytest.approx(
            float(value), rel=1e-9, abs=1e-12
        )
        assert (region in pairs) == attained


POINT = (0.5799998066666667, 0.9999998066666667)


@pytest.mark.parametrize(
    ("pairs", "m", "attained"),
    [
        # Theorem 5 attains no supremum of its middle regime, where members come close in any class
        (PairClass(0.7099995802829715, no_collapse=POINT, no_augmentation=POINT), 3, False),
        # the greatest value is that of a set of slopes, and the search ends on its edge
        (
            PairClass(
                (0.1665, 0.2873),
                no_collapse=(0.369, 0.548),
                within=mc.Region.from_pmfs([0.236, 0.178, 0.444, 0.142], [0.102, 0.113, 0.296, 0.489]),
            ),
            2,
            True,
        ),
        (PairClass(0.18, no_collapse=(0.5, 0.6)), 3, True),
    ],
    ids=["middle", "within", "one_forbidden"],
)
@pytest.mark.parametrize("gap", [1e-3, 1e-6, 1e-9])
def test_no_gap_changes_whether_a_supremum_is_attained(pairs, m, attained, gap):
    found, close = band(pairs, m, gap=gap), band(pairs, m, gap=1e-9)
    assert found.upper_attained == attained
    assert (found.upper_regions in pairs) == attained
    assert found.upper - 1e-9 <= close.upper <= found.upper + found.upper_gap


@given(seed=seeds)
@example(seed=91)
@example(seed=154)
@examples(40)
def test_no_gap_changes_whether_the_supremum_of_a_random_class_is_attained(seed):
    rng = np.random.default_rng(seed)
    pairs, m = random_class(rng, forbidden=int(rng.integers(1, 3))), int(rng.integers(2, 7))
    assert band(pairs, m, gap=0.02).upper_attained == band(pairs, m, gap=1e-8).upper_attained


# -- the classes of the paper ----------------------------------------------------------------------


def intervals_without_collapse(tau, eps, delta) -> list[tuple[float, float]]:
    """Theorem 5's tangent points by the formulas of the theory: beside the forbidden points, and between."""
    d, u = delta - eps, min(eps, 1 - delta)
    if tau < d:
        return [(0.0, 1 - tau)]
    side, middle = 1 - tau * (1 - u) / d, u * tau / d
    intervals = [(0.0, side), (middle, 1 - tau - middle), (1 - tau - side, 1 - tau)]
    return [(low, high) for low, high in intervals if low < high and (u > 0 or low == middle)]


@given(seed=seeds)
@examples(120)
def test_theorem_5_has_the_tangent_points_of_its_formulas(seed):
    rng = np.random.default_rng(seed)
    eps, delta = sorted(rng.random(2).round(int(rng.choice([2, 15]))).tolist())
    if eps == delta:
        return
    tau = float(rng.choice([rng.random(), min((delta - eps) * rng.uniform(1, 1.5), 1.0)]))
    pairs = PairClass(tau, no_collapse=(eps, delta), no_augmentation=(eps, delta))
    expected = intervals_without_collapse(tau, eps, delta)
    assert pairs.is_empty == (not expected) == (pairs.regime == regimes.INFEASIBLE)
    found = [(interval.low, interval.high) for interval in pairs.tangents]
    assert found == [pytest.approx(ends, abs=1e-11) for ends in expected]


@pytest.mark.parametrize(
    "conditions",
    [
        {},
        {"collapse": (0.02, 0.1)},
        {"augmentation": [(0.02, 0.1), (0.3, 0.35)]},
        {"no_collapse": (0.2, 0.3)},
        {"no_collapse": (0.05, 0.1), "no_augmentation": (0.05, 0.1)},
        {"collapse": (0.02, 0.1), "no_augmentation": [(0.1, 0.3), (0.01, 0.11)]},
    ],
    ids=str,
)
def test_tv_band_is_the_short_form(conditions):
    short, long = mc.tv_band(0.11, [1, 3], **conditions), band(PairClass(0.11, **conditions), [1, 3])
    assert short == long
    assert short.pairs == PairClass(0.11, **conditions)


# -- properties ------------------------------------------------------------------------------------


@given(seed=seeds)
@examples(30)
def test_a_condition_more_narrows_the_band(seed):
    rng = np.random.default_rng(seed)
    pairs, m = random_class(rng), int(rng.integers(1, 5))
    wider = PairClass(
        pairs.tau,
        pairs.collapse,
        pairs.augmentation,
        (),
        pairs.no_augmentation,
        None,
        None,
        pairs.hockey_stick,
    )
    narrow, wide = band(pairs, m, gap=1e-6), band(wider, m, gap=1e-6)
    assert wide.lower <= narrow.lower + wide.lower_gap + narrow.lower_gap
    assert narrow.upper <= wide.upper + wide.upper_gap + narrow.upper_gap


@given(seed=seeds)
@examples(30)
def test_conditions_that_follow_from_others_change_nothing(seed):
    rng = np.random.default_rng(seed)
    pairs, m = random_class(rng), int(rng.integers(1, 5))
    a, b = rng.uniform(0.05, 0.95, 2)
    collapse = [*pairs.collapse, *((e, e + a * (d - e)) for e, d in pairs.collapse)]
    no_collapse = [*pairs.no_collapse, *((e, d + b * (1 - d)) for e, d in pairs.no_collapse if d < 1)]
    implied = PairClass(
        pairs.tau,
        collapse,
        pairs.augmentation,
        no_collapse,
        pairs.no_augmentation,
        None,
        pairs.within,
        pairs.hockey_stick,
    )
    assert implied.forbidden == pairs.forbidden or len(implied.forbidden) == len(pairs.forbidden)
    first, second = band(pairs, m, gap=1e-6), band(implied, m, gap=1e-6)
    assert first.lower == pytest.approx(float(second.lower), abs=2e-6)
    assert first.upper == pytest.approx(float(second.upper), abs=2e-6)


@given(seed=seeds, name=st.sampled_from(["tv", "js", "hellinger"]))
@examples(30)
def test_mirrored_classes_have_the_same_band(seed, name):
    rng = np.random.default_rng(seed)
    pairs, m = random_class(rng, forbidden=int(rng.integers(0, 2))), int(rng.integers(1, 5))
    if pairs.hockey_stick is not None:
        return
    within = None if pairs.within is None else pairs.within.mirror()
    mirror = PairClass(
        pairs.tau, pairs.augmentation, pairs.collapse, pairs.no_augmentation, pairs.no_collapse, None, within
    )
    gap = 1e-6 if name == "tv" else 1e-4
    first, second = (band(each, m, divergence=name, gap=gap) for each in (pairs, mirror))
    assert first.lower == pytest.approx(float(second.lower), abs=2 * gap)
    assert first.upper == pytest.approx(float(second.upper), abs=2 * gap)
    assert (first.lower_attained, first.upper_attained) == (second.lower_attained, second.upper_attained)


def test_a_region_required_is_its_corners_required():
    inner = mc.Region.from_vertices([(0, 0), (0.1, 0.2), (0.5, 0.62), (1, 1)])
    by_region = band(PairClass(tau=0.2, contains=inner, no_collapse=(0.3, 0.52)), 3)
    by_points = band(PairClass(tau=0.2, collapse=[(0.1, 0.2), (0.5, 0.62)], no_collapse=(0.3, 0.52)), 3)
    assert by_region.lower == pytest.approx(float(by_points.lower), abs=1e-9)
    assert by_region.upper == pytest.approx(float(by_points.upper), abs=1e-9)


@pytest.mark.parametrize("tau", [(0.472, 0.565), 0.565, None])
def test_the_distance_of_one_sample_is_attained_where_a_member_has_it(tau):
    """At m = 1 the greatest distance of the class is its own maximum, whatever the forbidden points."""
    points = [(0.759, 1.0), (0.059, 0.141)]
    pairs = mc.PairClass(tau, no_collapse=points)
    band = mc.band(pairs, 1)
    highest = 0.565 if tau is not None else 1.0
    has_members = not mc.PairClass(highest, no_collapse=points).is_empty
    assert band.upper_attained == has_members == (tau is not None)
    if has_members:
        assert band.upper == 0.565
        assert band.upper_regions in pairs
        assert band.upper_regions.total_variation == pytest.approx(0.565, abs=1e-15)


def test_any_distance_is_the_whole_interval_of_distances():
    point = {"no_collapse": (0.2, 0.35), "collapse": (0.05, 0.12)}
    free, all_ = band(PairClass(**point), 3), band(PairClass(tau=(0, 1), **point), 3)
    assert (free.lower, free.upper) == (all_.lower, all_.upper)


def test_one_forbidden_point_alone_is_a_formula():
    eps, delta = 0.2, 0.35
    for m in (1, 2, 5):
        expected = 1 - min(eps / delta, (1 - delta) / (1 - eps)) ** m
        assert band(PairClass(no_collapse=(eps, delta)), m).upper == pytest.approx(expected, abs=1e-9)


def test_four_forbidden_points_are_bracketed():
    points = [(0.02, 0.15), (0.06, 0.2), (0.2, 0.4)]
    found = band(PairClass(tau=0.3, no_collapse=points, no_augmentation=(0.05, 0.25)), 3)
    assert found.upper == pytest.approx(0.597186193, abs=1e-8)
    assert 0 <= found.upper_gap < 1e-6


@pytest.mark.parametrize("narrow", [np.float32, np.float16])
def test_a_distance_at_a_threshold_in_decimals_is_at_it_in_narrow_floats(narrow):
    """0.3 − 0.1 is 0.2, though the float32 next to them say otherwise."""
    for eps, delta, tau in ((0.1, 0.3, 0.2), (0.3, 0.4, 0.1), (0.55, 0.9, 0.35), (0.05, 0.1, 0.05)):
        numbers = narrow(eps), narrow(delta)
        assert not PairClass(narrow(tau), collapse=numbers).is_empty
        assert PairClass(narrow(tau), collapse=[numbers]) == PairClass(tau, collapse=(eps, delta))


# -- conditions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("conditions", "reason"),
    [
        ({"tau": 0.05, "collapse": (0.02, 0.1)}, r"\(0.02, 0.1\)-collapse forces tau ≥ 0.08, got 0.05"),
        (
            {"tau": 0.5, "collapse": (0.1, 0.3), "no_collapse": (0.3, 0.4)},
            r"reaches the forbidden point \(0.3, 0.4\)",
        ),
        ({"tau": 0.5, "no_collapse": (0.3, 0.4)}, r"\(0.3, 0.4\) excludes \[0, 0.5\]"),
        (
            {"tau": 0.5, "within": mc.Region.from_pmfs([0.7, 0.3], [0.3, 0.7])},
            "lie within forces tau ≤ 0.4, got 0.5",
        ),
        (
            {"collapse": (0.1, 0.6), "within": mc.Region.from_pmfs([0.7, 0.3], [0.3, 0.7])},
            r"must reach \(0.1, 0.6\), but .* height 0.233333",
        ),
        ({"hockey_stick": (2, 0.1), "collapse": (0.1, 0.4)}, "forces h ≥ 0.2, got 0.1"),
        ({"tau": 0.3, "no_collapse": (0, 1e-16)}, r"^every pair reaches the forbidden point \(0, 1e-16\)"),
    ],
)
def test_an_empty_class_says_which_conditions_exclude_each_other(conditions, reason):
    pairs = PairClass(**conditions)
    assert pairs.is_empty
    with pytest.raises(mc.InfeasibleError, match=reason):
        band(pairs, 2)


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        ({"tau": 1.5}, "tau must lie in"),
        ({"tau": (0.2, 0.1)}, "low ≤ high"),
        ({"tau": 0.1, "hockey_stick": (2, 0.1)}, "not both"),
        ({"hockey_stick": (0.5, 0.4)}, "h must be at least"),
        ({"collapse": (0.3, 0.2)}, "eps must be smaller than delta"),
        ({"collapse": 3}, "a pair"),
        ({"within": "all"}, "must be a Region"),
    ],
)
def test_conditions_out_of_range_are_refused(conditions, message):
    with pytest.raises(ValueError, match=message):
        PairClass(**conditions)


def test_a_class_is_a_value():
    pairs = PairClass(tau=0.11, collapse=[(0.02, 0.1)])
    assert pairs == PairClass(tau=0.11, collapse=(0.02, 0.1))
    assert hash(pairs) == hash(PairClass(tau=0.11, collapse=(0.02, 0.1)))
    assert pairs != PairClass(tau=0.11, augmentation=(0.02, 0.1))
    with pytest.raises(AttributeError):
        pairs.tau = 0.2


def test_membership_is_every_condition():
    pairs = PairClass(tau=0.2, collapse=(0, 0.2), no_collapse=(0.5, 0.7))
    assert mc.Region.from_pmfs([0.2, 0.8], [0, 1]) in pairs
    assert mc.Region.from_pmfs([0.1, 0.9], [0, 1]) not in pairs  # tau
    assert mc.Region.from_pmfs([0.6, 0.4], [0.4, 0.6]) not in pairs  # no collapse
    assert mc.Region.from_pmfs([0.2, 0.8, 0], [0, 0.8, 0.2]) not in pairs  # touches (0.5, 0.7)
    with pytest.raises(TypeError, match="Regions"):
        _ = 3 in pairs


# -- bugs of the cases that this replaces ----------------------------------------------------------


@pytest.mark.parametrize("delta", [1e-17, 1e-13, 1e-9])
def test_mirrored_points_keep_their_width(delta):
    found = band(PairClass(tau=0.5, augmentation=(0, delta)), 2)
    assert found.upper == pytest.approx(0.75)
    assert found.lower == pytest.approx(0.5, abs=2 * delta + float(found.lower_gap))


@pytest.mark.parametrize("order", [0.5, 2.0, 3.0])
def test_a_hockey_stick_does_not_notice_a_corner_cut_off(order):
    pairs = PairClass(0.11, no_collapse=(0.2, 0.3), no_augmentation=(0.2, 0.3))
    found = band(pairs, 2, divergence="hockey_stick", order=order)
    assert found.upper_attained
    assert found.upper_regions in pairs


@pytest.mark.parametrize("name", ["kl", "reverse_kl", "chi2"])
def test_an_infinite_supremum_is_attained(name):
    pairs = PairClass(0.11, no_collapse=(0.05, 0.1), no_augmentation=(0.05, 0.1))
    found = band(pairs, 2, divergence=name)
    assert found.upper == np.inf
    assert found.upper_attained
    assert found.upper_regions in pairs
    assert found.upper_regions.divergence(name) == np.inf


@pytest.mark.parametrize("name", ["kl", "reverse_kl", "chi2", "js", "tv"])
@pytest.mark.parametrize("tau", [0.08, 0.08000000000000002, 0.0800000001])
def test_the_witness_has_the_value_next_to_a_threshold(name, tau):
    found = band(PairClass(tau, collapse=(0, 0.08)), 2, divergence=name)
    assert mc.packed_divergence(found.lower_regions, 2, name) == pytest.approx(float(found.lower), rel=1e-9)


@pytest.mark.parametrize("d", [5e-13, 1e-10, 1e-6, 0.1])
def test_thresholds_are_reached_relative_to_themselves(d):
    eps, delta = 0.2, 0.2 + d
    pairs = PairClass(d, no_collapse=(eps, delta), no_augmentation=(eps, delta))
    assert not pairs.is_empty
    assert not PairClass(0.9 * d, no_collapse=(eps, delta), no_augmentation=(eps, delta)).is_empty
    assert PairClass(0.99 * d, collapse=(eps, delta)).is_empty


def test_ends_are_in_order():
    for m in (1, 2):
        found = band(PairClass(0.11), m)
        assert found.lower <= found.upper


@pytest.mark.parametrize(
    ("pairs", "shown"),
    [
        (mc.PairClass(), "PairClass()"),
        (mc.PairClass(0.11, collapse=(0.02, 0.1)), "PairClass(tau=0.11, collapse=((0.02, 0.1),))"),
        (mc.PairClass((0.1, 0.2), no_collapse=[(0, 0.3), (0.1, 0.4)]), None),
    ],
)
def test_a_class_shows_its_conditions_and_no_others(pairs, shown):
    assert eval(repr(pairs), {"PairClass": mc.PairClass}) == pairs
    assert shown in (None, repr(pairs))
    assert "=()" not in repr(pairs)
    assert "None" not in repr(pairs)


@pytest.mark.parametrize("m", [1, 2, 3, 5, 8, 20])
def test_a_supremum_near_1_is_no_more_attained_than_another(m):
    """The limit is (1, 0) against (x, 1−x), x = ε/δ, and overlaps by x^m. It has the collapse."""
    band = mc.band(PairClass(no_collapse=(0.001, 0.34)), m)
    assert 1 - band.upper == pytest.approx((0.001 / 0.34) ** m, abs=1e-9)
    assert not band.upper_attained


@pytest.mark.parametrize("divergence", ["kl", "reverse_kl", "chi2"])
def test_members_of_an_infinite_supremum_are_found_without_a_warning(divergence):
    """Both tangents touch at their middles, and some of the limits that are looked at are infinite."""
    point = (0.08333333333333333, 0.5833333333333334)
    pairs = PairClass(0.7499999999985001, no_collapse=point, no_augmentation=point)
    found = mc.band(pairs, 1, divergence=divergence)
    assert found.lower <= found.upper == np.inf
