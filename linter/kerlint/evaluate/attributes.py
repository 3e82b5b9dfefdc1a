"""Attributes: reading and setting them on every kind of value."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from kerlint.evaluate import opens, values
from kerlint.evaluate.derived import HELD, row_of, special
from kerlint.evaluate.escape import escape_value, tensors_in
from kerlint.evaluate.models import alter_layer, keeping, set_trainable, unsettle
from kerlint.evaluate.moved import note_path
from kerlint.evaluate.mutation import alter, entry, rest_of, touch, touch_entry
from kerlint.evaluate.names import Frame, canonical, outside
from kerlint.evaluate.registry import ATTRIBUTES, CONSTANTS, METHODS, function
from kerlint.evaluate.state import Run
from kerlint.evaluate.tries import NATIVE, has, read
from kerlint.evaluate.values import MISSING, Bound, Call, Class, External, Function, Instance, ModelValue, Open, Value
from kerlint.graph.graph import Tensor, Unresolved
from kerlint.graph.layer import Layer

NATIVE_CALL = "native"  # a method of a Python value: natives.py knows it by its name
# What the program assigns to these, Keras builds with.
BUILDING = ("keras.layers", "keras.models", "keras.Model", "keras.Sequential", "keras.Input", "keras.activations")


def attribute_of(run: Run, value: Value, name: str, node: Any, frame: Frame) -> Value:
    """``value.name``."""
    kind = type(value)
    if run.trying and has(value, name) is False and has(value, "__getattr__") is not True:
        run.fails(AttributeError(f"there is no attribute {name}"))
    if kind is External:
        return _external(run, value, name, node, frame)
    if kind is Open and (value.element is None or (kind, name) not in METHODS):
        return opens.attribute(run, value, name)
    if kind is Instance:
        return _instance(run, value, name, node, frame)
    if kind is values.Module:
        found = value.frame.get(name)
        return Open(f"{value.name}.{name}", f"{value.name}.{name}", "not defined there") if found is MISSING else found
    if kind is Class:
        return _class(run, value, name)
    if kind is values.Super:
        return _super(run, value, name)
    if (reader := ATTRIBUTES.get((kind, name))) is not None:
        return reader(run, value)
    if (known := METHODS.get((kind, name))) is not None:
        return Bound(value, known, name)
    if name == "value" and isinstance(value, (int, str)):
        return value  # of an enumeration, as such a member is kept
    if isinstance(value, NATIVE):
        return Bound(value, NATIVE_CALL, name)
    if kind is Function:
        return _of_function(run, value, name)
    return _other(run, value, name, node)


def _external(run: Run, value: External, name: str, node: Any, frame: Frame) -> Value:
    if name == "__name__" and (value.short != "Functional" or run.certain > 2):  # it was called Model
        return value.short
    if (known := METHODS.get((External, name))) is not None:
        return Bound(value, known, name)
    full = outside(f"{value.name}.{name}")
    if (value.name.count(".") == 2 or value.name == "keras.engine") and isinstance(node, ast.Attribute):
        note_path(run, value.name, name, node, frame)
    if full.name in run.patched:
        return run.patched[full.name]
    if run.trying and value.name.partition(".")[0] == "keras":
        read(run, value.name, name)
    return CONSTANTS.get(full.name, full)


def _other(run: Run, value: Value, name: str, node: Any) -> Value:
    if isinstance(value, Layer):
        run.held[value] = None
        run.perhaps.update(dict.fromkeys(value.wrapped))  # what is inside may be changed
        if name in list(value.config):
            found = value.config.raw(name)
            plain = isinstance(found, (int, str, float, tuple)) or (found is None and not value.wrapped)
            return found if plain else _nameless(run, value, name, node)
    if name not in opens.PURE:
        alter(run, value)  # a method may change data
    return _nameless(run, value, name, node)


def _of_function(run: Run, value: Function, name: str) -> Value:
    if name == "cache_clear" and value.memo is not None:
        value.memo.clear()
    known = {"__name__": value.name.rpartition(".")[2], "__doc__": "", "__qualname__": value.name, **value.attributes}
    return known.get(name, Open(f"{value.name}.{name}", f"{value.name}.{name}", "an attribute of a function"))


def _nameless(run: Run, value: Value, name: str, node: Any) -> Value:
    """An attribute that kerlint knows nothing of; equal for the same object."""
    key, why = opens.key_of(run, value), f"the attribute {name} is not known (line {node.lineno})"
    held = (value,) if isinstance(value, (Layer, ModelValue)) else ()
    return Open(f"{key}.{name}", f"{getattr(value, 'keras_name', key.partition('~')[0])}.{name}", why, lent=held)


def _class(run: Run, value: Class, name: str) -> Value:
    found = value.lookup(name)
    if found is MISSING:
        if name == "__name__":
            return value.name
        if (known := METHODS.get((Class, name))) is not None:
            return Bound(value, known, name)
        return Open(f"{value.name}.{name}", f"{value.name}.{name}", f"{value.name} has no {name}")
    if isinstance(found, Function) and found.kind == "class":
        return Bound(value, found, name)
    return found


def _instance(run: Run, value: Instance, name: str, node: Any, frame: Frame) -> Value:
    found, own = value.names.get(name, MISSING), value.cls.names.get(name)
    if found is not MISSING and not (isinstance(own, Instance) and "__set__" in own.cls.names):
        return found
    found = value.cls.lookup(name)
    if found is not MISSING and (isinstance(found, Function) or rest_of(value.names) is None):
        return bind_to(run, value, found, name, node, frame)
    if name == "__class__":
        return value.cls
    if name == "__dict__":
        run.tracked[id(value.names)] = (value.names, False)
        return value.names
    inner = value.model or value.custom
    if (read := ATTRIBUTES.get((type(inner), name))) is not None:
        return read(run, inner)
    if (known := METHODS.get((type(inner), name))) is not None:
        return Bound(inner, known, name)
    if name in ("_replace", "_asdict") and row_of(value) is not value:
        return Bound(value, METHODS[Instance, name], name)
    if HELD in value.names and hasattr(value.names[HELD], name):
        return Bound(value.names[HELD], NATIVE_CALL, name)
    getter = value.cls.lookup("__getattr__")
    if isinstance(getter, Function):
        return run.apply(run, Bound(value, getter, "__getattr__"), Call((name,), {}, node, frame))
    if name.startswith("assert") and any(opens.text_of(base).endswith("TestCase") for base in value.cls.order):
        return External(f"unittest.{name}")
    why = value.unknown or f"{value.cls.name} has no attribute {name} (line {node.lineno})"
    given = Open(f"{opens.key_of(run, value)}.{name}", f"self.{name}", why)
    own = value.cls.names.values() if value.unknown else ()  # a method that it inherits calls these, perhaps
    given.lent = (*((value,) if inner else ()), *(part for part in own if isinstance(part, Function)))
    return given


def bind_to(run: Run, value: Value, found: Value, name: str, node: Any, frame: Frame) -> Value:
    """What an attribute of the class is on an object: a function becomes a method, a property its value."""
    if not isinstance(found, Function) or found.kind == "static":
        given = special(run, found, "__get__", value, value.cls if isinstance(value, Instance) else None)
        return found if given is MISSING else given
    if found.kind == "property":
        given = run.apply(run, Bound(value, replace(found, memo=None), name), Call((), {}, node, frame))
        if found.memo is not None and isinstance(value, Instance):
            value.names[name] = given  # as cached_property does: it can be set and deleted, too
        return given
    if found.kind == "class":
        return Bound(value.cls if isinstance(value, Instance) else value, found, name)
    return Bound(value, found, name)


@function("builtins.super")
def _super_of(run: Run, c: Call) -> Value:
    cls, target = c.get(0, "cls", c.frame.cls), c.get(1, "self", c.frame.receiver)
    lost = Open("super()", "super()", "super() outside of a class")
    return values.Super(target, cls) if isinstance(cls, Class) else lost


def _super(run: Run, value: values.Super, name: str) -> Value:
    target = value.target
    cls = target.cls if isinstance(target, Instance) else target
    found = cls.lookup(name, after=value.cls) if isinstance(cls, Class) else MISSING
    if isinstance(found, Function):
        return Bound(target, found, name) if found.kind != "static" and name != "__new__" else found
    if found is not MISSING:
        return found
    if isinstance(target, Instance):
        written = cls.lookup("__dataclass__", after=value.cls) is MISSING  # else its __init__() is made by Python
        inner = target.model or target.custom or (None if written else target)
        if (known := METHODS.get((type(inner), name))) is not None:
            return Bound(inner, known, name)
        if name in ("__setattr__", "__delattr__"):
            return Bound(target, set_plainly if name == "__setattr__" else delete_plainly, name)
        if HELD in target.names:
            return Bound(target.names[HELD], NATIVE_CALL, name)
        why = "a method of a class of another package"
        outside = f"{getattr(target.cls.external(), 'name', 'object')}.{name}"
        return Bound(target, lambda run, _of, c: run.fresh("super", "super()", f"{why} (line {c.line})"), outside)
    known = METHODS.get((type(target), name))
    return External(f"object.{name}") if known is None else Bound(target, known, name)


# --- setting -----------------------------------------------------------------------------------------------


def set_attribute(run: Run, target: Value, name: Value, value: Value, node: Any, frame: Frame) -> None:
    """``target.name = value``, or ``setattr(target, name, value)``, whose name need not be known."""
    if run.trees or not (isinstance(target, Layer) and isinstance(frame.receiver, Instance)):
        run.budget.followed.add(id(node))  # else by a method that perhaps nobody calls, for an object of its own
    plain = isinstance(target, Instance) and target.model is None and target.custom is None
    if name == "_trainable" and not plain:
        name, value = "trainable", run.fresh("trainable", "trainable", "it is set past Keras")
    if not isinstance(name, str):
        _set_unknown(run, target, name, value, run.unresolved(frame, node, "which attribute is set is not known"))
    elif isinstance(target, Instance):
        if special(run, target, "__setattr__", name, value) is MISSING:
            set_plainly(run, target, Call((name, value), {}, node, frame, via=True))
    elif isinstance(target, (Layer, ModelValue)):
        _set_on_layer(run, target, name, value, node, frame)
    elif isinstance(target, (Class, values.Module)):
        (target.names if isinstance(target, Class) else target.frame.names)[name] = value
    elif isinstance(target, Function):
        target.attributes[name] = value
    elif isinstance(target, (Open, values.Array)):
        alter(run, target)
        run.returned += tensors_in(value)
        unsettle(run, name, node.lineno, *(target.lent if name == "trainable" and isinstance(target, Open) else ()))
    elif isinstance(target, Tensor) and name == "trainable" and target.node is None:  # on a result it says nothing
        run.spoiled.append(run.unresolved(frame, node, "whether a weight trains is set apart from its layer"))
    elif isinstance(target, External) and target.name.startswith(BUILDING):
        run.patched[canonical(f"{target.name}.{name}")] = value
        run.spoiled.append(run.unresolved(frame, node, f"{target.name}.{name} is changed"))


def _set_unknown(run: Run, target: Value, name: Value, value: Value, place: Unresolved) -> None:
    """Any attribute may be another one by now: of an object of the program what it has, else all of it."""
    if isinstance(target, (Instance, Class)):
        kept = {key: held for key, held in target.names.items() if isinstance(held, (Function, Class))}
        entry(run, target.names, name, value)
        target.names.update(kept)
    elif isinstance(target, values.Module):
        run.spoiled.append(place)
    escape_value(run, target, place)


def set_plainly(run: Run, target: Instance, c: Call) -> None:
    """``object.__setattr__(target, name, value)``: whatever the program's own ``__setattr__()`` does."""
    name, value = c.args
    if not isinstance(name, str):
        set_attribute(run, target, name, value, c.node, c.frame)
        return
    setter = target.cls.lookup(name)
    if isinstance(setter, Function) and setter.kind == "property" and setter.memo is None:
        if isinstance(own := setter.attributes.get("setter"), Function):
            run.apply(run, Bound(target, own, name), replace(c, args=(value,)))
        return
    if special(run, setter, "__set__", target, value) is not MISSING:
        return
    if target.model is not None or target.custom is not None:
        value = keeping(run, value)
    touch_entry(run, target, name)
    _set_late(run, target, name, value, c.node, c.frame)
    target.names[name] = value
    if name == "trainable_weights" and target.custom is not None:
        target.custom.settle(value)
    if name == "trainable" and (target.model is not None or target.custom is not None):
        set_trainable(run, target, value)
    if isinstance(value, ModelValue) and not value.name:
        value.name = f"{target.cls.name}.{name}"


