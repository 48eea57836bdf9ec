"""The region in other fields' words: precision–recall, trade-off, ROC, risk, privacy and frontier.

Each function reads one quantity off a region and gives it the name that some field knows. All of them rise or
fall with the region. So the two regions of a `RegionBracket`, a confidence band among them, bracket each.
"""

from modecollapse.curves.frontiers import Frontier as Frontier
from modecollapse.curves.frontiers import effective_sample_size as effective_sample_size
from modecollapse.curves.frontiers import frontier as frontier
from modecollapse.curves.frontiers import frontier_integral as frontier_integral
from modecollapse.curves.frontiers import mauve as mauve
from modecollapse.curves.inverses import from_privacy as from_privacy
from modecollapse.curves.inverses import from_roc as from_roc
from modecollapse.curves.inverses import from_trade_off as from_trade_off
from modecollapse.curves.mechanisms import gaussian_mechanism as gaussian_mechanism
from modecollapse.curves.mechanisms import laplace_mechanism as laplace_mechanism
from modecollapse.curves.mechanisms import randomised_response as randomised_response
from modecollapse.curves.mechanisms import subsampled as subsampled
from modecollapse.curves.precision_recall import PrecisionRecall as PrecisionRecall
from modecollapse.curves.precision_recall import f_score as f_score
from modecollapse.curves.precision_recall import precision_recall as precision_recall
from modecollapse.curves.precision_recall import support_precision as support_precision
from modecollapse.curves.precision_recall import support_recall as support_recall
from modecollapse.curves.privacy import privacy_delta as privacy_delta
from modecollapse.curves.privacy import privacy_epsilon as privacy_epsilon
from modecollapse.curves.testing import auc as auc
from modecollapse.curves.testing import bayes_risk as bayes_risk
from modecollapse.curves.testing import trade_off as trade_off
