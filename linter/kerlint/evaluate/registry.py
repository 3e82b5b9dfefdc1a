"""What the outside means: tables keyed by qualified name, by type and method, by type and attribute."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from kerlint.evaluate.state import Run
from kerlint.evaluate.values import Call, Value

Known: TypeAlias = "Callable[[Run, Call], Value]"
Method: TypeAlias = "Callable[[Run, Value, Call], Value]"
Read: TypeAlias = "Callable[[Run, Value], Value]"

FUNCTIONS: dict[str, Known] = {}
METHODS: dict[tuple[type, str], Method] = {}
ATTRIBUTES: dict[tuple[type, str], Read] = {}
CONSTANTS: dict[str, Value] = {}


def function(*names: str) -> Callable[[Known], Known]:
    """What a call of an outside function means."""

    def put(known: Known) -> Known:
        FUNCTIONS.update(dict.fromkeys(names, known))
        return known

    return put


def method(kind: type, *names: str) -> Callable[[Method], Method]:
    """What a call of a method means."""

    def put(known: Method) -> Method:
        METHODS.update({(kind, name): known for name in names})
        return known

    return put


def attribute(kind: type, *names: str) -> Callable[[Read], Read]:
    """What reading an attribute gives."""

    def put(known: Read) -> Read:
        ATTRIBUTES.update({(kind, name): known for name in names})
        return known

    return put
