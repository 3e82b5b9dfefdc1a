"""Unknown values: what reading, calculating and asking gives."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import Any

from kerlint.evaluate import values
from kerlint.evaluate.registry import named, words
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import CALLED, Array, External, Function, Instance, Open, Value, short_key, small
from kerlint.graph.dim import Dim, Poly, bounds, bulk, divide_exactly, floor_div, formula, product, show, symbols
from kerlint.graph.formula import grouped
from kerlint.graph.layer import PLAIN, Layer

# Methods of arrays, frames, strings and parsers that leave their object as it was.
PURE = frozenset(named("opens.pure"))
DATA = tuple(f"{package}." for package in words("numpy pandas sklearn scipy cv2 PIL skimage h5py"))  # what they give


def opened(value: Value) -> Open | None:
    """The value as an unknown one, if it is one."""
    if isinstance(value, Open):
        return value
    if isinstance(value, External):
        return Open(value.name, value.name, f"{value.name} is outside")
    return None


def key_of(run: Run, value: Value, depth: int = 0) -> str:
    """A key for any value: for the keys of what is calculated from it."""
    if value.__class__ in PLAIN:
        return short_key(repr(value))
    if isinstance(value, Open):
        return run.key(value)
    if isinstance(value, Poly):  # two sizes may have one name
        return short_key(formula(value, {size: str(size.origin) for size in symbols(value)}))
    if isinstance(value, (tuple, list)) and depth < 3 and len(value) <= 20:
        return "[" + ",".join(key_of(run, v, depth + 1) for v in value) + "]"
    return value.name if isinstance(value, (Layer, External)) else f"{type(value).__name__.lower()}~{run.number(value)}"


def text_of(value: Value) -> str:
    """A value in a message or in the name of a symbol."""
    if isinstance(value, Open):
        return value.text
    if isinstance(value, External):
        return value.name
    if isinstance(value, Poly):
        return show(value)
    return repr(value) if value.__class__ in PLAIN else "..."


def attribute(run: Run, value: Open, name: str) -> Value:
    """``value.name``."""
    found = Open(short_key(f"{run.key(value)}.{name}"), f"{value.text}.{name}", value.why)
    found.integral, found.lent = name in ("size", "ndim") or found.key in run.whole, value.lent
    found.optional = not value.key.startswith(DATA)  # of who knows what
    return run.pinned.get(found.key, found)


def item(run: Run, value: Open, index: Value) -> Value:
    """``value[index]``."""
    if isinstance(index, slice):
        ends = (index.start, index.stop) if index.step is None else (index.start, index.stop, index.step)
        text = ":".join("" if p is None else text_of(p) for p in ends)
        key = ":".join("" if p is None else key_of(run, p) for p in (index.start, index.stop, index.step))
    else:
        text, key = text_of(index), key_of(run, index)
    found = Open(short_key(f"{run.key(value)}[{key}]"), f"{value.text}[{text}]", value.why)
    found.integral, found.lent = value.text.endswith(".shape") and not isinstance(index, slice), value.lent
    found.optional = not value.key.startswith(DATA)  # Keras tensors have sizes that are None
    return run.pinned.get(found.key, found)


def dim_of(value: Value) -> Dim | None:
    """The value as a dimension, if it may be one."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, Poly)):
        return value
    known = None if isinstance(value, External) and value.name.startswith("keras.") else opened(value)
    return None if known is None else known.size()


def integral(value: Value) -> bool:
    """Whether the value is certainly an integer."""
    return isinstance(value, (int, Poly)) or (isinstance(value, Open) and value.integral)


# Arithmetic among sizes: most of it is of numbers that are no sizes, so it is done when one is asked for.
SIZES: dict[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add, "Sub": operator.sub, "Mult": operator.mul, "Pow": lambda a, times: product([a] * times),
    "FloorDiv": floor_div, "Mod": lambda a, b: a - floor_div(a, b) * b,
}  # fmt: skip
LARGEST = 1000  # how many steps it may take to multiply two formulas: what comes out of larger ones is a new unknown
SYMBOLS = {"Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**"}


