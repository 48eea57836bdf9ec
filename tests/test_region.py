"""Regions: constructors, the two views, reading the boundary, and the algebra."""

from __future__ import annotations

import copy
import math
import operator
import pickle
import tomllib
from fractions import Fraction
from pathlib import Path

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from weights import LEAST, coarse, normalised

import modecollapse as mc
from modecollapse import Region
from modecollapse.region import _MERGED_ROUNDING, TOLERANCE, _group_starts
from modecollapse.strategies import garblings, pairs, regions

PUBLISHED = tomllib.loads((Path(__file__).parent / "reference" / "published.toml").read_text())

EQUAL = Region.from_pmfs([1], [1])
DISJOINT = Region.from_pmfs([1, 0], [0, 1])

unit = st.floats(0, 1)
# masses that differ from each other by far more than the tolerance of comparisons, or not at all
coarse_regions = pairs().map(coarse).map(lambda pair: Region.from_pmfs(*pair))


def exact_corners(p, q):
    """Vertices of the region in exact fractions, equal ratios merged."""
    merged = {}
    for a, b in oracles.exact_pair(p, q):
        if a or b:
            old = merged.get(a / (a + b), (0, 0))
            merged[a / (a + b)] = (old[0] + b, old[1] + a)
    corners = [(Fraction(0), Fraction(0))]
    for ratio in sorted(merged, reverse=True):
        corners.append((corners[-1][0] + merged[ratio][0], corners[-1][1] + merged[ratio][1]))
    return corners


# -- constructors: what they take -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p", "q"),
    [
        ([0.25, 0.75], [0.5, 0.5]),
        ((0.25, 0.75), (0.5, 0.5)),
        (np.array([0.25, 0.75]), np.array([0.5, 0.5])),
        (np.array([0.25, 0.75], dtype=np.float32), np.array([0.5, 0.5], dtype=np.float16)),
        (np.array([0.25, 0.0, 0.75])[::2], [0.5, 0.5]),
    ],
)
def test_any_array_like_of_reals_is_a_pmf(p, q):
    assert Region.from_pmfs(p, q).vertices.tolist() == [[0, 0], [0.5, 0.75], [1, 1]]


@pytest.mark.parametrize("one", [1, 1.0, True, np.int8(1), np.uint64(1)])
def test_integers_and_booleans_are_probabilities(one):
    r = Region.from_pmfs([one, 0], [0.5, 0.5])
    assert (r.p.tolist(), r.q.tolist()) == ([1, 0], [0.5, 0.5])


def test_inputs_are_not_changed_or_shared():
    p, q = np.array([0.25, 0.75]), np.array([0.5, 0.5])
    r = Region.from_pmfs(p, q)
    p[:] = q[:] = 0
    assert r.vertices.tolist() == [[0, 0], [0.5, 0.75], [1, 1]]


def test_one_letter_is_the_diagonal():
    assert EQUAL.vertices.tolist() == [[0, 0], [1, 1]]
    assert EQUAL.total_variation == 0


def test_disjoint_supports_fill_the_triangle():
    r = Region.from_pmfs([0.5, 0.5, 0, 0], [0, 0, 0.25, 0.75])
    assert r.vertices.tolist() == [[0, 0], [0, 1], [1, 1]]
    assert r.total_variation == 1
    assert r == DISJOINT


def test_letters_that_p_lacks_lie_on_the_top_edge():
    r = Region.from_pmfs([0.1] * 10 + [0], [0.005 * i for i in range(1, 11)] + [0.725])
    assert np.cumsum(r.p)[-2] != 1
    assert r.vertices[-2:, 1].tolist() == [1, 1]


def test_no_vertex_lies_beyond_1():
    q = np.array([0.07, 0.53, 0.07, 0.16, 0.09, 0.08, 1e-17])
    p = normalised(q * np.linspace(2, 0.5, len(q)))
    r = Region.from_pmfs(p, q)
    assert np.cumsum(r.q)[-2] > 1
    assert r.vertices.max() == 1


def test_letters_neither_law_has_are_dropped():
    assert Region.from_pmfs([0.2, 0, 0.8], [0.4, 0, 0.6]).p.tolist() == [0.8, 0.2]


def test_densities_are_cells_times_widths():
    r = Region.from_densities([-2, 0, 2], [0.25, 0.25], [0.125, 0.375])
    assert r == Region.from_pmfs([0.5, 0.5], [0.25, 0.75])


def test_the_printed_heights_of_figure_14_are_refused_with_their_integral():
    figure = PUBLISHED["figure_14"]
    heights = [figure["first_height"], figure["printed_second_height"]]
    with pytest.raises(ValueError, match=rf"q_heights.*{figure['printed_integral']}"[:-1]):
        Region.from_densities(figure["edges"], [1, 1], heights)


