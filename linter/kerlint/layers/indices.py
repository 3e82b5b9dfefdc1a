"""Which layers use the entries of a tensor as indices, and so bound them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kerlint.graph.graph import Graph, Node, Tensor

INDEXED = {"Embedding": "input_dim", "CategoryEncoding": "num_tokens"}  # entries are indices below this argument


def indexing(nodes: Iterable[Node], tensor: Tensor) -> Iterator[tuple[Node, str]]:
    """The nodes that use the tensor, perhaps reshaped, as indices, with the argument that bounds them."""
    reached = {tensor}
    for node in nodes:
        if reached.isdisjoint(node.inputs):
            continue
        inner = node.layer.config.peek("graph")
        if isinstance(inner, Graph):  # a model that is applied as a layer
            for outside, inside in zip(node.inputs, inner.inputs, strict=False):
                if outside in reached:
                    yield from indexing(inner.nodes, inside)
        if node.kind in INDEXED:  # what leaves it is no index any more
            yield node, INDEXED[node.kind]
        else:
            reached.update(node.outputs)
