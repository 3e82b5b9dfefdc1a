"""A layer's configuration as the keyword arguments of its constructor, in plain data."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any

from kerlint.graph.dim import Dim, Poly
from kerlint.graph.graph import Graph
from kerlint.graph.layer import REQUIRED, Config, Layer, Object, Unknown
from kerlint.graph.rebuild import IGNORED
from kerlint.layers.operations import OPERATIONS
from kerlint.prove.proof import Unprovable

# What does not reach the function: names, and what the proof sets itself.
SKIPPED = frozenset({"name", "dtype", "autocast", "weights"})

# Arguments of every layer that a row need not list, with their defaults.
BASE: dict[str, object] = {"trainable": True, "activity_regularizer": None}

# What a layer sees of an axis at once (those behind the first also go on by it), and what it leaves out or takes.
WINDOWS = ("kernel_size", "pool_size")
ENDS = ("cropping", "padding", "index")


def concrete(layer: Layer, number: Callable[[Dim], int]) -> Layer:
    """The layer with ``number(dim)`` for the dimensions in its configuration, whole numbers among them."""
    config = Config({name: _number(layer.config.raw(name), number) for name in layer.config})
    return Layer(layer.spec, config, layer.name)


def _number(value: object, number: Callable[[Dim], int]) -> object:
    if isinstance(value, (int, Poly)) and not isinstance(value, bool):
        return number(value)
    if isinstance(value, (tuple, list)):
        return type(value)(_number(v, number) for v in value)
    return concrete(value, number) if isinstance(value, Layer) else value


def dimensions(layer: Layer) -> list[Dim]:
    """The dimensions and whole numbers in a configuration."""
    found: list[Dim] = []

    def note(dim: Dim) -> int:
        found.append(dim)
        return 0

    concrete(layer, note)
    return found


def numbers(layer: Layer, names: Sequence[str]) -> list[Dim]:
    """The whole numbers, without sign, and the formulas in some arguments of a layer and of those inside of it."""
    found: list[Dim] = []

    def note(value: object) -> None:
        if isinstance(value, (int, Poly)) and not isinstance(value, bool):
            found.append(abs(value) if isinstance(value, int) else value)
        for part in (value.start, value.stop) if isinstance(value, slice) else ():
            note(part)
        for part in value if isinstance(value, (tuple, list)) else ():
            note(part)

    for name in layer.config:
        value = layer.config.raw(name)
        if name in names:
            note(value)
        inner = [value] if isinstance(value, Layer) else []
        inner += [node.layer for node in value.nodes] if isinstance(value, Graph) else []
        for layer_within in inner:
            found.extend(numbers(layer_within, names))
    return found


def most_of(layer: Layer, names: Sequence[str]) -> int:
    """The largest whole number in some arguments of a layer; 0 for none."""
    return max((n for n in numbers(layer, names) if isinstance(n, int)), default=0)


def described(layer: Layer) -> dict[str, Any]:
    """``{"class", "config", "start"}`` of a layer. Raises Unprovable for what is not known or not plain."""
    if (inner := _inside(layer)) is not None:
        return described(inner)
    config: dict[str, Any] = {}
    start: dict[str, Any] = {}  # what a fresh one draws its weights and its numbers from
    operation = OPERATIONS.get(layer.kind) is layer.spec
    for name in layer.config:
        value = layer.config.raw(name)
        default = layer.spec.signature.get(name, BASE.get(name, REQUIRED))
        if isinstance(value, tuple) and len(value) == 1 and isinstance(default, int):
            value = value[0]  # as written: UpSampling1D takes no tuple
        shape = name in IGNORED and name not in layer.spec.signature  # input_shape of a first layer
        if shape or (name in SKIPPED and not operation) or (type(value) is type(default) and value == default):
            continue
        if name.endswith("_initializer") or (name == "seed" and not operation):
            start[name] = _start(name, value)
            continue
        given = _penalty(value) if name.endswith("_regularizer") else value
        config[name] = _plain(given, f"{name} of {layer.kind}")
    found = {"class": layer.kind, "config": config, "start": start}
    return {**found, "operation": True} if operation else found


def _penalty(value: object) -> object:
    """A regulariser with numbers for what is not known of it, drawn by how it is written: the same in both graphs."""
    if isinstance(value, Object):
        return Object(value.kind, tuple((k, _drawn(v) if isinstance(v, Unknown) else v) for k, v in value.config))
    return Object("L2", (("l2", _drawn(value)),)) if isinstance(value, Unknown) else value


def _start(name: str, value: object) -> Any:
    """An initialiser or a seed; what is not known of it is drawn by how it is written, and depends on the fans."""
    try:
        return _plain(value, name)
    except Unprovable:
        number = _drawn(value)
        return round(1e9 * number) if name == "seed" else {"object": "VarianceScaling", "config": {"scale": number}}


def _drawn(value: object) -> float:
    """A number between 0.01 and 0.02."""
    return 0.01 + zlib.crc32(_written(value).encode()) / 2**32 / 100


def _written(value: object) -> str:
    if isinstance(value, Object):
        return f"{value.kind}({', '.join(f'{name}={_written(part)}' for name, part in value.config)})"
    return value.expression if isinstance(value, Unknown) else repr(value)


def _inside(layer: Layer) -> Layer | None:
    """The operation that a Lambda is, if it is one alone."""
    body = layer.config.raw("function") if layer.kind == "Lambda" else None
    if not isinstance(body, Graph) or len(body.nodes) != 1 or body.nodes[0].inputs != body.inputs:
        return None
    return body.nodes[0].layer


def _plain(value: object, what: str) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Unknown):
        raise Unprovable(f"{what} is not known: {value.why}")
    if isinstance(value, Object):
        return {"object": value.kind, "config": {k: _plain(v, what) for k, v in value.config}}
    if isinstance(value, Layer):
        return {"layer": described(value)}
    if isinstance(value, (tuple, list)):
        return [_plain(v, what) for v in value]
    if isinstance(value, slice):
        return {"slice": [_plain(v, what) for v in (value.start, value.stop, value.step)]}
    if value is ...:
        return {"ellipsis": True}
    if isinstance(value, dict) and all(isinstance(k, (str, int)) for k in value):
        return {"dict": [[k, _plain(v, what)] for k, v in value.items()]}
    if isinstance(value, Graph):
        raise Unprovable(f"{what} is a model of its own")
    raise Unprovable(f"{what} is a {type(value).__name__}, which has no plain form")
