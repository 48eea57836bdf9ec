"""Evidence: what samples of both laws say of their pair, seen through counts or scores."""

from __future__ import annotations

from typing import TypeAlias

from modecollapse import validation
from modecollapse.samples.counts import ModeCounts, TargetCounts
from modecollapse.samples.scores import FoldedScores, ScoreCounts
from modecollapse.samples.unit_counts import UnitCounts

Evidence: TypeAlias = ModeCounts | TargetCounts | UnitCounts | ScoreCounts | FoldedScores
"""Samples of both laws, or of one law and a known target, of any kind that is diagnosed."""


def refuse_others(evidence: object) -> None:
    """Refuse what is no evidence, such as the samples themselves."""
    validation.instance(
        "evidence",
        evidence,
        Evidence,
        "from_centres, from_labels, from_features and from_scores make it of samples",
    )
