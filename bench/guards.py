"""Which guard of a rule does nothing: each is deleted in turn, in memory, and the tests have to see it.

    PYTHONPATH=linter:rules:. python bench/guards.py [NAME ...] [--json FILE]

A guard is a ``require``, ``fixable`` or ``safe``, one argument of ``node.require``, or a ``raise NoFix``. Without one
of them a rule is asked, until something fails: its own fixtures, the texts they are fixed to, the example of its page,
all other fixtures, and last, in Keras, the proofs of the rewrites that would not be there with the guard. A guard
whose absence changes nothing but the reason of a silence is told apart: without it the rule is silent there, too, or
its replacement does not fit, which users see as a silence and the tests as a mistake.
NAME selects files by a part of their name. Exit status: 1 if a guard survives.
"""

from __future__ import annotations

import argparse
import ast
import importlib.machinery
import json
import os
import re
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import ForkContext
from pathlib import Path
from typing import Any

from tests.rules_test import FILES, GUARDS, Guard

import kerlint.fix.render  # noqa: F401 (libcst, imported once for all children)

REASON = re.compile(r"announced, not found: line \d+: not ")
UNFIT = "its replacement does not fit"
OURS = ("kerlint_rules", "tests.harness", "tests.rules_test", "tests.fixtures_test")


class _Without(ast.NodeTransformer):
    """Deletes one guard."""

    def __init__(self, guard: Guard) -> None:
        self.guard, self.deleted = guard, 0

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        call = node.value
        if node.lineno != self.guard.line or not isinstance(call, ast.Call):
            return self.generic_visit(node)
        self.deleted += 1
        if self.guard.argument is None:
            return ast.copy_location(ast.Pass(), node)
        call.keywords = [k for k in call.keywords if k.arg != self.guard.argument]
        return node

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        if node.lineno != self.guard.line:
            return node
        self.deleted += 1
        return ast.copy_location(ast.Pass(), node)


def without(guard: Guard) -> ast.Module:
    """The module of a rule, one guard of it deleted. Raises ValueError where it is no statement of its own."""
    change = _Without(guard)
    tree: ast.Module = change.visit(ast.parse(guard.path.read_text(encoding="utf-8")))
    if change.deleted != 1:
        raise ValueError(f"{guard} is {change.deleted} statements")
    ast.fix_missing_locations(tree)
    return tree


def _mutate(guard: Guard) -> None:
    """From now on rules are imported afresh, this one without its guard. For this process alone."""
    for name in [name for name in sys.modules if name.startswith(OURS)]:
        parent, _, last = name.rpartition(".")
        del sys.modules[name]
        vars(sys.modules.get(parent, sys)).pop(last, None)  # ``from tests import harness`` would find the old one
    code = compile(without(guard), str(guard.path), "exec")
    loader = importlib.machinery.SourceFileLoader
    original: Callable[[Any, str], Any] = loader.get_code

    def get_code(self: Any, fullname: str) -> Any:
        return code if self.path == str(guard.path) else original(self, fullname)

    loader.get_code = get_code  # type: ignore[method-assign]


def _concerned(guard: Guard) -> set[str]:
    """The names of the rules whose code the guard is part of: of the file, or of those that import it."""
    module = guard.path.stem
    own = [p for p in FILES if p == guard.path or f"kerlint_rules.{module} import" in p.read_text(encoding="utf-8")]
    return {path.stem.replace("_", "-") for path in own}


def caught(guard: Guard, before: dict[str, set[str]]) -> str | None:
    """By what the guard's absence is noticed, in this process; None if by nothing."""
    _mutate(guard)
    from tests import harness, rules_test

    own = _concerned(guard)
    paths = sorted(harness.programs(), key=lambda path: path.parent.name not in own)
    mine = [path for path in paths if path.parent.name in own]
    checks: list[tuple[str, Callable[[Any], None], Sequence[Any]]]
    checks = [("fixture", _announced, mine), ("fixed text", _fixed, [p for p in mine if ".fixed" not in p.name])]
    checks += [("page", rules_test.test_example, [r for r in harness.RULES if r.name in own])]
    checks += [("another rule's fixture", _announced, paths[len(mine) :])]
    words = None
    for kind, check, subjects in checks:
        for subject in [] if words and kind == "another rule's fixture" else subjects:
            try:
                check(subject)
            except _Words as error:
                words = words if words and words.startswith("type") else str(error)
            except AssertionError as error:
                return f"{kind}: {' '.join(str(error).split())[:160]}"
    return words or _refuted(before)


class _Words(Exception):
    """Only reasons of silences differ."""


def _announced(path: Path) -> None:
    from tests import harness

    problems = harness.differences(harness.expected(path), harness.observed(path))
    told = [problem for problem in problems if not REASON.search(problem)]
    assert not told, f"{harness.name_of(path)} {told[0]}"
    if problems:
        first = next((problem for problem in problems if UNFIT in problem), problems[0])
        kind = "type of the replacement" if UNFIT in first else "the reason alone"
        raise _Words(f"{kind}: {harness.name_of(path)} {' '.join(first.split())}")


def _fixed(path: Path) -> None:
    from tests import fixtures_test

    fixtures_test.test_fixed(path)


def _claims(*, proved: dict[str, set[str]] | None = None) -> Iterator[tuple[str, Any]]:
    """The questions to Keras of all fixtures that are not known to be right."""
    from tests import rules_test

    from kerlint.prove.request import request_of

    for claim in rules_test._claims():
        asked = request_of(claim.rewrite, claim.level).canonical
        if proved is None or asked not in proved["claims"]:
            yield asked, claim


def _refuted(before: dict[str, set[str]]) -> str | None:
    from kerlint.host.find import Search
    from kerlint.prove.client import Prover

    with Prover(Search(sys.executable)) as prover:
        for _, claim in _claims(proved=before):
            proof = prover.prove(claim.rewrite, claim.level)
            if not proof.proved:
                return f"proof: {claim.name}: {proof.status}: {proof.reason}"
    return None


def _child(pipe: Connection, guard: Guard, before: dict[str, set[str]]) -> None:
    os.environ["KERLINT_CACHE_DIR"] = os.devnull
    try:
        pipe.send(caught(guard, before))
    except BaseException as error:  # a rule that cannot be loaded any more is noticed, too
        pipe.send(f"crash: {type(error).__name__}: {error}\n{traceback.format_exc()}")


def ask(guard: Guard, before: dict[str, set[str]]) -> str | None:
    """What notices that the guard is gone; in a process of its own."""
    fork = ForkContext()
    here, there = fork.Pipe(duplex=False)
    child = fork.Process(target=_child, args=(there, guard, before))
    child.start()
    there.close()
    try:
        said: str | None = here.recv()
    except EOFError:
        said = "crash: the process ended"
    child.join()
    return said


def main() -> int:
    """Delete, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="parts of names of files, with :line for one guard")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    chosen = [g for g in GUARDS if not options.names or any(name in str(g) for name in options.names)]
    before = {"claims": {asked for asked, _ in _claims()}}
    found: dict[str, str | None] = {}
    for guard in chosen:
        found[str(guard)] = said = ask(guard, before)
        print(f"{guard!s:60} {said.splitlines()[0] if said else 'SURVIVES'}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))
    survivors = [name for name, said in found.items() if said is None]
    print(f"\n{len(found)} guards, {len(survivors)} survive: {survivors}")
    for kind, number in Counter((said or "nothing").split(":")[0] for said in found.values()).most_common():
        print(f"  {number:4}  caught by {kind}")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
