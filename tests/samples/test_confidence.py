"""Confidence bands: limits against exact oracles, regions against all sets, coverage by simulation."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import oracles
import pytest
import scipy
from effort import examples, slow
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.stats import binomtest, norm
from weights import normalised

from modecollapse import Region
from modecollapse.hull import upper_hull
from modecollapse.samples import FoldedScores, certify, cross_fit, from_counts, from_scores
from modecollapse.samples.confidence import (
    MassBox,
    box_bracket,
    hull_region,
    level_set_bracket,
    level_set_limits,
    mass_box,
    proportion_interval,
)

REPLICATES = 400

FOUR_MODES = ([0.4, 0.3, 0.2, 0.1], [0.55, 0.25, 0.2, 0.0])
PAIRS = {
    "a missing mode": (*FOUR_MODES, 0.22),
    "equal laws": ([0.25] * 4, [0.25] * 4, 0.18),
    "two modes": ([0.5, 0.5], [0.9, 0.1], 0.17),
    "rare modes": ([0.9, 0.06, 0.02, 0.02], [0.97, 0.01, 0.01, 0.01], 0.09),
    "many modes": ([1 / 12] * 12, [1 / 6] * 6 + [0.0] * 6, 0.35),
}
"""P, Q, and a width that the band stays below; 0.5 is the width of no information."""


def least_coverage(level: float) -> float:
    """The nominal level less three standard errors of a measured one."""
    return level - 3 * math.sqrt(level * (1 - level) / REPLICATES)


# -- limits of one mass, of all masses ------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 10, 1000, 10**6])
def test_clopper_pearson_is_scipys(size):
    counts = sorted({0, 1, size // 3, size - 1, size})
    ours = proportion_interval(counts, size, 0.01)
    for i, count in enumerate(counts):
        theirs = binomtest(count, size).proportion_ci(0.99, method="exact")
        assert ours.lower[i] == pytest.approx(theirs.low, abs=1e-12)
        assert ours.upper[i] == pytest.approx(theirs.high, abs=1e-12)


def test_no_count_of_very_many_bounds_the_mass():
    upper = proportion_interval(0, 10**12, 0.05).upper
    assert float(upper) == pytest.approx(-math.log(0.025) / 10**12, rel=1e-9)


def test_a_single_cell_has_all_the_mass():
    box = mass_box(np.array([3]), 0.05)
    assert box.lower.tolist() == box.upper.tolist() == [1.0]


def test_a_single_mode_leaves_nothing_to_tell():
    certain = from_counts([3], [5]).confidence_band(0.95)
    assert certain.inner == certain.outer == Region.from_pmfs([1], [1])


def test_two_cells_mirror_each_other():
    box = mass_box(np.array([3, 17]), 0.05)
    assert box.lower + box.upper[::-1] == pytest.approx([1, 1], abs=1e-14)


@pytest.mark.parametrize("size", range(1, 200))
def test_no_count_has_no_lower_limit_and_every_count_no_upper_one(size):
    for counts in ([0, size], [size, 0], [0, size, 0]):
        box = mass_box(np.array(counts), 0.05)
        assert box.lower[np.equal(counts, 0)].tolist() == [0.0] * counts.count(0)
        assert box.upper[counts.index(size)] == 1.0


def multinomial(size, pmf):
    """All counts of `size` samples with their probabilities."""
    for counts in oracles.compositions(size, len(pmf)):
        ways = math.factorial(size) / math.prod(math.factorial(n) for n in counts)
        yield np.array(counts), ways * math.prod(p**n for p, n in zip(pmf, counts, strict=True))


# -- from limits to regions -----------------------------------------------------------------------------


@st.composite
def boxes(draw, cells):
    """A box around a pmf, with zeros and points likely, and the pmf."""
    inside = np.array(
        normalised(draw(st.lists(st.integers(0, 4), min_size=cells, max_size=cells).filter(any)))
    )
    sides = st.lists(st.sampled_from([0.0, 0.0, 0.05, 0.2, 1.0]), min_size=cells, max_size=cells)
    lower, upper = np.array(draw(sides)), np.array(draw(sides))
    return MassBox(np.maximum(inside - lower, 0), np.minimum(inside + upper, 1)), inside


box_pairs = st.integers(2, 5).flatmap(lambda cells: st.tuples(boxes(cells), boxes(cells)))


def extreme_mass(box, chosen, sign):
    """The least (sign 1) or greatest (−1) mass of a set over box and simplex, by linear programming."""
    cost = sign * np.isin(np.arange(len(box.lower)), chosen)
    solution = linprog(
        cost,
        A_eq=np.ones((1, len(cost))),
        b_eq=[1],
        bounds=list(zip(box.lower, box.upper, strict=True)),
        method="highs",
    )
    assert solution.success
    return sign * solution.fun


@examples(15)
@given(box_pairs)
def test_a_box_bracket_is_the_hull_of_extreme_masses_of_sets(pair):
    (p, _), (q, _) = pair
    bracket = box_bracket(p, q)
    subsets = list(oracles.subsets(len(p.lower)))
    inside = [(extreme_mass(q, s, -1), extreme_mass(p, s, 1)) for s in subsets]
    outside = [(extreme_mass(q, s, 1), extreme_mass(p, s, -1)) for s in subsets]
    assert bracket.inner == hull_region(np.array(inside))
    assert hull_region(np.array(outside)) <= bracket.outer


def test_the_outer_region_of_a_box_is_tight_where_one_sum_decides():
    p = MassBox(np.array([0.1, 0.2, 0.3]), np.array([0.3, 0.4, 0.5]))
    q = MassBox(np.array([0.4, 0.1, 0.1]), np.array([0.6, 0.3, 0.3]))
    subsets = list(oracles.subsets(3))
    outside = [(extreme_mass(q, s, 1), extreme_mass(p, s, -1)) for s in subsets]
    assert box_bracket(p, q).outer == hull_region(np.array(outside))


@given(box_pairs)
def test_a_box_bracket_holds_the_regions_of_its_pairs(pair):
    (p, p_inside), (q, q_inside) = pair
    region, bracket = Region.from_pmfs(p_inside, q_inside), box_bracket(p, q)
    assert bracket.inner <= region <= bracket.outer


def test_a_box_without_information_is_trivial():
    everything = MassBox(np.zeros(3), np.ones(3))
    bracket = box_bracket(everything, everything)
    assert bracket.inner.total_variation == 0
    assert bracket.outer.total_variation == 1


# -- level sets of a score ------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100, 4097, 10**6])
def test_level_set_limits_are_ordered_and_mirrored(size):
    counts = np.unique(np.linspace(0, size, 50).astype(int))
    limits = level_set_limits(counts, size, 0.05)
    assert (limits.lower <= counts / size).all()
    assert (limits.upper >= counts / size).all()
    assert (np.diff(limits.lower) >= 0).all()
    assert limits.lower[0] == 0
    assert limits.upper[-1] == 1
    mirrored = level_set_limits(size - counts, size, 0.05)
    assert mirrored.lower == pytest.approx(1 - limits.upper, abs=1e-15)


@pytest.mark.parametrize("size", [5, 60, 500])
def test_level_set_limits_hold_for_all_sets_at_once(size):
    rng = np.random.default_rng(size)
    counts = np.arange(size + 1)
    for level in (0.5, 0.9):
        limits = level_set_limits(counts, size, 1 - level)
        uniforms = np.sort(rng.random((REPLICATES, size)), axis=1)
        # level sets (0, t) with i samples have masses from the i-th least sample to the next
        above = (limits.lower[1:] <= uniforms).all(axis=1)
        below = (uniforms <= limits.upper[:-1]).all(axis=1)
        coverage = (above & below).mean()
        assert coverage >= least_coverage(level)
        assert level == 0.9 or coverage < 0.95  # not for want of sharpness


def test_the_least_nonempty_level_set_has_some_mass():
    # a Beta(1, 100) variable exceeds 1 − (1 − a)^{1/100} with probability 1 − a; 35 rungs share α/4
    limits, rungs = level_set_limits(np.array([1]), 100, 0.05), 35
    assert limits.lower[0] == pytest.approx(-math.expm1(math.log1p(-0.0125 / rungs) / 100))


def test_the_band_of_scores_gives_each_law_half_of_the_error():
    counts = from_scores([3, 2, 2, 1] * 50, [2, 1, 1, 0] * 40)
    above = np.array([0, 50, 150, 200, 200]), np.array([0, 0, 40, 120, 160])
    expected = level_set_bracket(*(level_set_limits(n, n[-1], 0.05) for n in above))
    band = counts.confidence_band(0.9)
    assert band.inner == expected.inner
    assert band.outer == expected.outer


def test_a_question_about_scores_spends_nothing_on_the_other_side():
    counts = from_scores([3, 2, 2, 1] * 50, [2, 1, 1, 0] * 40)
    for eps in (0.05, 0.3):
        wider = counts.confidence_band(0.8).inner.boundary(eps)
        assert certify(counts, eps, 0.5, level=0.9).certain_delta == pytest.approx(wider, abs=1e-15)


@pytest.mark.filterwarnings("ignore:the scores are")
def test_the_folds_of_scores_share_the_error_and_are_joined():
    folds = from_scores([3, 2, 2, 1] * 50, [2, 1, 1, 0] * 40), from_scores([1, 0] * 60, [0, 0, 1] * 30)
    band, each = FoldedScores(folds).confidence_band(0.9), [fold.confidence_band(0.95) for fold in folds]
    assert band.inner == each[0].inner | each[1].inner
    assert band.outer == each[0].outer | each[1].outer
    joined = folds[0].confidence_band(0.9).inner | folds[1].confidence_band(0.9).inner
    assert certify(FoldedScores(folds), 0.3, 0.4, 0.9).certain_delta == joined.boundary(0.3)
    assert band.inner <= FoldedScores(folds).region <= band.outer


def test_corners_are_sharper_than_massart():
    limits = level_set_limits(np.array([0, 5, 500]), 1000, 0.05)
    massart = math.sqrt(math.log(2 / 0.05) / 2000)
    assert limits.upper[0] < massart / 3
    assert limits.upper[1] - 0.005 < massart / 2
    assert limits.upper[2] - 0.5 < 1.1 * massart


def test_points_outside_the_unit_square_add_nothing_to_a_hull():
    points = np.array([(0.2, 0.5), (0.5, 0.4), (0.6, 0.9), (-0.1, 0.3), (1.2, 0.9), (0.5, -0.2), (-1, -1)])
    expected = [(0, 0), (0, 0.3), (0.6, 0.9), (1, 1)]
    assert hull_region(points).vertices == pytest.approx(np.array(expected))


def test_a_hull_of_many_points_is_the_hull():
    points = np.sort(np.random.default_rng(0).random((5000, 2)) ** [[1, 0.3]], axis=0)
    points[2000:2003] = points[2000]
    with_corners = np.vstack([[0, 0], points, [1, 1]])
    plain = Region.from_vertices(upper_hull(with_corners))
    assert hull_region(points).vertices == pytest.approx(plain.vertices, abs=1e-14)
    assert len(plain.p) > 10


def test_a_level_set_bracket_by_hand():
    p, q = MassBox(np.array([0.7]), np.array([0.9])), MassBox(np.array([0.1]), np.array([0.2]))
    bracket = level_set_bracket(p, q)
    assert bracket.inner.vertices == pytest.approx(np.array([(0, 0), (0.2, 0.7), (1, 1)]))
    assert bracket.outer.vertices == pytest.approx(np.array([(0, 0), (0.1, 0.9), (1, 1)]))


# -- coverage -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [slow(0.5), 0.9])
@pytest.mark.parametrize("name", PAIRS)
def test_bands_of_counts_cover(name, level):
    p, q, widest = PAIRS[name]
    truth = Region.from_pmfs(p, q)
    rng = np.random.default_rng(7)
    covered, widths, lowest = [], [], []
    for real, generated in zip(
        rng.multinomial(200, p, REPLICATES), rng.multinomial(150, q, REPLICATES), strict=True
    ):
        counts = from_counts(real, generated)
        band = counts.confidence_band(level)
        masses_held = all(
            (box.lower <= law).all() and (law <= box.upper).all()
            for box, law in zip(counts.boxes(level), (p, q), strict=True)
        )
        covered.append(band.inner <= truth <= band.outer and masses_held)
        widths.append(band.width)
        lowest.append(band.inner.total_variation)
    assert np.mean(covered) >= least_coverage(level)
    assert np.mean(widths) < widest
    assert (np.mean(lowest) > 0.08) == (truth.total_variation > 0.3)


@pytest.mark.parametrize("cells", [2, 3, 10, 300])
def test_equal_counts_never_pass_for_a_difference(cells):
    counts = np.random.default_rng(cells).integers(1, 1000, cells)
    for level in (1e-6, 0.5, 0.95):
        assert from_counts(counts, counts).confidence_band(level).inner.total_variation == 0
        assert from_counts(counts, 3 * counts).confidence_band(level).inner.total_variation == 0


def test_bands_of_counts_close_in_on_the_region():
    p, q = FOUR_MODES
    rng = np.random.default_rng(0)
    widths = []
    for size in (100, 10_000, 1_000_000):
        counts = from_counts(rng.multinomial(size, p), rng.multinomial(size, q))
        band = counts.confidence_band()
        assert band.inner <= Region.from_pmfs(p, q) <= band.outer
        widths.append(band.width)
    assert widths[0] < 0.28
    assert widths[0] > 7 * widths[1] > 60 * widths[2]


TIED = np.array([[0.1, 0.4, 0.1, 0.4], [0.3, 0.2, 0.4, 0.1]])
"""Laws of a score with four values, falling; thresholds alone, not in order of likelihood."""


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_bands_of_tied_scores_cover(level):
    p, q = TIED
    truth = hull_region(np.column_stack([np.cumsum(q), np.cumsum(p)]))
    rng = np.random.default_rng(3)
    values = np.array([3.0, 2.0, 1.0, 0.0])
    covered, widths = [], []
    for _ in range(REPLICATES):
        band = from_scores(rng.choice(values, 50, p=p), rng.choice(values, 80, p=q)).confidence_band(level)
        covered.append(band.inner <= truth <= band.outer)
        widths.append(band.width)
    assert np.mean(covered) >= least_coverage(level)
    assert np.mean(widths) < 0.25


def gaussian_region(shift):
    """N(shift, 1) against N(0, 1): a polygon just inside the boundary Φ(Φ⁻¹(x) + shift)."""
    at = np.linspace(8, -8, 4001)
    points = np.column_stack([norm.sf(at), norm.sf(at - shift)])
    return hull_region(points)


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_bands_of_continuous_scores_cover(level):
    truth = gaussian_region(1.0)
    rng = np.random.default_rng(11)
    covered, lowest = [], []
    for _ in range(REPLICATES):
        band = from_scores(rng.normal(1, 1, 100), rng.normal(0, 1, 150)).confidence_band(level)
        covered.append(band.inner <= truth <= band.outer)
        lowest.append(band.inner.total_variation)
    assert np.mean(covered) >= least_coverage(level)
    assert np.mean(lowest) > 0.1  # of 0.383


def test_bands_of_cross_fitted_scores_cover_all_curves_and_stay_inside_the_region():
    dimension, shift, level = 3, 1.0, 0.8
    region = gaussian_region(shift)
    rng = np.random.default_rng(5)
    covered, lowest = [], []
    for replicate in range(100):
        directions = []

        def by_means(features, labels, directions=directions):
            direction = features[labels == 1].mean(axis=0) - features[labels == 0].mean(axis=0)
            directions.append(direction / np.linalg.norm(direction))
            scale = 10.0 ** len(directions)  # scores of different folds are never compared
            return lambda rows, along=directions[-1]: scale * (rows @ along)

        real = rng.normal(0, 1, (101, dimension)) + np.array([shift, 0, 0])
        scores = cross_fit(real, rng.normal(0, 1, (140, dimension)), by_means, seed=replicate)
        first, second = (gaussian_region(shift * max(d[0], 0.0)) for d in directions)
        band = scores.confidence_band(level)
        assert first | second <= region
        covered.append(band.inner <= first | second <= band.outer)
        lowest.append(band.inner.total_variation)
    assert np.mean(covered) >= level - 3 * math.sqrt(level * (1 - level) / 100)
    assert np.mean(lowest) > 0.05


def test_folds_of_a_perfect_score_are_as_tight_as_their_design():
    """5 of 25 modes are lost, 2000 samples a side, two folds; the true values are .200, .208 and .240."""
    rng, rows = np.random.default_rng(6), []
    for seed in range(20):
        real, generated = rng.integers(0, 25, 2000), rng.integers(5, 25, 2000)
        scores = cross_fit(real, generated, lambda rows, labels: lambda rows: rows[:, 0] < 5, seed=seed)
        inner = scores.confidence_band().inner
        rows.append([inner.total_variation, *inner.boundary([0.01, 0.05])])
    assert np.mean(rows, axis=0) == pytest.approx(np.array([0.148, 0.158, 0.192]), abs=0.01)


# -- the plug-in overstates -----------------------------------------------------------------------------


def mean_plug_in(p, q, n_real, n_generated):
    """The exact mean total variation of the empirical pair."""
    return sum(
        a * b * abs(x / n_real - y / n_generated).sum() / 2
        for (x, a), (y, b) in itertools.product(multinomial(n_real, p), multinomial(n_generated, q))
    )


@pytest.mark.parametrize(("p", "q"), [([0.4, 0.4, 0.2], [0.5, 0.3, 0.2]), ([0.5, 0.5], [0.7, 0.3])])
def test_the_plug_in_overstates_and_less_with_more_samples(p, q):
    true = sum(abs(a - b) for a, b in zip(p, q, strict=True)) / 2
    few, more = mean_plug_in(p, q, 5, 5), mean_plug_in(p, q, 10, 10)
    assert few > more > true + 0.01


def test_the_noise_floor_is_the_mean_over_all_deals():
    real, generated = [2, 0, 1, 1], [1, 3, 0, 1]
    pooled = np.repeat(np.arange(4), np.add(real, generated))
    distances = []
    for chosen in itertools.combinations(range(9), 4):
        x = np.bincount(pooled[list(chosen)], minlength=4)
        y = np.add(real, generated) - x
        distances.append(
            sum(abs(Fraction(int(a), 4) - Fraction(int(b), 5)) for a, b in zip(x, y, strict=True)) / 2
        )
    exact = float(sum(distances) / len(distances))
    assert from_counts(real, generated).noise_floor() == pytest.approx(exact, rel=1e-13)


def test_the_noise_floor_of_equal_laws_is_the_mean_plug_in():
    law = [0.5, 0.3, 0.2]
    mean = sum(
        a * b * from_counts(x, y).noise_floor()
        for (x, a), (y, b) in itertools.product(multinomial(5, law), multinomial(6, law))
    )
    assert mean == pytest.approx(mean_plug_in(law, law, 5, 6), rel=1e-12)


def test_the_noise_floor_of_huge_counts_is_normal():
    # E|N(0, s²)| = s √(2/π) for each of the two cells, s² = (1/4)(1/n + 1/n)
    size = 10**12
    expected = math.sqrt(2 / math.pi) * math.sqrt(0.5 / (2 * size))
    counts = from_counts([size, size], [size, size])
    version = tuple(map(int, scipy.__version__.split(".")[:2]))
    within = 1e-9 if version >= (1, 17) else 1e-4  # its binomial masses lost digits before
    assert counts.noise_floor() == pytest.approx(expected, rel=within)


def test_the_noise_floor_of_scores_is_the_mean_over_deals():
    scores = from_scores([5, 3, 3, 1], [4, 3, 2, 2])
    pooled = np.repeat(scores.values, scores.real + scores.generated)
    distances = []
    for chosen in itertools.combinations(range(8), 4):
        held = np.isin(np.arange(8), chosen)
        region = from_scores(pooled[held], pooled[~held]).region
        distances.append(region.total_variation)
    tolerance = 4 * np.std(distances) / math.sqrt(100)
    assert scores.noise_floor() == pytest.approx(np.mean(distances), abs=tolerance)
    assert scores.noise_floor() == scores.noise_floor()
