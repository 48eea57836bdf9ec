"""Arrays of other libraries: those that hand their numbers over are read, and others are refused clearly."""

from __future__ import annotations

import re

import ml_dtypes
import numpy as np
import pytest

import modecollapse as mc
from modecollapse import samples, targets, validation
from modecollapse.sweep import grid
from modecollapse.table import Table
from modecollapse.tensors import as_array, unit_of_rounding


class ByDLPack:
    """An array that is known by DLPack alone, as those of some libraries are."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    def __dlpack__(self, **options: object) -> object:
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.array.__dlpack_device__()


class OnAnotherDevice(ByDLPack):
    def __dlpack__(self, **options: object) -> object:
        raise BufferError("cannot export an array of device 2 to main memory")

    def __dlpack_device__(self) -> tuple[int, int]:
        return 2, 0


class WithGradient(ByDLPack):
    """As a tensor of PyTorch that requires a gradient: both protocols refuse."""

    MESSAGE = "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."

    def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
        raise RuntimeError(self.MESSAGE)

    def __dlpack__(self, **options: object) -> object:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")


class OnAGraphicsCard(WithGradient):
    def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
        raise TypeError("can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy.")


class Handed:
    """As a tensor of PyTorch or an array of JAX: known by `__array__`."""

    def __init__(self, array: np.ndarray) -> None:
        self.array, self.ndim, self.shape = array, array.ndim, array.shape

    def __len__(self) -> int:
        return len(self.array)

    def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
        return self.array if dtype is None else self.array.astype(dtype)


DOORS = {
    "region": lambda x: mc.Region.from_pmfs(x, [0.5, 0.25, 0.25]),
    "evaluator": lambda x: mc.packed_tv((x, [0.5, 0.25, 0.25]), 2),
    "batch": lambda x: mc.batch.packed_tv(x, [0.5, 0.25, 0.25], 2),
    "rows": lambda x: samples.from_centres(x, x, [[0.0]], radius=1),
    "scores": lambda x: samples.from_scores(x, x),
    "counts": lambda x: samples.from_counts(target=x, generated=[1, 2, 1]),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", [ByDLPack, Handed])
def test_arrays_of_other_libraries_are_read(door, kind):
    values = np.array([0.25, 0.5, 0.25], dtype=np.float32)
    assert DOORS[door](kind(values)) == DOORS[door](values)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (OnAnotherDevice, "cannot export an array of device 2 to main memory"),
        (WithGradient, "Can't call numpy() on Tensor that requires grad;"),
        (OnAGraphicsCard, "can't convert cuda:0 device type tensor to numpy;"),
    ],
)
def test_arrays_that_are_not_handed_over_are_refused_with_their_reason(door, kind, reason):
    with pytest.raises(ValueError, match=re.escape(reason)) as refused:
        DOORS[door](kind(np.array([0.25, 0.5, 0.25])))
    assert f"got a {kind.__name__} that refuses" in str(refused.value)
    assert ".detach().cpu().float()" in str(refused.value)


NARROW = [np.float32, np.float16, ml_dtypes.bfloat16]

IN_DOUBLE = mc.packed_tv(([0.25, 0.75], [0.5, 0.5]), [1, 3]).tolist()
"""The distances of a pair that all these types hold exactly."""


@pytest.mark.parametrize("dtype", NARROW)
@pytest.mark.parametrize("size", [2, 10, 1000, 50_000])
def test_softmaxes_of_narrow_floats_are_pmfs(dtype, size):
    rng = np.random.default_rng(size)
    for spread in (0.1, 3, 10):
        logits = (spread * rng.standard_normal(size)).astype(np.float32)
        p, q = (softmax(each).astype(dtype) for each in (logits, logits[::-1]))
        single = mc.Region.from_pmfs(p, q).total_variation
        assert mc.batch.total_variation(p, q) == pytest.approx(single, rel=1e-14)


def softmax(logits: np.ndarray) -> np.ndarray:
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()


@pytest.mark.parametrize("dtype", NARROW)
def test_the_tolerance_of_a_narrow_float_is_that_of_its_type(dtype):
    tolerance = validation.COARSE_MASS_TOLERANCES[np.dtype(dtype).name]
    unit = float(ml_dtypes.finfo(dtype).eps)
    assert tolerance <= 100 * unit
    for share, off in ((0.5, tolerance / 2), (0.75, -tolerance / 2)):
        near = np.array([share, 1 - share + off], dtype=dtype)
        assert mc.Region.from_pmfs(near, near).total_variation == 0
        far = np.array([share, 1 - share + 4 * off], dtype=dtype)
        for refused in (mc.Region.from_pmfs, mc.batch.total_variation):
            with pytest.raises(ValueError, match=f"must sum to 1 within {tolerance:g}"):
                refused(far, far)


def test_bfloat16_keeps_its_values():
    values = np.array([0.1, 0.2, 0.7], dtype=ml_dtypes.bfloat16)
    assert validation.real_array("x", values).tolist() == [float(value) for value in values]
    assert validation.scores("x", values).tolist() == [float(value) for value in values]
    assert validation.table("x", values[:, None])[:, 0].tolist() == [float(value) for value in values]


def test_labels_of_other_libraries_are_read():
    plain = samples.from_labels([0, 1, 1], [1, 1, 2])
    assert samples.from_labels(Handed(np.array([0, 1, 1])), ByDLPack(np.array([1, 1, 2]))) == plain


def test_what_has_no_numbers_is_refused():
    structured = np.array([(0.5,), (0.5,)], dtype=[("mass", float)])
    for bad in (structured, np.array([b"12345678"], dtype="V8")):
        with pytest.raises(ValueError, match="must be real numbers"):
            validation.real_array("x", bad)
    with pytest.raises(ValueError, match="x must be real numbers, got"):
        as_array("x", [[1], [1, 2]])


def test_points_that_are_known_by_dlpack_alone_count_at_the_radius():
    rounded = np.array([[0.1], [0.3]], dtype=np.float32)
    assert float(rounded[1, 0]) > 0.3
    assert samples.count_modes(ByDLPack(rounded), [[0.0]], 0.3).tolist() == [2, 0]
    assert samples.count_modes(ByDLPack(rounded.astype(float)), [[0.0]], 0.3).tolist() == [1, 1]


@pytest.mark.parametrize(
    ("dtype", "digits"), [("float32", 24), ("float16", 11), (">f4", 24), (ml_dtypes.bfloat16, 8)]
)
def test_the_unit_of_rounding_is_the_greatest_relative_error(dtype, digits):
    dtype = np.dtype(dtype)
    numbers = np.random.default_rng(0).uniform(1, 2, 100_000)
    errors = np.abs(numbers.astype(dtype).astype(float) / numbers - 1)
    assert unit_of_rounding(dtype) == 2.0**-digits
    assert 0.9 * 2.0**-digits < errors.max() <= 2.0**-digits


def single(value: float, dtype: object) -> Handed:
    """A single number, as an entry of an array of JAX is."""
    return Handed(np.array(value, dtype=dtype))


NARROW = [np.float32, np.float16, ml_dtypes.bfloat16]

IN_DOUBLE = mc.packed_tv(([0.25, 0.75], [0.5, 0.5]), [1, 3]).tolist()
"""The distances of a pair that all these types hold exactly."""


@pytest.mark.parametrize("dtype", NARROW)
def test_single_numbers_of_another_library_are_numbers_in_a_list(dtype):
    p, q = ([single(value, dtype) for value in law] for law in ((0.25, 0.75), (0.5, 0.5)))
    assert mc.packed_tv((p, q), [single(1, dtype), single(3, dtype)]).tolist() == IN_DOUBLE
    assert mc.Region.from_pmfs(dict(enumerate(p)), dict(enumerate(q))) == mc.Region.from_pmfs(p, q)
    pairs = mc.PairClass(tau=(single(0.25, dtype), single(0.5, dtype)), collapse=p[::-1][1:] + p[1:])
    assert (pairs.tau, pairs.collapse) == ((0.25, 0.5), ((0.25, 0.75),))
    assert mc.PairClass(hockey_stick=(single(2, dtype), p[0])).hockey_stick == (2.0, 0.25)
    nested = [[single(0, dtype), single(0, dtype)], p, [single(1, dtype), single(1, dtype)]]
    assert mc.Region.from_vertices(nested) == mc.Region.from_pmfs([0.75, 0.25], [0.25, 0.75])


def test_single_integers_of_another_library_are_labels_groups_and_modes():
    ones = [single(value, np.int32) for value in (0, 1, 1)]
    assert samples.from_labels(ones, [0, 1, 1]).real.tolist() == [1, 2]
    assert samples.from_groups(["a"] * 3, ["a"] * 3, ones, ones).sizes == (2, 2)
    assert targets.drop_modes(targets.ring(3), ones[:1]).weights.tolist() == [0, 0.5, 0.5]
    assert grid(tau=[single(0.25, ml_dtypes.bfloat16)], m=ones[1:2]) == [{"tau": 0.25, "m": 1}]
    assert type(grid(tau=[single(0.25, np.float32)])[0]["tau"]) is float


def test_columns_of_narrow_floats_are_widened():
    for dtype in NARROW:
        column = Table({"tv": Handed(np.array([0.25, 0.5], dtype=dtype))})["tv"]
        assert (column.dtype, column.tolist()) == (np.float64, [0.25, 0.5])


def test_true_is_no_packing_degree_in_any_library():
    for true in (True, np.array(True), Handed(np.array(True)), [single(True, np.bool_)]):
        with pytest.raises(ValueError, match="m must be integers, got booleans"):
            mc.packed_tv(([0.5, 0.5], [1, 0]), true)


def test_arrays_of_jax_are_taken_as_they_are():
    jnp = pytest.importorskip("jax.numpy")
    for dtype in (jnp.float32, jnp.float16, jnp.bfloat16):
        p, q = jnp.asarray([0.25, 0.75], dtype), jnp.asarray([0.5, 0.5], dtype)
        for pair in ((p, q), (list(p), list(q)), jnp.stack([p, q])):
            assert mc.packed_tv(pair, jnp.asarray([1, 3])).tolist() == IN_DOUBLE
            assert mc.packed_tv(pair, jnp.asarray(3)) == IN_DOUBLE[1]
        assert mc.PairClass(tau=(p[0], q[0])).tau == (0.25, 0.5)
        assert mc.least_degree((p, q), p[0], p[0]) == mc.least_degree(([0.25, 0.75], [0.5, 0.5]), 0.25, 0.25)
    labels = jnp.asarray([0, 1, 1])
    assert samples.from_labels(list(labels), labels).real.tolist() == [1, 2]
    assert samples.from_groups(labels, labels, labels, list(labels)).sizes == (2, 2)


def test_masked_entries_are_refused_and_not_read_beneath_their_mask():
    pmf = np.ma.array([0.5, 0.5, 0.0], mask=[False, False, True])
    with pytest.raises(ValueError, match="p must have no masked entries, got 1 of 3; leave them out with"):
        mc.Region.from_pmfs(pmf, [0.5, 0.25, 0.25])
    for call in (samples.from_labels, samples.from_scores, samples.from_counts):
        with pytest.raises(ValueError, match="must have no masked entries, got 1 of 2"):
            call(np.ma.array([1, 2], mask=[False, True]), [1, 2])
    unmasked = np.ma.array([0.2, 0.8])
    assert mc.Region.from_pmfs(unmasked, [0, 1]) == mc.Region.from_pmfs([0.2, 0.8], [0, 1])
