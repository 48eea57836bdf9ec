"""Pages of one file that need no network: the report of a diagnosis, and the explorer of the theorems."""
