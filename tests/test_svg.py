"""The picture of a region that notebooks show: its geometry against the region, its form as XML."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given

import modecollapse as mc
from modecollapse.strategies import pairs
from modecollapse.svg import LEFT, SIDE, TOP, region_svg

NAME = "{http://www.w3.org/2000/svg}"
HUNDREDTH = 0.005 * 2**0.5 + 1e-9
"""Greatest distance by which rounding to a hundredth of a pixel moves a point."""


def paths(svg: str) -> list[str]:
    return [element.attrib["d"] for element in ElementTree.fromstring(svg).iter(f"{NAME}path")]


def pixels(path: str) -> np.ndarray:
    """The points of a path of straight lines."""
    return np.array([[float(v) for v in point.split()] for point in path.strip("MZ").split("L")])


def to_pixels(points) -> np.ndarray:
    return np.array([[LEFT + SIDE * x, TOP + SIDE * (1 - y)] for x, y in points])


def random_region(letters: int) -> mc.Region:
    return mc.Region.from_pmfs(*np.random.default_rng(letters).dirichlet(np.full(letters, 0.5), 2))


def test_the_boundary_and_the_tangent_are_where_the_region_has_them():
    region = mc.Region.from_pmfs([0.5, 0.3, 0.2], [0.1, 0.3, 0.6])
    area, frame, tangent, boundary = paths(region._repr_svg_())
    assert frame == "M26 188V8H206V188ZL206 8"  # the square, and back from (0, 0) along the diagonal
    np.testing.assert_allclose(pixels(boundary), to_pixels(region.vertices), atol=HUNDREDTH)
    assert area == f"{boundary}Z"
    np.testing.assert_allclose(pixels(tangent), to_pixels([(0, 0.4), (0.6, 1)]), atol=HUNDREDTH)


def test_the_picture_is_220_pixels_wide_and_says_what_it_shows():
    root = ElementTree.fromstring(mc.Region.from_pmfs([0.2, 0.8], [0, 1])._repr_svg_())
    assert root.tag == f"{NAME}svg"
    assert (root.attrib["width"], root.attrib["height"]) == ("220", "220")
    assert root.attrib["viewBox"] == "0 0 220 220"
    assert [text.text for text in root.iter(f"{NAME}text")][:2] == ["ε", "δ"]
    assert "".join(list(root.iter(f"{NAME}text"))[-1].itertext()) == "dTV = 0.2"


def test_labels_stand_outside_the_square_and_inside_the_picture():
    root = ElementTree.fromstring(mc.Region.from_pmfs([0.2, 0.8], [0, 1])._repr_svg_())
    eps, delta, *ticks, distance = root.iter(f"{NAME}text")
    right, bottom, middle = LEFT + SIDE, TOP + SIDE, SIDE / 2

    def place(text):
        return float(text.attrib["x"]), float(text.attrib["y"]), text.attrib["text-anchor"], text.text

    x, y, anchor, _ = place(eps)
    assert (x, anchor) == (LEFT + middle, "middle")
    assert bottom + 13 < y <= 220
    x, y, anchor, _ = place(delta)
    assert (y, anchor) == (TOP + middle, "middle")
    assert 0 < x < LEFT
    below, beside = [place(tick) for tick in ticks[:2]], [place(tick) for tick in ticks[2:]]
    assert [(x, *rest) for x, _, *rest in below] == [(LEFT, "middle", "0"), (right, "middle", "1")]
    assert all(bottom + 8 < y < 220 for _, y, *_ in below)
    assert all(0 < x < LEFT for x, *_ in beside)
    assert [(y, *rest) for _, y, *rest in beside] == [(bottom, "end", "0"), (TOP + 8, "end", "1")]
    x, y, anchor, _ = place(distance)
    assert anchor == "end"
    assert LEFT + middle < x < right
    assert TOP + middle < y < bottom


@given(pairs())
def test_every_picture_is_valid_and_keeps_within_its_square(pair):
    region = mc.Region.from_pmfs(*pair)
    for path in (0, 2, 3):
        points = pixels(paths(region._repr_svg_())[path])
        assert (points >= [LEFT, TOP]).all()
        assert (points <= [LEFT + SIDE, TOP + SIDE]).all()


@pytest.mark.parametrize(("p", "q"), [([1], [1]), ([1, 0], [0, 1])], ids=["least", "greatest"])
def test_extreme_regions_have_a_picture(p, q):
    region = mc.Region.from_pmfs(p, q)
    boundary = paths(region._repr_svg_())[3]
    np.testing.assert_array_equal(pixels(boundary), to_pixels(region.vertices))


@pytest.mark.parametrize("letters", [1000, 100_000])
def test_many_letters_are_thinned_to_the_pixels(letters):
    region = random_region(letters)
    svg = region._repr_svg_()
    assert len(svg) < 12_000
    drawn = pixels(paths(svg)[3])
    assert len(drawn) <= 2 * SIDE + 2
    corners = to_pixels(region.vertices)
    # each corner is within a pixel of one drawn, in each coordinate; each drawn is a corner
    near = np.searchsorted(drawn[:, 0] - drawn[:, 1], corners[:, 0] - corners[:, 1])
    around = drawn[np.clip(near[:, None] + np.arange(-3, 3), 0, len(drawn) - 1)]
    assert np.abs(around - corners[:, None]).max(axis=2).min(axis=1).max() <= 1 + HUNDREDTH
    for point in drawn[:: max(1, len(drawn) // 20)]:
        assert np.abs(corners - point).max(axis=1).min() <= HUNDREDTH


def test_thinning_keeps_what_is_apart():
    corners = np.array([[0, 0], [0.203, 0.498], [0.2031, 0.4981], [0.6, 0.8], [1, 1]])
    drawn = pixels(paths(region_svg(corners, 0.3))[3])
    np.testing.assert_allclose(drawn, to_pixels(np.delete(corners, 2, axis=0)), atol=HUNDREDTH)


def test_a_picture_needs_no_plotting_library():
    code = (
        "import json, sys, modecollapse as mc\n"
        "picture = mc.Region.from_pmfs([0.2, 0.8], [0, 1])._repr_svg_()\n"
        "print(json.dumps([picture[:4], 'matplotlib' in sys.modules]))"
    )
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, "PYTHONPATH": str(Path(mc.__file__).parent.parent)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert json.loads(process.stdout) == ["<svg", False]
