"""Methods and attributes of models."""

from __future__ import annotations

import re
from typing import Any

from kerlint.evaluate import opens
from kerlint.evaluate.apply import argument, axes_after, tensors_of
from kerlint.evaluate.escape import tensors_in
from kerlint.evaluate.known.arrays import shape_of
from kerlint.evaluate.known.copies import state_of
from kerlint.evaluate.known.sequential import add_item, built, changes, doubt, input_tensor
from kerlint.evaluate.known.tensors import shape_tuple
from kerlint.evaluate.models import TRAINING, LayerList, layers_of, used
from kerlint.evaluate.mutation import alter
from kerlint.evaluate.registry import ATTRIBUTES, METHODS, attribute, method, named, words
from kerlint.evaluate.spelling import note_names
from kerlint.evaluate.state import Run
from kerlint.evaluate.subscripts import ITEMS, subscript
from kerlint.evaluate.values import MISSING, Array, Bound, Call, External, Function, Instance, ModelValue, Open, Value
from kerlint.graph.graph import Compile
from kerlint.graph.layer import Layer
from kerlint.graph.objective import Pair

METHODS[ModelValue, "add"] = lambda run, model, c: add_item(run, model, c.get(0, "layer"), c.span, "add", c)


@method(ModelValue, "pop")
def _pop(run: Run, model: ModelValue, c: Call) -> Value:
    run.fact("relies-on-structure", c.span, what="pop")
    changes(run, model, c)
    if not model.items:
        return None
    item = model.items.pop()
    if item.node is not None:
        run.nodes = [n for n in run.nodes if n is not item.node]
        model.outputs = list(item.node.inputs[:1])
    return item.layer


@method(ModelValue, "build")
def _build(run: Run, model: ModelValue, c: Call) -> None:
    given = c.get(0, "input_shape", c.kwargs.get("batch_input_shape"))
    if model.built or given is None:
        return
    own = model.instance.cls.lookup("build") if model.instance is not None and model.kind == "Subclass" else None
    if own is MISSING and (run.keras or run.evidence) > 2:
        run.promised.add(model)
    shapes = given if isinstance(given, list) and given and isinstance(given[0], (tuple, list)) else [given]
    known = [argument(run, "batch_shape", s) for s in shapes if isinstance(s, (tuple, list, Open))]
    tensors = [input_tensor(run, model, shape) for shape in known]
    if tensors:
        built(run, model, tensors)


# Where compile() takes what: Keras 3 has loss_weights in front of the metrics.
ORDER = {"loss": 1, "metrics": 2}


@method(ModelValue, "compile")
def _compile(run: Run, model: ModelValue, c: Call) -> None:
    run.returned += tensors_in([*c.args, *c.kwargs.values()])  # what a loss holds is reckoned with
    order = ORDER | {"metrics": 3} if run.keras == 3 else ORDER
    lost = run.fresh("**", "...", f"an argument that ** may hold (line {c.line})") if "**" in c.kwargs else None
    found = {name: compiled(run, c.get(index, name, lost)) for name, index in order.items()}
    model.compile = Compile(found["loss"], found["metrics"], c.span)


def compiled(run: Run, value: Value) -> Any:
    """A loss or metric in canonical names; a dictionary as pairs."""
    if isinstance(value, External) and value.name.startswith(("keras.", "tensorflow.")):
        return value.short
    if isinstance(value, (list, tuple)):
        return tuple(compiled(run, v) for v in value)
    if isinstance(value, dict):
        return tuple(Pair(k, compiled(run, v)) for k, v in value.items())
    return argument(run, "compile", value)


HARMLESS = named("model_methods.harmless")


@method(ModelValue, *TRAINING, *HARMLESS)
def _harmless(run: Run, model: ModelValue, c: Call) -> Value:
    used(model, c.name)
    if c.name in TRAINING:
        _call_back(run, model, c.kwargs.get("callbacks"))
    elif c.name == "save" and isinstance(path := c.get(0, "filepath"), (str, Open)):
        run.stored[opens.key_of(run, path)] = state_of(run, model)
    note_names(run, c, c.name.removesuffix("_generator"))
    text = c.frame.source.text(c.node)
    if c.name in TAKES_DATA:
        model.fed = True
        _build_on(run, model, c.get(0, "x", c.kwargs.get("generator")))
    return run.fresh(text, text, f"what a trained model gives is not known (line {c.line})")


def _call_back(run: Run, model: ModelValue, callbacks: Value) -> None:
    """Keras calls the methods of callbacks, which know the model."""
    for callback in callbacks if isinstance(callbacks, (list, tuple)) else [callbacks]:
        if isinstance(callback, Instance):
            callback.names["model"] = model.instance or model
            for name, own in callback.cls.names.items():
                alter(run, Bound(callback, own, name) if isinstance(own, Function) else own)


ASKING = words("predict evaluate test_on_batch predict_on_batch predict_generator evaluate_generator")
TAKES_DATA = frozenset([*TRAINING, *ASKING])


def _build_on(run: Run, model: ModelValue, data: Value) -> None:
    """Builds what had no input shape on the data that it is given. Rows that are single numbers tell nothing where
    both can be: until TensorFlow 2.6 they become a column, later they stay what they are."""
    if isinstance(data, Open) and data.element is not None:
        data = data.element[0] if isinstance(data.element, tuple) else data.element
    parts = list(data.values()) if isinstance(data, dict) else data if isinstance(data, (list, tuple)) else [data]
    first = model.items[0].layer if model.items and run.certain < 3 else None
    if isinstance(data, Array) and len(data.shape) == 1 and isinstance(first, Layer) and axes_after(first, 1) == 0:
        parts = [Array((*data.shape, 1))]
    if not all(isinstance(part, Array) and len(part.shape) > 1 for part in parts):
        shape = shape_of(run, data) if isinstance(data, list) else None
        parts = [Array(shape)] if shape is not None and len(shape) > 1 else []
    tensors = tensors_of(run, list(parts))
    if tensors:
        built(run, model, tensors, data)


