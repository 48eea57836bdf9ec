"""Lower ends: every bound of the searches holds, and no least region of a dense row lies below them."""

from __future__ import annotations

import numpy as np
import oracles
import printed
import pytest
from effort import examples
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import multinomial

import modecollapse as mc
from modecollapse.packing import enumeration
from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems import boundaries, least, moving_letters
from modecollapse.theorems.classes import PairClass

BRUTE = 2e-9
GAPS = (1e-3, 1e-6, 1e-9)
MEASURES = [
    ("tv", 1.0),
    ("js", 1.0),
    ("hockey_stick", 2.5),
    ("hockey_stick", 0.4),
    ("hellinger", 1.0),
    ("kl", 1.0),
    ("reverse_kl", 1.0),
    ("chi2", 1.0),
]

seeds = st.integers(0, 10**6)
shares = st.floats(0, 1)


def random_pieces(seed):
    """A class with required points, or a region, and one of its pieces."""
    rng = np.random.default_rng(seed)
    inside = mc.Region.from_pmfs(*rng.dirichlet(np.ones(3), 2))
    conditions: dict = {}
    if rng.random() < 0.3:
        conditions["contains"] = inside
    else:
        x = rng.random(int(rng.integers(1, 3)))
        conditions["collapse"] = [(float(v), float(v + 0.9 * (inside.boundary(v) - v))) for v in x]
    tau = inside.total_variation
    if rng.random() < 0.25:
        gamma = float(rng.choice([0.5, 2.0]))
        h = float(np.maximum(inside.p - gamma * inside.q, 0).sum())
        conditions["hockey_stick"] = (gamma, h + rng.random() * (1 - h) * 0.7)
    else:
        conditions["tau"] = float(tau + rng.random() ** 2 * (1 - tau) * 0.9)
    pairs = PairClass(**conditions)
    pieces = [piece for piece in pairs.pieces if piece.high - piece.low > 1e-4]
    assume(pieces and not pairs.required_touches)
    return rng, pairs, pieces[int(rng.integers(len(pieces)))]


# -- certificates ----------------------------------------------------------------------------------


@given(seeds, st.sampled_from(MEASURES), st.integers(1, 6))
@examples(150)
def test_no_least_region_of_a_piece_lies_below_its_bound(seed, measure, m):
    name, order = measure
    _, pairs, piece = random_pieces(seed)
    divergence = PackedDivergence(name, m, order)
    x = np.linspace(piece.low, piece.high, 801)
    values = divergence.values(*boundaries.letters(pairs.least_regions(x)))
    for gap in GAPS:
        found = least.least_of_piece(pairs, piece, divergence, gap)
        assert piece.low <= found.x <= piece.high
        scale = max(1.0, found.value)
        assert found.bound <= values.min() + 1e-13 * scale
        if found.value == np.inf:
            assert values.min() == np.inf
            continue
        assert found.value - found.bound <= gap * scale + 1e-12 * scale
        (attained,) = divergence.values(*boundaries.letters(pairs.least_regions(np.array([found.x]))))
        assert found.value == pytest.approx(float(attained), rel=1e-11, abs=1e-12)


@st.composite
def hulls(draw) -> tuple[float, float, float, float, float]:
    """(ε, δ, τ, low, high): tangent points on one side of a collapse point outside their triangles."""
    eps = draw(st.integers(0, 90)) / 100
    delta = draw(st.integers(round(100 * eps) + 2, 100)) / 100
    d = delta - eps
    tau = d + draw(st.floats(0, 0.9)) * (1 - d)
    sides = [(0.0, 1 - tau * (1 - eps) / d), (eps * tau / d, 1 - tau)]
    sides = [(low, high) for low, high in sides if high - low > 1e-3]
    assume(sides)
    low, high = draw(st.sampled_from(sides))
    return eps, delta, tau, low, high


