"""``kerlint check``: which files there are, and whether there is anything to do at all.

Up to there nothing is imported that a run on files without Keras does not need.
"""

from __future__ import annotations

import os
import sys

from kerlint import project
from kerlint.cli.flags import Flags, Usage
from kerlint.cli.sources import Sources


def run(flags: Flags) -> int:
    """One run, or with ``--watch`` one after each change; the exit status."""
    if flags.watch:
        from kerlint.cli.watch import watch

        return watch(flags, once)
    return once(flags)


def once(flags: Flags) -> int:
    """One run."""
    if flags.why is not None:
        from kerlint.cli.why import sort_words

        sort_words(flags)
    if flags.add_ignore and flags.diff:
        raise Usage("--add-ignore writes files, --diff writes none")
    if flags.stdin_filename and not flags.paths:
        flags.paths = ["-"]
    if "-" in flags.paths:
        from kerlint.cli.stdin import run as run_stdin

        return run_stdin(flags)
    sources = Sources(flags, flags.paths)
    if flags.show_files or flags.show_settings:
        from kerlint.cli.show import show

        return show(flags, sources)
    found, skipped = read(sources)
    if not found and not sources.problems and not sources.strange and _silent(flags, sources):
        if not flags.quiet:
            print(f"kerlint: nothing found (0 files checked, {skipped} without Keras)", file=sys.stderr)
        return 0
    from kerlint.cli.checking import Checking

    return Checking(flags, sources).run(found, skipped)


def read(sources: Sources) -> tuple[list[tuple[str, bytes]], int]:
    """The files that may speak of Keras with their bytes, and how many others there are."""
    seen: list[tuple[str, bytes | None]] = []
    for path in sources:
        try:
            seen.append((path, project.read(path)))
        except OSError as error:
            sources.problems.append((path, f"cannot be read: {error.strerror or error}"))
    silent = sum(data is None for _, data in seen)
    if silent and (silent < len(seen) or any(map(os.path.isfile, sources.paths))):  # there may be Keras to import
        seen = [(path, sources.through_imports(path) if data is None else data) for path, data in seen]
    found = [(path, data) for path, data in seen if data is not None]
    return found, len(seen) - len(found)


def _silent(flags: Flags, sources: Sources) -> bool:
    """Whether a run without files has nothing to print and no word to check."""
    if flags.select or flags.ignore or flags.extend_select or flags.output_file or flags.write_baseline:
        return False
    if flags.statistics or flags.baseline or flags.why is not None:
        return False
    return sources.top.output_format in ("full", "concise")
