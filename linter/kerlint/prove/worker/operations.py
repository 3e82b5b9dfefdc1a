"""Operations on tensors that are no layers (indexing, arithmetic, ...), as layers without weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

from ...host.inside.framework import NoOperation, of_tensors

ARITHMETIC = ("add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "floor_divide", "mod")
COMPARING = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")
REDUCING = ("sum", "mean", "max", "min", "prod", "any", "all", "std", "var", "logsumexp")
SQUASHING = ("relu", "relu6", "sigmoid", "tanh", "softmax", "softplus", "elu")
ELEMENTWISE = (*SQUASHING, "exp", "abs", "square", "sqrt", "log", "negative", "identity")


def operation(keras: Any, name: str, config: Mapping[str, Any], dtype: str, called: str) -> Any:
    """A layer that does it. Raises NoOperation for one that is not known here."""
    function = _function(keras, name, config)

    class Operation(keras.layers.Layer):  # type: ignore[misc]
        """What the user wrote on tensors; hands on no mask, as Keras does."""

        def call(self, inputs: Any) -> Any:
            return function(inputs)

        def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
            return None

    layer = Operation(dtype=dtype, name=called)
    layer.supports_masking = True  # only so that Keras does not warn
    return layer


def _function(keras: Any, name: str, c: Mapping[str, Any]) -> Callable[[Any], Any]:
    def of(name: str) -> Any:
        return of_tensors(keras, name)

    if name in (*ARITHMETIC, *COMPARING):
        return _binary(of(name), c)
    simple: dict[str, Callable[[Any], Any]] = {
        "matmul": lambda xs: of("matmul")(*xs),
        "getitem": lambda x: x[_index(c["index"])],
        "reshape": lambda x: of("reshape")(x, [-1 if d is None else d for d in _listed(c["shape"])]),
        "transpose": lambda x: of("transpose")(x, c.get("axes")),
        "expand_dims": lambda x: reduce(of("expand_dims"), sorted(_listed(c["axis"])), x),
        "squeeze": lambda x: of("squeeze")(x, c.get("axis")),
        "tile": lambda x: of("tile")(x, _listed(c["repeats"])),
        "cast": lambda x: of("cast")(x, c["dtype"]) if not str(c["dtype"]).startswith("float") else x,
        "concatenate": lambda xs: of("concatenate")(xs, c.get("axis", -1)),
        "stack": lambda xs: of("stack")(xs, c.get("axis", 0)),
    }
    if name == "reduce" and c["function"] in REDUCING:
        return lambda x: of(c["function"])(x, axis=c.get("axis"), keepdims=c.get("keepdims", False))
    if name == "take" and c.get("at") is not None:
        return lambda x: of("take")(x[0] if isinstance(x, (list, tuple)) else x, c["at"], c["axis"])
    if name == "elementwise" and c["function"] in ELEMENTWISE and not c.get("arguments"):
        return of("copy" if c["function"] == "identity" else c["function"])  # type: ignore[no-any-return]
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


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _index(parts: Any) -> Any:
    if isinstance(parts, list):
        return tuple(_index(part) for part in parts)
    if isinstance(parts, dict):
        return slice(*parts["slice"]) if "slice" in parts else ...
    return parts
