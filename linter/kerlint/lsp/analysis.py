"""What is known of a document: its report, and where things stand in a text that has changed since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from kerlint.engine import check
from kerlint.fixing import Policy, fix
from kerlint.graph.answer import Rewrite
from kerlint.graph.graph import Model, Node
from kerlint.imports import Imports
from kerlint.lsp.settings import Settings
from kerlint.lsp.texts import Snapshot
from kerlint.nesting import owners_of
from kerlint.outcome import Checked, Report
from kerlint.prove.proof import NOT_RUN
from kerlint.report.row import Row, rows_of
from kerlint.text.document import Document
from kerlint.text.edit import Applicability
from kerlint.text.span import Span


@dataclass(frozen=True, eq=False)
class Analysis:
    """A snapshot with what the rules say of it."""

    snapshot: Snapshot
    settings: Settings
    report: Report

    @property
    def document(self) -> Document:
        """The document that was read."""
        return self.snapshot.document

    @property
    def parsed(self) -> bool:
        """Whether all of it could be read."""
        return not self.report.evaluation.problems

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The findings in words, in the order of ``report.checked``."""
        return rows_of(self.report)

    @cached_property
    def fixed(self) -> Report | None:
        """The document with all safe fixes applied, to the fixpoint; None if there are none."""
        safe = [c for c in self.report.checked if c.fix and c.fix.applicability is Applicability.SAFE]
        lowered = [c for c in self.report.checked if c.fix and c.proof and c.proof.starts in c.fix.reasons]
        doubtful = {c.finding.rule.name for c in (*safe, *lowered) if c in lowered or not self.stands(c)}
        if all(c.finding.rule.name in doubtful for c in safe):
            return None
        rules = [rule for rule in self.settings.rules if rule.name not in doubtful]
        return fix(self.document, rules, self.settings.options, Policy())

    def stands(self, checked: Checked) -> bool:
        """Whether nothing speaks against a fix: no proof that failed, none missing that is required."""
        if checked.proof is None or checked.proof.status == NOT_RUN:
            return self.settings.config.prove != "require" or not isinstance(checked.finding.answer, Rewrite)
        return checked.proof.proved


def analyse(snapshot: Snapshot, settings: Settings) -> Analysis:
    """Check a snapshot. What cannot speak of Keras is not parsed."""
    document = snapshot.document
    spoken = any("keras" in cell.source or "tensorflow" in cell.source for cell in document.cells)
    spoken = spoken or Imports().speaks(document.path)
    if settings.excluded or not spoken:
        return Analysis(snapshot, settings, Report(document))
    return Analysis(snapshot, settings, check(document, settings.rules, settings.options))


@dataclass(frozen=True, eq=False)
class Applied:
    """One application of a layer, where it is written, and the largest model that it is part of."""

    node: Node
    span: Span
    model: Model | None


@dataclass(frozen=True, eq=False)
class Seen:
    """An analysis that is shown in a text as it is now: the last one of a text that could be read."""

    analysis: Analysis
    now: Snapshot

    def spot(self, cell: int | None, offset: int) -> tuple[int | None, int] | None:
        """Where a place of the analysed text stands now; None if it is gone."""
        return _carried(self.analysis.snapshot, self.now, cell, offset)

    def own(self, span: object) -> bool:
        """Whether a span lies in this document, not in one that it imports."""
        return isinstance(span, Span) and span.path == self.analysis.document.path

    def applied(self) -> Iterator[Applied]:
        """Every application in the document: in all contexts that are reported, first to last."""
        for context in self.analysis.report.evaluation.contexts:
            if context.generic:
                continue
            owners = owners_of(context.models)
            for node in context.trace.nodes:
                for span in dict.fromkeys((node.applied_at, node.layer.made_at)):
                    if self.own(span):
                        yield Applied(node, span, owners.get(node))

    def at(self, cell: int | None, offset: int) -> list[Applied]:
        """The applications at an offset of the text as it is now: of nested ones the innermost; none in new text."""
        place = _carried(self.now, self.analysis.snapshot, cell, offset)
        if place is None:
            return []
        old, spot = place
        around = [a for a in self.applied() if a.span.cell == old and a.span.start <= spot <= a.span.end]
        least = min((a.span.end - a.span.start for a in around), default=0)
        return [a for a in around if a.span.end - a.span.start == least]


def _carried(there: Snapshot, here: Snapshot, cell: int | None, offset: int) -> tuple[int | None, int] | None:
    """A place of one snapshot in another; None if it is not there."""
    try:
        own = here.cell(there.parts[cell][0])
    except KeyError:
        return None
    place = moved(there.document.cell(cell).source, here.document.cell(own).source, offset)
    return None if place is None else (own, place)


def moved(before: str, after: str, offset: int) -> int | None:
    """Where an offset went: what stands before the first difference stays, what stands after it moves."""
    if before == after or before[:offset] == after[:offset]:
        return offset
    rest = len(before) - offset
    if rest <= len(after) and before[offset:] == after[len(after) - rest :]:
        return len(after) - rest
    return None
