"""The band of counts: bounds against enumeration or a plain twin, coverage and tightness by simulation."""

from __future__ import annotations

import itertools
import math

import numpy as np
import oracles
import pytest
from effort import slow
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import binomtest

from modecollapse import Region
from modecollapse.samples import bands, from_counts, from_groups
from modecollapse.samples.laws import Known, Sampled

count_lists = st.integers(1, 6).flatmap(
    lambda k: st.tuples(*[st.lists(st.integers(0, 30), min_size=k, max_size=k).filter(any)] * 2)
)


def with_lost_modes(modes, lost):
    """Equal masses, and the same with some modes lost."""
    left = np.append(np.zeros(lost), np.ones(modes - lost))
    return np.full(modes, 1 / modes), left / left.sum()


def sampled(size, pmf, rng):
    return Sampled(rng.multinomial(size, pmf))


# -- shares of the error, folds -------------------------------------------------------------------------


def test_the_shares_of_the_error_sum_to_one():
    shares = bands.SETS_SHARE, bands.HALF_PLANES_SHARE, bands.BOXES_SHARE, bands.MISSING_SHARE
    assert sum(shares) == pytest.approx(1)


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=5), st.integers(2, 4), st.integers(0, 99))
def test_every_sample_is_in_one_fold_and_among_the_others_of_the_rest(counts, folds, seed):
    law = Sampled(np.array(counts))
    divided = law.divided(folds, np.random.default_rng(seed))
    assert len(divided) == folds
    assert sum(fold.counts for fold, _ in divided).tolist() == counts
    for fold, rest in divided:
        assert (fold.counts + rest.counts).tolist() == counts
        assert fold.counts.min() >= 0


def test_a_sample_is_in_each_fold_equally_often():
    law, rng = Sampled(np.array([3])), np.random.default_rng(0)
    sizes = [fold.size for _ in range(3000) for fold, _ in law.divided(3, rng)[:1]]
    # Bin(3, 1/3)
    assert np.bincount(sizes) / 3000 == pytest.approx(np.array([8, 12, 6, 1]) / 27, abs=0.03)


# -- half-planes ----------------------------------------------------------------------------------------


def outcomes(size, pmf):
    """All counts of `size` samples with their probabilities."""
    for counts in oracles.compositions(size, len(pmf)):
        ways = math.factorial(size) / math.prod(math.factorial(n) for n in counts)
        yield np.array(counts), ways * math.prod(p**n for p, n in zip(pmf, counts, strict=True))


@pytest.mark.parametrize(
    ("p", "q"),
    [
        ([0.5, 0.5], [0.5, 0.5]),
        ([0.3, 0.7], [0.6, 0.4]),
        ([0.5, 0.3, 0.2], [0.2, 0.3, 0.5]),
        ([1, 0], [0, 1]),
    ],
)
@pytest.mark.parametrize("alpha", [0.1, 0.9])
def test_half_planes_are_crossed_seldom_enough_exactly(p, q, alpha):
    truth = Region.from_pmfs(p, q)
    missed = sum(
        a * b
        for (x, a), (y, b) in itertools.product(outcomes(6, p), outcomes(4, q))
        if a * b > 0 and not truth <= bands.half_planes(Sampled(x), Sampled(y), alpha)
    )
    assert missed <= alpha


def test_half_planes_of_a_known_target_are_crossed_seldom_enough_exactly():
    p, q = [0.5, 0.5], [0.3, 0.7]
    truth = Region.from_pmfs(p, q)
    missed = {
        alpha: sum(
            b
            for y, b in outcomes(20, q)
            if not truth <= bands.half_planes(Known(np.array(p)), Sampled(y), alpha)
        )
        for alpha in (0.05, 0.9, 0.999)
    }
    assert all(0 < share <= alpha for alpha, share in missed.items() if alpha > 0.5)
    assert missed[0.05] <= 0.05


