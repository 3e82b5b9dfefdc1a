"""Keras's own architectures: what kerlint says of their sources and of a call in a program, against Keras.

    python bench/applications.py [NAME ...]

Each figure comes from a process of its own: ``kerlint summary SOURCE::NAME(weights=None)`` (source), the summary of
a program with that one call (call), and a Keras that is imported, builds the model and counts. Seconds are wall
time from the start of the process to its end, MB the largest resident size. The last column says whether the
layers (class, name, output shape, counts), the total and the trainable count are Keras's own, both ways.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
KERAS = """
import json, math, keras
m = keras.applications.{name}(weights=None)
def size(variables): return sum(math.prod(v.shape) for v in variables)
def parts(o): return size(getattr(o, "weights", ())), size(getattr(o, "trainable_weights", ()))
rows = [[type(o).__name__, o.name, list(o.output.shape), *parts(o)] for o in m._operations]
print(json.dumps([rows, len(m.layers), *parts(m)]))
"""
LIST = """
import inspect, json, keras
found = {n: inspect.getsourcefile(f) for n, f in vars(keras.applications).items() if inspect.isfunction(f)}
print(json.dumps(dict(sorted(found.items()))))
"""
HEAD = (
    "| constructor | layers | params by kerlint | params by Keras "
    "| source s | call s | Keras s | MB | Keras MB | exact |"
)


class Ran(NamedTuple):
    """What a process printed, its seconds, and its largest resident size in megabytes."""

    data: Any
    seconds: float
    megabytes: float


def run(*arguments: str) -> Ran:
    """Run Python with these arguments; it prints JSON."""
    paths = [str(ROOT / "linter"), str(ROOT / "rules")]
    environment = os.environ | {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        "PYTHONPATH": ":".join(paths),
    }
    with tempfile.TemporaryFile("w+") as out, open(os.devnull, "w") as none:
        start = time.perf_counter()
        actions = [(os.POSIX_SPAWN_DUP2, out.fileno(), 1), (os.POSIX_SPAWN_DUP2, none.fileno(), 2)]
        child = os.posix_spawn(sys.executable, [sys.executable, *arguments], environment, file_actions=actions)
        _, _, usage = os.wait4(child, 0)
        seconds = time.perf_counter() - start
        out.seek(0)
        return Ran(json.loads(out.read()), seconds, usage.ru_maxrss / 1024)


def rows_of(model: dict[str, Any]) -> list[Any]:
    """The layers of a summary as Keras's process prints them."""
    keys = ("class", "name", "output_shape", "params", "trainable_params")
    return [
        *([[layer[k] for k in keys] for layer in model["layers"]],),
        model["total_params"],
        model["trainable_params"],
    ]


def compare(name: str, source: str, scratch: Path) -> tuple[str, float, float]:
    """One line of the table, how many times faster, how many times lighter."""
    program = scratch / f"{name.lower()}.py"
    program.write_text(f"import keras\n\nmodel = keras.applications.{name}(weights=None)\n")
    ours = run("-m", "kerlint", "summary", f"{source}::{name}(weights=None)", "--format", "json")
    call = run("-m", "kerlint", "summary", str(program), "--format", "json")
    theirs = run("-c", KERAS.format(name=name))
    rows, layers, params, trainable = theirs.data
    (first,), (second,) = ([m for m in ran.data["models"] if m["class"] == "Functional"] for ran in (ours, call))
    exact = rows_of(first) == rows_of(second) == [rows, params, trainable] and first["complete"] and second["complete"]
    cells = (
        name,
        f"{len(first['layers'])} ({layers})",
        f"{first['total_params']:,}",
        f"{params:,}",
        f"{ours.seconds:.2f}",
        f"{call.seconds:.2f}",
        f"{theirs.seconds:.2f}",
        f"{max(ours.megabytes, call.megabytes):.0f}",
        f"{theirs.megabytes:.0f}",
        "yes" if exact else "NO",
    )
    return f"| {' | '.join(cells)} |", theirs.seconds / ours.seconds, theirs.megabytes / ours.megabytes


def main(names: Sequence[str]) -> None:
    """Print the table."""
    sources = run("-c", LIST).data
    print(HEAD)
    print("|" + " --- |" * HEAD.count(" | ") + " --- |")
    faster, lighter, exact = [], [], 0
    with tempfile.TemporaryDirectory() as scratch:
        for name in names or sources:
            line, times, less = compare(name, sources[name], Path(scratch))
            print(line, flush=True)
            faster.append(times)
            lighter.append(less)
            exact += line.endswith("| yes |")
    print(f"\nexact: {exact} of {len(faster)}; median: {median(faster):.1f} x faster, {median(lighter):.1f} x lighter")


if __name__ == "__main__":
    main(sys.argv[1:])
