"""Findings as diagnostics."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from kerlint.graph.formula import brief
from kerlint.lsp.analysis import Analysis
from kerlint.lsp.convert import Positions
from kerlint.outcome import Checked
from kerlint.report.json import finite
from kerlint.report.row import Row, refuted
from kerlint.report.style import harmless

SEVERITY = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}
# Of the JSON object, what an editor does not have anyway; its actions carry the fixes.
KEYS = "rule equivalence impact dead_params symbols hint no_fix contexts model layers"


def diagnostics(analysis: Analysis, positions: Positions) -> dict[int | None, list[types.Diagnostic]]:
    """The diagnostics of every cell, also of those that have none: theirs are taken back."""
    found: dict[int | None, list[types.Diagnostic]] = {cell: [] for cell in analysis.snapshot.parts}
    for checked, row in zip(analysis.report.checked, analysis.rows, strict=True):
        cell = checked.finding.span.cell
        if cell in found:
            found[cell].append(diagnostic(analysis, checked, row, positions))
    return found


def diagnostic(analysis: Analysis, checked: Checked, row: Row, positions: Positions) -> types.Diagnostic:
    """One finding."""
    data: dict[str, Any] = {key: row.data[key] for key in KEYS.split()}
    data["fixes"] = [
        # The row would say that --no-prove was given: here the proof is still to come.
        {**{key: fix[key] for key in ("applicability", "title")}, "proof": fix["proof"] if checked.proof else None}
        for fix in row.fixes
    ]
    return types.Diagnostic(
        range=positions.range(analysis.document, checked.finding.span), message=_message(row),
        severity=SEVERITY[row.data["severity"]], code=row.data["code"], source="kerlint", data=finite(data),
    )  # fmt: skip


def _message(row: Row) -> str:
    """What is wrong, what it costs, and what may have been meant."""
    lines = [row.data["message"]]
    counts = impact(row)
    if counts:
        lines.append(f"{counts} (where {row.explained})" if row.explained else counts)
    if (dead := row.data["dead_params"]) not in (0, None):
        lines.append(f"{dead} parameter{'' if dead == 1 else 's'} can never matter")
    if any(refuted(fix) for fix in row.fixes):
        lines.append("The fix was tried in Keras and is WRONG: it is not offered; please report it.")
    if row.data["hint"]:
        lines.append(row.data["hint"])
    return "\n".join(harmless(line) for line in lines)


def impact(row: Row) -> str:
    """``256 -> 256 parameters``; empty where nothing is counted."""
    change = row.data["impact"]["params"]
    if change["before"] is None:
        return ""
    after = "" if change["after"] is None else f" -> {brief(str(change['after']))}"
    return f"{brief(str(change['before']))}{after} parameters"
