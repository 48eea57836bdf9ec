"""The meaning of a diagnosis in plain words, and its numbers as text.

Certified statements are about the laws of real and of generated samples themselves: a partition or a score
is a garbling, and its inner region lies inside theirs (docs/theory.md §1). Nothing certifies the absence of
collapse, and no sentence here claims it.
"""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Context

from modecollapse.brackets import Bracket
from modecollapse.samples.copies import CopyTest
from modecollapse.samples.counts import OFF_MODE
from modecollapse.samples.diagnosis import Diagnosis, ModeReport

NAMED = 3
"""Modes that a sentence or a list names, at most."""


def headline(diagnosis: Diagnosis) -> str:
    """The verdict in one line: the same words as in the terminal and in JSON."""
    return diagnosis.verdict.headline


def summary(diagnosis: Diagnosis) -> str:
    """The evidence behind the headline."""
    seen, verdict = samples(diagnosis), diagnosis.verdict
    if "no difference certain" in verdict.words:
        return (
            f"What {seen} show could be chance, at the level of {percent(diagnosis.level)}. "
            "That does not prove that real and generated data agree."
        )
    if diagnosis.tv_interval.lower == 0:
        return (
            f"{seen} differ by more than chance (permutation test, p = {verdict.p_value:.3g}). "
            "No single set is certain to be generated too rarely."
        )
    eps, delta = _certified_set(diagnosis)
    return (
        f"From {seen}, with {percent(diagnosis.level)} confidence: some set has at least {at_least(delta)} "
        f"of the real data and at most {at_most(eps)} of the generated data."
    )


def samples(diagnosis: Diagnosis) -> str:
    """The numbers of samples."""
    n_real, n_generated = diagnosis.sizes
    real, generated = diagnosis.units
    if n_real is None:
        return f"{n_generated} generated {generated} and a known target"
    return f"{n_real} real{'' if real == generated else f' {real}'} and {n_generated} generated {generated}"


def certified(diagnosis: Diagnosis) -> list[str]:
    """The statements that hold for the laws themselves, all together at the level of the diagnosis."""
    verdict, (eps, delta) = diagnosis.verdict, diagnosis.verdict.point
    said = []
    if diagnosis.tv_interval.lower > 0:
        said.append(
            "The total variation of real and generated data is at least "
            f"{_down(diagnosis.tv_interval.lower)}."
        )
    if "collapse" in verdict.words:
        said.append(
            f"Collapse: some set has at least {percent(delta)} of the real data and at most {percent(eps)} "
            "of the generated data."
        )
    if "spurious mass" in verdict.words:
        said.append(
            f"Spurious mass: some set has at least {percent(delta)} of the generated data and at most "
            f"{percent(eps)} of the real data."
        )
    if verdict.missing:
        said.append(f"Less than a tenth of their share is generated: {_listed(list(verdict.missing))}.")
    if verdict.spurious:
        said.append(f"Less than a tenth of their generated share is real: {_listed(list(verdict.spurious))}.")
    if verdict.copies:
        said.append(_copied(verdict.copies))
    depleted = _depleted(diagnosis)
    said += [
        f"“{mode.name}” gets at most {at_most(mode.ratio_interval.upper)} of its share "
        f"{_seen(mode, diagnosis)}."
        for mode in depleted[:NAMED]
    ]
    if len(depleted) > NAMED:
        more = len(depleted) - NAMED
        said.append(f"{more} more {'mode gets' if more == 1 else 'modes get'} less than the real share.")
    last = max(diagnosis.packed, key=lambda row: row.m)
    if last.m > 1 and last.interval.lower > 0:
        said.append(
            f"A discriminator that sees {last.m} samples at once sees a total variation of at least "
            f"{_down(last.interval.lower)}."
        )
    if verdict.excluded:
        said.append(
            f"As seen through the {diagnosis.view}, no set with {percent(delta)} of the real data gets at "
            f"most {percent(eps)} of the generated data."
        )
    return said or ["Nothing: equal laws could have given these samples."]


def _copied(copies: CopyTest) -> str:
    """The finding of a test for copies that rejects."""
    tested = f"(permutation test, p = {copies.p_value:.3g}, at its own level)"
    if copies.share == 0:
        return f"Copies of training data: the generated samples depend on the training samples {tested}."
    return (
        f"Copies of training data: at least {at_least(copies.share)} of the generated samples depend on the "
        f"training samples {tested}."
    )


def _seen(mode: ModeReport, diagnosis: Diagnosis) -> str:
    """The counts of a mode. In groups there are more samples than groups."""
    n_real = sum(other.real_count or 0 for other in diagnosis.modes)
    n_generated = sum(other.generated_count for other in diagnosis.modes)
    real = "" if mode.real_count is None else f"{mode.real_count} of {n_real} real samples, "
    return f"({real}{mode.generated_count} of {n_generated} generated)"