@given(hulls(), st.integers(2, 6))
def test_hulls_of_a_collapse_point_are_certified_at_every_gap(parameters, m):
    eps, delta, tau, low, high = parameters
    truth = printed.least_with_point(tau, m, eps, delta, low, high)
    pairs = PairClass(tau, collapse=(eps, delta))
    for gap in GAPS:
        found = least.least_between(pairs, PackedDivergence("tv", m), low, high, gap)
        assert found.gap <= gap + 1e-12
        assert found.value >= truth - BRUTE
        assert found.value - found.gap <= truth + 1e-12
        assert low <= found.point[0] <= high
        (attained,) = oracles.total_variations(
            *printed.triangle_with_point(list(found.point), tau, eps, delta), m
        )
        assert found.value == pytest.approx(attained, abs=1e-12)


@pytest.mark.parametrize(
    ("tau", "point", "forbidden"),
    [
        (0.55, (0.64, 0.78), (0.36, 0.82)),
        (0.26, (0.5, 0.54), (0.28, 0.49)),
        (0.47, (0.88, 0.89), (0.21, 0.59)),
    ],
)
@pytest.mark.parametrize("gap", [1e-3, 1e-5, 1e-8])
def test_a_witness_has_the_value_however_wide_the_gap(tau, point, forbidden, gap):
    """A search that ends early ends at a value above those of members that are looked at afterwards."""
    pairs = PairClass(tau, collapse=point, no_collapse=forbidden)
    exact, found = (least.infimum(pairs, PackedDivergence("js", 3), width) for width in (1e-10, gap))
    assert found.region in pairs
    assert found.value == pytest.approx(mc.packed_divergence(found.region, 3, "js"), abs=1e-13)
    assert exact.value - 1e-10 <= found.value <= exact.value + found.gap + 1e-12
    assert found.gap <= gap + 1e-12


@pytest.mark.parametrize(("name", "budgets"), [("tv", (20, 40, 60)), ("js", (10, 14, 18))])
def test_what_cannot_be_certified_is_bracketed(name, budgets, monkeypatch):
    pairs, divergence = PairClass(0.11, collapse=(0.02, 0.1)), PackedDivergence(name, 5)
    truth = least.infimum(pairs, divergence, 1e-10).value
    for budget in budgets:
        monkeypatch.setattr(least, "MAX_EVALUATIONS", budget)
        with pytest.raises(mc.PrecisionError, match="ask for a wider gap than 1e-10") as error:
            least.infimum(pairs, divergence, 1e-10)
        bracket = error.value.bracket
        assert bracket.lower <= truth <= bracket.upper + 1e-10
        assert bracket.width > 1e-10
        assert f"{bracket.width:.2g}" in str(error.value)


@pytest.mark.parametrize("name", ["tv", "js", "hellinger"])
def test_a_narrow_gap_takes_few_evaluations(name):
    """Second-order bounds: four decimals more cost no more than a few times as much."""
    pairs, divergence = PairClass(0.11, collapse=(0.02, 0.1)), PackedDivergence(name, 20)
    wide, narrow = (least.infimum(pairs, divergence, gap) for gap in (1e-6, 1e-10))
    assert abs(wide.value - narrow.value) <= wide.gap + narrow.gap
    assert narrow.gap <= 1e-10 + 1e-12


# -- bounds over an interval -----------------------------------------------------------------------


def line_of(pairs):
    return pairs.slope, pairs.low, pairs.last_tangent


def letters_at(pairs, piece, x):
    letters = piece.p.copy(), piece.q.copy()
    moving_letters.move(moving_letters.apex(x, line_of(pairs)), piece.left, piece.right, piece.at, letters)
    return letters


@given(seeds, shares)
@examples(80)
def test_letters_of_a_piece_are_those_of_its_least_regions(seed, share):
    _, pairs, piece = random_pieces(seed)
    x = piece.low + share * (piece.high - piece.low)
    ours = mc.Region.from_pmfs(*letters_at(pairs, piece, x))
    theirs = boundaries.region(pairs.least_regions(np.array([x]))[0])
    if len(ours.p) == len(theirs.p):
        assert ours.vertices == pytest.approx(theirs.vertices, abs=1e-14)
    else:  # a letter that is nothing but rounding has one of them alone
        assert ours == theirs


