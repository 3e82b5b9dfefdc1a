"""How often each rule was met, most often first."""

from __future__ import annotations

from collections import Counter

from kerlint.report.json import dumps
from kerlint.report.row import Run
from kerlint.report.style import Style


def render(run: Run, style: Style) -> str:
    """A line a rule; the mark says that at least one of its findings can be fixed."""
    counts = Counter((row.data["code"], row.data["rule"]) for row in run.rows)
    fixable = {row.data["code"] for row in run.rows if row.fixable}
    width = len(str(max(counts.values(), default=0)))
    lines = []
    for (code, name), number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        mark = f"[{style.paint('*', 'cyan')}]" if code in fixable else "[ ]"
        lines.append(f"{number:>{width}}  {style.paint(code, 'bold')}  {mark} {name}\n")
    return "".join(lines)


def render_json(run: Run, _style: Style) -> str:
    """The same for programs."""
    counts = Counter((row.data["code"], row.data["rule"]) for row in run.rows)
    rows = [{"code": code, "rule": name, "count": number} for (code, name), number in counts.most_common()]
    return dumps({"version": 1, "kerlint": run.version, "statistics": rows})
