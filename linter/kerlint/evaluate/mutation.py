"""What changes in place at an unknown position, or an unknown number of times.

A ``Rest`` in a list, a set or among the keys of a dictionary stands for further elements that are not known.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kerlint.evaluate import opens
from kerlint.evaluate.derived import by_value, row_of
from kerlint.evaluate.names import Names
from kerlint.evaluate.state import Loop, Run
from kerlint.evaluate.values import MISSING, Array, Instance, Open, Rest, Value, short_key, small

KEPT = 64  # entries of a dictionary that are told apart after an unknown key was set
MOVED = object()  # as the key of a change: of elements that are at other places then
PLAIN = (int, float, str, tuple, Open)  # what is another value after another round of a loop


@dataclass(slots=True, frozen=True)
class Hidden:
    """A key of a dictionary that is not known, by the key of the unknown value."""

    key: str

    @classmethod
    def of(cls, run: Run, value: Value) -> Hidden:
        """The key that an unknown value is."""
        return cls(short_key(opens.key_of(run, value)))


@dataclass(slots=True, eq=False)
class Table(Array):
    """A table of pandas (two axes), or one of its columns: numbers that are known by their shape, and names."""


@dataclass(slots=True, frozen=True)
class Places:
    """``table.iloc``, ``table.loc`` (``labels``: rows by name)."""

    table: Table
    labels: bool


def sizes(run: Run, text: str, count: int) -> tuple[Open, ...]:
    """The sizes of data with so many axes, of which nothing else is known."""
    names = [f"{text}.shape[{axis}]" for axis in range(count)]
    found = [run.fresh(name, name, f"what {text} holds is not known") for name in names]
    for size in found:
        size.integral = True
    return tuple(found)


ALTERED: dict[type, Callable[..., None]] = {}  # of what can be called: it was, perhaps on these


def alter(run: Run, value: Value) -> None:
    """Something that is not followed was done to it: of data other numbers, and of a table perhaps other columns."""
    if (follow := ALTERED.get(type(value))) is not None:
        follow(run, value)
    data = value.table if isinstance(value, Places) else value
    if isinstance(value, Open):
        run.changed(value)
        for held in map(row_of, value.lent):  # a named tuple stays what it is
            plain = isinstance(held, Instance) and held.model is None and held.custom is None
            if plain or isinstance(held, (list, dict, set)):
                spoil(run, held.names if plain else held, f"perhaps it was changed as {value.text}")
            elif not isinstance(held, Instance):
                alter(run, held)
    if isinstance(data, Array):
        data.values = None
        run.number(data, anew=True)
    if isinstance(data, Table):
        data.shape = sizes(run, data.text, len(data.shape))


class Defaulting(dict[Value, Value]):
    """collections.defaultdict."""

    def __init__(self, factory: Value) -> None:
        super().__init__()
        self.factory = factory


class Tally(Defaulting):
    """collections.Counter: what it has not counted is 0, and not there."""


def hashable(value: Value) -> bool:
    """Whether the value can be a key."""
    if isinstance(value, (Open, list, dict, set)) or (isinstance(value, tuple) and not small(value)) or by_value(value):
        return False
    try:
        hash(value)
    except TypeError:
        return False
    return not (isinstance(value, tuple) and any(isinstance(v, Open) for v in value))


def rest(run: Run, text: str, why: str) -> Rest:
    """An unknown number of further elements."""
    run.ordinals["*"] += 1
    return Rest(f"*{run.ordinals['*']}", text, why)


def rest_of(container: Any) -> Rest | None:
    """The further elements of a list, set or dictionary that are not known."""
    return next((v for v in container if isinstance(v, Rest)), None)


def grow(run: Run, container: Value, why: str) -> None:
    """The container holds perhaps more than is known."""
    if not isinstance(container, (list, set, dict)) or rest_of(container) is not None:
        return
    more = rest(run, "...", why)
    if isinstance(container, list):
        container.append(more)
    elif isinstance(container, set):
        container.add(more)
    else:
        container[more] = more


def spoil(run: Run, container: Value, why: str) -> None:
    """Nothing is known any more of what the container holds."""
    if isinstance(container, Names):
        run.spoiled.append(container.lost)
        return
    container.clear()
    grow(run, container, why)


def entry(run: Run, target: dict[Value, Value], key: Value, value: Value) -> None:
    """``target[key] = value``. A key that is not known may be any of those there are."""
    if hashable(key):
        target[key] = value
        return
    if isinstance(target, Names):
        run.spoiled.append(target.lost)
        return
    _perhaps(run, target, opens.text_of(key))
    grow(run, target, f"what [{opens.text_of(key)}] is, is not known")
    target[Hidden.of(run, key)] = value


def held(run: Run, container: dict[Value, Value], key: Value) -> Value:
    """What a dictionary has for a key, be that one that is not known; MISSING without, and of what can be no key."""
    try:
        return container.get(Hidden.of(run, key) if isinstance(key, Open) else key, MISSING)
    except TypeError:
        return MISSING


def unknown_keys(container: Iterable[Value]) -> list[Hidden | Rest]:
    """The keys of a dictionary, or elements of a set, that are not known."""
    return [key for key in container if isinstance(key, (Hidden, Rest))]


def merge(run: Run, target: dict[Value, Value], other: dict[Value, Value]) -> None:
    """``target.update(other)``: a key of ``other`` that is not known may be any of the target's."""
    lost = unknown_keys(other)
    if lost and not isinstance(target, Names):  # as ``from somewhere import *`` binds what it binds
        _perhaps(run, target, lost[-1].text if isinstance(lost[-1], Rest) else lost[-1].key, other)
    target.update(other)


