"""Code of the program that others run, nobody knows how often and on what: what it may change is not known then."""

from __future__ import annotations

import ast
from collections.abc import Container, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kerlint.evaluate import opens, values
from kerlint.evaluate.calls import default_values
from kerlint.evaluate.escape import HARMLESS_METHODS, READERS, escape_value
from kerlint.evaluate.flow import MUTATORS
from kerlint.evaluate.models import unsettle
from kerlint.evaluate.mutation import ALTERED, Defaulting, alter, grow, spoil
from kerlint.evaluate.names import Frame
from kerlint.evaluate.natives import READING
from kerlint.evaluate.registry import word_set, words
from kerlint.evaluate.state import Run
from kerlint.evaluate.trees import DEFINES, below
from kerlint.evaluate.values import CALLED, MISSING, Array, Bound, Class, External, Function, Instance, Open, Value
from kerlint.graph.layer import PLAIN, Layer

FUNCTIONS = 64  # of the program, that are looked at for one of them
BUILDING = word_set("add pop build compile load_weights set_weights quantize enable_lora trainable layers name _name")
ADDING = word_set("append extend add setdefault")  # what is there stays as it is
TRAINS = ("trainable", "_trainable")
WEIGHTS = words("weights variables kernel bias gamma beta embeddings")
SETTING = word_set("setattr delattr next")
BINDING = (ast.Assign, ast.For, ast.AsyncFor, ast.comprehension, ast.NamedExpr, ast.withitem)
PASSING = word_set("zip enumerate reversed list tuple sorted iter filter getattr")  # what they get is in what they give
CHANGING = (ast.Call, ast.AugAssign, ast.Attribute, ast.Subscript, ast.NamedExpr)
CONTAINERS = (list, dict, set)
Values = tuple[Value, ...]


def called(run: Run, function: Value, *given: Value) -> None:
    """What can be called is perhaps called by code that is not followed, with any of these."""
    if run.at is not None:
        held = tuple(part for value in given if value.__class__ not in PLAIN for part in (value, *_elements(value)))
        _Unseen(run, "it is changed by code that others run").follow(function, (held,) * 4, {})


def walked(run: Run, node: Any, frame: Frame, why: str) -> None:
    """A comprehension runs an unknown number of times; what it goes over first was evaluated."""
    if run.at is not None:
        _Unseen(run, why).read(node, frame, {}, set(below([node.generators[0].iter])))


def fill(run: Run, node: Any, frame: Frame, why: str) -> None:
    """Containers get an unknown number of elements in a loop, also where its one round did not come by."""
    code = _code(node)
    scope = _Scope(frame, dict.fromkeys(code.own, ()))
    for part in code.parts:
        stored = isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Store)
        if stored or (isinstance(part, ast.Attribute) and part.attr in MUTATORS):
            for owner in scope.held(part.value):
                grow(run, owner, why)


ALTERED |= dict.fromkeys(CALLED, called)


