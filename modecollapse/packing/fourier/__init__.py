"""Any alphabet at any m: brackets of (P^m, Q^m) from sums over the characteristic function."""
