"""No input breaks the public face: the law of `outcomes` holds for every function.

Packing degrees stay small, so that every call is short. `fuzzing` searches these tests for longer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from outcomes import (
    SLACK,
    fuzz,
    is_band,
    is_bracket,
    is_distance,
    is_optimum,
    is_region,
    is_region_bracket,
    is_true_or_false,
    law,
    within,
)

import modecollapse as mc
from modecollapse import merging
from modecollapse.strategies import pairs, regions, theorem_parameters

LARGEST_M = 12
DIVERGENCES = ["tv", "js", "kl", "reverse_kl", "hellinger", "chi2", "hockey_stick", "renyi"]
FINITE = {"tv": 1.0, "js": math.log(2), "hellinger": 1.0, "hockey_stick": 1.0}

# -- inputs -----------------------------------------------------------------------------------------------

numbers = (
    st.floats()
    | st.sampled_from([0.0, -0.0, 5e-324, 1e-310, 1e-300, 1e300, -1e-17, 1 + 1e-15, 0.5, 1.0])
    | st.integers(-3, 3)
    | st.sampled_from([2**63, -(2**63), 10**30, 10**400])
    | st.booleans()
    | st.floats(width=32).map(np.float32)
    | st.fractions()
    | st.sampled_from([Fraction(1, 3), Decimal("0.5"), 1j, np.float16(0.1), np.int8(-1), np.nan])
)
things = st.sampled_from([None, "", "0.5", "half", b"1", (), [], {}, {"p": 1}, set(), object, ..., slice(2)])
lists = st.lists(numbers, max_size=4)
nested = st.lists(lists | numbers, max_size=3)
unusual_arrays = st.sampled_from(
    [
        np.array([]),
        np.zeros((0, 3)),
        np.zeros((2, 2, 2)),
        np.array(0.3),
        np.array([0.5, 0.5], dtype=">f4"),
        np.array([True, False]),
        np.array(["a", "b"]),
        np.array([1 + 0j, 0]),
        np.array(["2020-01-01"], dtype="datetime64[D]"),
        np.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
        np.array([None, 1.0]),
        np.array([0.5, np.nan]),
        np.ma.masked_array([0.5, 0.5], [True, False]),
    ]
)
anything = numbers | things | lists | nested | unusual_arrays


def written(values: list[float]) -> st.SearchStrategy[Any]:
    """A pmf as users may hold it."""
    forms: list[Callable[[list[float]], Any]] = [
        list,
        tuple,
        np.array,
        lambda v: np.array(v, dtype=">f8"),
        lambda v: np.array(v, dtype="<f4"),
        lambda v: np.array([v, v])[0, ::1],
        lambda v: np.array(v[::-1])[::-1],
        lambda v: [Fraction(x) for x in v],
        lambda v: np.array(v, dtype=object),
    ]
    return st.sampled_from(forms).map(lambda form: form(values))


pmf_pairs = pairs(range(1, 5)).flatmap(lambda pair: st.tuples(written(pair.p), written(pair.q)))
short_degrees = st.integers(1, LARGEST_M)
degrees = (
    short_degrees
    | short_degrees.map(float)
    | st.lists(short_degrees, min_size=1, max_size=3)
    | st.just(np.array([[1, 2], [3, 4]], dtype=">i2"))
)
units = st.floats(0, 1) | st.sampled_from([0, 1, 0.5, 1e-310, 1 - 2**-53])
widths = st.floats(1e-6, 1.0) | st.sampled_from([1, np.inf])


def is_long(value: Any) -> bool:
    """Whether a packing degree would be accepted, but take long."""
    try:
        array = np.array(value, dtype=object).astype(float)
    except (TypeError, ValueError, OverflowError):
        return False
    return bool(((array > LARGEST_M) & (array <= 1e15)).any())


bad_degrees = anything.filter(lambda value: not is_long(value))
bad_widths = st.sampled_from([0, 0.0, -0.0, -1, -1e-300, -np.inf, np.nan, np.float32(-1), Fraction(-1, 3)])
bad_methods = st.sampled_from([None, "", "exactly", "AUTO", 1, b"exact", ("exact",), math.nan])
bad_orders = anything.filter(lambda value: not isinstance(value, int) or abs(value) < 2**1000)
bad_names = anything.filter(lambda value: not isinstance(value, np.ndarray))
BAD: dict[str, st.SearchStrategy[Any]] = {
    "m": bad_degrees,
    "width": bad_widths,
    "gap": bad_widths,
    "method": bad_methods,
    "order": bad_orders,
    "name": bad_names,
    "divergence": bad_names,
}
"""What is not good of arguments that do not take just anything."""


@st.composite
def arguments(draw: Any, **good: st.SearchStrategy[Any]) -> dict[str, Any]:
    """All arguments good, all but one, or none."""
    chosen = draw(st.sampled_from(["", *good, *good, "all"]))
    return {
        name: draw(BAD.get(name, anything) if chosen in (name, "all") else strategy)
        for name, strategy in good.items()
    }


@st.composite
def with_pair(draw: Any, **good: st.SearchStrategy[Any]) -> dict[str, Any]:
    """The same with a pair as the first two."""
    p, q = draw(pmf_pairs)
    return draw(arguments(p=st.just(p), q=st.just(q), **good))


def of_pair(function: Any) -> Any:
    """A function of a pair as one of p and q, so that a refusal may name either."""
    return lambda p, q, **rest: function((p, q), **rest)


# -- packing ----------------------------------------------------------------------------------------------


@fuzz(with_pair(m=degrees, method=st.sampled_from(["auto", "exact", "certified"])))
def test_packed_tv(given_):
    law(of_pair(mc.packed_tv), is_distance, given_)


@fuzz(
    with_pair(
        m=degrees, log=st.booleans(), method=st.sampled_from(["auto", "exact", "certified", "contour"])
    ),
    examples=100,
)
def test_packed_overlap(given_):
    log = given_["log"]
    law(
        of_pair(mc.packed_overlap),
        lambda value: within(value, *((-math.inf, 0.0) if log else (0.0, 1.0))),
        given_,
    )


@fuzz(with_pair(m=short_degrees, width=widths))
def test_packed_tv_bracket(given_):
    law(of_pair(mc.packed_tv_bracket), is_bracket, given_)


@fuzz(with_pair(m=short_degrees, width=widths))
def test_packed_overlap_bracket(given_):
    law(of_pair(mc.packed_overlap_bracket), is_bracket, given_)


@fuzz(with_pair(m=degrees, name=st.sampled_from(DIVERGENCES), order=units))
def test_packed_divergence(given_):
    name = given_["name"]
    law(of_pair(mc.packed_divergence), lambda value: within(value, 0.0, FINITE.get(name, math.inf)), given_)


@st.composite
def products(draw: Any, **good: st.SearchStrategy[Any]) -> dict[str, Any]:
    """One to three factors, and a degree for all of them or one for each."""
    factors = draw(st.lists(pmf_pairs, min_size=1, max_size=3))
    each = st.lists(st.integers(1, 3), min_size=len(factors), max_size=len(factors))
    return draw(arguments(pairs=st.just(factors), m=st.integers(1, 3) | each, **good))


@fuzz(products(method=st.sampled_from(["auto", "exact", "certified"])), examples=100)
def test_product_tv(given_):
    law(mc.product_tv, is_distance, given_)


@fuzz(products(width=widths))
def test_product_tv_bracket(given_):
    law(mc.product_tv_bracket, is_bracket, given_)


def is_degree(value: Any) -> None:
    assert type(value) is int
    assert value >= 1


@fuzz(with_pair(alpha=st.floats(0.05, 1), beta=st.floats(0.05, 1)), examples=40)
def test_least_degree(given_):
    law(of_pair(mc.least_degree), is_degree, given_)


@fuzz(with_pair(tv=st.floats(0, 0.95)), examples=40)
def test_least_degree_of_a_distance(given_):
    law(of_pair(mc.least_degree), is_degree, given_)


@fuzz(with_pair(m=short_degrees, order=st.floats(0, 1e3), width=widths, relative=st.booleans()))
def test_packed_hockey_stick_bracket(given_):
    law(of_pair(mc.packed_hockey_stick_bracket), is_bracket, given_)


@fuzz(with_pair())
def test_chernoff_information(given_):
    law(of_pair(mc.chernoff_information), lambda value: within(value, 0.0, math.inf), given_)


@fuzz(with_pair(eps=units, delta=units), examples=60)
def test_witness_set(given_):
    def is_set(value: Any) -> None:
        assert value is None or value == sorted(set(value))

    law(of_pair(mc.witness_set), is_set, given_)


@fuzz(regions(range(1, 4)), arguments(m=short_degrees))
def test_pack(region, given_):
    law(lambda m: mc.pack(region, m), is_region, given_)


@fuzz(
    regions(range(1, 5)),
    arguments(m=short_degrees, width=widths),
)
def test_pack_bracket(region, given_):
    law(lambda m, width: mc.pack_bracket(region, m, width), is_region_bracket, given_)


# -- regions ----------------------------------------------------------------------------------------------


@fuzz(with_pair())
def test_from_pmfs(given_):
    law(mc.Region.from_pmfs, is_region, given_)


@fuzz(arguments(vertices=regions(range(1, 5)).map(lambda region: region.vertices)))
def test_from_vertices(given_):
    law(mc.Region.from_vertices, is_region, given_)


@fuzz(st.lists(st.tuples(units, units), max_size=5))
def test_from_vertices_of_random_points(points):
    law(mc.Region.from_vertices, is_region, {"vertices": [(0, 0), *sorted(points), (1, 1)]})


@st.composite
def densities(draw: Any) -> dict[str, Any]:
    pair = draw(pairs(range(1, 4)))
    widths = draw(st.lists(st.floats(1e-3, 1e3), min_size=len(pair.p), max_size=len(pair.p)))
    edges = np.append(0.0, np.cumsum(widths))
    good = {
        "edges": st.just(edges),
        "p_heights": st.just(np.array(pair.p) / np.diff(edges)),
        "q_heights": st.just(np.array(pair.q) / np.diff(edges)),
    }
    return draw(arguments(**good))


@fuzz(densities())
def test_from_densities(given_):
    law(mc.Region.from_densities, is_region, given_)


@fuzz(arguments(p=anything, q=anything, width=widths, breaks=lists), examples=60)
def test_from_distributions(given_):
    law(mc.RegionBracket.from_distributions, is_region_bracket, given_)


@fuzz(regions(), arguments(eps=units | st.lists(units, max_size=3)))
def test_boundary(region, given_):
    law(region.boundary, is_distance, given_)


@fuzz(regions(), arguments(eps=units, delta=units))
def test_collapse_and_augmentation(region, given_):
    law(region.has_collapse, is_true_or_false, given_)
    law(region.has_augmentation, is_true_or_false, given_)


@fuzz(regions(), arguments(name=st.sampled_from(DIVERGENCES), order=units))
def test_divergence(region, given_):
    law(region.divergence, lambda value: within(value, 0.0, FINITE.get(given_["name"], math.inf)), given_)


@fuzz(regions(), regions(), examples=60)
def test_the_algebra_of_regions(r, s):
    for value in (r & s, r | s, r.mirror(), r):
        is_region(value)
    assert r & s <= r <= r | s
    assert repr(r)
    assert r._repr_svg_().startswith("<svg")
    channel = mc.garbling(r, s)
    assert (channel is None) == (not s <= r)


# -- ranges -----------------------------------------------------------------------------------------------

points = st.tuples(units, units) | theorem_parameters().map(lambda t: (t.eps, t.delta))
conditions = st.none() | points


few_degrees = st.integers(1, 4) | st.lists(st.integers(1, 4), min_size=1, max_size=2)


@fuzz(
    arguments(
        tau=units,
        m=few_degrees,
        collapse=conditions,
        augmentation=st.none(),
        no_collapse=st.none(),
        divergence=st.sampled_from(DIVERGENCES),
        order=st.just(1.0),
        gap=st.just(1e-2),
    )
)
def test_tv_band(given_):
    law(mc.tv_band, is_band, given_)


@fuzz(theorem_parameters(m=range(1, 5)), st.sampled_from(DIVERGENCES), st.floats(0, 4), examples=100)
def test_tv_band_where_it_is_defined(parameters, divergence, order):
    order = order if divergence == "hockey_stick" else 1.0
    asked = {"divergence": divergence, "order": order, "gap": 0.05, **parameters.condition}
    law(lambda **_: mc.tv_band(parameters.tau, parameters.m, **asked), is_band, asked)


@fuzz(theorem_parameters(False, m=range(1, 5)), examples=60)
def test_tv_band_where_it_is_not(parameters):
    with pytest.raises(mc.InfeasibleError, match=re.escape(repr(parameters.tau))):
        mc.tv_band(parameters.tau, parameters.m, **parameters.condition)


@fuzz(arguments(tau=units, m=few_degrees, collapse=points, no_collapse=points))
def test_separating_degrees(given_):
    def separating(tau: Any, m: Any, collapse: Any, no_collapse: Any) -> mc.Separation:
        h1 = mc.PairClass(tau=tau, collapse=collapse)
        return mc.separating_degrees(h1, mc.PairClass(tau=tau, no_collapse=no_collapse), m)

    def is_separation(found: mc.Separation) -> None:
        assert found.degrees.dtype.kind == "i"
        assert found.degrees.ndim == 1
        assert not set(found) & set(found.undecided.tolist())
        assert (found.why is None) == (len(found) > 0)

    law(separating, is_separation, given_)


@fuzz(
    arguments(c=st.floats(0, math.log(2)), m=st.integers(1, 3), gap=st.just(0.05)),
    examples=40,
)
def test_jensen_shannon_band(given_):
    law(mc.jensen_shannon_band, is_band, given_)


@fuzz(st.sampled_from(["L", "U"]), arguments(tau=units, m=short_degrees), examples=120)
def test_theorem_3_as_printed(name, given_):
    law(getattr(mc.paper, name), is_optimum, given_)


@fuzz(
    st.sampled_from(["L1", "L2", "L3", "U1", "U2"]),
    arguments(eps=units, delta=units, tau=units, m=st.integers(1, 4)),
    examples=250,
)
def test_theorems_4_and_5_as_printed(name, given_):
    law(getattr(mc.paper, name), is_optimum, given_)


# -- samples and sweeps -----------------------------------------------------------------------------------

scores = st.lists(st.floats() | st.booleans() | st.integers(-3, 2**70), max_size=4)
BAD["real_scores"] = BAD["generated_scores"] = scores | st.lists(things, max_size=2)
counts = st.lists(st.integers(0, 50), min_size=1, max_size=5)


@fuzz(arguments(real=counts, generated=counts), examples=100)
def test_samples_from_counts(given_):
    def is_evidence(value: Any) -> None:
        is_region(value.region)
        is_region_bracket(value.confidence_band(0.9))

    law(mc.samples.from_counts, is_evidence, given_)


@fuzz(arguments(real_scores=scores, generated_scores=scores), examples=100)
def test_samples_from_scores(given_):
    def is_evidence(value: Any) -> None:
        is_region(value.region)

    law(mc.samples.from_scores, is_evidence, given_)


@fuzz(arguments(tau=units | lists, m=lists), examples=100)
def test_sweep_grid(given_):
    def are_points(value: Any) -> None:
        assert isinstance(value, list)
        assert all(set(row) == {"tau", "m"} for row in value)

    law(mc.sweep.grid, are_points, given_)


# -- metrics ----------------------------------------------------------------------------------------------

coordinates = st.floats(-1e3, 1e3) | st.integers(-3, 3) | st.sampled_from([0.0, 1e-300, 1e100])
places = st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=4)
lengths = st.floats(1e-3, 1e3) | st.sampled_from([1, 5e-324, 1e300])
batch_sizes = st.integers(1, 20)
BAD["batch_size"] = BAD["degree"] = bad_degrees


@fuzz(arguments(samples=places, centres=places, std=lengths))
def test_modes_found_and_high_quality(given_):
    law(mc.metrics.modes_found, is_count, given_)
    law(mc.metrics.high_quality_share, is_distance, given_)


@fuzz(arguments(samples=places, centres=places, radius=lengths | st.just(math.inf)))
def test_count_modes(given_):
    law(mc.samples.count_modes, lambda counts: is_count(int(counts.min())), given_)


@fuzz(
    arguments(
        target=counts.filter(any).map(lambda values: [Fraction(v, sum(values)) for v in values]),
        generated_counts=counts,
        name=st.sampled_from(DIVERGENCES),
        pseudocount=st.sampled_from([0, 0.5, 1, 1e300, 5e-324]),
    )
)
def test_divergence_over_modes(given_):
    law(mc.metrics.divergence_over_modes, lambda value: within(value, 0.0, math.inf), given_)


@fuzz(arguments(real=places, generated=places, lines=st.just([[0.0], [-1, 1]]), name=st.just("js")))
def test_divergence_over_cells(given_):
    law(mc.metrics.divergence_over_cells, lambda value: within(value, 0.0, math.inf), given_)


@fuzz(arguments(real=st.lists(coordinates), generated=st.lists(coordinates)))
def test_wasserstein_1d(given_):
    law(mc.metrics.wasserstein_1d, lambda value: within(value, 0.0, math.inf), given_)


@fuzz(arguments(pmf=pmf_pairs.map(lambda pair: pair[0]), batch_size=batch_sizes))
def test_collision_probability(given_):
    law(mc.birthday.collision_probability, is_distance, given_)


@fuzz(arguments(batch_size=batch_sizes, probability=units))
def test_implied_support(given_):
    law(mc.birthday.implied_support, lambda value: within(value, 1.0, math.inf), given_)


@fuzz(arguments(samples=places, batch_size=st.integers(2, 4), radius=lengths))
def test_birthday_test(given_):
    def is_outcome(value: Any) -> None:
        assert 0 <= value.collided <= value.batches

    law(mc.birthday.birthday_test, is_outcome, given_)


@fuzz(arguments(weights=pmf_pairs.map(lambda pair: pair[0]), means=places, variances=lengths))
def test_gaussian_mixtures(given_):
    def is_mixture(value: Any) -> None:
        law(
            value.ball_masses,
            lambda masses: within(masses, 0.0, 1.0),
            {"centres": value.means, "radius": 1.0},
        )
        assert not np.isnan(value.logpdf(value.means)).any()

    law(mc.targets.GaussianMixture, is_mixture, given_)


@fuzz(arguments(pmf=pmf_pairs.map(lambda pair: pair[0]), degree=st.integers(1, 4)))
def test_merge_and_split(given_):
    def splits(joint: Any) -> None:
        within(joint, 0.0, 1.0)
        law(merging.split_pmf, lambda pmf: within(pmf, 0.0, 1 + SLACK), {"joint": joint})

    law(merging.merge_pmf, splits, given_)


def is_count(value: Any) -> None:
    assert isinstance(value, int)
    assert value >= 0


# -- what the fuzzer has found ----------------------------------------------------------------------------

HUGE = 10**400


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mc.samples.from_counts([1], [1], ["\ud800"]), r"names must be text that UTF-8 .* '\\ud800'"),
        (lambda: mc.samples.count_modes(0.5, [0.0], 1), r"samples must be rows of .* got shape \(\)"),
        (lambda: mc.samples.count_modes([0.5j], [0.0], 1), "samples must be rows of real .*complex128"),
        (lambda: mc.samples.from_scores([1j], [0.0]), "real_scores must be real numbers, .*complex128"),
        (
            lambda: mc.birthday.birthday_test(np.array(["2020", "2021"], "M8[Y]"), 2),
            "samples must be .*datetime64",
        ),
        (lambda: mc.samples.count_modes([0.5], [0.0], "1"), "radius must be real numbers, got '1'"),
        (lambda: mc.metrics.modes_found([0.5], [0.0], None), "std must be real numbers, got None"),
        (lambda: mc.metrics.divergence_over_modes([1], [1], "js", HUGE), "pseudocount must be real numbers"),
        (lambda: mc.metrics.divergence_over_cells([0.5], [0.5], None), "lines must be .* got None"),
        (lambda: mc.birthday.implied_support(10**15, 0.5), "at most 10000000 here, got 1000000000000000"),
        (lambda: merging.merge_pmf([0.5, 0.5], 10**6), "32 axes at most, got 1000000 for 2 letters"),
    ],
)
def test_what_was_no_refusal_is_one(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_what_is_too_large_for_a_float_is_infinite():
    assert mc.birthday.implied_support(2, 5e-324) == math.inf
    assert mc.metrics.divergence_over_modes([0.5, 0.5], [1, 1], "js", 1.7e308) == 0


@pytest.mark.parametrize(
    ("tau", "m", "asked"),
    [
        (0.5319571259279857, 1, {"divergence": "hockey_stick", "order": 1 / 3}),
        (
            0.87,
            2,
            {
                "divergence": "hockey_stick",
                "order": 1e-226,
                "no_collapse": (0.5, 1.0),
                "no_augmentation": (0.5, 1.0),
            },
        ),
        (1e-9, 4, {"divergence": "js"}),
    ],
)
def test_bands_do_not_round_below_0(tau, m, asked):
    band = mc.tv_band(tau, m, gap=0.05, **asked)
    assert band.lower == 0
    assert band.upper >= 0


def test_modes_far_apart_keep_their_masses():
    mixture = mc.targets.GaussianMixture([0.25, 0.75], [(1e100, 0), (0, 0)], 4.0)
    inside = -math.expm1(-1 / 8)  # of χ² with two degrees of freedom at (1/2)²
    assert mixture.ball_masses([(1e100, 0), (0, 0)], 1.0) == pytest.approx(
        [0.25 * inside, 0.75 * inside, 1 - inside], rel=1e-12
    )
    assert mixture.logpdf([(1e200, 0)]).tolist() == [-math.inf]
    with pytest.raises(ValueError, match=r"radius 1e\+20 is too large"):
        mc.targets.GaussianMixture([1.0], [(1e20, 0)], 4.0).ball_masses([(0, 0)], 1e20)
