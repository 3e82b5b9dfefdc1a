"""Binding values to targets, and going through what can be iterated."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from kerlint.evaluate import opens
from kerlint.evaluate.attributes import set_attribute
from kerlint.evaluate.names import Frame
from kerlint.evaluate.state import CONTAINER, TooLarge
from kerlint.evaluate.values import Array, ModelValue, Open, Rest, Value, short_key, small

if TYPE_CHECKING:
    from kerlint.evaluate.state import Run


def rest(run: Run, text: str, why: str) -> Rest:
    """An unknown number of further elements."""
    run.ordinals["*"] += 1
    return Rest(f"*{run.ordinals['*']}", text, why)


def hashable(value: Value) -> bool:
    """Whether the value can be a key."""
    if isinstance(value, (Open, list, dict, set)) or (isinstance(value, tuple) and not small(value)):
        return False
    try:
        hash(value)
    except TypeError:
        return False
    return not (isinstance(value, tuple) and any(isinstance(v, Open) for v in value))


def iterate(run: Run, value: Value) -> list[Value] | None:
    """The elements, or None if it is not known what they are."""
    if isinstance(value, (list, tuple, str, set, frozenset, dict, range, bytes)):
        if len(value) > CONTAINER:
            raise TooLarge(f"a loop over {len(value)} elements")
        found = list(value)
        return None if any(isinstance(v, Rest) for v in found) else found
    if isinstance(value, Array) and value.values is not None:
        return list(value.values)
    if isinstance(value, Array) and value.shape and isinstance(value.shape[0], int) and value.shape[0] <= 64:
        return [
            Array(value.shape[1:], value.dtype) if len(value.shape) > 1 else run.fresh("item", "item", "data")
        ] * value.shape[0]
    return None


def assign(run: Run, target: ast.expr, value: Value, frame: Frame) -> None:
    """Binds the value to a name, attribute, subscript or pattern of them."""
    if isinstance(target, ast.Name):
        christen(value, target.id, frame)
        frame.set(target.id, value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        _unpack(run, target.elts, value, frame)
    elif isinstance(target, ast.Attribute):
        set_attribute(run, run.evaluate(run, target.value, frame), target.attr, value, target, frame)
    elif isinstance(target, ast.Subscript):
        _set_item(run, run.evaluate(run, target.value, frame), run.evaluate(run, target.slice, frame), value)
    elif isinstance(target, ast.Starred):
        assign(run, target.value, value, frame)


def christen(value: Value, name: str, frame: Frame) -> None:
    """A value is called by the first name that it gets."""
    if isinstance(value, Open):
        if "(" in value.text or " ..." in value.text or (value.text.endswith("]") and "(" in value.text):
            value.text = name
    elif isinstance(value, ModelValue) and not value.name and frame.module is frame:
        value.name = name


def _unpack(run: Run, targets: list[ast.expr], value: Value, frame: Frame) -> None:
    parts = iterate(run, value)
    star = next((i for i, t in enumerate(targets) if isinstance(t, ast.Starred)), None)
    if parts is None or len(parts) < len(targets) - (star is not None) or (star is None and len(parts) != len(targets)):
        for position, target in enumerate(targets):
            assign(run, target, part_of(run, value, position), frame)
        return
    if star is None:
        for target, part in zip(targets, parts, strict=True):
            assign(run, target, part, frame)
        return
    behind = len(targets) - star - 1
    middle = parts[star : len(parts) - behind]
    for target, part in zip(targets[:star], parts[:star], strict=True):
        assign(run, target, part, frame)
    assign(run, targets[star], middle, frame)
    for target, part in zip(targets[star + 1 :], parts[len(parts) - behind :], strict=True):
        assign(run, target, part, frame)


def part_of(run: Run, value: Value, index: Value) -> Value:
    """``value[index]`` of something that cannot be taken apart."""
    known = opens.opened(value)
    if known is None:
        return run.fresh("part", "...", "it cannot be taken apart")
    return opens.item(run, known, index)


def _set_item(run: Run, target: Value, index: Value, value: Value) -> None:
    if isinstance(target, list):
        if isinstance(index, int) and -len(target) <= index < len(target):
            target[index] = value
        elif isinstance(index, slice) and isinstance(value, (list, tuple)):
            _set_slice(run, target, index, value)
        else:
            target[:] = [rest(run, "...", "an element was set at an unknown position")]
    elif isinstance(target, dict):
        target[index if hashable(index) else short_key(opens.key_of(run, index))] = value
    elif isinstance(target, Array):
        target.values = None
    elif isinstance(target, Open):
        run.changed(target)


def _set_slice(run: Run, target: list[Value], index: slice, value: Any) -> None:
    try:
        target[index] = value
    except (TypeError, ValueError):
        target[:] = [rest(run, "...", "a part of a list was set to something unknown")]


def delete(run: Run, target: ast.expr, frame: Frame) -> None:
    """``del target``."""
    if isinstance(target, ast.Name):
        (frame.declared.get(target.id, frame)).names.pop(target.id, None)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for part in target.elts:
            delete(run, part, frame)
    elif isinstance(target, ast.Subscript):
        container = run.evaluate(run, target.value, frame)
        index = run.evaluate(run, target.slice, frame)
        try:
            if isinstance(container, (list, dict)):
                del container[index]
        except (KeyError, IndexError, TypeError):
            pass
        if isinstance(container, Open):
            run.changed(container)
