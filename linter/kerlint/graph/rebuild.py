"""Graphs made of others: what outputs depend on, and what becomes of it where tensors are exchanged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from kerlint.graph.graph import Graph, Node, Tensor, on_others
from kerlint.graph.layer import Layer


def topological(outputs: Iterable[Tensor], swaps: Mapping[Tensor, Tensor] | None = None) -> tuple[Node, ...]:
    """Every node that an output depends on, inputs first; without recursion (graphs are deep)."""
    swapped = swaps or {}
    order: dict[Node, None] = {}
    stack: list[tuple[Node, bool]] = [(t.node, False) for t in reversed(list(outputs)) if t.node]
    while stack:
        node, ready = stack.pop()
        if node in order:
            continue
        if ready:
            order[node] = None
            continue
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
