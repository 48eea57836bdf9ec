"""The numbers of a figure as an aligned table."""

from __future__ import annotations

from .ranges import TAU, Families


def bounds(data: Families) -> str:
    """Least and greatest d_TV(P^m, Q^m) of the three families of Figure 10, a line for each m."""
    headings = (
        "all pairs",
        "with ({:g}, {:g})-collapse".format(*data.collapse_at),
        "without ({:g}, {:g})-collapse".format(*data.no_collapse_at),
    )
    families = (data.everything, data.collapse, data.no_collapse)
    widths = [max(len(heading), 20) for heading in headings]
    names = (("L", "U"), ("L1", "U"), ("L2", "U1"))
    lines = [
        f"Bounds of d_TV(P^m, Q^m) at d_TV(P, Q) = {TAU:g}; the last family has no augmentation either.",
        "",
        _line("", headings, widths),
        _line("m", [f"{least:>9}  {most:>9}" for least, most in names], widths),
    ]
    for i, m in enumerate(data.everything.m):
        cells = [f"{family.lower[i]:9.6f}  {family.upper[i]:9.6f}" for family in families]
        lines.append(_line(str(m), cells, widths))
    return "\n".join(lines)


def _line(first: str, cells: list[str] | tuple[str, ...], widths: list[int]) -> str:
    padded = [f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True)]
    return "   ".join([f"{first:>3}", *padded])
