"""``--watch``: the same run whenever a file changes. Polls: it works on every file system."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from kerlint.cli.flags import Flags, Usage
from kerlint.cli.output import tell
from kerlint.cli.sources import Sources
from kerlint.config import NAMES, ConfigError

SECONDS = 0.5


def watch(flags: Flags, once: Callable[[Flags], int]) -> int:
    """Until Ctrl-C; the status of the last run."""
    if "-" in flags.paths:
        raise Usage("--watch cannot read standard input")
    status = 0
    while True:
        if sys.stdout.isatty():
            sys.stdout.write("\x1b[2J\x1b[H")
        try:
            status = once(flags)
            tell(f"kerlint: {time.strftime('%H:%M:%S')} watching for changes (Ctrl-C ends)")
            before = _seen(flags)  # what --fix has written is no reason to run again
            while _seen(flags) == before:
                time.sleep(SECONDS)
        except KeyboardInterrupt:
            return status
        except (ConfigError, Usage) as error:  # a configuration that is being edited
            tell(f"kerlint: error: {error}")
            time.sleep(4 * SECONDS)


def _seen(flags: Flags) -> dict[str, tuple[int, int]]:
    """Every file of the run, and the configurations beside the paths, with time and size."""
    found = {}
    paths = flags.paths or ["."]
    beside = [os.path.join(p if os.path.isdir(p) else os.path.dirname(p) or ".", name) for p in paths for name in NAMES]
    for path in (*Sources(flags, flags.paths), *beside):
        with suppress(OSError):
            stat = os.stat(path)
            found[path] = (stat.st_mtime_ns, stat.st_size)
    return found