@given(seeds, shares, shares, shares)
@examples(80)
def test_the_meet_lies_in_every_least_region_between(seed, first, second, between):
    _, pairs, piece = random_pieces(seed)
    x1, x2 = sorted(piece.low + share * (piece.high - piece.low) for share in (first, second))
    between = round(between, 3)
    assume(x2 - x1 > 1e-6)
    apexes = [moving_letters.apex(x, line_of(pairs)) for x in (x1, x2)]
    letters = piece.p.copy(), piece.q.copy()
    met = moving_letters.meet(*apexes, piece.left, piece.right)
    moving_letters.move(met, piece.left, piece.right, piece.at, letters)
    meet = mc.Region.from_pmfs(*letters)
    for x in (x1, x1 + between * (x2 - x1), x2):
        assert meet <= boundaries.region(pairs.least_regions(np.array([x]))[0])


@pytest.mark.parametrize(("m", "order", "by_rows"), [(3, 0.7, False), (60, 1.5, False), (60, 1.0, True)])
@pytest.mark.parametrize("test", [[1.0, 0.1234567, -0.8765432], [0.1234567, -0.8765432, 1.0]])  # no ties
def test_the_value_of_a_test_is_that_of_all_types(m, order, by_rows, test):
    p, q, test = np.array([0.5, 0.3, 0.2]), np.array([0.3, 0.3, 0.4]), np.array(test)
    size = 0 if by_rows else enumeration.count_types(3, m)
    value, sd_p, sd_q = moving_letters.witness(p, q, test, m, size, order)
    counts = np.array([(a, b, m - a - b) for a in range(m + 1) for b in range(m + 1 - a)])
    accepted = counts @ test > np.log(order)
    chance_p, chance_q = (multinomial.pmf(counts, m, law)[accepted].sum() for law in (p, q))
    assert value == pytest.approx(chance_p - order * chance_q - max(1 - order, 0), abs=1e-13)
    assert sd_p == pytest.approx(np.sqrt(chance_p * (1 - chance_p)), abs=1e-6)
    assert sd_q == pytest.approx(order * np.sqrt(chance_q * (1 - chance_q)), abs=1e-6)


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("m", [1, 4, 30])
def test_tangents_are_those_of_the_divergence(at, m):
    p, q, slope, h = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.2, 0.25, 0.2, 0.35]), 1.3, 1e-5
    size = enumeration.count_types(4, m)
    value, derivative, rho = moving_letters.tangent((p, q), at, slope, m, size)

    def js(step):
        moved = np.zeros(4)
        moved[at], moved[at + 1] = step, -step
        return mc.packed_divergence((p + slope * moved, q + moved), m, "js")

    assert value == pytest.approx(js(0), abs=1e-14)
    assert derivative == pytest.approx((js(h) - js(-h)) / (2 * h), abs=1e-7)
    assert rho == pytest.approx(np.sqrt(p * q).sum(), abs=1e-15)


@given(seeds, st.sampled_from(MEASURES[:4]), st.integers(2, 7), shares, st.floats(-4, 0))
@examples(150)
def test_two_witnesses_or_tangents_bound_an_interval(seed, measure, m, share, log_width):
    name, order = measure
    _, pairs, piece = random_pieces(seed)
    width = 10**log_width * (piece.high - piece.low)
    x1 = piece.low + share * (piece.high - piece.low - width)
    x2 = x1 + width
    divergence = PackedDivergence(name, m, order)
    size = enumeration.count_types(len(piece.p), m)
    kind = moving_letters.POWER if divergence.is_power else moving_letters.JENSEN_SHANNON
    ends = [letters_at(pairs, piece, x) for x in (x1, x2)]
    bound, place, bests = bound_between(pairs, piece, ends, width, m, size, order, kind)
    x = np.linspace(x1, x2, 41)
    values = divergence.values(*boundaries.letters(pairs.least_regions(x)))
    assert [best[0] for best in bests] == pytest.approx(values[[0, -1]].tolist(), abs=1e-12)
    assert bound <= values.min() + 1e-12
    assert 0 <= place <= 1


def bound_between(pairs, piece, ends, width, m, size, order, kind):
    """The bound by two tests or tangents, its place, and what was found at the ends."""
    bests = [moving_letters.best_at(end, piece.at, pairs.slope, m, size, order, kind) for end in ends]
    if kind == moving_letters.JENSEN_SHANNON:
        found = moving_letters.two_tangent_bound(*ends, *bests, piece.at, pairs.slope, width, m)
    else:
        found = moving_letters.two_witness_bound(*ends, *bests, piece.at, pairs.slope, width, m, size, order)
    return *found, bests


