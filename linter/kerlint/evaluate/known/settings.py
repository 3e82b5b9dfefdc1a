"""Keras's global settings, which are part of the run; objects that a layer or compile() is given."""

from __future__ import annotations

import ast
from typing import Any

from kerlint.evaluate import decide, opens
from kerlint.evaluate.apply import argument
from kerlint.evaluate.calls import callable_as
from kerlint.evaluate.known.arrays import given_shape
from kerlint.evaluate.known.builtins import unknown
from kerlint.evaluate.registry import FUNCTIONS, TABLES, function, named
from kerlint.evaluate.spelling import note_names
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import Array, Call, External, Open, Partial, Value
from kerlint.graph.graph import Tensor
from kerlint.graph.layer import Object
from kerlint.layers.former import RENAMED

SETTING = ("backend.set_image_data_format", "backend.set_image_dim_ordering", "config.set_image_data_format")
FORMATS = {"th": "channels_first", "tf": "channels_last"}
POLICY = ("set_global_policy", "set_policy", "experimental.set_policy", "set_dtype_policy")


for _home in ("backend", "config"):
    FUNCTIONS[f"keras.{_home}.image_data_format"] = lambda run, _c: run.data_format
    FUNCTIONS[f"keras.{_home}.floatx"] = lambda run, _c: run.floatx
    FUNCTIONS[f"keras.{_home}.backend"] = lambda _run, _c: "tensorflow"
    FUNCTIONS[f"keras.{_home}.epsilon"] = lambda _run, _c: 1e-7
FUNCTIONS["keras.backend.image_dim_ordering"] = lambda run, _c: "th" if run.data_format == "channels_first" else "tf"
FUNCTIONS["keras.backend.learning_phase"] = lambda _run, _c: 0


@function(*(f"keras.{name}" for name in SETTING))
def _set_format(run: Run, c: Call) -> None:
    value = c.get(0, "data_format", c.kwargs.get("dim_ordering"))
    if isinstance(value, Open):  # one of two words, whichever it is
        first = "th" if c.name.endswith("ordering") else "channels_first"
        with run.preferring(False):
            value = "th" if decide.truth(run, decide.compare(run, ast.Eq, value, first)) else "tf"
    if isinstance(value, str):
        run.data_format = FORMATS.get(value, value if value in FORMATS.values() else run.data_format)


@function("keras.backend.set_floatx", "keras.config.set_floatx")
def _set_floatx(run: Run, c: Call) -> None:
    value = c.get(0, "value")
    run.floatx = value if isinstance(value, str) else run.floatx


@function(*(f"keras.mixed_precision.{name}" for name in POLICY), "keras.config.set_dtype_policy")
def _set_policy(run: Run, c: Call) -> None:
    value = c.get(0, "policy")
    run.policy = value if isinstance(value, str) else None


for _name in ("mixed_precision.Policy", "mixed_precision.experimental.Policy", "DTypePolicy"):
    FUNCTIONS[f"keras.{_name}"] = lambda _run, c: c.get(0, "name")
for _home in ("backend", "utils"):
    FUNCTIONS[f"keras.{_home}.clear_session"] = lambda run, _c: run.layer_names.clear()


@function("keras.backend.is_keras_tensor", "keras.utils.is_keras_tensor")
@function("keras.backend.is_tensor", "tensorflow.is_tensor")
def _is_tensor(run: Run, c: Call) -> Value:
    value = c.get(0, "x")
    return isinstance(value, Tensor) if not isinstance(value, Open) else opens.function_of(run, "is_tensor", value)


# --- initialisers, regularisers, constraints, optimisers, losses -----------------------------------------------

CLASS = {"sgd": "SGD", "rmsprop": "RMSprop"}  # other old spellings say where the words of the class begin
OLD = {"l": "l2", "m": "max_value", "max_value": "max_value"}


class Metric(Object):
    """A metric: it has weights of its own."""


def _class(name: str) -> str:
    """The class that a function or class of Keras 1, 2 or 3 stands for."""
    today = RENAMED.get(name, name)
    return CLASS.get(name) or ("".join(map(str.capitalize, today.split("_"))) if name.islower() else name)


def _register(home: str, name: str) -> None:
    today, kind = RENAMED.get(name, name), _class(name)
    positional = TABLES.get(f"positional.{kind}", ()) if home != "metrics" else ("name",)

    @function(f"keras.{home}.{name}")
    def known(run: Run, c: Call) -> Value:
        if home in ("optimizers", "constraints"):
            note_names(run, c, today)
        names = (*positional, *(f"arg{position}" for position in range(len(positional), len(c.args))))
        given: dict[str, Any] = dict(zip(names, c.args, strict=False))
        given |= {("l1" if k == "l" and kind == "L1" else OLD.get(k, k)): v for k, v in c.kwargs.items() if k != "**"}
        if "**" in c.kwargs and home == "losses":
            given.setdefault("from_logits", run.fresh("**", "**", f"unknown keyword arguments (line {c.line})"))
        made = Metric if home == "metrics" else Object
        return made(kind, tuple((k, argument(run, k, v)) for k, v in given.items()))


INITIALIZERS = frozenset(_class(name) for name in named("objects.initializers"))


@callable_as(Object)
def _called(run: Run, made: Object, c: Call) -> Value:
    """An initialiser called with a shape gives an array."""
    shape = given_shape(run, c.get(0, "shape")) if made.kind in INITIALIZERS else None
    return unknown(run, c) if shape is None else Array(shape, "float32")


@function("keras.initializers.get", "keras.initializations.get")
def _initializer(run: Run, c: Call) -> Value:
    """What draws the first values of a weight: called with a shape, it gives an array."""
    value = c.get(0, "identifier")
    return value if value is None or isinstance(value, Object) else Partial(External("numpy.zeros"), (), {})


for _home in ("initializers", "regularizers", "constraints", "optimizers", "losses", "metrics"):
    for _name in named(f"objects.{_home}"):
        _register(_home, _name)
