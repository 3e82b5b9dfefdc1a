"""Functions of the layers' modules that make a layer and apply it at once; activations."""

from __future__ import annotations

from kerlint.evaluate import opens
from kerlint.evaluate.apply import opaque, tensors_of
from kerlint.evaluate.known.keras_layers import apply_layer, make_layer
from kerlint.evaluate.models import origins
from kerlint.evaluate.registry import function
from kerlint.evaluate.spelling import note_merge, note_removed
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import Call, External, Function, ModelValue, Value
from kerlint.evaluate.words import TABLES, words
from kerlint.graph.graph import Tensor
from kerlint.graph.layer import Layer
from kerlint.layers.table import TABLE

MERGING = {name: name.capitalize() for name in words("add subtract multiply average maximum minimum concatenate dot")}
MERGE_MODES: dict[str, str] = TABLES["merging.modes"]


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
    kind = MERGE_MODES.get(mode) if isinstance(mode, str) else None
    kwargs = {k: v for k, v in c.kwargs.items() if k == "name"}
    if c.name == "Merge":  # of models, in the place of a layer
        note_removed(run, c, "Merge")
        models = given if isinstance(given, (list, tuple)) and all(isinstance(v, ModelValue) for v in given) else ()
        given = [tensor for model in models for tensor in model.outputs]
        if kind is None or len(models) < 2 or not all(len(model.outputs) == 1 for model in models):
            return run.fresh("Merge()", c.frame.source.text(c.node), f"Merge is not followed here (line {c.line})")
    elif isinstance(mode, Function):
        note_removed(run, c, "merge")
        return make_and_apply(run, "Lambda", given, c, {"function": mode, **kwargs})
    elif kind is None:
        note_removed(run, c, "merge")
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
    if value is None or isinstance(value, str):
        return External(f"keras.activations.{value or 'linear'}")
    return value


@function(
    *words("keras.layers.deserialize keras.layers.serialize"),
    *words("keras.utils.get_source_inputs keras.ops.operation_utils.get_source_inputs"),
)
def _source(run: Run, c: Call) -> Value:
    """get_source_inputs: the inputs that a tensor comes from."""
    tensor = c.get(0, "tensor")
    if c.name != "get_source_inputs" or not isinstance(tensor, Tensor):
        return run.fresh(c.name, c.frame.source.text(c.node), f"{c.name}() is not evaluated (line {c.line})")
    return origins(tensor)
