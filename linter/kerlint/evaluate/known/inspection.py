"""Looking into objects: Python's own functions, and those that reach outside; what the program reads of a layer."""

from __future__ import annotations

import ast
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from kerlint.evaluate.apply import argument, result
from kerlint.evaluate.assign import delete_attribute
from kerlint.evaluate.attributes import attribute_of, set_attribute, set_plainly
from kerlint.evaluate.calls import CALLABLE
from kerlint.evaluate.derived import descends, is_layer
from kerlint.evaluate.escape import escape_value
from kerlint.evaluate.known.builtins import unknown
from kerlint.evaluate.names import Names
from kerlint.evaluate.registry import ATTRIBUTES, FUNCTIONS, METHODS, attribute, function, method, words
from kerlint.evaluate.state import Raised, Run, Stopped
from kerlint.evaluate.streams import Stream
from kerlint.evaluate.tries import has
from kerlint.evaluate.values import Array, Call, Class, Demanded, External, Function, Instance, ModelValue, Open, Value
from kerlint.graph.dim import BATCH, Poly
from kerlint.graph.graph import Node, Tensor
from kerlint.graph.layer import Layer, Silent
from kerlint.layers.policies import no_weights
from kerlint.layers.shapes import declared
from kerlint.layers.table import find

TYPES: dict[str, tuple[type, ...]] = {
    **{f"builtins.{kind.__name__}": (kind,) for kind in (int, float, str, list, bytes, tuple, dict, set, bool)},
    **dict.fromkeys(("builtins.unicode", "builtins.basestring"), (str,)), "builtins.long": (int,),
    **dict.fromkeys(("collections.abc.Iterable", "collections.Iterable"), (list, tuple, dict, set, str)),
    **dict.fromkeys(("keras.models.Model", "keras.models.Sequential"), (ModelValue,)), "numpy.ndarray": (Array,),
    "keras.layers.Layer": (Layer, ModelValue), "tensorflow.Tensor": (Tensor,), "keras.KerasTensor": (Tensor,),
    "types.FunctionType": (Function,), "numbers.Integral": (int,), "numbers.Number": (int, float),
    "collections.abc.Sequence": (list, tuple, str),
}  # fmt: skip


@function("builtins.isinstance", "builtins.issubclass")
def _isinstance(run: Run, c: Call) -> Value:
    value, kinds = c.get(0, "obj"), c.get(1, "kinds")
    ask = _is if c.name == "isinstance" else descends
    answers = [ask(value, kind) for kind in (kinds if isinstance(kinds, tuple) else (kinds,))]
    return True if True in answers else unknown(run, c) if None in answers else False


def _is(value: Value, kind: Value) -> bool | None:
    if isinstance(value, (Open, External, Demanded, Stream)):
        return None
    if isinstance(value, Instance) and isinstance(kind, (Class, External)):
        lost = isinstance(kind, External) and (value.model or value.custom)
        return True if descends(value.cls, kind) else None if lost else False
    if isinstance(kind, Class):
        return None if kind.external() else False
    if not isinstance(kind, External):
        return value is None if kind is None else None
    if isinstance(value, Poly):
        return kind.name in ("builtins.int", "numbers.Number", "numbers.Integral")
    if isinstance(value, ModelValue) and kind.name == "keras.models.Sequential":
        return value.kind == "Sequential"
    if kind.name in TYPES:
        return isinstance(value, TYPES[kind.name])
    if isinstance(value, Layer):
        return is_layer(value.kind, kind.short) if kind.name.startswith("keras.layers.") else False
    return False if isinstance(value, (int, float, str, list, tuple, dict, type(None))) else None


@function("builtins.hasattr")
def _hasattr(run: Run, c: Call) -> Value:
    value, name = c.get(0, "obj"), c.get(1, "name")
    if isinstance(value, (Layer, Tensor, ModelValue)) and isinstance(name, str):
        kind = type(value)
        own = isinstance(value, Layer) and name in list(value.config)
        return own or (kind, name) in ATTRIBUTES or (kind, name) in METHODS
    found = has(value, name) if isinstance(name, str) else None
    return unknown(run, c) if found is None else found


@function("builtins.getattr")
def _getattr(run: Run, c: Call) -> Value:
    value, name = c.get(0, "obj"), c.get(1, "name")
    if not isinstance(name, str):
        return unknown(run, c)
    if len(c.args) > 2 and _hasattr(run, Call(c.args[:2], {}, c.node, c.frame)) is False:
        return c.args[2]
    try:
        return attribute_of(run, value, name, c.node, c.frame)
    except Raised as why:  # by its own __getattr__()
        if len(c.args) < 3 or why.kind != "AttributeError":
            raise
        return c.args[2]


FUNCTIONS["builtins.setattr"] = lambda run, c: set_attribute(run, c.args[0], c.args[1], c.args[2], c.node, c.frame)
FUNCTIONS["builtins.delattr"] = lambda run, c: delete_attribute(run, c.args[0], c.args[1], c.node, c.frame)


