"""Python's own functions that look into objects, and those that reach outside."""

from __future__ import annotations

import ast
from dataclasses import replace

from kerlint.evaluate.assign import delete_attribute
from kerlint.evaluate.attributes import attribute_of, set_attribute, set_plainly
from kerlint.evaluate.calls import CALLABLE
from kerlint.evaluate.derived import descends, is_layer
from kerlint.evaluate.escape import escape_value
from kerlint.evaluate.known.builtins import unknown
from kerlint.evaluate.names import Names
from kerlint.evaluate.registry import ATTRIBUTES, FUNCTIONS, METHODS, function, words
from kerlint.evaluate.state import Raised, Run, Stopped
from kerlint.evaluate.streams import Stream
from kerlint.evaluate.tries import has
from kerlint.evaluate.values import Array, Call, Class, Demanded, External, Function, Instance, ModelValue, Open, Value
from kerlint.graph.dim import Poly
from kerlint.graph.graph import Tensor
from kerlint.graph.layer import Layer

TYPES: dict[str, tuple[type, ...]] = {
    **{f"builtins.{kind.__name__}": (kind,) for kind in (int, float, str, list, bytes, tuple, dict, set, bool)},
    **dict.fromkeys(("builtins.unicode", "builtins.basestring"), (str,)), "builtins.long": (int,),
    **dict.fromkeys(("collections.abc.Iterable", "collections.Iterable"), (list, tuple, dict, set, str)),
    **dict.fromkeys(("keras.models.Model", "keras.models.Sequential"), (ModelValue,)), "numpy.ndarray": (Array,),
    "keras.layers.Layer": (Layer, ModelValue), "tensorflow.Tensor": (Tensor,), "keras.KerasTensor": (Tensor,),
    "types.FunctionType": (Function,), "numbers.Integral": (int,), "numbers.Number": (int, float),
    "collections.abc.Sequence": (list, tuple, str),
}  # fmt: skip


@function("builtins.isinstance", "builtins.issubclass")
def _isinstance(run: Run, c: Call) -> Value:
    value, kinds = c.get(0, "obj"), c.get(1, "kinds")
    ask = _is if c.name == "isinstance" else descends
    answers = [ask(value, kind) for kind in (kinds if isinstance(kinds, tuple) else (kinds,))]
    return True if True in answers else unknown(run, c) if None in answers else False


def _is(value: Value, kind: Value) -> bool | None:
    if isinstance(value, (Open, External, Demanded, Stream)):
        return None
    if isinstance(value, Instance) and isinstance(kind, (Class, External)):
        lost = isinstance(kind, External) and (value.model or value.custom)
        return True if descends(value.cls, kind) else None if lost else False
    if isinstance(kind, Class):
        return None if kind.external() else False
    if not isinstance(kind, External):
        return value is None if kind is None else None
    if isinstance(value, Poly):
        return kind.name in ("builtins.int", "numbers.Number", "numbers.Integral")
    if isinstance(value, ModelValue) and kind.name == "keras.models.Sequential":
        return value.kind == "Sequential"
    if kind.name in TYPES:
        return isinstance(value, TYPES[kind.name])
    if isinstance(value, Layer):
        return is_layer(value.kind, kind.short) if kind.name.startswith("keras.layers.") else False
    return False if isinstance(value, (int, float, str, list, tuple, dict, type(None))) else None


@function("builtins.hasattr")
def _hasattr(run: Run, c: Call) -> Value:
    value, name = c.get(0, "obj"), c.get(1, "name")
    if isinstance(value, (Layer, Tensor, ModelValue)) and isinstance(name, str):
        kind = type(value)
        own = isinstance(value, Layer) and name in list(value.config)
        return own or (kind, name) in ATTRIBUTES or (kind, name) in METHODS
    found = has(value, name) if isinstance(name, str) else None
    return unknown(run, c) if found is None else found


