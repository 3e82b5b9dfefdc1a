"""The state that a module leaves, and the way back to it: every run of one of its functions starts there."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from kerlint.evaluate.derived import Custom
from kerlint.evaluate.known.sklearn import Scaler
from kerlint.evaluate.mutation import Defaulting, Table
from kerlint.evaluate.names import Frame
from kerlint.evaluate.values import (
    Array,
    Bound,
    Class,
    Demanded,
    Function,
    Instance,
    Item,
    ModelValue,
    Module,
    Partial,
    Super,
    Value,
)

# Where values hold others. What a name in CHANGED stands for is replaced while a program runs, too.
PARTS: dict[type, tuple[str, ...]] = {
    Frame: ("names", "module", "parent", "receiver", "cls"),
    **{k: tuple(f.name for f in fields(k)) for k in (Bound, Class, Function, Instance, Module, Partial, Super)},
}
CHANGED: dict[type, tuple[str, ...]] = {
    k: tuple(f.name for f in fields(k)) for k in (Array, Table, Scaler, Custom, Item, ModelValue)
}
PLAIN = frozenset([str, int, bool, float, type(None)])


class Saved:
    """What was held by all that can be reached from here. Layers and tensors never change."""

    def __init__(self, *start: Value) -> None:
        self._containers: list[tuple[Any, Any]] = []
        self._values: list[tuple[Any, tuple[str, ...], list[Value]]] = []
        met: set[int] = set()
        stack = list(start)
        while stack:
            value = stack.pop()
            if value.__class__ not in PLAIN and id(value) not in met:
                met.add(id(value))
                stack.extend(self._parts(value))

    def _parts(self, value: Value) -> list[Value]:
        kind = type(value)
        if kind in PARTS:
            return [getattr(value, name) for name in PARTS[kind]]
        if kind in CHANGED:
            held = [getattr(value, name) for name in CHANGED[kind]]
            self._values.append((value, CHANGED[kind], held))
            return held
        if kind in (tuple, Demanded):
            return list(value)
        if kind not in (list, set, dict, Defaulting):
            return []
        self._containers.append((value, dict(value) if kind is Defaulting else value.copy()))
        return [*value, *value.values()] if isinstance(value, dict) else list(value)

    def restore(self) -> None:
        """Puts everything back in place: whoever holds one of these values sees it as it was."""
        for container, held in self._containers:
            container.clear()
            (container.extend if isinstance(container, list) else container.update)(held)
        for value, names, parts in self._values:
            for name, part in zip(names, parts, strict=True):
                setattr(value, name, part)
