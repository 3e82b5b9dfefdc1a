"""Which undecided branches are no decision: those that do nothing that reaches a layer."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from kerlint.evaluate.escape import HARMLESS
from kerlint.evaluate.names import Frame
from kerlint.evaluate.state import Run
from kerlint.evaluate.trees import below
from kerlint.evaluate.values import MISSING, Class, External, Function, Instance, ModelValue, Module, Value
from kerlint.evaluate.words import named, word_set

LEAVES = (ast.Return, ast.Raise, ast.Break, ast.Continue, ast.Yield, ast.YieldFrom)
EXITS = frozenset(["exit", "quit", "sys.exit", "os._exit"])
PACKAGES = HARMLESS - {"keras", "tensorflow"}
# Methods that neither build nor change a model or a list.
HARMLESS_BUILTINS = word_set("print len str int float isinstance open max min range list dict")
HARMLESS_METHODS = frozenset(named("relevance.harmless_methods"))

# Methods of a model that read their first argument's shape.
FEEDING = word_set("fit fit_generator train_on_batch predict evaluate build adapt")


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
    if isinstance(owner, ModelValue):
        return name in FEEDING and not owner.built
    cls = owner.cls if isinstance(owner, Instance) else owner
    found = cls.lookup(name) if isinstance(cls, Class) else MISSING
    found = owner.frame.names.get(name) if isinstance(owner, Module) else found
    return isinstance(found, (Function, Class))


def is_read(run: Run, frame: Frame, name: str) -> bool:
    """Whether the function (or the whole document, for a module) reads a name anywhere."""
    scope = [frame.function.node] if frame.function is not None else run.trees.get(id(frame.module))
    return scope is None or any(name in _reads_of(node) for node in scope)


@lru_cache(maxsize=4096)
def _reads_of(node: ast.AST) -> frozenset[str]:
    return frozenset(p.id for p in below([node]) if isinstance(p, ast.Name) and isinstance(p.ctx, ast.Load))


def unknown_names(run: Run, parts: Iterable[ast.AST], frame: Frame, why: str) -> None:
    """What is bound by code that was not taken, or whose value does not fit the budget, is unknown."""
    for part in parts:
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            frame.set(part.id, run.fresh(part.id, part.id, why))
