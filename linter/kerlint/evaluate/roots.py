"""Where evaluation starts besides the module: functions and methods that make layers."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kerlint.evaluate.calls import call_function, default_values, parameter_value
from kerlint.evaluate.escape import tensors_in
from kerlint.evaluate.flow import classes
from kerlint.evaluate.names import Frame
from kerlint.evaluate.values import MISSING, Call, Class, Function, Instance, Module, Rest, Value
from kerlint.text.document import WORD

if TYPE_CHECKING:
    from kerlint.evaluate.state import Run
    from kerlint.text.document import Document

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
        return None if self.generic or self.function is None else id(self.function.node)

    def start(self, run: Run, module: Frame) -> None:
        """Calls the function; the module is afterwards as it was."""
        if self.call is not None:
            run.returned += tensors_in(run.evaluate(run, self.call, module))
            return
        with _kept(module):
            self._call(run, module)

    def _call(self, run: Run, module: Frame) -> None:
        assert self.function is not None
        function = self.function
        node = function.node
        c = Call((), {}, node, Frame(function.source, module), via=True)
        args: tuple[Value, ...] = ()
        if self.owner is not None and function.kind not in ("static",):
            args = (_receiver(run, self.owner, c, self.generic),)
        kwargs = self._given(run)
        if node.args.vararg is not None:
            args = (*args, Rest("*args", f"*{node.args.vararg.arg}", UNSEEN))
        run.returned += tensors_in(call_function(run, function, args, kwargs, c))

    def _given(self, run: Run) -> dict[str, Value]:
        """What a caller gives: nothing that is known (generic), or as little as possible."""
        assert self.function is not None
        spec = self.function.node.args
        positional = [*spec.posonlyargs, *spec.args]
        known = {} if self.generic or self.bare else default_values(self.function, positional)
        names = [*positional, *spec.kwonlyargs]
        if self.owner is not None and self.function.kind != "static":
            names = names[1:]
        given = {a.arg: known[a.arg] if a.arg in known else parameter_value(run, self.function, a) for a in names}
        if spec.kwarg is not None:
            given["**"] = run.open(f"{self.name}(**{spec.kwarg.arg})", spec.kwarg.arg, UNSEEN)
        return given


def called(module: Frame, text: str) -> Root:
    """The root of a call such as ``build(classes=3)``. It stands where the function does. SyntaxError if it is none."""
    call = ast.parse(text.strip(), mode="eval").body
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise SyntaxError(f"{text!r} is not a call of a function by its name")
    name = call.func.id
    made = module.get(name)
    _require_parameters(call, name, made)
    place = made.node if isinstance(made, (Function, Class)) else None
    line, column = (1, 0) if place is None else (place.lineno, place.col_offset)
    for node in ast.walk(call):
        if isinstance(node, (ast.expr, ast.keyword)):
            node.lineno = node.end_lineno = line
            node.col_offset = node.end_col_offset = column
    span = module.source.span(call)
    return Root(name, span=span, line=call.lineno, call=call)


def _require_parameters(call: ast.Call, name: str, made: Value) -> None:
    """What Python says of a call that fits no signature. A program is read on; who asks for a call is told."""
    function = made.lookup("__init__") if isinstance(made, Class) else made
    if not isinstance(function, Function):
        return
    spec = function.node.args
    positional = [*spec.posonlyargs, *spec.args][isinstance(made, Class) :]
    known = {p.arg for p in (*positional, *spec.kwonlyargs)} - {p.arg for p in spec.posonlyargs}
    wrong = next((k.arg for k in call.keywords if k.arg is not None and k.arg not in known), None)
    if wrong is not None and spec.kwarg is None:
        raise SyntaxError(f"{name}() has no parameter {wrong!r}")
    if len(call.args) > len(positional) and spec.vararg is None:
        raise SyntaxError(f"{name}() takes {len(positional)} arguments by place, not {len(call.args)}")


@contextmanager
def _kept(module: Frame) -> Iterator[None]:
    """Within: the module's names and containers may change; then they are as before: no root sees another."""
    names = dict(module.names)
    held = [(value, value.copy()) for value in names.values() if type(value) in (list, dict, set)]
    try:
        yield
    finally:
        module.names = names
        for value, before in held:
            value.clear()
            value.extend(before) if isinstance(value, list) else value.update(before)


