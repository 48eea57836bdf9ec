"""Values of the wrong type at the public face: a ValueError that says how one of the right type is made."""

from __future__ import annotations

import re

import numpy as np
import pytest
from matplotlib.figure import Figure

import modecollapse as mc
from modecollapse import metrics, plotting
from modecollapse.pages import comparison, report
from modecollapse.samples import certify, compare, cross_fit, diagnose, from_counts, from_labels, monitor

COUNTS = from_counts([50, 50], [90, 10])
PAIR = [0.5, 0.5], [0.4, 0.6]
REGION, PAIRS = mc.Region.from_pmfs(*PAIR), mc.PairClass(0.1)
ROWS = np.arange(8.0).reshape(4, 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mc.band(0.11, 3), "pairs must be a PairClass, got 0.11; write PairClass("),
        (lambda: mc.separating_degrees(0.2, PAIRS, 3), "H1 must be a PairClass, got 0.2"),
        (lambda: mc.separating_degrees(PAIRS, REGION, 3), "H0 must be a PairClass, got <Region"),
        (
            lambda: mc.PairClass(contains=PAIR),
            "contains must be a Region, got ([0.5, 0.5], [0.4, 0.6]); write",
        ),
        (lambda: mc.garbling(1, 2), "r must be a Region, got 1"),
        (lambda: mc.garbling(REGION, PAIR), "s must be a Region, got ("),
        (lambda: diagnose(PAIR), "got ([0.5, 0.5], [0.4, 0.6]); from_centres, from_labels"),
        (lambda: certify(PAIR, 0.1, 0.2), "evidence must be a ModeCounts, TargetCounts, UnitCounts"),
        (lambda: compare([COUNTS, COUNTS]), "give each generator a name: {name: evidence}"),
        (lambda: compare({"a": COUNTS, 1: COUNTS}), "a name must be a str, got 1"),
        (lambda: compare({"a": PAIR}), "evidence must be a ModeCounts, "),
        (lambda: list(monitor([COUNTS, 3], 0.1, 0.2)), "a batch must be a ModeCounts, got 3"),
        (lambda: list(monitor(COUNTS, 0.1, 0.2)), "batches must be an Iterable"),
        (lambda: plotting.draw_band(Figure().subplots(), PAIRS), "band must be a Band, got PairClass("),
        (lambda: plotting.draw_region(Figure().subplots(), 3), "expected a Region or two pmfs (p, q), got 3"),
        (
            lambda: from_labels(target=["a", "b"], generated=["a"]),
            "target must give each label its probability",
        ),
        (
            lambda: from_labels(target=[0.5, 0.5], generated=["a"]),
            "target must give each label its probability",
        ),
        (lambda: report.page(COUNTS), "diagnose(evidence) makes one"),
        (lambda: comparison.page(diagnose(COUNTS)), "compare(evidence) makes one"),
        (lambda: cross_fit(ROWS, ROWS, "knn"), "fit must be a function that returns a score, got 'knn'"),
        (lambda: cross_fit(ROWS, ROWS, lambda rows, labels: 3), "fit must return a function of rows"),
        (lambda: metrics.distinct_n("a b c"), "texts must be a list of texts, got the one text 'a b c'"),
        (lambda: metrics.distinct_n([1, 2]), "a text must be a string or a sequence of tokens, got 1"),
        (lambda: metrics.repetition("abc"), "samples must be a list of texts, got the one text 'abc'"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()
