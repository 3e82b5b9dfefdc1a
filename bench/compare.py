"""Every function that seems to make a model, called: what the source says beside what comes out.

    python bench/compare.py REPOSITORY_OR_FILE ... [--python PYTHON] [--keras 2|3] [--seconds 120]

Functions that need arguments, and methods, are called with those that ``bench/calls.py`` draws: the first in a fixed
order for which the source gives a complete model. Runs the code of the files, shut in: with the Keras that a file
speaks, and what does not run there with the other, unless ``--keras`` says which. Prints each difference, then how
many models of how many builders were compared. Exit status: 1 if a complete model differs.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1] / name) for name in ("linter", "rules")]

from calls import builders, generations_of  # noqa: E402
from proofs import files  # noqa: E402

from kerlint.cli.comparing import compare  # noqa: E402
from kerlint.cli.flags import Flags  # noqa: E402
from kerlint.cli.sources import Sources  # noqa: E402
from kerlint.evaluate.run import evaluate  # noqa: E402
from kerlint.host.find import Interpreter, Search  # noqa: E402
from kerlint.imports import Imports  # noqa: E402
from kerlint.introspect.client import Introspection, NotIntrospected, Wish  # noqa: E402
from kerlint.introspect.target import parse  # noqa: E402
from kerlint.text.document import Document  # noqa: E402

SPEAKS = re.compile(r"(?i)model|sequential|net\b|network|generator|encoder|decoder")
NO_CALL = "no arguments found with which the source makes a model"
NOTHING = "None gives None"  # what is said of a file that can be imported
Row = dict[str, Any]


@dataclass(frozen=True)
class Runs:
    """How builders are run."""

    interpreter: Interpreter
    root: Path
    keras: int | None
    seconds: float

    def rows(self, path: str, expression: str, generation: int) -> list[Row] | str:
        """The rows of the comparison, or why there are none."""
        folder = self.root if self.root.is_dir() else self.root.parent
        target = parse(f"{Path(path).resolve()}:{expression}", str(folder.resolve()))  # run from the repository's root
        with Introspection(self.interpreter, target, Wish(generation, seconds=self.seconds)) as one:
            try:
                outcome = one.outcome()
                if outcome.data["raised"]:  # what comes behind it is not the program's any more
                    return f"the module raises {outcome.data['raised']}"
                return compare(Sources(Flags([]), [path]), outcome)[0]
            except NotIntrospected as error:
                return str(error)


def compared(runs: Runs, document: Document) -> Iterator[tuple[str, int, list[Row] | str]]:
    """Call, Keras and rows of each builder of a file, or why there are none."""
    generations = (runs.keras,) if runs.keras else generations_of(document, evaluate(document, load=Imports()))
    found = list(builders(document, SPEAKS))
    yield from ((name, generations[0], NO_CALL) for name, call in found if not call)
    calls = [call for _, call in found if call]
    whys = {call: list[str]() for call in calls}
    for generation in generations:
        for call, rows in _each(runs, document.path, [*whys], generation):
            if isinstance(rows, str):
                whys[call].append(rows)
            else:
                del whys[call]
                yield call, generation, rows
    yield from ((call, generations[-1], " | ".join(dict.fromkeys(said))) for call, said in whys.items())


def _each(runs: Runs, path: str, calls: list[str], generation: int) -> Iterator[tuple[str, list[Row] | str]]:
    """Each call with its rows: all in one process where each gives one model, else each in its own."""
    if len(calls) > 1:
        rows = runs.rows(path, f"[{', '.join(calls)}]", generation)
        if not isinstance(rows, str) and len(rows) == len(calls):
            yield from ((call, [row]) for call, row in zip(calls, rows, strict=True))
            return
        imported = runs.rows(path, "None", generation)
        if isinstance(imported, str) and NOTHING not in imported:
            yield from ((call, imported) for call in calls)
            return
    for call in calls:
        yield call, runs.rows(path, call, generation)


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
    for root, path in ((one, p) for one in given.paths for p in files([one]) if p.suffix == ".py"):
        document = Document.parse(path.read_bytes(), str(path))
        if not isinstance(document, Document):
            continue
        for call, generation, rows in compared(Runs(interpreter, root, given.keras, given.seconds), document):
            where = f"{path}:{call} (Keras {generation})"
            if isinstance(rows, str):
                counts["builders that do not run"] += 1
                print(f"{where}: not run: {rows}", flush=True)
                continue
            counts["builders compared"] += 1
            counts["of them complete"] += any(row["complete"] for row in rows)
            print(f"{where}: {len(rows)} models", flush=True)
            for row in rows:
                state = "complete" if row["complete"] else "incomplete"
                counts[f"{state}, {'different' if row['differences'] else 'equal'}"] += 1
                for said in (*row["differences"], *row["unresolved"], *row["table"]):
                    print(f"{where}: line {row['line']}: {state}: {said}", flush=True)
    print(dict(sorted(counts.items())))
    return int(counts["complete, different"] > 0)


if __name__ == "__main__":
    sys.exit(main())