@method(ModelValue, "load_weights", "set_weights", "get_weights")
def _weights(run: Run, model: ModelValue, c: Call) -> Value:
    run.fact("relies-on-structure", c.span, what=c.name)
    if c.name == "load_weights" and model.trains is None:
        model.trains = False
    copied = isinstance(value := c.get(0, "weights"), Open) and value.text == "get_weights()"
    if (c.name == "set_weights" and not copied) or (c.name == "get_weights" and c.frame.function is None):
        run.given.setdefault(model, True)  # or looks at them, as a script does that shows how they start
    return run.fresh("weights", f"{c.name}()", f"weights are not known (line {c.line})")


@method(Layer, "enable_lora", "quantize")
@method(ModelValue, "quantize")
def _other_weights(run: Run, _of: object, c: Call) -> None:
    run.spoiled.append(run.unresolved(c.frame, c.node, f"what weights there are after {c.name}() is not known"))


@method(ModelValue, "add_weight", "add_variable")
def _own_weight(run: Run, model: ModelValue, c: Call) -> Value:
    doubt(model, c, "a weight of the model itself is not counted")
    return run.lost("weight", c.node, c.frame, "a weight of the model")


@attribute(ModelValue, "weights", "variables", "non_trainable_weights")
def _all_weights(run: Run, model: ModelValue) -> Value:
    run.given.setdefault(model, True)  # perhaps to be assigned
    return run.fresh("weights", "weights", "weights are not known", model)


@attribute(ModelValue, "trainable_weights", "trainable_variables")
def _learning(run: Run, model: ModelValue) -> Value:
    run.given[model] = False  # a training loop of the program's own
    return run.fresh("weights", "weights", "weights are not known", model)


@method(ModelValue, "get_layer")
def _get_layer(run: Run, model: ModelValue, c: Call) -> Value:
    name, index = c.get(0, "name"), c.get(1, "index")
    run.fact("relies-on-structure", c.span, what="get_layer", name=name if isinstance(name, str) else None)
    layers = layers_of(run, model)
    if isinstance(index, int) and -len(layers) <= index < len(layers):
        return _pick(run, LayerList(layers), index, c.node, c.frame)
    for layer in layers:
        own = layer.custom if isinstance(layer, Instance) else layer
        if run.standalone and run.evidence < 3 and not getattr(own, "named", False):
            continue  # its number: Keras counts from 0, up to 2.3 from 1
        if getattr(own, "keras_name", getattr(own, "name", None)) in (name, str(name).replace("/", "_")):
            run.held[layer] = None
            return layer
    begins = [layer for layer in layers if isinstance(layer, Layer) and layer.kind == "InputLayer" and not layer.named]
    by_keras_2 = run.certain < 3 and re.fullmatch(r"input_\d+", str(name))
    if by_keras_2 and len(begins) == len(model.inputs) == 1:
        run.held[begins[0]] = None
        return begins[0]
    run.perhaps.update(dict.fromkeys(layers))
    return run.lost("get_layer", c.node, c.frame, "no layer of this name is known")


# --- attributes --------------------------------------------------------------------------------------------


def _pick(run: Run, target: Value, index: Value, node: Any, frame: Any) -> Value:
    run.fact("relies-on-structure", frame.source.span(node), what="layers[...]")
    found = subscript(run, list(target), index, node, frame)
    picked = found if isinstance(found, list) else [found]
    run.held.update((layer, None) for layer in picked if isinstance(layer, (Layer, ModelValue)))
    return found


ITEMS[LayerList] = _pick


def _tensors(name: str) -> None:
    @attribute(ModelValue, name)
    def read(run: Run, model: ModelValue) -> Value:
        found = read_all(run, model)
        if model.kind == "Sequential" and run.certain >= 3:
            why = "Keras 3 takes that of the first call, if there is one"
            return run.fresh(name, f"{model.keras_name}.{name}", why)
        return found[0] if isinstance(found, list) and len(found) == 1 else found

    @attribute(ModelValue, f"{name}s")
    def read_all(run: Run, model: ModelValue) -> Value:
        found = model.inputs if name == "input" else model.outputs
        text = f"{model.keras_name}.{name}s"
        return list(found) or Open(text, text, "the model is not built")

    @attribute(ModelValue, f"{name}_shape")
    def shape(run: Run, model: ModelValue) -> Value:
        found = model.inputs if name == "input" else model.outputs
        if len(found) != 1:
            return Open(f"{model.keras_name}.{name}_shape", f"{name}_shape", "several shapes, or none")
        return shape_tuple(run, found[0])


_tensors("input")
_tensors("output")


ATTRIBUTES[ModelValue, "__class__"] = lambda _, m: External(f"keras.models.{m.kind.replace('Subclass', 'Functional')}")
ATTRIBUTES[ModelValue, "layers"] = lambda run, model: LayerList(layers_of(run, model))
ATTRIBUTES[ModelValue, "name"] = lambda _run, model: model.keras_name
ATTRIBUTES[ModelValue, "trainable"] = lambda run, model: run.frozen.get(model, True)
