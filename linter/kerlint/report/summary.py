"""A model as ``model.summary()`` shows it: first as data, then as a table."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from kerlint.graph import count
from kerlint.graph.dim import Dim
from kerlint.graph.graph import Graph, Model, Node, Tensor, Unresolved
from kerlint.graph.layer import Layer, Unknown
from kerlint.report.names import Names, grouped, plain_shape
from kerlint.report.style import Style, harmless
from kerlint.text.document import Document
from kerlint.text.span import Span

# corner, filler, joint, end: above, below the head, between rows, at the foot; and the walls of head and body
BOXES = {
    True: (("┏", "━", "┳", "┓"), ("┡", "━", "╇", "┩"), ("├", "─", "┼", "┤"), ("└", "─", "┴", "┘"), ("┃", "│")),
    False: (("+", "=", "+", "+"), ("+", "=", "+", "+"), ("+", "-", "+", "+"), ("+", "-", "+", "+"), ("|", "|")),
}
HEAD = ("Layer (type)", "Output Shape", "Param #", "MACs", "Line")
RIGHT = (False, False, True, True, True)


def data_of(document: Document, model: Model) -> tuple[dict[str, Any], Names]:
    """The object of SURFACE, and what its symbols are called."""
    graph, path = model.graph, getattr(model.made_at, "path", document.path)
    here = document if path == document.path else None  # lines are those of the file where the model is made
    rows = [(layer, _applications(graph, layer)) for layer in in_order(model)]
    names = Names(_dims(graph, rows))
    layers = [_input(t) for t in graph.inputs if t.node is None and model.kind == "Functional"]
    layers += [_layer(here, graph, layer, nodes, names) for layer, nodes in rows]
    totals = count.model(graph)
    known = not isinstance(totals, Unknown)
    data = {
        "path": path, "name": model.name, "entry": model.entry, "line": model.line, "class": model.kind,
        "complete": graph.complete and known,
        "unresolved": [{"line": u.line, "reason": reason_in(path, u)} for u in _unresolved(here, graph)],
        "inputs": [plain_shape(t.shape) for t in graph.inputs],
        "outputs": [plain_shape(t.shape) for t in graph.outputs], "layers": layers,
        "total_params": names.count(None if isinstance(totals, Unknown) else totals.params),
        "trainable_params": names.count(None if isinstance(totals, Unknown) else totals.trainable),
        "total_macs": names.count(None if isinstance(totals, Unknown) else totals.macs), "symbols": names.symbols,
    }  # fmt: skip
    return data, names


def _layer(document: Document | None, graph: Graph, layer: Layer, nodes: list[Node], names: Names) -> dict[str, Any]:
    trains = all(u.trains is not layer for u in graph.unresolved)
    trained = count.known(partial(count.trainable, nodes[0], graph.frozen)) if trains else None
    return {
        "name": layer.name, "class": layer.title, "output_shape": plain_shape(nodes[0].output.shape),
        "params": names.count(count.known(partial(count.params, nodes[0]))), "trainable_params": names.count(trained),
        "macs": names.count(count.all_macs(nodes)), "line": _line(document, layer.made_at),
    }  # fmt: skip


def _line(document: Document | None, span: object) -> int | None:
    """The line of a place in the document; None in another file."""
    if document is None or not isinstance(span, Span) or span.path != document.path:
        return None
    return document.lines(span.cell).position(span.start)[0]


def _input(tensor: Tensor) -> dict[str, Any]:
    """Keras shows the inputs of a functional model as layers."""
    zero = {"params": 0, "trainable_params": 0, "macs": 0, "line": None}
    shape = plain_shape(tensor.shape)
    return {"name": tensor.name or "input_layer", "class": "InputLayer", "output_shape": shape, **zero}


def _applications(graph: Graph, layer: Layer) -> list[Node]:
    return [node for node in graph.counted if node.layer is layer]


def _dims(graph: Graph, rows: list[tuple[Layer, list[Node]]]) -> Iterator[Dim]:
    for tensor in (*graph.inputs, *(t for _, nodes in rows for n in nodes for t in n.outputs)):
        if isinstance(tensor.shape, tuple):
            yield from tensor.shape
    for _, nodes in rows:
        for counted in (count.params, count.macs):
            value = count.known(partial(counted, nodes[0]))
            yield 0 if value is None else value


def _unresolved(document: Document | None, graph: Graph) -> Iterator[Unresolved]:
    """What was not understood, and what Keras would not build."""
    yield from graph.unresolved
    for node in graph.nodes:
        shape = node.output.shape
        why = shape.why if isinstance(shape, Unknown) and not graph.unresolved else ""
        why = f"{node.refused.who} refuses: {node.refused}" if node.refused else why
        if why:
            yield Unresolved(node.applied_at, _line(document, node.applied_at) or 0, why)


def reason_in(path: str, unresolved: Unresolved) -> str:
    """Why something was not understood; in another file than ``path``, with its name."""
    elsewhere = getattr(unresolved.span, "path", path)
    return unresolved.reason if elsewhere == path else f"{unresolved.reason} (in {elsewhere})"


def in_order(model: Model) -> tuple[Layer, ...]:
    """The layers as Keras lists them: the nodes of a functional model are in Keras's own order."""
    layers = model.graph.layers
    if model.kind == "Sequential":  # which keeps its input to itself
        return tuple(layer for layer in layers if layer.kind != "InputLayer")
    return tuple(layer for layer in layers if model.kind == "Functional" or layer not in model.graph.trace.anew)


