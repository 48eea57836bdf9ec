"""From samples of real data and of a generator to regions, with honest confidence.

Counts over modes (`from_counts`, `from_labels`, `from_centres`, `from_features`) and scores (`from_scores`,
`from_log_ratios`, `cross_fit`) are evidence: each has a plug-in ``region``, a ``confidence_band`` and a
``noise_floor``.
`diagnose` turns evidence into a report.
"""

from modecollapse.brackets import Estimate as Estimate
from modecollapse.samples.certification import CollapseTest as CollapseTest
from modecollapse.samples.certification import Plan as Plan
from modecollapse.samples.certification import certify as certify
from modecollapse.samples.certification import plan as plan
from modecollapse.samples.clusters import count_modes as count_modes
from modecollapse.samples.clusters import fit_centres as fit_centres
from modecollapse.samples.clusters import from_centres as from_centres
from modecollapse.samples.comparison import Comparison as Comparison
from modecollapse.samples.comparison import Difference as Difference
from modecollapse.samples.comparison import compare as compare
from modecollapse.samples.copies import CopyTest as CopyTest
from modecollapse.samples.copies import copy_test as copy_test
from modecollapse.samples.counts import ModeCounts as ModeCounts
from modecollapse.samples.counts import TargetCounts as TargetCounts
from modecollapse.samples.counts import from_counts as from_counts
from modecollapse.samples.counts import from_labels as from_labels
from modecollapse.samples.diagnosis import CollapsePoint as CollapsePoint
from modecollapse.samples.diagnosis import Diagnosis as Diagnosis
from modecollapse.samples.diagnosis import ModeReport as ModeReport
from modecollapse.samples.diagnosis import diagnose as diagnose
from modecollapse.samples.feature_cells import CellCounts as CellCounts
from modecollapse.samples.feature_cells import RowCells as RowCells
from modecollapse.samples.feature_cells import from_features as from_features
from modecollapse.samples.feature_cells import from_features_in_common as from_features_in_common
from modecollapse.samples.monitoring import MonitorState as MonitorState
from modecollapse.samples.monitoring import monitor as monitor
from modecollapse.samples.packed import PackedReport as PackedReport
from modecollapse.samples.scores import FoldedScores as FoldedScores
from modecollapse.samples.scores import LogRatioCounts as LogRatioCounts
from modecollapse.samples.scores import ScoreCounts as ScoreCounts
from modecollapse.samples.scores import WeightedRatios as WeightedRatios
from modecollapse.samples.scores import cross_fit as cross_fit
from modecollapse.samples.scores import from_log_ratios as from_log_ratios
from modecollapse.samples.scores import from_scores as from_scores
from modecollapse.samples.scores import weigh as weigh
from modecollapse.samples.unit_counts import UnitCounts as UnitCounts
from modecollapse.samples.unit_counts import from_groups as from_groups
from modecollapse.samples.unit_counts import from_weights as from_weights
from modecollapse.samples.unit_counts import one_per_group as one_per_group
from modecollapse.samples.verdicts import Verdict as Verdict
