"""Tables: what the outside means, by qualified name, by type and method or attribute; words, also of ``words.json``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from kerlint.evaluate.state import Run
    from kerlint.evaluate.values import Call, Value

TABLES: dict[str, Any] = json.loads(Path(__file__).with_name("words.json").read_bytes())


def named(table: str) -> tuple[str, ...]:
    """The words of one of the long tables."""
    return tuple(TABLES[table])


def words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


def word_set(text: str) -> frozenset[str]:
    """The words of a text, to ask whether one is among them."""
    return frozenset(text.split())


@cache
def snake(name: str) -> str:
    """``Conv1D`` -> ``conv1d``, ``MaxPooling2D`` -> ``max_pooling2d``: as Keras does it."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


# --- what the outside means ------------------------------------------------------------------------------------

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
