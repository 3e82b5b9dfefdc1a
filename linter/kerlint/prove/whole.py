"""A rewrite with the model around it, as one rewrite: what stays keeps its weights."""

from __future__ import annotations

from collections.abc import Iterator

from kerlint.graph.answer import Rewrite
from kerlint.graph.graph import Graph, Node, Tensor
from kerlint.graph.rebuild import topological


def wholes(graph: Graph, rewrite: Rewrite) -> Iterator[Rewrite]:
    """The model before and after, for each output that depends on what is replaced. Raises Silent or Untyped."""
    for output in graph.outputs:
        old = tuple(node for node in topological([output]) if node.kind != "InputLayer")
        if rewrite.target.node in old and output.index == 0:
            yield Rewrite(old, _after(output, rewrite))


def _after(output: Tensor, rewrite: Rewrite) -> Tensor:
    swaps = {rewrite.target: rewrite.new}
    now: dict[Tensor, Tensor] = {}

    def current(tensor: Tensor) -> Tensor:
        return now.get(swaps.get(tensor, tensor), swaps.get(tensor, tensor))

    for node in topological([swaps.get(output, output)], swaps):
        if node.kind != "InputLayer":
            inputs = tuple(map(current, node.inputs))
            again = Node(node.layer, inputs, options=node.options, mapped=node.mapped or node.weights)
            now.update(zip(node.outputs, again.outputs, strict=True))
    return current(output)