def _receiver(run: Run, owner: Class, c: Call, generic: bool) -> Value:
    """``self`` of a method that nobody called."""
    if not generic or not _made_with_arguments(owner):
        from kerlint.evaluate.classes import instantiate
        from kerlint.evaluate.state import Raised

        try:
            return instantiate(run, owner, c)
        except Raised:
            pass
    instance = Instance(owner)
    instance.unknown = "an attribute of an object that nobody makes"
    return instance


def candidates(module: Frame, called: set[int], document: Document, defined: Iterable[Function] = ()) -> Iterable[Root]:
    """Functions and methods that make layers: those that no other of them mentions first.

    ``defined`` are all functions that the module made, those among them whose name means something else by now.
    """
    found = list(_functions(module))
    known = {id(function.node) for function, _ in found}
    found += [(f, None) for f in defined if _own(f, module) and id(f.node) not in known and f.owner is None]
    texts = {id(f.node): set(WORD.findall(_text(document, f))) for f, _ in found}
    makers = _makers(found, texts, _imported(module))
    mentioned = {_name(f) for f, _ in makers if any(_name(f) in texts[id(g.node)] for g, _ in makers if g is not f)}
    order = [p for p in makers if _name(p[0]) not in mentioned] + [p for p in makers if _name(p[0]) in mentioned]
    alone: set[int] = set()  # the ordinary run of these was the generic one
    for function, owner in order:
        if id(function.node) not in called:
            alone.add(id(function.node))
            yield _root(function, owner, generic=False)
    for function, owner in makers:
        if _parameters(function, owner) and (_has_defaults(function) or id(function.node) not in alone):
            yield _root(function, owner, generic=True)


def _root(function: Function, owner: Class | None, generic: bool) -> Root:
    span = function.source.span(function.node)
    return Root(function.name, function, owner, generic, span, function.node.lineno)


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
        return init is not MISSING or not all(isinstance(base, Class) for base in owner.order())
    return _parameters(init, None) > 1


def _has_defaults(function: Function) -> bool:
    return bool(function.defaults) or any(d is not MISSING for d in function.kw_defaults)


def _functions(module: Frame) -> Iterable[tuple[Function, Class | None]]:
    seen: set[int] = set()
    for value in list(module.names.values()):
        if isinstance(value, Function) and _own(value, module) and id(value.node) not in seen:
            seen.add(id(value.node))
            yield value, None
        elif isinstance(value, Class) and value.frame.module is module and id(value) not in seen:
            seen.add(id(value))
            for inner in value.names.values():
                if isinstance(inner, Function) and isinstance(inner.node, ast.FunctionDef) and inner.owner is value:
                    if id(inner.node) not in seen and inner.kind != "property":
                        seen.add(id(inner.node))
                        yield inner, value


def _own(function: Function, module: Frame) -> bool:
    return isinstance(function.node, ast.FunctionDef) and function.frame is module


def _text(document: Document, function: Function) -> str:
    node = function.node
    lines = function.source.lines
    end = node.end_lineno or node.lineno
    source = document.cell(function.source.cell).source
    return source[lines.offset(node.lineno, 1) : lines.offset(end + 1, 1)]


def _imported(module: Frame) -> set[str]:
    """The names of modules, functions and classes of other files of the project that make layers."""
    words = classes() | MAKERS
    makes: dict[str, bool] = {}
    found: set[str] = set()
    for name, value in module.names.items():
        frame = value.frame if isinstance(value, (Module, Function, Class)) else module
        path = frame.source.path
        if path == module.source.path:
            continue
        if path not in makes:
            makes[path] = not words.isdisjoint(frame.source.document.words)
        if makes[path]:
            found.add(name)
    return found


def _makers(
    found: Sequence[tuple[Function, Class | None]], texts: dict[int, set[str]], imported: set[str]
) -> list[tuple[Function, Class | None]]:
    """The functions that mention a layer or model, or another such function."""
    words = {*classes(), *MAKERS, *imported}
    while True:
        makers = [(f, owner) for f, owner in found if not texts[id(f.node)].isdisjoint(words)]
        named = {_name(f) for f, _ in makers} - COMMON
        if named <= words:
            return makers
        words |= named


def _name(function: Function) -> str:
    return str(function.node.name) if isinstance(function.node, ast.FunctionDef) else "<lambda>"


COMMON = frozenset(["__init__", "call", "build", "__call__"])
MAKERS = frozenset(["Sequential", "Model", "Input", "concatenate", "applications"])
