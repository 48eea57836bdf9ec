"""`python -m modecollapse`: the shell tool."""

import sys

from modecollapse.cli import main

sys.exit(main())
