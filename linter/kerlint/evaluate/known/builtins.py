"""Python's own functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kerlint.evaluate import decide, opens
from kerlint.evaluate.assign import hashable, iterate
from kerlint.evaluate.attributes import attribute_of, set_attribute
from kerlint.evaluate.calls import call
from kerlint.evaluate.operators import binary, ordered
from kerlint.evaluate.registry import ATTRIBUTES, METHODS, function
from kerlint.evaluate.state import CONTAINER, Stopped, TooLarge
from kerlint.evaluate.values import (
    MISSING,
    Array,
    Bound,
    Call,
    Class,
    External,
    Function,
    Instance,
    ModelValue,
    Module,
    Open,
    Partial,
    Rest,
    Value,
    small,
)
from kerlint.graph.dim import Poly
from kerlint.graph.graph import Tensor
from kerlint.graph.layer import Layer

if TYPE_CHECKING:
    from kerlint.evaluate.state import Run

NUMBER = (int, float, complex)
CONTAINERS: dict[str, type] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}


def unknown(run: Run, c: Call) -> Open:
    """The result is not known, but the same for the same arguments."""
    name = c.frame.source.text(c.node.func) if hasattr(c.node, "func") else "function"
    found = opens.function_of(run, name, *c.args, *c.kwargs.values())
    found.text = c.frame.source.text(c.node)
    return found


@function("builtins.len")
def _len(run: Run, c: Call) -> Value:
    value = c.get(0, "obj")
    if isinstance(value, (list, tuple, dict, set, str, bytes, range, frozenset)):
        rest = next((v for v in value if isinstance(v, Rest)), None) if not isinstance(value, (str, range)) else None
        return len(value) if rest is None else run.fresh("len", c.frame.source.text(c.node), rest.why)
    if isinstance(value, Array):
        return value.shape[0] if value.shape else 0
    if isinstance(value, (Open, External)):
        return opens.function_of(run, "len", value)
    if isinstance(value, Tensor):
        return attribute_of(run, value, "shape", c.node, c.frame)
    return unknown(run, c)


@function("builtins.range", "builtins.xrange", "numpy.arange")
def _range(run: Run, c: Call) -> Value:
    args = [decide.settled(run, a) for a in c.args]
    if not args or not all(isinstance(a, int) for a in args) or c.kwargs or 0 in args[2:]:
        return unknown(run, c)
    return range(*args)


def _fixed(name: str, build: Callable[[list[list[Value]]], list[Value]]) -> None:
    @function(f"builtins.{name}")
    def known(run: Run, c: Call) -> Value:
        parts = [iterate(run, a) for a in c.args]
        if any(p is None for p in parts):
            return unknown(run, c)
        return build([p for p in parts if p is not None])


_fixed("zip", lambda parts: list(zip(*parts, strict=False)))
_fixed("reversed", lambda parts: list(reversed(parts[0])) if parts else [])


@function("builtins.enumerate")
def _enumerate(run: Run, c: Call) -> Value:
    found, start = iterate(run, c.get(0, "iterable")), c.get(1, "start", 0)
    if found is None or not isinstance(start, int):
        return unknown(run, c)
    return list(enumerate(found, start))


def _container(name: str, kind: Any) -> None:
    @function(f"builtins.{name}")
    def known(run: Run, c: Call) -> Value:
        if not c.args:
            return kind()
        if isinstance(c.args[0], range) and len(c.args[0]) > CONTAINER:
            raise TooLarge(f"a container of {len(c.args[0])} elements")
        shape = c.args[0]
        found = iterate(run, shape)
        if found is None:
            known_shape = isinstance(shape, (list, tuple))
            return kind(shape) if known_shape and kind in (list, tuple) else unknown(run, c)
        return kind(found) if kind in (list, tuple) else kind(v for v in found if hashable(v))


for _name, _kind in CONTAINERS.items():
    _container(_name, _kind)


@function("builtins.dict", "collections.OrderedDict", "builtins.vars")
def _dict(run: Run, c: Call) -> Value:
    found: dict[Value, Value] = {}
    if c.args:
        value = c.args[0]
        pairs = list(value.items()) if isinstance(value, dict) else iterate(run, value)
        if isinstance(value, Instance):
            return value.names
        if pairs is None or not all(isinstance(p, (tuple, list)) and len(p) == 2 and hashable(p[0]) for p in pairs):
            return unknown(run, c)
        found.update({p[0]: p[1] for p in pairs})
    if "**" in c.kwargs:
        return unknown(run, c)
    return found | c.kwargs


@function("builtins.int", "builtins.long")
def _int(run: Run, c: Call) -> Value:
    value = c.get(0, "x", 0)
    if isinstance(value, (int, float, str)):
        try:
            return int(value, *c.args[1:]) if len(str(value)) < 400 else unknown(run, c)
        except (ValueError, TypeError, OverflowError):
            return unknown(run, c)
    return opens.as_int(run, value) if isinstance(value, (Open, External, Poly)) else unknown(run, c)


def _conversion(name: str, kind: Any) -> None:
    @function(f"builtins.{name}")
    def known(run: Run, c: Call) -> Value:
        value = c.args[0] if c.args else kind()
        if isinstance(value, (int, float, str, bytes, type(None))) or (kind is str and isinstance(value, (tuple, list))):
            try:
                return kind(value) if not (kind is str and isinstance(value, (tuple, list))) else _spelled(run, c, value)
            except (ValueError, TypeError, OverflowError):
                return unknown(run, c)
        if isinstance(value, Poly) and kind is float:
            return value
        return unknown(run, c)


def _spelled(run: Run, c: Call, value: Any) -> Value:
    return str(value) if all(isinstance(v, (int, float, str)) for v in value) else unknown(run, c)


_conversion("float", float)
_conversion("str", str)
_conversion("complex", complex)


@function("builtins.bool")
def _bool(run: Run, c: Call) -> Value:
    answer = decide.known_truth(run, c.get(0, "x", False))
    return unknown(run, c) if answer is None else answer


@function("builtins.abs", "builtins.round", "builtins.divmod", "builtins.pow", "builtins.chr", "builtins.ord", "builtins.hex")
def _number(run: Run, c: Call) -> Value:
    import ast
    import builtins

    name = c.name
    if not all(isinstance(a, (int, float, str)) for a in c.args) or name not in NUMERIC:
        return opens.as_int(run, c.args[0]) if name == "round" and len(c.args) == 1 else unknown(run, c)
    if name == "pow" and len(c.args) == 2:
        return binary(run, ast.Pow, c.args[0], c.args[1], c.node, c.frame)
    try:
        return getattr(builtins, name)(*c.args) if name != "pow" else unknown(run, c)
    except (TypeError, ValueError, ArithmeticError):
        return unknown(run, c)


NUMERIC = frozenset(["abs", "round", "divmod", "pow", "chr", "ord", "hex"])


def _extreme(name: str, larger: bool) -> None:
    import ast

    @function(f"builtins.{name}")
    def known(run: Run, c: Call) -> Value:
        values = iterate(run, c.args[0]) if len(c.args) == 1 else list(c.args)
        if not values or c.kwargs.get("key") is not None:
            return c.kwargs.get("default", unknown(run, c)) if values == [] else unknown(run, c)
        best = values[0]
        for value in values[1:]:
            answer = ordered(ast.Gt if larger else ast.Lt, value, best)
            if answer is None:
                return unknown(run, c)
            best = value if answer else best
        return best


_extreme("max", larger=True)
_extreme("min", larger=False)


@function("builtins.sum")
def _sum(run: Run, c: Call) -> Value:
    import ast

    values = iterate(run, c.get(0, "iterable"))
    if values is None:
        return unknown(run, c)
    total: Value = c.get(1, "start", 0)
    for value in values:
        total = binary(run, ast.Add, total, value, c.node, c.frame)
    return total


@function("builtins.sorted")
def _sorted(run: Run, c: Call) -> Value:
    values = iterate(run, c.get(0, "iterable"))
    key = c.kwargs.get("key")
    if values is None:
        return unknown(run, c)
    keys = values if key is None else [call(run, key, Call((v,), {}, c.node, c.frame)) for v in values]
    if not all(isinstance(k, (int, float, str, tuple)) for k in keys) or not small(keys, 20_000):
        return unknown(run, c)
    try:
        order = sorted(range(len(values)), key=keys.__getitem__, reverse=c.kwargs.get("reverse") is True)
    except TypeError:
        return unknown(run, c)
    return [values[i] for i in order]


@function("builtins.map")
def _map(run: Run, c: Call) -> Value:
    parts = [iterate(run, a) for a in c.args[1:]]
    if any(p is None for p in parts) or not parts:
        return unknown(run, c)
    rows = zip(*(p for p in parts if p is not None), strict=False)
    return [call(run, c.args[0], Call(tuple(row), {}, c.node, c.frame)) for row in rows]


@function("builtins.filter")
def _filter(run: Run, c: Call) -> Value:
    values = iterate(run, c.get(1, "iterable"))
    if values is None:
        return unknown(run, c)
    test = c.args[0]
    kept = [v for v in values if decide.truth(run, v if test is None else call(run, test, Call((v,), {}, c.node, c.frame)))]
    return kept


def _quantor(name: str, stop: bool) -> None:
    @function(f"builtins.{name}")
    def known(run: Run, c: Call) -> Value:
        values = iterate(run, c.get(0, "iterable"))
        if values is None:
            return unknown(run, c)
        for value in values:
            if decide.truth(run, value) is stop:
                return stop
        return not stop


_quantor("all", stop=False)
_quantor("any", stop=True)


@function("builtins.iter", "builtins.next")
def _next(run: Run, c: Call) -> Value:
    value = c.get(0, "iterable")
    name = c.name
    if name == "iter" and isinstance(value, (list, tuple, range)):
        return list(value)
    if name == "next" and isinstance(value, list) and value and not isinstance(value[0], Rest):
        return value.pop(0)
    if isinstance(value, Open):
        run.changed(value)
    return run.fresh("next", c.frame.source.text(c.node), f"what next() gives is not known (line {c.line})")


# --- looking into objects ----------------------------------------------------------------------------------

TYPES: dict[str, tuple[type, ...]] = {
    "builtins.int": (int,), "builtins.float": (float,), "builtins.str": (str,), "builtins.list": (list,),
    "builtins.unicode": (str,), "builtins.basestring": (str,), "builtins.bytes": (bytes,), "builtins.long": (int,),
    "builtins.tuple": (tuple,), "builtins.dict": (dict,), "builtins.set": (set,), "builtins.bool": (bool,),
    "collections.abc.Iterable": (list, tuple, dict, set, str), "collections.Iterable": (list, tuple, dict, set, str),
    "keras.models.Model": (ModelValue,), "keras.models.Sequential": (ModelValue,), "keras.layers.Layer": (Layer, ModelValue),
    "numpy.ndarray": (Array,), "tensorflow.Tensor": (Tensor,), "types.FunctionType": (Function,), "numbers.Integral": (int,),
    "numbers.Number": (int, float), "collections.abc.Sequence": (list, tuple, str), "keras.KerasTensor": (Tensor,),
}  # fmt: skip


@function("builtins.isinstance")
def _isinstance(run: Run, c: Call) -> Value:
    value, kinds = c.get(0, "obj"), c.get(1, "kinds")
    kinds = kinds if isinstance(kinds, tuple) else (kinds,)
    answers = [_is(value, kind) for kind in kinds]
    return True if True in answers else unknown(run, c) if None in answers else False


def _is(value: Value, kind: Value) -> bool | None:
    if isinstance(value, (Open, External)):
        return None
    if isinstance(kind, Class):
        return isinstance(value, Instance) and kind in value.cls.order()
    if not isinstance(kind, External):
        return isinstance(value, type(None)) if kind is None else None
    if isinstance(value, Instance):
        return True if kind in value.cls.order() else None if value.model or value.custom else False
    if isinstance(value, Poly):
        return kind.name in ("builtins.int", "numbers.Number", "numbers.Integral")
    if isinstance(value, ModelValue) and kind.name == "keras.models.Sequential":
        return value.kind == "Sequential"
    if kind.name in TYPES:
        return isinstance(value, TYPES[kind.name])
    if isinstance(value, Layer):
        return value.kind == kind.short if kind.name.startswith("keras.layers.") else False
    return False if isinstance(value, (int, float, str, list, tuple, dict, type(None))) else None


@function("builtins.hasattr")
def _hasattr(run: Run, c: Call) -> Value:
    value, name = c.get(0, "obj"), c.get(1, "name")
    if isinstance(value, Instance) and isinstance(name, str) and value.unknown is None:
        found = name in value.names or value.cls.lookup(name) is not MISSING
        return True if found else (False if value.model is None and value.custom is None else unknown(run, c))
    if isinstance(value, Module) and isinstance(name, str):
        return value.frame.get(name) is not MISSING
    if isinstance(value, (Layer, Tensor, ModelValue)) and isinstance(name, str):
        kind = type(value)
        return (kind, name) in ATTRIBUTES or (kind, name) in METHODS or (isinstance(value, Layer) and name in list(value.config))
    return hasattr(value, name) if isinstance(value, (int, str, list, dict, tuple)) and isinstance(name, str) else unknown(run, c)


@function("builtins.getattr")
def _getattr(run: Run, c: Call) -> Value:
    value, name = c.get(0, "obj"), c.get(1, "name")
    if not isinstance(name, str):
        return unknown(run, c)
    if len(c.args) > 2 and _hasattr(run, Call(c.args[:2], {}, c.node, c.frame)) is False:
        return c.args[2]
    return attribute_of(run, value, name, c.node, c.frame)


@function("builtins.setattr")
def _setattr(run: Run, c: Call) -> Value:
    if isinstance(c.get(1, "name"), str):
        set_attribute(run, c.args[0], c.args[1], c.get(2, "value"), c.node, c.frame)
    return None


@function("builtins.globals", "builtins.locals")
def _names(run: Run, c: Call) -> Value:
    return dict((c.frame.module if c.name == "globals" else c.frame).names)


@function("builtins.eval")
def _eval(run: Run, c: Call) -> Value:
    import ast

    text = c.get(0, "source")
    if not isinstance(text, str) or len(text) > 200:
        return run.fresh("eval", c.frame.source.text(c.node), f"what eval() gives is not known (line {c.line})")
    try:
        body = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return run.fresh("eval", c.frame.source.text(c.node), f"eval() of what is no expression (line {c.line})")
    for node in ast.walk(body):  # it stands where the call stands
        if hasattr(node, "lineno"):
            ast.copy_location(node, c.node)
    return run.evaluate(run, body, c.frame)


@function("builtins.type")
def _type(run: Run, c: Call) -> Value:
    value = c.get(0, "obj")
    if isinstance(value, Instance):
        return value.cls
    for name, kinds in TYPES.items():
        if name.startswith("builtins.") and type(value) in kinds:
            return External(name)
    return unknown(run, c)


@function("builtins.callable")
def _callable(run: Run, c: Call) -> Value:
    value = c.get(0, "obj")
    if isinstance(value, Open):
        return unknown(run, c)
    return isinstance(value, (Function, Class, Bound, Partial, External, Layer, ModelValue, Instance))


@function("builtins.id", "builtins.hash", "builtins.repr", "builtins.format", "builtins.input", "builtins.raw_input", "builtins.open")
def _other(run: Run, c: Call) -> Value:
    return run.fresh("outside", c.frame.source.text(c.node), f"it comes from outside (line {c.line})")


@function("builtins.print", "builtins.display", "builtins.get_ipython")
def _print(run: Run, c: Call) -> Value:
    return None


@function("builtins.exit", "builtins.quit", "sys.exit", "os._exit")
def _exit(run: Run, c: Call) -> Value:
    raise Stopped("the program ends itself")


@function("builtins.super")
def _super(run: Run, c: Call) -> Value:
    from kerlint.evaluate.values import Super

    cls, target = c.get(0, "cls"), c.get(1, "self", c.frame.receiver)
    return Super(target, cls) if isinstance(cls, Class) else unknown(run, c)


@function("builtins.slice")
def _slice(run: Run, c: Call) -> Value:
    return slice(*c.args) if c.args else unknown(run, c)


@function("builtins.object")
def _object(run: Run, c: Call) -> Value:
    return run.fresh("object", "object()", "an object")