class _Unseen:
    """Looks at what code says, and at the functions that it calls, each once: none of it is run."""

    def __init__(self, run: Run, why: str) -> None:
        assert run.at is not None
        self._run, self._why = run, why
        self._place = run.unresolved(run.at[1], run.at[0], why)
        self._seen: set[tuple[int, ...]] = set()

    def follow(self, value: Value, given: Values, named: Mapping[str, Values]) -> None:
        """A function that is called with these: for each argument, what it may be."""
        if isinstance(value, values.Partial):
            own = {name: (held,) for name, held in value.kwargs.items()}
            self.follow(value.function, (*((held,) for held in value.args), *given), {**own, **named})
        elif isinstance(value, Bound) and not isinstance(value.call, Function):
            self._method(value.target, value.name)
        elif isinstance(value, Bound):
            self.follow(value.call, ((value.target,), *given), named)
        elif isinstance(value, (Class, Instance)):
            maker = value.lookup("__init__") if isinstance(value, Class) else value.cls.lookup("__call__")
            self.follow(maker, ((value,) if isinstance(value, Instance) else (), *given), named)
        elif isinstance(value, Function):
            key = (id(value.node), *(id(held) for each in given for held in each))
            if key not in self._seen and len(self._seen) < FUNCTIONS:
                self._seen.add(key)
                spec: ast.arguments = value.node.args
                names = {name: (held,) for name, held in default_values(value).items()} | {**named}
                names |= {p.arg: held for p, held in zip((*spec.posonlyargs, *spec.args), given, strict=False)}
                self.read(value.node, value.frame, names)

    def read(self, node: Any, frame: Frame, given: dict[str, Values], done: Container[Any] | None = None) -> None:
        """What a piece of code changes, but for what is ``done``; ``given``: what is known of its parameters."""
        code = _code(node)
        scope = _Scope(frame, dict.fromkeys(code.own, ()) | given)
        for part in code.binding * 2:  # a name of a name
            scope.bind(part)
        for name, whole in code.outer.items():
            home = frame.module if whole else frame.home(name)
            if name in home.names:
                home.names[name] = self._lost(name)
        for part in code.parts:
            if done is not None and isinstance(part, ast.NamedExpr):
                frame.set(part.target.id, self._lost(part.target.id))
            elif done is None or part not in done:
                self._part(part, scope)

    def _lost(self, name: str) -> Open:
        return self._run.fresh(name, name, f"{self._why} (line {self._place.line})")

    def _part(self, node: Any, scope: _Scope) -> None:
        if isinstance(node, ast.Call):
            self._call(node, scope)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            self._set(scope.held(node.target), None)
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            index = getattr(node, "slice", None)
            self._set(scope.held(node.value), getattr(node, "attr", getattr(index, "value", None)))
        elif isinstance(node, ast.Subscript):
            for owner in scope.held(node.value):
                if isinstance(owner, Defaulting):  # what is not there, is made
                    grow(self._run, owner, self._why)

    def _call(self, node: ast.Call, scope: _Scope) -> None:
        given, named = tuple(map(scope.held, node.args)), {k.arg: scope.held(k.value) for k in node.keywords if k.arg}
        if isinstance(node.func, ast.Attribute):
            for owner in scope.held(node.func.value):
                self._method(owner, node.func.attr)
        for function in scope.held(node.func):
            self.follow(function, given, named)
            outside = isinstance(function, External) and function.name.partition(".")[0] not in READERS
            if outside or isinstance(function, Open):
                for value in (value for each in (*given, *named.values()) for value in each):
                    escape_value(self._run, value, self._place)
        if isinstance(node.func, ast.Name) and node.func.id in SETTING and given:
            self._set(given[0], getattr(node.args[1], "value", None) if len(given) > 1 else None)

    def _method(self, owner: Value, name: str) -> None:
        """``owner.name(...)``."""
        inner = (owner.model or owner.custom) if isinstance(owner, Instance) else owner
        if isinstance(owner, CONTAINERS) and name in ADDING:
            grow(self._run, owner, self._why)
        elif isinstance(owner, CONTAINERS) and name not in READING:
            self._set((owner,), None)
        elif isinstance(owner, (Open, Array)) and name not in opens.PURE | HARMLESS_METHODS:
            alter(self._run, owner)
        elif isinstance(inner, (Layer, values.ModelValue)) and name in BUILDING:
            escape_value(self._run, inner, self._place)

    def _set(self, owners: Values, name: Value) -> None:
        """An attribute or entry of one of these is set; it has no name, if it is not known which."""
        for owner in owners:
            if isinstance(owner, dict) and isinstance(name, (str, int)) and name in owner:
                owner[name] = self._lost(str(name))
            elif isinstance(owner, CONTAINERS):
                escape_value(self._run, owner, self._place)
                spoil(self._run, owner, self._why)
            elif isinstance(owner, (Instance, Class, values.Module)) and isinstance(name, str):
                (owner.frame.names if isinstance(owner, values.Module) else owner.names)[name] = self._lost(name)
            elif isinstance(owner, (Open, Array)):
                alter(self._run, owner)
            if isinstance(owner, Open) and name in TRAINS:
                unsettle(self._run, "trainable", self._place.line, *owner.lent)
            inner = (owner.model or owner.custom) if isinstance(owner, Instance) else owner
            config = getattr(inner, "config", ())
            if isinstance(inner, (Layer, values.ModelValue)) and (name in BUILDING or name in config):
                escape_value(self._run, inner, self._place)


