"""Python's own functions."""

from __future__ import annotations

import ast
import builtins
import itertools
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial, reduce
from typing import Any, TypeAlias

from kerlint.evaluate import decide, opens
from kerlint.evaluate.assign import iterate
from kerlint.evaluate.attributes import attribute_of
from kerlint.evaluate.calls import call
from kerlint.evaluate.derived import row_of, special
from kerlint.evaluate.escape import handed
from kerlint.evaluate.models import counted
from kerlint.evaluate.mutation import alter, born, hashable, rest_of, touch, turns
from kerlint.evaluate.natives import call_native, shuffle
from kerlint.evaluate.operators import binary, ordered, printable
from kerlint.evaluate.registry import FUNCTIONS, Known, function, words
from kerlint.evaluate.state import CONTAINER, Run, TooLarge
from kerlint.evaluate.streams import Stream, drawn, live, rows
from kerlint.evaluate.values import MISSING, Array, Call, External, Instance, Open, Rest, Value, small
from kerlint.graph.dim import Poly
from kerlint.graph.graph import Tensor

Over: TypeAlias = Callable[[Run, Call, list[Value]], Value]
CONTAINERS: dict[str, Any] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}
CONVERSIONS: dict[str, Any] = {"float": float, "str": str, "complex": complex}


def unknown(run: Run, c: Call) -> Open:
    """The result is not known, but the same for the same arguments."""
    handed(run, c)
    name = c.frame.source.text(c.node.func) if hasattr(c.node, "func") else "function"
    found = opens.function_of(run, name, *c.args, *c.kwargs.values())
    found.text = c.frame.source.text(c.node)
    return found


def tried(run: Run, c: Call, make: Callable[..., Value], *args: Value) -> Value:
    """What Python's own function gives of values that are known; where it refuses them, that is what happens."""
    try:
        return make(*args)
    except (TypeError, ValueError, ArithmeticError, StopIteration) as error:
        run.fails(error)
        return unknown(run, c)


@function("builtins.len")
def _len(run: Run, c: Call) -> Value:
    value = row_of(c.get(0, "obj"))
    counted(run, c, value)
    if isinstance(value, (list, tuple, dict, set, str, bytes, range, frozenset)):
        value = drawn(value)
        rest = None if isinstance(value, (str, range)) else rest_of(value)
        return len(value) if rest is None else run.fresh("len", c.frame.source.text(c.node), rest.why)
    if isinstance(value, Array):
        return value.shape[0] if value.shape else 0
    if isinstance(value, (Open, External)):
        found = opens.function_of(run, "len", value)
        found.sized = opens.key_of(run, value)
        return found
    if isinstance(value, Tensor):
        return attribute_of(run, value, "shape", c.node, c.frame)
    if isinstance(value, (int, float, type(None))):
        return tried(run, c, len, value)
    found = special(run, value, "__len__")
    return unknown(run, c) if found is MISSING else found


@function("builtins.range", "builtins.xrange")
def _range(run: Run, c: Call) -> Value:
    args = [decide.settled(run, a) for a in c.args]
    if not args or not all(isinstance(a, int) for a in args) or c.kwargs or 0 in args[2:]:
        return unknown(run, c)
    found = range(*args)
    fits = not found or abs(found[-1] - found[0]) < sys.maxsize  # beyond, Python's len() fails
    return found if fits else unknown(run, c)


def over(*names: str, at: int = 0, any_order: bool = False, late: bool = False) -> Callable[[Over], Known]:
    """A function that goes through the elements of an argument; where they are not known, neither is the result.

    ``late``: it takes those of a list or iterator itself, one by one.
    """

    def put(known: Over) -> Known:
        def taken(run: Run, c: Call) -> Value:
            given = c.get(at, "iterable")
            values = given if late and isinstance(given, list) else iterate(run, given, any_order)
            return unknown(run, c) if values is None else known(run, c, values)

        return function(*names)(taken)

    return put


