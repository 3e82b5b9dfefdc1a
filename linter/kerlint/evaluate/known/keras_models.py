"""Input, Sequential, Model: making them, growing them, applying them, reading them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from kerlint.evaluate import opens
from kerlint.evaluate.apply import argument, node_of, opaque, raw, tensors_of
from kerlint.evaluate.calls import callable_as
from kerlint.evaluate.known.keras_layers import ignored_arguments, make_layer
from kerlint.evaluate.models import as_layer, layers_of
from kerlint.evaluate.registry import attribute, function, method
from kerlint.evaluate.subscripts import ITEMS, subscript
from kerlint.evaluate.values import Array, Call, Instance, Item, ModelValue, Open, Rest, Value
from kerlint.graph.dim import BATCH, Poly, symbol
from kerlint.graph.graph import Compile, Tensor, Unresolved
from kerlint.graph.layer import Layer, Unknown
from kerlint.layers.table import TABLE

if TYPE_CHECKING:
    from kerlint.evaluate.state import Run


# --- Input -------------------------------------------------------------------------------------------------


@function("keras.Input")
def make_input(run: Run, c: Call) -> Value:
    """``Input(shape=(8,))``: the tensor."""
    wrapped = c.kwargs.get("tensor", c.kwargs.get("input_tensor"))
    if wrapped is not None:
        return wrapped
    kwargs = {k: v for k, v in c.kwargs.items() if k not in ("tensor", "input_tensor")}
    shape = c.get(0, "shape")
    if run.generation("Input") < 3 and isinstance(shape, (int, Poly)) and "shape" in kwargs:
        kwargs["shape"] = (shape,)  # a bare size was a shape before Keras 3
    if kwargs.get("name") is None:
        kwargs["name"] = run.layer_name("InputLayer")
        generated = True
    else:
        generated = False
    layer = make_layer(run, TABLE["InputLayer"], "Input", Call(c.args, kwargs, c.node, c.frame, c.plain, c.via))
    if not isinstance(layer, Layer):
        return layer
    object.__setattr__(layer, "named", not generated)
    return node_of(run, layer, [], c.span, c.line).output


# --- models ------------------------------------------------------------------------------------------------


def new_model(run: Run, kind: str, c: Call, prefix: str) -> ModelValue:
    """A model that is made here: named after the function around it, or by the name it gets."""
    name = c.kwargs.get("name")
    given = name if isinstance(name, str) else run.layer_name(prefix)
    model = ModelValue(kind, given, c.span, c.line, named=name is not None)
    inside = next((f for f in reversed(run.calls) if not isinstance(f.node, ast.Lambda)), None)
    if inside is not None:
        model.name, model.entry = inside.name, "function"
    model.marks = run.marks
    if run.doubting:
        model.doubts.append(run.doubting[-1])
    run.models.append(model)
    return model


@function("keras.models.Sequential")
def make_sequential(run: Run, c: Call) -> Value:
    """``Sequential([Dense(8), ...])``."""
    model = new_model(run, "Sequential", c, "Sequential")
    fill_sequential(run, model, c)
    return model


def fill_sequential(run: Run, model: ModelValue, c: Call) -> None:
    """Adds the layers of a constructor call."""
    given = c.get(0, "layers")
    if given is None:
        return
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


def doubt(model: ModelValue, c: Call, reason: str) -> None:
    """The model is not complete, for this reason."""
    model.doubts.append(Unresolved(c.span, c.line, reason))


def add_item(run: Run, model: ModelValue, value: Value, span: Any, form: str, c: Call) -> None:
    """One more layer at the end of a Sequential."""
    if isinstance(value, Instance) and value.model is not None:
        value = value.model
    line = run.lines.get(value, c.line) if form == "element" and isinstance(value, Layer) else c.line
    if span is None:
        span = getattr(value, "made_at", None) or c.span
    model.as_layer = None
    if run.marks != model.marks and len(run.marks) > len(model.marks):
        model.doubts.append(Unresolved(c.span, c.line, "a loop over an unknown number of steps"))
    if isinstance(value, Rest) or value is None:
        doubt(model, c, value.why if isinstance(value, Rest) else "None is added as a layer")
        return
    item = Item(value, span, form)
    model.items.append(item)
    if isinstance(value, Tensor):
        model.inputs, model.outputs = [value], [value]
        return
    if isinstance(value, Layer) and value.kind == "InputLayer":
        tensor = node_of(run, value, [], span, line, form).output
        model.inputs, model.outputs = [tensor], [tensor]
        return
    if not model.inputs:
        start = _start(run, model, value)
        if start is None:
            return
        model.inputs, model.outputs = [start], [start]
        if isinstance(value, Layer):
            run.keywords.pop(value, None)
    elif isinstance(value, Layer):
        ignored_arguments(run, value, model.outputs)
    _extend(run, model, item, line)


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
            from kerlint.evaluate.known.tensors import prepare_lambda

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
        declared = value.inputs[0]
        return Tensor(declared.shape, declared.dtype, name=f"{model.keras_name}_input")
    if not isinstance(value, Layer):
        return None
    shape = declared_shape(value)
    if shape is None:
        inner = raw(value, "layer")
        shape = declared_shape(inner) if isinstance(inner, Layer) and value.kind != "TimeDistributed" else None
    if shape is None:
        return None
    return input_tensor(run, model, shape, "int32" if value.kind == "Embedding" else "float32")


def input_tensor(run: Run, model: ModelValue, shape: Any, dtype: str = "float32") -> Tensor:
    """An input of this shape (batch included)."""
    name = f"{model.keras_name}_input"
    if isinstance(shape, Unknown) or any(isinstance(d, Unknown) for d in shape):
        lost = shape if isinstance(shape, Unknown) else next(d for d in shape if isinstance(d, Unknown))
        return Tensor(Unknown(lost.expression, lost.why), dtype, name=name)
    free = [BATCH, *(symbol(f"T{axis}", (name, axis), free=True) for axis in range(1, len(shape)))]
    return Tensor(tuple(free[axis] if d is None else d for axis, d in enumerate(shape)), dtype, name=name)


def declared_shape(layer: Layer) -> Any:
    """The shape (batch included) in ``input_shape=``, ``input_dim=``, ``batch_input_shape=``; None without."""
    given = {a: raw(layer, a) for a in ("batch_input_shape", "batch_shape", "input_shape", "input_dim")}
    for name in ("batch_input_shape", "batch_shape"):
        if given.get(name) is not None:
            return given[name]
    size = raw(layer, "batch_size")
    if given.get("input_shape") is not None:
        shape = given["input_shape"]
        return (size, *shape) if isinstance(shape, tuple) else shape if isinstance(shape, Unknown) else (size, shape)
    length = raw(layer, "input_length")
    if layer.kind == "Embedding":
        return (size, length) if length is not None and not isinstance(length, tuple) else None
    if given.get("input_dim") is not None and "input_dim" not in layer.spec.signature:
        recurrent = raw(layer, "return_sequences") is not None or layer.kind in ("Conv1D", "LocallyConnected1D", "Bidirectional", "TimeDistributed")
        return (size, length, given["input_dim"]) if recurrent else (size, given["input_dim"])
    return None


@function("keras.models.Model", "keras.models.Functional")
def make_model(run: Run, c: Call) -> Value:
    """``Model(inputs, outputs)``."""
    model = new_model(run, "Functional", c, "Functional")
    connect(run, model, c)
    return model


def connect(run: Run, model: ModelValue, c: Call) -> None:
    """Takes inputs and outputs from a constructor call."""
    given = c.get(0, "inputs", c.kwargs.get("input"))
    results = c.get(1, "outputs", c.kwargs.get("output"))
    model.input_structure, model.structure = given, results
    inputs, outputs = tensors_of(run, given), tensors_of(run, results)
    if not inputs or not outputs:
        doubt(model, c, "the inputs of the model are not known" if not inputs else "the outputs of the model are not known")
        return
    model.inputs, model.outputs = inputs, outputs
    for what, value in (("inputs", given), ("outputs", results)):
        if isinstance(value, Open):
            doubt(model, c, f"the {what} '{value.text}' are not known: {value.why}")
    if isinstance(results, (list, tuple)) and any(isinstance(v, Rest) for v in results):
        doubt(model, c, "the number of outputs is not known")
    if isinstance(given, (list, tuple)) and any(isinstance(v, Rest) for v in given):
        doubt(model, c, "the number of inputs is not known")


@method(ModelValue, "__init__")
def initialise(run: Run, model: ModelValue, c: Call) -> Value:
    """``super().__init__(...)`` in a class of the program."""
    if isinstance(c.kwargs.get("name"), str):
        model.keras_name, model.named = c.kwargs["name"], True
    if model.kind == "Sequential":
        fill_sequential(run, model, c)
    elif len(c.args) >= 2 or "outputs" in c.kwargs:
        model.kind = "Functional"
        connect(run, model, c)
    return None


def built(run: Run, model: ModelValue, tensors: list[Tensor]) -> None:
    """Builds what had no input shape yet, on tensors of these shapes."""
    if model.built or model.kind == "Functional":
        return
    if model.kind == "Subclass":
        from kerlint.evaluate.subclass import build_subclass

        build_subclass(run, model, tensors)
        return
    first = tensors[0]
    shape = first.shape if isinstance(first.shape, Unknown) else (BATCH, *first.shape[1:])
    start = Tensor(shape, first.dtype, first.masked, name=f"{model.keras_name}_input")
    model.inputs, model.outputs = [start], [start]
    for item in model.items:
        line = run.lines.get(item.layer, model.line) if isinstance(item.layer, Layer) else model.line
        _extend(run, model, item, line)


@callable_as(ModelValue)
def apply_model(run: Run, model: ModelValue, c: Call) -> Value:
    """``model(x)``."""
    given = [*c.args, *(c.kwargs[k] for k in ("inputs", "x") if k in c.kwargs)]
    value = given[0] if given else None
    if isinstance(value, dict) and isinstance(model.input_structure, dict) and set(value) == set(model.input_structure):
        value = [value[name] for name in model.input_structure]
    inputs = tensors_of(run, value)
    if not inputs:
        return opaque(run, [], c.span, c.line, "a model is applied to something that is no tensor").output
    built(run, model, inputs)
    options = {"training": c.kwargs["training"]} if isinstance(c.kwargs.get("training"), bool) else {}
    node = node_of(run, as_layer(run, model), inputs, c.span, c.line, options=options)
    return packed(model.structure, list(node.outputs))


def packed(structure: Value, tensors: list[Tensor]) -> Value:
    """Tensors in the form in which a model gives its outputs."""
    if isinstance(structure, dict) and len(structure) == len(tensors):
        return dict(zip(structure, tensors, strict=True))
    return tensors[0] if len(tensors) == 1 else tensors


# --- methods -----------------------------------------------------------------------------------------------


@method(ModelValue, "add")
def _add(run: Run, model: ModelValue, c: Call) -> Value:
    add_item(run, model, c.get(0, "layer"), c.span, "add", c)
    return None


@method(ModelValue, "pop")
def _pop(run: Run, model: ModelValue, c: Call) -> Value:
    run.fact("relies-on-structure", c.span, what="pop")
    model.as_layer = None
    if not model.items:
        return None
    item = model.items.pop()
    if item.node is not None:
        run.nodes = [n for n in run.nodes if n is not item.node]
        model.outputs = list(item.node.inputs[:1])
    return item.layer


@method(ModelValue, "build")
def _build(run: Run, model: ModelValue, c: Call) -> Value:
    given = c.get(0, "input_shape", c.kwargs.get("batch_input_shape"))
    if model.built or given is None:
        return None
    shapes = given if isinstance(given, list) and given and isinstance(given[0], (tuple, list)) else [given]
    tensors = [input_tensor(run, model, argument(run, "batch_shape", s)) for s in shapes if isinstance(s, (tuple, list, Open))]
    if tensors:
        built(run, model, tensors)
    return None


@method(ModelValue, "compile")
def _compile(run: Run, model: ModelValue, c: Call) -> Value:
    order = {"optimizer": 0, "loss": 1, "metrics": 2}
    found = {n: compiled(run, c.get(i if i == 0 else 99, n, c.args[i] if len(c.args) > i else None)) for n, i in order.items()}
    model.compile = Compile(found["loss"], found["metrics"], found["optimizer"], c.span)
    return None


def compiled(run: Run, value: Value) -> Any:
    """A loss, metric or optimizer in canonical names."""
    from kerlint.evaluate.values import External

    if isinstance(value, External) and value.name.startswith(("keras.", "tensorflow.")):
        return value.short
    if isinstance(value, (list, tuple)):
        return tuple(compiled(run, v) for v in value)
    if isinstance(value, dict):
        return tuple((k, compiled(run, v)) for k, v in value.items())
    return argument(run, "compile", value)


HARMLESS = """summary fit fit_generator train_on_batch test_on_batch predict predict_on_batch predict_generator evaluate
evaluate_generator save save_weights to_json to_yaml get_config reset_states reset_metrics export make_predict_function
predict_classes predict_proba count_params _make_predict_function make_train_function""".split()


@method(ModelValue, *HARMLESS)
def _harmless(run: Run, model: ModelValue, c: Call) -> Value:
    text = c.frame.source.text(c.node)
    if not model.built and c.args and isinstance(c.args[0], Array) and c.name in ("fit", "predict", "evaluate"):
        data = tensors_of(run, c.args[0])
        if data:
            built(run, model, data)
    return run.fresh(text, text, f"what a trained model gives is not known (line {c.line})")


@method(ModelValue, "load_weights", "set_weights", "get_weights")
def _weights(run: Run, model: ModelValue, c: Call) -> Value:
    run.fact("relies-on-structure", c.span, what=c.name)
    return run.fresh("weights", "weights", f"weights are not known (line {c.line})")


@method(ModelValue, "get_layer")
def _get_layer(run: Run, model: ModelValue, c: Call) -> Value:
    name, index = c.get(0, "name"), c.get(1, "index")
    run.fact("relies-on-structure", c.span, what="get_layer", name=name if isinstance(name, str) else None)
    layers = layers_of(run, model)
    if isinstance(index, int) and -len(layers) <= index < len(layers):
        return held(run, layers[index])
    for layer in layers:
        if (layer.keras_name if isinstance(layer, ModelValue) else layer.name) == name:
            return held(run, layer)
    return run.fresh("get_layer", c.frame.source.text(c.node), f"no layer of this name is known (line {c.line})")


def held(run: Run, layer: Layer | ModelValue) -> Layer | ModelValue:
    """The program reads the layer again."""
    run.held[layer] = None
    return layer


# --- attributes --------------------------------------------------------------------------------------------


class LayerList(list[Any]):
    """``model.layers``: whoever picks from it relies on the structure."""


@attribute(ModelValue, "layers")
def _layers(run: Run, model: ModelValue) -> Value:
    found = LayerList(layers_of(run, model))
    if model.kind == "Subclass" and not model.built:
        found.append(Rest("*", "...", "the model is not built yet"))
    return found


def _pick(run: Run, target: Value, index: Value, node: Any, frame: Any) -> Value:
    run.fact("relies-on-structure", frame.source.span(node), what="layers[...]")
    found = subscript(run, list(target), index, node, frame)
    for layer in found if isinstance(found, list) else [found]:
        if isinstance(layer, (Layer, ModelValue)):
            held(run, layer)
    return found


ITEMS[LayerList] = _pick


def _tensors(name: str) -> None:
    @attribute(ModelValue, name, f"{name}s")
    def read(run: Run, model: ModelValue) -> Value:
        found = model.inputs if name == "input" else model.outputs
        if not found:
            return Open(f"{model.keras_name}.{name}", f"{model.keras_name}.{name}", "the model is not built")
        return found[0] if len(found) == 1 else list(found)

    @attribute(ModelValue, f"{name}s")
    def read_all(run: Run, model: ModelValue) -> Value:
        found = model.inputs if name == "input" else model.outputs
        return list(found) or Open(f"{model.keras_name}.{name}s", f"{model.keras_name}.{name}s", "the model is not built")

    @attribute(ModelValue, f"{name}_shape")
    def shape(run: Run, model: ModelValue) -> Value:
        from kerlint.evaluate.known.tensors import shape_tuple

        found = model.inputs if name == "input" else model.outputs
        if len(found) != 1:
            return Open(f"{model.keras_name}.{name}_shape", f"{name}_shape", "several shapes, or none")
        return shape_tuple(run, found[0])


_tensors("input")
_tensors("output")


@attribute(ModelValue, "name")
def _name(run: Run, model: ModelValue) -> Value:
    return model.keras_name


@attribute(ModelValue, "trainable")
def _trainable(run: Run, model: ModelValue) -> Value:
    return run.frozen.get(model, True)


@function("keras.models.load_model", "keras.models.model_from_json", "keras.models.model_from_yaml", "keras.models.clone_model")
def _load(run: Run, c: Call) -> Value:
    run.fact("relies-on-structure", c.span, what="load_model")
    return run.fresh("load_model()", c.frame.source.text(c.node), f"a model from a file is not known (line {c.line})")



def doubt_late(model: ModelValue) -> None:
    """A model that was never built."""
    if not model.doubts:
        why = "no input shape is given: the model is built when it is first called"
        model.doubts.append(Unresolved(model.made_at, model.line, why))
