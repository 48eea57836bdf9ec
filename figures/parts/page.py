"""The figures as one HTML page that needs no network: pictures, captions, parameters, numbers.

A picture is an SVG in an image of its own, so that the ids of one cannot clash with those of another.
The numbers are read off what is drawn, so that they cannot differ from the picture.
"""

from __future__ import annotations

import csv
import io
import math
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import singledispatch
from html import escape
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection, PolyCollection, QuadMesh
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch, StepPatch
from matplotlib.transforms import Transform

import modecollapse as mc
from modecollapse.arrays import FloatArray

from . import style
from .figure_module import FigureModule

FOLDER = Path(__file__).parent
COLUMNS = ("panel", "series", "kind", "x", "y", "value")
FEW = 8
"""Lists of numbers up to this long are written out; of longer ones, the range."""


class Entry(NamedTuple):
    """A figure as the page shows it."""

    name: str
    caption: str
    parameters: tuple[tuple[str, str], ...]
    inches: float
    svg: bytes
    numbers: str

    @property
    def title(self) -> str:
        """The first line of the caption."""
        return self.caption.partition("\n")[0].removesuffix(".")

    @property
    def number(self) -> str:
        """The paper's number of the figure, or nothing."""
        found = re.match(r"fig0*(\d+)_", self.name)
        return found[1] if found else ""


def entry(name: str, module: FigureModule) -> Entry:
    """Compute and draw a figure, and take down what the page says of it."""
    data = module.compute()
    figure = module.draw(data)
    svg = _svg(figure)  # lays the figure out, which settles the limits of its axes
    parameters = tuple((path, text) for path, value in _given(module, data) if (text := describe(value)))
    return Entry(name, module.__doc__ or name, parameters, figure.get_figwidth(), svg, numbers(figure, data))


