"""`python -m modecollapse`: the shell tool."""

import sys

from modecollapse.cli import main

if __name__ == "__main__":
    sys.exit(main())
