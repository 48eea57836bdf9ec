"""Mode-collapse regions and packed total variation bounds: the theory of PacGAN, exactly and fast.

The public names are loaded when first used, so that importing the package compiles nothing and costs
little more than importing numpy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from modecollapse.version import __version__ as __version__

if TYPE_CHECKING:
    import modecollapse.birthday as birthday
    import modecollapse.metrics as metrics
    import modecollapse.paper as paper
    import modecollapse.samples as samples
    import modecollapse.sweep as sweep
    import modecollapse.targets as targets
    from modecollapse.band import Band as Band
    from modecollapse.band import separating_degrees as separating_degrees
    from modecollapse.band import tv_band as tv_band
    from modecollapse.blackwell import garbling as garbling
    from modecollapse.blackwell import witness_set as witness_set
    from modecollapse.brackets import Bracket as Bracket
    from modecollapse.conjecture import js_band as js_band
    from modecollapse.errors import InfeasibleError as InfeasibleError
    from modecollapse.errors import PrecisionError as PrecisionError
    from modecollapse.packing import chernoff_information as chernoff_information
    from modecollapse.packing import pack as pack
    from modecollapse.packing import pack_bracket as pack_bracket
    from modecollapse.packing import packed_divergence as packed_divergence
    from modecollapse.packing import packed_overlap as packed_overlap
    from modecollapse.packing import packed_tv as packed_tv
    from modecollapse.packing import packed_tv_bracket as packed_tv_bracket
    from modecollapse.region import Region as Region
    from modecollapse.region import RegionBracket as RegionBracket

_HOME_OF = {
    "Band": "band",
    "Bracket": "brackets",
    "InfeasibleError": "errors",
    "PrecisionError": "errors",
    "Region": "region",
    "RegionBracket": "region",
    "chernoff_information": "packing",
    "js_band": "conjecture",
    "pack": "packing",
    "pack_bracket": "packing",
    "packed_divergence": "packing",
    "packed_overlap": "packing",
    "packed_tv": "packing",
    "packed_tv_bracket": "packing",
    "separating_degrees": "band",
    "tv_band": "band",
    "garbling": "blackwell",
    "witness_set": "blackwell",
}
_MODULES = ("birthday", "metrics", "paper", "samples", "sweep", "targets")

__all__ = [
    "Band",
    "Bracket",
    "InfeasibleError",
    "PrecisionError",
    "Region",
    "RegionBracket",
    "birthday",
    "chernoff_information",
    "garbling",
    "js_band",
    "metrics",
    "pack",
    "pack_bracket",
    "packed_divergence",
    "packed_overlap",
    "packed_tv",
    "packed_tv_bracket",
    "paper",
    "samples",
    "separating_degrees",
    "sweep",
    "targets",
    "tv_band",
    "witness_set",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"modecollapse.{name}")
    if name not in _HOME_OF:
        raise AttributeError(f"module 'modecollapse' has no attribute {name!r}")
    value = getattr(import_module(f"modecollapse.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
