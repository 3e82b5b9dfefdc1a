"""Functions on tensors: keras.ops, keras.backend, tensorflow. No parameters, but shapes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerlint.evaluate import opens
from kerlint.evaluate.apply import argument, opaque, operation, tensor_of, tensors_of
from kerlint.evaluate.assign import iterate
from kerlint.evaluate.escape import touches
from kerlint.evaluate.known.arrays import shape_of
from kerlint.evaluate.known.calculated import operands
from kerlint.evaluate.known.library import total
from kerlint.evaluate.known.tensors import binary
from kerlint.evaluate.registry import TABLES, function, named, word_set, words
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import Array, Call, External, Open, Value
from kerlint.graph.dim import Poly
from kerlint.graph.graph import Tensor
from kerlint.graph.layer import Unknown
from kerlint.layers import operations
from kerlint.layers.operations import UNMODELLED

TWO = {name: name for name in (*operations.BINARY, *operations.COMPARE, "matmul")} | TABLES["ops.two"]
REDUCE: dict[str, str] = TABLES["ops.reduce"]


def everywhere(*names: str) -> list[str]:
    """The names in all modules that have functions on tensors."""
    return [f"{home}.{name}" for home in named("ops.homes") for name in names]


def on_tensor(*names: str) -> Callable[[Callable[[Run, Tensor, Call], Value]], Callable[[Run, Tensor, Call], Value]]:
    """A function of one tensor: arrays and unknown values give something unknown."""

    def put(known: Callable[[Run, Tensor, Call], Value]) -> Callable[[Run, Tensor, Call], Value]:
        @function(*everywhere(*names))
        def wrapped(run: Run, c: Call) -> Value:
            value = c.any(0, *FIRST)
            if c.name in OF_NUMBERS and (number := OF_NUMBERS[c.name](run, c, value)) is not None:
                return number
            shape = () if isinstance(value, Open) and (value.integral or value.ratio) else shape_of(run, value)
            if shape is not None:
                return _of_data(run, known, Array(shape), c)
            if not isinstance(value, (Tensor, Open)) or (isinstance(value, Open) and run.key(value) not in run.tensors):
                return plain(run, c, value)
            tensor = tensor_of(run, value)
            assert tensor is not None
            others = [v for v in (*c.args, *c.kwargs.values()) if v is not value and touches(v)]
            if others:  # weights of an average, limits: what they are calculated of is a part of the model, too
                found = [tensor, *(tensors_of(run, others) or ())]
                return opaque(run, found, c.span, c.line, f"{c.name}() with tensors beside its first one").output
            return known(run, tensor, c)

        return known

    return put


def _product(run: Run, c: Call, value: Value) -> Value:
    plain = isinstance(value, (list, tuple)) and all(isinstance(v, float) or opens.integral(v) for v in value)
    return total(run, c) if plain else None


# Of numbers alone, sizes are calculated: what these functions make of them; None of everything else.
OF_NUMBERS: dict[str, Callable[[Run, Call, Value], Value]] = {
    "cast": lambda _, c, value: value if isinstance(value, (int, Poly)) and "int" in _dtype(c) else None,
    **dict.fromkeys(("prod", "reduce_prod"), _product),
}
FIRST = ("x", "input", "tensor", "inputs", "images", "input_tensor", "features", "logits", "a", "values")


def _of_data(run: Run, known: Callable[[Run, Tensor, Call], Value], array: Array, c: Call) -> Value:
    """The same of data: its shape is calculated as a tensor's, and no layer is made."""
    tensor = tensor_of(run, array)
    assert tensor is not None
    if isinstance(tensor.shape, Unknown):
        return plain(run, c, array)
    with run.aside():
        found = known(run, tensor, c)
    if isinstance(found, Tensor) and not isinstance(found.shape, Unknown):
        return Array(tuple(found.shape), found.dtype)
    return plain(run, c, array)


def plain(run: Run, c: Call, value: Value) -> Value:
    """The same of what is no tensor."""
    if isinstance(value, Array):
        return run.lost("array", c.node, c.frame, "what is calculated of data")
    return opens.function_of(run, c.frame.source.text(getattr(c.node, "func", c.node)), *c.args, *c.kwargs.values())


