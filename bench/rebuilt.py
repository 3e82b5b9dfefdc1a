"""A graph of kerlint's built anew in Keras: what the layer table says of each layer beside what Keras says.

No code of anybody's is run: only layers are made, by the builder that proofs use.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from kerlint.graph.graph import Model, Node, Tensor
from kerlint.graph.layer import Refused, Silent
from kerlint.prove.proof import Unprovable

LARGEST = 40_000_000  # parameters


class Region:
    """A whole model in the words of a proof's question: it replaces nothing."""

    def __init__(self, model: Model) -> None:
        graph = model.graph
        self.old = tuple(n for n in graph.nodes if n.kind != "InputLayer")
        self.inputs = tuple(dict.fromkeys((*graph.inputs, *(n.output for n in graph.nodes if n.kind == "InputLayer"))))
        self.new_nodes: tuple[Node, ...] = ()
        self.target = graph.outputs[0]
        if not self.old or not self.inputs or self.target.node not in self.old:
            raise Unprovable("a model without layers or inputs")


def rebuilt(model: Model) -> list[str] | str:
    """Each difference, or why there is nothing to compare."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from kerlint.host.inside.framework import NoOperation
    from kerlint.prove.worker.build import Refuted, Side, Unrunnable, gist

    try:
        nodes, data, inputs = _drawn(model)
    except (Unprovable, Silent, Refused, KeyError) as error:
        return f"not rebuilt: {error}"
    if sum(_size(w["shape"]) for row in data["layers"] for w in row["weights"]) > LARGEST:
        return f"not rebuilt: over {LARGEST:,} parameters"
    old = any(node.layer.spec.generations == (2,) for node in nodes)
    try:
        side = Side(data, inputs, 2 if old else 3, "float32")
    except Refuted as error:
        return [str(error)]
    except (NoOperation, Unrunnable, ValueError, TypeError, AttributeError) as error:
        return f"not rebuilt: {gist(error)}"
    finally:
        import keras

        keras.backend.clear_session()
    return list(_differences(nodes, side))


def _drawn(model: Model) -> tuple[list[Node], dict[str, Any], list[dict[str, Any]]]:
    """The nodes with numbers for sizes, and the plain data that the builder takes. Raises Unprovable."""
    from kerlint.prove import request
    from kerlint.prove.sizes import SIZES, values_for

    region: Any = Region(model)
    request._expressible(region)
    for values in values_for(tuple(dict.fromkeys(request._symbols(region))), SIZES, set()):
        drawn = request._Drawn(values, {}, {}, {})
        for tensor in region.inputs:
            shape = tuple(drawn.number(d) for d in tensor.shape)
            drawn.tensors[tensor] = Tensor(shape, tensor.dtype, tensor.masked)
        try:
            again = [drawn.derive(node) for node in region.old]
        except KeyError:  # what depends on a node that could not be derived
            continue
        nodes = [node for node in again if node is not None]
        if len(nodes) == len(again):
            data = request._graph(drawn, region, list(zip(region.old, nodes, strict=True)))
            data["result"] = request._wiring(region, region.old)[region.target]
            rows = [request._input(region, t, drawn) | {"masked": False} for t in region.inputs]
            return nodes, data, rows
    raise Unprovable("no sizes found for which it can be built")


def _differences(nodes: list[Node], side: Any) -> Iterator[str]:
    """Shapes of every application; those of weights were compared by the builder."""
    for node, result in zip(nodes, side.made, strict=True):
        results = result if isinstance(result, (list, tuple)) else [result]
        for tensor, real in zip(node.outputs, results, strict=False):
            ours = [d if isinstance(d, int) else None for d in tensor.shape][1:]
            if ours != [*real.shape][1:]:
                yield f"{node.kind}: {ours} in kerlint's graph, {[*real.shape][1:]} in Keras"


def _size(shape: list[int]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total
