"""``kerlint``: which command, and what happens when it cannot go on.

A run on files without Keras has to be instant (a hook sees every commit): nothing is imported here that
such a run does not need, and arguments that are all paths need no argparse.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence

from kerlint.cli.flags import COMMANDS, TAKING, Flags, Usage
from kerlint.config import ConfigError

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    gc.set_threshold(200_000, 20, 20)  # what a file gives is kept until it is reported: there is little garbage
    _open_streams()
    try:
        status = _run(words)
        sys.stdout.flush()
        return status
    except (ConfigError, Usage) as error:
        print(f"kerlint: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("kerlint: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except Exception:  # Python's own status would be 1, which means findings
        import traceback

        traceback.print_exc()
        print("kerlint: internal error, please report it with the lines above", file=sys.stderr)
        return 2
    except SystemExit as exit:  # argparse: --help, --version, a wrong flag
        return exit.code if isinstance(exit.code, int) else 2


def _open_streams() -> None:
    """What the caller has closed (``>&-``, a Windows program without a console) is None; what goes there is lost."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def _run(words: list[str]) -> int:
    first = 0  # flags may stand in front
    while first < len(words) and words[first].startswith("-"):
        first += 2 if words[first] in TAKING else 1
    command = words.pop(first) if first < len(words) and words[first] in COMMANDS else "check"
    # The command's module is imported when it is called for.
    run: Callable[[Flags], int] = __import__(f"kerlint.cli.{command}", fromlist=["run"]).run
    if command == "check" and not any(word.startswith("-") for word in words):
        return run(Flags(words))
    from kerlint.cli.arguments import parse

    return run(parse(command, words))
