"""How far every evaluator is from the truth, and whether any bracket or certificate is ever violated.

Truths are sums of exact integers over all types while these are few, and `tests/oracles.py` in 60 digits
beyond. Every batch of cases has a random generator of its own, seeded by its name and number: neither
the number of processes nor `--only` changes what is drawn. Run on demand (docs/accuracy.md)::

    python -m tests.benchmarks.accuracy --jobs 2 --out docs/accuracy.md
"""
