"""Sequential: growing it, its input shape. Building models that had none, those of the program's own classes too."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from kerlint.evaluate import decide, opens
from kerlint.evaluate.apply import argument, by_key, node_of, opaque, tensors_of
from kerlint.evaluate.assign import iterate
from kerlint.evaluate.calls import call_method, default_values, needed
from kerlint.evaluate.derived import parameters
from kerlint.evaluate.known.keras_layers import ignored_arguments, used_arguments
from kerlint.evaluate.known.tensors import prepare_lambda
from kerlint.evaluate.models import as_layer, between, layers_of, of_call, origins, unheld
from kerlint.evaluate.state import Raised, Run
from kerlint.evaluate.streams import Stream
from kerlint.evaluate.trees import below, statements
from kerlint.evaluate.values import MISSING, Call, Function, Instance, Item, ModelValue, Rest, Value
from kerlint.graph.dim import BATCH, Poly, symbol
from kerlint.graph.graph import Graph, Tensor, Unresolved
from kerlint.graph.layer import Layer, Unknown
from kerlint.graph.weight import Shape
from kerlint.layers.policies import no_weights
from kerlint.layers.shapes import declared

TIMED = ("Conv1D", "LocallyConnected1D", "Bidirectional", "TimeDistributed")  # their input has a time axis


def fill_sequential(run: Run, model: ModelValue, c: Call) -> None:
    """Adds the layers of a constructor call."""
    given = c.get(0, "layers")
    if given is None:
        return
    given = iterate(run, given) if isinstance(given, Stream) else given
    if not isinstance(given, (list, tuple)):
        doubt(model, c, f"the list of layers '{opens.text_of(given)}' is not known")
        return
    node = next((k.value for k in c.node.keywords if k.arg == "layers"), None) if hasattr(c.node, "keywords") else None
    if hasattr(c.node, "args") and c.node.args:
        node = c.node.args[0]
    literal = isinstance(node, (ast.List, ast.Tuple)) and len(node.elts) == len(given)
    literal = literal and not any(isinstance(e, ast.Starred) for e in node.elts)  # type: ignore[union-attr]
    for position, layer in enumerate(given):
        span = c.frame.source.span(node.elts[position]) if literal else None  # type: ignore[union-attr]
        add_item(run, model, layer, span, "element", c)


def doubt(model: ModelValue, c: Call | None, reason: str) -> None:
    """The model is not complete, for this reason: what a call does, or as it is made."""
    place = (model.made_at, model.line) if c is None else (c.span, c.line)
    model.doubts.append(Unresolved(*place, reason))


def changes(run: Run, model: ModelValue, c: Call) -> None:
    """It gets or loses a layer: within a loop over something unknown, nobody knows how often."""
    model.as_layer = None
    if len(run.marks) > len(model.marks):
        doubt(model, c, "a loop over an unknown number of steps")


def add_item(run: Run, model: ModelValue, value: Value, span: Any, form: str, c: Call) -> None:
    """One more layer at the end of a Sequential."""
    if isinstance(value, Instance) and value.model is not None:
        value = value.model
    line = run.lines.get(value, c.line) if form == "element" and isinstance(value, Layer) else c.line
    if span is None:
        span = getattr(value, "made_at", None) or c.span
    changes(run, model, c)
    if isinstance(value, Rest) or value is None:
        doubt(model, c, value.why if isinstance(value, Rest) else "None is added as a layer")
        return
    item = Item(value, span, form, c.node)
    model.items.append(item)
    if isinstance(value, Layer) and value.kind == "InputLayer":
        value = node_of(run, value, [], span, line, form).output
    if isinstance(value, Tensor):
        model.inputs, model.outputs = origins(value), [value]
        return
    if not model.inputs:
        start = _start(run, model, value) if len(model.items) == 1 else None  # a later layer declares nothing
        if start is None:
            return
        model.inputs, model.outputs = [start], [start]
        if isinstance(value, Layer):
            used_arguments(run, value)
    elif isinstance(value, Layer):
        told = used_arguments if run.keywords.get(value) and _may_be_first(run, model, c) else ignored_arguments
        told(run, value, model.outputs)
    _extend(run, model, item, line)


def _may_be_first(run: Run, model: ModelValue, c: Call) -> bool:
    """Whether all that stands before the newest layer is under an ``if`` without ``else`` that it is not under."""
    function = c.frame.function
    around = [function.node] if function is not None else run.trees.get(id(c.frame.module), ())
    optional = [{id(p) for p in below([n])} for n in statements(around) if isinstance(n, ast.If) and not n.orelse]
    optional = [inside for inside in optional if id(c.node) not in inside]
    return all(any(id(item.written) in inside for inside in optional) for item in model.items[:-1])


def _extend(run: Run, model: ModelValue, item: Item, line: int) -> None:
    """Applies an entry of a Sequential to what is there."""
    value, current = item.layer, model.outputs[0]
    if isinstance(value, ModelValue):
        built(run, value, [current])
        value = as_layer(run, value)
    if isinstance(value, Instance) and value.custom is not None:
        from kerlint.evaluate.custom import apply_to

        item.node = apply_to(run, value, [current], item.span, line)
    elif isinstance(value, Layer):
        if value.kind == "Lambda":
            prepare_lambda(run, value, [current])
        item.node = node_of(run, value, [current], item.span, line, item.form)
    else:
        item.node = opaque(run, [current], item.span, line, f"an unknown layer '{opens.text_of(value)}'")
    model.outputs = [item.node.output]


def _start(run: Run, model: ModelValue, value: Value) -> Tensor | None:
    """The input that the first layer declares, or None: then the model is built later."""
    if isinstance(value, ModelValue):
        if not value.inputs or len(value.inputs) != 1:
            return None
        given = value.inputs[0].shape
        given = Unknown(given.expression, given.why) if isinstance(given, Unknown) else given  # of another's data
        return Tensor(given, value.inputs[0].dtype, name=f"{model.keras_name}_input")
    if isinstance(value, Instance) and value.custom is not None and value.custom.declared is not None:
        return input_tensor(run, model, argument(run, "batch_shape", value.custom.declared))
    if not isinstance(value, Layer):
        return None
    shape = declared_shape(run, value)
    if shape is None:
        inner = value.config.peek("layer")
        shape = declared_shape(run, inner) if isinstance(inner, Layer) and value.kind != "TimeDistributed" else None
    if shape is None and value.kind == "Embedding" and (run.keras or run.evidence) < 3:  # brought one of its own then
        shape = (None, None)
    if shape is None:
        return None
    return input_tensor(run, model, shape, "int32" if value.kind == "Embedding" else "float32")


def input_tensor(run: Run, model: ModelValue, shape: Any, dtype: str = "float32") -> Tensor:
    """An input of this shape (batch included)."""
    name = f"{model.keras_name}_input"
    sizes = (shape,) if isinstance(shape, Unknown) else shape
    wrong = next((d for d in sizes if d is not None and not isinstance(d, (int, Poly))), None)
    if wrong is not None:
        lost = wrong if isinstance(wrong, Unknown) else Unknown("the input", f"{wrong!r} is no size")
        return Tensor(lost, dtype, name=name)
    return Tensor(declared(shape, name), dtype, name=name)


def declared_shape(run: Run, layer: Layer) -> Any:
    """The shape (batch included) that ``input_shape=`` and its like give; None without."""
    for name in ("batch_input_shape", "batch_shape"):
        if (whole := layer.config.peek(name)) is not None:
            return whole
    size, shape, length, width = map(layer.config.peek, ("batch_size", "input_shape", "input_length", "input_dim"))
    if layer.kind == "Embedding" and shape is None and not isinstance(length, tuple):
        shape = length
    elif width is not None and "input_dim" not in layer.spec.signature:
        timed = layer.config.peek("return_sequences") is not None or layer.kind in TIMED
        sizes = (length, width) if timed else (width,)
        shape = sizes if shape is None else _of_both(run, shape, sizes)
    if shape is None or isinstance(shape, Unknown):
        return shape
    return (size, *shape) if isinstance(shape, tuple) else (size, shape)


def _of_both(run: Run, shape: Any, sizes: tuple[Any, ...]) -> Any:
    """What counts of ``input_shape`` and the sizes of ``input_length`` and ``input_dim``.

    Keras 1: the sizes, as in keras 2.3 (legacy/interfaces.py) for layers over time; Keras 3: ``input_dim`` alone.
    """
    if run.certain > 2 or run.evidence < 2 or shape == sizes:
        return sizes[-1:] if run.certain > 2 else sizes
    differs = len(sizes) == 1 or run.standalone  # over time, Keras 3 would refuse what input_dim says
    told = "input_dim is given, too: which one counts, Keras 1 to 3 differ"
    return Unknown("input_shape", told) if differs else shape


def built(run: Run, model: ModelValue, tensors: list[Tensor], structure: Value = None) -> None:
    """Builds what had no input shape yet, on tensors of these shapes, given in this form."""
    if model.kind == "Functional" or (model.built and not (lost(model) and not isinstance(tensors[0].shape, Unknown))):
        return
    gone = {item.node for item in model.items}
    run.nodes, model.as_layer = [node for node in run.nodes if node not in gone] if model.built else run.nodes, None
    if model.kind == "Subclass":
        _build_subclass(run, model, tensors, structure)
        return
    start, shape = _place(run, model, tensors[0], f"{model.keras_name}_input"), tensors[0].shape
    if isinstance(shape, Unknown) and tensors[0].node is not None:  # an operation may have changed the number of axes
        start = replace(start, shape=Unknown(shape.expression, shape.why))
    model.inputs, model.outputs = [start], [start]
    if not model.items and (run.keras or run.evidence) > 2:  # Keras 2 hands on what it gets, Keras 3 refuses
        model.outputs = [Tensor(Unknown("the output", "the model has no layers"), start.dtype, name=start.name)]
    around, run.marks = run.marks, model.marks  # it is built once, however often it is called
    for item in model.items:
        line = run.lines.get(item.layer, model.line) if isinstance(item.layer, Layer) else model.line
        _extend(run, model, item, line)
    run.marks = around


def _place(run: Run, model: ModelValue, tensor: Tensor, name: str) -> Tensor:
    if isinstance(tensor.shape, Unknown):
        return Tensor(tensor.shape, tensor.dtype, tensor.masked, name=name)
    told = (part.config.peek("stateful") for part in layers_of(run, model) if isinstance(part, Layer))
    keeps = any(one is True or isinstance(one, Unknown) for one in told)  # states, and with them a size of batches
    shape = (symbol("batch", name) if keeps else BATCH, *tensor.shape[1:])
    return Tensor(shape, tensor.dtype, tensor.masked, name=name)


def lost(model: ModelValue) -> bool:
    """Whether all that is known of the model's only input is that there is one."""
    return len(model.inputs) == 1 and model.inputs[0].node is None and isinstance(model.inputs[0].shape, Unknown)