@dataclass(slots=True, frozen=True)
class _Code:
    """What a piece of code says that may change something."""

    own: Set[str]  # names that it binds
    outer: Mapping[str, bool]  # others that it sets, and whether they are the module's
    binding: list[Any]
    parts: list[Any]


@lru_cache(maxsize=4096)
def _code(node: Any) -> _Code:
    parts = below([node])[1 if isinstance(node, (*DEFINES, ast.Lambda)) else 0 :]
    stored = {p.id for p in parts if isinstance(p, ast.Name) and not isinstance(p.ctx, ast.Load)}
    bound = {getattr(p, "arg", getattr(p, "name", "")) for p in parts if isinstance(p, (ast.arg, *DEFINES))}
    said = {n: isinstance(p, ast.Global) for p in parts if isinstance(p, (ast.Global, ast.Nonlocal)) for n in p.names}
    outer = {name: whole for name, whole in said.items() if name in stored}
    binding = [part for part in parts if isinstance(part, BINDING)]
    return _Code((stored | bound) - said.keys(), outer, binding, [p for p in parts if isinstance(p, CHANGING)])


class _Scope:
    """What names stand for in code that is not run: each for some values, of which it is one, or a part."""

    def __init__(self, frame: Frame, names: dict[str, Values]) -> None:
        self._frame, self._names = frame, names

    def bind(self, node: Any) -> None:
        """Names that a statement or expression gives to what there is."""
        source, *_ = (getattr(node, name) for name in ("value", "iter", "context_expr") if hasattr(node, name))
        targets, *_ = (getattr(node, name) for name in ("targets", "target", "optional_vars") if hasattr(node, name))
        held = self.held(source)
        for part in below(targets if isinstance(targets, list) else [targets]) if held and targets else ():
            if isinstance(part, ast.Name) and part.id in self._names:
                self._names[part.id] = tuple({id(v): v for v in (*self._names[part.id], *held)}.values())

    def held(self, node: Any) -> Values:
        """What an expression may give, but for what is made there."""
        if isinstance(node, ast.Name):
            found = self._frame.get(node.id)
            return self._names.get(node.id, () if found is MISSING else (found,))
        if isinstance(node, ast.Attribute):
            return tuple(part for owner in self.held(node.value) for part in _attribute(owner, node.attr))
        if isinstance(node, ast.Subscript):
            return tuple(part for owner in self.held(node.value) for part in _elements(owner))
        parts: list[Any] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            parts = [] if node.func.attr in HARMLESS_METHODS - READING else [node.func.value]
        elif isinstance(node, ast.Call):
            own = any(isinstance(function, CALLED) for function in self.held(node.func))
            parts = node.args if own or getattr(node.func, "id", "") in PASSING else []
        elif isinstance(node, (ast.IfExp, ast.BoolOp, ast.NamedExpr, ast.Starred, ast.Tuple, ast.List)):
            parts = [*ast.iter_child_nodes(node)]
        return tuple(value for part in parts for value in self.held(part) if not isinstance(value, External))


def _attribute(owner: Value, name: str) -> Values:
    if isinstance(owner, External):
        return (External(f"{owner.name}.{name}"),)
    if isinstance(owner, (Layer, values.ModelValue)) and name != "layers":
        return (Open(name, name, "a weight", lent=(owner,)),) if name.endswith(WEIGHTS) else ()
    if not isinstance(owner, (values.Module, Instance, Class)):
        return (owner,)  # a part of it is as good as the whole
    found = owner.frame.get(name) if isinstance(owner, values.Module) else owner.names.get(name, MISSING)
    if found is MISSING and not isinstance(owner, values.Module):
        found = owner.cls.lookup(name) if isinstance(owner, Instance) else owner.lookup(name)
        found = Bound(owner, found, name) if isinstance(owner, Instance) and isinstance(found, Function) else found
    return () if found is MISSING else (found,)


def _elements(owner: Value) -> Values:
    if isinstance(owner, (list, tuple, dict)):
        return tuple(owner.values() if isinstance(owner, dict) else owner)
    return (owner,)
