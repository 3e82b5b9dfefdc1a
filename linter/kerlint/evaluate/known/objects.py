"""Initialisers, regularisers, constraints, optimisers, losses: objects that a layer or compile() is given."""

from __future__ import annotations

from typing import Any

from kerlint.evaluate.apply import argument
from kerlint.evaluate.registry import function
from kerlint.evaluate.spelling import note_names
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import Call, External, Partial, Value
from kerlint.evaluate.words import TABLES, named
from kerlint.graph.layer import Object
from kerlint.layers.former import RENAMED

HOMES = ("initializers", "regularizers", "constraints", "optimizers", "losses", "metrics")
CLASS = {"sgd": "SGD", "rmsprop": "RMSprop"}  # other old spellings say where the words of the class begin
OLD = {"l": "l2", "m": "max_value", "max_value": "max_value"}


def _register(home: str, name: str) -> None:
    today = RENAMED.get(name, name)
    kind = CLASS.get(name) or ("".join(map(str.capitalize, today.split("_"))) if name.islower() else name)
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
        return Object(kind, tuple((k, argument(run, k, v)) for k, v in given.items()))


@function("keras.initializers.get", "keras.initializations.get")
def _initializer(run: Run, c: Call) -> Value:
    """What draws the first values of a weight: called with a shape, it gives an array."""
    value = c.get(0, "identifier")
    return value if value is None or isinstance(value, Object) else Partial(External("numpy.zeros"), (), {})


for _home in HOMES:
    for _name in named(f"objects.{_home}"):
        _register(_home, _name)