# -- constructors: what they refuse, and that the value is quoted -----------------------------------------


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ([0.5, 0.6], r"p must sum to 1 within 1e-09, got the sum 1\.1"),
        ([0.5, 0.5 + 1.1e-9], r"sum 1\.0000000011"),
        ([0.5, 0.5 - 1.1e-9], r"sum 0\.9999999989"),
        ([3, 7], r"sum 10\.0.*divide by the sum"),
        ([0, 0], r"sum 0\.0"),
        ([0.5, -0.25, 0.75], r"not be negative, got -0\.25 at index 1"),
        ([0.5, -1e-300, 0.5], r"not be negative, got -1e-300 at index 1"),
        ([np.nan, 1], "finite, got nan at index 0"),
        ([0, np.inf], "finite, got inf at index 1"),
        ([], r"non-empty.*shape \(0,\)"),
        ([[0.5, 0.5]], r"one-dimensional.*shape \(1, 2\)"),
        (1, r"one-dimensional.*shape \(\)"),
        (["a", "b"], r"real numbers, got \['a', 'b'\]"),
        (["0.5", "0.5"], r"real numbers, got \['0\.5', '0\.5'\]"),
        ([0.5, 0.5j], r"real numbers, got \[0\.5, 0\.5j\]"),
        ([None, 1], r"real numbers, got \[None, 1\]"),
        ([[0.5], [0.25, 0.25]], r"real numbers, got \[\[0\.5\], \[0\.25, 0\.25\]\]"),
    ],
)
def test_a_bad_pmf_is_refused_and_quoted(bad, message):
    with pytest.raises(ValueError, match=message):
        Region.from_pmfs(bad, [0.5, 0.5])
    with pytest.raises(ValueError, match=message.replace("p must", "q must")):
        Region.from_pmfs([0.5, 0.5], bad)


def test_sums_within_the_mass_tolerance_are_divided_out():
    r = Region.from_pmfs([0.5, 0.5 + 0.9e-9], [0.25, 0.75 - 0.9e-9])
    assert sum(r.p) == pytest.approx(1, abs=1e-15)
    assert sum(r.q) == pytest.approx(1, abs=1e-15)


def test_pmfs_of_different_length_are_refused():
    with pytest.raises(ValueError, match=r"^p and q must have the same length, got 2 and 3"):
        Region.from_pmfs([0.5, 0.5], [0.5, 0.25, 0.25])


@pytest.mark.parametrize(
    ("vertices", "message"),
    [
        (
            [(0, 0), (0.5, 0.4), (1, 1)],
            r"^the boundary must be concave, but vertex \(0\.5, 0\.4\) lies below the hull of the others; "
            "use the hull, or from_pmfs for letters in any order$",
        ),
        ([(0, 0), (0.1, 0.5), (0.6, 0.6), (1, 1)], r"concave, but vertex \(0\.6, 0\.6\)"),
        ([(0, 0), (0.5, 0.8), (0.4, 0.9), (1, 1)], r"go back: \(0\.5, 0\.8\) is followed by \(0\.4, 0\.9\)"),
        ([(0, 0), (0.5, 0.8), (0.6, 0.7), (1, 1)], r"go back: \(0\.5, 0\.8\) is followed by \(0\.6, 0\.7\)"),
        (
            [(0, 0), (0, 0.3), (0.5, 0.8), (0.4, 0.9), (1, 1)],
            r"go back: \(0\.5, 0\.8\) is followed by \(0\.4, 0\.9\)$",
        ),
        ([(0, 0), (0.5, 1.5), (1, 1)], r"go back: \(0\.5, 1\.5\)"),
        ([(0, 0.1), (1, 1)], r"got \(0\.0, 0\.1\) for \(0\.0, 0\.0\)"),
        ([(0, 0), (1, 0.5)], r"got \(1\.0, 0\.5\) for \(1\.0, 1\.0\)"),
        ([(0, 0), (np.nan, 0.5), (1, 1)], r"^vertices must be finite, got nan at index \(1, 0\)"),
        ([(0, 0)], r"shape \(n\+1, 2\).*got \(1, 2\)"),
        ([0, 1], r"shape \(n\+1, 2\).*got \(2,\)"),
        ([(0, 0, 0), (1, 1, 1)], r"got \(2, 3\)"),
        ([], r"got \(0,\)"),
    ],
)
def test_bad_vertices_are_refused_and_quoted(vertices, message):
    with pytest.raises(ValueError, match=message):
        Region.from_vertices(vertices)


