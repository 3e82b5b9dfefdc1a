"""Where evaluation starts besides the module: functions and methods that make layers."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from kerlint.evaluate.calls import call_function, call_method, default_values, misfit, parameter_value
from kerlint.evaluate.classes import instantiate
from kerlint.evaluate.escape import tensors_in
from kerlint.evaluate.flow import classes
from kerlint.evaluate.names import Frame
from kerlint.evaluate.state import Raised, Run
from kerlint.evaluate.trees import SELF, below
from kerlint.evaluate.values import MISSING, Call, Class, Function, Instance, Module, Open, Rest, Value
from kerlint.text.document import WORD

UNSEEN = "an argument of a caller that is not known"


@dataclass
class Root:
    """One start: the module, a function with its defaults or without, or a call that the user writes."""

    name: str
    function: Function | None = None
    owner: Class | None = None
    generic: bool = False
    span: Any = None
    line: int = 1
    bare: bool = False  # without its defaults, since they only raise
    call: ast.expr | None = None  # evaluated among the module's names

    @property
    def key(self) -> object:
        """What says whether the root was already called. A generic run is always made."""
        return None if self.generic or self.function is None else key_of(self.function, self.owner)

    def start(self, run: Run, module: Frame) -> None:
        """Calls the function as the module left it."""
        if self.call is not None:
            run.returned += tensors_in(run.evaluate(run, self.call, module))
            return
        function = self.function
        assert function is not None
        own: tuple[Value, ...] = ()
        functions: Iterable[Function] = [function]
        if self.owner is not None and _name(function) == "__init__":
            own = (instantiate(run, self.owner, self._call(run, function, module)),)  # which calls it
            called = self.owner.lookup("__call__")  # of what is called like a function: there layers are applied
            applying = (called, *_methods(self.owner)) if self.generic and isinstance(called, Function) else ()
            functions = (f for f in applying if f.kind == "function" and key_of(f, self.owner) not in run.called)
        elif self.owner is not None and function.kind != "static":
            maker = self.owner.lookup("__init__")
            made = self._call(run, maker, module).kwargs if isinstance(maker, Function) else {}
            plain = Call((), made, function.node, Frame(function.source, module), via=True)
            own = (_receiver(run, self.owner, plain, self.generic),)
        for each in functions:
            run.returned += tensors_in(call_function(run, each, self._call(run, each, module, *own)))
        left = module.names if "global" in function.source.whole(function.node) else {}
        run.returned += tensors_in([*own, left])  # names and attributes are there for whoever calls it

    def _call(self, run: Run, function: Function, module: Frame, *own: Value) -> Call:
        """The call of a caller who gives nothing that is known (generic), or as little as possible."""
        spec = function.node.args
        known = {} if self.generic or self.bare else default_values(function)
        names = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]
        if self.owner is not None and function.kind != "static":
            names = names[1:]
        given = {a.arg: known[a.arg] if a.arg in known else parameter_value(run, function, a) for a in names}
        if spec.kwarg is not None and (self.generic or self.bare):  # with the defaults, nothing
            given["**"] = Open(f"{self.name}(**{spec.kwarg.arg})", spec.kwarg.arg, UNSEEN)
        rest = () if spec.vararg is None else (Rest("*args", f"*{spec.vararg.arg}", UNSEEN),)
        return Call((*own, *rest), given, function.node, Frame(function.source, module), via=True)


def key_of(function: Function, owner: Class | None) -> object:
    """What a call of a function is a call of: the function, and the class of its object if that is a derived one."""
    if owner is None or owner is function.owner:
        return id(function.node)
    return id(function.node), id(owner.node)


def called(module: Frame, text: str) -> Root:
    """The root of a call such as ``build(classes=3)``. It stands where the function does. SyntaxError if it is none."""
    call = ast.parse(text.strip(), mode="eval").body
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise SyntaxError(f"{text!r} is not a call of a function by its name")
    name = call.func.id
    made = module.get(name)
    function = made.lookup("__init__") if isinstance(made, Class) else made
    named = [k.arg for k in call.keywords if k.arg is not None]
    if isinstance(function, Function) and (wrong := misfit(function, len(call.args), named, isinstance(made, Class))):
        raise SyntaxError(f"{name}() {wrong}")  # a program is read on; who asks for a call is told
    place = made.node if isinstance(made, (Function, Class)) else None
    line, column = (1, 0) if place is None else (place.lineno, place.col_offset)
    for node in ast.walk(call):
        if isinstance(node, (ast.expr, ast.keyword)):
            node.lineno = node.end_lineno = line
            node.col_offset = node.end_col_offset = column
    span = module.source.span(call)
    return Root(name, span=span, line=call.lineno, call=call)


def _receiver(run: Run, owner: Class, c: Call, generic: bool) -> Value:
    """``self`` of a method that nobody called."""
    instance: Value = None
    if not generic or not _made_with_arguments(owner):
        with suppress(Raised):
            instance = instantiate(run, owner, c)
    if instance is None:
        instance = Instance(owner, unknown="an attribute of an object that nobody makes")
    for name in PREPARING if c.node.name not in PREPARING else ():
        with suppress(Raised):
            call_method(run, instance, name, (), c)
    for name in _set_by_others(owner, c.node) if isinstance(instance, Instance) else ():
        if instance.names.get(name, MISSING) is None:  # until another method has made it
            instance.names[name] = Open(f"self.{name}", f"self.{name}", "another method of its object may set it")
    return instance


def _set_by_others(owner: Class, method: Any) -> set[str]:
    """The attributes of itself that an object sets in methods other than this one, and not when it is made."""
    methods = [f.node for f in _methods(owner) if f.node is not method and _name(f) != "__init__"]
    places = (p for p in below(methods) if isinstance(p, ast.Attribute) and isinstance(p.ctx, ast.Store))
    return {place.attr for place in places if getattr(place.value, "id", "") in SELF}


def candidates(module: Frame, called: set[object], defined: Iterable[Function] = ()) -> Iterable[Root]:
    """Functions and methods that make layers: those that no other of them mentions first.

    ``defined`` are all functions that the module made, those among them whose name means something else by now.
    """
    own = [(f, f.owner) for f in defined if isinstance(f.node, ast.FunctionDef) and f.frame is module]
    found = [*(pair for pair in own if pair[1] is None or pair[0].kind != "property"), *_inherited(module)]
    texts = {id(f.node): set(WORD.findall(f.source.whole(f.node))) for f, _ in found}
    makers = _makers(found, texts, _imported(module))
    mentioned = {_name(f) for f, _ in makers if any(_name(f) in texts[id(g.node)] for g, _ in makers if g is not f)}
    order = [p for p in makers if _name(p[0]) not in mentioned] + [p for p in makers if _name(p[0]) in mentioned]
    alone: set[object] = set()  # the ordinary run of these was the generic one
    for function, owner in order:
        if key_of(function, owner) not in called:
            alone.add(key_of(function, owner))
            yield _root(function, owner, generic=False)
    for function, owner in makers:
        seen = key_of(function, owner) in alone
        bound = owner is not None and function.kind != "static"
        derived = bound and not seen and (id(function.node), id(owner and owner.node)) not in called
        defaults = function.defaults or any(d is not MISSING for d in function.kw_defaults)
        if derived or (_parameters(function, owner) and (defaults or not seen)):
            yield _root(function, owner, generic=True)


def _root(function: Function, owner: Class | None, generic: bool) -> Root:
    span = function.source.span(function.node)
    name = function.name if owner is None or owner is function.owner else f"{owner.name}.{_name(function)}"
    return Root(name, function, owner, generic, span, function.node.lineno)


def _parameters(function: Function, owner: Class | None) -> int:
    """How much of what the function sees its callers decide; the arguments of its object's class count, too."""
    spec = function.node.args
    named = len(spec.posonlyargs) + len(spec.args) + len(spec.kwonlyargs)
    own = named + (spec.vararg is not None) + (spec.kwarg is not None)
    if owner is None or function.kind == "static":
        return own
    return own - 1 + _made_with_arguments(owner)


