"""Recorded weight expressions: their values, and gradients pulled back through them to the old weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import numpy as np

Array = Any  # numpy.ndarray
Old = Mapping[tuple[int, str], Array]  # by layer of the old graph and name


def value(expression: Mapping[str, Any], old: Old) -> Array:
    """The array that the expression is, for these old weights. Raises ValueError for another shape."""
    found = _value(expression["op"], expression["args"], old)
    if list(found.shape) != list(expression["shape"]):
        raise ValueError(f"{expression['op']} gives {list(found.shape)}, recorded is {expression['shape']}")
    return found


def _value(op: str, args: list[Any], old: Old) -> Array:
    if op == "old":
        return old[args[0], args[1]]
    if op == "zeros":
        return np.zeros(args[0])
    if op == "concat":
        return np.concatenate([value(part, old) for part in args[0]], axis=args[1])
    first = value(args[0], old)
    if op in BINARY:
        return BINARY[op](first, value(args[1], old))
    return UNARY[op](first, *args[1:])


def _index(parts: list[Any]) -> tuple[Any, ...]:
    return tuple(slice(None) if p is None else p if isinstance(p, int) else slice(*p) for p in parts)


BINARY: dict[str, Callable[..., Array]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "matmul": lambda a, b: np.tensordot(a, b, 1),
}  # fmt: skip
UNARY: dict[str, Callable[..., Array]] = {
    "item": lambda a, parts: a[_index(parts)], "reshape": lambda a, shape: a.reshape(shape), "neg": np.negative,
    "transpose": lambda a, axes: a.transpose(axes), "repeat": lambda a, n, axis: np.concatenate([a] * n, axis),
}  # fmt: skip


def pull(
    expression: Mapping[str, Any], gradient: Array, old: Old, into: MutableMapping[tuple[int, str], Array]
) -> None:
    """Adds to ``into`` what a gradient of the expression is for the old weights: the chain rule."""
    op, args = expression["op"], expression["args"]
    if op == "old":
        key = (args[0], args[1])
        into[key] = into.get(key, np.zeros_like(old[key])) + gradient
    elif op == "concat":
        parts = np.split(gradient, np.cumsum([p["shape"][args[1]] for p in args[0]])[:-1], axis=args[1])
        for part, piece in zip(args[0], parts, strict=True):
            pull(part, piece, old, into)
    elif op in BINARY:
        pieces = _through_binary(op, gradient, value(args[0], old), value(args[1], old))
        for part, piece in zip(args, pieces, strict=True):
            pull(part, piece, old, into)
    elif op != "zeros":
        pull(args[0], _through_unary(op, args, gradient), old, into)


def _through_binary(op: str, gradient: Array, left: Array, right: Array) -> tuple[Array, Array]:
    if op == "matmul":
        into_left = np.tensordot(gradient, right, (range(left.ndim - 1, gradient.ndim), range(1, right.ndim)))
        return into_left, np.tensordot(left, gradient, (range(left.ndim - 1), range(left.ndim - 1)))
    if op == "mul":
        return _summed(gradient * right, left.shape), _summed(gradient * left, right.shape)
    return _summed(gradient, left.shape), _summed(-gradient if op == "sub" else gradient, right.shape)


def _summed(gradient: Array, shape: tuple[int, ...]) -> Array:
    """A gradient back in the shape that was broadcast."""
    extra = gradient.ndim - len(shape)
    axes = tuple(range(extra)) + tuple(extra + i for i, n in enumerate(shape) if n == 1)
    return gradient.sum(axis=axes, keepdims=True).reshape(shape)


def _through_unary(op: str, args: list[Any], gradient: Array) -> Array:
    inner = args[0]["shape"]
    if op == "item":
        found = np.zeros(inner)
        found[_index(args[1])] = gradient
        return found
    if op == "reshape":
        return gradient.reshape(inner)
    if op == "transpose":
        return gradient.transpose(np.argsort(args[1]))
    if op == "repeat":
        times, axis = args[1], args[2] % len(inner)
        return gradient.reshape(*inner[:axis], times, *inner[axis:]).sum(axis=axis)
    return -gradient
