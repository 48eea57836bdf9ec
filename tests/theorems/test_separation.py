"""The degrees that separate two classes, against the ends of their ranges, random members and the theory."""

from __future__ import annotations

import time

import numpy as np
import pytest
from class_draws import random_class, random_members
from effort import examples, slow
from hypothesis import given
from hypothesis import strategies as st
from published import THEOREMS, digits

import modecollapse as mc

seeds = st.integers(0, 10**6)


def with_collapse(tau, eps, delta):
    return mc.PairClass(tau=tau, collapse=(eps, delta))


def with_neither(tau, eps, delta):
    return mc.PairClass(tau=tau, no_collapse=(eps, delta), no_augmentation=(eps, delta))


def families(eps1, eps0):
    """H1(ε₁) and H0(ε₀) of Figure 13."""
    return with_collapse(0.11, eps1, 0.1), with_neither(0.11, eps0, 0.1)


# -- the degrees asked about -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "row", THEOREMS["separation"], ids=lambda row: f"{row['collapse'][0]}/{row['no_collapse'][0]}"
)
def test_families_that_separate_do_so_between_two_degrees(row):
    """From some m on, and no longer once both ranges near 1."""
    first, last = row["degrees"]
    found = mc.separating_degrees(*families(row["collapse"][0], row["no_collapse"][0]), range(1, 61))
    assert found.tolist() == list(range(first, last + 1))
    assert found.undecided.size == 0
    assert found.why is None
    assert found.never is False


def test_the_pack_size_that_was_asked_for():
    """τ = .06, with (0,.05)-collapse against neither at (.025,.05): from 6 to at least 60."""
    h1, h0 = with_collapse(0.06, 0, 0.05), with_neither(0.06, 0.025, 0.05)
    mc.separating_degrees(h1, h0, [2])  # compiles
    start = time.process_time()
    found = mc.separating_degrees(h1, h0, range(1, 61))
    assert time.process_time() - start < 1
    assert found.tolist() == list(range(6, 61))
    assert found.always


def test_an_answer_without_degrees_says_why():
    found = mc.separating_degrees(with_collapse(0.05, 0, 0.01), with_neither(0.05, 0.005, 0.01), range(1, 61))
    assert found.tolist() == []
    assert found.undecided.size == 0
    assert "at m = 60 a pair of H1 has the distance 0.506" in found.why
    assert f"all m ≥ {found.from_degree} separate" in found.why


def test_figure_13_never_separates():
    """H0(.05) and H1(.02) at δ = .1, τ = .11: Chernoff information .0183 against .0470."""
    found = mc.separating_degrees(*families(0.02, 0.05), range(2, 21))
    assert len(found) == 0
    assert (found.never, found.always, found.finitely) == (True, False, True)
    assert found.least_exponent.upper == pytest.approx(0.0183, abs=5e-5)
    assert found.greatest_exponent.lower == pytest.approx(0.0470, abs=5e-5)
    assert "no m separates" in found.why


def test_a_lost_mode_is_told_from_its_absence_at_all_large_degrees():
    """H1(0) and H0(.05): .105 > .047."""
    found = mc.separating_degrees(*families(0, 0.05), [1, 2, found_last := 10**4])
    assert found.tolist() == [found_last]
    assert (found.always, found.finitely, found.never) == (True, False, False)
    assert found.least_exponent.lower == pytest.approx(-np.log(0.9), abs=1e-12)
    assert found.greatest_exponent.upper == pytest.approx(0.047, abs=5e-4)


def test_a_pair_of_h0_is_further_apart_than_one_of_h1():
    """Why Figure 13's families overlap: two pairs anyone can check."""
    row = THEOREMS["figure_13_pair"]
    innocent = mc.Region.from_pmfs(row["p"], row["q"])
    assert innocent.total_variation == pytest.approx(0.11, abs=1e-15)
    for x, y in row["boundary"]:
        assert innocent.boundary(x) == digits(y)
    assert not innocent.has_collapse(0.05, 0.1)
    assert not innocent.has_augmentation(0.05, 0.1)
    for m in (2, 3, 5, 10, 30, 60):
        collapsed = mc.tv_band(0.11, m, collapse=(0.02, 0.1))
        assert collapsed.lower_regions.has_collapse(0.02, 0.1)
        assert mc.packed_tv(innocent, m) > collapsed.lower


# -- against the ranges and random members ---------------------------------------------------------


@examples(24)
@given(seeds)
def test_separation_is_that_of_the_ranges(seed):
    rng = np.random.default_rng(seed)
    h1, h0 = random_class(rng), random_class(rng, int(rng.integers(0, 3)))
    degrees = [2, 3, 5]
    found = mc.separating_degrees(h1, h0, degrees)
    below, above = (mc.band(pairs, degrees, gap=1e-5) for pairs in (h1, h0))
    surely = below.lower - below.lower_gap > above.upper + above.upper_gap
    surely_not = below.lower < above.upper
    decided = np.isin(degrees, found.undecided, invert=True)
    np.testing.assert_array_equal(np.isin(degrees, found.degrees)[surely], True)
    np.testing.assert_array_equal(np.isin(degrees, found.degrees)[surely_not], False)
    assert decided[surely | surely_not].all()


