"""The output shape behind every layer."""

from __future__ import annotations

from lsprotocol import types

from kerlint.graph.graph import Node
from kerlint.graph.layer import Unknown
from kerlint.lsp.analysis import Seen
from kerlint.lsp.convert import Positions
from kerlint.report.names import Names
from kerlint.report.style import harmless

MOST = 3  # shapes at one place, which is reached in several contexts


def hints(seen: Seen, uri: str, wanted: types.Range, positions: Positions) -> list[types.InlayHint]:
    """Of the layers whose call ends in a range of the text as it is now."""
    cell = seen.now.cell(uri)
    lines = seen.now.document.lines(cell)
    first, last = positions.offset(lines, wanted.start), positions.offset(lines, wanted.end)
    shapes: dict[int, dict[str, None]] = {}
    for found in seen.applied():
        shape = _shape(found.node)
        if found.span != found.node.applied_at or shape is None:
            continue
        spot = seen.spot(found.span.cell, found.span.end)
        if spot is not None and spot[0] == cell and first <= spot[1] <= last:
            shapes.setdefault(spot[1], {})[shape] = None
    return [
        types.InlayHint(positions.position(lines, offset), _label(list(told)), padding_left=True)
        for offset, told in sorted(shapes.items())
    ]


def _shape(node: Node) -> str | None:
    """In the user's own expressions: a hint has no room to explain a letter. None: not known."""
    if any(isinstance(t.shape, Unknown) for t in node.outputs):
        return None
    return ", ".join(harmless(Names(()).shape(t.shape)) for t in node.outputs)


def _label(shapes: list[str]) -> str:
    return " | ".join(shapes[:MOST]) + (" | ..." if len(shapes) > MOST else "")
