"""Keras's own objects as plain data: layers with configuration and weights, nodes, models."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from .inert import TRAINED
from .sites import Sites
from .trace import Calls, Untraced

Plain = Any
DEFAULTS = (None, False, "sum_over_batch_size", "auto", "float32")  # of losses, metrics and optimizers
OBJECTS = {"initializer": "initializers", "regularizer": "regularizers", "constraint": "constraints"}


class Described:
    """Models as they are described, each layer and tensor with a number of its own."""

    def __init__(self, keras: Any, sites: Sites, calls: Calls) -> None:
        self.keras, self.sites, self.calls = keras, sites, calls
        self.old = keras.__version__.startswith("2.")
        self._layers: dict[int, int] = {}
        self._tensors: dict[int, int] = {}
        self.layers: list[dict[str, Plain]] = []
        self.tensors: list[dict[str, Plain]] = []
        self._kept: list[Any] = []  # what has a number stays alive, so that the number stays its own

    def model(self, model: Any) -> dict[str, Plain]:
        """``{"kind", "name", "nodes", "inputs", "outputs", ...}``; where ``untraced`` says why, there are no nodes."""
        graph = _functional(model) or self.calls.graph(model)
        untraced = str(graph) if isinstance(graph, Untraced) else None
        row: dict[str, Plain] = {
            "kind": self._kind(model), "class": type(model).__name__, "name": model.name,
            "site": self.sites.of(self.sites.made, model), "built": bool(getattr(model, "built", False)),
            "layers": [self.layer(layer) for layer in model.layers], "totals": _totals(model),
            "compile": self._compile(model), "untraced": untraced,
        }  # fmt: skip
        if untraced is not None:
            return row | {"nodes": [], "inputs": [], "outputs": []}
        nodes = [n for depth in sorted(graph._nodes_by_depth, reverse=True) for n in graph._nodes_by_depth[depth]]
        rows = [self._node(node) for node in nodes]
        return row | {"nodes": rows, "inputs": self._all(graph.inputs), "outputs": self._all(graph.outputs)}

    def _kind(self, layer: Any) -> str | None:
        if not isinstance(layer, self.keras.Model):
            return None
        listed = isinstance(layer, self.keras.Sequential)
        return "Sequential" if listed else "Functional" if _functional(layer) else "Subclass"

    def _node(self, node: Any) -> dict[str, Plain]:
        layer = node.layer if self.old else node.operation
        inputs = flat(node.keras_inputs) if self.old else node.arguments.keras_tensors
        masks = {id(mask) for tensor in inputs if (mask := getattr(tensor, "_keras_mask", None)) is not None}
        inputs = [tensor for tensor in inputs if id(tensor) not in masks]  # which Keras hands on by itself
        args, kwargs = (node.call_args, node.call_kwargs) if self.old else (node.arguments.args, node.arguments.kwargs)
        return {
            "layer": self.layer(layer), "inputs": self._all(inputs), "outputs": self._all(node.outputs),
            "site": self.sites.of(self.sites.applied, node),
            "options": {k: _plain(v, self._option) for k, v in kwargs.items() if v is not None and id(v) not in masks},
            "arguments": [_plain(a, self._option) for a in args],
        }  # fmt: skip

    def _option(self, value: Any) -> Plain:
        if isinstance(value, slice):
            return {"slice": [value.start, value.stop, value.step]}
        if value is Ellipsis:
            return {"ellipsis": True}
        tensor = hasattr(value, "shape") and hasattr(value, "dtype")
        return {"tensor": self._tensor(value)} if tensor else {"unknown": type(value).__name__}

    def _all(self, tensors: Any) -> list[int]:
        return [self._tensor(t) for t in flat(tensors)]

    def _tensor(self, tensor: Any) -> int:
        if id(tensor) not in self._tensors:
            self._kept.append(tensor)
            self._tensors[id(tensor)] = len(self.tensors)
            shape: Any = getattr(tensor, "shape", None)
            dtype = getattr(tensor, "dtype", "float32")
            known = shape is not None and getattr(shape, "rank", 0) is not None
            dims = [d if d is None else int(d) for d in shape] if known else None
            name = getattr(dtype, "name", None) or str(dtype)
            self.tensors.append({"shape": dims, "dtype": name, "name": str(getattr(tensor, "name", ""))})
        return self._tensors[id(tensor)]

    def layer(self, layer: Any) -> int:
        """The number of a layer, or of an operation that is none."""
        if id(layer) not in self._layers:
            self._kept.append(layer)
            number = self._layers[id(layer)] = len(self.layers)
            self.layers.append({})
            self.layers[number] = self._layer(layer)
        return self._layers[id(layer)]

    def _layer(self, layer: Any) -> dict[str, Plain]:
        weights, home = _weights(layer, "weights"), type(layer).__module__
        trained = {id(w) for w in _weights(layer, "trainable_weights")}  # Keras 2's variables do not say it themselves
        row: dict[str, Plain] = {
            "class": type(layer).__name__, "kind": self._kind(layer),
            "home": "keras" if home.split(".")[0] in ("keras", "tf_keras") else home,  # else a module of the user's
            "operation": not isinstance(layer, self.keras.layers.Layer), "name": layer.name,
            "trainable": bool(getattr(layer, "trainable", True)),
            "weights": [[w.name.split("/")[-1].split(":")[0], [*w.shape], id(w) in trained] for w in weights],
            "site": self.sites.of(self.sites.made, layer), "config": self._config(layer),
        }  # fmt: skip
        if isinstance(layer, self.keras.Model):
            model = self.model(layer)
            row |= {"model": model} if model["nodes"] else {"untraced": model["untraced"]}
        return row

    def _config(self, layer: Any) -> Plain:
        """The constructor's arguments as they are now; None where the layer does not say."""
        if isinstance(layer, self.keras.Model):
            return {}
        try:
            given = layer.get_config()
        except Exception:  # a layer of the user's need not have it, and may raise what it likes
            return None
        return {k: _plain(v, partial(self._value, k)) for k, v in given.items()} if isinstance(given, dict) else None

    def _value(self, name: str, value: Any) -> Plain:
        if isinstance(value, dict) and "class_name" in value and "config" in value:
            return self._object(name, value)
        if isinstance(value, dict):
            return {"dict": [[k, _plain(v, partial(self._value, name))] for k, v in value.items()]}
        plain = value.item() if hasattr(value, "item") and getattr(value, "shape", None) == () else None
        return plain if isinstance(plain, (int, float, bool)) else {"unknown": type(value).__name__}

    def _object(self, name: str, value: dict[str, Any]) -> Plain:
        """An object that Keras describes by class and configuration."""
        kind, config = value["class_name"], value["config"]
        if kind in ("DTypePolicy", "Policy", "FloatDTypePolicy"):
            return config["name"]
        if not isinstance(config, dict):
            return {"unknown": f"{kind} {config}"}
        room = next((OBJECTS[end] for end in OBJECTS if name.endswith(end)), None)
        inner = {k: _plain(v, partial(self._value, k)) for k, v in config.items()}
        if room is None:
            return {"layer": {"class": kind, "config": inner, "home": str(value.get("module", "keras.layers"))}}
        return {"object": kind, "config": inner, "short": self._short(room, kind, config)}

    def _short(self, room: str, kind: str, config: dict[str, Any]) -> str | None:
        """The string that means the same object: "glorot_uniform" for a GlorotUniform without a seed."""
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind).lower()
        try:
            other = getattr(self.keras, room).get(name).get_config()
        except Exception:  # Keras knows no such name, and says so in several ways
            return None
        return name if {**other, "seed": None} == {**config, "seed": None} and not config.get("seed") else None

    def _compile(self, model: Any) -> Plain:
        site = self.sites.of(self.sites.compiled, model)
        if site is None:
            return None
        try:
            given = model.get_compile_config() or {}
        except Exception:  # losses of the user's own
            given = {}
        known = {k: _plain(given[k], self._compiled) for k in ("loss", "metrics") if k in given}
        return {"site": site, "trained": vars(model).get(TRAINED, False), **known}

    def _compiled(self, value: Any) -> Plain:
        if isinstance(value, dict) and "class_name" in value:
            config = value["config"] if isinstance(value["config"], dict) else {"": value}
            plain = all(k in ("name", "fn") or v in DEFAULTS for k, v in config.items())
            return value["class_name"] if plain else {"unknown": value["class_name"]}
        if isinstance(value, dict):
            return {"dict": [[k, _plain(v, self._compiled)] for k, v in value.items()]}
        return {"unknown": str(value)}


def _plain(value: Any, other: Callable[[Any], Plain]) -> Plain:
    """Numbers, texts and lists as they are; what is none of these is described by ``other``."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return [_plain(part, other) for part in value] if isinstance(value, (list, tuple)) else other(value)


def _functional(model: Any) -> Any:
    inner = getattr(model, "_functional", None) or model
    return inner if hasattr(inner, "_nodes_by_depth") and inner._nodes_by_depth else None


def _totals(model: Any) -> dict[str, Plain]:
    sizes = {id(w): math.prod(map(int, w.shape)) for w in _weights(model, "weights")}
    trained = {id(w) for w in _weights(model, "trainable_weights")}
    return {"params": sum(sizes.values()), "trainable": sum(n for key, n in sizes.items() if key in trained)}


def _weights(layer: Any, kind: str) -> list[Any]:
    try:
        return list(getattr(layer, kind, ()))
    except ValueError:  # Keras 2 has no empty list for a model that is not built
        return []


def flat(value: Any) -> list[Any]:
    """The tensors of a structure, in order."""
    if isinstance(value, (dict, list, tuple)):
        return [one for part in (value.values() if isinstance(value, dict) else value) for one in flat(part)]
    return [] if value is None else [value]