@pytest.mark.parametrize(("name", "order"), MEASURES[:3])
def test_two_witnesses_are_of_second_order(name, order):
    """About the least value a tenth of the interval leaves a hundredth of the slack, which is small."""
    pairs, m = PairClass(0.11, collapse=(0.02, 0.1)), 6
    divergence = PackedDivergence(name, m, order)
    ((x0,), piece) = (least.infimum(pairs, divergence, 1e-10).point, pairs.pieces[-1])
    assert piece.low + 0.01 < x0 < piece.high - 0.01
    size = enumeration.count_types(len(piece.p), m)
    kind = moving_letters.POWER if divergence.is_power else moving_letters.JENSEN_SHANNON
    slacks = []
    for width in (1e-2, 1e-3):
        x = np.linspace(x0 - 0.4 * width, x0 + 0.6 * width, 41)
        values = divergence.values(*boundaries.letters(pairs.least_regions(x)))
        ends = [letters_at(pairs, piece, end) for end in (x[0], x[-1])]
        bound, _, _ = bound_between(pairs, piece, ends, width, m, size, order, kind)
        slacks.append(values.min() - bound)
    assert 0 < slacks[1] < slacks[0] / 50
    assert slacks[0] < 2e-3


@given(seeds, shares, st.integers(2, 5))
@examples(60)
def test_powers_of_a_witness_bend_less_than_their_bound(seed, share, m):
    """|E_P a″| ≤ sd(a) √(2m(m−1)) Σ p′²/p, for the worst test, by second differences."""
    _, pairs, piece = random_pieces(seed)
    assume(pairs.slope == 1)
    x, h = piece.low + (0.1 + 0.8 * share) * (piece.high - piece.low), 1e-3 * (piece.high - piece.low)
    rows = [letters_at(pairs, piece, at) for at in (x - h, x, x + h)]
    for side in (0, 1):
        masses = np.stack([letters[side] for letters in rows])
        zero = np.zeros_like(masses)
        below, at, above = oracles.type_differences(masses, zero, m)
        bend = (above - 2 * at + below) / h**2
        p = rows[1][side]
        information = 1 / p[piece.at] + 1 / p[piece.at + 1]
        accepted = bend > 0
        deviation = np.sqrt(at[accepted].sum() * (1 - at[accepted].sum()))
        limit = deviation * np.sqrt(2 * m * (m - 1)) * information
        assert bend[accepted].sum() <= limit * 1.01 + 1e-6 * information


@given(*(st.tuples(*[st.floats(-1, 1)] * 2, st.floats(0, 5)) for _ in range(2)))
def test_the_valley_of_two_parabolas_is_below_both_and_nearly_reached(first, second):
    t = np.linspace(0, 1, 20_001)
    greater = np.maximum(*(u + (v - u) * t - bend * t * (1 - t) for u, v, bend in (first, second)))
    bound, place = moving_letters.valley(first, second)
    assert greater.min() - 1e-3 <= bound <= greater.min() + 1e-12
    at = [u + (v - u) * place - bend * place * (1 - place) for u, v, bend in (first, second)]
    assert max(at) == pytest.approx(bound, abs=1e-9)


# -- convex functions ------------------------------------------------------------------------------


@given(st.floats(-1, 2), st.integers(2, 16), st.sampled_from(["square", "kink", "log"]))
def test_a_convex_function_lies_above_its_bound(place, parts, shape):
    def f(x):
        with np.errstate(divide="ignore"):
            return {
                "square": (x - place) ** 2,
                "kink": np.abs(x - place),
                "log": -np.log(x) + 2 * x * max(place, 0.1),
            }[shape]

    x = np.linspace(0, 1, parts + 1)
    values = f(x)
    i = int(values.argmin())
    dense = f(np.linspace(x[max(i - 1, 0)], x[min(i + 1, parts)], 1001))
    bound = least._below_convex(values, i)
    assert bound <= dense.min() + 1e-15
    assert shape != "square" or bound >= dense.min() - 4 / parts**2
