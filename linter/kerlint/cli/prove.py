"""``kerlint prove``: every fix proved, one line each; nothing is written."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

import kerlint
from kerlint.cli.check import read
from kerlint.cli.checking import Checking, unread
from kerlint.cli.flags import Flags
from kerlint.cli.output import emit, emit_text, tell
from kerlint.cli.sources import Sources
from kerlint.report.concise import where
from kerlint.report.full import proof_text
from kerlint.report.json import dumps
from kerlint.report.row import Row, refuted
from kerlint.report.style import harmless, style_of


def run(flags: Flags) -> int:
    """1 if a proof is refuted or a file cannot be read, 2 for kerlint's own errors."""
    flags.prove, flags.fix = True, False
    sources = Sources(flags, flags.paths)
    found, skipped = read(sources)
    checking = Checking(flags, sources)
    checking.session.search(demand=True)
    files = [checking.first(path, data) for path, data in found]
    checking.second(files)
    result = checking.result([*files, *map(unread, sources.problems)], skipped)
    rows = [row for row in result.rows if row.needs_proof]
    broken = [row for row in result.rows if row.data["code"] == "KER000"]
    if flags.output_format == "json":
        emit(_json(rows, broken, list(result.errors)))
    else:
        style = style_of(sys.stdout, flags.color)
        said = [(row, proof_text(row.fixes[0], row, style)) for row in rows]
        emit_text("".join(f"{where(row)}: {row.data['code']} {row.data['rule']}: {text}\n" for row, text in said))
    for row in broken:
        tell(harmless(f"kerlint: {where(row)}: {row.data['message']}"))
    for error in result.errors:
        tell(f"kerlint: error: {error['path']}: {error['message']}")
    if not flags.quiet:
        tell(f"kerlint: {_counted(rows)}")
    if result.errors:
        return 2
    return int(bool(broken) or any(refuted(fix) for row in rows for fix in row.fixes))


def _json(rows: list[Row], broken: list[Row], errors: list[dict[str, str]]) -> str:
    keys = ("code", "rule", "path", "cell", "start", "end", "model", "equivalence", "fixes")
    proofs: list[dict[str, Any]] = [{key: row.data[key] for key in keys} for row in rows]
    found = {"findings": [row.data for row in broken], "errors": errors}
    return dumps({"version": 1, "kerlint": kerlint.__version__, "proofs": proofs, **found})


def _counted(rows: list[Row]) -> str:
    counts = Counter(f["proof"]["status"] for row in rows for f in row.fixes)
    if not counts:
        return "no fix to prove"
    return ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
