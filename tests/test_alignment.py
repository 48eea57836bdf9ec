"""Data with labels: results do not depend on the order of labels, and those that do not match are refused."""

from __future__ import annotations

import itertools
import math
import re
from fractions import Fraction

import numpy as np
import pandas
import pyarrow
import pytest
from scipy import stats

import modecollapse as mc
from modecollapse import alignment, metrics, samples, validation
from modecollapse.densities import mixture
from modecollapse.targets import GaussianMixture

P = {"cat": 0.5, "dog": 0.3, "owl": 0.2}
Q = {"cat": 0.1, "dog": 0.3, "owl": 0.6}
TV = 0.4
COUNTS = {"cat": 50, "dog": 30, "owl": 20}, {"cat": 10, "dog": 30, "owl": 60}


def orders(masses: dict) -> list[dict]:
    return [dict(items) for items in itertools.permutations(masses.items())]


def series(masses: dict, **kwargs):
    return pandas.Series(masses, **kwargs)


def frame(rows, **kwargs):
    return pandas.DataFrame(rows, **kwargs)


DOORS = {
    "from_pmfs": lambda p, q: mc.Region.from_pmfs(p, q).total_variation,
    "packed_tv": lambda p, q: float(mc.packed_tv((p, q), 1)),
    "a list of two": lambda p, q: float(mc.packed_tv([p, q], 1)),
    "least_degree": lambda p, q: mc.least_degree((p, q), tv=0.4),
    "product_tv": lambda p, q: mc.product_tv([(p, q), (q, p)]),
    "batch": lambda p, q: float(mc.batch.packed_tv(p, q, 1)),
    "batch overlap": lambda p, q: float(mc.batch.packed_overlap(p, q, 1)),
    "batch bracket": lambda p, q: float(mc.batch.packed_tv_bracket(p, q, 1)[0]),
    "batch total variation": lambda p, q: float(mc.batch.total_variation(p, q)),
    "curves": lambda p, q: float(mc.curves.auc((p, q))),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", [dict, series])
def test_pmfs_are_aligned_by_label(door, kind):
    function = DOORS[door]
    plain = function([*P.values()], [*Q.values()])
    for p, q in itertools.product(orders(P), orders(Q)):
        assert function(kind(p), kind(q)) == pytest.approx(plain, rel=1e-14)


def test_positions_would_give_another_distance():
    # the trap of value_counts: both sorted by frequency
    by_frequency = sorted(P.values(), reverse=True), sorted(Q.values(), reverse=True)
    assert mc.Region.from_pmfs(*by_frequency).total_variation < TV / 2
    assert mc.Region.from_pmfs(P, Q).total_variation == pytest.approx(TV)


def test_value_counts_of_two_frames():
    real = pandas.Series(["a"] * 7 + ["b"] * 5 + ["c"] * 4 + [None] * 2)
    generated = pandas.Series(["b"] * 9 + ["a"] * 3 + [None] * 3 + ["d"] * 3)
    exact = Fraction(0)
    for label in "abcd-":
        p, q = (
            Fraction(sum((x if isinstance(x, str) else "-") == label for x in column), 18)
            for column in (real, generated)
        )
        exact += abs(p - q) / 2
    share = [column.value_counts(normalize=True, dropna=False) for column in (real, generated)]
    assert mc.Region.from_pmfs(*share).total_variation == pytest.approx(float(exact), rel=1e-14)
    count = [column.value_counts(dropna=False) for column in (real, generated)]
    evidence = samples.from_counts(*count)
    assert evidence.region.total_variation == pytest.approx(float(exact), rel=1e-14)
    assert dict(zip(evidence.names, evidence.generated.tolist(), strict=True)) == {
        "a": 3, "b": 9, "c": 0, "nan": 3, "d": 3,
    }  # fmt: skip


@pytest.mark.parametrize("kind", [dict, series])
def test_counts_are_aligned_by_label(kind):
    plain = samples.from_counts(*([*c.values()] for c in COUNTS), names=[*P])
    for real, generated in itertools.product(*map(orders, COUNTS)):
        found = samples.from_counts(kind(real), kind(generated))
        assert dict(zip(found.names, found.real.tolist(), strict=True)) == COUNTS[0]
        assert dict(zip(found.names, found.generated.tolist(), strict=True)) == COUNTS[1]
        assert found.region == plain.region
        known = samples.from_counts(target=kind(P), generated=kind(generated))
        assert dict(zip(known.names, known.generated.tolist(), strict=True)) == COUNTS[1]
        js = metrics.divergence_over_modes(kind(P), kind(generated), "js")
        assert js == pytest.approx(known.region.divergence("js"), rel=1e-14)


def test_other_pairs_are_aligned_too():
    for q in orders(Q):
        assert mc.witness_set((P, q), 0.1, 0.5) == [0]
        difference = {label: P[label] - Q[label] for label in q}
        assert mc.Region.from_letters(P, q, difference) == mc.Region.from_pmfs(P, Q)
    swapped = {"owl": 0.0, "cat": 1.0}
    certain = samples.plan(0.01, 0.02, ({"cat": 0.5, "owl": 0.5}, swapped))
    assert certain == samples.plan(0.01, 0.02, ([0.5, 0.5], [1, 0]))


def test_a_picture_of_a_pair_names_its_letters():
    from matplotlib.figure import Figure

    from modecollapse.plotting import draw_pair

    ax = Figure().subplots()
    of_p, of_q = draw_pair(ax, P, {"owl": 0.6, "dog": 0.3, "cat": 0.1})
    assert [bar.get_height() for bar in of_p] == [*P.values()]
    assert [bar.get_height() for bar in of_q] == [*Q.values()]
    assert [label.get_text() for label in ax.get_xticklabels()] == [*P]


def test_a_letter_that_one_leaves_out_has_mass_0_there():
    p, q = {"a": 0.5, "b": 0.5}, {"b": 0.25, "c": 0.75}
    assert mc.Region.from_pmfs(p, q) == mc.Region.from_pmfs([0.5, 0.5, 0], [0, 0.25, 0.75])
    found = samples.from_counts({"a": 2, "b": 1}, {"b": 4})
    assert (found.names, found.real.tolist(), found.generated.tolist()) == (("a", "b"), [2, 1], [0, 4])


def test_types_survive_the_alignment():
    exact = {"a": Fraction(1, 3), "b": Fraction(2, 3)}
    assert mc.Region.from_pmfs(exact, {"b": Fraction(1)}).total_variation == pytest.approx(1 / 3, rel=1e-15)
    narrow = series({"b": 0.700005, "a": 0.3}, dtype="float32")  # a sum that only float32 may have
    assert mc.Region.from_pmfs(series({"a": 1.0}), narrow).total_variation == pytest.approx(0.7, abs=1e-5)


@pytest.mark.parametrize(("one", "other"), [(3, "3"), (3, 3.0), (np.int64(3), "3"), (True, np.True_)])
def test_labels_that_mean_the_same_are_the_same(one, other):
    assert mc.Region.from_pmfs({one: 0.2, "x": 0.8}, {"x": 0.8, other: 0.2}).total_variation == 0


def test_numbers_that_differ_stay_different_labels():
    labels = alignment.letters({2**60: 0, 2**60 + 1: 0, 0.5: 0, math.inf: 0, math.nan: 0, (1, "a"): 0})
    assert labels == (str(2**60), str(2**60 + 1), 0.5, math.inf, "nan", (1, "a"))


@pytest.mark.parametrize(
    ("p", "q", "message"),
    [
        (P, [0.1, 0.3, 0.6], "p has labels ('cat', 'dog', 'owl'), but q has none; give both with labels"),
        ([0.1, 0.3, 0.6], Q, "q has labels ('cat', 'dog', 'owl'), but p has none"),
        (P, {"Cat": 1.0}, "p and q have no label in common: ('cat', 'dog', 'owl') and ('Cat')"),
        ({3: 0.5, "3": 0.5}, {3: 1}, "p must have each label once, got '3' 2 times"),
        ({0: 1.0}, {1: 1.0}, "p and q have no label in common"),
        ({f"x{i}": 1 / 8 for i in range(8)}, [1 / 8] * 8, "p has labels ('x0', 'x1', 'x2', 'x3', 'x4' and"),
        ({"a": [0.5, 0.5]}, {"a": 1.0}, "p must have one number a label, got shape (2,)"),
        ({"a": "0.5", "b": "0.5"}, {"a": 1.0, "b": 0}, "p must be real numbers, got"),
    ],
)  # fmt: skip
def test_labels_that_do_not_match_are_refused(p, q, message):
    for door in DOORS.values():
        with pytest.raises(ValueError, match=f"(?i){re.escape(message)}"):
            door(p, q)
    with pytest.raises(ValueError, match="label"):
        samples.from_counts(dict.fromkeys(p, 1) if isinstance(p, dict) else [1, 2, 3], {"elsewhere": 1})


def test_counts_that_do_not_match_are_refused():
    for real, generated in ((COUNTS[0], [1, 2, 3]), ([1, 2, 3], COUNTS[1]), ({"a": 1}, {"b": 1})):
        with pytest.raises(ValueError, match="label"):
            samples.from_counts(real, generated)
        with pytest.raises(ValueError, match="label"):
            metrics.divergence_over_modes(
                {key: 1 / len(real) for key in real} if isinstance(real, dict) else [1 / 3] * 3,
                generated,
                "js",
            )
    with pytest.raises(ValueError, match="the modes already have names"):
        samples.from_counts(*COUNTS, names=["x", "y", "z"])


def test_places_are_labels_only_where_pandas_gave_them():
    plain = np.array([0.1, 0.3, 0.6])
    unnamed = series([0.5, 0.3, 0.2])
    assert mc.Region.from_pmfs(unnamed, plain).total_variation == pytest.approx(TV)
    assert mc.Region.from_pmfs(plain, unnamed).total_variation == pytest.approx(TV)
    with pytest.raises(ValueError, match=r"p has labels .'1', '0', '2'., but q has none"):
        mc.Region.from_pmfs(series([0.5, 0.3, 0.2], index=[1, 0, 2]), plain)
    # labels 0 and 1 of value_counts against labels 0, 1 and 2 of another
    dropped = series([0.5, 0.5], index=[1, 0])
    assert mc.Region.from_pmfs(unnamed, dropped).total_variation == pytest.approx(0.2)


def test_tables_of_pmfs_are_aligned_by_their_columns():
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.ones(3), 5), rng.dirichlet(np.ones(3), 5)
    plain = mc.batch.packed_tv(p, q, 2)
    named = frame(p, columns=[*"abc"])
    for order in itertools.permutations(range(3)):
        shuffled = frame(q[:, order], columns=["abc"[i] for i in order])
        np.testing.assert_allclose(mc.batch.packed_tv(named, shuffled, 2), plain, rtol=1e-13)
    single = series(dict(zip("cab", p[0][[2, 0, 1]], strict=True)))
    np.testing.assert_allclose(
        mc.batch.packed_tv(single, frame(q, columns=[*"abc"]), 2), mc.batch.packed_tv(p[0], q, 2), rtol=1e-13
    )
    with pytest.raises(ValueError, match="P and Q have no label in common"):
        mc.batch.packed_tv(named, frame(q, columns=[*"xyz"]), 2)
    with pytest.raises(ValueError, match=r"P has labels .*, but Q has none"):
        mc.batch.packed_tv(named, q, 2)
    np.testing.assert_array_equal(mc.batch.packed_tv(frame(p), q, 2), plain)  # no names were given