@pytest.mark.parametrize(
    "vertices",
    [
        pytest.param([(0, 0), (0.5, 0.1), (0.5, 0.1), (1, 1)], id="repeated vertex"),
        pytest.param([(x, 0.999 * x + 0.001 * x * x) for x in np.linspace(0, 1, 100_001)], id="dense"),
    ],
)
def test_a_dent_is_refused_however_it_is_sampled(vertices):
    with pytest.raises(ValueError, match="concave"):
        Region.from_vertices(vertices)


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param((0.25, 0.55), id="on a slope"),
        pytest.param((0.75, 1), id="on the top edge"),
        pytest.param((0.5, 0.9), id="repeated"),
        pytest.param((0, 0.1), id="on the left edge"),
        pytest.param((0, 0), id="the origin again"),
        pytest.param((1, 1), id="the end again"),
    ],
)
def test_superfluous_vertices_change_nothing(extra):
    corners = [(0, 0), (0, 0.2), (0.5, 0.9), (0.6, 1), (1, 1)]
    r = Region.from_vertices(sorted([*corners, extra]))
    assert r.vertices == pytest.approx(np.array(corners, dtype=float), abs=1e-15)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 0.5, 0.5, 1], [1, 1, 1], [1, 1, 1]), r"edges must increase, got 0\.5 followed by 0\.5"),
        (([0, 0.7, 0.5], [1, 1], [1, 1]), r"edges must increase, got 0\.7 followed by 0\.5"),
        (([0], [], []), r"at least two numbers, got shape \(1,\)"),
        (([[0, 1]], [1], [1]), r"at least two numbers, got shape \(1, 2\)"),
        (([0, np.inf], [1], [1]), "edges must be finite, got inf at index 1"),
        (([0, 1], [1, 1], [1]), r"p_heights must have one height a cell, got shape \(2,\) for 1 cells"),
        (([0, 1], [np.nan], [1]), "^p_heights must be finite, got nan at index 0"),
        (([0, 1], [1], 1), r"q_heights must have one height a cell, got shape \(\) for 1 cells"),
        (([0, 0.5, 1], [-1, 3], [1, 1]), r"p_heights.*not be negative, got -0\.5 at index 0"),
        (([0, 0.5, 1], [1, 1], [1, 2]), r"q_heights.*sum to 1.*got the sum 1\.5"),
    ],
)
def test_bad_densities_are_refused_and_quoted(arguments, message):
    with pytest.raises(ValueError, match=message):
        Region.from_densities(*arguments)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (lambda r: r.boundary([0.1, 1.5]), r"eps must lie in \[0, 1\].*1\.5.*at index 1"),
        (lambda r: r.boundary(np.nan), "eps must be finite, got nan"),
        (lambda r: r.boundary("a"), "eps must be real numbers, got 'a'"),
        (lambda r: r.has_collapse(-0.1, 0.2), r"eps must lie in \[0, 1\], got -0\.1"),
        (lambda r: r.has_collapse(0.1, 1.2), r"delta must lie in \[0, 1\], got 1\.2"),
        (lambda r: r.has_augmentation(-0.1, 0.2), r"^eps must lie in \[0, 1\], got -0\.1"),
        (lambda r: r.has_augmentation(0.1, 1.2), r"delta must lie in \[0, 1\], got 1\.2"),
        (lambda r: r.has_augmentation(0.1, [0.2]), r"delta must be a single number, got shape \(1,\)"),
        (lambda r: mc.witness_set((r.p, r.q), 2, 0.2), r"eps must lie in \[0, 1\], got 2"),
        (lambda r: mc.witness_set((r.p, r.q), 0, 1.2), r"^delta must lie in \[0, 1\], got 1\.2"),
        (lambda r: mc.witness_set((r.p, [1]), 0, 0.2), "^p and q must have the same length, got 2 and 1"),
        (lambda r: mc.witness_set(([0.5, 0.6], r.q), 0, 0.2), r"^p must sum to 1.*1\.1"),
        (lambda r: mc.witness_set((r.p, [0.5, 0.6]), 0, 0.2), r"^q must sum to 1.*1\.1"),
    ],
)
def test_bad_questions_are_refused_and_quoted(question, message):
    with pytest.raises(ValueError, match=message):
        question(Region.from_pmfs([0.25, 0.75], [0.5, 0.5]))


@pytest.mark.parametrize("eps", [np.nan, [1.5]])
def test_refusals_read_as_plain_numbers(eps):
    with pytest.raises(ValueError, match="eps") as refusal:
        EQUAL.boundary(eps)
    assert "index ()" not in str(refusal.value)
    assert "np.float64" not in str(refusal.value)


# -- vertices and letters ---------------------------------------------------------------------------------


ROUNDING = 4e-15
"""How far a point of the boundary may be off in each coordinate."""


def nudged(x, by):
    return min(max(x + by, 0.0), 1.0)


@given(pairs())
def test_vertices_are_the_corners_of_the_hull_of_all_subsets(pair):
    r = Region.from_pmfs(*pair)
    for x, y in exact_corners(*pair):
        assert r.boundary(nudged(float(x), ROUNDING)) >= y - ROUNDING
    for x, y in r.vertices:
        assert oracles.boundary(*pair, nudged(x, ROUNDING)) >= y - ROUNDING


@given(pairs(), unit)
def test_boundary_is_the_hull_of_all_subsets(pair, x):
    below, above = (float(oracles.boundary(*pair, nudged(x, by))) for by in (-ROUNDING, ROUNDING))
    assert below - ROUNDING <= Region.from_pmfs(*pair).boundary(x) <= above + ROUNDING


@given(pairs())
def test_letters_fall_strictly_in_ratio_and_sum_to_one(pair):
    r = Region.from_pmfs(*pair)
    assert (np.diff(r.log_ratio) < 0).all()
    assert sum(r.p) == pytest.approx(1, abs=1e-14)
    assert sum(r.q) == pytest.approx(1, abs=1e-14)
    assert r.difference == pytest.approx(r.p - r.q, abs=1e-15)


@given(regions())
def test_vertices_and_letters_are_a_bijection(r):
    back = Region.from_vertices(r.vertices)
    assert back == r
    assert Region.from_pmfs(*r.pair) == r


@given(coarse_regions)
def test_vertices_give_back_every_letter(r):
    back = Region.from_vertices(r.vertices)
    assert back.p == pytest.approx(r.p, abs=1e-15)
    assert back.q == pytest.approx(r.q, abs=1e-15)


@given(pairs(), st.randoms(use_true_random=False))
def test_order_of_letters_is_immaterial(pair, random):
    order = list(range(len(pair[0])))
    random.shuffle(order)
    shuffled = ([side[i] for i in order] for side in pair)
    assert Region.from_pmfs(*shuffled) == Region.from_pmfs(*pair)


