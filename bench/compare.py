"""Every builder without obligatory parameters in some files: what the source says beside what comes out.

    python bench/compare.py fixtures/*/*.py

Runs the code of the files, shut in. Prints each difference, then how many models were compared.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1] / name) for name in ("linter", "rules")]

from kerlint.cli.comparing import compare  # noqa: E402
from kerlint.cli.flags import Flags  # noqa: E402
from kerlint.cli.sources import Sources  # noqa: E402
from kerlint.host.find import Interpreter, Search  # noqa: E402
from kerlint.introspect.client import Introspection, NotIntrospected, Wish  # noqa: E402
from kerlint.introspect.target import parse  # noqa: E402


def builders(path: Path) -> list[str]:
    """The functions of a file that can be called with nothing and give something back."""
    try:
        tree = ast.parse(path.read_text())
    except (SyntaxError, ValueError):
        return []
    found = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            required = len(node.args.posonlyargs + node.args.args) - len(node.args.defaults)
            gives = any(isinstance(inner, ast.Return) and inner.value for inner in ast.walk(node))
            if required == 0 and gives and not any(default is None for default in node.args.kw_defaults):
                found.append(node.name)
    return found


def rows_of(interpreter: Interpreter, target: str, generation: int) -> list[dict[str, Any]] | str:
    """The rows of the comparison, or why there are none."""
    with Introspection(interpreter, parse(target), Wish(generation)) as one:
        try:
            return compare(Sources(Flags([]), [target.partition(":")[0]]), one.outcome())[0]
        except NotIntrospected as error:
            return str(error)


def compared(interpreter: Interpreter, path: Path, generation: int) -> list[dict[str, Any] | str]:
    """All builders of a file in one process; each in its own where one of them fails."""
    names = builders(path)
    calls = ", ".join(f"{name}()" for name in names)
    found: list[dict[str, Any] | str] = []
    for target in [f"{path}:[{calls}]"] if names else []:
        rows = rows_of(interpreter, target, generation)
        if isinstance(rows, list):
            return [*rows]
        for name in names:
            one = rows_of(interpreter, f"{path}:{name}()", generation)
            found += [f"{name}: {one}"] if isinstance(one, str) else one
    return found


def main() -> None:
    """Prints what differs, and the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--keras", type=int, default=3, choices=(2, 3))
    given = parser.parse_args()
    interpreter, why = Search(given.python).find()
    if interpreter is None:
        sys.exit(why)
    counts: Counter[str] = Counter()
    for path in given.paths:
        for row in compared(interpreter, path, given.keras):
            if isinstance(row, str):
                counts["not run"] += 1
                print(f"{path}: not run: {row}")
                continue
            state = "complete" if row["complete"] else "incomplete"
            counts[f"{state}, {'different' if row['differences'] else 'equal'}"] += 1
            for said in (*row["differences"], *row["unresolved"], *row["table"]):
                print(f"{path}:{row['line']}: {state}: {said}")
    print(dict(sorted(counts.items())))


if __name__ == "__main__":
    main()