def _made_with_arguments(owner: Class) -> bool:
    """Whether the attributes of an object may differ from caller to caller."""
    init = owner.lookup("__init__")
    if not isinstance(init, Function):
        return init is not MISSING or not all(isinstance(base, Class) for base in owner.order)
    return _parameters(init, None) > 1


def _inherited(module: Frame) -> Iterable[tuple[Function, Class]]:
    """Methods with each class here that inherits them and brings something else of which their class speaks."""
    words: dict[int, set[str]] = {}
    for cls in {id(c): c for c in module.names.values() if isinstance(c, Class) and c.frame.module is module}.values():
        classes = [c for c in cls.order if isinstance(c, Class) and c.node is not None]
        brought = {name for c in (classes if len(cls.bases) > 1 else [cls]) for name in c.names}
        for owner in classes:
            if owner is cls:
                continue
            if id(owner) not in words:
                text = " ".join(c.frame.source.whole(c.node) for c in owner.order if c in classes)
                words[id(owner)] = {"__init__", *WORD.findall(text)}
            if not words[id(owner)].isdisjoint(brought):
                found = (f for f in _methods(owner) if f.kind != "static" and cls.lookup(_name(f)) is f)
                yield from ((f, cls) for f in found)


def _methods(cls: Class) -> Iterable[Function]:
    for inner in [value for value in cls.names.values() if isinstance(value, Function)]:
        if isinstance(inner.node, ast.FunctionDef) and inner.owner is cls and inner.kind != "property":
            yield inner


def _imported(module: Frame) -> set[str]:
    """The names of modules, functions and classes of other files of the project that make layers."""
    words, own = classes() | MAKERS, module.source.path
    held = ((n, v.frame.source) for n, v in module.names.items() if isinstance(v, (Module, Function, Class)))
    return {name for name, source in held if source.path != own and not words.isdisjoint(source.document.words)}


def _makers(
    found: Sequence[tuple[Function, Class | None]], texts: dict[int, set[str]], imported: set[str]
) -> list[tuple[Function, Class | None]]:
    """The functions that mention a layer or model, another such function, or another class that has one."""
    words = {*classes(), *MAKERS, *imported}
    own = {id(f.node): set() if owner is None else {owner.name} for f, owner in found}
    named: set[str] = set()
    while True:
        makers = [
            (f, owner)
            for f, owner in found
            if not texts[id(f.node)].isdisjoint(words) or (texts[id(f.node)] & named) - own[id(f.node)]
        ]
        more = {_name(f) for f, owner in makers if owner is None or _name(f) not in COMMON}
        more |= {owner.name for _, owner in makers if owner is not None}
        if more <= named:
            return makers
        named |= more


def _name(function: Function) -> str:
    return str(function.node.name) if isinstance(function.node, ast.FunctionDef) else "<lambda>"


COMMON = frozenset(["__init__", "call", "build", "__call__"])
PREPARING = ("setUpClass", "setUp", "setup_method")  # what a test calls first
MAKERS = frozenset(["Sequential", "Model", "Input", "concatenate", "applications"])
