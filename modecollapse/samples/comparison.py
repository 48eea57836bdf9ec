"""Several generators side by side, with intervals that hold for all of them together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from modecollapse import notebook, validation
from modecollapse.brackets import Bracket
from modecollapse.layout import aligned
from modecollapse.samples.diagnosis import Diagnosis, Plain, diagnose
from modecollapse.samples.evidence import Evidence
from modecollapse.samples.verdicts import USUAL_SEVERITY
from modecollapse.svg import intervals_svg
from modecollapse.values import Value


class Difference(NamedTuple):
    """The total variation of one generator less that of another, as seen in the evidence.

    Attributes
    ----------
    first, second : str
        The generators.
    interval : Bracket
        All differences of a comparison hold together.
    """

    first: str
    second: str
    interval: Bracket

    @property
    def worse(self) -> str | None:
        """The generator that is certainly farther from the data; None if neither is."""
        if self.interval.lower > 0:
            return self.first
        return self.second if self.interval.upper < 0 else None


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Value):
    """Result of `compare`.

    `modecollapse.plotting.draw_region` draws the `region` and the `confidence_band` of each of its diagnoses.

    Attributes
    ----------
    level : float
        All intervals of all diagnoses hold together with at least this probability.
    names : tuple of str
        The generators, in the order given.
    diagnoses : tuple of Diagnosis
        A diagnosis of each, at the level 1 − (1 − `level`)/n for n generators.
    """

    level: float
    names: tuple[str, ...]
    diagnoses: tuple[Diagnosis, ...]

    def __getitem__(self, name: str) -> Diagnosis:
        if name not in self.names:
            raise KeyError(f"{name!r}; the generators are {', '.join(map(repr, self.names))}")
        return self.diagnoses[self.names.index(name)]

    def difference(self, first: str, second: str) -> Bracket:
        """Interval of the total variation of one generator less that of another, as seen in the evidence.

        All differences hold together. The first is certainly worse where the lower end is above 0.
        """
        one, other = self[first].tv_interval, self[second].tv_interval
        return Bracket(one.lower - other.upper, one.upper - other.lower)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The difference of every two generators, in the order given."""
        return tuple(
            Difference(first, second, self.difference(first, second))
            for first, second in combinations(self.names, 2)
        )

    def to_dict(self) -> dict[str, Plain]:
        """The comparison as lists and numbers that JSON can represent."""
        return {
            "level": self.level,
            "generators": {
                name: diagnosis.to_dict() for name, diagnosis in zip(self.names, self.diagnoses, strict=True)
            },
            "differences": [
                {
                    "first": one.first,
                    "second": one.second,
                    "interval": list(one.interval),
                    "worse": one.worse,
                }
                for one in self.differences
            ],
        }

    def __repr__(self) -> str:
        generators = f"{len(self.names)} generator{'s' * (len(self.names) != 1)}"
        return f"<Comparison of {generators}: {', '.join(self.names)}>"

    def _repr_html_(self) -> str:
        """The verdicts and the differences, for notebooks."""
        rows = [
            (name, found.verdict.headline, f"{found.region.total_variation:.3g}", _ends(found.tv_interval))
            for name, found in zip(self.names, self.diagnoses, strict=True)
        ]
        apart = [
            (f"{one.first} − {one.second}", _ends(one.interval), one.worse or "not told apart")
            for one in self.differences
        ]
        parts = [notebook.table(rows, ("generator", "verdict", "total variation", "interval"))]
        if apart:
            parts.append(notebook.table(apart, ("difference", "interval", "certainly worse")))
        values = [found.region.total_variation for found in self.diagnoses]
        lower, upper = zip(*(found.tv_interval for found in self.diagnoses), strict=True)
        picture = intervals_svg(self.names, values, lower, upper, "total variation")
        return notebook.beside(*parts, picture)

    def __str__(self) -> str:
        rows = [
            (
                name,
                found.verdict.headline,
                f"{found.region.total_variation:.3g}",
                f"[{found.tv_interval.lower:.3g}, {found.tv_interval.upper:.3g}]",
            )
            for name, found in zip(self.names, self.diagnoses, strict=True)
        ]
        title = f"All intervals hold together at level {self.level:g}."
        table = f"{title}\n{aligned([('generator', 'verdict', 'd_TV', 'interval'), *rows], left=2)}"
        return f"{table}\n\n{self._differences_table()}" if self.differences else table

    def _differences_table(self) -> str:
        rows = [
            (
                f"{one.first} − {one.second}",
                f"[{one.interval.lower:.3g}, {one.interval.upper:.3g}]",
                "not told apart" if one.worse is None else f"{one.worse} is certainly worse",
            )
            for one in self.differences
        ]
        return f"Differences of d_TV\n{aligned(rows, left=3)}"


def _ends(interval: Bracket) -> str:
    return f"[{interval.lower:.3g}, {interval.upper:.3g}]"


def compare(
    evidence: Mapping[str, Evidence],
    level: float = 0.95,
    *,
    severity: float = USUAL_SEVERITY,
    seed: int = 0,
) -> Comparison:
    """Diagnose several generators, or checkpoints of one, with intervals corrected for their number.

    Parameters
    ----------
    evidence : mapping of str to evidence
        Evidence about each generator. They may share their real samples.
    level : float, default 0.95
        All intervals of all generators hold together with at least this probability (union bound).
    severity, seed
        As for `diagnose`.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        If there is no generator, or as for `diagnose`.

    Examples
    --------
    >>> from modecollapse.samples import from_counts
    >>> real = [500, 500, 500, 500]
    >>> generated = {"old": [0, 660, 670, 670], "new": [490, 510, 505, 495]}
    >>> both = compare({name: from_counts(real, counts) for name, counts in generated.items()})
    >>> both["old"].verdict.words[0], both.difference("old", "new").lower > 0
    ('collapse', True)
    """
    validation.instance("evidence", evidence, Mapping, "give each generator a name: {name: evidence}")
    for name in evidence:
        validation.instance("a name", name, str, "names of generators are text")
    if not evidence:
        raise ValueError("evidence must hold at least one generator, got none")
    each = 1 - (1 - validation.level(level)) / len(evidence)
    return Comparison(
        level,
        tuple(evidence),
        tuple(diagnose(one, each, severity=severity, seed=seed) for one in evidence.values()),
    )
