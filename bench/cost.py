"""What evaluating a file costs, beside ``ast.parse`` of the same file, and what the rules cost beside that.

    python bench/cost.py DIR [DIR ...] [--every 3] [--rounds 3] [--layers 1000] [--all-rules] [--slowest 0]

Times are the thread's own, the least of all rounds, without the garbage collector; each round reads the file
anew and its imports again. ``ast.parse``: all code of the file. Evaluation: its parsing, all replays and roots, and
the generic runs where something was found. Rules: all answers, merged into findings, without edits and proofs.
The model of ``--layers`` layers is a loop that adds Dense layers. ``kerlint summary`` of ResNet50's source beside
Keras: ``bench/applications.py ResNet50``.
"""

from __future__ import annotations

import argparse
import ast
import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import NamedTuple, TypeVar

from corpus import candidates

import kerlint.engine
from kerlint.callers import evaluated
from kerlint.evaluate.run import evaluate
from kerlint.graph.facts import Context
from kerlint.imports import Imports
from kerlint.merge import Options
from kerlint.rule.load import load
from kerlint.rule.rule import Rule
from kerlint.text.document import Document

T = TypeVar("T")
DEEP = """
from keras import Input, Model
from keras.layers import Dense

x = inputs = Input((8,))
for _ in range({layers}):
    x = Dense(8, activation="relu")(x)
model = Model(inputs, x)
"""


class Cost(NamedTuple):
    """Seconds that one file takes."""

    path: str
    parsing: float
    evaluation: float
    rules: float


def timed(action: Callable[[], T]) -> tuple[float, T]:
    """The thread's own seconds, and the result."""
    start = time.thread_time()
    result = action()
    return time.thread_time() - start, result


def cost(data: bytes, path: str, rules: Sequence[Rule]) -> Cost | None:
    """One round of one file; None if it does not parse."""
    document = Document.parse(data, path)
    if not isinstance(document, Document):
        return None
    loaded = Imports()
    seconds, evaluation = timed(lambda: evaluate(document, load=loaded))
    if evaluation.problems:
        return None
    parsing, _ = timed(lambda: [ast.parse(cell.code) for cell in document.cells])
    vetted = evaluation.vetting
    generic = 0.0

    def vetting() -> tuple[Context, ...]:
        nonlocal generic
        assert vetted is not None
        generic, contexts = timed(vetted)
        return contexts

    given = replace(evaluation, vetting=vetted and vetting)
    vars(kerlint.engine).update(evaluated=lambda *_, **__: given)  # the rules alone
    try:
        checked, _ = timed(lambda: kerlint.engine.check(document, rules, Options(load=loaded, fixes=False)))
    finally:
        vars(kerlint.engine).update(evaluated=evaluated)
    return Cost(path, parsing, seconds + generic, checked - generic)


def least(data: bytes, path: str, rules: Sequence[Rule], rounds: int) -> Cost | None:
    """The least of each figure."""
    gc.collect()
    gc.disable()
    try:
        found = [c for c in (cost(data, path, rules) for _ in range(rounds)) if c]
    finally:
        gc.enable()
    return Cost(path, *(min(figures) for figures in list(zip(*found, strict=True))[1:])) if found else None


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("roots", nargs="+", type=Path)
    parser.add_argument("--every", type=int, default=3, help="one file of so many")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--layers", type=int, default=1000)
    parser.add_argument("--all-rules", action="store_true", help="those that are off by default, too")
    parser.add_argument("--slowest", type=int, default=0, help="how many files to name")
    options = parser.parse_args()
    rules = [r for r in load().rules if options.all_rules or r.default]
    deep = DEEP.format(layers=options.layers).encode()
    model = least(deep, "deep.py", rules, options.rounds)  # first: it loads what is loaded lazily
    costs = []
    for _, root, path in list(candidates(options.roots))[:: options.every]:
        full = Path(root) / path
        found = least(full.read_bytes(), str(full), rules, options.rounds)
        costs += [found] if found else []
    _print(costs, options.slowest)
    assert model is not None
    print(f"\n{options.layers:,} layers in a loop: {_shown(model)}")


def _print(costs: Sequence[Cost], slowest: int) -> None:
    print(f"{len(costs)} files\n")
    print("| | median of a file | 90 % of the files below | total s |\n| --- | --- | --- | --- |")
    for name in ("parsing", "evaluation", "rules"):
        seconds = sorted(getattr(c, name) for c in costs)
        high = seconds[len(seconds) * 9 // 10]
        print(f"| {name} | {median(seconds) * 1000:.1f} ms | {high * 1000:.1f} ms | {sum(seconds):.2f} |")
    ratios = sorted(c.evaluation / c.parsing for c in costs)
    evaluation, rules = sum(c.evaluation for c in costs), sum(c.rules for c in costs)
    print(f"\nevaluation / ast.parse: median {median(ratios):.2f},", end=" ")
    print(f"90 % of the files below {ratios[len(ratios) * 9 // 10]:.1f},", end=" ")
    print(f"of the totals {evaluation / sum(c.parsing for c in costs):.2f}")
    shares = median(c.rules / c.evaluation for c in costs)
    print(f"rules / evaluation: median {shares:.1%}, of the totals {rules / evaluation:.1%}")
    for each in sorted(costs, key=lambda c: -c.evaluation)[:slowest]:
        print(f"  {each.path}: {_shown(each)}")


def _shown(each: Cost) -> str:
    return f"ast.parse {each.parsing:.4f} s, evaluation {each.evaluation:.3f} s, rules {each.rules:.3f} s"


if __name__ == "__main__":
    main()