@style.styled
def _svg(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


# -- the parameters ------------------------------------------------------------------------------------


def _given(module: FigureModule, data: Any) -> Iterator[tuple[str, Any]]:
    """What a module fixes by constants, and what its data hold."""
    yield from ((name, value) for name, value in vars(module).items() if name.isupper())
    yield from leaves(data)


def leaves(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in nested tuples, with the path to it as one writes it in Python."""
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        derived = [name for name, member in vars(type(data)).items() if isinstance(member, property)]
        for name in (*data._fields, *derived):
            yield from leaves(getattr(data, name), f"{path}.{name}".lstrip("."))
    elif isinstance(data, tuple | list) and not _numeric(data):
        for index, value in enumerate(data):
            yield from leaves(value, f"{path or 'data'}[{index}]")
    else:
        yield path or "data", data


def _numeric(value: Any) -> bool:
    scalars = value if isinstance(value, tuple | list) else [value]
    return all(isinstance(v, int | float | np.number) for v in scalars) or (
        isinstance(value, np.ndarray) and value.dtype.kind in "iuf"
    )


def describe(value: Any) -> str:
    """A number, a list of numbers or a region in a few words; nothing for what is none of these.

    Examples
    --------
    >>> describe((0.05, 0.1)), describe(np.arange(1, 11) / 10)
    ('(0.05, 0.1)', '10 values, 0.1 … 1')
    """
    if isinstance(value, mc.Region):
        return repr(value).strip("<>")
    if not _numeric(value):
        return ""
    array = np.asarray(value, dtype=float)
    if not array.ndim:
        return f"{array:.6g}"
    if array.ndim == 1 and array.size <= FEW:
        return f"({', '.join(f'{v:.6g}' for v in array)})"
    finite = array[np.isfinite(array)]
    size = f"{' × '.join(map(str, array.shape))} values"
    return f"{size}, {finite.min():.6g} … {finite.max():.6g}" if finite.size else size


# -- the numbers ---------------------------------------------------------------------------------------


class Mark(NamedTuple):
    """What one artist shows: points, in the coordinates that `transform` starts from, and their values.

    A masked value is not shown.
    """

    kind: str
    points: FloatArray
    transform: Transform
    value: Any = None


@singledispatch
def mark(artist: Any) -> Mark:
    """The numbers that an artist shows."""
    raise TypeError(f"the page cannot tell the numbers of a {type(artist).__name__}")


@mark.register
def _(artist: Line2D) -> Mark:
    return Mark("line", np.asarray(artist.get_xydata()), artist.get_transform())


@mark.register
def _(artist: Patch) -> Mark:
    corners = artist.get_patch_transform().transform(artist.get_path().vertices)
    return Mark("area", corners, artist.get_data_transform())


@mark.register
def _(artist: StepPatch) -> Mark:
    heights, edges, _ = artist.get_data()
    points = np.column_stack([edges, np.append(heights, heights[-1])])
    return Mark("steps", points, artist.get_data_transform())


@mark.register
def _(artist: LineCollection) -> Mark:
    return Mark("segments", np.concatenate(artist.get_segments()), artist.get_transform())


@mark.register
def _(artist: PathCollection) -> Mark:
    return Mark("points", np.asarray(artist.get_offsets()), artist.get_offset_transform())


@mark.register
def _(artist: PolyCollection) -> Mark:
    corners = [path.vertices for path in artist.get_paths()]
    return Mark("area", np.concatenate([np.zeros((0, 2)), *corners]), artist.get_transform())


@mark.register
def _(artist: QuadMesh) -> Mark:
    corners: FloatArray = np.asarray(artist.get_coordinates())
    centres = ((corners[1:, 1:] + corners[:-1, :-1]) / 2).round(12)
    value: Any = np.ma.asarray(artist.get_array(), dtype=float).ravel()
    return Mark("map", centres.reshape(-1, 2), artist.get_transform(), value)


@mark.register
def _(artist: BarContainer) -> Mark:
    bars = artist.patches
    points = np.array([(bar.get_x() + bar.get_width() / 2, bar.get_height()) for bar in bars])
    return Mark("bars", points, bars[0].get_data_transform())


def numbers(figure: Figure, data: Any) -> str:
    """What a laid-out figure shows, as CSV: a row for each point of each line, step, bar, area and map.

    A series goes by its label, or else by the first field of `data` that it shows, or else by its kind.
    """
    fields = _fields(data)
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(COLUMNS)
    panels = [ax for ax in figure.axes if ax.get_label() != "<colorbar>"]
    for ax, panel in zip(panels, _told_apart(_panel(ax) or "panel" for ax in panels), strict=True):
        marks = _marks(ax)
        names = (_label(artist) or _field(shown, fields) or shown.kind for artist, shown in marks)
        for (_, shown), series in zip(marks, _told_apart(names), strict=True):
            table.writerows([panel, series, shown.kind, *map(_cell, row)] for row in _rows(shown, ax))
    return file.getvalue()


def _told_apart(names: Iterable[str]) -> Iterator[str]:
    """The names, numbered from the second of its kind on."""
    count: Counter[str] = Counter()
    for name in names:
        count[name] += 1
        yield f"{name} ({count[name]})" if count[name] > 1 else name


def _marks(ax: Axes) -> list[tuple[Artist | BarContainer, Mark]]:
    """The artists with their numbers, but for areas whose outline is a line of its own."""
    marks = [(artist, mark(artist)) for artist in _artists(ax)]
    lines = {_key(shown.points) for _, shown in marks if shown.kind == "line"}
    return [(a, shown) for a, shown in marks if shown.kind != "area" or _key(_outline(shown)) not in lines]


def _outline(shown: Mark) -> FloatArray:
    """The points of a mark, without the last one of an area, which is its first again."""
    return shown.points[:-1] if shown.kind == "area" else shown.points


def _artists(ax: Axes) -> Iterator[Artist | BarContainer]:
    """The artists that show numbers, a set of bars as one; an arrow only points to some."""
    bars = [container for container in ax.containers if isinstance(container, BarContainer)]
    in_bars = {id(patch) for container in bars for patch in container.patches}
    others = [patch for patch in ax.patches if id(patch) not in in_bars]
    for artist in (*ax.lines, *others, *ax.collections):
        if artist.get_visible() and not isinstance(artist, FancyArrowPatch):
            yield artist
    yield from bars


def _fields(data: Any) -> dict[bytes, str]:
    """The paths of arrays and regions in the data, by their numbers."""
    fields: dict[bytes, str] = {}
    for path, value in leaves(data):
        if isinstance(value, mc.Region):
            fields.setdefault(_key(value.vertices), path)
        elif isinstance(value, np.ndarray):
            fields.setdefault(_key(value), path)
    return fields


def _field(shown: Mark, fields: dict[bytes, str]) -> str:
    """The path of the numbers shown: the values of a map, or the points, or their heights."""
    if shown.value is not None:
        return fields.get(_key(np.ma.getdata(shown.value)), "")
    return fields.get(_key(_outline(shown))) or fields.get(_key(shown.points[:, 1]), "")


def _key(values: FloatArray) -> bytes:
    return np.ascontiguousarray(values, dtype=float).tobytes()


def _rows(shown: Mark, ax: Axes) -> Iterator[tuple[Any, ...]]:
    """x, y and value of each point that shows, the value empty where there is none."""
    points = _in_data(shown, ax).tolist()
    if shown.value is None:
        yield from ((x, y, "") for x, y in points if math.isfinite(x) and math.isfinite(y))
    else:
        values = zip(points, shown.value.tolist(), strict=True)  # a masked one becomes None
        yield from ((x, y, value) for (x, y), value in values if value is not None)


def _in_data(shown: Mark, ax: Axes) -> FloatArray:
    """The points in the coordinates of the axes' labels, exact unless they are fixed to the frame."""
    if shown.transform == ax.transData:
        return shown.points
    return ax.transData.inverted().transform(shown.transform.transform(shown.points)).round(12)


def _cell(value: float | str) -> str:
    """A number so that it reads back the same; whole numbers without a point."""
    return str(value).removesuffix(".0")


def _label(artist: Artist | BarContainer) -> str:
    """A label meant for readers, or an id meant for programs, or nothing."""
    label = str(artist.get_label())
    if label and not label.startswith("_"):
        return plain(label)
    return (artist.get_gid() or "") if isinstance(artist, Artist) else ""


def _panel(ax: Axes) -> str:
    return plain(ax.get_title("left") or ax.get_title("center") or ax.get_title("right"))


def plain(text: str) -> str:
    """A label without its mathematical markup.

    Examples
    --------
    >>> plain("$\\\\bf{a}$  region of $(P, Q_1)$, $d_{\\\\rm TV} = 0.2$")
    'a region of (P, Q_1), d_TV = 0.2'
    """
    return " ".join(re.sub(r"\\(?:bf|rm|it|mathrm)\b ?|[${}\\]", "", text).split())


# -- the page ------------------------------------------------------------------------------------------


def render(entries: Iterable[Entry], bounds: str = "") -> str:
    """The page, figures of the paper first; `bounds` is a table in plain text, left out if empty."""
    ordered = sorted(entries, key=lambda e: (not e.number, e.name))
    links = [_link(e) for e in ordered]
    if bounds:
        links.append('<li><a href="#bounds">Table of bounds</a></li>')
    return Template((FOLDER / "page.html").read_text(encoding="utf-8")).substitute(
        css=(FOLDER / "page.css").read_text(encoding="utf-8"),
        version=escape(mc.__version__),
        contents="\n".join(links),
        figures="\n".join(map(_section, ordered)),
        bounds=BOUNDS.substitute(table=escape(bounds)) if bounds else "",
    )


SECTION = Template("""\
<section id="$name">
<h2>$kicker$title</h2>
<figure>
<div class="plate" tabindex="0"><img src="$picture" alt="$title" style="--inches: $inches"></div>
<figcaption>$caption</figcaption>
</figure>
<div class="numbers">
<p><a download="$name.csv" href="$numbers">Numbers in the picture</a> (CSV, $size kB)</p>
<dl>$parameters</dl>
</div>
</section>""")

BOUNDS = Template("""\
<section id="bounds">
<h2>Table of bounds</h2>
<pre tabindex="0">$table</pre>
</section>""")


def _link(e: Entry) -> str:
    return f'<li><a href="#{escape(e.name)}">{_kicker(e)}{escape(e.title)}</a></li>'


def _section(e: Entry) -> str:
    paragraphs = re.split(r"\n\s*\n", e.caption.partition("\n")[2].strip())
    encoded = e.numbers.encode()
    return SECTION.substitute(
        name=escape(e.name),
        kicker=_kicker(e),
        title=escape(e.title),
        picture=data_uri("image/svg+xml", e.svg),
        inches=f"{e.inches:g}",
        caption="".join(f"<p>{escape(' '.join(text.split()))}</p>" for text in paragraphs),
        numbers=data_uri("text/csv;charset=utf-8", encoded),
        size=str(math.ceil(len(encoded) / 1000)),
        parameters="".join(
            f"<div><dt>{escape(path)}</dt><dd>{escape(text)}</dd></div>" for path, text in e.parameters
        ),
    )


def _kicker(e: Entry) -> str:
    return f"<span>Figure {e.number}</span> " if e.number else ""


def data_uri(media_type: str, content: bytes) -> str:
    """An address that holds its own content."""
    return f"data:{media_type};base64,{b64encode(content).decode('ascii')}"
