"""The greatest packed divergence over a class of pairs, by a certified search over its greatest regions."""
