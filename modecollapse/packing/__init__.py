"""Divergences and regions of the product pairs (P^m, Q^m); `modecollapse.packing.choice` chooses how."""

from modecollapse.packing.degrees import least_degree as least_degree
from modecollapse.packing.distances import chernoff_information as chernoff_information
from modecollapse.packing.distances import packed_divergence as packed_divergence
from modecollapse.packing.distances import packed_overlap as packed_overlap
from modecollapse.packing.distances import packed_overlap_bracket as packed_overlap_bracket
from modecollapse.packing.distances import packed_tv as packed_tv
from modecollapse.packing.distances import packed_tv_bracket as packed_tv_bracket
from modecollapse.packing.pairing import pairing_tv as pairing_tv
from modecollapse.packing.products import product_tv as product_tv
from modecollapse.packing.products import product_tv_bracket as product_tv_bracket
from modecollapse.packing.regions import pack as pack
from modecollapse.packing.regions import pack_bracket as pack_bracket
from modecollapse.packing.tails import packed_hockey_stick_bracket as packed_hockey_stick_bracket
