"""Symbolic tensors: shapes as the program reads them, operators, subscripts, Lambda."""

from __future__ import annotations

import ast
from typing import Any

from kerlint.evaluate import opens
from kerlint.evaluate.apply import node_of, opaque, operation, result, tensor_of, tensors_of
from kerlint.evaluate.calls import call
from kerlint.evaluate.escape import tensors_in
from kerlint.evaluate.models import between
from kerlint.evaluate.names import Frame
from kerlint.evaluate.operators import OPERANDS
from kerlint.evaluate.registry import ATTRIBUTES, METHODS, TABLES, attribute, function
from kerlint.evaluate.state import Raised, Run
from kerlint.evaluate.subscripts import ITEMS, subscript
from kerlint.evaluate.values import MISSING, Array, Call, Function, Open, Value
from kerlint.graph.dim import Poly, symbols
from kerlint.graph.graph import Graph, Tensor
from kerlint.graph.layer import Config, Layer, Unknown
from kerlint.layers.policies import no_weights

OPERATORS: dict[str, str] = TABLES["tensors.operators"]


# --- shapes ------------------------------------------------------------------------------------------------


def shape_tuple(run: Run, tensor: Tensor, dynamic: bool = False) -> Value:
    """The shape as the program sees it: None where Keras has None; unknown if it is unknown."""
    shape = tensor.shape
    if isinstance(shape, Unknown):
        said = tensor.name or (f"{tensor.node.layer.name}.output" if tensor.node else "x")
        return Open(f"{_name(tensor)}.shape", f"{said}.shape", shape.why)
    if dynamic:
        return tuple(shape)
    return tuple(None if isinstance(d, Poly) and any(s.free for s in symbols(d)) else d for d in shape)


@attribute(Tensor, "shape", "_keras_shape")
def _shape(run: Run, tensor: Tensor) -> Value:
    run.held["shape", tensor] = None
    found = shape_tuple(run, tensor)
    return Shape(found) if isinstance(found, tuple) else found


class Shape(tuple[Any, ...]):
    """A tensor's shape: a tuple with TensorFlow's methods."""


METHODS[Shape, "as_list"] = lambda _run, shape, _c: list(shape)
ATTRIBUTES[Shape, "rank"] = ATTRIBUTES[Shape, "ndims"] = lambda _run, shape: len(shape)


ITEMS[Shape] = lambda run, target, index, node, frame: (
    Shape(found) if isinstance(found := subscript(run, tuple(target), index, node, frame), tuple) else found
)
METHODS[Tensor, "get_shape"] = METHODS[Tensor, "_shape_tuple"] = lambda run, tensor, _c: _shape(run, tensor)


@function("keras.backend.int_shape", "keras.int_shape", "keras.backend.shape", "tensorflow.shape", "keras.ops.shape")
def _shape_of(run: Run, c: Call) -> Value:
    value, dynamic = c.any(0, "x", "input"), c.name == "shape"
    if isinstance(value, Array) and dynamic:
        return value.shape
    tensor = tensor_of(run, value)
    run.held["shape", tensor] = None
    return run.fresh(c.name, f"{c.name}(...)", "not a tensor") if tensor is None else shape_tuple(run, tensor, dynamic)


@function("keras.backend.ndim", "tensorflow.rank", "keras.ops.ndim")
def _ndim(run: Run, c: Call) -> Value:
    tensor = tensor_of(run, c.get(0, "x"))
    return opens.function_of(run, "ndim", c.get(0, "x")) if tensor is None else _rank_of(run, tensor)


@attribute(Tensor, "ndim")
def _rank_of(run: Run, tensor: Tensor) -> Value:
    run.held["shape", tensor] = None
    return opens.function_of(run, "ndim", tensor) if isinstance(tensor.shape, Unknown) else tensor.rank


def _name(tensor: Tensor) -> str:
    return tensor.name or (tensor.node.layer.name if tensor.node is not None else "tensor")


ATTRIBUTES[Tensor, "dtype"] = lambda _run, tensor: tensor.dtype
ATTRIBUTES[Tensor, "name"] = lambda _run, tensor: _name(tensor)
ATTRIBUTES[Tensor, "_keras_history"] = lambda _run, t: (t.node.layer if t.node is not None else None, 0, t.index)


# --- operators and subscripts ------------------------------------------------------------------------------


def binary(run: Run, name: str, left: Value, right: Value, span: Any, line: int) -> Tensor:
    """An operation of two operands, of which at least one is a tensor."""
    sides = [s for s in (left, right) if isinstance(s, (Tensor, Array))]
    others = [s for s in (left, right) if not isinstance(s, (Tensor, Array))]
    inputs = [t for t in (tensor_of(run, s) for s in sides) if t is not None]
    if not others:
        return operation(run, name, inputs, span, line)
    other = others[0]
    if isinstance(other, (int, float, Poly)) or (isinstance(other, Open) and (other.integral or other.dim is not None)):
        number = isinstance(other, (int, float))
        constant = other if number else Unknown(opens.text_of(other), "a constant that is not known")
        return operation(run, name, inputs, span, line, constant=constant, reflected=other is left)
    extra = tensor_of(run, other)
    if extra is None:
        return opaque(run, inputs, span, line, "an operator on a tensor and something else").output
    why = f"an operand '{opens.text_of(other)}' is not known"
    return opaque(run, [*inputs, extra], span, line, why).output