def calculate(run: Run, op: str, left: Value, right: Value) -> Value:
    """Arithmetic in which a side is unknown: exact for sizes (``n * 2 + 1``), else a new unknown."""
    a, b = dim_of(left), dim_of(right)
    whole = integral(left) and integral(right)
    formulas = isinstance(left, (int, Poly)) and isinstance(right, (int, Poly))
    sized = None if a is None or b is None or not _is_size(op, b, whole, formulas) else partial(SIZES[op], a, b)
    small = a is None or b is None or bulk(a) * bulk(b) <= LARGEST
    if formulas and sized is not None and small:
        return sized()
    sign = SYMBOLS.get(op, op)
    signs = {"Add": ("", ""), "Sub": ("", " "), "Mult": (" ", " /%"), "Pow": (" */%-", " */%")}.get(op, (" ", " */%"))
    sides = [grouped(text_of(side), apart) for side, apart in zip((left, right), signs, strict=True)]
    text = f"{sides[0]} {sign} {sides[1]}" if op in ("Add", "Sub") else f"{sides[0]}{sign}{sides[1]}"
    key = f"({key_of(run, left)}{sign}{key_of(run, right)})"
    why = next((v.why for v in (left, right) if isinstance(v, Open)), "it is not known")
    found = Open(short_key(key), text if len(text) < 80 else text[:76] + " ...", why)
    if a is None or b is None:
        found.longer = _longer(left, right) if op == "Add" else None
    elif op == "Div" and whole and b != 0:
        found.ratio = (a, b)
    elif sized is not None:
        found.dim, found.integral = sized if small else None, whole
    return found


def _longer(left: Value, right: Value) -> tuple[Open, int] | None:
    """``size + (3,)``: which sequence has how many entries more."""
    known, other = (left, right) if isinstance(left, (tuple, list)) else (right, left)
    if not isinstance(known, (tuple, list)) or not isinstance(other, Open) or values.Rest in map(type, known):
        return None
    base, more = other.longer or (other, 0)
    return base, more + len(known)


def _is_size(op: str, right: Dim, whole: bool, formulas: bool) -> bool:
    """Whether arithmetic among sizes gives one.

    ``whole``: both are certainly integers, ``formulas``: the program holds them as such.
    """
    if op in ("Mult", "Pow"):
        return whole and (op == "Mult" or (isinstance(right, int) and 0 < right < 5))
    return op in ("Add", "Sub") or (right != 0 and (op == "FloorDiv" or (op == "Mod" and formulas)))


def as_int(run: Run, value: Value, name: str = "int") -> Value:
    """``int(value)`` of something unknown, or ``round(value)``, which is no formula where it is no whole number."""
    if integral(value):
        return value
    known = opened(value)
    if known is None:
        return run.fresh(name, f"{name}(...)", "not a number that is known")
    found = Open(short_key(f"{name}({run.key(known)})"), f"{name}({known.text})", known.why, integral=True)
    if known.ratio is not None and bounds(known.ratio[0])[0] >= 0 and bounds(known.ratio[1])[0] >= 1:
        found.dim = (floor_div if name == "int" else divide_exactly)(*known.ratio)
    return found


def function_of(run: Run, name: str, *given: Value) -> Open:
    """The result of a function without side effects: equal for equal arguments."""
    key = f"{name}({','.join(key_of(run, v) for v in given)})"
    text = f"{name}({', '.join(text_of(v) for v in given)})"
    why = next((v.why for v in given if isinstance(v, Open)), "it is not known")
    return Open(short_key(key), text, why, integral=name == "len")


def lend(run: Run, found: Value, *given: Value) -> Value:
    """What comes out is perhaps a layer, a container, ... of what was given: what is set on it is perhaps set there."""
    stack = [value for value in given if value.__class__ not in PLAIN] if isinstance(found, (Open, Array)) else []
    parts: list[Value] = []
    for value in stack:  # grows meanwhile
        if isinstance(value, (Layer, values.ModelValue, Instance)):
            run.perhaps[value] = None
        elif isinstance(value, (list, tuple, dict, set)) and small(value):
            stack += (inner := [*(value.values() if isinstance(value, dict) else value)])
            parts += [part for part in inner if isinstance(part, (list, dict, set, *CALLED))]
        parts += [value] if isinstance(value, CALLED) and not isinstance(value, Instance) else ()
        parts += (part for part in value.lent if not isinstance(part, Function)) if isinstance(value, Open) else ()
    if parts and isinstance(found, Open):
        found.lent = tuple({id(part): part for part in parts}.values())  # each once: values are made of values
    return found
