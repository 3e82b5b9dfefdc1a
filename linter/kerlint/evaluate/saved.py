"""The state that a module leaves, and the way back to it: every run of one of its functions starts there."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import fields
from operator import is_
from typing import Any

from kerlint.evaluate import values
from kerlint.evaluate.derived import Custom
from kerlint.evaluate.known.datasets import Scaler
from kerlint.evaluate.mutation import Defaulting, Table
from kerlint.evaluate.names import Frame, Names
from kerlint.evaluate.streams import Stream, drawn
from kerlint.evaluate.values import CALLED, MISSING, Array, Class, Demanded, ModelValue, Rest, Value

# Where values hold others. What a name in CHANGED stands for is replaced while a program runs, too.
PARTS: dict[type, tuple[str, ...]] = {
    Frame: ("names", "module", "parent", "receiver", "cls"),
    **{k: tuple(f.name for f in fields(k)) for k in (*CALLED, Class, values.Module, values.Super)},
}
REPLACED = (Array, Table, Scaler, Custom, values.Item, ModelValue)
CHANGED: dict[type, tuple[str, ...]] = {k: tuple(f.name for f in fields(k)) for k in REPLACED}
Way = tuple[str, ...]  # the names on the way to a value
PLAIN = frozenset([str, int, bool, float, type(None)])


class Saved:
    """What was held by all that can be reached from here. Layers and tensors never change but by losing something."""

    def __init__(self, *start: Value) -> None:
        self._containers: list[tuple[Any, Any, Way]] = []
        self._values: list[tuple[Any, tuple[str, ...], list[Value]]] = []
        met: set[int] = set()
        queue: deque[tuple[Way, Value]] = deque(((), value) for value in start)  # the shortest way to each is taken
        while queue:
            way, value = queue.popleft()
            if value.__class__ not in PLAIN and id(value) not in met:
                met.add(id(value))
                queue.extend(self._parts(way, value))

    def _parts(self, way: Way, value: Value) -> Iterable[tuple[Way, Value]]:
        """What a value holds, each part with the way to it."""
        kind = type(value)
        if kind in PARTS:
            return [(way, getattr(value, part)) for part in PARTS[kind]]
        if kind in CHANGED:
            held = [getattr(value, part) for part in CHANGED[kind]]
            self._values.append((value, CHANGED[kind], held))
            return [(way, part) for part in held]
        if kind is Stream and value.late is not None:  # what each of several runs would take is the same for none
            drawn(value) if value.size else value.append(Rest("*", "...", "an iterator of the module"))
            value.late = None
        if kind in (list, set, dict, Names, Defaulting, Stream):
            self._containers.append((value, value.copy(), way))
        if kind in (dict, Names, Defaulting):
            return [((*way, key) if isinstance(key, str) else way, part) for key, part in value.items()]
        return [(way, part) for part in value] if kind in (list, set, tuple, Demanded, Stream) else []

    def restore(self) -> set[str]:
        """Puts everything back in place, whoever holds it. Gives the names of what had changed."""
        changed: set[str] = set()
        for container, held, way in self._containers:
            if _same(container, held):
                continue
            changed.update(way)
            if isinstance(container, dict):
                keys = [k for k, v in held.items() if container.get(k, MISSING) is not v]
                changed.update(k for k in (*keys, *(container.keys() - held.keys())) if isinstance(k, str))
            container.clear()
            (container.extend if isinstance(container, list) else container.update)(held)
        for value, names, parts in self._values:
            for name, part in zip(names, parts, strict=True):
                setattr(value, name, part)
        return changed


def _same(container: Any, held: Any) -> bool:
    """Whether a container holds the very same things: comparing them would go into what they hold."""
    if isinstance(container, set):
        return bool(container == held)
    same = len(container) == len(held) and all(map(is_, container, held))
    return same and (isinstance(container, list) or all(map(is_, container.values(), held.values())))