def test_half_planes_by_hand():
    p, q, alpha = Sampled(np.array([30, 10, 0])), Sampled(np.array([20, 60, 20])), 0.24
    outer = bands.half_planes(p, q, alpha)
    heights = {}
    for slope, part in zip(bands.OUTER_SLOPES, [0.12] + [0.02] * 6, strict=True):
        excess = max(0.75 - slope * 0.2, 0) + max(0.25 - slope * 0.6, 0)
        heights[slope] = excess + math.sqrt((1 / 40 + slope**2 / 100) * math.log(1 / part) / 2)
    for x in np.linspace(0, 1, 101):
        expected = min(1.0, *(slope * x + height for slope, height in heights.items()))
        # the region is the hull of the corners below all lines: the same thing but for rounding
        assert outer.boundary(x) == pytest.approx(expected, abs=1e-12)


def test_half_planes_do_not_grow_with_the_number_of_modes():
    """The outer region has the same slack for 10 and for 10 000 modes; only the plug-in value differs."""
    slack = []
    for modes in (10, 10_000):
        counts = np.full(modes, 20_000 // modes)
        slack.append(bands.half_planes(Sampled(counts), Sampled(counts), 0.05).total_variation)
    assert slack[0] == pytest.approx(slack[1], abs=1e-12)
    assert slack[0] < 0.03


# -- cross-fitted sets ----------------------------------------------------------------------------------


def plain_points(p, q, alpha, seed):
    """The points of `cross_fitted`, by loops over modes and scipy's intervals."""
    k = len(p.counts)
    folds = 2 if k > 50 and min(p.size, q.size) < 20 * k else 3
    rng = np.random.default_rng(seed)
    points = []
    for (x, x_rest), (y, y_rest) in zip(p.divided(folds, rng), q.divided(folds, rng), strict=True):
        sizes = n, n_rest, m, m_rest = x.size, x_rest.size, y.size, y_rest.size
        if 0 in sizes:
            continue
        ratios = [((a + 0.5) / n) / ((b + 0.5) / m) for a, b in zip(x.counts, y.counts, strict=True)]
        order = sorted(range(k), key=lambda i: -ratios[i])
        prefixes = [order[:i] for i in range(1, k)]
        sets = set()
        for slope in (2.0**i for i in range(-4, 6)):
            gains = []
            for prefix in prefixes:
                a = (x.counts[prefix].sum() + len(prefix) / 2) / (n + k / 2)
                b = (y.counts[prefix].sum() + len(prefix) / 2) / (m + k / 2)
                low = a - 2 * math.sqrt(a * (1 - a) / n_rest)
                gains.append(low - slope * (b + 2 * math.sqrt(b * (1 - b) / m_rest)))
            if gains:
                sets.add(gains.index(max(gains)))
        for index in sets:
            level = 1 - 2 * alpha / (2 * folds * len(sets))
            inside, generated = (
                binomtest(int(rest.counts[prefixes[index]].sum()), rest.size).proportion_ci(level, "exact")
                for rest in (x_rest, y_rest)
            )
            points.append((generated.high, inside.low))
    return points


@given(count_lists, st.integers(0, 5))
def test_cross_fitted_sets_are_those_of_the_plain_twin(lists, seed):
    p, q = (Sampled(np.array(counts)) for counts in lists)
    region = bands.cross_fitted(p, q, 0.2, seed)
    points = plain_points(p, q, 0.2, seed)
    expected = oracles.hull_height([(0.0, 0.0), (1.0, 1.0), *points], 0.3)
    assert region.boundary(0.3) == pytest.approx(max(float(expected), 0.3), abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("modes", "size"), [(8, 300), (60, 1100), (60, 1300)])
def test_cross_fitted_sets_of_more_modes_are_those_of_the_plain_twin(modes, size, seed):
    rng = np.random.default_rng(seed)
    p, q = (sampled(size, pmf, rng) for pmf in with_lost_modes(modes, modes // 4))
    region = bands.cross_fitted(p, q, 0.2, seed)
    for x in (0.01, 0.1, 0.4):
        expected = oracles.hull_height([(0.0, 0.0), (1.0, 1.0), *plain_points(p, q, 0.2, seed)], x)
        assert region.boundary(x) == pytest.approx(float(expected), abs=1e-9)


@pytest.mark.parametrize("size", [2, 5, 20, 100])
@pytest.mark.parametrize("alpha", [0.2, 0.9])
def test_cross_fitted_sets_hold_for_small_samples(size, alpha):
    """Two modes leave few sets, so that the bound is nearly reached at the largest α."""
    p, q, rng = [0.5, 0.5], [0.3, 0.7], np.random.default_rng(size)
    truth = Region.from_pmfs(p, q)
    held = [
        bands.cross_fitted(sampled(size, p, rng), sampled(size + 3, q, rng), alpha, i) <= truth
        for i in range(400)
    ]
    assert np.mean(held) >= 1 - alpha - 3 * math.sqrt(alpha * (1 - alpha) / 400)
    assert alpha < 0.5 or size < 20 or np.mean(held) < 0.95


def test_the_seed_fixes_the_folds():
    counts = from_counts([300, 400, 500, 200], [600, 400, 300, 100])
    first, again, other = (counts.confidence_band(seed=seed).inner for seed in (3, 3, 4))
    assert first == again
    assert first != other


# -- the band -------------------------------------------------------------------------------------------


@given(count_lists, st.sampled_from([1e-6, 0.5, 0.99]), st.integers(0, 3))
def test_the_plug_in_region_is_always_between(lists, level, seed):
    counts = from_counts(*lists)
    band = counts.confidence_band(level, seed)
    assert band.inner <= counts.region <= band.outer


def assert_edges_hold(evidence):
    """At ε = 0 a region within another's tolerance may still have less collapse: the edge is compared too."""
    band, region = evidence.confidence_band(), evidence.region
    for outer, between, inner in (
        (band.outer, region, band.inner),
        (band.outer.mirror(), region.mirror(), band.inner.mirror()),
    ):
        assert inner.boundary(0) - 1e-12 <= between.boundary(0) <= outer.boundary(0) + 1e-12


@given(count_lists)
@example(([50, 50], [0, 50]))  # 1 − (1 + u − u) for a limit of 0
@example(([39, 0, 20], [0, 35, 1]))  # a meet that ends at 1 − 1e-16
def test_collapse_among_no_samples_at_all_is_in_the_band(lists):
    assert_edges_hold(from_counts(*lists))


@given(st.integers(1, 6), st.data())
def test_collapse_among_no_grouped_samples_is_in_the_band(k, data):
    labels = st.lists(st.integers(0, k - 1), min_size=1, max_size=20)
    real, generated = data.draw(labels), data.draw(labels)
    groups = [
        data.draw(st.lists(st.integers(0, 3), min_size=len(x), max_size=len(x))) for x in (real, generated)
    ]
    assert_edges_hold(from_groups(real, generated, *groups))


@given(count_lists)
def test_augmentation_where_the_target_has_no_mass_is_in_the_band(lists):
    weights, counts = lists
    assert_edges_hold(from_counts(target=[w / sum(weights) for w in weights], generated=counts))


@pytest.mark.parametrize("equal", range(1, 30))
def test_mass_off_the_target_is_certain_where_the_target_has_none(equal):
    """Ten tenths are not 1 to rounding: what is certain at ε = 1e-12 must be so at ε = 0."""
    target = [1 / equal] * equal + [0]
    certain = (
        from_counts(target=target, generated=[500 // equal] * equal + [500]).confidence_band().inner.mirror()
    )
    assert certain.boundary(0) == pytest.approx(certain.boundary(1e-12), abs=1e-10)
    assert certain.boundary(0) > 0.3


@given(count_lists, st.sampled_from([0.5, 0.99]))
def test_a_known_target_has_its_plug_in_region_between(lists, level):
    target = np.array(lists[0]) / sum(lists[0])
    counts = from_counts(target=target, generated=lists[1])
    band = counts.confidence_band(level)
    assert band.inner <= counts.region <= band.outer


COVERED = {
    "few samples": (*with_lost_modes(5, 1), 15),
    "tight": ([0.5, 0.5], [0.4, 0.6], 400),
    "equal laws": ([0.25] * 4, [0.25] * 4, 200),
    "rare modes": ([0.9, 0.06, 0.02, 0.02], [0.97, 0.01, 0.01, 0.01], 300),
    "many modes": (*with_lost_modes(1000, 300), 1500),
}


@pytest.mark.parametrize("level", [0.5, slow(0.9)])
@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("name", COVERED)
def test_bands_cover(name, known, level):
    p, q, size = COVERED[name]
    truth, rng, replicates = Region.from_pmfs(p, q), np.random.default_rng(1), 100
    covered = []
    for seed in range(replicates):
        generated = rng.multinomial(size, q)
        evidence = (
            from_counts(target=p, generated=generated)
            if known
            else from_counts(rng.multinomial(size, p), generated)
        )
        band = evidence.confidence_band(level, seed)
        covered.append(band.inner <= truth <= band.outer)
    assert np.mean(covered) >= level - 3 * math.sqrt(level * (1 - level) / replicates)


TIGHTNESS = [
    (8, 2000, 2, (0.223, 0.231, 0.262, 0.301)),
    (25, 2000, 5, (0.172, 0.181, 0.214, 0.254)),
    (25, 2000, 3, (0.098, 0.107, 0.143, 0.189)),
    (25, 2000, 0, (0.000, 0.010, 0.050, 0.110)),
    (100, 10_000, 20, (0.188, 0.196, 0.229, 0.225)),
    (1000, 10_000, 300, (0.270, 0.279, 0.313, 0.359)),
    (1000, 26_000, 300, (0.291, 0.298, 0.327, 0.323)),
    (10_000, 100_000, 2000, (0.185, 0.195, 0.231, 0.278)),
]
"""Modes, samples a side, lost modes; mean lower ends of TV, δ(.01), δ(.05) and upper end of TV at 95 %.

Measured on a prototype of the same design, 100 runs up to 100 modes, 20 at 1000 and 4 at 10,000.
"""


@pytest.mark.parametrize(("modes", "size", "lost", "expected"), TIGHTNESS)
def test_bands_are_as_tight_as_their_design(modes, size, lost, expected):
    p, q = with_lost_modes(modes, lost)
    rng, rows = np.random.default_rng(3), []
    for seed in range(24):
        band = bands.counts_band(sampled(size, p, rng), sampled(size, q, rng), 0.05, seed)
        rows.append(
            [band.inner.total_variation, *band.inner.boundary([0.01, 0.05]), band.outer.total_variation]
        )
    assert np.mean(rows, axis=0) == pytest.approx(np.array(expected), abs=0.01)


@pytest.mark.parametrize(
    ("names", "used", "answers", "tv", "delta"),
    [
        (24, 5, 100, (0.709, 0.888), 0.800),
        (44, 7, 100, (0.751, 0.920), None),
        (24, 5, 400, (0.770, 0.827), None),
    ],
)
def test_known_targets_are_as_tight_as_their_design(names, used, answers, tv, delta):
    """Upper ends are better than the design's, since the masses of a known target bound those of all sets."""
    _, q = with_lost_modes(names, names - used)
    rng, rows = np.random.default_rng(4), []
    for seed in range(60):
        counts = from_counts(target=np.full(names, 1 / names), generated=rng.multinomial(answers, q))
        band = counts.confidence_band(seed=seed)
        rows.append([band.inner.total_variation, band.outer.total_variation, band.inner.boundary(0.1)])
    lower, upper, reached = np.mean(rows, axis=0)
    assert lower == pytest.approx(tv[0], abs=0.01)
    assert 1 - used / names - 1e-12 <= upper < tv[1]
    assert delta is None or reached == pytest.approx(delta, abs=0.01)
