"""Operators on known values, checked against the budget before they are computed."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from kerlint.evaluate import opens
from kerlint.evaluate.derived import by_value, special
from kerlint.evaluate.mutation import hashable, merge, rest_of, unknown_keys
from kerlint.evaluate.state import BITS, CONTAINER, Raised, Run, TooLarge
from kerlint.evaluate.values import MISSING, Array, Class, Demanded, External, Function, Instance, Open, Value, small
from kerlint.graph.dim import Poly, bounds, same
from kerlint.graph.graph import Tensor
from kerlint.graph.layer import Object
from kerlint.layers.table import find

BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow, ast.LShift:
    operator.lshift, ast.RShift: operator.rshift, ast.BitOr: operator.or_, ast.BitXor: operator.xor,
    ast.BitAnd: operator.and_,
}  # fmt: skip
PLAIN = (int, float, str, bytes, complex, tuple, list, dict, set, frozenset, range, type(None))
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Pow)  # of nothing that may be None
SETS = (set, frozenset)
OF_SETS = (ast.Sub, ast.BitOr, ast.BitXor, ast.BitAnd)
HASHED = (*SETS, dict)

# Operators of tensors and arrays: filled by known/.
OPERANDS: dict[type, Callable[[Run, str, Value, Value, Any, Any], Value]] = {}


def binary(run: Run, op: type[ast.operator], left: Value, right: Value, node: Any, frame: Any) -> Value:
    """``left op right``. Whatever stands first, an array beside a tensor is an operand of the tensor's operator."""
    left, right = _settled(run, left, right), _settled(run, right, left)
    if (left is None or right is None) and op in ARITHMETIC and any(value is None for value in run.pinned.values()):
        raise Raised("arithmetic with None, which is assumed", "TypeError")
    for side in (right, left) if isinstance(right, Tensor) else (left, right):
        handler = OPERANDS.get(type(side))
        if handler is not None:
            return handler(run, op.__name__, left, right, node, frame)
    if (found := of_objects(run, op, left, right)) is not MISSING:
        return found
    if isinstance(left, PLAIN) and isinstance(right, PLAIN):
        return known(run, op, left, right, node, frame)
    if isinstance(left, (Open, External, Poly)) or isinstance(right, (Open, External, Poly)):
        run.needed |= {v.key for v in (left, right) if isinstance(v, Open) and op is not ast.Mod}  # None would fail
        return opens.calculate(run, op.__name__, left, right)
    return run.lost("operator", node, frame, "an operator on an object")


def of_objects(run: Run, op: type[ast.operator], left: Value, right: Value, kind: str = "") -> Value:
    """What objects of the program make of it (``kind="i"``: of ``left op= right``); MISSING without."""
    name = BINARY.get(op, operator.matmul).__name__.strip("_")
    found = special(run, left, f"__{kind}{name}__", right)
    return special(run, right, f"__r{name}__", left) if found is MISSING and not kind else found


def _settled(run: Run, value: Value, other: Value) -> Value:
    """The value, or the sequence that it must be: a list beside a list."""
    value = run.pinned.get(run.key(value), value) if isinstance(value, Open) and run.pinned else value
    return list(value) if isinstance(value, Demanded) and isinstance(other, list) else value


def known(run: Run, op: type[ast.operator], left: Any, right: Any, node: Any, frame: Any) -> Value:
    """The operator on Python values. TooLarge where the result would be too large."""
    check(op, left, right)
    parts = right if isinstance(right, tuple) else right.values() if isinstance(right, dict) else (right,)
    if op is ast.Mod and isinstance(left, str) and not all(map(printable, parts)):
        return run.lost("format", node, frame, "a text with unknown parts")
    if isinstance(left, dict) and isinstance(right, dict) and op is ast.BitOr:
        merge(run, made := dict(left), right)
        return made
    if op in OF_SETS and all(isinstance(side, (*SETS, list)) and all(map(hashable, side)) for side in (left, right)):
        left, right = {*left}, {*right}  # what keys() gives is a list here
    if isinstance(left, SETS) and isinstance(right, SETS) and op is not ast.BitOr and unknown_keys({*left, *right}):
        return run.lost("set", node, frame, "a set of unknowns")
    try:
        return BINARY[op](left, right)
    except (TypeError, ValueError, ArithmeticError, KeyError, LookupError) as error:
        run.fails(error)
        return run.lost("error", node, frame, f"{error}")


def printable(value: Value) -> bool:
    """Whether its text is what Python makes of the value: nothing in it stands for something else."""
    plain = isinstance(value, (int, float, str, type(None)))
    return plain or (type(value) in (list, tuple) and small(value) and all(map(printable, value)))


def check(op: type[ast.operator], left: Any, right: Any) -> None:
    """TooLarge if the result would not fit the budget."""
    if isinstance(left, int) and isinstance(right, int):
        bits = _bits(op, left, right)
        if bits > BITS:
            raise TooLarge(f"an integer of about {bits} bits")
    elif op is ast.Mult:
        for items, times in ((left, right), (right, left)):
            if isinstance(items, (str, bytes, list, tuple)) and isinstance(times, int):
                if len(items) * max(times, 0) > CONTAINER:
                    raise TooLarge(f"a container of {len(items) * times} elements")
    elif op is ast.Add and isinstance(left, (str, bytes, list, tuple)) and isinstance(right, (str, bytes, list, tuple)):
        if len(left) + len(right) > CONTAINER:
            raise TooLarge(f"a container of {len(left) + len(right)} elements")
    elif op is ast.Mod and isinstance(left, (str, bytes)) and re.search(r"%[^a-zA-Z%]*(\d{4,}|\*)", str(left)):
        raise TooLarge("a format of more than a thousand characters")


