"""Rewrites with the model around them, as one rewrite: what stays keeps its weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kerlint.graph.answer import Rewrite
from kerlint.graph.graph import Graph, Node, Tensor
from kerlint.graph.layer import Silent
from kerlint.graph.rebuild import last, topological
from kerlint.layers.nested import NESTED


class Whole(Rewrite):
    """A model before and after: a layer on both sides is kept, and need not show that it matters."""


def wholes(graph: Graph, rewrites: Sequence[Rewrite]) -> Iterator[Whole]:
    """The model before and after, for each output that depends on what is replaced. Raises Silent or Untyped.

    Models within it are taken apart: a proof knows layers only, and a model that is applied is its layers.
    """
    swaps = {rewrite.target: rewrite.new for rewrite in rewrites}
    swaps = {target: last(target, swaps) for target in swaps}
    for output in graph.outputs:
        if any(rewrite.target.node in topological([output]) for rewrite in rewrites):
            if output.index:
                raise Silent("an output is not the first one of its layer")
            before = _flat([output], topological([output]), {}, False)
            after = _flat([output], topological([last(output, swaps)], swaps), swaps, True)
            yield Whole(tuple(node for node in topological(before) if node.kind != "InputLayer"), after[0])


def _flat(outputs: Sequence[Tensor], nodes: Sequence[Node], now: Mapping[Tensor, Tensor], mapped: bool) -> list[Tensor]:
    """What outputs become where tensors are ``now`` others and models are taken apart; ``mapped``: with weights."""
    made: dict[Tensor, Tensor] = {}

    def current(tensor: Tensor) -> Tensor:
        return made.get(now.get(tensor, tensor), now.get(tensor, tensor))

    for node in (node for node in nodes if node.kind != "InputLayer"):
        inputs = tuple(map(current, node.inputs))
        if node.layer.spec is NESTED:
            graph = _within(node, inputs)
            found = _flat(graph.outputs, graph.nodes, dict(zip(graph.inputs, inputs, strict=True)), mapped)
        else:
            kept = (node.mapped or node.weights) if mapped else None
            found = [*Node(node.layer, inputs, options=node.options, mapped=kept).outputs]
        made.update(zip(node.outputs, found, strict=True))
    return [current(output) for output in outputs]


def _within(node: Node, inputs: Sequence[Tensor]) -> Graph:
    """The model that is applied. Raises Silent where it is more than its layers, one after the other."""
    graph: Graph = node["graph"]
    casts = any(own.dtype != given.dtype for own, given in zip(graph.inputs, inputs, strict=True))
    if casts or graph.lost is not None or any(value is not None for value in node.options.values()):
        raise Silent("what a model within it does there is not known")
    return graph