def test_rows_of_tables_of_pmfs_must_have_the_same_labels():
    p = frame([[0.5, 0.5], [0.25, 0.75]], index=["first", "second"])
    q = frame([[0.5, 0.5], [1, 0]], index=["second", "first"])
    with pytest.raises(
        ValueError, match=r"the rows of P and the rows of Q must have the same labels .* place 0"
    ):
        mc.batch.packed_tv(p, q, 1)
    with pytest.raises(ValueError, match="the rows of P and m must have the same labels"):
        mc.batch.packed_tv(p, [0.5, 0.5], series([1, 2], index=["second", "first"]))
    assert mc.batch.packed_tv(p, q.loc[p.index], 1).tolist() == [0.5, pytest.approx(0.25)]
    assert mc.batch.packed_tv(p, q.iloc[:1], 1).tolist() == [0, pytest.approx(0.25)]  # one row goes with all


COLUMN_DOORS = {
    "centres": lambda real, generated: samples.from_centres(real, generated, real[:4], radius=0.5),
    "cells": lambda real, generated: samples.from_features(real, generated, cells=3, seed=0),
    "divergence": lambda real, generated: metrics.divergence_over_cells(real, generated, [[0.0], [0.0]]),
    "count": lambda real, generated: samples.count_modes(generated, real[:4], 0.5).tolist(),
    "folds": lambda real, generated: samples.cross_fit(
        real, generated, lambda rows, labels: lambda points: points[:, 0]
    ),
}


