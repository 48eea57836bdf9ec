"""Pictures of curves show the numbers that the curves give."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from matplotlib.figure import Figure

from modecollapse import Region, RegionBracket, curves
from modecollapse.curves import drawing

INNER = Region.from_pmfs([0.4, 0.3, 0.2, 0.1, 0], [0.1, 0.2, 0.3, 0.3, 0.1])
OUTER = INNER | Region.from_pmfs([0.5, 0.3, 0.2, 0, 0], [0, 0.2, 0.3, 0.3, 0.2])
EPS = np.linspace(0, 1, 5)
DRAWN = [
    drawing.draw_precision_recall,
    drawing.draw_roc,
    drawing.draw_trade_off,
    drawing.draw_bayes_risk,
    partial(drawing.draw_privacy, eps=EPS),
    drawing.draw_frontier,
    drawing.draw_mauve,
]


def line_of(draw, region):
    return draw(Figure().subplots(), region).lines[0].get_xydata()


def test_the_curves_are_drawn():
    recall, precision = line_of(drawing.draw_precision_recall, INNER).T
    at = precision > 1e-6
    curve = curves.precision_recall(INNER, precision[at] / recall[at])
    assert recall[at] == pytest.approx(curve.recall, abs=1e-9)
    assert precision[at] == pytest.approx(curve.precision, abs=1e-9)
    alpha, beta = line_of(drawing.draw_trade_off, INNER).T
    assert beta == pytest.approx(curves.trade_off(INNER, alpha), abs=1e-15)
    assert line_of(drawing.draw_roc, INNER).tolist() == INNER.vertices.tolist()
    prior, risk = line_of(drawing.draw_bayes_risk, INNER).T
    between = (prior[1:] + prior[:-1]) / 2  # the line through the points is the curve itself
    assert np.interp(between, prior, risk) == pytest.approx(curves.bayes_risk(INNER, between), abs=1e-15)
    eps, delta = line_of(partial(drawing.draw_privacy, eps=EPS), INNER).T
    assert delta.tolist() == [curves.privacy_delta(INNER, at) for at in eps.tolist()]
    assert len(eps) == len(EPS)
    spurious, missed = line_of(drawing.draw_frontier, INNER).T
    curve = curves.frontier(INNER, np.linspace(0, 1, 101)[:-1])  # at the last R = P lacks a letter
    assert spurious.tolist() == curve.spurious.tolist()
    assert np.isfinite(missed).all()


def test_mauve_is_the_area_under_what_is_drawn():
    x, y = line_of(drawing.draw_mauve, INNER).T
    assert np.trapezoid(y[::-1], x[::-1]) == pytest.approx(curves.mauve(INNER), abs=1e-3)


def test_many_uses_are_drawn_within_a_hundredth():
    eps, delta = line_of(partial(drawing.draw_privacy, eps=EPS, m=10), INNER).T
    assert delta == pytest.approx([curves.privacy_delta(INNER, at, 10) for at in eps.tolist()], rel=1e-2)


def tick_labels(ax):
    ax.figure.canvas.draw()
    low, high = ax.get_ylim()
    return [tick.get_text() for tick in ax.get_yticklabels() if low <= tick.get_position()[1] <= high]


@pytest.mark.parametrize("low", [0.36, 0.1, 1e-7])
def test_a_privacy_curve_that_hardly_falls_has_numbers_on_its_axis(low):
    """The curve of a generator that misses a share of 0.36 is 0.36 at every ε, to rounding."""
    ax = Figure().subplots()
    drawing.draw_privacy(ax, ([low, 1 - low], [0, 1]), EPS)
    assert len([text for text in tick_labels(ax) if text]) >= 2
    assert ax.get_ylim()[0] <= low <= ax.get_ylim()[1]
    ax.plot([0, 1], [1e-9, 1e-9])  # the limits stay automatic
    assert ax.get_ylim()[0] < 1e-9


def test_a_privacy_curve_of_equal_laws_has_no_line():
    (line,) = drawing.draw_privacy(Figure().subplots(), ([0.5, 0.5], [0.5, 0.5]), EPS).lines
    assert len(line.get_xydata()) == 0


def test_the_area_goes_on_where_the_lower_line_ends():
    inner, outer = ([0.6, 0.4], [0.4, 0.6]), ([0.7, 0.3], [0.1, 0.9])
    regions = RegionBracket(Region.from_pmfs(*inner), Region.from_pmfs(*outer))
    lower, upper = (artists := drawing.draw_privacy(Figure().subplots(), regions, EPS)).lines
    assert lower.get_xdata().tolist() == [0, 0.25]  # log(0.6/0.4) is .405
    assert upper.get_xdata().tolist() == EPS.tolist()
    floor = {y for x, y in artists.area.get_xy() if x > 0.25 and y < lower.get_ydata().min()}
    assert len(floor) == 1
    assert np.log10(floor.pop()) == pytest.approx(np.floor(np.log10(lower.get_ydata().min())))


def test_mixtures_of_infinite_divergence_are_left_out():
    spurious, missed = line_of(drawing.draw_frontier, ([0.2, 0.8], [0, 1])).T
    assert len(spurious) == len(missed) == 100


@pytest.mark.parametrize("draw", DRAWN)
def test_two_regions_are_a_band_in_one_colour(draw):
    ax = Figure().subplots()
    artists = draw(ax, RegionBracket(INNER, OUTER), color="#204060", label="band")
    inner, outer = artists.lines
    assert inner.get_xydata() == pytest.approx(line_of(draw, INNER))
    assert outer.get_xydata() == pytest.approx(line_of(draw, OUTER))
    assert inner.get_color() == outer.get_color() == "#204060"
    assert artists.area in ax.patches
    assert ax.get_legend_handles_labels()[1] == ["band"]
