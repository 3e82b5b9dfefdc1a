"""The command line as argparse reads it."""

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
    with open(os.path.join(os.path.dirname(__file__), "commands.txt"), encoding="utf-8") as file:
        commands = file.read()
    parser = Parser(
        prog="kerlint" if command == "check" else f"kerlint {command}", argument_default=argparse.SUPPRESS,
        formatter_class=argparse.RawDescriptionHelpFormatter, description=DESCRIPTIONS[command],
        epilog=commands if command == "check" else None, allow_abbrev=False,
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"kerlint {kerlint.__version__}")
    PARSERS[command](parser)
    flags = Flags()
    if command == "introspect" and "--" in words:
        words, flags.arguments = words[: words.index("--")], tuple(words[words.index("--") + 1 :])
    flags.__dict__.update(vars(parser.parse_intermixed_args(words)))
    return flags


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


PATHS = "files and directories (default: the current one)"


def _paths(parser: Any, text: str = PATHS) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help=text)


def _common(parser: Any) -> None:
    """Flags of every command that reads sources."""
    group = parser.add_argument_group("configuration")
    group.add_argument("--config", metavar="FILE", help="use this file instead of the nearest one")
    group.add_argument("--isolated", action="store_true", help="read no configuration file")
    group.add_argument("--color", choices=("auto", "always", "never"), help="colour the output")
    group.add_argument("-v", "--verbose", action="count", help="say what is done, on standard error")
    group.add_argument("-q", "--quiet", action="store_true", help="findings and errors only")


def _rules(parser: Any) -> None:
    group = parser.add_argument_group("rules (codes, names, or prefixes of codes; separated by commas)")
    for flag, text in (
        ("--select", "only these rules (ALL: every rule)"),
        ("--ignore", "not these rules"),
        ("--extend-select", "these rules as well"),
    ):
        group.add_argument(flag, type=_listed, action="extend", metavar="RULES", help=text)


def _proofs(parser: Any, default: bool = True) -> None:
    group = parser.add_argument_group("proofs")
    if default:
        text = "prove fixes with Keras (the default where one is found)"
        group.add_argument("--prove", action=argparse.BooleanOptionalAction, help=text)
    group.add_argument("--python", metavar="PATH", help="the interpreter whose Keras proves")
    group.add_argument("--trust", action="store_true", help="programs and plugins of the linted tree may run")
    group.add_argument("--no-cache", action="store_true", help="neither read nor write cached proofs")
    group.add_argument("--cache-dir", metavar="DIR", help="where proofs are kept")


def _format(parser: Any, *choices: str) -> None:
    text = f"how to print (default: {choices[0]})"
    parser.add_argument("--output-format", "--format", dest="output_format", choices=choices, help=text)


def _check(parser: Any) -> None:
    _paths(parser, f"{PATHS}; - for standard input")
    _rules(parser)
    _fixes(parser.add_argument_group("fixes"))
    _proofs(parser)
    text = "run the configured models, too, and check what comes out"
    parser.add_argument("--introspect", action="store_true", help=text)
    _output(parser.add_argument_group("output"))
    _status(parser.add_argument_group("exit status"))
    _running(parser.add_argument_group("files"))
    _common(parser)


def _fixes(group: Any) -> None:
    group.add_argument("--fix", action=argparse.BooleanOptionalAction, help="apply safe fixes")
    text = "with --fix or --diff: unsafe ones as well"
    group.add_argument("--unsafe-fixes", action=argparse.BooleanOptionalAction, help=text)
    group.add_argument("--diff", action="store_true", help="print the patch, write nothing")
    group.add_argument("--show-fixes", action="store_true", help="list the fixes that were applied")
    group.add_argument("--add-ignore", action="store_true", help="silence every finding with a comment")


def _output(group: Any) -> None:
    _format(group, *FORMATS)
    group.add_argument("--output-file", metavar="FILE", help="write the report there")
    group.add_argument("--statistics", action="store_true", help="only how often each rule was met")
    text = "print which rules stayed silent there and for which reason"
    group.add_argument("--why", nargs="*", metavar="RULE|PATH:LINE", help=text)
    group.add_argument("--show-files", action="store_true", help="print the files that would be read")
    group.add_argument("--show-settings", action="store_true", help="print the settings of the first path")


def _status(group: Any) -> None:
    group.add_argument("--exit-zero", action="store_true", help="0 in spite of findings")
    group.add_argument("--exit-non-zero-on-fix", action="store_true", help="1 if something was fixed")
    group.add_argument("--fail-on", choices=("error", "warning", "info"), help="the least severity that counts")
    group.add_argument("--baseline", metavar="FILE", help="findings listed there do not count")
    group.add_argument("--write-baseline", metavar="FILE", help="list all findings there")


def _running(group: Any) -> None:
    flags = {"--exclude": "not these (instead of the configured ones)", "--extend-exclude": "nor these"}
    for flag, text in flags.items():
        group.add_argument(flag, type=_listed, action="extend", metavar="GLOBS", help=text)
    text = "exclude files that are named on the command line, too"
    group.add_argument("--force-exclude", action="store_true", help=text)
    group.add_argument("--stdin-filename", metavar="NAME", help="what standard input is called")
    group.add_argument("--watch", action="store_true", help="run again whenever a file changes")
    group.add_argument("--jobs", "-j", type=_positive, metavar="N", help="processes (default: one a processor)")


def _summary(parser: Any) -> None:
    _paths(parser, "PATH or PATH::NAME, a function, class or variable in it, or a call: PATH::build(8)")
    _format(parser, "full", "json")
    _common(parser)


def _explain(parser: Any) -> None:
    parser.add_argument("code", nargs="?", metavar="RULE", help="a code or a name")
    parser.add_argument("--all", action="store_true", help="every rule")
    _format(parser, "full", "json")
    parser.add_argument("--color", choices=("auto", "always", "never"), help="colour the output")


def _prove(parser: Any) -> None:
    _paths(parser)
    _format(parser, "full", "json")
    _rules(parser)
    _proofs(parser, default=False)
    _common(parser)


def _introspect(parser: Any) -> None:
    text = "pkg.module:build_model, path.py:build_model(128) or path.py (default: the configured models); "
    _paths(parser, f"{text}what stands behind -- is passed to the program")
    group = parser.add_argument_group("what is asked").add_mutually_exclusive_group()
    group.add_argument("--compare", action="store_true", help="print where the source's graph is another one")
    group.add_argument("--dead-weights", action="store_true", help="count the weights that never matter")
    group = parser.add_argument_group("how the program is run")
    group.add_argument("--run-all", action="store_true", help="training, loading of weights and of data as well")
    group.add_argument("--timeout", type=_positive, metavar="SECONDS", help="for one target (default: 300)")
    group.add_argument("--memory", type=_positive, metavar="GB", help="that the program may use (default: 8)")
    _rules(parser)
    _proofs(parser)
    _output(parser.add_argument_group("output"))
    _status(parser.add_argument_group("exit status"))
    _common(parser)


DESCRIPTIONS = {
    "check": "Finds redundant, costly and mistaken layers in Keras models, and proves its fixes.",
    "summary": "What model.summary() would print, for every model in the files, without running anything.",
    "explain": "A rule's page.",
    "prove": "Prove every fix and say how; write nothing. Exit status 1: a proof is refuted, or a file cannot be read.",
    "introspect": "Runs a builder without network, files or training, and lints the model that really comes out.",
    "lsp": "Language server on standard input and output.",
}
PARSERS = {add.__name__[1:]: add for add in (_check, _summary, _explain, _prove, _introspect)}
PARSERS["lsp"] = lambda parser: None
