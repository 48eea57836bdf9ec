"""Two letters at many degrees in one call: the same numbers as one by one."""

from __future__ import annotations

import numpy as np
import pytest

import modecollapse as mc

PAIRS = [
    pytest.param([0.3, 0.7], [0.301, 0.699], id="near"),
    pytest.param([0.3, 0.7], [0.6, 0.4], id="far"),
    pytest.param([0.1, 0.4, 0.5, 0], [0, 0.5, 0.3, 0.2], id="both lack a letter"),
    pytest.param([0, 0.5, 0.5], [1e-3, 0.5, 0.5 - 1e-3], id="P lacks a letter"),
    pytest.param([0.2, 0.8], [0, 1], id="one common letter"),
    pytest.param([0.2, 0.3, 0.5], [0.21, 0.3, 0.49], id="three letters"),
]


@pytest.mark.parametrize("method", ["auto", "exact"])
@pytest.mark.parametrize(("p", "q"), PAIRS)
def test_many_degrees_are_each_degree(p, q, method):
    degrees = np.array([[1, 2, 3], [17, 1000, 31_623]])
    for evaluate in (mc.packed_tv, mc.packed_overlap):
        values = evaluate((p, q), degrees, method=method)
        assert values.tolist() == [[evaluate((p, q), int(m), method=method) for m in row] for row in degrees]


def test_logarithms_of_many_overlaps():
    p, q = [0.3, 0.7], [0.6, 0.4]
    values = mc.packed_overlap((p, q), [1, 10**6], log=True)
    assert values.tolist() == [mc.packed_overlap((p, q), m, log=True) for m in (1, 10**6)]


def test_bad_degrees_among_many_are_refused():
    with pytest.raises(ValueError, match="got 0 at index 1"):
        mc.packed_tv(([0.3, 0.7], [0.6, 0.4]), [3, 0])
