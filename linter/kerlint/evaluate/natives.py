"""Methods of Python's own values: strings, lists, dictionaries, sets. Checked before they are computed."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from itertools import chain
from typing import Any

from kerlint.evaluate import decide, mutation, opens
from kerlint.evaluate.assign import iterate
from kerlint.evaluate.models import put
from kerlint.evaluate.names import Names
from kerlint.evaluate.operators import equal, printable
from kerlint.evaluate.registry import FUNCTIONS, named, word_set
from kerlint.evaluate.state import CONTAINER, Run, TooLarge
from kerlint.evaluate.streams import Stream, View
from kerlint.evaluate.values import MISSING, Array, Call, Open, Rest, Value, short_key, small

KINDS: tuple[Any, ...] = (str, list, dict, set, tuple)
METHODS = {kind: frozenset(named(f"natives.{kind.__name__}")) for kind in KINDS}
METHODS |= {bytes: METHODS[str], frozenset: METHODS[set]}
READING = frozenset(named("natives.reading"))
NUMBERS = frozenset(["bit_length", "is_integer", "conjugate"])
COMPARING = word_set("index count remove union difference intersection issubset issuperset discard")
MOVING = word_set("pop remove insert reverse sort")
PADDED = frozenset(["center", "ljust", "rjust", "zfill"])


def call_native(run: Run, target: Any, name: str, c: Call) -> Value:
    """``target.name(...)``; unknown where an argument is, or where Python would raise."""
    kind = dict if isinstance(target, dict) else type(target)
    allowed = METHODS.get(kind, NUMBERS)
    if name == "format" and isinstance(target, str):
        return formatted(run, target, c)
    if name not in READING and isinstance(target, (list, set, dict)):
        mutation.touch(run, target, moves=isinstance(target, list) and name in MOVING)
        put(run, target, *c.args, *c.kwargs.values())
    if name not in allowed:
        if isinstance(target, (list, set, dict)):
            mutation.spoil(run, target, f"the method {name} is not evaluated (line {c.line})")
        return run.lost(f".{name}", c.node, c.frame, f"the method {name} is not evaluated")
    special = SPECIAL.get((kind, name))
    if special is not None:
        return special(run, target, c)
    lost = any(isinstance(a, Open) for a in (*c.args, *c.kwargs.values()))
    if lost and isinstance(target, (str, bytes, list, tuple)):
        if name != "append" and not (name == "insert" and isinstance(c.get(0, "index"), int)):
            return _spoil(run, target, name, c)
    c = c if kind is list else replace(c, args=tuple(iterate(run, a) or a if type(a) is Stream else a for a in c.args))
    _check(target, name, c)
    if name in COMPARING and kind not in (str, bytes) and _doubtful(target, name, c):
        return _spoil(run, target, name, c)
    try:
        found = getattr(target, name)(*c.args, **c.kwargs)
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as error:
        if not any(isinstance(v, Open) for a in c.args if isinstance(a, (list, tuple)) for v in a):
            run.fails(error)
        return run.lost(f".{name}", c.node, c.frame, f"{error}")
    if name in ("items", "keys", "values") and kind is dict:
        return View(lambda: [v[0] if name == "items" and isinstance(v[0], Rest) else v for v in found])
    if name == "pop" and mutation.turns(run, target):
        return opens.lend(run, run.lost("pop", c.node, c.frame, "which it is"), found, target)
    return mutation.born(run, found) if name == "copy" else found


def _doubtful(target: Any, name: str, c: Call) -> bool:
    """Whether it hangs on elements that are not known which of them are equal."""
    if isinstance(target, (set, frozenset)):
        parts = [part if isinstance(part, (list, tuple, set, frozenset)) else (part,) for part in (target, *c.args)]
        return not all(map(mutation.hashable, chain.from_iterable(parts)))
    answers = [equal(element, c.get(0, "value")) for element in target]
    return None in (answers[: answers.index(True)] if True in answers and name != "count" else answers)


def _spoil(run: Run, target: Any, name: str, c: Call) -> Value:
    if isinstance(target, list) and name not in READING:
        mutation.spoil(run, target, f"a list was changed at an unknown position (line {c.line})")
    key = f"{opens.key_of(run, target)}.{name}({','.join(opens.key_of(run, a) for a in c.args)})"
    return Open(short_key(key), c.frame.source.text(c.node), f"an argument is not known (line {c.line})")


def _check(target: Any, name: str, c: Call) -> None:
    if name in PADDED and c.args and isinstance(c.args[0], int) and c.args[0] > CONTAINER:
        raise TooLarge(f"a text of {c.args[0]} characters")
    if isinstance(target, (list, set, dict)) and len(target) > CONTAINER:
        raise TooLarge(f"a container of more than {CONTAINER} elements")
    if name in COMPARING and not (small(target) and small(c.args)):
        raise TooLarge("a container that is nested too deeply")
    replaced = name == "replace" and isinstance(target, str) and len(c.args) > 1 and isinstance(c.args[1], str)
    joined = name == "join" and c.args and isinstance(c.args[0], (list, tuple))
    times = max(1, len(c.args[1])) if replaced else len(c.args[0]) if joined else 0
    if times and len(target) * times > CONTAINER * 10:
        raise TooLarge("a text that is too long")


def formatted(run: Run, target: str, c: Call) -> Value:
    """``"{:>4}".format(value)``."""
    if re.search(r"\{[^{}]*:[^{}]*(\d{4,}|\{)", target):
        raise TooLarge("a format of more than a thousand characters")
    if not all(map(printable, (*c.args, *c.kwargs.values()))):
        return run.lost("format", c.node, c.frame, "a text with unknown parts")
    if re.search(r"\{[^}:]*[.\[]", target):
        return run.lost("format", c.node, c.frame, "a format that reads attributes")
    try:
        return target.format(*c.args, **c.kwargs)
    except (TypeError, ValueError, LookupError) as error:
        run.fails(error)
        return run.lost("format", c.node, c.frame, f"{error}")


def _look_up(run: Run, target: dict[Value, Value], c: Call, default: Value) -> Value:
    key = decide.settled(run, c.get(0, "key"))
    found, more = mutation.held(run, target, key), mutation.rest_of(target)
    if found is not MISSING:
        return found
    if more is not None:
        return run.fresh("entry", c.frame.source.text(c.node), more.why)
    for known, value in target.items() if isinstance(key, Open) else ():
        if decide.truth(run, decide.compare(run, ast.Eq, key, known)):
            return value
    return default


def _pop(run: Run, target: dict[Value, Value], c: Call) -> Value:
    found = _look_up(run, target, c, c.get(1, "default", MISSING))
    if found is MISSING:
        run.fails(KeyError("the dictionary has no such key"))
        return run.lost("pop", c.node, c.frame, "the dictionary has no such key")
    wanted = decide.settled(run, c.args[0])
    for key in [k for k, v in target.items() if v is found and equal(k, wanted) is True]:
        del target[key]
    return found


def _extend(run: Run, target: list[Value], c: Call) -> None:
    found = iterate(run, c.get(0, "iterable"))
    if found is None:
        mutation.grow(run, target, f"an unknown number of elements (line {c.line})")
    else:
        target.extend(found)


def _update(run: Run, target: dict[Value, Value], c: Call) -> None:
    if c.args and isinstance(c.args[0], dict):
        mutation.merge(run, target, c.args[0])
    else:
        pairs = iterate(run, c.args[0] if c.args else ())
        # globals().update(...) binds what it binds, as ``from somewhere import *`` does
        wild = [] if isinstance(target, Names) else [None]
        for pair in wild if pairs is None else pairs:
            lost = run.fresh("key", "...", f"updated by something unknown (line {c.line})")
            key, value = pair if isinstance(pair, (list, tuple)) and len(pair) == 2 else (lost, lost)
            mutation.entry(run, target, key, value)
    target.update({k: v for k, v in c.kwargs.items() if k != "**"})
    if "**" in c.kwargs:
        mutation.entry(run, target, c.kwargs["**"], c.kwargs["**"])


def _set_default(run: Run, target: dict[Value, Value], c: Call) -> Value:
    found = _look_up(run, target, c, MISSING)
    if found is MISSING:
        found = c.get(1, "default")
        mutation.entry(run, target, decide.settled(run, c.get(0, "key")), found)
    return found


def _include(run: Run, target: set[Value], c: Call) -> None:
    why = f"something unknown was added (line {c.line})"
    for part in c.args:
        found = iterate(run, part, True)
        if found is None:
            mutation.grow(run, target, why)
        else:
            target |= mutation.elements(run, found, why)


def _take_out(run: Run, target: set[Value], c: Call) -> None:
    if all(map(mutation.hashable, (*c.args, *target))):
        target.difference_update(c.args)
    else:
        mutation.spoil(run, target, f"something unknown was taken out (line {c.line})")


def _sort(run: Run, target: list[Value], c: Call) -> Value:
    found = FUNCTIONS["builtins.sorted"](run, replace(c, args=(target, *c.args)))
    if isinstance(found, Open) or c.args:
        return mutation.spoil(run, target, f"a list in unknown order (line {c.line})")
    target[:] = found
    return None


def shuffle(run: Run, values: Value, line: int) -> None:
    """The same elements, nobody knows in which order."""
    if isinstance(values, list) and len(values) > 1:
        mutation.touch(run, values)
        whole = all(isinstance(v, int) for v in values)
        for place, value in enumerate(values):
            if not isinstance(value, Rest):
                values[place] = run.fresh("shuffled", "shuffled", f"its place in an unknown order (line {line})")
                values[place].integral = whole
    elif isinstance(values, Array):
        values.values = None


SPECIAL: dict[tuple[type, str], Any] = {
    (dict, "get"): lambda run, target, c: _look_up(run, target, c, c.get(1, "default")),
    (dict, "pop"): _pop, (dict, "update"): _update, (dict, "setdefault"): _set_default, (list, "extend"): _extend,
    (list, "sort"): _sort, (set, "update"): _include, (set, "remove"): _take_out, (set, "discard"): _take_out,
    (dict, "__init__"): _update, (list, "__init__"): lambda run, target, c: _extend(run, target, c) if c.args else None,
    (set, "add"): lambda run, target, c: _include(run, target, replace(c, args=([*c.args],))),
}  # fmt: skip
