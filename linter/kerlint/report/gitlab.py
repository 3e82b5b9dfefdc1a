"""GitLab's code quality report."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any

from kerlint.report.row import Row, Run
from kerlint.report.style import Style

SEVERITY = {"error": "critical", "warning": "major", "info": "info"}


def render(run: Run, _style: Style) -> str:
    """A list of issues; the fingerprint survives lines that move."""
    seen: Counter[str] = Counter()
    return json.dumps([_issue(row, seen) for row in run.rows], indent=2, ensure_ascii=False) + "\n"


def _issue(row: Row, seen: Counter[str]) -> dict[str, Any]:
    data = row.data
    ends = {"begin": data["start"], "end": data["end"]}
    return {
        "description": f"{data['code']}: {data['message']}", "check_name": data["rule"],
        "fingerprint": fingerprint(row, seen), "severity": SEVERITY[data["severity"]],
        "location": {"path": data["path"], "positions": ends},
    }  # fmt: skip


def fingerprint(row: Row, seen: Counter[str]) -> str:
    """Rule, path and source text, numbered where one file has the same text twice."""
    data = row.data
    text = "\0".join((data["code"], data["path"], str(data["cell"]), *(line.strip() for line in row.source)))
    seen[text] += 1
    return hashlib.sha256(f"{text}\0{seen[text]}".encode("utf-8", "surrogatepass")).hexdigest()
