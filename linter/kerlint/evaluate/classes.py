"""Classes of the program: making them, making objects of them, calling those."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from kerlint.evaluate import opens
from kerlint.evaluate.attributes import attribute_of
from kerlint.evaluate.calls import CALLABLE, call, call_function, call_method
from kerlint.evaluate.derived import CONTAINERS, HELD, ROW, Custom, Factory, fields_of, members_of, special
from kerlint.evaluate.escape import escape
from kerlint.evaluate.mutation import alter, born
from kerlint.evaluate.names import Frame
from kerlint.evaluate.operators import equal
from kerlint.evaluate.registry import METHODS, function, method, named, words
from kerlint.evaluate.state import Run
from kerlint.evaluate.tries import INHERITED
from kerlint.evaluate.values import MISSING, Bound, Call, Class, External, Function, Instance, ModelValue, Open, Value
from kerlint.layers.table import find

MODEL_BASES = frozenset(["keras.models.Model", "keras.models.Functional", "keras.models.Sequential"])
# Decorators that leave a function what it is.
TRANSPARENT = frozenset(named("classes.transparent"))
EVERYWHERE = words("wraps cached_property override keras_export")  # of whatever package
HIDING = "what __getattribute__() makes of an object"
# What a class may have of its own without changing which weights a layer of Keras has.
EXTENDING = frozenset(["__init__", "call", "get_config"])
KINDS = {"builtins.staticmethod": "static", "builtins.classmethod": "class", "builtins.property": "property"}


def make_class(run: Run, node: ast.ClassDef, frame: Frame) -> Class | Open:
    """Runs a class body."""
    bases = tuple(run.evaluate(run, base, frame) for base in node.bases if not isinstance(base, ast.Starred))
    body = Frame(frame.source, frame.module, frame.closure(), frame.function)
    body.is_class = True
    made = Class(node.name, bases, body.names, frame, node)
    body.cls = made
    made.frame = body  # knows the cell that the class stands in
    run.execute(run, node.body, body)
    meta = next((run.evaluate(run, k.value, frame) for k in node.keywords if k.arg == "metaclass"), None)
    hiding = [HIDING] if isinstance(made.lookup("__getattribute__"), Function) else []
    hiding += [HIDING for base in bases if isinstance(base, Open) and base.why.startswith(HIDING)]
    if isinstance(meta, (Class, Function)) or hiding:
        why = f"{(*hiding, 'what the metaclass makes')[0]} of {node.name} is not followed (line {node.lineno})"
        escape(run, Call(tuple(getattr(meta, "names", {}).values()), {}, node, frame), why)
        return Open(node.name, node.name, why)
    _enumerate(made)
    for name, value in list(body.names.items()):
        special(run, value, "__set_name__", made, name)
    hook = made.lookup("__init_subclass__", after=made)
    if isinstance(hook, Function):
        named = {k.arg: run.evaluate(run, k.value, frame) for k in node.keywords if k.arg and k.arg != "metaclass"}
        call_function(run, hook, Call((made,), named, node, frame, via=True))
    return made


def _enumerate(made: Class) -> None:
    """An enumeration: its class's values become members, of equal ones one. Those of numbers and texts stay these."""
    members: dict[str, Value] = {}
    own = made.lookup("__init__") is not MISSING or made.lookup("__new__") is not MISSING
    if own or [base for base in made.order if not isinstance(base, Class)] != [External("enum.Enum")]:
        return
    for name, value in list(made.names.items()):
        if not name.startswith("_") and not isinstance(value, (Function, Class)):
            known = [member for member in members.values() if equal(member.names["value"], value) is True]
            members[name] = made.names[name] = known[0] if known else Instance(made, {"name": name, "value": value})
    made.names["__members__"] = members


def decorate(run: Run, decorator: Value, made: Value, node: Any, frame: Frame) -> Value:
    """``@decorator`` over a function or class."""
    called = isinstance(node, ast.Call)
    function = run.evaluate(run, node.func, frame) if called else decorator
    if isinstance(function, External) and _leaves(run, function, made, node, frame):
        return made
    if isinstance(decorator, Function) and not called:
        return call_function(run, decorator, Call((made,), {}, node, frame))
    if isinstance(node, ast.Attribute) and node.attr in ("getter", "setter", "deleter"):
        found = run.evaluate(run, node.value, frame)
        if isinstance(found, Function) and found.kind == "property":
            return replace(found, attributes={**found.attributes, node.attr: made})
    if isinstance(decorator, (Function, Bound, Instance)) or (isinstance(decorator, Class) and not called):
        return call(run, decorator, Call((made,), {}, node, frame))
    alter(run, made)
    found = Open(f"@{opens.text_of(function)}", opens.text_of(function), f"an unknown decorator (line {node.lineno})")
    return opens.lend(run, found, made)


def _leaves(run: Run, decorator: External, made: Value, node: Any, frame: Frame) -> bool:
    """Whether a decorator, perhaps called, leaves a function or class what it is, but for what is noted of it."""
    if decorator.name in ("dataclasses.dataclass", "attr.s", "attrs.define") and isinstance(made, Class):
        options = node.keywords if isinstance(node, ast.Call) else ()
        made.names["__dataclass__"] = {k.arg: run.evaluate(run, k.value, frame) for k in options}
        return True
    if isinstance(made, Function):
        if decorator.short == "wraps" and isinstance(node, ast.Call) and node.args:
            inner = run.evaluate(run, node.args[0], frame)
            names = ("__name__", "__qualname__", "__doc__", *getattr(inner, "attributes", ()))
            made.attributes.update({name: attribute_of(run, inner, name, node, frame) for name in names})
        made.kind = KINDS.get(decorator.name, "property" if decorator.short == "cached_property" else made.kind)
        made.managed = made.managed or decorator.name == "contextlib.contextmanager"
        if decorator.short in ("lru_cache", "cache", "cached_property"):
            given = (*node.args, *(k.value for k in node.keywords)) if isinstance(node, ast.Call) else ()
            most = run.evaluate(run, given[0], frame) if given else 128 if decorator.short == "lru_cache" else None
            made.memo, made.most = {}, 1 << 30 if most is None else most if isinstance(most, int) else 0
    return decorator.name in (*TRANSPARENT, *KINDS) or decorator.short in EVERYWHERE


