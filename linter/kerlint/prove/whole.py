"""Rewrites with the model around them, as one rewrite: what stays keeps its weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kerlint.graph.answer import Rewrite
from kerlint.graph.graph import Graph, Node, Tensor
from kerlint.graph.layer import Silent
from kerlint.graph.rebuild import last, topological


class Whole(Rewrite):
    """A model before and after: a layer on both sides is kept, and need not show that it matters."""


def wholes(graph: Graph, rewrites: Sequence[Rewrite]) -> Iterator[Whole]:
    """The model before and after, for each output that depends on what is replaced. Raises Silent or Untyped."""
    swaps = {rewrite.target: rewrite.new for rewrite in rewrites}
    swaps = {target: last(target, swaps) for target in swaps}
    for output in graph.outputs:
        old = tuple(node for node in topological([output]) if node.kind != "InputLayer")
        if any(rewrite.target.node in old for rewrite in rewrites):
            if output.index:
                raise Silent("an output is not the first one of its layer")
            yield Whole(old, _after(output, swaps))


def _after(output: Tensor, swaps: Mapping[Tensor, Tensor]) -> Tensor:
    now: dict[Tensor, Tensor] = {}

    def current(tensor: Tensor) -> Tensor:
        return now.get(swaps.get(tensor, tensor), swaps.get(tensor, tensor))

    for node in topological([swaps.get(output, output)], swaps):
        if node.kind != "InputLayer":
            inputs = tuple(map(current, node.inputs))
            again = Node(node.layer, inputs, options=node.options, mapped=node.mapped or node.weights)
            now.update(zip(node.outputs, again.outputs, strict=True))
    return current(output)
