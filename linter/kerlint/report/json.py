"""JSON: one object a run, or one finding a line."""

from __future__ import annotations

import json
import math
from typing import Any

from kerlint.report.row import Run
from kerlint.report.style import Style


def render(run: Run, _style: Style) -> str:
    """The object of SURFACE."""
    found = {
        "version": 1, "kerlint": run.version, "findings": [row.data for row in run.rows], "errors": list(run.errors),
        "files": {"checked": run.checked, "skipped": run.skipped}, "fixed": run.fixed,
    }  # fmt: skip
    return dumps(found)


def render_lines(run: Run, _style: Style) -> str:
    """One finding a line (errors are on standard error, as in every format that has no place for them)."""
    return "".join(f"{json.dumps(finite(row.data), ensure_ascii=False)}\n" for row in run.rows)


def dumps(data: dict[str, Any]) -> str:
    """Indented JSON, in the characters of the source, that every parser reads."""
    return json.dumps(finite(data), indent=2, ensure_ascii=False) + "\n"


def finite(value: Any) -> Any:
    """JSON has no infinity: an error of that size is text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    return [finite(item) for item in value] if isinstance(value, (list, tuple)) else value
