"""Several processes: they check, and send plain rows. What is to be proved or fixed stays with the first."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

from kerlint.cli.checking import Checking, File, has_fixes

ENOUGH = 40  # files: below that, starting processes costs more than it saves

# What a forked process finds in its memory; nothing of it could be sent.
_WORK: list[tuple[Checking, Sequence[tuple[str, bytes]]]] = []


def number_of(asked: int | None, files: int) -> int:
    """How many processes; one where processes cannot be forked (rules are functions, they are not sent)."""
    if not sys.platform.startswith("linux"):
        return 1
    if asked is not None:
        return min(asked, files)
    return min(os.cpu_count() or 1, files // ENOUGH) if files >= 2 * ENOUGH else 1


def spread(checking: Checking, found: Sequence[tuple[str, bytes]], jobs: int) -> list[File]:
    """Every file checked; one that a process died of is checked here, where the crash has a name."""
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    _WORK.append((checking, found))
    size = -(-len(found) // (jobs * 8))  # neighbours together: they import the same files
    parts = [range(start, min(start + size, len(found))) for start in range(0, len(found), size)]
    done: dict[int, File] = {}
    try:
        quiet = (signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the first process
        with ProcessPoolExecutor(jobs, get_context("fork"), signal.signal, quiet) as pool:
            for part in pool.map(_check, parts):
                done.update(part)
    except BrokenProcessPool:
        pass
    finally:
        _WORK.pop()
    return [done.get(i) or checking.first(*found[i]) for i in range(len(found))]


def _check(numbers: Sequence[int]) -> dict[int, File]:
    """What can be sent: rows. Files that go on to proofs or fixes are left out."""
    checking, found = _WORK[-1]
    done: dict[int, File] = {}
    for number in numbers:
        file = checking.first(*found[number])
        if has_fixes(file) and checking.goes_on(file.path):
            continue
        file.rows = checking.rows(file)
        file.report = None
        done[number] = file
    return done
