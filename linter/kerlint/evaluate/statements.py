"""Statements: one small function for each node type, in a table."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

from kerlint.evaluate import decide, operators
from kerlint.evaluate.assign import assign, delete, folded, in_place
from kerlint.evaluate.calls import call_function, call_method, make_function
from kerlint.evaluate.classes import decorate, make_class
from kerlint.evaluate.escape import tensors_in
from kerlint.evaluate.expressions import value_of
from kerlint.evaluate.imports import import_from, import_module
from kerlint.evaluate.loops import run_loop
from kerlint.evaluate.mutation import rest_of
from kerlint.evaluate.names import Frame
from kerlint.evaluate.registry import putting
from kerlint.evaluate.relevance import idle, unknown_names, wanted_side
from kerlint.evaluate.state import Raised, Run, TooLarge
from kerlint.evaluate.trees import read_in
from kerlint.evaluate.tries import run_try
from kerlint.evaluate.values import MISSING, Call, Class, External, Function, Instance, Manager, Open, Value
from kerlint.graph.graph import Tensor

Signal: TypeAlias = Any
BREAK, CONTINUE = "break", "continue"
Handler: TypeAlias = Callable[[Run, Any, Frame], Signal]
STATEMENT: dict[type[ast.stmt], Handler] = {}
# What is no sequence, no mapping.
OTHERS: dict[type, Any] = {ast.MatchSequence: (dict, set, frozenset), ast.MatchMapping: (list, tuple, set, frozenset)}
statement = partial(putting, STATEMENT)  # puts a function into the table


def execute(run: Run, body: Sequence[ast.stmt], frame: Frame) -> Signal:
    """Runs statements until one of them leaves."""
    around = run.at
    try:
        for node in body:
            run.tick()
            known = STATEMENT.get(node.__class__)
            if known is None:
                continue
            run.at = (node, frame)
            try:
                signal = known(run, node, frame)
            except TooLarge as large:
                unknown_names(run, [node], frame, f"{large} (line {node.lineno})")
                continue
            if signal is not None:
                return signal
        return None
    finally:
        run.at = around


@statement(ast.Expr)
def _expression(run: Run, node: ast.Expr, frame: Frame) -> None:
    value_of(run, node.value, frame)


@statement(ast.Assign)
def _assign(run: Run, node: ast.Assign, frame: Frame) -> None:
    value = value_of(run, node.value, frame)
    for target in node.targets:
        assign(run, target, value, frame)


@statement(ast.AnnAssign)
def _annotated(run: Run, node: ast.AnnAssign, frame: Frame) -> None:
    if frame.is_class and isinstance(node.target, ast.Name):
        frame.names.setdefault("__fields__", {})[node.target.id] = ast.unparse(node.annotation)
    if node.value is not None:
        assign(run, node.target, value_of(run, node.value, frame), frame)


@statement(ast.AugAssign)
def _augmented(run: Run, node: ast.AugAssign, frame: Frame) -> None:
    target: Any = node.target
    before = value_of(run, target, frame)
    value = value_of(run, node.value, frame)
    if in_place(run, before, node, value, frame):
        return
    if isinstance(before, Open):
        run.returned += tensors_in(value)
    made = operators.of_objects(run, type(node.op), before, value, "i")
    made = operators.binary(run, type(node.op), before, value, node, frame) if made is MISSING else made
    assign(run, target, made, frame)


@statement(ast.Delete)
def _delete(run: Run, node: ast.Delete, frame: Frame) -> None:
    for target in node.targets:
        delete(run, target, frame)


# --- branches ----------------------------------------------------------------------------------------------


@statement(ast.If)
def _if(run: Run, node: ast.If, frame: Frame) -> Signal:
    taken = _side(run, node, frame)
    while taken and taken is node.orelse and len(taken) == 1 and isinstance(taken[0], ast.If):
        run.tick()  # a chain of elif is a loop, not a recursion
        node = taken[0]
        run.at = (node, frame)
        taken = _side(run, node, frame)
    return None if taken is None else execute(run, taken, frame)


def _side(run: Run, node: ast.If, frame: Frame) -> list[ast.stmt] | None:
    """The branch that is taken; None if it does not matter which."""
    wanted = wanted_side(node)
    with run.preferring(wanted):
        test = value_of(run, node.test, frame)
        known = decide.known_truth(run, test)
        if known is None and wanted is None and idle(run, node, frame):
            for side in (node.body, node.orelse):  # weights that are loaded, training: neither builds anything
                execute(run, side, frame)
            unknown_names(run, (*node.body, *node.orelse), frame, f"it depends on a condition (line {node.lineno})")
            return None
        taken = decide.truth(run, test) if known is None else known
    left = map(frame.names.get, read_in(node, "orelse" if taken else "body")) if run.nodes else ()
    run.skipped += [value for value in left if isinstance(value, Tensor)]
    return node.body if taken else node.orelse


@statement(ast.Match)
def _match(run: Run, node: ast.Match, frame: Frame) -> Signal:
    subject = value_of(run, node.subject, frame)
    for case in node.cases:
        if matches(run, case.pattern, subject, frame):
            if case.guard is None or decide.truth(run, value_of(run, case.guard, frame)):
                return execute(run, case.body, frame)
    return None


# --- raise, definitions -------------------------------------------------------------------------------------


@statement(ast.Raise)
def _raise(run: Run, node: ast.Raise, frame: Frame) -> Signal:
    made = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    name = made.id if isinstance(made, ast.Name) else ""
    own = frame.get(name)
    raise Raised(f"the program raises (line {node.lineno})", own if isinstance(own, Class) else name * (own is MISSING))


@statement(ast.Assert)
def _assert(run: Run, node: ast.Assert, frame: Frame) -> None:
    run.at = None  # one of several that may hold is a decision
    with run.preferring(True):
        test = value_of(run, node.test, frame)
        if isinstance(test, Open):
            among = test.test is not None and test.test[0] is ast.In  # the only value is no decision
            run.at = None if among else (node, frame)
        holds = decide.truth(run, test) if isinstance(test, Open) else decide.known_truth(run, test)
        if holds is False:
            raise Raised(f"an assertion fails (line {node.lineno})", "AssertionError")


@statement(ast.FunctionDef, ast.AsyncFunctionDef)
def _function(run: Run, node: ast.FunctionDef, frame: Frame) -> Signal:
    made = make_function(run, node, frame)
    run.defined.setdefault(id(node), made)
    return _named(run, node, frame, made)


def _named(run: Run, node: ast.FunctionDef | ast.ClassDef, frame: Frame, made: Value) -> None:
    for decorator in reversed(node.decorator_list):
        made = decorate(run, value_of(run, decorator, frame), made, decorator, frame)
    frame.set(node.name, made)


# --- with: a context manager of the program is entered, the body runs, and it is left


SUPPRESSING = ("suppress(", "contextlib.suppress(")
EXPECTING = ("self.assertRaises", "pytest.raises(")  # what is within is there to raise
Inside = Callable[[Value], Any]  # the rest of the statement, given what entering gives; what it signals


def run_with(run: Run, node: Any, frame: Frame, position: int = 0) -> Any:
    """``with a as x, b: ...`` from one of its items on."""
    if position == len(node.items):
        return run.execute(run, node.body, frame)
    item = node.items[position]

    def inside(given: Value) -> Any:
        if item.optional_vars is not None:
            assign(run, item.optional_vars, given, frame)
        return run_with(run, node, frame, position + 1)

    value = run.evaluate(run, item.context_expr, frame)
    if item is node.items[-1] and isinstance(value, Open) and value.text.startswith(SUPPRESSING):
        kinds = ast.Tuple([*item.context_expr.args], ast.Load())
        tried = ast.Try(node.body, [ast.ExceptHandler(kinds, None, [ast.Pass()])], [], [])
        return run_try(run, ast.fix_missing_locations(ast.copy_location(tried, node)), frame)
    if isinstance(value, Open) and value.text.startswith(EXPECTING):
        before, signal = len(run.facts), None
        with suppress(Raised):
            signal = inside(value)
        run.facts[before:] = (fact for fact in run.facts[before:] if fact.kind != "refused")
        return signal
    c = Call((), {}, item.context_expr, frame, via=True)
    if isinstance(value, Manager):
        return _around(run, value, c, inside)
    if isinstance(value, Instance) and isinstance(value.cls.lookup("__enter__"), Function):
        return _between(run, value, c, inside)
    return inside(value)


def _around(run: Run, manager: Manager, c: Call, inside: Inside) -> Any:
    """The body runs where the function yields: what it raises, it raises there."""
    outer = list(run.calls)
    signals: list[Any] = []

    def body(given: Value) -> None:
        if signals:
            run.spoiled.append(run.unresolved(c.frame, c.node, "a context manager yields more than once"))
            return
        signals.append(None)
        within, at, run.calls = run.calls, run.at, outer
        try:
            signals[0] = inside(given)
        finally:
            run.calls, run.at = within, at

    call_function(run, manager.function, replace(c, args=manager.args, kwargs=dict(manager.kwargs)), body)
    if not signals:
        raise Raised(f"a context manager does not yield (line {c.line})")
    return signals[0]


def _between(run: Run, manager: Instance, c: Call, inside: Inside) -> Any:
    """The body runs between ``__enter__()`` and ``__exit__()``, which may swallow what it raises."""
    given = call_method(run, manager, "__enter__", (), c)
    try:
        signal = inside(given)
    except Raised as why:
        raised = Open("exception", "exception", str(why))
        swallowed = call_method(run, manager, "__exit__", (raised,) * 3, c)
        if swallowed is not MISSING and decide.truth(run, swallowed):
            return None
        raise
    call_method(run, manager, "__exit__", (None, None, None), c)
    return signal


# --- the table

STATEMENT |= {
    ast.Break: lambda *_: BREAK, ast.Continue: lambda *_: CONTINUE, ast.Import: import_module,
    ast.ImportFrom: import_from, ast.For: run_loop, ast.AsyncFor: run_loop, ast.While: run_loop,
    ast.With: run_with, ast.AsyncWith: run_with, ast.Try: run_try, ast.TryStar: run_try,
    ast.Global: lambda _, node, frame: frame.declared.update(dict.fromkeys(node.names, frame.module)),
    ast.Nonlocal: lambda _, node, at: at.declared.update({name: (at.parent or at).home(name) for name in node.names}),
    ast.ClassDef: lambda run, node, frame: _named(run, node, frame, make_class(run, node, frame)),
    ast.Return: lambda run, node, frame: (None if node.value is None else value_of(run, node.value, frame),),
}  # fmt: skip


def matches(run: Run, pattern: ast.pattern, subject: Value, frame: Frame) -> bool:
    """Whether a value has the form of a pattern; what the pattern captures is bound."""
    if isinstance(pattern, ast.MatchValue):
        return decide.truth(run, decide.compare(run, ast.Eq, subject, run.evaluate(run, pattern.value, frame)))
    if isinstance(pattern, ast.MatchSingleton):
        return decide.truth(run, decide.compare(run, ast.Is, subject, pattern.value))
    if isinstance(pattern, ast.MatchOr):
        return any(matches(run, p, subject, frame) for p in pattern.patterns)
    if isinstance(pattern, (ast.MatchAs, ast.MatchStar)):
        inner = getattr(pattern, "pattern", None)
        if inner is not None and not matches(run, inner, subject, frame):
            return False
        if pattern.name is not None:
            frame.set(pattern.name, subject)
        return True
    if isinstance(pattern, ast.MatchSequence) and type(subject) in (list, tuple) and rest_of(subject) is None:
        parts = folded(pattern.patterns, [*subject])
        return parts is not None and all(map(partial(matches, run, frame=frame), pattern.patterns, parts))
    if type(pattern) in OTHERS and isinstance(subject, (*decide.CONSTANT, *OTHERS[type(pattern)])):
        return False
    if not isinstance(subject, (Open, External)):
        run.spoiled.append(run.unresolved(frame, pattern, "a pattern that is not evaluated"))
    unknown_names(run, [pattern], frame, why := f"a pattern of something unknown (line {pattern.lineno})")
    return decide.truth(run, run.fresh("match", "a pattern", why))