@function("builtins.getattr")
def _getattr(run: Run, c: Call) -> Value:
    value, name = c.get(0, "obj"), c.get(1, "name")
    if not isinstance(name, str):
        return unknown(run, c)
    if len(c.args) > 2 and _hasattr(run, Call(c.args[:2], {}, c.node, c.frame)) is False:
        return c.args[2]
    try:
        return attribute_of(run, value, name, c.node, c.frame)
    except Raised as why:  # by its own __getattr__()
        if len(c.args) < 3 or why.kind != "AttributeError":
            raise
        return c.args[2]


FUNCTIONS["builtins.setattr"] = lambda run, c: set_attribute(run, c.args[0], c.args[1], c.args[2], c.node, c.frame)
FUNCTIONS["builtins.delattr"] = lambda run, c: delete_attribute(run, c.args[0], c.args[1], c.node, c.frame)


@function("builtins.object.__setattr__")
def _set_past(run: Run, c: Call) -> None:
    """Past Keras, which does not see what the object holds now."""
    set_plainly(run, c.args[0], replace(c, args=c.args[1:]))
    run.late.append(c.args[2])


@function("builtins.globals", "builtins.locals")
def _names(run: Run, c: Call) -> Value:
    names = (c.frame.module if c.name == "globals" else c.frame).names
    if isinstance(names, Names):
        names.lost = run.unresolved(c.frame, c.node, "which name is set is not known")
    return names if isinstance(names, Names) else dict(names)


@function("builtins.property")
def _property(run: Run, c: Call) -> Value:
    made, setter = c.get(0, "fget"), c.get(1, "fset")
    if not isinstance(made, Function):
        return unknown(run, c)
    return replace(made, kind="property", attributes={"setter": setter})


@function("builtins.exec", "builtins.eval")
def _exec(run: Run, c: Call) -> Value:
    """What it binds is not known, and what it reads may be changed; of an unknown text that is executed, anything."""
    place, text = run.unresolved(c.frame, c.node, f"what {c.name}() does (line {c.line})"), c.get(0, "source")
    try:
        names = [part for part in ast.walk(ast.parse(text.strip())) if isinstance(part, ast.Name)]
    except (SyntaxError, ValueError, TypeError, AttributeError, RecursionError, MemoryError):
        run.spoiled += [place] if c.name == "exec" else []
        names = []
    for name in names:
        escape_value(run, c.frame.get(name.id), place)
        if not isinstance(name.ctx, ast.Load):
            c.frame.set(name.id, run.fresh(name.id, name.id, place.reason))
    return run.fresh(c.name, c.frame.source.text(c.node), f"what {c.name}() gives is not known (line {c.line})")


@function("builtins.type")
def _type(run: Run, c: Call) -> Value:
    value = c.get(0, "obj")
    if isinstance(value, Instance):
        return value.cls
    if isinstance(value, Layer):
        return attribute_of(run, value, "__class__", c.node, c.frame)
    for name, kinds in TYPES.items():
        if name.startswith(("builtins.", "keras.KerasTensor")) and type(value) in kinds:
            return External(name)
    return unknown(run, c)


@function("builtins.callable")
def _callable(run: Run, c: Call) -> Value:
    value = c.get(0, "obj")
    if isinstance(value, Instance):
        return isinstance(value.cls.lookup("__call__"), Function) or bool(value.model or value.custom)
    return unknown(run, c) if isinstance(value, Open) else type(value) in CALLABLE


FUNCTIONS.update({f"builtins.{name}": lambda _run, _c: None for name in words("print display get_ipython")})


@function("builtins.exit", "builtins.quit", "sys.exit", "os._exit")
def _exit(run: Run, c: Call) -> Value:
    raise Stopped("the program ends itself")


FUNCTIONS["builtins.slice"] = lambda run, c: slice(*c.args) if c.args else unknown(run, c)
FUNCTIONS["builtins.object"] = lambda run, _c: run.fresh("object", "object()", "an object")
