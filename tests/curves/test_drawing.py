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
