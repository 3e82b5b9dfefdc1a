"""What can be done about a finding: its fix, or a comment that silences it; and all safe fixes at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from lsprotocol import types

from kerlint.lsp.analysis import Analysis
from kerlint.lsp.convert import Positions
from kerlint.lsp.features.diagnostics import diagnostic, impact
from kerlint.outcome import Checked
from kerlint.report.row import Row, refuted
from kerlint.report.style import harmless
from kerlint.rule.ignore import ignore
from kerlint.text.document import Document
from kerlint.text.edit import Applicability, Edit, Fix
from kerlint.text.span import Lines, Span

FIX_ALL = "source.fixAll.kerlint"
QUICK_FIX = types.CodeActionKind.QuickFix.value


class Actions:
    """The code actions of one analysis. ``versioned``: edits say for which version of a text they are."""

    def __init__(self, analysis: Analysis, positions: Positions, *, versioned: bool = True) -> None:
        self.analysis, self.positions, self.versioned = analysis, positions, versioned
        self.document = analysis.document

    def at(self, uri: str, wanted: types.Range, only: Sequence[str] | None) -> list[types.CodeAction]:
        """For the findings that a range of a text meets, of the kinds that the editor asks for."""
        found: list[types.CodeAction] = []
        if asked(QUICK_FIX, only):
            cell = self.analysis.snapshot.cell(uri)
            lines = self.document.lines(cell)
            start, end = (self.positions.offset(lines, p) for p in (wanted.start, wanted.end))
            pairs = zip(self.analysis.report.checked, self.analysis.rows, strict=True)
            places = ((c, r, c.finding.span) for c, r in pairs)
            met = [(c, r) for c, r, at in places if at.cell == cell and at.start <= end and start <= at.end]
            found += [action for kind in (self._fixes, self._ignore) for c, r in met for action in kind(c, r)]
        if asked(FIX_ALL, only):
            found += self._fix_all()
        return found

    def _fixes(self, checked: Checked, row: Row) -> Iterator[types.CodeAction]:
        fix = checked.fix
        if fix is None or fix.applicability is Applicability.DISPLAY or any(refuted(f) for f in row.fixes):
            return
        preferred = fix.applicability is Applicability.SAFE and self.analysis.stands(checked)
        yield self._quick(_title(fix, checked, row), checked, row, fix.edits, preferred or None)

    def _ignore(self, checked: Checked, row: Row) -> Iterator[types.CodeAction]:
        rule = checked.finding.rule
        edit = ignore(self.document, checked.finding, rule.name)
        if edit is not None:
            yield self._quick(f"Ignore {rule.code} ({rule.name}) on this line", checked, row, [edit])

    def _quick(
        self, title: str, checked: Checked, row: Row, edits: Iterable[Edit], preferred: bool | None = None
    ) -> types.CodeAction:
        told = [diagnostic(self.analysis, checked, row, self.positions)]
        return types.CodeAction(title, QUICK_FIX, told, preferred, edit=self._workspace(edits))

    def _fix_all(self) -> Iterator[types.CodeAction]:
        report = self.analysis.fixed
        if report is not None and report.fixed:
            edits = list(differences(self.document, report.document))
            title = f"Apply all safe fixes of kerlint ({report.fixed})"
            yield types.CodeAction(title=title, kind=FIX_ALL, edit=self._workspace(edits))

    def _workspace(self, edits: Iterable[Edit]) -> types.WorkspaceEdit:
        """Edits for the texts they belong to: an import may be completed in another cell."""
        by_cell: dict[int | None, list[types.TextEdit]] = {}
        for edit in edits:
            by_cell.setdefault(edit.span.cell, []).append(self.positions.edit(self.document, edit))
        parts = self.analysis.snapshot.parts
        if not self.versioned:
            return types.WorkspaceEdit(changes={parts[cell][0]: made for cell, made in by_cell.items()})
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(*parts[cell]), made)
                for cell, made in by_cell.items()
            ]
        )


def asked(kind: str, only: Sequence[str] | None) -> bool:
    """Whether the editor wants actions of a kind: it names kinds or what they begin with."""
    words = [str(getattr(word, "value", word)) for word in only or ()]
    return not words or any(not w or kind == w or kind.startswith(f"{w}.") for w in words)


def _title(fix: Fix, checked: Checked, row: Row) -> str:
    """``Replace with Dense(128) (256 -> 256 parameters, safe)``, and ``proved`` once it is."""
    proof = "proved" if checked.proof and checked.proof.proved else ""
    told = ", ".join(filter(None, (impact(row), fix.applicability.label, proof)))
    return harmless(f"{fix.title} ({told})")


def differences(before: Document, after: Document) -> Iterator[Edit]:
    """The edits, line by line, that make one document of the other: what stays keeps its marks and folds."""
    for cell in before.cells:
        old, new = (_lines(d.cell(cell.index).source) for d in (before, after))
        starts = list(accumulate(map(len, old), initial=0))
        for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if kind != "equal":
                yield Edit(Span(before.path, cell.index, starts[a], starts[b]), "".join(new[c:d]))


def _lines(text: str) -> list[str]:
    """The lines with their breaks."""
    lines = Lines(text)
    return [text[lines.whole(number, number)] for number in range(1, lines.count + 1)]