def table(data: dict[str, Any], names: Names, model: Model, style: Style, notes: list[str]) -> str:
    """The model as a table with totals, symbols and what was not understood."""
    shown = {layer.name: layer for layer in model.graph.layers}
    rows = [_cells(row, shown.get(row["name"]), model, names) for row in data["layers"]]
    title = f"Model: {data['name']} ({data['class']}), {data['path']}:{in_cell(model.made_at, data['line'], 'cell ')}"
    lines = [style.paint(harmless(title), "bold"), *(harmless(n) for n in notes), *_boxed(rows, style.unicode)]
    lines += _totals(data)
    told = names.explained(*(c for row in rows for c in row), *map(str, (data["total_params"], data["total_macs"])))
    if told:
        lines.append(harmless(f" where {told}"))
    if not data["complete"]:
        lines.append(style.paint(" incomplete:", "yellow"))
        lines += [harmless(f"   line {u['line'] or '?'}: {u['reason']}") for u in data["unresolved"]]
    return "\n".join(lines) + "\n"


def _cells(row: dict[str, Any], layer: Layer | None, model: Model, names: Names) -> tuple[str, ...]:
    nodes = _applications(model.graph, layer) if layer else []
    tensors = [node.output for node in nodes] or [t for t in model.graph.inputs if t.name == row["name"]]
    shape = names.shape(tensors[0].shape) if tensors else ""
    counts = (grouped(row["params"]), grouped(row["macs"]))
    line = in_cell(layer.made_at if layer else None, row["line"]) if row["line"] else ""
    return harmless(f"{row['name']} ({row['class']})"), shape, *counts, line


def in_cell(span: Any, line: int, word: str = "", alone: str = "") -> str:
    """A line; of a notebook behind its cell, as a reader counts it, from 1."""
    cell = getattr(span, "cell", None)
    return f"{alone}{line}" if cell is None else f"{word}{cell + 1}:{line}"


def _boxed(rows: list[tuple[str, ...]], drawn: bool) -> Iterator[str]:
    above, below, between, foot, (thick, thin) = BOXES[drawn]
    widths = [max(map(len, column)) for column in zip(HEAD, *rows, strict=True)]

    def rule(ends: tuple[str, str, str, str]) -> str:
        return ends[0] + ends[2].join(ends[1] * (w + 2) for w in widths) + ends[3]

    def cells(texts: tuple[str, ...], wall: str) -> str:
        fitted = [t.rjust(w) if r else t.ljust(w) for t, w, r in zip(texts, widths, RIGHT, strict=True)]
        return f"{wall} {f' {wall} '.join(fitted)} {wall}"

    yield rule(above)
    yield cells(HEAD, thick)
    yield rule(below)
    for number, row in enumerate(rows):
        if number:
            yield rule(between)
        yield cells(row, thin)
    yield rule(foot)


def _totals(data: dict[str, Any]) -> list[str]:
    total, trainable = data["total_params"], data["trainable_params"]
    lines = [f" Total params: {grouped(total)}", f" Trainable params: {grouped(trainable)}"]
    if isinstance(total, int) and isinstance(trainable, int):
        lines.append(f" Non-trainable params: {grouped(total - trainable)}")
    return [*lines, f" Total MACs: {grouped(data['total_macs'])} (multiply-accumulates, one example)"]
