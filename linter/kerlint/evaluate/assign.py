"""Binding values to targets, and going through what can be iterated."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import partial
from typing import Any

from kerlint.evaluate import opens, operators
from kerlint.evaluate.attributes import delete_plainly, set_attribute
from kerlint.evaluate.derived import row_of, special
from kerlint.evaluate.escape import tensors_in
from kerlint.evaluate.models import put
from kerlint.evaluate.mutation import Places, Table, alter, entry, rest, spoil, touch, touch_entry
from kerlint.evaluate.names import Frame
from kerlint.evaluate.state import CONTAINER, Raised, Run, TooLarge
from kerlint.evaluate.streams import Stream, drawn, live
from kerlint.evaluate.tries import Attempt
from kerlint.evaluate.values import MISSING, Array, Call, Instance, ModelValue, Open, Rest, Value

ROWS = 1_024  # of an array, of which a loop goes over each
WALKED = 256  # elements that an object of the program is asked for


def iterate(run: Run, value: Value, any_order: bool = False) -> list[Value] | None:
    """The elements, or None if they are not known, or their order: in a set only small numbers have one."""
    value = drawn(row_of(value))
    if isinstance(value, (list, tuple, str, set, frozenset, dict, range, bytes)):
        if len(value) > CONTAINER:
            raise TooLarge(f"a loop over {len(value)} elements")
        found = list(value)
        if not any_order and isinstance(value, (set, frozenset)) and len(found) > 1:
            return None if any(not isinstance(v, (int, float)) for v in found) else found
        if any(isinstance(v, Rest) for v in found):
            return None
        if isinstance(value, Stream):
            touch(run, value)
            value[:] = [rest(run, "...", "the iterator was walked before")]
        return found
    if isinstance(value, (int, float, type(None))):
        run.fails(TypeError(f"{value} cannot be taken apart"))
    if isinstance(value, Array) and value.values is not None:
        return list(value.values)
    if isinstance(value, Array) and value.shape and isinstance(value.shape[0], int) and value.shape[0] <= ROWS:
        whole = len(value.shape) > 1
        row = partial(Array, value.shape[1:], value.dtype) if whole else partial(run.fresh, "item", "item", "data")
        return [row() for _ in range(value.shape[0])]
    return _walked(run, value) if isinstance(value, Instance) else None


def _walked(run: Run, value: Instance) -> list[Value] | None:
    """The elements that an object of the program gives, one after the other."""
    walker = special(run, value, "__iter__")
    if walker is not MISSING and not isinstance(walker, Instance):
        return iterate(run, walker)
    found: list[Value] = []
    run.trying.append(Attempt(None, None))  # the end is an exception
    try:
        for index in range(WALKED):
            indexed = walker is MISSING
            part = special(run, value, "__getitem__", index) if indexed else special(run, walker, "__next__")
            if part is MISSING or (indexed and isinstance(part, Open)):
                return None
            found.append(part)
        return None
    except Raised:
        return found
    finally:
        run.trying.pop()


def assign(run: Run, target: ast.expr, value: Value, frame: Frame) -> None:
    """Binds the value to a name, attribute, subscript or pattern of them."""
    if target.__class__ is ast.Name:
        christen(value, target.id, frame)
        if run.marks and target.id in frame.declared and target.id in (names := frame.declared[target.id].names):
            touch_entry(run, names, target.id)
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
    elif isinstance(value, Array):
        unnamed = isinstance(value, Table) and not value.text.isidentifier()
        for axis, size in enumerate(value.shape):
            own = isinstance(size, Open) and ("(" in size.text or (unnamed and size.text.startswith(value.text)))
            if own and size.text.endswith(f".shape[{axis}]"):
                size.text = f"{name}.shape[{axis}]"
        value.text = name if unnamed else value.text
    elif frame.module is frame and isinstance(value, (ModelValue, Instance)):
        model = value.model if isinstance(value, Instance) else value
        if model is not None:
            model.variables.append(name)
            model.name = model.name or name


def _unpack(run: Run, targets: list[ast.expr], value: Value, frame: Frame) -> None:
    parts = iterate(run, value)
    found = None if parts is None else folded(targets, parts)
    if parts is not None and found is None:
        run.fails(ValueError(f"{len(parts)} values for {len(targets)} names"))
    for position, target in enumerate(targets):
        assign(run, target, part_of(run, value, position) if found is None else found[position], frame)


def folded(targets: Sequence[ast.AST], parts: list[Value]) -> list[Value] | None:
    """A part for each target, or pattern; for one with a star a list. None if there are not as many."""
    star = next((i for i, t in enumerate(targets) if isinstance(t, (ast.Starred, ast.MatchStar))), None)
    if len(parts) < len(targets) - 1 if star is not None else len(parts) != len(targets):
        return None
    behind = len(parts) - len(targets) + 1
    return parts if star is None else [*parts[:star], parts[star : star + behind], *parts[star + behind :]]


def part_of(run: Run, value: Value, index: Value) -> Value:
    """``value[index]`` of something that cannot be taken apart."""
    known = opens.opened(value)
    if known is None:
        return run.fresh("part", "...", "it cannot be taken apart")
    return opens.item(run, known, index)


def _set_item(run: Run, target: Value, index: Value, value: Value) -> None:
    target = row_of(target) if isinstance(target, Instance) else target
    if isinstance(target, (list, dict)):
        touch_entry(run, target, index)
        put(run, target, value, by_index=True)
    if isinstance(target, list):
        if isinstance(index, int) and -len(target) <= index < len(target):
            target[index] = value
        elif isinstance(index, slice) and isinstance(value, (list, tuple)):
            try:
                target[index] = [*live(value)] if isinstance(value, Stream) else value
            except (TypeError, ValueError):
                spoil(run, target, "a part of a list was set to something unknown")
        else:
            spoil(run, target, "an element was set at an unknown position")
    elif isinstance(target, dict):
        entry(run, target, index, value)
    elif isinstance(target, (Array, Places, Open)):
        alter(run, target)
        run.returned += tensors_in(value)  # whoever has it has the tensor
    else:
        special(run, target, "__setitem__", index, value)


def delete(run: Run, target: ast.expr, frame: Frame) -> None:
    """``del target``."""
    if isinstance(target, ast.Name):
        run.evaluate(run, target, frame)
        frame.drop(target.id)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for part in target.elts:
            delete(run, part, frame)
    elif isinstance(target, ast.Attribute):
        delete_attribute(run, run.evaluate(run, target.value, frame), target.attr, target, frame)
    elif isinstance(target, ast.Subscript):
        container = row_of(run.evaluate(run, target.value, frame))
        index = run.evaluate(run, target.slice, frame)
        if isinstance(container, (list, dict)):
            touch(run, container)
            _delete_item(run, container, index, target)
        alter(run, container)


def delete_attribute(run: Run, owner: Value, name: Value, node: Any, frame: Frame) -> None:
    """``del owner.name``, ``delattr(owner, "name")``, whose name need not be known."""
    if not isinstance(name, str):
        set_attribute(run, owner, name, name, node, frame)
    elif special(run, owner, "__delattr__", name) is MISSING:
        delete_plainly(run, owner, Call((name,), {}, node, frame))


def in_place(run: Run, target: Value, node: ast.AugAssign, value: Value, frame: Frame) -> bool:
    """``target += value`` of a container changes itself: other names of it see that. Whether it is one."""
    target = row_of(target) if isinstance(target, Instance) else target
    if isinstance(target, list) and isinstance(node.op, ast.Add):
        parts = iterate(run, value)
        value = [rest(run, "...", f"something unknown is added (line {node.lineno})")] if parts is None else parts
    if type(target) is Array or (isinstance(target, Open) and target.lent):  # which keeps its shape
        alter(run, target)
        return isinstance(target, Array)
    changing = isinstance(target, (list, dict, set))
    made = operators.binary(run, type(node.op), target, value, node, frame) if changing else None
    if not isinstance(made, (list, dict, set)):
        return False
    touch(run, target)
    target.clear()
    (target.extend if isinstance(target, list) else target.update)(made)
    return True


def _delete_item(run: Run, container: Any, index: Value, node: ast.Subscript) -> None:
    if isinstance(index, Open):
        spoil(run, container, f"something unknown was deleted (line {node.lineno})")
        return
    try:
        del container[index]
    except (LookupError, TypeError) as error:
        run.fails(error)