@given(pairs(), st.integers(1, 4))
def test_splitting_letters_in_proportion_changes_nothing(pair, first):
    split = [[x / 2 for x in side[:first]] * 2 + side[first:] for side in pair]
    r, whole = Region.from_pmfs(*split), Region.from_pmfs(*pair)
    assert r == whole
    assert len(r.p) == len(whole.p)


@pytest.mark.parametrize("ratio", [1, 3, 1 / 3, 1e5, 1e-7])
def test_equal_ratios_are_merged_despite_rounding(ratio):
    parts = np.array([0.1, 0.2, 0.3]) / 6
    p = np.append(parts * min(ratio, 1), 1 - 0.1 * min(ratio, 1))
    q = np.append(parts * min(1 / ratio, 1), 1 - 0.1 * min(1 / ratio, 1))
    assert len(Region.from_pmfs(p, q).p) == (1 if ratio == 1 else 2)


@pytest.mark.parametrize("effect", [1e-3, 1e-9, 1e-12, 1e-14])
def test_nearly_equal_ratios_are_not_merged(effect):
    r = Region.from_pmfs([0.25, 0.25, 0.5], [0.25 + effect, 0.25 - 2 * effect, 0.5 + effect])
    assert len(r.p) == 3
    exact = oracles.total_variation([0.25, 0.25, 0.5], [0.25 + effect, 0.25 - 2 * effect, 0.5 + effect], 1)
    assert r.total_variation == pytest.approx(float(exact), rel=1e-14)


def starts_one_by_one(falling, scale):
    """Where runs of equal ratios begin: each ratio is compared with the first of the run so far."""
    starts, first = [0], falling[0]
    for index, value in enumerate(falling):
        is_close = first - value <= _MERGED_ROUNDING * (scale + abs(first))
        if value != first and not (math.isfinite(first) and math.isfinite(value) and is_close):
            starts.append(index)
            first = value
    return starts


def ladder(top, scale, steps):
    """Ratios that fall from `top` by these parts of the tolerance: long chains that are no single run."""
    falling = [top]
    for step in steps:
        falling.append(falling[-1] - step * _MERGED_ROUNDING * (scale + abs(falling[-1])))
    return falling


@given(
    st.sampled_from([0.0, 1.0, -1.0, 3e-14, 700.0, -1e-300]) | st.floats(-50, 50),
    st.sampled_from([0.0, 5e-324, 1e-14, 1e-3]) | st.floats(0, 1),
    st.lists(
        st.sampled_from([0.0, 0.25, 0.5, 1.0, 1 - 2**-53, 1 + 2**-52, 2.0, 2.5, 1e9]) | st.floats(0, 4),
        max_size=30,
    ),
    st.integers(0, 2),
    st.integers(0, 2),
)
def test_runs_of_equal_ratios_begin_where_a_comparison_one_by_one_says(top, scale, steps, only_p, only_q):
    falling = [math.inf] * only_p + ladder(top, scale, steps) + [-math.inf] * only_q
    assert _group_starts(np.array(falling), scale).tolist() == starts_one_by_one(falling, scale)


def test_a_chain_of_nearly_equal_ratios_is_cut_from_its_first():
    falling = ladder(1.0, 0.5, [0.4] * 9)
    assert _group_starts(np.array(falling), 0.5).tolist() == [0, 3, 6, 9]


# -- reading the boundary ---------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (0,)])
def test_boundary_keeps_the_shape_of_its_argument(shape):
    g = DISJOINT.boundary(np.full(shape, 0.5))
    assert np.shape(g) == shape
    assert (type(g) is float) == (shape == ())


@given(regions(), unit)
def test_collapse_is_reaching_delta_and_touching_counts(r, eps):
    height = r.boundary(eps)
    assert r.has_collapse(eps, height)
    if height + 1e-9 <= 1 and r.boundary(min(eps + 1e-11, 1)) < height + 1e-10:
        assert not r.has_collapse(eps, height + 1e-9)


@given(coarse_regions)
def test_vertices_themselves_are_collapsed_to(r):
    assert all(r.has_collapse(x, y) for x, y in r.vertices)


@pytest.mark.parametrize(
    ("p", "q", "eps", "delta", "collapses"),
    [
        ([0.2, 0.8], [0, 1], 0, 0.2, True),
        ([0.2, 0.8], [0, 1], 0, 0.2 + 1e-11, False),
        ([0.11, 0.89], [0, 1], 0.05, 0.1545, True),
        ([0.11, 0.89], [0, 1], 0.05, 0.1546, False),
        ([0.1, 0.2, 0.7], [0.1, 0.1, 0.8], 0.1 + 0.1, 0.1 + 0.2, True),
    ],
)
def test_collapse_of_simple_pairs(p, q, eps, delta, collapses):
    assert Region.from_pmfs(p, q).has_collapse(eps, delta) is collapses


@given(coarse_regions, st.integers(0, 60), st.integers(0, 60))
def test_augmentation_is_collapse_of_the_mirror(r, i, j):
    eps, delta = i / 60, j / 60
    assert r.has_augmentation(eps, delta) == r.mirror().has_collapse(eps, delta)


@given(pairs())
def test_total_variation_is_the_greatest_height_above_the_diagonal(pair):
    r = Region.from_pmfs(*pair)
    assert r.total_variation == pytest.approx(max(y - x for x, y in r.vertices), abs=1e-14)
    exact = oracles.total_variation(*pair, 1)
    assert r.total_variation == pytest.approx(float(exact), rel=1e-14, abs=LEAST)


