"""Tensors made of nothing: constants, variables, ranges. They are data: a shape and a dtype."""

from __future__ import annotations

from kerlint.evaluate import opens
from kerlint.evaluate.known.arrays import counted, given_shape, shape_of
from kerlint.evaluate.known.builtins import unknown
from kerlint.evaluate.known.ops import everywhere
from kerlint.evaluate.registry import FUNCTIONS, function
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import Array, Call, Value
from kerlint.evaluate.words import TABLES, words
from kerlint.graph.dim import Poly

# The first argument is the shape; of TensorFlow's others (gamma, poisson) it is a part of it.
DRAWN: dict[str, list[str]] = TABLES["constants.drawn"]


@function(*everywhere(*words("constant zeros ones placeholder random_normal random_uniform eye")))
def _constant(run: Run, c: Call) -> Value:
    if c.name == "placeholder":
        return run.fresh("placeholder", c.frame.source.text(c.node), f"a placeholder (line {c.line})")
    value, constant = c.any(0, "value", "shape"), c.name == "constant"
    wanted = c.get(2, "shape") if constant else None if c.name == "eye" else value
    if constant and wanted is None and isinstance(value, (int, float, Poly)):
        return value
    shape = shape_of(run, value) if constant and wanted is None else given_shape(run, wanted)
    if shape is not None:
        return Array(shape, "float32")
    return run.fresh(c.name, c.frame.source.text(c.node), f"a constant (line {c.line})")


@function(*everywhere("range", "arange"))
def _range(run: Run, c: Call) -> Value:
    size = counted(c)
    if size is None or not c.kwargs.keys() <= {"start", "stop", "limit", "step", "delta", "dtype", "name"}:
        return run.fresh(c.name, c.frame.source.text(c.node), f"how many numbers a range has (line {c.line})")
    dtype = c.kwargs.get("dtype")
    return Array((size,), dtype if isinstance(dtype, str) else "int32")


@function(*(f"{home}.random.{name}" for home, names in DRAWN.items() for name in names))
def _drawn(run: Run, c: Call) -> Value:
    """Numbers drawn in a given shape."""
    shape = given_shape(run, c.get(0, "shape"))
    if shape is None:
        return run.fresh(c.name, c.frame.source.text(c.node), f"the shape of random numbers (line {c.line})")
    dtype = c.kwargs.get("dtype")
    return Array(shape, dtype if isinstance(dtype, str) else "int32" if c.name == "randint" else "float32")


@function("numpy.random.multivariate_normal")
def _normal(run: Run, c: Call) -> Value:
    """Rows of as many numbers as there are means."""
    shape, rows = shape_of(run, c.get(0, "mean")), given_shape(run, c.get(2, "size", ()))
    return unknown(run, c) if shape is None or rows is None else Array((*rows, *shape))


@function("numpy.random.permutation")
def _permutation(run: Run, c: Call) -> Value:
    """The numbers below one, or rows in another order."""
    given = c.get(0, "x")
    shape = (given,) if opens.integral(given) else shape_of(run, given)
    return Array(shape, "int64") if shape else unknown(run, c)


# What numpy and keras.ops call the same is the same.
FUNCTIONS.update(
    {f"numpy.{name}": FUNCTIONS[f"keras.ops.{name}"] for name in words("transpose squeeze tile expand_dims")}
)
