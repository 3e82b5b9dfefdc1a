"""``-``: source on standard input; with ``--fix`` the fixed source on standard output."""

from __future__ import annotations

import contextlib
import sys

from kerlint.cli.checking import Checking
from kerlint.cli.flags import Flags, Usage
from kerlint.cli.output import emit
from kerlint.cli.sources import Sources

NAME = "stdin.py"


def run(flags: Flags) -> int:
    """One document, called ``--stdin-filename``; its configuration is the one beside that name."""
    if len(flags.paths) > 1:
        raise Usage("- (standard input) goes with no other path")
    if flags.add_ignore:
        raise Usage("--add-ignore writes files; standard input is none")
    name = flags.stdin_filename or NAME
    data = sys.stdin.buffer.read()
    sources = Sources(flags, [name])
    checking = Checking(flags, sources)
    speaks = b"keras" in data or b"tensorflow" in data or sources.load.speaks(name)
    speaks = speaks and not sources.left_out(name)
    files = [checking.first(name, data)] if speaks else []
    checking.second(files)
    output = sys.stdout
    if checking.fixes(name) and not flags.diff:  # the fixed source has standard output for itself
        emit(files[0].after if files and files[0].after is not None else data)
        output = sys.stdout if flags.output_file else sys.stderr
    with contextlib.redirect_stdout(output):
        return checking.end(files, 0 if speaks else 1)
