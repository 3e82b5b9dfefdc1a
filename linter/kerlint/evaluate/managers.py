"""``with``: a context manager of the program is entered, the body runs, and it is left as Python leaves it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kerlint.evaluate import decide
from kerlint.evaluate.assign import assign
from kerlint.evaluate.calls import call_function, call_method
from kerlint.evaluate.names import Frame
from kerlint.evaluate.state import Raised, Run
from kerlint.evaluate.tries import run_try
from kerlint.evaluate.values import MISSING, Call, Function, Instance, Manager, Open, Value

SUPPRESSING = ("suppress(", "contextlib.suppress(")
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
