"""Which undecided branches are no decision: those that do nothing that reaches a layer, here or by where it flows."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from typing import Any

from kerlint.evaluate import values
from kerlint.evaluate.asked import Asked
from kerlint.evaluate.escape import FEEDING, HARMLESS, HARMLESS_BUILTINS, HARMLESS_METHODS
from kerlint.evaluate.flow import Flow, flow_through
from kerlint.evaluate.names import Frame
from kerlint.evaluate.state import Run
from kerlint.evaluate.trees import below, binding, read_in
from kerlint.evaluate.values import MISSING, Class, External, Function, Instance, Value
from kerlint.text.document import WORD

LEAVES = (ast.Return, ast.Raise, ast.Break, ast.Continue, ast.Yield, ast.YieldFrom)
EXITS = frozenset(["exit", "quit", "sys.exit", "os._exit"])
PACKAGES = HARMLESS - {"keras", "tensorflow"}


def wanted_side(node: ast.If) -> bool | None:
    """The side of an undecided ``if`` that does not end in raise or exit; None if there is no such choice."""
    first, second = ends(node.body), bool(node.orelse) and ends(node.orelse)
    return None if first == second else not first


def ends(body: list[ast.stmt]) -> bool:
    """Whether a block ends in raise or exit."""
    last = body[-1]
    if isinstance(last, ast.Raise):
        return True
    if isinstance(last, ast.Assert):
        return isinstance(last.test, ast.Constant) and not last.test.value
    if isinstance(last, ast.If):
        return bool(last.orelse) and ends(last.body) and ends(last.orelse)
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return ast.unparse(last.value.func) in EXITS
    return False


def idle(run: Run, node: ast.If, frame: Frame) -> bool:
    """Whether neither branch does anything that reaches a layer."""
    for part in below((*node.body, *node.orelse)):
        if isinstance(part, (*LEAVES, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Global)):
            return False
        if isinstance(part, ast.Call) and not _harmless(part, frame):
            return False
        if isinstance(part, (ast.Attribute, ast.Subscript)) and not isinstance(part.ctx, ast.Load):
            return False
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store) and is_read(run, frame, part.id):
            return False
    return True


def _harmless(call: ast.Call, frame: Frame) -> bool:
    node: Any = call.func
    last = node.attr if isinstance(node, ast.Attribute) else None
    if last is not None and _is_own(held(node.value, frame), last):
        return False
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    if not isinstance(node, ast.Name):
        return last in HARMLESS_METHODS or isinstance(node, ast.Constant)
    found = frame.get(node.id)
    if found is MISSING:
        return node.id in HARMLESS_BUILTINS and (last is None or last in HARMLESS_METHODS)
    if isinstance(found, External):
        return found.name.partition(".")[0] in PACKAGES or last in HARMLESS_METHODS
    return not isinstance(found, Function) and last in HARMLESS_METHODS


def held(node: ast.expr, frame: Frame) -> Value:
    """What a name, or an attribute of one of the program's objects, is now; MISSING for anything else."""
    if isinstance(node, ast.Name):
        return frame.get(node.id)
    if not isinstance(node, ast.Attribute):
        return MISSING
    owner = held(node.value, frame)
    return owner.names.get(node.attr, MISSING) if isinstance(owner, Instance) else MISSING


def _is_own(owner: Value, name: str) -> bool:
    """Whether a method is the program's own, whatever its name; or builds a model on what it is given."""
    if isinstance(owner, values.ModelValue):
        return name in FEEDING and not owner.built
    cls = owner.cls if isinstance(owner, Instance) else owner
    found = cls.lookup(name) if isinstance(cls, Class) else MISSING
    found = owner.frame.names.get(name) if isinstance(owner, values.Module) else found
    return isinstance(found, (Function, Class))


def is_read(run: Run, frame: Frame, name: str) -> bool:
    """Whether the function (or the whole document, for a module) reads a name anywhere."""
    scope = [frame.function.node] if frame.function is not None else run.trees.get(id(frame.module))
    return scope is None or any(name in read_in(node) for node in scope)


def unknown_names(run: Run, code: Iterable[ast.AST], frame: Frame, why: str) -> None:
    """What is bound by code that was not taken, or whose value does not fit the budget, is unknown."""
    for name in binding(code):
        frame.set(name, run.fresh(name, name, why))


# --- of what was asked, when all files are read: whether layers, or what reaches them, hang on it -----------------


def idle_questions(run: Run) -> set[tuple[str, str]]:
    """The questions of a run on which no layer hangs, wherever they were asked; asked when all files are read."""
    asked = run.decisions.asked
    return {key for key in run.decisions.made if not any(matters(run, place) for place in asked[key].values())}


def matters(run: Run, place: Asked | None) -> bool:
    """Whether a layer hangs on how a question is answered that a statement asks."""
    if place is None:
        return True
    key, known = (len(run.budget.parsed), id(place.node)), run.budget.matters
    if key not in known:
        known[key] = _matters(flow_of(run), place)
    return known[key]


def flow_of(run: Run) -> Flow:
    """The flow through all files that were read so far."""
    return flow_through(frozenset(run.budget.parsed.values()))


def _matters(flow: Flow, place: Asked) -> bool:
    node, frame = place.node, place.frame
    words = set(WORD.findall(frame.source.whole(node)))
    if not words.isdisjoint(flow.makers | flow.changing) or not flow.reaching.isdisjoint(binding([node])):
        return True
    for part in below([node]):
        if isinstance(part, LEAVES) and _around(flow, place, part):
            return True
        stored = isinstance(part, (ast.Name, ast.Attribute, ast.Subscript)) and not isinstance(part.ctx, ast.Load)
        if stored and _reach(flow, [part]):
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
    return isinstance(value, (values.Partial, values.Bound, Instance))


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