def instantiate(run: Run, cls: Class, c: Call) -> Value:
    """An object of a class of the program."""
    if members := members_of(cls):
        found = [m for m in members.values() if equal(m.names["value"], c.get(0, "value")) is True]
        return found[0] if found else run.fresh(cls.name, c.frame.source.text(c.node), f"which {cls.name} is not known")
    new = cls.lookup("__new__")
    own = isinstance(new, Function)
    instance = call_function(run, new, replace(c, args=(cls, *c.args))) if own else _bare(run, cls, c)
    if not isinstance(instance, Instance) or cls not in instance.cls.order:
        return instance
    maker = cls.lookup("__init__")
    if isinstance(maker, Function):
        call_function(run, maker, replace(c, args=(instance, *c.args)))
    elif fields_of(cls) and not own:
        _fill(run, instance, c)
    elif HELD in instance.names:
        run.apply(run, Bound(instance.names[HELD], "native", "__init__"), c)
    elif (inner := instance.model or instance.custom) is not None:
        METHODS[type(inner), "__init__"](run, inner, c)
    return instance


def _bare(run: Run, cls: Class, c: Call) -> Instance:
    """The object before ``__init__()``."""
    instance: Instance = born(run, Instance(cls))
    if any(isinstance(base, Open) for base in cls.order):
        instance.unknown = f"{cls.name} inherits from what is not known"
    base = cls.external()
    if base is not None:
        _inherit(run, instance, base, c)
    return instance


@function("object.__new__", "builtins.object.__new__")
def _new(run: Run, c: Call) -> Value:
    """``super().__new__(cls)``; of a named tuple with its entries."""
    inner = replace(c, args=c.args[1:])
    instance = _bare(run, c.args[0], inner)
    if ROW in instance.cls.order:
        _fill(run, instance, inner)
    return instance


def _inherit(run: Run, instance: Instance, base: External, c: Call) -> None:
    """What an object of a class of Keras is besides."""
    name = base.name
    if name in MODEL_BASES:
        kind = "Sequential" if name.endswith("Sequential") else "Subclass"
        model = ModelValue(kind, run.layer_name(instance.cls.name), c.span, c.line, instance.cls.name, "class")
        model.instance, model.marks = instance, run.marks
        instance.model = model
        run.models.append(model)
        run.within[model] = tuple(run.calls)
    elif name.startswith("keras.layers."):
        instance.custom = Custom(run.layer_name(instance.cls.name), c.span)
        run.within[instance.custom] = tuple(run.calls)
        if name != "keras.layers.Layer":
            classes = (own for own in instance.cls.order if isinstance(own, Class))
            methods = {key for own in classes for key, value in own.names.items() if isinstance(value, Function)}
            changed = [m for m in methods - EXTENDING if m in INHERITED or m.startswith("_")]
            instance.custom.row = None if changed else find(base.short)
            instance.unknown = f"{instance.cls.name} changes {name}" if instance.custom.row is None else None
    elif name in CONTAINERS:
        instance.names[HELD] = born(run, CONTAINERS[name]())
    elif not name.startswith(("builtins.", "abc.", "typing.", "enum.", "keras.callbacks.", "keras.utils.")):
        instance.unknown = f"{instance.cls.name} inherits from {name}"


@method(Instance, "__init__")
def _fill(run: Run, instance: Instance, c: Call) -> None:
    """The fields of a dataclass or named tuple, in order."""
    beside, position = [], 0
    for name, kind in fields_of(instance.cls).items():
        value = instance.cls.lookup(name)
        if not (isinstance(value, Factory) and value.late):
            value, position = c.get(position, name, value), position + 1
        if isinstance(value, Factory):
            value = call(run, value.make, Call((), {}, c.node, c.frame, via=True)) if value.make else value.default
        value = run.fresh(name, name, "a field that is not given") if value is MISSING else value
        if "InitVar" in kind:
            beside.append(value)
        else:
            instance.names[name] = value
    call_method(run, instance, "__post_init__", tuple(beside), c)


@method(Instance, "_replace", "_asdict")
def _as_row(run: Run, instance: Instance, c: Call) -> Value:
    """A named tuple with other entries, or its entries by name."""
    names = {**instance.names, **c.kwargs}
    return names if c.written == "_asdict" else born(run, Instance(instance.cls, names))


def call_instance(run: Run, instance: Instance, c: Call) -> Value:
    """``instance(...)``."""
    own = instance.cls.lookup("__call__")
    if isinstance(own, Function):
        return call_function(run, own, replace(c, args=(instance, *c.args)))
    if instance.model is not None:
        return CALLABLE[ModelValue](run, instance.model, c)
    if instance.custom is not None:
        return METHODS[Instance, "__call__"](run, instance, c)
    escape(run, c, f"a call of an object of {instance.cls.name} (line {c.line})")
    return run.lost("call", c.node, c.frame, f"a call of an object of {instance.cls.name}")


CALLABLE |= {Class: instantiate, Instance: call_instance}
