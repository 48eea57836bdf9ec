"""Measurements as Markdown tables."""

from __future__ import annotations

import math
import platform
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from modecollapse.layout import markdown

from .cases import Case
from .contenders import Contender
from .measure import Limits, Measurement
from .truth import Truth

FIRST_MARK, LAST_MARK = "<!-- table -->", "<!-- end of table -->"

ROUNDING = 1e-13
"""The accountants do not account for rounding; so much is let pass."""


MOST_CHARACTERS = 60
"""Length of a failure in a cell."""


class Result(NamedTuple):
    """A measurement, the setting it was made with, and the errors (estimate − truth) of its numbers."""

    setting: float | None
    measurement: Measurement
    errors: tuple[float, ...] = ()


def judged(setting: float | None, measurement: Measurement, truth: Truth) -> Result:
    """The result with its errors."""
    return Result(setting, measurement, tuple(truth.error(value) for value in measurement.values))


# -- numbers ---------------------------------------------------------------------------------------------


def duration(seconds: float) -> str:
    """Two digits and a unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= 0.995 * size:
            return f"{_two_digits(seconds / size)} {unit}"
    return f"{_two_digits(seconds / 1e-6)} µs"


def _two_digits(value: float) -> str:
    return f"{value:.2g}" if value < 99.5 else f"{value:.0f}"


def signed(error: float, uncertainty: float) -> str:
    """An error to one digit and a sign, or the uncertainty of the truth where it hides in it."""
    if math.isnan(error):
        return "NaN"
    if error == 0 or abs(error) < uncertainty:
        return f"±{short(uncertainty)}"
    return ("+" if error > 0 else "−") + short(abs(error))


def short(value: float) -> str:
    """One digit: 0.02, 3e-5, 0."""
    mantissa, exponent = f"{value:.0e}".split("e")
    if -3 < int(exponent) < 1:
        return f"{float(f'{value:.0e}'):g}"
    return f"{mantissa}e{int(exponent)}"


def is_broken(end: str, error: float, uncertainty: float) -> bool:
    """Whether an end that promises a side is on the other one, by more than rounding."""
    allowed = max(uncertainty, ROUNDING)
    return (end == "lower" and error > allowed) or (end == "upper" and error < -allowed)


# -- tables ----------------------------------------------------------------------------------------------


def cell(ends: Sequence[str], result: Result, uncertainty: float) -> str:
    """Time and errors, or how the failure begins; an error on the side that its end rules out is marked."""
    if result.measurement.failure:
        return textwrap.shorten(result.measurement.failure, MOST_CHARACTERS, placeholder=" …")
    errors = (
        signed(error, uncertainty) + ("!" if is_broken(end, error, uncertainty) else "")
        for end, error in zip(ends, result.errors, strict=True)
    )
    return f"{duration(result.measurement.seconds)}: {' / '.join(errors)}"


TOGETHER = (("modecollapse",), ("dp-accounting", "PLD_accounting"), ("prv-accountant", "riskcal"))
"""Packages that share a table. A table of all of them would be wider than a screen."""


def tables(
    contenders: Sequence[Contender],
    truths: Mapping[Case, Truth],
    results: Mapping[tuple[str, Case], Result],
    with_settings: bool,
) -> Iterator[str]:
    """A table for each of `TOGETHER`, as far as its contenders were measured; all have the same rows."""
    cases = [case for case in truths if all((contender.name, case) in results for contender in contenders)]
    for packages in TOGETHER:
        some = [contender for contender in contenders if contender.package in packages]
        if some:
            yield table(some, {case: truths[case] for case in cases}, results, with_settings)


def table(
    contenders: Sequence[Contender],
    truths: Mapping[Case, Truth],
    results: Mapping[tuple[str, Case], Result],
    with_settings: bool,
) -> str:
    """A row a case, a column a contender."""
    heads = [f"{contender.name} ({' / '.join(contender.ends)})" for contender in contenders]
    return markdown(
        ["pair", "m", "d_TV", *heads],
        (
            [f"{case.letters}, {case.distance}", power(case.m), f"{float(truths[case].value):.4g}"]
            + [
                _with_setting(contender, results[contender.name, case], truths[case], with_settings)
                for contender in contenders
            ]
            for case in truths
        ),
    )


def _with_setting(contender: Contender, result: Result, truth: Truth, with_settings: bool) -> str:
    text = cell(contender.ends, result, truth.uncertainty)
    return f"{text} at {short(result.setting)}" if with_settings and result.setting is not None else text


def power(m: int) -> str:
    """10⁵ for 100000."""
    exponent = len(str(m)) - 1
    if exponent < 3 or m != 10**exponent:
        return str(m)
    return "10" + str(exponent).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


# -- surroundings ----------------------------------------------------------------------------------------


def installed_version(package: str) -> str:
    """The version of a distribution, or that there is none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def environment(packages: Iterable[str], cores: int, limits: Limits) -> str:
    """Machine, versions and limits in one paragraph."""
    versions = ", ".join(f"{package} {installed_version(package)}" for package in packages)
    return (
        f"{cores} cores of {processor()}; Python {platform.python_version()}, {versions}. "
        f"A call may take {limits.seconds:g} s and {limits.gigabytes:g} GB."
    )


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The model of the processor, as far as the system tells."""
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def between_marks(document: str, text: str) -> str:
    """The document with the text between its marks."""
    before, first, rest = document.partition(FIRST_MARK)
    _, last, after = rest.partition(LAST_MARK)
    if not (first and last):
        raise ValueError(f"the document must hold {FIRST_MARK} and, after it, {LAST_MARK}")
    return f"{before}{first}\n\n{text.strip()}\n\n{last}{after}"