def _perhaps(run: Run, target: dict[Value, Value], name: str, besides: Container[Value] = ()) -> None:
    """Each entry is perhaps another one, but for these."""
    if len(target) > KEPT:
        spoil(run, target, f"what [{name}] is, is not known")
    for known in [k for k in target if not isinstance(k, Rest) and k not in besides]:
        target[known] = run.fresh(f"[{known}]", f"[{opens.text_of(known)}]", f"perhaps it was set as [{name}]")


def elements(run: Run, values: list[Value], why: str) -> set[Value]:
    """A set of these: of those that are not known it is not known how many are equal."""
    found = {v for v in values if hashable(v)}
    if len(found) < len(values) and not all(map(hashable, values)):
        found.add(rest(run, "...", why))
    return found


# --- loops over something unknown --------------------------------------------------------------------------


def born(run: Run, value: Value) -> Value:
    """A container or object that is made here: a loop that is running makes it anew each time."""
    if run.marks:
        run.born[id(value)] = (value, run.marks)
    return value


def touch(run: Run, container: Value, moves: bool = False) -> None:
    """Within a loop over something unknown: the container gets elements, or loses some, and the others move."""
    if run.marks:
        run.touched[id(container), MOVED if moves else MISSING] = container


def turns(run: Run, container: Value) -> bool:
    """Whether a loop over something unknown takes another element of it each time: it was made outside of the loop."""
    return len(run.marks) > len(run.born.get(id(container), (None, ()))[1])


def touch_entry(run: Run, owner: Instance | list[Value] | dict[Value, Value], key: Value) -> None:
    """Within a loop over something unknown: an attribute or element is set."""
    if not run.marks:
        return
    if isinstance(owner, dict) and (not hashable(key) or key not in owner):
        touch(run, owner)
    if hashable(key):
        run.touched[id(owner), key] = owner


@contextmanager
def perhaps(run: Run, loop: Loop) -> Iterator[None]:
    """Within: what is done, is done an unknown number of times."""
    outer, before = run.marks, run.touched
    run.marks, run.touched = (*outer, loop), {}
    try:
        yield
    finally:
        run.marks = outer
    _settle(run, len(outer), before, f"{loop.place.reason} (line {loop.place.line})")


def _settle(run: Run, depth: int, before: dict[tuple[int, Value], Any], why: str) -> None:
    """After such a loop (``depth`` of them are around it): what it changed is another one by now.

    ``before`` is what the loop around it has changed already: it goes on with both.
    """
    for (_, key), changed in run.touched.items():
        _, marks = run.born.get(id(changed), (None, ()))
        if len(marks) > depth:
            continue
        if key is MISSING or key is MOVED:
            (spoil if key is MOVED else grow)(run, changed, why)
        else:
            parts = changed.names if isinstance(changed, Instance) else changed
            held = key in parts if isinstance(parts, dict) else isinstance(key, int) and -len(parts) <= key < len(parts)
            if held and isinstance(parts[key], PLAIN) and not isinstance(parts[key], (bool, Rest)):
                parts[key] = run.fresh(str(key), str(key), why)  # another one after each round
    before.update(run.touched)
    run.touched = before if depth else {}
    if not depth:
        run.born.clear()
