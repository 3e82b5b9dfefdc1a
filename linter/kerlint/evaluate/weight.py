"""How much a decision matters: whether layers, or values that reach layers, hang on it."""

from __future__ import annotations

import ast
import sys
from typing import Any

from kerlint.evaluate.asked import Asked
from kerlint.evaluate.escape import HARMLESS
from kerlint.evaluate.flow import Flow, flow_through
from kerlint.evaluate.names import Frame
from kerlint.evaluate.relevance import HARMLESS_BUILTINS, HARMLESS_METHODS, LEAVES, held
from kerlint.evaluate.state import Run
from kerlint.evaluate.trees import below
from kerlint.evaluate.values import Bound, External, Function, Instance, Partial, Value
from kerlint.text.document import WORD

DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def idle(run: Run) -> set[tuple[str, str]]:
    """The questions of a run on which no layer hangs, wherever they were asked; asked when all files are read."""
    asked = run.decisions.asked
    return {key for key in run.decisions.made if not any(matters(run, place) for place in asked[key].values())}


def matters(run: Run, place: Asked | None) -> bool:
    """Whether a layer hangs on how a question is answered that a statement asks."""
    if place is None:
        return True
    flow, known = flow_of(run), run.budget.matters
    if id(place.node) not in known:
        known[id(place.node)] = _matters(flow, place)
    return known[id(place.node)]


def flow_of(run: Run) -> Flow:
    """The flow through all files that were read so far."""
    budget = run.budget
    if budget.flow is None or budget.flow[0] != len(budget.parsed):
        budget.flow = (len(budget.parsed), flow_through(frozenset(budget.parsed.values())))
        budget.matters.clear()
    found: Flow = budget.flow[1]
    return found


def _matters(flow: Flow, place: Asked) -> bool:
    node, frame = place.node, place.frame
    words = set(WORD.findall(frame.source.whole(node)))
    if not words.isdisjoint(flow.makers | flow.changing):
        return True
    for part in below([node]):
        if isinstance(part, LEAVES) and _around(flow, place, part):
            return True
        stored = isinstance(part, (ast.Name, ast.Attribute, ast.Subscript)) and not isinstance(part.ctx, ast.Load)
        if stored and _reach(flow, [part]):
            return True
        if isinstance(part, DEFINES) and part.name in flow.reaching:
            return True
        if isinstance(part, ast.alias) and (part.asname or part.name).partition(".")[0] in flow.reaching:
            return True
        if isinstance(part, (ast.Import, ast.ImportFrom)) and not _foreign(part):  # it may not have been read
            return True
        if isinstance(part, ast.Call) and _calls(flow, part, frame):
            return True
    return False


def _calls(flow: Flow, call: ast.Call, frame: Frame) -> bool:
    """Whether a call changes what reaches layers: its object, or what it is given."""
    function = call.func
    given = [*call.args, *(k.value for k in call.keywords)]
    if isinstance(function, ast.Name):
        named = _named(flow, frame.get(function.id), function.id)
        return named or (function.id not in HARMLESS_BUILTINS and _reach(flow, given))
    if not isinstance(function, ast.Attribute):
        return True
    if function.attr in HARMLESS_METHODS:
        return False
    root: ast.expr = function
    while isinstance(root, (ast.Attribute, ast.Subscript)):
        root = root.value
    known = frame.get(root.id) if isinstance(root, ast.Name) else None
    package = known.name.partition(".")[0] if isinstance(known, External) else ""
    if package in HARMLESS:
        return package in ("keras", "tensorflow") and function.attr.startswith("set_")  # what layers are made by
    return _named(flow, held(function, frame), function.attr) or _reach(flow, [function.value, *given])


def _named(flow: Flow, value: Value, name: str) -> bool:
    """Whether the call of a value may change what reaches layers, though its name does not tell."""
    if isinstance(value, Function):
        node = value.node
        return isinstance(node, ast.Lambda) or (node.name != name and node.name in flow.changing)
    return isinstance(value, (Partial, Bound, Instance))


def _foreign(node: ast.Import | ast.ImportFrom) -> bool:
    """Whether an import is certainly of no file of the project."""
    names = [node.module or "."] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
    roots = {"." if getattr(node, "level", 0) else name.partition(".")[0] for name in names}
    return roots <= HARMLESS | sys.stdlib_module_names


def _reach(flow: Flow, parts: list[Any]) -> bool:
    """Whether a name or attribute in expressions reaches layers."""
    return any((getattr(p, "id", None) or getattr(p, "attr", None)) in flow.reaching for p in below(parts))


def _around(flow: Flow, place: Asked, leave: Any) -> bool:
    """Whether what is left by return or break makes layers, or gives what reaches them."""
    inside: Any = place.loop if isinstance(leave, (ast.Break, ast.Continue)) else None
    if inside is None and place.frame.function is not None:
        inside = place.frame.function.node
    if inside is None:
        return True
    return not set(WORD.findall(place.frame.source.whole(inside))).isdisjoint(flow.makers | flow.reaching)
