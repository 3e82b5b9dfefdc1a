"""What the outside means: tables keyed by qualified name, by type and method, by type and attribute."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias, TypeVar

from kerlint.evaluate.state import Run
from kerlint.evaluate.values import Call, Value

Known: TypeAlias = "Callable[[Run, Call], Value]"
Method: TypeAlias = "Callable[[Run, Value, Call], Value]"
Read: TypeAlias = "Callable[[Run, Value], Value]"

K = TypeVar("K")
F = TypeVar("F")

FUNCTIONS: dict[str, Known] = {}
METHODS: dict[tuple[type, str], Method] = {}
ATTRIBUTES: dict[tuple[type, str], Read] = {}
CONSTANTS: dict[str, Value] = {}


def putting(table: dict[K, F], *keys: K) -> Callable[[F], F]:
    """A decorator that puts what it decorates into a table. Nothing has two meanings there."""

    def put(known: F) -> F:
        new = dict.fromkeys(keys, known)
        assert table.keys().isdisjoint(new), sorted(map(str, table.keys() & new.keys()))
        table.update(new)
        return known

    return put


function = partial(putting, FUNCTIONS)  # what a call of an outside function means, by its names


def method(kind: type, *names: str) -> Callable[[Method], Method]:
    """What a call of a method means."""
    return putting(METHODS, *((kind, name) for name in names))


def attribute(kind: type, *names: str) -> Callable[[Read], Read]:
    """What reading an attribute gives."""
    return putting(ATTRIBUTES, *((kind, name) for name in names))
