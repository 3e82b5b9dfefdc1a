"""``python -m kerlint``."""

import os
import sys

# Python puts the working directory first, and that may be the tree that is linted: nothing of it is imported.
if sys.path and os.path.realpath(sys.path[0]) == os.path.realpath(os.getcwd()):
    del sys.path[0]

from kerlint.cli.main import main

sys.exit(main())