def test_a_divergence_takes_its_parameters():
    r = Region.from_pmfs([0.75, 0.25], [0.25, 0.75])
    assert r.divergence("hockey_stick", order=2) == 0.75 - 2 * 0.25


@given(regions())
def test_mirror_is_an_involution_that_swaps_the_pair(r):
    twin = r.mirror()
    assert (twin.p.tolist(), twin.q.tolist()) == (r.q[::-1].tolist(), r.p[::-1].tolist())
    assert twin.mirror().p.tolist() == r.p.tolist()
    assert twin.total_variation == pytest.approx(r.total_variation, rel=1e-14, abs=LEAST)
    assert twin.vertices == pytest.approx((1 - r.vertices[:, ::-1])[::-1], abs=1e-15 * len(r.vertices) * 4)


def test_the_pair_of_figure_13_has_its_published_boundary():
    pair = PUBLISHED["figure_13_pair"]
    r = Region.from_pmfs(pair["p"], pair["q"])
    assert r.total_variation == pytest.approx(pair["total_variation"], abs=1e-15)
    for x, y in pair["boundary"]:
        assert r.boundary(x) == pytest.approx(y, abs=6e-5 if x < 0.5 else 6e-6)


# -- a value, and one that stays as it is -----------------------------------------------------------------


@pytest.mark.parametrize("name", ["p", "q", "difference", "vertices", "log_ratio"])
@pytest.mark.parametrize("make", [lambda r: r, Region.mirror, lambda r: r & r, lambda r: r | r])
def test_arrays_are_read_only(name, make):
    values = getattr(make(Region.from_pmfs([0.25, 0.75], [0.5, 0.5])), name)
    with pytest.raises(ValueError, match="read-only"):
        values[0] = 0.5


def test_attributes_are_frozen():
    with pytest.raises(AttributeError, match="p"):
        EQUAL.p = np.ones(1)
    with pytest.raises(AttributeError, match="q"):
        del EQUAL.q


def test_a_region_has_no_hash():
    with pytest.raises(TypeError, match="unhashable"):
        hash(EQUAL)


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, lambda r: pickle.loads(pickle.dumps(r))])
def test_copies_are_equal(clone):
    r = Region.from_pmfs([0.25, 0.75], [0.5, 0.5])
    assert clone(r) == r


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda r: pickle.loads(pickle.dumps(r))])
def test_copies_are_read_only_too(clone):
    assert not clone(Region.from_pmfs([0.25, 0.75], [0.5, 0.5])).p.flags.writeable


def test_the_repr_shows_few_letters_and_counts_many():
    assert repr(Region.from_pmfs([0.25, 0.75], [0.5, 0.5])) == "<Region p=[0.75, 0.25] q=[0.5, 0.5]>"
    six, seven = (
        Region.from_pmfs(2 * np.arange(1, n + 1) / (n * (n + 1)), np.full(n, 1 / n)) for n in (6, 7)
    )
    assert repr(six).count(",") == 10
    assert repr(seven) == "<Region of 7 letters, total variation 0.214286>"


# -- dominance --------------------------------------------------------------------------------------------


@given(coarse_regions, coarse_regions)
def test_dominance_is_containment(r, s):
    contained = all(oracles.boundary(*s.pair, x) >= Fraction(y) - Fraction(1, 10**11) for x, y in r.vertices)
    assert (r <= s) == contained == (s >= r)


@given(coarse_regions)
def test_dominance_is_reflexive_between_the_least_and_the_greatest(r):
    assert r <= r
    assert r == r
    assert EQUAL <= r <= DISJOINT


@given(coarse_regions, coarse_regions)
def test_dominance_is_antisymmetric(r, s):
    same = len(r.p) == len(s.p) and np.allclose(r.vertices, s.vertices, rtol=0, atol=1e-12)
    assert (r <= s and s <= r) == same == (r == s)
    assert (r != s) == (not same)


@given(coarse_regions, coarse_regions, coarse_regions)
def test_dominance_is_transitive(r, s, t):
    chain = [r & s & t, s & t, t]
    assert chain[0] <= chain[1] <= chain[2]
    assert chain[0] <= chain[2]
    if r <= s and s <= t:
        assert r <= t


@pytest.mark.parametrize("name", ["tv", "js", "hellinger", "kl", "reverse_kl", "chi2"])
@given(coarse_regions, coarse_regions)
def test_a_dominated_region_has_every_divergence_smaller(name, r, s):
    assert (r & s).divergence(name) <= r.divergence(name) * (1 + 1e-11) + 1e-12


@pytest.mark.parametrize("operate", [operator.le, operator.ge, operator.and_, operator.or_])
@pytest.mark.parametrize("other", [3, None, "s"])
def test_regions_do_not_mix_with_other_types(operate, other):
    with pytest.raises(TypeError, match=r"not supported|unsupported"):
        operate(EQUAL, other)


def test_a_region_equals_no_other_type():
    assert EQUAL != 3
    assert EQUAL.vertices.tolist() != EQUAL


# -- the lattice ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", [operator.and_, operator.or_])
@given(regions(), regions(), regions())
def test_meet_and_join_are_commutative_associative_and_idempotent(operation, r, s, t):
    assert operation(r, s) == operation(s, r)
    assert operation(operation(r, s), t) == operation(r, operation(s, t))
    assert operation(r, r) == r


@given(regions(), regions())
def test_meet_and_join_absorb_each_other(r, s):
    assert r & (r | s) == r
    assert r | (r & s) == r


