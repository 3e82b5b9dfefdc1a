"""The output shape behind every layer; above every model what it adds up to."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from kerlint.graph.graph import Node
from kerlint.graph.layer import Unknown
from kerlint.lsp.analysis import Seen
from kerlint.lsp.convert import Positions
from kerlint.report.names import Names, grouped
from kerlint.report.style import harmless
from kerlint.report.summary import data_of

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


# --- lenses ------------------------------------------------------------------------------------------------


def lenses(seen: Seen, uri: str, positions: Positions) -> list[types.CodeLens]:
    """One a model; a model that is reached in several contexts with different totals has several."""
    cell = seen.now.cell(uri)
    lines = seen.now.document.lines(cell)
    found: dict[tuple[int, str], None] = {}
    for model in seen.analysis.report.evaluation.models:
        if not seen.own(model.made_at):
            continue
        spot = seen.spot(model.made_at.cell, model.made_at.start)
        if spot is None or spot[0] != cell:
            continue
        data, names = data_of(seen.analysis.document, model)
        where = names.explained(str(data["total_params"]), str(data["total_macs"]))
        found[spot[1], _title(data) + (f", where {where}" if where else "")] = None
    places = [(positions.position(lines, offset), title) for offset, title in found]
    # A command without a name is how a lens says that there is nothing to click.
    return [types.CodeLens(types.Range(place, place), types.Command(title, "")) for place, title in places]


def _title(data: dict[str, Any]) -> str:
    if not data["complete"]:
        why = next((f": line {u['line']}: {u['reason']}" for u in data["unresolved"]), "")
        return harmless(f"{data['name']}: not complete{why}")
    params, macs = grouped(data["total_params"]), grouped(data["total_macs"])
    total, trainable = data["total_params"], data["trainable_params"]
    trained = "" if trainable == total else f" ({grouped(trainable)} trainable)"
    return harmless(f"{data['name']}: {params} parameters{trained}, {macs} MACs")