def any_length(run: Run, model: ModelValue) -> Shape | None:
    """The input of a Sequential that begins with an Embedding and is given no data: until Keras 3, any length."""
    first = model.items[0].layer if model.items and lost(model) and run.certain < 3 else None
    if not isinstance(first, Layer) or first.kind != "Embedding":
        return None
    return declared((None, None), f"{model.keras_name}_input")


# --- models of the program's own classes ------------------------------------------------------------------------


def _build_subclass(run: Run, model: ModelValue, tensors: list[Tensor], structure: Value = None) -> None:
    """Builds a model from what its call() does."""
    instance = model.instance
    if instance is None or instance.cls.lookup("call") is MISSING:
        doubt(model, None, "the model has no call() that is known")
        return
    places = [_place(run, model, t, f"{model.keras_name}_input{i}") for i, t in enumerate(tensors)]
    given: Value = [*places] if len(places) > 1 else places[0]
    if isinstance(structure, dict) and len(structure) == len(places):
        given = dict(zip(by_key(structure), places, strict=True))
    c = Call((), {}, instance.cls.node, instance.cls.frame, via=True)
    named = dict.fromkeys(needed(instance), False)
    try:
        found = call_method(run, instance, "call", (given,), c, **named)
    except Raised as raised:
        doubt(model, None, f"call() raises: {raised}")
        return
    outputs = tensors_of(run, found) if found is not None else None
    if not outputs:
        doubt(model, None, "what call() gives is not known")
        return
    model.inputs, model.outputs, model.structure = places, outputs, by_key(found)
    graph = of_call(run, instance, places, outputs)
    run.anew.update(unheld(run, instance, graph))
    note_mood(run, instance, graph, replace(c, args=(given,), kwargs=named))


def note_mood(run: Run, instance: Instance, graph: Graph, c: Call) -> None:
    """Whether call() with these arguments uses other layers with weights when it runs for training, or not."""
    method = instance.cls.lookup("call")
    if "training" not in parameters(instance, "call")[len(c.args) :] or not isinstance(method, Function):
        return
    usual = c.kwargs.get("training", default_values(method).get("training"))
    try:
        with run.aside():
            other = {**c.kwargs, "training": decide.known_truth(run, usual) is not True}
            found = call_method(run, instance, "call", c.args, c, **other)
    except Raised:
        return
    nodes = graph.nodes, between(graph.inputs, tensors_of(run, found) or ())
    one, another = ({n.layer for n in some if n.layer.spec.weights is not no_weights} for some in nodes)
    if one != another:
        run.moody.add(instance.custom or instance.model)