@function("builtins.object.__setattr__")
def _set_past(run: Run, c: Call) -> None:
    """Past Keras, which does not see what the object holds now."""
    set_plainly(run, c.args[0], replace(c, args=c.args[1:]))
    run.late.append(c.args[2])


@function("builtins.globals", "builtins.locals")
def _names(run: Run, c: Call) -> Value:
    names = (c.frame.module if c.name == "globals" else c.frame).names
    if isinstance(names, Names):
        names.lost = run.unresolved(c.frame, c.node, "which name is set is not known")
    return names if isinstance(names, Names) else dict(names)


@function("builtins.property")
def _property(run: Run, c: Call) -> Value:
    made, others = c.get(0, "fget"), {"setter": c.get(1, "fset")}
    return replace(made, kind="property", attributes=others) if isinstance(made, Function) else unknown(run, c)


@function("builtins.eval")
def _eval(run: Run, c: Call) -> Value:
    text = c.get(0, "source")
    try:
        body = ast.parse(text.strip() if isinstance(text, str) and len(text) <= 200 else "", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return run.lost("eval", c.node, c.frame, "what eval() gives is not known")
    for node in ast.walk(body):  # it stands where the call stands
        ast.copy_location(node, c.node)
    return run.evaluate(run, body, c.frame)


@function("builtins.exec")
def _exec(run: Run, c: Call) -> Value:
    """What it binds is not known, and what it reads may be changed; of an unknown text, anything."""
    place, text = run.unresolved(c.frame, c.node, f"what exec() does (line {c.line})"), c.get(0, "source")
    try:
        names = [part for part in ast.walk(ast.parse(text)) if isinstance(part, ast.Name)]
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        run.spoiled.append(place)
        return None
    for name in names:
        escape_value(run, c.frame.get(name.id), place)
        if not isinstance(name.ctx, ast.Load):
            c.frame.set(name.id, run.fresh(name.id, name.id, place.reason))


@function("builtins.type")
def _type(run: Run, c: Call) -> Value:
    value = c.get(0, "obj")
    if isinstance(value, (Instance, Layer, ModelValue)):
        return attribute_of(run, value, "__class__", c.node, c.frame)
    for name, kinds in TYPES.items():
        if name.startswith(("builtins.", "keras.KerasTensor")) and type(value) in kinds:
            return External(name)
    return unknown(run, c)


@function("builtins.callable")
def _callable(run: Run, c: Call) -> Value:
    value = c.get(0, "obj")
    if isinstance(value, Instance):
        return isinstance(value.cls.lookup("__call__"), Function) or bool(value.model or value.custom)
    return unknown(run, c) if isinstance(value, Open) else type(value) in CALLABLE


FUNCTIONS.update({f"builtins.{name}": lambda _run, _c: None for name in words("print display get_ipython")})


@function("builtins.exit", "builtins.quit", "sys.exit", "os._exit")
def _exit(run: Run, c: Call) -> Value:
    raise Stopped("the program ends itself")


FUNCTIONS["builtins.slice"] = lambda run, c: slice(*c.args) if c.args else unknown(run, c)
FUNCTIONS["builtins.object"] = lambda run, _c: run.fresh("object", "object()", "an object")


# --- what the program reads of a layer, and that it builds one itself ---------------------------------------------


def _applied(run: Run, layer: Layer, what: str, read: Callable[[Node], Value]) -> Value:
    """What the first application of a layer gave, or was given: of several, Keras reads that one."""
    run.held[layer] = None
    node = next((node for node in run.nodes if node.layer is layer), None)
    lost = Open(f"{layer.name}.{what}", f"{layer.name}.{what}", f"{layer.name} has not been applied")
    return lost if node is None else read(node)


@method(Layer, "get_output_at")
def _output_at(run: Run, layer: Layer, c: Call) -> Value:
    """What one of several applications gave: of a layer inside a model, those of the model may count, too."""
    run.held[layer] = None
    found, index = [node for node in run.nodes if node.layer is layer], c.get(0, "node_index")
    inside = any(layer in graph.layers for model in run.nested.values() for graph in model.graphs)
    if inside or not isinstance(index, int) or not 0 <= index < len(found):
        return run.lost("output_at", c.node, c.frame, "which application it is")
    return result(found[index])


def _given(node: Node) -> Value:
    found = node.inputs or node.outputs  # an input is its own
    return found[0] if len(found) == 1 else list(found)


@attribute(Layer, "output_shape")
def _output_shape(run: Run, layer: Layer) -> Value:
    found = _applied(run, layer, "output", result)
    return attribute_of(run, found, "shape", None, None) if isinstance(found, Tensor) else found  # type: ignore[arg-type]


ATTRIBUTES[Layer, "name"] = lambda _run, layer: layer.name
ATTRIBUTES[Layer, "input"] = partial(_applied, what="input", read=_given)
ATTRIBUTES[Layer, "output"] = partial(_applied, what="output", read=result)


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
        if all(isinstance(d, (int, Poly, type(None))) for shape in shapes for d in shape):
            inputs = tuple(Tensor(declared(shape, place), run.floatx) for place, shape in enumerate(shapes))
            node = Node(layer, inputs, c.span, "held")
            if len(node.outputs) == 1 and node.refused is None:
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
