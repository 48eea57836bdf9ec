"""Mode-collapse regions and packed total variation bounds: the theory of PacGAN, exactly and fast.

The public names are loaded when first used, so that importing the package compiles nothing and costs
little more than importing numpy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from modecollapse.version import __version__ as __version__

if TYPE_CHECKING:  # the public names, for those who do not run the code; below, for those who do
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

_MODULES = ("birthday", "metrics", "samples", "sweep", "targets", "theorems.paper")

_NAMES = {
    "blackwell": "garbling witness_set",
    "brackets": "Bracket",
    "errors": "InfeasibleError PrecisionError",
    "packing.distances": "chernoff_information packed_divergence packed_overlap packed_tv packed_tv_bracket",
    "packing.regions": "pack pack_bracket",
    "region": "Region RegionBracket",
    "theorems.band": "Band separating_degrees tv_band",
    "theorems.conjecture": "js_band",
}

_PATH_OF = {path.rpartition(".")[2]: path for path in _MODULES}
_HOME_OF = {name: home for home, names in _NAMES.items() for name in names.split()}

__all__ = sorted([*_PATH_OF, *_HOME_OF])


def __getattr__(name: str) -> Any:
    if name in _PATH_OF:
        value: Any = import_module(f"modecollapse.{_PATH_OF[name]}")
    elif name in _HOME_OF:
        value = getattr(import_module(f"modecollapse.{_HOME_OF[name]}"), name)
    else:
        raise AttributeError(f"module 'modecollapse' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
