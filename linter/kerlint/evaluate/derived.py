"""What the program's own classes have besides names: a layer of Keras behind them, defaults made for each object."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kerlint.evaluate.values import Value
from kerlint.graph.layer import Layer, LayerSpec


@dataclass(slots=True, eq=False)
class Custom:
    """A layer of the program's own class."""

    name: str
    made_at: Any
    named: bool = False
    weights: dict[str, tuple[tuple[Any, ...], bool]] = field(default_factory=dict)
    built: bool = False
    as_layer: Layer | None = None
    form: Any = None  # how its call() was called: what was a tensor, and all that was not
    declared: Value = None  # the shape that input_shape= and its like give, batch included
    row: LayerSpec | None = None  # of the Keras layer that it is derived from, if only its call() is its own
    base: Value = None  # that layer, as super().__init__() made it


@dataclass(slots=True, frozen=True)
class Factory:
    """The default of a field that is made for each object."""

    make: Value
