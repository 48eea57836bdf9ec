# The public names, listed once: for type checkers, and for __init__.py, which reads this file.

from modecollapse import birthday as birthday
from modecollapse import metrics as metrics
from modecollapse import samples as samples
from modecollapse import sweep as sweep
from modecollapse import targets as targets
from modecollapse.blackwell import garbling as garbling
from modecollapse.blackwell import witness_set as witness_set
from modecollapse.brackets import Bracket as Bracket
from modecollapse.errors import InfeasibleError as InfeasibleError
from modecollapse.errors import PrecisionError as PrecisionError
from modecollapse.packing.distances import chernoff_information as chernoff_information
from modecollapse.packing.distances import packed_divergence as packed_divergence
from modecollapse.packing.distances import packed_overlap as packed_overlap
from modecollapse.packing.distances import packed_tv as packed_tv
from modecollapse.packing.distances import packed_tv_bracket as packed_tv_bracket
from modecollapse.packing.regions import pack as pack
from modecollapse.packing.regions import pack_bracket as pack_bracket
from modecollapse.region import Region as Region
from modecollapse.region import RegionBracket as RegionBracket
from modecollapse.theorems import paper as paper
from modecollapse.theorems.band import Band as Band
from modecollapse.theorems.band import separating_degrees as separating_degrees
from modecollapse.theorems.band import tv_band as tv_band
from modecollapse.theorems.conjecture import js_band as js_band
from modecollapse.version import __version__ as __version__

__all__: list[str]
