"""The formats by name: a run in one of them, or only how often each rule was met."""

from __future__ import annotations

import importlib
from collections import Counter

from kerlint.report.json import dumps
from kerlint.report.row import Run
from kerlint.report.style import Style

FOR_READERS = ("full", "concise")  # their run ends with a word on standard error


def render(name: str, run: Run, style: Style) -> str:
    """A run in a format: each has its own module, which is imported when it is asked for."""
    module, function = ("json", "render_lines") if name == "jsonl" else (name, "render")
    return str(getattr(importlib.import_module(f"kerlint.report.{module}"), function)(run, style))


def statistics(name: str, run: Run, style: Style) -> str:
    """A line a rule, most often met first; the mark says that at least one of its findings can be fixed."""
    counts = Counter((row.data["code"], row.data["rule"]) for row in run.rows)
    if name == "json":
        rows = [{"code": code, "rule": rule, "count": number} for (code, rule), number in counts.most_common()]
        return dumps({"version": 1, "kerlint": run.version, "statistics": rows})
    fixable = {row.data["code"] for row in run.rows if row.fixable}
    width = len(str(max(counts.values(), default=0)))
    lines = []
    for (code, rule), number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        mark = f"[{style.paint('*', 'cyan')}]" if code in fixable else "[ ]"
        lines.append(f"{number:>{width}}  {style.paint(code, 'bold')}  {mark} {rule}\n")
    return "".join(lines)
