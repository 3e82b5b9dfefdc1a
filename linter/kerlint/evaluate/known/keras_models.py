"""Input, Sequential, Model: making, growing, applying and reading them; functions that make a layer at once."""

from __future__ import annotations

import ast

from kerlint.evaluate import opens
from kerlint.evaluate.apply import by_key, node_of, opaque, result, tensors_of
from kerlint.evaluate.calls import callable_as
from kerlint.evaluate.known.keras_layers import apply_layer, make_layer
from kerlint.evaluate.known.sequential import built, doubt, fill_sequential
from kerlint.evaluate.models import as_layer, between, origins
from kerlint.evaluate.registry import TABLES, function, method, words
from kerlint.evaluate.spelling import note_merge, note_names, note_removed
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import Call, External, Function, ModelValue, Open, Rest, Value
from kerlint.graph.graph import Tensor
from kerlint.graph.layer import Layer
from kerlint.layers.nested import differ
from kerlint.layers.table import TABLE

# --- Input -------------------------------------------------------------------------------------------------


@function("keras.Input")
def make_input(run: Run, c: Call) -> Value:
    """``Input(shape=(8,))``: the tensor."""
    wrapped = c.kwargs.get("tensor", c.kwargs.get("input_tensor"))
    if wrapped is not None:
        return wrapped
    kwargs = {k: v for k, v in c.kwargs.items() if k not in ("tensor", "input_tensor")}
    shape = c.get(0, "shape")
    if run.keras != 3 and opens.integral(shape) and "shape" in kwargs:
        kwargs["shape"] = (shape,)  # a bare size was a shape before Keras 3
    if shape is None and ("shape" in kwargs or not c.plain) and not c.args and "batch_shape" not in kwargs:
        return run.lost("Input()", c.node, c.frame, "the shape is None so far")
    named = kwargs.get("name") is not None
    if not named:
        kwargs["name"] = run.layer_name("InputLayer")
    layer = make_layer(run, TABLE["InputLayer"], Call(c.args, kwargs, c.node, c.frame, c.plain, c.via))
    if not isinstance(layer, Layer):
        return layer
    object.__setattr__(layer, "named", named)
    return node_of(run, layer, [], c.span, c.line).output


# --- models ------------------------------------------------------------------------------------------------


def new_model(run: Run, kind: str, c: Call) -> ModelValue:
    """A model that is made here: named after the function around it, or by the name it gets."""
    name = c.kwargs.get("name")
    given = name if isinstance(name, str) else run.layer_name(kind)
    model = ModelValue(kind, given, c.span, c.line, named=name is not None)
    inside = next((f for f in reversed(run.calls) if not isinstance(f.node, ast.Lambda)), None)
    if inside is not None:
        model.name, model.entry = inside.name, "function"
    model.marks = run.marks
    model.doubts += [loop.place for loop in run.marks if loop.carries][-1:]
    run.models.append(model)
    run.within[model] = tuple(run.calls)
    return model


@function("keras.models.Sequential", "keras.models.Model", "keras.models.Functional")
def make_model(run: Run, c: Call) -> Value:
    """``Sequential([Dense(8), ...])``, ``Model(inputs, outputs)``."""
    model = new_model(run, "Sequential" if c.name == "Sequential" else "Functional", c)
    (fill_sequential if model.kind == "Sequential" else connect)(run, model, c)
    return model


def connect(run: Run, model: ModelValue, c: Call) -> None:
    """Takes inputs and outputs from a constructor call."""
    given = c.get(0, "inputs", c.kwargs.get("input"))
    results = c.get(1, "outputs", c.kwargs.get("output"))
    note_names(run, c, c.name if c.name == "__init__" else "Model")
    model.input_structure, model.structure = by_key(given), by_key(results)
    inputs, outputs = tensors_of(run, given), tensors_of(run, results)
    if not inputs or not outputs:
        doubt(model, c, f"the {'outputs' if inputs else 'inputs'} of the model are not known")
        return
    model.inputs, model.outputs = inputs, outputs
    for what, value in (("inputs", given), ("outputs", results)):
        if isinstance(value, Open) and not (what == "inputs" and f"{run.key(value)}.shape" in run.pinned):
            doubt(model, c, f"the {what} '{value.text}' are not known: {value.why}")
        if isinstance(value, (list, tuple)) and any(isinstance(v, Rest) for v in value):
            doubt(model, c, f"the number of {what} is not known")
    if not model.doubts:
        _hold_together(run, model, c)


def _hold_together(run: Run, model: ModelValue, c: Call) -> None:
    """Keras refuses outputs that depend on an Input that is not given: of a loop, it is perhaps given all the same."""
    others = [n for n in run.nodes if n.kind == "InputLayer" and not n.inputs and n.output not in model.inputs]
    missing = {*others}.intersection(between(model.inputs, model.outputs)) if others else ()
    if missing and not any(run.marked.get(node) for node in missing):
        first = next(node for node in others if node in missing)
        path = getattr(first.layer.made_at, "path", c.span.path)
        place = f"{'line ' if path == c.span.path else f'{path}:'}{run.lines.get(first, c.line)}"
        why = f"an output depends on the Input of {place}, which is not among the inputs"
        run.fact("refused", c.span, message=why, layer="Model")


@method(ModelValue, "__init__")
def initialise(run: Run, model: ModelValue, c: Call) -> None:
    """``super().__init__(...)`` in a class of the program."""
    if isinstance(c.kwargs.get("name"), str):
        model.keras_name, model.named = c.kwargs["name"], True
    if model.kind == "Sequential":
        fill_sequential(run, model, c)
    elif len(c.args) >= 2 or "outputs" in c.kwargs:
        model.kind = "Functional"
        connect(run, model, c)


