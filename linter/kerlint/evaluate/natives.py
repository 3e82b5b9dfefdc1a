"""Methods of Python's own values: strings, lists, dictionaries, sets. Checked before they are computed."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from kerlint.evaluate import decide, opens
from kerlint.evaluate.operators import equal
from kerlint.evaluate.state import CONTAINER, TooLarge
from kerlint.evaluate.values import MISSING, Call, Open, Rest, Value, short_key, small
from kerlint.evaluate.words import words

if TYPE_CHECKING:
    from kerlint.evaluate.state import Run

STRING = frozenset(
    words("""
    capitalize casefold count encode endswith find index isalnum isalpha isdecimal isdigit islower
    isnumeric isspace isupper join lower lstrip partition removeprefix removesuffix replace rfind
    rindex rpartition rsplit rstrip split splitlines startswith strip swapcase title upper zfill
    decode center ljust rjust
""")
)
LIST = frozenset(["append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort"])
DICT = frozenset(["clear", "copy", "get", "items", "keys", "pop", "popitem", "setdefault", "update", "values"])
SET = frozenset(
    [
        "add",
        "clear",
        "copy",
        "discard",
        "difference",
        "intersection",
        "issubset",
        "issuperset",
        "remove",
        "union",
        "update",
    ]
)
METHODS = {
    str: STRING,
    bytes: STRING,
    list: LIST,
    dict: DICT,
    set: SET,
    frozenset: SET,
    tuple: frozenset(["count", "index"]),
}
NUMBERS = frozenset(["bit_length", "is_integer", "conjugate"])
COMPARING = frozenset(
    ["index", "count", "remove", "union", "difference", "intersection", "issubset", "issuperset", "discard"]
)
PADDED = frozenset(["center", "ljust", "rjust", "zfill"])


def call_native(run: Run, target: Any, name: str, c: Call) -> Value:
    """``target.name(...)``; unknown where an argument is, or where Python would raise."""
    kinds: dict[Any, frozenset[str]] = METHODS
    allowed = kinds.get(type(target), NUMBERS)
    if name == "format" and isinstance(target, str):
        return _format(run, target, c)
    if name not in allowed:
        return run.fresh(f".{name}", c.frame.source.text(c.node), f"the method {name} is not evaluated (line {c.line})")
    special = SPECIAL.get((type(target), name))
    if special is not None:
        return special(run, target, c)
    if any(isinstance(a, Open) for a in (*c.args, *c.kwargs.values())) and isinstance(
        target, (str, bytes, list, tuple)
    ):
        if name not in ("append", "insert", "extend"):
            return _spoil(run, target, name, c)
    _check(target, name, c)
    if name in COMPARING and not (small(target) and small(c.args)):
        raise TooLarge("a container that is nested too deeply")
    try:
        found = getattr(target, name)(*c.args, **c.kwargs)
    except (TypeError, ValueError, LookupError, ArithmeticError) as error:
        run.fails(str(error))
        return run.fresh(f".{name}", c.frame.source.text(c.node), f"{error} (line {c.line})")
    return list(found) if name in ("items", "keys", "values") and isinstance(target, dict) else found


def _spoil(run: Run, target: Any, name: str, c: Call) -> Value:
    if isinstance(target, list) and name in ("pop", "remove", "sort"):
        target[:] = [Rest("*", "...", f"a list was changed at an unknown position (line {c.line})")]
    key = f"{opens.key_of(run, target)}.{name}({','.join(opens.key_of(run, a) for a in c.args)})"
    return Open(short_key(key), c.frame.source.text(c.node), f"an argument is not known (line {c.line})")


def _check(target: Any, name: str, c: Call) -> None:
    if name in PADDED and c.args and isinstance(c.args[0], int) and c.args[0] > CONTAINER:
        raise TooLarge(f"a text of {c.args[0]} characters")
    if isinstance(target, (list, set, dict)) and len(target) > CONTAINER:
        raise TooLarge(f"a container of more than {CONTAINER} elements")
    if name == "replace" and isinstance(target, str) and len(c.args) > 1 and isinstance(c.args[1], str):
        if len(target) * max(1, len(c.args[1])) > CONTAINER * 10:
            raise TooLarge("a text that is too long")
    if (
        name == "join"
        and c.args
        and isinstance(c.args[0], (list, tuple))
        and len(target) * len(c.args[0]) > CONTAINER * 10
    ):
        raise TooLarge("a text that is too long")


def _format(run: Run, target: str, c: Call) -> Value:
    values = (*c.args, *c.kwargs.values())
    if not small(values):
        raise TooLarge("a text that is too long")
    if re.search(r"\{[^{}]*:[^{}]*(\d{4,}|\{)", target):
        raise TooLarge("a format of more than a thousand characters")
    if not all(isinstance(v, (int, float, str, type(None), tuple, list)) for v in values):
        return run.fresh("format", c.frame.source.text(c.node), f"a text with unknown parts (line {c.line})")
    if re.search(r"\{[^}]*[.\[]", target):
        return run.fresh("format", c.frame.source.text(c.node), f"a format that reads attributes (line {c.line})")
    try:
        return target.format(*c.args, **c.kwargs)
    except (TypeError, ValueError, LookupError) as error:
        return run.fresh("format", c.frame.source.text(c.node), f"{error} (line {c.line})")


def _get(run: Run, target: dict[Value, Value], c: Call) -> Value:
    return _look_up(run, target, c, c.get(1, "default"))


def _look_up(run: Run, target: dict[Value, Value], c: Call, default: Value) -> Value:
    key = decide.settled(run, c.get(0, "key"))
    if isinstance(key, Open):
        name = short_key(opens.key_of(run, key))
        if name in target:
            return target[name]
        for known, value in target.items():
            if decide.truth(run, decide.compare(run, ast.Eq, key, known)):
                return value
        return default
    try:
        return target.get(key, default)
    except TypeError:
        return default


def _pop(run: Run, target: dict[Value, Value], c: Call) -> Value:
    default = c.get(1, "default", MISSING)
    found = _look_up(run, target, c, default)
    if found is MISSING:
        return run.fresh("pop", c.frame.source.text(c.node), f"the dictionary has no such key (line {c.line})")
    for key in [k for k, v in target.items() if v is found and equal(k, c.args[0]) is True]:
        del target[key]
    return found


def _extend(run: Run, target: list[Value], c: Call) -> Value:
    from kerlint.evaluate.assign import iterate

    found = iterate(run, c.get(0, "iterable"))
    target.extend([Rest("*", "...", f"an unknown number of elements (line {c.line})")] if found is None else found)
    return None


def _update(run: Run, target: dict[Value, Value], c: Call) -> Value:
    if c.args and isinstance(c.args[0], dict):
        target.update(c.args[0])
    elif c.args and isinstance(c.args[0], (list, tuple)):
        target.update({p[0]: p[1] for p in c.args[0] if isinstance(p, (list, tuple)) and len(p) == 2})
    elif c.args:
        why = f"updated by something unknown (line {c.line})"
        target.update((key, run.fresh(f"{key}", str(key), why)) for key in tuple(target))
    target.update({k: v for k, v in c.kwargs.items() if k != "**"})
    return None


def _sort(run: Run, target: list[Value], c: Call) -> Value:
    if c.kwargs.get("key") is None and all(isinstance(v, (int, float, str)) for v in target):
        try:
            target.sort(reverse=c.kwargs.get("reverse") is True)
        except TypeError:
            target[:] = [Rest("*", "...", f"a list in unknown order (line {c.line})")]
    else:
        target[:] = [Rest("*", "...", f"a list in unknown order (line {c.line})")]
    return None


SPECIAL: dict[tuple[type, str], Any] = {
    (dict, "get"): _get, (dict, "pop"): _pop, (dict, "update"): _update, (list, "extend"): _extend, (list,
    "sort"): _sort,
}  # fmt: skip