@given(regions(), regions())
def test_meet_and_join_mirror(r, s):
    assert (r & s).mirror() == r.mirror() & s.mirror()
    assert (r | s).mirror() == r.mirror() | s.mirror()


@given(coarse_regions, coarse_regions)
def test_meet_is_the_pointwise_minimum(r, s):
    x = np.linspace(0, 1, 97)
    assert (r & s).boundary(x) == pytest.approx(np.minimum(r.boundary(x), s.boundary(x)), abs=1e-13)


@pytest.mark.parametrize("seed", range(300))
def test_meet_and_join_keep_what_one_law_lacks(seed):
    """Tolerances see no corner that rounding took from an edge: collapse at ε = 0, and augmentation, do."""
    rng = np.random.default_rng(seed)
    k = rng.integers(2, 6)

    def region():
        laws = [rng.dirichlet(np.ones(k)) * (rng.random(k) > 0.3) for _ in range(2)]
        return Region.from_pmfs(*(law / law.sum() if law.any() else np.full(k, 1 / k) for law in laws))

    r, s = region(), region()
    for one, other in ((r, s), (r, r | s), (r, r)):
        for a, b in ((one, other), (other, one)):
            for side in (lambda x: x, Region.mirror):
                ends = side(a).boundary(0), side(b).boundary(0)
                assert side(a & b).boundary(0) == pytest.approx(min(ends), abs=1e-13)
                assert side(a | b).boundary(0) == pytest.approx(max(ends), abs=1e-13)


@given(coarse_regions, coarse_regions, st.integers(0, 48))
def test_join_is_the_hull_of_the_union(r, s, i):
    points = [(Fraction(x), Fraction(y)) for x, y in [*r.vertices.tolist(), *s.vertices.tolist()]]
    x = Fraction(i / 48)
    assert (r | s).boundary(float(x)) == pytest.approx(float(oracles.hull_height(points, x)), abs=1e-13)


@given(coarse_regions, coarse_regions, coarse_regions)
def test_meet_is_the_greatest_lower_bound_and_join_the_least_upper_bound(r, s, t):
    assert r & s <= r <= r | s
    assert (t & r) & s <= r & s
    assert r | s <= (t | r) | s


@given(coarse_regions, coarse_regions)
def test_the_width_of_a_bracket_is_the_levy_distance(r, s):
    """The least s with g_outer(x) ≤ g_inner(x+s) + s for all x: it does, and no less does."""
    bracket = mc.region.RegionBracket(r & s, r | s)
    x = np.union1d(np.linspace(0, 1, 97), bracket.outer.vertices[:, 0])

    def excess(shift):
        shifted = bracket.inner.boundary(np.minimum(x + shift, 1)) + shift
        return (bracket.outer.boundary(x) - shifted).max()

    assert excess(bracket.width) <= 1e-12
    assert bracket.width == 0 or excess(bracket.width - 1e-9) > 1e-10


# -- garblings --------------------------------------------------------------------------------------------


@st.composite
def garbled(draw, source):
    """A pair and what a channel makes of it."""
    p, q = map(np.array, draw(source))
    channel = draw(garblings(len(p)))
    return Region.from_pmfs(p, q), Region.from_pmfs(p @ channel, q @ channel)


def assert_channel(channel, r, s):
    assert channel.shape == (len(r.p), len(s.p))
    assert (channel >= 0).all()
    assert channel.sum(axis=1) == pytest.approx(1, abs=1e-12)
    assert r.p @ channel == pytest.approx(s.p, abs=3e-12)  # `<=` takes 1e-12 for touching
    assert r.q @ channel == pytest.approx(s.q, abs=3e-12)


@given(garbled(pairs()))
def test_a_garbling_is_dominated(pair):
    r, s = pair
    assert s <= r


@given(garbled(pairs(range(1, 7))))
def test_a_garbling_is_found_again(pair):
    r, s = pair
    assert_channel(mc.garbling(r, s), r, s)


@given(coarse_regions, coarse_regions)
def test_a_garbling_exists_exactly_where_one_region_contains_the_other(r, s):
    channel = mc.garbling(r, s)
    assert (channel is not None) == (s <= r)
    if channel is not None:
        assert_channel(channel, r, s)


def test_garblings_of_near_pairs_are_found():
    rng = np.random.default_rng(7)
    for _ in range(150):
        p = rng.dirichlet(np.full(5, 0.5))
        q = normalised(p * (1 + 1e-8 * rng.normal(size=5)))
        channel = rng.dirichlet(np.full(6, 1.0), size=5)
        r, s = Region.from_pmfs(p, q), Region.from_pmfs(p @ channel, q @ channel)
        found = mc.garbling(r, s)
        assert_channel(found, r, s)
        assert abs(r.difference @ found - s.difference).max() < 1e-7 * r.total_variation


