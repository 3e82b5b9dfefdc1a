"""What the program reads of a layer, and that it builds one itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from kerlint.evaluate.apply import argument, result
from kerlint.evaluate.attributes import attribute_of
from kerlint.evaluate.known.builtins import unknown
from kerlint.evaluate.registry import ATTRIBUTES, attribute, method
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import Call, External, Instance, Open, Value
from kerlint.graph.dim import BATCH, Poly
from kerlint.graph.graph import Node, Tensor
from kerlint.graph.layer import Layer, Silent
from kerlint.layers.policies import no_weights
from kerlint.layers.shapes import declared
from kerlint.layers.table import find


def _applied(run: Run, layer: Layer, what: str, read: Callable[[Node], Value]) -> Value:
    """What the first application of a layer gave, or was given: of several, Keras reads that one."""
    run.held[layer] = None
    node = next((node for node in run.nodes if node.layer is layer), None)
    lost = Open(f"{layer.name}.{what}", f"{layer.name}.{what}", f"{layer.name} has not been applied")
    return lost if node is None else read(node)


@attribute(Layer, "output")
def _output(run: Run, layer: Layer) -> Value:
    return _applied(run, layer, "output", result)


@method(Layer, "get_output_at")
def _output_at(run: Run, layer: Layer, c: Call) -> Value:
    """What one of several applications gave: of a layer inside a model, those of the model may count, too."""
    run.held[layer] = None
    found, index = [node for node in run.nodes if node.layer is layer], c.get(0, "node_index")
    inside = any(layer in graph.layers for model in run.nested.values() for graph in model.graphs)
    if inside or not isinstance(index, int) or not 0 <= index < len(found):
        return run.fresh("output_at", c.frame.source.text(c.node), f"which application it is (line {c.line})")
    return result(found[index])


@attribute(Layer, "input")
def _input(run: Run, layer: Layer) -> Value:
    def given(node: Node) -> Value:
        found = node.inputs or node.outputs  # an input is its own
        return found[0] if len(found) == 1 else list(found)

    return _applied(run, layer, "input", given)


@attribute(Layer, "output_shape")
def _output_shape(run: Run, layer: Layer) -> Value:
    found = _output(run, layer)
    return attribute_of(run, found, "shape", None, None) if isinstance(found, Tensor) else found  # type: ignore[arg-type]


ATTRIBUTES[Layer, "name"] = lambda _run, layer: layer.name


@attribute(Layer, "__class__")
def _class(run: Run, layer: Layer) -> Value:
    if find(layer.kind) is not None:
        return External(f"keras.layers.{layer.kind}")
    return Open(f"{layer.name}.__class__", f"{layer.name}.__class__", "a class of the program")


@attribute(Layer, "trainable")
def _trainable(run: Run, layer: Layer) -> Value:
    run.held[layer] = None
    return run.frozen.get(layer, layer.config.peek("trainable") is not False)


@attribute(Layer, "set_weights", "weights", "kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance")
def _weights(run: Run, layer: Layer) -> Value:
    run.given[layer] = True
    return _structure(run, layer)


@attribute(Layer, "get_weights", "count_params")
def _structure(run: Run, layer: Layer) -> Value:
    run.held[layer] = None
    return run.fresh("layer", f"{layer.name}....", "what a layer holds is not known", layer)


@method(Layer, "compute_output_shape")
def _computed_shape(run: Run, layer: Layer, c: Call) -> Value:
    """The shape that the layer makes of one, or of several; what is None there stays None."""
    given = c.get(0, "input_shape")
    with suppress(Silent, TypeError, ValueError, IndexError, AttributeError):
        shapes = [argument(run, "batch_shape", shape) for shape in (given if layer.spec.many else [given])]
        inputs = tuple(Tensor(declared(shape, place), run.floatx) for place, shape in enumerate(shapes))
        node = Node(layer, inputs, c.span, "held")
        known = all(isinstance(d, (int, Poly, type(None))) for shape in shapes for d in shape)
        if known and len(node.outputs) == 1 and node.refused is None:
            return attribute_of(run, node.output, "shape", None, None)  # type: ignore[arg-type]
    return unknown(run, c)


@method(Layer, "build")
def _build(run: Run, layer: Layer, c: Call) -> Value:
    run.held[layer] = None
    run.applied.add(layer)
    shape = argument(run, "batch_shape", c.get(0, "input_shape"))
    known = isinstance(shape, tuple) and len(c.args) + len(c.kwargs) == 1
    if known and all(isinstance(d, (int, Poly)) for d in shape[1:]) and layer.spec.weights is not no_weights:
        with suppress(Silent, TypeError, ValueError, IndexError, AttributeError):
            run.first.setdefault(layer, Node(layer, (Tensor((BATCH, *shape[1:]), run.floatx),), c.span, "held"))
    if isinstance(c.frame.receiver, Instance) and c.frame.receiver.custom is not None:
        c.frame.receiver.custom.by_hand.append(layer)
