"""Certificates of ranges: `bounds --certificate FILE` writes one, and `verify FILE` proves it again."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import modecollapse as mc
from modecollapse.theorems import verify

if TYPE_CHECKING:
    from modecollapse import PairClass

EXIT_CODES = "Exit codes: 0 proved, 1 refused, 2 undecided, or no such file."


def run(options: argparse.Namespace) -> None:
    """Print what a certificate proves, or why it is refused or undecided."""
    code = verify.main(options.file)
    if code:
        raise SystemExit(code)


def save(pairs: PairClass, m: list[int], options: argparse.Namespace) -> None:
    """Write the certificate of a range at one m."""
    if len(m) != 1:
        raise ValueError(f"--certificate is about one packing degree, got --m with {len(m)}")
    if options.divergence != "tv":
        raise ValueError(f"--certificate is about the total variation, got --divergence {options.divergence}")
    band = mc.band(pairs, m[0], divergence=options.divergence, order=options.order, gap=options.gap)
    Path(options.certificate).write_text(band.certificate(), encoding="utf-8")