@pytest.mark.parametrize(("letters", "least"), [(500, 1e-12), (200, 1.0)])
def test_garblings_of_many_letters_are_found(letters, least):
    """Rare letters count together; and so many cost no more than cuts."""
    rng = np.random.default_rng(letters)
    p, q = (np.append(least * rng.random(letters), 1.0) for _ in range(2))
    channel = rng.dirichlet(np.full(letters // 2, 0.05), size=letters + 1)
    p, q = p / p.sum(), q / q.sum()
    r, s = Region.from_pmfs(p, q), Region.from_pmfs(p @ channel, q @ channel)
    assert_channel(mc.garbling(r, s), r, s)


# -- sets without randomisation ---------------------------------------------------------------------------


def least_q_mass(p, q, delta):
    """The least Q(S) over the sets with P(S) ≥ δ; None if no set has."""
    reach = Fraction(delta) - Fraction(TOLERANCE) / 2
    fits = [
        sum(Fraction(q[i]) for i in s)
        for s in oracles.subsets(len(p))
        if sum(Fraction(p[i]) for i in s) >= reach
    ]
    return min(fits, default=None)


def assert_witness(p, q, eps, delta):
    found, least = mc.witness_set((p, q), eps, delta), least_q_mass(p, q, delta)
    if least is None or least > eps + Fraction(TOLERANCE):
        assert found is None
    else:
        assert found == sorted(set(found))
        assert sum(p[i] for i in found) >= delta - TOLERANCE
        assert sum(q[i] for i in found) <= eps + TOLERANCE


def touching_question(rng, miss):
    """A pair and the masses of one of its sets, missed by a given amount."""
    letters = int(rng.integers(1, 11))
    if rng.random() < 0.5:
        p, q = (normalised(rng.integers(0, 8, letters) + (np.arange(letters) == 0)) for _ in "pq")
    else:
        p, q = (normalised(np.round(rng.dirichlet(np.ones(letters)), 2)) for _ in "pq")
    chosen = np.flatnonzero(rng.random(letters) < 0.5)
    eps = sum(q[i] for i in chosen)
    delta = sum(p[i] for i in chosen) + miss
    return p, q, min(max(eps, 0.0), 1.0), min(max(delta, 0.0), 1.0)


@pytest.mark.parametrize("miss", [0, -0.003, 0.003])
def test_witness_set_is_what_trying_all_subsets_finds(miss):
    rng = np.random.default_rng(11)
    for _ in range(60):
        assert_witness(*touching_question(rng, miss))


def test_witness_set_is_not_misled_by_near_misses():
    rng = np.random.default_rng(11)
    for _ in range(200):
        assert_witness(*touching_question(rng, miss=rng.choice([1e-7, 1e-8, 1e-10])))


def test_too_many_near_misses_leave_the_question_open(monkeypatch):
    quarters = [0.25] * 4
    question = (quarters, quarters), 0.5 - 1e-7, 0.5 - 1e-7  # six sets cost 1e-7 too much
    assert mc.witness_set(*question) is None
    monkeypatch.setattr(mc.blackwell, "MAX_CUTS", 2)
    with pytest.raises(
        mc.PrecisionError,
        match=r"2 sets come within 1e-05, relative, of Q-mass 0\.4999999 and P-mass 0\.4999999",
    ) as error:
        mc.witness_set(*question)
    assert error.value.bracket == (0, 1)


def test_witness_set_with_masses_of_many_sizes():
    p = [0.14701719219151146, 1.2884062723995894e-08, 9.218418687998147e-10, 1.8671689331473344e-08]
    q = [1.4536494570592903e-06, 0.9993017123340114, 2.409203505593849e-06, 0.000691440657899838]
    p, q = [*p, 0.8529827753308946], [*q, 2.9841551260043607e-06]
    assert_witness(p, q, q[0] + q[2], p[0] + p[2])


@pytest.mark.parametrize(
    ("eps", "delta", "expected"),
    [
        pytest.param(0.05, 0.12, None, id="no set, though g(.05) = .1545"),
        pytest.param(0.05, 0.11, [0], id="touching"),
        pytest.param(0, 0.11 + 1e-9, None, id="just beyond"),
        pytest.param(1, 1, [0, 1], id="everything"),
        pytest.param(0, 0, [0], id="what Q lacks"),
    ],
)
def test_witness_set_of_two_letters(eps, delta, expected):
    assert mc.witness_set(([0.11, 0.89], [0, 1]), eps, delta) == expected
    assert Region.from_pmfs([0.11, 0.89], [0, 1]).has_collapse(eps, delta) or expected is None


def test_witness_set_touches_in_decimals():
    p, q = [0.1, 0.2, 0.7], [0.3, 0.1, 0.6]
    assert mc.witness_set((p, q), 0.4, 0.1 + 0.2) == [0, 1]  # 0.1 + 0.2 > 0.3 in binary
    assert mc.witness_set((p, q), 0.4, 0.3) == [0, 1]
    assert mc.witness_set((p, q), 0.1 + 0.3 - 1e-9, 0.3) is None


@given(pairs(range(1, 7)), st.integers(0, 20), st.integers(0, 20))
def test_a_witness_set_shows_collapse(pair, i, j):
    eps, delta = i / 20, j / 20
    if mc.witness_set(pair, eps, delta) is not None:
        assert Region.from_pmfs(*pair).has_collapse(eps, delta)


def scaled_question(scale):
    """A thousand letters of one scale and one of the rest, and the first hundred as the set."""
    rng = np.random.default_rng(5)
    p, q = (scale * rng.dirichlet(np.ones(1000)) for _ in "pq")
    q[:100] = 0.0
    return np.append(p, 1 - p.sum()), np.append(q, 1 - q.sum())


@pytest.mark.parametrize("scale", [0.5, 1e-3, 1e-6])
def test_witness_set_without_q_mass_is_found_on_every_scale(scale):
    p, q = scaled_question(scale)
    lacking = math.fsum(p[:100])
    assert mc.witness_set((p, q), 0, lacking * (1 - 1e-5)) == list(range(100))
    assert mc.witness_set((p, q), 0, 1.5 * lacking) is None
    small = mc.witness_set((p, q), 0.1 * scale, 0.3 * scale)
    assert math.fsum(p[small]) >= 0.3 * scale - TOLERANCE
    assert math.fsum(q[small]) <= 0.1 * scale + TOLERANCE


def test_witness_set_of_a_region_names_its_letters():
    r = Region.from_pmfs([0.5, 0.2, 0.3], [0.6, 0, 0.4])
    assert mc.witness_set(r, 0, 0.2) == [0]
    assert r.p[0] == 0.2


# -- doors ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: Region(np.array([0.9]), np.array([2.0]), np.array([7.0])),
        lambda: Region(p=[1], q=[1], difference=[0]),
        Region,
    ],
)
def test_there_is_no_unchecked_door(make):
    with pytest.raises(TypeError, match=r"from_pmfs.*from_vertices.*from_densities.*from_letters"):
        make()


