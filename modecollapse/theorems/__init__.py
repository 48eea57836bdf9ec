"""Classes of pairs, and the least and greatest packed divergence over each, certified."""