def delete_plainly(run: Run, owner: Value, c: Call) -> None:
    """``object.__delattr__(owner, name)``: whatever its own ``__delattr__()`` does."""
    name = c.args[0]
    if isinstance(owner, (Instance, Class)):
        touch(run, owner.names)
        owner.names.pop(name, None)
    found = owner.cls.lookup(name) if isinstance(owner, Instance) else MISSING
    if isinstance(found, Function) and found.kind == "property" and found.memo is None:
        run.spoiled.append(run.unresolved(c.frame, c.node, f"what deleting the property {name} does is not known"))


def _set_late(run: Run, target: Instance, name: str, value: Value, node: Any, frame: Frame) -> None:
    """Another value of what call() reads: a layer or model that was built with the old one is no longer known."""
    call, custom, model = target.cls.lookup("call"), target.custom, target.model
    built = custom.as_layer if custom is not None else model if model is not None and model.built else None
    if built is None or target.names.get(name, MISSING) is value or not isinstance(call, Function):
        return
    if any(isinstance(part, ast.Attribute) and part.attr == name for part in ast.walk(call.node)):
        run.escaped.setdefault(built, run.unresolved(frame, node, f"{name} is set after {target.cls.name} is built"))


def _set_on_layer(run: Run, target: Layer | ModelValue, name: str, value: Value, node: Any, frame: Frame) -> None:
    own = run.customs.get(target) if isinstance(target, Layer) else target.instance
    if name in ("_name", "name"):
        if isinstance(target, ModelValue) and isinstance(value, str):
            target.keras_name = value
        if isinstance(target, Layer):
            run.twins.discard(target)
            object.__setattr__(target, "named", False)  # in some versions of Keras that is its name, in others not
        return
    if own is not None:
        set_attribute(run, own, name, value, node, frame)
    elif name == "trainable":
        set_trainable(run, target, value)
    elif isinstance(target, Layer):
        alter_layer(run, target, name, value, node.lineno)
    elif name in ("layers", "inputs", "outputs"):
        target.doubts.append(Unresolved(target.made_at, node.lineno, f"the {name} of the model are set"))
    run.held[target] = None
