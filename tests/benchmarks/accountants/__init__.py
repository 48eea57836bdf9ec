"""Packed total variation against the privacy accountants, at the same work in one run.

d_TV(P^m, Q^m) is the hockey-stick divergence δ(ε = 0) of m self-compositions, which privacy accountants
compute. Run on demand, with the accountants installed or not (docs/performance.md)::

    python -m tests.benchmarks.accountants --out docs/performance.md
"""