def _bits(op: type[ast.operator], left: int, right: int) -> int:
    if op is ast.Pow:
        return left.bit_length() * max(right, 0) if left not in (0, 1, -1) else 1
    if op is ast.LShift:
        return left.bit_length() + max(right, 0)
    if op is ast.Mult:
        return left.bit_length() + right.bit_length()
    return max(left.bit_length(), right.bit_length())


def unary(run: Run, op: type[ast.unaryop], value: Value, node: Any, frame: Any) -> Value:
    """``-value``, ``+value``, ``~value``."""
    if isinstance(value, (int, float, complex)):
        if op is ast.Invert:
            return ~value if isinstance(value, int) else run.fresh("~", "~...", "not an integer")
        return -value if op is ast.USub else +value
    if op is ast.UAdd:
        return value
    if isinstance(value, (Open, External, Poly)):
        return opens.calculate(run, "Sub", 0, value) if op is ast.USub else opens.function_of(run, "~", value)
    if (found := special(run, value, "__neg__" if op is ast.USub else "__invert__")) is not MISSING:
        return found
    handler = OPERANDS.get(type(value))
    if handler is not None:
        return handler(run, "USub", value, -1, node, frame) if op is ast.USub else value
    return run.lost("operator", node, frame, "an operator on an object")


# --- comparisons: True, False, or None where that is not known ---------------------------------------------


def equal(left: Value, right: Value) -> bool | None:
    """``left == right``, without assuming anything."""
    if left is right:
        return True
    if isinstance(left, (Open, External)):
        return _equal_names(left, right)
    if isinstance(right, (Open, External)):
        return _equal_names(right, left)
    if isinstance(left, Poly) or isinstance(right, Poly):
        if all(isinstance(v, (int, Poly)) and not isinstance(v, bool) for v in (left, right)):
            return same(left, right)
        return False if left is None or right is None or isinstance(left, str) or isinstance(right, str) else None
    if isinstance(left, (tuple, list, dict, set)) and not (small(left) and small(right)):
        return None
    if isinstance(left, (tuple, list)) and isinstance(right, (tuple, list)):
        return _equal_parts(left, right)
    if isinstance(left, HASHED) and isinstance(right, HASHED):
        return _equal_keys(left, right)
    if isinstance(left, Array) or isinstance(right, Array):
        return False if left is None or right is None else None  # asked of each number of an array
    valued = [value for value in (left, right) if by_value(value)]
    if any(v.cls.lookup("__eq__") is not MISSING for v in valued) or (len(valued) > 1 and left.cls is right.cls):
        return None
    if isinstance(left, (Tensor, Instance, Object)) or isinstance(right, (Tensor, Instance, Object)):
        return False
    return bool(left == right)


def _equal_names(left: Open | External, right: Value) -> bool | None:
    """Classes of different names are different: Python's own, and of Keras's layers those of different rows."""
    if not isinstance(right, (Open, External)):
        if right is None and isinstance(left, Open) and (left.key[0] == "(" or (left.integral and not left.optional)):
            return False  # nor is what comes out of an operator
        named = isinstance(left, External) and left.name.startswith("keras.")
        return False if named and isinstance(right, (int, str, type(None), Class, Function)) else None
    names = [v.key if isinstance(v, Open) else v.name for v in (left, right)]
    if names[0] == names[1]:
        return True
    classes = [_class(value) for value in (left, right) if isinstance(value, External)]
    return None if len(classes) < 2 or None in classes else classes[0] is classes[1]


def _class(value: External) -> Any:
    """What tells a class from others; None if that is not known."""
    if value.name.startswith(("builtins.", "keras.KerasTensor")):
        return value.name
    return find(value.short) if value.name.startswith("keras.layers.") else None


def _equal_parts(left: Any, right: Any) -> bool | None:
    if isinstance(left, list) is not isinstance(right, list):
        return False
    if rest_of(left) is not None or rest_of(right) is not None:
        return None
    return len(left) == len(right) and _all_equal(zip(left, right, strict=True))


def _equal_keys(left: Any, right: Any) -> bool | None:
    if unknown_keys(left) or unknown_keys(right):
        return None
    if not (isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys()):
        return bool(left == right)
    return _all_equal((left[key], right[key]) for key in left)


def _all_equal(pairs: Iterable[tuple[Value, Value]]) -> bool | None:
    answers = [equal(a, b) for a, b in pairs]
    return False if False in answers else None if None in answers else True


ORDER: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip


def ordered(op: type[ast.cmpop], left: Value, right: Value) -> bool | None:
    """``left < right`` and the like."""
    if isinstance(left, Poly) or isinstance(right, Poly):
        if left is right or not all(isinstance(v, (int, Poly)) and not isinstance(v, bool) for v in (left, right)):
            return None
        found = {ORDER[op](end, 0) for end in bounds(left - right)}
        return found.pop() if len(found) == 1 else None
    if isinstance(left, SETS) and isinstance(right, SETS) and unknown_keys({*left, *right}):
        return None
    if isinstance(left, PLAIN) and isinstance(right, PLAIN) and small(left) and small(right):
        with suppress(TypeError):
            return bool(ORDER[op](left, right))
    return None
