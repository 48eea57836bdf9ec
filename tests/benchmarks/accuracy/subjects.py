"""All that is measured, by section of the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from . import brackets, certificates, distances, products, regions
from .findings import Subject

SECTIONS: dict[str, Callable[[], Iterator[Subject]]] = {
    "evaluator": lambda: chain(distances.subjects(), regions.subjects(), products.subjects()),
    "bracket": lambda: chain(brackets.subjects(), products.brackets()),
    "certificate": certificates.subjects,
}