@on_tensor(*named("ops.elementwise"))
def _elementwise(run: Run, x: Tensor, c: Call) -> Value:
    """Shape and dtype stay."""
    if c.name in ("cumsum", "cumprod") and c.written.startswith("keras.ops.") and c.get(1, "axis") is None:
        return operation(run, "reshape", [x], c.span, c.line, shape=(-1,))  # along all entries, in a row
    beside = [*c.args[1:], *(value for name, value in c.kwargs.items() if name not in (*FIRST, "name"))]
    given = tuple(argument(run, "arguments", value) for value in beside)
    return operation(run, "elementwise", [x], c.span, c.line, function=c.name, arguments=given)


def of_backend(c: Call) -> bool:
    """Whether the function is that of keras.backend, which has defaults of its own."""
    return c.written.startswith("keras.backend.")


@on_tensor(*REDUCE)
def _reduce(run: Run, x: Tensor, c: Call) -> Value:
    place = 2 if c.name == "norm" else 1  # behind the order of the norm
    axis = argument(run, "axis", c.get(place, "axis", c.kwargs.get("reduction_indices")))
    keep = argument(run, "keepdims", c.any(place + 1, "keepdims", "keep_dims", default=False))
    name = REDUCE[c.name]
    if name in ("argmax", "argmin") and axis is None:
        axis = -1 if of_backend(c) else 0 if c.written.startswith("tensorflow.") else None
    return operation(run, "reduce", [x], c.span, c.line, function=name, axis=axis, keepdims=keep)


@function(*everywhere(*TWO))
def _two(run: Run, c: Call) -> Value:
    sides = [c.any(0, "x", "a", "x1"), c.any(1, "y", "b", "x2")]
    if not any(isinstance(v, Tensor) for v in sides):
        known = len(c.args) + len(c.kwargs) == 2 and any(isinstance(v, Array) for v in sides)
        op = "MatMult" if TWO[c.name] == "matmul" else ""
        return operands(run, op, sides[0], sides[1], c.node, c.frame) if known else plain(run, c, sides[0])
    turns = [c.get(2, "transpose_a", False), c.get(3, "transpose_b", False)] if c.name == "matmul" else []
    beyond = [v for v in c.args[2 + len(turns) :] if not isinstance(v, str)]  # a name may stand there
    if beyond or not c.kwargs.keys() <= OPERANDS or not all(isinstance(turn, bool) for turn in turns):
        found = tensors_of(run, [v for v in sides if isinstance(v, Tensor)]) or []
        return opaque(run, found, c.span, c.line, f"{c.name}() of more than two operands").output
    for i, turn in enumerate(turns):
        side = tensor_of(run, sides[i]) if turn else None
        if side is not None:
            sides[i] = operation(run, "swapaxes", [side], c.span, c.line, axis1=-2, axis2=-1)
    return binary(run, TWO[c.name], sides[0], sides[1], c.span, c.line)


OPERANDS = word_set("x y a b x1 x2 name transpose_a transpose_b")


def sizes(run: Run, value: Value) -> Any:
    """A target shape as the graph keeps it: sizes, -1, symbols."""
    if isinstance(value, (list, tuple)):
        return tuple(
            -1 if v is None else v.size() if isinstance(v, Open) and v.integral else argument(run, "shape", v)
            for v in value
        )
    return argument(run, "shape_of", value)


def _moved(kind: str, *also: str, default: Value = None, **keys: str) -> None:
    """An operation with shapes or axes behind its tensor, in this order, whatever libraries call them."""

    @on_tensor(kind, *also)
    def known(run: Run, x: Tensor, c: Call) -> Value:
        given = {key: c.any(1 + i, *words(names), default=default) for i, (key, names) in enumerate(keys.items())}
        made = {key: argument(run, key, v) if key.startswith("ax") else sizes(run, v) for key, v in given.items()}
        return operation(run, kind, [x], c.span, c.line, **made)


_moved("reshape", shape="shape newshape new_shape")
_moved("tile", repeats="n multiples repeats")
_moved("pad", pad_width="pad_width paddings")
_moved("broadcast_to", shape="shape")
_moved("transpose", "permute_dimensions", axes="perm axes pattern")
_moved("swapaxes", axis1="axis1", axis2="axis2")
_moved("squeeze", axis="axis")
_moved("expand_dims", axis="axis dim", default=-1)


on_tensor("cast")(lambda run, x, c: operation(run, "cast", [x], c.span, c.line, dtype=_dtype(c)))


def _dtype(c: Call) -> str:
    """What is cast to, by name."""
    dtype = c.get(1, "dtype")
    return dtype.short if isinstance(dtype, External) else dtype if isinstance(dtype, str) else "float32"


