"""Graphs made of others, and compared: what outputs depend on, what becomes of it where tensors are exchanged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from kerlint.graph.graph import Graph, Node, Tensor, exchanged, on_others
from kerlint.graph.layer import SHAPES, Layer, Object, Unknown


def topological(outputs: Iterable[Tensor], swaps: Mapping[Tensor, Tensor] | None = None) -> tuple[Node, ...]:
    """Every node that an output depends on, inputs first; without recursion (graphs are deep)."""
    swapped = swaps or {}
    order: dict[Node, None] = {}
    stack: list[tuple[Node, bool]] = [(t.node, False) for t in reversed(list(outputs)) if t.node]
    while stack:
        node, ready = stack.pop()
        if ready:
            order[node] = None
        elif node not in order:
            stack.append((node, True))
            sources = (swapped.get(t, t).node for t in reversed(node.reads))
            stack.extend((source, False) for source in sources if source and source not in order)
    return tuple(order)


def last(tensor: Tensor, swaps: Mapping[Tensor, Tensor]) -> Tensor:
    """What a tensor becomes where replacements meet (two layers in a row that both go)."""
    while tensor in swaps:
        tensor = swaps[tensor]
    return tensor


def rebuild(graph: Graph, swaps: Mapping[Tensor, Tensor], layers: Mapping[Layer, Layer] | None = None) -> Graph:
    """The graph with tensors, or ``layers``, exchanged for others; what depends on them is derived again."""
    again: dict[Tensor, Tensor] = {}
    swaps = {tensor: last(tensor, swaps) for tensor in swaps}

    def now(tensor: Tensor) -> Tensor:
        target = swaps.get(tensor, tensor)
        return again.get(target, target)

    def renewed(node: Node) -> Node:
        layer = (layers or {}).get(node.layer, node.layer)
        same = layer is node.layer and all(now(t) is t for t in node.reads)
        return node if same else on_others(node, now, layer)

    ends = (*graph.outputs, *(t for node in graph.beside for t in node.reads))
    for node in topological([swaps.get(t, t) for t in ends], swaps):
        if (new := renewed(node)) is not node:
            again.update(zip(node.outputs, new.outputs, strict=True))
    outputs = tuple(now(t) for t in graph.outputs)
    return replace(graph, nodes=topological(outputs), outputs=outputs, beside=tuple(map(renewed, graph.beside)))


# --- equality up to names and the order of writing --------------------------------------------------------------

LINE = re.compile(r" \(line \d+\)")


def canonical(graph: Graph) -> tuple[object, ...]:
    """The graph as comparable data: equal for graphs that are the same up to names and order of writing."""
    tensors: dict[Tensor, object] = {t: ("input", i, _plain(t.shape), t.dtype) for i, t in enumerate(graph.inputs)}
    layers: dict[Layer, int] = {}
    rows: list[object] = []
    for node in topological(graph.outputs):
        if node.output in tensors:
            continue
        number = layers.setdefault(node.layer, len(layers))
        refs = tuple(tensors.get(t, ("foreign", _plain(t.shape))) for t in node.reads)
        # Which tensors are in an option of the call is said beside it.
        options = tuple(sorted((k, repr(exchanged(v, lambda _t: "tensor"))) for k, v in node.options.items()))
        rows.append((number, *described(node.layer), node.layer in graph.frozen, refs, options))
        tensors.update({t: (len(rows) - 1, t.index) for t in node.outputs})
    return (*rows, tuple(tensors.get(t) for t in graph.outputs))


IGNORED = frozenset({"name", *SHAPES})


def described(layer: Layer) -> tuple[object, ...]:
    """A layer's class and canonical arguments as comparable data."""
    own = layer.spec.signature  # an Embedding's input_dim is no input shape
    items = [(k, _plain(layer.config.raw(k))) for k in layer.config if k not in IGNORED or (k in own and k != "name")]
    return layer.kind, tuple(sorted(items, key=lambda item: item[0]))


def _plain(value: object) -> object:
    if isinstance(value, Layer):
        return described(value)
    if isinstance(value, Unknown):
        return "unknown", value.expression
    if isinstance(value, Graph):
        return canonical(value)
    if isinstance(value, Object):
        return value.kind, tuple((name, _plain(part)) for name, part in value.config)
    if isinstance(value, str):
        return LINE.sub("", value)  # a reason names its line, which an edit above it moves
    if isinstance(value, (tuple, list)):
        return tuple(_plain(v) for v in value)
    return value


def difference(left: Graph, right: Graph) -> str | None:
    """None if the graphs are equal up to names, else the first difference in words."""
    a, b = canonical(left), canonical(right)
    if a == b:
        return None
    for i, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return f"row {i}: {_words(x, y)}"
    return f"{len(a) - 1} layers are not {len(b) - 1}"


def _words(left: object, right: object) -> str:
    """Where two rows differ, as deep down as one can say."""
    if isinstance(left, tuple) and isinstance(right, tuple) and len(left) == len(right):
        first = next(i for i, (a, b) in enumerate(zip(left, right, strict=True)) if a != b)
        named = [part for part in left[:first] if isinstance(part, str)]
        return " ".join([*named, _words(left[first], right[first])])
    return f"{left} is not {right}"
