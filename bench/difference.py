"""What two commits of kerlint say differently of the same files.

    python bench/corpus.py DIR/* --json old.jsonl      # at one commit
    python bench/corpus.py DIR/* --json new.jsonl      # at the other
    python bench/difference.py old.jsonl new.jsonl

A change that only moves code prints nothing. Exit status: 1 if something differs.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

KINDS = ("findings", "models", "silences", "failures")


def main() -> int:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--only", choices=KINDS, action="append", help="compare these alone (may be repeated)")
    options = parser.parse_args()
    old, new = (_rows(path) for path in (options.old, options.new))
    total = 0
    for key in sorted(old.keys() | new.keys()):
        lines = list(_differences(old.get(key, {}), new.get(key, {}), options.only or KINDS))
        total += len(lines)
        if lines:
            print(f"{key[0]}/{key[1]}", *lines, sep="\n  ")
    print(f"{total} differences in {len(old.keys() | new.keys())} files", file=sys.stderr)
    return int(total > 0)


def _rows(path: Path) -> dict[tuple[str, str], dict[str, Any]]:
    rows = (json.loads(line) for line in path.read_text().splitlines())
    return {(row["repository"], row["path"]): row for row in rows}


def _differences(old: dict[str, Any], new: dict[str, Any], kinds: tuple[str, ...]) -> Iterator[str]:
    for kind in kinds:
        before, after = ([_told(one) for one in row.get(kind, [])] for row in (old, new))
        yield from (f"- {kind}: {one}" for one in before if one not in after)
        yield from (f"+ {kind}: {one}" for one in after if one not in before)


def _told(one: object) -> str:
    return " ".join(map(str, one)) if isinstance(one, list) else str(one)


if __name__ == "__main__":
    sys.exit(main())
