"""What a layer is, shown where it is called: shapes, counts, and its share of the model."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from kerlint.graph import count
from kerlint.graph.dim import Dim
from kerlint.graph.graph import Graph
from kerlint.graph.layer import Unknown
from kerlint.lsp.analysis import Applied, Seen
from kerlint.lsp.convert import Positions
from kerlint.report.names import Names, grouped
from kerlint.report.style import harmless

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
    inputs = ", ".join(names.shape(t.shape) for t in node.inputs)
    outputs = ", ".join(names.shape(t.shape) for t in node.outputs)
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
        yield f"Keras refuses: {harmless(str(found.node.refused))}"
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
