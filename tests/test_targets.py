"""Targets and generators of known collapse: densities, samples, and what samples say of the true region."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from modecollapse import Region, packed_tv
from modecollapse.metrics import divergence_over_modes, high_quality_share, modes_found
from modecollapse.samples import count_modes, diagnose, from_centres, from_scores
from modecollapse.targets import (
    GaussianMixture,
    cube,
    drop_modes,
    grid,
    mixed,
    random,
    reweight_modes,
    ring,
    shrink_mode,
    true_region,
)

TARGETS = {"ring": ring(), "grid": grid(), "random": random(seed=0), "cube": cube()}
by_target = pytest.mark.parametrize("name", TARGETS)
OFF_CENTRE = GaussianMixture([0.2, 0.5, 0.3], [[0, 0], [1, 0.5], [-1, 2]], [0.1, 0.4, 0.02])
RNG = np.random.default_rng(0)


# -- the targets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "modes", "dimension", "variance", "nearest"),
    [
        ("ring", 8, 2, 1e-4, 2 * math.sin(math.pi / 8)),
        ("grid", 25, 2, 0.0025, 2),
        ("cube", 27, 3, 0.0025, 2),
    ],
)
def test_targets_are_those_of_the_literature(name, modes, dimension, variance, nearest):
    target = TARGETS[name]
    assert target.means.shape == (modes, dimension)
    np.testing.assert_array_equal(target.variances, variance)
    np.testing.assert_allclose(target.weights, 1 / modes, rtol=1e-15)
    assert _least_distance(target) == pytest.approx(nearest, rel=1e-12)
    np.testing.assert_allclose(target.means.mean(axis=0), 0, atol=1e-15)


def test_the_ring_has_radius_one_and_the_grid_ends_at_four():
    np.testing.assert_allclose(np.linalg.norm(ring().means, axis=1), 1, rtol=1e-15)
    assert set(grid().means.ravel().tolist()) == {-4, -2, 0, 2, 4}
    assert set(cube().means.ravel().tolist()) == {-2, 0, 2}


def test_random_targets_repeat_and_differ_by_seed():
    np.testing.assert_array_equal(random(3).means, random(3).means)
    assert not np.array_equal(random(3).means, random(4).means)
    for seed in range(5):
        target = random(seed)
        assert _least_distance(target) >= 12 * target.std
        assert np.abs(target.means).max() <= 4
        assert np.ptp(target.weights) > 0.05
    assert _least_distance(random(0, modes=60)) >= 0.6
    assert random(0, modes=1).weights.tolist() == [1]


def _least_distance(target):
    means = target.means
    return min(
        np.linalg.norm(means[i] - means[j]) for i in range(len(means)) for j in range(len(means)) if i != j
    )


# -- densities and samples -----------------------------------------------------------------------------


def test_the_density_is_scipys():
    points = np.random.default_rng(0).normal(size=(50, 2))
    expected = sum(
        w * stats.multivariate_normal(mean, v * np.eye(2)).pdf(points)
        for w, mean, v in zip(OFF_CENTRE.weights, OFF_CENTRE.means, OFF_CENTRE.variances, strict=True)
    )
    np.testing.assert_allclose(OFF_CENTRE.pdf(points), expected, rtol=1e-12)
    np.testing.assert_allclose(OFF_CENTRE.logpdf(points), np.log(expected), rtol=1e-12)


def test_the_density_far_out_is_mpmaths():
    point = [30.0, -40.0]
    with mpmath.workdps(60):
        exact = mpmath.log(
            mpmath.fsum(
                mpmath.mpf(w)
                * mpmath.exp(
                    -sum((mpmath.mpf(x) - m) ** 2 for x, m in zip(point, mean, strict=True)) / (2 * v)
                )
                / (2 * mpmath.pi * v)
                for w, mean, v in zip(
                    OFF_CENTRE.weights.tolist(),
                    OFF_CENTRE.means.tolist(),
                    map(mpmath.mpf, OFF_CENTRE.variances.tolist()),
                    strict=True,
                )
            )
        )
    assert OFF_CENTRE.logpdf([point])[0] == pytest.approx(float(exact), rel=1e-14)


def test_the_density_integrates_to_one_and_lacks_dropped_modes():
    line = drop_modes(GaussianMixture([0.5, 0.2, 0.3], [[-2], [0], [3]], [0.25, 1, 0.04]), [1])
    assert quad(lambda x: line.pdf([x])[0], -8, 8, points=(-2, 3), limit=200)[0] == pytest.approx(1, abs=1e-8)
    assert line.pdf([0.0])[0] == pytest.approx(0.625 * stats.norm.pdf(0, -2, 0.5), rel=1e-12)


def test_samples_follow_the_law_on_the_line():
    line = GaussianMixture([0.5, 0.2, 0.3], [[-2], [0], [3]], [0.25, 1, 0.04])
    samples = line.sample(20_000, np.random.default_rng(1))[:, 0]

    def cdf(x):
        parts = zip((0.5, 0.2, 0.3), (-2, 0, 3), (0.5, 1, 0.2), strict=True)
        return sum(w * stats.norm.cdf(x, mean, std) for w, mean, std in parts)

    assert stats.kstest(samples, cdf).pvalue > 0.01


@by_target
def test_samples_follow_the_law_around_the_modes(name):
    target = TARGETS[name]
    counts = count_modes(target.sample(50_000, np.random.default_rng(2)), target.means, 2 * target.std)
    expected = 50_000 * target.ball_masses(target.means, 2 * target.std)
    assert stats.chisquare(counts, expected * counts.sum() / expected.sum()).pvalue > 0.01


def test_samples_repeat_with_the_generator_of_random_numbers():
    first, second = (ring().sample(10, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert ring().sample(0, np.random.default_rng(7)).shape == (0, 2)


@by_target
def test_samples_belong_to_the_mode_they_came_from(name):
    target, rng = TARGETS[name], np.random.default_rng(3)
    for mode in (0, 3, len(target.weights) - 1):
        others = [i for i in range(len(target.weights)) if i != mode]
        assert (target.mode_of(drop_modes(target, others).sample(200, rng)) == mode).all()


# -- ball masses ---------------------------------------------------------------------------------------


def test_ball_masses_by_quadrature_in_the_plane():
    centre, radius = np.array([0.5, 0.2]), 0.6

    def ring_mass(r, law):
        angles = 2 * math.pi * (np.arange(400) + 0.5) / 400  # exact to rounding: the integrand is periodic
        points = centre + r * np.column_stack([np.cos(angles), np.sin(angles)])
        return 2 * math.pi * r * law.pdf(points).mean()

    for law in (OFF_CENTRE, mixed(OFF_CENTRE, ring(), 0.25)):
        inside = quad(ring_mass, 0, radius, args=(law,), limit=200, epsabs=1e-12)[0]
        masses = law.ball_masses([centre, [9, 9]], radius)
        np.testing.assert_allclose(masses, [inside, 0, 1 - inside], atol=1e-10)


@pytest.mark.parametrize("dimension", [1, 2, 3, 7])
def test_ball_masses_of_a_mode_around_itself_are_chi_squared(dimension):
    law = GaussianMixture([1], np.zeros((1, dimension)), 0.04)
    for width in (0.5, 1, 3, 6):
        expected = stats.chi2.cdf(width**2, dimension)
        inside, outside = law.ball_masses(np.zeros((1, dimension)), 0.2 * width)
        assert inside == pytest.approx(expected, abs=1e-12)
        assert outside == pytest.approx(stats.chi2.sf(width**2, dimension), abs=1e-12)


def test_ball_masses_on_the_line_are_differences_of_the_cdf():
    law = GaussianMixture([0.3, 0.7], [[0], [2]], [1, 0.25])
    for centre in (-3, 0.4, 2, 40):
        expected = sum(
            w * np.diff(stats.norm.cdf([centre - 0.7, centre + 0.7], mean, std))[0]
            for w, mean, std in ((0.3, 0, 1), (0.7, 2, 0.5))
        )
        assert law.ball_masses([[centre]], 0.7)[0] == pytest.approx(expected, abs=1e-12)


def test_balls_may_touch_but_not_overlap():
    assert grid().ball_masses(grid().means, 1.0).sum() == pytest.approx(1, abs=1e-12)
    with pytest.raises(
        ValueError, match=r"balls of radius 1\.01 overlap: the nearest centres are 2\.0 apart"
    ):
        grid().ball_masses(grid().means, 1.01)


# -- generators ----------------------------------------------------------------------------------------


@by_target
def test_dropped_modes_leave_the_region_of_their_labels(name):
    target = TARGETS[name]
    generator = drop_modes(target, [1, 4])
    lost = target.weights[[1, 4]].sum()
    labels = Region.from_pmfs(target.weights, generator.weights)
    assert labels.boundary(0) == pytest.approx(lost, rel=1e-12)
    counted = true_region(target, generator, 3 * target.std)
    inside = stats.chi2.cdf(9, target.dimension)
    # the other modes reach into the balls with less than 1e-15
    assert counted.boundary(1e-15) == pytest.approx(inside * lost, rel=1e-9)
    assert counted <= labels
    # all that a ball of 5.5 standard deviations misses is rounding, next to what was dropped
    nearly = true_region(target, generator, 5.5 * target.std)
    assert nearly.total_variation == pytest.approx(lost, rel=2e-6)


def test_a_generator_equal_to_its_target_shows_nothing():
    for target in TARGETS.values():
        assert true_region(target, target, 3 * target.std).total_variation == 0


def test_other_weights_have_the_divergences_of_the_weights():
    target = grid()
    weights = np.arange(1, 26) / 325
    region = true_region(target, reweight_modes(target, weights), 1.0)
    for name in ("tv", "kl", "reverse_kl", "js"):
        assert region.divergence(name) == pytest.approx(
            Region.from_pmfs(target.weights, weights).divergence(name), rel=1e-9
        )


def test_a_shrunken_mode_hides_from_its_nearest_centre_and_shows_in_its_ball():
    target = ring()
    generator = shrink_mode(target, 0, 0.5)
    assert true_region(target, generator, 0.3).total_variation < 1e-12  # 30 standard deviations
    expected = (stats.chi2.sf(9, 2) - stats.chi2.sf(36, 2)) / 8
    assert true_region(target, generator, 0.03).total_variation == pytest.approx(expected, rel=1e-9)


def test_a_shrunken_mode_shows_in_its_score():
    # the ratio rises with the distance r from the centre, so the best set is the outside of a ball
    target = ring()
    generator = shrink_mode(target, 0, 0.5)
    rng = np.random.default_rng(4)
    real, generated = (law.sample(40_000, rng) for law in (target, generator))
    score = from_scores(*(target.logpdf(rows) - generator.logpdf(rows) for rows in (real, generated)))
    crossing = 2 * math.log(4) / 3  # r²/σ² where the densities agree: exp(−r²/2) = 4 exp(−4r²/2)
    expected = (stats.chi2.sf(crossing, 2) - stats.chi2.sf(4 * crossing, 2)) / 8
    assert score.region.total_variation == pytest.approx(expected, abs=0.01)
    assert score.confidence_band().divergence("tv").lower > 0.03


def test_a_mixture_of_generators_has_the_mixture_of_their_masses():
    target = cube()
    collapsed, noise = drop_modes(target, [0, 5]), GaussianMixture([1], [[0, 0, 0]], 4)
    whole = mixed(collapsed, noise, 0.3)
    parts = [law.ball_masses(target.means, 0.15) for law in (collapsed, noise)]
    np.testing.assert_allclose(
        whole.ball_masses(target.means, 0.15), 0.7 * parts[0] + 0.3 * parts[1], atol=1e-14
    )
    points = np.random.default_rng(5).normal(size=(20, 3))
    np.testing.assert_allclose(whole.pdf(points), 0.7 * collapsed.pdf(points) + 0.3 * noise.pdf(points))


# -- what samples say of the truth ---------------------------------------------------------------------


def rising(modes):
    return np.arange(1, modes + 1) / (modes * (modes + 1) / 2)


GENERATORS = {
    "drops": lambda target: drop_modes(target, np.argsort(target.weights)[-2:]),
    "reweights": lambda target: reweight_modes(target, rising(len(target.weights))),
    "shrinks": lambda target: shrink_mode(target, 2, 0.3),
    "mixes": lambda target: mixed(drop_modes(target, [1]), reweight_modes(target, target.weights), 0.2),
    "copies": lambda target: target,
}


@pytest.mark.parametrize("kind", GENERATORS)
@by_target
def test_bands_hold_the_true_region_at_their_level(name, kind):
    target = TARGETS[name]
    generator, radius, rng = GENERATORS[kind](target), 3 * target.std, np.random.default_rng(6)
    truth = true_region(target, generator, radius)
    missed = 0
    for _ in range(40):
        samples = target.sample(1500, rng), generator.sample(1000, rng)
        band = from_centres(*samples, target.means, radius).confidence_band(0.9)
        missed += not band.inner <= truth <= band.outer
        assert (kind in ("drops", "reweights")) <= (band.inner.total_variation > 0)
    assert missed <= 9  # more would be a chance of 1 in 200 at best


@by_target
def test_bands_of_scores_hold_the_region_of_the_pair(name):
    target = TARGETS[name]
    generator, rng = drop_modes(target, [0, 1, 2]), np.random.default_rng(7)
    mass = target.weights[:3].sum()
    truth = Region.from_pmfs([mass, 1 - mass], [0, 1])  # modes are apart by 12 standard deviations or more
    missed = 0
    for _ in range(20):
        real, generated = target.sample(800, rng), generator.sample(800, rng)
        scores = (target.logpdf(rows) - generator.logpdf(rows) for rows in (real, generated))
        # the exact score has two values, but for rounding
        band = from_scores(*(np.minimum(rows, 50.0).round(6) for rows in scores)).confidence_band(0.9)
        missed += not band.inner <= truth <= band.outer
    assert missed <= 6  # more would be a chance of 1 in 400 at best


@by_target
def test_diagnosis_finds_the_dropped_modes_and_covers_the_true_masses(name):
    target = TARGETS[name]
    dropped = np.argsort(target.weights)[-2:]
    generator, radius = drop_modes(target, dropped), 3 * target.std
    # with seed 8 the real samples of "random" hold the dropped modes 2.7 standard deviations too often
    rng = np.random.default_rng(9)
    evidence = from_centres(target.sample(5000, rng), generator.sample(5000, rng), target.means, radius)
    diagnosis = diagnose(evidence, m=[1, 2, 3])
    assert {mode.name for mode in diagnosis.missing} >= {f"mode {i}" for i in dropped}
    truth = true_region(target, generator, radius)
    assert diagnosis.tv_interval.lower <= truth.total_variation <= diagnosis.tv_interval.upper
    for row in diagnosis.packed:
        assert row.interval.lower <= packed_tv(truth, row.m) <= row.interval.upper
    p, q = (dict(enumerate(law.ball_masses(target.means, radius))) for law in (target, generator))
    for mode in diagnosis.modes:
        index = len(target.weights) if mode.name == "off mode" else int(mode.name.removeprefix("mode "))
        assert mode.real.lower <= p[index] <= mode.real.upper
        assert mode.generated.lower <= q[index] <= mode.generated.upper


@by_target
def test_metrics_converge_to_the_known_values(name):
    target = TARGETS[name]
    weights = target.weights.copy()
    weights[:3] *= (0.0, 3.0, 0.5)
    noise = GaussianMixture([1], np.zeros((1, target.dimension)), 4.0)
    generator = mixed(reweight_modes(target, weights / weights.sum()), noise, 0.1)
    samples = generator.sample(100_000, np.random.default_rng(9))
    masses = generator.ball_masses(target.means, 3 * target.std)
    assert high_quality_share(samples, target.means, target.std) == pytest.approx(1 - masses[-1], abs=5e-3)
    counts = count_modes(samples, target.means, 3 * target.std)
    p = target.ball_masses(target.means, 3 * target.std)
    truth = true_region(target, generator, 3 * target.std)
    for divergence in ("reverse_kl", "js"):
        assert divergence_over_modes(p, counts, divergence) == pytest.approx(
            truth.divergence(divergence), rel=0.03, abs=2e-3
        )


@by_target
def test_modes_found_are_those_the_generator_has(name):
    target = TARGETS[name]
    even = reweight_modes(target, np.full(len(target.weights), 1 / len(target.weights)))
    for dropped in ([], [0], [1, 5, 6]):
        samples = drop_modes(even, dropped).sample(3000, np.random.default_rng(10))
        assert modes_found(samples, target.means, target.std) == len(target.weights) - len(dropped)


@pytest.mark.parametrize("number", [3, 3.0, np.int64(3), np.array(3), Fraction(3)])
def test_any_integer_is_a_number_of_modes_or_samples(number):
    for made, expected in ((ring, ring(3)), (lambda modes: random(4, modes), random(4, 3))):
        target = made(number)
        assert target.means.tolist() == expected.means.tolist()
        assert target.weights.tolist() == expected.weights.tolist()
    samples = (ring().sample(size, np.random.default_rng(1)) for size in (number, 3))
    assert np.array_equal(*samples)


def test_a_ball_as_large_as_can_be_holds_all_mass():
    masses = OFF_CENTRE.ball_masses([[0, 0]], 1e200)
    assert masses.tolist() == pytest.approx([1, 0], abs=1e-15)


# -- the value -----------------------------------------------------------------------------------------


def test_a_mixture_does_not_change():
    means = np.zeros((2, 1))
    law = GaussianMixture([0.5, 0.5], means, 1.0)
    means[0] = 7
    assert law.means.max() == 0
    with pytest.raises(FrozenInstanceError):
        law.weights = law.weights
    for array in (law.weights, law.means, law.variances):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: GaussianMixture([0.5, 0.6], [[0], [1]], 1), "weights must sum to 1"),
        (lambda: GaussianMixture([0.5, 0.5], [[0]], 1), "the same modes, got 2, 1"),
        (lambda: GaussianMixture([0.5, 0.5], [[0], [1]], [1, 1, 1]), r"shape \(3,\)"),
        (lambda: GaussianMixture([1], [[0]], 0), "variances must be positive, got 0.0"),
        (lambda: GaussianMixture([1], [[math.nan]], 1), "NaN"),
        (lambda: OFF_CENTRE.std, "variances from 0.02 to 0.4"),
        (lambda: OFF_CENTRE.pdf([[0, 0, 0]]), "points must have 2 coordinates, got 3"),
        (lambda: OFF_CENTRE.ball_masses([[0, 0]], 0), "radius must be positive, got 0.0"),
        (lambda: OFF_CENTRE.ball_masses([[0, 0]], math.inf), "radius must be finite, got inf"),
        (lambda: OFF_CENTRE.ball_masses([[0, 0]], "1"), "radius must be real numbers, got '1'"),
        (
            lambda: GaussianMixture([1], [[1e8]], 4).ball_masses([[0]], 1e8),
            "radius 100000000.0 is too .* 5e\\+07",
        ),
        (lambda: OFF_CENTRE.sample(-1, RNG), "size must be an integer ≥ 0, got -1"),
        (lambda: OFF_CENTRE.sample(2.5, RNG), "size must be an integer ≥ 0, got 2.5"),
        (lambda: OFF_CENTRE.sample(2, 0), r"Generator, got 0; default_rng\(seed\) makes one"),
        (lambda: drop_modes(ring(), [8]), "modes 0 to 7, got 8"),
        (lambda: drop_modes(ring(), range(8)), "must have mass"),
        (lambda: reweight_modes(ring(), [1.0]), "the same modes, got 1, 8"),
        (lambda: shrink_mode(ring(), -1, 0.5), "modes 0 to 7, got -1"),
        (lambda: shrink_mode(ring(), 0, 0), "factor must be positive, got 0.0"),
        (lambda: shrink_mode(ring(), 0, math.inf), "factor must be finite, got inf"),
        (lambda: shrink_mode(ring(), 0, None), "factor must be real numbers, got None"),
        (lambda: shrink_mode(ring(), 0, 1e200), "variances must be finite, got inf at index 0"),
        (lambda: drop_modes(ring(), 3), r"modes must be a list of modes, got 3; write \[3\] for one mode"),
        (lambda: mixed(ring(), ring(), 1.5), r"share must lie in \[0, 1\]"),
        (lambda: mixed(ring(), cube(), 0.5), "first and second must"),
        (lambda: true_region(ring(), cube(), 0.03), "3 coordinates, got 2"),
        (lambda: random(0, modes=61), "modes must be from 1 to 60, got 61"),
        (lambda: ring(0), "modes must be an integer ≥ 1, got 0"),
        (lambda: grid(-1), "side must be an integer ≥ 1, got -1"),
        (lambda: cube(2.5), "side must be an integer ≥ 1, got 2.5"),
        (lambda: random(0, modes=0), "modes must be an integer ≥ 1, got 0"),
        (lambda: drop_modes(ring(), [0.5]), "modes 0 to 7, got 0.5"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
