"""What the program's own classes have besides names: a layer of Keras behind them, defaults made for each object."""

from __future__ import annotations

import ast
import builtins
import re
from dataclasses import dataclass, field
from typing import Any

from kerlint.evaluate import opens
from kerlint.evaluate.names import MODELS
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import MISSING, Array, Bound, Call, Class, External, Function, Instance, Value
from kerlint.graph.graph import Tensor
from kerlint.graph.layer import Layer, LayerSpec
from kerlint.layers.table import find

ROW = External("typing.NamedTuple")
MODELS_OF_KERAS = tuple(f"keras.models.{name}" for name in MODELS)
OBJECT = External("builtins.object")
HELD = ""  # among the names of an object of a class derived from a container: what that holds
CONTAINERS: dict[str, Any] = {"builtins.list": list, "builtins.dict": dict, "collections.OrderedDict": dict}
WALKED = ("__iter__", "__getitem__", "__len__", "__contains__", "__eq__", "__setitem__", "__missing__")


def row_of(value: Value) -> Value:
    """The tuple or container that an object of the program is, the members of an enumeration; others as they are."""
    if members := members_of(value):
        return tuple(dict.fromkeys(members.values()))
    if isinstance(value, Instance) and ROW in value.cls.order:
        return tuple(value.names[name] for name in fields_of(value.cls))
    if isinstance(value, Instance) and HELD in value.names:
        return value if any(value.cls.lookup(n) is not MISSING for n in WALKED) else value.names[HELD]
    return value


def members_of(value: Value) -> dict[str, Value]:
    """The members of an enumeration by name, second names too; none of anything else."""
    found: dict[str, Value] = value.names.get("__members__", {}) if isinstance(value, Class) else {}
    return found


def by_value(value: Value) -> bool:
    """Whether an object of the program is equal to others, perhaps, by what it holds."""
    own = value.cls if isinstance(value, Instance) else None
    return own is not None and (bool(fields_of(own)) or own.lookup("__eq__") is not MISSING)


@dataclass(slots=True, eq=False)
class Custom:
    """A layer of the program's own class."""

    name: str
    made_at: Any
    named: bool = False
    weights: dict[str, tuple[tuple[Any, ...], bool | None]] = field(default_factory=dict)
    built: bool = False
    by_hand: list[Value] = field(default_factory=list)  # layers that its methods build themselves
    as_layer: Layer | None = None
    structure: Value = None  # the outputs as its call() gave them
    form: Any = None  # how its call() was called: what was a tensor, and all that was not
    declared: Value = None  # the shape that input_shape= and its like give, batch included
    row: LayerSpec | None = None  # of the Keras layer that it is derived from, if only its call() is its own
    base: Value = None  # that layer, as super().__init__() made it

    def settle(self, listed: Value) -> None:
        """``self.trainable_weights = [...]``: possible only where variables do not count by themselves; these do."""
        if isinstance(listed, list) and all(isinstance(v, (Array, Tensor)) for v in listed):
            sizes = [tuple(map(opens.dim_of, v.shape)) for v in listed if isinstance(v, Array)]
            self.weights = {k: w for k, w in self.weights.items() if not k.startswith("variable_")}
            self.weights |= {f"variable_{n}": (shape, True) for n, shape in enumerate(sizes) if None not in shape}


@dataclass(slots=True, frozen=True)
class Factory:
    """What a field is besides its name: a default made for each object, perhaps not asked for (``late``)."""

    make: Value
    default: Value = MISSING
    late: bool = False
    compared: bool = True


def fields_of(cls: Class) -> dict[str, str]:
    """The fields of a dataclass or named tuple, its bases' first, with their annotations; of others none."""
    own = [b for b in cls.order if isinstance(b, Class) and ("__dataclass__" in b.names or ROW in b.bases)]
    found = {k: v for base in reversed(own) for k, v in base.names.get("__fields__", {}).items()}
    return {k: v for k, v in found.items() if not re.search(r"\b(ClassVar|KW_ONLY)\b", v)}


def parameters(instance: Instance, name: str) -> list[str]:
    """What a method of the program calls its arguments, without ``self``."""
    found = instance.cls.lookup(name)
    spec = found.node.args if isinstance(found, Function) else ast.arguments([], [], None, [], [], None, [])
    return [a.arg for a in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)][1:]


def special(run: Run, value: Value, name: str, *args: Value) -> Value:
    """What ``__len__`` and its like of an object of the program give, for the statement that runs; MISSING without."""
    found = value.cls.lookup(name) if isinstance(value, Instance) and run.at is not None else MISSING
    if not isinstance(found, Function) or run.at is None:
        return MISSING
    return run.apply(run, Bound(value, found, name), Call(args, {}, *run.at, via=True))


def descends(cls: Value, kind: Value) -> bool | None:
    """Whether a class is another one, or derived from it."""
    if isinstance(cls, Class):
        above = {descends(base, kind) for base in cls.order if not isinstance(base, Class)}
        return kind in cls.order or kind == OBJECT or True in above or (None if None in above else False)
    if not isinstance(cls, External) or not isinstance(kind, External):
        return False if isinstance(cls, External) and isinstance(kind, Class) else None
    if kind in (cls, OBJECT):
        return True
    own, other = (getattr(builtins, k.short, None) if k.name.startswith("builtins.") else None for k in (cls, kind))
    if isinstance(own, type) and isinstance(other, type):
        return issubclass(own, other)
    spec = find(cls.short) if cls.name.startswith("keras.layers.") else None
    model = cls.name in MODELS_OF_KERAS
    if model or kind.name in MODELS_OF_KERAS:
        return True if model and kind.name in ("keras.models.Model", "keras.layers.Layer") else None
    return None if spec is None else kind.name == "keras.layers.Layer" or is_layer(spec.name, kind.short)


# Classes of Keras 3 that are derived from others; None: in some versions.
DERIVED = {("ReversibleEmbedding", "Embedding"): True, ("AdditiveAttention", "Attention"): None}


def is_layer(kind: str, name: str) -> bool | None:
    """Whether a layer's class is another one or derived from it; None where that depends on the version."""
    spec = find(name)
    if (kind, name) in DERIVED:
        return DERIVED[kind, name]
    if spec is not None and (spec.name == kind or (spec.name == "Dropout" and kind.startswith("SpatialDropout"))):
        return True
    derived = spec is None or (spec.name.startswith("Conv") and "Conv" in kind) or spec.name == "RNN"
    return None if derived else False