@function("builtins.zip")
def _zip(run: Run, c: Call) -> Value:
    parts = [a if isinstance(a, list) else iterate(run, a) for a in c.args]
    return unknown(run, c) if None in parts else rows(*(part for part in parts if part is not None))


@over("builtins.reversed", late=True)
def _reversed(_run: Run, _c: Call, values: list[Value]) -> Value:
    places = range(len(values) - 1, -1, -1)
    return Stream((values[place] for place in places if place < len(values)), len(values))


@over("builtins.enumerate", late=True)
def _enumerate(run: Run, c: Call, values: list[Value]) -> Value:
    start = c.get(1, "start", 0)
    counted(run, c, c.get(0, "iterable"))
    return rows(itertools.count(start), values) if isinstance(start, int) else unknown(run, c)


@function(*(f"builtins.{name}" for name in CONTAINERS))
def _container(run: Run, c: Call) -> Value:
    kind = CONTAINERS[c.name]
    if not c.args:
        return born(run, kind())
    shape = c.args[0]
    if isinstance(shape, range) and len(shape) > CONTAINER:
        raise TooLarge(f"a container of {len(shape)} elements")
    found = iterate(run, shape, True)
    if kind in (list, tuple) and isinstance(shape, (set, frozenset)) and iterate(run, shape) is None:
        shuffle(run, found, c.line)
    if found is None:
        known_shape = isinstance(shape, (list, tuple))
        return kind(shape) if known_shape and kind in (list, tuple) else unknown(run, c)
    if kind not in (list, tuple) and not all(map(hashable, found)):
        return unknown(run, c)
    return born(run, kind(found))


@function("builtins.dict", "collections.OrderedDict", "builtins.vars")
def _dict(run: Run, c: Call) -> Value:
    if c.args and isinstance(c.args[0], Instance):
        return attribute_of(run, c.args[0], "__dict__", c.node, c.frame)
    found: dict[Value, Value] = {}
    call_native(run, found, "update", c)
    return unknown(run, c) if rest_of(found) is not None else born(run, found)


@function("builtins.int", "builtins.long")
def _int(run: Run, c: Call) -> Value:
    value, base = c.get(0, "x", 0), (*c.args[1:], *c.kwargs.values())
    if (isinstance(value, str) and len(value) >= 400) or not all(isinstance(b, int) for b in base):
        return unknown(run, c)
    if isinstance(value, (int, float, str, list, tuple, dict, type(None))):
        return tried(run, c, int, value, *base)
    return opens.as_int(run, value) if isinstance(value, (Open, External, Poly)) else unknown(run, c)


@function(*(f"builtins.{name}" for name in CONVERSIONS))
def _conversion(run: Run, c: Call) -> Value:
    kind = CONVERSIONS[c.name]
    value = c.args[0] if c.args else kind()
    if kind is str and isinstance(value, (tuple, list)) and not printable(value):
        return unknown(run, c)
    if isinstance(value, (int, float, str, bytes, list, tuple, type(None))):
        return tried(run, c, kind, value)
    return value if isinstance(value, Poly) and kind is float else unknown(run, c)


FUNCTIONS["builtins.bool"] = lambda run, c: decide.negated(run, decide.negated(run, c.get(0, "x", False)))


@function(*(f"builtins.{name}" for name in words("abs round divmod pow chr ord hex")))
def _number(run: Run, c: Call) -> Value:
    name, given = c.name, (*c.args, *c.kwargs.values())  # no two of their arguments are written the other way round
    if not all(isinstance(a, (int, float, str)) for a in given):
        return opens.as_int(run, given[0], name) if name == "round" and len(given) == 1 else unknown(run, c)
    if name == "pow" and len(c.args) == 2:
        return binary(run, ast.Pow, c.args[0], c.args[1], c.node, c.frame)
    return tried(run, c, getattr(builtins, name), *given) if name != "pow" else unknown(run, c)


