"""The nearest centres: the loop and the matrix product against distances one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modecollapse.samples import copy_test, count_modes, from_features
from modecollapse.samples import nearest as module
from modecollapse.samples.nearest import nearest_centres

coordinates = st.integers(-4, 4) | st.sampled_from([0.1, 1e-9, 1e8, 1e150])


def plain(points, centres):
    distances = [[math.dist(point, centre) for centre in centres] for point in points]
    return [row.index(min(row)) for row in distances], [min(row) for row in distances]


@pytest.fixture(params=["loop", "product"])
def way(request):
    return {"loop": module._by_loop, "product": module._by_product}[request.param]


@given(data=st.data(), dimension=st.integers(1, 4))
def test_each_way_finds_the_nearest(data, dimension):
    points, centres = (
        np.array(data.draw(st.lists(st.tuples(*[coordinates] * dimension), min_size=1, max_size=size)), float)
        for size in (9, 6)
    )
    _, distances = plain(points, centres)
    for way in (module._by_loop, module._by_product):
        found = way(points, centres)
        assert found.distance == pytest.approx(distances, rel=1e-14)
        # rounding of squares may make two centres equally near
        chosen = [math.dist(point, centres[i]) for point, i in zip(points, found.centre, strict=True)]
        assert chosen == pytest.approx(distances, rel=1e-14)


def test_the_first_of_equally_near_centres_is_taken(way):
    points = np.array([[0.0, 0.0], [1.0, 1.0], [5.0, 5.0]])
    centres = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [5.0, 5.0], [5.0, 5.0]])
    found = way(points, centres)
    assert found.centre.tolist() == [0, 0, 3]
    assert found.distance.tolist() == [1.0, 1.0, 0.0]


@pytest.mark.parametrize("size", [1, module.BLOCK - 1, module.BLOCK, module.BLOCK + 1, 3 * module.BLOCK + 7])
@pytest.mark.parametrize(("dimension", "number"), [(2, 5), (40, 3), (40, 150)])
def test_blocks_of_points_make_no_difference(size, dimension, number):
    rng = np.random.default_rng(size)
    points, centres = rng.normal(size=(size, dimension)), rng.normal(size=(number, dimension))
    found = nearest_centres(points, centres)
    distances = np.sqrt(((points[:, np.newaxis] - centres) ** 2).sum(axis=2))
    assert found.centre.tolist() == distances.argmin(axis=1).tolist()
    assert found.distance == pytest.approx(distances.min(axis=1), rel=1e-13)


def test_far_from_the_origin_the_product_is_in_doubt_and_right():
    rng = np.random.default_rng(0)
    points, centres = rng.normal(size=(500, 40)) + 1e9, rng.normal(size=(150, 40)) + 1e9
    assert (
        module._by_product(points, centres).centre.tolist()
        == module._by_loop(points, centres).centre.tolist()
    )


def test_columns_and_slices_are_points_too():
    rng = np.random.default_rng(1)
    points, centres = rng.normal(size=(600, 4)), rng.normal(size=(5, 2))
    sliced = nearest_centres(points[::2, 1:3], centres)
    assert sliced.centre.tolist() == nearest_centres(points[::2, 1:3].copy(), centres).centre.tolist()
    transposed = nearest_centres(np.asfortranarray(points[:, :2]), centres)
    assert transposed.centre.tolist() == nearest_centres(points[:, :2].copy(), centres).centre.tolist()


def test_a_point_at_the_radius_counts():
    assert count_modes([[0.3, 0.4]], [[0, 0]], 0.5).tolist() == [1, 0]
    assert count_modes([[0.3, 0.4]], [[0, 0]], np.nextafter(0.5, 0)).tolist() == [0, 1]


@pytest.mark.parametrize("dimension", [3, 40])
@pytest.mark.parametrize("size", [2.0**-1000, 2.0**-500, 2.0**500, 2.0**1000])
def test_squares_that_overflow_or_vanish_make_no_difference(size, dimension):
    rng = np.random.default_rng(0)
    points, centres = rng.normal(size=(300, dimension)), rng.normal(size=(150, dimension))
    points[0], points[1] = 0.0, centres[7]
    expected, found = nearest_centres(points, centres), nearest_centres(points * size, centres * size)
    assert found.centre.tolist() == expected.centre.tolist()
    assert (found.distance / size).tolist() == pytest.approx(expected.distance.tolist(), rel=1e-14)


@given(data=st.data(), dimension=st.integers(1, 3))
def test_numbers_of_all_sizes_side_by_side(data, dimension):
    sizes = st.sampled_from([0.0, 1.0, -3.0]).flatmap(
        lambda x: st.sampled_from(
            [x, x * 1e-300, x * 1e-200, x * 1e-9, x * 1e100, x * 1e110, x * 1e200, x * 1e300]
        )
    )
    points, centres = (
        np.array(data.draw(st.lists(st.tuples(*[sizes] * dimension), min_size=1, max_size=5)), float)
        for _ in range(2)
    )
    _, distances = plain(points, centres)
    found = nearest_centres(points, centres)
    assert found.distance == pytest.approx(distances, rel=1e-14, abs=0)
    near = [math.dist(point, centres[i]) for point, i in zip(points, found.centre, strict=True)]
    assert near == pytest.approx(distances, rel=1e-14, abs=0)


@pytest.mark.parametrize("size", [1e-300, 1e-160, 1e160, 1e300])
def test_the_unit_of_features_makes_no_difference(size):
    rng = np.random.default_rng(1)
    real, generated = (rng.normal(size=(300, 3)) for _ in range(2))
    unit = 2.0 ** round(math.log2(size))
    expected, found = (
        from_features(real * scale, generated * scale, cells=5, seed=0) for scale in (1.0, unit)
    )
    assert found.real.tolist() == expected.real.tolist()
    assert found.generated.tolist() == expected.generated.tolist()
    assert copy_test(real * unit, generated * unit, real * unit) == copy_test(real, generated, real)
    assert count_modes(real * unit, real[:3] * unit, unit).tolist() == count_modes(real, real[:3], 1).tolist()
