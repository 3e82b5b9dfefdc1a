"""A model applied as a layer: everything is derived from its graph on the shapes that arrive, and read in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from kerlint.graph.count import macs
from kerlint.graph.graph import Graph, Node, Tensor
from kerlint.graph.layer import Config, Incoming, Layer, Mask, Refused, Silent, Unknown, WeightSpec
from kerlint.graph.rebuild import rebuild
from kerlint.graph.weight import Shape
from kerlint.layers.policies import Weights, no_weights
from kerlint.layers.shapes import apart, printed
from kerlint.layers.table import row


def _graph(config: Config) -> Graph:
    graph = config["graph"]
    if not isinstance(graph, Graph):
        raise Silent("perhaps: the model that is applied is not known")
    if graph.lost is not None:
        raise Silent(graph.lost.reason)
    return graph


def _on(config: Config, shapes: Sequence[Shape], masks: Sequence[Mask] | None = None) -> Graph:
    """The graph on other input shapes and masks. Refused if they do not fit the declared inputs."""
    graph = _graph(config)
    if len(shapes) != len(graph.inputs):
        several = "" if len(graph.inputs) == 1 else "s"
        told = f"{len(graph.inputs)} input{several}, not {len(shapes)}"
        raise _unfit(config, told, len(shapes) < len(graph.inputs))
    if masks is None and all(t.shape == tuple(s) for t, s in zip(graph.inputs, shapes, strict=True)):
        return graph
    swaps = {}
    for number, (declared, shape) in enumerate(zip(graph.inputs, shapes, strict=True)):
        masked = declared.masked if masks is None else masks[number]
        swaps[declared] = Tensor(tuple(shape), declared.dtype, masked, name=declared.name)
    again = rebuild(graph, swaps)
    for wrong in filter(None, map(_misfit, graph.inputs, swaps.values())):
        raise _unfit(config, wrong, _weights_of(again) != _weights_of(graph))
    return again


def differ(declared: Tensor, given: Tensor) -> bool:
    """Whether sizes that are known contradict each other."""
    if isinstance(declared.shape, Unknown) or isinstance(given.shape, Unknown):
        return False
    return any(map(apart, declared.shape, given.shape))


def _misfit(declared: Tensor, given: Tensor) -> str:
    """What does not fit about a shape; empty if it does. Raises Silent where the numbers of axes differ."""
    if isinstance(declared.shape, Unknown):
        return ""
    told = f"{printed(declared.shape)}, not {printed(tuple(given.shape))}"
    if differ(declared, given):
        return told
    if len(declared.shape) != given.rank:  # Keras 2 compares the axes that both have, 3 asks real tensors only
        raise Silent(f"perhaps: the model takes {told}")
    return ""


def _unfit(config: Config, what: str, layers_refuse: bool) -> Refused | Silent:
    """Of a model that is a graph, Keras 3 asks for its own inputs, Keras 2 for what its layers take; of a Sequential
    both do so in some cases only. A call() of the program's own takes what it likes."""
    if config["class"] == "Functional" or (config["class"] == "Sequential" and layers_refuse):
        return Refused(f"the model takes {what}", 1 if layers_refuse else 3)
    return Silent(f"perhaps: the model takes {what}")


def _output(config: Config, shapes: Incoming) -> Any:
    graph = _on(config, shapes)
    for node in graph.nodes:
        if node.refused is not None:
            raise Refused(f"{node.kind} inside the model: {node.refused}", node.refused.since)
    found = []
    for tensor in graph.outputs:
        if isinstance(tensor.shape, Unknown):
            raise Silent(tensor.shape.why)
        found.append(tuple(tensor.shape))
    return tuple(found) if len(found) > 1 else found[0]


def _once(graph: Graph, name: str, make: Callable[[Graph], Any]) -> Any:
    """What is derived from a graph: from a finished one only once, for models within models within models."""
    kept = graph.__dict__.setdefault("_derived", {}) if graph.trace.nodes else {}
    if name not in kept:
        kept[name] = make(graph)
    return kept[name]


def trains(layer: Layer, frozen: frozenset[Layer]) -> bool:
    """Whether the layer has weights that may train, inside a model whose ``frozen`` layers do not."""
    written = layer.config.peek("trainable", True) is not False
    return written and layer not in frozen and layer.spec.weights is not no_weights


def _weights_of(graph: Graph, seen: set[Layer] | None = None) -> Weights:
    """Every inner layer's weights once, ``<layer name>.<weight>``, inputs first."""
    weights: dict[str, WeightSpec] = {}
    seen = set() if seen is None else seen
    for node in graph.counted:
        outside = any(t.node is None and isinstance(t.shape, Unknown) for t in node.inputs)  # which may have weights
        if node.layer in seen or (node.layer.spec.weights is no_weights and not outside):
            continue
        seen.add(node.layer)
        learns = trains(node.layer, graph.frozen)
        inner = node.layer.kind == "Nested"  # what it shares with others is counted where it is met first
        specs = _weights_of(_on(node.layer.config, node.incoming()), seen) if inner else node.specs
        for name, weight in specs.items():
            key = f"{node.layer.name}.{name}"
            if key in weights:
                raise Silent(f"two layers of the model are called {node.layer.name}")
            weights[key] = WeightSpec(weight.shape, weight.trainable and learns)
    return weights


def _mask(config: Config, masks: tuple[Mask, ...]) -> Mask:
    graph = _graph(config)
    if not any(m is not False for m in masks):
        return graph.outputs[0].masked
    return _on(config, [tuple(t.shape) for t in graph.inputs], masks).outputs[0].masked


NESTED = row(
    "Nested", "graph", class_="Functional", output=_output, mask=_mask, many=True,
    weights=lambda c, shapes: _once(_on(c, shapes), "weights", _weights_of),
    macs=lambda c, shapes, _output: _once(_on(c, shapes), "macs", lambda graph: sum(map(macs, graph.counted))),
    dtype=lambda c, _dtypes: _graph(c).outputs[0].dtype, outputs=lambda c: len(c["graph"].outputs), into={},
)  # fmt: skip


# --- indices -----------------------------------------------------------------------------------------------

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