def _operands(run: Run, op: str, left: Value, right: Value, node: Any, frame: Any) -> Value:
    if op == "USub":
        return operation(run, "elementwise", [left], frame.source.span(node), node.lineno, function="negative")
    if op in OPERATORS and (isinstance(left, Tensor) or isinstance(right, Tensor)):
        found = binary(run, OPERATORS[op], left, right, frame.source.span(node), node.lineno)
        if found.node and any(isinstance(part, ast.Constant) for part in ast.iter_child_nodes(node)):
            object.__setattr__(found.node.layer, "where", lambda: {"constant": (None, "")})
        return found
    inputs = [s for s in (left, right) if isinstance(s, Tensor)]
    return opaque(run, inputs, frame.source.span(node), node.lineno, f"the operator {op} on a tensor").output


OPERANDS[Tensor] = _operands


def _item(run: Run, target: Value, index: Value, node: Any, frame: Frame) -> Value:
    parts = index if isinstance(index, tuple) else (index,)
    span = frame.source.span(node)
    if any(isinstance(p, Tensor) for p in parts):
        return opaque(run, [target], span, node.lineno, "a tensor is indexed by a tensor").output
    ends = [[_bound(end) for end in (p.start, p.stop, p.step)] if isinstance(p, slice) else p for p in parts]
    plain = tuple(slice(*end) if isinstance(end, list) else _bound(end) for end in ends)
    return operation(run, "getitem", [target], span, node.lineno, index=plain if isinstance(index, tuple) else plain[0])


def _bound(part: Value) -> Any:
    known = opens.opened(part)
    if known is None:
        return part
    return known.size() if known.integral else Unknown(known.text, known.why)


ITEMS[Tensor] = _item


# --- Lambda ------------------------------------------------------------------------------------------------


def prepare_lambda(run: Run, layer: Layer, inputs: list[Tensor], structure: Value = None) -> None:
    """Follows the function of a Lambda on these inputs: what it does becomes part of its configuration."""
    made_by = run.made_by.get(layer)
    if made_by is None or isinstance(layer.config.raw("function"), Graph):
        return
    body, extra = made_by.get(0, "function"), made_by.get(3, "arguments")
    kwargs = dict(extra) if isinstance(extra, dict) else {}
    places = [Tensor(t.shape, t.dtype, False, name=t.name) for t in inputs]
    given: Value = places if isinstance(structure, (list, tuple)) else places[0]
    nodes, facts = len(run.nodes), len(run.facts)
    try:
        found = call(run, body, Call((given,), kwargs, made_by.node, made_by.frame, via=True))
    except Raised:
        found = None
    del run.nodes[nodes:], run.facts[facts:]
    given = tensor_of(run, found) if isinstance(found, Array) else found
    if isinstance(given, Tensor):
        _follow(layer, Graph(between(places, [given]), tuple(places), (given,)), given is found)


def _follow(layer: Layer, inner: Graph, body: bool) -> None:
    """Keeps the body, if that is known, and the shape that it gives where none is written."""
    shape, known = inner.outputs[0].shape, layer.config.raw("output_shape")
    batch = () if isinstance(inner.inputs[0].shape, Unknown) else inner.inputs[0].shape[:1]
    if isinstance(shape, Unknown) or (shape and isinstance(shape[0], int) and shape[:1] != batch):
        shape = ()  # not known, or of another batch
    values = {name: layer.config.raw(name) for name in layer.config} | ({"function": inner} if body else {})
    values["output_shape"] = known if isinstance(known, tuple) or not shape else tuple(shape[1:])
    object.__setattr__(layer, "config", Config(values))


def apply_lambda(run: Run, layer: Layer, c: Call) -> Value:
    """``Lambda(lambda x: x[:, -1])(x)``."""
    value = c.get(0, "inputs")
    inputs = tensors_of(run, value)
    if not inputs:
        return opaque(run, [], c.span, c.line, "a Lambda is applied to something that is no tensor").output
    prepare_lambda(run, layer, inputs, value)
    followed = len(inputs) == 1 or isinstance(layer.config.raw("function"), Graph)
    if not followed or not isinstance(layer.config.raw("output_shape"), tuple):
        return opaque(run, inputs, c.span, c.line, "what the function of a Lambda gives is not known").output
    return result(node_of(run, layer, inputs, c.span, c.line))


def weightless(run: Run, function: Function, c: Call) -> Value:
    """What a function gives that is called with tensors (by ``tf.map_fn``, ``tf.cond``); MISSING if it has weights.

    None where it takes tensors from elsewhere as well: these would be inputs, too.
    """
    before, nodes, facts = (len(run.escaped), run.versions.total()), len(run.nodes), len(run.facts)
    try:
        given = run.apply(run, function, c)
    except Raised:
        return MISSING
    made = run.nodes[nodes:]
    del run.nodes[nodes:], run.facts[facts:]
    if before != (len(run.escaped), run.versions.total()) or any(n.layer.spec.weights is not no_weights for n in made):
        return MISSING
    inner = all(t.node is None or t.node in made for t in [*tensors_in(given), *(t for n in made for t in n.reads)])
    return given if inner else None


def mapped(run: Run, whole: Tensor, each: Value, c: Call) -> Tensor | None:
    """``tf.map_fn``, whose function gives this for each part of a tensor along the first axis.

    None where that has axes of a variable size: elsewhere it is another.
    """
    shape = each.shape if isinstance(each, Tensor) else Unknown("each", "no tensor")
    if isinstance(shape, Unknown) or any(symbol.free for size in shape for symbol in symbols(size)):
        return None
    lost = Unknown("map", "what is multiplied for each part is not counted")
    return operation(run, "map", [whole], c.span, c.line, sizes=tuple(shape), to=each.dtype, products=lost)
