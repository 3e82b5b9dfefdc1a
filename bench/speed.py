"""How fast kerlint is, as ratios measured side by side in one run.

    python bench/speed.py [--rounds 7] [--corpus DIR] [--all]

Whole processes are timed, in turns, so that a slow moment of the machine meets all of them. The files without
Keras are 1,000 of the running Python's standard library; the 100 with Keras are taken from ``--corpus``
(default: our fixtures, copied until there are 100).
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

MARKS = (b"keras", b"tensorflow")
ROOT = Path(__file__).resolve().parent.parent
SLOW = ("libcst.parse_module", "flake8", "fixit")  # minutes on 1,000 files: measured once
PARSE = """
import sys, pathlib
for name in sys.stdin.read().split("\\0"):
    data = pathlib.Path(name).read_bytes()
    {call}
"""


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--all", action="store_true", help="libcst, flake8 and Fixit too: minutes")
    parser.add_argument("--corpus", type=Path, default=ROOT / "fixtures")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        without = _tree(Path(scratch) / "without", _standard_library(), 1000)
        keras = _tree(Path(scratch) / "with", _with_keras(options.corpus), 100)
        for title, tree in (("1,000 files without Keras", without), ("100 files with Keras", keras)):
            _table(title, tree, options.rounds, Path(scratch), every=options.all)


def _tree(target: Path, sources: Iterator[Path], count: int) -> Path:
    target.mkdir()
    for number, source in enumerate(itertools.islice(sources, count)):
        shutil.copyfile(source, target / f"m{number:04}_{source.name.replace('-', '_')}")
    return target


def _standard_library() -> Iterator[Path]:
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).rglob("*.py")):
        if (
            "site-packages" not in path.parts
            and "test" not in path.parts
            and not any(m in path.read_bytes() for m in MARKS)
        ):
            yield path


def _with_keras(corpus: Path) -> Iterator[Path]:
    found = [p for p in sorted(corpus.rglob("*.py")) if any(m in p.read_bytes() for m in MARKS)]
    return itertools.cycle(found)


def _commands(tree: Path, scratch: Path) -> dict[str, tuple[list[str], bytes]]:
    """Command and standard input by name; tools that are not installed are left out."""
    python = sys.executable
    names = "\0".join(str(p) for p in sorted(tree.glob("*.py"))).encode()
    commands = {
        "python -c pass": ([python, "-c", "pass"], b""),
        "ast.parse": ([python, "-c", "import ast\n" + PARSE.format(call="ast.parse(data)")], names),
        "libcst.parse_module": (
            [python, "-c", "import libcst\n" + PARSE.format(call="libcst.parse_module(data)")],
            names,
        ),
        "kerlint --no-prove": ([python, "-m", "kerlint", "check", "--no-prove", "--no-cache", str(tree)], b""),
        "ruff": ([python, "-m", "ruff", "check", "--no-cache", "--isolated", str(tree)], b""),
        "flake8": ([python, "-m", "flake8", "--isolated", str(tree)], b""),
        "fixit": ([python, "-m", "fixit", "lint", str(tree)], b""),
    }
    return {n: c for n, c in commands.items() if n not in ("ruff", "flake8", "fixit") or _installed(n)}


def _installed(module: str) -> bool:
    return subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True, check=False).returncode == 0


def _table(title: str, tree: Path, rounds: int, scratch: Path, *, every: bool) -> None:
    commands = {n: c for n, c in _commands(tree, scratch).items() if every or n not in SLOW}
    times: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds):
        for name, (command, stdin) in commands.items():
            if number and name in SLOW:
                continue
            start = time.perf_counter()
            subprocess.run(command, input=stdin, capture_output=True, cwd=scratch, env=_environment(), check=False)
            times[name].append(time.perf_counter() - start)
    base = statistics.median(times["ast.parse"])
    print(f"\n### {title} ({sum(p.stat().st_size for p in tree.iterdir()) // 1000:,} kB)\n")
    print("| command | median, s | of ast.parse |\n| --- | --- | --- |")
    for name, seconds in times.items():
        print(f"| {name} | {statistics.median(seconds):.3f} | {statistics.median(seconds) / base:.2f} |")


def _environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("KERLINT")} | {"NO_COLOR": "1"}


if __name__ == "__main__":
    main()