@pytest.mark.parametrize("door", COLUMN_DOORS)
def test_columns_of_features_are_aligned_by_name(door):
    rng = np.random.default_rng(0)
    real, generated = rng.normal([0, 3], 1, (40, 2)), rng.normal([1, 3], 1, (40, 2))
    plain = COLUMN_DOORS[door](real, generated)
    named, swapped = frame(real, columns=["x", "y"]), frame(generated[:, ::-1], columns=["y", "x"])
    assert COLUMN_DOORS[door](named, swapped) == plain
    assert COLUMN_DOORS[door](named, generated) == plain  # arrays of a network have no names
    with pytest.raises(ValueError, match=r"must have the same columns, got .*'x', 'y'"):
        COLUMN_DOORS[door](named, frame(generated, columns=["y", "z"]))


@pytest.mark.parametrize(
    "door",
    [
        lambda a, b: mc.curves.from_roc(a, b),
        lambda a, b: mc.curves.from_trade_off(a, 1 - b),
        lambda a, b: mc.curves.from_privacy(a, b),
        lambda a, b: mc.Region.from_densities([0, 1, 2, 3], a * 0 + 1 / 3, b * 0 + 1 / 3),
        lambda a, b: GaussianMixture(a * 0 + 1 / 3, np.stack([b, b], axis=1), b + 1),
    ],
)
def test_lists_that_are_read_side_by_side_must_have_the_same_labels(door):
    a, b = series([0.0, 0.5, 1.0]), series([0.0, 0.75, 1.0])
    door(a, b)
    with pytest.raises(ValueError, match="must have the same labels in the same order, got '0' and '2'"):
        door(a, b.iloc[::-1])