def uncertified(diagnosis: Diagnosis) -> list[str]:
    """The questions that these samples leave open, or that any samples would."""
    said = [_blindness(diagnosis)]
    never = [mode for mode in _modes(diagnosis) if mode.generated_count == 0 and mode.real.lower > 0]
    if never:
        most = at_most(max(mode.generated.upper for mode in never))
        said.append(
            f"That {_listed([mode.name for mode in never])} {'is' if len(never) == 1 else 'are'} never "
            f"generated. The generated share is at most {most}{' for each' if len(never) > 1 else ''}."
        )
    if diagnosis.verdict.by_test_alone:
        said.append("Which modes differ: the permutation test says only that some do, at its own level.")
    undecided = [
        mode for mode in _modes(diagnosis) if mode.ratio_interval.lower <= 1 <= mode.ratio_interval.upper
    ]
    if undecided:
        said.append(
            f"Whether {_listed([mode.name for mode in undecided])} get{'s' * (len(undecided) == 1)} too much "
            "or too little: the interval of the ratio holds 1."
        )
    said.append(
        "The plug-in values: they overstate. The plug-in total variation is "
        f"{number(diagnosis.region.total_variation)}, and samples of one and the same law would show "
        f"{number(diagnosis.noise_floor)} on average."
    )
    return said


def _blindness(diagnosis: Diagnosis) -> str:
    """Why no diagnosis clears a generator."""
    absent = (
        "That there is no other collapse."
        if diagnosis.tv_interval.lower > 0
        else "That there is no collapse."
    )
    if diagnosis.view == "likelihood ratio":
        return f"{absent} The upper ends of intervals bound it, for the likelihood ratio hides nothing."
    if diagnosis.view == "modes":
        return (
            f"{absent} Counts over modes cannot see what differs within a mode: they certify collapse, never "
            "its absence. Upper ends of intervals are about the counts only."
        )
    return (
        f"{absent} A score cannot see what it was not made to see: it certifies collapse, never its absence. "
        "Upper ends of intervals are about the score only."
    )


def doubling(diagnosis: Diagnosis) -> list[str]:
    """From which degree on packing pays, where any does."""
    m = diagnosis.doubling_degree
    return [f"From m = {m} on, the plug-in packed distance is at least twice the unpacked one."] if m else []


def number(value: float) -> str:
    """Three digits.

    Examples
    --------
    >>> number(0.12345), number(math.inf), number(math.nan)
    ('0.123', '∞', '–')
    """
    if math.isnan(value):
        return "–"
    return "∞" if math.isinf(value) else f"{value:.3g}"


def interval(bracket: Bracket) -> str:
    """Both ends."""
    return f"[{number(bracket.lower)}, {number(bracket.upper)}]"


def percent(share: float) -> str:
    """A share in full.

    Examples
    --------
    >>> percent(0.95), percent(0.999)
    ('95%', '99.9%')
    """
    return f"{100 * share:.10g}%"


def at_least(share: float) -> str:
    """A share in percent, rounded down.

    Examples
    --------
    >>> at_least(0.23999)
    '23.9%'
    """
    return f"{_directed(100 * share, ROUND_FLOOR)}%"


def at_most(share: float) -> str:
    """A share in percent, rounded up.

    Examples
    --------
    >>> at_most(0.0100001)
    '1.01%'
    """
    return f"{_directed(100 * share, ROUND_CEILING)}%"


def _down(value: float) -> str:
    return _directed(value, ROUND_FLOOR)


def _directed(value: float, rounding: str) -> str:
    return f"{Context(prec=3, rounding=rounding).create_decimal_from_float(value):f}"


def _certified_set(diagnosis: Diagnosis) -> tuple[float, float]:
    """The corner of the inner region that is furthest above the diagonal: by the total variation."""
    eps, delta = max(
        diagnosis.confidence_band.inner.vertices.tolist(), key=lambda corner: corner[1] - corner[0]
    )
    return eps, delta


def _modes(diagnosis: Diagnosis) -> list[ModeReport]:
    return [mode for mode in diagnosis.modes if mode.name != OFF_MODE]


def _depleted(diagnosis: Diagnosis) -> list[ModeReport]:
    return [mode for mode in _modes(diagnosis) if mode.is_depleted]


def _listed(names: list[str]) -> str:
    """The first few names, and how many more there are."""
    quoted = [f"“{name}”" for name in names[:NAMED]]
    more = len(names) - len(quoted)
    parts = [*quoted, f"{more} more"] if more else quoted
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
