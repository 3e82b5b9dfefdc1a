"""Operations on tensors that are no layers (indexing, arithmetic, ...), as layers without weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

BINARY = {
    "add": "add", "subtract": "subtract", "multiply": "multiply", "divide": "divide", "power": "pow", "maximum":
    "maximum", "minimum": "minimum", "floor_divide": "floordiv", "mod": "floormod", "equal": "equal", "not_equal":
    "not_equal", "less": "less", "less_equal": "less_equal", "greater": "greater", "greater_equal": "greater_equal",
}  # fmt: skip
ELEMENTWISE = (
    "relu", "sigmoid", "tanh", "softmax", "softplus", "elu", "exp", "abs", "square", "sqrt", "log", "negative",
    "identity",
)  # fmt: skip


class NoOperation(Exception):
    """The operation is not one that the worker can run."""


def operation(keras: Any, name: str, config: Mapping[str, Any], dtype: str, called: str) -> Any:
    """A layer that does it. Raises NoOperation for one that is not known here."""
    function = _function(name, config)

    class Operation(keras.layers.Layer):  # type: ignore[misc]
        """What the user wrote on tensors; hands on no mask, as Keras does."""

        def call(self, inputs: Any) -> Any:
            return function(inputs)

        def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
            return None

    layer = Operation(dtype=dtype, name=called)
    layer.supports_masking = True  # only so that Keras does not warn
    return layer


def _function(name: str, c: Mapping[str, Any]) -> Callable[[Any], Any]:
    import tensorflow as tf

    if name in BINARY:
        return _binary(getattr(tf, BINARY[name]), c)
    simple: dict[str, Callable[[Any], Any]] = {
        "matmul": lambda xs: tf.matmul(*xs),
        "getitem": lambda x: x[_index(c["index"])],
        "reshape": lambda x: tf.reshape(x, [-1 if d is None else d for d in _listed(c["shape"])]),
        "transpose": lambda x: tf.transpose(x, c.get("axes")),
        "expand_dims": lambda x: _each(tf.expand_dims, x, sorted(_listed(c["axis"]))),
        "squeeze": lambda x: tf.squeeze(x, c.get("axis")),
        "tile": lambda x: tf.tile(x, _listed(c["repeats"])),
        "cast": lambda x: tf.cast(x, c["dtype"]) if not str(c["dtype"]).startswith("float") else x,
        "concatenate": lambda xs: tf.concat(xs, c.get("axis", -1)),
        "stack": lambda xs: tf.stack(xs, c.get("axis", 0)),
    }
    if name == "reduce" and hasattr(tf, f"reduce_{c['function']}"):
        reduce = getattr(tf, f"reduce_{c['function']}")
        return lambda x: reduce(x, axis=c.get("axis"), keepdims=c.get("keepdims", False))
    if name == "elementwise" and c["function"] in ELEMENTWISE and not c.get("arguments"):
        return getattr(tf, c["function"], None) or getattr(tf.nn, c["function"])  # type: ignore[no-any-return]
    if name not in simple:
        raise NoOperation(f"the operation {c.get('function', name)} cannot be run in a proof")
    return simple[name]


def _binary(function: Any, c: Mapping[str, Any]) -> Callable[[Any], Any]:
    constant = c.get("constant")
    if constant is None:
        return lambda xs: function(*xs)

    def apply(xs: Any) -> Any:
        x = xs[0] if isinstance(xs, (list, tuple)) else xs
        return function(constant, x) if c.get("reflected") else function(x, constant)

    return apply


def _each(function: Any, x: Any, axes: list[int]) -> Any:
    for axis in axes:
        x = function(x, axis)
    return x


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _index(parts: Any) -> Any:
    if isinstance(parts, list):
        return tuple(_index(part) for part in parts)
    if isinstance(parts, dict):
        return slice(*parts["slice"]) if "slice" in parts else ...
    return parts
