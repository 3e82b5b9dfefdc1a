"""Every fix, safe and unsafe, applied to copies of directories of real code: does everything still hold?

    python bench/fixes.py DIR [DIR ...] [--select ALL]

Runs ``kerlint check --fix --unsafe-fixes`` as a user would, without proofs (``bench/proofs.py`` proves them). kerlint
itself evaluates what it has written and refuses a fix whose graph is not the promised one (status 2). Here: every
file that changed still parses, a second run changes nothing, and ``--diff`` of a fresh copy is a patch that
``git apply`` takes and that gives the same files. Exit status: 1 if any of it does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from corpus import MARKS

from kerlint.evaluate.run import evaluate
from kerlint.text.document import Document

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Copy, fix, look, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("roots", nargs="+", type=Path)
    parser.add_argument("--select", default="ALL")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        first, fresh = Path(scratch) / "first", Path(scratch) / "fresh"
        before = copied(options.roots, first)
        copied(options.roots, fresh)
        return _report(first, fresh, before, options.select)


def copied(roots: list[Path], target: Path) -> dict[str, bytes]:
    """Copies what a project is read from; gives the files that name Keras."""
    found: dict[str, bytes] = {}
    for root in roots:
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.suffix in (".py", ".ipynb", ".toml", ".cfg"):
                name = f"{root.name}/{path.relative_to(root)}"
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target / name)
                data = path.read_bytes()
                if any(mark in data for mark in MARKS):
                    found[name] = data
    return found


def kerlint(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """One run over a folder, without proofs, baseline or cache."""
    command = [sys.executable, "-m", "kerlint", "check", *arguments, "--no-prove", "--no-cache", "--isolated", "."]
    sources = os.pathsep.join(str(ROOT / room) for room in ("linter", "rules"))  # of this checkout, wherever it runs
    environment = os.environ | {"NO_COLOR": "1", "PYTHONPATH": sources}
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, env=environment)


def changed(folder: Path, before: dict[str, bytes]) -> dict[str, bytes]:
    """The files that are no longer what they were."""
    now = {name: (folder / name).read_bytes() for name in before}
    return {name: data for name, data in now.items() if data != before[name]}


def _report(first: Path, fresh: Path, before: dict[str, bytes], select: str) -> int:
    fixing = ("--fix", "--unsafe-fixes", "--select", select)
    done = kerlint(first, *fixing, "--format", "json")
    report = json.loads(done.stdout)
    edited = changed(first, before)
    broken = [name for name, data in edited.items() if not _parses(data, name)]
    kerlint(first, *fixing)
    again = changed(first, before | edited)
    patch = kerlint(fresh, "--diff", "--unsafe-fixes", "--select", select).stdout
    applied = subprocess.run(["git", "apply", "-"], cwd=fresh, input=patch, capture_output=True, check=False)
    patched = changed(fresh, before)
    other = sorted(name for name in edited.keys() | patched.keys() if edited.get(name) != patched.get(name))
    print(f"{len(before)} files that name Keras; status {done.returncode}")
    print(f"{report['fixed']} fixes in {len(edited)} files")
    print(f"errors of kerlint: {len(report['errors'])}")
    for each in report["errors"]:
        print(f"  {each}")
    print(f"do not parse any more: {broken}")
    print(f"changed by a second run: {sorted(again)}")
    print(f"git apply: {'takes the patch' if not applied.returncode else applied.stderr.decode()[:500]}")
    print(f"not the same by the patch: {other}")
    return int(bool(report["errors"] or broken or again or applied.returncode or other or done.returncode == 2))


def _parses(data: bytes, name: str) -> bool:
    document = Document.parse(data, name)
    return isinstance(document, Document) and not evaluate(document, roots=False).problems


if __name__ == "__main__":
    sys.exit(main())
