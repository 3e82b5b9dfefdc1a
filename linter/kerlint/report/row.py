"""One finding as plain data: the JSON object of SURFACE, with the few texts that only readers need.

Everything that is printed is printed from rows. They can be sent between processes, and no format can
know more than the JSON says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kerlint.graph.answer import Alternative, Note, Respelling, Rewrite
from kerlint.graph.dim import Dim
from kerlint.graph.graph import Node
from kerlint.outcome import Checked, Report
from kerlint.prove.proof import not_run
from kerlint.report.names import Names, plain_shape
from kerlint.rule.finding import Finding, Impact
from kerlint.rule.own import OWN
from kerlint.text.document import Document, Problem
from kerlint.text.edit import Edit, Fix
from kerlint.text.span import Span

CASE = 3  # conditions that are told of a case
LEVELS = {Note: None, Alternative: "advice", Respelling: "identical"}  # of answers that are not at their rule's
NOT_ASKED = "no proof was asked for (--no-prove)"
NOT_NEEDED = "the text changes, the graph stays the same"
PROOF = {"status", "max_error", "gradient_error", "inputs", "dtype", "keras", "backend", "seconds", "cached", "reason"}


@dataclass(frozen=True)
class Row:
    """``data`` is the JSON object, ``source`` the lines of its place, ``shapes`` what flows through it."""

    data: dict[str, Any]
    source: tuple[str, ...] = ()
    shapes: str = ""
    explained: str = ""  # n = train_sample.shape[1]
    notes: tuple[str, ...] = ()
    needs_proof: bool = False  # its fix is a rewrite: a proof is possible
    backend_version: str | None = None

    @property
    def fixes(self) -> list[dict[str, Any]]:
        """What can be done about it."""
        return list(self.data["fixes"])

    @property
    def fixable(self) -> bool:
        """Whether some flag applies its fix."""
        return any(f["applicability"] != "display" and not refuted(f) for f in self.fixes)


@dataclass(frozen=True)
class Run:
    """Everything a run says. ``errors`` are kerlint's own: crashes, faulty rules and plugins."""

    rows: tuple[Row, ...] = ()
    errors: tuple[dict[str, str], ...] = ()
    checked: int = 0
    skipped: int = 0
    fixed: int = 0
    known: int = 0  # findings that the baseline holds
    version: str = ""
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)  # rules by code (SARIF's catalogue)


def refuted(fix: dict[str, Any]) -> bool:
    """Whether the proof of a fix says that it is wrong."""
    return bool(fix["proof"]["status"] == "refuted")


def rows_of(report: Report) -> tuple[Row, ...]:
    """The findings of one document."""
    return tuple(_row(report.document, c) for c in report.checked)


def of_problem(problem: Problem) -> Row:
    """A file that cannot be read, as the finding it is."""
    finding = Finding(OWN[0], problem.span, problem.message, (), None, Note(()), Impact(), 0, ())
    data = _data(Document.of("", problem.span.path), Checked(finding), Names(()))
    ends = {end: {"line": problem.line, "column": problem.column} for end in ("start", "end")}
    return Row(data | ends)


def _row(document: Document, checked: Checked) -> Row:
    finding = checked.finding
    names = Names(_dims(finding))
    lines = document.lines(finding.span.cell)
    first, last = lines.position(finding.span.start)[0], lines.position(finding.span.end)[0]
    shapes = _shapes(finding, names)
    data = _data(document, checked, names)
    counts = [str(c) for change in data["impact"].values() for c in change.values()]
    return Row(
        data, tuple(lines.line(n) for n in range(first, last + 1)), shapes, names.explained(shapes, *counts),
        tuple(_notes(finding)), needs_proof=checked.fix is not None and isinstance(finding.answer, Rewrite),
        backend_version=checked.proof.backend_version if checked.proof else None,
    )  # fmt: skip


def _data(document: Document, checked: Checked, names: Names) -> dict[str, Any]:
    finding, level = checked.finding, checked.finding.rule.equivalence
    return {
        "code": finding.rule.code, "rule": finding.rule.name, "message": finding.message,
        "severity": finding.rule.severity.value, "path": finding.span.path, "cell": finding.span.cell,
        **place(document, finding.span), "model": finding.model.name if finding.model else None,
        "layers": [_layer(node) for node in finding.nodes], "contexts": finding.contexts,
        "impact": {
            key: {when: names.count(getattr(change, when)) for when in ("before", "after", "delta")}
            for key, change in vars(finding.impact).items()
        },
        "equivalence": LEVELS.get(type(finding.answer), level.value if level else None),
        "dead_params": names.count(finding.dead), "hint": finding.hint, "no_fix": "; ".join(finding.no_fix) or None,
        "fixes": [_fix(document, checked.fix, finding, checked)] if checked.fix else [], "symbols": names.symbols,
    }  # fmt: skip


def place(document: Document, span: Span) -> dict[str, Any]:
    """Start and end as lines and columns, from 1, in code points."""
    lines = document.lines(span.cell)
    ends = {"start": lines.position(span.start), "end": lines.position(span.end)}
    return {key: {"line": line, "column": column} for key, (line, column) in ends.items()}


def _layer(node: Node) -> dict[str, Any]:
    inputs = [plain_shape(t.shape) for t in node.inputs]
    return {
        "name": node.layer.name, "class": node.layer.title, "input_shape": inputs[0] if len(inputs) == 1 else inputs,
        "output_shape": plain_shape(node.output.shape),
    }  # fmt: skip


def _fix(document: Document, fix: Fix, finding: Finding, checked: Checked) -> dict[str, Any]:
    proof = (checked.proof or not_run(NOT_ASKED if isinstance(finding.answer, Rewrite) else NOT_NEEDED)).plain()
    return {
        "applicability": fix.applicability.label, "title": fix.title,
        "edits": [_edit(document, edit) for edit in fix.edits], "proof": {k: v for k, v in proof.items() if k in PROOF},
    }  # fmt: skip


def _edit(document: Document, edit: Edit) -> dict[str, Any]:
    """Places are within a cell; an import may be completed in another cell than the finding's."""
    cell = {} if edit.span.cell is None else {"cell": edit.span.cell}
    return {**cell, **place(document, edit.span), "text": edit.text}


def _dims(finding: Finding) -> Iterator[Dim]:
    """Every dimension that is printed, in reading order."""
    for tensor in (*finding.nodes[0].inputs, *finding.nodes[-1].outputs) if finding.nodes else ():
        if isinstance(tensor.shape, tuple):
            yield from tensor.shape
    for change in vars(finding.impact).values():
        yield from (c for c in (change.before, change.after) if c is not None)
    yield finding.dead


def _shapes(finding: Finding, names: Names) -> str:
    if not finding.nodes:
        return ""
    ends = (finding.nodes[0].inputs, finding.nodes[-1].outputs)
    shapes = [", ".join(names.shape(t.shape) for t in tensors) for tensors in ends]
    return "" if set(shapes) == {"(not known)"} else " -> ".join(shapes)


def _notes(finding: Finding) -> Iterator[str]:
    when = ", ".join(finding.assumptions[:CASE])
    when += f", and {len(finding.assumptions) - CASE} conditions more" if len(finding.assumptions) > CASE else ""
    if finding.holds_in < finding.contexts:
        yield f"holds in {finding.holds_in} of {finding.contexts} contexts{f' ({when})' if when else ''}"
    elif when and finding.nodes:
        yield f"the figures are those of one case: {when}"
