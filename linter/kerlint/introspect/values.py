"""Configurations as Keras gives them, in the form of the layer table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kerlint.graph.layer import Config, Layer, LayerSpec, Object, Refused, Silent, Unknown
from kerlint.layers.bind import ALWAYS, bind
from kerlint.layers.old import OLD
from kerlint.layers.table import find

Plain = Mapping[str, Any]
SHAPES = {"batch_input_shape": "batch_shape"}  # of Keras 2's InputLayer


def configured(spec: LayerSpec, given: Plain, generation: int) -> Config | None:
    """The configuration that Keras's own ``get_config`` means; None if the table does not take it."""
    arguments = {SHAPES.get(k, k): v for k, v in given.items()}
    names = {k for k in arguments if k in ALWAYS or not spec.signature.keys().isdisjoint((k, *OLD.get(k, ())))}
    wanted = {k: _value(arguments[k], generation) for k in arguments if k in names}
    try:
        found = bind(spec, (), wanted, generation=generation).config
    except (Refused, Silent, TypeError, ValueError, KeyError):
        return None
    return Config({k: found.raw(k) for k in found} | {"trainable": True})


def _value(value: Any, generation: int) -> Any:
    if isinstance(value, list):
        return tuple(_value(part, generation) for part in value)
    if not isinstance(value, dict):
        return value
    if "object" in value:
        inner = tuple((k, _value(v, generation)) for k, v in value["config"].items() if v is not None)
        return value["short"] or Object(value["object"], inner)
    if "layer" in value:
        return _layer(value["layer"], generation)
    if "dict" in value:
        return {k: _value(v, generation) for k, v in value["dict"]}
    return Unknown(str(value.get("unknown")), "it is no plain value")


def _layer(row: Plain, generation: int) -> Any:
    """A layer inside of a wrapper, or a function that stands as an activation."""
    ours = row["home"].split(".")[0] in ("keras", "tf_keras", "builtins")
    spec = find(row["class"]) if ours else None
    config = configured(spec, row["config"], generation) if spec is not None else None
    if spec is None or config is None:
        return Unknown(row["class"], f"{row['class']} is not a layer of the table")
    name = config.raw("name")
    return Layer(spec, config, name if isinstance(name, str) else row["class"])
