"""Which layers stand at a place of the text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kerlint.graph.graph import Model, Node
from kerlint.lsp.analysis import Seen
from kerlint.nesting import owners_of
from kerlint.text.span import Span


@dataclass(frozen=True, eq=False)
class Applied:
    """One application of a layer, where it is written, and the largest model that it is part of."""

    node: Node
    span: Span
    model: Model | None


def applied(seen: Seen) -> Iterator[Applied]:
    """Every application in the document: in all contexts that are reported, first to last."""
    for context in seen.analysis.report.evaluation.contexts:
        if context.generic:
            continue
        owners = owners_of(context.models)
        for node in context.trace.nodes:
            for span in dict.fromkeys((node.applied_at, node.layer.made_at)):
                if seen.own(span):
                    yield Applied(node, span, owners.get(node))


def at(seen: Seen, cell: int | None, offset: int) -> list[Applied]:
    """The applications at an offset of the text as it is now: of nested ones the innermost."""
    place = seen.then(cell, offset)
    if place is None:
        return []
    old, spot = place
    around = [a for a in applied(seen) if a.span.cell == old and a.span.start <= spot <= a.span.end]
    least = min((a.span.end - a.span.start for a in around), default=0)
    return [a for a in around if a.span.end - a.span.start == least]