@callable_as(ModelValue)
def apply_model(run: Run, model: ModelValue, c: Call) -> Value:
    """``model(x)``."""
    given = [*c.args, *(c.kwargs[k] for k in ("inputs", "x") if k in c.kwargs)]
    value = given[0] if given else None
    if isinstance(value, dict) and model.kind == "Functional":
        own = [tensor.node.layer.name if tensor.node else tensor.name for tensor in model.inputs]
        names = list(model.input_structure) if isinstance(model.input_structure, dict) else own
        value = [value[name] for name in names] if set(names) <= set(value) else value  # the rest Keras leaves out
    inputs = tensors_of(run, value)
    if not inputs:
        return opaque(run, [], c.span, c.line, "a model is applied to something that is no tensor").output
    beside = [*c.args[1:], *(v for k, v in c.kwargs.items() if k not in ("inputs", "x", "training", "mask"))]
    if model.kind == "Subclass" and any(v is not None and v is not False for v in beside):
        why = f"what {model.name} does with more than one argument is not followed"
        doubt(model, c, why)
        return opaque(run, inputs, c.span, c.line, why).output
    built(run, model, inputs, value)
    if model.built and _others(model, inputs):
        why = f"what {model.name or model.kind} does with other inputs than those it is built on is not followed"
        if model.kind == "Subclass" and len(inputs) != len(model.inputs):
            doubt(model, c, why)
        return opaque(run, inputs, c.span, c.line, why).output
    model.fed = model.fed or "training" in c.kwargs
    run.promised.discard(model)
    options = {"training": c.kwargs["training"]} if isinstance(c.kwargs.get("training"), bool) else {}
    node = node_of(run, as_layer(run, model), inputs, c.span, c.line, "call", **options)
    alone = model.kind == "Functional" and isinstance(model.structure, list) and len(model.structure) == 1
    return result(node, None if alone and run.certain < 3 else model.structure)  # Keras 2 makes a tensor of it


def _others(model: ModelValue, inputs: list[Tensor]) -> bool:
    """Whether it was built on inputs of another number or of other sizes. A functional model says which it takes:
    call() of a class takes what it likes, and whether a Sequential takes several hangs on the version and the data.
    """
    sizes = model.kind == "Subclass" and any(map(differ, model.inputs, inputs))
    return model.kind != "Functional" and (sizes or len(inputs) != len(model.inputs))


# --- functions of the layers' modules that make a layer and apply it at once


MERGING = {name: name.capitalize() for name in words("add subtract multiply average maximum minimum concatenate dot")}


def make_and_apply(run: Run, kind: str, value: Value, c: Call, kwargs: dict[str, Value]) -> Value:
    """``add([a, b])``: a layer that is made and applied by one call."""
    made = make_layer(run, TABLE[kind], Call((), kwargs, c.node, c.frame, plain=c.plain))
    if not isinstance(made, Layer):
        return made
    return apply_layer(run, made, Call((value,), {}, c.node, c.frame))


@function(*(f"keras.layers.{name}" for name in MERGING))
def _merged(run: Run, c: Call) -> Value:
    kind, value = MERGING[c.name], c.get(0, "inputs")
    kwargs = {k: v for k, v in c.kwargs.items() if k != "inputs"}
    if kind in ("Concatenate", "Dot") and len(c.args) > 1:
        kwargs["axis" if kind == "Concatenate" else "axes"] = c.args[1]
    return make_and_apply(run, kind, value, c, kwargs)


@function("keras.layers.merge", "keras.legacy.layers.merge", "keras.layers.Merge")
def _merge(run: Run, c: Call) -> Value:
    mode, given = c.get(1, "mode", "sum"), c.get(0, "inputs", c.kwargs.get("layers"))
    kind = TABLES["merging.modes"].get(mode) if isinstance(mode, str) else None
    kwargs = {k: v for k, v in c.kwargs.items() if k == "name"}
    if c.name == "Merge":  # of models, in the place of a layer
        note_removed(run, c, "Merge")
        models = given if isinstance(given, (list, tuple)) and all(isinstance(v, ModelValue) for v in given) else ()
        given = [tensor for model in models for tensor in model.outputs]
        if kind is None or len(models) < 2 or not all(len(model.outputs) == 1 for model in models):
            return run.lost("Merge()", c.node, c.frame, "Merge is not followed here")
    elif kind is None:
        note_removed(run, c, "merge")
        if isinstance(mode, Function):
            return make_and_apply(run, "Lambda", given, c, {"function": mode, **kwargs})
        found = tensors_of(run, given) or []
        return opaque(run, found, c.span, c.line, f"merge with mode {opens.text_of(mode)}").output
    else:
        note_merge(run, c, next(name for name, merged in MERGING.items() if merged == kind))
    if kind == "Concatenate":
        kwargs["axis"] = c.kwargs.get("concat_axis", -1)
    if kind == "Dot":
        kwargs["axes"] = c.kwargs.get("dot_axes", -1)
    return make_and_apply(run, kind, given, c, kwargs)


@function("keras.activations.get")
def _get_activation(run: Run, c: Call) -> Value:
    value = c.get(0, "identifier")
    return External(f"keras.activations.{value or 'linear'}") if value is None or isinstance(value, str) else value


@function("keras.layers.deserialize", "keras.layers.serialize")
@function("keras.utils.get_source_inputs", "keras.ops.operation_utils.get_source_inputs")
def _source(run: Run, c: Call) -> Value:
    """get_source_inputs: the inputs that a tensor comes from."""
    tensor = c.get(0, "tensor")
    if c.name != "get_source_inputs" or not isinstance(tensor, Tensor):
        return run.lost(c.name, c.node, c.frame, f"{c.name}() is not evaluated")
    return origins(tensor)