@function("tensorflow.one_hot", "keras.backend.one_hot", "keras.ops.one_hot")
def _one_hot(run: Run, c: Call) -> Value:
    x = c.get(0, "indices", c.kwargs.get("x"))
    depth = argument(run, "units", c.get(1, "depth", c.kwargs.get("num_classes")))
    place = c.args[4] if c.written == "tensorflow.one_hot" and len(c.args) > 4 else c.kwargs.get("axis", -1)
    if isinstance(x, Tensor):
        return operation(run, "one_hot", [x], c.span, c.line, depth=depth, axis=argument(run, "axis", place))
    if isinstance(x, Array) and place == -1:
        return Array((*x.shape, c.get(1, "depth", c.kwargs.get("num_classes"))), "float32")
    return plain(run, c, None)


@on_tensor("flatten", "batch_flatten")
def _flatten(run: Run, x: Tensor, c: Call) -> Value:
    shape: Any = (x.shape[0], -1) if not isinstance(x.shape, Unknown) and c.name == "batch_flatten" else (-1,)
    return operation(run, "reshape", [x], c.span, c.line, shape=shape)


@function(*everywhere("concatenate", "concat", "stack"))
def _concatenate(run: Run, c: Call) -> Value:
    given = c.any(0, "tensors", "values", "xs", "x")
    axis = c.get(1, "axis", -1 if c.name == "concatenate" and of_backend(c) else 0)
    if isinstance(given, int):  # tf.concat(0, [a, b]) of TensorFlow 0
        given, axis = axis, given
    found = tensors_of(run, given) if touches(given) else None
    if not found:
        sizes = iterate(run, given) if c.name == "stack" and isinstance(given, (list, tuple)) else None
        whole = sizes and all(isinstance(s, (int, Poly)) or (isinstance(s, Open) and s.integral) for s in sizes)
        return tuple(sizes or ()) if whole else plain(run, c, given)  # a shape, to reshape to
    kind = "stack" if c.name == "stack" else "concatenate"
    return operation(run, kind, found, c.span, c.line, axis=argument(run, "axis", axis))


@on_tensor("moments")
def _moments(run: Run, x: Tensor, c: Call) -> Value:
    """The mean and the variance; what stands in the third place depends on the version."""
    keep = Open("?", "?", "its place") if len(c.args) > 2 else c.any(2, "keepdims", "keep_dims", default=False)
    where = {"axis": argument(run, "axis", c.get(1, "axes")), "keepdims": argument(run, "keepdims", keep)}
    return tuple(operation(run, "reduce", [x], c.span, c.line, function=name, **where) for name in ("mean", "var"))


@on_tensor("top_k")
def _top_k(run: Run, x: Tensor, c: Call) -> Value:
    """The values and their places."""
    return tuple(operation(run, "top_k", [x], c.span, c.line, k=argument(run, "n", c.get(1, "k", 1))) for _ in range(2))


@function(*everywhere("batch_dot"))
def _batch_dot(run: Run, c: Call) -> Value:
    x, y, axes = c.get(0, "x"), c.get(1, "y"), c.get(2, "axes")
    found = tensors_of(run, [x, y])
    if not found or len(found) != 2:
        return plain(run, c, x)
    from kerlint.evaluate.known.keras_models import make_and_apply

    if axes is None:
        return operation(run, "matmul", found, c.span, c.line)
    ranks = {0 if isinstance(t.shape, Unknown) else t.rank for t in found}
    if len(ranks) > 1 and run.certain < 3:
        return opaque(run, found, c.span, c.line, "what batch_dot() gives changed with Keras 2.3", UNMODELLED).output
    nodes = len(run.facts)
    given = Call((found,), {}, c.node, c.frame, via=True)
    result = make_and_apply(run, "Dot", found, given, {"axes": tuple(axes) if isinstance(axes, list) else axes})
    del run.facts[nodes:]
    return result


@function(*everywhere("dot"))
def _dot(run: Run, c: Call) -> Value:
    found = tensors_of(run, [c.get(0, "x"), c.get(1, "y")])
    if not found or len(found) != 2 or not touches(list(c.args)):
        return plain(run, c, c.get(0, "x"))
    right = found[1]
    if not isinstance(right.shape, Unknown) and right.rank == 2:
        return operation(run, "matmul", found, c.span, c.line)
    return opaque(run, found, c.span, c.line, "a product of two tensors").output
