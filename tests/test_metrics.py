"""Metrics against brute force, exact fractions and closed forms."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import norm

from modecollapse.birthday import (
    BirthdayTest,
    birthday_test,
    collision_probability,
    distinct_support,
    implied_support,
)
from modecollapse.metrics import (
    distinct_n,
    divergence_over_cells,
    divergence_over_modes,
    entropy,
    high_quality_share,
    modes_found,
    repetition,
    wasserstein_1d,
)

# -- modes ---------------------------------------------------------------------------------------------

places = st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=8)


@given(
    places, st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=1, max_size=4, unique=True)
)
def test_modes_found_and_high_quality_share_by_definition(samples, centres):
    std = 0.4  # three of them reach 1.2: the next point of the lattice, and not the one across
    reach = [[math.dist(s, c) for c in centres] for s in samples]
    good = [min(row) <= 3 * std for row in reach]
    assert high_quality_share(samples, centres, std) == pytest.approx(sum(good) / len(samples), abs=1e-15)
    owners = [
        {j for j, d in enumerate(row) if d == min(row)} for row, ok in zip(reach, good, strict=True) if ok
    ]
    certain = {next(iter(nearest)) for nearest in owners if len(nearest) == 1}
    possible = set().union(*owners)  # where several are nearest, any may have the sample
    assert len(certain) <= modes_found(samples, centres, std) <= len(possible)


def test_a_sample_three_standard_deviations_off_just_counts():
    assert modes_found([[0.75, 0]], [[0, 0]], std=0.25) == 1
    assert modes_found([[0.75 + 1e-9, 0]], [[0, 0]], std=0.25) == 0
    assert high_quality_share([[0.75 + 1e-9, 0]], [[0, 0]], std=0.25) == 0


@pytest.mark.parametrize("std", [0, -1, math.nan, math.inf])
def test_a_width_that_is_none_is_refused(std):
    with pytest.raises(ValueError, match=r"std must be (positive|finite), got"):
        modes_found([[0, 0]], [[0, 0]], std)


# -- divergences over modes ----------------------------------------------------------------------------


def log_sum(p, q):
    """KL(p‖q) in 40 digits, from exact fractions."""
    with mpmath.workdps(40):
        terms = [
            (
                mpmath.inf
                if b == 0
                else mpmath.mpf(a.numerator) / a.denominator * mpmath.log(mpmath.mpf(1) * a / b)
            )
            for a, b in zip(p, q, strict=True)
            if a > 0
        ]
        return float(mpmath.fsum(terms))


def exact_divergence(p, q, name):
    if name == "kl":
        return log_sum(p, q)
    if name == "reverse_kl":
        return log_sum(q, p)
    middle = [(a + b) / 2 for a, b in zip(p, q, strict=True)]
    return (log_sum(p, middle) + log_sum(q, middle)) / 2


@st.composite
def target_and_counts(draw):
    modes = draw(st.integers(1, 6))
    counts = st.lists(st.integers(0, 5), min_size=modes, max_size=modes).filter(any)
    return draw(counts), draw(counts)


@given(target_and_counts(), st.sampled_from(["kl", "reverse_kl", "js"]), st.sampled_from([0, 0.5, 1]))
def test_divergences_over_modes_in_exact_fractions(pair, name, pseudocount):
    real, generated = pair
    p = [Fraction(x, sum(real)) for x in real]
    weights = [x + Fraction(pseudocount) for x in generated]
    q = [w / sum(weights) for w in weights]
    value = divergence_over_modes([float(x) for x in p], generated, name, pseudocount)
    assert not math.isnan(value)
    assert value == pytest.approx(exact_divergence(p, q, name), rel=1e-12, abs=1e-15)


def test_missing_modes_are_infinitely_far_in_one_direction_only():
    target, dropped = [0.25] * 4, [10, 10, 0, 20]
    assert divergence_over_modes(target, dropped, "kl") == math.inf
    assert divergence_over_modes(target, dropped, "reverse_kl") < math.log(4)
    assert divergence_over_modes([0.5, 0.5, 0], [1, 1, 1], "reverse_kl") == math.inf
    assert divergence_over_modes(target, dropped, "kl", pseudocount=1) < 1


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8).filter(any))
def test_the_reverse_kl_is_cross_entropy_less_entropy(counts):
    """On the modes that a uniform target has: log k less the entropy, in exact shares."""
    shares = [Fraction(count, sum(counts)) for count in counts]
    expected = -math.fsum(float(share) * math.log(share) for share in shares if share)
    assert entropy(counts) == pytest.approx(expected, abs=1e-12)
    k = len(counts)
    reverse = divergence_over_modes(np.full(k, 1 / k), counts, "reverse_kl")
    assert reverse == pytest.approx(math.log(k) - entropy(counts), abs=1e-9)


def test_the_entropy_of_no_samples_is_refused():
    with pytest.raises(ValueError, match="counts"):
        entropy([0, 0])


@pytest.mark.parametrize(("name", "bias"), [("reverse_kl", 9 / 2000), ("js", 9 / 8000)])
def test_the_overstatement_is_the_one_stated(name, bias):
    rng = np.random.default_rng(0)
    target = np.full(10, 0.1)
    values = [
        divergence_over_modes(target, counts, name) for counts in rng.multinomial(1000, target, size=2000)
    ]
    assert np.mean(values) == pytest.approx(bias, rel=0.05)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0.5, 0.5], [1, 2, 3], "kl"), "the same modes, got 2 and 3"),
        (([0.5, 0.6], [1, 2], "kl"), "target must sum to 1"),
        (([0.5, 0.5], [1, -2], "kl"), "generated_counts must be non-negative integers, got -2.0"),
        (([0.5, 0.5], [1, 2], "KL"), "divergence must be one of .* got 'KL'; did you mean 'kl'"),
        (([0.5, 0.5], [1, 2], "kl", -1), "pseudocount must be at least 0, got -1"),
        (([0.5, 0.5], [1, 2], "kl", math.nan), "pseudocount must be finite"),
    ],
)
def test_bad_modes_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        divergence_over_modes(*arguments)


# -- divergences over cells ----------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=1, max_size=12),
)
def test_cells_by_definition(real, generated):
    cuts = [[-1, 0.5], [0]]

    def cell(point):
        return tuple(sum(x >= cut for cut in at) for x, at in zip(point, cuts, strict=True))

    tallies = [Counter(map(cell, points)) for points in (real, generated)]
    cells = sorted(tallies[0].keys() | tallies[1].keys())
    p, q = ([Fraction(tally[c], tally.total()) for c in cells] for tally in tallies)
    for name in ("js", "kl"):
        value = divergence_over_cells(real, generated, cuts, name)
        assert value == pytest.approx(exact_divergence(p, q, name), rel=1e-12, abs=1e-15)


def test_cells_converge_to_the_masses_of_the_histogram():
    rng = np.random.default_rng(1)
    cuts = np.linspace(-3, 4, 15)
    edges = np.concatenate([[-np.inf], cuts, [np.inf]])
    p, q = np.diff(norm.cdf(edges)), np.diff(norm.cdf(edges, 1))
    middle = (p + q) / 2
    true = 0.5 * np.sum(p * np.log(p / middle) + q * np.log(q / middle))
    n = 200_000
    value = divergence_over_cells(rng.normal(0, 1, n), rng.normal(1, 1, n), [cuts])
    assert value == pytest.approx(true, abs=2e-3)


def test_samples_of_one_law_show_the_noise_stated():
    rng = np.random.default_rng(2)
    cuts = np.linspace(0, 1, 21)[1:-1]
    values = [divergence_over_cells(rng.random(2000), rng.random(500), [cuts]) for _ in range(500)]
    assert np.mean(values) == pytest.approx(19 * (1 / 2000 + 1 / 500) / 8, rel=0.05)


def test_a_fine_grid_in_many_dimensions_needs_no_more_memory_than_the_samples():
    rng = np.random.default_rng(3)
    cuts = [np.linspace(-3, 3, 101)] * 40  # 102**40 cells
    assert divergence_over_cells(rng.normal(size=(50, 40)), rng.normal(size=(60, 40)), cuts) == pytest.approx(
        math.log(2)
    )


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([[0]], "one list of cuts a coordinate, got 1 for 2 coordinates"),
        ([[0], [1, 1]], r"lines\[1\] must be a rising list"),
        ([[0], 1], r"lines\[1\] must be a rising list"),
        ([[0], [0, math.inf]], r"lines\[1\] must be finite"),
    ],
)
def test_bad_cuts_are_refused(lines, message):
    with pytest.raises(ValueError, match=message):
        divergence_over_cells([[0, 0]], [[1, 1]], lines)


# -- Wasserstein ---------------------------------------------------------------------------------------

integers = st.lists(st.integers(-5, 5), min_size=4, max_size=4)


@given(integers, integers)
def test_wasserstein_is_the_cheapest_transport(real, generated):
    cheapest = min(
        sum(abs(a - b) for a, b in zip(real, order, strict=True))
        for order in itertools.permutations(generated)
    )
    assert wasserstein_1d(real, generated) == pytest.approx(cheapest / 4, abs=1e-12)


def test_wasserstein_is_for_a_line():
    with pytest.raises(ValueError, match="generated must be points on a line, got rows of 2 numbers"):
        wasserstein_1d([0.0], [[1.0, 2.0]])


# -- the birthday test ---------------------------------------------------------------------------------


def elementary(p, n):
    """n! e_n(p), the probability of no collision, by the product Π(1 + p t) in exact fractions."""
    coefficients = [Fraction(1)] + [Fraction(0)] * n
    for mass in p:
        for j in range(n, 0, -1):
            coefficients[j] += mass * coefficients[j - 1]
    return math.factorial(n) * coefficients[n]


small_weights = st.lists(st.integers(0, 6), min_size=1, max_size=4).filter(any)


@given(small_weights, st.integers(1, 5))
def test_collision_probability_by_listing_all_batches(weights, n):
    p = [Fraction(w, sum(weights)) for w in weights]
    exact = sum(
        math.prod(p[i] for i in batch)
        for batch in itertools.product(range(len(p)), repeat=n)
        if len(set(batch)) < n
    )
    value = collision_probability([float(x) for x in p], n)
    assert value == pytest.approx(float(exact), rel=1e-13, abs=0)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=60), st.integers(1, 40))
def test_collision_probability_in_exact_fractions(weights, n):
    # masses as the function sees them: floats, divided by their exact sum
    floats = [Fraction(w / sum(weights)) for w in weights]
    p = [x / sum(floats) for x in floats]
    value = collision_probability([w / sum(weights) for w in weights], n)
    assert value == pytest.approx(float(1 - elementary(p, n)), rel=1e-12, abs=0)


def test_rare_collisions_keep_their_digits():
    k = 10**5
    assert collision_probability(np.full(k, 1 / k), 2) == pytest.approx(1e-5, rel=1e-11, abs=0)
    masses = [1 - 1e-12, 1e-12]
    assert collision_probability(masses[::-1], 2) == pytest.approx(1 - 2e-12, rel=1e-15)


@pytest.mark.parametrize(("k", "n"), [(365, 23), (10**4, 100), (10**4, 1000)])
def test_uniform_laws_collide_as_their_product_says(k, n):
    exact = 1 - math.prod((Fraction(k - i, k) for i in range(n)), start=Fraction(1))
    assert collision_probability(np.full(k, 1 / k), n) == pytest.approx(float(exact), rel=1e-13, abs=0)


def test_more_samples_than_letters_must_collide():
    assert collision_probability([0.25] * 4, 5) == 1
    assert collision_probability([0.25] * 4, 4) == pytest.approx(1 - 24 / 256, rel=1e-14)


@given(small_weights, st.integers(2, 4))
def test_no_law_on_as_many_letters_collides_less_than_the_uniform_one(weights, n):
    masses = [w / sum(weights) for w in weights]
    least = collision_probability([1 / len(masses)] * len(masses), n)
    assert collision_probability(masses, n) >= least - 1e-15


@given(st.integers(2, 60), st.integers(0, 2000))
def test_the_implied_support_of_a_uniform_law_is_its_own(n, more):
    size = n + more
    with mpmath.workdps(40):
        distinct = mpmath.fprod(1 - mpmath.mpf(i) / size for i in range(n))
        gamma = float(1 - distinct)
    assume(distinct > 1e-6)  # as γ nears 1 a float of it holds ever less of the size
    assert implied_support(n, gamma) == pytest.approx(size, rel=1e-8)


@given(small_weights, st.integers(2, 5))
def test_the_implied_support_never_exceeds_the_true_one(weights, n):
    support = sum(w > 0 for w in weights)
    gamma = collision_probability([w / sum(weights) for w in weights], n)
    assert implied_support(n, gamma) <= support * (1 + 1e-9)


@given(st.integers(2, 500), st.floats(1e-9, 1 - 1e-9))
def test_the_implied_support_lies_where_its_notes_say(n, gamma):
    rule = n * (n - 1) / (-2 * math.log1p(-gamma))
    support = implied_support(n, gamma)
    assert rule * (1 - 1e-8) <= support <= (rule + n - 1) * (1 + 1e-8)
    assert support >= n - 1


@given(st.lists(st.sampled_from(["a", "b", 1, 2.5, ("a", 1)]), min_size=2, max_size=12), st.integers(2, 4))
def test_labels_of_any_kind_have_birthdays(labels, n):
    labels = ["word", *labels]
    batches = [labels[i : i + n] for i in range(0, len(labels) - n + 1, n)]
    if not batches:
        return
    expected = sum(any(a == b for a, b in itertools.combinations(batch, 2)) for batch in batches)
    assert birthday_test(labels, n) == BirthdayTest(n, len(batches), expected)
    assert birthday_test([[label, 0] for label in map(str, labels)], n).batches == len(batches)


def test_rows_that_mix_words_and_numbers_are_samples():
    rows = [["red", 1.5, 2], ["blue", 1.5, 2], ["red", 1.5, 2]]
    assert birthday_test(rows, 3).collided == birthday_test(np.array(rows, dtype=object), 3).collided == 1
    with pytest.raises(ValueError, match="radius must be 0 for labels"):
        birthday_test(rows, 3, radius=0.1)
    with pytest.raises(ValueError, match="can be hashed, got"):
        birthday_test(["a", {"b": 1}], 2)


@given(st.integers(1, 10**6), st.integers(2, 10**5))
def test_the_support_of_distinct_samples_is_that_of_the_uniform_law(size, n):
    mean = size * -math.expm1(n * math.log1p(-1 / size)) if size > 1 else 1
    distinct = round(mean)
    found = distinct_support(n, distinct)
    if distinct == n:
        assert found == math.inf
    else:
        again = found * -math.expm1(n * math.log1p(-1 / found)) if found > 1 else 1
        assert again == pytest.approx(distinct, rel=1e-9)


def test_the_rule_of_the_birthday_test():
    assert implied_support(1000, 0.5) == pytest.approx(1000**2 / (2 * math.log(2)), rel=1e-3)
    assert implied_support(2, 1e-12) == pytest.approx(1e12, rel=1e-12)
    assert implied_support(10, 0) == math.inf
    assert implied_support(10, 1) == 1


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=20),
    st.integers(2, 6),
    st.sampled_from([0, 1, 1.5]),
)
def test_batches_by_definition(samples, n, radius):
    if n > len(samples):
        n = len(samples)
    batches = [samples[i : i + n] for i in range(0, len(samples) - n + 1, n)]
    collided = sum(
        any(math.dist(a, b) <= radius for a, b in itertools.combinations(batch, 2)) for batch in batches
    )
    assert birthday_test(samples, n, radius) == BirthdayTest(n, len(batches), collided)


def test_the_interval_of_the_support_holds_at_its_level():
    rng = np.random.default_rng(4)
    size, n, batches = 200, 15, 40
    runs = [birthday_test(rng.integers(0, size, n * batches), n).support_interval(0.9) for _ in range(300)]
    missed_low = np.mean([size < run.lower for run in runs])
    missed_high = np.mean([size > run.upper for run in runs])
    assert missed_low <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / 300)
    assert missed_high <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / 300)
    assert all(run.lower < run.upper for run in runs)


def test_the_support_is_bounded_below_for_laws_with_a_heavy_letter_too():
    rng = np.random.default_rng(5)
    masses = np.concatenate([[0.3], np.full(99, 0.7 / 99)])
    test = birthday_test(rng.choice(100, 4000, p=masses), 4)
    assert test.support_interval().lower <= 100
    assert test.support < 30  # the heavy letter hides the others
    assert test.share == pytest.approx(collision_probability(masses, 4), abs=0.05)


def test_batches_that_never_or_always_collide():
    never = birthday_test(np.arange(100), 10)
    assert never.support == math.inf
    assert never.support_interval().lower < math.inf == never.support_interval().upper
    always = birthday_test(np.zeros(100), 10)
    assert birthday_test(np.zeros(5), 2) == BirthdayTest(2, 2, 2)
    assert always.support == 1
    assert always.support_interval().lower == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: collision_probability([0.5, 0.6], 2), "pmf must sum to 1"),
        (lambda: collision_probability([1.0], 0), "batch_size must be an integer ≥ 1, got 0"),
        (lambda: collision_probability([1.0], 1.5), "batch_size must be an integer ≥ 1, got 1.5"),
        (lambda: implied_support(1, 0.5), "batch_size must be an integer ≥ 2, got 1"),
        (lambda: implied_support(5, 1.5), r"probability must lie in \[0, 1\], got 1.5"),
        (lambda: divergence_over_cells([1], [2], 5), "lines must be one list of cuts a coordinate, got 5"),
        (lambda: implied_support(10**7 + 1, 0.5), "batch_size must be at most 10000000 here, got 10000001"),
        (lambda: birthday_test([1, 2], 3), "at most the number of samples 2, got 3"),
        (lambda: birthday_test([1, 2], 2, -1), "radius must be at least 0, got -1"),
        (lambda: birthday_test([1, 2], 2, math.nan), "radius must be at least 0, got nan"),
        (lambda: BirthdayTest(2, 5, 1).support_interval(1), "strictly between 0 and 1"),
    ],
)
def test_bad_batches_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@given(st.lists(st.text("ab ", max_size=9), min_size=1, max_size=12), st.integers(1, 3), st.integers(1, 3))
def test_distinct_n_is_counted_by_hand(texts, n, batch_size):
    shares = []
    for start in range(0, len(texts) - batch_size + 1, batch_size):
        grams = []
        for text in texts[start : start + batch_size]:
            words = text.split()
            grams += [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]
        shares.append(len(set(grams)) / len(grams) if grams else 1.0)
    if not shares:
        with pytest.raises(ValueError, match="texts must fill a batch"):
            distinct_n(texts, n, batch_size=batch_size)
        return
    found = distinct_n(texts, n, batch_size=batch_size)
    assert found.value == pytest.approx(np.mean(shares))
    assert found.interval.lower <= found.value <= found.interval.upper
    assert found == distinct_n([text.split() for text in texts], n, batch_size=batch_size)


def test_intervals_of_words_hold():
    rng, missed, answers = np.random.default_rng(0), np.zeros(2), np.array(["a a", "a b", "b c d d"])
    for _ in range(200):
        texts = answers[rng.choice(3, 60, p=[0.5, 0.3, 0.2])].tolist()
        within = distinct_n(texts, level=0.8).interval
        missed[0] += not within.lower <= 0.5 * 0.5 + 0.3 + 0.2 * 0.75 <= within.upper
        equal = repetition(texts, level=0.8).interval
        missed[1] += not equal.lower <= 0.25 + 0.09 + 0.04 <= equal.upper
    assert (missed <= 40).all()


def test_repetition_is_the_share_of_equal_pairs():
    samples = ["a", "b", "a", "c", "a"]
    equal = [one == other for i, one in enumerate(samples) for other in samples[i + 1 :]]
    assert repetition(samples).value == pytest.approx(np.mean(equal))
    assert repetition([(1, "x"), [1, "x"]]).value == 1
    with pytest.raises(ValueError, match="samples must be at least 2, got 1"):
        repetition(["a"])


@pytest.mark.parametrize("size", [2.0**-700, 2.0**700])
def test_the_unit_of_points_makes_no_difference_to_their_birthdays(size):
    points = np.array([[0.0, 1.0], [0.0, 3.0], [5.0, 5.0], [5.0, 6.0]])
    for radius in (0, 1, 2):
        expected = birthday_test(points, 2, radius)
        assert birthday_test(points * size, 2, radius * size) == expected