def test_tables_of_words_are_no_list_of_their_names():
    words = frame([["C", "x"], ["D", "y"], ["C", "x"], ["E", "y"]], columns=["molecule", "kind"])
    found = mc.birthday.birthday_test(words, 4)
    assert (found.batches, found.collided) == (1, 1)
    assert mc.birthday.birthday_test(words["molecule"], 2).collided == 0


def test_names_of_columns_of_other_libraries():
    table = pyarrow.table({"x": [0.0, 1.0], "y": [2.0, 3.0]})
    assert alignment.columns(table) == ("x", "y")
    assert validation.tables(("real", "generated"), table, table.select(["y", "x"]))[1].tolist() == [
        [0, 2],
        [1, 3],
    ]


PARTS = {"left": stats.norm(-3), "right": stats.norm(3), "wide": stats.norm(0, 5)}
SHARES = {"left": 0.25, "right": 0.5, "wide": 0.25}


def test_the_weights_of_a_mixture_go_with_their_components():
    at = np.linspace(-6, 6, 13)
    plain = mixture(list(SHARES.values()), list(PARTS.values())).pdf(at)
    backwards = dict(reversed(PARTS.items()))
    np.testing.assert_allclose(mixture(SHARES, backwards).pdf(at), plain, rtol=1e-14)
    in_order = mixture(series(SHARES), series(list(PARTS.values()), index=[*PARTS])).pdf(at)
    np.testing.assert_allclose(in_order, plain, rtol=1e-14)
    with pytest.raises(
        ValueError, match="must have the same labels in the same order, got 'left' and 'wide'"
    ):
        mixture(series(SHARES), series(list(backwards.values()), index=[*backwards]))


