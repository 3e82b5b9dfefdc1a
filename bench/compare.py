"""Every function without obligatory parameters that seems to make a model: what the source says beside what comes out.

    python bench/compare.py FILE_OR_DIR ... [--python PYTHON] [--keras 2|3] [--seconds 120]

Runs the code of the files, shut in: with Keras 3, and what does not run there with Keras 2, unless ``--keras`` says
which. Prints each difference, then how many models of how many builders were compared. Exit status: 1 if a complete
model differs.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1] / name) for name in ("linter", "rules")]

from proofs import files  # noqa: E402

from kerlint.cli.comparing import compare  # noqa: E402
from kerlint.cli.flags import Flags  # noqa: E402
from kerlint.cli.sources import Sources  # noqa: E402
from kerlint.host.find import Interpreter, Search  # noqa: E402
from kerlint.introspect.client import Introspection, NotIntrospected, Wish  # noqa: E402
from kerlint.introspect.target import parse  # noqa: E402


def builders(path: Path) -> list[str]:
    """The functions of a file that can be called with nothing, give something back and speak of models."""
    try:
        tree = ast.parse(path.read_text())
    except (SyntaxError, ValueError):
        return []
    found = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            required = len(node.args.posonlyargs + node.args.args) - len(node.args.defaults)
            gives = any(isinstance(inner, ast.Return) and inner.value for inner in ast.walk(node))
            speaks = SPEAKS.search(ast.unparse(node)) is not None
            if required == 0 and gives and speaks and not any(default is None for default in node.args.kw_defaults):
                found.append(node.name)
    return found


SPEAKS = re.compile(r"(?i)model|sequential|net\b|network|generator|encoder|decoder")
Row = dict[str, Any]


def rows_of(interpreter: Interpreter, target: str, generation: int, seconds: float) -> list[Row] | str:
    """The rows of the comparison, or why there are none."""
    with Introspection(interpreter, parse(target), Wish(generation, seconds=seconds)) as one:
        try:
            return compare(Sources(Flags([]), [target.partition(":")[0]]), one.outcome())[0]
        except NotIntrospected as error:
            return str(error)


def compared(
    interpreter: Interpreter, path: Path, generations: Sequence[int], seconds: float
) -> Iterator[tuple[str, int, list[Row] | str]]:
    """Builder, Keras and rows: all builders of a file in one process, each in its own where one of them fails."""
    names = builders(path)
    for generation in generations if len(names) > 1 else ():
        rows = rows_of(interpreter, f"{path}:[{', '.join(f'{name}()' for name in names)}]", generation, seconds)
        if isinstance(rows, list):
            yield ", ".join(names), generation, rows
            return
    for name in names:
        found: list[tuple[str, int, list[Row] | str]] = []
        for generation in generations:
            found.append((name, generation, rows_of(interpreter, f"{path}:{name}()", generation, seconds)))
            if isinstance(found[-1][2], list):
                break
        whys = " | ".join(dict.fromkeys(said for _, _, said in found if isinstance(said, str)))
        yield found[-1] if isinstance(found[-1][2], list) else (name, generations[-1], whys)


def main() -> int:
    """Prints what differs, and the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--keras", type=int, choices=(2, 3))
    parser.add_argument("--seconds", type=float, default=120.0)
    given = parser.parse_args()
    interpreter, why = Search(given.python).find()
    if interpreter is None:
        sys.exit(why)
    counts: Counter[str] = Counter()
    generations = (given.keras,) if given.keras else (3, 2)
    for path in (p for p in files(given.paths) if p.suffix == ".py"):
        for names, generation, rows in compared(interpreter, path, generations, given.seconds):
            where = f"{path}:{names} (Keras {generation})"
            if isinstance(rows, str):
                counts["builders that do not run"] += 1
                print(f"{where}: not run: {rows}", flush=True)
                continue
            counts["builders compared"] += len(names.split(", "))
            for row in rows:
                state = "complete" if row["complete"] else "incomplete"
                counts[f"{state}, {'different' if row['differences'] else 'equal'}"] += 1
                for said in (*row["differences"], *row["unresolved"], *row["table"]):
                    print(f"{where}: line {row['line']}: {state}: {said}", flush=True)
    print(dict(sorted(counts.items())))
    return int(counts["complete, different"] > 0)


if __name__ == "__main__":
    sys.exit(main())
