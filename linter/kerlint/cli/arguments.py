"""The command line as argparse reads it. Which flags a command has is data: ``arguments.json``."""

from __future__ import annotations

import argparse
import os
from typing import Any, NoReturn

import kerlint
from kerlint.cli.flags import Flags
from kerlint.config import FORMATS, did_you_mean


class Parser(argparse.ArgumentParser):
    """A wrong flag is told in a line with the nearest right one, not under a page of all flags."""

    def error(self, message: str) -> NoReturn:
        """Tell, and leave with status 2."""
        flag = message.removeprefix("unrecognized arguments: ").partition(" ")[0].partition("=")[0]
        near = did_you_mean(flag, list(self._option_string_actions)) if flag.startswith("-") else ""
        self.exit(2, f"{self.prog}: error: {message}{near}\n{self.prog} --help lists all flags\n")


def parse(command: str, words: list[str]) -> Flags:
    """The flags of a command. Leaves through SystemExit for --help, --version and what is wrong."""
    tables = eval(_beside("arguments.json"), {"true": True, "false": False, "null": None})  # no hook waits for json
    described = tables["commands"][command]
    parser = Parser(
        prog="kerlint" if command == "check" else f"kerlint {command}",
        argument_default=argparse.SUPPRESS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=described["about"],
        epilog=_beside("commands.txt") if command == "check" else None,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"kerlint {kerlint.__version__}")
    for part in described["flags"]:  # the title of a group that several commands have, or flags of this one
        group: Any = parser if isinstance(part, dict) else parser.add_argument_group(part)
        group = group.add_mutually_exclusive_group() if part in tables["exclusive"] else group
        for names, options in (part if isinstance(part, dict) else tables["groups"][part]).items():
            if names not in described.get("without", ()):
                group.add_argument(*names.split(), **{k: _meant(v) for k, v in options.items()})
    flags = Flags()
    if command == "introspect" and "--" in words:
        words, flags.arguments = words[: words.index("--")], tuple(words[words.index("--") + 1 :])
    flags.__dict__.update(vars(parser.parse_intermixed_args(words)))
    return flags


def _beside(name: str) -> str:
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as file:
        return file.read()


def _listed(text: str) -> list[str]:
    """``KER1,KER207`` as a list. An empty one is a variable that nobody set: it would turn everything off."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise argparse.ArgumentTypeError(f"{text!r} names nothing")
    return words


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def _meant(value: Any) -> Any:
    """What a word of the table stands for, if it is one of these."""
    known = {"listed": _listed, "positive": _positive, "formats": FORMATS, "either": argparse.BooleanOptionalAction}
    return known.get(value, value) if isinstance(value, str) else value
