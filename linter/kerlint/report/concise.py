"""One line a finding."""

from __future__ import annotations

from kerlint.report.row import Row, Run
from kerlint.report.style import SEVERITY, Style, harmless


def render(run: Run, style: Style) -> str:
    """``path:line:column: CODE [*] message``."""
    return "".join(f"{headline(row, style)}\n" for row in run.rows)


def headline(row: Row, style: Style) -> str:
    """The line that every reader's format begins with; the mark says that a flag applies its fix."""
    data = row.data
    mark = f"[{style.paint('*', 'cyan')}] " if row.fixable else ""
    code = style.paint(data["code"], SEVERITY[data["severity"]], "bold")
    return f"{style.paint(where(row), 'bold')}: {code} {mark}{harmless(data['message'])}"


def where(row: Row) -> str:
    """``path:line:column``, for a notebook with the cell as a reader counts it, from 1."""
    data = row.data
    cell = "" if data["cell"] is None else f":cell {data['cell'] + 1}"
    return f"{harmless(data['path'])}{cell}:{data['start']['line']}:{data['start']['column']}"
