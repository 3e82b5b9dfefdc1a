"""``python -m kerlint``."""

import sys

from kerlint.cli.main import main

sys.exit(main())