@pytest.mark.parametrize(
    ("letters", "message"),
    [
        (([0.9], [2.0], [7.0]), "p must sum to 1"),
        (([1.0], [2.0], [-1.0]), "q must sum to 1"),
        (([1.2, -0.2], [0.5, 0.5], [0.7, -0.7]), "p must not be negative"),
        (([0.5, 0.5], [0.4, 0.6], [0.1]), r"one entry a letter, got shape \(1,\) for 2 letters"),
        (([0.5, 0.5], [0.4, 0.6], [0.2, -0.2]), "difference must be p − q, got 0.2 at index 0"),
        (([0.5, 0.5], [0.4, 0.6], [math.nan, -0.1]), "difference must be finite, got nan at index 0"),
        (([1.0], [0.5, 0.5], [0.5, -0.5]), "same length"),
    ],
)
def test_letters_are_checked(letters, message):
    with pytest.raises(ValueError, match=message):
        Region.from_letters(*letters)


def test_letters_whose_sums_are_a_little_off_are_normalised():
    p, q = np.array([0.5, 0.5]) * (1 + 1e-10), np.array([0.4, 0.6])
    assert Region.from_letters(p, q, p - q).total_variation == pytest.approx(0.1, rel=1e-14)


def test_narrow_floats_are_pmfs_within_their_own_rounding():
    rng = np.random.default_rng(3)
    for dtype, tolerance in ((np.float32, 1e-5), (np.float16, 1e-2)):
        scores = rng.normal(size=(2, 1000)).astype(np.float32)
        weights = np.exp(scores)
        p, q = (weights / np.cumsum(weights, axis=1)[:, -1:]).astype(dtype)  # sums of one term after another
        assert Region.from_pmfs(p, q).total_variation == pytest.approx(
            0.5 * abs(p.astype(float) / p.astype(float).sum() - q.astype(float) / q.astype(float).sum()).sum()
        )
        with pytest.raises(ValueError, match=f"within {tolerance:g}"):
            Region.from_pmfs(p * dtype(1 + 3 * tolerance), q)
    with pytest.raises(ValueError, match="within 1e-09"):
        Region.from_pmfs([0.5, 0.5 + 1e-7], [0.5, 0.5])


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=6).filter(
        lambda pairs: any(a for a, _ in pairs) and any(b for _, b in pairs)
    )
)
def test_the_region_of_counts_is_that_of_their_shares(pairs):
    """Against exact fractions: the total variation, and every vertex of the hull of subsets of letters."""
    real, generated = (list(side) for side in zip(*pairs, strict=True))
    region = Region.from_counts(real, generated)
    n, m = sum(real), sum(generated)
    excess = sum(max(Fraction(a, n) - Fraction(b, m), Fraction(0)) for a, b in pairs)
    assert region.total_variation == pytest.approx(float(excess), rel=1e-14, abs=0)
    for x in (0.0, 0.1, 0.5, 0.9):
        ratios = sorted(pairs, key=lambda pair: -(math.inf if pair[1] == 0 else pair[0] * m / (pair[1] * n)))
        left, height = Fraction(x), Fraction(0)
        for a, b in ratios:
            mass = Fraction(b, m)
            share = Fraction(1) if mass <= left else left / mass
            height += share * Fraction(a, n)
            left -= share * mass
        assert region.boundary(x) == pytest.approx(float(height), abs=1e-14)


def test_counts_are_aligned_by_label_or_refused():
    pandas = pytest.importorskip("pandas")
    real, generated = pandas.Series(["a"] * 3 + ["b"]), pandas.Series(["b"] * 2 + ["a", "c"])
    region = Region.from_counts(real.value_counts(), generated.value_counts())
    assert region == Region.from_counts([3, 1, 0], [1, 2, 1])
    for bad, message in (
        (([1, 2], [1]), "real and generated"),
        (([-1, 2], [1, 1]), "non-negative"),
        (([0, 0], [1, 1]), "real must count from 1"),
        (([0.5, 1], [1, 1]), "non-negative integers"),
    ):
        with pytest.raises(ValueError, match=message):
            Region.from_counts(*bad)


def test_close_counts_lose_no_digit():
    """Shares that differ in the sixteenth digit."""
    n = 2**51
    region = Region.from_counts([n, n + 1], [n + 1, n])
    assert region.total_variation == pytest.approx(1 / (2 * n + 1), rel=1e-14)
