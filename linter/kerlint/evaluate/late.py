"""Decisions behind which a run makes nothing more, and would not the other way either: no layer hangs on them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sized
from typing import TYPE_CHECKING, Any

from kerlint.evaluate.trees import below
from kerlint.evaluate.values import Class, Function, Module, Value
from kerlint.evaluate.weight import words_of

if TYPE_CHECKING:
    from kerlint.evaluate.names import Source
    from kerlint.evaluate.state import Run

Body = tuple["Source", Any]  # statements (or the expression of a lambda), and where they stand


def effects(run: Run) -> tuple[Any, ...]:
    """What the run has made so far, and what it has done to it: equal at two times if nothing happened between."""
    models = tuple((m.trains, id(m.compile), len(m.items), len(m.members), m.built, len(m.doubts)) for m in run.models)
    recorded: tuple[Sized, ...] = (
        run.nodes,
        run.layers,
        run.facts,
        run.escaped,
        run.held,
        run.returned,
        run.patched,
        run.spoiled,
    )
    return (*map(len, recorded), tuple(map(id, run.frozen.values())), models)


def note(run: Run, key: tuple[str, str]) -> None:
    """Remembers where in the run a decision is made."""
    bodies: list[Body] = [(f.source, f.node.body) for f in run.calls]
    run.decisions.at[key] = (effects(run), tuple(bodies))


def settle(run: Run, module: Any) -> None:
    """At the end of a run: the decisions after which nothing happened, and nothing could have, are idle."""
    last, seen = effects(run), dict[int, bool]()
    here: Body = (module.source, run.trees.get(id(module), []))
    for key, (before, bodies) in run.decisions.at.items():
        if before == last and key not in run.decisions.idle:
            if not any(_could(run, source, body, module, seen) for source, body in (*bodies, here)):
                run.decisions.idle.add(key)


def _could(run: Run, source: Source, body: Any, module: Any, seen: dict[int, bool]) -> bool:
    """Whether statements that were not executed would make layers."""
    if id(body) not in seen:
        makers = words_of(run, source).makers
        left = _not_executed(run, body)
        seen[id(body)] = any(
            isinstance(part, (ast.Import, ast.ImportFrom))
            or (isinstance(part, ast.Attribute) and part.attr in makers)
            or (isinstance(part, ast.Name) and (part.id in makers or _foreign(run, module.names.get(part.id), source)))
            for part in below(left)
        )
    return seen[id(body)]


def _foreign(run: Run, value: Value, source: Source) -> bool:
    """Whether it comes from another file of the project, and makes layers there."""
    if not isinstance(value, (Function, Class, Module)) or value.frame.source.path == source.path:
        return False
    makers = words_of(run, value.frame.source).makers
    return bool(makers) if isinstance(value, Module) else value.name.rpartition(".")[2] in makers


def _not_executed(run: Run, body: Any) -> Iterable[ast.AST]:
    """The statements that were not reached; a function that was defined and not called is reached by its name only."""
    statements = body if isinstance(body, list) else [body]
    for statement in statements:
        if id(statement) not in run.executed:
            yield statement
        elif not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for name in ("body", "orelse", "finalbody", "handlers", "cases"):
                for inner in getattr(statement, name, ()):
                    yield from _not_executed(run, inner.body if hasattr(inner, "pattern") else inner)
