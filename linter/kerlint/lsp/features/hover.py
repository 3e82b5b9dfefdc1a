"""What an editor shows beside the text: of a layer its shapes and counts, of a model what it adds up to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lsprotocol import types

from kerlint.graph import count
from kerlint.graph.dim import Dim
from kerlint.graph.graph import Graph, Node
from kerlint.graph.layer import Unknown
from kerlint.lsp.analysis import Applied, Seen
from kerlint.lsp.convert import Positions
from kerlint.report.names import Names, grouped
from kerlint.report.style import harmless
from kerlint.report.summary import data_of

MOST = 3  # of the contexts that reach a place: a layer in a loop has as many as the loop has rounds


def hover(
    seen: Seen, uri: str, position: types.Position, positions: Positions, *, markdown: bool = True
) -> types.Hover | None:
    """The layers at a position of the text as it is now."""
    cell = seen.now.cell(uri)
    document = seen.now.document
    found = seen.at(cell, positions.offset(document.lines(cell), position))
    if not found:
        return None
    told = list(dict.fromkeys(_layer(a) for a in found))
    parts = told[:MOST] + ([f"... and {len(told) - MOST} more"] if len(told) > MOST else [])
    text = "\n\n---\n\n".join(parts)
    kind = types.MarkupKind.Markdown if markdown else types.MarkupKind.PlainText
    if not markdown:
        text = text.replace("**", "").replace("`", "")
    span = found[0].span
    fresh = seen.analysis.snapshot.stamp == seen.now.stamp
    return types.Hover(types.MarkupContent(kind, text), positions.range(document, span) if fresh else None)


def _layer(found: Applied) -> str:
    node, model = found.node, found.model
    graph = model.graph if model else Graph((node,), (), ())
    params, macs = count.known(lambda: count.params(node)), count.all_macs([node])
    totals = count.model(graph) if model else Unknown("params", "in no model")
    whole = (None, None) if isinstance(totals, Unknown) else (totals.params, totals.macs)
    shapes = [t.shape for t in (*node.inputs, *node.outputs)]
    dims = [d for s in shapes if isinstance(s, tuple) for d in s]
    names = Names([*dims, *(d for d in (params, macs) if d is not None)])
    inputs, outputs = (", ".join(names.shape(t.shape) for t in ts) for ts in (node.inputs, node.outputs))
    where = f" in {_code(model.name)}" if model else ""
    lines = [
        f"**{node.kind}** {_code(node.layer.name)}{where}\n",
        f"- input {_code(inputs)}",
        f"- output {_code(outputs)}",
        f"- params {_counted(params, names)}{_share(params, whole[0])}",
        f"- MACs {_counted(macs, names)}{_share(macs, whole[1])}",
    ]
    explained = names.explained(inputs, outputs, str(names.count(params)), str(names.count(macs)))
    if explained:
        lines.append(f"\nwhere {_code(explained)}")
    lines += [f"\n{line}" for line in _unknown(found, totals)]
    return "\n".join(lines)


def _unknown(found: Applied, totals: count.Counts | Unknown) -> Iterator[str]:
    """Why something is missing above."""
    shape = found.node.output.shape
    if found.node.refused:
        yield f"{found.node.refused.who} refuses: {harmless(str(found.node.refused))}"
    elif isinstance(shape, Unknown):
        yield f"not known: {harmless(shape.why)}"
    elif isinstance(totals, Unknown) and found.model:
        yield f"the totals of {_code(found.model.name)} are not known: {harmless(totals.why)}"


def _counted(value: Dim | None, names: Names) -> str:
    shown = grouped(names.count(value))
    return shown if isinstance(value, int) or value is None else _code(shown)


def _share(part: Dim | None, whole: Dim | None) -> str:
    """``, 12.3 % of 130,061``, where both are numbers."""
    if not isinstance(part, int) or not isinstance(whole, int) or whole == 0:
        return ""
    return f", {100 * part / whole:.1f} % of {whole:,}"


def _code(text: str) -> str:
    """Text as it is; markdown has no other way to say that a ``*`` is a ``*``."""
    fence = "``" if "`" in text else "`"
    return f"{fence}{harmless(text)}{fence}"


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
    labels = {at: " | ".join([*told][:MOST] + ["..."] * (len(told) > MOST)) for at, told in sorted(shapes.items())}
    return [types.InlayHint(positions.position(lines, at), label, padding_left=True) for at, label in labels.items()]


def _shape(node: Node) -> str | None:
    """In the user's own expressions: a hint has no room to explain a letter. None: not known."""
    if any(isinstance(t.shape, Unknown) for t in node.outputs):
        return None
    return ", ".join(harmless(Names(()).shape(t.shape)) for t in node.outputs)


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
