"""What kerlint says of directories of real code, as tables.

    python bench/corpus.py DIR [DIR ...] [--json FILE] [--seconds 10]

Each directory is one repository. Every candidate file (it names Keras or TensorFlow) is checked in a worker with
all rules, without proofs. ``--json`` keeps every finding, every model and every silence, one line a file:
``bench/difference.py`` compares those of two commits.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerlint.graph.facts import Evaluation
    from kerlint.graph.graph import Model
    from kerlint.imports import Imports
    from kerlint.text.span import Span

MARKS = (b"keras", b"tensorflow")


@dataclass
class Row:
    """What one file gave."""

    repository: str
    path: str
    seconds: float = 0.0
    sites: int = 0  # calls that construct a model
    complete: int = 0  # of these, complete in at least one context
    always: int = 0  # of these, complete in every context
    findings: list[tuple[str, int, str]] = field(default_factory=list)  # code, line, message
    models: list[str] = field(default_factory=list)  # line, name, outputs and parameters, or why not complete
    silences: list[tuple[str, int, str]] = field(default_factory=list)  # code, line, reason
    reasons: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    parses: bool = True


@lru_cache(maxsize=1)
def imports_of(root: str) -> Imports:
    """The files of one repository, each read once by a worker, as the command line does it."""
    from kerlint.imports import Imports

    return Imports()


def check_file(job: tuple[str, str, str]) -> Row:
    """Check one file with all rules."""
    from sites import sites

    from kerlint.engine import check
    from kerlint.merge import Options
    from kerlint.rule.load import load
    from kerlint.text.document import Document

    repository, root, path = job
    row = Row(repository, path)
    full = str(Path(root) / path)
    document = Document.parse(Path(full).read_bytes(), full)
    if not isinstance(document, Document):
        row.parses = False
        return row
    imports = imports_of(root)
    document = imports.known(document)
    start = time.process_time()
    try:
        report = check(document, load().rules, Options(load=imports, callers=imports.importers, why=True))
    except Exception as error:  # a fault of ours: it is listed, and the other files are looked at
        row.failures = [f"{path}: {type(error).__name__}: {error}"]
        return row
    row.seconds = time.process_time() - start
    evaluation = report.evaluation
    row.parses = not evaluation.problems
    row.failures = [*report.failures]
    if row.parses:
        _count(row, sites(document), evaluation)
    for checked in report.checked:
        span = checked.finding.span
        line, _ = document.lines(span.cell).position(span.start)
        row.findings.append((checked.finding.rule.code, line, checked.finding.message))
    row.models = sorted({_summary(model) for model in evaluation.models})
    row.silences = sorted({(miss.rule, miss.line, miss.reason) for miss in report.near_misses})
    return row


def _summary(model: Model) -> str:
    from kerlint.graph import count
    from kerlint.graph.layer import Unknown
    from kerlint.layers.shapes import printed

    counts = count.model(model.graph)
    outputs = ["?" if isinstance(t.shape, Unknown) else printed(t.shape) for t in model.graph.outputs]
    told = counts.why if isinstance(counts, Unknown) else f"{counts.params} ({counts.trainable})"
    return f"{model.line} {model.name}: {' '.join(outputs)} {told}"


def _count(row: Row, places: list[Span], evaluation: Evaluation) -> None:
    """How far evaluation came at each place that constructs a model, and why no further."""
    for place, models in made_at(places, evaluation).items():
        row.sites += 1
        row.complete += any(m.graph.complete for m in models)
        row.always += bool(models) and all(m.graph.complete for m in models)
        if not any(m.graph.complete for m in models):
            row.reasons.append(f"{place.start}: {_reason(models)}")


def made_at(places: list[Span], evaluation: Evaluation) -> dict[Span, list[Model]]:
    """The models of each place that constructs one."""
    made: dict[Span, list[Model]] = {place: [] for place in places}
    for model in evaluation.models:
        if model.made_at in made:
            made[model.made_at].append(model)
    return made


def _reason(models: list[Model]) -> str:
    if not models:
        return "nothing is evaluated there"
    best = min(models, key=lambda m: len(m.graph.unresolved))
    return f"(line {best.graph.unresolved[0].line}) {best.graph.unresolved[0].reason}"


def candidates(roots: list[Path]) -> Iterator[tuple[str, str, str]]:
    """(repository, root, relative path) of every file that names Keras."""
    for root in roots:
        for path in walk(root):
            if any(m in path.read_bytes() for m in MARKS):
                yield root.name, str(root), str(path.relative_to(root))


def walk(root: Path) -> list[Path]:
    """The programs of a repository, without what a run leaves out by default (copies of notebooks, what is built)."""
    from kerlint.config import EXCLUDE

    found = (path for path in root.rglob("*") if path.suffix in (".py", ".ipynb") and path.is_file())
    return sorted(path for path in found if not set(path.relative_to(root).parts).intersection(EXCLUDE))


def main() -> None:
    """Check and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("roots", nargs="+", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--seconds", type=float, default=10.0, help="a file that takes longer is listed")
    options = parser.parse_args()
    start = time.perf_counter()
    with multiprocessing.Pool() as pool:
        rows = pool.map(check_file, candidates(options.roots), chunksize=8)
    _print(rows, time.perf_counter() - start, options.seconds)
    if options.json:
        options.json.write_text("".join(json.dumps(_plain(r), sort_keys=True) + "\n" for r in rows))


def _plain(row: Row) -> dict[str, Any]:
    return {k: v for k, v in vars(row).items() if k != "seconds"}


def _print(rows: list[Row], wall: float, limit: float) -> None:
    building = [r for r in rows if r.sites]
    print("| repository | files | build a model | one complete | places | complete | in every context | findings |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in [*dict.fromkeys(r.repository for r in rows), None]:
        own = [r for r in rows if name in (None, r.repository)]
        built = [r for r in own if r.sites]
        cells = [name or "all", len(own), len(built), sum(r.complete > 0 for r in built)]
        cells += [sum(getattr(r, k) for r in own) for k in ("sites", "complete", "always")]
        print("|", " | ".join(str(c) for c in [*cells, sum(len(r.findings) for r in own)]), "|")
    share = sum(r.complete > 0 for r in building) / max(len(building), 1)
    places = sum(r.sites for r in rows)
    print(f"\n{share:.0%} of the files that build a model give a complete one;", end=" ")
    print(f"{sum(r.complete for r in rows) / max(places, 1):.0%} of the places that construct one")
    late = [r.path for r in rows if r.seconds > limit]
    print(f"\nwall {wall:.1f} s; slowest {max((r.seconds for r in rows), default=0):.2f} s; over {limit:g} s: {late}")
    print(f"do not parse: {sum(not r.parses for r in rows)}")
    print("\n| rule | findings | files | repositories |\n| --- | --- | --- | --- |")
    for code in sorted({c for r in rows for c, _, _ in r.findings}):
        own = [r for r in rows if any(c == code for c, _, _ in r.findings)]
        number = sum(c == code for r in own for c, _, _ in r.findings)
        print(f"| {code} | {number} | {len(own)} | {len({r.repository for r in own})} |")
    print("\ncrashes:", [(r.repository, r.path, f) for r in rows for f in r.failures])
    print("\nwhy incomplete:")
    reasons = Counter(re.sub(r"'[^']*'|\d+", "·", reason.split(") ", 1)[-1]) for r in rows for reason in r.reasons)
    for reason, count in reasons.most_common(25):
        print(f"  {count:5}  {reason}")


if __name__ == "__main__":
    main()