@examples(40)
@given(seeds)
def test_chernoff_informations_of_members_lie_within_the_certain_bounds(seed):
    rng = np.random.default_rng(seed)
    h1, h0 = random_class(rng), random_class(rng)
    found = mc.separating_degrees(h1, h0, 1)
    for region in random_members(h1, rng, 20):
        assert mc.chernoff_information(region) >= found.least_exponent.lower
    for region in random_members(h0, rng, 20):
        assert mc.chernoff_information(region) <= found.greatest_exponent.upper


@examples(24)
@given(seeds)
def test_the_verdict_on_large_degrees_holds_from_the_degree_that_is_named(seed):
    rng = np.random.default_rng(seed)
    h1, h0 = random_class(rng), random_class(rng, int(rng.integers(0, 3)))
    found = mc.separating_degrees(h1, h0, 1)
    if found.always is None or found.from_degree > 30:
        return
    later = [found.from_degree, found.from_degree + 1, found.from_degree + 7]
    assert mc.separating_degrees(h1, h0, later).tolist() == (later if found.always else [])


def test_few_degrees_more_than_needed_are_named():
    """H1(0), H0(.05) separate from m = 3 on; the bounds know it from 7."""
    found = mc.separating_degrees(*families(0, 0.05), range(1, 8))
    assert found.tolist() == [3, 4, 5, 6, 7]
    assert found.from_degree <= 8
    found = mc.separating_degrees(*families(0.02, 0.06), range(17, 200))
    assert found.finitely
    assert 17 <= found.from_degree < 200
    assert len(found) == 0


# -- what is certain and what is not ---------------------------------------------------------------


def test_dominated_pairs_never_separate():
    """A pair that collapses at (.02,.1) may be one without collapse at (.3,.4)."""
    found = mc.separating_degrees(with_collapse(0.11, 0.02, 0.1), with_neither(0.11, 0.3, 0.4), [1, 5, 10**6])
    assert found.tolist() == []
    assert (found.never, found.always, found.finitely, found.from_degree) == (True, False, True, 1)
    assert "contains" in found.why


def test_one_pair_against_itself_is_dominated():
    region = mc.Region.from_pmfs([0.3, 0.7], [0.2, 0.8])
    alone = mc.PairClass(contains=region, within=region)
    assert mc.separating_degrees(alone, alone, [1, 2, 50]).never


def test_ranges_that_meet_but_for_rounding_are_undecided():
    """A pair and its mirror image have the same distance at every m, and the same Chernoff information."""
    region = mc.Region.from_pmfs([0.3, 0.5, 0.2], [0.2, 0.2, 0.6])
    pairs = [mc.PairClass(contains=r, within=r) for r in (region, region.mirror())]
    found = mc.separating_degrees(*pairs, [2, 3, 17])
    assert found.tolist() == []
    assert found.undecided.tolist() == [2, 3, 17]
    assert (found.always, found.finitely, found.never, found.from_degree) == (None, None, None, None)
    assert "it is not known what large m do" in found.why


def test_single_samples_separate_by_the_distance_itself():
    h1, h0 = mc.PairClass(tau=(0.2, 0.3)), mc.PairClass(tau=(0.1, 0.19))
    assert mc.separating_degrees(h1, h0, 1).tolist() == [1]
    assert mc.separating_degrees(h0, h1, 1).tolist() == []
    assert mc.separating_degrees(h1, mc.PairClass(tau=(0.1, 0.2)), 1).tolist() == []


def test_pairs_without_common_letters_and_pairs_that_are_equal():
    apart, equal = mc.PairClass(tau=1), mc.PairClass(tau=0)
    found = mc.separating_degrees(apart, equal, [1, 2, 1000])
    assert found.tolist() == [1, 2, 1000]
    assert found.always
    assert found.least_exponent.lower == np.inf
    assert mc.separating_degrees(equal, apart, [1, 2, 1000]).never


# -- the answer as a value -------------------------------------------------------------------------


def test_the_answer_is_a_value_that_can_be_gone_through():
    found, again = (mc.separating_degrees(*families(0.02, 0.06), [3, 4, 4, 16, 17]) for _ in range(2))
    assert found == again
    assert list(found) == found.tolist() == [4, 4, 16]
    assert len(found) == 3
    assert 4 in found
    assert 3 not in found
    assert found.to_dict()["separating"] == [4, 4, 16]
    assert repr(found).startswith("<Separation at 3 of 5 degrees; no m ≥ ")


@pytest.mark.parametrize("name", ["H1", "H0"])
def test_an_empty_class_is_named(name):
    empty, other = with_collapse(0.05, 0, 0.1), mc.PairClass(tau=0.1)
    pairs = (empty, other) if name == "H1" else (other, empty)
    with pytest.raises(mc.InfeasibleError, match=rf"{name} is empty: \(0, 0.1\)-collapse forces"):
        mc.separating_degrees(*pairs, 2)


@pytest.mark.parametrize("m", [slow(0), 1.5, []])
def test_what_is_no_degree_is_refused(m):
    with pytest.raises(ValueError, match="m must"):
        mc.separating_degrees(*families(0, 0.05), m)
