"""Subscripts: ``value[index]`` for every kind of value."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from kerlint.evaluate import decide, opens
from kerlint.evaluate.derived import members_of, row_of
from kerlint.evaluate.mutation import Defaulting, Tally, entry, held, touch, unknown_keys
from kerlint.evaluate.names import Frame
from kerlint.evaluate.state import Raised, Run
from kerlint.evaluate.streams import drawn
from kerlint.evaluate.tries import may_fail
from kerlint.evaluate.values import MISSING, Bound, Call, External, Function, Instance, Open, Rest, Value, short_key

# Subscripts of tensors, arrays and shapes: filled by known/.
ITEMS: dict[type, Callable[[Run, Value, Value, Any, Frame], Value]] = {}


def subscript(run: Run, target: Value, index: Value, node: Any, frame: Frame) -> Value:
    """``target[index]``."""
    handler = ITEMS.get(type(target))
    if handler is not None:
        return handler(run, target, index, node, frame)
    if isinstance(target, External) and target.name.startswith(("typing.", "builtins.")):
        return target
    if (known := opens.opened(target)) is not None:
        if run.trying and not isinstance(index, slice):
            may_fail(run, frame.source.text(node), kind="KeyError")
        return opens.item(run, known, index)
    index, target = decide.settled(run, index), members_of(target) or row_of(target)
    if isinstance(target, dict):
        return _entry(run, target, index, node, frame)
    if isinstance(target, (list, tuple, str, bytes, range)):
        return _element(run, drawn(target), index, node, frame)
    if isinstance(target, Instance):
        own = target.cls.lookup("__getitem__")
        getter = Bound(target, own, "__getitem__") if isinstance(own, Function) else Open("[]", "[]", "no __getitem__")
        return run.apply(run, getter, Call((index,), {}, node, frame))
    if isinstance(target, (int, float, type(None))):
        run.fails(TypeError("it has no elements"))
    return _unknown(run, target, index, node, frame)


def _unknown(run: Run, target: Value, index: Value, node: Any, frame: Frame) -> Value:
    key = f"{opens.key_of(run, target)}[{opens.key_of(run, index)}]"
    found = Open(short_key(key), frame.source.text(node), f"an index that is not known (line {node.lineno})")
    return opens.lend(run, found, target)


def _entry(run: Run, target: dict[Value, Value], index: Value, node: Any, frame: Frame) -> Value:
    if (found := held(run, target, index)) is not MISSING:
        return found
    if isinstance(index, Open):
        named = all(isinstance(k, (str, int)) for k in target) and not isinstance(target, Defaulting)
        if named and 0 < len(target) <= decide.CHOICES:
            if run.trying:
                may_fail(run, frame.source.text(node), kind="KeyError")
            return _chosen(run, target, index)
    if isinstance(target, Defaulting) and not unknown_keys(target):
        made = run.apply(run, target.factory, Call((), {}, node, frame))
        if isinstance(target, Tally):
            return made
        touch(run, target)
        entry(run, target, index, made)
        return made
    if isinstance(index, (int, str)) and all(isinstance(k, (int, str)) and k != "**" for k in target):
        run.fails(KeyError(f"no {index!r} in the dictionary"))
    return _unknown(run, target, index, node, frame)


def _chosen(run: Run, target: dict[Value, Value], index: Open) -> Value:
    """An unknown key is one of the keys there are: assumed, one after the other."""
    keys = list(target)
    for key in keys[:-1]:
        if decide.truth(run, decide.compare(run, ast.Eq, index, key)):
            return target[key]
    if decide.refuted(run, index, keys[-1]):
        raise Raised(f"no {index.text} in the dictionary", "KeyError")
    run.pinned[run.key(index)] = keys[-1]
    return target[keys[-1]]


def _element(run: Run, target: Any, index: Value, node: Any, frame: Frame) -> Value:
    if isinstance(index, slice):
        return _part(run, target, index, node, frame)
    if not isinstance(index, int):
        return _unknown(run, target, index, node, frame)
    if isinstance(target, (list, tuple)):
        cut = [i for i, v in enumerate(target) if isinstance(v, Rest)]
        if cut and ((index < 0 and index >= -(len(target) - cut[-1] - 1)) or 0 <= index < cut[0]):
            return target[index]
        if cut:
            return run.fresh("element", frame.source.text(node), target[cut[0]].why)
    try:
        return target[index]
    except IndexError as error:
        run.fails(error)
        return run.lost("element", node, frame, f"index {index} of {len(target)} elements")


def _part(run: Run, target: Any, index: slice, node: Any, frame: Frame) -> Value:
    parts = (index.start, index.stop, index.step)
    if not all(p is None or isinstance(p, int) for p in parts) or index.step == 0:
        if isinstance(target, (list, tuple)):
            return opens.lend(run, run.lost("slice", node, frame, "a slice with unknown ends"), target)
        return _unknown(run, target, str(index), node, frame)
    return target[index]
