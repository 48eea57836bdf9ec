"""The training studies, and all that is only theirs: runs, judges, tables and figures."""
