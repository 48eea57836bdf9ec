"""Results are values: comparable, picklable, frozen, with a short repr."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import math
import pickle
import re

import numpy as np
import pytest

import modecollapse as mc
from modecollapse import samples, targets

UNSEEN = samples.from_counts([50, 50, 0], [90, 10, 0])
"""Counts with a mode that no sample has: its ratio is NaN."""

MAKERS = {
    "scalar band": lambda: mc.tv_band(0.11, 3, collapse=(0.02, 0.1)),
    "array band": lambda: mc.tv_band(0.11, [1, 2], no_collapse=(0.05, 0.1), no_augmentation=(0.05, 0.1)),
    "scalar band of a class": lambda: mc.band(mc.PairClass(0.18, no_collapse=(0.5, 0.6)), 3),
    "array band of a class": lambda: mc.band(mc.PairClass(0.18, no_collapse=(0.5, 0.6)), [1, 2]),
    "class of pairs": lambda: mc.PairClass(0.18, no_collapse=(0.5, 0.6)),
    "optimum": lambda: mc.paper.L(0.11, 3),
    "bracket": lambda: mc.packed_tv_bracket(([0.2, 0.8], [0.3, 0.7]), 5),
    "region bracket": lambda: mc.pack_bracket(([0.2, 0.8], [0.3, 0.7]), 5),
    "region": lambda: mc.pack(([0.2, 0.8], [0.3, 0.7]), 5),
    "diagnosis": lambda: samples.diagnose(UNSEEN),
    "diagnosis of scores": lambda: samples.diagnose(samples.from_scores([1.0, 2.0, 2.5], [0.5, 2.0])),
    "comparison": lambda: samples.compare({"a": UNSEEN, "b": UNSEEN}),
    "mixture": targets.grid,
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_results_are_values(make):
    result = make()
    assert result == make()
    assert result == pickle.loads(pickle.dumps(result))
    assert result == copy.deepcopy(result)
    assert result != 1
    assert len(repr(result)) < 300
    with pytest.raises((AttributeError, dataclasses.FrozenInstanceError)):
        setattr(result, next(iter(getattr(result, "__dataclass_fields__", {"lower": 0}))), 0)


def test_bands_differ_where_a_field_does():
    band = mc.tv_band(0.11, [1, 2])
    assert band != mc.tv_band(0.11, [1, 3])
    assert band != mc.tv_band(0.12, [1, 2])
    assert band != mc.tv_band(0.11, 2)
    assert mc.tv_band(0.11, 2) != mc.tv_band(0.11, [2])


def test_diagnoses_differ_where_a_field_does():
    found = samples.diagnose(UNSEEN)
    assert any(math.isnan(mode.ratio) for mode in found.modes)
    assert found != samples.diagnose(UNSEEN, level=0.9)
    assert found != samples.diagnose(samples.from_counts([50, 50, 1], [90, 10, 0]))
    assert samples.compare({"a": UNSEEN, "b": UNSEEN}) != samples.compare({"a": UNSEEN, "c": UNSEEN})


def test_reprs_of_bands_say_where_they_are():
    assert repr(mc.tv_band(0.11, 2)) == "<Band [min 0.11, max 0.2079] at m = 2, all pairs>"
    assert repr(mc.tv_band(0.11, 2, divergence="kl")).startswith("<Band [min 0.048531,")
    assert "max ∞]" in repr(mc.tv_band(0.11, 2, divergence="kl"))
    without = mc.PairClass(0.2, no_collapse=(0, 0.1), no_augmentation=(0, 0.1))
    assert repr(mc.band(without, 2)) == "<Band [min 0.2, sup 0.36] at m = 2, zero-width collapse>"
    assert repr(mc.tv_band(0.11, [2])) == "<Band of 1 degree, all pairs>"
    assert repr(mc.tv_band(0.2, np.ones((2, 3)), collapse=(0, 0.1))) == "<Band of 6 degrees, collapse>"


@pytest.mark.parametrize("m", [3, [1, 2], [[1, 2], [5, 10]]])
def test_a_band_has_its_ends_by_name(m):
    """A stranger who reads the table knows which ends a pair has; a program reads the same from `to_dict`."""
    band = mc.band(mc.PairClass(0.2, no_collapse=(0, 0.1), no_augmentation=(0, 0.1)), m)
    found, rows = band.to_dict(), band.table().rows()
    assert found["upper"] == np.ravel(band.upper).tolist()
    assert found["upper_attained"] == np.ravel(band.upper_attained).tolist()
    assert [row["m"] for row in rows] == np.ravel(m).tolist()
    for row, lower, upper in zip(rows, np.ravel(band.lower), np.ravel(band.upper), strict=True):
        lower_name, lower_text = row["lower"].split()
        upper_name, upper_text = row["upper"].split()
        assert (lower_name, upper_name) == ("min", "max" if row["m"] == 1 else "sup")
        assert (float(lower_text), float(upper_text)) == pytest.approx((lower, upper), abs=1e-9)
    assert "sup 0.36" in mc.band(band.pairs, 2)._repr_html_()


def public_functions():
    """The public functions, and the public methods of the public classes."""
    for name in mc.__all__:
        thing = getattr(mc, name)
        if inspect.isfunction(thing):
            yield pytest.param(thing, id=name)
        elif inspect.isclass(thing):
            for method, function in inspect.getmembers(thing, inspect.isroutine):
                if not method.startswith("_") and getattr(function, "__module__", "").startswith(
                    "modecollapse"
                ):
                    yield pytest.param(function, id=f"{name}.{method}")


@pytest.mark.parametrize("function", list(public_functions()))
def test_no_public_signature_says_any(function):
    written = map(str, function.__annotations__.values())
    assert not [annotation for annotation in written if re.search(r"\bAny\b", annotation)]
