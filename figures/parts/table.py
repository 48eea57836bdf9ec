"""The numbers of a figure as an aligned table."""

from __future__ import annotations

from modecollapse.layout import aligned

from .ranges import TAU, Families


def bounds(data: Families) -> str:
    """Least and greatest d_TV(P^m, Q^m) of the three families of Figure 10, a line for each m."""
    families = (data.everything, data.collapse, data.no_collapse)
    headings = (
        "all pairs",
        "with ({:g}, {:g})-collapse".format(*data.collapse_at),
        "without ({:g}, {:g})-collapse".format(*data.no_collapse_at),
    )
    names = [f"{least:>9}  {most:>9}" for least, most in (("L", "U"), ("L1", "U"), ("L2", "U1"))]
    rows = [
        [str(m), *(f"{family.lower[i]:9.6f}  {family.upper[i]:9.6f}" for family in families)]
        for i, m in enumerate(data.everything.m)
    ]
    title = f"Bounds of d_TV(P^m, Q^m) at d_TV(P, Q) = {TAU:g}; the last family has no augmentation either."
    return f"{title}\n\n{aligned([['', *headings], ['m', *names], *rows], gap='   ')}"
