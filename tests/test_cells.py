"""Regions of continuous distributions: closed forms, quadrature, and inputs that must be refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, optimize, stats
from scipy.special import gamma

from modecollapse import PrecisionError, Region, RegionBracket, packed_tv_bracket
from modecollapse.cells import Cells, _middle
from modecollapse.densities import Density, mixture
from modecollapse.strategies import pairs

ROUNDING = 1e-13
UNIT = np.concatenate([np.logspace(-12, -2, 60), np.linspace(0.01, 0.99, 300), 1 - np.logspace(-12, -2, 60)])
NORMAL, UNIFORM = stats.norm(), stats.uniform()


def assert_between(bracket, x, g):
    """The points (x, g) of the true boundary lie between those of the two regions."""
    assert (bracket.inner.boundary(x) <= g + ROUNDING).all()
    assert (bracket.outer.boundary(x) >= g - ROUNDING).all()


def assert_contains(bracket, value, slack=ROUNDING):
    assert bracket.lower - slack <= value <= bracket.upper + slack


def hockey_stick(p, q, order):
    """∫(p−γq)⁺ − (1−γ)⁺ by the trapezoidal rule: to 2e-6 for slopes of at most 7."""
    x = np.linspace(-30, 30, 40_001)
    excess = np.maximum(p.pdf(x) - order * q.pdf(x), 0)
    return float(integrate.trapezoid(excess, x)) - max(1 - order, 0)


# -- closed forms -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1e-2, 1e-4, 1e-7])
@pytest.mark.parametrize("shift", [0.05, 1, 4])
def test_normals_of_equal_variance(shift, width):
    bracket = RegionBracket.from_distributions(stats.norm(shift), NORMAL, width)
    assert_between(bracket, UNIT, NORMAL.cdf(NORMAL.ppf(UNIT) + shift))
    assert_contains(bracket.divergence("tv"), 2 * NORMAL.cdf(shift / 2) - 1)
    assert bracket.width <= width
    assert bracket.inner <= bracket.outer


def test_normals_in_packs():
    shift, m = 0.3, 40
    bracket = RegionBracket.from_distributions(stats.norm(shift), NORMAL, 1e-5)
    low, high = (packed_tv_bracket(region, m) for region in bracket)
    truth = 2 * NORMAL.cdf(math.sqrt(m) * shift / 2) - 1
    assert low.lower <= truth <= high.upper
    assert high.upper - low.lower < 2e-3


@pytest.mark.parametrize("mean", [0, 1, -2.5])
def test_normals_of_different_variance(mean):
    p, q = stats.norm(mean), stats.norm(0, 2)
    bracket = RegionBracket.from_distributions(p, q, 1e-5)
    centre, radius = 4 * mean / 3, np.logspace(-6, 1.2, 300)  # log(p/q) = const − 3/8 (x − centre)²
    x, g = (law.cdf(centre + radius) - law.cdf(centre - radius) for law in (q, p))
    assert_between(bracket, x, g)
    assert bracket.width <= 1e-5


def test_exponentials():
    bracket = RegionBracket.from_distributions(stats.expon(), stats.expon(scale=0.5), 1e-6)
    assert_between(bracket, UNIT, np.sqrt(UNIT))


def test_pareto_tails():
    bracket = RegionBracket.from_distributions(stats.pareto(0.5), stats.pareto(1.5), 1e-6)  # P(X > c) = c^−½
    assert_between(bracket, UNIT, np.cbrt(UNIT))


def test_uniforms_give_exact_polygons():
    bracket = RegionBracket.from_distributions(UNIFORM, stats.uniform(0.3, 1))
    exact = Region.from_pmfs([0.3, 0.7, 0], [0, 0.7, 0.3])
    assert bracket.inner == exact == bracket.outer
    assert bracket.width < 1e-15


@pytest.mark.parametrize("gap", [0, 0.5])
def test_disjoint_supports(gap):
    bracket = RegionBracket.from_distributions(UNIFORM, stats.uniform(1 + gap, 1))
    assert bracket.inner == Region.from_pmfs([1, 0], [0, 1]) == bracket.outer


def test_laplace_tails_are_letters():
    bracket = RegionBracket.from_distributions(stats.laplace(1), stats.laplace(), 1e-6)
    assert_contains(bracket.divergence("tv"), 1 - math.exp(-0.5))
    for region in bracket:
        for tail, mass in ((1, 0.5), (-1, 0.5 / math.e)):
            letters = (np.abs(region.log_ratio - tail) < 1e-5) & (region.p > 0.05)
            assert region.p[letters].sum() == pytest.approx(mass, abs=1e-3)
            assert letters.sum() <= 2  # one, or spread by the rounding of the ratio


@pytest.mark.parametrize("shift", [0.01, 1, 100])
def test_cauchy_location(shift):
    bracket = RegionBracket.from_distributions(stats.cauchy(shift), stats.cauchy(), 1e-7)
    assert_contains(bracket.divergence("tv"), 2 / math.pi * math.atan(shift / 2))
    assert bracket.width <= 1e-7


def test_heavy_tail_against_a_light_one():
    t = optimize.brentq(lambda x: stats.cauchy.logpdf(x) - NORMAL.logpdf(x), 1, 3, xtol=1e-14)
    bracket = RegionBracket.from_distributions(stats.cauchy(), NORMAL, 1e-6)
    assert_contains(bracket.divergence("tv"), 2 * (stats.cauchy.sf(t) - NORMAL.sf(t)))


@pytest.mark.parametrize(
    ("p", "q", "crossings"),
    [
        (UNIFORM, NORMAL, [0, 1]),
        (stats.expon(), UNIFORM, [1]),
        (stats.beta(0.5, 0.5), UNIFORM, [0.5 - math.sqrt(0.25 - 1 / math.pi**2)]),
        (stats.beta(2, 5), stats.beta(5, 2), [0.5]),
    ],
)
def test_total_variation_for_different_supports(p, q, crossings):
    between = np.array([*crossings, *(1 - c for c in crossings if p.cdf(0) == q.cdf(0) and c < 0.5), np.inf])
    steps = np.diff(p.cdf(np.append(-np.inf, np.sort(between))) - q.cdf(np.append(-np.inf, np.sort(between))))
    bracket = RegionBracket.from_distributions(p, q, 1e-6)
    assert_contains(bracket.divergence("tv"), steps[steps > 0].sum())
    assert bracket.width <= 1e-6
    assert bracket.inner <= bracket.outer


def test_equal_distributions_have_the_diagonal():
    bracket = RegionBracket.from_distributions(NORMAL, stats.norm())
    assert bracket.inner.vertices.tolist() == [[0, 0], [1, 1]]
    assert bracket.outer.total_variation < 1e-12


def test_near_normals_keep_relative_accuracy():
    shift = 1e-6
    low, high = RegionBracket.from_distributions(stats.norm(shift), NORMAL, 1e-12).divergence("tv")
    truth = shift / math.sqrt(2 * math.pi)  # less a relative shift²/24
    assert low == pytest.approx(truth, rel=1e-6)
    assert high == pytest.approx(truth, rel=1e-6)


@pytest.mark.parametrize("shift", [1, -1])
def test_tails_are_relatively_accurate(shift):
    inner = RegionBracket.from_distributions(stats.norm(shift), NORMAL, 1e-9).inner
    assert inner.q[0] < 1e-12
    assert inner.p[0] == pytest.approx(NORMAL.sf(NORMAL.isf(inner.q[0]) - 1), rel=1e-11)


def test_far_normals_leave_no_overlap():
    low, high = RegionBracket.from_distributions(stats.norm(40), NORMAL, 1e-9).divergence("tv")
    assert 1 - 2e-9 <= low <= high <= 1 + 1e-15


# -- mixtures, and densities of one's own -----------------------------------------------------------------


@st.composite
def normal_mixtures(draw):
    k = draw(st.integers(1, 3))
    weights = np.array(draw(st.lists(st.floats(0.1, 1), min_size=k, max_size=k)))
    components = [stats.norm(draw(st.floats(-4, 4)), draw(st.floats(0.2, 4))) for _ in range(k)]
    return mixture(weights / weights.sum(), components)


@given(normal_mixtures(), normal_mixtures(), st.sampled_from([0.3, 1, 2.5]))
def test_mixtures_against_quadrature(p, q, order):
    coarse, fine = (RegionBracket.from_distributions(p, q, width) for width in (1e-2, 1e-4))
    assert_contains(fine.divergence("hockey_stick", order=order), hockey_stick(p, q, order), slack=2e-6)
    assert fine.width <= 1e-4
    assert fine.inner <= fine.outer
    assert coarse.inner <= fine.outer
    assert fine.inner <= coarse.outer


def test_a_mixture_jumps_at_the_ends_of_its_components():
    p = mixture([0.25, 0.75], [UNIFORM, stats.uniform(0.5, 1)])
    bracket = RegionBracket.from_distributions(p, stats.uniform(0, 1.5))
    exact = Region.from_densities([0, 0.5, 1, 1.5], [0.25, 1, 0.75], [2 / 3] * 3)
    assert bracket.inner == exact == bracket.outer


def test_a_mixture_adds_up():
    x = np.linspace(-3, 9, 50)
    parts = [NORMAL, stats.expon(), mixture([0.5, 0.5], [stats.norm(5), UNIFORM])]
    law = mixture([0.2, 0.3, 0.5], parts)
    expected = 0.2 * parts[0].pdf(x) + 0.3 * parts[1].pdf(x) + 0.25 * (stats.norm(5).pdf(x) + UNIFORM.pdf(x))
    assert law.pdf(x) == pytest.approx(expected, rel=1e-13)
    assert law.cdf(x) + law.sf(x) == pytest.approx(1, rel=1e-14)
    assert law.sf(np.array([30.0])) == pytest.approx(0.3 * stats.expon.sf(30), rel=1e-12)
    assert law.support == (-np.inf, np.inf)


def test_a_density_by_functions():
    rising = Density(lambda x: 2 * x, lambda x: x * x, (0, 1))
    bracket = RegionBracket.from_distributions(rising, Density(np.ones_like, lambda x: x, (0, 1)), 1e-6)
    assert_between(bracket, UNIT, 1 - (1 - UNIT) ** 2)


@pytest.mark.parametrize("as_argument", [True, False])
def test_breaks_make_steps_exact(as_argument):
    def pdf(x):
        return np.where(x < 1 / 3, 1.5, 0.75)

    def cdf(x):
        return np.where(x < 1 / 3, 1.5 * x, 0.25 + 0.75 * x)

    law = Density(pdf, cdf, (0, 1), breaks=() if as_argument else (1 / 3,))
    bracket = RegionBracket.from_distributions(law, UNIFORM, breaks=[1 / 3] if as_argument else [])
    assert bracket.inner == Region.from_pmfs([0.5, 0.5], [1 / 3, 2 / 3]) == bracket.outer


def test_an_unnamed_step_is_found():
    law = Density(
        lambda x: np.where(x < 1 / 3, 1.5, 0.75),
        lambda x: np.where(x < 1 / 3, 1.5 * x, 0.25 + 0.75 * x),
        (0, 1),
    )
    bracket = RegionBracket.from_distributions(law, UNIFORM, 1e-8)
    assert_contains(bracket.divergence("tv"), 1 / 6)
    assert bracket.width <= 1e-8


@pytest.mark.skipif(
    not hasattr(stats, "Normal"), reason="distributions of the new style came with scipy 1.15"
)
def test_distributions_of_the_new_style():
    new = RegionBracket.from_distributions(stats.Normal(mu=1.0), stats.Normal())
    old = RegionBracket.from_distributions(stats.norm(1), NORMAL)
    for ours, theirs in zip(new, old, strict=True):
        assert ours == theirs
    blend = stats.Mixture([stats.Normal(), stats.Normal(mu=2.0)], weights=[0.3, 0.7])
    same = mixture([0.3, 0.7], [NORMAL, stats.norm(2)])
    assert (
        RegionBracket.from_distributions(blend, stats.Normal()).inner
        == RegionBracket.from_distributions(same, NORMAL).inner
    )


def test_any_object_with_pdf_and_cdf():
    class Logistic:
        def pdf(self, x):
            return self.cdf(x) * self.cdf(-x)

        def cdf(self, x):
            return 1 / (1 + np.exp(-x))

    bracket = RegionBracket.from_distributions(Logistic(), stats.logistic(1), 1e-6)
    assert_contains(bracket.divergence("tv"), 2 * stats.logistic.cdf(0.5) - 1)


@pytest.mark.parametrize("scale", [2.0**-600, 2.0**-30, 2.0**30, 2.0**600])
@pytest.mark.parametrize("location", [0, 1e6])
def test_units_do_not_matter(location, scale):
    here = RegionBracket.from_distributions(stats.norm(1), NORMAL)
    there = RegionBracket.from_distributions(
        stats.norm(scale * (location + 1), scale), stats.norm(scale * location, scale)
    )
    assert here.inner <= there.outer
    assert there.inner <= here.outer


# -- what the grid might miss -----------------------------------------------------------------------------


@pytest.mark.parametrize("weight", [1e-2, 1e-5, 1e-7])
@pytest.mark.parametrize("spread", [1e-4, 1e-10])
def test_a_narrow_spike_is_found(weight, spread):
    spike = mixture([1 - weight, weight], [NORMAL, stats.norm(0.3, spread)])
    bracket = RegionBracket.from_distributions(spike, NORMAL, weight / 100)
    low, high = bracket.divergence("tv")
    assert weight * (1 - 1e3 * spread) - weight / 50 <= low <= weight <= high + weight / 50
    top = bracket.outer.log_ratio[0]
    assert top >= math.log(weight / (math.sqrt(2 * math.pi) * spread * NORMAL.pdf(0.3)))


def wave(periods):
    """1 + sin/2 on the unit interval."""
    rate = 2 * math.pi * periods
    return Density(
        lambda x: 1 + 0.5 * np.sin(rate * x), lambda x: x + (1 - np.cos(rate * x)) / 2 / rate, (0, 1)
    )


@pytest.mark.parametrize("periods", [1, 20, 64])
def test_many_extrema_are_followed(periods):
    bracket = RegionBracket.from_distributions(wave(periods), UNIFORM, 1e-5)
    assert_contains(bracket.divergence("tv"), 0.5 / math.pi)
    assert bracket.outer.log_ratio[bracket.outer.p > 1e-15][0] == pytest.approx(math.log(1.5), abs=1e-12)


@pytest.mark.parametrize("periods", [256, 512, 10**6])  # powers of two: halves of cells see the value 1 alone
def test_too_many_extrema_are_refused(periods):
    with pytest.raises(ValueError, match="turns more than 200 times"):
        RegionBracket.from_distributions(wave(periods), UNIFORM)


def test_a_wave_in_step_with_halved_cells_is_seen():
    def phase(x):
        """Of 512 periods in the middle half, exactly 0 at their ends."""
        return 2 * math.pi * (1024 * x % 1) * (abs(x - 1.5) <= 0.25)

    ripple = Density(
        lambda x: 1 + 0.5 * np.sin(phase(x)),
        lambda x: x - 1 + (1 - np.cos(phase(x))) / (4096 * math.pi),
        (1, 2),
    )
    with pytest.raises(ValueError, match="turns more than 200 times"):
        RegionBracket.from_distributions(ripple, stats.uniform(1, 1))


def test_a_pdf_that_does_not_belong_to_its_cdf_is_refused():
    foreign = Density(stats.norm(1).pdf, NORMAL.cdf, sf=NORMAL.sf)
    with pytest.raises(ValueError, match="does each pdf belong to its cdf"):
        RegionBracket.from_distributions(foreign, NORMAL)


def test_an_atom_is_refused():
    lumpy = Density(NORMAL.pdf, lambda x: (NORMAL.cdf(x) + (x >= 0.2)) / 2)
    with pytest.raises(ValueError, match=r"interval \(0\.1999.*does each pdf"):
        RegionBracket.from_distributions(lumpy, NORMAL)


def test_a_width_out_of_reach_tells_the_best_bracket():
    # nearly half of the first law lies between 0 and the least positive float
    shape = 1e-3
    with pytest.raises(
        PrecisionError, match=r"width of 0\.0001 cannot be reached; \d+ cells give 0\.\d+"
    ) as error:
        RegionBracket.from_distributions(stats.gamma(shape), stats.gamma(2 * shape))
    # F(x) = x^a/Γ(1+a) near 0, and the greatest z/Γ(1+a) − z²/Γ(1+2a) is
    assert_contains(error.value.bracket, gamma(1 + 2 * shape) / (4 * gamma(1 + shape) ** 2))


def test_the_number_of_cells_is_bounded():
    with pytest.raises(PrecisionError, match="1e-16"):
        RegionBracket.from_distributions(stats.norm(1), NORMAL, 1e-16)


# -- the parts --------------------------------------------------------------------------------------------


@given(pairs(range(2, 7)), st.floats(0, 3), st.floats(0, 3))
def test_a_spread_cell_holds_whatever_the_cell_may_hide(pair, below, above):
    p, q = (np.array(masses) for masses in pair)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.log(p) - np.log(q)
    ratios = ratios[(p > 0) | (q > 0)]
    one = np.ones(1)
    cell = Cells(0 * one, one, one, one, ratios.min() - below * one, ratios.max() + above * one)
    spread = Region.from_pmfs(*cell.spread())
    hidden = Region.from_pmfs(p, q)
    assert hidden <= spread
    if below == above == 0 and len(hidden.p) <= 2:
        assert spread <= hidden


def test_the_gap_of_a_cell_is_the_height_of_its_triangle():
    cell = Cells(*(np.array([value]) for value in (0.0, 1.0, 0.5, 0.5, -1.0, 2.0)))
    p, q = cell.spread()
    assert p.sum() == pytest.approx(0.5) == q.sum()
    assert np.log(p / q) == pytest.approx([2, -1])
    assert cell.gap()[0] == pytest.approx(p[0] - q[0])  # above the chord, which is the diagonal


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(finite, finite)
def test_the_middle_lies_between(first, second):
    left, right = np.array([min(first, second)]), np.array([max(first, second)])
    steps = 0
    while (middle := _middle(Cells(left, right, *[left] * 4)))[0] not in (left[0], right[0]):
        assert left[0] < middle[0] < right[0]
        left, steps = middle, steps + 1
    assert steps <= 64
    assert left[0] == right[0] or np.nextafter(left[0], np.inf) == right[0]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (-np.inf, np.inf, 0),
        (-3, np.inf, 0),
        (0, np.inf, 1),
        (2, np.inf, 32),
        (-np.inf, -2, -32),
        (-np.inf, 5, 0),
        (1, 2, 1.5),
    ],
)
def test_where_cells_are_halved(left, right, expected):
    ends = np.array([left], dtype=float), np.array([right], dtype=float)
    assert _middle(Cells(*ends, *[ends[0]] * 4)) == expected


# -- what is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p", "message"),
    [
        (3, "methods pdf and cdf, got 3"),
        (stats.poisson(2), "p must be continuous.*use from_pmfs"),
        (stats.gaussian_kde([0, 1, 3]), "methods pdf and cdf"),
        (stats.norm([0, 1]), "support of p must be an interval"),
        (Density(NORMAL.pdf, NORMAL.cdf, (1, 1)), r"support of p must be an interval.*\(1, 1\)"),
        (Density(NORMAL.pdf, NORMAL.cdf, (0, 1)), "cdf of p must be 0 at 0, got 0.5"),
        (Density(NORMAL.pdf, NORMAL.cdf, (-np.inf, 5)), "cdf of p must be 1 at 5, got 0.99999"),
        (Density(NORMAL.pdf, NORMAL.cdf, sf=NORMAL.cdf), "sf of p must be 1 at -inf, got 0"),
        (Density(lambda x: 0 * x - 2, lambda x: x, (0, 1)), r"negative, got pdf\(.*\) = -2"),
        (
            Density(lambda x: 1 + 0 * x, lambda x: x + 0.3 * np.sin(2 * np.pi * x), (0, 1)),
            "cdf of p must rise",
        ),
        (Density(lambda x: x / x, lambda x: x / x * x, (0, 1)), "cdf of p must be 0 at 0, got nan"),
    ],
)
def test_bad_distributions_are_refused(p, message):
    with pytest.raises(ValueError, match=message):
        RegionBracket.from_distributions(p, UNIFORM)


@pytest.mark.skipif(
    not hasattr(stats, "Binomial"), reason="distributions of the new style came with scipy 1.15"
)
def test_discrete_distributions_of_the_new_style_are_refused():
    with pytest.raises(ValueError, match=r"q must be continuous.*use from_pmfs"):
        RegionBracket.from_distributions(UNIFORM, stats.Binomial(n=5, p=0.3))


@pytest.mark.parametrize("width", [0, -1, np.nan, np.inf])
def test_the_width_must_be_positive(width):
    with pytest.raises(ValueError, match=rf"width must be (positive|finite), got {width}"):
        RegionBracket.from_distributions(UNIFORM, NORMAL, width)


def test_breaks_must_be_finite():
    with pytest.raises(ValueError, match="breaks must be finite, got nan"):
        RegionBracket.from_distributions(UNIFORM, NORMAL, breaks=[0, np.nan])


def test_mixtures_need_a_weight_a_component():
    with pytest.raises(ValueError, match="one weight a component, got 2 for 1"):
        mixture([0.5, 0.5], [NORMAL])
    with pytest.raises(ValueError, match="weights must sum to 1"):
        mixture([0.5, 0.6], [NORMAL, UNIFORM])
    with pytest.raises(ValueError, match=r"components\[1\] must be a frozen continuous"):
        mixture([0.5, 0.5], [NORMAL, "normal"])


# -- laws on vectors --------------------------------------------------------------------------------------

TILTED = np.array([[2.0, 0.6], [0.6, 0.5]])


@pytest.mark.parametrize("order", [1, 2, 0.3])
def test_multivariate_normals_of_one_covariance_against_quadrature(order):
    p, q = stats.multivariate_normal([1, -0.5], TILTED), stats.multivariate_normal([0, 0.2], TILTED)
    side = np.linspace(-12, 12, 1201)
    points = np.stack(np.meshgrid(side, side / 2), axis=-1)
    excess = np.maximum(p.pdf(points) - order * q.pdf(points), 0).sum() * 0.02 * 0.01
    bracket = RegionBracket.from_distributions(p, q, width=1e-6)
    assert_contains(bracket.divergence("hockey_stick", order), excess - max(1 - order, 0), slack=2e-5)


def test_multivariate_normals_by_their_distance():
    covariance = np.diag([1.0, 4.0, 9.0])
    p, q = stats.multivariate_normal([1, 2, 3], covariance), stats.multivariate_normal([0, 0, 0], covariance)
    plane = RegionBracket.from_distributions(p, q)
    line = RegionBracket.from_distributions(stats.norm(math.sqrt(3)), NORMAL)
    assert plane.inner == line.inner
    assert plane.outer == line.outer
    steps = RegionBracket.from_ratio_cells(p, q, step=0.1)
    assert steps.inner.total_variation == pytest.approx(2 * NORMAL.cdf(math.sqrt(3) / 2) - 1, abs=1e-3)
    same = RegionBracket.from_distributions(p, p)
    assert same.outer.total_variation < 1e-12


@pytest.mark.parametrize(
    ("p", "q", "message"),
    [
        (
            stats.multivariate_normal([0, 0]),
            stats.multivariate_normal([0, 0], TILTED),
            r"two multivariate normals must have one covariance, got \[\[1. 0.\] \[0. 1.\]\] and \[\[2.",
        ),
        (
            stats.multivariate_normal([0, 0]),
            stats.multivariate_normal([0, 0, 0]),
            "p and q must have the same dimension, got 2 and 3",
        ),
        (
            stats.multivariate_normal([0, 0], np.ones((2, 2)), allow_singular=True),
            stats.multivariate_normal([1, 1], np.ones((2, 2)), allow_singular=True),
            "the covariance must have full rank",
        ),
        (
            stats.multivariate_normal([0, 0]),
            stats.multivariate_t([0, 0]),
            "q must be a frozen multivariate normal, .* got multivariate_t_frozen; use samples",
        ),
        (stats.dirichlet([1, 2]), stats.dirichlet([2, 1]), "p must be .* got dirichlet_frozen"),
        (
            stats.multivariate_normal,
            stats.multivariate_normal([0, 0]),
            "p must be a frozen .* got multivariate",
        ),
        (NORMAL, stats.multivariate_normal([0, 0]), "q must be a distribution on the line, got multivariate"),
        (stats.multivariate_normal([0, 0]), NORMAL, "p must be a distribution on the line, got multivariate"),
    ],
)
def test_other_laws_on_vectors_are_refused(p, q, message):
    for door in (RegionBracket.from_distributions, RegionBracket.from_ratio_cells):
        with pytest.raises(ValueError, match=message):
            door(p, q)


def test_components_on_vectors_are_refused():
    with pytest.raises(ValueError, match=r"components\[0\] must be a distribution on the line"):
        mixture([1], [stats.multivariate_normal([0, 0])])