@function("builtins.max", "builtins.min")
def _extreme(run: Run, c: Call) -> Value:
    values = iterate(run, c.args[0], True) if len(c.args) == 1 else list(c.args)
    if not values:
        lost = unknown(run, c) if values is None or "default" in c.kwargs else tried(run, c, max, values)
        return lost if values is None else c.kwargs.get("default", lost)
    keys, best = keys_of(run, c, values), 0
    for place in range(1, len(values)):
        answer = ordered(ast.Gt if c.name == "max" else ast.Lt, keys[place], keys[best])
        if answer is None:
            return unknown(run, c)
        best = place if answer else best
    return values[best]


def keys_of(run: Run, c: Call, values: list[Value]) -> list[Value]:
    """What values are ordered by."""
    key = c.kwargs.get("key")
    return values if key is None else [call(run, key, Call((v,), {}, c.node, c.frame)) for v in values]


@over("builtins.sum", any_order=True)
def _sum(run: Run, c: Call, values: list[Value]) -> Value:
    start = c.get(1, "start", 0)
    return reduce(lambda total, value: binary(run, ast.Add, total, value, c.node, c.frame), values, start)


@over("builtins.sorted", any_order=True)
def _sorted(run: Run, c: Call, values: list[Value]) -> Value:
    keys = keys_of(run, c, values)
    if not all(isinstance(k, (int, float, str, tuple)) for k in keys) or not small(keys, 20_000):
        return unknown(run, c)
    order = partial(sorted, key=keys.__getitem__, reverse=decide.truth(run, c.kwargs.get("reverse", False)))
    return tried(run, c, lambda places: [values[i] for i in order(places)], range(len(values)))


@function("builtins.map")
def _map(run: Run, c: Call) -> Value:
    given = _zip(run, replace(c, args=c.args[1:]))
    if not isinstance(given, Stream) or not c.args[1:]:
        return unknown(run, c)
    made = (row if isinstance(row, Rest) else Call(row, {}, c.node, c.frame) for row in live(given))
    return Stream(call(run, c.args[0], row) if isinstance(row, Call) else row for row in made)


@over("builtins.filter", at=1, late=True)
def _filter(run: Run, c: Call, values: list[Value]) -> Value:
    test = External("builtins.bool") if c.args[0] is None else c.args[0]
    keeps = ((v, isinstance(v, Rest) or call(run, test, Call((v,), {}, c.node, c.frame))) for v in live(values))
    return Stream(v for v, keep in keeps if decide.truth(run, keep))


@over("builtins.all", "builtins.any", any_order=True, late=True)
def _quantor(run: Run, c: Call, values: list[Value]) -> Value:
    for value in live(values):
        if isinstance(value, Rest) or decide.truth(run, value) is (c.name == "any"):
            return unknown(run, c) if isinstance(value, Rest) else c.name == "any"
    return c.name == "all"


@function("builtins.iter", "builtins.next")
def _next(run: Run, c: Call) -> Value:
    value = c.get(0, "iterable")
    name = c.name
    if (found := special(run, value, f"__{name}__")) is not MISSING:
        return found
    value = [*value] if name == "iter" and isinstance(value, dict) else value
    if name == "iter" and isinstance(value, (list, tuple, range)):
        return value if isinstance(value, Stream) else Stream(live(value), len(value))
    if name == "next" and isinstance(value, Stream) and not value:
        value.draw(1)
    if name == "next" and isinstance(value, list) and not (value and isinstance(value[0], Rest)):
        touch(run, value, moves=True)
        if value and turns(run, value):
            return opens.lend(run, run.lost("next", c.node, c.frame, "which it is"), value)
        return value.pop(0) if value else tried(run, c, next, iter(value), *c.args[1:])
    if isinstance(value, Open) and value.element is not None:
        return value if name == "iter" else value.element
    alter(run, value)
    return run.lost("next", c.node, c.frame, "what next() gives is not known")