@pytest.mark.parametrize(
    ("weights", "components", "message"),
    [
        (SHARES, list(PARTS.values()), "weights has labels, but components has none"),
        ([0.25, 0.5, 0.25], PARTS, "components has labels, but weights has none"),
        ({"left": 1.0}, PARTS, "must have the same labels, but one lacks 'right', 'wide'"),
        ({**SHARES, "far": 0.0}, PARTS, "must have the same labels, but one lacks 'far'"),
    ],
)
def test_a_mixture_of_other_labels_is_refused(weights, components, message):
    with pytest.raises(ValueError, match=message):
        mixture(weights, components)


@pytest.mark.parametrize("names", [("eps", "delta"), ("x", "y")])
def test_the_columns_of_vertices_go_by_their_names(names):
    vertices = np.array([[0, 0], [0.1, 0.5], [1, 1]])
    expected = mc.Region.from_vertices(vertices)
    assert mc.Region.from_vertices(frame(vertices)) == expected
    assert mc.Region.from_vertices(frame(vertices, columns=names)) == expected
    assert mc.Region.from_vertices(frame(vertices[:, ::-1], columns=names[::-1])) == expected
    with pytest.raises(ValueError, match=r"must have columns named \('eps', 'delta'\) or \('x', 'y'\), got"):
        mc.Region.from_vertices(frame(vertices, columns=["eps", "y"]))


@pytest.mark.parametrize("normalize", [False, True])
def test_counts_of_values_are_no_labels(normalize):
    """They would be read as labels "5" and "3", each seen once, without a word."""
    counted = pandas.Series(["cat"] * 5 + ["dog"] * 3).value_counts(normalize=normalize)
    with pytest.raises(ValueError, match=r"as value_counts makes; counts go to from_counts"):
        samples.from_labels(counted, counted)
    renamed = pandas.Series([5, 3, 3], name="number of legs")
    assert samples.from_labels(renamed, renamed).names == ("3", "5")


ONE_LIST = {
    "region": lambda x: mc.Region.from_pmfs(x, x),
    "a list beside it": lambda x: mc.Region.from_pmfs(x, [0.5, 0.5]),
    "evaluator": lambda x: mc.packed_tv((x, x), 2),
    "plug-in region": lambda x: mc.Region.from_counts(x, x),
    "counts": lambda x: samples.from_counts(x, x),
    "counts and a target": lambda x: samples.from_counts(target=x, generated=[1, 1]),
    "labels": lambda x: samples.from_labels(x, x),
    "scores": lambda x: samples.from_scores(x, x),
    "log ratios": lambda x: samples.from_log_ratios(x, x),
    "groups": lambda x: samples.from_groups(["a", "b"], ["a", "b"], x, x),
    "one of each group": samples.one_per_group,
}


@pytest.mark.parametrize("door", ONE_LIST)
@pytest.mark.parametrize(
    "table", [frame({"n": [1, 1]}), frame({"n": [1, 1], "k": [1, 1]})], ids=["one", "two"]
)
def test_a_table_where_a_list_is_meant_is_refused_with_its_column(door, table):
    for given in (table, pyarrow.table(table)):
        with pytest.raises(
            ValueError, match=r"must be one list, got a table with the columns \('n'.*\['n'\]"
        ):
            ONE_LIST[door](given)
