"""Decisions behind which a run makes nothing more, and would not the other way either: no layer hangs on them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sized
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kerlint.evaluate.loops import MUTATORS
from kerlint.evaluate.names import BUILTINS, Frame, Source
from kerlint.evaluate.trees import below
from kerlint.evaluate.values import MISSING, Bound, Class, Function, Module, Partial, Value
from kerlint.evaluate.weight import words_of

if TYPE_CHECKING:
    from kerlint.evaluate.state import Run

CHANGING = MUTATORS | {"build", "compile"}  # methods that change a model, or a list that one is made of


@dataclass(frozen=True)
class Moment:
    """When and where a decision was made."""

    effects: tuple[Any, ...]
    executed: int  # statements before it
    calls: tuple[Function, ...]
    around: tuple[ast.AST, ...]  # the statement of the module, and the outermost loop


def effects(run: Run) -> tuple[Any, ...]:
    """What the run has made so far, and what it has done to it: equal at two times if nothing happened between."""
    models = tuple((m.trains, id(m.compile), len(m.items), len(m.members), m.built, len(m.doubts)) for m in run.models)
    made: tuple[Sized, ...] = (run.nodes, run.layers, run.facts, run.escaped, run.held)
    done: tuple[Sized, ...] = (run.returned, run.patched, run.spoiled)
    return (*map(len, (*made, *done)), tuple(map(id, run.frozen.values())), models)


def note(run: Run, key: tuple[str, str]) -> None:
    """Remembers where in the run a decision is made."""
    around = tuple(node for node in (run.latest, *run.loop_nodes[:1]) if node is not None)
    run.decisions.at[key] = Moment(effects(run), len(run.executed), tuple(run.calls), around)


def settle(run: Run, module: Frame) -> None:
    """At the end of a run: the decisions after which nothing happened, and nothing could have, are idle."""
    last, rest = effects(run), _Rest(run, module)
    for key, moment in run.decisions.at.items():
        if moment.effects == last and key not in run.decisions.idle and not rest.makes(moment):
            run.decisions.idle.add(key)


class _Rest:
    """What may still be executed at some moment, and whether it could make layers or change a model."""

    def __init__(self, run: Run, module: Frame) -> None:
        self.run, self.module = run, module
        self.seen: dict[int, bool] = {}  # by the body of a function
        self.methods: dict[str, list[Function]] = {}
        for value in (*module.names.values(), *run.defined.values()):
            for function in value.names.values() if isinstance(value, Class) else (value,):
                if isinstance(function, Function) and not isinstance(function.node, ast.Lambda):
                    self.methods.setdefault(function.node.name, []).append(function)

    def makes(self, moment: Moment) -> bool:
        """What a function or loop around the decision does, it may do again; of the module, what was not done yet."""
        if any(self._function(function) for function in moment.calls):
            return True
        tree = self.run.trees.get(id(self.module), [])
        return self._could([*_left(self.run, tree, moment.executed), *moment.around], self.module.source, None)

    def _function(self, function: Function) -> bool:
        body: Any = function.node.body
        if id(body) not in self.seen:
            self.seen[id(body)] = False  # a recursion adds nothing
            names = [a.arg for a in ast.walk(function.node.args) if isinstance(a, ast.arg)]
            self.seen[id(body)] = self._could(body if isinstance(body, list) else [body], function.source, names)
        return self.seen[id(body)]

    def _could(self, nodes: Iterable[ast.AST], source: Source, given: list[str] | None) -> bool:
        """``given`` are the parameters, within a function: a model may come in, and names may be of its own."""
        words = words_of(self.run, source)
        models = words.reaching.union(given or ())
        return any(
            isinstance(part, (ast.Import, ast.ImportFrom))
            or (isinstance(part, ast.Name) and (part.id in words.makers or self._named(part.id, source)))
            or (isinstance(part, ast.Attribute) and (part.attr in words.makers or self._method(part.attr)))
            or (isinstance(part, ast.Call) and self._called(part.func, models, given is not None))
            for part in below(nodes)
        )

    def _named(self, name: str, source: Source) -> bool:
        """Whether a name stands for something of the program that makes layers."""
        if any(self._function(f) for f in self.methods.get(name, ())):
            return True
        return any(self._value(value, source) for value in _parts(self.module.names.get(name)))

    def _method(self, name: str) -> bool:
        return any(self._function(f) for f in self.methods.get(name, ()))

    def _value(self, value: Value, source: Source) -> bool:
        if isinstance(value, Module):
            return bool(words_of(self.run, value.frame.source).makers)
        if isinstance(value, Class):
            foreign = value.frame.source.path != source.path
            return value.name in words_of(self.run, value.frame.source).makers if foreign else False
        return isinstance(value, Function) and self._function(value)

    def _called(self, function: ast.expr, models: set[str], inside: bool) -> bool:
        """Whether a call changes a model, or may be one of anything."""
        if isinstance(function, ast.Name):
            known = not inside or self.module.names.get(function.id, MISSING) is not MISSING
            return not known and function.id not in BUILTINS and function.id not in self.methods
        if not isinstance(function, ast.Attribute):
            return True
        owner = function.value
        name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
        return function.attr in CHANGING and name in models


def _parts(value: Value) -> Iterator[Value]:
    """The value, and the functions that it holds."""
    yield value
    if isinstance(value, (Bound, Partial)):
        yield value.call if isinstance(value, Bound) else value.function
    elif isinstance(value, (list, tuple, dict)):
        yield from value.values() if isinstance(value, dict) else value


def _left(run: Run, body: Any, before: int) -> Iterator[ast.AST]:
    """The statements that were not executed by then; a function that is only defined is reached by its name."""
    for statement in body:
        if run.executed.get(id(statement), before) >= before:
            yield statement
        elif not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for name in ("body", "orelse", "finalbody", "handlers", "cases"):
                for inner in getattr(statement, name, ()):
                    yield from _left(run, inner.body if hasattr(inner, "pattern") else [inner], before)
